//! How long screens take with many orders. Not a check of limits: prints what it measured.
//!
//! `cargo test -p quayside-api --release --test desk many -- --ignored --nocapture`

use crate::house::{House, NOW, order, shop};
use quayside_api::view::{ActivityAsk, ExceptionsAsk, QueueAsk};
use quayside_engine::{ingest, policy};
use quayside_model::time::MINUTE_MS;
use quayside_model::{Incoming, Order, Page, Record, RecordKind};
use std::time::Instant;

#[test]
#[ignore = "measures, takes minutes"]
fn screens_with_many_orders() {
    let orders: i64 = std::env::var("QUAYSIDE_MANY").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let house = House::new().auto();
    let policy = house.store.read(policy::load).unwrap();
    let begun = Instant::now();
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
    println!("{orders} orders ingested in {:.1} s", begun.elapsed().as_secs_f64());
    let ask = |text: &str| QueueAsk { text: text.into(), ..QueueAsk::default() };
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
    };
    time("queue", &|| drop(house.desk.queue(ask("")).unwrap()));
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
