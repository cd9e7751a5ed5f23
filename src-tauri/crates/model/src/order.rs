//! What a buyer asked for, as one channel recorded it.

use crate::{Address, Currency};
use serde::{Deserialize, Serialize};
use specta::Type;

/// The attribute by which a marketplace says where the label of an order is to be bought.
pub const LABELS_FROM: &str = "labels_from";
/// Id of the hold by which a marketplace says that the buyer asks to cancel and nobody has answered.
pub const CANCEL_WISH: &str = "buyer_cancellation";
/// The tag that says the same, also of orders that are not held.
pub const CANCEL_WISH_TAG: &str = "Buyer asks to cancel";

/// One channel order, whole. The same shape whatever the channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Order {
    /// The channel's permanent id.
    pub remote_id: String,
    /// What people call it (`#1001`). Not unique across stores.
    pub number: String,
    /// When the buyer bought, ms UTC.
    pub placed_at_ms: i64,
    /// When the channel last changed it, ms UTC.
    pub updated_at_ms: i64,
    /// When it was cancelled, if it was.
    pub cancelled_at_ms: Option<i64>,
    /// The channel's reason, plain (`customer`, `fraud`).
    pub cancel_reason: Option<String>,
    /// When it was archived, if it was.
    pub closed_at_ms: Option<i64>,
    /// Made with a test payment.
    pub test: bool,
    /// How far payment is.
    pub payment: Payment,
    /// How the buyer gets it.
    pub delivery: Delivery,
    /// The channel advises against shipping (fraud risk), in its own word.
    pub risk: Option<String>,
    /// Currency of all amounts below.
    pub currency: Currency,
    /// Goods before shipping and tax, after discounts, minor units.
    pub subtotal_minor: i64,
    /// All discounts, positive, minor units.
    pub discount_minor: i64,
    /// Shipping the buyer paid, minor units.
    pub shipping_minor: i64,
    /// Tax, minor units.
    pub tax_minor: i64,
    /// What the buyer owed when the order was placed, minor units.
    pub total_minor: i64,
    /// The same after edits and refunds, minor units.
    pub current_total_minor: i64,
    /// What was given back so far, minor units, whoever gave it; `None` where nothing was, or the channel does not say.
    /// Left out of what is stored then: what older builds stored stays equal to what is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunded_minor: Option<i64>,
    /// Line prices already contain tax.
    pub taxes_included: bool,
    /// Who bought, if the channel says.
    pub customer: Option<Customer>,
    /// Where it goes. Missing for digital goods, pickup, or hidden personal data.
    pub ship_to: Option<Address>,
    /// Who pays.
    pub bill_to: Option<Address>,
    /// The shipping the buyer chose.
    pub shipping: Option<ShippingChoice>,
    /// The lines, in the channel's order.
    pub lines: Vec<OrderLine>,
    /// Lines to ship from one location: the channel's units of work.
    pub fulfillment_orders: Vec<FulfillmentOrder>,
    /// What the channel has already been told is on its way.
    pub fulfillments: Vec<Fulfillment>,
    /// The buyer's note.
    pub note: String,
    /// Text for the card in the parcel.
    pub gift_message: String,
    /// The channel's tags.
    pub tags: Vec<String>,
    /// Free attributes and metafields, `key → value`, in the channel's order.
    pub attributes: Vec<(String, String)>,
    /// Latest moment it may leave without being late, if the channel promises one.
    pub ship_by_ms: Option<i64>,
    /// Latest moment the buyer was promised to have it, if the channel says, ms UTC.
    #[serde(default)]
    pub deliver_by_ms: Option<i64>,
    /// Where it was sold, if this channel only carries a copy of another's order. Left out of what is stored when there
    /// is none: what older builds stored stays equal to what is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sold_on: Option<SoldOn>,
    /// Page of this order in the channel's own admin.
    pub admin_url: Option<String>,
}

/// The marketplace (or other channel) an order was sold on, as the channel that carries a copy of it tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SoldOn {
    /// The channel's own word for it (`amazon`).
    pub source: String,
    /// The order's number there; empty if the channel does not say.
    pub number: String,
    /// Key of the registry, if it is a platform that can be connected itself.
    pub platform: Option<String>,
    /// The marketplace's rule on buyers' data: so many days after delivery it must be gone. `None`: no such rule is known.
    pub personal_data_days: Option<u32>,
}

/// Who bought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Customer {
    /// The channel's id; missing for guests.
    pub remote_id: Option<String>,
    /// Display name.
    pub name: String,
    /// E-mail, empty if hidden.
    pub email: String,
    /// Telephone, empty if hidden.
    pub phone: String,
}

/// How far payment is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Payment {
    /// Nothing yet.
    Pending,
    /// Reserved, not captured.
    Authorized,
    /// A part of it.
    PartiallyPaid,
    /// All of it.
    Paid,
    /// Paid, some given back.
    PartiallyRefunded,
    /// All given back.
    Refunded,
    /// Never taken.
    Voided,
    /// Reserved too long ago.
    Expired,
    /// A word we do not know, kept as it came.
    Unknown(String),
}

