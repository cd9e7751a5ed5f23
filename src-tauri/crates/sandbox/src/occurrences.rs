//! What went wrong in a run, one by one: each thing has a number, in the order in which they came about, so that a failing
//! run can be tried with fewer and fewer of them.

use serde::{Deserialize, Serialize};

/// More are counted and not described.
const DESCRIBED_MAX: usize = 400;

/// Which of them may happen, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Only {
    /// The first one.
    pub first: u32,
    /// The last one.
    pub last: u32,
    /// Of the first 64 from there on those that may not: a bit each.
    pub spared: u64,
}

impl Default for Only {
    fn default() -> Self {
        Self::ALL
    }
}

impl Only {
    /// All of them.
    pub const ALL: Self = Self { first: 0, last: u32::MAX, spared: 0 };
    /// So many from [`Self::first`] on can be left out one by one.
    pub const BITS: u32 = u64::BITS;

    /// Whether the one with this number may.
    pub fn has(self, n: u32) -> bool {
        let spared =
            n.checked_sub(self.first).filter(|at| *at < Self::BITS).is_some_and(|at| (self.spared >> at) & 1 == 1);
        (self.first..=self.last).contains(&n) && !spared
    }
}

/// Counts them, and says which may happen.
#[derive(Debug, Default)]
pub struct Occurrences {
    /// Which may.
    pub only: Only,
    n: u32,
    happened: Vec<String>,
}

impl Occurrences {
    /// The next thing is about to go wrong. Whether it may; then `what` stands in the story.
    pub fn may(&mut self, what: impl FnOnce() -> String) -> bool {
        let n = self.n;
        self.n = n.saturating_add(1);
        let may = self.only.has(n);
        if may && self.happened.len() < DESCRIBED_MAX {
            self.happened.push(format!("{n}: {}", what()));
        }
        may
    }

    /// How many came about, those that were not allowed to happen included.
    pub fn n(&self) -> u32 {
        self.n
    }

    /// What happened, by number: the first of it, if there is much.
    pub fn happened(&self) -> &[String] {
        &self.happened
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_meant_happens() {
        let only = Only { first: 3, last: 6, spared: 0b10 };
        let cases =
            [(0, false), (2, false), (3, true), (4, false), (5, true), (6, true), (7, false), (u32::MAX, false)];
        for (n, may) in cases {
            assert_eq!(only.has(n), may, "{n}");
        }
        assert!(Only::ALL.has(0) && Only::ALL.has(u32::MAX));
        // What stands behind the last bit is not spared by it.
        let far = Only { spared: u64::MAX, ..Only::ALL };
        assert!(!far.has(63) && far.has(64));
    }

    #[test]
    fn each_has_a_number_whether_it_happens_or_not() {
        let mut all = Occurrences { only: Only { first: 1, last: 1, spared: 0 }, ..Occurrences::default() };
        let may: Vec<bool> = (0..3).map(|n| all.may(|| format!("the {n}th"))).collect();
        assert_eq!((may, all.n(), all.happened()), (vec![false, true, false], 3, ["1: the 1th".to_owned()].as_slice()));
    }
}
