//! Traps of an org's limits, of how it was set up, and of a sign-in that renews itself.

use super::traps::{browser, refusal, signed_in, verdict};
use super::*;
use quayside_connectors::Task;
use quayside_model::{ExposeSecret as _, SecretString, Verdict};
use quayside_sandbox::Fault;

const REDIRECT: &str = "http://localhost:17817/oauth/salesforce";

fn poll(stream: &str) -> Ask<'_> {
    Ask { stream, cursor: None, next: None, since_ms: NOW_MS - DAY_MS, priority: Priority::Poll }
}

fn write<'a>(key: &'a str, intent: &'a Intent) -> Task<'a> {
    Task { key, intent, first_sent_at_ms: None, last_sent_at_ms: None, ticket: None, priority: Priority::Write }
}

fn calls(world: &World) -> usize {
    org(world, |org, _| org.calls())
}

fn renewals(world: &World) -> usize {
    world.talk().iter().filter(|talk| talk.url.ends_with("/services/oauth2/token")).count()
}

/// The answer to a renewal is lost. It is told before it is tried again: the token may be spent.
#[tokio::test]
async fn trap_the_answer_to_a_renewal_is_lost() {
    for (rotation, fault, second) in [
        (true, Fault::LostAfterCommit, Err("30 days")),
        (true, Fault::ServerErrorAfterCommit, Err("30 days")),
        (true, Fault::Truncated, Err("30 days")),
        (true, Fault::LostBeforeCommit, Ok(())),
        (false, Fault::LostAfterCommit, Ok(())),
    ] {
        let world = quiet_with(|plan| plan.rotation = rotation);
        place(&world, &[("MUG", 1)]);
        let secrets = signed_in(&world, REDIRECT).await.unwrap();
        let connector = browser(&world, &secrets);
        world.clock.advance(3 * HOUR_MS);
        world.restart_count();
        // The call itself is the first exchange, the renewal the second.
        world.plan_mishap(Some(common::Mishap { exchange: 1, fault }));
        let Err(ReadError::Refused(told)) = connector.read(&poll("orders")).await else { panic!("{fault:?}") };
        assert_eq!(told.cause, Cause::SignInNeeded, "{fault:?}: {told}");
        assert!(told.sentence.contains("was lost on its way"), "{fault:?}: {told}");
        assert_eq!(world.exchanges(), 2, "{fault:?}: nothing more was sent before somebody was told");
        world.plan_mishap(None);
        // Whoever heard of it may let it try again: what the org did decides.
        let again = connector.read(&poll("orders")).await;
        if let Err(word) = second {
            let Err(ReadError::Refused(refusal)) = again else { panic!("{fault:?}: {again:?}") };
            assert!(refusal.cause == Cause::SignInNeeded && refusal.sentence.contains(word), "{refusal}");
        } else {
            world.keep(connector.as_ref());
            assert!(connector.read(&poll("orders")).await.is_ok(), "{fault:?}, rotation {rotation}");
        }
    }
}

/// Before it left, nothing was lost: a computer without a network asks nobody to sign in.
#[tokio::test]
async fn a_renewal_that_never_left_asks_nobody() {
    use quayside_connectors::{Setup, Wire, WireError};
    struct NoSignIn(Arc<dyn Wire>);
    #[async_trait::async_trait]
    impl Wire for NoSignIn {
        async fn send(
            &self,
            request: http::Request<Vec<u8>>,
            timeout: std::time::Duration,
        ) -> Result<http::Response<Vec<u8>>, WireError> {
            if request.uri().path().ends_with("/token") {
                return Err(WireError::NotSent("no route".into()));
            }
            self.0.send(request, timeout).await
        }
    }
    let world = quiet();
    let secrets = signed_in(&world, REDIRECT).await.unwrap();
    let key = org(&world, |org, _| org.plan().client_id.clone());
    let fields =
        BTreeMap::from([("client_id".to_owned(), key), ("login_host".to_owned(), "login.salesforce.com".to_owned())]);
    let setup = world.setup("browser", fields, secrets);
    let wire: Arc<dyn Wire> = Arc::new(NoSignIn(setup.wire.clone()));
    let connector = (quayside_connectors::platform("salesforce").unwrap().open)(Setup { wire, ..setup }).unwrap();
    world.clock.advance(3 * HOUR_MS);
    let Err(ReadError::Refused(refusal)) = connector.read(&poll("orders")).await else { panic!() };
    assert_ne!(refusal.cause, Cause::SignInNeeded, "{refusal}");
}

