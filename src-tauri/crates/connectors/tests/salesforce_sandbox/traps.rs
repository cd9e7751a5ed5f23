//! One test per trap of the platform.

use super::*;
use quayside_connectors::{Connector, Task, browser_sign_in, platform};
use quayside_model::{ExposeSecret as _, SecretString, Verdict};
use quayside_sandbox::{Reply, StandIn as _};

pub(crate) async fn verdict(world: &World, intent: &Intent) -> Verdict {
    let connector = world.open();
    let task = Task {
        key: "k",
        intent,
        first_sent_at_ms: None,
        last_sent_at_ms: None,
        ticket: None,
        priority: Priority::Write,
    };
    connector.perform(&[task]).await.remove(0)
}

pub(crate) fn refusal(verdict: Verdict) -> quayside_model::Refusal {
    match verdict {
        Verdict::NeedsPerson(refusal) | Verdict::RetryLater(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

/// Thousands of rows carry one stamp after a bulk edit: nothing is dropped, nothing is read for ever.
#[tokio::test]
async fn trap_many_rows_of_one_second() {
    let world = quiet();
    for _ in 0..450 {
        place(&world, &[("MUG", 1)]);
    }
    let found = read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await;
    assert_eq!((found.len(), ids(&found).len()), (450, 450));
}

/// A list may end early and name a locator that dies with the session: the last key goes on instead.
#[tokio::test]
async fn trap_short_batches_and_dead_locators() {
    let world = quiet_with(|plan| plan.batch_rows = 7);
    for _ in 0..30 {
        place(&world, &[("MUG", 1)]);
    }
    let connector = world.open();
    let (mut cursor, mut next, mut found) = (None, None, BTreeSet::new());
    for _ in 0..50 {
        let ask = Ask {
            stream: "orders",
            cursor: cursor.as_ref(),
            next: next.as_ref(),
            since_ms: NOW_MS - DAY_MS,
            priority: Priority::Poll,
        };
        let page = connector.read(&ask).await.unwrap();
        found.extend(ids(&page.records));
        // The session ends between any two pages.
        org(&world, |org, _| org.expire_tokens());
        (cursor, next) = (Some(page.cursor), page.next);
        if next.is_none() {
            break;
        }
    }
    assert_eq!(found.len(), 30);
}

/// More lines than one answer holds: the rest is asked for.
#[tokio::test]
async fn trap_lists_inside_a_row_end_early() {
    let world = quiet_with(|plan| plan.child_rows = 3);
    let skus: Vec<String> = (0..11).map(|n| format!("SKU-{n}")).collect();
    let lines: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), 2)).collect();
    let id = place(&world, &lines);
    let order = read_order(&world, &id).await;
    assert_eq!((order.lines.len(), order.total_minor), (11, 11 * 2 * 1_850));
}

/// A row is skipped by its id *and* stamp: every later change of it is read.
#[tokio::test]
async fn trap_a_second_change_within_the_overlap() {
    let world = quiet();
    let id = place(&world, &[("MUG", 1)]);
    let mut cursor = None;
    assert_eq!(read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await.len(), 1);
    for units in [2, 3] {
        world.clock.advance(MINUTE_MS);
        let now_ms = world.clock.now_ms();
        world.sandbox.lock().unwrap().advance(now_ms);
        let line = lines_of(&world, &id)[0].0.clone();
        assert!(org(&world, |org, moment| org.change_units(&id, &line, units, moment)));
        world.clock.advance(MINUTE_MS);
        let found = read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await;
        let [Incoming { record: Record::Order(order), .. }] = found.as_slice() else { panic!("{}", found.len()) };
        assert_eq!(order.lines[0].quantity, units);
    }
    world.clock.advance(MINUTE_MS);
    assert!(
        read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await.is_empty(),
        "and nothing is read twice for nothing"
    );
}

