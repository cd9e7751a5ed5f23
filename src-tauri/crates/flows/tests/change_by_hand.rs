//! A hub that lacks an ability: one exception per change, with what to enter, and nothing more once it is marked as done.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
use common::*;
use expect_test::expect;
use quayside_flows::{Policy, decide, hand_changes, hand_csv, hand_text};
use quayside_model::*;

/// The hub performs everything but these.
fn without(lacks: &[IntentKind]) -> Policy {
    let mut policy = policy(Mode::Auto);
    policy.peers.get_mut(&hub()).unwrap().performs.retain(|kind| !lacks.contains(kind));
    policy
}

const HOLDS: [IntentKind; 2] = [IntentKind::HoldHubOrder, IntentKind::ReleaseHubOrder];

fn takes_nothing() -> Policy {
    let mut policy = policy(Mode::Auto);
    policy.peers.get_mut(&hub()).unwrap().performs.clear();
    policy
}

fn cancelled(mut story: Story) -> Story {
    story.order.cancelled_at_ms = Some(NOW - 2 * MIN);
    story.order.cancel_reason = Some("customer".into());
    story
}

fn on_hold(mut story: Story, since_ms: i64) -> Story {
    story.choices.hold = Some(PersonHold { reason: "the buyer rang".into(), until_ms: None, since_ms });
    story
}

/// Somebody marks what is found as done.
fn done(story: &mut Story, policy: &Policy, at_ms: i64) {
    for finding in decide(story, policy, at_ms).findings {
        if matches!(finding.cause, Cause::EnterByHand | Cause::ChangeByHand) {
            story.choices.settled.insert(format!("{}/{}", finding.cause, finding.about), at_ms);
        }
    }
}

/// Typed in by a person at a hub that shows nothing.
fn typed_in() -> Story {
    let mut story = story();
    done(&mut story, &takes_nothing(), NOW - 30 * MIN);
    assert!(story.choices.settled.contains_key(&format!("enter_by_hand/{KEY}")));
    story
}

/// What the entries of a story say, and what is copied from them.
fn by_hand(story: &Story, policy: &Policy) -> String {
    let decision = decide(story, policy, NOW);
    assert!(decision.effects.is_empty(), "nothing is tried that the hub cannot do: {decision:?}");
    let found: Vec<&Finding> = decision.findings.iter().filter(|f| f.cause == Cause::ChangeByHand).collect();
    let abouts: Vec<String> = found.iter().map(|finding| finding.about.clone()).collect();
    let changes = hand_changes(story, policy, &abouts, NOW);
    assert_eq!(changes.len(), found.len(), "each entry has what to copy");
    let told =
        found.iter().zip(&changes).map(|(f, change)| format!("{} | {}\n{}\n", f.about, f.sentence, hand_text(change)));
    told.collect()
}

