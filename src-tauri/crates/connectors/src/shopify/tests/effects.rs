//! Changes: what exactly is sent, and that looking comes before sending.

use super::*;
use quayside_model::{Confirmation, FulfillmentDraft, FulfillmentLine, Tracking};

const ORDER: &str = "gid://shopify/Order/1";

fn draft(lines: &[(&str, i64)], numbers: &[&str]) -> FulfillmentDraft {
    FulfillmentDraft {
        order_remote_id: ORDER.into(),
        parcel_ids: vec!["label:1".into()],
        lines: lines
            .iter()
            .map(|(line, quantity)| FulfillmentLine { order_line_id: (*line).into(), quantity: *quantity })
            .collect(),
        tracking: Tracking {
            carrier_code: "stamps_com".into(),
            carrier_name: "Stamps.com".into(),
            numbers: numbers.iter().map(|n| (*n).to_owned()).collect(),
            urls: numbers.iter().map(|n| format!("https://track.example/{n}")).collect(),
        },
        notify_customer: true,
        shipped_at_ms: None,
        known_fulfillment_ids: vec![],
        expected: None,
    }
}

fn fo(id: &str, place: &str, lines: &[(&str, i64)]) -> Value {
    let lines: Vec<Value> = lines
        .iter()
        .map(|(line, remaining)| json!({ "id": format!("{id}/{line}"), "totalQuantity": 9, "remainingQuantity": remaining, "lineItem": { "id": line } }))
        .collect();
    json!({ "id": id, "status": "OPEN", "supportedActions": [{ "action": "CREATE_FULFILLMENT" }],
        "assignedLocation": { "name": place, "location": { "id": place, "isFulfillmentService": false } },
        "fulfillmentHolds": [], "lineItems": { "nodes": lines, "pageInfo": { "hasNextPage": false } } })
}

fn shipment(id: &str, number: &str, status: &str, lines: &[(&str, i64)]) -> Value {
    let lines: Vec<Value> = lines
        .iter()
        .map(|(line, quantity)| json!({ "id": "l", "quantity": quantity, "lineItem": { "id": line } }))
        .collect();
    json!({ "id": id, "status": status, "createdAt": "2026-11-20T09:00:00Z", "trackingInfo": [{ "company": "USPS", "number": number }],
        "fulfillmentLineItems": { "nodes": lines, "pageInfo": { "hasNextPage": false } } })
}

fn work(fos: &[Value], shipments: &[Value]) -> Reply {
    data(
        &json!({ "order": { "id": ORDER, "name": "#1001", "createdAt": "2026-11-19T09:00:00Z", "updatedAt": "2026-11-20T09:00:00Z", "cancelledAt": null,
        "fulfillmentOrders": { "nodes": fos, "pageInfo": { "hasNextPage": false } },
        "fulfillmentsCount": { "count": shipments.len() }, "fulfillments": shipments } }),
    )
}

fn created(id: &str) -> Reply {
    data(&json!({ "fulfillmentCreate": { "fulfillment": { "id": id, "status": "SUCCESS" }, "userErrors": [] } }))
}

fn refused(message: &str) -> Reply {
    data(
        &json!({ "fulfillmentCreate": { "fulfillment": null, "userErrors": [{ "field": ["fulfillment"], "message": message }] } }),
    )
}

async fn perform(script: &Arc<Script>, intent: &Intent) -> Verdict {
    shopify(script.clone()).perform(&[task(intent)]).await.remove(0)
}

async fn confirm(reply: Reply, intent: &Intent) -> Confirmation {
    shopify(Script::new([reply])).confirm(&task(intent)).await
}

#[tokio::test]
async fn a_parcel_is_reported_with_its_lines_and_tracking() {
    let script = Script::new([work(&[fo("f", "P", &[("a", 2), ("b", 1)])], &[]), created("x")]);
    let intent = Intent::Fulfill { fulfillment: draft(&[("a", 2)], &["9400"]) };
    let verdict = perform(&script, &intent).await;
    assert!(matches!(&verdict, Verdict::Done(receipt) if receipt.remote_id.as_deref() == Some("x")), "{verdict:?}");
    assert_eq!(
        script.sent()[1].json()["variables"],
        json!({ "msg": null, "f": {
            "notifyCustomer": true,
            "trackingInfo": { "company": "USPS", "number": "9400", "url": "https://track.example/9400" },
            "lineItemsByFulfillmentOrder": [{ "fulfillmentOrderId": "f", "fulfillmentOrderLineItems": [{ "id": "f/a", "quantity": 2 }] }] } })
    );
}

