//! How far automations may go, and the plan before they do.

use crate::house::{House, NOW, config, hub, hub_order, order, outlet, parcel, shop, told};
use quayside_api::view::{ExceptionsAsk, GoingLive, TroubleCode};
use quayside_flows::Deliveries;
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_model::{
    Cause, ConnectionId, EffectState, Fulfillment, HubStatus, Mode, Order, Parcel, ParcelOrigin, Record, Stage, Track,
    TrackState, Tracked,
};
use quayside_store::StreamState;
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

/// "From now on" is meant by the stores' clocks: said once, and not by what was measured so long ago that it may have changed.
#[test]
fn a_line_is_moved_to_the_stores_clocks_once() {
    let off_ms = -HOUR_MS / 2;
    for (what, read_ms, expected_ms) in [
        ("read a moment ago", NOW, NOW + off_ms),
        ("read the evening before", NOW - 14 * HOUR_MS, NOW + off_ms),
        ("not read for days: the clock may be right by now", NOW - 48 * HOUR_MS, NOW),
    ] {
        let house = House::new();
        let measured = house.store.write(|tx| {
            for store in [shop(), outlet()] {
                tx.put_meta(&format!("skew/{store}"), &off_ms.to_string())?;
                tx.put_stream(&StreamState { last_try_at_ms: Some(read_ms), ..StreamState::new(&store, "orders") })?;
            }
            Ok(())
        });
        measured.unwrap();
        let live = house.desk.go_live(ORDERS, Mode::Ask, Some(NOW)).unwrap();
        assert_eq!(live.go_live_ms, Some(expected_ms), "{what}");
        // Another mode, and the line as before.
        let again = house.desk.go_live(ORDERS, Mode::Auto, live.go_live_ms).unwrap();
        assert_eq!(again.go_live_ms, live.go_live_ms, "{what}");
    }
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

/// Late and lost are cases of silence, and silence says nothing of an account that never told of a delivery.
#[test]
fn an_accounts_silence_counts_once_it_told_of_a_delivery() {
    let house = House::new();
    let said = || {
        let peers = house.store_policy().peers;
        (peers[&shop()].deliveries, peers[&hub()].deliveries)
    };
    let with = |delivered_at_ms: Option<i64>, live: bool| Order {
        fulfillments: vec![Fulfillment { delivered_at_ms, live, ..told(1, "1Z1") }],
        ..order(1)
    };
    for (what, order, expected) in [
        ("nothing left", order(1), Deliveries::Unheard),
        ("it left", with(None, true), Deliveries::Unheard),
        ("taken back", with(Some(NOW), false), Deliveries::Unheard),
        ("it arrived", with(Some(NOW), true), Deliveries::Told),
        ("and the next one is on its way", with(None, true), Deliveries::Told),
    ] {
        house.order(order);
        assert_eq!(said(), (expected, Deliveries::Unheard), "{what}");
    }
    // An account whose labels tell of none has not begun to because one box, marked by hand, has a day.
    let id = house.order(order(2));
    house.hub_order(hub_order(&house.key(id), "9001", 2, HubStatus::AwaitingShipment));
    let label = |tracking: &str| parcel(&house.key(id), "9001", 2, tracking);
    house.parcel(Parcel { delivered_at_ms: Some(NOW), origin: ParcelOrigin::External, ..label("1Z2") });
    assert_eq!(said().1, Deliveries::Unheard);
    house.parcel(label("1Z3"));
    way(&house, "1Z3", TrackState::Delivered, None);
    assert_eq!(said().1, Deliveries::Told);
}

/// A carrier's word on a parcel, as a list or a question of its own tells it.
fn way(house: &House, tracking: &str, state: TrackState, at_ms: Option<i64>) {
    let track =
        Track { state, at_ms, says: at_ms.map_or_else(String::new, |_| "Depot 7".to_owned()), expected_ms: None };
    house.read(&hub(), Record::Track(Tracked { parcel_id: format!("label:{tracking}"), track }));
}

/// Labels come from one list and their way from another: neither wipes out what the other told.
#[test]
fn where_a_parcel_is_stays_with_it() {
    let house = House::new().auto();
    let id = house.order(order(1));
    let key = house.key(id);
    house.hub_order(hub_order(&key, "9001", 1, HubStatus::Shipped));
    // Nobody has that parcel yet: it is told again.
    way(&house, "1Z1", TrackState::InTransit, None);
    let label = || parcel(&key, "9001", 1, "1Z1");
    house.parcel(label());
    let known = || house.store.read(|r| r.story(id)).unwrap().unwrap().parcels[0].value.clone();
    assert_eq!(known().track, None);
    for (what, told, state, delivered) in [
        ("the list", Some((TrackState::InTransit, None)), TrackState::InTransit, false),
        ("asked by itself", Some((TrackState::Held, Some(NOW - 1))), TrackState::Held, false),
        ("the label is read again", None, TrackState::Held, false),
        ("the list agrees", Some((TrackState::Exception, None)), TrackState::Held, false),
        ("it arrived", Some((TrackState::Delivered, None)), TrackState::Delivered, true),
        ("the label is read again", None, TrackState::Delivered, true),
    ] {
        match told {
            Some((state, at_ms)) => way(&house, "1Z1", state, at_ms),
            None => house.parcel(Parcel { service: "ups_express".into(), ..label() }),
        }
        let (known, held) = (known(), state == TrackState::Held);
        assert_eq!(known.track.map(|track| track.state), Some(state), "{what}");
        assert_eq!(known.delivered_at_ms.is_some(), delivered, "{what}");
        assert_eq!(known.lines, label().lines, "{what}");
        let page = house.desk.exceptions(ExceptionsAsk::default()).unwrap();
        let told = page.groups.iter().any(|group| group.cause == Cause::CarrierTrouble);
        assert_eq!(told, held, "{what}");
    }
    let said = house.desk.order(id).unwrap().timeline;
    assert!(said.iter().any(|line| line.sentence.contains("held by the carrier")), "{said:?}");
}

/// Parcels on the road belong to orders that are not open: an automation that follows parcels is planned over them, too.
#[test]
fn what_follows_parcels_is_planned_over_orders_that_left() {
    const PARCELS: &str = "shipments_to_records";
    let house = House::new();
    house.mode(ORDERS, Mode::Auto);
    let crm = ConnectionId::new("harbour-crm");
    house.store.write(|tx| tx.put_connection(&config(&crm, "Harbour CRM", "salesforce", "EUR"))).unwrap();
    let id = house.order(order(1));
    house.hub_order(hub_order(&house.key(id), "901", 1, HubStatus::Shipped));
    // Two boxes: the order is one all the same.
    for tracking in ["1Z1", "1Z2"] {
        let mut made = parcel(&house.key(id), "901", 1, tracking);
        made.lines.iter_mut().flatten().for_each(|line| line.quantity = 1);
        house.parcel(made);
    }
    let mut left = Order { fulfillments: vec![told(1, "1Z1"), told(2, "1Z2")], updated_at_ms: NOW, ..order(1) };
    for told in &mut left.fulfillments {
        "gid://shop/LineItem/11".clone_into(&mut told.lines[0].order_line_id);
        told.lines[0].quantity = 1;
    }
    left.lines[0].unfulfilled_quantity = 0;
    house.order(left);
    assert_eq!(house.desk.order(id).unwrap().row.stage, Stage::Shipped);
    let planned = |automation: Option<&str>, going_live: Option<Option<i64>>| {
        let going_live = going_live.map(|from_ms| GoingLive { mode: Mode::Auto, from_ms });
        let plan = house.desk.plan(automation, going_live, 0).unwrap();
        (plan.orders, plan.per_automation.get(PARCELS).copied().unwrap_or_default())
    };
    for (what, automation, going_live, expected) in [
        ("as it is set", Some(PARCELS), None, (1, 2)),
        ("all there are", Some(PARCELS), Some(None), (1, 2)),
        ("from before it was placed", Some(PARCELS), Some(Some(NOW - 2 * DAY_MS)), (1, 2)),
        ("from now on", Some(PARCELS), Some(Some(NOW)), (1, 0)),
        ("of all automations", None, None, (1, 2)),
        ("one that has no work with it", Some(ORDERS), Some(None), (0, 0)),
    ] {
        assert_eq!(planned(automation, going_live), expected, "{what}");
    }
    house.clock.set(NOW + 31 * DAY_MS);
    assert_eq!(planned(Some(PARCELS), Some(None)), (0, 0), "it left more than thirty days ago");
}
