//! Each change once, twice with one key, killed after each exchange, each fault at each exchange.

use super::common::{EffectCase, Mishap, Outcome, World, check_effect, run};
use super::*;
use quayside_connectors::Task;
use quayside_model::{
    Cause, Clock, Confirmation, Currency, RefundAsk, RefundDraft, RefundLineDraft, StockDraft, Verdict,
};
use quayside_sandbox::Fault;
use quayside_sandbox::bigcommerce::state::{Metafield, Product, Variant};

fn parcel(make: fn() -> World) -> (World, Intent) {
    let world = make();
    let order = place(&world, &[("MUG", 2), ("PLATE", 1)]);
    let lines = lines_of(&world, &order);
    (world, fulfill(&order, &lines, "1Z0001"))
}

#[tokio::test]
async fn a_parcel_is_reported_exactly_once_whatever_happens() {
    for make in [(|| parcel(quiet)) as fn() -> (World, Intent), || parcel(otherwise)] {
        let count = |ledger: &Ledger| by_client(ledger, "fulfillment_created").count();
        check_effect(&EffectCase { make, count, expected: 1, patience_ms: 2 * HOUR_MS }).await;
        let (world, intent) = make();
        assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
        let Intent::Fulfill { fulfillment } = &intent else { panic!() };
        assert_eq!(status_of(&world, &fulfillment.order_remote_id), 2);
    }
}

/// Planned when both addresses were still one order here: one shipment per address, and every way to be interrupted between them.
#[tokio::test]
async fn a_parcel_for_two_addresses_is_reported_exactly_once_each_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet();
            let order = place_draft(&world, two_doors());
            let lines = lines_of(&world, &order);
            (world, fulfill(&order, &lines, "1Z0001"))
        },
        count: |ledger| by_client(ledger, "fulfillment_created").count(),
        expected: 2,
        patience_ms: 2 * HOUR_MS,
    })
    .await;
}

/// The part of the second address: its goods alone, beside what somebody made by hand for the first, and the order is
/// "shipped" only when both have left.
#[tokio::test]
async fn a_parcel_for_one_of_two_addresses_is_reported_exactly_once_whatever_happens() {
    fn second(make: fn() -> World) -> (World, Intent) {
        let world = make();
        let order = place_draft(&world, two_doors());
        let lines = lines_of(&world, &order);
        let intent = fulfill(&second_part(&world, &order), &lines[1..], "1Z0002");
        (world, intent)
    }
    for make in [(|| second(quiet)) as fn() -> (World, Intent), || second(otherwise)] {
        let count = |ledger: &Ledger| by_client(ledger, "fulfillment_created").count();
        check_effect(&EffectCase { make, count, expected: 1, patience_ms: 2 * HOUR_MS }).await;
        let (world, intent) = make();
        let Intent::Fulfill { fulfillment } = &intent else { panic!() };
        let part = fulfillment.order_remote_id.clone();
        let id = part.split(':').next().unwrap().to_owned();
        assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
        assert_eq!(status_of(&world, &id), 3, "one address still waits");
        assert!(read_order(&world, &part).await.is_fulfilled() && !read_order(&world, &id).await.is_fulfilled());
        let door = part.split(':').nth(1).unwrap().to_owned();
        let sent = world.sandbox.lock().unwrap().ledger.clone();
        let sent: Vec<String> =
            by_client(&sent, "fulfillment_created").map(|entry| entry.detail["address"].to_string()).collect();
        assert_eq!(sent, [door], "to its own address");
        let first = fulfill(&id, &lines_of(&world, &id)[..1], "1Z0001");
        assert_eq!(world.run_with_key("effect-2", &first).await, Outcome::Holds);
        assert_eq!(status_of(&world, &id), 2);
        let marks = read_order(&world, &part).await.fulfillments;
        assert_eq!(marks.iter().map(|one| one.tracking_numbers.join("")).collect::<Vec<_>>(), ["1Z0002"]);
    }
}

/// Marked as shipped by hand as a whole: each part gets the number its own goods lack, and nobody else's.
#[tokio::test]
async fn what_was_marked_as_shipped_gets_its_tracking_part_by_part() {
    let world = quiet();
    let id = place_draft(&world, two_doors());
    staff(&world, |store, moment| store.set_status(id.parse().unwrap(), 2, moment));
    let second = second_part(&world, &id);
    for (n, part) in [&second, &id].into_iter().enumerate() {
        let order = read_order(&world, part).await;
        assert!(order.is_fulfilled());
        let intent = Intent::ReplaceTracking {
            order_remote_id: part.clone(),
            fulfillment_id: order.fulfillments[0].remote_id.clone(),
            tracking: tracking(&format!("1Z{n}")),
            notify_customer: false,
        };
        assert_eq!(world.run_with_key(&format!("effect-{n}"), &intent).await, Outcome::Holds);
        let told = read_order(&world, part).await.fulfillments;
        assert_eq!((told.len(), told[0].tracking_numbers.join("")), (1, format!("1Z{n}")));
    }
    assert_eq!(world.applied(|ledger| by_client(ledger, "fulfillment_created").count()), 2);
}

/// One address of two is cancelled by giving back its lines and its shipping; the other one goes on as it was, and what is
/// cancelled last is the whole order.
#[tokio::test]
async fn one_address_of_several_is_cancelled_with_its_money_exactly_once_whatever_happens() {
    fn second(make: fn() -> World) -> (World, Intent) {
        let world = make();
        let order = place_draft(&world, two_doors());
        let part = second_part(&world, &order);
        (world, cancel(&part, true))
    }
    let count = |ledger: &Ledger| {
        by_client(ledger, "refund_created").count() + 10 * by_client(ledger, "order_cancelled").count()
    };
    for make in [(|| second(quiet)) as fn() -> (World, Intent), || second(otherwise)] {
        check_effect(&EffectCase { make, count, expected: 1, patience_ms: 2 * HOUR_MS }).await;
        let (world, intent) = make();
        assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
        let Intent::CancelChannelOrder { order_remote_id: part, .. } = &intent else { panic!() };
        let id = part.split(':').next().unwrap().to_owned();
        let (first, off) = (read_order(&world, &id).await, read_order(&world, part).await);
        assert!(off.is_cancelled() && !first.is_cancelled());
        assert_eq!((off.units_to_ship(), off.current_total_minor), (0, 0), "goods and shipping");
        assert_eq!((first.units_to_ship(), first.current_total_minor), (2, first.total_minor));
        assert_eq!(world.run_with_key("effect-2", &cancel(&id, true)).await, Outcome::Holds);
        assert_eq!(world.applied(count), 12, "a refund each, and the order as a whole once");
        for part in [&id, part] {
            let order = read_order(&world, part).await;
            assert!(order.is_cancelled() && order.current_total_minor == 0, "{order:?}");
        }
    }
}

