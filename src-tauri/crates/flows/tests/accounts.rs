//! One order at two shipping accounts: each part at its own, and no unit at both, whatever is changed in between.
#![allow(missing_docs, clippy::unwrap_used, clippy::type_complexity)]

mod common;
use common::*;
use quayside_flows::rules::{ReadyRules, Rule, RuleAction, RuleBook, SplitBy, Test, astray};
use quayside_flows::templates::Tables;
use quayside_flows::{LineLedger, Policy, Shapers, cannot_split, decide, seen_parts};
use quayside_model::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const SECOND: &str = "cafe0001-1001-p2";

fn outlet() -> ConnectionId {
    ConnectionId::new("outlet")
}

/// Three accounts; orders go to the first one.
fn accounts() -> Policy {
    let mut policy = policy(Mode::Auto);
    for (id, name, code) in [("outlet", "Outlet", "beef0002"), ("third", "Third hall", "beef0003")] {
        let mut further = policy.peers[&hub()].clone();
        (further.id, further.name, further.code) = (ConnectionId::new(id), name.into(), code.into());
        further.title = format!("{name} hub");
        policy.peers.insert(further.id.clone(), further);
    }
    set(policy, "orders_to_hub", "hub", hub().as_str())
}

fn book() -> RuleBook {
    let split = RuleAction::Split { by: SplitBy::ProductType, table: String::new(), hubs: "accounts".into() };
    let when = Test::All { tests: vec![] };
    let rule = Rule { id: "r".into(), name: "By account".into(), on: true, when, then: vec![split] };
    RuleBook { rules: vec![rule], first_only: false }
}

fn tables(rows: &[(&str, &str)]) -> Tables {
    let rows = rows.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
    BTreeMap::from([("accounts".to_owned(), rows)])
}

/// With a rule that splits by product type, and a table of accounts.
fn ruled(rows: &[(&str, &str)]) -> Policy {
    let rules = ReadyRules::new(book(), &tables(rows));
    assert!(rules.problems.is_empty(), "{:?}", rules.problems);
    Policy { shapers: Arc::new(Shapers { rules, ..Shapers::default() }), ..accounts() }
}

struct Desk {
    story: Story,
    policy: Policy,
    now_ms: i64,
}

/// What an account has open of the order: account, our key, units by SKU.
type There = BTreeMap<(String, String), BTreeMap<String, i64>>;

impl Desk {
    /// Mugs and posters, not sent yet.
    fn new(policy: Policy) -> Self {
        let mut story = story();
        (story.order.lines[0].product_type, story.order.lines[1].product_type) = ("Mugs".into(), "Posters".into());
        Self { story, policy, now_ms: NOW - 30 * MIN }
    }

    /// One look; what it plans is in this state afterwards. How many changes were planned.
    fn step(&mut self, state: EffectState) -> usize {
        self.now_ms += MIN;
        let decision = decide(&self.story, &self.policy, self.now_ms);
        for (id, _) in &decision.overtaken {
            self.story.effects.iter_mut().find(|e| e.id == *id).unwrap().state = EffectState::Skipped;
        }
        let planned: Vec<PlannedEffect> =
            decision.effects.into_iter().filter(|e| matches!(e.mode, Mode::Auto | Mode::Ask)).collect();
        let count = planned.len();
        for planned in planned {
            assert!(!self.story.effects.iter().any(|e| e.key == planned.key), "key {} planned twice", planned.key);
            let remote_id = if state == EffectState::Done { self.carry_out(&planned) } else { None };
            let sent = !matches!(state, EffectState::Asked | EffectState::Pending);
            self.story.effects.push(PastEffect {
                id: EffectId(self.story.effects.len() as i64 + 1),
                key: planned.key,
                automation: planned.automation,
                connection: planned.connection,
                intent: planned.intent,
                state,
                attempts: u32::from(sent),
                created_at_ms: self.now_ms,
                not_before_ms: self.now_ms,
                first_sent_at_ms: sent.then_some(self.now_ms),
                settled_at_ms: state.is_final().then_some(self.now_ms),
                refused_at_ms: None,
                refusal: None,
                ticket: None,
                withdrawn: false,
                receipt: (state == EffectState::Done).then(|| Receipt { remote_id, ..Receipt::default() }),
            });
            self.count();
        }
        count
    }

    fn settle(&mut self) -> usize {
        let mut all = 0;
        for _ in 0..20 {
            match self.step(EffectState::Done) {
                0 => return all,
                n => all += n,
            }
        }
        unreachable!("it never comes to rest");
    }

