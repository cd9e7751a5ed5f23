//! What Shopify's answers mean: HTTP status, then `errors[]`, then `userErrors[]`.
//!
//! Three tables, one row per meaning. A word that is in none of them stays
//! visible as it came, and for a change it means "a person must look", never
//! "try again".

use crate::wait::later;
use crate::{Answer, Door, DoorError, ReadError};
use quayside_model::time::{HOUR_MS, SECOND_MS};
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
    /// The document is too large for one call; nothing was executed.
    TooCostly(Refusal),
    /// Perhaps executed.
    Lost(Refusal),
}

impl CallError {
    /// For a read.
    pub fn into_read_error(self) -> ReadError {
        match self {
            Self::Wait { at_ms, why } => ReadError::WaitUntil { at_ms, why },
            Self::NotExecuted(refusal)
            | Self::SignIn(refusal)
            | Self::Refused(refusal)
            | Self::TooCostly(refusal)
            | Self::Lost(refusal) => ReadError::Refused(refusal),
        }
    }
    /// For a change that was sent.
    pub fn into_verdict(self) -> Verdict {
        match self {
            Self::Wait { at_ms, why } => Verdict::WaitUntil { at_ms, why },
            Self::NotExecuted(refusal) => Verdict::RetryLater(refusal),
            Self::SignIn(refusal) => Verdict::SignInAgain(refusal),
            Self::Refused(refusal) | Self::TooCostly(refusal) => Verdict::NeedsPerson(refusal),
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
        match self {
            Self::Wait { why, .. } => Confirmation::CannotTell(Refusal::new(Cause::RateLimited, why)),
            Self::NotExecuted(refusal)
            | Self::SignIn(refusal)
            | Self::Refused(refusal)
            | Self::TooCostly(refusal)
            | Self::Lost(refusal) => Confirmation::CannotTell(refusal),
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

/// What an answer means, before words are found for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Come back when told, else in so many ms.
    Wait(i64),
    /// New credentials.
    SignIn,
    /// A person must act.
    Person,
    /// Ask for less at once.
    Shrink,
    /// Perhaps executed.
    Unknown,
}

/// HTTP statuses that are not 2xx.
#[rustfmt::skip] // a table
pub const STATUSES: &[(u16, u16, Meaning, Cause, &str)] = &[
    (400, 400, Meaning::Person, Cause::NotUnderstood, "The store could not read the request. This is a fault of Quayside; please report it."),
    (401, 401, Meaning::SignIn, Cause::SignInNeeded, "The store no longer accepts the access token. Enter the credentials again."),
    (402, 402, Meaning::Wait(HOUR_MS), Cause::AccountBlocked, "The store is frozen because a bill is unpaid. Settle it in Shopify; work goes on by itself."),
    (403, 403, Meaning::Person, Cause::ScopeMissing, "The store does not allow this. A permission or an approval of the app is missing, or the store is flagged."),
    (404, 404, Meaning::Person, Cause::NotThePlatform, "No store answers at this address. Check the store's myshopify.com domain."),
    (406, 406, Meaning::Person, Cause::NotUnderstood, "The store did not accept the form of the request. This is a fault of Quayside; please report it."),
    (408, 408, Meaning::Unknown, Cause::Offline, "The store gave up waiting for the request."),
    (413, 414, Meaning::Person, Cause::ContentRefused, "The request was too large for the store."),
    (422, 422, Meaning::Person, Cause::ContentRefused, "The store could not work with the request."),
    (423, 423, Meaning::Wait(HOUR_MS), Cause::AccountBlocked, "The store is locked (limits were exceeded again and again, or fraud is reviewed). Shopify support can unlock it."),
    (429, 429, Meaning::Wait(2 * SECOND_MS), Cause::RateLimited, "The store asks to slow down."),
    (430, 430, Meaning::Person, Cause::AccountBlocked, "Shopify refused the request for security reasons. Look into the store's admin before trying again."),
    (500, 599, Meaning::Unknown, Cause::PlatformTrouble, "Shopify answers with an error of its own."),
];

/// Codes in `errors[].extensions.code`.
#[rustfmt::skip] // a table
pub const CODES: &[(&str, Meaning, Cause, &str)] = &[
    ("THROTTLED", Meaning::Wait(SECOND_MS), Cause::RateLimited, "The store asks to slow down."),
    ("MAX_COST_EXCEEDED", Meaning::Shrink, Cause::RateLimited, "The question was too large for one call."),
    ("ACCESS_DENIED", Meaning::Person, Cause::ScopeMissing, "The app lacks a permission for this. Grant it in the app's settings, release the version, and install it again."),
    ("SHOP_INACTIVE", Meaning::Wait(HOUR_MS), Cause::AccountBlocked, "The store is not active. Reactivate it in Shopify; work goes on by itself."),
    ("INTERNAL_SERVER_ERROR", Meaning::Unknown, Cause::PlatformTrouble, "Shopify answers with an error of its own."),
    ("TIMEOUT", Meaning::Unknown, Cause::PlatformTrouble, "Shopify took too long to answer."),
    ("BAD_REQUEST", Meaning::Person, Cause::NotUnderstood, "The store could not work with the request. This is a fault of Quayside; please report it."),
    ("INVALID_FIELD_ARGUMENTS", Meaning::Person, Cause::NotUnderstood, "The store did not accept an argument. This is a fault of Quayside; please report it."),
    ("undefinedField", Meaning::Person, Cause::NotUnderstood, "The store does not know a field that was asked for. Its API version may differ from the one Quayside speaks."),
    ("argumentLiteralsIncompatible", Meaning::Person, Cause::NotUnderstood, "The store did not accept an argument. Its API version may differ from the one Quayside speaks."),
];

/// One entry of `errors[]`, whatever form it came in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TopError {
    /// `extensions.code`, empty if absent.
    pub code: String,
    /// In the platform's words.
    pub message: String,
    /// Where in the answer, names only.
    pub path: Vec<String>,
    /// `extensions.typeName`, for schema errors.
    pub type_name: String,
    /// `extensions.fieldName`, for schema errors.
    pub field_name: String,
}

/// `errors`, which may be a list, one object, or a bare text.
pub fn top_errors(body: &Value) -> Vec<TopError> {
    match body.get("errors") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => list.iter().map(top_error).collect(),
        Some(other) => vec![top_error(other)],
    }
}

fn top_error(error: &Value) -> TopError {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let extension = |name: &str| error.pointer(&format!("/extensions/{name}")).map(text).unwrap_or_default();
    let path = error.get("path").and_then(Value::as_array);
    TopError {
        code: extension("code"),
        message: match error {
            Value::String(message) => message.clone(),
            _ => error.get("message").map_or_else(
                || error.to_string(),
                |message| message.as_str().map_or_else(|| message.to_string(), str::to_owned),
            ),
        },
        path: path.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
        type_name: extension("typeName"),
        field_name: extension("fieldName"),
    }
}

/// Fields whose absence is survivable: everything else about the order still holds.
const SURVIVABLE: &[&str] = &[
    "customer",
    "email",
    "phone",
    "shippingAddress",
    "billingAddress",
    "variant",
    "location",
    "risk",
    "metafields",
    "taxLines",
    "retailLocation",
    "plan",
];

/// The error concerns only a field that can be done without.
pub fn is_survivable(error: &TopError) -> bool {
    error.code == "ACCESS_DENIED" && error.path.iter().any(|name| SURVIVABLE.contains(&name.as_str()))
}

/// Turns a status that is not 2xx into what it means.
pub fn by_status(door: &Door, answer: &Answer, what: &str) -> CallError {
    let row = STATUSES.iter().find(|(from, to, ..)| (*from..=*to).contains(&answer.status));
    let (meaning, cause, sentence) = row.map_or(
        (Meaning::Person, Cause::NotUnderstood, "The store gave an answer that Quayside does not know."),
        |(_, _, meaning, cause, sentence)| (*meaning, *cause, *sentence),
    );
    let words = said(answer);
    // A non-expiring token is refused with 403 too; only the words tell.
    let (meaning, cause, sentence) = if answer.status == 403 && words.to_ascii_lowercase().contains("expiring") {
        (
            Meaning::SignIn,
            Cause::SignInNeeded,
            "Shopify no longer accepts this kind of token. Connect again with an app from the Dev Dashboard.",
        )
    } else {
        (meaning, cause, sentence)
    };
    let refusal = door
        .refusal(cause, &format!("{what}. {sentence}"))
        .said(door.quotable(&words))
        .status(answer.status)
        .request(answer.request_id.clone());
    settle(meaning, refusal, answer.retry_after_ms(door.now_ms()), door.now_ms())
}

/// Turns the first telling top-level error into what it means.
pub fn by_errors(
    door: &Door,
    errors: &[TopError],
    request_id: Option<String>,
    wait_ms: Option<i64>,
    what: &str,
) -> CallError {
    // Throttling decides, whatever else was said; then the first error with a known code.
    let known = |error: &&TopError| CODES.iter().any(|(code, ..)| *code == error.code);
    let first =
        errors.iter().find(|e| e.code == "THROTTLED").or_else(|| errors.iter().find(known)).or_else(|| errors.first());
    let empty = TopError::default();
    let error = first.unwrap_or(&empty);
    let row = CODES.iter().find(|(code, ..)| *code == error.code);
    let (meaning, cause, sentence) = match row {
        Some((_, meaning, cause, sentence)) => (*meaning, *cause, (*sentence).to_owned()),
        // Schema errors come in dozens of codes, all in camelCase, all before anything runs.
        None if error.code.starts_with(|c: char| c.is_ascii_lowercase()) => {
            (Meaning::Person, Cause::NotUnderstood, format!("The store did not accept the question ({}).", error.code))
        }
        None if error.code.is_empty() => {
            (Meaning::Person, Cause::NotUnderstood, "The store answered with an error Quayside does not know.".into())
        }
        None => (
            Meaning::Person,
            Cause::NotUnderstood,
            format!("The store answered with an error Quayside does not know ({}).", error.code),
        ),
    };
    let mut refusal =
        door.refusal(cause, &format!("{what}. {sentence}")).said(door.quotable(&error.message)).request(request_id);
    if cause == Cause::ScopeMissing {
        refusal.about = scope_in(&error.message);
    }
    settle(meaning, refusal, wait_ms, door.now_ms())
}

fn settle(meaning: Meaning, refusal: Refusal, wait_ms: Option<i64>, now_ms: i64) -> CallError {
    match meaning {
        Meaning::Wait(usual_ms) => {
            CallError::Wait { at_ms: later(now_ms, wait_ms.unwrap_or(usual_ms).max(SECOND_MS)), why: refusal.sentence }
        }
        Meaning::SignIn => CallError::SignIn(refusal),
        Meaning::Person => CallError::Refused(refusal),
        Meaning::Shrink => CallError::TooCostly(refusal),
        Meaning::Unknown => CallError::Lost(refusal),
    }
}

/// The platform's words in an error body: `errors`, `error_description`, `error`; nothing from a page for people.
pub fn said(answer: &Answer) -> String {
    if answer.is_html {
        return String::new();
    }
    let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else { return answer.text().into_owned() };
    if let Some(error) = top_errors(&body).first() {
        return error.message.clone();
    }
    ["error_description", "error", "message"]
        .iter()
        .find_map(|name| body.get(*name)?.as_str())
        .unwrap_or_default()
        .to_owned()
}

/// The permission named in an ACCESS_DENIED message: `` Required access: `read_orders` access scope ``.
pub fn scope_in(message: &str) -> Option<String> {
    let scope = message.split('`').nth(1)?;
    (!scope.is_empty() && scope.chars().all(|c| c.is_ascii_lowercase() || c == '_')).then(|| scope.to_owned())
}

/// One entry of `userErrors[]`: a business refusal; nothing was applied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserError {
    /// Code, where the payload has one.
    pub code: String,
    /// Field path, joined by dots.
    pub field: String,
    /// In the platform's words.
    pub message: String,
}