impl Payment {
    /// The seller has the money for what is still to be shipped.
    pub fn is_paid(&self) -> bool {
        matches!(self, Self::Paid | Self::PartiallyRefunded)
    }
}

/// How the buyer gets the goods.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// A carrier takes it.
    Shipping,
    /// The seller drives.
    Local,
    /// The buyer fetches it.
    Pickup,
    /// Sold over the counter.
    Retail,
    /// Nothing physical.
    None,
    /// A word we do not know, kept as it came.
    Unknown(String),
}

/// The shipping the buyer chose and paid for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ShippingChoice {
    /// As the buyer saw it ("Express 24 h").
    pub title: String,
    /// The channel's code for it.
    pub code: String,
}

/// One product and quantity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct OrderLine {
    /// The channel's permanent id of the line.
    pub remote_id: String,
    /// Merchant's code; empty for custom items.
    pub sku: String,
    /// What it is called.
    pub name: String,
    /// Variant ("Blue / L"), may be empty.
    pub variant: String,
    /// As ordered, including what was removed later.
    pub quantity: i64,
    /// Minus removed and refunded units.
    pub current_quantity: i64,
    /// Not yet fulfilled, as the channel counts.
    pub unfulfilled_quantity: i64,
    /// Must be shipped at all: digital goods and tips are not.
    pub requires_shipping: bool,
    /// A gift card: money, not goods.
    pub gift_card: bool,
    /// Price of one unit before discounts, minor units.
    pub unit_price_minor: i64,
    /// Price of one unit after all discounts, minor units.
    pub discounted_unit_price_minor: i64,
    /// Tax on the whole line, minor units.
    pub tax_minor: i64,
    /// Weight of one unit in grams.
    pub weight_g: Option<f64>,
    /// Options and custom text, `name → value`.
    pub options: Vec<(String, String)>,
    /// Barcode, if known.
    pub barcode: Option<String>,
    /// The channel's product variant id, if it still exists.
    pub variant_id: Option<String>,
    /// Kind of goods, as the merchant sorts them ("Mugs"); empty where the channel does not say. Left out of what is
    /// stored then.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub product_type: String,
}

/// Lines to ship from one location.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct FulfillmentOrder {
    /// The channel's id. Replaced by edits, splits and moves: re-read before use.
    pub remote_id: String,
    /// The channel's status word, lower case (`open`, `on_hold`, `closed`).
    pub status: String,
    /// We may report lines of it as shipped now.
    pub can_fulfill: bool,
    /// Where it ships from.
    pub location_id: Option<String>,
    /// Its name.
    pub location_name: String,
    /// Belongs to another app's fulfillment service: not ours to ship.
    pub third_party: bool,
    /// Do not ship before, ms UTC.
    pub fulfill_at_ms: Option<i64>,
    /// Ship before, ms UTC.
    pub fulfill_by_ms: Option<i64>,
    /// Holds on it, with reasons.
    pub holds: Vec<Hold>,
    /// How the buyer gets these lines.
    pub delivery: Delivery,
    /// The lines and what remains of them.
    pub lines: Vec<FulfillmentOrderLine>,
}

impl OrderLine {
    /// What the buyer paid for so many units, tax included, minor units. `taxes_included`: prices contain it already.
    pub fn paid_minor(&self, units: i64, taxes_included: bool) -> i64 {
        let goods_minor = self.discounted_unit_price_minor * units;
        if taxes_included { goods_minor } else { goods_minor + self.tax_minor * units / self.quantity.max(1) }
    }
}

impl FulfillmentOrder {
    /// Work that is still to be done, now or later.
    pub fn is_open(&self) -> bool {
        !matches!(self.status.as_str(), "closed" | "cancelled" | "incomplete")
    }
}

/// A reason not to ship yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Hold {
    /// The channel's id of the hold.
    pub remote_id: String,
    /// The reason in words.
    pub reason: String,
    /// Further notes.
    pub notes: String,
    /// We put it there.
    pub ours: bool,
}

/// A line of a fulfillment order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct FulfillmentOrderLine {
    /// The channel's id of this line of work (not the order line's).
    pub remote_id: String,
    /// The order line it ships.
    pub order_line_id: String,
    /// Units in this piece of work.
    pub total_quantity: i64,
    /// Units still to ship.
    pub remaining_quantity: i64,
}

/// What the channel was told has left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Fulfillment {
    /// The channel's id.
    pub remote_id: String,
    /// Still counts: not cancelled, not failed.
    pub live: bool,
    /// The channel's status word, lower case.
    pub status: String,
    /// When it was told, ms UTC.
    pub created_at_ms: i64,
    /// When the buyer had it, ms UTC.
    pub delivered_at_ms: Option<i64>,
    /// Tracking numbers, one per package.
    pub tracking_numbers: Vec<String>,
    /// Carrier as the channel shows it.
    pub carrier: String,
    /// The lines that left.
    pub lines: Vec<FulfillmentLine>,
}

