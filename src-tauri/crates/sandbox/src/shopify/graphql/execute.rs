//! Runs a selection over things that answer field by field.
//!
//! Gives exactly what was asked for, under the names asked;
//! a `null` where the schema promises a value empties the nearest parent that
//! may be empty, as the specification demands.

use super::input::{arguments, literal};
use super::schema::{Schema, Ty};
use super::{Args, Directive, Document, Field, SelectionSet, condition, fragment};
use graphql_parser::query::Selection;
use serde_json::{Map, Value as Json, json};

/// Something with fields.
pub trait Thing: Sized {
    /// Its concrete type (`Order`).
    fn type_name(&self) -> &str;
    /// The value of one field.
    fn field(&self, name: &str, args: &Args) -> Out<Self>;
}

/// What a field gives.
pub enum Out<T> {
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
pub struct Rows<T> {
    /// Its elements with their cursors.
    pub rows: Vec<(String, T)>,
    /// There are more behind.
    pub more_after: bool,
    /// There are more before.
    pub more_before: bool,
}

/// One run of one selection.
pub struct Run<'d> {
    /// The document, for its fragments.
    pub document: &'d Document,
    /// Coerced variables.
    pub variables: &'d Args,
    /// The schema.
    pub schema: &'d Schema,
    /// What went wrong at single fields.
    pub errors: Vec<Json>,
    /// Objects given so far: the actual cost.
    pub objects: u64,
}

/// A `null` where none may be; empties the parent.
struct Broken;

