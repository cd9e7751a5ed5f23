//! An OpenAPI 3.1 description, asked about a whole exchange: is the request one it allows, is the answer one it shows?
//!
//! Schemas of 3.1 are JSON Schema as they stand, so nothing has to be mended. Left out: `oneOf` over whole bodies
//! and parameters in cookies; none of our descriptions has them.

use super::common::Talk;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// One description.
pub struct Contract {
    document: Value,
    /// Path of the API's root, which the description's paths do not repeat.
    prefix: &'static str,
}

/// Where a platform's descriptions are; `None` (said aloud) when this machine has none.
pub fn folder(platform: &str) -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/specs");
    let folder = std::env::var_os("QUAYSIDE_SPECS").map_or_else(beside, PathBuf::from).join(platform);
    if folder.join("openapi.yaml").is_file() {
        return Some(folder);
    }
    eprintln!(
        "SKIPPED: the descriptions of {platform} are not at {}. Set QUAYSIDE_SPECS to the folder that holds them.",
        folder.display()
    );
    None
}

impl Contract {
    /// A platform's `openapi.yaml`.
    pub fn read(platform: &str, prefix: &'static str) -> Option<Self> {
        let text = std::fs::read_to_string(folder(platform)?.join("openapi.yaml")).unwrap();
        Some(Self { document: serde_yaml_ng::from_str(&text).unwrap(), prefix })
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value.get("$ref").and_then(Value::as_str) {
            Some(target) => self.resolve(self.document.pointer(target.trim_start_matches('#')).unwrap()),
            None => value,
        }
    }