/// The user errors of a payload, by the list's name.
pub fn user_errors(payload: &Value, list: &str) -> Vec<UserError> {
    let entries = payload.get(list).and_then(Value::as_array);
    entries
        .into_iter()
        .flatten()
        .map(|entry| UserError {
            code: entry.get("code").and_then(Value::as_str).unwrap_or_default().to_owned(),
            field: entry
                .get("field")
                .and_then(Value::as_array)
                .map(|path| path.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("."))
                .unwrap_or_default(),
            message: entry.get("message").and_then(Value::as_str).unwrap_or_default().to_owned(),
        })
        .collect()
}

/// What a business refusal means for the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserMeaning {
    /// What we read a moment ago is no longer so: read again, then send again.
    Stale,
    /// It was so already.
    Already,
    /// A person must act.
    Person,
    /// Perhaps executed.
    Unknown,
}

/// Words in `userErrors[].message` of fulfillment calls (they carry no codes), lower case, first match wins.
#[rustfmt::skip] // a table
pub const FULFILLMENT_WORDS: &[(&str, UserMeaning, Cause, &str)] = &[
    ("on_hold", UserMeaning::Person, Cause::HeldInChannel, "The store holds these lines. Release the hold in Shopify, then retry."),
    ("on hold", UserMeaning::Person, Cause::HeldInChannel, "The store holds these lines. Release the hold in Shopify, then retry."),
    ("already cancelled", UserMeaning::Already, Cause::FulfillmentRefused, "The store had taken it back already."),
    ("already been cancelled", UserMeaning::Already, Cause::FulfillmentRefused, "The store had taken it back already."),
    ("does not exist", UserMeaning::Stale, Cause::FulfillmentRefused, "The store's work on this order changed while it was being reported."),
    ("not found", UserMeaning::Stale, Cause::FulfillmentRefused, "The store's work on this order changed while it was being reported."),
    ("quantity", UserMeaning::Stale, Cause::FulfillmentRefused, "The quantities left to ship changed while they were being reported."),
    ("unfulfillable status", UserMeaning::Stale, Cause::FulfillmentRefused, "The state of the store's work on this order changed while it was being reported."),
    ("no items left", UserMeaning::Stale, Cause::FulfillmentRefused, "The store has nothing left to fulfill in this order."),
    ("fulfillment service", UserMeaning::Person, Cause::FulfillmentRefused, "The lines belong to another app's fulfillment service. Move them to your own location in Shopify, then retry."),
    ("same location", UserMeaning::Stale, Cause::FulfillmentRefused, "The store moved lines to another location while they were being reported."),
];

