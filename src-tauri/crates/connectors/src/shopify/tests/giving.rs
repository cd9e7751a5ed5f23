//! Money, facts and returns: what exactly is sent, and what is made of refusals.

use super::*;
use quayside_model::{Cause, Confirmation, Currency, Money, RefundDraft, RefundLineDraft};

const ORDER: &str = "gid://shopify/Order/1";

fn refund() -> Intent {
    Intent::Refund {
        refund: RefundDraft {
            order_remote_id: ORDER.into(),
            lines: vec![RefundLineDraft { order_line_id: "a".into(), quantity: 1, restock: false }],
            shipping_minor: 0,
            total_minor: 1_500,
            currency: Currency::new("EUR"),
            reason: "return".into(),
            note: String::new(),
            notify_customer: true,
            known_refund_ids: vec![],
        },
    }
}

fn bag(minor: i64) -> Value {
    let money =
        json!({ "amount": Money::new(minor, Currency::new("EUR")).decimal().to_string(), "currencyCode": "EUR" });
    json!({ "shopMoney": money, "presentmentMoney": money })
}

/// What the store suggests for the mug, and the notes of the refunds it has.
fn suggestion(notes: &[&str]) -> Value {
    let refunds: Vec<Value> = notes
        .iter()
        .map(|note| json!({ "id": "r1", "note": note, "transactions": { "nodes": [{ "id": "t", "status": "SUCCESS" }] } }))
        .collect();
    let pay = json!([{ "gateway": "card", "amountSet": bag(1_500), "maximumRefundableSet": bag(3_000),
        "parentTransaction": { "id": "p1", "gateway": "card", "manualPaymentGateway": false } }]);
    json!({ "order": { "id": ORDER, "name": "#1001", "currencyCode": "EUR", "presentmentCurrencyCode": "EUR", "refunds": refunds,
        "suggestedRefund": { "amountSet": bag(1_500), "totalTaxSet": bag(239), "shipping": { "amountSet": bag(0) },
            "refundLineItems": [{ "quantity": 1, "lineItem": { "id": "a", "refundableQuantity": 2, "unfulfilledQuantity": 0 }, "location": null }],
            "suggestedTransactions": pay },
        "whole": { "suggestedTransactions": pay } } })
}

fn made(status: &str) -> Reply {
    let refund = json!({ "id": "r9", "transactions": { "nodes": [{ "id": "t", "status": status }] } });
    data(&json!({ "refundCreate": { "refund": refund, "userErrors": [] } }))
}

fn refused(message: &str) -> Reply {
    let errors = json!([{ "field": ["input"], "message": message }]);
    data(&json!({ "refundCreate": { "refund": null, "userErrors": errors } }))
}

/// The verdict in short, and the variables of each refund that was sent.
async fn sent(replies: Vec<Reply>) -> (String, Vec<Value>) {
    let script = Script::new(replies);
    let verdict = shopify(script.clone()).perform(&[task(&refund())]).await.remove(0);
    let all = script.sent();
    let made = all.iter().filter(|one| operation(one) == "CreateRefund").map(|one| one.json()["variables"].clone());
    let said = match verdict {
        Verdict::Done(receipt) => format!("done {}", receipt.note.unwrap_or_default()),
        Verdict::AlreadyDone(_) => "already".into(),
        Verdict::AnswerLost(_) => "lost".into(),
        Verdict::RetryLater(_) => "later".into(),
        Verdict::NeedsPerson(refusal) => format!("person {}: {}", refusal.cause.code(), refusal.sentence),
        other => format!("{other:?}"),
    };
    (said.trim().to_owned(), made.collect())
}

