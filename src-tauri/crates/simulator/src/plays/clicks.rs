//! What a person at the desk clicks, as the desk's own buttons do it (`api/src/verbs.rs`, `api/src/refunds.rs`): the same
//! questions first, and a change keyed like an automation's. A click that is not offered is not made.
//!
//! Left out: what the desk's buttons write into the timeline.

use super::stage::{Stage, Tried};
use crate::wire::lock;
use quayside_connectors::platform;
use quayside_engine::{policy, redecide};
use quayside_flows::money_left::{gives_back, is_left, left_minor, units_left, was_paid};
use quayside_flows::{LineLedger, Policy, RETURN_REFUNDS, decide, effect_stem};
use quayside_model::{
    Choice, ConnectionId, Declaration, EffectState, Intent, IntentKind, Mode, PlannedEffect, RefundDraft,
    RefundLineDraft, Story,
};
use quayside_sandbox::Sandbox;
use quayside_store::{Store, StoreError, Tx};
use rand::Rng;
use std::sync::Mutex;

/// Orders that are looked at for one that a click fits.
const LOOKS: usize = 16;
/// What is given back as a kindness, minor units, from and to.
const KINDNESS_MINOR: (i64, i64) = (50, 500);

/// Approves what waits for a click because something came back.
pub(super) fn agree(stage: &mut Stage, store: &Store, desk_ms: i64) {
    let waiting = store.read(|r| r.effects_standing(Some(RETURN_REFUNDS), EffectState::Asked, 50));
    for effect in waiting.unwrap_or_default() {
        let agreed = store.write(|tx| {
            let agreed = tx.approve(effect.id, desk_ms)?;
            if let Some(order) = effect.order_id.filter(|_| agreed) {
                let policy = policy::load(tx)?;
                redecide(tx, &policy, order, desk_ms)?;
            }
            Ok(agreed)
        });
        // Where the store fails the person sees that it did, and looks again hours later.
        if matches!(agreed, Ok(true)) {
            stage.done("approved");
        }
    }
}

/// Gives a little money back, or a unit that has not left.
pub(super) fn refund(stage: &mut Stage, sandbox: &Mutex<Sandbox>, store: &Store, at: (i64, i64)) {
    let minor = stage.rng.random_range(KINDNESS_MINOR.0..=KINDNESS_MINOR.1);
    let unit = stage.rng.random_bool(0.5);
    let clicked = click(stage, sandbox, store, at, |story, policy, declaration| {
        if !can_refund(story, policy, declaration) {
            return None;
        }
        let refund = if unit { a_unit(story, declaration) } else { None };
        refund.or_else(|| (minor <= left_minor(story)).then(|| draft(story, Vec::new(), minor)))
    });
    if let Some(units) = clicked {
        stage.done(if units { "unit_refunded" } else { "amount_refunded" });
    }
}

/// Cancels an order in its store.
pub(super) fn cancel(stage: &mut Stage, sandbox: &Mutex<Sandbox>, store: &Store, at: (i64, i64)) {
    let clicked = click(stage, sandbox, store, at, |story, policy, declaration| {
        if !can_cancel(story, policy) {
            return None;
        }
        let honoured = |choice: Choice| declaration.instead(IntentKind::CancelChannelOrder, choice).is_none();
        Some(Intent::CancelChannelOrder {
            order_remote_id: story.order.remote_id.clone(),
            reason: "customer".to_owned(),
            restock: honoured(Choice::Restock),
            refund: honoured(Choice::Refund),
            notify_customer: false,
            staff_note: String::new(),
        })
    });
    if clicked.is_some() {
        stage.done("cancelled");
    }
}

/// Looks for an order of which `wish` makes a change, and clicks; whether units are given back with it. `None`: nothing was
/// clicked.
fn click(
    stage: &mut Stage,
    sandbox: &Mutex<Sandbox>,
    store: &Store,
    (now_ms, desk_ms): (i64, i64),
    wish: impl Fn(&Story, &Policy, &Declaration) -> Option<Intent>,
) -> Option<bool> {
    let orders: Vec<(String, String)> = {
        let sandbox = lock(sandbox);
        // A further part of an order goes with its first.
        let orders = sandbox.truth.orders.iter().filter(|(id, _)| !id.contains(':') || id.contains("://"));
        orders.map(|(id, truth)| (truth.account.clone(), id.clone())).collect()
    };
    let policy = store.read(policy::load).ok()?;
    for _ in 0..LOOKS.min(orders.len()) {
        let (account, order) = &orders[stage.rng.random_range(0..orders.len())];
        let id = ConnectionId::new(account);
        let story = store.read(|r| match r.order_id(&id, order)? {
            Some(id) => r.story(id),
            None => Ok(None),
        });
        let Ok(Some(story)) = story else { continue };
        let config = store.read(|r| r.connection(&id)).ok().flatten();
        let Some(declaration) = config.and_then(|config| platform(&config.platform)).map(|known| known.declaration)
        else {
            continue;
        };
        let Some(intent) = wish(&story, &policy, declaration) else { continue };
        let units = matches!(&intent, Intent::Refund { refund } if !refund.lines.is_empty());
        let kind = intent.kind();
        let planned = store.write(|tx| plan(tx, &story, &policy, intent, desk_ms));
        let tried = |key: Option<String>| Tried {
            account: account.clone(),
            order: order.clone(),
            kind,
            key,
            units,
            at_ms: now_ms,
        };
        match planned {
            Ok(Some(key)) => {
                stage.tried.push(tried(Some(key)));
                return Some(units);
            }
            Ok(None) => {}
            Err(_) => {
                stage.tried.push(tried(None));
                return None;
            }
        }
    }
    None
}

