//! What rules made of an order, each time it changed.

use crate::error::{StoreError, Tried};
use crate::pack::{from_json, json_text};
use crate::store::{Reader, Tx};
use quayside_model::{OrderId, RuleTrace};
use rusqlite::{OptionalExtension as _, params};
use serde::Serialize;

/// Changes that are kept per order.
const KEPT: i64 = 20;

/// What the rules said at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TraceRow {
    /// When it began to be so, ms UTC.
    pub at_ms: i64,
    /// Rule by rule.
    pub rules: Vec<RuleTrace>,
}

impl Reader<'_> {
    /// What rules made of an order, newest first.
    pub fn rule_traces(&self, order: OrderId) -> Result<Vec<TraceRow>, StoreError> {
        let tried = || format!("read what rules made of order {order}");
        let mut statement = self
            .conn
            .prepare_cached("SELECT at_ms, trace FROM rule_trace WHERE order_id = ?1 ORDER BY at_ms DESC")
            .tried(tried)?;
        let rows = statement.query_map([order.0], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))).tried(tried)?;
        rows.map(|row| {
            let (at_ms, trace) = row.tried(tried)?;
            Ok(TraceRow { at_ms, rules: from_json(&trace)? })
        })
        .collect()
    }
}

impl Tx<'_> {
    /// Keeps what rules said, if it is not what they said last. No rules: nothing is written or forgotten.
    pub(crate) fn put_trace(&mut self, order: OrderId, trace: &[RuleTrace], now_ms: i64) -> Result<(), StoreError> {
        if trace.is_empty() {
            return Ok(());
        }
        let tried = || format!("keep what rules made of order {order}");
        let text = json_text(trace)?;
        let last: Option<String> = self
            .conn
            .prepare_cached("SELECT trace FROM rule_trace WHERE order_id = ?1 ORDER BY at_ms DESC LIMIT 1")
            .tried(tried)?
            .query_row([order.0], |row| row.get(0))
            .optional()
            .tried(tried)?;
        if last.as_deref() == Some(text.as_str()) {
            return Ok(());
        }
        self.conn
            .prepare_cached(
                "INSERT INTO rule_trace (order_id, at_ms, trace) VALUES (?1, ?2, ?3)
                 ON CONFLICT (order_id, at_ms) DO UPDATE SET trace = excluded.trace",
            )
            .tried(tried)?
            .execute(params![order.0, now_ms, text])
            .tried(tried)?;
        if last.is_some() {
            self.conn
                .prepare_cached(
                    "DELETE FROM rule_trace WHERE order_id = ?1 AND at_ms <= (
                         SELECT at_ms FROM rule_trace WHERE order_id = ?1 ORDER BY at_ms DESC LIMIT 1 OFFSET ?2)",
                )
                .tried(tried)?
                .execute(params![order.0, KEPT])
                .tried(tried)?;
        }
        Ok(())
    }
}