    fn carry_out(&mut self, planned: &PlannedEffect) -> Option<String> {
        let seen_at_ms = self.now_ms + 1_000;
        match &planned.intent {
            Intent::PutHubOrder { order, .. } => {
                let mut read = story();
                at_hub(&mut read, HubStatus::AwaitingShipment, seen_at_ms);
                let mut fresh = read.hub_orders.remove(0);
                fresh.connection = planned.connection.clone();
                fresh.value.remote_id = format!("{}/{}", planned.connection, order.key);
                let id = fresh.value.remote_id.clone();
                fresh.value.key.clone_from(&order.key);
                fresh.value.ship_to = Some(order.ship_to.clone());
                let line = |l: &HubLineDraft| HubLine {
                    line_key: Some(l.line_key.clone()),
                    sku: l.sku.clone(),
                    name: l.name.clone(),
                    quantity: l.quantity,
                };
                fresh.value.lines = order.lines.iter().map(line).collect();
                self.story.hub_orders.retain(|h| h.value.key != order.key || h.connection != planned.connection);
                self.story.hub_orders.push(fresh);
                Some(id)
            }
            Intent::CancelHubOrder { hub_order_key, .. } => {
                let of_it =
                    |h: &&mut Seen<HubOrder>| h.value.key == *hub_order_key && h.connection == planned.connection;
                let there = self.story.hub_orders.iter_mut().find(of_it).unwrap();
                there.value.status = HubStatus::Cancelled;
                (there.seen_at_ms, there.value.modified_at_ms) = (seen_at_ms, seen_at_ms);
                None
            }
            _ => None,
        }
    }

    /// No unit is at two places, and no part was sent to two accounts.
    fn count(&self) {
        for line in &self.story.order.lines {
            let units: i64 = self.there().values().map(|units| units.get(&line.sku).copied().unwrap_or(0)).sum();
            assert!(units <= line.quantity, "{units} of {} × {} are there", line.quantity, line.sku);
        }
        let mut sent: BTreeMap<&str, BTreeSet<&ConnectionId>> = BTreeMap::new();
        for effect in self.story.effects.iter().filter(|e| e.state != EffectState::Skipped) {
            if let Intent::PutHubOrder { order, .. } = &effect.intent {
                sent.entry(&order.key).or_default().insert(&effect.connection);
            }
        }
        assert!(sent.values().all(|accounts| accounts.len() == 1), "{sent:?}");
    }

    fn there(&self) -> There {
        let live = self.story.hub_orders.iter().filter(|h| h.value.status.is_open());
        live.map(|h| {
            let lines = h.value.lines.iter().map(|l| (l.sku.clone(), l.quantity));
            ((h.connection.to_string(), h.value.key.clone()), lines.collect())
        })
        .collect()
    }

    /// The accounts that puts of each part are planned or were sent to, without those that were given up.
    fn goes_to(&self) -> Vec<(String, String)> {
        let living = self.story.effects.iter().filter(|e| e.state != EffectState::Skipped);
        living
            .filter_map(|e| match &e.intent {
                Intent::PutHubOrder { order, .. } => Some((order.key.clone(), e.connection.to_string())),
                _ => None,
            })
            .collect()
    }
}

fn there(all: &[(&str, &str, &[(&str, i64)])]) -> There {
    let units = |units: &[(&str, i64)]| units.iter().map(|(sku, n)| ((*sku).to_owned(), *n)).collect();
    all.iter().map(|(account, key, of)| (((*account).to_owned(), (*key).to_owned()), units(of))).collect()
}

const TWO: &[(&str, &str)] = &[("Posters", "Outlet")];

#[test]
fn a_table_says_which_account_gets_which_part() {
    let both: &[(&str, &str, &[(&str, i64)])] =
        &[("warehouse", KEY, &[("SKU-1", 2)]), ("outlet", SECOND, &[("SKU-2", 1)])];
    let cases: [(&str, &[(&str, &str)], &[(&str, &str, &[(&str, i64)])]); 8] = [
        ("by name", TWO, both),
        ("whatever its case", &[("posters", " OUTLET ")], both),
        ("by the platform's name", &[("Posters", "Outlet hub")], both),
        ("by id", &[("Posters", "outlet")], both),
        ("the own account named", &[("Posters", "Outlet"), ("Mugs", "Main warehouse")], both),
        // What belongs to the store's own account is the first part, wherever it stands in the order.
        (
            "the other way round",
            &[("Mugs", "Outlet")],
            &[("warehouse", KEY, &[("SKU-2", 1)]), ("outlet", SECOND, &[("SKU-1", 2)])],
        ),
        (
            "all of it elsewhere",
            &[("Mugs", "Outlet"), ("Posters", "Outlet")],
            &[("outlet", KEY, &[("SKU-1", 2), ("SKU-2", 1)])],
        ),
        ("nothing named", &[("Lamps", "Outlet")], &[("warehouse", KEY, &[("SKU-1", 2), ("SKU-2", 1)])]),
    ];
    for (what, rows, wanted) in cases {
        let mut desk = Desk::new(ruled(rows));
        desk.settle();
        assert_eq!(desk.there(), there(wanted), "{what}");
        for row in LineLedger::of(&desk.story).rows {
            assert_eq!((row.sent, row.at_hub), (row.ordered, row.ordered), "{what}: {}", row.sku);
        }
        // The rule, its table or its mode change: what was sent stays where it is.
        let mut off = ruled(rows);
        off.automations.get_mut("rules").unwrap().mode = Mode::Off;
        for changed in [ruled(&[("Posters", "Third hall"), ("Mugs", "Third hall")]), accounts(), off] {
            desk.policy = changed;
            assert_eq!(desk.settle(), 0, "{what}");
            assert_eq!(desk.there(), there(wanted), "{what}");
        }
    }
}

