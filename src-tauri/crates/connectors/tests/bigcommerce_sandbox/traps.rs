//! One test per trap of the platform, in the order of the list in `docs/platforms/bigcommerce.md`'s sources.
//! Traps that lie in one pure function have their test beside it; here they are tried on the whole connector.

use super::common::{Outcome, World, read_to_end, run};
use super::reading::ids;
use super::*;
use quayside_connectors::{Ask, Connector, Setup, Wire, WireError, platform};
use quayside_model::{Account, Cause, Clock, ConnectionConfig, ConnectionId, SecretString};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Asked = (String, url::Url);
/// Status, headers, body.
pub(crate) type Said = (u16, Vec<(&'static str, &'static str)>, Value);
type Answering = Box<dyn Fn(&url::Url, usize) -> Said + Send + Sync>;

/// A network that answers by a function, and remembers what was asked.
pub(crate) struct Script {
    answer: Answering,
    asked: Mutex<Vec<Asked>>,
}

#[async_trait::async_trait]
impl Wire for Script {
    async fn send(&self, request: http::Request<Vec<u8>>, _: Duration) -> Result<http::Response<Vec<u8>>, WireError> {
        let url = url::Url::parse(&request.uri().to_string()).unwrap();
        let number = {
            let mut asked = self.asked.lock().unwrap();
            asked.push((request.method().to_string(), url.clone()));
            asked.len() - 1
        };
        let (status, headers, body) = (self.answer)(&url, number);
        let mut response = http::Response::builder().status(status).header("content-type", "application/json");
        for (name, value) in headers {
            response = response.header(name, value);
        }
        Ok(response.body(if body.is_null() { vec![] } else { body.to_string().into_bytes() }).unwrap())
    }
}

struct Standing;
impl Clock for Standing {
    fn now_ms(&self) -> i64 {
        NOW_MS
    }
}

pub(crate) fn scripted(
    answer: impl Fn(&url::Url, usize) -> Said + Send + Sync + 'static,
) -> (Arc<dyn Connector>, Arc<Script>) {
    let wire = Arc::new(Script { answer: Box::new(answer), asked: Mutex::default() });
    let config = ConnectionConfig {
        id: ConnectionId::new("depot"),
        name: "Harbour Depot".into(),
        platform: "bigcommerce".into(),
        way: "api_account".into(),
        fields: BTreeMap::from([("store_hash".into(), "abc123".into())]),
        base_url: None,
        account: Account::default(),
        settings: BTreeMap::new(),
        paused: false,
        created_at_ms: 0,
    };
    let secrets = BTreeMap::from([("access_token".to_owned(), SecretString::from("abcdefghijklmnopqrstuvwxyz01234"))]);
    let setup = Setup { config, secrets, wire: wire.clone(), clock: Arc::new(Standing), buckets: vec![] };
    ((platform("bigcommerce").unwrap().open)(setup).unwrap(), wire)
}

fn first_page(stream: &str) -> Ask<'_> {
    Ask { stream, cursor: None, next: None, since_ms: NOW_MS - DAY_MS, priority: Priority::Poll }
}

pub(crate) fn profile(url: &url::Url) -> Option<Said> {
    match url.path().rsplit('/').next() {
        Some("store") => Some((200, vec![], json!({"id": "abc123", "weight_units": "Ounces"}))),
        Some("channels") => Some((200, vec![], json!({"data": []}))),
        _ => None,
    }
}

#[tokio::test]
async fn trap_01_an_empty_list_has_no_body() {
    let world = quiet();
    assert!(read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await.is_empty());
    assert!(read_to_end(&world, "open_orders", &mut None, NOW_MS - DAY_MS).await.is_empty());
    // And an order whose shipments were asked for and are none.
    let id = place(&world, &[("MUG", 1)]);
    let lines = lines_of(&world, &id);
    assert_eq!(run(&world, &fulfill(&id, &lines, "1Z1"), HOUR_MS, None).await, Outcome::Holds);
}

