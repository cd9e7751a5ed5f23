//! Answered as done, and never shown: the platform is asked; what it does not have is done again.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
use common::*;
use quayside_flows::{Sight, decide, sights};
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

/// A parcel without a number was reported; the store forgot the report and kept that the order left. Then the number
/// came: it had no report to be written on (seed 25 of all platforms).
#[test]
fn a_number_that_comes_after_a_forgotten_report_still_reaches_the_store() {
    let mut story = sent();
    ship(&mut story, Parcel { tracking_number: String::new(), tracking_url: None, ..parcel(1, &[(1, 2), (2, 1)]) });
    perform(&mut story, &live(), NOW, EffectState::Done);
    let report = story.effects.last().unwrap().id;
    told(&mut story, "marked", &[], &[(1, 2), (2, 1)]);
    assert_eq!(decide(&story, &live(), LATER).prove, [report]);
    // As the store hands it out once the platform said no.
    story.effects.last_mut().unwrap().state = EffectState::Skipped;
    assert!(decide(&story, &live(), LATER).effects.is_empty(), "nothing is left to say yet");
    story.parcels[0].value.tracking_number = "TRACK1".into();
    let decision = decide(&story, &live(), LATER);
    let [planned] = decision.effects.as_slice() else { panic!("{decision:?}") };
    let Intent::ReplaceTracking { fulfillment_id, tracking, .. } = &planned.intent else { panic!("{planned:?}") };
    assert_eq!((fulfillment_id.as_str(), tracking.numbers.as_slice()), ("marked", ["TRACK1".to_owned()].as_slice()));
}

/// The hub said "created" and forgot; the address changed a minute later, and the hub refused to change what it does not
/// have. That refusal does not speak for the order: it is asked about, and sent again as a new one.
#[test]
fn a_refused_change_does_not_speak_for_the_order_it_could_not_find() {
    let mut story = story();
    perform(&mut story, &live(), NOW, EffectState::Done);
    story.order.ship_to.as_mut().unwrap().line1 = "Bryggen 1".into();
    perform(&mut story, &live(), NOW + MINUTE_MS, EffectState::Refused);
    let [created, changed] = story.effects.as_slice() else { panic!("{:?}", story.effects) };
    let (created, changed) = (created.id, changed.id);
    assert!(matches!(&story.effects[1].intent, Intent::PutHubOrder { hub_order_id: Some(_), .. }));
    let decision = decide(&story, &live(), LATER);
    assert_eq!((decision.prove, decision.effects), (vec![created], vec![]));
    // As the store hands it out once the platform said no.
    story.effects[0].state = EffectState::Skipped;
    let decision = decide(&story, &live(), LATER);
    assert!(decision.overtaken.iter().any(|(id, _)| *id == changed), "{decision:?}");
    let [again] = decision.effects.as_slice() else { panic!("{decision:?}") };
    let Intent::PutHubOrder { order, hub_order_id } = &again.intent else { panic!("{again:?}") };
    assert_eq!((order.ship_to.line1.as_str(), hub_order_id), ("Bryggen 1", &None));
    assert_eq!(decision.findings, []);
}

/// A later change that went through, or is on its way, does speak for the order.
#[test]
fn a_change_that_is_done_or_under_way_speaks_for_the_order() {
    for state in [EffectState::Done, EffectState::Pending, EffectState::Running, EffectState::Unknown] {
        let mut story = story();
        perform(&mut story, &live(), NOW, EffectState::Done);
        let created = story.effects[0].id;
        story.order.ship_to.as_mut().unwrap().line1 = "Bryggen 1".into();
        perform(&mut story, &live(), NOW + MINUTE_MS, state);
        assert!(!decide(&story, &live(), LATER).prove.contains(&created), "{state:?}");
    }
}

/// Read at the hub with this status, last touched there before the write that is asked about.
fn untouched(story: &mut Story, status: HubStatus) {
    at_hub(story, status, LATER);
    story.hub_orders[0].value.modified_at_ms = NOW - 60 * MINUTE_MS;
}