#[tokio::test]
async fn two_places_are_two_calls_and_one_message_to_the_buyer() {
    let places = [fo("f", "P", &[("a", 1)]), fo("g", "Q", &[("b", 2)])];
    let script = Script::new([work(&places, &[]), created("x"), created("y")]);
    let intent = Intent::Fulfill { fulfillment: draft(&[("a", 1), ("b", 2)], &["9400", "9401"]) };
    let verdict = perform(&script, &intent).await;
    let Verdict::Done(receipt) = &verdict else { panic!("{verdict:?}") };
    assert!(receipt.note.as_deref().unwrap().contains("2 parts"));
    let sent: Vec<Value> = script.sent()[1..].iter().map(|s| s.json()["variables"]["f"].clone()).collect();
    assert_eq!((sent[0]["notifyCustomer"].clone(), sent[1]["notifyCustomer"].clone()), (json!(true), json!(false)));
    assert_eq!(sent[0]["trackingInfo"]["numbers"], sent[1]["trackingInfo"]["numbers"]);
    assert_eq!(sent[0]["trackingInfo"]["urls"], json!(["https://track.example/9400", "https://track.example/9401"]));

    // The second place refuses: the first stays told, and the next try reports only the rest, without a second message.
    let script = Script::new([work(&places, &[]), created("x"), refused("Fulfillment order does not exist.")]);
    let verdict = perform(&script, &intent).await;
    let Verdict::RetryLater(refusal) = &verdict else { panic!("{verdict:?}") };
    assert!(refusal.sentence.contains("part 2 of 2, P"), "{refusal}");
    let told = shipment("x", "9400", "SUCCESS", &[("b", 2)]);
    let script = Script::new([work(&[fo("h", "P", &[("a", 1)])], std::slice::from_ref(&told)), created("y")]);
    assert!(matches!(perform(&script, &intent).await, Verdict::Done(_)));
    let rest = script.sent()[1].json()["variables"]["f"].clone();
    assert_eq!(rest["notifyCustomer"], json!(false));
    assert_eq!(rest["lineItemsByFulfillmentOrder"][0]["fulfillmentOrderId"], json!("h"));
    assert_eq!(confirm(work(&[], std::slice::from_ref(&told)), &intent).await, Confirmation::Absent);
}

#[tokio::test]
async fn performing_twice_tells_once() {
    let intent = Intent::Fulfill { fulfillment: draft(&[("a", 1)], &["9400"]) };
    let told = [shipment("x", "9400", "SUCCESS", &[("a", 1)])];
    let script = Script::new([work(&[fo("f", "P", &[("a", 0)])], &told)]);
    let verdict = perform(&script, &intent).await;
    assert!(
        matches!(&verdict, Verdict::AlreadyDone(receipt) if receipt.remote_id.as_deref() == Some("x")),
        "{verdict:?}"
    );
    assert_eq!(operations(&script), ["OrderWork"]);
    assert!(matches!(confirm(work(&[], &told), &intent).await, Confirmation::Holds(_)));
    let taken_back = [shipment("x", "9400", "CANCELLED", &[("a", 1)])];
    assert_eq!(confirm(work(&[], &taken_back), &intent).await, Confirmation::Absent);
    assert!(matches!(confirm(data(&json!({ "order": null })), &intent).await, Confirmation::Overtaken(_)));
    assert!(matches!(confirm(json(500, &json!({})), &intent).await, Confirmation::CannotTell(_)));
}

#[tokio::test]
async fn refusals_say_who_can_mend_them() {
    let held = {
        let mut fo = fo("f", "P", &[("a", 1)]);
        fo["status"] = json!("ON_HOLD");
        fo["supportedActions"] = json!([{ "action": "RELEASE_HOLD" }]);
        fo["fulfillmentHolds"] = json!([{ "id": "h", "displayReason": "Incorrect address", "reasonNotes": "ask", "heldByRequestingApp": false }]);
        fo
    };
    let intent = Intent::Fulfill { fulfillment: draft(&[("a", 1)], &["9400"]) };
    let script = Script::new([work(&[held], &[])]);
    let Verdict::NeedsPerson(refusal) = perform(&script, &intent).await else { panic!() };
    assert_eq!(refusal.cause, quayside_model::Cause::HeldInChannel);
    assert!(refusal.sentence.contains("#1001") && refusal.sentence.contains("Incorrect address, ask"), "{refusal}");
    assert_eq!(operations(&script), ["OrderWork"], "nothing is sent that would be refused");
}

