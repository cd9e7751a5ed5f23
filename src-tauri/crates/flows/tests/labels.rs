//! Labels bought by themselves: for which orders, by which wish, and never twice.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
use common::*;
use quayside_flows::rate_choice::{self, Typed};
use quayside_flows::{Policy, decide};
use quayside_model::time::DAY_MS;
use quayside_model::*;

const LABELS: &str = "labels";

/// Everything acts, and the cheapest label is to be taken.
fn cheapest() -> Policy {
    set(policy(Mode::Auto), LABELS, "policy", "cheapest")
}

fn planned(story: &Story, policy: &Policy) -> Vec<PlannedEffect> {
    let effects = decide(story, policy, NOW).effects;
    effects.into_iter().filter(|effect| effect.intent.kind() == IntentKind::BuyLabel).collect()
}

fn purchase(story: &mut Story) -> &mut PastEffect {
    story.effects.iter_mut().find(|effect| effect.intent.kind() == IntentKind::BuyLabel).unwrap()
}

#[test]
fn an_order_that_is_ready_at_the_hub_gets_its_label() {
    let planned = planned(&sent(), &cheapest());
    let [only] = planned.as_slice() else { panic!("{planned:?}") };
    let Intent::BuyLabel { label } = &only.intent else { panic!() };
    assert_eq!((label.hub_order_id.as_str(), label.hub_order_key.as_str()), ("hub/1", KEY));
    assert_eq!((&label.wish, label.most_minor, label.day_left_minor), (&LabelWish::Cheapest, None, None));
    assert_eq!((&only.connection, only.mode), (&hub(), Mode::Auto));
    assert_eq!(only.sentence, "Buy the label of #1001 at Hub");
}

#[test]
fn nothing_is_bought_before_somebody_let_it_go_and_said_what() {
    assert!(planned(&sent(), &policy(Mode::Auto)).is_empty(), "nobody said which");
    assert_eq!(Policy::default().automation(LABELS).mode, Mode::Off);
    for (mode, planned_as) in [(Mode::Off, None), (Mode::Watch, Some(Mode::Watch)), (Mode::Ask, Some(Mode::Ask))] {
        let mut policy = cheapest();
        policy.automations.get_mut(LABELS).unwrap().mode = mode;
        let modes: Vec<Mode> = planned(&sent(), &policy).into_iter().map(|effect| effect.mode).collect();
        assert_eq!(modes, planned_as.into_iter().collect::<Vec<_>>(), "{mode:?}");
    }
    let mut policy = cheapest();
    policy.peers.get_mut(&hub()).unwrap().performs.retain(|kind| *kind != IntentKind::BuyLabel);
    assert!(planned(&sent(), &policy).is_empty(), "the hub sells none");
    assert!(planned(&sent(), &set(cheapest(), LABELS, "test", "true")).is_empty(), "test labels are bought by hand");
}

#[test]
fn whatever_is_odd_about_an_order_leaves_its_label_to_a_person() {
    type Bends = fn(&mut Story);
    let cases: [(&str, Bends); 10] = [
        ("its marketplace says where", |story| {
            story.order.attributes.push((LABELS_FROM.into(), "Amazon Buy Shipping".into()));
        }),
        ("it has a label", |story| ship(story, parcel(1, &[(1, 2), (2, 1)]))),
        ("its label was voided", |story| {
            story.parcels.push(Seen {
                connection: hub(),
                seen_at_ms: NOW,
                value: Parcel { voided_at_ms: Some(NOW - MIN), ..parcel(1, &[(1, 2)]) },
            });
        }),
        ("cancelled", |story| story.order.cancelled_at_ms = Some(NOW)),
        ("not paid", |story| story.order.payment = Payment::Pending),
        ("a test order", |story| story.order.test = true),
        ("held by a person", |story| {
            story.choices.hold = Some(PersonHold { reason: String::new(), until_ms: None, since_ms: NOW });
        }),
        ("on hold there", |story| story.hub_orders[0].value.status = HubStatus::OnHold),
        ("merged with others there", |story| story.hub_orders[0].value.merged_ids = vec!["hub/0".into()]),
        ("not there", |story| story.hub_orders.clear()),
    ];
    for (what, change) in cases {
        let mut story = sent();
        change(&mut story);
        let planned = planned(&story, &cheapest());
        assert!(planned.is_empty(), "{what}: {planned:?}");
    }
}

