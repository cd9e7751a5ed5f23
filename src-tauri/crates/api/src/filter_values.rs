//! Values for the filter, while it is typed.

use crate::desk::Desk;
use crate::trouble::Answer;
use quayside_store::Facet;
use serde::Serialize;
use specta::Type;

/// A value that a key of the filter may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct FilterValue {
    /// As it is typed.
    pub value: String,
    /// Open orders that have it, or parcels of that carrier; 0: none was seen.
    pub orders: i64,
    /// There may be more than that.
    pub at_least: bool,
}

/// Keys whose values the orders know.
const FACETS: [(&str, Facet); 6] = [
    ("tag", Facet::Tag),
    ("country", Facet::Country),
    ("sku", Facet::Sku),
    ("service", Facet::Service),
    ("warehouse", Facet::Warehouse),
    ("carrier", Facet::Carrier),
];

impl Desk {
    /// Values that what was typed behind a key could go on to, the most frequent of open orders first: a few of them, cheap
    /// enough for every key that is pressed. None for a key whose values are known without the orders.
    pub fn filter_values(&self, key: &str, typed: &str) -> Answer<Vec<FilterValue>> {
        let Some((_, facet)) = FACETS.iter().find(|(known, _)| *known == key) else { return Ok(Vec::new()) };
        let found = self.room()?.store.read(|r| r.frequent(*facet, typed))?;
        Ok(found
            .into_iter()
            .map(|(value, count)| FilterValue { value, orders: count.n as i64, at_least: !count.exact })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter;

    #[test]
    fn every_key_that_is_completed_is_a_filter() {
        for (key, _) in FACETS {
            // A country is two letters.
            let query = filter::read(&format!("{key}:de"));
            assert_eq!((query.parts.len(), query.hints), (1, Vec::new()), "{key}");
        }
    }
}
