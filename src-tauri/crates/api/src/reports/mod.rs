//! Reports: one table of figures and rows per kind, the same on screen, as CSV, as a page to print, at the terminal and in
//! the folder a schedule writes to.
//!
//! A kind is one file here and one line in [`KINDS`]. What it counts is a pure function of what the store listed; every
//! figure has the orders behind it in one of its tables.

mod cost;
mod csv;
mod digest;
mod page;
mod performance;
pub mod plan;

use crate::desk::{Desk, Room};
use crate::trouble::Answer;
use crate::view::Trouble;
use crate::zone;
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use quayside_model::time::DAY_MS;
use quayside_model::{ConnectionId, Currency, OrderId, Tone};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;
use std::path::Path;

/// Days a report is about if nobody says which, today included.
const USUAL_DAYS: u64 = 30;
/// Longest time a report is about, days: two years and a bit.
const DAYS_MAX: i64 = 750;

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// Paid orders that wait too long, by cause.
    Unfulfilled,
    /// How much was sold and shipped, how fast, how punctual.
    Performance,
    /// What carriage cost, label by label.
    ShippingCost,
}

/// A kind of report: how it is called, and what makes it.
struct Kind {
    of: ReportKind,
    code: &'static str,
    title: &'static str,
    about: &'static str,
    /// It is about a time, and not about now.
    timed: bool,
    make: fn(&Desk, &Room, &Ground) -> Answer<Made>,
}

const KINDS: &[Kind] = &[
    Kind {
        of: ReportKind::Unfulfilled,
        code: "unfulfilled",
        title: "Unfulfilled",
        about: "Paid orders that wait longer than you want, by what they wait on.",
        timed: false,
        make: digest::make,
    },
    Kind {
        of: ReportKind::Performance,
        code: "performance",
        title: "Performance",
        about: "What was sold and shipped, how fast and how punctual, by week, store, warehouse and carrier.",
        timed: true,
        make: performance::make,
    },
    Kind {
        of: ReportKind::ShippingCost,
        code: "shipping_cost",
        title: "Shipping cost",
        about: "What carriage cost, by carrier, store and country, and label by label for the accountant.",
        timed: true,
        make: cost::make,
    },
];

impl ReportKind {
    /// All of them, in the order of the screen.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|kind| kind.of)
    }
    /// Stable word: in file names and at the terminal.
    pub fn code(self) -> &'static str {
        self.entry().code
    }
    /// From the stable word.
    pub fn from_code(code: &str) -> Option<Self> {
        KINDS.iter().find(|kind| kind.code == code).map(|kind| kind.of)
    }
    /// For people.
    pub fn title(self) -> &'static str {
        self.entry().title
    }
    fn entry(self) -> &'static Kind {
        // Every kind has its line; a test says so.
        KINDS.iter().find(|kind| kind.of == self).unwrap_or(&KINDS[0])
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
}

/// A report that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ReportAsk {
    /// Which.
    pub kind: ReportKind,
    /// First day, `2026-11-01`, in the desk's time zone; empty: thirty days ago.
    #[serde(default)]
    pub from_day: String,
    /// Last day, included; empty: today.
    #[serde(default)]
    pub to_day: String,
}

/// One cell. What it is decides how each door writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Cell {
    /// Nothing is known.
    Empty,
    /// Words.
    Text {
        /// The words.
        text: String,
    },
    /// A number of things.
    Count {
        /// How many.
        count: i64,
    },
    /// An amount.
    Money {
        /// In minor units.
        minor: i64,
        /// Of this currency.
        currency: Currency,
        /// Digits behind the point.
        exponent: u32,
    },
    /// How long.
    Hours {
        /// Hours.
        hours: f64,
    },
    /// A part of a whole.
    Share {
        /// 0 to 1.
        share: f64,
    },
    /// A moment.
    Moment {
        /// ms UTC.
        at_ms: i64,
    },
    /// An order, to be opened.
    Order {
        /// Our row.
        id: OrderId,
        /// What people call it.
        number: String,
    },
}

