//! Field mapping: any field of the store's order into a field of the hub's.
//!
//! A mapping is a list of rows, each a target and a template. Templates are read once when
//! the policy is loaded; per order only the rows are rendered. A row that gives nothing
//! leaves its target as it was; one marked as required holds the order instead, with a
//! sentence. Nothing a mapping does can lose an order.

use crate::automation::{AutomationDecl, Need};
use crate::facts::Facts;
use crate::look::Look;
use crate::shape::Shape;
use crate::templates::{Tables, Templates};
use quayside_model::{Cause, ConnectionId, IntentKind, RecordKind, Role};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

pub(crate) const ID: &str = "field_mapping";
/// Rows anybody can oversee.
const ROWS_MAX: usize = 100;

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Field mapping",
    summary: "Fills fields of the hub's order from anything the store's order says: attributes, notes, options, tags, with small templates.",
    examples: &[
        ("Custom field 1 is {{ attributes[\"PO number\"] }}.", "The packing slip shows the buyer's order number."),
        ("A tag is {{ 'gift' if is_gift }}.", "Orders with a gift message carry the tag gift; others get none."),
        (
            "Custom field 2 is {{ country|lookup(\"zones\") }}.",
            "The hub sees your own zone names from a table you keep here.",
        ),
        ("A required mapping finds nothing.", "The order waits, and an exception says which mapping and why."),
    ],
    needs: &[Need::Reads(Role::Channel, RecordKind::Order), Need::Performs(Role::Hub, IntentKind::PutHubOrder)],
    undo: "Take the mapping out: open orders get their own fields back until their label is bought.",
    settings: &[],
    look,
};

/// All mappings, as a person keeps them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct FieldMapping {
    /// The rows, in the order in which they are worked out.
    pub rows: Vec<MappingRow>,
    /// Lookup tables by name: from → to.
    pub tables: BTreeMap<String, BTreeMap<String, String>>,
}

/// One target and what fills it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct MappingRow {
    /// Stable id.
    pub id: String,
    /// Off rows are kept and not worked out.
    pub on: bool,
    /// What is filled.
    pub target: Target,
    /// The template.
    pub template: String,
    /// Hold the order when it gives nothing.
    pub required: bool,
    /// Only for these stores; empty means all.
    pub stores: Vec<ConnectionId>,
}

/// What a mapping can fill at the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // named after the fields of the hub's order
pub enum Target {
    CustomField1,
    CustomField2,
    CustomField3,
    InternalNote,
    BuyersNote,
    GiftMessage,
    Tag,
    RequestedService,
    Company,
    Phone,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::CustomField1,
        Self::CustomField2,
        Self::CustomField3,
        Self::InternalNote,
        Self::BuyersNote,
        Self::GiftMessage,
        Self::Tag,
        Self::RequestedService,
        Self::Company,
        Self::Phone,
    ];
    /// Label.
    pub fn label(self) -> &'static str {
        match self {
            Self::CustomField1 => "Custom field 1",
            Self::CustomField2 => "Custom field 2",
            Self::CustomField3 => "Custom field 3",
            Self::InternalNote => "Note for the team",
            Self::BuyersNote => "Buyer's note",
            Self::GiftMessage => "Gift message",
            Self::Tag => "Tag",
            Self::RequestedService => "Service asked for",
            Self::Company => "Company of the address",
            Self::Phone => "Telephone of the address",
        }
    }
    /// Characters the strictest hub keeps.
    pub fn length_max(self) -> usize {
        match self {
            Self::CustomField1 | Self::CustomField2 | Self::CustomField3 => 100,
            Self::InternalNote | Self::BuyersNote | Self::GiftMessage => 2_000,
            Self::Tag => 50,
            Self::RequestedService | Self::Company => 200,
            Self::Phone => 30,
        }
    }
    /// Several rows may fill it together.
    pub fn gathers(self) -> bool {
        matches!(self, Self::InternalNote | Self::Tag)
    }
}

