//! Money that went back in the store, written down at a hub that keeps books of its own: how much, for which units, and
//! whether they are on the shelf again. No money moves there.
//!
//! A store says what it gave back in all, not when and in how many pieces. So a hub is told what it was not told yet: two
//! refunds between two readings are one entry, and none is told twice, whoever gave it back and where. What somebody
//! writes down at the hub beside it stays there: money is the store's, and none is given back because a hub's books say so.
//! But where they do and the store gave nothing back, a person is told: the buyer may wait for it.
//!
//! Units that had not left are taken off the hub's order by "Orders to the hub" or "Cancellations", and are on the shelf
//! with that. Only units that had left can come back by this entry, and only if so chosen: whether goods came back as they
//! left, somebody who holds them knows.

use crate::automation::{AutomationDecl, Need};
use crate::change_by_hand;
use crate::look::Look;
use crate::policy::Peer;
use crate::split;
use quayside_model::{
    Cause, ConnectionId, EffectState, HubRefundDraft, HubRefundLineDraft, HubStatus, Intent, IntentKind, Mode, Money,
    PastEffect, Payment, RecordKind, Role, SettingDecl, SettingKind,
};
use std::collections::BTreeMap;

pub(crate) const ID: &str = "refunds_to_hub";

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Refunds to the hub",
    summary: "Writes down at a shipping account that keeps books what a store gave back: the amount, the units, and whether they go back on the shelf. No money moves there.",
    examples: &[
        (
            "A mug is refunded in the store after it left.",
            "The hub's order gets a refund of that amount and that unit, once.",
        ),
        ("More is given back later.", "What was added is written down, and nothing twice."),
        (
            "Two units are refunded, one of which had left, and refunded units are to be restocked.",
            "The one that had left goes back on the shelf with the refund; the other was put back when it was taken off the order.",
        ),
        ("The store does not say what it gave back.", "Nothing happens."),
        (
            "Somebody writes a refund into the hub's books, and the store shows none.",
            "An exception says so. No money moves by itself: give it back in the store, or take it out of the books.",
        ),
        (
            "The shipping account is of a kind that keeps refunds, and this account takes none from outside.",
            "An exception says what to enter there.",
        ),
    ],
    needs: &[Need::Reads(Role::Channel, RecordKind::Order), Need::Performs(Role::Hub, IntentKind::RecordRefund)],
    undo: "What is in the hub's books is taken out there. Nothing here takes it back.",
    settings: &[SettingDecl {
        name: "restock",
        label: "Put refunded units back on the shelf",
        help: "Units that had left before they were refunded. Switch it on only if what you refund comes back fit to be sold.",
        kind: SettingKind::Toggle,
        default: "false",
    }],
    look,
};