/// Its lines and its shipping: (units of its plate, shipping, in all).
#[tokio::test]
async fn money_of_one_address_is_given_back_exactly_once_whatever_happens() {
    let cases: [fn() -> (World, Intent); 3] = [
        || refund_of_second(1, 0, PLATE_MINOR),
        || refund_of_second(1, EXPRESS_MINOR, PLATE_MINOR + EXPRESS_MINOR),
        || refund_of_second(0, 500, 500),
    ];
    for make in cases {
        let count = |ledger: &Ledger| by_client(ledger, "refund_created").count();
        check_effect(&EffectCase { make, count, expected: 1, patience_ms: 2 * HOUR_MS }).await;
    }
    // Both get the same of their shipping back: neither is taken for the other.
    let (world, second) = refund_of_second(0, 500, 500);
    let Intent::Refund { refund: draft } = &second else { panic!() };
    let part = draft.order_remote_id.clone();
    let id = part.split(':').next().unwrap().to_owned();
    assert_eq!(run(&world, &second, HOUR_MS, None).await, Outcome::Holds);
    assert_eq!(world.run_with_key("effect-2", &refund(&id, &[], 500, 500)).await, Outcome::Holds);
    assert_eq!(world.applied(|ledger| by_client(ledger, "refund_created").count()), 2);
    let parts = [read_order(&world, &id).await, read_order(&world, &part).await];
    assert_eq!(parts.map(|order| order.total_minor - order.current_total_minor), [500, 500], "each its own");
    // What is left of its shipping is all that is still to be had.
    let Outcome::Person(refusal) =
        world.run_with_key("effect-3", &refund(&part, &[], EXPRESS_MINOR, EXPRESS_MINOR)).await
    else {
        panic!()
    };
    assert!(refusal.sentence.contains("11.24 USD") && refusal.sentence.contains("16.24 USD"), "{refusal}");
}

/// One plate of 9.00 and one express delivery of 15.00, with 8.25 % tax.
const PLATE_MINOR: i64 = 974;
const EXPRESS_MINOR: i64 = 1_624;

fn refund_of_second(plates: i64, shipping_minor: i64, total_minor: i64) -> (World, Intent) {
    let world = quiet();
    let order = place_draft(&world, two_doors());
    let plate = (lines_of(&world, &order)[1].0.clone(), plates);
    let part = second_part(&world, &order);
    (world, refund(&part, &[plate], shipping_minor, total_minor))
}

/// What the store cannot do for one address says why, and what to do: (what is asked of the second address, the words).
#[tokio::test]
async fn what_cannot_be_done_for_one_address_of_several_says_what_to_do() {
    let world = quiet();
    let id = place_draft(&world, two_doors());
    let second = second_part(&world, &id);
    let mug = (lines_of(&world, &id)[0].0.clone(), 1);
    let reserved = place_draft(&world, OrderDraft { payment: Some("authorized".into()), ..two_doors() });
    let unpaid = place_draft(&world, OrderDraft { payment: Some("pending".into()), ..two_doors() });
    let left = place_draft(&world, two_doors());
    staff(&world, |store, moment| store.ship_all(left.parse().unwrap(), "ups", "1Z1", moment));
    for (n, (intent, words)) in [
        (cancel(&second, false), "only with its money"),
        (cancel(&second_part(&world, &reserved), true), "only reserved"),
        (cancel(&second_part(&world, &unpaid), true), "no money was taken"),
        (cancel(&second_part(&world, &left), true), "left already"),
        (refund(&second, &[mug], 0, MUG_MINOR), "another address"),
        (refund(&second, &[], 0, 150), "the whole order's"),
    ]
    .into_iter()
    .enumerate()
    {
        let outcome = world.run_with_key(&format!("effect-{n}"), &intent).await;
        let Outcome::Person(refusal) = outcome else { panic!("{intent:?}") };
        assert!(refusal.sentence.contains(words), "{words}: {refusal}");
    }
    let changed = |ledger: &Ledger| {
        ["status_set", "refund_created", "payment_voided"]
            .iter()
            .map(|effect| by_client(ledger, effect).count())
            .sum::<usize>()
    };
    assert_eq!(world.applied(changed), 0);
    // The other address's goods are off already: then the whole is what is left of it.
    let (number, mug) = (id.parse().unwrap(), lines_of(&world, &id)[0].0.parse().unwrap());
    staff(&world, |store, moment| assert!(store.refund_units(number, mug, 2, moment)));
    assert_eq!(run(&world, &cancel(&second, false), HOUR_MS, None).await, Outcome::Holds);
    for part in [&id, &second] {
        assert!(read_order(&world, part).await.is_cancelled());
        assert_eq!(run(&world, &cancel(part, false), HOUR_MS, None).await, Outcome::Holds, "it is off: nothing to do");
    }
}

/// Two parts write into one order's fields, and neither over the other's.
#[tokio::test]
async fn facts_of_two_parts_stand_beside_each_other() {
    let world = quiet();
    let id = place_draft(&world, two_doors());
    let second = second_part(&world, &id);
    staff(&world, |store, moment| store.ship_all(id.parse().unwrap(), "ups", "1Z1", moment));
    for (n, part) in [&id, &second].into_iter().enumerate() {
        let number = format!("7{n}");
        let facts = annotation(part, &[("hub_number", number.as_str()), ("shipping_cost/1Z9", "4.25 USD")], "");
        assert_eq!(world.run_with_key(&format!("effect-{n}"), &facts).await, Outcome::Holds);
    }
    let door = second.split(':').nth(1).unwrap();
    let fields = staff(&world, |store, _| {
        let fields = &store.state.orders[&id.parse().unwrap()].metafields;
        fields.iter().map(|field| format!("{}={}", field.key, field.value)).collect::<Vec<_>>()
    });
    let of_second = [format!("hub_number/{door}=71"), format!("tags/{door}=packed")];
    assert_eq!(fields, ["hub_number=70", "shipping_cost/1Z9=4.25 USD", "tags=packed", &of_second[0], &of_second[1]]);
}

