//! Taking back: what an undo token stands for is put as it was, as far as the world still allows it.

use crate::act::{Done, Ground};
use crate::undo::Back;
use crate::verbs::{SIDES_AGREE, choose, redecide};
use crate::{returns, stock};
use quayside_flows::decide;
use quayside_model::{Choices, EffectId, EffectState, Mode, PlannedEffect};
use quayside_store::{StoreError, Tx};

pub(crate) fn put_back(tx: &mut Tx<'_>, ground: &Ground<'_>, back: &Back) -> Result<(String, Done), StoreError> {
    match back {
        Back::Choices(id, before) => {
            let Some(story) = tx.story(*id)? else {
                return Ok((id.to_string(), Done::No("There is no such order any more.".into())));
            };
            let label = story.order.number.clone();
            // Only the hold goes back: an address mended in between stays mended.
            let choices = Choices { hold: before.hold.clone(), ..story.choices.clone() };
            let done = choose(tx, ground, &story, choices, "Undone".into(), &[SIDES_AGREE])?;
            Ok((label, done))
        }
        Back::Reopen(id) => {
            let open = tx.wake_finding(*id)? || tx.reopen_finding(*id)?;
            if let Some(order) = tx.finding(*id)?.and_then(|finding| finding.order_id) {
                redecide(tx, ground.policy, order, ground.now_ms)?;
            }
            Ok((format!("exception {id}"), Done::when(open, "It has mended itself meanwhile.")))
        }
        Back::Assignee(id, before) => {
            let given = tx.assign_finding(*id, before)?.is_some();
            Ok((format!("exception {id}"), Done::when(given, "It is over already.")))
        }
        Back::Revive(id) => revive(tx, ground, *id),
        Back::Goods(id, goods) => returns::not_here(tx, ground, *id, goods),
        Back::Adjusted { sku, effect } => stock::adjust_back(tx, ground.policy, sku, *effect, ground.now_ms),
    }
}

/// A given-up effect keeps its end; the same intent is planned again under the next key.
fn revive(tx: &mut Tx<'_>, ground: &Ground<'_>, id: EffectId) -> Result<(String, Done), StoreError> {
    let Some(effect) = tx.effect(id)? else { return Ok((id.to_string(), Done::No("There is no such change.".into()))) };
    let Some(order) = effect.order_id else {
        let why = "A change of a count is planned anew by itself when another number is wanted.";
        return Ok((effect.sentence, Done::No(why.into())));
    };
    let Some(story) = tx.story(order)? else {
        return Ok((id.to_string(), Done::No("There is no such order any more.".into())));
    };
    let label = story.order.number.clone();
    if let Some(why) = returns::cannot_send_again(&story, &effect.intent) {
        return Ok((label, Done::No(why)));
    }
    // The decision may want it by itself; then it has planned it, or does so now.
    let before = story.effects.len();
    redecide(tx, ground.policy, order, ground.now_ms)?;
    let Some(now) = tx.story(order)? else {
        return Ok((label, Done::No("There is no such order any more.".into())));
    };
    let kind = effect.intent.kind();
    let again = now.effects.iter().skip(before).any(|new| new.intent.kind() == kind)
        || now
            .effects
            .iter()
            .any(|other| other.id > id && other.intent.kind() == kind && other.state != EffectState::Skipped);
    if again {
        return Ok((label, Done::yes()));
    }
    let stem = effect.key.rsplit_once(':').map_or_else(|| format!("{}:", effect.key), |(stem, _)| format!("{stem}:"));
    let generation = now.effects.iter().filter(|other| other.key.starts_with(&stem)).count();
    let mut decision = decide(&now, ground.policy, ground.now_ms);
    decision.effects.push(PlannedEffect {
        key: format!("{stem}{generation}"),
        automation: effect.automation.clone(),
        connection: effect.connection.clone(),
        intent: effect.intent.clone(),
        // As it was: what waited for a click waits for one again, anything else does too after a change of mind.
        mode: Mode::Ask,
        ship_by_ms: effect.ship_by_ms,
        sentence: effect.sentence.clone(),
    });
    let decided = tx.put_decision(now.order_id, &now.order, &decision, ground.now_ms)?;
    Ok((label, Done::when(!decided.new_effects.is_empty(), "It is planned again already.")))
}
