//! Records in words of the trade against the org: customers, shipments, tasks, cases, and jobs of thousands of rows.

use super::*;
use quayside_connectors::{Connector, Task};
use quayside_model::{
    CUSTOMER_FACT, Confirmation, CustomerDoubt, DEAL_FACT, MatchKey, Meant, ORDER_FACT, RecordNoun, Refusal, Verdict,
    Written,
};
use serde_json::Value;

pub(super) fn noun(noun: RecordNoun, key: &str, facts: &[(&str, Value)]) -> Intent {
    Intent::PutRecord {
        record: RecordDraft {
            noun,
            object: String::new(),
            external_id_field: String::new(),
            external_id: key.into(),
            fields: facts.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect(),
        },
    }
}

pub(super) fn jane(key: &str) -> Intent {
    noun(
        RecordNoun::Customer,
        key,
        &[
            ("name", json!("Jane Roe")),
            ("company", Value::Null),
            ("email", json!("jane@mail.example")),
            ("phone", json!("+49 40 1")),
            ("street", json!("Am Kai 1")),
            ("city", json!("Hamburg")),
            ("postcode", json!("20457")),
            ("country", json!("DE")),
        ],
    )
}

pub(super) fn task<'a>(key: &'a str, intent: &'a Intent) -> Task<'a> {
    Task { key, intent, first_sent_at_ms: None, last_sent_at_ms: None, ticket: None, priority: Priority::Write }
}

pub(super) async fn put(world: &World, intent: &Intent) -> Verdict {
    world.open().perform(&[task("k", intent)]).await.remove(0)
}

fn refusal(verdict: Verdict) -> Refusal {
    match verdict {
        Verdict::NeedsPerson(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

/// Records of an object, by these fields.
pub(super) fn rows(world: &World, object: &str, fields: &[&str]) -> Vec<Vec<String>> {
    org(world, |org, _| {
        let state = org.state();
        let ids: Vec<String> = state.of(object).map(|record| record.id.clone()).collect();
        ids.iter().map(|id| fields.iter().map(|field| state.text(id, field)).collect()).collect()
    })
}

#[tokio::test]
async fn a_customer_is_written_exactly_once_whatever_happens() {
    for object in ["Contact", "Account"] {
        check_effect(&EffectCase {
            make: || (quiet(), jane("customer-1")),
            count: if object == "Contact" {
                |ledger| of_object(ledger, "record_created", "Contact")
            } else {
                |ledger| of_object(ledger, "record_created", "Account")
            },
            expected: 1,
            patience_ms: HOUR_MS,
        })
        .await;
    }
}

#[tokio::test]
async fn a_task_is_written_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let facts = [("title", json!("#1 was delivered")), ("due", json!("2026-11-25"))];
            (quiet(), noun(RecordNoun::FollowUp, "shop-1/delivered", &facts))
        },
        count: |ledger| of_object(ledger, "record_created", "Task"),
        expected: 1,
        patience_ms: HOUR_MS,
    })
    .await;
}

#[tokio::test]
async fn a_new_customer_is_a_contact_under_an_account() {
    let world = quiet();
    let connector = world.open();
    let verdict = connector.perform(&[task("k", &jane("customer-1"))]).await.remove(0);
    assert!(matches!(verdict, Verdict::Done(_)), "{verdict:?}");
    let written = connector.written();
    assert!(matches!(&written[..], [one] if one.customer == "customer-1"), "{written:?}");
    // A later order of hers, from elsewhere: the same two records, where the desk remembers that it wrote them.
    assert!(matches!(put(&world, &moved("Am Kai 2", None)).await, Verdict::AlreadyDone(_)));
    assert_eq!(rows(&world, "Contact", &["MailingStreet"]), [["Am Kai 1"]]);
    let change = moved("Am Kai 2", written.first());
    assert!(matches!(world.open().confirm(&task("k", &change)).await, Confirmation::Absent), "lost on its way");
    assert!(matches!(put(&world, &change).await, Verdict::Done(_)));
    assert!(matches!(world.open().confirm(&task("k", &change)).await, Confirmation::Holds(_)), "only its answer");
    let accounts = rows(&world, "Account", &["Name", "ShippingStreet", "Quayside_Customer_Id__c"]);
    assert_eq!(accounts, [["Jane Roe", "Am Kai 2", "customer-1"]]);
    let contacts =
        rows(&world, "Contact", &["FirstName", "LastName", "Email", "MailingStreet", "Quayside_Contact_Id__c"]);
    assert_eq!(contacts, [["Jane", "Roe", "jane@mail.example", "Am Kai 2", "customer-1"]]);
    let account = rows(&world, "Contact", &["AccountId"])[0][0].clone();
    assert!(!account.is_empty() && org(&world, |org, _| org.state().text(&account, "Name")) == "Jane Roe");
}

/// Jane at another address, with what was written of her.
fn moved(street: &str, written: Option<&Written>) -> Intent {
    let Intent::PutRecord { mut record } = jane("customer-1") else { unreachable!() };
    for (name, text) in &mut record.fields {
        if name == "street" {
            *text = json!(street).to_string();
        }
    }
    record.fields.extend(written.map(Written::fact));
    Intent::PutRecord { record }
}

