//! Every request this connector can send is one the assumed contract has, and so is every answer of the stand-in.
//! (`orderez_schemas.rs` holds the profiles and the contract's own samples against each other.)
//!
//! Needs the contract's file; says so when it is not there.

use super::common::Talk;
use super::contract::Contract;
use super::*;
use std::collections::{BTreeMap, BTreeSet};

/// Operations the connector uses, each of which must have been seen.
const USED: &[&str] = &[
    "getAccount",
    "listOrders",
    "getOrder",
    "createOrder",
    "updateOrder",
    "cancelOrder",
    "listFulfillments",
    "listProducts",
    "assignOrder",
    "listWarehouses",
    "listRefunds",
    "createRefund",
    "createProduct",
    "updateProduct",
    "listCustomers",
    "createCustomer",
    "updateCustomer",
    "listInventory",
    "getInventory",
    "setInventory",
    "adjustInventory",
];

/// All that can be done to orders and all that is read, with its refusals.
pub async fn everything() -> Vec<Talk> {
    let world = quiet();
    people(&world, |oz, _| oz.state.plan.skus = ["MUG".to_owned(), "TEA".to_owned()].into());
    let connector = world.open();
    connector.preflight().await;
    let id = placed(&world).await;
    let hold = Intent::HoldHubOrder {
        hub_order_id: id.clone(),
        hub_order_key: "cafe0001-5501".into(),
        until_day: "2026-12-04".into(),
    };
    let release = Intent::ReleaseHubOrder { hub_order_id: id.clone(), hub_order_key: "cafe0001-5501".into() };
    let mut changed = draft();
    (changed.ship_to.line1, changed.lines[0].quantity) = ("Am Sandtorkai 4".into(), 1);
    for (key, intent) in [("b", hold), ("c", release), ("d", put(changed, Some(&id)))] {
        assert_eq!(world.run_with_key(key, &intent).await, Outcome::Holds, "{intent:?}");
    }
    // Refunds: one with a line, one twice; and an order that is routed.
    for key in ["r", "r"] {
        world.run_with_key(key, &refunded(&id)).await;
    }
    let routed = HubOrderDraft { key: "cafe0001-5505".into(), ..routed_to("wh_quay") };
    assert_eq!(world.run_with_key("w", &put(routed, None)).await, Outcome::Holds);
    // An unknown SKU, an order that is not there, one that is too late, one of somebody else's making.
    let mut strange = draft();
    (strange.key, strange.lines[0].sku) = ("cafe0001-5502".into(), "CUP".into());
    world.run_with_key("e", &put(strange, None)).await;
    world.run_with_key("f", &put(HubOrderDraft { key: "cafe0001-5503".into(), ..draft() }, Some("ord_none"))).await;
    people(&world, |oz, moment| oz.pack(&id, None, "DHL", &["T1", "T2"], moment).unwrap());
    let cancel = |id: &str| Intent::CancelHubOrder { hub_order_id: id.into(), hub_order_key: String::new() };
    world.run_with_key("g", &cancel(&id)).await;
    let other = arrived(&world, "cafe0001-5504");
    world.run_with_key("h", &put(HubOrderDraft { key: "cafe0001-5504".into(), ..draft() }, None)).await;
    world.run_with_key("i", &cancel(&other)).await;
    stocked(&world);
    // Beside orders: a product made and changed, a customer made and met again, units that came back.
    people(&world, |oz, moment| oz.count("MUG", 10, moment));
    let lighter = quayside_model::ProductFacts { weight_g: Some(300.0), ..quayside_model::ProductFacts::default() };
    for (key, intent) in [
        ("p", keeping::product(None, keeping::mug())),
        ("q", keeping::product(None, lighter)),
        ("s", keeping::ada(&keeping::ADA)),
        ("t", keeping::ada(&keeping::ADA)),
        ("u", keeping::moved(2)),
        ("x", stock::set("wh_quay", "MUG", 7, None)),
        ("v", keeping::chosen(&quayside_model::Meant::New)),
    ] {
        assert_eq!(world.run_with_key(key, &intent).await, Outcome::Holds, "{intent:?}");
    }
    for stream in connector.declaration().streams {
        read_to_end(&world, stream.name, &mut None, NOW_MS - DAY_MS).await;
    }
    connector.read_one(RecordKind::HubOrder, "ord_none", Priority::Person).await.unwrap();
    // A key that is not accepted, and one call too many.
    world.plan_mishap(Some(Mishap { exchange: world.exchanges(), fault: Fault::Throttled }));
    let _ = connector.read_one(RecordKind::HubOrder, &id, Priority::Person).await;
    world.plan_mishap(None);
    people(&world, |oz, _| oz.state.plan.api_key = "oz_sandbox_changed_again".into());
    connector.preflight().await;
    world.talk()
}

#[tokio::test]
async fn every_request_and_every_answer_is_as_the_contract_says() {
    let Some(contract) = Contract::read("orderez", "/v1") else { return };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut problems = BTreeSet::new();
    for talk in everything().await {
        let (name, said) = contract.check(&talk);
        *seen.entry(name).or_default() += 1;
        problems.extend(said);
    }
    let problems: Vec<String> = problems.into_iter().take(30).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    for operation in USED {
        assert!(seen.contains_key(*operation), "{operation} was never used: {seen:?}");
    }
}

#[tokio::test]
async fn trap_nothing_is_ever_accepted() {
    // At the vendor, accepting writes into the books, and going back does not remove it.
    for talk in everything().await.into_iter().filter(|talk| talk.method != "GET") {
        let sent = String::from_utf8(talk.body).unwrap();
        assert!(!talk.url.contains("accept") && !sent.contains("accepted") && !sent.contains("\"status\""), "{sent}");
    }
}
