//! SKUs that are to be looked at: what every account counts, what orders hold, and what follows from it.

use quayside_connectors::platform;
use quayside_flows::stock::{self, counted_as};
use quayside_flows::{Policy, decide};
use quayside_model::alias::fold;
use quayside_model::time::DAY_MS;
use quayside_model::{ConnectionId, OrderId, RecordKind, Role, ShelfFacts};
use quayside_store::{Reader, ShelfSpan, Shelved, Store, StoreError, Tx};
use std::collections::BTreeSet;

/// A count that is older than any setting lets it be.
const OLDEST_MS: i64 = 31 * DAY_MS;
/// Counts per transaction when all are gone through.
const AT_ONCE: usize = 500;

/// All that is known of a SKU, and of the parts of bundles that are counted by its name.
pub fn facts(reader: &Reader<'_>, policy: &Policy, sku: &str, now_ms: i64) -> Result<ShelfFacts, StoreError> {
    let mut facts = of_one(reader, policy, sku, now_ms)?;
    let bundles = facts.counts.iter().filter(|count| count.bundle);
    let parts: BTreeSet<String> =
        bundles.flat_map(|count| stock::parts_of(policy, count)).map(|part| fold(&part.sku)).collect();
    for part in parts {
        facts.parts.push(of_one(reader, policy, &part, now_ms)?);
    }
    Ok(facts)
}

/// The same of one SKU alone.
fn of_one(reader: &Reader<'_>, policy: &Policy, sku: &str, now_ms: i64) -> Result<ShelfFacts, StoreError> {
    let span = ShelfSpan {
        placed_ms: stock::orders_since_ms(policy, now_ms),
        left_ms: now_ms - OLDEST_MS,
        sold_ms: now_ms - stock::pace_ms(policy),
    };
    let mut facts = reader.shelf(sku, span)?;
    let mut accounts: Vec<ConnectionId> = facts.counts.iter().map(|count| count.connection.clone()).collect();
    accounts.dedup();
    for account in accounts {
        if let Some(at_ms) = orders_read_ms(reader, policy, &account)? {
            facts.orders_read_ms.push((account, at_ms));
        }
    }
    Ok(facts)
}

/// When the account's list of orders that is read most often was last read to its end.
fn orders_read_ms(reader: &Reader<'_>, policy: &Policy, account: &ConnectionId) -> Result<Option<i64>, StoreError> {
    let Some(peer) = policy.peers.get(account).filter(|peer| peer.roles.contains(&Role::Channel)) else {
        return Ok(None);
    };
    let streams = platform(&peer.platform).map_or(&[][..], |platform| platform.declaration.streams);
    let orders = streams.iter().filter(|decl| decl.record == RecordKind::Order && !decl.backfill);
    let Some(decl) = orders.min_by_key(|decl| decl.interval_s) else { return Ok(None) };
    let known = reader.streams(account)?;
    Ok(known.iter().find(|state| state.name == decl.name).and_then(|state| state.last_ok_at_ms))
}

/// Decides one SKU anew from everything the store knows.
pub fn decide_shelf(tx: &mut Tx<'_>, policy: &Policy, sku: &str, now_ms: i64) -> Result<Shelved, StoreError> {
    let facts = facts(tx, policy, sku, now_ms)?;
    let decision = stock::decide(&facts, policy, now_ms);
    let done = tx.put_shelf(sku, &decision, now_ms)?;
    mark_sets(tx, policy, &facts, now_ms)?;
    Ok(done)
}

/// Bundles that were decided when another number of this part could be promised are to be looked at again. What they saw is
/// compared, so that two bundles that are parts of each other come to rest.
fn mark_sets(tx: &mut Tx<'_>, policy: &Policy, facts: &ShelfFacts, now_ms: i64) -> Result<(), StoreError> {
    let (mut sets, by_variant) = policy.shapers.aliases.sets_with(&facts.sku);
    if by_variant {
        sets.extend(tx.bundles()?);
    }
    if sets.is_empty() {
        return Ok(());
    }
    let now = stock::promise(facts, policy, now_ms);
    for set in sets {
        let Some(says) = tx.shelf_says(&set)? else { continue };
        let parts = says.sides.iter().flat_map(|side| &side.parts);
        if parts.filter(|part| fold(&part.sku) == facts.sku).any(|part| stock::has_moved(part, &now)) {
            tx.mark_shelf(&set, now_ms)?;
        }
    }
    Ok(())
}

/// Writes down what an order holds or took of each SKU, and nothing else of what would be decided about it now.
pub(crate) fn keep_share(tx: &mut Tx<'_>, policy: &Policy, id: OrderId, now_ms: i64) -> Result<(), StoreError> {
    let Some(story) = tx.story(id)? else { return Ok(()) };
    match decide(&story, policy, now_ms).held {
        Some(held) => tx.put_held(id, &held, now_ms),
        None => Ok(()),
    }
}

/// Every order was looked at: what they hold is whole, and every SKU is looked at under the settings of now.
pub(crate) fn all_again(store: &Store, policy: &Policy, now_ms: i64) -> Result<(), StoreError> {
    if stock::adds_up(policy) {
        store.write(|tx| tx.held_is_whole(now_ms))?;
    }
    let (mut account, mut name) = (String::new(), String::new());
    loop {
        let counts = store.read(|r| r.counts_after((&account, &name), AT_ONCE))?;
        let Some((last_account, last_name, ..)) = counts.last() else { return Ok(()) };
        (account, name) = (last_account.0.clone(), last_name.clone());
        store.write(|tx| {
            for (connection, remote_id, theirs, item_id) in &counts {
                let (sku, bundle) = counted_as(policy, connection, theirs, item_id);
                tx.rename_count(connection, remote_id, (&sku, bundle), now_ms)?;
            }
            Ok(())
        })?;
    }
}