/// The second order of somebody meets a contact with our id, whoever made it.
#[tokio::test]
async fn what_people_wrote_stays_at_every_order() {
    let world = quiet();
    let id = there(&world, &json!({ "LastName": "Roe", "Email": "jane@mail.example", "Phone": "her own" }));
    let connector = world.open();
    let verdict = connector.perform(&[task("k", &jane("customer-1"))]).await.remove(0);
    assert!(matches!(verdict, Verdict::Done(_)), "{verdict:?}");
    let mut written = connector.written();
    let shown = || rows(&world, "Contact", &["Phone", "MailingStreet"]);
    assert_eq!(shown(), [["her own", "Am Kai 1"]]);
    // What we filled in follows; what was there does not.
    let verdict = connector.perform(&[task("k2", &moved("Am Kai 2", written.first()))]).await.remove(0);
    assert!(matches!(verdict, Verdict::Done(_)), "{verdict:?}");
    assert_eq!(shown(), [["her own", "Am Kai 2"]]);
    for new in connector.written() {
        written[0].fields.extend(new.fields);
    }
    // A colleague mends it: it is theirs from then on.
    let mended = json!({ "MailingStreet": "Am Kai 2a" });
    org(&world, |org, moment| org.state_mut().put("Contact", Some(id.clone()), &mended, moment.now_ms));
    let verdict = put(&world, &moved("Am Kai 3", written.first())).await;
    assert!(matches!(verdict, Verdict::Done(_) | Verdict::AlreadyDone(_)), "{verdict:?}");
    assert_eq!(shown(), [["her own", "Am Kai 2a"]]);
}

#[tokio::test]
async fn a_contact_that_is_there_gets_our_id_and_what_it_lacks() {
    let world = quiet();
    org(&world, |org, moment| {
        let fields = json!({ "LastName": "Roe-Smith", "Email": "JANE@mail.example", "Phone": "her own" });
        org.state_mut().put("Contact", None, &fields, moment.now_ms);
    });
    assert!(matches!(put(&world, &jane("customer-1")).await, Verdict::Done(_)));
    let contacts = rows(&world, "Contact", &["LastName", "Phone", "MailingCity", "Quayside_Contact_Id__c"]);
    assert_eq!(contacts, [["Roe-Smith", "her own", "Hamburg", "customer-1"]]);
}

/// Jane, of whom a person said who is meant.
pub(super) fn chosen(key: &str, meant: &Meant) -> Intent {
    let Intent::PutRecord { mut record } = jane(key) else { unreachable!() };
    record.fields.push(meant.fact());
    Intent::PutRecord { record }
}

fn doubt(verdict: Verdict) -> CustomerDoubt {
    match verdict {
        Verdict::WhichCustomer(doubt) => *doubt,
        other => panic!("{other:?}"),
    }
}

fn there(world: &World, fields: &Value) -> String {
    org(world, |org, moment| org.state_mut().put("Contact", None, fields, moment.now_ms))
}

#[tokio::test]
async fn two_contacts_with_one_mail_are_a_question_and_the_answer_holds() {
    let world = quiet();
    // The org's own rule against two contacts with one e-mail only warns.
    settings(&world, &[("allow_duplicates", "true")]);
    let ids = ["A", "B"].map(|name| there(&world, &json!({ "LastName": name, "Email": "jane@mail.example" })));
    let asked = doubt(put(&world, &jane("customer-1")).await);
    let told: Vec<(&str, MatchKey)> = asked.candidates.iter().map(|one| (one.remote_id.as_str(), one.by)).collect();
    assert_eq!(told, [(ids[0].as_str(), MatchKey::Email), (ids[1].as_str(), MatchKey::Email)]);
    assert!(asked.refusal.sentence.contains("Jane Roe could be any of 2"), "{}", asked.refusal);
    assert!(asked.candidates[0].url.as_ref().is_some_and(|url| url.ends_with(&ids[0])), "{asked:?}");
    assert_eq!(world.applied(|ledger| of_object(ledger, "record_created", "Account")), 0, "nothing was written");
    // Chosen, then known by our id; a choice for the other one, or for a new one, makes no second.
    let second = Meant::This(ids[1].clone());
    assert!(matches!(put(&world, &chosen("customer-1", &second)).await, Verdict::Done(_)));
    let keys = || rows(&world, "Contact", &["LastName", "Quayside_Contact_Id__c"]);
    assert_eq!(keys(), [["A", ""], ["B", "customer-1"]]);
    assert!(matches!(put(&world, &jane("customer-1")).await, Verdict::Done(_) | Verdict::AlreadyDone(_)));
    let other = refusal(put(&world, &chosen("customer-1", &Meant::This(ids[0].clone()))).await);
    assert!(other.sentence.contains("already"), "{other}");
    let new = put(&world, &chosen("customer-1", &Meant::New)).await;
    assert!(matches!(new, Verdict::Done(_) | Verdict::AlreadyDone(_)), "{new:?}");
    assert_eq!(keys(), [["A", ""], ["B", "customer-1"]]);
    // Somebody else's: asked anew who is meant, and a new one is made where that was said.
    let gone = doubt(put(&world, &chosen("customer-2", &Meant::This("0035Q00000NOBODYAA".into()))).await);
    assert_eq!(gone.candidates.len(), 1, "{gone:?}");
    assert!(matches!(put(&world, &chosen("customer-2", &Meant::New)).await, Verdict::Done(_)));
    assert_eq!(keys().len(), 3);
}

