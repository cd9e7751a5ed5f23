//! The stand-in keeps the contract, whoever asks.
#![allow(clippy::unwrap_used)]

use super::{Orderez, OrderezPlan};
use crate::{Ledger, ListQuirk, Moment, StandIn};
use http::{Request, Response};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde_json::{Value, json};

const NOW_MS: i64 = 1_795_168_800_000;

struct House {
    orderez: Orderez,
    ledger: Ledger,
    rng: SmallRng,
    now_ms: i64,
    keys: u32,
}

impl House {
    fn new(plan: OrderezPlan) -> Self {
        Self {
            orderez: Orderez::new(plan),
            ledger: Ledger::default(),
            rng: SmallRng::seed_from_u64(1),
            now_ms: NOW_MS,
            keys: 0,
        }
    }

    fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Response<Vec<u8>> {
        let mut request = Request::builder().method(method).uri(format!("http://oz.sandbox/v1{path}"));
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            request = request.header("authorization", format!("Bearer {}", self.orderez.state.plan.api_key));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.map(ToString::to_string).unwrap_or_default().into_bytes()).unwrap();
        let mut moment = Moment { now_ms: self.now_ms, rng: &mut self.rng, ledger: &mut self.ledger };
        self.orderez.handle(&request, &mut moment)
    }

    fn get(&mut self, path: &str) -> (u16, Value) {
        said(&self.ask("GET", path, &[], None))
    }

    /// A write with a fresh key.
    fn write(&mut self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.keys += 1;
        let key = format!("key-of-a-write-{:04}", self.keys);
        said(&self.ask(method, path, &[("idempotency-key", &key)], Some(body)))
    }

    fn by_hand<T>(&mut self, act: impl FnOnce(&mut Orderez, &mut Moment<'_>) -> T) -> T {
        let mut moment = Moment { now_ms: self.now_ms, rng: &mut self.rng, ledger: &mut self.ledger };
        act(&mut self.orderez, &mut moment)
    }
}

fn said(response: &Response<Vec<u8>>) -> (u16, Value) {
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or(Value::Null))
}

fn order(id: &str) -> Value {
    json!({
        "external_refs": [{"system": "shop", "id": id, "number": "#1"}], "currency": "EUR",
        "lines": [{"sku": "MUG", "quantity": 3, "external_ref": {"system": "shop", "id": "l1"}}],
        "shipping_address": {"address1": "Am Kai 1", "city": "Bremen", "country": "DE"},
        "source": {"system": "shop", "id": "w1"},
    })
}

#[test]
fn a_key_against_doubles_replays_even_a_refusal() {
    let mut house = House::new(OrderezPlan { skus: ["CUP".to_owned()].into(), ..OrderezPlan::default() });
    let key = [("idempotency-key", "0123456789abcdef")];
    let first = house.ask("POST", "/orders", &key, Some(&order("1")));
    assert_eq!(first.status(), 422);
    house.orderez.state.plan.skus.insert("MUG".to_owned());
    let again = house.ask("POST", "/orders", &key, Some(&order("1")));
    assert_eq!((again.status().as_u16(), again.headers()["idempotency-replayed"].to_str().unwrap()), (422, "true"));
    let (status, problem) = said(&house.ask("POST", "/orders", &key, Some(&order("2"))));
    assert_eq!((status, &problem["code"]), (409, &json!("idempotency_key_reused")));
    assert_eq!(said(&house.ask("POST", "/orders", &[], Some(&order("1")))).0, 422);
    house.now_ms += 73 * 3_600_000;
    assert_eq!(house.ask("POST", "/orders", &key, Some(&order("1"))).status(), 201);
}

#[test]
fn references_are_unique_and_nulls_are_refused() {
    let mut house = House::new(OrderezPlan::default());
    let (status, made) = house.write("POST", "/orders", &order("1"));
    assert_eq!(status, 201);
    let (status, problem) = house.write("POST", "/orders", &order("1"));
    assert_eq!(
        (status, &problem["code"], &problem["existing_id"]),
        (409, &json!("duplicate_external_ref"), &made["data"]["id"])
    );
    let mut with_null = order("2");
    with_null["shipping_address"]["address2"] = Value::Null;
    let (status, problem) = house.write("POST", "/orders", &with_null);
    assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!("/shipping_address/address2")));
    let (status, problem) = house.write("POST", "/orders", &json!({}));
    assert_eq!(status, 422);
    let pointers: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    for needed in ["/source/system", "/currency", "/external_refs", "/shipping_address", "/lines"] {
        assert!(pointers.contains(&needed), "{needed}: {pointers:?}");
    }
    assert_eq!(house.ledger.of("order_created").count(), 1);
}

