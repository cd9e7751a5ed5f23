//! What is only said about an order: "Facts to the store" and "Acknowledgement to the store".
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
use common::*;
use expect_test::expect;
use quayside_flows::{Policy, decide};
use quayside_model::*;

/// Told of one parcel, and everything about it is to be written.
fn reported() -> Story {
    let mut story = sent();
    ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
    told(&mut story, "fulfillment/2", &["TRACK1"], &[(1, 2), (2, 1)]);
    story
}

fn all_facts(mode: Mode) -> Policy {
    let mut policy = policy(mode);
    for name in ["cost", "carrier", "hub_number"] {
        policy = set(policy, "facts_to_channel", name, "true");
    }
    policy.peers.get_mut(&hub()).unwrap().currency = Some("USD".into());
    policy
}

#[test]
fn nothing_is_written_until_somebody_says_what() {
    let nothing = expect![[r#"
        shipped · shipped · Shipped
    "#]];
    for mode in [Mode::Watch, Mode::Ask, Mode::Auto] {
        nothing.assert_eq(&words(&reported(), &policy(mode), NOW));
    }
    nothing.assert_eq(&words(&reported(), &all_facts(Mode::Off), NOW));
}

#[test]
fn a_reported_parcels_facts_are_written_once() {
    let mut story = reported();
    check(
        &story,
        &all_facts(Mode::Auto),
        expect![[r#"
            shipped · shipped · Shipped
            auto: Write onto #1001 in the store: label 5.90 USD, UPS, ups_ground, number #1001 [cafe0001-1001:annotate_order:label:1:0]
        "#]],
    );
    perform(&mut story, &all_facts(Mode::Auto), NOW, EffectState::Done);
    let Intent::AnnotateOrder { fields, note, tags, order_remote_id } = &story.effects.last().unwrap().intent else {
        panic!()
    };
    let expected = [
        ("shipping_cost/TRACK1", "5.90 USD"),
        ("carrier/TRACK1", "UPS"),
        ("service/TRACK1", "ups_ground"),
        ("hub_number", "#1001"),
    ];
    assert_eq!(*fields, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
    assert_eq!((note.as_str(), tags.len(), order_remote_id.as_str()), ("", 0, "gid://shop/Order/1001"));
    let done = expect![[r#"
        shipped · shipped · Shipped
    "#]];
    done.assert_eq(&words(&story, &all_facts(Mode::Auto), NOW));
    // Given up by a person, too, unless a fact changes.
    story.effects.last_mut().unwrap().state = EffectState::Refused;
    assert!(!words(&story, &all_facts(Mode::Auto), NOW).contains("Write onto"));
}

#[test]
fn each_parcel_has_facts_of_its_own() {
    let mut story = sent();
    for (n, lines) in [(1, [(1, 2)]), (2, [(2, 1)])] {
        ship(&mut story, parcel(n, &lines));
        told(&mut story, &format!("fulfillment/{n}"), &[&format!("TRACK{n}")], &lines);
    }
    let policy = set(
        set(all_facts(Mode::Auto), "facts_to_channel", "carrier", "false"),
        "facts_to_channel",
        "hub_number",
        "false",
    );
    check(
        &story,
        &policy,
        expect![[r#"
            shipped · shipped · Shipped
            auto: Write onto #1001 in the store: label 5.90 USD [cafe0001-1001:annotate_order:label:1:0]
            auto: Write onto #1001 in the store: label 5.90 USD [cafe0001-1001:annotate_order:label:2:0]
        "#]],
    );
}

#[test]
fn a_fact_that_changes_is_written_again() {
    let mut story = reported();
    perform(&mut story, &all_facts(Mode::Auto), NOW - MIN, EffectState::Done);
    story.parcels[0].value.cost_minor = Some(640);
    check(
        &story,
        &all_facts(Mode::Auto),
        expect![[r#"
            shipped · shipped · Shipped
            auto: Write onto #1001 in the store: label 6.40 USD, UPS, ups_ground, number #1001 [cafe0001-1001:annotate_order:label:1:1]
        "#]],
    );
    // What was not sent yet is not sent any more.
    let mut waiting = reported();
    perform(&mut waiting, &all_facts(Mode::Auto), NOW - MIN, EffectState::Pending);
    let id = waiting.effects.last().unwrap().id;
    waiting.parcels[0].value.cost_minor = Some(640);
    assert!(
        words(&waiting, &all_facts(Mode::Auto), NOW).contains(&format!("overtaken {id}: what it says has changed"))
    );
}

#[test]
fn the_days_it_left_and_arrived_are_written_as_they_are_known() {
    type Change = fn(&mut Parcel);
    let left: Change = |parcel| parcel.shipped_at_ms = Some(NOW - 26 * 60 * MIN);
    let arrived: Change = |parcel| {
        parcel.shipped_at_ms = Some(NOW - 26 * 60 * MIN);
        parcel.delivered_at_ms = Some(NOW - MIN);
    };
    // Only made: nobody has scanned it.
    let made: Change = |parcel| {
        parcel.shipped_at_ms = Some(NOW - 26 * 60 * MIN);
        parcel.track.as_mut().unwrap().state = TrackState::LabelMade;
    };
    let back: Change = |parcel| {
        parcel.shipped_at_ms = Some(NOW - 26 * 60 * MIN);
        parcel.delivered_at_ms = Some(NOW - MIN);
        parcel.track.as_mut().unwrap().state = TrackState::Returned;
    };
    for (what, change, expected) in [
        ("left", left, Some("left 2026-11-19")),
        ("arrived", arrived, Some("left 2026-11-19, arrived 2026-11-20")),
        ("made", made, None),
        ("back", back, Some("left 2026-11-19")),
    ] {
        let days = set(policy(Mode::Auto), "facts_to_channel", "days", "true");
        let mut story = reported();
        change(&mut story.parcels[0].value);
        let told = words(&story, &days, NOW);
        match expected {
            Some(expected) => assert!(told.contains(&format!("in the store: {expected} [")), "{what}: {told}"),
            None => assert!(!told.contains("Write onto"), "{what}: {told}"),
        }
    }
    // Said once; the arrival is a new fact.
    let days = set(policy(Mode::Auto), "facts_to_channel", "days", "true");
    let mut story = reported();
    left(&mut story.parcels[0].value);
    perform(&mut story, &days, NOW - MIN, EffectState::Done);
    assert!(!words(&story, &days, NOW).contains("Write onto"));
    story.parcels[0].value.delivered_at_ms = Some(NOW - MIN);
    assert!(words(&story, &days, NOW).contains("arrived 2026-11-20"));
}

#[test]
fn facts_wait_until_the_store_shows_the_parcel() {
    let mut story = sent();
    ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
    perform(&mut story, &all_facts(Mode::Auto), NOW, EffectState::Done);
    assert!(!words(&story, &all_facts(Mode::Auto), NOW).contains("Write onto"));
    // Nor of what was cancelled, of a label that was voided, or where the store takes none.
    let mut cancelled = reported();
    cancelled.order.cancelled_at_ms = Some(NOW);
    let mut voided = reported();
    voided.parcels[0].value.voided_at_ms = Some(NOW);
    let mut unable = all_facts(Mode::Auto);
    unable.peers.get_mut(&channel()).unwrap().performs.retain(|kind| *kind != IntentKind::AnnotateOrder);
    for (story, policy) in [(cancelled, all_facts(Mode::Auto)), (voided, all_facts(Mode::Auto)), (reported(), unable)] {
        assert!(!words(&story, &policy, NOW).contains("Write onto"));
    }
}

#[test]
fn a_cost_is_written_only_with_its_currency() {
    let mut policy = all_facts(Mode::Auto);
    policy.peers.get_mut(&hub()).unwrap().currency = None;
    assert!(!words(&reported(), &policy, NOW).contains("label 5.90"));
    let policy = set(policy, "facts_to_channel", "cost_currency", "gbp");
    assert!(words(&reported(), &policy, NOW).contains("label 5.90 GBP"));
    // The label's own word goes before.
    let mut abroad = reported();
    abroad.parcels[0].value.cost_currency = Some(Currency::new("JPY"));
    assert!(words(&abroad, &policy, NOW).contains("label 590 JPY"));
}

/// Facts that wait for a click keep neither the order open nor its units from being counted.
#[test]
fn what_is_only_said_keeps_nothing_open() {
    let mut story = reported();
    perform(&mut story, &all_facts(Mode::Ask), NOW, EffectState::Pending);
    check(
        &story,
        &all_facts(Mode::Ask),
        expect![[r#"
            shipped · shipped · Shipped
        "#]],
    );
}

fn marketplace(mode: Mode) -> Policy {
    let mut policy = policy(mode);
    policy.peers.get_mut(&channel()).unwrap().performs = IntentKind::ALL.to_vec();
    policy
}

#[test]
fn an_order_is_acknowledged_once_the_hub_has_it_and_never_again() {
    let policy = marketplace(Mode::Auto);
    let mut story = story();
    assert!(!words(&story, &policy, NOW).contains("Acknowledge"), "the hub does not have it");
    perform(&mut story, &policy, NOW - MIN, EffectState::Running);
    assert!(!words(&story, &policy, NOW).contains("Acknowledge"), "the hub has not answered");
    let mut story = sent();
    check(
        &story,
        &policy,
        expect![[r#"
            packing · packing · In Hub since {since}, waits for packing
            auto: Acknowledge #1001 to the store as #1001 [cafe0001-1001:acknowledge_order:order:0]
        "#]],
    );
    perform(&mut story, &policy, NOW, EffectState::Done);
    // Given up, refused or lost: nothing was answered. Answered and not there after all is another story (`proof`).
    let receipt = story.effects.last().unwrap().receipt.clone();
    for state in [EffectState::Done, EffectState::Skipped, EffectState::Refused, EffectState::Unknown] {
        let last = story.effects.last_mut().unwrap();
        (last.state, last.receipt) = (state, receipt.clone().filter(|_| state == EffectState::Done));
        assert!(!words(&story, &policy, NOW).contains("Acknowledge #1001"), "{state:?}");
    }
    // Corrected, and sent a second time.
    let last = story.effects.last_mut().unwrap();
    (last.state, last.receipt) = (EffectState::Done, receipt);
    story.order.ship_to.as_mut().unwrap().line1 = "Strandgaten 7".into();
    story.order.updated_at_ms = NOW;
    perform(&mut story, &policy, NOW, EffectState::Done);
    assert!(!words(&story, &policy, NOW + MIN).contains("Acknowledge"));
}

/// Where the hub packs it goes onto the store's order only if so chosen, and stands in what the order waits on.
#[test]
fn the_warehouse_of_the_hub_is_shown_and_told_if_chosen() {
    let placed = |mut story: Story| {
        story.hub_orders[0].value.warehouse = Some("wh_quay".into());
        story
    };
    let waits = decide(&placed(sent()), &policy(Mode::Auto), NOW).waits_on;
    assert_eq!(waits.sentence, "In Hub (wh_quay) since {since}, waits for packing");
    for (chosen, expected) in [("false", 0), ("true", 1)] {
        let chosen = set(policy(Mode::Auto), "facts_to_channel", "warehouse", chosen);
        let effects = decide(&placed(reported()), &chosen, NOW).effects;
        let told = effects.iter().filter(|effect| match &effect.intent {
            Intent::AnnotateOrder { fields, .. } => *fields == [("warehouse".to_owned(), "wh_quay".to_owned())],
            _ => false,
        });
        assert_eq!(told.count(), expected);
    }
}

#[test]
fn what_is_over_or_takes_no_acknowledgement_gets_none() {
    let mut cancelled = sent();
    cancelled.order.cancelled_at_ms = Some(NOW);
    let mut gone = sent();
    told(&mut gone, "fulfillment/9", &["THEIRS"], &[(1, 2), (2, 1)]);
    for (story, policy) in [
        (cancelled, marketplace(Mode::Auto)),
        (gone, marketplace(Mode::Auto)),
        (sent(), policy(Mode::Auto)),
        (sent(), marketplace(Mode::Off)),
    ] {
        assert!(!words(&story, &policy, NOW).contains("Acknowledge"));
    }
}

/// What keeps an order is remarked in the store, if somebody wants it there: once each, and without the buyer.
#[test]
fn what_keeps_an_order_is_remarked_once() {
    let remarks = |story: &Story, policy: &Policy, now_ms: i64| {
        let planned = decide(story, policy, now_ms).effects;
        let note = |effect: &PlannedEffect| match &effect.intent {
            Intent::AnnotateOrder { note, fields, .. } if fields.is_empty() => Some(note.clone()),
            _ => None,
        };
        planned.iter().filter_map(note).collect::<Vec<_>>()
    };
    let chosen = set(policy(Mode::Auto), "facts_to_channel", "remarks", "true");
    let held = {
        let mut story = sent();
        story.hub_orders[0].value.status = HubStatus::OnHold;
        story
    };
    let refused = {
        let mut story = story();
        perform(&mut story, &policy(Mode::Auto), NOW - 5 * MIN, EffectState::Done);
        story.effects[0].state = EffectState::Refused;
        story.effects[0].receipt = None;
        story.effects[0].refusal = Some(Refusal::new(Cause::AddressRefused, "Strandgaten 5 is no street."));
        story
    };
    let late = {
        let mut story = sent();
        story.order.ship_by_ms = Some(NOW - MIN);
        story
    };
    let too_late = {
        let mut story = sent();
        ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
        story.order.cancelled_at_ms = Some(NOW);
        story
    };
    let rows = [
        ("in order", sent(), ""),
        ("held", held.clone(), "On hold at Hub."),
        ("refused", refused, "Hub did not take it: the address cannot be shipped to."),
        ("late", late, "Late: it should have left by "),
        ("cancelled too late", too_late, "Cancelled after Hub had bought its label."),
        ("reported", reported(), ""),
    ];
    for (what, mut story, note) in rows {
        assert_eq!(remarks(&story, &policy(Mode::Auto), NOW), Vec::<String>::new(), "{what}: nobody chose it");
        let said = remarks(&story, &chosen, NOW);
        assert!(said.iter().all(|said| said.starts_with(note)), "{what}: {said:?}");
        assert_eq!(said.len(), usize::from(!note.is_empty()), "{what}: {said:?}");
        perform(&mut story, &chosen, NOW, EffectState::Done);
        assert_eq!(remarks(&story, &chosen, NOW), Vec::<String>::new(), "{what}: said once");
    }
    // Given up counts, too; and a hold that is ours ends by itself.
    let mut given_up = held.clone();
    perform(&mut given_up, &chosen, NOW, EffectState::Skipped);
    assert_eq!(remarks(&given_up, &chosen, NOW), Vec::<String>::new());
    let mut deaf = chosen;
    deaf.peers.get_mut(&channel()).unwrap().performs.retain(|kind| *kind != IntentKind::AnnotateOrder);
    assert_eq!(remarks(&held, &deaf, NOW), Vec::<String>::new());
}

/// A parcel in trouble is remarked in the store, if somebody wants it there: once for each parcel and kind, in no words of
/// a carrier's, which may name whoever lives there.
#[test]
fn a_parcel_in_trouble_is_remarked_once_for_each_cause() {
    const DAY: i64 = 24 * 60 * MIN;
    let remarks = |story: &Story, policy: &Policy| {
        let planned = decide(story, policy, NOW).effects;
        let note = |effect: &PlannedEffect| match &effect.intent {
            Intent::AnnotateOrder { note, fields, .. } if fields.is_empty() => Some(note.clone()),
            _ => None,
        };
        planned.iter().filter_map(note).collect::<Vec<_>>()
    };
    let on_the_way = |state: TrackState, at_ms: i64| {
        let mut story = reported();
        let says = "Left with Ada Byron".to_owned();
        story.parcels[0].value.track = Some(Track { state, at_ms: Some(at_ms), says, expected_ms: None });
        story
    };
    let late = |by_ms: i64| {
        let mut story = reported();
        story.order.deliver_by_ms = Some(by_ms);
        story
    };
    let delivered = {
        let mut story = late(NOW - 3 * DAY);
        story.parcels[0].value.delivered_at_ms = Some(NOW - MIN);
        story
    };
    let chosen = set(policy(Mode::Auto), "facts_to_channel", "delays", "true");
    for (what, story, note) in vec![
        ("in order", reported(), ""),
        ("moves", on_the_way(TrackState::InTransit, NOW - MIN), ""),
        ("lost", on_the_way(TrackState::Lost, NOW - MIN), "Parcel TRACK1 (UPS) is lost, says its carrier."),
        ("held", on_the_way(TrackState::Held, NOW - MIN), "Parcel TRACK1 (UPS) is held by its carrier."),
        (
            "comes back",
            on_the_way(TrackState::Returned, NOW - MIN),
            "Parcel TRACK1 (UPS) comes back, says its carrier.",
        ),
        ("long ago", on_the_way(TrackState::Lost, NOW - 20 * DAY), ""),
        ("late", late(NOW - 3 * DAY), "Parcel TRACK1 (UPS) is late: it was expected on 2026-11-17."),
        ("late by an hour", late(NOW - 60 * MIN), ""),
        ("arrived late", delivered, ""),
    ] {
        assert_eq!(remarks(&story, &policy(Mode::Auto)), Vec::<String>::new(), "{what}: nobody chose it");
        let said = remarks(&story, &chosen);
        assert_eq!(said, Vec::from_iter((!note.is_empty()).then(|| note.to_owned())), "{what}");
        for state in [EffectState::Done, EffectState::Skipped, EffectState::Refused] {
            let mut story = story.clone();
            perform(&mut story, &chosen, NOW, state);
            assert_eq!(remarks(&story, &chosen), Vec::<String>::new(), "{what}: said once, {state:?}");
        }
    }
    // Another cause is another remark; a second parcel, too.
    let mut story = on_the_way(TrackState::Held, NOW - MIN);
    perform(&mut story, &chosen, NOW, EffectState::Done);
    story.parcels[0].value.track = on_the_way(TrackState::Lost, NOW).parcels[0].value.track.clone();
    assert_eq!(remarks(&story, &chosen), ["Parcel TRACK1 (UPS) is lost, says its carrier."]);
    // Silence says nothing where nobody ever told of a delivery.
    let mut silent = chosen;
    for peer in silent.peers.values_mut() {
        peer.deliveries = quayside_flows::Deliveries::Unheard;
    }
    assert_eq!(remarks(&late(NOW - 3 * DAY), &silent), Vec::<String>::new());
}
