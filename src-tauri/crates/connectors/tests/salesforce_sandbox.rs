//! The Salesforce connector against an honest org: everything read, every change applied once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod common;
#[path = "common/contract.rs"]
mod contract;
#[path = "salesforce_sandbox/decisions.rs"]
mod decisions;
#[path = "salesforce_sandbox/contract.rs"]
mod described;
#[path = "salesforce_sandbox/keeping.rs"]
mod keeping;
#[path = "salesforce_sandbox/limits.rs"]
mod limits;
#[path = "salesforce_sandbox/offers.rs"]
mod offers;
#[path = "salesforce_sandbox/shipped.rs"]
mod shipped;
#[path = "common/tamper.rs"]
#[allow(dead_code)] // shared with the suite over all platforms, which needs more of it
mod tamper;
#[path = "salesforce_sandbox/traps.rs"]
mod traps;

use common::{EffectCase, NOW_MS, Outcome, World, check_effect, check_stream, read_to_end, run};
use quayside_connectors::{Ask, Priority, ReadError};
use quayside_model::{
    Cause, CheckState, Clock, Fulfillment, FulfillmentDraft, FulfillmentLine, Incoming, Intent, Order, Record,
    RecordDraft, RecordKind, RecordNoun, Tracking,
};
use quayside_sandbox::ledger::By;
use quayside_sandbox::merchant::shop::{Place, Purchase, PurchaseLine, Shop};
use quayside_sandbox::salesforce::{Plan, Salesforce};
use quayside_sandbox::{Extra, Ledger, Moment, Sandbox, SandboxPlan};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const ORG: &str = "harbour-trade";
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

fn quiet() -> World {
    quiet_with(|_| ())
}

fn quiet_with(change: impl FnOnce(&mut Plan)) -> World {
    let mut plan = SandboxPlan::quiet(7, NOW_MS - 10 * DAY_MS);
    plan.stores = vec![];
    plan.hub = None;
    plan.extras = vec![Extra::Shop(quayside_sandbox::salesforce::shop)];
    let mut sandbox = Sandbox::new(plan);
    sandbox.advance(NOW_MS - HOUR_MS);
    let mut world = World::new(sandbox, ORG);
    world.facts.time_zone = Some("America/New_York".into());
    org(&world, |org, _| change(org.plan_mut()));
    world
}

/// Looks at or acts in the org.
fn org<R>(world: &World, act: impl FnOnce(&mut Salesforce, &mut Moment<'_>) -> R) -> R {
    let mut sandbox = world.sandbox.lock().unwrap();
    sandbox.scene(|scene| {
        let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
        let org = scene.shops[0].as_any().unwrap().downcast_mut::<Salesforce>().unwrap();
        act(org, &mut moment)
    })
}

fn purchase(lines: &[(&str, i64)]) -> Purchase {
    Purchase {
        email: "ada@harbour.example".into(),
        ship_to: Place {
            first_name: "Ada".into(),
            last_name: "O'Neil".into(),
            company: "Harbour Cafe".into(),
            line1: "1 Quay St".into(),
            line2: "Unit 4".into(),
            postcode: "04101".into(),
            city: "Portland".into(),
            region: "ME".into(),
            country: "US".into(),
            country_name: "United States".into(),
            phone: "+1 207 555 0100".into(),
        },
        bill_to: None,
        lines: lines
            .iter()
            .map(|(sku, quantity)| PurchaseLine {
                sku: (*sku).into(),
                name: format!("{sku} article"),
                variant: String::new(),
                quantity: *quantity,
                unit_price_minor: 1_850,
                weight_g: Some(300.0),
                options: vec![],
            })
            .collect(),
        shipping_minor: 0,
        express: false,
        paid: true,
        note: "ring twice".into(),
        gift_message: String::new(),
    }
}

/// A won deal of these lines (SKU, units). Its id.
fn place(world: &World, lines: &[(&str, i64)]) -> String {
    org(world, |org, moment| org.place(&purchase(lines), moment).unwrap())
}

/// Lines of a deal: id and units, straight from the org.
fn lines_of(world: &World, id: &str) -> Vec<(String, i64)> {
    org(world, |org, _| org.order(id).unwrap().lines.into_iter().map(|line| (line.id, line.units)).collect())
}

fn fulfill(order: &str, lines: &[(String, i64)], number: &str) -> Intent {
    Intent::Fulfill {
        fulfillment: FulfillmentDraft {
            order_remote_id: order.into(),
            parcel_ids: vec!["label:1".into()],
            lines: lines
                .iter()
                .map(|(id, quantity)| FulfillmentLine { order_line_id: id.clone(), quantity: *quantity })
                .collect(),
            tracking: Tracking {
                carrier_code: "ups".into(),
                carrier_name: "UPS".into(),
                numbers: vec![number.into()],
                urls: vec![format!("https://www.ups.com/track?tracknum={number}")],
            },
            notify_customer: true,
            shipped_at_ms: Some(NOW_MS),
            known_fulfillment_ids: vec![],
            expected: None,
        },
    }
}

fn settings(world: &World, pairs: &[(&str, &str)]) {
    for (name, value) in pairs {
        world.choose(name, *value);
    }
}

fn of_object(ledger: &Ledger, effect: &str, object: &str) -> usize {
    let fine = |entry: &&quayside_sandbox::Entry| {
        entry.by == By::Client
            && entry.detail["object"] == object
            && (effect != "record_updated"
                || entry.detail["fields"].as_object().is_some_and(|fields| !fields.is_empty()))
    };
    ledger.of(effect).filter(fine).count()
}

async fn read_order(world: &World, id: &str) -> Order {
    let connector = world.open();
    for _ in 0..50 {
        match connector.read_one(RecordKind::Order, id, Priority::Person).await {
            Ok(Some(Incoming { record: Record::Order(order), .. })) => return order,
            Err(ReadError::WaitUntil { at_ms, .. }) => world.clock.reach(at_ms),
            other => panic!("{other:?}"),
        }
    }
    panic!("{id} is never read");
}

fn ids(found: &[Incoming]) -> BTreeSet<String> {
    found.iter().map(|incoming| incoming.record.remote_id().to_owned()).collect()
}

#[tokio::test]
async fn a_parcel_is_reported_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet();
            let order = place(&world, &[("MUG", 2), ("PLATE", 1)]);
            let lines = lines_of(&world, &order);
            (world, fulfill(&order, &lines, "1Z0001"))
        },
        count: |ledger| of_object(ledger, "record_created", "Task"),
        expected: 1,
        patience_ms: HOUR_MS,
    })
    .await;
}

