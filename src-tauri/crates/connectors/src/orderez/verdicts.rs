//! What an Orderez account's answers mean. Tables first; codes and shapes are the profile's.
//!
//! Pure: an answer, who asked and what for in; a verdict with a sentence out. The
//! words quoted in it were already cleaned of secrets by the client.

use super::client::Reply;
use super::profile::{Profile, as_text};
use crate::ReadError;
use quayside_model::{Cause, Confirmation, Refusal, Verdict};
use serde_json::Value;

/// What an answer that is no success says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub code: String,
    pub message: String,
    pub fields: Vec<SaidField>,
    /// The record that has the identifier already.
    pub existing_id: Option<String>,
}

/// One field that was not accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SaidField {
    pub field: String,
    pub code: String,
    pub message: String,
}

impl Said {
    /// Reads an error through the profile; an answer in another shape says nothing.
    pub(super) fn of(profile: &Profile, body: Option<&Value>) -> Self {
        let Some(body) = body else { return Self::default() };
        let errors = &profile.errors;
        let fields = errors.fields.as_ref().and_then(|expression| profile.eval(expression, body).ok());
        Self {
            code: profile.text(errors.code.as_ref(), body).unwrap_or_default(),
            message: profile.text(errors.message.as_ref(), body).unwrap_or_default(),
            fields: fields.map(|found| said_fields(&found)).unwrap_or_default(),
            existing_id: profile.text(errors.existing_id.as_ref(), body),
        }
    }
}

