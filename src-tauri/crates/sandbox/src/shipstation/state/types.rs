//! The nouns of the account. Empty text means "not given". Money is a decimal
//! number as the platform keeps it; times are ms UTC where the platform sets them
//! and wall time where clients do.

use super::super::pacific::Wall;
use serde_json::{Value, json};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Came in unpaid.
    AwaitingPayment,
    /// Ready to ship.
    AwaitingShipment,
    /// Held.
    OnHold,
    /// Handed to a fulfillment provider.
    PendingFulfillment,
    /// Label bought, or marked as shipped.
    Shipped,
    /// Cancelled.
    Cancelled,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::AwaitingPayment,
        Self::AwaitingShipment,
        Self::OnHold,
        Self::PendingFulfillment,
        Self::Shipped,
        Self::Cancelled,
    ];
    /// As the older API writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::AwaitingPayment => "awaiting_payment",
            Self::AwaitingShipment => "awaiting_shipment",
            Self::OnHold => "on_hold",
            Self::PendingFulfillment => "pending_fulfillment",
            Self::Shipped => "shipped",
            Self::Cancelled => "cancelled",
        }
    }
    /// From the older API's word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
    /// Clients may change the order.
    pub fn is_open(self) -> bool {
        matches!(self, Self::AwaitingPayment | Self::AwaitingShipment | Self::OnHold)
    }
}

/// A postal address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the words of a form
pub struct Address {
    pub name: String,
    pub company: String,
    pub street1: String,
    pub street2: String,
    pub street3: String,
    pub city: String,
    pub state: String,
    pub postal_code: String,
    pub country: String,
    pub phone: String,
    pub residential: Option<bool>,
}

impl Address {
    /// What a carrier needs and this address lacks.
    pub fn missing(&self) -> Option<&'static str> {
        if self.name.trim().is_empty() && self.company.trim().is_empty() {
            Some("name")
        } else if self.street1.trim().is_empty() {
            Some("street1")
        } else if self.city.trim().is_empty() {
            Some("city")
        } else if self.country.trim().len() != 2 {
            Some("country")
        } else {
            None
        }
    }
    /// The parts that decide where a parcel goes, for the ledger.
    pub fn ledger_detail(&self) -> Value {
        json!({
            "name": self.name, "company": self.company, "street1": self.street1, "street2": self.street2,
            "street3": self.street3, "city": self.city, "state": self.state, "postal_code": self.postal_code,
            "country": self.country, "phone": self.phone,
        })
    }
}

/// Weight with its unit (`pounds`, `ounces`, `grams`).
#[derive(Debug, Clone, PartialEq)]
pub struct Weight {
    /// How many units.
    pub value: f64,
    /// The unit.
    pub units: String,
}

impl Weight {
    /// In grams.
    pub fn grams(&self) -> f64 {
        self.value
            * match self.units.as_str() {
                "pounds" => 453.592_37,
                "ounces" => 28.349_523_125,
                _ => 1.0,
            }
    }
    /// So many grams.
    pub fn of_grams(grams: f64) -> Self {
        Self { value: (grams * 100.0).round() / 100.0, units: "grams".to_owned() }
    }
}

/// A line.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Item {
    /// The platform's id of the line; kept while the client's key stays the same.
    pub id: i64,
    /// The client's key of the line.
    pub line_key: String,
    /// SKU.
    pub sku: String,
    /// Name; never missing.
    pub name: String,
    /// Picture.
    pub image_url: String,
    /// Per unit.
    pub weight: Option<Weight>,
    /// Units.
    pub quantity: i64,
    /// Price of one unit.
    pub unit_price: Option<f64>,
    /// Tax of the line.
    pub tax_amount: Option<f64>,
    /// Shipping of the line.
    pub shipping_amount: Option<f64>,
    /// Shelf.
    pub warehouse_location: String,
    /// Choices of the buyer, in order.
    pub options: Vec<(String, String)>,
    /// Product record.
    pub product_id: Option<i64>,
    /// SKU at a fulfillment provider.
    pub fulfillment_sku: String,
    /// A discount or the like: nothing to pack.
    pub adjustment: bool,
    /// Barcode.
    pub upc: String,
    /// When the line came, ms UTC.
    pub created_ms: i64,
    /// When it last changed, ms UTC.
    pub modified_ms: i64,
    /// Key of the order under which the line first came; splits and merges keep it. No API shows it.
    pub origin_key: String,
}

