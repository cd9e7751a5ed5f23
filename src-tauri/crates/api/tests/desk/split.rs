//! Orders that a person splits, and rules whose plan is read before they are kept.

use crate::house::{House, hub, hub_order, order};
use quayside_flows::rules::{RouteBy, Rule, RuleAction, RuleBook, SplitBy, Test};
use quayside_model::{Cause, HubStatus, IntentKind, Mode, OrderId};
use std::collections::BTreeMap;

fn lamp(n: i64, units: i64) -> BTreeMap<String, i64> {
    BTreeMap::from([(format!("gid://shop/LineItem/{n}1"), units)])
}

fn book(then: Vec<RuleAction>) -> RuleBook {
    let rule = Rule { id: "r".into(), name: "R".into(), on: true, when: Test::All { tests: vec![] }, then };
    RuleBook { rules: vec![rule], first_only: false }
}

fn puts(house: &House, id: OrderId) -> usize {
    house.intents(id).iter().filter(|intent| intent.kind() == IntentKind::PutHubOrder).count()
}

#[test]
fn an_order_is_split_shown_and_put_together_again() {
    let house = House::new().auto();
    let id = house.order(order(1));
    let view = house.desk.split(id).unwrap();
    assert_eq!((view.lines[0].units, view.parts.len(), view.cannot), (2, 0, None));
    let before = puts(&house, id);

    let view = house.desk.put_split(id, vec![lamp(1, 1)]).unwrap();
    let parts: Vec<(u32, i64)> = view.parts.iter().map(|part| (part.n, part.units.values().sum())).collect();
    assert_eq!((parts, view.by_person), (vec![(1, 1), (2, 1)], true));
    assert_eq!(puts(&house, id), before + 2, "both parts are planned at once: nothing was sent yet");
    assert_eq!(house.desk.order(id).unwrap().parts.len(), 2);

    let view = house.desk.put_split(id, vec![]).unwrap();
    assert_eq!((view.parts.len(), view.by_person), (0, false));
    assert!(house.desk.put_split(OrderId(99), vec![]).is_err());
}

#[test]
fn what_has_a_label_is_not_taken_apart() {
    let house = House::new().auto();
    let id = house.order(order(1));
    house.done(&hub(), "9001");
    house.hub_order(hub_order(&house.key(id), "9001", 1, HubStatus::Shipped));
    let trouble = house.desk.put_split(id, vec![lamp(1, 1)]).unwrap_err();
    assert!(trouble.sentence.contains("A label was bought"), "{trouble}");
    assert!(house.desk.split(id).unwrap().cannot.is_some());
}

#[test]
fn parts_that_do_not_add_up_are_refused_with_a_sentence() {
    let house = House::new().auto();
    let id = house.order(order(1));
    let cases: [(Vec<BTreeMap<String, i64>>, &str); 4] = [
        (vec![lamp(1, 3)], "the order wants 2"),
        (vec![lamp(1, 2)], "Nothing would be left"),
        (vec![lamp(2, 1)], "does not have"),
        (vec![lamp(1, 0)], "without any units"),
    ];
    for (further, says) in cases {
        let trouble = house.desk.put_split(id, further.clone()).unwrap_err();
        assert!(trouble.sentence.contains(says), "{further:?}: {trouble}");
    }
    assert!(house.desk.order(id).unwrap().parts.is_empty());
}

/// The book that is kept against the one that is about to be.
#[test]
fn rules_are_planned_before_they_are_kept() {
    let house = House::new().auto();
    house.mode("rules", Mode::Auto);
    house.order(order(1));
    house.order(order(2));
    house.desk.put_rules(book(vec![RuleAction::Tag { text: "bench".into() }])).unwrap();
    let changed = |then: Vec<RuleAction>| {
        let plan = house.desk.rules_plan(book(then), 0).unwrap();
        assert_eq!((plan.items.len() as i64, plan.orders), (plan.per_automation["rules"], 2));
        plan.items.into_iter().flat_map(|item| item.changes).map(|change| change.field).collect::<Vec<_>>()
    };
    let tag = || RuleAction::Tag { text: "bench".into() };
    assert_eq!(changed(vec![tag()]), Vec::<String>::new(), "the same rules change nothing");
    assert_eq!(changed(vec![tag(), RuleAction::Service { text: "express".into() }]), ["Service code", "Service code"]);
    assert_eq!(changed(vec![tag(), RuleAction::Hold { text: "look".into() }]), ["Held", "Held"]);
    assert_eq!(changed(vec![tag(), RuleAction::Assign { text: "Ada".into() }]), ["Looks after it", "Looks after it"]);
    assert_eq!(changed(vec![RuleAction::Tag { text: "dock".into() }]), ["Tags", "Tags"]);
    house.mode("rules", Mode::Watch);
    assert_eq!(changed(vec![]), Vec::<String>::new(), "in a mode that only looks nothing changes");
}

#[test]
fn a_rule_names_a_table_that_is_there_or_rests() {
    let house = House::new();
    let rests = |action: RuleAction| {
        let view = house.desk.put_rules(book(vec![action])).unwrap();
        view.problems.first().map(|problem| problem.sentence.clone()).unwrap_or_default()
    };
    let table = |name: &str| name.to_owned();
    for (action, says) in [
        (RuleAction::Route { by: RouteBy::Nearest, table: table("") }, "names no table"),
        (RuleAction::Route { by: RouteBy::ProductType, table: table("zones") }, "there is no table \"zones\""),
        (
            RuleAction::Split { by: SplitBy::Warehouse, table: table("zones"), hubs: table("") },
            "there is no table \"zones\"",
        ),
    ] {
        let why = rests(action.clone());
        assert!(why.contains(says), "{action:?}: {why}");
    }
    for fine in [
        RuleAction::Route { by: RouteBy::Stock, table: table("") },
        RuleAction::Split { by: SplitBy::ProductType, table: table(""), hubs: table("") },
    ] {
        assert_eq!(rests(fine.clone()), "", "{fine:?}");
    }
}

#[test]
fn exceptions_of_an_order_go_to_whom_a_rule_names() {
    let house = House::new().auto();
    house.mode("rules", Mode::Auto);
    house.desk.put_rules(book(vec![RuleAction::Assign { text: "Ada".into() }])).unwrap();
    let mut bad = order(1);
    bad.ship_to.as_mut().unwrap().line1.clear();
    let id = house.order(bad);
    let detail = house.desk.order(id).unwrap();
    assert_eq!(detail.assignee, "Ada");
    let entry = detail.exceptions.iter().find(|entry| entry.cause == Cause::AddressMissing).unwrap();
    assert_eq!(entry.assignee, "Ada");
}
