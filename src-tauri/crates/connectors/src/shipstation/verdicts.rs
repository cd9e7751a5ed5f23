//! What ShipStation's answers mean. Tables first: a status or a code sits in one row.
//!
//! Pure: an answer, who asked and what for in; a verdict with a sentence out. The
//! words quoted in it were already cleaned of secrets by the client.

use super::client::{Api, Reply};
use crate::ReadError;
use quayside_model::{Cause, Confirmation, Refusal, Verdict};

/// What an answer means, whatever was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Means {
    /// It worked.
    Fine,
    /// The key is not (or no longer) valid.
    SignIn,
    /// Unpaid, expired trial, no funds.
    Blocked,
    /// The plan or the key does not allow it.
    Scope,
    /// There is no such thing (any more).
    Missing,
    /// The content was refused, nothing changed.
    Refused,
    /// The order was shipped or cancelled before.
    Locked,
    /// Another record has this identifier.
    Taken,
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
    (409, 409, Means::Taken),
    (410, 410, Means::Missing),
    (422, 422, Means::Refused),
    (500, 599, Means::Trouble),
];

/// By V2's error code, which is more telling than the status below 500.
const BY_CODE: &[(&str, Means)] = &[
    ("unauthorized", Means::SignIn),
    ("forbidden", Means::Scope),
    ("subscription_inactive", Means::Blocked),
    ("trial_expired", Means::Blocked),
    ("invalid_billing_plan", Means::Blocked),
    ("insufficient_funds", Means::Blocked),
    ("terms_not_accepted", Means::Blocked),
    ("identifier_conflict", Means::Taken),
    ("invalid_status", Means::Locked),
];

/// How V1 (in prose) and V2 say that an order no longer takes changes.
const LOCKED_WORDS: &[&str] = &[
    "already shipped",
    "already been shipped",
    "has been shipped",
    "been cancelled",
    "been canceled",
    "already cancelled",
    "already canceled",
    "is locked",
    "cannot be modified",
    "cannot be updated",
    "can not be updated",
    "cannot update",
    "not in an open status",
    "label has already been purchased",
    "is shipped",
    "is cancelled",
];

/// A field's last word, without punctuation: in plain words, and whose fault a refusal is.
const FIELDS: &[(&str, &str, Cause)] = &[
    ("country", "the country", Cause::AddressRefused),
    ("countrycode", "the country", Cause::AddressRefused),
    ("state", "the state", Cause::AddressRefused),
    ("stateprovince", "the state", Cause::AddressRefused),
    ("postalcode", "the postcode", Cause::AddressRefused),
    ("city", "the city", Cause::AddressRefused),
    ("citylocality", "the city", Cause::AddressRefused),
    ("street1", "the street", Cause::AddressRefused),
    ("street2", "the second line", Cause::AddressRefused),
    ("street3", "the third line", Cause::AddressRefused),
    ("addressline1", "the street", Cause::AddressRefused),
    ("addressline2", "the second line", Cause::AddressRefused),
    ("addressline3", "the third line", Cause::AddressRefused),
    ("phone", "the telephone number", Cause::AddressRefused),
    ("company", "the company", Cause::AddressRefused),
    ("companyname", "the company", Cause::AddressRefused),
    ("shipto", "the delivery address", Cause::AddressRefused),
    ("billto", "the billing address", Cause::AddressRefused),
    ("sku", "the SKU", Cause::UnknownSku),
    ("productid", "the product", Cause::UnknownSku),
    ("carriercode", "the carrier", Cause::ServiceRefused),
    ("carrierid", "the carrier", Cause::ServiceRefused),
    ("servicecode", "the service", Cause::ServiceRefused),
    ("requestedshippingservice", "the requested service", Cause::ServiceRefused),
    ("requestedshipmentservice", "the requested service", Cause::ServiceRefused),
    ("packagecode", "the box", Cause::ServiceRefused),
    ("confirmation", "the delivery confirmation", Cause::ServiceRefused),
    ("name", "the name", Cause::ContentRefused),
    ("quantity", "the quantity", Cause::ContentRefused),
    ("unitprice", "the price", Cause::ContentRefused),
    ("weight", "the weight", Cause::ContentRefused),
    ("ordernumber", "the order number", Cause::ContentRefused),
    ("shipmentnumber", "the order number", Cause::ContentRefused),
    ("orderkey", "the order key", Cause::ContentRefused),
    ("externalshipmentid", "the order key", Cause::ContentRefused),
    ("orderdate", "the order date", Cause::ContentRefused),
    ("paymentdate", "the payment date", Cause::ContentRefused),
    ("shipbydate", "the ship-by date", Cause::ContentRefused),
    ("orderstatus", "the status", Cause::ContentRefused),
    ("holduntildate", "the day of the hold", Cause::ContentRefused),
    ("customeremail", "the e-mail address", Cause::ContentRefused),
    ("customernotes", "the buyer's note", Cause::ContentRefused),
    ("notesfrombuyer", "the buyer's note", Cause::ContentRefused),
    ("internalnotes", "the note for the team", Cause::ContentRefused),
    ("giftmessage", "the gift message", Cause::ContentRefused),
    ("notesforgift", "the gift message", Cause::ContentRefused),
    ("storeid", "the store", Cause::ContentRefused),
    ("warehouseid", "the ship-from place", Cause::ContentRefused),
    ("tagids", "the tags", Cause::ContentRefused),
];

