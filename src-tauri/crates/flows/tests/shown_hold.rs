//! A hold at the hub, shown in the store and taken back.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
use common::*;
use quayside_flows::{Policy, decide};
use quayside_model::*;

const AUTOMATION: &str = "facts_to_channel";

fn chosen() -> Policy {
    set(policy(Mode::Auto), AUTOMATION, "holds", "true")
}

/// The warehouse holds it since twenty minutes ago.
fn held() -> Story {
    let mut story = sent();
    at(&mut story, HubStatus::OnHold, NOW - 20 * MIN);
    story
}

/// The hub's order as it was changed at `changed_ms` and read a minute later.
fn at(story: &mut Story, status: HubStatus, changed_ms: i64) {
    let seen = &mut story.hub_orders[0];
    seen.value.status = status;
    seen.value.modified_at_ms = changed_ms;
    seen.seen_at_ms = changed_ms + MIN;
}

/// What is planned about the state in the store: `on`, `off`, or nothing.
fn planned(story: &Story, policy: &Policy) -> String {
    let of = |effect: PlannedEffect| match effect.intent {
        Intent::ShowHold { held, .. } => Some(if held { "on" } else { "off" }),
        _ => None,
    };
    decide(story, policy, NOW).effects.into_iter().filter_map(of).collect::<Vec<_>>().join(" ")
}

/// Shown, and answered.
fn shown() -> Story {
    let mut story = held();
    perform(&mut story, &chosen(), NOW - 5 * MIN, EffectState::Done);
    assert_eq!(story.effects.last().unwrap().intent.kind(), IntentKind::ShowHold);
    story
}

#[test]
fn a_hold_is_shown_once_and_only_if_somebody_chose_it() {
    assert_eq!(planned(&held(), &policy(Mode::Auto)), "");
    assert_eq!(planned(&sent(), &chosen()), "");
    let mut unable = chosen();
    unable.peers.get_mut(&channel()).unwrap().performs.retain(|kind| *kind != IntentKind::ShowHold);
    assert_eq!(planned(&held(), &unable), "");
    assert_eq!(planned(&held(), &set(policy(Mode::Off), AUTOMATION, "holds", "true")), "");

    let told = words(&held(), &chosen(), NOW);
    assert!(
        told.contains("auto: Put #1001 on hold in the store: Hub holds it [cafe0001-1001:show_hold:hold:0]"),
        "{told}"
    );
    // Read back as ours it holds nothing: no change at all follows.
    let mut read = shown();
    let hold = Hold { remote_id: "h".into(), reason: "on hold".into(), notes: String::new(), ours: true };
    read.order.fulfillment_orders[0].holds = vec![hold];
    for story in [shown(), read] {
        assert_eq!(decide(&story, &chosen(), NOW).effects, []);
    }
}

