//! Streams: windows, pages, drift, poison, and records that cannot be read.

use super::{NOW_MS, Rig, ok, order_v1, param, rig, shipment_v2};
use crate::testing::{Sent, answer, json};
use crate::{Priority, ReadError, WireError};
use quayside_model::{Cause, Record, RecordKind};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

fn order(id: i64) -> Value {
    let mut raw = order_v1(id, "awaiting_shipment");
    raw["orderKey"] = json!(format!("key-{id}"));
    raw
}

/// A server with these rows that pages like V1; `None` breaks its page.
fn serve(
    rows: Arc<Mutex<Vec<Option<Value>>>>,
) -> impl FnMut(&Sent) -> Result<http::Response<Vec<u8>>, WireError> + Send + 'static {
    move |sent| {
        let rows = rows.lock().unwrap();
        let size: usize = param(sent, "pageSize").unwrap().parse().unwrap();
        let page: usize = param(sent, "page").unwrap().parse().unwrap();
        let slice: Vec<_> = rows.iter().skip((page - 1) * size).take(size).collect();
        if slice.iter().any(|row| row.is_none()) {
            return answer(500, &[], r#"{"ExceptionMessage":"Object reference not set to an instance of an object."}"#);
        }
        ok(&json!({"orders": slice, "total": rows.len(), "page": page, "pages": rows.len().div_ceil(size)}))
    }
}

/// Reads a scan to its end: ids in the order they came, what could not be read, and the last cursor.
async fn read_all(rig: &Rig, stream: &str, cursor: Option<&Value>) -> (Vec<String>, Vec<String>, Value) {
    let (mut ids, mut unreadable, mut next) = (Vec::new(), Vec::new(), None);
    for _ in 0..1_000 {
        let page = rig.read(stream, cursor, next.as_ref()).await.unwrap();
        ids.extend(page.records.iter().map(|incoming| incoming.record.remote_id().to_owned()));
        unreadable.extend(page.unreadable.iter().map(|record| record.why.clone()));
        // Enough calls are left for the test; the clock stands still otherwise.
        rig.clock.advance(61_000);
        match page.next {
            Some(token) => {
                assert_eq!(
                    cursor.map_or(&page.cursor["watermark_ms"], |c| &c["watermark_ms"]),
                    &page.cursor["watermark_ms"],
                    "a watermark before the last page"
                );
                next = Some(token);
            }
            None => return (ids, unreadable, page.cursor),
        }
    }
    panic!("the scan never ends");
}

fn rows(ids: impl IntoIterator<Item = i64>) -> Arc<Mutex<Vec<Option<Value>>>> {
    Arc::new(Mutex::new(ids.into_iter().map(|id| Some(order(id))).collect()))
}

#[tokio::test]
async fn a_window_is_read_to_its_end_and_only_then_saved() {
    let rig = rig("v1", serve(rows(1..=1_203)));
    let (ids, unreadable, cursor) = read_all(&rig, "orders", None).await;
    assert_eq!((ids.len(), unreadable.len()), (1_203, 0));
    assert_eq!(cursor["watermark_ms"], NOW_MS);
    let sent = rig.wire.sent();
    assert_eq!(sent.len(), 3);
    for (name, value) in [
        ("modifyDateStart", "2026-03-01 09:14:27"),
        ("modifyDateEnd", "2026-03-02 09:14:27"),
        ("sortBy", "ModifyDate"),
        ("sortDir", "ASC"),
        ("page", "3"),
        ("pageSize", "500"),
    ] {
        assert_eq!(param(&sent[2], name).as_deref(), Some(value), "{name}");
    }
}

#[tokio::test]
async fn the_next_poll_overlaps_by_ten_minutes() {
    let rig = rig("v1", serve(rows([])));
    let cursor = json!({"watermark_ms": NOW_MS - 60_000, "swept_ms": NOW_MS - 60_000});
    let page = rig.read("orders", Some(&cursor), None).await.unwrap();
    assert_eq!(page.cursor["watermark_ms"], NOW_MS);
    assert_eq!(param(&rig.wire.sent()[0], "modifyDateStart").as_deref(), Some("2026-03-02 09:03:27"));
}