/// Everything about an order that a client writes, always as a whole.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // named after the fields of the older API
pub struct Body {
    pub number: String,
    pub status: Status,
    pub placed: Wall,
    pub paid: Option<Wall>,
    pub ship_by: Option<Wall>,
    /// Only the newer API has it.
    pub deliver_by: Option<Wall>,
    pub username: String,
    pub email: String,
    pub bill_to: Address,
    pub ship_to: Address,
    pub items: Vec<Item>,
    pub amount_paid: Option<f64>,
    pub tax_amount: Option<f64>,
    pub shipping_amount: Option<f64>,
    pub customer_notes: String,
    /// Only the newer API has it.
    pub notes_to_buyer: String,
    pub internal_notes: String,
    pub gift: bool,
    pub gift_message: String,
    pub payment_method: String,
    pub requested_service: String,
    pub carrier_code: String,
    pub service_code: String,
    pub package_code: String,
    pub confirmation: String,
    pub ship_date: Option<Wall>,
    pub weight: Option<Weight>,
    /// As sent: `{length, width, height, units}` or null.
    pub dimensions: Value,
    /// As sent, or null.
    pub insurance: Value,
    /// As sent, or null.
    pub international: Value,
    pub warehouse_id: Option<i64>,
    /// Obeyed only when the order is created.
    pub store_id: Option<i64>,
    pub custom: [String; 3],
    pub source: String,
    pub non_machinable: bool,
    pub saturday_delivery: bool,
    pub contains_alcohol: bool,
    /// `billTo…` options as sent, keyed by their names.
    pub billing: Value,
}

impl Default for Body {
    fn default() -> Self {
        Self {
            number: String::new(),
            status: Status::AwaitingShipment,
            placed: Wall(0),
            paid: None,
            ship_by: None,
            deliver_by: None,
            username: String::new(),
            email: String::new(),
            bill_to: Address::default(),
            ship_to: Address::default(),
            items: Vec::new(),
            amount_paid: None,
            tax_amount: None,
            shipping_amount: None,
            customer_notes: String::new(),
            notes_to_buyer: String::new(),
            internal_notes: String::new(),
            gift: false,
            gift_message: String::new(),
            payment_method: String::new(),
            requested_service: String::new(),
            carrier_code: String::new(),
            service_code: String::new(),
            package_code: String::new(),
            confirmation: "none".to_owned(),
            ship_date: None,
            weight: None,
            dimensions: Value::Null,
            insurance: Value::Null,
            international: Value::Null,
            warehouse_id: None,
            store_id: None,
            custom: [String::new(), String::new(), String::new()],
            source: String::new(),
            non_machinable: false,
            saturday_delivery: false,
            contains_alcohol: false,
            billing: Value::Null,
        }
    }
}

/// An order.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The platform's id.
    pub id: i64,
    /// The client's key, or one the platform made.
    pub key: String,
    /// ms UTC.
    pub created_ms: i64,
    /// ms UTC.
    pub modified_ms: i64,
    /// What clients write.
    pub body: Body,
    /// Midnight, Pacific time, on which a hold ends by itself.
    pub hold_until: Option<Wall>,
    /// Tags by id.
    pub tags: Vec<i64>,
    /// Who works on it.
    pub user_id: Option<String>,
    /// Customer record.
    pub customer_id: Option<i64>,
    /// It was split, came from a split, or others were merged into it.
    pub merged_or_split: bool,
    /// Ids of orders merged into it; they exist no more.
    pub merged_ids: Vec<i64>,
    /// The order it was split from.
    pub parent_id: Option<i64>,
    /// Who ships it instead of this warehouse (`Amazon FBA`).
    pub external_by: Option<String>,
    /// Soft-deleted or merged away.
    pub deleted: bool,
    /// Until then a page that holds it answers 500, ms UTC.
    pub poisoned_until_ms: i64,
}

impl Order {
    /// Its store.
    pub fn store_id(&self) -> i64 {
        self.body.store_id.unwrap_or_default()
    }
    /// All weight, grams: what was set, or the sum of the lines.
    pub fn grams(&self) -> f64 {
        let lines = self.body.items.iter().filter(|item| !item.adjustment);
        let sum: f64 = lines.filter_map(|item| Some(item.weight.as_ref()?.grams() * item.quantity as f64)).sum();
        self.body.weight.as_ref().map_or(sum, Weight::grams)
    }
    /// What an oracle needs of it.
    pub fn ledger_detail(&self) -> Value {
        let line = |item: &Item| {
            json!({
                "line_key": item.line_key, "sku": item.sku, "quantity": item.quantity, "adjustment": item.adjustment,
                "order_key": item.origin_key, "unit_price": item.unit_price,
            })
        };
        json!({
            "number": self.body.number,
            "status": self.body.status.code(),
            "store_id": self.store_id(),
            "lines": self.body.items.iter().map(line).collect::<Vec<_>>(),
            "ship_to": self.body.ship_to.ledger_detail(),
            "requested_service": self.body.requested_service,
            "hold_until": self.hold_until.map(Wall::day),
            "parent_id": self.parent_id,
            "merged_ids": self.merged_ids,
        })
    }
}

