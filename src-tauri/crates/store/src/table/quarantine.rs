//! Records that could not be read. Each is set aside with its raw text and one
//! finding (several for one reason share one, see `drift.rs`); a later good reading of the same id takes both away.

use crate::error::{StoreError, Tried};
use crate::store::{Reader, Tx};
use crate::table::finding::{NewFinding, Owner};
use crate::words;
use quayside_model::{Cause, ConnectionId, RecordKind, Unreadable};
use rusqlite::{OptionalExtension as _, params};
use serde::Serialize;

/// A record that was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetAside {
    /// Where it was read.
    pub connection: ConnectionId,
    /// What it is.
    pub kind: RecordKind,
    /// The platform's id, or a hash of the text.
    pub remote_id: String,
    /// What people call it, if readable.
    pub number: Option<String>,
    /// What was wrong.
    pub why: String,
    /// When it was last tried, ms UTC.
    pub at_ms: i64,
}

/// Tells the findings of two set-aside records apart.
pub(crate) fn about(kind: RecordKind, remote_id: &str) -> String {
    format!("{}/{remote_id}", kind.code())
}

impl Reader<'_> {
    /// All records that are set aside, newest first.
    pub fn set_aside_records(&self) -> Result<Vec<SetAside>, StoreError> {
        const TRIED: &str = "read the records set aside";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT connection_id, kind, remote_id, number, why, at_ms FROM quarantine ORDER BY at_ms DESC, remote_id",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map([], |row| {
                Ok((
                    row.get::<_, String>("kind")?,
                    SetAside {
                        connection: ConnectionId(row.get("connection_id")?),
                        kind: RecordKind::Order,
                        remote_id: row.get("remote_id")?,
                        number: row.get("number")?,
                        why: row.get("why")?,
                        at_ms: row.get("at_ms")?,
                    },
                ))
            })
            .tried(TRIED)?;
        rows.map(|row| {
            let (kind, record) = row.tried(TRIED)?;
            Ok(SetAside { kind: words::record_kind(&kind)?, ..record })
        })
        .collect()
    }

    /// The platform's own text of a record that was set aside.
    pub fn set_aside_raw(
        &self,
        connection: &ConnectionId,
        kind: RecordKind,
        remote_id: &str,
    ) -> Result<Option<String>, StoreError> {
        const TRIED: &str = "read a record set aside";
        let raw: Option<Vec<u8>> = self
            .conn
            .prepare_cached("SELECT raw FROM quarantine WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3")
            .tried(TRIED)?
            .query_row(params![connection.as_str(), kind.code(), remote_id], |row| row.get(0))
            .optional()
            .tried(TRIED)?;
        raw.map(|raw| Ok(String::from_utf8_lossy(&self.pack.unzip(&raw)?).into_owned())).transpose()
    }
}

impl Tx<'_> {
    /// Takes the raw texts of records of an account away that were set aside before a moment; what was wrong with
    /// them stays. Returns how many.
    pub fn blank_set_aside(&mut self, connection: &ConnectionId, before_ms: i64) -> Result<usize, StoreError> {
        const TRIED: &str = "forget the texts of records set aside";
        let nothing = self.pack.zip(b"{}")?;
        self.conn
            .prepare_cached("UPDATE quarantine SET raw = ?3 WHERE connection_id = ?1 AND at_ms < ?2 AND raw <> ?3")
            .tried(TRIED)?
            .execute(params![connection.as_str(), before_ms, nothing])
            .tried(TRIED)
    }

    /// Sets a record aside, with one finding that counts how often it was tried.
    pub fn set_aside(
        &mut self,
        connection: &ConnectionId,
        kind: RecordKind,
        unreadable: &Unreadable,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let tried = || format!("set aside {} {} of {connection}", kind.code(), unreadable.remote_id);
        let earlier: Option<String> = self
            .conn
            .prepare_cached("SELECT why FROM quarantine WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3")
            .tried(tried)?
            .query_row(params![connection.as_str(), kind.code(), unreadable.remote_id], |row| row.get(0))
            .optional()
            .tried(tried)?;
        self.conn
            .prepare_cached(
                "INSERT INTO quarantine (connection_id, kind, remote_id, number, why, raw, at_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (connection_id, kind, remote_id) DO UPDATE SET number = excluded.number, why = excluded.why,
                     raw = excluded.raw, at_ms = excluded.at_ms",
            )
            .tried(tried)?
            .execute(params![
                connection.as_str(),
                kind.code(),
                unreadable.remote_id,
                unreadable.number,
                unreadable.why,
                self.pack.zip(unreadable.raw.as_bytes())?,
                now_ms
            ])
            .tried(tried)?;
        self.nothing_aside = Some(false);
        // It cannot be read for another reason now, and may have been the last one of the earlier.
        if let Some(earlier) = earlier.filter(|why| *why != unreadable.why) {
            self.end_drift(connection, kind, &earlier, now_ms)?;
        }
        let order_id = match kind {
            RecordKind::Order => self.order_id(connection, &unreadable.remote_id)?,
            _ => None,
        };
        if order_id.is_none() && self.tell_drift(connection, kind, unreadable, now_ms)? {
            return Ok(());
        }
        let noun = match kind {
            RecordKind::Order => "Order",
            RecordKind::HubOrder => "Hub order",
            RecordKind::Parcel => "Parcel",
            RecordKind::Stock => "Stock count",
            RecordKind::Product => "Product",
            RecordKind::Return => "Return",
        };
        let name = unreadable.number.as_deref().unwrap_or(&unreadable.remote_id);
        let sentence = format!(
            "{noun} {name} came in a form Quayside does not understand ({}). It was set aside with its raw text; everything else was read.",
            unreadable.why
        );
        self.raise(
            &NewFinding {
                owner: Owner::Reading,
                order_id,
                connection: Some(connection),
                effect: None,
                cause: Cause::Unreadable,
                about: &about(kind, &unreadable.remote_id),
                sentence: &sentence,
                said: None,
                since_ms: None,
            },
            now_ms,
        )?;
        Ok(())
    }

    /// A good reading arrived: forget that the id was ever set aside.
    pub fn take_back(
        &mut self,
        connection: &ConnectionId,
        kind: RecordKind,
        remote_id: &str,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        const TRIED: &str = "take back a record that was set aside";
        let nothing_aside = match self.nothing_aside {
            Some(known) => known,
            None => self
                .conn
                .prepare_cached("SELECT NOT EXISTS (SELECT 1 FROM quarantine)")
                .tried(TRIED)?
                .query_row([], |row| row.get(0))
                .tried(TRIED)?,
        };
        self.nothing_aside = Some(nothing_aside);
        if nothing_aside {
            return Ok(());
        }
        let why: Option<String> = self
            .conn
            .prepare_cached(
                "DELETE FROM quarantine WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3 RETURNING why",
            )
            .tried(TRIED)?
            .query_row(params![connection.as_str(), kind.code(), remote_id], |row| row.get(0))
            .optional()
            .tried(TRIED)?;
        let Some(why) = why else { return Ok(()) };
        self.close_reading(connection, &about(kind, remote_id), false, now_ms)?;
        self.end_drift(connection, kind, &why, now_ms)?;
        Ok(())
    }
}