pub(crate) fn two_doors() -> OrderDraft {
    let second = LineDraft { door: 1, ..LineDraft::of("PLATE", 900, 1) };
    OrderDraft {
        ship_to: vec![(address("Austin"), "Ground".into(), 750), (address("Dallas"), "Express".into(), 1_500)],
        ..draft(vec![LineDraft::of("MUG", 1_500, 2), second])
    }
}

fn shipped(make: fn() -> World) -> (World, String, String) {
    let world = make();
    let order = place(&world, &[("MUG", 1)]);
    let id = staff(&world, |store, moment| {
        let order = order.parse().unwrap();
        assert_eq!(store.ship_all(order, "ups", "1Z0001", moment), 1);
        store.state.orders[&order].shipments[0].id.to_string()
    });
    (world, order, id)
}

#[tokio::test]
async fn tracking_is_corrected_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let (world, order_remote_id, fulfillment_id) = shipped(quiet);
            let intent = Intent::ReplaceTracking {
                order_remote_id,
                fulfillment_id,
                tracking: tracking("1Z0002"),
                notify_customer: false,
            };
            (world, intent)
        },
        count: |ledger| by_client(ledger, "fulfillment_tracking_updated").count(),
        expected: 1,
        patience_ms: 2 * HOUR_MS,
    })
    .await;
}

#[tokio::test]
async fn a_shipment_is_taken_back_exactly_once_whatever_happens() {
    for make in [(|| taken_back(quiet)) as fn() -> (World, Intent), || taken_back(otherwise)] {
        let count = |ledger: &Ledger| by_client(ledger, "fulfillment_cancelled").count();
        check_effect(&EffectCase { make, count, expected: 1, patience_ms: 2 * HOUR_MS }).await;
        let (world, intent) = make();
        assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
        let Intent::CancelFulfillment { order_remote_id, .. } = &intent else { panic!() };
        // Deleting a shipment leaves the status as it was; it is put back.
        assert_eq!(status_of(&world, order_remote_id), 11);
    }
}

fn taken_back(make: fn() -> World) -> (World, Intent) {
    let (world, order_remote_id, fulfillment_id) = shipped(make);
    (world, Intent::CancelFulfillment { order_remote_id, fulfillment_id })
}

#[tokio::test]
async fn an_order_is_cancelled_and_its_money_given_back_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet();
            let wrapped = LineDraft {
                wrapping: Some(("Blue".into(), 200, "Alles Gute".into())),
                ..LineDraft::of("MUG", 1_500, 2)
            };
            let order = place_draft(&world, draft(vec![wrapped, LineDraft::of("PLATE", 900, 1)]));
            (world, cancel(&order, true))
        },
        count: |ledger| by_client(ledger, "order_cancelled").count() + by_client(ledger, "refund_created").count(),
        expected: 2,
        patience_ms: 2 * HOUR_MS,
    })
    .await;
}

#[tokio::test]
async fn a_reserved_payment_is_let_go_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet();
            let reserved =
                OrderDraft { payment: Some("authorized".into()), ..draft(vec![LineDraft::of("MUG", 1_500, 2)]) };
            let order = place_draft(&world, reserved);
            (world, cancel(&order, true))
        },
        count: |ledger| by_client(ledger, "order_cancelled").count() + by_client(ledger, "payment_voided").count(),
        expected: 2,
        patience_ms: 2 * HOUR_MS,
    })
    .await;
}

#[tokio::test]
async fn cancelling_gives_all_the_money_back_and_leaves_it_if_asked_to() {
    let world = quiet();
    let order = place(&world, &[("MUG", 2), ("PLATE", 1)]);
    assert_eq!(run(&world, &cancel(&order, true), HOUR_MS, None).await, Outcome::Holds);
    let read = read_order(&world, &order).await;
    assert!(read.is_cancelled());
    assert_eq!((read.current_total_minor, read.total_minor > 0), (0, true));

    let order = place(&world, &[("MUG", 2)]);
    assert_eq!(run(&world, &cancel(&order, false), HOUR_MS, None).await, Outcome::Holds);
    let read = read_order(&world, &order).await;
    assert!(read.is_cancelled() && read.current_total_minor == read.total_minor);
}

#[tokio::test]
async fn partial_parcels_add_up() {
    for make in [quiet as fn() -> World, otherwise] {
        let world = make();
        let id = place(&world, &[("MUG", 3)]);
        let line = lines_of(&world, &id)[0].0.clone();
        for (number, units, status) in [("1Z1", 1, 3), ("1Z2", 2, 2)] {
            assert_eq!(
                run(&world, &fulfill(&id, &[(line.clone(), units)], number), HOUR_MS, None).await,
                Outcome::Holds
            );
            assert_eq!(status_of(&world, &id), status);
        }
        let order = read_order(&world, &id).await;
        assert_eq!((order.units_told(&line), order.fulfillments.len()), (3, 2));
        assert!(order.is_fulfilled());
        let Outcome::Person(refusal) = run(&world, &fulfill(&id, &[(line, 1)], "1Z3"), HOUR_MS, None).await else {
            panic!()
        };
        assert_eq!(refusal.cause, Cause::FulfillmentRefused);
    }
}

#[tokio::test]
async fn what_a_person_decided_stays() {
    // Awaiting payment, disputed later, completed: none of them is overwritten by a shipment.
    for (status, after) in [(7, 7), (10, 10)] {
        let world = otherwise();
        let id =
            place_draft(&world, OrderDraft { status: Some(status), ..draft(vec![LineDraft::of("MUG", 1_500, 1)]) });
        let lines = lines_of(&world, &id);
        assert_eq!(run(&world, &fulfill(&id, &lines, "1Z1"), HOUR_MS, None).await, Outcome::Holds);
        assert_eq!(status_of(&world, &id), after);
    }
}

#[tokio::test]
async fn a_parcel_that_cannot_be_reported_says_why() {
    let world = quiet();
    let person = |status: i64| {
        let id =
            place_draft(&world, OrderDraft { status: Some(status), ..draft(vec![LineDraft::of("MUG", 1_500, 1)]) });
        let lines = lines_of(&world, &id);
        fulfill(&id, &lines, "1Z1")
    };
    for (status, cause, word) in [
        (5, Cause::FulfillmentRefused, "cancelled"),
        (6, Cause::FulfillmentRefused, "declined"),
        (12, Cause::HeldInChannel, "manual verification"),
        (13, Cause::HeldInChannel, "disputed"),
    ] {
        let Outcome::Person(refusal) = run(&world, &person(status), HOUR_MS, None).await else { panic!("{status}") };
        assert_eq!(refusal.cause, cause, "{refusal}");
        assert!(refusal.sentence.contains(word), "{refusal}");
    }
    let long = {
        let id = place(&world, &[("MUG", 1)]);
        let lines = lines_of(&world, &id);
        fulfill(&id, &lines, &"9".repeat(51))
    };
    let Outcome::Person(refusal) = run(&world, &long, HOUR_MS, None).await else { panic!() };
    assert!(refusal.sentence.contains("51"), "{refusal}");
    let gone = fulfill("99999", &[("1".into(), 1)], "1Z1");
    let Outcome::Person(refusal) = run(&world, &gone, HOUR_MS, None).await else { panic!() };
    assert!(refusal.sentence.contains("99999"), "{refusal}");
}

