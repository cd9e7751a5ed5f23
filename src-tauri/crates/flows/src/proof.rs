//! Said to be done, and not to be seen: platforms do answer "created" and forget.
//!
//! A write counts once the platform shows it. Readings show nearly every one within minutes and cost nothing extra;
//! for the rest the platform is asked by name. What it does not have did not happen: the store then shows that effect
//! to decisions as given up, and whatever it was for is planned anew.
//!
//! What a person decided is nobody's plan, so it is not done a second time by itself: money least of all, since a reading
//! may only be late. It is told instead, and so is a platform that forgets the same thing again and again.

use crate::Policy;
use crate::draft::part_of;
use crate::look::Look;
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use quayside_model::{
    Cause, EffectId, EffectState, Fulfillment, FulfillmentDraft, HubOrder, HubOrderDraft, HubStatus, Intent,
    IntentKind, Money, Order, Parcel, ParcelOrigin, PastEffect, Payment, Return, ReturnStatus, Seen, Story,
};
use std::collections::BTreeMap;

/// Lists lag behind by minutes; after so long a write that is real has been read.
const SHOWN_WITHIN_MS: i64 = 30 * MINUTE_MS;
/// The hub's clock and ours may differ by so much without anybody being told.
const CLOCKS_DIFFER_MS: i64 = 5 * MINUTE_MS;
/// Older writes are history: nobody would pack the order now without having noticed.
const WORTH_ASKING_MS: i64 = 14 * DAY_MS;
/// So often forgotten, it is no accident any more.
const OFTEN: usize = 3;

/// Effects to ask the platform about now.
pub(crate) fn unseen(look: &mut Look<'_>) -> Vec<EffectId> {
    let mut unseen = Vec::new();
    let effects = &look.story.effects;
    for (index, effect) in effects.iter().enumerate() {
        let Some(settled_ms) = effect.settled_at_ms.filter(|_| effect.state == EffectState::Done) else { continue };
        let age_ms = look.now_ms - settled_ms;
        let later = effects[index + 1..].iter().any(|later| speaks_for(later, effect));
        let shown = is_shown(look, effect) && !may_be_undone(effect.intent.kind());
        if age_ms > WORTH_ASKING_MS || later || shown {
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

/// People may undo it there a day later, and would be argued with if it were looked for only then. So it is made sure of
/// once, in its time, whether it shows or not.
fn may_be_undone(kind: IntentKind) -> bool {
    matches!(kind, IntentKind::CancelChannelOrder | IntentKind::AnnotateOrder | IntentKind::ShowHold)
}

/// A later effect of the same kind speaks for this one, too, and so does what undoes it. One that was refused says
/// nothing, least of all that there is anything it could have changed. Every refund is money of its own, however alike.
fn speaks_for(later: &PastEffect, effect: &PastEffect) -> bool {
    let says_nothing = matches!(later.state, EffectState::Skipped | EffectState::Refused | EffectState::Asked);
    if says_nothing || matches!(effect.intent.kind(), IntentKind::Refund | IntentKind::RecordRefund) {
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

/// The label an effect is about, as the hub last showed it.
fn label<'a>(look: &Look<'a>, parcel_id: &str) -> Option<&'a Seen<Parcel>> {
    look.story.parcels.iter().find(|seen| seen.value.remote_id == parcel_id)
}

/// A return, as the store last showed it.
fn returned<'a>(look: &Look<'a>, return_id: &str) -> Option<&'a Seen<Return>> {
    look.story.returns.iter().find(|seen| seen.value.remote_id == return_id)
}

/// The label that was bought, as the hub last showed it: by its name, else a label of that order beside which no other is
/// bought; for the way back, one that was not there before.
fn bought<'a>(look: &Look<'a>, effect: &PastEffect) -> Option<&'a Seen<Parcel>> {
    let named = effect.receipt.as_ref().and_then(|receipt| receipt.remote_id.as_deref());
    let of_order = |parcel: &Parcel| match &effect.intent {
        Intent::BuyLabel { label } => {
            parcel.is_live()
                && parcel.origin == ParcelOrigin::Label
                && parcel.hub_order_id.as_deref() == Some(label.hub_order_id.as_str())
        }
        // It may stand under a shipment of its own and under another name there: one that comes back and that nobody knew
        // of before is it.
        Intent::ReturnLabel { known_label_ids, .. } => {
            parcel.is_return && parcel.origin == ParcelOrigin::Label && !known_label_ids.contains(&parcel.remote_id)
        }
        _ => false,
    };
    let shown = |seen: &&Seen<Parcel>| Some(seen.value.remote_id.as_str()) == named || of_order(&seen.value);
    look.story.parcels.iter().find(shown)
}

