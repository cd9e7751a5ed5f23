//! How a rule splits an order: per warehouse, per product type, what is ready and what is back-ordered.

use super::route::row;
use crate::draft::{PARTS_MAX, count};
use crate::facts::Facts;
use crate::levels::{needs, picks};
use crate::shape::acting_parts;
use crate::split::{Split, Units, Wanted};
use crate::templates::Tables;
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

/// The parts and what was done, in words; or why there is nothing to split.
pub(super) fn split(by: SplitBy, table: &str, facts: &Facts<'_>, tables: &Tables) -> Result<(Split, String), String> {
    let mut groups = match by {
        SplitBy::Warehouse => by_place(facts),
        SplitBy::ProductType => by_type(facts),
        SplitBy::Stock => by_stock(facts)?,
    };
    groups.retain(|(_, units)| units.values().any(|units| *units > 0));
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
        Wanted { units, warehouse }
    });
    let warehouse = parts.next().map(|first| first.warehouse).unwrap_or_default();
    Ok((Split { warehouse, further: parts.collect() }, words))
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
