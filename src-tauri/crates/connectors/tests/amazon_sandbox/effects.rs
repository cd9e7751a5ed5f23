//! Every change in every way it can go wrong: once, twice with one key, killed and with a fault after each exchange.

use crate::common::{EffectCase, Mishap, NOW_MS, Outcome, World, check_effect, run};
use crate::house::{act, cancel, fulfill, items, place, quiet, quiet_with, refund, seller, set_stock, tracking};
use quayside_model::time::{HOUR_MS, MINUTE_MS};
use quayside_model::{Cause, Intent};
use quayside_sandbox::ledger::By;
use quayside_sandbox::{Fault, Ledger};

fn by_client(ledger: &Ledger, effects: &[&str]) -> usize {
    ledger.entries.iter().filter(|entry| entry.by == By::Client && effects.contains(&entry.effect.as_str())).count()
}

#[tokio::test]
async fn a_parcel_is_reported_once() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet();
            let order = place(&world, &[("MUG-1", 2), ("PLATE", 1)]);
            let lines = items(&world, &order);
            (world, fulfill(&order, &lines, &["1Z1"]))
        },
        count: |ledger| by_client(ledger, &["package_confirmed", "package_edited"]),
        expected: 1,
        patience_ms: 2 * HOUR_MS,
    })
    .await;
}

#[tokio::test]
async fn two_numbers_of_one_parcel_are_two_packages_reported_once_each() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet();
            let order = place(&world, &[("MUG-1", 3)]);
            let lines = items(&world, &order);
            (world, fulfill(&order, &lines, &["1Z1", "1Z2"]))
        },
        count: |ledger| by_client(ledger, &["package_confirmed", "package_edited"]),
        expected: 2,
        patience_ms: 2 * HOUR_MS,
    })
    .await;
}

#[tokio::test]
async fn a_new_label_corrects_the_package() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet();
            let order = place(&world, &[("MUG-1", 1)]);
            let lines = items(&world, &order);
            act(&world, |amazon, moment| assert!(amazon.confirm_by_hand(&order, "1", "UPS", "1ZOLD", &lines, moment)));
            world.clock.advance(10 * MINUTE_MS);
            let intent = Intent::ReplaceTracking {
                order_remote_id: order,
                fulfillment_id: "1".into(),
                tracking: tracking(&["1ZNEW"]),
                notify_customer: true,
            };
            (world, intent)
        },
        count: |ledger| by_client(ledger, &["package_confirmed", "package_edited"]),
        expected: 1,
        patience_ms: 2 * HOUR_MS,
    })
    .await;
}

#[tokio::test]
async fn an_order_is_cancelled_once() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet_with(|plan| plan.feed_minutes = (1, 1));
            let order = place(&world, &[("MUG-1", 2), ("PLATE", 1)]);
            (world, cancel(&order))
        },
        count: |ledger| by_client(ledger, &["order_cancelled"]),
        expected: 1,
        patience_ms: 6 * HOUR_MS,
    })
    .await;
}

