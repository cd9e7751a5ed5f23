//! Labels by a person's hand: what is planned, what is refused with a sentence, and what the day's sum says.

use crate::house::{House, NOW, act, config, hub, hub_order, order, parcel};
use quayside_api::labels::LabelPick;
use quayside_api::view::{Act, Targets, Verb};
use quayside_model::{
    Cause, Currency, EffectState, HubStatus, Intent, LabelDraft, LabelForm, LabelWish, Mode, Money, OrderId, Parcel,
    ParcelSize, PlannedEffect, Receipt,
};
use quayside_store::Settlement;
use serde_json::json;
use std::collections::BTreeMap;

/// An order that waits at the hub.
fn ready(house: &House, n: i64) -> OrderId {
    let id = house.order(order(n));
    let (key, remote_id) = (house.key(id), format!("{}", 9_000 + n));
    house.store.write(|tx| tx.link(id, &hub(), quayside_model::RecordKind::HubOrder, &remote_id)).unwrap();
    house.hub_order(hub_order(&key, &remote_id, n, HubStatus::AwaitingShipment));
    id
}

fn on(id: OrderId) -> Targets {
    Targets::Orders(vec![id])
}

fn buying(id: OrderId, fields: &[(&str, &str)]) -> Act {
    let fields: BTreeMap<String, String> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Act { fields, ..act(Verb::BuyLabel, on(id)) }
}

const OFFER: [(&str, &str); 4] =
    [("carrier", "se-501101"), ("service", "dpd_classic"), ("package", "package"), ("most", "5.45")];

fn bought(house: &House, label: &str, minor: i64) {
    let receipt = Receipt {
        remote_id: Some(label.into()),
        cost: Some(Money::new(minor, Currency::new("EUR"))),
        ..Receipt::default()
    };
    assert_eq!(house.answer(&hub(), &Settlement::Done { receipt, already: false }), 1);
}

#[test]
fn a_chosen_offer_is_planned_once_and_never_dearer() {
    let house = House::new();
    let id = ready(&house, 1);
    let outcome = house.desk.act(buying(id, &OFFER)).unwrap();
    assert_eq!((outcome.done, outcome.sentence.as_str()), (1, "Buying the labels of 1 order."), "{outcome:?}");
    let intents = house.intents(id);
    let [Intent::BuyLabel { label }] = intents.as_slice() else { panic!("{intents:?}") };
    assert_eq!((label.hub_order_id.as_str(), label.most_minor), ("9001", Some(545)));
    assert!(matches!(&label.wish, LabelWish::Chosen { service, .. } if service == "dpd_classic"));
    // A second click, before and after it was bought, buys nothing.
    for says in ["being bought already", "a moment ago", "has a parcel already"] {
        let again = house.desk.act(buying(id, &OFFER)).unwrap();
        assert!(again.done == 0 && again.refused[0].sentence.contains(says), "{says}: {again:?}");
        match says {
            "being bought already" => bought(&house, "label:77", 545),
            _ => house.parcel(Parcel { remote_id: "label:77".into(), ..parcel(&house.key(id), "9001", 1, "1Z") }),
        }
    }
    assert_eq!(house.states(id), [("buy_label".to_owned(), EffectState::Done)]);
}

/// Where the shipping account does not tell its currency, an offer is bought in the one it was shown in.
#[test]
fn an_offer_is_bought_in_its_own_currency() {
    for (known, typed, expected) in [
        (None, "USD", "USD"),
        (None, "usd", "USD"),
        (None, "dollars", "EUR"),
        (None, "", "EUR"),
        (Some("EUR"), "USD", "EUR"),
    ] {
        let house = House::new();
        let mut there = config(&hub(), "Harbour Shipping", "shipstation", "EUR");
        there.account.currency = known.map(str::to_owned);
        house.store.write(|tx| tx.put_connection(&there)).unwrap();
        let id = ready(&house, 1);
        let fields: Vec<(&str, &str)> = OFFER.into_iter().chain([("currency", typed)]).collect();
        assert_eq!(house.desk.act(buying(id, &fields)).unwrap().done, 1, "{typed}");
        let intents = house.intents(id);
        let [Intent::BuyLabel { label }] = intents.as_slice() else { panic!("{intents:?}") };
        assert_eq!((label.currency.0.as_str(), label.most_minor), (expected, Some(545)), "{typed}");
    }
}

