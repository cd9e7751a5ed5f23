//! Rate buckets, so that a restart does not forget what was spent. Their inside
//! belongs to the connectors; here they are JSON with a name.

use crate::error::{StoreError, Tried};
use crate::pack::{from_json, json_text};
use crate::store::{Reader, Topic, Tx};
use quayside_model::ConnectionId;
use rusqlite::params;
use serde_json::Value;

impl Reader<'_> {
    /// The buckets of an account, by name.
    pub fn buckets(&self, connection: &ConnectionId) -> Result<Vec<Value>, StoreError> {
        const TRIED: &str = "read the rate limits";
        let mut statement =
            self.conn.prepare_cached("SELECT state FROM bucket WHERE connection_id = ?1 ORDER BY name").tried(TRIED)?;
        let rows = statement.query_map([connection.as_str()], |row| row.get::<_, String>(0)).tried(TRIED)?;
        rows.map(|state| from_json(&state.tried(TRIED)?)).collect()
    }
}

impl Tx<'_> {
    /// Saves the buckets of an account; ones not among them are forgotten.
    pub fn put_buckets(&mut self, connection: &ConnectionId, buckets: &[Value]) -> Result<(), StoreError> {
        let tried = || format!("save the rate limits of {connection}");
        let mut names = Vec::with_capacity(buckets.len());
        for bucket in buckets {
            let Some(name) = bucket.get("name").and_then(Value::as_str) else {
                return Err(StoreError::refused(tried(), "a bucket has no name"));
            };
            names.push(name);
            self.conn
                .prepare_cached(
                    "INSERT INTO bucket (connection_id, name, state) VALUES (?1, ?2, ?3)
                     ON CONFLICT (connection_id, name) DO UPDATE SET state = excluded.state",
                )
                .tried(tried)?
                .execute(params![connection.as_str(), name, json_text(bucket)?])
                .tried(tried)?;
        }
        let kept: i64 = self
            .conn
            .prepare_cached("SELECT count(*) FROM bucket WHERE connection_id = ?1")
            .tried(tried)?
            .query_row([connection.as_str()], |row| row.get(0))
            .tried(tried)?;
        self.touch(Topic::Streams);
        if kept == names.len() as i64 {
            return Ok(());
        }
        self.conn
            .prepare_cached(
                "DELETE FROM bucket WHERE connection_id = ?1 AND name NOT IN (SELECT value FROM json_each(?2))",
            )
            .tried(tried)?
            .execute(params![connection.as_str(), json_text(&names)?])
            .tried(tried)?;
        Ok(())
    }
}
