//! Which way a view of the queue is walked.
//!
//! Each sort column has its own index over open orders, each usual filter one in
//! the order of deadlines, and words have the full-text index. Which one drives a
//! query is chosen here, from the tallies and from cheap counts that stop early, and
//! pinned with INDEXED BY. So a page costs the same at a thousand orders and at a
//! million, and never depends on what SQLite's planner thinks today.

use crate::error::{StoreError, Tried};
use crate::queue::{QueueFilter, Scope, SortBy};
use crate::search::{self, Found};
use crate::sql::Sql;
use crate::store::Reader;
use crate::table::tally::Tally;
use crate::words;
use quayside_model::Stage;

/// Up to here it is cheaper to fetch all matches and sort them than to walk an index: a row
/// out of nowhere costs a page to decrypt, about 10 µs.
const NARROW: u64 = 500;
/// Up to here entries of an index are sorted without their rows, for a page of another order than the index has: about
/// 0.2 µs each.
const SORTED: u64 = 30_000;
/// A page of a usual length: `n` of `open` orders spread evenly are found by fetching all `n`, or
/// by walking `open / n * PAGE` along the sort; the lesser is taken.
const PAGE: u64 = 100;
/// Counting stops here: nobody reads more digits.
pub(crate) const COUNT_MAX: u64 = 5_000;
/// The same for words: each match has to be looked up by itself, anywhere in the file.
pub(crate) const COUNT_WORDS_MAX: u64 = NARROW;

/// What a query walks along.
pub(crate) enum Drive {
    /// An index over the orders.
    Index(&'static str),
    /// The index over deadlines, sorted otherwise: its entries hold every sort column, so only the rows of the page are
    /// fetched.
    DueSorted,
    /// The entries of a tag, which has an index per sort column.
    TagSorted(String),
    /// Whatever SQLite finds best: closed orders by an unusual column.
    Planner,
    /// What a full-text query found: all of it, or the newest of too many.
    Found(Found),
    /// All matches of a full-text query, however many: for counting.
    Search(String),
}

impl Drive {
    fn is_search(&self) -> bool {
        matches!(self, Self::Found(_) | Self::Search(_))
    }
}

impl QueueFilter {
    pub(crate) fn all_stages(&self) -> Vec<Stage> {
        let mut stages: Vec<Stage> = if self.stages.is_empty() { Stage::ALL.to_vec() } else { self.stages.clone() };
        stages.retain(|stage| match self.scope {
            Scope::Open => stage.is_open(),
            Scope::Closed => !stage.is_open(),
            Scope::All => true,
        });
        if self.held {
            stages.retain(|stage| *stage == Stage::Held);
        }
        stages
    }

    /// The tallies know exactly how many match.
    pub(crate) fn is_tallied(&self) -> bool {
        self.tag.is_none()
            && self.country.is_none()
            && self.due_before_ms.is_none()
            && self.due_from_ms.is_none()
            && self.paid.is_none()
            && self.placed_before_ms.is_none()
            && self.placed_before_by_connection.is_empty()
            && !self.has_words()
            && self.conditions.is_empty()
    }

    /// Words are looked for.
    pub(crate) fn has_words(&self) -> bool {
        !self.text.trim().is_empty()
    }

    /// What the index of words knows of the filter besides words; `None` if no order can have it.
    fn narrowed(&self) -> Option<Vec<String>> {
        let tag = self.tag.as_deref().map(|tag| Some(search::tag(tag)));
        [tag, self.country.as_deref().map(search::country)].into_iter().flatten().collect()
    }

    /// Deadlines are all that is asked for: a range of the index over them has exactly the matches.
    fn is_only_due(&self) -> bool {
        let bare = Self { due_before_ms: None, due_from_ms: None, ..self.clone() };
        (self.due_before_ms.is_some() || self.due_from_ms.is_some()) && bare == Self::default()
    }

    /// A tag is all that is asked for, of open orders.
    fn only_tag(&self) -> Option<&str> {
        let bare = Self { tag: None, ..self.clone() };
        self.tag.as_deref().filter(|_| bare == Self::default())
    }

    pub(crate) fn matches(&self, tally: &Tally, stages: &[Stage]) -> bool {
        stages.contains(&tally.stage)
            && (self.connections.is_empty() || self.connections.contains(&tally.connection))
            && self.waits_code.as_ref().is_none_or(|code| *code == tally.waits_code)
    }

