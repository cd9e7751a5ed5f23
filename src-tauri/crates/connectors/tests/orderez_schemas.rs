//! The shipped profiles, the requests they make and the stand-in's answers against the written contract.
//!
//! Needs the contract's files; says so when they are not there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use quayside_connectors::profiles::profile_kit;
use quayside_model::{Address, Currency, HubLineDraft, HubOrderDraft};
use quayside_sandbox::orderez::{Orderez, OrderezPlan};
use quayside_sandbox::{Ledger, Moment, StandIn};
use rand::SeedableRng;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

fn folder() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/specs");
    let folder = std::env::var_os("QUAYSIDE_SPECS").map_or_else(beside, PathBuf::from).join("orderez");
    if folder.join("openapi.yaml").is_file() {
        return Some(folder);
    }
    eprintln!("SKIPPED: the contract is not at {}. Set QUAYSIDE_SPECS to the folder that holds it.", folder.display());
    None
}

fn contract() -> Option<Value> {
    Some(serde_yaml_ng::from_str(&std::fs::read_to_string(folder()?.join("openapi.yaml")).unwrap()).unwrap())
}

fn draft() -> HubOrderDraft {
    let address = Address {
        name: "Ana".into(),
        line1: "1 Quay St".into(),
        city: "Portland".into(),
        country: "US".into(),
        ..Address::default()
    };
    HubOrderDraft {
        key: "cafe-1".into(),
        number: "#1".into(),
        placed_at_ms: 1_795_168_800_000,
        paid_at_ms: None,
        ship_by_ms: None,
        ready: false,
        bill_to: address.clone(),
        ship_to: address,
        email: String::new(),
        customer_ref: String::new(),
        requested_service: "Ground".into(),
        lines: vec![HubLineDraft {
            line_key: "l1".into(),
            sku: "MUG".into(),
            name: "Mug".into(),
            quantity: 2,
            unit_price_minor: 1850,
            tax_minor: 0,
            weight_g: None,
            options: vec![],
            barcode: None,
        }],
        currency: Currency::new("EUR"),
        total_minor: 3700,
        tax_minor: 0,
        shipping_minor: 0,
        discount_minor: 0,
        customer_note: "ring".into(),
        internal_note: String::new(),
        gift: false,
        gift_message: String::new(),
        custom_fields: Default::default(),
        source: "Shop".into(),
        tags: vec![],
        store_id: None,
        ship: quayside_model::ShipChoice::default(),
    }
}

fn faults(contract: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let root = json!({"allOf": [schema], "components": contract["components"]});
    let validator = jsonschema::options().should_validate_formats(true).build(&root).unwrap();
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn resolve<'a>(contract: &'a Value, value: &'a Value) -> &'a Value {
    value["$ref"].as_str().and_then(|target| contract.pointer(target.trim_start_matches('#'))).unwrap_or(value)
}

#[test]
fn shipped_profiles_satisfy_the_published_format() {
    let Some(folder) = folder() else { return };
    let schema: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("profile.schema.json")).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let kit = profile_kit("orderez").unwrap();
    for shipped in (kit.shipped)() {
        let json: Value = serde_yaml_ng::from_str(&shipped.text).unwrap();
        let said: Vec<String> =
            validator.iter_errors(&json).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(said.is_empty(), "{}: {said:?}", shipped.name);
    }
    // And profiles written to the published format are understood here.
    for name in ["assumed-v1.yaml", "orderez-co-supplier.yaml"] {
        let report = (kit.check)(&std::fs::read_to_string(folder.join("profiles").join(name)).unwrap());
        assert!(report.ok, "{name}: {:?}", report.faults);
    }
}

