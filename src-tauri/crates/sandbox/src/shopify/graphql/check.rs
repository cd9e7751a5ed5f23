//! Does a document fit the schema? In the platform's words, with positions and paths.

use super::errors::{GraphError, schema_error};
use super::input::literal_fits;
use super::schema::{ArgDef, Schema, Ty};
use super::{AstValue, Directive, Document, Operation, SelectionSet, condition, fragment, operations};
use graphql_parser::Pos;
use graphql_parser::query::{Definition, Selection};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is wrong with the document, in the order of the text. Empty: it can be run.
pub fn check(document: &Document, schema: &Schema) -> Vec<GraphError> {
    let mut errors = Vec::new();
    let mut used_fragments = BTreeSet::new();
    for operation in operations(document) {
        let mut walk = Walk::new(document, schema, operation.title());
        walk.declare(&operation);
        walk.selection(operation.selection, operation.root());
        walk.unused(&operation);
        used_fragments.append(&mut walk.fragments_used);
        errors.append(&mut walk.errors);
    }
    for definition in &document.definitions {
        if let Definition::Fragment(unused) = definition
            && !used_fragments.contains(&unused.name)
        {
            let message = format!("Fragment {} was defined, but not used", unused.name);
            let path = [format!("fragment {}", unused.name)];
            errors.push(schema_error(
                message,
                unused.position,
                &path,
                "useAndDefineFragment",
                json!({ "fragmentName": unused.name }),
            ));
        }
    }
    errors
}

struct Walk<'d> {
    document: &'d Document,
    schema: &'d Schema,
    title: String,
    path: Vec<String>,
    errors: Vec<GraphError>,
    /// Declared variables: their type and whether they have a default.
    declared: BTreeMap<&'d str, (Ty, bool)>,
    used: BTreeSet<&'d str>,
    fragments_open: Vec<&'d str>,
    fragments_used: BTreeSet<String>,
}

impl<'d> Walk<'d> {
    fn new(document: &'d Document, schema: &'d Schema, title: String) -> Self {
        Self {
            document,
            schema,
            path: vec![title.clone()],
            title,
            errors: Vec::new(),
            declared: BTreeMap::new(),
            used: BTreeSet::new(),
            fragments_open: Vec::new(),
            fragments_used: BTreeSet::new(),
        }
    }

    fn error(&mut self, message: String, at: Pos, code: &str, more: serde_json::Value) {
        self.errors.push(schema_error(message, at, &self.path, code, more));
    }

    fn declare(&mut self, operation: &Operation<'d>) {
        for variable in operation.variables {
            let ty = Ty::of(&variable.var_type);
            if self.schema.get(ty.name()).is_none() || self.schema.is_composite(ty.name()) {
                let message = format!("{} isn't a defined input type (on ${})", ty.name(), variable.name);
                let more = json!({ "typeName": ty.name(), "variableName": variable.name });
                self.error(message, variable.position, "variableRequiresValidType", more);
            }
            self.declared.insert(&variable.name, (ty, variable.default_value.is_some()));
        }
    }

    fn unused(&mut self, operation: &Operation<'d>) {
        for variable in operation.variables {
            if !self.used.contains(variable.name.as_str()) {
                let message = format!(
                    "Variable ${} is declared by {} but not used",
                    variable.name,
                    operation.name.unwrap_or("anonymous query")
                );
                self.error(message, variable.position, "variableNotUsed", json!({ "variableName": variable.name }));
            }
        }
    }

