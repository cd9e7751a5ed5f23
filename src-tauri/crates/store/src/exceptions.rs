//! The exceptions list as a person works it: grouped by cause, page by page, and
//! what a person can do to an entry. Raising and closing by itself is in
//! `table/finding.rs`.

use crate::counts::add_worth;
use crate::error::{StoreError, Tried};
use crate::sql::Sql;
use crate::store::{Reader, Topic, Tx};
use crate::table::finding::{COLUMNS, FindingRow, FindingState, row_to_finding};
use crate::words;
use quayside_model::{Cause, ConnectionId, Currency, ExceptionId, Money};
use rusqlite::{params, params_from_iter};
use serde::{Deserialize, Serialize};

/// Causes whose entries stand for what several orders share: one click settles it for all of them, so it counts once.
const GATHERED: [Cause; 2] = [Cause::MappingCut, Cause::WhichCustomer];

/// What the orders behind an entry share: a mapping and a store, or a buyer and an account; NULL: the entry stands for
/// itself. Looks at further rows for the causes above only.
const GATHERED_BY: &str = "CASE f.cause
     WHEN 'mapping_cut' THEN (SELECT f.about || char(31) || g.connection_id FROM orders g WHERE g.id = f.order_id)
     WHEN 'which_customer' THEN
         (SELECT c.connection_id || char(31) || c.customer FROM customer_review c WHERE c.effect_id = f.effect_id) END";

/// All open entries of one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExceptionGroup {
    /// Chooses title, icon, tone, help and buttons.
    pub cause: Cause,
    /// How many are open; those that share what is wrong count once.
    pub open: u64,
    /// How many are put away until later.
    pub snoozed: u64,
    /// How many of the open ones are about an account as a whole.
    pub about_accounts: u64,
    /// The oldest open one began then, ms UTC.
    pub oldest_opened_at_ms: Option<i64>,
    /// One was last seen then, ms UTC.
    pub last_seen_at_ms: i64,
    /// What the orders with open entries are worth, each counted once, per currency.
    pub worth: Vec<Money>,
}

/// Which entries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExceptionFilter {
    /// Open ones by default.
    pub state: ExceptionState,
    /// Of one cause.
    pub cause: Option<Cause>,
    /// About an account, or an order that came from it.
    pub connection: Option<ConnectionId>,
    /// Only those about an account as a whole.
    pub about_accounts: bool,
}

/// Where entries stand, as a person filters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionState {
    /// Needs somebody now.
    #[default]
    Open,
    /// Put away until later.
    Snoozed,
    /// Over.
    Resolved,
}

impl ExceptionState {
    fn state(self) -> FindingState {
        match self {
            Self::Open => FindingState::Open,
            Self::Snoozed => FindingState::Snoozed,
            Self::Resolved => FindingState::Resolved,
        }
    }
}

/// An entry with what its line shows of the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExceptionItem {
    /// The entry.
    pub finding: FindingRow,
    /// What people call the order.
    pub order_number: Option<String>,
    /// The account the order came from.
    pub order_connection: Option<ConnectionId>,
    /// Who gets it.
    pub customer: Option<String>,
    /// What it is worth.
    pub worth: Option<Money>,
    /// When it must leave, ms UTC.
    pub ship_by_ms: Option<i64>,
    /// What it shares with the entries of other orders, in a word that is the same for all of them; `None`: it stands for
    /// itself.
    pub gathered: Option<String>,
}

/// One entry's time on the list, for trends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Episode {
    /// It began, ms UTC.
    pub opened_at_ms: i64,
    /// It ended, ms UTC; `None`: it lasts.
    pub over_at_ms: Option<i64>,
    /// It mended itself; a person settled it otherwise.
    pub by_itself: bool,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExceptionPage {
    /// Newest first.
    pub items: Vec<ExceptionItem>,
    /// Where the next page begins; `None`: this was the last.
    pub next: Option<ExceptionId>,
}

