//! Where an order ships from, chosen by a rule: where it is in stock, which place is nearest, who keeps such goods.
//!
//! "Nearest" is a table a person sees, postcode or country to warehouse, and no reckoning of distances: what the table
//! says is what happens, and the trace names the row.

use crate::draft::part_of;
use crate::facts::Facts;
use crate::levels::needs;
use crate::templates::Tables;
use quayside_model::alias::fold;
use quayside_model::{Address, EffectState, Intent};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::{BTreeMap, BTreeSet};

/// How a warehouse is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RouteBy {
    /// The place that has all of it.
    Stock,
    /// By country and postcode, from a table.
    Nearest,
    /// By the kind of goods, from a table.
    ProductType,
}

impl RouteBy {
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Stock => "Warehouse where it is in stock",
            Self::Nearest => "Nearest warehouse",
            Self::ProductType => "Warehouse by product type",
        }
    }

    /// It says nothing without a table.
    pub(super) fn wants_table(self) -> bool {
        self != Self::Stock
    }
}

/// The hub's id of the warehouse and why it is that one; or why there is none.
pub(super) fn warehouse(
    by: RouteBy,
    table: &str,
    facts: &Facts<'_>,
    tables: &Tables,
) -> Result<(String, String), String> {
    match by {
        RouteBy::Stock => in_stock(table, facts, tables),
        RouteBy::Nearest => nearest(table, facts, tables),
        RouteBy::ProductType => by_type(table, facts, tables),
    }
}

/// A table's row for a name, whatever its case.
pub(super) fn row<'a>(tables: &'a Tables, table: &str, name: &str) -> Option<&'a str> {
    let rows = tables.get(table)?;
    rows.iter().find(|(from, _)| fold(from) == fold(name)).map(|(_, to)| to.trim()).filter(|to| !to.is_empty())
}

/// Where it was sent to ship from. What it took from the shelf is missing there now, so that the counts say nothing any
/// more.
fn as_sent<'a>(facts: &Facts<'a>) -> Option<&'a str> {
    facts.story.effects.iter().rev().find_map(|effect| match &effect.intent {
        Intent::PutHubOrder { order, .. } if part_of(&order.key) == 0 => {
            let was_sent = effect.first_sent_at_ms.is_some() && effect.state != EffectState::Skipped;
            was_sent.then_some(order.ship.warehouse.as_str())
        }
        _ => None,
    })
}

fn in_stock(table: &str, facts: &Facts<'_>, tables: &Tables) -> Result<(String, String), String> {
    match as_sent(facts) {
        Some("") => return Err("it was sent already".to_owned()),
        Some(warehouse) => return Ok((warehouse.to_owned(), "as it was sent".to_owned())),
        None => {}
    }
    let Some(needs) = needs(facts.story, facts.policy) else {
        return Err("nobody's counts of stock were read".to_owned());
    };
    if needs.by_store && table.is_empty() {
        return Err("only the store counts, and no table says which warehouse each of its places is".to_owned());
    }
    let places = needs.places();
    if places.is_empty() {
        return Err("no place is known to have all of it".to_owned());
    }
    for (place, name) in places {
        let id = if table.is_empty() {
            Some(place).filter(|place| !place.is_empty())
        } else {
            row(tables, table, place).or_else(|| row(tables, table, name))
        };
        if let Some(id) = id {
            return Ok((
                id.to_owned(),
                format!("all of it is in stock at {}", if name.is_empty() { place } else { name }),
            ));
        }
    }
    Err(if table.is_empty() {
        "its counts name no place".to_owned()
    } else {
        format!("the table \"{table}\" knows none of the places that have all of it")
    })
}

/// Letters and digits, so that "DE 10", "de-10" and "DE10" are one.
fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// The row of a table that fits where an address lies, and what it says: the longest of those whose country and beginning
/// of the postcode are the address's. A row without a name stands for everywhere else.
pub(crate) fn of_place<'t>(rows: &'t BTreeMap<String, String>, address: &Address) -> Option<(&'t str, &'t str)> {
    let (country, place) = (bare(&address.country), bare(&format!("{}{}", address.country, address.postcode)));
    if country.is_empty() {
        return None;
    }
    // A row of another country begins otherwise; "DE" alone stands for all of it.
    let fits = |from: &str| from.starts_with(&country) && place.starts_with(from);
    let known = rows.iter().filter(|(_, to)| !to.trim().is_empty()).map(|(from, to)| (bare(from), from, to));
    let found = known.filter(|(key, ..)| key.is_empty() || fits(key)).max_by_key(|(key, ..)| key.len());
    found.map(|(_, from, to)| (from.trim(), to.trim()))
}

fn nearest(table: &str, facts: &Facts<'_>, tables: &Tables) -> Result<(String, String), String> {
    let address = facts.story.choices.address.as_ref().or(facts.order().ship_to.as_ref());
    let Some(address) = address else { return Err("there is no address".to_owned()) };
    if bare(&address.country).is_empty() {
        return Err("the address has no country".to_owned());
    }
    match tables.get(table).and_then(|rows| of_place(rows, address)) {
        Some((from, to)) => Ok((to.to_owned(), format!("\"{from}\" in the table \"{table}\""))),
        None => Err(format!("the table \"{table}\" has no row for {} {}", address.country, address.postcode)),
    }
}

fn by_type(table: &str, facts: &Facts<'_>, tables: &Tables) -> Result<(String, String), String> {
    let types: BTreeSet<&str> = facts.order().lines_ours().map(|(line, _)| line.product_type.trim()).collect();
    let mut ids = BTreeSet::new();
    for kind in &types {
        match row(tables, table, kind) {
            Some(id) => {
                ids.insert(id);
            }
            None if kind.is_empty() => return Err("a line names no product type".to_owned()),
            None => return Err(format!("the table \"{table}\" has no row for \"{kind}\"")),
        }
    }
    let mut ids = ids.into_iter();
    match (ids.next(), ids.next()) {
        (Some(id), None) => {
            let types: Vec<&str> = types.into_iter().collect();
            Ok((id.to_owned(), format!("{} in the table \"{table}\"", types.join(", "))))
        }
        (Some(_), Some(_)) => {
            Err("its product types ship from several warehouses; split it by product type".to_owned())
        }
        (None, _) => Err("nothing in it ships".to_owned()),
    }
}