impl Cell {
    /// For reading, moments in the zone of the report.
    pub fn words(&self, zone: &str) -> String {
        page::words(self, zone.parse().unwrap_or(Tz::UTC))
    }
    fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }
    fn count(count: usize) -> Self {
        Self::Count { count: count as i64 }
    }
    fn money(minor: i64, currency: &Currency) -> Self {
        Self::Money { minor, currency: currency.clone(), exponent: currency.exponent() }
    }
    /// Several currencies are never added up.
    fn sums(sums: &BTreeMap<Currency, i64>) -> Self {
        match sums.iter().collect::<Vec<_>>().as_slice() {
            [] => Self::Empty,
            [(currency, minor)] => Self::money(**minor, currency),
            several => Self::text(
                several
                    .iter()
                    .map(|(currency, minor)| {
                        quayside_model::Money::new(**minor, (*currency).clone()).decimal().to_string()
                            + " "
                            + &currency.0
                    })
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
        }
    }
    fn share(part: usize, whole: usize) -> Self {
        if whole == 0 { Self::Empty } else { Self::Share { share: part as f64 / whole as f64 } }
    }
    fn hours(ms: Option<i64>) -> Self {
        ms.map_or(Self::Empty, |ms| Self::Hours { hours: ms as f64 / quayside_model::time::HOUR_MS as f64 })
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
}

fn figure(label: &str, value: Cell, note: impl Into<String>) -> Figure {
    Figure { label: label.to_owned(), value, note: note.into(), tone: Tone::Neutral }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct Column {
    /// Its heading.
    pub label: String,
    /// It holds numbers: set flush right.
    pub number: bool,
}

fn columns(labels: &[(&str, bool)]) -> Vec<Column> {
    labels.iter().map(|(label, number)| Column { label: (*label).to_owned(), number: *number }).collect()
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

/// What a kind makes: everything but its name and when.
struct Made {
    words: String,
    figures: Vec<Figure>,
    tables: Vec<Table>,
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
    /// The numbers at its head.
    pub figures: Vec<Figure>,
    /// Its tables.
    pub tables: Vec<Table>,
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
}

impl Ground {
    fn name(&self, id: &ConnectionId) -> String {
        self.names.get(id).cloned().unwrap_or_else(|| id.to_string())
    }
}

/// How a report is written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReportForm {
    /// One table, for a spreadsheet.
    Csv,
    /// All of it, to read and to print.
    Page,
}

impl Desk {
    /// The reports there are.
    pub fn reports(&self) -> Answer<Vec<ReportOffer>> {
        let offer = |kind: &Kind| ReportOffer {
            kind: kind.of,
            title: kind.title.to_owned(),
            about: kind.about.to_owned(),
            timed: kind.timed,
        };
        Ok(KINDS.iter().map(offer).collect())
    }

    /// Makes a report. Changes nothing.
    pub fn report(&self, ask: &ReportAsk) -> Answer<Report> {
        let room = self.room()?;
        let now_ms = room.now_ms();
        let base = room.ground()?;
        let kind = ask.kind.entry();
        let (from, to) = days(ask, now_ms, base.zone)?;
        let currency = |config: &quayside_model::ConnectionConfig| {
            config.account.currency.as_deref().map(|code| (config.id.clone(), Currency::new(code)))
        };
        let ground = Ground {
            now_ms,
            from_ms: zone::moment(from, 0, base.zone),
            to_ms: zone::moment(to + Days::new(1), 0, base.zone),
            zone: base.zone,
            names: room.names()?,
            currencies: base.connections.iter().filter_map(currency).collect(),
        };
        let made = (kind.make)(self, &room, &ground)?;
        let day = |day: NaiveDate| if kind.timed { day.to_string() } else { String::new() };
        Ok(Report {
            kind: kind.of,
            title: kind.title.to_owned(),
            words: made.words,
            from_day: day(from),
            to_day: day(to),
            zone: base.zone.name().to_owned(),
            made_at_ms: now_ms,
            figures: made.figures,
            tables: made.tables,
        })
    }

    /// Writes a report to a file: all of it as a page, or one of its tables as CSV (by its code; the first if empty).
    pub fn save_report(&self, ask: &ReportAsk, form: ReportForm, table: &str, path: &Path) -> Answer<()> {
        let report = self.report(ask)?;
        let text = match form {
            ReportForm::Page => page::render(&report),
            ReportForm::Csv => {
                let wanted = report.tables.iter().find(|one| one.code == table);
                let found = if table.is_empty() { report.tables.first() } else { wanted };
                let codes = || report.tables.iter().map(|one| one.code.as_str()).collect::<Vec<_>>().join(", ");
                let found = found.ok_or_else(|| {
                    Trouble::field("table", format!("This report has no table \"{table}\" now. It has: {}.", codes()))
                })?;
                csv::render(found, report_zone(&report))
            }
        };
        crate::files::write(path, text.as_bytes())
    }
}

fn report_zone(report: &Report) -> Tz {
    report.zone.parse().unwrap_or(Tz::UTC)
}

/// The days that are meant, both included.
fn days(ask: &ReportAsk, now_ms: i64, zone: Tz) -> Answer<(NaiveDate, NaiveDate)> {
    let today = zone::local(now_ms, zone).date_naive();
    let read = |field: &str, typed: &str, usual: NaiveDate| {
        if typed.trim().is_empty() {
            return Ok(usual);
        }
        typed
            .trim()
            .parse::<NaiveDate>()
            .map_err(|_| Trouble::field(field, format!("\"{typed}\" is no day. Write it like {today}.")))
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Thursday 12 November 2026, 23:30 in Berlin.
    const NOW: i64 = 1_794_522_600_000;

    fn ask(from: &str, to: &str) -> ReportAsk {
        ReportAsk { kind: ReportKind::Performance, from_day: from.into(), to_day: to.into() }
    }

    #[test]
    fn days_are_the_desks_own_and_mistakes_are_named() {
        let zone = chrono_tz::Europe::Berlin;
        let meant = |from: &str, to: &str| {
            days(&ask(from, to), NOW, zone).map(|(from, to)| format!("{from} {to}")).map_err(|trouble| trouble.sentence)
        };
        assert_eq!(meant("", "").unwrap(), "2026-10-14 2026-11-12");
        assert_eq!(meant("2026-11-01", " 2026-11-02 ").unwrap(), "2026-11-01 2026-11-02");
        for (from, to, words) in [
            ("yesterday", "", "\"yesterday\" is no day"),
            ("2026-11-05", "2026-11-04", "after its last day"),
            ("2020-01-01", "", "750 days at most"),
        ] {
            assert!(meant(from, to).unwrap_err().contains(words), "{from} {to}");
        }
    }

    #[test]
    fn every_kind_has_its_line() {
        for kind in [ReportKind::Unfulfilled, ReportKind::Performance, ReportKind::ShippingCost] {
            assert_eq!(ReportKind::from_code(kind.code()), Some(kind));
        }
        assert_eq!(ReportKind::all().count(), KINDS.len());
    }

    #[test]
    fn quantiles() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[3], 0.9), Some(3));
        assert_eq!(quantile(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 0.5), Some(6));
        assert_eq!(quantile(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 0.9), Some(10));
    }
}