/// Parcel record and fields of the opportunity: two rows of one call, either of which may be all that arrived.
#[tokio::test]
async fn a_parcel_with_fields_on_the_opportunity_is_reported_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet();
            settings(
                &world,
                &[
                    ("tracking_field", "Tracking_Number__c"),
                    ("carrier_field", "Carrier__c"),
                    ("status_field", "Shipping_Status__c"),
                    ("shipped_date_field", "Shipped_On__c"),
                ],
            );
            let order = place(&world, &[("MUG", 2)]);
            let lines = lines_of(&world, &order);
            (world, fulfill(&order, &lines, "1Z0001"))
        },
        count: |ledger| {
            of_object(ledger, "record_created", "Task") + of_object(ledger, "record_updated", "Opportunity")
        },
        expected: 2,
        patience_ms: HOUR_MS,
    })
    .await;
}

/// An object of the org's own, addressed by an external id.
#[tokio::test]
async fn a_parcel_as_a_record_of_an_own_object_is_reported_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet();
            own_object(&world);
            let order = place(&world, &[("MUG", 2)]);
            let lines = lines_of(&world, &order);
            (world, fulfill(&order, &lines, "1Z0001"))
        },
        count: |ledger| of_object(ledger, "record_created", "Shipment__c"),
        expected: 1,
        patience_ms: HOUR_MS,
    })
    .await;
}

fn own_object(world: &World) {
    settings(
        world,
        &[
            ("parcel_object", "Shipment__c"),
            (
                "parcel_fields",
                "opportunity=Opportunity__c; contents=Contents__c; key=Quayside_Id__c; numbers=Numbers__c; carrier=Carrier__c; url=Link__c; shipped=Shipped_On__c; name=Name",
            ),
        ],
    );
}

#[tokio::test]
async fn tracking_is_corrected_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let (world, order, parcel) = futures_lite(reported());
            let intent = Intent::ReplaceTracking {
                order_remote_id: order,
                fulfillment_id: parcel,
                tracking: Tracking {
                    carrier_code: "fedex".into(),
                    carrier_name: "FedEx".into(),
                    numbers: vec!["7700".into()],
                    urls: vec![],
                },
                notify_customer: false,
            };
            (world, intent)
        },
        count: |ledger| of_object(ledger, "record_updated", "Task"),
        expected: 1,
        patience_ms: HOUR_MS,
    })
    .await;
}

