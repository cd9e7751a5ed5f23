//! How long a line of changes takes at the platform's rate.
//!
//! A platform declares what each change takes of its allowances, the looks before and after it included
//! ([`quayside_model::Price`]); the scarcest of them says how long the line takes. Held to what really happens by
//! `simulator/tests/traffic.rs`.

use crate::{BucketState, Priority};
use quayside_model::{Declaration, IntentKind};
use std::collections::BTreeMap;

/// Points of a metered API that a change takes where nothing is declared.
const POINTS: f64 = 10.0;

/// Seconds until so many changes of each kind are through; `None` where a rate is not known. Allowances as they were last
/// seen; what answers take is left out, for it is little beside an allowance that makes a line wait.
pub fn drain_s(
    declaration: &Declaration,
    kinds: &[(IntentKind, i64)],
    buckets: &[BucketState],
    now_ms: i64,
) -> Option<i64> {
    let mut needs: BTreeMap<&str, f64> = BTreeMap::new();
    for (kind, count) in kinds {
        for (bucket, cost) in takes(declaration, *kind, buckets) {
            *needs.entry(bucket).or_default() += cost * *count as f64;
        }
    }
    let seconds = needs.iter().map(|(name, need)| {
        let bucket = buckets.iter().find(|bucket| bucket.name == *name);
        bucket.map_or(f64::INFINITY, |bucket| wait_s(bucket, *need, now_ms))
    });
    seconds.reduce(f64::max).filter(|seconds| seconds.is_finite()).map(|seconds| seconds.ceil() as i64)
}

/// What one change takes, by bucket. The first price counts that is meant for it and whose buckets the account has.
fn takes<'b>(declaration: &Declaration, kind: IntentKind, buckets: &'b [BucketState]) -> Vec<(&'b str, f64)> {
    let named = |name: &str| buckets.iter().find(|bucket| bucket.name == name).map(|bucket| bucket.name.as_str());
    let prices = declaration.prices.iter().filter(|price| price.kind.is_none_or(|meant| meant == kind));
    for price in prices {
        let takes: Option<Vec<_>> =
            price.takes.iter().map(|take| named(take.bucket).map(|bucket| (bucket, take.cost))).collect();
        if let Some(takes) = takes {
            return takes;
        }
    }
    let batch = declaration.batch_max.iter().find(|(known, _)| *known == kind).map_or(1, |(_, most)| (*most).max(1));
    let cost = |bucket: &BucketState| if bucket.unit == "points" { POINTS } else { 1.0 / batch as f64 };
    buckets.iter().map(|bucket| (bucket.name.as_str(), cost(bucket))).collect()
}

