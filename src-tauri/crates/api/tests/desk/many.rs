//! Screens with many orders: what the queue shows is whole and in order, from any place and by any word; and how long
//! it takes, printed, with a limit for what a person waits for at every key.
//!
//! `cargo test -p quayside-api --release --test desk many -- --ignored --nocapture`

use crate::house::{House, NOW, order, shop};
use quayside_api::view::{ActivityAsk, ExceptionsAsk, QueueAsk, QueuePage};
use quayside_engine::{ingest, policy};
use quayside_model::time::MINUTE_MS;
use quayside_model::{Incoming, Order, Page, Record, RecordKind};
use std::collections::BTreeSet;
use std::time::Instant;

/// Slower than this a list hesitates under the hand, ms. A question that read all orders would take longer.
const HESITATES_MS: f64 = 100.0;

fn ask(text: &str) -> QueueAsk {
    QueueAsk { text: text.into(), ..QueueAsk::default() }
}

/// A desk with so many open orders, read page by page.
fn house_with(orders: i64) -> House {
    let house = House::new().auto();
    let policy = house.store.read(policy::load).unwrap();
    for first in (0..orders).step_by(500) {
        let records = (first..(first + 500).min(orders))
            .map(|n| {
                let made = Order {
                    placed_at_ms: NOW - n * MINUTE_MS / 4,
                    ship_by_ms: Some(NOW + (n % 5_000 - 100) * MINUTE_MS),
                    ship_to: if n % 50 == 0 { None } else { order(n).ship_to },
                    ..order(n)
                };
                Incoming { record: Record::Order(made), raw: "{}".into() }
            })
            .collect();
        let page = Page {
            records,
            unreadable: vec![],
            cursor: serde_json::Value::Null,
            next: None,
            mended: vec![],
            total: None,
            findings: None,
            asked: true,
        };
        ingest(&house.store, &policy, &shop(), RecordKind::Order, &page, None, NOW).unwrap();
    }
    house
}

/// The queue by its keys from the first page to the last: number and deadline of each order.
fn walked(house: &House) -> Vec<(String, Option<i64>)> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = house.desk.queue(QueueAsk { after: after.clone(), limit: 500, ..ask("") }).unwrap();
        all.extend(page.rows.into_iter().map(|row| (row.number, row.ship_by_ms)));
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

/// Every order stands in the queue once and in order, a place in the middle is the same by its number and by its key,
/// and a number finds its order.
fn check_queue(house: &House, orders: i64) {
    let all = walked(house);
    assert_eq!(all.len() as i64, orders);
    assert_eq!(all.iter().map(|(number, _)| number).collect::<BTreeSet<_>>().len() as i64, orders, "each once");
    assert!(all.is_sorted_by_key(|(_, ship_by_ms)| ship_by_ms.unwrap_or(i64::MAX)), "by deadline");
    let numbers = |page: &QueuePage| page.rows.iter().map(|row| row.number.clone()).collect::<Vec<_>>();
    let part = |from: usize| all[from..from + 100].iter().map(|(number, _)| number.clone()).collect::<Vec<_>>();

    let first = house.desk.queue(ask("")).unwrap();
    assert_eq!((numbers(&first), first.total, first.total_at_least), (part(0), orders, false));

    let middle = all.len() / 2;
    let by_place = house.desk.queue(QueueAsk { skip: middle as u32, ..ask("") }).unwrap();
    assert_eq!(numbers(&by_place), part(middle));
    assert!(by_place.start.is_some(), "a far place has a key");
    let by_key = house.desk.queue(QueueAsk { after: by_place.start.clone(), ..ask("") }).unwrap();
    assert_eq!(numbers(&by_key), part(middle), "the key leads to the same place");
    let further = house.desk.queue(QueueAsk { after: by_place.next, ..ask("") }).unwrap();
    assert_eq!(numbers(&further), part(middle + 100));

    let wanted = format!("#{}", orders * 42 / 100);
    let found = house.desk.queue(ask(&wanted)).unwrap();
    assert_eq!((numbers(&found), found.total), (vec![wanted], 1));
    let none = house.desk.queue(ask(&format!("#{}", orders * 42))).unwrap();
    assert_eq!((none.rows.len(), none.total), (0, 0));
}

#[test]
fn a_long_queue_is_whole_in_order_and_found_by_number() {
    let orders = 2_000;
    check_queue(&house_with(orders), orders);
}

#[test]
#[ignore = "measures, takes minutes"]
fn screens_with_many_orders() {
    let orders: i64 = std::env::var("QUAYSIDE_MANY").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let begun = Instant::now();
    let house = house_with(orders);
    println!("{orders} orders ingested in {:.1} s", begun.elapsed().as_secs_f64());
    check_queue(&house, orders);
    let time = |what: &str, work: &dyn Fn()| {
        work();
        let mut took: Vec<f64> = (0..20)
            .map(|_| {
                let begun = Instant::now();
                work();
                begun.elapsed().as_secs_f64() * 1000.0
            })
            .collect();
        took.sort_by(f64::total_cmp);
        println!("{what}: median {:.2} ms, worst {:.2} ms", took[10], took[19]);
        assert!(
            !what.starts_with("queue") || took[10] < HESITATES_MS,
            "{what}: a key of a person would wait {:.0} ms for {orders} orders",
            took[10]
        );
    };
    time("queue", &|| drop(house.desk.queue(ask("")).unwrap()));
    let far = (orders / 2) as u32;
    let start = house.desk.queue(QueueAsk { skip: far, ..ask("") }).unwrap().start;
    time("queue, middle by key", &|| drop(house.desk.queue(QueueAsk { after: start.clone(), ..ask("") }).unwrap()));
    time("queue, search", &|| drop(house.desk.queue(ask("anna HG-LAMP")).unwrap()));
    time("queue, one number", &|| drop(house.desk.queue(ask("#4242")).unwrap()));
    time("queue, turned around", &|| drop(house.desk.queue(ask("-country:DE value:>100")).unwrap()));
    time("counts", &|| drop(house.desk.counts().unwrap()));
    time("home", &|| drop(house.desk.home().unwrap()));
    time("unfulfilled", &|| drop(house.desk.unfulfilled().unwrap()));
    time("exceptions", &|| drop(house.desk.exceptions(ExceptionsAsk::default()).unwrap()));
    time("activity", &|| drop(house.desk.activity().unwrap()));
    time("effects", &|| drop(house.desk.effects(ActivityAsk::default()).unwrap()));
    time("history", &|| drop(house.desk.history(ActivityAsk::default()).unwrap()));
    time("connections", &|| drop(house.desk.connections().unwrap()));
    time("automations", &|| drop(house.desk.automations().unwrap()));
    let begun = Instant::now();
    drop(house.desk.plan(None, None, 0).unwrap());
    println!("plan: {:.1} s", begun.elapsed().as_secs_f64());
}
