//! What became of clicks, and of money at marketplaces, beside what the accounts hold. (Shopify's money and every account's
//! count of refunds are judged in every life: `given_back.rs`, `asked.rs`.)

use super::shops::of;
use super::stage::{Stage, Tried};
use crate::oracle::{Told, Verdicts, how_it_went};
use quayside_model::time::HOUR_MS;
use quayside_model::{ConnectionId, EffectState, Intent, IntentKind, PastEffect, Story};
use quayside_sandbox::amazon::Amazon;
use quayside_sandbox::ledger::By;
use quayside_sandbox::{Sandbox, StandIn as _};
use quayside_store::{Store, StoreError};

const SETTLED_MS: i64 = 6 * HOUR_MS;

fn story_of(store: &Store, account: &str, order: &str) -> Result<Option<Story>, StoreError> {
    let account = ConnectionId::new(account);
    store.read(|r| match r.order_id(&account, order)? {
        Some(id) => r.story(id),
        None => Ok(None),
    })
}

/// Every click came to what was clicked, or somebody is told why not.
pub(super) fn clicks(
    stage: &Stage,
    sandbox: &Sandbox,
    store: &Store,
    told: &Told,
    now_ms: i64,
    verdicts: &mut Verdicts,
) -> Result<(), StoreError> {
    for tried in stage.tried.iter().filter(|tried| now_ms - tried.at_ms > SETTLED_MS) {
        // The store failed at the click, and the person saw that.
        let Some(key) = &tried.key else { continue };
        let effect = story_of(store, &tried.account, &tried.order)?
            .and_then(|story| story.effects.into_iter().find(|effect| effect.key == *key));
        let at = || format!("{} of {}, {:?} clicked at {}", tried.order, tried.account, tried.kind, tried.at_ms);
        let how = || how_it_went(sandbox, store, &tried.order);
        let Some(effect) = effect else {
            verdicts.lost.add(|| format!("{}: nothing is left of the click; {}", at(), how()));
            continue;
        };
        let is_told = told.contains_key(&tried.order);
        match effect.state {
            EffectState::Refused if !is_told => {
                let why = effect.refusal.as_ref().map_or("no word", |refusal| refusal.sentence.as_str());
                verdicts.lost.add(|| format!("{}: refused ({why}), and nobody is told; {}", at(), how()));
            }
            EffectState::Done if !is_told && !is_there(sandbox, store, tried)? => {
                verdicts.lost.add(|| format!("{}: the desk says it is done, the store has nothing; {}", at(), how()));
            }
            // What hangs is told by `oracle.rs`; what a person or newer knowledge took back is over.
            _ => {}
        }
    }
    Ok(())
}

/// The store shows what was clicked.
fn is_there(sandbox: &Sandbox, store: &Store, tried: &Tried) -> Result<bool, StoreError> {
    if tried.kind == IntentKind::CancelChannelOrder {
        return Ok(sandbox.order_views().iter().any(|view| view.id == tried.order && view.cancelled));
    }
    // Of several refunds of one order each has to be there.
    let story = story_of(store, &tried.account, &tried.order)?;
    let done =
        |effect: &&PastEffect| effect.state == EffectState::Done && matches!(effect.intent, Intent::Refund { .. });
    let done = story.map_or(0, |story| story.effects.iter().filter(done).count());
    let given = sandbox.ledger.entries.iter().filter(|entry| {
        matches!(entry.effect.as_str(), "refund_created" | "order_refunded")
            && entry.by == By::Client
            && entry.account == tried.account
            && entry.detail["orderId"] == tried.order.as_str()
    });
    Ok(given.count() >= done)
}

/// At a marketplace no more money goes back than what arrived was paid for, besides what was clicked.
pub(super) fn marketplace(
    stage: &Stage,
    sandbox: &Sandbox,
    store: &Store,
    verdicts: &mut Verdicts,
) -> Result<(), StoreError> {
    for amazon in sandbox.shops.iter().filter_map(|shop| of::<Amazon>(shop.as_ref())) {
        let state = amazon.state();
        for order in state.orders.values().filter(|order| !order.refunds.is_empty()) {
            let given: i64 = order.refunds.iter().map(|(.., minor)| minor).sum();
            let arrived: i64 = state
                .returns
                .iter()
                .filter(|back| back.order == order.id && back.received_ms.is_some())
                .filter_map(|back| {
                    Some(order.items.iter().find(|item| item.id == back.item)?.unit_minor * back.quantity)
                })
                .sum();
            let clicked = clicked_minor(stage, store, amazon.account(), &order.id)?;
            if given > arrived + clicked {
                verdicts.doubled.add(|| {
                    let how = how_it_went(sandbox, store, &order.id);
                    format!(
                        "{} of {}: {given} were given back; what arrived was paid {arrived} for, {clicked} were clicked; {how}",
                        order.id,
                        amazon.account()
                    )
                });
            }
        }
    }
    Ok(())
}

/// What was given back by clicks, minor units.
fn clicked_minor(stage: &Stage, store: &Store, account: &str, order: &str) -> Result<i64, StoreError> {
    let keys: Vec<&str> = stage
        .tried
        .iter()
        .filter(|tried| tried.account == account && tried.order == order)
        .filter_map(|tried| tried.key.as_deref())
        .collect();
    if keys.is_empty() {
        return Ok(0);
    }
    let story = story_of(store, account, order)?;
    let effects = story.iter().flat_map(|story| &story.effects);
    let minor = effects.filter(|effect| keys.contains(&effect.key.as_str())).map(|effect| match &effect.intent {
        Intent::Refund { refund } => refund.total_minor,
        _ => 0,
    });
    Ok(minor.sum())
}