#[test]
fn a_cancellation_says_reason_and_what_goes_back_on_the_shelf() {
    let story = cancelled(sent());
    let policy = without(&[IntentKind::CancelHubOrder]);
    expect![[r"
        cancel:hub/1 | #1001 was cancelled in the store but is still open at Hub, which takes no cancellations from outside. Cancel it there (order #1001 there, reference cafe0001-1001), and put back on the shelf: 2 × SKU-1, 1 × SKU-2.
        Cancel the order
        Reference: cafe0001-1001
        Order: #1001
        State: open → cancelled
        Reason: customer
        Back on the shelf: 2 × SKU-1
        Back on the shelf: 1 × SKU-2
    "]]
    .assert_eq(&by_hand(&story, &policy));
    // One entry, and none beside it.
    assert_eq!(decide(&story, &policy, NOW).findings.len(), 1);
    let changes = hand_changes(&story, &policy, &["cancel:hub/1".into()], NOW);
    assert_eq!(hand_csv(&changes, false).lines().count(), 1 + 4);
}

#[test]
fn a_hold_and_its_release_are_told_once_each() {
    let policy = without(&HOLDS);
    let since_ms = NOW - 20 * MIN;
    let mut story = on_hold(sent(), since_ms);
    expect![[r#"
        hold:hub/1:1795160400000 | #1001 has to wait (On hold by you: "the buyer rang"), and Hub takes no holds from outside. Hold it there (order #1001 there, reference cafe0001-1001), or tell the warehouse.
        Hold the order
        Reference: cafe0001-1001
        Order: #1001
        State: open → on hold
        Reason: On hold by you: "the buyer rang"
    "#]]
    .assert_eq(&by_hand(&story, &policy));
    done(&mut story, &policy, NOW - MIN);
    assert_eq!(by_hand(&story, &policy), "", "a word is enough until a reading says otherwise");
    // Read long after it was marked as done, and still open there: said again, in other words.
    let mut open_still = story.clone();
    open_still.hub_orders[0].seen_at_ms = NOW + 30 * MIN;
    assert!(by_hand(&open_still, &policy).contains("still stands open there"));
    // Held there now, and released here.
    story.hub_orders[0].value.status = HubStatus::OnHold;
    assert_eq!(by_hand(&story, &policy), "");
    story.choices.hold = None;
    assert!(by_hand(&story, &policy).starts_with("release:hub/1:1795160400000 | #1001 was held at Hub by hand"));
    done(&mut story, &policy, NOW);
    assert_eq!(by_hand(&story, &policy), "");
}

/// Nothing but a person puts them there, whatever the account takes by now.
#[test]
fn units_that_go_on_a_shelf_by_hand_are_asked_for_until_that_is_done() {
    let mut story = sent();
    story.choices.to_shelve = vec![ToShelve {
        account: hub(),
        return_id: "ret/1".into(),
        line_id: "line/1".into(),
        sku: "SKU-1".into(),
        units: 2,
        at_ms: NOW - MIN,
    }];
    for policy in [without(&[IntentKind::SetStock]), policy(Mode::Auto)] {
        expect![[r"
            restock:ret/1:line/1:1795161540000 | 2 × SKU-1 of #1001 came back and go on the shelf, and Main warehouse took no counts from outside. Add them to its count there.
            Put back on the shelf
            SKU: SKU-1
            Order: #1001
            Units to add: 2
        "]]
        .assert_eq(&by_hand(&story, &policy));
        let waits = decide(&story, &policy, NOW).waits_on.code;
        assert!(!waits.contains("by_hand"), "the order waits for nothing of it: {waits}");
    }
    story.choices.to_shelve.clear();
    assert_eq!(by_hand(&story, &policy(Mode::Auto)), "");
}

#[test]
fn what_somebody_else_holds_there_is_not_released() {
    let mut story = sent();
    story.hub_orders[0].value.status = HubStatus::OnHold;
    assert_eq!(by_hand(&story, &without(&HOLDS)), "");
}

#[test]
fn whoever_switched_the_comparison_off_is_not_asked_to_hold() {
    let mut policy = without(&HOLDS);
    policy.automations.get_mut("sides_agree").unwrap().mode = Mode::Off;
    assert_eq!(by_hand(&on_hold(sent(), NOW - 20 * MIN), &policy), "");
}

#[test]
fn what_was_typed_in_and_is_read_back_is_brought_up_to_date_by_hand() {
    let policy = takes_nothing();
    let mut story = story();
    at_hub(&mut story, HubStatus::AwaitingShipment, NOW - 30 * MIN);
    assert_eq!(by_hand(&story, &policy), "", "both sides agree");
    story.order.ship_to.as_mut().unwrap().line1 = "Elsewhere 7".into();
    story.order.lines[0].current_quantity = 1;
    let told = by_hand(&story, &policy);
    let (sentence, text) = told.split_once('\n').unwrap();
    for words in ["update:hub/1 | #1001 differs", "Ship to", "Units of SKU-1 2 → 1", "order #1001 there", KEY] {
        assert!(sentence.contains(words), "{words}: {sentence}");
    }
    assert!(!sentence.contains("Elsewhere"), "an address stands in one place only: {sentence}");
    assert!(
        text.contains("Ship to: Ingrid Sørensen, Strandgaten 5") && text.contains("→ Ingrid Sørensen, Elsewhere 7"),
        "{text}"
    );
    assert_eq!(decide(&story, &policy, NOW).findings.len(), 1, "one entry, not one more for the difference");
    // Another change is another edition: what was settled comes back.
    let before = decide(&story, &policy, NOW).findings[0].sentence.clone();
    story.order.ship_to.as_mut().unwrap().line1 = "Elsewhere 8".into();
    assert_ne!(decide(&story, &policy, NOW).findings[0].sentence, before);
}

#[test]
fn what_was_typed_in_and_is_never_read_back_is_cancelled_and_held_by_word() {
    let policy = takes_nothing();
    let mut gone = cancelled(typed_in());
    let told = by_hand(&gone, &policy);
    assert!(told.contains("was cancelled in the store after it was entered at Hub by hand"), "{told}");
    assert!(told.contains("Back on the shelf: 2 × SKU-1") && told.contains("Reason: customer"), "{told}");
    assert_eq!(decide(&gone, &policy, NOW).stage, Stage::Held);
    done(&mut gone, &policy, NOW);
    assert_eq!(by_hand(&gone, &policy), "");
    assert_eq!(decide(&gone, &policy, NOW).stage, Stage::Cancelled, "over with the person's word");
    // Never typed in: nothing to cancel.
    assert_eq!(by_hand(&cancelled(story()), &policy), "");

    let mut waits = on_hold(typed_in(), NOW - 20 * MIN);
    assert!(by_hand(&waits, &policy).starts_with(&format!("hold:{KEY}:")));
    done(&mut waits, &policy, NOW - 10 * MIN);
    assert_eq!(by_hand(&waits, &policy), "");
    waits.choices.hold = None;
    assert!(by_hand(&waits, &policy).starts_with(&format!("release:{KEY}:")));
    done(&mut waits, &policy, NOW - 5 * MIN);
    assert_eq!(by_hand(&waits, &policy), "");
    // Held once more: another hold.
    assert!(by_hand(&on_hold(waits, NOW - MIN), &policy).starts_with(&format!("hold:{KEY}:")));
}

/// The account's connector says that it has no way for a change: told once, not a second time as a difference.
#[test]
fn a_change_that_the_profile_has_no_way_for_is_one_entry() {
    let policy = without(&HOLDS);
    let mut story = sent();
    story.order.ship_to.as_mut().unwrap().line1 = "Elsewhere 7".into();
    perform(&mut story, &policy, NOW - 20 * MIN, EffectState::Refused);
    let refused = story.effects.last_mut().unwrap();
    refused.refusal = Some(Refusal::new(Cause::ChangeByHand, "No way to change the address."));
    let key = refused.key.clone();
    let told = by_hand(&story, &policy);
    assert!(told.starts_with(&format!("{key} | No way to change the address.")), "{told}");
    assert!(
        told.contains("Ship to: Ingrid Sørensen, Strandgaten 5, 5013, Bergen, NO → Ingrid Sørensen, Elsewhere 7"),
        "{told}"
    );
    assert_eq!(decide(&story, &policy, NOW).findings.len(), 1, "{:?}", decide(&story, &policy, NOW).findings);
    // Marked as done, and a later reading still shows the old one: now it is a difference.
    story.choices.settled.insert(format!("change_by_hand/{key}"), NOW - 10 * MIN);
    assert!(!decide(&story, &policy, NOW).findings.iter().any(|f| f.cause == Cause::SidesDiffer));
    story.hub_orders[0].seen_at_ms = NOW - MIN;
    let differs = decide(&story, &policy, NOW).findings;
    assert!(
        differs.iter().any(|f| f.cause == Cause::SidesDiffer && f.sentence.contains("takes no holds")),
        "{differs:?}"
    );
}
