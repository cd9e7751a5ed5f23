//! Labels bought by the desk while everything goes wrong: one for each order, and never past the day's limit.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use quayside_model::Mode;
use quayside_sandbox::ledger::By;
use quayside_sandbox::shipstation::ShipStationPlan;
use quayside_sandbox::shopify::state::Address;
use quayside_sandbox::shopify::{LineDraft, OrderDraft, ShopPlan};
use quayside_sandbox::{Fault, FaultPlan, Moment, SandboxPlan};
use quayside_simulator::House;
use quayside_store::AutomationRow;
use std::collections::BTreeMap;

/// A shop and its shipping account; "Labels" buys by itself.
fn house(settings: serde_json::Value) -> House {
    let plan = SandboxPlan {
        stores: vec![ShopPlan::harbour_goods()],
        hub: Some(ShipStationPlan::default()),
        ..SandboxPlan::quiet(7, 0)
    };
    let house = House::open(plan).unwrap();
    let row = AutomationRow { id: "labels".into(), mode: Mode::Auto, go_live_ms: None, settings };
    house.store().write(|tx| tx.put_automation(&row)).unwrap();
    house
}

/// A buyer in the account's own country buys; the order's id in the shop.
fn buys(house: &House) -> String {
    house.people(|scene| {
        let store = scene.stores.first_mut().expect("a shop");
        let (product, variant) = store.by_sku("SAL-SMO").expect("an article of the catalogue");
        let draft = OrderDraft {
            lines: vec![LineDraft::of(product, variant, 2)],
            email: Some("jane@mail.example".into()),
            ship_to: Some(Address {
                first_name: "Jane".into(),
                last_name: "Roe".into(),
                address1: "Am Kai 1".into(),
                city: "Hamburg".into(),
                zip: "20457".into(),
                country: "Germany".into(),
                country_code: "DE".into(),
                ..Address::default()
            }),
            routed: true,
            ..OrderDraft::default()
        };
        let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
        format!("gid://shopify/Order/{}", store.place(draft, &mut moment))
    })
}

/// Labels the desk bought, by the order's key at the hub.
fn bought(house: &House) -> BTreeMap<String, usize> {
    let mut bought = BTreeMap::new();
    for entry in house.ledger().of("label_bought").filter(|entry| entry.by == By::Client) {
        *bought.entry(entry.key.clone().unwrap_or_default()).or_default() += 1;
    }
    bought
}

#[test]
fn each_order_gets_one_label_whatever_happens_to_the_answers() {
    let house = house(serde_json::json!({ "policy": "cheapest", "spend_day": "" }));
    let chances = vec![
        (Fault::LostAfterCommit, 0.25),
        (Fault::ServerErrorAfterCommit, 0.15),
        (Fault::LostBeforeCommit, 0.1),
        (Fault::LateIndex, 0.2),
    ];
    house.goes_wrong(FaultPlan { chances, ..FaultPlan::none() });
    for _ in 0..6 {
        buys(&house);
    }
    house.work(180).unwrap();
    house.goes_wrong(FaultPlan::none());
    house.work(360).unwrap();
    let bought = bought(&house);
    assert_eq!(bought.len(), 6, "{bought:?}");
    assert!(bought.values().all(|labels| *labels == 1), "{bought:?}");
}

#[test]
fn past_the_days_limit_nothing_is_bought_and_an_exception_says_so() {
    // Two of the cheapest fit into it, and not a third.
    let price = {
        let house = house(serde_json::json!({ "policy": "cheapest", "spend_day": "" }));
        buys(&house);
        house.work(120).unwrap();
        let ledger = house.ledger();
        ledger.of("label_bought").find_map(|entry| entry.detail["cost_minor"].as_i64()).expect("a label and its price")
    };
    let limit = format!("{}.{:02}", price * 5 / 2 / 100, price * 5 / 2 % 100);
    let house = house(serde_json::json!({ "policy": "cheapest", "spend_day": limit }));
    let account = house.people(|scene| scene.stores[0].plan().account.clone());
    let orders: Vec<String> = (0..3).map(|_| buys(&house)).collect();
    house.work(120).unwrap();
    assert_eq!(bought(&house).values().sum::<usize>(), 2);
    let told: Vec<String> = orders
        .iter()
        .flat_map(|order| house.told(&account, order).unwrap())
        .filter(|(cause, _)| cause == "label_not_bought")
        .map(|(_, sentence)| sentence)
        .collect();
    assert!(told.len() == 1 && told[0].contains("may be spent on labels today"), "{told:?}");
}
