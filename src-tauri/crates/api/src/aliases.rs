//! SKU aliases: the table, its file, what is not in it yet, and mapping once for all orders.
//!
//! Whatever changes an entry also decides every open order anew that carries the SKU, in
//! the same call, and tries again what was refused for it: that is the "map and retry all
//! affected" of an unknown SKU.

use crate::desk::{Desk, Room};
use crate::trouble::Answer;
use crate::verbs::{person, redecide};
use crate::view::Trouble;
use crate::words;
use quayside_connectors::platform;
use quayside_engine::policy::{hub_products, listings, shapers_changed};
use quayside_flows::Policy;
use quayside_flows::sku_aliases::{
    AliasBook, Listing, SeenSku, Suggestion, check, is_listing_of, is_mapped, suggestions,
};
use quayside_flows::sku_csv::{Imported, export, import};
use quayside_model::alias::fold;
use quayside_model::{AliasBy, Cause, ConnectionId, EffectState, OrderId, OrderLine, Product, Role, SkuAlias};
use quayside_store::{Reader, StoreError};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

/// Rows on screen at once.
const ROWS_MAX: usize = 500;
/// Orders per transaction.
const AT_ONCE: usize = 100;
/// Orders whose lines are looked through for names of one thing.
const LOOK_BACK: usize = 2_000;
/// Unknown SKUs that are listed.
const UNKNOWN_MAX: usize = 200;
/// Larger files are not tables of SKUs.
const FILE_MAX: u64 = 32 << 20;

/// The table as a screen shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct AliasesView {
    /// Rows that match, at most 500.
    pub rows: Vec<SkuAlias>,
    /// Rows that match in all.
    pub matching: i64,
    /// Rows in the table.
    pub total: i64,
    /// Stores an entry can be for.
    pub stores: Vec<(ConnectionId, String)>,
}

/// What changing an entry did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Mapped {
    /// Open orders that carry it and were decided anew.
    pub orders: i64,
    /// Changes that had been refused and go again.
    pub retried: i64,
    /// In a sentence.
    pub sentence: String,
}

/// A SKU on open orders that neither the table nor the hub knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct UnknownSku {
    /// The store.
    pub store: ConnectionId,
    /// Its name.
    pub store_name: String,
    /// SKU on the line; empty if it has none.
    pub sku: String,
    /// Variant or listing id, to map by where there is no SKU.
    pub variant_id: Option<String>,
    /// What the buyer saw.
    pub name: String,
    /// What the store's own list calls it, where that list is read and has it.
    pub listing_name: Option<String>,
    /// The marketplace's own code of it (ASIN).
    pub listing_code: Option<String>,
    /// Open orders with it.
    pub orders: i64,
    /// Of them, those that wait for it.
    pub waiting: i64,
}

/// What is not in the table yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct UnknownSkus {
    /// The most needed first.
    pub unknown: Vec<UnknownSku>,
    /// What equal barcodes, codes and names suggest.
    pub suggestions: Vec<Suggestion>,
    /// SKUs the warehouse is known to have, for the field's list.
    pub hub_skus: Vec<String>,
}

/// What an import would do, or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ImportView {
    /// What the file says.
    pub read: Imported,
    /// Entries that are new.
    pub added: i64,
    /// Entries that replace others.
    pub changed: i64,
    /// Entries that are in the table already.
    pub same: i64,
    /// It was written.
    pub done: bool,
    /// In a sentence.
    pub sentence: String,
}

impl Desk {
    /// The table, searched.
    pub fn sku_aliases(&self, text: &str) -> Answer<AliasesView> {
        let room = self.room()?;
        let typed = fold(text);
        let (all, stores) = room.store.read(|r| Ok((r.sku_aliases()?, store_names(r)?)))?;
        let total = all.len() as i64;
        let has = |words: &str| words.to_lowercase().contains(&typed);
        let mut rows: Vec<SkuAlias> = all
            .into_iter()
            .filter(|row| typed.is_empty() || has(&row.theirs) || row.parts.iter().any(|part| has(&part.sku)))
            .collect();
        let matching = rows.len() as i64;
        rows.truncate(ROWS_MAX);
        Ok(AliasesView { rows, matching, total, stores: stores.into_iter().collect() })
    }