/// The second would write its id over the first one's.
#[tokio::test]
async fn two_who_mean_one_contact_are_written_one_after_the_other() {
    let world = quiet();
    let id = there(&world, &json!({ "LastName": "A" }));
    let both = ["customer-1", "customer-2"].map(|key| chosen(key, &Meant::This(id.clone())));
    let tasks: Vec<Task<'_>> = both.iter().map(|intent| task("k", intent)).collect();
    let verdicts = world.open().perform(&tasks).await;
    assert!(matches!(&verdicts[..], [Verdict::Done(_), Verdict::WaitUntil { .. }]), "{verdicts:?}");
    assert_eq!(rows(&world, "Contact", &["LastName", "Quayside_Contact_Id__c"]), [["A", "customer-1"]]);
    let later = refusal(put(&world, &both[1]).await);
    assert!(later.sentence.contains("carries our id of another buyer"), "{later}");
    assert_eq!(rows(&world, "Contact", &["LastName", "Quayside_Contact_Id__c"]), [["A", "customer-1"]]);
}

#[tokio::test]
async fn what_people_share_links_nobody_until_a_person_said_so() {
    let somebody = |order: &str| {
        let facts = [
            ("name", json!("Jane Roe")),
            ("email", json!("jane@mail.example")),
            ("phone", json!("+49 40 5550100")),
            ("postcode", json!("20457")),
            (ORDER_FACT, json!(order)),
        ];
        noun(RecordNoun::Customer, "customer-1", &facts)
    };
    for (fields, by) in [
        (json!({ "LastName": "Other", "Phone": "49405550100" }), Some(MatchKey::Phone)),
        (json!({ "LastName": "Other", "MobilePhone": "+49405550100" }), Some(MatchKey::Phone)),
        (json!({ "FirstName": "Jane", "LastName": "Roe", "MailingPostalCode": "20457" }), Some(MatchKey::NamePostcode)),
        // Two e-mails are two customers.
        (json!({ "LastName": "Other", "Phone": "49405550100", "Email": "bea@mail.example" }), None),
    ] {
        let world = quiet();
        let id = there(&world, &fields);
        let verdict = put(&world, &somebody("#1")).await;
        let Some(by) = by else {
            assert!(matches!(verdict, Verdict::Done(_)), "{verdict:?}");
            continue;
        };
        let doubt = doubt(verdict);
        assert_eq!((doubt.candidates[0].remote_id.as_str(), doubt.candidates[0].by), (id.as_str(), by), "{fields}");
        assert_eq!(rows(&world, "Contact", &["Quayside_Contact_Id__c"]), [[""]], "{fields}");
    }
    // The number of an order is one person's own, unless the name is another one.
    let numbered = |first: &str, last: &str| {
        let world = quiet();
        settings(&world, &[("contact_order_field", "MailingState")]);
        there(&world, &json!({ "FirstName": first, "LastName": last, "MailingState": "#1" }));
        world
    };
    let world = numbered("Jane", "Roe");
    let Verdict::Done(receipt) = put(&world, &somebody("#1")).await else { panic!() };
    assert!(receipt.note.unwrap_or_default().contains("order number"));
    assert_eq!(rows(&world, "Contact", &["LastName", "Quayside_Contact_Id__c"]), [["Roe", "customer-1"]]);
    let world = numbered("Bea", "Other");
    assert_eq!(doubt(put(&world, &somebody("#1")).await).candidates[0].by, MatchKey::OrderNumber);
    assert_eq!(rows(&world, "Contact", &["Quayside_Contact_Id__c"]), [[""]]);
}

#[tokio::test]
async fn an_org_without_our_ids_says_which() {
    let world = quiet_with(|plan| {
        plan.hidden.push("Contact.Quayside_Contact_Id__c".into());
        plan.hidden.push("Case.Quayside_Exception_Id__c".into());
    });
    let refused = refusal(put(&world, &jane("customer-1")).await);
    assert!(refused.sentence.contains("Contact.Quayside_Contact_Id__c is not an external ID"), "{refused}");
    let preflight = world.open().preflight().await;
    let check = preflight.checks.iter().find(|check| check.title == "Customers, tasks and cases").unwrap();
    assert!(check.state == CheckState::Limited && check.detail.contains("Case.Quayside_Exception_Id__c"), "{check:?}");
}

