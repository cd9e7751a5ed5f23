//! `explain`: every reason with the story that gives it.
#![allow(missing_docs, clippy::unwrap_used, clippy::too_many_lines)]

mod common;
use common::*;
use quayside_flows::rules::{ReadyRules, Rule, RuleAction, RuleBook, Test};
use quayside_flows::why::{AccountTrouble, explain, reasons};
use quayside_flows::{Policy, Shapers, decide};
use quayside_model::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const LATER: i64 = NOW + 120 * MIN;

/// A case: its reason, the story, the policy, and what is wrong with accounts.
type Case = (&'static str, Story, Policy, Vec<AccountTrouble>, i64);

fn auto() -> Policy {
    policy(Mode::Auto)
}

fn changed(mut story: Story, change: impl FnOnce(&mut Story)) -> Story {
    change(&mut story);
    story
}

fn refused(cause: Cause) -> Story {
    let mut story = story();
    perform(&mut story, &auto(), NOW - 5 * MIN, EffectState::Done);
    let effect = &mut story.effects[0];
    effect.state = EffectState::Refused;
    effect.receipt = None;
    effect.refusal = Some(Refusal::new(cause, "The hub said no."));
    story
}

fn trouble(connection: ConnectionId, cause: Cause) -> Vec<AccountTrouble> {
    vec![AccountTrouble { connection, cause, sentence: cause.title().into(), since_ms: NOW - MIN }]
}

fn held(reason: &str) -> Story {
    changed(story(), |s| {
        s.order.fulfillment_orders[0].status = "on_hold".into();
        s.order.fulfillment_orders[0].can_fulfill = false;
        s.order.fulfillment_orders[0].holds =
            vec![Hold { remote_id: "h".into(), reason: reason.into(), notes: String::new(), ours: false }];
    })
}

/// As a marketplace tells it: its work could be shipped and is held, and the order has a tag.
fn wants_out() -> Story {
    changed(held("the buyer asks to cancel (Ordered by mistake)"), |s| {
        let work = &mut s.order.fulfillment_orders[0];
        work.status = "unshipped".into();
        work.can_fulfill = true;
        work.holds[0].remote_id = CANCEL_WISH.into();
        s.order.tags.push(CANCEL_WISH_TAG.into());
    })
}

fn shipped() -> Story {
    changed(sent(), |s| ship(s, parcel(1, &[(1, 2), (2, 1)])))
}

/// Left, as far as the hub knows; the carrier says this.
fn on_its_way(state: TrackState) -> Story {
    let track = Track { state, at_ms: Some(NOW - MIN), says: String::new(), expected_ms: None };
    changed(shipped(), |s| s.parcels[0].value.track = Some(track))
}

fn told_all() -> Story {
    let mut story = shipped();
    told(&mut story, "fulfillment/2", &["TRACK1"], &[(1, 2), (2, 1)]);
    story
}

fn with_mode(mode: Mode) -> Policy {
    policy(mode)
}

fn rule_holds() -> Policy {
    let mut policy = auto();
    let rule = Rule {
        id: "r".into(),
        name: "Look".into(),
        on: true,
        when: Test::All { tests: vec![] },
        then: vec![RuleAction::Hold { text: "first".into() }],
    };
    policy.shapers = Arc::new(Shapers {
        rules: ReadyRules::new(RuleBook { rules: vec![rule], first_only: false }, &BTreeMap::new()),
        ..Shapers::default()
    });
    policy
}

/// The same sale as another store's order, which was sent there or will be.
fn twin(sent: bool) -> Story {
    changed(story(), |s| {
        s.order.sold_on = Some(SoldOn { number: "113-0000001-7654321".into(), ..SoldOn::default() });
        let mut order = s.order.clone();
        order.number = "113-0000001-7654321".into();
        s.twins = vec![Twin {
            order_id: OrderId(2),
            connection: hub(),
            order,
            side: TwinSide::Original,
            sent,
            open: true,
            choices: Choices::default(),
        }];
    })
}

fn cases() -> Vec<Case> {
    let plain = |code, story: Story| -> Case { (code, story, auto(), vec![], NOW) };
    let pay = |payment: Payment| changed(story(), |s| s.order.payment = payment);
    let deliver = |delivery: Delivery| changed(story(), |s| s.order.delivery = delivery);
    let mut late = auto();
    late.automations.get_mut("orders_to_hub").unwrap().go_live_ms = Some(NOW);
    let imported = changed(story(), |s| {
        at_hub(s, HubStatus::AwaitingShipment, NOW - 5 * MIN);
        let mut stray = s.hub_orders.remove(0);
        (stray.value.key, stray.value.number) = ("their-own".into(), "1001".into());
        s.strays = vec![stray];
    });
    let mut hub_imports = auto();
    hub_imports.peers.get_mut(&channel()).unwrap().writes = quayside_flows::Writes::Hub;
    let mut unsaid = auto();
    unsaid.peers.get_mut(&hub()).unwrap().own_links =
        Some(vec![OwnLink { id: "7".into(), name: "Web".into(), marketplace: "Shop".into() }]);
    let mut no_hub = auto();
    no_hub.peers.remove(&hub());
    let mut no_store = auto();
    no_store.peers.remove(&channel());
    let mut paused = auto();
    paused.peers.get_mut(&hub()).unwrap().paused = true;
    let mut no_tracking = auto();
    no_tracking.automations.get_mut("tracking_to_channel").unwrap().mode = Mode::Off;
    let asked = {
        let mut story = story();
        perform(&mut story, &policy(Mode::Ask), NOW - 5 * MIN, EffectState::Asked);
        story
    };
    let pending = {
        let mut story = story();
        perform(&mut story, &auto(), NOW - 5 * MIN, EffectState::Pending);
        story
    };
    let lost = changed(refused(Cause::OutcomeUnknown), |s| s.effects[0].state = EffectState::Unknown);
    let report_refused = {
        let mut story = shipped();
        perform(&mut story, &auto(), NOW, EffectState::Done);
        let effect = story.effects.last_mut().unwrap();
        effect.state = EffectState::Refused;
        effect.receipt = None;
        effect.refusal = Some(Refusal::new(Cause::FulfillmentRefused, "No such line."));
        effect.settled_at_ms = None;
        effect.refused_at_ms = Some(NOW);
        story
    };
    let mut split = changed(sent(), |s| {
        let mut part = s.hub_orders[0].clone();
        part.value.remote_id = "hub/2".into();
        part.value.key = "theirs".into();
        part.value.parent_id = Some("hub/1".into());
        s.hub_orders[0].value.lines.truncate(1);
        part.value.lines.remove(0);
        s.hub_orders.push(part);
    });
    ship(&mut split, parcel(1, &[(1, 2)]));
    told(&mut split, "f", &["TRACK1"], &[(1, 2)]);
    let mut partly = sent();
    ship(&mut partly, parcel(1, &[(1, 2)]));
    partly.hub_orders[0].value.status = HubStatus::AwaitingShipment;
    told(&mut partly, "f", &["TRACK1"], &[(1, 2)]);
    let short = {
        let mut story = sent();
        ship(&mut story, parcel(1, &[(1, 1), (2, 1)]));
        perform(&mut story, &auto(), NOW, EffectState::Done);
        told(&mut story, "fulfillment/2", &["TRACK1"], &[(1, 1), (2, 1)]);
        story
    };
    vec![
        plain("unpaid", pay(Payment::Pending)),
        plain("part_paid", pay(Payment::PartiallyPaid)),
        plain("authorised", pay(Payment::Authorized)),
        plain("payment_gone", pay(Payment::Expired)),
        plain("fraud_review", changed(story(), |s| s.order.risk = Some("cancel".into()))),
        plain("test_order", changed(story(), |s| s.order.test = true)),
        plain(
            "not_routed",
            changed(story(), |s| {
                s.order.fulfillment_orders.clear();
                s.received_at_ms = NOW - MIN;
            }),
        ),
        plain(
            "scheduled",
            changed(story(), |s| {
                s.order.fulfillment_orders[0].can_fulfill = false;
                s.order.fulfillment_orders[0].fulfill_at_ms = Some(LATER);
            }),
        ),
        ("filtered_by_rule", story(), rule_holds(), vec![], NOW),
        ("before_go_live", story(), late, vec![], NOW),
        ("automation_off", story(), with_mode(Mode::Off), vec![], NOW),
        ("only_watching", story(), with_mode(Mode::Watch), vec![], NOW),
        ("waits_for_click", asked, with_mode(Mode::Ask), vec![], NOW),
        ("no_hub", story(), no_hub, vec![], NOW),
        ("seen_twice", imported, auto(), vec![], NOW),
        ("hub_imports", story(), hub_imports, vec![], NOW),
        ("who_writes", story(), unsaid, vec![], NOW),
        ("sold_elsewhere", twin(true), auto(), vec![], NOW),
        ("twin_waits", twin(false), auto(), vec![], NOW),
        ("store_removed", story(), no_store, vec![], NOW),
        ("sign_in", pending.clone(), auto(), trouble(hub(), Cause::SignInNeeded), NOW),
        ("scope_missing", shipped(), auto(), trouble(channel(), Cause::ScopeMissing), NOW),
        ("account_unreachable", pending.clone(), auto(), trouble(hub(), Cause::Offline), NOW),
        ("rate_budget", pending.clone(), auto(), trouble(hub(), Cause::RateLimited), NOW),
        ("account_paused", pending.clone(), paused, vec![], NOW),
        (
            "unknown_sku",
            changed(story(), |s| s.order.lines[0].sku.clear()),
            set(auto(), "orders_to_hub", "require_sku", "true"),
            vec![],
            NOW,
        ),
        plain("address_incomplete", changed(story(), |s| s.order.ship_to.as_mut().unwrap().city.clear())),
        plain("address_refused", refused(Cause::AddressRefused)),
        plain("service_refused", refused(Cause::ServiceRefused)),
        plain("hub_refused", refused(Cause::ContentRefused)),
        plain("by_hand", refused(Cause::ChangeByHand)),
        plain(
            "held_by_you",
            changed(story(), |s| {
                s.choices.hold = Some(PersonHold { reason: "call".into(), until_ms: Some(LATER), since_ms: NOW - MIN });
            }),
        ),
        plain("held_in_store", held("awaiting risk review")),
        plain("back_ordered", held("INVENTORY_OUT_OF_STOCK")),
        plain("held_at_hub", changed(sent(), |s| s.hub_orders[0].value.status = HubStatus::OnHold)),
        plain("on_its_way", pending),
        plain("outcome_unknown", lost),
        plain("picking", sent()),
        plain("parcel_not_read", changed(sent(), |s| s.hub_orders[0].value.status = HubStatus::Shipped)),
        ("tracking_not_reported", shipped(), no_tracking, vec![], NOW),
        plain("report_refused", report_refused),
        plain("label_voided", {
            let mut story = told_all();
            story.parcels[0].value.voided_at_ms = Some(NOW - MIN);
            story.effects.clear();
            perform(&mut story, &auto(), NOW - 45 * MIN, EffectState::Done);
            story
        }),
        plain("merged", changed(sent(), |s| s.hub_orders[0].value.merged_ids = vec!["hub/8".into(), "hub/9".into()])),
        plain("split_open", split),
        plain("partly_shipped", partly),
        plain("cancelled_one_side", changed(sent(), |s| s.hub_orders[0].value.status = HubStatus::Cancelled)),
        plain("cancelled_after_label", changed(shipped(), |s| s.order.cancelled_at_ms = Some(NOW))),
        plain("edited_too_late", changed(shipped(), |s| s.order.lines[0].current_quantity = 1)),
        plain(
            "sides_differ",
            changed(sent(), |s| s.hub_orders[0].value.ship_to.as_mut().unwrap().city = "Oslo".into()),
        ),
        ("lines_do_not_balance", short, auto(), vec![], LATER),
        plain("digital_only", changed(story(), |s| s.order.lines.iter_mut().for_each(|l| l.requires_shipping = false))),
        plain("pickup", deliver(Delivery::Pickup)),
        plain("own_delivery", deliver(Delivery::Local)),
        plain("over_the_counter", deliver(Delivery::Retail)),
        plain("fulfilled_by_others", changed(story(), |s| s.order.fulfillment_orders[0].third_party = true)),
        plain("buyer_asked_cancel", wants_out()),
        ("past_ship_by", story(), auto(), vec![], NOW + 30 * 24 * 60 * MIN),
        plain(
            "ship_by_near",
            changed(sent(), |s| {
                s.order.attributes.push((LABELS_FROM.into(), "Market Buy Shipping".into()));
                s.order.ship_by_ms = Some(NOW + 30 * MIN);
            }),
        ),
        plain(
            "label_elsewhere",
            changed(shipped(), |s| s.order.attributes.push((LABELS_FROM.into(), "Market Buy Shipping".into()))),
        ),
        plain(
            "another_address",
            changed(shipped(), |s| s.hub_orders[0].value.ship_to.as_mut().unwrap().line1 = "Elsewhere 1".into()),
        ),
        plain("carrier_delay", changed(told_all(), |s| s.order.deliver_by_ms = Some(NOW - MIN))),
        plain("label_not_scanned", on_its_way(TrackState::LabelMade)),
        plain("carrier_trouble", on_its_way(TrackState::Held)),
        plain(
            "returned",
            changed(told_all(), |s| {
                let mut back = parcel(9, &[(1, 1)]);
                back.is_return = true;
                s.parcels.push(Seen { connection: hub(), seen_at_ms: NOW, value: back });
            }),
        ),
        plain("archived", changed(story(), |s| s.order.closed_at_ms = Some(NOW))),
        plain("shipped", told_all()),
        plain("cancelled", changed(story(), |s| s.order.cancelled_at_ms = Some(NOW))),
    ]
}

#[test]
fn every_reason_has_a_story_and_evidence() {
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for (code, story, policy, accounts, now_ms) in cases() {
        let explained = explain(&story, &policy, &accounts, now_ms);
        let codes: Vec<&str> = explained.reasons.iter().map(|reason| reason.code.as_str()).collect();
        if !codes.contains(&code) {
            wrong.push(format!("{code}: {codes:?}"));
            continue;
        }
        for reason in &explained.reasons {
            assert!(!reason.sentence.trim().is_empty() && !reason.help.is_empty() && reason.since_ms > 0, "{reason:?}");
            assert!(reason.evidence.iter().all(|e| !e.record.is_empty() && !e.says.is_empty()), "{reason:?}");
        }
        // The screens hang each reason onto what they show already: the exception, or what the queue says.
        let waits = decide(&story, &policy, now_ms).waits_on.code;
        let about: Vec<&str> = explained.reasons.iter().map(|reason| reason.about.as_str()).collect();
        assert!(about.contains(&waits.as_str()), "{code}: it waits on {waits}; told: {about:?}");
        seen.insert(code);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let untold: Vec<&str> = reasons().map(|(code, ..)| code).filter(|code| !seen.contains(code)).collect();
    assert_eq!(untold, ["mapping_failed", "to_send", "another_reason"], "the last is for what nobody foresaw");
    assert!(seen.len() >= 50, "{}", seen.len());
}

/// Causes that ask for a person and that no click here ends, and why.
const NO_BUTTON: [(Cause, &str); 3] = [
    (Cause::VersionEnds, "a newer Quayside is installed as any program is, and it goes by itself"),
    (Cause::FieldsChanged, "it is mended at the platform, and goes by itself"),
    (Cause::ClockWrong, "the clock is set in the computer's own settings"),
];

#[test]
fn what_asks_for_a_person_has_a_button_where_it_stands() {
    let asks = |tone: Tone| matches!(tone, Tone::Warning | Tone::Danger | Tone::Hold);
    let told = [
        ("waits_for_click", Action::Approve),
        ("no_hub", Action::Connect),
        ("automation_off", Action::SwitchOn),
        ("held_by_you", Action::Release),
        ("filtered_by_rule", Action::ShipAnyway),
    ];
    let mut seen = Vec::new();
    for (code, story, policy, _, now_ms) in cases() {
        let waits = decide(&story, &policy, now_ms).waits_on;
        assert!(!asks(waits.tone) || waits.action.is_some(), "{code}: {waits:?}");
        if let Some((_, action)) = told.iter().find(|(each, _)| *each == code) {
            assert_eq!((asks(waits.tone), waits.action), (true, Some(*action)), "{code}: {waits:?}");
            seen.push(code);
        }
    }
    assert_eq!(seen.len(), told.len(), "{seen:?}");
    for cause in Cause::ALL.iter().copied().filter(|cause| asks(cause.tone())) {
        let without = NO_BUTTON.iter().any(|(each, _)| *each == cause);
        assert_eq!(cause.actions().is_empty(), without, "{cause}");
    }
}

#[test]
#[allow(clippy::large_stack_arrays)] // a story for each
fn a_hold_says_until_when() {
    const HOUR: i64 = 60 * MIN;
    let by_person = |reason: &str, until_ms: Option<i64>| {
        let hold = PersonHold { reason: reason.into(), until_ms, since_ms: NOW - MIN };
        changed(story(), |s| s.choices.hold = Some(hold))
    };
    let at_hub = |until_ms: Option<i64>| {
        changed(sent(), |s| {
            s.hub_orders[0].value.status = HubStatus::OnHold;
            s.hub_orders[0].value.hold_until_ms = until_ms;
        })
    };
    // It is Friday, 20 November 2026, 09:00 in Berlin.
    for (what, story, code, sentence, says) in [
        (
            "by a person, with an end",
            by_person("call first", Some(LATER)),
            "held_by_you",
            "On hold by you: \"call first\", until 20 Nov 2026, 11:00",
            "call first, until 20 Nov 2026, 11:00",
        ),
        (
            "by a person, without a word",
            by_person("", Some(NOW + 24 * HOUR)),
            "held_by_you",
            "On hold by you, until 21 Nov 2026, 09:00",
            "without a reason, until 21 Nov 2026, 09:00",
        ),
        (
            "by a person, without an end",
            by_person("call first", None),
            "held_by_you",
            "On hold by you: \"call first\"",
            "call first",
        ),
        // The day as such, and the midnight of a zone far west.
        (
            "until a day",
            at_hub(Some(NOW + 88 * HOUR)),
            "held_at_hub",
            "On hold at Hub, until 24 Nov 2026",
            "status: on hold, until 24 Nov 2026",
        ),
        (
            "until a day there",
            at_hub(Some(NOW + 96 * HOUR)),
            "held_at_hub",
            "On hold at Hub, until 24 Nov 2026",
            "status: on hold, until 24 Nov 2026",
        ),
        ("open", at_hub(None), "held_at_hub", "On hold at Hub", "status: on hold"),
        ("ten years", at_hub(Some(NOW + 87_600 * HOUR)), "held_at_hub", "On hold at Hub", "status: on hold"),
        ("over", at_hub(Some(NOW - HOUR)), "held_at_hub", "On hold at Hub", "status: on hold"),
    ] {
        let told = explain(&story, &auto(), &[], NOW).reasons;
        let found = told.iter().find(|reason| reason.code == code).unwrap_or_else(|| panic!("{what}: {told:?}"));
        assert_eq!((found.sentence.as_str(), found.evidence[0].says.as_str()), (sentence, says), "{what}");
    }
}

#[test]
fn a_buyer_who_wants_out_is_answered_by_a_cancellation() {
    let other_first = changed(wants_out(), |s| {
        let holds = &mut s.order.fulfillment_orders[0].holds;
        holds.insert(0, Hold { remote_id: "h".into(), reason: "fraud".into(), notes: String::new(), ours: false });
    });
    let tagged = changed(story(), |s| s.order.tags.push(CANCEL_WISH_TAG.to_lowercase()));
    let written = |name: &str, value: &str| {
        let attribute = (name.to_owned(), value.to_owned());
        changed(story(), |s| s.order.attributes.push(attribute))
    };
    let wish = ("buyer_asked_cancel", Some(Action::CancelInChannel));
    let open = ("held_in_store", Some(Action::OpenChannel));
    let cases = vec![
        ("held for the wish", wants_out(), true, Some(wish), Some(Action::CancelInChannel)),
        (
            "by a store that takes no cancellation",
            wants_out(),
            false,
            Some(("buyer_asked_cancel", Some(Action::OpenChannel))),
            Some(Action::OpenChannel),
        ),
        ("another hold comes first", other_first, true, Some(wish), Some(Action::OpenChannel)),
        ("any other hold", held("awaiting risk review"), true, Some(open), Some(Action::OpenChannel)),
        ("at the hub already", changed(sent(), |s| s.order.tags.push(CANCEL_WISH_TAG.into())), true, Some(wish), None),
        ("a tag, before it is sent", tagged, true, Some(wish), None),
        ("an app's attribute", written("BuyerRequestedCancel", "true"), true, Some(wish), None),
        ("an app's attribute that says no", written("BuyerRequestedCancel", "false"), true, None, None),
        ("granted", changed(wants_out(), |s| s.order.cancelled_at_ms = Some(NOW)), true, None, None),
    ];
    for (what, story, cancels, first, button) in cases {
        let mut policy = auto();
        if !cancels {
            let store = policy.peers.get_mut(&channel()).unwrap();
            store.performs.retain(|kind| *kind != IntentKind::CancelChannelOrder);
        }
        let told = explain(&story, &policy, &[], NOW).reasons;
        let told: Vec<_> = told.iter().map(|reason| (reason.code.as_str(), reason.action)).collect();
        if let Some(first) = first {
            assert_eq!(told[0], first, "{what}: {told:?}");
        }
        let asked = told.iter().filter(|(code, _)| *code == "buyer_asked_cancel").count();
        let wanted = usize::from(first.is_some_and(|(code, _)| code == "buyer_asked_cancel"));
        assert_eq!(asked, wanted, "{what}: {told:?}");
        let waits = decide(&story, &policy, NOW).waits_on;
        let held = waits.code == "held_in_channel";
        assert_eq!((held, waits.action.filter(|_| held)), (button.is_some(), button), "{what}: {waits:?}");
    }
}

#[test]
fn what_stops_everything_is_told_first_and_lateness_last() {
    let mut story = story();
    perform(&mut story, &auto(), NOW - 5 * MIN, EffectState::Pending);
    let late = NOW + 30 * 24 * 60 * MIN;
    let explained = explain(&story, &auto(), &trouble(hub(), Cause::SignInNeeded), late);
    let codes: Vec<&str> = explained.reasons.iter().map(|reason| reason.code.as_str()).collect();
    assert_eq!((codes.first(), codes.last()), (Some(&"sign_in"), Some(&"past_ship_by")), "{codes:?}");
    assert_eq!(explained.reasons[0].action, Some(Action::SignIn));
    assert_eq!(explained.reasons[0].connection, Some(hub()), "the button leads to the account that wants it");
    assert_eq!(explained.lines.len(), 2);
}

#[test]
fn the_evidence_says_what_was_read_in_words() {
    let says = |story: &Story| explain(story, &auto(), &[], NOW).reasons[0].evidence[0].says.clone();
    let part = changed(story(), |s| s.order.payment = Payment::PartiallyPaid);
    assert_eq!(says(&part), "payment: partially paid");
    let no_street = changed(story(), |s| s.order.ship_to.as_mut().unwrap().line1 = String::new());
    let told = says(&no_street);
    assert!(told.starts_with("delivery address: ") && !told.contains(", ,"), "{told}");
}

#[test]
fn an_order_that_a_rule_tells_of_still_says_what_it_waits_on() {
    let mut policy = auto();
    let tell = Rule {
        id: "t".into(),
        name: "Tell".into(),
        on: true,
        when: Test::All { tests: vec![] },
        then: vec![RuleAction::Alert { text: "a VIP".into() }],
    };
    policy.shapers = Arc::new(Shapers {
        rules: ReadyRules::new(RuleBook { rules: vec![tell], first_only: false }, &BTreeMap::new()),
        ..Shapers::default()
    });
    let told = explain(&sent(), &policy, &[], NOW);
    assert_eq!(decide(&sent(), &policy, NOW).findings[0].cause, Cause::RuleAlert);
    assert_eq!(told.reasons.iter().map(|reason| reason.code.as_str()).collect::<Vec<_>>(), ["picking"]);
}
