//! Both APIs show one state.

use super::bench::{Bench, LABEL, order, shipment};
use crate::ledger::By;
use serde_json::json;

#[test]
fn what_one_writes_the_other_reads() {
    let mut bench = Bench::new();
    let order_id = bench.order("shopify:a:1", "1001");
    let view = bench.get(&format!("/v2/shipments/se-{order_id}"));
    assert_eq!(view["external_shipment_id"], "shopify:a:1");
    assert_eq!(view["shipment_number"], "1001");
    assert_eq!(view["created_at"], "2026-03-02T17:00:00.000Z", "the same moment, in UTC");
    assert_eq!(view["ship_by_date"], "2026-03-04T08:00:00.000Z");
    assert_eq!(view["advanced_options"]["custom_field1"], "QS:7f1c");
    assert_eq!(view["total_weight"], json!({ "value": 920, "unit": "gram" }));
    assert_eq!(view["items"][0]["external_order_item_id"], "L1");

    let answer = bench.post("/v2/shipments", &json!({ "shipments": [shipment("shopify:a:2", "1002")] }));
    let id = answer["shipments"][0]["shipment_id"].as_str().unwrap().trim_start_matches("se-").to_owned();
    let view = bench.get(&format!("/orders/{id}"));
    assert_eq!((&view["orderKey"], &view["orderStatus"]), (&json!("shopify:a:2"), &json!("awaiting_shipment")));
    assert_eq!(view["items"][0]["lineItemKey"], "L1");
    assert_eq!(view["advancedOptions"]["storeId"], 480_002);

    let label = bench.post("/orders/createlabelfororder", &LABEL(order_id))["shipmentId"].as_i64().unwrap();
    let view = bench.get(&format!("/v2/labels/se-{label}"));
    assert_eq!((&view["shipment_id"], &view["carrier_code"]), (&json!(format!("se-{order_id}")), &json!("dpd")));
    assert_eq!(bench.get("/v2/shipments?shipment_status=label_purchased")["total"], 1);
    bench.v2("PUT", &format!("/v2/labels/se-{label}/void"), None).ok();
    assert_eq!(bench.get("/shipments")["shipments"][0]["voided"], true);
    bench
        .v2("PUT", &format!("/v2/shipments/se-{order_id}/hold"), Some(&json!({ "hold_until_date": "2026-03-06" })))
        .ok();
    assert_eq!(bench.get(&format!("/orders/{order_id}"))["holdUntilDate"], "2026-03-06");
}

/// Neither API shows addresses it would not take itself as anything but what they are.
#[test]
fn an_order_without_telephone_state_and_street_is_shown_as_it_is() {
    let mut bench = Bench::new();
    let mut bare = order("k1", "1001");
    bare["shipTo"] = json!({ "name": "سارة 🌊", "country": "DE" });
    let id = bench.post("/orders/createorder", &bare)["orderId"].as_i64().unwrap();
    let v1 = bench.get(&format!("/orders/{id}"));
    assert_eq!(
        (&v1["shipTo"]["name"], &v1["shipTo"]["addressVerified"]),
        (&json!("سارة 🌊"), &json!("Address validation failed"))
    );
    assert!(bench.get(&format!("/v2/shipments/se-{id}"))["ship_to"]["phone"].is_null());
}

/// Discounts come as lines of their own in the older API and are left out of the newer one's items.
#[test]
fn adjustment_lines() {
    let mut bench = Bench::new();
    let mut cheap = order("k1", "1001");
    let lines = cheap["items"].as_array_mut().unwrap();
    lines.push(
        json!({ "lineItemKey": "discount", "name": "Discount", "quantity": 1, "unitPrice": -5.0, "adjustment": true }),
    );
    let id = bench.post("/orders/createorder", &cheap)["orderId"].as_i64().unwrap();
    assert_eq!(bench.get(&format!("/orders/{id}"))["items"].as_array().unwrap().len(), 3);
    assert_eq!(bench.get(&format!("/v2/shipments/se-{id}"))["items"].as_array().unwrap().len(), 2);
    bench.post("/orders/createlabelfororder", &LABEL(id));
    let label = bench.ledger.of("label_bought").next().unwrap();
    assert_eq!(label.detail["parcel_lines"].as_array().unwrap().len(), 2, "nobody packs a discount");
}

#[test]
fn the_ledger_tells_who_did_what() {
    let mut bench = Bench::new();
    let first = bench.order("k1", "1001");
    let second = bench.order("k2", "1002");
    bench.person(|state, pen| state.mark_shipped(pen, second, "dpd", "0998", None, false).unwrap());
    bench.v2("PUT", &format!("/v2/shipments/se-{first}/cancel"), None).ok();
    let who: Vec<(&str, By)> = bench.ledger.entries.iter().map(|entry| (entry.effect.as_str(), entry.by)).collect();
    assert_eq!(
        who,
        [
            ("order_created", By::Client),
            ("order_created", By::Client),
            ("marked_shipped", By::Merchant),
            ("order_cancelled", By::Client),
        ]
    );
    let created = &bench.ledger.entries[0];
    assert_eq!((created.key.as_deref(), created.subject.as_str()), (Some("k1"), first.to_string().as_str()));
    assert_eq!(
        created.detail["lines"][0],
        json!({
            "line_key": "L1", "sku": "MUG-BLUE-12", "quantity": 2, "adjustment": false, "order_key": "k1", "unit_price": 18.5,
        })
    );
    assert_eq!(created.detail["ship_to"]["city"], "Kiel");
}