#[tokio::test]
async fn a_parcel_is_taken_back_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let (world, order, parcel) = futures_lite(reported());
            (world, Intent::CancelFulfillment { order_remote_id: order, fulfillment_id: parcel })
        },
        count: |ledger| of_object(ledger, "record_updated", "Task"),
        expected: 1,
        patience_ms: HOUR_MS,
    })
    .await;
}

#[tokio::test]
async fn an_opportunity_is_cancelled_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet();
            settings(&world, &[("cancel_stage", "Closed Lost"), ("cancel_reason_field", "Lost_Reason__c")]);
            let order = place(&world, &[("MUG", 1)]);
            let intent = Intent::CancelChannelOrder {
                order_remote_id: order,
                reason: "inventory".into(),
                restock: true,
                refund: false,
                notify_customer: false,
                staff_note: "sold out".into(),
            };
            (world, intent)
        },
        count: |ledger| of_object(ledger, "record_updated", "Opportunity"),
        expected: 1,
        patience_ms: HOUR_MS,
    })
    .await;
}

#[tokio::test]
async fn a_record_is_written_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            (
                quiet(),
                put_record(
                    "Account",
                    "Quayside_Customer_Id__c",
                    "shop:1001",
                    &[("Name", "\"Harbour Café\""), ("Orders_30d__c", "12")],
                ),
            )
        },
        count: |ledger| of_object(ledger, "record_created", "Account"),
        expected: 1,
        patience_ms: HOUR_MS,
    })
    .await;
}

fn put_record(object: &str, key: &str, id: &str, fields: &[(&str, &str)]) -> Intent {
    Intent::PutRecord {
        record: RecordDraft {
            noun: RecordNoun::Named,
            object: object.into(),
            external_id_field: key.into(),
            external_id: id.into(),
            fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        },
    }
}

/// Runs a short future to its end: the set-up of a case is a plain function.
fn futures_lite<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
    })
    .join()
    .unwrap()
}

/// A deal whose parcel was reported: org, deal, the parcel's record.
async fn reported() -> (World, String, String) {
    let world = quiet();
    let order = place(&world, &[("MUG", 2)]);
    let lines = lines_of(&world, &order);
    assert_eq!(run(&world, &fulfill(&order, &lines, "1Z0001"), HOUR_MS, None).await, Outcome::Holds);
    let parcel = read_order(&world, &order).await.fulfillments[0].remote_id.clone();
    world.restart_count();
    (world, order, parcel)
}

#[tokio::test]
async fn won_opportunities_are_read_to_the_end_whatever_happens() {
    check_stream(
        || {
            let world = quiet();
            for n in 0..9 {
                place(&world, &[("MUG", 1 + n % 3), ("PLATE", 1)]);
            }
            world
        },
        "orders",
        NOW_MS - DAY_MS,
        |world, found| {
            let all: BTreeSet<String> = org(world, |org, _| org.orders().into_iter().collect());
            assert_eq!(ids(found), all);
        },
    )
    .await;
}

/// A living seller for two days: what was read last is what is true.
#[tokio::test]
async fn what_was_read_last_is_what_is_true() {
    let mut plan = SandboxPlan::new(11, NOW_MS - DAY_MS);
    plan.stores = vec![];
    plan.hub = None;
    plan.extras = vec![Extra::Shop(quayside_sandbox::salesforce::shop)];
    plan.extra_volume = quayside_sandbox::Volume::PerDay(40.0);
    plan.trouble = 0.3;
    plan.latency_ms = (1, 5);
    let world = World::new(Sandbox::new(plan), ORG);
    let mut latest: BTreeMap<String, Order> = BTreeMap::new();
    let mut orders = None;
    for turn in 0..25 {
        if turn > 0 && turn < 24 {
            world.clock.advance(HOUR_MS);
        } else if turn == 24 {
            // Half a minute after the last change everything may be seen.
            world.clock.advance(MINUTE_MS);
        }
        for incoming in read_to_end(&world, "orders", &mut orders, NOW_MS - 2 * DAY_MS).await {
            if let Record::Order(order) = incoming.record {
                latest.insert(order.remote_id.clone(), order);
            }
        }
    }
    assert!(latest.len() > 30, "{}", latest.len());
    let now_ms = world.clock.now_ms();
    let views: Vec<_> = org(&world, |org, _| org.orders().iter().map(|id| org.order(id).unwrap()).collect());
    for view in views.into_iter().filter(|view| view.paid && now_ms - view.placed_ms > 2 * MINUTE_MS) {
        let read = &latest[&view.id];
        assert_eq!(read.is_cancelled(), view.cancelled, "{}", view.name);
        let units: BTreeMap<&str, i64> =
            read.lines.iter().map(|line| (line.remote_id.as_str(), line.current_quantity)).collect();
        let truth: BTreeMap<&str, i64> = view.lines.iter().map(|line| (line.id.as_str(), line.units)).collect();
        assert_eq!(units, truth, "{}", view.name);
    }
}

