//! Answered as done, and never shown: the platform is asked; what it does not have is done again.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
use common::*;
use quayside_flows::decide;
use quayside_model::time::MINUTE_MS;
use quayside_model::*;

const LATER: i64 = NOW + 31 * MINUTE_MS;

fn live() -> quayside_flows::Policy {
    policy(Mode::Auto)
}

#[test]
fn a_hub_order_that_never_shows_is_asked_about_after_half_an_hour() {
    let mut story = story();
    perform(&mut story, &live(), NOW, EffectState::Done);
    let soon = decide(&story, &live(), NOW + MINUTE_MS);
    assert_eq!((soon.prove, soon.look_again_at_ms.is_some_and(|at| at <= NOW + 30 * MINUTE_MS)), (vec![], true));
    assert_eq!(decide(&story, &live(), LATER).prove, [story.effects[0].id]);
    at_hub(&mut story, HubStatus::AwaitingShipment, LATER);
    assert_eq!(decide(&story, &live(), LATER).prove, []);
}

#[test]
fn what_the_hub_does_not_have_is_sent_again_under_a_new_key_and_the_same_name() {
    let mut story = story();
    perform(&mut story, &live(), NOW, EffectState::Done);
    // As the store hands it out once the platform said no.
    story.effects[0].state = EffectState::Skipped;
    let decision = decide(&story, &live(), LATER);
    let again = &decision.effects[0];
    assert_ne!(again.key, story.effects[0].key);
    let (Intent::PutHubOrder { order, .. }, Intent::PutHubOrder { order: before, .. }) =
        (&again.intent, &story.effects[0].intent)
    else {
        panic!("{decision:?}")
    };
    assert_eq!(order.key, before.key, "the hub must know it as the same order");
    assert_eq!(decision.prove, []);
}

#[test]
fn a_report_that_never_shows_is_asked_about_and_told_again() {
    let mut story = sent();
    ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
    perform(&mut story, &live(), NOW, EffectState::Done);
    let report = story.effects.last().unwrap().id;
    assert_eq!(decide(&story, &live(), LATER).prove, [report]);
    let mut missing = story.clone();
    missing.effects.last_mut().unwrap().state = EffectState::Skipped;
    let decision = decide(&missing, &live(), LATER);
    assert!(decision.effects.iter().any(|e| matches!(e.intent, Intent::Fulfill { .. })), "{decision:?}");
    told(&mut story, "fulfillment/2", &["TRACK1"], &[(1, 2), (2, 1)]);
    assert_eq!(decide(&story, &live(), LATER).prove, []);
}

/// A parcel without a number was reported; the store forgot the report and kept that the order left. Then the number
/// came: it had no report to be written on (seed 25 of all platforms).
#[test]
fn a_number_that_comes_after_a_forgotten_report_still_reaches_the_store() {
    let mut story = sent();
    ship(&mut story, Parcel { tracking_number: String::new(), tracking_url: None, ..parcel(1, &[(1, 2), (2, 1)]) });
    perform(&mut story, &live(), NOW, EffectState::Done);
    let report = story.effects.last().unwrap().id;
    told(&mut story, "marked", &[], &[(1, 2), (2, 1)]);
    assert_eq!(decide(&story, &live(), LATER).prove, [report]);
    // As the store hands it out once the platform said no.
    story.effects.last_mut().unwrap().state = EffectState::Skipped;
    assert!(decide(&story, &live(), LATER).effects.is_empty(), "nothing is left to say yet");
    story.parcels[0].value.tracking_number = "TRACK1".into();
    let decision = decide(&story, &live(), LATER);
    let [planned] = decision.effects.as_slice() else { panic!("{decision:?}") };
    let Intent::ReplaceTracking { fulfillment_id, tracking, .. } = &planned.intent else { panic!("{planned:?}") };
    assert_eq!((fulfillment_id.as_str(), tracking.numbers.as_slice()), ("marked", ["TRACK1".to_owned()].as_slice()));
}

/// The hub said "created" and forgot; the address changed a minute later, and the hub refused to change what it does not
/// have. That refusal does not speak for the order: it is asked about, and sent again as a new one.
#[test]
fn a_refused_change_does_not_speak_for_the_order_it_could_not_find() {
    let mut story = story();
    perform(&mut story, &live(), NOW, EffectState::Done);
    story.order.ship_to.as_mut().unwrap().line1 = "Bryggen 1".into();
    perform(&mut story, &live(), NOW + MINUTE_MS, EffectState::Refused);
    let [created, changed] = story.effects.as_slice() else { panic!("{:?}", story.effects) };
    let (created, changed) = (created.id, changed.id);
    assert!(matches!(&story.effects[1].intent, Intent::PutHubOrder { hub_order_id: Some(_), .. }));
    let decision = decide(&story, &live(), LATER);
    assert_eq!((decision.prove, decision.effects), (vec![created], vec![]));
    // As the store hands it out once the platform said no.
    story.effects[0].state = EffectState::Skipped;
    let decision = decide(&story, &live(), LATER);
    assert!(decision.overtaken.iter().any(|(id, _)| *id == changed), "{decision:?}");
    let [again] = decision.effects.as_slice() else { panic!("{decision:?}") };
    let Intent::PutHubOrder { order, hub_order_id } = &again.intent else { panic!("{again:?}") };
    assert_eq!((order.ship_to.line1.as_str(), hub_order_id), ("Bryggen 1", &None));
    assert_eq!(decision.findings, []);
}

