//! What reports count: orders by the moment they were bought, parcels by the moment they were made known.

use crate::error::{StoreError, Tried};
use crate::store::Reader;
use quayside_model::{ConnectionId, Currency, Money, OrderId, Parcel};
use rusqlite::{OptionalExtension as _, Row, params};

/// An order, as far as a report needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sold {
    /// Our row.
    pub id: OrderId,
    /// The store that sold it.
    pub store: ConnectionId,
    /// What people call it.
    pub number: String,
    /// When it was bought, ms UTC.
    pub placed_at_ms: i64,
    /// When it has to leave, ms UTC.
    pub ship_by_ms: Option<i64>,
    /// Units in it.
    pub units: i64,
    /// What it came to.
    pub total: Money,
    /// Where it goes, two letters; empty if that is not known (any more).
    pub country: String,
    /// Cancelled, or nothing of it is to be shipped.
    pub dropped: bool,
}

/// A parcel with the order it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// The hub that has it.
    pub hub: ConnectionId,
    /// The parcel.
    pub parcel: Parcel,
    /// Its order; the oldest, where several travel together.
    pub order: Option<Sold>,
}

/// A piece of a longer list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed<T> {
    /// What was found.
    pub items: Vec<T>,
    /// There is more than was asked for.
    pub cut: bool,
}

const SOLD: &str = "o.id, o.connection_id, o.number, o.placed_at_ms, o.ship_by_ms, o.units, o.total_minor, o.currency, o.country, o.stage";

fn sold(row: &Row<'_>, from: usize) -> rusqlite::Result<Sold> {
    let stage: Option<String> = row.get(from + 9)?;
    Ok(Sold {
        id: OrderId(row.get(from)?),
        store: ConnectionId(row.get(from + 1)?),
        number: row.get(from + 2)?,
        placed_at_ms: row.get(from + 3)?,
        ship_by_ms: row.get(from + 4)?,
        units: row.get(from + 5)?,
        total: Money::new(row.get(from + 6)?, Currency(row.get(from + 7)?)),
        country: row.get(from + 8)?,
        dropped: matches!(stage.as_deref(), Some("cancelled" | "nothing_to_ship")),
    })
}

impl Reader<'_> {
    /// Orders bought from `from_ms` until before `to_ms`, oldest first. Tests, and what Quayside leaves alone, do not count.
    pub fn sold_between(&self, from_ms: i64, to_ms: i64, limit: usize) -> Result<Listed<Sold>, StoreError> {
        const TRIED: &str = "list the orders of a time";
        let mut statement = self
            .conn
            .prepare_cached(&format!(
                "SELECT {SOLD} FROM orders o INDEXED BY orders_placed
                 WHERE o.placed_at_ms >= ?1 AND o.placed_at_ms < ?2 AND o.test = 0 AND o.stage IS NOT NULL AND o.stage <> 'ignored'
                 ORDER BY o.placed_at_ms, o.id LIMIT ?3"
            ))
            .tried(TRIED)?;
        let rows = statement.query_map(params![from_ms, to_ms, limit as i64 + 1], |row| sold(row, 0)).tried(TRIED)?;
        let items = rows.collect::<Result<Vec<_>, _>>().tried(TRIED)?;
        Ok(listed(items, limit))
    }

    /// Parcels made known from `from_ms` until before `to_ms`, oldest first, voided and returning ones too.
    pub fn sent_between(&self, from_ms: i64, to_ms: i64, limit: usize) -> Result<Listed<Sent>, StoreError> {
        const TRIED: &str = "list the parcels of a time";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT r.connection_id, r.remote_id, r.body FROM record r INDEXED BY record_parcels
                 WHERE r.kind = 'parcel' AND r.remote_at_ms >= ?1 AND r.remote_at_ms < ?2
                 ORDER BY r.remote_at_ms, r.id LIMIT ?3",
            )
            .tried(TRIED)?;
        let mut of = self
            .conn
            .prepare_cached(&format!(
                "SELECT {SOLD} FROM link l CROSS JOIN orders o ON o.id = l.order_id
                 WHERE l.connection_id = ?1 AND l.kind = 'parcel' AND l.remote_id = ?2 ORDER BY o.id LIMIT 1"
            ))
            .tried(TRIED)?;
        let mut rows = statement.query(params![from_ms, to_ms, limit as i64 + 1]).tried(TRIED)?;
        let mut items = Vec::new();
        while let Some(row) = rows.next().tried(TRIED)? {
            let (hub, remote_id): (String, String) = (row.get(0).tried(TRIED)?, row.get(1).tried(TRIED)?);
            let body = row.get_ref(2).and_then(|body| Ok(body.as_blob()?)).tried(TRIED)?;
            let order = of.query_row([&hub, &remote_id], |row| sold(row, 0)).optional().tried(TRIED)?;
            items.push(Sent { hub: ConnectionId(hub), parcel: self.pack.unzip_json(body)?, order });
        }
        Ok(listed(items, limit))
    }
}

fn listed<T>(mut items: Vec<T>, limit: usize) -> Listed<T> {
    let cut = items.len() > limit;
    items.truncate(limit);
    Listed { items, cut }
}
