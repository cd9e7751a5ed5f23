//! Stock: counts by warehouse and SKU, read whole and set by comparing.
//!
//! What can be sold is the shelf less what is reserved; what is set is the shelf, so
//! that what is reserved stays so. A write names the version it was decided on. One
//! that lost the race is looked at anew, and goes on only from the number that was
//! agreed on. Which write changed a count last says whether a lost one was ours.

use super::capability::has;
use super::client::Reply;
use super::compose;
use super::hub::{Hub, NotFound};
use super::profile::IdempotencyStyle;
use super::request::Filling;
use super::translate::{self, TheirLevel};
use super::verdicts::{self, Means};
use crate::{Priority, ReadError, Task};
use quayside_model::time::HOUR_MS;
use quayside_model::{Cause, Confirmation, Incoming, Receipt, Record, Refusal, StockDraft, Verdict};
use serde_json::{Value, json};

/// A change that lost a race is tried so often before it waits for its next turn.
const RACES_MAX: u32 = 3;

/// The count and their own record.
async fn level(
    hub: &Hub,
    warehouse: Option<&str>,
    sku: &str,
    priority: Priority,
) -> Result<(TheirLevel, Value), NotFound> {
    if hub.profile.operation("getInventory").is_none() {
        let why = format!("The profile \"{}\" knows no path for getInventory.", hub.profile.title());
        return Err(NotFound::NoWay(why));
    }
    let mut filling = Filling::default().path("sku", sku);
    if let Some(warehouse) = warehouse {
        filling = filling.path("warehouse_id", warehouse);
    }
    let reply = hub.call("getInventory", &filling, priority).await?;
    let Some(json) = reply.json.as_ref().filter(|_| reply.success) else {
        let missing = verdicts::means(&hub.profile, &reply) == Means::Missing;
        return Err(if missing { NotFound::Gone } else { NotFound::Answered(Box::new(reply)) });
    };
    let raw = hub.item("getInventory", json).map_err(NotFound::Unreadable)?;
    let level = translate::level(&hub.profile, &raw).map_err(NotFound::Unreadable)?;
    Ok((level, raw))
}

/// One count by our name of it.
pub(super) async fn one(hub: &Hub, remote_id: &str, priority: Priority) -> Result<Option<Incoming>, ReadError> {
    let (warehouse, sku) = translate::level_names(remote_id);
    match level(hub, warehouse.as_deref(), &sku, priority).await {
        Ok((level, raw)) => Ok(Some(Incoming { record: Record::Stock(level.stock), raw: raw.to_string() })),
        Err(NotFound::Gone) => Ok(None),
        Err(NotFound::Failed(failure)) => Err(failure.into_read_error()),
        Err(NotFound::Answered(reply)) => Err(verdicts::read_error(&hub.profile, &hub.speaker, &reply, "Stock")),
        Err(NotFound::NoWay(why)) => Err(ReadError::Refused(hub.no_way(&why))),
        Err(NotFound::Unreadable(why)) => Err(ReadError::Refused(unreadable(hub, "Stock cannot be read", &why))),
    }
}

/// The account remembers a key against doubles at least so long, ms; the contract says 72 hours.
const KEY_KEPT_MS: i64 = 48 * HOUR_MS;

/// What was moved is sent as a difference, so that what is packed at the same moment stays packed. Only where the account
/// knows a request again by its key: a difference that is sent twice counts twice.
fn difference(hub: &Hub, draft: &StockDraft) -> Option<i64> {
    let guarded = hub.profile.idempotency.style == IdempotencyStyle::Header;
    let can = guarded && draft.location_id.is_some() && has(&hub.profile, "inventory.adjust");
    draft.difference().filter(|_| can)
}

