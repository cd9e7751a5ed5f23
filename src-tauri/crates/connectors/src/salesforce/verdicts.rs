//! What Salesforce's answers mean: the error code decides, the status where there is none.
//!
//! One row per meaning. A code that is in no row stays visible as it came and means
//! "a person must look", never "try again". Errors come as a list of objects, as one
//! object (sign-in), as `errors[].statusCode` (rows of collections), as one line of
//! CSV (bulk), as a page for people, or not at all.

use crate::wait::later;
use crate::{Answer, Door, DoorError, ReadError};
use quayside_model::time::{MINUTE_MS, SECOND_MS};
use quayside_model::{Cause, Confirmation, Refusal, Verdict};
use serde_json::Value;

/// Why a call gave nothing. The variants differ in what they mean for a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// Not executed; the platform (or our budget, or the keychain) says when to come back.
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
    /// Not executed; what we know of the org's objects is no longer true.
    Schema(Refusal),
    /// Not executed; a list does not take a value.
    Value(Refusal),
    /// Not executed; whoever is named as its owner has left.
    Owner(Refusal),
    /// Not executed; the record, or one it hangs on, was deleted.
    Gone(Refusal),
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
            Self::Refused(refusal)
            | Self::Schema(refusal)
            | Self::Value(refusal)
            | Self::Owner(refusal)
            | Self::Gone(refusal) => Verdict::NeedsPerson(refusal),
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
            Self::Wait { why, .. } => Refusal::new(Cause::RateLimited, why),
            Self::NotExecuted(refusal)
            | Self::SignIn(refusal)
            | Self::Refused(refusal)
            | Self::Schema(refusal)
            | Self::Value(refusal)
            | Self::Owner(refusal)
            | Self::Gone(refusal)
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

/// What an error means, before words are found for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Come back in so many ms.
    Wait(i64),
    /// Time may help; nothing was written.
    Again,
    /// New credentials.
    SignIn,
    /// Describe the org anew; then a person.
    Schema,
    /// The same, in words that name list, value and record type.
    Value,
    /// Somebody else is to own it, if the settings name one.
    Owner,
    /// What it hangs on is to be looked for anew.
    Gone,
    /// A person must act.
    Person,
    /// Perhaps executed.
    Unknown,
}

