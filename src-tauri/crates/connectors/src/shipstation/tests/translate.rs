//! ShipStation's records in our words.

use super::{NOW_MS, order_v1, shipment_v2};
use crate::shipstation::translate;
use crate::shipstation::wire::record;
use crate::shipstation::wire_v1::{FulfillmentV1, OrderV1, ShipmentV1};
use crate::shipstation::wire_v2::{FulfillmentV2, LabelV2, ShipmentV2};
use quayside_model::{Currency, HubOrder, HubStatus, Parcel};
use serde_json::{Value, json};

fn order(raw: &Value) -> Result<HubOrder, String> {
    translate::order_v1(&record::<OrderV1>(raw)?)
}

fn label(raw: &Value) -> Parcel {
    translate::label_v1(&record::<ShipmentV1>(raw).unwrap(), &Currency::new("EUR")).unwrap()
}

#[test]
fn a_v1_order() {
    let order = order(&order_v1(987, "awaiting_shipment")).unwrap();
    assert_eq!(order.remote_id, "987");
    assert_eq!(order.modified_at_ms, 1_772_471_400_500);
    assert_eq!(order.lines.len(), 2);
    assert_eq!(order.store_id.as_deref(), Some("481516"));
    assert_eq!(order.service.as_deref(), Some("dhl_paket_standard"));
    assert_eq!(
        order.admin_url.as_deref(),
        Some("https://ship.shipstation.com/orders/all-orders-search-result?quickSearch=%231001")
    );
}

#[test]
fn trap_24_statuses_are_an_open_set() {
    for (word, status) in [
        ("awaiting_payment", HubStatus::AwaitingPayment),
        ("awaiting_shipment", HubStatus::AwaitingShipment),
        ("on_hold", HubStatus::OnHold),
        ("shipped", HubStatus::Shipped),
        ("cancelled", HubStatus::Cancelled),
        ("pending_fulfillment", HubStatus::WithProvider),
        ("rejected_fulfillment", HubStatus::Unknown("rejected_fulfillment".into())),
        ("Processing", HubStatus::Unknown("processing".into())),
    ] {
        assert_eq!(order(&order_v1(1, word)).unwrap().status, status);
    }
    let until = |day: Value| {
        let mut raw = shipment_v2("se-1", "pending");
        raw["hold_until_date"] = day;
        translate::order_v2(&record::<ShipmentV2>(&raw).unwrap(), NOW_MS).unwrap().status
    };
    assert_eq!(until(Value::Null), HubStatus::AwaitingShipment);
    assert_eq!(until(json!("2026-03-09T00:00:00Z")), HubStatus::OnHold);
    assert_eq!(until(json!("2026-03-01T00:00:00Z")), HubStatus::AwaitingShipment, "a hold that has ended is none");
}

#[test]
fn trap_07_split_and_merged_orders_show_their_family() {
    let mut raw = order_v1(988, "awaiting_shipment");
    raw["advancedOptions"]["parentId"] = json!(987);
    raw["advancedOptions"]["mergedIds"] = json!([1, null, "2"]);
    raw["externallyFulfilled"] = json!(true);
    let order = order(&raw).unwrap();
    assert_eq!(order.parent_id.as_deref(), Some("987"));
    assert_eq!(order.merged_ids, ["1", "2"]);
    assert!(order.external);
}

#[test]
fn what_cannot_be_guessed_is_refused_with_its_path() {
    for (path, value, why) in [
        ("/orderId", Value::Null, "orderId: missing"),
        ("/modifyDate", json!("yesterday"), "modifyDate: \"yesterday\" is not a time"),
        ("/items/0/quantity", json!("two"), "items[0].quantity: \"two\" is not a number"),
        ("/items/0/quantity", json!(1.5), "items[0].quantity: 1.5 is not a whole number of units"),
        ("/items/0/quantity", json!(-1), "items[0].quantity: -1 is not a whole number of units"),
    ] {
        let mut raw = order_v1(1, "awaiting_shipment");
        *raw.pointer_mut(path).unwrap() = value;
        assert_eq!(order(&raw).unwrap_err(), why);
    }
    // A discount may have any quantity.
    let mut raw = order_v1(1, "awaiting_shipment");
    raw["items"][3]["quantity"] = json!(0.5);
    assert_eq!(order(&raw).unwrap().lines.len(), 2);
}

fn shipment() -> Value {
    json!({
        "shipmentId": 456, "orderId": 987, "orderKey": "harbour-goods-5501", "orderNumber": "#1001",
        "createDate": "2026-03-02T14:41:09.2200000", "shipDate": "2026-03-02", "shipmentCost": 6.41, "insuranceCost": 0.1,
        "trackingNumber": " 9400100000000000000000 ", "isReturnLabel": false, "carrierCode": "stamps_com", "serviceCode": "usps_ground_advantage",
        "voided": false, "voidDate": null, "marketplaceNotified": false, "notifyErrorMessage": "Shop is closed",
        "shipmentItems": [{"lineItemKey": "line-1", "sku": "MUG-BLUE", "quantity": 2}, null, {"lineItemKey": "d", "adjustment": true, "quantity": 0.5}]
    })
}

