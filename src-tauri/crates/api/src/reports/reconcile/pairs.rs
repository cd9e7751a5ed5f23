//! Which two accounts can be compared, and which are asked for.
//!
//! A hub and an account of records are compared where both are named: what lacks there is found beside the store already.

use crate::desk::Room;
use crate::reports::{Ground, ReportPair};
use crate::trouble::Answer;
use crate::view::Trouble;
use quayside_flows::{Peer, Policy};
use quayside_model::{ConnectionId, IntentKind, Role};
use std::collections::BTreeSet;

/// Every two accounts whose comparison says something, stores first.
pub(in crate::reports) fn pairs(room: &Room) -> Answer<Vec<ReportPair>> {
    Ok(pairs_of(&room.policy()?))
}

pub(super) fn pairs_of(policy: &Policy) -> Vec<ReportPair> {
    let mut peers: Vec<&Peer> = policy.peers.values().collect();
    peers.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    let playing = |role: Role| peers.iter().copied().filter(move |peer| peer.roles.contains(&role));
    let mut found: Vec<(&Peer, &Peer)> = Vec::new();
    for store in playing(Role::Channel) {
        // Where its own sales come from, an account keeps no second record of them.
        let keepers = playing(Role::Records).filter(|peer| keeps_records(peer) && peer.id != store.id);
        found.extend(playing(Role::Hub).chain(keepers).map(|other| (store, other)));
    }
    for (at, store) in playing(Role::Channel).enumerate() {
        found.extend(playing(Role::Channel).skip(at + 1).map(|other| (store, other)));
    }
    for (at, hub) in playing(Role::Hub).enumerate() {
        found.extend(playing(Role::Hub).skip(at + 1).map(|other| (hub, other)));
        found.extend(playing(Role::Records).filter(|peer| keeps_records(peer)).map(|keeper| (hub, keeper)));
    }
    // An account that sells and keeps records is found beside a store in both parts.
    let mut seen = BTreeSet::new();
    found.retain(|(one, other)| {
        seen.insert((one.id.clone().min(other.id.clone()), one.id.clone().max(other.id.clone())))
    });
    let pair = |(store, other): (&Peer, &Peer)| ReportPair {
        here: store.id.clone(),
        here_name: store.name.clone(),
        there: other.id.clone(),
        there_name: other.name.clone(),
    };
    found.into_iter().map(pair).collect()
}

fn keeps_records(peer: &Peer) -> bool {
    peer.roles.contains(&Role::Records) && peer.performs.contains(&IntentKind::PutRecord)
}

/// Of two accounts the hub and the one that keeps records, if they are such.
pub(super) fn hub_and_keeper<'a>(policy: &'a Policy, pair: &ReportPair) -> Option<(&'a Peer, &'a Peer)> {
    let (one, other) = (policy.peers.get(&pair.here)?, policy.peers.get(&pair.there)?);
    let is = |hub: &Peer, keeper: &Peer| hub.roles.contains(&Role::Hub) && keeps_records(keeper);
    if is(one, other) {
        Some((one, other))
    } else if is(other, one) {
        Some((other, one))
    } else {
        None
    }
}

/// Two hubs.
pub(super) fn two_hubs<'a>(policy: &'a Policy, pair: &ReportPair) -> Option<(&'a Peer, &'a Peer)> {
    let (one, other) = (policy.peers.get(&pair.here)?, policy.peers.get(&pair.there)?);
    (one.roles.contains(&Role::Hub) && other.roles.contains(&Role::Hub)).then_some((one, other))
}

/// The pairs that are asked for, in either order, by id or by name; all that have a store in them or are two hubs if none
/// is named.
pub(super) fn chosen(ground: &Ground, policy: &Policy) -> Answer<Vec<ReportPair>> {
    let pairs = pairs_of(policy);
    let sells = |id: &ConnectionId| policy.peers.get(id).is_some_and(|peer| peer.roles.contains(&Role::Channel));
    let is = |asked: &str, id: &ConnectionId, name: &str| {
        asked.is_empty() || asked == id.as_str() || asked.to_lowercase() == name.to_lowercase()
    };
    let (one, other) = (ground.here.trim(), ground.there.trim());
    let fits = |pair: &&ReportPair| {
        is(one, &pair.here, &pair.here_name) && is(other, &pair.there, &pair.there_name)
            || is(other, &pair.here, &pair.here_name) && is(one, &pair.there, &pair.there_name)
    };
    let both_named = !one.is_empty() && !other.is_empty();
    let stands_alone = |pair: &&ReportPair| both_named || sells(&pair.here) || two_hubs(policy, pair).is_some();
    let found: Vec<ReportPair> = pairs.iter().filter(fits).filter(stands_alone).cloned().collect();
    if found.is_empty() && !(one.is_empty() && other.is_empty()) {
        let known = |asked: &str| {
            pairs.iter().any(|pair| is(asked, &pair.here, &pair.here_name) || is(asked, &pair.there, &pair.there_name))
        };
        for (field, asked) in [("here", one), ("there", other)] {
            if !known(asked) {
                return Err(Trouble::field(
                    field,
                    format!("There is no account \"{asked}\" that could be compared. Choose one that is connected."),
                ));
            }
        }
        return Err(Trouble::field(
            "there",
            "These two cannot be compared. A store can be: with a shipping account, with the account that keeps records, or with another store; a shipping account with another one, or with the account that keeps records.",
        ));
    }
    Ok(found)
}
