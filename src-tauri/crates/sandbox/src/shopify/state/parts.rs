//! The parts of an order.

use serde::{Deserialize, Serialize};

/// One product and quantity.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its id.
    pub id: u64,
    /// Merchant's code at the moment of the sale.
    pub sku: Option<String>,
    /// Name at the moment of the sale.
    pub title: String,
    /// Variant's name, missing where there is but one.
    pub variant_title: Option<String>,
    /// Who makes it.
    pub vendor: Option<String>,
    /// As ordered, including what was removed later.
    pub quantity: i64,
    /// Removed before it was shipped (edits, refunds).
    pub removed: i64,
    /// Given back after it was shipped.
    pub returned: i64,
    /// Reported as shipped.
    pub fulfilled: i64,
    /// Price of one unit, minor units.
    pub price_minor: i64,
    /// Discount on the whole line, minor units.
    pub discount_minor: i64,
    /// Tax rate.
    pub tax_rate: f64,
    /// A carrier must take it.
    pub requires_shipping: bool,
    /// It is a gift card.
    pub gift_card: bool,
    /// Weight of one unit: value and unit.
    pub weight: Option<(f64, String)>,
    /// Options and custom text.
    pub attributes: Vec<(String, String)>,
    /// Product and variant, if the line came from the catalogue.
    pub product: Option<(u64, u64)>,
}

impl Line {
    /// Still wanted.
    pub fn current(&self) -> i64 {
        (self.quantity - self.removed - self.returned).max(0)
    }
    /// Still to be shipped.
    pub fn unfulfilled(&self) -> i64 {
        (self.quantity - self.removed - self.fulfilled).max(0)
    }
    /// After discounts, the whole line as ordered, minor units.
    pub fn discounted_total_minor(&self) -> i64 {
        self.price_minor * self.quantity - self.discount_minor
    }
    /// After discounts, so many units, minor units, rounded to the nearest.
    pub fn share_minor(&self, units: i64) -> i64 {
        if self.quantity == 0 {
            return 0;
        }
        let total = self.discounted_total_minor() * units;
        (total + total.signum() * self.quantity / 2) / self.quantity
    }
    /// `Title - Variant`.
    pub fn name(&self) -> String {
        self.variant_title.as_ref().map_or_else(|| self.title.clone(), |variant| format!("{} - {variant}", self.title))
    }
}

/// The shipping a buyer chose.
#[derive(Debug, Clone, PartialEq)]
pub struct ShippingLine {
    /// Its id.
    pub id: u64,
    /// As the buyer saw it.
    pub title: String,
    /// The shop's code.
    pub code: String,
    /// Price, minor units.
    pub price_minor: i64,
    /// Taken off again.
    pub removed: bool,
}

/// How the buyer gets the goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Delivery {
    Shipping,
    Local,
    PickUp,
    Retail,
    None,
}

impl Delivery {
    /// The platform's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Shipping => "SHIPPING",
            Self::Local => "LOCAL",
            Self::PickUp => "PICK_UP",
            Self::Retail => "RETAIL",
            Self::None => "NONE",
        }
    }
}

/// Lines to ship from one location.
#[derive(Debug, Clone, PartialEq)]
pub struct Fo {
    /// Its id.
    pub id: u64,
    /// Where it stands; holds and dates are added by [`Fo::status`].
    pub base: FoStatus,
    /// How far a third-party service is.
    pub request: RequestStatus,
    /// Where it ships from.
    pub location: u64,
    /// That place belongs to another app's service.
    pub third_party: bool,
    /// When it was made, ms UTC.
    pub created_ms: i64,
    /// When it last changed, ms UTC.
    pub updated_ms: i64,
    /// Not before, ms UTC.
    pub fulfill_at_ms: Option<i64>,
    /// Not after, ms UTC.
    pub fulfill_by_ms: Option<i64>,
    /// How the buyer gets it.
    pub delivery: Delivery,
    /// As the buyer saw it.
    pub presented: Option<String>,
    /// Reasons not to ship.
    pub holds: Vec<Hold>,
    /// The lines.
    pub lines: Vec<FoLine>,
}

