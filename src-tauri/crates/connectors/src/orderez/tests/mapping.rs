//! What the mapping screen shows.

use super::super::KIT;
use super::super::profile::Profile;
use super::draft;
use super::reading::order;
use serde_json::json;
use std::collections::BTreeMap;

#[test]
fn a_sample_answer_shows_live_values_and_marks_what_is_missing() {
    let sample = json!({"data": [order("1", "2026-11-20T09:00:00Z"), order("2", "2026-11-20T09:00:00Z")], "meta": {}})
        .to_string();
    let preview = (KIT.preview)("assumed-contract", "order", &sample).unwrap();
    assert!(preview.ok, "{}", preview.sentence);
    assert_eq!(preview.records, 2);
    let row = |name: &str| preview.rows.iter().find(|row| row.field == name).unwrap();
    assert_eq!((row("number").value.as_str(), row("status").value.as_str()), ("OZ-1", "open"));
    assert!(row("remote_id").required && !row("note").required && row("note").value.is_empty());
    assert!(preview.rows[0].required, "required ones come first");
    // One record, and the bare record, are read as well.
    for sample in [json!({"data": order("1", "x")}), order("1", "x")] {
        assert_eq!((KIT.preview)("assumed-contract", "order", &sample.to_string()).unwrap().records, 1);
    }
    // A table would call it "unknown"; it is told as missing.
    let astray =
        (KIT.edit)("assumed-contract", &["entities", "order", "read", "status"].map(str::to_owned), &json!("nowhere"));
    let preview = (KIT.preview)(&astray.unwrap(), "order", &sample).unwrap();
    assert!(!preview.ok && preview.sentence.contains("Without a value: status"), "{}", preview.sentence);
    // The supplier skeleton does not know where lines are.
    let preview = (KIT.preview)("orderez-co-supplier", "order", &sample).unwrap();
    assert!(!preview.ok && preview.sentence.contains("lines"), "{}", preview.sentence);
    assert!(preview.rows.iter().any(|row| row.field == "lines" && row.missing));
    assert!(preview.unused.contains(&"shipping_address".to_owned()), "{:?}", preview.unused);
}

#[test]
fn a_sample_that_is_none_says_so() {
    for (entity, sample, expected) in [
        ("order", "<html>", "not JSON"),
        ("order", "{\"data\": []}", "No record was found"),
        ("spaceship", "{}", "nothing to read called"),
    ] {
        let said = (KIT.preview)("assumed-contract", entity, sample).unwrap_err();
        assert!(said[0].sentence.contains(expected), "{said:?}");
    }
}

#[test]
fn a_dry_run_renders_the_exact_request_without_the_key() {
    let run = (KIT.dry_run)("assumed-contract", "createOrder", &draft(), &BTreeMap::new()).unwrap();
    assert_eq!((run.method.as_str(), run.url.as_str()), ("POST", "https://{host}/v1/orders"));
    assert!(run.headers.contains(&("authorization".into(), "Bearer •••".into())));
    assert!(run.body.contains("\"cafe0001-5001\"") && !run.body.contains("null"), "{}", run.body);
    let run = (KIT.dry_run)("assumed-contract", "cancelOrder", &draft(), &BTreeMap::new()).unwrap();
    assert_eq!(run.url, "https://{host}/v1/orders/id-of-order/cancel");
    assert!(run.headers.contains(&("if-match".into(), "\"1\"".into())));
    let run = (KIT.dry_run)("assumed-contract", "listOrders", &draft(), &BTreeMap::new()).unwrap();
    assert!(run.url.contains("?updated_since=2026-11-20T09%3A00%3A00Z&limit=250"), "{}", run.url);
    let said = (KIT.dry_run)("orderez-co-supplier", "createOrder", &draft(), &BTreeMap::new()).unwrap_err();
    assert!(said[0].sentence.contains("knows no path for createOrder"), "{said:?}");
}

#[test]
fn a_check_tells_abilities_and_faults() {
    let report = (KIT.check)("assumed-contract");
    assert!(report.ok && report.abilities.iter().all(|ability| ability.on));
    assert!(report.operations.contains(&"createOrder".to_owned()));
    let report = (KIT.check)(&Profile::shipped("assumed-contract").unwrap().replace("format: 1", "format: 9"));
    assert!(!report.ok && report.name == "assumed-contract" && report.faults[0].place == "format", "{report:?}");
    assert_eq!((KIT.shipped)().len(), 2);
}