/// Where no field is named: words in the message, and whose fault they mean.
const WORDS: &[(&str, Cause)] = &[
    ("country", Cause::AddressRefused),
    ("postal code", Cause::AddressRefused),
    ("zip code", Cause::AddressRefused),
    ("address", Cause::AddressRefused),
    ("sku", Cause::UnknownSku),
    ("product not found", Cause::UnknownSku),
    ("service", Cause::ServiceRefused),
    ("carrier", Cause::ServiceRefused),
];

/// Who asks, for sentences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Speaker {
    /// The connection's name.
    pub connection: String,
    /// The day V1's key pair ends, if it was given.
    pub expires_on: Option<String>,
}

impl Speaker {
    /// A failure of this connection.
    pub(super) fn refusal(&self, cause: Cause, sentence: &str) -> Refusal {
        Refusal::new(cause, format!("{} (ShipStation): {sentence}", self.connection))
    }

    /// The same, with all an answer tells.
    pub(super) fn refusal_of(&self, reply: &Reply, cause: Cause, sentence: &str) -> Refusal {
        self.refusal(cause, sentence).said(reply.said.message.clone()).request(reply.request_id()).status(reply.status)
    }
}

/// What an answer means.
pub(super) fn means(reply: &Reply) -> Means {
    let by_status = BY_STATUS
        .iter()
        .find(|(from, to, _)| (*from..=*to).contains(&reply.status))
        .map_or(Means::Odd, |(_, _, means)| *means);
    if matches!(by_status, Means::Fine | Means::Trouble) {
        return by_status;
    }
    let by_code =
        BY_CODE.iter().find(|(code, _)| reply.said.codes.iter().any(|said| said == code)).map(|(_, means)| *means);
    match by_code {
        Some(means) => means,
        None if by_status == Means::Refused && sounds_locked(&reply.said.message) => Means::Locked,
        None => by_status,
    }
}

/// Prose that means "shipped or cancelled before".
pub(super) fn sounds_locked(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    LOCKED_WORDS.iter().any(|words| message.contains(words))
}

/// A key that was refused, and what to look at.
pub(super) fn sign_in(speaker: &Speaker, reply: &Reply) -> Refusal {
    let sentence = match (reply.api, &speaker.expires_on) {
        (Api::V1, Some(day)) => {
            format!("The V1 key pair is not accepted any more. It was to expire on {day}. Make a new pair in ShipStation and enter it here; everything that waits goes on by itself.")
        }
        (Api::V1, None) => "The V1 key pair is not accepted: it expired, was replaced or was typed wrong. Make a new pair in ShipStation under Settings, Account, API Settings, and enter it here.".to_owned(),
        (Api::V2, _) => "The V2 key is not accepted: it was replaced, or it belongs to another product or account. Make a new one in ShipStation under Settings, Account, API Settings, and enter it here.".to_owned(),
    };
    speaker.refusal_of(reply, Cause::SignInNeeded, &sentence).about(match reply.api {
        Api::V1 => "v1",
        Api::V2 => "v2",
    })
}

