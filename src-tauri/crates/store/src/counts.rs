//! Numbers for the tabs, the rail and the Unfulfilled screen.

use crate::error::{StoreError, Tried};
use crate::queue::Count;
use crate::store::Reader;
use quayside_model::{ConnectionId, Currency, Money, Stage};
use rusqlite::{OptionalExtension as _, params};
use serde::Serialize;
use std::collections::BTreeMap;

/// The tally of open orders goes by the hour.
const HOUR_MS: i64 = 3_600_000;
/// Late and at-risk orders are counted up to here.
const DUE_MAX: u64 = 10_000;

/// How many orders stand where. Everything but the deadlines comes from the tallies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QueueCounts {
    /// In the queue.
    pub open: u64,
    /// Every order ever decided.
    pub all: u64,
    /// Per stage, in the stages' order; closed stages too; empty ones left out.
    pub by_stage: Vec<(Stage, u64)>,
    /// Open orders per reason to wait, most first.
    pub by_waits: Vec<(String, u64)>,
    /// Open orders per account, by id.
    pub by_connection: Vec<(ConnectionId, u64)>,
    /// Deadline passed.
    pub late: Count,
    /// Deadline near.
    pub at_risk: Count,
}

/// Orders that are paid and wait too long, with one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnfulfilledGroup {
    /// What they wait on.
    pub waits_code: String,
    /// How many.
    pub orders: u64,
    /// The oldest one was placed then, ms UTC.
    pub oldest_placed_at_ms: i64,
    /// What they are worth, per currency.
    pub worth: Vec<Money>,
}