/// A line of a fulfillment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct FulfillmentLine {
    /// The order line.
    pub order_line_id: String,
    /// Units that left.
    pub quantity: i64,
}

impl Order {
    /// Cancelled in the channel.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled_at_ms.is_some()
    }

    /// When the buyer had everything, as far as the channel tells, ms UTC.
    pub fn delivered_ms(&self) -> Option<i64> {
        let live: Vec<&Fulfillment> = self.fulfillments.iter().filter(|f| f.live).collect();
        let all_there = !live.is_empty() && self.is_fulfilled() && live.iter().all(|f| f.delivered_at_ms.is_some());
        live.iter().filter_map(|f| f.delivered_at_ms).max().filter(|_| all_there)
    }

    /// Lines a carrier must take: physical, still wanted, and not already gone.
    pub fn lines_to_ship(&self) -> impl Iterator<Item = &OrderLine> {
        self.lines.iter().filter(|line| line.requires_shipping && !line.gift_card && line.current_quantity > 0)
    }

    /// Physical units still wanted.
    pub fn units_to_ship(&self) -> i64 {
        self.lines_to_ship().map(|line| line.current_quantity).sum()
    }

    /// Work that somebody else does: another fulfillment service, or, of an order that ships otherwise, the buyer who
    /// fetches it, the seller who drives it, the counter.
    fn others_work(&self) -> impl Iterator<Item = &FulfillmentOrder> {
        let ships = self.delivery == Delivery::Shipping;
        let fetched = move |fo: &FulfillmentOrder| {
            ships && matches!(fo.delivery, Delivery::Pickup | Delivery::Local | Delivery::Retail)
        };
        self.fulfillment_orders.iter().filter(move |fo| fo.third_party || fetched(fo))
    }

    /// Work that is ours.
    pub fn our_work(&self) -> impl Iterator<Item = &FulfillmentOrder> {
        self.fulfillment_orders.iter().filter(|fo| !self.others_work().any(|other| other.remote_id == fo.remote_id))
    }

    /// Units of a line that left by somebody else's hands.
    pub fn units_gone_elsewhere(&self, order_line_id: &str) -> i64 {
        let lines = self.others_work().flat_map(|fo| &fo.lines).filter(|line| line.order_line_id == order_line_id);
        lines.map(|line| (line.total_quantity - line.remaining_quantity).max(0)).sum()
    }

    /// Units of a line that are ours to ship: what is wanted, minus what the channel gave to somebody else.
    ///
    /// Work that was moved leaves closed pieces behind, whose counts mean nothing any more; what our own open work
    /// still counts is therefore never taken away.
    pub fn units_ours(&self, line: &OrderLine) -> i64 {
        let of_line = |fo: &FulfillmentOrder, count: fn(&FulfillmentOrderLine) -> i64| -> i64 {
            fo.lines.iter().filter(|l| l.order_line_id == line.remote_id).map(count).sum()
        };
        let elsewhere: i64 = self
            .others_work()
            .map(|fo| {
                let gone = of_line(fo, |l| (l.total_quantity - l.remaining_quantity).max(0));
                if fo.is_open() { gone.max(of_line(fo, |l| l.total_quantity)) } else { gone }
            })
            .sum();
        if elsewhere == 0 {
            return line.current_quantity;
        }
        let others: Vec<&str> = self.others_work().map(|fo| fo.remote_id.as_str()).collect();
        let own_work = self.fulfillment_orders.iter().filter(|fo| !others.contains(&fo.remote_id.as_str()));
        let still_ours: i64 = own_work.filter(|fo| fo.is_open()).map(|fo| of_line(fo, |l| l.remaining_quantity)).sum();
        (line.current_quantity - elsewhere).max(still_ours).clamp(0, line.current_quantity.max(0))
    }

    /// Lines of which something is ours to ship, with the units that are.
    pub fn lines_ours(&self) -> impl Iterator<Item = (&OrderLine, i64)> {
        self.lines_to_ship().map(|line| (line, self.units_ours(line))).filter(|(_, units)| *units > 0)
    }

    /// Something has to ship, and all of it by somebody else.
    pub fn is_others(&self) -> bool {
        self.units_to_ship() > 0 && self.lines_ours().next().is_none()
    }

    /// Units of `order_line_id` the channel was told have left (live fulfillments only).
    pub fn units_told(&self, order_line_id: &str) -> i64 {
        self.fulfillments
            .iter()
            .filter(|f| f.live)
            .flat_map(|f| &f.lines)
            .filter(|line| line.order_line_id == order_line_id)
            .map(|line| line.quantity)
            .sum()
    }

    /// Everything physical has left, as the channel counts.
    pub fn is_fulfilled(&self) -> bool {
        self.lines_to_ship()
            .all(|line| self.units_told(&line.remote_id) >= line.current_quantity || line.unfulfilled_quantity == 0)
    }
}
