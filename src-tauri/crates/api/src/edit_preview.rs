//! What a correction would send: the decision on the order as it would be mended. Nothing is written.

use crate::desk::Desk;
use crate::trouble::Answer;
use crate::view::{Plan, PlannedView, Trouble};
use crate::{editable, plan, verbs, words};
use quayside_flows::decide;
use quayside_model::{EffectState, ExceptionId, Mode, PlannedEffect};
use std::collections::BTreeMap;

impl Desk {
    /// What would be sent if these fields were saved, drawn like a plan. Refuses what saving would refuse, at the same field.
    pub fn edit_preview(&self, exception: ExceptionId, fields: &BTreeMap<String, String>) -> Answer<Plan> {
        let room = self.room()?;
        let policy = room.policy()?;
        let now_ms = room.now_ms();
        let story = room.store.read(|r| {
            let Some(order) = r.finding(exception)?.and_then(|finding| finding.order_id) else { return Ok(None) };
            r.story(order)
        })?;
        let mut story = story.ok_or_else(|| Trouble::gone("It is not on the list any more."))?;
        story.choices = editable::apply(&story.choices, &story, fields)?;
        let decision = decide(&story, &policy, now_ms);
        let number = story.order.number.clone();
        // What was refused and does not change is tried again as it is; what changes is planned anew.
        let again = story
            .effects
            .iter()
            .filter(|effect| effect.state == EffectState::Refused && verbs::is_mended(effect))
            .filter(|effect| !decision.overtaken.iter().any(|(gone, _)| *gone == effect.id))
            .map(|effect| PlannedEffect {
                key: effect.key.clone(),
                automation: effect.automation.clone(),
                connection: effect.connection.clone(),
                intent: effect.intent.clone(),
                mode: Mode::Auto,
                ship_by_ms: decision.ship_by_ms,
                sentence: words::intent_sentence(&effect.intent, &number),
            });
        let effects: Vec<PlannedEffect> = again.chain(decision.effects.iter().cloned()).collect();
        let items: Vec<PlannedView> = effects.into_iter().map(|effect| plan::view(effect, &story, &policy)).collect();
        let mut per_automation: BTreeMap<String, i64> = BTreeMap::new();
        for item in &items {
            *per_automation.entry(item.effect.automation.clone()).or_default() += 1;
        }
        let intents: Vec<_> = items.iter().map(|item| (&item.effect.key, &item.effect.intent)).collect();
        let hash = blake3::hash(&serde_json::to_vec(&intents).unwrap_or_default());
        Ok(Plan {
            per_automation,
            orders: 1,
            // One order: what it costs of a budget is not worth a sentence.
            cost: Vec::new(),
            who_writes: Vec::new(),
            hash: hash.to_hex()[..16].to_owned(),
            as_of_ms: now_ms,
            items,
        })
    }
}
