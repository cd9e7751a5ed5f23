//! Reading: records through a profile, and lists in every style.

use super::super::paging::{Cursor, OVERLAP_MS, Scan, link_next};
use super::super::profile::{Profile, TimeFormat};
use super::super::translate::{self, OrderFacts, Shipment, moment_ms};
use super::{NOW_MS, assumed, connector, connector_of};
use crate::testing::{Script, StandingClock, answer, json as reply};
use crate::{Ask, Priority, ReadError};
use quayside_model::{HubStatus, Record, TrackState};
use serde_json::{Value, json};

pub(super) fn order(id: &str, updated: &str) -> Value {
    json!({
        "id": id, "number": format!("OZ-{id}"), "external_refs": [{"system": "quayside", "id": format!("cafe-{id}")}],
        "status": "accepted", "updated_at": updated, "created_at": updated, "version": 1,
        "shipping_address": {"name": "Ana", "address1": "1 Quay St", "city": "Portland", "country": "us"},
        "lines": [{"id": format!("ln_{id}"), "sku": "BEAN-1KG", "quantity": 2, "external_ref": {"system": "quayside", "id": "9001"}}],
    })
}

type Change = fn(&mut Value);

#[test]
fn an_order_through_the_profile() {
    let profile = assumed();
    let found = translate::order(&profile, &order("1", "2026-11-20T09:12:00Z")).unwrap();
    assert_eq!(found.order.key, "cafe-1");
    assert_eq!(found.order.status, HubStatus::AwaitingShipment);
    assert_eq!(found.order.ship_to.as_ref().unwrap().country, "US");
    assert_eq!(found.order.lines[0].line_key.as_deref(), Some("9001"));
    assert_eq!(found.version, Some(json!(1)));

    let changed = |change: Change| {
        let mut raw = order("1", "2026-11-20T09:12:00Z");
        change(&mut raw);
        translate::order(&profile, &raw)
    };
    let status = |change: Change| changed(change).unwrap().order.status;
    assert_eq!(status(|raw| raw["on_hold"] = json!(true)), HubStatus::OnHold);
    assert_eq!(status(|raw| raw["status"] = json!("partially_fulfilled")), HubStatus::AwaitingShipment);
    assert_eq!(status(|raw| raw["status"] = json!("completed")), HubStatus::Shipped);
    assert_eq!(status(|raw| raw["status"] = json!("declined")), HubStatus::Cancelled);
    // An unknown word survives as it came.
    assert_eq!(status(|raw| raw["status"] = json!("teleported")), HubStatus::Unknown("teleported".into()));
    // Fields that change their type: numbers as text and the other way round.
    let odd = changed(|raw| {
        raw["id"] = json!(17);
        raw["lines"][0]["quantity"] = json!("2");
        raw["lines"][0]["quantity_cancelled"] = json!(1.0);
    });
    let odd = odd.unwrap();
    assert_eq!((odd.order.remote_id.as_str(), odd.order.lines[0].quantity), ("17", 1));
    // Somebody else's order, without a reference of ours.
    assert_eq!(changed(|raw| raw["external_refs"] = json!([{"system": "shopify", "id": "5"}])).unwrap().order.key, "1");
    // What spoils one says where.
    for (change, why) in [
        ((|raw| raw["id"] = Value::Null) as Change, "remote_id: missing"),
        (|raw| raw["lines"] = json!("two"), "lines"),
        (|raw| raw["lines"][0]["quantity"] = json!("two"), "lines[0].quantity: not a whole number"),
    ] {
        let said = changed(change).map(|found| format!("{:?}", found.order));
        if why == "lines" {
            // A text is no list to project over: the lines are simply not there.
            assert!(said.is_ok());
        } else {
            assert_eq!(said.unwrap_err(), why);
        }
    }
}

