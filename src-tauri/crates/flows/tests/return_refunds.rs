//! "Refunds for returns": what is prepared when goods are here, how far it goes by itself, and that it is prepared once.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
use common::*;
use quayside_flows::returned::{BackState, backs};
use quayside_flows::{Policy, Refunding, decide, replacement};
use quayside_model::time::DAY_MS;
use quayside_model::*;

const AUTOMATION: &str = "return_refunds";

/// Shipped and told of: 2 × SKU-1, 1 × SKU-2. Units of SKU-1 come back; so many of them are there, by the store's word.
fn back(units: i64, here: Option<i64>) -> Story {
    let mut story = sent();
    ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
    told(&mut story, "fulfillment/2", &["TRACK1"], &[(1, 2), (2, 1)]);
    story.effects.clear();
    let value = Return {
        remote_id: "return/7".into(),
        order_remote_id: story.order.remote_id.clone(),
        number: "#1001-R1".into(),
        status: ReturnStatus::Open,
        lines: vec![ReturnLine {
            order_line_id: Some("line/1".into()),
            sku: "SKU-1".into(),
            quantity: units,
            reason: "too small".into(),
            received: here,
            shelved: None,
        }],
        tracking_number: String::new(),
        requested_at_ms: NOW - 3 * DAY_MS,
        received_at_ms: here.map(|_| NOW - DAY_MS),
        resolution: String::new(),
        refunded: None,
        updated_at_ms: NOW - DAY_MS,
    };
    story.returns = vec![Seen { connection: channel(), seen_at_ms: NOW - MIN, value }];
    story
}

fn holds(mut story: Story, units: i64, restock: bool) -> Story {
    let line = GoodsLine { order_line_id: "line/1".into(), quantity: units, condition: GoodsCondition::AsNew, restock };
    story.choices.goods.push(GoodsHere { return_id: "return/7".into(), lines: vec![line], at_ms: NOW - MIN });
    story
}

/// What it plans: mode, units with their shelf, shipping of all.
fn planned(story: &Story, policy: &Policy) -> Vec<String> {
    let effects = decide(story, policy, NOW).effects.into_iter().filter(|effect| effect.automation == AUTOMATION);
    let words = |effect: PlannedEffect| match effect.intent {
        Intent::Refund { refund } => {
            let shelf = |line: &RefundLineDraft| if line.restock { " shelf" } else { "" };
            let lines: Vec<String> = refund
                .lines
                .iter()
                .map(|line| format!("{}×{}{}", line.quantity, line.order_line_id, shelf(line)))
                .collect();
            format!("{} {} {}+{}", effect.mode.code(), lines.join(" "), refund.total_minor, refund.shipping_minor)
        }
        Intent::AnnotateOrder { note, .. } => format!("{} {note}", effect.mode.code()),
        other => format!("{other:?}"),
    };
    effects.map(words).collect()
}

fn stores(mut policy: Policy, refunds: Refunding) -> Policy {
    policy.peers.get_mut(&channel()).unwrap().refunds = refunds;
    policy
}