/// Something that left the warehouse for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parcel {
    /// With our label, by its id.
    Label(i64),
    /// Marked as shipped, by its id.
    Fulfillment(i64),
}

/// A label.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // named after the fields of both APIs
pub struct Label {
    pub id: i64,
    pub order_id: Option<i64>,
    pub order_key: String,
    pub order_number: String,
    pub store_id: i64,
    pub created_ms: i64,
    pub modified_ms: i64,
    pub ship_day: Wall,
    pub cost_minor: i64,
    pub insurance_minor: i64,
    pub tracking_number: String,
    pub carrier_code: String,
    pub service_code: String,
    pub package_code: String,
    pub confirmation: String,
    pub warehouse_id: Option<i64>,
    pub voided_ms: Option<i64>,
    /// The platform told the connected marketplace itself.
    pub notified: bool,
    pub notify_error: String,
    pub ship_to: Address,
    pub email: String,
    pub grams: f64,
    pub dimensions: Value,
    /// Lines in the parcel with the units in it.
    pub items: Vec<Item>,
    pub is_return: bool,
    pub rma_number: String,
    pub outbound_label_id: Option<i64>,
    pub charge_event: String,
    pub track: super::tracking::Track,
}

/// A marked-as-shipped record. It has lines in truth; no API shows them.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // named after the fields of both APIs
pub struct Fulfillment {
    pub id: i64,
    pub order_id: i64,
    pub order_key: String,
    pub order_number: String,
    pub store_id: i64,
    pub created_ms: i64,
    pub ship_date: Wall,
    pub tracking_number: String,
    pub carrier_code: String,
    pub voided_ms: Option<i64>,
    pub delivered_ms: Option<i64>,
    pub notified: bool,
    pub notify_error: String,
    pub ship_to: Address,
    pub email: String,
    pub items: Vec<Item>,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Tag {
    pub id: i64,
    pub name: String,
    pub color: String,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct User {
    pub id: String,
    pub name: String,
    pub login: String,
}

/// A ship-from address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Warehouse {
    pub id: i64,
    pub name: String,
    pub origin: Address,
    pub returns: Option<Address>,
    pub created_ms: i64,
    pub is_default: bool,
}

impl Warehouse {
    pub(super) fn harbour() -> Self {
        let origin = Address {
            name: "Harbour Goods GmbH".to_owned(),
            company: "Harbour Goods GmbH".to_owned(),
            street1: "Am Speicher 14".to_owned(),
            city: "Hamburg".to_owned(),
            state: "HH".to_owned(),
            postal_code: "20457".to_owned(),
            country: super::super::carriers::HOME_COUNTRY.to_owned(),
            phone: "+49 40 555 0117".to_owned(),
            residential: Some(false),
            ..Address::default()
        };
        Self {
            id: 331_200,
            name: "Speicher 14".to_owned(),
            origin,
            returns: None,
            created_ms: 1_700_000_000_000,
            is_default: true,
        }
    }
}

/// A product record. Clients can change it, never make one; the platform makes one of every SKU it sees.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Product {
    pub id: i64,
    pub sku: String,
    pub created_ms: i64,
    pub modified_ms: i64,
    /// The whole resource in the older API's words.
    pub fields: serde_json::Map<String, Value>,
}

/// A customer record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Customer {
    pub id: i64,
    pub username: String,
    pub email: String,
    pub address: Address,
    pub created_ms: i64,
    pub modified_ms: i64,
}

/// A webhook of the older API. It is kept and listed; nothing is ever sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Webhook {
    pub id: i64,
    pub url: String,
    pub event: String,
    pub store_id: Option<i64>,
    pub name: String,
}

/// A quoted rate of the newer API.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Quote {
    pub id: i64,
    pub order_id: Option<i64>,
    pub carrier_code: &'static str,
    pub service_code: &'static str,
    pub package_code: String,
    pub price_minor: i64,
    pub days: i64,
    pub created_ms: i64,
}
