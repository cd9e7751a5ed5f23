//! Ship-by clocks: business days, cut-off times and zones. Date maths is chrono's.

use chrono::{DateTime, Datelike, Days, LocalResult, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use quayside_model::settings::Settings;

/// The zone to count in: the setting, else the account's, else UTC.
pub fn zone(settings: &Settings, account_zone: Option<&str>) -> Tz {
    let named = if settings.time_zone.is_empty() { account_zone } else { Some(settings.time_zone.as_str()) };
    named.and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}

/// A wall-clock time as an instant. A time that the spring night skips becomes the
/// first one after the gap; one that the autumn night repeats is the earlier.
pub fn instant(day: NaiveDate, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let mut wall = day.and_time(time);
    // A day and two hours: zones that moved across the date line skipped a whole day.
    for _ in 0..312 {
        match zone.from_local_datetime(&wall) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => return at.with_timezone(&Utc),
            LocalResult::None => wall += chrono::TimeDelta::minutes(5),
        }
    }
    Utc.from_utc_datetime(&wall)
}

/// Minutes after midnight as a time of day.
pub fn time_of_day(minutes: u32) -> NaiveTime {
    NaiveTime::from_num_seconds_from_midnight_opt((minutes % 1440) * 60, 0).unwrap_or(NaiveTime::MIN)
}

/// A moment for people, as the clock there showed it: `at 14:02`, or `on 20 Nov at 14:02` when that was another day.
pub fn said(at_ms: i64, now_ms: i64, zone: Tz) -> String {
    let local = |ms: i64| Utc.timestamp_millis_opt(ms).single().unwrap_or_default().with_timezone(&zone);
    let (at, now) = (local(at_ms), local(now_ms));
    let shape = if at.date_naive() == now.date_naive() { "at %H:%M" } else { "on %-d %b at %H:%M" };
    at.format(shape).to_string()
}

/// The end of the working day `days` business days after `from_ms`, as an instant (ms UTC).
///
/// The day of `from_ms` counts as day 0 when it is a business day and the cut-off has
/// not passed; otherwise day 0 is the next business day. The deadline is that day's
/// cut-off plus the `days` further business days.
pub fn business_deadline(from_ms: i64, days: u32, settings: &Settings, zone: Tz) -> i64 {
    let cut_off = time_of_day(settings.cut_off_min);
    let from = Utc.timestamp_millis_opt(from_ms).single().unwrap_or_default();
    let works = |day: NaiveDate| {
        settings.business_days.iter().all(|works| !works)
            || settings.business_days[day.weekday().num_days_from_monday() as usize]
    };
    let next = |day: NaiveDate| day.checked_add_days(Days::new(1)).unwrap_or(day);
    let mut day = from.with_timezone(&zone).date_naive();
    // By the instant, not by what the clock on the wall shows: in autumn it shows an hour twice.
    if from > instant(day, cut_off, zone) {
        day = next(day);
    }
    while !works(day) {
        day = next(day);
    }
    for _ in 0..days {
        day = next(day);
        while !works(day) {
            day = next(day);
        }
    }
    instant(day, cut_off, zone).timestamp_millis()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
    }

    #[test]
    fn deadlines_skip_weekends_and_mind_the_cut_off() {
        let settings = Settings { cut_off_min: 14 * 60, ..Settings::default() };
        let berlin: Tz = "Europe/Berlin".parse().unwrap();
        for (from, days, expected) in [
            // Wednesday morning: today's cut-off; one business day later; Friday → Monday.
            ("2026-11-18T09:00:00+01:00", 0, "2026-11-18T14:00:00+01:00"),
            ("2026-11-18T09:00:00+01:00", 1, "2026-11-19T14:00:00+01:00"),
            ("2026-11-20T09:00:00+01:00", 1, "2026-11-23T14:00:00+01:00"),
            // After the cut-off it counts as the next business day's.
            ("2026-11-18T14:00:01+01:00", 0, "2026-11-19T14:00:00+01:00"),
            ("2026-11-20T15:00:00+01:00", 0, "2026-11-23T14:00:00+01:00"),
            // Over the autumn change: still 14:00 on the wall.
            ("2026-10-23T09:00:00+02:00", 1, "2026-10-26T14:00:00+01:00"),
            // Sunday order.
            ("2026-11-22T09:00:00+01:00", 1, "2026-11-24T14:00:00+01:00"),
        ] {
            assert_eq!(business_deadline(at(from), days, &settings, berlin), at(expected), "{from} + {days}");
        }
    }

    /// The autumn night shows 02:10 twice; the second one is after a cut-off at the first 02:30.
    #[test]
    fn a_cut_off_in_the_hour_that_comes_twice_has_passed_the_second_time() {
        let settings = Settings { cut_off_min: 150, business_days: [true; 7], ..Settings::default() };
        let berlin: Tz = "Europe/Berlin".parse().unwrap();
        for (from, due) in [
            ("2026-10-25T02:10:00+02:00", "2026-10-25T02:30:00+02:00"),
            ("2026-10-25T02:45:00+02:00", "2026-10-26T02:30:00+01:00"),
            ("2026-10-25T02:10:00+01:00", "2026-10-26T02:30:00+01:00"),
        ] {
            assert_eq!(business_deadline(at(from), 0, &settings, berlin), at(due), "{from}");
        }
    }

    /// Samoa went from 29 to 31 December 2011.
    #[test]
    fn a_day_that_was_skipped_ends_where_the_next_one_begins() {
        let apia: Tz = "Pacific/Apia".parse().unwrap();
        let day = NaiveDate::from_ymd_opt(2011, 12, 30).unwrap();
        assert_eq!(instant(day, time_of_day(840), apia).timestamp_millis(), at("2011-12-31T00:00:00+14:00"));
    }

    #[test]
    fn a_time_that_does_not_exist_becomes_the_next_one_that_does() {
        let berlin: Tz = "Europe/Berlin".parse().unwrap();
        let day = NaiveDate::from_ymd_opt(2027, 3, 28).unwrap();
        assert_eq!(instant(day, time_of_day(150), berlin).timestamp_millis(), at("2027-03-28T03:00:00+02:00"));
    }
}
