//! A table of wrong requests and what the platform says to each.

use super::bench::{Bench, LABEL, order, shipment};
use crate::StandIn;
use crate::shipstation::{Habits, ShipStationPlan};
use serde_json::{Value, json};

fn without(mut value: Value, field: &str) -> Value {
    value.as_object_mut().unwrap().remove(field);
    value
}

fn with(mut value: Value, field: &str, new: Value) -> Value {
    value.as_object_mut().unwrap().insert(field.to_owned(), new);
    value
}

type Case = (&'static str, &'static str, String, Option<Value>, u16, &'static str);

fn try_all(bench: &mut Bench, cases: Vec<Case>) {
    for (why, method, path, body, status, says) in cases {
        let before = bench.ledger.entries.len();
        let got = if path.starts_with("/v2") {
            bench.v2(method, &path, body.as_ref())
        } else {
            bench.v1(method, &path, body.as_ref())
        };
        let (got_status, text) = got.refusal();
        assert_eq!(got_status, status, "{why}: {text}");
        assert!(text.contains(says), "{why}: wanted '{says}' in {text}");
        assert_eq!(bench.ledger.entries.len(), before, "{why}: a refused call changed something");
    }
}

#[test]
fn orders_of_the_older_api() {
    let mut bench = Bench::new();
    let open = bench.order("k-open", "1001");
    let shipped = bench.order("k-shipped", "1002");
    bench.post("/orders/createlabelfororder", &LABEL(shipped));
    let cancelled = bench.order("k-cancelled", "1003");
    bench.person(|state, pen| state.cancel(pen, cancelled, "test").unwrap());
    let held = bench.order("k-held", "1004");
    bench.post("/orders/holduntil", &json!({ "orderId": held, "holdUntilDate": "2026-03-20" }));
    let create = || "/orders/createorder".to_owned();
    let fresh = || order("k-new", "2000");
    let long = "x".repeat(51);
    let cases: Vec<Case> = vec![
        ("no number", "POST", create(), Some(without(fresh(), "orderNumber")), 400, "apiOrder.orderNumber"),
        ("number too long", "POST", create(), Some(with(fresh(), "orderNumber", json!(long))), 400, "at most 50"),
        ("no date", "POST", create(), Some(without(fresh(), "orderDate")), 400, "apiOrder.orderDate"),
        (
            "no date in a date",
            "POST",
            create(),
            Some(with(fresh(), "orderDate", json!("soon"))),
            400,
            "apiOrder.orderDate",
        ),
        ("no status", "POST", create(), Some(without(fresh(), "orderStatus")), 400, "apiOrder.orderStatus"),
        ("status of its own", "POST", create(), Some(with(fresh(), "orderStatus", json!("ready"))), 400, "'ready'"),
        ("no billTo", "POST", create(), Some(without(fresh(), "billTo")), 400, "apiOrder.billTo"),
        (
            "billTo without name",
            "POST",
            create(),
            Some(with(fresh(), "billTo", json!({ "city": "Kiel" }))),
            400,
            "billTo.name",
        ),
        ("no shipTo", "POST", create(), Some(without(fresh(), "shipTo")), 400, "apiOrder.shipTo"),
        (
            "country in words",
            "POST",
            create(),
            Some(with(fresh(), "shipTo", json!({ "name": "D", "country": "Germany" }))),
            400,
            "2-letter code",
        ),
        (
            "line without name",
            "POST",
            create(),
            Some(with(fresh(), "items", json!([{ "quantity": 1 }]))),
            400,
            "items[0].name",
        ),
        (
            "quantity as text",
            "POST",
            create(),
            Some(with(fresh(), "items", json!([{ "name": "x", "quantity": "1" }]))),
            400,
            "items[0].quantity",
        ),
        (
            "weight in stones",
            "POST",
            create(),
            Some(with(fresh(), "weight", json!({ "value": 1, "units": "stones" }))),
            400,
            "pounds, ounces or grams",
        ),
        ("an array", "POST", create(), Some(json!([fresh()])), 400, "order is required"),
        ("shipped is locked", "POST", create(), Some(order("k-shipped", "1002")), 400, "'shipped'"),
        ("cancelled is locked", "POST", create(), Some(order("k-cancelled", "1003")), 400, "'cancelled'"),
        ("unknown id", "POST", create(), Some(with(fresh(), "orderId", json!(1))), 404, "Not found"),
        ("another's key", "POST", create(), Some(with(fresh(), "orderId", json!(open))), 400, "orderKey"),
        ("one order for many", "POST", "/orders/createorders".into(), Some(fresh()), 400, "array"),
        ("none for many", "POST", "/orders/createorders".into(), Some(json!([])), 400, "1 to 100"),
        (
            "too many for many",
            "POST",
            "/orders/createorders".into(),
            Some(Value::Array(vec![fresh(); 101])),
            400,
            "101 orders",
        ),
        (
            "hold without day",
            "POST",
            "/orders/holduntil".into(),
            Some(json!({ "orderId": open })),
            400,
            "holdUntilDate",
        ),
        (
            "hold until today",
            "POST",
            "/orders/holduntil".into(),
            Some(json!({ "orderId": open, "holdUntilDate": "2026-03-02" })),
            400,
            "later day",
        ),
        (
            "hold shipped",
            "POST",
            "/orders/holduntil".into(),
            Some(json!({ "orderId": shipped, "holdUntilDate": "2026-03-20" })),
            400,
            "'shipped'",
        ),
        (
            "release what is not held",
            "POST",
            "/orders/restorefromhold".into(),
            Some(json!({ "orderId": open })),
            400,
            "status",
        ),
        (
            "mark cancelled",
            "POST",
            "/orders/markasshipped".into(),
            Some(json!({ "orderId": cancelled, "carrierCode": "dpd" })),
            400,
            "'cancelled'",
        ),
        (
            "mark without carrier",
            "POST",
            "/orders/markasshipped".into(),
            Some(json!({ "orderId": open })),
            400,
            "carrierCode",
        ),
        (
            "tag nobody made",
            "POST",
            "/orders/addtag".into(),
            Some(json!({ "orderId": open, "tagId": 1 })),
            404,
            "Not found",
        ),
        (
            "assign to nobody",
            "POST",
            "/orders/assignuser".into(),
            Some(json!({ "orderIds": [open], "userId": "00000000-0000-0000-0000-000000000000" })),
            404,
            "Not found",
        ),
        (
            "assign one unknown",
            "POST",
            "/orders/assignuser".into(),
            Some(json!({ "orderIds": [open, 5], "userId": "2f9c7c4e-6a1b-4d65-9a51-0d6f3a1f0c11" })),
            404,
            "Not found",
        ),
        ("order of nobody", "GET", "/orders/5".into(), None, 404, "Not found"),
        ("order by number", "GET", "/orders/abc".into(), None, 404, "Not found"),
        ("delete nobody's", "DELETE", "/orders/5".into(), None, 404, "Not found"),
        ("too large a page", "GET", "/orders?pageSize=501".into(), None, 400, "pageSize"),
        ("page nought", "GET", "/orders?page=0".into(), None, 400, "page"),
        ("sorted by whim", "GET", "/orders?sortBy=whim".into(), None, 400, "sortBy"),
        ("sorted sideways", "GET", "/orders?sortDir=left".into(), None, 400, "sortDir"),
        ("seconds since 1970", "GET", "/orders?modifyDateStart=1772442867".into(), None, 400, "modifyDateStart"),
        ("store by name", "GET", "/orders?storeId=main".into(), None, 400, "storeId"),
        ("by tag without status", "GET", "/orders/listbytag?tagId=4120".into(), None, 400, "orderStatus"),
        ("wrong method", "PUT", "/orders".into(), None, 405, "PUT"),
        ("wrong path", "GET", "/order".into(), None, 404, "Not found"),
    ];
    try_all(&mut bench, cases);
}

#[test]
fn labels_of_the_older_api() {
    let mut bench = Bench::new();
    let open = bench.order("k-open", "1001");
    let held = bench.post("/orders/createorder", &with(order("k-held", "1004"), "orderStatus", json!("on_hold")));
    let held = held["orderId"].as_i64().unwrap();
    let unpaid =
        bench.post("/orders/createorder", &with(order("k-due", "1005"), "orderStatus", json!("awaiting_payment")));
    let unpaid = unpaid["orderId"].as_i64().unwrap();
    let nowhere = with(order("k-nowhere", "1006"), "shipTo", json!({ "name": "Dana", "country": "DE" }));
    let nowhere = bench.post("/orders/createorder", &nowhere)["orderId"].as_i64().unwrap();
    let abroad = with(
        order("k-abroad", "1007"),
        "shipTo",
        json!({ "name": "D", "street1": "1 St", "city": "Bath", "country": "GB" }),
    );
    let abroad = bench.post("/orders/createorder", &abroad)["orderId"].as_i64().unwrap();
    let light = with(order("k-light", "1008"), "items", json!([{ "name": "air", "quantity": 1 }]));
    let light = bench.post("/orders/createorder", &light)["orderId"].as_i64().unwrap();
    let buy = || "/orders/createlabelfororder".to_owned();
    let express = with(LABEL(abroad), "serviceCode", json!("dpd_express_12"));
    let cases: Vec<Case> = vec![
        ("no service", "POST", buy(), Some(without(LABEL(open), "serviceCode")), 400, "serviceCode"),
        (
            "service of another",
            "POST",
            buy(),
            Some(with(LABEL(open), "serviceCode", json!("rm_tracked_48"))),
            400,
            "serviceCode",
        ),
        ("carrier of another", "POST", buy(), Some(with(LABEL(open), "carrierCode", json!("pigeon"))), 400, "pigeon"),
        ("confirmation", "POST", buy(), Some(with(LABEL(open), "confirmation", json!("wave"))), 400, "confirmation"),
        ("package", "POST", buy(), Some(with(LABEL(open), "packageCode", json!("bag"))), 400, "bag"),
        ("no date", "POST", buy(), Some(without(LABEL(open), "shipDate")), 400, "shipDate"),
        ("test or not", "POST", buy(), Some(without(LABEL(open), "testLabel")), 400, "testLabel"),
        ("on hold", "POST", buy(), Some(LABEL(held)), 400, "'on_hold'"),
        ("unpaid", "POST", buy(), Some(LABEL(unpaid)), 400, "'awaiting_payment'"),
        ("no street", "POST", buy(), Some(LABEL(nowhere)), 400, "no street1"),
        ("not abroad", "POST", buy(), Some(express), 400, "does not ship to GB"),
        ("no weight", "POST", buy(), Some(LABEL(light)), 400, "weight"),
        ("void nothing", "POST", "/shipments/voidlabel".into(), Some(json!({ "shipmentId": 1 })), 404, "Not found"),
        (
            "UPS without state",
            "POST",
            "/shipments/getrates".into(),
            Some(json!({
                "carrierCode": "ups_walleted", "fromPostalCode": "20457", "toCountry": "US", "toPostalCode": "83702",
                "weight": { "value": 1, "units": "pounds" },
            })),
            400,
            "toState",
        ),
        ("services of nobody", "GET", "/carriers/listservices?carrierCode=pigeon".into(), None, 404, "Not found"),
        ("items or not", "GET", "/shipments?includeShipmentItems=yes".into(), None, 400, "includeShipmentItems"),
        (
            "webhook of its own",
            "POST",
            "/webhooks/subscribe".into(),
            Some(json!({ "target_url": "http://x.example/", "event": "X" })),
            400,
            "event",
        ),
    ];
    try_all(&mut bench, cases);
}

#[test]
fn shipments_and_labels_of_the_newer_api() {
    let mut bench = Bench::new();
    let open = bench.order("k-open", "1001");
    let shipped = bench.order("k-shipped", "1002");
    bench.post("/orders/createlabelfororder", &LABEL(shipped));
    let many = |shipment: Value| Some(json!({ "shipments": [shipment] }));
    let fresh = || shipment("k-new", "2000");
    let create = || "/v2/shipments".to_owned();
    let no_phone = {
        let mut shipment = fresh();
        shipment["ship_to"].as_object_mut().unwrap().remove("phone");
        shipment
    };
    let cases: Vec<Case> = vec![
        ("no list", "POST", create(), Some(fresh()), 400, "'shipments' is required"),
        ("no address", "POST", create(), many(without(fresh(), "ship_to")), 400, "shipments[0].ship_to"),
        ("no telephone", "POST", create(), many(no_phone), 400, "shipments[0].ship_to.phone"),
        (
            "no currency",
            "POST",
            create(),
            many(with(fresh(), "amount_paid", json!({ "amount": 1 }))),
            400,
            "amount_paid.currency",
        ),
        (
            "unknown carrier",
            "POST",
            create(),
            many(with(fresh(), "carrier_id", json!("se-1"))),
            400,
            "carrier_not_connected",
        ),
        ("known key", "POST", create(), many(shipment("k-open", "2000")), 400, "identifier_conflict"),
        ("known number", "POST", create(), many(shipment("k-new", "1001")), 400, "identifier_conflict"),
        ("no body", "POST", create(), None, 400, "request_body_required"),
        (
            "long field",
            "POST",
            create(),
            many(with(fresh(), "advanced_options", json!({ "custom_field1": "x".repeat(101) }))),
            400,
            "invalid_string_length",
        ),
        (
            "another key",
            "PUT",
            format!("/v2/shipments/se-{open}"),
            Some(shipment("k-other", "1001")),
            400,
            "identifiers_must_match",
        ),
        (
            "locked",
            "PUT",
            format!("/v2/shipments/se-{shipped}"),
            Some(shipment("k-shipped", "1002")),
            400,
            "invalid_status",
        ),
        ("cancel with label", "PUT", format!("/v2/shipments/se-{shipped}/cancel"), None, 400, "Void it before"),
        (
            "hold with label",
            "PUT",
            format!("/v2/shipments/se-{shipped}/hold"),
            Some(json!({ "hold_until_date": "2026-03-20" })),
            400,
            "invalid_status",
        ),
        (
            "hold until today",
            "PUT",
            format!("/v2/shipments/se-{open}/hold"),
            Some(json!({ "hold_until_date": "2026-03-02" })),
            400,
            "hold_until_date",
        ),
        ("release what is not held", "PUT", format!("/v2/shipments/se-{open}/restore"), None, 400, "invalid_status"),
        ("malformed id", "GET", format!("/v2/shipments/{open}"), None, 400, "invalid_identifier"),
        ("unknown id", "GET", "/v2/shipments/se-5".into(), None, 404, "not found"),
        ("unknown key", "GET", "/v2/shipments/external_shipment_id/nope".into(), None, 404, "not found"),
        ("status of its own", "GET", "/v2/shipments?shipment_status=shipped".into(), None, 400, "shipment_status"),
        ("Pacific time", "GET", "/v2/shipments?modified_at_start=2026-03-02%2009:00:00".into(), None, 400, "ISO 8601"),
        ("sorted by whim", "GET", "/v2/shipments?sort_by=whim".into(), None, 400, "sort_by"),
        ("no carrier set", "POST", format!("/v2/labels/shipment/se-{open}"), Some(json!({})), 400, "carrier_id"),
        ("void nothing", "PUT", "/v2/labels/se-1/void".into(), None, 404, "not found"),
        (
            "no rates without carriers",
            "POST",
            "/v2/rates".into(),
            Some(json!({ "shipment_id": format!("se-{open}"), "rate_options": {} })),
            400,
            "carrier_ids",
        ),
        ("expired rate", "POST", "/v2/labels/rates/se-1".into(), Some(json!({})), 404, "not found"),
        (
            "fulfillment without number",
            "POST",
            "/v2/fulfillments".into(),
            Some(json!({ "fulfillments": [{ "shipment_id": format!("se-{open}"), "carrier_code": "dpd" }] })),
            400,
            "tracking_number",
        ),
        ("take an unknown tag off", "DELETE", format!("/v2/shipments/se-{open}/tags/Nope"), None, 404, "not found"),
        (
            "note without mode",
            "POST",
            format!("/v2/shipments/se-{open}/internal_notes"),
            Some(json!({ "note": "x" })),
            400,
            "mode",
        ),
        ("stock without the add-on", "GET", "/v2/inventory_warehouses".into(), None, 403, "forbidden"),
        ("not rebuilt here", "GET", "/v2/batches".into(), None, 404, "not found"),
    ];
    try_all(&mut bench, cases);
}

#[test]
fn long_external_ids_where_they_are_refused() {
    let habits = Habits { v2_cuts_external_ids: false, ..Habits::default() };
    let mut bench = Bench::with(ShipStationPlan { habits, ..ShipStationPlan::default() });
    let body = json!({ "shipments": [shipment(&"x".repeat(51), "1")] });
    let (status, text) = bench.v2("POST", "/v2/shipments", Some(&body)).refusal();
    assert_eq!((status, text.contains("invalid_string_length")), (400, true), "{text}");
}

#[test]
fn credentials() {
    let mut bench = Bench::new();
    let plan = bench.account.state.plan.clone();
    let basic = |key: &str, secret: &str| {
        use base64::Engine as _;
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{key}:{secret}")))
    };
    let wrong = basic(&plan.v1_key, "wrong");
    let v2_in_v1 = basic(&plan.v2_key, "");
    let cases: Vec<(&str, Vec<(&str, &str)>)> = vec![
        ("/orders", vec![]),
        ("/orders", vec![("authorization", wrong.as_str())]),
        ("/orders", vec![("authorization", v2_in_v1.as_str())]),
        ("/orders", vec![("authorization", "Bearer abc")]),
        ("/orders", vec![("api-key", plan.v2_key.as_str())]),
        ("/v2/carriers", vec![]),
        ("/v2/carriers", vec![("api-key", "wrong")]),
        ("/v2/carriers", vec![("authorization", wrong.as_str())]),
    ];
    let mut plain = 0;
    for (path, headers) in cases {
        let got = bench.send("GET", path, &headers, None);
        assert_eq!(got.status, 401, "{path} {headers:?}");
        plain += usize::from(got.body.is_null());
    }
    assert_eq!(plain, 1, "every third refusal of the older API is not JSON");
    let request = http::Request::get("/v2/labels").body(Vec::new()).unwrap();
    assert_eq!(bench.account.unauthorized(&request).status(), 401);
}

#[test]
fn plans_that_lack_an_api() {
    let cases = [
        (ShipStationPlan::default().only_v1(), 200, 403, 403),
        (ShipStationPlan::default().only_v2(), 403, 200, 403),
        (ShipStationPlan::default().only_v2().with_inventory(), 403, 200, 200),
        (ShipStationPlan::default().only_inventory(), 403, 403, 200),
        (ShipStationPlan::default().with_inventory(), 200, 200, 200),
    ];
    for (plan, v1, v2, stock) in cases {
        let mut bench = Bench::with(plan);
        assert_eq!(bench.v1("GET", "/stores", None).status, v1);
        assert_eq!(bench.v2("GET", "/v2/carriers", None).status, v2);
        assert_eq!(bench.v2("GET", "/v2/inventory_warehouses", None).status, stock);
        let card = bench.account.card();
        assert_eq!(card.fields.contains_key("key"), v1 == 200);
        assert_eq!(card.fields.contains_key("v2_key"), v2 == 200 || stock == 200);
    }
}

#[test]
fn an_expired_pair_stops_working_overnight() {
    let mut bench = Bench::with(ShipStationPlan { v1_expires_on: "2026-03-02".to_owned(), ..Default::default() });
    assert_eq!(bench.v1("GET", "/stores", None).status, 200);
    bench.now_ms += 15 * 3_600_000;
    assert_eq!(bench.v1("GET", "/stores", None).status, 401, "it is 3 March in Los Angeles");
    assert_eq!(bench.v2("GET", "/v2/carriers", None).status, 200, "the other key lives on");
}