#[tokio::test]
async fn an_order_of_which_something_left_is_not_cancelled() {
    let (world, order, _) = shipped(quiet);
    let Outcome::Person(refusal) = run(&world, &cancel(&order, true), HOUR_MS, None).await else { panic!() };
    assert!(refusal.sentence.contains("left"), "{refusal}");
    assert_eq!(world.applied(|ledger| by_client(ledger, "refund_created").count()), 0);
}

/// Marked as shipped by hand, without a shipment: read as gone, and a parcel that left gives it the number it lacks.
#[tokio::test]
async fn what_was_marked_as_shipped_gets_its_tracking() {
    for make in [quiet as fn() -> World, otherwise] {
        let world = make();
        let id = place(&world, &[("MUG", 2)]);
        staff(&world, |store, moment| store.set_status(id.parse().unwrap(), 2, moment));
        let order = read_order(&world, &id).await;
        assert!(order.is_fulfilled());
        assert_eq!(order.fulfillments.len(), 1);
        let intent = Intent::ReplaceTracking {
            order_remote_id: id.clone(),
            fulfillment_id: order.fulfillments[0].remote_id.clone(),
            tracking: tracking("1Z7"),
            notify_customer: false,
        };
        let outcome = run(&world, &intent, HOUR_MS, None).await;
        if outcome == Outcome::Holds {
            let order = read_order(&world, &id).await;
            assert_eq!(order.fulfillments[0].tracking_numbers, ["1Z7"]);
            // And again: nothing new.
            assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
            assert_eq!(world.applied(|ledger| by_client(ledger, "fulfillment_created").count()), 1);
        } else {
            // A store that counts the units as shipped takes no shipment of them any more, and says so.
            let Outcome::Person(refusal) = outcome else { panic!("{outcome:?}") };
            assert_eq!(refusal.cause, Cause::FulfillmentRefused);
        }
    }
}

/// Several packages of one parcel: one number has a field, the others stand beside it, and all come back.
#[tokio::test]
async fn several_numbers_of_one_parcel_are_kept() {
    let world = quiet();
    let id = place(&world, &[("MUG", 2)]);
    let lines = lines_of(&world, &id);
    let mut intent = fulfill(&id, &lines, "1Z1");
    if let Intent::Fulfill { fulfillment } = &mut intent {
        fulfillment.tracking.numbers = vec!["1Z1".into(), "1Z2".into(), "1Z3".into()];
    }
    assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
    assert_eq!(read_order(&world, &id).await.fulfillments[0].tracking_numbers, ["1Z1", "1Z2", "1Z3"]);
}

fn refund(order: &str, lines: &[(String, i64)], shipping_minor: i64, total_minor: i64) -> Intent {
    Intent::Refund {
        refund: RefundDraft {
            order_remote_id: order.into(),
            lines: lines
                .iter()
                .map(|(id, quantity)| RefundLineDraft {
                    order_line_id: id.clone(),
                    quantity: *quantity,
                    restock: false,
                })
                .collect(),
            shipping_minor,
            total_minor,
            currency: Currency::new("USD"),
            reason: "return".into(),
            note: "came back broken".into(),
            notify_customer: false,
            known_refund_ids: vec![],
        },
    }
}

/// One mug of 15.00 and 8.25 % tax.
const MUG_MINOR: i64 = 1_624;

#[tokio::test]
async fn money_is_given_back_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet();
            let order = place(&world, &[("MUG", 2), ("PLATE", 1)]);
            let mug = (lines_of(&world, &order)[0].0.clone(), 1);
            (world, refund(&order, &[mug], 0, MUG_MINOR))
        },
        count: |ledger| by_client(ledger, "refund_created").count(),
        expected: 1,
        patience_ms: 2 * HOUR_MS,
    })
    .await;
}

/// One mug came back last week, another comes today: the same refund, and not the one that is there.
#[tokio::test]
async fn a_refund_that_was_there_before_is_not_taken_for_ours() {
    let world = quiet();
    let order = place(&world, &[("MUG", 2)]);
    let mug = lines_of(&world, &order)[0].0.clone();
    let (number, line) = (order.parse().unwrap(), mug.parse().unwrap());
    staff(&world, |store, moment| assert!(store.refund_units(number, line, 1, moment)));
    world.clock.advance(HOUR_MS);
    world.sandbox.lock().unwrap().advance(world.clock.now_ms());
    assert_eq!(run(&world, &refund(&order, &[(mug, 1)], 0, MUG_MINOR), HOUR_MS, None).await, Outcome::Holds);
    assert_eq!(world.applied(|ledger| by_client(ledger, "refund_created").count()), 1);
    assert_eq!(read_order(&world, &order).await.lines[0].current_quantity, 0);
}

/// Sent by a clock that was a day ahead, and set right while its answer was lost: it is found all the same.
#[tokio::test]
async fn a_refund_that_a_clock_ahead_sent_is_not_given_twice() {
    let world = quiet();
    let order = place(&world, &[("MUG", 2)]);
    let mug = lines_of(&world, &order)[0].0.clone();
    let intent = refund(&order, &[(mug, 1)], 0, MUG_MINOR);
    assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
    let sent = |at_ms: i64| Task {
        key: "effect-1",
        intent: &intent,
        first_sent_at_ms: Some(at_ms),
        last_sent_at_ms: Some(at_ms),
        ticket: None,
        priority: Priority::Write,
    };
    let ahead = || sent(NOW_MS + 2 * DAY_MS);
    assert!(matches!(world.open().confirm(&ahead()).await, Confirmation::Holds(_)));
    assert!(matches!(world.open().perform(&[ahead()]).await.remove(0), Verdict::AlreadyDone(_)));
    // Nobody looked until real time had caught up: it may be another one.
    world.clock.advance(DAY_MS);
    world.sandbox.lock().unwrap().advance(world.clock.now_ms());
    let told = world.open().confirm(&sent(NOW_MS + DAY_MS)).await;
    assert!(matches!(&told, Confirmation::Overtaken(refusal) if refusal.sentence.contains("uncertain")), "{told:?}");
    assert_eq!(world.applied(|ledger| by_client(ledger, "refund_created").count()), 1);
}

