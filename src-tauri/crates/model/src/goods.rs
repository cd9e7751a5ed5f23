//! What is sold, how many of it are there, and what comes back.

use crate::{Currency, Money};
use serde::{Deserialize, Serialize};
use specta::Type;

/// Something that can be sold: one variant of one product, as one account knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Product {
    /// The account's permanent id of the variant.
    pub remote_id: String,
    /// The account's id of what is counted in stock, where it differs from `remote_id`.
    pub item_id: Option<String>,
    /// Merchant's code; empty if none was given.
    pub sku: String,
    /// The marketplace's own code (ASIN), if there is one.
    pub listing_code: Option<String>,
    /// What it is called.
    pub name: String,
    /// Variant ("Blue / L"), may be empty.
    pub variant: String,
    /// Barcode.
    pub barcode: Option<String>,
    /// Weight of one unit, grams.
    pub weight_g: Option<f64>,
    /// Price of one unit, minor units.
    pub price_minor: Option<i64>,
    /// Currency of the price.
    pub currency: Option<Currency>,
    /// Can be sold.
    pub active: bool,
    /// When the account last changed it, ms UTC.
    pub updated_at_ms: i64,
}

/// How many units of a product an account thinks are at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Stock {
    /// Permanent id of the count: item and place in one text.
    pub remote_id: String,
    /// SKU; empty if none was given.
    pub sku: String,
    /// The account's id of what is counted.
    pub item_id: String,
    /// The account's id of the place; `None` where the account knows only one.
    pub location_id: Option<String>,
    /// Its name.
    pub location_name: String,
    /// Units that can be sold.
    pub available: i64,
    /// Units on the shelf, sold ones included, if the account tells.
    pub on_hand: Option<i64>,
    /// When the count last changed, ms UTC.
    pub updated_at_ms: i64,
}

/// Goods a buyer sends back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Return {
    /// The account's permanent id.
    pub remote_id: String,
    /// The channel's order it belongs to.
    pub order_remote_id: String,
    /// What people call it ("#1001-R1").
    pub number: String,
    /// Where it stands.
    pub status: ReturnStatus,
    /// What comes back.
    pub lines: Vec<ReturnLine>,
    /// Tracking number of the parcel back, empty if none is known.
    pub tracking_number: String,
    /// When it was asked for, ms UTC.
    pub requested_at_ms: i64,
    /// When the goods were received, ms UTC.
    pub received_at_ms: Option<i64>,
    /// What the buyer is to get for it, in the account's word; empty if it does not say.
    #[serde(default)]
    pub resolution: String,
    /// What the account says was given back for it, by whomever; `None` if it does not say.
    #[serde(default)]
    pub refunded: Option<Money>,
    /// When the account last changed it, ms UTC.
    pub updated_at_ms: i64,
}

/// Where a return stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReturnStatus {
    /// The buyer asked.
    Requested,
    /// Agreed; the goods are on their way or will be.
    Open,
    /// The seller said no.
    Declined,
    /// Called off.
    Cancelled,
    /// Goods received, money settled.
    Closed,
    /// A word we do not know, kept as it came.
    Unknown(String),
}

/// A line of a return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ReturnLine {
    /// The order line, if the account tells.
    pub order_line_id: Option<String>,
    /// SKU.
    pub sku: String,
    /// Units.
    pub quantity: i64,
    /// Why, in the buyer's or the account's words.
    pub reason: String,
}
