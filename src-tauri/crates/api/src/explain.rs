//! "Why is this order not shipped?", asked through the desk.

use crate::desk::Desk;
use crate::offline;
use crate::trouble::Answer;
use crate::view::Trouble;
use quayside_flows::why::{AccountTrouble, Evidence, Explanation, explain};
use quayside_model::{ConnectionId, OrderId};
use quayside_store::EventRow;
use std::collections::BTreeMap;

impl Desk {
    /// Why an order stands where it does: the reason that counts, its evidence, who can mend it, the button.
    pub fn explain(&self, id: OrderId) -> Answer<Explanation> {
        let room = self.room()?;
        let policy = room.policy()?;
        let names = room.names()?;
        let (story, accounts, events) = room.store.read(|r| {
            let mut accounts = Vec::new();
            let offline = offline::of(r)?;
            for config in r.connections()? {
                let mut conditions = r.conditions(&config.id)?;
                if let Some(offline) = &offline {
                    offline.retell(&mut conditions);
                }
                for finding in conditions {
                    accounts.push(AccountTrouble {
                        connection: config.id.clone(),
                        cause: finding.cause,
                        sentence: finding.sentence,
                        since_ms: finding.opened_at_ms,
                    });
                }
            }
            Ok((r.story(id)?, accounts, r.events_of(id)?))
        })?;
        let story = story.ok_or_else(|| Trouble::gone("There is no such order. Refresh the list."))?;
        let mut explained = explain(&story, &policy, &accounts, room.now_ms());
        for reason in explained.reasons.iter_mut().filter(|reason| reason.code == "shipped") {
            reason.evidence.extend(what_the_customer_heard(&events, &names));
        }
        Ok(explained)
    }
}

/// Of the last parcel that was reported: what the story says, as it was written down when the report held.
fn what_the_customer_heard(events: &[EventRow], names: &BTreeMap<ConnectionId, String>) -> Option<Evidence> {
    let said =
        events.iter().rev().find(|event| event.detail.as_ref().is_some_and(|it| it.get("customer").is_some()))?;
    let store = said.connection.as_ref().map(|id| names.get(id).map_or(id.as_str(), String::as_str));
    Some(Evidence {
        record: format!("Report to {}", store.unwrap_or("the store")),
        says: said.sentence.clone(),
        at_ms: said.at_ms,
    })
}