#[tokio::test]
async fn trap_02_lines_beyond_fifty_arrive_and_ship() {
    for make in [quiet as fn() -> World, otherwise] {
        for count in [49, 50, 51, 320] {
            let world = make();
            let lines = (0..count).map(|n| LineDraft::of(&format!("SKU-{n}"), 100, 1)).collect();
            let id = place_draft(&world, draft(lines));
            let found = read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await;
            let Record::Order(order) = &found[0].record else { panic!() };
            assert_eq!(order.lines.len(), count);
            let lines = lines_of(&world, &id);
            assert_eq!(run(&world, &fulfill(&id, &lines, "1Z1"), HOUR_MS, None).await, Outcome::Holds);
            assert!(read_order(&world, &id).await.is_fulfilled());
        }
    }
}

#[tokio::test]
async fn trap_03_waiting_is_as_long_as_told_and_never_nothing() {
    // Another app eats most of the allowance: everything is read all the same, and nothing is refused.
    let plan = BigPlan { quota: 150, calls_by_others: 120, ..BigPlan::harbour_depot() };
    let world = quiet_with(plan);
    for _ in 0..60 {
        place(&world, &[("MUG", 1)]);
    }
    for id in 101..161 {
        staff(&world, |store, moment| store.ship_all(id, "ups", "1Z1", moment));
    }
    assert_eq!(read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await.len(), 60);
    for (headers, least_ms, most_ms) in [
        (vec![("x-rate-limit-time-reset-ms", "15000"), ("x-rate-limit-requests-left", "0")], 15_000, 16_000),
        (vec![("X-Retry-After", "20"), ("X-Rate-Limit-Time-Reset-Ms", "5000")], 20_000, 21_000),
        (vec![], 2_000, 3_000),
        (vec![("x-rate-limit-time-reset-ms", "NaN"), ("x-retry-after", "soon")], 1_000, 300_000),
    ] {
        let (connector, _) = scripted(move |_, _| (429, headers.clone(), Value::Null));
        let Err(ReadError::WaitUntil { at_ms, .. }) = connector.read(&first_page("orders")).await else { panic!() };
        assert!((least_ms..=most_ms).contains(&(at_ms - NOW_MS)), "{} ms", at_ms - NOW_MS);
    }
    // Without headers the platform sheds load: the store waits, and the allowance is not asked again at once.
    let (connector, wire) = scripted(|_, _| (429, vec![], Value::Null));
    for _ in 0..2 {
        assert!(matches!(connector.read(&first_page("orders")).await, Err(ReadError::WaitUntil { .. })));
    }
    assert_eq!(wire.asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn trap_04_dates_are_encoded_once_and_a_filter_that_is_ignored_is_noticed() {
    let old: Vec<Value> = (0..100)
        .map(|n| json!({"id": n + 1, "status_id": 11, "date_modified": "Mon, 02 Jan 2017 10:00:00 +0000"}))
        .collect();
    let (connector, wire) = scripted(move |url, _| profile(url).unwrap_or_else(|| (200, vec![], json!(old))));
    let Err(ReadError::Refused(refusal)) = connector.read(&first_page("orders")).await else { panic!() };
    assert!(refusal.sentence.contains("did not obey the date"), "{refusal}");
    let asked = wire.asked.lock().unwrap();
    let list = asked.iter().find(|(_, url)| url.path().ends_with("/orders")).unwrap();
    let query = list.1.query().unwrap();
    assert!(query.contains("%2B00%3A00") && !query.contains("%25"), "{query}");
}

#[tokio::test]
async fn trap_05_times_do_not_sort_as_text() {
    let world = quiet();
    // Friday to Monday: as text "Mon" comes after "Fri" and before "Sat".
    for _ in 0..4 {
        place(&world, &[("MUG", 1)]);
        world.clock.advance(DAY_MS);
        let now_ms = world.clock.now_ms();
        world.sandbox.lock().unwrap().advance(now_ms);
    }
    let mut cursor = None;
    assert_eq!(read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await.len(), 4);
    // Well after the last change nothing is new.
    assert!(read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await.is_empty());
}

/// What products are asked for by, since this moment.
async fn product_filters() -> BTreeMap<String, String> {
    let (connector, wire) = scripted(|url, _| profile(url).unwrap_or_else(|| (200, vec![], json!({"data": []}))));
    let cursor = json!({"watermark_ms": NOW_MS});
    let ask = Ask { cursor: Some(&cursor), ..first_page("products") };
    connector.read(&ask).await.unwrap();
    let asked = wire.asked.lock().unwrap();
    asked.last().unwrap().1.query_pairs().into_owned().collect()
}

#[tokio::test]
async fn trap_06_products_are_asked_for_since_a_time_and_not_at_it() {
    // `date_modified` alone would mean "changed exactly then".
    let filters = product_filters().await;
    assert!(!filters.contains_key("date_modified") && filters.contains_key("date_modified:min"), "{filters:?}");
}

#[tokio::test]
async fn trap_07_products_are_asked_for_since_a_whole_time() {
    // A bare day would mean "since this hour of that day".
    assert_eq!(product_filters().await["date_modified:min"], "2026-11-20T09:55:00+00:00");
}

#[tokio::test]
async fn trap_08_shipments_name_the_lines_id_not_the_products() {
    let world = quiet();
    let lines = ["MUG", "PLATE"].map(|sku| LineDraft { product: (77, 770), ..LineDraft::of(sku, 1_500, 1) });
    let id = place_draft(&world, draft(lines.to_vec()));
    let plate = lines_of(&world, &id)[1].clone();
    assert_eq!(run(&world, &fulfill(&id, std::slice::from_ref(&plate), "1Z1"), HOUR_MS, None).await, Outcome::Holds);
    let order = read_order(&world, &id).await;
    assert_eq!((order.units_told(&plate.0), order.lines[1].remote_id.clone()), (1, plate.0));
}

#[tokio::test]
async fn trap_09_no_mail_goes_out_without_tracking() {
    for make in [quiet as fn() -> World, otherwise] {
        let world = make();
        let id = place(&world, &[("MUG", 1)]);
        let lines = lines_of(&world, &id);
        assert_eq!(run(&world, &fulfill(&id, &lines, "1Z1"), HOUR_MS, None).await, Outcome::Holds);
        let sandbox = world.sandbox.lock().unwrap();
        let mails: Vec<_> = by_client(&sandbox.ledger, "buyer_mailed").collect();
        assert!(!mails.is_empty() && mails.iter().all(|mail| mail.detail["tracking"] == true), "{mails:?}");
    }
}

#[tokio::test]
async fn trap_10_royal_mail_has_its_own_field() {
    let world = quiet();
    let id = place(&world, &[("MUG", 1)]);
    let lines = lines_of(&world, &id);
    let mut intent = fulfill(&id, &lines, "AB123456789GB");
    if let Intent::Fulfill { fulfillment } = &mut intent {
        fulfillment.tracking.carrier_code = "royal_mail_walleted".into();
    }
    assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
    let sandbox = world.sandbox.lock().unwrap();
    let made = by_client(&sandbox.ledger, "fulfillment_created").next().unwrap();
    assert_eq!((&made.detail["provider"], &made.detail["carrier"]), (&json!("royalmail"), &json!("")));
}

#[tokio::test]
async fn trap_11_no_change_of_ours_moves_a_total() {
    let world = otherwise();
    let discounted = LineDraft { discount_minor: 300, ..LineDraft::of("MUG", 1_500, 2) };
    let id = place_draft(&world, OrderDraft { coupon_minor: 250, ..draft(vec![discounted]) });
    let before = read_order(&world, &id).await;
    let lines = lines_of(&world, &id);
    assert_eq!(run(&world, &fulfill(&id, &lines, "1Z1"), HOUR_MS, None).await, Outcome::Holds);
    let shipment = read_order(&world, &id).await.fulfillments[0].remote_id.clone();
    let back = Intent::CancelFulfillment { order_remote_id: id.clone(), fulfillment_id: shipment };
    assert_eq!(run(&world, &back, HOUR_MS, None).await, Outcome::Holds);
    let after = read_order(&world, &id).await;
    assert_eq!((after.total_minor, after.discount_minor), (before.total_minor, before.discount_minor));
    assert_eq!(after.discount_minor, 550);
}

#[tokio::test]
async fn trap_12_a_place_that_never_had_a_level_is_set_and_not_added_to() {
    // Adding to nothing is refused there, and the refusal does not say which place it means.
    let world = effects::shelf();
    for intent in [effects::level("MUG-B", "2", 3, None), effects::level("MUG-R", "1", 4, Some(0))] {
        assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
    }
    let sent: Vec<String> = world.talk().into_iter().filter(|talk| talk.method != "GET").map(|talk| talk.url).collect();
    assert!(sent.len() == 2 && sent.iter().all(|url| url.ends_with("/adjustments/absolute")), "{sent:?}");
    // A difference that is refused for that changed nothing, and becomes a level.
    let world = effects::shelf();
    assert_eq!(run(&world, &effects::moved("MUG-B", "2", 0, 3), HOUR_MS, None).await, Outcome::Holds);
    let sent: Vec<String> = world.talk().into_iter().filter(|talk| talk.method != "GET").map(|talk| talk.url).collect();
    assert!(sent.len() == 2 && sent[0].ends_with("/relative") && sent[1].ends_with("/absolute"), "{sent:?}");
}

#[tokio::test]
async fn trap_13_what_is_included_is_believed_only_if_it_adds_up() {
    let line = |id: i64| json!({"id": id, "order_id": 1, "type": "physical", "quantity": 1, "quantity_shipped": 0, "order_address_id": 7, "weight": "1.0000", "name": "Mug"});
    for consignments in [
        json!([{"shipping": []}]),
        json!({"url": "u", "resource": "/orders/1/consignments"}),
        json!({"shipping": [{"id": 7, "line_items": []}]}),
        json!({"shipping": [{"id": 7, "line_items": [line(1)]}], "__warning__": "more"}),
    ] {
        let order = json!({"id": 1, "status_id": 11, "items_total": 2, "items_shipped": 0, "default_currency_code": "USD", "total_inc_tax": "2",
            "date_created": "Fri, 20 Nov 2026 09:00:00 +0000", "date_modified": "Fri, 20 Nov 2026 09:00:00 +0000", "consignments": consignments});
        let (connector, _) = scripted(move |url, _| {
            profile(url).unwrap_or_else(|| match url.path().rsplit('/').next() {
                Some("products") => (200, vec![], json!([line(1), line(2)])),
                Some("shipping_addresses") => (200, vec![], json!([{"id": 7, "city": "Austin", "country_iso2": "US"}])),
                _ => (200, vec![], order.clone()),
            })
        });
        let Ok(Some(Incoming { record: Record::Order(order), .. })) =
            connector.read_one(RecordKind::Order, "1", Priority::Person).await
        else {
            panic!()
        };
        assert_eq!((order.lines.len(), order.ship_to.map(|to| to.city)), (2, Some("Austin".into())));
    }
}

#[tokio::test]
async fn trap_14_a_page_that_comes_for_ever_ends_the_scan() {
    let rows: Vec<Value> = (0..100)
        .map(|n| json!({"id": n + 1, "status_id": 0, "date_modified": "Fri, 20 Nov 2026 09:00:00 +0000"}))
        .collect();
    let (connector, wire) = scripted(move |url, _| {
        profile(url).unwrap_or_else(|| {
            let limit = url
                .query_pairs()
                .find(|(name, _)| name == "limit")
                .map_or(100, |(_, text)| text.parse().unwrap_or(100));
            // However many are asked for, the same ones come, as a full page.
            (200, vec![], rows.iter().cycle().take(limit).cloned().collect())
        })
    });
    let (mut next, mut refused) = (None, None);
    for _ in 0..50 {
        let ask = Ask { next: next.as_ref(), ..first_page("orders") };
        match connector.read(&ask).await {
            Ok(page) => next = page.next,
            Err(ReadError::Refused(refusal)) => {
                refused = Some(refusal);
                break;
            }
            Err(other) => panic!("{other:?}"),
        }
        assert!(next.is_some(), "the scan ended as if all had been read");
    }
    assert!(refused.is_some_and(|refusal| refusal.sentence.contains("again and again")));
    assert!(wire.asked.lock().unwrap().len() < 15);
}

#[tokio::test]
async fn trap_14_lists_bring_their_lines_along() {
    let world = quiet();
    for _ in 0..200 {
        place(&world, &[("MUG", 1), ("PLATE", 2)]);
    }
    let before = world.exchanges();
    assert_eq!(read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await.len(), 200);
    assert!(world.exchanges() - before <= 6, "{} calls", world.exchanges() - before);
}

#[tokio::test]
async fn trap_15_numbers_and_texts_change_places() {
    // The stand-in sends `external_id` as text, number and nothing, and the address's id as text.
    let world = otherwise();
    let lines = ["MUG", "PLATE", "BOWL"].map(|sku| LineDraft::of(sku, 1_500, 1)).to_vec();
    let id = place_draft(&world, OrderDraft { external_id: Some("302-1".into()), ..draft(lines) });
    let order = read_order(&world, &id).await;
    let ids: Vec<(String, i64)> = order.lines.iter().map(|line| (line.remote_id.clone(), line.quantity)).collect();
    assert_eq!(ids, lines_of(&world, &id), "the lines are the store's, by their ids");
    assert_eq!(order.ship_to.as_ref().unwrap().city, "Austin");
    let work: Vec<&str> = order.fulfillment_orders[0].lines.iter().map(|line| line.order_line_id.as_str()).collect();
    assert_eq!(work, ids.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), "all go to the one address");
    assert!(order.attributes.contains(&("external_id".into(), "302-1".into())), "{:?}", order.attributes);
    // Both forms were really there, and a line's own id was not taken for its id at the marketplace.
    let told: Vec<String> =
        world.talk().iter().map(|talk| String::from_utf8_lossy(&talk.answer).into_owned()).collect();
    let forms = |name: &str| {
        let mut forms = std::collections::BTreeSet::new();
        for text in &told {
            for (at, _) in text.match_indices(&format!("\"{name}\":")) {
                let value = &text[at + name.len() + 3..];
                forms.insert(if value.trim_start().starts_with('"') { "text" } else { "bare" });
            }
        }
        forms
    };
    assert_eq!(forms("external_id").len(), 2, "as text, and as number or nothing");
    assert!(forms("order_address_id").contains("text"), "the address's id as text, while its own is a number");
}

#[tokio::test]
async fn trap_16_a_refund_follows_its_quote() {
    // A coupon over the whole order: the parts add up to more than was paid, and only the quote knows.
    let world = quiet();
    let id = place_draft(&world, OrderDraft { coupon_minor: 333, ..draft(vec![LineDraft::of("MUG", 1_599, 3)]) });
    assert_eq!(run(&world, &cancel(&id, true), HOUR_MS, None).await, Outcome::Holds);
    let order = read_order(&world, &id).await;
    assert_eq!(order.current_total_minor, 0);
    assert!(order.is_cancelled());
    // The quote came first, and what was given is the quote to the cent; the lines alone would have come to more.
    let talk: Vec<_> = world.talk().into_iter().filter(|talk| talk.method == "POST").collect();
    let at = |end: &str| talk.iter().position(|talk| talk.url.contains("/payment_actions/") && talk.url.ends_with(end));
    let (quoted, given) = (at("/refund_quotes").unwrap(), at("/refunds").unwrap());
    assert!(quoted < given);
    let cents = |value: &Value| (value.as_f64().unwrap() * 100.0).round() as i64;
    let quote: Value = serde_json::from_slice(&talk[quoted].answer).unwrap();
    let total = cents(&quote["data"]["total_refund_amount"]);
    let sent: Value = serde_json::from_slice(&talk[given].body).unwrap();
    let paid: i64 = sent["payments"].as_array().unwrap().iter().map(|payment| cents(&payment["amount"])).sum();
    assert_eq!((paid, total), (order.total_minor, order.total_minor));
    assert_eq!(talk.iter().filter(|talk| talk.url.ends_with("/refunds")).count(), 1);
}

#[tokio::test]
async fn trap_17_fields_of_another_account_are_left_alone() {
    let world = quiet();
    let id = place(&world, &[("MUG", 1)]);
    let number: i64 = id.parse().unwrap();
    staff(&world, |store, _| {
        let field = quayside_sandbox::bigcommerce::state::Metafield {
            id: 5,
            namespace: "quayside".into(),
            key: "carrier".into(),
            value: "DHL".into(),
            permission_set: "read".into(),
            description: String::new(),
            ours: false,
            created_ms: 0,
            modified_ms: 0,
        };
        store.state.orders.get_mut(&number).unwrap().metafields.push(field);
    });
    let intent = Intent::AnnotateOrder {
        order_remote_id: id,
        fields: vec![("carrier".into(), "UPS".into())],
        note: String::new(),
        tags: vec![],
    };
    let Outcome::Person(refusal) = run(&world, &intent, HOUR_MS, None).await else { panic!() };
    assert!(refusal.sentence.contains("another API account"), "{refusal}");
}

#[tokio::test]
async fn trap_18_remarks_go_into_the_staff_notes() {
    let world = quiet();
    let id = place(&world, &[("MUG", 1)]);
    let intent =
        Intent::AnnotateOrder { order_remote_id: id.clone(), fields: vec![], note: "Packed".into(), tags: vec![] };
    assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
    let order = read_order(&world, &id).await;
    assert!(order.attributes.contains(&("staff_notes".into(), "Packed".into())));
}

#[tokio::test]
async fn trap_19_no_list_of_transactions_is_needed() {
    let world = quiet_with(BigPlan::harbour_depot().without("store_v2_transactions"));
    let id = place(&world, &[("MUG", 1)]);
    assert_eq!(run(&world, &cancel(&id, true), HOUR_MS, None).await, Outcome::Holds);
    assert_eq!(read_order(&world, &id).await.current_total_minor, 0);
}

#[tokio::test]
async fn trap_20_unfinished_checkouts_are_no_orders() {
    let world = quiet();
    let unfinished = place_draft(&world, OrderDraft { status: Some(0), ..draft(vec![LineDraft::of("MUG", 1_500, 1)]) });
    let real = place(&world, &[("MUG", 1)]);
    let mut cursor = None;
    assert_eq!(ids(&read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await), [real].into());
    // Paid after all: now it is one.
    world.clock.advance(HOUR_MS);
    world.sandbox.lock().unwrap().advance(world.clock.now_ms());
    staff(&world, |store, moment| store.take_payment(unfinished.parse().unwrap(), moment));
    assert_eq!(ids(&read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await), [unfinished].into());
    // A merchant may call any status as any other: the number decides.
    let named = |status: i64, name: &'static str| {
        scripted(move |url, _| {
            let order = json!({"id": 1, "status_id": status, "status": name, "custom_status": name, "items_total": 0,
                "default_currency_code": "USD", "total_inc_tax": "2",
                "date_created": "Fri, 20 Nov 2026 09:00:00 +0000", "date_modified": "Fri, 20 Nov 2026 09:00:00 +0000",
                "consignments": {"shipping": [], "pickups": [], "downloads": [], "email": {"gift_certificates": []}}});
            let list = if url.path().ends_with("/orders") { json!([order]) } else { json!([]) };
            profile(url).unwrap_or((200, vec![], list))
        })
        .0
    };
    for (status, name, seen) in [(0, "Awaiting Fulfillment", 0), (11, "Incomplete", 1), (11, "Cancelled", 1)] {
        let page = named(status, name).read(&first_page("orders")).await.unwrap();
        assert_eq!(page.records.len(), seen, "{status} called {name}: {:?}", page.unreadable);
        assert!(page.records.iter().all(|one| matches!(&one.record, Record::Order(o) if !o.is_cancelled())), "{name}");
    }
}