    /// Writes an entry (in place of `replaces`, if its name changed), and lets every open order with it go on.
    pub fn put_sku_alias(&self, alias: SkuAlias, replaces: Option<SkuAlias>) -> Answer<Mapped> {
        let room = self.writable()?;
        let now_ms = room.now_ms();
        let alias = tidy(alias);
        room.store.write(|tx| {
            let mut others = tx.sku_aliases()?;
            if let Some(old) = &replaces {
                others.retain(|other| !same_name(other, old));
            }
            check(&alias, &others).map_err(StoreError::abandoned)?;
            if let Some(store) = &alias.store
                && tx.connection(store)?.is_none()
            {
                return Err(StoreError::abandoned(format!("There is no store \"{store}\" any more. Choose another.")));
            }
            if let Some(old) = replaces.as_ref().filter(|old| !same_name(old, &alias)) {
                tx.remove_sku_alias(old.store.as_ref(), old.by, &old.theirs)?;
            }
            tx.put_sku_alias(&alias, now_ms)?;
            shapers_changed(tx, &(&alias, &replaces))?;
            person(tx, None, alias.store.as_ref(), now_ms, format!("SKU alias: {}", alias_words(&alias)))
        })?;
        let mut touched = vec![alias.clone()];
        touched.extend(replaces);
        let (orders, retried) = let_go_on(&room, &touched)?;
        room.reload()?;
        let sentence = mapped_words(&alias, orders, retried);
        tracing::info!(orders, retried, "a SKU alias was written");
        Ok(Mapped { orders, retried, sentence })
    }

    /// Takes an entry out; open orders with it go back to the store's own SKU.
    pub fn remove_sku_alias(&self, alias: SkuAlias) -> Answer<Mapped> {
        let room = self.writable()?;
        let now_ms = room.now_ms();
        room.store.write(|tx| {
            if !tx.remove_sku_alias(alias.store.as_ref(), alias.by, &alias.theirs)? {
                return Err(StoreError::abandoned(format!("There is no entry for {} any more.", alias.theirs)));
            }
            shapers_changed(tx, &("removed", &alias))?;
            person(tx, None, alias.store.as_ref(), now_ms, format!("SKU alias taken out: {}", alias_words(&alias)))
        })?;
        let (orders, retried) = let_go_on(&room, std::slice::from_ref(&alias))?;
        room.reload()?;
        let sentence = format!("{} is no longer mapped; {}.", alias.theirs, touched_words(orders));
        Ok(Mapped { orders, retried, sentence })
    }

    /// Reads a CSV file; with `write` its entries are put into the table. Rows that cannot stand are told and left out.
    pub fn import_sku_aliases(&self, path: &Path, write: bool) -> Answer<ImportView> {
        let room = if write { self.writable()? } else { self.room()? };
        let text = read_file(path)?;
        let (before, names) = room.store.read(|r| Ok((r.sku_aliases()?, store_names(r)?)))?;
        let mut read = import(&text, &names).map_err(|why| Trouble::field("path", why))?;
        let (mut added, mut changed, mut same) = (0, 0, 0);
        let mut stand = Vec::new();
        for alias in std::mem::take(&mut read.aliases) {
            let others: Vec<SkuAlias> = before.iter().filter(|row| !same_name(row, &alias)).cloned().collect();
            // A circle may close only with what is in the table already.
            match check(&alias, &others) {
                Ok(()) => stand.push(alias),
                Err(why) => read.problems.push(why),
            }
        }
        for alias in &stand {
            match before.iter().find(|row| same_name(row, alias)) {
                None => added += 1,
                Some(row) if row.parts == alias.parts => same += 1,
                Some(_) => changed += 1,
            }
        }
        read.aliases = stand;
        let told = read.problems.len() as i64 + read.more_problems;
        let left =
            if told == 0 { String::new() } else { format!(" {} left out.", words::count(told, "row is", "rows are")) };
        let counts = format!("{added} new, {changed} changed, {same} as they are.{left}");
        if !write {
            return Ok(ImportView {
                sentence: format!("The file has {counts}"),
                read,
                added,
                changed,
                same,
                done: false,
            });
        }
        let now_ms = room.now_ms();
        for piece in read.aliases.chunks(2_000) {
            room.store.write(|tx| piece.iter().try_for_each(|alias| tx.put_sku_alias(alias, now_ms)))?;
        }
        room.store.write(|tx| {
            shapers_changed(tx, &read.aliases)?;
            person(tx, None, None, now_ms, format!("SKU aliases imported: {counts}"))
        })?;
        let (orders, retried) = let_go_on(&room, &read.aliases)?;
        room.reload()?;
        tracing::info!(added, changed, retried, "SKU aliases were imported");
        let sentence = format!("Imported: {counts} {}.", capital(&touched_words(orders)));
        Ok(ImportView { read, added, changed, same, done: true, sentence })
    }