#[test]
fn versions_and_states_are_kept() {
    let mut house = House::new(OrderezPlan::default());
    let id = house.write("POST", "/orders", &order("1")).1["data"]["id"].as_str().unwrap().to_owned();
    let path = format!("/orders/{id}");
    let patch = |house: &mut House, version: &str, key: &str| {
        said(&house.ask(
            "PATCH",
            &path,
            &[("if-match", version), ("idempotency-key", key)],
            Some(&json!({"on_hold": true})),
        ))
    };
    let (status, problem) = patch(&mut house, "\"9\"", "key-aaaaaaaaaaaaaa");
    assert_eq!((status, &problem["current_version"]), (412, &json!(1)));
    assert_eq!(patch(&mut house, "\"1\"", "key-bbbbbbbbbbbbbb").1["data"]["status"], "on_hold");
    assert!(
        house.by_hand(|oz, moment| oz.pack(&id, None, "DHL", &["T"], moment)).is_err(),
        "nobody packs what is held"
    );
    house.write("PATCH", &path, &json!({"on_hold": false}));
    let line = house.orderez.state.orders[&id].lines[0].id.clone();
    house.by_hand(|oz, moment| oz.pack(&id, Some(vec![(line.clone(), 2)]), "DHL", &["T1"], moment)).unwrap();
    assert_eq!(house.get(&path).1["data"]["status"], "partially_fulfilled");
    let cancel = json!({"reason": "customer", "source": {"system": "shop", "id": "w2"}});
    assert_eq!(
        house
            .write("POST", &format!("{path}/cancel"), &json!({"reason": "mood", "source": {"system": "s", "id": "w"}}))
            .0,
        422
    );
    // One unit was open and is cancelled; two have left.
    assert_eq!(house.write("POST", &format!("{path}/cancel"), &cancel).1["data"]["status"], "fulfilled");
    let (status, problem) = house.write("POST", &format!("{path}/cancel"), &cancel);
    assert_eq!((status, &problem["code"]), (409, &json!("invalid_state")));
    let (status, _) = house.write("PATCH", &path, &json!({"note": "late"}));
    assert_eq!(status, 409);
}

#[test]
fn stock_wants_a_version() {
    let mut house = House::new(OrderezPlan::default());
    house.by_hand(|oz, moment| oz.count("MUG", 10, moment));
    let body = json!({"on_hand": 8, "source": {"system": "shop", "id": "w"}});
    assert_eq!(house.write("PUT", "/inventory/wh_quay/MUG", &body).0, 428);
    let with =
        |version: i64| json!({"on_hand": 8, "expected_version": version, "source": {"system": "shop", "id": "w"}});
    assert_eq!(house.write("PUT", "/inventory/wh_quay/MUG", &with(7)).0, 412);
    let (status, level) = house.write("PUT", "/inventory/wh_quay/MUG", &with(1));
    assert_eq!(
        (status, &level["data"]["version"], &level["data"]["last_change"]["source"]["system"]),
        (200, &json!(2), &json!("shop"))
    );
    // The same value again is no change.
    assert_eq!(house.write("PUT", "/inventory/wh_quay/MUG", &with(2)).1["data"]["version"], 2);
    let adjust = json!({"source": {"system": "shop", "id": "w"}, "lines": [{"warehouse_id": "wh_quay", "sku": "MUG", "delta": -9}]});
    assert_eq!(house.write("POST", "/inventory/adjustments", &adjust).0, 422);
}

