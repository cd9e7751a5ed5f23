//! One row per answer: what it means for a read and for a change.

use super::super::verdicts::{
    CANCEL_CODES, CODES, FULFILLMENT_WORDS, METAFIELD_CODES, REFUND_WORDS, STATUSES, top_errors,
};
use super::*;
use crate::testing::answer;
use quayside_model::{Cause, Intent};

fn cancel() -> Intent {
    Intent::CancelFulfillment {
        order_remote_id: "gid://shopify/Order/1".into(),
        fulfillment_id: "gid://shopify/Fulfillment/5".into(),
    }
}

fn open_fulfillment() -> Reply {
    data(&json!({ "order": { "id": "gid://shopify/Order/1", "name": "#1", "createdAt": "2026-11-20T09:00:00Z",
        "fulfillments": [{ "id": "gid://shopify/Fulfillment/5", "status": "SUCCESS", "createdAt": "2026-11-20T09:00:00Z" }] } }))
}

fn errors(code: &str, message: &str) -> Reply {
    json(200, &json!({ "errors": [{ "message": message, "extensions": { "code": code } }] }))
}

fn name(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Done(_) => "done".into(),
        Verdict::AlreadyDone(_) => "already".into(),
        Verdict::WaitUntil { at_ms, .. } => format!("wait {}", at_ms - NOW),
        Verdict::RetryLater(refusal) => format!("retry {}", refusal.cause),
        Verdict::SignInAgain(refusal) => format!("sign in {}", refusal.cause),
        Verdict::NeedsPerson(refusal) => format!("person {}", refusal.cause),
        Verdict::WhichCustomer(doubt) => format!("person {}", doubt.refusal.cause),
        Verdict::UnderWay { .. } => "works on it".into(),
        Verdict::AnswerLost(refusal) => format!("lost {}", refusal.cause),
    }
}

/// Every answer, to a change: the tables as they act.
#[tokio::test]
async fn answers_to_a_change() {
    let user_error = |message: &str| {
        data(
            &json!({ "fulfillmentCancel": { "fulfillment": null, "userErrors": [{ "field": ["id"], "message": message }] } }),
        )
    };
    let done = || {
        data(
            &json!({ "fulfillmentCancel": { "fulfillment": { "id": "gid://shopify/Fulfillment/5", "status": "CANCELLED" }, "userErrors": [] } }),
        )
    };
    let partly = json!({ "data": { "fulfillmentCancel": { "fulfillment": { "id": "f" }, "userErrors": [] } },
        "errors": [{ "message": "no", "path": ["fulfillmentCancel", "fulfillment", "status"], "extensions": { "code": "ACCESS_DENIED" } }] });
    for (what, reply, expected) in [
        ("fine", done(), "done"),
        ("fine, though a field of the answer is hidden", json(200, &partly), "done"),
        ("400", json(400, &json!({ "errors": "Bad Request" })), "person not_understood"),
        ("401", json(401, &json!({ "errors": "[API] Invalid API key or access token" })), "sign in sign_in_needed"),
        ("402", json(402, &json!({})), "wait 3600000"),
        (
            "403",
            json(403, &json!({ "errors": "[API] This action requires merchant approval" })),
            "person scope_missing",
        ),
        (
            "403, old token",
            json(403, &json!({ "errors": "Non-expiring access tokens are no longer accepted" })),
            "sign in sign_in_needed",
        ),
        ("404", json(404, &json!({ "errors": "Not Found" })), "person not_the_platform"),
        ("404, a page", answer(404, &[("content-type", "text/html")], "<html>"), "lost not_the_platform"),
        ("403, a page", answer(403, &[("content-type", "text/html")], "<html>"), "lost not_the_platform"),
        ("408", json(408, &json!({})), "lost offline"),
        ("418", json(418, &json!({})), "person not_understood"),
        ("422", json(422, &json!({ "errors": { "id": "odd" } })), "person content_refused"),
        ("423", json(423, &json!({})), "wait 3600000"),
        ("429, told", answer(429, &[("retry-after", "4.5")], "{}"), "wait 4500"),
        ("429, untold", answer(429, &[], "{}"), "wait 2000"),
        ("430", json(430, &json!({})), "person account_blocked"),
        ("500", json(500, &json!({ "errors": "Internal Server Error" })), "lost platform_trouble"),
        ("503, a page", answer(503, &[("content-type", "text/html")], "<html>busy"), "lost platform_trouble"),
        ("a proxy's page", answer(200, &[("content-type", "text/html")], "<html>sign in"), "lost not_the_platform"),
        (
            "cut off",
            answer(200, &[("content-type", "application/json")], "{\"data\":{\"fulfil"),
            "lost platform_trouble",
        ),
        ("broken", Err(WireError::Lost("reset".into())), "lost offline"),
        ("never left", Err(WireError::NotSent("dns".into())), "retry offline"),
        ("throttled, unpriced", errors("THROTTLED", "Throttled"), "wait 1000"),
        (
            "denied",
            errors("ACCESS_DENIED", "Access denied. Required access: `write_orders` access scope."),
            "person scope_missing",
        ),
        ("inactive", errors("SHOP_INACTIVE", "x"), "wait 3600000"),
        ("trouble", errors("INTERNAL_SERVER_ERROR", "x"), "lost platform_trouble"),
        ("our fault", errors("BAD_REQUEST", "x"), "person not_understood"),
        ("a schema error nobody listed", errors("missingRequiredArguments", "x"), "person not_understood"),
        ("a code nobody knows", errors("GREMLINS", "x"), "person not_understood"),
        ("a bare text", json(200, &json!({ "errors": "computer says no" })), "person not_understood"),
        ("nothing at all", json(200, &json!({ "data": null })), "person not_understood"),
        (
            "an empty result",
            data(&json!({ "fulfillmentCancel": { "fulfillment": null, "userErrors": [] } })),
            "lost not_understood",
        ),
        ("taken back already", user_error("Fulfillment has already been cancelled."), "already"),
        ("on hold", user_error("The fulfillment order is on hold."), "person held_in_channel"),
        ("refused in words nobody knows", user_error("Mercury is in retrograde."), "person fulfillment_refused"),
    ] {
        let script = Script::new([open_fulfillment(), reply]);
        let intent = cancel();
        let verdict = shopify(script.clone()).perform(&[task(&intent)]).await.remove(0);
        assert_eq!(name(&verdict), expected, "{what}: {verdict:?}");
        assert_eq!(operations(&script), ["OrderWork", "CancelFulfillment"], "{what}");
        assert!(!format!("{verdict:?}").contains("canary"), "{what}");
    }
}

