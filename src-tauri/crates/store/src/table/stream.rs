//! How far each stream has been read, and when it is read next.

use crate::error::{StoreError, Tried};
use crate::pack::{from_json_opt, json_text};
use crate::store::{Reader, Topic, Tx};
use quayside_model::{ConnectionId, Refusal};
use rusqlite::{OptionalExtension as _, Row, params};
use serde::Serialize;

/// Where one stream of one account stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StreamState {
    /// The account.
    pub connection: ConnectionId,
    /// Its stream, as declared by the connector.
    pub name: String,
    /// How far we have read and saved; only the connector understands it.
    pub cursor: Option<serde_json::Value>,
    /// Next reading, ms UTC.
    pub next_at_ms: i64,
    /// Last reading that came to its end, ms UTC.
    pub last_ok_at_ms: Option<i64>,
    /// Last reading that was begun, ms UTC.
    pub last_try_at_ms: Option<i64>,
    /// Failed readings in a row.
    pub failures: u32,
    /// Readings in a row that brought nothing new.
    pub idle_streak: u32,
    /// What the last failure said; `None` after a success.
    pub refusal: Option<Refusal>,
    /// Pause between readings a person chose, seconds; `None`: as declared.
    pub interval_s: Option<u32>,
    /// Records read since the account was connected.
    pub read_total: u64,
}

impl StreamState {
    /// A stream that was never read: due at once.
    pub fn new(connection: &ConnectionId, name: &str) -> Self {
        Self {
            connection: connection.clone(),
            name: name.to_owned(),
            cursor: None,
            next_at_ms: 0,
            last_ok_at_ms: None,
            last_try_at_ms: None,
            failures: 0,
            idle_streak: 0,
            refusal: None,
            interval_s: None,
            read_total: 0,
        }
    }
}

/// When one stream is read next, without how far it was read: a cursor may be long, and mostly nothing is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamDue {
    /// Its name.
    pub name: String,
    /// Next reading, ms UTC.
    pub next_at_ms: i64,
    /// Failed readings in a row.
    pub failures: u32,
    /// Pause between readings a person chose, seconds; `None`: as declared.
    pub interval_s: Option<u32>,
}

impl StreamDue {
    /// A stream that was never read: due at once.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), next_at_ms: 0, failures: 0, interval_s: None }
    }
}

const COLUMNS: &str = "connection_id, name, cursor, next_at_ms, last_ok_at_ms, last_try_at_ms, failures, idle_streak, \
                       refusal, interval_s, read_total";

fn row_to_stream(row: &Row<'_>) -> rusqlite::Result<(StreamState, Option<String>, Option<String>)> {
    let state = StreamState {
        connection: ConnectionId(row.get("connection_id")?),
        name: row.get("name")?,
        cursor: None,
        next_at_ms: row.get("next_at_ms")?,
        last_ok_at_ms: row.get("last_ok_at_ms")?,
        last_try_at_ms: row.get("last_try_at_ms")?,
        failures: row.get("failures")?,
        idle_streak: row.get("idle_streak")?,
        refusal: None,
        interval_s: row.get("interval_s")?,
        read_total: row.get::<_, i64>("read_total")?.unsigned_abs(),
    };
    Ok((state, row.get("cursor")?, row.get("refusal")?))
}

fn complete(
    (mut state, cursor, refusal): (StreamState, Option<String>, Option<String>),
) -> Result<StreamState, StoreError> {
    state.cursor = from_json_opt(cursor)?;
    state.refusal = from_json_opt(refusal)?;
    Ok(state)
}

impl Reader<'_> {
    /// One stream; `None` if it was never read.
    pub fn stream(&self, connection: &ConnectionId, name: &str) -> Result<Option<StreamState>, StoreError> {
        const TRIED: &str = "read a cursor";
        self.conn
            .prepare_cached(&format!("SELECT {COLUMNS} FROM stream WHERE connection_id = ?1 AND name = ?2"))
            .tried(TRIED)?
            .query_row(params![connection.as_str(), name], row_to_stream)
            .optional()
            .tried(TRIED)?
            .map(complete)
            .transpose()
    }

    /// When the streams of an account are read next, by name.
    pub fn streams_due(&self, connection: &ConnectionId) -> Result<Vec<StreamDue>, StoreError> {
        const TRIED: &str = "read the schedule";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT name, next_at_ms, failures, interval_s FROM stream WHERE connection_id = ?1 ORDER BY name",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map([connection.as_str()], |row| {
                Ok(StreamDue {
                    name: row.get(0)?,
                    next_at_ms: row.get(1)?,
                    failures: row.get(2)?,
                    interval_s: row.get(3)?,
                })
            })
            .tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// All streams of an account, by name.
    pub fn streams(&self, connection: &ConnectionId) -> Result<Vec<StreamState>, StoreError> {
        const TRIED: &str = "read the cursors";
        let mut statement = self
            .conn
            .prepare_cached(&format!("SELECT {COLUMNS} FROM stream WHERE connection_id = ?1 ORDER BY name"))
            .tried(TRIED)?;
        let rows = statement.query_map([connection.as_str()], row_to_stream).tried(TRIED)?;
        rows.map(|row| complete(row.tried(TRIED)?)).collect()
    }
}

impl Tx<'_> {
    /// Saves a stream: in the transaction of the records its cursor stands for.
    pub fn put_stream(&mut self, state: &StreamState) -> Result<(), StoreError> {
        let tried = || format!("save how far {} of {} was read", state.name, state.connection);
        self.conn
            .prepare_cached(
                "INSERT INTO stream (connection_id, name, cursor, next_at_ms, last_ok_at_ms, last_try_at_ms, failures,
                                     idle_streak, refusal, interval_s, read_total)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
                 ON CONFLICT (connection_id, name) DO UPDATE SET cursor = excluded.cursor, next_at_ms = excluded.next_at_ms,
                     last_ok_at_ms = excluded.last_ok_at_ms, last_try_at_ms = excluded.last_try_at_ms,
                     failures = excluded.failures, idle_streak = excluded.idle_streak, refusal = excluded.refusal,
                     interval_s = excluded.interval_s, read_total = excluded.read_total",
            )
            .tried(tried)?
            .execute(params![
                state.connection.as_str(),
                state.name,
                state.cursor.as_ref().map(json_text).transpose()?,
                state.next_at_ms,
                state.last_ok_at_ms,
                state.last_try_at_ms,
                state.failures,
                state.idle_streak,
                state.refusal.as_ref().map(json_text).transpose()?,
                state.interval_s,
                i64::try_from(state.read_total).unwrap_or(i64::MAX),
            ])
            .tried(tried)?;
        self.touch(Topic::Streams);
        Ok(())
    }
}
