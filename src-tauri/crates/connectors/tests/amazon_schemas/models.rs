//! Amazon's models (Swagger 2.0): which operation a request is, and whether it is as described.

use crate::common::Talk;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

const FILES: &[&str] = &[
    "orders_2026-01-01.json",
    "ordersV0.json",
    "feeds_2021-06-30.json",
    "reports_2021-06-30.json",
    "sellers.json",
    "listingsItems_2021-08-01.json",
];

fn folder() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/specs");
    let folder = std::env::var_os("QUAYSIDE_SPECS").map_or_else(beside, PathBuf::from).join("amazon");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!(
        "SKIPPED: Amazon's models are not at {}. Set QUAYSIDE_SPECS to the folder that holds them.",
        folder.display()
    );
    None
}

/// Pairs of requests and answers that Amazon publishes; `None` (told aloud) where they are not at hand.
pub fn samples(file: &str) -> Option<Vec<Value>> {
    let text = std::fs::read_to_string(folder()?.join(file)).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

pub struct Models(Vec<Value>);

impl Models {
    /// `None` (told aloud) where they are not at hand.
    pub fn read() -> Option<Self> {
        let folder = folder()?;
        let read = |file: &&str| serde_json::from_str(&std::fs::read_to_string(folder.join(file)).unwrap()).unwrap();
        Some(Self(FILES.iter().map(read).collect()))
    }

    /// The operation of an exchange, after a look at request and answer; `None` for the sign-in and files.
    pub fn check(&self, exchange: &Talk) -> Option<String> {
        let url = url::Url::parse(&exchange.url).unwrap();
        let path = url.path();
        if path == "/auth/o2/token" || path.starts_with("/files/") {
            return None;
        }
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let (model, operation) = self
            .0
            .iter()
            .find_map(|model| {
                let paths = model["paths"].as_object().unwrap();
                // A path without variables goes before one with.
                let mut fitting: Vec<_> = paths.iter().filter(|(path, _)| fits(path, &parts)).collect();
                fitting.sort_by_key(|(path, _)| path.matches('{').count());
                let (_, methods) = fitting.first()?;
                Some((model, methods.get(exchange.method.to_lowercase())?))
            })
            .unwrap_or_else(|| panic!("{} {} is in no model", exchange.method, path));
        let name = operation["operationId"].as_str().unwrap().to_owned();
        check_query(model, operation, url.query().unwrap_or_default(), &name);
        let body =
            operation["parameters"].as_array().unwrap().iter().map(|p| resolved(model, p)).find(|p| p["in"] == "body");
        match body {
            Some(parameter) => {
                valid(model, &parameter["schema"], &serde_json::from_slice(&exchange.body).unwrap(), &name);
            }
            None => assert!(exchange.body.is_empty(), "{name} takes no body"),
        }
        let answer = &operation["responses"][exchange.status.to_string()];
        assert!(answer.is_object(), "{name} never answers {}", exchange.status);
        let answer = resolved(model, answer);
        if answer.get("schema").is_some() && !exchange.answer.is_empty() {
            valid(model, &answer["schema"], &serde_json::from_slice(&exchange.answer).unwrap(), &name);
        }
        Some(name)
    }
}

fn check_query(model: &Value, operation: &Value, query: &str, name: &str) {
    let parameters: Vec<Value> =
        operation["parameters"].as_array().unwrap().iter().map(|p| resolved(model, p)).collect();
    let sent: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let names: BTreeSet<&str> = sent.iter().map(|(name, _)| name.as_str()).collect();
    for (query, text) in &sent {
        let parameter = parameters
            .iter()
            .find(|p| p["in"] == "query" && p["name"] == query.as_str())
            .unwrap_or_else(|| panic!("{name} has no parameter {query}"));
        let values: Vec<&str> = if parameter["type"] == "array" { text.split(',').collect() } else { vec![text] };
        let allowed = parameter["items"]["enum"].as_array().or_else(|| parameter["enum"].as_array());
        for value in values {
            assert!(allowed.is_none_or(|list| list.contains(&json!(value))), "{name}: {query}={value}");
        }
    }
    for parameter in parameters.iter().filter(|p| p["in"] == "query" && p["required"] == true) {
        let wanted = parameter["name"].as_str().unwrap();
        assert!(names.contains(wanted), "{name} needs {wanted}");
    }
}

fn fits(path: &str, parts: &[&str]) -> bool {
    let wanted: Vec<&str> = path.trim_matches('/').split('/').collect();
    wanted.len() == parts.len()
        && wanted.iter().zip(parts).all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
}

fn resolved(model: &Value, value: &Value) -> Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(reference) => model.pointer(reference.trim_start_matches('#')).unwrap().clone(),
        None => value.clone(),
    }
}

fn valid(model: &Value, schema: &Value, value: &Value, name: &str) {
    let mut whole = schema.clone();
    whole["definitions"] = model["definitions"].clone();
    let validator = jsonschema::draft4::new(&whole).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}\n{value}");
}
