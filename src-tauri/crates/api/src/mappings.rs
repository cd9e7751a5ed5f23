//! Field mappings: kept, checked, and shown on real orders before they are.

use crate::desk::{Desk, Room};
use crate::plan::{SKIP_MAX, compared};
use crate::rules::counted;
use crate::trouble::Answer;
use crate::verbs::person;
use crate::view::{Plan, Trouble};
use quayside_engine::policy::{MAPPING_KEY, shapers_changed};
use quayside_flows::facts::{FIELDS, Facts, FieldKind, Source};
use quayside_flows::field_mapping::{FieldMapping, MappedField, MappingProblem, ReadyMapping, Target, check, preview};
use quayside_flows::rules::ReadyRules;
use quayside_flows::templates;
use quayside_flows::{Policy, Shapers};
use quayside_model::{ConnectionId, OrderId, Role, Story};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Orders a preview looks at.
const PREVIEW_MAX: usize = 20;
/// Orders that are looked through for the names of attributes.
const ATTRIBUTES_OF: usize = 200;

/// Everything the editor needs.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct MappingView {
    /// As it is kept.
    pub mapping: FieldMapping,
    /// Rows that cannot be used, or should be looked at.
    pub problems: Vec<MappingProblem>,
    /// What can be filled: value and label.
    pub targets: Vec<(Target, String)>,
    /// What a shipping account has no place for, a sentence each.
    pub left_out: Vec<(Target, String)>,
    /// What a template may name, with an explanation.
    pub names: Vec<(String, String)>,
    /// Attributes of recent orders by name, with a value each.
    pub attributes: Vec<(String, String)>,
    /// Stores a row can be for.
    pub stores: Vec<(ConnectionId, String)>,
}

/// One field that conditions can test, for pickers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct FieldView {
    /// Its name in rules.
    pub name: String,
    /// Label.
    pub label: String,
    /// What it holds.
    pub help: String,
    /// Kind of its values.
    pub kind: FieldKind,
    /// Its value on a recent order.
    pub example: String,
}

/// What mappings make of one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct MappingPreview {
    /// The order.
    pub order: OrderId,
    /// Its number.
    pub number: String,
    /// Field by field.
    pub fields: Vec<MappedField>,
}

/// What mappings make of recent orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct MappingTest {
    /// Rows that cannot be used, or should be looked at.
    pub problems: Vec<MappingProblem>,
    /// Order by order, newest first.
    pub orders: Vec<MappingPreview>,
}

impl Desk {
    /// The mappings and what they can be made of.
    pub fn field_mapping(&self) -> Answer<MappingView> {
        let room = self.room()?;
        let mapping: FieldMapping = room.store.read(|r| r.setting(MAPPING_KEY))?.unwrap_or_default();
        let policy = room.policy()?;
        let problems = problems(&ReadyMapping::new(mapping.clone()), &policy);
        let mut names = templates::names();
        names.push(templates::line_name());
        Ok(MappingView {
            mapping,
            problems,
            targets: Target::ALL.iter().map(|target| (*target, target.label().to_owned())).collect(),
            left_out: left_out(&policy),
            names,
            attributes: attributes(&room)?,
            stores: stores(&room)?,
        })
    }

    /// Keeps the mappings; open orders are decided anew. Rows with a problem are kept and rest.
    pub fn put_field_mapping(&self, mapping: FieldMapping) -> Answer<MappingView> {
        let room = self.writable()?;
        check(&mapping).map_err(Trouble::input)?;
        let now_ms = room.now_ms();
        room.store.write(|tx| {
            tx.put_setting(MAPPING_KEY, &mapping)?;
            shapers_changed(tx, &mapping)?;
            let on = ReadyMapping::new(mapping.clone()).rows().count() as i64;
            let what = crate::words::count(on, "mapping is on", "mappings are on");
            person(tx, None, None, now_ms, format!("Field mapping saved: {what}"))
        })?;
        room.reload()?;
        self.field_mapping()
    }

    /// How many open orders change where these mappings take the place of those that are kept, order by order. In modes
    /// that only look nothing does. Changes nothing.
    pub fn mapping_plan(&self, mapping: FieldMapping, skip: i64) -> Answer<Plan> {
        let room = self.room()?;
        check(&mapping).map_err(Trouble::input)?;
        let before = room.policy()?;
        // Rules look things up in the same tables.
        let rules = ReadyRules::new(before.shapers.rules.source.clone(), &mapping.tables);
        let mapping = ReadyMapping::new(mapping);
        let mut after = before.clone();
        after.shapers = Arc::new(Shapers { rules, mapping, ..Shapers::clone(&before.shapers) });
        room.store.read(|r| counted(r, &mut after))?;
        let skip = usize::try_from(skip).unwrap_or(0).min(SKIP_MAX);
        compared(&room, &before, &after, quayside_flows::SHAPERS[1], skip)
    }

