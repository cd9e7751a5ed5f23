//! Hub orders nobody hears of any more. Lists show what changed; an order that was deleted at the hub (or merged into
//! another where the hub does not say so) never changes again, and would wait for packing for ever. The overdue ones
//! are therefore asked for by name, a few an hour, after everything else.

use super::{Lane, Step};
use crate::ingest::ingest;
use quayside_connectors::{Connector, Priority};
use quayside_model::time::{HOUR_MS, has_come};
use quayside_model::{ConnectionConfig, Page, RecordKind, Role};
use quayside_store::StoreError;
use serde_json::Value;

/// Between two rounds of visits.
const ROUND_MS: i64 = HOUR_MS;
/// Visits in a round.
const VISITS: usize = 10;
/// Whatever was read within this time is not visited.
const HEARD_OF_MS: i64 = 6 * HOUR_MS;

/// Who is still to be visited in this round, and when the next begins.
#[derive(Debug, Default)]
pub(super) struct Visits {
    next_ms: Option<i64>,
    left: Vec<String>,
}

impl Lane {
    /// Reads one overdue hub order that no list has shown lately. `None`: nobody is to be visited now.
    pub(super) async fn visit(
        &mut self,
        config: &ConnectionConfig,
        connector: &dyn Connector,
        now_ms: i64,
    ) -> Result<Option<Step>, StoreError> {
        if !connector.declaration().roles.contains(&Role::Hub) {
            return Ok(None);
        }
        // The first round waits: right after the start the lists have the word.
        let next_ms = *self.visits.next_ms.get_or_insert(now_ms + ROUND_MS);
        if self.visits.left.is_empty() {
            if !has_come(next_ms, ROUND_MS, now_ms) {
                return Ok(None);
            }
            self.visits.next_ms = Some(now_ms + ROUND_MS);
            let quiet =
                self.shared.store.read(|r| r.quiet_hub_orders(&config.id, now_ms, now_ms - HEARD_OF_MS, VISITS))?;
            self.visits.left = quiet;
        }
        let Some(remote_id) = self.visits.left.pop() else { return Ok(None) };
        self.shared.doing(&self.id, "Looking after overdue orders", None);
        let answer = connector.read_one(RecordKind::HubOrder, &remote_id, Priority::Backfill).await;
        self.keep_secrets(connector)?;
        let now_ms = self.shared.clock.now_ms();
        self.keep_buckets(connector)?;
        let Ok(answer) = answer else {
            // No budget, no network, no such call: the next round is soon enough.
            self.visits.left.clear();
            return Ok(None);
        };
        let incoming = match answer {
            Some(incoming) => Some(incoming),
            None => self.gone(config, RecordKind::HubOrder, &remote_id, now_ms)?,
        };
        if let Some(incoming) = incoming {
            let records = vec![incoming];
            let page = Page {
                records,
                unreadable: vec![],
                cursor: Value::Null,
                next: None,
                mended: vec![],
                total: None,
                findings: None,
                asked: true,
            };
            let policy = self.shared.policy();
            let kind = RecordKind::HubOrder;
            if ingest(&self.shared.store, &policy, &config.id, kind, &page, None, now_ms)?.new_effects > 0 {
                self.shared.ring_all();
            }
        }
        Ok(Some(Step::Worked))
    }

    /// When the next round of visits begins, ms UTC.
    pub(super) fn next_visit(&self) -> Option<i64> {
        self.visits.next_ms
    }
}
