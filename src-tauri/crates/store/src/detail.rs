//! One order as the drawer shows it, and the parcels list.

use crate::error::{StoreError, Tried};
use crate::pack::Pack;
use crate::queue::QueueRow;
use crate::sql::Sql;
use crate::store::Reader;
use crate::table::event::EventRow;
use crate::table::finding::FindingRow;
use quayside_model::{ConnectionId, OrderId, Parcel, Record, RecordKind, Story};
use rusqlite::{OptionalExtension as _, Row, params, params_from_iter};
use serde::{Deserialize, Serialize};

/// Newest matching orders whose parcels a search finds.
const SEARCHED_ORDERS: u64 = 500;

/// Everything about one order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OrderDetail {
    /// Its row in the queue.
    pub row: QueueRow,
    /// All we know.
    pub story: Story,
    /// Its timeline, oldest first. When effects were planned and sent stands in the story.
    pub events: Vec<EventRow>,
    /// Its exceptions, resolved ones too, oldest first.
    pub findings: Vec<FindingRow>,
    /// The records it is made of; their raw answers on demand through [`Reader::raw`].
    pub records: Vec<RecordRef>,
}

/// A record by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordRef {
    /// Where it was read.
    pub connection: ConnectionId,
    /// What it is.
    pub kind: RecordKind,
    /// The platform's id.
    pub remote_id: String,
    /// When the platform last changed it, ms UTC.
    pub remote_at_ms: i64,
    /// When we last read it, ms UTC.
    pub seen_at_ms: i64,
    /// The raw answer is still here.
    pub has_raw: bool,
}

/// Which parcels.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ParcelFilter {
    /// Of this hub.
    pub connection: Option<ConnectionId>,
    /// What a person typed: matches the parcel's order (number, buyer, SKU, tracking …).
    pub text: String,
}

/// Where a page of parcels ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParcelKey {
    /// When the last parcel was made known, ms UTC.
    pub created_at_ms: i64,
    /// Its row.
    pub id: i64,
}

/// A parcel with its orders.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ParcelItem {
    /// The hub.
    pub connection: ConnectionId,
    /// The parcel as last read.
    pub parcel: Parcel,
    /// When that was, ms UTC.
    pub seen_at_ms: i64,
    /// The orders it carries lines of, with their numbers; empty: nobody knows whose it is.
    pub orders: Vec<(OrderId, String)>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ParcelPage {
    /// Newest first.
    pub items: Vec<ParcelItem>,
    /// Where the next page begins; `None`: this was the last.
    pub next: Option<ParcelKey>,
}

impl Reader<'_> {
    /// Where an order has pages of its own: the account it came from, and a hub that shows it.
    pub fn pages_of(&self, order: OrderId) -> Result<(Option<ConnectionId>, Option<ConnectionId>), StoreError> {
        let Some(row) = self.queue_row(order)? else { return Ok((None, None)) };
        let channel = match self.record(&row.connection, RecordKind::Order, &row.remote_id)? {
            Some(Record::Order(order)) if order.admin_url.is_some() => Some(row.connection),
            _ => None,
        };
        for (connection, kind, remote_id) in self.links_of(order)? {
            if kind == RecordKind::HubOrder
                && let Some(Record::HubOrder(seen)) = self.record(&connection, kind, &remote_id)?
                && seen.admin_url.is_some()
            {
                return Ok((channel, Some(connection)));
            }
        }
        Ok((channel, None))
    }
}

