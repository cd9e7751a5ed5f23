//! Top-level errors in the words and shapes of the platform.

use graphql_parser::Pos;
use serde_json::{Value as Json, json};

/// One entry of `errors`.
pub type GraphError = Json;

/// A document or variable that does not fit the schema.
pub fn schema_error(message: impl Into<String>, at: Pos, path: &[String], code: &str, more: Json) -> GraphError {
    let mut extensions = json!({ "code": code });
    if let (Some(all), Json::Object(more)) = (extensions.as_object_mut(), more) {
        all.extend(more);
    }
    json!({
        "message": message.into(),
        "locations": [{ "line": at.line, "column": at.column }],
        "path": path,
        "extensions": extensions,
    })
}

/// A document that is not GraphQL.
pub fn syntax_error(message: &str) -> GraphError {
    let first = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("syntax error");
    json!({ "message": format!("syntax error, {first}"), "locations": [{ "line": 1, "column": 1 }], "extensions": {} })
}

/// Something about the request as a whole.
pub fn request_error(message: impl Into<String>, code: &str) -> GraphError {
    json!({ "message": message.into(), "extensions": { "code": code } })
}

/// A value given for a variable that its type does not allow.
pub fn variable_error(name: &str, ty: &str, value: &Json, problems: &[(Vec<Json>, String)], at: Pos) -> GraphError {
    let first = problems.first().map(|(path, why)| {
        let path: Vec<String> =
            path.iter().map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned)).collect();
        if path.is_empty() { String::new() } else { format!(" for {} ({why})", path.join(".")) }
    });
    let problems: Vec<Json> =
        problems.iter().map(|(path, why)| json!({ "path": path, "explanation": why, "message": why })).collect();
    json!({
        "message": format!("Variable ${name} of type {ty} was provided invalid value{}", first.unwrap_or_default()),
        "locations": [{ "line": at.line, "column": at.column }],
        "extensions": { "code": "INVALID_VARIABLE", "value": value, "problems": problems },
    })
}