#[tokio::test]
async fn tracking_is_replaced_whole_and_once() {
    let tracking = draft(&[], &["9400", "9401"]).tracking;
    let intent = Intent::ReplaceTracking {
        order_remote_id: ORDER.into(),
        fulfillment_id: "x".into(),
        tracking,
        notify_customer: false,
    };
    let old = [shipment("x", "1Z", "SUCCESS", &[("a", 1)])];
    let changed = data(
        &json!({ "fulfillmentTrackingInfoUpdate": { "fulfillment": { "id": "x", "status": "SUCCESS" }, "userErrors": [] } }),
    );
    let script = Script::new([work(&[], &old), changed]);
    assert!(matches!(perform(&script, &intent).await, Verdict::Done(_)));
    assert_eq!(
        script.sent()[1].json()["variables"],
        json!({ "id": "x", "notify": false, "t": { "company": "USPS", "numbers": ["9400", "9401"],
            "urls": ["https://track.example/9400", "https://track.example/9401"] } })
    );
    let mut new = old[0].clone();
    new["trackingInfo"] = json!([{ "company": "USPS", "number": "9401" }, { "company": "USPS", "number": "9400" }]);
    let script = Script::new([work(&[], std::slice::from_ref(&new))]);
    assert!(matches!(perform(&script, &intent).await, Verdict::AlreadyDone(_)));
    assert!(matches!(confirm(work(&[], &[new]), &intent).await, Confirmation::Holds(_)));
    assert_eq!(confirm(work(&[], &old), &intent).await, Confirmation::Absent);
    let gone = [shipment("x", "1Z", "CANCELLED", &[])];
    assert!(matches!(confirm(work(&[], &gone), &intent).await, Confirmation::Overtaken(_)));
    assert!(matches!(perform(&Script::new([work(&[], &gone)]), &intent).await, Verdict::NeedsPerson(_)));
}

#[tokio::test]
async fn taking_back_is_done_once() {
    let intent = Intent::CancelFulfillment { order_remote_id: ORDER.into(), fulfillment_id: "x".into() };
    let live = [shipment("x", "1Z", "SUCCESS", &[])];
    let gone = [shipment("x", "1Z", "CANCELLED", &[])];
    let done = data(
        &json!({ "fulfillmentCancel": { "fulfillment": { "id": "x", "status": "CANCELLED" }, "userErrors": [] } }),
    );
    assert!(matches!(perform(&Script::new([work(&[], &live), done]), &intent).await, Verdict::Done(_)));
    assert!(matches!(perform(&Script::new([work(&[], &gone)]), &intent).await, Verdict::AlreadyDone(_)));
    assert!(matches!(perform(&Script::new([work(&[], &[])]), &intent).await, Verdict::NeedsPerson(_)));
    assert_eq!(confirm(work(&[], &live), &intent).await, Confirmation::Absent);
    assert!(matches!(confirm(work(&[], &gone), &intent).await, Confirmation::Holds(_)));
}

fn cancel_intent() -> Intent {
    Intent::CancelChannelOrder {
        order_remote_id: ORDER.into(),
        reason: "inventory".into(),
        restock: true,
        refund: false,
        notify_customer: true,
        staff_note: "ü".repeat(400),
    }
}

fn result(done: bool, cancelled: bool) -> Reply {
    data(
        &json!({ "job": { "id": "job", "done": done }, "order": { "id": ORDER, "cancelledAt": if cancelled { json!("2026-11-20T10:00:00Z") } else { Value::Null } } }),
    )
}

fn accepted() -> Reply {
    data(&json!({ "orderCancel": { "job": { "id": "job", "done": false }, "orderCancelUserErrors": [] } }))
}

