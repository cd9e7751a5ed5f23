//! Cells, and what each door makes of them: words to read, and plain values a spreadsheet adds up.
//!
//! The window writes cells itself, in its own signs; everything else is here.

use crate::view::Verb;
use crate::zone;
use chrono_tz::Tz;
use quayside_flows::sku_csv::safe;
use quayside_model::time::HOUR_MS;
use quayside_model::{Currency, Money, OrderId};
use serde::Serialize;
use specta::Type;
use std::collections::BTreeMap;

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
    /// Amounts of several currencies, which are never added up.
    Sums {
        /// Each of them.
        amounts: Vec<Amount>,
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
    /// Something that can be done about an order.
    Act {
        /// Our row of the order.
        id: OrderId,
        /// What people call it.
        number: String,
        /// What is done.
        verb: Verb,
        /// In words.
        label: String,
    },
    /// A page elsewhere.
    Link {
        /// What it is.
        label: String,
        /// Where.
        url: String,
    },
}

/// One amount of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct Amount {
    /// In minor units.
    pub minor: i64,
    /// Of this currency.
    pub currency: Currency,
    /// Digits behind the point.
    pub exponent: u32,
}

impl Cell {
    /// For reading, moments in the zone of the report, by the minute.
    pub fn words(&self, zone: &str) -> String {
        self.read(zone.parse().unwrap_or(Tz::UTC))
    }
    pub(super) fn read(&self, zone: Tz) -> String {
        match self {
            Self::Empty => "–".to_owned(),
            Self::Text { text } => text.clone(),
            Self::Count { count } => count.to_string(),
            Self::Money { minor, currency, .. } => Money::new(*minor, currency.clone()).to_string(),
            Self::Sums { amounts } => sums_words(amounts),
            Self::Hours { hours } if *hours >= 48.0 => format!("{:.1} days", hours / 24.0),
            Self::Hours { hours } => format!("{hours:.1} h"),
            Self::Share { share } => format!("{:.1} %", share * 100.0),
            Self::Moment { at_ms } => moment(*at_ms, zone),
            Self::Order { number, .. } => number.clone(),
            Self::Act { label, .. } | Self::Link { label, .. } => label.clone(),
        }
    }
    /// For a spreadsheet: a number it adds up, or text it never runs. The currency stands beside an amount, not in it.
    pub(super) fn plain(&self, zone: Tz) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text { text } => safe(text),
            Self::Count { count } => count.to_string(),
            Self::Money { minor, currency, .. } => Money::new(*minor, currency.clone()).decimal().to_string(),
            Self::Sums { amounts } => sums_words(amounts),
            Self::Hours { hours } => format!("{hours:.2}"),
            Self::Share { share } => format!("{share:.4}"),
            Self::Moment { at_ms } => zone::local(*at_ms, zone).format("%Y-%m-%d %H:%M").to_string(),
            Self::Order { number, .. } => safe(number),
            Self::Act { label, .. } => safe(label),
            Self::Link { url, .. } => safe(url),
        }
    }
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }
    pub(super) fn count(count: usize) -> Self {
        Self::Count { count: count as i64 }
    }
    pub(super) fn money(minor: i64, currency: &Currency) -> Self {
        Self::Money { minor, currency: currency.clone(), exponent: currency.exponent() }
    }
    /// Several currencies are never added up.
    pub(super) fn sums(sums: &BTreeMap<Currency, i64>) -> Self {
        match sums.iter().collect::<Vec<_>>().as_slice() {
            [] => Self::Empty,
            [(currency, minor)] => Self::money(**minor, currency),
            several => {
                let amount = |(currency, minor): &(&Currency, &i64)| Amount {
                    minor: **minor,
                    currency: (*currency).clone(),
                    exponent: currency.exponent(),
                };
                Self::Sums { amounts: several.iter().map(amount).collect() }
            }
        }
    }
    pub(super) fn share(part: usize, whole: usize) -> Self {
        if whole == 0 { Self::Empty } else { Self::Share { share: part as f64 / whole as f64 } }
    }
    pub(super) fn hours(ms: Option<i64>) -> Self {
        ms.map_or(Self::Empty, |ms| Self::Hours { hours: ms as f64 / HOUR_MS as f64 })
    }
    pub(super) fn moment(at_ms: Option<i64>) -> Self {
        at_ms.map_or(Self::Empty, |at_ms| Self::Moment { at_ms })
    }
    pub(super) fn order(id: OrderId, number: &str) -> Self {
        Self::Order { id, number: number.to_owned() }
    }
}

pub(super) fn sums_words(amounts: &[Amount]) -> String {
    let each = amounts.iter().map(|amount| Money::new(amount.minor, amount.currency.clone()).to_string());
    each.collect::<Vec<_>>().join(", ")
}

/// `20 Nov 2026, 14:12`: the zone stands once, at the foot of the report.
pub(super) fn moment(at_ms: i64, zone: Tz) -> String {
    zone::local(at_ms, zone).format("%-d %b %Y, %H:%M").to_string()
}

/// What the cells of a column are, or nothing: also on a day that has no row for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// Words, pages elsewhere, things to do.
    Text,
    /// Numbers of things.
    Count,
    /// Amounts; several where one of them is in several currencies.
    Money,
    /// Lengths of time.
    Hours,
    /// Parts of a whole.
    Share,
    /// Moments.
    Moment,
    /// Orders to be opened; words where one is not known.
    Order,
}

impl Holds {
    /// Set flush right.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Count | Self::Money | Self::Hours | Self::Share)
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct Column {
    /// Its heading.
    pub label: String,
    /// What is in it.
    pub holds: Holds,
}

pub(super) fn columns(columns: &[(&str, Holds)]) -> Vec<Column> {
    columns.iter().map(|(label, holds)| Column { label: (*label).to_owned(), holds: *holds }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_read_as_what_it_is() {
        let zone = chrono_tz::Europe::Berlin;
        let (eur, jpy) = (Currency::new("EUR"), Currency::new("JPY"));
        let both = BTreeMap::from([(eur.clone(), 1_230), (jpy.clone(), 500)]);
        for (cell, read, plain) in [
            (Cell::Empty, "–", ""),
            (Cell::text("=1"), "=1", "'=1"),
            (Cell::count(12_345), "12345", "12345"),
            (Cell::money(-1_230, &eur), "-12.30 EUR", "-12.30"),
            (Cell::money(500, &jpy), "500 JPY", "500"),
            (Cell::sums(&both), "12.30 EUR, 500 JPY", "12.30 EUR, 500 JPY"),
            (Cell::sums(&BTreeMap::new()), "–", ""),
            (Cell::hours(Some(5 * HOUR_MS)), "5.0 h", "5.00"),
            (Cell::hours(Some(60 * HOUR_MS)), "2.5 days", "60.00"),
            (Cell::share(1, 3), "33.3 %", "0.3333"),
            (Cell::share(1, 0), "–", ""),
            (Cell::moment(Some(1_794_522_600_000)), "12 Nov 2026, 23:30", "2026-11-12 23:30"),
            (Cell::order(OrderId(1), "@1"), "@1", "'@1"),
            (Cell::Link { label: "Open".into(), url: "https://a.example/1".into() }, "Open", "https://a.example/1"),
            (
                Cell::Act { id: OrderId(1), number: "#1".into(), verb: Verb::Sync, label: "=Look again".into() },
                "=Look again",
                "'=Look again",
            ),
        ] {
            assert_eq!((cell.read(zone).as_str(), cell.plain(zone).as_str()), (read, plain), "{cell:?}");
        }
    }
}