#[test]
fn a_shipment_through_the_profile() {
    let profile = assumed();
    let raw = json!({
        "id": "ful_1", "order_id": "ord_1", "status": "shipped", "updated_at": "2026-11-20T09:12:00Z", "shipped_at": "2026-11-20T09:10:00Z",
        "lines": [{"line_id": "ln_1", "sku": "BEAN-1KG", "quantity": 1}],
        "tracking": [{"carrier": "UPS", "number": "1Z1", "url": "https://t.example/1Z1"}, {"carrier": "UPS", "number": "1Z2"}],
    });
    let facts = OrderFacts {
        key: Some("cafe-1".into()),
        number: "OZ-1".into(),
        lines: [("ln_1".to_owned(), "9001".to_owned())].into(),
    };
    let read = |raw: &Value| translate::shipment(&profile, raw, Some(&facts)).unwrap().0;
    let Shipment::Left(parcel) = read(&raw) else { panic!("it left") };
    assert_eq!(parcel.remote_id, "fulfillment:ful_1");
    assert_eq!(parcel.hub_order_key.as_deref(), Some("cafe-1"));
    assert_eq!(parcel.numbers().collect::<Vec<_>>(), ["1Z1", "1Z2"]);
    assert_eq!(parcel.lines.as_ref().unwrap()[0].line_key.as_deref(), Some("9001"));
    assert_eq!((parcel.carrier_code.as_str(), parcel.voided_at_ms), ("ups", None));

    for (status, left, voided) in [
        ("pending", false, false),
        ("shipped", true, false),
        ("delivered", true, false),
        ("exception", true, false),
        ("returned", true, false),
        ("cancelled", true, true),
        // Not known: it has a number, so it left.
        ("beamed", true, false),
    ] {
        let mut raw = raw.clone();
        raw["status"] = json!(status);
        match read(&raw) {
            Shipment::Left(parcel) => assert_eq!((left, voided), (true, parcel.voided_at_ms.is_some()), "{status}"),
            Shipment::NotYet => assert!(!left, "{status}"),
        }
    }
}

#[test]
fn where_a_shipment_is_as_its_status_says() {
    let profile = assumed();
    for (status, delivered, state, arrived) in [
        (json!("shipped"), Value::Null, Some(TrackState::InTransit), false),
        (json!("delivered"), json!("2026-11-21T10:00:00Z"), Some(TrackState::Delivered), true),
        // Without a day, the day it was written down.
        (json!("delivered"), Value::Null, Some(TrackState::Delivered), true),
        (json!("shipped"), json!("2026-11-21T10:00:00Z"), Some(TrackState::Delivered), true),
        (json!("exception"), Value::Null, Some(TrackState::Exception), false),
        (json!("returned"), Value::Null, Some(TrackState::Returned), false),
        (json!("beamed"), Value::Null, Some(TrackState::Unknown("beamed".into())), false),
        (json!("cancelled"), Value::Null, None, false),
        (Value::Null, Value::Null, None, false),
    ] {
        let raw = json!({
            "id": "ful_1", "order_id": "ord_1", "status": status, "updated_at": "2026-11-22T09:12:00Z",
            "shipped_at": "2026-11-20T09:10:00Z", "delivered_at": delivered, "lines": [],
        });
        let Shipment::Left(parcel) = translate::shipment(&profile, &raw, None).unwrap().0 else { panic!("it left") };
        assert_eq!(parcel.track.map(|track| track.state), state, "{status} {delivered}");
        assert_eq!(parcel.delivered_at_ms.is_some(), arrived, "{status} {delivered}");
    }
}

