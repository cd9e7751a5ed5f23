//! Fields of a hub's order that mappings fill, and what an account does with each.

use serde::{Deserialize, Serialize};
use specta::Type;

/// A field of the hub's order that a mapping can fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // named after the fields of the hub's order
pub enum HubField {
    CustomField1,
    CustomField2,
    CustomField3,
    InternalNote,
    BuyersNote,
    GiftMessage,
    Tag,
    RequestedService,
    Company,
    AddressLine2,
    Phone,
    Carrier,
    Service,
    Package,
    Confirmation,
    Warehouse,
    ShipBy,
    LineNote,
    LineOption,
}

impl HubField {
    /// All of them, as pickers show them.
    pub const ALL: [Self; 19] = [
        Self::CustomField1,
        Self::CustomField2,
        Self::CustomField3,
        Self::InternalNote,
        Self::BuyersNote,
        Self::GiftMessage,
        Self::Tag,
        Self::RequestedService,
        Self::Company,
        Self::AddressLine2,
        Self::Phone,
        Self::Carrier,
        Self::Service,
        Self::Package,
        Self::Confirmation,
        Self::Warehouse,
        Self::ShipBy,
        Self::LineNote,
        Self::LineOption,
    ];
    /// Label.
    pub fn label(self) -> &'static str {
        match self {
            Self::CustomField1 => "Custom field 1",
            Self::CustomField2 => "Custom field 2",
            Self::CustomField3 => "Custom field 3",
            Self::InternalNote => "Note for the team",
            Self::BuyersNote => "Buyer's note",
            Self::GiftMessage => "Gift message",
            Self::Tag => "Tag",
            Self::RequestedService => "Service asked for",
            Self::Company => "Company of the address",
            Self::AddressLine2 => "Second line of the address",
            Self::Phone => "Telephone of the address",
            Self::Carrier => "Carrier, as the hub's code",
            Self::Service => "Service, as the hub's code",
            Self::Package => "Package, as the hub's code",
            Self::Confirmation => "Confirmation, as the hub's code",
            Self::Warehouse => "Warehouse, as the hub's id",
            Self::ShipBy => "Day to ship by",
            Self::LineNote => "Note on each line",
            Self::LineOption => "Option of each line",
        }
    }
    /// Characters the strictest account keeps, where one does not say itself.
    pub fn length_max(self) -> Option<usize> {
        match self {
            Self::CustomField1 | Self::CustomField2 | Self::CustomField3 => Some(100),
            Self::InternalNote | Self::BuyersNote | Self::GiftMessage => Some(2_000),
            Self::Tag => Some(50),
            Self::RequestedService | Self::Company | Self::AddressLine2 => Some(200),
            Self::Phone => Some(30),
            Self::Carrier
            | Self::Service
            | Self::Package
            | Self::Confirmation
            | Self::Warehouse
            | Self::ShipBy
            | Self::LineNote
            | Self::LineOption => None,
        }
    }
    /// Several rows may fill it together.
    pub fn gathers(self) -> bool {
        matches!(self, Self::InternalNote | Self::Tag | Self::LineNote | Self::LineOption)
    }
    /// Every line gets a text of its own.
    pub fn is_of_lines(self) -> bool {
        matches!(self, Self::LineNote | Self::LineOption)
    }
    /// It may have several lines of text.
    pub fn has_room(self) -> bool {
        matches!(self, Self::InternalNote | Self::BuyersNote | Self::GiftMessage)
    }
}

/// What accounts of a platform do with a field of the orders they are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldKept {
    /// Which.
    pub field: HubField,
    /// It keeps so many characters and cuts the rest; `None`: it cuts nothing that is known of.
    pub most: Option<usize>,
    /// Why it is not kept, a sentence; `None`: it is.
    pub instead: Option<&'static str>,
}

impl FieldKept {
    /// Kept as it is.
    pub const fn whole(field: HubField) -> Self {
        Self { field, most: None, instead: None }
    }
    /// Kept up to so many characters.
    pub const fn cut(field: HubField, most: usize) -> Self {
        Self { field, most: Some(most), instead: None }
    }
    /// Not kept, and why.
    pub const fn left_out(field: HubField, why: &'static str) -> Self {
        Self { field, most: None, instead: Some(why) }
    }
}