/// Error codes. `{fields}` in a sentence becomes the fields the answer names.
#[rustfmt::skip] // a table
pub const CODES: &[(&str, Meaning, Cause, &str)] = &[
    // Signing in.
    ("INVALID_SESSION_ID", Meaning::SignIn, Cause::SignInNeeded, "Salesforce no longer accepts the sign-in. Sign in again."),
    ("INVALID_AUTH_HEADER", Meaning::SignIn, Cause::SignInNeeded, "Salesforce no longer accepts the sign-in. Sign in again."),
    ("INVALID_LOGIN", Meaning::SignIn, Cause::SignInNeeded, "Salesforce does not accept the user. Sign in again."),
    ("API_DISABLED_FOR_ORG", Meaning::SignIn, Cause::AccountBlocked, "This edition of Salesforce, or the user, has no access to the API. An admin enables API access."),
    ("API_CURRENTLY_DISABLED", Meaning::Wait(10 * MINUTE_MS), Cause::AccountBlocked, "The org's API is switched off for the moment. Work goes on by itself."),
    ("ORG_LOCKED", Meaning::Wait(10 * MINUTE_MS), Cause::AccountBlocked, "The org is locked. An admin or Salesforce support can say why; work goes on by itself."),
    ("INACTIVE_ORG", Meaning::SignIn, Cause::AccountBlocked, "The org is closed."),
    ("UNSUPPORTED_API_VERSION", Meaning::SignIn, Cause::NotThePlatform, "The org no longer serves the version of the API that Quayside speaks. Update Quayside."),
    // Limits.
    ("REQUEST_LIMIT_EXCEEDED", Meaning::Wait(15 * MINUTE_MS), Cause::RateLimited, "The org has used up its calls of the last 24 hours, together with all its other programs. Quayside goes on as soon as some are free."),
    ("EXCEEDED_MAX_SEMIJOIN_SUBSELECTS", Meaning::Person, Cause::NotUnderstood, "The question was too large."),
    ("STORAGE_LIMIT_EXCEEDED", Meaning::Person, Cause::AccountBlocked, "The org has no space left for new records. An admin makes room; then retry."),
    ("SERVER_UNAVAILABLE", Meaning::Again, Cause::PlatformTrouble, "Salesforce is not available for the moment."),
    ("QUERY_TIMEOUT", Meaning::Again, Cause::PlatformTrouble, "The question took Salesforce too long."),
    ("OPERATION_TOO_LARGE", Meaning::Again, Cause::PlatformTrouble, "The question was too large for Salesforce at this moment."),
    ("UNKNOWN_EXCEPTION", Meaning::Unknown, Cause::PlatformTrouble, "Salesforce answers with an error of its own."),
    // Two at once.
    ("UNABLE_TO_LOCK_ROW", Meaning::Again, Cause::PlatformTrouble, "Another change in Salesforce holds the record or its account at this moment."),
    ("ROW_LOCKED", Meaning::Again, Cause::PlatformTrouble, "Another change in Salesforce holds the record at this moment."),
    ("ENTITY_IS_LOCKED", Meaning::Person, Cause::ContentRefused, "The record waits for an approval in Salesforce and cannot be changed until then. Retry after it."),
    ("ALL_OR_NONE_OPERATION_ROLLED_BACK", Meaning::Again, Cause::PlatformTrouble, "It was taken back because a neighbour in the same call failed."),
    ("PROCESSING_HALTED", Meaning::Again, Cause::PlatformTrouble, "It was not tried because a neighbour in the same call failed."),
    // The same thing twice.
    ("DUPLICATE_VALUE", Meaning::Again, Cause::ContentRefused, "Another record has this value already; it is looked up and used."),
    ("DUPLICATES_DETECTED", Meaning::Person, Cause::ContentRefused, "A duplicate rule of the org says that this record exists already. Link it to the one that exists, or allow duplicates in the connection's settings."),
    ("DUPLICATE_EXTERNAL_ID", Meaning::Person, Cause::ContentRefused, "Several records carry the same external id. Merge them in Salesforce, then retry."),
    // What an admin decided.
    ("FIELD_CUSTOM_VALIDATION_EXCEPTION", Meaning::Person, Cause::ContentRefused, "A validation rule of the org refuses it; its own words follow. Mend the record as they say, then retry."),
    ("REQUIRED_FIELD_MISSING", Meaning::Person, Cause::ContentRefused, "The org requires {fields}. Map something to it, or give it a default in Salesforce, then retry."),
    ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Meaning::Value, Cause::ContentRefused, "The list {fields} does not have this value (upper and lower case count, and record types narrow it). Choose another in the settings, then retry."),
    ("STRING_TOO_LONG", Meaning::Schema, Cause::ContentRefused, "The text is too long for {fields}."),
    ("NUMBER_OUTSIDE_VALID_RANGE", Meaning::Person, Cause::ContentRefused, "The number does not fit into {fields}."),
    ("INVALID_EMAIL_ADDRESS", Meaning::Person, Cause::ContentRefused, "Salesforce does not accept the e-mail address."),
    ("JSON_PARSER_ERROR", Meaning::Person, Cause::NotUnderstood, "Salesforce could not read the request. A field of the mapping may have another type than the value for it."),
    ("INVALID_TYPE_ON_FIELD_IN_RECORD", Meaning::Schema, Cause::ContentRefused, "{fields} takes another kind of value than the one that is mapped to it."),
    ("FIELD_INTEGRITY_EXCEPTION", Meaning::Person, Cause::ContentRefused, "The values of {fields} do not go together for this org."),
    ("FIELD_FILTER_VALIDATION_EXCEPTION", Meaning::Person, Cause::ContentRefused, "The lookup {fields} does not allow this record."),
    ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Meaning::Person, Cause::ContentRefused, "An automation of the org (a trigger or flow) refuses it; its own words follow. An admin can say why."),
    ("CANNOT_EXECUTE_FLOW_TRIGGER", Meaning::Person, Cause::ContentRefused, "A flow of the org failed on it; its own words follow. An admin can say why."),
    ("INACTIVE_OWNER_OR_USER", Meaning::Owner, Cause::ContentRefused, "The owner is not active in Salesforce any more. Choose another owner there, then retry."),
    // What the user may see.
    ("INVALID_FIELD", Meaning::Schema, Cause::ScopeMissing, "A field Quayside asked for does not exist or is hidden from the user. Quayside looks at the org's fields again."),
    ("INVALID_TYPE", Meaning::Schema, Cause::ScopeMissing, "An object Quayside asked for does not exist or is hidden from the user. Give the integration user access to it."),
    ("INVALID_FIELD_FOR_INSERT_UPDATE", Meaning::Schema, Cause::ScopeMissing, "The integration user may not write {fields}. Give it edit access to the field, or take it out of the mapping."),
    ("INSUFFICIENT_ACCESS", Meaning::Person, Cause::ScopeMissing, "The integration user may not do this. An admin gives it the permission."),
    ("INSUFFICIENT_ACCESS_OR_READONLY", Meaning::Person, Cause::ScopeMissing, "The integration user may not change this record. An admin shares it or gives the permission."),
    ("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", Meaning::Person, Cause::ScopeMissing, "The integration user may not use a record this one points to. An admin shares it."),
    ("CANNOT_UPDATE_CONVERTED_LEAD", Meaning::Person, Cause::ContentRefused, "The lead was converted and cannot be changed any more."),
    ("FUNCTIONALITY_NOT_ENABLED", Meaning::Person, Cause::AccountBlocked, "The org has this function switched off."),
    // What is gone.
    ("NOT_FOUND", Meaning::Schema, Cause::ContentRefused, "Salesforce does not show it: it was deleted, or the integration user may not see it."),
    ("ENTITY_IS_DELETED", Meaning::Gone, Cause::ContentRefused, "The record was deleted in Salesforce."),
    ("DELETED_ENTITY", Meaning::Gone, Cause::ContentRefused, "The record was deleted in Salesforce."),
    ("INVALID_CROSS_REFERENCE_KEY", Meaning::Gone, Cause::ContentRefused, "A record this one points to was deleted or belongs to another object. Look at the links, then retry."),
    ("MALFORMED_ID", Meaning::Person, Cause::NotUnderstood, "Salesforce does not take the id."),
    ("MALFORMED_QUERY", Meaning::Person, Cause::NotUnderstood, "Salesforce could not read the question. This is a fault of Quayside; please report it."),
    ("INVALID_QUERY_FILTER_OPERATOR", Meaning::Schema, Cause::NotUnderstood, "A field of the question changed its type. Quayside looks at the org's fields again."),
    ("INVALID_QUERY_LOCATOR", Meaning::Again, Cause::PlatformTrouble, "A list ended in the middle; it is read again from its last place."),
];