/// Adds to a count, or takes from it.
async fn adjust(hub: &Hub, task: &Task<'_>, draft: &StockDraft, by: i64) -> Verdict {
    let what = what(draft);
    let write_id = hub.write_id(task.key);
    let found = match level(hub, draft.location_id.as_deref(), &draft.sku, task.priority).await {
        Ok((found, _)) => found,
        Err(error) => return before_write(hub, error, &what, draft),
    };
    if found.is_written_by(&write_id) {
        return Verdict::AlreadyDone(receipt(&found, None));
    }
    let record = json!({
        "reason": "correction",
        "lines": [{"warehouse_id": draft.location_id, "sku": draft.sku, "delta": by}],
        "source": compose::source(&write_id),
    });
    let filling = Filling::default().record(&record);
    let reply = match hub.write("adjustInventory", &filling, &write_id, task.priority).await {
        Ok(reply) => reply,
        Err(failure) => return failure.into_verdict(),
    };
    match verdicts::means(&hub.profile, &reply) {
        Means::Fine => Verdict::Done(receipt(&found, Some(&reply))),
        Means::Missing => Verdict::NeedsPerson(unknown(hub, &what, draft)),
        Means::Locked => {
            let sentence = format!("{what}: Orderez does not let this count be changed. Look at the product there.");
            let refusal = hub.speaker.refusal_of(&reply, Cause::ContentRefused, &sentence);
            Verdict::NeedsPerson(about(refusal, draft))
        }
        _ => verdicts::write_verdict(&hub.profile, &hub.speaker, &reply, &what),
    }
}

/// Sets a count, or moves it.
pub(super) async fn set(hub: &Hub, task: &Task<'_>, draft: &StockDraft) -> Verdict {
    if let Some(by) = difference(hub, draft) {
        return adjust(hub, task, draft, by).await;
    }
    let what = what(draft);
    let write_id = hub.write_id(task.key);
    for _ in 0..RACES_MAX {
        let found = match level(hub, draft.location_id.as_deref(), &draft.sku, task.priority).await {
            Ok((found, _)) => found,
            Err(error) => return before_write(hub, error, &what, draft),
        };
        if found.stock.available == draft.available || found.is_written_by(&write_id) {
            return Verdict::AlreadyDone(receipt(&found, None));
        }
        if let Some(expected) = draft.expected.filter(|expected| *expected != found.stock.available) {
            let sentence = format!(
                "{what}: Orderez has {} by now, and {expected} was expected. Something was packed or counted meanwhile.",
                found.stock.available
            );
            return Verdict::NeedsPerson(about(hub.speaker.refusal(Cause::SidesDiffer, &sentence), draft));
        }
        let record = record(draft, &found, &write_id);
        let mut filling = Filling::default().path("sku", &draft.sku).record(&record).version(found.version.as_ref());
        if let Some(warehouse) = &draft.location_id {
            filling = filling.path("warehouse_id", warehouse);
        }
        let reply = match hub.write("setInventory", &filling, &write_id, task.priority).await {
            Ok(reply) => reply,
            Err(failure) => return failure.into_verdict(),
        };
        match verdicts::means(&hub.profile, &reply) {
            Means::Fine => return Verdict::Done(receipt(&found, Some(&reply))),
            // Somebody was faster: what there is now decides.
            Means::Moved => {}
            Means::Missing => return Verdict::NeedsPerson(unknown(hub, &what, draft)),
            Means::Locked => {
                let sentence = format!("{what}: Orderez does not let this count be set. Look at the product there.");
                let refusal = hub.speaker.refusal_of(&reply, Cause::ContentRefused, &sentence);
                return Verdict::NeedsPerson(about(refusal, draft));
            }
            _ => return verdicts::write_verdict(&hub.profile, &hub.speaker, &reply, &what),
        }
    }
    Verdict::RetryLater(hub.speaker.refusal(
        Cause::PlatformTrouble,
        &format!("{what}: somebody else keeps changing the count at the same moment. It is tried again."),
    ))
}

