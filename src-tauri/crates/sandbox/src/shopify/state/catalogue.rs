//! What is sold, from where, to whom.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A postal address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // named as in every address form
pub struct Address {
    pub first_name: String,
    pub last_name: String,
    pub company: String,
    pub address1: String,
    pub address2: String,
    pub city: String,
    pub province: String,
    pub province_code: String,
    pub zip: String,
    /// English name.
    pub country: String,
    /// ISO 3166 two letters.
    pub country_code: String,
    pub phone: String,
}

impl Address {
    /// First and last name.
    pub fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }
}

/// A place stock ships from.
#[derive(Debug, Clone, PartialEq)]
pub struct Location {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub address: Address,
    /// It is in use.
    pub active: bool,
    /// Orders of the online store may ship from it.
    pub fulfills_online: bool,
    /// Handle and name of the third-party fulfillment service it belongs to.
    pub service: Option<(String, String)>,
    /// When it was made, ms UTC.
    pub created_ms: i64,
}

/// Whether a product is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ProductStatus {
    Active,
    Archived,
    Draft,
}

impl ProductStatus {
    /// The platform's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Archived => "ARCHIVED",
            Self::Draft => "DRAFT",
        }
    }
}

/// A product.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub title: String,
    /// Who makes it.
    pub vendor: String,
    /// Kind of goods.
    pub product_type: String,
    /// Whether it is sold.
    pub status: ProductStatus,
    /// Tags.
    pub tags: Vec<String>,
    /// It is a gift card.
    pub gift_card: bool,
    /// When it was made, ms UTC.
    pub created_ms: i64,
    /// When it last changed, ms UTC.
    pub updated_ms: i64,
    /// What can be bought.
    pub variants: Vec<Variant>,
}

impl Product {
    /// The part of its address in the store.
    pub fn handle(&self) -> String {
        let text: String =
            self.title.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        text.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
    }
}

/// What can be bought: a product in one size and colour.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// Its id.
    pub id: u64,
    /// Id of its inventory item.
    pub item_id: u64,
    /// `Blue / L`, or `Default Title` where there is but one.
    pub title: String,
    /// Merchant's code.
    pub sku: Option<String>,
    /// Barcode.
    pub barcode: Option<String>,
    /// Price in minor units of the shop's currency.
    pub price_minor: i64,
    /// Crossed-out price.
    pub compare_minor: Option<i64>,
    /// Weight of one unit: value and unit as the merchant typed it.
    pub weight: Option<(f64, String)>,
    /// A carrier must take it.
    pub requires_shipping: bool,
    /// Stock is counted.
    pub tracked: bool,
    /// May be sold below zero.
    pub oversell: bool,
    /// Charged with tax.
    pub taxable: bool,
    /// Two letters.
    pub origin: Option<String>,
    /// Customs code.
    pub hs_code: Option<String>,
    /// Cost in minor units.
    pub cost_minor: Option<i64>,
    /// When it last changed, ms UTC.
    pub updated_ms: i64,
    /// Stock by location id.
    pub levels: BTreeMap<u64, Level>,
}

impl Variant {
    /// Grams of one unit.
    pub fn grams(&self) -> Option<f64> {
        let (value, unit) = self.weight.as_ref()?;
        Some(value * grams_per(unit))
    }
    /// Sellable units over all locations.
    pub fn available(&self) -> i64 {
        self.levels.values().map(|level| level.available).sum()
    }
}

/// Grams in one unit of weight.
pub fn grams_per(unit: &str) -> f64 {
    match unit {
        "KILOGRAMS" => 1000.0,
        "OUNCES" => 28.349_523_125,
        "POUNDS" => 453.592_37,
        _ => 1.0,
    }
}

/// Stock of one variant at one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// Can be sold.
    pub available: i64,
    /// Sold, not gone.
    pub committed: i64,
    /// On its way here.
    pub incoming: i64,
    /// When it last changed, ms UTC.
    pub updated_ms: i64,
}

/// A buyer.
#[derive(Debug, Clone, PartialEq)]
pub struct Customer {
    /// Its id.
    pub id: u64,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// E-mail.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Where parcels usually go.
    pub address: Option<Address>,
    /// Tags.
    pub tags: Vec<String>,
    /// Note of the team.
    pub note: Option<String>,
    /// When it was made, ms UTC.
    pub created_ms: i64,
    /// When it last changed, ms UTC.
    pub updated_ms: i64,
}