#[tokio::test]
async fn partial_parcels_add_up_and_the_opportunity_says_so() {
    let world = quiet();
    settings(&world, &[("tracking_field", "Tracking_Number__c"), ("status_field", "Shipping_Status__c")]);
    let id = place(&world, &[("MUG", 3)]);
    let line = lines_of(&world, &id)[0].0.clone();
    let shown = |field: &str| org(&world, |org, _| org.state().text(&id, field));
    for (key, number, units, state, numbers) in
        [("a", "1Z1", 1, "Partially Shipped", "1Z1"), ("b", "1Z2", 2, "Shipped", "1Z1, 1Z2")]
    {
        assert_eq!(world.run_with_key(key, &fulfill(&id, &[(line.clone(), units)], number)).await, Outcome::Holds);
        assert_eq!((shown("Shipping_Status__c").as_str(), shown("Tracking_Number__c").as_str()), (state, numbers));
    }
    let order = read_order(&world, &id).await;
    assert_eq!((order.units_told(&line), order.fulfillments.len(), order.is_fulfilled()), (3, 2, true));
    let Outcome::Person(refusal) = world.run_with_key("c", &fulfill(&id, &[(line.clone(), 1)], "1Z3")).await else {
        panic!()
    };
    assert_eq!(refusal.cause, Cause::FulfillmentRefused);
    // Two packages with one number each, told by somebody else already: found, not told again.
    assert_eq!(world.run_with_key("d", &fulfill(&id, &[(line, 1)], "1Z1")).await, Outcome::Holds);
    assert_eq!(world.applied(|ledger| of_object(ledger, "record_created", "Task")), 2);
}

#[tokio::test]
async fn fifty_parcels_take_two_calls() {
    let world = quiet();
    settings(&world, &[("tracking_field", "Tracking_Number__c")]);
    let intents: Vec<Intent> = (0..50)
        .map(|n| {
            let id = place(&world, &[("MUG", 1)]);
            fulfill(&id, &lines_of(&world, &id), &format!("1Z{n}"))
        })
        .collect();
    let connector = world.open();
    // The first call of a session also signs in and looks at the org's fields.
    connector.read_one(RecordKind::Order, &"0065Q0000000001AAA"[..18], Priority::Person).await.unwrap();
    let before = world.exchanges();
    let keys: Vec<String> = (0..50).map(|n| format!("key-{n}")).collect();
    let tasks: Vec<_> = intents
        .iter()
        .zip(&keys)
        .map(|(intent, key)| quayside_connectors::Task {
            key,
            intent,
            first_sent_at_ms: None,
            last_sent_at_ms: None,
            ticket: None,
            priority: Priority::Write,
        })
        .collect();
    let verdicts = connector.perform(&tasks).await;
    assert!(verdicts.iter().all(|verdict| matches!(verdict, quayside_model::Verdict::Done(_))), "{verdicts:?}");
    assert_eq!(world.exchanges() - before, 2);
    assert_eq!(world.applied(|ledger| of_object(ledger, "record_created", "Task")), 50);
    assert_eq!(world.applied(|ledger| of_object(ledger, "record_updated", "Opportunity")), 50);
}