fn done(story: &mut Story, n: i64, intent: Intent) -> EffectId {
    let id = EffectId(n);
    story.effects.push(PastEffect {
        id,
        key: format!("store/1001/{}/hub/1:{}", intent.kind().code(), story.effects.len()),
        automation: "sides_agree".into(),
        connection: hub(),
        intent,
        state: EffectState::Done,
        attempts: 1,
        created_at_ms: NOW,
        not_before_ms: NOW,
        first_sent_at_ms: Some(NOW),
        settled_at_ms: Some(NOW),
        refused_at_ms: None,
        refusal: None,
        ticket: None,
        withdrawn: false,
        receipt: Some(Receipt { remote_id: Some("hub/1".into()), ..Receipt::default() }),
    });
    id
}

/// An order that is there says nothing of a change: the hub must have touched it since.
#[test]
fn a_change_that_the_hub_does_not_show_is_asked_about() {
    let mut story = sent();
    story.order.ship_to.as_mut().unwrap().line1 = "Bryggen 1".into();
    perform(&mut story, &live(), NOW, EffectState::Done);
    let change = story.effects.last().unwrap().id;
    untouched(&mut story, HubStatus::AwaitingShipment);
    assert_eq!(decide(&story, &live(), NOW + MINUTE_MS).prove, [], "lists lag behind");
    assert_eq!(decide(&story, &live(), LATER).prove, [change]);
    let mut missing = story.clone();
    missing.effects.last_mut().unwrap().state = EffectState::Skipped;
    let decision = decide(&missing, &live(), LATER);
    let again = decision.effects.iter().find_map(|planned| match &planned.intent {
        Intent::PutHubOrder { order, hub_order_id } => Some((order.ship_to.line1.as_str(), hub_order_id.as_deref())),
        _ => None,
    });
    assert_eq!(again, Some(("Bryggen 1", Some("hub/1"))), "{decision:?}");
    at_hub(&mut story, HubStatus::AwaitingShipment, NOW + MINUTE_MS);
    assert_eq!(decide(&story, &live(), LATER).prove, []);
}

/// A hold, a release and a cancellation show in where the order stands. What somebody touched there later is his word.
#[test]
fn a_hold_a_release_and_a_cancellation_that_do_not_show_are_asked_about() {
    let (id, key) = (|| "hub/1".to_owned(), || KEY.to_owned());
    let hold = || Intent::HoldHubOrder { hub_order_id: id(), hub_order_key: key(), until_day: "2026-12-01".into() };
    let release = || Intent::ReleaseHubOrder { hub_order_id: id(), hub_order_key: key() };
    let cancel = || Intent::CancelHubOrder { hub_order_id: id(), hub_order_key: key() };
    for (intent, before, after) in [
        (hold(), HubStatus::AwaitingShipment, HubStatus::OnHold),
        (release(), HubStatus::OnHold, HubStatus::AwaitingShipment),
        (cancel(), HubStatus::AwaitingShipment, HubStatus::Cancelled),
    ] {
        let mut story = sent();
        let effect = done(&mut story, 7, intent.clone());
        untouched(&mut story, before.clone());
        assert_eq!(decide(&story, &live(), LATER).prove, [effect], "{intent:?}");
        let mut shown = story.clone();
        untouched(&mut shown, after);
        assert_eq!(decide(&shown, &live(), LATER).prove, [], "{intent:?}");
        let mut touched = story.clone();
        at_hub(&mut touched, before, NOW + MINUTE_MS);
        assert_eq!(decide(&touched, &live(), LATER).prove, [], "{intent:?}");
        // What undoes it speaks for it.
        let other = done(&mut story, 8, if intent.kind() == IntentKind::HoldHubOrder { release() } else { cancel() });
        assert!(!decide(&story, &live(), LATER).prove.contains(&effect), "{intent:?} and {other:?}");
    }
}