#[test]
fn moments_in_every_format() {
    for (format, value, ms) in [
        (TimeFormat::Rfc3339, json!("2026-11-20T10:00:00Z"), Some(NOW_MS)),
        (TimeFormat::Rfc3339, json!("2026-11-20T11:00:00+01:00"), Some(NOW_MS)),
        (TimeFormat::Rfc3339, json!("2026-11-20 10:00:00"), Some(NOW_MS)),
        (TimeFormat::Rfc3339, json!(1_795_168_800), Some(NOW_MS)),
        (TimeFormat::UnixS, json!(1_795_168_800), Some(NOW_MS)),
        (TimeFormat::UnixS, json!("1795168800"), Some(NOW_MS)),
        (TimeFormat::UnixMs, json!(NOW_MS), Some(NOW_MS)),
        (TimeFormat::Date, json!("2026-11-20"), Some(NOW_MS - 10 * 3_600_000)),
        (TimeFormat::Rfc3339, json!("soon"), None),
        (TimeFormat::Rfc3339, Value::Null, None),
    ] {
        assert_eq!(moment_ms(format, &value), ms, "{value}");
    }
}

#[test]
fn a_watermark_is_earned_by_a_whole_scan_and_never_goes_back() {
    let began = NOW_MS;
    let scan = |newest_ms| Scan { newest_ms, ..Scan::begin(None, 0, began) };
    assert_eq!(scan(began - 1_000_000).earned(None).updated_since_ms, began - 1_000_000 - OVERLAP_MS);
    // A record of the future (their clock runs ahead) does not make us skip the present.
    assert_eq!(scan(began + 1_000_000).earned(None).updated_since_ms, began - OVERLAP_MS);
    let before = Some(Cursor { updated_since_ms: began - 1_000 });
    assert_eq!(scan(i64::MIN).earned(before).updated_since_ms, began - 1_000);
    // A clock that was set back.
    assert_eq!(Scan::begin(Some(Cursor { updated_since_ms: began + 5 }), 0, began).since_ms, began);
}

async fn page(
    connector: &dyn crate::Connector,
    stream: &str,
    cursor: Option<&Value>,
    next: Option<&Value>,
) -> Result<quayside_model::Page, ReadError> {
    connector.read(&Ask { stream, cursor, next, since_ms: NOW_MS - 86_400_000, priority: Priority::Poll }).await
}

#[tokio::test]
async fn cursor_pages_to_the_end_and_one_bad_record_spoils_only_itself() {
    let mut bad = order("2", "2026-11-20T09:30:00Z");
    bad["lines"][0]["quantity"] = json!("many");
    let script = Script::new([
        reply(
            200,
            &json!({"data": [order("1", "2026-11-20T09:00:00Z"), null, bad], "meta": {"has_more": true, "next_cursor": "c 2"}}),
        ),
        reply(
            200,
            &json!({"data": [order("3", "2026-11-20T09:40:00Z")], "meta": {"has_more": false, "next_cursor": null}}),
        ),
    ]);
    let connector = connector(&script, &StandingClock::at(NOW_MS));
    let first = page(connector.as_ref(), "orders", None, None).await.unwrap();
    assert_eq!((first.records.len(), first.unreadable.len()), (1, 2), "an empty place may be an order: it is told");
    let odd = &first.unreadable[1];
    assert!(odd.remote_id == "2" && odd.why.contains("lines[0].quantity"), "{odd:?}");
    let second = page(connector.as_ref(), "orders", Some(&first.cursor), first.next.as_ref()).await.unwrap();
    assert!(second.next.is_none());
    let sent = script.sent();
    assert_eq!(sent[0].url, "https://api.harbour.example/v1/orders?updated_since=2026-11-19T10%3A00%3A00Z&limit=250");
    assert_eq!(
        sent[1].url,
        "https://api.harbour.example/v1/orders?updated_since=2026-11-19T10%3A00%3A00Z&limit=250&cursor=c%202"
    );
    assert_eq!(sent[0].headers["authorization"], "Bearer canary-key-0123456789");
    // Only the whole scan moves the watermark.
    assert_eq!(first.cursor["updated_since_ms"], json!(NOW_MS - 86_400_000));
    assert_eq!(second.cursor["updated_since_ms"], json!(NOW_MS - 20 * 60_000 - OVERLAP_MS));
}

