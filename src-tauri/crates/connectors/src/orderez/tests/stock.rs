//! Counts against scripted answers: what is read, what is sent, and races.

use super::super::capability::{has, offered, performs, streams};
use super::super::profile::{Profile, read_text};
use super::super::translate::{level, level_id, level_names};
use super::{NOW_MS, assumed, connector};
use crate::testing::{Script, StandingClock, json as reply};
use crate::{Priority, ReadError, Task};
use quayside_model::{Cause, Confirmation, Intent, IntentKind, Record, RecordKind, StockDraft, Verdict};
use serde_json::{Value, json};

type Change = fn(&mut Value);
type Read = Result<(&'static str, i64, Option<i64>), &'static str>;
type Reply = Result<http::Response<Vec<u8>>, crate::wire::WireError>;

fn raw(version: i64, on_hand: i64, reserved: i64) -> Value {
    json!({"warehouse_id": "wh_east", "sku": "BEAN-1KG", "on_hand": on_hand, "reserved": reserved, "available": on_hand - reserved,
        "version": version, "last_change": {"source": {"system": "orderez", "id": "adj_771"}, "reason": "receipt"},
        "updated_at": "2026-11-20T09:30:00Z"})
}

fn one(version: i64, on_hand: i64, reserved: i64) -> Reply {
    reply(200, &json!({"data": raw(version, on_hand, reserved)}))
}

fn moved() -> Reply {
    reply(412, &json!({"title": "Version mismatch", "status": 412, "code": "version_mismatch", "current_version": 91}))
}

fn set(available: i64, expected: Option<i64>) -> Intent {
    Intent::SetStock {
        stock: StockDraft {
            sku: "BEAN-1KG".into(),
            item_id: Some("BEAN-1KG".into()),
            location_id: Some("wh_east".into()),
            available,
            expected,
            moves: false,
        },
    }
}

fn task(intent: &Intent) -> Task<'_> {
    Task {
        key: "effect-1",
        intent,
        first_sent_at_ms: None,
        last_sent_at_ms: None,
        ticket: None,
        priority: Priority::Write,
    }
}

async fn perform(script: &std::sync::Arc<Script>, intent: &Intent) -> Verdict {
    connector(script, &StandingClock::at(NOW_MS)).perform(&[task(intent)]).await.remove(0)
}

fn said(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Done(_) => "done".into(),
        Verdict::AlreadyDone(_) => "already".into(),
        Verdict::RetryLater(refusal) => format!("later: {refusal}"),
        Verdict::NeedsPerson(refusal) => format!("{}: {refusal}", refusal.cause),
        other => format!("{other:?}"),
    }
}

/// What is set is the shelf: what is reserved stays reserved.
#[tokio::test]
async fn a_count_is_set_from_the_version_it_was_decided_on() {
    let script = Script::new([one(88, 120, 14), one(89, 21, 14)]);
    assert_eq!(said(&perform(&script, &set(7, Some(106))).await), "done");
    let sent = script.sent();
    let put = &sent[1];
    assert_eq!((put.method.as_str(), put.headers["if-match"].to_str().unwrap()), ("PUT", "\"88\""));
    assert!(put.url.ends_with("/inventory/wh_east/BEAN-1KG"), "{}", put.url);
    let body = put.json();
    assert_eq!((&body["on_hand"], &body["reason"]), (&json!(21), &json!("sync")));
    assert_eq!(body["source"]["system"], json!("quayside"));
    assert!(put.headers.contains_key("idempotency-key"));
}