/// Codes of `orderCancelUserErrors`.
#[rustfmt::skip] // a table
pub const CANCEL_CODES: &[(&str, UserMeaning, Cause, &str)] = &[
    ("INVALID", UserMeaning::Person, Cause::ContentRefused, "The store does not let this order be cancelled. Parcels that left, open returns and pending payments stand in the way; settle them in Shopify."),
    ("NOT_FOUND", UserMeaning::Person, Cause::ContentRefused, "The store does not have this order any more."),
    ("INTERNAL_ERROR", UserMeaning::Unknown, Cause::PlatformTrouble, "Shopify answers with an error of its own."),
    ("NO_REFUND_PERMISSION", UserMeaning::Person, Cause::ScopeMissing, "The app may not give money back. Cancel the order in Shopify, or without a refund."),
    ("NO_REFUND_TO_STORE_CREDIT_PERMISSION", UserMeaning::Person, Cause::ScopeMissing, "The app may not refund to store credit. Cancel the order in Shopify."),
    ("STORE_CREDIT_REFUND_B2B_NOT_SUPPORTED", UserMeaning::Person, Cause::ContentRefused, "Company orders cannot be refunded to store credit. Cancel the order in Shopify."),
    ("STORE_CREDIT_REFUND_EXPIRATION_IN_PAST", UserMeaning::Person, Cause::ContentRefused, "The store credit would already have expired. Cancel the order in Shopify."),
    ("STORE_CREDIT_REFUND_MISSING_CUSTOMER", UserMeaning::Person, Cause::ContentRefused, "Store credit needs a customer account. Cancel the order in Shopify."),
];

