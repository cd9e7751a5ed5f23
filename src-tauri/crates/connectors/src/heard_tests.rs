//! What is put on a tape, and what never is.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::testing::{Script, StandingClock, answer, json as json_answer};
use crate::{Door, DoorSetup, Exchange};
use quayside_model::SecretString;
use serde_json::json;
use std::sync::Arc;
use url::Url;

const SECRET: &str = "canary-secret-1";
/// 2026-11-20T10:00:00Z
const NOW: i64 = 1_795_168_800_000;

fn unspoken() -> Unspoken {
    Unspoken::new(vec![SecretString::from(SECRET)])
}

fn door(wire: Arc<Script>) -> Door {
    Door::new(DoorSetup {
        wire,
        clock: StandingClock::at(NOW),
        allowed_hosts: &["api.example.com"],
        base_url: None,
        platform: "Example",
        connection: "Harbour".into(),
        secrets: vec![SecretString::from(SECRET)],
    })
    .unwrap()
}

fn get(path: &str) -> Exchange {
    Exchange::new(http::Method::GET, Url::parse(&format!("https://api.example.com{path}")).unwrap())
}

fn of(bytes: &[u8]) -> (Option<Value>, Option<String>) {
    body(bytes, false, &unspoken())
}

#[test]
fn a_body_is_kept_as_json_as_text_or_as_a_count() {
    let broken = Some("{\"id\":".into());
    for (bytes, kept, note) in [
        (&b""[..], None, None),
        (b"{\"id\": 7, \"lines\": [1.50]}", Some(json!({ "id": 7, "lines": [1.5] })), None),
        (b"null", Some(Value::Null), None),
        ("<ok>Gr\u{fc}\u{df}e</ok>".as_bytes(), Some(Value::String("<ok>Gr\u{fc}\u{df}e</ok>".into())), None),
        (b"{\"id\":", broken.map(Value::String), None),
        (&[0x1f, 0x8b, 0xff, 0x00], None, Some("4 bytes that are no text".to_owned())),
    ] {
        assert_eq!(of(bytes), (kept, note), "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn what_lets_somebody_in_is_not_kept() {
    for (said, kept) in [
        (json!({ "message": "no key canary-secret-1 here" }), json!({ "message": "no key ••• here" })),
        (json!({ "canary-secret-1": ["CANARY-SECRET-1"] }), json!({ "•••": ["•••"] })),
        // Named like keys, whatever their value; a number or a list under such a name is none.
        (
            json!({ "access_token": "a", "refreshToken": "b", "X-Api-Key": "c", "password": null, "apiKey": { "id": 1 } }),
            json!({ "access_token": "•••", "refreshToken": "•••", "X-Api-Key": "•••", "password": null, "apiKey": { "id": 1 } }),
        ),
        // Links that let in; others stay whole.
        (
            json!({ "url": "https://files.example/a/b?X-Amz-Date=1&X-Amz-Signature=f00", "id": "1" }),
            json!({ "url": "https://files.example/a/b?•••", "id": "1" }),
        ),
        (
            json!("see https://a.example/s?key=1 and https://b.example/p?page=2, then https://c.example/?sig=3"),
            json!("see https://a.example/s?••• and https://b.example/p?page=2, then https://c.example/?•••"),
        ),
        (json!("https://b.example/orders?design=1"), json!("https://b.example/orders?design=1")),
    ] {
        assert_eq!(of(said.to_string().as_bytes()), (Some(kept), None), "{said}");
    }
    // However the letters are written.
    assert_eq!(of(br#"["c\u0061nary-secret-1"]"#).0, Some(json!(["•••"])));
    assert_eq!(
        of(b"<a>canary-secret-1 https://f.example/x?token=1</a>").0,
        Some(json!("<a>••• https://f.example/x?•••</a>"))
    );
}

#[test]
fn a_long_body_is_cut_where_letters_end_and_says_so() {
    let (kept, note) = of("\u{e9}".repeat(BODY_MAX).as_bytes());
    assert_eq!(kept.unwrap().as_str().map(str::len), Some(BODY_MAX));
    assert_eq!(note, Some(format!("The first {BODY_MAX} bytes of {}", 2 * BODY_MAX)));
    // JSON that is too long is text, without its secrets all the same.
    let long = json!({ "a": SECRET, "b": "x".repeat(BODY_MAX) });
    let (kept, note) = of(long.to_string().as_bytes());
    assert!(kept.unwrap().as_str().unwrap().starts_with("{\"a\":\"•••\",\"b\":\"xxx") && note.is_some());
    // A page is there to be known again, not to be read.
    let page = format!("<html>{}", "x".repeat(BODY_MAX));
    let (kept, note) = body(page.as_bytes(), true, &unspoken());
    assert_eq!((kept.unwrap().as_str().map(str::len), note.is_some()), (Some(PAGE_MAX), true));
}

/// A secret at the place where a huge body is cut is half there, and looks like none.
#[test]
fn no_half_of_a_secret_is_kept() {
    for back in 1..SECRET.len() {
        // Secrets all over: what is left of the text is so short that its cut end would be kept.
        let many = SECRET.repeat((LOOKED_AT_MAX - back) / SECRET.len());
        let filler = " ".repeat(LOOKED_AT_MAX - back - many.len());
        let text = format!("{filler}{many}{SECRET}{}", "y".repeat(100));
        let (kept, note) = of(text.as_bytes());
        let kept = kept.unwrap().as_str().unwrap().to_owned();
        assert!(!kept.contains("canary") && note.is_some(), "{back}: …{}", &kept[kept.len().saturating_sub(30)..]);
    }
}

#[tokio::test]
async fn a_tape_holds_what_came_back_while_it_ran() {
    let script = Script::new([
        json_answer(200, &json!({ "id": 0 })),
        answer(422, &[("x-request-id", "req-1")], "{\"errors\":[\"no\"]}"),
        answer(403, &[("content-type", "text/html")], "<html>proxy</html>"),
        answer(302, &[("location", "https://elsewhere.example/?token=1")], ""),
        Err(WireError::Lost("reset".into())),
        Err(WireError::NotSent("no route".into())),
        json_answer(200, &json!({ "id": 9 })),
    ]);
    let door = door(script);
    door.send(get("/before")).await.unwrap();
    let (said, tape) = during(async {
        for path in ["/orders/7?name=Jane", "/proxied", "/moved", "/lost", "/down"] {
            let _ = door.send(get(path)).await;
        }
        "done"
    })
    .await;
    door.send(get("/after")).await.unwrap();
    assert_eq!(said, "done");
    let heard: Vec<_> = tape
        .exchanges
        .iter()
        .map(|one| (one.path.as_str(), one.status, one.request_id.as_deref(), one.note.as_deref()))
        .collect();
    assert_eq!(
        heard,
        [
            ("/orders/7", Some(422), Some("req-1"), None),
            ("/proxied", Some(403), None, None),
            ("/moved", Some(302), None, None),
            ("/lost", None, None, Some("No whole answer came back: reset")),
            ("/down", None, None, Some("Nothing was sent: no route")),
        ]
    );
    assert_eq!(tape.exchanges[0].body, Some(json!({ "errors": ["no"] })));
    assert_eq!(tape.exchanges[1].body, Some(json!("<html>proxy</html>")));
    assert_eq!((tape.exchanges[0].at_ms, tape.exchanges[0].host.as_str()), (NOW, "api.example.com"));
    let text = tape.text().unwrap();
    assert!(!text.contains("Jane") && !text.contains("elsewhere"), "{text}");
    assert_eq!(serde_json::from_str::<Tape>(&text).unwrap(), tape);
}

#[tokio::test]
async fn what_signs_in_is_not_heard_and_of_much_the_last_is_kept() {
    let many = u32::try_from(EXCHANGES_MAX).unwrap() + 3;
    let script = Script::answering(|_| answer(200, &[], "{\"access_token\":\"fresh\",\"note\":\"fresh\"}"));
    let door = door(script.clone());
    let (_, tape) = during(async { door.send(get("/token").unheard()).await.unwrap() }).await;
    assert_eq!((tape.text(), script.sent().len()), (None, 1));
    let ((), tape) = during(async {
        for n in 0..many {
            door.send(get(&format!("/{n}"))).await.unwrap();
        }
    })
    .await;
    assert_eq!((tape.left_out, tape.exchanges.len()), (3, EXCHANGES_MAX));
    assert_eq!((tape.exchanges[0].path.as_str(), tape.exchanges[7].path.as_str()), ("/3", "/10"));
    assert!(tape.text().unwrap().starts_with("{\"left_out\":3,\"exchanges\":[{\"at_ms\":"));
}

/// Accounts work side by side on one thread: each hears its own.
#[tokio::test]
async fn tapes_of_work_side_by_side_do_not_mix() {
    let script = Script::answering(|_| answer(200, &[], "{}"));
    let door = door(script);
    let work = async |name: &str| {
        for n in 0..3 {
            tokio::task::yield_now().await;
            door.send(get(&format!("/{name}/{n}"))).await.unwrap();
        }
    };
    let (((), a), ((), b)) = tokio::join!(during(work("a")), during(work("b")));
    for (tape, name) in [(a, "a"), (b, "b")] {
        let paths: Vec<String> = tape.exchanges.into_iter().map(|one| one.path).collect();
        assert_eq!(paths, (0..3).map(|n| format!("/{name}/{n}")).collect::<Vec<_>>());
    }
}

#[test]
fn a_kept_tape_is_shown_in_the_order_it_was_told() {
    let heard = Heard {
        at_ms: 1,
        took_ms: 2,
        method: "PUT".into(),
        host: "api.example.com".into(),
        path: "/x".into(),
        status: Some(200),
        request_id: None,
        note: None,
        body: Some(json!({ "b": 1 })),
    };
    let text = Tape { left_out: 0, exchanges: vec![heard] }.text().unwrap();
    let shown = Tape::readable(&text);
    let at = |word: &str| shown.find(word).unwrap();
    assert!(
        at("\"method\"") < at("\"path\"") && at("\"path\"") < at("\"status\"") && at("\"status\"") < at("\"body\"")
    );
    assert!(!shown.contains("left_out") && !shown.contains("request_id"));
    assert_eq!(Tape::readable("no tape"), "no tape");
}