#[tokio::test]
async fn trap_04_the_autumn_night_is_read_from_before_the_change() {
    // 2026-11-01 09:20 UTC: 01:20 for the second time.
    let now_ms = 1_793_524_800_000;
    let rig = rig("v1", serve(rows([])));
    rig.clock.advance(now_ms - NOW_MS);
    let cursor = json!({"watermark_ms": now_ms - 60_000, "swept_ms": now_ms});
    rig.read("orders", Some(&cursor), None).await.unwrap();
    let sent = rig.wire.sent();
    assert_eq!(param(&sent[0], "modifyDateStart").as_deref(), Some("2026-11-01 00:45:00"));
    assert_eq!(param(&sent[0], "modifyDateEnd").as_deref(), Some("2026-11-01 02:00:00"));
}

#[tokio::test]
async fn trap_05_a_record_that_moves_while_we_page_is_not_lost() {
    let list = rows(1..=700);
    let moving = list.clone();
    let mut serve = serve(list);
    let mut calls = 0;
    let rig = rig("v1", move |sent| {
        calls += 1;
        if calls == 2 {
            // Order 3 changes between two pages: it leaves the window, and 501 slips onto page 1.
            moving.lock().unwrap().remove(2);
        }
        serve(sent)
    });
    let (ids, _, cursor) = read_all(&rig, "orders", None).await;
    for id in 1..=700 {
        assert!(ids.contains(&id.to_string()), "order {id} was overlooked");
    }
    assert_eq!(cursor["watermark_ms"], NOW_MS);
}

#[tokio::test]
async fn a_list_that_never_stands_still_earns_no_watermark() {
    let list = rows(1..=2_000);
    let moving = list.clone();
    let mut serve = serve(list);
    let rig = rig("v1", move |sent| {
        moving.lock().unwrap().pop();
        serve(sent)
    });
    let before = json!({"watermark_ms": NOW_MS - 60_000, "swept_ms": NOW_MS - 60_000});
    let (_, _, cursor) = read_all(&rig, "orders", Some(&before)).await;
    assert_eq!(cursor, before);
}

#[tokio::test]
async fn trap_06_one_poisoned_record_is_set_aside_alone() {
    let list = rows(1..=900);
    list.lock().unwrap()[137] = None;
    list.lock().unwrap()[899] = None;
    let rig = rig("v1", serve(list));
    let (ids, unreadable, cursor) = read_all(&rig, "orders", None).await;
    assert_eq!(ids.len(), 898);
    assert_eq!(unreadable.len(), 2);
    assert!(unreadable[0].contains("between 137 and 139"), "{}", unreadable[0]);
    assert!(unreadable[1].contains("between 899 and its end"), "{}", unreadable[1]);
    assert_eq!(cursor["watermark_ms"], NOW_MS, "the cursor moves on");
}

#[tokio::test]
async fn an_outage_is_not_taken_for_poison() {
    for (status, calls) in [(500, 6 + 3), (503, 1)] {
        let rig = rig("v1", move |_| answer(status, &[], "{}"));
        let Err(ReadError::Refused(refusal)) = rig.read("orders", None, None).await else { panic!() };
        assert_eq!(refusal.cause, Cause::PlatformTrouble);
        assert_eq!(rig.wire.sent().len(), calls, "{status}");
    }
}

#[tokio::test]
async fn nulls_are_skipped_and_odd_records_set_aside() {
    let mut odd = order(2);
    odd["items"][0]["quantity"] = json!("two");
    let page = json!({"orders": [null, order(1), odd, {"orderNumber": "#7"}], "total": 4, "page": 1, "pages": 0});
    let rig = rig("v1", move |_| ok(&page));
    let page = rig.read("orders", None, None).await.unwrap();
    assert_eq!(page.records.len(), 1);
    assert_eq!(page.next, None);
    let told: Vec<_> = page.unreadable.iter().map(|one| (one.number.as_deref(), one.why.as_str())).collect();
    assert_eq!(told, [(Some("#1001"), "items[0].quantity: \"two\" is not a number"), (Some("#7"), "orderId: missing")]);
    assert_eq!(page.unreadable[0].remote_id, "2");
    assert_eq!(page.unreadable[1].remote_id.len(), 32, "a name of its own, stable over polls");
    assert!(page.records[0].raw.contains("orderKey"));
}

