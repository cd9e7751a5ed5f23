//! What reports count: orders by the moment they were bought, parcels by the moment they were made known, and what left.
//!
//! *Left* has one rule for every screen: an order leaves once, with its first parcel that goes out and is not voided.
//! Test orders, and what Quayside leaves alone, never count.

use crate::error::{StoreError, Tried};
use crate::store::Reader;
use crate::words;
use quayside_model::{
    Cause, ConnectionId, Currency, HubOrder, HubStatus, Money, Order, OrderId, Parcel, Record, RecordKind, Stage,
};
use rusqlite::{OptionalExtension as _, Row, params};
use serde::Serialize;
use std::collections::BTreeSet;

/// An order, as far as a report needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// Counts in no figure about orders: a test, or left alone.
    pub left_out: bool,
}

/// A parcel with the order it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// The hub that has it.
    pub hub: ConnectionId,
    /// The parcel.
    pub parcel: Parcel,
    /// Its order; where several travel together, the oldest that counts.
    pub order: Option<Sold>,
}

/// An order that left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Departure {
    /// The order.
    pub order: Sold,
    /// The hub that has its first parcel.
    pub hub: ConnectionId,
    /// When that parcel was made known, ms UTC.
    pub left_at_ms: i64,
}

/// An exception that began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Begun {
    /// Why.
    pub cause: Cause,
    /// When, ms UTC.
    pub opened_at_ms: i64,
    /// The account it is about, where it is about one.
    pub connection: Option<ConnectionId>,
    /// The order it is about, with what people call it and the store that sold it; an account has some of its own.
    pub order: Option<(OrderId, String, ConnectionId)>,
}

/// An order as a comparison begins with it: where the last decision left it. Its story is read one at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Marked {
    /// Our row.
    pub id: OrderId,
    /// When it was bought, ms UTC.
    pub placed_at_ms: i64,
    /// How far it is; `None`: nothing was decided about it yet.
    pub stage: Option<Stage>,
    /// Stable word of what it waits on; empty with no decision.
    pub waits_code: String,
    /// The same in words.
    pub waits_sentence: String,
    /// Since when, ms UTC.
    pub waits_since_ms: i64,
}

/// A hub's order that belongs to no order of ours, as far as a comparison needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Loose {
    /// The hub's id.
    pub remote_id: String,
    /// The key it has there.
    pub key: String,
    /// What people call it.
    pub number: String,
    /// Where it stands.
    pub status: HubStatus,
    /// The hub's store it belongs to.
    pub store_id: Option<String>,
    /// When the hub last changed it, ms UTC. When it was bought is not known of it.
    pub changed_at_ms: i64,
}

/// A piece of a longer list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed<T> {
    /// What was found.
    pub items: Vec<T>,
    /// There is more than was asked for.
    pub cut: bool,
}

const SOLD: &str = "o.id, o.connection_id, o.number, o.placed_at_ms, o.ship_by_ms, o.units, o.total_minor, o.currency, o.country, o.stage, o.test";
/// An order that counts.
const COUNTS: &str = "o.test = 0 AND o.stage IS NOT NULL AND o.stage <> 'ignored'";

/// A store's orders after one that is known, along the index by moment: nothing is sorted, and a page costs its rows.
const MARKED: &str = "SELECT o.id, o.placed_at_ms, o.stage, o.waits_code, o.waits_sentence, o.waits_since_ms
     FROM orders o INDEXED BY orders_placed
     WHERE (o.placed_at_ms, o.id) > (?1, ?2) AND o.placed_at_ms < ?3 AND o.connection_id = ?4
     ORDER BY o.placed_at_ms, o.id LIMIT ?5";

/// A hub's orders that no order has, along the index of records by name; only of those that are nobody's is a row read.
const LOOSE: &str = "SELECT r.remote_id, r.body FROM record r INDEXED BY record_name
     WHERE r.connection_id = ?1 AND r.kind = 'hub_order' AND r.remote_id > ?2
       AND NOT EXISTS (SELECT 1 FROM link l
                       WHERE l.connection_id = ?1 AND l.kind = 'hub_order' AND l.remote_id = r.remote_id)
       AND r.remote_at_ms >= ?3 AND r.remote_at_ms < ?4
     ORDER BY r.remote_id LIMIT ?5";

/// Every order of every parcel of a time, along the parcels' own index: nothing is sorted.
fn departed() -> String {
    format!(
        "SELECT {SOLD}, r.connection_id AS hub, r.remote_id AS parcel, r.remote_at_ms, r.live, r.id AS record
         FROM record r INDEXED BY record_parcels
         CROSS JOIN link l ON l.connection_id = r.connection_id AND l.kind = 'parcel' AND l.remote_id = r.remote_id
         CROSS JOIN orders o ON o.id = l.order_id
         WHERE r.kind = 'parcel' AND r.remote_at_ms >= ?1 AND r.remote_at_ms < ?2 AND {COUNTS}
         ORDER BY r.remote_at_ms, r.id"
    )
}

