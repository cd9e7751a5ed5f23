//! What aliases, mappings and rules make of one order, before it becomes a hub order.
//!
//! These three automations send nothing of their own: they shape what "Orders to the hub"
//! sends. Each has a mode and a go-live line like any other. In Watch nothing is shaped
//! and only the trace of the rules is kept; in Ask an order that was shaped waits for a
//! click; in Auto it goes.

use crate::buyer_messages::BuyerMessages;
use crate::facts::Facts;
use crate::field_mapping::{self, ReadyMapping};
use crate::policy::Policy;
use crate::rules::{self, ReadyRules};
use crate::sku_aliases::{self, AliasBook};
use crate::split::Split;
use quayside_model::{AliasPart, Mode, RuleTrace, ShipChoice, Story};
use std::collections::BTreeMap;

/// The tables of a person, ready to be used for every order. Made once per policy.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shapers {
    /// SKU aliases.
    pub aliases: AliasBook,
    /// Field mappings.
    pub mapping: ReadyMapping,
    /// Rules.
    pub rules: ReadyRules,
    /// What buyers are told. It shapes no order.
    pub messages: BuyerMessages,
}

impl Shapers {
    /// Nothing was ever set: the usual case, and then nothing is looked at.
    pub fn is_empty(&self) -> bool {
        self.aliases.is_empty() && self.mapping.is_empty() && self.rules.is_empty()
    }

    /// A rule or a mapping asks what is in stock.
    pub fn ask_stock(&self) -> bool {
        self.rules.asks_stock || self.mapping.rows().any(|row| names_stock(&row.template))
    }
}

/// A text names a field that is read from the counts of stock.
pub(crate) fn names_stock(text: &str) -> bool {
    text.contains("in_stock") || text.contains("back_ordered")
}

/// What is different about an order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shape {
    /// Lines that go under other SKUs, by the channel's line id.
    pub parts: BTreeMap<String, Vec<AliasPart>>,
    /// Lines whose SKU the table does not know and that hold the order: line id and SKU.
    pub unknown: Vec<(String, String)>,
    /// Custom fields, where set.
    pub custom_fields: [Option<String>; 3],
    /// Notes for the team, in order.
    pub notes: Vec<String>,
    /// Instead of the buyer's note.
    pub buyers_note: Option<String>,
    /// Instead of the gift message.
    pub gift_message: Option<String>,
    /// Further tags.
    pub tags: Vec<String>,
    /// Instead of the service asked for.
    pub requested_service: Option<String>,
    /// Instead of the address's company.
    pub company: Option<String>,
    /// Instead of the address's second line.
    pub address_line2: Option<String>,
    /// Instead of the address's telephone.
    pub phone: Option<String>,
    /// Instead of the day the desk works out: for the desk's own clock, and for the hub to show; ms UTC.
    pub ship_by_ms: Option<i64>,
    /// Where that day was read, in words.
    pub ship_by_from: Option<String>,
    /// Further options of lines, by the channel's line id.
    pub line_options: BTreeMap<String, Vec<(String, String)>>,
    /// Carrier, service and the rest.
    pub ship: ShipChoice,
    /// Split by a rule into several hub orders.
    pub split: Option<Split>,
    /// Whom a rule puts in charge.
    pub assignee: Option<String>,
    /// Held by a rule: its name and reason.
    pub hold: Option<(String, String)>,
    /// Alerts of rules: rule id and text.
    pub alerts: Vec<(String, String)>,
    /// Mappings and texts that gave nothing: row or rule, and why.
    pub lacking: Vec<(String, String)>,
    /// Texts of mappings of which the hub keeps less: row, and what is lost.
    pub cut: Vec<(String, String)>,
    /// Which rules looked.
    pub trace: Vec<RuleTrace>,
    /// A shaping automation in mode Ask changed something.
    pub asks: bool,
}

/// How far a shaping automation may go for this order. Its go-live line counts by the order's
/// own time, whatever was sent before: an order is never reshaped by an automation newer than it.
fn mode(id: &str, story: &Story, policy: &Policy) -> Mode {
    let Some(automation) = policy.automations.get(id) else { return Mode::Watch };
    if automation.go_live_ms.is_some_and(|line| story.order.placed_at_ms < line) { Mode::Off } else { automation.mode }
}

/// Shapes one order.
pub fn shape(story: &Story, policy: &Policy) -> Shape {
    let mut shape = Shape::default();
    let shapers = &*policy.shapers;
    let holds_unknown = policy.automations.get(sku_aliases::ID).is_some_and(|a| a.settings.contains_key("unknown"));
    if shapers.is_empty() && !holds_unknown {
        return shape;
    }
    let acts = |mode: Mode| matches!(mode, Mode::Ask | Mode::Auto);
    let facts = Facts::of(story, policy);
    let aliases = mode(sku_aliases::ID, story, policy);
    if acts(aliases) {
        alias_lines(story, policy, &mut shape);
        shape.asks |= aliases == Mode::Ask && !shape.parts.is_empty();
    }
    let mapping = mode(field_mapping::ID, story, policy);
    if acts(mapping) && !shapers.mapping.is_empty() {
        let before = shape.clone();
        field_mapping::apply(&shapers.mapping, &facts, &mut shape);
        shape.asks |= mapping == Mode::Ask && shape != before;
    }
    let by_rules = mode(rules::ID, story, policy);
    if by_rules != Mode::Off && !shapers.rules.is_empty() {
        rules::apply(&shapers.rules, &facts, acts(by_rules), &mut shape);
        shape.asks |= by_rules == Mode::Ask && shape.trace.iter().any(|rule| rule.fired);
    }
    shape
}

/// What lines go as under other SKUs, where the table of aliases acts.
pub(crate) fn acting_parts(story: &Story, policy: &Policy) -> BTreeMap<String, Vec<AliasPart>> {
    let mut shape = Shape::default();
    if matches!(mode(sku_aliases::ID, story, policy), Mode::Ask | Mode::Auto) {
        alias_lines(story, policy, &mut shape);
    }
    shape.parts
}

fn alias_lines(story: &Story, policy: &Policy, shape: &mut Shape) {
    let book = &policy.shapers.aliases;
    let strict = sku_aliases::holds_unknown(policy);
    if book.is_empty() && !strict {
        return;
    }
    for (line, _) in story.order.lines_ours() {
        // What a person wrote for this one order is meant as it stands.
        if story.choices.skus.contains_key(&line.remote_id) {
            continue;
        }
        match book.parts(&story.channel, line) {
            Some(parts) => drop(shape.parts.insert(line.remote_id.clone(), parts.to_vec())),
            None if strict && !book.knows(&line.sku) => shape.unknown.push((line.remote_id.clone(), line.sku.clone())),
            None => {}
        }
    }
}

/// The automations that shape, in the order in which they do.
pub const SHAPERS: [&str; 3] = [sku_aliases::ID, field_mapping::ID, rules::ID];
