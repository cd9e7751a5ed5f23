//! The queue: any view of it, page by page.
//!
//! Paging goes by key: rows that come and go meanwhile are neither shown twice nor
//! skipped. A far place is reached by passing over rows, and says by which key it is
//! read again. Which index a view walks is in `plan.rs`.

use crate::condition::Condition;
use crate::error::{StoreError, Tried};
use crate::pack::from_json;
use crate::plan::{COUNT_MAX, COUNT_WORDS_MAX, Drive, from};
use crate::sql::Sql;
use crate::store::Reader;
use crate::words;
use quayside_model::{ConnectionId, OrderId, Stage, WaitsOn};
use rusqlite::{Row, params_from_iter};
use serde::{Deserialize, Serialize};

/// Which orders at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Those in the queue.
    #[default]
    Open,
    /// Those that are through. Sorted fast by [`SortBy::Placed`] only.
    Closed,
    /// Both. Sorted fast by [`SortBy::Placed`] only.
    All,
}

/// What to show. Empty shows every open order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct QueueFilter {
    /// Open, closed or all.
    pub scope: Scope,
    /// In one of these stages; empty: any.
    pub stages: Vec<Stage>,
    /// Of one of these accounts; empty: any.
    pub connections: Vec<ConnectionId>,
    /// Waits on exactly this.
    pub waits_code: Option<String>,
    /// Carries this tag.
    pub tag: Option<String>,
    /// Goes to this country, two letters.
    pub country: Option<String>,
    /// Must leave before this moment, ms UTC. With "now": late.
    pub due_before_ms: Option<i64>,
    /// Must leave at this moment or after, ms UTC. With "now" and the other bound: at risk.
    pub due_from_ms: Option<i64>,
    /// Paid, or not paid.
    pub paid: Option<bool>,
    /// Held back by anybody.
    pub held: bool,
    /// Placed at this moment or before, ms UTC: the minimum age.
    pub placed_before_ms: Option<i64>,
    /// The same with a limit per account; accounts that are not named do not match. Empty: no limit.
    pub placed_before_by_connection: Vec<(ConnectionId, i64)>,
    /// What a person typed.
    pub text: String,
    /// Anything else; all of them must hold.
    pub conditions: Vec<Condition>,
}

/// What the queue can be sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortBy {
    /// Deadline; orders without one last.
    #[default]
    Due,
    /// When the buyer bought.
    Placed,
    /// Value in minor units, whatever the currency.
    Total,
    /// Units to ship.
    Units,
    /// The order number, as people count.
    Number,
    /// Since when it waits.
    Waits,
    /// Who gets it, letters in either case together.
    Customer,
    /// The account it came from, and within it by deadline.
    Store,
    /// Where it goes, and within it by deadline.
    Country,
    /// How far it is, in the order of [`Stage::ALL`], and within it by deadline.
    Stage,
}

impl SortBy {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Due,
        Self::Placed,
        Self::Total,
        Self::Units,
        Self::Number,
        Self::Waits,
        Self::Customer,
        Self::Store,
        Self::Country,
        Self::Stage,
    ];

    /// What it sorts by, first to last; the row's id decides what is left.
    pub(crate) fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Due => &["o.due_ms"],
            Self::Placed => &["o.placed_at_ms"],
            Self::Total => &["o.total_minor"],
            Self::Units => &["o.units"],
            Self::Number => &["o.number_rank"],
            Self::Waits => &["o.waits_since_ms"],
            Self::Customer => &["o.customer COLLATE NOCASE"],
            Self::Store => &["o.connection_id", "o.due_ms"],
            Self::Country => &["o.country", "o.due_ms"],
            Self::Stage => &["o.stage_rank", "o.due_ms"],
        }
    }

    pub(crate) fn index(self) -> &'static str {
        match self {
            Self::Due => "orders_open_due",
            Self::Placed => "orders_open_placed",
            Self::Total => "orders_open_total",
            Self::Units => "orders_open_units",
            Self::Number => "orders_open_number",
            Self::Waits => "orders_open_waits",
            Self::Customer => "orders_open_customer",
            Self::Store => "orders_open_connection_due",
            Self::Country => "orders_open_country_due",
            Self::Stage => "orders_open_stage_due",
        }
    }
}