#[tokio::test]
async fn an_opportunity_in_our_words() {
    let world = quiet();
    settings(
        &world,
        &[
            ("note_field", "Delivery_Notes__c"),
            ("gift_field", "Gift_Message__c"),
            ("ship_by_field", "Ship_By__c"),
            ("currency", "EUR"),
        ],
    );
    let id = org(&world, |org, moment| {
        let mut purchase = purchase(&[("MUG", 2), ("PLATE", 1)]);
        purchase.gift_message = "für dich".into();
        let id = org.place(&purchase, moment).unwrap();
        let line = org.order(&id).unwrap().lines[0].id.clone();
        // Ten percent off the mugs: the total has it in, the unit price does not.
        org.state_mut().put("OpportunityLineItem", Some(line), &json!({ "TotalPrice": 33.3 }), moment.now_ms);
        org.state_mut().put("Opportunity", Some(id.clone()), &json!({ "Ship_By__c": "2026-11-24" }), moment.now_ms);
        id
    });
    let order = read_order(&world, &id).await;
    assert_eq!(
        (order.currency.0.as_str(), order.subtotal_minor, order.discount_minor, order.total_minor),
        ("EUR", 3_330 + 1_850, 370, 5_180)
    );
    let mug = &order.lines[0];
    assert_eq!(
        (mug.sku.as_str(), mug.quantity, mug.unit_price_minor, mug.discounted_unit_price_minor),
        ("MUG", 2, 1_850, 1_665)
    );
    let to = order.ship_to.as_ref().unwrap();
    assert_eq!(
        [&to.name, &to.company, &to.line1, &to.line2, &to.city, &to.region, &to.postcode, &to.country],
        ["Ada O'Neil", "Harbour Cafe", "1 Quay St", "Unit 4", "Portland", "ME", "04101", "US"]
    );
    assert_eq!((order.note.as_str(), order.gift_message.as_str()), ("ring twice", "für dich"));
    assert_eq!(order.customer.as_ref().unwrap().email, "ada@harbour.example");
    // The end of the 24th in New York.
    assert_eq!(order.ship_by_ms, Some(1_795_582_740_000));
    assert!(
        order.payment.is_paid()
            && order.fulfillment_orders[0].can_fulfill
            && order.fulfillment_orders[0].holds.is_empty()
    );
    assert_eq!(order.admin_url.as_deref(), Some(format!("https://harbour-trade.my.salesforce.com/{id}").as_str()));
}

/// What a person does by hand in the org, and what comes of it here.
#[tokio::test]
async fn reopened_is_held_lost_is_cancelled_won_again_goes_on() {
    let world = quiet();
    let id = place(&world, &[("MUG", 1)]);
    let mut cursor = None;
    let mut read = async || {
        world.clock.advance(2 * MINUTE_MS);
        let found = read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await;
        found.into_iter().find_map(|incoming| match incoming.record {
            Record::Order(order) if order.remote_id == id => Some(order),
            _ => None,
        })
    };
    assert!(read().await.unwrap().fulfillment_orders[0].holds.is_empty());
    let stage = |stage: &str| {
        let now_ms = world.clock.now_ms();
        world.sandbox.lock().unwrap().advance(now_ms);
        org(&world, |org, moment| org.set_stage(&id, stage, moment));
    };
    stage("Negotiation");
    let order = read().await.expect("a reopened opportunity is told");
    assert!(!order.is_cancelled() && order.fulfillment_orders[0].holds[0].reason.contains("Negotiation"));
    stage("Closed Lost");
    assert!(read().await.unwrap().is_cancelled());
    stage("Closed Won");
    let order = read().await.unwrap();
    assert!(!order.is_cancelled() && order.fulfillment_orders[0].can_fulfill);
    let now_ms = world.clock.now_ms();
    world.sandbox.lock().unwrap().advance(now_ms);
    org(&world, |org, moment| org.state_mut().delete(&id, moment.now_ms));
    let order = read().await.expect("a deleted opportunity is told");
    assert_eq!((order.is_cancelled(), order.cancel_reason.as_deref()), (true, Some("deleted")));
}

/// A parcel's record does not move the opportunity's stamp: it has a stream of its own.
#[tokio::test]
async fn a_parcel_somebody_deletes_is_noticed() {
    let (world, order, parcel) = futures_lite(reported());
    let mut cursor = None;
    read_to_end(&world, "parcels", &mut cursor, NOW_MS - DAY_MS).await;
    world.clock.advance(5 * MINUTE_MS);
    let now_ms = world.clock.now_ms();
    world.sandbox.lock().unwrap().advance(now_ms);
    org(&world, |org, moment| org.state_mut().delete(&parcel, moment.now_ms));
    world.clock.advance(5 * MINUTE_MS);
    let found = read_to_end(&world, "parcels", &mut cursor, NOW_MS - DAY_MS).await;
    let Some(Record::Order(read)) = found.last().map(|incoming| &incoming.record) else { panic!("nothing was read") };
    assert_eq!((read.remote_id.as_str(), read.fulfillments.as_slice()), (order.as_str(), &[] as &[Fulfillment]));
}