/// Codes of `inventorySetQuantities`.
#[rustfmt::skip] // a table
pub const STOCK_CODES: &[(&str, UserMeaning, Cause, &str)] = &[
    ("CHANGE_FROM_QUANTITY_STALE", UserMeaning::Person, Cause::SidesDiffer, "The store has another number by now: something was sold or counted meanwhile."),
    ("COMPARE_QUANTITY_STALE", UserMeaning::Person, Cause::SidesDiffer, "The store has another number by now: something was sold or counted meanwhile."),
    ("COMPARE_QUANTITY_REQUIRED", UserMeaning::Person, Cause::NotUnderstood, "The store wants the number it is changed from. Its API version may differ from the one Quayside speaks."),
    ("IDEMPOTENCY_CONCURRENT_REQUEST", UserMeaning::Unknown, Cause::OutcomeUnknown, "The store is still at work on the same change."),
    ("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", UserMeaning::Person, Cause::NotUnderstood, "The store knows another change by this name. This is a fault of Quayside; please report it."),
    ("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", UserMeaning::Stale, Cause::ContentRefused, "The store refused the same change before."),
    ("INVALID_INVENTORY_ITEM", UserMeaning::Person, Cause::UnknownSku, "The store does not have it any more. Check its SKU in Shopify."),
    ("INVALID_LOCATION", UserMeaning::Person, Cause::ContentRefused, "The store does not have this location any more."),
    ("INVALID_NAME", UserMeaning::Person, Cause::NotUnderstood, "The store does not know this kind of count. This is a fault of Quayside; please report it."),
    ("INVALID_QUANTITY_NEGATIVE", UserMeaning::Person, Cause::ContentRefused, "The store takes no count below zero."),
    ("INVALID_QUANTITY_TOO_HIGH", UserMeaning::Person, Cause::ContentRefused, "The count is larger than the store takes."),
    ("INVALID_QUANTITY_TOO_LOW", UserMeaning::Person, Cause::ContentRefused, "The count is smaller than the store takes."),
    ("INVALID_REASON", UserMeaning::Person, Cause::NotUnderstood, "The store does not know the reason given. This is a fault of Quayside; please report it."),
    ("INVALID_REFERENCE_DOCUMENT", UserMeaning::Person, Cause::NotUnderstood, "The store does not accept what the change refers to. This is a fault of Quayside; please report it."),
    ("ITEM_NOT_STOCKED_AT_LOCATION", UserMeaning::Person, Cause::ContentRefused, "It is not stocked at this location. Stock it there in Shopify (the product, Inventory, Edit locations), then retry."),
    ("NON_MUTABLE_INVENTORY_ITEM", UserMeaning::Person, Cause::ContentRefused, "It is a bundle: its count follows from its parts, and cannot be set."),
    ("NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR", UserMeaning::Person, Cause::NotUnderstood, "The same count was named twice. This is a fault of Quayside; please report it."),
];

