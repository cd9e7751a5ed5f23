//! Webhooks, as far as a list of them goes: they are kept, shown and removed.
//! Nothing is ever sent; a program on a desk has no address to send it to.

use super::{Answered, Desk, id_in_path, invalid, not_found, object_body, required};
use crate::shipstation::state::Webhook;
use crate::shipstation::wire::{Answer, Call};
use serde_json::{Value, json};

const EVENTS: [&str; 6] = [
    "ORDER_NOTIFY",
    "ITEM_ORDER_NOTIFY",
    "SHIP_NOTIFY",
    "ITEM_SHIP_NOTIFY",
    "FULFILLMENT_SHIPPED",
    "FULFILLMENT_REJECTED",
];

/// `GET /webhooks`: the one place that writes names in capitals.
pub fn list(desk: &Desk<'_, '_>) -> Answer {
    let row = |hook: &Webhook| {
        json!({
            "IsLabelAPIHook": false,
            "WebHookID": hook.id,
            "SellerID": 121_212,
            "StoreID": hook.store_id,
            "HookType": hook.event,
            "MessageFormat": "Json",
            "Url": hook.url,
            "Name": hook.name,
            "BulkCopyBatchID": Value::Null,
            "BulkCopyRecordID": Value::Null,
            "Active": true,
            "WebhookLogs": [],
            "Seller": Value::Null,
            "Store": Value::Null,
        })
    };
    Answer::ok(json!({ "webhooks": desk.state.webhooks.values().map(row).collect::<Vec<_>>() }))
}

/// `POST /webhooks/subscribe`
pub fn subscribe(desk: &mut Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let fields = object_body(call)?;
    let url = required(&fields, "target_url")?;
    if url::Url::parse(url).is_err() {
        return Err(invalid("target_url", format!("'{url}' is not an address.")));
    }
    let event = required(&fields, "event")?;
    if !EVENTS.contains(&event) {
        return Err(invalid("event", format!("The value '{event}' is not valid for event.")));
    }
    let id = desk.state.other_id();
    let hook = Webhook {
        id,
        url: url.to_owned(),
        event: event.to_owned(),
        store_id: fields.get("store_id").and_then(Value::as_i64),
        name: fields.get("friendly_name").and_then(Value::as_str).unwrap_or_default().to_owned(),
    };
    desk.state.webhooks.insert(id, hook);
    Ok(Answer::ok(json!({ "id": id })))
}

/// `DELETE /webhooks/{webhookId}`
pub fn delete(desk: &mut Desk<'_, '_>, id: &str) -> Answered {
    desk.state.webhooks.remove(&id_in_path(id)?).ok_or_else(not_found)?;
    Ok(Answer { status: 200, body: crate::shipstation::wire::Body::Empty })
}
