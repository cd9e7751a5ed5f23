//! A profile with as many orders as a large store has, taken in as the engine takes them in, without the hour the store's own
//! limits would need to hand them over. For the engine's figures and for the window's.
#![allow(clippy::unwrap_used, clippy::wildcard_imports)]

#[path = "../../../store/tests/support/mod.rs"]
mod support;

use quayside_api::{Keychain as _, Profile, SystemKeychain};
use quayside_engine::{ingest, policy};
use quayside_model::*;
use quayside_store::Store;
use serde_json::json;
use std::path::Path;
use support::{DAY, order, raw};

/// Orders per transaction: a page of a platform.
const PAGE: i64 = 250;

/// Orders of the last two months in the first store, as the engine takes them in; of two, one is through.
/// Returns how many are open.
pub fn fill(folder: &Path, orders: i64, now_ms: i64) -> u64 {
    let profile = Profile::at(folder).unwrap();
    let key = SystemKeychain::new(profile.id()).database_key().unwrap().unwrap();
    let store = Store::open(&profile.database(), &key).unwrap();
    let (policy, accounts) = store.read(|r| Ok((policy::load(r)?, r.connections()?))).unwrap();
    let shop = &accounts.iter().find(|account| account.platform == "shopify").unwrap().id;
    for from in (0..orders).step_by(PAGE as usize) {
        let records = (from..orders.min(from + PAGE)).map(|n| {
            let mut order = order(n);
            order.placed_at_ms = now_ms - 60 * DAY + n * (60 * DAY / orders);
            order.updated_at_ms = order.placed_at_ms;
            if n % 2 == 0 {
                order.closed_at_ms = Some(order.placed_at_ms + DAY);
                for line in &mut order.lines {
                    line.unfulfilled_quantity = 0;
                }
                for part in &mut order.fulfillment_orders {
                    part.status = "closed".into();
                    part.can_fulfill = false;
                    for line in &mut part.lines {
                        line.remaining_quantity = 0;
                    }
                }
            }
            let raw = raw(&order);
            Incoming { record: Record::Order(order), raw }
        });
        let page = Page {
            records: records.collect(),
            unreadable: vec![],
            cursor: json!(from),
            next: None,
            mended: vec![],
            total: None,
            findings: None,
            asked: true,
        };
        ingest(&store, &policy, shop, RecordKind::Order, &page, None, now_ms).unwrap();
    }
    store.read(|r| r.queue_counts(now_ms, now_ms)).unwrap().open
}
