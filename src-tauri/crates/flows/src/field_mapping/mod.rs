//! Field mapping: any field of the store's order into a field of the hub's.
//!
//! A mapping is a list of rows, each a target and a template. Templates are read once when
//! the policy is loaded; per order only the rows are rendered. A row that gives nothing
//! leaves its target as it was; one marked as required holds the order instead, with a
//! sentence. Nothing a mapping does can lose an order.
//!
//! Beside the list of the desk there are named sets ([`sets`]): each is for some stores, can be switched off as a whole,
//! and travels to other desks as a text. What a hub has no place for ([`quayside_model::FieldKept`]) is not sent there.

pub mod drift;
mod filling;
mod preview;
pub mod sets;

pub(crate) use filling::apply;
pub use preview::{MappedField, preview};
pub use quayside_model::HubField as Target;
pub use sets::MappingSet;

use crate::automation::{AutomationDecl, Need};
use crate::facts::Facts;
use crate::look::Look;
use crate::policy::Peer;
use crate::templates::{Tables, Templates};
use quayside_model::{Cause, ConnectionId, IntentKind, RecordKind, Role};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const ID: &str = "field_mapping";
/// Rows of one list that anybody can oversee.
const ROWS_MAX: usize = 100;
/// Sets, likewise.
const SETS_MAX: usize = 20;

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
        (
            "The note of each line is {{ line.options[\"Engraving\"] }}.",
            "The packing slip shows the engraving beside what is engraved.",
        ),
        ("The set \"Wholesale\" is for one store.", "Its mappings fill that store's orders; all others go without."),
        ("A text is longer than the hub keeps.", "The order goes, and an exception says once what is lost there."),
        (
            "The store renames \"PO number\".",
            "A day later an exception names the field, since when it is empty, and the mappings that read it.",
        ),
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
    /// The rows of the desk's own list, in the order in which they are worked out.
    pub rows: Vec<MappingRow>,
    /// Lookup tables by name: from → to.
    pub tables: BTreeMap<String, BTreeMap<String, String>>,
    /// Named sets, worked out after the list.
    pub sets: Vec<MappingSet>,
}

impl FieldMapping {
    /// Every row that is on, with the set it stands in.
    fn lively(&self) -> impl Iterator<Item = (&MappingRow, Option<&MappingSet>)> {
        let sets = self.sets.iter().filter(|set| set.on);
        let own = self.rows.iter().map(|row| (row, None));
        own.chain(sets.flat_map(|set| set.rows.iter().map(move |row| (row, Some(set))))).filter(|(row, _)| row.on)
    }
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
        for (row, set) in source.lively() {
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
            let read = if row.target.is_of_lines() {
                templates.add_for_lines(&row.id, &row.template)
            } else {
                templates.add(&row.id, &row.template)
            };
            if let Err(why) = read {
                complain(format!("{}: {why}", row.target.label()), false);
                continue;
            }
            if !row.target.gathers() && row.stores.is_empty() && set.is_none_or(|set| set.stores.is_empty()) {
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
        self.source.lively().next().is_none()
    }

    /// Rows that are on.
    pub fn rows(&self) -> impl Iterator<Item = &MappingRow> {
        self.source.lively().map(|(row, _)| row)
    }

    /// Rows that are worked out for a store's orders.
    pub fn rows_of<'m>(&'m self, store: &'m ConnectionId) -> impl Iterator<Item = &'m MappingRow> {
        let meant = move |stores: &[ConnectionId]| stores.is_empty() || stores.contains(store);
        let lively = self.source.lively();
        lively
            .filter(move |(row, set)| meant(&row.stores) && set.is_none_or(|set| meant(&set.stores)))
            .map(|(row, _)| row)
    }

    /// An order waits while this row gives nothing.
    pub(crate) fn requires(&self, id: &str) -> bool {
        self.rows().any(|row| row.id == id && row.required)
    }

    /// What each row gives for one order.
    pub fn work_out<'m>(&'m self, facts: &Facts<'m>) -> Vec<Worked<'m>> {
        let rows = self.rows_of(&facts.story.channel);
        rows.map(|row| {
            let broken = self.problems.iter().find(|problem| problem.row == row.id && !problem.only_warning);
            let (given, lines) = match broken {
                Some(problem) => (Err(problem.sentence.clone()), Vec::new()),
                None if row.target.is_of_lines() => match self.templates.render_lines(&row.id, facts) {
                    Ok(lines) => by_line(lines),
                    Err(why) => (Err(why), Vec::new()),
                },
                None => (self.templates.render(&row.id, facts).map(|text| text.trim().to_owned()), Vec::new()),
            };
            Worked { row, given, lines }
        })
        .collect()
    }
}

/// What a row gives for one order.
#[derive(Debug, Clone, PartialEq)]
pub struct Worked<'m> {
    /// The row.
    pub row: &'m MappingRow,
    /// The text, or why there is none; of a field of lines all of them together.
    pub given: Result<String, String>,
    /// Of a field of lines: the lines that get a text, by the store's id of the line.
    pub lines: Vec<(String, String)>,
}

