//! Field mappings: kept, checked, and shown on real orders before they are.

use crate::desk::{Desk, Room};
use crate::trouble::Answer;
use crate::verbs::person;
use crate::view::Trouble;
use quayside_engine::policy::{MAPPING_KEY, shapers_changed};
use quayside_flows::Policy;
use quayside_flows::facts::{FIELDS, Facts, FieldKind, Source};
use quayside_flows::field_mapping::{FieldMapping, MappedField, MappingProblem, ReadyMapping, Target, check, preview};
use quayside_flows::templates;
use quayside_model::{ConnectionId, OrderId, Role, Story};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

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
        let problems = ReadyMapping::new(mapping.clone()).problems;
        Ok(MappingView {
            mapping,
            problems,
            targets: Target::ALL.iter().map(|target| (*target, target.label().to_owned())).collect(),
            names: templates::names(),
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
            let on = mapping.rows.iter().filter(|row| row.on).count() as i64;
            let what = crate::words::count(on, "mapping is on", "mappings are on");
            person(tx, None, None, now_ms, format!("Field mapping saved: {what}"))
        })?;
        room.reload()?;
        self.field_mapping()
    }

    /// What these mappings, kept or not, would make of recent orders, or of one.
    pub fn test_field_mapping(&self, mapping: FieldMapping, order: Option<OrderId>) -> Answer<MappingTest> {
        let room = self.room()?;
        check(&mapping).map_err(Trouble::input)?;
        let policy = room.policy()?;
        let ready = ReadyMapping::new(mapping);
        let stories = recent(&room, order, PREVIEW_MAX)?;
        let mut problems = ready.problems.clone();
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
            for row in ready.source.rows.iter().filter(|row| row.on) {
                let gives = |preview: &MappingPreview| {
                    preview.fields.iter().any(|f| f.row == row.id && (!f.text.is_empty() || f.warning.is_some()))
                };
                if !orders.iter().any(gives) && !problems.iter().any(|problem| problem.row == row.id) {
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