    /// Writes the table as CSV; how many entries.
    pub fn export_sku_aliases(&self, path: &Path) -> Answer<i64> {
        let room = self.room()?;
        let (rows, names) = room.store.read(|r| Ok((r.sku_aliases()?, store_names(r)?)))?;
        crate::files::write(path, export(&rows, &names).as_bytes())?;
        Ok(rows.len() as i64)
    }

    /// SKUs of open orders that neither the table nor the hub knows, and what may be meant.
    pub fn unknown_skus(&self) -> Answer<UnknownSkus> {
        let room = self.room()?;
        let policy = room.policy()?;
        let book = policy.shapers.clone();
        let (mut seen, waiting, products, table, names) = room.store.read(|r| {
            let (mut seen, waiting) = seen_skus(r)?;
            let unknown =
                |sku: &SeenSku| sku.orders > 0 && !is_mapped(&book.aliases, sku) && !book.aliases.knows(&sku.sku);
            let wanted: Vec<SeenSku> = seen.iter().filter(|sku| unknown(sku)).cloned().collect();
            if !wanted.is_empty() {
                list(&mut seen, &wanted, r, &policy)?;
            }
            Ok((seen, waiting, hub_products(r, &policy)?, r.sku_aliases()?, store_names(r)?))
        })?;
        let hub_skus: BTreeSet<String> = products.iter().map(|product| product.sku.trim().to_owned()).collect();
        // What the hub has as a product of its own counts as known, for suggestions too.
        let wide = AliasBook::new(table).knowing(hub_skus.iter().cloned());
        let mut unknown: Vec<UnknownSku> = seen
            .iter()
            .filter(|sku| sku.orders > 0 && !is_mapped(&book.aliases, sku) && !wide.knows(&sku.sku))
            .map(|sku| UnknownSku {
                store: sku.store.clone(),
                store_name: names.get(&sku.store).cloned().unwrap_or_else(|| sku.store.to_string()),
                sku: sku.sku.clone(),
                variant_id: sku.variant_id.clone(),
                name: sku.name.clone(),
                listing_name: sku.listing.as_ref().map(|listing| listing.name.clone()).filter(|name| !name.is_empty()),
                listing_code: sku.listing.as_ref().and_then(|listing| listing.code.clone()),
                orders: sku.orders,
                waiting: waiting.get(&(sku.store.clone(), fold(&sku.sku))).copied().unwrap_or(0),
            })
            .collect();
        unknown.sort_by(|a, b| (b.waiting, b.orders).cmp(&(a.waiting, a.orders)).then_with(|| a.sku.cmp(&b.sku)));
        unknown.truncate(UNKNOWN_MAX);
        // A product carries name and barcode without ever having stood on an order.
        seen.extend(products.into_iter().map(of_hub));
        let mut suggested = suggestions(&seen, &wide);
        suggested.retain(|suggestion| suggestion.orders > 0 && book.aliases.parts_of(&suggestion.alias).is_none());
        suggested.truncate(UNKNOWN_MAX);
        Ok(UnknownSkus { unknown, suggestions: suggested, hub_skus: hub_skus.into_iter().collect() })
    }
}

