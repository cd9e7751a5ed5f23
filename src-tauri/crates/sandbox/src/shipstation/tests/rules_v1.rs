//! The older API's rules and traps, one test each.

use super::bench::{Bench, LABEL, NOON_MS, order};
use crate::shipstation::{Habits, Quirks, ShipStationPlan};
use crate::{ListQuirk, Moment, StandIn};
use serde_json::{Value, json};

#[test]
fn the_same_key_replaces_the_whole_order() {
    let mut bench = Bench::new();
    let id = bench.order("k1", "1001");
    let line = bench.get(&format!("/orders/{id}"))["items"][0]["orderItemId"].clone();
    bench.now_ms += 60_000;
    let mut again = order("k1", "1001");
    again["items"] = json!([{ "lineItemKey": "L1", "name": "Blue mug", "quantity": 1 }]);
    again.as_object_mut().unwrap().remove("customerNotes");
    again["advancedOptions"] = json!({ "storeId": 480_003 });
    assert_eq!(bench.post("/orders/createorder", &again)["orderId"], id);
    let now = bench.get(&format!("/orders/{id}"));
    assert_eq!(now["customerNotes"], Value::Null, "what is left out is gone");
    assert_eq!(now["items"].as_array().unwrap().len(), 1);
    assert_eq!(now["items"][0]["orderItemId"], line, "a known line keeps its id");
    assert_eq!(now["items"][0]["sku"], Value::Null);
    assert_eq!(now["advancedOptions"]["storeId"], 480_002, "the store is set at creation only");
    assert_eq!(now["advancedOptions"]["customField1"], Value::Null);
    assert!(now["modifyDate"].as_str() > now["createDate"].as_str(), "our own write bumps modifyDate");
    assert_eq!(bench.effects(), ["order_created", "order_updated"]);
    assert_eq!(bench.ledger.entries[1].detail["changed"], true);
}

#[test]
fn the_same_order_twice_changes_nothing_and_says_so() {
    let mut bench = Bench::new();
    bench.order("k1", "1001");
    bench.order("k1", "1001");
    assert_eq!(bench.effects(), ["order_created", "order_updated"]);
    assert_eq!(bench.ledger.entries[1].detail["changed"], false);
}

#[test]
fn without_a_key_every_call_makes_an_order() {
    let mut bench = Bench::new();
    let mut keyless = order("k", "1001");
    keyless.as_object_mut().unwrap().remove("orderKey");
    let first = bench.post("/orders/createorder", &keyless);
    let second = bench.post("/orders/createorder", &keyless);
    assert_ne!(first["orderId"], second["orderId"]);
    assert_ne!(first["orderKey"], second["orderKey"]);
}

#[test]
fn an_order_without_store_lands_in_the_first_manual_one() {
    let mut bench = Bench::new();
    let mut stray = order("k1", "1001");
    stray.as_object_mut().unwrap().remove("advancedOptions");
    assert_eq!(bench.post("/orders/createorder", &stray)["advancedOptions"]["storeId"], 480_001);
}

#[test]
fn many_orders_each_for_itself() {
    let mut bench = Bench::new();
    let shipped = bench.order("k-shipped", "1");
    bench.post("/orders/createlabelfororder", &LABEL(shipped));
    let mut bad = order("k-bad", "2");
    bad["shipTo"]["country"] = json!("Germany");
    let sent = json!([order("k-good", "3"), bad, order("k-shipped", "1"), order("k-good", "3")]);
    let answer = bench.post("/orders/createorders", &sent);
    assert_eq!(answer["hasErrors"], true);
    let results = answer["results"].as_array().unwrap();
    let good: Vec<bool> = results.iter().map(|row| row["success"].as_bool().unwrap()).collect();
    assert_eq!(good, [true, false, false, true]);
    assert!(results[1]["errorMessage"].as_str().unwrap().contains("2-letter"));
    assert!(results[2]["errorMessage"].as_str().unwrap().contains("'shipped'"));
    assert_eq!(results[2]["orderKey"], "k-shipped", "a refused order is named by its key");
    assert_eq!(results[0]["orderId"], results[3]["orderId"]);
}

