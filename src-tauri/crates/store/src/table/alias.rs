//! SKU aliases: what stores call things, and what the hub picks for them.

use crate::error::{StoreError, Tried};
use crate::pack::{from_json, json_text};
use crate::store::{Reader, Topic, Tx};
use quayside_model::alias::fold;
use quayside_model::{AliasBy, ConnectionId, SkuAlias};
use rusqlite::params;

impl Reader<'_> {
    /// All of them, by store and name.
    pub fn sku_aliases(&self) -> Result<Vec<SkuAlias>, StoreError> {
        const TRIED: &str = "read the SKU aliases";
        let mut statement = self
            .conn
            .prepare_cached("SELECT store, kind, theirs, parts FROM sku_alias ORDER BY store, name, kind")
            .tried(TRIED)?;
        let rows = statement
            .query_map([], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get::<_, String>(3)?))
            })
            .tried(TRIED)?;
        rows.map(|row| {
            let (store, kind, theirs, parts) = row.tried(TRIED)?;
            let store = (!store.is_empty()).then_some(ConnectionId(store));
            let by = AliasBy::from_code(&kind).unwrap_or_default();
            Ok(SkuAlias { store, by, theirs, parts: from_json(&parts)? })
        })
        .collect()
    }
}

impl Tx<'_> {
    /// Writes one; an entry for the same store and name is replaced.
    pub fn put_sku_alias(&mut self, alias: &SkuAlias, now_ms: i64) -> Result<(), StoreError> {
        let tried = || format!("save the SKU alias {}", alias.theirs);
        self.conn
            .prepare_cached(
                "INSERT INTO sku_alias (store, kind, name, theirs, parts, changed_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (store, kind, name) DO UPDATE
                 SET theirs = excluded.theirs, parts = excluded.parts, changed_at_ms = excluded.changed_at_ms",
            )
            .tried(tried)?
            .execute(params![
                alias.store.as_ref().map_or("", ConnectionId::as_str),
                alias.by.code(),
                fold(&alias.theirs),
                alias.theirs.trim(),
                json_text(&alias.parts)?,
                now_ms
            ])
            .tried(tried)?;
        self.touch(Topic::Settings);
        Ok(())
    }

    /// Takes one out. True if it was there.
    pub fn remove_sku_alias(
        &mut self,
        store: Option<&ConnectionId>,
        by: AliasBy,
        theirs: &str,
    ) -> Result<bool, StoreError> {
        let tried = || format!("remove the SKU alias {theirs}");
        let gone = self
            .conn
            .prepare_cached("DELETE FROM sku_alias WHERE store = ?1 AND kind = ?2 AND name = ?3")
            .tried(tried)?
            .execute(params![store.map_or("", ConnectionId::as_str), by.code(), fold(theirs)])
            .tried(tried)?;
        self.touch(Topic::Settings);
        Ok(gone > 0)
    }
}
