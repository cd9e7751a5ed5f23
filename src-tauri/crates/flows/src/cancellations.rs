//! What the channel cancelled must not leave; what the hub cancelled must not wait in silence.

use crate::automation::{AutomationDecl, Need};
use crate::calendar;
use crate::change_by_hand;
use crate::look::Look;
use crate::sides_agree::{self, HOLD_DAYS, day_after};
use quayside_model::time::MINUTE_MS;
use quayside_model::{
    Cause, ConnectionId, EffectState, HubOrder, HubStatus, Intent, IntentKind, Mode, Parcel, PastEffect, RecordKind,
    Role, Seen, SettingDecl, SettingKind,
};
use std::collections::BTreeSet;

pub(crate) const ID: &str = "cancellations";

/// A parcel reported to the channel by somebody else may be the hub's own report whose
/// parcel we have not read yet: so long we wait before we take the order off the hub.
const ELSEWHERE_MS: i64 = 15 * MINUTE_MS;
/// So long the maker of a hub order that is not ours has to take it off by itself.
const COPY_GRACE_MS: i64 = 15 * MINUTE_MS;

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Cancellations",
    summary: "Cancels the hub's order when the store cancels, refunds or hands over everything before a label exists. When a label exists, it holds what is still open at the hub, and asks you.",
    examples: &[
        ("An order is cancelled in the store before packing.", "It is cancelled at the hub, and read back."),
        (
            "It is cancelled after the label was bought.",
            "What is still open at the hub is held, where the hub takes holds, and nothing is cancelled. An exception says when the label was bought and offers to void it; once it is voided, the order is cancelled there.",
        ),
        ("Somebody cancels it at the hub only.", "An exception offers to cancel it in the store, or to send it again."),
        (
            "The cancellation arrives while the order is on its way to the hub.",
            "It waits for the answer, then cancels.",
        ),
    ],
    needs: &[Need::Reads(Role::Channel, RecordKind::Order), Need::Performs(Role::Hub, IntentKind::CancelHubOrder)],
    undo: "A cancelled hub order stays cancelled; send the order again to get a new one.",
    settings: &[SettingDecl {
        name: "elsewhere",
        label: "Cancel at the hub what was fulfilled elsewhere",
        help: "When an order is fulfilled in the store by hand, the warehouse should not ship it again.",
        kind: SettingKind::Toggle,
        default: "true",
    }],
    look,
};

fn look(look: &mut Look<'_>) {
    let story = look.story;
    let order = &story.order;
    let gone_ms = if order.is_cancelled() {
        order.cancelled_at_ms
    } else if order.units_to_ship() == 0 && order.lines.iter().any(|l| l.requires_shipping)
        || order.is_others() && look.was_sent()
    {
        Some(order.updated_at_ms)
    } else {
        fulfilled_elsewhere(look)
    };
    match gone_ms {
        Some(at_ms) => take_off_hub(look, at_ms),
        None => cancelled_at_hub(look),
    }
}

/// Everything was fulfilled without a parcel of ours: when, if it is long enough ago to be sure.
fn fulfilled_elsewhere(look: &mut Look<'_>) -> Option<i64> {
    let order = &look.story.order;
    let ours = look.story.parcels.iter().any(|p| p.value.is_live());
    if ours || look.lines.rows.is_empty() || !look.lines.all_told() || !look.policy.toggle(ID, "elsewhere") {
        return None;
    }
    // What we reported ourselves is not "elsewhere", whatever became of its parcel.
    let by_us = |id: &str| {
        look.story.effects.iter().any(|e| e.receipt.as_ref().and_then(|r| r.remote_id.as_deref()) == Some(id))
    };
    if order.fulfillments.iter().any(|f| f.live && by_us(&f.remote_id)) {
        return None;
    }
    let told_ms = order.fulfillments.iter().filter(|f| f.live).map(|f| f.created_at_ms).max()?;
    if look.now_at_store() < told_ms + ELSEWHERE_MS {
        look.look_again_at_store(told_ms + ELSEWHERE_MS);
        return None;
    }
    Some(told_ms)
}

