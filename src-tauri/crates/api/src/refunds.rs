//! Giving money back for a person's click: what was typed, checked against what the store last said.
//!
//! The store has the last word: a connector asks it for a quote where it gives one (`quotes.rs` shows it beforehand), and
//! gives back exactly what was asked for or nothing. What can be seen from here is refused here: more than is left of what was paid, a second click
//! while the first is under way, units that are not there.

use crate::act::{Done, Ground};
use crate::verbs::{REASONS, plan_by_hand};
use crate::view::Act;
use crate::{choices, offers};
use quayside_flows::money_left::{gives_back, is_left, was_paid};
pub(crate) use quayside_flows::money_left::{is_owed, left_minor, shipping_left_minor, units_left};
use quayside_flows::{Policy, RETURN_REFUNDS};
use quayside_model::{
    EffectState, Intent, IntentKind, Money, Order, PastEffect, RefundDraft, RefundLineDraft, RefundWay, Story,
};
use quayside_store::{StoreError, Tx};
use std::collections::BTreeMap;

/// How the field of a line's units begins; its id or SKU follows.
pub(crate) const LINE: &str = "line.";
/// All that is left of the shipping, whatever it comes to: for a quote.
const ALL: &str = "all";
/// The reason that only a refund has.
const RETURN: &str = "return";

pub(crate) fn refund(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
    if let Some(why) = can_refund(story, ground.policy) {
        return Ok(Done::No(why));
    }
    if let Some(why) = choices::refused(ground.policy, &story.channel, IntentKind::Refund, &choices::chosen(ground.act))
    {
        return Ok(Done::No(why));
    }
    let draft = match decided(ground.act, story) {
        Ok(draft) => draft,
        Err(why) => return Ok(Done::No(why)),
    };
    let store = ground.policy.peers.get(&story.channel).map_or("the store", |peer| peer.title.as_str());
    let sentence = format!("Give back {} in {store}", words(&draft, story));
    let about = story.order.remote_id.clone();
    for effect in story.effects.iter().filter(|effect| is_proposed(effect)) {
        tx.skip_effect(effect.id, "the money is given back in your own way", ground.now_ms)?;
    }
    plan_by_hand(tx, ground, story, &story.channel.clone(), &about, Intent::Refund { refund: draft }, sentence)
}

/// Why no money can be given back now; `None` if it can.
pub(crate) fn can_refund(story: &Story, policy: &Policy) -> Option<String> {
    if let Some(why) = offers::removed(story, policy) {
        return Some(why);
    }
    let peer = policy.peers.get(&story.channel)?;
    if !peer.performs.contains(&IntentKind::Refund) {
        return Some(format!("{} takes no refunds from outside. Give the money back there.", peer.title));
    }
    let order = &story.order;
    if !was_paid(order) {
        return Some("No money was taken for it, so none can be given back.".into());
    }
    if !is_left(story) {
        return Some("All of it was given back already.".into());
    }
    if way_of(story, policy).is_some_and(|way| way.after_shipping) && !has_left(order) {
        return Some(format!("{} gives money back for what was shipped only. Cancel the order instead.", peer.title));
    }
    for effect in story.effects.iter().filter(|effect| gives_back(&effect.intent) && !is_proposed(effect)) {
        match effect.state {
            EffectState::Asked | EffectState::Pending | EffectState::Running | EffectState::Unknown => {
                return Some("Money of it is being given back already. Wait until that is done.".into());
            }
            EffectState::Refused => {
                return Some(
                    "A refund of it was refused and waits on the exceptions list. Retry it or give it up first.".into(),
                );
            }
            // What is left of the money is known only once the store was read again.
            EffectState::Done if effect.settled_at_ms.is_some_and(|at_ms| at_ms >= story.seen_at_ms) => {
                return Some(
                    "Money of it was given back a moment ago, and the store was not read since. Sync the order first."
                        .into(),
                );
            }
            EffectState::Done | EffectState::Skipped => {}
        }
    }
    None
}

/// It waits for a click because something came back: who gives the money back in another way has answered it.
fn is_proposed(effect: &PastEffect) -> bool {
    effect.state == EffectState::Asked && effect.automation == RETURN_REFUNDS
}

/// There is something to give back, and the store does it.
pub(crate) fn is_offered(story: &Story, policy: &Policy) -> bool {
    let performs = |peer: &quayside_flows::Peer| peer.performs.contains(&IntentKind::Refund);
    policy.peers.get(&story.channel).is_some_and(performs) && is_owed(story)
}

/// How the order's store gives money back.
pub(crate) fn way_of(story: &Story, policy: &Policy) -> Option<RefundWay> {
    choices::declaration_of(policy, &story.channel)?.refunds
}

/// The store knows of something that was shipped.
fn has_left(order: &Order) -> bool {
    order.is_fulfilled() || order.lines.iter().any(|line| order.units_told(&line.remote_id) > 0)
}

/// What was typed, understood and checked against the order.
pub(crate) struct Typed {
    /// Units, by line.
    pub lines: Vec<RefundLineDraft>,
    /// Of the shipping at most so much, minor units; `None`: all of it.
    pub shipping_minor: Option<i64>,
    /// All that is given back, minor units, if it was said.
    pub total_minor: Option<i64>,
}

