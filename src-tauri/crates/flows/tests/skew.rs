//! A computer whose clock is wrong decides as one whose clock is right, once it was measured: what a platform wrote is held
//! against the platform's time, what Quayside wrote against its own.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
use common::*;
use quayside_flows::clocks::shared_skew_ms;
use quayside_flows::{Policy, decide};
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_model::*;

/// The same order, as it is known to a computer whose clock is ahead by so much when it was taken in.
fn by_a_clock(ahead_ms: i64, mut story: Story) -> Story {
    story.received_at_ms += ahead_ms;
    story.seen_at_ms += ahead_ms;
    story.hub_orders.iter_mut().for_each(|seen| seen.seen_at_ms += ahead_ms);
    story.parcels.iter_mut().for_each(|seen| seen.seen_at_ms += ahead_ms);
    for effect in &mut story.effects {
        effect.created_at_ms += ahead_ms;
        effect.not_before_ms += ahead_ms;
        for at_ms in [&mut effect.first_sent_at_ms, &mut effect.settled_at_ms, &mut effect.refused_at_ms] {
            *at_ms = at_ms.map(|at_ms| at_ms + ahead_ms);
        }
    }
    story
}

/// Both accounts were measured.
fn measured(ahead_ms: i64) -> Policy {
    let mut policy = policy(Mode::Auto);
    policy.peers.values_mut().for_each(|peer| peer.skew_ms = -ahead_ms);
    policy
}

fn due(ship_by_ms: i64) -> Story {
    let mut story = story();
    story.order.ship_by_ms = Some(ship_by_ms);
    story
}

fn scheduled(at_ms: i64) -> Story {
    let mut story = story();
    let work = &mut story.order.fulfillment_orders[0];
    (work.can_fulfill, work.fulfill_at_ms) = (false, Some(at_ms));
    story
}

fn unrouted() -> Story {
    let mut story = story();
    story.order.fulfillment_orders.clear();
    story
}

fn held_by_its_carrier() -> Story {
    let mut story = sent();
    ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
    told(&mut story, "fulfillment/2", &["TRACK1"], &[(1, 2), (2, 1)]);
    story.effects.clear();
    story.parcels[0].value.track.as_mut().unwrap().state = TrackState::Held;
    story
}

fn told_by_its_hub() -> Story {
    let mut story = sent();
    ship(&mut story, Parcel { channel_notified: true, ..parcel(1, &[(1, 2), (2, 1)]) });
    story
}

fn has(decision: &Decision, cause: Cause) -> bool {
    decision.findings.iter().any(|finding| finding.cause == cause)
}

fn sends(decision: &Decision, kind: IntentKind) -> bool {
    decision.effects.iter().any(|effect| effect.intent.kind() == kind)
}

