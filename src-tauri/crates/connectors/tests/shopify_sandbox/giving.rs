//! Money given back, what buyers send back, and facts on orders: each once, and seen from the store's side.

use super::*;
use quayside_connectors::Task;
use quayside_model::{
    Confirmation, Currency, DeclineReason, Money, RefundAsk, RefundDraft, RefundLineDraft, Return, ReturnStatus,
    Verdict,
};
use quayside_sandbox::shopify::{Shopify, state};
use std::collections::BTreeMap;

/// Units of an order's first line, given back.
pub(super) fn refund(world: &World, order: &str, units: i64, total_minor: i64) -> Intent {
    let line = lines_of(world, order)[0].0.clone();
    let lines = (units > 0).then_some(RefundLineDraft { order_line_id: line, quantity: units, restock: true });
    Intent::Refund {
        refund: RefundDraft {
            order_remote_id: order.into(),
            lines: lines.into_iter().collect(),
            shipping_minor: 0,
            total_minor,
            currency: Currency::new("EUR"),
            reason: "customer".into(),
            note: "Damaged".into(),
            notify_customer: false,
            known_refund_ids: vec![],
        },
    }
}

/// What a warehouse tells of a parcel.
pub(super) fn facts(order: &str) -> Intent {
    let fields = [("shipping_cost/1Z0001", "4.25 EUR"), ("carrier/1Z0001", "UPS"), ("hub_number", "1001")];
    Intent::AnnotateOrder {
        order_remote_id: order.into(),
        fields: fields.map(|(name, text)| (name.to_owned(), text.to_owned())).into(),
        note: "On hold at ShipStation.".into(),
        tags: vec!["Late".into()],
    }
}

fn people<R>(world: &World, act: impl FnOnce(&mut Shopify, &mut quayside_sandbox::Moment<'_>) -> R) -> R {
    world.sandbox.lock().unwrap().scene(|scene| {
        let mut moment = quayside_sandbox::Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
        act(&mut scene.stores[0], &mut moment)
    })
}

/// A unit of an order that left comes back: the return's gid.
pub(super) fn send_back(world: &World, order: &str) -> String {
    gid("Return", people(world, |store, moment| store.send_back(number_of(order), 1, moment)).unwrap())
}

fn order_of(world: &World, id: &str) -> state::Order {
    world.sandbox.lock().unwrap().stores[0].state().order(number_of(id)).unwrap().clone()
}

fn shipped(world: &World, lines: &[(&str, i64)]) -> String {
    let id = place(world, lines);
    assert_eq!(people(world, |store, moment| store.ship_by_hand(number_of(&id), "UPS", "1Z0001", moment)), 1);
    id
}

fn refunds(ledger: &Ledger) -> usize {
    by_client(ledger, "refund_created").count()
}

/// What was sent to give money back, in order.
fn inputs(world: &World) -> Vec<serde_json::Value> {
    let talk = world.talk().into_iter();
    let sent = talk.filter_map(|talk| serde_json::from_slice::<serde_json::Value>(&talk.body).ok());
    sent.filter(|sent| sent["operationName"] == "CreateRefund").map(|sent| sent["variables"].clone()).collect()
}

#[tokio::test]
async fn money_is_given_back_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet();
            let order = place(&world, &[("Mug", 2), ("Plate", 1)]);
            let intent = refund(&world, &order, 1, 1_500);
            (world, intent)
        },
        count: refunds,
        expected: 1,
        patience_ms: HOUR_MS,
    })
    .await;
}

#[tokio::test]
async fn facts_are_written_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet();
            let order = place(&world, &[("Mug", 1)]);
            let intent = facts(&order);
            (world, intent)
        },
        count: |ledger| {
            let all = ["metafields_set", "tags_added", "order_updated"];
            all.iter().map(|effect| by_client(ledger, effect).count()).sum()
        },
        expected: 3,
        patience_ms: HOUR_MS,
    })
    .await;
}

