//! What each platform is asked for a piece of work, in virtual time: one JSON line per figure, goal and ratio in it.
//!
//! `cargo bench -p quayside-simulator`, or without optimisation `cargo test -p quayside-simulator --bench platforms`: time
//! is virtual, and both say the same. One platform, fewer orders, one kind of figure: `QUAYSIDE_TRAFFIC_ONLY=amazon`,
//! `QUAYSIDE_TRAFFIC_ORDERS=1000`, `QUAYSIDE_TRAFFIC_WORK=drain` (or `freshness`, or `calls`). A share below its goal is
//! `missed`. Each platform has a line `drain` for either direction: orders read and parcels told at a store, orders made
//! and parcels read at a hub. What waits for answers says why, and for how much of the time one was under way
//! (`in_flight`).
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use quayside_simulator::{CELLS, Cell, FLOORS, Floor, Role, Traffic, Waits, Work, Yard, freshness};
use serde_json::{Value, json};

/// As in the simulated weeks.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const GOAL_SHARE: f64 = 0.95;
/// What is over sooner lives on what the allowance had saved up: no share is missed by it, minutes.
const LONG_MIN: f64 = 2.0;
/// Of these the calls of telling the store are counted while nothing else is asked of it.
const ALONE: usize = 1_000;
const CHANGES: usize = 500;

fn main() {
    let orders = std::env::var("QUAYSIDE_TRAFFIC_ORDERS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let only = std::env::var("QUAYSIDE_TRAFFIC_ONLY").unwrap_or_default();
    let work = std::env::var("QUAYSIDE_TRAFFIC_WORK").unwrap_or_default();
    let wanted = |kind: &str| work.is_empty() || work == kind;
    for floor in FLOORS.iter().filter(|floor| floor.platform.starts_with(&only)) {
        if wanted("drain") || wanted("calls") {
            traffic(floor, orders, wanted("calls"));
        }
        if wanted("freshness") {
            freshness_of(floor, orders);
        }
    }
}

/// What a platform is asked; `calls`: besides the backlog, how many calls each piece of work takes.
fn traffic(floor: &Floor, orders: usize, calls: bool) {
    let cell = |work| CELLS.iter().find(|cell| cell.platform == floor.platform && cell.work == work).unwrap();
    let yard = Yard::open(floor.role, floor.platform, orders).unwrap();
    let orders = yard.pieces();
    let import = yard.import().unwrap();
    let orders_in = yard.orders_in().unwrap();
    match floor.role {
        Role::Channel => {
            say_drain(cell(Work::Import), &import, orders);
            if calls {
                say(cell(Work::Import), &import, orders);
                if floor.platform == "shopify" {
                    println!(
                        "{}",
                        json!({
                            "bench": "first_import", "platform": floor.platform, "orders": orders,
                            "orders_per_minute": two(import.orders as f64 / import.minutes), "points_a_second": 100,
                        })
                    );
                }
            }
            yard.parcels_out().unwrap();
            let drained = yard.write_back(true).unwrap();
            say_drain(cell(Work::WriteBack), &drained, orders);
            if calls {
                let alone = Yard::open(floor.role, floor.platform, ALONE.min(orders)).unwrap();
                let orders = alone.pieces();
                alone.import().unwrap();
                alone.orders_in().unwrap();
                alone.parcels_out().unwrap();
                say_calls(cell(Work::WriteBack), &alone.write_back(false).unwrap(), orders);
            }
        }
        Role::Hub => {
            say_drain(cell(Work::OrdersIn), &orders_in, orders);
            let parcels_out = yard.parcels_out().unwrap();
            say_drain(cell(Work::ParcelsOut), &parcels_out, orders);
            if calls {
                say(cell(Work::OrdersIn), &orders_in, orders);
                say(cell(Work::ParcelsOut), &parcels_out, orders);
            }
        }
    }
}

/// From a change to the row that shows it, beside the platform's floor.
fn freshness_of(floor: &Floor, orders: usize) {
    let fresh = freshness(floor.role, floor.platform, CHANGES.min(orders), 1).unwrap();
    println!(
        "{}",
        json!({
            "bench": "freshness", "platform": floor.platform, "changes": fresh.changes,
            "median_s": fresh.median_s, "p99_s": fresh.p99_s, "busy_median_s": fresh.busy_median_s,
            "idle_median_s": fresh.idle_median_s, "floor_s": floor.floor_s, "why": floor.why,
            "interval_s": floor.interval_s, "idle_interval_s": floor.idle_s,
        })
    );
}

/// Calls and share of a step.
fn say(cell: &Cell, took: &Traffic, orders: usize) {
    println!("{}", with_share(calls(cell, took, orders), cell, took));
}

/// A backlog of a direction, and what it waits for.
fn say_drain(cell: &Cell, took: &Traffic, orders: usize) {
    println!("{}", with_share(drain(cell, took, orders), cell, took));
}

/// Calls only.
fn say_calls(cell: &Cell, took: &Traffic, orders: usize) {
    println!("{}", calls(cell, took, orders));
}

fn calls(cell: &Cell, took: &Traffic, orders: usize) -> Value {
    assert_eq!(took.orders, orders, "{} {}: {took:?}", cell.platform, cell.work.code());
    json!({
        "bench": cell.work.code(), "platform": cell.platform, "orders": orders, "calls": took.calls,
        "calls_per_order": took.calls_per_order, "goal_calls_per_order": cell.fewest,
        "ratio": two(took.calls_per_order / cell.fewest), "fewest_because": cell.why, "more_because": cell.because,
        "minutes": two(took.minutes),
    })
}

fn drain(cell: &Cell, took: &Traffic, orders: usize) -> Value {
    assert_eq!(took.orders, orders, "{} {}: {took:?}", cell.platform, cell.work.code());
    json!({
        "bench": "drain", "platform": cell.platform, "work": cell.work.code(), "orders": orders,
        "calls": took.calls, "reads": took.reads,
        "calls_per_order": took.calls_per_order, "minutes": two(took.minutes),
        "minutes_said_beforehand": took.said_minutes.map(two),
    })
}

/// The share goes with what waits for an allowance; the rest says that it waits for answers.
fn with_share(mut line: Value, cell: &Cell, took: &Traffic) -> Value {
    line["allowance"] = json!(took.allowance);
    line["share_of_allowed"] = json!(took.used);
    line["in_flight"] = json!(two(took.in_flight));
    line["goal_share"] = json!(cell.by_allowance().then_some(GOAL_SHARE));
    line["missed"] = json!(cell.by_allowance() && took.minutes >= LONG_MIN && took.used < GOAL_SHARE);
    match cell.waits {
        Waits::Allowance => line["waits_for"] = json!("allowance"),
        Waits::Answers(why) => {
            line["waits_for"] = json!("answers");
            line["waits_because"] = json!(why);
        }
    }
    line
}

fn two(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
