//! A wire that changes answers on their way: one record of a list, as a platform might send it tomorrow.

use async_trait::async_trait;
use quayside_connectors::{Wire, WireError};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// What is done to an answer.
pub type Change = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// Passes everything on; answers that are JSON go through `change`.
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
        }
        Ok(response)
    }
}

/// Every object of an answer that is the record `id`: it holds its id under `key`, and has a member `mark`
/// (which tells the record from mere mentions of it).
pub fn each_record(value: &mut Value, key: &str, id: &str, mark: &str, act: &mut dyn FnMut(&mut Value)) {
    let named = match value.get(key) {
        Some(Value::String(known)) => known == id,
        Some(Value::Number(known)) => known.to_string() == id,
        _ => false,
    };
    if named && value.get(mark).is_some() {
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