/// The store cancelled the order, the hub said that it did, too, and forgot: it is cancelled there again, and not told as
/// "somebody opened it again".
#[test]
fn a_cancellation_the_hub_forgot_is_made_again() {
    let mut story = sent();
    untouched(&mut story, HubStatus::AwaitingShipment);
    story.order.cancelled_at_ms = Some(NOW - MINUTE_MS);
    perform(&mut story, &live(), NOW, EffectState::Done);
    let cancel = story.effects.last().unwrap();
    assert_eq!(cancel.intent.kind(), IntentKind::CancelHubOrder);
    let id = cancel.id;
    assert_eq!(decide(&story, &live(), LATER).prove, [id]);
    story.effects.last_mut().unwrap().state = EffectState::Skipped;
    let decision = decide(&story, &live(), LATER);
    assert_eq!(decision.effects.iter().map(|e| e.intent.kind()).collect::<Vec<_>>(), [IntentKind::CancelHubOrder]);
    assert_eq!(decision.findings, []);
}

/// An answered write of one kind to the store; `shown` is what a reading of the order makes of it.
struct Answered {
    what: &'static str,
    intent: Intent,
    shown: fn(&mut Story),
    /// It is made sure of by name even where a reading shows it: people may undo it later.
    always: bool,
}

fn id() -> String {
    "1001".to_owned()
}

fn refund(total_minor: i64) -> Intent {
    Intent::Refund {
        refund: RefundDraft {
            order_remote_id: id(),
            lines: vec![RefundLineDraft { order_line_id: "line/1".into(), quantity: 1, restock: false }],
            shipping_minor: 0,
            total_minor,
            currency: Currency::new("EUR"),
            reason: "customer".into(),
            note: String::new(),
            notify_customer: false,
            known_refund_ids: vec![],
        },
    }
}

fn cancel(refund: bool) -> Intent {
    Intent::CancelChannelOrder {
        order_remote_id: id(),
        reason: "customer".into(),
        restock: false,
        refund,
        notify_customer: false,
        staff_note: String::new(),
    }
}

fn annotate(note: &str) -> Intent {
    let fields = vec![("hub_number".to_owned(), "1001".to_owned())];
    Intent::AnnotateOrder { order_remote_id: id(), fields, note: note.into(), tags: vec![] }
}

fn case(what: &'static str, intent: Intent, shown: fn(&mut Story), always: bool) -> Answered {
    Answered { what, intent, shown, always }
}

fn answered() -> Vec<Answered> {
    vec![
        case("a refund", refund(1000), |story| story.order.payment = Payment::Refunded, false),
        case("a cancellation", cancel(false), |story| story.order.cancelled_at_ms = Some(NOW), true),
        case(
            "a cancellation with its money",
            cancel(true),
            |story| (story.order.cancelled_at_ms, story.order.payment) = (Some(NOW), Payment::Refunded),
            true,
        ),
        case(
            "a report taken back",
            Intent::CancelFulfillment { order_remote_id: id(), fulfillment_id: "fulfillment/9".into() },
            |story| story.order.fulfillments[0].live = false,
            false,
        ),
        case(
            "a label voided",
            Intent::VoidLabel { parcel_id: "label/1".into() },
            |story| story.parcels[0].value.voided_at_ms = Some(NOW),
            false,
        ),
        case(
            "an acknowledgement",
            Intent::AcknowledgeOrder { order_remote_id: id(), number: "1001".into() },
            |story| story.order.attributes.push(("seller_order_id".into(), "1001".into())),
            false,
        ),
        case("facts", annotate(""), |story| story.order.attributes.push(("hub_number".into(), "1001".into())), true),
    ]
}

