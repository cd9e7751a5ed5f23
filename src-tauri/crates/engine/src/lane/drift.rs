//! What field mappings read of this store: looked at once a day, and when the mappings changed, after its orders were read.

use super::Lane;
use quayside_connectors::Connector;
use quayside_flows::Shapers;
use quayside_flows::field_mapping::drift::{self, Told};
use quayside_model::time::DAY_MS;
use quayside_model::{AccountFindings, Cause, Role, Story};
use quayside_store::{FindingState, StoreError};
use std::sync::Arc;

/// What a lane remembers of its looks.
#[derive(Debug, Default)]
pub(super) struct Drifting {
    /// Orders were read to their end, and nobody has looked since.
    pub(super) read: bool,
    /// Looked at on this day since 1970, UTC, with these mappings.
    looked: Option<(i64, Arc<Shapers>)>,
}

impl Lane {
    /// One entry for each field that changed under the mappings; it ends with the first order that has it again.
    pub(super) fn mind_drift(&mut self, connector: &dyn Connector, now_ms: i64) -> Result<(), StoreError> {
        if !self.drifting.read || !connector.declaration().roles.contains(&Role::Channel) {
            return Ok(());
        }
        self.drifting.read = false;
        let policy = self.shared.policy();
        let today = now_ms.div_euclid(DAY_MS);
        let is_same = |(day, with): &(i64, Arc<Shapers>)| *day == today && Arc::ptr_eq(with, &policy.shapers);
        if self.drifting.looked.as_ref().is_some_and(is_same) {
            return Ok(());
        }
        let wanted = drift::is_wanted(&policy);
        let (told, stories) = self.shared.store.read(|r| {
            let mut told = r.account_findings(&self.id)?;
            told.retain(|one| one.cause == Cause::MappingDrift);
            let mut stories: Vec<Story> = Vec::new();
            if wanted {
                for order in r.newest_orders_of(&self.id, now_ms - drift::HISTORY_MS, drift::ORDERS)? {
                    stories.extend(r.story(order)?);
                }
            }
            Ok((told, stories))
        })?;
        let stands = told.iter().any(|one| one.state != FindingState::Resolved);
        let told: Vec<Told> = told
            .into_iter()
            .map(|one| Told {
                over_by_person: (one.state == FindingState::Resolved)
                    .then(|| one.resolved_by.as_deref() == Some("person")),
                about: one.about,
                sentence: one.sentence,
            })
            .collect();
        let store = policy.peers.get(&self.id).filter(|_| wanted);
        let found = store.map(|store| drift::look(store, &policy, &stories, &told)).unwrap_or_default();
        // Nearly always there is nothing: then no transaction is begun.
        if stands || !found.is_empty() {
            let found = AccountFindings { cause: Cause::MappingDrift, found };
            self.shared.store.write(|tx| tx.put_account_findings(&self.id, &found, now_ms))?;
        }
        self.drifting.looked = Some((today, Arc::clone(&policy.shapers)));
        Ok(())
    }
}
