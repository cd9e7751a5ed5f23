//! What a customer bought so far, on the customer's record: for whoever talks to them.
//!
//! It is looked at once a day, and written where it changed: nobody reads it by the minute, and what is written together
//! takes the fewest calls.

use super::patron::{Bought, Patron, PatronDecision, change, day, stem};
use super::{carrier, draft};
use crate::automation::{AutomationDecl, Need};
use crate::look::Look;
use crate::policy::{Peer, Policy};
use quayside_model::time::DAY_MS;
use quayside_model::{
    EffectState, Intent, IntentKind, Mode, Money, Parcel, PastEffect, RecordDraft, RecordKind, RecordNoun, Role,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const ID: &str = "customer_history";

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Customers' history",
    summary: "Once a day, writes onto the record of each customer who bought or got something since what they bought so far, in all stores: orders, how often, average value, all they spent, carrier, last shipment. Which fields get it, the account's settings say; without any, nothing is written.",
    examples: &[
        (
            "A customer's third order is paid.",
            "The next day their record says three orders, what they came to, and the days between them.",
        ),
        ("Nothing changed since yesterday.", "Nothing is written."),
        ("An order is cancelled, or money given back.", "The next day the record says less."),
        ("The same person buys in two stores.", "Both count, by the e-mail."),
        (
            "An order is in another currency.",
            "It counts as an order; amounts are those of the newest order's currency.",
        ),
        ("The newest order was placed before the go-live line.", "Nothing is written until the customer buys again."),
        ("The marketplace wants its buyers' data forgotten, or the buyer asked for it.", "Nothing is written."),
    ],
    needs: &[Need::Reads(Role::Channel, RecordKind::Order), Need::Performs(Role::Records, IntentKind::PutRecord)],
    undo: "It cannot be undone from here: what those fields held before is not kept. Switched off, nothing more is written.",
    settings: &[],
    look: nothing,
};

/// It is about customers, not about one order: the engine asks [`super::patron::decide`] once a day.
fn nothing(_: &mut Look<'_>) {}

pub(super) fn plan(
    patron: &Patron,
    bought: &Bought<'_>,
    policy: &Policy,
    keeper: &Peer,
    decision: &mut PatronDecision,
) {
    let set = policy.automation(ID);
    let before_line = set.go_live_ms.is_some_and(|line_ms| bought.newest.order.placed_at_ms < line_ms);
    if set.mode == Mode::Off || before_line || !keeper.keeps_history {
        return;
    }
    let stem = format!("{}/", stem(patron, "history"));
    let past: Vec<&PastEffect> = patron.past.iter().filter(|effect| effect.key.starts_with(&stem)).collect();
    let record = record(patron, bought, policy);
    // What was taken out of it for the buyer's sake is not put back.
    let says = |effect: &PastEffect| {
        effect.connection == keeper.id
            && matches!(&effect.intent, Intent::PutRecord { record: written }
                if written.is_blanked() || written.fields == record.fields)
    };
    // Once is offered; a person who gave it up is not asked every day.
    let given_up = |effect: &PastEffect| {
        let never = !past.iter().any(|effect| effect.state == EffectState::Done);
        effect.state == EffectState::Skipped && !effect.is_missing() && !effect.withdrawn && (never || says(effect))
    };
    if past.last().is_some_and(|effect| given_up(effect)) {
        return;
    }
    if let Some(last) = past.iter().rev().find(|effect| effect.state != EffectState::Skipped) {
        if says(last) || matches!(last.state, EffectState::Running | EffectState::Unknown) {
            return;
        }
        if last.state != EffectState::Done {
            decision.overtaken.push((last.id, "what it says has changed".to_owned()));
        }
    }
    let orders = bought.orders.len();
    let sentence = format!(
        "Bring the history of whoever bought {} up to date in {}: {orders} {}",
        bought.newest.order.number,
        keeper.name,
        if orders == 1 { "order" } else { "orders" }
    );
    let effect = change(format!("{stem}{}:0", past.len()), ID, (keeper, set.mode), record, sentence);
    decision.effects.push((bought.newest.order_id, effect));
}

fn record(patron: &Patron, bought: &Bought<'_>, policy: &Policy) -> RecordDraft {
    let store = policy.peers.get(&bought.newest.store);
    let sums = bought.sums();
    let total_minor = sums.last().map_or(0, |(_, total_minor)| *total_minor);
    let average_minor = rounded(total_minor, sums.len());
    let amount = |minor: i64| json!(Money::new(minor, bought.currency().clone()).decimal().to_string());
    let first_ms = bought.orders.first().map_or(0, |one| one.order.placed_at_ms);
    let last_ms = bought.newest.order.placed_at_ms;
    let gaps = bought.orders.len().saturating_sub(1);
    let days = if gaps == 0 { Value::Null } else { json!(rounded((last_ms - first_ms) / DAY_MS, gaps)) };
    let (carrier, shipped_ms) = travelled(bought);
    let facts = [
        ("orders", json!(bought.orders.len())),
        ("first", json!(day(policy, store, first_ms))),
        ("last", json!(day(policy, store, last_ms))),
        ("days", days),
        ("average", amount(average_minor)),
        ("total", amount(total_minor)),
        ("currency", json!(bought.currency().0)),
        ("carrier", json!(carrier)),
        ("shipped", shipped_ms.map_or(Value::Null, |at_ms| json!(day(policy, store, at_ms)))),
    ];
    draft(RecordNoun::History, patron.key.clone(), &facts, Vec::new())
}

/// A part of a whole, rounded half up; nothing of nothing.
fn rounded(whole: i64, parts: usize) -> i64 {
    let parts = i64::try_from(parts).unwrap_or(i64::MAX);
    if parts == 0 { 0 } else { whole.saturating_add(parts / 2).div_euclid(parts) }
}

/// The carrier most parcels went with (of two the one used last), and when the last one left.
fn travelled(bought: &Bought<'_>) -> (String, Option<i64>) {
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut carriers: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
    let mut last_ms = None;
    let all = bought.orders.iter().flat_map(|one| one.parcels.iter().map(move |parcel| (one.store.as_str(), parcel)));
    // Several orders in one parcel: it went once.
    let live = all.filter(|(store, parcel)| parcel.is_live() && seen.insert((*store, parcel.remote_id.as_str())));
    for (_, parcel) in live {
        let at_ms = left_ms(parcel);
        if !carrier(parcel).is_empty() {
            let entry = carriers.entry(carrier(parcel)).or_default();
            *entry = (entry.0 + 1, entry.1.max(at_ms));
        }
        last_ms = last_ms.max(parcel.shipped_at_ms.filter(|_| parcel.has_left()));
    }
    let preferred = carriers.into_iter().max_by_key(|(_, used)| *used).map_or("", |(name, _)| name);
    (preferred.to_owned(), last_ms)
}

fn left_ms(parcel: &Parcel) -> i64 {
    parcel.shipped_at_ms.unwrap_or(parcel.created_at_ms)
}