#[tokio::test]
async fn an_order_is_cancelled_when_it_says_so_itself() {
    let intent = cancel_intent();
    let script = Script::new([work(&[], &[]), accepted(), result(true, true)]);
    assert!(matches!(perform(&script, &intent).await, Verdict::Done(_)));
    assert_eq!(
        script.sent()[1].json()["variables"],
        json!({ "id": ORDER, "reason": "INVENTORY", "restock": true, "refund": { "originalPaymentMethodsRefund": false }, "notify": true, "note": "ü".repeat(255) })
    );

    // Accepted and still running: looked up until it holds, never sent twice.
    let script = Script::new([
        work(&[], &[]),
        accepted(),
        result(false, false),
        work(&[], &[]),
        result(false, false),
        work(&[], &[]),
        result(true, true),
    ]);
    let shopify = shopify(script.clone());
    assert!(matches!(shopify.perform(&[task(&intent)]).await.remove(0), Verdict::AnswerLost(_)));
    assert!(matches!(shopify.confirm(&task(&intent)).await, Confirmation::CannotTell(_)));
    assert!(matches!(shopify.confirm(&task(&intent)).await, Confirmation::Holds(_)));
    assert_eq!(operations(&script).iter().filter(|name| *name == "CancelOrder").count(), 1);
}

#[tokio::test]
async fn done_alone_is_not_cancelled() {
    let intent = cancel_intent();
    let script = Script::new([work(&[], &[]), accepted(), result(true, false), work(&[], &[]), result(true, false)]);
    let shopify = shopify(script);
    assert!(matches!(shopify.perform(&[task(&intent)]).await.remove(0), Verdict::AnswerLost(_)));
    let Confirmation::Overtaken(refusal) = shopify.confirm(&task(&intent)).await else { panic!() };
    assert!(refusal.sentence.contains("gave up"), "{refusal}");
}

/// After a restart nobody remembers the job: wait as long as one may take, then it may be asked for again.
#[tokio::test]
async fn a_forgotten_cancellation_is_given_time() {
    let intent = cancel_intent();
    let sent = |ago_ms: i64| Task {
        first_sent_at_ms: Some(NOW - ago_ms),
        last_sent_at_ms: Some(NOW - ago_ms),
        ..task(&intent)
    };
    let ask = |ago_ms| {
        let task = sent(ago_ms);
        async move { shopify(Script::new([work(&[], &[])])).confirm(&task).await }
    };
    assert!(matches!(ask(10_000).await, Confirmation::CannotTell(_)));
    assert_eq!(ask(180_000).await, Confirmation::Absent);
    // Asked for again a moment ago: the time counts from there.
    let again = Task { first_sent_at_ms: Some(NOW - 180_000), ..sent(10_000) };
    let told = shopify(Script::new([work(&[], &[])])).confirm(&again).await;
    assert!(matches!(told, Confirmation::CannotTell(_)), "{told:?}");
}

#[tokio::test]
async fn refused_cancellations_say_why() {
    for (code, expected) in [
        ("INVALID", "person content_refused"),
        ("NO_REFUND_PERMISSION", "person scope_missing"),
        ("INTERNAL_ERROR", "lost platform_trouble"),
        ("SOLAR_FLARE", "person content_refused"),
    ] {
        let refused = data(
            &json!({ "orderCancel": { "job": null, "orderCancelUserErrors": [{ "code": code, "field": ["orderId"], "message": "no" }] } }),
        );
        let intent = cancel_intent();
        let verdict = perform(&Script::new([work(&[], &[]), refused]), &intent).await;
        let said = match &verdict {
            Verdict::NeedsPerson(refusal) => format!("person {}", refusal.cause),
            Verdict::AnswerLost(refusal) => format!("lost {}", refusal.cause),
            other => format!("{other:?}"),
        };
        assert_eq!(said, expected, "{code}");
    }
    let mut cancelled = json!({ "id": ORDER, "name": "#1001", "createdAt": "2026-11-19T09:00:00Z", "cancelledAt": "2026-11-20T09:00:00Z" });
    cancelled["fulfillments"] = json!([]);
    let intent = cancel_intent();
    assert!(matches!(
        perform(&Script::new([data(&json!({ "order": cancelled }))]), &intent).await,
        Verdict::AlreadyDone(_)
    ));
}

#[tokio::test]
async fn an_intent_of_another_role_is_refused_without_a_call() {
    let script = Script::new([]);
    let intent = Intent::VoidLabel { parcel_id: "label:1".into() };
    assert!(matches!(perform(&script, &intent).await, Verdict::NeedsPerson(_)));
    assert!(script.sent().is_empty());
}