/// Puts beside what stands on orders what the stores' own lists say of it.
fn list(seen: &mut [SeenSku], wanted: &[SeenSku], r: &Reader<'_>, policy: &Policy) -> Result<(), StoreError> {
    let mut by_name: HashMap<(&ConnectionId, String), &SeenSku> = HashMap::new();
    for sku in wanted {
        let name = if sku.sku.trim().is_empty() { sku.variant_id.as_deref().unwrap_or_default() } else { &sku.sku };
        by_name.insert((&sku.store, fold(name)), sku);
    }
    // A store lists more than stands on its open orders.
    let names = |product: &Product| {
        let code = product.listing_code.clone().unwrap_or_default();
        [product.sku.clone(), product.remote_id.clone(), code].map(|name| fold(&name))
    };
    let meant = |store: &ConnectionId, product: &Product| {
        let mut found = names(product).into_iter().filter_map(|name| by_name.get(&(store, name)).copied());
        found
            .find(|sku| is_listing_of(product, sku))
            .map(|sku| (sku.store.clone(), fold(&sku.sku), sku.variant_id.clone()))
    };
    let mut listed: HashMap<_, Listing> = HashMap::new();
    for (store, product) in listings(r, policy, |store, product| meant(store, product).is_some())? {
        let Some(key) = meant(&store, &product) else { continue };
        // Of several offers of one thing the one that is on sale speaks.
        if product.active || !listed.contains_key(&key) {
            listed.insert(key, Listing::of(&product));
        }
    }
    for sku in seen {
        sku.listing = listed.get(&(sku.store.clone(), fold(&sku.sku), sku.variant_id.clone())).cloned();
    }
    Ok(())
}

fn of_hub(product: Product) -> SeenSku {
    let name =
        if product.variant.is_empty() { product.name } else { format!("{} · {}", product.name, product.variant) };
    SeenSku {
        store: ConnectionId::new(""),
        sku: product.sku.trim().to_owned(),
        variant_id: None,
        barcode: product.barcode,
        name,
        listing: None,
        orders: 0,
    }
}

fn tidy(alias: SkuAlias) -> SkuAlias {
    let parts = alias
        .parts
        .into_iter()
        .map(|part| quayside_model::AliasPart { sku: part.sku.trim().to_owned(), ..part })
        .collect();
    SkuAlias { theirs: alias.theirs.trim().to_owned(), parts, ..alias }
}

fn same_name(a: &SkuAlias, b: &SkuAlias) -> bool {
    a.store == b.store && a.by == b.by && fold(&a.theirs) == fold(&b.theirs)
}

fn alias_words(alias: &SkuAlias) -> String {
    let parts: Vec<String> = alias
        .parts
        .iter()
        .map(|part| if part.quantity == 1 { part.sku.clone() } else { format!("{} × {}", part.quantity, part.sku) })
        .collect();
    format!("{} is {}", alias.theirs, parts.join(" + "))
}

