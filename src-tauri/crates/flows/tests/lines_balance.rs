//! "Units add up": stories whose sums are off, and many whose sums are not.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
use common::*;
use expect_test::expect;
use quayside_model::*;

const LATER: i64 = NOW + 120 * MIN;

fn said(story: &Story, now_ms: i64) -> Vec<String> {
    let decision = quayside_flows::decide(story, &policy(Mode::Auto), now_ms);
    let of = |f: &Finding| (f.cause == Cause::LinesDoNotBalance).then(|| f.sentence.clone());
    decision.findings.iter().filter_map(of).collect()
}

#[test]
fn a_hub_that_is_done_with_too_little_is_told() {
    let mut short = sent();
    ship(&mut short, parcel(1, &[(1, 1), (2, 1)]));
    perform(&mut short, &policy(Mode::Auto), NOW, EffectState::Done);
    told(&mut short, "fulfillment/2", &["TRACK1"], &[(1, 1), (2, 1)]);
    assert_eq!(said(&short, NOW), Vec::<String>::new(), "it has time to make the second parcel known");
    expect![[r#"
        #1001: SKU-1 does not add up. The hub is done with it, and 1 of 2 units are in no parcel. Placed 2, cancelled or refunded 0, wanted 2, sent 2, at the hub 2, shipped 1, reported 1."#]]
    .assert_eq(&said(&short, LATER).join("\n"));
    short.parcels.push(Seen { connection: hub(), seen_at_ms: NOW, value: parcel(2, &[(1, 1)]) });
    perform(&mut short, &policy(Mode::Auto), NOW, EffectState::Done);
    told(&mut short, "fulfillment/3", &["TRACK2"], &[(1, 1)]);
    assert_eq!(said(&short, LATER), Vec::<String>::new());
}

#[test]
fn a_store_that_counts_less_open_than_it_was_told_is_told() {
    let mut off = sent();
    off.order.lines[0].unfulfilled_quantity = 0;
    expect![[r#"
        #1001: SKU-1 does not add up. The store counts 0 units as open, but of 2 wanted it was told of 0 only: 2 would never ship. Placed 2, cancelled or refunded 0, wanted 2, sent 2, at the hub 2, shipped 0, reported 0."#]]
    .assert_eq(&said(&off, LATER).join("\n"));
}

#[test]
fn refunds_and_cancellations_balance() {
    let mut refunded = sent();
    refunded.order.lines[0].current_quantity = 1;
    refunded.order.lines[0].unfulfilled_quantity = 1;
    assert_eq!(said(&refunded, LATER), Vec::<String>::new());
    let mut impossible = sent();
    impossible.order.lines[0].current_quantity = 3;
    let policy = policy(Mode::Auto);
    perform(&mut impossible, &policy, NOW, EffectState::Done);
    let said = said(&impossible, LATER);
    assert!(said[0].contains("wants 3 units of a line that was placed with 2"), "{said:?}");
}

#[test]
fn what_moves_is_left_alone() {
    for story in [story(), sent()] {
        assert_eq!(said(&story, LATER), Vec::<String>::new());
    }
    let mut moving = sent();
    moving.order.lines[0].unfulfilled_quantity = 0;
    moving.effects[0].state = EffectState::Running;
    assert_eq!(said(&moving, LATER), Vec::<String>::new());
}