    pub(crate) fn conditions(&self, sql: &mut Sql, drive: &Drive) {
        if let Drive::TagSorted(tag) = drive {
            sql.push(" WHERE o.tag = ").bind(tag.clone());
            return;
        }
        sql.push(match self.scope {
            Scope::Open => " WHERE o.open = 1",
            // As the index over what was found knows it.
            Scope::Closed if drive.is_search() => " WHERE o.open = 0 AND o.stage_rank IS NOT NULL",
            Scope::All if drive.is_search() => " WHERE o.stage_rank IS NOT NULL",
            Scope::Closed => " WHERE o.open = 0 AND o.stage IS NOT NULL",
            Scope::All => " WHERE o.stage IS NOT NULL",
        });
        let ranked = matches!(drive, Drive::Index(index) if *index == SortBy::Stage.index());
        if self.held || !self.stages.is_empty() {
            match self.all_stages().as_slice() {
                [one] if ranked => {
                    sql.push(" AND o.stage_rank = ").bind(words::stage_rank(*one));
                }
                [one] => {
                    sql.push(" AND o.stage = ").bind(one.code().to_owned());
                }
                several => {
                    sql.push(" AND o.stage IN (")
                        .bind_all(several.iter().map(|stage| stage.code().to_owned()))
                        .push(")");
                }
            }
        }
        match self.connections.as_slice() {
            [] => {}
            [one] => {
                sql.push(" AND o.connection_id = ").bind(one.0.clone());
            }
            several => {
                sql.push(" AND o.connection_id IN (").bind_all(several.iter().map(|id| id.0.clone())).push(")");
            }
        }
        if let Some(code) = &self.waits_code {
            sql.push(" AND o.waits_code = ").bind(code.clone());
        }
        if let Some(at_ms) = self.due_before_ms {
            sql.push(" AND o.due_ms < ").bind(at_ms);
        }
        if let Some(at_ms) = self.due_from_ms {
            sql.push(" AND o.due_ms >= ").bind(at_ms);
        }
        if let Some(paid) = self.paid {
            sql.push(if paid { " AND o.paid = 1" } else { " AND o.paid = 0" });
        }
        if let Some(at_ms) = self.placed_before_ms {
            sql.push(" AND o.placed_at_ms <= ").bind(at_ms);
        }
        if !self.placed_before_by_connection.is_empty() {
            sql.push(" AND (");
            for (i, (connection, at_ms)) in self.placed_before_by_connection.iter().enumerate() {
                sql.push(if i > 0 { " OR (o.connection_id = " } else { "(o.connection_id = " })
                    .bind(connection.0.clone());
                sql.push(" AND o.placed_at_ms <= ").bind(*at_ms).push(")");
            }
            sql.push(")");
        }
        // What drives the query holds already.
        if !drive.is_search() {
            if let Some(tag) = &self.tag {
                // Most rows are told apart by their text alone.
                let quoted = serde_json::Value::String(tag.clone()).to_string();
                sql.push(" AND instr(o.tags, ").bind(quoted).push(") > 0");
                sql.push(" AND EXISTS (SELECT 1 FROM json_each(o.tags) WHERE value = ").bind(tag.clone()).push(")");
            }
            if let Some(country) = &self.country {
                sql.push(" AND o.country = ").bind(country.trim().to_uppercase());
            }
        }
        for condition in &self.conditions {
            condition.write(sql);
        }
        if drive.is_search() {
            sql.push(" AND o.id = m.id");
        }
    }
}

pub(crate) fn from(drive: &Drive, sql: &mut Sql) {
    match drive {
        Drive::Index(index) => {
            sql.push(" FROM orders o INDEXED BY ").push(index);
        }
        // The caller writes what narrows the entries.
        Drive::DueSorted => {
            sql.push(" FROM orders o INDEXED BY orders_open_due");
        }
        Drive::TagSorted(_) => {
            sql.push(" FROM order_tag o");
        }
        Drive::Planner => {
            sql.push(" FROM orders o");
        }
        Drive::Found(_) | Drive::Search(_) => {
            match drive {
                Drive::Found(found) => {
                    sql.push(" FROM (SELECT value AS id FROM json_each(").bind(found.list());
                }
                Drive::Search(query) => {
                    sql.push(" FROM (SELECT rowid AS id FROM order_search(").bind(query.clone());
                }
                Drive::Index(_) | Drive::DueSorted | Drive::TagSorted(_) | Drive::Planner => {}
            }
            // CROSS JOIN: matches first, rows second, whatever the planner thinks. The small index spares fetching
            // rows that are not shown.
            sql.push(")) m CROSS JOIN orders o INDEXED BY orders_found");
        }
    }
}

impl Reader<'_> {
    /// What to walk along, for a page sorted `by` or for `counting`; `None` if nothing can match.
    pub(crate) fn drive(&self, filter: &QueueFilter, by: SortBy, counting: bool) -> Result<Option<Drive>, StoreError> {
        self.write_index()?;
        let stages = filter.all_stages();
        if stages.is_empty() {
            return Ok(None);
        }
        if let Some(tag) = filter.only_tag().filter(|_| !counting) {
            return Ok(Some(Drive::TagSorted(tag.to_owned())));
        }
        let Some(narrowed) = filter.narrowed() else { return Ok(None) };
        if filter.has_words() {
            return Ok(self.find(&filter.text, &narrowed, NARROW)?.map(Drive::Found));
        }
        if !narrowed.is_empty() {
            let query = narrowed.join(" AND ");
            if counting {
                return Ok(Some(Drive::Search(query)));
            }
            // A page of many matches is found faster along its sort; a count never is.
            let found = self.newest(&query, NARROW)?;
            if !found.more {
                return Ok(Some(Drive::Found(found)));
            }
        }
        if filter.scope != Scope::Open {
            return Ok(Some(if by == SortBy::Placed { Drive::Index("orders_placed") } else { Drive::Planner }));
        }
        let index = self.index(filter, by, &stages)?;
        if !counting
            && index != SortBy::Due.index()
            && filter.is_only_due()
            && self.due_between(filter.due_from_ms, filter.due_before_ms, SORTED + 1)? <= SORTED
        {
            return Ok(Some(Drive::DueSorted));
        }
        Ok(Some(Drive::Index(index)))
    }