fn sold(row: &Row<'_>) -> rusqlite::Result<Sold> {
    let stage: Option<String> = row.get("stage")?;
    Ok(Sold {
        id: OrderId(row.get("id")?),
        store: ConnectionId(row.get("connection_id")?),
        number: row.get("number")?,
        placed_at_ms: row.get("placed_at_ms")?,
        ship_by_ms: row.get("ship_by_ms")?,
        units: row.get("units")?,
        total: Money::new(row.get("total_minor")?, Currency(row.get("currency")?)),
        country: row.get("country")?,
        dropped: matches!(stage.as_deref(), Some("cancelled" | "nothing_to_ship")),
        left_out: row.get("test")? || matches!(stage.as_deref(), None | Some("ignored")),
    })
}

impl Reader<'_> {
    /// Orders that are not open, along the parcels they have: when each was made known (ms UTC), its record, the order.
    /// What lies behind `after`; an order of several parcels comes with each of them.
    pub fn orders_left(
        &self,
        after: (i64, i64, OrderId),
        limit: usize,
    ) -> Result<Vec<(i64, i64, OrderId)>, StoreError> {
        const TRIED: &str = "walk the orders that left";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT r.remote_at_ms, r.id, l.order_id FROM record r INDEXED BY record_parcels
                 CROSS JOIN link l ON l.connection_id = r.connection_id AND l.kind = 'parcel' AND l.remote_id = r.remote_id
                 CROSS JOIN orders o ON o.id = l.order_id
                 WHERE r.kind = 'parcel' AND r.remote_at_ms >= ?1 AND (r.remote_at_ms, r.id, l.order_id) > (?1, ?2, ?3)
                   AND o.open = 0
                 ORDER BY r.remote_at_ms, r.id, l.order_id LIMIT ?4",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map(params![after.0, after.1, after.2.0, limit as i64], |row| {
                Ok((row.get(0)?, row.get(1)?, OrderId(row.get(2)?)))
            })
            .tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// Orders bought from `from_ms` until before `to_ms`, oldest first.
    pub fn sold_between(&self, from_ms: i64, to_ms: i64, limit: usize) -> Result<Listed<Sold>, StoreError> {
        const TRIED: &str = "list the orders of a time";
        let mut statement = self
            .conn
            .prepare_cached(&format!(
                "SELECT {SOLD} FROM orders o INDEXED BY orders_placed
                 WHERE o.placed_at_ms >= ?1 AND o.placed_at_ms < ?2 AND {COUNTS}
                 ORDER BY o.placed_at_ms, o.id LIMIT ?3"
            ))
            .tried(TRIED)?;
        let rows = statement.query_map(params![from_ms, to_ms, limit as i64 + 1], sold).tried(TRIED)?;
        let items = rows.collect::<Result<Vec<_>, _>>().tried(TRIED)?;
        Ok(listed(items, limit))
    }

    /// Parcels made known from `from_ms` until before `to_ms`, oldest first, voided and returning ones too, whatever
    /// their orders are.
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
                 WHERE l.connection_id = ?1 AND l.kind = 'parcel' AND l.remote_id = ?2
                 ORDER BY ({COUNTS}) DESC, o.id LIMIT 1"
            ))
            .tried(TRIED)?;
        let mut rows = statement.query(params![from_ms, to_ms, limit as i64 + 1]).tried(TRIED)?;
        let mut items = Vec::new();
        while let Some(row) = rows.next().tried(TRIED)? {
            let hub: String = row.get("connection_id").tried(TRIED)?;
            let remote_id: String = row.get("remote_id").tried(TRIED)?;
            let order = of.query_row([&hub, &remote_id], sold).optional().tried(TRIED)?;
            items.push(Sent { hub: ConnectionId(hub), parcel: self.parcel(row, TRIED)?, order });
        }
        Ok(listed(items, limit))
    }

    /// Orders that left from `from_ms` until before `to_ms`, in that order. Several in one parcel leave together; one
    /// whose first parcel is older does not leave again with a further one, or with one that replaces it.
    pub fn departures(&self, from_ms: i64, to_ms: i64, limit: usize) -> Result<Listed<Departure>, StoreError> {
        const TRIED: &str = "list what left";
        let mut statement = self.conn.prepare_cached(&departed()).tried(TRIED)?;
        let mut before = self
            .conn
            .prepare_cached(
                // Most orders have one parcel, and it is this one: then no record is looked at.
                "SELECT r.live, r.id AS record FROM link l INDEXED BY link_order
                 CROSS JOIN record r ON r.connection_id = l.connection_id AND r.kind = 'parcel' AND r.remote_id = l.remote_id
                 WHERE l.order_id = ?1 AND l.kind = 'parcel' AND NOT (l.connection_id = ?3 AND l.remote_id = ?4)
                   AND r.remote_at_ms < ?2",
            )
            .tried(TRIED)?;
        let mut rows = statement.query(params![from_ms, to_ms]).tried(TRIED)?;
        let (mut gone, mut items) = (BTreeSet::new(), Vec::new());
        while let Some(row) = rows.next().tried(TRIED)? {
            let id: i64 = row.get("id").tried(TRIED)?;
            if gone.contains(&id) || !self.goes_out(row, TRIED)? {
                continue;
            }
            gone.insert(id);
            let hub: String = row.get("hub").tried(TRIED)?;
            let parcel: String = row.get("parcel").tried(TRIED)?;
            let mut earlier = before.query(params![id, from_ms, hub, parcel]).tried(TRIED)?;
            let mut left_before = false;
            while let Some(other) = earlier.next().tried(TRIED)? {
                left_before |= self.goes_out(other, TRIED)?;
            }
            if left_before {
                continue;
            }
            items.push(Departure {
                order: sold(row).tried(TRIED)?,
                hub: ConnectionId(hub),
                left_at_ms: row.get("remote_at_ms").tried(TRIED)?,
            });
            if items.len() > limit {
                break;
            }
        }
        Ok(listed(items, limit))
    }

    /// An order as its store showed it last; `None` if its record is gone.
    pub fn order_as_read(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        const TRIED: &str = "read an order for a report";
        let row = self
            .conn
            .prepare_cached("SELECT connection_id, remote_id FROM orders WHERE id = ?1")
            .tried(TRIED)?
            .query_row([id.0], |row| Ok((ConnectionId(row.get(0)?), row.get::<_, String>(1)?)))
            .optional()
            .tried(TRIED)?;
        let Some((store, remote_id)) = row else { return Ok(None) };
        match self.record(&store, RecordKind::Order, &remote_id)? {
            Some(Record::Order(order)) => Ok(Some(order)),
            Some(_) | None => Ok(None),
        }
    }

    /// A store's orders bought from `from_ms` until before `to_ms`, oldest first, in pieces: `after` is the moment and the
    /// row of the last one of the piece before.
    pub fn marked_between(
        &self,
        store: &ConnectionId,
        from_ms: i64,
        to_ms: i64,
        after: Option<(i64, OrderId)>,
        limit: usize,
    ) -> Result<Vec<Marked>, StoreError> {
        const TRIED: &str = "list the orders of a store to be compared";
        // No row is 0, so that the first moment is in it.
        let (after_ms, after_id) = after.map_or((from_ms, 0), |(at_ms, id)| (at_ms, id.0));
        let mut statement = self.conn.prepare_cached(MARKED).tried(TRIED)?;
        let mut rows =
            statement.query(params![after_ms, after_id, to_ms, store.as_str(), limit as i64]).tried(TRIED)?;
        let mut out = Vec::new();
        while let Some(row) = rows.next().tried(TRIED)? {
            let text = |at: &str| -> Result<String, StoreError> {
                Ok(row.get::<_, Option<String>>(at).tried(TRIED)?.unwrap_or_default())
            };
            let stage: Option<String> = row.get("stage").tried(TRIED)?;
            out.push(Marked {
                id: row.get("id").map(OrderId).tried(TRIED)?,
                placed_at_ms: row.get("placed_at_ms").tried(TRIED)?,
                stage: stage.as_deref().map(words::stage).transpose()?,
                waits_code: text("waits_code")?,
                waits_sentence: text("waits_sentence")?,
                waits_since_ms: row.get::<_, Option<i64>>("waits_since_ms").tried(TRIED)?.unwrap_or_default(),
            });
        }
        Ok(out)
    }

    /// Orders of a hub that belong to no order of ours and that it changed from `from_ms` until before `to_ms`, in
    /// pieces: `after` is the id of the last one of the piece before.
    pub fn loose_between(
        &self,
        hub: &ConnectionId,
        from_ms: i64,
        to_ms: i64,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Loose>, StoreError> {
        const TRIED: &str = "list the orders of a hub that are nobody's";
        let mut statement = self.conn.prepare_cached(LOOSE).tried(TRIED)?;
        let mut rows = statement.query(params![hub.as_str(), after, from_ms, to_ms, limit as i64]).tried(TRIED)?;
        let mut out = Vec::new();
        while let Some(row) = rows.next().tried(TRIED)? {
            let body = row.get_ref("body").and_then(|body| Ok(body.as_blob()?)).tried(TRIED)?;
            let order: HubOrder = self.pack.unzip_json(body)?;
            out.push(Loose {
                remote_id: order.remote_id,
                key: order.key,
                number: order.number,
                status: order.status,
                store_id: order.store_id,
                changed_at_ms: order.modified_at_ms,
            });
        }
        Ok(out)
    }

    /// Exceptions that began from `from_ms` until before `to_ms`, oldest first.
    pub fn findings_begun(&self, from_ms: i64, to_ms: i64, limit: usize) -> Result<Listed<Begun>, StoreError> {
        const TRIED: &str = "list the exceptions of a time";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT f.cause, f.opened_at_ms, f.connection_id, o.id AS order_id, o.number, o.connection_id AS store FROM (
                     SELECT id, cause, opened_at_ms, connection_id, order_id FROM finding INDEXED BY finding_over
                     WHERE state = 'resolved' AND resolved_at_ms >= ?1 AND opened_at_ms >= ?1 AND opened_at_ms < ?2
                     UNION ALL
                     SELECT id, cause, opened_at_ms, connection_id, order_id FROM finding INDEXED BY finding_lasting
                     WHERE state <> 'resolved' AND opened_at_ms >= ?1 AND opened_at_ms < ?2
                 ) f LEFT JOIN orders o ON o.id = f.order_id
                 ORDER BY f.opened_at_ms, f.id LIMIT ?3",
            )
            .tried(TRIED)?;
        let mut rows = statement.query(params![from_ms, to_ms, limit as i64 + 1]).tried(TRIED)?;
        let mut items = Vec::new();
        while let Some(row) = rows.next().tried(TRIED)? {
            let cause: String = row.get("cause").tried(TRIED)?;
            let order: Option<i64> = row.get("order_id").tried(TRIED)?;
            let order = match order {
                Some(id) => {
                    Some((OrderId(id), row.get("number").tried(TRIED)?, ConnectionId(row.get("store").tried(TRIED)?)))
                }
                None => None,
            };
            items.push(Begun {
                cause: words::cause(&cause)?,
                opened_at_ms: row.get("opened_at_ms").tried(TRIED)?,
                connection: row.get::<_, Option<String>>("connection_id").tried(TRIED)?.map(ConnectionId),
                order,
            });
        }
        Ok(listed(items, limit))
    }

    /// Whether a parcel goes out and is not voided; what was read before the store noted that is opened.
    fn goes_out(&self, row: &Row<'_>, tried: &'static str) -> Result<bool, StoreError> {
        if let Some(live) = row.get("live").tried(tried)? {
            return Ok(live);
        }
        let id: i64 = row.get("record").tried(tried)?;
        let mut statement = self.conn.prepare_cached("SELECT body FROM record WHERE id = ?1").tried(tried)?;
        let mut rows = statement.query([id]).tried(tried)?;
        rows.next().tried(tried)?.map_or(Ok(false), |row| Ok(self.parcel(row, tried)?.is_live()))
    }

    fn parcel(&self, row: &Row<'_>, tried: &'static str) -> Result<Parcel, StoreError> {
        let body = row.get_ref("body").and_then(|body| Ok(body.as_blob()?)).tried(tried)?;
        self.pack.unzip_json(body)
    }
}

