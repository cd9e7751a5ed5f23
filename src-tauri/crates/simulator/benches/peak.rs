//! Twenty thousand orders in one hour over five stores and two hubs, in virtual time: what it took, and how right the desk was
//! about it beforehand. One JSON line for the peak and one for each account that a line stood in front of.
//!
//! `cargo bench -p quayside-simulator --bench peak`; fewer orders at the same rate: `QUAYSIDE_PEAK_ORDERS=4000`.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use quayside_simulator::{PEAK_ORDERS, Said, peak};
use serde_json::json;
use std::collections::BTreeMap;

/// As in the simulated weeks.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let orders = std::env::var("QUAYSIDE_PEAK_ORDERS").ok().and_then(|n| n.parse().ok()).unwrap_or(PEAK_ORDERS);
    let peak = peak(orders).unwrap();
    println!(
        "{}",
        json!({
            "bench": "peak", "orders": peak.orders, "pieces": peak.pieces, "over_minutes": peak.over_minutes,
            "in_hubs_minutes": peak.in_hubs_minutes, "told_minutes": peak.told_minutes, "calls": peak.calls,
            "throttled": peak.throttled, "unfinished": peak.unfinished, "overtaken": peak.overtaken.len(),
        })
    );
    let mut lines: BTreeMap<&str, Vec<&Said>> = BTreeMap::new();
    for said in peak.long() {
        lines.entry(said.account.as_str()).or_default().push(said);
    }
    for (account, said) in lines {
        let longest = said.iter().map(|said| said.took_s).fold(0.0, f64::max);
        let worst = said.iter().map(|said| said.off()).fold(0.0, f64::max);
        let mean = said.iter().map(|said| said.off()).sum::<f64>() / said.len() as f64;
        println!(
            "{}",
            json!({
                "bench": "peak_line", "account": account, "samples": said.len(),
                "waiting_at_most": said.iter().map(|said| said.waiting).max(), "longest_minutes": two(longest / 60.0),
                "off_mean": two(mean), "off_worst": two(worst), "goal_off": 0.1,
            })
        );
    }
}

fn two(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