#[tokio::test]
async fn trap_13_labels_voids_and_fulfillments_ask_for_what_they_need() {
    let cursor = json!({"watermark_ms": NOW_MS - 60_000, "swept_ms": NOW_MS - 60_000});
    for (stream, path, expected) in [
        (
            "shipments",
            "/shipments",
            &[("createDateStart", "2026-03-02 09:03:27"), ("includeShipmentItems", "true"), ("sortBy", "CreateDate")][..],
        ),
        ("voids", "/shipments", &[("voidDateStart", "2026-03-02 09:03:27"), ("includeShipmentItems", "true")][..]),
        ("fulfillments", "/fulfillments", &[("createDateStart", "2026-03-02 09:03:27"), ("sortDir", "ASC")][..]),
    ] {
        let rig = rig("both", |_| ok(&json!({"shipments": [], "fulfillments": [], "total": 0})));
        rig.read(stream, Some(&cursor), None).await.unwrap();
        let sent = &rig.wire.sent()[0];
        assert!(sent.url.contains(&format!("ssapi.shipstation.com{path}?")), "{}", sent.url);
        for (name, value) in expected {
            assert_eq!(param(sent, name).as_deref(), Some(*value), "{stream} {name}");
        }
    }
}

#[tokio::test]
async fn old_labels_are_looked_at_again_now_and_then() {
    let rig = rig("v1", |_| ok(&json!({"shipments": [], "fulfillments": [], "total": 0})));
    let cursor = json!({"watermark_ms": NOW_MS - 60_000, "swept_ms": NOW_MS - 3_600_000});
    let ask =
        crate::Ask { stream: "shipments", cursor: Some(&cursor), next: None, since_ms: 0, priority: Priority::Poll };
    let page = rig.connector.read(&ask).await.unwrap();
    assert_eq!(param(&rig.wire.sent()[0], "createDateStart").as_deref(), Some("2026-02-28 09:04:27"));
    assert_eq!(page.cursor["swept_ms"], NOW_MS);
}

#[tokio::test]
async fn trap_22_v2_alone_reads_the_same_four_streams() {
    let label = |id: i64, voided_at: &str| json!({"label_id": format!("se-{id}"), "created_at": "2026-03-01T00:00:00Z", "status": "voided", "voided_at": voided_at});
    let rig = rig("v2", move |sent| {
        let body = match (url::Url::parse(&sent.url).unwrap().path(), param(sent, "label_status")) {
            ("/v2/shipments", _) => json!({"shipments": [shipment_v2("se-1", "pending")], "total": 1}),
            ("/v2/labels", Some(_)) => {
                json!({"labels": [label(2, "2026-03-02T17:00:00Z"), label(3, "2026-02-01T00:00:00Z")], "total": 500})
            }
            ("/v2/labels", None) => {
                json!({"labels": [{"label_id": "se-2", "created_at": "2026-03-01T00:00:00Z"}], "total": 1})
            }
            _ => {
                json!({"fulfillments": [{"fulfillment_id": "se-9", "created_at": "2026-03-01T00:00:00Z"}], "total": 1})
            }
        };
        ok(&body)
    });
    for (stream, ids) in [
        ("orders", vec!["1"]),
        ("shipments", vec!["label:2"]),
        ("voids", vec!["label:2", "label:3"]),
        ("fulfillments", vec!["external:9"]),
    ] {
        let page = rig.read(stream, None, None).await.unwrap();
        let got: Vec<_> = page.records.iter().map(|one| one.record.remote_id().to_owned()).collect();
        assert_eq!(got, ids, "{stream}");
        // Voids come newest first: the first one before the window ends the scan.
        assert_eq!(page.next, None, "{stream}");
    }
    let log = rig.log();
    assert_eq!(
        log[0],
        "GET /v2/shipments?modified_at_start=2026-03-01T17%3A14%3A27.000Z&modified_at_end=2026-03-02T17%3A14%3A27.000Z&sort_by=modified_at&sort_dir=asc&page=1&page_size=100"
    );
    assert_eq!(log[2], "GET /v2/labels?label_status=voided&sort_by=voided_at&sort_dir=desc&page=1&page_size=100");
}

