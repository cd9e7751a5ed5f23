//! Rules of the engine that hold whatever the platforms do (`docs/ARCHITECTURE.md`, Invariants), counted after a run.
//!
//! Not here: what became of orders and parcels, and rate limits (`oracle.rs`); in which order an order's changes arrived
//! (`sequence.rs`); and rules that no run can break because the schema forbids
//! them, unless a second look is cheap.

use crate::oracle::{Count, Went};
use quayside_model::time::HOUR_MS;
use quayside_model::{ConnectionId, Record, RecordKind};
use quayside_sandbox::Sandbox;
use quayside_store::{Reader, Store, StoreError};

/// Up to so many orders the whole store is read once more: for secrets, and order by order.
const SMALL: usize = 150;
/// An idle stream is read four times less often than usual, at most every four hours and a half: what happened later
/// than this may be unknown.
const NEW_MS: i64 = 6 * HOUR_MS;
/// Of a longer run, every so manieth order is compared.
const SAMPLE: usize = 8;

/// Counts what is broken.
// `store.read(Reader::audit_outbox)` does not compile: a method of a type with a lifetime is not general over it.
#[allow(clippy::redundant_closure_for_method_calls)]
pub(crate) fn check(sandbox: &Sandbox, store: &Store, went: &Went, broken: &mut Count) -> Result<(), StoreError> {
    let now_ms = went.now_ms;
    // The order of changes is then told by the ledger alone (`sequence.rs`).
    let by_any_clock = went.hands_moved;
    for story in store.read(|r| if by_any_clock { r.audit_outbox_by_any_clock() } else { r.audit_outbox() })? {
        broken.add(|| story);
    }
    let orders = sandbox.truth.orders.len();
    let world = World { sandbox, now_ms, every: if orders <= SMALL { 1 } else { SAMPLE } };
    read_to_the_end(&world, store, broken)?;
    if orders <= SMALL {
        no_secrets(sandbox, store, &went.handed_out, broken)?;
    }
    Ok(())
}

/// The platforms' side at the end of a run.
struct World<'a> {
    sandbox: &'a Sandbox,
    now_ms: i64,
    /// Every so manieth order is compared.
    every: usize,
}

impl World<'_> {
    /// Something happened to the order so short a time ago that the desk need not know yet.
    fn is_new(&self, order: &str) -> bool {
        let tail = order.rsplit('/').next().unwrap_or(order);
        let mut new = self.sandbox.ledger.entries.iter().filter(|entry| self.now_ms - entry.at_ms < NEW_MS);
        new.any(|entry| entry.subject.contains(tail) || entry.detail.to_string().contains(tail))
    }
}

/// A cursor claims that everything before it was read: after two quiet days that is everything. An order that the store
/// shows otherwise than the desk has it changed, and was passed by.
fn read_to_the_end(world: &World<'_>, store: &Store, broken: &mut Count) -> Result<(), StoreError> {
    store.read(|r| {
        for view in world.sandbox.order_views().into_iter().step_by(world.every) {
            let Some(truth) = world.sandbox.truth.orders.get(&view.id) else { continue };
            let account = ConnectionId::new(&truth.account);
            let Some(Record::Order(order)) = r.record(&account, RecordKind::Order, &view.id)? else {
                // An opportunity that is not won is no order yet; a store shows more than it hands out.
                if truth.belongs_at_hub() && must_be_read(r, &account)? && !world.is_new(&view.id) {
                    broken.add(|| format!("{} ({}) was never read", view.name, view.id));
                }
                continue;
            };
            if order.is_cancelled() != view.cancelled && !world.is_new(&view.id) {
                broken.add(|| {
                    let (here, there) = (order.is_cancelled(), view.cancelled);
                    format!("{} ({}): cancelled {there} in the store, {here} here", view.name, view.id)
                });
            }
            let seen = view.shipments.is_empty() || order.fulfillments.iter().any(|told| told.live);
            if !seen && !world.is_new(&view.id) {
                broken.add(|| format!("{} ({}): told in the store, and not seen here", view.name, view.id));
            }
        }
        Ok(())
    })
}

/// An account that was read at all.
fn must_be_read(r: &Reader<'_>, account: &ConnectionId) -> Result<bool, StoreError> {
    Ok(r.streams(account)?.iter().any(|stream| stream.last_ok_at_ms.is_some()))
}

/// Of keys that were handed out so many are looked for, every so manieth: one that leaks leaks like the others.
const HANDED_OUT_MOST: usize = 16;
/// Field under which platforms hand out keys that live for an hour.
const HANDED_OUT: &str = "\"access_token\":\"";

/// Secrets are in the keychain and in headers, nowhere else; answers that are kept are looked into like everything.
fn no_secrets(sandbox: &Sandbox, store: &Store, handed_out: &[String], broken: &mut Count) -> Result<(), StoreError> {
    let mut secrets: Vec<String> = handed_out.iter().step_by(handed_out.len() / HANDED_OUT_MOST + 1).cloned().collect();
    for account in sandbox.accounts() {
        let platform = quayside_connectors::platform(&account.platform);
        let ways = platform.map_or(&[][..], |platform| platform.declaration.ways);
        for field in ways.iter().filter(|way| way.id == account.way).flat_map(|way| way.fields) {
            secrets.extend(account.fields.get(field.name).filter(|_| field.secret).cloned());
        }
    }
    let known = secrets.iter().map(String::as_str).filter(|secret| secret.len() >= 8);
    let needles: Vec<&str> = known.chain([HANDED_OUT]).collect();
    for column in store.read(|r| r.columns_with(&needles))? {
        broken.add(|| format!("a secret is in {column}"));
    }
    Ok(())
}