fn take_off_hub(look: &mut Look<'_>, since_ms: i64) {
    let story = look.story;
    let why = if story.order.is_cancelled() {
        "was cancelled in the store"
    } else if story.order.units_to_ship() == 0 {
        "was refunded in the store"
    } else if story.order.is_others() && !story.order.is_fulfilled() {
        "was given to another fulfillment service"
    } else {
        "was fulfilled elsewhere"
    };
    // Not sent yet: never goes. On its way: wait for the answer of that account; what another one has comes off meanwhile.
    let mut on_its_way: BTreeSet<&ConnectionId> = BTreeSet::new();
    for effect in story.effects.iter().filter(|e| e.intent.kind() == IntentKind::PutHubOrder) {
        match effect.state {
            EffectState::Asked | EffectState::Pending | EffectState::Refused => {
                look.overtake(effect, format!("the order {why}"));
            }
            EffectState::Running | EffectState::Unknown => {
                on_its_way.insert(&effect.connection);
            }
            EffectState::Done | EffectState::Skipped => {}
        }
    }
    let answered = |connection: &ConnectionId| !on_its_way.contains(connection);
    if !on_its_way.is_empty() {
        look.wait(
            "sending",
            since_ms,
            "Cancelled while it was on its way to the hub; waits for the answer, then cancels there",
        );
        let sent = story.effects.iter().filter(|e| e.intent.kind() == IntentKind::PutHubOrder);
        let there = story.hub_orders.iter().map(|h| &h.connection);
        if !sent.map(|e| &e.connection).chain(there).any(answered) {
            return;
        }
    }
    labels_bought(look, why, since_ms);
    let ours = |h: &&Seen<HubOrder>| !h.value.external && h.value.status.is_open() && answered(&h.connection);
    for seen in story.hub_orders.iter().filter(ours) {
        if !seen.value.merged_ids.is_empty() {
            take_out_of_merged(look, &seen.connection, &seen.value, why);
        } else if is_labelled(look, &seen.connection, &seen.value.remote_id, &seen.value.key) {
            keep_labelled(look, &seen.connection, &seen.value.remote_id, &seen.value.key, why);
        } else {
            // A hold or release that still waits for its click would stand before the cancellation.
            let kinds = [IntentKind::HoldHubOrder, IntentKind::ReleaseHubOrder];
            look.overtake_waiting(&kinds, &seen.value.remote_id, &format!("the order {why}"));
            plan_cancel(look, &seen.connection, &seen.value.remote_id, &seen.value.key, why);
        }
    }
    let nothing_wanted = story.order.is_cancelled() || story.order.units_to_ship() == 0;
    for seen in story.hub_orders.iter().filter(|h| nothing_wanted && h.value.external && h.value.status.is_open()) {
        tell_of_copy(look, seen, why, since_ms);
    }
    // The hub answered our create but its order was not read yet: cancel by the receipt.
    for effect in
        story.effects.iter().filter(|e| e.intent.kind() == IntentKind::PutHubOrder && e.state == EffectState::Done)
    {
        let Intent::PutHubOrder { order, .. } = &effect.intent else { continue };
        let Some(id) = effect.receipt.as_ref().and_then(|r| r.remote_id.clone()) else { continue };
        if !answered(&effect.connection) {
            continue;
        }
        if story.hub_orders.iter().any(|h| h.value.remote_id == id || h.value.key == order.key) {
            continue;
        }
        if is_labelled(look, &effect.connection, &id, &order.key) {
            keep_labelled(look, &effect.connection, &id, &order.key, why);
        } else {
            plan_cancel(look, &effect.connection, &id, &order.key, why);
        }
    }
    // Typed in by a person where nothing is read back: their word is all there is.
    let hub = look.hub.map_or_else(|| "the hub".to_owned(), |hub| hub.title.clone());
    change_by_hand::cancel_typed(look, &hub, why);
}

/// A label that counts was bought for this hub order. Parts of a split order are hub orders of their own.
fn is_labelled(look: &Look<'_>, connection: &ConnectionId, id: &str, key: &str) -> bool {
    look.story.parcels.iter().any(|seen| {
        let parcel = &seen.value;
        let for_it = match (&parcel.hub_order_id, &parcel.hub_order_key) {
            (Some(of), _) => of == id,
            (None, Some(of)) => of == key,
            // It is of this order, and of nothing more particular: better held for nothing than cancelled for nothing.
            (None, None) => true,
        };
        seen.connection == *connection && parcel.is_live() && for_it
    })
}