#[test]
fn what_keeps_a_label_from_being_bought_is_said() {
    for (fields, says) in [
        (vec![], "Choose an offer"),
        (vec![("carrier", "se-1")], "the carrier and its service together"),
        (vec![("carrier", "se-1"), ("service", "x")], "the most it may cost"),
        (vec![("carrier", "se-1"), ("service", "x"), ("most", "cheap")], "is no amount"),
        (vec![("weight_g", "0")], "is no weight in grams"),
        (vec![("length_mm", "300")], "together, or none"),
    ] {
        let house = House::new();
        let id = ready(&house, 1);
        let outcome = house.desk.act(buying(id, &fields)).unwrap();
        assert!(outcome.done == 0 && outcome.refused[0].sentence.contains(says), "{fields:?}: {outcome:?}");
        assert!(house.states(id).is_empty(), "{fields:?}");
    }
    let house = House::new();
    let elsewhere = house.order(order(2));
    let outcome = house.desk.act(buying(elsewhere, &OFFER)).unwrap();
    assert!(outcome.refused[0].sentence.contains("It is not at ShipStation yet"), "{outcome:?}");
}

#[test]
fn many_go_by_the_settings_and_the_sum_of_the_day_is_told() {
    let house = House::new();
    let settings = BTreeMap::from([("policy".to_owned(), json!("cheapest")), ("spend_day".to_owned(), json!("20"))]);
    house.desk.put_automation("labels", Mode::Off, &settings).unwrap();
    let (first, second) = (ready(&house, 1), ready(&house, 2));
    let elsewhere = house.order(order(3));
    let batch = house.desk.label_batch(&[first, second, elsewhere]).unwrap();
    assert_eq!(batch.ready, [first, second]);
    assert_eq!(batch.not_ready[0].order_id, elsewhere);
    assert_eq!(batch.policy, "The cheapest offer is taken.");
    let outcome = house.desk.act(buying(first, &[])).unwrap();
    assert_eq!(outcome.done, 1, "{outcome:?}");
    bought(&house, "label:77", 1_250);
    let spend = house.desk.label_batch(&[second]).unwrap().spend.unwrap();
    assert_eq!((spend.spent_minor, spend.limit_minor), (1_250, Some(2_000)));
    assert_eq!(spend.sentence, "12.50 EUR of 20.00 EUR spent on labels today.");
}

#[test]
fn a_limit_that_is_no_amount_is_refused_when_it_is_written() {
    let house = House::new();
    for name in ["spend_day", "price_max"] {
        let settings = BTreeMap::from([(name.to_owned(), json!("plenty"))]);
        let trouble = house.desk.put_automation("labels", Mode::Off, &settings).unwrap_err();
        assert!(trouble.field.as_deref() == Some(name) && trouble.sentence.contains("is no amount"), "{trouble}");
    }
}

