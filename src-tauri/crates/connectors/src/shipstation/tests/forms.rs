//! Filled-in forms, before anything is sent.

use crate::shipstation::PLATFORM;
use std::collections::BTreeMap;

fn check(way: &str, filled: &[(&str, &str)]) -> Result<BTreeMap<String, String>, String> {
    let filled = filled.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    (PLATFORM.check_fields)(way, &filled, false).map_err(|problems| {
        problems.into_iter().map(|p| format!("{}: {}", p.field, p.sentence)).collect::<Vec<_>>().join(" | ")
    })
}

#[test]
fn pasted_keys_are_cleaned() {
    let fields = check(
        "both",
        &[
            ("key", " \"0123456789abcdef\"\n"),
            ("secret", "fedcba98 76543210"),
            ("expires_on", "31.03.2027"),
            ("v2_key", "Bearer abc/+def0123"),
        ],
    );
    let fields = fields.unwrap();
    assert_eq!(fields["key"], "0123456789abcdef");
    assert_eq!(fields["secret"], "fedcba9876543210");
    assert_eq!(fields["expires_on"], "2027-03-31");
    assert_eq!(fields["v2_key"], "abc/+def0123");
}

#[test]
fn mix_ups_are_told_per_field() {
    let (key, secret) = ("0123456789abcdef", "fedcba9876543210");
    for (way, filled, expected) in [
        ("v3", vec![], "way: ShipStation has no way to sign in called \"v3\""),
        ("v1", vec![("key", key)], "secret: V1 API Secret is empty."),
        ("v1", vec![("key", key), ("secret", key)], "secret: Key and secret are the same text."),
        (
            "v1",
            vec![("key", "0123456789abcdef:fedcba9876543210"), ("secret", secret)],
            "key: This looks like key and secret in one text",
        ),
        ("v1", vec![("key", "abc"), ("secret", secret)], "key: This is too short"),
        ("v1", vec![("key", key), ("secret", secret), ("expires_on", "soon")], "expires_on: This is not a day."),
        ("both", vec![("key", key), ("secret", secret), ("v2_key", key)], "v2_key: This is the V1 key."),
        ("v2", vec![], "v2_key: V2 API Key is empty."),
    ] {
        let told = check(way, &filled).unwrap_err();
        assert!(told.contains(expected), "{told}");
        assert!(!told.contains("fedcba9876543210"), "a secret was repeated: {told}");
    }
}