impl Fo {
    /// Where it stands now.
    pub fn status(&self, now_ms: i64) -> FoStatus {
        match self.base {
            FoStatus::Open | FoStatus::InProgress if !self.holds.is_empty() => FoStatus::OnHold,
            FoStatus::Open if self.fulfill_at_ms.is_some_and(|at_ms| at_ms > now_ms) => FoStatus::Scheduled,
            other => other,
        }
    }
    /// Units still to ship.
    pub fn remaining(&self) -> i64 {
        self.lines.iter().map(|line| line.remaining).sum()
    }
    /// Nothing more will happen to it.
    pub fn is_final(&self) -> bool {
        matches!(self.base, FoStatus::Closed | FoStatus::Cancelled | FoStatus::Incomplete)
    }
    /// Closes it when nothing remains, moves it on when something was shipped.
    pub fn settle(&mut self, shipped: bool) {
        if self.is_final() {
            return;
        }
        if self.remaining() == 0 {
            self.base = FoStatus::Closed;
            if self.third_party {
                self.request = RequestStatus::Closed;
            }
        } else if shipped {
            self.base = FoStatus::InProgress;
        }
    }
}

/// Where a fulfillment order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum FoStatus {
    Open,
    InProgress,
    OnHold,
    Scheduled,
    Incomplete,
    Cancelled,
    Closed,
}

impl FoStatus {
    /// The platform's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::InProgress => "IN_PROGRESS",
            Self::OnHold => "ON_HOLD",
            Self::Scheduled => "SCHEDULED",
            Self::Incomplete => "INCOMPLETE",
            Self::Cancelled => "CANCELLED",
            Self::Closed => "CLOSED",
        }
    }
}

/// How far a request to a third-party service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum RequestStatus {
    Unsubmitted,
    Submitted,
    Accepted,
    Closed,
}

impl RequestStatus {
    /// The platform's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unsubmitted => "UNSUBMITTED",
            Self::Submitted => "SUBMITTED",
            Self::Accepted => "ACCEPTED",
            Self::Closed => "CLOSED",
        }
    }
}

/// A reason not to ship yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its id.
    pub id: u64,
    /// The platform's word (`INCORRECT_ADDRESS`).
    pub reason: String,
    /// Further notes.
    pub notes: Option<String>,
    /// The app's name for it.
    pub handle: Option<String>,
    /// The client's app put it there; else another app or a person.
    pub ours: bool,
}

/// A line of a fulfillment order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoLine {
    /// Its id (not the line item's).
    pub id: u64,
    /// The line item.
    pub line: u64,
    /// Units in this piece of work.
    pub total: i64,
    /// Units still to ship.
    pub remaining: i64,
}

/// What was reported as shipped.
#[derive(Debug, Clone, PartialEq)]
pub struct Fulfillment {
    /// Its id.
    pub id: u64,
    /// `#1001.1`.
    pub name: String,
    /// Cancelled since.
    pub cancelled: bool,
    /// When it was reported, ms UTC.
    pub created_ms: i64,
    /// When it last changed, ms UTC.
    pub updated_ms: i64,
    /// Where it left from.
    pub location: u64,
    /// Carrier.
    pub company: Option<String>,
    /// Tracking numbers.
    pub numbers: Vec<String>,
    /// Links, matched by position.
    pub urls: Vec<String>,
    /// The buyer was told.
    pub notified: bool,
    /// What left.
    pub lines: Vec<FulfillmentLine>,
    /// What happened on the way.
    pub events: Vec<ShipEvent>,
    /// Reported by another app's service.
    pub third_party: bool,
}

impl Fulfillment {
    /// Still counts.
    pub fn is_live(&self) -> bool {
        !self.cancelled
    }
    /// Its tracking numbers.
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        self.numbers.iter().map(String::as_str)
    }
}

/// A line of a fulfillment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FulfillmentLine {
    /// Its id.
    pub id: u64,
    /// The fulfillment order it came from.
    pub fo: u64,
    /// The line item.
    pub line: u64,
    /// Units.
    pub quantity: i64,
}

