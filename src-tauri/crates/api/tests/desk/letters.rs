//! Buyers are told by mail, from end to end: an account is connected, a parcel gets lost, and a server on this computer
//! gets one letter, or none.

use crate::house::{House, NOW, Silence, act, hub_order, order, parcel, shop};
use quayside_api::view::{Act, ConnectionDraft, ExceptionsAsk, SyncScope, Targets, TroubleCode, Verb};
use quayside_flows::TELL_BUYER;
use quayside_flows::buyer_messages::{BuyerMessages, Happening, MessageText};
use quayside_model::time::{HOUR_MS, MINUTE_MS};
use quayside_model::{Cause, EffectState, HubStatus, Intent, IntentKind, Mode, OrderId, Parcel, Track, TrackState};
use quayside_sandbox::post_office::{PostOffice, Temper};
use quayside_store::EffectRow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PASSWORD: &str = "canary-password-1";

fn temper() -> Temper {
    Temper { user: Some(("desk".into(), PASSWORD.into())), ..Temper::default() }
}

fn draft(port: u16) -> ConnectionDraft {
    let fields = [
        ("server", "127.0.0.1".to_owned()),
        ("port", port.to_string()),
        ("user", "desk".to_owned()),
        ("password", PASSWORD.to_owned()),
        ("from", "Harbour Goods <orders@harbour.example>".to_owned()),
    ];
    ConnectionDraft {
        platform: "smtp_mail".into(),
        way: "here".into(),
        name: "Orders mail".into(),
        fields: fields.into_iter().map(|(name, text)| (name.to_owned(), text)).collect(),
        base_url: None,
    }
}

/// A desk at work, with an order whose parcel the carrier lost.
async fn lost(office: &PostOffice, mode: Mode) -> (House, OrderId) {
    let house = House::working(Arc::new(Silence));
    house.desk.connect(draft(office.port)).await.unwrap();
    if mode != Mode::Ask {
        house.desk.go_live(TELL_BUYER, mode, None).unwrap();
    }
    // The hub's side is read first, as after a first connection: nothing was sent from here.
    let policy = house.store.read(quayside_engine::policy::load).unwrap();
    let key = quayside_flows::hub_key(&policy.peers[&shop()], &order(1), 0);
    house.hub_order(hub_order(&key, "9001", 1, HubStatus::Shipped));
    house.parcel(carried(&key, TrackState::Lost, NOW - HOUR_MS));
    let id = house.order(order(1));
    (house, id)
}

fn carried(key: &str, state: TrackState, at_ms: i64) -> Parcel {
    let track = Track { state, at_ms: Some(at_ms), says: String::new(), expected_ms: None };
    Parcel { track: Some(track), ..parcel(key, "9001", 1, "1Z1") }
}

fn message(house: &House, id: OrderId) -> EffectRow {
    let effects = house.store.read(|r| r.effects_of(id)).unwrap();
    let mut told = effects.into_iter().filter(|effect| effect.intent.kind() == IntentKind::TellBuyer);
    let first = told.next().expect("it was planned");
    assert!(told.next().is_none(), "and once");
    first
}

