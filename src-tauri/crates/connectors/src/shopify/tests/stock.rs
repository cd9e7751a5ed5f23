//! Counts: which are read, how one is set, and what the store's answers mean for it.

use super::*;
use quayside_model::{Cause, Confirmation, StockDraft};

const LEVEL: &str = "gid://shopify/InventoryLevel/4?inventory_item_id=1";
const ITEM: &str = "gid://shopify/InventoryItem/1";
const PLACE: &str = "gid://shopify/Location/4";

fn level(available: i64) -> Value {
    json!({
        "id": LEVEL, "isActive": true, "updatedAt": "2026-11-20T09:00:00Z",
        "quantities": [{ "name": "available", "quantity": available }, { "name": "on_hand", "quantity": available + 3 }],
        "item": { "id": ITEM, "sku": "MUG", "tracked": true },
        "location": { "id": PLACE, "name": "Quay", "isFulfillmentService": false },
    })
}

fn item(level: &Value) -> Reply {
    data(&json!({ "inventoryItem": { "id": ITEM, "sku": "MUG", "tracked": true, "inventoryLevel": level } }))
}

fn done() -> Reply {
    data(
        &json!({ "inventorySetQuantities": { "inventoryAdjustmentGroup": { "id": "gid://shopify/InventoryAdjustmentGroup/9" }, "userErrors": [] } }),
    )
}

fn refused(code: &str) -> Reply {
    data(
        &json!({ "inventorySetQuantities": { "inventoryAdjustmentGroup": null, "userErrors": [{ "code": code, "field": ["input"], "message": "no" }] } }),
    )
}

fn set(available: i64, expected: Option<i64>) -> Intent {
    Intent::SetStock {
        stock: StockDraft {
            sku: "MUG".into(),
            item_id: Some(ITEM.into()),
            location_id: Some(PLACE.into()),
            available,
            expected,
            moves: false,
        },
    }
}

async fn perform(replies: impl IntoIterator<Item = Reply>, intent: &Intent) -> (Verdict, Arc<Script>) {
    let script = Script::new(replies);
    (shopify(script.clone()).perform(&[task(intent)]).await.remove(0), script)
}

fn said(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Done(_) => "done".into(),
        Verdict::AlreadyDone(_) => "already".into(),
        Verdict::AnswerLost(refusal) => format!("lost {}", refusal.cause),
        Verdict::RetryLater(refusal) => format!("later {}", refusal.cause),
        Verdict::NeedsPerson(refusal) => format!("person {}", refusal.cause),
        other => format!("{other:?}"),
    }
}

/// Without the number it changes from, or without a name, a store of today refuses the whole request; left out is not
/// the same as `null`.
#[tokio::test]
async fn trap_02_03_a_count_says_what_it_changes_from_and_has_a_name() {
    for (expected, from) in [(Some(9), json!(9)), (None, Value::Null)] {
        let (verdict, script) = perform([item(&level(9)), done()], &set(12, expected)).await;
        assert_eq!(said(&verdict), "done");
        let sent = script.sent()[1].json();
        let (input, key) = (&sent["variables"]["input"], sent["variables"]["key"].as_str().unwrap());
        assert!(sent["query"].as_str().unwrap().contains("@idempotent(key: $key)"));
        assert!(uuid::Uuid::parse_str(key).is_ok(), "{key}");
        let row = input["quantities"][0].as_object().unwrap();
        assert_eq!(row.get("changeFromQuantity"), Some(&from), "it is there, be it null");
        assert_eq!(
            (&row["inventoryItemId"], &row["locationId"], &row["quantity"]),
            (&json!(ITEM), &json!(PLACE), &json!(12))
        );
        assert_eq!((&input["name"], &input["reason"]), (&json!("available"), &json!("correction")));
        assert_eq!(input["referenceDocumentUri"], json!(format!("gid://quayside/Stock/{key}")));
    }
}

/// The same change has the same name on every try, another change another one.
#[tokio::test]
async fn a_change_keeps_its_name() {
    let mut keys = Vec::new();
    for intent in [set(12, Some(9)), set(12, Some(9)), set(13, Some(9)), set(12, None)] {
        let (_, script) = perform([item(&level(9)), done()], &intent).await;
        keys.push(script.sent()[1].json()["variables"]["key"].as_str().unwrap().to_owned());
    }
    assert_eq!(keys[0], keys[1]);
    let different: std::collections::BTreeSet<&String> = keys.iter().collect();
    assert_eq!(different.len(), 3, "{keys:?}");
}