#[test]
fn every_moment_of_a_platform_is_held_against_its_own_time() {
    type Case = (&'static str, Story, i64, fn(&Decision) -> bool, bool);
    let cases: [Case; 7] = [
        ("late: due in five hours", due(NOW + 5 * HOUR_MS), DAY_MS, |d| has(d, Cause::Late), false),
        ("late: due an hour ago", due(NOW - HOUR_MS), -DAY_MS, |d| has(d, Cause::Late), true),
        ("scheduled", scheduled(NOW + 5 * HOUR_MS), DAY_MS, |d| d.waits_on.code == "scheduled", true),
        ("scheduled: its day has come", scheduled(NOW - HOUR_MS), -DAY_MS, |d| d.waits_on.code == "scheduled", false),
        ("not routed yet", unrouted(), -DAY_MS, |d| d.waits_on.code == "routing", false),
        ("held by its carrier", held_by_its_carrier(), 61 * DAY_MS, |d| has(d, Cause::CarrierTrouble), true),
        ("the hub tells the store", told_by_its_hub(), DAY_MS, |d| sends(d, IntentKind::Fulfill), false),
    ];
    for (name, story, ahead_ms, is_so, expected) in cases {
        let right = decide(&story, &policy(Mode::Auto), NOW);
        assert_eq!(is_so(&right), expected, "{name}: by a clock that is right");
        let known = by_a_clock(ahead_ms, story);
        let unmeasured = decide(&known, &policy(Mode::Auto), NOW + ahead_ms);
        assert_eq!(is_so(&unmeasured), !expected, "{name}: nobody knows that the clock is wrong, so nothing is proven");
        let compensated = decide(&known, &measured(ahead_ms), NOW + ahead_ms);
        assert_eq!(is_so(&compensated), expected, "{name}: by a clock that is known to be wrong");
    }
}

/// Looked at again when the store's time has come, which is another moment of this computer's clock.
#[test]
fn the_next_look_is_a_moment_of_this_computers_clock() {
    for ahead_ms in [0, DAY_MS, -DAY_MS] {
        let story = by_a_clock(ahead_ms, scheduled(NOW + 2 * HOUR_MS));
        let now_ms = NOW + ahead_ms;
        let again_ms = decide(&story, &measured(ahead_ms), now_ms).look_again_at_ms.unwrap();
        assert!(again_ms > now_ms && again_ms <= now_ms + 2 * HOUR_MS, "{ahead_ms}: {again_ms}");
    }
}

#[test]
fn from_now_on_is_the_latest_now_of_all_stores() {
    let mut two = policy(Mode::Auto);
    let outlet = quayside_flows::Peer { id: ConnectionId::new("outlet"), ..two.peers[&channel()].clone() };
    two.peers.insert(outlet.id.clone(), outlet);
    for (name, shop_ms, outlet_ms, hub_ms, chosen_ms, expected_ms) in [
        ("all clocks agree", 0, 0, 0, NOW, NOW),
        ("ours is a day behind", DAY_MS, DAY_MS, DAY_MS, NOW, NOW + DAY_MS),
        ("ours is a day ahead", -DAY_MS, -DAY_MS, -DAY_MS, NOW, NOW - DAY_MS),
        ("one store was measured", DAY_MS, 0, 0, NOW, NOW + DAY_MS),
        ("one store was measured, ours ahead", -DAY_MS, 0, 0, NOW, NOW),
        ("the hub alone", 0, 0, DAY_MS, NOW, NOW),
        ("a day that was chosen", DAY_MS, DAY_MS, DAY_MS, NOW - 3 * DAY_MS, NOW - 3 * DAY_MS),
        ("a while ago, in the dialog", DAY_MS, DAY_MS, DAY_MS, NOW - 10 * MIN, NOW - 10 * MIN + DAY_MS),
    ] {
        let skews = [(channel(), shop_ms), (ConnectionId::new("outlet"), outlet_ms), (hub(), hub_ms)];
        for (id, skew_ms) in skews {
            two.peers.get_mut(&id).unwrap().skew_ms = skew_ms;
        }
        assert_eq!(two.line_ms(chosen_ms, NOW), expected_ms, "{name}");
    }
    assert_eq!(Policy::default().line_ms(NOW, NOW), NOW, "nothing is connected");
}

#[test]
fn one_store_with_a_wrong_clock_moves_no_others_deadlines() {
    for (skews_ms, expected_ms) in [
        (vec![], 0),
        (vec![DAY_MS], DAY_MS),
        (vec![DAY_MS, 0], 0),
        (vec![-DAY_MS, 0], 0),
        (vec![DAY_MS, DAY_MS + 4], DAY_MS),
        (vec![0, DAY_MS, 0], 0),
        (vec![0, DAY_MS, DAY_MS + 1], DAY_MS),
        (vec![-DAY_MS, -DAY_MS, 0, 0], 0),
    ] {
        assert_eq!(shared_skew_ms(skews_ms.clone()), expected_ms, "{skews_ms:?}");
    }
}