/// The labels that were faster than the cancellation, as one exception.
fn labels_bought(look: &mut Look<'_>, why: &str, since_ms: i64) {
    let story = look.story;
    // What nobody reads here is behind it: the label says why, and a void makes room for a new try.
    for seen in story.hub_orders.iter().filter(|h| !h.value.external && h.value.merged_ids.is_empty()) {
        let (id, open) = (&seen.value.remote_id, seen.value.status.is_open());
        if !is_labelled(look, &seen.connection, id, &seen.value.key) {
            continue;
        }
        look.overtake_waiting(&[IntentKind::CancelHubOrder], id, "a label was bought for it");
        let kinds: &[IntentKind] =
            if open { &[IntentKind::CancelHubOrder] } else { &[IntentKind::CancelHubOrder, IntentKind::HoldHubOrder] };
        for kind in kinds {
            let too_late = |e: &&PastEffect| {
                e.state == EffectState::Refused && e.refusal.as_ref().is_some_and(|r| r.cause == Cause::HubLocked)
            };
            let refused: Vec<&PastEffect> = look.past(*kind, id).filter(too_late).collect();
            for effect in refused {
                look.overtake(effect, "its label was bought first");
            }
        }
    }
    if story.choices.ship_anyway {
        return;
    }
    let still_open = story.hub_orders.iter().find(|h| {
        let open = !h.value.external && h.value.merged_ids.is_empty() && h.value.status.is_open();
        open && is_labelled(look, &h.connection, &h.value.remote_id, &h.value.key)
    });
    // Refunded or handed over after it left is no race: the parcel is where it belongs.
    if !story.order.is_cancelled() && still_open.is_none() {
        return;
    }
    let mut labels: Vec<&Seen<Parcel>> = story.parcels.iter().filter(|p| p.value.is_live()).collect();
    labels
        .sort_by(|a, b| (a.value.created_at_ms, &a.value.remote_id).cmp(&(b.value.created_at_ms, &b.value.remote_id)));
    let Some(label) = labels.first() else { return };
    let hub = hub_title(look, &label.connection);
    let zone = look.policy.zone_of(look.channel);
    let number = |seen: &&Seen<Parcel>| match seen.value.tracking_number.as_str() {
        "" => "unknown".to_owned(),
        number => number.to_owned(),
    };
    let numbers: Vec<String> = labels.iter().map(number).collect();
    let (what, them, left) = if numbers.len() == 1 {
        ("a label was bought".to_owned(), "it", "the parcel has left")
    } else {
        (format!("{} labels were bought, the first", numbers.len()), "them", "the parcels have left")
    };
    let held = still_open.map(|seen| stands(look, seen, &hub)).unwrap_or_default();
    let sentence = format!(
        "{} {why}, but too late: {what} at {hub} {} (tracking {}). Void {them} to get the postage back, or ship anyway if {left}.{held}",
        story.order.number,
        calendar::said(label.value.created_at_ms, look.now_ms, zone),
        numbers.join(", "),
    );
    let since = label.value.created_at_ms;
    let finding = look.find(Cause::CancelledAfterLabel, label.value.remote_id.clone(), sentence);
    finding.since_ms = Some(since.max(since_ms));
}

/// What keeps the rest of a labelled order from leaving, in words.
fn stands(look: &Look<'_>, seen: &Seen<HubOrder>, hub: &str) -> String {
    let refused = look.last(IntentKind::HoldHubOrder, &seen.value.remote_id);
    let refused = refused.is_some_and(|effect| effect.state == EffectState::Refused);
    if seen.value.status == HubStatus::OnHold {
        " It is on hold there until then.".to_owned()
    } else if !takes_holds(look, &seen.connection) {
        format!(" {hub} takes no holds from outside: until then it stands open there, so tell the warehouse.")
    } else if look.mode(ID) == Mode::Auto && !refused {
        " It is held there until then.".to_owned()
    } else {
        " It still stands open there.".to_owned()
    }
}

fn takes_holds(look: &Look<'_>, connection: &ConnectionId) -> bool {
    look.policy.peers.get(connection).is_some_and(|peer| peer.performs.contains(&IntentKind::HoldHubOrder))
}

