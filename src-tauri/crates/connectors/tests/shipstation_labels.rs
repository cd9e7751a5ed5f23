//! Labels at ShipStation: however the wire behaves, one label and no more, never dearer than agreed.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{EffectCase, NOW_MS, Outcome, World, check_effect, check_effect_sent_once, run};
use quayside_connectors::{Priority, ReadError};
use quayside_model::{
    Cause, Clock, Confirmation, Currency, Intent, LabelAsk, LabelDraft, LabelForm, LabelWish, ParcelSize, Verdict,
};
use quayside_sandbox::ledger::By;
use quayside_sandbox::shipstation::pacific::Wall;
use quayside_sandbox::shipstation::state::{Address, Body, Item, Pen, Weight};
use quayside_sandbox::shipstation::{ShipStation, ShipStationPlan};
use quayside_sandbox::{Ledger, Sandbox, SandboxPlan};

const HUB: &str = "harbour-shipping";
const KEY: &str = "harbour-goods-5501";
const HOUR_MS: i64 = 3_600_000;

fn quiet(has_v1: bool, has_v2: bool) -> World {
    let mut plan = SandboxPlan::quiet(7, NOW_MS - 240 * HOUR_MS);
    plan.stores.clear();
    plan.hub = Some(ShipStationPlan { account: HUB.into(), has_v1, has_v2, ..ShipStationPlan::default() });
    let mut sandbox = Sandbox::new(plan);
    sandbox.advance(NOW_MS - HOUR_MS);
    World::new(sandbox, HUB)
}

fn people<R>(world: &World, act: impl FnOnce(&mut ShipStation, &mut Pen<'_>) -> R) -> R {
    let mut sandbox = world.sandbox.lock().unwrap();
    sandbox.scene(|scene| {
        let mut pen = Pen { now_ms: scene.now_ms, by: By::Merchant, ledger: scene.ledger };
        act(&mut scene.hubs[0], &mut pen)
    })
}

/// A weighed order for a buyer in the account's own country. Gives its id.
fn place(world: &World) -> String {
    let line =
        Item { line_key: "line-1".into(), sku: "MUG".into(), name: "Mug".into(), quantity: 2, ..Item::default() };
    let body = Body {
        number: "#1001".into(),
        ship_to: Address {
            name: "Zoë Ødegård".into(),
            street1: "Speicherstraße 7".into(),
            city: "Hamburg".into(),
            state: "HH".into(),
            postal_code: "20457".into(),
            country: "DE".into(),
            phone: "+49 40 1234".into(),
            ..Default::default()
        },
        items: vec![line],
        weight: Some(Weight::of_grams(600.0)),
        placed: Wall::of(NOW_MS - 2 * HOUR_MS),
        ..Body::default()
    };
    people(world, |hub, pen| hub.state.put(pen, None, Some(KEY), body, &[]).unwrap().0).to_string()
}

fn buy(order: &str, wish: LabelWish, most_minor: Option<i64>) -> Intent {
    Intent::BuyLabel {
        label: LabelDraft {
            hub_order_id: order.to_owned(),
            hub_order_key: KEY.into(),
            wish,
            size: ParcelSize::default(),
            currency: Currency::new("EUR"),
            most_minor,
            test: false,
            day_left_minor: None,
        },
    }
}

fn bought(ledger: &Ledger) -> usize {
    ledger.of("label_bought").filter(|entry| entry.by == By::Client).count()
}

fn world_to_buy(has_v1: bool) -> (World, Intent) {
    let world = quiet(has_v1, true);
    let intent = buy(&place(&world), LabelWish::Cheapest, Some(2_000));
    (world, intent)
}

/// A parcel that left with a label, and the way back for it.
fn world_to_return() -> (World, Intent) {
    let world = quiet(false, true);
    let order = place(&world);
    let label = people(&world, |hub, pen| {
        let purchase = quayside_sandbox::shipstation::state::labels::Purchase {
            carrier: "dpd".into(),
            service: "dpd_classic".into(),
            ..Default::default()
        };
        hub.state.buy(pen, order.parse().unwrap(), &purchase).unwrap()
    });
    let intent = Intent::ReturnLabel {
        hub_order_id: order,
        hub_order_key: KEY.into(),
        parcel_id: format!("label:{label}"),
        known_label_ids: vec![],
    };
    (world, intent)
}

#[tokio::test]
async fn a_label_is_bought_exactly_once_whatever_happens_with_v2() {
    let make = || world_to_buy(false);
    check_effect(&EffectCase { make, count: bought, expected: 1, patience_ms: HOUR_MS }).await;
}

#[tokio::test]
async fn a_label_is_bought_exactly_once_whatever_happens_with_both() {
    let make = || world_to_buy(true);
    check_effect(&EffectCase { make, count: bought, expected: 1, patience_ms: HOUR_MS }).await;
}

#[tokio::test]
async fn a_return_label_is_never_made_twice_whatever_happens() {
    fn made(ledger: &Ledger) -> usize {
        ledger.of("return_label_bought").filter(|entry| entry.by == By::Client).count()
    }
    let case = EffectCase { make: world_to_return, count: made, expected: 1, patience_ms: HOUR_MS };
    check_effect_sent_once(&case, "may have been bought").await;
}

/// It need not stand under the shipment of the label it belongs to, nor name that.
#[tokio::test]
async fn a_return_label_whose_answer_was_lost_is_looked_for_and_never_sent_again() {
    for (moved, named, after_ms, found) in [
        (false, true, 0, "holds"),
        (true, true, 0, "holds"),
        (true, false, 0, "cannot tell"),
        (true, false, HOUR_MS, "may have been bought"),
    ] {
        let what = format!("moved {moved}, named {named}, after {after_ms} ms");
        let (world, intent) = world_to_return();
        let sent_ms = world.clock.now_ms();
        assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds, "{what}");
        people(&world, |hub, _| {
            let label = hub.state.labels.values_mut().find(|label| label.is_return).unwrap();
            label.order_id = label.order_id.map(|id| if moved { id + 77 } else { id });
            label.outbound_label_id = label.outbound_label_id.filter(|_| named);
        });
        world.clock.advance(after_ms);
        let task = quayside_connectors::Task {
            key: "effect-1",
            intent: &intent,
            first_sent_at_ms: Some(sent_ms),
            last_sent_at_ms: Some(sent_ms),
            ticket: None,
            priority: Priority::Write,
        };
        let said = match world.open().confirm(&task).await {
            Confirmation::Holds(_) => "holds".to_owned(),
            Confirmation::CannotTell(_) => "cannot tell".to_owned(),
            Confirmation::Overtaken(refusal) => refusal.sentence,
            other => panic!("{what}: {other:?}"),
        };
        assert!(said.contains(found), "{what}: {said}");
    }
}

