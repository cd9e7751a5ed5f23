//! The policy as it stands in the store.

use crate::pace;
use quayside_connectors::platform;
use quayside_flows::buyer_messages::BuyerMessages;
use quayside_flows::clocks::shared_skew_ms;
use quayside_flows::field_mapping::{FieldMapping, ReadyMapping};
use quayside_flows::levels::{Level, Levels};
use quayside_flows::rules::{ReadyRules, RuleBook};
use quayside_flows::sku_aliases::{AliasBook, holds_unknown};
use quayside_flows::{AutomationPolicy, Deliveries, Peer, Policy, Shapers};
use quayside_model::{ConnectionConfig, ConnectionId, Product, Record, RecordKind, Role};
use quayside_store::{Reader, StoreError, Tx};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Key of the program's settings in the store.
pub const SETTINGS_KEY: &str = "settings";
/// Key of the field mappings.
pub const MAPPING_KEY: &str = "field_mapping";
/// Key of what buyers are told.
pub const MESSAGES_KEY: &str = "buyer_messages";
/// Key of the rules.
pub const RULES_KEY: &str = "rules";
/// Note of the store: when an account's credentials were changed last, ms UTC as text.
pub fn signed_in_note(id: &ConnectionId) -> String {
    format!("signed_in.{id}")
}

/// Note that changes whenever aliases, mappings or rules do.
const SHAPERS_NOTE: &str = "shapers";
/// The same for the products of hubs.
const PRODUCTS_NOTE: &str = "hub_products";
/// Products of hubs that are read for what they know.
const PRODUCTS_MAX: usize = 50_000;

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
    let mut peers = BTreeMap::new();
    for config in reader.connections()? {
        let Some(platform) = platform(&config.platform) else { continue };
        let mut peer = Peer::new(&config, platform.declaration);
        if peer.deliveries == Deliveries::Unheard && reader.meta(&delivery_note(&config.id))?.is_some() {
            peer.deliveries = Deliveries::Told;
        }
        peer.skew_ms = skew_ms(reader, &config.id)?;
        peers.insert(config.id.clone(), peer);
    }
    let customers = Arc::new(reader.customers_meant()?);
    let mut policy = Policy { settings, automations, peers, shapers: Arc::default(), levels: None, customers };
    policy.shapers = shapers(reader, &policy)?;
    // Counts move by themselves, so they are read anew each time; nobody pays for it unless a rule asks.
    if policy.shapers.ask_stock() {
        policy.levels = Some(Arc::new(levels(reader)?));
    }
    Ok(policy)
}

/// What is in stock where, by every account's counts.
pub fn levels(reader: &Reader<'_>) -> Result<Levels, StoreError> {
    let counts = reader.stock_levels()?.into_iter();
    Ok(Levels::new(counts.map(|count| {
        let place = count.location_id.unwrap_or_default();
        (count.connection, count.sku, Level { place, name: count.location_name, available: count.available })
    })))
}

/// Aliases, mappings and rules, and what the hubs have where orders wait for what nobody knows. Reading templates, ten
/// thousand aliases and a catalogue for every click would be felt, so the last ones are kept until their notes change.
fn shapers(reader: &Reader<'_>, policy: &Policy) -> Result<Arc<Shapers>, StoreError> {
    static LAST: Mutex<Option<(String, Arc<Shapers>)>> = Mutex::new(None);
    let products = if holds_unknown(policy) { reader.meta(PRODUCTS_NOTE)? } else { None };
    let note = match (reader.meta(SHAPERS_NOTE)?, &products) {
        (None, None) => return Ok(Arc::default()),
        (note, None) => note.unwrap_or_default(),
        // An account that is removed takes its products along.
        (note, Some(products)) => {
            let hubs: Vec<&str> = hubs(policy).map(|hub| hub.id.as_str()).collect();
            format!("{} {products} {}", note.unwrap_or_default(), hubs.join(" "))
        }
    };
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((of, shapers)) = &*last
        && *of == note
    {
        return Ok(shapers.clone());
    }
    let mapping: FieldMapping = reader.setting(MAPPING_KEY)?.unwrap_or_default();
    let rules: RuleBook = reader.setting(RULES_KEY)?.unwrap_or_default();
    let known = if products.is_some() { hub_products(reader, policy)? } else { Vec::new() };
    let shapers = Arc::new(Shapers {
        aliases: AliasBook::new(reader.sku_aliases()?).knowing(known.into_iter().map(|product| product.sku)),
        rules: ReadyRules::new(rules, &mapping.tables),
        mapping: ReadyMapping::new(mapping),
        messages: reader.setting::<BuyerMessages>(MESSAGES_KEY)?.unwrap_or_default(),
    });
    *last = Some((note, shapers.clone()));
    Ok(shapers)
}

fn hubs(policy: &Policy) -> impl Iterator<Item = &Peer> {
    policy.peers.values().filter(|peer| peer.roles.contains(&Role::Hub))
}