#[test]
fn what_is_prepared_for_what_is_here() {
    let changed = |change: fn(&mut Story)| {
        let mut story = back(1, Some(1));
        change(&mut story);
        story
    };
    let auto = || policy(Mode::Auto);
    let own_shelf = Refunding { restocks: true, ..Refunding::default() };
    let rows: Vec<(&str, Story, Policy, Vec<&str>)> = vec![
        ("asked for, not here", back(1, None), auto(), vec![]),
        ("here", back(1, Some(1)), auto(), vec!["auto 1×line/1 1000+0"]),
        ("here, and it asks", back(1, Some(1)), policy(Mode::Ask), vec!["ask 1×line/1 1000+0"]),
        ("here, and it watches", back(1, Some(1)), policy(Mode::Watch), vec!["watch 1×line/1 1000+0"]),
        ("off", back(1, Some(1)), policy(Mode::Off), vec![]),
        ("one of two is here", back(2, Some(1)), auto(), vec!["auto 1×line/1 1000+0"]),
        (
            "one of two is here, and the store tells no time",
            {
                let mut story = back(2, Some(1));
                story.returns[0].value.received_at_ms = None;
                story
            },
            auto(),
            vec!["auto 1×line/1 1000+0"],
        ),
        ("somebody holds it", holds(back(1, None), 1, false), auto(), vec!["auto 1×line/1 1000+0"]),
        ("both say so", holds(back(1, Some(1)), 1, false), auto(), vec!["auto 1×line/1 1000+0"]),
        ("a store without a shelf", holds(back(1, None), 1, true), auto(), vec!["auto 1×line/1 1000+0"]),
        (
            "the store's own shelf",
            holds(back(1, None), 1, true),
            stores(auto(), own_shelf),
            vec!["auto 1×line/1 shelf 1000+0"],
        ),
        (
            "the shelf by setting, where nobody held it",
            back(1, Some(1)),
            set(stores(auto(), own_shelf), AUTOMATION, "restock", "true"),
            vec!["auto 1×line/1 shelf 1000+0"],
        ),
        (
            "who held it said no",
            holds(back(1, None), 1, false),
            set(stores(auto(), own_shelf), AUTOMATION, "restock", "true"),
            vec!["auto 1×line/1 1000+0"],
        ),
        (
            "with the shipping",
            back(1, Some(1)),
            set(auto(), AUTOMATION, "shipping", "always"),
            vec!["auto 1×line/1 1500+500"],
        ),
        (
            "the shipping when all came back, and not all did",
            back(1, Some(1)),
            set(auto(), AUTOMATION, "shipping", "whole"),
            vec!["auto 1×line/1 1000+0"],
        ),
        ("above the limit", back(2, Some(2)), set(auto(), AUTOMATION, "limit", "15"), vec!["ask 2×line/1 2000+0"]),
        (
            "no limit that could be read",
            back(1, Some(1)),
            set(auto(), AUTOMATION, "limit", "x"),
            vec!["ask 1×line/1 1000+0"],
        ),
        ("all was given back", changed(|story| story.order.payment = Payment::Refunded), auto(), vec![]),
        ("never paid", changed(|story| story.order.payment = Payment::Pending), auto(), vec![]),
        (
            "one of the two that left was paid in the store",
            changed(|story| story.order.lines[0].current_quantity = 1),
            auto(),
            vec![],
        ),
        (
            "one of two was taken off before the other left",
            changed(|story| {
                story.order.lines[0].current_quantity = 1;
                story.order.fulfillments[0].lines[0].quantity = 1;
            }),
            auto(),
            vec!["auto 1×line/1 1000+0"],
        ),
        (
            "most of the money was given back in the store",
            changed(|story| story.order.refunded_minor = Some(story.order.total_minor - 300)),
            auto(),
            vec!["auto 1×line/1 300+0"],
        ),
        (
            "two lines of it are one of the order, and one unit is held",
            {
                let mut story = holds(back(1, None), 1, false);
                let again = story.returns[0].value.lines[0].clone();
                story.returns[0].value.lines.push(again);
                story
            },
            auto(),
            vec!["auto 1×line/1 1000+0"],
        ),
        ("closed in the store", changed(|story| story.returns[0].value.status = ReturnStatus::Closed), auto(), vec![]),
        (
            "marked as settled since it is here",
            changed(|story| {
                story.choices.settled.insert("returned/return/7".into(), NOW);
            }),
            auto(),
            vec![],
        ),
        (
            "marked as settled before it was here",
            changed(|story| {
                story.choices.settled.insert("returned/return/7".into(), NOW - 2 * DAY_MS);
            }),
            auto(),
            vec!["auto 1×line/1 1000+0"],
        ),
        ("declined", changed(|story| story.returns[0].value.status = ReturnStatus::Declined), auto(), vec![]),
        (
            "the store gave it back",
            changed(|story| story.returns[0].value.refunded = Some(Money::new(1000, Currency::new("EUR")))),
            auto(),
            vec![],
        ),
        (
            "a replacement was asked for",
            changed(|story| story.returns[0].value.resolution = "standard replacement".into()),
            auto(),
            vec![],
        ),
        (
            "a year ago",
            changed(|story| story.returns[0].value.received_at_ms = Some(NOW - 365 * DAY_MS)),
            auto(),
            vec![],
        ),
        (
            "less is left than it comes to",
            changed(|story| story.order.current_total_minor = 400),
            auto(),
            vec!["auto 1×line/1 400+0"],
        ),
        (
            "a remark",
            back(1, Some(1)),
            set(policy(Mode::Ask), AUTOMATION, "remark", "true"),
            vec!["ask Return #1001-R1: goods are here.", "ask 1×line/1 1000+0"],
        ),
    ];
    for (what, story, policy, expected) in rows {
        assert_eq!(planned(&story, &policy), expected, "{what}");
    }
}