/// A reading shows it, or something that came after it. `true` of what nobody can look for, too. Every kind is named: a new
/// one decides here how it is made sure of.
fn is_shown(look: &Look<'_>, effect: &PastEffect) -> bool {
    let order = &look.story.order;
    match &effect.intent {
        Intent::PutHubOrder { order: draft, hub_order_id } => is_put(look, effect, draft, hub_order_id.is_none()),
        // Whoever touched it later at the hub knew what he did; where that must not be, a person is told elsewhere.
        Intent::CancelHubOrder { .. } => {
            read_at_hub(look, effect).is_none_or(|at_hub| !at_hub.status.is_open() || touched_since(at_hub, effect))
        }
        Intent::HoldHubOrder { .. } => read_at_hub(look, effect).is_none_or(|at_hub| {
            at_hub.status == HubStatus::OnHold || !at_hub.status.is_open() || touched_since(at_hub, effect)
        }),
        Intent::ReleaseHubOrder { .. } => read_at_hub(look, effect)
            .is_none_or(|at_hub| at_hub.status != HubStatus::OnHold || touched_since(at_hub, effect)),
        // A label nobody reads here costs nobody anything here.
        Intent::VoidLabel { parcel_id } => {
            label(look, parcel_id).is_none_or(|seen| seen.value.voided_at_ms.is_some() || seen.value.is_return)
        }
        // One that nobody pays is on no list.
        Intent::BuyLabel { label } => label.test || bought(look, effect).is_some(),
        Intent::ReturnLabel { .. } => bought(look, effect).is_some(),
        Intent::Fulfill { fulfillment } => is_told(look, effect, fulfillment),
        // The store shows the number, on whichever report; without the report there is nothing to correct.
        Intent::ReplaceTracking { fulfillment_id, tracking, .. } => {
            let shows = |number: &String| {
                order
                    .fulfillments
                    .iter()
                    .any(|f| f.tracking_numbers.iter().any(|shown| shown.eq_ignore_ascii_case(number)))
            };
            tracking.numbers.is_empty()
                || tracking.numbers.iter().any(shows)
                || !order.fulfillments.iter().any(|f| f.remote_id == *fulfillment_id && f.live)
                || order.is_cancelled()
        }
        // Stores that delete what was taken back do not show it any more.
        Intent::CancelFulfillment { fulfillment_id, .. } => {
            !order.fulfillments.iter().any(|f| f.remote_id == *fulfillment_id && f.live)
        }
        // Its money is a part of it: where the order still shows it, the store is asked.
        Intent::CancelChannelOrder { refund, .. } => order.is_cancelled() && !(*refund && has_money(order)),
        // An order shows how much was given back, not by which refund: only all of it proves anything.
        Intent::Refund { .. } => order.payment == Payment::Refunded,
        Intent::AcknowledgeOrder { number, .. } => {
            order.attributes.iter().any(|(name, value)| name == SELLERS_NUMBER && value == number)
        }
        // Remarks for the team are on no order that is read.
        Intent::AnnotateOrder { fields, note, tags, .. } => {
            note.trim().is_empty()
                && fields.iter().all(|field| order.attributes.contains(field))
                && tags.iter().all(|tag| order.tags.contains(tag))
        }
        Intent::AnswerReturn { return_id, .. } => {
            returned(look, return_id).is_some_and(|seen| seen.value.status != ReturnStatus::Requested)
        }
        Intent::ShowHold { held, .. } => {
            *held == order.our_work().any(|work| work.holds.iter().any(|hold| hold.ours)) || order.is_cancelled()
        }
        // A count has no order: after each write it is read back by name. What was said to somebody is in no account.
        // A product has none either: its list shows it, and whoever plans products looks there.
        Intent::SetStock { .. } | Intent::PutProduct { .. } | Intent::TellBuyer { .. } => true,
        // No reading shows records, nor a hub's books.
        Intent::PutRecord { .. } | Intent::RecordRefund { .. } => false,
    }
}