/// Words in `userErrors[].message` of `refundCreate` (it carries no codes), lower case, first match wins.
#[rustfmt::skip] // a table
pub const REFUND_WORDS: &[(&str, UserMeaning, Cause, &str)] = &[
    ("previous attempt", UserMeaning::Stale, Cause::ContentRefused, "The store refused the same refund before."),
    ("concurrent", UserMeaning::Unknown, Cause::OutcomeUnknown, "The store is still at work on the same refund."),
    ("different parameters", UserMeaning::Person, Cause::OutcomeUnknown, "The store knows another refund by this name and does not show it. Look at the order in Shopify: give the money back there, or skip this."),
    ("permission", UserMeaning::Person, Cause::ScopeMissing, "The app may not give money back. Give it back in Shopify, or grant the permission, then retry."),
    ("not allowed", UserMeaning::Person, Cause::ContentRefused, "The store does not let this be given back. Look at the order in Shopify."),
    ("location", UserMeaning::Person, Cause::ContentRefused, "The store does not take the units back at this place. Give the money back without putting them back on the shelf, or in Shopify."),
    ("shipping", UserMeaning::Person, Cause::ContentRefused, "Less of the shipping is left than was to be given back. Sync the order, then ask for a new quote."),
    ("items", UserMeaning::Person, Cause::ContentRefused, "Fewer units are left than were to be given back, or they left (or came back) meanwhile. Sync the order, then ask for a new quote."),
    ("amount", UserMeaning::Person, Cause::ContentRefused, "Less money is left than was to be given back. Sync the order, then ask for a new quote."),
    ("transaction", UserMeaning::Person, Cause::ContentRefused, "The store does not give it back by the payment it came from. Give it back in Shopify, then skip this."),
];