/// Column and direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    /// By what.
    pub by: SortBy,
    /// Largest first.
    pub descending: bool,
}

/// A value the queue is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KeyValue {
    /// A time, an amount, a rank.
    Number(i64),
    /// A name.
    Text(String),
}

impl From<KeyValue> for rusqlite::types::Value {
    fn from(value: KeyValue) -> Self {
        match value {
            KeyValue::Number(number) => Self::Integer(number),
            KeyValue::Text(text) => Self::Text(text),
        }
    }
}

impl rusqlite::types::FromSql for KeyValue {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        match value {
            rusqlite::types::ValueRef::Text(_) => Ok(Self::Text(String::column_result(value)?)),
            _ => Ok(Self::Number(i64::column_result(value)?)),
        }
    }
}

/// Where a page ended; the next one begins behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueKey {
    /// The sort columns' values in the last row: one, and by store, country and stage the deadline as well.
    pub values: Vec<KeyValue>,
    /// The last row.
    pub id: OrderId,
}

impl QueueKey {
    /// It has a value for each column of the sort; one of another sort may not.
    pub fn fits(&self, by: SortBy) -> bool {
        self.values.len() == by.columns().len()
    }
}

/// One row of the queue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueueRow {
    /// Our row.
    pub id: OrderId,
    /// The account it came from.
    pub connection: ConnectionId,
    /// The account's id of it.
    pub remote_id: String,
    /// What people call it.
    pub number: String,
    /// When the buyer bought, ms UTC.
    pub placed_at_ms: i64,
    /// When the channel last changed it, ms UTC.
    pub updated_at_ms: i64,
    /// When we first saw it, ms UTC.
    pub received_at_ms: i64,
    /// When its facts last moved here, ms UTC.
    pub seen_at_ms: i64,
    /// Who gets it.
    pub customer: String,
    /// Where it goes.
    pub city: String,
    /// Where it goes, two letters.
    pub country: String,
    /// Lines to ship.
    pub lines: i64,
    /// Units to ship.
    pub units: i64,
    /// Value after edits and refunds, minor units.
    pub total_minor: i64,
    /// Its currency.
    pub currency: String,
    /// The shipping the buyer chose.
    pub service: String,
    /// The channel's tags.
    pub tags: Vec<String>,
    /// How far payment is, as a word (`paid`, `unknown:…`).
    pub payment: String,
    /// The seller has the money.
    pub paid: bool,
    /// Made with a test payment.
    pub test: bool,
    /// How far it is.
    pub stage: Stage,
    /// In the queue.
    pub open: bool,
    /// What it waits on.
    pub waits_on: WaitsOn,
    /// When it must leave, ms UTC.
    pub ship_by_ms: Option<i64>,
    /// Where it stands at the hub.
    pub hub_state: String,
    /// Looked at again then, ms UTC.
    pub look_again_at_ms: Option<i64>,
    /// Personal data was taken out then, ms UTC.
    pub blanked_at_ms: Option<i64>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueuePage {
    /// The rows, sorted.
    pub rows: Vec<QueueRow>,
    /// Where the next page begins; `None`: this was the last.
    pub next: Option<QueueKey>,
    /// Behind which key this very page is read again, without passing over anything; `None`: from the front.
    pub start: Option<QueueKey>,
    /// More orders match the words than are worth sorting: only the newest were considered.
    pub newest_only: bool,
}

/// A count that is cheap: exact, or "at least".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Count {
    /// How many.
    pub n: u64,
    /// False: there are more than that.
    pub exact: bool,
}

impl Count {
    /// From a count that ended when it was above `max`.
    fn up_to(max: u64, n: u64) -> Self {
        Self { n: n.min(max), exact: n <= max }
    }
}