#[tokio::test]
async fn every_answer_to_a_count_is_a_sentence() {
    let problem = |status: u16, code: &str| reply(status, &json!({"title": "no", "status": status, "code": code}));
    // What is there, what is answered to the change, and what becomes of it; a part of the sentence.
    let cases: [(Vec<Reply>, Option<i64>, &str); 11] = [
        (vec![one(88, 21, 14)], None, "already"),
        (vec![one(88, 120, 14)], Some(100), "sides_differ: *106 by now, and 100 was expected"),
        (vec![one(88, 120, 14), moved(), one(91, 120, 14), one(92, 21, 14)], Some(106), "done"),
        (vec![one(88, 120, 14), moved(), one(91, 119, 14)], Some(106), "sides_differ: *105 by now"),
        (vec![one(88, 120, 14), moved(), one(91, 21, 14)], Some(106), "already"),
        (
            vec![one(1, 120, 14), moved(), one(2, 120, 14), moved(), one(3, 120, 14), moved()],
            Some(106),
            "later: *keeps changing the count",
        ),
        (
            vec![one(88, 120, 14), problem(428, "precondition_required")],
            None,
            "content_refused: *which version is changed",
        ),
        (vec![problem(404, "not_found")], None, "unknown_sku: *does not count it in this warehouse"),
        (vec![one(88, 120, 14), problem(404, "not_found")], None, "unknown_sku: *BEAN-1KG"),
        (
            vec![one(88, 120, 14), problem(409, "invalid_state")],
            None,
            "content_refused: *does not let this count be set",
        ),
        (vec![reply(200, &json!({"data": {"sku": "BEAN-1KG"}}))], None, "unreadable: *on_hand: missing"),
    ];
    for (replies, expected, outcome) in cases {
        let script = Script::new(replies);
        let said = said(&perform(&script, &set(7, expected)).await);
        let (begins, words) = outcome.split_once('*').unwrap_or((outcome, ""));
        assert!(said.starts_with(begins) && said.contains(words), "{outcome}: {said}");
    }
    for (status, begins) in [(401, "SignInAgain"), (500, "later"), (403, "scope_missing")] {
        let script = Script::new([problem(status, "x")]);
        let said = said(&perform(&script, &set(7, None)).await);
        assert!(said.starts_with(begins), "{status}: {said}");
    }
}

/// Our own write was the last to change it, and somebody bought since: it holds, and is not repeated.
#[tokio::test]
async fn the_echo_of_our_own_write_is_no_change_of_somebody_else() {
    let script = Script::new([one(88, 120, 14), one(89, 21, 14)]);
    perform(&script, &set(7, Some(106))).await;
    let source = script.sent()[1].json()["source"].clone();
    let intent = set(7, Some(106));
    let mut ours = raw(90, 21, 16);
    ours["last_change"]["source"] = source;
    let answered = || reply(200, &json!({"data": ours.clone()}));
    let script = Script::new([answered(), answered()]);
    let account = connector(&script, &StandingClock::at(NOW_MS));
    assert!(matches!(account.confirm(&task(&intent)).await, Confirmation::Holds(_)));
    assert_eq!(said(&account.perform(&[task(&intent)]).await.remove(0)), "already");
    // Another one's is none of ours.
    let script = Script::new([one(90, 21, 16)]);
    assert_eq!(connector(&script, &StandingClock::at(NOW_MS)).confirm(&task(&intent)).await, Confirmation::Absent);
    for (status, expected) in [(404, true), (500, false)] {
        let script = Script::new([reply(status, &json!({"code": "x"}))]);
        let answer = connector(&script, &StandingClock::at(NOW_MS)).confirm(&task(&intent)).await;
        assert_eq!(answer == Confirmation::Absent, expected, "{answer:?}");
    }
}

#[test]
fn counts_are_read_in_every_form() {
    let profile = assumed();
    let with = |change: fn(&mut Value)| {
        let mut raw = raw(88, 120, 14);
        change(&mut raw);
        level(&profile, &raw).map(|level| (level.stock.remote_id, level.stock.available, level.stock.on_hand))
    };
    let cases: [(Change, Read); 8] = [
        (|_| (), Ok(("wh_east:BEAN-1KG", 106, Some(120)))),
        (|raw| raw["available"] = Value::Null, Ok(("wh_east:BEAN-1KG", 106, Some(120)))),
        (|raw| raw["on_hand"] = json!("120"), Ok(("wh_east:BEAN-1KG", 106, Some(120)))),
        (|raw| raw["on_hand"] = Value::Null, Ok(("wh_east:BEAN-1KG", 106, None))),
        (|raw| raw["warehouse_id"] = Value::Null, Ok((":BEAN-1KG", 106, Some(120)))),
        (|raw| raw["sku"] = json!(" "), Err("sku: missing")),
        (|raw| raw["available"] = json!(1.5), Err("available: not a whole number")),
        (
            |raw| {
                raw["on_hand"] = Value::Null;
                raw["available"] = Value::Null;
            },
            Err("on_hand: missing"),
        ),
    ];
    for (change, expected) in cases {
        let expected =
            expected.map(|(id, available, on_hand)| (id.to_owned(), available, on_hand)).map_err(str::to_owned);
        assert_eq!(with(change), expected);
    }
}

