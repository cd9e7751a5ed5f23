//! One request, as a profile says it looks. Pure: the dry run of the mapping screen and the client use the same function.

use super::expr::{Prepared, without_nulls};
use super::profile::{ConcurrencyStyle, IdempotencyStyle, Operation, Profile, SourceStyle, as_text};
use serde_json::Value;
use std::collections::BTreeMap;

/// What an operation is filled in with.
#[derive(Debug, Clone, Default)]
pub(super) struct Filling<'a> {
    /// Placeholders of the path.
    pub path: BTreeMap<&'a str, String>,
    /// Our parameters of a list.
    pub query: BTreeMap<&'a str, String>,
    /// Our record, for the body.
    pub record: Option<&'a Value>,
    /// The version the record had when it was read, in their form.
    pub version: Option<&'a Value>,
    /// Permanent name of the write.
    pub write_id: Option<String>,
    /// Key against doubles.
    pub key: Option<String>,
}

impl<'a> Filling<'a> {
    pub(super) fn path(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.path.insert(name, value.into());
        self
    }
    pub(super) fn query(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.query.insert(name, value.into());
        self
    }
    pub(super) fn record(mut self, record: &'a Value) -> Self {
        self.record = Some(record);
        self
    }
    pub(super) fn version(mut self, version: Option<&'a Value>) -> Self {
        self.version = version.filter(|version| !version.is_null());
        self
    }
}

/// A request without host and key.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rendered {
    pub operation: String,
    pub method: http::Method,
    /// Below the base URL, encoded.
    pub path: String,
    /// Their names, not encoded yet.
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Option<Value>,
    /// Statuses that mean success; empty: every 2xx.
    pub success: Vec<u16>,
}

/// Renders an operation, or says what is missing.
pub(super) fn render(profile: &Profile, name: &str, filling: &Filling<'_>) -> Result<Rendered, String> {
    let unknown = || {
        format!(
            "The profile \"{}\" knows no path for {name}. Fill it in, or import the vendor's collection.",
            profile.title()
        )
    };
    let operation = profile.operations.get(name).ok_or_else(unknown)?;
    let path = path(operation.path.as_deref().ok_or_else(unknown)?, filling)?;
    let method = http::Method::from_bytes(operation.method.as_bytes())
        .map_err(|_| format!("\"{}\" is not a method of HTTP.", operation.method))?;
    let writes = method != http::Method::GET;
    let mut headers: Vec<(String, String)> =
        profile.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
    if writes {
        if let (IdempotencyStyle::Header, Some(header), Some(key)) =
            (profile.idempotency.style, &profile.idempotency.header, &filling.key)
        {
            headers.push((header.to_ascii_lowercase(), key.clone()));
        }
        if let (SourceStyle::Header, Some(header), Some(id)) =
            (profile.write_source.style, &profile.write_source.header, &filling.write_id)
        {
            headers.push((header.to_ascii_lowercase(), format!("{SYSTEM}:{id}")));
        }
        if let (ConcurrencyStyle::Etag, Some(version)) = (profile.concurrency.style, filling.version.and_then(as_text))
        {
            headers.push(("if-match".to_owned(), format!("\"{version}\"")));
        }
    }
    let body = if writes { body(profile, name, operation, filling)? } else { None };
    Ok(Rendered {
        operation: name.to_owned(),
        method,
        path,
        query: query(operation, filling),
        headers,
        body,
        success: operation.success.clone(),
    })
}

/// Our name as the system a write came from, and of our references on their records.
pub(super) const SYSTEM: &str = "quayside";

fn path(template: &str, filling: &Filling<'_>) -> Result<String, String> {
    let mut path = template.to_owned();
    for (name, value) in &filling.path {
        if value.is_empty() || value == "." || value == ".." {
            return Err(format!("{{{name}}} of {template} is empty."));
        }
        path = path.replace(&format!("{{{name}}}"), &segment(value));
    }
    match path.split_once('{') {
        Some((_, rest)) => {
            let name = rest.split('}').next().unwrap_or_default();
            Err(format!("{{{name}}} of {template} is not known."))
        }
        None => Ok(path),
    }
}

fn query(operation: &Operation, filling: &Filling<'_>) -> Vec<(String, String)> {
    let fixed = operation.fixed_query.iter().map(|(name, value)| (name.clone(), value.clone()));
    let given =
        filling.query.iter().filter_map(|(ours, value)| Some((operation.query.get(*ours)?.clone(), value.clone())));
    fixed.chain(given).collect()
}

fn body(profile: &Profile, name: &str, operation: &Operation, filling: &Filling<'_>) -> Result<Option<Value>, String> {
    let Some(template) = &operation.body else { return Ok(None) };
    let empty = Value::Object(serde_json::Map::new());
    let rendered = fill(profile, template, &Prepared::of(filling.record.unwrap_or(&empty)))
        .map_err(|why| format!("The body of {name} could not be made: {why}."))?;
    let mut body = without_nulls(rendered);
    if let (ConcurrencyStyle::VersionField, Some(field), Some(version), Value::Object(fields)) =
        (profile.concurrency.style, &profile.concurrency.body_field, filling.version, &mut body)
    {
        fields.insert(field.clone(), version.clone());
    }
    Ok(Some(body))
}

/// A template over a record: texts that begin with `=` are expressions.
fn fill(profile: &Profile, template: &Value, record: &Prepared) -> Result<Value, String> {
    Ok(match template {
        Value::String(text) => match text.strip_prefix('=') {
            Some(expression) => profile.ask(expression, record)?,
            None => template.clone(),
        },
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| fill(profile, item, record)).collect::<Result<_, _>>()?)
        }
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(name, field)| Ok((name.clone(), fill(profile, field, record)?)))
                .collect::<Result<_, String>>()?,
        ),
        other => other.clone(),
    })
}

/// `text` as one segment of a path, or one value of a query.
pub(super) fn segment(text: &str) -> String {
    // Form encoding writes a space as `+`, which a path takes literally.
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// The query in its encoded form.
pub(super) fn encoded(query: &[(String, String)]) -> String {
    query.iter().map(|(name, value)| format!("{}={}", segment(name), segment(value))).collect::<Vec<_>>().join("&")
}
