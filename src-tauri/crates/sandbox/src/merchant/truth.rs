//! The true history: what should finally be so, kept by those who did it.
//!
//! Stand-ins answer clients and may be made to lie (lost answers, late lists);
//! this record never does. An oracle compares it with the ledger.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The true history of one simulated merchant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// Every order ever placed, by its permanent id (`gid://shopify/Order/…`).
    pub orders: BTreeMap<String, OrderTruth>,
    /// Every parcel that got a label or was marked as shipped, in the order of time.
    pub parcels: Vec<ParcelTruth>,
}

/// What is true of one order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderTruth {
    /// Account it was placed in (`harbour-goods`).
    pub account: String,
    /// What people call it (`#1001`).
    pub name: String,
    /// When it was placed, ms UTC.
    pub placed_at_ms: i64,
    /// When the money was there, ms UTC.
    pub paid_at_ms: Option<i64>,
    /// When it was cancelled, ms UTC.
    pub cancelled_at_ms: Option<i64>,
    /// When its content last changed (edit, address, partial refund), ms UTC.
    pub edited_at_ms: Option<i64>,
    /// Units a carrier should take in the end, by line id (`gid://shopify/LineItem/…`). Lines with none left are missing.
    pub units: BTreeMap<String, i64>,
    /// Why it never belongs at a hub: `test`, `digital`, `pickup`, `retail`, `third_party`, `shipped_before` (by hand,
    /// before the simulation began).
    pub never_ships: Option<String>,
    /// What was made wrong with it on purpose: `no_sku`, `unknown_sku`, `no_address`, `held`, …
    pub trouble: Vec<String>,
}

impl OrderTruth {
    /// A hub should have it, complete and not cancelled, once everybody has had the time for it.
    pub fn belongs_at_hub(&self) -> bool {
        self.never_ships.is_none()
            && self.paid_at_ms.is_some()
            && self.cancelled_at_ms.is_none()
            && self.units_total() > 0
    }
    /// All units a carrier should take.
    pub fn units_total(&self) -> i64 {
        self.units.values().sum()
    }
}

/// What is true of one parcel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParcelTruth {
    /// Account of the hub.
    pub account: String,
    /// The hub's id of the parcel, with its kind in front (`label:456`, `external:9`).
    pub parcel_id: String,
    /// Key of the hub order it belongs to; for splits and merges: of every order whose lines are in it.
    pub order_keys: Vec<String>,
    /// What is in it.
    pub lines: Vec<ParcelTruthLine>,
    /// The carrier's id.
    pub tracking: String,
    /// The hub's code of the carrier.
    pub carrier: String,
    /// When it was made, ms UTC.
    pub at_ms: i64,
    /// When its label was voided, ms UTC.
    pub voided_at_ms: Option<i64>,
    /// When the buyer had it, ms UTC.
    pub delivered_at_ms: Option<i64>,
    /// Lost by the carrier, ms UTC.
    pub lost_at_ms: Option<i64>,
}

/// A line of a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParcelTruthLine {
    /// Key of the hub order the line came from.
    pub order_key: String,
    /// Key of the line (`lineItemKey`), if it has one.
    pub line_key: Option<String>,
    /// SKU as the hub knows it.
    pub sku: String,
    /// Units.
    pub quantity: i64,
}

impl Truth {
    /// The order, to note something about it.
    pub fn order_mut(&mut self, order_id: &str) -> Option<&mut OrderTruth> {
        self.orders.get_mut(order_id)
    }
    /// The parcel, to note something about it.
    pub fn parcel_mut(&mut self, parcel_id: &str) -> Option<&mut ParcelTruth> {
        self.parcels.iter_mut().find(|parcel| parcel.parcel_id == parcel_id)
    }
}