/// Codes of `metafieldsSet`.
#[rustfmt::skip] // a table
pub const METAFIELD_CODES: &[(&str, UserMeaning, Cause, &str)] = &[
    ("APP_NOT_AUTHORIZED", UserMeaning::Person, Cause::ScopeMissing, "The app may not write these fields: another app owns them."),
    ("BLANK", UserMeaning::Person, Cause::NotUnderstood, "A fact is empty. This is a fault of Quayside; please report it."),
    ("CAPABILITY_VIOLATION", UserMeaning::Person, Cause::ContentRefused, "The store's own definition of the field forbids it. Look at Settings, Custom data, Orders in Shopify."),
    ("INCLUSION", UserMeaning::Person, Cause::ContentRefused, "The store's own definition of the field does not list this text. Look at Settings, Custom data, Orders in Shopify."),
    ("INTERNAL_ERROR", UserMeaning::Unknown, Cause::PlatformTrouble, "Shopify answers with an error of its own."),
    ("INVALID", UserMeaning::Person, Cause::ContentRefused, "The store does not take the fact as it is."),
    ("INVALID_COMPARE_DIGEST", UserMeaning::Stale, Cause::SidesDiffer, "The field changed while it was being written."),
    ("INVALID_TYPE", UserMeaning::Person, Cause::ContentRefused, "The store defines this field as something else than text. Look at Settings, Custom data, Orders in Shopify."),
    ("INVALID_VALUE", UserMeaning::Person, Cause::ContentRefused, "The store's own definition of the field does not take this text. Look at Settings, Custom data, Orders in Shopify."),
    ("LESS_THAN_OR_EQUAL_TO", UserMeaning::Person, Cause::NotUnderstood, "Too many facts were written at once. This is a fault of Quayside; please report it."),
    ("PRESENT", UserMeaning::Person, Cause::ContentRefused, "The store does not take the fact as it is."),
    ("STALE_OBJECT", UserMeaning::Stale, Cause::SidesDiffer, "The field changed while it was being written."),
    ("TAKEN", UserMeaning::Person, Cause::ContentRefused, "The store has this text already where it may stand only once."),
    ("TOO_LONG", UserMeaning::Person, Cause::ContentRefused, "The text is longer than the store takes."),
    ("TOO_SHORT", UserMeaning::Person, Cause::ContentRefused, "The text is shorter than the store takes."),
];