/// Half units cannot be shipped: one exception, and the page goes on.
#[tokio::test]
async fn trap_fractions_and_missing_products_stop_only_themselves() {
    let world = quiet();
    let good = place(&world, &[("MUG", 1)]);
    let half = place(&world, &[("ROPE", 1)]);
    let none = place(&world, &[("MUG", 1)]);
    org(&world, |org, moment| {
        let line = org.order(&half).unwrap().lines[0].id.clone();
        org.state_mut().put("OpportunityLineItem", Some(line), &json!({ "Quantity": 2.5 }), moment.now_ms);
        let line = org.order(&none).unwrap().lines[0].id.clone();
        org.state_mut().delete(&line, moment.now_ms);
    });
    let ask = Ask { stream: "orders", cursor: None, next: None, since_ms: NOW_MS - DAY_MS, priority: Priority::Poll };
    let page = world.open().read(&ask).await.unwrap();
    assert_eq!(ids(&page.records), BTreeSet::from([good]));
    let why: BTreeMap<&str, &str> =
        page.unreadable.iter().map(|bad| (bad.remote_id.as_str(), bad.why.as_str())).collect();
    assert!(why[half.as_str()].contains("2.5") && why[none.as_str()].contains("no products"), "{why:?}");
}

/// A field that is hidden while we work fails one question, not the stream: the org is looked at again.
#[tokio::test]
async fn trap_a_field_is_hidden_while_we_work() {
    let world = quiet();
    settings(&world, &[("note_field", "Delivery_Notes__c")]);
    place(&world, &[("MUG", 1)]);
    let connector = world.open();
    let mut cursor = None;
    let mut ask = async |stream: &str| {
        let asked =
            Ask { stream, cursor: cursor.as_ref(), next: None, since_ms: NOW_MS - DAY_MS, priority: Priority::Poll };
        let answer = connector.read(&asked).await;
        if stream == "fields"
            && let Ok(page) = &answer
        {
            cursor = Some(page.cursor.clone());
        }
        answer
    };
    assert!(ask("fields").await.unwrap().findings.unwrap().found.is_empty());
    assert_eq!(ask("orders").await.unwrap().records.len(), 1);
    org(&world, |org, _| org.plan_mut().hidden.push("Opportunity.Delivery_Notes__c".into()));
    let Err(ReadError::Refused(refusal)) = ask("orders").await else { panic!() };
    assert_eq!(refusal.cause, Cause::ScopeMissing);
    let page = ask("orders").await.unwrap();
    let Record::Order(order) = &page.records[0].record else { panic!() };
    assert_eq!(order.note, "", "the rest of the order is read");
    let told = ask("fields").await.unwrap().findings.unwrap().found;
    assert!(told.len() == 1 && told[0].sentence.contains("deleted, or it is hidden"), "{told:?}");
}

/// What an admin's rule says is shown as it is, and what it refuses is not sent again by itself.
#[tokio::test]
async fn trap_a_validation_rule_refuses() {
    let world = quiet_with(|plan| {
        plan.rules.push(quayside_sandbox::salesforce::Rule {
            object: "Opportunity".into(),
            when: "Tracking_Number__c".into(),
            needs: "Carrier__c".into(),
            message: "Tell the carrier once the order has shipped.".into(),
        });
    });
    settings(&world, &[("tracking_field", "Tracking_Number__c")]);
    let id = place(&world, &[("MUG", 1)]);
    let lines = lines_of(&world, &id);
    let refusal = refusal(verdict(&world, &fulfill(&id, &lines, "1Z1")).await);
    assert_eq!(refusal.cause, Cause::ContentRefused);
    assert_eq!(refusal.said.as_deref(), Some("Tell the carrier once the order has shipped."));
    // The parcel itself is told; when the rule is mended the second try writes only the rest.
    org(&world, |org, _| org.plan_mut().rules.clear());
    assert!(matches!(verdict(&world, &fulfill(&id, &lines, "1Z1")).await, Verdict::Done(_)));
    assert_eq!(world.applied(|ledger| of_object(ledger, "record_created", "Task")), 1);
}