/// The attribute under which a channel shows the number it was told with an acknowledgement.
const SELLERS_NUMBER: &str = "seller_order_id";

/// The store says that it has money of the buyer's, or could take it.
fn has_money(order: &Order) -> bool {
    matches!(order.payment, Payment::Paid | Payment::PartiallyPaid | Payment::PartiallyRefunded | Payment::Authorized)
}

/// The hub shows the order as it was sent. `new`: it was not there before.
fn is_put(look: &Look<'_>, effect: &PastEffect, draft: &HubOrderDraft, new: bool) -> bool {
    let story = look.story;
    let by_key = story.hub_orders.iter().any(|seen| seen.value.key == draft.key);
    let by_id = effect.receipt.as_ref().and_then(|receipt| receipt.remote_id.as_deref());
    // Merged and split orders have other keys; a parcel proves more than an order does.
    // Where an order is split, that of one part proves nothing of the others.
    let split =
        story.effects.iter().any(|e| crate::orders_to_hub::draft_of(&e.intent).is_some_and(|d| part_of(&d.key) > 0));
    let of_it = |parcel: &Parcel| match (&parcel.hub_order_id, &parcel.hub_order_key) {
        (Some(id), _) => by_id == Some(id.as_str()),
        (None, Some(key)) => *key == draft.key,
        (None, None) => true,
    };
    let mut parcels = story.parcels.iter().filter(|seen| seen.connection == effect.connection);
    let parcel = parcels.any(|seen| !split || of_it(&seen.value));
    let there = by_key || by_id.is_some_and(|id| story.hub_orders.iter().any(|seen| seen.value.remote_id == id));
    // That the order is there says of a change nothing: the hub must have touched it since.
    let touched = || {
        read_at_hub(look, effect).is_none_or(|at_hub| {
            let sent_ms = effect.first_sent_at_ms.unwrap_or(effect.created_at_ms);
            at_hub.modified_at_ms >= sent_ms - CLOCKS_DIFFER_MS || !at_hub.status.is_open()
        })
    };
    parcel || there && (new || touched())
}

/// The store shows what it was told had left.
fn is_told(look: &Look<'_>, effect: &PastEffect, fulfillment: &FulfillmentDraft) -> bool {
    let order = &look.story.order;
    // One that somebody else made without a number, and that was given ours, is ours once it shows one.
    let numbered = |f: &Fulfillment| fulfillment.tracking.numbers.is_empty() || !f.tracking_numbers.is_empty();
    let told = |id: &str| order.fulfillments.iter().any(|f| f.remote_id == id && numbered(f));
    let shows = |number: &String| {
        order.fulfillments.iter().any(|f| f.tracking_numbers.iter().any(|n| n.eq_ignore_ascii_case(number)))
    };
    let units = fulfillment.lines.iter().all(|line| order.units_told(&line.order_line_id) >= line.quantity);
    // That the units left may be said by others: a report that has a name is looked for by it, since a number that comes
    // later has its place there.
    let named = effect.receipt.as_ref().and_then(|receipt| receipt.remote_id.as_deref());
    named.is_some_and(told)
        || fulfillment.tracking.numbers.iter().any(shows)
        || (fulfillment.tracking.numbers.is_empty() && units && named.is_none())
        || crate::take_back::was_taken_back(look, effect)
        || order.is_cancelled()
}

/// How far readings got with what was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// A reading shows it; the last one was made at this moment, ms UTC.
    Seen(i64),
    /// None has yet, and it is waited for or asked about.
    NotYet,
}

/// What readings say of the effects that were answered. Of what nobody waits for any more (it is long ago, a later change
/// took its place) nothing is said.
pub fn sights(story: &Story, policy: &Policy, now_ms: i64) -> BTreeMap<EffectId, Sight> {
    let look = Look::new(story, policy, now_ms);
    let mut sights = BTreeMap::new();
    for (index, effect) in story.effects.iter().enumerate() {
        let Some(settled_ms) = effect.settled_at_ms.filter(|_| effect.state == EffectState::Done) else { continue };
        // No reading will ever show what a buyer was told: nobody waits for it.
        if effect.intent.kind() == IntentKind::TellBuyer {
            continue;
        }
        let read_ms = read_at_ms(&look, effect).filter(|read_ms| *read_ms >= settled_ms);
        let waited_for = || {
            let later = story.effects[index + 1..].iter().any(|later| speaks_for(later, effect));
            now_ms - settled_ms <= WORTH_ASKING_MS && !later
        };
        match read_ms.filter(|_| is_shown(&look, effect)) {
            Some(read_ms) => sights.insert(effect.id, Sight::Seen(read_ms)),
            None if waited_for() => sights.insert(effect.id, Sight::NotYet),
            None => None,
        };
    }
    sights
}

