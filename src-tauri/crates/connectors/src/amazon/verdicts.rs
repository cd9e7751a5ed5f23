//! What Amazon's answers mean: the status decides, `errors[]` is quoted.
//!
//! `code` is a free text that differs between operations and even between two
//! answers of one (`InvalidInput`, `Invalid Input`, `400`): nothing hangs on it
//! except the few words below. For a change, an answer that is in no table means
//! "a person must look", never "try again".

use crate::wait::later;
use crate::{Answer, Door, DoorError, ReadError};
use quayside_model::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
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
    /// Not executed; repeating changes nothing. With Amazon's own words.
    Refused(Refusal, Vec<ApiError>),
    /// Perhaps executed.
    Lost(Refusal),
}

/// One entry of `errors[]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiError {
    /// A free text.
    pub code: String,
    /// In Amazon's words.
    pub message: String,
    /// More of them.
    pub details: String,
}

impl CallError {
    /// HTTP status, where an answer came.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Wait { .. } => None,
            Self::NotExecuted(refusal) | Self::SignIn(refusal) | Self::Refused(refusal, _) | Self::Lost(refusal) => {
                refusal.status
            }
        }
    }
    /// The failure in words.
    pub fn refusal(self) -> Refusal {
        match self {
            Self::Wait { why, .. } => Refusal::new(Cause::RateLimited, why),
            Self::NotExecuted(refusal) | Self::SignIn(refusal) | Self::Refused(refusal, _) | Self::Lost(refusal) => {
                refusal
            }
        }
    }
    /// For a read.
    pub fn into_read_error(self) -> ReadError {
        match self {
            Self::Wait { at_ms, why } => ReadError::WaitUntil { at_ms, why },
            other => ReadError::Refused(other.refusal()),
        }
    }
    /// For a change that was sent.
    pub fn into_verdict(self) -> Verdict {
        match self {
            Self::Wait { at_ms, why } => Verdict::WaitUntil { at_ms, why },
            Self::NotExecuted(refusal) => Verdict::RetryLater(refusal),
            Self::SignIn(refusal) => Verdict::SignInAgain(refusal),
            Self::Refused(refusal, _) => Verdict::NeedsPerson(refusal),
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
        Confirmation::CannotTell(self.refusal())
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
            DoorError::Refused(refusal) => Self::Refused(refusal, Vec::new()),
        }
    }
}

/// What an answer means, before words are found for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Come back in so many ms, if no better time is known.
    Wait(i64),
    /// Not executed; time may help.
    Later,
    /// New credentials.
    SignIn,
    /// A person must act.
    Person,
    /// Perhaps executed.
    Unknown,
}

/// HTTP statuses that are not 2xx.
#[rustfmt::skip] // a table
pub const STATUSES: &[(u16, u16, Meaning, Cause, &str)] = &[
    (400, 400, Meaning::Person, Cause::ContentRefused, "Amazon did not accept the content."),
    (401, 401, Meaning::SignIn, Cause::SignInNeeded, "Amazon no longer accepts the access token. Authorise the app again and paste the new refresh token."),
    (403, 403, Meaning::Person, Cause::ScopeMissing, "Amazon does not allow this. The app lacks a role, was authorised before it got the role, or the account may not sell in this marketplace. Add the role in Seller Central, authorise the app again, and paste the new refresh token."),
    (404, 404, Meaning::Person, Cause::FulfillmentRefused, "Amazon does not know it."),
    (408, 408, Meaning::Unknown, Cause::Offline, "Amazon gave up waiting for the request."),
    (409, 409, Meaning::Later, Cause::PlatformTrouble, "Amazon is working on the same thing already."),
    (413, 415, Meaning::Person, Cause::NotUnderstood, "Amazon did not accept the form of the request. This is a fault of Quayside; please report it."),
    (422, 422, Meaning::Person, Cause::ContentRefused, "Amazon could not work with the content."),
    (429, 429, Meaning::Wait(MINUTE_MS), Cause::RateLimited, "Amazon asks to slow down."),
    (451, 451, Meaning::Wait(HOUR_MS), Cause::AccountBlocked, "Amazon keeps this account from working."),
    (500, 599, Meaning::Unknown, Cause::PlatformTrouble, "Amazon answers with an error of its own."),
];

/// `errors[]` of a body, whatever its shape.
pub fn api_errors(body: &[u8]) -> Vec<ApiError> {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
    let text = |value: &Value, name: &str| match value.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    match body.get("errors") {
        Some(Value::Array(list)) => list
            .iter()
            .map(|error| ApiError {
                code: text(error, "code"),
                message: text(error, "message"),
                details: text(error, "details"),
            })
            .collect(),
        // The sign-in has an envelope of its own.
        _ if body.get("error").is_some_and(Value::is_string) => {
            vec![ApiError {
                code: text(&body, "error"),
                message: text(&body, "error_description"),
                ..ApiError::default()
            }]
        }
        _ => Vec::new(),
    }
}

/// Amazon's words, in one line.
pub fn words(errors: &[ApiError]) -> String {
    errors
        .iter()
        .map(|error| {
            let parts = [&error.code, &error.message, &error.details];
            let mut said: Vec<&str> = Vec::new();
            for part in parts.into_iter().filter(|part| !part.trim().is_empty()) {
                if !said.contains(&part.as_str()) {
                    said.push(part);
                }
            }
            said.join(": ")
        })
        .collect::<Vec<_>>()
        .join("; ")
}