/// Mappings, read and ready.
#[derive(Debug, Clone, Default)]
pub struct ReadyMapping {
    /// What it was made of.
    pub source: FieldMapping,
    templates: Templates,
    /// Rows that cannot be used, with why.
    pub problems: Vec<MappingProblem>,
}

/// Why a row cannot be used, or should be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct MappingProblem {
    /// The row.
    pub row: String,
    /// In a sentence.
    pub sentence: String,
    /// It works all the same.
    pub only_warning: bool,
}

impl PartialEq for ReadyMapping {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl ReadyMapping {
    /// Reads every template; rows that cannot be used are left out and told.
    pub fn new(source: FieldMapping) -> Self {
        let mut templates = Templates::new(Tables::clone(&source.tables));
        let mut problems = Vec::new();
        let mut taken: BTreeMap<Target, &str> = BTreeMap::new();
        for row in source.rows.iter().filter(|row| row.on) {
            let mut complain = |sentence: String, only_warning| {
                problems.push(MappingProblem { row: row.id.clone(), sentence, only_warning });
            };
            if row.template.trim().is_empty() {
                complain(
                    format!("The mapping for \"{}\" is empty. Say what fills it, or take it out.", row.target.label()),
                    false,
                );
                continue;
            }
            if let Err(why) = templates.add(&row.id, &row.template) {
                complain(format!("{}: {why}", row.target.label()), false);
                continue;
            }
            if !row.target.gathers() && row.stores.is_empty() {
                if taken.contains_key(&row.target) {
                    complain(
                        format!(
                            "\"{}\" is filled by an earlier row already; the later one wins where it gives something.",
                            row.target.label()
                        ),
                        true,
                    );
                }
                taken.insert(row.target, &row.id);
            }
        }
        Self { source, templates, problems }
    }

    /// Nothing to do.
    pub fn is_empty(&self) -> bool {
        self.source.rows.iter().all(|row| !row.on)
    }

    /// What each row gives for one order: row, text or why there is none.
    pub fn work_out<'m>(&'m self, facts: &Facts<'_>) -> Vec<(&'m MappingRow, Result<String, String>)> {
        let channel = &facts.story.channel;
        self.source
            .rows
            .iter()
            .filter(|row| row.on && (row.stores.is_empty() || row.stores.contains(channel)))
            .map(|row| {
                let broken = self.problems.iter().find(|problem| problem.row == row.id && !problem.only_warning);
                let given = match broken {
                    Some(problem) => Err(problem.sentence.clone()),
                    None => self.templates.render(&row.id, facts).map(|text| text.trim().to_owned()),
                };
                (row, given)
            })
            .collect()
    }
}

/// Whether a set of mappings can be kept, in a sentence if not. Problems of single rows do not stand in the way.
pub fn check(mapping: &FieldMapping) -> Result<(), String> {
    if mapping.rows.len() > ROWS_MAX {
        return Err(format!(
            "{} mappings are more than anybody oversees; at most {ROWS_MAX} are kept.",
            mapping.rows.len()
        ));
    }
    for (i, row) in mapping.rows.iter().enumerate() {
        if row.id.trim().is_empty() || mapping.rows[..i].iter().any(|earlier| earlier.id == row.id) {
            return Err("Two mappings have the same id. Take one out and add it again.".into());
        }
    }
    if let Some((name, _)) = mapping.tables.iter().find(|(name, _)| name.trim().is_empty()) {
        return Err(format!("A lookup table has no name (\"{name}\"). Name it as templates shall call it."));
    }
    Ok(())
}

/// Puts what the rows give into the shape.
pub(crate) fn apply(ready: &ReadyMapping, facts: &Facts<'_>, shape: &mut Shape) {
    for (row, given) in ready.work_out(facts) {
        match given {
            Ok(text) if text.is_empty() => {
                if row.required {
                    shape
                        .lacking
                        .push((row.id.clone(), format!("\"{}\" is required and came out empty", row.target.label())));
                }
            }
            Ok(text) => put(shape, row.target, text),
            Err(why) => shape.lacking.push((row.id.clone(), why)),
        }
    }
}

