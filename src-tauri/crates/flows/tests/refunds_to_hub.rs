//! What a store gave back, in the books of a hub that keeps some.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
use common::*;
use quayside_flows::{Policy, decide, hand_changes, hand_text};
use quayside_model::*;

const AUTOMATION: &str = "refunds_to_hub";

/// At the hub, and so much of it given back since; of the first line so many units are still wanted.
fn refunded(minor: i64, wanted: i64) -> Story {
    let mut story = sent();
    give_back(&mut story, minor, wanted);
    story
}

fn give_back(story: &mut Story, minor: i64, wanted: i64) {
    story.order.refunded_minor = Some(minor).filter(|minor| *minor > 0);
    story.order.payment = Payment::PartiallyRefunded;
    story.order.lines[0].current_quantity = wanted;
}

/// The entries that are planned: mode, whose order, amount, all so far, lines.
fn planned(story: &Story, policy: &Policy) -> Vec<String> {
    let effects = decide(story, policy, NOW).effects;
    let books = effects.iter().filter_map(|effect| match &effect.intent {
        Intent::RecordRefund { hub_order_id, refund, .. } => {
            let line = |line: &HubRefundLineDraft| {
                format!("{} × {}{}", line.quantity, line.sku, if line.restock { " back" } else { "" })
            };
            let lines: Vec<String> = refund.lines.iter().map(line).collect();
            let mode = effect.mode.code();
            Some(format!(
                "{mode} {hub_order_id} {} of {}: {}",
                refund.total_minor,
                refund.through_minor,
                lines.join(", ")
            ))
        }
        _ => None,
    });
    books.collect()
}

/// An entry of the past, as the store would have it.
fn entry(story: &mut Story, policy: &Policy, state: EffectState) {
    let all = decide(story, policy, NOW).effects;
    let one = all.into_iter().find(|effect| effect.intent.kind() == IntentKind::RecordRefund).unwrap();
    let id = EffectId(story.effects.len() as i64 + 1);
    story.effects.push(PastEffect {
        id,
        key: one.key,
        automation: one.automation,
        connection: one.connection,
        intent: one.intent,
        state,
        attempts: 1,
        created_at_ms: NOW,
        not_before_ms: NOW,
        first_sent_at_ms: Some(NOW),
        settled_at_ms: state.is_final().then_some(NOW),
        refused_at_ms: (state == EffectState::Refused).then_some(NOW),
        refusal: None,
        ticket: None,
        withdrawn: false,
        receipt: (state == EffectState::Done).then(Receipt::default),
    });
}

fn restocking(mode: Mode) -> Policy {
    set(policy(mode), AUTOMATION, "restock", "true")
}

/// So many units of the first line have left, as the store was told.
fn left(story: &mut Story, units: i64) {
    story.order.fulfillments = vec![Fulfillment {
        remote_id: "f/1".into(),
        live: true,
        status: "success".into(),
        created_at_ms: NOW - 10 * MIN,
        delivered_at_ms: None,
        tracking_numbers: vec!["TRACK1".into()],
        carrier: "UPS".into(),
        lines: vec![FulfillmentLine { order_line_id: "line/1".into(), quantity: units }],
    }];
}

#[test]
fn what_was_given_back_is_written_down_as_far_as_it_was_not_yet() {
    for (mode, word) in [(Mode::Watch, "watch"), (Mode::Ask, "ask"), (Mode::Auto, "auto")] {
        assert_eq!(planned(&refunded(1_000, 1), &policy(mode)), [format!("{word} hub/1 1000 of 1000: 1 × SKU-1")]);
    }
    assert!(planned(&refunded(1_000, 1), &policy(Mode::Off)).is_empty());
    assert!(planned(&refunded(0, 1), &policy(Mode::Auto)).is_empty(), "edited, and nothing given back");
    let mut elsewhere = refunded(1_000, 1);
    (elsewhere.hub_orders, elsewhere.effects) = (vec![], vec![]);
    assert!(planned(&elsewhere, &policy(Mode::Auto)).is_empty(), "no hub has it");

    let auto = policy(Mode::Auto);
    let mut story = refunded(1_000, 1);
    entry(&mut story, &auto, EffectState::Done);
    assert!(planned(&story, &auto).is_empty(), "told once");
    give_back(&mut story, 1_500, 1);
    assert_eq!(planned(&story, &auto), ["auto hub/1 500 of 1500: "], "an amount without units");
    give_back(&mut story, 2_500, 0);
    assert_eq!(planned(&story, &auto), ["auto hub/1 1500 of 2500: 1 × SKU-1"]);
}

