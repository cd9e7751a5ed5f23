//! The same goods once more, for what came back: a hub order of its own, beside the order's own.
//!
//! A person decides it, and what is sent is planned there and then. Everything else looks at the order as if there were no
//! such hub order: it carries no units the store waits for, and its parcel reports none. Its key is made like the order's,
//! with the number of the replacement behind it, so that the same replacement meets itself at the hub.

use crate::draft::{hub_draft, hub_key};
use crate::look::Look;
use crate::policy::{Peer, Policy};
use quayside_model::{Cause, EffectState, HubOrderDraft, Intent, OrderLine, PastEffect, Replacement, Story};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Our permanent key of the `n`th replacement of an order at a hub, from 1.
pub fn replacement_key(channel: &Peer, story: &Story, n: usize) -> String {
    format!("{}-r{n}", hub_key(channel, &story.order, 0))
}

/// The key names one of the order's replacements.
pub fn is_replacement(story: &Story, key: &str) -> bool {
    number_of(key).is_some_and(|n| (1..=story.choices.replaced.len()).contains(&n))
}

/// Which replacement such a key names, from 1.
fn number_of(key: &str) -> Option<usize> {
    key.rsplit_once("-r").and_then(|(_, n)| n.parse().ok())
}

/// What is sent again, or was: not what somebody gave up before the hub had it.
pub fn standing(story: &Story) -> impl Iterator<Item = &Replacement> {
    let all = story.choices.replaced.iter().enumerate();
    all.filter(move |(at, _)| !was_given_up(story, at + 1)).map(|(_, one)| one)
}

/// The `n`th replacement never reached the hub, and will not.
fn was_given_up(story: &Story, n: usize) -> bool {
    let of_it = |key: &str| number_of(key) == Some(n);
    let mut sent = story.effects.iter().filter(|effect| match &effect.intent {
        Intent::PutHubOrder { order, .. } => of_it(&order.key),
        _ => false,
    });
    let at_hub = story.hub_orders.iter().any(|seen| of_it(&seen.value.key));
    let given_up = |effect: &PastEffect| effect.state == EffectState::Skipped && effect.receipt.is_none();
    !at_hub && sent.next().is_some_and(given_up) && sent.all(given_up)
}

/// The replacement that a change sends, where it sends one.
pub fn replacement_of<'a>(story: &'a Story, intent: &Intent) -> Option<&'a Replacement> {
    let Intent::PutHubOrder { order, .. } = intent else { return None };
    story.choices.replaced.get(number_of(&order.key)?.checked_sub(1)?)
}

/// The order without its replacements: what its own lines came to.
pub fn without(story: &Story) -> Cow<'_, Story> {
    if story.choices.replaced.is_empty() {
        return Cow::Borrowed(story);
    }
    let mut plain = story.clone();
    for (at, one) in plain.choices.replaced.iter_mut().enumerate() {
        if was_given_up(story, at + 1) {
            one.lines.clear();
        }
    }
    let mut gone: BTreeSet<String> = BTreeSet::new();
    for seen in &story.hub_orders {
        let split_off = seen.value.parent_id.as_ref().is_some_and(|parent| gone.contains(parent));
        if is_replacement(story, &seen.value.key) || split_off {
            gone.insert(seen.value.remote_id.clone());
        }
    }
    plain.hub_orders.retain(|seen| !gone.contains(&seen.value.remote_id));
    plain.parcels.retain(|seen| {
        let by_id = seen.value.hub_order_id.as_ref().is_some_and(|id| gone.contains(id));
        !by_id && !seen.value.hub_order_key.as_ref().is_some_and(|key| is_replacement(story, key))
    });
    plain.effects.retain(|effect| !is_of_replacement(story, &effect.intent));
    Cow::Owned(plain)
}

fn is_of_replacement(story: &Story, intent: &Intent) -> bool {
    match intent {
        Intent::PutHubOrder { order, .. } => is_replacement(story, &order.key),
        Intent::CancelHubOrder { hub_order_key, .. }
        | Intent::HoldHubOrder { hub_order_key, .. }
        | Intent::ReleaseHubOrder { hub_order_key, .. } => is_replacement(story, hub_order_key),
        _ => false,
    }
}

/// What the hub gets for these units: the order's own address and service, and nothing to pay.
pub fn replacement_draft(
    story: &Story,
    policy: &Policy,
    channel: &Peer,
    hub: &Peer,
    n: usize,
    units: &[(String, i64)],
) -> HubOrderDraft {
    let mut again = story.clone();
    again.order.number = format!("{}-R{n}", story.order.number);
    again.order.lines = story
        .order
        .lines
        .iter()
        .filter_map(|line| {
            let quantity: i64 = units.iter().filter(|(id, _)| *id == line.remote_id).map(|(_, units)| units).sum();
            let same = || OrderLine {
                quantity,
                current_quantity: quantity,
                unfulfilled_quantity: quantity,
                requires_shipping: true,
                ..line.clone()
            };
            (quantity > 0).then(same)
        })
        .collect();
    // Nothing of it has left, and nobody else works on it.
    again.order.fulfillments.clear();
    again.order.fulfillment_orders.clear();
    again.order.ship_by_ms = None;
    again.hub_orders.clear();
    again.parcels.clear();
    again.effects.clear();
    let key = replacement_key(channel, story, n);
    let draft = hub_draft(&again, policy, channel, hub, key, true, None);
    HubOrderDraft { total_minor: 0, tax_minor: 0, shipping_minor: 0, discount_minor: 0, ..draft }
}

/// A replacement that the hub refused, or whose answer was lost, is told like everything else.
pub(crate) fn report(look: &mut Look<'_>, whole: &Story) {
    if whole.choices.replaced.is_empty() {
        return;
    }
    for effect in whole.effects.iter().filter(|effect| is_of_replacement(whole, &effect.intent)) {
        let cause = match (effect.state, &effect.refusal) {
            (EffectState::Refused, Some(refusal)) => refusal.cause,
            (EffectState::Unknown, Some(_)) => Cause::OutcomeUnknown,
            _ => continue,
        };
        let Some(refusal) = &effect.refusal else { continue };
        let finding = look.find(cause, effect.key.clone(), refusal.sentence.clone());
        finding.said.clone_from(&refusal.said);
        finding.effect = Some(effect.id);
        finding.since_ms = effect.settled_at_ms.or(effect.first_sent_at_ms);
    }
}
