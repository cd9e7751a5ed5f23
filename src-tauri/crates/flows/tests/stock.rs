//! Stock, SKU by SKU: what is promised, what is written where, and why not.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use common::{MIN, NOW, channel, hub, policy, set};
use proptest::prelude::*;
use quayside_flows::sku_aliases::AliasBook;
use quayside_flows::stock::{self, decide};
use quayside_flows::{Policy, Shapers, counts_by_hand, hand_text};
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_model::*;
use std::sync::Arc;

fn count(connection: ConnectionId, remote_id: &str, available: i64) -> Count {
    Count {
        connection,
        remote_id: remote_id.into(),
        sku: "MUG-BLUE".into(),
        bundle: false,
        item_id: remote_id.split(':').next().unwrap().into(),
        location_id: remote_id.split(':').nth(1).map(str::to_owned),
        location_name: if remote_id.ends_with(":2") { "Outlet".into() } else { "Main".into() },
        available,
        changed_at_ms: NOW - HOUR_MS,
        read_at_ms: NOW - MIN,
        agreed: None,
        agreed_at_ms: None,
    }
}

fn order(units: i64, open: i64) -> OrderUnits {
    OrderUnits {
        connection: channel(),
        hub: None,
        placed_at_ms: NOW - 2 * HOUR_MS,
        units,
        open,
        left_at_ms: (open < units).then_some(NOW - HOUR_MS),
    }
}

/// The hub counts 10, the store shows 9, nothing is open.
fn facts() -> ShelfFacts {
    ShelfFacts {
        sku: "mug-blue".into(),
        counts: vec![count(hub(), "7:1", 10), count(channel(), "70:1", 9)],
        orders: Some(vec![]),
        whole_ms: 0,
        sold_units: 0,
        sold_since_ms: NOW - 14 * DAY_MS,
        writes: vec![],
        planned: vec![],
        orders_read_ms: vec![(channel(), NOW)],
        parts: vec![],
    }
}

fn write(state: EffectState, available: i64, expected: i64) -> PastWrite {
    let refusal = (state == EffectState::Refused).then(|| Refusal::new(Cause::ContentRefused, "No such thing."));
    PastWrite {
        id: EffectId(5),
        connection: channel(),
        remote_id: "70:1".into(),
        stock: StockDraft {
            sku: "MUG-BLUE".into(),
            item_id: Some("70".into()),
            location_id: Some("1".into()),
            available,
            expected: Some(expected),
            moves: false,
        },
        state,
        first_sent_at_ms: Some(NOW - 30 * MIN),
        settled_at_ms: Some(NOW - 29 * MIN),
        refusal,
        ticket: None,
        by_hand: false,
    }
}

/// In one line: what would be written, what is taken back, what is read, and what the store's row says.
fn told(facts: &ShelfFacts, policy: &Policy) -> String {
    let decision = decide(facts, policy, NOW);
    let mut out: Vec<String> =
        decision.writes.iter().map(|write| format!("{} [{}]", write.sentence, write.key)).collect();
    out.extend(decision.overtaken.iter().map(|(id, why)| format!("-{id}: {why}")));
    out.extend(decision.read.iter().map(|(_, id)| format!("read {id}")));
    out.extend(decision.says.why.clone());
    out.extend(decision.says.sides.iter().map(|side| format!("{:?}. {}", side.state, side.sentence).trim().to_owned()));
    out.join(" | ")
}

fn check(what: &str, mend: impl FnOnce(&mut ShelfFacts, &mut Policy), expected: &str) {
    let (mut facts, mut policy) = (facts(), policy(Mode::Auto));
    mend(&mut facts, &mut policy);
    assert_eq!(told(&facts, &policy), expected, "{what}");
}

fn choose(policy: &mut Policy, name: &str, value: &str) {
    *policy = set(policy.clone(), stock::ID, name, value);
}

const SET_10: &str = "Set MUG-BLUE at Harbour Goods (Main) from 9 to 10 [cafe0001-70:1:set_stock:0] | Changing. 10 goes there in its turn.";

/// The store's count holds, and the hub takes none, though hubs of its platform do.
fn takes_none(policy: &mut Policy) {
    choose(policy, stock::TRUTH, channel().as_str());
    choose(policy, stock::ELSEWHERE, "booked");
    let peer = policy.peers.get_mut(&hub()).unwrap();
    peer.performs.retain(|kind| *kind != IntentKind::SetStock);
    peer.lacks = vec![IntentKind::SetStock];
}

fn planned(state: EffectState) -> Vec<PastWrite> {
    vec![PastWrite { connection: hub(), remote_id: "7:1".into(), ..write(state, 9, 10) }]
}

#[test]
fn what_a_hub_takes_no_counts_for_is_set_by_hand_once() {
    type Mend = fn(&mut ShelfFacts, &mut Policy);
    let table: [(&str, Mend, Option<i64>, &str); 9] = [
        ("it differs", |_, _| {}, Some(9), "NotWritten. It should be 9."),
        ("a newer number", |f, _| f.counts[1].available = 7, Some(7), "NotWritten. It should be 7."),
        ("it agrees", |f, _| f.counts[0].available = 9, None, "Agrees."),
        ("it is only watched", |_, p| p.automations.get_mut(stock::ID).unwrap().mode = Mode::Watch, None, "Differs."),
        ("left alone", |_, p| p.peers.get_mut(&hub()).unwrap().counts.follows = false, None, "NotWritten. You leave"),
        ("its kind takes none", |_, p| p.peers.get_mut(&hub()).unwrap().lacks.clear(), None, "takes no counts."),
        ("an old count", |f, _| f.counts[0].read_at_ms = NOW - 7 * HOUR_MS, None, "read 7:1 | Reading."),
        ("planned while it took them", |f, _| f.writes = planned(EffectState::Pending), Some(9), "-5: Main warehouse"),
        ("on its way", |f, _| f.writes = planned(EffectState::Running), None, "Changing."),
    ];
    for (what, mend, expected, said) in table {
        let (mut facts, mut policy) = (facts(), policy(Mode::Ask));
        takes_none(&mut policy);
        mend(&mut facts, &mut policy);
        let decision = decide(&facts, &policy, NOW);
        assert_eq!(decision.writes, [], "{what}");
        let found = decision.findings.into_iter().map(|(of, one)| (of, one.cause, one.about, one.sentence));
        let sentence = expected.map(|n| {
            format!(
                "Main warehouse (Main) shows 10 of MUG-BLUE, and it should be {n}. Main warehouse takes no counts from outside: set it there."
            )
        });
        let entry = sentence.map(|sentence| (hub(), Cause::ChangeByHand, "7:1".to_owned(), sentence));
        assert_eq!(found.collect::<Vec<_>>(), entry.into_iter().collect::<Vec<_>>(), "{what}");
        let line = told(&facts, &policy);
        assert!(line.contains(said), "{what}: {line}");
        let typed = counts_by_hand(&facts, &policy, NOW).into_iter().map(|(.., change)| hand_text(&change));
        let text = expected.map(|n| format!("Set the count\nSKU: MUG-BLUE\nCount at Main: 10 → {n}"));
        assert_eq!(typed.collect::<Vec<_>>(), text.into_iter().collect::<Vec<_>>(), "{what}");
    }
}

