//! Hosts, keys, allowances and broken answers.

use super::{KEY, KEY_V2, NOW_MS, Rig, SECRET, all_fine, draft, ok, put, rig, rig_with};
use crate::shipstation::client::segment;
use crate::testing::{Sent, answer, json};
use crate::{Ask, Priority, ReadError, WireError};
use base64::Engine as _;
use quayside_model::{Cause, RecordKind, Verdict};
use serde_json::json;

fn empty(_: &Sent) -> Result<http::Response<Vec<u8>>, WireError> {
    ok(&json!({"orders": [], "labels": [], "shipments": [], "fulfillments": [], "total": 0, "page": 1, "pages": 0}))
}

fn limits(limit: &str, remaining: &str, reset: &str) -> Result<http::Response<Vec<u8>>, WireError> {
    let headers = [
        ("x-rate-limit-limit", limit),
        ("x-rate-limit-remaining", remaining),
        ("x-rate-limit-reset", reset),
        ("content-type", "application/json"),
    ];
    answer(200, &headers, r#"{"orders":[],"total":0,"page":1,"pages":0}"#)
}

#[tokio::test]
async fn each_api_has_its_host_and_its_key() {
    let v1 = rig("v1", empty);
    v1.read("orders", None, None).await.unwrap();
    let sent = &v1.wire.sent()[0];
    assert!(
        sent.url.starts_with("https://ssapi.shipstation.com/orders?modifyDateStart=2026-03-01%2009"),
        "{}",
        sent.url
    );
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{KEY}:{SECRET}"));
    assert_eq!(sent.headers["authorization"], format!("Basic {basic}"));
    assert!(sent.headers["authorization"].is_sensitive());
    assert!(sent.headers.get("api-key").is_none());

    let v2 = rig("v2", empty);
    v2.read("orders", None, None).await.unwrap();
    let sent = &v2.wire.sent()[0];
    assert!(sent.url.starts_with("https://api.shipstation.com/v2/shipments?modified_at_start="), "{}", sent.url);
    assert_eq!(sent.headers["api-key"], KEY_V2);
    assert!(sent.headers.get("authorization").is_none());
}

#[tokio::test]
async fn one_loopback_address_stands_for_both() {
    for (way, start) in
        [("v1", "http://127.0.0.1:8080/base/orders?"), ("v2", "http://127.0.0.1:8080/base/v2/shipments?")]
    {
        let rig = rig_with(way, |config| config.base_url = Some("http://127.0.0.1:8080/base".into()), empty);
        rig.read("orders", None, None).await.unwrap();
        assert!(rig.wire.sent()[0].url.starts_with(start), "{}", rig.wire.sent()[0].url);
    }
}

#[test]
fn paths_and_queries_are_encoded() {
    assert_eq!(segment("a b/c#d"), "a%20b%2Fc%23d");
    assert_eq!(segment("2026-03-02 09:14:27"), "2026-03-02%2009%3A14%3A27");
}

fn bucket(rig: &Rig) -> (f64, f64, i64) {
    let bucket = rig.connector.budget().snapshot().into_iter().find(|bucket| bucket.name == "v1").unwrap();
    (bucket.capacity, bucket.level, bucket.window_ends_ms - NOW_MS)
}

#[tokio::test]
async fn the_allowance_is_learned_from_every_answer() {
    let rig = rig("v1", |_| limits("60", "17", "37"));
    rig.read("orders", None, None).await.unwrap();
    assert_eq!(bucket(&rig), (60.0, 17.0, 37_000));
    // Seconds are cut off: the end told latest within one window is the truest.
    rig.clock.advance(500);
    rig.read("orders", None, None).await.unwrap();
    assert_eq!(bucket(&rig).2, 37_500);
}

#[tokio::test]
async fn an_empty_allowance_sends_nothing_and_says_when() {
    let rig = rig("v1", |_| limits("40", "0", "37"));
    rig.read("orders", None, None).await.unwrap();
    let Err(ReadError::WaitUntil { at_ms, why }) = rig.read("orders", None, None).await else { panic!() };
    assert_eq!(at_ms, NOW_MS + 37_000);
    assert_eq!(why, "The next minute of ShipStation's allowance (40 calls a minute)");
    assert_eq!(rig.wire.sent().len(), 1);
    rig.clock.advance(37_000);
    rig.read("orders", None, None).await.unwrap();
    assert_eq!(rig.wire.sent().len(), 2);
}

#[tokio::test]
async fn a_window_without_an_end_ends_after_a_day() {
    let rig = rig("v1", |_| limits("40", "0", "1e300"));
    rig.read("orders", None, None).await.unwrap();
    assert_eq!(bucket(&rig).2, crate::wait::WAIT_MAX_MS);
}

#[tokio::test]
async fn calls_left_to_others_are_left() {
    let rig = rig_with(
        "v1",
        |config| {
            config.settings.insert("calls_reserved".into(), json!("10"));
        },
        |_| limits("40", "12", "37"),
    );
    assert_eq!(bucket(&rig).0, 30.0);
    rig.read("orders", None, None).await.unwrap();
    assert_eq!(bucket(&rig), (30.0, 2.0, 37_000));
}

#[tokio::test]
async fn trap_11_too_many_requests_is_a_wait_whatever_the_status() {
    for status in [429, 200, 500] {
        let rig = rig("v1", move |_| {
            answer(
                status,
                &[("x-rate-limit-reset", "12"), ("content-type", "application/json")],
                r#"{"message":"Too Many Requests"}"#,
            )
        });
        let verdict = rig.perform(&put(draft(), None)).await;
        assert!(
            matches!(verdict, Verdict::WaitUntil { at_ms, .. } if at_ms == NOW_MS + 12_000),
            "{status} {verdict:?}"
        );
        // Everybody else waits too, without a call.
        assert!(matches!(rig.read("orders", None, None).await, Err(ReadError::WaitUntil { .. })));
        assert_eq!(rig.wire.sent().len(), 1);
    }
}

#[tokio::test]
async fn v2_says_when_to_come_back_and_a_carriers_limit_is_not_ours() {
    for (source, blocks) in [("ShipStation", true), ("carrier", false)] {
        let body = json!({"request_id": "r", "errors": [{"error_source": source, "error_code": "rate_limit_exceeded", "message": "Slow down"}]});
        let rig = rig("v2", move |_| answer(429, &[("retry-after", "7")], body.to_string()));
        let Err(ReadError::WaitUntil { at_ms, .. }) = rig.read("orders", None, None).await else { panic!() };
        assert_eq!(at_ms, NOW_MS + 7_000);
        let _ = rig.read("orders", None, None).await;
        assert_eq!(rig.wire.sent().len(), if blocks { 1 } else { 2 }, "{source}");
    }
}

#[tokio::test]
async fn a_poll_leaves_calls_for_writes_and_people() {
    let rig = rig("v1", |sent| if sent.method == "POST" { all_fine(sent) } else { limits("40", "5", "37") });
    rig.read("orders", None, None).await.unwrap();
    assert!(matches!(rig.read("orders", None, None).await, Err(ReadError::WaitUntil { .. })));
    assert!(matches!(rig.perform(&put(draft(), None)).await, Verdict::Done(_)));
    let ask = Ask { stream: "orders", cursor: None, next: None, since_ms: NOW_MS, priority: Priority::Person };
    rig.connector.read(&ask).await.unwrap();
}

#[tokio::test]
async fn broken_answers_to_reads_and_writes() {
    type Answer = fn(&Sent) -> Result<http::Response<Vec<u8>>, WireError>;
    let cases: &[(&str, Answer, &str, Cause)] = &[
        ("never left", |_| Err(WireError::NotSent("refused".into())), "later", Cause::Offline),
        ("no answer", |_| Err(WireError::Lost("timed out".into())), "lost", Cause::Offline),
        (
            "half of it",
            |_| answer(200, &[("content-type", "application/json")], "{\"hasErrors\":fal"),
            "lost",
            Cause::OutcomeUnknown,
        ),
        (
            "a web page",
            |_| answer(200, &[("content-type", "text/html")], "<html>Sign in to the Wi-Fi</html>"),
            "lost",
            Cause::NotThePlatform,
        ),
        (
            "a firewall's page",
            |_| answer(403, &[("content-type", "text/html")], "<html>Forbidden</html>"),
            "lost",
            Cause::NotThePlatform,
        ),
        ("a proxy's 404", |_| answer(404, &[], "<!DOCTYPE html><title>404</title>"), "lost", Cause::NotThePlatform),
        ("a redirect", |_| answer(302, &[("location", "https://evil.example/")], ""), "lost", Cause::NotThePlatform),
        (
            "an error page",
            |_| answer(502, &[("content-type", "text/html")], "<html>Bad gateway</html>"),
            "lost",
            Cause::PlatformTrouble,
        ),
        ("no list", |_| json(200, &json!({"hello": "world"})), "lost", Cause::OutcomeUnknown),
    ];
    for (name, answering, expected, cause) in cases {
        let rig = rig("v1", *answering);
        let (word, refusal) = match rig.perform(&put(draft(), None)).await {
            Verdict::RetryLater(refusal) => ("later", refusal),
            Verdict::AnswerLost(refusal) => ("lost", refusal),
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!((word, refusal.cause), (*expected, *cause), "{name}");
        let Err(ReadError::Refused(_)) = rig.read("orders", None, None).await else { panic!("{name}") };
    }
}

#[tokio::test]
async fn an_account_without_keys_says_so() {
    let rig = rig_with("v1", |config| config.account.abilities = vec!["v2".into()], empty);
    let Err(ReadError::Refused(refusal)) = rig.read("orders", None, None).await else { panic!() };
    assert_eq!(refusal.cause, Cause::ScopeMissing);
    assert!(rig.connector.read_one(RecordKind::HubOrder, "1", Priority::Person).await.is_err());
    assert!(rig.wire.sent().is_empty());
}
