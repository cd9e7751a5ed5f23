//! Times: RFC-2822 text from V2, ISO 8601 from V3, `""` for unset.
//!
//! RFC-2822 text does not sort ("Fri" before "Mon"), so nothing is compared
//! before it is an instant. What is sent is ISO 8601 with an explicit offset, the
//! only form every client of the platform has proven; the query's encoding turns
//! its `+` into `%2B`, because a bare one is read as a space and refused.

use chrono::{DateTime, SecondsFormat};

/// Either form, ms UTC.
pub fn parse_time(text: &str) -> Option<i64> {
    let text = text.trim();
    DateTime::parse_from_rfc2822(text)
        .or_else(|_| DateTime::parse_from_rfc3339(text))
        .ok()
        .map(|time| time.timestamp_millis())
}

/// For a filter: whole seconds, rounded down, so that an earlier start only overlaps.
pub fn filter_time(at_ms: i64) -> String {
    DateTime::from_timestamp_millis(at_ms).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Secs, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_one_instant() {
        for text in ["Wed, 10 Jan 2018 21:05:30 +0000", "Wed, 10 Jan 2018 15:05:30 -0600", "2018-01-10T21:05:30Z"] {
            assert_eq!(parse_time(text), Some(1_515_618_330_000), "{text}");
        }
        assert_eq!(parse_time(""), None);
        assert_eq!(parse_time("yesterday"), None);
    }

    #[test]
    fn a_filter_has_its_offset_and_whole_seconds() {
        assert_eq!(filter_time(1_515_618_330_999), "2018-01-10T21:05:30+00:00");
    }
}