/// The same troubles before the change was sent leave no doubt about it.
#[tokio::test]
async fn trouble_before_a_change_is_no_lost_change() {
    for (what, reply, expected) in [
        ("500", json(500, &json!({})), "retry platform_trouble"),
        ("broken", Err(WireError::Lost("reset".into())), "retry offline"),
        ("page", answer(200, &[], "<!doctype html>"), "retry not_the_platform"),
        ("cut off", answer(200, &[], "{\"da"), "retry platform_trouble"),
        ("401", json(401, &json!({})), "sign in sign_in_needed"),
        ("gone", data(&json!({ "order": null })), "person fulfillment_refused"),
    ] {
        let script = Script::new([reply]);
        let intent = cancel();
        let verdict = shopify(script.clone()).perform(&[task(&intent)]).await.remove(0);
        assert_eq!(name(&verdict), expected, "{what}: {verdict:?}");
        assert_eq!(operations(&script), ["OrderWork"], "{what}");
    }
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let denied = errors(
        "ACCESS_DENIED",
        "Access denied for fulfillmentCancel field. Required access: `write_merchant_managed_fulfillment_orders` access scope.",
    );
    let intent = cancel();
    let verdict = shopify(Script::new([open_fulfillment(), denied])).perform(&[task(&intent)]).await.remove(0);
    let Verdict::NeedsPerson(refusal) = verdict else { panic!("{verdict:?}") };
    assert_eq!(refusal.about.as_deref(), Some("write_merchant_managed_fulfillment_orders"));
    assert_eq!(refusal.cause, Cause::ScopeMissing);
}

#[test]
fn no_word_sits_in_two_rows() {
    let unique = |mut words: Vec<&str>| {
        let count = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), count);
    };
    unique(CODES.iter().map(|row| row.0).collect());
    unique(CANCEL_CODES.iter().map(|row| row.0).collect());
    unique(FULFILLMENT_WORDS.iter().map(|row| row.0).collect());
    unique(REFUND_WORDS.iter().map(|row| row.0).collect());
    unique(METAFIELD_CODES.iter().map(|row| row.0).collect());
    for pair in STATUSES.windows(2) {
        assert!(pair[0].1 < pair[1].0, "{} and {} overlap", pair[0].1, pair[1].0);
    }
}

#[test]
fn trap_09_errors_are_read_in_every_form() {
    for (body, messages) in [
        (json!({}), vec![]),
        (json!({ "errors": null }), vec![]),
        (json!({ "errors": "text" }), vec!["text"]),
        (json!({ "errors": [{ "message": "a" }, "b", { "message": 7 }] }), vec!["a", "b", "7"]),
        (json!({ "errors": { "message": "one" } }), vec!["one"]),
        (json!({ "errors": [{ "message": "odd", "extensions": null, "path": "x", "locations": 3 }] }), vec!["odd"]),
    ] {
        assert_eq!(
            top_errors(&body).iter().map(|error| error.message.as_str()).collect::<Vec<_>>(),
            messages,
            "{body}"
        );
    }
}