/// A lock passes: tried again, written once.
#[tokio::test]
async fn trap_a_neighbour_holds_the_record() {
    let world = quiet_with(|plan| {
        plan.locks.insert("Task".into(), 2);
    });
    let id = place(&world, &[("MUG", 1)]);
    let lines = lines_of(&world, &id);
    let Verdict::RetryLater(refusal) = verdict(&world, &fulfill(&id, &lines, "1Z1")).await else { panic!() };
    assert!(refusal.sentence.contains("holds the record"), "{refusal}");
    assert_eq!(run(&world, &fulfill(&id, &lines, "1Z1"), HOUR_MS, None).await, Outcome::Holds);
    assert_eq!(world.applied(|ledger| of_object(ledger, "record_created", "Task")), 1);
}

/// Values of a restricted list: known beforehand where the description tells, in words where only a write does.
#[tokio::test]
async fn trap_a_restricted_list_does_not_have_the_value() {
    let world = quiet();
    settings(&world, &[("status_field", "Shipping_Status__c"), ("status_shipped", "shipped")]);
    let preflight = world.open().preflight().await;
    let check = preflight.checks.iter().find(|check| check.title == "Field mapping").unwrap();
    assert!(check.state == CheckState::Limited && check.detail.contains("upper and lower case"), "{}", check.detail);

    // The description shows no values: the org alone knows them. Field and value are named, and nothing is guessed.
    let mut world = quiet();
    let change: tamper::Change = Arc::new(|body| {
        for answer in body.get_mut("compositeResponse").and_then(serde_json::Value::as_array_mut).into_iter().flatten()
        {
            for field in
                answer.pointer_mut("/body/fields").and_then(serde_json::Value::as_array_mut).into_iter().flatten()
            {
                if field["name"] == "Problem__c" {
                    field["picklistValues"] = json!([]);
                }
            }
        }
    });
    world.disguise = Some(Arc::new(move |setup: quayside_connectors::Setup| {
        let wire = Arc::new(tamper::Tamper { inner: setup.wire.clone(), change: change.clone() });
        quayside_connectors::Setup { wire, ..setup }
    }));
    let strange = put_record("Case", "Quayside_Exception_Id__c", "a", &[("Problem__c", "\"late\"")]);
    let refused = refusal(verdict(&world, &strange).await);
    for word in ["Could not write Case a", "Case.Problem__c", "\"late\"", "upper and lower case"] {
        assert!(refused.sentence.contains(word), "{word}: {refused}");
    }
    assert!(refused.about.as_deref() == Some("Problem__c") && !refused.sentence.contains("takes nothing"), "{refused}");
    assert_eq!(world.talk().iter().filter(|talk| talk.method == "PATCH").count(), 1, "only the org knew");
}

/// A duplicate rule names what exists; nothing is saved past it unless a person says so.
#[tokio::test]
async fn trap_a_duplicate_rule_warns() {
    let world = quiet();
    place(&world, &[("MUG", 1)]);
    let twin = put_record(
        "Contact",
        "Quayside_Contact_Id__c",
        "c1",
        &[("LastName", "\"O'Neil\""), ("Email", "\"ADA@harbour.example\"")],
    );
    let refused = refusal(verdict(&world, &twin).await);
    assert!(refused.sentence.contains("exists already") && refused.sentence.contains("003"), "{refused}");
    settings(&world, &[("allow_duplicates", "true")]);
    assert!(matches!(verdict(&world, &twin).await, Verdict::Done(_)));
}

/// One external id on two records: 300, nothing written.
#[tokio::test]
async fn trap_an_external_id_that_two_records_carry() {
    let world = quiet();
    org(&world, |org, moment| {
        for name in ["A", "B"] {
            org.state_mut().put(
                "Account",
                None,
                &json!({ "Name": name, "Quayside_Customer_Id__c": "shop:1" }),
                moment.now_ms,
            );
        }
    });
    let refused = refusal(
        verdict(&world, &put_record("Account", "Quayside_Customer_Id__c", "shop:1", &[("Name", "\"C\"")])).await,
    );
    assert!(refused.status == Some(300) && refused.sentence.contains("Several records"), "{refused}");
}