/// The refused token ended: a new one helps, and nothing was executed.
pub fn token_ended(answer: &Answer) -> bool {
    if answer.status == 401 {
        return true;
    }
    if answer.status != 403 {
        return false;
    }
    let errors = api_errors(&answer.body);
    // Cut off, or not Amazon's: it may be either refusal. Nothing ran, and a new token is cheap.
    errors.is_empty()
        || errors.iter().any(|error| {
            let said = format!("{} {}", error.message, error.details).to_ascii_lowercase();
            said.contains("expired") || said.contains("revoked, malformed or invalid")
        })
}

/// Turns a status that is not 2xx into what it means. `wait_ms`: how long this operation's limit lasts.
pub fn by_status(door: &Door, answer: &Answer, what: &str, wait_ms: i64) -> CallError {
    let row = STATUSES.iter().find(|(from, to, ..)| (*from..=*to).contains(&answer.status));
    let (meaning, cause, sentence) = row.map_or(
        (Meaning::Person, Cause::NotUnderstood, "Amazon gave an answer that Quayside does not know."),
        |(_, _, meaning, cause, sentence)| (*meaning, *cause, *sentence),
    );
    let errors = if answer.is_html { Vec::new() } else { api_errors(&answer.body) };
    let said = if errors.is_empty() && !answer.is_html { answer.text().into_owned() } else { words(&errors) };
    let refusal = door
        .refusal(cause, &format!("{what}. {sentence}"))
        .said(door.quotable(&said))
        .status(answer.status)
        .request(answer.request_id.clone());
    let now_ms = door.now_ms();
    if answer.status == 403 && errors.is_empty() {
        // Amazon itself says why, always: this is half an answer, or somebody between us.
        let sentence = format!("{what}. The request was refused, and the answer that says why is not whole.");
        let half = door.refusal(Cause::PlatformTrouble, &sentence).said(refusal.said.unwrap_or_default());
        return CallError::NotExecuted(half.status(answer.status).request(answer.request_id.clone()));
    }
    match meaning {
        Meaning::Wait(usual_ms) => {
            let told_ms = answer.retry_after_ms(now_ms);
            let pause_ms = told_ms.unwrap_or(if answer.status == 429 { wait_ms } else { usual_ms });
            CallError::Wait { at_ms: later(now_ms, pause_ms.max(SECOND_MS)), why: refusal.sentence }
        }
        Meaning::Later => CallError::NotExecuted(refusal),
        Meaning::SignIn => CallError::SignIn(refusal),
        Meaning::Person => CallError::Refused(refusal, errors),
        Meaning::Unknown => CallError::Lost(refusal),
    }
}

/// Amazon has nothing left to confirm on this order: somebody else did it, or it is not ours to do.
pub fn nothing_to_confirm(errors: &[ApiError]) -> bool {
    errors.iter().any(|error| {
        let said = format!("{} {} {}", error.code, error.message, error.details).to_ascii_lowercase();
        said.contains("packagetoupdatenotfound") || said.contains("already fulfilled")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_status_is_in_two_rows() {
        for status in 300..=599 {
            let rows = STATUSES.iter().filter(|(from, to, ..)| (*from..=*to).contains(&status)).count();
            assert!(rows <= 1, "{status}");
        }
    }

    /// Seed 3 of the simulated weeks: an ended token, and the answer that says so cut off in the middle.
    #[test]
    fn half_a_403_is_no_missing_role() {
        let answer = |status: u16, body: &str| {
            let (headers, body) = (http::HeaderMap::new(), body.as_bytes().to_vec());
            Answer { status, headers, body, took_ms: 1, request_id: None, is_html: false }
        };
        let ended = r#"{"errors":[{"code":"Unauthorized","message":"Access to requested resource is denied.","details":"The access token you provided has expired."}]}"#;
        assert!(token_ended(&answer(403, ended)));
        assert!(token_ended(&answer(403, &ended[..60])));
        assert!(!token_ended(&answer(403, &ended.replace("The access token you provided has expired.", ""))));
        assert!(!token_ended(&answer(400, &ended[..60])));
    }

    #[test]
    fn errors_are_read_in_every_shape() {
        for (body, said) in [
            (
                r#"{"errors":[{"code":"InvalidInput","message":"Invalid Input","details":"Invalid Input"}]}"#,
                "InvalidInput: Invalid Input",
            ),
            (r#"{"errors":[{"code":400,"message":"no"},{"code":"B","message":"c"}]}"#, "400: no; B: c"),
            (
                r#"{"error":"invalid_grant","error_description":"The request has an invalid grant."}"#,
                "invalid_grant: The request has an invalid grant.",
            ),
            (r#"{"errors":"odd"}"#, ""),
            ("<html>", ""),
        ] {
            assert_eq!(words(&api_errors(body.as_bytes())), said, "{body}");
        }
    }

    #[test]
    fn what_somebody_else_confirmed_is_recognised_by_words() {
        let error =
            |code: &str, message: &str| ApiError { code: code.into(), message: message.into(), ..ApiError::default() };
        assert!(nothing_to_confirm(&[error("PackageToUpdateNotFound", "")]));
        assert!(nothing_to_confirm(&[error("InvalidInput", "The order is already fulfilled")]));
        assert!(!nothing_to_confirm(&[error(
            "InvalidInput",
            "PackageReferenceId: is invalid, must be a positive numeric value"
        )]));
    }
}
