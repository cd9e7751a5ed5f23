//! Named sets of mappings: for some stores, switched as a whole, and handed from desk to desk as a text.
//!
//! The text is JSON that names nobody's accounts: whoever takes it in says for which stores it is. Taking it in is
//! planned first; what is kept is what the plan showed, and nothing else ([`Import::digest`]).

use super::{FieldMapping, MappingRow, ReadyMapping, check};
use crate::draft::count;
use quayside_model::ConnectionId;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::{BTreeMap, BTreeSet};

/// What the text says it is.
const FORMAT: u32 = 1;
/// Longer texts are no set of mappings.
const TEXT_MAX: usize = 1_000_000;

/// Mappings that belong together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct MappingSet {
    /// Stable id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// One that is off is kept, and its mappings are not worked out.
    pub on: bool,
    /// Stores it is applied to; empty means all.
    pub stores: Vec<ConnectionId>,
    /// Its rows, in the order in which they are worked out.
    pub rows: Vec<MappingRow>,
}

/// A set on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Shared {
    quayside_mapping_set: u32,
    name: String,
    rows: Vec<MappingRow>,
    #[serde(default)]
    tables: BTreeMap<String, BTreeMap<String, String>>,
}

/// What taking a text in comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// All mappings as they would be.
    pub mapping: FieldMapping,
    /// The set's id in it.
    pub set: String,
    /// What changes, a sentence each; the first one sums it up.
    pub says: Vec<String>,
    /// Names this outcome: what is kept is what was shown.
    pub digest: String,
}

/// A set as a text; without an id the list of the desk. `None`: there is no such set.
pub fn export(mapping: &FieldMapping, set: Option<&str>) -> Option<String> {
    let (name, rows) = match set {
        None => ("Mappings", &mapping.rows),
        Some(id) => {
            let set = mapping.sets.iter().find(|set| set.id == id)?;
            (set.name.as_str(), &set.rows)
        }
    };
    // Accounts have other names elsewhere.
    let rows: Vec<MappingRow> =
        rows.iter().map(|row| MappingRow { id: tail(&row.id).to_owned(), stores: Vec::new(), ..row.clone() }).collect();
    let named = |table: &&String| rows.iter().any(|row| row.template.contains(table.as_str()));
    let tables = mapping.tables.iter().filter(|(table, _)| named(table)).map(|(k, v)| (k.clone(), v.clone())).collect();
    let shared = Shared { quayside_mapping_set: FORMAT, name: name.to_owned(), rows, tables };
    serde_json::to_string_pretty(&shared).ok()
}

/// What taking a text in would make of the mappings; why it cannot be taken in, in a sentence.
pub fn import(mapping: &FieldMapping, text: &str) -> Result<Import, String> {
    let shared = read(text)?;
    let name = shared.name.trim().to_owned();
    let mut next = mapping.clone();
    let known = next.sets.iter().position(|set| set.name.trim().to_lowercase() == name.to_lowercase());
    let at = known.unwrap_or_else(|| {
        // Off until somebody has looked at what it gives.
        next.sets.push(MappingSet {
            id: fresh_id(mapping, &name),
            name: name.clone(),
            on: false,
            stores: vec![],
            rows: vec![],
        });
        next.sets.len() - 1
    });
    let Some(set) = next.sets.get_mut(at) else { return Err("The set could not be placed. Try again.".to_owned()) };
    let before = set.rows.clone();
    let id = set.id.clone();
    set.rows = shared
        .rows
        .into_iter()
        .map(|row| MappingRow { id: format!("{id}/{}", tail(&row.id)), stores: Vec::new(), ..row })
        .collect();
    let (on, after) = (set.on, set.rows.clone());
    let mut says = vec![summed_up(&name, known.is_some(), on, &before, &after)];
    says.extend(changes(&before, &after));
    for (table, rows) in shared.tables {
        let ours = next.tables.entry(table.clone()).or_default();
        says.extend(merge(&table, ours, rows));
    }
    check(&next)?;
    // Rows that are off are not read: as if the set were on.
    let mut tried = next.clone();
    for set in tried.sets.iter_mut().filter(|set| set.id == id) {
        set.on = true;
    }
    let ids: BTreeSet<&str> = after.iter().map(|row| row.id.as_str()).collect();
    let problems = ReadyMapping::new(tried).problems.into_iter().filter(|problem| ids.contains(problem.row.as_str()));
    says.extend(problems.map(|problem| problem.sentence));
    let digest = blake3::hash(&serde_json::to_vec(&next).unwrap_or_default()).to_hex().to_string();
    Ok(Import { mapping: next, set: id, says, digest })
}

