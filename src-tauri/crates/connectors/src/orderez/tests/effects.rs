//! Effects against scripted answers: races, and keys.

use super::reading::order;
use super::{NOW_MS, connector, connector_of, draft};
use crate::testing::{Script, StandingClock, answer, json as reply};
use crate::{Connector, Priority, Task};
use quayside_model::{Cause, Confirmation, HubOrderDraft, Intent, Verdict};
use serde_json::{Value, json};

fn task(intent: &Intent) -> Task<'_> {
    Task {
        key: "effect-1",
        intent,
        first_sent_at_ms: Some(NOW_MS),
        last_sent_at_ms: Some(NOW_MS),
        ticket: None,
        priority: Priority::Write,
    }
}

async fn perform(connector: &dyn Connector, intent: &Intent) -> Verdict {
    connector.perform(&[task(intent)]).await.remove(0)
}

fn versioned(version: i64) -> Value {
    let mut order = order("1", "2026-11-20T09:00:00Z");
    order["version"] = json!(version);
    json!({"data": order})
}

#[tokio::test]
async fn a_lost_race_is_decided_anew_and_given_up_after_three() {
    let moved = || {
        reply(
            412,
            &json!({"title": "Version mismatch", "status": 412, "code": "version_mismatch", "current_version": 2}),
        )
    };
    let hold = Intent::HoldHubOrder {
        hub_order_id: "1".into(),
        hub_order_key: "cafe-1".into(),
        until_day: "2026-12-04".into(),
    };
    let script =
        Script::new([reply(200, &versioned(1)), moved(), reply(200, &versioned(2)), reply(200, &versioned(3))]);
    let verdict = perform(connector(&script, &StandingClock::at(NOW_MS)).as_ref(), &hold).await;
    assert!(matches!(verdict, Verdict::Done(_)), "{verdict:?}");
    let sent = script.sent();
    assert_eq!(
        (sent[1].headers["if-match"].to_str().unwrap(), sent[3].headers["if-match"].to_str().unwrap()),
        ("\"1\"", "\"2\"")
    );
    assert_ne!(
        sent[1].headers["idempotency-key"], sent[3].headers["idempotency-key"],
        "another version is another request"
    );

    let script = Script::answering(move |sent| if sent.method == "GET" { reply(200, &versioned(1)) } else { moved() });
    match perform(connector(&script, &StandingClock::at(NOW_MS)).as_ref(), &hold).await {
        Verdict::RetryLater(refusal) => assert!(refusal.sentence.contains("keeps changing"), "{refusal}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(script.sent().len(), 6);
}

#[tokio::test]
async fn a_key_is_the_same_after_a_restart_and_another_for_another_content() {
    let key = async |order: HubOrderDraft| {
        let script = Script::new([answer(500, &[], "")]);
        let verdict = perform(
            connector(&script, &StandingClock::at(NOW_MS)).as_ref(),
            &Intent::PutHubOrder { order, hub_order_id: None },
        )
        .await;
        assert!(matches!(verdict, Verdict::AnswerLost(_)), "{verdict:?}");
        let sent = script.sent();
        (sent[0].headers["idempotency-key"].to_str().unwrap().to_owned(), sent[0].json()["source"]["id"].clone())
    };
    let (first, source) = key(draft()).await;
    assert_eq!((first.clone(), source.clone()), key(draft()).await);
    let mut mended = draft();
    mended.lines[0].sku = "BEAN-2KG".into();
    let (second, same_source) = key(mended).await;
    assert_ne!(first, second);
    // Who writes stays the same effect.
    assert_eq!(source, same_source);
    assert!((16..=128).contains(&first.len()));
}

#[tokio::test]
async fn without_a_key_the_order_is_looked_for_first_and_a_late_list_is_waited_for() {
    let lookup = super::Profile::shipped("assumed-contract")
        .unwrap()
        .replace(
            "idempotency: {style: header, header: Idempotency-Key}",
            "idempotency: {style: lookup, lookup_operation: listOrders}",
        )
        .replace("  duplicate_codes: [duplicate_external_ref]\n", "");
    let none = || reply(200, &json!({"data": [], "meta": {"has_more": false}}));
    let intent = Intent::PutHubOrder { order: draft(), hub_order_id: None };
    let script = Script::new([none(), reply(201, &versioned(1))]);
    let clock = StandingClock::at(NOW_MS);
    perform(connector_of("own", Some(&lookup), &script, &clock).as_ref(), &intent).await;
    let sent = script.sent();
    assert!(sent[0].url.contains("external_ref=quayside%3Acafe0001-5001"), "{}", sent[0].url);
    assert!(sent[1].headers.get("idempotency-key").is_none());

    let script = Script::answering(move |_| none());
    let connector = connector_of("own", Some(&lookup), &script, &clock);
    match connector.confirm(&task(&intent)).await {
        Confirmation::CannotTell(refusal) => assert_eq!(refusal.cause, Cause::OutcomeUnknown),
        other => panic!("the list may be late: {other:?}"),
    }
    clock.advance(180_000);
    assert_eq!(connector.confirm(&task(&intent)).await, Confirmation::Absent);
    // Sent again a moment ago: the list may be late with that one.
    let again = Task { last_sent_at_ms: Some(NOW_MS + 175_000), ..task(&intent) };
    let told = connector.confirm(&again).await;
    assert!(matches!(told, Confirmation::CannotTell(_)), "{told:?}");
}

#[tokio::test]
async fn what_cannot_be_looked_up_is_parked_with_a_sentence() {
    let blind = super::Profile::shipped("assumed-contract").unwrap().replace(
        "query: {updated_since: updated_since, status: status, external_ref: external_ref}",
        "query: {updated_since: updated_since}",
    );
    let script = Script::new([]);
    let connector = connector_of("own", Some(&blind), &script, &StandingClock::at(NOW_MS));
    let intent = Intent::PutHubOrder { order: draft(), hub_order_id: None };
    match connector.confirm(&task(&intent)).await {
        Confirmation::CannotTell(refusal) => assert!(refusal.sentence.contains("cannot be looked up"), "{refusal}"),
        other => panic!("{other:?}"),
    }
    assert!(script.sent().is_empty());
}

#[tokio::test]
async fn a_server_that_ignores_the_filter_does_not_give_us_somebody_else_s_order() {
    let script = Script::answering(|_| {
        reply(200, &json!({"data": [order("77", "2026-11-20T09:00:00Z")], "meta": {"has_more": false}}))
    });
    let connector = connector(&script, &StandingClock::at(NOW_MS));
    let intent = Intent::PutHubOrder { order: draft(), hub_order_id: None };
    assert_eq!(connector.confirm(&task(&intent)).await, Confirmation::Absent);
}

#[tokio::test]
async fn what_cannot_go_is_not_sent() {
    let script = Script::new([]);
    let connector = connector(&script, &StandingClock::at(NOW_MS));
    let with = |change: fn(&mut HubOrderDraft)| {
        let mut order = draft();
        change(&mut order);
        Intent::PutHubOrder { order, hub_order_id: None }
    };
    for (intent, cause) in [
        (with(|order| order.ship_to.city.clear()), Cause::AddressMissing),
        (with(|order| order.lines[0].sku.clear()), Cause::UnknownSku),
        (with(|order| order.lines.clear()), Cause::ContentRefused),
    ] {
        match perform(connector.as_ref(), &intent).await {
            Verdict::NeedsPerson(refusal) => assert_eq!(refusal.cause, cause),
            other => panic!("{other:?}"),
        }
    }
    assert!(script.sent().is_empty());
}

#[tokio::test]
async fn the_key_stays_out_of_every_sentence() {
    let script = Script::answering(|_| {
        reply(422, &json!({"title": "bad key canary-key-0123456789 of jane@example.org", "code": "x"}))
    });
    let connector = connector(&script, &StandingClock::at(NOW_MS));
    let verdict =
        format!("{:?}", perform(connector.as_ref(), &Intent::PutHubOrder { order: draft(), hub_order_id: None }).await);
    assert!(!verdict.contains("canary") && !verdict.contains("jane@"), "{verdict}");
}

/// The list that is named is the one that is asked, also where it tells only in short what an order is.
#[tokio::test]
async fn an_order_is_looked_up_in_the_list_the_profile_names() {
    let named = super::Profile::shipped("assumed-contract")
        .unwrap()
        .replace(
            "idempotency: {style: header, header: Idempotency-Key}",
            "idempotency: {style: lookup, lookup_operation: reconcileOrders}",
        )
        .replace(
            "reconcileOrders: {method: GET, path: /orders, query: {from: created_from, to: created_to}",
            "reconcileOrders: {method: GET, path: /order-summaries, query: {external_ref: ref}",
        );
    let intent = Intent::PutHubOrder { order: draft(), hub_order_id: None };
    let reference = json!([{"system": "quayside", "id": "cafe0001-5001"}]);
    let script = Script::answering(move |sent| {
        let mut whole = order("1", "2026-11-20T09:00:00Z");
        whole["external_refs"] = reference.clone();
        if sent.url.contains("/order-summaries") {
            let summary =
                json!({"id": "1", "number": "SO-1", "status": "accepted", "external_refs": reference.clone()});
            reply(200, &json!({"data": [summary], "meta": {"has_more": false}}))
        } else {
            reply(200, &json!({"data": whole}))
        }
    });
    let connector = connector_of("own", Some(&named), &script, &StandingClock::at(NOW_MS));
    let said = connector.confirm(&task(&intent)).await;
    let sent = script.sent();
    assert!(
        sent[0].url.contains("/order-summaries") && sent[0].url.contains("ref=quayside%3Acafe0001-5001"),
        "{sent:?}"
    );
    assert_eq!(sent.len(), 2, "what is in the order is read in the order");
    assert!(sent[1].url.ends_with("/orders/1"), "{}", sent[1].url);
    assert!(!matches!(said, Confirmation::CannotTell(_)), "{said:?}");
}

/// An account that spells an address its own way: where it says which write was the last, our answer is certain.
#[tokio::test]
async fn a_write_that_the_order_names_as_its_last_holds() {
    let mut moved = draft();
    moved.ship_to.line1 = "2 Dock Rd".into();
    let intent = Intent::PutHubOrder { order: moved.clone(), hub_order_id: Some("1".into()) };
    let spelled = |last: Value| {
        let mut found = order("1", "2026-11-20T09:00:00Z");
        found["external_refs"] = json!([{"system": "quayside", "id": moved.key}]);
        found["lines"] = json!([{"id": "l1", "sku": "BEAN-1KG", "quantity": 2, "quantity_fulfilled": 0,
            "quantity_cancelled": 0, "external_ref": {"system": "quayside", "id": "9001"}}]);
        found["shipping_address"] = json!({"name": "ANA RUIZ", "address1": "2 DOCK ROAD", "city": "PORTLAND",
            "region": "ME", "postal_code": "04101", "country": "US"});
        found["last_change"] = last;
        json!({"data": found})
    };
    // Our write names itself in what it sends.
    let script = Script::new([answer(500, &[], "")]);
    let create = Intent::PutHubOrder { order: draft(), hub_order_id: None };
    perform(connector(&script, &StandingClock::at(NOW_MS)).as_ref(), &create).await;
    let ours = script.sent()[0].json()["source"]["id"].as_str().unwrap().to_owned();
    for (last, expected) in [
        (json!({"source": {"system": "quayside", "id": ours}}), true),
        (json!({"source": {"system": "quayside", "id": "another write"}}), false),
        (json!({"source": {"system": "warehouse", "id": ours}}), false),
        (Value::Null, false),
    ] {
        let body = spelled(last.clone());
        let script = Script::answering(move |_| reply(200, &body));
        let connector = connector(&script, &StandingClock::at(NOW_MS));
        let said = connector.confirm(&task(&intent)).await;
        assert_eq!(matches!(said, Confirmation::Holds(_)), expected, "{last}: {said:?}");
        // And it is not written again for its spelling.
        let verdict = perform(connector.as_ref(), &intent).await;
        assert_eq!(matches!(verdict, Verdict::AlreadyDone(_)), expected, "{last}: {verdict:?}");
    }
}