#[test]
fn cancelling_is_sending_the_whole_order_again() {
    let mut bench = Bench::new();
    let id = bench.order("k1", "1001");
    let mut gone = order("k1", "1001");
    gone["orderId"] = json!(id);
    gone["orderStatus"] = json!("cancelled");
    bench.post("/orders/createorder", &gone);
    assert_eq!(bench.status(id), "cancelled");
    let (status, text) = bench.v1("POST", "/orders/createorder", Some(&order("k1", "1001"))).refusal();
    assert_eq!((status, text.contains("'cancelled'")), (400, true));
    assert_eq!(bench.effects(), ["order_created", "order_cancelled"]);
}

#[test]
fn tags_are_added_never_left_out_and_never_shown_in_the_answer() {
    let mut bench = Bench::new();
    let mut tagged = order("k1", "1001");
    tagged["tagIds"] = json!([4120]);
    let answer = bench.post("/orders/createorder", &tagged);
    assert_eq!(answer["tagIds"], Value::Null);
    let id = answer["orderId"].as_i64().unwrap();
    assert_eq!(bench.get(&format!("/orders/{id}"))["tagIds"], json!([4120]));
    bench.order("k1", "1001");
    assert_eq!(bench.get(&format!("/orders/{id}"))["tagIds"], json!([4120]), "leaving a tag out does not take it off");
    bench.post("/orders/addtag", &json!({ "orderId": id, "tagId": 4121 }));
    let listed = bench.get("/orders/listbytag?orderStatus=awaiting_shipment&tagId=4121");
    assert_eq!(listed["total"], 1);
    bench.post("/orders/removetag", &json!({ "orderId": id, "tagId": 4120 }));
    assert_eq!(bench.get(&format!("/orders/{id}"))["tagIds"], json!([4121]));
}

#[test]
fn a_dated_hold_ends_by_itself_at_midnight_in_los_angeles() {
    let mut bench = Bench::new();
    let id = bench.order("k1", "1001");
    bench.post("/orders/holduntil", &json!({ "orderId": id, "holdUntilDate": "2026-03-03" }));
    assert_eq!(bench.get(&format!("/orders/{id}"))["holdUntilDate"], "2026-03-03");
    bench.now_ms = NOON_MS + 14 * 3_600_000;
    assert_eq!(bench.status(id), "on_hold", "23:00 of the day before");
    bench.now_ms = NOON_MS + 15 * 3_600_000;
    assert_eq!(bench.status(id), "awaiting_shipment");
    assert_eq!(bench.effects(), ["order_created", "order_held", "order_released"]);
    bench.now_ms += 60_000;
    bench.post("/orders/holduntil", &json!({ "orderId": id, "holdUntilDate": "2026-03-10" }));
    bench.post("/orders/restorefromhold", &json!({ "orderId": id }));
    assert_eq!(bench.get(&format!("/orders/{id}"))["holdUntilDate"], Value::Null);
}

#[test]
fn a_replacing_write_releases_a_hold_unless_it_says_on_hold() {
    let mut bench = Bench::new();
    let id = bench.order("k1", "1001");
    bench.post("/orders/holduntil", &json!({ "orderId": id, "holdUntilDate": "2026-03-10" }));
    let mut held = order("k1", "1001");
    held["orderStatus"] = json!("on_hold");
    bench.post("/orders/createorder", &held);
    assert_eq!(bench.get(&format!("/orders/{id}"))["holdUntilDate"], "2026-03-10");
    bench.order("k1", "1001");
    assert_eq!(bench.status(id), "awaiting_shipment");
}