#[test]
fn a_v1_label() {
    let parcel = label(&shipment());
    assert_eq!(parcel.remote_id, "label:456");
    assert_eq!(parcel.hub_order_id.as_deref(), Some("987"));
    assert_eq!(parcel.hub_order_key.as_deref(), Some("harbour-goods-5501"));
    assert_eq!(parcel.tracking_number, "9400100000000000000000");
    assert_eq!(parcel.carrier_name.as_deref(), Some("USPS"));
    assert!(parcel.tracking_url.unwrap().ends_with("9400100000000000000000"));
    assert_eq!(parcel.cost_minor, Some(651));
    assert_eq!(parcel.created_at_ms, 1_772_491_269_220);
    assert_eq!(parcel.notify_error.as_deref(), Some("Shop is closed"));
    let lines = parcel.lines.unwrap();
    assert_eq!((lines.len(), lines[0].line_key.as_deref(), lines[0].quantity), (1, Some("line-1"), 2));
}

#[test]
fn trap_14_voids_and_silence() {
    let change = |name: &str, value: Value| {
        let mut raw = shipment();
        raw[name] = value;
        raw["voided"] = json!(true);
        label(&raw)
    };
    assert_eq!(change("voidDate", json!("2026-03-02T15:00:00")).voided_at_ms, Some(1_772_492_400_000));
    assert_eq!(change("voidDate", Value::Null).voided_at_ms, Some(0), "voided, the time unknown");
    assert_eq!(change("shipmentItems", Value::Null).lines, None, "the hub does not say");
    assert_eq!(change("shipmentItems", json!([])).lines, None, "no label carries nothing");
    assert_eq!(change("orderId", Value::Null).hub_order_id, None, "a loose label");
}

#[test]
fn a_v1_fulfillment_names_its_carrier_in_free_text() {
    let raw = json!({"fulfillmentId": 9, "orderId": 987, "orderNumber": "#1001", "trackingNumber": "1Z9", "createDate": "2026-03-02T15:02:00",
        "shipDate": "2026-03-02T00:00:00", "deliveryDate": "2026-03-04T10:00:00", "carrierCode": "FedEx", "voided": false, "marketplaceNotified": true});
    let parcel = translate::external_v1(&record::<FulfillmentV1>(&raw).unwrap()).unwrap();
    assert_eq!((parcel.remote_id.as_str(), parcel.carrier_code.as_str()), ("external:9", "fedex"));
    assert_eq!(parcel.carrier_name.as_deref(), Some("FedEx"));
    assert_eq!(parcel.lines, None);
    assert_eq!(parcel.delivered_at_ms, Some(1_772_647_200_000));
}

#[test]
fn both_apis_give_one_parcel_one_identity() {
    let raw = json!({"label_id": "se-456", "shipment_id": "se-987", "external_shipment_id": "harbour-goods-5501", "status": "voided",
        "created_at": "2026-03-02T22:41:09.22Z", "ship_date": "2026-03-02T00:00:00Z", "shipment_cost": {"currency": "jpy", "amount": 641.0},
        "tracking_number": "1Z9", "tracking_url": "https://x.example/1Z9", "carrier_code": "ups", "voided": false, "voided_at": "2026-03-02T23:00:00Z"});
    let parcel = translate::label_v2(&record::<LabelV2>(&raw).unwrap()).unwrap();
    let v1 = label(&shipment());
    assert_eq!(
        (&parcel.remote_id, &parcel.hub_order_id, parcel.created_at_ms),
        (&v1.remote_id, &v1.hub_order_id, v1.created_at_ms)
    );
    assert_eq!(parcel.shipped_at_ms, v1.shipped_at_ms, "the same day is the same moment");
    assert_eq!(parcel.cost_minor, Some(641), "yen have no cents");
    assert_eq!(parcel.cost_currency, Some(Currency::new("JPY")));
    assert_eq!(parcel.voided_at_ms, Some(1_772_492_400_000));
    assert_eq!(parcel.tracking_url.as_deref(), Some("https://x.example/1Z9"));
    let raw = json!({"fulfillment_id": "se-9", "shipment_id": "se-987", "shipment_number": "#1001", "tracking_number": "1Z9",
        "created_at": "2026-03-02T23:02:00Z", "fulfillment_carrier_friendly_name": "DHL Express", "delivered_at": null});
    let parcel = translate::external_v2(&record::<FulfillmentV2>(&raw).unwrap()).unwrap();
    assert_eq!(
        (parcel.remote_id.as_str(), parcel.carrier_code.as_str(), parcel.delivered_at_ms),
        ("external:9", "dhl_express", None)
    );
}

#[test]
fn dates_nobody_meant_are_none() {
    let mut raw = shipment();
    raw["shipDate"] = json!("0001-01-01T00:00:00");
    assert_eq!(label(&raw).shipped_at_ms, None);
}

/// Only a verdict is one: what was not looked at yet, or is said in words nobody knows, says nothing of the address.
#[test]
fn an_address_is_verified_in_the_hubs_own_words() {
    for (words, verified) in [
        (json!("Address validated successfully"), Some(true)),
        (json!("Address validation failed"), Some(false)),
        (json!("Address validation warning"), Some(false)),
        (json!("Address not yet validated"), None),
        (json!("Unverified"), None),
        (json!(null), None),
        (json!(7), None),
    ] {
        let mut raw = order_v1(1, "awaiting_shipment");
        raw["shipTo"]["addressVerified"] = words.clone();
        assert_eq!(order(&raw).unwrap().address_verified, verified, "{words}");
    }
}
