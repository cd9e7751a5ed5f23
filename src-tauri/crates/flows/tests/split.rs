//! One order as several hub orders: a hub of four lines of code carries out what is decided, and after every single
//! change it is counted that no unit lies there twice.
#![allow(missing_docs, clippy::unwrap_used, clippy::type_complexity)]

mod common;
use common::*;
use quayside_flows::levels::{Level, Levels};
use quayside_flows::rules::{ReadyRules, RouteBy, Rule, RuleAction, RuleBook, SplitBy, Test};
use quayside_flows::templates::Tables;
use quayside_flows::{
    LineLedger, Policy, Shapers, Units, cannot_split, decide, first_key, hub_drafts, hub_key, own_part, part_of,
    seen_parts, unfit,
};
use quayside_model::*;
use std::collections::BTreeMap;
use std::sync::Arc;

fn units(all: &[(i64, i64)]) -> Units {
    all.iter().map(|(line, units)| (format!("line/{line}"), *units)).collect()
}

struct Bench {
    story: Story,
    policy: Policy,
    now_ms: i64,
}

impl Bench {
    fn new() -> Self {
        Self { story: story(), policy: policy(Mode::Auto), now_ms: NOW - 40 * MIN }
    }

    /// The same after the whole order was sent and read.
    fn sent() -> Self {
        let mut bench = Self::new();
        bench.settle();
        bench
    }

    fn split(&mut self, further: &[&[(i64, i64)]]) {
        self.story.choices.split = Some(further.iter().map(|part| units(part)).collect());
    }

    /// One decision, all of it carried out; what was done, in sentences.
    fn step(&mut self) -> Vec<String> {
        self.now_ms += MIN;
        let decision = decide(&self.story, &self.policy, self.now_ms);
        for (id, _) in &decision.overtaken {
            self.story.effects.iter_mut().find(|e| e.id == *id).unwrap().state = EffectState::Skipped;
        }
        let mut did = Vec::new();
        for planned in decision.effects.into_iter().filter(|e| e.mode == Mode::Auto) {
            assert!(!self.story.effects.iter().any(|e| e.key == planned.key), "key {} planned twice", planned.key);
            did.push(planned.sentence.clone());
            let remote_id = self.carry_out(&planned.intent);
            self.write_down(planned, EffectState::Done, remote_id);
            self.count();
        }
        did
    }

    fn write_down(&mut self, planned: PlannedEffect, state: EffectState, remote_id: Option<String>) {
        let id = EffectId(self.story.effects.len() as i64 + 1);
        self.story.effects.push(PastEffect {
            id,
            key: planned.key,
            automation: planned.automation,
            connection: planned.connection,
            intent: planned.intent,
            state,
            attempts: 1,
            created_at_ms: self.now_ms,
            not_before_ms: self.now_ms,
            first_sent_at_ms: Some(self.now_ms),
            settled_at_ms: state.is_final().then_some(self.now_ms),
            refused_at_ms: (state == EffectState::Refused).then_some(self.now_ms),
            refusal: (state == EffectState::Refused).then(|| Refusal::new(Cause::ContentRefused, "It has no name.")),
            ticket: None,
            withdrawn: false,
            receipt: (state == EffectState::Done).then(|| Receipt { remote_id, ..Receipt::default() }),
        });
    }

    /// The hub does it, and is read a second later.
    fn carry_out(&mut self, intent: &Intent) -> Option<String> {
        let seen_at_ms = self.now_ms + 1_000;
        match intent {
            Intent::PutHubOrder { order, .. } => {
                let mut fresh = Self::new_hub_order();
                fresh.value.remote_id = format!("hub/{}", order.key);
                fresh.value.key.clone_from(&order.key);
                fresh.value.number.clone_from(&order.number);
                fresh.value.ship_to = Some(order.ship_to.clone());
                fresh.value.lines = order
                    .lines
                    .iter()
                    .map(|l| HubLine {
                        line_key: Some(l.line_key.clone()),
                        sku: l.sku.clone(),
                        name: l.name.clone(),
                        quantity: l.quantity,
                    })
                    .collect();
                (fresh.seen_at_ms, fresh.value.modified_at_ms) = (seen_at_ms, seen_at_ms);
                let id = fresh.value.remote_id.clone();
                self.story.hub_orders.retain(|h| h.value.remote_id != id);
                self.story.hub_orders.push(fresh);
                Some(id)
            }
            Intent::CancelHubOrder { hub_order_id, .. } => {
                let there = self.story.hub_orders.iter_mut().find(|h| h.value.remote_id == *hub_order_id).unwrap();
                there.value.status = HubStatus::Cancelled;
                (there.seen_at_ms, there.value.modified_at_ms) = (seen_at_ms, seen_at_ms);
                None
            }
            _ => None,
        }
    }

