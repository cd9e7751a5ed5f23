//! Amazon's rule on buyers' data: gone 30 days after delivery, raw answers included.
//!
//! The store blanks what it holds when the time comes (`personal_data_days` of the
//! declaration). This file keeps a late change of an old order from bringing it
//! back: what Amazon repeats is taken out before anybody reads it.

use super::at::At;
use quayside_model::time::DAY_MS;
use serde_json::Value;

/// Days after delivery (Data Protection Policy; the promise to deliver counts where no delivery is known).
pub const DAYS: u32 = 30;

/// The buyer's data of this order may no longer be kept.
pub fn is_over(order: &Value, now_ms: i64) -> bool {
    let at = At::root(order);
    let Some(promised_ms) = at.get("fulfillment.deliverByWindow.latestDateTime").time() else { return false };
    let status = at.get("fulfillment.fulfillmentStatus").text();
    // What has not left yet must be shippable, however late.
    let ended = matches!(status.as_str(), "SHIPPED" | "CANCELLED");
    ended && now_ms > promised_ms + i64::from(DAYS) * DAY_MS
}

/// Takes it out. Country, town, region, amounts, SKUs and ids stay.
pub fn blank(order: &mut Value) {
    let Some(order) = order.as_object_mut() else { return };
    order.remove("buyer");
    order.remove("tax");
    order.remove("payment");
    if let Some(recipient) = order.get_mut("recipient").and_then(Value::as_object_mut) {
        recipient.remove("deliveryPreference");
        if let Some(address) = recipient.get_mut("deliveryAddress").and_then(Value::as_object_mut) {
            address.retain(|name, _| matches!(name.as_str(), "city" | "stateOrRegion" | "countryCode" | "addressType"));
        }
    }
    let items = order.get_mut("orderItems").and_then(Value::as_array_mut);
    for item in items.into_iter().flatten() {
        for (parent, name) in [
            ("/fulfillment/packing", "giftOption"),
            ("/product", "customization"),
            ("/cancellation/cancellationRequest", "cancelReason"),
        ] {
            if let Some(parent) = item.pointer_mut(parent).and_then(Value::as_object_mut) {
                parent.remove(name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn order(status: &str) -> Value {
        json!({
            "orderId": "1", "buyer": { "buyerName": "Jane Roe", "buyerEmail": "x@marketplace.amazon.de" },
            "recipient": { "deliveryAddress": { "name": "Jane Roe", "addressLine1": "Kai 1", "city": "Hamburg", "postalCode": "20457", "countryCode": "DE", "phone": "040" },
                           "deliveryPreference": { "dropOffLocation": "Garage" } },
            "fulfillment": { "fulfillmentStatus": status, "deliverByWindow": { "latestDateTime": "2026-10-01T00:00:00Z" } },
            "orderItems": [{ "orderItemId": "1", "product": { "sellerSku": "MUG", "customization": { "customizedUrl": "https://x/Jane" } },
                             "fulfillment": { "packing": { "giftOption": { "giftMessage": "Dear Jane" } } },
                             "cancellation": { "cancellationRequest": { "requester": "BUYER", "cancelReason": "I, Jane, changed my mind" } } }],
        })
    }

    #[test]
    fn thirty_days_after_the_promise_nothing_of_the_person_is_left() {
        const PROMISED_MS: i64 = 1_790_812_800_000; // 2026-10-01
        for (status, days, over) in
            [("SHIPPED", 30, false), ("SHIPPED", 31, true), ("CANCELLED", 31, true), ("UNSHIPPED", 90, false)]
        {
            assert_eq!(is_over(&order(status), PROMISED_MS + days * DAY_MS), over, "{status} {days}");
        }
        let mut order = order("SHIPPED");
        blank(&mut order);
        let text = order.to_string();
        for word in ["Jane", "Kai 1", "20457", "040", "Garage", "marketplace.amazon.de"] {
            assert!(!text.contains(word), "{word} is left: {text}");
        }
        for word in ["Hamburg", "DE", "MUG"] {
            assert!(text.contains(word), "{word} went");
        }
    }
}
