//! Effects: what leaves for each, and what each answer means.

use super::{NOW_MS, all_fine, cancel, draft, hold, ok, order_v1, put, release, rig, rig_with, task, void};
use crate::testing::{Sent, answer, json};
use crate::{Task, WireError};
use quayside_model::{Cause, Intent, Receipt, Refusal, Verdict};
use serde_json::{Value, json};

type Answering = Result<http::Response<Vec<u8>>, WireError>;

pub(super) fn path(sent: &Sent) -> String {
    url::Url::parse(&sent.url).unwrap().path().to_owned()
}

pub(super) fn done(verdict: Verdict) -> Receipt {
    match verdict {
        Verdict::Done(receipt) => receipt,
        other => panic!("{other:?}"),
    }
}

pub(super) fn person(verdict: Verdict) -> Refusal {
    match verdict {
        Verdict::NeedsPerson(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

fn not_found() -> Answering {
    json(404, &json!({"Message": "Not found"}))
}

#[tokio::test]
async fn a_new_order_costs_one_call() {
    let rig = rig("both", all_fine);
    let receipt = done(rig.perform(&put(draft(), None)).await);
    assert_eq!(receipt.remote_id.as_deref(), Some("987000111"));
    assert_eq!(rig.log(), ["POST /orders/createorders"]);
    let body = rig.wire.sent()[0].json();
    assert_eq!(body[0]["orderKey"], "harbour-goods-5501");
    assert_eq!(body[0].get("orderId"), None);
}

#[tokio::test]
async fn a_hundred_orders_cost_one_call_too() {
    let rig = rig("v1", all_fine);
    let intents: Vec<Intent> = (0..100)
        .map(|at| {
            let mut order = draft();
            order.key = format!("key-{at}");
            put(order, None)
        })
        .collect();
    let tasks: Vec<Task<'_>> = intents.iter().map(task).collect();
    let verdicts = rig.connector.perform(&tasks).await;
    assert_eq!(verdicts.len(), 100);
    for (at, verdict) in verdicts.into_iter().enumerate() {
        assert_eq!(done(verdict).remote_id, Some((987_000_111 + at).to_string()));
    }
    assert_eq!(rig.wire.sent().len(), 1);
}

fn batch(n: usize) -> Vec<Intent> {
    (0..n)
        .map(|at| {
            let mut order = draft();
            (order.key, order.number) = (format!("key-{at}"), format!("#{at}"));
            put(order, None)
        })
        .collect()
}

#[tokio::test]
async fn trap_10_results_belong_to_keys_not_to_places() {
    let rig = rig("v1", |_| {
        ok(&json!({"hasErrors": true, "results": [
            {"orderId": 3, "orderNumber": "#2", "orderKey": "key-2", "success": true},
            {"orderId": null, "orderNumber": "#1", "orderKey": null, "success": false, "errorMessage": "Unable to update: the order has already been shipped."},
            {"orderId": 1, "orderNumber": "#0", "orderKey": "key-0", "success": "true"}
        ]}))
    });
    let intents = batch(4);
    let tasks: Vec<Task<'_>> = intents.iter().map(task).collect();
    let mut verdicts = rig.connector.perform(&tasks).await;
    // Nothing was said about the last one: it may be there or not.
    assert!(matches!(verdicts.pop().unwrap(), Verdict::AnswerLost(_)));
    assert_eq!(done(verdicts.pop().unwrap()).remote_id.as_deref(), Some("3"));
    let refusal = person(verdicts.pop().unwrap());
    assert_eq!(refusal.cause, Cause::HubLocked);
    assert!(refusal.sentence.contains("Order #1 could not be sent: too late"), "{}", refusal.sentence);
    assert_eq!(done(verdicts.pop().unwrap()).remote_id.as_deref(), Some("1"));
}

#[tokio::test]
async fn one_bad_order_does_not_hold_up_the_others() {
    // V1 names the bad one.
    let named = rig("v1", |sent| {
        let orders = sent.json();
        let bad = orders.as_array().unwrap().iter().position(|order| order["orderNumber"] == "#2");
        match bad {
            Some(at) => json(
                400,
                &json!({"Message": "The request is invalid.", "ModelState": {format!("apiOrders[{at}].shipTo.postalCode"): ["Not a postcode."]}}),
            ),
            None => all_fine(sent),
        }
    });
    // V1 does not.
    let unnamed = rig("v1", |sent| {
        let bad = sent.json().as_array().unwrap().iter().any(|order| order["orderNumber"] == "#2");
        if bad {
            json(400, &json!({"Message": "The postal code is wrong somewhere in the address."}))
        } else {
            all_fine(sent)
        }
    });
    for (rig, calls) in [(named, 2), (unnamed, 7)] {
        let intents = batch(5);
        let tasks: Vec<Task<'_>> = intents.iter().map(task).collect();
        let verdicts = rig.connector.perform(&tasks).await;
        for (at, verdict) in verdicts.into_iter().enumerate() {
            if at == 2 {
                assert_eq!(person(verdict).cause, Cause::AddressRefused);
            } else {
                done(verdict);
            }
        }
        assert!(rig.wire.sent().len() <= calls, "{}", rig.wire.sent().len());
    }
}

#[tokio::test]
async fn hopeless_orders_are_not_sent_at_all() {
    let rig = rig("v1", all_fine);
    let mut order = draft();
    order.ship_to.country = "Germany".into();
    let refusal = person(rig.perform(&put(order, None)).await);
    assert_eq!(refusal.cause, Cause::AddressRefused);
    assert!(rig.wire.sent().is_empty());
}

#[tokio::test]
async fn trap_02_an_update_is_read_first_and_keeps_the_warehouses_work() {
    let rig = rig("v1", |sent| match path(sent).as_str() {
        "/orders/987" => ok(&order_v1(987, "awaiting_shipment")),
        _ => all_fine(sent),
    });
    done(rig.perform(&put(draft(), Some("987"))).await);
    assert_eq!(rig.log(), ["GET /orders/987", "POST /orders/createorders"]);
    let body = rig.wire.sent()[1].json();
    assert_eq!((&body[0]["orderId"], &body[0]["carrierCode"]), (&json!(987), &json!("dhl_paket")));
}

#[tokio::test]
async fn trap_03_a_locked_order_is_not_sent_and_the_label_is_named() {
    let rig = rig("v1", |sent| match path(sent).as_str() {
        "/orders/987" => ok(&order_v1(987, "shipped")),
        "/shipments" => ok(&json!({"shipments": [
            {"shipmentId": 1, "orderId": 987, "createDate": "2026-03-02T08:00:00", "voided": true},
            {"shipmentId": 2, "orderId": 987, "createDate": "2026-03-02T09:02:00"},
            {"shipmentId": 3, "orderId": 5, "createDate": "2026-03-01T09:02:00"}], "total": 3})),
        _ => panic!("a locked order was written"),
    });
    let refusal = person(rig.perform(&put(draft(), Some("987"))).await);
    assert_eq!(refusal.cause, Cause::HubLocked);
    assert_eq!(
        refusal.sentence,
        "Packing (ShipStation): Order #1001 could not be sent: too late, it was shipped in ShipStation (label bought at 09:02 on 2 March (Pacific time)). ShipStation keeps what it has; look at it there."
    );
}

#[tokio::test]
async fn an_update_of_a_vanished_order_is_not_a_new_order() {
    let rig = rig("v1", |_| not_found());
    let refusal = person(rig.perform(&put(draft(), Some("987"))).await);
    assert_eq!(refusal.cause, Cause::HubLocked);
    assert!(refusal.sentence.contains("deleted there, or merged into another order"), "{}", refusal.sentence);
    assert_eq!(rig.wire.sent().len(), 1);
}

#[tokio::test]
async fn trouble_while_looking_first_is_no_lost_answer() {
    for (status, expected) in [(500, "later"), (401, "sign in"), (403, "person")] {
        let rig = rig("v1", move |_| answer(status, &[], ""));
        let word = match rig.perform(&put(draft(), Some("987"))).await {
            Verdict::RetryLater(_) => "later",
            Verdict::SignInAgain(_) => "sign in",
            Verdict::NeedsPerson(_) => "person",
            other => panic!("{other:?}"),
        };
        assert_eq!(word, expected);
    }
    let rig = rig("v1", |_| Err(WireError::Lost("timed out".into())));
    assert!(matches!(rig.perform(&put(draft(), Some("987"))).await, Verdict::RetryLater(_)));
}

#[tokio::test]
async fn the_day_of_a_hold_survives_an_update() {
    let rig = rig("v1", |sent| match path(sent).as_str() {
        "/orders/987" => {
            let mut raw = order_v1(987, "on_hold");
            raw["holdUntilDate"] = json!("2026-03-09T00:00:00.0000000");
            ok(&raw)
        }
        "/orders/holduntil" => ok(&json!({"success": true, "message": "Order held successfully."})),
        _ => all_fine(sent),
    });
    done(rig.perform(&put(draft(), Some("987"))).await);
    let sent = rig.wire.sent();
    assert_eq!(sent[1].json()[0]["orderStatus"], "on_hold");
    assert_eq!(sent[2].json(), json!({"orderId": 987_000_111, "holdUntilDate": "2026-03-09"}));
}

#[tokio::test]
async fn trap_09_tags_go_by_name_and_unknown_ones_are_told() {
    let rig = rig_with(
        "v1",
        |config| {
            config.settings.insert("remove_tags".into(), json!(true));
        },
        |sent| match path(sent).as_str() {
            "/accounts/listtags" => ok(
                &json!([{"tagId": 4121, "name": "Gift  Wrap", "color": "#fff"}, null, {"tagId": 4122, "name": "VIP"}]),
            ),
            "/orders/987" => ok(&order_v1(987, "awaiting_shipment")),
            "/orders/removetag" => ok(&json!({"success": true})),
            _ => all_fine(sent),
        },
    );
    let mut order = draft();
    order.tags = vec!["gift wrap".into(), "Backorder".into()];
    let receipt = done(rig.perform(&put(order.clone(), None)).await);
    assert_eq!(
        receipt.note.as_deref(),
        Some(
            "not known in ShipStation and written into the notes for the team: tag \"Backorder\". Make such tags there once, or add a V2 key, which can"
        )
    );
    assert_eq!(rig.wire.sent()[1].json()[0]["internalNotes"], "VIP\nTags from the store: Backorder");
    assert_eq!(rig.wire.sent()[1].json()[0]["tagIds"], json!([4121]));
    // Known by now: no second list; the tag it no longer has comes off, by setting.
    done(rig.perform(&put(order, Some("987"))).await);
    assert_eq!(rig.log()[2..], ["GET /orders/987", "POST /orders/createorders", "POST /orders/removetag"]);
    assert_eq!(rig.wire.sent()[4].json(), json!({"orderId": 987_000_111, "tagId": 4120}));
}

#[tokio::test]
async fn a_tag_nobody_knows_is_made_with_both_keys_and_asked_for_once() {
    let mut lists = 0;
    let mut rig = rig("both", move |sent| match path(sent).as_str() {
        "/accounts/listtags" => {
            lists += 1;
            let made = json!({"tagId": 4130, "name": "Backorder"});
            ok(&if lists == 1 { json!([]) } else { json!([made]) })
        }
        "/v2/tags/Backorder" => ok(&json!({"name": "Backorder"})),
        "/v2/tags/Refused" => answer(400, &[], "{}"),
        _ => all_fine(sent),
    });
    let mut order = draft();
    order.tags = vec!["Backorder".into(), "Refused".into()];
    done(rig.perform(&put(order.clone(), None)).await);
    assert_eq!(
        rig.log(),
        [
            "GET /accounts/listtags",
            "POST /v2/tags/Backorder",
            "POST /v2/tags/Refused",
            "GET /accounts/listtags",
            "POST /orders/createorders"
        ]
    );
    let sent = rig.wire.sent()[4].json()[0].clone();
    assert_eq!(sent["tagIds"], json!([4130]));
    assert_eq!(sent["internalNotes"], "VIP\nTags from the store: Refused");
    // The refused one is not asked for with every order.
    done(rig.perform(&put(order, None)).await);
    assert_eq!(rig.log()[5..], ["POST /orders/createorders"]);
    // What cannot be made keeps no order back.
    rig = super::rig("both", |sent| match path(sent).as_str() {
        "/accounts/listtags" => ok(&json!([])),
        path if path.starts_with("/v2/tags/") => Err(WireError::Lost("timed out".into())),
        _ => all_fine(sent),
    });
    let mut order = draft();
    order.tags = vec!["Backorder".into()];
    done(rig.perform(&put(order, None)).await);
}

#[tokio::test]
async fn cancelling_with_v2_is_one_call() {
    let rig = rig("both", |_| answer(204, &[], ""));
    done(rig.perform(&cancel("987")).await);
    assert_eq!(rig.log(), ["PUT /v2/shipments/se-987/cancel"]);
}

#[tokio::test]
async fn cancelling_says_what_was_there_before() {
    let refused = json!({"request_id": "r", "errors": [{"error_code": "invalid_status", "message": "No."}]});
    for (status, expected) in [
        ("cancelled", "already"),
        ("shipped", "too late, it was shipped"),
        ("pending_fulfillment", "handed to another provider"),
    ] {
        let refused = refused.clone();
        let rig = rig("both", move |sent| match path(sent).as_str() {
            "/orders/987" => ok(&order_v1(987, status)),
            "/shipments" => ok(&json!({"shipments": [], "total": 0})),
            _ => json(400, &refused),
        });
        match rig.perform(&cancel("987")).await {
            Verdict::AlreadyDone(_) => assert_eq!(expected, "already"),
            Verdict::NeedsPerson(refusal) => {
                assert_eq!(refusal.cause, Cause::HubLocked);
                assert!(refusal.sentence.contains(expected), "{}", refusal.sentence);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn v1_cancels_by_sending_everything_back() {
    for way in ["v1", "both"] {
        // With both, V2 refuses for no reason we know: V1's way is left.
        let rig = rig(way, |sent| match path(sent).as_str() {
            "/orders/987" => ok(&order_v1(987, "awaiting_shipment")),
            "/orders/createorders" => all_fine(sent),
            _ => json(400, &json!({"errors": [{"error_code": "unspecified", "message": "Cannot do that"}]})),
        });
        done(rig.perform(&cancel("987")).await);
        let last = rig.wire.sent().pop().unwrap();
        let body = last.json();
        assert_eq!(
            (&body[0]["orderStatus"], &body[0]["orderId"], &body[0]["carrierCode"]),
            (&json!("cancelled"), &json!(987), &json!("dhl_paket"))
        );
    }
    let rig = rig("v1", |_| ok(&order_v1(987, "cancelled")));
    assert!(matches!(rig.perform(&cancel("987")).await, Verdict::AlreadyDone(_)));
    assert_eq!(rig.wire.sent().len(), 1);
}

#[tokio::test]
async fn a_hold_is_sent_before_anything_is_looked_at() {
    let rig = rig("both", |_| ok(&json!({"success": true, "message": "Order held successfully."})));
    done(rig.perform(&hold("987", "2026-03-09")).await);
    assert_eq!(rig.log(), ["POST /orders/holduntil"]);
    assert_eq!(rig.wire.sent()[0].json(), json!({"orderId": 987, "holdUntilDate": "2026-03-09"}));
}

#[tokio::test]
async fn a_refused_hold_is_explained_by_the_order() {
    for (status, until, expected) in [
        ("on_hold", json!("2026-03-09"), "already"),
        ("shipped", Value::Null, "HubLocked"),
        ("awaiting_shipment", Value::Null, "ContentRefused"),
    ] {
        for refusal in [200, 400] {
            let until = until.clone();
            let rig = rig("v1", move |sent| match path(sent).as_str() {
                "/orders/987" => {
                    let mut raw = order_v1(987, status);
                    raw["holdUntilDate"] = until.clone();
                    ok(&raw)
                }
                "/shipments" => ok(&json!({"shipments": [], "total": 0})),
                _ => json(refusal, &json!({"success": false, "message": "Order could not be held."})),
            });
            let word = match rig.perform(&hold("987", "2026-03-09")).await {
                Verdict::AlreadyDone(_) => "already".to_owned(),
                Verdict::NeedsPerson(refusal) => format!("{:?}", refusal.cause),
                other => panic!("{other:?}"),
            };
            assert_eq!(word, expected, "{status} {refusal}");
        }
    }
}

#[tokio::test]
async fn releasing_depends_on_the_kind_of_hold() {
    for (status, until, log) in [
        ("awaiting_shipment", Value::Null, vec!["GET /orders/987"]),
        ("on_hold", json!("2026-03-09"), vec!["GET /orders/987", "POST /orders/restorefromhold"]),
        ("on_hold", Value::Null, vec!["GET /orders/987", "POST /orders/createorders"]),
    ] {
        let rig = rig("v1", move |sent| match path(sent).as_str() {
            "/orders/987" => {
                let mut raw = order_v1(987, status);
                raw["holdUntilDate"] = until.clone();
                ok(&raw)
            }
            "/orders/createorders" => all_fine(sent),
            _ => ok(&json!({"success": true, "message": "The requested order has been restored"})),
        });
        let verdict = rig.perform(&release("987")).await;
        assert!(matches!(verdict, Verdict::Done(_) | Verdict::AlreadyDone(_)), "{verdict:?}");
        assert_eq!(rig.log(), log);
    }
    let rig = rig("v1", |sent| if path(sent) == "/shipments" { ok(&json!([])) } else { ok(&order_v1(987, "shipped")) });
    assert_eq!(person(rig.perform(&release("987")).await).cause, Cause::HubLocked);
}

#[tokio::test]
async fn voids_are_believed_only_when_approved() {
    for (way, log) in [("both", "PUT /v2/labels/se-456/void"), ("v1", "POST /shipments/voidlabel")] {
        for (body, expected) in [
            (json!({"approved": true, "message": "Label voided successfully"}), "done"),
            (
                json!({"approved": false, "message": "Too old.", "reason_code": "label_not_found_within_void_period"}),
                "HubLocked",
            ),
            (json!({"approved": false, "message": "?", "reason_code": "label_already_voided"}), "already"),
            (json!({"approved": false, "message": "This label has already been voided."}), "already"),
        ] {
            let rig = rig(way, move |_| ok(&body));
            let word = match rig.perform(&void("label:456")).await {
                Verdict::Done(_) => "done".to_owned(),
                Verdict::AlreadyDone(_) => "already".to_owned(),
                Verdict::NeedsPerson(refusal) => format!("{:?}", refusal.cause),
                other => panic!("{other:?}"),
            };
            assert_eq!((word.as_str(), rig.log()), (expected, vec![log.to_owned()]));
        }
    }
    let rig = rig("v1", |_| panic!("nothing to send"));
    assert!(person(rig.perform(&void("external:9")).await).sentence.contains("marked as shipped"));
}

#[tokio::test]
async fn every_write_fails_the_same_honest_way() {
    let writes = [put(draft(), None), cancel("987"), hold("987", "2026-03-09"), void("label:456")];
    for intent in &writes {
        for (status, expected) in
            [(401, "sign in"), (402, "AccountBlocked"), (403, "ScopeMissing"), (500, "lost"), (503, "lost")]
        {
            let rig = rig("both", move |_| answer(status, &[], ""));
            let word = match rig.perform(intent).await {
                Verdict::SignInAgain(_) => "sign in".to_owned(),
                Verdict::AnswerLost(_) => "lost".to_owned(),
                Verdict::NeedsPerson(refusal) => format!("{:?}", refusal.cause),
                other => panic!("{other:?}"),
            };
            assert_eq!(word, expected, "{intent:?} {status}");
        }
        let rig = rig("both", |_| Err(WireError::Lost("timed out".into())));
        assert!(matches!(rig.perform(intent).await, Verdict::AnswerLost(_)), "{intent:?}");
        let rig = super::rig("both", |_| Err(WireError::NotSent("no route".into())));
        assert!(matches!(rig.perform(intent).await, Verdict::RetryLater(_)), "{intent:?}");
        let rig = super::rig("both", |_| {
            answer(429, &[("x-rate-limit-reset", "9"), ("retry-after", "9")], r#"{"message":"Too Many Requests"}"#)
        });
        assert!(
            matches!(rig.perform(intent).await, Verdict::WaitUntil { at_ms, .. } if at_ms == NOW_MS + 9_000),
            "{intent:?}"
        );
    }
}

#[tokio::test]
async fn a_stores_effects_are_not_shipstations() {
    let rig = rig("both", |_| panic!("nothing to send"));
    let intent = Intent::CancelFulfillment { order_remote_id: "1".into(), fulfillment_id: "2".into() };
    assert_eq!(person(rig.perform(&intent).await).cause, Cause::NotUnderstood);
}

#[tokio::test]
async fn a_split_order_is_not_made_whole_again() {
    let divided = |quantity: i64| {
        let mut raw = order_v1(987, "awaiting_shipment");
        raw["advancedOptions"]["mergedOrSplit"] = json!(true);
        raw["items"][0]["quantity"] = json!(quantity);
        raw
    };
    // One mug of two went to another part.
    let rig = rig("v1", move |_| ok(&divided(1)));
    let refusal = person(rig.perform(&put(draft(), Some("987"))).await);
    assert!(refusal.sentence.contains("split or merged in ShipStation"), "{}", refusal.sentence);
    assert_eq!(rig.log(), ["GET /orders/987"]);
    // The same lines under another address are no harm.
    let rig = super::rig("v1", move |sent| if sent.method == "GET" { ok(&divided(2)) } else { all_fine(sent) });
    done(rig.perform(&put(draft(), Some("987"))).await);
}