#[test]
fn the_store_follows_the_hub() {
    check("differs", |_, _| {}, SET_10);
    check("agrees", |f, _| f.counts[1].available = 10, "Agrees.");
    check(
        "orders, safety stock and buffer are kept off",
        |f, p| {
            f.orders = Some(vec![order(3, 3), order(2, 1)]);
            choose(p, stock::SAFETY, "1");
            p.peers.get_mut(&channel()).unwrap().counts.buffer = 2;
        },
        "Set MUG-BLUE at Harbour Goods (Main) from 9 to 3 [cafe0001-70:1:set_stock:0] | Changing. 3 goes there in its turn.",
    );
    check(
        "never below nothing",
        |f, _| f.orders = Some(vec![order(30, 30)]),
        "Set MUG-BLUE at Harbour Goods (Main) from 9 to 0 [cafe0001-70:1:set_stock:0] | Changing. 0 goes there in its turn.",
    );
    check(
        "the next key follows",
        |f, _| f.planned = vec![(channel(), "70:1".into(), 4)],
        &SET_10.replace(":0]", ":4]"),
    );
}

#[test]
fn modes() {
    for (mode, expected) in [
        (
            Mode::Off,
            "\"Stock\" is off, so what orders hold is not added up. | NotWritten. \"Stock\" is off, so what orders hold is not added up.",
        ),
        (
            Mode::Ask,
            "Set MUG-BLUE at Harbour Goods (Main) from 9 to 10 [cafe0001-70:1:set_stock:0] | Changing. 10 waits for your click.",
        ),
        (
            Mode::Watch,
            "Set MUG-BLUE at Harbour Goods (Main) from 9 to 10 [cafe0001-70:1:set_stock:0] | Differs. It should be 10; \"Stock\" only watches.",
        ),
    ] {
        let policy = policy(mode);
        assert_eq!(told(&facts(), &policy), expected);
        assert!(decide(&facts(), &policy, NOW).writes.iter().all(|write| write.mode == mode));
    }
    // Nobody asked for it: it is off.
    assert_eq!(Policy::default().automation(stock::ID).mode, Mode::Off);
}

#[test]
fn what_is_not_known_is_not_written() {
    check(
        "no truth",
        |f, _| drop(f.counts.remove(0)),
        "No account's count was chosen as the one that holds. | NotWritten. No account's count was chosen as the one that holds.",
    );
    check(
        "the truth has no such SKU",
        |f, p| {
            f.counts.remove(0);
            choose(p, stock::TRUTH, "warehouse");
        },
        "Main warehouse has no count of it. | NotWritten. Main warehouse has no count of it.",
    );
    check(
        "open orders are not counted yet",
        |f, _| f.orders = None,
        "What open orders hold is still being added up. | NotWritten. What open orders hold is still being added up.",
    );
    check(
        "the truth was read before orders were added up",
        |f, _| f.whole_ms = NOW,
        "read 7:1 | The count of Main warehouse was last read before orders were added up. | NotWritten. The count of Main warehouse was last read before orders were added up.",
    );
    check(
        "the truth is old, and read by name",
        |f, _| f.counts[0].read_at_ms = NOW - 7 * HOUR_MS,
        "read 7:1 | The count of Main warehouse was not read for too long. | NotWritten. The count of Main warehouse was not read for too long.",
    );
    check(
        "the side is old",
        |f, _| f.counts[1].read_at_ms = NOW - 7 * HOUR_MS,
        "read 70:1 | Reading. The count of Harbour Goods was not read for too long.",
    );
    let line = |p: &mut Policy, skew_ms: i64, line_ms: i64| {
        p.peers.get_mut(&channel()).unwrap().skew_ms = skew_ms;
        p.automations.get_mut(stock::ID).unwrap().go_live_ms = Some(line_ms);
    };
    check("counted after a line that a clock a day ahead says", |_, p| line(p, DAY_MS, NOW - HOUR_MS + DAY_MS), SET_10);
    check(
        "counted before a line that a clock a day behind says",
        |_, p| line(p, -DAY_MS, NOW - DAY_MS),
        "read 7:1 | The count of Main warehouse was last read before the go-live line. | NotWritten. The count of Main warehouse was last read before the go-live line.",
    );
    check(
        "counted before the line",
        |_, p| p.automations.get_mut(stock::ID).unwrap().go_live_ms = Some(NOW),
        "read 7:1 | The count of Main warehouse was last read before the go-live line. | NotWritten. The count of Main warehouse was last read before the go-live line.",
    );
    check(
        "two listings at the store",
        |f, _| f.counts.push(count(channel(), "71:1", 3)),
        "NotWritten. Several listings of Harbour Goods share the SKU: none of them is it for sure. | NotWritten. Several listings of Harbour Goods share the SKU: none of them is it for sure.",
    );
    check(
        "two items at the hub",
        |f, _| f.counts.push(count(hub(), "8:1", 3)),
        "Several listings of Main warehouse share the SKU: none of them is it for sure. | NotWritten. Several listings of Main warehouse share the SKU: none of them is it for sure.",
    );
    check(
        "two places at the store",
        |f, _| f.counts.push(count(channel(), "70:2", 3)),
        "NotWritten. Harbour Goods counts it at 2 places. Name the one that follows, under Connections. | NotWritten. Harbour Goods counts it at 2 places. Name the one that follows, under Connections.",
    );
    check(
        "a bundle whose entry is gone from the table",
        |f, _| f.counts[1].bundle = true,
        "NotWritten. It is a bundle, and the table of SKU aliases does not say any more of what.",
    );
    check(
        "left alone",
        |_, p| p.peers.get_mut(&channel()).unwrap().counts.follows = false,
        "NotWritten. You leave the counts of Harbour Goods alone.",
    );
    check(
        "takes none",
        |_, p| p.peers.get_mut(&channel()).unwrap().performs.clear(),
        "NotWritten. Harbour Goods takes no counts.",
    );
    check(
        "it fell there, and its orders were not read since",
        |f, _| f.counts[1].changed_at_ms = NOW - MIN,
        "Reading. It changed there; its orders are read before it is raised.",
    );
}

