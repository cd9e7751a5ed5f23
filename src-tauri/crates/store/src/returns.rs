//! Returns of all stores, the one that changed last first.

use crate::error::{StoreError, Tried};
use crate::store::Reader;
use quayside_model::{ConnectionId, OrderId};
use rusqlite::params;

/// Place of a return in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReturnKey {
    /// When the store last changed it, ms UTC.
    pub at_ms: i64,
    /// Its row.
    pub id: i64,
}

/// A return, by name, and the order it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnRef {
    /// Its place.
    pub key: ReturnKey,
    /// The store.
    pub connection: ConnectionId,
    /// Its id there.
    pub remote_id: String,
    /// The order.
    pub order: OrderId,
}

impl Reader<'_> {
    /// Returns that belong to an order of an account which is still there, behind `before`.
    pub fn returns_page(&self, before: Option<ReturnKey>, limit: usize) -> Result<Vec<ReturnRef>, StoreError> {
        const TRIED: &str = "read the returns";
        let before = before.unwrap_or(ReturnKey { at_ms: i64::MAX, id: i64::MAX });
        // Account by account along the links, which are few: records of all kinds are not walked.
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT r.remote_at_ms, r.id, l.connection_id, l.remote_id, l.order_id FROM connection c
                 CROSS JOIN link l ON l.connection_id = c.id AND l.kind = 'return'
                 CROSS JOIN record r ON r.connection_id = l.connection_id AND r.kind = 'return' AND r.remote_id = l.remote_id
                 WHERE c.removed = 0 AND (r.remote_at_ms, r.id) < (?1, ?2)
                 ORDER BY r.remote_at_ms DESC, r.id DESC LIMIT ?3",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map(params![before.at_ms, before.id, limit as i64], |row| {
                Ok(ReturnRef {
                    key: ReturnKey { at_ms: row.get(0)?, id: row.get(1)? },
                    connection: ConnectionId(row.get(2)?),
                    remote_id: row.get(3)?,
                    order: OrderId(row.get(4)?),
                })
            })
            .tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }
}