#[test]
fn a_store_that_quotes_is_asked_first() {
    let quoting = stores(policy(Mode::Auto), Refunding { quoted: true, ..Refunding::default() });
    let mut story = back(1, Some(1));
    let first = decide(&story, &quoting, NOW);
    assert_eq!((planned(&story, &quoting), first.quotes.len()), (vec![], 1));
    let QuoteWish { about, ask } = first.quotes[0].clone();
    assert_eq!((ask.lines[0].quantity, ask.shipping_max_minor, ask.total_minor), (1, 0, None));
    let quote = RefundQuote { total_minor: 940, shipping_minor: 0, tax_minor: Some(150), recorded_only: false };
    let answered = |quote: Option<RefundQuote>, refused: Option<&str>| {
        vec![QuoteSeen { about: about.clone(), ask: ask.clone(), quote, refused: refused.map(Into::into) }]
    };
    story.quotes = answered(Some(quote.clone()), None);
    assert_eq!(planned(&story, &quoting), ["auto 1×line/1 940+0"], "the store's word, not ours");
    story.quotes = answered(Some(RefundQuote { recorded_only: true, ..quote.clone() }), None);
    assert_eq!(planned(&story, &quoting), ["ask 1×line/1 940+0"], "nobody pays by hand by itself");
    story.quotes = answered(Some(RefundQuote { total_minor: 9_999, ..quote.clone() }), None);
    assert_eq!(planned(&story, &quoting), Vec::<String>::new(), "more than was paid");
    story.quotes = answered(None, Some("The order is locked."));
    let told = decide(&story, &quoting, NOW);
    assert_eq!(planned(&story, &quoting), Vec::<String>::new());
    let returned = told.findings.iter().find(|finding| finding.cause == Cause::Returned).unwrap();
    assert!(returned.sentence.ends_with("The order is locked."), "{}", returned.sentence);
    // Something else is here by now: what was said before is no answer to that.
    let more = holds(back(2, None), 2, false);
    let asked = Story { quotes: answered(Some(quote), None), ..more };
    assert_eq!(planned(&asked, &quoting), Vec::<String>::new());
    assert_ne!(decide(&asked, &quoting, NOW).quotes[0].about, about);
}

/// Planned once, whatever became of it; and one more for what comes later.
#[test]
fn no_unit_is_given_back_twice() {
    let auto = policy(Mode::Auto);
    for state in [
        EffectState::Asked,
        EffectState::Pending,
        EffectState::Running,
        EffectState::Unknown,
        EffectState::Refused,
        EffectState::Done,
        EffectState::Skipped,
    ] {
        let mut story = back(2, Some(1));
        perform(&mut story, &auto, NOW, state);
        let ours: Vec<EffectId> =
            story.effects.iter().filter(|effect| effect.automation == AUTOMATION).map(|effect| effect.id).collect();
        assert_eq!(ours.len(), 1, "{state:?}");
        story.seen_at_ms = NOW + MIN;
        assert_eq!(planned(&story, &auto), Vec::<String>::new(), "{state:?}");
        // The second unit arrives.
        story.returns[0].value.lines[0].received = Some(2);
        let then = planned(&story, &auto);
        match state {
            EffectState::Done => assert_eq!(then, ["auto 1×line/1 1000+0"]),
            // What was not sent is overtaken; a person who gave one up is asked about both.
            EffectState::Asked | EffectState::Pending | EffectState::Refused => {
                assert_eq!(then, ["auto 2×line/1 2000+0"], "{state:?}");
                let overtaken = decide(&story, &auto, NOW).overtaken;
                assert!(overtaken.iter().any(|(id, _)| *id == ours[0]), "{state:?}");
            }
            EffectState::Skipped => assert_eq!(then, ["ask 2×line/1 2000+0"]),
            EffectState::Running | EffectState::Unknown => assert_eq!(then, Vec::<String>::new(), "{state:?}"),
        }
    }
}

/// The store has put units on its shelf, or kept them off: whatever the setting or the desk says, not once more.
#[test]
fn what_the_store_shelved_is_not_shelved_again() {
    let on = set(
        stores(policy(Mode::Auto), Refunding { restocks: true, ..Refunding::default() }),
        AUTOMATION,
        "restock",
        "true",
    );
    for (what, shelved, held, expected) in [
        ("nobody said anything", None, false, "auto 1×line/1 shelf 1000+0"),
        ("the store decided none of it", Some(0), false, "auto 1×line/1 shelf 1000+0"),
        ("the store put it back", Some(1), false, "auto 1×line/1 1000+0"),
        ("and the desk says so, too", Some(1), true, "auto 1×line/1 1000+0"),
        ("the desk alone says so", None, true, "auto 1×line/1 shelf 1000+0"),
    ] {
        let mut story = back(1, Some(1));
        if held {
            story = holds(story, 1, true);
        }
        story.returns[0].value.lines[0].shelved = shelved;
        assert_eq!(planned(&story, &on), [expected], "{what}");
    }
}