/// Whoever looks after the customer gets the task; the case hangs on both records.
#[tokio::test]
async fn tasks_and_cases_hang_on_the_customer() {
    let world = quiet();
    settings(&world, &[("case_fields", "carrier=Carrier__c; value=Value__c")]);
    let owner = "0055Q000001AAAAAA0";
    assert!(matches!(put(&world, &jane("customer-1")).await, Verdict::Done(_)));
    org(&world, |org, moment| {
        let account = org.state().of("Account").next().unwrap().id.clone();
        org.state_mut().put("Account", Some(account), &json!({ "OwnerId": owner }), moment.now_ms);
    });
    let about = (CUSTOMER_FACT, json!("customer-1"));
    let follow =
        [("title", json!("#1 was delivered")), ("text", json!("Ask.")), ("due", json!("2026-11-25")), about.clone()];
    let case = [
        ("title", json!("#1 is late")),
        ("text", json!("It has not arrived.")),
        ("carrier", json!("DHL")),
        ("tracking", json!("00340")),
        ("value", json!(35.5)),
        ("currency", json!("EUR")),
        about,
    ];
    let intents =
        [noun(RecordNoun::FollowUp, "shop-1/delivered", &follow), noun(RecordNoun::Problem, "shop-1/delayed", &case)];
    let tasks: Vec<Task<'_>> = intents.iter().map(|intent| task("k", intent)).collect();
    for verdict in world.open().perform(&tasks).await {
        assert!(matches!(verdict, Verdict::Done(_)), "{verdict:?}");
    }
    let contact = org(&world, |org, _| org.state().of("Contact").next().unwrap().id.clone());
    let account = org(&world, |org, _| org.state().of("Account").next().unwrap().id.clone());
    assert_eq!(
        rows(&world, "Task", &["Subject", "ActivityDate", "OwnerId", "WhoId", "WhatId"]),
        [["#1 was delivered", "2026-11-25", owner, contact.as_str(), account.as_str()]]
    );
    assert_eq!(
        rows(&world, "Case", &["Subject", "Carrier__c", "ContactId", "AccountId"]),
        [["#1 is late", "DHL", contact.as_str(), account.as_str()]]
    );
    let told = rows(&world, "Case", &["Description"])[0][0].clone();
    for word in ["It has not arrived.", "Carrier: DHL", "Tracking numbers: 00340", "Value: 35.5 EUR"] {
        assert!(told.contains(word), "{told}");
    }
    // A colleague took the task over and closed it: it was there, and is not written over.
    org(&world, |org, moment| {
        let id = org.state().of("Task").next().unwrap().id.clone();
        org.state_mut().put("Task", Some(id), &json!({ "Subject": "done by Ada" }), moment.now_ms);
    });
    let lost = Task { first_sent_at_ms: Some(NOW_MS), last_sent_at_ms: Some(NOW_MS), ..task("k", &intents[0]) };
    assert!(matches!(world.open().confirm(&lost).await, Confirmation::Holds(_)));
}

/// A task of an order that came from here hangs on its opportunity.
#[tokio::test]
async fn a_task_of_a_deal_hangs_on_the_deal() {
    let world = quiet();
    let deal = place(&world, &[("MUG", 1)]);
    let facts = [("title", json!("delivered")), (DEAL_FACT, json!(deal))];
    assert!(matches!(put(&world, &noun(RecordNoun::FollowUp, "sf-1/delivered", &facts)).await, Verdict::Done(_)));
    assert_eq!(rows(&world, "Task", &["WhatId"]), [[deal]]);
}

#[tokio::test]
async fn a_shipment_becomes_a_task_or_a_record_of_their_own() {
    let facts = |state: &str| {
        noun(
            RecordNoun::Shipment,
            "shop-1/label:1",
            &[
                ("title", json!("Parcel of #1")),
                ("state", json!(state)),
                ("tracking", json!("1Z1")),
                ("shipped", json!("2026-11-20")),
                ("expected", Value::Null),
            ],
        )
    };
    let world = quiet();
    for state in ["Shipped", "Delivered"] {
        assert!(matches!(put(&world, &facts(state)).await, Verdict::Done(_)));
    }
    let all = rows(&world, "Task", &["Subject", "Status", "ActivityDate", "Description"]);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0][..3], ["Parcel of #1", "Completed", "2026-11-20"]);
    assert!(all[0][3].contains("State: Delivered") && all[0][3].contains("Tracking numbers: 1Z1"), "{}", all[0][3]);
    let world = quiet();
    org(&world, |org, _| {
        org.state_mut().object_mut("Shipment__c").unwrap().field_mut("Opportunity__c").unwrap().nillable = true;
    });
    settings(
        &world,
        &[
            ("shipment_object", "Shipment__c"),
            ("shipment_key", "Quayside_Id__c"),
            ("shipment_fields", "tracking=Numbers__c; shipped=Shipped_On__c; title=Name"),
        ],
    );
    assert!(matches!(put(&world, &facts("Shipped")).await, Verdict::Done(_)));
    assert_eq!(
        rows(&world, "Shipment__c", &["Name", "Numbers__c", "Shipped_On__c"]),
        [["Parcel of #1", "1Z1", "2026-11-20"]]
    );
    let lost = Task { first_sent_at_ms: Some(NOW_MS), last_sent_at_ms: Some(NOW_MS), ..task("k", &facts("Shipped")) }
        .intent
        .clone();
    assert!(matches!(world.open().confirm(&task("k", &lost)).await, Confirmation::Holds(_)));
}

/// As many accounts as one job is cheaper for; every hundredth lacks its name.
pub(super) fn thousands() -> Vec<Intent> {
    (0..8_000)
        .map(|n| {
            let name = format!("\"Customer {n}\"");
            let fields: &[(&str, &str)] =
                if n % 100 == 0 { &[("Phone", "\"1\"")] } else { &[("Name", &name), ("Orders_30d__c", "3")] };
            put_record("Account", "Quayside_Customer_Id__c", &format!("c{n}"), fields)
        })
        .collect()
}

