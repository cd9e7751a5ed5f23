//! How long a platform's word to wait is believed. Numbers from outside never overflow a moment, and a platform that
//! asks for a year is asked again after a day.

use quayside_model::time::DAY_MS;

/// Longest wait, ms.
pub const WAIT_MAX_MS: i64 = DAY_MS;

/// `wait_ms` after `now_ms`, ms UTC; never before `now_ms`, never more than [`WAIT_MAX_MS`] after it.
pub fn later(now_ms: i64, wait_ms: i64) -> i64 {
    now_ms.saturating_add(wait_ms.clamp(0, WAIT_MAX_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_a_day_at_most() {
        for (wait_ms, at_ms) in [(0, 7), (-5, 7), (2, 9), (i64::MAX, 7 + DAY_MS), (i64::MIN, 7)] {
            assert_eq!(later(7, wait_ms), at_ms, "{wait_ms}");
        }
        assert_eq!(later(i64::MAX, 1), i64::MAX);
    }
}
