//! Refunds in their books: written down once, found again by our reference. No money moves there.
//!
//! Nothing but that reference keeps a refund from standing in the books twice. So the list of the order is looked at
//! before each is written, whatever the profile says of keys against doubles. Lines are named by theirs; what of ours is
//! on no line there is left out and said, because the amount counts without it.

use super::capability::REFUND;
use super::client::Reply;
use super::compose;
use super::confirm::absent;
use super::hub::{Hub, NotFound};
use super::profile::Profile;
use super::request::{Filling, SYSTEM};
use super::translate::{self, TheirOrder};
use super::verdicts::{self, Means};
use crate::{Priority, Task};
use quayside_model::{Cause, Confirmation, HubOrderDraft, HubRefundDraft, HubRefundLineDraft, Receipt, Verdict};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A refund as it stands in their books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TheirRefund {
    pub id: String,
    /// Our reference, if we wrote it.
    pub reference: Option<String>,
    /// It is marked for accounting; `None`: the account does not say.
    pub accounting: Option<bool>,
}

/// A refund; `Err` names the field that spoils it.
pub(super) fn refund(profile: &Profile, raw: &Value) -> Result<TheirRefund, String> {
    let record = translate::canonical(profile, REFUND, raw)?;
    let ours = translate::text(&record, "reference_system").is_none_or(|system| system == SYSTEM);
    Ok(TheirRefund {
        id: translate::text(&record, "remote_id").ok_or("remote_id: missing")?,
        reference: translate::text(&record, "reference").filter(|_| ours),
        accounting: record.get("accounting_flag").and_then(Value::as_bool),
    })
}

/// The refund of an order under our reference; `None` if it is not there.
async fn ours(hub: &Hub, order_id: &str, reference: &str, priority: Priority) -> Result<Option<TheirRefund>, NotFound> {
    if hub.profile.operation("listRefunds").is_none() {
        let why = format!("The profile \"{}\" knows no path for listRefunds.", hub.profile.title());
        return Err(NotFound::NoWay(why));
    }
    let reply = hub.call("listRefunds", &Filling::default().path("order_id", order_id), priority).await?;
    let Some(json) = reply.json.as_ref().filter(|_| reply.success) else {
        let missing = verdicts::means(&hub.profile, &reply) == Means::Missing;
        return Err(if missing { NotFound::Gone } else { NotFound::Answered(Box::new(reply)) });
    };
    let rows = hub.rows("listRefunds", json).map_err(NotFound::Unreadable)?;
    for raw in rows.iter().filter(|raw| !raw.is_null()) {
        // One that cannot be read may be ours: nothing is written beside it.
        let known = refund(&hub.profile, raw).map_err(NotFound::Unreadable)?;
        if known.reference.as_deref() == Some(reference) {
            return Ok(Some(known));
        }
    }
    Ok(None)
}

/// Writes a refund down.
pub(super) async fn record(hub: &Hub, task: &Task<'_>, order_id: &str, draft: &HubRefundDraft) -> Verdict {
    let what = what(draft);
    let found = match hub.order(order_id, task.priority).await {
        Ok(found) => found,
        Err(error) => return hub.before_write(error, &what),
    };
    match ours(hub, order_id, task.key, task.priority).await {
        Ok(Some(known)) => return Verdict::AlreadyDone(receipt(None, &known, &[])),
        Ok(None) => {}
        Err(error) => return hub.before_write(error, &what),
    }
    let (lines, left_out) = lines(draft, &found);
    let write_id = hub.write_id(task.key);
    let record = body(&hub.profile, draft, lines, task.key, &write_id);
    let filling = Filling::default().path("order_id", order_id).record(&record);
    let reply = match hub.write("createRefund", &filling, &write_id, task.priority).await {
        Ok(reply) => reply,
        Err(failure) => return failure.into_verdict(),
    };
    match verdicts::means(&hub.profile, &reply) {
        Means::Fine => {}
        // The reference is taken: an earlier send went through.
        Means::Taken => {
            return match ours(hub, order_id, task.key, task.priority).await {
                Ok(Some(known)) => Verdict::AlreadyDone(receipt(None, &known, &[])),
                Ok(None) => verdicts::write_verdict(&hub.profile, &hub.speaker, &reply, &what),
                Err(error) => hub.before_write(error, &what),
            };
        }
        Means::Locked => {
            let sentence = format!(
                "{what}: the order's state in Orderez takes no refund. Look at the order there and write it down by hand."
            );
            return Verdict::NeedsPerson(hub.speaker.refusal_of(&reply, Cause::HubLocked, &sentence));
        }
        _ => return verdicts::write_verdict(&hub.profile, &hub.speaker, &reply, &what),
    }
    let made = reply.json.as_ref().and_then(|json| hub.item("createRefund", json).ok());
    match made.and_then(|raw| refund(&hub.profile, &raw).ok()) {
        Some(made) => Verdict::Done(receipt(Some(&reply), &made, &left_out)),
        // Written, and unreadable: its reference finds it.
        None => Verdict::AnswerLost(hub.speaker.refusal_of(
            &reply,
            Cause::OutcomeUnknown,
            &format!("{what} for certain: the answer was not readable. It is looked up before anything is sent again."),
        )),
    }
}

