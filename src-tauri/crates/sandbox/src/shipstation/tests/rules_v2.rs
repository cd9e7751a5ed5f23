//! The newer API's rules and traps, one test each.

use super::bench::{Bench, LABEL, shipment};
use crate::shipstation::state::tracking::Scan;
use crate::shipstation::{Habits, ShipStationPlan};
use serde_json::{Value, json};

fn create(bench: &mut Bench, shipment: &Value) -> String {
    let answer = bench.post("/v2/shipments", &json!({ "shipments": [shipment] }));
    assert_eq!(answer["has_errors"], false);
    answer["shipments"][0]["shipment_id"].as_str().unwrap().to_owned()
}

#[test]
fn a_known_external_id_is_refused_not_updated() {
    let mut bench = Bench::new();
    create(&mut bench, &shipment("k1", "1001"));
    let both = json!({ "shipments": [shipment("k1", "1002"), shipment("k2", "1002")] });
    let answer = bench.post("/v2/shipments", &both);
    assert_eq!(answer["has_errors"], true);
    assert!(answer["shipments"][0]["errors"][0].as_str().unwrap().starts_with("identifier_conflict"));
    assert_eq!(answer["shipments"][1]["errors"], json!([]));
    assert_eq!(bench.effects(), ["order_created", "order_created"]);
}

#[test]
fn a_long_external_id_is_cut_without_a_word() {
    let mut bench = Bench::new();
    let long = format!("{}-tail", "x".repeat(50));
    let id = create(&mut bench, &shipment(&long, "1001"));
    let found = bench.get(&format!("/v2/shipments/external_shipment_id/{}", "x".repeat(50)));
    assert_eq!(found["shipment_id"], id);
    assert_eq!(bench.v2("GET", &format!("/v2/shipments/external_shipment_id/{long}"), None).status, 404);
}

#[test]
fn a_put_replaces_what_this_api_writes() {
    let mut bench = Bench::new();
    let id = create(&mut bench, &shipment("k1", "1001"));
    let mut change = bench.get(&format!("/v2/shipments/{id}"));
    change["ship_to"]["city_locality"] = json!("Lübeck");
    change.as_object_mut().unwrap().remove("amount_paid");
    bench.now_ms += 1_000;
    bench.v2("PUT", &format!("/v2/shipments/{id}"), Some(&change)).ok();
    let now = bench.get(&format!("/v2/shipments/{id}"));
    assert_eq!((&now["ship_to"]["city_locality"], &now["amount_paid"]["amount"]), (&json!("Lübeck"), &json!(0)));
    assert_eq!(now["items"][0]["external_order_item_id"], "L1");
    assert_eq!(now["shipment_status"], "pending");
    assert_eq!(bench.effects(), ["order_created", "order_updated"]);
}

#[test]
fn numbers_are_unique_over_the_account_where_they_are() {
    let mut bench = Bench::new();
    bench.order("k1", "1001");
    let body = json!({ "shipments": [shipment("k2", "1001")] });
    assert_eq!(bench.v2("POST", "/v2/shipments", Some(&body)).status, 400);
    let habits = Habits { v2_numbers_unique: false, ..Habits::default() };
    let mut bench = Bench::with(ShipStationPlan { habits, ..Default::default() });
    bench.order("k1", "1001");
    create(&mut bench, &shipment("k2", "1001"));
}

#[test]
fn holds_of_newer_and_older_servers() {
    let mut bench = Bench::new();
    let id = create(&mut bench, &shipment("k1", "1001"));
    bench
        .v2("PUT", &format!("/v2/shipments/{id}/hold"), Some(&json!({ "hold_until_date": "2026-03-09T15:00:00Z" })))
        .ok();
    let held = bench.get(&format!("/v2/shipments/{id}"));
    assert_eq!(
        (&held["shipment_status"], &held["hold_until_date"]),
        (&json!("on_hold"), &json!("2026-03-09T07:00:00.000Z"))
    );
    assert_eq!(bench.get("/v2/shipments?shipment_status=on_hold")["total"], 1);
    bench.v2("PUT", &format!("/v2/shipments/{id}/restore"), None).ok();
    assert_eq!(bench.get(&format!("/v2/shipments/{id}"))["shipment_status"], "pending");

    let habits = Habits { v2_knows_holds: false, ..Habits::default() };
    let mut bench = Bench::with(ShipStationPlan { habits, ..Default::default() });
    let id = create(&mut bench, &shipment("k1", "1001"));
    let body = json!({ "hold_until_date": "2026-03-09" });
    assert_eq!(bench.v2("PUT", &format!("/v2/shipments/{id}/hold"), Some(&body)).status, 404);
    let mut change = bench.get(&format!("/v2/shipments/{id}"));
    change["hold_until_date"] = json!("2026-03-09T00:00:00Z");
    bench.v2("PUT", &format!("/v2/shipments/{id}"), Some(&change)).ok();
    let held = bench.get(&format!("/v2/shipments/{id}"));
    assert_eq!(
        (&held["shipment_status"], &held["hold_until_date"]),
        (&json!("pending"), &json!("2026-03-09T07:00:00.000Z"))
    );
    let order_id: i64 = id.strip_prefix("se-").unwrap().parse().unwrap();
    assert_eq!(bench.status(order_id), "on_hold");
    change["hold_until_date"] = Value::Null;
    bench.v2("PUT", &format!("/v2/shipments/{id}"), Some(&change)).ok();
    assert_eq!(bench.status(order_id), "awaiting_shipment");
}