#[tokio::test]
async fn a_refund_is_what_was_asked_for_or_nothing() {
    let world = quiet();
    let order = place(&world, &[("MUG", 2)]);
    let mug = (lines_of(&world, &order)[0].0.clone(), 1);
    // More than it is worth.
    let Outcome::Person(refusal) =
        run(&world, &refund(&order, std::slice::from_ref(&mug), 0, 9_999), HOUR_MS, None).await
    else {
        panic!()
    };
    assert!(refusal.sentence.contains("16.24 USD") && refusal.sentence.contains("99.99 USD"), "{refusal}");
    assert_eq!(world.applied(|ledger| by_client(ledger, "refund_created").count()), 0);
    // Less: agreed on.
    assert_eq!(run(&world, &refund(&order, &[mug], 0, 1_000), HOUR_MS, None).await, Outcome::Holds);
    let read = read_order(&world, &order).await;
    assert_eq!((read.total_minor - read.current_total_minor, read.lines[0].current_quantity), (1_000, 1));
    // Shipping, and goodwill for the order as a whole.
    let order = place(&world, &[("MUG", 2)]);
    assert_eq!(run(&world, &refund(&order, &[], 812, 812), HOUR_MS, None).await, Outcome::Holds);
    assert_eq!(run(&world, &refund(&order, &[], 0, 150), HOUR_MS, None).await, Outcome::Holds);
    let read = read_order(&world, &order).await;
    assert_eq!(read.total_minor - read.current_total_minor, 962);
    assert_eq!(read.payment, quayside_model::Payment::PartiallyRefunded);
}

fn annotation(order: &str, fields: &[(&str, &str)], note: &str) -> Intent {
    Intent::AnnotateOrder {
        order_remote_id: order.into(),
        fields: fields.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect(),
        note: note.into(),
        tags: vec!["packed".into()],
    }
}

#[tokio::test]
async fn facts_and_remarks_are_written_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet();
            let order = place_draft(
                &world,
                OrderDraft { staff_notes: Some("good customer".into()), ..draft(vec![LineDraft::of("MUG", 1_500, 1)]) },
            );
            staff(&world, |store, moment| store.ship_all(order.parse().unwrap(), "ups", "1Z 0001", moment));
            (world, annotation(&order, &[("carrier", "UPS"), ("shipping_cost/1z0001", "4.25 USD")], "Packed by Anna"))
        },
        count: |ledger| {
            ["metafield_created", "fulfillment_tracking_updated", "order_annotated"]
                .iter()
                .map(|effect| by_client(ledger, effect).count())
                .sum()
        },
        expected: 4,
        patience_ms: 2 * HOUR_MS,
    })
    .await;
}

#[tokio::test]
async fn remarks_are_added_and_costs_go_onto_their_shipment() {
    let world = quiet();
    let order = place_draft(
        &world,
        OrderDraft { staff_notes: Some("good customer".into()), ..draft(vec![LineDraft::of("MUG", 1_500, 1)]) },
    );
    let id = order.parse().unwrap();
    staff(&world, |store, moment| store.ship_all(id, "ups", "1Z1", moment));
    let before = read_order(&world, &order).await;
    let costs = [("shipping_cost/1Z1", "4.25 USD"), ("shipping_cost/1Z9", "9.00 USD"), ("shipping_cost/1z1 ", "7 EUR")];
    assert_eq!(run(&world, &annotation(&order, &costs, "Packed by Anna"), HOUR_MS, None).await, Outcome::Holds);
    let (notes, cost, fields) = staff(&world, |store, _| {
        let order = &store.state.orders[&id];
        let fields: Vec<String> =
            order.metafields.iter().map(|field| format!("{}={}", field.key, field.value)).collect();
        (order.staff_notes.clone(), order.shipments[0].cost.clone(), fields)
    });
    assert_eq!((notes.as_deref(), cost.as_str()), (Some("good customer\nPacked by Anna"), "4.2500"));
    assert_eq!(fields, ["shipping_cost/1Z9=9.00 USD", "shipping_cost/1z1 =7 EUR", "tags=packed"]);
    // What the buyer owes is as it was.
    let after = read_order(&world, &order).await;
    assert_eq!((after.total_minor, after.shipping_minor), (before.total_minor, before.shipping_minor));
}

pub(super) fn show_hold(order: &str, held: bool) -> Intent {
    Intent::ShowHold { order_remote_id: order.into(), held }
}

/// An order in this status.
fn in_status(world: &World, status: i64) -> String {
    place_draft(world, OrderDraft { status: Some(status), ..draft(vec![LineDraft::of("MUG", 1_500, 2)]) })
}

/// A hold of ours, as it stands after it was shown: the field, and then the status.
fn put_on_hold(world: &World, order: &str, kept: i64) {
    staff(world, |store, moment| {
        let id = order.parse().unwrap();
        store.state.orders.get_mut(&id).unwrap().metafields.push(held_field(kept, true));
        store.set_status(id, 12, moment);
    });
}

fn held_field(kept: i64, ours: bool) -> Metafield {
    Metafield {
        id: 901,
        namespace: "quayside".into(),
        key: "held".into(),
        value: kept.to_string(),
        permission_set: "read".into(),
        description: String::new(),
        ours,
        created_ms: 0,
        modified_ms: 0,
    }
}

/// Status and kept status of an order, straight from the store.
fn standing(world: &World, order: &str) -> (i64, Vec<String>) {
    staff(world, |store, _| {
        let order = &store.state.orders[&order.parse().unwrap()];
        (order.status, order.metafields.iter().map(|field| field.value.clone()).collect())
    })
}

fn hold_writes(ledger: &Ledger) -> usize {
    ["metafield_created", "metafield_updated", "metafield_deleted", "status_set"]
        .iter()
        .map(|effect| by_client(ledger, effect).count())
        .sum()
}

