//! Said to be done, and not to be seen: platforms do answer "created" and forget.
//!
//! A write counts once the platform shows it. Readings show nearly every one within minutes and cost nothing extra;
//! for the rest the platform is asked by name. What it does not have did not happen: the store then shows that effect
//! to decisions as given up, and whatever it was for is planned anew.

use crate::look::Look;
use quayside_model::time::{DAY_MS, MINUTE_MS};
use quayside_model::{EffectId, EffectState, Fulfillment, HubOrder, HubStatus, Intent, IntentKind, PastEffect};

/// Lists lag behind by minutes; after so long a write that is real has been read.
const SHOWN_WITHIN_MS: i64 = 30 * MINUTE_MS;
/// The hub's clock and ours may differ by so much without anybody being told.
const CLOCKS_DIFFER_MS: i64 = 5 * MINUTE_MS;
/// Older writes are history: nobody would pack the order now without having noticed.
const WORTH_ASKING_MS: i64 = 14 * DAY_MS;

/// Effects to ask the platform about now.
pub(crate) fn unseen(look: &mut Look<'_>) -> Vec<EffectId> {
    let mut unseen = Vec::new();
    let effects = &look.story.effects;
    for (index, effect) in effects.iter().enumerate() {
        let Some(settled_ms) = effect.settled_at_ms.filter(|_| effect.state == EffectState::Done) else { continue };
        let age_ms = look.now_ms - settled_ms;
        let later = effects[index + 1..].iter().any(|later| speaks_for(later, effect));
        if age_ms > WORTH_ASKING_MS || later || is_shown(look, effect) {
            continue;
        }
        if age_ms < SHOWN_WITHIN_MS {
            look.look_again(settled_ms + SHOWN_WITHIN_MS);
        } else {
            unseen.push(effect.id);
        }
    }
    unseen
}

/// A later effect of the same kind speaks for this one, too, and so does what undoes it. One that was refused says
/// nothing, least of all that there is anything it could have changed.
fn speaks_for(later: &PastEffect, effect: &PastEffect) -> bool {
    if matches!(later.state, EffectState::Skipped | EffectState::Refused | EffectState::Asked) {
        return false;
    }
    let undoes = matches!(
        (effect.intent.kind(), later.intent.kind()),
        (IntentKind::HoldHubOrder, IntentKind::ReleaseHubOrder)
            | (IntentKind::ReleaseHubOrder, IntentKind::HoldHubOrder)
            | (_, IntentKind::CancelHubOrder)
    );
    stem(later) == stem(effect) || undoes && hub_order(later).is_some() && hub_order(later) == hub_order(effect)
}

/// The hub's id of the order an effect is about.
fn hub_order(effect: &PastEffect) -> Option<&str> {
    match &effect.intent {
        Intent::PutHubOrder { hub_order_id, .. } => {
            let answered = || effect.receipt.as_ref().and_then(|receipt| receipt.remote_id.as_deref());
            hub_order_id.as_deref().or_else(answered)
        }
        Intent::CancelHubOrder { hub_order_id, .. }
        | Intent::HoldHubOrder { hub_order_id, .. }
        | Intent::ReleaseHubOrder { hub_order_id, .. } => Some(hub_order_id),
        _ => None,
    }
}

/// The key without its generation.
fn stem(effect: &PastEffect) -> &str {
    effect.key.rsplit_once(':').map_or(effect.key.as_str(), |(stem, _)| stem)
}

/// The order an effect is about, as the hub last showed it.
fn read_at_hub<'a>(look: &Look<'a>, effect: &PastEffect) -> Option<&'a HubOrder> {
    let id = hub_order(effect)?;
    look.story.hub_orders.iter().find(|seen| seen.value.remote_id == id).map(|seen| &seen.value)
}

/// The hub changed it after it had answered.
fn touched_since(at_hub: &HubOrder, effect: &PastEffect) -> bool {
    effect.settled_at_ms.is_some_and(|settled_ms| at_hub.modified_at_ms > settled_ms)
}

