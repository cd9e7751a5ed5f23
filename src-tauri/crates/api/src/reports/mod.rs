//! Reports: one table of figures and rows per kind, the same on screen, as CSV, as Parquet, as a page to print, at the
//! terminal, in the folder a schedule writes to, and wherever else they are delivered.
//!
//! A kind is one file here, with its [`Kind`], and its lines in [`ReportKind`]. What it counts is a pure function of what
//! the store listed. Figures have what they count in a table of the report ([`Behind`]), and a row that adds up has it in
//! the rows of another table with the same words in the columns they share: all of them in CSV and at the clipboard, the
//! first [`SHOWN_MAX`] on a screen and on a page, which say so. How many parcels a carrier had is a count alone.

mod ahead;
mod arrivals;
mod buyer;
mod cell;
mod cost;
pub mod deliver;
mod digest;
mod page;
mod parquet_file;
mod performance;
pub mod plan;
mod reconcile;
pub mod schedule;
mod sheet;

use crate::desk::{Desk, Room};
use crate::trouble::Answer;
use crate::view::Trouble;
use crate::{words, zone};
use cell::columns;
pub use cell::{Cell, Column, Holds};
use chrono::{Datelike as _, Days, NaiveDate};
use chrono_tz::Tz;
use quayside_model::time::DAY_MS;
use quayside_model::{ConnectionId, Currency, Tone};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;
use std::path::Path;

/// Days a report is about if nobody says which, today included.
const USUAL_DAYS: u64 = 30;
/// Longest time a report is about, days: two years and a bit.
const DAYS_MAX: i64 = 750;
/// Orders, and parcels, that a report reads at most.
const READ_MAX: usize = 200_000;
/// Rows of a table on a screen or a page.
const SHOWN_MAX: usize = 5_000;

