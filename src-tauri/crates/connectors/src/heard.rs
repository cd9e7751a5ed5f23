//! What a platform answered while something was done: the raw answers of writes, kept for whoever has to look closer.
//!
//! A tape runs for as long as one piece of work ([`during`]); the door puts on it what comes back meanwhile. It belongs
//! to the task that does the work: what a connector would spawn would not be heard, and nothing of ours spawns.
//!
//! Never on it: requests (what was to be sent is in the effect), headers, queries of addresses, and exchanges that sign
//! in ([`crate::Exchange::unheard`]). What is on it lost our secrets on the way, as everything that leaves a connector
//! does, and what lets whoever has it in elsewhere: fields that are named like keys, and links that carry a signature.
//! Buyers are on it: whoever keeps it keeps it like a record.

use crate::WireError;
use crate::redact::Unspoken;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::VecDeque;

/// Exchanges of one piece of work that are kept: the last ones.
pub const EXCHANGES_MAX: usize = 8;
/// So much of a body is kept, bytes.
pub const BODY_MAX: usize = 16 * 1024;
/// So much of a page for people, bytes: enough to see whose it is.
const PAGE_MAX: usize = 1024;
/// Of a body larger than this only the beginning is looked at, bytes.
const LOOKED_AT_MAX: usize = 1024 * 1024;
/// What stands in the place of a key.
const HIDDEN: &str = "•••";

/// Ends of names, small letters and digits only, under which platforms hand out keys.
const KEYS: &[&str] = &[
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "sessiontoken",
    "securitytoken",
    "restricteddatatoken",
    "clientsecret",
    "apisecret",
    "secretkey",
    "privatekey",
    "apikey",
    "password",
    "authorization",
];
/// Parts of the names of what signs a link.
const SIGNATURES: &[&str] = &["signature", "token", "credential", "secret", "password", "key", "auth"];

tokio::task_local! {
    static TAPE: RefCell<Rolling>;
}

/// A tape that runs.
#[derive(Default)]
struct Rolling {
    left_out: u32,
    exchanges: VecDeque<Heard>,
}

/// What was heard, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tape {
    /// Exchanges before them, which are not kept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u32,
    /// The last [`EXCHANGES_MAX`].
    pub exchanges: Vec<Heard>,
}

/// One exchange.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// When the answer came or was given up, ms UTC.
    pub at_ms: i64,
    /// How long it took, ms.
    pub took_ms: i64,
    /// HTTP method.
    pub method: String,
    /// Whom it went to.
    pub host: String,
    /// Path of the address, without its query.
    pub path: String,
    /// HTTP status; absent where nothing came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The platform's name for the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What is not in `body`, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// JSON as it is, anything else as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

// serde hands out references.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Tape {
    /// As it is kept; `None`: nothing was heard.
    pub fn text(&self) -> Option<String> {
        if self.exchanges.is_empty() { None } else { serde_json::to_string(self).ok() }
    }

    /// A kept one in lines, for people; a text that is no tape, as it is.
    pub fn readable(text: &str) -> String {
        let tape = serde_json::from_str::<Self>(text).ok();
        tape.and_then(|tape| serde_json::to_string_pretty(&tape).ok()).unwrap_or_else(|| text.to_owned())
    }
}

/// Does `work`, and gives what was heard meanwhile beside what came of it.
pub async fn during<W: Future>(work: W) -> (W::Output, Tape) {
    let done = TAPE.scope(RefCell::default(), async {
        let output = work.await;
        (output, TAPE.with(RefCell::take))
    });
    let (output, Rolling { left_out, exchanges }) = done.await;
    (output, Tape { left_out, exchanges: exchanges.into() })
}

/// Somebody listens.
pub(crate) fn is_running() -> bool {
    TAPE.try_with(|_| ()).is_ok()
}

/// Puts an exchange on the tape, if one runs.
pub(crate) fn keep(heard: Heard) {
    // Nobody listens: nothing to do.
    let _ = TAPE.try_with(|tape| {
        let mut tape = tape.borrow_mut();
        if tape.exchanges.len() == EXCHANGES_MAX {
            tape.exchanges.pop_front();
            tape.left_out += 1;
        }
        tape.exchanges.push_back(heard);
    });
}

