//! Variables and literals become plain JSON of the right type, or a refusal.

use super::errors::{GraphError, variable_error};
use super::schema::{ArgDef, Schema, Ty, Type};
use super::{Args, AstValue, VariableDefinition};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// A literal could be of that type (variables inside are looked at elsewhere).
pub fn literal_fits(value: &AstValue, ty: &Ty, schema: &Schema) -> Result<(), String> {
    match (value, ty) {
        (AstValue::Null, Ty::NonNull(_)) => Err("It can't be null.".to_owned()),
        (AstValue::Variable(_) | AstValue::Null, _) => Ok(()),
        (value, Ty::NonNull(inner)) => literal_fits(value, inner, schema),
        (AstValue::List(items), Ty::List(item)) => items.iter().try_for_each(|value| literal_fits(value, item, schema)),
        (value, Ty::List(item)) => literal_fits(value, item, schema),
        (value, Ty::Named(name)) => named_literal_fits(value, name, schema),
    }
}

fn named_literal_fits(value: &AstValue, name: &str, schema: &Schema) -> Result<(), String> {
    match schema.get(name) {
        Some(Type::Enum(words)) => match value {
            AstValue::Enum(word) if words.contains(word) => Ok(()),
            _ => Err(format!("It is none of the values of {name}.")),
        },
        Some(Type::Input { fields, one_of }) => {
            let AstValue::Object(given) = value else { return Err(format!("{name} is an input object.")) };
            for (key, value) in given {
                let field =
                    fields.get(key).ok_or_else(|| format!("InputObject '{name}' doesn't accept argument '{key}'."))?;
                literal_fits(value, &field.ty, schema)?;
            }
            if let Some((missing, _)) = fields.iter().find(|(key, field)| field.required() && !given.contains_key(*key))
            {
                return Err(format!("Argument '{missing}' on InputObject '{name}' is required."));
            }
            if *one_of && given.len() != 1 {
                return Err(format!("'{name}' requires exactly one argument, but {} were provided.", given.len()));
            }
            Ok(())
        }
        _ => {
            let plain = match value {
                AstValue::Enum(word) => return Err(format!("{word} is not a {name}.")),
                AstValue::List(_) | AstValue::Object(_) => return Err(format!("It is not a {name}.")),
                other => literal(other, &Map::new()).unwrap_or(Json::Null),
            };
            scalar(&plain, name).map(|_| ())
        }
    }
}

/// All variables of an operation, coerced. A variable that was not given and has no default is missing in the result.
pub fn variables(
    definitions: &[VariableDefinition],
    given: &Map<String, Json>,
    schema: &Schema,
) -> Result<Args, Vec<GraphError>> {
    let mut coerced = Args::new();
    let mut errors = Vec::new();
    for definition in definitions {
        let ty = Ty::of(&definition.var_type);
        let value = given.get(&definition.name);
        if value.is_none() {
            if let Some(default) = &definition.default_value {
                if let Some(value) = literal(default, &Map::new()) {
                    coerced.insert(definition.name.clone(), value);
                }
                continue;
            }
            if !ty.non_null() {
                continue;
            }
        }
        let value = value.cloned().unwrap_or(Json::Null);
        let mut problems = Vec::new();
        let result = coerce(&value, &ty, schema, &mut Vec::new(), &mut problems);
        if problems.is_empty() {
            coerced.insert(definition.name.clone(), result);
        } else {
            errors.push(variable_error(&definition.name, &ty.to_string(), &value, &problems, definition.position));
        }
    }
    if errors.is_empty() { Ok(coerced) } else { Err(errors) }
}

type Problems = Vec<(Vec<Json>, String)>;

fn coerce(value: &Json, ty: &Ty, schema: &Schema, path: &mut Vec<Json>, problems: &mut Problems) -> Json {
    match (value, ty) {
        (Json::Null, Ty::NonNull(_)) => {
            problems.push((path.clone(), "Expected value to not be null".to_owned()));
            Json::Null
        }
        (Json::Null, _) => Json::Null,
        (value, Ty::NonNull(inner)) => coerce(value, inner, schema, path, problems),
        (Json::Array(items), Ty::List(item)) => {
            let items = items.iter().enumerate().map(|(index, value)| {
                path.push(json!(index));
                let value = coerce(value, item, schema, path, problems);
                path.pop();
                value
            });
            Json::Array(items.collect())
        }
        (value, Ty::List(item)) => Json::Array(vec![coerce(value, item, schema, path, problems)]),
        (value, Ty::Named(name)) => match schema.get(name) {
            Some(Type::Enum(words)) => {
                if !value.as_str().is_some_and(|word| words.contains(word)) {
                    let list = words.iter().cloned().collect::<Vec<_>>().join(", ");
                    problems.push((path.clone(), format!("Expected {value} to be one of: {list}")));
                }
                value.clone()
            }
            Some(Type::Input { fields, one_of }) => object(value, name, fields, *one_of, schema, path, problems),
            _ => scalar(value, name).unwrap_or_else(|why| {
                problems.push((path.clone(), why));
                Json::Null
            }),
        },
    }
}

