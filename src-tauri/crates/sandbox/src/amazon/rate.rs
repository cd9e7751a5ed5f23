//! Amazon's usage plans: a bucket per operation, with the defaults of its models.

use crate::Meter;
use std::collections::BTreeMap;

/// (operation, calls per second, calls at once)
const PLANS: &[(&str, f64, f64)] = &[
    ("searchOrders", 0.0056, 20.0),
    ("getOrder", 0.5, 30.0),
    ("confirmShipment", 2.0, 10.0),
    ("getMarketplaceParticipations", 0.016, 15.0),
    ("createFeedDocument", 0.5, 15.0),
    ("createFeed", 0.0083, 15.0),
    ("getFeed", 2.0, 15.0),
    ("getFeeds", 0.0222, 10.0),
    ("getFeedDocument", 0.0222, 10.0),
    ("createReport", 0.0167, 15.0),
    ("getReport", 2.0, 15.0),
    ("getReports", 0.0222, 10.0),
    ("getReportDocument", 0.0167, 15.0),
    ("getListingsItem", 5.0, 10.0),
    ("patchListingsItem", 5.0, 5.0),
];

/// All buckets of one account and app.
#[derive(Debug)]
pub struct Rates {
    /// Operation → (level, as of ms UTC).
    levels: BTreeMap<&'static str, (f64, i64)>,
    /// Calls refused so far.
    pub refused: u32,
    /// Calls of something that is not served: retired, unreleased, or none of a merchant's business.
    pub strange: u32,
    /// Calls let through so far, by operation.
    pub calls: BTreeMap<&'static str, u32>,
}

impl Rates {
    /// Full buckets.
    pub fn new(now_ms: i64) -> Self {
        Self {
            levels: PLANS.iter().map(|(name, _, burst)| (*name, (*burst, now_ms))).collect(),
            refused: 0,
            strange: 0,
            calls: BTreeMap::new(),
        }
    }

    /// What it counts: each operation for itself.
    pub fn meters(&self) -> Vec<Meter> {
        let spent = |name| self.calls.get(name).copied().map_or(0.0, f64::from);
        PLANS
            .iter()
            .map(|(name, rate, burst)| Meter {
                name: (*name).to_owned(),
                spent: spent(name),
                per_s: *rate,
                burst: *burst,
            })
            .collect()
    }

    /// Takes one call out. The rate, if there is room; `None` if not.
    pub fn take(&mut self, operation: &'static str, now_ms: i64) -> Option<f64> {
        let (_, rate, burst) = PLANS.iter().find(|(name, ..)| *name == operation)?;
        let (level, as_of_ms) = self.levels.get_mut(operation)?;
        let elapsed_s = (now_ms - *as_of_ms).max(0) as f64 / 1000.0;
        *level = (*level + elapsed_s * rate).min(*burst);
        *as_of_ms = now_ms;
        // Amazon's clocks and a client's need not agree to the millisecond.
        if *level < 0.999 {
            self.refused += 1;
            return None;
        }
        *level -= 1.0;
        *self.calls.entry(operation).or_default() += 1;
        Some(*rate)
    }
}
