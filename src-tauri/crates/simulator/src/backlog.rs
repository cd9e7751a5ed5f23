//! A backlog and its limit: many orders are in the store, their hub takes so many calls a minute.
//! How many of the calls it allows are used, and how many each order costs.
//!
//! Only the hub is at work: the stores are paused, so that every request of the run is one to it.

use crate::clock::VirtualClock;
use crate::life::{self, SimTrouble};
use crate::wire::{MemoryWire, lock};
use quayside_connectors::platform;
use quayside_engine::{EngineSetup, Naps, ingest, policy};
use quayside_model::time::{DAY_MS, MINUTE_MS};
use quayside_model::{Incoming, Page, RecordKind, Role};
use quayside_sandbox::shipstation::ShipStationPlan;
use quayside_sandbox::{Sandbox, SandboxPlan};
use quayside_store::Store;
use serde::Serialize;
use std::sync::{Arc, Mutex};

/// Records taken in at once: a page of a platform.
const PAGE: usize = 250;

/// How a backlog drained.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drained {
    /// Orders in the backlog.
    pub orders: usize,
    /// Orders that are at the hub in the end.
    pub at_hub: usize,
    /// Calls up to the last that brought orders, polls included.
    pub calls: usize,
    /// The same per order.
    pub calls_per_order: f64,
    /// Whole minutes that passed meanwhile.
    pub minutes: usize,
    /// Of the calls allowed in these minutes, the share that was used.
    pub used: f64,
}

/// Takes in `records` (orders of one store) and lets them drain into a hub that allows
/// `calls_per_minute`, in virtual time from `start_ms` on.
pub fn drain(records: &[Incoming], start_ms: i64, calls_per_minute: u32) -> Result<Drained, SimTrouble> {
    let hub = ShipStationPlan { calls_per_minute, ..ShipStationPlan::default() }.only_v1();
    let plan = SandboxPlan { alive: false, hub: Some(hub), ..SandboxPlan::new(1, start_ms) };
    let sandbox = Arc::new(Mutex::new(Sandbox::new(plan)));
    let clock = Arc::new(VirtualClock::new(start_ms));
    let wire = Arc::new(MemoryWire::new(sandbox.clone(), clock.clone()));
    let store = Store::in_memory();
    let keys = Arc::new(life::connect(&sandbox, &clock, &wire, &store, 600)?);
    life::go_live(&store)?;
    let channel = store.write(|tx| {
        let mut channels = Vec::new();
        for mut config in tx.connections()? {
            if platform(&config.platform).is_some_and(|it| it.declaration.roles.contains(&Role::Channel)) {
                config.paused = true;
                tx.put_connection(&config)?;
                channels.push(config.id);
            }
        }
        Ok(channels.swap_remove(0))
    })?;
    let policy = store.read(policy::load)?;
    for records in records.chunks(PAGE) {
        let records = records.to_vec();
        let page = Page { records, unreadable: vec![], cursor: serde_json::Value::Null, next: None, total: None };
        ingest(&store, &policy, &channel, RecordKind::Order, &page, None, start_ms)?;
    }
    // A new minute, so that none of the calls the sign-in needed counts.
    clock.jump(2 * MINUTE_MS);
    wire.forget_sent();
    let setup = EngineSetup {
        store,
        secrets: keys,
        wire: wire.clone(),
        clock: clock.clone(),
        seed: 1,
        naps: Naps { longest_ms: 10 * MINUTE_MS },
    };
    life::live(setup, &clock, DAY_MS / 12)?;
    let sent = wire.sent();
    let last = sent.iter().filter(|one| one.path.contains("createorder")).map(|one| one.at_ms).max();
    let (Some(first), Some(last)) = (sent.first().map(|one| one.at_ms), last) else {
        return Err(SimTrouble::Connect { account: "the hub".into(), why: "no order was sent".into() });
    };
    let minutes = usize::try_from((last - first) / MINUTE_MS).unwrap_or(0);
    let until = first + minutes as i64 * MINUTE_MS;
    let used = sent.iter().filter(|one| one.at_ms < until).count();
    let calls = sent.iter().filter(|one| one.at_ms <= last).count();
    let at_hub = lock(&sandbox).hubs[0].state.orders.len();
    Ok(Drained {
        orders: records.len(),
        at_hub,
        calls,
        calls_per_order: calls as f64 / records.len().max(1) as f64,
        minutes,
        used: used as f64 / (minutes.max(1) as f64 * f64::from(calls_per_minute)),
    })
}
