//! Moments as typed, and moments as shown: ISO for programs, short for people.

use crate::output::Failure;
use chrono::{DateTime, Local, NaiveDate, NaiveDateTime, TimeZone, Utc};

/// `2026-11-20 14:12` in the computer's zone; empty for none.
pub fn short(at_ms: Option<i64>) -> String {
    let moment = at_ms.and_then(|at_ms| Local.timestamp_millis_opt(at_ms).single());
    moment.map_or_else(String::new, |moment| moment.format("%Y-%m-%d %H:%M").to_string())
}

/// How long ago, as people say it.
pub fn ago(at_ms: Option<i64>, now_ms: i64) -> String {
    at_ms.map_or_else(|| "never".to_owned(), |at_ms| format!("{} ago", quayside_api::words::duration(now_ms - at_ms)))
}

/// The go-live line as typed: `now`, `all`, a day, or a moment. `Ok(None)` means all orders.
pub fn go_live(text: &str, now_ms: i64) -> Result<Option<i64>, Failure> {
    let text = text.trim();
    match text {
        "now" => return Ok(Some(now_ms)),
        "all" => return Ok(None),
        _ => {}
    }
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(Some(moment.timestamp_millis()));
    }
    // Without a zone: the computer's own, as a person at it means.
    let naive = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|day| day.and_hms_opt(0, 0, 0)));
    naive
        .map(|naive| {
            Local
                .from_local_datetime(&naive)
                .earliest()
                .map_or_else(|| Utc.from_utc_datetime(&naive).timestamp_millis(), |at| at.timestamp_millis())
        })
        .map(Some)
        .ok_or_else(|| {
            Failure::input(format!(
                "\"{text}\" is not a moment. Write now, all, 2026-11-20, or 2026-11-20T09:00:00+01:00."
            ))
        })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_line_can_be_typed_in_several_ways() {
        assert_eq!(go_live("now", 7).unwrap(), Some(7));
        assert_eq!(go_live("all", 7).unwrap(), None);
        assert_eq!(go_live("2026-11-20T09:00:00+01:00", 7).unwrap(), Some(1_795_161_600_000));
        assert_eq!(go_live("2026-11-20T08:00:00Z", 7).unwrap(), Some(1_795_161_600_000));
        for text in ["2026-11-20", "2026-11-20T09:00", "2026-11-20 09:00:30"] {
            assert!(go_live(text, 7).unwrap().is_some(), "{text}");
        }
        for text in ["", "yesterday", "20.11.2026", "2026-13-01"] {
            assert!(go_live(text, 7).unwrap_err().sentence.contains("is not a moment"), "{text}");
        }
    }
}
