//! What goes wrong besides single exchanges and deaths in the middle of waiting, drawn by the seed: spells of an account, a
//! store that fails, a process that dies in a write, hands of a clock.
//!
//! All of it is data, drawn before it happens, from a stream of chance of its own: a seed without these kinds lives the life
//! it always lived.

use crate::faults::{Faults, Kind};
use quayside_model::time::{HOUR_MS, MINUTE_MS};
use quayside_sandbox::{Fault, Spell};
use quayside_store::{Dying, InjectedFailure};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// What an account may suffer from for long.
const LONG: [Fault; 5] = [Fault::Throttled, Fault::Slow, Fault::ServerError, Fault::Html, Fault::LostBeforeCommit];
/// How a store fails.
const FAILURES: [InjectedFailure; 4] =
    [InjectedFailure::DiskFull, InjectedFailure::Busy, InjectedFailure::Io, InjectedFailure::SaidNot];
/// Nobody sets a clock more wrong than this without noticing.
const WRONG_MS: i64 = 26 * HOUR_MS;
/// A process dies within so many writes.
const WRITES: u64 = 2_000;

/// Something that happens while the program is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// The next so many writes fail.
    Store(InjectedFailure, usize),
    /// The clock is so wrong from now on, ms; 0: somebody sets it right.
    Hands(i64),
}

/// What happens in one life of the process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Course {
    /// It dies in this write.
    pub death: Option<(u64, Dying)>,
    /// What happens so many ms after its beginning, in the order of time.
    pub acts: Vec<(i64, Act)>,
}

impl Course {
    /// Leaves out what may not happen. Who sets the clock wrong and who sets it right are one.
    pub(crate) fn keep(&mut self, may: &dyn Fn(&dyn Fn() -> String) -> bool) {
        if let Some((nth, moment)) = self.death
            && !may(&|| format!("the process dies in write {nth} of its life, {moment:?} the commit"))
        {
            self.death = None;
        }
        let wrong: Vec<(i64, Act)> =
            self.acts.iter().filter(|(_, act)| !matches!(act, Act::Hands(0))).copied().collect();
        for (at_ms, act) in wrong {
            if may(&|| format!("{act:?}, {} s into a life", at_ms / 1_000)) {
                continue;
            }
            let hands = matches!(act, Act::Hands(_));
            self.acts.retain(|one| *one != (at_ms, act) && !(hands && one.1 == Act::Hands(0)));
        }
    }

    /// Somebody touches the clock in it.
    pub(crate) fn moves_hands(&self) -> bool {
        self.acts.iter().any(|(_, act)| matches!(act, Act::Hands(_)))
    }
}

/// The stream of chance they are drawn from.
pub(crate) struct Mishaps {
    faults: Faults,
    rng: SmallRng,
}

impl Mishaps {
    pub(crate) fn new(seed: u64, faults: Faults) -> Self {
        Self { faults, rng: SmallRng::seed_from_u64(seed ^ 0x0315_4a95) }
    }

    /// What the accounts suffer from between two moments. All of it is over before the end.
    pub(crate) fn spells(&mut self, accounts: &[String], from_ms: i64, until_ms: i64) -> Vec<Spell> {
        let mut spells = Vec::new();
        let days = (until_ms - from_ms) / (24 * HOUR_MS);
        if accounts.is_empty() || until_ms - from_ms < HOUR_MS {
            return spells;
        }
        if self.faults.has(Kind::Spell) {
            for _ in 0..=days / 2 {
                let fault = LONG[self.rng.random_range(0..LONG.len())];
                // Five minutes to five hours. Who is told to slow down asks again within seconds: a storm is an hour or so,
                // which is thousands of requests.
                let doublings = if fault == Fault::Throttled { 4 } else { 6 };
                let minutes = 5_i64 << self.rng.random_range(0..doublings);
                let long_ms = minutes * MINUTE_MS + self.rng.random_range(0..minutes * MINUTE_MS);
                let share = self.rng.random_range(0.5..=1.0);
                spells.push(self.spell(accounts, fault, share, long_ms, (from_ms, until_ms)));
            }
        }
        if self.faults.has(Kind::Revoked) && self.rng.random_range(0..3) > 0 {
            let long_ms = self.rng.random_range(HOUR_MS..10 * HOUR_MS);
            spells.push(self.spell(accounts, Fault::Revoked, 1.0, long_ms, (from_ms, until_ms)));
        }
        spells
    }

    fn spell(&mut self, accounts: &[String], fault: Fault, share: f64, long_ms: i64, within: (i64, i64)) -> Spell {
        let account = accounts[self.rng.random_range(0..accounts.len())].clone();
        let from_ms = self.rng.random_range(within.0..within.1);
        Spell { account, fault, from_ms, until_ms: (from_ms + long_ms).min(within.1), share }
    }