    /// How many orders match that have certain words. Asked as a page asks, so that both look for the same.
    pub(crate) fn count_words(&self, filter: &QueueFilter) -> Result<u64, StoreError> {
        let Some(narrowed) = filter.narrowed() else { return Ok(0) };
        let counted = self.best(&filter.text, &narrowed, |query| {
            let drive = Drive::Search(query.to_owned());
            let mut sql = Sql::default();
            sql.push("SELECT EXISTS (SELECT 1 FROM orders o INDEXED BY orders_found");
            filter.conditions(&mut sql, &drive);
            sql.push(") FROM (SELECT rowid AS id FROM order_search(").bind(query.to_owned()).push(")) m");
            self.hits(&sql, NARROW)
        })?;
        Ok(counted.map_or(0, |counted| counted.n))
    }

    /// The index for open orders: the sort's own, unless a filter leaves few rows, or
    /// deadlines are wanted and a filter has its rows in that order anyway.
    fn index(&self, filter: &QueueFilter, by: SortBy, stages: &[Stage]) -> Result<&'static str, StoreError> {
        let single_stage = match stages {
            [one] => Some(*one),
            _ => None,
        };
        let single_connection = match filter.connections.as_slice() {
            [one] => Some(one),
            _ => None,
        };
        let (mut best, mut open): (Option<(u64, &'static str)>, u64) = (None, 0);
        if filter.waits_code.is_some() || single_stage.is_some() || single_connection.is_some() {
            let tallies = self.tallies()?;
            let count = |keep: &dyn Fn(&Tally) -> bool| -> u64 {
                tallies.iter().filter(|tally| tally.stage.is_open() && keep(tally)).map(|tally| tally.n).sum()
            };
            let mut consider = |n: u64, index: &'static str| {
                if best.is_none_or(|(least, _)| n < least) {
                    best = Some((n, index));
                }
            };
            open = count(&|_| true);
            if let Some(code) = &filter.waits_code {
                consider(count(&|tally| tally.waits_code == *code), "orders_open_cause_due");
            }
            if let Some(stage) = single_stage {
                consider(count(&|tally| tally.stage == stage), "orders_open_stage_due");
            }
            if let Some(connection) = single_connection {
                consider(count(&|tally| tally.connection == *connection), "orders_open_connection_due");
            }
        }
        if let Some((n, index)) = best
            && (by == SortBy::Due || n <= NARROW || n * n <= open * PAGE)
        {
            return Ok(index);
        }
        if by != SortBy::Due && (filter.due_before_ms.is_some() || filter.due_from_ms.is_some()) {
            let due = self.due_between(filter.due_from_ms, filter.due_before_ms, NARROW + 1)?;
            if due <= NARROW {
                return Ok("orders_open_due");
            }
        }
        Ok(by.index())
    }

    /// Open orders with a deadline in a range, counted up to `max`.
    pub(crate) fn due_between(
        &self,
        from_ms: Option<i64>,
        before_ms: Option<i64>,
        max: u64,
    ) -> Result<u64, StoreError> {
        const TRIED: &str = "count the deadlines";
        let n: i64 = self
            .conn
            .prepare_cached(
                "SELECT count(*) FROM (SELECT 1 FROM orders INDEXED BY orders_open_due
                 WHERE open = 1 AND due_ms >= ?1 AND due_ms < ?2 LIMIT ?3)",
            )
            .tried(TRIED)?
            .query_row([from_ms.unwrap_or(i64::MIN), before_ms.unwrap_or(i64::MAX), max as i64], |row| row.get(0))
            .tried(TRIED)?;
        Ok(n.unsigned_abs())
    }
}