    fn selection(&mut self, set: &'d SelectionSet, type_name: &str) {
        for item in &set.items {
            match item {
                Selection::Field(field) => self.field(field, type_name),
                Selection::InlineFragment(inline) => {
                    self.directives(&inline.directives);
                    let on = inline.type_condition.as_ref().map_or(type_name, |on| condition(on));
                    let label = format!("... on {on}");
                    self.spread(&inline.selection_set, on, type_name, inline.position, &label);
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.directives);
                    let name = spread.fragment_name.as_str();
                    let Some(fragment) = fragment(self.document, name) else {
                        let message = format!("Fragment {name} was used, but not defined");
                        self.error(message, spread.position, "useAndDefineFragment", json!({ "fragmentName": name }));
                        continue;
                    };
                    if self.fragments_open.contains(&name) {
                        let message = format!("Fragment {name} contains an infinite loop");
                        self.error(message, spread.position, "infiniteLoop", json!({ "fragmentName": name }));
                        continue;
                    }
                    self.fragments_used.insert(name.to_owned());
                    self.fragments_open.push(name);
                    let label = format!("... {name}");
                    self.spread(
                        &fragment.selection_set,
                        condition(&fragment.type_condition),
                        type_name,
                        spread.position,
                        &label,
                    );
                    self.fragments_open.pop();
                }
            }
        }
    }

    fn spread(&mut self, set: &'d SelectionSet, on: &str, within: &str, at: Pos, label: &str) {
        if !self.schema.is_composite(on) {
            let message = format!("No such type {on}, so it can't be a fragment condition");
            return self.error(message, at, "undefinedType", json!({ "typeName": on }));
        }
        if !self.schema.overlaps(on, within) {
            let message = format!("Fragment on {on} can't be spread inside {within}");
            let more = json!({ "typeName": on, "parentName": within });
            return self.error(message, at, "cannotSpreadFragment", more);
        }
        self.path.push(label.to_owned());
        self.selection(set, on);
        self.path.pop();
    }

    fn field(&mut self, field: &'d super::Field, type_name: &str) {
        self.path.push(field.alias.clone().unwrap_or_else(|| field.name.clone()));
        self.directives(&field.directives);
        if field.name == "__typename" {
            self.path.pop();
            return;
        }
        let schema = self.schema;
        if let Some(def) = schema.field(type_name, &field.name) {
            self.arguments(&field.arguments, &def.args, "Field", &field.name, field.position);
            let inner = def.ty.name();
            let selects = !field.selection_set.items.is_empty();
            if schema.is_composite(inner) && !selects {
                let name = &field.name;
                let message = format!(
                    "Field must have selections (field '{name}' returns {inner} but has no selections. Did you mean '{name} {{ ... }}'?)"
                );
                let more = json!({ "nodeName": format!("field '{name}'"), "typeName": inner });
                self.error(message, field.position, "selectionMismatch", more);
            } else if !schema.is_composite(inner) && selects {
                let message = format!(
                    "Selections can't be made on scalars (field '{}' returns {inner} but has selections)",
                    field.name
                );
                let more = json!({ "nodeName": format!("field '{}'", field.name), "typeName": inner });
                self.error(message, field.position, "selectionMismatch", more);
            } else if selects {
                self.selection(&field.selection_set, inner);
            }
        } else {
            let message = format!("Field '{}' doesn't exist on type '{type_name}'", field.name);
            let more = json!({ "typeName": type_name, "fieldName": field.name });
            self.error(message, field.position, "undefinedField", more);
        }
        self.path.pop();
    }

    fn directives(&mut self, directives: &'d [Directive]) {
        for directive in directives {
            let (argument, ty) = match directive.name.as_str() {
                "include" | "skip" => ("if", Ty::NonNull(Box::new(Ty::Named("Boolean".to_owned())))),
                "idempotent" => ("key", Ty::NonNull(Box::new(Ty::Named("String".to_owned())))),
                other => {
                    let message = format!("Directive @{other} is not defined");
                    self.error(message, directive.position, "undefinedDirective", json!({ "directiveName": other }));
                    continue;
                }
            };
            let args = BTreeMap::from([(argument.to_owned(), ArgDef { ty, default: None })]);
            self.arguments(&directive.arguments, &args, "Directive", &directive.name, directive.position);
        }
    }

    fn arguments(
        &mut self,
        given: &'d [(String, AstValue)],
        defs: &BTreeMap<String, ArgDef>,
        class: &str,
        owner: &str,
        at: Pos,
    ) {
        for (name, value) in given {
            let Some(def) = defs.get(name) else {
                let message = format!("{class} '{owner}' doesn't accept argument '{name}'");
                let more = json!({ "name": owner, "typeName": class, "argumentName": name });
                self.error(message, at, "argumentNotAccepted", more);
                continue;
            };
            self.value(value, &def.ty, def.default.is_some(), name, at);
            if let Err(why) = literal_fits(value, &def.ty, self.schema) {
                let message = format!(
                    "Argument '{name}' on {class} '{owner}' has an invalid value ({value}). Expected type '{}'. {why}",
                    def.ty
                );
                let more = json!({ "typeName": class, "argumentName": name });
                self.error(message.trim_end().to_owned(), at, "argumentLiteralsIncompatible", more);
            }
        }
        let missing: Vec<&str> = defs
            .iter()
            .filter(|(name, def)| def.required() && !given.iter().any(|(have, _)| have == *name))
            .map(|(name, _)| name.as_str())
            .collect();
        if !missing.is_empty() {
            let list = missing.join(", ");
            let message = format!("{class} '{owner}' is missing required arguments: {list}");
            let more = json!({ "className": class, "name": owner, "arguments": list });
            self.error(message, at, "missingRequiredArguments", more);
        }
    }

    /// Notes the variables in a literal and whether they fit where they stand.
    fn value(&mut self, value: &'d AstValue, ty: &Ty, has_default: bool, argument: &str, at: Pos) {
        match value {
            AstValue::Variable(name) => {
                self.used.insert(name);
                let Some((have, defaulted)) = self.declared.get(name.as_str()).cloned() else {
                    let message = format!("Variable ${name} is used by {} but not declared", self.title);
                    return self.error(message, at, "variableNotDefined", json!({ "variableName": name }));
                };
                let wanted = if defaulted || has_default { ty.nullable() } else { ty };
                if !have.fits(wanted) {
                    let message = format!("Type mismatch on variable ${name} and argument {argument} ({have} / {ty})");
                    let more = json!({
                        "variableName": name, "typeName": have.to_string(), "argumentName": argument, "errorMessage": "Type mismatch"
                    });
                    self.error(message, at, "variableMismatch", more);
                }
            }
            AstValue::List(items) => {
                if let Some(item) = ty.item() {
                    for value in items {
                        self.value(value, item, false, argument, at);
                    }
                }
            }
            AstValue::Object(given) => {
                if let Some(super::schema::Type::Input { fields, .. }) = self.schema.get(ty.name()) {
                    for (name, value) in given {
                        if let Some(field) = fields.get(name) {
                            self.value(value, &field.ty, field.default.is_some(), name, at);
                        }
                    }
                }
            }
            _ => {}
        }
    }
}
