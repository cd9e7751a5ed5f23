//! What goes in time: raw answers (of readings and of tries) and events of closed orders after a while, and which
//! orders are to lose their personal data (how: `personal.rs`). Each call does a bounded
//! piece of work; the caller comes back until it is finished, so that nobody waits for it.

use crate::error::{StoreError, Tried};
use crate::store::{Reader, Topic, Tx};
use quayside_model::{ConnectionId, OrderId};
use rusqlite::params;

/// How far a walk got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purged {
    /// Rows that went in this piece.
    pub removed: usize,
    /// Where to go on; `None`: finished.
    pub next: Option<i64>,
}

impl Reader<'_> {
    /// Orders of an account whose personal data is still here and which the channel has not touched since before
    /// `updated_before_ms`; ids greater than `after`. Closed ones, and open ones of which nothing may be left to ship:
    /// their channel is still being told, or they are held. Whether anything is, only their lines say.
    pub fn orders_to_blank(
        &self,
        connection: &ConnectionId,
        updated_before_ms: i64,
        after: OrderId,
        limit: usize,
    ) -> Result<Vec<OrderId>, StoreError> {
        const TRIED: &str = "find the orders to blank";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT id FROM orders
                 WHERE id > ?3 AND connection_id = ?1 AND updated_at_ms < ?2 AND stage IS NOT NULL
                   AND (open = 0 OR stage IN ('telling', 'held')) AND blanked_at_ms IS NULL
                 ORDER BY id LIMIT ?4",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map(params![connection.as_str(), updated_before_ms, after.0, limit as i64], |row| {
                row.get(0).map(OrderId)
            })
            .tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// The same of orders whose sale has a rule of its own on personal data, whatever their channel's is.
    pub fn sales_to_blank(&self, after: OrderId, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        const TRIED: &str = "find the sales to blank";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT id FROM orders INDEXED BY orders_personal
                 WHERE personal_days IS NOT NULL AND blanked_at_ms IS NULL AND id > ?1 AND stage IS NOT NULL
                   AND (open = 0 OR stage IN ('telling', 'held'))
                 ORDER BY id LIMIT ?2",
            )
            .tried(TRIED)?;
        let rows = statement.query_map(params![after.0, limit as i64], |row| row.get(0).map(OrderId)).tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// Accounts that carry sales with a rule of their own on personal data, with the strictest one, in days.
    pub fn accounts_with_such_sales(&self) -> Result<Vec<(ConnectionId, u32)>, StoreError> {
        const TRIED: &str = "find the accounts with sales to blank";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT connection_id, min(personal_days) FROM orders INDEXED BY orders_personal_account
                 WHERE personal_days IS NOT NULL GROUP BY connection_id",
            )
            .tried(TRIED)?;
        let rows = statement.query_map([], |row| Ok((ConnectionId(row.get(0)?), row.get(1)?))).tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }
}

