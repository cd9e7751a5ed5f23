//! Routing and priority rules: when an order is like this, ship it like that.
//!
//! Rules stand in an order a person sees. Each looks at every order that still has to
//! ship; conditions are a tree of "all of", "any of" and "not" over the fields of
//! [`crate::facts`]. The first rule that holds may end the looking, or all may act; later
//! actions go before earlier ones where both fill the same thing. What each rule made of
//! an order is kept: why it fired, or the first condition that did not hold.
//!
//! Rules are read once when the policy is loaded. One that names a field which is not there
//! any more is left out and told; the others go on.

mod parting;
mod ready_made;
mod route;
mod test;

pub use parting::SplitBy;
pub use ready_made::{ReadyMade, ready_made};
pub use route::RouteBy;
pub(crate) use route::of_place;
pub use test::{Op, Test};

use crate::automation::{AutomationDecl, Need};
use crate::facts::Facts;
use crate::look::Look;
use crate::policy::Policy;
use crate::shape::{Shape, names_stock};
use crate::templates::{Tables, Templates};
use parting::Not;
use quayside_model::{Cause, IntentKind, RecordKind, Role, RuleTrace};
use serde::{Deserialize, Serialize};
use specta::Type;
use test::Ready;

pub(crate) const ID: &str = "rules";
/// Rules anybody can oversee.
const RULES_MAX: usize = 200;

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Rules",
    summary: "Decides by your rules how an order ships: priority, service, carrier, package, warehouse, parts, tags, notes, a hold, an alert, and who looks after it.",
    examples: &[
        ("An order is tagged VIP.", "It asks for express, goes to the front of the line, and you are told."),
        ("An order weighs more than 20 kg.", "It gets the freight service and a note for the team."),
        ("It goes to AT, CH or DE.", "It ships from the warehouse in Leipzig."),
        (
            "Half of an order is in stock, the rest comes next week.",
            "Two hub orders, 1001 and 1001-2: one is packed today, the other waits; the store is told of each parcel.",
        ),
        ("A rule holds orders above 1,000.", "The order waits with the rule's reason; one click sends it anyway."),
        ("A rule names a field that is not there any more.", "That rule rests and says so; all others go on."),
    ],
    needs: &[Need::Reads(Role::Channel, RecordKind::Order), Need::Performs(Role::Hub, IntentKind::PutHubOrder)],
    undo: "Switch the rule off: open orders are shaped without it. What the warehouse chose at the hub stays.",
    settings: &[],
    look,
};

