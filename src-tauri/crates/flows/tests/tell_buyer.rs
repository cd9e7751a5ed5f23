//! What buyers are told: of what, whom, once, and in which words.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
use common::*;
use quayside_flows::buyer_messages::{
    BuyerMessages, FURTHER, Happening, MessageText, check, check_one, names, preview,
};
use quayside_flows::{Deliveries, Peer, Policy, Shapers, TELL_BUYER, decide};
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_model::*;
use std::collections::BTreeMap;
use std::sync::Arc;

fn post() -> ConnectionId {
    ConnectionId::new("mail")
}

/// Nothing acts but this one, through a mail server.
fn telling(mode: Mode) -> Policy {
    let mut policy = policy(Mode::Off);
    policy.automations.get_mut(TELL_BUYER).unwrap().mode = mode;
    let mail = Peer {
        id: post(),
        name: "Orders mail".into(),
        title: "Mail".into(),
        roles: vec![Role::Messages],
        performs: vec![IntentKind::TellBuyer],
        ..policy.peers[&hub()].clone()
    };
    policy.peers.insert(post(), mail);
    policy
}

/// Shipped, told, and this is what the carrier says of it.
fn carried(state: TrackState) -> Story {
    let mut story = sent();
    ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
    told(&mut story, "fulfillment/2", &["TRACK1"], &[(1, 2), (2, 1)]);
    story.effects.clear();
    story.parcels[0].value.track =
        Some(Track { state, at_ms: Some(NOW - MIN), says: "Depot 7".into(), expected_ms: None });
    story.order.customer.as_mut().unwrap().email = "ingrid@mail.example".into();
    story
}

fn changed(mut story: Story, change: impl FnOnce(&mut Story)) -> Story {
    change(&mut story);
    story
}

fn messages(story: &Story, policy: &Policy, now_ms: i64) -> Vec<BuyerMessage> {
    let effects = decide(story, policy, now_ms).effects.into_iter();
    effects
        .filter_map(|planned| match planned.intent {
            Intent::TellBuyer { message } => {
                assert_eq!((planned.connection, planned.automation.as_str()), (post(), TELL_BUYER));
                Some(message)
            }
            _ => None,
        })
        .collect()
}

fn abouts(story: &Story, policy: &Policy, now_ms: i64) -> Vec<String> {
    messages(story, policy, now_ms).into_iter().map(|message| message.about).collect()
}

#[test]
fn a_carriers_trouble_is_told_and_nothing_else_of_its_way() {
    for (state, about, words) in [
        (TrackState::Lost, Some("lost"), "parcel TRACK1 is lost"),
        (TrackState::Undeliverable, Some("undeliverable"), "parcel TRACK1 cannot be delivered"),
        (TrackState::Returned, Some("returned"), "parcel TRACK1 comes back"),
        (TrackState::Held, Some("delayed"), "parcel TRACK1 is delayed"),
        (TrackState::Exception, Some("delayed"), "parcel TRACK1 is delayed"),
        (TrackState::InTransit, None, ""),
        (TrackState::Attempted, None, ""),
        (TrackState::Delivered, None, ""),
        (TrackState::Unknown("teleported".into()), None, ""),
    ] {
        let told = messages(&carried(state.clone()), &telling(Mode::Auto), NOW);
        assert_eq!(told.len(), usize::from(about.is_some()), "{state:?}: {told:?}");
        if let Some(message) = told.first() {
            assert_eq!((Some(message.about.as_str()), message.words.as_str()), (about, words), "{state:?}");
            assert_eq!(message.to, "ingrid@mail.example");
            assert!(
                message.subject.contains("#1001") && message.body.starts_with("Hello Ingrid Sørensen,"),
                "{message:?}"
            );
            assert!(message.body.contains("#1001") && message.body.contains("Harbour Goods"), "{message:?}");
            assert!(!message.body.contains("{{") && !message.words.contains("Ingrid"), "{message:?}");
        }
    }
}