/// A second refund of the same units and amount is another one; the first, looked up again, is still the first.
#[tokio::test]
async fn two_refunds_that_look_the_same_are_two() {
    let world = quiet();
    let order = place(&world, &[("Mug", 3)]);
    let intent = refund(&world, &order, 1, 1_500);
    for (key, count) in [("first", 1), ("first", 1), ("second", 2)] {
        assert_eq!(world.run_with_key(key, &intent).await, Outcome::Holds, "{key}");
        assert_eq!(world.applied(refunds), count, "{key}");
    }
    let known = order_of(&world, &order);
    assert_eq!((known.refunded_minor(), known.lines[0].current()), (3_000, 1));
    let names: BTreeSet<String> = inputs(&world).iter().map(|sent| sent["key"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names.len(), 2, "each has a name of its own");
}

/// Never what Shopify would choose by itself, and never more than is left.
#[tokio::test]
async fn trap_17_a_refund_gives_back_exactly_what_was_agreed() {
    let world = quiet();
    let order = place(&world, &[("Mug", 2)]);
    assert_eq!(run(&world, &refund(&world, &order, 1, 1_000), HOUR_MS, None).await, Outcome::Holds);
    let sent = inputs(&world).remove(0)["input"].clone();
    assert_eq!(sent["transactions"].as_array().unwrap().len(), 1);
    assert_eq!((sent["transactions"][0]["amount"].as_str(), sent.get("allowOverRefunding")), (Some("10.00"), None));
    assert_eq!(order_of(&world, &order).refunded_minor(), 1_000, "less than the mug was worth was agreed on");
    // More than the units are worth, more units than are left, more than was paid at all.
    for (key, intent) in [
        ("a", refund(&world, &order, 1, 1_501)),
        ("b", refund(&world, &order, 2, 3_000)),
        ("c", refund(&world, &order, 0, 2_001)),
    ] {
        let Outcome::Person(refusal) = world.run_with_key(key, &intent).await else { panic!("{key}") };
        assert_eq!(refusal.cause, Cause::ContentRefused, "{key}: {refusal}");
        assert!(refusal.sentence.contains("Could not give the money of #"), "{key}: {refusal}");
    }
    assert_eq!(world.applied(refunds), 1);
    // Goodwill: an amount for no line.
    assert_eq!(world.run_with_key("d", &refund(&world, &order, 0, 2_000)).await, Outcome::Holds);
    assert_eq!(order_of(&world, &order).refunded_minor(), 3_000);
}

#[tokio::test]
async fn units_go_back_where_they_belong_or_nowhere() {
    let world = quiet();
    let waiting = place(&world, &[("Mug", 2)]);
    let left = shipped(&world, &[("Mug", 2)]);
    for (n, (order, restock, word)) in
        [(&waiting, true, "CANCEL"), (&left, true, "RETURN"), (&left, false, "NO_RESTOCK")].into_iter().enumerate()
    {
        let Intent::Refund { refund: mut draft } = refund(&world, order, 1, 1_500) else { unreachable!() };
        draft.lines[0].restock = restock;
        let intent = Intent::Refund { refund: draft };
        assert_eq!(world.run_with_key(&format!("effect-{n}"), &intent).await, Outcome::Holds, "{word}");
        let line = inputs(&world).remove(n)["input"]["refundLineItems"][0].clone();
        assert_eq!(line["restockType"], word);
        assert_eq!(line.get("locationId").is_some(), restock, "{word}");
    }
    assert_eq!(order_of(&world, &waiting).lines[0].unfulfilled(), 1, "what was given back is not shipped");
}

#[tokio::test]
async fn a_quote_is_the_stores_own_word_and_changes_nothing() {
    let world = quiet();
    let draft = OrderDraft {
        lines: vec![LineDraft::custom("Mug", 1_500, 2)],
        shipping: Some(("Ground".into(), "GROUND".into(), 490)),
        ..draft()
    };
    let order = place_draft(&world, draft);
    let line = lines_of(&world, &order)[0].0.clone();
    let ask = |units: i64, shipping_max_minor: i64, total_minor: Option<i64>| RefundAsk {
        order_remote_id: order.clone(),
        lines: vec![RefundLineDraft { order_line_id: line.clone(), quantity: units, restock: false }],
        shipping_max_minor,
        total_minor,
        currency: Currency::new("EUR"),
    };
    let connector = world.open();
    for (asked, total, shipping) in [
        (ask(1, 0, None), 1_500, 0),
        (ask(2, 99_999, None), 3_490, 490),
        (ask(1, 200, None), 1_700, 200),
        (ask(1, 0, Some(900)), 900, 0),
        (ask(1, 0, Some(9_000)), 1_500, 0),
        (ask(0, 0, Some(100)), 100, 0),
        (ask(0, 490, None), 490, 490),
    ] {
        let quote = connector.quote_refund(&asked, Priority::Person).await.unwrap();
        assert_eq!(
            (quote.total_minor, quote.shipping_minor, quote.recorded_only),
            (total, shipping, false),
            "{asked:?}"
        );
    }
    let tax = connector.quote_refund(&ask(1, 0, None), Priority::Person).await.unwrap().tax_minor;
    assert_eq!(tax, Some(239), "19 % of what the mug cost, tax included");
    for (asked, word) in [
        (ask(3, 0, None), "lets 2 units"),
        (ask(0, 0, None), "Nothing of it was chosen"),
        (RefundAsk { currency: Currency::new("USD"), ..ask(1, 0, None) }, "is in EUR"),
    ] {
        let Err(ReadError::Refused(refusal)) = connector.quote_refund(&asked, Priority::Person).await else { panic!() };
        assert!(refusal.sentence.contains(word), "{refusal}");
    }
    let gone = RefundAsk { order_remote_id: "gid://shopify/Order/1".into(), ..ask(1, 0, None) };
    assert!(connector.quote_refund(&gone, Priority::Person).await.is_err());
    assert_eq!(world.applied(refunds), 0, "asking gives nothing");
}

/// The buyer paid in dollars: the desk speaks of euros, and dollars go back.
#[tokio::test]
async fn money_goes_back_in_the_currency_it_was_paid_in() {
    let world = quiet();
    let draft = OrderDraft {
        lines: vec![LineDraft::custom("Mug", 1_500, 2)],
        presentment: Some(("USD".into(), 1.1)),
        ..draft()
    };
    let order = place_draft(&world, draft);
    assert_eq!(run(&world, &refund(&world, &order, 1, 1_500), HOUR_MS, None).await, Outcome::Holds);
    let sent = inputs(&world).remove(0)["input"].clone();
    assert_eq!((sent["currency"].as_str(), sent["transactions"][0]["amount"].as_str()), (Some("USD"), Some("16.50")));
    assert_eq!(order_of(&world, &order).refunded_minor(), 1_500);
}

/// Nothing moves by itself: the store writes it down, and says so beforehand and afterwards.
#[tokio::test]
async fn money_that_was_paid_by_hand_is_only_recorded() {
    let world = quiet();
    let order = place(&world, &[("Mug", 1)]);
    people(&world, |store, _| store.state_mut().order_mut(number_of(&order)).unwrap().gateway = "manual".into());
    let Intent::Refund { refund: draft } = refund(&world, &order, 1, 1_500) else { unreachable!() };
    let ask = RefundAsk {
        order_remote_id: order.clone(),
        lines: draft.lines.clone(),
        shipping_max_minor: 0,
        total_minor: None,
        currency: draft.currency.clone(),
    };
    assert!(world.open().quote_refund(&ask, Priority::Person).await.unwrap().recorded_only);
    let intent = Intent::Refund { refund: draft };
    let task = Task {
        key: "effect-1",
        intent: &intent,
        first_sent_at_ms: None,
        last_sent_at_ms: None,
        ticket: None,
        priority: Priority::Write,
    };
    let Verdict::Done(receipt) = world.open().perform(&[task]).await.remove(0) else { panic!() };
    assert!(receipt.note.unwrap().contains("by hand"));
}

#[tokio::test]
async fn without_the_permission_nothing_is_sent_and_the_sentence_names_it() {
    let mut world = quiet();
    let order = place(&world, &[("Mug", 1)]);
    world.facts.abilities = vec!["read_orders".into()];
    world.restart_count();
    for intent in [refund(&world, &order, 1, 1_500), facts(&order)] {
        let Outcome::Person(refusal) = run(&world, &intent, HOUR_MS, None).await else { panic!("{intent:?}") };
        assert_eq!(refusal.cause, Cause::ScopeMissing);
        assert!(refusal.sentence.contains("write_orders"), "{refusal}");
    }
    assert_eq!(world.exchanges(), 0);
}

/// What stands on the order afterwards, and that none of it comes back as anybody's word.
#[tokio::test]
async fn facts_stand_on_the_order_and_are_not_read_as_the_buyers() {
    let world = quiet();
    let order = place_draft(
        &world,
        OrderDraft {
            lines: vec![LineDraft::custom("Mug", 900, 1)],
            note: Some("ring twice".into()),
            tags: vec!["vip".into()],
            metafields: vec![("warehouse".into(), "zone".into(), "single_line_text_field".into(), "B4".into())],
            ..draft()
        },
    );
    let before = read_order(&world, &order).await;
    assert_eq!(run(&world, &facts(&order), HOUR_MS, None).await, Outcome::Holds);
    let known = order_of(&world, &order);
    let ours = known.metafields.iter().filter(|field| field.namespace == "quayside");
    let ours: BTreeMap<&str, &str> = ours.map(|field| (field.key.as_str(), field.value.as_str())).collect();
    assert_eq!(
        ours,
        BTreeMap::from([("shipping_cost_1Z0001", "4.25 EUR"), ("carrier_1Z0001", "UPS"), ("hub_number", "1001")])
    );
    assert_eq!(known.note.as_deref(), Some("ring twice\n[Quayside] On hold at ShipStation."));
    assert_eq!(known.tags, ["Late", "vip"]);
    let after = read_order(&world, &order).await;
    assert_eq!((after.note.as_str(), &after.attributes), ("ring twice", &before.attributes));

    // A fact that changed is written anew; what stands there is not.
    let Intent::AnnotateOrder { order_remote_id, mut fields, note, tags } = facts(&order) else { unreachable!() };
    fields[0].1 = "5.00 EUR".into();
    let changed = Intent::AnnotateOrder { order_remote_id, fields, note, tags };
    let sent = world.talk().len();
    assert_eq!(world.run_with_key("effect-2", &changed).await, Outcome::Holds);
    let names: Vec<String> = world.talk()[sent..]
        .iter()
        .filter_map(|talk| serde_json::from_slice::<serde_json::Value>(&talk.body).ok())
        .filter_map(|sent| sent["operationName"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(names, ["OrderMarks", "SetMetafields"]);
}

#[tokio::test]
async fn a_note_without_room_is_left_alone() {
    let world = quiet();
    let note = "☃".repeat(4_990);
    let order = place_draft(
        &world,
        OrderDraft { lines: vec![LineDraft::custom("Mug", 900, 1)], note: Some(note.clone()), ..draft() },
    );
    let Outcome::Person(refusal) = run(&world, &facts(&order), HOUR_MS, None).await else { panic!() };
    assert!(refusal.sentence.contains("is full"), "{refusal}");
    assert_eq!(order_of(&world, &order).note, Some(note));
}

fn returns_of(found: &[Incoming]) -> Vec<Return> {
    let backs = found.iter().filter_map(|incoming| match &incoming.record {
        Record::Return(back) => Some(back.clone()),
        _ => None,
    });
    backs.collect()
}

#[tokio::test]
async fn returns_are_read_to_the_end_whatever_happens() {
    check_stream(
        || {
            let world = quiet();
            for _ in 0..5 {
                send_back(&world, &shipped(&world, &[("Mug", 2)]));
            }
            // One of an order that has nothing to do with it.
            place(&world, &[("Plate", 1)]);
            world
        },
        "returns",
        NOW_MS - DAY_MS,
        |world, found| {
            let sandbox = world.sandbox.lock().unwrap();
            let all = sandbox.stores[0].state().orders().iter().flat_map(|order| &order.returns);
            let all: BTreeSet<String> = all.map(|back| gid("Return", back.id)).collect();
            assert_eq!((ids(found), all.len()), (all, 5));
        },
    )
    .await;
}

#[tokio::test]
async fn a_return_is_followed_from_the_wish_to_the_money() {
    let world = quiet();
    let order = shipped(&world, &[("Mug", 2)]);
    let line = lines_of(&world, &order)[0].0.clone();
    let mut cursor = None;
    assert!(read_to_end(&world, "returns", &mut cursor, NOW_MS - DAY_MS).await.is_empty());
    let id = send_back(&world, &order);
    let back = returns_of(&read_to_end(&world, "returns", &mut cursor, NOW_MS - DAY_MS).await).remove(0);
    assert_eq!((back.remote_id.as_str(), back.order_remote_id.as_str()), (id.as_str(), order.as_str()));
    assert_eq!((back.status.clone(), back.received_at_ms, back.refunded.clone()), (ReturnStatus::Open, None, None));
    let (known, told) = (&back.lines[0], order_of(&world, &order).name);
    assert_eq!((known.order_line_id.as_deref(), known.quantity), (Some(line.as_str()), 1));
    assert_eq!((known.reason.as_str(), back.number.clone()), ("Damaged or defective", format!("{told}-R1")));

    world.clock.advance(HOUR_MS);
    world.sandbox.lock().unwrap().advance(world.clock.now_ms());
    people(&world, |store, moment| store.receive_back(number_of(&order), number_of(&id), moment)).unwrap();
    let arrived = returns_of(&read_to_end(&world, "returns", &mut cursor, NOW_MS - DAY_MS).await).remove(0);
    assert!(arrived.received_at_ms.unwrap() > back.requested_at_ms, "{arrived:?}");
    assert_eq!(arrived.updated_at_ms, arrived.received_at_ms.unwrap());

    // Money given back in the store for the return itself is its own.
    people(&world, |store, _| {
        let one = store.state_mut().order_mut(number_of(&order)).unwrap();
        let (refund, payment) = (9_000_001, one.transactions[0].clone());
        let moved = state::Transaction {
            id: 9_000_002,
            kind: state::TransactionKind::Refund,
            minor: 1_500,
            parent: Some(payment.id),
            ..payment
        };
        one.transactions.push(moved);
        one.refunds.push(state::Refund {
            id: refund,
            created_ms: NOW_MS,
            note: None,
            lines: vec![],
            transactions: vec![9_000_002],
            shipping_minor: 0,
        });
        one.returns[0].refunds.push(refund);
        one.returns[0].status = state::ReturnStatus::Closed;
    });
    let Ok(Some(one)) = world.open().read_one(RecordKind::Return, &id, Priority::Person).await else { panic!() };
    let paid = returns_of(&[one]).remove(0);
    assert_eq!(paid.refunded, Some(Money::new(1_500, Currency::new("EUR"))));
    assert_eq!(paid.status, ReturnStatus::Closed);
    let none = world.open().read_one(RecordKind::Return, "gid://shopify/Return/1", Priority::Person).await;
    assert!(matches!(none, Ok(None)), "{none:?}");
}

/// A return that its buyer asked for, and the answer to it.
fn asked_for(decline: Option<DeclineReason>) -> (World, Intent) {
    let world = quiet();
    let order = shipped(&world, &[("Mug", 2)]);
    let id = send_back(&world, &order);
    people(&world, |store, _| {
        let one = &mut store.state_mut().order_mut(number_of(&order)).unwrap().returns[0];
        (one.status, one.approved_ms, one.reverse) = (state::ReturnStatus::Requested, None, None);
    });
    let note = if decline.is_some() { "It was worn.".to_owned() } else { String::new() };
    let intent = Intent::AnswerReturn { order_remote_id: order, return_id: id, decline, note, notify_customer: true };
    (world, intent)
}

#[tokio::test]
async fn a_return_request_is_answered_exactly_once_whatever_happens() {
    let agreed = EffectCase {
        make: || asked_for(None),
        count: |ledger| ledger.of("return_approved").filter(|entry| entry.by == By::Client).count(),
        expected: 1,
        patience_ms: HOUR_MS,
    };
    check_effect(&agreed).await;
    let declined = EffectCase {
        make: || asked_for(Some(DeclineReason::PeriodEnded)),
        count: |ledger| ledger.of("return_declined").filter(|entry| entry.by == By::Client).count(),
        ..agreed
    };
    check_effect(&declined).await;
}

/// What was answered in the store is not answered again, and never otherwise.
#[tokio::test]
async fn an_answer_that_was_given_in_the_store_stands() {
    for (there, decline, says) in [
        (state::ReturnStatus::Open, None, None),
        (state::ReturnStatus::Declined, Some(DeclineReason::Other), None),
        (state::ReturnStatus::Declined, None, Some("declined by now")),
        (state::ReturnStatus::Open, Some(DeclineReason::FinalSale), Some("open by now")),
    ] {
        let (world, intent) = asked_for(decline);
        let Intent::AnswerReturn { order_remote_id, .. } = &intent else { panic!() };
        people(&world, |store, _| {
            store.state_mut().order_mut(number_of(order_remote_id)).unwrap().returns[0].status = there;
        });
        let outcome = run(&world, &intent, HOUR_MS, None).await;
        match (says, outcome) {
            (None, outcome) => assert_eq!(outcome, Outcome::Holds, "{decline:?}"),
            (Some(says), Outcome::Person(refusal)) => assert!(refusal.sentence.contains(says), "{refusal}"),
            (Some(says), outcome) => panic!("{says}: {outcome:?}"),
        }
        let answers = |ledger: &Ledger| ledger.of("return_approved").count() + ledger.of("return_declined").count();
        assert_eq!(world.applied(answers), 0, "{decline:?}");
    }
}

/// More returns of one order, and more lines of one return, than a call shows.
#[tokio::test]
async fn many_returns_of_an_order_arrive_whole() {
    let world = quiet();
    let lines: Vec<(String, i64)> = (0..12).map(|n| (format!("Line {n}"), 9)).collect();
    let lines: Vec<(&str, i64)> = lines.iter().map(|(title, units)| (title.as_str(), *units)).collect();
    let order = shipped(&world, &lines);
    let large = send_back(&world, &order);
    people(&world, |store, _| {
        let state = store.state_mut();
        let one = state.order(number_of(&order)).unwrap();
        let like = one.returns[0].lines[0].clone();
        let left = one.fulfillments[0].lines[1..].iter();
        let more: Vec<state::ReturnLine> =
            left.map(|line| state::ReturnLine { fulfillment_line: line.id, ..like.clone() }).collect();
        for mut line in more {
            (line.id, line.reverse_line) = (state.id(), state.id());
            state.own(line.id, number_of(&order));
            state.order_mut(number_of(&order)).unwrap().returns[0].lines.push(line);
        }
    });
    for _ in 0..8 {
        send_back(&world, &order);
    }
    let found = returns_of(&read_to_end(&world, "returns", &mut None, NOW_MS - DAY_MS).await);
    assert_eq!(found.len(), 9);
    let whole = found.iter().find(|back| back.remote_id == large).unwrap();
    let lines: BTreeSet<_> = whole.lines.iter().map(|line| line.order_line_id.clone()).collect();
    assert_eq!((whole.lines.len(), lines.len()), (12, 12));
    let Ok(Some(one)) = world.open().read_one(RecordKind::Return, &large, Priority::Person).await else { panic!() };
    assert_eq!(returns_of(&[one]).remove(0).lines.len(), 12);
}

/// Not granted: everything else is read, the checklist says what is lost, and nothing is asked in vain.
#[tokio::test]
async fn without_the_permission_returns_are_not_asked_for() {
    let mut world = quiet_with(ShopPlan::harbour_goods().without("read_returns"));
    let preflight = world.open().preflight().await;
    common::names_what_it_disables(&preflight);
    let check = preflight.checks.iter().find(|check| check.title == "Read returns").unwrap();
    assert_eq!((check.state, check.disables.as_slice()), (CheckState::Limited, &["hearing of returns".to_owned()][..]));
    assert!(!preflight.account.unwrap().streams.unwrap().contains(&"returns".to_owned()));
    // Taken away since it was tested: nothing stops, and nothing is read.
    send_back(&world, &shipped(&world, &[("Mug", 2)]));
    assert!(read_to_end(&world, "returns", &mut None, NOW_MS - DAY_MS).await.is_empty());
    world.facts.abilities = vec!["read_orders".into()];
    world.restart_count();
    assert!(read_to_end(&world, "returns", &mut None, NOW_MS - DAY_MS).await.is_empty());
    assert_eq!(world.exchanges(), 0);
}

/// The payment service said no: the refund is there, no money moved, and it is never called done.
#[tokio::test]
async fn a_refund_whose_payment_was_declined_is_not_done() {
    let mut world = quiet();
    let order = place(&world, &[("Mug", 2)]);
    let intent = refund(&world, &order, 1, 1_500);
    world.disguise = Some(std::sync::Arc::new(|setup: quayside_connectors::Setup| quayside_connectors::Setup {
        wire: std::sync::Arc::new(Declining(setup.wire.clone())),
        ..setup
    }));
    for _ in 0..2 {
        let Outcome::Person(refusal) = run(&world, &intent, HOUR_MS, None).await else { panic!() };
        assert!(refusal.sentence.contains("declined it"), "{refusal}");
    }
    assert_eq!(world.applied(refunds), 1, "and it is not tried a second time");
    let task = Task {
        key: "effect-1",
        intent: &intent,
        first_sent_at_ms: Some(NOW_MS),
        last_sent_at_ms: Some(NOW_MS),
        ticket: None,
        priority: Priority::Write,
    };
    assert!(matches!(world.open().confirm(&task).await, Confirmation::Overtaken(_)));
}

/// A store whose payment service declines what goes back.
struct Declining(std::sync::Arc<dyn quayside_connectors::Wire>);

#[async_trait::async_trait]
impl quayside_connectors::Wire for Declining {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        timeout: std::time::Duration,
    ) -> Result<http::Response<Vec<u8>>, quayside_connectors::WireError> {
        let asks = String::from_utf8_lossy(request.body()).contains("Refund");
        let mut response = self.0.send(request, timeout).await?;
        if asks {
            let text =
                String::from_utf8_lossy(response.body()).replace("\"status\":\"SUCCESS\"", "\"status\":\"FAILURE\"");
            *response.body_mut() = text.into_bytes();
        }
        Ok(response)
    }
}
