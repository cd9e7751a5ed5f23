//! "Why is this order not shipped?", asked through the desk.

use crate::desk::Desk;
use crate::offline;
use crate::trouble::Answer;
use crate::view::Trouble;
use quayside_flows::why::{AccountTrouble, Explanation, explain};
use quayside_model::OrderId;

impl Desk {
    /// Why an order stands where it does: the reason that counts, its evidence, who can mend it, the button.
    pub fn explain(&self, id: OrderId) -> Answer<Explanation> {
        let room = self.room()?;
        let policy = room.policy()?;
        let (story, accounts) = room.store.read(|r| {
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
            Ok((r.story(id)?, accounts))
        })?;
        let story = story.ok_or_else(|| Trouble::gone("There is no such order. Refresh the list."))?;
        Ok(explain(&story, &policy, &accounts, room.now_ms()))
    }
}