/// Our clock is an hour wrong: the reading window follows theirs.
#[tokio::test]
async fn trap_our_clock_is_wrong() {
    struct Wrong(Arc<common::SimClock>);
    impl Clock for Wrong {
        fn now_ms(&self) -> i64 {
            self.0.now_ms() - HOUR_MS
        }
    }
    let world = quiet();
    place(&world, &[("MUG", 1)]);
    world.clock.advance(2 * MINUTE_MS);
    let connector = world.open_at(Arc::new(Wrong(world.clock.clone())));
    let ask = Ask { stream: "orders", cursor: None, next: None, since_ms: NOW_MS - DAY_MS, priority: Priority::Poll };
    assert_eq!(connector.read(&ask).await.unwrap().records.len(), 1);
    assert!(connector.skew_ms().unwrap() > 50 * MINUTE_MS);
}

/// Signs a person in: the page says yes, the browser comes back, the code becomes secrets.
pub(crate) async fn signed_in(world: &World, redirect: &str) -> Result<BTreeMap<String, SecretString>, String> {
    let sign_in = browser_sign_in("salesforce").unwrap();
    let key = org(world, |org, _| org.plan().client_id.clone());
    let fields =
        BTreeMap::from([("client_id".to_owned(), key), ("login_host".to_owned(), "login.salesforce.com".to_owned())]);
    let random: Vec<u8> = (0..64).map(|n| n * 3).collect();
    let visit = (sign_in.begin)(&fields, None, redirect, &random)?;
    let request = http::Request::get(&visit.url).body(Vec::new()).unwrap();
    let now_ms = world.clock.now_ms();
    let Reply::Answer { response, .. } = world.sandbox.lock().unwrap().handle(ORG, &request, now_ms) else { panic!() };
    let Some(back) = response.headers().get("location").and_then(|to| to.to_str().ok()) else {
        return Err(String::from_utf8_lossy(response.body()).into_owned());
    };
    let query = back.split_once('?').unwrap().1.to_owned();
    (sign_in.finish)(world.setup("browser", fields, BTreeMap::new()), &visit, &query)
        .await
        .map_err(|refusal| refusal.sentence)
}

pub(crate) fn browser(world: &World, secrets: &BTreeMap<String, SecretString>) -> Arc<dyn Connector> {
    let key = org(world, |org, _| org.plan().client_id.clone());
    let fields =
        BTreeMap::from([("client_id".to_owned(), key), ("login_host".to_owned(), "login.salesforce.com".to_owned())]);
    (platform("salesforce").unwrap().open)(world.setup("browser", fields, secrets.clone())).unwrap()
}

/// Redirect addresses are compared character for character: the fixed ports work, any other is refused.
#[tokio::test]
async fn trap_the_address_the_browser_comes_back_to() {
    let world = quiet();
    let secrets = signed_in(&world, "http://localhost:27817/oauth/salesforce").await.unwrap();
    assert!(browser(&world, &secrets).preflight().await.can_connect());
    for wrong in ["http://localhost:5000/oauth/salesforce", "http://127.0.0.1:17817/oauth/salesforce"] {
        assert!(signed_in(&world, wrong).await.unwrap_err().contains("redirect_uri_mismatch"), "{wrong}");
    }
}

