//! Rate buckets: how much of a platform's allowance is left, learned from its answers.
//!
//! The person's click may use everything; writes leave a little for it, polls
//! leave a little for writes, backfill leaves a lot. What is left when a window ends
//! is lost, so shortly before that a poll may have what it left until then. Buckets
//! are persisted, so a restart does not forget what was spent.

use crate::wait::later;
use serde::{Deserialize, Serialize};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// For so long before a window ends a poll may use what it left to others until then, ms: nobody came for it, and the
/// next window has all of it again. Whoever clicks in between waits no longer than this.
const LAST_MS: i64 = 15_000;

/// Whose call it is. Earlier ones may use what later ones must leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Somebody waits at the screen.
    Person,
    /// An effect.
    Write,
    /// A scheduled read.
    Poll,
    /// History.
    Backfill,
}

impl Priority {
    /// Share of the bucket this priority must leave untouched.
    pub fn reserve(self) -> f64 {
        match self {
            Self::Person => 0.0,
            // One of forty calls a minute: enough for a click, and a backlog loses nothing worth speaking of.
            Self::Write => 0.025,
            Self::Poll => 0.15,
            Self::Backfill => 0.5,
        }
    }
}

/// One allowance. Two shapes cover all platforms: it refills steadily
/// (`per_second > 0`), or all at once when a window ends (`window_ms > 0`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BucketState {
    /// Which calls share it (`graphql`, `v1`).
    pub name: String,
    /// For people ("calls", "points").
    pub unit: String,
    /// Most it can hold.
    pub capacity: f64,
    /// What is left as of `as_of_ms`.
    pub level: f64,
    /// Steady refill.
    pub per_second: f64,
    /// Length of a fixed window; 0 for steady buckets.
    pub window_ms: i64,
    /// When the current window ends, ms UTC; 0 for steady buckets.
    pub window_ends_ms: i64,
    /// When `level` was true, ms UTC.
    pub as_of_ms: i64,
    /// The platform said: nothing before this moment, ms UTC.
    pub blocked_until_ms: i64,
}

impl BucketState {
    /// What is left at `now_ms`.
    pub fn level_at(&self, now_ms: i64) -> f64 {
        if self.window_ms > 0 {
            return if now_ms >= self.window_ends_ms { self.capacity } else { self.level };
        }
        let elapsed_s = (now_ms - self.as_of_ms).max(0) as f64 / 1000.0;
        (self.level + elapsed_s * self.per_second).min(self.capacity)
    }

    /// Earliest moment at which `cost` may be spent by `priority`, ms UTC; `now_ms` if at once.
    pub fn ready_at(&self, cost: f64, priority: Priority, now_ms: i64) -> i64 {
        let floor = self.capacity * priority.reserve();
        // A call that costs more than the bucket may ever hold goes when it is full.
        let need = (cost + floor).min(self.capacity);
        let level = self.level_at(now_ms);
        let by_level = if level + 1e-9 >= need {
            now_ms
        } else if self.window_ms > 0 {
            self.let_go_at(level - cost, floor, priority).max(now_ms)
        } else if self.per_second > 0.0 {
            later(now_ms, (((need - level) / self.per_second) * 1000.0).ceil() as i64)
        } else {
            now_ms + 60_000
        };
        by_level.max(self.blocked_until_ms)
    }

    /// When a window that has `spare` beyond a call lets it go to `priority`, which leaves `floor` to others: to polls bit
    /// by bit before it ends, to anybody else with the next one, ms UTC.
    fn let_go_at(&self, spare: f64, floor: f64, priority: Priority) -> i64 {
        if priority != Priority::Poll || spare < 0.0 || floor <= 0.0 {
            return self.window_ends_ms;
        }
        let last_ms = (self.window_ms / 4).min(LAST_MS);
        self.window_ends_ms - (last_ms as f64 * (spare / floor).min(1.0)).floor() as i64
    }

    /// The computer's clock was set back by so much, to `now_ms`: what was noted by the old clock moves along.
    /// A bucket that was noted since is right as it is.
    fn set_back(&mut self, by_ms: i64, now_ms: i64) {
        if self.as_of_ms > now_ms {
            self.as_of_ms -= by_ms;
            self.window_ends_ms -= by_ms.min(self.window_ends_ms);
            self.blocked_until_ms -= by_ms.min(self.blocked_until_ms);
        }
    }
}