/// When that was last read in which the effect would show, ms UTC.
fn read_at_ms(look: &Look<'_>, effect: &PastEffect) -> Option<i64> {
    let story = look.story;
    match &effect.intent {
        Intent::PutHubOrder { order, .. } => {
            let id = hub_order(effect);
            let ours =
                |seen: &&Seen<HubOrder>| seen.value.key == order.key || Some(seen.value.remote_id.as_str()) == id;
            story.hub_orders.iter().filter(ours).map(|seen| seen.seen_at_ms).max()
        }
        Intent::CancelHubOrder { hub_order_id, .. }
        | Intent::HoldHubOrder { hub_order_id, .. }
        | Intent::ReleaseHubOrder { hub_order_id, .. } => {
            story.hub_orders.iter().find(|seen| seen.value.remote_id == *hub_order_id).map(|seen| seen.seen_at_ms)
        }
        Intent::VoidLabel { parcel_id } => label(look, parcel_id).map(|seen| seen.seen_at_ms),
        Intent::BuyLabel { .. } | Intent::ReturnLabel { .. } => bought(look, effect).map(|seen| seen.seen_at_ms),
        Intent::AnswerReturn { return_id, .. } => returned(look, return_id).map(|seen| seen.seen_at_ms),
        Intent::Fulfill { .. }
        | Intent::ReplaceTracking { .. }
        | Intent::CancelFulfillment { .. }
        | Intent::CancelChannelOrder { .. }
        | Intent::Refund { .. }
        | Intent::AcknowledgeOrder { .. }
        | Intent::AnnotateOrder { .. }
        | Intent::ShowHold { .. } => Some(story.seen_at_ms),
        Intent::SetStock { .. }
        | Intent::PutProduct { .. }
        | Intent::PutRecord { .. }
        | Intent::RecordRefund { .. }
        | Intent::TellBuyer { .. } => None,
    }
}

/// Tells what was answered, is not there, and is not made good by itself.
pub(crate) fn report(look: &mut Look<'_>) {
    let story = look.story;
    for (index, effect) in story.effects.iter().enumerate().filter(|(_, effect)| effect.is_missing()) {
        let later = &story.effects[index + 1..];
        if is_shown(look, effect) || later.iter().any(|later| is_done_again(look, later, effect)) {
            continue;
        }
        let sentence = match &effect.intent {
            Intent::Refund { .. }
            | Intent::CancelChannelOrder { .. }
            | Intent::VoidLabel { .. }
            | Intent::BuyLabel { .. }
            | Intent::ReturnLabel { .. }
            | Intent::AnswerReturn { .. } => forgotten_for_good(look, effect),
            Intent::PutHubOrder { .. }
            | Intent::CancelHubOrder { .. }
            | Intent::HoldHubOrder { .. }
            | Intent::ReleaseHubOrder { .. }
            | Intent::Fulfill { .. }
            | Intent::ReplaceTracking { .. }
            | Intent::CancelFulfillment { .. }
            | Intent::AcknowledgeOrder { .. }
            | Intent::AnnotateOrder { .. }
            | Intent::ShowHold { .. }
            | Intent::SetStock { .. }
            | Intent::PutProduct { .. }
            | Intent::RecordRefund { .. }
            | Intent::PutRecord { .. }
            | Intent::TellBuyer { .. } => match forgotten_often(look, effect) {
                Some(sentence) => sentence,
                None => continue,
            },
        };
        let finding = look.find(Cause::Forgotten, effect.key.clone(), sentence);
        finding.effect = Some(effect.id);
        finding.since_ms = effect.settled_at_ms;
    }
}