/// A renewal ends the old refresh token: the new one is written down before anything uses it, once, whatever waits.
#[tokio::test]
async fn trap_a_renewal_replaces_the_refresh_token() {
    let world = quiet();
    place(&world, &[("MUG", 1)]);
    let mut secrets = signed_in(&world, "http://localhost:17817/oauth/salesforce").await.unwrap();
    let connector = browser(&world, &secrets);
    let ask = Ask { stream: "orders", cursor: None, next: None, since_ms: NOW_MS - DAY_MS, priority: Priority::Poll };
    assert!(
        connector.read(&ask).await.is_ok() && connector.renewed_secrets().is_none(),
        "a fresh session renews nothing"
    );
    world.clock.advance(3 * HOUR_MS);
    for _ in 0..2 {
        // Not written down yet: nothing is sent with the new session, and nothing is renewed again.
        let Err(ReadError::WaitUntil { at_ms, why }) = connector.read(&ask).await else { panic!() };
        assert!(why.contains("keychain") && at_ms <= world.clock.now_ms() + 1);
    }
    let calls = org(&world, |org, _| org.calls());
    let renewed = connector.renewed_secrets().expect("it has to be written down");
    assert_ne!(renewed["refresh_token"].expose_secret(), secrets["refresh_token"].expose_secret());
    // Telling is not keeping: the keychain may be closed. It is told again until it is there.
    let Err(ReadError::WaitUntil { .. }) = connector.read(&ask).await else { panic!() };
    let again = connector.renewed_secrets().expect("it still has to be written down");
    assert_eq!(again["refresh_token"].expose_secret(), renewed["refresh_token"].expose_secret());
    connector.secrets_kept(&secrets);
    assert!(matches!(connector.read(&ask).await, Err(ReadError::WaitUntil { .. })), "something else was kept");
    assert_eq!(org(&world, |org, _| org.calls()), calls, "nothing was sent with a session nobody had kept");
    connector.secrets_kept(&renewed);
    assert!(connector.renewed_secrets().is_none());
    assert!(connector.read(&ask).await.is_ok());
    assert!(org(&world, |org, _| org.calls()) > calls);
    // A program that starts with what was written down goes on; one that starts with the old token cannot.
    let old = secrets.clone();
    secrets.extend(renewed);
    assert!(browser(&world, &secrets).read(&ask).await.is_ok());
    let Err(ReadError::Refused(refusal)) = browser(&world, &old).read(&ask).await else { panic!() };
    assert!(refusal.cause == Cause::SignInNeeded && refusal.sentence.contains("Sign in again"), "{refusal}");
}

/// A deal was won right before the nightly reading, which told it, and lost before the stream of changes had its turn: that
/// stream never saw it as won. The next night tells what became of it.
#[tokio::test]
async fn trap_a_deal_the_nightly_reading_told_is_lost_before_the_stream_of_changes_saw_it() {
    let world = quiet();
    let (mut changes, mut nightly) = (None, None);
    read_to_end(&world, "orders", &mut changes, NOW_MS - DAY_MS).await;
    let deal = place(&world, &[("MUG", 1)]);
    let lost = place(&world, &[("TEA", 1)]);
    let told = read_to_end(&world, "recent_orders", &mut nightly, NOW_MS - DAY_MS).await;
    assert_eq!(ids(&told), BTreeSet::from([deal.clone(), lost.clone()]));
    world.clock.advance(10 * MINUTE_MS);
    org(&world, |org, moment| assert!(org.cancel(&lost, moment)));
    world.clock.advance(HOUR_MS);
    let seen = read_to_end(&world, "orders", &mut changes, NOW_MS - DAY_MS).await;
    assert!(!ids(&seen).contains(&lost), "if it is told here, nothing is left to tell");
    world.clock.advance(DAY_MS);
    let told = read_to_end(&world, "recent_orders", &mut nightly, NOW_MS - DAY_MS).await;
    assert_eq!(ids(&told), BTreeSet::from([deal.clone(), lost.clone()]));
    let cancelled = |incoming: &Incoming| matches!(&incoming.record, Record::Order(order) if order.is_cancelled());
    assert_eq!(told.iter().filter(|incoming| cancelled(incoming)).count(), 1);
    // Once is enough.
    world.clock.advance(DAY_MS);
    let told = read_to_end(&world, "recent_orders", &mut nightly, NOW_MS - DAY_MS).await;
    assert_eq!(ids(&told), BTreeSet::from([deal]));
}

