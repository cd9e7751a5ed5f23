//! The leaky bucket of query points: one per app and store.

use crate::Meter;
use serde_json::{Value as Json, json};

/// Points an app may spend.
#[derive(Debug, Clone)]
pub struct Bucket {
    max: f64,
    restore_per_s: f64,
    available: f64,
    at_ms: i64,
    /// Points taken since it was made and not given back.
    spent: f64,
}

impl Bucket {
    /// A full bucket.
    pub fn new(max: f64, restore_per_s: f64, now_ms: i64) -> Self {
        Self { max, restore_per_s, available: max, at_ms: now_ms, spent: 0.0 }
    }

    fn refill(&mut self, now_ms: i64) {
        let passed_s = (now_ms - self.at_ms).max(0) as f64 / 1000.0;
        self.available = (self.available + passed_s * self.restore_per_s).min(self.max);
        self.at_ms = self.at_ms.max(now_ms);
    }

    /// Takes points if they are there.
    pub fn take(&mut self, points: u64, now_ms: i64) -> bool {
        self.refill(now_ms);
        let enough = self.available >= points as f64;
        if enough {
            self.available -= points as f64;
            self.spent += points as f64;
        }
        enough
    }

    /// Gives back what was reserved and not used.
    pub fn give_back(&mut self, points: u64) {
        self.spent -= points as f64;
        self.available = (self.available + points as f64).min(self.max);
    }

    /// Somebody else with the same app used it up.
    pub fn drain(&mut self, now_ms: i64) {
        self.refill(now_ms);
        self.available = self.available.min(1.0);
    }

    /// What it counts.
    pub fn meter(&self) -> Meter {
        Meter { name: "points".to_owned(), spent: self.spent, per_s: self.restore_per_s, burst: self.max }
    }

    /// `throttleStatus`.
    pub fn status(&mut self, now_ms: i64) -> Json {
        self.refill(now_ms);
        json!({ "maximumAvailable": self.max, "currentlyAvailable": self.available.floor() as i64, "restoreRate": self.restore_per_s })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_come_back_with_time_and_never_above_the_rim() {
        let mut bucket = Bucket::new(1000.0, 50.0, 0);
        assert!(bucket.take(900, 0));
        assert!(!bucket.take(200, 1_000), "150 are there");
        assert!(bucket.take(200, 2_000), "200 are there");
        assert!((bucket.meter().spent - 1100.0).abs() < 1e-9, "what was refused costs nothing");
        bucket.give_back(5_000);
        assert_eq!(bucket.status(2_000)["currentlyAvailable"], 1000);
    }
}
