//! An answer on its way to becoming one.

pub use crate::call::Call;
use http::{Response, StatusCode, header};
use serde_json::Value;
use std::fmt::Write as _;
use std::sync::Arc;

/// An answer on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// What it says.
    pub body: Body,
}

/// What an answer says.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// JSON.
    Json(Value),
    /// A page of the older API: its rows are written already.
    Rows(Rows),
    /// Something else.
    Text(&'static str, String),
    /// Nothing.
    Empty,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// Member that holds the rows.
    pub key: &'static str,
    /// Rows, each as JSON.
    pub entries: Vec<Arc<str>>,
    /// Rows of all pages.
    pub total: usize,
    /// Number of this page, from 1.
    pub page: usize,
    /// Number of pages.
    pub pages: usize,
}

impl Rows {
    fn into_bytes(self) -> Vec<u8> {
        let Self { key, entries, total, page, pages } = self;
        let mut text = String::with_capacity(entries.iter().map(|row| row.len() + 1).sum::<usize>() + 100);
        text.push_str("{\"");
        text.push_str(key);
        text.push_str("\":[");
        for (index, row) in entries.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            text.push_str(row);
        }
        let _ = write!(text, "],\"total\":{total},\"page\":{page},\"pages\":{pages}}}");
        text.into_bytes()
    }
}

impl Answer {
    /// 200 with a page of a list.
    pub fn rows(key: &'static str, entries: Vec<Arc<str>>, page: &super::state::query::Page) -> Self {
        let rows = Rows { key, entries, total: page.total, page: page.page, pages: page.pages };
        Self { status: 200, body: Body::Rows(rows) }
    }
    /// 200 with JSON.
    pub fn ok(value: Value) -> Self {
        Self::json(200, value)
    }
    /// JSON with some status.
    pub fn json(status: u16, value: Value) -> Self {
        Self { status, body: Body::Json(value) }
    }
    /// 204.
    pub fn nothing() -> Self {
        Self { status: 204, body: Body::Empty }
    }
    /// Text with some status.
    pub fn text(status: u16, content_type: &'static str, text: impl Into<String>) -> Self {
        Self { status, body: Body::Text(content_type, text.into()) }
    }
    /// The whole answer, with these headers.
    pub fn into_response(self, headers: &[(&'static str, String)]) -> Response<Vec<u8>> {
        let (content_type, bytes) = match self.body {
            Body::Json(value) => {
                (Some("application/json; charset=utf-8"), serde_json::to_vec(&value).unwrap_or_default())
            }
            Body::Rows(rows) => (Some("application/json; charset=utf-8"), rows.into_bytes()),
            Body::Text(content_type, text) => (Some(content_type), text.into_bytes()),
            Body::Empty => (None, Vec::new()),
        };
        let mut response = Response::new(bytes);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Some(content_type) = content_type {
            response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
        }
        for (name, value) in headers {
            if let Ok(value) = header::HeaderValue::from_str(value) {
                response.headers_mut().insert(*name, value);
            }
        }
        response
    }
}

/// Text, or null when there is none.
pub fn text_or_null(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { Value::String(text.to_owned()) }
}

/// Money as the platform writes it: a decimal number with two places, whole numbers without.
pub fn money(amount: f64) -> Value {
    let cents = (amount * 100.0).round();
    if cents % 100.0 == 0.0 { Value::from((cents / 100.0) as i64) } else { Value::from(cents / 100.0) }
}

/// Minor units as a decimal number.
pub fn minor(amount: i64) -> Value {
    money(amount as f64 / 100.0)
}

/// A weight's value: whole numbers without a fraction.
pub fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e15 { Value::from(value as i64) } else { Value::from(value) }
}
