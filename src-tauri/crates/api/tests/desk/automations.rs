//! How far automations may go, and the plan before they do.

use crate::house::{House, NOW, order};
use quayside_api::view::{GoingLive, TroubleCode};
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_model::{EffectState, Mode, Order};
use serde_json::json;
use std::collections::BTreeMap;

const ORDERS: &str = "orders_to_hub";

#[test]
fn cards_carry_their_manual_and_their_form() {
    let house = House::new();
    house.order(order(1));
    let cards = house.desk.automations().unwrap();
    assert_eq!(cards.len(), quayside_flows::automations().len());
    let card = cards.iter().find(|card| card.id == ORDERS).unwrap();
    assert_eq!((card.mode, card.would_do, card.asked, card.done_today), (Mode::Watch, 1, 0, 0));
    assert!(!card.examples.is_empty() && !card.summary.is_empty());
    let hub = card.settings.iter().find(|field| field.name == "hub").unwrap();
    assert_eq!(hub.kind, "choice");
    assert!(hub.options.contains(&("harbour-shipping".to_owned(), "Harbour Shipping".to_owned())), "{:?}", hub.options);
}

#[test]
fn the_plan_says_what_would_be_sent_and_sends_nothing() {
    let house = House::new();
    let late = house.order(Order { ship_by_ms: Some(NOW + HOUR_MS), ..order(2) });
    house.order(order(1));
    house.order(Order { ship_to: None, ..order(3) });
    let plan = house.desk.plan(None, None, 0).unwrap();
    let sentences: Vec<&str> = plan.items.iter().map(|item| item.effect.sentence.as_str()).collect();
    assert_eq!(
        sentences,
        [
            "Send #2 to ShipStation: 1 line, 2 units, Express 24 h",
            "Send #1 to ShipStation: 1 line, 2 units, Express 24 h"
        ],
        "in the order of deadlines"
    );
    assert_eq!((plan.orders, plan.per_automation[ORDERS], plan.items[0].order_id), (3, 2, Some(late)));
    assert_eq!(plan.items[0].account, "Harbour Shipping");
    assert!(plan.cost[0].starts_with("Harbour Shipping: 2 changes in 1 call"), "{:?}", plan.cost);
    assert_eq!(house.states(late), []);
    // The same desk, the same plan; another desk, another plan.
    assert_eq!(house.desk.plan(None, None, 0).unwrap().hash, plan.hash);
    house.order(order(4));
    assert_ne!(house.desk.plan(None, None, 0).unwrap().hash, plan.hash);
    assert!(house.desk.plan(Some("orders_to_moon"), None, 0).unwrap_err().sentence.contains("orders_to_hub"));
}

#[test]
fn one_that_is_off_is_previewed_as_if_it_watched() {
    let house = House::new();
    house.mode(ORDERS, Mode::Off);
    house.order(order(1));
    assert_eq!(house.desk.plan(None, None, 0).unwrap().items.len(), 0);
    assert_eq!(house.desk.plan(Some(ORDERS), None, 0).unwrap().items.len(), 1);
}

#[test]
fn the_plan_before_going_live_is_of_the_line_that_is_being_chosen() {
    let house = House::new();
    house.order(Order { placed_at_ms: NOW - 3 * HOUR_MS, ..order(1) });
    house.order(Order { placed_at_ms: NOW - HOUR_MS, ..order(2) });
    house.desk.go_live(ORDERS, Mode::Watch, Some(NOW)).unwrap();
    let planned = |from_ms: Option<i64>| {
        let going_live = Some(GoingLive { mode: Mode::Auto, from_ms });
        house.desk.plan(Some(ORDERS), going_live, 0).unwrap().items.len()
    };
    assert_eq!(house.desk.plan(Some(ORDERS), None, 0).unwrap().items.len(), 0, "as it is set");
    assert_eq!((planned(None), planned(Some(NOW - 2 * HOUR_MS)), planned(Some(NOW))), (2, 1, 0));
    // Pages go on behind what was shown.
    let rest = house.desk.plan(Some(ORDERS), Some(GoingLive { mode: Mode::Auto, from_ms: None }), 1).unwrap();
    assert_eq!((rest.items.len(), rest.per_automation[ORDERS]), (1, 2));
}