/// A business refusal of a fulfillment call.
pub fn by_fulfillment_errors(
    door: &Door,
    errors: &[UserError],
    request_id: Option<String>,
    what: &str,
) -> (UserMeaning, Refusal) {
    by_words(FULFILLMENT_WORDS, Cause::FulfillmentRefused, door, errors, request_id, what)
}

/// A business refusal of a refund.
pub fn by_refund_errors(
    door: &Door,
    errors: &[UserError],
    request_id: Option<String>,
    what: &str,
) -> (UserMeaning, Refusal) {
    by_words(REFUND_WORDS, Cause::ContentRefused, door, errors, request_id, what)
}

/// A business refusal of facts, tags or a note: the last two carry no codes.
pub fn by_mark_errors(
    door: &Door,
    errors: &[UserError],
    request_id: Option<String>,
    what: &str,
) -> (UserMeaning, Refusal) {
    if errors.iter().any(|error| !error.code.is_empty()) {
        return by_codes(METAFIELD_CODES, door, errors, request_id, what);
    }
    by_words(&[], Cause::ContentRefused, door, errors, request_id, what)
}

/// A business refusal of an answer to a return request. One that is answered already is looked at anew.
pub fn by_return_errors(
    door: &Door,
    errors: &[UserError],
    request_id: Option<String>,
    what: &str,
) -> (UserMeaning, Refusal) {
    let answered = errors.iter().any(|error| error.code == "INVALID_STATE");
    let (meaning, refusal) = by_words(&[], Cause::ContentRefused, door, errors, request_id, what);
    (if answered { UserMeaning::Stale } else { meaning }, refusal)
}

fn by_words(
    table: &[(&str, UserMeaning, Cause, &'static str)],
    otherwise: Cause,
    door: &Door,
    errors: &[UserError],
    request_id: Option<String>,
    what: &str,
) -> (UserMeaning, Refusal) {
    let words = errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join(" ");
    let lower = words.to_lowercase();
    let row = table.iter().find(|(word, ..)| lower.contains(word));
    let (meaning, cause, sentence) = row.map_or(
        (
            UserMeaning::Person,
            otherwise,
            "The store does not accept it. Look at the order in Shopify, then retry or skip.",
        ),
        |(_, meaning, cause, sentence)| (*meaning, *cause, *sentence),
    );
    (meaning, door.refusal(cause, &format!("{what}. {sentence}")).said(door.quotable(&words)).request(request_id))
}

/// A business refusal of a cancellation.
pub fn by_cancel_errors(
    door: &Door,
    errors: &[UserError],
    request_id: Option<String>,
    what: &str,
) -> (UserMeaning, Refusal) {
    by_codes(CANCEL_CODES, door, errors, request_id, what)
}

/// A business refusal of a count.
pub fn by_stock_errors(
    door: &Door,
    errors: &[UserError],
    request_id: Option<String>,
    what: &str,
) -> (UserMeaning, Refusal) {
    by_codes(STOCK_CODES, door, errors, request_id, what)
}

fn by_codes(
    codes: &[(&str, UserMeaning, Cause, &str)],
    door: &Door,
    errors: &[UserError],
    request_id: Option<String>,
    what: &str,
) -> (UserMeaning, Refusal) {
    let words = errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join(" ");
    let row = errors.iter().find_map(|error| codes.iter().find(|(code, ..)| *code == error.code));
    let unknown = errors.first().map_or_else(String::new, |error| error.code.clone());
    let (meaning, cause, sentence) = row.map_or_else(
        || {
            (
                UserMeaning::Person,
                Cause::ContentRefused,
                format!("The store does not accept it, for a reason Quayside does not know ({unknown})."),
            )
        },
        |(_, meaning, cause, sentence)| (*meaning, *cause, (*sentence).to_owned()),
    );
    (meaning, door.refusal(cause, &format!("{what}. {sentence}")).said(door.quotable(&words)).request(request_id))
}