#[tokio::test]
async fn trap_21_pages_of_products_are_small() {
    let (connector, wire) = scripted(|url, _| profile(url).unwrap_or_else(|| (200, vec![], json!({"data": []}))));
    connector.read(&first_page("products")).await.unwrap();
    let asked = wire.asked.lock().unwrap();
    let pairs: BTreeMap<String, String> = asked.last().unwrap().1.query_pairs().into_owned().collect();
    assert!(pairs["limit"].parse::<usize>().unwrap() <= 50);
    assert_eq!(pairs["include"], "variants", "`options` would cut pages to ten");
}

#[tokio::test]
async fn trap_22_a_wrong_store_path_is_said_in_words() {
    let (connector, wire) = scripted(|_, _| (404, vec![], Value::Null));
    let preflight = connector.preflight().await;
    assert!(!preflight.can_connect());
    assert!(preflight.checks[0].detail.contains("store hash"), "{}", preflight.checks[0].detail);
    assert_eq!(wire.asked.lock().unwrap().len(), 1, "a path that is wrong once is wrong for everything");
    // A 404 of something later is that thing's: the path was right.
    let (connector, _) = scripted(|url, _| match url.path() {
        path if path.ends_with("/time") => (200, vec![], json!({"time": NOW_MS / 1000})),
        _ => profile(url).unwrap_or((404, vec![], Value::Null)),
    });
    let preflight = connector.preflight().await;
    assert!(!preflight.checks[0].detail.contains("store hash"), "{}", preflight.checks[0].detail);
}