/// The note a refund of ours has.
async fn our_note() -> String {
    let (said, inputs) = sent(vec![data(&suggestion(&[])), made("SUCCESS")]).await;
    assert_eq!(said, "done");
    inputs[0]["input"]["note"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_refund_is_looked_for_before_it_is_sent() {
    let note = our_note().await;
    assert!(note.starts_with("Goods came back (Quayside "), "{note}");
    let (said, inputs) = sent(vec![data(&suggestion(&["Damaged", &note]))]).await;
    assert_eq!((said.as_str(), inputs.len()), ("already", 0));
    // Nothing is left to suggest: perhaps because it was this one.
    let mut nothing = suggestion(&[]);
    nothing["order"]["suggestedRefund"] = Value::Null;
    for (notes, expected) in [(vec![note.as_str()], "already"), (vec![], "person content_refused")] {
        let (said, inputs) = sent(vec![data(&nothing), data(&suggestion(&notes))]).await;
        assert!(said.starts_with(expected) && inputs.is_empty(), "{said}");
    }
    let confirm = async |answer: Value| shopify(Script::new([data(&answer)])).confirm(&task(&refund())).await;
    assert!(
        matches!(confirm(suggestion(&[&note])).await, Confirmation::Holds(receipt) if receipt.remote_id.as_deref() == Some("r1"))
    );
    assert_eq!(confirm(suggestion(&["Damaged"])).await, Confirmation::Absent);
    assert!(matches!(confirm(json!({ "order": null })).await, Confirmation::Overtaken(_)));
}

#[tokio::test]
async fn each_refusal_of_a_refund_has_its_meaning() {
    for (message, expected) in [
        ("The same idempotency key is used by a concurrent request.", "lost"),
        ("The same idempotency key was used with different parameters.", "person outcome_unknown"),
        ("Refund amount exceeds the amount that can be refunded", "person content_refused"),
        ("Quantity cannot refund more items than were purchased", "person content_refused"),
        ("Location must be given to restock the line item", "person content_refused"),
        ("User does not have permission to refund", "person scope_missing"),
        ("The moon is full", "person content_refused"),
    ] {
        let (said, inputs) = sent(vec![data(&suggestion(&[])), refused(message)]).await;
        assert!(said.starts_with(expected) && inputs.len() == 1, "{message}: {said}");
    }
    for (status, expected) in [
        ("SUCCESS", "done"),
        ("PENDING", "done the payment service has not confirmed it yet"),
        ("FAILURE", "person content_refused"),
        ("ERROR", "person content_refused"),
    ] {
        let (said, _) = sent(vec![data(&suggestion(&[])), made(status)]).await;
        assert!(said.starts_with(expected), "{status}: {said}");
    }
    let (said, _) = sent(vec![data(&suggestion(&[])), data(&json!({ "refundCreate": null }))]).await;
    assert_eq!(said, "lost");
}

/// The store never takes a name again under which it refused something; the refund itself stays the same.
#[tokio::test]
async fn a_refund_refused_before_goes_by_its_next_name() {
    let again = "The previous attempt with this idempotency key failed. Use a new key.";
    let (said, inputs) = sent(vec![data(&suggestion(&[])), refused(again), made("SUCCESS")]).await;
    assert_eq!((said.as_str(), inputs.len()), ("done", 2));
    assert_ne!(inputs[0]["key"], inputs[1]["key"]);
    assert_eq!(inputs[0]["input"], inputs[1]["input"]);
    let mut replies = vec![data(&suggestion(&[]))];
    replies.extend((0..5).map(|_| refused(again)));
    let (said, inputs) = sent(replies).await;
    assert!(said.starts_with("person content_refused") && said.contains("again and again"), "{said}");
    assert_eq!(inputs.len(), 5);
}

#[tokio::test]
async fn a_fact_that_is_refused_says_what_to_mend() {
    let intent = Intent::AnnotateOrder {
        order_remote_id: ORDER.into(),
        fields: vec![("carrier/1Z".into(), "UPS".into())],
        note: String::new(),
        tags: vec![],
    };
    let order = data(
        &json!({ "order": { "id": ORDER, "name": "#1001", "note": null, "tags": [], "metafields": { "nodes": [] } } }),
    );
    for (code, expected) in [
        ("INVALID_TYPE", Some(Cause::ContentRefused)),
        ("APP_NOT_AUTHORIZED", Some(Cause::ScopeMissing)),
        ("INTERNAL_ERROR", None),
    ] {
        let errors = json!([{ "code": code, "field": ["metafields"], "message": "no" }]);
        let answer = data(&json!({ "metafieldsSet": { "metafields": null, "userErrors": errors } }));
        let script = Script::new([copy(&order), answer]);
        let verdict = shopify(script.clone()).perform(&[task(&intent)]).await.remove(0);
        let cause = if let Verdict::NeedsPerson(refusal) = &verdict { Some(refusal.cause) } else { None };
        assert_eq!(cause, expected, "{code}: {verdict:?}");
        assert!(expected.is_some() || matches!(verdict, Verdict::AnswerLost(_)), "{verdict:?}");
        assert_eq!(operations(&script), ["OrderMarks", "SetMetafields"]);
    }
    let gone = Script::new([data(&json!({ "order": null }))]);
    assert!(matches!(shopify(gone).perform(&[task(&intent)]).await.remove(0), Verdict::NeedsPerson(_)));
}

fn copy(reply: &Reply) -> Reply {
    let response = reply.as_ref().unwrap();
    json(200, &serde_json::from_slice(response.body()).unwrap())
}