/// Performs all, then looks each up until its job is over: done, refused, absent.
pub(super) async fn by_job(world: &World, intents: &[Intent], restart: bool) -> (usize, usize, usize, usize) {
    let mut connector = world.open();
    let keys: Vec<String> = (0..intents.len()).map(|n| format!("k{n}")).collect();
    let tasks: Vec<Task<'_>> = intents.iter().zip(&keys).map(|(intent, key)| task(key, intent)).collect();
    let before = world.exchanges();
    let verdicts = connector.perform(&tasks).await;
    let tickets: Vec<String> = verdicts
        .into_iter()
        .map(|verdict| match verdict {
            Verdict::UnderWay { ticket, .. } => ticket,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(tickets.iter().all(|ticket| *ticket == tickets[0]), "one job");
    world.clock.advance(2_001);
    let looked = |n: usize| Task {
        ticket: Some(&tickets[n]),
        first_sent_at_ms: Some(NOW_MS),
        last_sent_at_ms: Some(NOW_MS),
        ..tasks[n].clone()
    };
    assert!(matches!(connector.confirm(&looked(0)).await, Confirmation::UnderWay { .. }), "it is at work");
    if restart {
        connector = world.open();
    }
    world.clock.advance(20_000);
    let (mut done, mut refused, mut absent) = (0, 0, 0);
    for n in 0..tasks.len() {
        match connector.confirm(&looked(n)).await {
            Confirmation::Holds(receipt) => done += usize::from(receipt.remote_id.is_some()),
            Confirmation::Overtaken(_) => refused += 1,
            Confirmation::Absent => absent += 1,
            other => panic!("{other:?}"),
        }
    }
    (done, refused, absent, world.exchanges() - before)
}

#[tokio::test]
async fn thousands_of_records_go_out_as_one_job() {
    let intents = thousands();
    for restart in [false, true] {
        let world = quiet();
        world.open().preflight().await;
        let (done, refused, absent, exchanges) = by_job(&world, &intents, restart).await;
        assert_eq!((done, refused, absent), (7_920, 80, 0), "each row has its own end, restart: {restart}");
        // Two descriptions at most, and a sign-in for each program.
        assert!(exchanges <= 13, "{exchanges}");
        assert_eq!(world.applied(|ledger| of_object(ledger, "record_created", "Account")), 7_920);
    }
}

#[tokio::test]
async fn a_job_that_ends_early_leaves_nothing_open() {
    let intents = thousands();
    for (word, refused, absent) in [("Failed", 5_000, 0), ("Aborted", 0, 5_000)] {
        let world = quiet_with(|plan| plan.bulk_ends = Some((word, 3_000)));
        let (done, said, missing, _) = by_job(&world, &intents, false).await;
        assert_eq!((done, said, missing), (2_970, refused + 30, absent), "{word}");
    }
}

/// A job that Salesforce has forgotten: the record itself is asked.
#[tokio::test]
async fn a_job_nobody_knows_any_more_is_no_answer() {
    let world = quiet();
    let intent = put_record("Account", "Quayside_Customer_Id__c", "c1", &[("Name", "\"C\"")]);
    let ticket = "job:7505Q0000000000AAA/Quayside_Customer_Id__c";
    let lost = Task {
        ticket: Some(ticket),
        first_sent_at_ms: Some(NOW_MS),
        last_sent_at_ms: Some(NOW_MS),
        ..task("k", &intent)
    };
    assert!(matches!(world.open().confirm(&lost).await, Confirmation::Absent));
    assert!(matches!(put(&world, &intent).await, Verdict::Done(_)));
    assert!(matches!(world.open().confirm(&lost).await, Confirmation::Holds(_)));
}

type Change = fn(&mut Salesforce);

/// What is not as the settings count on is found at once, told as long as it lasts, and gone when it is mended.
#[tokio::test]
async fn fields_that_change_are_told_until_they_are_mended() {
    let world = quiet();
    settings(&world, &[("tracking_field", "Tracking_Number__c"), ("carrier_field", "Carrier__c")]);
    let connector = world.open();
    assert_eq!(connector.wakes(), ["fields"], "looked at when it is opened");
    assert!(connector.wakes().is_empty(), "once");
    let mut cursor: Option<Value> = None;
    let mut found = async |world: &World| {
        world.clock.advance(HOUR_MS);
        let ask =
            Ask { stream: "fields", cursor: cursor.as_ref(), next: None, since_ms: NOW_MS, priority: Priority::Poll };
        let page = connector.read(&ask).await.unwrap();
        cursor = Some(page.cursor);
        assert!(page.unreadable.is_empty() && page.records.is_empty());
        let findings = page.findings.unwrap();
        assert_eq!(findings.cause, Cause::FieldsChanged);
        findings.found
    };
    assert_eq!(found(&world).await, []);
    let cases: [(Change, Change, &str, &str); 4] = [
        (
            |org| org.plan_mut().hidden.push("Opportunity.Tracking_Number__c".into()),
            |org| org.plan_mut().hidden.clear(),
            "Opportunity.Tracking_Number__c",
            "hidden from the integration user",
        ),
        (
            |org| org.plan_mut().read_only.push("Opportunity.Carrier__c".into()),
            |org| org.plan_mut().read_only.clear(),
            "Opportunity.Carrier__c",
            "read-only",
        ),
        (
            |org| {
                org.state_mut().object_mut("Task").unwrap().field_mut("Quayside_Event_Id__c").unwrap().nillable = false;
            },
            |org| {
                org.state_mut().object_mut("Task").unwrap().field_mut("Quayside_Event_Id__c").unwrap().nillable = true;
            },
            "Task.Quayside_Event_Id__c",
            "required",
        ),
        (
            |org| {
                org.state_mut().object_mut("Opportunity").unwrap().field_mut("Tracking_Number__c").unwrap().length = 20;
            },
            |org| {
                org.state_mut().object_mut("Opportunity").unwrap().field_mut("Tracking_Number__c").unwrap().length =
                    255;
            },
            "Opportunity.Tracking_Number__c",
            "20 characters instead of 255",
        ),
    ];
    for (change, mend, about, word) in cases {
        org(&world, |org, _| change(org));
        for _ in 0..2 {
            let told = found(&world).await;
            let [one] = told.as_slice() else { panic!("{about}: {told:?}") };
            assert!(one.about == about && one.sentence.contains(word), "{one:?}");
        }
        org(&world, |org, _| mend(org));
        assert_eq!(found(&world).await, [], "{about} is mended");
    }
}

/// What the fields' stream tells now, an hour later each time.
async fn look(world: &World, connector: &dyn Connector, cursor: &mut Option<Value>) -> Vec<(String, String)> {
    world.clock.advance(HOUR_MS);
    let ask = Ask { stream: "fields", cursor: cursor.as_ref(), next: None, since_ms: NOW_MS, priority: Priority::Poll };
    let page = connector.read(&ask).await.unwrap();
    *cursor = Some(page.cursor);
    page.findings.unwrap().found.into_iter().map(|found| (found.about, found.sentence)).collect()
}

/// Tasks are follow-ups only; shipments of other stores have an object of their own.
fn own_shipments(world: &World) {
    own_object(world);
    settings(
        world,
        &[
            ("shipment_object", "Shipment__c"),
            ("shipment_key", "Quayside_Id__c"),
            ("shipment_fields", "tracking=Numbers__c; shipped=Shipped_On__c; title=Name; deal=Opportunity__c"),
        ],
    );
}

fn needs(org: &mut Salesforce, object: &str, field: &str, needed: bool) {
    org.state_mut().object_mut(object).unwrap().field_mut(field).unwrap().nillable = !needed;
}

/// Every object records are made of: a rule that is gained is told before the first record is refused.
#[tokio::test]
async fn a_field_that_becomes_required_is_told_for_every_object_we_make_records_of() {
    for (object, field, ours) in [
        ("Contact", "MobilePhone", "LastName"),
        ("Account", "Description", "Name"),
        ("Task", "CallObject", "Subject"),
        ("Case", "Problem__c", "Subject"),
        ("Shipment__c", "Contents__c", "Numbers__c"),
    ] {
        let world = quiet();
        if object == "Shipment__c" {
            settings(
                &world,
                &[
                    ("shipment_object", "Shipment__c"),
                    ("shipment_key", "Quayside_Id__c"),
                    ("shipment_fields", "tracking=Numbers__c; deal=Opportunity__c"),
                ],
            );
        } else {
            own_shipments(&world);
        }
        let connector = world.open();
        let mut cursor = None;
        assert_eq!(look(&world, connector.as_ref(), &mut cursor).await, [], "{object}");
        org(&world, |org, _| {
            needs(org, object, field, true);
            needs(org, object, ours, true);
        });
        // For as long as it is so, not for a week.
        for _ in 0..2 {
            let told = look(&world, connector.as_ref(), &mut cursor).await;
            let [(about, sentence)] = told.as_slice() else { panic!("{object}: {told:?}") };
            assert_eq!(*about, format!("{object}.{field}"));
            assert!(sentence.contains("is required for new records"), "{sentence}");
        }
        org(&world, |org, _| needs(org, object, field, false));
        assert_eq!(look(&world, connector.as_ref(), &mut cursor).await, [], "{object} is mended");
        // What this org keeps none of is not told.
        let setting = match object {
            "Contact" => "contact_key",
            "Account" => "account_key",
            "Case" => "case_key",
            _ => continue,
        };
        let key = quayside_connectors::salesforce::PLATFORM.declaration.settings;
        let key = key.iter().find(|known| known.name == setting).unwrap().default;
        let bare = quiet_with(|plan| plan.hidden.push(format!("{object}.{key}")));
        own_shipments(&bare);
        org(&bare, |org, _| needs(org, object, field, true));
        let connector = bare.open();
        assert_eq!(look(&bare, connector.as_ref(), &mut None).await, [], "{object} holds none of ours");
    }
}

/// Every key records are found again by: gone, or no key any more, is told before a record is written twice or not at all.
#[tokio::test]
async fn a_key_that_is_lost_is_told_for_every_object_we_keep_records_in() {
    for (object, key) in [
        ("Contact", "Quayside_Contact_Id__c"),
        ("Account", "Quayside_Customer_Id__c"),
        ("Task", "Quayside_Event_Id__c"),
        ("Case", "Quayside_Exception_Id__c"),
        ("Shipment__c", "Quayside_Id__c"),
    ] {
        for (unticked, word) in [(false, "hidden from the integration user"), (true, "external ID")] {
            let world = quiet();
            own_shipments(&world);
            let connector = world.open();
            let mut cursor = None;
            assert_eq!(look(&world, connector.as_ref(), &mut cursor).await, [], "{object}");
            org(&world, |org, _| {
                if unticked {
                    let field = org.state_mut().object_mut(object).unwrap().field_mut(key).unwrap();
                    field.external_id = false;
                } else {
                    org.plan_mut().hidden.push(format!("{object}.{key}"));
                }
            });
            let told = look(&world, connector.as_ref(), &mut cursor).await;
            let about = format!("{object}.{key}");
            assert!(
                matches!(&told[..], [(of, sentence)] if *of == about && sentence.contains(word)),
                "{object} {unticked}: {told:?}"
            );
        }
    }
    // One that somebody chose is told from the first look on, and for as long as it is so.
    let world = quiet();
    settings(&world, &[("case_key", "Our_Number__c")]);
    let connector = world.open();
    let told = look(&world, connector.as_ref(), &mut None).await;
    assert!(matches!(&told[..], [(of, _)] if of == "Case.Our_Number__c"), "{told:?}");
}

/// A write that meets a changed org makes its fields be looked at, instead of an hour later.
#[tokio::test]
async fn a_write_that_meets_a_changed_org_wakes_the_look() {
    let world = quiet();
    settings(&world, &[("tracking_field", "Tracking_Number__c")]);
    let order = place(&world, &[("MUG", 1)]);
    let lines = lines_of(&world, &order);
    let connector = world.open();
    connector
        .read(&Ask { stream: "fields", cursor: None, next: None, since_ms: NOW_MS, priority: Priority::Poll })
        .await
        .unwrap();
    connector.wakes();
    org(&world, |org, _| org.plan_mut().hidden.push("Opportunity.Tracking_Number__c".into()));
    connector.perform(&[task("k", &fulfill(&order, &lines, "1Z1"))]).await;
    assert_eq!(connector.wakes(), ["fields"]);
}

fn history(key: &str, orders: i64) -> Intent {
    noun(
        RecordNoun::History,
        key,
        &[("orders", json!(orders)), ("total", json!(65.01)), ("last", json!("2026-11-19")), ("carrier", Value::Null)],
    )
}

const HISTORY_AT_CONTACT: &[(&str, &str)] =
    &[("history_fields", "orders=Orders__c; total=Spent__c; last=Last_Order_On__c")];

#[tokio::test]
async fn a_history_is_written_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet();
            settings(&world, HISTORY_AT_CONTACT);
            let fields = json!({ "LastName": "Roe", "Quayside_Contact_Id__c": "customer-1" });
            org(&world, |org, moment| drop(org.state_mut().put("Contact", None, &fields, moment.now_ms)));
            (world, history("customer-1", 3))
        },
        count: |ledger| of_object(ledger, "record_updated", "Contact"),
        expected: 1,
        patience_ms: HOUR_MS,
    })
    .await;
}