/// Four calls at once meet a session that has ended. The line is slow: whoever is second is there before the first is back.
#[tokio::test]
async fn calls_at_once_renew_the_session_once() {
    use quayside_connectors::{Setup, Wire, WireError};
    struct Slow(Arc<dyn Wire>);
    #[async_trait::async_trait]
    impl Wire for Slow {
        async fn send(
            &self,
            request: http::Request<Vec<u8>>,
            timeout: std::time::Duration,
        ) -> Result<http::Response<Vec<u8>>, WireError> {
            for _ in 0..9 {
                tokio::task::yield_now().await;
            }
            self.0.send(request, timeout).await
        }
    }
    let world = quiet();
    place(&world, &[("MUG", 1)]);
    let secrets = signed_in(&world, "http://localhost:17817/oauth/salesforce").await.unwrap();
    let key = org(&world, |org, _| org.plan().client_id.clone());
    let fields =
        BTreeMap::from([("client_id".to_owned(), key), ("login_host".to_owned(), "login.salesforce.com".to_owned())]);
    let setup = world.setup("browser", fields, secrets);
    let slow: Arc<dyn Wire> = Arc::new(Slow(setup.wire.clone()));
    let connector = (platform("salesforce").unwrap().open)(Setup { wire: slow, ..setup }).unwrap();
    let ask = Ask { stream: "orders", cursor: None, next: None, since_ms: NOW_MS - DAY_MS, priority: Priority::Poll };
    let renewals = || world.talk().iter().filter(|talk| talk.url.ends_with("/services/oauth2/token")).count();
    let before = renewals();
    world.clock.advance(3 * HOUR_MS);
    let at_once = tokio::join!(connector.read(&ask), connector.read(&ask), connector.read(&ask), connector.read(&ask));
    for read in [at_once.0, at_once.1, at_once.2, at_once.3] {
        // All wait for the one renewal to be written down.
        assert!(matches!(read, Err(ReadError::WaitUntil { .. })), "{read:?}");
    }
    assert_eq!(renewals(), before + 1);
    connector.secrets_kept(&connector.renewed_secrets().unwrap());
    let at_once = tokio::join!(connector.read(&ask), connector.read(&ask));
    assert!(at_once.0.is_ok() && at_once.1.is_ok(), "{at_once:?}");
    assert_eq!(renewals(), before + 1);
}

/// Without rotation a renewal goes unnoticed.
#[tokio::test]
async fn trap_an_org_without_rotation() {
    let world = quiet_with(|plan| plan.rotation = false);
    place(&world, &[("MUG", 1)]);
    let secrets = signed_in(&world, "http://localhost:17817/oauth/salesforce").await.unwrap();
    let connector = browser(&world, &secrets);
    world.clock.advance(3 * HOUR_MS);
    let ask = Ask { stream: "orders", cursor: None, next: None, since_ms: NOW_MS - DAY_MS, priority: Priority::Poll };
    assert_eq!(connector.read(&ask).await.unwrap().records.len(), 1);
}

/// A mass edit of old deals does not flood the warehouse.
#[tokio::test]
async fn trap_old_deals_are_edited_in_bulk() {
    let world = quiet();
    let (old, new) = (place(&world, &[("MUG", 1)]), place(&world, &[("MUG", 1)]));
    org(&world, |org, moment| {
        org.state_mut().put("Opportunity", Some(old), &json!({ "CloseDate": "2026-03-01" }), moment.now_ms);
    });
    let found = read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await;
    assert_eq!(ids(&found), BTreeSet::from([new]));
}

/// A long text somebody edited: said so, never reported twice.
#[tokio::test]
async fn trap_somebody_edits_what_we_wrote() {
    let (world, order, parcel) = futures_lite(reported());
    org(&world, |org, moment| {
        let text = org.state().text(&parcel, "Description");
        let spoilt = text.replace("\"lines\"", "\"line");
        org.state_mut().put("Task", Some(parcel.clone()), &json!({ "Description": spoilt }), moment.now_ms);
    });
    let lines = lines_of(&world, &order);
    let Verdict::NeedsPerson(refusal) = verdict(&world, &fulfill(&order, &lines, "1Z9")).await else { panic!() };
    assert!(refusal.cause == Cause::Unreadable && refusal.sentence.contains("was edited"), "{refusal}");
    assert_eq!(world.applied(|ledger| of_object(ledger, "record_created", "Task")), 0);
}