#[test]
fn what_is_planned_goes_where_it_is_to_go_now_and_what_may_have_left_stays() {
    let put = |account: &str| vec![(KEY.to_owned(), "warehouse".to_owned()), (SECOND.to_owned(), account.to_owned())];
    for (state, account) in [
        (EffectState::Asked, "third"),
        (EffectState::Pending, "third"),
        // The answer is out, or was lost.
        (EffectState::Running, "outlet"),
        (EffectState::Unknown, "outlet"),
    ] {
        let mut desk = Desk::new(ruled(TWO));
        desk.step(state);
        assert_eq!(desk.goes_to(), put("outlet"), "{state:?}");
        desk.policy = ruled(&[("Posters", "Third hall")]);
        desk.step(state);
        assert_eq!(desk.goes_to(), put(account), "{state:?}");
    }
    // Nothing left, and the rule goes: one order, at the store's own account.
    let mut desk = Desk::new(ruled(&[("Mugs", "Outlet"), ("Posters", "Outlet")]));
    desk.step(EffectState::Asked);
    assert_eq!(desk.goes_to(), [(KEY.to_owned(), "outlet".to_owned())]);
    desk.policy = accounts();
    desk.step(EffectState::Asked);
    assert_eq!(desk.goes_to(), [(KEY.to_owned(), "warehouse".to_owned())]);
}

#[test]
fn the_store_cancels_and_edits_at_both_accounts() {
    let sent = || {
        let mut desk = Desk::new(ruled(TWO));
        desk.settle();
        desk
    };
    let mut cancelled = sent();
    cancelled.story.order.cancelled_at_ms = Some(cancelled.now_ms);
    cancelled.settle();
    assert_eq!(cancelled.there(), There::new());

    // The answer of one account is out: what the other one has comes off meanwhile, and the rest once it is known.
    let mut out = sent();
    let answer = |desk: &mut Desk, state: EffectState| {
        desk.story.effects.iter_mut().find(|e| e.connection == outlet()).unwrap().state = state;
    };
    answer(&mut out, EffectState::Unknown);
    out.story.order.cancelled_at_ms = Some(out.now_ms);
    out.settle();
    assert_eq!(out.there(), there(&[("outlet", SECOND, &[("SKU-2", 1)])]));
    answer(&mut out, EffectState::Done);
    out.settle();
    assert_eq!(out.there(), There::new());

    // More of what the other account has goes there; what is taken off comes off there.
    for (line, units, wanted) in [
        (1, 3, there(&[("warehouse", KEY, &[("SKU-1", 2)]), ("outlet", SECOND, &[("SKU-2", 3)])])),
        (0, 1, there(&[("warehouse", KEY, &[("SKU-1", 1)]), ("outlet", SECOND, &[("SKU-2", 1)])])),
        (1, 0, there(&[("warehouse", KEY, &[("SKU-1", 2)])])),
    ] {
        let mut desk = sent();
        let line: &mut OrderLine = &mut desk.story.order.lines[line];
        (line.quantity, line.current_quantity, line.unfulfilled_quantity) = (line.quantity.max(units), units, units);
        desk.settle();
        assert_eq!(desk.there(), wanted, "{units}");
    }

    // The address, too.
    let mut moved = sent();
    moved.story.order.ship_to.as_mut().unwrap().line1 = "Strandgaten 7".into();
    assert_eq!(moved.settle(), 2);
    let at = |h: &Seen<HubOrder>| h.value.ship_to.as_ref().unwrap().line1.clone();
    assert!(moved.story.hub_orders.iter().all(|h| at(h) == "Strandgaten 7"));
}