fn put(shape: &mut Shape, target: Target, text: String) {
    match target {
        Target::CustomField1 => shape.custom_fields[0] = Some(text),
        Target::CustomField2 => shape.custom_fields[1] = Some(text),
        Target::CustomField3 => shape.custom_fields[2] = Some(text),
        Target::InternalNote => shape.notes.push(text),
        Target::BuyersNote => shape.buyers_note = Some(text),
        Target::GiftMessage => shape.gift_message = Some(text),
        Target::Tag => {
            shape.tags.extend(text.split(',').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()));
        }
        Target::RequestedService => shape.requested_service = Some(text),
        Target::Company => shape.company = Some(text),
        Target::Phone => shape.phone = Some(text),
    }
}

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
    ready
        .work_out(facts)
        .into_iter()
        .map(|(row, given)| {
            let (text, warning) = match given {
                Err(why) => (String::new(), Some(why)),
                Ok(text) => {
                    let length = text.chars().count();
                    let most = row.target.length_max();
                    let warning = if text.is_empty() {
                        row.required.then(|| {
                            "Gives nothing for this order, and it is required: the order would wait.".to_owned()
                        })
                    } else if length > most {
                        Some(format!(
                            "{length} characters; a hub keeps {most}, so {} are lost. Shorten it with |cut({most}).",
                            length - most
                        ))
                    } else if text.lines().count() > 1
                        && !matches!(row.target, Target::InternalNote | Target::BuyersNote | Target::GiftMessage)
                    {
                        Some("It has several lines; this field shows only one.".to_owned())
                    } else {
                        None
                    };
                    (text, warning)
                }
            };
            MappedField { row: row.id.clone(), target: row.target.label().to_owned(), text, warning }
        })
        .collect()
}

/// What is lacking is told; the order waits for it in `orders_to_hub`.
fn look(look: &mut Look<'_>) {
    if look.shape.lacking.is_empty() || look.is_over() {
        return;
    }
    let number = look.story.order.number.clone();
    for (row, why) in look.shape.lacking.clone() {
        let required = look.policy.shapers.mapping.source.rows.iter().any(|r| r.id == row && r.required);
        let tail = if required { "The order waits until it does." } else { "The order goes without it." };
        look.find(Cause::MappingFailed, row, format!("{number}: {why}. {tail}").replace("..", "."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, target: Target, template: &str) -> MappingRow {
        MappingRow { id: id.into(), on: true, target, template: template.into(), required: false, stores: vec![] }
    }

    #[test]
    fn what_cannot_be_used_is_said_when_it_is_written() {
        let mapping = FieldMapping {
            rows: vec![
                row("a", Target::CustomField1, "{{ contry }}"),
                row("b", Target::CustomField2, "{{ number "),
                row("c", Target::CustomField3, " "),
                row("d", Target::Phone, "{{ phone|nonsense }}"),
                row("e", Target::Company, "{{ company }}"),
                row("f", Target::Company, "{{ recipient }}"),
            ],
            tables: BTreeMap::new(),
        };
        let said: Vec<(String, bool)> =
            ReadyMapping::new(mapping).problems.into_iter().map(|p| (p.sentence, p.only_warning)).collect();
        assert_eq!(said.len(), 5, "{said:?}");
        for (i, (says, warning)) in [
            ("no field \"contry\". Did you mean \"country\"?", false),
            ("cannot be read", false),
            ("is empty", false),
            ("nonsense", false),
            ("the later one wins", true),
        ]
        .into_iter()
        .enumerate()
        {
            assert!(said[i].0.contains(says) && said[i].1 == warning, "{:?}", said[i]);
        }
    }

    #[test]
    fn ids_are_unique() {
        let twice = FieldMapping {
            rows: vec![row("a", Target::Tag, "x"), row("a", Target::Tag, "y")],
            ..FieldMapping::default()
        };
        assert!(check(&twice).is_err());
        assert!(check(&FieldMapping::default()).is_ok());
    }
}
