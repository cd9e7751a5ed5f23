//! Orders into V2, for accounts without V1: looked up by our key, then made or changed.
//!
//! V2's create is no upsert: a key it knows is an error. That error is no
//! failure here, it means "change it instead".

use super::client::{Call, Reply, segment};
use super::compose::refusal_before_sending;
use super::compose_v2::{self, Fillers, OPEN_HOLD_DAY};
use super::hub::{Found, Hub, NotFound, fold};
use super::perform::{before_write, locked, notes, receipt};
use super::put_v1::{about, what};
use super::verdicts::{self, Means};
use super::{client::Api, ids};
use crate::Priority;
use quayside_model::{Cause, HubOrderDraft, Verdict};
use serde_json::{Value, json};

/// Sends one order.
pub(super) async fn put(hub: &Hub, draft: &HubOrderDraft, hub_order_id: Option<&str>, priority: Priority) -> Verdict {
    let what = what(draft);
    let early = refusal_before_sending(draft)
        .or_else(|| compose_v2::missing(draft, &hub.fillers).map(|why| (Cause::AddressRefused, why)));
    if let Some((cause, why)) = early {
        return Verdict::NeedsPerson(hub.speaker.refusal(cause, &format!("{what}: {why}")).about(about(cause)));
    }
    let found = match hub_order_id {
        Some(id) => hub.order(Api::V2, id, priority).await,
        None => hub.order_by_key(&draft.key, priority).await,
    };
    match found {
        Ok(found) => change(hub, draft, &found, &what, priority).await,
        Err(NotFound::Gone) if hub_order_id.is_none() => create(hub, draft, &what, priority).await,
        Err(error) => before_write(hub, error, &what),
    }
}

async fn create(hub: &Hub, draft: &HubOrderDraft, what: &str, priority: Priority) -> Verdict {
    let composed = compose_v2::shipment(draft, None, &hub.fillers, hub.store_id.as_deref());
    let call = Call::post(Api::V2, "/v2/shipments", json!({"shipments": [composed.body]}), priority);
    let reply = match hub.client.call(call).await {
        Ok(reply) => reply,
        Err(failure) => return failure.into_verdict(),
    };
    let made = reply
        .json
        .as_ref()
        .filter(|_| reply.is_success())
        .and_then(|json| json.get("shipments")?.as_array()?.first().cloned());
    let Some(made) = made else {
        return match verdicts::means(&reply) {
            Means::Taken => known_after_all(hub, draft, &reply, what, priority).await,
            Means::Refused if sounds_taken(&reply.said.message) => {
                known_after_all(hub, draft, &reply, what, priority).await
            }
            _ => verdicts::write_verdict(&hub.speaker, &reply, what),
        };
    };
    let errors = errors_of(&made);
    if !errors.is_empty() {
        let message = hub.client.quotable(&errors.join(" "));
        if sounds_taken(&message) {
            return known_after_all(hub, draft, &reply, what, priority).await;
        }
        return Verdict::NeedsPerson(
            verdicts::content_refused(&hub.speaker, &message, &[], what).request(reply.request_id()),
        );
    }
    let Some(id) = made.get("shipment_id").and_then(Value::as_str).map(ids::from_v2) else {
        return verdicts::write_verdict(&hub.speaker, &reply, what);
    };
    let held = if draft.ready { None } else { hold_open(hub, &id, priority).await };
    Verdict::Done(receipt(Some(&reply), Some(&id), notes([composed.note, held])))
}

/// The key was taken: an earlier send went through, or this one raced with itself.
async fn known_after_all(hub: &Hub, draft: &HubOrderDraft, reply: &Reply, what: &str, priority: Priority) -> Verdict {
    match hub.order_by_key(&draft.key, priority).await {
        Ok(found) => change(hub, draft, &found, what, priority).await,
        // It was the number, not the key, that another order has.
        Err(NotFound::Gone) => Verdict::NeedsPerson(
            hub.speaker
                .refusal_of(reply, Cause::ContentRefused, &format!("{what}: another order in ShipStation already has the number {}. V2 wants numbers to be unique; give this store a prefix in its settings, then retry.", draft.number))
                .about("shipment_number"),
        ),
        Err(error) => before_write(hub, error, what),
    }
}