#[tokio::test]
async fn a_hold_is_shown_and_taken_back_exactly_once_whatever_happens() {
    let shown: fn() -> (World, Intent) = || {
        let world = quiet();
        let order = in_status(&world, 9);
        (world, show_hold(&order, true))
    };
    let taken_back: fn() -> (World, Intent) = || {
        let world = otherwise();
        let order = in_status(&world, 11);
        put_on_hold(&world, &order, 11);
        (world, show_hold(&order, false))
    };
    for make in [shown, taken_back] {
        check_effect(&EffectCase { make, count: hold_writes, expected: 2, patience_ms: 2 * HOUR_MS }).await;
    }
}

/// Read again, a hold of ours holds nothing: the order stands where it stood, and gets that status back.
#[tokio::test]
async fn a_hold_of_ours_is_not_the_stores() {
    for kept in [9, 11] {
        let world = quiet();
        let order = in_status(&world, kept);
        let before = read_order(&world, &order).await;
        assert_eq!(world.run_with_key("on", &show_hold(&order, true)).await, Outcome::Holds);
        assert_eq!(standing(&world, &order), (12, vec![kept.to_string()]));
        let calls = world.exchanges();
        let during = read_order(&world, &order).await;
        let held = |order: &Order| {
            let holds = order.fulfillment_orders.iter().flat_map(|work| &work.holds);
            holds.map(|hold| hold.ours).collect::<Vec<_>>()
        };
        assert_eq!((held(&before), held(&during)), (vec![], vec![true]), "told, as ours");
        assert!(during.fulfillment_orders.iter().all(|work| work.can_fulfill && work.status == "open"));
        assert_eq!(during.payment, before.payment);
        // One call more than any other order costs.
        let with = world.exchanges() - calls;
        let other = in_status(&world, kept);
        let calls = world.exchanges();
        read_order(&world, &other).await;
        assert_eq!(with, world.exchanges() - calls + 1);
        let listed = common::read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await;
        let mut orders = listed.iter().filter_map(|incoming| match &incoming.record {
            Record::Order(order) => Some(order),
            _ => None,
        });
        assert!(orders.all(|order| held(order).iter().all(|ours| *ours)), "nor is it in the list");

        assert_eq!(world.run_with_key("off", &show_hold(&order, false)).await, Outcome::Holds);
        assert_eq!(standing(&world, &order), (kept, vec![]));
    }
}

/// What the store or a person said of an order stays; what is taken back is ours alone.
#[tokio::test]
async fn only_an_order_that_waits_to_be_shipped_is_put_on_hold() {
    let world = quiet();
    for status in [1, 2, 3, 5, 7, 8, 10, 12, 13, 14] {
        let order = in_status(&world, status);
        for held in [true, false] {
            let key = format!("{status} {held}");
            assert_eq!(world.run_with_key(&key, &show_hold(&order, held)).await, Outcome::Holds, "{key}");
        }
        assert_eq!(standing(&world, &order), (status, vec![]), "{status}");
    }
    // Its one status speaks of both addresses.
    let two = place_draft(&world, two_doors());
    let second = second_part(&world, &two);
    for (n, part) in [&two, &second].into_iter().enumerate() {
        assert_eq!(world.run_with_key(&format!("part {n}"), &show_hold(part, true)).await, Outcome::Holds);
    }
    assert_eq!(standing(&world, &two).1, Vec::<String>::new());
    assert_eq!(world.applied(hold_writes), 0);
    // Moved on by somebody: the field goes, the status stays.
    let order = in_status(&world, 11);
    put_on_hold(&world, &order, 11);
    staff(&world, |store, moment| store.set_status(order.parse().unwrap(), 5, moment));
    assert_eq!(world.run_with_key("moved on", &show_hold(&order, false)).await, Outcome::Holds);
    assert_eq!(standing(&world, &order), (5, vec![]));
    // A field that says nothing of ours makes no hold of the store's ours.
    let order = in_status(&world, 12);
    staff(&world, |store, _| {
        store.state.orders.get_mut(&order.parse().unwrap()).unwrap().metafields.push(held_field(2, true));
    });
    assert!(!read_order(&world, &order).await.fulfillment_orders[0].holds[0].ours);
    assert_eq!(world.run_with_key("not ours", &show_hold(&order, false)).await, Outcome::Holds);
    assert_eq!(standing(&world, &order), (12, vec![]));
}

/// Packed before the hold was taken back here: the order is not "awaiting" what has left.
#[tokio::test]
async fn what_left_while_it_was_held_counts_when_the_hold_ends() {
    for (units, expected) in [(2, 2), (1, 3)] {
        // The store does not move a status by itself.
        let world = otherwise();
        let order = in_status(&world, 11);
        put_on_hold(&world, &order, 11);
        let line = lines_of(&world, &order)[0].0.clone();
        assert_eq!(world.run_with_key("parcel", &fulfill(&order, &[(line, units)], "1Z1")).await, Outcome::Holds);
        assert_eq!(standing(&world, &order).0, 12);
        assert_eq!(world.run_with_key("off", &show_hold(&order, false)).await, Outcome::Holds);
        assert_eq!(standing(&world, &order), (expected, vec![]), "{units}");
    }
}

/// New credentials know an old hold for ours, and can take the status off it, but not the field.
#[tokio::test]
async fn a_hold_shown_by_another_api_account_is_ours_and_says_what_is_left_to_do() {
    let world = quiet();
    let order = in_status(&world, 11);
    staff(&world, |store, moment| {
        let id = order.parse().unwrap();
        store.state.orders.get_mut(&id).unwrap().metafields.push(held_field(11, false));
        store.set_status(id, 12, moment);
    });
    assert!(read_order(&world, &order).await.fulfillment_orders[0].holds[0].ours);
    let Outcome::Person(refusal) = run(&world, &show_hold(&order, false), HOUR_MS, None).await else { panic!() };
    assert!(refusal.sentence.contains("another API account") && refusal.sentence.contains("\"held\""), "{refusal}");
    assert_eq!(standing(&world, &order), (11, vec!["11".to_owned()]));
}

pub(super) fn shelf() -> World {
    let world = quiet();
    staff(&world, |store, _| {
        let variant = |id: i64, sku: &str, label: &str| Variant {
            id,
            sku: sku.into(),
            label: label.into(),
            upc: "4006381333931".into(),
        };
        let product = |id: i64, name: &str, tracking: &str, variants: Vec<Variant>| Product {
            id,
            name: name.into(),
            kind: "physical".into(),
            price_minor: 1_500,
            weight: 12.0,
            modified_ms: NOW_MS - DAY_MS,
            visible: true,
            tracking: tracking.into(),
            variants,
        };
        store.state.products = vec![
            product(1, "Mug", "variant", vec![variant(11, "MUG-B", "Blue / L"), variant(12, "MUG-R", "Red / L")]),
            product(2, "Plate", "product", vec![variant(21, "PLATE", "")]),
            product(3, "Voucher", "none", vec![variant(31, "VOUCHER", "")]),
        ];
        store.state.levels.insert((11, 1), 5);
    });
    world
}