/// Plans what a person asked for; its key, unless it is being done already.
fn plan(
    tx: &mut Tx<'_>,
    story: &Story,
    policy: &Policy,
    intent: Intent,
    now_ms: i64,
) -> Result<Option<String>, StoreError> {
    let (order, channel) = (&story.order, &story.channel);
    let stem = effect_stem(policy.peers.get(channel), &order.remote_id, intent.kind(), &order.remote_id);
    let generation = story.effects.iter().filter(|effect| effect.key.starts_with(&stem)).count();
    let key = format!("{stem}{generation}");
    let mut decision = decide(story, policy, now_ms);
    decision.effects.retain(|effect| effect.key != key);
    decision.effects.push(PlannedEffect {
        key: key.clone(),
        automation: "person".to_owned(),
        connection: channel.clone(),
        sentence: format!("{} {}", intent.kind().phrase(), order.number),
        intent,
        mode: Mode::Auto,
        ship_by_ms: decision.ship_by_ms,
    });
    let decided = tx.put_decision(story.order_id, order, &decision, now_ms)?;
    redecide(tx, policy, story.order_id, now_ms)?;
    Ok((!decided.new_effects.is_empty()).then_some(key))
}

/// As the desk asks before it offers the button.
fn can_refund(story: &Story, policy: &Policy, declaration: &Declaration) -> bool {
    let performs = |peer: &quayside_flows::Peer| peer.performs.contains(&IntentKind::Refund);
    let Some(way) = declaration.refunds.filter(|_| policy.peers.get(&story.channel).is_some_and(performs)) else {
        return false;
    };
    let order = &story.order;
    let has_left = order.is_fulfilled() || order.lines.iter().any(|line| order.units_told(&line.remote_id) > 0);
    let under_way = story.effects.iter().filter(|effect| gives_back(&effect.intent)).any(|effect| match effect.state {
        EffectState::Asked
        | EffectState::Pending
        | EffectState::Running
        | EffectState::Unknown
        | EffectState::Refused => true,
        EffectState::Done => effect.settled_at_ms.is_some_and(|at_ms| at_ms >= story.seen_at_ms),
        EffectState::Skipped => false,
    });
    was_paid(order) && is_left(story) && !order.is_cancelled() && (has_left || !way.after_shipping) && !under_way
}

/// A unit of a line of which nothing has left, for what was paid for it; `None`: there is none, or the store gives money
/// back only for what left.
fn a_unit(story: &Story, declaration: &Declaration) -> Option<Intent> {
    let order = &story.order;
    let packed = story.parcels.iter().any(|seen| seen.value.is_live()) || !order.fulfillments.is_empty();
    if packed || declaration.refunds.is_none_or(|way| way.after_shipping) {
        return None;
    }
    let line = order.lines.iter().find(|line| line.requires_shipping && units_left(story, line) > 0)?;
    let minor = line.paid_minor(1, order.taxes_included);
    if minor <= 0 || minor > left_minor(story) {
        return None;
    }
    let lines = vec![RefundLineDraft { order_line_id: line.remote_id.clone(), quantity: 1, restock: false }];
    Some(draft(story, lines, minor))
}

fn draft(story: &Story, lines: Vec<RefundLineDraft>, total_minor: i64) -> Intent {
    let receipts = story.effects.iter().filter(|effect| effect.intent.kind() == IntentKind::Refund);
    let refund = RefundDraft {
        order_remote_id: story.order.remote_id.clone(),
        lines,
        shipping_minor: 0,
        total_minor,
        currency: story.order.currency.clone(),
        reason: "customer".to_owned(),
        note: String::new(),
        notify_customer: false,
        known_refund_ids: receipts.filter_map(|effect| effect.receipt.as_ref()?.remote_id.clone()).collect(),
    };
    Intent::Refund { refund }
}

/// As the desk asks before it offers the button.
fn can_cancel(story: &Story, policy: &Policy) -> bool {
    let ledger = LineLedger::of(story);
    let gone = !ledger.rows.is_empty() && (ledger.all_told() || ledger.all_shipped());
    let performs = |peer: &quayside_flows::Peer| peer.performs.contains(&IntentKind::CancelChannelOrder);
    let under_way = story.effects.iter().any(|effect| {
        effect.intent.kind() == IntentKind::CancelChannelOrder
            && !effect.state.is_final()
            && effect.state != EffectState::Refused
    });
    !story.order.is_cancelled() && !gone && !under_way && policy.peers.get(&story.channel).is_some_and(performs)
}