async fn change(hub: &Hub, draft: &HubOrderDraft, found: &Found, what: &str, priority: Priority) -> Verdict {
    if !found.order.status.is_open() {
        return locked(hub, found, what, priority).await;
    }
    let id = found.order.remote_id.clone();
    let composed = compose_v2::shipment(draft, Some(&found.raw), &hub.fillers, hub.store_id.as_deref());
    let call = Call::put(format!("/v2/shipments/{}", segment(&ids::to_v2(&id))), Some(composed.body), priority);
    let reply = match hub.client.call(call).await {
        Ok(reply) => reply,
        Err(failure) => return failure.into_verdict(),
    };
    if !reply.is_success() {
        return verdicts::write_verdict(&hub.speaker, &reply, what);
    }
    let errors = reply.json.as_ref().map(errors_of).unwrap_or_default();
    if !errors.is_empty() {
        let message = hub.client.quotable(&errors.join(" "));
        return Verdict::NeedsPerson(
            verdicts::content_refused(&hub.speaker, &message, &[], what).request(reply.request_id()),
        );
    }
    let tags = retag(hub, draft, found, &id, priority).await;
    Verdict::Done(receipt(Some(&reply), Some(&id), notes([composed.note, tags])))
}

/// `errors` of a shipment in an answer: texts, or objects with a message.
fn errors_of(shipment: &Value) -> Vec<String> {
    let errors = shipment.get("errors").and_then(Value::as_array).into_iter().flatten();
    errors
        .filter_map(|error| {
            error.as_str().map(str::to_owned).or_else(|| Some(error.get("message")?.as_str()?.to_owned()))
        })
        .filter(|text| !text.trim().is_empty())
        .collect()
}

fn sounds_taken(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    [
        "already exists",
        "already in use",
        "already been used",
        "must be unique",
        "duplicate",
        "identifier_conflict",
        "is taken",
    ]
    .iter()
    .any(|words| message.contains(words))
}

/// "Not ready" was sent as a day; servers with a hold command show it as a hold too.
async fn hold_open(hub: &Hub, id: &str, priority: Priority) -> Option<String> {
    let call = Call::put(
        format!("/v2/shipments/{}/hold", segment(&ids::to_v2(id))),
        Some(json!({"hold_until_date": OPEN_HOLD_DAY})),
        priority,
    );
    match hub.client.call(call).await {
        Ok(reply) if reply.is_success() => None,
        _ => Some("held by its day only; check in ShipStation that it is not packed".into()),
    }
}

/// Tags the order has and ShipStation has not are added by name; surplus ones come off by setting.
async fn retag(hub: &Hub, draft: &HubOrderDraft, found: &Found, id: &str, priority: Priority) -> Option<String> {
    let there: Vec<String> = found
        .raw
        .get("tags")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|tag| Some(tag.get("name")?.as_str()?.to_owned()))
        .collect();
    let missing =
        draft.tags.iter().filter(|tag| !tag.trim().is_empty() && !there.iter().any(|known| fold(known) == fold(tag)));
    let surplus =
        there.iter().filter(|tag| hub.removes_tags && !draft.tags.iter().any(|wanted| fold(wanted) == fold(tag)));
    let path = |tag: &str| format!("/v2/shipments/{}/tags/{}", segment(&ids::to_v2(id)), segment(tag.trim()));
    let add = missing.map(|tag| (tag, Call { method: http::Method::POST, ..Call::get(Api::V2, path(tag), priority) }));
    let take =
        surplus.map(|tag| (tag, Call { method: http::Method::DELETE, ..Call::get(Api::V2, path(tag), priority) }));
    let mut failed = Vec::new();
    for (tag, call) in add.chain(take).collect::<Vec<_>>() {
        if !matches!(hub.client.call(call).await, Ok(reply) if reply.is_success()) {
            failed.push(format!("tag \"{tag}\" could not be changed"));
        }
    }
    notes(failed.into_iter().map(Some))
}

/// A shipment as V2 has it, ready to be sent back with one field changed. `Err`: what its address lacks.
pub(super) fn changed(raw: &Value, field: (&str, Value), fillers: &Fillers) -> Result<Value, &'static str> {
    let mut body = raw.as_object().cloned().unwrap_or_default();
    compose_v2::drop_read_only(&mut body);
    compose_v2::complete(&mut body, fillers)?;
    body.insert(field.0.to_owned(), field.1);
    Ok(Value::Object(body))
}
