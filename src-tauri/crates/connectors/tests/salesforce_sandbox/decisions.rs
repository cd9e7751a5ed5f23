//! Traps whose answer is a decision: people who are accounts, owners who left, links to what is gone, lists that are
//! narrower than their description.

use super::keeping::{jane, noun, put, rows, task};
use super::traps::{refusal, verdict};
use super::*;
use quayside_model::{CUSTOMER_FACT, DEAL_FACT, Receipt, Verdict};
use quayside_sandbox::salesforce::Narrowed;
use serde_json::Value;

fn done(verdict: Verdict) -> Receipt {
    match verdict {
        Verdict::Done(receipt) => receipt,
        other => panic!("{other:?}"),
    }
}

fn note(receipt: &Receipt) -> &str {
    receipt.note.as_deref().unwrap_or_default()
}

fn made(world: &World, object: &str, fields: &Value) -> String {
    org(world, |org, moment| org.state_mut().put(object, None, fields, moment.now_ms))
}

/// An org that has people who are accounts; ids of its record types for companies and for people.
fn with_people() -> (World, String, String) {
    let world = quiet();
    let types: Vec<String> = org(&world, |org, _| {
        org.allow_person_accounts();
        org.state().record_types("Account").map(|one| one.id.clone()).collect()
    });
    (world, types[0].clone(), types[1].clone())
}

const PERSON: &[&str] =
    &["Name", "FirstName", "LastName", "PersonEmail", "PersonMailingCity", "ShippingCity", "Quayside_Customer_Id__c"];

/// A person is an account of its own record type with a first and a last name, never with a name; its other side is the
/// platform's, and what comes later hangs on both.
#[tokio::test]
async fn trap_a_person_account_is_written_by_its_rules() {
    let (world, company, person) = with_people();
    settings(&world, &[("people", "person")]);
    let connector = world.open();
    let first = done(connector.perform(&[task("k", &jane("customer-1"))]).await.remove(0));
    let written = connector.written();
    let expected = [["Jane Roe", "Jane", "Roe", "jane@mail.example", "Hamburg", "Hamburg", "customer-1"]];
    assert_eq!(rows(&world, "Account", PERSON), expected);
    let sent = world.applied(|ledger| {
        let fields = ledger.of("record_created").map(|entry| entry.detail["fields"].clone());
        fields.filter(|fields| fields.get("Name").is_some()).count()
    });
    assert_eq!(sent, 0, "no name was written");
    assert_eq!(rows(&world, "Account", &["RecordTypeId"]), [[person.as_str()]]);
    // A later order of hers changes the same record and its other side.
    let mut moved = jane("customer-1");
    let Intent::PutRecord { record } = &mut moved else { panic!() };
    record.fields.iter_mut().filter(|(name, _)| name == "city").for_each(|(_, text)| *text = "\"Bremen\"".into());
    // The desk remembers what it wrote of her.
    record.fields.extend(written.first().map(quayside_model::Written::fact));
    assert_eq!(done(put(&world, &moved).await).remote_id, first.remote_id);
    let twins = rows(&world, "Contact", &["Name", "MailingCity", "Quayside_Contact_Id__c"]);
    assert_eq!(twins, [["Jane Roe", "Bremen", "customer-1"]]);
    assert_eq!(world.applied(|ledger| of_object(ledger, "record_created", "Contact")), 0, "nobody hangs under her");
    // What comes after it hangs on her, in both places.
    let facts = [("title", json!("Call")), (CUSTOMER_FACT, json!("customer-1"))];
    done(put(&world, &noun(RecordNoun::FollowUp, "t1", &facts)).await);
    let [twin, account] =
        ["Contact", "Account"].map(|object| org(&world, |org, _| org.state().of(object).next().unwrap().id.clone()));
    assert_eq!(rows(&world, "Task", &["WhoId", "WhatId"]), [[twin, account]]);
    // Whoever orders for a company is a contact under it.
    let mut firm = jane("customer-2");
    let Intent::PutRecord { record } = &mut firm else { panic!() };
    record.fields = [("name", "Max Roe"), ("company", "Roe Ltd"), ("email", "max@roe.example")]
        .map(|(name, text)| (name.to_owned(), json!(text).to_string()))
        .to_vec();
    done(put(&world, &firm).await);
    let all = rows(&world, "Account", &["Name", "RecordTypeId"]);
    assert!(all.contains(&vec!["Roe Ltd".to_owned(), company]), "{all:?}");
    assert_eq!(rows(&world, "Contact", &["LastName"]).len(), 2);
}

