//! What each automation may do, and from when on.

use crate::error::{StoreError, Tried};
use crate::pack::{from_json, json_text};
use crate::store::{Reader, Topic, Tx};
use crate::words;
use quayside_model::Mode;
use rusqlite::params;
use serde::Serialize;

/// One automation as a person set it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AutomationRow {
    /// Its stable word.
    pub id: String,
    /// How far it may go.
    pub mode: Mode,
    /// Orders placed before this moment are left alone, ms UTC; `None`: not gone live.
    pub go_live_ms: Option<i64>,
    /// Its own settings.
    pub settings: serde_json::Value,
}

impl Reader<'_> {
    /// All that were ever set, by id.
    pub fn automations(&self) -> Result<Vec<AutomationRow>, StoreError> {
        const TRIED: &str = "read the automations";
        let mut statement = self
            .conn
            .prepare_cached("SELECT id, mode, go_live_ms, settings FROM automation ORDER BY id")
            .tried(TRIED)?;
        let rows = statement
            .query_map([], |row| {
                Ok((
                    row.get::<_, String>("id")?,
                    row.get::<_, String>("mode")?,
                    row.get("go_live_ms")?,
                    row.get::<_, String>("settings")?,
                ))
            })
            .tried(TRIED)?;
        rows.map(|row| {
            let (id, mode, go_live_ms, settings) = row.tried(TRIED)?;
            Ok(AutomationRow { id, mode: words::mode(&mode)?, go_live_ms, settings: from_json(&settings)? })
        })
        .collect()
    }
}

impl Tx<'_> {
    /// Sets one.
    pub fn put_automation(&mut self, row: &AutomationRow) -> Result<(), StoreError> {
        let tried = || format!("save the automation {}", row.id);
        self.conn
            .prepare_cached(
                "INSERT INTO automation (id, mode, go_live_ms, settings) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (id) DO UPDATE SET mode = excluded.mode, go_live_ms = excluded.go_live_ms, settings = excluded.settings",
            )
            .tried(tried)?
            .execute(params![row.id, row.mode.code(), row.go_live_ms, json_text(&row.settings)?])
            .tried(tried)?;
        self.touch(Topic::Settings);
        Ok(())
    }
}
