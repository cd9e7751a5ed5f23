//! The policy as it stands in the store.

use quayside_connectors::platform;
use quayside_flows::field_mapping::{FieldMapping, ReadyMapping};
use quayside_flows::rules::{ReadyRules, RuleBook};
use quayside_flows::sku_aliases::AliasBook;
use quayside_flows::{AutomationPolicy, Peer, Policy, Shapers};
use quayside_store::{Reader, StoreError, Tx};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Key of the program's settings in the store.
pub const SETTINGS_KEY: &str = "settings";
/// Key of the field mappings.
pub const MAPPING_KEY: &str = "field_mapping";
/// Key of the rules.
pub const RULES_KEY: &str = "rules";
/// Note that changes whenever aliases, mappings or rules do.
const SHAPERS_NOTE: &str = "shapers";

/// Settings, automations and accounts, in the form decisions want.
pub fn load(reader: &Reader<'_>) -> Result<Policy, StoreError> {
    let settings = reader.setting(SETTINGS_KEY)?.unwrap_or_default();
    let automations = reader
        .automations()?
        .into_iter()
        .map(|row| {
            let settings = match row.settings {
                serde_json::Value::Object(map) => map.into_iter().collect(),
                _ => BTreeMap::new(),
            };
            (row.id, AutomationPolicy { mode: row.mode, go_live_ms: row.go_live_ms, settings })
        })
        .collect();
    let peers = reader
        .connections()?
        .into_iter()
        .filter_map(|config| {
            let declaration = platform(&config.platform)?.declaration;
            Some((config.id.clone(), Peer::new(&config, declaration)))
        })
        .collect();
    Ok(Policy { settings, automations, peers, shapers: shapers(reader)? })
}

/// Aliases, mappings and rules. Reading templates and ten thousand aliases for every click would be
/// felt, so the last ones are kept until their note changes.
fn shapers(reader: &Reader<'_>) -> Result<Arc<Shapers>, StoreError> {
    static LAST: Mutex<Option<(String, Arc<Shapers>)>> = Mutex::new(None);
    let Some(note) = reader.meta(SHAPERS_NOTE)? else { return Ok(Arc::default()) };
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((of, shapers)) = &*last
        && *of == note
    {
        return Ok(shapers.clone());
    }
    let mapping: FieldMapping = reader.setting(MAPPING_KEY)?.unwrap_or_default();
    let rules: RuleBook = reader.setting(RULES_KEY)?.unwrap_or_default();
    let shapers = Arc::new(Shapers {
        aliases: AliasBook::new(reader.sku_aliases()?),
        mapping: ReadyMapping::new(mapping),
        rules: ReadyRules::new(rules),
    });
    *last = Some((note, shapers.clone()));
    Ok(shapers)
}

/// To be called in every transaction that changes aliases, mappings or rules: `what` they became.
/// The note is a hash over all changes so far, so equal notes mean equal tables, in whatever file.
pub fn shapers_changed(tx: &mut Tx<'_>, what: &impl serde::Serialize) -> Result<(), StoreError> {
    let before = tx.meta(SHAPERS_NOTE)?.unwrap_or_default();
    let mut hash = blake3::Hasher::new();
    hash.update(before.as_bytes());
    hash.update(&serde_json::to_vec(what).unwrap_or_default());
    tx.put_meta(SHAPERS_NOTE, &hash.finalize().to_hex())
}
