//! A count that a person changes by so many units: what came back, what broke, what was found.
//!
//! Nothing plans such a change by itself. A store that puts units back after a refund does it by a setting of its own,
//! which may have been changed since it was read; where units were taken from when an order was placed, and whether they
//! were, not every store says; and a difference that is sent where the store adds the same one counts twice, which no level
//! shows. Whoever holds the thing in the hand knows.
//!
//! It goes as a difference from the number that was seen, so that what is sold there at the same moment stays sold; an
//! account that cannot add sets the sum, and refuses where it can compare. What "Stock" sets by another count is not
//! adjusted: the next look would undo it.

use super::{ID, Shelf, is_open, truth_of};
use crate::policy::{Peer, Policy};
use quayside_model::{
    ConnectionId, Count, EffectState, Intent, IntentKind, Mode, PlannedWrite, ShelfFacts, StockDraft,
};

/// Units of one adjustment; more is a typing error, or a count.
const MOST: i64 = 100_000;

/// What a person wants of a count.
#[derive(Debug, Clone, Copy)]
pub struct Adjustment<'a> {
    /// The account.
    pub connection: &'a ConnectionId,
    /// The account's name of the count.
    pub remote_id: &'a str,
    /// Units to add, or (negative) to take away.
    pub by: i64,
    /// Units the person saw there.
    pub shown: i64,
    /// Why, for the record; may be empty.
    pub reason: &'a str,
}

/// The change that comes of it, or why there is none, a sentence.
pub fn adjust(facts: &ShelfFacts, policy: &Policy, wish: &Adjustment<'_>, now_ms: i64) -> Result<PlannedWrite, String> {
    let gone = || "There is no such count any more. Look at the stock again.".to_owned();
    let known = |count: &&Count| count.connection == *wish.connection && count.remote_id == wish.remote_id;
    let count = facts.counts.iter().find(known).ok_or_else(gone)?;
    let peer = policy.peers.get(wish.connection).ok_or_else(gone)?;
    if wish.by == 0 {
        return Err("Say how many units are to be added or taken away.".to_owned());
    }
    if wish.by.unsigned_abs() > MOST.unsigned_abs() {
        return Err(format!("{MOST} units at once are the most. Count it there instead."));
    }
    if let Some(why) = kept_from(facts, policy, (count, peer), now_ms) {
        return Err(why);
    }
    let (name, shows) = (&peer.name, count.available);
    if shows != wish.shown {
        return Err(format!(
            "{name} shows {shows} of {} by now, and {} was seen: something was sold or counted meanwhile. Look at it again.",
            count.sku, wish.shown
        ));
    }
    let after = shows.saturating_add(wish.by);
    if after < 0 {
        return Err(format!("{name} shows {shows} of {}, so {} cannot be taken away.", count.sku, wish.by.abs()));
    }
    let mut planned = facts.planned.iter();
    let planned = planned.find(|(id, name, _)| *id == count.connection && *name == count.remote_id);
    let generation = planned.map_or(0, |(.., n)| *n);
    let at = if count.location_name.is_empty() { String::new() } else { format!(" ({})", count.location_name) };
    let what = if wish.by > 0 {
        format!("Add {} to {}", wish.by, count.sku)
    } else {
        format!("Take {} from {}", wish.by.abs(), count.sku)
    };
    let reason = wish.reason.trim();
    let why = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
    Ok(PlannedWrite {
        key: format!("{}-{}:{}:{generation}", peer.code, count.remote_id, IntentKind::SetStock.code()),
        automation: super::BY_HAND.to_owned(),
        connection: count.connection.clone(),
        subject: count.remote_id.clone(),
        name: count.sku.clone(),
        intent: Intent::SetStock {
            stock: StockDraft {
                sku: count.sku.clone(),
                item_id: Some(count.item_id.clone()).filter(|id| !id.is_empty()),
                location_id: count.location_id.clone(),
                available: after,
                expected: Some(shows),
                moves: true,
            },
        },
        // The click is the consent.
        mode: Mode::Auto,
        sentence: format!("{what} at {name}{at}: {shows} becomes {after}{why}"),
    })
}

/// Why a count cannot be adjusted now, whatever by; `None`: it can.
fn kept_from(facts: &ShelfFacts, policy: &Policy, (count, peer): (&Count, &Peer), now_ms: i64) -> Option<String> {
    if !peer.performs.contains(&IntentKind::SetStock) {
        return Some(format!("{} takes no counts. Change it there.", peer.name));
    }
    if count.bundle {
        return Some("It is a bundle there: its count follows from its parts. Adjust those.".to_owned());
    }
    let shelf = Shelf::new(facts, policy, now_ms);
    let truth = truth_of(policy, facts).filter(|truth| truth.id != count.connection);
    if let Some(truth) = truth.filter(|_| shelf.acts() && shelf.unfit(count, peer).is_none()) {
        return Some(format!(
            "\"{}\" sets this count by the one of {}, and would set it back. Adjust that one.",
            crate::automation(ID).map_or("Stock", |automation| automation.title),
            truth.name
        ));
    }
    for write in shelf.writes_of(count) {
        match write.state {
            EffectState::Asked => {
                return Some("A change of it waits for your click. Approve it or give it up first.".to_owned());
            }
            state if is_open(state) => {
                return Some("A change of it is under way already. Wait until that has ended.".to_owned());
            }
            EffectState::Done if write.settled_at_ms.is_some_and(|at_ms| at_ms > count.read_at_ms) => {
                return Some("It was changed a moment ago and is being read back. Try again in a minute.".to_owned());
            }
            _ => {}
        }
    }
    None
}
