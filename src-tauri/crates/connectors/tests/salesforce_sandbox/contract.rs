//! Every request this connector can send is one the description of Salesforce's API has, and every answer of the
//! stand-in too; what travels inside a composite call is held against the same description.
//!
//! Needs the description; says so when it is not there.

use super::common::Talk;
use super::contract::Contract;
use super::traps::{browser, signed_in};
use super::*;
use quayside_sandbox::StandIn as _;
use quayside_sandbox::salesforce::Rule;
use serde_json::Value;

/// Operations the connector uses, each of which must have been seen.
const USED: &[&str] = &[
    "token",
    "listVersions",
    "describe",
    "describeGlobal",
    "queryAll",
    "composite",
    "updateRecord",
    "upsertByExternalId",
    "getByExternalId",
    "collectionsUpsert",
    "collectionsCreate",
    "collectionsUpdate",
    "ingestCreate",
    "ingestUpload",
    "ingestSetState",
    "ingestGet",
    "ingestSuccessful",
    "ingestFailed",
    "ingestUnprocessed",
    "ingestDelete",
    "picklistValuesByRecordType",
];

/// All a day brings, with its refusals.
async fn everything() -> Vec<Talk> {
    let mut all = Vec::new();
    // Parcels as tasks, and fields of the opportunity.
    let world = quiet();
    settings(
        &world,
        &[
            ("tracking_field", "Tracking_Number__c"),
            ("status_field", "Shipping_Status__c"),
            ("cancel_stage", "Closed Lost"),
            ("cancel_reason_field", "Lost_Reason__c"),
        ],
    );
    let orders: Vec<String> = (0..4).map(|_| place(&world, &[("MUG", 2), ("PLATE", 1)])).collect();
    world.open().preflight().await;
    world.open().described(&BTreeMap::new(), Priority::Person).await.unwrap();
    for stream in ["orders", "parcels", "fields", "recent_orders"] {
        read_to_end(&world, stream, &mut None, NOW_MS - DAY_MS).await;
    }
    let lines = lines_of(&world, &orders[0]);
    assert_eq!(run(&world, &fulfill(&orders[0], &lines, "1Z1"), HOUR_MS, None).await, Outcome::Holds);
    let parcel = read_order(&world, &orders[0]).await.fulfillments[0].remote_id.clone();
    let tracking = Tracking { numbers: vec!["1Z9".into()], ..Tracking::default() };
    let replace = Intent::ReplaceTracking {
        order_remote_id: orders[0].clone(),
        fulfillment_id: parcel.clone(),
        tracking,
        notify_customer: false,
    };
    let back = Intent::CancelFulfillment { order_remote_id: orders[0].clone(), fulfillment_id: parcel };
    let cancel = Intent::CancelChannelOrder {
        order_remote_id: orders[1].clone(),
        reason: "inventory".into(),
        restock: true,
        refund: false,
        notify_customer: false,
        staff_note: "sold out".into(),
    };
    for (key, intent) in [("b", replace), ("c", back), ("d", cancel)] {
        assert_eq!(world.run_with_key(key, &intent).await, Outcome::Holds, "{intent:?}");
    }
    // Records: one, one again, one that is refused, a few, and more than one collection holds.
    let contact = |n: usize| {
        let fields = [("LastName", "\"Sitwell\"".to_owned()), ("Email", format!("\"c{n}@mail.example\""))];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        put_record("Contact", "Quayside_Contact_Id__c", &format!("c{n}"), &fields)
    };
    for (key, intent) in [("e", contact(0)), ("f", contact(0))] {
        assert_eq!(world.run_with_key(key, &intent).await, Outcome::Holds);
    }
    let nameless = put_record("Contact", "Quayside_Contact_Id__c", "bad", &[("Email", "\"x@mail.example\"")]);
    assert!(matches!(world.run_with_key("g", &nameless).await, Outcome::Person(_)));
    let connector = world.open();
    for count in [3, 450] {
        let intents: Vec<Intent> = (0..count).map(contact).collect();
        let tasks: Vec<_> = intents
            .iter()
            .map(|intent| quayside_connectors::Task {
                key: "many",
                intent,
                first_sent_at_ms: None,
                last_sent_at_ms: None,
                ticket: None,
                priority: Priority::Write,
            })
            .collect();
        connector.perform(&tasks).await;
    }
    let lost = quayside_connectors::Task {
        key: "e",
        intent: &contact(0),
        first_sent_at_ms: Some(NOW_MS),
        last_sent_at_ms: Some(NOW_MS),
        ticket: None,
        priority: Priority::Write,
    };
    connector.confirm(&lost).await;
    // A session that ended, a lock, a rule, an id that two records carry.
    org(&world, |org, _| org.expire_tokens());
    read_order(&world, &orders[2]).await;
    org(&world, |org, moment| {
        org.plan_mut().locks.insert("Task".into(), 1);
        org.plan_mut().rules.push(Rule {
            object: "Opportunity".into(),
            when: "Tracking_Number__c".into(),
            needs: "Carrier__c".into(),
            message: "Tell the carrier.".into(),
        });
        for name in ["A", "B"] {
            let fields = json!({ "Name": name, "Quayside_Customer_Id__c": "shop:1" });
            org.state_mut().put("Account", None, &fields, moment.now_ms);
        }
    });
    let lines = lines_of(&world, &orders[2]);
    world.run_with_key("h", &fulfill(&orders[2], &lines, "1Z2")).await;
    world.run_with_key("i", &put_record("Account", "Quayside_Customer_Id__c", "shop:1", &[("Name", "\"C\"")])).await;
    all.extend(world.talk());
    // Parcels as records of an object of the org's own.
    let world = quiet();
    own_object(&world);
    let order = place(&world, &[("MUG", 2)]);
    let lines = lines_of(&world, &order);
    assert_eq!(run(&world, &fulfill(&order, &lines, "1Z1"), HOUR_MS, None).await, Outcome::Holds);
    all.extend(world.talk());
    // An opportunity that is made, a case that a rule gives to somebody, a stage that moves on.
    let world = quiet();
    settings(&world, &[("offer_stage", "Prospecting"), ("case_rule", "active"), ("shipped_stage", "Delivered")]);
    assert_eq!(world.run_with_key("o", &offers::offer("customer-1/orders-10", 35.5, "USD")).await, Outcome::Holds);
    let case = keeping::noun(RecordNoun::Problem, "shop-1/delayed", &[("title", json!("#1 is late"))]);
    assert_eq!(world.run_with_key("r", &case).await, Outcome::Holds);
    let order = place(&world, &[("MUG", 2)]);
    let lines = lines_of(&world, &order);
    assert_eq!(run(&world, &fulfill(&order, &lines, "1Z1"), HOUR_MS, None).await, Outcome::Holds);
    all.extend(world.talk());
    // People who are accounts, and lists that record types narrow.
    let world = quiet();
    org(&world, |org, _| org.allow_person_accounts());
    settings(&world, &[("people", "person")]);
    assert_eq!(world.run_with_key("p", &keeping::jane("customer-1")).await, Outcome::Holds);
    all.extend(world.talk());
    // Somebody who may be known, and is chosen.
    let world = quiet();
    let known = json!({ "FirstName": "Jane", "LastName": "Roe", "MailingPostalCode": "20457" });
    let known = org(&world, |org, moment| org.state_mut().put("Contact", None, &known, moment.now_ms));
    assert!(matches!(world.run_with_key("r", &keeping::jane("customer-1")).await, Outcome::Person(_)));
    let chosen = keeping::chosen("customer-1", &quayside_model::Meant::This(known));
    assert_eq!(world.run_with_key("s", &chosen).await, Outcome::Holds);
    all.extend(world.talk());
    let world = decisions::narrowed();
    let case = put_record("Case", "Quayside_Exception_Id__c", "a", &[("Problem__c", "\"Lost\"")]);
    assert!(matches!(world.run_with_key("q", &case).await, Outcome::Person(_)));
    all.extend(world.talk());
    // Thousands of records as one job.
    let world = quiet();
    keeping::by_job(&world, &keeping::thousands(), false).await;
    all.extend(world.talk());
    // A person signs in, and the sign-in renews itself.
    let world = quiet();
    let secrets = signed_in(&world, "http://localhost:17817/oauth/salesforce").await.unwrap();
    let connector = browser(&world, &secrets);
    connector.preflight().await;
    world.clock.advance(3 * HOUR_MS);
    for _ in 0..2 {
        let _ = connector.read_one(RecordKind::Order, &"0065Q0000000001AAA"[..18], Priority::Person).await;
        world.keep(connector.as_ref());
    }
    all.extend(world.talk());
    all
}

