//! Days and hours as the merchant counts them. Pure: the moment and the zone come in.
//!
//! Which zone: the one in the settings, else the first store's own, else UTC —
//! never the zone of the computer, because a laptop that travels must not move
//! the warehouse's cut-off. Quiet hours alone go by the computer's: they are about
//! the person in front of it, wherever the goods leave.

use chrono::{DateTime, Days, NaiveDate, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use quayside_flows::calendar;
use quayside_model::settings::Settings;

/// The zone that counts, from the settings and the stores' own zones (in the order of the rail).
pub fn zone<'a>(settings: &'a Settings, stores: impl IntoIterator<Item = Option<&'a str>>) -> Tz {
    let named = (!settings.time_zone.trim().is_empty()).then_some(settings.time_zone.trim());
    named.into_iter().chain(stores.into_iter().flatten()).find_map(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}

/// The zone quiet hours are meant in: where the person is; else that of the warehouse.
pub fn quiet_zone<'a>(
    here: Option<Tz>,
    settings: &'a Settings,
    stores: impl IntoIterator<Item = Option<&'a str>>,
) -> Tz {
    here.unwrap_or_else(|| zone(settings, stores))
}

/// The zone of this computer, if it says one that is known.
pub fn here() -> Option<Tz> {
    iana_time_zone::get_timezone().ok()?.parse().ok()
}

/// The moment in the zone.
pub fn local(at_ms: i64, zone: Tz) -> DateTime<Tz> {
    Utc.timestamp_millis_opt(at_ms).single().unwrap_or_default().with_timezone(&zone)
}

/// A local time of a day as ms UTC. A time that does not exist that day (clocks go forward) is the first one that does.
pub fn moment(day: NaiveDate, minute: u32, zone: Tz) -> i64 {
    calendar::instant(day, calendar::time_of_day(minute), zone).timestamp_millis()
}

/// First moment of the local day of `now_ms`, ms UTC.
pub fn day_start(now_ms: i64, zone: Tz) -> i64 {
    moment(local(now_ms, zone).date_naive(), 0, zone)
}

/// First moment of the next local day, ms UTC.
pub fn day_end(now_ms: i64, zone: Tz) -> i64 {
    let day = local(now_ms, zone).date_naive();
    moment(day.checked_add_days(Days::new(1)).unwrap_or(day), 0, zone)
}

/// Minutes after local midnight.
pub fn minute_of_day(now_ms: i64, zone: Tz) -> u32 {
    let time = local(now_ms, zone).time();
    time.hour() * 60 + time.minute()
}

/// `now_ms` lies in the quiet hours, which may span midnight; equal ends mean there are none.
pub fn is_quiet(settings: &Settings, now_ms: i64, zone: Tz) -> bool {
    let (from, to, now) = (settings.quiet_from_min, settings.quiet_to_min, minute_of_day(now_ms, zone));
    match from.cmp(&to) {
        std::cmp::Ordering::Equal => false,
        std::cmp::Ordering::Less => (from..to).contains(&now),
        std::cmp::Ordering::Greater => now >= from || now < to,
    }
}

/// When it was last that minute of the day, and when it is next, ms UTC.
pub fn around(minute: u32, now_ms: i64, zone: Tz) -> (i64, i64) {
    let day = local(now_ms, zone).date_naive();
    let today_ms = moment(day, minute, zone);
    if today_ms > now_ms {
        (moment(day.checked_sub_days(Days::new(1)).unwrap_or(day), minute, zone), today_ms)
    } else {
        (today_ms, moment(day.checked_add_days(Days::new(1)).unwrap_or(day), minute, zone))
    }
}

/// When the quiet hours that hold `now_ms` end, ms UTC.
pub fn quiet_end(settings: &Settings, now_ms: i64, zone: Tz) -> i64 {
    let day = local(now_ms, zone).date_naive();
    let today = moment(day, settings.quiet_to_min, zone);
    if today > now_ms {
        today
    } else {
        moment(day.checked_add_days(Days::new(1)).unwrap_or(day), settings.quiet_to_min, zone)
    }
}

/// Orders placed up to this moment are unfulfilled for longer than `settings.unfulfilled_after_days` business days, ms UTC.
///
/// An order placed after the cut-off, or on a day nobody works, counts as
/// placed on the next business day. It is overdue once the cut-off of the
/// business day so many days later has passed: [`calendar::business_deadline`], read backwards.
pub fn unfulfilled_until(settings: &Settings, now_ms: i64, zone: Tz) -> i64 {
    let now = local(now_ms, zone);
    let mut day = now.date_naive();
    // The last business day whose cut-off has passed.
    let cut_off_passed = now_ms >= moment(day, settings.cut_off_min, zone);
    if !(calendar::is_business_day(settings, day) && cut_off_passed) {
        day = previous_business_day(settings, day);
    }
    for _ in 0..settings.unfulfilled_after_days.min(366) {
        day = previous_business_day(settings, day);
    }
    moment(day, settings.cut_off_min, zone)
}

