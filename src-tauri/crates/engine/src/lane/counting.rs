//! Counts that are read by name: after one was written, and before one that is too old is acted on.

use super::{Lane, Step};
use crate::ingest::ingest;
use quayside_connectors::{Connector, Priority, ReadError};
use quayside_model::time::MINUTE_MS;
use quayside_model::{ConnectionConfig, Page, RecordKind};
use quayside_store::StoreError;
use serde_json::Value;

/// A count that could not be read by its name is tried again after this; its list brings it meanwhile, too.
const AGAIN_MS: i64 = 10 * MINUTE_MS;

impl Lane {
    /// Reads one count that somebody waits for. `None`: nobody does.
    pub(super) async fn count(
        &mut self,
        config: &ConnectionConfig,
        connector: &dyn Connector,
        now_ms: i64,
    ) -> Result<Option<Step>, StoreError> {
        let Some(remote_id) = self.shared.store.read(|r| r.count_due(&config.id, now_ms))? else { return Ok(None) };
        self.shared.doing(&self.id, "Reading a count", None);
        let answer = connector.read_one(RecordKind::Stock, &remote_id, Priority::Write).await;
        self.keep_secrets(connector)?;
        let now_ms = self.shared.clock.now_ms();
        self.keep_buckets(connector)?;
        let incoming = match answer {
            Ok(Some(incoming)) => incoming,
            Ok(None) => {
                self.shared.store.write(|tx| tx.forget_count(&config.id, &remote_id, now_ms))?;
                self.shared.decider_bell.notify_one();
                return Ok(Some(Step::Worked));
            }
            Err(error) => {
                let at_ms = match error {
                    ReadError::WaitUntil { at_ms, .. } => at_ms.max(now_ms + 1),
                    ReadError::Refused(_) => now_ms + AGAIN_MS,
                };
                self.shared.store.write(|tx| tx.count_not_read(&config.id, &remote_id, Some(at_ms)))?;
                return Ok(Some(Step::Worked));
            }
        };
        let page = Page {
            records: vec![incoming],
            unreadable: vec![],
            mended: vec![],
            cursor: Value::Null,
            next: None,
            total: None,
            findings: None,
            asked: true,
        };
        let policy = self.shared.policy();
        self.shared.store.write(|tx| {
            // Asked for by this name, whatever name the record itself has.
            tx.count_not_read(&config.id, &remote_id, None)?;
            tx.mark_subject(&config.id, &remote_id, now_ms)
        })?;
        ingest(&self.shared.store, &policy, &config.id, RecordKind::Stock, &page, None, now_ms)?;
        self.shared.decider_bell.notify_one();
        Ok(Some(Step::Worked))
    }
}