/// Waits until the message stands so, while time goes on.
async fn until(house: &House, id: OrderId, state: EffectState) {
    let begun = Instant::now();
    while message(house, id).state != state {
        assert!(begun.elapsed() < Duration::from_secs(90), "it stays {:?}", message(house, id).state);
        drop(house.desk.sync_now(SyncScope::Everything));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_parcel_is_told_once_after_a_click_that_saw_the_text() {
    let office = PostOffice::open(temper()).await.unwrap();
    let (house, id) = lost(&office, Mode::Ask).await;
    assert_eq!(message(&house, id).state, EffectState::Asked, "nothing leaves without a click");
    let asked = message(&house, id);
    let plan = house.desk.plan(Some(TELL_BUYER), None, 0).unwrap();
    let shown = plan.items.iter().find(|one| one.effect.key == asked.key).unwrap();
    assert_eq!(asked.sentence, "Write to the buyer of #1 by Orders mail: parcel 1Z1 is lost");
    let change = |field: &str| shown.changes.iter().find(|change| change.field == field).unwrap().after.clone();
    assert_eq!(
        (change("Buyer"), change("Subject")),
        ("anna@example.org".into(), "Your parcel got lost (order #1)".into())
    );
    assert!(change("Message").starts_with("Hello Anna Larsen,"), "{}", change("Message"));
    assert_eq!(office.letters(), []);

    house.desk.act(act(Verb::Approve, Targets::Effects(vec![asked.id]))).unwrap();
    until(&house, id, EffectState::Done).await;
    // The carrier says it again; the order is read again.
    house.parcel(carried(&house.key(id), TrackState::Lost, NOW + MINUTE_MS));
    house.clock.set(NOW + HOUR_MS);
    let mut again = order(1);
    again.updated_at_ms = NOW + MINUTE_MS;
    house.order(again);
    assert_eq!(message(&house, id).state, EffectState::Done);
    let letters = office.letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(
        (letters[0].from.as_str(), letters[0].to.as_slice()),
        ("orders@harbour.example", &["anna@example.org".to_owned()][..])
    );
    assert!(letters[0].text.contains("Subject: Your parcel got lost (order #1)"), "{}", letters[0].text);
    let timeline = house.desk.order(id).unwrap().timeline;
    let said = timeline.iter().any(|line| line.sentence == "Buyer told by Orders mail: parcel 1Z1 is lost");
    assert!(said, "{timeline:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_whose_answer_was_lost_is_not_sent_again_and_said_so() {
    let office = PostOffice::open(Temper { hangs_up: true, ..temper() }).await.unwrap();
    let (house, id) = lost(&office, Mode::Auto).await;
    until(&house, id, EffectState::Refused).await;
    office.set(temper());
    for hours in [1, 2, 30] {
        house.clock.set(NOW + hours * HOUR_MS);
        drop(house.desk.sync_now(SyncScope::Everything));
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(
            (office.letters().len(), message(&house, id).state),
            (1, EffectState::Refused),
            "{hours} hours later"
        );
    }
    let page =
        house.desk.exceptions(ExceptionsAsk { cause: Some(Cause::BuyerNotTold), ..ExceptionsAsk::default() }).unwrap();
    let entries: Vec<_> = page.groups.into_iter().flat_map(|group| group.entries).collect();
    assert!(entries.iter().any(|entry| entry.sentence.contains("it may have been sent")), "{entries:?}");
    // Where the goods go is corrected, and what was refused for it would go again: not this.
    let fields = BTreeMap::from([("ship_to.line2".to_owned(), "Left door".to_owned())]);
    house.desk.act(Act { fields, ..act(Verb::Edit, Targets::Orders(vec![id])) }).unwrap();
    drop(house.desk.act(act(Verb::Retry, Targets::Orders(vec![id]))));
    assert_eq!((office.letters().len(), message(&house, id).state), (1, EffectState::Refused), "with all the rest");
    // A person looked and it is not there: that is another matter.
    house.desk.act(act(Verb::Retry, Targets::Effects(vec![message(&house, id).id]))).unwrap();
    until(&house, id, EffectState::Done).await;
    let letters = office.letters();
    let name = |at: usize| letters[at].text.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned();
    assert_eq!((letters.len(), name(0)), (2, name(1)), "under the same name");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_the_morning_stays_when_the_automation_is_lowered() {
    let office = PostOffice::open(temper()).await.unwrap();
    let (house, id) = lost(&office, Mode::Ask).await;
    // Late in the evening where the buyer is.
    house.clock.set(NOW + 13 * HOUR_MS);
    house.desk.act(act(Verb::Approve, Targets::Effects(vec![message(&house, id).id]))).unwrap();
    let begun = Instant::now();
    while message(&house, id).refusal.is_none() {
        assert!(begun.elapsed() < Duration::from_secs(90), "it was not looked at");
        drop(house.desk.sync_now(SyncScope::Everything));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let waits = message(&house, id);
    assert_eq!((waits.state, waits.first_sent_at_ms.is_some()), (EffectState::Pending, true), "{waits:?}");
    house.desk.put_automation(TELL_BUYER, Mode::Watch, &BTreeMap::new()).unwrap();
    assert_eq!(message(&house, id).state, EffectState::Skipped);
    assert_eq!(office.letters(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_goes_with_the_buyers_data() {
    let office = PostOffice::open(temper()).await.unwrap();
    let (house, id) = lost(&office, Mode::Auto).await;
    until(&house, id, EffectState::Done).await;
    assert!(house.store.write(|tx| tx.blank_personal(id, NOW + HOUR_MS)).unwrap());
    let Intent::TellBuyer { message: said } = message(&house, id).intent else { panic!("it is a message") };
    assert_eq!((said.to.as_str(), said.subject.as_str(), said.body.as_str()), ("", "", ""));
    assert_eq!((said.about.as_str(), said.words.as_str()), ("lost", "parcel 1Z1 is lost"), "it names nobody");
    // Something new happens: there is nobody to tell.
    house.parcel(carried(&house.key(id), TrackState::Returned, NOW + HOUR_MS));
    assert_eq!(message(&house, id).state, EffectState::Done);
    assert_eq!(office.letters().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_lets_nobody_in_is_not_connected() {
    let office = PostOffice::open(Temper { user: Some(("desk".into(), "another".into())), ..Temper::default() });
    let office = office.await.unwrap();
    let house = House::new();
    let tested = house.desk.test_connection(draft(office.port)).await.unwrap();
    assert!(!tested.ok && !format!("{tested:?}").contains("canary"), "{tested:?}");
    let trouble = house.desk.connect(draft(office.port)).await.unwrap_err();
    assert!(trouble.sentence.contains("does not let desk in"), "{trouble}");
    assert_eq!(house.desk.buyer_messages().unwrap().by, None);
}

#[test]
fn texts_are_kept_checked_and_shown_on_an_order() {
    let house = House::new();
    let view = house.desk.buyer_messages().unwrap();
    assert_eq!(view.messages.len(), Happening::ALL.len());
    assert!(view.messages.iter().all(|one| one.text == one.usual && !one.help.is_empty()));
    assert!(
        view.names.iter().any(|(name, _)| name == "tracking_link")
            && view.names.iter().any(|(name, _)| name == "number")
    );
    let put = |text: MessageText| {
        house.desk.put_buyer_messages(BuyerMessages { texts: BTreeMap::from([("lost".to_owned(), text)]) })
    };
    let usual = Happening::Lost.text();
    let slip = put(MessageText { body: "Hello {{ custmer }}".into(), ..usual.clone() }).unwrap_err();
    assert_eq!(slip.code, TroubleCode::Input);
    assert!(slip.sentence.contains("There is no field \"custmer\". Did you mean \"customer\"?"), "{slip}");
    let own = MessageText { subject: "Lost: {{ number }}".into(), ..usual.clone() };
    let kept = put(own.clone()).unwrap();
    let of = |happening: Happening| kept.messages.iter().find(|one| one.happening == happening).unwrap().text.clone();
    assert_eq!((of(Happening::Lost), of(Happening::Late)), (own.clone(), Happening::Late.text()));

    let nobody = house.desk.preview_buyer_message(Happening::Lost, &own, None).unwrap_err();
    assert_eq!(nobody.code, TroubleCode::Gone);
    let id = house.order(order(1));
    for asked in [None, Some(id)] {
        let shown = house.desk.preview_buyer_message(Happening::Lost, &own, asked).unwrap();
        assert_eq!((shown.subject.as_str(), shown.order, shown.trouble), ("Lost: #1", id, None));
        assert!(shown.body.contains("Hello Anna Larsen,"), "{}", shown.body);
    }
    let slip = MessageText { body: "{{ customer|number }}".into(), ..own };
    let shown = house.desk.preview_buyer_message(Happening::Lost, &slip, None).unwrap();
    assert!(shown.trouble.is_some_and(|why| why.contains("could not be worked out")));
    // Back to what it came with.
    assert_eq!(put(usual.clone()).unwrap().messages.iter().filter(|one| one.text != one.usual).count(), 0);
}