/// All rules, as a person keeps them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct RuleBook {
    /// In the order in which they look.
    pub rules: Vec<Rule>,
    /// The first rule that holds is the last that looks.
    pub first_only: bool,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Rule {
    /// Stable id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Rules that are off are kept and do not look.
    pub on: bool,
    /// When it holds.
    pub when: Test,
    /// What it does then.
    pub then: Vec<RuleAction>,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RuleAction {
    /// To the front: due by the next cut-off, before everything with a later deadline.
    Priority,
    /// Takes back what an earlier rule sent to the front.
    Standard,
    /// A further tag at the hub.
    Tag {
        /// The tag.
        text: String,
    },
    /// Another service than the buyer asked for, in words for the warehouse.
    RequestedService {
        /// The service in words.
        text: String,
    },
    /// The hub's code of the service.
    Service {
        /// Code (`ups_ground`).
        text: String,
    },
    /// The hub's code of the carrier.
    Carrier {
        /// Code or id (`ups`, `se-123`).
        text: String,
    },
    /// The hub's code of the package.
    Package {
        /// Code.
        text: String,
    },
    /// The hub's code of the confirmation.
    Confirmation {
        /// Code (`signature`).
        text: String,
    },
    /// Ship-from place.
    Warehouse {
        /// The hub's id of it.
        text: String,
    },
    /// Ship-from place, chosen for each order.
    Route {
        /// How.
        by: RouteBy,
        /// Lookup table of the mappings: postcodes, countries, product types or places, each with the hub's id of a
        /// warehouse. Empty where the place's own id is meant.
        table: String,
    },
    /// Several hub orders instead of one.
    Split {
        /// By what.
        by: SplitBy,
        /// Lookup table that says which warehouse ships which part; empty: all from the same.
        table: String,
        /// Lookup table that says which shipping account gets which part, by its name; empty: all the same. What it does not
        /// name goes where the store's orders go.
        #[serde(default)]
        hubs: String,
    },
    /// Somebody looks after the order and its exceptions.
    Assign {
        /// Who.
        text: String,
    },
    /// A custom field of the hub's order.
    CustomField {
        /// 1 to 3.
        n: u8,
        /// Text, or a template.
        text: String,
    },
    /// A note for the team.
    Note {
        /// Text, or a template.
        text: String,
    },
    /// Keeps the order here until a person sends it.
    Hold {
        /// Why.
        text: String,
    },
    /// Tells the person.
    Alert {
        /// Text, or a template.
        text: String,
    },
}

impl RuleAction {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Priority | Self::Standard | Self::Route { .. } | Self::Split { .. } => None,
            Self::Tag { text }
            | Self::RequestedService { text }
            | Self::Service { text }
            | Self::Carrier { text }
            | Self::Package { text }
            | Self::Confirmation { text }
            | Self::Warehouse { text }
            | Self::CustomField { text, .. }
            | Self::Note { text }
            | Self::Hold { text }
            | Self::Assign { text }
            | Self::Alert { text } => Some(text),
        }
    }

    fn is_hold(&self) -> bool {
        matches!(self, Self::Hold { .. })
    }

    /// What it does, in words; `text` is its text worked out.
    fn words(&self, text: &str) -> String {
        match self {
            Self::Priority => "To the front of the line".into(),
            Self::Standard => "In its turn, not to the front".into(),
            Self::Tag { .. } => format!("Tag \"{text}\""),
            Self::RequestedService { .. } => format!("Service asked for: {text}"),
            Self::Service { .. } => format!("Service {text}"),
            Self::Carrier { .. } => format!("Carrier {text}"),
            Self::Package { .. } => format!("Package {text}"),
            Self::Confirmation { .. } => format!("Confirmation {text}"),
            Self::Warehouse { .. } | Self::Route { .. } => format!("Ships from {text}"),
            Self::Split { by, .. } => format!("Split {}", by.words()),
            Self::Assign { .. } => format!("{text} looks after it"),
            Self::CustomField { n, .. } => format!("Custom field {n}: {text}"),
            Self::Note { .. } => format!("Note: {text}"),
            Self::Hold { .. } => format!("Holds it: {text}"),
            Self::Alert { .. } => format!("Tells you: {text}"),
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Self::Priority => "Priority",
            Self::Standard => "Standard",
            Self::Tag { .. } => "Tag",
            Self::RequestedService { .. } => "Service asked for",
            Self::Service { .. } => "Service",
            Self::Carrier { .. } => "Carrier",
            Self::Package { .. } => "Package",
            Self::Confirmation { .. } => "Confirmation",
            Self::Warehouse { .. } => "Warehouse",
            Self::Route { by, .. } => by.label(),
            Self::Split { .. } => "Split",
            Self::Assign { .. } => "Assign",
            Self::CustomField { .. } => "Custom field",
            Self::Note { .. } => "Note",
            Self::Hold { .. } => "Hold",
            Self::Alert { .. } => "Alert",
        }
    }

    fn apply(&self, rule: &Rule, text: String, shape: &mut Shape) {
        let ship = &mut shape.ship;
        match self {
            Self::Priority => ship.priority = true,
            Self::Standard => ship.priority = false,
            Self::Tag { .. } => {
                if !shape.tags.contains(&text) {
                    shape.tags.push(text);
                }
            }
            Self::RequestedService { .. } => shape.requested_service = Some(text),
            Self::Service { .. } => ship.service = text,
            Self::Carrier { .. } => ship.carrier = text,
            Self::Package { .. } => ship.package = text,
            Self::Confirmation { .. } => ship.confirmation = text,
            Self::Warehouse { .. } => ship.warehouse = text,
            Self::Assign { .. } => shape.assignee = Some(text),
            // Chosen for each order: see `choose`.
            Self::Route { .. } | Self::Split { .. } => {}
            Self::CustomField { n, .. } => {
                if let Some(field) = shape.custom_fields.get_mut(usize::from(*n).wrapping_sub(1)) {
                    *field = Some(text);
                }
            }
            Self::Note { .. } => shape.notes.push(text),
            // The first hold is the one people are told of.
            Self::Hold { .. } => drop(shape.hold.get_or_insert((rule.name.clone(), text))),
            Self::Alert { .. } => shape.alerts.push((rule.id.clone(), text)),
        }
    }
}

/// Rules, read and ready.
#[derive(Debug, Clone, Default)]
pub struct ReadyRules {
    /// What they were made of.
    pub source: RuleBook,
    ready: Vec<Option<Ready>>,
    templates: Templates,
    tables: Tables,
    /// A rule that is on asks what is in stock.
    pub(crate) asks_stock: bool,
    /// Rules that rest, with why.
    pub problems: Vec<RuleProblem>,
}

/// Why a rule rests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RuleProblem {
    /// The rule.
    pub rule: String,
    /// In a sentence.
    pub sentence: String,
}