/// Rows show up later than they are stamped: the next look begins well before the last one, and finds them.
#[tokio::test]
async fn trap_rows_that_show_up_late() {
    let world = quiet();
    let ids: BTreeSet<String> = (0..3).map(|_| place(&world, &[("MUG", 1)])).collect();
    let mut cursor = None;
    world.plan_mishap(Some(common::Mishap { exchange: usize::MAX, fault: quayside_sandbox::Fault::LateIndex }));
    let early = read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await;
    // A fourth is stamped before the look and seen only after it.
    let late = place(&world, &[("MUG", 1)]);
    let exchange = world.exchanges();
    world.plan_mishap(Some(common::Mishap { exchange, fault: quayside_sandbox::Fault::LateIndex }));
    let missed = self::ids(&read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await);
    assert!(!missed.contains(&late), "the index is late");
    world.plan_mishap(None);
    world.clock.advance(5 * MINUTE_MS);
    let found = self::ids(&read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await);
    assert!(found.contains(&late) && self::ids(&early) == ids, "{found:?}");
}

/// An account's new address moves no opportunity's stamp: the nightly re-read brings it.
#[tokio::test]
async fn trap_an_account_moves_no_stamp() {
    let world = quiet();
    let id = place(&world, &[("MUG", 1)]);
    let mut cursor = None;
    read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await;
    org(&world, |org, moment| {
        let account = org.state().text(&id, "AccountId");
        org.state_mut().put("Account", Some(account), &json!({ "ShippingStreet": "2 Dock Rd" }), moment.now_ms);
    });
    world.clock.advance(5 * MINUTE_MS);
    assert!(read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await.is_empty(), "no stamp moved");
    let again = read_to_end(&world, "recent_orders", &mut None, NOW_MS - DAY_MS).await;
    let Some(Record::Order(order)) = again.first().map(|incoming| &incoming.record) else { panic!("{again:?}") };
    assert_eq!(order.ship_to.as_ref().unwrap().line1, "2 Dock Rd");
}

/// Answers every question with one thing, and hands out sessions.
struct Refusing {
    sessions: std::sync::Mutex<Vec<&'static str>>,
    asked: std::sync::Mutex<Vec<String>>,
    status: u16,
    body: serde_json::Value,
}

#[async_trait::async_trait]
impl quayside_connectors::Wire for Refusing {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        _timeout: std::time::Duration,
    ) -> Result<http::Response<Vec<u8>>, quayside_connectors::WireError> {
        let url = url::Url::parse(&request.uri().to_string()).unwrap();
        self.asked.lock().unwrap().push(format!("{}{}", url.host_str().unwrap(), url.path()));
        let (status, body) = if url.path().ends_with("/token") {
            let host = self.sessions.lock().unwrap().remove(0);
            let body = json!({ "access_token": format!("00D!{host}"), "instance_url": format!("https://{host}"),
                "id": "https://login.salesforce.com/id/00D5Q0000000001UAA/0055Q0000000001QAA", "token_type": "Bearer" });
            (200, body)
        } else {
            (self.status, self.body.clone())
        };
        let answer = http::Response::builder().status(status).header("content-type", "application/json");
        Ok(answer.body(body.to_string().into_bytes()).unwrap())
    }
}