#[tokio::test]
async fn an_expired_cursor_begins_the_scan_again() {
    let script = Script::new([
        reply(
            200,
            &json!({"data": [order("1", "2026-11-20T09:00:00Z")], "meta": {"has_more": true, "next_cursor": "c2"}}),
        ),
        reply(400, &json!({"title": "Cursor expired", "status": 400, "code": "cursor_expired"})),
        reply(200, &json!({"data": [order("1", "2026-11-20T09:00:00Z")], "meta": {"has_more": false}})),
    ]);
    let connector = connector(&script, &StandingClock::at(NOW_MS));
    let first = page(connector.as_ref(), "orders", None, None).await.unwrap();
    let expired = page(connector.as_ref(), "orders", Some(&first.cursor), first.next.as_ref()).await.unwrap();
    assert!(expired.records.is_empty() && expired.next.is_some());
    let again = page(connector.as_ref(), "orders", Some(&expired.cursor), expired.next.as_ref()).await.unwrap();
    assert_eq!((again.records.len(), again.next), (1, None));
    assert!(!script.sent()[2].url.contains("cursor="), "{}", script.sent()[2].url);
}

/// A list of summaries: what is in an order stands in the order, which is asked for when its row has changed.
#[tokio::test]
async fn an_order_whose_row_has_no_lines_is_asked_for_itself() {
    let summary = |version: i64| {
        let mut row = order("1", "2026-11-20T09:00:00Z");
        row.as_object_mut().unwrap().remove("lines");
        row["version"] = json!(version);
        reply(200, &json!({"data": [row], "meta": {"has_more": false}}))
    };
    let whole = || reply(200, &json!({"data": order("1", "2026-11-20T09:00:00Z")}));
    let script =
        Script::new([summary(1), whole(), summary(1), summary(2), whole(), summary(3), reply(404, &json!({}))]);
    let connector = connector(&script, &StandingClock::at(NOW_MS));
    for (round, calls, lines) in [(1, 2, 1), (2, 3, 1), (3, 5, 1), (4, 7, 0)] {
        let page = page(connector.as_ref(), "orders", None, None).await.unwrap();
        let Record::HubOrder(read) = &page.records[0].record else { panic!("an order") };
        assert_eq!((read.lines.len(), script.sent().len()), (lines, calls), "round {round}");
        assert_eq!(page.records[0].raw.contains("BEAN-1KG"), lines == 1, "the raw answer is the order's own");
    }
}

/// The allowance ends in the middle of a page of summaries: what was asked for is not asked for again.
#[tokio::test]
async fn a_page_of_summaries_goes_on_where_it_was() {
    let row = |id: &str| {
        let mut row = order(id, "2026-11-20T09:00:00Z");
        row.as_object_mut().unwrap().remove("lines");
        row
    };
    let page_of_two = || reply(200, &json!({"data": [row("1"), row("2")], "meta": {"has_more": false}}));
    let whole = |id: &str| reply(200, &json!({"data": order(id, "2026-11-20T09:00:00Z")}));
    let script = Script::new([page_of_two(), whole("1"), answer(503, &[], ""), page_of_two(), whole("2")]);
    let connector = connector(&script, &StandingClock::at(NOW_MS));
    let failed = page(connector.as_ref(), "orders", None, None).await;
    assert!(failed.is_err(), "{failed:?}");
    let read = page(connector.as_ref(), "orders", None, None).await.unwrap();
    assert_eq!((read.records.len(), script.sent().len()), (2, 5));
}

/// An account that cannot be asked for changes is asked for what was made lately, and where it cannot be asked that
/// either, for everything.
#[tokio::test]
async fn a_list_without_changes_is_read_from_lately() {
    let own = |query: &str| {
        let text = Profile::shipped("assumed-contract").unwrap();
        let from = "query: {updated_since: updated_since, status: status, external_ref: external_ref}";
        assert!(text.contains(from));
        text.replace(from, query)
    };
    for (query, expected) in [
        ("query: {from: created_from}", "/v1/orders?created_from=2026-08-22T10%3A00%3A00Z&limit=250"),
        ("query: {}", "/v1/orders?limit=250"),
    ] {
        let script = Script::new([reply(200, &json!({"data": [], "meta": {"has_more": false}}))]);
        let connector = connector_of("own", Some(&own(query)), &script, &StandingClock::at(NOW_MS));
        page(connector.as_ref(), "orders", None, None).await.unwrap();
        assert!(script.sent()[0].url.ends_with(expected), "{}", script.sent()[0].url);
    }
}

