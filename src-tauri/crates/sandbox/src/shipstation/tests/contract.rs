//! The platform's own descriptions, held against every answer.
//!
//! The older API's file is taken as it is. The newer one's is wrong in places
//! (its SOURCE.md says so); each place where we part from it is an entry of
//! [`EXCEPTIONS`] with its reason. The folder with the files is optional.

use jsonschema::Validator;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

/// Schema, what is changed there, why.
type Exception = (&'static str, fn(&mut Value), &'static str);

/// Where the newer API's file is not followed: schema, what is changed there, why.
const EXCEPTIONS: &[Exception] = &[
    (
        "shipment_status",
        |schema| schema["enum"].as_array_mut().unwrap().extend([json!("on_hold"), json!("awaiting_payment")]),
        "the platform's newer pages (hold, split) name both; the file is older",
    ),
    (
        "partial_address",
        |schema| {
            for part in
                ["name", "phone", "address_line1", "city_locality", "state_province", "postal_code", "country_code"]
            {
                let known = schema["properties"][part].take();
                schema["properties"][part] = json!({ "anyOf": [known, { "type": "null" }] });
            }
        },
        "the older API takes orders without a telephone, a state or a street, and this API shows the same orders",
    ),
    (
        "service",
        |schema| schema["properties"]["carrier_code"] = json!({ "type": "string" }),
        "the file wants an id (se-1) where the platform gives a code (stamps_com)",
    ),
    (
        "label",
        |schema| {
            for id in ["shipment_id", "batch_id"] {
                let known = schema["properties"][id].take();
                schema["properties"][id] = json!({ "anyOf": [known, { "type": "null" }] });
            }
        },
        "a label made without an order has no shipment, one bought alone no batch; the file has a place for neither",
    ),
    (
        "tracking_information",
        |schema| {
            let event = &mut schema["properties"]["events"]["items"]["properties"];
            event["carrier_occurred_at"] = json!({ "type": "string" });
        },
        "the carrier's own clock comes without a zone; the file wants one",
    ),
    (
        "rates_information",
        |schema| schema["properties"]["created_at"] = json!({ "type": "string", "format": "date-time" }),
        "the file wants the moment of a quote to look like an id as well",
    ),
    (
        "create_shipments_response_body",
        |schema| schema["properties"]["shipments"] = json!({ "type": "array", "items": { "type": "object" } }),
        "a refused shipment comes back as it was sent, with errors, so it lacks what only answers have",
    ),
];

struct Book {
    document: Value,
    newer: bool,
    compiled: Mutex<HashMap<String, Option<Arc<Validator>>>>,
}

fn folder() -> Option<PathBuf> {
    let given = std::env::var_os("QUAYSIDE_SPECS").map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/specs");
    given.into_iter().chain([beside]).find(|folder| folder.join("shipstation").is_dir())
}

fn books() -> Option<&'static (Book, Book)> {
    static BOOKS: OnceLock<Option<(Book, Book)>> = OnceLock::new();
    BOOKS
        .get_or_init(|| {
            let Some(folder) = folder().map(|folder| folder.join("shipstation")) else {
                eprintln!("SKIPPED: answers are not held against the platform's descriptions: no folder ../shared/specs, no QUAYSIDE_SPECS");
                return None;
            };
            let read = |name: &str| -> Value {
                let text = std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
                serde_yaml_ng::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
            };
            let mut newer = read("v2-openapi.yaml");
            apply_overlay(&mut newer, &read("v2-fixes.overlay.yaml"));
            for (schema, change, _) in EXCEPTIONS {
                change(&mut newer["components"]["schemas"][*schema]);
            }
            let schemas = newer["components"]["schemas"].clone();
            let newer = flatten(&newer, &schemas);
            let book = |document, newer| Book { document, newer, compiled: Mutex::default() };
            Some((book(read("v1-openapi.yaml"), false), book(newer, true)))
        })
        .as_ref()
}

/// The overlay's actions: `$.a.b.c` and a shallow update.
fn apply_overlay(document: &mut Value, overlay: &Value) {
    for action in overlay["actions"].as_array().unwrap() {
        let target = action["target"].as_str().unwrap();
        let mut at = &mut *document;
        for part in target.trim_start_matches("$.").split('.') {
            at = at.get_mut(part).unwrap_or_else(|| panic!("the overlay's target {target} is not in the file"));
        }
        for (name, value) in action["update"].as_object().unwrap() {
            at[name] = value.clone();
        }
    }
}