#[test]
fn lists_by_cursor_until_it_expires() {
    let mut house = House::new(OrderezPlan { calls_per_minute: 1_000, ..OrderezPlan::default() });
    for n in 0..5 {
        house.write("POST", "/orders", &order(&n.to_string()));
        house.now_ms += 1_000;
    }
    let (_, first) = house.get("/orders?updated_since=2026-11-20T10:00:00Z&limit=2");
    assert_eq!((first["data"].as_array().unwrap().len(), &first["meta"]["has_more"]), (2, &json!(true)));
    let next = format!("/orders?cursor={}&limit=2", first["meta"]["next_cursor"].as_str().unwrap());
    assert_eq!(house.get(&next).1["data"].as_array().unwrap().len(), 2);
    house.orderez.set_list_quirk(Some(ListQuirk::DuplicatePage));
    assert_eq!(house.get(&next).1["data"].as_array().unwrap().len(), 4);
    house.orderez.set_list_quirk(None);
    house.now_ms += 25 * 3_600_000;
    let (status, problem) = house.get(&next);
    assert_eq!((status, &problem["code"]), (400, &json!("cursor_expired")));
    assert_eq!(house.get("/orders?limit=251").0, 400);
    assert_eq!(house.get("/orders?updated_since=yesterday").0, 400);
    assert_eq!(house.get("/orders?external_ref=shop:3").1["data"].as_array().unwrap().len(), 1);
    assert!(house.get("/orders?view=summary").1["data"][0].get("lines").is_none());
}

#[test]
fn keys_and_limits_are_enforced() {
    let mut house = House::new(OrderezPlan { calls_per_minute: 3, ..OrderezPlan::default() });
    assert_eq!(
        said(&house.ask("GET", "/account", &[("authorization", "Bearer wrong")], None)).1["code"],
        "invalid_api_key"
    );
    for left in ["2", "1", "0"] {
        assert_eq!(house.ask("GET", "/account", &[], None).headers()["ratelimit-remaining"], left);
    }
    let seconds = house.ask("GET", "/account", &[], None);
    assert_eq!((seconds.status().as_u16(), seconds.headers()["retry-after"].to_str().unwrap()), (429, "60"));
    let date = house.ask("GET", "/account", &[], None);
    assert_eq!(date.headers()["retry-after"], "Fri, 20 Nov 2026 10:01:00 GMT");
}

#[test]
fn a_key_against_doubles_replays_a_success_and_does_nothing_twice() {
    let mut house = House::new(OrderezPlan::default());
    let key = [("idempotency-key", "0123456789abcdef")];
    let first = house.ask("POST", "/orders", &key, Some(&order("1")));
    let again = house.ask("POST", "/orders", &key, Some(&order("1")));
    assert_eq!((first.status().as_u16(), again.status().as_u16()), (201, 201));
    assert_eq!(first.body(), again.body(), "what is repeated is the answer of that time");
    assert!(first.headers().get("idempotency-replayed").is_none());
    assert_eq!(again.headers()["idempotency-replayed"].to_str().unwrap(), "true");
    assert_eq!(house.ledger.of("order_created").count(), 1);
}

#[test]
fn versions_may_be_insisted_on_and_a_closed_account_says_when_to_come_back() {
    let mut house = House::new(OrderezPlan { versions_required: true, ..OrderezPlan::default() });
    let id = house.write("POST", "/orders", &order("1")).1["data"]["id"].as_str().unwrap().to_owned();
    let source = json!({"system": "shop", "id": "w2"});
    for (method, path, body) in [
        ("PATCH", format!("/orders/{id}"), json!({"note": "x"})),
        ("POST", format!("/orders/{id}/cancel"), json!({"reason": "customer", "source": source})),
    ] {
        let (status, problem) = house.write(method, &path, &body);
        assert_eq!((status, &problem["code"]), (428, &json!("precondition_required")), "{method} {path}");
    }
    let matching = [("if-match", "\"1\""), ("idempotency-key", "a-key-of-this-write")];
    assert_eq!(said(&house.ask("PATCH", &format!("/orders/{id}"), &matching, Some(&json!({"note": "x"})))).0, 200);

    house.orderez.state.plan.closed_until_ms = Some(NOW_MS + 90_000);
    let mut forms = Vec::new();
    for _ in 0..2 {
        let closed = house.ask("GET", "/orders", &[], None);
        assert_eq!(closed.status(), 503);
        forms.push(closed.headers()["retry-after"].to_str().unwrap().to_owned());
    }
    assert!(forms.contains(&"90".to_owned()) && forms.iter().any(|form| form.ends_with("GMT")), "{forms:?}");
    assert_eq!(house.write("POST", "/orders", &order("2")).0, 503);
    house.now_ms += 90_000;
    assert_eq!(house.get("/orders").0, 200);
    assert_eq!(house.ledger.of("order_created").count(), 1, "nothing was done while it was closed");
}