#[tokio::test]
async fn a_parcel_finds_its_lines_by_its_order_which_is_asked_for_once() {
    let shipment = |id: &str| {
        json!({"id": id, "order_id": "1", "status": "shipped", "updated_at": "2026-11-20T09:00:00Z", "shipped_at": "2026-11-20T09:00:00Z",
        "lines": [{"line_id": "ln_1", "sku": "BEAN-1KG", "quantity": 1}], "tracking": [{"number": "T"}]})
    };
    let script = Script::new([
        reply(200, &json!({"data": [shipment("f1"), shipment("f2")], "meta": {"has_more": false}})),
        reply(200, &json!({"data": order("1", "2026-11-20T09:00:00Z")})),
    ]);
    let connector = connector(&script, &StandingClock::at(NOW_MS));
    let page = page(connector.as_ref(), "fulfillments", None, None).await.unwrap();
    assert_eq!(script.sent().len(), 2);
    for incoming in &page.records {
        let Record::Parcel(parcel) = &incoming.record else { panic!("a parcel") };
        assert_eq!(parcel.lines.as_ref().unwrap()[0].line_key.as_deref(), Some("9001"));
        assert_eq!(parcel.hub_order_key.as_deref(), Some("cafe-1"));
    }
}

fn styled(paging: &str) -> String {
    let text = Profile::shipped("assumed-contract").unwrap();
    let from = text.lines().find(|line| line.starts_with("paging:")).unwrap();
    text.replace(from, paging)
}

#[tokio::test]
async fn lists_in_every_style() {
    let rows = |ids: &[&str]| ids.iter().map(|id| order(id, "2026-11-20T09:00:00Z")).collect::<Vec<_>>();
    for (paging, answers, urls) in [
        (
            "paging: {style: page, items: data, page_param: page, first_page: 1, limit_param: per_page, limit: 2}",
            vec![json!({"data": rows(&["1", "2"])}), json!({"data": rows(&["3"])})],
            vec!["per_page=2&page=1", "per_page=2&page=2"],
        ),
        (
            "paging: {style: page, items: data, next: meta.nextPage, page_param: p, first_page: 0}",
            vec![
                json!({"data": rows(&["1"]), "meta": {"nextPage": 1}}),
                json!({"data": rows(&["2"]), "meta": {"nextPage": null}}),
            ],
            vec!["p=0", "p=1"],
        ),
        (
            "paging: {style: offset, items: data, offset_param: skip, limit_param: take, limit: 2}",
            vec![json!({"data": rows(&["1", "2"])}), json!({"data": []})],
            vec!["take=2&skip=0", "take=2&skip=2"],
        ),
        ("paging: {style: none, items: data}", vec![json!({"data": rows(&["1", "2"])})], vec![""]),
        ("paging: {style: link, items: \"@\", next: links.next}", vec![json!(rows(&["1"]))], vec![""]),
    ] {
        let script = Script::new(answers.iter().map(|body| reply(200, body)));
        let connector = connector_of("own", Some(&styled(paging)), &script, &StandingClock::at(NOW_MS));
        let (mut cursor, mut next) = (None, None);
        for _ in 0..5 {
            let read = page(connector.as_ref(), "orders", cursor.as_ref(), next.as_ref()).await.unwrap();
            cursor = Some(read.cursor);
            next = read.next;
            if next.is_none() {
                break;
            }
        }
        assert!(next.is_none(), "{paging} never ends");
        let sent = script.sent();
        assert_eq!(sent.len(), urls.len(), "{paging}");
        for (sent, tail) in sent.iter().zip(urls) {
            assert!(sent.url.ends_with(tail), "{paging}: {}", sent.url);
        }
    }
}

