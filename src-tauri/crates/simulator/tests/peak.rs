//! The worst hour of the year: five stores, two hubs, the limits their platforms have. A fifth of it with every change, all of
//! it before a release (`benches/peak.rs` prints its figures).
#![allow(missing_docs, clippy::unwrap_used)]

use quayside_simulator::{PEAK_ORDERS, peak};
use std::collections::BTreeSet;

/// As in the simulated weeks.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn stands(orders: usize) {
    let peak = peak(orders).unwrap();
    assert_eq!((peak.orders, peak.unfinished), (orders, 0), "not everything arrived: {} pieces", peak.pieces);
    assert_eq!(peak.throttled, 0, "a limit was run into");
    assert!(peak.overtaken.is_empty(), "who was due first did not go first: {:#?}", peak.overtaken);
    let lines: BTreeSet<&str> = peak.long().map(|said| said.account.as_str()).collect();
    assert!(lines.len() >= 3, "hardly a line came about: {lines:?}");
    let wrong: Vec<_> = peak.long().filter(|said| !said.is_right()).collect();
    assert!(wrong.is_empty(), "{} of {} estimates are wrong: {:#?}", wrong.len(), peak.long().count(), wrong.first());
}

#[test]
#[ignore = "four minutes: make chaos"]
fn a_fifth_of_the_worst_hour_is_carried_in_order_and_as_long_as_was_said() {
    stands(PEAK_ORDERS / 5);
}

#[test]
#[ignore = "twenty thousand orders, some minutes: cargo test -p quayside-simulator --test peak -- --ignored"]
fn the_worst_hour_is_carried_in_order_and_as_long_as_was_said() {
    stands(PEAK_ORDERS);
}