const COLUMNS: &str = "o.id, o.connection_id, o.remote_id, o.number, o.placed_at_ms, o.updated_at_ms, o.received_at_ms, o.seen_at_ms, \
     o.customer, o.city, o.country, o.lines, o.units, o.total_minor, o.currency, o.service, o.tags, o.payment, o.paid, o.test, \
     o.stage, o.open, o.waits_code, o.waits_sentence, o.waits_icon, o.waits_tone, o.waits_since_ms, o.action, o.ship_by_ms, \
     o.hub_state, o.look_again_at_ms, o.blanked_at_ms";
/// So many they are; what stands behind them is the sort's.
const COLUMN_COUNT: usize = 32;

fn row_to_queue(row: &Row<'_>) -> Result<QueueRow, StoreError> {
    const TRIED: &str = "read a row of the queue";
    fn get<T: rusqlite::types::FromSql>(row: &Row<'_>, at: usize) -> Result<T, StoreError> {
        row.get(at).tried(TRIED)
    }
    let tags: String = get(row, 16)?;
    Ok(QueueRow {
        id: OrderId(get(row, 0)?),
        connection: ConnectionId(get(row, 1)?),
        remote_id: get(row, 2)?,
        number: get(row, 3)?,
        placed_at_ms: get(row, 4)?,
        updated_at_ms: get(row, 5)?,
        received_at_ms: get(row, 6)?,
        seen_at_ms: get(row, 7)?,
        customer: get(row, 8)?,
        city: get(row, 9)?,
        country: get(row, 10)?,
        lines: get(row, 11)?,
        units: get(row, 12)?,
        total_minor: get(row, 13)?,
        currency: get(row, 14)?,
        service: get(row, 15)?,
        tags: if tags == "[]" { Vec::new() } else { from_json(&tags)? },
        payment: get(row, 17)?,
        paid: get(row, 18)?,
        test: get(row, 19)?,
        stage: words::stage(&get::<String>(row, 20)?)?,
        open: get(row, 21)?,
        waits_on: WaitsOn {
            code: get(row, 22)?,
            sentence: get(row, 23)?,
            icon: get(row, 24)?,
            tone: words::tone(&get::<String>(row, 25)?)?,
            since_ms: get(row, 26)?,
            action: get::<Option<String>>(row, 27)?.map(|code| words::action(&code)).transpose()?,
        },
        ship_by_ms: get(row, 28)?,
        hub_state: get(row, 29)?,
        look_again_at_ms: get(row, 30)?,
        blanked_at_ms: get(row, 31)?,
    })
}

/// Which page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Behind this row, the `next` or `start` of another page of the same filter and sort; `None`: from the front.
    pub after: Option<QueueKey>,
    /// And so many rows further.
    pub skip: usize,
}

impl From<Option<QueueKey>> for Place {
    fn from(after: Option<QueueKey>) -> Self {
        Self { after, skip: 0 }
    }
}

/// What lies behind a key, or all there is, as parts that are each one range of an index: the rows that share the
/// key's values, then those that share all but the last of them, and so on. One condition over all columns would walk
/// what is shared from its beginning.
pub(crate) struct Part {
    key: Option<QueueKey>,
    /// So many values are the key's own; the next one lies beyond it.
    shared: usize,
}

impl Part {
    pub(crate) fn of(after: Option<QueueKey>) -> Vec<Self> {
        match after {
            None => vec![Self { key: None, shared: 0 }],
            Some(key) => (0..=key.values.len()).rev().map(|shared| Self { key: Some(key.clone()), shared }).collect(),
        }
    }

    pub(crate) fn write(&self, sort: Sort, sql: &mut Sql) {
        let Some(key) = &self.key else { return };
        let behind = if sort.descending { " < " } else { " > " };
        let columns = sort.by.columns();
        for (column, value) in columns.iter().zip(&key.values).take(self.shared) {
            sql.push(" AND ").push(column).push(" = ").bind(value.clone());
        }
        match (columns.get(self.shared), key.values.get(self.shared)) {
            (Some(column), Some(value)) => sql.push(" AND ").push(column).push(behind).bind(value.clone()),
            _ => sql.push(" AND o.id").push(behind).bind(key.id.0),
        };
    }
}