/// An account or plan that does not allow it.
fn not_allowed(speaker: &Speaker, reply: &Reply, means: Means, what: &str) -> Refusal {
    let (cause, why) = match (means, reply.api) {
        (Means::Blocked, _) => (
            Cause::AccountBlocked,
            "ShipStation keeps the account from working: a subscription, a trial or a balance has ended. Mend it in ShipStation.",
        ),
        (_, Api::V1) => (
            Cause::ScopeMissing,
            "the plan or the key pair does not include V1 for this. Look at the plan in ShipStation, or add a V2 key to this connection.",
        ),
        (_, Api::V2) => {
            (Cause::ScopeMissing, "the plan or the key does not include V2 for this. Look at the plan in ShipStation.")
        }
    };
    speaker.refusal_of(reply, cause, &format!("{what}: {why}"))
}

/// `shipTo.country` as people say it, and whose fault a refusal of it is.
pub(super) fn plain_field(path: &str) -> (String, Cause) {
    let mut place = String::new();
    let mut cause_of_place = None;
    let mut leaf = String::new();
    for part in path.split('.') {
        let (name, index) = part
            .split_once('[')
            .map_or((part, None), |(name, rest)| (name, rest.trim_end_matches(']').parse::<usize>().ok()));
        let folded: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        match (folded.as_str(), index) {
            ("shipto", _) => (place, cause_of_place) = (" of the delivery address".into(), Some(Cause::AddressRefused)),
            ("billto", _) => (place, cause_of_place) = (" of the billing address".into(), Some(Cause::AddressRefused)),
            ("items", Some(at)) => (place, cause_of_place) = (format!(" of line {}", at + 1), None),
            _ => {}
        }
        if let Some(field) = folded.strip_prefix("customfield").filter(|digits| !digits.is_empty()) {
            leaf = format!("custom field {field}");
        } else if !folded.is_empty() {
            leaf = folded;
        }
    }
    if leaf.starts_with("custom field ") {
        return (leaf, Cause::ContentRefused);
    }
    match FIELDS.iter().find(|(name, ..)| *name == leaf) {
        Some((_, words, cause)) if words.ends_with("address") => ((*words).to_owned(), *cause),
        Some((_, "the name", _)) if cause_of_place.is_some() => {
            (format!("the recipient{place}"), Cause::AddressRefused)
        }
        Some((_, words, cause)) => (format!("{words}{place}"), cause_of_place.unwrap_or(*cause)),
        // An unknown field keeps its name: it can at least be looked up.
        None => (format!("the field \"{path}\""), cause_of_place.unwrap_or(Cause::ContentRefused)),
    }
}

/// Words a line index leaves in a batch: `apiOrders[3].shipTo.country` → 3.
pub(super) fn index_in_batch(path: &str) -> Option<usize> {
    let first = path.split('.').next()?;
    // Only the outermost list is the batch; `items[2]` counts lines.
    if first.to_ascii_lowercase().starts_with("items") {
        return None;
    }
    first.split_once('[')?.1.trim_end_matches(']').parse().ok()
}

/// What a person does about a refused content.
fn remedy(cause: Cause) -> &'static str {
    match cause {
        Cause::AddressRefused => "Correct the address, then retry.",
        Cause::UnknownSku => "Correct the SKU, then retry.",
        Cause::ServiceRefused => "Choose another service, then retry.",
        _ => "Mend it, then retry.",
    }
}

/// A refused content: which field, in plain words.
pub(super) fn content_refused(speaker: &Speaker, message: &str, fields: &[(String, String)], what: &str) -> Refusal {
    let named: Vec<(String, Cause)> = fields.iter().map(|(path, _)| plain_field(path)).collect();
    // The first field that is not merely "content" decides whom the entry goes to.
    let cause = named
        .iter()
        .map(|(_, cause)| *cause)
        .find(|cause| *cause != Cause::ContentRefused)
        .or_else(|| named.first().map(|(_, cause)| *cause));
    let lower = message.to_ascii_lowercase();
    let cause = cause.unwrap_or_else(|| {
        WORDS.iter().find(|(word, _)| lower.contains(word)).map_or(Cause::ContentRefused, |(_, cause)| *cause)
    });
    let mut words: Vec<String> = named.into_iter().map(|(words, _)| words).collect();
    words.dedup();
    let subject = match words.split_last() {
        None => "ShipStation did not accept the content.".to_owned(),
        Some((only, [])) => format!("{only} was not accepted."),
        Some((last, rest)) => format!("{} and {last} were not accepted.", rest.join(", ")),
    };
    let sentence = format!("{what}: {subject} {}", remedy(cause));
    let refusal = speaker.refusal(cause, &sentence).said(message);
    match fields.first() {
        Some((path, _)) => refusal.about(path.clone()),
        None => refusal,
    }
}

