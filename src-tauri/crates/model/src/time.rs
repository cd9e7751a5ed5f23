//! Time is a parameter. Whoever needs "now" is handed a [`Clock`].

/// Where "now" comes from: the wall, or a simulation.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970 UTC.
    fn now_ms(&self) -> i64;
}

/// One second in milliseconds.
pub const SECOND_MS: i64 = 1_000;
/// One minute in milliseconds.
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
/// One hour in milliseconds.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// One day of 24 hours in milliseconds; calendar days need a time zone.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// Whether the turn of something has come that was put off by `every_ms` at most. Further off it was put by a clock that was
/// ahead and was set right since: waiting for that moment would stop it until real time has caught up.
#[must_use]
pub fn has_come(at_ms: i64, every_ms: i64, now_ms: i64) -> bool {
    at_ms <= now_ms || at_ms.saturating_sub(now_ms) > every_ms
}

/// Whether what was written down at a moment was written by a clock that was ahead. A minute is the system's own correction.
#[must_use]
pub fn is_ahead(at_ms: i64, now_ms: i64) -> bool {
    at_ms.saturating_sub(now_ms) > MINUTE_MS
}

#[cfg(test)]
mod tests {
    use super::{DAY_MS, HOUR_MS, MINUTE_MS, has_come, is_ahead};

    #[test]
    fn a_clock_that_was_ahead_puts_nothing_off() {
        let now_ms = 9 * DAY_MS;
        for (ahead_ms, come, ahead) in [
            (-DAY_MS, true, false),
            (0, true, false),
            (1, false, false),
            (MINUTE_MS, false, false),
            (MINUTE_MS + 1, false, true),
            (HOUR_MS, false, true),
            (HOUR_MS + 1, true, true),
            (i64::MAX - now_ms, true, true),
        ] {
            let at_ms = now_ms + ahead_ms;
            assert_eq!((has_come(at_ms, HOUR_MS, now_ms), is_ahead(at_ms, now_ms)), (come, ahead), "{ahead_ms}");
        }
    }
}