#[test]
fn several_places() {
    check(
        "all of the hub's together",
        |f, _| f.counts.push(count(hub(), "7:2", 5)),
        &SET_10.replace("to 10", "to 15").replace(". 10", ". 15"),
    );
    check(
        "one of the hub's",
        |f, p| {
            f.counts.push(count(hub(), "7:2", 5));
            choose(p, stock::PLACE, "outlet");
        },
        "Set MUG-BLUE at Harbour Goods (Main) from 9 to 5 [cafe0001-70:1:set_stock:0] | Changing. 5 goes there in its turn.",
    );
    check(
        "one of the store's",
        |f, p| {
            f.counts.push(count(channel(), "70:2", 3));
            p.peers.get_mut(&channel()).unwrap().counts.place = "Main".into();
        },
        &format!("{SET_10} | NotWritten. Only Main follows."),
    );
}

#[test]
fn what_is_under_way_is_waited_for() {
    let with = |write: PastWrite| move |f: &mut ShelfFacts, _: &mut Policy| f.writes = vec![write];
    check("on its way", with(write(EffectState::Unknown, 10, 9)), "Changing. 10 is on its way there.");
    check("planned already", with(write(EffectState::Pending, 10, 9)), "Changing. 10 goes there in its turn.");
    check(
        "planned otherwise",
        with(write(EffectState::Asked, 8, 9)),
        &SET_10.replace(" | ", " | -5: the count changed | "),
    );
    check(
        "the side moved",
        with(write(EffectState::Pending, 10, 7)),
        &SET_10.replace(" | ", " | -5: the count changed | "),
    );
    check("refused for good", with(write(EffectState::Refused, 10, 9)), "Refused. No such thing.");
    check(
        "refused, and wanted otherwise now",
        with(write(EffectState::Refused, 8, 9)),
        &SET_10.replace(" | ", " | -5: the count changed | "),
    );
    let compared = |read_at_ms: i64| {
        move |f: &mut ShelfFacts, _: &mut Policy| {
            let mut write = write(EffectState::Refused, 10, 9);
            write.refusal = Some(Refusal::new(Cause::SidesDiffer, "The store has 8 by now."));
            f.writes = vec![write];
            f.counts[1].read_at_ms = read_at_ms;
            f.counts[1].available = 8;
        }
    };
    check(
        "refused by comparing: read again",
        compared(NOW - 40 * MIN),
        "read 70:1 | Reading. It changed there meanwhile; it is read again first.",
    );
    check(
        "… and decided anew",
        compared(NOW - MIN),
        &SET_10.replace("from 9", "from 8").replace(" | ", " | -5: the count changed | "),
    );
    check(
        "written and not read back",
        |f, _| {
            f.writes = vec![write(EffectState::Done, 10, 9)];
            f.counts[1].read_at_ms = NOW - 40 * MIN;
        },
        "read 70:1 | Reading. It was written; what it shows is read back first.",
    );
    check("read back as before: written again", with(write(EffectState::Done, 10, 9)), SET_10);
    check(
        "something else writes it, too",
        |f, _| f.writes = vec![write(EffectState::Done, 10, 9); 3],
        "NotWritten. It was set to 10 3 times in a day and shows 9 again: something else writes it too.",
    );
}

#[test]
fn our_own_echo_is_no_change() {
    let mut facts = facts();
    facts.writes = vec![write(EffectState::Done, 10, 9)];
    facts.counts[1] = Count { available: 10, changed_at_ms: NOW - 28 * MIN, ..count(channel(), "70:1", 10) };
    let decision = decide(&facts, &policy(Mode::Auto), NOW);
    assert!(decision.writes.is_empty() && decision.says.sides[0].by_us);
    assert_eq!(decision.agreed, [(channel(), "70:1".to_owned(), 10)]);
    facts.counts[1].agreed = Some(10);
    assert_eq!(decide(&facts, &policy(Mode::Auto), NOW).agreed, []);
}

/// In one line per entry of the exceptions list: cause, count, sentence, change.
fn listed(mend: impl FnOnce(&mut ShelfFacts, &mut Policy)) -> Vec<String> {
    let (mut facts, mut policy) = (facts(), policy(Mode::Auto));
    mend(&mut facts, &mut policy);
    let found = decide(&facts, &policy, NOW).findings;
    found
        .into_iter()
        .map(|(account, finding)| {
            let effect = finding.effect.map_or_else(String::new, |effect| effect.to_string());
            format!("{} {account} {} #{effect}: {}", finding.cause, finding.about, finding.sentence)
        })
        .collect()
}

#[test]
fn what_was_refused_or_lost_is_an_exception_until_it_is_over() {
    fn refused() -> PastWrite {
        write(EffectState::Refused, 10, 9)
    }
    fn moved() -> PastWrite {
        PastWrite { refusal: Some(Refusal::new(Cause::SidesDiffer, "It has 8 by now.")), ..refused() }
    }
    fn lost(ticket: Option<&str>) -> PastWrite {
        PastWrite {
            refusal: Some(Refusal::new(Cause::OutcomeUnknown, "No answer came.")),
            ticket: ticket.map(str::to_owned),
            ..write(EffectState::Unknown, 10, 9)
        }
    }
    type Mend = fn(&mut ShelfFacts, &mut Policy);
    const STANDS: &[&str] = &["content_refused store 70:1 #5: No such thing."];
    let cases: &[(&str, Mend, &[&str])] = &[
        ("refused", |f, _| f.writes = vec![refused()], STANDS),
        (
            "it stays while the count that holds is not known",
            |f, _| {
                f.writes = vec![refused()];
                f.counts[0].read_at_ms = NOW - 7 * HOUR_MS;
            },
            STANDS,
        ),
        ("it is over once another number is wanted", |f, _| f.writes = vec![write(EffectState::Refused, 8, 9)], &[]),
        (
            "… once the number is there",
            |f, _| {
                f.writes = vec![refused()];
                f.counts[1].available = 10;
            },
            &[],
        ),
        (
            "… once its counts are left alone",
            |f, p| {
                f.writes = vec![refused()];
                p.peers.get_mut(&channel()).unwrap().counts.follows = false;
            },
            &[],
        ),
        (
            "… and once it is switched off",
            |f, p| {
                f.writes = vec![refused()];
                p.automations.get_mut(stock::ID).unwrap().mode = Mode::Off;
            },
            &[],
        ),
        (
            "a number that had moved is read again, and that is all",
            |f, _| {
                f.writes = vec![moved()];
                f.counts[1].read_at_ms = NOW - 40 * MIN;
            },
            &[],
        ),
        (
            "one that is said to have moved, and shows the same",
            |f, _| f.writes = vec![moved()],
            &["sides_differ store 70:1 #5: It has 8 by now."],
        ),
        (
            "an answer that was lost",
            |f, _| f.writes = vec![lost(None)],
            &["outcome_unknown store 70:1 #5: No answer came."],
        ),
        ("one the account works on", |f, _| f.writes = vec![lost(Some("feed 7"))], &[]),
        ("given up", |f, _| f.writes = vec![PastWrite { refusal: None, ..write(EffectState::Skipped, 10, 9) }], &[]),
    ];
    for (what, mend, expected) in cases {
        assert_eq!(listed(*mend), *expected, "{what}");
    }
}