fn object(
    value: &Json,
    name: &str,
    fields: &BTreeMap<String, ArgDef>,
    one_of: bool,
    schema: &Schema,
    path: &mut Vec<Json>,
    problems: &mut Problems,
) -> Json {
    let Json::Object(given) = value else {
        problems.push((path.clone(), format!("Expected {value} to be a key-value object.")));
        return Json::Null;
    };
    if one_of && given.len() != 1 {
        problems.push((
            path.clone(),
            format!("'{name}' requires exactly one argument, but {} were provided.", given.len()),
        ));
    }
    let mut result = Map::new();
    for key in given.keys().filter(|key| !fields.contains_key(*key)) {
        let mut at = path.clone();
        at.push(json!(key));
        problems.push((at, format!("Field is not defined on {name}")));
    }
    for (key, field) in fields {
        path.push(json!(key));
        match given.get(key) {
            Some(value) => {
                result.insert(key.clone(), coerce(value, &field.ty, schema, path, problems));
            }
            None if field.required() => problems.push((path.clone(), "Expected value to not be null".to_owned())),
            None => {
                if let Some(value) = field.default.as_ref().and_then(|value| literal(value, &Map::new())) {
                    result.insert(key.clone(), value);
                }
            }
        }
        path.pop();
    }
    Json::Object(result)
}

/// The value as that scalar, or why it is none.
fn scalar(value: &Json, name: &str) -> Result<Json, String> {
    let could_not = || format!("Could not coerce value {value} to {name}");
    match name {
        "Int" => value
            .as_i64()
            .filter(|number| i32::try_from(*number).is_ok())
            .map(|number| json!(number))
            .ok_or_else(could_not),
        "Float" => value.as_f64().map(|number| json!(number)).ok_or_else(could_not),
        "Boolean" => value.as_bool().map(Json::Bool).ok_or_else(could_not),
        "ID" => match value {
            Json::String(text) => Ok(json!(text)),
            Json::Number(number) if number.is_i64() => Ok(json!(number.to_string())),
            _ => Err(could_not()),
        },
        "Money" | "Decimal" | "UnsignedInt64" => {
            let text = match value {
                Json::String(text) => text.trim().to_owned(),
                Json::Number(number) => number.to_string(),
                _ => return Err(could_not()),
            };
            text.parse::<f64>().ok().filter(|number| number.is_finite()).map(|_| json!(text)).ok_or_else(could_not)
        }
        "DateTime" => {
            let text = value.as_str().ok_or_else(could_not)?;
            let valid = chrono::DateTime::parse_from_rfc3339(text).is_ok()
                || chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok();
            if valid { Ok(json!(text)) } else { Err(could_not()) }
        }
        "URL" => {
            let text = value.as_str().ok_or_else(could_not)?;
            let valid = url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            if valid { Ok(json!(text)) } else { Err(format!("Invalid url '{text}', missing scheme")) }
        }
        _ => value.as_str().map(|text| json!(text)).ok_or_else(could_not),
    }
}

/// A literal as JSON, variables filled in. `None`: a variable that was not given.
pub fn literal(value: &AstValue, variables: &Args) -> Option<Json> {
    Some(match value {
        AstValue::Variable(name) => variables.get(name)?.clone(),
        AstValue::Int(number) => json!(number.as_i64()),
        AstValue::Float(number) => json!(number),
        AstValue::String(text) | AstValue::Enum(text) => json!(text),
        AstValue::Boolean(flag) => json!(flag),
        AstValue::Null => Json::Null,
        AstValue::List(items) => {
            Json::Array(items.iter().map(|item| literal(item, variables).unwrap_or(Json::Null)).collect())
        }
        AstValue::Object(fields) => Json::Object(
            fields.iter().filter_map(|(key, value)| Some((key.clone(), literal(value, variables)?))).collect(),
        ),
    })
}

/// Arguments of a field or directive with their defaults; they were checked before.
pub fn arguments(
    given: &[(String, AstValue)],
    defs: &BTreeMap<String, ArgDef>,
    variables: &Args,
    schema: &Schema,
) -> Args {
    let mut args = Args::new();
    for (name, def) in defs {
        let value = given.iter().find(|(have, _)| have == name).and_then(|(_, value)| literal(value, variables));
        let value = value.or_else(|| def.default.as_ref().and_then(|value| literal(value, &Map::new())));
        if let Some(value) = value {
            // Literals within the document get the defaults of input objects here; variables have them already.
            args.insert(name.clone(), coerce(&value, &def.ty, schema, &mut Vec::new(), &mut Vec::new()));
        }
    }
    args
}