/// A story in which the write could be seen, and is not: read since, with a label and a report of it that stand.
fn unmoved(intent: &Intent) -> (Story, EffectId) {
    let mut story = sent();
    let label = Parcel { remote_id: "label/1".into(), ..parcel(1, &[(1, 2), (2, 1)]) };
    ship(&mut story, label);
    told(&mut story, "fulfillment/9", &["TRACK1"], &[(1, 2), (2, 1)]);
    let effect = done(&mut story, 70, intent.clone());
    let last = story.effects.last_mut().unwrap();
    last.connection = if intent.kind() == IntentKind::VoidLabel { hub() } else { channel() };
    story.seen_at_ms = NOW + 20 * MINUTE_MS;
    story.parcels[0].seen_at_ms = NOW + 20 * MINUTE_MS;
    (story, effect)
}

/// Whatever was answered is looked for: by readings within half an hour, then by name.
#[test]
fn every_answer_of_a_store_is_made_sure_of() {
    for Answered { what, intent, shown, always } in answered() {
        let (mut story, effect) = unmoved(&intent);
        let asks = |story: &Story, now_ms| decide(story, &live(), now_ms).prove.contains(&effect);
        assert!(!asks(&story, NOW + MINUTE_MS), "{what}: readings first");
        assert!(asks(&story, LATER), "{what}");
        assert_eq!(sights(&story, &live(), LATER).get(&effect), Some(&Sight::NotYet), "{what}");
        shown(&mut story);
        assert_eq!(asks(&story, LATER), always, "{what}, shown");
        let seen = sights(&story, &live(), LATER).get(&effect).copied();
        assert_eq!(seen, Some(Sight::Seen(NOW + 20 * MINUTE_MS)), "{what}, shown");
        // A reading that was made before the answer shows nothing of it.
        story.seen_at_ms = NOW - MINUTE_MS;
        story.parcels[0].seen_at_ms = NOW - MINUTE_MS;
        assert_eq!(sights(&story, &live(), LATER).get(&effect), Some(&Sight::NotYet), "{what}, read before");
    }
}

/// A remark for the team is on no order that is read: it is asked for by name, once.
#[test]
fn what_no_reading_shows_is_asked_for_by_name() {
    let (mut story, effect) = unmoved(&annotate("On hold at the hub."));
    story.order.attributes.push(("hub_number".into(), "1001".into()));
    assert!(decide(&story, &live(), LATER).prove.contains(&effect));
    assert_eq!(sights(&story, &live(), LATER).get(&effect), Some(&Sight::NotYet));
}

fn told_of(story: &Story, now_ms: i64) -> Vec<(EffectId, String)> {
    let findings = decide(story, &live(), now_ms).findings;
    let told = findings.into_iter().filter(|finding| finding.cause == Cause::Forgotten);
    told.map(|finding| (finding.effect.unwrap(), finding.sentence)).collect()
}

/// As the store hands it out once the platform said no.
fn missing(story: &mut Story, effect: EffectId) {
    story.effects.iter_mut().find(|one| one.id == effect).unwrap().state = EffectState::Skipped;
}

/// What a person decided and the platform forgot is told, and never done a second time by itself.
#[test]
fn what_a_person_decided_and_a_platform_forgot_becomes_an_exception() {
    for (intent, says) in [
        (refund(1000), "answered that it gave 10.00 EUR back"),
        (cancel(true), "answered that the order is cancelled, and still shows it open"),
        (Intent::VoidLabel { parcel_id: "label/1".into() }, "answered that the label TRACK1 is voided"),
    ] {
        let (mut story, effect) = unmoved(&intent);
        assert!(told_of(&story, LATER).is_empty(), "{says}");
        missing(&mut story, effect);
        let told = told_of(&story, LATER);
        assert_eq!(told.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [effect], "{says}");
        assert!(told[0].1.contains(says), "{}", told[0].1);
        let again = decide(&story, &live(), LATER).effects;
        assert!(!again.iter().any(|planned| planned.intent.kind() == intent.kind()), "{says}: {again:?}");
        // It came late after all.
        let mut late = story.clone();
        if intent.kind() == IntentKind::VoidLabel {
            late.parcels[0].value.voided_at_ms = Some(NOW);
        } else {
            (late.order.cancelled_at_ms, late.order.payment) = (Some(NOW), Payment::Refunded);
        }
        assert!(told_of(&late, LATER).is_empty(), "{says}");
        // Somebody clicked once more: from here on that one is looked after.
        let once_more = done(&mut story, 71, intent.clone());
        let last = story.effects.last_mut().unwrap();
        (last.created_at_ms, last.settled_at_ms) = (LATER, Some(LATER));
        assert!(told_of(&story, LATER + MINUTE_MS).is_empty(), "{says}");
        assert!(decide(&story, &live(), LATER + 31 * MINUTE_MS).prove.contains(&once_more), "{says}");
    }
}