/// Off is free: what nobody wants to know is not even worked out for an order.
#[test]
fn orders_are_added_up_while_somebody_wants_to_know() {
    for (mode, adds_up) in [(Mode::Off, false), (Mode::Watch, true), (Mode::Ask, true), (Mode::Auto, true)] {
        let policy = policy(mode);
        assert_eq!(stock::adds_up(&policy), adds_up, "{mode:?}");
        let decision = quayside_flows::decide(&common::story(), &policy, NOW);
        assert_eq!(decision.held.is_some(), adds_up, "{mode:?}");
    }
    assert!(!stock::adds_up(&Policy::default()));
}

#[test]
fn orders_are_added_up_from_as_far_back_as_they_matter() {
    let line = NOW - 90 * DAY_MS;
    let from = |settings: &[(&str, &str)], is_store: bool| {
        let mut policy = policy(Mode::Auto);
        policy.automations.get_mut(stock::ID).unwrap().go_live_ms = Some(line);
        if is_store {
            policy.peers.get_mut(&hub()).unwrap().roles = vec![Role::Channel];
        }
        for (name, value) in settings {
            choose(&mut policy, name, value);
        }
        (stock::orders_since_ms(&policy, NOW), stock::orders_from_ms(&policy, NOW))
    };
    let pace = NOW - 14 * DAY_MS;
    let chosen = &[(stock::TRUTH, "warehouse")][..];
    assert_eq!(from(&[], false), (NOW, pace), "the hub's count holds: the pace is all that is asked of the past");
    assert_eq!(from(chosen, false), (NOW, pace));
    assert_eq!(from(chosen, true), (line, line), "a store never hears of what others sold since the line");
    let booked = &[(stock::TRUTH, "warehouse"), (stock::ELSEWHERE, "booked")][..];
    assert_eq!(from(booked, true), (NOW, pace), "somebody books them");
    assert_eq!(from(&[(stock::PACE_DAYS, "60")], false), (NOW, NOW - 60 * DAY_MS));
}

/// What orders hold, by what the count that holds contains.
#[test]
fn what_the_truth_leaves_out() {
    let available = |orders: Vec<OrderUnits>, settings: &[(&str, &str)], line_ms: Option<i64>| {
        let (mut facts, mut policy) = (facts(), policy(Mode::Auto));
        facts.orders = Some(orders);
        for (name, value) in settings {
            choose(&mut policy, name, value);
        }
        policy.automations.get_mut(stock::ID).unwrap().go_live_ms = line_ms;
        decide(&facts, &policy, NOW).says.available
    };
    let at_hub = |since_ms: i64| OrderUnits { hub: Some((hub(), since_ms)), ..order(3, 3) };
    let orders = &[(stock::CONTAINS, "orders")][..];
    let store = &[(stock::TRUTH, "store"), (stock::CONTAINS, "orders")][..];
    let of_other = |placed_at_ms: i64, open: i64| OrderUnits {
        connection: ConnectionId::new("other"),
        placed_at_ms,
        left_at_ms: (open < 3).then_some(NOW - 2 * DAY_MS),
        ..order(3, open)
    };
    let line = Some(NOW - DAY_MS);
    for (what, orders, settings, line_ms, expected) in [
        ("the shelf holds what is to be packed", vec![at_hub(NOW - DAY_MS)], &[][..], None, Some(7)),
        ("the hub leaves out what it has", vec![at_hub(NOW - DAY_MS)], orders, None, Some(10)),
        ("… not what it got since it was read", vec![at_hub(NOW)], orders, None, Some(7)),
        ("… nor what is not there yet", vec![order(3, 3)], orders, None, Some(7)),
        ("left before the count was read", vec![order(3, 0)], &[], None, Some(10)),
        ("left since", vec![OrderUnits { left_at_ms: Some(NOW), ..order(3, 0) }], &[], None, Some(7)),
        ("a store leaves its own sales out", vec![order(3, 3)], store, line, Some(9)),
        ("… not those since it was read", vec![OrderUnits { placed_at_ms: NOW, ..order(3, 3) }], store, line, Some(6)),
        ("a store never hears of others' sales", vec![of_other(NOW - HOUR_MS, 0)], store, line, Some(6)),
        ("… those before the line were counted", vec![of_other(NOW - 3 * DAY_MS, 0)], store, line, Some(9)),
        ("… what is still to leave was not", vec![of_other(NOW - 3 * DAY_MS, 3)], store, line, Some(6)),
        ("a store without a line is not believed", vec![], store, None, None),
    ] {
        assert_eq!(available(orders, settings, line_ms), expected, "{what}");
    }
    let booked = &[(stock::TRUTH, "store"), (stock::CONTAINS, "orders"), (stock::ELSEWHERE, "booked")][..];
    assert_eq!(available(vec![of_other(NOW - HOUR_MS, 0)], booked, None), Some(9), "somebody books them");
}

#[test]
fn it_warns_before_it_is_gone() {
    let warning = |sold: i64, units: i64, low: &str| {
        let (mut facts, mut policy) = (facts(), policy(Mode::Auto));
        facts.sold_units = sold;
        facts.counts[0].available = units;
        choose(&mut policy, stock::LOW, low);
        let says = decide(&facts, &policy, NOW).says;
        says.warning.map(|warning| (warning.code, warning.sentence))
    };
    let told = |code: &str, sentence: &str| Some((code.to_owned(), sentence.to_owned()));
    // 42 in 14 days: 3 a day.
    assert_eq!(warning(42, 9, "0"), told("runs_out", "Runs out in 3 days."));
    assert_eq!(warning(42, 10, "0"), None);
    assert_eq!(warning(42, 2, "0"), told("runs_out", "Runs out within a day."));
    assert_eq!(warning(42, 0, "0"), told("out", "Nothing is left to promise."));
    // What nobody buys runs out of nothing.
    assert_eq!(warning(0, 0, "0"), None);
    assert_eq!(warning(0, 4, "5"), told("low", "Only 4 are left to promise."));
}

