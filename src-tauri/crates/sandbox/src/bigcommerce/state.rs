//! What a store knows. Amounts in minor units, times in ms UTC cut to the second,
//! as the platform keeps them.

use super::plan::BigPlan;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// The group of those who buy to sell.
const WHOLESALE: i64 = 3;
/// The group of the merchant's own people.
const CREW: i64 = 4;

/// Everything in a store.
#[derive(Debug, Clone)]
pub struct State {
    /// Orders by id.
    pub orders: BTreeMap<i64, Order>,
    /// Customers by id.
    pub customers: BTreeMap<i64, Customer>,
    /// Groups of customers: number, name.
    pub groups: Vec<(i64, String)>,
    /// Products.
    pub products: Vec<Product>,
    /// Locations: id, code, name.
    pub locations: Vec<(i64, String, String)>,
    /// Levels: (variant, location) → units on hand. Missing: never set.
    pub levels: BTreeMap<(i64, i64), i64>,
    /// Level changes accepted and not applied yet: due time, variant, location, what.
    pub pending: Vec<(i64, i64, i64, Change)>,
    last_id: i64,
    last_order: i64,
    last_customer: i64,
    /// Customers by e-mail.
    by_email: BTreeMap<String, i64>,
}

/// A level change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// On hand becomes this.
    Set(i64),
    /// On hand moves by this.
    Add(i64),
}

/// A postal address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Firm.
    pub company: String,
    /// Street and number.
    pub street_1: String,
    /// Flat, care of.
    pub street_2: String,
    /// Town.
    pub city: String,
    /// State, written out.
    pub state: String,
    /// Postcode.
    pub zip: String,
    /// Country, written out.
    pub country: String,
    /// Country, two letters.
    pub country_iso2: String,
    /// Telephone.
    pub phone: String,
    /// E-mail.
    pub email: String,
    /// The merchant's own form fields.
    pub form_fields: Vec<(String, Json)>,
}

/// A ship-to address of an order.
#[derive(Debug, Clone)]
pub struct ShipTo {
    /// `order_address_id`.
    pub id: i64,
    /// Where.
    pub address: Address,
    /// Name of the shipping.
    pub method: String,
    /// Its price as entered.
    pub cost_minor: i64,
}

/// An option of a line.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What is asked.
    pub name: String,
    /// What was answered, for people.
    pub shown: String,
    /// What was answered, for programs.
    pub value: String,
    /// Kind of the question.
    pub kind: String,
}

/// A line.
#[derive(Debug, Clone)]
pub struct Line {
    /// `order_product_id`.
    pub id: i64,
    /// Product; 0 for something that is in no catalogue.
    pub product: i64,
    /// Variant.
    pub variant: i64,
    /// Where it goes; 0 for nowhere.
    pub address: i64,
    /// How it is fetched; 0 for not.
    pub pickup: i64,
    /// Name.
    pub name: String,
    /// Merchant's code.
    pub sku: String,
    /// Barcode.
    pub upc: String,
    /// `physical`, `digital`, `giftcertificate`.
    pub kind: String,
    /// Units.
    pub quantity: i64,
    /// Units counted as shipped.
    pub shipped: i64,
    /// Units given back.
    pub refunded: i64,
    /// Price of one as entered.
    pub price_minor: i64,
    /// Discount on the whole line.
    pub discount_minor: i64,
    /// Weight of one in the store's unit.
    pub weight: f64,
    /// Gift wrap: name, price, text for the card.
    pub wrapping: Option<(String, i64, String)>,
    /// Options and custom text.
    pub choices: Vec<Choice>,
    /// The bundle it is a part of.
    pub parent: Option<i64>,
    /// Id in another system: as it was entered, text or number.
    pub external_id: Json,
}

/// A shipment.
#[derive(Debug, Clone)]
pub struct Shipment {
    /// Id.
    pub id: i64,
    /// Where it went.
    pub address: i64,
    /// Made at.
    pub created_ms: i64,
    /// Tracking number.
    pub number: String,
    /// `tracking_carrier`.
    pub carrier: String,
    /// `shipping_provider`: as sent, or "custom" when it was left out.
    pub provider: String,
    /// Own link.
    pub link: String,
    /// Name of the shipping.
    pub method: String,
    /// Remarks.
    pub comments: String,
    /// What the merchant paid, as sent.
    pub cost: String,
    /// Line → units.
    pub items: Vec<(i64, i64)>,
}