macro_rules! kinds {
    ($( $(#[$doc:meta])* $name:ident = $file:ident; )*) => {
        /// What a report is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
        #[serde(rename_all = "snake_case")]
        pub enum ReportKind { $( $(#[$doc])* $name, )* }

        impl ReportKind {
            /// All of them, in the order of the screen.
            pub const ALL: [Self; [$( stringify!($name), )*].len()] = [$( Self::$name, )*];
            fn entry(self) -> &'static Kind { match self { $( Self::$name => &$file::KIND, )* } }
        }
    };
}

kinds! {
    /// Paid orders that wait too long, by cause.
    Unfulfilled = digest;
    /// How much was sold and shipped, how fast, how punctual.
    Performance = performance;
    /// What carriage cost, label by label.
    ShippingCost = cost;
    /// Where two accounts differ about the same sales.
    Reconciliation = reconcile;
}

/// A kind of report: how it is called, and what makes it.
struct Kind {
    code: &'static str,
    title: &'static str,
    about: &'static str,
    /// It is about a time, and not about now.
    timed: bool,
    /// Its table with the single orders or labels: the one a spreadsheet is wanted for.
    detail: &'static str,
    make: fn(&Room, &Ground) -> Answer<Made>,
}

impl ReportKind {
    /// Stable word: in file names and at the terminal.
    pub fn code(self) -> &'static str {
        self.entry().code
    }
    /// From the stable word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A report that is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ReportOffer {
    /// Which.
    pub kind: ReportKind,
    /// Its name.
    pub title: String,
    /// What it answers.
    pub about: String,
    /// It is about a time that can be chosen.
    pub timed: bool,
    /// Two accounts it can be about; empty if it is about all of them.
    pub pairs: Vec<ReportPair>,
}

/// Two accounts that can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ReportPair {
    /// The store.
    pub here: ConnectionId,
    /// Its name.
    pub here_name: String,
    /// The other account.
    pub there: ConnectionId,
    /// Its name.
    pub there_name: String,
}

macro_rules! spans {
    ($( $(#[$about:meta])* $name:ident = $code:literal; )*) => {
        /// A time with a name. The desk knows which days it is: a window may stand in another zone.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
        pub enum ReportSpan { $( $(#[$about])* #[serde(rename = $code)] $name, )* }

        impl ReportSpan {
            /// All of them, in the order of the screen.
            pub const ALL: [Self; [$( $code, )*].len()] = [$( Self::$name, )*];
            /// Stable word: in addresses and at the terminal.
            pub fn code(self) -> &'static str { match self { $( Self::$name => $code, )* } }
        }
    };
}

spans! {
    /// Seven days, today included.
    Week = "7";
    /// Thirty.
    Thirty = "30";
    /// Ninety.
    Ninety = "90";
    /// The calendar month before this one.
    LastMonth = "month";
    /// The days that are named; thirty of them where none is.
    #[default]
    Own = "own";
}

impl ReportSpan {
    /// From the stable word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|span| span.code() == code)
    }
}

/// A report that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ReportAsk {
    /// Which.
    pub kind: ReportKind,
    /// About which time.
    #[serde(default)]
    pub span: ReportSpan,
    /// First day, `2026-11-01`, in the desk's time zone; empty: thirty days ago.
    #[serde(default)]
    pub from_day: String,
    /// Last day, included; empty: today.
    #[serde(default)]
    pub to_day: String,
    /// Of two accounts that are compared, the first: its id; empty: each that can be.
    #[serde(default)]
    pub here: String,
    /// The second, in the same way.
    #[serde(default)]
    pub there: String,
}

impl ReportAsk {
    /// Over days that are named; empty ones as in [`Self::from_day`].
    pub fn days(kind: ReportKind, from_day: impl Into<String>, to_day: impl Into<String>) -> Self {
        Self {
            kind,
            span: ReportSpan::Own,
            from_day: from_day.into(),
            to_day: to_day.into(),
            here: String::new(),
            there: String::new(),
        }
    }
}

/// One number at the head of a report.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct Figure {
    /// What it is.
    pub label: String,
    /// How much.
    pub value: Cell,
    /// What is said with it; may be empty.
    pub note: String,
    /// How loud.
    pub tone: Tone,
    /// The rows it counts, where a table of the report has them.
    pub behind: Option<Behind>,
}

/// The rows of a table that a number counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct Behind {
    /// Stable word of the table.
    pub table: String,
    /// Columns in which they have something.
    pub filled: Vec<String>,
    /// Columns in which they have nothing.
    pub empty: Vec<String>,
}

fn figure(label: &str, value: Cell, note: impl Into<String>) -> Figure {
    Figure { label: label.to_owned(), value, note: note.into(), tone: Tone::Neutral, behind: None }
}

impl Figure {
    /// With the rows it counts.
    fn counting(self, table: &str, filled: &[&str], empty: &[&str]) -> Self {
        let owned = |columns: &[&str]| columns.iter().map(|column| (*column).to_owned()).collect();
        Self { behind: Some(Behind { table: table.to_owned(), filled: owned(filled), empty: owned(empty) }), ..self }
    }
}

/// A table of a report.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct Table {
    /// Stable word: the name of its file.
    pub code: String,
    /// Its heading.
    pub title: String,
    /// What is said with it; may be empty.
    pub words: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, a cell per column.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// What a screen or a page has of it, and what is said with that.
    fn shown(&self) -> (&[Vec<Cell>], String) {
        let all = self.rows.len();
        let Some(rows) = self.rows.get(..SHOWN_MAX).filter(|_| all > SHOWN_MAX) else {
            return (&self.rows, self.words.clone());
        };
        let count = |n: usize| words::thousands(n as i64);
        let cut = format!("The first {} of {} rows: its CSV has all of them.", count(SHOWN_MAX), count(all));
        (rows, format!("{} {cut}", self.words).trim_start().to_owned())
    }
}

/// What a kind makes: everything but its name and when.
struct Made {
    words: String,
    figures: Vec<Figure>,
    tables: Vec<Table>,
    cut: bool,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct Report {
    /// Which.
    pub kind: ReportKind,
    /// Its name.
    pub title: String,
    /// What time it is about, and how it was counted.
    pub words: String,
    /// First day; empty if it is about now.
    pub from_day: String,
    /// Last day, included; empty if it is about now.
    pub to_day: String,
    /// The zone days are counted in.
    pub zone: String,
    /// When it was made, ms UTC.
    pub made_at_ms: i64,
    /// There was more than a report reads: figures and tables are of a part. Its words and its files say so.
    pub cut: bool,
    /// The numbers at its head.
    pub figures: Vec<Figure>,
    /// Its tables.
    pub tables: Vec<Table>,
    /// Of two accounts it compares, the first; empty: each that can be compared, or it compares none.
    pub here: String,
    /// The second, in the same way.
    pub there: String,
}

/// What every report stands on.
struct Ground {
    now_ms: i64,
    from_ms: i64,
    /// Not included.
    to_ms: i64,
    zone: Tz,
    names: BTreeMap<ConnectionId, String>,
    currencies: BTreeMap<ConnectionId, Currency>,
    /// What labels cost where neither label nor account says it.
    cost_currency: Option<Currency>,
    /// The two accounts that were asked for; empty: whichever.
    here: String,
    there: String,
}

impl Ground {
    fn name(&self, id: &ConnectionId) -> String {
        self.names.get(id).cloned().unwrap_or_else(|| id.to_string())
    }
}

/// How a report is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReportForm {
    /// One table, for a spreadsheet.
    Csv,
    /// One table, to be pasted into a spreadsheet.
    Tabs,
    /// All of it, to read and to print.
    Page,
    /// One table in columns with types, for a warehouse of data.
    Parquet,
}

impl Desk {
    /// The reports there are.
    pub fn reports(&self) -> Answer<Vec<ReportOffer>> {
        let pairs = reconcile::pairs(&*self.room()?)?;
        let offer = |kind: ReportKind| {
            let entry = kind.entry();
            ReportOffer {
                kind,
                title: entry.title.to_owned(),
                about: entry.about.to_owned(),
                timed: entry.timed,
                pairs: if kind == ReportKind::Reconciliation { pairs.clone() } else { Vec::new() },
            }
        };
        Ok(ReportKind::ALL.into_iter().map(offer).collect())
    }

    /// Makes a report, whole. Changes nothing.
    pub fn report(&self, ask: &ReportAsk) -> Answer<Report> {
        self.report_in(ask, None)
    }

    /// The same with its days counted in another zone than the desk's.
    fn report_in(&self, ask: &ReportAsk, zone: Option<Tz>) -> Answer<Report> {
        let room = self.room()?;
        let now_ms = room.now_ms();
        let base = room.ground()?;
        let zone = zone.unwrap_or(base.zone);
        let kind = ask.kind.entry();
        let (from, to) = days(ask, now_ms, zone)?;
        let currency = |config: &quayside_model::ConnectionConfig| {
            config.account.currency.as_deref().map(|code| (config.id.clone(), Currency::new(code)))
        };
        let ground = Ground {
            now_ms,
            from_ms: zone::moment(from, 0, zone),
            to_ms: zone::moment(to + Days::new(1), 0, zone),
            zone,
            names: room.names()?,
            currencies: base.connections.iter().filter_map(currency).collect(),
            cost_currency: said_currency(&room)?,
            here: ask.here.clone(),
            there: ask.there.clone(),
        };
        let made = (kind.make)(&room, &ground)?;
        let day = |day: NaiveDate| if kind.timed { day.to_string() } else { String::new() };
        let cut = if made.cut { format!(" {CUT}") } else { String::new() };
        Ok(Report {
            kind: ask.kind,
            title: kind.title.to_owned(),
            words: made.words + &cut,
            from_day: day(from),
            to_day: day(to),
            zone: zone.name().to_owned(),
            made_at_ms: now_ms,
            cut: made.cut,
            figures: made.figures,
            tables: made.tables,
            here: ground.here,
            there: ground.there,
        })
    }

    /// The same with as much of its tables as a screen shows.
    pub fn report_shown(&self, ask: &ReportAsk) -> Answer<Report> {
        let mut report = self.report(ask)?;
        for table in &mut report.tables {
            table.words = table.shown().1;
            table.rows.truncate(SHOWN_MAX);
        }
        Ok(report)
    }

    /// A report as text: see [`Report::text`].
    pub fn report_text(&self, ask: &ReportAsk, form: ReportForm, table: &str) -> Answer<String> {
        self.report(ask)?.text(form, table)
    }

    /// Makes a report and writes it to a file: see [`Report::text`].
    pub fn save_report(&self, ask: &ReportAsk, form: ReportForm, table: &str, path: &Path) -> Answer<()> {
        self.report(ask)?.save(form, table, path)
    }
}

/// Said where there was more than [`READ_MAX`].
const CUT: &str = "There was more than a report reads at once: choose a shorter time.";

impl Report {
    /// All of it as a page, or one of its tables: by its code, the one with the single orders or labels if that is empty.
    pub fn text(&self, form: ReportForm, table: &str) -> Answer<String> {
        if form == ReportForm::Page {
            return Ok(page::render(self));
        }
        let found = self.table(table)?;
        let note = if self.cut { CUT } else { "" };
        match form {
            ReportForm::Csv => Ok(sheet::csv(found, note, self.tz())),
            ReportForm::Tabs => Ok(sheet::tabs(found, note, self.tz())),
            ReportForm::Page | ReportForm::Parquet => {
                Err(Trouble::field("form", "Parquet is no text. Write it to a file."))
            }
        }
    }

    /// The same as the bytes of a file.
    pub fn bytes(&self, form: ReportForm, table: &str) -> Answer<Vec<u8>> {
        if form == ReportForm::Parquet {
            return parquet_file::write(self, self.table(table)?);
        }
        self.text(form, table).map(String::into_bytes)
    }

    /// Into a file.
    pub fn save(&self, form: ReportForm, table: &str, path: &Path) -> Answer<()> {
        crate::files::write(path, &self.bytes(form, table)?)
    }

    /// One of its tables by code, the one with the single orders or labels if that is empty.
    fn table(&self, code: &str) -> Answer<&Table> {
        let code = if code.is_empty() { self.kind.entry().detail } else { code };
        self.tables.iter().find(|one| one.code == code).ok_or_else(|| {
            let codes: Vec<&str> = self.tables.iter().map(|one| one.code.as_str()).collect();
            Trouble::field("table", format!("This report has no table \"{code}\". It has: {}.", codes.join(", ")))
        })
    }

    fn tz(&self) -> Tz {
        self.zone.parse().unwrap_or(Tz::UTC)
    }
}

/// The days that are meant, both included.
fn days(ask: &ReportAsk, now_ms: i64, zone: Tz) -> Answer<(NaiveDate, NaiveDate)> {
    let today = zone::local(now_ms, zone).date_naive();
    let last = |days: u64| Ok((today - Days::new(days - 1), today));
    let first_of = |day: NaiveDate| day.with_day(1).unwrap_or(day);
    match ask.span {
        ReportSpan::Own => named(ask, today),
        ReportSpan::Week => last(7),
        ReportSpan::Thirty => last(30),
        ReportSpan::Ninety => last(90),
        ReportSpan::LastMonth => {
            let end = first_of(today) - Days::new(1);
            Ok((first_of(end), end))
        }
    }
}

/// The days that were typed.
fn named(ask: &ReportAsk, today: NaiveDate) -> Answer<(NaiveDate, NaiveDate)> {
    let read = |field: &str, typed: &str, usual: NaiveDate| {
        if typed.trim().is_empty() {
            return Ok(usual);
        }
        // A year that no calendar of a merchant has would be too far away to count from.
        let day = typed.trim().parse::<NaiveDate>().ok().filter(|day| (1..=9_999).contains(&day.year()));
        day.ok_or_else(|| Trouble::field(field, format!("\"{typed}\" is no day. Write it like {today}.")))
    };
    let to = read("to_day", &ask.to_day, today)?;
    let from = read("from_day", &ask.from_day, to - Days::new(USUAL_DAYS - 1))?;
    if from > to {
        return Err(Trouble::field("from_day", format!("The report would begin on {from}, after its last day {to}.")));
    }
    if (to - from).num_days() >= DAYS_MAX {
        return Err(Trouble::field("from_day", format!("A report is about {DAYS_MAX} days at most. Begin later.")));
    }
    Ok((from, to))
}

/// The median of sorted lengths; `None` of nothing.
fn quantile(sorted_ms: &[i64], part: f64) -> Option<i64> {
    let last = sorted_ms.len().checked_sub(1)?;
    sorted_ms.get((last as f64 * part).round() as usize).copied()
}

/// "30 days" as words for the head.
fn span_words(ground: &Ground) -> String {
    let days = (ground.to_ms - ground.from_ms + DAY_MS / 2) / DAY_MS;
    let last = zone::day_name(ground.to_ms - 1, ground.zone);
    let first = zone::day_name(ground.from_ms, ground.zone);
    if days == 1 { first } else { format!("{first} to {last}, {days} days") }
}

/// The currency of costs as a person said it, with the facts that are written to stores.
fn said_currency(room: &Room) -> Answer<Option<Currency>> {
    let code = room.policy()?.setting("facts_to_channel", "cost_currency").trim().to_uppercase();
    Ok((!code.is_empty()).then(|| Currency::new(&code)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Thursday 12 November 2026, 23:30 in Berlin.
    const NOW: i64 = 1_794_522_600_000;

    #[test]
    fn days_are_the_desks_own_and_mistakes_are_named() {
        let zone = chrono_tz::Europe::Berlin;
        let meant = |from: &str, to: &str| {
            days(&ReportAsk::days(ReportKind::Performance, from, to), NOW, zone)
                .map(|(from, to)| format!("{from} {to}"))
                .map_err(|trouble| trouble.sentence)
        };
        assert_eq!(meant("", "").unwrap(), "2026-10-14 2026-11-12");
        assert_eq!(meant("2026-11-01", " 2026-11-02 ").unwrap(), "2026-11-01 2026-11-02");
        for (from, to, words) in [
            ("yesterday", "", "\"yesterday\" is no day"),
            ("2026-11-05", "2026-11-04", "after its last day"),
            ("2020-01-01", "", "750 days at most"),
            ("", "+262142-12-31", "\"+262142-12-31\" is no day"),
            ("-262143-01-01", "", "is no day"),
            ("", "10000-01-01", "is no day"),
            ("", "0000-12-31", "is no day"),
        ] {
            assert!(meant(from, to).unwrap_err().contains(words), "{from} {to}");
        }
        assert_eq!(meant("", "9999-12-31").unwrap(), "9999-12-02 9999-12-31");
        assert_eq!(meant("", "0001-01-01").unwrap(), "0000-12-03 0001-01-01");
    }

    #[test]
    fn a_named_time_is_counted_from_the_desks_own_today() {
        let at = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis();
        for (span, now, zone, meant) in [
            (ReportSpan::Week, "2026-11-12T22:30:00Z", Tz::UTC, "2026-11-06 2026-11-12"),
            // The same moment is tomorrow in Auckland.
            (ReportSpan::Week, "2026-11-12T22:30:00Z", Tz::Pacific__Auckland, "2026-11-07 2026-11-13"),
            (ReportSpan::Thirty, "2026-03-01T12:00:00Z", Tz::UTC, "2026-01-31 2026-03-01"),
            (ReportSpan::Ninety, "2026-03-31T12:00:00Z", Tz::UTC, "2026-01-01 2026-03-31"),
            (ReportSpan::LastMonth, "2026-01-15T12:00:00Z", Tz::UTC, "2025-12-01 2025-12-31"),
            (ReportSpan::LastMonth, "2028-03-31T12:00:00Z", Tz::UTC, "2028-02-01 2028-02-29"),
        ] {
            // Days that are named as well do not count.
            let ask = ReportAsk { span, ..ReportAsk::days(ReportKind::Performance, "2020-01-01", "soon") };
            let (from, to) = days(&ask, at(now), zone).unwrap();
            assert_eq!(format!("{from} {to}"), meant, "{span:?} on {now} in {zone}");
        }
    }

    #[test]
    fn every_kind_and_every_span_is_found_by_its_own_word() {
        for kind in ReportKind::ALL {
            assert_eq!(ReportKind::from_code(kind.code()), Some(kind));
        }
        for span in ReportSpan::ALL {
            assert_eq!(ReportSpan::from_code(span.code()), Some(span));
            assert_eq!(serde_json::to_value(span).unwrap(), span.code(), "the same word in an address");
        }
        assert_eq!(ReportKind::from_code("weather"), None);
    }

    #[test]
    fn a_long_table_says_how_much_of_it_is_shown() {
        let table = |rows: usize| Table {
            code: "orders".into(),
            title: "Orders".into(),
            words: "Oldest first.".into(),
            columns: columns(&[("Orders", Holds::Count)]),
            rows: (0..rows).map(|n| vec![Cell::count(n)]).collect(),
        };
        let said = |table: Table| (table.shown().0.len(), table.shown().1);
        assert_eq!(said(table(SHOWN_MAX)), (SHOWN_MAX, "Oldest first.".to_owned()));
        assert_eq!(
            said(table(SHOWN_MAX + 1)),
            (SHOWN_MAX, "Oldest first. The first 5,000 of 5,001 rows: its CSV has all of them.".to_owned())
        );
    }

    #[test]
    fn quantiles() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[3], 0.9), Some(3));
        assert_eq!(quantile(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 0.5), Some(6));
        assert_eq!(quantile(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 0.9), Some(10));
    }
}