    fn faults(&self, schema: &Value, value: &Value) -> Vec<String> {
        let root = json!({ "allOf": [schema], "components": self.document["components"] });
        let validator = jsonschema::options().should_validate_formats(true).build(&root).unwrap();
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    /// The operation of a path; one without variables goes before one with.
    fn operation(&self, method: &str, path: &str) -> Option<(&String, &Value)> {
        let split = |path: &str| path.trim_matches('/').split('/').map(str::to_owned).collect::<Vec<_>>();
        let parts = split(path);
        let fits = |template: &str| {
            let wanted = split(template);
            wanted.len() == parts.len()
                && wanted.iter().zip(&parts).all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
        };
        let mut found: Vec<_> =
            self.document["paths"].as_object()?.iter().filter(|(template, _)| fits(template)).collect();
        found.sort_by_key(|(template, _)| template.matches('{').count());
        found.into_iter().find(|(_, item)| item.get(method.to_lowercase()).is_some())
    }

    /// The operation's name, and everything the exchange breaks.
    pub fn check(&self, talk: &Talk) -> (String, Vec<String>) {
        let url = url::Url::parse(&talk.url).unwrap();
        let path = url.path().strip_prefix(self.prefix).unwrap_or(url.path());
        let Some((template, item)) = self.operation(&talk.method, path) else {
            return (String::new(), vec![format!("{} {path} is not described", talk.method)]);
        };
        let operation = &item[talk.method.to_lowercase()];
        let name =
            operation["operationId"].as_str().map_or_else(|| format!("{} {template}", talk.method), str::to_owned);
        let mut problems = self.request_problems(talk, &url, (template, path), item, operation);
        problems.extend(self.answer_problems(talk, operation));
        for problem in &mut problems {
            *problem = format!("{name}: {problem}");
        }
        (name, problems)
    }

    fn request_problems(
        &self,
        talk: &Talk,
        url: &url::Url,
        (template, path): (&str, &str),
        item: &Value,
        operation: &Value,
    ) -> Vec<String> {
        let mut problems = Vec::new();
        let lists = [&item["parameters"], &operation["parameters"]];
        let parameters: Vec<&Value> =
            lists.into_iter().filter_map(Value::as_array).flatten().map(|one| self.resolve(one)).collect();
        let given: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        for (name, _) in &given {
            if !parameters.iter().any(|one| one["in"] == "query" && one["name"] == name.as_str()) {
                problems.push(format!("there is no parameter {name}"));
            }
        }
        for parameter in parameters {
            let name = parameter["name"].as_str().unwrap();
            let value = match parameter["in"].as_str() {
                Some("query") => given.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()),
                Some("header") => talk.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned),
                Some("path") => {
                    let at = template.trim_matches('/').split('/').position(|part| part == format!("{{{name}}}"));
                    at.and_then(|at| path.trim_matches('/').split('/').nth(at))
                        .map(|part| percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned())
                }
                _ => continue,
            };
            match value {
                None if parameter["required"] == true => problems.push(format!("{name} is missing")),
                None => {}
                Some(text) => {
                    let schema = self.resolve(&parameter["schema"]);
                    let fault = self.faults(schema, &typed(&text, schema));
                    problems.extend(fault.into_iter().map(|fault| format!("{name}={text} {fault}")));
                }
            }
        }
        let request = self.resolve(&operation["requestBody"]);
        let contents = request["content"].as_object();
        if talk.body.is_empty() {
            if request["required"] == true {
                problems.push("a body is missing".into());
            }
            return problems;
        }
        let kind = talk.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let Some(schema) = contents.and_then(|contents| contents.get(kind)?.get("schema")) else {
            problems.push(format!("takes no body of type \"{kind}\""));
            return problems;
        };
        let body = match kind {
            "application/json" => serde_json::from_slice(&talk.body).unwrap(),
            "application/x-www-form-urlencoded" => Value::Object(
                url::form_urlencoded::parse(&talk.body)
                    .map(|(name, value)| (name.into_owned(), json!(value)))
                    .collect(),
            ),
            _ => json!(String::from_utf8(talk.body.clone()).unwrap()),
        };
        problems.extend(self.faults(schema, &body).into_iter().map(|fault| format!("request {fault}")));
        problems.extend(self.strange(schema, &body, "").into_iter().map(|name| format!("request: {name} is unknown")));
        problems
    }

    fn answer_problems(&self, talk: &Talk, operation: &Value) -> Vec<String> {
        let answers = &operation["responses"];
        let answer =
            answers.get(talk.status.to_string()).or_else(|| answers.get("default").filter(|_| talk.status >= 400));
        let Some(answer) = answer.map(|answer| self.resolve(answer)) else {
            return vec![format!("never answers {}", talk.status)];
        };
        let schema = answer["content"].as_object().and_then(|contents| {
            let json = contents.iter().find(|(kind, _)| kind.contains("json"));
            json.map(|(_, content)| &content["schema"])
        });
        match schema {
            Some(schema) if !talk.answer.is_empty() => match serde_json::from_slice(&talk.answer) {
                Ok(body) => {
                    let faults = self.faults(schema, &body).into_iter();
                    faults.map(|fault| format!("{} answer {fault}", talk.status)).collect()
                }
                Err(error) => vec![format!("{} answer is no JSON: {error}", talk.status)],
            },
            Some(_) => vec![format!("{} answer is empty", talk.status)],
            None => vec![],
        }
    }

    /// Members no part of a schema names, where it names any and does not say that others are welcome.
    fn strange(&self, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let (mut members, mut items, mut open) = (Map::new(), Vec::new(), false);
        self.collect(schema, &mut members, &mut items, &mut open);
        let mut found = Vec::new();
        match value {
            Value::Object(object) => {
                for (name, inner) in object {
                    match members.get(name) {
                        Some(schema) => found.extend(self.strange(schema, inner, &format!("{at}/{name}"))),
                        None if open || members.is_empty() => {}
                        None => found.push(format!("{at}/{name}")),
                    }
                }
            }
            Value::Array(entries) => {
                for schema in &items {
                    found.extend(entries.iter().flat_map(|entry| self.strange(schema, entry, &format!("{at}[]"))));
                }
            }
            _ => {}
        }
        found
    }

    fn collect(&self, schema: &Value, members: &mut Map<String, Value>, items: &mut Vec<Value>, open: &mut bool) {
        let schema = self.resolve(schema);
        *open |= schema.get("additionalProperties").is_some_and(|more| more != &json!(false));
        members.extend(schema["properties"].as_object().cloned().unwrap_or_default());
        items.extend(schema.get("items").cloned());
        for part in ["allOf", "oneOf", "anyOf"].iter().filter_map(|word| schema[*word].as_array()).flatten() {
            self.collect(part, members, items, open);
        }
    }
}

/// A text as the type its schema wants, so that `limit=1` is a number.
fn typed(text: &str, schema: &Value) -> Value {
    let number = || text.parse::<i64>().ok().map(|number| json!(number));
    let flag = || text.parse::<bool>().ok().map(|flag| json!(flag));
    let typed = match schema["type"].as_str() {
        Some("integer" | "number") => number(),
        Some("boolean") => flag(),
        Some("array") => Some(json!(text.split(',').collect::<Vec<_>>())),
        _ => None,
    };
    typed.unwrap_or_else(|| json!(text))
}