impl Tx<'_> {
    /// Forgets events before a moment, except those of open orders and the very last one (ids are never given twice).
    /// `after` is the `next` of the piece before (0 to begin), `limit` how many are looked at. The trail says what went.
    pub fn purge_events(
        &mut self,
        before_ms: i64,
        after: i64,
        limit: usize,
        now_ms: i64,
    ) -> Result<Purged, StoreError> {
        const TRIED: &str = "forget old events";
        let Some((last, more)) = self.piece("event", "at_ms", before_ms, after, limit)? else {
            return Ok(Purged { removed: 0, next: None });
        };
        let old: Vec<i64> = {
            let mut statement = self
                .conn
                .prepare_cached(
                    "SELECT id FROM event WHERE id > ?1 AND id <= ?2 AND at_ms < ?3 AND id < (SELECT max(id) FROM event)
                       AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = event.order_id AND o.open = 1)
                     ORDER BY id",
                )
                .tried(TRIED)?;
            let rows = statement.query_map([after, last, before_ms], |row| row.get(0)).tried(TRIED)?;
            rows.collect::<Result<_, _>>().tried(TRIED)?
        };
        self.say_purged(&old, before_ms, now_ms)?;
        for id in &old {
            self.conn.prepare_cached("DELETE FROM event WHERE id = ?1").tried(TRIED)?.execute([id]).tried(TRIED)?;
        }
        let removed = old.len();
        if removed > 0 {
            self.touch(Topic::Events);
        }
        Ok(Purged { removed, next: more.then_some(last) })
    }

    /// Forgets the raw answers of records the platform last changed before a moment, except
    /// those of open orders. What was read from them stays.
    pub fn purge_raw(&mut self, before_ms: i64, after: i64, limit: usize) -> Result<Purged, StoreError> {
        const TRIED: &str = "forget old raw answers";
        // Records are rewritten in place, so old ones lie anywhere: the walk goes to the end.
        let Some((last, more)) = self.piece("record", "seen_at_ms", i64::MAX, after, limit)? else {
            return Ok(Purged { removed: 0, next: None });
        };
        let removed = self
            .conn
            .prepare_cached(
                "UPDATE record SET raw = NULL
                 WHERE id > ?1 AND id <= ?2 AND remote_at_ms < ?3 AND raw IS NOT NULL
                   AND NOT EXISTS (SELECT 1 FROM orders o WHERE record.kind = 'order' AND o.open = 1
                                   AND o.connection_id = record.connection_id AND o.remote_id = record.remote_id)
                   AND NOT EXISTS (SELECT 1 FROM link l JOIN orders o ON o.id = l.order_id
                                   WHERE l.connection_id = record.connection_id AND l.kind = record.kind
                                     AND l.remote_id = record.remote_id AND o.open = 1)",
            )
            .tried(TRIED)?
            .execute([after, last, before_ms])
            .tried(TRIED)?;
        Ok(Purged { removed, next: more.then_some(last) })
    }

    /// Forgets what was answered at tries before a moment, except where it is about an open order, unless `open_too`:
    /// an answer shows whom it shows, however long the order it is about stays open. The tries stay.
    pub fn purge_answers(
        &mut self,
        before_ms: i64,
        open_too: bool,
        after: i64,
        limit: usize,
    ) -> Result<Purged, StoreError> {
        const TRIED: &str = "forget what was answered long ago";
        let Some((last, more)) = self.piece("answer", "at_ms", before_ms, after, limit)? else {
            return Ok(Purged { removed: 0, next: None });
        };
        let removed = self
            .conn
            .prepare_cached(
                "DELETE FROM answer WHERE id > ?1 AND id <= ?2 AND at_ms < ?3
                   AND (?4 OR NOT EXISTS (SELECT 1 FROM attempt JOIN effect ON effect.id = attempt.effect_id
                                            JOIN orders ON orders.id = effect.order_id
                                          WHERE attempt.answer_id = answer.id AND orders.open = 1))",
            )
            .tried(TRIED)?
            .execute(params![after, last, before_ms, open_too])
            .tried(TRIED)?;
        Ok(Purged { removed, next: more.then_some(last) })
    }

    /// The id where a piece of `limit` rows behind `after` ends (`None`: there is none),
    /// and whether a further piece may hold something older than `before_ms`.
    fn piece(
        &self,
        table: &'static str,
        column: &'static str,
        before_ms: i64,
        after: i64,
        limit: usize,
    ) -> Result<Option<(i64, bool)>, StoreError> {
        const TRIED: &str = "walk what is old";
        let (last, rows, oldest_ms): (Option<i64>, i64, Option<i64>) = self
            .conn
            .prepare_cached(&format!(
                "SELECT max(id), count(*), min({column}) FROM (SELECT id, {column} FROM {table} WHERE id > ?1 ORDER BY id LIMIT ?2)"
            ))
            .tried(TRIED)?
            .query_row(params![after, limit as i64], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .tried(TRIED)?;
        let (Some(last), Some(oldest_ms), true) = (last, oldest_ms, rows == limit as i64) else {
            return Ok(last.map(|last| (last, false)));
        };
        // Ids grow with time: a piece without a single old row is the end, unless a clock that was ahead wrote it: then what
        // comes after it may be older.
        let more = oldest_ms < before_ms || {
            let newest_ms: i64 = self
                .conn
                .prepare_cached(&format!("SELECT {column} FROM {table} ORDER BY id DESC LIMIT 1"))
                .tried(TRIED)?
                .query_row([], |row| row.get(0))
                .tried(TRIED)?;
            oldest_ms > newest_ms
        };
        Ok(Some((last, more)))
    }
}