#[tokio::test]
async fn a_person_account_is_written_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let (world, ..) = with_people();
            settings(&world, &[("people", "person")]);
            (world, jane("customer-1"))
        },
        count: |ledger| of_object(ledger, "record_created", "Account"),
        expected: 1,
        patience_ms: HOUR_MS,
    })
    .await;
}

/// One that is there is used whatever the setting says: it gets our id and what it lacks, and no contact hangs under it.
#[tokio::test]
async fn a_person_account_that_is_there_is_the_customer() {
    for setting in ["contact", "person"] {
        let (world, _, person) = with_people();
        settings(&world, &[("people", setting)]);
        let id = made(
            &world,
            "Account",
            &json!({ "RecordTypeId": person, "IsPersonAccount": true, "FirstName": "J.", "LastName": "Roe-Smith",
            "PersonEmail": "JANE@mail.example", "Phone": "her own" }),
        );
        let receipt = done(put(&world, &jane("customer-1")).await);
        assert_eq!(receipt.remote_id.as_deref(), Some(id.as_str()), "{setting}");
        let all = rows(&world, "Account", &["LastName", "Phone", "ShippingCity", "Quayside_Customer_Id__c"]);
        assert_eq!(all, [["Roe-Smith", "her own", "Hamburg", "customer-1"]], "{setting}");
        assert_eq!(rows(&world, "Contact", &["Quayside_Contact_Id__c"]), [["customer-1"]], "{setting}");
        // Known by now: nothing is left to look for, or to write.
        let again = put(&world, &jane("customer-1")).await;
        assert!(matches!(again, Verdict::AlreadyDone(_)), "{setting}: {again:?}");
        assert_eq!(rows(&world, "Account", &["Name"]).len(), 1, "{setting}");
    }
}

/// Several record types of people are a question; one that is chosen is the answer. Without any, buyers stay contacts.
#[tokio::test]
async fn which_record_type_people_get_is_asked_once() {
    let (world, _, person) = with_people();
    let second = org(&world, |org, _| {
        let id = org.add_record_types("Account", &[("Patient", "PersonAccount")]).remove(0);
        org.state_mut().put("RecordType", Some(id), &json!({ "IsPersonType": true }), 0)
    });
    settings(&world, &[("people", "person")]);
    let asked = refusal(put(&world, &jane("customer-1")).await);
    for word in ["Person Account", &person, "Patient", &second] {
        assert!(asked.sentence.contains(word), "{asked}");
    }
    settings(&world, &[("person_type", &second[..15])]);
    done(put(&world, &jane("customer-1")).await);
    assert_eq!(rows(&world, "Account", &["RecordTypeId"]), [[second]]);

    let world = quiet();
    settings(&world, &[("people", "person")]);
    done(put(&world, &jane("customer-1")).await);
    assert_eq!(rows(&world, "Contact", &["LastName"]), [["Roe"]]);
    let preflight = world.open().preflight().await;
    let check = preflight.checks.iter().find(|check| check.title == "Field mapping").unwrap();
    assert!(check.state == CheckState::Limited && check.detail.contains("no person accounts"), "{}", check.detail);
}