/// Something that happened to a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipEvent {
    /// Its id.
    pub id: u64,
    /// The platform's word (`IN_TRANSIT`).
    pub status: String,
    /// When it happened, ms UTC.
    pub happened_ms: i64,
    /// When it was noted, ms UTC.
    pub created_ms: i64,
    /// Text.
    pub message: Option<String>,
    /// Expected arrival, ms UTC.
    pub estimate_ms: Option<i64>,
}

/// Money given back.
#[derive(Debug, Clone, PartialEq)]
pub struct Refund {
    /// Its id.
    pub id: u64,
    /// When, ms UTC.
    pub created_ms: i64,
    /// Note.
    pub note: Option<String>,
    /// Lines.
    pub lines: Vec<RefundLine>,
    /// Its transactions.
    pub transactions: Vec<u64>,
    /// Shipping given back, minor units.
    pub shipping_minor: i64,
}

/// What happens to the units of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Restock {
    Cancel,
    Return,
    NoRestock,
}

impl Restock {
    /// The platform's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cancel => "CANCEL",
            Self::Return => "RETURN",
            Self::NoRestock => "NO_RESTOCK",
        }
    }
}

/// A line of a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundLine {
    /// Its id.
    pub id: u64,
    /// The line item.
    pub line: u64,
    /// Units.
    pub quantity: i64,
    /// What happens to them.
    pub restock: Restock,
    /// Where they go.
    pub location: Option<u64>,
}

/// A state of a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ReturnStatus {
    Requested,
    Open,
    Closed,
    Declined,
}

impl ReturnStatus {
    /// The platform's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Requested => "REQUESTED",
            Self::Open => "OPEN",
            Self::Closed => "CLOSED",
            Self::Declined => "DECLINED",
        }
    }
}

/// Goods coming back.
#[derive(Debug, Clone, PartialEq)]
pub struct Return {
    /// Its id.
    pub id: u64,
    /// `#1001-R1`.
    pub name: String,
    /// Where it stands.
    pub status: ReturnStatus,
    /// When it was made, ms UTC.
    pub created_ms: i64,
    /// When it was closed, ms UTC.
    pub closed_ms: Option<i64>,
    /// When it was agreed, ms UTC.
    pub approved_ms: Option<i64>,
    /// Reason and note of a refusal.
    pub declined: Option<(String, Option<String>)>,
    /// Id of its reverse fulfillment order, once agreed.
    pub reverse: Option<u64>,
    /// Refunds that were made with it.
    pub refunds: Vec<u64>,
    /// The lines.
    pub lines: Vec<ReturnLine>,
}

/// A line of a return.
#[derive(Debug, Clone, PartialEq)]
pub struct ReturnLine {
    /// Its id.
    pub id: u64,
    /// The fulfillment line that comes back.
    pub fulfillment_line: u64,
    /// Id of the line of the reverse fulfillment order.
    pub reverse_line: u64,
    /// Units.
    pub quantity: i64,
    /// Units dealt with.
    pub processed: i64,
    /// Units refunded.
    pub refunded: i64,
    /// Id of the reason.
    pub reason: u64,
    /// Text.
    pub note: String,
    /// Text of the buyer.
    pub customer_note: Option<String>,
    /// (id, kind, units, location, when in ms UTC).
    pub dispositions: Vec<(u64, String, i64, Option<u64>, i64)>,
}

/// A free field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metafield {
    /// Its id.
    pub id: u64,
    /// Namespace.
    pub namespace: String,
    /// Key.
    pub key: String,
    /// `single_line_text_field`, `json`, …
    pub kind: String,
    /// Value as text.
    pub value: String,
    /// When it was made, ms UTC.
    pub created_ms: i64,
    /// When it last changed, ms UTC.
    pub updated_ms: i64,
}

impl Metafield {
    /// Changes with the value.
    pub fn digest(&self) -> String {
        let hash = self
            .value
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
        format!("{hash:016x}")
    }
}