    fn new_hub_order() -> Seen<HubOrder> {
        let mut read = story();
        at_hub(&mut read, HubStatus::AwaitingShipment, NOW);
        read.hub_orders.remove(0)
    }

    /// No unit is at the hub twice.
    fn count(&self) {
        for line in &self.story.order.lines {
            let there: i64 = self.there().values().map(|units| units.get(&line.remote_id).copied().unwrap_or(0)).sum();
            assert!(there <= line.quantity, "{there} of {} × {} are at the hub", line.quantity, line.sku);
        }
    }

    /// What is open at the hub: units by line, by our key.
    fn there(&self) -> BTreeMap<String, Units> {
        let live = self.story.hub_orders.iter().filter(|h| h.value.status.is_open());
        live.map(|h| {
            let lines = h.value.lines.iter().map(|l| (l.line_key.clone().unwrap(), l.quantity));
            (h.value.key.clone(), lines.collect())
        })
        .collect()
    }

    /// Until nothing is left to do; everything that was done.
    fn settle(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        for _ in 0..20 {
            let did = self.step();
            if did.is_empty() {
                return all;
            }
            all.extend(did);
        }
        unreachable!("it never comes to rest: {all:#?}");
    }

    fn label(&mut self, key: &str, n: i64, lines: &[(i64, i64)]) {
        let mut bought = parcel(n, lines);
        bought.hub_order_id = Some(format!("hub/{key}"));
        bought.hub_order_key = Some(key.to_owned());
        bought.created_at_ms = self.now_ms;
        self.story.parcels.push(Seen { connection: hub(), seen_at_ms: self.now_ms, value: bought });
        let there = self.story.hub_orders.iter_mut().find(|h| h.value.key == key).unwrap();
        there.value.status = HubStatus::Shipped;
        (there.seen_at_ms, there.value.modified_at_ms) = (self.now_ms, self.now_ms);
    }
}

const SECOND: &str = "cafe0001-1001-p2";