#[test]
fn a_person_moves_units_from_one_account_to_the_other() {
    let mut desk = Desk::new(ruled(TWO));
    let why = cannot_split(&desk.story, &desk.policy, NOW).unwrap();
    assert!(why.contains("several accounts"), "{why}");
    desk.settle();
    assert_eq!(cannot_split(&desk.story, &desk.policy, NOW), None);
    desk.story.choices.split = Some(vec![BTreeMap::from([("line/1".into(), 1), ("line/2".into(), 1)])]);
    desk.settle();
    let moved = there(&[("warehouse", KEY, &[("SKU-1", 1)]), ("outlet", SECOND, &[("SKU-1", 1), ("SKU-2", 1)])]);
    assert_eq!(desk.there(), moved);
    let places: Vec<Option<ConnectionId>> =
        seen_parts(&desk.story, &desk.policy, NOW).into_iter().map(|part| part.hub).collect();
    assert_eq!(places, [Some(hub()), Some(outlet())]);
    desk.story.choices.split = Some(vec![]);
    desk.settle();
    assert_eq!(desk.there(), there(&[("warehouse", KEY, &[("SKU-1", 2), ("SKU-2", 1)])]));
}

#[test]
fn an_account_that_is_not_there_holds_the_order() {
    let mut deaf = ruled(TWO);
    deaf.peers.get_mut(&outlet()).unwrap().performs.retain(|kind| *kind != IntentKind::PutHubOrder);
    let mut twins = ruled(TWO);
    twins.peers.get_mut(&ConnectionId::new("third")).unwrap().name = "Outlet".into();
    for (policy, rows, says) in [
        (ruled(&[("Posters", "Nowhere")]), &[("Posters", "Nowhere")][..], "no shipping account is called that"),
        (deaf, TWO, "takes no orders from outside"),
        (twins, TWO, "several shipping accounts are called that"),
    ] {
        let told = astray(&book(), &tables(rows), &policy);
        assert!(told.len() == 1 && told[0].sentence.contains(says), "{told:?}");
        let mut desk = Desk::new(policy);
        desk.step(EffectState::Done);
        assert!(desk.goes_to().is_empty(), "{says}");
        let waits = decide(&desk.story, &desk.policy, NOW).waits_on;
        assert!(waits.code == "held_by_rule" && waits.sentence.contains(says), "{waits:?}");
    }
    assert!(astray(&book(), &tables(TWO), &accounts()).is_empty());
    // Sent already: the same table holds nothing.
    let mut desk = Desk::new(ruled(TWO));
    desk.settle();
    let before = desk.there();
    desk.policy = ruled(&[("Posters", "Nowhere")]);
    assert_eq!((desk.settle(), desk.there()), (0, before.clone()));
    // Nor does an account that was removed lose its goods to the other one.
    desk.policy.peers.remove(&outlet());
    desk.story.order.ship_to.as_mut().unwrap().line1 = "Strandgaten 7".into();
    desk.settle();
    assert_eq!(desk.there(), before);
    // Nor does the other one get what the first of them may have.
    let mut desk = Desk::new(ruled(TWO));
    desk.settle();
    desk.policy.peers.remove(&hub());
    desk.story.order.ship_to.as_mut().unwrap().line1 = "Strandgaten 7".into();
    desk.settle();
    assert_eq!(desk.there(), before);
    // What was planned for it, and not sent, keeps nothing else back.
    let mut desk = Desk::new(ruled(TWO));
    desk.step(EffectState::Done);
    let planned = desk.story.effects.iter_mut().find(|e| e.connection == outlet()).unwrap();
    (planned.state, planned.first_sent_at_ms, planned.receipt) = (EffectState::Pending, None, None);
    desk.story.hub_orders.retain(|seen| seen.connection != outlet());
    desk.policy.peers.remove(&outlet());
    desk.settle();
    assert!(desk.goes_to().iter().all(|(_, account)| account == "warehouse"), "{:?}", desk.goes_to());
    let waits = decide(&desk.story, &desk.policy, desk.now_ms).waits_on;
    assert!(waits.sentence.contains("Part 2 belongs to an account that was removed"), "{}", waits.sentence);
}

#[test]
fn what_stands_at_two_accounts_is_told_and_nothing_more_is_sent() {
    let mut desk = Desk::new(accounts());
    desk.settle();
    let mut other = desk.story.hub_orders[0].clone();
    other.connection = outlet();
    desk.story.hub_orders.push(other);
    desk.story.order.ship_to.as_mut().unwrap().line1 = "Strandgaten 7".into();
    let decision = decide(&desk.story, &desk.policy, desk.now_ms + MIN);
    let put = decision.effects.iter().any(|e| e.intent.kind() == IntentKind::PutHubOrder);
    let told = decision.findings.iter().find(|finding| finding.cause == Cause::SeenTwice).unwrap();
    assert!(!put && told.sentence.contains("Main warehouse and Outlet"), "{}", told.sentence);
}

#[test]
fn the_row_says_where_each_part_stands() {
    let mut desk = Desk::new(ruled(TWO));
    desk.settle();
    let waits = decide(&desk.story, &desk.policy, desk.now_ms).waits_on;
    assert_eq!(waits.sentence, "Part 1 is in Hub, waits for packing; Part 2 is in Outlet hub, waits for packing");
}