impl Worked<'_> {
    /// How long it is, and how much of that the hub keeps, where that is less; characters.
    pub(crate) fn too_long(&self, hub: Option<&Peer>) -> Option<(usize, usize)> {
        let target = self.row.target;
        let most = hub.map_or_else(|| target.length_max(), |hub| hub.keeps_most(target))?;
        let count = |text: &str| text.chars().count();
        let length = if target.is_of_lines() {
            self.lines.iter().map(|(_, text)| count(text)).max().unwrap_or_default()
        } else {
            self.given.as_deref().map_or(0, count)
        };
        (length > most).then_some((length, most))
    }
}

fn by_line(lines: Vec<(String, String)>) -> (Result<String, String>, Vec<(String, String)>) {
    let lines: Vec<(String, String)> = lines
        .into_iter()
        .map(|(line, text)| (line, text.trim().to_owned()))
        .filter(|(_, text)| !text.is_empty())
        .collect();
    let all: Vec<&str> = lines.iter().map(|(_, text)| text.as_str()).collect();
    (Ok(all.join("; ")), lines)
}

/// Whether a set of mappings can be kept, in a sentence if not. Problems of single rows do not stand in the way.
pub fn check(mapping: &FieldMapping) -> Result<(), String> {
    if mapping.sets.len() > SETS_MAX {
        return Err(format!(
            "{} sets are more than anybody oversees; at most {SETS_MAX} are kept.",
            mapping.sets.len()
        ));
    }
    for (i, set) in mapping.sets.iter().enumerate() {
        let name = set.name.trim();
        if name.is_empty() {
            return Err("A set of mappings has no name. Name it, or take it out.".into());
        }
        let earlier = &mapping.sets[..i];
        if earlier.iter().any(|other| other.name.trim().to_lowercase() == name.to_lowercase()) {
            return Err(format!("Two sets of mappings are called \"{name}\". Give one of them another name."));
        }
        if set.id.trim().is_empty() || earlier.iter().any(|other| other.id == set.id) {
            return Err("Two sets of mappings have the same id. Take one out and add it again.".into());
        }
    }
    let mut ids = BTreeSet::new();
    for rows in std::iter::once(&mapping.rows).chain(mapping.sets.iter().map(|set| &set.rows)) {
        if rows.len() > ROWS_MAX {
            return Err(format!(
                "{} mappings are more than anybody oversees; at most {ROWS_MAX} are kept.",
                rows.len()
            ));
        }
        if !rows.iter().all(|row| !row.id.trim().is_empty() && ids.insert(row.id.as_str())) {
            return Err("Two mappings have the same id. Take one out and add it again.".into());
        }
    }
    if let Some((name, _)) = mapping.tables.iter().find(|(name, _)| name.trim().is_empty()) {
        return Err(format!("A lookup table has no name (\"{name}\"). Name it as templates shall call it."));
    }
    Ok(())
}

/// What is lacking is told, and the order waits for it in `orders_to_hub`; what the hub cuts is told once of each mapping:
/// the exceptions list shows one entry for all orders of a store whose text one mapping makes too long.
fn look(look: &mut Look<'_>) {
    if look.is_over() {
        return;
    }
    let number = look.story.order.number.clone();
    for (row, why) in look.shape.lacking.clone() {
        let required = look.policy.shapers.mapping.requires(&row);
        let tail = if required { "The order waits until it does." } else { "The order goes without it." };
        look.find(Cause::MappingFailed, row, format!("{number}: {why}. {tail}").replace("..", "."));
    }
    for (row, what) in look.shape.cut.clone() {
        look.find(Cause::MappingCut, row, format!("{number}: {what}"));
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
            ..FieldMapping::default()
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