fn touched_words(orders: i64) -> String {
    if orders == 0 {
        "no open order carries it".into()
    } else {
        format!("{} looked at again", words::count(orders, "open order was", "open orders were"))
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn mapped_words(alias: &SkuAlias, orders: i64, retried: i64) -> String {
    let tried = if retried == 0 {
        String::new()
    } else {
        format!(", {} again", words::count(retried, "refused change goes", "refused changes go"))
    };
    format!("{}; {}{tried}.", alias_words(alias), touched_words(orders))
}

fn store_names(r: &Reader<'_>) -> Result<BTreeMap<ConnectionId, String>, StoreError> {
    let all = r.connections()?.into_iter();
    let stores =
        all.filter(|config| platform(&config.platform).is_some_and(|p| p.declaration.roles.contains(&Role::Channel)));
    Ok(stores.map(|config| (config.id, config.name)).collect())
}

/// A line that an entry speaks of.
fn speaks_of(alias: &SkuAlias, store: &ConnectionId, line: &OrderLine) -> bool {
    if alias.store.as_ref().is_some_and(|only| only != store) {
        return false;
    }
    let wanted = fold(&alias.theirs);
    match alias.by {
        AliasBy::Sku => fold(&line.sku) == wanted,
        AliasBy::Variant => line
            .variant_id
            .as_deref()
            .is_some_and(|id| fold(id) == wanted || id.rsplit('/').next().is_some_and(|short| fold(short) == wanted)),
    }
}

/// Decides every open order anew that carries one of these, and sends refused changes again.
fn let_go_on(room: &Room, aliases: &[SkuAlias]) -> Answer<(i64, i64)> {
    let policy = room.policy()?;
    let now_ms = room.now_ms();
    let skus: HashSet<String> =
        aliases.iter().filter(|alias| alias.by == AliasBy::Sku).map(|alias| fold(&alias.theirs)).collect();
    let variants: Vec<&SkuAlias> = aliases.iter().filter(|alias| alias.by == AliasBy::Variant).collect();
    let (mut orders, mut retried, mut after) = (0, 0, OrderId(0));
    loop {
        let (last, found) = room.store.read(|r| {
            let ids = r.open_orders(after, AT_ONCE)?;
            let mut found = Vec::new();
            for id in &ids {
                let Some(story) = r.story(*id)? else { continue };
                let carries = story.order.lines_to_ship().any(|line| {
                    (skus.contains(&fold(&line.sku)) && aliases.len() > 1)
                        || aliases.len() == 1 && speaks_of(&aliases[0], &story.channel, line)
                        || variants.iter().any(|alias| speaks_of(alias, &story.channel, line))
                });
                if carries {
                    found.push(*id);
                }
            }
            Ok((ids.last().copied(), found))
        })?;
        let Some(last) = last else { break };
        after = last;
        if found.is_empty() {
            continue;
        }
        retried += room.store.write(|tx| {
            let mut retried = 0;
            for id in &found {
                redecide(tx, &policy, *id, now_ms)?;
                // What was refused for its SKU and is still wanted as it is goes once more.
                let Some(story) = tx.story(*id)? else { continue };
                for effect in story.effects.iter().filter(|effect| effect.state == EffectState::Refused) {
                    if effect.refusal.as_ref().is_some_and(|refusal| refusal.cause == Cause::UnknownSku)
                        && tx.retry_effect(effect.id, now_ms)?
                    {
                        retried += 1;
                    }
                }
                redecide(tx, &policy, *id, now_ms)?;
            }
            Ok(retried)
        })?;
        orders += found.len() as i64;
    }
    if orders > 0 {
        room.nudge();
    }
    Ok((orders, retried))
}

/// Open orders that carry a SKU and wait for it, by store and folded SKU.
type Waiting = BTreeMap<(ConnectionId, String), i64>;

/// SKUs on the newest orders, with the open orders that carry each, and who waits for one.
fn seen_skus(r: &Reader<'_>) -> Result<(Vec<SeenSku>, Waiting), StoreError> {
    let mut waiting = Waiting::new();
    let mut seen: BTreeMap<(ConnectionId, String, Option<String>), SeenSku> = BTreeMap::new();
    for id in r.newest_orders(LOOK_BACK)? {
        let Some(story) = r.story(id)? else { continue };
        let open = !story.order.is_cancelled() && story.order.closed_at_ms.is_none() && !story.order.is_fulfilled();
        let held: BTreeSet<String> = if open {
            let findings = r.findings_of(id)?;
            let open = findings.into_iter().filter(|f| f.resolved_at_ms.is_none() && f.cause == Cause::UnknownSku);
            open.map(|finding| finding.about).collect()
        } else {
            BTreeSet::new()
        };
        for line in story.order.lines.iter().filter(|line| line.requires_shipping && !line.gift_card) {
            let name =
                if line.variant.is_empty() { line.name.clone() } else { format!("{} · {}", line.name, line.variant) };
            // A thing without a SKU is told apart by its variant.
            let variant = line.sku.trim().is_empty().then(|| line.variant_id.clone()).flatten();
            let key = (story.channel.clone(), fold(&line.sku), variant);
            let entry = seen.entry(key).or_insert_with(|| SeenSku {
                store: story.channel.clone(),
                sku: line.sku.trim().to_owned(),
                variant_id: line.variant_id.clone(),
                barcode: None,
                name,
                listing: None,
                orders: 0,
            });
            entry.orders += i64::from(open);
            if entry.barcode.is_none() {
                entry.barcode.clone_from(&line.barcode);
            }
            if !held.is_empty() && held.iter().any(|about| *about == line.remote_id || fold(about) == fold(&line.sku)) {
                *waiting.entry((story.channel.clone(), fold(&line.sku))).or_default() += 1;
            }
        }
    }
    Ok((seen.into_values().collect(), waiting))
}

fn read_file(path: &Path) -> Answer<String> {
    let refuse = |why: String| Trouble::field("path", format!("{} cannot be read: {why}.", path.display()));
    let size = std::fs::metadata(path).map_err(|error| refuse(error.to_string()))?.len();
    if size > FILE_MAX {
        return Err(refuse(format!("it is {} MB large, which no table of SKUs is", size >> 20)));
    }
    let bytes = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
    String::from_utf8(bytes)
        .map_err(|_| refuse("it is not UTF-8 text. Save it as \"CSV UTF-8\" in the spreadsheet".into()))
}
