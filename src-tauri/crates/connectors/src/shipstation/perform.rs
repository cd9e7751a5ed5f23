//! Effects: what is sent, in which order, and what the answers mean for each.
//!
//! Nothing here repeats a write whose outcome is open: that is a lost answer, and
//! `confirm.rs` looks it up. Reads that precede a write may fail freely.

use super::choose::{Need, Route, choose};
use super::client::{Api, Call, Failure, Reply, segment};
use super::hub::{Found, Hub, NotFound};
use super::ids::{self, ParcelId};
use super::verdicts::{self, Means};
use super::wire::{self};
use super::wire_v1::AckV1;
use super::wire_v2::VoidAnswer;
use super::{compose, labels, put_v1, put_v2};
use crate::{Priority, Task};
use quayside_model::{Cause, HubStatus, Intent, Receipt, Verdict};
use serde_json::{Value, json};

/// One verdict per task, in the same order.
pub(super) async fn perform(hub: &Hub, tasks: &[Task<'_>]) -> Vec<Verdict> {
    let puts = tasks.iter().all(|task| matches!(task.intent, Intent::PutHubOrder { .. }));
    if puts && choose(Need::PutOrder, hub.has) == Route::V1 {
        return put_v1::put(hub, tasks).await;
    }
    let mut verdicts = Vec::with_capacity(tasks.len());
    for task in tasks {
        verdicts.push(one(hub, task).await);
    }
    verdicts
}

async fn one(hub: &Hub, task: &Task<'_>) -> Verdict {
    let nobody = |why: &str| Verdict::NeedsPerson(hub.speaker.refusal(Cause::ScopeMissing, why));
    match task.intent {
        Intent::PutHubOrder { order, hub_order_id } => match choose(Need::PutOrder, hub.has) {
            Route::V1 => put_v1::put(hub, std::slice::from_ref(task))
                .await
                .pop()
                .unwrap_or_else(|| nobody("The order was not sent.")),
            Route::V2 => put_v2::put(hub, order, hub_order_id.as_deref(), task.priority).await,
            Route::Nobody(why) => nobody(why),
        },
        Intent::CancelHubOrder { hub_order_id, .. } => match choose(Need::CancelOrder, hub.has) {
            Route::V1 => cancel_v1(hub, hub_order_id, task.priority).await,
            Route::V2 => cancel_v2(hub, hub_order_id, task.priority).await,
            Route::Nobody(why) => nobody(why),
        },
        Intent::HoldHubOrder { hub_order_id, until_day, .. } => match choose(Need::HoldOrder, hub.has) {
            Route::V1 => hold_v1(hub, hub_order_id, until_day, task.priority).await,
            Route::V2 => hold_v2(hub, hub_order_id, until_day, task.priority).await,
            Route::Nobody(why) => nobody(why),
        },
        Intent::ReleaseHubOrder { hub_order_id, .. } => match choose(Need::HoldOrder, hub.has) {
            Route::V1 => release_v1(hub, hub_order_id, task.priority).await,
            Route::V2 => release_v2(hub, hub_order_id, task.priority).await,
            Route::Nobody(why) => nobody(why),
        },
        Intent::VoidLabel { parcel_id } => void(hub, parcel_id, task.priority).await,
        Intent::PutProduct { product } => super::products::put(hub, task, product).await,
        Intent::BuyLabel { label } => labels::buy(hub, label, task).await,
        Intent::ReturnLabel { hub_order_id, parcel_id, known_label_ids, .. } => {
            labels::buy_return(hub, hub_order_id, parcel_id, known_label_ids, task).await
        }
        // It declares none of these.
        other => {
            Verdict::NeedsPerson(hub.speaker.refusal(
                Cause::NotUnderstood,
                &format!("ShipStation is no store: it cannot {}.", other.kind().phrase()),
            ))
        }
    }
}

/// A receipt for an order.
pub(super) fn receipt(reply: Option<&Reply>, order_id: Option<&str>, note: Option<String>) -> Receipt {
    Receipt { remote_id: order_id.map(str::to_owned), request_id: reply.and_then(Reply::request_id), note, cost: None }
}

/// Where an order stands, after "it was".
pub(super) fn state_words(status: &HubStatus) -> String {
    match status {
        HubStatus::Shipped => "shipped".into(),
        HubStatus::Cancelled => "cancelled".into(),
        HubStatus::WithProvider => "handed to another provider".into(),
        HubStatus::Gone => "deleted or merged into another order".into(),
        HubStatus::Unknown(word) => format!("set to \"{word}\""),
        HubStatus::AwaitingPayment => "waiting for payment".into(),
        HubStatus::AwaitingShipment => "waiting for shipment".into(),
        HubStatus::OnHold => "on hold".into(),
    }
}

/// A look at an order before a write failed: nothing was changed.
pub(super) fn before_write(hub: &Hub, error: NotFound, what: &str) -> Verdict {
    match error {
        NotFound::Gone => Verdict::NeedsPerson(verdicts::gone(&hub.speaker, what)),
        NotFound::Failed(failure) => failure.into_verdict_before_write(),
        NotFound::Unreadable(why) => Verdict::NeedsPerson(hub.speaker.refusal(
            Cause::NotUnderstood,
            &format!(
                "{what}: ShipStation's order came in a form Quayside does not understand ({why}). Look at it there."
            ),
        )),
        NotFound::Answered(reply) => match verdicts::means(&reply) {
            Means::SignIn => Verdict::SignInAgain(verdicts::sign_in(&hub.speaker, &reply)),
            Means::Trouble => Verdict::RetryLater(verdicts::read_refusal(&hub.speaker, &reply, "The order")),
            _ => verdicts::write_verdict(&hub.speaker, &reply, what),
        },
    }
}

/// The order is locked: says so, with the label's time where it can be found.
pub(super) async fn locked(hub: &Hub, found: &Found, what: &str, priority: Priority) -> Verdict {
    let story = match found.order.status {
        HubStatus::Shipped => hub.label_story(&found.order.remote_id, priority).await,
        _ => None,
    };
    Verdict::NeedsPerson(verdicts::locked(&hub.speaker, what, &state_words(&found.order.status), story.as_deref()))
}

/// The API that knows orders best, for looks.
fn order_api(hub: &Hub) -> Api {
    if hub.has.v1 { Api::V1 } else { Api::V2 }
}

/// A refused command means little by itself: the order says why. `holds` tells
/// whether the order already is as it should be.
async fn explain(
    hub: &Hub,
    id: &str,
    reply: &Reply,
    what: &str,
    priority: Priority,
    holds: impl Fn(&Found) -> bool,
) -> Verdict {
    if !matches!(verdicts::means(reply), Means::Missing | Means::Refused | Means::Locked | Means::Taken | Means::Fine) {
        return verdicts::write_verdict(&hub.speaker, reply, what);
    }
    match hub.order(order_api(hub), id, priority).await {
        Ok(found) if holds(&found) => Verdict::AlreadyDone(receipt(Some(reply), Some(id), None)),
        Ok(found) if !found.order.status.is_open() => locked(hub, &found, what, priority).await,
        Ok(_) => Verdict::NeedsPerson(
            verdicts::content_refused(&hub.speaker, &reply.said.message, &reply.said.fields, what)
                .request(reply.request_id())
                .status(reply.status),
        ),
        Err(error) => before_write(hub, error, what),
    }
}

fn is(status: HubStatus) -> impl Fn(&Found) -> bool {
    move |found| found.order.status == status
}

async fn cancel_v2(hub: &Hub, id: &str, priority: Priority) -> Verdict {
    let what = format!("Order {id} could not be cancelled");
    let call = Call::put(format!("/v2/shipments/{}/cancel", segment(&ids::to_v2(id))), None, priority);
    let reply = match hub.client.call(call).await {
        Ok(reply) => reply,
        Err(failure) => return failure.into_verdict(),
    };
    if reply.is_success() {
        return Verdict::Done(receipt(Some(&reply), Some(id), None));
    }
    let verdict = explain(hub, id, &reply, &what, priority, is(HubStatus::Cancelled)).await;
    // V2 refused and the order is open: V1's way is left.
    match (&verdict, hub.has.v1) {
        (Verdict::NeedsPerson(refusal), true) if refusal.cause != Cause::HubLocked && refusal.status.is_some() => {
            cancel_v1(hub, id, priority).await
        }
        _ => verdict,
    }
}

/// V1 has no cancel: the whole order is sent again with another status.
async fn cancel_v1(hub: &Hub, id: &str, priority: Priority) -> Verdict {
    let what = format!("Order {id} could not be cancelled");
    let found = match hub.order(Api::V1, id, priority).await {
        Ok(found) => found,
        Err(error) => return before_write(hub, error, &what),
    };
    if found.order.status == HubStatus::Cancelled {
        return Verdict::AlreadyDone(receipt(None, Some(id), None));
    }
    resend_v1(hub, &found, compose::cancelled_v1, &what, priority).await
}

/// Sends an order back with one thing changed, if it still takes changes.
async fn resend_v1(
    hub: &Hub,
    found: &Found,
    change: fn(&compose::Existing) -> Value,
    what: &str,
    priority: Priority,
) -> Verdict {
    let Some(existing) = found.raw.as_object().filter(|_| found.order.status.is_open()) else {
        return locked(hub, found, what, priority).await;
    };
    let id = &found.order.remote_id;
    let call = Call::post(Api::V1, "/orders/createorders", Value::Array(vec![change(existing)]), priority);
    let reply = match hub.client.call(call).await {
        Ok(reply) => reply,
        Err(failure) => return failure.into_verdict(),
    };
    match put_v1::single_result(&reply) {
        Some(result) if result.success => Verdict::Done(receipt(Some(&reply), Some(id), None)),
        Some(result) => Verdict::NeedsPerson(put_v1::item_refusal(hub, &result, what).request(reply.request_id())),
        None => verdicts::write_verdict(&hub.speaker, &reply, what),
    }
}

/// A command of V1 that answers `{success, message}`. `Err` carries an answer that is no success.
async fn command_v1(hub: &Hub, path: &str, body: Value, priority: Priority) -> Result<Result<Reply, Reply>, Failure> {
    let mut reply = hub.client.call(Call::post(Api::V1, path, body, priority)).await?;
    let ack = reply.json.as_ref().filter(|_| reply.is_success()).and_then(|json| wire::record::<AckV1>(json).ok());
    let says_no = ack.filter(|ack| !ack.success).map(|ack| hub.client.quotable(&ack.message));
    if let Some(message) = says_no {
        reply.said.message = message;
        return Ok(Err(reply));
    }
    Ok(if reply.is_success() { Ok(reply) } else { Err(reply) })
}

async fn hold_v1(hub: &Hub, id: &str, until_day: &str, priority: Priority) -> Verdict {
    let what = format!("Order {id} could not be held");
    let Some(number) = ids::to_v1(id) else { return Verdict::NeedsPerson(verdicts::gone(&hub.speaker, &what)) };
    // Sent before anything is looked at: a hold races with the packing table.
    let body = json!({"orderId": number, "holdUntilDate": until_day});
    match command_v1(hub, "/orders/holduntil", body, priority).await {
        Ok(Ok(reply)) if reply.json.is_none() => verdicts::write_verdict(&hub.speaker, &reply, &what),
        Ok(Ok(reply)) => Verdict::Done(receipt(Some(&reply), Some(id), None)),
        Ok(Err(reply)) => explain(hub, id, &reply, &what, priority, held_until(until_day)).await,
        Err(failure) => failure.into_verdict(),
    }
}

/// On hold until exactly that day.
pub(super) fn held_until(until_day: &str) -> impl Fn(&Found) -> bool {
    move |found| {
        let day = ["holdUntilDate", "hold_until_date"]
            .iter()
            .find_map(|name| found.raw.get(name)?.as_str())
            .unwrap_or_default();
        found.order.status == HubStatus::OnHold && day.starts_with(until_day)
    }
}

async fn release_v1(hub: &Hub, id: &str, priority: Priority) -> Verdict {
    let what = format!("Order {id} could not be released");
    let found = match hub.order(Api::V1, id, priority).await {
        Ok(found) => found,
        Err(error) => return before_write(hub, error, &what),
    };
    match found.order.status {
        HubStatus::AwaitingShipment | HubStatus::AwaitingPayment => {
            return Verdict::AlreadyDone(receipt(None, Some(id), None));
        }
        HubStatus::OnHold => {}
        _ => return locked(hub, &found, &what, priority).await,
    }
    // The release is for holds with a day; others are lifted by writing the order.
    if found.order.hold_until_ms.is_none() {
        return resend_v1(hub, &found, compose::released_v1, &what, priority).await;
    }
    let Some(number) = ids::to_v1(id) else { return Verdict::NeedsPerson(verdicts::gone(&hub.speaker, &what)) };
    match command_v1(hub, "/orders/restorefromhold", json!({"orderId": number}), priority).await {
        Ok(Ok(reply)) if reply.json.is_none() => verdicts::write_verdict(&hub.speaker, &reply, &what),
        Ok(Ok(reply)) => Verdict::Done(receipt(Some(&reply), Some(id), None)),
        Ok(Err(reply)) => explain(hub, id, &reply, &what, priority, is(HubStatus::AwaitingShipment)).await,
        Err(failure) => failure.into_verdict(),
    }
}

/// V2's hold is newer than its schema; servers without it take the day as a field.
async fn hold_v2(hub: &Hub, id: &str, until_day: &str, priority: Priority) -> Verdict {
    let what = format!("Order {id} could not be held");
    let call = Call::put(
        format!("/v2/shipments/{}/hold", segment(&ids::to_v2(id))),
        Some(json!({"hold_until_date": until_day})),
        priority,
    );
    let reply = match hub.client.call(call).await {
        Ok(reply) => reply,
        Err(failure) => return failure.into_verdict(),
    };
    if reply.is_success() {
        return Verdict::Done(receipt(Some(&reply), Some(id), None));
    }
    if !matches!(reply.status, 404 | 405 | 501) {
        return explain(hub, id, &reply, &what, priority, held_until(until_day)).await;
    }
    let day = format!("{until_day}T00:00:00Z");
    put_field_v2(hub, id, ("hold_until_date", json!(day)), HubStatus::OnHold, &what, priority).await
}

async fn release_v2(hub: &Hub, id: &str, priority: Priority) -> Verdict {
    let what = format!("Order {id} could not be released");
    // The path of the command is not documented; where it is right, it is the gentlest way.
    let call = Call::put(format!("/v2/shipments/{}/restore", segment(&ids::to_v2(id))), None, priority);
    let reply = match hub.client.call(call).await {
        Ok(reply) => reply,
        Err(failure) => return failure.into_verdict(),
    };
    if reply.is_success() {
        return Verdict::Done(receipt(Some(&reply), Some(id), None));
    }
    if !matches!(reply.status, 404 | 405 | 501) {
        return explain(hub, id, &reply, &what, priority, is(HubStatus::AwaitingShipment)).await;
    }
    put_field_v2(hub, id, ("hold_until_date", Value::Null), HubStatus::AwaitingShipment, &what, priority).await
}

/// Read, change one field, write all; then the answer shows whether the platform took it.
async fn put_field_v2(
    hub: &Hub,
    id: &str,
    field: (&str, Value),
    wanted: HubStatus,
    what: &str,
    priority: Priority,
) -> Verdict {
    let found = match hub.order(Api::V2, id, priority).await {
        Ok(found) => found,
        Err(error) => return before_write(hub, error, what),
    };
    if !found.order.status.is_open() {
        return locked(hub, &found, what, priority).await;
    }
    if found.order.status == wanted && field.1.is_null() {
        return Verdict::AlreadyDone(receipt(None, Some(id), None));
    }
    let body = match put_v2::changed(&found.raw, field, &hub.fillers) {
        Ok(body) => body,
        Err(why) => {
            return Verdict::NeedsPerson(hub.speaker.refusal(Cause::AddressRefused, &format!("{what}: {why}")));
        }
    };
    let call = Call::put(format!("/v2/shipments/{}", segment(&ids::to_v2(id))), Some(body), priority);
    let reply = match hub.client.call(call).await {
        Ok(reply) => reply,
        Err(failure) => return failure.into_verdict(),
    };
    if !reply.is_success() {
        return verdicts::write_verdict(&hub.speaker, &reply, what);
    }
    let now = match reply.json.as_ref().and_then(|raw| hub.hub_order(Api::V2, raw).ok()) {
        Some(order) => Ok(order.status),
        None => hub.order(Api::V2, id, priority).await.map(|found| found.order.status),
    };
    match now {
        Ok(status) if status == wanted => Verdict::Done(receipt(Some(&reply), Some(id), None)),
        Ok(_) => Verdict::NeedsPerson(hub.speaker.refusal(
            Cause::ScopeMissing,
            &format!("{what}: this account's V2 takes no holds from outside. Do it in ShipStation, or add a V1 key pair to this connection."),
        )),
        Err(_) => Verdict::AnswerLost(hub.speaker.refusal(Cause::OutcomeUnknown, &format!("{what} for certain: the answer did not show it. It is looked up."))),
    }
}

async fn void(hub: &Hub, parcel_id: &str, priority: Priority) -> Verdict {
    let what = format!("Label {parcel_id} could not be voided");
    let id = match ParcelId::parse(parcel_id) {
        Some(ParcelId::Label(id)) => id,
        Some(ParcelId::External(_)) => {
            return Verdict::NeedsPerson(hub.speaker.refusal(
                Cause::ContentRefused,
                &format!("{what}: the parcel was marked as shipped, its label was bought elsewhere. Void it where it was bought."),
            ));
        }
        None => {
            return Verdict::NeedsPerson(
                hub.speaker.refusal(Cause::ContentRefused, &format!("{what}: this is no label of ShipStation.")),
            );
        }
    };
    let call = match (choose(Need::VoidLabel, hub.has), ids::to_v1(id)) {
        (Route::V2, _) => Call::put(format!("/v2/labels/{}/void", segment(&ids::to_v2(id))), None, priority),
        (Route::V1, Some(number)) => {
            Call::post(Api::V1, "/shipments/voidlabel", json!({"shipmentId": number}), priority)
        }
        (Route::V1, None) => return Verdict::NeedsPerson(verdicts::gone(&hub.speaker, &what)),
        (Route::Nobody(why), _) => return Verdict::NeedsPerson(hub.speaker.refusal(Cause::ScopeMissing, why)),
    };
    let reply = match hub.client.call(call).await {
        Ok(reply) => reply,
        Err(failure) => return failure.into_verdict(),
    };
    let done = |note: &str| Receipt {
        remote_id: Some(parcel_id.to_owned()),
        request_id: reply.request_id(),
        note: Some(hub.client.quotable(note)).filter(|note| !note.is_empty()),
        cost: None,
    };
    if !reply.is_success() {
        if says_voided_before(&reply.said.message) {
            return Verdict::AlreadyDone(done(&reply.said.message));
        }
        return match verdicts::means(&reply) {
            Means::Missing => Verdict::NeedsPerson(hub.speaker.refusal_of(
                &reply,
                Cause::HubLocked,
                &format!("{what}: ShipStation has no such label. Look at the order there."),
            )),
            _ => verdicts::write_verdict(&hub.speaker, &reply, &what),
        };
    }
    let Some(answer) = reply.json.as_ref().and_then(|json| wire::record::<VoidAnswer>(json).ok()) else {
        return verdicts::write_verdict(&hub.speaker, &reply, &what);
    };
    if answer.approved {
        return Verdict::Done(done(&answer.message));
    }
    if answer.reason_code == "label_already_voided" || says_voided_before(&answer.message) {
        return Verdict::AlreadyDone(done(&answer.message));
    }
    let refusal = hub
        .speaker
        .refusal(Cause::HubLocked, &format!("{what}: {}", void_words(&answer.reason_code)))
        .said(hub.client.quotable(&answer.message))
        .request(reply.request_id())
        .about(parcel_id);
    Verdict::NeedsPerson(refusal)
}

fn says_voided_before(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("already") && message.contains("void")
}

/// V2's reasons for a refused void, in words.
fn void_words(reason: &str) -> &'static str {
    match reason {
        "label_not_found_within_void_period" => "the time in which this carrier takes labels back is over.",
        "label_already_used" => "the carrier has already scanned the parcel.",
        "contact_carrier" => "the carrier takes it back only when asked directly. Call the carrier.",
        "validation_failed" => "the carrier did not accept the request.",
        _ => "the carrier did not agree. Look at the label in ShipStation.",
    }
}

/// The note an effect leaves: several facts in one line.
pub(super) fn notes(parts: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}
