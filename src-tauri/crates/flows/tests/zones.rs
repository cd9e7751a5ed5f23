//! Conditions on where an order goes, by a lookup table of countries and postcodes.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
use common::*;
use quayside_flows::rules::{Op, ReadyRules, Rule, RuleAction, RuleBook, Test};
use quayside_flows::templates::Tables;
use quayside_flows::{Policy, Shapers, decide};
use quayside_model::*;
use std::collections::BTreeMap;
use std::sync::Arc;

fn tables(rows: &[(&str, &str)]) -> Tables {
    let rows = rows.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
    BTreeMap::from([("zones".to_owned(), rows)])
}

fn read(field: &str, op: Op, value: &str, tables: &Tables) -> ReadyRules {
    let rule = Rule {
        id: "r".into(),
        name: "R".into(),
        on: true,
        when: Test::Is { field: field.into(), op, value: value.into() },
        then: vec![RuleAction::Tag { text: "far".into() }],
    };
    ReadyRules::new(RuleBook { rules: vec![rule], first_only: false }, tables)
}

fn ruled(field: &str, op: Op, value: &str, tables: &Tables) -> Policy {
    let rules = read(field, op, value, tables);
    Policy { shapers: Arc::new(Shapers { rules, ..Shapers::default() }), ..policy(Mode::Auto) }
}

fn to(country: &str, postcode: &str) -> Story {
    let mut story = story();
    let address = story.order.ship_to.as_mut().unwrap();
    (address.country, address.postcode) = (country.to_owned(), postcode.to_owned());
    story
}

#[test]
fn a_rule_asks_for_the_zone() {
    let zones = [("NO", "Zone 3"), ("DE", "Home"), ("DE 1", "Berlin"), ("", "World")];
    for (country, postcode, op, value, fires) in [
        ("NO", "0150", Op::Is, "zone 3", true),
        ("DE", "20457", Op::Is, "home", true),
        // The longest row that fits.
        ("DE", "10115", Op::Is, "home", false),
        ("DE", "10115", Op::OneOf, "home, berlin", true),
        ("US", "10115", Op::Is, "world", true),
        ("US", "10115", Op::NoneOf, "home, berlin", true),
        ("", "10115", Op::Present, "", false),
        ("", "10115", Op::Absent, "", true),
    ] {
        let policy = ruled("zone:zones", op, value, &tables(&zones));
        let trace = decide(&to(country, postcode), &policy, NOW).trace;
        assert_eq!(trace[0].fired, fires, "{country} {postcode} {op:?} {value}: {trace:?}");
    }
    // What a person typed over counts, and without a row for everywhere else there may be none.
    let policy = ruled("zone:zones", Op::Is, "Zone 3", &tables(&zones[..3]));
    let mut moved = to("US", "10115");
    assert!(!decide(&moved, &policy, NOW).trace[0].fired);
    moved.choices.address = to("NO", "0150").order.ship_to;
    assert!(decide(&moved, &policy, NOW).trace[0].fired);
    let why = decide(&to("NO", "0150"), &policy, NOW).trace[0].why.clone();
    assert_eq!(why, "Zone by \"zones\" (\"Zone 3\") is Zone 3");
}

#[test]
fn a_rule_on_a_table_that_is_gone_rests_and_says_so() {
    for (field, word) in [
        ("zone:places", "there is no table \"places\". Make it under Field mapping, or choose another."),
        ("zone:", "there is no field \"zone:\" (any more)."),
    ] {
        let rules = read(field, Op::Is, "Home", &tables(&[("DE", "Home")]));
        assert_eq!(rules.problems.len(), 1, "{field}");
        assert!(rules.problems[0].sentence.contains(word), "{}", rules.problems[0].sentence);
    }
}
