//! The client secret ends 180 days after it was made, and with it everything else.
//!
//! Amazon answers no question about it: the day is the one the person wrote
//! into the form. The refresh token survives a new secret.

use chrono::NaiveDate;
use quayside_model::time::DAY_MS;

/// Life of a client secret, ms (Amazon's rotation rule).
pub const LIFE_MS: i64 = 180 * DAY_MS;
/// A warning from the 150th day on.
pub const WARN_MS: i64 = 30 * DAY_MS;

/// Start of a day written `YYYY-MM-DD`, ms UTC.
pub fn day_ms(day: &str) -> Option<i64> {
    let day = NaiveDate::parse_from_str(day.trim(), "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis())
}

/// Where the secret stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// Nobody wrote down when it was made.
    Unknown,
    /// So many whole days are left.
    Fine(i64),
    /// The same, and it is time to make a new one.
    Soon(i64),
    /// It ended.
    Over,
}

/// When a secret ends, ms UTC.
pub fn ends_at_ms(made_on: &str) -> Option<i64> {
    day_ms(made_on).map(|made_ms| made_ms + LIFE_MS)
}

/// Where a secret stands.
pub fn look(made_on: &str, now_ms: i64) -> Clock {
    let Some(ends_ms) = ends_at_ms(made_on) else { return Clock::Unknown };
    let left_ms = ends_ms - now_ms;
    match left_ms {
        ..=0 => Clock::Over,
        _ if left_ms <= WARN_MS => Clock::Soon(left_ms / DAY_MS),
        _ => Clock::Fine(left_ms / DAY_MS),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_comes_on_the_150th_day() {
        let made_ms = day_ms("2026-05-01").unwrap();
        for (day, clock) in [
            (0, Clock::Fine(180)),
            (149, Clock::Fine(31)),
            (150, Clock::Soon(30)),
            (179, Clock::Soon(1)),
            (180, Clock::Over),
            (400, Clock::Over),
        ] {
            assert_eq!(look("2026-05-01", made_ms + day * DAY_MS), clock, "day {day}");
        }
        assert_eq!(look("", made_ms), Clock::Unknown);
    }
}
