//! Before a label is bought, store and hub are compared, and what differs is held at the hub; what was changed there and
//! labelled between two readings is told.

use crate::automation::{AutomationDecl, Need};
use crate::calendar;
use crate::change_by_hand;
use crate::draft::{address_line, draft_of_part, hub_differences, own_part, same_destination};
use crate::look::Look;
use crate::orders_to_hub::{draft_of, keep_here, last_sent_draft};
use crate::policy::Peer;
use crate::split::{self, Part};
use chrono::{Days, TimeZone, Utc};
use quayside_model::{
    Cause, EffectState, HubOrder, HubStatus, Intent, IntentKind, Mode, PastEffect, RecordKind, Role, Seen,
};

pub(crate) const ID: &str = "sides_agree";

/// Hubs release dated holds by themselves; ours are dated far enough ahead to be released by us.
pub(crate) const HOLD_DAYS: u64 = 14;

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Both sides agree",
    summary: "Compares every open hub order with the store's. When address or units differ, or the store or you hold the order, it is held at the hub; when both agree again, it is released. A label that was bought for an address nobody sent is told.",
    examples: &[
        (
            "The warehouse changes the address at the hub.",
            "The order is held there, and an exception shows both addresses.",
        ),
        (
            "The store puts a hold on an order that is already at the hub.",
            "It is held at the hub; released in the store, it is released at the hub.",
        ),
        ("You hold an order here.", "The same, with your reason."),
        (
            "The warehouse changes the address and buys the label before Quayside looks again.",
            "An exception shows both addresses, so that the label can be voided while the parcel is there.",
        ),
    ],
    needs: &[
        Need::Reads(Role::Hub, RecordKind::HubOrder),
        Need::Performs(Role::Hub, IntentKind::HoldHubOrder),
        Need::Performs(Role::Hub, IntentKind::ReleaseHubOrder),
    ],
    undo: "Release the order; it is released by itself once both sides agree.",
    settings: &[],
    look,
};

fn look(look: &mut Look<'_>) {
    let story = look.story;
    let (Some(channel), Some(_)) = (look.channel, look.hub) else { return };
    // A hold or release that still waits for its click would stand before everything else of the order.
    for seen in story.hub_orders.iter().filter(|h| !h.value.status.is_open()) {
        let kinds = [IntentKind::HoldHubOrder, IntentKind::ReleaseHubOrder];
        look.overtake_waiting(&kinds, &seen.value.remote_id, "it is not open at the hub any more");
    }
    if story.order.is_cancelled() {
        return;
    }
    labelled_to_another_address(look);
    let parts = split::parts(look);
    for hub in split::accounts(look, &parts) {
        at_account(look, channel, hub, &parts);
    }
}