/// Removing an account ends its sign-in in the org; if that does not arrive, it is said.
#[tokio::test]
async fn a_sign_in_is_taken_back() {
    let world = quiet();
    let secrets = signed_in(&world, REDIRECT).await.unwrap();
    let connector = browser(&world, &secrets);
    world.restart_count();
    world.plan_mishap(Some(common::Mishap { exchange: 0, fault: Fault::LostBeforeCommit }));
    let refusal = connector.sign_out().await.unwrap_err();
    assert!(!refusal.sentence.contains(secrets["refresh_token"].expose_secret()), "{refusal}");
    world.plan_mishap(None);
    assert_eq!(connector.sign_out().await, Ok(()));
    let Err(ReadError::Refused(refusal)) = browser(&world, &secrets).read(&poll("orders")).await else { panic!() };
    assert_eq!(refusal.cause, Cause::SignInNeeded, "neither session nor token holds any more: {refusal}");
    // The secret of an app is its admin's: nothing is sent.
    let world = quiet();
    assert_eq!(world.open().sign_out().await, Ok(()));
    assert_eq!(world.exchanges(), 0);
}

/// Since September 2025 an app that is not installed is refused, and so is one the user may not approve.
#[tokio::test]
async fn trap_an_app_the_org_does_not_know() {
    for (change, word) in [
        ((|plan: &mut Plan| plan.installed = false) as fn(&mut Plan), "not installed in this org"),
        (|plan| plan.approvable = false, "does not let this user approve the app"),
    ] {
        let world = quiet_with(change);
        let sentence = signed_in(&world, REDIRECT).await.unwrap_err();
        assert!(sentence.contains(word), "{sentence}");
        assert_eq!(renewals(&world), 0, "nothing is exchanged");
    }
}

/// An admin may give an app a part of the org's calls: that one ends first.
#[tokio::test]
async fn trap_the_apps_own_part_of_the_calls() {
    let world = quiet_with(|plan| plan.app_calls_max = Some(50));
    place(&world, &[("MUG", 1)]);
    let connector = world.open();
    let mut read = 0;
    let (at_ms, why) = loop {
        match connector.read(&poll("orders")).await {
            Ok(_) => read += 1,
            Err(ReadError::WaitUntil { at_ms, why }) => break (at_ms, why),
            Err(other) => panic!("{other:?}"),
        }
        assert!(read < 50, "polls end at 80 % of the app's part");
    };
    assert!((30..=41).contains(&calls(&world)), "{}", calls(&world));
    assert!(at_ms > world.clock.now_ms() && why.contains("24 hours"), "{why}");
    let person = Ask { priority: Priority::Person, ..poll("orders") };
    assert!(connector.read(&person).await.is_ok());
}

/// Too many long calls at once pass in seconds; calls used up take until some are free.
#[tokio::test]
async fn trap_too_many_long_calls_at_once() {
    let world = quiet();
    let order = place(&world, &[("MUG", 1)]);
    let fulfil = fulfill(&order, &lines_of(&world, &order), "1Z1");
    let connector = world.open();
    connector.preflight().await;
    org(&world, |org, _| org.plan_mut().busy = 1);
    let Verdict::WaitUntil { at_ms, why } = connector.perform(&[write("k", &fulfil)]).await.remove(0) else { panic!() };
    assert!((1..=30_000).contains(&(at_ms - world.clock.now_ms())) && why.contains("long requests"), "{why}");
    let before = world.exchanges();
    assert!(matches!(connector.read(&poll("orders")).await, Err(ReadError::WaitUntil { .. })));
    assert_eq!(world.exchanges(), before, "nothing is added to the crowd");
    world.clock.reach(at_ms);
    assert!(matches!(connector.perform(&[write("k", &fulfil)]).await.remove(0), Verdict::Done(_)));
    assert_eq!(world.applied(|ledger| of_object(ledger, "record_created", "Task")), 1);

    let world = quiet_with(|plan| plan.calls_max = 0);
    let Err(ReadError::WaitUntil { at_ms, .. }) = world.open().read(&poll("orders")).await else { panic!() };
    assert!(at_ms - world.clock.now_ms() >= 10 * MINUTE_MS);
}