#[test]
fn every_operation_of_the_assumed_profile_is_in_the_contract_and_every_body_fits() {
    let Some(contract) = contract() else { return };
    let kit = profile_kit("orderez").unwrap();
    let text = (kit.shipped)().into_iter().find(|shipped| shipped.name == "assumed-contract").unwrap().text;
    let profile: Value = serde_yaml_ng::from_str(&text).unwrap();
    for (name, operation) in profile["operations"].as_object().unwrap() {
        let (path, method) =
            (operation["path"].as_str().unwrap(), operation["method"].as_str().unwrap().to_lowercase());
        let described = &contract["paths"][path][&method];
        assert!(described.is_object(), "{name}: {method} {path} is not in the contract");
        let shared = contract["paths"][path]["parameters"].as_array().cloned().unwrap_or_default();
        let own = described["parameters"].as_array().cloned().unwrap_or_default();
        let known: Vec<&str> =
            shared.iter().chain(&own).filter_map(|parameter| resolve(&contract, parameter)["name"].as_str()).collect();
        let queries =
            operation["query"].as_object().into_iter().flat_map(|query| query.values().filter_map(Value::as_str));
        for parameter in queries {
            assert!(known.contains(&parameter), "{name}: there is no parameter {parameter}");
        }
    }
    for operation in ["createOrder", "updateOrder", "cancelOrder", "setInventory", "createRefund", "assignOrder"] {
        let run = (kit.dry_run)("assumed-contract", operation, &draft(), &BTreeMap::new()).unwrap();
        let path = profile["operations"][operation]["path"].as_str().unwrap();
        let schema =
            &contract["paths"][path][run.method.to_lowercase()]["requestBody"]["content"]["application/json"]["schema"];
        let said = faults(&contract, schema, &serde_json::from_str(&run.body).unwrap());
        assert!(said.is_empty(), "{operation}: {said:?}\n{}", run.body);
    }
}

#[test]
fn the_contract_s_own_samples_are_read() {
    let Some(contract) = contract() else { return };
    let kit = profile_kit("orderez").unwrap();
    let orders = &contract["paths"]["/orders"]["get"]["responses"]["200"]["content"]["application/json"]["examples"]["full"]
        ["value"];
    let shipments =
        &contract["paths"]["/fulfillments"]["get"]["responses"]["200"]["content"]["application/json"]["example"];
    let counts = &contract["paths"]["/inventory"]["get"]["responses"]["200"]["content"]["application/json"]["example"];
    for (entity, sample) in [("order", orders), ("fulfillment", shipments), ("inventory_level", counts)] {
        let preview = (kit.preview)("assumed-contract", entity, &sample.to_string()).unwrap();
        assert!(preview.ok, "{entity}: {}", preview.sentence);
    }
}