/// The customer's own record gets it; nobody is made for it.
#[tokio::test]
async fn a_history_stands_at_the_contact_or_at_the_account_and_makes_nobody() {
    let at_account = [("history_on", "account"), ("history_fields", "orders=Orders_30d__c")];
    for (object, field, chosen) in
        [("Contact", "Orders__c", HISTORY_AT_CONTACT), ("Account", "Orders_30d__c", at_account.as_slice())]
    {
        let world = quiet();
        settings(&world, chosen);
        let refused = refusal(put(&world, &history("customer-1", 3)).await);
        assert!(refused.sentence.contains("requires"), "{refused}");
        assert_eq!(rows(&world, object, &["Id"]), Vec::<Vec<String>>::new(), "nobody without a name");
        assert!(matches!(put(&world, &jane("customer-1")).await, Verdict::Done(_)));
        assert!(matches!(put(&world, &history("customer-1", 3)).await, Verdict::Done(_)));
        let shown = org(&world, |org, _| {
            let state = org.state();
            let id = state.of(object).next().unwrap().id.clone();
            state.value(&id, field)
        });
        assert_eq!(shown.as_f64(), Some(3.0), "{object}");
        assert_eq!(rows(&world, object, &["Id"]).len(), 1);
    }
}

/// An object of the org's own has a record per customer, which names its contact; the contact's own fields stay.
#[tokio::test]
async fn a_history_may_be_a_record_of_an_own_object() {
    let world = quiet();
    settings(
        &world,
        &[
            ("history_object", "Buyer__c"),
            ("history_fields", "orders=Orders__c; last=Last_Order_On__c; customer=Contact__c"),
        ],
    );
    assert!(matches!(put(&world, &jane("customer-1")).await, Verdict::Done(_)));
    for orders in [3, 4] {
        assert!(matches!(put(&world, &history("customer-1", orders)).await, Verdict::Done(_)));
    }
    let contact = org(&world, |org, _| org.state().of("Contact").next().unwrap().id.clone());
    assert_eq!(
        rows(&world, "Buyer__c", &["Last_Order_On__c", "Contact__c", "Quayside_Customer_Id__c"]),
        [["2026-11-19", contact.as_str(), "customer-1"]]
    );
    let (id, known) = org(&world, |org, _| {
        let state = org.state();
        let id = state.of("Buyer__c").next().unwrap().id.clone();
        (id.clone(), state.value(&contact, "Orders__c"))
    });
    assert_eq!(org(&world, |org, _| org.state().value(&id, "Orders__c")).as_f64(), Some(4.0));
    assert!(known.is_null(), "{known}");
    assert!(matches!(world.open().confirm(&task("k", &history("customer-1", 4))).await, Confirmation::Holds(_)));
}