#[test]
fn an_order_split_before_it_is_sent_becomes_two_hub_orders() {
    let mut bench = Bench::new();
    bench.split(&[&[(1, 1), (2, 1)]]);
    assert_eq!(bench.settle().len(), 2);
    let there = bench.there();
    assert_eq!(there[KEY], units(&[(1, 1)]));
    assert_eq!(there[SECOND], units(&[(1, 1), (2, 1)]));
    let drafts = hub_drafts(&bench.story, &bench.policy, bench.now_ms);
    let numbers: Vec<&str> = drafts.iter().map(|d| d.number.as_str()).collect();
    assert_eq!(numbers, ["#1001", "#1001-2"]);
    for (what, all, minor) in [
        ("total", 3500, drafts.iter().map(|d| d.total_minor).sum::<i64>()),
        ("shipping", 500, drafts.iter().map(|d| d.shipping_minor).sum()),
    ] {
        assert_eq!(minor, all, "{what} of the parts");
    }
    let ledger = LineLedger::of(&bench.story);
    for row in &ledger.rows {
        assert_eq!((row.sent, row.at_hub), (row.ordered, row.ordered), "{}", row.sku);
    }
    let findings = decide(&bench.story, &bench.policy, bench.now_ms).findings;
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn what_is_at_the_hub_shrinks_before_another_part_has_its_goods() {
    let mut bench = Bench::sent();
    bench.split(&[&[(2, 1)]]);
    assert_eq!(
        bench.settle(),
        [
            "Bring part 1 of #1001 up to date at Hub: 1 line, 2 units, Express",
            "Send part 2 of #1001 to Hub: 1 line, 1 unit, Express"
        ]
    );
    assert_eq!(bench.there(), BTreeMap::from([(KEY.into(), units(&[(1, 2)])), (SECOND.into(), units(&[(2, 1)]))]));
    // Put together again: the second is gone before the first has its goods.
    bench.split(&[]);
    assert_eq!(
        bench.settle(),
        [
            // It is the whole order again, and shows the order's own number at once.
            "Bring part 1 of #1001 up to date at Hub: 1 line, 2 units, Express",
            "Cancel part 2 of #1001 at Hub: its goods go with another part",
            "Bring part 1 of #1001 up to date at Hub: 2 lines, 3 units, Express"
        ]
    );
    assert_eq!(bench.there(), BTreeMap::from([(KEY.into(), units(&[(1, 2), (2, 1)]))]));
    // It is one order again, and has a label like any other.
    let buying = set(bench.policy.clone(), "labels", "policy", "cheapest");
    let labels = |bench: &Bench| {
        let effects = decide(&bench.story, &buying, bench.now_ms + MIN).effects;
        effects.iter().filter(|effect| effect.intent.kind() == IntentKind::BuyLabel).count()
    };
    assert_eq!(labels(&bench), 1);
    // And once more: a cancelled hub order is not opened again, a new one is made.
    bench.split(&[&[(1, 1)]]);
    bench.settle();
    let again = format!("{SECOND}-2");
    assert_eq!(bench.there(), BTreeMap::from([(KEY.into(), units(&[(1, 1), (2, 1)])), (again, units(&[(1, 1)]))]));
}

#[test]
fn parts_that_give_and_take_at_once_come_to_rest() {
    let mut bench = Bench::new();
    bench.split(&[&[(1, 2)]]);
    bench.settle();
    bench.split(&[&[(2, 1)]]);
    bench.settle();
    // Each waited for the other: the second was cancelled and made anew.
    let again = format!("{SECOND}-2");
    assert_eq!(bench.there(), BTreeMap::from([(KEY.into(), units(&[(1, 2)])), (again, units(&[(2, 1)]))]));
}

#[test]
fn in_a_mode_that_only_looks_the_hand_that_splits_is_enough() {
    let mut bench = Bench::sent();
    bench.policy = policy(Mode::Watch);
    bench.split(&[&[(2, 1)]]);
    assert_eq!(bench.settle().len(), 2);
    let mut fresh = Bench::new();
    fresh.policy = policy(Mode::Watch);
    fresh.split(&[&[(2, 1)]]);
    assert!(fresh.settle().is_empty(), "an order that was never sent is not sent by being split");
}

/// The store wants so many units of a line by now.
fn wants(bench: &mut Bench, line: usize, units: i64) {
    let line = &mut bench.story.order.lines[line];
    (line.quantity, line.current_quantity, line.unfulfilled_quantity) = (line.quantity.max(units), units, units);
}

#[test]
fn what_the_store_takes_off_a_line_comes_off_one_part_and_the_other_stays_as_it_is() {
    let by_stock = RuleAction::Split { by: SplitBy::Stock, table: String::new(), hubs: String::new() };
    let by_rule = ruled(by_stock, &[], &[("SKU-1", "a", 1), ("SKU-2", "a", 9)]);
    for (what, policy) in [("by hand", policy(Mode::Auto)), ("by a rule", by_rule)] {
        let mut bench = Bench { policy, ..Bench::new() };
        if what == "by hand" {
            bench.split(&[&[(1, 1)]]);
        }
        bench.settle();
        wants(&mut bench, 0, 1);
        let did = bench.settle();
        assert!(did.iter().all(|did| did.starts_with("Bring part")), "{what}: nothing is made anew: {did:?}");
        let there = BTreeMap::from([(KEY.into(), units(&[(2, 1)])), (SECOND.into(), units(&[(1, 1)]))]);
        assert_eq!(bench.there(), there, "{what}");
    }
}

#[test]
fn what_the_store_changes_of_an_order_that_was_split_by_hand_goes_by_the_mode() {
    for (line, units) in [(0, 3), (0, 1), (1, 0), (1, 2)] {
        let mut bench = Bench::sent();
        bench.split(&[&[(2, 1)]]);
        bench.settle();
        bench.policy = policy(Mode::Watch);
        wants(&mut bench, line, units);
        assert_eq!(bench.settle(), [""; 0], "line {line}: {units}");
        bench.policy = policy(Mode::Auto);
        bench.settle();
        let there: i64 = bench.there().values().flat_map(BTreeMap::values).sum();
        let wanted: i64 = bench.story.order.lines.iter().map(|line| line.current_quantity).sum();
        assert_eq!(there, wanted, "line {line}: {units}");
    }
}

#[test]
fn a_part_that_stands_open_without_anything_to_leave_with_it_is_told_and_held() {
    let off = |bench: &mut Bench| {
        bench.policy.automations.get_mut("orders_to_hub").unwrap().mode = Mode::Off;
        wants(bench, 1, 0);
    };
    let opened_again = |bench: &mut Bench| {
        bench.split(&[]);
        bench.settle();
        bench.now_ms += 5 * MIN;
        let now_ms = bench.now_ms;
        let there = bench.story.hub_orders.iter_mut().find(|h| h.value.key == SECOND).unwrap();
        there.value.status = HubStatus::AwaitingShipment;
        (there.seen_at_ms, there.value.modified_at_ms) = (now_ms, now_ms);
    };
    let cases: [(&str, &dyn Fn(&mut Bench)); 2] = [("switched off", &off), ("opened again there", &opened_again)];
    for (what, change) in cases {
        let mut bench = Bench::new();
        bench.split(&[&[(2, 1)]]);
        bench.settle();
        change(&mut bench);
        let decision = decide(&bench.story, &bench.policy, bench.now_ms + MIN);
        let says = "Part 2 of #1001 stands open at Hub";
        let told = decision.findings.iter().any(|f| f.cause == Cause::SidesDiffer && f.sentence.starts_with(says));
        assert!(told, "{what}: {:?}", decision.findings);
        let holds = |e: &PlannedEffect| matches!(&e.intent, Intent::HoldHubOrder { hub_order_key, .. } if hub_order_key == SECOND);
        assert!(decision.effects.iter().any(holds), "{what}: {:?}", decision.effects);
    }
}

#[test]
fn a_part_that_took_other_orders_in_is_not_cancelled_with_them() {
    let mut bench = Bench::new();
    bench.split(&[&[(2, 1)]]);
    bench.settle();
    let there = bench.story.hub_orders.iter_mut().find(|h| h.value.key == SECOND).unwrap();
    there.value.merged_ids = vec!["hub/another".into()];
    wants(&mut bench, 1, 0);
    let decision = decide(&bench.story, &bench.policy, bench.now_ms + MIN);
    let cancels = decision.effects.iter().filter(|e| e.intent.kind() == IntentKind::CancelHubOrder);
    assert_eq!(cancels.count(), 0, "{:?}", decision.effects);
    let told =
        decision.findings.iter().any(|f| f.sentence.starts_with("Nothing of part 2 of #1001 is wanted any more"));
    assert!(told, "{:?}", decision.findings);
}

#[test]
fn each_part_is_told_with_its_own_lines_and_the_order_is_done_with_the_last() {
    let mut bench = Bench::new();
    bench.split(&[&[(2, 1)]]);
    bench.settle();
    bench.label(KEY, 1, &[(1, 2)]);
    assert!(cannot_split(&bench.story, &bench.policy, bench.now_ms).unwrap().contains("label"));
    let told = |bench: &Bench| -> Vec<Vec<(String, i64)>> {
        let reports = bench.story.effects.iter().filter_map(|e| match &e.intent {
            Intent::Fulfill { fulfillment } => Some(&fulfillment.lines),
            _ => None,
        });
        reports.map(|lines| lines.iter().map(|l| (l.order_line_id.clone(), l.quantity)).collect()).collect()
    };
    bench.step();
    assert_eq!(told(&bench), [[("line/1".to_owned(), 2)]]);
    common::told(&mut bench.story, "f/1", &["TRACK1"], &[(1, 2)]);
    let decision = decide(&bench.story, &bench.policy, bench.now_ms);
    assert_eq!(decision.stage, Stage::PartlyShipped);
    assert!(decision.findings.is_empty(), "{:?}", decision.findings);
    bench.label(SECOND, 2, &[(2, 1)]);
    bench.step();
    assert_eq!(told(&bench)[1], [("line/2".to_owned(), 1)]);
    common::told(&mut bench.story, "f/2", &["TRACK2"], &[(2, 1)]);
    let decision = decide(&bench.story, &bench.policy, bench.now_ms);
    assert_eq!(decision.stage, Stage::Shipped);
}

#[test]
fn a_label_that_was_faster_than_the_split_keeps_its_goods() {
    let mut bench = Bench::sent();
    bench.split(&[&[(2, 1)]]);
    // The label was bought between the click and the reading.
    bench.label(KEY, 1, &[(1, 2), (2, 1)]);
    let decision = decide(&bench.story, &bench.policy, bench.now_ms);
    let puts = decision.effects.iter().filter(|e| e.intent.kind() == IntentKind::PutHubOrder);
    assert_eq!(puts.count(), 0, "{:?}", decision.effects);
}

#[test]
fn a_part_that_is_refused_says_why_and_the_others_go_on() {
    let mut bench = Bench::new();
    bench.split(&[&[(2, 1)]]);
    let decision = decide(&bench.story, &bench.policy, bench.now_ms);
    let mut planned = decision.effects.into_iter().filter(|e| e.intent.kind() == IntentKind::PutHubOrder);
    let (first, second) = (planned.next().unwrap(), planned.next().unwrap());
    let id = bench.carry_out(&first.intent);
    bench.write_down(first, EffectState::Done, id);
    bench.write_down(second, EffectState::Refused, None);
    assert!(bench.settle().is_empty());
    let decision = decide(&bench.story, &bench.policy, bench.now_ms);
    assert!(decision.findings.iter().any(|f| f.sentence == "It has no name."), "{:?}", decision.findings);
    bench.label(KEY, 1, &[(1, 2)]);
    assert_eq!(bench.step(), ["Report a parcel of #1001 to the store: 2 units, UPS TRACK1"]);
}

#[test]
fn a_cancelled_order_is_taken_off_the_hub_in_all_its_parts() {
    let mut bench = Bench::new();
    bench.split(&[&[(2, 1)]]);
    bench.settle();
    bench.story.order.cancelled_at_ms = Some(bench.now_ms);
    bench.settle();
    assert_eq!(bench.there(), BTreeMap::new());
    assert_eq!(decide(&bench.story, &bench.policy, bench.now_ms).stage, Stage::Cancelled);
}

#[test]
fn a_part_that_was_cancelled_at_the_hub_is_told_by_itself() {
    let mut bench = Bench::new();
    bench.split(&[&[(2, 1)]]);
    bench.settle();
    let there = bench.story.hub_orders.iter_mut().find(|h| h.value.key == SECOND).unwrap();
    there.value.status = HubStatus::Cancelled;
    let decision = decide(&bench.story, &bench.policy, bench.now_ms);
    let lost = decision.findings.iter().find(|f| f.cause == Cause::CancelledAtHub).unwrap();
    assert!(lost.sentence.starts_with("Part 2 of #1001 was cancelled there"), "{}", lost.sentence);
    assert!(decision.effects.is_empty(), "{:?}", decision.effects);
    assert!(seen_parts(&bench.story, &bench.policy, bench.now_ms)[1].lost);
    // Put together again, the first has its goods.
    bench.split(&[]);
    bench.settle();
    assert_eq!(bench.there(), BTreeMap::from([(KEY.into(), units(&[(1, 2), (2, 1)]))]));
}

#[test]
fn each_part_is_compared_by_itself() {
    let mut bench = Bench::new();
    bench.split(&[&[(2, 1)]]);
    bench.settle();
    let there = bench.story.hub_orders.iter_mut().find(|h| h.value.key == SECOND).unwrap();
    there.value.lines[0].quantity = 5;
    there.seen_at_ms += MIN;
    let decision = decide(&bench.story, &bench.policy, bench.now_ms + 2 * MIN);
    let told: Vec<&str> =
        decision.findings.iter().filter(|f| f.cause == Cause::SidesDiffer).map(|f| f.sentence.as_str()).collect();
    assert!(matches!(told[..], [only] if only.starts_with("Part 2 of #1001 differs")), "{told:?}");
    let held: Vec<&Intent> = decision.effects.iter().map(|e| &e.intent).collect();
    let key = |intent: &Intent| matches!(intent, Intent::HoldHubOrder { hub_order_key, .. } if hub_order_key == SECOND);
    assert!(held.len() == 1 && key(held[0]), "only that part is held: {held:?}");
}

/// What holds a part is not released because goods move, and is not in their way while it waits for a click itself.
#[test]
fn a_part_that_is_held_stays_held_while_goods_move() {
    let releases = |decision: &Decision| {
        let of_second = |e: &PlannedEffect| matches!(&e.intent, Intent::ReleaseHubOrder { hub_order_key, .. } if hub_order_key == SECOND);
        decision.effects.iter().any(of_second)
    };
    for (what, update, hold, released, taken_back) in [
        ("both sides agree again", None, EffectState::Done, true, false),
        ("another part is updated", Some((KEY, EffectState::Running)), EffectState::Done, false, false),
        ("its own update has its turn next", Some((SECOND, EffectState::Pending)), EffectState::Done, false, false),
        ("the hold waits for a click", Some((KEY, EffectState::Running)), EffectState::Asked, false, true),
    ] {
        let mut bench = Bench::new();
        bench.split(&[&[(2, 1)]]);
        bench.settle();
        let now_ms = bench.now_ms + 5_000;
        let right = bench.story.hub_orders.iter().find(|h| h.value.key == SECOND).unwrap().value.ship_to.clone();
        let there = |bench: &mut Bench, act: &dyn Fn(&mut Seen<HubOrder>)| {
            act(bench.story.hub_orders.iter_mut().find(|h| h.value.key == SECOND).unwrap());
        };
        there(&mut bench, &|seen: &mut Seen<HubOrder>| {
            seen.value.ship_to.as_mut().unwrap().line1 = "Elsewhere 1".into();
            (seen.seen_at_ms, seen.value.modified_at_ms) = (now_ms, now_ms);
        });
        bench.settle();
        let is_hold = |e: &&mut PastEffect| e.intent.kind() == IntentKind::HoldHubOrder;
        let held = bench.story.effects.iter_mut().rfind(is_hold).unwrap();
        held.state = hold;
        let (held, now_ms) = (held.id, bench.now_ms + 5_000);
        there(&mut bench, &|seen: &mut Seen<HubOrder>| {
            seen.value.status = if hold == EffectState::Done { HubStatus::OnHold } else { HubStatus::AwaitingShipment };
            seen.value.ship_to.clone_from(&right);
            (seen.seen_at_ms, seen.value.modified_at_ms) = (now_ms, now_ms);
        });
        if let Some((key, state)) = update {
            let of_it = |e: &&PastEffect| matches!(&e.intent, Intent::PutHubOrder { order, .. } if order.key == key);
            let mut again = bench.story.effects.iter().rfind(of_it).unwrap().clone();
            again.id = EffectId(bench.story.effects.len() as i64 + 1);
            again.key = format!("{}1", again.key.strip_suffix('0').unwrap());
            again.state = state;
            (again.settled_at_ms, again.receipt) = (None, None);
            bench.story.effects.push(again);
        }
        let decision = decide(&bench.story, &bench.policy, bench.now_ms + MIN);
        assert_eq!(releases(&decision), released, "{what}: {:?}", decision.effects);
        assert_eq!(
            decision.overtaken.iter().any(|(id, _)| *id == held),
            taken_back,
            "{what}: {:?}",
            decision.overtaken
        );
    }
}

/// The strictest hub cuts keys at 50 letters; and what is read of a part before its order waits under the first key.
#[test]
fn keys_of_parts_are_short_and_told_apart() {
    let long = "9".repeat(60);
    for tail in ["1001", "5550123456789", long.as_str()] {
        let mut bench = Bench::new();
        bench.story.order.remote_id = format!("gid://shop/Order/{tail}");
        bench.split(&[&[(1, 1)], &[(2, 1)]]);
        let keys: Vec<String> =
            hub_drafts(&bench.story, &bench.policy, NOW).into_iter().map(|draft| draft.key).collect();
        let whole = hub_key(&bench.policy.peers[&channel()], &bench.story.order, 0);
        assert_eq!(keys.len(), 3);
        for (n, key) in keys.iter().enumerate() {
            assert!(key.len() <= 50, "{key}");
            assert_eq!((part_of(key), first_key(key)), (n, whole.as_str()), "{key}");
            assert_eq!(own_part(&bench.policy.peers[&channel()], &bench.story.order, key), Some(n), "{key}");
        }
    }
    for foreign in ["cafe0001-1002", "cafe0001-1001-p9", "beef-1001-p2", "1001-p2", "-p2", "cafe0001-1001-r1"] {
        assert_eq!(own_part(&policy(Mode::Auto).peers[&channel()], &story().order, foreign), None, "{foreign}");
    }
}

#[test]
fn what_makes_no_parts_is_a_sentence() {
    let story = story();
    let cases: [(&[&[(i64, i64)]], Option<&str>); 7] = [
        (&[&[(1, 1)]], None),
        (&[], None),
        (&[&[]], Some("without any units")),
        (&[&[(1, 3)]], Some("have 3 × SKU-1, and the order wants 2")),
        (&[&[(1, 2)], &[(1, 1)]], Some("have 3 × SKU-1")),
        (&[&[(9, 1)]], Some("does not have")),
        (&[&[(1, 2), (2, 1)]], Some("Nothing would be left")),
    ];
    for (further, says) in cases {
        let further: Vec<Units> = further.iter().map(|part| units(part)).collect();
        let why = unfit(&story, &further);
        match says {
            None => assert_eq!(why, None, "{further:?}"),
            Some(says) => assert!(why.as_ref().is_some_and(|why| why.contains(says)), "{further:?}: {why:?}"),
        }
    }
    let cases: [(&str, fn(&mut Story), &str); 3] = [
        ("cancelled", |s| s.order.cancelled_at_ms = Some(NOW), "cancelled"),
        ("one unit", |s| drop(s.order.lines.remove(0)), "only one unit"),
        ("labelled", |s| ship(s, parcel(1, &[(1, 1)])), "label"),
    ];
    for (what, change, says) in cases {
        let mut story = sent();
        change(&mut story);
        let why = cannot_split(&story, &policy(Mode::Auto), NOW);
        assert!(why.as_ref().is_some_and(|why| why.contains(says)), "{what}: {why:?}");
    }
    assert_eq!(cannot_split(&sent(), &policy(Mode::Auto), NOW), None);
}

/// A policy with one rule that holds for every order.
fn ruled(action: RuleAction, tables: &[(&str, &[(&str, &str)])], levels: &[(&str, &str, i64)]) -> Policy {
    let rule =
        Rule { id: "r".into(), name: "A rule".into(), on: true, when: Test::All { tests: vec![] }, then: vec![action] };
    let rows = |rows: &[(&str, &str)]| -> BTreeMap<String, String> {
        rows.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect()
    };
    let tables: Tables = tables.iter().map(|(name, all)| ((*name).to_owned(), rows(all))).collect();
    let rules = ReadyRules::new(RuleBook { rules: vec![rule], first_only: false }, &tables);
    assert!(rules.problems.is_empty(), "{:?}", rules.problems);
    let level = |(sku, place, available): &(&str, &str, i64)| {
        let level = Level { place: (*place).to_owned(), name: format!("{place} hall"), available: *available };
        (hub(), sku.to_lowercase(), level)
    };
    Policy {
        shapers: Arc::new(Shapers { rules, ..Shapers::default() }),
        levels: (!levels.is_empty()).then(|| Arc::new(Levels::new(levels.iter().map(level)))),
        ..policy(Mode::Auto)
    }
}

fn parted() -> Story {
    let mut story = story();
    (story.order.lines[0].product_type, story.order.lines[1].product_type) = ("Mugs".into(), "Posters".into());
    let mut south = story.order.fulfillment_orders[0].clone();
    (south.remote_id, south.location_name) = ("fo/2".into(), "South".into());
    south.lines.remove(0);
    story.order.fulfillment_orders[0].lines.remove(1);
    story.order.fulfillment_orders.push(south);
    story
}

/// What it is, the policy, what lies in each part, and where each ships from.
type Case<'a> = (&'a str, Policy, &'a [&'a [(i64, i64)]], &'a [&'a str]);