/// Refused under its name once, a change goes by the next one, and by no third.
#[tokio::test]
async fn a_name_under_which_something_was_refused_is_not_used_again() {
    let (verdict, script) =
        perform([item(&level(9)), refused("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"), done()], &set(12, Some(9))).await;
    assert_eq!(said(&verdict), "done");
    let keys: Vec<Value> = script.sent()[1..].iter().map(|sent| sent.json()["variables"]["key"].clone()).collect();
    assert_ne!(keys[0], keys[1]);
    let replies = std::iter::once(item(&level(9)))
        .chain((0..10).map(|_| refused("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED")))
        .collect::<Vec<_>>();
    assert_eq!(said(&perform(replies, &set(12, Some(9))).await.0), "person content_refused");
}

#[tokio::test]
async fn what_the_store_shows_decides_before_anything_is_sent() {
    let changed = |at: &str, value: Value| {
        let mut level = level(9);
        *level.pointer_mut(at).unwrap() = value;
        item(&level)
    };
    let untracked =
        json!({ "inventoryItem": { "id": ITEM, "sku": "MUG", "tracked": false, "inventoryLevel": level(9) } });
    for (reply, expected, outcome, words) in [
        (item(&level(12)), Some(9), "already", ""),
        (item(&level(8)), Some(9), "person sides_differ", "8 by now, and 9 was expected"),
        (item(&Value::Null), None, "person content_refused", "not stocked at this location"),
        (data(&json!({ "inventoryItem": null })), None, "person unknown_sku", "any more"),
        (data(&untracked), None, "person unknown_sku", "does not track"),
        (changed("/isActive", json!(false)), None, "person content_refused", "Quay"),
        (changed("/location/isFulfillmentService", json!(true)), None, "person content_refused", "another app's"),
        (changed("/quantities", json!([])), None, "person unreadable", "quantities.available"),
    ] {
        let (verdict, script) = perform([reply], &set(12, expected)).await;
        assert_eq!(said(&verdict), outcome);
        assert_eq!(operations(&script), ["StockOfItem"], "{outcome}");
        if let Verdict::NeedsPerson(refusal) = verdict {
            assert!(refusal.sentence.contains(words), "{words}: {refusal}");
        }
    }
}

