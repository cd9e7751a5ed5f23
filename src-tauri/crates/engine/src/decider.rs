//! Looks again at orders whose time has come: holds end, deadlines near, settings changed.

use crate::engine::Shared;
use crate::ingest::redecide;
use quayside_model::OrderId;
use quayside_model::time::{MINUTE_MS, SECOND_MS};
use std::sync::Arc;

/// Orders per transaction: few enough that a person's write never waits long.
const AT_ONCE: usize = 100;
/// Its name among those who may be unable to use the store.
const WORKER: &str = "decider";

/// Runs until the engine stops.
pub(crate) async fn run(shared: Arc<Shared>) {
    while !shared.is_stopping() {
        let pause_ms = step(&shared).unwrap_or_else(|error| {
            tracing::error!(%error, "orders could not be looked at again");
            shared.fares(WORKER, Some(&error));
            10 * SECOND_MS
        });
        if pause_ms > 0 {
            shared.nap(pause_ms, &shared.decider_bell).await;
        } else {
            tokio::task::yield_now().await;
        }
    }
}

/// One batch; how long nothing is due after it, ms.
fn step(shared: &Shared) -> Result<i64, quayside_store::StoreError> {
    let now_ms = shared.clock.now_ms();
    let policy = shared.policy();
    let mut due: Vec<OrderId> = shared.take_wanted(AT_ONCE);
    if due.is_empty() {
        due = shared.store.read(|r| r.orders_to_look_at(now_ms, AT_ONCE))?;
    }
    if due.is_empty()
        && let Some(after) = shared.sweep_from()
    {
        due = shared.store.read(|r| r.open_orders(after, AT_ONCE))?;
        shared.sweep_to(due.last().copied());
    }
    if due.is_empty() {
        let woken = shared.store.write(|tx| tx.wake_snoozed(now_ms))?.len();
        let next = shared.store.read(|r| r.next_look_at())?;
        shared.fares(WORKER, None);
        if woken > 0 {
            return Ok(0);
        }
        return Ok(next.map_or(10 * MINUTE_MS, |at| (at - now_ms).clamp(1, 10 * MINUTE_MS)));
    }
    let planned = shared.store.write(|tx| {
        let mut planned = 0;
        for id in &due {
            planned += redecide(tx, &policy, *id, now_ms)?;
        }
        Ok(planned)
    })?;
    shared.fares(WORKER, None);
    if planned > 0 {
        shared.ring_all();
    }
    Ok(0)
}
