//! Splitting: one order becomes several hub orders, by a person's hand.
//!
//! What was chosen is kept with the order's other choices, and the order is decided anew in the same transaction; which
//! hub order shrinks first is decided in `flows/src/split.rs`. Nothing is taken out of what has a label.

use crate::desk::Desk;
use crate::trouble::Answer;
use crate::verbs::{person, redecide};
use crate::view::{PartView, SplitLine, SplitView};
use crate::words;
use quayside_flows::{Policy, Units, cannot_split, part_of, seen_parts, unfit};
use quayside_model::{Choices, ConnectionId, EffectState, HubStatus, Intent, OrderId, PastEffect, Story};
use quayside_store::StoreError;

const GONE: &str = "There is no such order any more.";

impl Desk {
    /// How an order is split, and why that cannot be changed now.
    pub fn split(&self, order: OrderId) -> Answer<SplitView> {
        let room = self.room()?;
        let policy = room.policy()?;
        let story = room.store.read(|r| r.story(order)?.ok_or_else(|| StoreError::abandoned(GONE)))?;
        Ok(view(&story, &policy, room.now_ms()))
    }

    /// Splits an order: what lies in every further part, by the channel's line; the rest stays in the first. Without any
    /// further part it is put together again.
    pub fn put_split(&self, order: OrderId, further: Vec<Units>) -> Answer<SplitView> {
        let room = self.writable()?;
        let policy = room.policy()?;
        let now_ms = room.now_ms();
        room.store.write(|tx| {
            let story = tx.story(order)?.ok_or_else(|| StoreError::abandoned(GONE))?;
            let wish: Vec<Units> = further
                .iter()
                .map(|part| {
                    part.iter().filter(|(_, units)| **units != 0).map(|(id, units)| (id.clone(), *units)).collect()
                })
                .collect();
            if let Some(why) = cannot_split(&story, &policy, now_ms).or_else(|| unfit(&story, &wish)) {
                return Err(StoreError::abandoned(why));
            }
            let words = if wish.is_empty() {
                "Put together again: one order at the hub".to_owned()
            } else {
                format!("Split into {} parts", wish.len() + 1)
            };
            tx.put_choices(order, &Choices { split: Some(wish), ..story.choices.clone() })?;
            person(tx, Some(order), None, now_ms, words)?;
            tx.hurry(order, now_ms)?;
            redecide(tx, &policy, order, now_ms)?;
            Ok(())
        })?;
        room.nudge();
        self.split(order)
    }
}

fn view(story: &Story, policy: &Policy, now_ms: i64) -> SplitView {
    let lines = story.order.lines_ours().map(|(line, units)| SplitLine {
        line_id: line.remote_id.clone(),
        sku: story.choices.skus.get(&line.remote_id).unwrap_or(&line.sku).clone(),
        name: line.name.clone(),
        detail: words::line_detail(&line.variant, &line.options),
        units,
    });
    SplitView {
        order: story.order_id,
        number: story.order.number.clone(),
        lines: lines.collect(),
        parts: parts(story, policy, now_ms),
        by_person: story.choices.split.as_ref().is_some_and(|further| !further.is_empty()),
        cannot: cannot_split(story, policy, now_ms),
    }
}

/// The parts of an order, where it is split.
pub(crate) fn parts(story: &Story, policy: &Policy, now_ms: i64) -> Vec<PartView> {
    let seen = seen_parts(story, policy, now_ms);
    let apart = seen.windows(2).any(|two| two[0].hub != two[1].hub);
    let account = |hub: Option<&ConnectionId>| match hub.and_then(|id| policy.peers.get(id)) {
        _ if !apart => String::new(),
        Some(peer) => peer.name.clone(),
        None => "an account that was removed".to_owned(),
    };
    seen.into_iter()
        .map(|part| {
            let read = story.hub_orders.iter().find(|seen| seen.value.key == part.key).map(|seen| &seen.value);
            let of_it =
                |e: &&PastEffect| matches!(&e.intent, Intent::PutHubOrder { order, .. } if order.key == part.key);
            let newest = story.effects.iter().rfind(of_it);
            let refused = newest.filter(|e| e.state == EffectState::Refused).and_then(|e| e.refusal.as_ref());
            let parcels = story.parcels.iter().map(|seen| &seen.value).filter(|parcel| parcel.is_live());
            let numbers: Vec<String> = parcels
                .filter(|parcel| parcel.hub_order_id.is_some() && parcel.hub_order_id == part.hub_order_id)
                .flat_map(|parcel| parcel.numbers().map(str::to_owned))
                .collect();
            let state = match (read.map(|order| &order.status), newest.map(|e| e.state)) {
                (Some(HubStatus::Cancelled), _) => "cancelled there",
                (Some(HubStatus::Gone), _) => "not there any more",
                _ if part.packed => "a label is bought",
                (Some(HubStatus::OnHold), _) => "on hold there",
                _ if part.at_hub => "waits for packing",
                (_, Some(EffectState::Asked)) => "waits for your click",
                (_, Some(EffectState::Pending | EffectState::Running | EffectState::Unknown)) => "on its way",
                (_, Some(EffectState::Refused)) => "refused",
                _ => "not sent yet",
            };
            PartView {
                n: u32::try_from(part_of(&part.key)).unwrap_or(0) + 1,
                number: read.map_or_else(String::new, |order| order.number.clone()),
                state: state.to_owned(),
                why: refused.map(|refusal| refusal.sentence.clone()).unwrap_or_default(),
                packed: part.packed,
                warehouse: part.warehouse,
                account: account(part.hub.as_ref()),
                tracking: numbers,
                hub_order_id: part.hub_order_id,
                units: part.units,
            }
        })
        .collect()
}