/// Statuses without a code.
#[rustfmt::skip] // a table
pub const STATUSES: &[(u16, u16, Meaning, Cause, &str)] = &[
    (400, 400, Meaning::Person, Cause::NotUnderstood, "Salesforce could not work with the request."),
    (401, 401, Meaning::SignIn, Cause::SignInNeeded, "Salesforce no longer accepts the sign-in. Sign in again."),
    (403, 403, Meaning::Person, Cause::ScopeMissing, "The integration user may not do this. An admin gives it the permission."),
    (404, 404, Meaning::Person, Cause::NotThePlatform, "Nothing answers at this address. Check the org's address."),
    (408, 408, Meaning::Unknown, Cause::Offline, "Salesforce gave up waiting for the request."),
    (410, 410, Meaning::SignIn, Cause::NotThePlatform, "The org no longer serves the version of the API that Quayside speaks. Update Quayside."),
    (412, 412, Meaning::Again, Cause::ContentRefused, "The record changed in the meantime."),
    (413, 414, Meaning::Person, Cause::NotUnderstood, "The request was too large. This is a fault of Quayside; please report it."),
    (420, 431, Meaning::Wait(30 * SECOND_MS), Cause::RateLimited, "Salesforce asks to slow down."),
    (500, 599, Meaning::Unknown, Cause::PlatformTrouble, "Salesforce answers with an error of its own."),
];

