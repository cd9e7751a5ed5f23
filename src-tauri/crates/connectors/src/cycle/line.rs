//! What goes over the wire, in a form that can be read, written down and compared.

use super::{HIDDEN, NOWHERE};
use crate::heard::{is_key, signs};
use crate::{WireError, door};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};

/// Headers that say nothing of what is asked: they name the program, or belong to the transport.
const UNASKED: [&str; 5] = ["user-agent", "host", "content-length", "accept-encoding", "connection"];
/// Headers of an answer that belong to the transport, or open doors.
const UNANSWERED: [&str; 5] = ["set-cookie", "content-encoding", "content-length", "transfer-encoding", "connection"];

/// A request, but for what opens doors.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// HTTP method.
    pub method: String,
    /// Path of the address; the host is left out.
    pub path: String,
    /// Its query, decoded; empty for links that carry a signature.
    pub query: Vec<(String, String)>,
    /// Headers by name; what opens a door is blank.
    pub headers: BTreeMap<String, String>,
    /// JSON as it is, anything else as text.
    pub body: Value,
}

impl Line {
    /// Of a request; `prefix`: the beginning of the path that belongs to the account's address.
    pub(super) fn of(request: &http::Request<Vec<u8>>, prefix: &str) -> Self {
        let uri = request.uri();
        let path = uri.path();
        let path = path.strip_prefix(prefix).unwrap_or(path).to_owned();
        let method = request.method().to_string();
        // Who one is, is the one thing that is not in a recording.
        if signs_in(&path) {
            return Self { method, path, ..Self::default() };
        }
        let raw = uri.query().unwrap_or_default();
        let query: Vec<(String, String)> = url::form_urlencoded::parse(raw.as_bytes()).into_owned().collect();
        let signed = signs(raw) || query.iter().any(|(name, _)| name == HIDDEN);
        let headers = request.headers().iter().filter(|(name, _)| !UNASKED.contains(&name.as_str()));
        let headers = headers.map(|(name, value)| {
            let opens = value.is_sensitive() || name.as_str().contains("signature");
            let text = if opens { HIDDEN } else { value.to_str().unwrap_or(HIDDEN) };
            (name.as_str().to_owned(), text.to_owned())
        });
        Self {
            method,
            path,
            query: if signed { Vec::new() } else { query },
            headers: headers.collect(),
            body: read(request.body()),
        }
    }
}

/// It fetches a key.
fn signs_in(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path.contains("oauth") || path.contains("/auth/") || path.ends_with("token")
}

fn read(body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    match std::str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
        Err(_) => Value::String(format!("{} bytes that are no text", body.len())),
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answered {
    /// An answer.
    Came {
        /// HTTP status.
        status: u16,
        /// Headers.
        headers: Vec<(String, String)>,
        /// Body.
        body: Body,
    },
    /// Nothing was sent.
    NotSent(String),
    /// No whole answer came back.
    Lost(String),
}

/// A body, in a form in which words can be found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// None.
    Empty,
    /// JSON.
    Json(Value),
    /// Text.
    Text(String),
    /// Text that came packed (gzip).
    Packed(String),
    /// Text of another alphabet: a letter for each byte.
    Bytewise(String),
}

impl Answered {
    pub(super) fn of(outcome: &Result<http::Response<Vec<u8>>, WireError>) -> Self {
        match outcome {
            Ok(response) => {
                let headers = response.headers().iter().filter(|(name, _)| !UNANSWERED.contains(&name.as_str()));
                let headers = headers
                    .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
                Self::Came {
                    status: response.status().as_u16(),
                    headers: headers.collect(),
                    body: Body::of(response.body()),
                }
            }
            Err(WireError::NotSent(why)) => Self::NotSent(why.clone()),
            Err(WireError::Lost(why)) => Self::Lost(why.clone()),
        }
    }

    /// As it came.
    pub(super) fn again(&self) -> Result<http::Response<Vec<u8>>, WireError> {
        match self {
            Self::Came { status, headers, body } => {
                let mut builder = http::Response::builder().status(*status);
                for (name, value) in headers {
                    builder = builder.header(name.as_str(), value.as_str());
                }
                let odd = |why: String| WireError::Lost(format!("the recording holds no whole answer ({why})"));
                let bytes = body.bytes().map_err(|error| odd(error.to_string()))?;
                builder.body(bytes).map_err(|error| odd(error.to_string()))
            }
            Self::NotSent(why) => Err(WireError::NotSent(why.clone())),
            Self::Lost(why) => Err(WireError::Lost(why.clone())),
        }
    }

    /// Every key that was handed out.
    pub(super) fn keys(&self, keys: &mut Vec<String>) {
        if let Self::Came { body: Body::Json(value), .. } = self {
            find_keys(value, keys);
        }
    }
}

fn find_keys(value: &Value, keys: &mut Vec<String>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| find_keys(one, keys)),
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(key) if is_key(name) && !key.is_empty() => keys.push(key.clone()),
                    other => find_keys(other, keys),
                }
            }
        }
        _ => {}
    }
}

impl Body {
    fn of(bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self::Empty;
        }
        if let Some(text) = unpacked(bytes) {
            return Self::Packed(text);
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Self::Bytewise(bytes.iter().copied().map(char::from).collect());
        };
        match serde_json::from_str(text) {
            Ok(value @ (Value::Object(_) | Value::Array(_))) => Self::Json(value),
            // It broke off: whose its fields are nobody can tell any more, and as little of it cannot be read either.
            Err(_) if text.trim_start().starts_with(['{', '[']) => {
                Self::Text(text.trim_start().chars().take(1).collect())
            }
            _ => Self::Text(text.to_owned()),
        }
    }

    fn bytes(&self) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Empty => Ok(Vec::new()),
            Self::Json(value) => Ok(value.to_string().into_bytes()),
            Self::Text(text) => Ok(text.clone().into_bytes()),
            Self::Packed(text) => {
                let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                packer.write_all(text.as_bytes())?;
                packer.finish()
            }
            // A stand-in is as plain as the word was.
            Self::Bytewise(text) => Ok(text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()),
        }
    }
}

fn unpacked(bytes: &[u8]) -> Option<String> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return None;
    }
    let mut text = String::new();
    let most = u64::try_from(door::ANSWER_MAX_BYTES).unwrap_or(u64::MAX);
    flate2::read::MultiGzDecoder::new(bytes).take(most).read_to_string(&mut text).ok()?;
    Some(text)
}

/// The beginning of an address, without its path.
pub(super) fn origin(uri: &http::Uri) -> Option<String> {
    Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?))
}

/// A text whose links lead nowhere.
pub(super) fn led_nowhere(text: &str, origins: &std::collections::BTreeSet<String>) -> Option<String> {
    let mut changed = None;
    for origin in origins {
        let now: &str = changed.as_deref().unwrap_or(text);
        if now.contains(origin.as_str()) {
            changed = Some(now.replace(origin.as_str(), NOWHERE));
        }
    }
    changed
}
