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
