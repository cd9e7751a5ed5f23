//! What is at stake in a notification: promises that near or broke, and money that waits. Pure.

use crate::notices::Item;
use crate::words;
use quayside_model::time::HOUR_MS;
use quayside_model::{Currency, Money};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A promise that ends so soon is named.
const NEAR_MS: i64 = 4 * HOUR_MS;
/// Currencies named in one line; the rest are small beside them.
const NAMED_MAX: usize = 2;

/// What hangs on one thing that may be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stake {
    /// What the order is worth.
    pub worth: Option<Money>,
    /// When it must leave, ms UTC.
    pub ship_by_ms: Option<i64>,
}

/// The same of several things together.
#[derive(Debug, Default)]
pub(crate) struct Stakes {
    worth: BTreeMap<Currency, i64>,
    /// Should have left.
    late: i64,
    /// Must leave soon.
    near: i64,
}

impl Stakes {
    /// Added up. An order that several entries are about counts once.
    pub fn of(news: &[&Item], now_ms: i64) -> Self {
        let mut sum = Self::default();
        let mut seen = BTreeSet::new();
        for item in news {
            let Stake { worth, ship_by_ms } = &item.stake;
            // Orders of two stores may have one number; those that agree in all of this are one.
            let is_new = item
                .order
                .as_deref()
                .is_none_or(|order| seen.insert((order, worth.as_ref().map(|money| money.minor), *ship_by_ms)));
            if !is_new {
                continue;
            }
            if let Some(money) = worth {
                let all = sum.worth.entry(money.currency.clone()).or_default();
                *all = all.saturating_add(money.minor);
            }
            match ship_by_ms {
                Some(at_ms) if *at_ms < now_ms => sum.late += 1,
                Some(at_ms) if *at_ms < now_ms + NEAR_MS => sum.near += 1,
                _ => {}
            }
        }
        sum
    }

    /// Sorts what matters most first: promises, then money.
    pub fn rank(&self) -> Reverse<(i64, i64)> {
        Reverse((self.late + self.near, self.units().first().map_or(0, |(_, units)| *units)))
    }

    /// The money in words, whole units; `None` if there is none.
    pub fn money(&self) -> Option<String> {
        let named: Vec<String> = self
            .units()
            .iter()
            .take(NAMED_MAX)
            .map(|(currency, units)| format!("{currency} {}", words::thousands(*units)))
            .collect();
        (!named.is_empty()).then(|| named.join(" and "))
    }

    /// One sentence about all of it; empty if nothing is known.
    pub fn sentence(&self) -> String {
        let mut said = Vec::new();
        if self.late > 0 {
            said.push(format!("{} late", words::count(self.late, "order is", "orders are")));
        }
        if self.near > 0 {
            said.push(format!("{} must leave within 4 hours", words::thousands(self.near)));
        }
        if let Some(money) = self.money() {
            said.push(format!("{money} wait"));
        }
        if said.is_empty() { String::new() } else { format!("{}.", said.join(", ")) }
    }

    /// Whole units per currency, most first: minor units of two currencies say nothing of each other.
    fn units(&self) -> Vec<(&Currency, i64)> {
        let mut units: Vec<(&Currency, i64)> = self
            .worth
            .iter()
            .map(|(currency, minor)| (currency, minor / 10_i64.pow(currency.exponent())))
            .filter(|(_, units)| *units > 0)
            .collect();
        units.sort_by_key(|(_, units)| Reverse(*units));
        units
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notices::Topic;
    use quayside_model::time::MINUTE_MS;

    const NOW: i64 = 1_763_640_000_000;

    fn item(order: &str, worth: Option<(i64, &str)>, ship_by_ms: Option<i64>) -> Item {
        Item {
            topic: Topic::Exceptions,
            key: order.to_owned(),
            cause: None,
            connection: None,
            order: Some(order.to_owned()),
            says: None,
            stake: Stake {
                worth: worth.map(|(minor, currency)| Money::new(minor, Currency::new(currency))),
                ship_by_ms,
            },
        }
    }

    #[test]
    fn promises_and_money_are_said_in_one_sentence() {
        let hour = Some(NOW + HOUR_MS);
        for (items, said) in [
            (vec![item("#1", None, None)], ""),
            (vec![item("#1", Some((191_200, "EUR")), None)], "EUR 1,912 wait."),
            // The same order twice; another one of that number at another store.
            (vec![item("#1", Some((5_000, "EUR")), None), item("#1", Some((5_000, "EUR")), None)], "EUR 50 wait."),
            (vec![item("#1", Some((5_000, "EUR")), None), item("#1", Some((7_000, "EUR")), None)], "EUR 120 wait."),
            // Whole units are compared, not minor ones.
            (
                vec![item("#1", Some((9_900, "JPY")), None), item("#2", Some((100_000, "EUR")), None)],
                "JPY 9,900 and EUR 1,000 wait.",
            ),
            (vec![item("#1", Some((40, "EUR")), hour)], "1 must leave within 4 hours."),
            (
                vec![item("#1", None, Some(NOW - MINUTE_MS)), item("#2", None, hour)],
                "1 order is late, 1 must leave within 4 hours.",
            ),
            (vec![item("#1", None, Some(NOW + 5 * HOUR_MS))], ""),
        ] {
            let items: Vec<&Item> = items.iter().collect();
            assert_eq!(Stakes::of(&items, NOW).sentence(), said);
        }
    }

    #[test]
    fn a_promise_goes_before_money() {
        let dear = item("#1", Some((900_000, "EUR")), None);
        let near = item("#2", Some((100, "EUR")), Some(NOW + HOUR_MS));
        assert!(Stakes::of(&[&near], NOW).rank() < Stakes::of(&[&dear], NOW).rank());
        let cheap = item("#3", Some((100, "EUR")), None);
        assert!(Stakes::of(&[&dear], NOW).rank() < Stakes::of(&[&cheap], NOW).rank());
    }
}
