//! A wire that changes answers on their way: one record of a list, as a platform might send it tomorrow.
//!
//! Reports come as packed text, a row a line: each row is shown as an object of its cells, and goes back as text.

use async_trait::async_trait;
use quayside_connectors::{Wire, WireError};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

/// What is done to an answer.
pub type Change = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// Passes everything on; answers that are JSON or packed tables go through `change`.
pub struct Tamper {
    /// The wire behind it.
    pub inner: Arc<dyn Wire>,
    /// What is done.
    pub change: Change,
}

#[async_trait]
impl Wire for Tamper {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        let mut response = self.inner.send(request, timeout).await?;
        if let Ok(mut body) = serde_json::from_slice::<Value>(response.body()) {
            (self.change)(&mut body);
            *response.body_mut() = body.to_string().into_bytes();
            response.headers_mut().remove("content-length");
        } else if let Some(text) = unpacked(response.body()) {
            *response.body_mut() = packed(&with_rows(&text, &self.change));
            response.headers_mut().remove("content-length");
        }
        Ok(response)
    }
}

fn unpacked(bytes: &[u8]) -> Option<String> {
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(bytes).read_to_string(&mut text).ok()?;
    Some(text)
}

fn packed(text: &str) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap()
}

/// A table whose rows went through `change`.
fn with_rows(text: &str, change: &Change) -> String {
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut lines = text.lines();
    let head = lines.next().unwrap_or_default();
    let columns: Vec<&str> = head.split('\t').collect();
    let mut out = vec![head.to_owned()];
    for line in lines {
        let cells = columns.iter().zip(line.split('\t')).map(|(name, text)| ((*name).to_owned(), json!(text)));
        let mut row = Value::Object(cells.collect());
        change(&mut row);
        out.push(match &row {
            Value::Object(row) => {
                columns.iter().map(|name| row.get(*name).map(cell).unwrap_or_default()).collect::<Vec<_>>().join("\t")
            }
            other => cell(other),
        });
    }
    out.join("\r\n")
}

/// Every object of an answer that is the record `id`: it holds its id under `key` (members of members with a slash
/// between), and has a member `mark` (which tells the record from mere mentions of it), or has it not (`!mark`).
pub fn each_record(value: &mut Value, key: &str, id: &str, mark: &str, act: &mut dyn FnMut(&mut Value)) {
    let named = match value.pointer(&format!("/{key}")) {
        Some(Value::String(known)) => known == id,
        Some(Value::Number(known)) => known.to_string() == id,
        _ => false,
    };
    let marked = mark.strip_prefix('!').map_or_else(|| value.get(mark).is_some(), |not| value.get(not).is_none());
    if named && marked {
        return act(value);
    }
    match value {
        Value::Object(object) => object.values_mut().for_each(|inner| each_record(inner, key, id, mark, act)),
        Value::Array(entries) => entries.iter_mut().for_each(|inner| each_record(inner, key, id, mark, act)),
        _ => {}
    }
}

/// Every place in a record, as pointers: members of objects, and the first entry of lists.
pub fn places(value: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, found: &mut Vec<String>) {
        let mut step = |name: &str, inner: &Value| {
            let here = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            found.push(here.clone());
            walk(inner, &here, found);
        };
        match value {
            Value::Object(object) => object.iter().for_each(|(name, inner)| step(name, inner)),
            Value::Array(entries) => entries.iter().take(1).for_each(|inner| step("0", inner)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found
}