async fn refused_by(sessions: &[&'static str], message: &str) -> (ReadError, Vec<String>) {
    let mut world = quiet();
    let wire = Arc::new(Refusing {
        sessions: std::sync::Mutex::new(sessions.to_vec()),
        asked: std::sync::Mutex::default(),
        status: 401,
        body: json!([{ "errorCode": "INVALID_SESSION_ID", "message": message }]),
    });
    let other = wire.clone();
    world.disguise = Some(Arc::new(move |setup| quayside_connectors::Setup { wire: other.clone(), ..setup }));
    let ask = Ask { stream: "orders", cursor: None, next: None, since_ms: NOW_MS - DAY_MS, priority: Priority::Poll };
    let error = world.open().read(&ask).await.unwrap_err();
    let asked = wire.asked.lock().unwrap().clone();
    (error, asked)
}

/// Two kinds of 401 no renewal mends: the connection asks for a sign-in, after one session and not after hundreds.
#[tokio::test]
async fn trap_a_401_that_no_renewal_mends() {
    let host = "harbour-trade.my.salesforce.com";
    for message in
        ["This session is not valid for use with the REST API", "Connected app is not attached to Agent user"]
    {
        let (error, asked) = refused_by(&[host; 9], message).await;
        let ReadError::Refused(refusal) = error else { panic!("{message}") };
        assert_eq!(refusal.cause, Cause::SignInNeeded, "{refusal}");
        assert_eq!(asked.iter().filter(|path| path.ends_with("/token")).count(), 1, "{asked:?}");
    }
    // One that merely ended is renewed once, and then believed.
    let (_, asked) = refused_by(&[host; 9], "Session expired or invalid").await;
    assert_eq!(asked.iter().filter(|path| path.ends_with("/token")).count(), 2, "{asked:?}");
}

/// The org moves: what is tried again goes to the address the new session names, never to the old one.
#[tokio::test]
async fn trap_the_orgs_address_moves() {
    let sessions = ["old.my.salesforce.com", "new.my.salesforce.com"];
    let (_, asked) = refused_by(&sessions, "Session expired or invalid").await;
    let hosts: Vec<&str> = asked.iter().map(|url| url.split('/').next().unwrap()).collect();
    let login = "harbour-trade.my.salesforce.com";
    assert_eq!(hosts, [login, sessions[0], login, sessions[1]], "{asked:?}");
}

/// One id twice in one call fails both rows: the second waits for its turn.
#[tokio::test]
async fn trap_the_same_id_twice_in_one_call() {
    let world = quiet();
    let contact =
        |name: &str| put_record("Contact", "Quayside_Contact_Id__c", "c1", &[("LastName", &format!("\"{name}\""))]);
    let intents = [contact("Bluth"), contact("Sitwell")];
    let task = |intent| Task {
        key: "k",
        intent,
        first_sent_at_ms: None,
        last_sent_at_ms: None,
        ticket: None,
        priority: Priority::Write,
    };
    let verdicts = world.open().perform(&[task(&intents[0]), task(&intents[1])]).await;
    assert!(matches!(verdicts.as_slice(), [Verdict::Done(_), Verdict::WaitUntil { .. }]), "{verdicts:?}");
    assert!(matches!(verdict(&world, &intents[1]).await, Verdict::Done(_)));
    assert_eq!(world.applied(|ledger| of_object(ledger, "record_created", "Contact")), 1);
}

/// A lock may hide in the words of an automation that met it: it passes all the same.
#[tokio::test]
async fn trap_a_lock_inside_an_automations_words() {
    let mut world = quiet();
    let id = place(&world, &[("MUG", 1)]);
    let lines = lines_of(&world, &id);
    let message = "OpportunityTrigger: execution of AfterUpdate caused by: UNABLE_TO_LOCK_ROW, unable to obtain \
        exclusive access to this record";
    let change: tamper::Change = Arc::new(move |body| {
        for part in body["compositeResponse"].as_array_mut().into_iter().flatten() {
            for row in part["body"].as_array_mut().into_iter().flatten() {
                if row.get("success").is_some() {
                    *row = json!({ "success": false, "errors": [
                        { "statusCode": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "message": message, "fields": [] }] });
                }
            }
        }
    });
    world.disguise = Some(Arc::new(move |setup: quayside_connectors::Setup| {
        let wire = Arc::new(tamper::Tamper { inner: setup.wire.clone(), change: change.clone() });
        quayside_connectors::Setup { wire, ..setup }
    }));
    let said = verdict(&world, &fulfill(&id, &lines, "1Z1")).await;
    assert!(matches!(said, Verdict::RetryLater(_)), "{said:?}");
}