/// `total` (all that is given back), `shipping` (of it, for the shipping; `all`), `line.<id or SKU>` (units).
pub(crate) fn typed(act: &Act, story: &Story) -> Result<Typed, String> {
    let (order, fields) = (&story.order, &act.fields);
    let text = |name: &str| fields.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let amount = |name: &str| -> Result<Option<i64>, String> {
        let Some(text) = text(name) else { return Ok(None) };
        match Money::parse(text, &order.currency) {
            Ok(money) if money.minor >= 0 => Ok(Some(money.minor)),
            _ => Err(format!("\"{text}\" is no amount of {}. Write it like 12.50.", order.currency)),
        }
    };
    let said = |minor: i64| Money::new(minor, order.currency.clone()).to_string();
    let total_minor = amount("total")?;
    if total_minor == Some(0) {
        return Err("Say how much is to be given back in all.".into());
    }
    let shipping_minor = if text("shipping") == Some(ALL) { None } else { Some(amount("shipping")?.unwrap_or(0)) };
    let left_minor = left_minor(story);
    if let Some(total_minor) = total_minor.filter(|total_minor| *total_minor > left_minor) {
        return Err(format!(
            "{} of it are left, and {} were asked for. No more can be given back than was paid.",
            said(left_minor),
            said(total_minor)
        ));
    }
    if let (Some(shipping), Some(total)) = (shipping_minor, total_minor)
        && shipping > total
    {
        return Err(format!("The shipping ({}) is more than all of it ({}).", said(shipping), said(total)));
    }
    let mut units: BTreeMap<String, i64> = BTreeMap::new();
    for (name, text) in fields.iter().filter(|(name, _)| name.starts_with(LINE)) {
        let typed = name[LINE.len()..].trim();
        let mut fitting =
            order.lines.iter().filter(|line| line.remote_id == typed || line.sku.eq_ignore_ascii_case(typed));
        let line = match (fitting.next(), fitting.next()) {
            (Some(line), None) => line,
            (Some(_), Some(_)) => return Err(format!("Several lines have the SKU {typed}. Name the line by its id.")),
            (None, _) => return Err(format!("{} has no line {typed}.", order.number)),
        };
        let wanted = text.trim().parse::<i64>().ok().filter(|units| *units > 0);
        let wanted = wanted.ok_or_else(|| format!("\"{text}\" is no number of units of {typed}."))?;
        let all = units.entry(line.remote_id.clone()).or_default();
        *all += wanted;
        let left = units_left(story, line);
        if *all > left {
            return Err(format!("{typed}: {left} were ordered and not given back yet, and {all} were asked for."));
        }
    }
    let lines = units
        .into_iter()
        .map(|(order_line_id, quantity)| RefundLineDraft { order_line_id, quantity, restock: act.restock })
        .collect();
    Ok(Typed { lines, shipping_minor, total_minor })
}

/// What was decided in the end: amounts, not "all of it".
fn decided(act: &Act, story: &Story) -> Result<RefundDraft, String> {
    let typed = typed(act, story)?;
    let total_minor = typed.total_minor.ok_or("Say how much is to be given back in all.")?;
    let shipping_minor = typed.shipping_minor.ok_or("Say how much the shipping comes to; the quote tells.")?;
    Ok(draft(act, story, typed.lines, shipping_minor, total_minor))
}

/// The refund as it is sent.
pub(crate) fn draft(
    act: &Act,
    story: &Story,
    lines: Vec<RefundLineDraft>,
    shipping_minor: i64,
    total_minor: i64,
) -> RefundDraft {
    let reason = act.reason.trim();
    let known = REASONS.contains(&reason) || reason == RETURN;
    let receipts = story.effects.iter().filter(|effect| effect.intent.kind() == IntentKind::Refund);
    RefundDraft {
        order_remote_id: story.order.remote_id.clone(),
        lines,
        shipping_minor,
        total_minor,
        currency: story.order.currency.clone(),
        reason: if known { reason } else { "other" }.to_owned(),
        note: if known { String::new() } else { reason.to_owned() },
        notify_customer: act.notify,
        known_refund_ids: receipts.filter_map(|effect| effect.receipt.as_ref()?.remote_id.clone()).collect(),
    }
}

/// `16.24 USD of #1042 (1 × MUG, shipping 5.00 USD)`.
fn words(draft: &RefundDraft, story: &Story) -> String {
    let said = |minor: i64| Money::new(minor, draft.currency.clone()).to_string();
    let mut parts: Vec<String> = draft
        .lines
        .iter()
        .map(|given| {
            let line = story.order.lines.iter().find(|line| line.remote_id == given.order_line_id);
            let name = line.map_or("?", |line| if line.sku.is_empty() { &line.name } else { &line.sku });
            format!("{} × {name}", given.quantity)
        })
        .collect();
    if draft.shipping_minor > 0 {
        parts.push(format!("shipping {}", said(draft.shipping_minor)));
    }
    let of = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) };
    format!("{} of {}{of}", said(draft.total_minor), story.order.number)
}
