//! Stock of the add-on: places, bins, and units of SKUs in them.

use super::{Deny, Pen, State};
use serde_json::json;
use std::collections::BTreeMap;

/// A place or a bin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The place a bin is in; `None` for a place.
    pub inside: Option<i64>,
    /// ms UTC.
    pub created_ms: i64,
    /// ms UTC.
    pub updated_ms: i64,
}

/// One SKU in one bin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Level {
    /// Units on the shelf.
    pub on_hand: i64,
    /// Price of one unit, minor units.
    pub cost_minor: i64,
}

/// All stock.
#[derive(Debug, Clone, Default)]
pub struct Stock {
    /// Places (without `inside`) and bins.
    pub places: BTreeMap<i64, Place>,
    /// Units by (bin, SKU).
    pub levels: BTreeMap<(i64, String), Level>,
}

/// What to do with units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// More.
    Increment,
    /// Fewer.
    Decrement,
    /// Exactly so many.
    Adjust,
    /// Carry them to another bin.
    To(i64),
}

impl State {
    /// Makes a place, or a bin in a place.
    pub fn add_place(&mut self, now_ms: i64, name: &str, inside: Option<i64>) -> Result<i64, Deny> {
        if inside.is_some_and(|id| self.stock.places.get(&id).is_none_or(|place| place.inside.is_some())) {
            return Err(Deny::NotFound("inventory warehouse"));
        }
        let id = self.other_id();
        let place = Place { id, name: name.to_owned(), inside, created_ms: now_ms, updated_ms: now_ms };
        self.stock.places.insert(id, place);
        Ok(id)
    }

    /// Changes the units of a SKU in a bin. Not idempotent, except [`Move::Adjust`].
    pub fn move_stock(&mut self, pen: &mut Pen<'_>, bin: i64, sku: &str, units: i64, how: Move) -> Result<(), Deny> {
        let is_bin = |state: &Self, id: i64| state.stock.places.get(&id).is_some_and(|place| place.inside.is_some());
        if !is_bin(self, bin) {
            return Err(Deny::NotFound("inventory location"));
        }
        let before = self.stock.levels.get(&(bin, sku.to_owned())).copied().unwrap_or_default();
        let short = || Deny::Field("quantity", format!("Only {} units of {sku} are there.", before.on_hand));
        let after = match how {
            Move::Increment => before.on_hand + units,
            Move::Adjust => units,
            Move::Decrement | Move::To(_) if units > before.on_hand => return Err(short()),
            Move::Decrement => before.on_hand - units,
            Move::To(other) => {
                if !is_bin(self, other) {
                    return Err(Deny::NotFound("inventory location"));
                }
                self.stock.levels.entry((other, sku.to_owned())).or_default().on_hand += units;
                self.stock.levels.get(&(bin, sku.to_owned())).map_or(0, |level| level.on_hand) - units
            }
        };
        self.stock.levels.entry((bin, sku.to_owned())).or_default().on_hand = after;
        let detail = json!({ "bin": bin, "before": before.on_hand, "after": after, "units": units });
        self.write(pen, "stock_changed", format!("{bin}/{sku}"), Some(sku.to_owned()), detail);
        Ok(())
    }

    /// Units of a SKU promised to open orders.
    pub fn allocated(&self, sku: &str) -> i64 {
        let open = self.orders.values().filter(|order| !order.deleted && order.body.status.is_open());
        open.flat_map(|order| order.body.items.iter())
            .filter(|item| item.sku == sku && !item.adjustment)
            .map(|i| i.quantity)
            .sum()
    }
}