#[test]
fn rules_split_orders() {
    let split = |by: SplitBy, table: &str| RuleAction::Split { by, table: table.into(), hubs: String::new() };
    let cases: [Case<'_>; 6] = [
        ("by type", ruled(split(SplitBy::ProductType, ""), &[], &[]), &[&[(1, 2)], &[(2, 1)]], &["", ""]),
        (
            "by warehouse",
            ruled(split(SplitBy::Warehouse, "w"), &[("w", &[("harbour", "11"), ("South", "22")])], &[]),
            &[&[(1, 2)], &[(2, 1)]],
            &["11", "22"],
        ),
        (
            "ready and back-ordered",
            ruled(split(SplitBy::Stock, ""), &[], &[("SKU-1", "a", 1), ("SKU-2", "a", 9)]),
            &[&[(1, 1), (2, 1)], &[(1, 1)]],
            &["", ""],
        ),
        ("all in stock", ruled(split(SplitBy::Stock, ""), &[], &[("SKU-1", "a", 2), ("SKU-2", "b", 1)]), &[], &[]),
        // Nobody counts SKU-2: unknown is not in stock.
        ("unknown", ruled(split(SplitBy::Stock, ""), &[], &[("SKU-1", "a", 5)]), &[&[(1, 2)], &[(2, 1)]], &["", ""]),
        ("nobody counts", ruled(split(SplitBy::Stock, ""), &[], &[]), &[], &[]),
    ];
    for (what, policy, parts, warehouses) in cases {
        let mut bench = Bench { story: parted(), policy, now_ms: NOW - 30 * MIN };
        bench.settle();
        let found: Vec<Units> =
            seen_parts(&bench.story, &bench.policy, NOW).into_iter().map(|part| part.units).collect();
        let wanted: Vec<Units> = parts.iter().map(|part| units(part)).collect();
        assert_eq!(found, wanted, "{what}");
        let drafts = hub_drafts(&bench.story, &bench.policy, NOW);
        assert_eq!(drafts.len(), parts.len().max(1), "{what}");
        for (draft, warehouse) in drafts.iter().zip(warehouses) {
            assert_eq!(draft.ship.warehouse, *warehouse, "{what}");
        }
        // The rule goes, the parts stay as they were sent; so do their warehouses.
        bench.policy.shapers = Arc::default();
        assert!(bench.settle().is_empty(), "{what}");
        let after: Vec<Units> = seen_parts(&bench.story, &bench.policy, NOW).into_iter().map(|p| p.units).collect();
        assert_eq!(after, wanted, "{what}");
    }
}

