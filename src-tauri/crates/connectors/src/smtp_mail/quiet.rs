//! Hours in which nobody is written to.

use chrono::{DateTime, Days, NaiveTime, TimeZone as _, Timelike as _};
use chrono_tz::Tz;
use quayside_model::QuietHours;

/// When the quiet hours end that `now_ms` is in, ms UTC; `None`: it is in none.
pub(super) fn ends_ms(quiet: &QuietHours, now_ms: i64) -> Option<i64> {
    let (from, to) = (quiet.from_min.min(1_440), quiet.to_min.min(1_439));
    let zone: Tz = quiet.zone.parse().unwrap_or(Tz::UTC);
    let now = DateTime::from_timestamp_millis(now_ms)?.with_timezone(&zone);
    let minute = now.hour() * 60 + now.minute();
    let over_midnight = from > to;
    let is_quiet = if over_midnight { minute >= from || minute < to } else { (from..to).contains(&minute) };
    if !is_quiet {
        return None;
    }
    let today = now.date_naive();
    let day = if over_midnight && minute >= from { today.checked_add_days(Days::new(1))? } else { today };
    let wall = day.and_time(NaiveTime::from_num_seconds_from_midnight_opt(to * 60, 0)?);
    // A time that the spring night skips is an hour later on every clock.
    let end = zone
        .from_local_datetime(&wall)
        .earliest()
        .or_else(|| zone.from_local_datetime(&(wall + chrono::TimeDelta::hours(1))).earliest())?;
    Some(end.timestamp_millis().max(now_ms + 1))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
    }

    #[test]
    fn it_ends_by_the_clock_of_the_zone() {
        for (from, to, now, end) in [
            (21, 8, "2026-11-20T21:00:00+01:00", Some("2026-11-21T08:00:00+01:00")),
            (21, 8, "2026-11-21T03:30:00+01:00", Some("2026-11-21T08:00:00+01:00")),
            (21, 8, "2026-11-21T08:00:00+01:00", None),
            (21, 8, "2026-11-20T20:59:00+01:00", None),
            (12, 14, "2026-11-20T13:00:00+01:00", Some("2026-11-20T14:00:00+01:00")),
            (12, 14, "2026-11-20T15:00:00+01:00", None),
            (0, 0, "2026-11-20T00:00:00+01:00", None),
            // The night in which clocks are set forward, and the one in which they are set back.
            (21, 8, "2026-03-28T23:00:00+01:00", Some("2026-03-29T08:00:00+02:00")),
            (23, 2, "2026-03-29T01:30:00+01:00", Some("2026-03-29T03:00:00+02:00")),
            (21, 8, "2026-10-24T23:00:00+02:00", Some("2026-10-25T08:00:00+01:00")),
        ] {
            let quiet = QuietHours { zone: "Europe/Berlin".into(), from_min: from * 60, to_min: to * 60 };
            assert_eq!(ends_ms(&quiet, ms(now)), end.map(ms), "{from} to {to} at {now}");
        }
        let nowhere = QuietHours { zone: "Nowhere/Atall".into(), from_min: 21 * 60, to_min: 8 * 60 };
        assert_eq!(ends_ms(&nowhere, ms("2026-11-20T22:00:00Z")), Some(ms("2026-11-21T08:00:00Z")));
    }
}