/// Two lines in two parcels: what the store decided of one says nothing of the other.
#[test]
fn each_line_has_a_shelf_of_its_own() {
    let on = set(
        stores(policy(Mode::Auto), Refunding { restocks: true, ..Refunding::default() }),
        AUTOMATION,
        "restock",
        "true",
    );
    let mut story = back(1, Some(1));
    let first = story.returns[0].value.lines[0].clone();
    let other = ReturnLine { order_line_id: Some("line/2".into()), sku: "SKU-2".into(), ..first };
    story.returns[0].value.lines.push(other);
    for (shelved, expected) in [
        ([None, None], "1×line/1 shelf 1×line/2 shelf "),
        ([Some(1), None], "1×line/1 1×line/2 shelf "),
        ([None, Some(1)], "1×line/1 shelf 1×line/2 "),
        ([Some(1), Some(1)], "1×line/1 1×line/2 "),
    ] {
        for (line, units) in story.returns[0].value.lines.iter_mut().zip(shelved) {
            line.shelved = units;
        }
        let plan = planned(&story, &on);
        let words = plan.first().map(String::as_str).unwrap_or_default();
        assert!(plan.len() == 1 && words.contains(expected), "{shelved:?}: {plan:?}");
        assert_eq!(words.matches("shelf").count(), expected.matches("shelf").count(), "{shelved:?}: {words}");
    }
}

/// Ask, Off, Ask again: what the switch took back was refused by nobody. What a person gave up stays given up.
#[test]
fn what_a_lowered_mode_took_back_is_prepared_again() {
    for (withdrawn, expected) in [(true, vec!["ask 1×line/1 1000+0"]), (false, vec![])] {
        let mut story = back(2, Some(1));
        perform(&mut story, &policy(Mode::Ask), NOW, EffectState::Skipped);
        for effect in story.effects.iter_mut().filter(|effect| effect.automation == AUTOMATION) {
            effect.withdrawn = withdrawn;
        }
        story.seen_at_ms = NOW + MIN;
        assert_eq!(planned(&story, &policy(Mode::Off)), Vec::<String>::new(), "{withdrawn}");
        assert_eq!(planned(&story, &policy(Mode::Ask)), expected, "{withdrawn}");
        // A key of its own: the first one is used up.
        let again = decide(&story, &policy(Mode::Ask), NOW).effects;
        assert!(again.iter().all(|new| story.effects.iter().all(|old| old.key != new.key)), "{withdrawn}");
        // Money that once waited and was taken back leaves with a click, whatever the switch says now.
        assert_eq!(planned(&story, &policy(Mode::Auto)), expected, "{withdrawn}");
    }
}

#[test]
fn what_was_replaced_is_not_given_back() {
    let auto = policy(Mode::Auto);
    let mut story = back(2, Some(2));
    story.choices.replaced.push(Replacement {
        return_id: "return/7".into(),
        lines: vec![("line/1".into(), 1)],
        at_ms: NOW,
    });
    assert_eq!(planned(&story, &auto), ["auto 1×line/1 1000+0"]);
    story.choices.replaced[0].lines[0].1 = 2;
    assert_eq!(planned(&story, &auto), Vec::<String>::new());
    assert_eq!(backs(&story)[0].state, BackState::Replaced);
    assert!(decide(&story, &auto, NOW).findings.iter().all(|finding| finding.cause != Cause::Returned));
}

