//! One order, whole.

use crate::house::{House, NOW, hub_order, order, parcel, shop, told};
use expect_test::expect;
use quayside_api::standing::SideView;
use quayside_api::view::{OrderDetail, TroubleCode, Verb};
use quayside_model::time::HOUR_MS;
use quayside_model::{Address, Cause, HubOrder, HubStatus, Mode, Order, OrderId, Refusal, Stage};
use quayside_store::Settlement;

fn offers(detail: &OrderDetail) -> String {
    detail
        .actions
        .iter()
        .map(|offer| match &offer.disabled_because {
            None => format!("{} yes\n", offer.label),
            Some(why) => format!("{} no: {why}\n", offer.label),
        })
        .collect()
}

#[test]
fn a_new_order_shows_its_plan_and_what_can_be_done() {
    let house = House::new();
    let id = house.order(order(1001));
    let detail = house.desk.order(id).unwrap();
    assert_eq!(detail.row.stage, Stage::ToSend);
    assert_eq!(
        (detail.platform.as_str(), detail.payment.as_str(), detail.email.as_str()),
        ("Shopify", "paid", "anna@example.org")
    );
    assert_eq!(detail.ship_to, ["Anna Larsen", "Kai 1", "20457 Hamburg", "DE"]);
    let plan: Vec<&str> = detail.plan.iter().map(|item| item.effect.sentence.as_str()).collect();
    assert_eq!(plan, ["Send #1001 to ShipStation: 1 line, 2 units, Express 24 h"]);
    assert_eq!(detail.plan[0].effect.mode, Mode::Watch);
    assert!(
        detail.plan[0]
            .changes
            .iter()
            .any(|change| change.field == "Ship to" && change.before.is_empty() && change.after.contains("Kai 1"))
    );
    assert_eq!(detail.lines[0].at_hub, None);
    assert_eq!(detail.lines[0].detail, "Small, Engraving: A.L.");
    assert_eq!(detail.effects.len(), 0, "watching writes nothing");
    expect![[r#"
        Sync this order now yes
        Send to ShipStation now yes
        Hold… yes
        Give money back… yes
        Cancel order… yes
    "#]]
    .assert_eq(&offers(&detail));
}

#[test]
fn both_sides_stand_beside_each_other_and_their_differences_are_told() {
    let house = House::new().auto();
    let id = house.order(order(1001));
    let key = house.key(id);
    assert_eq!(house.done(&crate::house::hub(), "9001"), 1);
    house.clock.set(NOW + HOUR_MS);
    let mut there = hub_order(&key, "9001", 1001, HubStatus::AwaitingShipment);
    there.lines[0].quantity = 1;
    house.hub_order(there);
    let detail = house.desk.order(id).unwrap();
    assert_eq!((detail.lines[0].ordered, detail.lines[0].at_hub, detail.lines[0].shipped), (2, Some(1), 0));
    assert_eq!(detail.differences, ["HG-LAMP-S: the store wants 2, ShipStation has 1."]);
    assert!(detail.exceptions.iter().any(|entry| entry.cause == Cause::SidesDiffer), "{:?}", detail.exceptions);
    assert!(detail.links.iter().any(|link| link.label == "Open in Shopify"), "{:?}", detail.links);
    assert!(detail.links.iter().any(|link| link.label.starts_with("Open in ShipStation")), "{:?}", detail.links);
    let raw: Vec<&str> = detail.raw.iter().map(|raw| raw.kind.as_str()).collect();
    assert_eq!(raw, ["order", "hub_order"]);
    let text = house.desk.raw_answer(&shop(), "order", &format!("gid://shop/Order/{}", 1001)).unwrap();
    assert!(text.contains("\n  \"number\": \"#1001\"") || text.contains("\"number\": \"#1001\""), "{text}");
    let kinds: Vec<&str> = detail.timeline.iter().map(|entry| entry.kind.as_str()).collect();
    assert!(kinds.contains(&"received") && kinds.contains(&"answered"), "{kinds:?}");
    assert!(detail.timeline.iter().any(|entry| entry.author == "Harbour Goods"), "{:?}", detail.timeline);
}

fn stands(detail: &OrderDetail) -> String {
    let line = |side: &SideView| {
        let address = side.ship_to.get(1).map_or("nowhere", String::as_str);
        format!("{} {}: {}, {address}, {:?}, {:?}\n", side.title, side.number, side.state, side.service, side.differs)
    };
    detail.sides.iter().map(line).collect()
}

#[test]
fn each_side_says_where_it_stands_and_what_of_that_differs() {
    let house = House::new().auto();
    let id = house.order(order(1001));
    expect![[r#"
        Shopify #1001: paid, nothing shipped, Kai 1, "Express 24 h", []
    "#]]
    .assert_eq(&stands(&house.desk.order(id).unwrap()));

    let key = house.key(id);
    house.done(&crate::house::hub(), "9001");
    let there = hub_order(&key, "9001", 1001, HubStatus::OnHold);
    let elsewhere = there.ship_to.clone().map(|address| Address { line1: "Dock 7".into(), ..address });
    house.hub_order(HubOrder { hold_until_ms: Some(NOW + HOUR_MS), ship_to: elsewhere, ..there });
    let detail = house.desk.order(id).unwrap();
    expect![[r#"
        Shopify #1001: paid, nothing shipped, Kai 1, "Express 24 h", []
        ShipStation #1001: on hold, Dock 7, "", [ShipTo]
    "#]]
    .assert_eq(&stands(&detail));
    assert_eq!((detail.sides[1].account.as_str(), detail.sides[1].changed_at_ms), ("Harbour Shipping", NOW));
    assert_eq!(detail.sides[1].held_until_ms, Some(NOW + HOUR_MS));

    house.clock.set(NOW + HOUR_MS);
    let shipped = HubOrder { modified_at_ms: NOW + 1, ..hub_order(&key, "9001", 1001, HubStatus::Shipped) };
    house.hub_order(shipped);
    expect![[r#"
        Shopify #1001: paid, nothing shipped, Kai 1, "Express 24 h", []
        ShipStation #1001: shipped, Kai 1, "", [State]
    "#]]
    .assert_eq(&stands(&house.desk.order(id).unwrap()));
}

#[test]
fn a_parcel_says_whether_the_store_knows_of_it() {
    let house = House::new().auto();
    let id = house.order(order(1001));
    let key = house.key(id);
    house.done(&crate::house::hub(), "9001");
    house.hub_order(hub_order(&key, "9001", 1001, HubStatus::Shipped));
    house.parcel(parcel(&key, "9001", 1001, "1Z999"));
    let detail = house.desk.order(id).unwrap();
    assert_eq!(detail.parcels[0].state, "the store does not know yet");
    assert_eq!((detail.parcels[0].carrier.as_str(), detail.parcels[0].units), ("UPS", 2));
    let shipments = house.desk.shipments(String::new(), None, 0).unwrap();
    assert_eq!((shipments.rows.len(), shipments.rows[0].order_number.as_str(), shipments.next), (1, "#1001", None));
    assert!(offers(&detail).contains("Void label… yes"), "{}", offers(&detail));
    assert!(
        offers(&detail).contains("Cancel order… no: All of it has left. A return is the way back."),
        "{}",
        offers(&detail)
    );

    house.clock.set(NOW + HOUR_MS);
    house.order(Order { fulfillments: vec![told(1001, "1Z999")], updated_at_ms: NOW + 1, ..order(1001) });
    assert_eq!(house.desk.order(id).unwrap().parcels[0].state, "told the store");
    assert_eq!(house.desk.shipments("1Z999".into(), None, 0).unwrap().rows.len(), 1);
    assert_eq!(house.desk.shipments("nothing".into(), None, 0).unwrap().rows.len(), 0);
}

#[test]
fn every_try_of_a_change_is_shown_with_what_the_platform_said() {
    let house = House::new().auto();
    let id = house.order(order(1001));
    assert_eq!(house.desk.order(id).unwrap().tries, [], "nobody tried it yet");
    let lost = Refusal::new(Cause::OutcomeUnknown, "The answer was lost.").request(Some("req-0".into()));
    house.answer(&crate::house::hub(), &Settlement::Unknown { refusal: lost, look_at_ms: NOW + HOUR_MS });
    house.clock.set(NOW + HOUR_MS);
    house
        .store
        .write(|tx| {
            let effect = tx.claim_unknown(&crate::house::hub(), NOW + HOUR_MS, 1)?[0].id;
            tx.settle(
                effect,
                &Settlement::Waits { until_ms: NOW, refusal: None, spends_attempt: true },
                NOW + HOUR_MS,
                9,
            )
        })
        .unwrap();
    house.refuse(&crate::house::hub(), Cause::AddressRefused, "No such postcode. Correct it, then retry.", "0123");
    let detail = house.desk.order(id).unwrap();
    assert_eq!(detail.tries.len(), 1, "{:?}", detail.tries);
    assert_eq!((detail.tries[0].effect, detail.tries[0].left_out), (detail.effects[0].id, 0));
    let told: Vec<_> = detail.tries[0]
        .tries
        .iter()
        .map(|one| (one.n, one.at_ms - NOW, one.words.as_str(), one.said.as_deref(), one.request_id.as_deref()))
        .collect();
    let expected = [
        (1, 0, "Outcome unknown", None, Some("req-0")),
        (2, HOUR_MS, "Looked up: not there", None, None),
        (3, HOUR_MS, "Refused", Some("nope"), None),
    ];
    assert_eq!(told, expected);
    assert_eq!(detail.tries[0].tries[2].sentence.as_deref(), Some("No such postcode. Correct it, then retry."));
}

#[test]
fn what_was_answered_at_a_try_is_there_on_demand_until_it_goes() {
    let house = House::new().auto();
    let id = house.order(order(1001));
    let lost = Refusal::new(Cause::OutcomeUnknown, "The answer was lost.");
    house.answer(&crate::house::hub(), &Settlement::Unknown { refusal: lost, look_at_ms: NOW + HOUR_MS });
    let effect = house.desk.order(id).unwrap().effects[0].id;
    let has_answer = || house.desk.order(id).unwrap().tries[0].tries[0].has_answer;
    assert!(!has_answer());
    assert_eq!(house.desk.try_answer(effect, 1).unwrap_err().code, TroubleCode::Gone);
    let heard = r#"{"exchanges":[{"at_ms":1,"took_ms":2,"method":"POST","host":"h","path":"/o","status":500,"body":{"b":1,"a":2}}]}"#;
    house.store.write(|tx| tx.keep_answer(&[effect], heard, NOW)).unwrap();
    assert!(has_answer());
    let shown = house.desk.try_answer(effect, 1).unwrap();
    assert!(shown.starts_with("{\n  \"exchanges\": [\n    {\n      \"at_ms\": 1,"), "{shown}");
    assert_eq!(house.desk.try_answer(effect, 2).unwrap_err().code, TroubleCode::Gone);
    house.store.write(|tx| tx.blank_personal(id, NOW)).unwrap();
    assert!(!has_answer());
    assert_eq!(house.desk.try_answer(effect, 1).unwrap_err().code, TroubleCode::Gone);
}

#[test]
fn links_lead_only_to_platforms_and_carriers() {
    let house = House::new();
    assert!(house.desk.open_link("https://admin.example.com/orders/1").is_ok());
    assert!(house.desk.open_link("https://www.ups.com/track?tracknum=1Z").is_ok());
    for url in ["https://evil.example/", "file:///etc/passwd", "javascript:alert(1)"] {
        assert_eq!(house.desk.open_link(url).unwrap_err().code, TroubleCode::Input, "{url}");
    }
}

#[test]
fn what_is_not_there_is_gone() {
    let house = House::new();
    assert_eq!(house.desk.order(OrderId(99)).unwrap_err().code, TroubleCode::Gone);
    assert_eq!(house.desk.raw_answer(&shop(), "order", "x").unwrap_err().code, TroubleCode::Gone);
    assert_eq!(house.desk.raw_answer(&shop(), "shoe", "x").unwrap_err().field.as_deref(), Some("kind"));
}

#[test]
fn an_order_whose_account_was_removed_is_still_shown() {
    let house = House::new();
    let id = house.order(order(1001));
    house.desk.remove_connection(&shop()).unwrap();
    let detail = house.desk.order(id).unwrap();
    assert_eq!(detail.row.store, "Harbour Goods");
    assert!(detail.actions.iter().find(|offer| offer.verb == Verb::Push).unwrap().disabled_because.is_some());
}
