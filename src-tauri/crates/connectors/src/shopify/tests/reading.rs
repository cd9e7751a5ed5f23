//! Reading: nothing skipped, nothing asked for twice without need, every page committable.

use super::*;
use crate::testing::Sent;
use quayside_model::{Cause, Record};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// A store in memory that lists by time and gives whole orders: enough of one to read from.
#[derive(Default)]
struct Store {
    /// gid → (updatedAt, order JSON)
    orders: BTreeMap<String, (String, Value)>,
    /// (fo gid, updatedAt, order gid)
    work: Vec<(String, String, String)>,
    page: usize,
    /// Play the page before once more.
    repeat_page: bool,
    last_page: Option<Value>,
    requested_per_unit: f64,
    available: f64,
    /// Says nothing of points, as another server or a proxy may.
    silent: bool,
}

fn gid(n: usize) -> String {
    format!("gid://shopify/Order/{n}")
}

fn at(second: i64) -> String {
    chrono::DateTime::from_timestamp_millis(NOW + second * 1000).unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn order(n: usize, updated: &str) -> Value {
    let mut order: Value = serde_json::from_str(include_str!("../fixtures/order.json")).unwrap();
    order["id"] = json!(gid(n));
    order["name"] = json!(format!("#{n}"));
    order["updatedAt"] = json!(updated);
    order
}

impl Store {
    fn with(count: usize) -> Arc<Mutex<Self>> {
        let mut store = Self { page: 3, requested_per_unit: 100.0, available: 2000.0, ..Self::default() };
        for n in 1..=count {
            store.put(n, n as i64);
        }
        Arc::new(Mutex::new(store))
    }
    fn put(&mut self, n: usize, second: i64) {
        self.orders.insert(gid(n), (at(second), order(n, &at(second))));
    }
    fn list(&mut self, sent: &Value) -> Value {
        let variables = &sent["variables"];
        let query = variables["q"].as_str().unwrap();
        let since = query.split('\'').nth(1).unwrap_or("");
        let mut rows: Vec<(String, String)> = self
            .orders
            .iter()
            .filter(|(_, (updated, _))| updated.as_str() >= since)
            .map(|(id, (updated, _))| (updated.clone(), id.clone()))
            .collect();
        rows.sort();
        let skip: usize = variables["after"].as_str().map_or(0, |after| after.parse().unwrap());
        let take = self.page.min(variables["n"].as_u64().unwrap() as usize);
        let page: Vec<Value> =
            rows.iter().skip(skip).take(take).map(|(updated, id)| json!({ "id": id, "updatedAt": updated })).collect();
        let end = skip + page.len();
        let answer = json!({ "orders": { "nodes": page, "pageInfo": { "hasNextPage": end < rows.len(), "endCursor": end.to_string() } } });
        if self.repeat_page
            && let Some(last) = self.last_page.clone()
        {
            self.repeat_page = false;
            return last;
        }
        self.last_page = Some(answer.clone());
        answer
    }
    fn answer(&mut self, sent: &Sent) -> Reply {
        let request = sent.json();
        let variables = &request["variables"];
        let (answer, units) = match operation(sent).as_str() {
            "OrderList" => (self.list(&request), 1),
            "FulfillmentOrderList" => {
                let since = variables["q"].as_str().unwrap().split('\'').nth(1).unwrap().to_owned();
                let rows: Vec<Value> = self
                    .work
                    .iter()
                    .filter(|(_, updated, _)| *updated >= since)
                    .map(|(id, updated, order)| json!({ "id": id, "updatedAt": updated, "orderId": order }))
                    .collect();
                (json!({ "fulfillmentOrders": { "nodes": rows, "pageInfo": { "hasNextPage": false } } }), 1)
            }
            "Orders" => {
                let ids = variables["ids"].as_array().unwrap();
                let nodes: Vec<Value> = ids
                    .iter()
                    .map(|id| self.orders.get(id.as_str().unwrap()).map_or(Value::Null, |(_, order)| order.clone()))
                    .collect();
                (json!({ "nodes": nodes }), ids.len())
            }
            other => panic!("{other} is not expected here"),
        };
        let cost = self.requested_per_unit * units as f64;
        if cost > 1000.0 {
            return json(
                200,
                &json!({ "errors": [{ "message": "too much", "extensions": { "code": "MAX_COST_EXCEEDED" } }] }),
            );
        }
        if self.silent {
            return json(200, &json!({ "data": answer }));
        }
        json(
            200,
            &json!({ "data": answer, "extensions": { "cost": { "requestedQueryCost": cost,
                "throttleStatus": { "maximumAvailable": 2000.0, "currentlyAvailable": self.available, "restoreRate": 100.0 } } } }),
        )
    }
}

struct Reader {
    shopify: Shopify,
    script: Arc<Script>,
    clock: Arc<StandingClock>,
    cursor: Option<Value>,
}

impl Reader {
    fn of(store: &Arc<Mutex<Store>>) -> Self {
        let store = store.clone();
        let script = Script::answering(move |sent| store.lock().unwrap().answer(sent));
        // Well after all changes, so that their seconds are settled.
        let clock = StandingClock::at(NOW + 3_600_000);
        Self { shopify: shopify_with(config(LEGACY_TOKEN), script.clone(), clock.clone()), script, clock, cursor: None }
    }
    /// One scan to its end, committing every page; the numbers read.
    async fn scan(&mut self, stream: &str) -> Vec<String> {
        let (mut numbers, mut next, mut pages) = (Vec::new(), None, 0);
        loop {
            pages += 1;
            assert!(pages < 200, "the scan never ends");
            let ask = Ask {
                stream,
                cursor: self.cursor.as_ref(),
                next: next.as_ref(),
                since_ms: NOW - 1000,
                priority: Priority::Poll,
            };
            match self.shopify.read(&ask).await {
                Ok(page) => {
                    numbers.extend(page.records.iter().map(|r| match &r.record {
                        Record::Order(order) => order.number.clone(),
                        _ => panic!("not an order"),
                    }));
                    numbers.extend(page.unreadable.iter().map(|u| format!("bad {}", u.number.clone().unwrap())));
                    self.cursor = Some(page.cursor);
                    next = page.next;
                    if next.is_none() {
                        return numbers;
                    }
                }
                Err(ReadError::WaitUntil { at_ms, .. }) => {
                    self.clock.advance(at_ms - self.clock.0.load(std::sync::atomic::Ordering::SeqCst));
                }
                Err(ReadError::Refused(refusal)) => panic!("{refusal}"),
            }
        }
    }
    fn asked(&self) -> usize {
        self.script.sent().len()
    }
}

fn numbers(range: std::ops::RangeInclusive<usize>) -> Vec<String> {
    range.map(|n| format!("#{n}")).collect()
}

#[tokio::test]
async fn trap_05_a_scan_reads_to_the_end_and_the_next_one_reads_only_what_changed() {
    let store = Store::with(8);
    let mut reader = Reader::of(&store);
    assert_eq!(reader.scan("orders").await, numbers(1..=8));
    let asked = reader.asked();
    assert_eq!(reader.scan("orders").await, Vec::<String>::new());
    assert!(
        operations(&reader.script)[asked..].iter().all(|name| name == "OrderList"),
        "unchanged orders are not read again"
    );
    store.lock().unwrap().put(4, 100);
    store.lock().unwrap().put(9, 101);
    assert_eq!(reader.scan("orders").await, ["#4", "#9"]);
}

#[tokio::test]
async fn trap_01_dates_are_quoted_and_the_list_is_sorted() {
    let store = Store::with(1);
    let mut reader = Reader::of(&store);
    reader.scan("orders").await;
    reader.scan("orders").await;
    let lists: Vec<Value> = reader
        .script
        .sent()
        .iter()
        .filter(|s| operation(s) == "OrderList")
        .map(|s| s.json()["variables"].clone())
        .collect();
    assert_eq!(lists[0]["q"], json!("updated_at:>='2026-11-20T09:59:59Z'"));
    assert_eq!(lists[1]["q"], json!("updated_at:>='2026-11-20T09:55:01Z'"), "five minutes before the last change");
    assert_eq!(lists[0]["sort"], json!("UPDATED_AT"));
}

/// A crash between any two pages loses nothing: start again from the committed cursor.
#[tokio::test]
async fn stopping_after_any_page_loses_nothing() {
    for stop_after in 0..12 {
        let store = Store::with(8);
        let mut reader = Reader::of(&store);
        let (mut seen, mut next) = (std::collections::BTreeSet::new(), None);
        for _ in 0..stop_after {
            let ask = Ask {
                stream: "orders",
                cursor: reader.cursor.as_ref(),
                next: next.as_ref(),
                since_ms: NOW - 1000,
                priority: Priority::Poll,
            };
            let page = reader.shopify.read(&ask).await.unwrap();
            seen.extend(page.records.iter().map(|r| r.record.remote_id().to_owned()));
            reader.cursor = Some(page.cursor);
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        let cursor = reader.cursor.clone();
        let mut restarted = Reader::of(&store);
        restarted.cursor = cursor;
        seen.extend(restarted.scan("orders").await.iter().map(|number| gid(number[1..].parse().unwrap())));
        assert_eq!(seen.len(), 8, "stopped after {stop_after} pages: {seen:?}");
    }
}

#[tokio::test]
async fn trap_06_a_change_in_a_second_that_was_still_running_is_read_again() {
    let store = Store::with(1);
    let mut reader = Reader::of(&store);
    reader.clock.0.store(NOW + 1_500, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(reader.scan("orders").await, ["#1"]);
    // Changed again within the same second: the list looks the same.
    assert_eq!(reader.scan("orders").await, ["#1"]);
    reader.clock.advance(10_000);
    assert_eq!(reader.scan("orders").await, ["#1"]);
    assert_eq!(reader.scan("orders").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_repeated_page_is_asked_for_again() {
    let store = Store::with(8);
    let mut reader = Reader::of(&store);
    let ask = Ask { stream: "orders", cursor: None, next: None, since_ms: NOW - 1000, priority: Priority::Poll };
    let first = reader.shopify.read(&ask).await.unwrap();
    assert!(first.next.is_some());
    store.lock().unwrap().repeat_page = true;
    reader.cursor = None;
    assert_eq!(reader.scan("orders").await, numbers(1..=8));
}

#[tokio::test]
async fn a_batch_that_costs_too_much_is_halved_and_a_cheap_one_grows() {
    let store = Store::with(9);
    store.lock().unwrap().requested_per_unit = 600.0;
    let mut reader = Reader::of(&store);
    assert_eq!(reader.scan("orders").await, numbers(1..=9));

    let store = Store::with(40);
    store.lock().unwrap().page = 250;
    store.lock().unwrap().requested_per_unit = 20.0;
    let mut reader = Reader::of(&store);
    assert_eq!(reader.scan("orders").await, numbers(1..=40));
    let batches: Vec<usize> = reader
        .script
        .sent()
        .iter()
        .filter(|s| operation(s) == "Orders")
        .map(|s| s.json()["variables"]["ids"].as_array().unwrap().len())
        .collect();
    assert!(
        batches.windows(2).all(|pair| pair[1] <= pair[0] * 2) && batches.iter().any(|size| *size >= 16),
        "{batches:?}"
    );
}

#[tokio::test]
async fn a_store_that_tells_no_price_is_read_as_fast_as_any() {
    for (per_unit, most_calls) in [(4.0, 80), (100.0, 100)] {
        let store = Store::with(300);
        {
            let mut store = store.lock().unwrap();
            (store.silent, store.page, store.requested_per_unit) = (true, 250, per_unit);
        }
        let mut reader = Reader::of(&store);
        assert_eq!(reader.scan("orders").await, numbers(1..=300));
        let calls = operations(&reader.script).iter().filter(|name| *name == "Orders").count();
        assert!(calls <= most_calls, "{calls} calls for 300 orders of {per_unit} points");
        let took_s = (reader.clock.0.load(std::sync::atomic::Ordering::SeqCst) - NOW - 3_600_000) / 1000;
        assert!(took_s <= 60, "{took_s} s for 300 orders of {per_unit} points");
    }
}

#[tokio::test]
async fn trap_04_an_empty_bucket_waits_exactly_as_long_as_it_takes() {
    let store = Store::with(2);
    store.lock().unwrap().available = 100.0;
    let reader = Reader::of(&store);
    let ask = Ask { stream: "orders", cursor: None, next: None, since_ms: NOW - 1000, priority: Priority::Poll };
    let page = reader.shopify.read(&ask).await.unwrap();
    assert!(page.records.is_empty() && page.next.is_some(), "what was listed is kept");
    let ask = Ask { next: page.next.as_ref(), ..ask };
    let Err(ReadError::WaitUntil { at_ms, .. }) = reader.shopify.read(&ask).await else { panic!() };
    // 2 orders at 430 points, and 15 % of 2000 left to writes, with 100 there and 100 a second coming.
    assert_eq!(at_ms, NOW + 3_600_000 + 10_600);
}

#[tokio::test]
async fn a_throttled_call_says_when_it_fits() {
    let throttled = json(
        200,
        &json!({ "errors": [{ "message": "Throttled", "extensions": { "code": "THROTTLED" } }], "extensions": { "cost": {
            "requestedQueryCost": 370, "actualQueryCost": null,
            "throttleStatus": { "maximumAvailable": 2000.0, "currentlyAvailable": 66, "restoreRate": 100.0 } } } }),
    );
    let shopify = shopify(Script::new([throttled]));
    let ask = Ask { stream: "orders", cursor: None, next: None, since_ms: NOW, priority: Priority::Poll };
    let Err(ReadError::WaitUntil { at_ms, .. }) = shopify.read(&ask).await else { panic!() };
    assert_eq!(at_ms, NOW + 4_000);
    assert_eq!(shopify.budget().snapshot()[0].blocked_until_ms, NOW + 4_000);
    let Err(ReadError::WaitUntil { at_ms, .. }) = shopify.read(&ask).await else { panic!() };
    assert_eq!(at_ms, NOW + 4_000 + if at_ms > NOW + 4_000 { at_ms - NOW - 4_000 } else { 0 });
    assert!((shopify.budget().snapshot()[0].level - 66.0).abs() < 0.001);
}

#[tokio::test]
async fn a_price_no_bucket_ever_holds_is_a_wait_of_a_day() {
    let throttled = json(
        200,
        &json!({ "errors": [{ "message": "Throttled", "extensions": { "code": "THROTTLED" } }], "extensions": { "cost": {
            "requestedQueryCost": 1e300, "actualQueryCost": null,
            "throttleStatus": { "maximumAvailable": 2000.0, "currentlyAvailable": 66, "restoreRate": 1e-300 } } } }),
    );
    let shopify = shopify(Script::new([throttled]));
    let ask = Ask { stream: "orders", cursor: None, next: None, since_ms: NOW, priority: Priority::Poll };
    let Err(ReadError::WaitUntil { at_ms, .. }) = shopify.read(&ask).await else { panic!() };
    assert_eq!(at_ms, NOW + crate::wait::WAIT_MAX_MS);
}

#[tokio::test]
async fn an_unreadable_order_is_set_aside_and_the_rest_goes_on() {
    let store = Store::with(3);
    store.lock().unwrap().orders.get_mut(&gid(2)).unwrap().1["lineItems"]["nodes"][0]["quantity"] = json!("many");
    let mut reader = Reader::of(&store);
    let mut read = reader.scan("orders").await;
    read.sort();
    assert_eq!(read, ["#1", "#3", "bad #2"]);
    assert!(reader.scan("orders").await.is_empty());
}

#[tokio::test]
async fn trap_07_an_order_deleted_between_list_and_read_is_passed_over() {
    let store = Store::with(3);
    let mut reader = Reader::of(&store);
    let ask = Ask { stream: "orders", cursor: None, next: None, since_ms: NOW - 1000, priority: Priority::Poll };
    let first = reader.shopify.read(&ask).await.unwrap();
    store.lock().unwrap().orders.remove(&gid(3));
    let ask = Ask { cursor: Some(&first.cursor), next: first.next.as_ref(), ..ask };
    let page = reader.shopify.read(&ask).await.unwrap();
    assert!(page.records.is_empty() && page.next.is_none());
    reader.cursor = Some(page.cursor);
    assert!(reader.scan("orders").await.is_empty());
}

#[tokio::test]
async fn a_change_of_the_work_alone_brings_the_order() {
    let store = Store::with(3);
    let mut reader = Reader::of(&store);
    assert!(reader.scan("fulfillment_orders").await.is_empty(), "the import reads work with its orders");
    let later = 3_600 + 10;
    store.lock().unwrap().work =
        vec![("fo-1".into(), at(later), gid(2)), ("fo-2".into(), at(later), gid(2)), ("fo-0".into(), at(10), gid(1))];
    reader.clock.advance(60_000);
    assert_eq!(reader.scan("fulfillment_orders").await, ["#2"]);
    assert!(reader.scan("fulfillment_orders").await.is_empty());
}

#[tokio::test]
async fn without_the_permission_the_work_stream_rests() {
    let denied = json(
        200,
        &json!({ "errors": [{ "message": "Required access: `read_merchant_managed_fulfillment_orders` access scope.", "extensions": { "code": "ACCESS_DENIED" } }] }),
    );
    let ask = Ask { stream: "fulfillment_orders", cursor: None, next: None, since_ms: NOW, priority: Priority::Poll };
    let page = shopify(Script::new([denied])).read(&ask).await.unwrap();
    assert!(page.records.is_empty() && page.next.is_none());
    let mut config = config(LEGACY_TOKEN);
    config.account.abilities = vec!["read_orders".into()];
    let script = Script::new([]);
    shopify_with(config, script.clone(), StandingClock::at(NOW)).read(&ask).await.unwrap();
    assert!(script.sent().is_empty());
}

#[tokio::test]
async fn the_sweep_goes_by_id_and_skips_what_is_fulfilled() {
    let list = |rows: &[(usize, &str)], next: bool| {
        let rows: Vec<Value> = rows
            .iter()
            .map(|(n, status)| json!({ "id": gid(*n), "updatedAt": at(1), "displayFulfillmentStatus": status }))
            .collect();
        data(&json!({ "orders": { "nodes": rows, "pageInfo": { "hasNextPage": next, "endCursor": "c" } } }))
    };
    let orders = |ns: &[usize]| data(&json!({ "nodes": ns.iter().map(|n| order(*n, &at(1))).collect::<Vec<_>>() }));
    let script = Script::new([
        list(&[(1, "UNFULFILLED"), (2, "FULFILLED"), (10, "ON_HOLD")], true),
        orders(&[1, 10]),
        list(&[(11, "UNFULFILLED")], false),
        orders(&[11]),
    ]);
    let mut config = config(LEGACY_TOKEN);
    config.account.abilities = vec![];
    let shopify = shopify_with(config, script.clone(), StandingClock::at(NOW));
    let ask = Ask { stream: "open_orders", cursor: None, next: None, since_ms: NOW, priority: Priority::Backfill };
    let first = shopify.read(&ask).await.unwrap();
    assert_eq!((first.records.len(), first.cursor["after_id"].clone()), (2, json!(10)));
    let second =
        shopify.read(&Ask { cursor: Some(&first.cursor), next: first.next.as_ref(), ..ask.clone() }).await.unwrap();
    assert_eq!((second.records.len(), second.next.clone(), second.cursor["after_id"].clone()), (1, None, Value::Null));
    let sent: Vec<Value> =
        script.sent().iter().filter(|s| operation(s) == "OrderList").map(|s| s.json()["variables"].clone()).collect();
    assert_eq!(
        (sent[0]["q"].clone(), sent[0]["sort"].clone(), sent[1]["after"].clone()),
        (json!("status:open"), json!("ID"), json!("c"))
    );
    // Interrupted after the first page, it goes on behind the last order.
    let resumed = Script::new([list(&[], false)]);
    let shopify = shopify_with(config_plain(), resumed.clone(), StandingClock::at(NOW));
    shopify.read(&Ask { cursor: Some(&first.cursor), ..ask }).await.unwrap();
    assert_eq!(resumed.sent()[0].json()["variables"]["q"], json!("status:open id:>10"));
}

fn config_plain() -> ConnectionConfig {
    config(LEGACY_TOKEN)
}

#[tokio::test]
async fn a_field_the_store_does_not_know_is_left_out_from_then_on() {
    let unknown = json(
        200,
        &json!({ "errors": [{ "message": "Field 'taxLines' doesn't exist on type 'LineItem'",
            "extensions": { "code": "undefinedField", "typeName": "LineItem", "fieldName": "taxLines" } }] }),
    );
    let unknown_by_words = json(
        200,
        &json!({ "errors": [{ "message": "Field 'weight' doesn't exist on type 'LineItem'", "extensions": { "code": "undefinedField" } }] }),
    );
    let whole = || data(&json!({ "nodes": [order(1, &at(1))] }));
    let script = Script::new([unknown, unknown_by_words, whole(), whole()]);
    let shopify = shopify(script.clone());
    for _ in 0..2 {
        let found = shopify.read_one(RecordKind::Order, &gid(1), Priority::Person).await.unwrap();
        assert!(found.is_some());
    }
    let asked: Vec<(bool, bool)> =
        script.sent().iter().map(|s| (s.body.contains("taxLines"), s.body.contains("\\n  weight {"))).collect();
    assert_eq!(asked, [(true, true), (false, true), (false, false), (false, false)]);
}

#[tokio::test]
async fn trap_08_hidden_personal_data_does_not_hide_the_order() {
    let mut hidden = order(1, &at(1));
    hidden["shippingAddress"] = Value::Null;
    hidden["email"] = Value::Null;
    let reply = json(
        200,
        &json!({ "data": { "nodes": [hidden] }, "errors": [
            { "message": "This app is not approved to access the Order object", "path": ["nodes", 0, "shippingAddress"], "extensions": { "code": "ACCESS_DENIED" } },
            { "message": "no", "path": ["nodes", 0, "email"], "extensions": { "code": "ACCESS_DENIED" } }] }),
    );
    let found =
        shopify(Script::new([reply])).read_one(RecordKind::Order, &gid(1), Priority::Person).await.unwrap().unwrap();
    let Record::Order(order) = found.record else { panic!() };
    assert_eq!(order.ship_to, None);
    let reply = json(
        200,
        &json!({ "data": { "nodes": [order_json_without_lines()] }, "errors": [
        { "message": "no", "path": ["nodes", 0, "lineItems"], "extensions": { "code": "ACCESS_DENIED" } }] }),
    );
    let error = shopify(Script::new([reply])).read_one(RecordKind::Order, &gid(1), Priority::Person).await.unwrap_err();
    assert!(
        matches!(error, ReadError::Refused(refusal) if refusal.cause == Cause::ScopeMissing),
        "lines are not something to do without"
    );
}

fn order_json_without_lines() -> Value {
    let mut order = order(1, &at(1));
    order["lineItems"] = Value::Null;
    order
}

#[tokio::test]
async fn one_order_is_read_now_or_not_there() {
    let shopify = shopify(Script::new([data(&json!({ "nodes": [null] }))]));
    assert_eq!(shopify.read_one(RecordKind::Order, &gid(1), Priority::Person).await.unwrap(), None);
    assert_eq!(shopify.read_one(RecordKind::Parcel, "x", Priority::Person).await.unwrap(), None);
    let mut broken = order(1, &at(1));
    broken["totalPriceSet"] = Value::Null;
    let shopify = super::shopify(Script::new([data(&json!({ "nodes": [broken] }))]));
    let Err(ReadError::Refused(refusal)) = shopify.read_one(RecordKind::Order, &gid(1), Priority::Person).await else {
        panic!()
    };
    assert!(
        refusal.cause == Cause::Unreadable
            && refusal.sentence.contains("#1")
            && refusal.sentence.contains("totalPriceSet"),
        "{refusal}"
    );
}

/// 250 lines, read in pieces, across an empty bucket in the middle.
#[tokio::test]
async fn a_large_order_is_read_in_pieces_and_survives_an_empty_bucket() {
    let line = |n: usize| {
        let mut line = order(1, &at(1))["lineItems"]["nodes"][1].clone();
        line["id"] = json!(format!("gid://shopify/LineItem/{n}"));
        line
    };
    let script = Script::answering(move |sent| {
        let variables = &sent.json()["variables"];
        let lines = |from: usize, count: usize| {
            let end = (from + count).min(250);
            let nodes: Vec<Value> = (from..end).map(line).collect();
            json!({ "nodes": nodes, "pageInfo": { "hasNextPage": end < 250, "endCursor": end.to_string() } })
        };
        let answer = match operation(sent).as_str() {
            "OrderList" => {
                json!({ "orders": { "nodes": [{ "id": gid(1), "updatedAt": at(1) }], "pageInfo": { "hasNextPage": false } } })
            }
            "Orders" => {
                let mut order = order(1, &at(1));
                order["lineItems"] = lines(0, 12);
                json!({ "nodes": [order] })
            }
            "OrderLines" => {
                json!({ "order": { "id": gid(1), "updatedAt": at(1), "lineItems": lines(variables["after"].as_str().unwrap().parse().unwrap(), 50) } })
            }
            other => panic!("{other}"),
        };
        json(
            200,
            &json!({ "data": answer, "extensions": { "cost": { "requestedQueryCost": 700,
            "throttleStatus": { "maximumAvailable": 2000.0, "currentlyAvailable": 700, "restoreRate": 100.0 } } } }),
        )
    });
    let clock = StandingClock::at(NOW + 3_600_000);
    let shopify = shopify_with(config(LEGACY_TOKEN), script.clone(), clock.clone());
    let (mut cursor, mut next, mut found, mut waits) = (None, None, None, 0);
    for _ in 0..60 {
        let ask = Ask {
            stream: "orders",
            cursor: cursor.as_ref(),
            next: next.as_ref(),
            since_ms: NOW - 1000,
            priority: Priority::Poll,
        };
        match shopify.read(&ask).await {
            Ok(page) if page.records.is_empty() => (cursor, next) = (Some(page.cursor), page.next),
            Ok(page) => {
                found = page.records.into_iter().next();
                break;
            }
            Err(ReadError::WaitUntil { at_ms, .. }) => {
                waits += 1;
                // In the middle the scan is thrown away once, as after a failure: the pieces read so far remain.
                if waits == 3 {
                    next = None;
                }
                clock.0.store(at_ms, std::sync::atomic::Ordering::SeqCst);
            }
            Err(ReadError::Refused(refusal)) => panic!("{refusal}"),
        }
    }
    let Some(Incoming { record: Record::Order(order), raw }) = found else {
        panic!("never whole; {:?}", operations(&script))
    };
    assert_eq!(order.lines.len(), 250);
    assert!(waits > 0 && !raw.contains("quayside"));
    assert_eq!(operations(&script).iter().filter(|name| *name == "OrderLines").count(), 5, "no piece is read twice");
}
