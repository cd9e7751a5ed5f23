//! Does an effect hold? Asked after a lost answer, before anything is sent again.
//!
//! V1 cannot be asked by key, so an order is found by its number (a prefix match:
//! compared for equality) or, far cheaper when a whole batch was lost, in one
//! list of everything that changed since the batch left.

use super::client::{Api, Call, Failure};
use super::compose::{self, Beside};
use super::hub::{Found, Hub, NotFound, Recent};
use super::ids::{self, ParcelId};
use super::perform::{held_until, receipt, state_words};
use super::wire_v1::ShipmentV1;
use super::wire_v2::LabelV2;
use super::{compose_v2, labels, pacific, translate, verdicts, wire};
use crate::{Priority, ReadError, Task};
use quayside_model::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
use quayside_model::{Cause, Confirmation, HubOrder, HubOrderDraft, HubStatus, Intent, Refusal};
use serde_json::Value;
use std::collections::BTreeMap;

/// A list of recent changes proves something for so long, ms.
const RECENT_KEEP_MS: i64 = 30 * SECOND_MS;
/// Sends older than this are looked up one by one: the list would be long.
const RECENT_REACH_MS: i64 = 6 * HOUR_MS;
/// Indexes are late and clocks differ by less than this, ms.
const OVERLAP_MS: i64 = 10 * MINUTE_MS;
/// Pages of prefix matches read for one number.
const PAGES_MAX: u64 = 5;

