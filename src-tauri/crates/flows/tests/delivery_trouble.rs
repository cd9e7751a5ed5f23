//! Parcels in trouble at their carrier: what is told, when it ends, and which button it has.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
use common::*;
use quayside_flows::why::explain;
use quayside_flows::{decide, is_in_trouble};
use quayside_model::time::DAY_MS;
use quayside_model::*;

/// Shipped, told, and this is what the carrier says of it.
fn carried(state: TrackState) -> Story {
    let mut story = sent();
    ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
    told(&mut story, "fulfillment/2", &["TRACK1"], &[(1, 2), (2, 1)]);
    story.effects.clear();
    story.parcels[0].value.track =
        Some(Track { state, at_ms: Some(NOW - MIN), says: "Depot 7".into(), expected_ms: None });
    story
}

fn found(story: &Story, now_ms: i64) -> Vec<Finding> {
    let findings = decide(story, &policy(Mode::Auto), now_ms).findings;
    findings.into_iter().filter(|finding| finding.cause == Cause::CarrierTrouble).collect()
}

#[test]
fn only_what_goes_wrong_is_told() {
    for (state, words) in [
        (TrackState::LabelMade, None),
        (TrackState::Accepted, None),
        (TrackState::InTransit, None),
        (TrackState::OutForDelivery, None),
        (TrackState::Attempted, None),
        (TrackState::AtPickup, None),
        (TrackState::Delivered, None),
        (TrackState::Unknown("teleported".into()), None),
        (TrackState::Held, Some("#1001: UPS holds parcel TRACK1 since 2026-11-20.")),
        (TrackState::Lost, Some("#1001: UPS says on 2026-11-20 that parcel TRACK1 is lost.")),
        (TrackState::Undeliverable, Some("#1001: UPS says on 2026-11-20 that parcel TRACK1 cannot be delivered.")),
        (TrackState::Returned, Some("#1001: UPS brings parcel TRACK1 back to you since 2026-11-20.")),
        (TrackState::Exception, Some("#1001: UPS tells of trouble with parcel TRACK1 since 2026-11-20.")),
    ] {
        let found = found(&carried(state.clone()), NOW);
        match words {
            None => assert!(found.is_empty(), "{state:?}: {found:?}"),
            Some(words) => {
                assert_eq!(found.len(), 1, "{state:?}");
                assert!(found[0].sentence.starts_with(words), "{}", found[0].sentence);
                assert_eq!((found[0].said.as_deref(), found[0].since_ms), (Some("Depot 7"), Some(NOW - MIN)));
            }
        }
    }
}

#[test]
fn it_ends_when_the_parcel_arrives_or_nobody_waits_any_more() {
    let changed = |state: TrackState, change: fn(&mut Story)| {
        let mut story = carried(state);
        change(&mut story);
        story
    };
    for (what, story, now_ms, n) in [
        ("as it is", carried(TrackState::Lost), NOW, 1),
        ("two months later", carried(TrackState::Lost), NOW + 60 * DAY_MS, 0),
        (
            "the store saw it arrive",
            changed(TrackState::Held, |s| s.order.fulfillments[0].delivered_at_ms = Some(NOW)),
            NOW,
            0,
        ),
        (
            "delivered to the sender",
            changed(TrackState::Returned, |s| s.parcels[0].value.delivered_at_ms = Some(NOW)),
            NOW,
            1,
        ),
        ("voided", changed(TrackState::Held, |s| s.parcels[0].value.voided_at_ms = Some(NOW)), NOW, 0),
        ("on its way back by a label", changed(TrackState::Held, |s| s.parcels[0].value.is_return = true), NOW, 0),
        ("a test order", changed(TrackState::Held, |s| s.order.test = true), NOW, 0),
    ] {
        assert_eq!(found(&story, now_ms).len(), n, "{what}");
    }
    // What a carrier says next is another thing: settling the first does not settle it.
    let about = |state: TrackState| found(&carried(state), NOW).remove(0).about;
    assert_ne!(about(TrackState::Held), about(TrackState::Returned));
}

#[test]
fn an_entry_knows_its_parcel() {
    for (id, about, expected) in
        [("label:1", "label:1/held", true), ("label:1", "label:12/held", false), ("label:12", "label:1/held", false)]
    {
        let parcel = Parcel { remote_id: id.into(), ..parcel(1, &[]) };
        assert_eq!(is_in_trouble(&parcel, about), expected, "{id} {about}");
    }
}

#[test]
fn the_tracking_page_is_offered_where_there_is_one() {
    for (url, action) in [(true, Some(Action::OpenTracking)), (false, Some(Action::OpenHub))] {
        let mut story = carried(TrackState::Held);
        if !url {
            story.parcels[0].value.tracking_url = None;
        }
        let explained = explain(&story, &policy(Mode::Auto), &[], NOW);
        let reason = explained.reasons.iter().find(|reason| reason.code == "carrier_trouble").unwrap();
        assert_eq!(reason.action, action);
        assert_eq!(reason.evidence[0].record, "Parcel TRACK1 at Main warehouse");
        assert_eq!(reason.evidence[0].says, "held by the carrier: Depot 7");
    }
}