/// Does a count hold?
pub(super) async fn confirm(hub: &Hub, task: &Task<'_>, draft: &StockDraft) -> Confirmation {
    let what = what(draft);
    let moves = difference(hub, draft).is_some();
    match level(hub, draft.location_id.as_deref(), &draft.sku, task.priority).await {
        Ok((found, _)) if moves && found.is_written_by(&hub.write_id(task.key)) => {
            Confirmation::Holds(receipt(&found, None))
        }
        // Another change may have come after it: sent under its key once more, the account repeats its first answer.
        Ok(_) if moves && task.last_sent_at_ms.is_some_and(|at_ms| hub.client.now_ms() - at_ms < KEY_KEPT_MS) => {
            Confirmation::Absent
        }
        Ok(_) if moves => Confirmation::CannotTell(hub.speaker.refusal(
            Cause::OutcomeUnknown,
            &format!("{what} for certain: it is too long ago to be asked for again. Look at the count in Orderez, then retry or skip."),
        )),
        Ok((found, _)) if found.stock.available == draft.available || found.is_written_by(&hub.write_id(task.key)) => {
            Confirmation::Holds(receipt(&found, None))
        }
        // Sent again, it goes on only from the number that was agreed on.
        Ok(_) | Err(NotFound::Gone) => Confirmation::Absent,
        Err(NotFound::Answered(reply)) => {
            Confirmation::CannotTell(verdicts::read_refusal(&hub.profile, &hub.speaker, &reply, "Stock"))
        }
        Err(NotFound::Failed(failure)) => failure.into_confirmation(),
        Err(NotFound::NoWay(why)) => Confirmation::CannotTell(hub.no_way(&why)),
        Err(NotFound::Unreadable(why)) => Confirmation::CannotTell(unreadable(hub, &what, &why)),
    }
}

/// Our record of a count, for the body: the shelf it takes for so many to be sellable.
fn record(draft: &StockDraft, found: &TheirLevel, write_id: &str) -> Value {
    let reserved = found.stock.on_hand.map_or(0, |on_hand| (on_hand - found.stock.available).max(0));
    json!({
        "warehouse_id": draft.location_id,
        "sku": draft.sku,
        "on_hand": draft.available.saturating_add(reserved),
        "available": draft.available,
        "reason": "sync",
        "source": compose::source(write_id),
    })
}

fn what(draft: &StockDraft) -> String {
    format!("The stock of {} could not be set", draft.sku)
}

fn about(refusal: Refusal, draft: &StockDraft) -> Refusal {
    refusal.about(draft.sku.clone())
}

fn receipt(found: &TheirLevel, reply: Option<&Reply>) -> Receipt {
    Receipt {
        remote_id: Some(found.stock.remote_id.clone()),
        request_id: reply.and_then(|reply| reply.request_id.clone()),
        note: None,
        cost: None,
    }
}

fn unknown(hub: &Hub, what: &str, draft: &StockDraft) -> Refusal {
    let sentence = format!("{what}: Orderez does not count it in this warehouse. Check its SKU there.");
    about(hub.speaker.refusal(Cause::UnknownSku, &sentence), draft)
}

fn unreadable(hub: &Hub, what: &str, why: &str) -> Refusal {
    hub.speaker.refusal(
        Cause::Unreadable,
        &format!(
            "{what}: the count came in a form the connection's profile does not fit ({why}). Correct the profile."
        ),
    )
}

/// The look before the write failed: nothing was changed.
fn before_write(hub: &Hub, error: NotFound, what: &str, draft: &StockDraft) -> Verdict {
    match error {
        NotFound::Gone => Verdict::NeedsPerson(unknown(hub, what, draft)),
        NotFound::Answered(reply) => {
            let refusal = || verdicts::read_refusal(&hub.profile, &hub.speaker, &reply, "Stock");
            match verdicts::means(&hub.profile, &reply) {
                Means::SignIn => Verdict::SignInAgain(verdicts::sign_in(&hub.speaker, &reply)),
                Means::Trouble => Verdict::RetryLater(refusal()),
                _ => Verdict::NeedsPerson(refusal()),
            }
        }
        NotFound::Unreadable(why) => Verdict::NeedsPerson(unreadable(hub, what, &why)),
        NotFound::NoWay(why) => Verdict::NeedsPerson(hub.no_way(&why)),
        NotFound::Failed(failure) => failure.into_verdict_before_write(),
    }
}