/// The rules themselves, as the org keeps them against whoever writes past them.
#[tokio::test]
async fn an_org_refuses_people_that_are_written_as_companies() {
    let (world, _, person) = with_people();
    let of_people = format!("\"{person}\"");
    let her = made(&world, "Account", &json!({ "RecordTypeId": person, "IsPersonAccount": true, "LastName": "Roe" }));
    let her_twin = org(&world, |org, _| org.state().text(&her, "PersonContactId"));
    let under = format!("\"{her}\"");
    for (object, key, fields, word) in [
        (
            "Account",
            "Quayside_Customer_Id__c",
            vec![("RecordTypeId", of_people.as_str()), ("LastName", "\"R\""), ("Name", "\"R\"")],
            "Name",
        ),
        (
            "Account",
            "Quayside_Customer_Id__c",
            vec![("RecordTypeId", of_people.as_str()), ("FirstName", "\"R\"")],
            "LastName",
        ),
        (
            "Account",
            "Quayside_Customer_Id__c",
            vec![("Name", "\"R\""), ("PersonEmail", "\"r@mail.example\"")],
            "PersonEmail",
        ),
        ("Contact", "Quayside_Contact_Id__c", vec![("LastName", "\"R\""), ("AccountId", under.as_str())], "AccountId"),
    ] {
        let refused = refusal(verdict(&world, &put_record(object, key, "k", &fields)).await);
        assert!(refused.sentence.contains(word), "{fields:?}: {refused}");
    }
    org(&world, |org, moment| {
        org.state_mut().put("Contact", Some(her_twin), &json!({ "Quayside_Contact_Id__c": "k" }), moment.now_ms);
    });
    let twin = put_record("Contact", "Quayside_Contact_Id__c", "k", &[("LastName", "\"R\"")]);
    assert_eq!(refusal(verdict(&world, &twin).await).cause, Cause::ScopeMissing);
}

const LEFT: &str = "0055Q00000LEFT0AAA";
const HEIR: &str = "0055Q00000HEIR0AAA";