/// Two units given back one after the other look the same: the second, clicked before anybody knew that the first was
/// missing, is no repetition of it. Neither speaks for the other.
#[test]
fn two_refunds_alike_are_two() {
    let (mut story, first) = unmoved(&refund(1000));
    let second = done(&mut story, 71, refund(1000));
    story.effects.last_mut().unwrap().created_at_ms = NOW + MINUTE_MS;
    let asked = decide(&story, &live(), LATER + MINUTE_MS).prove;
    assert!(asked.contains(&first) && asked.contains(&second), "{asked:?}");
    missing(&mut story, first);
    let told: Vec<EffectId> = told_of(&story, LATER).into_iter().map(|(id, _)| id).collect();
    assert_eq!(told, [first]);
}

/// The order is cancelled, and the money that belonged to it is still shown there.
#[test]
fn money_that_a_cancellation_forgot_is_told() {
    let (mut story, effect) = unmoved(&cancel(true));
    story.order.cancelled_at_ms = Some(NOW);
    assert!(decide(&story, &live(), LATER).prove.contains(&effect));
    missing(&mut story, effect);
    let told = told_of(&story, LATER);
    assert!(told.len() == 1 && told[0].1.contains("does not show that all of its money was given back"), "{told:?}");
    // Without money there is nothing to miss.
    let Intent::CancelChannelOrder { refund, .. } = &mut story.effects.last_mut().unwrap().intent else { panic!() };
    *refund = false;
    assert!(told_of(&story, LATER).is_empty());
}

/// A report that was to be taken back and still stands is taken back again, under a new key.
#[test]
fn a_take_back_that_the_store_forgot_is_planned_again() {
    let mut story = sent();
    ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
    perform(&mut story, &live(), NOW, EffectState::Done);
    told(&mut story, "fulfillment/2", &["TRACK1"], &[(1, 2), (2, 1)]);
    story.parcels[0].value.voided_at_ms = Some(NOW + MINUTE_MS);
    let policy = set(live(), "tracking_to_channel", "take_back_min", "5");
    perform(&mut story, &policy, NOW + 10 * MINUTE_MS, EffectState::Done);
    let back = story.effects.iter().rev().find(|one| one.intent.kind() == IntentKind::CancelFulfillment).unwrap();
    let (effect, key, later) = (back.id, back.key.clone(), NOW + 45 * MINUTE_MS);
    assert!(decide(&story, &policy, later).prove.contains(&effect));
    missing(&mut story, effect);
    let decision = decide(&story, &policy, later);
    let again: Vec<&PlannedEffect> =
        decision.effects.iter().filter(|planned| planned.intent.kind() == IntentKind::CancelFulfillment).collect();
    assert!(again.len() == 1 && again[0].key != key, "{decision:?}");
}

