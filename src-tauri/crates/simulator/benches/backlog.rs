//! 10,000 paid orders into a hub that allows 40 calls a minute, in virtual time: one JSON line.
//!
//! `cargo bench -p quayside-simulator`
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "../../store/tests/support/mod.rs"]
mod support;

use quayside_model::{Incoming, Order, Record};
use support::{DAY, NOW, order, raw};

const ORDERS: i64 = 10_000;

fn main() {
    let records: Vec<Incoming> = (0..ORDERS)
        .map(|n| {
            let order = Order { placed_at_ms: NOW - DAY + n, ..order(n) };
            let raw = raw(&order);
            Incoming { record: Record::Order(order), raw }
        })
        .collect();
    let drained = quayside_simulator::drain(&records, NOW, 40).unwrap();
    assert_eq!(drained.at_hub, drained.orders, "{drained:?}");
    println!(
        "{}",
        serde_json::json!({
            "bench": "backlog_into_v1", "orders": drained.orders, "calls": drained.calls, "minutes": drained.minutes,
            "calls_per_order": drained.calls_per_order, "goal_calls_per_order": 0.03,
            "share_of_allowed_calls": drained.used, "goal_share": 0.95,
        })
    );
}
