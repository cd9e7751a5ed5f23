//! Rules: kept, checked, tried on real orders before they act, and what they made of one.

use crate::desk::Desk;
use crate::mappings::{FieldView, fields, recent};
use crate::plan::{SKIP_MAX, compared};
use crate::trouble::Answer;
use crate::verbs::person;
use crate::view::{Change, Plan, Trouble};
use quayside_engine::policy::{RULES_KEY, levels, shapers_changed};
use quayside_flows::rules::{Op, ReadyMade, ReadyRules, RuleBook, RuleProblem, astray, check, ready_made};
use quayside_flows::shape::shape;
use quayside_flows::{Policy, Shapers, differences, hub_draft, hub_key};
use quayside_model::{HubOrderDraft, Mode, OrderId, RuleTrace, Story};
use quayside_store::{Reader, StoreError};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Orders a test looks at.
const TEST_MAX: u32 = 500;
/// Orders that are listed one by one.
const LISTED: usize = 200;

/// Everything the editor needs.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct RulesView {
    /// As they are kept.
    pub book: RuleBook,
    /// Rules that rest, with why.
    pub problems: Vec<RuleProblem>,
    /// What can be tested.
    pub fields: Vec<FieldView>,
    /// Ways to compare: value and words.
    pub ops: Vec<(Op, String)>,
    /// Rules to begin with.
    pub ready_made: Vec<ReadyMade>,
}

/// What rules would make of one order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RulesPreview {
    /// The order.
    pub order: OrderId,
    /// Its number.
    pub number: String,
    /// Rule by rule.
    pub trace: Vec<RuleTrace>,
    /// What would be different at the hub, without and with the rules.
    pub changes: Vec<Change>,
    /// It would be held, with the reason.
    pub hold: Option<String>,
    /// It would be told of.
    pub alerts: Vec<String>,
    /// It has left already: nothing of this would happen.
    pub over: bool,
}

/// What rules would make of many orders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RulesTest {
    /// Rules that rest, with why.
    pub problems: Vec<RuleProblem>,
    /// Orders looked at.
    pub looked_at: i64,
    /// Orders for which at least one rule fired.
    pub fired: i64,
    /// Orders that would be held.
    pub held: i64,
    /// Firings per rule id.
    pub per_rule: BTreeMap<String, i64>,
    /// Orders something would happen to, newest first; at most 200. One order alone is always listed.
    pub orders: Vec<RulesPreview>,
}

/// What rules made of an order at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TraceView {
    /// Since then it was so, ms UTC.
    pub at_ms: i64,
    /// Rule by rule.
    pub rules: Vec<RuleTrace>,
}

impl Desk {
    /// The rules and what they can be made of.
    pub fn rules(&self) -> Answer<RulesView> {
        let room = self.room()?;
        let policy = room.policy()?;
        let book: RuleBook = room.store.read(|r| r.setting(RULES_KEY))?.unwrap_or_default();
        let tables = &policy.shapers.mapping.source.tables;
        let mut problems = ReadyRules::new(book.clone(), tables).problems;
        problems.extend(astray(&book, tables, &policy));
        Ok(RulesView {
            problems,
            book,
            fields: fields(&room, &policy)?,
            ops: Op::ALL.iter().map(|op| (*op, op.words().to_owned())).collect(),
            ready_made: ready_made(),
        })
    }

    /// Keeps the rules; open orders are decided anew. A rule with a problem is kept and rests.
    pub fn put_rules(&self, book: RuleBook) -> Answer<RulesView> {
        let room = self.writable()?;
        check(&book).map_err(Trouble::input)?;
        let now_ms = room.now_ms();
        room.store.write(|tx| {
            tx.put_setting(RULES_KEY, &book)?;
            shapers_changed(tx, &book)?;
            let on = book.rules.iter().filter(|rule| rule.on).count() as i64;
            person(
                tx,
                None,
                None,
                now_ms,
                format!("Rules saved: {}", crate::words::count(on, "rule is on", "rules are on")),
            )
        })?;
        room.reload()?;
        self.rules()
    }

