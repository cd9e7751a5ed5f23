//! Does an answer fit the platform's own types, along what was asked for? Shared with the connector's tests, which hold
//! the answers to its own documents against the same schema.

use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{ExecutableDocument, Schema, ast, executable};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Walks an answer along its selection and the platform's types.
pub struct Check<'a> {
    vendor: &'a Schema,
    document: &'a ExecutableDocument,
    /// What does not fit, each with its place.
    pub wrong: Vec<String>,
    /// Values looked at.
    pub seen: usize,
}

impl<'a> Check<'a> {
    /// Of answers to this document.
    pub fn new(vendor: &'a Schema, document: &'a ExecutableDocument) -> Self {
        Self { vendor, document, wrong: Vec::new(), seen: 0 }
    }

    /// Looks at one object and everything in it; `path` is where it stands, for sentences.
    pub fn set(&mut self, sets: &[&'a executable::SelectionSet], value: &Json, path: &str) {
        let Json::Object(map) = value else {
            self.wrong.push(format!("{path}: no object: {value}"));
            return;
        };
        let mut wanted: Vec<(String, &'a executable::Field)> = Vec::new();
        for set in sets {
            self.collect(set, map, &mut wanted);
        }
        // A field may be asked for in several places (fragments); its answer holds what all of them want.
        let mut by_key: BTreeMap<String, Vec<&'a executable::Field>> = BTreeMap::new();
        for (key, field) in wanted {
            by_key.entry(key).or_default().push(field);
        }
        for extra in map.keys().filter(|key| !by_key.contains_key(*key)) {
            self.wrong.push(format!("{path}.{extra} was not asked for"));
        }
        for (key, fields) in &by_key {
            let path = format!("{path}.{key}");
            match map.get(key) {
                None => self.wrong.push(format!("{path} is missing")),
                Some(value) => self.value(&fields[0].definition.ty, fields, value, &path),
            }
        }
    }

    /// Fields of a set; a fragment on another type counts when its fields are there.
    fn collect(
        &self,
        set: &'a executable::SelectionSet,
        map: &Map<String, Json>,
        into: &mut Vec<(String, &'a executable::Field)>,
    ) {
        for selection in &set.selections {
            match selection {
                executable::Selection::Field(field) => into.push((field.response_key().to_string(), field)),
                executable::Selection::FragmentSpread(spread) => {
                    let fragment = &self.document.fragments[&spread.fragment_name];
                    self.collect(&fragment.selection_set, map, into);
                }
                executable::Selection::InlineFragment(inline) => {
                    let present = inline.selection_set.selections.iter().any(|one| match one {
                        executable::Selection::Field(field) => map.contains_key(field.response_key().as_str()),
                        _ => true,
                    });
                    if present {
                        self.collect(&inline.selection_set, map, into);
                    }
                }
            }
        }
    }

    fn value(&mut self, ty: &ast::Type, fields: &[&'a executable::Field], value: &Json, path: &str) {
        self.seen += 1;
        if value.is_null() {
            if ty.is_non_null() {
                self.wrong.push(format!("{path} is null, promised is {ty}"));
            }
            return;
        }
        if ty.is_list() {
            let Json::Array(items) = value else {
                self.wrong.push(format!("{path}: {value} is no list"));
                return;
            };
            for (index, item) in items.iter().enumerate() {
                self.value(ty.item_type(), fields, item, &format!("{path}[{index}]"));
            }
            return;
        }
        let name = ty.inner_named_type().as_str();
        let fits = match (&self.vendor.types[name], name) {
            (ExtendedType::Enum(words), _) => value.as_str().is_some_and(|word| words.values.contains_key(word)),
            (ExtendedType::Scalar(_), "Int") => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            (ExtendedType::Scalar(_), "Float") => value.is_number(),
            (ExtendedType::Scalar(_), "Boolean") => value.is_boolean(),
            (ExtendedType::Scalar(_), "Money" | "Decimal") => {
                value.as_str().is_some_and(|text| text.parse::<f64>().is_ok())
            }
            (ExtendedType::Scalar(_), "UnsignedInt64") => {
                value.as_str().is_some_and(|text| text.parse::<u64>().is_ok())
            }
            (ExtendedType::Scalar(_), "DateTime") => value
                .as_str()
                .is_some_and(|text| text.len() == 20 && chrono::DateTime::parse_from_rfc3339(text).is_ok()),
            (ExtendedType::Scalar(_), "URL") => value.as_str().is_some_and(|text| url::Url::parse(text).is_ok()),
            (ExtendedType::Scalar(_), _) => value.is_string(),
            _ => {
                let sets: Vec<_> = fields.iter().map(|field| &field.selection_set).collect();
                return self.set(&sets, value, path);
            }
        };
        if !fits {
            self.wrong.push(format!("{path}: {value} is no {name}"));
        }
    }
}
