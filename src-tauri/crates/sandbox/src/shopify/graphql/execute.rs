//! Runs a selection over things that answer field by field.
//!
//! Gives exactly what was asked for, under the names asked and in their order;
//! a `null` where the schema promises a value empties the nearest parent that
//! may be empty, as the specification demands.
//!
//! The answer grows as text: nobody looks at it again before it is sent. What
//! turns out to be a broken promise is cut off again.

use super::input::{arguments, literal};
use super::schema::{Schema, Ty};
use super::{Args, Directive, Document, Field, SelectionSet, condition, fragment};
use graphql_parser::query::Selection;
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::rc::Rc;

/// Something with fields.
pub trait Thing: Sized {
    /// A place in a list.
    type Cursor: Cursor;
    /// Its concrete type (`Order`).
    fn type_name(&self) -> &str;
    /// The value of one field.
    fn field(&self, name: &str, args: &Args) -> Out<Self>;
}

/// A place in a list; written down only where somebody asks for it.
pub trait Cursor {
    /// As clients see it.
    fn write(&self) -> String;
}

/// What a field gives.
pub enum Out<T: Thing> {
    /// Nothing.
    Null,
    /// A scalar, or a list of scalars.
    Leaf(Json),
    /// An object.
    One(T),
    /// A list of objects.
    Many(Vec<T>),
    /// A list of objects, some of which are not there.
    Some(Vec<Option<T>>),
    /// A page of a connection.
    Rows(Rows<T>),
    /// The client may not see it; the access it lacks, in words.
    Denied(String),
    /// It could not be given: message and code.
    Failed(String, &'static str),
}

/// A page of a connection.
pub struct Rows<T: Thing> {
    /// Its elements with their cursors.
    pub rows: Vec<(T::Cursor, T)>,
    /// There are more behind.
    pub more_after: bool,
    /// There are more before.
    pub more_before: bool,
}

/// One run of one selection.
pub struct Run<'d> {
    document: &'d Document,
    /// Coerced variables.
    pub variables: &'d Args,
    schema: &'d Schema,
    /// What went wrong at single fields.
    pub errors: Vec<Json>,
    /// Objects given so far: the actual cost.
    pub objects: u64,
    /// The answer so far, JSON.
    out: Vec<u8>,
    /// What a selection asks of a type, by the selection's place in the document.
    plans: HashMap<usize, Vec<(String, Plan<'d>)>>,
}

type Plan<'d> = Rc<Vec<Step<'d>>>;

/// One field of an object that is to be given.
pub struct Step<'d> {
    /// The name it is to have.
    pub key: &'d str,
    /// The field; where it is asked for several times, the first.
    pub field: &'d Field,
    /// What is asked of it.
    sets: Vec<&'d SelectionSet>,
    /// Its type, if the object has such a field.
    ty: Option<&'d Ty>,
    /// Its arguments, coerced.
    pub args: Args,
}

/// A `null` where none may be; empties the parent.
struct Broken;

/// Where in the answer we are; only errors ask.
#[derive(Clone, Copy)]
struct Path<'p> {
    above: Option<&'p Path<'p>>,
    at: At<'p>,
}

#[derive(Clone, Copy)]
enum At<'p> {
    Key(&'p str),
    Index(usize),
}

impl Path<'_> {
    fn json(&self) -> Vec<Json> {
        let mut path = self.above.map(Path::json).unwrap_or_default();
        path.push(match self.at {
            At::Key(key) => json!(key),
            At::Index(index) => json!(index),
        });
        path
    }
}

impl<'d> Run<'d> {
    /// Nothing done yet. `variables` are coerced already.
    pub fn new(document: &'d Document, variables: &'d Args, schema: &'d Schema) -> Self {
        Self { document, variables, schema, errors: Vec::new(), objects: 0, out: Vec::new(), plans: HashMap::new() }
    }

