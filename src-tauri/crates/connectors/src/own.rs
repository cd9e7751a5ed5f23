//! Whose a value of a customer is: the desk's own, as it last wrote it and nobody changed it since, or people's. Pure.
//!
//! The account does not say who filled a field, so the desk remembers what it put there: no value, only a word that tells
//! it from any other. The word cannot be read back, but whoever has the file, which is encrypted, and the customer's id can
//! try values until one fits. What it does not remember (an older version wrote it, or an answer was lost) is people's: at worst a
//! change is not carried, and nobody's word is written over.

use crate::whom::folded;
use quayside_model::Written;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What stands in a field, beside what is to be written there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Own {
    /// Nothing: it is filled.
    Empty,
    /// The same, whoever wrote it.
    Same,
    /// What the desk wrote last: it follows.
    Ours,
    /// Anything else: it stays.
    Theirs,
}

/// The word of a value in a field of a customer.
pub(crate) fn word(customer: &str, place: &str, text: &str) -> String {
    let whole = format!("{customer}\n{place}\n{}", folded(text));
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, whole.as_bytes()).simple().to_string()
}

/// Whose it is what stands `there`.
pub(crate) fn own(written: Option<&Written>, customer: &str, place: &str, there: &str, wanted: &str) -> Own {
    if there.trim().is_empty() {
        Own::Empty
    } else if folded(there) == folded(wanted) {
        Own::Same
    } else if is_known(written, customer, place, there) {
        Own::Ours
    } else {
        Own::Theirs
    }
}

/// The desk put exactly this there last.
pub(crate) fn is_known(written: Option<&Written>, customer: &str, place: &str, text: &str) -> bool {
    written.and_then(|written| written.fields.get(place)).is_some_and(|known| *known == word(customer, place, text))
}

/// A value as text; a yes or no is the same in a text as in a checkbox.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.eq_ignore_ascii_case("yes") => "true".to_owned(),
        Value::String(text) if text.eq_ignore_ascii_case("no") => "false".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What was written since somebody asked.
#[derive(Default)]
pub(crate) struct Said(Mutex<BTreeMap<String, Written>>);

impl Said {
    /// Adds fields of a customer.
    pub fn put(&self, new: Written) {
        let Written { customer, fields } = new;
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = said.entry(customer.clone()).or_insert_with(|| Written { customer, fields: BTreeMap::new() });
        kept.fields.extend(fields);
    }

    /// All of it, once.
    pub fn take(&self) -> Vec<Written> {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *said).into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_desk_wrote_last_is_its_own_until_somebody_changes_it() {
        let fields = BTreeMap::from([("Phone".to_owned(), word("c1", "Phone", "040 1"))]);
        let written = Written { customer: "c1".into(), fields };
        for (customer, place, there, wanted, expected) in [
            ("c1", "Phone", "", "040 2", Own::Empty),
            ("c1", "Phone", " ", "040 2", Own::Empty),
            ("c1", "Phone", "040  1", "040 2", Own::Ours),
            ("c1", "Phone", "040 2", "040 2", Own::Same),
            ("c1", "Phone", "040 3", "040 2", Own::Theirs),
            // Somebody else's word, or another field's, says nothing.
            ("c2", "Phone", "040 1", "040 2", Own::Theirs),
            ("c1", "Mobile", "040 1", "040 2", Own::Theirs),
        ] {
            assert_eq!(own(Some(&written), customer, place, there, wanted), expected, "{customer} {place} {there}");
        }
        assert_eq!(own(None, "c1", "Phone", "040 1", "040 2"), Own::Theirs, "nobody remembers");
    }

    #[test]
    fn what_was_written_is_told_once() {
        let said = Said::default();
        for place in ["a", "b"] {
            let fields = BTreeMap::from([(place.to_owned(), "word".to_owned())]);
            said.put(Written { customer: "c1".into(), fields });
        }
        let told = said.take();
        assert_eq!((told.len(), told[0].fields.len()), (1, 2));
        assert!(said.take().is_empty());
    }
}
