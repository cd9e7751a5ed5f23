//! What single SKUs have of their own: another safety stock, another account whose count holds.
//!
//! A table of rows as a spreadsheet has them: SKU, safety stock, account, place. What is empty is as for every SKU. It is one
//! setting of the automation, so that it travels with the others, and is copied out of and into a spreadsheet as it stands.

use super::ID;
use crate::policy::{Peer, Policy};
use quayside_model::alias::fold;
use serde_json::Value;
use std::collections::HashSet;

/// Setting: the table.
pub const PER_SKU: &str = "per_sku";

/// More rows than anybody keeps by hand; every decision goes through them.
const ROWS_MAX: usize = 2_000;
/// Larger texts are no such table.
const CHARS_MAX: usize = 200_000;
/// More units than anybody keeps back; a typing slip.
const SAFETY_MAX: i64 = 1_000_000;

/// What a SKU has of its own; empty: as every SKU.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Own<'a> {
    /// Units that are never promised.
    pub safety: Option<i64>,
    /// The account whose count holds, as typed: its name, or the connection's id.
    pub truth: &'a str,
    /// The place at that account.
    pub place: &'a str,
}

/// The table as it was typed.
fn typed(policy: &Policy) -> &str {
    let settings = policy.automations.get(ID).map(|automation| &automation.settings);
    settings.and_then(|settings| settings.get(PER_SKU)).and_then(Value::as_str).unwrap_or_default()
}

/// The cells of a row. Spreadsheets write tabs, semicolons or commas between them.
fn cells(row: &str) -> Vec<&str> {
    let mark = ['\t', ';', ','].into_iter().find(|mark| row.contains(*mark)).unwrap_or(',');
    row.split(mark).map(|cell| cell.trim().trim_matches('"').trim()).collect()
}

/// SKU, safety stock, account, place.
fn row(row: &str) -> [&str; 4] {
    let mut cells = cells(row).into_iter();
    [(); 4].map(|()| cells.next().unwrap_or_default())
}

/// Every row, its header left out.
fn rows(policy: &Policy) -> impl Iterator<Item = [&str; 4]> {
    typed(policy).lines().map(row).filter(|[sku, ..]| !sku.is_empty() && fold(sku) != "sku")
}

/// What a SKU, as names are compared, has of its own.
pub(super) fn own<'a>(policy: &'a Policy, sku: &str) -> Own<'a> {
    let found = rows(policy).find(|[of, ..]| fold(of) == sku);
    found.map_or_else(Own::default, |[_, safety, truth, place]| Own {
        safety: safety.parse().ok().map(|units: i64| units.max(0)),
        truth,
        place,
    })
}

/// The account that is meant by a name or an id.
pub(super) fn account<'a>(policy: &'a Policy, named: &str) -> Option<&'a Peer> {
    let name = fold(named);
    policy.peers.values().find(|peer| peer.id.as_str() == named || fold(&peer.name) == name)
}

/// Accounts whose counts hold for single SKUs.
pub(super) fn truths(policy: &Policy) -> impl Iterator<Item = &Peer> {
    rows(policy).filter(|[_, _, truth, _]| !truth.is_empty()).filter_map(move |[_, _, truth, _]| account(policy, truth))
}

/// The table as it is kept, or which row cannot stand, a sentence.
pub fn check_per_sku(typed: &str) -> Result<String, String> {
    if typed.chars().count() > CHARS_MAX {
        return Err(format!("The table has more than {CHARS_MAX} characters. Leave out SKUs that are as every other."));
    }
    let (mut known, mut kept) = (HashSet::new(), Vec::new());
    for (n, line) in typed.lines().enumerate() {
        // No tab is taken off: it stands for an empty cell.
        let (n, line) = (n + 1, line.trim_matches(' '));
        let [sku, safety, ..] = row(line);
        if cells(line).iter().all(|cell| cell.is_empty()) {
            continue;
        }
        if sku.is_empty() {
            return Err(format!("Line {n} has no SKU. A row reads: SKU, safety stock, account, place."));
        }
        if cells(line).iter().skip(4).any(|cell| !cell.is_empty()) {
            return Err(format!("Line {n} has more than SKU, safety stock, account and place."));
        }
        kept.push(line);
        if fold(sku) == "sku" {
            continue;
        }
        if !safety.is_empty() && !safety.parse().is_ok_and(|units: i64| (0..=SAFETY_MAX).contains(&units)) {
            return Err(format!(
                "Line {n}: \"{safety}\" is no safety stock of {sku}. It takes 0 to {SAFETY_MAX} units."
            ));
        }
        if !known.insert(fold(sku)) {
            return Err(format!("Line {n} names {sku} a second time. Keep one of both rows."));
        }
    }
    if known.len() > ROWS_MAX {
        return Err(format!("The table has {} SKUs; it takes {ROWS_MAX}.", known.len()));
    }
    Ok(kept.join("\n"))
}
