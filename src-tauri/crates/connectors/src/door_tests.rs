//! What may leave, and what counts as an answer.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::testing::{Script, StandingClock, answer};

const HOSTS: &[&str] = &[".shop.example", "api.example.com"];
/// 2026-11-20T10:00:00Z
const NOW: i64 = 1_795_168_800_000;

fn door(wire: Arc<dyn Wire>, base_url: Option<&str>) -> Result<Door, Refusal> {
    Door::new(DoorSetup {
        wire,
        clock: StandingClock::at(NOW),
        allowed_hosts: HOSTS,
        base_url: base_url.map(str::to_owned),
        platform: "Example",
        connection: "Harbour".into(),
        secrets: vec![SecretString::from("canary-secret-1")],
    })
}

fn get(url: &str) -> Exchange {
    Exchange::new(http::Method::GET, Url::parse(url).unwrap())
}

#[tokio::test]
async fn only_the_platforms_own_hosts_are_spoken_to() {
    for (url, admitted) in [
        ("https://a.shop.example/x", true),
        ("https://A.SHOP.EXAMPLE/x", true),
        ("https://api.example.com/x", true),
        ("https://shop.example/x", false),
        ("https://a.b.shop.example/x", false),
        ("https://evilshop.example/x", false),
        ("https://a.shop.example.evil.com/x", false),
        ("https://xapi.example.com/x", false),
        ("http://api.example.com/x", false),
        ("https://api.example.com:8443/x", false),
        ("https://user@api.example.com/x", false),
        ("https://127.0.0.1/x", false),
    ] {
        let script = Script::new([answer(200, &[], "{}")]);
        let result = door(script.clone(), None).unwrap().send(get(url)).await;
        assert_eq!(result.is_ok(), admitted, "{url}");
        assert_eq!(script.sent().len(), usize::from(admitted), "{url}: nothing may leave that is refused");
        if let Err(error) = result {
            assert!(
                matches!(&error, DoorError::Refused(refusal) if refusal.cause == Cause::NotThePlatform),
                "{url}: {error:?}"
            );
        }
    }
}

#[test]
fn another_address_is_allowed_on_this_computer_only() {
    for (base, allowed) in [
        ("http://127.0.0.1:8080", true),
        ("http://127.9.9.9", true),
        ("http://[::1]:1/prefix", true),
        ("https://localhost:9", true),
        ("http://localhost.evil.com", false),
        ("http://10.0.0.1", false),
        ("http://0.0.0.0", false),
        ("http://128.0.0.1", false),
        ("https://example.com", false),
        ("http://user:pw@127.0.0.1", false),
        ("ftp://127.0.0.1", false),
        ("127.0.0.1:8080", false),
        ("file:///etc/passwd", false),
    ] {
        let result = door(Script::new([]), Some(base));
        assert_eq!(result.is_ok(), allowed, "{base}");
        if let Err(refusal) = result {
            assert!(refusal.sentence.contains("this computer only"), "{base}: {refusal}");
        }
    }
}

#[tokio::test]
async fn the_override_replaces_every_origin_and_admits_nothing_else() {
    let script = Script::new([answer(200, &[], "{}")]);
    let door = door(script.clone(), Some("http://127.0.0.1:8080/stand-in/")).unwrap();
    let url = door.url("https://api.example.com", "/orders?page=2").unwrap();
    assert_eq!(url.as_str(), "http://127.0.0.1:8080/stand-in/orders?page=2");
    door.send(Exchange::new(http::Method::GET, url)).await.unwrap();
    for other in ["https://api.example.com/x", "http://127.0.0.1:8081/x", "https://127.0.0.1:8080/x"] {
        assert!(matches!(door.send(get(other)).await, Err(DoorError::Refused(_))), "{other}");
    }
    assert_eq!(script.sent().len(), 1);
}

#[tokio::test]
async fn what_is_no_answer_is_lost_not_refused() {
    let big = "x".repeat(ANSWER_MAX_BYTES + 1);
    for (what, scripted, cause) in [
        ("redirect", answer(302, &[("location", "https://evil.example/steal")], ""), Cause::NotThePlatform),
        ("web page", answer(200, &[("content-type", "text/html")], "hello"), Cause::NotThePlatform),
        ("unlabelled web page", answer(200, &[], "\n <!DOCTYPE html><html>"), Cause::NotThePlatform),
        ("proxy sign-in", answer(407, &[], ""), Cause::NotThePlatform),
        ("network sign-in", answer(511, &[], ""), Cause::NotThePlatform),
        ("firewall", answer(403, &[("content-type", "text/html")], "no"), Cause::NotThePlatform),
        ("page of a sign-in", answer(401, &[], "<html>"), Cause::NotThePlatform),
        ("page of nothing", answer(404, &[], "<!doctype HTML>"), Cause::NotThePlatform),
        ("too large", answer(200, &[], big), Cause::NotThePlatform),
        ("broken", Err(WireError::Lost("connection reset".into())), Cause::Offline),
    ] {
        let error =
            door(Script::new([scripted]), None).unwrap().send(get("https://api.example.com/x")).await.unwrap_err();
        assert!(matches!(&error, DoorError::Lost(refusal) if refusal.cause == cause), "{what}: {error:?}");
        // Whoever stands before a proxy is told the way out of it.
        let proxy = !matches!(what, "redirect" | "too large" | "broken");
        let way_out = "Open a web page on this computer and sign in to the network, or ask whoever runs the proxy.";
        assert_eq!(error.refusal().sentence.contains(way_out), proxy, "{what}: {}", error.refusal().sentence);
        // A status that would be read as the platform's word is told in the sentence only.
        assert!(!matches!(error.refusal().status, Some(401 | 403 | 404)), "{what}: {error:?}");
        assert!(matches!(error.into_verdict(), Verdict::AnswerLost(_)), "{what}");
    }
    let error = door(Script::new([Err(WireError::NotSent("dns".into()))]), None)
        .unwrap()
        .send(get("https://api.example.com/x"))
        .await
        .unwrap_err();
    assert!(matches!(error.into_verdict(), Verdict::RetryLater(refusal) if refusal.cause == Cause::Offline));
}