/// A later change that went through, or is on its way, does speak for the order.
#[test]
fn a_change_that_is_done_or_under_way_speaks_for_the_order() {
    for state in [EffectState::Done, EffectState::Pending, EffectState::Running, EffectState::Unknown] {
        let mut story = story();
        perform(&mut story, &live(), NOW, EffectState::Done);
        let created = story.effects[0].id;
        story.order.ship_to.as_mut().unwrap().line1 = "Bryggen 1".into();
        perform(&mut story, &live(), NOW + MINUTE_MS, state);
        assert!(!decide(&story, &live(), LATER).prove.contains(&created), "{state:?}");
    }
}

/// Read at the hub with this status, last touched there before the write that is asked about.
fn untouched(story: &mut Story, status: HubStatus) {
    at_hub(story, status, LATER);
    story.hub_orders[0].value.modified_at_ms = NOW - 60 * MINUTE_MS;
}

fn done(story: &mut Story, n: i64, intent: Intent) -> EffectId {
    let id = EffectId(n);
    story.effects.push(PastEffect {
        id,
        key: format!("store/1001/{}/hub/1:{}", intent.kind().code(), story.effects.len()),
        automation: "sides_agree".into(),
        connection: hub(),
        intent,
        state: EffectState::Done,
        attempts: 1,
        created_at_ms: NOW,
        not_before_ms: NOW,
        first_sent_at_ms: Some(NOW),
        settled_at_ms: Some(NOW),
        refused_at_ms: None,
        refusal: None,
        ticket: None,
        receipt: Some(Receipt { remote_id: Some("hub/1".into()), ..Receipt::default() }),
    });
    id
}

/// An order that is there says nothing of a change: the hub must have touched it since.
#[test]
fn a_change_that_the_hub_does_not_show_is_asked_about() {
    let mut story = sent();
    story.order.ship_to.as_mut().unwrap().line1 = "Bryggen 1".into();
    perform(&mut story, &live(), NOW, EffectState::Done);
    let change = story.effects.last().unwrap().id;
    untouched(&mut story, HubStatus::AwaitingShipment);
    assert_eq!(decide(&story, &live(), NOW + MINUTE_MS).prove, [], "lists lag behind");
    assert_eq!(decide(&story, &live(), LATER).prove, [change]);
    let mut missing = story.clone();
    missing.effects.last_mut().unwrap().state = EffectState::Skipped;
    let decision = decide(&missing, &live(), LATER);
    let again = decision.effects.iter().find_map(|planned| match &planned.intent {
        Intent::PutHubOrder { order, hub_order_id } => Some((order.ship_to.line1.as_str(), hub_order_id.as_deref())),
        _ => None,
    });
    assert_eq!(again, Some(("Bryggen 1", Some("hub/1"))), "{decision:?}");
    at_hub(&mut story, HubStatus::AwaitingShipment, NOW + MINUTE_MS);
    assert_eq!(decide(&story, &live(), LATER).prove, []);
}

/// A hold, a release and a cancellation show in where the order stands. What somebody touched there later is his word.
#[test]
fn a_hold_a_release_and_a_cancellation_that_do_not_show_are_asked_about() {
    let (id, key) = (|| "hub/1".to_owned(), || KEY.to_owned());
    let hold = || Intent::HoldHubOrder { hub_order_id: id(), hub_order_key: key(), until_day: "2026-12-01".into() };
    let release = || Intent::ReleaseHubOrder { hub_order_id: id(), hub_order_key: key() };
    let cancel = || Intent::CancelHubOrder { hub_order_id: id(), hub_order_key: key() };
    for (intent, before, after) in [
        (hold(), HubStatus::AwaitingShipment, HubStatus::OnHold),
        (release(), HubStatus::OnHold, HubStatus::AwaitingShipment),
        (cancel(), HubStatus::AwaitingShipment, HubStatus::Cancelled),
    ] {
        let mut story = sent();
        let effect = done(&mut story, 7, intent.clone());
        untouched(&mut story, before.clone());
        assert_eq!(decide(&story, &live(), LATER).prove, [effect], "{intent:?}");
        let mut shown = story.clone();
        untouched(&mut shown, after);
        assert_eq!(decide(&shown, &live(), LATER).prove, [], "{intent:?}");
        let mut touched = story.clone();
        at_hub(&mut touched, before, NOW + MINUTE_MS);
        assert_eq!(decide(&touched, &live(), LATER).prove, [], "{intent:?}");
        // What undoes it speaks for it.
        let other = done(&mut story, 8, if intent.kind() == IntentKind::HoldHubOrder { release() } else { cancel() });
        assert!(!decide(&story, &live(), LATER).prove.contains(&effect), "{intent:?} and {other:?}");
    }
}

/// The store cancelled the order, the hub said that it did, too, and forgot: it is cancelled there again, and not told as
/// "somebody opened it again".
#[test]
fn a_cancellation_the_hub_forgot_is_made_again() {
    let mut story = sent();
    untouched(&mut story, HubStatus::AwaitingShipment);
    story.order.cancelled_at_ms = Some(NOW - MINUTE_MS);
    perform(&mut story, &live(), NOW, EffectState::Done);
    let cancel = story.effects.last().unwrap();
    assert_eq!(cancel.intent.kind(), IntentKind::CancelHubOrder);
    let id = cancel.id;
    assert_eq!(decide(&story, &live(), LATER).prove, [id]);
    story.effects.last_mut().unwrap().state = EffectState::Skipped;
    let decision = decide(&story, &live(), LATER);
    assert_eq!(decision.effects.iter().map(|e| e.intent.kind()).collect::<Vec<_>>(), [IntentKind::CancelHubOrder]);
    assert_eq!(decision.findings, []);
}