pub(super) fn level(sku: &str, location: &str, available: i64, expected: Option<i64>) -> Intent {
    let stock = StockDraft {
        sku: sku.into(),
        item_id: None,
        location_id: Some(location.into()),
        available,
        expected,
        moves: false,
    };
    Intent::SetStock { stock }
}

#[tokio::test]
async fn a_level_is_set_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || (shelf(), level("mug-b", "1", 9, Some(5))),
        count: |ledger| by_client(ledger, "stock_set").count(),
        expected: 1,
        patience_ms: 2 * HOUR_MS,
    })
    .await;
}

/// The same as a change by so many units.
pub(super) fn moved(sku: &str, location: &str, from: i64, to: i64) -> Intent {
    let Intent::SetStock { stock } = level(sku, location, to, Some(from)) else { unreachable!() };
    Intent::SetStock { stock: StockDraft { moves: true, ..stock } }
}

/// As [`check_effect`], but for a program that has forgotten that it ever sent it: to that one a level that shows the
/// difference is somebody else's, and a difference of its own must not be left undone for it.
#[tokio::test]
async fn a_difference_is_sent_exactly_once_whatever_happens() {
    let make = || (shelf(), moved("mug-b", "1", 5, 3));
    let sent = |world: &World| world.applied(|ledger| by_client(ledger, "stock_set").count());
    let (world, intent) = make();
    assert_eq!(run(&world, &intent, 2 * HOUR_MS, None).await, Outcome::Holds);
    let exchanges = world.exchanges();
    let again = || Task {
        key: "effect-1",
        intent: &intent,
        first_sent_at_ms: Some(NOW_MS),
        last_sent_at_ms: Some(NOW_MS),
        ticket: None,
        priority: Priority::Write,
    };
    assert!(matches!(world.open().confirm(&again()).await, Confirmation::Holds(_)));
    assert!(matches!(world.open().perform(&[again()]).await.remove(0), Verdict::AlreadyDone(_)));
    assert_eq!(sent(&world), 1);
    for at in 0..exchanges {
        let mut cases = vec![(None, Some(at))];
        for fault in Fault::ALL {
            cases.extend([(Some(fault), None), (Some(fault), Some(at))]);
        }
        for (fault, killed) in cases {
            let (world, intent) = make();
            let what = format!("{fault:?} at exchange {at}, killed {killed:?}");
            world.plan_mishap(fault.map(|fault| Mishap { exchange: at, fault }));
            assert_eq!(run(&world, &intent, 2 * HOUR_MS, killed).await, Outcome::Holds, "{what}");
            assert_eq!(sent(&world), 1, "{what}");
        }
    }
}

/// What is sold between the look and the change stays sold.
#[tokio::test]
async fn a_difference_leaves_alone_what_is_sold_at_the_same_moment() {
    for (moves, left) in [(true, 5), (false, 7)] {
        let world = shelf();
        let intent = if moves { moved("MUG-B", "1", 5, 7) } else { level("MUG-B", "1", 7, Some(5)) };
        let task = Task {
            key: "e",
            intent: &intent,
            first_sent_at_ms: None,
            last_sent_at_ms: None,
            ticket: None,
            priority: Priority::Write,
        };
        let verdict = world.open().perform(&[task]).await.remove(0);
        let Verdict::UnderWay { ticket, .. } = verdict else { panic!("{verdict:?}") };
        staff(&world, |store, _| *store.state.levels.get_mut(&(11, 1)).unwrap() -= 2);
        world.clock.advance(3 * 60_000);
        let first_sent_at_ms = Some(NOW_MS);
        let task = Task {
            key: "e",
            intent: &intent,
            first_sent_at_ms,
            last_sent_at_ms: first_sent_at_ms,
            ticket: Some(&ticket),
            priority: Priority::Write,
        };
        assert!(matches!(world.open().confirm(&task).await, Confirmation::Holds(_)), "{moves}");
        staff(&world, |store, _| assert_eq!(store.state.levels[&(11, 1)], left, "{moves}"));
        let urls =
            world.talk().into_iter().filter(|talk| talk.method != "GET").map(|talk| talk.url).collect::<Vec<_>>();
        assert_eq!(urls.len(), 1);
        assert!(urls[0].ends_with(if moves { "/adjustments/relative" } else { "/adjustments/absolute" }), "{urls:?}");
    }
}

/// Whether a difference was applied cannot be asked. If the level shows neither, nothing is sent a second time.
#[tokio::test]
async fn a_difference_whose_answer_was_lost_is_not_guessed_at() {
    let world = shelf();
    let intent = moved("MUG-B", "1", 5, 7);
    let task = |first_sent_at_ms| Task {
        key: "e",
        intent: &intent,
        first_sent_at_ms,
        last_sent_at_ms: first_sent_at_ms,
        ticket: None,
        priority: Priority::Write,
    };
    world.plan_mishap(Some(Mishap { exchange: 1, fault: Fault::LostAfterCommit }));
    let verdict = world.open().perform(&[task(None)]).await.remove(0);
    assert!(matches!(verdict, Verdict::AnswerLost(_)), "{verdict:?}");
    staff(&world, |store, _| *store.state.levels.get_mut(&(11, 1)).unwrap() -= 1);
    world.clock.advance(3 * 60_000);
    let Confirmation::Overtaken(refusal) = world.open().confirm(&task(Some(NOW_MS))).await else { panic!() };
    for words in ["MUG-B", "from 5 to 6", "7 was meant", "+2"] {
        assert!(refusal.sentence.contains(words), "{words}: {refusal}");
    }
    let Verdict::NeedsPerson(refusal) = world.open().perform(&[task(Some(NOW_MS))]).await.remove(0) else { panic!() };
    assert_eq!(refusal.cause, Cause::SidesDiffer);
    assert_eq!(world.applied(|ledger| by_client(ledger, "stock_set").count()), 1);
}

