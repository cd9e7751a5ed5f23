//! The order in which an order's changes arrived at its hub, told by the hub's own ledger: the order in which they were planned.
//!
//! No clock is asked, so it holds in lives whose clock was moved, too. Looked at are holds, releases and cancellations, which
//! name the hub order they are for and leave a line of their own in the ledger; that contents arrive in their order shows in
//! what is packed (`contents.rs`). A change that arrived twice in a row is one: each is harmless to repeat.

use crate::oracle::{Count, order_of_key};
use quayside_model::{ConnectionId, Intent, IntentKind, PastEffect};
use quayside_sandbox::Sandbox;
use quayside_sandbox::ledger::By;
use quayside_store::{Store, StoreError};
use std::collections::BTreeMap;

/// What the ledger calls each of them.
const APPLIED: [(&str, IntentKind); 3] = [
    ("order_held", IntentKind::HoldHubOrder),
    ("order_released", IntentKind::ReleaseHubOrder),
    ("order_cancelled", IntentKind::CancelHubOrder),
];

/// The key of an order at a hub, and what was done to it, in the ledger's order.
type Applied<'a> = (Option<&'a str>, Vec<IntentKind>);

pub(crate) fn judge(sandbox: &Sandbox, store: &Store, broken: &mut Count) -> Result<(), StoreError> {
    let mut applied: BTreeMap<(&str, &str), Applied<'_>> = BTreeMap::new();
    for entry in sandbox.ledger.entries.iter().filter(|entry| entry.by == By::Client) {
        let Some((_, kind)) = APPLIED.iter().find(|(effect, _)| *effect == entry.effect) else { continue };
        let of_it = applied.entry((entry.account.as_str(), entry.subject.as_str())).or_default();
        of_it.0 = of_it.0.or(entry.key.as_deref());
        of_it.1.push(*kind);
    }
    for ((hub, subject), (key, kinds)) in applied.iter().filter(|(_, (_, kinds))| kinds.len() > 1) {
        let Some((remote_id, truth)) = key.and_then(|key| order_of_key(&sandbox.truth, key)) else { continue };
        let account = ConnectionId::new(&truth.account);
        let story = store.read(|r| match r.order_id(&account, remote_id)? {
            Some(id) => r.story(id),
            None => Ok(None),
        })?;
        let Some(story) = story else { continue };
        let mut effects: Vec<&PastEffect> =
            story.effects.iter().filter(|effect| subject_of(&effect.intent) == Some(*subject)).collect();
        effects.sort_by_key(|effect| effect.id);
        let planned: Vec<IntentKind> = effects.iter().map(|effect| effect.intent.kind()).collect();
        if let Some(early) = out_of_order(&planned, kinds) {
            broken.add(|| {
                let name = &truth.name;
                format!(
                    "{name} ({remote_id}): {early:?} reached {subject} at {hub} out of its turn: planned {planned:?}, arrived {kinds:?}"
                )
            });
        }
    }
    Ok(())
}

/// The hub order a hold, a release or a cancellation is for.
fn subject_of(intent: &Intent) -> Option<&str> {
    match intent {
        Intent::HoldHubOrder { hub_order_id, .. }
        | Intent::ReleaseHubOrder { hub_order_id, .. }
        | Intent::CancelHubOrder { hub_order_id, .. } => Some(hub_order_id),
        _ => None,
    }
}

/// The first change that arrived when its turn was over. Kinds that were never planned are somebody else's.
fn out_of_order(planned: &[IntentKind], arrived: &[IntentKind]) -> Option<IntentKind> {
    let mut at = 0;
    for kind in arrived.iter().filter(|kind| planned.contains(kind)) {
        match planned.iter().skip(at).position(|one| one == kind) {
            Some(further) => at += further,
            None => return Some(*kind),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use IntentKind::{CancelHubOrder as Cancel, HoldHubOrder as Hold, ReleaseHubOrder as Release};

    #[test]
    fn what_arrives_in_its_turn_is_right_and_nothing_else() {
        let cases: [(&[IntentKind], &[IntentKind], Option<IntentKind>); 8] = [
            (&[Hold, Release], &[Hold, Release], None),
            (&[Hold, Release], &[Release, Hold], Some(Hold)),
            // Answers that were lost: the same once more.
            (&[Hold, Release, Cancel], &[Hold, Hold, Release, Cancel, Cancel], None),
            // One was overtaken and never sent.
            (&[Hold, Release, Hold, Cancel], &[Hold, Cancel], None),
            (&[Hold, Release, Hold], &[Hold, Release, Hold], None),
            (&[Hold, Release, Cancel], &[Hold, Cancel, Release], Some(Release)),
            // Nobody here planned to let it go.
            (&[Hold, Cancel], &[Hold, Release, Cancel], None),
            (&[], &[Hold], None),
        ];
        for (planned, arrived, wanted) in cases {
            assert_eq!(out_of_order(planned, arrived), wanted, "planned {planned:?}, arrived {arrived:?}");
        }
    }
}
