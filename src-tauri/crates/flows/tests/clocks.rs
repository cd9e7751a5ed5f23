//! Deadlines in business days, in every zone of the world, on every night the clocks are changed: a later order is
//! never due earlier.
#![allow(clippy::unwrap_used)]

use chrono::{Datelike as _, TimeZone as _, Timelike as _, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use proptest::prelude::*;
use quayside_flows::calendar::{business_deadline, instant, time_of_day};
use quayside_model::settings::Settings;

/// From 2012 (until then a few zones set their clocks back over midnight, so that a date came twice) to 2037.
const FROM_MS: i64 = 1_325_376_000_000;
const TO_MS: i64 = 2_145_916_800_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn settings() -> impl Strategy<Value = Settings> {
    (0_u32..1440, proptest::array::uniform7(any::<bool>())).prop_map(|(cut_off_min, business_days)| Settings {
        cut_off_min,
        business_days,
        ..Settings::default()
    })
}

fn zone() -> impl Strategy<Value = Tz> {
    proptest::sample::select(TZ_VARIANTS.to_vec())
}

/// Any moment, or one within a day of a change of the clocks in Europe or America.
fn moment() -> impl Strategy<Value = i64> {
    let change = proptest::sample::select(vec![
        "2026-03-08T10:00:00Z",
        "2026-03-29T01:00:00Z",
        "2026-10-25T01:00:00Z",
        "2026-11-01T09:00:00Z",
    ]);
    let near = (change, -DAY_MS..DAY_MS)
        .prop_map(|(at, off)| chrono::DateTime::parse_from_rfc3339(at).unwrap().timestamp_millis() + off);
    prop_oneof![FROM_MS..TO_MS, near]
}

proptest! {
    #[test]
    fn a_later_order_is_never_due_earlier(
        from_ms in moment(),
        by_ms in prop_oneof![0..2 * HOUR_MS, 0..10 * DAY_MS],
        days in 0_u32..6,
        settings in settings(),
        zone in zone(),
    ) {
        let due_ms = business_deadline(from_ms, days, &settings, zone);
        prop_assert!(due_ms >= from_ms, "due before it was placed");
        prop_assert!(business_deadline(from_ms + by_ms, days, &settings, zone) >= due_ms, "a later one is due earlier");
        prop_assert!(business_deadline(from_ms, days + 1, &settings, zone) > due_ms, "a day more is no day more");
    }

    #[test]
    fn a_deadline_is_a_cut_off_on_a_day_somebody_works(
        from_ms in moment(),
        days in 0_u32..6,
        settings in settings(),
        zone in zone(),
    ) {
        let due = Utc.timestamp_millis_opt(business_deadline(from_ms, days, &settings, zone)).unwrap().with_timezone(&zone);
        let works = settings.business_days[due.weekday().num_days_from_monday() as usize];
        let minute = due.hour() * 60 + due.minute();
        // Where the clocks were set forward over the cut-off it is the first moment after.
        let skipped = instant(due.date_naive(), time_of_day(settings.cut_off_min), zone) == due && minute != settings.cut_off_min;
        prop_assert!(minute == settings.cut_off_min || skipped, "{}", due);
        prop_assert!(works || settings.business_days == [false; 7] || skipped, "{}", due);
    }

    #[test]
    fn a_moment_shown_on_the_wall_is_that_moment_or_the_same_hour_before(at_ms in moment(), zone in zone()) {
        let at = Utc.timestamp_millis_opt(at_ms).unwrap();
        let wall = at.with_timezone(&zone).naive_local();
        let again = instant(wall.date(), wall.time(), zone);
        let is_twice = matches!(zone.from_local_datetime(&wall), chrono::LocalResult::Ambiguous(..));
        prop_assert!(again == at || (is_twice && again < at), "{} became {}", at, again);
    }
}