/// How long until a bucket has given so much to changes, seconds; infinite where nobody knows.
fn wait_s(bucket: &BucketState, need: f64, now_ms: i64) -> f64 {
    let kept = bucket.capacity * Priority::Write.reserve();
    let blocked_s = (bucket.blocked_until_ms - now_ms).max(0) as f64 / 1000.0;
    let missing = need - (bucket.level_at(now_ms) - kept).max(0.0);
    if missing <= 0.0 {
        return blocked_s;
    }
    if bucket.window_ms > 0 {
        let each = bucket.capacity - kept;
        // A window that nothing was taken of yet begins with the first call.
        let first_ms = if bucket.window_ends_ms > now_ms { bucket.window_ends_ms - now_ms } else { bucket.window_ms };
        let further = (missing / each).ceil() - 1.0;
        return blocked_s + (first_ms as f64 + further * bucket.window_ms as f64) / 1000.0;
    }
    // What refills at a rate nobody knows takes nobody knows how long.
    if bucket.per_second > 0.0 { blocked_s + missing / bucket.per_second } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;
    use std::collections::BTreeSet;

    fn steady(name: &str, unit: &str, capacity: f64, level: f64, per_second: f64) -> BucketState {
        BucketState {
            name: name.into(),
            unit: unit.into(),
            capacity,
            level,
            per_second,
            window_ms: 0,
            window_ends_ms: 0,
            as_of_ms: 0,
            blocked_until_ms: 0,
        }
    }

    fn window(name: &str, capacity: f64, level: f64, window_ms: i64, window_ends_ms: i64) -> BucketState {
        BucketState { window_ms, window_ends_ms, ..steady(name, "calls", capacity, level, 0.0) }
    }

    /// What is shown, platform, kind and number of changes, its allowances, seconds.
    type Case = (&'static str, &'static str, IntentKind, i64, Vec<BucketState>, Option<i64>);

    fn of(platform: &str) -> &'static Declaration {
        crate::platform(platform).unwrap().declaration
    }

    #[test]
    fn the_scarcest_allowance_says_how_long() {
        use IntentKind::{Fulfill, PutHubOrder};
        let hour = 3_600;
        let table: [Case; 10] = [
            ("nothing known", "shipstation", PutHubOrder, 1, vec![], None),
            (
                "all of it fits",
                "shipstation",
                PutHubOrder,
                100,
                vec![window("v1", 40.0, 40.0, 60_000, 60_000)],
                Some(0),
            ),
            // 4,000 orders are 41.6 calls: 39 now, the rest in the next window.
            (
                "one window more",
                "shipstation",
                PutHubOrder,
                4_000,
                vec![window("v1", 40.0, 40.0, 60_000, 60_000)],
                Some(60),
            ),
            (
                "a window that ended",
                "shipstation",
                PutHubOrder,
                8_000,
                vec![window("v1", 40.0, 0.0, 60_000, 0)],
                Some(120),
            ),
            // With both keys orders go by V1.
            (
                "the one that is used",
                "shipstation",
                PutHubOrder,
                1_000,
                vec![window("v1", 40.0, 40.0, 60_000, 60_000), window("v2", 200.0, 0.0, 60_000, 60_000)],
                Some(0),
            ),
            (
                "a search that no change needs",
                "amazon",
                Fulfill,
                100,
                vec![
                    steady("searchOrders", "calls", 20.0, 0.0, 0.0056),
                    steady("getOrder", "calls", 30.0, 30.0, 0.5),
                    steady("confirmShipment", "calls", 10.0, 10.0, 2.0),
                ],
                // 200 looks, of which 29 are there; the others at one in two seconds.
                Some(342),
            ),
            ("no rate", "orderez", PutHubOrder, 10, vec![steady("calls", "calls", 40.0, 0.0, 0.0)], None),
            (
                "a bucket of another name",
                "orderez",
                PutHubOrder,
                10,
                vec![steady("other", "calls", 40.0, 0.0, 1.0)],
                Some(10),
            ),
            ("points", "shopify", Fulfill, 1_000, vec![steady("graphql", "points", 2_000.0, 50.0, 100.0)], Some(270)),
            (
                "blocked",
                "orderez",
                PutHubOrder,
                1,
                vec![BucketState { blocked_until_ms: 1_000 * hour, ..steady("calls", "calls", 40.0, 40.0, 1.0) }],
                Some(hour),
            ),
        ];
        for (what, platform, kind, count, buckets, expected) in table {
            assert_eq!(drain_s(of(platform), &[(kind, count)], &buckets, 0), expected, "{what}");
        }
    }

    #[test]
    fn an_empty_line_takes_no_time_that_could_be_said() {
        assert_eq!(drain_s(of("shopify"), &[], &[steady("graphql", "points", 2_000.0, 0.0, 100.0)], 0), None);
    }

    /// A price is for something the platform performs, names each bucket once, and none stands behind one that fits all.
    #[test]
    fn prices_are_for_what_is_performed() {
        for platform in registry() {
            let declared = platform.declaration;
            assert_eq!(declared.prices.is_empty(), declared.performs.is_empty(), "{}", declared.platform);
            for price in declared.prices {
                assert!(
                    price.kind.is_none_or(|kind| declared.performs.contains(&kind)),
                    "{} {price:?}",
                    declared.platform
                );
                let names: BTreeSet<_> = price.takes.iter().map(|take| take.bucket).collect();
                assert_eq!(names.len(), price.takes.len(), "{} {price:?}", declared.platform);
                assert!(price.takes.iter().all(|take| take.cost > 0.0), "{} {price:?}", declared.platform);
            }
        }
    }
}
