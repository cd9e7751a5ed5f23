//! Amazon's usage plans: one bucket per operation, and how each answer corrects it.
//!
//! Rates and bursts are the defaults written in Amazon's models (August 2026). A
//! seller may have more: `x-amzn-RateLimit-Limit` on an answer says the rate in
//! force. Nothing says what is left, so it is counted here, and the counts outlive
//! a restart: a program that starts and searches at once would otherwise empty the
//! twenty calls of `searchOrders`, and then wait three minutes for each page.

use crate::BucketState;
use crate::wait::WAIT_MAX_MS;

/// An operation of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // named as Amazon names them
pub enum Op {
    SearchOrders,
    GetOrder,
    ConfirmShipment,
    Participations,
    CreateFeedDocument,
    CreateFeed,
    GetFeed,
    GetFeeds,
    GetFeedDocument,
    CreateReport,
    GetReport,
    GetReports,
    GetReportDocument,
    GetListing,
    PatchListing,
}

impl Op {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::SearchOrders,
        Self::GetOrder,
        Self::ConfirmShipment,
        Self::Participations,
        Self::CreateFeedDocument,
        Self::CreateFeed,
        Self::GetFeed,
        Self::GetFeeds,
        Self::GetFeedDocument,
        Self::CreateReport,
        Self::GetReport,
        Self::GetReports,
        Self::GetReportDocument,
        Self::GetListing,
        Self::PatchListing,
    ];

    /// Name of its bucket.
    pub const fn bucket(self) -> &'static str {
        match self {
            Self::SearchOrders => "searchOrders",
            Self::GetOrder => "getOrder",
            Self::ConfirmShipment => "confirmShipment",
            Self::Participations => "getMarketplaceParticipations",
            Self::CreateFeedDocument => "createFeedDocument",
            Self::CreateFeed => "createFeed",
            Self::GetFeed => "getFeed",
            Self::GetFeeds => "getFeeds",
            Self::GetFeedDocument => "getFeedDocument",
            Self::CreateReport => "createReport",
            Self::GetReport => "getReport",
            Self::GetReports => "getReports",
            Self::GetReportDocument => "getReportDocument",
            Self::GetListing => "getListingsItem",
            Self::PatchListing => "patchListingsItem",
        }
    }

    /// Calls per second in the long run, and calls at once.
    pub fn plan(self) -> (f64, f64) {
        match self {
            Self::SearchOrders => (0.0056, 20.0),
            Self::GetOrder => (0.5, 30.0),
            Self::ConfirmShipment => (2.0, 10.0),
            Self::Participations => (0.016, 15.0),
            Self::CreateFeedDocument => (0.5, 15.0),
            Self::CreateFeed => (0.0083, 15.0),
            Self::GetFeed | Self::GetReport => (2.0, 15.0),
            Self::GetFeeds | Self::GetReports | Self::GetFeedDocument => (0.0222, 10.0),
            Self::CreateReport | Self::GetReportDocument => (0.0167, 15.0),
            Self::GetListing => (5.0, 10.0),
            Self::PatchListing => (5.0, 5.0),
        }
    }
}

/// Full buckets, for an account that was never asked before.
pub fn defaults() -> Vec<BucketState> {
    Op::ALL
        .into_iter()
        .map(|op| {
            let (per_second, burst) = op.plan();
            BucketState {
                name: op.bucket().into(),
                unit: "calls".into(),
                capacity: burst,
                level: burst,
                per_second,
                window_ms: 0,
                window_ends_ms: 0,
                as_of_ms: 0,
                blocked_until_ms: 0,
            }
        })
        .collect()
}

/// The rate an answer names, calls per second.
pub fn rate_of(header: &str) -> Option<f64> {
    header.trim().parse::<f64>().ok().filter(|rate| rate.is_finite() && *rate > 0.0)
}

/// After "too many calls": how long until one call is allowed again, ms. `spread` (any number) keeps several
/// programs on one account from marching in step.
pub fn pause_ms(per_second: f64, spread: i64) -> i64 {
    let one_ms = if per_second > 0.0 { (1000.0 / per_second).ceil() as i64 } else { 60_000 };
    let one_ms = one_ms.min(WAIT_MAX_MS);
    one_ms + spread.rem_euclid(one_ms.clamp(1_000, 20_000) / 4 + 1) + 50
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_comes_back_every_179_seconds() {
        let (rate, _) = Op::SearchOrders.plan();
        assert_eq!((1.0 / rate).round() as i64, 179);
        assert!((178_000..190_000).contains(&pause_ms(rate, 123_456)));
        assert!(pause_ms(0.0, 0) >= 60_000);
        assert!(pause_ms(f64::MIN_POSITIVE, i64::MIN) < 2 * WAIT_MAX_MS, "a rate of nothing");
    }

    #[test]
    fn no_two_operations_share_a_bucket() {
        let mut names: Vec<_> = Op::ALL.iter().map(|op| op.bucket()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Op::ALL.len());
    }

    #[test]
    fn a_rate_is_read_or_left_alone() {
        assert_eq!(rate_of("0.0167"), Some(0.0167));
        for odd in ["", "fast", "-1", "0", "NaN"] {
            assert_eq!(rate_of(odd), None, "{odd}");
        }
    }
}