/// A labelled order that is still open at the hub: held until a person has said what becomes of the label. Shipped
/// knowingly, it is let go again.
fn keep_labelled(look: &mut Look<'_>, connection: &ConnectionId, id: &str, key: &str, why: &str) {
    let story = look.story;
    let (number, hub) = (story.order.number.clone(), hub_title(look, connection));
    let read = story.hub_orders.iter().find(|h| h.value.remote_id == id);
    let on_hold = read.is_some_and(|seen| seen.value.status == HubStatus::OnHold);
    let last = |kind: IntentKind| look.last_at(connection, kind, id);
    let (hold, release) = (last(IntentKind::HoldHubOrder), last(IntentKind::ReleaseHubOrder));
    let newest = [hold, release].into_iter().flatten().max_by_key(|effect| effect.id);
    if story.choices.ship_anyway {
        let since_ms = story.order.cancelled_at_ms.unwrap_or(story.order.updated_at_ms);
        look.wait("packing", since_ms, format!("It {why}, and you ship it anyway; in {hub}, waits for packing"));
        look.overtake_waiting(&[IntentKind::HoldHubOrder], id, "it is shipped anyway");
        let ours = newest.is_some_and(|effect| {
            effect.intent.kind() == IntentKind::HoldHubOrder && effect.state == EffectState::Done
        });
        if on_hold && ours {
            let intent = Intent::ReleaseHubOrder { hub_order_id: id.to_owned(), hub_order_key: key.to_owned() };
            // The click that ships it anyway lets this automation act, whatever its mode.
            let mode = look.mode(sides_agree::ID);
            let sentence = format!("Release {number} at {hub}: you ship it anyway");
            look.plan(sides_agree::ID, mode, connection, id, intent, sentence);
        }
        return;
    }
    look.overtake_waiting(&[IntentKind::ReleaseHubOrder], id, &format!("the order {why}"));
    // A cancellation that was faster than the reading of its label: what it came to is seen first.
    let cancelling = look.last(IntentKind::CancelHubOrder, id).is_some_and(|effect| match effect.state {
        EffectState::Running | EffectState::Unknown => true,
        EffectState::Done => read.is_none_or(|seen| Some(seen.seen_at_ms) <= effect.settled_at_ms),
        _ => false,
    });
    if on_hold || cancelling || !takes_holds(look, connection) {
        return;
    }
    // Held once, and open again: somebody let it go there, unless its day came.
    let again = match newest {
        None => true,
        Some(effect) if effect.intent.kind() == IntentKind::ReleaseHubOrder => {
            !matches!(effect.state, EffectState::Running | EffectState::Unknown)
        }
        Some(effect) if effect.state == EffectState::Refused => {
            read.is_some_and(|seen| seen.value.modified_at_ms > effect.refused_at_ms.unwrap_or(effect.created_at_ms))
        }
        Some(effect) => {
            let day = match &effect.intent {
                Intent::HoldHubOrder { until_day, .. } => until_day.as_str(),
                _ => "",
            };
            effect.state == EffectState::Done && day <= day_after(look, 0).as_str()
        }
    };
    if again {
        if let Some(refused) = newest.filter(|effect| effect.state == EffectState::Refused) {
            look.overtake(refused, "the order must wait again");
        }
        let intent = Intent::HoldHubOrder {
            hub_order_id: id.to_owned(),
            hub_order_key: key.to_owned(),
            until_day: day_after(look, HOLD_DAYS),
        };
        let mode = look.mode(ID);
        let sentence = format!("Hold {number} at {hub}: it {why}, and its label is bought");
        look.plan(ID, mode, connection, id, intent, sentence);
    }
}

/// The hub made its order by itself (its own import, or typed in): not ours to cancel. Whoever made it gets a while to,
/// then a person is told before the parcel leaves.
fn tell_of_copy(look: &mut Look<'_>, seen: &Seen<HubOrder>, why: &str, since_ms: i64) {
    let due_ms = since_ms + COPY_GRACE_MS;
    if look.now_ms < due_ms {
        look.look_again(due_ms);
        return;
    }
    let hub = hub_title(look, &seen.connection);
    let sentence = format!(
        "{} {why}, but the order that {hub} has of its own ({}) is still open there, and it is not ours to cancel. Cancel it there, or its parcel leaves.",
        look.story.order.number, seen.value.number
    );
    let finding = look.find(Cause::SidesDiffer, format!("copy:{}", seen.value.remote_id), sentence);
    finding.since_ms = Some(since_ms);
}

/// The warehouse put this order and others into one: cancelling that would cancel the others' goods. It is held, and a
/// person takes this order's lines out.
fn take_out_of_merged(look: &mut Look<'_>, connection: &ConnectionId, hub_order: &HubOrder, why: &str) {
    let order = &look.story.order;
    if crate::lines::is_without(hub_order, order) {
        return; // its lines were taken out already
    }
    let (number, hub) = (order.number.clone(), hub_title(look, connection));
    let about = &hub_order.remote_id;
    let can_hold = takes_holds(look, connection);
    let mode = look.mode(ID);
    let sentence = format!(
        "{number} {why}, but {hub} merged it with another order into {}. Cancelling that would cancel the other's goods too{}. Take the lines of {number} out there, then release it.",
        hub_order.number,
        if can_hold && mode == Mode::Auto { ", so it is held" } else { "" }
    );
    look.find(Cause::SidesDiffer, "merged", sentence);
    if can_hold && hub_order.status != HubStatus::OnHold && look.last(IntentKind::HoldHubOrder, about).is_none() {
        let intent = Intent::HoldHubOrder {
            hub_order_id: about.clone(),
            hub_order_key: hub_order.key.clone(),
            until_day: day_after(look, HOLD_DAYS),
        };
        let sentence = format!("Hold {} at {hub}: {number}, which is in it, {why}", hub_order.number);
        look.plan(ID, mode, connection, about, intent, sentence);
    }
}