/// All buckets of one connection.
#[derive(Debug, Default)]
pub struct Budget {
    buckets: Mutex<Vec<BucketState>>,
    /// A call was not made for want of allowance, and nobody asked yet.
    turned_away: AtomicBool,
}

impl Budget {
    /// From what was persisted, completed by the connector's defaults.
    pub fn new(persisted: Vec<BucketState>, defaults: Vec<BucketState>) -> Self {
        let mut buckets = persisted;
        for default in defaults {
            if !buckets.iter().any(|bucket| bucket.name == default.name) {
                buckets.push(default);
            }
        }
        Self { buckets: Mutex::new(buckets), turned_away: AtomicBool::new(false) }
    }

    fn with<T>(&self, name: &str, f: impl FnOnce(&mut BucketState) -> T) -> Option<T> {
        let mut buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        buckets.iter_mut().find(|bucket| bucket.name == name).map(f)
    }

    /// Takes `cost` out, or says when it can be taken. An unknown bucket never refuses.
    pub fn spend(&self, name: &str, cost: f64, priority: Priority, now_ms: i64) -> Result<(), i64> {
        let spent = self.with(name, |bucket| {
            let ready_at_ms = bucket.ready_at(cost, priority, now_ms);
            if ready_at_ms > now_ms {
                return Err(ready_at_ms);
            }
            let level = bucket.level_at(now_ms);
            if bucket.window_ms > 0 && now_ms >= bucket.window_ends_ms {
                bucket.window_ends_ms = later(now_ms, bucket.window_ms);
            }
            bucket.level = level - cost;
            bucket.as_of_ms = now_ms;
            Ok(())
        });
        let spent = spent.unwrap_or(Ok(()));
        if spent.is_err() {
            self.turned_away.store(true, Ordering::Relaxed);
        }
        spent
    }

    /// Whether `cost` could be taken out now, without taking it: asked before calls that only lead up to a dear one.
    pub fn may(&self, name: &str, cost: f64, priority: Priority, now_ms: i64) -> Result<(), i64> {
        let ready_at_ms = self.with(name, |bucket| bucket.ready_at(cost, priority, now_ms)).unwrap_or(now_ms);
        if ready_at_ms > now_ms {
            self.turned_away.store(true, Ordering::Relaxed);
            return Err(ready_at_ms);
        }
        Ok(())
    }

    /// Whether a call was not made for want of allowance since this was last asked. Whoever comes next with the same
    /// kind of work would be turned away too.
    pub fn turned_away(&self) -> bool {
        self.turned_away.swap(false, Ordering::Relaxed)
    }

    /// Corrects a bucket by what the platform's answer says.
    pub fn learn(&self, name: &str, f: impl FnOnce(&mut BucketState)) {
        self.with(name, f);
    }

    /// See [`BucketState::set_back`], for all of them.
    pub fn clock_set_back(&self, by_ms: i64, now_ms: i64) {
        let mut buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for bucket in buckets.iter_mut() {
            bucket.set_back(by_ms, now_ms);
        }
    }

