//! Which verbs make sense for an order now, and why the others do not. Pure.
//!
//! The drawer shows what is here and nothing else; `act` asks the same functions
//! again before it does anything, because a screen may be minutes old.

use crate::labels::buy;
use crate::tying::is_sent;
use crate::view::{ActionOffer, Verb};
use crate::{refunds, words};
use quayside_flows::{LineLedger, Policy, Standing, standing};
use quayside_model::{Cause, IntentKind, Parcel, ParcelOrigin, Payment, Story};

/// What an order offers.
pub fn offers(story: &Story, policy: &Policy, open_causes: &[Cause]) -> Vec<ActionOffer> {
    let mut out = vec![offer(Verb::Sync, "Sync this order now", can_sync(story, policy), None)];
    out.push(offer(Verb::Push, push_label(story, policy), can_push(story, policy), push_warning(story, policy)));
    if story.choices.hold.is_some() {
        out.push(offer(Verb::Release, "Release", None, None));
    } else {
        out.push(offer(Verb::Hold, "Hold…", can_hold(story), None));
    }
    if is_elsewhere(story, policy) {
        let warning = "Two parcels leave if it is the same sale after all.".to_owned();
        out.push(offer(Verb::ShipAnyway, "It is another sale…", None, Some(warning)));
    } else if wants_ship_anyway(story, open_causes) || held_by_rule(story, policy) {
        out.push(offer(Verb::ShipAnyway, "Ship anyway…", can_ship_anyway(story), Some(ship_anyway_warning(story))));
    }
    if story.parcels.iter().any(|seen| is_voidable(&seen.value)) {
        out.push(offer(Verb::VoidLabel, "Void label…", can_void(story, policy), Some(void_warning(story))));
    }
    if buy::is_offered(story, policy) {
        let warning = "The label is paid at once. It can be voided while the parcel is here.".to_owned();
        out.push(offer(Verb::BuyLabel, "Buy label…", buy::can_buy(story, policy), Some(warning)));
    }
    let no_return = buy::can_return(story, policy);
    if no_return.is_none() || buy::return_refused(story) {
        let warning = "Its carrier may charge it at once, and it can be voided like any other.".to_owned();
        out.push(offer(Verb::ReturnLabel, "Return label…", no_return, Some(warning)));
    }
    if refunds::is_offered(story, policy) {
        let warning = "Money that was given back does not come back.".to_owned();
        out.push(offer(Verb::Refund, "Give money back…", refunds::can_refund(story, policy), Some(warning)));
    }
    out.push(offer(Verb::Cancel, "Cancel order…", can_cancel(story, policy), Some(cancel_warning(story, policy))));
    if !open_causes.is_empty() {
        out.push(offer(Verb::Resolve, "Mark as resolved", None, None));
    }
    out
}

fn offer(
    verb: Verb,
    label: impl Into<String>,
    disabled_because: Option<String>,
    warning: Option<String>,
) -> ActionOffer {
    let warning = warning.filter(|_| disabled_because.is_none());
    ActionOffer { verb, label: label.into(), disabled_because, warning }
}

fn store_title(story: &Story, policy: &Policy) -> String {
    policy.peers.get(&story.channel).map_or_else(|| "the store".to_owned(), |peer| peer.title.clone())
}

fn hub_title(story: &Story, policy: &Policy) -> String {
    policy.hub_of(story).map_or_else(|| "the hub".to_owned(), |peer| peer.title.clone())
}

pub(crate) fn removed(story: &Story, policy: &Policy) -> Option<String> {
    (!policy.peers.contains_key(&story.channel)).then(|| "The account this order came from was removed.".to_owned())
}

/// Why the order cannot be read again now; `None` if it can.
pub fn can_sync(story: &Story, policy: &Policy) -> Option<String> {
    if let Some(why) = removed(story, policy) {
        return Some(why);
    }
    let peer = policy.peers.get(&story.channel)?;
    peer.paused.then(|| format!("{} is paused. Resume it first.", peer.name))
}

fn at_hub(story: &Story) -> bool {
    story.hub_orders.iter().any(|hub| hub.value.status.is_open())
}

fn push_label(story: &Story, policy: &Policy) -> String {
    if story.hub_orders.is_empty() {
        format!("Send to {} now", hub_title(story, policy))
    } else {
        format!("Send to {} again", hub_title(story, policy))
    }
}

/// Why the order cannot be sent to the hub now; `None` if it can.
pub fn can_push(story: &Story, policy: &Policy) -> Option<String> {
    if let Some(why) = removed(story, policy) {
        return Some(why);
    }
    if policy.hub_of(story).is_none() {
        return Some("No shipping account is connected. Connect one under Connections.".into());
    }
    if story.order.is_cancelled() {
        return Some("It was cancelled in the store.".into());
    }
    if story.order.units_to_ship() == 0 {
        return Some("Nothing in it needs a carrier.".into());
    }
    // A part that the hub cancelled may go again beside those that are there.
    let lost = || quayside_flows::seen_parts(story, policy, story.seen_at_ms).iter().any(|part| part.lost);
    if at_hub(story) && !lost() {
        return Some(format!("It is at {} already.", hub_title(story, policy)));
    }
    if let Standing::Elsewhere(twin) = standing(story, policy, is_sent(story), i64::MAX / 2)
        && twin.sent
    {
        return Some(format!(
            "It is the same sale as {}, which was sent. Say first that it is another one.",
            twin.order.number
        ));
    }
    LineLedger::of(story).all_shipped().then(|| "All of it has left already.".into())
}