#[tokio::test]
async fn the_checklist_names_what_is_missing_and_what_it_stops() {
    let world = quiet();
    let preflight = world.open().preflight().await;
    let account = preflight.account.unwrap();
    assert_eq!((account.currency.as_deref(), account.time_zone.as_deref()), (Some("USD"), Some("America/Chicago")));
    assert_eq!(account.facts["restocks"], "true");

    let world = quiet_with(BigPlan::harbour_depot().without("store_inventory"));
    let preflight = world.open().preflight().await;
    common::names_what_it_disables(&preflight);
    let stock = preflight.checks.iter().find(|check| check.title == "Stock").unwrap();
    assert!(stock.detail.contains("Store Inventory: modify") && !stock.disables.is_empty(), "{}", stock.detail);
    let account = preflight.account.unwrap();
    assert!(!account.performs.unwrap().contains(&quayside_model::IntentKind::SetStock));
    assert!(!account.streams.unwrap().contains(&"stock".to_owned()));

    for (plan, word) in [
        (BigPlan { maintenance: true, ..BigPlan::harbour_depot() }, "maintenance"),
        (BigPlan::harbour_depot().without("store_v2_information"), "permission"),
    ] {
        let preflight = quiet_with(plan).open().preflight().await;
        assert!(!preflight.can_connect());
        assert!(preflight.checks[0].detail.contains(word), "{}", preflight.checks[0].detail);
    }
}