#[test]
fn cancelling_needs_the_label_voided() {
    let mut bench = Bench::new();
    let order_id = bench.order("k1", "1001");
    let label = bench.post("/orders/createlabelfororder", &LABEL(order_id))["shipmentId"].as_i64().unwrap();
    let cancel = format!("/v2/shipments/se-{order_id}/cancel");
    assert_eq!(bench.v2("PUT", &cancel, None).status, 400);
    assert_eq!(bench.v2("PUT", &format!("/v2/labels/se-{label}/void"), None).ok()["approved"], true);
    let again = bench.v2("PUT", &format!("/v2/labels/se-{label}/void"), None).ok();
    assert_eq!((&again["approved"], &again["reason_code"]), (&json!(false), &json!("label_already_voided")));
    assert_eq!(bench.v2("PUT", &cancel, None).status, 204);
    assert_eq!(bench.status(order_id), "cancelled");
    assert_eq!(bench.v2("PUT", &cancel, None).status, 400, "once is enough");
}

#[test]
fn a_used_label_is_not_taken_back() {
    let mut bench = Bench::new();
    let order_id = bench.order("k1", "1001");
    let label = bench.post("/orders/createlabelfororder", &LABEL(order_id))["shipmentId"].as_i64().unwrap();
    let track = format!("/v2/labels/se-{label}/track");
    assert_eq!(bench.get(&track)["status_code"], "NY");
    assert_eq!(bench.get("/v2/labels")["labels"][0]["tracking_status"], "unknown");
    let scan = |code: &'static str, detail: &'static str, at_ms: i64| Scan {
        at_ms,
        code,
        detail,
        says: "Somebody scanned it",
        city: "Hamburg".to_owned(),
        postal_code: "20457".to_owned(),
        country: "DE".to_owned(),
    };
    let now_ms = bench.now_ms;
    bench.account.state.scan(label, scan("AC", "RECEIVED_BY_CARRIER", now_ms + 1)).unwrap();
    let refused = bench.v2("PUT", &format!("/v2/labels/se-{label}/void"), None).ok();
    assert_eq!(refused["reason_code"], "label_already_used");
    bench.account.state.scan(label, scan("EX", "CARRIER_DELAYS", now_ms + 2)).unwrap();
    assert_eq!(bench.get("/v2/labels")["labels"][0]["tracking_status"], "error");
    assert_eq!(bench.get(&track)["exception_description"], "Somebody scanned it");
    bench.account.state.scan(label, scan("DE", "DELIVERED", now_ms + 3)).unwrap();
    let arrived = bench.get(&track);
    assert_eq!((&arrived["status_code"], arrived["events"].as_array().unwrap().len()), (&json!("DE"), 3));
    assert!(arrived["actual_delivery_date"].is_string());
}

