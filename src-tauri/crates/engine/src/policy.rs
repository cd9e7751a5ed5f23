//! The policy as it stands in the store.

use quayside_connectors::platform;
use quayside_flows::{AutomationPolicy, Peer, Policy};
use quayside_store::{Reader, StoreError};
use std::collections::BTreeMap;

/// Key of the program's settings in the store.
pub const SETTINGS_KEY: &str = "settings";

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
    Ok(Policy { settings, automations, peers })
}