/// What stands at one account: all of the order, or its parts there.
fn at_account(look: &mut Look<'_>, channel: &Peer, hub: &Peer, parts: &[Part]) {
    let story = look.story;
    let can_hold = hub.performs.contains(&IntentKind::HoldHubOrder);
    if !can_hold && look.mode(ID) != Mode::Off {
        let reason = must_wait(look);
        change_by_hand::hold_or_release(look, hub, reason.as_ref());
    }
    let open: Vec<&Seen<HubOrder>> = story
        .hub_orders
        .iter()
        .filter(|h| h.connection == hub.id && h.value.status.is_open() && !h.value.external)
        .collect();
    let Some(first) = open.first() else { return };

    let reason = must_wait(look).map(|(.., sentence)| sentence);
    let reasons: Vec<Compared> = if reason.is_some() || story.choices.ship_anyway {
        vec![reason.map_or(Compared::Agree, Compared::Differ); open.len()]
    } else if parts.len() > 1 {
        parts_differ(look, channel, hub, parts, &open)
    } else {
        let key = first.value.key.clone();
        let ours = look.is_our_key(&key);
        let one = if ours { compare(look, hub, &key, &open, &parts[0], None) } else { Compared::Agree };
        vec![one; open.len()]
    };
    if !can_hold {
        return; // said above; a difference is told by itself
    }

    for (seen, reason) in open.into_iter().zip(reasons) {
        let last_hold = look.last_at(&hub.id, IntentKind::HoldHubOrder, &seen.value.remote_id);
        let last_release = look.last_at(&hub.id, IntentKind::ReleaseHubOrder, &seen.value.remote_id);
        // Which of the two we did last; its state says whether it is still under way.
        let newest = [last_hold, last_release].into_iter().flatten().max_by_key(|e| e.id);
        if newest.is_some_and(|e| matches!(e.state, EffectState::Running | EffectState::Unknown)) {
            continue;
        }
        let held_by_us =
            newest.is_some_and(|e| e.intent.kind() == IntentKind::HoldHubOrder && e.state != EffectState::Refused);
        match (&reason, held_by_us) {
            (Compared::Differ(why), false) if seen.value.status != HubStatus::OnHold => {
                // The hub refused to hold it (too late, locked): not asked again until it is seen to have changed.
                let refused =
                    newest.filter(|e| e.intent.kind() == IntentKind::HoldHubOrder && e.state == EffectState::Refused);
                if refused.is_some_and(|e| seen.value.modified_at_ms <= e.refused_at_ms.unwrap_or(e.created_at_ms)) {
                    continue;
                }
                if let Some(earlier) = newest {
                    look.overtake(earlier, "the order must wait again");
                }
                let mode = look.mode(ID);
                let sentence = format!("Hold {} at {}: {why}", story.order.number, hub.title);
                let intent = Intent::HoldHubOrder {
                    hub_order_id: seen.value.remote_id.clone(),
                    hub_order_key: seen.value.key.clone(),
                    until_day: day_after(look, HOLD_DAYS),
                };
                look.plan(ID, mode, &hub.id, &seen.value.remote_id, intent, sentence);
            }
            (Compared::Agree | Compared::NotYet, true) => {
                // Not sent yet: take it back. Sent: release it.
                if let Some(hold) = last_hold.filter(|e| matches!(e.state, EffectState::Asked | EffectState::Pending)) {
                    look.overtake(hold, "nothing holds the order any more");
                } else if seen.value.status == HubStatus::OnHold && reason == Compared::Agree {
                    let mode = look.mode(ID);
                    let sentence = format!("Release {} at {}: both sides agree again", story.order.number, hub.title);
                    let intent = Intent::ReleaseHubOrder {
                        hub_order_id: seen.value.remote_id.clone(),
                        hub_order_key: seen.value.key.clone(),
                    };
                    look.plan(ID, mode, &hub.id, &seen.value.remote_id, intent, sentence);
                }
            }
            _ => {}
        }
    }
}

/// What came of comparing an order with its store's.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Compared {
    /// Nothing keeps it.
    Agree,
    /// It must wait, for this reason.
    Differ(String),
    /// A change of it is open, or it was not read since one: what is held stays held until that is over.
    NotYet,
}

/// Open orders are compared and held below. One that was changed there and labelled between two readings was never seen
/// open like that: its label is told. What the store changed too late is told elsewhere.
fn labelled_to_another_address(look: &mut Look<'_>) {
    let story = look.story;
    if story.choices.ship_anyway || look.mode(ID) == Mode::Off {
        return;
    }
    for seen in &story.hub_orders {
        let hub_order = &seen.value;
        let over = matches!(hub_order.status, HubStatus::Cancelled | HubStatus::Gone);
        if over || hub_order.status.is_open() || hub_order.external || !hub_order.merged_ids.is_empty() {
            continue;
        }
        let label = story.parcels.iter().find(|parcel| {
            let of_it = parcel.value.hub_order_id.as_ref().is_none_or(|id| *id == hub_order.remote_id);
            of_it && parcel.connection == seen.connection && parcel.value.is_live()
        });
        let (Some(label), Some(there)) = (label.filter(|l| l.value.delivered_at_ms.is_none()), &hub_order.ship_to)
        else {
            continue;
        };
        let to_it = |e: &&PastEffect| e.connection == seen.connection && e.intent.kind() == IntentKind::PutHubOrder;
        let puts: Vec<&PastEffect> = story.effects.iter().filter(to_it).collect();
        // An answer that is still out, or that came after the reading, may have changed it.
        let under_way = puts.iter().any(|e| matches!(e.state, EffectState::Running | EffectState::Unknown));
        let Some(last) = puts.iter().rfind(|e| e.state == EffectState::Done) else { continue };
        if under_way || seen.seen_at_ms <= last.settled_at_ms.unwrap_or(0) {
            continue;
        }
        let Some(sent) = draft_of(&last.intent).map(|draft| &draft.ship_to) else { continue };
        let wanted = story.choices.address.as_ref().or(story.order.ship_to.as_ref());
        if same_destination(there, sent) || wanted.is_some_and(|wanted| same_destination(there, wanted)) {
            continue;
        }
        let hub = look.policy.peers.get(&seen.connection).map_or("the hub", |peer| peer.title.as_str());
        let tracking = if label.value.tracking_number.is_empty() { "unknown" } else { &label.value.tracking_number };
        let sentence = format!(
            "{} was labelled at {hub} to another address than the one sent there. {hub} has \"{}\", sent was \"{}\". Somebody changed it there before the label was bought (tracking {tracking}). Void the label while the parcel is here, or mark it settled if the change is right.",
            story.order.number,
            address_line(there),
            address_line(sent),
        );
        let (about, since_ms) = (hub_order.remote_id.clone(), label.value.created_at_ms);
        look.find(Cause::AnotherAddress, about, sentence).since_ms = Some(since_ms);
    }
}

