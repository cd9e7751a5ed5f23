//! What BigCommerce's answers mean.
//!
//! One table by HTTP status; the two APIs word their errors differently (V2 a list
//! of `{status, message}`, V3 one problem with `title` and `errors` by field), and
//! [`said`] reads both. A status that is in no row means "a person must look" for
//! a change, never "try again".

use crate::{Answer, Door, DoorError, ReadError};
use quayside_model::time::{MINUTE_MS, SECOND_MS};
use quayside_model::{Cause, Confirmation, Refusal, Verdict};
use serde_json::Value;

/// Why a call gave no data. The variants differ in what they mean for a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// Not executed; the platform (or our budget) says when to come back.
    Wait {
        /// Earliest moment, ms UTC.
        at_ms: i64,
        /// What we wait on.
        why: String,
    },
    /// Not executed; time may help.
    NotExecuted(Refusal),
    /// Not executed; the sign-in no longer holds.
    SignIn(Refusal),
    /// Not executed; repeating changes nothing.
    Refused(Refusal),
    /// Not executed: what it is about is not there.
    Gone(Refusal),
    /// Too much was asked for at once; nothing was executed.
    TooLarge(Refusal),
    /// Perhaps executed.
    Lost(Refusal),
}

impl CallError {
    /// For a read.
    pub fn into_read_error(self) -> ReadError {
        match self {
            Self::Wait { at_ms, why } => ReadError::WaitUntil { at_ms, why },
            other => ReadError::Refused(other.into_refusal()),
        }
    }
    /// For a change that was sent.
    pub fn into_verdict(self) -> Verdict {
        match self {
            Self::Wait { at_ms, why } => Verdict::WaitUntil { at_ms, why },
            Self::NotExecuted(refusal) => Verdict::RetryLater(refusal),
            Self::SignIn(refusal) => Verdict::SignInAgain(refusal),
            Self::Refused(refusal) | Self::Gone(refusal) | Self::TooLarge(refusal) => Verdict::NeedsPerson(refusal),
            Self::Lost(refusal) => Verdict::AnswerLost(refusal),
        }
    }
    /// For the read before a change: the change itself was certainly not sent.
    pub fn before_change(self) -> Verdict {
        match self {
            Self::Lost(refusal) => Verdict::RetryLater(refusal),
            other => other.into_verdict(),
        }
    }
    /// For a question about a change.
    pub fn into_confirmation(self) -> Confirmation {
        Confirmation::CannotTell(self.into_refusal())
    }
    /// The failure itself.
    pub fn into_refusal(self) -> Refusal {
        match self {
            Self::Wait { why, .. } => Refusal::new(Cause::RateLimited, format!("Not now: {why}.")),
            Self::NotExecuted(refusal)
            | Self::SignIn(refusal)
            | Self::Refused(refusal)
            | Self::Gone(refusal)
            | Self::TooLarge(refusal)
            | Self::Lost(refusal) => refusal,
        }
    }
}

impl From<CallError> for ReadError {
    fn from(error: CallError) -> Self {
        error.into_read_error()
    }
}

impl From<DoorError> for CallError {
    fn from(error: DoorError) -> Self {
        match error {
            DoorError::NotSent(refusal) => Self::NotExecuted(refusal),
            DoorError::Lost(refusal) => Self::Lost(refusal),
            DoorError::Refused(refusal) => Self::Refused(refusal),
        }
    }
}

/// What a status means, before words are found for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// New credentials.
    SignIn,
    /// A person must act.
    Person,
    /// It is not there.
    Gone,
    /// Ask for less at once.
    Shrink,
    /// Not executed; look again.
    Again,
    /// Perhaps executed.
    Unknown,
}

/// HTTP statuses that are not 2xx; 429 is the client's own business.
#[rustfmt::skip] // a table
pub const STATUSES: &[(u16, u16, Meaning, Cause, &str)] = &[
    (400, 400, Meaning::Person, Cause::ContentRefused, "The store did not accept the content."),
    (401, 401, Meaning::SignIn, Cause::SignInNeeded, "The store does not accept the access token. The API account was deleted, or the token was copied in part. Make a new one and enter it."),
    (402, 402, Meaning::Person, Cause::AccountBlocked, "The store's bill is unpaid. Settle it in BigCommerce; then retry."),
    (403, 403, Meaning::Person, Cause::ScopeMissing, "The API account is not allowed to do this. Its permissions cannot be changed afterwards: make a new API account with those Quayside lists, and enter its token. A limit of the plan or a wrong store hash looks the same."),
    (404, 404, Meaning::Gone, Cause::ContentRefused, "The store does not have it (any more)."),
    (405, 406, Meaning::Person, Cause::NotUnderstood, "The store did not accept the form of the request. This is a fault of Quayside; please report it."),
    (408, 408, Meaning::Unknown, Cause::Offline, "The store gave up waiting for the request."),
    (409, 409, Meaning::Again, Cause::PlatformTrouble, "Something else changed it at the same moment."),
    (413, 413, Meaning::Shrink, Cause::ContentRefused, "Too much was asked for at once."),
    (415, 415, Meaning::Person, Cause::NotUnderstood, "The store did not accept the form of the request. This is a fault of Quayside; please report it."),
    (422, 422, Meaning::Person, Cause::ContentRefused, "The store did not accept the content."),
    (423, 423, Meaning::Again, Cause::PlatformTrouble, "The store locked it for a moment."),
    (500, 599, Meaning::Unknown, Cause::PlatformTrouble, "BigCommerce answers with an error of its own, or the store is in maintenance."),
];

