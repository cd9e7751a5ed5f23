//! The last days in numbers: what left, how late, how long it took, what broke and mended. Pure.

use crate::view::TrendDay;
use crate::zone;
use chrono_tz::Tz;
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_store::{Departure, Episode};
use std::collections::BTreeMap;

#[derive(Default)]
struct Day {
    shipped: i64,
    late: i64,
    lengths_ms: Vec<i64>,
    opened: i64,
    mended: i64,
    settled: i64,
}

/// Day by day, oldest first, today last; what lies outside is left out.
pub(crate) fn days(departures: &[Departure], episodes: &[Episode], now_ms: i64, days: i64, zone: Tz) -> Vec<TrendDay> {
    let mut by_day: BTreeMap<String, Day> = (0..days)
        // From noon: an hour more or less on a day of changing clocks is still the same day.
        .map(|back| {
            let noon_ms = zone::day_start(now_ms, zone) + DAY_MS / 2;
            (zone::day_name(noon_ms - back * DAY_MS, zone), Day::default())
        })
        .collect();
    for departure in departures {
        if let Some(day) = by_day.get_mut(&zone::day_name(departure.left_at_ms, zone)) {
            day.shipped += 1;
            day.late +=
                i64::from(departure.order.ship_by_ms.is_some_and(|ship_by_ms| departure.left_at_ms > ship_by_ms));
            day.lengths_ms.push((departure.left_at_ms - departure.order.placed_at_ms).max(0));
        }
    }
    for episode in episodes {
        if let Some(day) = by_day.get_mut(&zone::day_name(episode.opened_at_ms, zone)) {
            day.opened += 1;
        }
        if let Some(day) = episode.over_at_ms.and_then(|at_ms| by_day.get_mut(&zone::day_name(at_ms, zone))) {
            if episode.by_itself {
                day.mended += 1;
            } else {
                day.settled += 1;
            }
        }
    }
    by_day
        .into_iter()
        .map(|(name, mut day)| {
            day.lengths_ms.sort_unstable();
            let middle = day.lengths_ms.get(day.lengths_ms.len() / 2);
            TrendDay {
                day: name,
                shipped: day.shipped,
                late: day.late,
                median_hours: middle.map(|length_ms| *length_ms as f64 / HOUR_MS as f64),
                opened: day.opened,
                mended: day.mended,
                settled: day.settled,
            }
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use quayside_model::{ConnectionId, Currency, Money, OrderId};
    use quayside_store::Sold;

    /// Monday 26 October 2026, 09:00 in Berlin: the clocks changed the night before the day before.
    const NOW: i64 = 1_793_001_600_000;

    #[test]
    fn every_day_stands_once_also_when_the_clocks_change() {
        let found = days(&[], &[], NOW, 7, chrono_tz::Europe::Berlin);
        let names: Vec<&str> = found.iter().map(|day| day.day.as_str()).collect();
        assert_eq!(
            names,
            ["2026-10-20", "2026-10-21", "2026-10-22", "2026-10-23", "2026-10-24", "2026-10-25", "2026-10-26"]
        );
    }

    #[test]
    fn a_day_counts_what_left_late_and_what_mended() {
        let left = |id: i64, hours: i64, ship_by_ms: Option<i64>| {
            let order = Sold {
                id: OrderId(id),
                store: ConnectionId::new("harbour-goods"),
                number: format!("#{id}"),
                placed_at_ms: NOW - hours * HOUR_MS,
                ship_by_ms,
                units: 1,
                total: Money::new(100, Currency::new("EUR")),
                country: "DE".into(),
                dropped: false,
                left_out: false,
            };
            Departure { order, hub: ConnectionId::new("harbour-shipping"), left_at_ms: NOW }
        };
        let departures = [left(1, 2, Some(NOW - 1)), left(2, 6, Some(NOW)), left(3, 30, None)];
        let one =
            |over_at_ms: Option<i64>, by_itself: bool| Episode { opened_at_ms: NOW - DAY_MS, over_at_ms, by_itself };
        let episodes =
            [one(None, false), one(Some(NOW), true), one(Some(NOW), false), one(Some(NOW - 40 * DAY_MS), true)];
        let found = days(&departures, &episodes, NOW, 2, chrono_tz::UTC);
        let (yesterday, today) = (&found[0], &found[1]);
        assert_eq!((today.shipped, today.late, today.median_hours), (3, 1, Some(6.0)));
        assert_eq!((yesterday.opened, today.mended, today.settled), (4, 1, 1));
        assert_eq!((yesterday.shipped, yesterday.median_hours), (0, None));
    }
}