/// What the warehouse bought by hand is label enough, and is not put down as money of ours.
#[tokio::test]
async fn an_order_that_has_a_label_gets_no_second_one() {
    let (world, intent) = world_to_buy(false);
    let Intent::BuyLabel { label } = &intent else { panic!() };
    let order = label.hub_order_id.parse().unwrap();
    people(&world, |hub, pen| {
        let purchase = quayside_sandbox::shipstation::state::labels::Purchase {
            carrier: "dpd".into(),
            service: "dpd_classic".into(),
            ..Default::default()
        };
        hub.state.buy(pen, order, &purchase).unwrap()
    });
    let task = quayside_connectors::Task {
        key: "effect-1",
        intent: &intent,
        first_sent_at_ms: None,
        last_sent_at_ms: None,
        ticket: None,
        priority: Priority::Write,
    };
    let verdict = world.open().perform(&[task]).await.remove(0);
    let Verdict::AlreadyDone(receipt) = verdict else { panic!("{verdict:?}") };
    assert_eq!((receipt.cost, world.applied(bought)), (None, 0));
    assert!(receipt.note.unwrap().contains("had a label already"));
}

/// Nothing is bought beyond what was agreed, and a sentence says what it would cost.
#[tokio::test]
async fn what_does_not_fit_is_not_bought() {
    let chosen = |service: &str| LabelWish::Chosen {
        carrier_id: "se-501101".into(),
        service: service.into(),
        package: "package".into(),
    };
    let late = LabelWish::ArriveBy { day: Some("2026-11-20".into()) };
    for (wish, most_minor, day_left_minor, says) in [
        (LabelWish::Cheapest, Some(100), None, "is the most that may be paid"),
        (chosen("dpd_classic"), Some(100), None, "is the most that may be paid"),
        (chosen("dpd_gone"), Some(9_999), None, "no carrier offers anything"),
        (late, None, None, "nothing arrives by 2026-11-20"),
        (LabelWish::Cheapest, None, Some(100), "are left of what may be spent on labels today"),
        (LabelWish::Fastest, None, None, "no price is set"),
    ] {
        let world = quiet(false, true);
        let mut intent = buy(&place(&world), wish.clone(), most_minor);
        let Intent::BuyLabel { label } = &mut intent else { panic!() };
        label.day_left_minor = day_left_minor;
        let outcome = run(&world, &intent, HOUR_MS, None).await;
        let Outcome::Person(refusal) = outcome else { panic!("{wish:?}: {outcome:?}") };
        assert_eq!(refusal.cause, Cause::LabelNotBought, "{wish:?}");
        assert!(refusal.sentence.contains(says) && refusal.sentence.contains("Nothing was bought"), "{refusal}");
        assert_eq!(world.applied(bought), 0, "{wish:?}");
    }
}