/// What the hubs have by a SKU and use, where a hub tells it.
pub fn hub_products(reader: &Reader<'_>, policy: &Policy) -> Result<Vec<Product>, StoreError> {
    let mut all = Vec::new();
    for hub in hubs(policy) {
        let mut after = 0;
        while all.len() < PRODUCTS_MAX {
            let piece = reader.records_of_kind(&hub.id, RecordKind::Product, after, 1_000)?;
            let Some((last, _)) = piece.last() else { break };
            after = *last;
            all.extend(piece.into_iter().filter_map(|(_, record)| match record {
                Record::Product(product) if product.active && !product.sku.trim().is_empty() => Some(product),
                _ => None,
            }));
        }
    }
    Ok(all)
}

/// What stores list of their own, as far as `wanted` says; at most so many as a hub may have.
pub fn listings(
    reader: &Reader<'_>,
    policy: &Policy,
    wanted: impl Fn(&ConnectionId, &Product) -> bool,
) -> Result<Vec<(ConnectionId, Product)>, StoreError> {
    let mut all = Vec::new();
    for store in policy.peers.values().filter(|peer| peer.roles.contains(&Role::Channel)) {
        let mut after = 0;
        while all.len() < PRODUCTS_MAX {
            let piece = reader.records_of_kind(&store.id, RecordKind::Product, after, 1_000)?;
            let Some((last, _)) = piece.last() else { break };
            after = *last;
            all.extend(piece.into_iter().filter_map(|(_, record)| match record {
                Record::Product(product) if wanted(&store.id, &product) => Some((store.id.clone(), product)),
                _ => None,
            }));
        }
    }
    Ok(all)
}

/// Name of the note that an account told of a parcel that arrived.
fn delivery_note(connection: &ConnectionId) -> String {
    format!("delivery_told/{connection}")
}

/// Name of the note of how far an account's clock is from this computer's.
fn skew_note(connection: &ConnectionId) -> String {
    format!("skew/{connection}")
}

/// An account's clock minus this computer's, ms, as it was measured last and where it counts; else 0.
pub fn skew_ms(reader: &Reader<'_>, connection: &ConnectionId) -> Result<i64, StoreError> {
    Ok(reader.meta(&skew_note(connection))?.and_then(|text| text.parse().ok()).unwrap_or_default())
}

/// Leaves out of a policy what was measured of clocks before this computer's own was moved, or so long ago that it may have
/// been since: for what is said about now where no account may have been read lately.
pub fn without_old_skews(reader: &Reader<'_>, mut policy: Policy, now_ms: i64) -> Result<Policy, StoreError> {
    for peer in policy.peers.values_mut().filter(|peer| peer.skew_ms != 0) {
        let read_ms = reader.last_try_at(&peer.id)?.unwrap_or(now_ms);
        peer.skew_ms = pace::skew_after_ms(peer.skew_ms, read_ms, now_ms);
    }
    Ok(policy)
}

/// How far the clocks of the stores among these accounts are from this computer's, ms, for lists over all of them.
pub fn stores_skew_ms(reader: &Reader<'_>, connections: &[ConnectionConfig]) -> Result<i64, StoreError> {
    let sells = |config: &&ConnectionConfig| {
        platform(&config.platform).is_some_and(|known| known.declaration.roles.contains(&Role::Channel))
    };
    let skews_ms = connections.iter().filter(sells).map(|config| skew_ms(reader, &config.id));
    Ok(shared_skew_ms(skews_ms.collect::<Result<Vec<i64>, StoreError>>()?))
}

/// To be called when that changed; the policy is to be loaded anew.
pub(crate) fn skew_counted(tx: &mut Tx<'_>, connection: &ConnectionId, skew_ms: i64) -> Result<(), StoreError> {
    tx.put_meta(&skew_note(connection), &skew_ms.to_string())
}

/// To be called once an account was read to tell that a parcel arrived; the policy is to be loaded anew.
pub(crate) fn delivery_told(tx: &mut Tx<'_>, connection: &ConnectionId, now_ms: i64) -> Result<(), StoreError> {
    tx.put_meta(&delivery_note(connection), &now_ms.to_string())
}

/// A text that changes whenever aliases, mappings or rules do.
pub(crate) fn shapers_note(reader: &Reader<'_>) -> Result<Option<String>, StoreError> {
    reader.meta(SHAPERS_NOTE)
}

/// To be called in every transaction that changes aliases, mappings or rules: `what` they became.
pub fn shapers_changed(tx: &mut Tx<'_>, what: &impl serde::Serialize) -> Result<(), StoreError> {
    noted(tx, SHAPERS_NOTE, what)
}

/// The same for what a hub has.
pub(crate) fn products_changed(tx: &mut Tx<'_>, what: &impl serde::Serialize) -> Result<(), StoreError> {
    noted(tx, PRODUCTS_NOTE, what)
}

/// The note is a hash over all changes so far, so equal notes mean equal tables, in whatever file.
fn noted(tx: &mut Tx<'_>, note: &str, what: &impl serde::Serialize) -> Result<(), StoreError> {
    let before = tx.meta(note)?.unwrap_or_default();
    let mut hash = blake3::Hasher::new();
    hash.update(before.as_bytes());
    hash.update(&serde_json::to_vec(what).unwrap_or_default());
    tx.put_meta(note, &hash.finalize().to_hex())
}