/// Writes end at 95 % of the org's calls, a person's click does not.
#[tokio::test]
async fn trap_writes_end_before_the_orgs_calls_do() {
    let world = quiet_with(|plan| plan.calls_max = 1_000);
    let order = place(&world, &[("MUG", 1)]);
    let fulfil = fulfill(&order, &lines_of(&world, &order), "1Z1");
    let connector = world.open();
    org(&world, |org, moment| org.others_call(900, moment.now_ms));
    connector.preflight().await;
    assert!(matches!(connector.read(&poll("orders")).await, Err(ReadError::WaitUntil { .. })), "reading ended at 80 %");
    let other = place(&world, &[("MUG", 1)]);
    let early = fulfill(&other, &lines_of(&world, &other), "1Z0");
    assert!(matches!(connector.perform(&[write("early", &early)]).await.remove(0), Verdict::Done(_)), "90 % is no end");
    org(&world, |org, moment| org.others_call(60, moment.now_ms));
    connector.preflight().await;
    let before = calls(&world);
    let Verdict::WaitUntil { at_ms, why } = connector.perform(&[write("k", &fulfil)]).await.remove(0) else { panic!() };
    assert!(at_ms > world.clock.now_ms() && why.contains("24 hours"), "{why}");
    assert_eq!(calls(&world), before);
    let click = Task { priority: Priority::Person, ..write("k", &fulfil) };
    assert!(matches!(connector.perform(&[click]).await.remove(0), Verdict::Done(_)));
    assert_eq!(world.applied(|ledger| of_object(ledger, "record_created", "Task")), 2);
}

/// A question that takes the org too long is asked for half as many rows, and nothing is missed.
#[tokio::test]
async fn trap_a_question_that_takes_too_long() {
    let world = quiet_with(|plan| plan.slow_rows = Some(60));
    for _ in 0..130 {
        place(&world, &[("MUG", 1)]);
    }
    let found = read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await;
    assert_eq!(ids(&found).len(), 130);
    let asked = |rows: usize| {
        let end = format!("LIMIT%20{rows}");
        world.talk().iter().filter(|talk| talk.url.contains("Opportunity") && talk.url.ends_with(&end)).count()
    };
    assert_eq!([asked(200), asked(100), asked(50)], [1, 1, 3]);
}

/// Two hundred opportunities by id: one address under 16 KB.
#[tokio::test]
async fn trap_two_hundred_ids_in_one_address() {
    let world = quiet();
    let connector = world.open();
    let mut orders = BTreeSet::new();
    for batch in 0..4 {
        let intents: Vec<Intent> = (0..50)
            .map(|n| {
                let order = place(&world, &[("MUG", 1)]);
                let intent = fulfill(&order, &lines_of(&world, &order), &format!("1Z{batch}{n}"));
                orders.insert(order);
                intent
            })
            .collect();
        let keys: Vec<String> = (0..50).map(|n| format!("key-{batch}-{n}")).collect();
        let tasks: Vec<Task<'_>> = keys.iter().zip(&intents).map(|(key, intent)| write(key, intent)).collect();
        let verdicts = connector.perform(&tasks).await;
        assert!(verdicts.iter().all(|verdict| matches!(verdict, Verdict::Done(_))), "{verdicts:?}");
    }
    world.clock.advance(MINUTE_MS);
    let found = read_to_end(&world, "parcels", &mut None, NOW_MS - DAY_MS).await;
    assert_eq!(ids(&found), orders);
    let longest = world.talk().iter().map(|talk| talk.url.len()).max().unwrap();
    assert!((5_000..16_000).contains(&longest), "{longest}");
    assert!(world.talk().iter().all(|talk| talk.status != 414));
}

/// No space for new records: one is told, the others wait unsent; changes of what exists go on.
#[tokio::test]
async fn trap_no_space_for_new_records() {
    let (world, reported, parcel) = futures_lite(reported());
    let (first, second) = (place(&world, &[("MUG", 1)]), place(&world, &[("MUG", 1)]));
    let [first, second] = [first, second].map(|order| fulfill(&order, &lines_of(&world, &order), "1Z9"));
    org(&world, |org, _| org.plan_mut().full = true);
    let connector = world.open();
    let Verdict::NeedsPerson(told) = connector.perform(&[write("a", &first)]).await.remove(0) else { panic!() };
    assert!(told.sentence.contains("no space left"), "{told}");
    let before = world.exchanges();
    let Verdict::WaitUntil { at_ms, why } = connector.perform(&[write("b", &second)]).await.remove(0) else { panic!() };
    assert!(why.contains("no space left"), "{why}");
    assert_eq!(world.exchanges() - before, 1, "it is looked at, and not sent");
    let tracking =
        Tracking { carrier_code: "ups".into(), carrier_name: "UPS".into(), numbers: vec!["1Z5".into()], urls: vec![] };
    let correct =
        Intent::ReplaceTracking { order_remote_id: reported, fulfillment_id: parcel, tracking, notify_customer: false };
    assert!(matches!(connector.perform(&[write("c", &correct)]).await.remove(0), Verdict::Done(_)));
    org(&world, |org, _| org.plan_mut().full = false);
    world.clock.reach(at_ms);
    for (key, intent) in [("b", &second), ("a", &first)] {
        assert!(matches!(connector.perform(&[write(key, intent)]).await.remove(0), Verdict::Done(_)), "{key}");
    }
    assert_eq!(world.applied(|ledger| of_object(ledger, "record_created", "Task")), 2);
}