/// Why an order that is there must not leave.
fn must_wait(look: &mut Look<'_>) -> Option<(&'static str, i64, String)> {
    keep_here(look).filter(|(code, ..)| {
        matches!(*code, "held_by_person" | "held_in_channel" | "held_by_rule" | "risk" | "payment")
    })
}

/// The same for an order that is split: each part by itself, with what the warehouse split off it. While goods are on
/// their way from one part to another, none of them is compared.
fn parts_differ(
    look: &mut Look<'_>,
    channel: &Peer,
    hub: &Peer,
    parts: &[Part],
    open: &[&Seen<HubOrder>],
) -> Vec<Compared> {
    let story = look.story;
    // Goods that are on their way from one part to another: of course they differ.
    let moves = |kind: IntentKind| matches!(kind, IntentKind::PutHubOrder | IntentKind::CancelHubOrder);
    let under_way = |e: &PastEffect| {
        moves(e.intent.kind()) && !e.state.is_final() && !matches!(e.state, EffectState::Refused | EffectState::Asked)
    };
    if story.effects.iter().any(under_way) || look.effects.iter().any(|e| moves(e.intent.kind())) {
        return vec![Compared::NotYet; open.len()];
    }
    let stands: Vec<split::Stand<'_>> = parts.iter().map(|part| split::stand(look, part.n, false)).collect();
    let by_id = |id: &str| story.hub_orders.iter().find(|h| h.connection == hub.id && h.value.remote_id == id);
    let part_of = |seen: &Seen<HubOrder>| {
        let parent = seen.value.parent_id.as_deref().and_then(by_id);
        own_part(channel, &story.order, &parent.unwrap_or(seen).value.key)
    };
    let mut by_part: Vec<Compared> = vec![Compared::Agree; parts.len()];
    for part in parts.iter().filter(|part| !part.is_empty()) {
        let of_it = |h: &&Seen<HubOrder>| h.connection == hub.id && part_of(h) == Some(part.n);
        let family: Vec<&Seen<HubOrder>> = story.hub_orders.iter().filter(of_it).collect();
        let here: Vec<&Seen<HubOrder>> = open.iter().copied().filter(of_it).collect();
        if !here.is_empty() {
            let room = split::with_room(look, parts, &stands, part.n);
            by_part[part.n] = compare(look, hub, &stands[part.n].key, &here, &room, Some(family.as_slice()));
        }
    }
    let mut reasons = Vec::with_capacity(open.len());
    for seen in open {
        reasons.push(match part_of(seen) {
            Some(n) if parts.get(n).is_some_and(Part::is_empty) => {
                emptied(look, hub, n, seen).map_or(Compared::Agree, Compared::Differ)
            }
            Some(n) => by_part.get(n).cloned().unwrap_or(Compared::Agree),
            None => Compared::Agree,
        });
    }
    reasons
}

/// A part that stands open at the hub although nothing of the order is to leave with it any more: nothing here may cancel
/// it, or somebody opened it again there. Told as an exception.
fn emptied(look: &mut Look<'_>, hub: &Peer, n: usize, seen: &Seen<HubOrder>) -> Option<String> {
    let (story, id) = (look.story, &seen.value.remote_id);
    let untold = match look.last_at(&hub.id, IntentKind::CancelHubOrder, id) {
        None => true,
        // Cancelled, and opened again there since.
        Some(effect) if effect.state == EffectState::Done => {
            seen.value.modified_at_ms > effect.settled_at_ms.unwrap_or(i64::MAX)
        }
        Some(effect) => effect.state == EffectState::Refused,
    };
    if !untold || !seen.value.merged_ids.is_empty() {
        return None;
    }
    let hub = &hub.title;
    let sentence = format!(
        "Part {} of {} stands open at {hub}, and nothing of the order is to leave with it any more. Cancel it there, or ship it as it is.",
        n + 1,
        story.order.number
    );
    look.find(Cause::SidesDiffer, format!("emptied:{id}"), sentence);
    Some("nothing of the order is to leave with it any more".to_owned())
}