/// Money given back.
#[derive(Debug, Clone)]
pub struct Refund {
    /// Id.
    pub id: i64,
    /// When.
    pub at_ms: i64,
    /// How much.
    pub minor: i64,
    /// Items as sent.
    pub items: Json,
    /// Payments: provider, amount, offline.
    pub payments: Vec<(String, i64, bool)>,
}

/// A metafield.
#[derive(Debug, Clone)]
pub struct Metafield {
    /// Id.
    pub id: i64,
    /// Whose namespace.
    pub namespace: String,
    /// Name.
    pub key: String,
    /// Text.
    pub value: String,
    /// Who may see it.
    pub permission_set: String,
    /// Remark.
    pub description: String,
    /// Made by this API account.
    pub ours: bool,
    /// Made at.
    pub created_ms: i64,
    /// Changed at.
    pub modified_ms: i64,
}

/// An order.
#[derive(Debug, Clone)]
pub struct Order {
    /// Number of it, also what people call it.
    pub id: i64,
    /// Customer; 0 for a guest.
    pub customer: i64,
    /// Made at.
    pub created_ms: i64,
    /// Changed at.
    pub modified_ms: i64,
    /// Everything left at.
    pub shipped_ms: Option<i64>,
    /// Status.
    pub status: i64,
    /// Archived.
    pub archived: bool,
    /// Name of the payment.
    pub payment_method: String,
    /// How far payment is, in the payment's word.
    pub payment_status: String,
    /// Where it was bought.
    pub channel: i64,
    /// Kind of place it was bought at.
    pub source: String,
    /// Internal remarks.
    pub staff_notes: Option<String>,
    /// The buyer's remark.
    pub customer_message: Option<String>,
    /// Id in another system, writable.
    pub external_order_id: Option<String>,
    /// Id in the marketplace, read-only.
    pub external_id: Option<String>,
    /// Coupon, in minor units.
    pub coupon_minor: i64,
    /// Who pays.
    pub billing: Address,
    /// Ship-to addresses.
    pub addresses: Vec<ShipTo>,
    /// Lines.
    pub lines: Vec<Line>,
    /// Shipments.
    pub shipments: Vec<Shipment>,
    /// Refunds.
    pub refunds: Vec<Refund>,
    /// Metafields.
    pub metafields: Vec<Metafield>,
}

/// Somebody with an account in the store.
#[derive(Debug, Clone, Default)]
pub struct Customer {
    /// Id.
    pub id: i64,
    /// E-mail.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Group; 0 for none.
    pub group: i64,
    /// What the merchant wrote about them.
    pub notes: String,
    /// Code under which they pay no tax.
    pub tax_exempt_category: String,
    /// Made, and changed last, at.
    pub changed_ms: i64,
}

/// A product with its variants.
#[derive(Debug, Clone)]
pub struct Product {
    /// Id.
    pub id: i64,
    /// Name.
    pub name: String,
    /// `physical` or `digital`.
    pub kind: String,
    /// Price as entered.
    pub price_minor: i64,
    /// Weight in the store's unit.
    pub weight: f64,
    /// Changed at.
    pub modified_ms: i64,
    /// Sold at all.
    pub visible: bool,
    /// `none`, `product` or `variant`.
    pub tracking: String,
    /// Its variants; one without a label is the base variant of a product without options.
    pub variants: Vec<Variant>,
}

/// A variant.
#[derive(Debug, Clone)]
pub struct Variant {
    /// Id.
    pub id: i64,
    /// Merchant's code.
    pub sku: String,
    /// Choices ("Blue / L").
    pub label: String,
    /// Barcode.
    pub upc: String,
}

