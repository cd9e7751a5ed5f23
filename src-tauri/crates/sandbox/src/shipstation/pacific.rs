//! Wall-clock time in Los Angeles, the only time the older API knows.
//!
//! The platform stores and compares what the clock on the wall showed and never
//! says which of two repeated hours it means. [`Wall`] keeps exactly that, so the
//! stand-in inherits the real trouble: in the autumn night a later change can
//! carry an earlier time, and in spring there are times that never were.
//!
//! Left out on purpose: any repair of that. An offset or `Z` in a value a client
//! sends is dropped without a word, as if it had not been written.

use chrono::offset::LocalResult;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::America::Los_Angeles;

/// What the clock on the wall showed: ms since 1970-01-01 00:00 *on that clock*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wall(pub i64);

/// One day on the wall, ms.
pub const DAY_MS: i64 = 86_400_000;

impl Wall {
    /// What the clock showed at a moment (ms UTC).
    pub fn of(utc_ms: i64) -> Self {
        let Some(utc) = DateTime::<Utc>::from_timestamp_millis(utc_ms) else { return Self(utc_ms) };
        let offset = utc.with_timezone(&Los_Angeles).offset().fix().local_minus_utc();
        Self(utc_ms + i64::from(offset) * 1000)
    }

    /// The moment, ms UTC. Of a repeated hour the first; a time inside the spring gap is moved on by the gap.
    pub fn to_utc_ms(self) -> i64 {
        let Some(naive) = self.naive() else { return self.0 };
        match Los_Angeles.from_local_datetime(&naive) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.timestamp_millis(),
            // 02:30 on the night the clock jumps: read with the offset from before the jump (-8 h), it lies after it.
            LocalResult::None => self.0 + 8 * 3_600_000,
        }
    }

    /// Reads what clients write: a day, `2026-03-02 09:14`, `2026-03-02T09:14:27.503`, with or without seconds, up to
    /// seven digits of fraction. An offset behind it is dropped.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (day, rest) = match text.find(['T', ' ']) {
            Some(at) => (text.get(..at)?, text.get(at + 1..)?),
            None => (text, ""),
        };
        let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
        let clock = rest.trim();
        let clock = clock.split(['Z', 'z', '+', '-']).next().unwrap_or_default().trim();
        let at = if clock.is_empty() {
            day.and_hms_opt(0, 0, 0)?
        } else {
            let text = format!("{}T{clock}", day.format("%Y-%m-%d"));
            NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f")
                .or_else(|_| NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M"))
                .ok()?
        };
        Some(Self(at.and_utc().timestamp_millis()))
    }

    /// `2026-03-02T09:14:27.5030000`: seven digits, no offset.
    pub fn long(self) -> String {
        self.naive().map_or_else(String::new, |at| {
            format!("{}.{:03}0000", at.format("%Y-%m-%dT%H:%M:%S"), self.0.rem_euclid(1000))
        })
    }

    /// `2026-03-02`.
    pub fn day(self) -> String {
        self.naive().map_or_else(String::new, |at| at.format("%Y-%m-%d").to_string())
    }

    /// `3-2-2026`, as one corner of the platform writes days.
    pub fn us_day(self) -> String {
        self.naive().map_or_else(String::new, |at| format!("{}-{}-{}", at.month(), at.day(), at.year()))
    }

    /// Midnight at the start of its day.
    #[must_use]
    pub fn midnight(self) -> Self {
        Self(self.0.div_euclid(DAY_MS) * DAY_MS)
    }

    fn naive(self) -> Option<NaiveDateTime> {
        DateTime::<Utc>::from_timestamp_millis(self.0).map(|at| at.naive_utc())
    }
}

/// `2026-03-02T17:14:27.503Z`, as the newer API writes moments.
pub fn iso(utc_ms: i64) -> String {
    DateTime::<Utc>::from_timestamp_millis(utc_ms)
        .map_or_else(String::new, |at| at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

/// Reads what the newer API takes: RFC 3339, or a day (midnight UTC).
pub fn parse_iso(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.timestamp_millis());
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis())
}

#[cfg(test)]
#[path = "pacific_tests.rs"]
mod tests;