/// A list of {field, code, message}, or an object of field name to messages.
fn said_fields(found: &Value) -> Vec<SaidField> {
    let text = |value: Option<&Value>| value.and_then(as_text).unwrap_or_default();
    match found {
        Value::Array(items) => items
            .iter()
            .map(|item| SaidField {
                field: text(item.get("field")),
                code: text(item.get("code")),
                message: text(item.get("message")),
            })
            .collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, messages)| {
                let message = match messages {
                    Value::Array(messages) => messages.iter().filter_map(as_text).collect::<Vec<_>>().join(" "),
                    other => as_text(other).unwrap_or_default(),
                };
                SaidField { field: name.clone(), code: String::new(), message }
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// What an answer means, whatever was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Means {
    Fine,
    /// The key is not (or no longer) valid.
    SignIn,
    /// Unpaid or locked.
    Blocked,
    /// The key may not do it.
    Scope,
    /// There is no such thing.
    Missing,
    /// The content was refused, nothing changed.
    Refused,
    /// The record's state does not allow it.
    Locked,
    /// Another record has this identifier.
    Taken,
    /// The record changed since it was read.
    Moved,
    /// The account wants to be told which version is changed, and was not.
    Unversioned,
    /// The same key came before with another content.
    KeyReused,
    /// A read's place in a list is no longer valid.
    CursorExpired,
    /// An error of the platform's own. A write may have been applied.
    Trouble,
    /// Nothing documented.
    Odd,
}

/// By HTTP status; what is in no row is odd.
const BY_STATUS: &[(u16, u16, Means)] = &[
    (200, 299, Means::Fine),
    (400, 400, Means::Refused),
    (401, 401, Means::SignIn),
    (402, 402, Means::Blocked),
    (403, 403, Means::Scope),
    (404, 404, Means::Missing),
    (408, 408, Means::Trouble),
    (409, 409, Means::Locked),
    (410, 410, Means::Missing),
    (412, 412, Means::Moved),
    (422, 422, Means::Refused),
    (423, 423, Means::Locked),
    (428, 428, Means::Unversioned),
    (500, 599, Means::Trouble),
];

/// By the contract's error codes, which are more telling than the status.
const BY_CODE: &[(&str, Means)] = &[
    ("idempotency_key_reused", Means::KeyReused),
    ("cursor_expired", Means::CursorExpired),
    ("version_mismatch", Means::Moved),
    ("invalid_state", Means::Locked),
];

/// The last word of a field's path, in plain words, and whose fault a refusal is.
const FIELDS: &[(&str, &str, Cause)] = &[
    ("sku", "the SKU", Cause::UnknownSku),
    ("country", "the country", Cause::AddressRefused),
    ("postal_code", "the postcode", Cause::AddressRefused),
    ("region", "the region", Cause::AddressRefused),
    ("city", "the city", Cause::AddressRefused),
    ("address1", "the street", Cause::AddressRefused),
    ("address2", "the second line of the address", Cause::AddressRefused),
    ("shipping_address", "the address", Cause::AddressRefused),
    ("phone", "the telephone number", Cause::AddressRefused),
    ("shipping_method", "the service", Cause::ServiceRefused),
    ("code", "the service", Cause::ServiceRefused),
    ("quantity", "the quantity", Cause::ContentRefused),
    ("warehouse_id", "the warehouse", Cause::ContentRefused),
    ("amount", "the amount", Cause::ContentRefused),
    ("lines", "the lines", Cause::ContentRefused),
    ("currency", "the currency", Cause::ContentRefused),
    ("email", "the e-mail address", Cause::ContentRefused),
    ("note", "the note", Cause::ContentRefused),
];

/// What an answer means.
pub(super) fn means(profile: &Profile, reply: &Reply) -> Means {
    if reply.success {
        return Means::Fine;
    }
    let by_status = BY_STATUS
        .iter()
        .find(|(from, to, _)| (*from..=*to).contains(&reply.status))
        .map_or(Means::Odd, |(_, _, means)| *means);
    if by_status == Means::Trouble || profile.errors.retryable_status.contains(&reply.status) {
        return Means::Trouble;
    }
    // A 2xx that the profile does not count as a success.
    if by_status == Means::Fine {
        return Means::Odd;
    }
    if profile.errors.duplicate_codes.contains(&reply.said.code) {
        return Means::Taken;
    }
    if let Some((_, means)) = BY_CODE.iter().find(|(code, _)| *code == reply.said.code) {
        return *means;
    }
    if profile.concurrency.conflict_status.contains(&reply.status) {
        return Means::Moved;
    }
    by_status
}

/// Who asks, for sentences.
#[derive(Debug, Clone, Default)]
pub(super) struct Speaker {
    /// The connection's name.
    pub connection: String,
}

impl Speaker {
    /// A failure of this connection.
    pub(super) fn refusal(&self, cause: Cause, sentence: &str) -> Refusal {
        Refusal::new(cause, format!("{} (Orderez): {sentence}", self.connection))
    }
    /// The same, with all an answer tells.
    pub(super) fn refusal_of(&self, reply: &Reply, cause: Cause, sentence: &str) -> Refusal {
        let words = if reply.said.message.is_empty() { &reply.said.code } else { &reply.said.message };
        self.refusal(cause, sentence).said(words.clone()).request(reply.request_id.clone()).status(reply.status)
    }
}

/// A key that was refused.
pub(super) fn sign_in(speaker: &Speaker, reply: &Reply) -> Refusal {
    speaker.refusal_of(
        reply,
        Cause::SignInNeeded,
        "The API key is not accepted: it was taken back, or belongs to another host. Ask the vendor for a new one and enter it here; everything that waits goes on by itself.",
    )
}

fn not_allowed(speaker: &Speaker, reply: &Reply, means: Means, what: &str) -> Refusal {
    let (cause, why) = if means == Means::Blocked {
        (Cause::AccountBlocked, "Orderez keeps the account from working. It has to be mended there.")
    } else {
        (
            Cause::ScopeMissing,
            "the key may not do this. Ask the vendor to allow it, or switch the ability off in the connection's profile.",
        )
    };
    speaker.refusal_of(reply, cause, &format!("{what}: {why}"))
}

/// An order that is not there.
pub(super) fn gone(speaker: &Speaker, what: &str) -> Refusal {
    speaker.refusal(
        Cause::HubLocked,
        &format!("{what}: Orderez has no such order any more. Look at it there before anything is sent again."),
    )
}

/// An order whose state no longer allows it.
pub(super) fn locked(speaker: &Speaker, what: &str, state: &str) -> Refusal {
    speaker.refusal(
        Cause::HubLocked,
        &format!("{what}: too late, it is {state} in Orderez. Orderez keeps what it has; look at it there."),
    )
}

/// `/lines/0/sku` or `lines[0].sku`: in plain words, and whose fault it is.
fn plain_field(field: &SaidField) -> (String, Cause) {
    let parts: Vec<&str> = field.field.split(['/', '.', '[', ']']).filter(|part| !part.is_empty()).collect();
    let line = parts
        .windows(2)
        .find(|pair| pair[0] == "lines")
        .and_then(|pair| pair[1].parse::<usize>().ok())
        .map_or_else(String::new, |at| format!(" of line {}", at + 1));
    let in_address = parts.iter().any(|part| part.ends_with("address"));
    let leaf = parts.iter().rev().find(|part| part.parse::<usize>().is_err()).copied().unwrap_or_default();
    if field.code == "unknown_sku" {
        return (format!("the SKU{line}"), Cause::UnknownSku);
    }
    match FIELDS.iter().find(|(name, ..)| *name == leaf) {
        Some((_, words, cause)) => (format!("{words}{line}"), *cause),
        None if in_address => (format!("the field \"{}\"", field.field), Cause::AddressRefused),
        None => (format!("the field \"{}\"", field.field), Cause::ContentRefused),
    }
}

/// A refused content: which field, in plain words.
pub(super) fn content_refused(speaker: &Speaker, reply: &Reply, what: &str) -> Refusal {
    let named: Vec<(String, Cause)> = reply.said.fields.iter().map(plain_field).collect();
    let cause = named
        .iter()
        .map(|(_, cause)| *cause)
        .find(|cause| *cause != Cause::ContentRefused)
        .unwrap_or(Cause::ContentRefused);
    let mut words: Vec<String> = named.into_iter().map(|(words, _)| words).collect();
    words.dedup();
    let subject = match words.split_last() {
        None => "Orderez did not accept the content.".to_owned(),
        Some((only, [])) => format!("{only} was not accepted."),
        Some((last, rest)) => format!("{} and {last} were not accepted.", rest.join(", ")),
    };
    let remedy = match cause {
        Cause::AddressRefused => "Correct the address, then retry.",
        Cause::UnknownSku => "Correct the SKU, or create the product in Orderez, then retry.",
        Cause::ServiceRefused => "Choose another service, then retry.",
        _ => "Mend it, then retry.",
    };
    let said: Vec<&str> =
        reply.said.fields.iter().map(|field| field.message.as_str()).filter(|text| !text.is_empty()).collect();
    let mut refusal = speaker.refusal_of(reply, cause, &format!("{what}: {subject} {remedy}"));
    if !said.is_empty() {
        refusal = refusal.said(said.join(" "));
    }
    match reply.said.fields.first() {
        Some(field) => refusal.about(field.field.clone()),
        None => refusal,
    }
}

/// Any answer to a write that is not a success. `what` begins the sentence (`#1001 could not be sent`).
pub(super) fn write_verdict(profile: &Profile, speaker: &Speaker, reply: &Reply, what: &str) -> Verdict {
    match means(profile, reply) {
        Means::Fine | Means::KeyReused => Verdict::AnswerLost(speaker.refusal_of(
            reply,
            Cause::OutcomeUnknown,
            &format!("{what} for certain: the answer was not readable. It is looked up before anything is sent again."),
        )),
        Means::SignIn => Verdict::SignInAgain(sign_in(speaker, reply)),
        means @ (Means::Blocked | Means::Scope) => Verdict::NeedsPerson(not_allowed(speaker, reply, means, what)),
        Means::Missing => Verdict::NeedsPerson(gone(speaker, what)),
        Means::Refused => Verdict::NeedsPerson(content_refused(speaker, reply, what)),
        Means::Locked => Verdict::NeedsPerson(speaker.refusal_of(
            reply,
            Cause::HubLocked,
            &format!("{what}: the order's state in Orderez does not allow it. Look at it there."),
        )),
        Means::Taken => Verdict::NeedsPerson(speaker.refusal_of(
            reply,
            Cause::ContentRefused,
            &format!("{what}: Orderez has another order with this reference, and did not say which. Look for it there."),
        )),
        // Certainly not applied: it is read again and decided anew.
        Means::Moved => Verdict::RetryLater(speaker.refusal_of(
            reply,
            Cause::PlatformTrouble,
            &format!("{what}: somebody else changed the order at the same moment. It is tried again."),
        )),
        // Certainly not applied, and the same again would be refused again: the profile lacks something.
        Means::Unversioned => Verdict::NeedsPerson(speaker.refusal_of(
            reply,
            Cause::ContentRefused,
            &format!("{what}: Orderez wants to be told which version is changed, and the connection's profile tells none. Say in the profile how versions travel (\"concurrency\": etag or version_field, and where a record's version is), then retry."),
        )),
        Means::Trouble => Verdict::AnswerLost(speaker.refusal_of(
            reply,
            Cause::PlatformTrouble,
            &format!("{what} for certain: Orderez answered with an error of its own. It is looked up before anything is sent again."),
        )),
        Means::CursorExpired | Means::Odd => Verdict::NeedsPerson(speaker.refusal_of(
            reply,
            Cause::NotUnderstood,
            &format!("{what} for certain: Orderez answered {} and Quayside does not know what that means. Look at the order there, then retry or skip.", reply.status),
        )),
    }
}

/// Why a read gave nothing.
pub(super) fn read_refusal(profile: &Profile, speaker: &Speaker, reply: &Reply, what: &str) -> Refusal {
    match means(profile, reply) {
        Means::SignIn => sign_in(speaker, reply),
        means @ (Means::Blocked | Means::Scope) => {
            not_allowed(speaker, reply, means, &format!("{what} cannot be read"))
        }
        Means::Missing => speaker.refusal_of(
            reply,
            Cause::NotThePlatform,
            &format!(
                "{what}: the address answers \"not there\". Check the host, and the path in the connection's profile."
            ),
        ),
        Means::Trouble => speaker.refusal_of(
            reply,
            Cause::PlatformTrouble,
            &format!("{what} cannot be read just now: Orderez answered with an error of its own."),
        ),
        _ => speaker.refusal_of(
            reply,
            Cause::NotThePlatform,
            &format!(
                "{what} cannot be read: Orderez answered {}. The connection's profile may not fit the account.",
                reply.status
            ),
        ),
    }
}

/// A read that failed.
pub(super) fn read_error(profile: &Profile, speaker: &Speaker, reply: &Reply, what: &str) -> ReadError {
    ReadError::Refused(read_refusal(profile, speaker, reply, what))
}

/// A question about a write that got no usable answer.
pub(super) fn cannot_tell(profile: &Profile, speaker: &Speaker, reply: &Reply) -> Confirmation {
    Confirmation::CannotTell(read_refusal(profile, speaker, reply, "The order"))
}