#[test]
fn filters_read_pacific_time_and_numbers_by_prefix() {
    let mut bench = Bench::new();
    bench.order("k1", "104");
    bench.now_ms += 3_600_000;
    bench.order("k2", "1042");
    bench.now_ms += 3_600_000;
    bench.order("k3", "2042");
    let total = |bench: &mut Bench, query: &str| bench.get(&format!("/orders?{query}"))["total"].as_i64().unwrap();
    assert_eq!(total(&mut bench, "orderNumber=104"), 2, "104 finds 1042 too");
    assert_eq!(total(&mut bench, "modifyDateStart=2026-03-02%2010:00:00"), 2, "10:00 in Los Angeles");
    assert_eq!(total(&mut bench, "modifyDateStart=2026-03-02+10:00:01"), 1);
    assert_eq!(total(&mut bench, "modifyDateEnd=2026-03-02%2010:30:00"), 2);
    assert_eq!(total(&mut bench, "modifyDateStart=2026-03-02T17:00:00Z"), 0, "UTC is read as Pacific time");
    assert_eq!(total(&mut bench, "storeId=480003"), 0);
    assert_eq!(total(&mut bench, "orderStatus=awaiting_shipment&itemKeyword=matte&customerName=whit"), 3);
    assert_eq!(total(&mut bench, "orderDateStart=2026-03-03"), 0);
    assert_eq!(total(&mut bench, "paymentDateStart=2026-03-02&createDateStart=2026-03-02%2011:00"), 1);
    let newest = bench.get("/orders?sortBy=ModifyDate&sortDir=DESC&pageSize=2");
    let numbers: Vec<&str> =
        newest["orders"].as_array().unwrap().iter().map(|o| o["orderNumber"].as_str().unwrap()).collect();
    assert_eq!((numbers, &newest["pages"]), (vec!["2042", "1042"], &json!(2)));
}

#[test]
fn shipments_hide_their_lines_and_know_no_changes() {
    let mut bench = Bench::new();
    let id = bench.order("k1", "1001");
    let bought = bench.post("/orders/createlabelfororder", &LABEL(id));
    assert_eq!(bench.status(id), "shipped");
    let label = bought["shipmentId"].as_i64().unwrap();
    let list = bench.get("/shipments");
    assert_eq!(list["shipments"][0]["shipmentItems"], Value::Null);
    assert_eq!(list["shipments"][0]["orderKey"], "k1");
    let list = bench.get("/shipments?includeShipmentItems=true");
    assert_eq!(list["shipments"][0]["shipmentItems"].as_array().unwrap().len(), 2);
    bench.now_ms += 30 * 60_000;
    assert_eq!(bench.post("/shipments/voidlabel", &json!({ "shipmentId": label }))["approved"], true);
    assert_eq!(
        bench.post("/shipments/voidlabel", &json!({ "shipmentId": label }))["approved"],
        false,
        "200 all the same"
    );
    let since = "2026-03-02%2009:20:00";
    assert_eq!(
        bench.get(&format!("/shipments?createDateStart={since}"))["total"],
        0,
        "a void is no news by creation date"
    );
    assert_eq!(bench.get(&format!("/shipments?voidDateStart={since}"))["total"], 1);
    assert_eq!(bench.status(id), "awaiting_shipment");
    assert_eq!(bench.effects(), ["order_created", "label_bought", "label_voided"]);
}

#[test]
fn a_void_may_leave_the_order_shipped() {
    let habits = Habits { void_reopens: false, ..Habits::default() };
    let mut bench = Bench::with(ShipStationPlan { habits, ..Default::default() });
    let id = bench.order("k1", "1001");
    let label = bench.post("/orders/createlabelfororder", &LABEL(id))["shipmentId"].clone();
    bench.post("/shipments/voidlabel", &json!({ "shipmentId": label }));
    assert_eq!(bench.status(id), "shipped");
}

#[test]
fn marked_as_shipped_is_a_fulfillment_and_no_shipment() {
    let mut bench = Bench::new();
    let id = bench.order("k1", "1001");
    bench.post(
        "/orders/markasshipped",
        &json!({ "orderId": id, "carrierCode": "dpd", "trackingNumber": "0998", "shipDate": "2026-03-02" }),
    );
    assert_eq!(bench.status(id), "shipped");
    assert_eq!(bench.get("/shipments")["total"], 0);
    let list = bench.get("/fulfillments?createDateStart=2026-03-02");
    assert_eq!((&list["total"], &list["fulfillments"][0]["trackingNumber"]), (&json!(1), &json!("0998")));
    assert_eq!(list["fulfillments"][0]["marketplaceNotified"], false);
}

#[test]
fn a_label_without_an_order() {
    let mut bench = Bench::new();
    let mut loose = json!({
        "carrierCode": "dpd", "serviceCode": "dpd_classic", "packageCode": "package", "shipDate": "2026-03-02",
        "weight": { "value": 500, "units": "grams" }, "shipFrom": { "name": "Us" }, "shipTo": super::bench::address(),
    });
    bench.post("/shipments/createlabel", &loose);
    let row = bench.get("/shipments")["shipments"][0].clone();
    assert_eq!((&row["orderId"], &row["orderKey"], &row["orderNumber"]), (&Value::Null, &Value::Null, &Value::Null));
    assert_eq!(bench.get("/v2/labels")["labels"][0]["shipment_id"], Value::Null);
    loose["weight"] = json!({ "value": 0, "units": "grams" });
    assert_eq!(bench.v1("POST", "/shipments/createlabel", Some(&loose)).status, 400);
}