fn look(look: &mut Look<'_>) {
    let (story, mode) = (look.story, mode(look));
    told_there(look, mode);
    let Some(given_minor) = story.order.refunded_minor.filter(|minor| *minor > 0) else { return };
    let Some(hub) = look.hub.filter(|_| mode != Mode::Off) else { return };
    if at_several(look) {
        // What of the money belongs to which of them, nobody here knows.
        if matches!(mode, Mode::Ask | Mode::Auto) {
            let money = Money::new(given_minor, story.order.currency.clone());
            let sentence = format!(
                "{money} of {} was given back, and its parts are at several shipping accounts. Write down there what belongs to each, then settle this.",
                story.order.number
            );
            look.find(Cause::SidesDiffer, format!("refund-apart:{given_minor}"), sentence);
        }
        return;
    }
    if !hub.performs.contains(&IntentKind::RecordRefund) {
        // Whoever only watches is not asked to type.
        if hub.lacks.contains(&IntentKind::RecordRefund) && matches!(mode, Mode::Ask | Mode::Auto) {
            change_by_hand::refund(look, hub, given_minor);
        }
        return;
    }
    let Some((id, key)) = at_hub(look, &hub.id) else { return };
    if let Some(newest) = records(look, &hub.id).last() {
        let same = through_minor(newest) == given_minor;
        // The hub lost the order, and has it anew: what was refused for the old one is no answer for this one.
        let of_it = matches!(&newest.intent, Intent::RecordRefund { hub_order_id, .. } if *hub_order_id == id);
        match newest.state {
            // Its answer first.
            EffectState::Running | EffectState::Unknown => return,
            // It waits, or was refused: the same again helps nobody.
            EffectState::Asked | EffectState::Pending | EffectState::Refused if same && of_it => return,
            // A person gave it up: it is offered once. What was answered and then not there is no such thing.
            EffectState::Skipped if same && !newest.is_missing() && !newest.withdrawn => return,
            EffectState::Asked | EffectState::Pending | EffectState::Refused => {
                look.overtake(newest, "what was given back, or where it is written down, has changed");
            }
            EffectState::Done | EffectState::Skipped => {}
        }
    }
    let told = told(look, &hub.id);
    let total_minor = given_minor - told.minor;
    if total_minor <= 0 {
        return;
    }
    let refund = HubRefundDraft {
        number: story.order.number.clone(),
        total_minor,
        through_minor: given_minor,
        currency: story.order.currency.clone(),
        lines: lines(look, &told),
        reason: reason(look),
    };
    let money = Money::new(total_minor, story.order.currency.clone());
    let sentence = format!("Write down at {} that {money} of {} was given back", hub.title, story.order.number);
    let about = id.clone();
    let intent = Intent::RecordRefund { hub_order_id: id, hub_order_key: key, refund };
    look.plan(ID, mode, &hub.id, &about, intent, sentence);
}

/// Parts of it are at several accounts of which at least one keeps books.
fn at_several(look: &Look<'_>) -> bool {
    let parts = split::parts(look);
    let accounts = split::accounts(look, &parts);
    let books = |peer: &&Peer| [&peer.performs, &peer.lacks].iter().any(|all| all.contains(&IntentKind::RecordRefund));
    accounts.len() > 1 && accounts.iter().any(books)
}

/// The hub's books say that money was given back, and the store does not. Nothing follows by itself.
fn told_there(look: &mut Look<'_>, mode: Mode) {
    let (story, order) = (look.story, &look.story.order);
    let given = order.refunded_minor.is_some_and(|minor| minor > 0)
        || matches!(order.payment, Payment::Refunded | Payment::PartiallyRefunded)
        || order.is_cancelled();
    // What is under way shows on both sides in a moment; what was ours is no news.
    let ours = story.effects.iter().any(|effect| match effect.intent.kind() {
        IntentKind::RecordRefund => effect.state != EffectState::Skipped,
        IntentKind::Refund | IntentKind::CancelChannelOrder => !effect.state.is_final(),
        _ => false,
    });
    let Some(hub) = look.hub.filter(|_| mode != Mode::Off && !given && !ours) else { return };
    let booked = story.hub_orders.iter().find(|seen| {
        let order = &seen.value;
        seen.connection == hub.id && order.refunded == Some(true) && !order.external && look.is_our_key(&order.key)
    });
    let Some(seen) = booked else { return };
    let sentence = format!(
        "The books of {} say that money of {} was given back (order {} there), and the store shows none. Give it back in the store if the buyer is to have it, or take it out of the books there; nothing is given back by itself.",
        hub.name, order.number, seen.value.number
    );
    let about = format!("refunded:{}", seen.value.remote_id);
    look.find(Cause::SidesDiffer, about, sentence);
}

/// Strictly from the go-live line on, whoever sent the order: what was given back before, somebody wrote down by hand.
fn mode(look: &Look<'_>) -> Mode {
    let line_ms = look.policy.automations.get(ID).and_then(|policy| policy.go_live_ms);
    let before = line_ms.is_some_and(|line_ms| look.story.order.placed_at_ms < line_ms);
    if before { Mode::Off } else { look.mode(ID) }
}