/// A later effect takes the place of one that is missing. A refund does once nobody can have meant another one beside it:
/// before that nobody knew that this one is missing. What is planned anew by itself counts once it has held for a while.
fn is_done_again(look: &Look<'_>, later: &PastEffect, effect: &PastEffect) -> bool {
    let under_way = !matches!(later.state, EffectState::Skipped | EffectState::Refused | EffectState::Asked);
    match (&effect.intent, &later.intent) {
        (Intent::Refund { .. }, Intent::Refund { .. } | Intent::CancelChannelOrder { refund: true, .. }) => {
            let known_ms = effect.settled_at_ms.unwrap_or(effect.created_at_ms) + SHOWN_WITHIN_MS;
            under_way && later.created_at_ms >= known_ms
        }
        (Intent::CancelChannelOrder { .. }, Intent::CancelChannelOrder { .. })
        | (Intent::VoidLabel { .. }, Intent::VoidLabel { .. })
        | (Intent::BuyLabel { .. }, Intent::BuyLabel { .. })
        | (Intent::ReturnLabel { .. }, Intent::ReturnLabel { .. })
        | (Intent::AnswerReturn { .. }, Intent::AnswerReturn { .. }) => under_way && stem(later) == stem(effect),
        // Cancelled after all, and only its money was left.
        (Intent::CancelChannelOrder { .. }, Intent::Refund { .. }) => under_way && look.story.order.is_cancelled(),
        _ => {
            let held = |settled_ms: i64| is_shown(look, later) || look.now_ms - settled_ms > HOUR_MS;
            stem(later) == stem(effect)
                && (later.is_missing() || later.state == EffectState::Done && later.settled_at_ms.is_some_and(held))
        }
    }
}

/// What a person decided was answered and is not there: what to look at, and what to do.
fn forgotten_for_good(look: &Look<'_>, effect: &PastEffect) -> String {
    let order = &look.story.order;
    let title = look.policy.peers.get(&effect.connection).map_or("the platform", |peer| peer.title.as_str());
    let number = &order.number;
    match &effect.intent {
        Intent::Refund { refund } => {
            let money = Money::new(refund.total_minor, refund.currency.clone());
            format!(
                "{number}: {title} answered that it gave {money} back, and has no such refund now. It is not given back a second time by itself. Look at the order's refunds there; if it is missing, give it back again."
            )
        }
        Intent::VoidLabel { parcel_id } => {
            let tracking = label(look, parcel_id).map_or("", |seen| seen.value.tracking_number.trim());
            let which = if tracking.is_empty() { String::new() } else { format!(" {tracking}") };
            format!(
                "{number}: {title} answered that the label{which} is voided, and still counts it. Look at it there; void it again, or its postage is lost."
            )
        }
        Intent::BuyLabel { .. } => format!(
            "{number}: {title} answered that its label was bought, and has no such label now. It is not bought a second time by itself. Look at the order and at the account's balance there; if nothing was taken, buy it again."
        ),
        Intent::ReturnLabel { .. } => format!(
            "{number}: {title} answered that a return label was made, and has no such label now. None is made a second time by itself. Look at the order there; if it is missing, make it again."
        ),
        Intent::AnswerReturn { .. } => format!(
            "{number}: {title} answered that the return was agreed to or declined, and still shows it as asked for. Look at the return there, and answer it again."
        ),
        _ if order.is_cancelled() => format!(
            "{number} is cancelled, but {title} does not show that all of its money was given back, though it answered so. Look at the order there, and give back what is missing."
        ),
        _ => format!(
            "{number}: {title} answered that the order is cancelled, and still shows it open. It is not cancelled again by itself. Look at the order there, and cancel it again."
        ),
    }
}

/// The platform has forgotten the same thing time and again; it goes on being sent, and somebody should know.
fn forgotten_often(look: &Look<'_>, effect: &PastEffect) -> Option<String> {
    let same = |one: &&PastEffect| one.is_missing() && stem(one) == stem(effect);
    let times = look.story.effects.iter().filter(same).count();
    let title = look.policy.peers.get(&effect.connection).map_or("the platform", |peer| peer.title.as_str());
    let (number, what) = (&look.story.order.number, effect.intent.kind().phrase());
    (times >= OFTEN).then(|| {
        format!(
            "{number}: {title} answered {times} times that it did ({what}), and does not have it. Quayside goes on trying. Look at the order there; if it stays so, ask the platform's support."
        )
    })
}