    /// What these rules, kept or not, would make of one order, or of the last so many. Changes nothing.
    pub fn test_rules(&self, book: RuleBook, order: Option<OrderId>, last: u32) -> Answer<RulesTest> {
        let room = self.room()?;
        check(&book).map_err(Trouble::input)?;
        let (without, mut with) = both_ways(&room.policy()?, book);
        room.store.read(|r| counted(r, &mut with))?;
        let stories = recent(&room, order, last.clamp(1, TEST_MAX) as usize)?;
        let mut out = RulesTest {
            problems: with.shapers.rules.problems.clone(),
            looked_at: stories.len() as i64,
            fired: 0,
            held: 0,
            per_rule: BTreeMap::new(),
            orders: Vec::new(),
        };
        for story in &stories {
            let preview = preview(story, &without, &with);
            let fired: Vec<&RuleTrace> = preview.trace.iter().filter(|rule| rule.fired).collect();
            for rule in &fired {
                *out.per_rule.entry(rule.rule.clone()).or_default() += 1;
            }
            out.fired += i64::from(!fired.is_empty());
            out.held += i64::from(preview.hold.is_some());
            if order.is_some() || (!fired.is_empty() && out.orders.len() < LISTED) {
                out.orders.push(preview);
            }
        }
        Ok(out)
    }

    /// How many open orders change where these rules take the place of those that are kept, order by order. In modes that
    /// only look nothing does. Changes nothing.
    pub fn rules_plan(&self, book: RuleBook, skip: i64) -> Answer<Plan> {
        let room = self.room()?;
        check(&book).map_err(Trouble::input)?;
        let before = room.policy()?;
        let rules = ReadyRules::new(book, &before.shapers.mapping.source.tables);
        let mut after = before.clone();
        after.shapers = Arc::new(Shapers { rules, ..Shapers::clone(&before.shapers) });
        room.store.read(|r| counted(r, &mut after))?;
        compared(&room, &before, &after, quayside_flows::SHAPERS[2], usize::try_from(skip).unwrap_or(0).min(SKIP_MAX))
    }

    /// What rules made of an order, newest first.
    pub fn rule_trace(&self, order: OrderId) -> Answer<Vec<TraceView>> {
        let room = self.room()?;
        let rows = room.store.read(|r| {
            if r.queue_row(order)?.is_none() {
                return Err(StoreError::abandoned("There is no such order any more."));
            }
            r.rule_traces(order)
        })?;
        Ok(rows.into_iter().map(|row| TraceView { at_ms: row.at_ms, rules: row.rules }).collect())
    }
}

/// Rules and mappings that are not kept yet may ask what is in stock.
pub(crate) fn counted(reader: &Reader<'_>, policy: &mut Policy) -> Result<(), StoreError> {
    if policy.levels.is_none() && policy.shapers.ask_stock() {
        policy.levels = Some(Arc::new(levels(reader)?));
    }
    Ok(())
}

/// The policy without rules, and with these, acting for every order.
fn both_ways(policy: &Policy, book: RuleBook) -> (Policy, Policy) {
    let id = quayside_flows::SHAPERS[2];
    let mut without = policy.clone();
    let mut with = policy.clone();
    let shapers = |rules: ReadyRules| Arc::new(Shapers { rules, ..Shapers::clone(&policy.shapers) });
    without.shapers = shapers(ReadyRules::default());
    with.shapers = shapers(ReadyRules::new(book, &policy.shapers.mapping.source.tables));
    let entry = with.automations.entry(id.to_owned()).or_default();
    entry.mode = Mode::Auto;
    entry.go_live_ms = None;
    (without, with)
}

/// The order as the hub would get it.
pub(crate) fn draft(story: &Story, policy: &Policy) -> Option<HubOrderDraft> {
    let channel = policy.peers.get(&story.channel)?;
    let hub = policy.hub_of(story)?;
    let key = hub_key(channel, &story.order, 0);
    Some(hub_draft(story, policy, channel, hub, key, true, None))
}

fn preview(story: &Story, without: &Policy, with: &Policy) -> RulesPreview {
    let shaped = shape(story, with);
    let changes = match (draft(story, without), draft(story, with)) {
        (Some(before), Some(after)) => differences(Some(&before), &after)
            .into_iter()
            .map(|d| Change { field: d.field, before: d.before, after: d.after })
            .collect(),
        _ => Vec::new(),
    };
    RulesPreview {
        order: story.order_id,
        number: story.order.number.clone(),
        trace: shaped.trace,
        changes,
        hold: shaped.hold.map(|(rule, why)| format!("\"{rule}\": {why}")),
        alerts: shaped.alerts.into_iter().map(|(_, text)| text).collect(),
        over: story.order.is_fulfilled(),
    }
}
