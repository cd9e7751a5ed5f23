//! One sale in two stores: told, decided by a person, on both sides.

use crate::house::{House, act, hub, order, outlet, shop};
use quayside_api::view::{Targets, Verb};
use quayside_model::{Cause, Intent, Order, OrderId, SoldOn};
use std::collections::BTreeMap;

fn sold_on(number: &str) -> SoldOn {
    SoldOn {
        source: "shopify".into(),
        number: number.into(),
        platform: Some("shopify".into()),
        personal_data_days: None,
    }
}

/// What the outlet carries of the shop's first order.
fn copy() -> Order {
    Order {
        remote_id: "gid://shopify/Order/9001".into(),
        number: "#9001".into(),
        sold_on: Some(sold_on("1001")),
        ..order(1)
    }
}

fn sends(house: &House, id: OrderId) -> usize {
    house.intents(id).iter().filter(|intent| matches!(intent, Intent::PutHubOrder { .. })).count()
}

fn waits(house: &House, id: OrderId) -> String {
    house.desk.order(id).unwrap().row.waits_on.code
}

#[test]
fn the_account_that_sold_it_sends_whichever_is_read_first() {
    for copy_first in [true, false] {
        let house = House::new().auto();
        let sold = Order { number: "#1001".into(), ..order(1) };
        let (sale, twin) = if copy_first {
            let twin = house.order_at(&outlet(), copy());
            assert_eq!((waits(&house, twin).as_str(), sends(&house, twin)), ("twin_waits", 0));
            (house.order_at(&shop(), sold), twin)
        } else {
            let sale = house.order_at(&shop(), sold);
            (sale, house.order_at(&outlet(), copy()))
        };
        assert_eq!((sends(&house, sale), sends(&house, twin)), (1, 0), "{copy_first}");
        assert_eq!(house.done(&hub(), "501"), 1);
        house.desk.act(act(Verb::Sync, Targets::Orders(vec![twin]))).ok();
        assert_eq!((sends(&house, sale), sends(&house, twin)), (1, 0), "{copy_first}");
        let found = house.desk.order(twin).unwrap();
        let offered: Vec<&str> = found.actions.iter().map(|offer| offer.label.as_str()).collect();
        assert!(offered.contains(&"It is another sale…"), "{offered:?}");
        let push = found.actions.iter().find(|offer| offer.verb == Verb::Push).unwrap();
        assert!(push.disabled_because.as_deref().is_some_and(|why| why.contains("#1001")), "{push:?}");
        let refused = house.desk.act(act(Verb::Push, Targets::Orders(vec![twin]))).unwrap();
        assert_eq!((refused.done, sends(&house, twin)), (0, 0), "{refused:?}");

        // Two sales after all: this one goes, too, and the other one knows.
        let done = house.desk.act(act(Verb::ShipAnyway, Targets::Orders(vec![twin]))).unwrap();
        assert_eq!((done.done, sends(&house, twin), sends(&house, sale)), (1, 1, 1), "{done:?}");
        assert!(house.desk.order(sale).unwrap().timeline.iter().any(|line| line.sentence.contains("#9001")));
    }
}

#[test]
fn the_store_sends_if_its_setting_says_so() {
    let house = House::new().auto();
    let here = BTreeMap::from([("copies".to_owned(), serde_json::Value::from("here"))]);
    house.desk.put_connection_settings(&outlet(), &here).unwrap();
    let twin = house.order_at(&outlet(), copy());
    let sale = house.order_at(&shop(), Order { number: "#1001".into(), ..order(1) });
    assert_eq!((sends(&house, twin), sends(&house, sale)), (1, 0));
    for (name, value) in [("copies", serde_json::json!("both")), ("copies_wait_min", serde_json::json!(-1))] {
        let bad = BTreeMap::from([(name.to_owned(), value)]);
        assert_eq!(house.desk.put_connection_settings(&outlet(), &bad).unwrap_err().field.as_deref(), Some(name));
    }
}

#[test]
fn a_sale_that_never_shows_is_asked_about_and_may_be_waited_for() {
    let house = House::new().auto();
    let at_once = BTreeMap::from([("copies_wait_min".to_owned(), serde_json::Value::from(0))]);
    house.desk.put_connection_settings(&outlet(), &at_once).unwrap();
    let twin = house.order_at(&outlet(), copy());
    let open = |id| {
        let entries = house.desk.order(id).unwrap().exceptions;
        entries.into_iter().filter(|entry| entry.resolved_at_ms.is_none()).collect::<Vec<_>>()
    };
    let entries = open(twin);
    assert_eq!(entries.iter().map(|entry| entry.cause).collect::<Vec<_>>(), [Cause::SeenTwice]);
    let done = house.desk.act(act(Verb::Link, Targets::Exceptions(vec![entries[0].id]))).unwrap();
    assert_eq!((done.done, waits(&house, twin).as_str(), open(twin).len()), (1, "twin_waits", 0), "{done:?}");
    let sale = house.order_at(&shop(), Order { number: "#1001".into(), ..order(1) });
    assert_eq!((sends(&house, sale), sends(&house, twin)), (1, 0));
}

