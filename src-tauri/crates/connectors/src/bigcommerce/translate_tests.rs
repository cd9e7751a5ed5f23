#![allow(clippy::unwrap_used)]
use super::*;
use serde_json::json;

fn whole(order: Value, lines: Vec<Value>) -> Whole {
    let address = json!({"first_name": "Ada", "last_name": "King", "city": "Leeds", "country_iso2": "GB", "zip": "LS1", "shipping_method": "Royal Mail 48"});
    Whole { order, lines, addresses: BTreeMap::from([(7, address)]), shipments: vec![], refunds: vec![], hold: None }
}

fn bare_order() -> Value {
    json!({
        "id": 118, "status_id": 11, "status": "Awaiting Fulfillment", "default_currency_code": "GBP",
        "date_created": "Wed, 10 Jan 2018 21:05:30 +0000", "date_modified": "Fri, 12 Jan 2018 09:00:00 +0000", "date_shipped": "",
        "total_inc_tax": "12.0000", "payment_status": "captured",
    })
}

fn bare_line() -> Value {
    json!({"id": 9, "type": "physical", "quantity": 1, "order_address_id": 7})
}

#[test]
fn the_least_an_order_can_be_is_read() {
    let order = order(&whole(bare_order(), vec![bare_line()]), &Shop::default()).unwrap();
    assert_eq!((order.number.as_str(), order.total_minor, order.lines.len()), ("118", 1_200, 1));
    assert_eq!(order.placed_at_ms, 1_515_618_330_000);
    assert!(order.updated_at_ms > order.placed_at_ms, "compared as instants, not as text");
    assert_eq!(order.ship_to.unwrap().name, "Ada King");
}

#[test]
fn what_cannot_be_done_without_is_demanded_by_name() {
    for (field, value, why) in [
        ("id", Value::Null, "order.id: missing"),
        ("status_id", json!("soon"), "order.status_id: a text of 4 characters instead of a whole number"),
        ("date_created", json!(""), "order.date_created: missing"),
        ("date_modified", json!("last week"), "order.date_modified: a text of 9 characters instead of a time"),
        ("total_inc_tax", Value::Null, "order.total_inc_tax: missing"),
        ("default_currency_code", Value::Null, "order.default_currency_code: missing"),
    ] {
        let mut odd = bare_order();
        odd[field] = value;
        let unreadable = incoming(&whole(odd, vec![bare_line()]), &Shop::default()).unwrap_err();
        assert!(unreadable.why.starts_with(why.split(" instead").next().unwrap_or(why)), "{field}: {}", unreadable.why);
        assert!(!unreadable.remote_id.is_empty() && !unreadable.raw.is_empty());
    }
    let mut odd = bare_line();
    odd["quantity"] = json!({});
    let unreadable = incoming(&whole(bare_order(), vec![bare_line(), odd]), &Shop::default()).unwrap_err();
    assert_eq!(unreadable.why, "products[1].quantity: an object instead of a whole number");
    assert_eq!(unreadable.number.as_deref(), Some("118"));
}

#[test]
fn words_added_later_survive() {
    let mut odd = bare_order();
    odd["status_id"] = json!(42);
    odd["status"] = json!("In Orbit");
    odd["payment_status"] = json!("bartered");
    let mut line = bare_line();
    line["type"] = json!("hologram");
    let order = order(&whole(odd, vec![line]), &Shop::default()).unwrap();
    assert_eq!(order.payment, quayside_model::Payment::Unknown("bartered".into()));
    assert!(order.lines[0].requires_shipping, "an unknown kind is taken for goods");
    assert_eq!(order.fulfillment_orders[0].status, "on_hold");
    assert!(order.attributes.contains(&("status".into(), "In Orbit".into())));
}

#[test]
fn types_that_drift_are_read_all_the_same() {
    let mut odd = bare_order();
    odd["id"] = json!("118");
    odd["status_id"] = json!("11");
    odd["total_inc_tax"] = json!(12);
    odd["staff_notes"] = Value::Null;
    odd["payment_provider_id"] = Value::Null;
    let mut line = bare_line();
    line["order_address_id"] = json!("7");
    line["quantity"] = json!("1");
    line["external_id"] = json!(17);
    line["upc"] = json!(5_012_345);
    let order = order(&whole(odd, vec![line]), &Shop::default()).unwrap();
    assert_eq!((order.remote_id.as_str(), order.total_minor), ("118", 1_200));
    assert_eq!(order.lines[0].barcode.as_deref(), Some("5012345"));
    assert_eq!(order.fulfillment_orders[0].remote_id, "address:7");
}

#[test]
fn relabelled_statuses_are_known_by_their_number() {
    let mut odd = bare_order();
    odd["status_id"] = json!(5);
    odd["status"] = json!("Cancelled");
    odd["custom_status"] = json!("Ready to go");
    let order = order(&whole(odd, vec![bare_line()]), &Shop::default()).unwrap();
    assert!(order.is_cancelled());
    assert!(order.attributes.contains(&("status".into(), "Ready to go".into())));
}

#[test]
fn refunded_before_it_left_is_cancelled_and_after_it_is_not() {
    let mut odd = bare_order();
    odd["status_id"] = json!(4);
    let mut one = whole(odd, vec![bare_line()]);
    one.refunds = vec![
        json!({"total_amount": 12, "payments": [{"is_declined": false}]}),
        json!({"total_amount": 12, "payments": [{"is_declined": true}]}),
    ];
    let before = order(&one, &Shop::default()).unwrap();
    assert_eq!((before.cancel_reason.as_deref(), before.current_total_minor), (Some("refunded"), 0));
    assert_eq!(before.refunded_minor, Some(1_200), "what was declined was not given back");
    one.shipments = vec![
        json!({"id": 3, "date_created": "Fri, 12 Jan 2018 09:00:00 +0000", "items": [{"order_product_id": 9, "quantity": 1}]}),
    ];
    assert!(!order(&one, &Shop::default()).unwrap().is_cancelled());
}

#[test]
fn archived_is_not_cancelled() {
    let mut odd = bare_order();
    odd["is_deleted"] = json!(true);
    let order = order(&whole(odd, vec![bare_line()]), &Shop::default()).unwrap();
    assert!(order.closed_at_ms.is_some() && !order.is_cancelled());
}
