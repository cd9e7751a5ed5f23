//! After a lost answer: does it hold?

use super::{NOW_MS, Rig, cancel, draft, hold, ok, order_v1, param, put, release, rig, shipment_v2, task, void};
use crate::Task;
use crate::testing::{answer, json};
use quayside_model::{Cause, Confirmation, HubOrderDraft};
use serde_json::{Value, json};

fn word(confirmation: &Confirmation) -> String {
    match confirmation {
        Confirmation::Holds(_) => "holds".into(),
        Confirmation::Absent => "absent".into(),
        Confirmation::Overtaken(refusal) => format!("overtaken {:?}", refusal.cause),
        Confirmation::CannotTell(refusal) => format!("cannot tell {:?}", refusal.cause),
        Confirmation::UnderWay { ticket, .. } => format!("under way as {ticket}"),
    }
}

fn list(rows: &[Value]) -> Value {
    json!({"orders": rows, "total": rows.len(), "page": 1, "pages": 1})
}

#[tokio::test]
async fn trap_01_one_list_confirms_a_whole_lost_batch() {
    let rig = rig("v1", |_| ok(&list(&[order_v1(987, "awaiting_shipment")])));
    for _ in 0..100 {
        assert_eq!(word(&rig.confirm(&put(draft(), None)).await), "holds");
    }
    let mut other = draft();
    other.key = "harbour-goods-9".into();
    assert_eq!(word(&rig.confirm(&put(other, None)).await), "absent");
    let sent = rig.wire.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(param(&sent[0], "modifyDateStart").as_deref(), Some("2026-03-02 09:03:27"));
    // What was read a while ago proves nothing any more.
    rig.clock.advance(31_000);
    rig.confirm(&put(draft(), None)).await;
    assert_eq!(rig.wire.sent().len(), 2);
}

#[tokio::test]
async fn a_list_read_before_the_answer_was_lost_proves_nothing() {
    let rig = rig("v1", |sent| if sent.method == "POST" { answer(500, &[], "") } else { ok(&list(&[])) });
    assert_eq!(word(&rig.confirm(&put(draft(), None)).await), "absent");
    rig.clock.advance(1_000);
    rig.perform(&put(draft(), None)).await;
    rig.clock.advance(1_000);
    rig.confirm(&put(draft(), None)).await;
    assert_eq!(rig.log().iter().filter(|line| line.starts_with("GET")).count(), 2);
}

#[tokio::test]
async fn trap_08_a_number_is_a_prefix_and_only_the_key_is_an_identity() {
    // Lost long ago: the list of changes would be long.
    let page = |page: &str| {
        let mut rows: Vec<Value> = (0..500)
            .map(|at| json!({"orderId": at, "orderKey": format!("other-{page}-{at}"), "orderNumber": "#10011"}))
            .collect();
        if page == "2" {
            rows[499] = order_v1(987, "awaiting_shipment");
        }
        json!({"orders": rows, "total": 1_000, "page": page, "pages": 2})
    };
    let rig = rig("v1", move |sent| ok(&page(&param(sent, "page").unwrap())));
    let intent = put(draft(), None);
    let old = Task {
        first_sent_at_ms: Some(NOW_MS - 86_400_000),
        last_sent_at_ms: Some(NOW_MS - 86_400_000),
        ..task(&intent)
    };
    assert_eq!(word(&rig.connector.confirm(&old).await), "holds");
    assert_eq!(
        rig.log(),
        ["GET /orders?orderNumber=%231001&page=1&pageSize=500", "GET /orders?orderNumber=%231001&page=2&pageSize=500"]
    );
}

/// What is searched by its number was found too late before: what went out again a moment ago stands in the list of
/// changes first.
#[tokio::test]
async fn an_order_lost_long_ago_and_sent_again_is_looked_for_among_the_changes() {
    let rig = rig("v1", |_| ok(&list(&[order_v1(987, "awaiting_shipment")])));
    let intent = put(draft(), None);
    let again =
        Task { first_sent_at_ms: Some(NOW_MS - 86_400_000), last_sent_at_ms: Some(NOW_MS - 60_000), ..task(&intent) };
    assert_eq!(word(&rig.connector.confirm(&again).await), "holds");
    let sent = rig.wire.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(param(&sent[0], "modifyDateStart").as_deref(), Some("2026-03-02 09:03:27"));
}

/// Sent by a clock that was ahead and was set right: the list of changes since then would begin after it.
#[tokio::test]
async fn an_order_sent_by_a_clock_that_was_ahead_is_looked_for_by_its_number() {
    let rig = rig("v1", |_| ok(&list(&[order_v1(987, "awaiting_shipment")])));
    let intent = put(draft(), None);
    let sent_at_ms = Some(NOW_MS + 3_600_000);
    let ahead = Task { first_sent_at_ms: sent_at_ms, last_sent_at_ms: sent_at_ms, ..task(&intent) };
    assert_eq!(word(&rig.connector.confirm(&ahead).await), "holds");
    assert_eq!(rig.log(), ["GET /orders?orderNumber=%231001&page=1&pageSize=500"]);
}

async fn confirm_known(rig: &Rig, change: fn(&mut HubOrderDraft)) -> String {
    let mut order = draft();
    change(&mut order);
    word(&rig.confirm(&put(order, Some("987"))).await)
}

