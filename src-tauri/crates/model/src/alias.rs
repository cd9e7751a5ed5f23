//! Another name for our SKUs: what a store calls a thing, and what the hub calls it.

use crate::ConnectionId;
use serde::{Deserialize, Serialize};
use specta::Type;

/// One entry of the table of SKU aliases.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
pub struct SkuAlias {
    /// The store it holds for; `None` for every store.
    pub store: Option<ConnectionId>,
    /// What `theirs` is.
    pub by: AliasBy,
    /// The store's name of it, as typed.
    pub theirs: String,
    /// What the hub picks for one unit: one SKU, or several for a bundle.
    pub parts: Vec<AliasPart>,
}

/// What a store's name is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum AliasBy {
    /// The SKU on the order line.
    #[default]
    Sku,
    /// The channel's id of the variant or listing (an ASIN).
    Variant,
}

/// A SKU of the hub and how many of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
pub struct AliasPart {
    /// The hub's SKU.
    pub sku: String,
    /// Units of it per unit of the store's, at least 1.
    pub quantity: i64,
}

impl AliasBy {
    /// Stable word for storage.
    pub fn code(self) -> &'static str {
        match self {
            Self::Sku => "sku",
            Self::Variant => "variant",
        }
    }
    /// From the stable word.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Sku, Self::Variant].into_iter().find(|by| by.code() == code)
    }
}

/// How names are compared: without the spaces around them and whatever their case.
pub fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}