#[test]
fn buying_from_a_rate_from_a_shipment_and_at_once() {
    let mut bench = Bench::new();
    let id = create(&mut bench, &shipment("k1", "1001"));
    let wish = json!({ "shipment_id": id, "rate_options": { "carrier_ids": ["se-501101", "se-501105"] } });
    let rates = bench.post("/v2/rates", &wish);
    let rate = rates["rate_response"]["rates"][0].clone();
    assert_eq!(bench.get(&format!("/v2/shipments/{id}/rates"))["rates"].as_array().unwrap().len(), 4);
    bench.get(&format!("/v2/rates/{}", rate["rate_id"].as_str().unwrap()));
    let label = bench.post(&format!("/v2/labels/rates/{}", rate["rate_id"].as_str().unwrap()), &json!({}));
    assert_eq!(label["shipment_cost"], rate["shipping_amount"]);
    assert_eq!(bench.get("/v2/labels/external_shipment_id/k1")["label_id"], label["label_id"]);
    assert_eq!(bench.get(&format!("/v2/shipments/{id}"))["shipment_status"], "label_purchased");

    let mut chosen = shipment("k2", "1002");
    chosen["carrier_id"] = json!("se-501101");
    chosen["service_code"] = json!("dpd_classic");
    let id = create(&mut bench, &chosen);
    bench.post(&format!("/v2/labels/shipment/{id}"), &json!({}));
    chosen["external_shipment_id"] = json!("k3");
    chosen["shipment_number"] = json!("1003");
    let label = bench.post("/v2/labels", &json!({ "shipment": chosen }));
    assert_eq!(label["is_international"], false);
    let shopped = bench.post("/v2/labels/rate_shopper_id/cheapest", &json!({ "shipment": shipment("k4", "1004") }));
    assert_eq!(shopped["service_code"], "rm_tracked_48");
    let back = bench.post(
        &format!("/v2/labels/{}/return", label["label_id"].as_str().unwrap()),
        &json!({ "charge_event": "on_creation" }),
    );
    assert_eq!((&back["is_return_label"], &back["outbound_label_id"]), (&json!(true), &label["label_id"]));

    let late = create(&mut bench, &shipment("k5", "1005"));
    let rates =
        bench.post("/v2/rates", &json!({ "shipment_id": late, "rate_options": { "carrier_ids": ["se-501101"] } }));
    let rate = rates["rate_response"]["rates"][0]["rate_id"].as_str().unwrap().to_owned();
    bench.now_ms += 31 * 60_000;
    assert_eq!(
        bench.v2("POST", &format!("/v2/labels/rates/{rate}"), Some(&json!({}))).status,
        400,
        "rates do not keep"
    );
}

#[test]
fn a_refused_purchase_leaves_no_shipment_behind() {
    let mut bench = Bench::new();
    let mut abroad = shipment("k1", "1001");
    abroad["ship_to"]["country_code"] = json!("GB");
    abroad["carrier_id"] = json!("se-501101");
    abroad["service_code"] = json!("dpd_express_12");
    assert_eq!(bench.v2("POST", "/v2/labels", Some(&json!({ "shipment": abroad }))).status, 400);
    assert_eq!(bench.get("/v2/shipments")["total"], 0);
}

#[test]
fn fulfillments_each_for_itself() {
    let mut bench = Bench::new();
    let order_id = bench.order("k1", "1001");
    let row =
        |id: String, carrier: &str| json!({ "shipment_id": id, "tracking_number": "0998", "carrier_code": carrier });
    let sent = json!({ "fulfillments": [row(format!("se-{order_id}"), "pigeon"), row("se-5".into(), "dpd"), row(format!("se-{order_id}"), "dpd")] });
    let answer = bench.post("/v2/fulfillments", &sent);
    assert_eq!(answer["has_errors"], true);
    let errors: Vec<bool> =
        answer["fulfillments"].as_array().unwrap().iter().map(|row| row["error_message"].is_null()).collect();
    assert_eq!(errors, [false, false, true]);
    assert_eq!(bench.get("/v2/fulfillments?shipment_number=1001")["total"], 1);
    assert_eq!(bench.get("/fulfillments?orderNumber=1001")["total"], 1);
}

#[test]
fn tags_by_name_notes_and_people() {
    let mut bench = Bench::new();
    let order_id = bench.order("k1", "1001");
    let base = format!("/v2/shipments/se-{order_id}");
    bench.post(&format!("{base}/tags/Needs%20love"), &json!({}));
    assert_eq!(bench.get(&base)["tags"], json!([{ "name": "Needs love" }]));
    assert!(bench.get("/accounts/listtags").as_array().unwrap().iter().any(|tag| tag["name"] == "Needs love"));
    assert_eq!(bench.v2("DELETE", &format!("{base}/tags/needs%20love"), None).status, 204);
    bench.post("/v2/tags/Rush", &json!({}));
    bench.post(&format!("{base}/internal_notes"), &json!({ "note": "first", "mode": "append" }));
    let note = bench.post(&format!("{base}/internal_notes"), &json!({ "note": "second", "mode": "append" }));
    assert_eq!(note["internal_notes"], "first\nsecond");
    assert_eq!(bench.get(&format!("/orders/{order_id}"))["internalNotes"], "first\nsecond");
    bench.post(
        "/v2/shipments/user",
        &json!({ "shipment_ids": [format!("se-{order_id}")], "user_id": "7b1d2c90-11aa-4f0e-8b6d-5d0a9f4b7e22" }),
    );
    for path in [
        "/v2/tags",
        "/v2/users",
        "/v2/warehouses",
        "/v2/warehouses/se-331200",
        "/v2/carriers",
        "/v2/carriers/se-501103",
        "/v2/carriers/se-501103/services",
        "/v2/carriers/se-501103/packages",
        "/v2/products?sku=TEA-100",
    ] {
        bench.get(path);
    }
}