#[test]
fn what_the_plan_shows_is_what_goes() {
    let house = House::new();
    let id = house.order(order(1));
    let planned = house.desk.plan(None, None, 0).unwrap().items.remove(0).effect;
    house.desk.go_live(ORDERS, Mode::Auto, None).unwrap();
    let policy = house.store_policy();
    house.store.write(|tx| quayside_engine::redecide(tx, &policy, id, NOW)).unwrap();
    let sent = house.store.read(|r| r.effects_of(id)).unwrap().remove(0);
    assert_eq!((sent.key, sent.intent, sent.state), (planned.key, planned.intent, EffectState::Pending));
}

#[test]
fn going_live_is_needed_before_anything_may_act() {
    let house = House::new();
    let none = BTreeMap::new();
    for mode in [Mode::Ask, Mode::Auto] {
        let trouble = house.desk.put_automation(ORDERS, mode, &none).unwrap_err();
        assert!(trouble.code == TroubleCode::Input && trouble.sentence.contains("Look at the plan first"), "{trouble}");
    }
    assert_eq!(house.desk.put_automation(ORDERS, Mode::Off, &none).unwrap().mode, Mode::Off);
    let live = house.desk.go_live(ORDERS, Mode::Ask, Some(NOW - DAY_MS)).unwrap();
    assert_eq!((live.mode, live.go_live_ms), (Mode::Ask, Some(NOW - DAY_MS)));
    // From now on the mode is a switch; the line stays.
    let auto = house.desk.put_automation(ORDERS, Mode::Auto, &none).unwrap();
    assert_eq!((auto.mode, auto.go_live_ms), (Mode::Auto, Some(NOW - DAY_MS)));
    assert!(house.desk.go_live(ORDERS, Mode::Auto, Some(NOW + 400 * DAY_MS)).is_err());
    let history = house.desk.history(quayside_api::view::ActivityAsk::default()).unwrap().rows;
    assert!(
        history.iter().any(|entry| entry.author == "you" && entry.sentence.contains("watch")
            || entry.sentence.contains("off became ask")),
        "{history:?}"
    );
}

#[test]
fn orders_before_the_line_stay_where_they_are() {
    let house = House::new();
    house.desk.go_live(ORDERS, Mode::Auto, Some(NOW)).unwrap();
    let old = house.order(order(1));
    let new = house.order(Order { placed_at_ms: NOW + 1, ..order(2) });
    assert_eq!((house.states(old).len(), house.states(new).len()), (0, 1));
    assert_eq!(house.desk.order(old).unwrap().row.waits_on.code, "before_go_live");
}

#[test]
fn lowering_takes_back_what_was_not_sent_and_raising_lets_go_what_waited() {
    let house = House::new();
    house.desk.go_live(ORDERS, Mode::Ask, None).unwrap();
    let id = house.order(order(1));
    assert_eq!(house.states(id)[0].1, EffectState::Asked);
    house.desk.put_automation(ORDERS, Mode::Auto, &BTreeMap::new()).unwrap();
    assert_eq!(house.states(id)[0].1, EffectState::Pending);
    house.desk.put_automation(ORDERS, Mode::Watch, &BTreeMap::new()).unwrap();
    assert_eq!(house.states(id)[0].1, EffectState::Skipped);
    // Still wanted, only shown.
    assert_eq!(house.desk.plan(None, None, 0).unwrap().items.len(), 1);
}

#[test]
fn settings_are_checked_by_their_kind() {
    let house = House::new();
    let put = |name: &str, value: serde_json::Value| {
        house.desk.put_automation(ORDERS, Mode::Watch, &BTreeMap::from([(name.to_owned(), value)]))
    };
    let value = |view: &quayside_api::view::AutomationView, name: &str| {
        view.settings.iter().find(|field| field.name == name).unwrap().value.clone()
    };
    assert_eq!(value(&put("test_orders", json!(true)).unwrap(), "test_orders"), json!(true));
    assert_eq!(value(&put("when", json!("any")).unwrap(), "when"), json!("any"));
    assert_eq!(value(&put("custom_field_1", json!(" tags ")).unwrap(), "custom_field_1"), json!("tags"));
    assert_eq!(value(&put("when", json!(null)).unwrap(), "when"), json!("paid"));
    for (name, wrong) in [
        ("test_orders", json!("maybe")),
        ("when", json!("tomorrow")),
        ("custom_field_1", json!(7)),
        ("shoe_size", json!(1)),
    ] {
        assert_eq!(put(name, wrong).unwrap_err().field.as_deref(), Some(name));
    }
    let id = house.order(Order { test: true, ..order(1) });
    assert_eq!(house.desk.order(id).unwrap().plan.len(), 1, "test orders are sent now");
}