/// A reading shows it, or something that came after it; kinds that are not looked at count as shown.
fn is_shown(look: &Look<'_>, effect: &PastEffect) -> bool {
    let story = look.story;
    match &effect.intent {
        Intent::PutHubOrder { order, hub_order_id } => {
            let by_key = story.hub_orders.iter().any(|seen| seen.value.key == order.key);
            let by_id = effect.receipt.as_ref().and_then(|receipt| receipt.remote_id.as_deref());
            // Merged and split orders have other keys; a parcel proves more than an order does.
            let parcel = story.parcels.iter().any(|seen| seen.connection == effect.connection);
            let there =
                by_key || by_id.is_some_and(|id| story.hub_orders.iter().any(|seen| seen.value.remote_id == id));
            // That the order is there says of a change nothing: the hub must have touched it since.
            let touched = || {
                read_at_hub(look, effect).is_none_or(|at_hub| {
                    let sent_ms = effect.first_sent_at_ms.unwrap_or(effect.created_at_ms);
                    at_hub.modified_at_ms >= sent_ms - CLOCKS_DIFFER_MS || !at_hub.status.is_open()
                })
            };
            parcel || there && (hub_order_id.is_none() || touched())
        }
        // Whoever touched it later at the hub knew what he did; where that must not be, a person is told elsewhere.
        Intent::CancelHubOrder { .. } => {
            read_at_hub(look, effect).is_none_or(|at_hub| !at_hub.status.is_open() || touched_since(at_hub, effect))
        }
        Intent::HoldHubOrder { .. } => read_at_hub(look, effect).is_none_or(|at_hub| {
            at_hub.status == HubStatus::OnHold || !at_hub.status.is_open() || touched_since(at_hub, effect)
        }),
        Intent::ReleaseHubOrder { .. } => read_at_hub(look, effect)
            .is_none_or(|at_hub| at_hub.status != HubStatus::OnHold || touched_since(at_hub, effect)),
        Intent::Fulfill { fulfillment } => {
            // One that somebody else made without a number, and that was given ours, is ours once it shows one.
            let numbered = |f: &Fulfillment| fulfillment.tracking.numbers.is_empty() || !f.tracking_numbers.is_empty();
            let told = |id: &str| story.order.fulfillments.iter().any(|f| f.remote_id == id && numbered(f));
            let shows = |number: &String| {
                story
                    .order
                    .fulfillments
                    .iter()
                    .any(|f| f.tracking_numbers.iter().any(|n| n.eq_ignore_ascii_case(number)))
            };
            let units = fulfillment.lines.iter().all(|line| {
                let planned = story.order.units_told(&line.order_line_id);
                planned >= line.quantity
            });
            // That the units left may be said by others: a report that has a name is looked for by it, since a number
            // that comes later has its place there.
            let named = effect.receipt.as_ref().and_then(|receipt| receipt.remote_id.as_deref());
            named.is_some_and(told)
                || fulfillment.tracking.numbers.iter().any(shows)
                || (fulfillment.tracking.numbers.is_empty() && units && named.is_none())
                || crate::take_back::was_taken_back(look, effect)
                || story.order.is_cancelled()
        }
        // The store shows the number, on whichever report; without the report there is nothing to correct.
        Intent::ReplaceTracking { fulfillment_id, tracking, .. } => {
            let reports = &story.order.fulfillments;
            let shows = |number: &String| {
                reports.iter().any(|f| f.tracking_numbers.iter().any(|shown| shown.eq_ignore_ascii_case(number)))
            };
            tracking.numbers.is_empty()
                || tracking.numbers.iter().any(shows)
                || !reports.iter().any(|f| f.remote_id == *fulfillment_id && f.live)
                || story.order.is_cancelled()
        }
        // No reading shows records.
        Intent::PutRecord { .. } => false,
        _ => true,
    }
}
