//! Accounts. A removed one keeps its id and name: ids are never reused, and
//! history still tells where an order came from.

use crate::error::{StoreError, Tried};
use crate::pack::{from_json, json_text};
use crate::store::{Reader, Topic, Tx};
use quayside_model::{ConnectionConfig, ConnectionId};
use rusqlite::{OptionalExtension as _, params};
use serde::Serialize;

/// An account that was removed; its orders and history stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FormerConnection {
    /// Its id, never used again.
    pub id: ConnectionId,
    /// The name it had.
    pub name: String,
    /// Key of the registry.
    pub platform: String,
}

impl Reader<'_> {
    /// All connected accounts, by name.
    pub fn connections(&self) -> Result<Vec<ConnectionConfig>, StoreError> {
        const TRIED: &str = "read the accounts";
        let mut statement = self
            .conn
            .prepare_cached("SELECT config FROM connection WHERE removed = 0 ORDER BY name, id")
            .tried(TRIED)?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).tried(TRIED)?;
        rows.map(|config| from_json(&config.tried(TRIED)?)).collect()
    }

    /// One account; `None` if it never was or was removed.
    pub fn connection(&self, id: &ConnectionId) -> Result<Option<ConnectionConfig>, StoreError> {
        const TRIED: &str = "read an account";
        self.conn
            .prepare_cached("SELECT config FROM connection WHERE id = ?1 AND removed = 0")
            .tried(TRIED)?
            .query_row([id.as_str()], |row| row.get::<_, String>(0))
            .optional()
            .tried(TRIED)?
            .map(|config| from_json(&config))
            .transpose()
    }

    /// Accounts that were removed.
    pub fn former_connections(&self) -> Result<Vec<FormerConnection>, StoreError> {
        const TRIED: &str = "read the removed accounts";
        let mut statement = self
            .conn
            .prepare_cached("SELECT id, name, platform FROM connection WHERE removed = 1 ORDER BY name, id")
            .tried(TRIED)?;
        let rows = statement
            .query_map([], |row| {
                Ok(FormerConnection {
                    id: ConnectionId(row.get("id")?),
                    name: row.get("name")?,
                    platform: row.get("platform")?,
                })
            })
            .tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }
}

impl Tx<'_> {
    /// Makes or changes an account. A second connection to the same account is
    /// refused, and so is the id of a removed one.
    pub fn put_connection(&mut self, config: &ConnectionConfig) -> Result<(), StoreError> {
        let tried = || format!("save the account {}", config.name);
        let removed: Option<bool> = self
            .conn
            .prepare_cached("SELECT removed FROM connection WHERE id = ?1")
            .tried(tried)?
            .query_row([config.id.as_str()], |row| row.get(0))
            .optional()
            .tried(tried)?;
        if removed == Some(true) {
            return Err(StoreError::refused(
                tried(),
                format!("\"{}\" was the id of an account that was removed, and ids are never reused", config.id),
            ));
        }
        let twin: Option<String> = self
            .conn
            .prepare_cached(
                "SELECT name FROM connection
                 WHERE platform = ?1 AND account_remote_id = ?2 AND account_remote_id <> '' AND removed = 0 AND id <> ?3",
            )
            .tried(tried)?
            .query_row(params![config.platform, config.account.remote_id, config.id.as_str()], |row| row.get(0))
            .optional()
            .tried(tried)?;
        if let Some(twin) = twin {
            return Err(StoreError::refused(tried(), format!("this account is connected already, as \"{twin}\"")));
        }
        self.conn
            .prepare_cached(
                "INSERT INTO connection (id, name, platform, account_remote_id, config) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (id) DO UPDATE SET name = excluded.name, platform = excluded.platform,
                     account_remote_id = excluded.account_remote_id, config = excluded.config",
            )
            .tried(tried)?
            .execute(params![
                config.id.as_str(),
                config.name,
                config.platform,
                config.account.remote_id,
                json_text(config)?
            ])
            .tried(tried)?;
        self.touch(Topic::Connections);
        Ok(())
    }

    /// Forgets an account: what we knew of it, its cursors and rate buckets. Its orders
    /// and history stay; its open conditions close. False if there was none.
    pub fn remove_connection(&mut self, id: &ConnectionId) -> Result<bool, StoreError> {
        const TRIED: &str = "remove an account";
        for sql in [
            "DELETE FROM stream WHERE connection_id = ?1",
            "DELETE FROM bucket WHERE connection_id = ?1",
            "DELETE FROM customer_review WHERE connection_id = ?1",
            "DELETE FROM customer_choice WHERE connection_id = ?1",
            "DELETE FROM customer_written WHERE connection_id = ?1",
        ] {
            self.conn.prepare_cached(sql).tried(TRIED)?.execute([id.as_str()]).tried(TRIED)?;
        }
        let removed = self
            .conn
            .prepare_cached("UPDATE connection SET removed = 1, config = NULL WHERE id = ?1 AND removed = 0")
            .tried(TRIED)?
            .execute([id.as_str()])
            .tried(TRIED)?;
        if removed == 0 {
            return Ok(false);
        }
        // No clock comes in here; a condition ends with what it was last seen.
        self.conn
            .prepare_cached(
                "UPDATE finding SET state = 'resolved', snoozed_until_ms = NULL, resolved_at_ms = last_seen_at_ms, resolved_by = 'itself'
                 WHERE connection_id = ?1 AND (owner = 'account' OR cause IN ('quiet_channel', 'version_ends', 'mapping_drift')) AND state <> 'resolved'",
            )
            .tried(TRIED)?
            .execute([id.as_str()])
            .tried(TRIED)?;
        for topic in [Topic::Connections, Topic::Streams, Topic::Exceptions] {
            self.touch(topic);
        }
        Ok(true)
    }
}