impl Reader<'_> {
    /// Counts for tabs and rail. `risk_until_ms`: a deadline before it (and not passed) is at risk.
    pub fn queue_counts(&self, now_ms: i64, risk_until_ms: i64) -> Result<QueueCounts, StoreError> {
        let mut by_stage: BTreeMap<Stage, u64> = BTreeMap::new();
        let mut by_waits: BTreeMap<String, u64> = BTreeMap::new();
        let mut by_connection: BTreeMap<ConnectionId, u64> = BTreeMap::new();
        for tally in self.tallies()? {
            *by_stage.entry(tally.stage).or_default() += tally.n;
            if tally.stage.is_open() {
                *by_waits.entry(tally.waits_code).or_default() += tally.n;
                *by_connection.entry(tally.connection).or_default() += tally.n;
            }
        }
        let mut by_waits: Vec<_> = by_waits.into_iter().collect();
        by_waits.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        let due = |from_ms, before_ms| -> Result<Count, StoreError> {
            let n = self.due_between(from_ms, Some(before_ms), DUE_MAX + 1)?;
            Ok(Count { n: n.min(DUE_MAX), exact: n <= DUE_MAX })
        };
        Ok(QueueCounts {
            open: by_stage.iter().filter(|(stage, _)| stage.is_open()).map(|(_, n)| n).sum(),
            all: by_stage.values().sum(),
            by_stage: by_stage.into_iter().collect(),
            by_waits,
            by_connection: by_connection.into_iter().collect(),
            late: due(None, now_ms)?,
            at_risk: due(Some(now_ms), risk_until_ms.max(now_ms))?,
        })
    }

    /// Paid open orders placed at or before a moment of their account, grouped by what
    /// they wait on, largest group first. The moments come from the caller, who knows
    /// business days and cut-off times. The rows: [`crate::QueueFilter::placed_before_by_connection`].
    ///
    /// Whole hours come from the tally; only the orders of the moment's own hour are walked.
    pub fn unfulfilled(&self, placed_before: &[(ConnectionId, i64)]) -> Result<Vec<UnfulfilledGroup>, StoreError> {
        const TRIED: &str = "group the unfulfilled orders";
        let mut groups: BTreeMap<String, UnfulfilledGroup> = BTreeMap::new();
        for (connection, until_ms) in placed_before {
            let hour = until_ms.div_euclid(HOUR_MS);
            let whole = self.waiting(
                "SELECT waits_code, currency, sum(n), min(hour), sum(minor) FROM open_tally
                 WHERE connection_id = ?1 AND paid = 1 AND hour < ?2 GROUP BY waits_code, currency",
                params![connection.as_str(), hour],
            )?;
            let begun = self.waiting(
                "SELECT waits_code, currency, count(*), min(placed_at_ms),
                        sum(max(-10000000000000, min(10000000000000, total_minor)))
                 FROM orders INDEXED BY orders_open_placed
                 WHERE open = 1 AND placed_at_ms >= ?2 AND placed_at_ms <= ?3 AND connection_id = ?1 AND paid = 1
                 GROUP BY waits_code, currency",
                params![connection.as_str(), hour * HOUR_MS, until_ms],
            )?;
            // The oldest order of whole hours is the first of its kind in the first hour that has any.
            let mut first: BTreeMap<&str, i64> = BTreeMap::new();
            for row in &whole {
                let known = first.entry(&row.waits_code).or_insert(row.first);
                *known = row.first.min(*known);
            }
            let mut oldest: BTreeMap<String, i64> = BTreeMap::new();
            for (waits_code, hour) in first {
                let at_ms = self
                    .conn
                    .prepare_cached(
                        "SELECT placed_at_ms FROM orders INDEXED BY orders_open_placed
                         WHERE open = 1 AND placed_at_ms >= ?3 AND placed_at_ms < ?3 + 3600000
                           AND connection_id = ?1 AND waits_code = ?2 AND paid = 1
                         ORDER BY placed_at_ms LIMIT 1",
                    )
                    .tried(TRIED)?
                    .query_row(params![connection.as_str(), waits_code, hour * HOUR_MS], |row| row.get(0))
                    .optional()
                    .tried(TRIED)?;
                oldest.insert(waits_code.to_owned(), at_ms.unwrap_or(hour * HOUR_MS));
            }
            let whole = whole.into_iter().map(|row| {
                let first = oldest.get(&row.waits_code).copied().unwrap_or(row.first * HOUR_MS);
                Waiting { first, ..row }
            });
            for row in whole.chain(begun) {
                let group = groups.entry(row.waits_code.clone()).or_insert_with(|| UnfulfilledGroup {
                    waits_code: row.waits_code,
                    orders: 0,
                    oldest_placed_at_ms: row.first,
                    worth: Vec::new(),
                });
                group.orders += row.n;
                group.oldest_placed_at_ms = group.oldest_placed_at_ms.min(row.first);
                add_worth(&mut group.worth, row.currency, row.minor);
            }
        }
        let mut groups: Vec<_> = groups.into_values().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.orders));
        Ok(groups)
    }

    /// How many orders of an account were placed from `from_ms` until before `to_ms`, by the quarter of an hour since 1970,
    /// and when the last of each was, ms UTC. It walks an index and fetches no row.
    pub fn orders_by_quarter(
        &self,
        connection: &ConnectionId,
        from_ms: i64,
        to_ms: i64,
    ) -> Result<Vec<(i64, u32, i64)>, StoreError> {
        let tried = || format!("count the orders of {connection} by the hour");
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT placed_at_ms / 900000 AS quarter, count(*), max(placed_at_ms)
                 FROM orders INDEXED BY orders_placed
                 WHERE placed_at_ms >= ?1 AND placed_at_ms < ?2 AND connection_id = ?3 GROUP BY quarter",
            )
            .tried(tried)?;
        let rows = statement
            .query_map(params![from_ms, to_ms, connection.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .tried(tried)?;
        rows.collect::<Result<_, _>>().tried(tried)
    }

    fn waiting(&self, sql: &str, params: impl rusqlite::Params) -> Result<Vec<Waiting>, StoreError> {
        const TRIED: &str = "group the unfulfilled orders";
        let mut statement = self.conn.prepare_cached(sql).tried(TRIED)?;
        let rows = statement
            .query_map(params, |row| {
                Ok(Waiting {
                    waits_code: row.get(0)?,
                    currency: Currency(row.get(1)?),
                    n: row.get::<_, i64>(2)?.unsigned_abs(),
                    first: row.get(3)?,
                    minor: row.get(4)?,
                })
            })
            .tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }
}

/// Orders of one account that wait on one thing, in one currency.
struct Waiting {
    waits_code: String,
    currency: Currency,
    n: u64,
    /// When the first was placed: the hour since 1970 in the tally, ms UTC in the queue.
    first: i64,
    minor: i64,
}

/// Adds an amount to the sum of its currency.
pub(crate) fn add_worth(worth: &mut Vec<Money>, currency: Currency, minor: i64) {
    match worth.iter_mut().find(|money| money.currency == currency) {
        Some(money) => money.minor = money.minor.saturating_add(minor),
        None => worth.push(Money::new(minor, currency)),
    }
}
