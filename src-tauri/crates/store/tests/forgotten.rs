//! Who asked to be forgotten is: at once or when the order is closed, and whatever is read later.
#![allow(clippy::unwrap_used, clippy::redundant_closure_for_method_calls, missing_docs)]

mod support;

use quayside_model::*;
use quayside_store::*;
use std::collections::BTreeSet;
use support::*;

fn met(store: &Store, typed: &str) -> Vec<Met> {
    let buyer = Buyer::parse(typed).unwrap();
    let (mut all, mut after) = (BTreeSet::new(), Some(0));
    while let Some(from) = after {
        let (met, next) = store.read(|r| r.meet(&buyer, from, 2)).unwrap();
        all.extend(met);
        after = next;
    }
    all.into_iter().collect()
}

fn name_of(store: &Store, id: OrderId) -> String {
    store.read(|r| r.story(id)).unwrap().unwrap().order.customer.unwrap().name
}

#[test]
fn a_buyer_is_met_in_orders_and_at_hubs() {
    let store = store();
    let ids: Vec<OrderId> = (1..=5).map(|n| with_order(&store, n, |_, _| decision(Stage::Packing))).collect();
    // At the hub: one that is an order's, by another name, and one that is nobody's.
    let ours = HubOrder { ship_to: Some(address(33)), ..hub_order(1, "k1") };
    let stray = HubOrder { ship_to: Some(address(33)), ..hub_order(2, "k2") };
    store
        .write(|tx| {
            for record in [ours, stray] {
                tx.put_record(&hub(), &Incoming { record: Record::HubOrder(record), raw: "{}".into() }, NOW)?;
            }
            tx.link(ids[4], &hub(), RecordKind::HubOrder, "900001")
        })
        .unwrap();
    let two = order(2).customer.unwrap();
    for (typed, found) in [
        (two.email.as_str(), vec![Met::Order(ids[1])]),
        (&two.email.to_uppercase(), vec![Met::Order(ids[1])]),
        (&address(3).phone, vec![Met::Order(ids[2])]),
        (&address(3).phone.replace("+49", "0"), vec![Met::Order(ids[2])]),
        (&address(4).name, vec![Met::Order(ids[3])]),
        (&address(33).name, vec![Met::Order(ids[4]), Met::Stray(hub(), "900002".into())]),
        ("nobody@nowhere.example", vec![]),
        ("Harbour", vec![]),
    ] {
        assert_eq!(met(&store, typed), found, "{typed}");
    }
    assert!(store.write(|tx| tx.forget_stray(&hub(), "900002")).unwrap());
    assert!(!store.write(|tx| tx.forget_stray(&hub(), "900002")).unwrap());
    assert_eq!(met(&store, &address(33).name), [Met::Order(ids[4])]);
}

#[test]
fn an_open_order_keeps_its_address_until_it_is_closed() {
    let store = store();
    let closed = with_order(&store, 1, |_, _| decision(Stage::Shipped));
    let open = with_order(&store, 2, |_, _| decision(Stage::Packing));
    let buyer = Buyer::parse("nobody@nowhere.example").unwrap();
    store.write(|tx| tx.ask_to_forget(&[closed, open], Some(&buyer), &[5; 32], NOW)).unwrap();
    assert_eq!(store.read(|r| r.forgotten_due(9)).unwrap(), [closed]);
    assert!(store.write(|tx| tx.forget_asked(closed, NOW)).unwrap());
    assert_eq!(store.read(|r| r.forgotten_due(9)).unwrap(), []);
    assert_eq!((name_of(&store, closed).as_str(), name_of(&store, open)), ("", address(2).name));
    assert!(store.read(|r| r.forgotten_in_index()).unwrap());
    let asked = store.read(|r| r.forgotten(open)).unwrap().unwrap();
    assert_eq!((asked.asked_at_ms, asked.done_at_ms), (NOW, None));
    store.write(|tx| tx.put_decision(open, &order(2), &decision(Stage::Shipped), NOW)).unwrap();
    assert_eq!(store.read(|r| r.forgotten_due(9)).unwrap(), [open]);
}

/// (What is read, of which order, whether its data stays.)
#[test]
fn nothing_that_is_read_later_brings_a_buyer_back() {
    let store = store();
    let closed = with_order(&store, 1, |_, _| decision(Stage::Shipped));
    let other = with_order(&store, 2, |_, _| decision(Stage::Shipped));
    let email = order(1).customer.unwrap().email;
    let again = |id: OrderId| store.write(|tx| tx.forget_again(&BTreeSet::from([id]), NOW)).unwrap();
    assert_eq!(again(closed), 0, "nobody asked");
    store
        .write(|tx| {
            tx.ask_to_forget(&[closed], Some(&Buyer::parse(&email).unwrap()), &[5; 32], NOW)?;
            tx.forget_asked(closed, NOW)
        })
        .unwrap();
    // The store changes the order: everything is in it again, for no longer than this transaction.
    let changed = Order { updated_at_ms: NOW, total_minor: 1, ..order(1) };
    store
        .write(|tx| {
            tx.put_record(&shop(), &incoming(&changed), NOW)?;
            assert_eq!(tx.story(closed)?.unwrap().order.customer.unwrap().name, address(1).name);
            tx.forget_again(&BTreeSet::from([closed, other]), NOW)
        })
        .unwrap();
    assert_eq!((name_of(&store, closed).as_str(), name_of(&store, other)), ("", address(2).name));
    // Orders of theirs that are read for the first time: from before, and from after.
    for (n, placed_at_ms, stage, stays) in [
        (30, NOW - DAY, Stage::Shipped, false),
        (31, NOW - DAY, Stage::Packing, true),
        (32, NOW + DAY, Stage::Shipped, true),
    ] {
        let mut read = Order { placed_at_ms, ..order(n) };
        read.customer.as_mut().unwrap().email = email.to_uppercase();
        let id = store
            .write(|tx| {
                let id = enter(tx, &read);
                tx.put_decision(id, &read, &decision(stage), NOW)?;
                tx.forget_again(&BTreeSet::from([id]), NOW)?;
                Ok(id)
            })
            .unwrap();
        assert_eq!(!name_of(&store, id).is_empty(), stays, "{n}");
        assert_eq!(store.read(|r| r.forgotten(id)).unwrap().is_some(), n < 32, "{n}");
    }
}