#[test]
fn the_name_of_a_count_goes_both_ways() {
    for (warehouse, sku) in [
        (Some("wh_east"), "BEAN-1KG"),
        (None, "BEAN"),
        (Some("urn:wh:1"), "A:B/C"),
        (Some("50%"), "ü ß"),
        (None, "a:b"),
    ] {
        let name = level_id(warehouse, sku);
        assert_eq!(level_names(&name), (warehouse.map(str::to_owned), sku.to_owned()), "{name}");
    }
}

#[tokio::test]
async fn counts_are_listed_whole_and_read_by_name() {
    let page = reply(200, &json!({"data": [raw(88, 120, 14), {"sku": "ODD"}], "meta": {"has_more": false}}));
    let script = Script::new([page, one(88, 120, 14), reply(404, &json!({"code": "not_found"}))]);
    let account = connector(&script, &StandingClock::at(NOW_MS));
    let cursor = json!({"updated_since_ms": NOW_MS});
    let ask = crate::Ask { stream: "stock", cursor: Some(&cursor), next: None, since_ms: 0, priority: Priority::Poll };
    let page = account.read(&ask).await.unwrap();
    // Whatever was read before: a count that nobody touched must not grow old.
    assert!(!script.sent()[0].url.contains("updated_since"), "{}", script.sent()[0].url);
    let Record::Stock(stock) = &page.records[0].record else { panic!() };
    assert_eq!((stock.location_name.as_str(), stock.updated_at_ms), ("wh_east", NOW_MS - 1_800_000));
    assert_eq!((page.records.len(), page.unreadable[0].remote_id.as_str()), (1, ":ODD"));
    let read = account.read_one(RecordKind::Stock, "wh_east:BEAN-1KG", Priority::Write).await.unwrap().unwrap();
    assert_eq!(read.record, page.records[0].record);
    assert_eq!(account.read_one(RecordKind::Stock, "wh_east:GONE", Priority::Write).await, Ok(None));
}

/// A count is set and read only where the profile says how; the supplier's says nothing of it.
#[tokio::test]
async fn stock_follows_the_profile() {
    let supplier = Profile::parse(Profile::shipped("orderez-co-supplier").unwrap()).unwrap();
    assert!(!has(&supplier, "inventory.read") && !has(&supplier, "inventory.write"));
    let cases: [(Change, bool, bool, &str); 4] = [
        (|_| (), true, true, ""),
        (|p| p["operations"]["setInventory"]["path"] = Value::Null, true, false, "no path for setInventory"),
        (|p| p["capabilities"]["inventory.read"] = json!(false), false, true, "says that the account cannot do it"),
        (
            |p| drop(p["entities"].as_object_mut().unwrap().remove("inventory_level")),
            false,
            false,
            "does not say how to read a count",
        ),
    ];
    for (change, reads, sets, why) in cases {
        let mut json = read_text(Profile::shipped("assumed-contract").unwrap()).unwrap();
        change(&mut json);
        let profile = Profile::parse(&json.to_string()).unwrap();
        assert_eq!(streams(&profile).contains(&"stock".to_owned()), reads, "{why}");
        assert_eq!(performs(&profile).contains(&IntentKind::SetStock), sets, "{why}");
        let off: Vec<_> =
            offered(&profile).into_iter().filter(|one| one.name.starts_with("inventory.") && !one.on).collect();
        assert!(off.iter().all(|one| one.why_off.contains(why)), "{off:?}");
    }
    let mut json = read_text(Profile::shipped("assumed-contract").unwrap()).unwrap();
    json["operations"]["getInventory"]["path"] = Value::Null;
    let script = Script::new([]);
    let account = super::connector_of("own", Some(&json.to_string()), &script, &StandingClock::at(NOW_MS));
    let Err(ReadError::Refused(refusal)) = account.read_one(RecordKind::Stock, "a:b", Priority::Write).await else {
        panic!()
    };
    assert_eq!(refusal.cause, Cause::ScopeMissing);
    let intent = set(7, None);
    assert!(matches!(account.perform(&[task(&intent)]).await.remove(0), Verdict::NeedsPerson(_)));
    assert!(script.sent().is_empty());
}
