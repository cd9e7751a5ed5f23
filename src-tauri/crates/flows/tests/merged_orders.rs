//! Two orders of the same buyer, put into one at the hub: what is done to one of them must not harm the other.
#![allow(missing_docs, clippy::unwrap_used, clippy::needless_pass_by_value)]

mod common;

use common::*;
use expect_test::{Expect, expect};
use quayside_model::*;

fn check(story: &Story, want: Expect) {
    want.assert_eq(&words(story, &policy(Mode::Auto), NOW));
}

/// Another order's line, as it came into ours.
fn theirs() -> HubLine {
    HubLine { line_key: Some("line/77".into()), sku: "SKU-1".into(), name: "Thing 1".into(), quantity: 5 }
}

/// Our hub order took another one in.
fn took_another_in() -> Story {
    let mut story = sent();
    let hub_order = &mut story.hub_orders[0].value;
    hub_order.merged_ids = vec!["hub/2".into()];
    hub_order.lines.push(theirs());
    story
}

/// Our hub order was put into another one, and is gone.
fn was_taken_in() -> Story {
    let mut story = sent();
    let mut taker = story.hub_orders[0].clone();
    story.hub_orders[0].value.status = HubStatus::Gone;
    taker.value.remote_id = "hub/9".into();
    taker.value.key = "cafe0001-1009".into();
    taker.value.number = "#1009".into();
    taker.value.merged_ids = vec!["hub/1".into()];
    taker.value.lines.push(theirs());
    story.hub_orders.push(taker);
    story
}

fn cancelled(mut story: Story) -> Story {
    story.order.cancelled_at_ms = Some(NOW - MIN);
    story.order.updated_at_ms = NOW - MIN;
    story
}

#[test]
fn a_merged_order_waits_for_packing_like_any_other() {
    for story in [took_another_in(), was_taken_in()] {
        check(
            &story,
            expect![[r#"
                packing · packing · In Hub since {since}, waits for packing
            "#]],
        );
    }
}

#[test]
fn cancelling_one_of_two_holds_both_and_cancels_neither() {
    check(
        &cancelled(took_another_in()),
        expect![[r#"
        held · cause:sides_differ · #1001 was cancelled in the store, but Hub merged it with another order into #1001. Cancelling that would cancel the other's goods too, so it is held. Take the lines of #1001 out there, then release it.
        auto: Hold #1001 at Hub: #1001, which is in it, was cancelled in the store [cafe0001-1001:hold_hub_order:hub/1:0]
        ! sides_differ: #1001 was cancelled in the store, but Hub merged it with another order into #1001. Cancelling that would cancel the other's goods too, so it is held. Take the lines of #1001 out there, then release it.
    "#]],
    );
    check(
        &cancelled(was_taken_in()),
        expect![[r#"
        held · cause:sides_differ · #1001 was cancelled in the store, but Hub merged it with another order into #1009. Cancelling that would cancel the other's goods too, so it is held. Take the lines of #1001 out there, then release it.
        auto: Hold #1009 at Hub: #1001, which is in it, was cancelled in the store [cafe0001-1001:hold_hub_order:hub/9:0]
        ! sides_differ: #1001 was cancelled in the store, but Hub merged it with another order into #1009. Cancelling that would cancel the other's goods too, so it is held. Take the lines of #1001 out there, then release it.
    "#]],
    );
}

#[test]
fn once_its_lines_are_taken_out_nothing_is_left_to_do() {
    let mut story = cancelled(was_taken_in());
    story.hub_orders[1].value.lines = vec![theirs()];
    check(
        &story,
        expect![[r#"
            cancelled · cancelled · Cancelled
        "#]],
    );
}

#[test]
fn the_hold_is_asked_once() {
    let mut story = cancelled(took_another_in());
    perform(&mut story, &policy(Mode::Auto), NOW, EffectState::Pending);
    let effects = story.effects.len();
    perform(&mut story, &policy(Mode::Auto), NOW + MIN, EffectState::Pending);
    assert_eq!(story.effects.len(), effects);
    assert_eq!(story.effects.last().unwrap().state, EffectState::Pending);
}

#[test]
fn an_edit_is_told_and_not_sent() {
    let mut story = was_taken_in();
    story.order.ship_to.as_mut().unwrap().line1 = "Strandgaten 7".into();
    check(
        &story,
        expect![[r#"
        packing · cause:sides_differ · #1001 was changed after Hub merged it with another order, and a merged order is not changed from here. Ship to: "Ingrid Sørensen, Strandgaten 5, 5013, Bergen, NO" became "Ingrid Sørensen, Strandgaten 7, 5013, Bergen, NO". Change it there.
        ! sides_differ: #1001 was changed after Hub merged it with another order, and a merged order is not changed from here. Ship to: "Ingrid Sørensen, Strandgaten 5, 5013, Bergen, NO" became "Ingrid Sørensen, Strandgaten 7, 5013, Bergen, NO". Change it there.
    "#]],
    );
    // A person's "send again" does not tear it out either.
    story.choices.push_anyway = true;
    story.choices.resend_ms = Some(NOW);
    assert!(quayside_flows::decide(&story, &policy(Mode::Auto), NOW).effects.is_empty());
}

#[test]
fn a_parcel_of_both_counts_and_reports_our_lines_only() {
    let mut story = took_another_in();
    let mut both = parcel(1, &[(1, 2), (2, 1)]);
    both.lines.as_mut().unwrap().push(ParcelLine {
        line_key: Some("line/77".into()),
        sku: "SKU-1".into(),
        quantity: 5,
    });
    ship(&mut story, both);
    check(
        &story,
        expect![[r#"
        telling · telling · Left; Shop does not know yet
        auto: Report a parcel of #1001 to the store: 3 units, UPS TRACK1 [cafe0001-1001:fulfill:label:1:0]
    "#]],
    );
}

#[test]
fn a_hub_that_keeps_no_keys_is_counted_by_sku() {
    let mut story = took_another_in();
    for line in &mut story.hub_orders[0].value.lines {
        line.line_key = None;
    }
    let ledger = quayside_flows::LineLedger::of(&story);
    assert_eq!(ledger.rows.iter().map(|row| row.at_hub).collect::<Vec<_>>(), [7, 1]);
}