#[test]
fn a_refund_is_recorded_once_per_reference_and_restocks_only_what_is_asked() {
    let mut house = House::new(OrderezPlan::default());
    let made = house.write("POST", "/orders", &order("1")).1;
    let (id, line) = (made["data"]["id"].as_str().unwrap().to_owned(), made["data"]["lines"][0].clone());
    let (line_id, sku) = (line["id"].clone(), line["sku"].as_str().unwrap().to_owned());
    house.by_hand(|orderez, moment| orderez.count(&sku, 10, moment));
    let path = format!("/orders/{id}/refunds");
    let currency = made["data"]["currency"].clone();
    let refund = |reference: &str, amount: &str, units: i64, restock: Value| {
        json!({"amount": {"amount": amount, "currency": currency}, "lines": [{"line_id": line_id, "quantity": units, "restock": restock}],
            "external_ref": {"system": "shop", "id": reference}, "source": {"system": "shop", "id": "w"}})
    };
    let quantity = line["quantity"].as_i64().unwrap();
    for (wrong, field) in [
        (refund("r0", "-1.00", 1, json!(false)), "/amount/amount"),
        (refund("r0", "1.00", quantity + 1, json!(false)), "/lines/0/quantity"),
        (refund("r0", "1.00", 1, json!("yes")), "/lines/0/restock"),
        (
            json!({"amount": {"amount": "1.00", "currency": "XXX"}, "source": {"system": "shop", "id": "w"}}),
            "/amount/currency",
        ),
        (json!({"amount": {"amount": "1.00", "currency": currency}}), "/source/system"),
    ] {
        let (status, problem) = house.write("POST", &path, &wrong);
        assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some(field)), "{problem}");
    }
    let (status, first) = house.write("POST", &path, &refund("r1", "1.00", 1, json!(true)));
    assert_eq!((status, &first["data"]["accounting_flag"]), (201, &json!(true)));
    let (status, again) = house.write("POST", &path, &refund("r1", "1.00", 1, json!(true)));
    assert_eq!((status, &again["existing_id"]), (409, &first["data"]["id"]));
    let (_, listed) = house.get(&path);
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    let (_, level) = house.get(&format!("/inventory/wh_quay/{sku}"));
    assert_eq!(level["data"]["on_hand"], 11);
}

#[test]
fn what_is_open_is_assigned_to_a_warehouse_that_there_is() {
    let mut house = House::new(OrderezPlan::default());
    let made = house.write("POST", "/orders", &order("1")).1;
    let (id, line) = (made["data"]["id"].as_str().unwrap().to_owned(), made["data"]["lines"][0].clone());
    let path = format!("/orders/{id}/assignments");
    let assign = |warehouse: &str, units: i64| json!({"assignments": [{"warehouse_id": warehouse, "lines": [{"line_id": line["id"], "quantity": units}]}]});
    let quantity = line["quantity"].as_i64().unwrap();
    for (wrong, field) in [
        (assign("wh_none", 1), "/assignments/0/warehouse_id"),
        (assign("wh_quay", quantity + 1), "/assignments/0/lines/0/quantity"),
        (json!({"assignments": [{"warehouse_id": "wh_quay"}]}), "/assignments/0/lines"),
    ] {
        let (status, problem) = house.write("PUT", &path, &wrong);
        assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some(field)), "{problem}");
    }
    let (status, done) = house.write("PUT", &path, &assign("wh_quay", quantity));
    assert_eq!((status, &done["data"]["assignments"][0]["assigned_by"]), (200, &json!("api")));
    house.by_hand(|orderez, moment| orderez.cancel(&id, moment)).unwrap();
    assert_eq!(house.write("PUT", &path, &json!({"assignments": []})).0, 409);
}