// --- By hand ---------------------------------------------------------------------------------------

use quayside_api::view::{Act, ActOutcome, TwinSaid};
use quayside_model::{Address, EffectState};

fn say(house: &House, verb: Verb, id: OrderId, other: &str, anyway: bool) -> ActOutcome {
    let mut fields = BTreeMap::from([("order".to_owned(), other.to_owned())]);
    if anyway {
        fields.insert("anyway".to_owned(), "yes".to_owned());
    }
    house.desk.act(Act { fields, ..act(verb, Targets::Orders(vec![id])) }).unwrap()
}

/// Why nothing was done.
#[track_caller]
fn refused(outcome: &ActOutcome) -> String {
    assert_eq!((outcome.done, outcome.refused.len()), (0, 1), "{outcome:?}");
    outcome.refused[0].sentence.clone()
}

/// An order of the outlet that no number ties to anything.
fn stranger(n: i64) -> Order {
    Order { remote_id: format!("gid://shopify/Order/900{n}"), number: format!("#900{n}"), ..order(1) }
}

/// The shop's own.
fn sale() -> Order {
    Order { remote_id: "gid://shop/Order/1001".into(), number: "#1001".into(), ..order(1) }
}

/// Changes that send the order and were not given up.
fn going(house: &House, id: OrderId) -> usize {
    let effects = house.store.read(|r| r.effects_of(id)).unwrap();
    let puts = effects.iter().filter(|effect| matches!(effect.intent, Intent::PutHubOrder { .. }));
    puts.filter(|effect| effect.state != EffectState::Skipped).count()
}

fn said(house: &House, id: OrderId) -> Vec<(String, TwinSaid)> {
    house.desk.order(id).unwrap().twins.into_iter().map(|twin| (twin.number, twin.said)).collect()
}

fn ask(house: &House) {
    house.mode("orders_to_hub", quayside_model::Mode::Ask);
}

#[test]
fn two_strangers_are_tied_after_a_check_and_one_is_sent() {
    // Named by number, by its id, and by the telling end of that.
    for name in ["#9002", "9002", "gid://shopify/Order/9002"] {
        let house = House::new().auto();
        let here = house.order(sale());
        let there = house.order_at(&outlet(), stranger(2));
        let check = refused(&say(&house, Verb::Link, there, "#1001", false));
        assert!(check.contains("#1001 at Harbour Goods is the one to be sent"), "{check}");
        assert!(check.ends_with("Say \"anyway\" to do it."), "{check}");
        assert_eq!(said(&house, here), [], "a check keeps nothing");

        let done = say(&house, Verb::Link, here, name, true);
        assert_eq!(done.done, 1, "{name}: {done:?}");
        assert_eq!((going(&house, here), going(&house, there)), (1, 0), "{name}");
        assert_eq!(waits(&house, there), "sold_elsewhere", "the other one is in the outbox");
        assert_eq!(said(&house, here), [("#9002".to_owned(), TwinSaid::Same)]);
        let twin = house.desk.order(there).unwrap().twins.remove(0);
        assert_eq!((twin.order_id, twin.account.as_str()), (Some(here), "Harbour Goods"));
        assert!(twin.sentence.contains("this order is not"), "{}", twin.sentence);
        assert!(refused(&say(&house, Verb::Link, here, name, false)).contains("tied to it already"));

        // And untied: a check, then each goes its way.
        let check = refused(&say(&house, Verb::Unlink, here, "#9002", false));
        assert!(check.contains("Two parcels leave if it is one sale after all"), "{check}");
        assert!(check.contains("Goods and recipient of both are the same"), "{check}");
        assert_eq!(going(&house, there), 0);
        assert_eq!(say(&house, Verb::Unlink, here, "#9002", true).done, 1);
        assert_eq!((going(&house, here), going(&house, there)), (1, 1));
        assert_eq!(said(&house, here), [("#9002".to_owned(), TwinSaid::Another)]);
        assert_eq!(said(&house, there), [("#1001".to_owned(), TwinSaid::Another)]);
        assert!(refused(&say(&house, Verb::Unlink, here, "#9002", true)).contains("one sale with no order"));
    }
}