/// What ends a hold, in words and in deed.
type End = (&'static str, fn(&mut Story, &mut Policy));

#[test]
fn it_is_taken_back_with_whatever_ends_it_and_shown_again_with_the_next() {
    let ends: [End; 5] = [
        ("let go", |story, _| at(story, HubStatus::AwaitingShipment, NOW - 2 * MIN)),
        ("shipped", |story, _| ship(story, parcel(1, &[(1, 2), (2, 1)]))),
        ("cancelled", |story, _| story.order.cancelled_at_ms = Some(NOW - MIN)),
        ("not chosen any more", |_, policy| *policy = set(policy.clone(), AUTOMATION, "holds", "false")),
        ("held by the store itself", |story, _| hold_in_store(story)),
    ];
    for (what, end) in ends {
        let (mut story, mut policy) = (shown(), chosen());
        end(&mut story, &mut policy);
        assert_eq!(planned(&story, &policy), "off", "{what}");
        perform(&mut story, &policy, NOW - MIN, EffectState::Done);
        assert_eq!(planned(&story, &policy), "", "{what}: once");
    }
    let mut story = shown();
    at(&mut story, HubStatus::AwaitingShipment, NOW - 4 * MIN);
    perform(&mut story, &chosen(), NOW - 3 * MIN, EffectState::Done);
    at(&mut story, HubStatus::OnHold, NOW - 2 * MIN);
    assert_eq!(planned(&story, &chosen()), "on");
    assert!(words(&story, &chosen(), NOW).contains("[cafe0001-1001:show_hold:hold:2]"));
}

fn hold_in_store(story: &mut Story) {
    let work = &mut story.order.fulfillment_orders[0];
    (work.status, work.can_fulfill) = ("on_hold".into(), false);
    work.holds = vec![Hold { remote_id: "h".into(), reason: "disputed".into(), notes: String::new(), ours: false }];
}

/// Shown in the store, a hold of ours would keep itself.
#[test]
fn a_hold_that_is_ours_or_the_stores_is_not_shown() {
    let mut story = sent();
    hold_in_store(&mut story);
    perform(&mut story, &chosen(), NOW - 20 * MIN, EffectState::Done);
    let kinds: Vec<_> = story.effects.iter().map(|effect| effect.intent.kind()).collect();
    assert_eq!(kinds, [IntentKind::PutHubOrder, IntentKind::HoldHubOrder]);
    at(&mut story, HubStatus::OnHold, NOW - 18 * MIN);
    assert_eq!(planned(&story, &chosen()), "");

    // Let go in the store: released at the hub, and until that is read it still looks held.
    story.order.fulfillment_orders[0] = work(&story.order.lines);
    assert_eq!(planned(&story, &chosen()), "");
    perform(&mut story, &chosen(), NOW - 5 * MIN, EffectState::Done);
    assert_eq!(story.effects.last().unwrap().intent.kind(), IntentKind::ReleaseHubOrder);
    assert_eq!(planned(&story, &chosen()), "");
    // Held by somebody there, after ours had ended.
    at(&mut story, HubStatus::OnHold, NOW - 2 * MIN);
    assert_eq!(planned(&story, &chosen()), "on");
    // The store's own hold stands in front of it.
    let mut both = held();
    hold_in_store(&mut both);
    assert_eq!(planned(&both, &chosen()), "");
}

#[test]
fn what_is_on_its_way_waits_and_what_never_left_is_taken_back() {
    for state in [EffectState::Running, EffectState::Unknown] {
        let mut story = held();
        perform(&mut story, &chosen(), NOW - 5 * MIN, state);
        at(&mut story, HubStatus::AwaitingShipment, NOW - 2 * MIN);
        assert_eq!(planned(&story, &chosen()), "", "{state:?}");
    }
    for state in [EffectState::Asked, EffectState::Pending] {
        let mut story = held();
        perform(&mut story, &chosen(), NOW - 5 * MIN, state);
        at(&mut story, HubStatus::AwaitingShipment, NOW - 2 * MIN);
        let id = story.effects.last().unwrap().id;
        let decision = decide(&story, &chosen(), NOW);
        assert_eq!(decision.overtaken, [(id, "nothing is to be shown any more".to_owned())], "{state:?}");
        assert_eq!(planned(&story, &chosen()), "", "{state:?}");
        story.effects.last_mut().unwrap().state = EffectState::Skipped;
        assert_eq!(planned(&story, &chosen()), "", "{state:?}: nothing stands there");
    }
    // Refused half-way: whatever stands there goes with the hold.
    let mut story = held();
    perform(&mut story, &chosen(), NOW - 5 * MIN, EffectState::Refused);
    assert_eq!(planned(&story, &chosen()), "", "it is told, and tried again by a person");
    at(&mut story, HubStatus::AwaitingShipment, NOW - 2 * MIN);
    assert_eq!(planned(&story, &chosen()), "off");
}

#[test]
fn a_person_who_gives_it_up_is_not_asked_again_until_the_hub_has_touched_it() {
    let mut story = held();
    perform(&mut story, &chosen(), NOW - 5 * MIN, EffectState::Asked);
    story.effects.last_mut().unwrap().state = EffectState::Skipped;
    assert_eq!(planned(&story, &chosen()), "");
    story.hub_orders[0].value.modified_at_ms = NOW - MIN;
    assert_eq!(planned(&story, &chosen()), "on");

    // The same with taking it back.
    let mut story = shown();
    at(&mut story, HubStatus::AwaitingShipment, NOW - 4 * MIN);
    perform(&mut story, &chosen(), NOW - 3 * MIN, EffectState::Asked);
    story.effects.last_mut().unwrap().state = EffectState::Skipped;
    assert_eq!(planned(&story, &chosen()), "");
}

/// Answered, and not there: written again like everything a platform forgets, until it cannot be an accident any more.
#[test]
fn what_the_store_forgot_is_shown_again_a_few_times() {
    let mut story = held();
    for n in 0..3 {
        assert_eq!(planned(&story, &chosen()), "on", "{n}");
        perform(&mut story, &chosen(), NOW - (5 - n) * MIN, EffectState::Done);
        assert_eq!(planned(&story, &chosen()), "", "{n}");
        story.effects.last_mut().unwrap().state = EffectState::Skipped;
        assert!(story.effects.last().unwrap().is_missing());
    }
    assert_eq!(planned(&story, &chosen()), "");
    // What may stand there all the same goes with the hold, and until it is gone.
    at(&mut story, HubStatus::AwaitingShipment, NOW - 2 * MIN);
    for n in 0..2 {
        assert_eq!(planned(&story, &chosen()), "off", "{n}");
        perform(&mut story, &chosen(), NOW - MIN, EffectState::Done);
        assert_eq!(planned(&story, &chosen()), "", "{n}");
        if n == 0 {
            story.effects.last_mut().unwrap().state = EffectState::Skipped;
        }
    }
}
