//! Traps of the platform that no other test names.

use super::{draft, order_v1};
use crate::shipstation::compose::{self, Beside};
use crate::shipstation::translate;
use crate::shipstation::wire::record;
use crate::shipstation::wire_v1::{OrderV1, ShipmentV1};
use quayside_model::{Currency, HubOrder, Parcel};
use serde_json::{Value, json};

fn order(raw: &Value) -> HubOrder {
    translate::order_v1(&record::<OrderV1>(raw).unwrap()).unwrap()
}

fn label(notified: bool, error: &Value) -> Parcel {
    let raw = json!({
        "shipmentId": 456, "orderId": 987, "createDate": "2026-03-02T14:41:09.2200000", "trackingNumber": "9400",
        "carrierCode": "stamps_com", "marketplaceNotified": notified, "notifyErrorMessage": error,
        "shipmentItems": [{"lineItemKey": "line-1", "sku": "MUG-BLUE", "quantity": 2}],
    });
    translate::label_v1(&record::<ShipmentV1>(&raw).unwrap(), &Currency::new("EUR")).unwrap()
}

/// An adjustment is an item by form only; its quantity may even be below one.
#[test]
fn trap_15_discounts_are_no_goods() {
    let before = order(&order_v1(1, "awaiting_shipment")).lines;
    let mut raw = order_v1(1, "awaiting_shipment");
    raw["items"].as_array_mut().unwrap().push(
        json!({"orderItemId": 9, "lineItemKey": "discount", "name": "Loyalty", "quantity": 0.5, "unitPrice": -1, "adjustment": true}),
    );
    assert_eq!(order(&raw).lines, before);
}

#[test]
fn trap_16_what_somebody_else_ships_is_marked() {
    for external in [true, false] {
        let mut raw = order_v1(1, "awaiting_shipment");
        raw["externallyFulfilled"] = json!(external);
        assert_eq!(order(&raw).external, external);
    }
}

/// Customs items that are sent are overwritten unless the account says otherwise: none are, and what is there stays.
#[test]
fn trap_19_customs_are_left_to_the_account() {
    let body = compose::order_v1(&draft(), &Beside::default()).body;
    assert_eq!(body.get("internationalOptions"), None);
    let mut raw = order_v1(987, "awaiting_shipment");
    raw["internationalOptions"] = json!({"contents": "merchandise", "customsItems": [{"description": "Mug"}]});
    let body = compose::order_v1(&draft(), &Beside { existing: raw.as_object(), ..Beside::default() }).body;
    assert_eq!(body["internationalOptions"], raw["internationalOptions"]);
}

/// A write of ours bumps the date of change; nothing else about the order is news.
#[test]
fn trap_23_our_own_write_read_again_says_nothing_new() {
    let before = order(&order_v1(987, "awaiting_shipment"));
    let mut raw = order_v1(987, "awaiting_shipment");
    raw["modifyDate"] = json!("2026-03-02T09:12:00.0000000");
    let after = order(&raw);
    assert!(after.modified_at_ms > before.modified_at_ms);
    assert_eq!(HubOrder { modified_at_ms: before.modified_at_ms, ..after }, before);
}

#[test]
fn trap_25_a_label_that_told_the_channel_says_so() {
    let told = label(true, &Value::Null);
    assert_eq!((told.channel_notified, told.notify_error), (true, None));
    let refused = label(false, &json!("Shop is closed"));
    assert_eq!((refused.channel_notified, refused.notify_error.as_deref()), (false, Some("Shop is closed")));
}