/// Half of an order's row is nonsense: one exception, and the rest goes on.
#[tokio::test]
async fn one_bad_record_does_not_stop_the_page() {
    let good = |id: i64| {
        json!({"id": id, "status_id": 11, "items_total": 0, "default_currency_code": "USD", "total_inc_tax": "2",
        "date_created": "Fri, 20 Nov 2026 09:00:00 +0000", "date_modified": "Fri, 20 Nov 2026 09:00:00 +0000",
        "consignments": {"shipping": [], "pickups": [], "downloads": [], "email": {"gift_certificates": []}}})
    };
    let mut bad = good(2);
    bad["total_inc_tax"] = json!({"amount": 3});
    let rows = json!([good(1), bad, good(3)]);
    let (connector, _) = scripted(move |url, _| profile(url).unwrap_or_else(|| (200, vec![], rows.clone())));
    let page = connector.read(&first_page("orders")).await.unwrap();
    assert_eq!((page.records.len(), page.unreadable.len()), (2, 1));
    assert_eq!(page.unreadable[0].number.as_deref(), Some("2"));
    assert!(page.unreadable[0].why.contains("total_inc_tax"), "{}", page.unreadable[0].why);
}

#[tokio::test]
async fn the_token_is_in_no_sentence() {
    let (connector, _) = scripted(|_, _| {
        (403, vec![], json!([{"status": 403, "message": "bad token abcdefghijklmnopqrstuvwxyz01234"}]))
    });
    let Err(ReadError::Refused(refusal)) = connector.read(&first_page("orders")).await else { panic!() };
    assert_eq!(refusal.cause, Cause::ScopeMissing);
    assert!(!format!("{refusal:?}").contains("abcdefghijklmnopqrstuvwxyz01234"), "{refusal}");
}