/// An order that was shipped or cancelled before the change arrived. `since` tells when, if known.
pub(super) fn locked(speaker: &Speaker, what: &str, state: &str, since: Option<&str>) -> Refusal {
    let since = since.map_or_else(String::new, |since| format!(" ({since})"));
    speaker.refusal(
        Cause::HubLocked,
        &format!(
            "{what}: too late, it was {state} in ShipStation{since}. ShipStation keeps what it has; look at it there."
        ),
    )
}

/// An order that is not there any more.
pub(super) fn gone(speaker: &Speaker, what: &str) -> Refusal {
    speaker.refusal(
        Cause::HubLocked,
        &format!("{what}: ShipStation has no such order any more. It was deleted there, or merged into another order. Look at it there before anything is sent again."),
    )
}

/// Any answer to a write that is not a success. `what` begins the sentence (`#1001 could not be sent`).
pub(super) fn write_verdict(speaker: &Speaker, reply: &Reply, what: &str) -> Verdict {
    match means(reply) {
        // A success the caller could not read: it may well have been applied.
        Means::Fine => Verdict::AnswerLost(speaker.refusal_of(
            reply,
            Cause::OutcomeUnknown,
            &format!("{what} for certain: the answer broke off or was not readable. It is looked up before anything is sent again."),
        )),
        Means::SignIn => Verdict::SignInAgain(sign_in(speaker, reply)),
        means @ (Means::Blocked | Means::Scope) => Verdict::NeedsPerson(not_allowed(speaker, reply, means, what)),
        Means::Missing => Verdict::NeedsPerson(with(reply, gone(speaker, what))),
        Means::Locked => Verdict::NeedsPerson(with(reply, locked(speaker, what, "shipped or cancelled", None))),
        Means::Refused => Verdict::NeedsPerson(with(reply, content_refused(speaker, &reply.said.message, &reply.said.fields, what))),
        Means::Taken => Verdict::NeedsPerson(speaker.refusal_of(
            reply,
            Cause::ContentRefused,
            &format!("{what}: another record in ShipStation already has this number or key. Look at it there, then retry."),
        )),
        Means::Trouble => Verdict::AnswerLost(speaker.refusal_of(
            reply,
            Cause::PlatformTrouble,
            &format!("{what} for certain: ShipStation answered with an error of its own. It is looked up before anything is sent again."),
        )),
        Means::Odd => Verdict::NeedsPerson(speaker.refusal_of(
            reply,
            Cause::NotUnderstood,
            &format!("{what} for certain: ShipStation answered with status {}, which it does not document. Look at the order there, then retry or skip.", reply.status),
        )),
    }
}

/// Any answer to a read that is not a success. `what` says what was read (`the list of orders`).
pub(super) fn read_error(speaker: &Speaker, reply: &Reply, what: &str) -> ReadError {
    ReadError::Refused(read_refusal(speaker, reply, what))
}

/// As [`read_error`], the failure alone.
pub(super) fn read_refusal(speaker: &Speaker, reply: &Reply, what: &str) -> Refusal {
    match means(reply) {
        Means::SignIn => sign_in(speaker, reply),
        means @ (Means::Blocked | Means::Scope) => {
            not_allowed(speaker, reply, means, &format!("{what} could not be read"))
        }
        Means::Missing => speaker
            .refusal_of(
                reply,
                Cause::NotThePlatform,
                &format!(
                    "{what} could not be read: there is nothing at this address. Check the address of the connection."
                ),
            )
            .about("404"),
        Means::Trouble | Means::Fine => speaker.refusal_of(
            reply,
            Cause::PlatformTrouble,
            &format!(
                "{what} could not be read: ShipStation answered {}. It is tried again.",
                if reply.status < 300 { "with something broken" } else { "with an error of its own" }
            ),
        ),
        Means::Refused | Means::Locked | Means::Taken | Means::Odd => speaker.refusal_of(
            reply,
            Cause::NotUnderstood,
            &format!("{what} could not be read: ShipStation refused the question with status {}.", reply.status),
        ),
    }
}

/// An answer to a question about a write that decides nothing.
pub(super) fn cannot_tell(speaker: &Speaker, reply: &Reply, what: &str) -> Confirmation {
    Confirmation::CannotTell(read_refusal(speaker, reply, what))
}

fn with(reply: &Reply, refusal: Refusal) -> Refusal {
    refusal.said(reply.said.message.clone()).request(reply.request_id()).status(reply.status)
}
