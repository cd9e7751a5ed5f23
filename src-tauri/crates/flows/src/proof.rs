//! Said to be done, and not to be seen: platforms do answer "created" and forget.
//!
//! A write counts once the platform shows it. Readings show nearly every one within minutes and cost nothing extra;
//! for the rest the platform is asked by name. What it does not have did not happen: the store then shows that effect
//! to decisions as given up, and whatever it was for is planned anew.

use crate::look::Look;
use quayside_model::time::{DAY_MS, MINUTE_MS};
use quayside_model::{EffectId, EffectState, Intent, PastEffect};

/// Lists lag behind by minutes; after so long a write that is real has been read.
const SHOWN_WITHIN_MS: i64 = 30 * MINUTE_MS;
/// Older writes are history: nobody would pack the order now without having noticed.
const WORTH_ASKING_MS: i64 = 14 * DAY_MS;

/// Effects to ask the platform about now.
pub(crate) fn unseen(look: &mut Look<'_>) -> Vec<EffectId> {
    let mut unseen = Vec::new();
    let effects = &look.story.effects;
    for (index, effect) in effects.iter().enumerate() {
        let Some(settled_ms) = effect.settled_at_ms.filter(|_| effect.state == EffectState::Done) else { continue };
        let age_ms = look.now_ms - settled_ms;
        // A later effect of the same kind speaks for this one, too; one that was refused says nothing, least of all
        // that there is anything it could have changed.
        let later = effects[index + 1..].iter().any(|e| {
            let speaks = !matches!(e.state, EffectState::Skipped | EffectState::Refused | EffectState::Asked);
            speaks && stem(e) == stem(effect)
        });
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

/// The key without its generation.
fn stem(effect: &PastEffect) -> &str {
    effect.key.rsplit_once(':').map_or(effect.key.as_str(), |(stem, _)| stem)
}

/// A reading shows it, or something that came after it; kinds that are not looked at count as shown.
fn is_shown(look: &Look<'_>, effect: &PastEffect) -> bool {
    let story = look.story;
    match &effect.intent {
        Intent::PutHubOrder { order, .. } => {
            let by_key = story.hub_orders.iter().any(|seen| seen.value.key == order.key);
            let by_id = effect.receipt.as_ref().and_then(|receipt| receipt.remote_id.as_deref());
            // Merged and split orders have other keys; a parcel proves more than an order does.
            by_key
                || by_id.is_some_and(|id| story.hub_orders.iter().any(|seen| seen.value.remote_id == id))
                || story.parcels.iter().any(|seen| seen.connection == effect.connection)
        }
        Intent::Fulfill { fulfillment } => {
            let told = |id: &str| story.order.fulfillments.iter().any(|f| f.remote_id == id);
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
            effect.receipt.as_ref().and_then(|receipt| receipt.remote_id.as_deref()).is_some_and(told)
                || fulfillment.tracking.numbers.iter().any(shows)
                || (fulfillment.tracking.numbers.is_empty() && units)
                || crate::take_back::was_taken_back(look, effect)
                || story.order.is_cancelled()
        }
        _ => true,
    }
}
