//! Records that belong to no order here: what a shipping account imports by links of its own, of stores nobody connected.
//! Nobody asks for them by order, so the rules of an order ([`crate::Tx::blank_personal`]) never reach them.

use crate::error::{StoreError, Tried};
use crate::personal::blank_untold;
use crate::retention::Purged;
use crate::store::Tx;
use crate::words;
use quayside_model::{ConnectionId, Record};
use rusqlite::params;

impl Tx<'_> {
    /// Takes the buyer's data out of such hub orders, parcels and returns that their platform last changed before a moment.
    /// A hub order that is open keeps it: somebody has to ship it. `after` is the `next` of the piece before (0 to begin).
    pub fn blank_untied(&mut self, before_ms: i64, after: i64, limit: usize) -> Result<Purged, StoreError> {
        const TRIED: &str = "find records that belong to no order";
        let found: Vec<(i64, String, String, String, bool)> = {
            let mut statement = self
                .conn
                .prepare_cached(
                    "SELECT id, connection_id, kind, remote_id, raw IS NOT NULL FROM record
                     WHERE id > ?1 AND (kind = 'hub_order' OR kind = 'parcel' OR kind = 'return') AND remote_at_ms < ?2
                       AND NOT EXISTS (SELECT 1 FROM link l WHERE l.connection_id = record.connection_id
                                       AND l.kind = record.kind AND l.remote_id = record.remote_id)
                     ORDER BY id LIMIT ?3",
                )
                .tried(TRIED)?;
            let rows = statement
                .query_map(params![after, before_ms, limit as i64], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
                })
                .tried(TRIED)?;
            rows.collect::<Result<_, _>>().tried(TRIED)?
        };
        let next = (found.len() == limit).then(|| found.last().map(|(id, ..)| *id)).flatten();
        let mut removed = 0;
        for (_, connection, kind, remote_id, has_raw) in found {
            let (connection, kind) = (ConnectionId(connection), words::record_kind(&kind)?);
            let Some(mut record) = self.record(&connection, kind, &remote_id)? else { continue };
            if matches!(&record, Record::HubOrder(order) if order.status.is_open()) {
                continue;
            }
            if blank_untold(&mut record) || has_raw {
                self.overwrite(&connection, &record)?;
                removed += 1;
            }
        }
        Ok(Purged { removed, next })
    }
}
