//! What can be taken back for a while: tokens and what they stand for.
//!
//! Kept in memory only: after a restart the toast with its button is gone, too.

use quayside_model::time::MINUTE_MS;
use quayside_model::{Choices, EffectId, ExceptionId, GoodsHere, OrderId};
use std::collections::BTreeMap;

/// How long a token lives. The toast shows ten seconds; a slow hand and a click in the history get more.
pub const LIVES_MS: i64 = 10 * MINUTE_MS;
/// More than a person can have in mind.
const MAX: usize = 50;

/// One thing to put back.
#[derive(Debug, Clone, PartialEq)]
pub enum Back {
    /// The choices of an order as they were.
    Choices(OrderId, Box<Choices>),
    /// An exception that was put away or settled is open again.
    Reopen(ExceptionId),
    /// An exception goes back to whoever looked after it.
    Assignee(ExceptionId, String),
    /// An effect that was given up is planned again.
    Revive(EffectId),
    /// Goods of a return that a person said are here.
    Goods(OrderId, Box<GoodsHere>),
    /// A count that was adjusted, of this SKU, gets the same units the other way round.
    Adjusted {
        /// The SKU, as names are compared.
        sku: String,
        /// The change.
        effect: EffectId,
    },
}

/// Something that was done and can be taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct Undo {
    /// What it was, for the sentence ("Held 3 orders").
    pub what: String,
    /// All that has to be put back.
    pub backs: Vec<Back>,
    /// Dies then, ms UTC.
    pub until_ms: i64,
}

/// All tokens that live.
#[derive(Debug, Default)]
pub struct Shelf {
    entries: BTreeMap<String, Undo>,
}

impl Shelf {
    /// Keeps something; `None` when there is nothing to put back.
    pub fn keep(&mut self, token: String, what: &str, backs: Vec<Back>, now_ms: i64) -> Option<String> {
        if backs.is_empty() {
            return None;
        }
        self.entries.retain(|_, undo| undo.until_ms > now_ms);
        while self.entries.len() >= MAX {
            let oldest = self.entries.iter().min_by_key(|(_, undo)| undo.until_ms).map(|(token, _)| token.clone())?;
            self.entries.remove(&oldest);
        }
        self.entries.insert(token.clone(), Undo { what: what.to_owned(), backs, until_ms: now_ms + LIVES_MS });
        Some(token)
    }

    /// Takes something off the shelf; a token works once.
    pub fn take(&mut self, token: &str, now_ms: i64) -> Option<Undo> {
        self.entries.remove(token).filter(|undo| undo.until_ms > now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_works_once_and_not_for_ever() {
        let mut shelf = Shelf::default();
        let back = || vec![Back::Reopen(ExceptionId(1))];
        assert_eq!(shelf.keep("empty".into(), "", vec![], 0), None);
        shelf.keep("a".into(), "Snoozed 1", back(), 0);
        assert_eq!(shelf.take("a", 1).map(|undo| undo.what), Some("Snoozed 1".to_owned()));
        assert_eq!(shelf.take("a", 1), None);
        shelf.keep("b".into(), "", back(), 0);
        assert_eq!(shelf.take("b", LIVES_MS), None);
    }

    #[test]
    fn the_shelf_stays_short() {
        let mut shelf = Shelf::default();
        for n in 0..200 {
            shelf.keep(format!("{n:03}"), "", vec![Back::Reopen(ExceptionId(n))], n);
        }
        assert_eq!(shelf.entries.len(), MAX);
        assert!(shelf.take("199", 200).is_some() && shelf.take("000", 200).is_none());
    }
}
