//! Versions of the platform's APIs: looked at after each answer to a reading, told when another one answers or ours ends.

use super::Lane;
use quayside_connectors::Connector;
use quayside_flows::api_versions;
use quayside_model::time::DAY_MS;
use quayside_model::{AccountFindings, ApiInUse, Cause, ConnectionConfig};
use quayside_store::{FindingState, StoreError};

/// What a look found; the same again is not looked into.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Looked {
    /// Days since 1970, UTC.
    day: i64,
    in_use: Vec<ApiInUse>,
}

impl Lane {
    /// One entry of the account while something is wrong with a version; it ends with the first answer by the right one.
    pub(super) fn mind_versions(
        &mut self,
        config: &ConnectionConfig,
        connector: &dyn Connector,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let looked = Looked { day: now_ms.div_euclid(DAY_MS), in_use: connector.api_in_use() };
        if self.versions.as_ref() == Some(&looked) {
            return Ok(());
        }
        let found = api_versions::judge(connector.declaration(), &config.name, &looked.in_use, now_ms);
        let told = self.shared.store.read(|r| r.account_findings(&self.id))?;
        let stands = told.iter().any(|one| one.cause == Cause::VersionEnds && one.state != FindingState::Resolved);
        // Nearly always there is nothing: then no transaction is begun.
        if stands || !found.is_empty() {
            let found = AccountFindings { cause: Cause::VersionEnds, found };
            self.shared.store.write(|tx| tx.put_account_findings(&self.id, &found, now_ms))?;
        }
        self.versions = Some(looked);
        Ok(())
    }
}