#[test]
fn stock_moves_are_not_idempotent_except_one() {
    let mut bench = Bench::with(ShipStationPlan::default().with_inventory());
    let place = bench.post("/v2/inventory_warehouses", &json!({ "name": "Main" }))["inventory_warehouse_id"].clone();
    let bin = bench.post("/v2/inventory_locations", &json!({ "name": "A-1", "inventory_warehouse_id": place }));
    let bin = bin["inventory_location_id"].as_str().unwrap().to_owned();
    let mut change = |kind: &str, units: i64| {
        let body =
            json!({ "transaction_type": kind, "sku": "TEA-100", "quantity": units, "inventory_location_id": bin });
        bench.v2("POST", "/v2/inventory", Some(&body)).status
    };
    assert_eq!(
        (change("increment", 5), change("increment", 5), change("adjust", 7), change("adjust", 7)),
        (204, 204, 204, 204)
    );
    assert_eq!((change("decrement", 8), change("decrement", 2), change("conjure", 1)), (400, 204, 400));
    bench.order("k1", "1001");
    let row = bench.get("/v2/inventory?sku=TEA-100")["inventory"][0].clone();
    assert_eq!((&row["on_hand"], &row["allocated"], &row["available"]), (&json!(5), &json!(1), &json!(4)));
    let row = bench.get("/v2/inventory?group_by=location")["inventory"][0].clone();
    assert_eq!(row["inventory_location_id"], bin);
    bench.v2("PUT", &format!("/v2/inventory_locations/{bin}"), Some(&json!({ "name": "A-2" }))).ok();
    assert_eq!(bench.get(&format!("/v2/inventory_locations/{bin}"))["name"], "A-2");
    assert_eq!(bench.get("/v2/inventory_locations")["total"], 1);
    let path = format!("/v2/inventory_warehouses/{}", place.as_str().unwrap());
    assert_eq!(bench.v2("DELETE", &path, None).status, 400, "there is stock in it");
    assert_eq!(bench.v2("DELETE", &format!("{path}?remove_inventory=1"), None).status, 204);
    assert_eq!(bench.get("/v2/inventory")["total"], 0);
}

#[test]
fn two_hundred_calls_and_seconds_to_wait() {
    let mut bench = Bench::with(ShipStationPlan { v2_calls_per_minute: 200, ..Default::default() });
    for _ in 0..200 {
        assert_eq!(bench.v2("GET", "/v2/tags", None).status, 200);
    }
    bench.now_ms += 12_500;
    let got = bench.v2("GET", "/v2/tags", None);
    assert_eq!((got.status, got.header("retry-after")), (429, 48));
    assert_eq!(got.body["errors"][0]["error_code"], "rate_limit_exceeded");
    bench.now_ms += 48_000;
    assert_eq!(bench.v2("GET", "/v2/tags", None).status, 200);
}

#[test]
fn pages_and_links() {
    let mut bench = Bench::new();
    for n in 0..5 {
        bench.order(&format!("k{n}"), &format!("{n}"));
        bench.now_ms += 1_000;
    }
    let path = "/v2/shipments?sort_by=modified_at&sort_dir=asc&page_size=2&page=2";
    let page = bench.get(path);
    let numbers: Vec<&str> =
        page["shipments"].as_array().unwrap().iter().map(|row| row["shipment_number"].as_str().unwrap()).collect();
    assert_eq!((numbers, &page["total"], &page["pages"]), (vec!["2", "3"], &json!(5), &json!(3)));
    assert!(page["links"]["next"]["href"].as_str().unwrap().ends_with("page=3"));
    assert_eq!(bench.get("/v2/shipments?page=9")["shipments"], json!([]));
    let newest = bench.get("/v2/shipments?page_size=1");
    assert_eq!(newest["shipments"][0]["shipment_number"], "4", "newest first unless asked otherwise");
    assert_eq!(bench.get("/v2/shipments?modified_at_start=2026-03-02T17:00:03Z")["total"], 2);
    assert_eq!(bench.get("/v2/labels")["pages"], 1);
}