#[tokio::test]
async fn the_checklist_against_a_real_org() {
    let world = quiet();
    let preflight = world.open().preflight().await;
    let troubled: Vec<&str> =
        preflight.checks.iter().filter(|c| c.state != CheckState::Works).map(|c| c.title.as_str()).collect();
    assert!(troubled.is_empty(), "{:?}", preflight.checks);
    let account = preflight.account.unwrap();
    assert_eq!((account.name.as_str(), account.remote_id.len()), ("Harbour Trade", 18));
    assert_eq!(account.time_zone.as_deref(), Some("America/New_York"));

    for (change, title, word) in [
        ((|plan: &mut Plan| plan.no_access.push("Task".into())) as fn(&mut Plan), "Report parcels", "Task"),
        (|plan| plan.no_access.push("OpportunityLineItem".into()), "Products", "OpportunityLineItem"),
        (|plan| plan.read_only.push("Task.Description".into()), "Report parcels", "read-only"),
        (|plan| plan.hidden.push("Opportunity.LastStageChangeDate".into()), "Opportunities", "LastStageChangeDate"),
        (|plan| plan.versions.retain(|version| version != "67.0"), "API version", "answers"),
    ] {
        let preflight = quiet_with(change).open().preflight().await;
        let check = preflight.checks.iter().find(|check| check.title == title).unwrap();
        assert!(check.detail.contains(word), "{title}: {}", check.detail);
        common::names_what_it_disables(&preflight);
    }
    for (change, word) in [
        ((|plan: &mut Plan| plan.run_as = false) as fn(&mut Plan), "Run As"),
        (|plan| plan.client_secret = "another".into(), "do not belong together"),
    ] {
        let world = quiet();
        let connector = world.open();
        org(&world, |org, _| change(org.plan_mut()));
        let preflight = connector.preflight().await;
        assert!(!preflight.can_connect() && preflight.checks[0].detail.contains(word), "{:?}", preflight.checks);
    }
}

#[tokio::test]
async fn an_allowance_is_left_to_the_orgs_other_programs() {
    let world = quiet_with(|plan| plan.calls_max = 1_000);
    place(&world, &[("MUG", 1)]);
    read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await;
    org(&world, |org, moment| org.others_call(820, moment.now_ms));
    let connector = world.open();
    // One call notices; from then on polls wait and a person's click does not.
    let ask = Ask { stream: "orders", cursor: None, next: None, since_ms: NOW_MS - DAY_MS, priority: Priority::Poll };
    let mut waited = None;
    for _ in 0..4 {
        if let Err(ReadError::WaitUntil { at_ms, why }) = connector.read(&ask).await {
            waited = Some((at_ms, why));
            break;
        }
    }
    let (at_ms, why) = waited.expect("polls end at 80 %");
    assert!(at_ms > world.clock.now_ms() && why.contains("24 hours"), "{why}");
    let calls = org(&world, |org, _| org.calls());
    assert!(connector.read(&ask).await.is_err());
    assert_eq!(org(&world, |org, _| org.calls()), calls, "nothing is sent while it waits");
    let person = Ask { priority: Priority::Person, ..ask };
    assert!(connector.read(&person).await.is_ok());
}

#[tokio::test]
async fn records_go_out_in_collections_and_each_row_has_its_own_end() {
    let world = quiet();
    let connector = world.open();
    let mut intents: Vec<Intent> = (0..199)
        .map(|n| {
            put_record(
                "Contact",
                "Quayside_Contact_Id__c",
                &format!("c{n}"),
                &[("LastName", "\"Sitwell\""), ("Email", &format!("\"c{n}@mail.example\""))],
            )
        })
        .collect();
    intents.push(put_record("Contact", "Quayside_Contact_Id__c", "bad", &[("Email", "\"nobody@mail.example\"")]));
    connector.preflight().await;
    let before = world.exchanges();
    let keys: Vec<String> = (0..intents.len()).map(|n| format!("key-{n}")).collect();
    let tasks: Vec<_> = intents
        .iter()
        .zip(&keys)
        .map(|(intent, key)| quayside_connectors::Task {
            key,
            intent,
            first_sent_at_ms: None,
            last_sent_at_ms: None,
            ticket: None,
            priority: Priority::Write,
        })
        .collect();
    let verdicts = connector.perform(&tasks).await;
    let done = verdicts.iter().filter(|verdict| matches!(verdict, quayside_model::Verdict::Done(_))).count();
    let quayside_model::Verdict::NeedsPerson(refusal) = &verdicts[199] else { panic!("{:?}", verdicts[199]) };
    assert_eq!(done, 199);
    assert!(refusal.sentence.contains("LastName"), "{refusal}");
    assert_eq!(world.exchanges() - before, 2, "one look at the object, one call for 200 records");
}