/// Turns a status that is not 2xx into what it means.
pub fn by_status(door: &Door, answer: &Answer, what: &str) -> CallError {
    let row = STATUSES.iter().find(|(from, to, ..)| (*from..=*to).contains(&answer.status));
    let (meaning, cause, sentence) = row.map_or(
        (Meaning::Person, Cause::NotUnderstood, "The store gave an answer that Quayside does not know."),
        |(_, _, meaning, cause, sentence)| (*meaning, *cause, *sentence),
    );
    let refusal = door
        .refusal(cause, &format!("{what}. {sentence}"))
        .said(door.quotable(&said(answer)))
        .status(answer.status)
        .request(answer.request_id.clone());
    match meaning {
        Meaning::SignIn => CallError::SignIn(refusal),
        Meaning::Person => CallError::Refused(refusal),
        Meaning::Gone => CallError::Gone(refusal),
        Meaning::Shrink => CallError::TooLarge(refusal),
        Meaning::Again => CallError::NotExecuted(refusal),
        Meaning::Unknown => CallError::Lost(refusal),
    }
}

/// How long to stay away after a 429.
///
/// With the platform's headers: the longer of both. Without them the platform is
/// shedding load for this store, and each further refusal doubles the wait. A
/// header that is no number counts as absent: a wait of nothing would be an
/// instant retry.
pub fn throttle_wait_ms(answer: &Answer, refusals_before: u32) -> i64 {
    /// A little past the end of the window: the store's clock and ours are not one.
    const PAST_MS: i64 = 250;
    let reset_ms = header_number(answer, "x-rate-limit-time-reset-ms");
    let after_ms = header_number(answer, "x-retry-after").map(|seconds| seconds.saturating_mul(SECOND_MS));
    match reset_ms.max(after_ms) {
        Some(wait_ms) => wait_ms.clamp(0, 60 * MINUTE_MS) + PAST_MS,
        None => ((2 * SECOND_MS) << refusals_before.min(7)).min(5 * MINUTE_MS),
    }
}

/// A header as a whole number that is not negative; fractions are cut.
pub fn header_number(answer: &Answer, name: &str) -> Option<i64> {
    let number: f64 = answer.header(name).trim().parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number as i64)
}

/// The platform's words in an error body; nothing from a page for people.
pub fn said(answer: &Answer) -> String {
    if answer.is_html {
        return String::new();
    }
    let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else { return answer.text().into_owned() };
    words(&body)
}

/// The words of an error body, both forms.
fn words(body: &Value) -> String {
    match body {
        Value::Array(list) => list.iter().map(words).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; "),
        Value::Object(object) => {
            let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
            let fields = match object.get("errors") {
                Some(Value::Object(errors)) => errors
                    .iter()
                    .map(|(field, said)| format!("{field}: {}", plain(said)))
                    .collect::<Vec<_>>()
                    .join("; "),
                Some(Value::Array(list)) => list.iter().map(plain).collect::<Vec<_>>().join("; "),
                _ => String::new(),
            };
            // Refunds wrap their problems in `data`; V2 puts reasons into `details`.
            let inner = ["data", "details"].iter().filter_map(|name| object.get(*name)).map(words);
            let parts =
                [text("message"), text("title"), text("error"), text("detail"), fields].into_iter().chain(inner);
            let mut unique: Vec<String> = Vec::new();
            for part in parts.filter(|part| !part.is_empty()) {
                if !unique.contains(&part) {
                    unique.push(part);
                }
            }
            unique.join(": ")
        }
        Value::String(text) => text.clone(),
        _ => String::new(),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_status_has_one_row() {
        for status in 400..600 {
            let rows = STATUSES.iter().filter(|(from, to, ..)| (*from..=*to).contains(&status)).count();
            assert!(rows <= 1, "{status} is in {rows} rows");
        }
    }

    #[test]
    fn both_forms_of_errors_are_read() {
        for (body, expected) in [
            (
                json!([{"status": 404, "message": "The requested resource was not found."}]),
                "The requested resource was not found.",
            ),
            (
                json!([{"status": 400, "message": "The field 'items_total' cannot be written to.", "details": {"x": 1}}]),
                "The field 'items_total' cannot be written to.",
            ),
            (
                json!({"status": 422, "title": "JSON data is missing or invalid", "type": "t", "errors": {"value": "missing"}}),
                "JSON data is missing or invalid: value: missing",
            ),
            (
                json!({"data": [{"status": 503, "error": "Tax service gone away", "order_id": 1}], "meta": {}}),
                "Tax service gone away",
            ),
            (
                json!({"status": 400, "title": "Input is invalid", "detail": "Syntax error"}),
                "Input is invalid: Syntax error",
            ),
            (json!([]), ""),
        ] {
            assert_eq!(words(&body), expected);
        }
    }
}