    /// What happens in a life that lasts so long.
    pub(crate) fn life(&mut self, life_ms: i64) -> Course {
        let mut course = Course::default();
        if life_ms < 2 {
            return course;
        }
        if self.faults.has(Kind::StoreDeath) && self.rng.random_bool(0.5) {
            // Early deaths are as likely as late ones: the first writes of a process are special.
            let within = self.rng.random_range(1..=WRITES);
            let moment = if self.rng.random_bool(0.5) { Dying::Before } else { Dying::After };
            course.death = Some((self.rng.random_range(1..=within), moment));
        }
        if self.faults.has(Kind::StoreError) && self.rng.random_bool(0.5) {
            for _ in 0..self.rng.random_range(1..=3) {
                let failure = FAILURES[self.rng.random_range(0..FAILURES.len())];
                // Whoever is told wrongly is told so now and then, not for minutes.
                let most = if failure == InjectedFailure::SaidNot { 2 } else { 50 };
                let times = self.rng.random_range(1..=most);
                course.acts.push((self.rng.random_range(1..life_ms), Act::Store(failure, times)));
            }
        }
        if self.faults.has(Kind::Hands) && self.rng.random_bool(0.25) {
            let far_ms = if self.rng.random_bool(0.5) { 30 * MINUTE_MS } else { WRONG_MS };
            let wrong_ms = self.rng.random_range(-far_ms..=far_ms);
            let at_ms = self.rng.random_range(1..life_ms);
            course.acts.push((at_ms, Act::Hands(wrong_ms)));
            course.acts.push((self.rng.random_range(at_ms..=life_ms), Act::Hands(0)));
        }
        course.acts.sort_by_key(|(at_ms, _)| *at_ms);
        course
    }

    /// Whether another tool uses the hub's key, too, and how many of its calls a minute.
    pub(crate) fn calls_by_others(&mut self) -> u32 {
        let some = self.faults.has(Kind::OtherTool) && self.rng.random_range(0..3) == 0;
        if some { self.rng.random_range(4..=20) } else { 0 }
    }

    /// How long nobody starts the program again after it died in a write, ms.
    pub(crate) fn nap_ms(&mut self) -> i64 {
        if self.rng.random_bool(0.5) {
            self.rng.random_range(1_000..5_000)
        } else {
            self.rng.random_range(1_000..20 * MINUTE_MS)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 24 * HOUR_MS;

    #[test]
    fn a_seed_draws_the_same_twice_and_nothing_of_kinds_it_lacks() {
        let accounts = ["a".to_owned(), "b".to_owned()];
        let draw = |faults| {
            let mut mishaps = Mishaps::new(7, faults);
            let spells = mishaps.spells(&accounts, 0, 7 * DAY_MS);
            let lives: Vec<Course> = (0..20).map(|_| mishaps.life(9 * HOUR_MS)).collect();
            (mishaps.calls_by_others(), spells, lives)
        };
        assert_eq!(draw(Faults::ALL), draw(Faults::ALL));
        assert!(!draw(Faults::ALL).1.is_empty());
        assert_eq!(draw(Faults::WIRE_AND_DEATHS), (0, vec![], vec![Course::default(); 20]));
    }

    #[test]
    fn everything_is_drawn_and_everything_ends() {
        let accounts = ["a".to_owned()];
        let (mut deaths, mut failures, mut hands, mut faults) = (0, 0, 0, Vec::new());
        for seed in 0..200 {
            let mut mishaps = Mishaps::new(seed, Faults::ALL);
            for spell in mishaps.spells(&accounts, 1_000, 2 * DAY_MS) {
                assert!((1_000..2 * DAY_MS).contains(&spell.from_ms) && spell.until_ms <= 2 * DAY_MS, "{spell:?}");
                if !faults.contains(&spell.fault) {
                    faults.push(spell.fault);
                }
            }
            let course = mishaps.life(HOUR_MS);
            deaths += usize::from(course.death.is_some());
            hands += usize::from(course.moves_hands());
            failures += course.acts.iter().filter(|(_, act)| matches!(act, Act::Store(..))).count();
            assert!(course.acts.is_sorted_by_key(|(at_ms, _)| *at_ms), "{course:?}");
            if course.moves_hands() {
                let last = course.acts.iter().rev().find(|(_, act)| matches!(act, Act::Hands(_)));
                assert_eq!(last.map(|(_, act)| *act), Some(Act::Hands(0)), "{course:?}");
            }
        }
        assert!(deaths > 50 && failures > 100 && hands > 20, "{deaths}, {failures}, {hands}");
        assert_eq!(faults.len(), LONG.len() + 1, "{faults:?}");
    }
}
