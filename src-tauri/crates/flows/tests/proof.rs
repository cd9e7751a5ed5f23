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
