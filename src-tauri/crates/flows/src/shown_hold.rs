//! A hold at the hub, shown in the store as a state of its order, where the store has one for that and if so chosen.
//!
//! Only what somebody at the hub holds. A hold of ours follows from the store, from a rule or from here: shown in the store it
//! would keep itself. For the same reason a store's connector reads what was shown as ours, and not as the store's own hold;
//! who put it there is between the store and its connector. Whatever the store says of an order by itself stays.
//!
//! Level-triggered: shown while it is held and wanted, taken back when it is not, whatever the reason (let go, shipped,
//! cancelled, chosen no more). A person who takes it off in the store, or gives it up here, is not argued with until the hub
//! has touched the order again. Only within the half hour in which a write is made sure of ([`crate::proof`]) it looks as if
//! the store had forgotten it, and is written again, a few times.

use crate::look::Look;
use quayside_model::{EffectState, HubOrder, HubStatus, Intent, IntentKind, Mode, PastEffect, Seen};

/// What the effects are about: an order has one state.
const ABOUT: &str = "hold";
/// Found gone so often, it is no accident any more, and told; somebody there does not want it.
const FORGOTTEN_MAX: usize = 3;

/// Shows the hold, or takes it back, for the automation `id`.
pub(crate) fn look(look: &mut Look<'_>, id: &str, mode: Mode, chosen: bool) {
    let story = look.story;
    let over = story.order.is_cancelled() || look.is_over();
    let wanted = chosen && !over && !held_in_store(look) && held_at_hub(look);
    let newest = look.past(IntentKind::ShowHold, ABOUT).last();
    // What the store answered and does not have was given up by nobody, unless it is gone time and again.
    let forgotten = look.past(IntentKind::ShowHold, ABOUT).filter(|e| e.is_missing() && shows(e) == wanted).count();
    let given_up = |effect: &PastEffect| {
        let for_good = !(effect.is_missing() || effect.withdrawn) || forgotten >= FORGOTTEN_MAX;
        effect.state == EffectState::Skipped && shows(effect) == wanted && for_good
    };
    if newest.is_some_and(|effect| given_up(effect) && !touched_since(look, effect)) {
        return;
    }
    // What was given up after it was sent may stand there all the same.
    let counts = |effect: &&PastEffect| {
        effect.state != EffectState::Skipped || (shows(effect) && effect.first_sent_at_ms.is_some())
    };
    let last = look.past(IntentKind::ShowHold, ABOUT).filter(counts).last();
    let stands = |effect: &PastEffect| shows(effect) && !(wanted && effect.state == EffectState::Skipped);
    if last.is_some_and(stands) == wanted {
        return;
    }
    if let Some(last) = last {
        if matches!(last.state, EffectState::Running | EffectState::Unknown) {
            return; // What became of it is looked up first.
        }
        look.overtake(last, if wanted { "it is on hold at the hub again" } else { "nothing is to be shown any more" });
        if last.first_sent_at_ms.is_none() {
            return; // It never left: the one before it counts.
        }
    }
    let number = &story.order.number;
    let hub = look.hub.map_or("the shipping account", |hub| hub.title.as_str());
    let sentence = if wanted {
        format!("Put {number} on hold in the store: {hub} holds it")
    } else {
        format!("Take {number} off hold in the store: it was shown there for {hub}'s hold")
    };
    let intent = Intent::ShowHold { order_remote_id: story.order.remote_id.clone(), held: wanted };
    look.plan(id, mode, &story.channel, ABOUT, intent, sentence);
}

/// Somebody at the hub holds it. A hold of ours ends by itself when both sides agree again.
pub(crate) fn held_at_hub(look: &Look<'_>) -> bool {
    let mut held = look.story.hub_orders.iter().filter(|seen| seen.value.status == HubStatus::OnHold);
    held.any(|seen| !is_ours(look, seen))
}

/// We hold it there, or did until after it was last read.
fn is_ours(look: &Look<'_>, seen: &Seen<HubOrder>) -> bool {
    let id = seen.value.remote_id.as_str();
    let Some(hold) = look.last(IntentKind::HoldHubOrder, id) else { return false };
    let release = look.last(IntentKind::ReleaseHubOrder, id).filter(|release| release.id > hold.id);
    let let_go_ms =
        release.filter(|release| release.state == EffectState::Done).and_then(|release| release.settled_at_ms);
    let_go_ms.is_none_or(|let_go_ms| seen.seen_at_ms <= let_go_ms)
}

/// The store holds it by itself.
fn held_in_store(look: &Look<'_>) -> bool {
    look.story.order.our_work().any(|work| work.holds.iter().any(|hold| !hold.ours))
}

/// It puts the order on hold; else it takes it off.
fn shows(effect: &PastEffect) -> bool {
    matches!(&effect.intent, Intent::ShowHold { held: true, .. })
}

/// The hub changed the order since this was planned.
fn touched_since(look: &Look<'_>, effect: &PastEffect) -> bool {
    look.story.hub_orders.iter().any(|seen| seen.value.modified_at_ms > effect.created_at_ms)
}
