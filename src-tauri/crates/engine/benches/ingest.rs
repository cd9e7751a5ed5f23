//! Orders from a page to the outbox, end to end: record, row, index, story, the real decisions, effect, cursor, in one
//! transaction per page of 250, into an encrypted file. One JSON line.
//!
//! `cargo bench -p quayside-engine`. The same rows put bare into SQLCipher: `cargo bench -p quayside-store`.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::wildcard_imports, missing_docs)]

#[path = "../../store/tests/support/mod.rs"]
mod support;

use quayside_engine::{ingest, policy};
use quayside_flows::stock;
use quayside_model::*;
use quayside_store::{AutomationRow, Store, StreamState};
use std::time::{Duration, Instant};
use support::*;

/// As the programs have it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ORDERS: i64 = 20_000;
const PAGE: i64 = 250;

fn main() {
    // Everything on but *Stock*, as after "go live" without a name; and with it, which adds up what orders hold.
    measure("ingest_and_decide", &[stock::ID]);
    measure("ingest_and_decide_with_stock", &[]);
}

fn measure(bench: &str, off: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("ingest.db"), &key(7)).unwrap();
    store
        .write(|tx| {
            tx.put_connection(&account(&shop(), "shopify", "s1"))?;
            tx.put_connection(&account(&hub(), "shipstation", "h1"))?;
            for automation in quayside_flows::automations() {
                let settings = serde_json::Value::Null;
                let id = automation.id.to_owned();
                let mode = if off.contains(&automation.id) { Mode::Off } else { Mode::Auto };
                tx.put_automation(&AutomationRow { id, mode, go_live_ms: None, settings })?;
            }
            Ok(())
        })
        .unwrap();
    let policy = store.read(policy::load).unwrap();
    let (mut took, mut worked, mut effects) = (Duration::ZERO, Duration::ZERO, 0);
    let stream = StreamState::new(&shop(), "orders");
    for from in (0..ORDERS).step_by(PAGE as usize) {
        let records = (from..from + PAGE).map(|n| Incoming { record: Record::Order(order(n)), raw: raw(&order(n)) });
        let records = records.collect();
        let page = Page {
            records,
            unreadable: vec![],
            cursor: serde_json::json!(from),
            next: None,
            mended: vec![],
            total: None,
            findings: None,
            asked: true,
        };
        let (begun, cpu) = (Instant::now(), cpu());
        let done = ingest(&store, &policy, &shop(), RecordKind::Order, &page, Some(&stream), NOW).unwrap();
        took += begun.elapsed();
        worked += self::cpu().saturating_sub(cpu);
        effects += done.new_effects;
    }
    assert_eq!(effects as i64, ORDERS, "every order goes to the hub");
    println!(
        "{}",
        serde_json::json!({
            "bench": bench, "orders": ORDERS, "goal": 5_000,
            "orders_per_s": (ORDERS as f64 / took.as_secs_f64()).round(),
            "orders_per_cpu_s": (ORDERS as f64 / worked.as_secs_f64()).round(),
        })
    );
}

/// What this thread worked so far: tells a slow program from a busy machine.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|ns| ns.parse().ok()).map_or(Duration::ZERO, Duration::from_nanos)
}