/// Many customers of a day take the calls of their rows, and no question besides.
#[tokio::test]
async fn histories_of_a_day_go_out_together() {
    let world = quiet();
    settings(&world, HISTORY_AT_CONTACT);
    org(&world, |org, moment| {
        for n in 0..300 {
            let fields = json!({ "LastName": "Roe", "Quayside_Contact_Id__c": format!("customer-{n}") });
            org.state_mut().put("Contact", None, &fields, moment.now_ms);
        }
    });
    let connector = world.open();
    connector.preflight().await;
    // Known from here on: the object's description.
    assert!(matches!(connector.perform(&[task("k", &history("customer-0", 1))]).await[0], Verdict::Done(_)));
    let intents: Vec<Intent> = (0..300).map(|n| history(&format!("customer-{n}"), 2)).collect();
    let tasks: Vec<Task<'_>> = intents.iter().map(|intent| task("k", intent)).collect();
    let before = world.exchanges();
    for verdict in connector.perform(&tasks).await {
        assert!(matches!(verdict, Verdict::Done(_)), "{verdict:?}");
    }
    assert_eq!(world.exchanges() - before, 1, "one composite call of two collections");
}

#[tokio::test]
async fn a_case_goes_to_the_queue_of_the_settings() {
    for (owner, given) in [("", false), ("00G5Q000001AAAAAA0", true), ("somebody", false)] {
        let world = quiet();
        settings(&world, &[("case_owner", owner)]);
        let case = noun(RecordNoun::Problem, "shop-1/delayed", &[("title", json!("#1 is late"))]);
        assert!(matches!(put(&world, &case).await, Verdict::Done(_)));
        let shown = rows(&world, "Case", &["OwnerId"])[0][0].clone();
        assert_eq!(shown == owner && !owner.is_empty(), given, "{owner}: {shown}");
    }
}

