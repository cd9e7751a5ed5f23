//! Further numbers and lists for the desk: today, the last days, what an automation did.
//!
//! All of them are bounded by a moment the caller chooses, and walk indexes from
//! the newest row backwards.

use crate::counts::add_worth;
use crate::error::{StoreError, Tried};
use crate::search;
use crate::store::{Reader, Topic, Tx};
use crate::table::effect::{EffectRow, SELECT, row_to_effect};
use quayside_model::{ConnectionId, Currency, EffectState, ExceptionId, IntentKind, Money, OrderId};
use rusqlite::{OptionalExtension as _, params};
use serde::Serialize;
use std::collections::BTreeMap;

/// Rows walked at most for the numbers of a day.
const WALK_MAX: usize = 200_000;
/// So many changes of an automation are told one by one.
pub const LATELY_MAX: usize = 5;

/// A change that was performed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EffectTold {
    /// When, ms UTC.
    pub at_ms: i64,
    /// The order it belongs to.
    pub order_id: Option<OrderId>,
    /// In words, as in the history.
    pub sentence: String,
}

/// Effects that were performed since a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EffectsDone {
    /// Per account.
    pub by_connection: BTreeMap<ConnectionId, u64>,
    /// Per automation.
    pub by_automation: BTreeMap<String, u64>,
    /// Per kind of change, by its stable word.
    pub by_kind: BTreeMap<String, u64>,
    /// Lines of the history that tell of the last few of each automation, newest first. Not their words: those may be
    /// blanked meanwhile.
    pub lately: BTreeMap<String, Vec<i64>>,
}