fn previous_business_day(settings: &Settings, day: NaiveDate) -> NaiveDate {
    let yesterday = |day: NaiveDate| day.checked_sub_days(Days::new(1));
    calendar::business_day_from(settings, yesterday(day).unwrap_or(day), yesterday)
}

/// How the threshold was counted, for the screen.
pub fn threshold_words(settings: &Settings, zone: Tz) -> String {
    let days = settings.unfulfilled_after_days;
    format!(
        "older than {days} business {}, cut-off {:02}:{:02} {zone}",
        if days == 1 { "day" } else { "days" },
        settings.cut_off_min / 60,
        settings.cut_off_min % 60
    )
}

/// `YYYY-MM-DD` in the zone.
pub fn day_name(at_ms: i64, zone: Tz) -> String {
    local(at_ms, zone).date_naive().to_string()
}

/// `20 Nov 2026, 14:12 CET`: for lists in which several stores' days stand side by side.
pub fn moment_words(at_ms: i64, zone: Tz) -> String {
    local(at_ms, zone).format("%-d %b %Y, %H:%M %Z").to_string()
}

/// `14:12`: for sentences that end up in a terminal or a notification.
pub fn clock(at_ms: i64, zone: Tz) -> String {
    local(at_ms, zone).format("%H:%M").to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
    }
    fn name(at_ms: i64) -> String {
        local(at_ms, Tz::Europe__Berlin).to_rfc3339()
    }

    #[test]
    fn a_minute_of_the_day_was_once_and_will_be_again() {
        let zone = chrono_tz::Europe::Berlin;
        let eight = 8 * 60;
        for (now, last, next) in [
            ("2026-11-20T07:59:59+01:00", "2026-11-19T08:00:00+01:00", "2026-11-20T08:00:00+01:00"),
            ("2026-11-20T08:00:00+01:00", "2026-11-20T08:00:00+01:00", "2026-11-21T08:00:00+01:00"),
            ("2026-11-20T23:00:00+01:00", "2026-11-20T08:00:00+01:00", "2026-11-21T08:00:00+01:00"),
            // The clocks go back in the night between.
            ("2026-10-24T12:00:00+02:00", "2026-10-24T08:00:00+02:00", "2026-10-25T08:00:00+01:00"),
        ] {
            assert_eq!(around(eight, at(now), zone), (at(last), at(next)), "{now}");
        }
    }

    /// Somebody in Berlin whose only store is in New York sleeps when it is night in Berlin.
    #[test]
    fn quiet_hours_are_those_of_the_person() {
        let settings = Settings { quiet_from_min: 20 * 60, quiet_to_min: 7 * 60, ..Settings::default() };
        let stores = || [Some("America/New_York")];
        let night_in_berlin = 1_795_215_600_000; // 20 November 2026, 23:00 UTC: midnight there, 18:00 in New York
        for (here, quiet) in [(Some(chrono_tz::Europe::Berlin), true), (None, false)] {
            let zone = quiet_zone(here, &settings, stores());
            assert_eq!(is_quiet(&settings, night_in_berlin, zone), quiet, "{zone}");
        }
    }

    #[test]
    fn the_settings_choose_the_zone_then_the_store() {
        let mut settings = Settings::default();
        assert_eq!(zone(&settings, []), Tz::UTC);
        assert_eq!(zone(&settings, [None, Some("Europe/London"), Some("Europe/Berlin")]), Tz::Europe__London);
        settings.time_zone = "America/New_York".into();
        assert_eq!(zone(&settings, [Some("Europe/London")]), Tz::America__New_York);
        settings.time_zone = "Mars/Olympus".into();
        assert_eq!(zone(&settings, [Some("Europe/London")]), Tz::Europe__London);
    }

    #[test]
    fn a_day_has_23_hours_when_clocks_go_forward() {
        let noon = at("2026-03-29T12:00:00+02:00");
        let hours = (day_end(noon, Tz::Europe__Berlin) - day_start(noon, Tz::Europe__Berlin)) / 3_600_000;
        assert_eq!(hours, 23);
        // 02:30 does not exist that day.
        assert_eq!(
            name(moment(local(noon, Tz::Europe__Berlin).date_naive(), 150, Tz::Europe__Berlin)),
            "2026-03-29T03:00:00+02:00"
        );
    }

    #[test]
    fn quiet_hours_span_midnight() {
        let settings = Settings { quiet_from_min: 20 * 60, quiet_to_min: 7 * 60, ..Settings::default() };
        for (time, quiet) in [
            ("2026-11-20T19:59:00+01:00", false),
            ("2026-11-20T20:00:00+01:00", true),
            ("2026-11-21T00:00:00+01:00", true),
            ("2026-11-21T06:59:00+01:00", true),
            ("2026-11-21T07:00:00+01:00", false),
        ] {
            assert_eq!(is_quiet(&settings, at(time), Tz::Europe__Berlin), quiet, "{time}");
        }
        assert_eq!(
            name(quiet_end(&settings, at("2026-11-20T22:00:00+01:00"), Tz::Europe__Berlin)),
            "2026-11-21T07:00:00+01:00"
        );
        assert_eq!(
            name(quiet_end(&settings, at("2026-11-21T06:00:00+01:00"), Tz::Europe__Berlin)),
            "2026-11-21T07:00:00+01:00"
        );
        let never = Settings { quiet_from_min: 60, quiet_to_min: 60, ..Settings::default() };
        assert!(!is_quiet(&never, at("2026-11-20T01:00:00+01:00"), Tz::Europe__Berlin));
        let noon_nap = Settings { quiet_from_min: 12 * 60, quiet_to_min: 13 * 60, ..Settings::default() };
        assert!(is_quiet(&noon_nap, at("2026-11-20T12:30:00+01:00"), Tz::Europe__Berlin));
    }

    #[test]
    fn business_days_skip_the_weekend_and_respect_the_cut_off() {
        let settings = Settings { cut_off_min: 14 * 60, unfulfilled_after_days: 1, ..Settings::default() };
        for (now, before) in [
            // Friday after the cut-off: whoever bought before Thursday's cut-off waits too long.
            ("2026-11-20T15:00:00+01:00", "2026-11-19T14:00:00+01:00"),
            // Friday before it: Wednesday's.
            ("2026-11-20T13:00:00+01:00", "2026-11-18T14:00:00+01:00"),
            // Sunday: the last cut-off that passed was Friday's, one business day back is Thursday's.
            ("2026-11-22T15:00:00+01:00", "2026-11-19T14:00:00+01:00"),
            // Monday before the cut-off: the same.
            ("2026-11-23T09:00:00+01:00", "2026-11-19T14:00:00+01:00"),
            // Monday after it: Friday's.
            ("2026-11-23T14:00:00+01:00", "2026-11-20T14:00:00+01:00"),
        ] {
            assert_eq!(name(unfulfilled_until(&settings, at(now), Tz::Europe__Berlin)), before, "{now}");
        }
        let at_once = Settings { unfulfilled_after_days: 0, ..settings.clone() };
        assert_eq!(
            name(unfulfilled_until(&at_once, at("2026-11-20T15:00:00+01:00"), Tz::Europe__Berlin)),
            "2026-11-20T14:00:00+01:00"
        );
        let no_days = Settings { business_days: [false; 7], ..settings };
        assert_eq!(
            name(unfulfilled_until(&no_days, at("2026-11-22T15:00:00+01:00"), Tz::Europe__Berlin)),
            "2026-11-21T14:00:00+01:00"
        );
    }

    #[test]
    fn the_threshold_is_the_deadline_read_backwards() {
        // Every 37 minutes over the autumn night and a weekend; the second cut-off is in the hour that comes twice, and the
        // third calendar has two holidays.
        let usual = Settings::default().cut_off_min;
        let calendars = |step| [(step, usual, ""), (step, 150, ""), (step, usual, "2026-10-26, 10-29")];
        for (step, cut_off_min, days_off) in (0..400).flat_map(calendars) {
            let holidays = calendar::holidays(days_off).unwrap();
            let settings = Settings { unfulfilled_after_days: 2, cut_off_min, holidays, ..Settings::default() };
            let now_ms = at("2026-10-22T00:00:00+02:00") + step * 37 * 60_000;
            let until_ms = unfulfilled_until(&settings, now_ms, Tz::Europe__Berlin);
            for placed_ms in [until_ms - 1, until_ms, until_ms + 1, until_ms + 3_600_000] {
                let overdue = calendar::business_deadline(placed_ms, 2, &settings, Tz::Europe__Berlin) <= now_ms;
                assert_eq!(placed_ms <= until_ms, overdue, "{} at {}", name(placed_ms), name(now_ms));
            }
        }
    }
}