#[tokio::test]
async fn a_case_goes_to_whom_the_rule_of_assignment_names() {
    const RULE: &str = "01Q5Q000001AAAAUA4";
    const QUEUE: &str = "00G5Q000001AAAAAA0";
    const OTHER: &str = "00G5Q000001BBBBAA0";
    for (settled, shown) in [
        (vec![], ""),
        (vec![("case_rule", "active")], QUEUE),
        (vec![("case_rule", "Active ")], QUEUE),
        (vec![("case_rule", RULE)], QUEUE),
        // Whoever is named goes before the rule.
        (vec![("case_rule", "active"), ("case_owner", OTHER)], OTHER),
        (vec![("case_rule", "some rule")], ""),
    ] {
        let world = quiet_with(|plan| plan.case_rule = Some((RULE.into(), QUEUE.into())));
        settings(&world, &settled);
        // One by its own address, two in a collection.
        let case = |key: &str| noun(RecordNoun::Problem, key, &[("title", json!("#1 is late"))]);
        assert!(matches!(put(&world, &case("shop-1/delayed")).await, Verdict::Done(_)));
        let more = [case("shop-2/delayed"), case("shop-3/delayed")];
        let tasks: Vec<Task<'_>> = more.iter().map(|intent| task("k", intent)).collect();
        for verdict in world.open().perform(&tasks).await {
            assert!(matches!(verdict, Verdict::Done(_)), "{verdict:?}");
        }
        for row in rows(&world, "Case", &["OwnerId"]) {
            let given = Some(row[0].as_str()).filter(|owner| owner.starts_with("00G")).unwrap_or_default();
            assert_eq!(given, shown, "{settled:?}");
        }
    }
}

/// Sent once more after an answer that never came, it would go back to where it came from.
#[tokio::test]
async fn a_case_is_routed_once() {
    const RULE: &str = "01Q5Q000001AAAAUA4";
    const QUEUE: &str = "00G5Q000001AAAAAA0";
    const WHO: &str = "0055Q000001WWWWAA0";
    for settled in [("case_rule", "active"), ("case_owner", QUEUE)] {
        let world = quiet_with(|plan| plan.case_rule = Some((RULE.into(), QUEUE.into())));
        settings(&world, &[settled]);
        let case = |key: &str| noun(RecordNoun::Problem, key, &[("title", json!("#1 is late"))]);
        let Verdict::Done(receipt) = put(&world, &case("shop-1/delayed")).await else { panic!("{settled:?}") };
        let id = receipt.remote_id.unwrap_or_default();
        assert_eq!(rows(&world, "Case", &["OwnerId"]), [[QUEUE]]);
        // Somebody takes it.
        org(&world, |org, moment| {
            org.state_mut().put("Case", Some(id.clone()), &json!({ "OwnerId": WHO }), moment.now_ms)
        });
        let both = [case("shop-1/delayed"), case("shop-2/delayed")];
        let tasks: Vec<Task<'_>> = both.iter().map(|intent| task("k", intent)).collect();
        let verdicts = world.open().perform(&tasks).await;
        assert!(
            matches!(&verdicts[..], [Verdict::AlreadyDone(known), Verdict::Done(_)] if known.remote_id.as_deref() == Some(id.as_str())),
            "{verdicts:?}"
        );
        let mut owners = rows(&world, "Case", &["OwnerId"]);
        owners.sort();
        assert_eq!(owners, [[WHO], [QUEUE]]);
    }
}