#[test]
fn what_waits_to_be_sent_for_the_one_that_stays_is_given_up() {
    use EffectState::{Pending, Skipped};
    for from_the_one_that_stays in [true, false] {
        let house = House::new().auto();
        let here = house.order(sale());
        let there = house.order_at(&outlet(), stranger(2));
        assert_eq!((going(&house, here), going(&house, there)), (1, 1), "both wait in the outbox");
        let (id, other) = if from_the_one_that_stays { (there, "#1001") } else { (here, "#9002") };
        assert_eq!(say(&house, Verb::Link, id, other, true).done, 1);
        let states = |id| house.states(id).into_iter().map(|(_, state)| state).collect::<Vec<_>>();
        assert_eq!((states(here), states(there)), (vec![Pending], vec![Skipped]), "{from_the_one_that_stays}");
        assert_eq!(house.done(&hub(), "501"), 1, "one goes");
    }
}

#[test]
fn one_that_was_sent_is_the_one_whoever_came_first() {
    let house = House::new();
    let here = house.order(sale());
    let there = house.order_at(&outlet(), stranger(2));
    assert_eq!(house.desk.act(act(Verb::Push, Targets::Orders(vec![there]))).unwrap().done, 1);
    assert_eq!(house.done(&hub(), "501"), 1);
    let check = refused(&say(&house, Verb::Link, here, "#9002", false));
    assert!(check.contains("#9002 at") && check.contains("was sent"), "{check}");
    assert_eq!(say(&house, Verb::Link, here, "#9002", true).done, 1);
    assert_eq!((going(&house, here), going(&house, there)), (0, 1));
    // Sent by hand both: tying takes neither back, and says so.
    assert_eq!(say(&house, Verb::Unlink, here, "#9002", true).done, 1);
    assert_eq!(house.desk.act(act(Verb::Push, Targets::Orders(vec![here]))).unwrap().done, 1);
    assert_eq!(house.done(&hub(), "502"), 1);
    let check = refused(&say(&house, Verb::Link, here, "#9002", false));
    assert!(check.contains("Tying them takes neither back"), "{check}");
    assert_eq!(say(&house, Verb::Link, here, "#9002", true).done, 1);
    let open: Vec<Cause> = [here, there]
        .iter()
        .flat_map(|id| house.desk.order(*id).unwrap().exceptions)
        .filter(|entry| entry.resolved_at_ms.is_none())
        .map(|entry| entry.cause)
        .collect();
    assert_eq!(open, [Cause::SeenTwice]);
}

#[test]
fn sent_by_hand_once_does_not_send_the_one_that_stays() {
    let house = House::new().auto();
    let here = house.order(sale());
    // Sent anyway, but its address is refused: nothing left.
    let bad = Order { ship_to: Some(Address::default()), ..stranger(2) };
    let there = house.order_at(&outlet(), bad);
    house.desk.act(act(Verb::Push, Targets::Orders(vec![there]))).unwrap();
    assert_eq!(say(&house, Verb::Link, here, "#9002", true).done, 1);
    house.order_at(&outlet(), Order { updated_at_ms: sale().updated_at_ms + 1, ..stranger(2) });
    assert_eq!((going(&house, here), going(&house, there)), (1, 0));
}

#[test]
fn another_sale_is_taken_back() {
    let house = House::new();
    ask(&house);
    let sold = house.order(sale());
    let twin = house.order_at(&outlet(), copy());
    assert_eq!(said(&house, twin), [("#1001".to_owned(), TwinSaid::Same)]);
    assert_eq!(say(&house, Verb::Unlink, twin, "#1001", true).done, 1);
    assert_eq!((going(&house, sold), going(&house, twin)), (1, 1), "both wait for a click");
    let name = house.desk.order(twin).unwrap().twins[0].name.clone();
    let check = refused(&say(&house, Verb::Link, twin, &name, false));
    assert!(check.contains("#1001 at Harbour Goods is the one to be sent"), "{check}");
    assert_eq!(say(&house, Verb::Link, twin, &name, true).done, 1);
    assert_eq!(said(&house, twin), [("#1001".to_owned(), TwinSaid::Same)]);
    assert_eq!(said(&house, sold), [("#9001".to_owned(), TwinSaid::Same)]);
    let standing: Vec<_> = house.states(twin).into_iter().filter(|(_, state)| !state.is_final()).collect();
    assert_eq!(standing, [], "nothing of the copy waits any more");
}

