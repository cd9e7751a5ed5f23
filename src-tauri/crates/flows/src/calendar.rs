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

/// Days off in a row that are believed; a calendar of nothing else would never end.
const DAYS_OFF_MAX: usize = 400;

/// Days as people write them, in one line: `2026-12-24` once, `12-25` every year. Else the word that is no day.
pub fn holidays(text: &str) -> Result<Vec<String>, String> {
    let words = text.split([',', ';', ' ', '\n', '\t']).map(str::trim).filter(|word| !word.is_empty());
    let mut days = Vec::new();
    for word in words {
        // The 29th of February is a day of every leap year.
        let whole = if word.len() == 5 { format!("2024-{word}") } else { word.to_owned() };
        if whole.len() != 10 || whole.parse::<NaiveDate>().is_err() {
            return Err(word.to_owned());
        }
        days.push(word.to_owned());
    }
    days.sort_unstable();
    days.dedup();
    Ok(days)
}

/// Somebody works on this day.
pub fn is_business_day(settings: &Settings, day: NaiveDate) -> bool {
    // A week without a working day would never end; then every day counts.
    let any = settings.business_days.iter().any(|works| *works);
    let works = !any || settings.business_days[day.weekday().num_days_from_monday() as usize];
    works && !is_holiday(&settings.holidays, day)
}

/// Nobody works on this day, as a person listed it.
pub fn is_holiday(holidays: &[String], day: NaiveDate) -> bool {
    if holidays.is_empty() {
        return false;
    }
    let (once, every_year) = (day.format("%Y-%m-%d").to_string(), day.format("%m-%d").to_string());
    holidays.iter().any(|one| *one == once || *one == every_year)
}

/// The first business day on the way from this day on, itself included; `further` is the way, a day at a time.
pub fn business_day_from(
    settings: &Settings,
    from: NaiveDate,
    further: fn(NaiveDate) -> Option<NaiveDate>,
) -> NaiveDate {
    let mut day = from;
    for _ in 0..DAYS_OFF_MAX {
        if is_business_day(settings, day) {
            break;
        }
        day = further(day).unwrap_or(day);
    }
    day
}

/// The end of the working day `days` business days after `from_ms`, as an instant (ms UTC).
///
/// The day of `from_ms` counts as day 0 when it is a business day and the cut-off has
/// not passed; otherwise day 0 is the next business day. The deadline is that day's
/// cut-off plus the `days` further business days.
pub fn business_deadline(from_ms: i64, days: u32, settings: &Settings, zone: Tz) -> i64 {
    let cut_off = time_of_day(settings.cut_off_min);
    let from = Utc.timestamp_millis_opt(from_ms).single().unwrap_or_default();
    let tomorrow = |day: NaiveDate| day.checked_add_days(Days::new(1));
    let next = |day: NaiveDate| tomorrow(day).unwrap_or(day);
    let mut day = from.with_timezone(&zone).date_naive();
    // By the instant, not by what the clock on the wall shows: in autumn it shows an hour twice.
    if from > instant(day, cut_off, zone) {
        day = next(day);
    }
    day = business_day_from(settings, day, tomorrow);
    for _ in 0..days {
        day = business_day_from(settings, next(day), tomorrow);
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

    #[test]
    fn holidays_are_no_working_days() {
        let berlin: Tz = "Europe/Berlin".parse().unwrap();
        let christmas = || holidays("12-25, 12-26 2026-12-24").unwrap();
        for (holidays, from, days, expected) in [
            (vec![], "2026-12-23T09:00:00+01:00", 1, "2026-12-24T14:00:00+01:00"),
            // Thursday to Saturday are off, and then it is Sunday.
            (christmas(), "2026-12-23T09:00:00+01:00", 1, "2026-12-28T14:00:00+01:00"),
            (christmas(), "2026-12-24T09:00:00+01:00", 0, "2026-12-28T14:00:00+01:00"),
            (christmas(), "2026-12-25T09:00:00+01:00", 1, "2026-12-29T14:00:00+01:00"),
            // Of the next year: the days of every year alone.
            (christmas(), "2027-12-23T09:00:00+01:00", 1, "2027-12-24T14:00:00+01:00"),
            (christmas(), "2027-12-23T09:00:00+01:00", 2, "2027-12-27T14:00:00+01:00"),
        ] {
            let settings = Settings { cut_off_min: 14 * 60, holidays, ..Settings::default() };
            assert_eq!(business_deadline(at(from), days, &settings, berlin), at(expected), "{from} + {days}");
        }
        // A calendar of nothing but holidays ends all the same.
        let day = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
        let all = day.iter_days().take(366).map(|day| day.format("%m-%d").to_string()).collect();
        let settings = Settings { holidays: all, ..Settings::default() };
        assert!(business_deadline(at("2026-12-23T09:00:00+01:00"), 3, &settings, berlin) > 0);
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        for (text, days) in [
            ("", Ok(vec![])),
            (" 12-26,12-25;12-25\n2026-12-24 ", Ok(vec!["12-25", "12-26", "2026-12-24"])),
            ("02-29", Ok(vec!["02-29"])),
            ("2027-02-29", Err("2027-02-29")),
            ("24.12.", Err("24.12.")),
            ("12-25, Christmas", Err("Christmas")),
            ("12-32", Err("12-32")),
            ("2026-1-1", Err("2026-1-1")),
        ] {
            let days = days.map(|days| days.into_iter().map(str::to_owned).collect::<Vec<_>>()).map_err(str::to_owned);
            assert_eq!(holidays(text), days, "{text}");
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