fn listed<T>(mut items: Vec<T>, limit: usize) -> Listed<T> {
    let cut = items.len() > limit;
    items.truncate(limit);
    Listed { items, cut }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::schema::{SCHEMA, migrate};
    use rusqlite::Connection;

    fn plan(sql: &str) -> Vec<String> {
        let mut conn = Connection::open_in_memory().unwrap();
        migrate(&mut conn, SCHEMA).unwrap();
        let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let mut rows = statement.raw_query();
        let mut plan = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            plan.push(row.get("detail").unwrap());
        }
        plan
    }

    #[test]
    fn what_is_compared_is_walked_along_indexes() {
        assert_eq!(plan(MARKED), ["SEARCH o USING INDEX orders_placed (placed_at_ms>? AND placed_at_ms<?)"]);
        assert_eq!(
            plan(LOOSE),
            [
                "SEARCH r USING INDEX record_name (connection_id=? AND kind=? AND remote_id>?)",
                "CORRELATED SCALAR SUBQUERY 1",
                "SEARCH l USING PRIMARY KEY (connection_id=? AND kind=? AND remote_id=?)",
            ]
        );
    }

    #[test]
    fn what_left_is_walked_along_indexes() {
        assert_eq!(
            plan(&departed()),
            [
                "SEARCH r USING COVERING INDEX record_parcels (remote_at_ms>? AND remote_at_ms<?)",
                "SEARCH l USING PRIMARY KEY (connection_id=? AND kind=? AND remote_id=?)",
                "SEARCH o USING INTEGER PRIMARY KEY (rowid=?)",
            ]
        );
    }
}
