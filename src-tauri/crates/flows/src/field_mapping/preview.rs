//! What mappings would make of an order, field by field, with what would be lost.

use super::filling::ship_by_ms;
use super::{ReadyMapping, Worked};
use crate::facts::Facts;
use crate::policy::Peer;
use quayside_model::HubField;
use serde::{Deserialize, Serialize};
use specta::Type;

/// What a mapping did to one order, for the live preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct MappedField {
    /// The row.
    pub row: String,
    /// Its target's label.
    pub target: String,
    /// What it gives.
    pub text: String,
    /// Lost, cut or failed: in a sentence.
    pub warning: Option<String>,
}

/// The live preview for one order.
pub fn preview(ready: &ReadyMapping, facts: &Facts<'_>) -> Vec<MappedField> {
    let hub = facts.policy.hub_of(facts.story);
    ready
        .work_out(facts)
        .into_iter()
        .map(|worked| {
            let warning = match &worked.given {
                Err(why) => Some(why.clone()),
                Ok(text) => warning(&worked, text, hub, facts),
            };
            MappedField {
                row: worked.row.id.clone(),
                target: worked.row.target.label().to_owned(),
                text: worked.given.unwrap_or_default(),
                warning,
            }
        })
        .collect()
}

fn warning(worked: &Worked<'_>, text: &str, hub: Option<&Peer>, facts: &Facts<'_>) -> Option<String> {
    let target = worked.row.target;
    if text.is_empty() {
        let says = "Gives nothing for this order, and it is required: the order would wait.";
        return worked.row.required.then(|| says.to_owned());
    }
    if let Some(why) = hub.and_then(|hub| hub.leaves_out(target)) {
        let whose = hub.map_or("The hub", |hub| hub.name.as_str());
        return Some(format!("{whose} has no place for it. {why}"));
    }
    if let Some((length, most)) = worked.too_long(hub) {
        return Some(format!(
            "{length} characters; a hub keeps {most}, so {} are lost. Shorten it with |cut({most}).",
            length - most
        ));
    }
    if target == HubField::ShipBy {
        return ship_by_ms(text, facts).err();
    }
    let lines: Vec<&str> =
        if target.is_of_lines() { worked.lines.iter().map(|(_, text)| text.as_str()).collect() } else { vec![text] };
    (!target.has_room() && lines.iter().any(|text| text.lines().count() > 1))
        .then(|| "It has several lines; this field shows only one.".to_owned())
}
