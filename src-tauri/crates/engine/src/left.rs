//! Orders that left: looked at again where an automation that follows parcels is let go, or changes.
//!
//! They are not open, so the look at every open order passes them by. What they were last looked at for is a note in the
//! store: a program that ends half way begins anew, and one that starts with nothing changed does not.

use quayside_flows::{AFTER_SHIPPING, Deliveries, Policy};
use quayside_model::time::DAY_MS;
use quayside_model::{IntentKind, Mode};
use quayside_store::{Store, StoreError};

/// So long after its parcel was made known an order is looked at again, ms.
pub const LEFT_MS: i64 = 30 * DAY_MS;
const NOTE: &str = "left_looked_at";

/// What is done about orders that left, in one word; empty: nothing.
fn word(policy: &Policy) -> String {
    let acting = AFTER_SHIPPING.into_iter().filter_map(|id| {
        let set = policy.automation(id);
        let acts = matches!(set.mode, Mode::Ask | Mode::Auto);
        acts.then(|| format!("{id} {:?} {:?} {:?}", set.mode, set.go_live_ms, set.settings))
    });
    let mut words: Vec<String> = acting.collect();
    if words.is_empty() {
        return String::new();
    }
    let matters = policy.peers.values().filter(|peer| {
        peer.deliveries == Deliveries::Told
            || peer.performs.contains(&IntentKind::PutRecord)
            || peer.performs.contains(&IntentKind::AnnotateOrder)
            || peer.performs.contains(&IntentKind::TellBuyer)
    });
    words.extend(matters.map(|peer| format!("{} {:?}", peer.id, peer.deliveries)));
    blake3::hash(words.join("\n").as_bytes()).to_hex().to_string()
}

/// They were not looked at since what is done about them changed.
pub(crate) fn is_due(store: &Store, policy: &Policy) -> Result<bool, StoreError> {
    let (now, before) = (word(policy), store.read(|r| r.meta(NOTE))?.unwrap_or_default());
    if now.is_empty() && !before.is_empty() {
        // What leaves from here on is looked at when one of them acts again.
        store.write(|tx| tx.put_meta(NOTE, ""))?;
    }
    Ok(!now.is_empty() && now != before)
}

/// All of them were.
pub(crate) fn done(store: &Store, policy: &Policy) -> Result<(), StoreError> {
    store.write(|tx| tx.put_meta(NOTE, &word(policy)))
}