/// `allOf` of closed objects becomes one closed object with all their properties: the only reading under which the
/// vendor's own samples are valid. `x-nullable` becomes null.
fn flatten(value: &Value, schemas: &Value) -> Value {
    match value {
        Value::Array(rows) => rows.iter().map(|row| flatten(row, schemas)).collect(),
        Value::Object(fields) => {
            let mut flat: Map<String, Value> =
                fields.iter().map(|(name, value)| (name.clone(), flatten(value, schemas))).collect();
            if fields.contains_key("allOf")
                && let Some(merged) = merge(value, schemas)
            {
                flat.remove("allOf");
                flat.extend(merged);
            }
            if flat.remove("x-nullable") == Some(Value::Bool(true)) {
                return json!({ "anyOf": [flat, { "type": "null" }] });
            }
            Value::Object(flat)
        }
        other => other.clone(),
    }
}

/// Properties, required names and closedness of a schema and all it is made of; `None` when it is no object.
fn merge(schema: &Value, schemas: &Value) -> Option<Map<String, Value>> {
    let mut properties = Map::new();
    let mut required: Vec<Value> = Vec::new();
    let mut closed = false;
    collect(schema, schemas, &mut properties, &mut required, &mut closed);
    if properties.is_empty() {
        return None;
    }
    let mut merged = Map::new();
    merged.insert("type".to_owned(), json!("object"));
    merged.insert("properties".to_owned(), flatten(&Value::Object(properties), schemas));
    merged.insert("required".to_owned(), Value::Array(required));
    merged.insert("additionalProperties".to_owned(), json!(!closed));
    Some(merged)
}

fn collect(
    schema: &Value,
    schemas: &Value,
    properties: &mut Map<String, Value>,
    required: &mut Vec<Value>,
    closed: &mut bool,
) {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/components/schemas/")) {
        return collect(&schemas[name], schemas, properties, required, closed);
    }
    if let Some(own) = schema["properties"].as_object() {
        properties.extend(own.clone());
    }
    if let Some(own) = schema["required"].as_array() {
        required.extend(own.clone());
    }
    *closed |= schema["additionalProperties"] == json!(false);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        collect(part, schemas, properties, required, closed);
    }
}

impl Book {
    /// The description's path that fits: fixed words before names in braces.
    fn template(&self, path: &str) -> Option<&str> {
        let parts: Vec<&str> = path.split('/').collect();
        let fits = |template: &&String| {
            let wanted: Vec<&str> = template.split('/').collect();
            wanted.len() == parts.len()
                && wanted.iter().zip(&parts).all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
        };
        let paths = self.document["paths"].as_object().unwrap();
        paths.keys().filter(fits).min_by_key(|template| template.matches('{').count()).map(String::as_str)
    }

    fn response_schema(&self, method: &str, path: &str, status: u16) -> Option<Value> {
        let error = || Some(json!({ "$ref": "#/components/schemas/error_response_body" }));
        // The newer file knows no 401, 403 and 429, and calls a 500 a success; its error body is meant everywhere.
        if self.newer && status >= 400 {
            return error();
        }
        let template = self.template(path)?;
        let mut response = &self.document["paths"][template][method.to_lowercase()]["responses"][status.to_string()];
        if let Some(name) = response["$ref"].as_str().and_then(|path| path.strip_prefix("#/components/responses/")) {
            response = &self.document["components"]["responses"][name];
        }
        response["content"]["application/json"].get("schema").cloned()
    }

    /// The schemas that one refers to, and those they refer to: compiling all of them for every call takes minutes.
    fn gather(&self, schema: &Value, needed: &mut Map<String, Value>) {
        match schema {
            Value::Array(rows) => rows.iter().for_each(|row| self.gather(row, needed)),
            Value::Object(fields) => {
                let path = fields.get("$ref").and_then(Value::as_str);
                if let Some(name) = path.and_then(|path| path.strip_prefix("#/components/schemas/"))
                    && !needed.contains_key(name)
                {
                    let found = self.document["components"]["schemas"][name].clone();
                    needed.insert(name.to_owned(), found.clone());
                    self.gather(&found, needed);
                }
                fields.values().for_each(|value| self.gather(value, needed));
            }
            _ => {}
        }
    }