#[test]
fn it_is_planned_once_whatever_became_of_it() {
    for state in [
        EffectState::Asked,
        EffectState::Pending,
        EffectState::Unknown,
        EffectState::Refused,
        EffectState::Done,
        EffectState::Skipped,
    ] {
        let mut story = sent();
        perform(&mut story, &cheapest(), NOW, state);
        let again = planned(&story, &cheapest());
        assert!(again.is_empty(), "{state:?}: {again:?}");
    }
}

/// A person's no holds for ever; a mode that was lowered is no person's no.
#[test]
fn what_a_lowered_mode_took_back_is_planned_again() {
    for withdrawn in [true, false] {
        let mut story = sent();
        perform(&mut story, &cheapest(), NOW, EffectState::Skipped);
        purchase(&mut story).withdrawn = withdrawn;
        let modes: Vec<Mode> = planned(&story, &cheapest()).into_iter().map(|effect| effect.mode).collect();
        // It costs money and may be late: with a click, also in Auto.
        assert_eq!(modes, if withdrawn { vec![Mode::Ask] } else { vec![] }, "{withdrawn}");
    }
}

/// Money: what the hub answered and then does not have is told, and not bought once more by itself.
#[test]
fn a_label_that_the_hub_forgot_is_told() {
    let mut story = sent();
    perform(&mut story, &cheapest(), NOW, EffectState::Done);
    let effect = purchase(&mut story);
    effect.receipt = Some(Receipt { remote_id: Some("label:7".into()), ..Receipt::default() });
    let id = effect.id;
    let later = NOW + 40 * MIN;
    assert!(decide(&story, &cheapest(), later).prove.contains(&id), "it is asked for by name");
    purchase(&mut story).state = EffectState::Skipped;
    let decision = decide(&story, &cheapest(), later);
    let told: Vec<&str> =
        decision.findings.iter().filter(|f| f.cause == Cause::Forgotten).map(|f| f.sentence.as_str()).collect();
    assert!(told.len() == 1 && told[0].contains("not bought a second time by itself"), "{told:?}");
    assert!(!decision.effects.iter().any(|effect| effect.intent.kind() == IntentKind::BuyLabel));
    // It came late after all.
    let mut late = story.clone();
    ship(&mut late, Parcel { remote_id: "label:7".into(), ..parcel(7, &[(1, 2), (2, 1)]) });
    assert!(!decide(&late, &cheapest(), later).findings.iter().any(|f| f.cause == Cause::Forgotten));
}

#[test]
fn what_waits_for_a_click_is_taken_back_once_there_is_a_label() {
    let mut policy = cheapest();
    policy.automations.get_mut(LABELS).unwrap().mode = Mode::Ask;
    let mut story = sent();
    perform(&mut story, &policy, NOW, EffectState::Asked);
    let asked = purchase(&mut story).id;
    assert_eq!(decide(&story, &policy, NOW).waits_on.code, "approval");
    ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
    let overtaken: Vec<EffectId> = decide(&story, &policy, NOW).overtaken.into_iter().map(|(id, _)| id).collect();
    assert_eq!(overtaken, [asked]);
}

/// A click that waits in the line is taken back with the order it was for; a hold that is over holds nothing.
#[test]
fn nothing_is_paid_for_a_cancelled_order() {
    let mut story = sent();
    perform(&mut story, &cheapest(), NOW, EffectState::Pending);
    for automation in ["person", LABELS] {
        purchase(&mut story).automation = automation.into();
        let id = purchase(&mut story).id;
        let overtaken = |story: &Story| decide(story, &cheapest(), NOW).overtaken.iter().any(|(other, _)| *other == id);
        story.order.cancelled_at_ms = None;
        assert!(!overtaken(&story), "{automation}");
        story.order.cancelled_at_ms = Some(NOW);
        assert!(overtaken(&story), "{automation}");
    }
    for (until_ms, labels) in [(None, 0), (Some(NOW + MIN), 0), (Some(NOW - MIN), 1)] {
        let mut story = sent();
        story.choices.hold = Some(PersonHold { reason: String::new(), until_ms, since_ms: NOW - 2 * MIN });
        assert_eq!(planned(&story, &cheapest()).len(), labels, "{until_ms:?}");
    }
}