impl Reader<'_> {
    /// Orders that people call so, with or without the sign in front; newest first.
    pub fn orders_numbered(&self, number: &str, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        const TRIED: &str = "find an order by its number";
        let Some(query) = search::exact("number", number) else { return Ok(Vec::new()) };
        self.write_index()?;
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT o.id FROM order_search s CROSS JOIN orders o ON o.id = s.rowid
                 WHERE s.order_search MATCH ?1 AND (o.number = ?2 OR ltrim(o.number, '#') = ltrim(?2, '#'))
                   AND o.stage IS NOT NULL
                 ORDER BY o.id DESC LIMIT ?3",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map(params![query, number.trim(), limit as i64], |row| row.get(0).map(OrderId))
            .tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// What the open orders are worth, per currency.
    pub fn open_worth(&self) -> Result<Vec<Money>, StoreError> {
        const TRIED: &str = "add up the open orders";
        let mut statement =
            self.conn.prepare_cached("SELECT currency, sum(minor) FROM open_tally GROUP BY currency").tried(TRIED)?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))).tried(TRIED)?;
        let mut worth = Vec::new();
        for row in rows {
            let (currency, minor) = row.tried(TRIED)?;
            add_worth(&mut worth, Currency(currency), minor);
        }
        Ok(worth)
    }

    /// Orders placed since a moment, per account.
    pub fn placed_since(&self, from_ms: i64) -> Result<BTreeMap<ConnectionId, u64>, StoreError> {
        const TRIED: &str = "count the orders of a day";
        let mut statement = self
            .conn
            .prepare_cached("SELECT connection_id, count(*) FROM orders INDEXED BY orders_placed WHERE placed_at_ms >= ?1 GROUP BY connection_id")
            .tried(TRIED)?;
        let rows = statement
            .query_map([from_ms], |row| Ok((ConnectionId(row.get(0)?), row.get::<_, i64>(1)?.unsigned_abs())))
            .tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// Effects performed since a moment: the history, read backwards until then or until the event
    /// `after`, whichever comes first. Also gives the newest event, for the next call.
    pub fn effects_done_since(&self, from_ms: i64, after: i64) -> Result<(EffectsDone, i64), StoreError> {
        const TRIED: &str = "count what was done";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT e.id, e.at_ms, e.kind, e.connection_id, e.detail FROM event e WHERE e.id > ?1 ORDER BY e.id DESC LIMIT ?2",
            )
            .tried(TRIED)?;
        let mut automation_of =
            self.conn.prepare_cached("SELECT automation, kind FROM effect WHERE id = ?1").tried(TRIED)?;
        let mut rows = statement.query(params![after, WALK_MAX as i64]).tried(TRIED)?;
        let (mut done, mut newest) = (EffectsDone::default(), after);
        while let Some(row) = rows.next().tried(TRIED)? {
            newest = newest.max(row.get(0).tried(TRIED)?);
            if row.get::<_, i64>(1).tried(TRIED)? < from_ms {
                break;
            }
            if row.get_ref(2).tried(TRIED)?.as_str().unwrap_or_default() != "effect_done" {
                continue;
            }
            if let Some(connection) = row.get::<_, Option<String>>(3).tried(TRIED)? {
                *done.by_connection.entry(ConnectionId(connection)).or_default() += 1;
            }
            let detail = row.get::<_, Option<String>>(4).tried(TRIED)?.unwrap_or_default();
            let effect = serde_json::from_str::<serde_json::Value>(&detail)
                .ok()
                .and_then(|detail| detail.get("effect")?.as_i64());
            if let Some(effect) = effect
                && let Some((automation, kind)) = automation_of
                    .query_row([effect], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
                    .optional()
                    .tried(TRIED)?
            {
                let lately = done.lately.entry(automation.clone()).or_default();
                if lately.len() < LATELY_MAX {
                    lately.push(row.get(0).tried(TRIED)?);
                }
                *done.by_automation.entry(automation).or_default() += 1;
                *done.by_kind.entry(kind).or_default() += 1;
            }
        }
        Ok((done, newest))
    }

    /// What lines of the history say, as it stands there now; those that are not there any more are left out.
    pub fn effects_told(&self, events: &[i64]) -> Result<Vec<EffectTold>, StoreError> {
        const TRIED: &str = "read what was done lately";
        let mut statement =
            self.conn.prepare_cached("SELECT at_ms, order_id, sentence FROM event WHERE id = ?1").tried(TRIED)?;
        let mut told = Vec::new();
        for event in events {
            let found = statement.query_row([event], |row| {
                let order_id = row.get::<_, Option<i64>>(1)?.map(OrderId);
                Ok(EffectTold { at_ms: row.get(0)?, order_id, sentence: row.get(2)? })
            });
            told.extend(found.optional().tried(TRIED)?);
        }
        Ok(told)
    }

    /// Effects that wait for a click, per automation.
    pub fn asked_per_automation(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        const TRIED: &str = "count what waits for a click";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT automation, count(*) FROM effect INDEXED BY effect_parked
                 WHERE state = 'asked'
                   AND (state = 'asked' OR state = 'running' OR state = 'unknown' OR state = 'refused') GROUP BY automation",
            )
            .tried(TRIED)?;
        let rows =
            statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))).tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// Effects of one automation (of any, without one) in one state that has not ended, oldest first.
    pub fn effects_standing(
        &self,
        automation: Option<&str>,
        state: EffectState,
        limit: usize,
    ) -> Result<Vec<EffectRow>, StoreError> {
        const TRIED: &str = "list what stands in the outbox";
        // Both partial indexes are found by their own condition.
        let guard = match state {
            EffectState::Pending => "state = 'pending'",
            _ => "(state = 'asked' OR state = 'running' OR state = 'unknown' OR state = 'refused')",
        };
        let sql =
            format!("{SELECT} WHERE {guard} AND state = ?1 AND (?2 IS NULL OR automation = ?2) ORDER BY id LIMIT ?3");
        let mut statement = self.conn.prepare_cached(&sql).tried(TRIED)?;
        let mut rows = statement.query(params![state.code(), automation, limit as i64]).tried(TRIED)?;
        let mut effects = Vec::new();
        while let Some(row) = rows.next().tried(TRIED)? {
            effects.push(row_to_effect(self, row)?);
        }
        Ok(effects)
    }

    /// Accounts of which at least one order was sent to a hub, or tried.
    pub fn stores_that_sent(&self) -> Result<Vec<ConnectionId>, StoreError> {
        const TRIED: &str = "see whose orders were sent";
        const SQL: &str = "SELECT id FROM connection WHERE EXISTS (
            SELECT 1 FROM orders JOIN effect ON effect.order_id = orders.id
            WHERE orders.connection_id = connection.id AND effect.kind = ?1 AND effect.first_sent_at_ms IS NOT NULL)";
        let mut statement = self.conn.prepare_cached(SQL).tried(TRIED)?;
        let ids = statement.query_map([IntentKind::PutHubOrder.code()], |row| row.get(0)).tried(TRIED)?;
        ids.map(|id| id.map(ConnectionId).tried(TRIED)).collect()
    }

    /// Effects that reached their end so far: all there are without those that stand somewhere.
    pub fn settled_effects(&self) -> Result<u64, StoreError> {
        const TRIED: &str = "count what was done";
        let n: i64 = self
            .conn
            .prepare_cached(
                "SELECT ifnull(sum(n), 0) FROM effect_tally
                 WHERE state NOT IN ('asked', 'pending', 'running', 'unknown', 'refused')",
            )
            .tried(TRIED)?
            .query_row([], |row| row.get(0))
            .tried(TRIED)?;
        Ok(n.unsigned_abs())
    }

    /// Entries that mended themselves since a moment.
    pub fn mended_since(&self, from_ms: i64) -> Result<u64, StoreError> {
        const TRIED: &str = "count what mended itself";
        let n: i64 = self
            .conn
            .prepare_cached("SELECT count(*) FROM finding INDEXED BY finding_over WHERE state = 'resolved' AND resolved_by = 'itself' AND resolved_at_ms >= ?1")
            .tried(TRIED)?
            .query_row([from_ms], |row| row.get(0))
            .tried(TRIED)?;
        Ok(n.unsigned_abs())
    }

    /// Entries that are over.
    pub fn resolved_count(&self) -> Result<u64, StoreError> {
        const TRIED: &str = "count what is over";
        // Entries are never deleted, so the newest id is their number.
        let n: i64 = self
            .conn
            .prepare_cached(
                "SELECT ifnull(max(id), 0) - (SELECT count(*) FROM finding INDEXED BY finding_lasting WHERE state <> 'resolved')
                 FROM finding",
            )
            .tried(TRIED)?
            .query_row([], |row| row.get(0))
            .tried(TRIED)?;
        Ok(n.unsigned_abs())
    }
}

impl Tx<'_> {
    /// A person takes back having settled an entry. False unless it was over, or if the same is open anew.
    pub fn reopen_finding(&mut self, id: ExceptionId) -> Result<bool, StoreError> {
        let tried = || format!("open exception {id} again");
        let Some(finding) = self.finding(id)? else { return Ok(false) };
        let opened = self
            .conn
            .prepare_cached(
                "UPDATE OR IGNORE finding SET state = 'open', resolved_at_ms = NULL, resolved_by = NULL
                 WHERE id = ?1 AND state = 'resolved'",
            )
            .tried(tried)?
            .execute([id.0])
            .tried(tried)?;
        if opened == 0 {
            return Ok(false);
        }
        if let Some(order) = finding.order_id {
            let mut choices = self.choices(order)?;
            if choices.settled.remove(&format!("{}/{}", finding.cause, finding.about)).is_some() {
                self.put_choices(order, &choices)?;
            }
            self.touch_order(order, Topic::Exceptions);
        } else {
            self.touch(Topic::Exceptions);
        }
        Ok(true)
    }
}