impl Reader<'_> {
    /// Entries that are open or snoozed, grouped by cause, in the causes' order, without what their orders are worth:
    /// for looks that happen by themselves. It walks an index and fetches no row, but of what several orders share.
    pub fn exception_counts(&self) -> Result<Vec<ExceptionGroup>, StoreError> {
        const TRIED: &str = "group the exceptions";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT cause, sum(state = 'open'), sum(state = 'snoozed'), sum(state = 'open' AND order_id IS NULL),
                        min(CASE state WHEN 'open' THEN opened_at_ms END), max(last_seen_at_ms)
                 FROM finding INDEXED BY finding_by_cause WHERE state <> 'resolved' GROUP BY cause",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map([], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, i64>(1)?,
                    row.get::<_, i64>(2)?,
                    row.get::<_, i64>(3)?,
                    row.get(4)?,
                    row.get(5)?,
                ))
            })
            .tried(TRIED)?;
        let mut groups: Vec<ExceptionGroup> = rows
            .map(|row| {
                let (cause, open, snoozed, about_accounts, oldest_opened_at_ms, last_seen_at_ms) = row.tried(TRIED)?;
                Ok(ExceptionGroup {
                    cause: words::cause(&cause)?,
                    open: open.unsigned_abs(),
                    snoozed: snoozed.unsigned_abs(),
                    about_accounts: about_accounts.unsigned_abs(),
                    oldest_opened_at_ms,
                    last_seen_at_ms,
                    worth: Vec::new(),
                })
            })
            .collect::<Result<_, StoreError>>()?;
        for group in groups.iter_mut().filter(|group| GATHERED.contains(&group.cause)) {
            (group.open, group.snoozed) = self.gathered_counts(group.cause)?;
        }
        groups.sort_by_key(|group| group.cause);
        Ok(groups)
    }

    /// Open and snoozed entries of a cause, those that share what is wrong counted once.
    fn gathered_counts(&self, cause: Cause) -> Result<(u64, u64), StoreError> {
        const TRIED: &str = "count the exceptions that orders share";
        let once =
            |state: &str| format!("count(DISTINCT CASE f.state WHEN '{state}' THEN ifnull({GATHERED_BY}, f.id) END)");
        let (open, snoozed): (i64, i64) = self
            .conn
            .prepare_cached(&format!(
                "SELECT {}, {} FROM finding f INDEXED BY finding_by_cause WHERE f.state <> 'resolved' AND f.cause = ?1",
                once("open"),
                once("snoozed")
            ))
            .tried(TRIED)?
            .query_row([cause.code()], |row| Ok((row.get(0)?, row.get(1)?)))
            .tried(TRIED)?;
        Ok((open.unsigned_abs(), snoozed.unsigned_abs()))
    }

    /// The same with what their orders are worth.
    pub fn exception_groups(&self) -> Result<Vec<ExceptionGroup>, StoreError> {
        const TRIED: &str = "group the exceptions";
        let mut groups = self.exception_counts()?;
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT f.cause, o.currency, sum(o.total_minor)
                 FROM (SELECT DISTINCT cause, order_id FROM finding INDEXED BY finding_by_cause
                       WHERE state <> 'resolved' AND state = 'open' AND order_id IS NOT NULL) f
                 CROSS JOIN orders o ON o.id = f.order_id GROUP BY f.cause, o.currency",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?)))
            .tried(TRIED)?;
        for row in rows {
            let (cause, currency, sum) = row.tried(TRIED)?;
            if let Some(group) = groups.iter_mut().find(|group| group.cause.code() == cause) {
                add_worth(&mut group.worth, Currency(currency), sum);
            }
        }
        Ok(groups)
    }

    /// One page of entries, newest first. `before` is the `next` of the page before.
    pub fn exception_page(
        &self,
        filter: &ExceptionFilter,
        before: Option<ExceptionId>,
        limit: usize,
    ) -> Result<ExceptionPage, StoreError> {
        const TRIED: &str = "read the exceptions";
        let limit = limit.clamp(1, 1_000);
        let mut sql = Sql::default();
        sql.push("SELECT ").push(COLUMNS).push(", ").push(GATHERED_BY).push(" AS gathered").push(
            ", o.number, o.connection_id AS order_connection, o.customer, o.total_minor, o.currency, o.ship_by_ms FROM finding f",
        );
        // What is not resolved is a small part of what ever was.
        sql.push(match (filter.state, filter.cause) {
            (ExceptionState::Resolved, _) => "",
            (_, Some(_)) => " INDEXED BY finding_by_cause",
            (_, None) => " INDEXED BY finding_lasting",
        });
        sql.push(" LEFT JOIN orders o ON o.id = f.order_id WHERE f.state = ");
        sql.bind(filter.state.state().code().to_owned());
        sql.push(" AND f.id < ").bind(before.map_or(i64::MAX, |id| id.0));
        if filter.state != ExceptionState::Resolved {
            sql.push(" AND f.state <> 'resolved'");
        }
        if let Some(cause) = filter.cause {
            sql.push(" AND f.cause = ").bind(cause.code().to_owned());
        }
        if let Some(connection) = &filter.connection {
            sql.push(" AND ").bind(connection.0.clone()).push(" IN (f.connection_id, o.connection_id)");
        }
        if filter.about_accounts {
            sql.push(" AND f.order_id IS NULL");
        }
        sql.push(" ORDER BY f.id DESC LIMIT ").bind(limit as i64 + 1);
        let mut statement = self.conn.prepare_cached(&sql.text).tried(TRIED)?;
        let rows = statement
            .query_map(params_from_iter(&sql.values), |row| {
                let worth = row
                    .get::<_, Option<i64>>("total_minor")?
                    .zip(row.get::<_, Option<String>>("currency")?)
                    .map(|(minor, currency)| Money::new(minor, Currency(currency)));
                Ok((
                    row_to_finding(row)?,
                    row.get("number")?,
                    row.get::<_, Option<String>>("order_connection")?.map(ConnectionId),
                    row.get("customer")?,
                    worth,
                    row.get("ship_by_ms")?,
                    row.get("gathered")?,
                ))
            })
            .tried(TRIED)?;
        let mut items: Vec<ExceptionItem> = rows
            .map(|row| {
                let (finding, order_number, order_connection, customer, worth, ship_by_ms, gathered) =
                    row.tried(TRIED)?;
                let finding = finding?;
                Ok(ExceptionItem { finding, order_number, order_connection, customer, worth, ship_by_ms, gathered })
            })
            .collect::<Result<_, StoreError>>()?;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(|item| item.finding.id) } else { None };
        Ok(ExceptionPage { items, next })
    }

    /// Everybody who looks after something now.
    pub fn assignees(&self) -> Result<Vec<String>, StoreError> {
        const TRIED: &str = "read who looks after what";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT DISTINCT assignee FROM finding INDEXED BY finding_lasting
                 WHERE state <> 'resolved' AND assignee <> '' ORDER BY assignee",
            )
            .tried(TRIED)?;
        let rows = statement.query_map([], |row| row.get(0)).tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// Entries of one cause (of any, without one) that began or ended since a moment:
    /// when each began, when it ended, and whether by itself.
    pub fn findings_since(&self, cause: Option<Cause>, from_ms: i64) -> Result<Vec<Episode>, StoreError> {
        const TRIED: &str = "read the exceptions of the last days";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT opened_at_ms, resolved_at_ms, resolved_by FROM finding INDEXED BY finding_over
                 WHERE state = 'resolved' AND resolved_at_ms >= ?1 AND (?2 IS NULL OR cause = ?2)
                 UNION ALL
                 SELECT opened_at_ms, NULL, NULL FROM finding INDEXED BY finding_lasting
                 WHERE state <> 'resolved' AND opened_at_ms >= ?1 AND (?2 IS NULL OR cause = ?2)",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map(params![from_ms, cause.map(Cause::code)], |row| {
                Ok(Episode {
                    opened_at_ms: row.get(0)?,
                    over_at_ms: row.get(1)?,
                    by_itself: row.get::<_, Option<String>>(2)?.as_deref() == Some("itself"),
                })
            })
            .tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// When the next snoozed entry wakes up, ms UTC.
    pub fn next_wake_at(&self) -> Result<Option<i64>, StoreError> {
        const TRIED: &str = "find the next snoozed exception";
        self.conn
            .prepare_cached(
                "SELECT min(snoozed_until_ms) FROM finding INDEXED BY finding_snoozed WHERE state = 'snoozed'",
            )
            .tried(TRIED)?
            .query_row([], |row| row.get(0))
            .tried(TRIED)
    }
}

