#![allow(clippy::unwrap_used)]
use super::*;

fn utc(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
}

#[test]
fn writes_seven_digits_and_no_offset() {
    assert_eq!(Wall::of(utc("2026-03-02T17:14:27.503Z")).long(), "2026-03-02T09:14:27.5030000");
    assert_eq!(Wall::of(utc("2026-07-02T17:14:27Z")).long(), "2026-07-02T10:14:27.0000000");
    assert_eq!(Wall::of(utc("2026-01-01T07:59:59Z")).day(), "2025-12-31");
    assert_eq!(Wall::of(utc("2014-08-13T20:00:00Z")).us_day(), "8-13-2014");
}

#[test]
fn reads_what_clients_write() {
    let cases = [
        ("2026-03-02", "2026-03-02T00:00:00.0000000"),
        ("2026-03-02 09:14:27", "2026-03-02T09:14:27.0000000"),
        ("2026-03-02T09:14", "2026-03-02T09:14:00.0000000"),
        ("2026-03-02T09:14:27.5030000", "2026-03-02T09:14:27.5030000"),
        // An offset is not honoured: whoever sends UTC here is hours off, as at the platform.
        ("2026-03-02T17:14:27.000Z", "2026-03-02T17:14:27.0000000"),
        ("2026-03-02T17:14:27+01:00", "2026-03-02T17:14:27.0000000"),
    ];
    for (given, want) in cases {
        assert_eq!(Wall::parse(given).unwrap().long(), want, "{given}");
    }
    for wrong in ["", "yesterday", "2026-13-01", "2026-03-02 25:00:00", "1772442867000"] {
        assert_eq!(Wall::parse(wrong), None, "{wrong}");
    }
}

/// Every minute of both nights: the way there and back keeps the moment, except where the clock itself cannot say.
#[test]
fn both_nights_when_the_clock_changes() {
    // Autumn 2026: at 02:00 PDT (09:00 UTC) it becomes 01:00 PST; 01:00 to 02:00 is shown twice.
    let repeated = (utc("2026-11-01T09:00:00Z"), utc("2026-11-01T10:00:00Z"));
    let mut last = Wall(i64::MIN);
    let mut went_back = 0;
    for minute in 0..24 * 60 {
        let at = utc("2026-11-01T00:00:00Z") + minute * 60_000;
        let wall = Wall::of(at);
        went_back += i32::from(wall < last);
        last = wall;
        let back = wall.to_utc_ms();
        if (repeated.0..repeated.1).contains(&at) {
            assert_eq!(back, at - 3_600_000, "of a repeated hour the first is meant");
        } else {
            assert_eq!(back, at);
        }
    }
    assert_eq!(went_back, 1, "the clock on the wall runs backwards once that night");

    // Spring 2026: at 02:00 PST (10:00 UTC) it becomes 03:00 PDT; 02:00 to 03:00 is never shown.
    let mut shown = std::collections::BTreeSet::new();
    for minute in 0..24 * 60 {
        let at = utc("2026-03-08T00:00:00Z") + minute * 60_000;
        assert_eq!(Wall::of(at).to_utc_ms(), at);
        shown.insert(Wall::of(at));
    }
    for minute in 0..60 {
        let gap = Wall(Wall::parse("2026-03-08 02:00:00").unwrap().0 + minute * 60_000);
        assert!(!shown.contains(&gap), "{} never was", gap.long());
        assert_eq!(gap.to_utc_ms(), utc("2026-03-08T10:00:00Z") + minute * 60_000, "moved on by the gap");
    }
}

/// Any moment of thirty years comes back, or an hour earlier when its wall time was shown twice.
#[test]
fn random_moments_come_back() {
    use rand::{Rng, SeedableRng};
    let mut rng = rand::rngs::SmallRng::seed_from_u64(7);
    for _ in 0..50_000 {
        let at = rng.random_range(utc("2010-01-01T00:00:00Z")..utc("2040-01-01T00:00:00Z"));
        let lost = at - Wall::of(at).to_utc_ms();
        assert!(lost == 0 || lost == 3_600_000, "{at}: {lost}");
        assert_eq!(Wall::parse(&Wall::of(at).long()).unwrap(), Wall::of(at));
    }
}

#[test]
fn newer_api_speaks_utc() {
    assert_eq!(iso(utc("2026-03-02T17:14:27.503Z")), "2026-03-02T17:14:27.503Z");
    assert_eq!(parse_iso("2026-03-02T09:14:27-08:00").unwrap(), utc("2026-03-02T17:14:27Z"));
    assert_eq!(parse_iso("2026-03-02").unwrap(), utc("2026-03-02T00:00:00Z"));
    assert_eq!(parse_iso("2026-03-02 09:14:27"), None);
}