#[test]
fn units_that_are_moved_by_hand_leave_each_part_where_it_ships_from() {
    let split = RuleAction::Split { by: SplitBy::Warehouse, table: "w".into(), hubs: String::new() };
    let policy = ruled(split, &[("w", &[("harbour", "11"), ("South", "22")])], &[]);
    let mut bench = Bench { story: parted(), policy, now_ms: NOW - 30 * MIN };
    bench.settle();
    bench.split(&[&[(1, 1), (2, 1)]]);
    bench.settle();
    let drafts = hub_drafts(&bench.story, &bench.policy, NOW);
    let places: Vec<&str> = drafts.iter().map(|draft| draft.ship.warehouse.as_str()).collect();
    assert_eq!(places, ["11", "22"]);
    // What the store gave to no place goes with the first, even where it is the first line.
    let mut story = parted();
    story.order.fulfillment_orders.remove(0);
    assert_eq!(hub_drafts(&story, &bench.policy, NOW).len(), 1);
}

#[test]
fn places_of_the_store_are_no_warehouses_of_the_hub() {
    let mut policy = ruled(RuleAction::Route { by: RouteBy::Stock, table: String::new() }, &[], &[]);
    let level = |sku: &str| (channel(), sku.to_owned(), Level { place: "a".into(), name: "A".into(), available: 9 });
    policy.levels = Some(Arc::new(Levels::new([level("sku-1"), level("sku-2")])));
    assert_eq!(hub_drafts(&parted(), &policy, NOW)[0].ship.warehouse, "");
    let did = decide(&parted(), &policy, NOW).trace.remove(0).did.join("; ");
    assert!(did.contains("only the store counts"), "{did}");
}