impl State {
    /// An empty store.
    pub fn new(plan: &BigPlan) -> Self {
        let name = plan.account.bytes().fold(7_i64, |sum, byte| (sum * 31 + i64::from(byte)) % 9_000);
        let text = |text: &str| text.to_owned();
        Self {
            orders: BTreeMap::new(),
            customers: BTreeMap::new(),
            groups: vec![(WHOLESALE, text("Wholesale")), (CREW, text("Crew"))],
            products: Vec::new(),
            locations: vec![(1, text("BC-LOCATION-1"), text("Default location")), (2, text("DOCK"), text("Dock 7"))],
            levels: BTreeMap::new(),
            pending: Vec::new(),
            last_id: 10_000 + name * 100,
            last_order: 100,
            // Numbers of their own, so that nothing else is numbered otherwise for them.
            last_customer: 5_000_000,
            by_email: BTreeMap::new(),
        }
    }
    /// Back to what it was, except that no id is given twice.
    pub fn forget_since(&mut self, before: Self) {
        let (last_id, last_order, last_customer) = (self.last_id, self.last_order, self.last_customer);
        *self = Self { last_id, last_order, last_customer, ..before };
    }
    /// A new id.
    pub fn id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }
    /// A new order's number.
    pub fn order_id(&mut self) -> i64 {
        self.last_order += 1;
        self.last_order
    }
    /// The customer of this e-mail, made if there is none. Some are in a group, some have notes or pay no tax.
    pub fn customer_of(&mut self, email: &str, name: (&str, &str), now_ms: i64) -> i64 {
        if let Some(id) = self.by_email.get(email) {
            return *id;
        }
        self.last_customer += 1;
        let id = self.last_customer;
        let some = |every: i64, text: &str| if id % every == 0 { text.to_owned() } else { String::new() };
        let customer = Customer {
            id,
            email: email.to_owned(),
            first_name: name.0.to_owned(),
            last_name: name.1.to_owned(),
            group: match id % 10 {
                0 => CREW,
                5 => WHOLESALE,
                _ => 0,
            },
            notes: some(7, "Wants the invoice in the parcel"),
            tax_exempt_category: some(15, "Reseller"),
            changed_ms: seconds(now_ms),
        };
        self.customers.insert(id, customer);
        self.by_email.insert(email.to_owned(), id);
        id
    }
    /// Marks an order as changed.
    pub fn touch(&mut self, order: i64, now_ms: i64) {
        if let Some(order) = self.orders.get_mut(&order) {
            order.modified_ms = order.modified_ms.max(seconds(now_ms));
        }
    }
    /// Applies level changes that are due.
    pub fn settle(&mut self, now_ms: i64) {
        let due: Vec<_> = self.pending.iter().filter(|(at_ms, ..)| *at_ms <= now_ms).copied().collect();
        self.pending.retain(|(at_ms, ..)| *at_ms > now_ms);
        for (_, variant, location, change) in due {
            let level = self.levels.entry((variant, location)).or_default();
            *level = match change {
                Change::Set(units) => units,
                Change::Add(units) => *level + units,
            };
        }
    }
    /// Product and variant by the variant's id.
    pub fn variant(&self, id: i64) -> Option<(&Product, &Variant)> {
        let all = self.products.iter().flat_map(|product| product.variants.iter().map(move |one| (product, one)));
        all.into_iter().find(|(_, variant)| variant.id == id)
    }
}

impl Order {
    /// A line.
    pub fn line(&self, id: i64) -> Option<&Line> {
        self.lines.iter().find(|line| line.id == id)
    }
    /// A line, to change.
    pub fn line_mut(&mut self, id: i64) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.id == id)
    }
    /// Everything a carrier must take has left.
    pub fn all_shipped(&self) -> bool {
        self.goods().all(|line| line.shipped >= line.quantity - line.refunded)
    }
    /// Lines a carrier must take.
    pub fn goods(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.kind == "physical" && line.pickup == 0)
    }
    /// What was given back, minor units.
    pub fn refunded_minor(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.minor).sum()
    }
}

impl Line {
    /// Units that may still be shipped.
    pub fn open(&self) -> i64 {
        (self.quantity - self.refunded - self.shipped).max(0)
    }
}

/// Cut to the second.
pub fn seconds(at_ms: i64) -> i64 {
    at_ms - at_ms.rem_euclid(1000)
}