/// Whose owner has left goes to the user of the settings, once, and the receipt says so; others go as they are.
#[tokio::test]
async fn trap_an_owner_who_left_gives_way_to_the_one_of_the_settings() {
    let world = quiet_with(|plan| plan.inactive.push(LEFT.into()));
    settings(&world, &[("task_owner", HEIR)]);
    done(put(&world, &jane("customer-1")).await);
    org(&world, |org, moment| {
        let account = org.state().of("Account").next().unwrap().id.clone();
        org.state_mut().put("Account", Some(account), &json!({ "OwnerId": LEFT }), moment.now_ms);
    });
    let follow =
        |key: &str| noun(RecordNoun::FollowUp, key, &[("title", json!("Call")), (CUSTOMER_FACT, json!("customer-1"))]);
    let receipt = done(put(&world, &follow("t1")).await);
    assert!(note(&receipt).contains(LEFT) && note(&receipt).contains(HEIR), "{receipt:?}");
    assert_eq!(rows(&world, "Task", &["OwnerId"]), [[HEIR]]);
    // Among many only those are sent again.
    let named = |key: &str, owner: &str| {
        put_record(
            "Task",
            "Quayside_Event_Id__c",
            key,
            &[("Subject", "\"Call\""), ("OwnerId", &format!("\"{owner}\""))],
        )
    };
    let intents = [named("a", "0055Q00000STAYS0AA"), named("b", LEFT), named("c", "0055Q00000STAYS0AA")];
    let tasks: Vec<_> = intents.iter().map(|intent| task("k", intent)).collect();
    let connector = world.open();
    connector.preflight().await;
    let before = world.exchanges();
    let receipts: Vec<Receipt> = connector.perform(&tasks).await.into_iter().map(done).collect();
    assert_eq!(receipts.iter().map(|one| one.note.is_some()).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(world.exchanges() - before, 3, "a look at the tasks' fields, all three, and the one again");
    assert_eq!(rows(&world, "Task", &["OwnerId"]).iter().filter(|row| row[0] == HEIR).count(), 2);
    // The one of the settings has left, too: said in words, and nothing goes round.
    org(&world, |org, _| org.plan_mut().inactive.push(HEIR.into()));
    let refused = refusal(verdict(&world, &named("d", LEFT)).await);
    assert!(refused.sentence.contains("owner is not active"), "{refused}");
}

/// Between looking and writing somebody deletes what was found: it is let go, and the match is made anew.
#[tokio::test]
async fn trap_what_a_record_hangs_on_is_deleted_meanwhile() {
    // A task of a customer who is gone a moment later hangs on nobody, and is there.
    let world = quiet();
    let contact = done(put(&world, &jane("customer-1")).await).remote_id.unwrap();
    let vanish = |world: &World, written: &str, id: &str| {
        org(world, |org, _| org.plan_mut().vanishes.push((written.to_owned(), id.to_owned())));
    };
    vanish(&world, "Task", &contact);
    let call = ("title", json!("Call"));
    let customer = (CUSTOMER_FACT, json!("customer-1"));
    let receipt = done(put(&world, &noun(RecordNoun::FollowUp, "t1", &[call.clone(), customer.clone()])).await);
    assert!(note(&receipt).contains("matched anew"), "{receipt:?}");
    assert_eq!(rows(&world, "Task", &["WhoId"]), [[""]]);
    // A task of a deal that is gone hangs on the customer's account instead.
    let world = quiet();
    let deal = place(&world, &[("MUG", 1)]);
    let contact = done(put(&world, &jane("customer-1")).await).remote_id.unwrap();
    let account = org(&world, |org, _| org.state().text(&contact, "AccountId"));
    vanish(&world, "Task", &deal);
    done(put(&world, &noun(RecordNoun::FollowUp, "t1", &[call, customer, (DEAL_FACT, json!(deal))])).await);
    assert_eq!(rows(&world, "Task", &["WhoId", "WhatId"]), [[contact, account]]);
    // A contact that was found by its e-mail and is gone: another is made, and the receipt names it.
    let world = quiet();
    let theirs = made(&world, "Contact", &json!({ "LastName": "Roe", "Email": "jane@mail.example" }));
    vanish(&world, "Contact", &theirs);
    let receipt = done(put(&world, &jane("customer-1")).await);
    let new = org(&world, |org, _| org.state().of("Contact").next().unwrap().id.clone());
    assert!(new != theirs && receipt.remote_id == Some(new) && note(&receipt).contains("matched anew"), "{receipt:?}");
    // An account that is gone before its contact is written: both are there in the end.
    let world = quiet();
    let contact = made(&world, "Contact", &json!({ "LastName": "Roe", "Quayside_Contact_Id__c": "customer-1" }));
    let account = made(&world, "Account", &json!({ "Name": "Roe", "Quayside_Customer_Id__c": "customer-1" }));
    vanish(&world, "Contact", &account);
    assert_eq!(done(put(&world, &jane("customer-1")).await).remote_id.as_ref(), Some(&contact));
    let [accounts, linked] = [rows(&world, "Account", &["Id"]), rows(&world, "Contact", &["AccountId"])];
    assert!(accounts == linked && accounts != [[account]], "{accounts:?} {linked:?}");
}

/// A link that never led anywhere is said in words after one more try; a parcel whose record is gone is looked at again.
#[tokio::test]
async fn a_link_that_leads_nowhere_is_said_in_words() {
    let world = quiet();
    let nowhere = put_record("Case", "Quayside_Exception_Id__c", "c", &[("ContactId", "\"0035Q00000NOBODYAA\"")]);
    let connector = world.open();
    connector.preflight().await;
    let before = world.exchanges();
    let refused = refusal(connector.perform(&[task("k", &nowhere)]).await.remove(0));
    assert!(refused.sentence.contains("was deleted or belongs to another object"), "{refused}");
    assert_eq!(world.exchanges() - before, 3, "a look at the object, and two tries");

    let (world, order, parcel) = futures_lite(reported());
    org(&world, |org, _| org.plan_mut().vanishes.push(("Task".into(), parcel.clone())));
    let tracking = Tracking { numbers: vec!["1Z9".into()], ..Tracking::default() };
    let replace =
        Intent::ReplaceTracking { order_remote_id: order, fulfillment_id: parcel, tracking, notify_customer: false };
    let refused = refusal(verdict(&world, &replace).await);
    assert!(
        refused.cause == Cause::FulfillmentRefused && refused.sentence.contains("Report the parcel anew"),
        "{refused}"
    );

    let world = quiet();
    let order = place(&world, &[("MUG", 1)]);
    let report = fulfill(&order, &lines_of(&world, &order), "1Z1");
    org(&world, |org, _| org.plan_mut().vanishes.push(("Task".into(), order)));
    let refused = refusal(verdict(&world, &report).await);
    assert!(refused.sentence.contains("lost or deleted"), "{refused}");
}

fn case(key: &str, fields: &[(&str, &str)]) -> Intent {
    let fields: Vec<(&str, String)> = fields.iter().map(|(name, value)| (*name, json!(value).to_string())).collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    put_record("Case", "Quayside_Exception_Id__c", key, &fields)
}

fn says(refused: &quayside_model::Refusal, words: &[&str]) {
    for word in words {
        assert!(refused.sentence.contains(word), "{word}: {refused}");
    }
}

/// A list that depends on another: refused before anything is sent where both are known, in words where only the org knows.
#[tokio::test]
async fn trap_a_list_that_depends_on_another() {
    let world = quiet();
    let both = case("a", &[("Problem__c", "Late"), ("Handling__c", "Send again")]);
    let refused = refusal(verdict(&world, &both).await);
    says(&refused, &["Case.Handling__c", "\"Send again\"", "Case.Problem__c", "\"Late\"", "\"Wait\""]);
    assert!(!refused.sentence.contains("\"Lost\""), "{refused}");
    let writes = |world: &World| world.talk().iter().filter(|talk| talk.method == "PATCH").count();
    assert_eq!(writes(&world), 0, "nothing was sent");
    done(verdict(&world, &case("a", &[("Problem__c", "Late"), ("Handling__c", "Wait")])).await);
    let alone = refusal(verdict(&world, &case("a", &[("Handling__c", "Send again")])).await);
    says(&alone, &["Case.Handling__c", "\"Send again\"", "depends on Case.Problem__c"]);
    assert_eq!(writes(&world), 2, "only the org knew");
}

/// What record types leave of a list stands in no description: list, value and record type are named, and what it takes.
#[tokio::test]
async fn trap_a_value_the_record_type_does_not_allow() {
    let world = narrowed();
    let claims = org(&world, |org, _| org.state().record_types("Case").nth(1).unwrap().id.clone());
    let refused = refusal(verdict(&world, &case("a", &[("Problem__c", "Lost")])).await);
    says(&refused, &["Could not write Case a", "Case.Problem__c", "\"Lost\"", "record type Support", "\"Late\""]);
    assert!(refused.about.as_deref() == Some("Problem__c") && !refused.sentence.contains("\"Damaged\""), "{refused}");
    done(verdict(&world, &case("b", &[("Problem__c", "Lost"), ("RecordTypeId", &claims)])).await);
    // Of one that is there the record's own type counts, and each row of many has its own sentence.
    let intents = [
        case("b", &[("Problem__c", "Late")]),
        case("c", &[("Problem__c", "Lost")]),
        case("d", &[("Problem__c", "Late")]),
    ];
    let tasks: Vec<_> = intents.iter().map(|intent| task("k", intent)).collect();
    let verdicts = world.open().perform(&tasks).await;
    let [Verdict::NeedsPerson(known), Verdict::NeedsPerson(new), Verdict::Done(_)] = verdicts.as_slice() else {
        panic!("{verdicts:?}")
    };
    says(known, &["Case b", "\"Late\"", "record type Claims", "it takes \"Lost\""]);
    says(new, &["Case c", "\"Lost\"", "record type Support", "it takes \"Late\""]);
    // The words for shipped on an opportunity of a type that has no such word; the parcel is told all the same.
    settings(&world, &[("status_field", "Shipping_Status__c")]);
    let order = place(&world, &[("MUG", 1)]);
    let told = refusal(verdict(&world, &fulfill(&order, &lines_of(&world, &order), "1Z1")).await);
    says(&told, &["Opportunity.Shipping_Status__c", "\"Shipped\"", "record type Wholesale", "\"Partially Shipped\""]);
    assert_eq!(read_order(&world, &order).await.fulfillments.len(), 1);
}

/// An org two of whose objects have record types that leave little of a list.
pub(super) fn narrowed() -> World {
    let world = quiet();
    org(&world, |org, _| {
        org.add_record_types("Case", &[("Support", "Support"), ("Claims", "Claims")]);
        org.add_record_types("Opportunity", &[("Wholesale", "Wholesale")]);
        for (object, record_type, field, value) in [
            ("Case", "Support", "Problem__c", "Late"),
            ("Case", "Claims", "Problem__c", "Lost"),
            ("Opportunity", "Wholesale", "Shipping_Status__c", "Partially Shipped"),
        ] {
            let [object, record_type, field] = [object, record_type, field].map(str::to_owned);
            org.plan_mut().narrowed.push(Narrowed { object, record_type, field, values: vec![value.to_owned()] });
        }
    });
    world
}