#[test]
fn the_stand_in_answers_as_the_contract_says() {
    let Some(contract) = contract() else { return };
    let mut house = Orderez::new(OrderezPlan { calls_per_minute: 1_000, ..OrderezPlan::default() });
    let (mut ledger, mut rng) = (Ledger::default(), rand::rngs::SmallRng::seed_from_u64(1));
    let mut n = 0;
    let mut ask = |house: &mut Orderez, method: &str, template: &str, path: &str, body: Option<&Value>| {
        n += 1;
        let request = http::Request::builder()
            .method(method)
            .uri(format!("http://oz.sandbox/v1{path}"))
            .header("authorization", format!("Bearer {}", house.state.plan.api_key))
            .header("idempotency-key", format!("key-of-a-write-{n:04}"))
            .body(body.map(ToString::to_string).unwrap_or_default().into_bytes())
            .unwrap();
        let mut moment = Moment { now_ms: 1_795_168_800_000, rng: &mut rng, ledger: &mut ledger };
        let answer = house.handle(&request, &mut moment);
        let status = answer.status().as_u16().to_string();
        let json: Value = serde_json::from_slice(answer.body()).unwrap();
        let described = resolve(&contract, &contract["paths"][template][method.to_lowercase()]["responses"][&status]);
        assert!(described.is_object(), "{method} {template} answered {status}, which is not described: {json}");
        let content = described["content"].as_object().unwrap().values().next().unwrap();
        let said = faults(&contract, &content["schema"], &json);
        assert!(said.is_empty(), "{method} {template} {status}: {said:?}\n{json}");
        json
    };
    let kit = profile_kit("orderez").unwrap();
    let body: Value = serde_json::from_str(
        &(kit.dry_run)("assumed-contract", "createOrder", &draft(), &BTreeMap::new()).unwrap().body,
    )
    .unwrap();
    let made = ask(&mut house, "POST", "/orders", "/orders", Some(&body));
    ask(&mut house, "POST", "/orders", "/orders", Some(&body));
    ask(&mut house, "POST", "/orders", "/orders", Some(&json!({})));
    let id = made["data"]["id"].as_str().unwrap().to_owned();
    let source = json!({"system": "quayside", "id": "w"});
    let line = made["data"]["lines"][0]["id"].clone();
    ask(&mut house, "GET", "/account", "/account", None);
    ask(&mut house, "GET", "/warehouses", "/warehouses", None);
    ask(&mut house, "GET", "/orders/{order_id}", "/orders/none", None);
    ask(&mut house, "PATCH", "/orders/{order_id}", &format!("/orders/{id}"), Some(&json!({"on_hold": true})));
    ask(&mut house, "PATCH", "/orders/{order_id}", &format!("/orders/{id}"), Some(&json!({"on_hold": false})));
    let shipped = ask(
        &mut house,
        "POST",
        "/orders/{order_id}/fulfillments",
        &format!("/orders/{id}/fulfillments"),
        Some(
            &json!({"lines": [{"line_id": line, "quantity": 1}], "tracking": [{"carrier": "DHL", "number": "T1"}], "source": source}),
        ),
    );
    let ful = shipped["data"]["id"].as_str().unwrap().to_owned();
    ask(
        &mut house,
        "PATCH",
        "/fulfillments/{fulfillment_id}",
        &format!("/fulfillments/{ful}"),
        Some(&json!({"status": "delivered"})),
    );
    ask(&mut house, "GET", "/fulfillments", "/fulfillments?updated_since=2026-11-20T00:00:00Z", None);
    ask(
        &mut house,
        "POST",
        "/orders/{order_id}/refunds",
        &format!("/orders/{id}/refunds"),
        Some(
            &json!({"amount": {"amount": "18.50", "currency": "EUR"}, "lines": [{"line_id": line, "quantity": 1}], "source": source}),
        ),
    );
    ask(&mut house, "GET", "/orders/{order_id}/refunds", &format!("/orders/{id}/refunds"), None);
    for (amount, reference) in [("1.00", "r-1"), ("1.00", "r-1"), ("-1.00", "r-2")] {
        let body = json!({"amount": {"amount": amount, "currency": "EUR"}, "external_ref": {"system": "quayside", "id": reference}, "source": source});
        let path = format!("/orders/{id}/refunds");
        ask(&mut house, "POST", "/orders/{order_id}/refunds", &path, Some(&body));
    }
    for warehouse in ["wh_quay", "wh_none"] {
        let body = json!({"assignments": [{"warehouse_id": warehouse, "lines": [{"line_id": line, "quantity": 1}]}]});
        let path = format!("/orders/{id}/assignments");
        ask(&mut house, "PUT", "/orders/{order_id}/assignments", &path, Some(&body));
    }
    ask(&mut house, "GET", "/orders/{order_id}", &format!("/orders/{id}"), None);
    ask(
        &mut house,
        "POST",
        "/orders/{order_id}/cancel",
        &format!("/orders/{id}/cancel"),
        Some(&json!({"reason": "customer", "source": source})),
    );
    ask(
        &mut house,
        "POST",
        "/orders/{order_id}/cancel",
        &format!("/orders/{id}/cancel"),
        Some(&json!({"reason": "customer", "source": source})),
    );
    ask(&mut house, "GET", "/orders", "/orders?limit=1", None);
    ask(&mut house, "GET", "/orders", "/orders?view=summary", None);
    ask(&mut house, "GET", "/orders", "/orders?limit=0", None);
    ask(&mut house, "POST", "/products", "/products", Some(&json!({"sku": "MUG", "title": "Mug"})));
    ask(&mut house, "GET", "/products", "/products", None);
    ask(&mut house, "POST", "/customers", "/customers", Some(&json!({"name": "Ana"})));
    ask(&mut house, "GET", "/customers", "/customers", None);
    ask(&mut house, "GET", "/inventory", "/inventory", None);
    let mut moment = Moment {
        now_ms: 1_795_168_800_000,
        rng: &mut rand::rngs::SmallRng::seed_from_u64(2),
        ledger: &mut Ledger::default(),
    };
    house.count("MUG", 12, &mut moment);
    ask(&mut house, "GET", "/inventory", "/inventory", None);
    let (template, mug) = ("/inventory/{warehouse_id}/{sku}", "/inventory/wh_quay/MUG");
    ask(&mut house, "GET", template, mug, None);
    ask(&mut house, "GET", template, "/inventory/wh_quay/NONE", None);
    let count = |version: Value| {
        let mut body = json!({"on_hand": 7, "reason": "sync", "source": source});
        if !version.is_null() {
            body["expected_version"] = version;
        }
        body
    };
    for version in [Value::Null, json!(9), json!(1), json!(2)] {
        ask(&mut house, "PUT", template, mug, Some(&count(version)));
    }
}
