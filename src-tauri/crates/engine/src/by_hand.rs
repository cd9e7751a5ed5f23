//! What somebody enters at an account by hand that belongs to no order: counts and products.

use crate::{catalogue, shelves};
use quayside_flows::{HandChange, Policy, counts_by_hand, product_by_hand, products};
use quayside_model::{ConnectionId, PRODUCT_SUBJECT};
use quayside_store::{Reader, StoreError};
use std::collections::{BTreeMap, BTreeSet};

/// A thing at an account: the account, and the name by which entries of it go.
pub type Thing = (ConnectionId, String);

/// What to enter for each of these things, as far as something is to be entered now.
pub fn things_by_hand(
    reader: &Reader<'_>,
    policy: &Policy,
    things: &BTreeSet<Thing>,
    now_ms: i64,
) -> Result<BTreeMap<Thing, HandChange>, StoreError> {
    let mut found = BTreeMap::new();
    let (goods, counts): (Vec<&Thing>, Vec<&Thing>) =
        things.iter().partition(|(_, name)| name.starts_with(PRODUCT_SUBJECT));
    if !goods.is_empty() {
        // All of them at once: what one is called hangs on the others.
        for wanted in products::wanted(&catalogue::catalogue(reader, policy)?, policy) {
            let thing = (wanted.hub.clone(), wanted.subject.clone());
            if things.contains(&thing)
                && let Some(change) = product_by_hand(&wanted)
            {
                found.insert(thing, change);
            }
        }
    }
    let mut skus: BTreeSet<String> = BTreeSet::new();
    for (account, name) in counts {
        skus.extend(reader.counted_sku(account, name)?.map(|(sku, _)| sku));
    }
    for sku in skus {
        let facts = shelves::facts(reader, policy, &sku, now_ms)?;
        for (account, name, change) in counts_by_hand(&facts, policy, now_ms) {
            let thing = (account, name);
            if things.contains(&thing) {
                found.insert(thing, change);
            }
        }
    }
    Ok(found)
}