#[test]
fn one_under_way_is_waited_for_one_that_stands_is_not_repeated_and_more_takes_its_place() {
    use EffectState::{Asked, Pending, Refused, Running, Skipped, Unknown};
    let auto = policy(Mode::Auto);
    for (state, after_more) in [(Running, 0), (Unknown, 0), (Asked, 1), (Pending, 1), (Refused, 1), (Skipped, 1)] {
        let mut story = refunded(1_000, 1);
        entry(&mut story, &auto, state);
        assert!(planned(&story, &auto).is_empty(), "{state:?}");
        give_back(&mut story, 1_500, 1);
        let again = planned(&story, &auto);
        assert_eq!(again.len(), after_more, "{state:?}");
        assert!(again.iter().all(|one| one.starts_with("auto hub/1 1500 of 1500")), "{state:?}: {again:?}");
        let overtaken = decide(&story, &auto, NOW).overtaken.len();
        assert_eq!(overtaken, usize::from(matches!(state, Asked | Pending | Refused)), "{state:?}");
    }
    // Refused for an order that the hub lost, and has anew under another id.
    let mut story = refunded(1_000, 1);
    entry(&mut story, &auto, Refused);
    story.hub_orders[0].value.remote_id = "hub/2".into();
    assert_eq!(planned(&story, &auto), ["auto hub/2 1000 of 1000: 1 × SKU-1"]);
    // Answered, and then not there: written down anew.
    let mut story = refunded(1_000, 1);
    entry(&mut story, &auto, Skipped);
    story.effects.last_mut().unwrap().receipt = Some(Receipt::default());
    assert_eq!(planned(&story, &auto), ["auto hub/1 1000 of 1000: 1 × SKU-1"]);
}

#[test]
fn only_what_had_left_goes_back_on_the_shelf_and_only_if_so_chosen() {
    let table = [
        // (left, still wanted, chosen, lines)
        (0, 1, true, "1 × SKU-1"),
        (2, 1, false, "1 × SKU-1"),
        (2, 1, true, "1 × SKU-1 back"),
        (1, 0, true, "1 × SKU-1 back, 1 × SKU-1"),
        (2, 0, true, "2 × SKU-1 back"),
    ];
    for (gone, wanted, chosen, lines) in table {
        let mut story = refunded(1_000, wanted);
        left(&mut story, gone);
        let policy = if chosen { restocking(Mode::Auto) } else { policy(Mode::Auto) };
        assert_eq!(planned(&story, &policy), [format!("auto hub/1 1000 of 1000: {lines}")], "{gone} {wanted} {chosen}");
    }
    // Each unit once.
    let policy = restocking(Mode::Auto);
    let mut story = refunded(1_000, 1);
    left(&mut story, 2);
    entry(&mut story, &policy, EffectState::Done);
    give_back(&mut story, 2_000, 0);
    assert_eq!(planned(&story, &policy), ["auto hub/1 1000 of 2000: 1 × SKU-1 back"]);
}

#[test]
fn orders_from_before_the_go_live_line_are_left_to_whoever_wrote_them_down() {
    let mut auto = policy(Mode::Auto);
    let story = refunded(1_000, 1);
    for (line_ms, expected) in [(story.order.placed_at_ms, 1), (story.order.placed_at_ms + 1, 0)] {
        auto.automations.get_mut(AUTOMATION).unwrap().go_live_ms = Some(line_ms);
        assert_eq!(planned(&story, &auto).len(), expected, "{line_ms}");
    }
}

