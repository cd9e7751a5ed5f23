//! The connection form.

use super::super::{DECLARATION, PLATFORM};
use super::*;
use crate::testing::Script;

fn check(way: &str, fields: &[(&str, &str)]) -> Result<BTreeMap<String, String>, Vec<String>> {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    (PLATFORM.check_fields)(way, &fields, false).map_err(|problems| {
        problems.into_iter().map(|problem| format!("{}: {}", problem.field, problem.sentence)).collect()
    })
}

#[test]
fn pasted_fields_are_cleaned() {
    let cleaned = check(
        "assumed-contract",
        &[("host", " https://API.Harbour.example/v1/ "), ("api_key", "Bearer abc-def-ghi\n")],
    )
    .unwrap();
    assert_eq!(cleaned["host"], "api.harbour.example");
    assert_eq!(cleaned["api_key"], "abc-def-ghi");
}

#[test]
fn what_is_wrong_is_said_at_its_field() {
    for (way, fields, expected) in [
        ("magic", vec![], "way: Orderez has no way"),
        ("assumed-contract", vec![("host", ""), ("api_key", "abc-def-ghi")], "host: API host is empty"),
        ("assumed-contract", vec![("host", "two words"), ("api_key", "")], "api_key: API key is empty"),
        ("assumed-contract", vec![("host", "api.x.example"), ("api_key", "abc")], "api_key: This is too short"),
        ("assumed-contract", vec![("host", "api_x!"), ("api_key", "abc-def-ghi")], "host: \"api_x!\" is not what"),
        ("own", vec![("host", "a.example"), ("api_key", "abc-def-ghi")], "profile: Profile is empty"),
        (
            "own",
            vec![("host", "a.example"), ("api_key", "abc-def-ghi"), ("profile", "/no/such/file.yaml")],
            "neither a profile's text",
        ),
        (
            "own",
            vec![("host", "a.example"), ("api_key", "abc-def-ghi"), ("profile", "format: 1\nname: x\n")],
            "profile: The profile cannot be used.",
        ),
        ("own", vec![("host", "a.example"), ("api_key", "abc-def-ghi"), ("profile", "/")], "is not a file"),
    ] {
        let said = check(way, &fields).unwrap_err();
        assert!(said.iter().any(|sentence| sentence.contains(expected)), "{expected}: {said:?}");
    }
}

#[test]
fn a_profile_is_given_by_text_by_file_or_by_name() {
    let text = Profile::shipped("assumed-contract").unwrap();
    let file = std::env::temp_dir().join(format!("quayside-profile-{}.yaml", std::process::id()));
    std::fs::write(&file, text).unwrap();
    for given in [text, file.to_str().unwrap(), "assumed-contract"] {
        let cleaned = check("own", &[("host", "a.example"), ("api_key", "abc-def-ghi"), ("profile", given)]).unwrap();
        // The text is what is kept: the file may go.
        assert_eq!(cleaned["profile"].trim(), text.trim());
    }
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn a_profile_may_ask_for_more() {
    let text = Profile::shipped("assumed-contract")
        .unwrap()
        .replace("https://{host}/v1", "https://{host}/t/{tenant}")
        .replace("inputs:\n", "inputs:\n  - {name: tenant, label: Tenant, pattern: \"^[a-z]+$\"}\n");
    let base = [("host", "a.example"), ("api_key", "abc-def-ghi"), ("profile", text.as_str())];
    let with = |inputs: &'static str| check("own", &[base[0], base[1], base[2], ("inputs", inputs)]);
    assert!(with("").unwrap_err()[0].contains("asks for \"Tenant\""));
    assert!(with("tenant = a/../b").unwrap_err()[0].contains("is not what"));
    assert!(with("tenant = harbour").is_ok());
}

#[test]
fn every_way_opens_or_says_why_not() {
    let (script, clock) = (Script::new([]), StandingClock::at(NOW_MS));
    for way in DECLARATION.ways {
        let text = (way.id == "own").then(|| Profile::shipped("assumed-contract").unwrap());
        assert_eq!(connector_of(way.id, text, &script, &clock).declaration().platform, "orderez");
        assert!(!way.steps.is_empty());
    }
}
