//! What a poll brings home.

use crate::{HubOrder, Order, Parcel};
use serde::{Deserialize, Serialize};
use specta::Type;

/// A thing read from a platform, in our words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant)] // one at a time, never in long vectors of small variants
pub enum Record {
    /// A channel's order.
    Order(Order),
    /// A hub's order.
    HubOrder(HubOrder),
    /// A parcel a hub made or was told of.
    Parcel(Parcel),
}

/// The kinds of [`Record`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// [`Record::Order`]
    Order,
    /// [`Record::HubOrder`]
    HubOrder,
    /// [`Record::Parcel`]
    Parcel,
}

impl RecordKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Order, Self::HubOrder, Self::Parcel];
    /// Stable word for storage.
    pub fn code(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::HubOrder => "hub_order",
            Self::Parcel => "parcel",
        }
    }
}

impl Record {
    /// Which kind it is.
    pub fn kind(&self) -> RecordKind {
        match self {
            Self::Order(_) => RecordKind::Order,
            Self::HubOrder(_) => RecordKind::HubOrder,
            Self::Parcel(_) => RecordKind::Parcel,
        }
    }
    /// The platform's permanent id.
    pub fn remote_id(&self) -> &str {
        match self {
            Self::Order(order) => &order.remote_id,
            Self::HubOrder(order) => &order.remote_id,
            Self::Parcel(parcel) => &parcel.remote_id,
        }
    }
}

/// A record with the answer it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// In our words.
    pub record: Record,
    /// The platform's own JSON for it, kept for "raw answers".
    pub raw: String,
}

/// A record that could not be read. Set aside as one exception; the cursor moves on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The platform's id, if even that could be read; else a hash of the text.
    pub remote_id: String,
    /// What people call it, if readable.
    pub number: Option<String>,
    /// What was wrong, with the path of the field (`lineItems[3].quantity: not a number`).
    pub why: String,
    /// The platform's own text.
    pub raw: String,
}

/// One page of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// What could be read, in the platform's order.
    pub records: Vec<Incoming>,
    /// What could not.
    pub unreadable: Vec<Unreadable>,
    /// How far we have read *and may save*: commits with the records, or not at all.
    /// Opaque to everybody but the connector that made it.
    pub cursor: serde_json::Value,
    /// Token of the next page of this scan; `None` ends it. Lives in memory only.
    pub next: Option<serde_json::Value>,
    /// Rows the platform says match in all, for progress.
    pub total: Option<u64>,
}
