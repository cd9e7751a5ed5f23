//! What was paid for labels: the sum that the day's limit is held against.

use crate::error::{StoreError, Tried};
use crate::pack::from_json;
use crate::store::Reader;
use quayside_model::{ConnectionId, EffectId, Money, Receipt};
use rusqlite::params;

impl Reader<'_> {
    /// What each label cost that this program bought at an account since a moment, ms UTC. One that cost nothing, or that
    /// was there already, is left out.
    pub fn labels_paid(&self, connection: &ConnectionId, since_ms: i64) -> Result<Vec<Money>, StoreError> {
        const TRIED: &str = "read what labels cost";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT receipt FROM effect INDEXED BY effect_label
                 WHERE connection_id = ?1 AND settled_at_ms >= ?2
                   AND kind IN ('buy_label', 'return_label') AND state = 'done'",
            )
            .tried(TRIED)?;
        let mut rows = statement.query(params![connection.as_str(), since_ms]).tried(TRIED)?;
        let mut paid = Vec::new();
        while let Some(row) = rows.next().tried(TRIED)? {
            let receipt: String = row.get("receipt").tried(TRIED)?;
            paid.extend(from_json::<Receipt>(&receipt)?.cost);
        }
        Ok(paid)
    }

    /// Labels of an account that were sent for and of which nobody knows yet whether they were bought, nor for how much;
    /// `besides` is not counted.
    pub fn labels_open(&self, connection: &ConnectionId, besides: Option<EffectId>) -> Result<u64, StoreError> {
        const TRIED: &str = "read which labels are being bought";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT count(*) FROM effect INDEXED BY effect_parked
                 WHERE state IN ('running', 'unknown')
                   AND (state = 'asked' OR state = 'running' OR state = 'unknown' OR state = 'refused')
                   AND connection_id = ?1 AND kind IN ('buy_label', 'return_label') AND id <> ?2",
            )
            .tried(TRIED)?;
        let besides = besides.map_or(-1, |id| id.0);
        let n: i64 = statement.query_row(params![connection.as_str(), besides], |row| row.get(0)).tried(TRIED)?;
        Ok(u64::try_from(n).unwrap_or_default())
    }
}
