//! The timeline of an order, and the history of everything. Lines are written once. What tells of a buyer is taken out of
//! them in time (`personal.rs`), and old ones are forgotten (`retention.rs`); anything else shows in the trail (`trail.rs`).

use crate::error::{StoreError, Tried};
use crate::pack::{from_json_opt, json_text};
use crate::store::{Reader, Topic, Tx};
use quayside_model::{ConnectionId, OrderId};
use rusqlite::{Row, params};
use serde::Serialize;

/// Something that happened, to be remembered.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// The order it belongs to.
    pub order_id: Option<OrderId>,
    /// The account it belongs to.
    pub connection: Option<ConnectionId>,
    /// When, ms UTC.
    pub at_ms: i64,
    /// Who: `quayside`, `person`, or an account's id.
    pub author: String,
    /// Stable word (`received`, `effect_done`).
    pub kind: String,
    /// What happened, for people.
    pub sentence: String,
    /// Anything a screen may want besides.
    pub detail: Option<serde_json::Value>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventRow {
    /// Its place in the history.
    pub id: i64,
    /// The order it belongs to.
    pub order_id: Option<OrderId>,
    /// The account it belongs to.
    pub connection: Option<ConnectionId>,
    /// When, ms UTC.
    pub at_ms: i64,
    /// Who: `quayside`, `person`, or an account's id.
    pub author: String,
    /// Stable word.
    pub kind: String,
    /// What happened, for people.
    pub sentence: String,
    /// Anything a screen may want besides.
    pub detail: Option<serde_json::Value>,
}

pub(crate) const COLUMNS: &str = "id, order_id, connection_id, at_ms, author, kind, sentence, detail";

pub(crate) fn row_to_event(row: &Row<'_>) -> rusqlite::Result<(EventRow, Option<String>)> {
    Ok((
        EventRow {
            id: row.get("id")?,
            order_id: row.get::<_, Option<i64>>("order_id")?.map(OrderId),
            connection: row.get::<_, Option<String>>("connection_id")?.map(ConnectionId),
            at_ms: row.get("at_ms")?,
            author: row.get("author")?,
            kind: row.get("kind")?,
            sentence: row.get("sentence")?,
            detail: None,
        },
        row.get("detail")?,
    ))
}

pub(crate) fn complete((mut event, detail): (EventRow, Option<String>)) -> Result<EventRow, StoreError> {
    event.detail = from_json_opt(detail)?;
    Ok(event)
}

impl Reader<'_> {
    /// The timeline of an order, oldest first.
    pub fn events_of(&self, order: OrderId) -> Result<Vec<EventRow>, StoreError> {
        let tried = || format!("read the timeline of order {order}");
        let mut statement = self
            .conn
            .prepare_cached(&format!("SELECT {COLUMNS} FROM event WHERE order_id = ?1 ORDER BY id"))
            .tried(tried)?;
        let rows = statement.query_map([order.0], row_to_event).tried(tried)?;
        rows.map(|row| complete(row.tried(tried)?)).collect()
    }
}

impl Tx<'_> {
    /// Remembers that something happened.
    pub fn note(&mut self, event: &NewEvent) -> Result<(), StoreError> {
        const TRIED: &str = "write the timeline";
        self.conn
            .prepare_cached(
                "INSERT INTO event (order_id, connection_id, at_ms, author, kind, sentence, detail)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )
            .tried(TRIED)?
            .execute(params![
                event.order_id.map(|id| id.0),
                event.connection.as_ref().map(ConnectionId::as_str),
                event.at_ms,
                event.author,
                event.kind,
                event.sentence,
                event.detail.as_ref().map(json_text).transpose()?,
            ])
            .tried(TRIED)?;
        match event.order_id {
            Some(order) => self.touch_order(order, Topic::Events),
            None => self.touch(Topic::Events),
        }
        Ok(())
    }
}