fn read(text: &str) -> Result<Shared, String> {
    if text.len() > TEXT_MAX {
        return Err("This text is too long for a set of mappings. Take the one that Export wrote.".to_owned());
    }
    let shared: Shared = serde_json::from_str(text).map_err(|error| {
        format!("This is no set of mappings ({error}). Take the text or the file that Export wrote, whole.")
    })?;
    if shared.quayside_mapping_set != FORMAT {
        return Err(format!(
            "This set was written by another version of Quayside (form {}, and this one reads {FORMAT}). Update Quayside, then import it again.",
            shared.quayside_mapping_set
        ));
    }
    if shared.name.trim().is_empty() {
        return Err("The set has no name. Write one after \"name\", then import it again.".to_owned());
    }
    Ok(shared)
}

/// The id of a row without the set it came from.
fn tail(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// One that no set has.
fn fresh_id(mapping: &FieldMapping, name: &str) -> String {
    let hash = blake3::hash(name.to_lowercase().as_bytes()).to_hex();
    let first = format!("set-{}", &hash[..8]);
    let taken = |id: &str| mapping.sets.iter().any(|set| set.id == id);
    let mut id = first.clone();
    let mut n = 2;
    while taken(&id) {
        id = format!("{first}-{n}");
        n += 1;
    }
    id
}

fn summed_up(name: &str, known: bool, on: bool, before: &[MappingRow], after: &[MappingRow]) -> String {
    let rows = |rows: &[MappingRow]| count(rows.len() as i64, "mapping");
    if !known {
        return format!(
            "A new set \"{name}\" with {}. It is kept switched off and for all stores: choose its stores, look at the preview, then switch it on.",
            rows(after)
        );
    }
    let then = if on { "It is on: open orders are looked at again." } else { "It is off and stays so." };
    if before == after {
        return format!("The set \"{name}\" is there already, with the same mappings. {then}");
    }
    format!(
        "The set \"{name}\" is there already: its {} give way to {}. Its stores stay. {then}",
        rows(before),
        rows(after)
    )
}

/// What is new, other and gone, row by row.
fn changes(before: &[MappingRow], after: &[MappingRow]) -> Vec<String> {
    let mut says = Vec::new();
    for row in after {
        let what = words(row);
        match before.iter().find(|old| old.id == row.id) {
            None => says.push(format!("New: {what}.")),
            Some(old) if old != row => says.push(format!("Changes: {} becomes {what}.", words(old))),
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|old| !after.iter().any(|row| row.id == old.id));
    says.extend(gone.map(|old| format!("Goes: {}.", words(old))));
    says
}

/// "Tag from {{ tags }}, required, off".
fn words(row: &MappingRow) -> String {
    let mut words = format!("{} from {}", row.target.label(), row.template);
    if row.required {
        words += ", required";
    }
    if !row.on {
        words += ", off";
    }
    words
}

/// Entries of the text win; others of the same table stay, because rules and further mappings look there, too.
fn merge(table: &str, ours: &mut BTreeMap<String, String>, theirs: BTreeMap<String, String>) -> Option<String> {
    let (mut new, mut other) = (0, 0);
    for (from, to) in theirs {
        match ours.get(&from) {
            None => new += 1,
            Some(known) if *known != to => other += 1,
            Some(_) => continue,
        }
        ours.insert(from, to);
    }
    let says = format!(
        "Table \"{table}\": {new} added, {other} changed. Rules and other mappings that look there see it, too."
    );
    (new + other > 0).then_some(says)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use quayside_model::HubField;

    fn row(id: &str, target: HubField, template: &str) -> MappingRow {
        let stores = vec![ConnectionId::new("shop")];
        MappingRow { id: id.into(), on: true, target, template: template.into(), required: false, stores }
    }

    fn desk() -> FieldMapping {
        let zones = |to: &str| BTreeMap::from([("NO".to_owned(), to.to_owned())]);
        FieldMapping {
            rows: vec![row("own", HubField::Tag, "{{ country|lookup('zones') }}")],
            tables: BTreeMap::from([("zones".to_owned(), zones("Zone 3")), ("other".to_owned(), zones("x"))]),
            sets: vec![],
        }
    }

    #[test]
    fn a_set_travels_without_accounts_and_comes_in_switched_off() {
        let text = export(&desk(), None).unwrap();
        assert!(!text.contains("shop") && !text.contains("other"), "{text}");
        let named = text.replace("\"Mappings\"", "\"Wholesale\"");
        let taken = import(&FieldMapping::default(), &named).unwrap();
        let set = &taken.mapping.sets[0];
        assert_eq!((set.name.as_str(), set.on, set.stores.len(), set.rows.len()), ("Wholesale", false, 0, 1));
        assert_eq!(set.rows[0].id, format!("{}/own", set.id));
        assert_eq!(taken.mapping.tables["zones"]["NO"], "Zone 3");
        let said = taken.says.join("\n");
        for says in ["A new set \"Wholesale\" with 1 mapping.", "New: Tag from", "Table \"zones\": 1 added, 0 changed."]
        {
            assert!(said.contains(says), "{says}: {said}");
        }
        // The same once more changes nothing, and says so.
        let again = import(&taken.mapping, &named).unwrap();
        assert_eq!((&again.mapping, again.says.len()), (&taken.mapping, 1), "{:?}", again.says);
        assert_ne!(again.digest, import(&desk(), &named).unwrap().digest, "what is kept is what was shown");
        // And out and in again it is the same.
        let out = export(&taken.mapping, Some(&set.id)).unwrap();
        assert_eq!(import(&taken.mapping, &out).unwrap().mapping, taken.mapping);
        assert_eq!(export(&taken.mapping, Some("none")), None);
    }

    #[test]
    fn a_set_that_is_there_is_replaced_and_every_change_is_told() {
        let old = [row("a", HubField::CustomField1, "{{ number }}"), row("b", HubField::Tag, "x")];
        let mut mapping = desk();
        let stores = vec![ConnectionId::new("shop")];
        let rows = old.iter().map(|row| MappingRow { id: format!("s/{}", row.id), stores: vec![], ..row.clone() });
        mapping.sets =
            vec![MappingSet { id: "s".into(), name: "wholesale ".into(), on: true, stores, rows: rows.collect() }];
        let text = serde_json::json!({
            "quayside_mapping_set": 1, "name": "Wholesale", "tables": {"zones": {"NO": "Zone 4", "SE": "Zone 4"}},
            "rows": [
                {"id": "a", "on": true, "target": "custom_field1", "template": "PO {{ number }}", "required": true, "stores": []},
                {"id": "c", "on": false, "target": "phone", "template": "{{ fone }}", "required": false, "stores": []},
            ],
        });
        let taken = import(&mapping, &text.to_string()).unwrap();
        let set = &taken.mapping.sets[0];
        assert_eq!((set.on, set.stores.len(), set.rows.len()), (true, 1, 2), "whom it is for stays");
        assert_eq!(taken.mapping.rows, mapping.rows);
        let said = taken.says.join("\n");
        for says in [
            "its 2 mappings give way to 2 mappings. Its stores stay. It is on: open orders are looked at again.",
            "Changes: Custom field 1 from {{ number }} becomes Custom field 1 from PO {{ number }}, required.",
            "New: Telephone of the address from {{ fone }}, off.",
            "Goes: Tag from x.",
            "Table \"zones\": 1 added, 1 changed.",
        ] {
            assert!(said.contains(says), "{says}: {said}");
        }
    }

    #[test]
    fn what_is_no_set_is_refused_with_what_to_do() {
        let set = |version: u32, name: &str, rows: serde_json::Value| {
            serde_json::json!({"quayside_mapping_set": version, "name": name, "rows": rows}).to_string()
        };
        let twice = serde_json::json!([row("a", HubField::Tag, "x"), row("a", HubField::Tag, "y")]);
        let elsewhere = serde_json::json!([{"id": "a", "on": true, "target": "sleigh", "template": "x", "required": false, "stores": []}]);
        for (text, says) in [
            ("", "no set of mappings"),
            ("[]", "no set of mappings"),
            ("{\"rows\": []}", "no set of mappings"),
            (set(2, "New", serde_json::json!([])).as_str(), "another version"),
            (set(1, "  ", serde_json::json!([])).as_str(), "has no name"),
            (set(1, "Twice", twice).as_str(), "same id"),
            (set(1, "Elsewhere", elsewhere).as_str(), "no set of mappings"),
            (" ".repeat(TEXT_MAX + 1).as_str(), "too long"),
        ] {
            let why = import(&desk(), text).unwrap_err();
            assert!(why.contains(says) && why.ends_with('.'), "{says}: {why}");
        }
    }
}