#[test]
fn nobody_is_written_to_who_must_not_be() {
    type Change = (&'static str, fn(&mut Story), fn(&mut Policy));
    let same_story: fn(&mut Story) = |_| {};
    let same_policy: fn(&mut Policy) = |_| {};
    let cases: [Change; 11] = [
        ("a test order", |s| s.order.test = true, same_policy),
        ("cancelled", |s| s.order.cancelled_at_ms = Some(NOW), same_policy),
        ("money given back", |s| s.order.payment = Payment::Refunded, same_policy),
        ("data taken out", |s| s.order.customer = Some(Customer::default()), same_policy),
        ("no customer", |s| s.order.customer = None, same_policy),
        (
            "sold elsewhere",
            |s| s.order.sold_on = Some(SoldOn { number: "113-1".into(), ..SoldOn::default() }),
            same_policy,
        ),
        ("the tag that stops it", |s| s.order.tags.push("No Mail".into()), same_policy),
        ("a store whose rules forbid it", same_story, |p| p.peers.get_mut(&channel()).unwrap().no_buyer_mail = true),
        ("no mail server", same_story, |p| drop(p.peers.remove(&post()))),
        ("before the line", same_story, |p| p.automations.get_mut(TELL_BUYER).unwrap().go_live_ms = Some(NOW)),
        ("switched off", same_story, |p| p.automations.get_mut(TELL_BUYER).unwrap().mode = Mode::Off),
    ];
    for (what, story, policy) in cases {
        let mut changed_policy = telling(Mode::Auto);
        policy(&mut changed_policy);
        let changed_story = changed(carried(TrackState::Lost), story);
        assert_eq!(abouts(&changed_story, &changed_policy, NOW), Vec::<String>::new(), "{what}");
    }
    assert_eq!(abouts(&carried(TrackState::Lost), &telling(Mode::Auto), NOW), ["lost"], "as it is");
    let tagged = changed(carried(TrackState::Lost), |s| s.order.tags.push("no mail".into()));
    let another = set(telling(Mode::Auto), TELL_BUYER, "stop_tag", "silent");
    assert_eq!(abouts(&tagged, &another, NOW), ["lost"], "another tag stops it");
}

#[test]
fn each_thing_is_said_once_whatever_becomes_of_it() {
    let policy = telling(Mode::Auto);
    for state in [
        EffectState::Pending,
        EffectState::Running,
        EffectState::Unknown,
        EffectState::Done,
        EffectState::Refused,
        EffectState::Skipped,
    ] {
        let mut story = carried(TrackState::Lost);
        perform(&mut story, &policy, NOW, state);
        assert_eq!(abouts(&story, &policy, NOW + HOUR_MS), Vec::<String>::new(), "{state:?}");
        // Found, and lost again: the buyer knows.
        story.parcels[0].value.track.as_mut().unwrap().at_ms = Some(NOW + HOUR_MS);
        assert_eq!(abouts(&story, &policy, NOW + 2 * HOUR_MS), Vec::<String>::new(), "{state:?}");
        // Something else is news.
        story.parcels[0].value.track.as_mut().unwrap().state = TrackState::Returned;
        assert_eq!(abouts(&story, &policy, NOW + 2 * HOUR_MS), ["returned"], "{state:?}");
    }
}

/// Ask, Off, Ask again: what the switch took back was neither said nor given up by anybody.
#[test]
fn what_a_lowered_mode_took_back_is_told_after_all() {
    let policy = telling(Mode::Ask);
    for (withdrawn, expected) in [(true, vec!["lost"]), (false, vec![])] {
        let mut story = carried(TrackState::Lost);
        perform(&mut story, &policy, NOW, EffectState::Skipped);
        for effect in story.effects.iter_mut().filter(|effect| effect.automation == TELL_BUYER) {
            effect.withdrawn = withdrawn;
        }
        assert_eq!(abouts(&story, &policy, NOW + HOUR_MS), expected, "{withdrawn}");
        // Written anew before that: the first text was overtaken, and says nothing for the second.
        let mut newer = story.effects.iter().find(|e| e.intent.kind() == IntentKind::TellBuyer).unwrap().clone();
        newer.key = newer.key.replace(":0", ":1");
        story.effects.iter_mut().for_each(|effect| effect.withdrawn = false);
        story.effects.push(newer);
        assert_eq!(abouts(&story, &policy, NOW + HOUR_MS), expected, "{withdrawn}: written anew");
    }
}

#[test]
fn what_waits_follows_its_text_and_is_given_up_when_it_is_no_news() {
    let policy = telling(Mode::Ask);
    let mut story = carried(TrackState::Lost);
    perform(&mut story, &policy, NOW, EffectState::Asked);
    let again = decide(&story, &policy, NOW + MIN);
    assert_eq!((again.effects.len(), again.overtaken.len()), (0, 0), "nothing changed");
    let mut other = policy.clone();
    let text = MessageText { on: true, subject: "Lost".into(), body: "Sorry.".into() };
    let texts = BTreeMap::from([("lost".to_owned(), text)]);
    other.shapers = Arc::new(Shapers { messages: BuyerMessages { texts: texts.clone() }, ..Shapers::default() });
    let anew = decide(&story, &other, NOW + MIN);
    assert_eq!(anew.overtaken.len(), 1);
    assert_eq!(messages(&story, &other, NOW + MIN)[0].body, "Sorry.");
    perform(&mut story, &other, NOW + MIN, EffectState::Asked);
    assert_eq!(abouts(&story, &other, NOW + 2 * MIN), Vec::<String>::new());
    let sooner = set(other.clone(), TELL_BUYER, "quiet_from", "20");
    assert_eq!(decide(&story, &sooner, NOW + 2 * MIN).overtaken.len(), 1, "other hours");
    // Switched off, arrived after all, taken out: it is not sent any more.
    let mut off = other.clone();
    let text = MessageText { on: false, ..texts["lost"].clone() };
    let texts = BTreeMap::from([("lost".to_owned(), text)]);
    off.shapers = Arc::new(Shapers { messages: BuyerMessages { texts }, ..Shapers::default() });
    let arrived = changed(story.clone(), |s| s.order.fulfillments[0].delivered_at_ms = Some(NOW));
    let blanked = changed(story.clone(), |s| s.order.customer.as_mut().unwrap().email.clear());
    for (what, story, policy) in
        [("off", &story, &off), ("arrived", &arrived, &other), ("data taken out", &blanked, &other)]
    {
        let decided = decide(story, policy, NOW + 2 * MIN);
        let waiting = story.effects.iter().find(|effect| effect.state == EffectState::Asked).unwrap().id;
        assert_eq!(decided.overtaken.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [waiting], "{what}");
        assert!(decided.effects.is_empty(), "{what}: {:?}", decided.effects);
    }
}

/// Held while it waited for the morning, released later: the buyer is told after all, once. What may have been said is not
/// said again.
#[test]
fn what_a_hold_kept_back_is_told_after_the_release_and_once() {
    let policy = set(telling(Mode::Auto), TELL_BUYER, "held_late", "false");
    let late = NOW + 25 * HOUR_MS;
    for (what, state, again) in [
        ("waits for the morning", EffectState::Pending, vec!["late"]),
        ("waits for a click", EffectState::Asked, vec!["late"]),
        ("may have been said", EffectState::Refused, vec![]),
        ("was said", EffectState::Done, vec![]),
    ] {
        let mut story = changed(story(), |s| {
            s.order.ship_by_ms = Some(NOW);
            s.order.customer.as_mut().unwrap().email = "ingrid@mail.example".into();
        });
        perform(&mut story, &policy, late, state);
        assert_eq!(abouts(&story, &policy, late + MIN), Vec::<String>::new(), "{what}: it stands");
        let hold = PersonHold { reason: "call first".into(), until_ms: None, since_ms: late + MIN };
        story.choices.hold = Some(hold);
        // As the store writes it and reads it again.
        for (id, why) in decide(&story, &policy, late + 2 * MIN).overtaken {
            let effect = story.effects.iter_mut().find(|effect| effect.id == id).unwrap();
            (effect.state, effect.withdrawn) = (EffectState::Skipped, why == NO_NEWS_NOW);
        }
        assert_eq!(abouts(&story, &policy, late + 3 * MIN), Vec::<String>::new(), "{what}: held");
        story.choices.hold = None;
        assert_eq!(abouts(&story, &policy, late + 4 * MIN), again, "{what}: released");
        perform(&mut story, &policy, late + 4 * MIN, EffectState::Done);
        assert_eq!(abouts(&story, &policy, late + 5 * MIN), Vec::<String>::new(), "{what}: once");
    }
}

#[test]
fn what_waits_for_the_morning_follows_the_buyers_address() {
    let policy = telling(Mode::Auto);
    for (state, told, given_up) in
        [(EffectState::Pending, 1, 1), (EffectState::Running, 0, 0), (EffectState::Unknown, 0, 0)]
    {
        let mut story = carried(TrackState::Lost);
        perform(&mut story, &policy, NOW, state);
        story.order.customer.as_mut().unwrap().email = "ingrid@another.example".into();
        let decided = decide(&story, &policy, NOW + MIN);
        assert_eq!((decided.effects.len(), decided.overtaken.len()), (told, given_up), "{state:?}");
    }
}

#[test]
fn a_parcel_in_two_records_is_told_of_once() {
    let policy = telling(Mode::Auto);
    let again = |number: &str| {
        let mut seen = carried(TrackState::Lost).parcels.remove(0);
        seen.value.remote_id = "external:9".into();
        seen.value.tracking_number = number.into();
        seen
    };
    for (number, told) in [("TRACK1", 1), (" track1", 1), ("TRACK2", 2), ("", 2)] {
        let story = changed(carried(TrackState::Lost), |s| s.parcels.push(again(number)));
        assert_eq!(abouts(&story, &policy, NOW).len(), told, "{number}");
    }
    let mut story = carried(TrackState::Lost);
    perform(&mut story, &policy, NOW, EffectState::Done);
    story.parcels.insert(0, again("TRACK1"));
    assert_eq!(abouts(&story, &policy, NOW + MIN), Vec::<String>::new(), "another record of it comes later");
}

#[test]
fn an_order_that_does_not_leave_is_told_in_its_time() {
    let waiting = || {
        changed(story(), |s| {
            s.order.ship_by_ms = Some(NOW);
            s.order.customer.as_mut().unwrap().email = "ingrid@mail.example".into();
        })
    };
    let held = || {
        changed(waiting(), |s| {
            s.order.fulfillment_orders[0].holds.push(Hold {
                remote_id: "hold/1".into(),
                reason: "Inventory out of stock".into(),
                notes: String::new(),
                ours: false,
            });
            s.order.fulfillment_orders[0].status = "on_hold".into();
        })
    };
    // Who sends orders says why one waits.
    let mut policy = telling(Mode::Auto);
    policy.automations.get_mut("orders_to_hub").unwrap().mode = Mode::Auto;
    let none = Vec::<String>::new;
    for (what, story, after_ms, told) in vec![
        ("in time", waiting(), -HOUR_MS, none()),
        ("late, and not long", waiting(), 23 * HOUR_MS, none()),
        ("late by a day", waiting(), 24 * HOUR_MS, vec!["late".to_owned()]),
        ("so late that nobody asks any more", waiting(), 16 * DAY_MS, none()),
        ("out of stock", held(), 24 * HOUR_MS, vec!["back_ordered".to_owned()]),
        ("out of stock since an hour", held(), 0, none()),
        ("not paid", changed(waiting(), |s| s.order.payment = Payment::Pending), 24 * HOUR_MS, none()),
        ("asked to cancel", changed(waiting(), |s| s.order.tags.push(CANCEL_WISH_TAG.into())), 24 * HOUR_MS, none()),
        (
            "sold to leave later",
            changed(waiting(), |s| s.order.fulfillment_orders[0].fulfill_at_ms = Some(NOW + 9 * DAY_MS)),
            24 * HOUR_MS,
            none(),
        ),
        ("archived", changed(waiting(), |s| s.order.closed_at_ms = Some(NOW)), 24 * HOUR_MS, none()),
    ] {
        assert_eq!(abouts(&story, &policy, NOW + after_ms), told, "{what}");
    }
    let soon = decide(&waiting(), &policy, NOW).look_again_at_ms.unwrap();
    assert!(soon <= NOW + 24 * HOUR_MS, "{soon}");
    let shipped = changed(carried(TrackState::InTransit), |s| s.order.ship_by_ms = Some(NOW));
    assert_eq!(abouts(&shipped, &policy, NOW + 30 * HOUR_MS), none(), "it left");
}

/// Whoever keeps an order back has a reason: the buyer is not told of the delay unless that is set.
#[test]
fn a_held_order_is_not_told_late_unless_that_is_set() {
    let waiting = |change: &dyn Fn(&mut Story)| {
        changed(story(), |s| {
            s.order.ship_by_ms = Some(NOW);
            s.order.customer.as_mut().unwrap().email = "ingrid@mail.example".into();
            change(s);
        })
    };
    let hold = |until_ms: Option<i64>| PersonHold { reason: "call first".into(), until_ms, since_ms: NOW };
    let in_store = |s: &mut Story| {
        let hold = Hold { remote_id: "h".into(), reason: "disputed".into(), notes: String::new(), ours: false };
        s.order.fulfillment_orders[0].holds.push(hold);
        s.order.fulfillment_orders[0].status = "on_hold".into();
    };
    let at_hub = changed(sent(), |s| {
        s.order.ship_by_ms = Some(NOW);
        s.order.customer.as_mut().unwrap().email = "ingrid@mail.example".into();
        s.hub_orders[0].value.status = HubStatus::OnHold;
    });
    let late = NOW + 24 * HOUR_MS;
    for (what, story, kept) in [
        ("nobody keeps it", waiting(&|_| {}), false),
        ("held by you", waiting(&|s| s.choices.hold = Some(hold(None))), true),
        ("held by you until tomorrow", waiting(&|s| s.choices.hold = Some(hold(Some(late + MIN)))), true),
        ("your hold is over", waiting(&|s| s.choices.hold = Some(hold(Some(late - MIN)))), false),
        ("held in the store", waiting(&in_store), true),
        ("held at the hub", at_hub, true),
    ] {
        for (set_so, told) in [("false", !kept), ("true", true)] {
            let mut policy = set(telling(Mode::Auto), TELL_BUYER, "held_late", set_so);
            policy.automations.get_mut("orders_to_hub").unwrap().mode = Mode::Auto;
            let expected: &[&str] = if told { &["late"] } else { &[] };
            assert_eq!(abouts(&story, &policy, late), expected, "{what}, {set_so}");
        }
    }
}

#[test]
fn silence_is_a_delay_only_where_deliveries_are_told() {
    let promised = || changed(carried(TrackState::InTransit), |s| s.order.deliver_by_ms = Some(NOW));
    let mut policy = telling(Mode::Auto);
    for (after_ms, told) in [(0, 0), (DAY_MS, 0), (DAY_MS + 1, 1), (15 * DAY_MS, 0)] {
        assert_eq!(abouts(&promised(), &policy, NOW + after_ms).len(), told, "{after_ms}");
    }
    for peer in policy.peers.values_mut() {
        peer.deliveries = Deliveries::Unheard;
    }
    assert_eq!(abouts(&promised(), &policy, NOW + 2 * DAY_MS), Vec::<String>::new());
}

#[test]
fn the_night_is_the_buyers_own() {
    let at = |country: &str, region: &str| {
        changed(carried(TrackState::Lost), |s| {
            let address = s.order.ship_to.as_mut().unwrap();
            (address.country, address.region) = (country.into(), region.into());
        })
    };
    let quiet = |story: &Story, policy: &Policy| messages(story, policy, NOW)[0].quiet.clone();
    let policy = telling(Mode::Auto);
    for (country, region, zone) in
        [("NO", "", "Europe/Berlin"), ("US", "CA", "America/Los_Angeles"), ("XX", "", "Europe/Berlin")]
    {
        let expected = QuietHours { zone: zone.into(), from_min: 21 * 60, to_min: 8 * 60 };
        assert_eq!(quiet(&at(country, region), &policy), Some(expected), "{country} {region}");
    }
    let never = set(set(policy, TELL_BUYER, "quiet_from", "0"), TELL_BUYER, "quiet_to", "0");
    assert_eq!(quiet(&at("NO", ""), &never), None);
}

#[test]
fn it_asks_unless_somebody_chose_otherwise_and_rests_without_a_mail_server() {
    let mut policy = telling(Mode::Auto);
    policy.automations.remove(TELL_BUYER);
    assert_eq!(policy.automation(TELL_BUYER).mode, Mode::Ask);
    let planned = decide(&carried(TrackState::Lost), &policy, NOW).effects;
    assert_eq!(planned.iter().map(|planned| planned.mode).collect::<Vec<_>>(), [Mode::Ask]);
    assert_eq!(planned[0].sentence, "Write to the buyer of #1001 by Orders mail: parcel TRACK1 is lost");
    policy.peers.remove(&post());
    assert_eq!(policy.automation(TELL_BUYER).mode, Mode::Off);
}

#[test]
fn the_store_is_told_what_its_buyer_was_told() {
    let mut policy = telling(Mode::Auto);
    let mut story = carried(TrackState::Lost);
    perform(&mut story, &policy, NOW, EffectState::Done);
    policy = set(policy, "facts_to_channel", "remarks", "true");
    policy.automations.get_mut("facts_to_channel").unwrap().mode = Mode::Auto;
    let notes = |story: &Story| -> Vec<String> {
        let effects = decide(story, &policy, NOW + HOUR_MS).effects.into_iter();
        effects
            .filter_map(|planned| match planned.intent {
                Intent::AnnotateOrder { note, .. } => Some(note),
                _ => None,
            })
            .collect()
    };
    assert_eq!(notes(&story), ["The buyer was told by mail on 2026-11-20: parcel TRACK1 is lost."]);
    perform(&mut story, &policy, NOW + HOUR_MS, EffectState::Done);
    assert_eq!(notes(&story), Vec::<String>::new(), "once");
}

#[test]
fn a_text_that_cannot_work_is_refused_when_it_is_kept_and_a_finding_when_it_fails() {
    let text = |subject: &str, body: &str| MessageText { on: true, subject: subject.into(), body: body.into() };
    for (subject, body, why) in [
        ("Lost", "Parcel {{ tracking_numbr }}", "In the text: There is no field \"tracking_numbr\""),
        ("{{ nobody }}", "x", "In the subject: There is no field \"nobody\""),
        ("Lost", "{% if %}", "In the text: The template cannot be read"),
        (" ", "x", "no subject"),
        ("Lost", "", "no text"),
        ("Lost\nBcc: x", "x", "more than one line"),
    ] {
        let refused = check_one(&text(subject, body)).unwrap_err();
        assert!(refused.contains(why), "{subject} {body}: {refused}");
    }
    let texts = BTreeMap::from([("pigeons".to_owned(), text("a", "b"))]);
    assert!(check(&BuyerMessages { texts }).unwrap_err().starts_with("There is no message \"pigeons\"."));
    let texts = BTreeMap::from([("lost".to_owned(), text("{{ phone|number }}", "{{ customer|number }}"))]);
    check(&BuyerMessages { texts: texts.clone() }).unwrap();
    let mut policy = telling(Mode::Auto);
    policy.shapers = Arc::new(Shapers { messages: BuyerMessages { texts }, ..Shapers::default() });
    let decided = decide(&carried(TrackState::Lost), &policy, NOW);
    assert!(decided.effects.is_empty(), "{:?}", decided.effects);
    let found: Vec<&Finding> = decided.findings.iter().filter(|f| f.cause == Cause::BuyerNotTold).collect();
    assert_eq!(found.len(), 1);
    assert!(found[0].sentence.contains("that parcel TRACK1 is lost."), "{found:?}");
}

#[test]
fn every_happening_has_a_text_that_reads_well_on_any_order() {
    let known: Vec<String> = names().into_iter().map(|(name, _)| name).collect();
    assert!(FURTHER.iter().all(|(name, _)| known.iter().any(|known| known == name)));
    for happening in Happening::ALL {
        assert_eq!(Happening::from_code(happening.code()), Some(happening));
        for story in [carried(TrackState::InTransit), story()] {
            let (subject, body) = preview(happening, &happening.text(), &story, &telling(Mode::Auto), NOW).unwrap();
            assert!(subject.contains("#1001"), "{happening:?}: {subject}");
            assert!(!body.contains("  ") && !body.contains(" .") && !body.contains('{'), "{happening:?}: {body}");
        }
    }
    let mut parcels = changed(carried(TrackState::Held), |s| s.order.deliver_by_ms = Some(NOW));
    parcels.parcels[0].value.tracking_url = Some("https://carrier.example/TRACK1".into());
    let (_, body) =
        preview(Happening::Delayed, &Happening::Delayed.text(), &parcels, &telling(Mode::Auto), NOW).unwrap();
    assert!(body.contains("it was expected on 20 November. We are sorry."), "{body}");
    assert!(body.contains("You can follow it here: https://carrier.example/TRACK1"), "{body}");
}