#[tokio::test]
async fn carriers_are_asked_and_the_answer_can_be_bought() {
    let world = quiet(true, true);
    let order = place(&world);
    let ask = LabelAsk { hub_order_id: order.clone(), size: ParcelSize::default() };
    let quotes = world.open().quote_labels(&ask, Priority::Person).await.unwrap();
    assert_eq!(quotes.size.weight_g, Some(600));
    assert!(quotes.quotes.len() >= 4, "{quotes:?}");
    assert!(quotes.quotes.is_sorted_by_key(quayside_model::LabelQuote::total_minor));
    assert!(!quotes.not_offered.is_empty(), "a service that goes abroad only is named");
    for quote in &quotes.quotes {
        assert!(quote.arrives.is_some() && quote.currency == Currency::new("EUR"), "{quote:?}");
        let wish = LabelWish::Chosen {
            carrier_id: quote.carrier_id.clone(),
            service: quote.service.clone(),
            package: quote.package.clone(),
        };
        let world = quiet(true, true);
        let intent = buy(&place(&world), wish, Some(quote.total_minor()));
        assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds, "{quote:?}");
        assert_eq!(world.applied(bought), 1);
    }
    // A heavier parcel costs more, and asking changes nothing at the hub.
    let heavy = LabelAsk { size: ParcelSize { weight_g: Some(9_000), ..ParcelSize::default() }, ..ask.clone() };
    let dearer = world.open().quote_labels(&heavy, Priority::Person).await.unwrap();
    assert!(dearer.quotes[0].total_minor() > quotes.quotes[0].total_minor());
    let again = world.open().quote_labels(&ask, Priority::Person).await.unwrap();
    assert_eq!(again.quotes[0].total_minor(), quotes.quotes[0].total_minor());
}

#[tokio::test]
async fn what_was_weighed_here_is_what_is_bought() {
    let world = quiet(false, true);
    let mut intent = buy(&place(&world), LabelWish::Cheapest, None);
    let Intent::BuyLabel { label } = &mut intent else { panic!() };
    label.size = ParcelSize { weight_g: Some(9_000), length_mm: Some(300), width_mm: Some(200), height_mm: Some(105) };
    assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
    let grams = people(&world, |hub, _| hub.state.labels.values().next().unwrap().grams);
    assert!((grams - 9_000.0).abs() < 1.0, "{grams}");
}

/// V1 takes orders without a telephone and without a state; they are weighed and quoted like any other.
#[tokio::test]
async fn an_order_without_a_telephone_and_a_state_is_weighed_and_bought() {
    let world = quiet(true, true);
    let order = place(&world);
    people(&world, |hub, _| {
        let there = hub.state.orders.get_mut(&order.parse().unwrap()).unwrap();
        there.body.ship_to.phone.clear();
        there.body.ship_to.state.clear();
    });
    let size = ParcelSize { weight_g: Some(900), ..ParcelSize::default() };
    let ask = LabelAsk { hub_order_id: order.clone(), size };
    let offered = world.open().quote_labels(&ask, Priority::Person).await.unwrap();
    assert!(!offered.quotes.is_empty(), "{offered:?}");
    let mut intent = buy(&order, LabelWish::Cheapest, None);
    let Intent::BuyLabel { label } = &mut intent else { panic!() };
    label.size = size;
    assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
    assert_eq!(world.applied(bought), 1);
}

#[tokio::test]
async fn a_labels_file_is_fetched_in_each_form() {
    let (world, intent) = world_to_buy(false);
    assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
    let id = people(&world, |hub, _| *hub.state.labels.keys().next().unwrap());
    for (form, begins) in [(LabelForm::Pdf, "%PDF"), (LabelForm::Zpl, "^XA"), (LabelForm::Png, "PNG")] {
        let bytes = world.open().label_file(&format!("label:{id}"), form, Priority::Person).await.unwrap();
        assert!(String::from_utf8_lossy(&bytes).starts_with(begins), "{form:?}");
    }
    for (parcel, says) in [("external:9", "bought elsewhere"), ("label:99999999", "could not be read")] {
        let Err(ReadError::Refused(refusal)) = world.open().label_file(parcel, LabelForm::Pdf, Priority::Person).await
        else {
            panic!("{parcel}")
        };
        assert!(refusal.sentence.contains(says), "{refusal}");
    }
}

/// V1 alone: the sentence says which key is missing, and nothing is bought.
#[tokio::test]
async fn v1_alone_buys_nothing_and_says_why() {
    let world = quiet(true, false);
    let order = place(&world);
    let outcome = run(&world, &buy(&order, LabelWish::Cheapest, None), HOUR_MS, None).await;
    let Outcome::Person(refusal) = outcome else { panic!("{outcome:?}") };
    assert!(refusal.cause == Cause::ScopeMissing && refusal.sentence.contains("V2 key"), "{refusal}");
    let ask = LabelAsk { hub_order_id: order, size: ParcelSize::default() };
    assert!(world.open().quote_labels(&ask, Priority::Person).await.is_err());
    assert_eq!(world.applied(bought), 0);
    assert!(world.clock.now_ms() >= NOW_MS);
}