/// Two platforms with the same goods, and a desk between them that reads seldom, loses answers and sends twice.
struct World {
    now_ms: i64,
    truth: i64,
    side: i64,
    /// The account can compare before it writes.
    compares: bool,
    /// The orders there are: the store they came from, and what became of them.
    orders: Vec<OrderUnits>,
    /// As the desk last read them.
    read: Vec<OrderUnits>,
    facts: ShelfFacts,
    sent: Vec<PlannedWrite>,
    /// What happened that may ask for a write.
    happened: usize,
    refused: usize,
}

impl World {
    fn read_truth(&mut self) {
        let (now_ms, units) = (self.now_ms, self.truth);
        Self::see(&mut self.facts.counts[0], units, now_ms);
    }

    fn read_side(&mut self) {
        let (now_ms, units) = (self.now_ms, self.side);
        Self::see(&mut self.facts.counts[1], units, now_ms);
    }

    fn see(count: &mut Count, units: i64, now_ms: i64) {
        if count.available != units {
            (count.available, count.changed_at_ms) = (units, now_ms);
        }
        count.read_at_ms = now_ms;
    }

    /// The desk learns of what left when it reads, not when it leaves.
    fn read_orders(&mut self) {
        for (n, order) in self.orders.iter().enumerate() {
            if let Some(known) = self.read.get_mut(n) {
                if known.open != order.open {
                    known.left_at_ms = Some(self.now_ms);
                }
                known.open = order.open;
            } else {
                let left_at_ms = (order.open < order.units).then_some(self.now_ms);
                self.read.push(OrderUnits { left_at_ms, ..order.clone() });
            }
        }
        self.facts.orders = Some(self.read.clone());
        self.facts.orders_read_ms = vec![(channel(), self.now_ms)];
    }

    fn think(&mut self, policy: &Policy) {
        let decision = decide(&self.facts, policy, self.now_ms);
        for (id, _) in &decision.overtaken {
            let gone = self.facts.writes.iter_mut().find(|write| write.id == *id).unwrap();
            assert!(matches!(gone.state, EffectState::Pending | EffectState::Refused), "{:?}", gone.state);
            gone.state = EffectState::Skipped;
        }
        self.facts.writes.retain(|write| write.state != EffectState::Skipped);
        for (connection, _) in &decision.read {
            if *connection == hub() { self.read_truth() } else { self.read_side() }
        }
        for (_, _, units) in &decision.agreed {
            (self.facts.counts[1].agreed, self.facts.counts[1].agreed_at_ms) = (Some(*units), Some(self.now_ms));
        }
        for planned in decision.writes {
            assert_eq!(planned.connection, channel(), "nothing is written to the count that holds");
            assert!(
                self.facts.writes.iter().all(|write| write.state.is_final() || write.state == EffectState::Skipped),
                "one change of a count at a time"
            );
            let Intent::SetStock { stock } = planned.intent.clone() else { panic!("{planned:?}") };
            assert!(stock.available >= 0);
            let n = self.sent.len() as i64;
            self.facts.writes.insert(
                0,
                PastWrite {
                    id: EffectId(100 + n),
                    stock,
                    state: EffectState::Pending,
                    first_sent_at_ms: None,
                    settled_at_ms: None,
                    refusal: None,
                    ..write(EffectState::Pending, 0, 0)
                },
            );
            self.facts.planned = vec![(channel(), "70:1".into(), n as u64 + 1)];
            self.sent.push(planned);
        }
    }

    /// The newest change, at the platform. `luck`: 0 lost before it arrived, 1 lost after, 2 sent twice, else answered.
    fn perform(&mut self, luck: u8) {
        let (now_ms, compares) = (self.now_ms, self.compares);
        let Some(write) = self.facts.writes.first_mut() else { return };
        match write.state {
            EffectState::Unknown => {
                // Asked by name: it holds, or it does not.
                if self.side == write.stock.available {
                    (write.state, write.settled_at_ms) = (EffectState::Done, Some(now_ms));
                } else {
                    write.state = EffectState::Pending;
                }
            }
            EffectState::Pending => {
                write.first_sent_at_ms.get_or_insert(now_ms);
                if compares && write.stock.expected != Some(self.side) && self.side != write.stock.available {
                    (write.state, write.settled_at_ms) = (EffectState::Refused, Some(now_ms));
                    write.refusal = Some(Refusal::new(Cause::SidesDiffer, "It shows another by now."));
                    self.refused += 1;
                    return;
                }
                if luck != 0 {
                    self.side = write.stock.available;
                }
                match luck {
                    0 | 1 => write.state = EffectState::Unknown,
                    _ => (write.state, write.settled_at_ms) = (EffectState::Done, Some(now_ms)),
                }
            }
            _ => {}
        }
    }
}

fn mirrored(policy: &Policy, compares: bool, steps: &[(u8, u8, u8)]) -> Result<(), TestCaseError> {
    let is_store = policy.peers[&hub()].roles == [Role::Channel];
    let mut world = World {
        now_ms: NOW,
        truth: 40,
        side: 40,
        compares,
        orders: vec![],
        read: vec![],
        facts: facts(),
        sent: vec![],
        happened: 1,
        refused: 0,
    };
    world.read_truth();
    world.read_side();
    let mut by_hand = 0;
    for (what, units, luck) in steps {
        world.now_ms += MIN;
        let units = i64::from(*units % 4) + 1;
        world.happened += 1;
        match what % 12 {
            // Sold at the side.
            0 | 1 if world.side >= units => {
                world.side -= units;
                let now_ms = world.now_ms;
                world.orders.push(OrderUnits { placed_at_ms: now_ms, left_at_ms: None, ..order(units, units) });
            }
            // Sold somewhere else.
            2 if !is_store => {
                let elsewhere = ConnectionId::new("other");
                let now_ms = world.now_ms;
                let sold =
                    OrderUnits { connection: elsewhere, placed_at_ms: now_ms, left_at_ms: None, ..order(units, units) };
                world.orders.push(sold);
            }
            // Sold at the truth itself, which is a store.
            2 if world.truth >= units => {
                world.truth -= units;
                let now_ms = world.now_ms;
                world.orders.push(OrderUnits {
                    connection: hub(),
                    placed_at_ms: now_ms,
                    left_at_ms: None,
                    ..order(units, units)
                });
            }
            // Something leaves.
            3 | 4 => {
                if let Some(order) = world.orders.iter_mut().find(|order| order.open > 0) {
                    if !is_store {
                        world.truth -= order.open;
                    }
                    order.open = 0;
                }
            }
            // Counted anew, goods arrive.
            5 => world.truth += units,
            // Somebody types at the side.
            6 if by_hand < 2 => {
                by_hand += 1;
                world.side = units;
            }
            7 => world.read_truth(),
            8 => world.read_side(),
            9 => world.read_orders(),
            _ => world.happened -= 1,
        }
        if luck % 3 != 0 {
            world.think(policy);
        }
        if luck % 2 == 0 {
            world.perform((luck / 2) % 8);
        }
    }
    // Nothing happens any more; everything is read in its turn.
    let mut before = 0;
    for round in 0..60 {
        world.now_ms += 5 * MIN;
        world.read_orders();
        world.read_truth();
        world.read_side();
        world.think(policy);
        world.perform(7);
        if round == 20 {
            before = world.sent.len();
        }
    }
    prop_assert_eq!(world.sent.len(), before, "it comes to rest");
    let held: i64 = world
        .orders
        .iter()
        .map(|order| match (is_store, order.connection == hub()) {
            (true, true) => 0,
            (true, false) => order.units,
            (false, _) => order.open,
        })
        .sum();
    prop_assert_eq!(world.side, (world.truth - held - 1 - 2).max(0), "both sides agree in the end");
    let most = world.happened + world.refused;
    prop_assert!(world.sent.len() <= most, "{} writes for {most} reasons", world.sent.len());
    Ok(())
}