#[test]
fn that_no_account_shows_the_sale_is_taken_back() {
    let house = House::new();
    ask(&house);
    let at_once = BTreeMap::from([("copies_wait_min".to_owned(), serde_json::Value::from(0))]);
    house.desk.put_connection_settings(&outlet(), &at_once).unwrap();
    let twin = house.order_at(&outlet(), copy());
    house.desk.act(act(Verb::ShipAnyway, Targets::Orders(vec![twin]))).unwrap();
    let shown = house.desk.order(twin).unwrap().twins;
    assert_eq!((shown.len(), shown[0].order_id, shown[0].said), (1, None, TwinSaid::Another));
    assert_eq!(going(&house, twin), 1, "on its way, not sent");
    assert_eq!(say(&house, Verb::Link, twin, &shown[0].name, true).done, 1);
    assert_eq!((house.desk.order(twin).unwrap().twins.len(), going(&house, twin)), (0, 0));
    assert!(refused(&say(&house, Verb::Link, twin, "sale/elsewhere", true)).starts_with("Nobody said"));

    // What was sent waits for nobody.
    house.desk.act(act(Verb::ShipAnyway, Targets::Orders(vec![twin]))).unwrap();
    assert_eq!(house.done(&hub(), "501"), 1);
    assert!(refused(&say(&house, Verb::Link, twin, "sale/elsewhere", true)).contains("was sent already"));
}

#[test]
fn what_would_lose_or_double_something_is_refused_with_the_reason() {
    let house = House::new().auto();
    let here = house.order(sale());
    let second = house.order(Order { remote_id: "gid://shop/Order/1002".into(), number: "#1002".into(), ..sale() });
    let there = house.order_at(&outlet(), stranger(2));
    for (id, other, why) in [
        (here, "#1002", "Two orders of one store are two sales"),
        (here, "nope", "No other order \"nope\" is known"),
        (here, "#1001", "No other order \"#1001\" is known"),
        (here, "order/nowhere/1", "No other order"),
    ] {
        let sentence = refused(&say(&house, Verb::Link, id, other, true));
        assert!(sentence.contains(why), "{other}: {sentence}");
    }
    // Tied two and two.
    assert_eq!(say(&house, Verb::Link, there, "#1001", true).done, 1);
    let third = refused(&say(&house, Verb::Link, second, "#9002", true));
    assert!(third.contains("is one sale with #1001 at Harbour Goods already. Untie these first."), "{third}");

    // The one that would be sent never will be: the other must not be kept back for it.
    let gone = Order { cancelled_at_ms: Some(crate::house::NOW), ..sale() };
    let gone = Order { remote_id: "gid://shop/Order/1003".into(), number: "#1003".into(), ..gone };
    house.order(gone);
    let open = house.order_at(&outlet(), stranger(4));
    let lost = refused(&say(&house, Verb::Link, open, "#1003", true));
    assert!(lost.contains("was cancelled and was never sent") && lost.contains("nobody would get the goods"), "{lost}");
    assert_eq!(going(&house, open), 1);
}

#[test]
fn goods_that_differ_are_said_before() {
    let house = House::new();
    house.order(sale());
    let mut other = stranger(2);
    other.lines[0].sku = "ELSE".into();
    let there = house.order_at(&outlet(), other);
    let check = refused(&say(&house, Verb::Link, there, "#1001", false));
    assert!(check.contains("SKUs or quantities differ."), "{check}");
}

#[test]
fn one_of_a_tied_pair_that_is_cancelled_before_it_left_makes_a_person_decide() {
    let house = House::new();
    ask(&house);
    let here = house.order(sale());
    let there = house.order_at(&outlet(), stranger(2));
    assert_eq!(say(&house, Verb::Link, there, "#1001", true).done, 1);
    house.order(Order { cancelled_at_ms: Some(crate::house::NOW), updated_at_ms: sale().updated_at_ms + 1, ..sale() });
    assert_eq!(going(&house, here), 0);
    let view = house.desk.order(there).unwrap();
    let open: Vec<&str> =
        view.exceptions.iter().filter(|e| e.resolved_at_ms.is_none()).map(|e| e.sentence.as_str()).collect();
    assert_eq!(open.len(), 1, "{open:?}");
    assert!(open[0].contains("was tied to #1001 at Harbour Goods") && open[0].contains("cancelled"), "{open:?}");
    assert_eq!(house.desk.act(act(Verb::ShipAnyway, Targets::Orders(vec![there]))).unwrap().done, 1);
    assert_eq!(going(&house, there), 1);
}

#[test]
fn ids_stay_when_the_raw_answers_went() {
    let house = House::new().auto();
    let id = house.order(sale());
    let before: Vec<(String, bool)> =
        house.desk.order(id).unwrap().raw.into_iter().map(|raw| (raw.remote_id, raw.has_raw)).collect();
    assert!(before.iter().all(|(_, raw)| *raw) && !before.is_empty(), "{before:?}");
    house.store.write(|tx| tx.blank_personal(id, crate::house::NOW)).unwrap();
    let after: Vec<(String, bool)> =
        house.desk.order(id).unwrap().raw.into_iter().map(|raw| (raw.remote_id, raw.has_raw)).collect();
    assert_eq!(after, before.into_iter().map(|(id, _)| (id, false)).collect::<Vec<_>>());
}