/// The hub's order that is this one: as read, else as answered. Its id there, and our key.
fn at_hub(look: &Look<'_>, hub: &ConnectionId) -> Option<(String, String)> {
    let story = look.story;
    let read = story.hub_orders.iter().find(|seen| {
        let order = &seen.value;
        seen.connection == *hub && !order.external && order.status != HubStatus::Gone && look.is_our_key(&order.key)
    });
    if let Some(seen) = read {
        return Some((seen.value.remote_id.clone(), seen.value.key.clone()));
    }
    story.effects.iter().rev().find_map(|effect| match (&effect.intent, &effect.receipt) {
        (Intent::PutHubOrder { order, .. }, Some(receipt))
            if effect.state == EffectState::Done && effect.connection == *hub =>
        {
            let id = receipt.remote_id.clone()?;
            let gone = story.hub_orders.iter().any(|seen| seen.value.remote_id == id);
            (!gone).then(|| (id, order.key.clone()))
        }
        _ => None,
    })
}

/// Entries of this order at the hub, oldest first. Sent there twice, its books have it once.
fn records<'a>(look: &Look<'a>, hub: &ConnectionId) -> impl Iterator<Item = &'a PastEffect> {
    let effects = &look.story.effects;
    effects.iter().filter(move |effect| effect.connection == *hub && effect.intent.kind() == IntentKind::RecordRefund)
}

fn through_minor(effect: &PastEffect) -> i64 {
    match &effect.intent {
        Intent::RecordRefund { refund, .. } => refund.through_minor,
        _ => 0,
    }
}

/// What the hub has in its books.
#[derive(Debug, Default)]
struct Told {
    minor: i64,
    /// Units by line.
    units: BTreeMap<String, i64>,
    /// Of them, units that went back on the shelf.
    restocked: BTreeMap<String, i64>,
}

fn told(look: &Look<'_>, hub: &ConnectionId) -> Told {
    let mut told = Told::default();
    for effect in records(look, hub).filter(|effect| effect.state == EffectState::Done) {
        let Intent::RecordRefund { refund, .. } = &effect.intent else { continue };
        told.minor += refund.total_minor;
        for line in &refund.lines {
            *told.units.entry(line.line_key.clone()).or_default() += line.quantity;
            if line.restock {
                *told.restocked.entry(line.line_key.clone()).or_default() += line.quantity;
            }
        }
    }
    told
}

/// Units that are off the order and were not told yet; those that had left and come back on the shelf by themselves.
fn lines(look: &Look<'_>, told: &Told) -> Vec<HubRefundLineDraft> {
    let (order, restocks) = (&look.story.order, look.policy.toggle(ID, "restock"));
    let mut lines = Vec::new();
    for line in order.lines.iter().filter(|line| line.requires_shipping && !line.gift_card) {
        let known = |of: &BTreeMap<String, i64>| of.get(&line.remote_id).copied().unwrap_or(0);
        let units = (line.quantity - line.current_quantity - known(&told.units)).max(0);
        // More left than is still wanted: the rest of it was given back after it had left.
        let left = order.units_told(&line.remote_id) - line.current_quantity - known(&told.restocked);
        let back = if restocks { left.clamp(0, units) } else { 0 };
        for (quantity, restock) in [(back, true), (units - back, false)] {
            if quantity > 0 {
                let sku = look.story.choices.skus.get(&line.remote_id).unwrap_or(&line.sku).clone();
                lines.push(HubRefundLineDraft { line_key: line.remote_id.clone(), sku, quantity, restock });
            }
        }
    }
    lines
}

/// Why, as far as the store says.
fn reason(look: &Look<'_>) -> String {
    let story = look.story;
    if story.order.is_cancelled() {
        return story.order.cancel_reason.clone().unwrap_or_else(|| "other".to_owned());
    }
    let given = story.effects.iter().rev().find_map(|effect| match &effect.intent {
        Intent::Refund { refund } if effect.state == EffectState::Done => Some(refund.reason.clone()),
        _ => None,
    });
    given.filter(|reason| !reason.is_empty()).unwrap_or_else(|| "other".to_owned())
}