/// One error, whatever form it came in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problem {
    /// `errorCode` or `statusCode`; empty if there is none.
    pub code: String,
    /// In Salesforce's (or an admin's) words.
    pub message: String,
    /// Fields it names.
    pub fields: Vec<String>,
    /// Records a duplicate rule matched.
    pub matches: Vec<Match>,
    /// The duplicate rule would let it pass on request.
    pub may_save: bool,
}

/// A record a duplicate rule matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Its id.
    pub id: String,
    /// How sure the rule is, percent, rounded.
    pub confidence: i64,
}

/// All errors in a body.
pub fn problems(body: &Value) -> Vec<Problem> {
    match body {
        Value::Array(list) => list.iter().filter(|entry| entry.is_object()).map(problem).collect(),
        Value::Object(object) if object.get("errors").is_some_and(Value::is_array) => problems(&body["errors"]),
        Value::Object(_) => vec![problem(body)],
        _ => Vec::new(),
    }
}

fn problem(entry: &Value) -> Problem {
    let text = |names: &[&str]| names.iter().find_map(|name| entry.get(*name)?.as_str()).unwrap_or_default().to_owned();
    let duplicate = entry.get("duplicateResult");
    let rules = duplicate.and_then(|result| result.get("matchResults")).and_then(Value::as_array);
    let records = rules.into_iter().flatten().filter_map(|rule| rule.get("matchRecords")?.as_array()).flatten();
    Problem {
        code: text(&["errorCode", "statusCode", "error"]),
        message: text(&["message", "error_description"]),
        fields: entry
            .get("fields")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        matches: records
            .filter_map(|record| {
                let id = record.pointer("/record/Id")?.as_str()?.to_owned();
                let confidence = record.get("matchConfidence").and_then(Value::as_f64).unwrap_or(0.0).round() as i64;
                Some(Match { id, confidence })
            })
            .collect(),
        may_save: duplicate.and_then(|result| result.get("allowSave")).and_then(Value::as_bool).unwrap_or(false),
    }
}

/// A row error of a bulk job: `CODE:message:fields --`.
pub fn bulk_problem(text: &str) -> Problem {
    let text = text.trim();
    let (code, rest) = text.split_once(':').unwrap_or(("", text));
    if !code.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
        return Problem { message: text.to_owned(), ..Problem::default() };
    }
    let (message, fields) = rest.rsplit_once(':').unwrap_or((rest, ""));
    let fields = fields.trim_end_matches('-').split(',').map(str::trim).filter(|field| super::soql::is_name(field));
    Problem {
        code: code.to_owned(),
        message: message.trim().to_owned(),
        fields: fields.map(str::to_owned).collect(),
        ..Problem::default()
    }
}

/// Words in a message that say more than its code: the message's word, and what it means.
fn by_words(problem: &Problem) -> Option<Meaning> {
    let words = problem.message.to_ascii_lowercase();
    // An automation that failed on a lock, and too many long calls at once: both pass.
    if words.contains("unable_to_lock_row") || words.contains("unable to obtain exclusive access") {
        return Some(Meaning::Again);
    }
    (problem.code == "REQUEST_LIMIT_EXCEEDED" && words.contains("concurrent")).then_some(Meaning::Wait(20 * SECOND_MS))
}

/// What one error means.
pub fn meaning(problem: &Problem) -> Meaning {
    by_words(problem)
        .unwrap_or_else(|| CODES.iter().find(|(code, ..)| *code == problem.code).map_or(Meaning::Person, |row| row.1))
}