    /// For the store and the screens.
    pub fn snapshot(&self) -> Vec<BucketState> {
        self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(level: f64) -> BucketState {
        BucketState {
            name: "v1".into(),
            unit: "calls".into(),
            capacity: 40.0,
            level,
            per_second: 0.0,
            window_ms: 60_000,
            window_ends_ms: 60_000,
            as_of_ms: 0,
            blocked_until_ms: 0,
        }
    }

    #[test]
    fn a_poll_leaves_room_for_a_person() {
        for (level, priority, ready_at_ms) in [
            (40.0, Priority::Poll, 1_000),
            // Five of the six that it leaves are enough for others in the last 12.5 s, none of them at the end.
            (6.0, Priority::Poll, 47_500),
            (1.0, Priority::Poll, 60_000),
            (0.5, Priority::Poll, 60_000),
            (6.0, Priority::Backfill, 60_000),
            (6.0, Priority::Write, 1_000),
            (1.0, Priority::Write, 60_000),
            (1.0, Priority::Person, 1_000),
            (0.0, Priority::Person, 60_000),
        ] {
            assert_eq!(window(level).ready_at(1.0, priority, 1_000), ready_at_ms, "{level} {priority:?}");
        }
    }

    /// A long list uses nearly all of what is allowed, window after window, and a click is still served in time.
    #[test]
    fn a_long_scan_leaves_nothing_to_waste() {
        // Calls in a window, its length, how long a call takes; ms.
        for (calls, window_ms, takes_ms) in [(40.0, 60_000, 100), (200.0, 60_000, 100), (150.0, 30_000, 90)] {
            let bucket = BucketState { capacity: calls, level: calls, window_ms, window_ends_ms: 0, ..window(0.0) };
            let budget = Budget::new(vec![], vec![bucket]);
            let (mut now_ms, mut spent) = (0, 0.0);
            while now_ms < 10 * window_ms {
                match budget.spend("v1", 1.0, Priority::Poll, now_ms) {
                    Ok(()) => {
                        spent += 1.0;
                        now_ms += takes_ms;
                    }
                    Err(at_ms) => {
                        assert!(at_ms > now_ms, "waits for the past");
                        let early = budget.snapshot()[0].window_ends_ms - now_ms > LAST_MS;
                        let clicked = budget.may("v1", 1.0, Priority::Person, now_ms);
                        assert!(!early || clicked.is_ok(), "a click waits at {now_ms}");
                        now_ms = at_ms;
                    }
                }
            }
            let share = spent / (10.0 * calls);
            assert!((0.95..=1.0).contains(&share), "{calls} in {window_ms} ms: {share}");
        }
    }

    #[test]
    fn a_steady_bucket_says_to_the_millisecond_when() {
        let bucket = BucketState {
            capacity: 2000.0,
            level: 10.0,
            per_second: 100.0,
            window_ms: 0,
            window_ends_ms: 0,
            ..window(0.0)
        };
        assert_eq!(bucket.ready_at(110.0, Priority::Person, 0), 1_000);
        assert_eq!(bucket.ready_at(5.0, Priority::Person, 0), 0);
    }

    #[test]
    fn a_bucket_that_hardly_fills_is_looked_at_again_after_a_day() {
        let bucket = BucketState { window_ms: 0, window_ends_ms: 0, per_second: f64::MIN_POSITIVE, ..window(0.0) };
        assert_eq!(bucket.ready_at(1.0, Priority::Person, 5), 5 + crate::wait::WAIT_MAX_MS);
        let budget = Budget::new(vec![], vec![BucketState { window_ms: i64::MAX, ..window(2.0) }]);
        assert_eq!(budget.spend("v1", 1.0, Priority::Person, 60_000), Ok(()));
    }

    /// Six hours back, a window of a minute would have stayed shut for six hours.
    #[test]
    fn a_clock_set_back_does_not_shut_a_bucket() {
        let hour = 3_600_000;
        let budget = Budget::new(vec![], vec![BucketState { window_ends_ms: 0, ..window(1.0) }]);
        assert_eq!(budget.spend("v1", 40.0, Priority::Person, 9 * hour), Ok(()));
        budget.clock_set_back(6 * hour, 3 * hour + 10_000);
        assert_eq!(budget.spend("v1", 1.0, Priority::Person, 3 * hour + 10_000), Err(3 * hour + 60_000));
        // Once noted by the new clock, nothing moves again.
        assert_eq!(budget.spend("v1", 1.0, Priority::Person, 3 * hour + 60_000), Ok(()));
        let before = budget.snapshot();
        budget.clock_set_back(6 * hour, 3 * hour + 60_000);
        assert_eq!(budget.snapshot(), before);
    }

    #[test]
    fn spending_is_remembered() {
        let budget = Budget::new(vec![], vec![window(2.0)]);
        assert_eq!(budget.spend("v1", 1.0, Priority::Person, 0), Ok(()));
        assert_eq!(budget.spend("v1", 1.0, Priority::Person, 0), Ok(()));
        assert!(!budget.turned_away());
        assert_eq!(budget.spend("v1", 1.0, Priority::Person, 0), Err(60_000));
        assert_eq!(budget.spend("v1", 1.0, Priority::Person, 60_000), Ok(()));
        assert!(budget.turned_away());
        assert!(!budget.turned_away(), "told once");
        let level = budget.snapshot()[0].level;
        assert_eq!(budget.may("v1", 1.0, Priority::Person, 60_000), Ok(()));
        assert!(budget.may("v1", 40.0, Priority::Person, 60_000).is_err() && budget.turned_away());
        assert!((budget.snapshot()[0].level - level).abs() < 1e-9, "asking takes nothing");
        assert!((budget.snapshot()[0].level - 39.0).abs() < 1e-9);
    }
}
