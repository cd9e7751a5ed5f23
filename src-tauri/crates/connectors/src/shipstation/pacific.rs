//! V1's time: US Pacific wall clock, written without offset, read back the same way.
//!
//! Twice a year that clock is not a function of time: one night in spring an
//! hour does not exist, one night in autumn an hour happens twice. Nothing here
//! panics or fails on either; what is ambiguous is read as the earlier moment,
//! and reading windows that touch the repeated hour are widened so that no
//! record can fall between two polls ([`window`]).
//!
//! Left out on purpose: sending offsets or `Z`. Whether V1 honours them is not
//! documented; plain Pacific time is.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::America::Los_Angeles;
use quayside_model::time::{HOUR_MS, MINUTE_MS};

/// How far a window that touches the repeated hour reaches back before the change, ms.
/// 75 minutes lie outside every ambiguous wall time, whichever way the platform reads it.
const AUTUMN_OVERLAP_MS: i64 = 75 * MINUTE_MS;

/// Formats seen in answers, with time.
const STAMPS: &[&str] = &["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%m/%d/%Y %I:%M:%S %p"];
/// Formats seen in answers, days only.
const DAYS: &[&str] = &["%Y-%m-%d", "%m-%d-%Y", "%m/%d/%Y"];

/// A V1 timestamp or day (its start), ms UTC. `None` if it is neither.
pub(super) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    // Not documented, but unmistakable where it appears.
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.timestamp_millis());
    }
    let wall = STAMPS.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let wall = wall.or_else(|| Some(parse_day(text)?.and_time(NaiveTime::MIN)));
    wall.map(to_utc_ms)
}

/// As [`parse`], but dates nobody meant (`0001-01-01T00:00:00` stands for "none") are `None` too.
pub(super) fn parse_meant(text: &str) -> Option<i64> {
    parse(text).filter(|ms| *ms > 0)
}

/// A calendar day in any format seen in answers.
pub(super) fn parse_day(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    DAYS.iter().find_map(|format| NaiveDate::parse_from_str(text, format).ok())
}

/// Start of a Pacific day, ms UTC.
pub(super) fn day_start_ms(day: NaiveDate) -> i64 {
    to_utc_ms(day.and_time(NaiveTime::MIN))
}

/// A moment as V1 writes it: `2026-03-02T09:14:27.5030000`.
pub(super) fn stamp(ms: i64) -> String {
    format!("{}0000", to_wall(ms).format("%Y-%m-%dT%H:%M:%S%.3f"))
}