/// What came back, fit to be kept: body and note.
pub(crate) fn told(
    outcome: &Result<http::Response<Vec<u8>>, WireError>,
    is_page: bool,
    unspoken: &Unspoken,
) -> (Option<Value>, Option<String>) {
    match outcome {
        Ok(response) => body(response.body(), is_page, unspoken),
        Err(WireError::NotSent(why)) => (None, Some(format!("Nothing was sent: {}", unspoken.quotable(why)))),
        Err(WireError::Lost(why)) => (None, Some(format!("No whole answer came back: {}", unspoken.quotable(why)))),
    }
}

fn body(bytes: &[u8], is_page: bool, unspoken: &Unspoken) -> (Option<Value>, Option<String>) {
    if bytes.is_empty() {
        return (None, None);
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return (None, Some(format!("{} bytes that are no text", bytes.len())));
    };
    let most = if is_page { PAGE_MAX } else { BODY_MAX };
    let looked_at = &text[..text.floor_char_boundary(LOOKED_AT_MAX)];
    let is_whole = looked_at.len() == text.len();
    let json = if is_whole { serde_json::from_str::<Value>(text).ok() } else { None };
    let clean = match json {
        // Inside strings, so that no way of writing a letter in JSON hides a secret.
        Some(mut value) => {
            quiet(&mut value, unspoken);
            let text = value.to_string();
            if text.len() <= most {
                return (Some(value), None);
            }
            text
        }
        None => without_signatures(&unspoken.cleaned(looked_at)).into_owned(),
    };
    if is_whole && clean.len() <= most {
        return (Some(Value::String(clean)), None);
    }
    // Where the text was cut before it was cleaned, its end may be a part of a secret that nobody knows for one.
    let clean_len = if is_whole { clean.len() } else { clean.len().saturating_sub(BODY_MAX) };
    let kept = clean.floor_char_boundary(most.min(clean_len));
    let note = format!("The first {kept} bytes of {}", bytes.len());
    (Some(Value::String(clean[..kept].to_owned())), Some(note))
}

/// Takes keys out of a JSON value.
fn quiet(value: &mut Value, unspoken: &Unspoken) {
    match value {
        Value::String(text) => {
            let clean = unspoken.cleaned(text);
            let clean = without_signatures(&clean);
            if *clean != **text {
                *text = clean.into_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| quiet(item, unspoken)),
        Value::Object(fields) => {
            let quieted = std::mem::take(fields).into_iter().map(|(name, mut value)| {
                if is_key(&name) && value.is_string() {
                    value = Value::String(HIDDEN.to_owned());
                } else {
                    quiet(&mut value, unspoken);
                }
                (unspoken.cleaned(&name).into_owned(), value)
            });
            *fields = quieted.collect::<Map<String, Value>>();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

pub(crate) fn is_key(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    KEYS.iter().any(|key| plain.ends_with(key))
}

/// Links that let whoever has them in, without what they let in by.
pub(crate) fn without_signatures(text: &str) -> Cow<'_, str> {
    let ends_link = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '\\');
    let mut out = String::new();
    let mut from = 0;
    let mut at = 0;
    while let Some(start) = text[at..].find("://").map(|found| at + found) {
        let end = text[start..].find(ends_link).map_or(text.len(), |found| start + found);
        if let Some((before, query)) = text[start..end].split_once('?')
            && signs(query)
        {
            out.push_str(&text[from..start + before.len()]);
            out.push('?');
            out.push_str(HIDDEN);
            from = end;
        }
        at = end;
    }
    if from == 0 { Cow::Borrowed(text) } else { Cow::Owned(out + &text[from..]) }
}

pub(crate) fn signs(query: &str) -> bool {
    query.split('&').any(|pair| {
        let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
        name == "sig" || SIGNATURES.iter().any(|part| name.contains(part))
    })
}

#[cfg(test)]
#[path = "heard_tests.rs"]
mod tests;
