//! A customer as all of their orders show them, whatever store they bought in: looked at once a day, and only where one
//! of their orders changed.
//!
//! A customer is an e-mail address: a name at a door is not enough to add up what somebody spent. Orders count that were
//! paid and stand; tests, copies of another account's sale, and buyers whose marketplace wants them forgotten do not, nor
//! do orders that come from the account that keeps records, which adds them up itself. Two currencies are never added:
//! amounts are those of the newest order's currency.

use super::{customers, history, milestones};
use crate::calendar;
use crate::policy::{Peer, Policy};
use chrono::DateTime;
use quayside_model::{
    ConnectionId, Currency, EffectId, EffectState, Intent, IntentKind, Mode, Order, OrderId, Parcel, PastEffect,
    PlannedEffect, RecordDraft, RecordNoun,
};

/// The automations that look at customers instead of orders.
pub const AUTOMATIONS: [&str; 2] = [history::ID, milestones::ID];

/// One order of a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Purchase {
    /// Our row.
    pub order_id: OrderId,
    /// The store that sold it.
    pub store: ConnectionId,
    /// The order as last read.
    pub order: Order,
    /// Parcels that carry lines of it.
    pub parcels: Vec<Parcel>,
}

/// What is known of a customer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Patron {
    /// Our id of them: see [`key`].
    pub key: String,
    /// All of their orders.
    pub purchases: Vec<Purchase>,
    /// Accounts that answered that they keep this customer.
    pub kept_in: Vec<ConnectionId>,
    /// Every change ever planned under their id, oldest first.
    pub past: Vec<PastEffect>,
}

/// What is to be done about a customer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PatronDecision {
    /// New changes; each belongs to one of the customer's orders.
    pub effects: Vec<(OrderId, PlannedEffect)>,
    /// Changes not sent yet that newer knowledge makes pointless, with the reason.
    pub overtaken: Vec<(EffectId, String)>,
}

/// Our id of whoever has this e-mail; the same as that of the record that is kept of them. `None`: it is none.
#[must_use]
pub fn key(email: &str) -> Option<String> {
    let email = email.trim();
    email.contains('@').then(|| customers::key_of_mail(email))
}

/// What is done about customers, in one word that changes with it; empty: nothing.
#[must_use]
pub fn word(policy: &Policy) -> String {
    let Some(keeper) = policy.keeper() else { return String::new() };
    let mut words = Vec::new();
    for (id, works) in [(history::ID, keeper.keeps_history), (milestones::ID, milestones::any(policy))] {
        let set = policy.automation(id);
        if works && matches!(set.mode, Mode::Ask | Mode::Auto) {
            words.push(format!("{id} {:?} {:?} {:?}", set.mode, set.go_live_ms, set.settings));
        }
    }
    if words.is_empty() {
        return String::new();
    }
    words.push(keeper.id.to_string());
    blake3::hash(words.join("\n").as_bytes()).to_hex().to_string()
}

/// Checks a text that somebody typed into a setting of an automation of customers; the error is a sentence for them.
pub fn check_setting(automation: &str, setting: &str, typed: &str) -> Result<(), String> {
    if automation == milestones::ID { milestones::check(setting, typed) } else { Ok(()) }
}

/// The day it is for the desk, `YYYY-MM-DD`.
#[must_use]
pub fn today(policy: &Policy, now_ms: i64) -> String {
    day(policy, None, now_ms)
}

/// What is to be done about one customer at `now_ms` (ms UTC).
#[must_use]
pub fn decide(patron: &Patron, policy: &Policy, now_ms: i64) -> PatronDecision {
    let mut decision = PatronDecision::default();
    let Some(keeper) = policy.keeper() else { return decision };
    // What is written hangs on the customer's record: without one it would hang on nothing.
    let Some(bought) = Bought::of(patron, policy, keeper).filter(|_| patron.kept_in.contains(&keeper.id)) else {
        return decision;
    };
    history::plan(patron, &bought, policy, keeper, &mut decision);
    milestones::plan(patron, &bought, policy, keeper, now_ms, &mut decision);
    decision
}

/// What counts of it.
pub(super) struct Bought<'a> {
    /// The orders that count, oldest first; there is one at least.
    pub orders: Vec<&'a Purchase>,
    pub newest: &'a Purchase,
}

impl<'a> Bought<'a> {
    fn of(patron: &'a Patron, policy: &Policy, keeper: &Peer) -> Option<Self> {
        let counts = |one: &&Purchase| {
            let order = &one.order;
            let known = policy.peers.get(&one.store).is_some_and(|store| !store.forgets_buyers);
            let stands = order.payment.is_paid() && !order.is_cancelled() && !order.test;
            known && stands && order.sold_on.is_none() && one.store != keeper.id
        };
        let mut orders: Vec<&Purchase> = patron.purchases.iter().filter(counts).collect();
        orders.sort_by_key(|one| (one.order.placed_at_ms, one.order_id));
        let newest = orders.last().copied()?;
        Some(Self { orders, newest })
    }

    pub fn currency(&self) -> &'a Currency {
        &self.newest.order.currency
    }

    /// Of the orders in the newest one's currency: each with what all up to it came to, minor units.
    pub fn sums(&self) -> Vec<(&'a Purchase, i64)> {
        let mut total_minor = 0_i64;
        let priced = self.orders.iter().filter(|one| one.order.currency == *self.currency());
        priced
            .map(|one| {
                total_minor = total_minor.saturating_add(one.order.current_total_minor);
                (*one, total_minor)
            })
            .collect()
    }
}

/// A moment as a day of a store; of the desk where there is none.
pub(super) fn day(policy: &Policy, store: Option<&Peer>, at_ms: i64) -> String {
    let moment = DateTime::from_timestamp_millis(at_ms).unwrap_or_default();
    moment.with_timezone(&policy.zone_of(store)).format("%Y-%m-%d").to_string()
}

/// The end of the working day so many working days after `from_ms`, as a day of a store.
pub(super) fn due_day(policy: &Policy, store: Option<&Peer>, from_ms: i64, days: i64) -> String {
    let days = u32::try_from(days.clamp(0, 365)).unwrap_or_default();
    let settings = policy.settings_of(store);
    day(policy, store, calendar::business_deadline(from_ms, days, &settings, policy.zone_of(store)))
}

/// How the keys of changes about one thing of a customer begin. They name the customer and no order, so that the same
/// thing is the same thing whichever of the orders it belongs to.
pub(super) fn stem(patron: &Patron, about: &str) -> String {
    format!("{}:{}:{about}", patron.key, IntentKind::PutRecord.code())
}

/// A change of a record of the customer's, by its whole key.
pub(super) fn change(
    key: String,
    automation: &str,
    (keeper, mode): (&Peer, Mode),
    record: RecordDraft,
    sentence: String,
) -> PlannedEffect {
    PlannedEffect {
        key,
        automation: automation.to_owned(),
        connection: keeper.id.clone(),
        intent: Intent::PutRecord { record },
        mode,
        ship_by_ms: None,
        sentence,
    }
}

/// The account answered that it has this customer: such a change of one of their orders.
#[must_use]
pub fn keeps(effect: &PastEffect, key: &str) -> bool {
    let of_customer = |record: &RecordDraft| record.noun == RecordNoun::Customer && record.external_id == key;
    effect.state == EffectState::Done && matches!(&effect.intent, Intent::PutRecord { record } if of_customer(record))
}