fn with_margins() -> Policy {
    let mut policy = set(policy(Mode::Auto), stock::ID, stock::SAFETY, "1");
    policy.peers.get_mut(&channel()).unwrap().counts.buffer = 2;
    policy
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn two_platforms_never_play_ping_pong(
        steps in prop::collection::vec(any::<(u8, u8, u8)>(), 0..300),
        compares in any::<bool>(),
    ) {
        mirrored(&with_margins(), compares, &steps)?;
    }

    /// The count that holds is a store's, which never hears of what the other one sells.
    #[test]
    fn two_stores_never_play_ping_pong(
        steps in prop::collection::vec(any::<(u8, u8, u8)>(), 0..300),
        compares in any::<bool>(),
    ) {
        let mut policy = with_margins();
        policy.peers.get_mut(&hub()).unwrap().roles = vec![Role::Channel];
        choose(&mut policy, stock::TRUTH, "warehouse");
        choose(&mut policy, stock::CONTAINS, "orders");
        policy.automations.get_mut(stock::ID).unwrap().go_live_ms = Some(NOW);
        mirrored(&policy, compares, &steps)?;
    }
}

/// What a person adjusts at the hub's count, which holds: `by` units, 10 having been seen.
fn adjust(facts: &ShelfFacts, policy: &Policy, (account, name): (&ConnectionId, &str), by: i64, shown: i64) -> String {
    let wish = stock::Adjustment { connection: account, remote_id: name, by, shown, reason: " came back " };
    match stock::adjust(facts, policy, &wish, NOW) {
        Ok(write) => {
            let Intent::SetStock { stock } = &write.intent else { panic!("{write:?}") };
            assert_eq!((stock.difference(), stock.expected, stock.available), (Some(by), Some(shown), shown + by));
            assert_eq!((write.mode, write.automation.as_str()), (Mode::Auto, stock::BY_HAND));
            format!("{} [{}]", write.sentence, write.key)
        }
        Err(why) => why,
    }
}

#[test]
fn a_person_adjusts_a_count_by_so_many_units() {
    let (holds, follows) = ((hub(), "7:1"), (channel(), "70:1"));
    let (facts, auto) = (facts(), policy(Mode::Auto));
    let at = |(account, name): &(ConnectionId, &'static str), policy: &Policy, by: i64, shown: i64| {
        adjust(&facts, policy, (account, *name), by, shown)
    };
    assert_eq!(
        at(&holds, &auto, 2, 10),
        "Add 2 to MUG-BLUE at Main warehouse (Main): 10 becomes 12 (came back) [beef0001-7:1:set_stock:0]"
    );
    assert_eq!(
        at(&holds, &auto, -10, 10),
        "Take 10 from MUG-BLUE at Main warehouse (Main): 10 becomes 0 (came back) [beef0001-7:1:set_stock:0]"
    );
    for (by, shown, why) in [
        (0, 10, "Say how many units"),
        (200_000, 10, "units at once are the most"),
        (i64::MIN, 10, "units at once are the most"),
        (-11, 10, "Main warehouse shows 10 of MUG-BLUE, so 11 cannot be taken away."),
        (-1, 11, "Main warehouse shows 10 of MUG-BLUE by now, and 11 was seen"),
    ] {
        let said = at(&holds, &auto, by, shown);
        assert!(said.contains(why), "{by} {shown}: {said}");
    }
    assert!(at(&(hub(), "8:1"), &auto, 1, 10).contains("no such count"));
    // What another count sets is adjusted there, unless nothing is set.
    let said = at(&follows, &auto, 1, 9);
    assert!(said.contains("by the one of Main warehouse, and would set it back"), "{said}");
    for mode in [Mode::Off, Mode::Watch] {
        let said = at(&follows, &policy(mode), 1, 9);
        assert!(said.starts_with("Add 1 to MUG-BLUE at Harbour Goods (Main): 9 becomes 10"), "{mode:?}: {said}");
    }
    let mut alone = auto.clone();
    alone.peers.get_mut(&channel()).unwrap().counts.follows = false;
    assert!(at(&follows, &alone, 1, 9).starts_with("Add 1"));
    let mut deaf = auto;
    deaf.peers.get_mut(&hub()).unwrap().performs.clear();
    assert!(at(&holds, &deaf, 1, 10).contains("takes no counts"));
}

fn by_hand(state: EffectState, available: i64, expected: i64) -> PastWrite {
    PastWrite { by_hand: true, ..write(state, available, expected) }
}

#[test]
fn one_change_of_a_count_at_a_time_and_read_back_before_the_next() {
    let off = policy(Mode::Off);
    for (state, why) in [
        (EffectState::Asked, "waits for your click"),
        (EffectState::Pending, "under way"),
        (EffectState::Running, "under way"),
        (EffectState::Unknown, "under way"),
        (EffectState::Done, "being read back"),
        (EffectState::Refused, "9 becomes 10"),
        (EffectState::Skipped, "9 becomes 10"),
    ] {
        let mut facts = facts();
        facts.writes = vec![by_hand(state, 10, 9)];
        facts.counts[1].read_at_ms = NOW - HOUR_MS;
        let said = adjust(&facts, &off, (&channel(), "70:1"), 1, 9);
        assert!(said.contains(why), "{state:?}: {said}");
    }
}

