//! Profiles: what is read, what is refused, what is switched on.

use super::super::capability::{mentions, offered, performs, streams};
use super::super::profile::{Profile, SHIPPED, matches, read_text};
use super::assumed;
use quayside_model::IntentKind;
use serde_json::{Value, json};

fn assumed_json() -> Value {
    read_text(Profile::shipped("assumed-contract").unwrap()).unwrap()
}

/// The assumed profile with one place changed; what is said about it.
fn faults(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut profile = assumed_json();
    change(&mut profile);
    match Profile::parse(&profile.to_string()) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn shipped_profiles_are_valid() {
    assert_eq!(SHIPPED.len(), 2);
    for (name, text) in SHIPPED {
        let profile = Profile::parse(text).unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
        assert_eq!(profile.name, *name);
    }
}

#[test]
fn a_profile_that_cannot_be_is_refused_with_its_place() {
    type Change = fn(&mut Value);
    let cases: &[(Change, &str)] = &[
        (|p| p["format"] = json!(2), "format"),
        (|p| p["base_url"] = json!("http://api.example.com/v1"), "base_url"),
        (|p| p["base_url"] = json!("https://{host}/{tenant}"), "{tenant} is not among the inputs"),
        (|p| p["surprise"] = json!(1), "surprise"),
        (|p| p["operations"]["launchRocket"] = json!({"method": "GET", "path": "/x"}), "launchRocket"),
        (|p| p["operations"]["getOrder"]["path"] = json!("orders"), "is not a path"),
        (|p| p["operations"]["getOrder"]["path"] = json!("/orders/../../admin/{order_id}"), "is not a path"),
        (
            |p| p["operations"]["getOrder"]["path"] = json!("/orders/{id}"),
            "{id} cannot be filled in here. Known: order_id",
        ),
        (|p| p["operations"]["createOrder"]["body"]["note"] = json!("=note ||"), "operations.createOrder.body.note"),
        (|p| p["entities"]["order"]["read"]["number"] = json!("a..b"), "entities.order.read.number"),
        (|p| p["entities"]["order"]["read"]["status"] = json!({"path": "s", "enum": "nope"}), "no table \"nope\""),
        (|p| p["paging"] = json!({"style": "cursor", "items": "data"}), "needs \"next\""),
        (|p| p["paging"] = json!({"style": "offset", "items": "data", "offset_param": "o"}), "needs \"limit\""),
        (|p| p["idempotency"] = json!({"style": "header"}), "name of the header"),
        (|p| p["idempotency"] = json!({"style": "lookup", "lookup_operation": "findIt"}), "no operation \"findIt\""),
        (|p| p["idempotency"] = json!({"style": "lookup", "lookup_operation": "listProducts"}), "lists no orders"),
        (|p| drop(p["write_source"].as_object_mut().unwrap().remove("read")), "which says whose it was"),
        (|p| p["concurrency"] = json!({"style": "version_field"}), "name of the field"),
        (|p| p["headers"]["X Bad"] = json!("1"), "is not the name of a header"),
        (
            |p| p["inputs"] = json!([{"name": "host", "label": "H"}, {"name": "second", "label": "S", "secret": true}]),
            "cannot be secret",
        ),
        (|p| p["limits"]["requests_per_minute"] = json!(0), "limits.requests_per_minute"),
    ];
    for (change, expected) in cases {
        let said = faults(change);
        assert!(said.iter().any(|fault| fault.contains(expected)), "{expected}: {said:?}");
    }
    for (text, expected) in [
        ("", "\"null\"|null|required"),
        ("{broken", "not readable as JSON"),
        ("a: [1", "not readable as YAML"),
        ("- 1\n- 2", "object"),
    ] {
        let said = format!("{:?}", Profile::parse(text).unwrap_err());
        assert!(expected.split('|').any(|word| said.contains(word)), "{text}: {said}");
    }
    assert!(Profile::parse(&"x".repeat(600_000)).unwrap_err()[0].sentence.contains("kB"));
}

#[test]
fn abilities_follow_the_profile() {
    let all = assumed();
    assert_eq!(
        performs(&all),
        [
            IntentKind::PutHubOrder,
            IntentKind::CancelHubOrder,
            IntentKind::HoldHubOrder,
            IntentKind::ReleaseHubOrder,
            IntentKind::SetStock,
            IntentKind::RecordRefund,
            IntentKind::PutProduct,
            IntentKind::PutRecord
        ]
    );
    assert_eq!(streams(&all), ["orders", "fulfillments", "stock", "products"]);
    assert!(offered(&all).iter().all(|ability| ability.on && ability.why_off.is_empty()));

    let none = Profile::parse(Profile::shipped("orderez-co-supplier").unwrap()).unwrap();
    assert_eq!(performs(&none), []);
    assert_eq!(streams(&none), [""; 0]);
    for ability in offered(&none) {
        assert!(!ability.on && !ability.why_off.is_empty() && !ability.fallback.is_empty(), "{ability:?}");
    }
    // True in the profile and without a path is off, and says which path.
    let orders = offered(&none).into_iter().find(|ability| ability.name == "orders.read").unwrap();
    assert!(orders.why_off.contains("no path for listOrders"), "{}", orders.why_off);

    // One path more, one ability more.
    let mut some = read_text(Profile::shipped("orderez-co-supplier").unwrap()).unwrap();
    some["operations"]["listOrders"]["path"] = json!("/distributor/orders");
    let some = Profile::parse(&some.to_string()).unwrap();
    assert_eq!(streams(&some), ["orders"]);
}

/// Each thing without which a refund could not be known again, or an assignment not be seen.
#[test]
fn books_and_routes_are_off_without_what_they_need() {
    type Change = fn(&mut Value);
    let table: [(&str, Change, &str); 6] = [
        ("orders.refund", |p| p["operations"]["listRefunds"]["path"] = Value::Null, "no path for listRefunds"),
        (
            "orders.refund",
            |p| drop(p["operations"]["createRefund"]["body"].as_object_mut().unwrap().remove("external_ref")),
            "no word for our reference",
        ),
        (
            "orders.refund",
            |p| drop(p["entities"]["refund"]["read"].as_object_mut().unwrap().remove("reference")),
            "refund.reference",
        ),
        ("orders.assign", |p| p["operations"]["assignOrder"]["path"] = Value::Null, "no path for assignOrder"),
        ("orders.assign", |p| p["operations"]["assignOrder"]["body"] = json!({}), "no word for assignments"),
        (
            "orders.assign",
            |p| drop(p["entities"]["order"]["read"].as_object_mut().unwrap().remove("assignments")),
            "order.assignments",
        ),
    ];
    for (name, change, why) in table {
        let mut json = read_text(Profile::shipped("assumed-contract").unwrap()).unwrap();
        change(&mut json);
        let profile = Profile::parse(&json.to_string()).unwrap();
        let ability = offered(&profile).into_iter().find(|ability| ability.name == name).unwrap();
        assert!(!ability.on && ability.why_off.contains(why), "{name}: {}", ability.why_off);
        let records = performs(&profile).contains(&IntentKind::RecordRefund);
        assert_eq!(records, name != "orders.refund", "{why}");
    }
}

#[test]
fn a_template_uses_a_field_or_not() {
    let profile = assumed();
    for (operation, field, expected) in [
        ("updateOrder", "on_hold", true),
        ("updateOrder", "ship_to", true),
        ("updateOrder", "address1", false),
        ("updateOrder", "lines", false),
        ("createOrder", "lines", true),
        ("createOrder", "quantity", true),
        ("createOrder", "hold", false),
    ] {
        assert_eq!(mentions(&profile, operation, field), expected, "{operation} {field}");
    }
}

#[test]
fn words_go_both_ways() {
    let profile = assumed();
    for (table, theirs, ours) in [
        ("order_status", "accepted", Some("open")),
        ("order_status", "teleported", Some("unknown")),
        ("no_such_table", "x", None),
    ] {
        assert_eq!(profile.word_in(table, theirs).as_deref(), ours, "{theirs}");
    }
    for (table, ours, theirs) in [
        ("payment_status", "paid", "paid"),
        ("cancel_reason", "staff", "other"),
        // Three of theirs mean "open": which one to write nobody can tell, so our own word goes.
        ("order_status", "open", "open"),
        ("order_status", "partial", "partially_fulfilled"),
    ] {
        assert_eq!(profile.word_out(table, ours), theirs, "{ours}");
    }
}

#[test]
fn patterns_are_the_profile_s() {
    for (pattern, text, fits) in [
        ("^[A-Za-z0-9.-]+(:[0-9]+)?$", "api.example.com", true),
        ("^[A-Za-z0-9.-]+(:[0-9]+)?$", "api.example.com/path", false),
        ("^[A-Za-z0-9.-]+(:[0-9]+)?$", "", false),
    ] {
        assert_eq!(matches(pattern, text), fits, "{text}");
    }
}