pub(crate) fn write_order(sort: Sort, sql: &mut Sql) {
    let direction = if sort.descending { " DESC" } else { "" };
    sql.push(" ORDER BY ");
    for column in sort.by.columns() {
        sql.push(column).push(direction).push(", ");
    }
    sql.push("o.id").push(direction);
}

/// The key of a row whose sort columns begin at `from`.
pub(crate) fn key_of(row: &Row<'_>, from: usize, by: SortBy, id: i64) -> Result<QueueKey, StoreError> {
    let values = (from..from + by.columns().len()).map(|at| row.get(at));
    Ok(QueueKey { values: values.collect::<Result<_, _>>().tried("read a key of the queue")?, id: OrderId(id) })
}

/// A question for a page: along what, which orders, in which order.
struct Walk<'a> {
    drive: &'a Drive,
    filter: &'a QueueFilter,
    sort: Sort,
}

impl Walk<'_> {
    /// The matching rows of a part, in order, from `offset` on. With `rows` false their number, up to `limit`.
    fn sql(&self, part: &Part, offset: usize, limit: usize, rows: bool) -> Sql {
        let Self { drive, filter, sort } = *self;
        let mut sql = Sql::default();
        // Where rows are passed over or sorted, entries of an index do it, and only the page's rows are fetched.
        let entries = offset > 0
            || matches!(drive, Drive::DueSorted | Drive::TagSorted(_))
            || (matches!(drive, Drive::Found(_)) && sort.by == SortBy::Due);
        if rows {
            sql.push("SELECT ").push(COLUMNS);
            for column in sort.by.columns() {
                sql.push(", ").push(column);
            }
        } else {
            sql.push("SELECT count(*)");
        }
        if entries || !rows {
            sql.push(" FROM (SELECT o.id AS id");
        }
        from(drive, &mut sql);
        filter.conditions(&mut sql, drive);
        part.write(sort, &mut sql);
        let cut = |sql: &mut Sql| {
            sql.push(" LIMIT ").bind(limit as i64);
        };
        if !rows {
            cut(&mut sql);
            sql.push(")");
            return sql;
        }
        if entries {
            write_order(sort, &mut sql);
            cut(&mut sql);
            sql.push(" OFFSET ").bind(offset as i64);
            sql.push(") m CROSS JOIN orders o ON o.id = m.id");
        }
        write_order(sort, &mut sql);
        cut(&mut sql);
        sql
    }
}