/// The automation takes no hand change back, gives none up, and sets nothing over one that is on its way.
#[test]
fn what_a_person_adjusts_is_left_to_its_end() {
    for mode in [Mode::Off, Mode::Watch, Mode::Ask, Mode::Auto] {
        for state in [EffectState::Pending, EffectState::Running, EffectState::Unknown, EffectState::Refused] {
            for at_truth in [false, true] {
                let mut facts = facts();
                let mut one = PastWrite {
                    refusal: Some(Refusal::new(Cause::SidesDiffer, "It has 8 by now.")),
                    ..by_hand(state, 12, 9)
                };
                if at_truth {
                    (one.connection, one.remote_id) = (hub(), "7:1".into());
                }
                facts.counts.iter_mut().for_each(|count| count.read_at_ms = NOW - 31 * MIN);
                facts.writes = vec![one];
                let decision = decide(&facts, &policy(mode), NOW);
                let what = format!("{mode:?} {state:?} {at_truth}");
                assert!(decision.overtaken.is_empty(), "{what}: {:?}", decision.overtaken);
                let open = state != EffectState::Refused && !at_truth;
                assert!(!open || decision.writes.is_empty(), "{what}");
                assert!(!open || decision.says.sides[0].state == SideState::Changing, "{what}");
                // Refused or lost, it is told wherever it was.
                let told = matches!(state, EffectState::Refused | EffectState::Unknown);
                assert_eq!(decision.findings.len(), usize::from(told), "{what}");
            }
        }
    }
    // Done, it is read back, whoever may act.
    for mode in [Mode::Off, Mode::Auto] {
        let mut facts = facts();
        facts.counts[0].read_at_ms = NOW - HOUR_MS;
        let done = by_hand(EffectState::Done, 12, 10);
        facts.writes = vec![PastWrite { connection: hub(), remote_id: "7:1".into(), ..done }];
        assert_eq!(decide(&facts, &policy(mode), NOW).read, [(hub(), "7:1".to_owned())], "{mode:?}");
        facts.counts[0].read_at_ms = NOW;
        assert!(decide(&facts, &policy(mode), NOW).read.is_empty(), "{mode:?}");
    }
}

fn alias(theirs: &str, by: AliasBy, parts: &[(&str, i64)]) -> SkuAlias {
    let parts = parts.iter().map(|(sku, quantity)| AliasPart { sku: (*sku).into(), quantity: *quantity }).collect();
    SkuAlias { store: None, by, theirs: theirs.into(), parts }
}

fn part(sku: &str, units: i64) -> ShelfFacts {
    let counts = vec![Count { sku: sku.into(), ..count(hub(), "7:1", units) }];
    ShelfFacts { sku: sku.to_lowercase(), counts, ..facts() }
}

/// The store shows 4 sets of a mug and two teas; the hub counts 10 mugs and 7 teas.
fn set_facts() -> ShelfFacts {
    let set = Count { sku: "GIFT-SET".into(), bundle: true, ..count(channel(), "90:1", 4) };
    let parts = vec![part("MUG-BLUE", 10), part("TEA-100", 7)];
    ShelfFacts { sku: "gift-set".into(), counts: vec![set], parts, ..facts() }
}

fn set_policy(mode: Mode) -> Policy {
    let book = AliasBook::new([alias("GIFT-SET", AliasBy::Sku, &[("MUG-BLUE", 1), ("TEA-100", 2)])]);
    Policy { shapers: Arc::new(Shapers { aliases: book, ..Shapers::default() }), ..policy(mode) }
}

fn check_set(what: &str, mend: impl FnOnce(&mut ShelfFacts, &mut Policy), expected: &str) {
    let (mut facts, mut policy) = (set_facts(), set_policy(Mode::Auto));
    mend(&mut facts, &mut policy);
    assert_eq!(told(&facts, &policy), expected, "{what}");
}

#[test]
fn a_bundle_gets_what_its_scarcest_part_is_enough_for() {
    let set = |units: i64, limit: &str| {
        format!(
            "Set GIFT-SET at Harbour Goods (Main) from 4 to {units} [cafe0001-90:1:set_stock:0] | Changing. {units} goes there in its turn. A bundle: {limit} it."
        )
    };
    check_set("the teas", |_, _| {}, &set(3, "TEA-100 (7 to promise, 2 in each) limits"));
    check_set(
        "it is right",
        |f, _| f.counts[0].available = 3,
        "Agrees. A bundle: TEA-100 (7 to promise, 2 in each) limits it.",
    );
    check_set(
        "both",
        |f, _| f.parts[0].counts[0].available = 3,
        &set(3, "MUG-BLUE (3 to promise) and TEA-100 (7 to promise, 2 in each) limit"),
    );
    check_set(
        "orders hold parts, whether they were sold alone or in a set",
        |f, _| f.parts[0].orders = Some(vec![order(8, 8)]),
        &set(2, "MUG-BLUE (2 to promise) limits"),
    );
    check_set(
        "parts have the safety stock, and the bundle does not have it again",
        |_, p| choose(p, stock::SAFETY, "3"),
        &set(2, "TEA-100 (4 to promise, 2 in each) limits"),
    );
    check_set(
        "unless it has one of its own",
        |_, p| choose(p, stock::PER_SKU, "GIFT-SET,1"),
        &set(2, "TEA-100 (7 to promise, 2 in each) limits"),
    );
    check_set(
        "the store's buffer",
        |_, p| p.peers.get_mut(&channel()).unwrap().counts.buffer = 1,
        &set(2, "TEA-100 (7 to promise, 2 in each) limits"),
    );
    check_set(
        "never below nothing",
        |f, _| f.parts[1].counts[0].available = 1,
        &set(0, "TEA-100 (1 to promise, 2 in each) limits"),
    );
}

