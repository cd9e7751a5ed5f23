//! How a rule splits an order: per warehouse, per product type, what is ready and what is back-ordered; all at one shipping
//! account, or each part at the one a table names.

use super::route::row;
use crate::draft::{PARTS_MAX, count};
use crate::facts::Facts;
use crate::levels::{needs, picks};
use crate::policy::{Peer, Policy};
use crate::shape::acting_parts;
use crate::split::{self, Split, Units, Wanted};
use crate::templates::Tables;
use quayside_model::alias::fold;
use quayside_model::{IntentKind, Role};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// By what an order is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SplitBy {
    /// A part per place the store wants it shipped from.
    Warehouse,
    /// A part per kind of goods.
    ProductType,
    /// What is in stock, and what has to be waited for.
    Stock,
}

impl SplitBy {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Warehouse => "by warehouse",
            Self::ProductType => "by product type",
            Self::Stock => "into what is ready and what is back-ordered",
        }
    }
}

/// Why a rule splits nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Not {
    /// There is nothing to split.
    Needed(String),
    /// Its goods would be packed by the wrong account: the order waits for a person.
    Possible(String),
}

/// The parts and what was done, in words; or why there is nothing to split.
pub(super) fn split(
    by: SplitBy,
    table: &str,
    hubs: &str,
    facts: &Facts<'_>,
    tables: &Tables,
) -> Result<(Split, String), Not> {
    let mut groups = match by {
        SplitBy::Warehouse => by_place(facts),
        SplitBy::ProductType => by_type(facts),
        SplitBy::Stock => by_stock(facts).map_err(Not::Needed)?,
    };
    groups.retain(|(_, units)| units.values().any(|units| *units > 0));
    if !hubs.is_empty() {
        return by_account(by, groups, [table, hubs], facts, tables);
    }
    in_parts(by, groups, table, tables).map_err(Not::Needed)
}

/// All parts at the account of the order.
fn in_parts(by: SplitBy, mut groups: Groups, table: &str, tables: &Tables) -> Result<(Split, String), String> {
    if groups.len() < 2 {
        return Err("all of it belongs together".to_owned());
    }
    // More than an account oversees stay in the last part.
    for (_, units) in groups.split_off(PARTS_MAX.min(groups.len())) {
        if let Some((_, last)) = groups.last_mut() {
            for (id, n) in units {
                *last.entry(id).or_default() += n;
            }
        }
    }
    let said: Vec<String> = groups
        .iter()
        .map(|(name, units)| {
            let name = if name.is_empty() { "without a name" } else { name.as_str() };
            format!("{name} ({})", count(units.values().sum(), "unit"))
        })
        .collect();
    let words = format!("Split {}: {}", by.words(), said.join(", "));
    let mut parts = groups.into_iter().map(|(name, units)| {
        let warehouse = row(tables, table, &name).unwrap_or_default().to_owned();
        Wanted { units, warehouse, hub: None }
    });
    let warehouse = parts.next().map(|first| first.warehouse).unwrap_or_default();
    Ok((Split { warehouse, hub: None, further: parts.collect() }, words))
}

/// A part per account and place. What the table of accounts does not name goes where the store's orders go.
fn by_account(
    by: SplitBy,
    groups: Groups,
    [table, hubs]: [&str; 2],
    facts: &Facts<'_>,
    tables: &Tables,
) -> Result<(Split, String), Not> {
    // What it is held for, it could not be taken back for: then it stands as it was sent.
    if split::is_placed(facts.story) {
        return Err(Not::Needed("it was sent already, and stays as it was sent".to_owned()));
    }
    let own = split::first_hub(facts.story, facts.policy, None);
    let mut parts: Vec<(Option<&Peer>, Wanted)> = Vec::new();
    for (name, units) in groups {
        let named = row(tables, hubs, &name).map(|text| account(hubs, text, facts.policy)).transpose();
        let named = named.map_err(Not::Possible)?;
        let hub = named.or(own);
        let elsewhere = named.filter(|named| own.is_none_or(|own| own.id != named.id));
        let warehouse = row(tables, table, &name).unwrap_or_default().to_owned();
        let elsewhere = elsewhere.map(|hub| hub.id.clone());
        match parts.iter_mut().find(|(_, part)| part.hub == elsewhere && part.warehouse == warehouse) {
            Some((_, part)) => {
                for (id, n) in units {
                    *part.units.entry(id).or_default() += n;
                }
            }
            None => parts.push((hub, Wanted { units, warehouse, hub: elsewhere })),
        }
    }
    // What is added to the order later goes to the first part, so that is the store's own account, if it has any.
    parts.sort_by_key(|(_, part)| part.hub.is_some());
    let abroad = parts.iter().any(|(_, part)| part.hub.is_some());
    if parts.len() > PARTS_MAX {
        return Err(Not::Possible(format!("it would be more than {PARTS_MAX} hub orders")));
    }
    if abroad && let Some(hub) = parts.iter().filter_map(|(hub, _)| *hub).find(|hub| !takes(hub)) {
        return Err(Not::Possible(format!("{} takes no orders from outside", hub.name)));
    }
    let said = |(hub, part): &(Option<&Peer>, Wanted)| {
        let hub = hub.map_or("no account", |hub| hub.name.as_str());
        format!("{} to {hub}", count(part.units.values().sum(), "unit"))
    };
    let words: Vec<String> = parts.iter().map(said).collect();
    let words = match words.as_slice() {
        [_] if !abroad => return Err(Not::Needed("all of it belongs together".to_owned())),
        [] => return Err(Not::Needed("nothing in it ships".to_owned())),
        [one] => format!("All of it goes to another account: {one}"),
        several => format!("Split {}: {}", by.words(), several.join(", ")),
    };
    let mut parts = parts.into_iter().map(|(_, part)| part);
    let (warehouse, hub) = parts.next().map(|first| (first.warehouse, first.hub)).unwrap_or_default();
    Ok((Split { warehouse, hub, further: parts.collect() }, words))
}

