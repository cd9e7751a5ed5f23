//! Requests: rendered by a profile, and what a profile can and cannot make of one.

use super::super::request::{Filling, encoded, render};
use super::super::{compose, profile::Profile};
use super::{assumed, draft};
use serde_json::{Value, json};

#[test]
fn an_order_as_the_assumed_contract_has_it() {
    let profile = assumed();
    let record = compose::order(&profile, &draft(), "write-1");
    let filling = Filling { key: Some("key-0123456789abcdef".into()), ..Filling::default().record(&record) };
    let request = render(&profile, "createOrder", &filling).unwrap();
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/orders"));
    assert!(request.headers.contains(&("idempotency-key".to_owned(), "key-0123456789abcdef".to_owned())));
    let address = json!({"name": "Ana Ruiz", "address1": "1 Quay St", "city": "Portland", "region": "ME", "postal_code": "04101", "country": "US"});
    assert_eq!(
        request.body.unwrap(),
        json!({
            "external_refs": [{"system": "quayside", "id": "cafe0001-5001", "number": "#1001"}],
            "placed_at": "2026-11-20T09:00:00Z",
            "payment_status": "paid",
            "currency": "USD",
            "customer": {"name": "Ana Ruiz", "email": "ana@example.com"},
            "shipping_address": address,
            "billing_address": address,
            "shipping_method": {"title": "Ground"},
            "totals": {"grand_total": "44.04", "tax": "2.04", "shipping": "5.00", "discount": "0.00"},
            "lines": [{"sku": "BEAN-1KG", "title": "House beans 1 kg", "quantity": 2, "unit_price": "18.50", "tax": "2.04",
                "external_ref": {"system": "quayside", "id": "9001"}}],
            "source": {"system": "quayside", "id": "write-1"},
        })
    );
}

#[test]
fn amounts_and_times_in_every_format() {
    for (money, time, amount, placed) in [
        ("decimal_string", "rfc3339", json!("44.04"), json!("2026-11-20T09:00:00Z")),
        ("number", "unix_s", json!(44.04), json!(1_795_165_200)),
        ("minor_units", "unix_ms", json!(4404), json!(1_795_165_200_000_i64)),
        ("decimal_string", "date", json!("44.04"), json!("2026-11-20")),
    ] {
        let text = Profile::shipped("assumed-contract").unwrap();
        let text = text
            .replace("money: decimal_string", &format!("money: {money}"))
            .replace("time_format: rfc3339", &format!("time_format: {time}"));
        let profile = Profile::parse(&text).unwrap();
        let record = compose::order(&profile, &draft(), "w");
        assert_eq!(record["totals"]["grand_total"], amount, "{money}");
        assert_eq!(record["placed_at"], placed, "{time}");
    }
}

#[test]
fn versions_travel_once() {
    let version = json!(7);
    let record = json!({"on_hold": true});
    let filling = Filling::default().path("order_id", "o/1 ü").record(&record).version(Some(&version));
    let request = render(&assumed(), "updateOrder", &filling).unwrap();
    assert_eq!(request.path, "/orders/o%2F1%20%C3%BC");
    assert!(request.headers.contains(&("if-match".to_owned(), "\"7\"".to_owned())));
    assert_eq!(request.body.unwrap(), json!({"on_hold": true}));

    let text = Profile::shipped("assumed-contract").unwrap().replace(
        "concurrency: {style: etag, version: version, conflict_status: [412]}",
        "concurrency: {style: version_field, version: version, body_field: expected_version}",
    );
    let request = render(&Profile::parse(&text).unwrap(), "updateOrder", &filling).unwrap();
    assert!(request.headers.iter().all(|(name, _)| name != "if-match"));
    assert_eq!(request.body.unwrap(), json!({"on_hold": true, "expected_version": 7}));
}

#[test]
fn a_source_may_be_a_header() {
    let text = Profile::shipped("assumed-contract")
        .unwrap()
        .replace("write_source: {style: body,", "write_source: {style: header, header: X-Source,");
    let record = json!({});
    let filling = Filling { write_id: Some("w-1".into()), ..Filling::default().path("order_id", "1").record(&record) };
    let request = render(&Profile::parse(&text).unwrap(), "updateOrder", &filling).unwrap();
    assert!(request.headers.contains(&("x-source".to_owned(), "quayside:w-1".to_owned())));
}

#[test]
fn what_cannot_be_rendered_says_why() {
    let (profile, none) = (assumed(), Profile::parse(Profile::shipped("orderez-co-supplier").unwrap()).unwrap());
    for (profile, operation, filling, why) in [
        (&none, "listOrders", Filling::default(), "knows no path for listOrders"),
        (&none, "createOrder", Filling::default(), "knows no path for createOrder"),
        (&profile, "getOrder", Filling::default(), "{order_id} of /orders/{order_id} is not known"),
        (&profile, "getOrder", Filling::default().path("order_id", ""), "is empty"),
        (&profile, "getOrder", Filling::default().path("order_id", ".."), "is empty"),
    ] {
        let said = render(profile, operation, &filling).unwrap_err();
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_long_note_is_cut_where_the_contract_cuts() {
    let long = quayside_model::HubOrderDraft { customer_note: "ü".repeat(3_000), ..draft() };
    let note = compose::note(&long);
    assert_eq!(note.chars().count(), 2_000);
    assert!(note.ends_with('…'));
}

#[test]
fn what_the_contract_has_no_field_for_stands_in_the_note() {
    let mut rich = draft();
    rich.customer_note = "ring twice".into();
    rich.gift_message = "Happy birthday".into();
    rich.tags = vec!["VIP".into(), "Harbour Goods".into()];
    rich.lines[0].options = vec![("Engraving".into(), "A.R.".into())];
    assert_eq!(
        compose::note(&rich),
        "ring twice\nGift message: Happy birthday\nBEAN-1KG: Engraving: A.R.\nTags: VIP, Harbour Goods"
    );
}

#[test]
fn a_third_address_line_is_not_lost() {
    let mut order = draft();
    order.ship_to.line2 = "Dock 4".into();
    order.ship_to.line3 = "c/o Harbour".into();
    assert_eq!(compose::address(&order.ship_to)["line2"], json!("Dock 4, c/o Harbour"));
}

#[test]
fn queries_are_encoded() {
    let query =
        [("updated_since".to_owned(), "2026-11-20T09:00:00+01:00".to_owned()), ("a b".to_owned(), "&=".to_owned())];
    assert_eq!(encoded(&query), "updated_since=2026-11-20T09%3A00%3A00%2B01%3A00&a%20b=%26%3D");
    assert_eq!(Value::Null, compose::only(&Value::Null, &["a"]));
}