fn push_warning(story: &Story, policy: &Policy) -> Option<String> {
    let order = &story.order;
    let mut parts: Vec<String> = Vec::new();
    if !order.payment.is_paid() {
        let state = match &order.payment {
            Payment::Unknown(word) => format!("\"{word}\""),
            known => words::payment(known),
        };
        parts.push(format!("The money is not yours yet ({state})."));
    }
    if let Some(risk) = &order.risk {
        parts.push(format!("The store rates it as risky ({risk})."));
    }
    if order.test {
        parts.push("It is a test order; the warehouse would pack it.".into());
    }
    let line = policy.automations.get("orders_to_hub").and_then(|automation| automation.go_live_ms);
    if line.is_some_and(|line| order.placed_at_ms < line) {
        parts.push("It was placed before the go-live line; check that nobody else ships it.".into());
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// Why the order cannot be held now; `None` if it can.
pub fn can_hold(story: &Story) -> Option<String> {
    if story.order.is_cancelled() {
        return Some("It was cancelled in the store.".into());
    }
    if story.order.units_to_ship() == 0 {
        return Some("Nothing in it needs a carrier.".into());
    }
    LineLedger::of(story).all_shipped().then(|| "All of it has left already.".into())
}

/// Another account's order is taken for the same sale, or waited for.
fn is_elsewhere(story: &Story, policy: &Policy) -> bool {
    let now_ms = story.received_at_ms;
    !story.order.is_cancelled() && standing(story, policy, is_sent(story), now_ms) != Standing::Here
}

/// A rule keeps it here.
pub fn held_by_rule(story: &Story, policy: &Policy) -> bool {
    story.hub_orders.is_empty() && quayside_flows::shape::shape(story, policy).hold.is_some()
}

fn wants_ship_anyway(story: &Story, open_causes: &[Cause]) -> bool {
    story.order.risk.is_some()
        || open_causes.iter().any(|cause| matches!(cause, Cause::CancelledAfterLabel | Cause::SidesDiffer))
}

/// Why there is nothing to ship anyway; `None` if there is.
pub fn can_ship_anyway(story: &Story) -> Option<String> {
    story.choices.ship_anyway.then(|| "You decided so already.".into())
}

fn ship_anyway_warning(story: &Story) -> String {
    if story.order.is_cancelled() {
        "The buyer cancelled. Shipping it anyway means the goods leave and the store has to be settled by hand.".into()
    } else {
        "The parcel leaves as the warehouse has it. Differences to the store stay.".into()
    }
}

/// A label bought in the hub that still counts and has not been delivered.
pub fn is_voidable(parcel: &Parcel) -> bool {
    parcel.origin == ParcelOrigin::Label && parcel.voided_at_ms.is_none() && parcel.delivered_at_ms.is_none()
}

/// Why no label can be voided now; `None` if one can.
pub fn can_void(story: &Story, policy: &Policy) -> Option<String> {
    let Some(seen) = story.parcels.iter().find(|seen| is_voidable(&seen.value)) else {
        return Some("No label that could be voided was bought for it.".into());
    };
    let Some(peer) = policy.peers.get(&seen.connection) else {
        return Some("The shipping account that bought the label was removed.".into());
    };
    (!peer.performs.contains(&IntentKind::VoidLabel))
        .then(|| format!("{} does not let labels be voided from outside. Void it there.", peer.title))
}

fn void_warning(story: &Story) -> String {
    let numbers: Vec<String> = story
        .parcels
        .iter()
        .filter(|seen| is_voidable(&seen.value))
        .map(|seen| {
            if seen.value.tracking_number.is_empty() {
                "without a number".to_owned()
            } else {
                seen.value.tracking_number.clone()
            }
        })
        .collect();
    format!(
        "Gives the postage of {} back. The parcel must not be handed to the carrier with that label. This cannot be undone.",
        words::list(&numbers)
    )
}

/// Why the order cannot be cancelled now; `None` if it can.
pub fn can_cancel(story: &Story, policy: &Policy) -> Option<String> {
    if let Some(why) = removed(story, policy) {
        return Some(why);
    }
    if story.order.is_cancelled() {
        return Some("It was cancelled already.".into());
    }
    let ledger = LineLedger::of(story);
    if !ledger.rows.is_empty() && (ledger.all_told() || ledger.all_shipped()) {
        return Some("All of it has left. A return is the way back.".into());
    }
    let peer = policy.peers.get(&story.channel)?;
    (!peer.performs.contains(&IntentKind::CancelChannelOrder))
        .then(|| format!("{} does not let orders be cancelled from outside. Cancel it there.", peer.title))
}

fn cancel_warning(story: &Story, policy: &Policy) -> String {
    let store = store_title(story, policy);
    let parcel = story.parcels.iter().any(|seen| seen.value.is_live());
    let tail = if parcel {
        " A label exists: void it too, or the parcel leaves."
    } else if at_hub(story) {
        " The warehouse is told to stop."
    } else {
        ""
    };
    format!("Cancels the order in {store}. This cannot be undone.{tail}")
}