/// Money is the store's: a hub's books move none, and a person is told where they say something else.
#[test]
fn a_refund_that_only_the_hubs_books_know_is_told_and_gives_nothing_back() {
    type Change = fn(&mut Story, &mut Policy);
    let table: [(&str, Change, usize); 7] = [
        ("only there", |_, _| {}, 1),
        ("the store gave it back, too", |s, _| give_back(s, 500, 1), 0),
        ("the books say nothing", |s, _| s.hub_orders[0].value.refunded = None, 0),
        ("another service's order", |s, _| s.hub_orders[0].value.external = true, 0),
        ("somebody else's order", |s, _| s.hub_orders[0].value.key = "SO-7".into(), 0),
        ("it only watches", |_, p| p.automations.get_mut(AUTOMATION).unwrap().mode = Mode::Watch, 1),
        ("it is off", |_, p| p.automations.get_mut(AUTOMATION).unwrap().mode = Mode::Off, 0),
    ];
    for (what, change, expected) in table {
        let (mut story, mut policy) = (sent(), policy(Mode::Auto));
        story.hub_orders[0].value.refunded = Some(true);
        change(&mut story, &mut policy);
        let decision = decide(&story, &policy, NOW);
        let moved = decision.effects.iter().filter(|effect| effect.intent.kind() == IntentKind::Refund);
        assert_eq!(moved.count(), 0, "{what}");
        let told: Vec<&Finding> =
            decision.findings.iter().filter(|finding| finding.about == "refunded:hub/1").collect();
        assert_eq!(told.len(), expected, "{what}: {:?}", decision.findings);
        assert!(told.iter().all(|finding| finding.sentence.contains("the store shows none")), "{what}");
    }
    // Written there by us: no news.
    let policy = policy(Mode::Auto);
    let mut story = refunded(1_000, 1);
    entry(&mut story, &policy, EffectState::Done);
    story.hub_orders[0].value.refunded = Some(true);
    assert!(decide(&story, &policy, NOW).findings.iter().all(|finding| !finding.about.starts_with("refunded:")));
}

#[test]
fn a_hub_of_a_kind_that_keeps_books_and_takes_nothing_is_written_to_by_hand() {
    let without = |mode: Mode, of_its_kind: bool| {
        let mut policy = policy(mode);
        let hub = policy.peers.get_mut(&hub()).unwrap();
        hub.performs.retain(|kind| *kind != IntentKind::RecordRefund);
        hub.lacks = if of_its_kind { vec![IntentKind::RecordRefund] } else { vec![] };
        policy
    };
    let entries = |story: &Story, policy: &Policy| -> Vec<(String, String)> {
        let found = decide(story, policy, NOW).findings.into_iter().filter(|f| f.cause == Cause::ChangeByHand);
        found.map(|finding| (finding.about, finding.sentence)).collect()
    };
    let mut story = refunded(1_000, 1);
    for (mode, of_its_kind, expected) in [
        (Mode::Auto, true, 1),
        (Mode::Ask, true, 1),
        (Mode::Watch, true, 0),
        (Mode::Off, true, 0),
        (Mode::Auto, false, 0),
    ] {
        assert_eq!(entries(&story, &without(mode, of_its_kind)).len(), expected, "{mode:?} {of_its_kind}");
    }
    let policy = without(Mode::Auto, true);
    let [(about, sentence)] = entries(&story, &policy).try_into().unwrap();
    assert_eq!(about, "refund:hub/1:1000");
    assert!(sentence.contains("10.00") && sentence.contains("takes no refunds from outside"), "{sentence}");
    let text = hand_text(&hand_changes(&story, &policy, std::slice::from_ref(&about), NOW)[0]);
    for words in ["Write down the refund", "Given back in all: ", "Units of SKU-1 given back: 1", "accounting"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    // Marked as done: nothing more, until more is given back.
    story.choices.settled.insert(format!("{}/{about}", Cause::ChangeByHand), NOW);
    assert!(entries(&story, &policy).is_empty());
    give_back(&mut story, 1_500, 1);
    let [(about, sentence)] = entries(&story, &policy).try_into().unwrap();
    assert_eq!(about, "refund:hub/1:1500");
    assert!(sentence.contains("of it entered already"), "{sentence}");
}