fn drafted(policy: &Policy, story: &Story) -> Result<LabelDraft, String> {
    let hub = &policy.peers[&hub()];
    rate_choice::draft(story, policy, hub, &story.hub_orders[0].value, &Typed::default(), NOW)
}

#[test]
fn the_settings_say_what_is_taken() {
    let with = |pairs: &[(&str, &str)]| {
        pairs.iter().fold(policy(Mode::Auto), |policy, (name, value)| set(policy, LABELS, name, value))
    };
    let by = |day: Option<&str>| LabelWish::ArriveBy { day: day.map(str::to_owned) };
    let preferred = |percent| LabelWish::Preferred { carrier: "DPD".into(), dearer_percent: percent };
    for (pairs, expected) in [
        (vec![("policy", "cheapest"), ("price_max", "9.50")], Ok((LabelWish::Cheapest, Some(950)))),
        (vec![("policy", "arrive_by")], Ok((by(None), None))),
        (vec![("policy", "arrive_by"), ("within_days", "3")], Ok((by(Some("2026-11-23")), None))),
        (vec![("policy", "fastest_under"), ("price_max", "12")], Ok((LabelWish::Fastest, Some(1_200)))),
        (vec![("policy", "fastest_under")], Err("Set the highest price")),
        (vec![("policy", "preferred"), ("carrier", "DPD")], Ok((preferred(10), None))),
        (vec![("policy", "preferred"), ("carrier", "DPD"), ("dearer_percent", "0")], Ok((preferred(0), None))),
        (vec![("policy", "preferred")], Err("Name the preferred carrier")),
        (vec![("policy", "cheapest"), ("price_max", "a lot")], Err("is no amount")),
        (vec![], Err("say in the settings")),
    ] {
        let got = drafted(&with(&pairs), &sent());
        match expected {
            Ok((wish, most_minor)) => {
                let draft = got.unwrap();
                assert_eq!((draft.wish, draft.most_minor), (wish, most_minor), "{pairs:?}");
            }
            Err(says) => assert!(got.as_ref().is_err_and(|why| why.contains(says)), "{pairs:?}: {got:?}"),
        }
    }
}

#[test]
fn a_day_that_is_over_promises_nothing() {
    let policy = set(policy(Mode::Auto), LABELS, "policy", "arrive_by");
    let mut story = sent();
    for (deliver_by_ms, day) in
        [(Some(NOW + 2 * DAY_MS), Some("2026-11-22")), (Some(NOW - 2 * DAY_MS), None), (None, None)]
    {
        story.order.deliver_by_ms = deliver_by_ms;
        assert_eq!(rate_choice::promised_day(&story, &policy, NOW).as_deref(), day, "{deliver_by_ms:?}");
    }
}

#[test]
fn the_days_limit_is_counted_from_the_hubs_midnight() {
    let policy = policy(Mode::Auto);
    let there = &policy.peers[&hub()];
    let eur = |minor: i64| Money::new(minor, Currency::new("EUR"));
    let limit = rate_choice::limit(&policy, there, Some(Currency::new("EUR"))).unwrap().unwrap();
    assert_eq!(limit, eur(10_000));
    for (paid, left) in [(vec![], 10_000), (vec![eur(590), eur(410)], 9_000), (vec![eur(10_500)], -500)] {
        assert_eq!(rate_choice::left_minor(&limit, &paid), left, "{paid:?}");
    }
    // 09:00 in Berlin: the day began nine hours ago.
    assert_eq!(rate_choice::day_start_ms(&policy, there, NOW), NOW - 9 * 60 * MIN);
    let none = set(policy.clone(), LABELS, "spend_day", " ");
    assert_eq!(rate_choice::limit(&none, &none.peers[&hub()], None), Ok(None));
    let odd = set(policy.clone(), LABELS, "spend_day", "plenty");
    assert!(rate_choice::limit(&odd, &odd.peers[&hub()], None).is_err(), "nothing is bought then");
}
