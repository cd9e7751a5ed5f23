//! When people buy: little at night, most in the evening.

use crate::Volume;
use rand::Rng;
use rand::rngs::SmallRng;

/// Share of a day's orders by hour of the local day.
const HOURS: [f64; 24] = [
    1.5, 0.8, 0.4, 0.3, 0.3, 0.5, 1.2, 2.4, 4.0, 5.5, 6.2, 6.0, 6.2, 5.6, 5.2, 5.2, 5.6, 6.2, 7.2, 8.4, 8.6, 7.0, 4.2,
    2.5,
];
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A moment within the day that begins at `midnight_ms` (UTC), by the rhythm.
pub fn moment_of_day(midnight_ms: i64, rng: &mut SmallRng) -> i64 {
    let mut left = rng.random_range(0.0..HOURS.iter().sum::<f64>());
    let mut hour = 0;
    for share in HOURS {
        if left < share {
            break;
        }
        left -= share;
        hour += 1;
    }
    midnight_ms + hour.min(23) * HOUR_MS + rng.random_range(0..HOUR_MS)
}

/// The moments of one day's orders, in order, none before `from_ms` or at or after `until_ms`.
fn day(midnight_ms: i64, count: u32, from_ms: i64, until_ms: i64, rng: &mut SmallRng) -> Vec<i64> {
    let mut moments: Vec<i64> = (0..count).map(|_| moment_of_day(midnight_ms, rng)).collect();
    moments.retain(|moment| (from_ms..until_ms).contains(moment));
    moments.sort_unstable();
    moments
}

/// Moments of `count` orders between two moments, by the rhythm, in order. Always as many as asked for.
pub fn spread(count: u32, from_ms: i64, until_ms: i64, offset_ms: i64, rng: &mut SmallRng) -> Vec<i64> {
    let days = ((until_ms - from_ms) / DAY_MS).max(1);
    let first = (from_ms + offset_ms).div_euclid(DAY_MS) * DAY_MS - offset_ms;
    let mut moments: Vec<i64> = Vec::new();
    for _ in 0..count {
        let mut moment = moment_of_day(first + rng.random_range(0..=days) * DAY_MS, rng);
        // The first and the last day are not whole: draw again, and in the end take any moment.
        for _ in 0..20 {
            if (from_ms..until_ms).contains(&moment) {
                break;
            }
            moment = moment_of_day(first + rng.random_range(0..=days) * DAY_MS, rng);
        }
        if !(from_ms..until_ms).contains(&moment) {
            moment = rng.random_range(from_ms..until_ms.max(from_ms + 1));
        }
        moments.push(moment);
    }
    moments.sort_unstable();
    moments
}

/// Where the moments of orders come from.
#[derive(Debug, Clone)]
pub struct Arrivals {
    volume: Volume,
    from_ms: i64,
    until_ms: i64,
    offset_ms: i64,
    /// Drawn and not used yet, latest first.
    drawn: Vec<i64>,
    /// Beginning of the next day to draw, ms UTC.
    next_day_ms: i64,
}

impl Arrivals {
    /// Orders between two moments (ms UTC); `offset_ms` is the local time's distance from UTC.
    pub fn new(volume: Volume, from_ms: i64, until_ms: i64, offset_ms: i64, rng: &mut SmallRng) -> Self {
        let first = (from_ms + offset_ms).div_euclid(DAY_MS) * DAY_MS - offset_ms;
        let mut arrivals = Self { volume, from_ms, until_ms, offset_ms, drawn: Vec::new(), next_day_ms: first };
        if let Volume::Total(count) = volume {
            arrivals.drawn = spread(count, from_ms, until_ms, offset_ms, rng);
            arrivals.drawn.reverse();
        }
        arrivals
    }

    /// The next order, after the one at `last_ms`.
    pub fn next(&mut self, last_ms: i64, rng: &mut SmallRng) -> Option<i64> {
        match self.volume {
            Volume::Total(_) => self.drawn.pop(),
            Volume::EverySeconds(from, to) => {
                let next = last_ms.max(self.from_ms) + i64::from(rng.random_range(from..=to.max(from))) * 1000;
                (next < self.until_ms).then_some(next)
            }
            Volume::PerDay(average) => {
                while self.drawn.is_empty() && self.next_day_ms < self.until_ms {
                    let weekday = (self.next_day_ms + self.offset_ms).div_euclid(DAY_MS).rem_euclid(7);
                    // 1970-01-01 was a Thursday: 2 and 3 are Saturday and Sunday.
                    let busy = if matches!(weekday, 2 | 3) { 1.2 } else { 0.92 };
                    let count = average * busy * rng.random_range(0.85..1.15);
                    self.drawn = day(self.next_day_ms, count.round() as u32, self.from_ms, self.until_ms, rng);
                    self.drawn.reverse();
                    self.next_day_ms += DAY_MS;
                }
                self.drawn.pop()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn a_total_is_exact_and_in_order_and_nights_are_quiet() {
        let mut rng = SmallRng::seed_from_u64(1);
        let moments = spread(2_000, 0, 7 * DAY_MS, 0, &mut rng);
        assert_eq!(moments.len(), 2_000);
        assert!(moments.is_sorted() && moments.iter().all(|moment| (0..7 * DAY_MS).contains(moment)));
        let at = |hours: std::ops::Range<i64>| {
            moments.iter().filter(|moment| hours.contains(&(*moment % DAY_MS / HOUR_MS))).count()
        };
        assert!(at(2..5) * 10 < at(18..21), "{} at night, {} in the evening", at(2..5), at(18..21));
    }
}
