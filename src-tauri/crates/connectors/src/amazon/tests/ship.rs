//! Names of packages, and how units are spread over them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use serde_json::json;

#[test]
fn a_packages_name_is_a_positive_number_and_stays() {
    assert_eq!(reference("cafe-028-1:fulfill:label:9:0", 0), reference("cafe-028-1:fulfill:label:9:0", 0));
    let mut seen = std::collections::BTreeSet::new();
    for effect in 0..2_000 {
        for n in 0..3 {
            let name = reference(&format!("cafe-028-{effect}:fulfill:label:{effect}:0"), n);
            let number: u64 = name.parse().unwrap();
            assert!((1_000..=2_147_483_647).contains(&number), "people count from 1: {number}");
            seen.insert(name);
        }
    }
    assert!(seen.len() > 5_990, "spread well enough: {}", seen.len());
}

fn units(lines: &[(&str, i64)]) -> Units {
    lines.iter().map(|(line, units)| ((*line).to_owned(), *units)).collect()
}

#[test]
fn every_unit_is_in_exactly_one_package() {
    for (lines, count, sizes) in [
        (&[("a", 3)][..], 1, &[3][..]),
        (&[("a", 3)], 2, &[2, 1]),
        (&[("a", 1), ("b", 1)], 2, &[1, 1]),
        (&[("a", 1)], 3, &[1]),
        (&[("a", 1), ("b", 2)], 3, &[1, 1, 1]),
    ] {
        let parts = split(&units(lines), count);
        let packed: Vec<i64> = parts.iter().map(|part| part.iter().map(|line| line.quantity).sum()).collect();
        assert_eq!(packed, sizes, "{lines:?} over {count}");
        let mut all = Units::new();
        for line in parts.iter().flatten() {
            assert!(line.quantity > 0);
            *all.entry(line.order_line_id.clone()).or_default() += line.quantity;
        }
        assert_eq!(all, units(lines));
    }
}

fn order(packages: &Value) -> Order {
    super::super::translate::order(&json!({
        "orderId": "028-1", "createdTime": "2026-11-01T10:00:00Z", "lastUpdatedTime": "2026-11-01T11:00:00Z",
        "salesChannel": { "channelName": "AMAZON", "marketplaceId": "A1PA6795UKMFR9" },
        "fulfillment": { "fulfillmentStatus": "PARTIALLY_SHIPPED", "fulfilledBy": "MERCHANT" },
        "orderItems": [{ "orderItemId": "i1", "quantityOrdered": 3, "product": { "sellerSku": "MUG" } }],
        "packages": packages,
    }))
    .unwrap()
}

fn draft(units: i64, numbers: &[&str]) -> FulfillmentDraft {
    FulfillmentDraft {
        order_remote_id: "028-1".into(),
        parcel_ids: vec![],
        lines: vec![FulfillmentLine { order_line_id: "i1".into(), quantity: units }],
        tracking: Tracking { numbers: numbers.iter().map(|n| (*n).to_owned()).collect(), ..Tracking::default() },
        notify_customer: false,
        shipped_at_ms: None,
        known_fulfillment_ids: vec![],
        expected: None,
    }
}

fn package(reference: &str, number: &str, units: i64) -> Value {
    json!({ "packageReferenceId": reference, "trackingNumber": number, "packageItems": [{ "orderItemId": "i1", "quantity": units }] })
}

#[test]
fn what_is_reported_is_not_reported_again() {
    let own = reference("k", 0);
    for (packages, numbers, wanted, outcome) in [
        (json!([]), &["1Z"][..], 2, "send 2"),
        // Ours was taken and is repeated as an edit of the whole.
        (json!([package(&own, "1Z", 2)]), &["1Z"], 2, "already"),
        (json!([package(&own, "1Z", 1)]), &["1Z"], 2, "send 2"),
        // Another tool reported it under the same number.
        (json!([package("1", "1z ", 2)]), &["1Z"], 2, "already"),
        (json!([package("1", "1Z", 1)]), &["1Z"], 2, "send 1"),
        // Another parcel of the same order.
        (json!([package("1", "JJD", 1)]), &["1Z"], 2, "send 2"),
        (json!([package("1", "JJD", 2)]), &["1Z"], 2, "refused"),
        (json!([]), &[], 1, "refused"),
        (json!([]), &["1Z", "2Z"], 2, "send 1 1"),
        (json!([]), &["1Z", "2Z"], 1, "send 1, noted"),
    ] {
        let plan = plan(&draft(wanted, numbers), "k", &order(&packages), &[]);
        let said = match &plan {
            Plan::Already { .. } => "already".to_owned(),
            Plan::Refuse { .. } => "refused".to_owned(),
            Plan::TooEarly => "too early".to_owned(),
            Plan::Send { packages, note } => {
                let sizes: Vec<String> = packages
                    .iter()
                    .map(|p| p.lines.iter().map(|line| line.quantity).sum::<i64>().to_string())
                    .collect();
                format!("send {}{}", sizes.join(" "), if note.is_some() { ", noted" } else { "" })
            }
        };
        assert_eq!(said, outcome, "{packages} {numbers:?}");
    }
}

#[test]
fn a_package_keeps_one_number() {
    for (shown, wanted, outcome) in [
        ("OLD", &["NEW"][..], Some(&["NEW:2"][..])),
        ("OLD", &["OLD"], None),
        // A second box of the same goods: a unit moves into a package of its own.
        ("OLD", &["OLD", "NEW"], Some(&["OLD:1", "NEW:1"])),
    ] {
        let order = order(&json!([package("7", shown, 2)]));
        let tracking = draft(1, wanted).tracking;
        let found = replace(&order.fulfillments[0], &tracking, "k", &order).map(|packages| {
            packages
                .iter()
                .map(|p| format!("{}:{}", p.number, p.lines.iter().map(|line| line.quantity).sum::<i64>()))
                .collect::<Vec<_>>()
        });
        assert_eq!(found, outcome.map(|list| list.iter().map(|text| (*text).to_owned()).collect()), "{wanted:?}");
    }
    // One unit in two boxes: Amazon has no place for the second number.
    let order = order(&json!([package("7", "OLD", 1)]));
    assert_eq!(replace(&order.fulfillments[0], &draft(1, &["OLD", "NEW"]).tracking, "k", &order), None);
}