    /// What these mappings, kept or not, would make of recent orders, or of one.
    pub fn test_field_mapping(&self, mapping: FieldMapping, order: Option<OrderId>) -> Answer<MappingTest> {
        let room = self.room()?;
        check(&mapping).map_err(Trouble::input)?;
        let policy = room.policy()?;
        let ready = ReadyMapping::new(mapping);
        let stories = recent(&room, order, PREVIEW_MAX)?;
        let mut problems = problems(&ready, &policy);
        let orders: Vec<MappingPreview> = stories
            .iter()
            .map(|story| MappingPreview {
                order: story.order_id,
                number: story.order.number.clone(),
                fields: preview(&ready, &Facts::of(story, &policy)),
            })
            .collect();
        // A template that gives nothing anywhere most likely names what the store no longer sends.
        if orders.len() >= 3 {
            for row in ready.rows() {
                let gives = |preview: &MappingPreview| {
                    preview.fields.iter().any(|f| f.row == row.id && (!f.text.is_empty() || f.warning.is_some()))
                };
                // What no order here is worked out for is another store's.
                let meant = orders.iter().any(|preview| preview.fields.iter().any(|field| field.row == row.id));
                if meant && !orders.iter().any(gives) && !problems.iter().any(|problem| problem.row == row.id) {
                    problems.push(MappingProblem {
                        row: row.id.clone(),
                        sentence: format!(
                            "\"{}\" came out empty for all of the {} newest orders. The store may have renamed what it reads.",
                            row.target.label(),
                            orders.len()
                        ),
                        only_warning: true,
                    });
                }
            }
        }
        Ok(MappingTest { problems, orders })
    }
}

/// What is wrong with rows, and what a shipping account has no place for.
fn problems(ready: &ReadyMapping, policy: &Policy) -> Vec<MappingProblem> {
    let mut all = ready.problems.clone();
    for (target, sentence) in left_out(policy) {
        for row in ready.rows().filter(|row| row.target == target) {
            all.push(MappingProblem { row: row.id.clone(), sentence: sentence.clone(), only_warning: true });
        }
    }
    all
}

/// Fields that a shipping account has no place for, and its reason.
fn left_out(policy: &Policy) -> Vec<(Target, String)> {
    let hubs: Vec<_> = policy.peers.values().filter(|peer| peer.roles.contains(&Role::Hub)).collect();
    let mut all = Vec::new();
    for target in Target::ALL {
        for hub in &hubs {
            if let Some(why) = hub.leaves_out(target) {
                all.push((target, format!("{} has no place for \"{}\". {why}", hub.name, target.label())));
            }
        }
    }
    all
}

/// Stories to try things on: one, or the newest.
pub(crate) fn recent(room: &Room, order: Option<OrderId>, most: usize) -> Answer<Vec<Story>> {
    let found = room.store.read(|r| {
        let ids = match order {
            Some(id) => vec![id],
            None => r.newest_orders(most)?,
        };
        let mut stories = Vec::with_capacity(ids.len());
        for id in ids {
            stories.extend(r.story(id)?);
        }
        Ok(stories)
    })?;
    if found.is_empty() && order.is_some() {
        return Err(Trouble::gone("There is no such order any more."));
    }
    Ok(found)
}

/// Stores by name.
pub(crate) fn stores(room: &Room) -> Answer<Vec<(ConnectionId, String)>> {
    let policy = room.policy()?;
    let channels = policy.peers.values().filter(|peer| peer.roles.contains(&Role::Channel));
    Ok(channels.map(|peer| (peer.id.clone(), peer.name.clone())).collect())
}

/// Names of attributes on recent orders, with a value each.
pub(crate) fn attributes(room: &Room) -> Answer<Vec<(String, String)>> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for story in recent(room, None, ATTRIBUTES_OF)? {
        for (name, value) in story.order.attributes {
            found.entry(name).or_insert(value);
        }
    }
    Ok(found.into_iter().collect())
}

/// Every field with its value on a recent order.
pub(crate) fn fields(room: &Room, policy: &Policy) -> Answer<Vec<FieldView>> {
    let stories = recent(room, None, 50)?;
    let mut out: Vec<FieldView> = FIELDS
        .iter()
        .map(|field| {
            let source = Source::Field(field);
            let values = stories.iter().map(|story| Facts::of(story, policy).get(&source).words());
            let example = values.into_iter().find(|value| !value.is_empty()).unwrap_or_default();
            FieldView {
                name: field.name.to_owned(),
                label: field.label.to_owned(),
                help: field.help.to_owned(),
                kind: field.kind,
                example: example.chars().take(60).collect(),
            }
        })
        .collect();
    for (name, value) in attributes(room)? {
        out.push(FieldView {
            name: format!("{}{name}", quayside_flows::facts::ATTRIBUTE),
            label: format!("Attribute \"{name}\""),
            help: "An attribute or metafield of the order.".into(),
            kind: FieldKind::Text,
            example: value.chars().take(60).collect(),
        });
    }
    Ok(out)
}