    fn validator(&self, method: &str, path: &str, status: u16) -> Option<Arc<Validator>> {
        let key = format!("{method} {:?} {status}", self.template(path));
        let mut compiled = self.compiled.lock().unwrap();
        if let Some(known) = compiled.get(&key) {
            return known.clone();
        }
        let made = self.response_schema(method, path, status).map(|schema| {
            let mut needed = Map::new();
            self.gather(&schema, &mut needed);
            let root = json!({ "allOf": [schema], "components": { "schemas": needed } });
            let options = jsonschema::draft202012::options()
                .should_validate_formats(true)
                .with_format("shipstation-pacific-datetime", pacific_datetime)
                .with_format("shipstation-pacific-date", |text: &str| {
                    text.len() == 10 && text.matches('-').count() == 2
                });
            Arc::new(options.build(&root).unwrap_or_else(|error| panic!("{key}: {error}")))
        });
        compiled.insert(key, made.clone());
        made
    }
}

/// `2026-03-02T09:14:27.5030000`, with 0 to 7 digits behind the point, never with an offset.
fn pacific_datetime(text: &str) -> bool {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.len() <= 7 && fraction.chars().all(|digit| digit.is_ascii_digit());
    digits && chrono::NaiveDateTime::parse_from_str(clock, "%Y-%m-%dT%H:%M:%S").is_ok()
}

/// Holds an answer against the description. Answers outside it (unknown paths and methods) are not in the file.
pub fn check(method: &str, path: &str, status: u16, body: &Value, text: &str) {
    let Some((older, newer)) = books() else { return };
    let path = path.split('?').next().unwrap();
    let book = if path.starts_with("/v2/") { newer } else { older };
    let plain_refusal = !book.newer && status == 401 && text == "401 Unauthorized";
    if status == 204 || plain_refusal {
        return;
    }
    let Some(validator) = book.validator(method, path, status) else {
        let described =
            book.template(path).is_some_and(|t| book.document["paths"][t].get(method.to_lowercase()).is_some());
        let newer_call = path.ends_with("/hold") || path.ends_with("/restore");
        let unchecked = text.is_empty() || status == 405 || newer_call;
        assert!(
            unchecked || (status == 404 && !described),
            "{method} {path} {status} is not in the description: {text}"
        );
        return;
    };
    let problems: Vec<String> =
        validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).take(5).collect();
    let start: String = text.chars().take(600).collect();
    assert!(problems.is_empty(), "{method} {path} {status}\n{}\n{start}", problems.join("\n"));
}

#[test]
fn a_wrong_answer_is_noticed() {
    let Some((older, newer)) = books() else { return };
    let v1 = older.validator("GET", "/orders/1", 200).unwrap();
    assert!(v1.is_valid(&json!({
        "orderId": 1, "orderNumber": "1", "orderKey": "k", "orderDate": "2026-03-02T08:02:11.0000000",
        "createDate": "2026-03-02T08:02:11", "modifyDate": "2026-03-02T08:02:11", "orderStatus": "shipped",
    })));
    assert!(!v1.is_valid(&json!({
        "orderId": 1, "orderNumber": "1", "orderKey": "k", "orderDate": "2026-03-02T08:02:11Z",
        "createDate": "2026-03-02T08:02:11", "modifyDate": "2026-03-02T08:02:11", "orderStatus": "shipped",
    })));
    let v2 = newer.validator("GET", "/v2/tags", 200).unwrap();
    assert!(v2.is_valid(&json!({ "tags": [{ "name": "Gift" }] })));
    assert!(!v2.is_valid(&json!({ "tags": [{ "name": "Gift", "tagId": 1 }] })), "closed objects stay closed");
    let shipment = newer.validator("GET", "/v2/shipments/se-1", 200).unwrap();
    let problems = shipment.iter_errors(&json!({ "shipment_id": "se-1", "orderId": 1 })).count();
    assert!(problems >= 2, "missing and unknown properties of a merged object");
}

#[test]
fn every_exception_has_its_reason() {
    for (schema, _, reason) in EXCEPTIONS {
        assert!(reason.split_whitespace().count() > 5, "{schema}");
    }
}