impl<'d> Run<'d> {
    /// The fields asked of `type_name`, grouped by the name they are to have. Fragments are opened.
    pub fn fields(&self, sets: &[&'d SelectionSet], type_name: &str) -> Vec<(String, Vec<&'d Field>)> {
        let mut grouped: Vec<(String, Vec<&'d Field>)> = Vec::new();
        for set in sets {
            self.collect(set, type_name, &mut grouped);
        }
        grouped
    }

    fn collect(&self, set: &'d SelectionSet, type_name: &str, grouped: &mut Vec<(String, Vec<&'d Field>)>) {
        for item in &set.items {
            match item {
                Selection::Field(field) if self.included(&field.directives) => {
                    let key = field.alias.as_ref().unwrap_or(&field.name);
                    match grouped.iter_mut().find(|(have, _)| have == key) {
                        Some((_, fields)) => fields.push(field),
                        None => grouped.push((key.clone(), vec![field])),
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

    /// Coerced arguments of a field.
    pub fn args(&self, type_name: &str, field: &Field) -> Args {
        let def = self.schema.field(type_name, &field.name);
        def.map(|def| arguments(&field.arguments, &def.args, self.variables, self.schema)).unwrap_or_default()
    }

    /// One top-level field; `None` when it broke a promise and the whole answer is to be `null`.
    pub fn root_field<T: Thing>(&mut self, root: &T, key: &str, fields: &[&'d Field]) -> Option<Json> {
        let mut path = vec![json!(key)];
        self.one_field(root, fields, &mut path).ok()
    }

    fn one_field<T: Thing>(&mut self, thing: &T, fields: &[&'d Field], path: &mut Vec<Json>) -> Result<Json, Broken> {
        let Some(field) = fields.first() else { return Ok(Json::Null) };
        if field.name == "__typename" {
            return Ok(json!(thing.type_name()));
        }
        let Some(def) = self.schema.field(thing.type_name(), &field.name) else { return Ok(Json::Null) };
        let args = arguments(&field.arguments, &def.args, self.variables, self.schema);
        let out = thing.field(&field.name, &args);
        let sets: Vec<&'d SelectionSet> = fields.iter().map(|field| &field.selection_set).collect();
        self.complete(out, &def.ty, &sets, field, path)
    }

    fn complete<T: Thing>(
        &mut self,
        out: Out<T>,
        ty: &Ty,
        sets: &[&'d SelectionSet],
        field: &Field,
        path: &mut Vec<Json>,
    ) -> Result<Json, Broken> {
        let value = match out {
            Out::Null => Json::Null,
            Out::Leaf(value) => value,
            Out::One(thing) => self.object(&thing, sets, path).unwrap_or(Json::Null),
            Out::Many(things) => self.list(things.into_iter().map(Some), ty, sets, path)?,
            Out::Some(things) => self.list(things.into_iter(), ty, sets, path)?,
            Out::Rows(rows) => self.rows(&rows, ty, sets, path),
            Out::Denied(access) => {
                self.denied(&access, field, path);
                Json::Null
            }
            Out::Failed(message, code) => {
                self.errors.push(json!({
                    "message": message,
                    "locations": [{ "line": field.position.line, "column": field.position.column }],
                    "path": path,
                    "extensions": { "code": code },
                }));
                Json::Null
            }
        };
        if value.is_null() && ty.non_null() { Err(Broken) } else { Ok(value) }
    }

    fn denied(&mut self, access: &str, field: &Field, path: &[Json]) {
        self.errors.push(json!({
            "message": format!("Access denied for {} field. Required access: {access}", field.name),
            "locations": [{ "line": field.position.line, "column": field.position.column }],
            "path": path,
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
        path: &mut Vec<Json>,
    ) -> Result<Json, Broken> {
        let strict = ty.item().is_some_and(Ty::non_null);
        let mut list = Vec::new();
        for (index, thing) in things.enumerate() {
            path.push(json!(index));
            let value = thing.and_then(|thing| self.object(&thing, sets, path)).unwrap_or(Json::Null);
            path.pop();
            if value.is_null() && strict {
                return if ty.non_null() { Err(Broken) } else { Ok(Json::Null) };
            }
            list.push(value);
        }
        Ok(Json::Array(list))
    }

    /// `None`: it broke a promise.
    fn object<T: Thing>(&mut self, thing: &T, sets: &[&'d SelectionSet], path: &mut Vec<Json>) -> Option<Json> {
        self.objects += 1;
        let mut map = Map::new();
        for (key, fields) in self.fields(sets, thing.type_name()) {
            path.push(json!(key));
            let value = self.one_field(thing, &fields, path);
            path.pop();
            map.insert(key, value.ok()?);
        }
        Some(Json::Object(map))
    }

    fn rows<T: Thing>(&mut self, page: &Rows<T>, ty: &Ty, sets: &[&'d SelectionSet], path: &mut Vec<Json>) -> Json {
        let mut map = Map::new();
        for (key, fields) in self.fields(sets, ty.name()) {
            let Some(field) = fields.first() else { continue };
            let sets: Vec<&'d SelectionSet> = fields.iter().map(|field| &field.selection_set).collect();
            path.push(json!(key));
            let value = match field.name.as_str() {
                "nodes" => {
                    let mut list = Vec::new();
                    for (index, (_, thing)) in page.rows.iter().enumerate() {
                        path.push(json!(index));
                        list.extend(self.object(thing, &sets, path));
                        path.pop();
                    }
                    Json::Array(list)
                }
                "edges" => self.edges(page, ty.name(), &sets, path),
                "pageInfo" => self.page_info(page, &sets),
                _ => json!(ty.name()),
            };
            path.pop();
            map.insert(key, value);
        }
        Json::Object(map)
    }

    fn edges<T: Thing>(
        &mut self,
        page: &Rows<T>,
        connection: &str,
        sets: &[&'d SelectionSet],
        path: &mut Vec<Json>,
    ) -> Json {
        let edge_type = connection.replace("Connection", "Edge");
        let mut list = Vec::new();
        for (index, (cursor, thing)) in page.rows.iter().enumerate() {
            path.push(json!(index));
            let mut edge = Map::new();
            for (key, fields) in self.fields(sets, &edge_type) {
                let Some(field) = fields.first() else { continue };
                let sets: Vec<&'d SelectionSet> = fields.iter().map(|field| &field.selection_set).collect();
                path.push(json!(key));
                let value = match field.name.as_str() {
                    "cursor" => json!(cursor),
                    "node" => self.object(thing, &sets, path).unwrap_or(Json::Null),
                    _ => json!(edge_type),
                };
                path.pop();
                edge.insert(key, value);
            }
            path.pop();
            list.push(Json::Object(edge));
        }
        Json::Array(list)
    }

    fn page_info<T>(&self, page: &Rows<T>, sets: &[&'d SelectionSet]) -> Json {
        let mut map = Map::new();
        for (key, fields) in self.fields(sets, "PageInfo") {
            let value = match fields.first().map(|field| field.name.as_str()) {
                Some("hasNextPage") => json!(page.more_after),
                Some("hasPreviousPage") => json!(page.more_before),
                Some("startCursor") => json!(page.rows.first().map(|(cursor, _)| cursor)),
                Some("endCursor") => json!(page.rows.last().map(|(cursor, _)| cursor)),
                _ => json!("PageInfo"),
            };
            map.insert(key, value);
        }
        Json::Object(map)
    }
}