/// Amazon has no key for a refund and shows none on the order, so the outbox's own care is all there is: what was sent
/// is never sent again unasked. (Performed twice on purpose it *would* be given twice; the outbox does not.)
#[tokio::test]
async fn money_is_given_back_once_whatever_goes_wrong() {
    let make = || {
        let world = quiet_with(|plan| plan.feed_minutes = (1, 1));
        let order = place(&world, &[("MUG-1", 2)]);
        let lines = items(&world, &order);
        act(&world, |amazon, moment| assert!(amazon.confirm_by_hand(&order, "1", "UPS", "1Z", &lines, moment)));
        let intent = refund(&order, &[(lines[0].0.clone(), 1)], 1_850, 0);
        (world, intent)
    };
    let given = |world: &World| world.applied(|ledger| by_client(ledger, &["order_refunded"]));
    let (world, intent) = make();
    assert_eq!(run(&world, &intent, 6 * HOUR_MS, None).await, Outcome::Holds);
    assert_eq!(given(&world), 1);
    for at in 0..world.exchanges() {
        let (world, intent) = make();
        assert_eq!(run(&world, &intent, 6 * HOUR_MS, Some(at)).await, Outcome::Holds, "killed after exchange {at}");
        assert_eq!(given(&world), 1, "killed after exchange {at}");
        for fault in Fault::ALL {
            for kill in [None, Some(at)] {
                let (world, intent) = make();
                world.plan_mishap(Some(Mishap { exchange: at, fault }));
                let outcome = run(&world, &intent, 6 * HOUR_MS, kill).await;
                assert_eq!(outcome, Outcome::Holds, "{fault:?} at exchange {at}, {kill:?}");
                assert_eq!(given(&world), 1, "{fault:?} at exchange {at}, {kill:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_order_is_acknowledged_once() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet_with(|plan| plan.feed_minutes = (1, 1));
            let order = place(&world, &[("MUG-1", 1)]);
            (world, Intent::AcknowledgeOrder { order_remote_id: order, number: "HG-1042".into() })
        },
        count: |ledger| by_client(ledger, &["order_acknowledged"]),
        expected: 1,
        patience_ms: 6 * HOUR_MS,
    })
    .await;
}

#[tokio::test]
async fn a_quantity_is_set_and_read_back() {
    check_effect(&EffectCase {
        make: || (quiet(), set_stock("MUG-1", 7)),
        // Both marketplaces; the same quantity set twice is the same quantity.
        count: |ledger| {
            let set: std::collections::BTreeSet<String> =
                ledger.of("stock_set").map(|e| e.detail.to_string()).collect();
            set.len()
        },
        expected: 2,
        patience_ms: 6 * HOUR_MS,
    })
    .await;
    let world = quiet();
    assert_eq!(run(&world, &set_stock("MUG-1", 7), HOUR_MS, None).await, Outcome::Holds);
    let listing = seller(&world, |amazon| amazon.state().listings["MUG-1"].clone());
    assert_eq!((listing.live, listing.handling_days), (7, Some(2)), "and nothing else is touched");
}

/// A stack of cancellations is one file, and each has its own outcome.
#[tokio::test]
async fn cancellations_share_a_feed_and_not_their_fate() {
    use quayside_connectors::{Priority, Task};
    use quayside_model::{Confirmation, Verdict};
    let world = quiet_with(|plan| plan.feed_minutes = (1, 1));
    let orders: Vec<String> = (0..3).map(|_| place(&world, &[("MUG-1", 1)])).collect();
    seller(&world, |amazon| {
        for order in amazon.state_mut().orders.values_mut() {
            order.marketplace = "A1PA6795UKMFR9".into();
        }
    });
    let intents: Vec<Intent> = orders.iter().map(|order| cancel(order)).collect();
    let connector = world.open();
    let keys = ["a", "b", "c"];
    let tasks: Vec<Task<'_>> = intents
        .iter()
        .zip(keys)
        .map(|(intent, key)| Task {
            key,
            intent,
            first_sent_at_ms: None,
            last_sent_at_ms: None,
            ticket: None,
            priority: Priority::Write,
        })
        .collect();
    let verdicts = connector.perform(&tasks).await;
    let tickets: Vec<String> = verdicts
        .into_iter()
        .map(|verdict| match verdict {
            Verdict::UnderWay { ticket, .. } => ticket,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(seller(&world, |amazon| amazon.calls("createFeed")), 1);
    // One is shipped before Amazon gets to it.
    let lines = items(&world, &orders[1]);
    act(&world, |amazon, moment| assert!(amazon.confirm_by_hand(&orders[1], "1", "UPS", "1Z", &lines, moment)));
    world.clock.advance(10 * MINUTE_MS);
    // After a restart: all that is known is the tickets.
    let connector = world.open();
    let mut outcomes = Vec::new();
    for ((intent, key), ticket) in intents.iter().zip(keys).zip(&tickets) {
        let task = Task {
            key,
            intent,
            first_sent_at_ms: Some(NOW_MS - HOUR_MS),
            last_sent_at_ms: Some(NOW_MS - HOUR_MS),
            ticket: Some(ticket),
            priority: Priority::Write,
        };
        outcomes.push(connector.confirm(&task).await);
    }
    assert!(matches!(&outcomes[0], Confirmation::Holds(_)), "{:?}", outcomes[0]);
    assert!(matches!(&outcomes[2], Confirmation::Holds(_)), "{:?}", outcomes[2]);
    let Confirmation::Overtaken(refusal) = &outcomes[1] else { panic!("{:?}", outcomes[1]) };
    assert!(refusal.said.as_deref().unwrap().contains("cannot be cancelled"), "{refusal}");
    assert_eq!(seller(&world, |amazon| amazon.calls("getFeedDocument")), 1, "the report is fetched once");
}

/// Two parcels of one order: partly shipped, then shipped, each with its own lines.
#[tokio::test]
async fn a_partial_shipment_leaves_the_rest_open() {
    let world = quiet();
    let order = place(&world, &[("MUG-1", 2), ("PLATE", 1)]);
    let lines = items(&world, &order);
    let first = fulfill(&order, &[(lines[0].0.clone(), 1)], &["1Z1"]);
    assert_eq!(run(&world, &first, HOUR_MS, None).await, Outcome::Holds);
    let status = |world: &World| {
        let now_ms = quayside_model::Clock::now_ms(&*world.clock);
        seller(world, |amazon| amazon.state().orders[&order].status(now_ms))
    };
    assert_eq!(status(&world), "PARTIALLY_SHIPPED");
    let rest = fulfill(&order, &[(lines[0].0.clone(), 1), lines[1].clone()], &["1Z2"]);
    // Another effect has another key, so another package.
    let connector = world.open();
    let task = quayside_connectors::Task {
        key: "effect-2",
        intent: &rest,
        first_sent_at_ms: None,
        last_sent_at_ms: None,
        ticket: None,
        priority: quayside_connectors::Priority::Write,
    };
    let verdict = connector.perform(&[task]).await.remove(0);
    assert!(matches!(verdict, quayside_model::Verdict::UnderWay { .. }), "{verdict:?}");
    world.clock.advance(5 * MINUTE_MS);
    assert_eq!(status(&world), "SHIPPED");
    let numbers = seller(&world, |amazon| {
        amazon.state().orders[&order].packages.iter().map(|p| (p.number.clone(), p.items.len())).collect::<Vec<_>>()
    });
    assert_eq!(numbers, [("1Z1".to_owned(), 1), ("1Z2".to_owned(), 2)]);
}

#[tokio::test]
async fn what_cannot_be_done_is_said_in_words() {
    let world = quiet();
    let shipped = place(&world, &[("MUG-1", 1)]);
    let lines = items(&world, &shipped);
    act(&world, |amazon, moment| assert!(amazon.confirm_by_hand(&shipped, "1", "DHL", "JJD1", &lines, moment)));
    let fba = place(&world, &[("MUG-1", 1)]);
    let plus = place(&world, &[("MUG-1", 1)]);
    seller(&world, |amazon| {
        amazon.state_mut().orders.get_mut(&fba).unwrap().by_amazon = true;
        amazon.state_mut().orders.get_mut(&plus).unwrap().programs.push("FBM_SHIP_PLUS".into());
    });
    let lines_of = |order: &str| items(&world, order);
    let take_back = Intent::CancelFulfillment { order_remote_id: shipped.clone(), fulfillment_id: "1".into() };
    for (intent, cause, word) in [
        (cancel(&shipped), Cause::ContentRefused, "Refund it"),
        (cancel("028-0000000-0000000"), Cause::FulfillmentRefused, "does not know"),
        (cancel(&fba), Cause::ContentRefused, "Amazon itself ships"),
        (fulfill(&fba, &lines_of(&fba), &["1Z"]), Cause::FulfillmentRefused, "FBA"),
        (fulfill(&plus, &lines_of(&plus), &["1Z"]), Cause::FulfillmentRefused, "Ship+"),
        (fulfill(&shipped, &lines_of(&shipped), &["1Z"]), Cause::FulfillmentRefused, "JJD1"),
        (fulfill(&plus, &lines_of(&plus), &[]), Cause::FulfillmentRefused, "Ship+"),
        (take_back, Cause::FulfillmentRefused, "lets nobody undo"),
    ] {
        let Outcome::Person(refusal) = run(&world, &intent, HOUR_MS, None).await else { panic!("{intent:?}") };
        assert_eq!(refusal.cause, cause, "{refusal}");
        assert!(refusal.sentence.contains(word), "{word}: {refusal}");
    }
    assert_eq!(world.applied(|ledger| by_client(ledger, &["package_confirmed", "order_cancelled"])), 0);
}