#[tokio::test]
async fn one_record_by_its_id() {
    let rig = rig("v1", |sent| match url::Url::parse(&sent.url).unwrap().path() {
        "/orders/987" => ok(&order_v1(987, "shipped")),
        "/fulfillments" => {
            ok(&json!({"fulfillments": [{"fulfillmentId": 9, "createDate": "2026-03-02T09:00:00"}], "total": 1}))
        }
        "/shipments" if param(sent, "voidDateStart").is_some() => ok(
            &json!({"shipments": [{"shipmentId": 456, "createDate": "2026-01-02T09:00:00", "voided": true}], "total": 1}),
        ),
        "/shipments" => ok(&json!({"shipments": [{"shipmentId": 4, "createDate": "2026-03-02T09:00:00"}], "total": 1})),
        _ => json(404, &json!({"Message": "Not found"})),
    });
    let one = |kind, id: &'static str| rig.connector.read_one(kind, id, Priority::Person);
    assert!(matches!(one(RecordKind::HubOrder, "987").await.unwrap().unwrap().record, Record::HubOrder(_)));
    assert_eq!(one(RecordKind::HubOrder, "988").await.unwrap(), None, "deleted, or merged away");
    assert_eq!(one(RecordKind::Parcel, "external:9").await.unwrap().unwrap().record.remote_id(), "external:9");
    assert_eq!(one(RecordKind::Parcel, "external:10").await.unwrap(), None);
    assert_eq!(one(RecordKind::Parcel, "label:456").await.unwrap().unwrap().record.remote_id(), "label:456");
    assert_eq!(one(RecordKind::Order, "1").await.unwrap(), None);
    // V1 cannot be asked for one label: not finding it is not the same as its absence.
    let Err(ReadError::Refused(refusal)) = one(RecordKind::Parcel, "label:7").await else { panic!() };
    assert!(refusal.sentence.contains("V1 cannot be asked for one label"), "{}", refusal.sentence);
}

#[tokio::test]
async fn with_both_a_label_is_found_by_v2_and_read_by_v1() {
    let rig = rig("both", |sent| match url::Url::parse(&sent.url).unwrap().path() {
        "/v2/labels/se-456" => {
            ok(&json!({"label_id": "se-456", "shipment_id": "se-987", "created_at": "2026-03-02T17:00:00Z"}))
        }
        "/shipments" => {
            ok(&json!({"shipments": [{"shipmentId": 456, "orderId": 987, "createDate": "2026-03-02T09:00:00",
            "shipmentItems": [{"lineItemKey": "line-1", "sku": "MUG", "quantity": 1}]}], "total": 1}))
        }
        _ => json(404, &json!({})),
    });
    let Some(Record::Parcel(parcel)) =
        rig.connector.read_one(RecordKind::Parcel, "label:456", Priority::Person).await.unwrap().map(|one| one.record)
    else {
        panic!()
    };
    assert_eq!(parcel.lines.map(|lines| lines.len()), Some(1));
    assert_eq!(rig.connector.read_one(RecordKind::Parcel, "label:7", Priority::Person).await.unwrap(), None);
}

#[tokio::test]
async fn a_sign_in_that_ended_is_said_so() {
    let rig = rig("v1", |_| answer(401, &[], "Unauthorized"));
    let Err(ReadError::Refused(refusal)) = rig.read("orders", None, None).await else { panic!() };
    assert_eq!(refusal.cause, Cause::SignInNeeded);
}

#[tokio::test]
async fn a_wrong_clock_reads_twice_and_never_not_at_all() {
    for (ahead_ms, watermark_ms) in [(86_400_000_i64, NOW_MS - 86_400_000), (-86_400_000, NOW_MS)] {
        let rig = rig("v1", move |_| {
            let mut response = ok(&json!({"orders": [], "total": 0}))?;
            let theirs_ms = u64::try_from(NOW_MS - ahead_ms).unwrap();
            let date = std::time::UNIX_EPOCH + std::time::Duration::from_millis(theirs_ms);
            response.headers_mut().insert("date", httpdate::fmt_http_date(date).parse().unwrap());
            Ok(response)
        });
        let page = rig.read("orders", None, None).await.unwrap();
        // Dates are whole seconds; half of one is added.
        assert!((page.cursor["watermark_ms"].as_i64().unwrap() - watermark_ms).abs() <= 500, "{ahead_ms}");
        rig.read("orders", Some(&page.cursor), None).await.unwrap();
        let later = NOW_MS.max(NOW_MS - ahead_ms);
        let end = param(&rig.wire.sent()[1], "modifyDateEnd").unwrap();
        assert_eq!(end[..16], crate::shipstation::pacific::filter(later)[..16], "asked up to the later of both");
    }
}
