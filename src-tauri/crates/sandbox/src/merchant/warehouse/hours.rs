//! When somebody is there: Monday to Friday 08:00 to 17:30, Saturday 09:00 to
//! 13:00, in the zone of the account.

use chrono::{DateTime, Datelike, NaiveDateTime, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

/// Opening hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// `None`: always open.
    zone: Option<Tz>,
}

impl Hours {
    /// Never closes.
    pub fn always() -> Self {
        Self { zone: None }
    }

    /// In an IANA zone; UTC when nobody knows it.
    pub fn in_zone(zone: &str) -> Self {
        Self { zone: Some(zone.parse().unwrap_or(Tz::UTC)) }
    }

    /// The first open moment from then on, ms UTC.
    pub fn open_from(self, at_ms: i64) -> i64 {
        let Some(zone) = self.zone else { return at_ms };
        let Some(at) = DateTime::<Utc>::from_timestamp_millis(at_ms) else { return at_ms };
        let local = at.with_timezone(&zone).naive_local();
        let mut day = local.date();
        for _ in 0..8 {
            if let Some((opens, closes)) = day_hours(day.weekday()) {
                let from = if day == local.date() { local.time().max(opens) } else { opens };
                if from < closes {
                    // An hour the clock skips or repeats: nobody is at work then.
                    return to_utc_ms(zone, day.and_time(from)).map_or(at_ms, |open_ms| open_ms.max(at_ms));
                }
            }
            let Some(next) = day.succ_opt() else { return at_ms };
            day = next;
        }
        at_ms
    }
}

fn to_utc_ms(zone: Tz, local: NaiveDateTime) -> Option<i64> {
    zone.from_local_datetime(&local).earliest().map(|at| at.timestamp_millis())
}

fn day_hours(day: Weekday) -> Option<(NaiveTime, NaiveTime)> {
    let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0);
    match day {
        Weekday::Sun => None,
        Weekday::Sat => Some((time(9, 0)?, time(13, 0)?)),
        _ => Some((time(8, 0)?, time(17, 30)?)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn ms(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
    }

    #[test]
    fn nobody_packs_at_night_or_on_sundays() {
        let berlin = Hours::in_zone("Europe/Berlin");
        let cases = [
            ("2026-03-02T09:30:00+01:00", "2026-03-02T09:30:00+01:00"), // Monday morning
            ("2026-03-02T06:00:00+01:00", "2026-03-02T08:00:00+01:00"), // too early
            ("2026-03-02T17:30:00+01:00", "2026-03-03T08:00:00+01:00"), // just closed
            ("2026-03-07T13:05:00+01:00", "2026-03-09T08:00:00+01:00"), // Saturday afternoon
            ("2026-03-28T14:00:00+01:00", "2026-03-30T08:00:00+02:00"), // over the night the clock changes
        ];
        for (at, open) in cases {
            assert_eq!(berlin.open_from(ms(at)), ms(open), "{at}");
        }
        assert_eq!(Hours::always().open_from(5), 5);
    }

    #[test]
    fn open_moments_are_open() {
        let berlin = Hours::in_zone("Europe/Berlin");
        for hour in 0..24 * 14 {
            let open = berlin.open_from(ms("2026-10-20T00:00:00Z") + hour * 3_600_000);
            assert_eq!(berlin.open_from(open), open);
        }
    }
}