/// Two were sold at the very moment in which two were to be taken away: that is no reason to leave it.
#[tokio::test]
async fn a_difference_that_was_never_sent_is_not_taken_for_done() {
    let world = shelf();
    staff(&world, |store, _| *store.state.levels.get_mut(&(11, 1)).unwrap() = 3);
    let intent = moved("MUG-B", "1", 5, 3);
    let Outcome::Person(refusal) = run(&world, &intent, HOUR_MS, None).await else { panic!() };
    assert_eq!(refusal.cause, Cause::SidesDiffer);
    assert!(refusal.sentence.contains("has 3 by now, and 5 was expected"), "{refusal}");
    assert_eq!(world.applied(|ledger| by_client(ledger, "stock_set").count()), 0);
    // A count of three is there.
    assert_eq!(world.run_with_key("count", &level("MUG-B", "1", 3, Some(5))).await, Outcome::Holds);
    assert_eq!(world.applied(|ledger| by_client(ledger, "stock_set").count()), 0);
}

/// Half an hour is counted from the last time it was sent: the store may still be about to apply that one.
#[tokio::test]
async fn a_difference_that_was_lost_twice_is_not_sent_a_third_time_at_once() {
    let world = shelf();
    let intent = moved("MUG-B", "1", 5, 7);
    let task = |last_sent_at_ms: i64| Task {
        key: "e",
        intent: &intent,
        first_sent_at_ms: Some(NOW_MS),
        last_sent_at_ms: Some(last_sent_at_ms),
        ticket: None,
        priority: Priority::Write,
    };
    world.clock.advance(31 * 60_000);
    assert_eq!(world.open().confirm(&task(NOW_MS)).await, Confirmation::Absent);
    let again_ms = world.clock.now_ms();
    for minutes in [1, 28] {
        world.clock.advance(minutes * 60_000);
        let answer = world.open().confirm(&task(again_ms)).await;
        assert!(matches!(answer, Confirmation::CannotTell(_)), "{minutes}: {answer:?}");
    }
    world.clock.advance(2 * 60_000);
    assert_eq!(world.open().confirm(&task(again_ms)).await, Confirmation::Absent);
}

#[tokio::test]
async fn levels_are_read_and_set_by_location() {
    let world = shelf();
    // A place that never had a level begins with an absolute one.
    for intent in [level("MUG-B", "2", 3, None), level("PLATE", "1", 7, Some(0))] {
        assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
    }
    for (intent, cause) in
        [(level("MUG-B", "1", 9, Some(6)), Cause::SidesDiffer), (level("VOUCHER", "1", 9, None), Cause::UnknownSku)]
    {
        let connector = world.open();
        let task = Task {
            key: "e",
            intent: &intent,
            first_sent_at_ms: None,
            last_sent_at_ms: None,
            ticket: None,
            priority: Priority::Write,
        };
        let Verdict::NeedsPerson(refusal) = connector.perform(&[task]).await.remove(0) else { panic!() };
        assert_eq!(refusal.cause, cause, "{refusal}");
    }
    let found = common::read_to_end(&world, "stock", &mut None, 0).await;
    let levels: Vec<(String, i64)> = found
        .iter()
        .filter_map(|incoming| match &incoming.record {
            Record::Stock(stock) if stock.available > 0 => {
                Some((format!("{}@{}", stock.sku, stock.location_name), stock.available))
            }
            _ => None,
        })
        .collect();
    let expected = [("MUG-B@Default location", 5), ("MUG-B@Dock 7", 3), ("PLATE@Default location", 7)];
    assert_eq!(levels, expected.map(|(place, units)| (place.to_owned(), units)));
}

#[tokio::test]
async fn products_come_with_their_variants() {
    let world = shelf();
    let found = common::read_to_end(&world, "products", &mut None, 0).await;
    let Record::Product(blue) = &found[0].record else { panic!() };
    assert_eq!(
        (found.len(), blue.remote_id.as_str(), blue.sku.as_str(), blue.variant.as_str()),
        (4, "11", "MUG-B", "Blue / L")
    );
    assert_eq!(
        (blue.name.as_str(), blue.price_minor, blue.barcode.as_deref()),
        ("Mug", Some(1_500), Some("4006381333931"))
    );
    assert!((blue.weight_g.unwrap() - 340.194_277_5).abs() < 0.001);
}

/// The quote is the store's own word, tax included; what it says is what is given back, and asking changes nothing.
#[tokio::test]
async fn what_a_refund_comes_to_is_asked_beforehand() {
    let world = quiet();
    let order = place(&world, &[("MUG", 2)]);
    let mug = lines_of(&world, &order)[0].0.clone();
    let ask = |quantity: i64, shipping_max_minor: i64, total_minor: Option<i64>| RefundAsk {
        order_remote_id: order.clone(),
        lines: vec![RefundLineDraft { order_line_id: mug.clone(), quantity, restock: false }],
        shipping_max_minor,
        total_minor,
        currency: Currency::new("USD"),
    };
    let connector = world.open();
    for (asked, expected) in [
        (ask(1, 0, None), (MUG_MINOR, 0)),
        // All of the shipping, whatever it came to.
        (ask(1, 99_999, None), (MUG_MINOR + 812, 812)),
        (ask(1, 500, None), (MUG_MINOR + 500, 500)),
        // Less was agreed on.
        (ask(1, 0, Some(1_000)), (1_000, 0)),
        // More than it is worth: the store's own word comes back.
        (ask(1, 0, Some(9_999)), (MUG_MINOR, 0)),
    ] {
        let quote = connector.quote_refund(&asked, Priority::Person).await.unwrap();
        assert_eq!((quote.total_minor, quote.shipping_minor), expected, "{asked:?}");
        assert!(quote.tax_minor.is_some() && !quote.recorded_only, "{quote:?}");
    }
    assert_eq!(world.applied(|ledger| by_client(ledger, "refund_created").count()), 0);
    for (asked, word) in [
        (RefundAsk { currency: Currency::new("EUR"), ..ask(1, 0, None) }, "paid in USD, not in EUR"),
        (RefundAsk { order_remote_id: "99999".into(), ..ask(1, 0, None) }, "99999"),
        (RefundAsk { lines: vec![], ..ask(1, 0, None) }, "Nothing of it was chosen"),
    ] {
        let Err(ReadError::Refused(refusal)) = connector.quote_refund(&asked, Priority::Person).await else { panic!() };
        assert!(refusal.sentence.contains(word), "{refusal}");
    }
    let quote = connector.quote_refund(&ask(2, 99_999, None), Priority::Person).await.unwrap();
    let all = refund(&order, &[(mug, 2)], quote.shipping_minor, quote.total_minor);
    assert_eq!(run(&world, &all, HOUR_MS, None).await, Outcome::Holds);
    assert_eq!(read_order(&world, &order).await.current_total_minor, 0);
}