/// The replacement stands beside the order: nothing else of the order sees it.
#[test]
fn a_replacement_changes_nothing_of_its_order() {
    let auto = policy(Mode::Auto);
    let mut story = back(1, Some(1));
    story.choices.replaced.push(Replacement {
        return_id: "return/7".into(),
        lines: vec![("line/1".into(), 1)],
        at_ms: NOW,
    });
    let (store, hub_peer) = (&auto.peers[&channel()], &auto.peers[&hub()]);
    let draft = replacement::replacement_draft(&story, &auto, store, hub_peer, 1, &[("line/1".into(), 1)]);
    assert_eq!((draft.key.as_str(), draft.number.as_str(), draft.total_minor), ("cafe0001-1001-r1", "#1001-R1", 0));
    let lines: Vec<_> = draft.lines.iter().map(|line| (line.line_key.as_str(), line.quantity)).collect();
    assert_eq!(lines, [("line/1", 1)]);
    assert_eq!(draft.ship_to.city, "Bergen");

    let before = decide(&story, &auto, NOW);
    let mut with = story.clone();
    let mut at_hub = with.hub_orders[0].clone();
    at_hub.value.remote_id = "hub/2".into();
    at_hub.value.key.clone_from(&draft.key);
    at_hub.value.status = HubStatus::AwaitingShipment;
    with.hub_orders.push(at_hub);
    let mut sent_again = parcel(9, &[(1, 1)]);
    sent_again.hub_order_id = Some("hub/2".into());
    sent_again.hub_order_key = Some(draft.key.clone());
    with.parcels.push(Seen { connection: hub(), seen_at_ms: NOW, value: sent_again });
    let after = decide(&with, &auto, NOW);
    assert_eq!((before.stage, &before.effects, &before.findings), (after.stage, &after.effects, &after.findings));
}

#[test]
fn more_back_than_left_does_not_add_up() {
    let off = |units: i64, here: i64| {
        let mut story = back(units, Some(here));
        story.order.payment = Payment::Refunded;
        let findings = decide(&story, &policy(Mode::Watch), NOW + DAY_MS).findings;
        findings.into_iter().filter(|finding| finding.cause == Cause::LinesDoNotBalance).count()
    };
    for (units, here, told) in [(2, 0, 0), (2, 2, 0), (3, 3, 1)] {
        assert_eq!(off(units, here), told, "{here} of {units}");
    }
}

#[test]
fn money_given_back_beside_it_is_told() {
    let mut story = back(1, Some(1));
    story.order.lines[0].current_quantity = 1;
    let findings = decide(&story, &policy(Mode::Ask), NOW).findings;
    let told = findings.iter().find(|finding| finding.cause == Cause::Returned).unwrap();
    assert!(told.sentence.contains("gave money back for 1 × SKU-1"), "{}", told.sentence);
}

/// Said, taken back, and said again: the first refund was given up with what it was for.
#[test]
fn what_is_said_anew_is_prepared_anew() {
    let auto = policy(Mode::Auto);
    let mut story = holds(back(1, None), 1, false);
    perform(&mut story, &auto, NOW, EffectState::Asked);
    let goods = story.choices.goods.remove(0);
    perform(&mut story, &auto, NOW, EffectState::Asked);
    assert_eq!(planned(&story, &auto), Vec::<String>::new());
    story.choices.goods.push(GoodsHere { at_ms: NOW, ..goods });
    assert_eq!(planned(&story, &auto), ["ask 1×line/1 1000+0"]);
}

#[test]
fn a_replacement_that_was_given_up_is_none() {
    let auto = policy(Mode::Auto);
    for (state, expected, is) in [
        (EffectState::Pending, vec![], BackState::Replaced),
        (EffectState::Refused, vec![], BackState::Replaced),
        (EffectState::Done, vec![], BackState::Replaced),
        (EffectState::Skipped, vec!["auto 1×line/1 1000+0"], BackState::Here),
    ] {
        let mut story = back(1, Some(1));
        let lines = vec![("line/1".to_owned(), 1)];
        let (store, hub_peer) = (&auto.peers[&channel()], &auto.peers[&hub()]);
        let order = replacement::replacement_draft(&story, &auto, store, hub_peer, 1, &lines);
        story.choices.replaced.push(Replacement { return_id: "return/7".into(), lines, at_ms: NOW });
        story.effects.push(PastEffect {
            id: EffectId(1),
            key: format!("cafe0001-1001:put_hub_order:{}:0", order.key),
            automation: "person".into(),
            connection: hub(),
            intent: Intent::PutHubOrder { order, hub_order_id: None },
            state,
            attempts: 1,
            created_at_ms: NOW,
            not_before_ms: NOW,
            first_sent_at_ms: Some(NOW),
            settled_at_ms: None,
            refused_at_ms: None,
            refusal: None,
            ticket: None,
            withdrawn: false,
            receipt: None,
        });
        assert_eq!(planned(&story, &auto), expected, "{state:?}");
        assert_eq!(backs(&story)[0].state, is, "{state:?}");
    }
}
