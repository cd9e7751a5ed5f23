//! Sets of mappings handed from desk to desk: written as a text, planned when they come in, kept as planned.

use crate::desk::Desk;
use crate::profiles::HandedText;
use crate::trouble::Answer;
use crate::verbs::person;
use crate::view::Trouble;
use quayside_engine::policy::{MAPPING_KEY, shapers_changed};
use quayside_flows::field_mapping::FieldMapping;
use quayside_flows::field_mapping::sets::{self, Import};
use serde::Serialize;
use specta::Type;
use std::path::Path;

/// What taking a set in would change, or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct MappingImport {
    /// The set's id.
    pub set: String,
    /// What changes, a sentence each; the first one sums it up.
    pub says: Vec<String>,
    /// Names this plan: only what was shown is kept.
    pub digest: String,
    /// It was done.
    pub kept: bool,
}

impl MappingImport {
    fn of(plan: &Import, kept: bool) -> Self {
        Self { set: plan.set.clone(), says: plan.says.clone(), digest: plan.digest.clone(), kept }
    }
}

impl Desk {
    /// A set as a text, by its id; without one the list of the desk.
    pub fn mapping_set_text(&self, set: Option<&str>) -> Answer<String> {
        let mapping = self.kept_mapping()?;
        let text = sets::export(&mapping, set);
        text.ok_or_else(|| Trouble::gone("There is no such set of mappings any more. Look at the list again."))
    }

    /// Writes it to a file; how many mappings.
    pub fn export_mapping_set(&self, set: Option<&str>, path: &Path) -> Answer<i64> {
        let mapping = self.kept_mapping()?;
        let text = self.mapping_set_text(set)?;
        crate::files::write(path, text.as_bytes())?;
        let rows = match set {
            None => mapping.rows.len(),
            Some(id) => mapping.sets.iter().find(|set| set.id == id).map_or(0, |set| set.rows.len()),
        };
        Ok(rows as i64)
    }

    /// The id of a set by its name, or by its id.
    pub fn mapping_set_named(&self, typed: &str) -> Answer<String> {
        let mapping = self.kept_mapping()?;
        let wanted = typed.trim().to_lowercase();
        let found = mapping.sets.iter().find(|set| set.id == typed || set.name.trim().to_lowercase() == wanted);
        let names: Vec<&str> = mapping.sets.iter().map(|set| set.name.as_str()).collect();
        found.map(|set| set.id.clone()).ok_or_else(|| {
            let there = if names.is_empty() { "none yet".to_owned() } else { crate::words::list(&names) };
            Trouble::field("set", format!("No set of mappings is called \"{typed}\". There is {there}."))
        })
    }

    /// Says what taking a set in would change; with the digest of what was said, and nothing changed since, does it.
    pub fn import_mapping_set(&self, from: HandedText, agreed: Option<&str>) -> Answer<MappingImport> {
        let text = from.read()?;
        let Some(agreed) = agreed else {
            let plan = sets::import(&self.kept_mapping()?, &text).map_err(Trouble::input)?;
            let mut import = MappingImport::of(&plan, false);
            // A set that is on changes what is at the hub.
            let changed: i64 = self.mapping_plan(plan.mapping, 0)?.per_automation.values().sum();
            if changed > 0 {
                let what = crate::words::count(changed, "open order changes", "open orders change");
                import.says.push(format!("{what} at once."));
            }
            return Ok(import);
        };
        let room = self.writable()?;
        let now_ms = room.now_ms();
        let before = self.kept_mapping()?;
        let plan = sets::import(&before, &text).map_err(Trouble::input)?;
        let changed = || {
            Trouble::input(
                "The mappings, or the text, changed since this was shown, so nothing was kept. Look at what would change now, then keep it.",
            )
        };
        if plan.digest != agreed {
            return Err(changed());
        }
        let kept = room.store.write(|tx| {
            // Another window may have kept something between the two.
            let now: FieldMapping = tx.setting(MAPPING_KEY)?.unwrap_or_default();
            if now != before {
                return Ok(false);
            }
            tx.put_setting(MAPPING_KEY, &plan.mapping)?;
            shapers_changed(tx, &plan.mapping)?;
            let set = plan.mapping.sets.iter().find(|set| set.id == plan.set);
            let name = set.map_or("", |set| set.name.as_str());
            person(tx, None, None, now_ms, format!("Set of mappings \"{name}\" taken in"))?;
            Ok(true)
        })?;
        if !kept {
            return Err(changed());
        }
        room.reload()?;
        Ok(MappingImport::of(&plan, true))
    }

    fn kept_mapping(&self) -> Answer<FieldMapping> {
        let room = self.room()?;
        Ok(room.store.read(|r| r.setting(MAPPING_KEY))?.unwrap_or_default())
    }
}