/// The version that is spoken is gone: said as that, not as an address nobody answers at.
#[tokio::test]
async fn trap_the_version_is_not_served() {
    let preflight = quiet_with(|plan| plan.versions.retain(|version| version != "66.0")).open().preflight().await;
    let [only] = preflight.checks.as_slice() else { panic!("{:?}", preflight.checks) };
    assert_eq!((only.title.as_str(), only.state), ("API version", CheckState::Missing));
    assert!(!preflight.can_connect() && only.detail.contains("does not serve version 66.0"), "{}", only.detail);
}

/// Won is what the org counts as won, under any name and in several stages.
#[tokio::test]
async fn trap_won_stages_have_any_name() {
    let world = quiet();
    let (renamed, delivered, open) =
        (place(&world, &[("MUG", 1)]), place(&world, &[("MUG", 1)]), place(&world, &[("MUG", 1)]));
    org(&world, |org, moment| {
        let stage = |org: &Salesforce, name: &str| {
            let mut all = org.state().of("OpportunityStage");
            all.find(|one| one.values["ApiName"] == name).unwrap().id.clone()
        };
        let won = stage(org, "Closed Won");
        let name = json!({ "ApiName": "Gewonnen", "MasterLabel": "Gewonnen – Auftrag" });
        org.state_mut().put("OpportunityStage", Some(won), &name, moment.now_ms);
        org.set_stage(&renamed, "Gewonnen", moment);
        org.set_stage(&delivered, "Delivered", moment);
        // The old name means nothing any more.
        org.set_stage(&open, "Closed Won", moment);
    });
    world.clock.advance(MINUTE_MS);
    let found = read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await;
    assert_eq!(ids(&found), BTreeSet::from([renamed, delivered]));
    let preflight = world.open().preflight().await;
    let check = preflight.checks.iter().find(|check| check.title == "Stages").unwrap();
    assert!(check.detail.contains("Gewonnen – Auftrag or Delivered"), "{}", check.detail);
}

/// Two record types may carry one name: nothing is looked up by it.
#[tokio::test]
async fn trap_two_record_types_of_one_name() {
    let world = quiet();
    org(&world, |org, _| {
        for object in ["Account", "Opportunity", "Task"] {
            let twice = ["Person Account", "Person Account (EU)"].map(|name| (name, "PersonAccount"));
            org.add_record_types(object, &twice);
        }
    });
    let order = place(&world, &[("MUG", 1)]);
    assert!(world.open().preflight().await.can_connect());
    let fulfil = fulfill(&order, &lines_of(&world, &order), "1Z1");
    assert_eq!(run(&world, &fulfil, HOUR_MS, None).await, Outcome::Holds);
    assert_eq!(read_order(&world, &order).await.fulfillments.len(), 1);
}

/// A person who is an account: the e-mail is the account's, and there need be no contact.
#[tokio::test]
async fn trap_a_person_is_an_account() {
    let world = quiet();
    let order = place(&world, &[("MUG", 1)]);
    org(&world, |org, moment| {
        org.allow_person_accounts();
        let account = org.state().text(&order, "AccountId");
        let roles: Vec<String> = org.state().of("OpportunityContactRole").map(|role| role.id.clone()).collect();
        for role in roles {
            org.state_mut().delete(&role, moment.now_ms);
        }
        let person = json!({ "IsPersonAccount": true, "Name": "Ada O'Neil", "PersonEmail": "ada@home.example" });
        org.state_mut().put("Account", Some(account), &person, moment.now_ms);
    });
    let read = read_order(&world, &order).await;
    assert_eq!(read.customer.unwrap().email, "ada@home.example");
    assert_eq!(read.ship_to.unwrap().name, "Ada O'Neil");
}