#[test]
fn a_test_label_ships_nothing() {
    let mut bench = Bench::new();
    let id = bench.order("k1", "1001");
    let mut test = LABEL(id);
    test["testLabel"] = json!(true);
    assert_eq!(bench.post("/orders/createlabelfororder", &test)["shipmentId"], -1);
    assert_eq!((bench.status(id).as_str(), bench.effects().len()), ("awaiting_shipment", 1));
}

#[test]
fn splits_share_the_number_and_merged_orders_vanish() {
    let mut bench = Bench::new();
    let id = bench.order("k1", "1001");
    let line = bench.account.state.order(id).unwrap().body.items[0].id;
    let child = bench.person(|state, pen| state.split(pen, id, &[(line, 1)]).unwrap());
    let list = bench.get("/orders?orderNumber=1001");
    assert_eq!(list["total"], 2);
    let row = bench.get(&format!("/orders/{child}"));
    assert_eq!(row["advancedOptions"]["parentId"], id);
    assert_eq!(row["advancedOptions"]["mergedOrSplit"], true);
    assert_eq!((&row["items"][0]["lineItemKey"], &row["items"][0]["quantity"]), (&json!("L1"), &json!(1)));
    assert_ne!(row["orderKey"], "k1");
    let (_, text) = bench.v1("POST", "/orders/createorder", Some(&order("k1", "1001"))).refusal();
    assert!(text.contains("orderId is required"), "{text}");
    let mut with_id = order("k1", "1001");
    with_id["orderId"] = json!(id);
    bench.post("/orders/createorder", &with_id);

    let other = bench.order("k2", "1002");
    bench.person(|state, pen| state.merge(pen, id, &[other]).unwrap());
    assert_eq!(bench.v1("GET", &format!("/orders/{other}"), None).status, 404);
    assert_eq!(bench.v2("GET", &format!("/v2/shipments/se-{other}"), None).status, 404);
    let merged = bench.get(&format!("/orders/{id}"));
    assert_eq!(merged["advancedOptions"]["mergedIds"], json!([other]));
    assert_eq!(merged["items"].as_array().unwrap().len(), 4);
}

#[test]
fn children_may_share_the_key_of_their_parent() {
    let habits = Habits { children_share_key: true, ..Habits::default() };
    let mut bench = Bench::with(ShipStationPlan { habits, ..Default::default() });
    let id = bench.order("k1", "1001");
    let line = bench.account.state.order(id).unwrap().body.items[0].id;
    let child = bench.person(|state, pen| state.split(pen, id, &[(line, 1)]).unwrap());
    assert_eq!(bench.get(&format!("/orders/{child}"))["orderKey"], "k1");
    assert_eq!(bench.account.state.order_by_key("k1").unwrap().id, id, "the key means the parent");
}

#[test]
fn a_deleted_order_is_gone_and_its_key_is_free() {
    let mut bench = Bench::new();
    let id = bench.order("k1", "1001");
    bench.v1("DELETE", &format!("/orders/{id}"), None).ok();
    assert_eq!(bench.v1("GET", &format!("/orders/{id}"), None).status, 404);
    assert_eq!(bench.get("/orders")["total"], 0);
    assert_eq!(bench.get("/orders?modifyDateStart=2026-03-01")["total"], 0);
    assert_ne!(bench.order("k1", "1001"), id);
}