impl PartialEq for ReadyRules {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl ReadyRules {
    /// Reads every rule; `tables` are what their texts look things up in, the same as those of the mapping.
    pub fn new(source: RuleBook, tables: &Tables) -> Self {
        let mut templates = Templates::new(tables.clone());
        let mut problems = Vec::new();
        let ready = source
            .rules
            .iter()
            .map(|rule| match read(rule, &mut templates, tables) {
                Ok(ready) => Some(ready),
                Err(sentence) => {
                    problems.push(RuleProblem { rule: rule.id.clone(), sentence });
                    None
                }
            })
            .collect();
        let asks_stock = source.rules.iter().any(|rule| rule.on && asks_stock(rule));
        Self { source, ready, templates, tables: tables.clone(), asks_stock, problems }
    }

    /// Nothing to do.
    pub fn is_empty(&self) -> bool {
        self.source.rules.iter().all(|rule| !rule.on)
    }

    fn text(&self, rule: &Rule, at: usize, action: &RuleAction, facts: &Facts<'_>) -> Result<String, String> {
        let Some(text) = action.text() else { return Ok(String::new()) };
        if !is_template(text) {
            return Ok(text.trim().to_owned());
        }
        self.templates.render(&template_name(rule, at), facts).map(|text| text.trim().to_owned())
    }
}

fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

fn template_name(rule: &Rule, at: usize) -> String {
    format!("{}/{at}", rule.id)
}

fn asks_stock(rule: &Rule) -> bool {
    let of_action = |action: &RuleAction| {
        matches!(action, RuleAction::Route { by: RouteBy::Stock, .. } | RuleAction::Split { by: SplitBy::Stock, .. })
            || action.text().is_some_and(names_stock)
    };
    rule.then.iter().any(of_action) || serde_json::to_string(&rule.when).is_ok_and(|when| names_stock(&when))
}

/// The lookup tables an action may name, and whether it has to.
fn tables_of(action: &RuleAction) -> Vec<(&str, bool)> {
    match action {
        RuleAction::Route { by, table } => vec![(table.trim(), by.wants_table())],
        RuleAction::Split { table, hubs, .. } => vec![(table.trim(), false), (hubs.trim(), false)],
        _ => Vec::new(),
    }
}

/// Rules whose parts would go to accounts that are not there, or that take no orders: an order they split waits. They are
/// told beside those that rest.
pub fn astray(book: &RuleBook, tables: &Tables, policy: &Policy) -> Vec<RuleProblem> {
    let mut problems = Vec::new();
    for rule in book.rules.iter().filter(|rule| rule.on) {
        let hubs = rule.then.iter().filter_map(|action| match action {
            RuleAction::Split { hubs, .. } => Some(hubs.trim()),
            _ => None,
        });
        for why in hubs.filter_map(|hubs| parting::unable(hubs, tables, policy)) {
            let sentence = format!("\"{}\" holds the orders it would split: {why}.", rule.name.trim());
            problems.push(RuleProblem { rule: rule.id.clone(), sentence });
        }
    }
    problems
}

fn read(rule: &Rule, templates: &mut Templates, tables: &Tables) -> Result<Ready, String> {
    let name = if rule.name.trim().is_empty() { "A rule without a name" } else { rule.name.trim() };
    let ready = Ready::new(&rule.when, tables).map_err(|why| format!("\"{name}\" rests: {why}"))?;
    if rule.then.is_empty() {
        return Err(format!("\"{name}\" rests: it does nothing. Give it an action."));
    }
    for (at, action) in rule.then.iter().enumerate() {
        if let RuleAction::CustomField { n, .. } = action
            && !(1..=3).contains(n)
        {
            return Err(format!("\"{name}\" rests: there is no custom field {n}; hubs have 1, 2 and 3."));
        }
        for (table, wanted) in tables_of(action) {
            if table.is_empty() && wanted {
                return Err(format!("\"{name}\" rests: its action \"{}\" names no table. Choose one.", action.label()));
            }
            if !table.is_empty() && !tables.contains_key(table) {
                return Err(format!(
                    "\"{name}\" rests: {}: there is no table \"{table}\". Make it under Field mapping, or choose another.",
                    action.label()
                ));
            }
        }
        let Some(text) = action.text() else { continue };
        if text.trim().is_empty() {
            return Err(format!("\"{name}\" rests: its action \"{}\" says nothing. Fill it in.", action.label()));
        }
        if is_template(text) {
            templates
                .add(&template_name(rule, at), text)
                .map_err(|why| format!("\"{name}\" rests: {}: {why}", action.label()))?;
        }
    }
    Ok(ready)
}

/// Whether a set of rules can be kept; single rules that rest do not stand in the way.
pub fn check(book: &RuleBook) -> Result<(), String> {
    if book.rules.len() > RULES_MAX {
        return Err(format!(
            "{} rules are more than anybody oversees; at most {RULES_MAX} are kept.",
            book.rules.len()
        ));
    }
    for (i, rule) in book.rules.iter().enumerate() {
        if rule.id.trim().is_empty() || book.rules[..i].iter().any(|earlier| earlier.id == rule.id) {
            return Err(format!("Two rules have the same id (\"{}\"). Take one out and add it again.", rule.name));
        }
    }
    Ok(())
}

/// Lets every rule look at the order; `acts` puts what they say into the shape.
pub(crate) fn apply(rules: &ReadyRules, facts: &Facts<'_>, acts: bool, shape: &mut Shape) {
    if facts.order().is_cancelled() || facts.order().closed_at_ms.is_some() {
        return;
    }
    let mut over: Option<&str> = None;
    for (rule, ready) in rules.source.rules.iter().zip(&rules.ready).filter(|(rule, _)| rule.on) {
        let mut trace = RuleTrace {
            rule: rule.id.clone(),
            name: rule.name.clone(),
            fired: false,
            why: String::new(),
            did: Vec::new(),
        };
        if let Some(earlier) = over {
            trace.why = format!("Did not look: \"{earlier}\" came first");
        } else if let Some(ready) = ready {
            trace.fired = ready.holds(facts);
            trace.why = ready.why(facts, trace.fired);
        } else {
            let problem = rules.problems.iter().find(|problem| problem.rule == rule.id);
            trace.why = problem.map_or_else(String::new, |problem| problem.sentence.clone());
        }
        if trace.fired {
            for (at, action) in rule.then.iter().enumerate() {
                if choose(action, rules, facts, acts, &mut trace, shape) {
                    continue;
                }
                match rules.text(rule, at, action, facts) {
                    // What should have been held is held, with or without its words: the other way round nobody notices.
                    Err(_) if action.is_hold() => hold_without_words(action, rule, acts, &mut trace, shape),
                    Ok(text) if text.is_empty() && action.is_hold() => {
                        hold_without_words(action, rule, acts, &mut trace, shape);
                    }
                    Ok(text) if text.is_empty() && action.text().is_some() => {
                        trace.did.push(format!("{}: nothing, its text came out empty", action.label()));
                    }
                    Ok(text) => {
                        trace.did.push(action.words(&text));
                        if acts {
                            action.apply(rule, text, shape);
                        }
                    }
                    Err(why) => {
                        trace.did.push(format!("{}: {why}", action.label()));
                        if acts {
                            shape.lacking.push((format!("rule/{}", rule.id), format!("Rule \"{}\": {why}", rule.name)));
                        }
                    }
                }
            }
            if rules.source.first_only {
                over = Some(&rule.name);
            }
        }
        shape.trace.push(trace);
    }
}

/// Actions that choose by the order itself instead of saying a text; `false`: it is none of them.
fn choose(
    action: &RuleAction,
    rules: &ReadyRules,
    facts: &Facts<'_>,
    acts: bool,
    trace: &mut RuleTrace,
    shape: &mut Shape,
) -> bool {
    let nothing = |why: &str| format!("{}: nothing, {why}", action.label());
    match action {
        RuleAction::Route { by, table } => match route::warehouse(*by, table.trim(), facts, &rules.tables) {
            Ok((warehouse, why)) => {
                trace.did.push(format!("{}: {why}", action.words(&warehouse)));
                if acts {
                    shape.ship.warehouse = warehouse;
                }
            }
            Err(why) => trace.did.push(nothing(&why)),
        },
        RuleAction::Split { by, table, hubs } => {
            match parting::split(*by, table.trim(), hubs.trim(), facts, &rules.tables) {
                Ok((split, words)) => {
                    trace.did.push(words);
                    if acts {
                        shape.split = Some(split);
                    }
                }
                Err(Not::Needed(why)) => trace.did.push(nothing(&why)),
                // Sent whole, the goods of another account would be packed by this one.
                Err(Not::Possible(why)) => {
                    trace.did.push(format!("Holds it: it cannot be split, {why}"));
                    if acts {
                        shape.hold.get_or_insert_with(|| (trace.name.clone(), format!("it cannot be split: {why}")));
                    }
                }
            }
        }
        _ => return false,
    }
    true
}

/// A hold whose text came out empty or could not be worked out.
fn hold_without_words(action: &RuleAction, rule: &Rule, acts: bool, trace: &mut RuleTrace, shape: &mut Shape) {
    let text = format!("the rule \"{}\" wants it, and the text of its reason came out empty", rule.name.trim());
    trace.did.push(action.words(&text));
    if acts {
        action.apply(rule, text, shape);
    }
}

/// Alerts of rules are told while the order has to ship.
fn look(look: &mut Look<'_>) {
    if look.shape.alerts.is_empty() || look.is_over() {
        return;
    }
    let number = look.story.order.number.clone();
    for (rule, text) in look.shape.alerts.clone() {
        look.find(Cause::RuleAlert, rule, format!("{number}: {text}"));
    }
}
