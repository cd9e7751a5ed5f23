//! The tables of meaning, row by row.

use crate::shipstation::client::{Api, Reply};
use crate::shipstation::verdicts::{self, Means, Speaker, index_in_batch, plain_field};
use quayside_model::{Cause, Verdict};
use serde_json::json;

fn speaker() -> Speaker {
    Speaker { connection: "Packing".into(), expires_on: Some("2026-03-01".into()) }
}

fn v2_error(code: &str, message: &str) -> String {
    json!({"request_id": "r-1", "errors": [{"error_source": "ShipStation", "error_type": "business_rules", "error_code": code, "message": message}]}).to_string()
}

#[test]
fn every_answer_to_a_write_has_its_verdict() {
    let model_state = json!({"Message": "The request is invalid.", "ModelState": {"apiOrder.shipTo.country": ["Must be two letters."]}}).to_string();
    for (api, status, body, kind, cause) in [
        (Api::V1, 200, "{\"hasErr", "lost", Cause::OutcomeUnknown),
        (Api::V1, 400, model_state.as_str(), "person", Cause::AddressRefused),
        (
            Api::V1,
            400,
            "{\"Message\":\"Order has already been shipped and cannot be modified.\"}",
            "person",
            Cause::HubLocked,
        ),
        (Api::V1, 400, "{\"Message\":\"The SKU is unknown\"}", "person", Cause::UnknownSku),
        (Api::V1, 400, "nonsense", "person", Cause::ContentRefused),
        (Api::V1, 401, "", "sign in", Cause::SignInNeeded),
        (Api::V1, 402, "{}", "person", Cause::AccountBlocked),
        (Api::V1, 403, "{\"Message\":\"Forbidden\"}", "person", Cause::ScopeMissing),
        (Api::V1, 404, "{\"Message\":\"Not found\"}", "person", Cause::HubLocked),
        (Api::V1, 405, "", "person", Cause::NotUnderstood),
        (Api::V1, 418, "", "person", Cause::NotUnderstood),
        (Api::V1, 500, "{\"ExceptionMessage\":\"Execution Timeout Expired.\"}", "lost", Cause::PlatformTrouble),
        (Api::V1, 503, "<html>", "lost", Cause::PlatformTrouble),
        (Api::V2, 400, &v2_error("invalid_status", "Label purchased."), "person", Cause::HubLocked),
        (Api::V2, 400, &v2_error("subscription_inactive", "No."), "person", Cause::AccountBlocked),
        (Api::V2, 400, &v2_error("trial_expired", "No."), "person", Cause::AccountBlocked),
        (Api::V2, 403, &v2_error("forbidden", "No."), "person", Cause::ScopeMissing),
        (Api::V2, 403, &v2_error("unauthorized", "No."), "sign in", Cause::SignInNeeded),
        (Api::V2, 409, &v2_error("identifier_conflict", "Taken."), "person", Cause::ContentRefused),
        (Api::V2, 500, &v2_error("unauthorized", "An error on top of an error."), "lost", Cause::PlatformTrouble),
    ] {
        let reply = Reply::of(api, status, body);
        let (word, refusal) = match verdicts::write_verdict(&speaker(), &reply, "Order #1001 could not be sent") {
            Verdict::AnswerLost(refusal) => ("lost", refusal),
            Verdict::NeedsPerson(refusal) => ("person", refusal),
            Verdict::SignInAgain(refusal) => ("sign in", refusal),
            other => panic!("{status} {body}: {other:?}"),
        };
        assert_eq!((word, refusal.cause), (kind, cause), "{status} {body}");
        assert!(refusal.sentence.starts_with("Packing (ShipStation): "), "{}", refusal.sentence);
        assert!(refusal.sentence.ends_with('.'), "{}", refusal.sentence);
        assert_eq!(refusal.status, Some(status));
    }
}

#[test]
fn a_refused_field_is_named_in_plain_words() {
    let body = json!({"Message": "The request is invalid.", "ModelState": {"apiOrder.shipTo.country": ["Must be two letters."]}}).to_string();
    let Verdict::NeedsPerson(refusal) =
        verdicts::write_verdict(&speaker(), &Reply::of(Api::V1, 400, &body), "Order #1001 could not be sent")
    else {
        panic!()
    };
    assert_eq!(
        refusal.sentence,
        "Packing (ShipStation): Order #1001 could not be sent: the country of the delivery address was not accepted. Correct the address, then retry."
    );
    assert_eq!(refusal.said.as_deref(), Some("Must be two letters. The request is invalid."));
    assert_eq!(refusal.about.as_deref(), Some("apiOrder.shipTo.country"));
}

#[test]
fn an_expired_key_is_suspected_by_its_day() {
    let refusal = verdicts::sign_in(&speaker(), &Reply::of(Api::V1, 401, ""));
    assert!(refusal.sentence.contains("It was to expire on 2026-03-01."), "{}", refusal.sentence);
    assert_eq!(refusal.about.as_deref(), Some("v1"));
    let refusal = verdicts::sign_in(&speaker(), &Reply::of(Api::V2, 401, ""));
    assert!(!refusal.sentence.contains("2026"), "{}", refusal.sentence);
}

#[test]
fn fields_of_both_apis_have_words() {
    for (path, words, cause) in [
        ("apiOrder.orderNumber", "the order number", Cause::ContentRefused),
        ("apiOrders[3].shipTo.postalCode", "the postcode of the delivery address", Cause::AddressRefused),
        ("order.billTo.name", "the recipient of the billing address", Cause::AddressRefused),
        ("apiOrder.items[0].sku", "the SKU of line 1", Cause::UnknownSku),
        ("apiOrder.items[11].name", "the name of line 12", Cause::ContentRefused),
        ("apiOrder.advancedOptions.customField2", "custom field 2", Cause::ContentRefused),
        ("serviceCode", "the service", Cause::ServiceRefused),
        ("shipments[0].ship_to.phone", "the telephone number of the delivery address", Cause::AddressRefused),
        ("ship_to", "the delivery address", Cause::AddressRefused),
        ("shipments[0].shipment_number", "the order number", Cause::ContentRefused),
        ("apiOrder.wibble", "the field \"apiOrder.wibble\"", Cause::ContentRefused),
    ] {
        assert_eq!(plain_field(path), (words.to_owned(), cause), "{path}");
    }
}

#[test]
fn a_batch_index_is_not_a_line_index() {
    for (path, index) in [
        ("apiOrders[3].shipTo.country", Some(3)),
        ("[7].orderNumber", Some(7)),
        ("apiOrder.items[2].sku", None),
        ("items[2].sku", None),
        ("orderNumber", None),
    ] {
        assert_eq!(index_in_batch(path), index, "{path}");
    }
}

#[test]
fn no_status_sits_in_two_rows() {
    for status in 100..600 {
        let means = verdicts::means(&Reply::of(Api::V1, status, ""));
        let expected = match status {
            200..=299 => Means::Fine,
            400 | 422 => Means::Refused,
            401 => Means::SignIn,
            402 => Means::Blocked,
            403 => Means::Scope,
            404 | 410 => Means::Missing,
            409 => Means::Taken,
            500..=599 => Means::Trouble,
            _ => Means::Odd,
        };
        assert_eq!(means, expected, "{status}");
    }
}