/// A moment as V1's filters read it: `2026-03-02 09:14:27`. Cut to the second.
pub(super) fn filter(ms: i64) -> String {
    to_wall(ms).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A moment for people, in `zone` if one is known, else in Pacific time, which is then said.
pub(super) fn for_people(ms: i64, zone: Option<&str>) -> String {
    match zone.and_then(|name| name.parse::<chrono_tz::Tz>().ok()) {
        Some(zone) => utc(ms).with_timezone(&zone).format("%H:%M on %-d %B").to_string(),
        None => to_wall(ms).format("%H:%M on %-d %B (Pacific time)").to_string(),
    }
}

/// The window of a poll, ms UTC: everything changed since `since_ms`, as of `now_ms`.
///
/// `overlap_ms` is for late indexes and clocks that disagree. Where the window
/// begins or ends in the repeated hour of autumn, wall clock order is not time
/// order: the start moves before the first of the two hours, the end behind the second.
pub(super) fn window(since_ms: i64, now_ms: i64, overlap_ms: i64) -> (i64, i64) {
    let mut start_ms = since_ms - overlap_ms;
    let mut end_ms = now_ms;
    if let Some(change_ms) = repeated_hour_around(start_ms) {
        start_ms = start_ms.min(change_ms - AUTUMN_OVERLAP_MS);
    }
    if let Some(change_ms) = repeated_hour_around(end_ms) {
        end_ms = end_ms.max(change_ms + HOUR_MS);
    }
    (start_ms, end_ms)
}

/// The moment the clock was set back, if `ms` lies within an hour of it: then its wall time exists twice.
fn repeated_hour_around(ms: i64) -> Option<i64> {
    let year = to_wall(ms).year();
    let change_ms = set_back_ms(year)?;
    ((change_ms - HOUR_MS)..=(change_ms + HOUR_MS)).contains(&ms).then_some(change_ms)
}

/// When Pacific clocks are set back in `year`, ms UTC: first Sunday of November, 02:00 daylight time.
/// Checked against the zone's own table, so a year without a change has none.
fn set_back_ms(year: i32) -> Option<i64> {
    let sunday = NaiveDate::from_weekday_of_month_opt(year, 11, Weekday::Sun, 1)?;
    let change = sunday.and_hms_opt(9, 0, 0)?.and_utc();
    let offset = |at: DateTime<Utc>| at.with_timezone(&Los_Angeles).offset().fix().local_minus_utc();
    let before = change.checked_sub_signed(TimeDelta::milliseconds(1))?;
    (offset(before) > offset(change)).then(|| change.timestamp_millis())
}

/// Years beyond these are nobody's order; clamping keeps the formats four digits wide.
fn utc(ms: i64) -> DateTime<Utc> {
    const FIRST_MS: i64 = -62_000_000_000_000; // the year 5
    const LAST_MS: i64 = 253_300_000_000_000; // the year 9996
    DateTime::from_timestamp_millis(ms.clamp(FIRST_MS, LAST_MS)).unwrap_or(DateTime::<Utc>::UNIX_EPOCH)
}

fn to_wall(ms: i64) -> NaiveDateTime {
    utc(ms).with_timezone(&Los_Angeles).naive_local()
}

fn to_utc_ms(wall: NaiveDateTime) -> i64 {
    let local =
        |wall: &NaiveDateTime| Los_Angeles.from_local_datetime(wall).earliest().map(|moment| moment.timestamp_millis());
    local(&wall)
        // The hour that does not exist: as many hours after the last moment that did.
        .or_else(|| Some(local(&wall.checked_sub_signed(TimeDelta::hours(3))?)? + 3 * HOUR_MS))
        .unwrap_or_else(|| wall.and_utc().timestamp_millis())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 2026-11-01 02:00 PDT, when clocks go back to 01:00 PST.
    const AUTUMN_MS: i64 = 1_793_523_600_000;
    /// 2026-03-08 02:00 PST, when clocks jump to 03:00 PDT.
    const SPRING_MS: i64 = 1_772_964_000_000;

    #[test]
    fn the_documents_formats_are_read() {
        for (text, utc) in [
            ("2026-03-02T09:14:27.5030000", "2026-03-02T17:14:27.503Z"),
            ("2026-07-02T09:14:27", "2026-07-02T16:14:27Z"),
            ("2015-08-17T09:24:14.78", "2015-08-17T16:24:14.780Z"),
            ("2026-03-02 09:14:27", "2026-03-02T17:14:27Z"),
            ("2026-03-02", "2026-03-02T08:00:00Z"),
            ("8-13-2014", "2014-08-13T07:00:00Z"),
            ("6/28/2015 5:46:27 PM", "2015-06-29T00:46:27Z"),
            ("2026-03-02T09:14:27Z", "2026-03-02T09:14:27Z"),
            // The hour that does not exist, and the one that exists twice.
            ("2026-03-08T02:30:00", "2026-03-08T10:30:00Z"),
            ("2026-11-01T01:30:00", "2026-11-01T08:30:00Z"),
        ] {
            let expected = DateTime::parse_from_rfc3339(utc).unwrap().timestamp_millis();
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        for nonsense in ["", "soon", "2026-13-01", "2026-02-30T00:00:00", "99999999999999999999"] {
            assert_eq!(parse(nonsense), None, "{nonsense}");
        }
        assert_eq!(parse_meant("0001-01-01T00:00:00"), None);
    }

    #[test]
    fn moments_are_written_the_vendors_way() {
        let ms = DateTime::parse_from_rfc3339("2026-03-02T17:14:27.503Z").unwrap().timestamp_millis();
        assert_eq!(stamp(ms), "2026-03-02T09:14:27.5030000");
        assert_eq!(filter(ms), "2026-03-02 09:14:27");
        assert_eq!(for_people(ms, Some("Europe/Berlin")), "18:14 on 2 March");
        assert_eq!(for_people(ms, None), "09:14 on 2 March (Pacific time)");
    }

    #[test]
    fn the_changes_are_where_the_zone_has_them() {
        assert_eq!(set_back_ms(2026), Some(AUTUMN_MS));
        assert_eq!(filter(AUTUMN_MS - 1_000), "2026-11-01 01:59:59");
        assert_eq!(filter(AUTUMN_MS), "2026-11-01 01:00:00");
        assert_eq!(filter(SPRING_MS), "2026-03-08 03:00:00");
        // Before 1967 the zone set its clocks back in September or October, if at all.
        assert_eq!(set_back_ms(1950), None);
    }

    #[test]
    fn an_ordinary_window_is_the_overlap_and_no_more() {
        let now_ms = SPRING_MS;
        assert_eq!(window(now_ms - 60_000, now_ms, 600_000), (now_ms - 660_000, now_ms));
    }

    proptest! {
        #[test]
        fn any_moment_survives_the_round_trip_except_the_hour_that_exists_twice(ms in 946_684_800_000_i64..4_102_444_800_000) {
            let back = parse(&stamp(ms)).unwrap();
            prop_assert!(back == ms || back == ms - HOUR_MS, "{ms} became {back}");
            if back != ms {
                prop_assert!(repeated_hour_around(ms).is_some());
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}", digits in "[0-9]{1,6}-[0-9]{1,2}-[0-9]{1,2}T[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}") {
            let _ = parse(&text);
            let _ = parse(&digits);
        }

        #[test]
        fn no_moment_panics(ms in any::<i64>()) {
            let _ = (stamp(ms), filter(ms), for_people(ms, None));
        }

        /// The promise the autumn rule makes: whatever changed between two polls has a wall
        /// clock inside the second poll's window, although wall clocks ran backwards in between,
        /// and whether the platform reads an ambiguous filter as the first or the second hour.
        #[test]
        fn nothing_falls_between_two_polls_on_either_night(
            night in prop_oneof![Just(AUTUMN_MS), Just(SPRING_MS)],
            since_min in -180_i64..180,
            gap_min in 1_i64..90,
            changed_part in 0.0_f64..1.0,
        ) {
            let since_ms = night + since_min * MINUTE_MS;
            let now_ms = since_ms + gap_min * MINUTE_MS;
            let changed_ms = since_ms + ((now_ms - since_ms) as f64 * changed_part) as i64;
            let (start_ms, end_ms) = window(since_ms, now_ms, 10 * MINUTE_MS);
            // Compared as the platform compares: by wall clock.
            prop_assert!(filter(start_ms) <= filter(changed_ms), "starts {} after {}", filter(start_ms), filter(changed_ms));
            prop_assert!(filter(changed_ms) <= filter(end_ms), "ends {} before {}", filter(end_ms), filter(changed_ms));
            // Compared as moments, with the filter read back as the later of two possible ones.
            let latest = |text: &str| {
                let wall = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap();
                Los_Angeles.from_local_datetime(&wall).latest().map(|moment| moment.timestamp_millis())
            };
            if let Some(start) = latest(&filter(start_ms)) {
                prop_assert!(start <= changed_ms);
            }
        }
    }
}
