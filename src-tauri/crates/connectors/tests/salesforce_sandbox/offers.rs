//! Opportunities that milestones of customers ask for: made once, at an open stage, and then people's.

use super::keeping::{jane, noun, put, rows, task};
use super::*;
use quayside_connectors::Task;
use quayside_model::{CUSTOMER_FACT, Confirmation, Verdict};

pub(super) fn offer(key: &str, value: f64, currency: &str) -> Intent {
    noun(
        RecordNoun::Offer,
        key,
        &[
            ("title", json!("A customer has reached 10 orders")),
            ("text", json!("With #10. Offer a renewal.")),
            ("due", json!("2027-01-04")),
            ("order", json!("#10")),
            ("value", json!(value)),
            ("currency", json!(currency)),
            (CUSTOMER_FACT, json!("customer-1")),
        ],
    )
}

fn ready() -> World {
    let world = quiet();
    settings(&world, &[("offer_stage", "Prospecting"), ("task_owner", "0055Q000001HEIRAA0")]);
    world
}

#[tokio::test]
async fn an_opportunity_is_made_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || (ready(), offer("customer-1/orders-10", 35.5, "USD")),
        count: |ledger| of_object(ledger, "record_created", "Opportunity"),
        expected: 1,
        patience_ms: HOUR_MS,
    })
    .await;
}

#[tokio::test]
async fn it_hangs_on_the_customer_with_stage_day_amount_and_owner() {
    let owner = "0055Q000001AAAAAA0";
    for (currency, amount) in [("USD", Some(35.5)), ("EUR", None)] {
        let world = ready();
        assert!(matches!(put(&world, &jane("customer-1")).await, Verdict::Done(_)));
        let account = org(&world, |org, moment| {
            let account = org.state().of("Account").next().unwrap().id.clone();
            org.state_mut().put("Account", Some(account.clone()), &json!({ "OwnerId": owner }), moment.now_ms);
            account
        });
        assert!(matches!(put(&world, &offer("customer-1/orders-10", 35.5, currency)).await, Verdict::Done(_)));
        let fields = ["Name", "StageName", "CloseDate", "AccountId", "OwnerId", "Quayside_Order_Id__c"];
        assert_eq!(
            rows(&world, "Opportunity", &fields),
            [[
                "A customer has reached 10 orders",
                "Prospecting",
                "2027-01-04",
                account.as_str(),
                owner,
                "customer-1/orders-10"
            ]]
        );
        let (id, text) = org(&world, |org, _| {
            let id = org.state().of("Opportunity").next().unwrap().id.clone();
            (id.clone(), org.state().text(&id, "Description"))
        });
        let shown = org(&world, |org, _| org.state().value(&id, "Amount"));
        assert_eq!(shown.as_f64(), amount, "{currency}: an amount in another currency is no amount");
        assert!(text.contains("Offer a renewal.") && text.contains(&format!("Value: 35.5 {currency}")), "{text}");
    }
}

/// Another computer, or the same a month later: what people made of it is theirs.
#[tokio::test]
async fn one_that_people_moved_on_is_never_taken_back() {
    let world = ready();
    let intent = offer("customer-1/orders-10", 35.5, "USD");
    assert!(matches!(put(&world, &intent).await, Verdict::Done(_)));
    let id = org(&world, |org, moment| {
        let id = org.state().of("Opportunity").next().unwrap().id.clone();
        org.set_stage(&id, "Negotiation", moment);
        id
    });
    let changes = || world.applied(|ledger| of_object(ledger, "record_updated", "Opportunity"));
    let before = changes();
    assert!(
        matches!(put(&world, &intent).await, Verdict::AlreadyDone(receipt) if receipt.remote_id == Some(id.clone()))
    );
    assert_eq!((changes(), org(&world, |org, _| org.state().text(&id, "StageName"))), (before, "Negotiation".into()));
    let lost = Task { first_sent_at_ms: Some(NOW_MS), last_sent_at_ms: Some(NOW_MS), ..task("k", &intent) };
    assert!(matches!(world.open().confirm(&lost).await, Confirmation::Holds(_)));
}

/// A won one would be an order at once, and a lost one is no chance: nothing is made before a person chose.
#[tokio::test]
async fn it_begins_at_an_open_stage_or_not_at_all() {
    for (stage, word) in [
        ("", "No stage is chosen"),
        ("Closed Won", "none of the open ones"),
        ("Closed Lost", "none of the open ones"),
        ("Gone", "Choose Prospecting or Negotiation"),
    ] {
        let world = quiet();
        settings(&world, &[("offer_stage", stage)]);
        match put(&world, &offer("customer-1/orders-10", 35.5, "USD")).await {
            Verdict::NeedsPerson(refusal) => assert!(refusal.sentence.contains(word), "{stage}: {refusal}"),
            other => panic!("{stage}: {other:?}"),
        }
        assert_eq!(rows(&world, "Opportunity", &["Id"]), Vec::<Vec<String>>::new(), "{stage}");
    }
}

/// An org in which nobody wants them lacks nothing; where somebody does, the missing id is named.
#[tokio::test]
async fn the_id_is_missed_only_where_it_is_needed() {
    for (stage, missed) in [("", false), ("Prospecting", true)] {
        let world = quiet_with(|plan| plan.hidden.push("Opportunity.Quayside_Order_Id__c".into()));
        settings(&world, &[("offer_stage", stage)]);
        let preflight = world.open().preflight().await;
        let said = preflight.checks.iter().any(|check| check.detail.contains("Opportunity.Quayside_Order_Id__c"));
        assert_eq!(said, missed, "{stage}: {:?}", preflight.checks);
    }
}
