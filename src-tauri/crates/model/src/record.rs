//! What a poll brings home.

use crate::{Cause, HubOrder, Order, Parcel, Product, Return, Stock, Track};
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
    /// A count of units at a place.
    Stock(Stock),
    /// Something that can be sold.
    Product(Product),
    /// Goods on their way back.
    Return(Return),
    /// What is told of a parcel's way and of nothing else of it: put to the parcel that is known, never kept by itself.
    Track(Tracked),
}

/// Where a parcel that was read before is by now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracked {
    /// [`Parcel::remote_id`].
    pub parcel_id: String,
    /// What is told.
    pub track: Track,
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
    /// [`Record::Stock`]
    Stock,
    /// [`Record::Product`]
    Product,
    /// [`Record::Return`]
    Return,
}

impl RecordKind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Order, Self::HubOrder, Self::Parcel, Self::Stock, Self::Product, Self::Return];
    /// Stable word for storage.
    pub fn code(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::HubOrder => "hub_order",
            Self::Parcel => "parcel",
            Self::Stock => "stock",
            Self::Product => "product",
            Self::Return => "return",
        }
    }
}

impl Record {
    /// Which kind it is.
    pub fn kind(&self) -> RecordKind {
        match self {
            Self::Order(_) => RecordKind::Order,
            Self::HubOrder(_) => RecordKind::HubOrder,
            Self::Parcel(_) | Self::Track(_) => RecordKind::Parcel,
            Self::Stock(_) => RecordKind::Stock,
            Self::Product(_) => RecordKind::Product,
            Self::Return(_) => RecordKind::Return,
        }
    }
    /// The platform's permanent id.
    pub fn remote_id(&self) -> &str {
        match self {
            Self::Order(order) => &order.remote_id,
            Self::HubOrder(order) => &order.remote_id,
            Self::Parcel(parcel) => &parcel.remote_id,
            Self::Stock(stock) => &stock.remote_id,
            Self::Product(product) => &product.remote_id,
            Self::Return(back) => &back.remote_id,
            Self::Track(tracked) => &tracked.parcel_id,
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

/// Something about the account as a whole that is not as it should be, found by a reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFinding {
    /// Tells two of one cause apart (`Opportunity.Tracking__c`). Stable.
    pub about: String,
    /// What happened, what it means, what to do.
    pub sentence: String,
}

/// All that one cause finds wrong with the account: what is not in it any more has been mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFindings {
    /// Chooses title and help.
    pub cause: Cause,
    /// Every one that stands now.
    pub found: Vec<AccountFinding>,
}

/// One page of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// What could be read, in the platform's order.
    pub records: Vec<Incoming>,
    /// What could not.
    pub unreadable: Vec<Unreadable>,
    /// Ids of what was told in [`Self::unreadable`] of an earlier page, is no record of its own (a list, a report, a
    /// row without an id), and is as it should be now: their exceptions end. A record that is read again needs none.
    pub mended: Vec<String>,
    /// How far we have read *and may save*: commits with the records, or not at all.
    /// Opaque to everybody but the connector that made it.
    pub cursor: serde_json::Value,
    /// Token of the next page of this scan; `None` ends it. Lives in memory only.
    pub next: Option<serde_json::Value>,
    /// Rows the platform says match in all, for progress.
    pub total: Option<u64>,
    /// What is wrong with the account as a whole, of one cause, as far as this stream looks at it; replaces what it
    /// found before.
    pub findings: Option<AccountFindings>,
    /// The platform answered a call for it. `false`: there was nothing to ask yet, which says nothing of the account.
    pub asked: bool,
}

impl Page {
    /// The same, made without a call.
    #[must_use]
    pub fn unasked(self) -> Self {
        Self { asked: false, ..self }
    }
}