/// What a composite call carries, as exchanges of their own.
fn inside(talk: &Talk) -> Vec<Talk> {
    let body: Value = serde_json::from_slice(&talk.body).unwrap_or_default();
    let answer: Value = serde_json::from_slice(&talk.answer).unwrap_or_default();
    let mut found = Vec::new();
    for (i, part) in body["compositeRequest"].as_array().into_iter().flatten().enumerate() {
        let mut headers = http::HeaderMap::new();
        for (name, value) in part["httpHeaders"].as_object().into_iter().flatten() {
            let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.insert(name, value.as_str().unwrap().parse().unwrap());
        }
        headers.insert("content-type", "application/json".parse().unwrap());
        let said = &answer["compositeResponse"][i];
        let text = |value: &Value| if value.is_null() { Vec::new() } else { value.to_string().into_bytes() };
        found.push(Talk {
            method: part["method"].as_str().unwrap().to_owned(),
            url: format!("https://harbour-trade.my.salesforce.com{}", part["url"].as_str().unwrap()),
            headers,
            body: text(&part["body"]),
            status: said["httpStatusCode"].as_u64().unwrap_or(0) as u16,
            answer: text(&said["body"]),
        });
    }
    found
}

#[tokio::test]
async fn every_request_and_every_answer_is_as_the_description_says() {
    let Some(contract) = Contract::read("salesforce", "") else { return };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut problems = BTreeSet::new();
    for talk in everything().await {
        let parts = inside(&talk);
        for exchange in std::iter::once(talk).chain(parts) {
            let (name, said) = contract.check(&exchange);
            *seen.entry(name).or_default() += 1;
            problems.extend(said);
        }
    }
    let problems: Vec<String> = problems.into_iter().take(30).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    for operation in USED {
        assert!(seen.contains_key(*operation), "{operation} was never used: {seen:?}");
    }
}