impl Tx<'_> {
    fn touch_entry(&mut self, finding: &FindingRow) {
        match finding.order_id {
            Some(order) => self.touch_order(order, Topic::Exceptions),
            None => self.touch(Topic::Exceptions),
        }
    }

    /// A person settled it. About an order it stays closed while it says the same, which
    /// the order's choices remember. False if it was over already.
    pub fn resolve_finding(&mut self, id: ExceptionId, now_ms: i64) -> Result<bool, StoreError> {
        let Some(finding) = self.finding(id)? else { return Ok(false) };
        if !self.close_finding(id, now_ms, "person")? {
            return Ok(false);
        }
        if let Some(order) = finding.order_id {
            let mut choices = self.choices(order)?;
            choices.settled.insert(format!("{}/{}", finding.cause, finding.about), now_ms);
            self.put_choices(order, &choices)?;
        }
        self.touch_entry(&finding);
        Ok(true)
    }

    /// A person puts it away until a moment. It stays away if it is seen again meanwhile and says the same,
    /// comes back when it says something else, and goes for good if it mends itself. False if it was over already.
    pub fn snooze_finding(&mut self, id: ExceptionId, until_ms: i64) -> Result<bool, StoreError> {
        let tried = || format!("snooze exception {id}");
        let Some(finding) = self.finding(id)? else { return Ok(false) };
        let snoozed = self
            .conn
            .prepare_cached(
                "UPDATE finding SET state = 'snoozed', snoozed_until_ms = ?2 WHERE id = ?1 AND state <> 'resolved'",
            )
            .tried(tried)?
            .execute([id.0, until_ms])
            .tried(tried)?;
        self.touch_entry(&finding);
        Ok(snoozed > 0)
    }

    /// Gives it to somebody, or to nobody in particular. The name before; `None` if it is over.
    pub fn assign_finding(&mut self, id: ExceptionId, assignee: &str) -> Result<Option<String>, StoreError> {
        let tried = || format!("give exception {id} to somebody");
        let Some(finding) = self.finding(id)? else { return Ok(None) };
        if finding.state == FindingState::Resolved {
            return Ok(None);
        }
        self.conn
            .prepare_cached("UPDATE finding SET assignee = ?2 WHERE id = ?1")
            .tried(tried)?
            .execute(params![id.0, assignee])
            .tried(tried)?;
        self.touch_entry(&finding);
        Ok(Some(finding.assignee))
    }

    /// Brings it back at once. False unless it was put away.
    pub fn wake_finding(&mut self, id: ExceptionId) -> Result<bool, StoreError> {
        let tried = || format!("bring exception {id} back");
        let Some(finding) = self.finding(id)? else { return Ok(false) };
        let woken = self
            .conn
            .prepare_cached(
                "UPDATE finding SET state = 'open', snoozed_until_ms = NULL WHERE id = ?1 AND state = 'snoozed'",
            )
            .tried(tried)?
            .execute([id.0])
            .tried(tried)?;
        self.touch_entry(&finding);
        Ok(woken > 0)
    }

    /// Brings back everything that was put away until now or earlier.
    pub fn wake_snoozed(&mut self, now_ms: i64) -> Result<Vec<ExceptionId>, StoreError> {
        const TRIED: &str = "bring snoozed exceptions back";
        let due: Vec<ExceptionId> = {
            let mut statement = self
                .conn
                .prepare_cached(
                    "SELECT id FROM finding INDEXED BY finding_snoozed
                     WHERE state = 'snoozed' AND snoozed_until_ms <= ?1 ORDER BY snoozed_until_ms, id",
                )
                .tried(TRIED)?;
            let rows = statement.query_map(params![now_ms], |row| row.get(0).map(ExceptionId)).tried(TRIED)?;
            rows.collect::<Result<_, _>>().tried(TRIED)?
        };
        for id in &due {
            self.wake_finding(*id)?;
        }
        Ok(due)
    }
}