#[tokio::test]
async fn trap_18_an_update_holds_when_its_fields_are_there() {
    let open = || rig("v1", |_| ok(&order_v1(987, "awaiting_shipment")));
    assert_eq!(confirm_known(&open(), |_| {}).await, "holds");
    assert_eq!(confirm_known(&open(), |order| order.lines[0].quantity = 1).await, "absent");
    assert_eq!(confirm_known(&open(), |order| order.ship_to.city = "Bremen".into()).await, "absent");
    assert_eq!(confirm_known(&open(), |order| order.ready = false).await, "absent");
    let shipped =
        rig("v1", |sent| if sent.url.contains("/shipments") { ok(&json!([])) } else { ok(&order_v1(987, "shipped")) });
    assert_eq!(confirm_known(&shipped, |_| {}).await, "holds");
    assert_eq!(confirm_known(&shipped, |order| order.lines[0].quantity = 1).await, "overtaken HubLocked");
    let gone = rig("v1", |_| json(404, &json!({})));
    assert_eq!(confirm_known(&gone, |_| {}).await, "overtaken HubLocked");
    let down = rig("v1", |_| answer(500, &[], ""));
    assert_eq!(confirm_known(&down, |_| {}).await, "cannot tell PlatformTrouble");
}

#[tokio::test]
async fn v2_is_asked_by_our_key_and_fillers_are_no_difference() {
    let rig = rig("v2", |_| ok(&shipment_v2("se-987", "pending")));
    assert_eq!(word(&rig.confirm(&put(draft(), None)).await), "holds");
    assert_eq!(rig.log(), ["GET /v2/shipments/external_shipment_id/harbour-goods-5501"]);
    let rig = super::rig("v2", |_| json(404, &json!({})));
    assert_eq!(word(&rig.confirm(&put(draft(), None)).await), "absent");
}

#[tokio::test]
async fn cancels_holds_and_releases_are_read_off_the_order() {
    for (intent, status, until, expected) in [
        (cancel("987"), "cancelled", None, "holds"),
        (cancel("987"), "awaiting_shipment", None, "absent"),
        (cancel("987"), "shipped", None, "overtaken HubLocked"),
        (hold("987", "2026-03-09"), "on_hold", Some("2026-03-09"), "holds"),
        (hold("987", "2026-03-09"), "on_hold", Some("2026-03-07"), "absent"),
        (hold("987", "2026-03-09"), "awaiting_shipment", None, "absent"),
        (hold("987", "2026-03-09"), "shipped", None, "overtaken HubLocked"),
        (release("987"), "awaiting_shipment", None, "holds"),
        (release("987"), "shipped", None, "holds"),
        (release("987"), "on_hold", None, "absent"),
        (release("987"), "cancelled", None, "overtaken HubLocked"),
    ] {
        let rig = rig("both", move |sent| {
            if sent.url.contains("/shipments") {
                return ok(&json!({"shipments": [], "total": 0}));
            }
            let mut raw = order_v1(987, status);
            raw["holdUntilDate"] = json!(until);
            ok(&raw)
        });
        assert_eq!(word(&rig.confirm(&intent).await), expected, "{intent:?} {status}");
    }
}

#[tokio::test]
async fn a_void_is_read_off_the_label() {
    for (way, body, expected) in [
        ("both", json!({"label_id": "se-456", "created_at": "2026-03-02T17:00:00Z", "voided": true}), "holds"),
        ("both", json!({"label_id": "se-456", "created_at": "2026-03-02T17:00:00Z", "voided": false}), "absent"),
        (
            "v1",
            json!({"shipments": [{"shipmentId": 456, "createDate": "2026-01-02T09:00:00", "voided": true, "voidDate": "2026-03-02T09:13:30"}], "total": 1}),
            "holds",
        ),
        ("v1", json!({"shipments": [], "total": 0}), "absent"),
    ] {
        let rig = rig(way, move |_| ok(&body));
        assert_eq!(word(&rig.confirm(&void("label:456")).await), expected, "{way}");
    }
}

#[tokio::test]
async fn an_empty_allowance_cannot_tell() {
    let rig = rig("v1", |_| answer(429, &[("x-rate-limit-reset", "9")], r#"{"message":"Too Many Requests"}"#));
    let confirmation = rig.confirm(&put(draft(), None)).await;
    assert!(
        matches!(&confirmation, Confirmation::CannotTell(refusal) if refusal.cause == Cause::RateLimited),
        "{confirmation:?}"
    );
}

#[tokio::test]
async fn parts_of_a_split_order_are_not_taken_for_the_whole() {
    let part = |id: i64, parent: Value, quantity: i64| {
        let mut raw = order_v1(id, "awaiting_shipment");
        raw["advancedOptions"]["parentId"] = parent;
        raw["advancedOptions"]["mergedOrSplit"] = json!(true);
        raw["items"][0]["quantity"] = json!(quantity);
        raw
    };
    for rows in
        [[part(987, Value::Null, 1), part(988, json!(987), 1)], [part(988, json!(987), 2), part(987, Value::Null, 1)]]
    {
        let rig = rig("v1", move |_| ok(&list(&rows)));
        assert_eq!(word(&rig.confirm(&put(draft(), None)).await), "overtaken HubLocked");
    }
}
