//! Numbers for the tabs, the rail and the Unfulfilled screen.

use crate::error::{StoreError, Tried};
use crate::queue::Count;
use crate::store::Reader;
use quayside_model::{ConnectionId, Currency, Money, Stage};
use rusqlite::params;
use serde::Serialize;
use std::collections::BTreeMap;

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
    pub fn unfulfilled(&self, placed_before: &[(ConnectionId, i64)]) -> Result<Vec<UnfulfilledGroup>, StoreError> {
        const TRIED: &str = "group the unfulfilled orders";
        let mut groups: BTreeMap<String, UnfulfilledGroup> = BTreeMap::new();
        for (connection, before_ms) in placed_before {
            let mut statement = self
                .conn
                .prepare_cached(
                    "SELECT waits_code, currency, count(*), min(placed_at_ms), sum(total_minor)
                     FROM orders INDEXED BY orders_open_placed
                     WHERE open = 1 AND placed_at_ms <= ?2 AND connection_id = ?1 AND paid = 1
                     GROUP BY waits_code, currency",
                )
                .tried(TRIED)?;
            let rows = statement
                .query_map(params![connection.as_str(), before_ms], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?, row.get(3)?, row.get(4)?))
                })
                .tried(TRIED)?;
            for row in rows {
                let (waits_code, currency, orders, oldest, sum): (String, String, i64, i64, i64) = row.tried(TRIED)?;
                let group = groups.entry(waits_code.clone()).or_insert_with(|| UnfulfilledGroup {
                    waits_code,
                    orders: 0,
                    oldest_placed_at_ms: oldest,
                    worth: Vec::new(),
                });
                group.orders += orders.unsigned_abs();
                group.oldest_placed_at_ms = group.oldest_placed_at_ms.min(oldest);
                add_worth(&mut group.worth, Currency(currency), sum);
            }
        }
        let mut groups: Vec<_> = groups.into_values().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.orders));
        Ok(groups)
    }
}

/// Adds an amount to the sum of its currency.
pub(crate) fn add_worth(worth: &mut Vec<Money>, currency: Currency, minor: i64) {
    match worth.iter_mut().find(|money| money.currency == currency) {
        Some(money) => money.minor = money.minor.saturating_add(minor),
        None => worth.push(Money::new(minor, currency)),
    }
}
