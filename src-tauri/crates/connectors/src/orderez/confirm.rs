//! Does an effect hold? Asked after a lost answer, before anything is sent again.
//!
//! An order is found by our reference, or read by its id; what it looks like
//! decides. Lists may be two minutes late: where nothing else guards against
//! doubles, "not there" counts only after that.

use super::customers;
use super::hub::{Hub, NotFound};
use super::paging::OVERLAP_MS;
use super::perform::{is_off, line_change, place, receipt, same_address, same_note, state_words, what};
use super::products;
use super::profile::IdempotencyStyle;
use super::refunds;
use super::stock;
use super::translate::TheirOrder;
use super::verdicts;
use crate::Task;
use quayside_model::{Cause, Confirmation, HubOrderDraft, HubStatus, Intent};

/// Asks whether an effect holds. Changes nothing.
pub(super) async fn confirm(hub: &Hub, task: &Task<'_>) -> Confirmation {
    match task.intent {
        Intent::PutHubOrder { order, hub_order_id } => put(hub, order, hub_order_id.as_deref(), task).await,
        Intent::CancelHubOrder { hub_order_id, .. } => {
            // What is not there is packed by nobody.
            if let Err(NotFound::Gone) = hub.order(hub_order_id, task.priority).await {
                return Confirmation::Holds(receipt(None, hub_order_id, None));
            }
            state(hub, hub_order_id, task, "cancelled", |found| {
                if is_off(found) {
                    State::Holds
                } else if matches!(found.order.status, HubStatus::Shipped | HubStatus::WithProvider) {
                    State::Overtaken
                } else {
                    State::Absent
                }
            })
            .await
        }
        Intent::HoldHubOrder { hub_order_id, .. } => {
            state(hub, hub_order_id, task, "held", |found| match found.order.status {
                HubStatus::OnHold => State::Holds,
                ref status if status.is_open() => State::Absent,
                _ => State::Overtaken,
            })
            .await
        }
        Intent::ReleaseHubOrder { hub_order_id, .. } => {
            state(hub, hub_order_id, task, "released", |found| match found.order.status {
                HubStatus::OnHold => State::Absent,
                // Packed since: it cannot have been held.
                HubStatus::AwaitingShipment | HubStatus::AwaitingPayment | HubStatus::Shipped => State::Holds,
                _ => State::Overtaken,
            })
            .await
        }
        Intent::SetStock { stock } => stock::confirm(hub, task, stock).await,
        Intent::PutProduct { product } => products::confirm(hub, task, product).await,
        Intent::PutRecord { record } => customers::confirm(hub, task, record).await,
        Intent::RecordRefund { hub_order_id, refund, .. } => refunds::confirm(hub, task, hub_order_id, refund).await,
        _ => Confirmation::CannotTell(
            hub.speaker.refusal(Cause::NotUnderstood, "Orderez cannot be asked about what it does not perform."),
        ),
    }
}

enum State {
    Holds,
    Absent,
    Overtaken,
}

async fn state(hub: &Hub, id: &str, task: &Task<'_>, verb: &str, judge: impl Fn(&TheirOrder) -> State) -> Confirmation {
    let what = format!("Order {id} could not be {verb}");
    let found = match hub.order(id, task.priority).await {
        Ok(found) => found,
        Err(error) => return hub.undecided(error, &what),
    };
    match judge(&found) {
        State::Holds => Confirmation::Holds(receipt(None, id, None)),
        State::Absent => Confirmation::Absent,
        State::Overtaken => {
            Confirmation::Overtaken(verdicts::locked(&hub.speaker, &what, &state_words(&found.order.status)))
        }
    }
}

async fn put(hub: &Hub, draft: &HubOrderDraft, hub_order_id: Option<&str>, task: &Task<'_>) -> Confirmation {
    let what = what(draft);
    let found = match hub_order_id {
        Some(id) => hub.order(id, task.priority).await.map(Some),
        None => hub.order_by_key(&draft.key, task.priority).await,
    };
    let found = match found {
        Ok(Some(found)) => found,
        // An order that is not there does not hold what it was to be brought to. (Whoever sends it again is told so.)
        Ok(None) | Err(NotFound::Gone) => return absent(hub, task, &what),
        Err(error) => return hub.undecided(error, &what),
    };
    // An account may write an address its own way: that our write was the last to change the order is as good.
    let words = found.is_written_by(&hub.write_id(task.key))
        || (same_address(hub, draft, &found) && same_note(hub, draft, &found));
    let same = line_change(draft, &found.lines).is_none() && words && place(hub, draft, &found).is_none();
    let held = draft.ready || found.order.status == HubStatus::OnHold || !found.is_open();
    match &found.order.status {
        HubStatus::Cancelled => Confirmation::Overtaken(verdicts::locked(&hub.speaker, &what, "cancelled")),
        _ if same && held => Confirmation::Holds(receipt(None, &found.order.remote_id, None)),
        status if status.is_open() => Confirmation::Absent,
        status => Confirmation::Overtaken(verdicts::locked(&hub.speaker, &what, &state_words(status))),
    }
}

/// Not there, as far as it was looked for: whether it may be sent again.
pub(super) fn absent(hub: &Hub, task: &Task<'_>, what: &str) -> Confirmation {
    // The account itself recognises the key, or the reference: sending again is safe.
    let guarded =
        hub.profile.idempotency.style == IdempotencyStyle::Header || !hub.profile.errors.duplicate_codes.is_empty();
    let young = task.last_sent_at_ms.is_none_or(|at_ms| hub.client.now_ms() - at_ms < OVERLAP_MS);
    if guarded || !young {
        return Confirmation::Absent;
    }
    Confirmation::CannotTell(hub.speaker.refusal(
        Cause::OutcomeUnknown,
        &format!("{what} for certain: it is not in the list yet, and the list may be late. It is looked for again."),
    ))
}
