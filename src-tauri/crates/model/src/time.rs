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