/// Forgotten once or twice it is sent again in silence; a platform that never keeps it is told of.
#[test]
fn a_platform_that_forgets_again_and_again_is_told_of() {
    for (times, expected) in [(1, 0), (2, 0), (3, 1), (4, 1)] {
        let mut story = story();
        for n in 0..times {
            perform(&mut story, &live(), NOW + n * 40 * MINUTE_MS, EffectState::Done);
            story.effects.last_mut().unwrap().state = EffectState::Skipped;
        }
        assert_eq!(story.effects.len(), usize::try_from(times).unwrap());
        let told = told_of(&story, NOW + 200 * MINUTE_MS);
        assert_eq!(told.len(), expected, "{times}: {told:?}");
        let planned = decide(&story, &live(), NOW + 200 * MINUTE_MS).effects;
        assert!(planned.iter().any(|one| one.intent.kind() == IntentKind::PutHubOrder), "it is tried on: {planned:?}");
    }
}

/// A return label may stand under a shipment of its own: what comes back and was not there before is it, whatever its name.
#[test]
fn a_return_label_under_another_shipment_was_not_forgotten() {
    let back = |remote_id: &str, change: &dyn Fn(&mut Parcel)| {
        let mut value = Parcel {
            remote_id: remote_id.into(),
            is_return: true,
            hub_order_id: Some("hub/77".into()),
            hub_order_key: None,
            ..parcel(7, &[(1, 1)])
        };
        change(&mut value);
        Seen { connection: hub(), seen_at_ms: NOW + MINUTE_MS, value }
    };
    for (what, parcels, told) in [
        ("nothing comes back", vec![], 1),
        ("one that was known before", vec![back("label:6", &|_| {})], 1),
        ("one that goes out", vec![back("label:9", &|parcel| parcel.is_return = false)], 1),
        ("one under a shipment of its own", vec![back("label:9", &|_| {})], 0),
        ("the same, voided since", vec![back("label:9", &|parcel| parcel.voided_at_ms = Some(NOW))], 0),
        ("by its name", vec![back("hub/1", &|_| {})], 0),
    ] {
        let mut story = sent();
        let intent = Intent::ReturnLabel {
            hub_order_id: "hub/1".into(),
            hub_order_key: KEY.into(),
            parcel_id: "label:1".into(),
            known_label_ids: vec!["label:6".into()],
        };
        done(&mut story, 90, intent);
        // As the store hands it out once the hub said no.
        story.effects.last_mut().unwrap().state = EffectState::Skipped;
        story.parcels.extend(parcels);
        let findings = decide(&story, &live(), LATER).findings;
        let forgotten = findings.iter().filter(|finding| finding.cause == Cause::Forgotten).count();
        assert_eq!(forgotten, told, "{what}: {findings:?}");
    }
}

/// An answer to a return request shows with the return; until then it is asked about, and one that was forgotten is told.
#[test]
fn an_answer_to_a_return_request_is_made_sure_of() {
    for (what, status, asked_about, told) in [
        ("still asked for", ReturnStatus::Requested, true, 1),
        ("agreed to", ReturnStatus::Open, false, 0),
        ("a word nobody knows", ReturnStatus::Unknown("odd".into()), false, 0),
    ] {
        let mut story = sent();
        let value = Return {
            remote_id: "return/7".into(),
            order_remote_id: story.order.remote_id.clone(),
            number: "#1001-R1".into(),
            status,
            lines: vec![],
            tracking_number: String::new(),
            requested_at_ms: NOW - MINUTE_MS,
            received_at_ms: None,
            resolution: String::new(),
            refunded: None,
            updated_at_ms: NOW,
        };
        story.returns = vec![Seen { connection: channel(), seen_at_ms: NOW + MINUTE_MS, value }];
        let intent = Intent::AnswerReturn {
            order_remote_id: story.order.remote_id.clone(),
            return_id: "return/7".into(),
            decline: None,
            note: String::new(),
            notify_customer: true,
        };
        let answer = done(&mut story, 91, intent);
        assert_eq!(decide(&story, &live(), LATER).prove.contains(&answer), asked_about, "{what}");
        missing(&mut story, answer);
        assert_eq!(told_of(&story, LATER).len(), told, "{what}");
    }
}