/// Does a refund stand in the books?
pub(super) async fn confirm(hub: &Hub, task: &Task<'_>, order_id: &str, draft: &HubRefundDraft) -> Confirmation {
    let what = what(draft);
    match ours(hub, order_id, task.key, task.priority).await {
        Ok(Some(known)) => Confirmation::Holds(receipt(None, &known, &[])),
        Ok(None) => absent(hub, task, &what),
        Err(error) => hub.undecided(error, &what),
    }
}

/// Their lines of our units, and what is on none of them, in words.
fn lines(draft: &HubRefundDraft, found: &TheirOrder) -> (Vec<Value>, Vec<String>) {
    let room =
        found.lines.iter().map(|line| (line.remote_id.as_str(), line.quantity.saturating_sub(line.refunded).max(0)));
    let mut room: BTreeMap<&str, i64> = room.collect();
    let (mut lines, mut left_out) = (Vec::new(), Vec::new());
    for line in &draft.lines {
        let by_key = found.lines.iter().find(|other| other.key.as_deref() == Some(line.line_key.as_str()));
        let there = by_key.or_else(|| by_sku(line, found));
        let mut units = 0;
        if let Some(there) = there
            && let Some(left) = room.get_mut(there.remote_id.as_str())
        {
            units = line.quantity.min(*left);
            *left -= units;
            if units > 0 {
                lines.push(json!({"line_id": there.remote_id, "quantity": units, "restock": line.restock}));
            }
        }
        if units < line.quantity {
            left_out.push(format!("{} × {}", line.quantity - units, line.sku));
        }
    }
    (lines, left_out)
}

/// Where theirs carry no key of ours: a SKU that stands on one line only.
fn by_sku<'a>(line: &HubRefundLineDraft, found: &'a TheirOrder) -> Option<&'a translate::Line> {
    let mut same =
        found.lines.iter().filter(|other| other.key.is_none() && !line.sku.is_empty() && other.sku == line.sku);
    match (same.next(), same.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    }
}

/// Our record of a refund, for the body.
fn body(profile: &Profile, draft: &HubRefundDraft, lines: Vec<Value>, reference: &str, write_id: &str) -> Value {
    json!({
        "amount": {
            "amount": compose::money(profile, draft.total_minor, &draft.currency),
            "currency": draft.currency.0,
        },
        "reason": profile.word_out("refund_reason", &draft.reason),
        // A list of nothing says that nothing was meant.
        "lines": if lines.is_empty() { Value::Null } else { Value::Array(lines) },
        "external_ref": {"system": SYSTEM, "id": reference, "number": draft.number},
        "source": compose::source(write_id),
    })
}

/// The record a dry run shows: one unit of the order's first line.
pub(super) fn example(profile: &Profile, draft: &HubOrderDraft, write_id: &str) -> Value {
    let line = draft.lines.first();
    let refund = HubRefundDraft {
        number: draft.number.clone(),
        total_minor: line.map_or(draft.total_minor, |line| line.unit_price_minor),
        through_minor: line.map_or(draft.total_minor, |line| line.unit_price_minor),
        currency: draft.currency.clone(),
        lines: Vec::new(),
        reason: "other".into(),
    };
    let lines = line.map(|line| json!({"line_id": line.line_key, "quantity": 1, "restock": false}));
    body(profile, &refund, lines.into_iter().collect(), &format!("{}:refund", draft.key), write_id)
}

fn what(draft: &HubRefundDraft) -> String {
    format!("The refund of {} could not be written down", draft.number)
}

fn receipt(reply: Option<&Reply>, refund: &TheirRefund, left_out: &[String]) -> Receipt {
    let mut notes = Vec::new();
    match refund.accounting {
        Some(true) => notes.push("Marked for accounting there.".to_owned()),
        Some(false) => notes.push("Not marked for accounting there: mark it by hand.".to_owned()),
        None => {}
    }
    if !left_out.is_empty() {
        notes.push(format!("On no line there, so only in the amount: {}.", left_out.join(", ")));
    }
    Receipt {
        remote_id: Some(refund.id.clone()),
        request_id: reply.and_then(|reply| reply.request_id.clone()),
        note: (!notes.is_empty()).then(|| notes.join(" ")),
        cost: None,
    }
}