#[test]
fn forty_calls_and_the_headers_that_count_them() {
    let mut bench = Bench::with(ShipStationPlan::default());
    for call in 1..=40 {
        let got = bench.v1("GET", "/stores", None);
        assert_eq!(got.status, 200);
        assert_eq!((got.header("x-rate-limit-limit"), got.header("x-rate-limit-remaining")), (40, 40 - call));
        bench.now_ms += 1_000;
    }
    let got = bench.v1("GET", "/stores", None);
    assert_eq!((got.status, got.text.as_str()), (429, r#"{"message":"Too Many Requests"}"#));
    assert_eq!(got.header("x-rate-limit-reset"), 20, "seconds left, not a moment");
    assert_eq!(bench.v2("GET", "/v2/carriers", None).status, 200, "the other API has its own allowance");
    bench.now_ms += 20_000;
    assert_eq!(bench.v1("GET", "/stores", None).header("x-rate-limit-remaining"), 39);
}

#[test]
fn a_fault_uses_up_the_minute() {
    let mut bench = Bench::with(ShipStationPlan::default());
    let request = http::Request::get("/orders").body(Vec::new()).unwrap();
    let mut moment = Moment { now_ms: bench.now_ms, rng: &mut bench.rng, ledger: &mut bench.ledger };
    let refused = bench.account.throttled(&request, &mut moment);
    assert_eq!((refused.status().as_u16(), refused.headers()["x-rate-limit-reset"].to_str().unwrap()), (429, "60"));
    assert_eq!(bench.v1("GET", "/orders", None).status, 429, "who does not wait is refused again");
    bench.now_ms += 60_000;
    assert_eq!(bench.v1("GET", "/orders", None).status, 200);
}

#[test]
fn quirks_that_have_been_seen() {
    let quirks = Quirks { null_rows: true, throttle_status: 500, ..Quirks::default() };
    let mut bench = Bench::with(ShipStationPlan { quirks, calls_per_minute: 4, ..Default::default() });
    bench.checked = false;
    bench.order("k1", "1001");
    bench.order("k2", "1002");
    let rows = bench.get("/orders")["orders"].as_array().unwrap().clone();
    assert_eq!((rows.len(), &rows[1]), (3, &Value::Null));
    bench.get("/orders");
    let got = bench.v1("GET", "/orders", None);
    assert_eq!((got.status, got.text.contains("Too Many Requests")), (500, true));
}

#[test]
fn one_order_spoils_every_page_it_is_on() {
    let mut bench = Bench::new();
    let ids: Vec<i64> = (0..5).map(|n| bench.order(&format!("k{n}"), &format!("{n}"))).collect();
    let until = bench.now_ms + 60_000;
    bench.account.state.poison(ids[3], until);
    assert_eq!(bench.v1("GET", "/orders?pageSize=500", None).status, 500);
    assert_eq!(bench.v1("GET", "/orders?pageSize=2&page=1", None).status, 200);
    assert_eq!(bench.v1("GET", "/orders?pageSize=2&page=2", None).status, 500);
    assert_eq!(bench.v1("GET", "/orders?pageSize=1&page=4", None).status, 500);
    assert_eq!(bench.v1("GET", "/orders?pageSize=1&page=5", None).status, 200);
    bench.now_ms = until;
    assert_eq!(bench.v1("GET", "/orders?pageSize=500", None).status, 200);

    let quirks = Quirks { poison_one_in: 1, ..Quirks::default() };
    let mut bench = Bench::with(ShipStationPlan { quirks, ..Default::default() });
    bench.order("k1", "1001");
    assert_eq!(bench.v1("GET", "/orders", None).status, 500);
    assert_eq!(bench.v2("GET", "/v2/shipments", None).status, 200, "the newer API writes it down all the same");
    bench.now_ms += 31 * 60_000;
    assert_eq!(bench.v1("GET", "/orders", None).status, 200);
}

#[test]
fn lists_that_misbehave() {
    let mut bench = Bench::new();
    for n in 0..6 {
        bench.order(&format!("k{n}"), &format!("{n}"));
        bench.now_ms += 60_000;
    }
    let mut numbers = |quirk, query: &str| -> String {
        bench.account.set_list_quirk(quirk);
        let page = bench.get(&format!("/orders?sortBy=ModifyDate&{query}"));
        bench.account.set_list_quirk(None);
        page["orders"].as_array().unwrap().iter().map(|row| row["orderNumber"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(numbers(None, "pageSize=3&page=2"), "345");
    assert_eq!(numbers(Some(ListQuirk::DuplicatePage), "pageSize=3&page=2"), "012345");
    assert_eq!(numbers(Some(ListQuirk::DuplicatePage), "pageSize=3&page=1"), "0012");
    assert_eq!(numbers(Some(ListQuirk::ReorderedPage), "pageSize=3&page=2"), "543");
    assert_eq!(numbers(Some(ListQuirk::LateIndex), "pageSize=9"), "0123");
}

#[test]
fn reference_lists_and_everything_around_them() {
    let mut bench = Bench::new();
    let id = bench.order("k1", "1001");
    for path in [
        "/accounts/listtags",
        "/carriers",
        "/carriers/getcarrier?carrierCode=dpd",
        "/carriers/listservices?carrierCode=dpd",
        "/carriers/listpackages?carrierCode=ups_walleted",
        "/stores",
        "/stores/marketplaces",
        "/stores/480001",
        "/stores/getrefreshstatus?storeId=480001",
        "/users",
        "/warehouses",
        "/warehouses/331200",
        "/products",
        "/customers",
        "/webhooks",
        "/fulfillments",
    ] {
        bench.get(path);
    }
    let product = bench.get("/products?sku=TEA-100")["products"][0].clone();
    let path = format!("/products/{}", product["productId"]);
    bench.v1("PUT", &path, Some(&json!({ "productId": product["productId"], "name": "Green tea" }))).ok();
    assert_eq!(bench.get(&path)["name"], "Green tea");
    assert_eq!(bench.get(&path).get("weightOz"), None, "what is left out is gone");
    let customer = bench.get("/customers")["customers"][0]["customerId"].clone();
    assert_eq!(bench.get(&format!("/orders/{id}"))["customerId"], customer);
    bench.get(&format!("/customers/{customer}"));
    bench.post("/stores/refreshstore?storeId=480001", &json!({}));
    assert_eq!(bench.get("/stores/getrefreshstatus?storeId=480001")["lastRefreshAttempt"], "3-2-2026");
    bench.post("/stores/deactivate", &json!({ "storeId": "480003" }));
    assert_eq!(bench.get("/stores").as_array().unwrap().len(), 2);
    assert_eq!(bench.get("/stores?showInactive=true").as_array().unwrap().len(), 3);
    bench.post("/stores/reactivate", &json!({ "storeId": 480_003 }));
    let hook =
        bench.post("/webhooks/subscribe", &json!({ "target_url": "https://x.example/", "event": "SHIP_NOTIFY" }));
    assert_eq!(bench.get("/webhooks")["webhooks"][0]["WebHookID"], hook["id"]);
    bench.v1("DELETE", &format!("/webhooks/{}", hook["id"]), None).ok();
    let user = "2f9c7c4e-6a1b-4d65-9a51-0d6f3a1f0c11";
    bench.post("/orders/assignuser", &json!({ "orderIds": [id], "userId": user }));
    assert_eq!(bench.get(&format!("/orders/{id}"))["userId"], user);
    bench.post("/orders/unassignuser", &json!({ "orderIds": [id] }));
    let rates = bench.post(
        "/shipments/getrates",
        &json!({ "carrierCode": "dpd", "fromPostalCode": "20457", "toCountry": "GB", "toPostalCode": "BA1",
                 "weight": { "value": 900, "units": "grams" } }),
    );
    assert_eq!(rates.as_array().unwrap().len(), 1, "the express service stays at home");
}

/// In the autumn night a later change carries an earlier time; a client that trusts its watermark misses it.
#[test]
fn the_autumn_night_runs_backwards() {
    let mut bench = Bench::new();
    let at = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis();
    bench.now_ms = at("2026-11-01T08:50:00Z");
    bench.order("k1", "1");
    bench.now_ms = at("2026-11-01T09:10:00Z");
    bench.order("k2", "2");
    let first = bench.get("/orders?orderNumber=1")["orders"][0]["modifyDate"].clone();
    let second = bench.get("/orders?orderNumber=2")["orders"][0]["modifyDate"].clone();
    assert_eq!(
        (first.as_str().unwrap(), second.as_str().unwrap()),
        ("2026-11-01T01:50:00.0000000", "2026-11-01T01:10:00.0000000")
    );
    assert_eq!(bench.get("/orders?modifyDateStart=2026-11-01%2001:50:00")["total"], 1, "the later order is missed");
    assert_eq!(bench.get("/orders?modifyDateStart=2026-11-01%2000:35:00")["total"], 2, "75 minutes of overlap find it");
}