#[test]
fn a_rule_splits_nothing_that_was_sent_whole() {
    let mut bench = Bench { story: parted(), policy: policy(Mode::Auto), now_ms: NOW - 30 * MIN };
    bench.settle();
    bench.policy =
        ruled(RuleAction::Split { by: SplitBy::ProductType, table: String::new(), hubs: String::new() }, &[], &[]);
    assert!(bench.settle().is_empty());
    assert_eq!(bench.there().len(), 1);
}

#[test]
fn rules_choose_warehouses() {
    let route = |by: RouteBy, table: &str| RuleAction::Route { by, table: table.into() };
    let zones: &[(&str, &[(&str, &str)])] =
        &[("z", &[("NO", "north"), ("NO 50", "west"), ("NO 51", "east"), ("SE", "stockholm")])];
    let types: &[(&str, &[(&str, &str)])] = &[("t", &[("mugs", "kiln"), ("Posters", "press")])];
    let cases: [(&str, Policy, &str, &str); 7] = [
        ("longest row", ruled(route(RouteBy::Nearest, "z"), zones, &[]), "west", "\"NO 50\" in the table \"z\""),
        ("no row", ruled(route(RouteBy::Nearest, "t"), types, &[]), "", "has no row for NO 5013"),
        (
            "in stock",
            ruled(
                route(RouteBy::Stock, ""),
                &[],
                &[("SKU-1", "a", 2), ("SKU-2", "a", 0), ("SKU-1", "b", 2), ("SKU-2", "b", 1)],
            ),
            "b",
            "all of it is in stock at b hall",
        ),
        (
            "in stock, by the table",
            ruled(route(RouteBy::Stock, "w"), &[("w", &[("A hall", "77")])], &[("SKU-1", "a", 2), ("SKU-2", "a", 1)]),
            "77",
            "all of it is in stock at a hall",
        ),
        ("nowhere whole", ruled(route(RouteBy::Stock, ""), &[], &[("SKU-1", "a", 2)]), "", "no place is known"),
        ("nobody counts", ruled(route(RouteBy::Stock, ""), &[], &[]), "", "nobody's counts"),
        ("several types", ruled(route(RouteBy::ProductType, "t"), types, &[]), "", "several warehouses"),
    ];
    for (what, policy, warehouse, says) in cases {
        let story = parted();
        let drafts = hub_drafts(&story, &policy, NOW);
        assert_eq!(drafts[0].ship.warehouse, warehouse, "{what}");
        let did = decide(&story, &policy, NOW).trace.remove(0).did.join("; ");
        assert!(did.contains(says), "{what}: {did}");
    }
    // Once it was sent, the counts lack what it took: the warehouse stands.
    let policy = ruled(route(RouteBy::Stock, ""), &[], &[("SKU-1", "a", 2), ("SKU-2", "a", 1)]);
    let mut bench = Bench { story: parted(), policy, now_ms: NOW - 30 * MIN };
    bench.settle();
    bench.policy = ruled(route(RouteBy::Stock, ""), &[], &[("SKU-1", "b", 2), ("SKU-2", "b", 1)]);
    assert!(bench.settle().is_empty());
    let mut one = parted();
    one.order.lines.truncate(1);
    let drafts = hub_drafts(&one, &ruled(route(RouteBy::ProductType, "t"), types, &[]), NOW);
    assert_eq!(drafts[0].ship.warehouse, "kiln");
}

#[test]
fn somebody_looks_after_what_a_rule_gives_him() {
    let policy = ruled(RuleAction::Assign { text: "Ada".into() }, &[], &[]);
    let decision = decide(&story(), &policy, NOW);
    assert_eq!((decision.assignee.as_str(), decision.trace[0].did[0].as_str()), ("Ada", "Ada looks after it"));
    assert_eq!(decide(&story(), &plain(), NOW).assignee, "");
}

fn plain() -> Policy {
    policy(Mode::Auto)
}
