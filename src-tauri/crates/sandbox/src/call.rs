//! A request taken apart.

use http::{Method, Request};
use serde_json::Value;

/// A request taken apart.
pub struct Call<'a> {
    /// `GET`, `POST`, …
    pub method: Method,
    /// Parts of the path, decoded, without empty ones.
    pub path: Vec<String>,
    /// Query parameters, decoded, in order.
    pub query: Vec<(String, String)>,
    /// Body as sent.
    pub body: &'a [u8],
    /// The request itself, for headers.
    pub request: &'a Request<Vec<u8>>,
}

impl<'a> Call<'a> {
    /// Takes a request apart.
    pub fn of(request: &'a Request<Vec<u8>>) -> Self {
        let uri = request.uri();
        let path = uri.path().split('/').filter(|part| !part.is_empty()).map(decode).collect();
        let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        Self { method: request.method().clone(), path, query, body: request.body(), request }
    }

    /// The parts of the path as text, for matching.
    pub fn parts(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// A query parameter; an empty one is one that was not given.
    pub fn param(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name)?.to_str().ok()
    }

    /// The body as JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(self.body).ok()
    }
}

fn decode(part: &str) -> String {
    // A plus sign in a path is a plus sign; only the query reads it as a space.
    let kept = part.replace('+', "%2B");
    url::form_urlencoded::parse(format!("p={kept}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