#[test]
fn a_bundle_of_unknown_parts_is_not_written() {
    let unknown = |why: &str| {
        format!("NotWritten. It is a bundle, and what can be promised of its part TEA-100 is not known. {why}")
    };
    check_set(
        "a part's count is old",
        |f, _| f.parts[1].counts[0].read_at_ms = NOW - 7 * HOUR_MS,
        &unknown("The count of Main warehouse was not read for too long."),
    );
    check_set(
        "nobody counts a part",
        |f, p| {
            f.parts[1].counts.clear();
            choose(p, stock::TRUTH, "warehouse");
        },
        &unknown("Main warehouse has no count of it."),
    );
    check_set("a part was not looked at", |f, _| f.parts.truncate(1), &unknown("It is looked at in a moment."));
    check_set(
        "left alone",
        |_, p| p.peers.get_mut(&channel()).unwrap().counts.follows = false,
        "NotWritten. You leave the counts of Harbour Goods alone.",
    );
    check_set(
        "at the account whose counts hold",
        |_, p| choose(p, stock::TRUTH, "store"),
        "NotWritten. A bundle. Nothing is written at Harbour Goods, whose counts hold: set it there.",
    );
    check_set(
        "it fell there, and its orders were not read since",
        |f, _| (f.counts[0].available, f.counts[0].changed_at_ms) = (2, NOW - MIN),
        "Reading. It changed there; its orders are read before it is raised. A bundle: TEA-100 (7 to promise, 2 in each) limits it.",
    );
}

/// What a set is made of is looked at again when its part is not old any more, and what it saw is kept to be compared.
#[test]
fn a_bundle_says_what_it_saw_of_its_parts() {
    let (mut facts, policy) = (set_facts(), set_policy(Mode::Auto));
    facts.counts[0].available = 3;
    facts.writes = vec![PastWrite { remote_id: "90:1".into(), ..write(EffectState::Done, 3, 4) }];
    facts.counts[0].changed_at_ms = NOW - 28 * MIN;
    let decision = decide(&facts, &policy, NOW);
    let says = &decision.says;
    assert!(decision.writes.is_empty() && says.sides[0].by_us, "its own echo is no change");
    assert_eq!((says.truth.clone(), says.why.clone(), says.available), (None, None, Some(3)));
    assert_eq!(decision.look_again_at_ms, Some(NOW - MIN + 6 * HOUR_MS + 1), "a part's count is old by then");
    let seen: Vec<_> = says.sides[0].parts.iter().map(|part| (part.sku.as_str(), part.sets, part.limits)).collect();
    assert_eq!(seen, [("MUG-BLUE", Some(10), false), ("TEA-100", Some(3), true)]);
    let tea = &says.sides[0].parts[1];
    for (promised, moved) in [(Ok(7), false), (Ok(6), true), (Err("It is old.".to_owned()), true)] {
        assert_eq!(stock::has_moved(tea, &promised), moved, "{promised:?}");
    }
    assert_eq!(stock::promise(&facts.parts[1], &policy, NOW), Ok(7));
}

#[test]
fn the_table_knows_the_bundles_of_a_part() {
    let book = AliasBook::new([
        alias("GIFT-SET", AliasBy::Sku, &[("MUG-BLUE", 1), ("TEA-100", 2)]),
        alias("B00SET", AliasBy::Variant, &[("TEA-100", 6)]),
        alias("OLD-MUG", AliasBy::Sku, &[("MUG-BLUE", 1)]),
    ]);
    assert_eq!(book.sets_with("mug-blue"), (vec!["gift-set".to_owned()], false), "another name is no bundle");
    assert_eq!(book.sets_with("tea-100"), (vec!["gift-set".to_owned()], true));
    assert_eq!(book.sets_with("gift-set"), (vec![], false));
}

#[test]
fn a_sku_has_safety_stock_and_truth_of_its_own() {
    check(
        "safety stock instead of everybody's",
        |_, p| {
            choose(p, stock::SAFETY, "1");
            choose(p, stock::PER_SKU, "sku;safety\nOTHER;9\n mug-blue ; 4 ");
        },
        &SET_10.replace("to 10", "to 6").replace(". 10", ". 6"),
    );
    check(
        "none at all",
        |_, p| {
            choose(p, stock::SAFETY, "1");
            choose(p, stock::PER_SKU, "MUG-BLUE\t0");
        },
        SET_10,
    );
    check(
        "another place",
        |f, p| {
            f.counts.push(count(hub(), "7:2", 5));
            choose(p, stock::PER_SKU, "MUG-BLUE,,,outlet");
        },
        &SET_10.replace("to 10", "to 5").replace(". 10", ". 5"),
    );
    let of_store = |f: &mut ShelfFacts, p: &mut Policy| {
        f.orders_read_ms = vec![];
        choose(p, stock::ELSEWHERE, "booked");
        choose(p, stock::PLACE, "a place of the hub");
        choose(p, stock::PER_SKU, "MUG-BLUE,,harbour goods");
    };
    check(
        "another account: by its name, and the hub follows",
        of_store,
        "Set MUG-BLUE at Main warehouse (Main) from 10 to 9 [beef0001-7:1:set_stock:0] | Changing. 9 goes there in its turn.",
    );
    check(
        "nobody of that name",
        |_, p| choose(p, stock::PER_SKU, "MUG-BLUE,,Nowhere"),
        "\"Nowhere\" is to hold its count, and there is no account of that name. | NotWritten. \"Nowhere\" is to hold its count, and there is no account of that name. | NotWritten. \"Nowhere\" is to hold its count, and there is no account of that name.",
    );
    // A store that holds single SKUs never hears what others sold, either.
    let mut policy = policy(Mode::Auto);
    let line = NOW - 90 * DAY_MS;
    policy.automations.get_mut(stock::ID).unwrap().go_live_ms = Some(line);
    assert_eq!(stock::orders_since_ms(&policy, NOW), NOW);
    choose(&mut policy, stock::PER_SKU, "MUG-BLUE,,store");
    assert_eq!(stock::orders_since_ms(&policy, NOW), line);
}

#[test]
fn a_table_that_cannot_stand_is_refused_with_its_line() {
    let kept = "SKU,safety\nMUG,3\nTEA;;Main warehouse;Outlet\n\"BAG\"\t0";
    assert_eq!(stock::check_per_sku(&format!("{kept}\n\n,,,\n")), Ok(kept.to_owned()));
    assert_eq!(stock::check_per_sku(""), Ok(String::new()));
    for (typed, why) in [
        ("MUG,three", "Line 1: \"three\" is no safety stock of MUG."),
        ("MUG,-1", "Line 1: \"-1\" is no safety stock of MUG."),
        ("MUG,1\n\nmug;2", "Line 3 names mug a second time."),
        ("TEA,1\n,5", "Line 2 has no SKU."),
        ("\t5", "Line 1 has no SKU."),
        ("MUG,1,a,b,c", "Line 1 has more than SKU, safety stock, account and place."),
    ] {
        let said = stock::check_per_sku(typed).unwrap_err();
        assert!(said.starts_with(why), "{typed}: {said}");
    }
    let many: Vec<String> = (0..2_001).map(|n| format!("SKU-{n},1")).collect();
    assert!(stock::check_per_sku(&many.join("\n")).unwrap_err().contains("2001 SKUs"));
}