impl Reader<'_> {
    /// One page of the queue.
    pub fn queue_page(
        &self,
        filter: &QueueFilter,
        sort: Sort,
        place: impl Into<Place>,
        limit: usize,
    ) -> Result<QueuePage, StoreError> {
        let place = self.nearest(filter, sort, place.into())?;
        self.queue_walked(filter, sort, place, limit)
    }

    /// The same, with every row passed over that the place tells to.
    pub(crate) fn queue_walked(
        &self,
        filter: &QueueFilter,
        sort: Sort,
        place: Place,
        limit: usize,
    ) -> Result<QueuePage, StoreError> {
        const TRIED: &str = "read the queue";
        let limit = limit.clamp(1, 1_000);
        let Place { after, skip } = place;
        let mut page =
            QueuePage { rows: Vec::with_capacity(limit), next: None, start: after.clone(), newest_only: false };
        let Some(drive) = self.drive(filter, sort.by, false)? else { return Ok(page) };
        page.newest_only = matches!(&drive, Drive::Found(found) if found.more);
        let walk = Walk { drive: &drive, filter, sort };
        // The last of the rows that are passed over says where the page begins.
        let mut pass = skip.saturating_sub(1);
        let mut first_is_start = skip > 0;
        let mut last: Option<QueueKey> = None;
        let parts = Part::of(after);
        let ends = parts.len();
        for (at, part) in parts.into_iter().enumerate() {
            if pass > 0 && at + 1 < ends {
                let passed = self.queue_passed(&walk, &part, pass)?;
                if passed < pass {
                    pass -= passed;
                    continue;
                }
            }
            let wanted = limit - page.rows.len() + 1 + usize::from(first_is_start);
            let sql = walk.sql(&part, pass, wanted, true);
            pass = 0;
            let mut statement = self.conn.prepare_cached(&sql.text).tried(TRIED)?;
            let mut found = statement.query(params_from_iter(&sql.values)).tried(TRIED)?;
            while let Some(row) = found.next().tried(TRIED)? {
                if page.rows.len() == limit {
                    page.next = last.take();
                    return Ok(page);
                }
                let read = row_to_queue(row)?;
                let key = key_of(row, COLUMN_COUNT, sort.by, read.id.0)?;
                if std::mem::take(&mut first_is_start) {
                    page.start = Some(key);
                } else {
                    page.rows.push(read);
                    last = Some(key);
                }
            }
        }
        Ok(page)
    }

    /// How many rows there are behind a key, up to `max`.
    pub(crate) fn queue_rest(
        &self,
        filter: &QueueFilter,
        sort: Sort,
        after: Option<QueueKey>,
        max: usize,
    ) -> Result<usize, StoreError> {
        let Some(drive) = self.drive(filter, sort.by, false)? else { return Ok(0) };
        let walk = Walk { drive: &drive, filter, sort };
        Part::of(after).iter().try_fold(0, |rest, part| Ok(rest + self.queue_passed(&walk, part, max)?))
    }

    /// How many rows of a part there are to pass over, up to `max`.
    fn queue_passed(&self, walk: &Walk<'_>, part: &Part, max: usize) -> Result<usize, StoreError> {
        const TRIED: &str = "pass over rows of the queue";
        let sql = walk.sql(part, 0, max, false);
        let mut statement = self.conn.prepare_cached(&sql.text).tried(TRIED)?;
        let n: i64 = statement.query_row(params_from_iter(&sql.values), |row| row.get(0)).tried(TRIED)?;
        Ok(usize::try_from(n).unwrap_or(0))
    }

    /// How many orders match: exact where the tallies know, else counted up to a limit.
    pub fn queue_count(&self, filter: &QueueFilter) -> Result<Count, StoreError> {
        const TRIED: &str = "count the queue";
        if filter.is_tallied() {
            let stages = filter.all_stages();
            let n = self.tallies()?.iter().filter(|tally| filter.matches(tally, &stages)).map(|tally| tally.n).sum();
            return Ok(Count { n, exact: true });
        }
        if filter.all_stages().is_empty() {
            return Ok(Count { n: 0, exact: true });
        }
        if filter.has_words() {
            return Ok(Count::up_to(COUNT_WORDS_MAX, self.count_words(filter)?));
        }
        // Placed: its index carries what most filters ask for, so no row is fetched.
        let by =
            if filter.due_before_ms.is_some() || filter.due_from_ms.is_some() { SortBy::Due } else { SortBy::Placed };
        let Some(drive) = self.drive(filter, by, true)? else { return Ok(Count { n: 0, exact: true }) };
        let max = if matches!(drive, Drive::Search(_)) { COUNT_WORDS_MAX } else { COUNT_MAX };
        let mut sql = Sql::default();
        sql.push("SELECT count(*) FROM (SELECT 1");
        from(&drive, &mut sql);
        filter.conditions(&mut sql, &drive);
        sql.push(" LIMIT ").bind(max as i64 + 1).push(")");
        let n: i64 = self
            .conn
            .prepare_cached(&sql.text)
            .tried(TRIED)?
            .query_row(params_from_iter(&sql.values), |row| row.get(0))
            .tried(TRIED)?;
        Ok(Count::up_to(max, n.unsigned_abs()))
    }

    /// One row of the queue, open or not; `None` if there is no such order or it is undecided.
    pub fn queue_row(&self, order: OrderId) -> Result<Option<QueueRow>, StoreError> {
        const TRIED: &str = "read a row of the queue";
        let mut statement = self
            .conn
            .prepare_cached(&format!("SELECT {COLUMNS} FROM orders o WHERE o.id = ?1 AND o.stage IS NOT NULL"))
            .tried(TRIED)?;
        let mut rows = statement.query([order.0]).tried(TRIED)?;
        rows.next().tried(TRIED)?.map(row_to_queue).transpose()
    }
}