fn plan_cancel(look: &mut Look<'_>, connection: &ConnectionId, id: &str, key: &str, why: &str) {
    let number = look.story.order.number.clone();
    let hub = hub_title(look, connection);
    let mode = look.mode(ID);
    if look.policy.peers.get(connection).is_some_and(|peer| !peer.performs.contains(&IntentKind::CancelHubOrder)) {
        change_by_hand::cancel(look, &hub, id, key, why);
        return;
    }
    if mode == Mode::Off {
        let off = look.policy.automations.get(ID).is_none_or(|policy| policy.mode == Mode::Off);
        let (because, instead) = if off {
            ("\"Cancellations\" is switched off", ", or switch it on")
        } else {
            ("it was placed before the go-live line of \"Cancellations\"", "")
        };
        let sentence = format!("{number} {why} but is still open at {hub}, and {because}. Cancel it there{instead}.");
        look.find(Cause::SidesDiffer, "cancelled", sentence);
        return;
    }
    match look.last_at(connection, IntentKind::CancelHubOrder, id) {
        // A cancel that was done, and yet the hub shows it open in a later reading: somebody reopened it there.
        Some(effect) if effect.state == EffectState::Done => {
            let read_later =
                look.story.hub_orders.iter().any(|h| {
                    h.value.remote_id == id && h.value.modified_at_ms > effect.settled_at_ms.unwrap_or(i64::MAX)
                });
            if read_later {
                let sentence = format!(
                    "{number} {why} and was cancelled at {hub}, but somebody opened it again there. Cancel it there, or ship it knowingly."
                );
                look.find(Cause::SidesDiffer, "reopened", sentence);
            }
        }
        Some(_) => {}
        None => {
            let sentence = format!("Cancel {number} at {hub}: it {why}");
            let intent = Intent::CancelHubOrder { hub_order_id: id.to_owned(), hub_order_key: key.to_owned() };
            look.plan(ID, mode, connection, id, intent, sentence);
        }
    }
}

/// The hub cancelled or lost what the channel still wants.
fn cancelled_at_hub(look: &mut Look<'_>) {
    let story = look.story;
    if look.lines.rows.is_empty() || look.lines.all_told() || look.lines.all_shipped() {
        return;
    }
    if crate::split::lost_at_hub(look) {
        return; // a split order: said part by part
    }
    // What was cancelled there before somebody said "send it again" is known; its next copy is on the way.
    let known = |id: &str| story.choices.push_anyway && story.choices.over.as_ref().is_none_or(|over| over.knew(id));
    let next_copy = story.hub_orders.iter().filter(|h| !h.value.external).all(|h| known(&h.value.remote_id));
    if story.choices.push_anyway && next_copy {
        return;
    }
    let mut ours = story.hub_orders.iter().filter(|h| !h.value.external).peekable();
    if ours.peek().is_none() || !ours.all(|h| matches!(h.value.status, HubStatus::Cancelled | HubStatus::Gone)) {
        return;
    }
    // Cancelled by us in an earlier life of the order (it was cancelled and reopened in the channel)?
    let Some(seen) = story.hub_orders.iter().filter(|h| !h.value.external).max_by_key(|h| h.seen_at_ms) else { return };
    let hub = hub_title(look, &seen.connection);
    let number = &story.order.number;
    let sentence = if seen.value.status == HubStatus::Gone {
        format!(
            "{number} is no longer at {hub}: it was deleted or merged into another order there. The buyer still waits. Send it again, or cancel it in the store."
        )
    } else {
        format!(
            "{number} was cancelled at {hub}, but the store still wants it shipped. Cancel it in the store, or send it again."
        )
    };
    let since = seen.value.modified_at_ms;
    let finding = look.find(Cause::CancelledAtHub, seen.value.remote_id.clone(), sentence);
    finding.since_ms = Some(since);
}

fn hub_title(look: &Look<'_>, connection: &ConnectionId) -> String {
    look.policy.peers.get(connection).map_or_else(|| "the hub".to_owned(), |peer| peer.title.clone())
}