/// Asks whether an effect holds. Changes nothing.
pub(super) async fn confirm(hub: &Hub, task: &Task<'_>) -> Confirmation {
    let answer = match task.intent {
        Intent::PutHubOrder { order, hub_order_id } => put(hub, order, hub_order_id.as_deref(), task).await,
        Intent::CancelHubOrder { hub_order_id, .. } => {
            state(hub, hub_order_id, task, "cancelled", |found| match found.order.status {
                HubStatus::Cancelled => State::Holds,
                ref status if status.is_open() => State::Absent,
                _ => State::Overtaken,
            })
            .await
        }
        Intent::HoldHubOrder { hub_order_id, until_day, .. } => {
            state(hub, hub_order_id, task, "held", |found| match found.order.status {
                HubStatus::OnHold if held_until(until_day)(found) => State::Holds,
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
        Intent::VoidLabel { parcel_id } => void(hub, parcel_id, task).await,
        Intent::PutProduct { product } => Ok(super::products::confirm(hub, task, product).await),
        Intent::BuyLabel { label } => labels::confirm_buy(hub, label, task).await,
        Intent::ReturnLabel { hub_order_id, parcel_id, known_label_ids, .. } => {
            labels::confirm_return(hub, hub_order_id, parcel_id, known_label_ids, task).await
        }
        _ => Err(Confirmation::CannotTell(
            hub.speaker.refusal(Cause::NotUnderstood, "ShipStation cannot be asked about a store's effects."),
        )),
    };
    answer.unwrap_or_else(|undecided| undecided)
}

/// An answer, or why there is none.
type Answer = Result<Confirmation, Confirmation>;

enum State {
    Holds,
    Absent,
    Overtaken,
}

fn order_api(hub: &Hub) -> Api {
    if hub.has.v1 { Api::V1 } else { Api::V2 }
}

fn undecided(hub: &Hub, error: NotFound, what: &str) -> Confirmation {
    match error {
        NotFound::Gone => Confirmation::Overtaken(verdicts::gone(&hub.speaker, what)),
        NotFound::Answered(reply) => verdicts::cannot_tell(&hub.speaker, &reply, "The order"),
        NotFound::Unreadable(why) => Confirmation::CannotTell(hub.speaker.refusal(
            Cause::Unreadable,
            &format!("{what}: ShipStation's order came in a form Quayside does not understand ({why})."),
        )),
        NotFound::Failed(failure) => failure.into_confirmation(),
    }
}

async fn state(hub: &Hub, id: &str, task: &Task<'_>, verb: &str, judge: impl Fn(&Found) -> State) -> Answer {
    let what = format!("Order {id} could not be {verb}");
    let found = hub.order(order_api(hub), id, task.priority).await.map_err(|error| undecided(hub, error, &what))?;
    Ok(match judge(&found) {
        State::Holds => Confirmation::Holds(receipt(None, Some(id), None)),
        State::Absent => Confirmation::Absent,
        State::Overtaken => Confirmation::Overtaken(overtaken(hub, &found.order, &what, task.priority).await),
    })
}

async fn overtaken(hub: &Hub, order: &HubOrder, what: &str, priority: Priority) -> Refusal {
    let story =
        if order.status == HubStatus::Shipped { hub.label_story(&order.remote_id, priority).await } else { None };
    verdicts::locked(&hub.speaker, what, &state_words(&order.status), story.as_deref())
}

async fn put(hub: &Hub, draft: &HubOrderDraft, hub_order_id: Option<&str>, task: &Task<'_>) -> Answer {
    let what = super::put_v1::what(draft);
    let found = if let Some(id) = hub_order_id {
        Some(hub.order(order_api(hub), id, task.priority).await.map_err(|error| undecided(hub, error, &what))?)
    } else if hub.has.v1 {
        by_key_v1(hub, draft, task).await?
    } else {
        match hub.order_by_key(&draft.key, task.priority).await {
            Ok(found) => Some(found),
            Err(NotFound::Gone) => None,
            Err(error) => return Err(undecided(hub, error, &what)),
        }
    };
    hub.forget_lost(&draft.key);
    let Some(found) = found else { return Ok(Confirmation::Absent) };
    let expected =
        expected(hub, draft, &found).ok_or_else(|| {
            Confirmation::CannotTell(hub.speaker.refusal(
                Cause::NotUnderstood,
                &format!("{what}: what was sent cannot be compared with what is there."),
            ))
        })?;
    let is_update = hub_order_id.is_some();
    if super::put_v1::was_split_or_merged(&found.raw) && !same_lines(&expected, &found.order) {
        return Ok(Confirmation::Overtaken(super::put_v1::split_or_merged(hub, &what)));
    }
    Ok(match judge_put(&expected, draft.ready, is_update, &found.order) {
        State::Holds => Confirmation::Holds(receipt(None, Some(&found.order.remote_id), None)),
        State::Absent => Confirmation::Absent,
        State::Overtaken => Confirmation::Overtaken(overtaken(hub, &found.order, &what, task.priority).await),
    })
}

/// What the order looks like in our words if the write holds: composed and read back
/// by the same functions, so that cuts and fillers cannot look like differences.
pub(super) fn expected(hub: &Hub, draft: &HubOrderDraft, found: &Found) -> Option<HubOrder> {
    let (api, mut body) = if found.raw.get("shipment_id").is_some() {
        (Api::V2, compose_v2::shipment(draft, Some(&found.raw), &hub.fillers, None).body)
    } else {
        let existing = found.raw.as_object();
        (Api::V1, compose::order_v1(draft, &Beside { existing, ..Beside::default() }).body)
    };
    let members = body.as_object_mut()?;
    for name in ["orderId", "modifyDate", "shipment_id", "modified_at"] {
        if let Some(value) = found.raw.get(name) {
            members.insert(name.to_owned(), value.clone());
        }
    }
    hub.hub_order(api, &body).ok()
}

/// Lines by key, product and quantity, whatever their order.
pub(super) fn same_lines(a: &HubOrder, b: &HubOrder) -> bool {
    let sorted = |order: &HubOrder| {
        let mut lines: Vec<(Option<String>, String, i64)> =
            order.lines.iter().map(|line| (line.line_key.clone(), line.sku.trim().to_owned(), line.quantity)).collect();
        lines.sort();
        lines
    };
    sorted(a) == sorted(b)
}

fn same_place(a: &HubOrder, b: &HubOrder) -> bool {
    match (&a.ship_to, &b.ship_to) {
        (Some(a), Some(b)) => a.same_place(b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

/// The fields we sent, compared with what is there. Pure.
fn judge_put(expected: &HubOrder, ready: bool, is_update: bool, found: &HubOrder) -> State {
    let (lines, place) = (same_lines(expected, found), same_place(expected, found));
    match &found.status {
        // Only we use this key: shipped with our lines is our order, whatever an
        // address check made of the street since.
        HubStatus::Shipped if lines && (place || !is_update) => State::Holds,
        status if !status.is_open() => State::Overtaken,
        _ if !(lines && place) => State::Absent,
        // A hold without a day was ours ("not ready"); an update that makes it ready must lift it.
        HubStatus::OnHold if ready && is_update && found.hold_until_ms.is_none() => State::Absent,
        HubStatus::AwaitingShipment if !ready => State::Absent,
        _ => State::Holds,
    }
}

/// The order with our key, if V1 has one.
async fn by_key_v1(hub: &Hub, draft: &HubOrderDraft, task: &Task<'_>) -> Result<Option<Found>, Confirmation> {
    let now_ms = hub.client.now_ms();
    // What was sent long ago the search knows; what was sent again a moment ago it may not know yet. By a clock that was ahead
    // the list would begin after it.
    let sent = [task.first_sent_at_ms, task.last_sent_at_ms].into_iter().flatten();
    if let Some(sent_at_ms) = sent.into_iter().find(|at_ms| (0..RECENT_REACH_MS).contains(&(now_ms - at_ms)))
        && let Some(answer) = in_recent(hub, &draft.key, sent_at_ms, task.priority).await?
    {
        return answer.map(|raw| found_v1(hub, raw, draft)).transpose();
    }
    by_number_v1(hub, draft, task.priority).await
}

fn found_v1(hub: &Hub, raw: Value, draft: &HubOrderDraft) -> Result<Found, Confirmation> {
    match hub.hub_order(Api::V1, &raw) {
        Ok(order) => Ok(Found { raw, order }),
        Err(why) => Err(undecided(hub, NotFound::Unreadable(why), &super::put_v1::what(draft))),
    }
}

/// Looks in the list of everything changed since `sent_at_ms`. The outer `None` means the list decides nothing.
async fn in_recent(
    hub: &Hub,
    key: &str,
    sent_at_ms: i64,
    priority: Priority,
) -> Result<Option<Option<Value>>, Confirmation> {
    let since_ms = sent_at_ms + hub.client.sure_skew_ms() - OVERLAP_MS;
    let known = hub.recent.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    let proves = |recent: &Recent| {
        recent.since_ms <= since_ms
            && hub.client.now_ms() - recent.read_at_ms < RECENT_KEEP_MS
            // Read after the write went out, not before.
            && hub.lost_at_ms(key).is_none_or(|lost_ms| recent.read_at_ms > lost_ms)
    };
    if let Some(recent) = known.filter(|recent| proves(recent)) {
        return Ok(Some(recent.orders.get(key).cloned()));
    }
    let (start_ms, _) = pacific::window(since_ms, hub.their_now_ms(), 0);
    let call = Call::get(Api::V1, "/orders", priority)
        .with("modifyDateStart", pacific::filter(start_ms))
        .with("sortBy", "ModifyDate")
        .with("sortDir", "DESC")
        .with("page", 1)
        .with("pageSize", 500);
    let reply = hub.client.call(call).await.map_err(Failure::into_confirmation)?;
    if reply.status == 500 {
        // One malformed order among them breaks the list; the number still finds ours.
        return Ok(None);
    }
    let listing = hub.listing(&reply, "orders", "The list of orders").map_err(cannot_tell)?;
    let mut recent = Recent { since_ms, read_at_ms: hub.client.now_ms(), orders: BTreeMap::new() };
    for row in &listing.rows {
        let Some(key) = row.get("orderKey").and_then(Value::as_str) else { continue };
        // A split may leave its parts with one key; the whole is the one we mean.
        if !is_child(row) || !recent.orders.contains_key(key) {
            recent.orders.insert(key.to_owned(), row.clone());
        }
    }
    let found = recent.orders.get(key).cloned();
    let complete = listing.total.is_some_and(|total| total <= listing.rows.len() as u64);
    if complete {
        *hub.recent.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(recent);
    }
    Ok(if complete || found.is_some() { Some(found) } else { None })
}

async fn by_number_v1(hub: &Hub, draft: &HubOrderDraft, priority: Priority) -> Result<Option<Found>, Confirmation> {
    for page in 1..=PAGES_MAX {
        let call = Call::get(Api::V1, "/orders", priority)
            .with("orderNumber", &draft.number)
            .with("page", page)
            .with("pageSize", 500);
        let reply = hub.client.call(call).await.map_err(Failure::into_confirmation)?;
        let listing = hub.listing(&reply, "orders", "The list of orders").map_err(cannot_tell)?;
        // A prefix match: "104" also brings 1042. Only the key is an identity.
        let has_key = |row: &&Value| row.get("orderKey").and_then(Value::as_str) == Some(draft.key.as_str());
        let (children, whole): (Vec<_>, Vec<_>) = listing.rows.iter().filter(has_key).partition(|row| is_child(row));
        if let Some(row) = whole.into_iter().chain(children).next() {
            return found_v1(hub, row.clone(), draft).map(Some);
        }
        if listing.rows.is_empty() || listing.total.is_none_or(|total| page * 500 >= total) {
            return Ok(None);
        }
    }
    Err(Confirmation::CannotTell(hub.speaker.refusal(
        Cause::OutcomeUnknown,
        &format!(
            "ShipStation has too many orders whose numbers begin with {}. Look there for the one with the key {}.",
            draft.number, draft.key
        ),
    )))
}

fn is_child(row: &Value) -> bool {
    row["advancedOptions"]["parentId"].as_i64().is_some_and(|id| id != 0)
}

fn cannot_tell(error: ReadError) -> Confirmation {
    match error {
        ReadError::WaitUntil { why, .. } => Confirmation::CannotTell(Refusal::new(Cause::RateLimited, why)),
        ReadError::Refused(refusal) => Confirmation::CannotTell(refusal),
    }
}

/// V2 has the label by id. V1 shows voids by their date, so one since we asked for it is looked for.
async fn void(hub: &Hub, parcel_id: &str, task: &Task<'_>) -> Answer {
    let Some(ParcelId::Label(id)) = ParcelId::parse(parcel_id) else {
        return Ok(Confirmation::Overtaken(
            hub.speaker.refusal(Cause::ContentRefused, &format!("{parcel_id} is no label of ShipStation.")),
        ));
    };
    let holds = || Confirmation::Holds(receipt(None, Some(parcel_id), None));
    if hub.has.v2 {
        let path = format!("/v2/labels/{}", super::client::segment(&ids::to_v2(id)));
        let reply =
            hub.client.call(Call::get(Api::V2, path, task.priority)).await.map_err(Failure::into_confirmation)?;
        if verdicts::means(&reply) == verdicts::Means::Missing {
            return Ok(Confirmation::Overtaken(hub.speaker.refusal_of(
                &reply,
                Cause::HubLocked,
                &format!("ShipStation has no label {id} any more."),
            )));
        }
        let label = reply
            .json
            .as_ref()
            .filter(|_| reply.is_success())
            .and_then(|json| translate::label_v2(&wire::record::<LabelV2>(json).ok()?).ok());
        let label = label.ok_or_else(|| verdicts::cannot_tell(&hub.speaker, &reply, "The label"))?;
        return Ok(if label.voided_at_ms.is_some() { holds() } else { Confirmation::Absent });
    }
    let now_ms = hub.client.now_ms();
    let since_ms = task.first_sent_at_ms.map_or(now_ms, |sent_ms| sent_ms.min(now_ms)) + hub.client.sure_skew_ms();
    let (start_ms, _) = pacific::window(since_ms, hub.their_now_ms(), OVERLAP_MS);
    let call = Call::get(Api::V1, "/shipments", task.priority)
        .with("voidDateStart", pacific::filter(start_ms))
        .with("page", 1)
        .with("pageSize", 500);
    let reply = hub.client.call(call).await.map_err(Failure::into_confirmation)?;
    let listing = hub.listing(&reply, "shipments", "The list of voided labels").map_err(cannot_tell)?;
    let voided = listing
        .rows
        .iter()
        .filter_map(|row| translate::label_v1(&wire::record::<ShipmentV1>(row).ok()?, &hub.currency).ok())
        .any(|label| label.remote_id == parcel_id && label.voided_at_ms.is_some());
    Ok(if voided { holds() } else { Confirmation::Absent })
}

#[cfg(test)]
mod tests {
    use super::*;
    use quayside_model::{Address, HubLine};

    fn order(status: HubStatus, quantity: i64, city: &str) -> HubOrder {
        HubOrder {
            remote_id: "1".into(),
            key: "k".into(),
            number: "1001".into(),
            status,
            modified_at_ms: 0,
            hold_until_ms: None,
            ship_to: Some(Address { city: city.into(), ..Address::default() }),
            lines: vec![HubLine { line_key: Some("a".into()), sku: "MUG".into(), name: "Mug".into(), quantity }],
            parent_id: None,
            merged_ids: vec![],
            address_verified: None,
            refunded: None,
            external: false,
            store_id: None,
            service: None,
            warehouse: None,
            admin_url: None,
        }
    }

    #[test]
    fn what_was_sent_is_compared_with_what_is_there() {
        use HubStatus::{AwaitingShipment, Cancelled, OnHold, Shipped, WithProvider};
        let sent = order(AwaitingShipment, 2, "Boise");
        for (ready, is_update, status, quantity, city, expected) in [
            (true, false, AwaitingShipment, 2, "Boise", "holds"),
            (true, false, AwaitingShipment, 2, " BOISE", "holds"),
            (true, false, AwaitingShipment, 1, "Boise", "absent"),
            (true, true, AwaitingShipment, 2, "Bend", "absent"),
            (false, false, AwaitingShipment, 2, "Boise", "absent"),
            (false, false, OnHold, 2, "Boise", "holds"),
            (true, false, OnHold, 2, "Boise", "holds"),
            (true, true, OnHold, 2, "Boise", "absent"),
            (true, false, Shipped, 2, "Bend", "holds"),
            (true, true, Shipped, 2, "Bend", "overtaken"),
            (true, false, Shipped, 1, "Boise", "overtaken"),
            (true, false, Cancelled, 2, "Boise", "overtaken"),
            (true, false, WithProvider, 2, "Boise", "overtaken"),
        ] {
            let told = format!("ready {ready} update {is_update} {status:?} {quantity} {city}");
            let word = match judge_put(&sent, ready, is_update, &order(status, quantity, city)) {
                State::Holds => "holds",
                State::Absent => "absent",
                State::Overtaken => "overtaken",
            };
            assert_eq!(word, expected, "{told}");
        }
    }
}