/// One error as a failure of `what` ("Could not report the parcel of Q4").
pub fn refusal(door: &Door, problem: &Problem, what: &str) -> Refusal {
    let row = CODES.iter().find(|(code, ..)| *code == problem.code);
    let (cause, sentence) = row.map_or_else(
        || {
            let code = if problem.code.is_empty() { "without a code" } else { &problem.code };
            (Cause::NotUnderstood, format!("Salesforce refuses it for a reason Quayside does not know ({code})."))
        },
        |(_, _, cause, sentence)| {
            let fields = if problem.fields.is_empty() { "a field".to_owned() } else { problem.fields.join(", ") };
            (*cause, sentence.replace("{fields}", &fields))
        },
    );
    let passes = matches!(meaning(problem), Meaning::Again | Meaning::Wait(_));
    let (cause, sentence) = match (problem.code.as_str(), passes) {
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", true) => {
            (Cause::PlatformTrouble, "An automation of the org waits for a record another change holds.".to_owned())
        }
        ("REQUEST_LIMIT_EXCEEDED", _) if by_words(problem).is_some() => {
            (cause, "Too many long requests run in the org at once.".to_owned())
        }
        _ => (cause, sentence),
    };
    let found = match problem.matches.as_slice() {
        [] => String::new(),
        [one] => format!(" It is {}.", one.id),
        many => format!(" They are {}.", many.iter().map(|one| one.id.as_str()).collect::<Vec<_>>().join(", ")),
    };
    let mut refusal = door.refusal(cause, &format!("{what}. {sentence}{found}")).said(door.quotable(&problem.message));
    if let Some(field) = problem.fields.first() {
        refusal.about = Some(field.clone());
    }
    refusal
}

/// One error of a row or of a whole answer.
pub fn error(door: &Door, problem: &Problem, what: &str) -> CallError {
    settle(meaning(problem), refusal(door, problem, what), door.now_ms())
}

/// An answer that is no success. `what` completes the sentence.
pub fn by_answer(door: &Door, answer: &Answer, what: &str) -> CallError {
    let body = if answer.is_html { Value::Null } else { serde_json::from_slice(&answer.body).unwrap_or_default() };
    let all = problems(&body);
    // What passes by itself decides only if nothing else is wrong.
    let known = |problem: &&Problem| CODES.iter().any(|(code, ..)| *code == problem.code);
    let first = all.iter().find(known).or_else(|| all.iter().find(|problem| !problem.code.is_empty()));
    if let Some(problem) = first.filter(|_| answer.status < 500 || first.as_ref().is_some_and(known)) {
        let refusal = refusal(door, problem, what).status(answer.status).request(answer.request_id.clone());
        return settle(meaning(problem), refusal, door.now_ms());
    }
    let row = STATUSES.iter().find(|(from, to, ..)| (*from..=*to).contains(&answer.status));
    let (meaning, cause, sentence) = row.map_or(
        (Meaning::Person, Cause::NotUnderstood, "Salesforce gave an answer that Quayside does not know."),
        |(_, _, meaning, cause, sentence)| (*meaning, *cause, *sentence),
    );
    let words = all.first().map(|problem| problem.message.clone()).unwrap_or_default();
    let refusal = door
        .refusal(cause, &format!("{what}. {sentence}"))
        .said(door.quotable(&words))
        .status(answer.status)
        .request(answer.request_id.clone());
    settle(meaning, refusal, door.now_ms())
}

fn settle(meaning: Meaning, refusal: Refusal, now_ms: i64) -> CallError {
    match meaning {
        Meaning::Wait(ms) => CallError::Wait { at_ms: later(now_ms, ms), why: refusal.sentence },
        Meaning::Again => CallError::NotExecuted(refusal),
        Meaning::SignIn => CallError::SignIn(refusal),
        Meaning::Schema => CallError::Schema(refusal),
        Meaning::Value => CallError::Value(refusal),
        Meaning::Owner => CallError::Owner(refusal),
        Meaning::Gone => CallError::Gone(refusal),
        Meaning::Person => CallError::Refused(refusal),
        Meaning::Unknown => CallError::Lost(refusal),
    }
}