#[tokio::test]
async fn error_pages_keep_their_status() {
    let door =
        door(Script::new([answer(503, &[("content-type", "text/html"), ("x-request-id", "r-1")], "<html>busy")]), None)
            .unwrap();
    let answer = door.send(get("https://api.example.com/x")).await.unwrap();
    assert_eq!((answer.status, answer.is_html, answer.request_id.as_deref()), (503, true, Some("r-1")));
}

#[tokio::test]
async fn the_date_header_tells_how_wrong_the_clock_is() {
    let dated = || answer(200, &[("date", "Sat, 21 Nov 2026 10:00:00 GMT")], "{}");
    let door = door(Script::new([dated(), dated()]), None).unwrap();
    assert_eq!((door.skew_ms(), door.sure_skew_ms()), (None, 0));
    for sure_ms in [0, 86_400_500] {
        door.send(get("https://api.example.com/x")).await.unwrap();
        assert_eq!((door.skew_ms(), door.sure_skew_ms()), (Some(86_400_500), sure_ms));
    }
}

#[tokio::test]
async fn secrets_stay_out_of_every_sentence() {
    let script = Script::new([Err(WireError::Lost("peer said canary-secret-1 is bad".into()))]);
    let door = door(script.clone(), None).unwrap();
    let exchange =
        get("https://api.example.com/x?q=jane").secret_header("authorization", SecretString::from("canary-secret-1"));
    assert!(!format!("{exchange:?}").contains("canary"));
    let text = format!("{:?}", door.send(exchange).await.unwrap_err());
    assert!(!text.contains("canary") && !text.contains("jane"), "{text}");
    assert!(script.sent()[0].headers["authorization"].is_sensitive());
    door.hide(SecretString::from("fetched-token-2"));
    assert_eq!(door.quotable("token fetched-token-2 expired"), "token ••• expired");
    let broken = get("https://api.example.com/x").secret_header("authorization", SecretString::from("canary\nsecret"));
    let text = format!("{:?}", door.send(broken).await.unwrap_err());
    assert!(text.contains("authorization") && !text.contains("canary"), "{text}");
}

#[test]
fn retry_after_is_read_in_both_shapes() {
    let read = |value: &str| {
        let mut headers = http::HeaderMap::new();
        headers.insert("retry-after", value.parse().unwrap());
        Answer { status: 429, headers, body: vec![], took_ms: 0, request_id: None, is_html: false }.retry_after_ms(NOW)
    };
    for (text, expected) in [
        ("2", Some(2_000)),
        ("0.4", Some(400)),
        ("Fri, 20 Nov 2026 10:00:05 GMT", Some(5_000)),
        ("Fri, 20 Nov 2026 09:00:00 GMT", Some(0)),
        ("-3", None),
        ("soon", None),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

/// Half a minute is half a minute, whatever this computer takes the time to be.
#[test]
fn a_date_to_come_back_at_is_held_against_the_answers_own() {
    for (wrong_by_ms, written, at, expected) in [
        (0, "Fri, 20 Nov 2026 10:00:00 GMT", "Fri, 20 Nov 2026 10:00:30 GMT", 30_000),
        (86_400_000, "Fri, 20 Nov 2026 10:00:00 GMT", "Fri, 20 Nov 2026 10:00:30 GMT", 30_000),
        (-86_400_000, "Fri, 20 Nov 2026 10:00:00 GMT", "Fri, 20 Nov 2026 10:00:30 GMT", 30_000),
        (0, "Fri, 20 Nov 2026 10:00:30 GMT", "Fri, 20 Nov 2026 10:00:00 GMT", 0),
        (0, "no date", "Fri, 20 Nov 2026 10:00:05 GMT", 5_000),
    ] {
        let mut headers = http::HeaderMap::new();
        headers.insert("date", written.parse().unwrap());
        headers.insert("retry-after", at.parse().unwrap());
        let answer = Answer { status: 429, headers, body: vec![], took_ms: 0, request_id: None, is_html: false };
        assert_eq!(answer.retry_after_ms(NOW + wrong_by_ms), Some(expected), "{wrong_by_ms} {written} {at}");
    }
}

/// Everything that is logged, at the finest level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_names_the_exchange_and_nothing_in_it() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    for scripted in [answer(500, &[], "canary-secret-1 jane"), Err(WireError::Lost("canary-secret-1 jane".into()))] {
        let door = door(Script::new([scripted]), None).unwrap();
        let exchange = get("https://api.example.com/orders?name=jane")
            .secret_header("authorization", SecretString::from("canary-secret-1"))
            .json(&serde_json::json!({ "name": "jane", "key": "canary-secret-1" }));
        let _ = door.send(exchange).await;
    }
    drop(guard);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("/orders") && text.contains("api.example.com") && text.contains("500"), "{text}");
    assert!(!text.contains("canary") && !text.contains("jane"), "{text}");
}