impl Reader<'_> {
    /// Everything about one order; `None` if there is none or it is undecided.
    pub fn order_detail(&self, order: OrderId) -> Result<Option<OrderDetail>, StoreError> {
        let (Some(row), Some(story)) = (self.queue_row(order)?, self.story(order)?) else { return Ok(None) };
        let mut records = Vec::new();
        records.extend(self.record_ref(&row.connection, RecordKind::Order, &row.remote_id)?);
        for (connection, kind, remote_id) in self.links_of(order)? {
            records.extend(self.record_ref(&connection, kind, &remote_id)?);
        }
        Ok(Some(OrderDetail {
            row,
            story,
            events: self.events_of(order)?,
            findings: self.findings_of(order)?,
            records,
        }))
    }

    fn record_ref(
        &self,
        connection: &ConnectionId,
        kind: RecordKind,
        remote_id: &str,
    ) -> Result<Option<RecordRef>, StoreError> {
        const TRIED: &str = "find a record";
        self.conn
            .prepare_cached(
                "SELECT remote_at_ms, seen_at_ms, raw IS NOT NULL FROM record
                 WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3",
            )
            .tried(TRIED)?
            .query_row(params![connection.as_str(), kind.code(), remote_id], |row| {
                Ok(RecordRef {
                    connection: connection.clone(),
                    kind,
                    remote_id: remote_id.to_owned(),
                    remote_at_ms: row.get(0)?,
                    seen_at_ms: row.get(1)?,
                    has_raw: row.get(2)?,
                })
            })
            .optional()
            .tried(TRIED)
    }

    /// One page of parcels, newest first. `before` is the `next` of the page before.
    pub fn parcel_page(
        &self,
        filter: &ParcelFilter,
        before: Option<ParcelKey>,
        limit: usize,
    ) -> Result<ParcelPage, StoreError> {
        const TRIED: &str = "read the parcels";
        let limit = limit.clamp(1, 1_000);
        let before = before.unwrap_or(ParcelKey { created_at_ms: i64::MAX, id: i64::MAX });
        let typed = !filter.text.trim().is_empty();
        let mut sql = Sql::default();
        sql.push("SELECT r.id, r.connection_id, r.remote_id, r.remote_at_ms, r.seen_at_ms, r.body FROM record r");
        if !typed {
            sql.push(" INDEXED BY record_parcels");
        }
        sql.push(" WHERE r.kind = 'parcel' AND (r.remote_at_ms, r.id) < (").bind(before.created_at_ms);
        sql.push(", ").bind(before.id).push(")");
        if let Some(connection) = &filter.connection {
            sql.push(" AND r.connection_id = ").bind(connection.0.clone());
        }
        if typed {
            let Some(found) = self.find(&filter.text, &[], SEARCHED_ORDERS)? else {
                return Ok(ParcelPage { items: Vec::new(), next: None });
            };
            sql.push(" AND r.id IN (SELECT p.id FROM (SELECT value AS id FROM json_each(").bind(found.list());
            sql.push(
                ")) m CROSS JOIN link l ON l.order_id = m.id AND l.kind = 'parcel'
                 CROSS JOIN record p ON p.connection_id = l.connection_id AND p.kind = 'parcel' AND p.remote_id = l.remote_id)",
            );
        }
        sql.push(" ORDER BY r.remote_at_ms DESC, r.id DESC LIMIT ").bind(limit as i64 + 1);
        let mut statement = self.conn.prepare_cached(&sql.text).tried(TRIED)?;
        let mut rows = statement.query(params_from_iter(&sql.values)).tried(TRIED)?;
        let (mut items, mut last, mut next) = (Vec::new(), None, None);
        while let Some(row) = rows.next().tried(TRIED)? {
            if items.len() == limit {
                next = last;
                break;
            }
            last = Some(ParcelKey {
                id: row.get("id").tried(TRIED)?,
                created_at_ms: row.get("remote_at_ms").tried(TRIED)?,
            });
            let mut item = row_to_parcel(self.pack, row)?;
            for order in self.orders_linked_to(&item.connection, RecordKind::Parcel, &item.parcel.remote_id)? {
                if let Some(number) = self.order_number(order)? {
                    item.orders.push((order, number));
                }
            }
            items.push(item);
        }
        Ok(ParcelPage { items, next })
    }
}

fn row_to_parcel(pack: &Pack, row: &Row<'_>) -> Result<ParcelItem, StoreError> {
    const TRIED: &str = "read a parcel";
    let body = row.get_ref("body").and_then(|body| Ok(body.as_blob()?)).tried(TRIED)?;
    Ok(ParcelItem {
        connection: ConnectionId(row.get("connection_id").tried(TRIED)?),
        parcel: pack.unzip_json(body)?,
        seen_at_ms: row.get("seen_at_ms").tried(TRIED)?,
        orders: Vec::new(),
    })
}
