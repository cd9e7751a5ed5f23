//! "Cancellations" and "Both sides agree".
#![allow(missing_docs, clippy::unwrap_used, clippy::format_push_string, clippy::type_complexity)]

mod common;
use common::*;
use expect_test::expect;
use quayside_flows::Policy;
use quayside_model::*;

/// What is different about an order.
type Change = fn(&mut Story);

fn cancelled(mut story: Story) -> Story {
    story.order.cancelled_at_ms = Some(NOW - 2 * MIN);
    story.order.updated_at_ms = NOW - 2 * MIN;
    story
}

#[test]
fn cancelled_before_it_left_it_never_goes() {
    check(
        &cancelled(story()),
        &policy(Mode::Auto),
        expect![[r#"
        cancelled · cancelled · Cancelled
    "#]],
    );
    let mut waiting = story();
    perform(&mut waiting, &policy(Mode::Auto), NOW - 5 * MIN, EffectState::Pending);
    check(
        &cancelled(waiting),
        &policy(Mode::Auto),
        expect![[r#"
        cancelled · cancelled · Cancelled
        overtaken 1: the order was cancelled in the store
    "#]],
    );
}

#[test]
fn cancelled_on_its_way_waits_then_cancels() {
    let mut moving = story();
    perform(&mut moving, &policy(Mode::Auto), NOW - 5 * MIN, EffectState::Running);
    let mut moving = cancelled(moving);
    check(
        &moving,
        &policy(Mode::Auto),
        expect![[r#"
        held · sending · Cancelled while it was on its way to the hub; waits for the answer, then cancels there
    "#]],
    );
    moving.effects[0].state = EffectState::Done;
    moving.effects[0].receipt = Some(Receipt { remote_id: Some("hub/1".into()), ..Receipt::default() });
    check(
        &moving,
        &policy(Mode::Auto),
        expect![[r#"
        held · cancelling · Cancelled in the store; Hub is being told
        auto: Cancel #1001 at Hub: it was cancelled in the store [cafe0001-1001:cancel_hub_order:hub/1:0]
    "#]],
    );
}

#[test]
fn cancelled_at_the_hub_before_packing() {
    let mut story = cancelled(sent());
    check(
        &story,
        &policy(Mode::Auto),
        expect![[r#"
        held · cancelling · Cancelled in the store; Hub is being told
        auto: Cancel #1001 at Hub: it was cancelled in the store [cafe0001-1001:cancel_hub_order:hub/1:0]
    "#]],
    );
    perform(&mut story, &policy(Mode::Auto), NOW, EffectState::Done);
    at_hub(&mut story, HubStatus::Cancelled, NOW + MIN);
    check(
        &story,
        &policy(Mode::Auto),
        expect![[r#"
        cancelled · cancelled · Cancelled
    "#]],
    );
}

#[test]
fn cancelled_after_the_label_asks() {
    let mut late = sent();
    ship(&mut late, parcel(1, &[(1, 2), (2, 1)]));
    let mut late = cancelled(late);
    check(
        &late,
        &policy(Mode::Auto),
        expect![[r#"
            held · cause:cancelled_after_label · #1001 was cancelled in the store, but too late: a label was bought at Hub at 08:50 (tracking TRACK1). Void it to get the postage back, or ship anyway if the parcel has left.
            ! cancelled_after_label: #1001 was cancelled in the store, but too late: a label was bought at Hub at 08:50 (tracking TRACK1). Void it to get the postage back, or ship anyway if the parcel has left.
        "#]],
    );
    late.choices.ship_anyway = true;
    check(
        &late,
        &policy(Mode::Auto),
        expect![[r#"
        cancelled · cancelled · Cancelled
    "#]],
    );
    late.choices.ship_anyway = false;
    late.parcels[0].value.voided_at_ms = Some(NOW);
    late.hub_orders[0].value.status = HubStatus::AwaitingShipment;
    check(
        &late,
        &policy(Mode::Auto),
        expect![[r#"
        held · cancelling · Cancelled in the store; Hub is being told
        auto: Cancel #1001 at Hub: it was cancelled in the store [cafe0001-1001:cancel_hub_order:hub/1:0]
    "#]],
    );
}

/// A label was bought, and the hub's order is still open there (packed in parts, or a hub that does not lock it).
fn labelled_and_open() -> Story {
    let mut story = sent();
    ship(&mut story, parcel(1, &[(1, 2)]));
    story.hub_orders[0].value.status = HubStatus::AwaitingShipment;
    cancelled(story)
}

fn kinds(story: &Story, policy: &Policy) -> Vec<(IntentKind, String)> {
    let about = |intent: &Intent| match intent {
        Intent::HoldHubOrder { hub_order_id, .. }
        | Intent::ReleaseHubOrder { hub_order_id, .. }
        | Intent::CancelHubOrder { hub_order_id, .. } => hub_order_id.clone(),
        _ => String::new(),
    };
    let effects = quayside_flows::decide(story, policy, NOW).effects;
    effects.iter().map(|e| (e.intent.kind(), about(&e.intent))).collect()
}

#[test]
fn cancelled_with_a_label_and_still_open_it_is_held_and_cancelled_once_voided() {
    let auto = policy(Mode::Auto);
    let mut story = labelled_and_open();
    check(
        &story,
        &auto,
        expect![[r#"
            held · cause:cancelled_after_label · #1001 was cancelled in the store, but too late: a label was bought at Hub at 08:50 (tracking TRACK1). Void it to get the postage back, or ship anyway if the parcel has left. It is held there until then.
            auto: Hold #1001 at Hub: it was cancelled in the store, and its label is bought [cafe0001-1001:hold_hub_order:hub/1:0]
            ! cancelled_after_label: #1001 was cancelled in the store, but too late: a label was bought at Hub at 08:50 (tracking TRACK1). Void it to get the postage back, or ship anyway if the parcel has left. It is held there until then.
        "#]],
    );
    let hold = &quayside_flows::decide(&story, &auto, NOW).effects[0];
    assert!(matches!(&hold.intent, Intent::HoldHubOrder { until_day, .. } if until_day == "2026-12-04"), "{hold:?}");
    perform(&mut story, &auto, NOW, EffectState::Done);
    assert!(kinds(&story, &auto).is_empty(), "asked once");
    story.hub_orders[0].value.status = HubStatus::OnHold;
    let said = words(&story, &auto, NOW);
    assert!(said.contains("It is on hold there until then."), "{said}");
    story.parcels[0].value.voided_at_ms = Some(NOW);
    check(
        &story,
        &auto,
        expect![[r#"
            held · cancelling · Cancelled in the store; Hub is being told
            auto: Cancel #1001 at Hub: it was cancelled in the store [cafe0001-1001:cancel_hub_order:hub/1:0]
        "#]],
    );
}

#[test]
fn a_hold_of_ours_that_ended_on_its_day_is_set_again_and_one_that_was_lifted_is_not() {
    let auto = policy(Mode::Auto);
    let mut story = labelled_and_open();
    perform(&mut story, &auto, NOW - 2 * MIN, EffectState::Done);
    story.hub_orders[0].value.modified_at_ms = NOW;
    assert!(kinds(&story, &auto).is_empty(), "somebody let it go there");
    let later = NOW + 15 * 24 * 60 * MIN;
    let effects = quayside_flows::decide(&story, &auto, later).effects;
    assert!(effects.iter().any(|e| e.intent.kind() == IntentKind::HoldHubOrder), "{effects:?}");
}

#[test]
fn every_label_of_a_cancelled_order_is_named() {
    let mut story = labelled_and_open();
    let mut second = parcel(2, &[(2, 1)]);
    second.created_at_ms = NOW - 5 * MIN;
    // Read in any order.
    story.parcels.insert(0, Seen { connection: hub(), seen_at_ms: NOW, value: second });
    let decision = quayside_flows::decide(&story, &policy(Mode::Auto), NOW);
    let found: Vec<(&Cause, &str)> = decision.findings.iter().map(|f| (&f.cause, f.about.as_str())).collect();
    assert_eq!(found, [(&Cause::CancelledAfterLabel, "label:1")]);
    let sentence = &decision.findings[0].sentence;
    assert!(
        sentence.contains("2 labels were bought, the first at Hub at 08:50 (tracking TRACK1, TRACK2). Void them"),
        "{sentence}"
    );
    // One of them voided: the other still counts.
    story.parcels[1].value.voided_at_ms = Some(NOW);
    assert_eq!(kinds(&story, &policy(Mode::Auto)), [(IntentKind::HoldHubOrder, "hub/1".to_owned())]);
}

#[test]
fn a_part_without_a_label_is_cancelled_and_the_labelled_part_is_held() {
    let mut story = labelled_and_open();
    let mut part = story.hub_orders[0].clone();
    part.value.remote_id = "hub/2".into();
    part.value.parent_id = Some("hub/1".into());
    story.hub_orders.push(part);
    let mut planned = kinds(&story, &policy(Mode::Auto));
    planned.sort_by(|a, b| a.1.cmp(&b.1));
    assert_eq!(
        planned,
        [(IntentKind::HoldHubOrder, "hub/1".to_owned()), (IntentKind::CancelHubOrder, "hub/2".to_owned())]
    );
}

#[test]
fn a_hub_without_holds_is_told_of_and_a_labelled_order_is_not_cancelled_there() {
    let mut auto = policy(Mode::Auto);
    let peer = auto.peers.get_mut(&hub()).unwrap();
    peer.performs.retain(|kind| *kind != IntentKind::HoldHubOrder);
    let decision = quayside_flows::decide(&labelled_and_open(), &auto, NOW);
    assert!(decision.effects.is_empty(), "{:?}", decision.effects);
    let told: Vec<&str> = decision.findings.iter().map(|f| f.sentence.as_str()).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].ends_with("Hub takes no holds from outside: until then it stands open there, so tell the warehouse.")
    );
}

/// The label was bought while the cancellation was on its way: one exception tells it, and once the label is voided the
/// order is cancelled after all.
#[test]
fn too_late_is_told_once_and_the_void_brings_the_cancellation_back() {
    let auto = policy(Mode::Auto);
    let mut story = cancelled(sent());
    perform(&mut story, &auto, NOW - MIN, EffectState::Refused);
    let cancel = story.effects.last_mut().unwrap();
    assert_eq!(cancel.intent.kind(), IntentKind::CancelHubOrder);
    cancel.refusal = Some(Refusal::new(Cause::HubLocked, "Too late: label bought at 14:02."));
    let id = cancel.id;
    let said = words(&story, &auto, NOW);
    assert!(said.contains("hub_locked: Too late: label bought at 14:02."), "{said}");
    // Its label is read.
    ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
    let decision = quayside_flows::decide(&story, &auto, NOW);
    assert!(decision.overtaken.iter().any(|(overtaken, _)| *overtaken == id), "{:?}", decision.overtaken);
    let causes: Vec<Cause> = decision.findings.iter().map(|f| f.cause).collect();
    assert_eq!(causes, [Cause::CancelledAfterLabel]);
    assert!(decision.effects.is_empty(), "{:?}", decision.effects);
    story.effects.last_mut().unwrap().state = EffectState::Skipped;
    // And voided: the order is open there again.
    story.parcels[0].value.voided_at_ms = Some(NOW);
    story.hub_orders[0].value.status = HubStatus::AwaitingShipment;
    assert_eq!(kinds(&story, &auto), [(IntentKind::CancelHubOrder, "hub/1".to_owned())]);
}

#[test]
fn a_hold_that_came_too_late_is_not_sent_again_and_ends_with_the_reading() {
    let auto = policy(Mode::Auto);
    let mut story = labelled_and_open();
    perform(&mut story, &auto, NOW, EffectState::Refused);
    let hold = story.effects.last_mut().unwrap();
    hold.refusal = Some(Refusal::new(Cause::HubLocked, "Too late: label bought at 14:02."));
    let id = hold.id;
    assert!(kinds(&story, &auto).is_empty());
    let said = words(&story, &auto, NOW);
    assert!(said.contains("It still stands open there.") && said.contains("label bought at 14:02"), "{said}");
    story.hub_orders[0].value.status = HubStatus::Shipped;
    let decision = quayside_flows::decide(&story, &auto, NOW);
    assert!(decision.overtaken.iter().any(|(overtaken, _)| *overtaken == id), "{:?}", decision.overtaken);
    assert_eq!(decision.findings.len(), 1, "{:?}", decision.findings);
}

/// A cancellation that waits for its click when the label is read must not be clicked any more.
#[test]
fn a_label_takes_back_a_cancellation_that_was_not_sent() {
    for state in [EffectState::Asked, EffectState::Pending] {
        let auto = policy(Mode::Auto);
        let mut story = cancelled(sent());
        perform(&mut story, &auto, NOW - MIN, state);
        let id = story.effects.last().unwrap().id;
        ship(&mut story, parcel(1, &[(1, 2)]));
        story.hub_orders[0].value.status = HubStatus::AwaitingShipment;
        let decision = quayside_flows::decide(&story, &auto, NOW);
        assert!(decision.overtaken.iter().any(|(overtaken, _)| *overtaken == id), "{:?}", decision.overtaken);
        assert_eq!(kinds(&story, &auto), [(IntentKind::HoldHubOrder, "hub/1".to_owned())]);
    }
}

#[test]
fn a_labelled_order_that_was_not_read_back_yet_is_held_by_its_receipt() {
    let mut story = labelled_and_open();
    story.hub_orders.clear();
    assert_eq!(kinds(&story, &policy(Mode::Auto)), [(IntentKind::HoldHubOrder, "hub/1".to_owned())]);
}

#[test]
fn shipped_anyway_it_is_let_go_again_and_not_cancelled() {
    let auto = policy(Mode::Auto);
    let mut story = labelled_and_open();
    perform(&mut story, &auto, NOW, EffectState::Done);
    story.hub_orders[0].value.status = HubStatus::OnHold;
    story.choices.ship_anyway = true;
    check(
        &story,
        &auto,
        expect![[r#"
            held · packing · It was cancelled in the store, and you ship it anyway; in Hub, waits for packing
            auto: Release #1001 at Hub: you ship it anyway [cafe0001-1001:release_hub_order:hub/1:0]
        "#]],
    );
    perform(&mut story, &auto, NOW, EffectState::Done);
    story.hub_orders[0].value.status = HubStatus::AwaitingShipment;
    assert!(kinds(&story, &auto).is_empty());
    // Without a label nothing has left: it is cancelled there, whatever was said of the label.
    story.parcels[0].value.voided_at_ms = Some(NOW);
    assert_eq!(kinds(&story, &auto), [(IntentKind::CancelHubOrder, "hub/1".to_owned())]);
}

#[test]
fn refunded_to_nothing_with_a_label_is_held_while_open_and_no_matter_once_it_left() {
    let mut story = labelled_and_open();
    story.order.cancelled_at_ms = None;
    story.order.lines.iter_mut().for_each(|l| l.current_quantity = 0);
    assert_eq!(kinds(&story, &policy(Mode::Auto)), [(IntentKind::HoldHubOrder, "hub/1".to_owned())]);
    story.hub_orders[0].value.status = HubStatus::Shipped;
    let decision = quayside_flows::decide(&story, &policy(Mode::Auto), NOW);
    assert!(decision.findings.iter().all(|f| f.cause != Cause::CancelledAfterLabel), "{:?}", decision.findings);
}

#[test]
fn switched_off_it_still_says_that_the_sides_differ() {
    let mut off = policy(Mode::Auto);
    off.automations.get_mut("cancellations").unwrap().mode = Mode::Off;
    check(
        &cancelled(sent()),
        &off,
        expect![[r#"
        held · cause:sides_differ · #1001 was cancelled in the store but is still open at Hub, and "Cancellations" is switched off. Cancel it there, or switch it on.
        ! sides_differ: #1001 was cancelled in the store but is still open at Hub, and "Cancellations" is switched off. Cancel it there, or switch it on.
    "#]],
    );
}

#[test]
fn refunded_to_nothing_or_fulfilled_elsewhere_comes_off_the_hub() {
    let mut refunded = sent();
    refunded.order.lines.iter_mut().for_each(|l| l.current_quantity = 0);
    check(
        &refunded,
        &policy(Mode::Auto),
        expect![[r#"
        held · cancelling · Refunded in the store; Hub is being told
        auto: Cancel #1001 at Hub: it was refunded in the store [cafe0001-1001:cancel_hub_order:hub/1:0]
    "#]],
    );
    let mut elsewhere = sent();
    told(&mut elsewhere, "fulfillment/9", &["OTHER9"], &[(1, 2), (2, 1)]);
    check(
        &elsewhere,
        &policy(Mode::Auto),
        expect![[r#"
        shipped · shipped · Shipped
    "#]],
    );
    expect![[r#"
        shipped · shipped · Shipped
        auto: Cancel #1001 at Hub: it was fulfilled elsewhere [cafe0001-1001:cancel_hub_order:hub/1:0]
    "#]]
    .assert_eq(&words(&elsewhere, &policy(Mode::Auto), NOW + 20 * MIN));
}

#[test]
fn cancelled_at_the_hub_only_offers_both_ways_out() {
    let mut hubs = sent();
    hubs.hub_orders[0].value.status = HubStatus::Cancelled;
    check(
        &hubs,
        &policy(Mode::Auto),
        expect![[r#"
        to_send · cause:cancelled_at_hub · #1001 was cancelled at Hub, but the store still wants it shipped. Cancel it in the store, or send it again.
        ! cancelled_at_hub: #1001 was cancelled at Hub, but the store still wants it shipped. Cancel it in the store, or send it again.
    "#]],
    );
    hubs.choices.push_anyway = true;
    check(
        &hubs,
        &policy(Mode::Auto),
        expect![[r#"
        sending · sending · On its way to Hub
        auto: Send #1001 to Hub: 2 lines, 3 units, Express [cafe0001-1001:put_hub_order:cafe0001-1001-2:0]
    "#]],
    );
    let mut gone = sent();
    gone.hub_orders[0].value.status = HubStatus::Gone;
    check(
        &gone,
        &policy(Mode::Auto),
        expect![[r#"
        to_send · cause:cancelled_at_hub · #1001 is no longer at Hub: it was deleted or merged into another order there. The buyer still waits. Send it again, or cancel it in the store.
        ! cancelled_at_hub: #1001 is no longer at Hub: it was deleted or merged into another order there. The buyer still waits. Send it again, or cancel it in the store.
    "#]],
    );
}

#[test]
fn what_differs_at_the_hub_is_held_and_released_when_it_agrees() {
    let mut story = sent();
    story.hub_orders[0].value.ship_to.as_mut().unwrap().line1 = "Elsewhere 1".into();
    check(
        &story,
        &policy(Mode::Auto),
        expect![[r#"
        packing · cause:sides_differ · #1001 differs between the store and Hub. Ship to: Hub has "Ingrid Sørensen, Elsewhere 1, 5013, Bergen, NO", the store "Ingrid Sørensen, Strandgaten 5, 5013, Bergen, NO". Somebody changed it there. Send the store's version again, or ship it as it is.
        auto: Hold #1001 at Hub: store and hub disagree [cafe0001-1001:hold_hub_order:hub/1:0]
        ! sides_differ: #1001 differs between the store and Hub. Ship to: Hub has "Ingrid Sørensen, Elsewhere 1, 5013, Bergen, NO", the store "Ingrid Sørensen, Strandgaten 5, 5013, Bergen, NO". Somebody changed it there. Send the store's version again, or ship it as it is.
    "#]],
    );
    perform(&mut story, &policy(Mode::Auto), NOW, EffectState::Done);
    story.hub_orders[0].value.status = HubStatus::OnHold;
    check(
        &story,
        &policy(Mode::Auto),
        expect![[r#"
        held · cause:sides_differ · #1001 differs between the store and Hub. Ship to: Hub has "Ingrid Sørensen, Elsewhere 1, 5013, Bergen, NO", the store "Ingrid Sørensen, Strandgaten 5, 5013, Bergen, NO". Somebody changed it there. Send the store's version again, or ship it as it is.
        ! sides_differ: #1001 differs between the store and Hub. Ship to: Hub has "Ingrid Sørensen, Elsewhere 1, 5013, Bergen, NO", the store "Ingrid Sørensen, Strandgaten 5, 5013, Bergen, NO". Somebody changed it there. Send the store's version again, or ship it as it is.
    "#]],
    );
    story.hub_orders[0].value.ship_to = story.order.ship_to.clone();
    check(
        &story,
        &policy(Mode::Auto),
        expect![[r#"
        held · held_at_hub · On hold at Hub
        auto: Release #1001 at Hub: both sides agree again [cafe0001-1001:release_hub_order:hub/1:0]
    "#]],
    );
}

/// While the order's own change is open, or nobody has read the hub since, what is held there would leave as it was.
#[test]
fn what_is_held_stays_held_while_its_own_change_is_open() {
    for (what, put, read_after, released) in [
        ("nothing is open", None, true, true),
        ("its change waits for a click", Some(EffectState::Asked), true, false),
        ("its change has its turn next", Some(EffectState::Pending), true, false),
        ("its change is on its way", Some(EffectState::Running), true, false),
        ("its change's answer was lost", Some(EffectState::Unknown), true, false),
        ("its change arrived, and the hub was not read since", Some(EffectState::Done), false, false),
        ("its change arrived and was read", Some(EffectState::Done), true, true),
    ] {
        let auto = policy(Mode::Auto);
        let mut story = sent();
        let right = story.hub_orders[0].value.ship_to.clone();
        story.hub_orders[0].value.ship_to.as_mut().unwrap().line1 = "Elsewhere 1".into();
        perform(&mut story, &auto, NOW, EffectState::Done);
        let there = &mut story.hub_orders[0];
        (there.value.status, there.value.ship_to) = (HubStatus::OnHold, right);
        let settled_ms = NOW + MIN;
        there.seen_at_ms = if read_after { settled_ms + MIN } else { NOW };
        if let Some(state) = put {
            let is_put = |e: &&PastEffect| e.intent.kind() == IntentKind::PutHubOrder;
            let mut newer = story.effects.iter().find(is_put).unwrap().clone();
            newer.id = EffectId(90);
            newer.key = newer.key.replace(":0", ":9");
            newer.state = state;
            newer.settled_at_ms = state.is_final().then_some(settled_ms);
            story.effects.push(newer);
        }
        let effects = quayside_flows::decide(&story, &auto, NOW + 5 * MIN).effects;
        let releases = effects.iter().any(|e| e.intent.kind() == IntentKind::ReleaseHubOrder);
        assert_eq!(releases, released, "{what}: {effects:?}");
    }
}

#[test]
fn the_store_s_version_can_be_sent_again() {
    let mut story = sent();
    story.hub_orders[0].value.lines[0].quantity = 9;
    story.choices.resend_ms = Some(NOW);
    check(
        &story,
        &policy(Mode::Auto),
        expect![[r#"
        packing · packing · In Hub since {since}, waits for packing
        auto: Bring #1001 up to date at Hub: 2 lines, 3 units, Express [cafe0001-1001:put_hub_order:cafe0001-1001:1]
    "#]],
    );
}

#[test]
fn a_hold_in_the_store_or_by_a_person_holds_at_the_hub() {
    let mut held = sent();
    held.order.fulfillment_orders[0].status = "on_hold".into();
    held.order.fulfillment_orders[0].can_fulfill = false;
    check(
        &held,
        &policy(Mode::Auto),
        expect![[r#"
        held · held_in_channel · Held in the store
        auto: Hold #1001 at Hub: Held in the store [cafe0001-1001:hold_hub_order:hub/1:0]
    "#]],
    );
    let mut by_person = sent();
    by_person.choices.hold = Some(PersonHold { reason: "call first".into(), until_ms: None, since_ms: NOW - MIN });
    check(
        &by_person,
        &policy(Mode::Auto),
        expect![[r#"
        held · held_by_person · On hold by you: "call first"
        auto: Hold #1001 at Hub: On hold by you: "call first" [cafe0001-1001:hold_hub_order:hub/1:0]
    "#]],
    );
}

/// Changed at the hub and labelled there between two readings: there was no open order to compare and to hold.
#[test]
fn an_address_changed_at_the_hub_and_labelled_between_two_readings_is_told() {
    let auto = policy(Mode::Auto);
    let mut story = sent();
    ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
    let told = |story: &Story| -> Vec<Finding> {
        let findings = quayside_flows::decide(story, &auto, NOW).findings;
        findings.into_iter().filter(|f| f.cause == Cause::AnotherAddress).collect()
    };
    assert!(told(&story).is_empty(), "both sides agree");
    story.hub_orders[0].value.ship_to.as_mut().unwrap().line1 = "Elsewhere 1".into();
    let found = told(&story);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].about.as_str(), found[0].since_ms), ("hub/1", Some(NOW - 10 * MIN)));
    assert_eq!(
        found[0].sentence,
        "#1001 was labelled at Hub to another address than the one sent there. Hub has \"Ingrid Sørensen, Elsewhere 1, 5013, Bergen, NO\", sent was \"Ingrid Sørensen, Strandgaten 5, 5013, Bergen, NO\". Somebody changed it there before the label was bought (tracking TRACK1). Void the label while the parcel is here, or mark it settled if the change is right."
    );
    // It is told beside the parcel, and keeps nothing from the store.
    let fulfills = quayside_flows::decide(&story, &auto, NOW).effects;
    assert!(fulfills.iter().any(|e| e.intent.kind() == IntentKind::Fulfill), "{fulfills:?}");
    let silent: [(&str, Change); 6] = [
        ("it was voided", |s| s.parcels[0].value.voided_at_ms = Some(NOW)),
        ("the buyer has it", |s| s.parcels[0].value.delivered_at_ms = Some(NOW)),
        ("shipped anyway", |s| s.choices.ship_anyway = true),
        ("another's order", |s| s.hub_orders[0].value.external = true),
        ("merged with another order", |s| s.hub_orders[0].value.merged_ids = vec!["hub/7".into()]),
        // The store changed it the same way: both sides say one thing.
        ("the store has it too", |s| s.order.ship_to.as_mut().unwrap().line1 = "Elsewhere 1".into()),
    ];
    for (why, change) in silent {
        let mut story = story.clone();
        change(&mut story);
        assert!(told(&story).is_empty(), "{why}");
    }
}

/// What we asked for ourselves is no surprise: neither an update that arrived, nor one whose reading is still to come.
#[test]
fn an_address_that_we_changed_ourselves_is_not_told_as_labelled_elsewhere() {
    let auto = policy(Mode::Auto);
    let mut story = sent();
    story.order.ship_to.as_mut().unwrap().line1 = "Strandgaten 7".into();
    for state in [EffectState::Done, EffectState::Unknown] {
        let mut story = story.clone();
        perform(&mut story, &auto, NOW - 4 * MIN, state);
        story.hub_orders[0].seen_at_ms = NOW - 3 * MIN;
        story.hub_orders[0].value.ship_to.as_mut().unwrap().line1 = "Strandgaten 7".into();
        ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
        // The store went back to the first address after the label.
        story.order.ship_to.as_mut().unwrap().line1 = "Strandgaten 5".into();
        let causes: Vec<Cause> = quayside_flows::decide(&story, &auto, NOW).findings.iter().map(|f| f.cause).collect();
        assert!(!causes.contains(&Cause::AnotherAddress), "{state:?} {causes:?}");
    }
}

#[test]
fn an_old_reading_of_the_hub_is_not_a_difference() {
    let mut story = sent();
    story.order.ship_to.as_mut().unwrap().line1 = "Strandgaten 7".into();
    perform(&mut story, &policy(Mode::Auto), NOW, EffectState::Done);
    check(
        &story,
        &policy(Mode::Auto),
        expect![[r#"
        packing · packing · In Hub since {since}, waits for packing
    "#]],
    );
}

/// Found by seed 3 of the simulation: the label was bought between two readings, the hold came too late,
/// and was planned anew a thousand times a minute.
#[test]
fn seed_3_a_refused_hold_is_not_asked_again_until_the_order_changed() {
    let mut story = sent();
    story.hub_orders[0].value.ship_to.as_mut().unwrap().line1 = "Elsewhere 1".into();
    perform(&mut story, &policy(Mode::Auto), NOW, EffectState::Refused);
    let hold = story.effects.last_mut().unwrap();
    hold.refusal = Some(Refusal::new(Cause::HubLocked, "Too late: label bought at 09:12."));
    let planned = |story: &Story| quayside_flows::decide(story, &policy(Mode::Auto), NOW + MIN).effects.len();
    assert_eq!(planned(&story), 0);
    story.hub_orders[0].value.modified_at_ms = NOW + MIN;
    assert_eq!(planned(&story), 1);
}

/// A click nobody made stands before everything later of the order: what has become pointless is taken back.
#[test]
fn a_forgotten_click_does_not_stand_before_a_cancellation() {
    let mut asks = policy(Mode::Auto);
    asks.automations.get_mut("sides_agree").unwrap().mode = Mode::Ask;
    let mut story = sent();
    story.hub_orders[0].value.ship_to.as_mut().unwrap().line1 = "Elsewhere 1".into();
    perform(&mut story, &asks, NOW, EffectState::Asked);
    let hold = story.effects.last().unwrap().id;
    assert_eq!(story.effects.last().unwrap().intent.kind(), IntentKind::HoldHubOrder);
    story.order.cancelled_at_ms = Some(NOW);
    let decision = quayside_flows::decide(&story, &asks, NOW + MIN);
    assert!(decision.overtaken.iter().any(|(id, _)| *id == hold), "{:?}", decision.overtaken);
    assert!(decision.effects.iter().any(|e| e.intent.kind() == IntentKind::CancelHubOrder));
}

#[test]
fn a_forgotten_click_does_not_stand_before_a_parcel() {
    let mut asks = policy(Mode::Auto);
    asks.automations.get_mut("sides_agree").unwrap().mode = Mode::Ask;
    let mut story = sent();
    story.hub_orders[0].value.ship_to.as_mut().unwrap().line1 = "Elsewhere 1".into();
    perform(&mut story, &asks, NOW, EffectState::Asked);
    let hold = story.effects.last().unwrap().id;
    ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
    let decision = quayside_flows::decide(&story, &asks, NOW + MIN);
    assert!(decision.overtaken.iter().any(|(id, _)| *id == hold), "{:?}", decision.overtaken);
    assert!(decision.effects.iter().any(|e| e.intent.kind() == IntentKind::Fulfill));

    // An update of the hub's order that waits for its click, and the label is bought.
    let mut asks = policy(Mode::Auto);
    asks.automations.get_mut("orders_to_hub").unwrap().mode = Mode::Ask;
    let mut story = sent();
    story.order.ship_to.as_mut().unwrap().line1 = "Strandgaten 7".into();
    perform(&mut story, &asks, NOW, EffectState::Asked);
    let update = story.effects.iter().find(|e| e.state == EffectState::Asked).unwrap().id;
    ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
    let decision = quayside_flows::decide(&story, &asks, NOW + MIN);
    assert!(decision.overtaken.iter().any(|(id, _)| *id == update), "{:?}", decision.overtaken);
    assert!(decision.effects.iter().any(|e| e.intent.kind() == IntentKind::Fulfill));
    assert!(decision.findings.iter().any(|f| f.cause == Cause::EditedTooLate), "{:?}", decision.findings);
}

#[test]
fn what_is_cancelled_again_at_the_hub_is_told_again() {
    let auto = policy(Mode::Auto);
    let mut story = sent();
    story.hub_orders[0].value.status = HubStatus::Cancelled;
    let told = |story: &Story| {
        let decision = quayside_flows::decide(story, &auto, NOW);
        (decision.findings.iter().any(|f| f.cause == Cause::CancelledAtHub), decision.effects.len())
    };
    assert_eq!(told(&story), (true, 0));
    // "Send it again": the next copy goes.
    story.choices.over = Some(quayside_flows::sent_over(&story, &auto, NOW));
    story.choices.push_anyway = true;
    assert_eq!(told(&story), (false, 1));
    perform(&mut story, &auto, NOW, EffectState::Done);
    let mut copy = story.hub_orders[0].clone();
    copy.value.remote_id = "hub/2".into();
    copy.value.key = format!("{KEY}-1");
    copy.value.status = HubStatus::AwaitingShipment;
    let Intent::PutHubOrder { order, .. } = &story.effects.last().unwrap().intent else { panic!() };
    copy.value.key.clone_from(&order.key);
    story.hub_orders.push(copy);
    assert_eq!(told(&story), (false, 0));
    // And is cancelled there, too: nobody makes a third one by themselves.
    story.hub_orders[1].value.status = HubStatus::Cancelled;
    assert_eq!(told(&story), (true, 0));
}

#[test]
fn sent_anyway_excuses_what_was_known_and_nothing_later() {
    let auto = policy(Mode::Auto);
    let mut story = story();
    story.order.payment = Payment::Pending;
    story.order.risk = Some("high".into());
    let over = quayside_flows::sent_over(&story, &auto, NOW);
    assert_eq!(over.reasons, ["payment", "risk"]);
    story.choices.push_anyway = true;
    story.choices.over = Some(over);
    assert_eq!(quayside_flows::decide(&story, &auto, NOW).effects.len(), 1);
    perform(&mut story, &auto, NOW, EffectState::Done);
    at_hub(&mut story, HubStatus::AwaitingShipment, NOW);
    // The store holds it afterwards: it is held at the hub, as any other would be.
    story.order.fulfillment_orders[0].status = "on_hold".into();
    let kinds: Vec<IntentKind> =
        quayside_flows::decide(&story, &auto, NOW).effects.iter().map(|e| e.intent.kind()).collect();
    assert_eq!(kinds, [IntentKind::HoldHubOrder]);
}

#[test]
fn watching_says_so_while_the_order_stands_open_at_the_hub() {
    let mut watching = policy(Mode::Auto);
    watching.automations.get_mut("cancellations").unwrap().mode = Mode::Watch;
    let mut story = sent();
    story.order.cancelled_at_ms = Some(NOW);
    let said = words(&story, &watching, NOW);
    assert!(said.contains("still open at Hub: \"Cancellations\" only watches"), "{said}");
}

#[test]
fn an_order_the_hub_imported_by_itself_is_told_and_not_cancelled() {
    let mut story = sent();
    story.effects.clear();
    let copy = &mut story.hub_orders[0].value;
    (copy.external, copy.key, copy.number) = (true, "import-77".into(), "1001".into());
    story.order.cancelled_at_ms = Some(NOW);
    // Its own link may take it off first.
    let said = words(&story, &policy(Mode::Auto), NOW + 10 * MIN);
    assert!(!said.contains("not ours to cancel"), "{said}");
    let decision = quayside_flows::decide(&story, &policy(Mode::Auto), NOW + 16 * MIN);
    assert!(decision.effects.is_empty(), "{:?}", decision.effects);
    let finding = &decision.findings[0];
    assert_eq!((finding.cause, finding.since_ms), (Cause::SidesDiffer, Some(NOW)));
    assert!(finding.sentence.contains("the order that Hub has of its own (1001) is still open there"), "{finding:?}");
    story.hub_orders[0].value.status = HubStatus::Cancelled;
    assert!(quayside_flows::decide(&story, &policy(Mode::Auto), NOW + 16 * MIN).findings.is_empty());
}