#[test]
fn a_label_that_waits_for_a_click_waits_on_when_labels_are_bought_by_themselves() {
    let house = House::new();
    house.desk.go_live("labels", Mode::Ask, None).unwrap();
    let id = ready(&house, 1);
    let policy = house.store.read(quayside_engine::policy::load).unwrap();
    let story = house.store.read(|r| r.story(id)).unwrap().unwrap();
    let mut decision = quayside_flows::decide(&story, &policy, NOW);
    let label = LabelDraft {
        hub_order_id: "9001".into(),
        hub_order_key: house.key(id),
        wish: LabelWish::Cheapest,
        size: ParcelSize::default(),
        currency: Currency::new("EUR"),
        most_minor: None,
        test: false,
        day_left_minor: None,
    };
    decision.effects = vec![PlannedEffect {
        key: "harbour-goods:1:buy_label:9001:0".into(),
        automation: "labels".into(),
        connection: hub(),
        intent: Intent::BuyLabel { label },
        mode: Mode::Ask,
        ship_by_ms: None,
        sentence: "Buy the label of #1 at ShipStation".into(),
    }];
    house.store.write(|tx| tx.put_decision(id, &story.order, &decision, NOW)).unwrap();
    assert_eq!(house.states(id), [("buy_label".to_owned(), EffectState::Asked)]);
    assert_eq!(house.desk.go_live("labels", Mode::Auto, None).unwrap().asked, 1);
    assert_eq!(house.states(id), [("buy_label".to_owned(), EffectState::Asked)]);
    let history = house.desk.history(quayside_api::view::ActivityAsk::default()).unwrap().rows;
    assert!(history.iter().any(|entry| entry.sentence.contains("still waits for it (1)")), "{history:?}");
}

#[test]
fn a_parcel_gets_its_way_back_once() {
    let house = House::new();
    let id = house.order(order(1));
    let none = house.desk.act(act(Verb::ReturnLabel, on(id))).unwrap();
    assert!(none.refused[0].sentence.contains("No parcel of it has a label"), "{none:?}");
    let key = house.key(id);
    house.store.write(|tx| tx.link(id, &hub(), quayside_model::RecordKind::HubOrder, "9001")).unwrap();
    house.hub_order(hub_order(&key, "9001", 1, HubStatus::Shipped));
    house.parcel(parcel(&key, "9001", 1, "1Z"));
    assert_eq!(house.desk.act(act(Verb::ReturnLabel, on(id))).unwrap().done, 1);
    assert!(house.intents(id).iter().any(|intent| matches!(intent, Intent::ReturnLabel { .. })));
    let again = house.desk.act(act(Verb::ReturnLabel, on(id))).unwrap();
    assert!(again.refused[0].sentence.contains("being made already"), "{again:?}");
    // Refused, it is retried or given up: two requests would be two labels.
    house.refuse(&hub(), Cause::NotUnderstood, "A return label may have been bought.", "");
    let again = house.desk.act(act(Verb::ReturnLabel, on(id))).unwrap();
    assert!(again.done == 0 && again.refused[0].sentence.contains("Retry that, or give it up"), "{again:?}");
    assert_eq!(house.desk.act(act(Verb::Retry, on(id))).unwrap().done, 1);
    // It costs money, too: there is one as long as it is neither voided nor used.
    bought(&house, "label:88", 390);
    let again = house.desk.act(act(Verb::ReturnLabel, on(id))).unwrap();
    assert!(again.done == 0 && again.refused[0].sentence.contains("a moment ago"), "{again:?}");
    house.parcel(Parcel { remote_id: "label:88".into(), is_return: true, ..parcel(&key, "9001", 1, "1Z-BACK") });
    let again = house.desk.act(act(Verb::ReturnLabel, on(id))).unwrap();
    assert!(again.done == 0 && again.refused[0].sentence.contains("has a return label already"), "{again:?}");
}

#[tokio::test]
async fn labels_that_are_not_there_are_not_saved() {
    let house = House::new();
    let id = ready(&house, 1);
    let folder = tempfile::tempdir().unwrap();
    let picks = [LabelPick { order: id, parcel: None }];
    let trouble = house.desk.save_labels(&picks, LabelForm::Pdf, folder.path()).await.unwrap_err();
    assert!(trouble.sentence.contains("None of these has a label"), "{trouble}");
    let odd = ParcelSize { weight_g: Some(-1), ..ParcelSize::default() };
    let trouble = house.desk.label_quotes(id, odd).await.unwrap_err();
    assert!(trouble.sentence.contains("-1 is no weight"), "{trouble}");
    let trouble = house.desk.label_quotes(house.order(order(2)), ParcelSize::default()).await.unwrap_err();
    assert!(trouble.sentence.contains("It is not at ShipStation yet"), "{trouble}");
}
