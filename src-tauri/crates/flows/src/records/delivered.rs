//! When all of an order has arrived, somebody is to ask how it went: a task for whoever looks after the customer.

use super::{about, day, delivered_ms, draft, keep_once, keeper, number, order_key};
use crate::automation::{AutomationDecl, Need};
use crate::calendar;
use crate::look::Look;
use quayside_model::{IntentKind, RecordKind, RecordNoun, Role};
use serde_json::json;

pub(crate) const ID: &str = "delivered_task";
const ABOUT: &str = "delivered";

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "A task when it is delivered",
    summary: "When all parcels of an order have arrived, the owner of the customer gets a task with a due date, once per order.",
    examples: &[
        (
            "The last parcel of an order is delivered.",
            "The owner of the account gets a task, due in three working days.",
        ),
        ("One of two parcels is delivered.", "Nothing yet."),
        ("The task was deleted, or done, or the parcel is read again.", "No second one is made."),
        ("The order came from there.", "The task hangs on the opportunity, and its owner gets it."),
    ],
    needs: &[
        Need::Reads(Role::Hub, RecordKind::Parcel),
        Need::TellsDelivery,
        Need::Performs(Role::Records, IntentKind::PutRecord),
    ],
    undo: "Delete the task there.",
    settings: &[number("due_days", "Due after", "Working days from the delivery to the day the task is due.", "3")],
    look,
};

/// When the last of it arrived; `None` while something is still on its way.
fn arrived_ms(look: &Look<'_>) -> Option<i64> {
    let story = look.story;
    if look.lines.rows.is_empty() || !(look.lines.all_shipped() || look.lines.all_told()) {
        return None;
    }
    let parcels: Vec<_> = story.parcels.iter().map(|seen| &seen.value).filter(|parcel| parcel.is_live()).collect();
    let arrivals: Vec<Option<i64>> = if parcels.is_empty() {
        story.order.fulfillments.iter().filter(|told| told.live).map(|told| told.delivered_at_ms).collect()
    } else {
        parcels.into_iter().map(|parcel| delivered_ms(look, parcel)).collect()
    };
    let all: Option<Vec<i64>> = arrivals.into_iter().collect();
    all?.into_iter().max()
}

fn look(look: &mut Look<'_>) {
    let Some((keeper, mode)) = keeper(look, ID) else { return };
    let order = &look.story.order;
    let Some(arrived_ms) = arrived_ms(look).filter(|_| !order.is_cancelled()) else { return };
    let days = u32::try_from(look.policy.number(ID, "due_days").clamp(0, 365)).unwrap_or_default();
    let (settings, zone) = (look.policy.settings_of(look.channel), look.policy.zone_of(look.channel));
    let due_ms = calendar::business_deadline(arrived_ms, days, &settings, zone);
    let text = format!(
        "All of {} has arrived on {}. Ask whether everything was as it should be.",
        order.number,
        day(look, arrived_ms)
    );
    let due = day(look, due_ms);
    let facts = [
        ("title", json!(format!("{} was delivered", order.number))),
        ("text", json!(text)),
        ("due", json!(due)),
        ("order", json!(order.number)),
    ];
    let record = draft(RecordNoun::FollowUp, format!("{}/delivered", order_key(look)), &facts, about(look, keeper));
    let sentence = format!("Make a task in {} for {}, which was delivered; due {due}", keeper.name, order.number);
    keep_once(look, ID, (keeper, mode), ABOUT, record, sentence);
}
