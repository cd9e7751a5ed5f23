//! The platform's own description, loaded and asked: is this request one it allows?

use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// Where the descriptions are; `None` (said aloud) when this machine has none.
pub fn folder() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/specs");
    let folder = std::env::var_os("QUAYSIDE_SPECS").map_or_else(beside, PathBuf::from).join("shipstation");
    if folder.join("v1-openapi.yaml").is_file() {
        return Some(folder);
    }
    eprintln!(
        "SKIPPED: ShipStation's descriptions are not at {}. Set QUAYSIDE_SPECS to the folder that holds them.",
        folder.display()
    );
    None
}

fn yaml(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_yaml_ng::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// One description.
pub struct Description {
    document: Value,
}

impl Description {
    pub fn v1() -> Option<Self> {
        Some(Self { document: yaml(&folder()?.join("v1-openapi.yaml")) })
    }

    /// The vendor's file with the overlay applied, and with what is left of its defects undone:
    /// - `x-nullable: true` is made to mean what it says;
    /// - a closed schema inside or around an `allOf` forbids its neighbours' fields, so that the vendor's own
    ///   samples fail: such schemas are opened here, and [`Description::unknown_members`] checks the names instead.
    pub fn v2() -> Option<Self> {
        let folder = folder()?;
        let mut document = yaml(&folder.join("v2-openapi.yaml"));
        for action in yaml(&folder.join("v2-fixes.overlay.yaml"))["actions"].as_array().unwrap() {
            let target = action["target"].as_str().unwrap().trim_start_matches("$.").replace('.', "/");
            let place = document
                .pointer_mut(&format!("/{target}"))
                .unwrap_or_else(|| panic!("the overlay's {target} is not in the file"));
            for (name, value) in action["update"].as_object().unwrap() {
                place[name] = value.clone();
            }
        }
        mend(&mut document);
        Some(Self { document })
    }

    /// The template of a path and its operation.
    fn operation(&self, method: &str, path: &str) -> Option<(&str, &Value)> {
        let paths = self.document["paths"].as_object()?;
        let fits = |template: &str| {
            let (a, b): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
            a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a == b || (a.starts_with('{') && !b.is_empty()))
        };
        // A literal path wins over a template.
        let mut found: Vec<(&String, &Value)> = paths.iter().filter(|(template, _)| fits(template)).collect();
        found.sort_by_key(|(template, _)| template.matches('{').count());
        let method = method.to_ascii_lowercase();
        found.into_iter().find_map(|(template, item)| Some((template.as_str(), item.get(&method)?)))
    }

    /// Everything this request breaks; empty if it is allowed.
    pub fn problems(&self, method: &str, url: &url::Url, body: Option<&Value>) -> Vec<String> {
        let Some((template, operation)) = self.operation(method, url.path()) else {
            return vec![format!("{method} {} is not described", url.path())];
        };
        let mut problems = Vec::new();
        let parameters: Vec<Value> = operation["parameters"]
            .as_array()
            .into_iter()
            .chain(self.document["paths"][template]["parameters"].as_array())
            .flatten()
            .map(|parameter| self.resolve(parameter).clone())
            .collect();
        let given: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        for (name, value) in &given {
            let Some(parameter) =
                parameters.iter().find(|parameter| parameter["in"] == "query" && parameter["name"] == name.as_str())
            else {
                problems.push(format!("{method} {template}: there is no parameter {name}"));
                continue;
            };
            problems.extend(
                self.errors(&parameter["schema"], &typed(value, self.resolve(&parameter["schema"])))
                    .into_iter()
                    .map(|error| format!("{template} ?{name}={value}: {error}")),
            );
        }
        for parameter in
            parameters.iter().filter(|parameter| parameter["required"] == true && parameter["in"] == "query")
        {
            if !given.iter().any(|(name, _)| parameter["name"] == name.as_str()) {
                problems.push(format!("{method} {template}: {} is missing", parameter["name"]));
            }
        }
        let request = self.resolve(&operation["requestBody"]);
        match (body, request["content"]["application/json"].get("schema")) {
            (None, Some(_)) if request["required"] == true => {
                problems.push(format!("{method} {template}: a body is missing"));
            }
            (Some(_), None) => problems.push(format!("{method} {template}: takes no body")),
            (Some(body), Some(schema)) => {
                problems.extend(
                    self.errors(schema, body).into_iter().map(|error| format!("{method} {template} body: {error}")),
                );
                problems.extend(
                    self.unknown_members(schema, body, "")
                        .into_iter()
                        .map(|name| format!("{method} {template} body: {name} is not described")),
                );
            }
            _ => {}
        }
        problems
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.document.pointer(reference.trim_start_matches('#')).unwrap_or(value),
            None => value,
        }
    }

    /// What a schema says against a value.
    pub fn errors(&self, schema: &Value, value: &Value) -> Vec<String> {
        let root = json!({"allOf": [schema], "components": self.document["components"]});
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .with_format("shipstation-pacific-datetime", |text: &str| {
                chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").is_ok() && !text.ends_with('Z')
            })
            .with_format("shipstation-pacific-date", |text: &str| {
                chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
            })
            .build(&root)
            .unwrap_or_else(|error| panic!("the description itself is broken: {error}"));
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    /// Members of a value that a schema (with all its parts) does not name. Lists and nested objects included.
    fn unknown_members(&self, schema: &Value, value: &Value, path: &str) -> Vec<String> {
        let mut members = Map::new();
        let mut open = false;
        self.collect(schema, &mut members, &mut open);
        let mut unknown = Vec::new();
        match value {
            Value::Object(object) => {
                for (name, inner) in object {
                    match members.get(name) {
                        Some(schema) => unknown.extend(self.unknown_members(schema, inner, &format!("{path}/{name}"))),
                        None if open || members.is_empty() => {}
                        None => unknown.push(format!("{path}/{name}")),
                    }
                }
            }
            Value::Array(entries) => {
                let mut items = Vec::new();
                self.items(schema, &mut items);
                for (schema, entry) in items.iter().flat_map(|schema| entries.iter().map(move |entry| (schema, entry)))
                {
                    unknown.extend(self.unknown_members(schema, entry, &format!("{path}[]")));
                }
            }
            _ => {}
        }
        unknown
    }

    fn collect(&self, schema: &Value, members: &mut Map<String, Value>, open: &mut bool) {
        let schema = self.resolve(schema);
        *open |= schema.get("additionalProperties") == Some(&Value::Bool(true));
        for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
            members.insert(name.clone(), inner.clone());
        }
        for part in ["allOf", "oneOf", "anyOf"].iter().filter_map(|word| schema[*word].as_array()).flatten() {
            self.collect(part, members, open);
        }
    }

    fn items(&self, schema: &Value, found: &mut Vec<Value>) {
        let schema = self.resolve(schema);
        found.extend(schema.get("items").cloned());
        for part in ["allOf", "oneOf", "anyOf"].iter().filter_map(|word| schema[*word].as_array()).flatten() {
            self.items(part, found);
        }
    }

    /// A schema by its name.
    pub fn schema(name: &str) -> Value {
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// A record made of the examples the description gives for each field.
    pub fn sample(&self, schema: &Value, depth: usize) -> Value {
        let schema = self.resolve(schema);
        if let Some(example) = schema.get("example").or_else(|| schema["examples"].get(0)) {
            return example.clone();
        }
        let mut members = Map::new();
        self.collect(schema, &mut members, &mut false);
        if !members.is_empty() {
            let inner =
                members.iter().filter(|_| depth < 5).map(|(name, inner)| (name.clone(), self.sample(inner, depth + 1)));
            return Value::Object(inner.collect());
        }
        let mut items = Vec::new();
        self.items(schema, &mut items);
        if let Some(item) = items.first() {
            return json!([self.sample(item, depth + 1)]);
        }
        for part in ["allOf", "oneOf", "anyOf"].iter().filter_map(|word| schema[*word].as_array()).flatten() {
            let sample = self.sample(part, depth + 1);
            if !sample.is_null() {
                return sample;
            }
        }
        schema.get("default").or_else(|| schema["enum"].get(0)).cloned().unwrap_or(Value::Null)
    }

    /// Every 2xx sample of an operation.
    pub fn samples(&self, method: &str, path: &str) -> Vec<Value> {
        let Some((_, operation)) = self.operation(method, path) else { panic!("{method} {path} is not described") };
        let answers =
            operation["responses"].as_object().into_iter().flatten().filter(|(status, _)| status.starts_with('2'));
        answers
            .filter_map(|(_, answer)| self.resolve(answer)["content"]["application/json"].get("example").cloned())
            .collect()
    }
}

/// A query's text as the type its schema wants, so that `page=1` is a number.
fn typed(text: &str, schema: &Value) -> Value {
    let is = |name: &str| {
        schema["type"] == name || schema["type"].as_array().is_some_and(|types| types.iter().any(|kind| kind == name))
    };
    if is("integer") || is("number") {
        return text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number));
    }
    if is("boolean") {
        return text.parse::<bool>().map_or_else(|_| json!(text), |flag| json!(flag));
    }
    json!(text)
}

/// See [`Description::v2`].
fn mend(value: &mut Value) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(mend),
        Value::Object(object) => {
            object.values_mut().for_each(mend);
            let is_schema =
                object.contains_key("type") || object.contains_key("allOf") || object.contains_key("properties");
            if is_schema && object.get("additionalProperties") == Some(&Value::Bool(false)) {
                object.remove("additionalProperties");
            }
            if object.remove("x-nullable") == Some(Value::Bool(true)) && is_schema {
                let schema = Value::Object(std::mem::take(object));
                object.insert("anyOf".into(), json!([schema, {"type": "null"}]));
            }
        }
        _ => {}
    }
}