/// Whether the two sides disagree, and why; told as an exception. `family`: what stands for the part, where the order is
/// split.
fn compare(
    look: &mut Look<'_>,
    hub: &Peer,
    key: &str,
    open: &[&Seen<HubOrder>],
    part: &Part,
    family: Option<&[&Seen<HubOrder>]>,
) -> Compared {
    let story = look.story;
    let Some(channel) = look.channel else { return Compared::Agree };
    let disagree = || Compared::Differ("store and hub disagree".to_owned());
    let put = look.last(IntentKind::PutHubOrder, key);
    // An update is planned or under way: of course they differ.
    let moving = put.is_some_and(|e| !e.state.is_final() && e.state != EffectState::Refused)
        || look.effects.iter().any(|e| matches!(e.intent, Intent::PutHubOrder { .. }));
    // The hub was read before our last change arrived there: the reading is old, not wrong.
    let mut settled_ms = put.and_then(|e| e.settled_at_ms).unwrap_or(0);
    // Told as something to be done by hand: not told a second time, and read again once somebody did it.
    let told = put.filter(|e| e.refusal.as_ref().is_some_and(|refusal| refusal.cause == Cause::ChangeByHand));
    if let Some(effect) = told.filter(|e| e.state == EffectState::Refused) {
        match story.choices.settled.get(&format!("{}/{}", Cause::ChangeByHand, effect.key)) {
            Some(done_ms) => settled_ms = settled_ms.max(*done_ms),
            None => return disagree(),
        }
    }
    if moving || open.iter().any(|h| h.seen_at_ms <= settled_ms) {
        return Compared::NotYet;
    }
    let want =
        draft_of_part(story, look.policy, &look.shape, channel, hub, key.to_owned(), true, look.ship_by_ms, part);
    // Parts that are already shipped (split, partial) count as being at the hub.
    let there: Vec<&Seen<HubOrder>> = family.map_or_else(|| story.hub_orders.iter().collect(), <[_]>::to_vec);
    let all: Vec<&HubOrder> = there
        .into_iter()
        .map(|h| &h.value)
        .filter(|h| !matches!(h.status, HubStatus::Cancelled | HubStatus::Gone))
        .collect();
    // Merged with other orders, its lines cannot be told apart by SKU: nothing to compare.
    if all.iter().any(|h| !h.merged_ids.is_empty()) {
        return Compared::Agree;
    }
    let differences = hub_differences(&want, &all);
    if differences.is_empty() {
        return Compared::Agree;
    }
    if !hub.performs.contains(&IntentKind::PutHubOrder) {
        if let Some(seen) = open.first() {
            change_by_hand::update(look, &hub.title, seen, &want, &differences);
        }
        return disagree();
    }
    let sent_by_us = last_sent_draft(look, key).is_some();
    let what: Vec<String> = differences
        .iter()
        .map(|d| format!("{}: {} has \"{}\", the store \"{}\"", d.field, hub.title, d.before, d.after))
        .collect();
    let number = match part.units {
        None => story.order.number.clone(),
        Some(_) => format!("Part {} of {}", part.n + 1, story.order.number),
    };
    let origin = if sent_by_us { "Somebody changed it there." } else { "It was there before Quayside." };
    let may_leave = if hub.performs.contains(&IntentKind::HoldHubOrder) {
        String::new()
    } else {
        format!(" {} takes no holds from outside: until then it may leave as it is.", hub.title)
    };
    let sentence = format!(
        "{number} differs between the store and {}. {}. {origin} Send the store's version again, or ship it as it is.{may_leave}",
        hub.title,
        what.join("; ")
    );
    let modified = open.iter().map(|h| h.value.modified_at_ms).max();
    let about = if part.n == 0 { "content".to_owned() } else { format!("content-p{}", part.n + 1) };
    let finding = look.find(Cause::SidesDiffer, about, sentence);
    finding.since_ms = modified;
    disagree()
}

/// The day `days` after today in the hub's zone, `YYYY-MM-DD`.
pub(crate) fn day_after(look: &Look<'_>, days: u64) -> String {
    let zone = calendar::zone(&look.policy.settings, look.hub.and_then(|h| h.time_zone.as_deref()));
    let now_ms = look.hub.map_or(look.now_ms, |hub| hub.by_its_clock(look.now_ms));
    let today = Utc.timestamp_millis_opt(now_ms).single().unwrap_or_default().with_timezone(&zone).date_naive();
    today.checked_add_days(Days::new(days)).unwrap_or(today).format("%Y-%m-%d").to_string()
}