    /// The fields asked of `type_name`, grouped by the name they are to have. Fragments are opened.
    pub fn steps(&self, sets: &[&'d SelectionSet], type_name: &str) -> Vec<Step<'d>> {
        let mut grouped: Vec<(&'d str, Vec<&'d Field>)> = Vec::new();
        for set in sets {
            self.collect(set, type_name, &mut grouped);
        }
        let steps = grouped.into_iter().filter_map(|(key, fields)| {
            let field = *fields.first()?;
            let def = self.schema.field(type_name, &field.name);
            let args = def.map(|def| arguments(&field.arguments, &def.args, self.variables, self.schema));
            Some(Step {
                key,
                field,
                sets: fields.iter().map(|field| &field.selection_set).collect(),
                ty: def.map(|def| &def.ty),
                args: args.unwrap_or_default(),
            })
        });
        steps.collect()
    }

    /// The same, remembered: an order has twenty prices, and all are asked the same.
    fn plan(&mut self, sets: &[&'d SelectionSet], type_name: &str) -> Plan<'d> {
        let [set] = sets else { return Rc::new(self.steps(sets, type_name)) };
        let place = std::ptr::from_ref::<SelectionSet>(set) as usize;
        let known = self.plans.get(&place).and_then(|plans| plans.iter().find(|(name, _)| name == type_name));
        if let Some((_, plan)) = known {
            return Rc::clone(plan);
        }
        let plan = Rc::new(self.steps(sets, type_name));
        self.plans.entry(place).or_default().push((type_name.to_owned(), Rc::clone(&plan)));
        plan
    }

    fn collect(&self, set: &'d SelectionSet, type_name: &str, grouped: &mut Vec<(&'d str, Vec<&'d Field>)>) {
        for item in &set.items {
            match item {
                Selection::Field(field) if self.included(&field.directives) => {
                    let key = field.alias.as_ref().unwrap_or(&field.name).as_str();
                    match grouped.iter_mut().find(|(have, _)| *have == key) {
                        Some((_, fields)) => fields.push(field),
                        None => grouped.push((key, vec![field])),
                    }
                }
                Selection::InlineFragment(inline) if self.included(&inline.directives) => {
                    let applies =
                        inline.type_condition.as_ref().is_none_or(|on| self.schema.applies(condition(on), type_name));
                    if applies {
                        self.collect(&inline.selection_set, type_name, grouped);
                    }
                }
                Selection::FragmentSpread(spread) if self.included(&spread.directives) => {
                    if let Some(fragment) = fragment(self.document, &spread.fragment_name)
                        && self.schema.applies(condition(&fragment.type_condition), type_name)
                    {
                        self.collect(&fragment.selection_set, type_name, grouped);
                    }
                }
                _ => {}
            }
        }
    }

    fn included(&self, directives: &[Directive]) -> bool {
        directives.iter().all(|directive| {
            let flag = directive.arguments.iter().find(|(name, _)| name == "if");
            let flag = flag.and_then(|(_, value)| literal(value, self.variables)).and_then(|value| value.as_bool());
            match directive.name.as_str() {
                "skip" => flag != Some(true),
                "include" => flag != Some(false),
                _ => true,
            }
        })
    }

    /// One top-level field as JSON; `None` when it broke a promise and the whole answer is to be `null`.
    pub fn root_field<T: Thing>(&mut self, root: &T, step: &Step<'d>) -> Option<String> {
        self.out.clear();
        self.one_field(root, step, Path { above: None, at: At::Key(step.key) }).ok()?;
        Some(String::from_utf8_lossy(&std::mem::take(&mut self.out)).into_owned())
    }

    fn say(&mut self, value: &(impl Serialize + ?Sized)) {
        // Writing JSON into memory does not fail.
        let _ = serde_json::to_writer(&mut self.out, value);
    }

    fn say_key(&mut self, first: bool, key: &str) {
        if !first {
            self.out.push(b',');
        }
        self.say(key);
        self.out.push(b':');
    }

    fn one_field<T: Thing>(&mut self, thing: &T, step: &Step<'d>, path: Path<'_>) -> Result<(), Broken> {
        if step.field.name == "__typename" {
            self.say(thing.type_name());
            return Ok(());
        }
        let Some(ty) = step.ty else {
            self.say(&());
            return Ok(());
        };
        let start = self.out.len();
        if self.complete(thing.field(&step.field.name, &step.args), ty, step, path)? {
            return Ok(());
        }
        self.out.truncate(start);
        if ty.non_null() {
            return Err(Broken);
        }
        self.say(&());
        Ok(())
    }

    /// False: there is nothing, and what was written counts for nothing.
    fn complete<T: Thing>(&mut self, out: Out<T>, ty: &'d Ty, step: &Step<'d>, path: Path<'_>) -> Result<bool, Broken> {
        match out {
            Out::Null | Out::Leaf(Json::Null) => Ok(false),
            Out::Leaf(value) => {
                self.say(&value);
                Ok(true)
            }
            Out::One(thing) => Ok(self.object(&thing, &step.sets, path).is_ok()),
            Out::Many(things) => self.list(things.into_iter().map(Some), ty, &step.sets, path),
            Out::Some(things) => self.list(things.into_iter(), ty, &step.sets, path),
            Out::Rows(rows) => {
                self.rows(&rows, ty, &step.sets, path);
                Ok(true)
            }
            Out::Denied(access) => {
                self.denied(&access, step.field, path);
                Ok(false)
            }
            Out::Failed(message, code) => {
                let at = step.field.position;
                self.errors.push(json!({
                    "message": message,
                    "locations": [{ "line": at.line, "column": at.column }],
                    "path": path.json(),
                    "extensions": { "code": code },
                }));
                Ok(false)
            }
        }
    }

    fn denied(&mut self, access: &str, field: &Field, path: Path<'_>) {
        self.errors.push(json!({
            "message": format!("Access denied for {} field. Required access: {access}", field.name),
            "locations": [{ "line": field.position.line, "column": field.position.column }],
            "path": path.json(),
            "extensions": {
                "code": "ACCESS_DENIED",
                "documentation": "https://shopify.dev/api/usage/access-scopes",
                "requiredAccess": access,
            },
        }));
    }

    fn list<T: Thing>(
        &mut self,
        things: impl Iterator<Item = Option<T>>,
        ty: &Ty,
        sets: &[&'d SelectionSet],
        path: Path<'_>,
    ) -> Result<bool, Broken> {
        let strict = ty.item().is_some_and(Ty::non_null);
        self.out.push(b'[');
        for (index, thing) in things.enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            let path = Path { above: Some(&path), at: At::Index(index) };
            if thing.is_some_and(|thing| self.object(&thing, sets, path).is_ok()) {
                continue;
            }
            if strict {
                return if ty.non_null() { Err(Broken) } else { Ok(false) };
            }
            self.say(&());
        }
        self.out.push(b']');
        Ok(true)
    }

    /// One that breaks a promise leaves nothing behind.
    fn object<T: Thing>(&mut self, thing: &T, sets: &[&'d SelectionSet], path: Path<'_>) -> Result<(), Broken> {
        self.objects += 1;
        let start = self.out.len();
        self.out.push(b'{');
        for (index, step) in self.plan(sets, thing.type_name()).iter().enumerate() {
            self.say_key(index == 0, step.key);
            if let Err(broken) = self.one_field(thing, step, Path { above: Some(&path), at: At::Key(step.key) }) {
                self.out.truncate(start);
                return Err(broken);
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn rows<T: Thing>(&mut self, page: &Rows<T>, ty: &Ty, sets: &[&'d SelectionSet], path: Path<'_>) {
        self.out.push(b'{');
        for (index, step) in self.plan(sets, ty.name()).iter().enumerate() {
            self.say_key(index == 0, step.key);
            let path = Path { above: Some(&path), at: At::Key(step.key) };
            match step.field.name.as_str() {
                "nodes" => self.nodes(page, &step.sets, path),
                "edges" => self.edges(page, ty.name(), &step.sets, path),
                "pageInfo" => self.page_info(page, &step.sets),
                _ => self.say(ty.name()),
            }
        }
        self.out.push(b'}');
    }

    fn nodes<T: Thing>(&mut self, page: &Rows<T>, sets: &[&'d SelectionSet], path: Path<'_>) {
        self.out.push(b'[');
        let mut given = 0;
        for (index, (_, thing)) in page.rows.iter().enumerate() {
            let start = self.out.len();
            if given > 0 {
                self.out.push(b',');
            }
            match self.object(thing, sets, Path { above: Some(&path), at: At::Index(index) }) {
                Ok(()) => given += 1,
                Err(Broken) => self.out.truncate(start),
            }
        }
        self.out.push(b']');
    }

    fn edges<T: Thing>(&mut self, page: &Rows<T>, connection: &str, sets: &[&'d SelectionSet], path: Path<'_>) {
        let edge_type = connection.replace("Connection", "Edge");
        self.out.push(b'[');
        for (index, (cursor, thing)) in page.rows.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            let path = Path { above: Some(&path), at: At::Index(index) };
            self.out.push(b'{');
            for (index, step) in self.plan(sets, &edge_type).iter().enumerate() {
                self.say_key(index == 0, step.key);
                match step.field.name.as_str() {
                    "cursor" => self.say(&cursor.write()),
                    "node" => {
                        let path = Path { above: Some(&path), at: At::Key(step.key) };
                        if self.object(thing, &step.sets, path).is_err() {
                            self.say(&());
                        }
                    }
                    _ => self.say(&edge_type),
                }
            }
            self.out.push(b'}');
        }
        self.out.push(b']');
    }

    fn page_info<T: Thing>(&mut self, page: &Rows<T>, sets: &[&'d SelectionSet]) {
        self.out.push(b'{');
        for (index, step) in self.plan(sets, "PageInfo").iter().enumerate() {
            self.say_key(index == 0, step.key);
            match step.field.name.as_str() {
                "hasNextPage" => self.say(&page.more_after),
                "hasPreviousPage" => self.say(&page.more_before),
                "startCursor" => self.say(&page.rows.first().map(|(cursor, _)| cursor.write())),
                "endCursor" => self.say(&page.rows.last().map(|(cursor, _)| cursor.write())),
                _ => self.say("PageInfo"),
            }
        }
        self.out.push(b'}');
    }
}