#[tokio::test]
async fn a_link_leads_to_the_same_host_only() {
    let profile = styled("paging: {style: link, items: data}");
    let with_link = |link: &str| {
        answer(
            200,
            &[("content-type", "application/json"), ("link", link)],
            json!({"data": [order("1", "2026-11-20T09:00:00Z")]}).to_string(),
        )
    };
    for (link, fine) in [
        ("</v1/orders?after=1>; rel=\"next\"", true),
        ("<https://api.harbour.example/v1/orders?after=1>; rel=\"next\"", true),
        ("<https://evil.example/v1/orders?after=1>; rel=\"next\"", false),
        ("<http://api.harbour.example/v1/orders?after=1>; rel=\"next\"", false),
    ] {
        let script = Script::new([with_link(link), reply(200, &json!({"data": []}))]);
        let connector = connector_of("own", Some(&profile), &script, &StandingClock::at(NOW_MS));
        let first = page(connector.as_ref(), "orders", None, None).await.unwrap();
        let second = page(connector.as_ref(), "orders", Some(&first.cursor), first.next.as_ref()).await;
        assert_eq!(second.is_ok(), fine, "{link}: {second:?}");
        assert_eq!(script.sent().len(), if fine { 2 } else { 1 }, "{link}");
    }
    assert_eq!(link_next("<a>; rel=prev, <b>; rel=next"), Some("b".into()));
    assert_eq!(link_next("nonsense"), None);
}

#[tokio::test]
async fn a_list_that_names_itself_or_is_none_is_refused() {
    for body in [json!({"data": {"not": "a list"}, "meta": {"has_more": false}}), json!({"rows": []})] {
        let script = Script::new([reply(200, &body)]);
        let connector = connector(&script, &StandingClock::at(NOW_MS));
        match page(connector.as_ref(), "orders", None, None).await {
            Err(ReadError::Refused(refusal)) => assert!(refusal.sentence.contains("profile does not fit"), "{refusal}"),
            other => panic!("{other:?}"),
        }
    }
    let again = json!({"data": [], "meta": {"has_more": true, "next_cursor": "c"}});
    let script = Script::new([reply(200, &again), reply(200, &again)]);
    let connector = connector(&script, &StandingClock::at(NOW_MS));
    let first = page(connector.as_ref(), "orders", None, None).await.unwrap();
    let second = page(connector.as_ref(), "orders", Some(&first.cursor), first.next.as_ref()).await;
    assert!(
        matches!(&second, Err(ReadError::Refused(refusal)) if refusal.sentence.contains("names itself")),
        "{second:?}"
    );
}

#[tokio::test]
async fn retry_after_may_be_seconds_or_a_date_and_halves_the_rate() {
    for (header, wait_ms) in [("12", 12_000), ("Fri, 20 Nov 2026 10:00:30 GMT", 30_000)] {
        let script = Script::new([
            answer(429, &[("retry-after", header), ("content-type", "application/json")], "{}"),
            reply(200, &json!({"data": [], "meta": {"has_more": false}})),
        ]);
        let clock = StandingClock::at(NOW_MS);
        let connector = connector(&script, &clock);
        match page(connector.as_ref(), "orders", None, None).await {
            Err(ReadError::WaitUntil { at_ms, .. }) => assert_eq!(at_ms - NOW_MS, wait_ms, "{header}"),
            other => panic!("{other:?}"),
        }
        clock.advance(wait_ms);
        page(connector.as_ref(), "orders", None, None).await.unwrap();
        let bucket = &connector.budget().snapshot()[0];
        assert!((bucket.capacity - 60.0).abs() < 1e-9, "half of 120: {bucket:?}");
    }
}