#[tokio::test]
async fn refusals_of_a_count_say_why() {
    for (code, outcome, words) in [
        ("CHANGE_FROM_QUANTITY_STALE", "person sides_differ", "sold or counted meanwhile"),
        ("ITEM_NOT_STOCKED_AT_LOCATION", "person content_refused", "not stocked"),
        ("NON_MUTABLE_INVENTORY_ITEM", "person content_refused", "bundle"),
        ("INVALID_INVENTORY_ITEM", "person unknown_sku", "any more"),
        ("IDEMPOTENCY_CONCURRENT_REQUEST", "lost outcome_unknown", "still at work"),
        ("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "person not_understood", "fault of Quayside"),
        ("SOLAR_FLARE", "person content_refused", "SOLAR_FLARE"),
    ] {
        let (verdict, _) = perform([item(&level(9)), refused(code)], &set(12, Some(9))).await;
        assert_eq!(said(&verdict), outcome, "{code}");
        let (Verdict::NeedsPerson(refusal) | Verdict::AnswerLost(refusal)) = verdict else { panic!("{code}") };
        assert!(refusal.sentence.contains(words) && refusal.sentence.contains("MUG"), "{refusal}");
        assert_eq!(refusal.about.as_deref(), Some("MUG"));
    }
}

/// Nothing changed, nothing refused: it was so already. Neither a result nor a reason: nobody knows.
#[tokio::test]
async fn an_answer_without_a_change() {
    let payload = |payload: Value| data(&json!({ "inventorySetQuantities": payload }));
    for (reply, outcome) in [
        (payload(json!({ "inventoryAdjustmentGroup": null, "userErrors": [] })), "already"),
        (payload(Value::Null), "lost not_understood"),
        (json(500, &json!({})), "lost platform_trouble"),
    ] {
        assert_eq!(said(&perform([item(&level(9)), reply], &set(12, Some(9))).await.0), outcome);
    }
}

/// A change whose answer was lost is sent again from the number that was agreed on, whatever the store shows: it knows
/// whether it applied it.
#[tokio::test]
async fn after_a_lost_answer_the_same_is_sent_again() {
    let intent = set(12, Some(9));
    let again = Task { first_sent_at_ms: Some(NOW), last_sent_at_ms: Some(NOW), ..task(&intent) };
    for (shown, confirmed) in [(12, "holds"), (9, "absent"), (11, "absent")] {
        let script = Script::new([item(&level(shown))]);
        let answer = match shopify(script).confirm(&again).await {
            Confirmation::Holds(_) => "holds",
            Confirmation::Absent => "absent",
            other => panic!("{other:?}"),
        };
        assert_eq!(answer, confirmed, "{shown}");
    }
    let script = Script::new([item(&level(11)), done()]);
    let verdict = shopify(script.clone()).perform(&[again]).await.remove(0);
    assert_eq!(said(&verdict), "done");
    assert_eq!(script.sent()[1].json()["variables"]["input"]["quantities"][0]["changeFromQuantity"], json!(9));
    assert!(matches!(
        shopify(Script::new([json(500, &json!({}))])).confirm(&task(&intent)).await,
        Confirmation::CannotTell(_)
    ));
}

/// Known by its SKU only: the one that has it, at the one place that stocks it.
#[tokio::test]
async fn a_count_may_be_known_by_its_sku_only() {
    let found = |sku: &str, levels: &[Value]| json!({ "id": ITEM, "sku": sku, "tracked": true, "inventoryLevels": { "nodes": levels } });
    let items = |items: &[Value]| data(&json!({ "inventoryItems": { "nodes": items } }));
    let draft = |item_id: Option<&str>| Intent::SetStock {
        stock: StockDraft {
            sku: "MUG".into(),
            item_id: item_id.map(str::to_owned),
            location_id: None,
            available: 12,
            expected: None,
            moves: false,
        },
    };
    for (reply, intent, query, outcome) in [
        (items(&[found("mug", &[level(9)]), found("MUGS", &[level(1)])]), draft(None), "sku:'MUG'", "done"),
        (items(&[found("RENAMED", &[level(9)])]), draft(Some(ITEM)), "id:1", "done"),
        (items(&[]), draft(None), "sku:'MUG'", "person unknown_sku"),
        (
            items(&[found("MUG", &[level(9)]), found("MUG", &[level(9)])]),
            draft(None),
            "sku:'MUG'",
            "person unknown_sku",
        ),
        (items(&[found("MUG", &[])]), draft(None), "sku:'MUG'", "person content_refused"),
        (items(&[found("MUG", &[level(9), level(9)])]), draft(None), "sku:'MUG'", "person content_refused"),
    ] {
        let (verdict, script) = perform([reply, done()], &intent).await;
        assert_eq!(said(&verdict), outcome, "{query}");
        assert_eq!(script.sent()[0].json()["variables"]["q"], json!(query));
    }
}

fn places(ids: &[(&str, bool)]) -> Reply {
    let nodes: Vec<Value> =
        ids.iter().map(|(id, foreign)| json!({ "id": id, "isFulfillmentService": foreign })).collect();
    data(&json!({ "locations": { "nodes": nodes, "pageInfo": { "hasNextPage": false, "endCursor": null } } }))
}

fn page(levels: &[Value], next: Option<&str>) -> Reply {
    data(&json!({ "location": { "id": PLACE, "inventoryLevels": { "nodes": levels,
        "pageInfo": { "hasNextPage": next.is_some(), "endCursor": next } } } }))
}

/// One scan to its end: ids that were read, ids that could not be, the cursor.
async fn scan(shopify: &Shopify, cursor: Option<&Value>) -> (Vec<String>, Vec<String>, Value) {
    let (mut read, mut odd, mut next) = (Vec::new(), Vec::new(), None);
    loop {
        let ask = Ask { stream: "stock", cursor, next: next.as_ref(), since_ms: 0, priority: Priority::Poll };
        let page = shopify.read(&ask).await.unwrap();
        read.extend(page.records.iter().map(|incoming| incoming.record.remote_id().to_owned()));
        odd.extend(page.unreadable.into_iter().map(|one| format!("{}: {}", one.remote_id, one.why)));
        next = page.next;
        if next.is_none() {
            return (read, odd, page.cursor);
        }
    }
}

fn named(n: u32) -> Value {
    let mut level = level(9);
    level["id"] = json!(format!("gid://shopify/InventoryLevel/4?inventory_item_id={n}"));
    level
}

#[tokio::test]
async fn levels_are_read_location_by_location_and_the_mark_moves_at_the_end() {
    let script = Script::new([
        places(&[("A", false), ("B", true), ("C", false)]),
        page(&[named(1), named(2)], Some("x")),
        page(&[named(3)], None),
        page(&[named(4)], None),
        // What changed since, and nothing else.
        places(&[("A", false)]),
        page(&[named(1)], None),
    ]);
    let shopify = shopify(script.clone());
    let first = Ask { stream: "stock", cursor: None, next: None, since_ms: 0, priority: Priority::Poll };
    let begun = shopify.read(&first).await.unwrap();
    assert!(begun.cursor["watermark_ms"].is_null() && begun.next.is_some(), "{}", begun.cursor);
    let middle = shopify.read(&Ask { next: begun.next.as_ref(), ..first.clone() }).await.unwrap();
    let last = shopify.read(&Ask { next: middle.next.as_ref(), ..first.clone() }).await.unwrap();
    assert_eq!(last.next, None);
    assert_eq!(last.cursor["watermark_ms"], json!(NOW));
    let (read, odd, _) = scan(&shopify, Some(&last.cursor)).await;
    assert_eq!((read.len(), odd.len()), (1, 0));
    let asked: Vec<(Value, Value, Value)> = script
        .sent()
        .iter()
        .filter(|sent| operation(sent) == "StockLevels")
        .map(|sent| {
            let variables = sent.json()["variables"].clone();
            (variables["place"].clone(), variables["after"].clone(), variables["q"].clone())
        })
        .collect();
    let expected = [
        ("A", Value::Null, ""),
        ("A", json!("x"), ""),
        ("C", Value::Null, ""),
        ("A", Value::Null, "updated_at:>='2026-11-20T09:55:00Z'"),
    ];
    assert_eq!(asked, expected.map(|(place, after, query)| (json!(place), after, json!(query))));
}

/// Counts nobody touched must not grow old: every few hours all of them are read.
#[tokio::test]
async fn everything_is_read_again_after_some_hours() {
    let clock = StandingClock::at(NOW);
    let script = Script::answering(|sent| match operation(sent).as_str() {
        "Places" => places(&[("A", false)]),
        _ => page(&[named(1)], None),
    });
    let shopify = shopify_with(config(LEGACY_TOKEN), script.clone(), clock.clone());
    let mut cursor = None;
    let mut queries = Vec::new();
    for _ in 0..6 {
        cursor = Some(scan(&shopify, cursor.as_ref()).await.2);
        queries.push(script.sent().last().unwrap().json()["variables"]["q"].as_str().unwrap().is_empty());
        clock.advance(3_600_000);
    }
    assert_eq!(queries, [true, false, false, false, true, false]);
}

#[tokio::test]
async fn what_nobody_counts_is_no_stock_and_what_is_odd_is_told() {
    let with = |n: u32, at: &str, value: Value| {
        let mut level = named(n);
        *level.pointer_mut(at).unwrap() = value;
        level
    };
    let rows = [
        named(1),
        with(2, "/item/tracked", json!(false)),
        with(3, "/isActive", json!(false)),
        with(4, "/location/isFulfillmentService", json!(true)),
        with(5, "/item/sku", Value::Null),
        with(6, "/quantities/0/quantity", json!("many")),
        with(7, "/updatedAt", json!("yesterday")),
        with(8, "/id", json!(8)),
        Value::Null,
    ];
    let (read, odd, _) = scan(&shopify(Script::new([places(&[("A", false)]), page(&rows, None)])), None).await;
    let end = |id: &String| id.rsplit('=').next().unwrap().to_owned();
    assert_eq!(read.iter().map(end).collect::<Vec<_>>(), ["1", "5"]);
    let whys: Vec<&str> = odd.iter().filter_map(|odd| Some(odd.split_once(": ")?.1)).collect();
    assert_eq!(whys, ["quantities.available: not a whole number", "updatedAt: not a time", "id: not a text"]);
}

#[tokio::test]
async fn a_store_that_repeats_a_page_is_not_read_for_ever() {
    let script = Script::answering(|sent| match operation(sent).as_str() {
        "Places" => places(&[("A", false)]),
        _ => page(&[named(1)], Some("again")),
    });
    let shopify = shopify(script.clone());
    let mut next = None;
    for _ in 0..10 {
        let ask = Ask { stream: "stock", cursor: None, next: next.as_ref(), since_ms: 0, priority: Priority::Poll };
        match shopify.read(&ask).await {
            Ok(page) => next = page.next,
            Err(ReadError::Refused(refusal)) => {
                assert_eq!(refusal.cause, Cause::PlatformTrouble);
                assert!(script.sent().len() <= 6, "{}", script.sent().len());
                return;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    panic!("it is read for ever");
}

/// Without the permission there is no stock, no call, and nothing else stops.
#[tokio::test]
async fn without_the_permission_nothing_is_asked() {
    for lacks in ["read_inventory", "read_locations", "write_inventory"] {
        let all = ["read_orders", "read_inventory", "read_locations", "write_inventory"];
        let granted: Vec<String> = all
            .iter()
            // Writing includes reading.
            .filter(|scope| **scope != lacks && !(lacks == "read_inventory" && **scope == "write_inventory"))
            .map(|scope| (*scope).to_owned())
            .collect();
        assert_eq!(scopes::streams(&granted).contains(&"stock".to_owned()), lacks == "write_inventory", "{lacks}");
        assert_eq!(scopes::performs(&granted).contains(&IntentKind::SetStock), lacks == "read_locations", "{lacks}");
        let mut config = config(LEGACY_TOKEN);
        config.account.abilities = granted;
        let script = Script::new([]);
        let shopify = shopify_with(config, script.clone(), StandingClock::at(NOW));
        if lacks == "write_inventory" {
            let intent = set(12, None);
            let verdict = shopify.perform(&[task(&intent)]).await.remove(0);
            assert_eq!(said(&verdict), "person scope_missing");
        } else {
            let ask = Ask { stream: "stock", cursor: None, next: None, since_ms: 0, priority: Priority::Poll };
            let page = shopify.read(&ask).await.unwrap();
            assert!(page.next.is_none() && !page.asked, "{lacks}");
        }
        assert!(script.sent().is_empty(), "{lacks}");
    }
    // Taken away since the last test of the connection: an answer, and no trouble of the account.
    let denied = json(
        200,
        &json!({ "data": { "locations": null }, "errors": [{ "message": "Access denied for locations field. Required access: `read_locations` access scope.",
            "path": ["locations"], "extensions": { "code": "ACCESS_DENIED" } }] }),
    );
    let (read, _, cursor) = scan(&shopify(Script::new([denied])), None).await;
    assert!(read.is_empty() && cursor["watermark_ms"].is_null());
}

#[tokio::test]
async fn one_count_is_read_by_its_name() {
    let read = async |reply: Reply, id: &str| {
        shopify(Script::new([reply])).read_one(RecordKind::Stock, id, Priority::Write).await
    };
    let found = read(data(&json!({ "inventoryLevel": level(9) })), LEVEL).await.unwrap().unwrap();
    let Record::Stock(stock) = found.record else { panic!() };
    assert_eq!(
        (stock.remote_id.as_str(), stock.sku.as_str(), stock.item_id.as_str(), stock.location_id.as_deref()),
        (LEVEL, "MUG", ITEM, Some(PLACE))
    );
    assert_eq!((stock.location_name.as_str(), stock.available, stock.on_hand), ("Quay", 9, Some(12)));
    assert_eq!(stock.updated_at_ms, NOW - 3_600_000);
    assert_eq!(read(data(&json!({ "inventoryLevel": null })), LEVEL).await, Ok(None));
    let odd = read(data(&json!({ "inventoryLevel": { "id": LEVEL } })), LEVEL).await;
    assert!(matches!(odd, Err(ReadError::Refused(refusal)) if refusal.cause == Cause::Unreadable));
    let nameless = shopify(Script::new([])).read_one(RecordKind::Stock, "0f0f", Priority::Write).await;
    assert!(matches!(nameless, Err(ReadError::Refused(refusal)) if refusal.cause == Cause::Unreadable));
}