fn takes(hub: &Peer) -> bool {
    hub.performs.contains(&IntentKind::PutHubOrder)
}

/// The shipping account a row of a table means: by its id, else by its name, else by its platform's where there is one of it.
fn account<'a>(table: &str, text: &str, policy: &'a Policy) -> Result<&'a Peer, String> {
    let hubs = || policy.peers.values().filter(|peer| peer.roles.contains(&Role::Hub));
    if let Some(hub) = hubs().find(|hub| hub.id.as_str() == text) {
        return Ok(hub);
    }
    let names: [fn(&Peer) -> &str; 2] = [|peer| peer.name.as_str(), |peer| peer.title.as_str()];
    for called in names {
        let mut found = hubs().filter(|hub| fold(called(hub)) == fold(text));
        match (found.next(), found.next()) {
            (Some(hub), None) => return Ok(hub),
            (Some(_), Some(_)) => {
                return Err(format!(
                    "the table \"{table}\" names \"{text}\", and several shipping accounts are called that. Give them different names"
                ));
            }
            (None, _) => {}
        }
    }
    Err(format!("the table \"{table}\" names \"{text}\", and no shipping account is called that"))
}

/// What is wrong with the accounts a table names, in a sentence.
pub(super) fn unable(table: &str, tables: &Tables, policy: &Policy) -> Option<String> {
    let rows = tables.get(table)?.values().map(String::as_str).map(str::trim).filter(|to| !to.is_empty());
    rows.map(|to| account(table, to, policy)).find_map(|named| match named {
        Err(why) => Some(why),
        Ok(hub) if !takes(hub) => Some(format!("{} takes no orders from outside", hub.name)),
        Ok(_) => None,
    })
}

type Groups = Vec<(String, Units)>;

/// Puts units into the group of this name, a new one at the end if there is none.
fn put(groups: &mut Groups, name: &str, line_id: &str, units: i64) {
    let at = groups.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
        groups.push((name.to_owned(), Units::new()));
        groups.len() - 1
    });
    *groups[at].1.entry(line_id.to_owned()).or_default() += units;
}

fn by_type(facts: &Facts<'_>) -> Groups {
    let mut groups = Groups::new();
    for (line, units) in facts.order().lines_ours() {
        put(&mut groups, line.product_type.trim(), &line.remote_id, units);
    }
    groups
}

/// As the store divided the work; what it gave to no place goes with the first.
fn by_place(facts: &Facts<'_>) -> Groups {
    let order = facts.order();
    let (mut groups, mut nowhere) = (Groups::new(), Vec::new());
    for (line, ours) in order.lines_ours() {
        let mut left = ours;
        for work in order.our_work() {
            let here = work.lines.iter().filter(|l| l.order_line_id == line.remote_id);
            let units = here.map(|l| l.remaining_quantity).sum::<i64>().clamp(0, left);
            if units > 0 {
                put(&mut groups, &work.location_name, &line.remote_id, units);
                left -= units;
            }
        }
        if left > 0 {
            nowhere.push((&line.remote_id, left));
        }
    }
    let first = groups.first().map(|(name, _)| name.clone()).unwrap_or_default();
    for (line_id, units) in nowhere {
        put(&mut groups, &first, line_id, units);
    }
    groups
}

/// Line by line, as far as the counts go.
fn by_stock(facts: &Facts<'_>) -> Result<Groups, String> {
    let Some(needs) = needs(facts.story, facts.policy) else {
        return Err("nobody's counts of stock were read".to_owned());
    };
    let parts = acting_parts(facts.story, facts.policy);
    let mut groups: Groups = vec![("ready".to_owned(), Units::new()), ("back-ordered".to_owned(), Units::new())];
    let mut taken: BTreeMap<String, i64> = BTreeMap::new();
    for (line, units) in facts.order().lines_ours() {
        let picked = picks(facts.story, &parts, &line.remote_id, &line.sku);
        let left = |sku: &str| needs.available(sku) - taken.get(sku).copied().unwrap_or(0);
        let ready = picked.iter().map(|part| (left(&part.sku) / part.quantity.max(1)).max(0)).min().unwrap_or(0);
        let ready = ready.min(units);
        for part in picked {
            *taken.entry(part.sku).or_default() += ready * part.quantity;
        }
        for (at, units) in [(0, ready), (1, units - ready)] {
            if units > 0 {
                groups[at].1.insert(line.remote_id.clone(), units);
            }
        }
    }
    Ok(groups)
}