/// Two programs make the same record: the second finds the first's, and nothing is there twice.
#[tokio::test]
async fn trap_another_program_makes_the_same_record_first() {
    let world = quiet_with(|plan| {
        plan.races.insert("Shipment__c".into(), 1);
        plan.races.insert("Contact".into(), 1);
    });
    own_object(&world);
    let order = place(&world, &[("MUG", 1)]);
    let fulfil = fulfill(&order, &lines_of(&world, &order), "1Z1");
    let Verdict::RetryLater(told) = verdict(&world, &fulfil).await else { panic!() };
    assert!(told.sentence.contains("has this value already"), "{told}");
    assert_eq!(run(&world, &fulfil, HOUR_MS, None).await, Outcome::Holds);
    assert_eq!(org(&world, |org, _| org.state().of("Shipment__c").count()), 1);

    let contact = put_record("Contact", "Quayside_Contact_Id__c", "c1", &[("LastName", "\"Bluth\"")]);
    let before = org(&world, |org, _| org.state().of("Contact").count());
    assert_eq!(world.run_with_key("contact", &contact).await, Outcome::Holds);
    assert_eq!(org(&world, |org, _| org.state().of("Contact").count()), before + 1);
}

/// An owner who left: said in words, for that record alone.
#[tokio::test]
async fn trap_an_owner_who_left() {
    let left = "0055Q00000LEFT0AAA";
    let world = quiet_with(|plan| plan.inactive.push(left.into()));
    let task = |key: &str, owner: &str| {
        let owner = format!("\"{owner}\"");
        put_record("Task", "Quayside_Event_Id__c", key, &[("Subject", "\"Delivered\""), ("OwnerId", &owner)])
    };
    let refused = refusal(verdict(&world, &task("a", left)).await);
    assert!(refused.sentence.contains("owner is not active"), "{refused}");
    assert!(matches!(verdict(&world, &task("b", "0055Q00000STAYS0AA")).await, Verdict::Done(_)));
    // Parcels name no owner: whoever signed in owns their tasks.
    let order = place(&world, &[("MUG", 1)]);
    let fulfil = fulfill(&order, &lines_of(&world, &order), "1Z1");
    assert_eq!(run(&world, &fulfil, HOUR_MS, None).await, Outcome::Holds);
}

/// What we wrote comes back and changes nothing; what the same user writes by another tool is read.
#[tokio::test]
async fn trap_our_echo_and_the_same_users_edit() {
    let world = quiet();
    settings(&world, &[("tracking_field", "Tracking_Number__c")]);
    let order = place(&world, &[("MUG", 2)]);
    let lines = lines_of(&world, &order);
    let mut cursor = None;
    read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await;
    world.clock.advance(MINUTE_MS);
    let fulfil = fulfill(&order, &lines, "1Z1");
    assert_eq!(run(&world, &fulfil, HOUR_MS, None).await, Outcome::Holds);
    let mut read = async || {
        world.clock.advance(MINUTE_MS);
        let found = read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await;
        found
            .into_iter()
            .filter_map(|one| match one.record {
                Record::Order(order) => Some(order),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    // The echo is the order as it stands with our parcel; told once.
    let echo = read().await;
    assert_eq!((echo.len(), echo[0].fulfillments.len(), echo[0].lines[0].quantity), (1, 1, 2));
    assert_eq!(read().await, vec![]);
    // The same user, the same session, another tool.
    let token = world.talk().iter().rev().find_map(|talk| talk.headers.get("authorization").cloned()).unwrap();
    let url =
        format!("https://{ORG}.my.salesforce.com/services/data/v66.0/sobjects/OpportunityLineItem/{}", lines[0].0);
    let edit = http::Request::patch(url).header("authorization", token).header("content-type", "application/json");
    let edit = edit.body(json!({ "Quantity": 3.0, "TotalPrice": 55.5 }).to_string().into_bytes()).unwrap();
    let wire = world.setup("client_credentials", BTreeMap::new(), BTreeMap::<String, SecretString>::new()).wire;
    assert_eq!(wire.send(edit, std::time::Duration::from_secs(9)).await.unwrap().status(), 204);
    let edited = read().await;
    assert_eq!((edited.len(), edited[0].lines[0].quantity), (1, 3));
}
