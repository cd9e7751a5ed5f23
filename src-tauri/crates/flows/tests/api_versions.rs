//! What is said of a platform's API versions, as data: what is declared, what answers, the day, and the entry.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use chrono::NaiveDate;
use quayside_flows::api_versions::judge;
use quayside_model::{ApiInUse, ApiVersion, Declaration};

static MARKET: Declaration = Declaration {
    platform: "market",
    title: "Market",
    roles: &[],
    summary: "",
    ways: &[],
    streams: &[],
    performs: &[],
    batch_max: &[],
    prices: &[],
    choices: &[],
    refunds: None,
    customer_keys: &[],
    badges: &[],
    personal_data_days: None,
    tells_delivery: false,
    no_buyer_mail: None,
    keeps: &[],
    api: &[ApiVersion::ending("Orders API", "2026-07", "2027-07-01"), ApiVersion::new("Stock API", "v2")],
    lasting: &[],
    settings: &[],
};

/// What is told on a day, as `about: sentence`.
fn told(day: &str, in_use: &[ApiInUse]) -> Vec<String> {
    let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").unwrap().and_hms_opt(13, 5, 0).unwrap();
    let found = judge(&MARKET, "Harbour Goods", in_use, day.and_utc().timestamp_millis());
    found.into_iter().map(|one| format!("{}: {}", one.about, one.sentence)).collect()
}

fn orders(asked: &str, served: Option<&str>) -> ApiInUse {
    ApiInUse { name: "Orders API", asked: asked.into(), served: served.map(str::to_owned) }
}

#[test]
fn an_end_is_told_from_ninety_days_before_it_on() {
    let soon = "until Orders API 2026-07: This Quayside speaks version 2026-07 of Market's Orders API, which Market serves until 1 July 2027. Update Quayside before that day.";
    let over = "until Orders API 2026-07: This Quayside speaks version 2026-07 of Market's Orders API, which Market may end any day since 1 July 2027. Update Quayside.";
    for (day, expected) in [
        ("2026-11-23", None),
        ("2027-04-01", None),
        ("2027-04-02", Some(soon)),
        ("2027-06-30", Some(soon)),
        ("2027-07-01", Some(over)),
        ("2030-01-01", Some(over)),
    ] {
        let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        // Whether the platform says what answered or not makes no difference to its calendar.
        for in_use in [vec![], vec![orders("2026-07", None)], vec![orders("2026-07", Some("2026-07"))]] {
            assert_eq!(told(day, &in_use), expected, "{day}, {in_use:?}");
        }
    }
}

#[test]
fn another_version_in_its_place_is_told_at_once_and_instead() {
    for day in ["2026-11-23", "2027-06-30", "2027-09-01"] {
        let found = told(day, &[orders("2026-07", Some("2026-10"))]);
        assert_eq!(
            found,
            [
                "served Orders API: Market answered Harbour Goods by version 2026-10 of its Orders API; 2026-07 was asked for, so it is no longer served. Fields that differ between the two may be missing, and changes may be refused. Update Quayside."
            ],
            "{day}"
        );
    }
}

#[test]
fn a_version_that_was_chosen_for_the_account_is_no_reason_to_update() {
    assert_eq!(told("2027-06-30", &[orders("2027-04", Some("2027-04"))]), Vec::<String>::new());
    assert_eq!(told("2027-06-30", &[orders("2027-04", None)]), Vec::<String>::new());
    let found = told("2026-11-23", &[orders("2025-01", Some("2026-01"))]);
    assert!(
        found.len() == 1 && found[0].ends_with("It was chosen in the account's settings; choose 2026-07 there."),
        "{found:?}"
    );
}

#[test]
fn what_is_in_use_and_not_declared_is_not_spoken_of() {
    let other = ApiInUse { name: "Other API", asked: "1".into(), served: Some("2".into()) };
    assert_eq!(told("2026-11-23", &[other]), Vec::<String>::new());
}
