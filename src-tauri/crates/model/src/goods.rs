//! What is sold, how many of it are there, and what comes back.

use crate::{Currency, Money, RefundAsk, RefundQuote};
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

impl Product {
    /// What it is called, its variant with it ("Mug · Blue").
    pub fn full_name(&self) -> String {
        match (self.name.trim(), self.variant.trim()) {
            (name, "") => name.to_owned(),
            (name, variant) => format!("{name} · {variant}"),
        }
    }

    /// What it says of itself that another account may want to know.
    pub fn facts(&self) -> ProductFacts {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let price = self.price_minor.zip(self.currency.clone());
        ProductFacts {
            name: text(&self.full_name()),
            barcode: self.barcode.as_deref().and_then(text),
            weight_g: self.weight_g.filter(|grams| grams.is_finite() && *grams > 0.0),
            price: price.map(|(minor, currency)| Money::new(minor, currency)),
            active: Some(self.active),
        }
    }
}

/// How the subject of a change of a product begins; the SKU follows, as names are compared.
pub const PRODUCT_SUBJECT: &str = "product:";

/// How an entry about a customer whom somebody enters at a hub by hand begins; the hub and our id of the customer follow. It is
/// one entry per customer, whichever of their orders it stands at.
pub const CUSTOMER_ENTRY: &str = "customer:";
/// The same of units that came back and that somebody puts on a shelf by hand.
pub const RESTOCK_ENTRY: &str = "restock:";

/// Facts of a product. What is `None` is not known, or not meant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct ProductFacts {
    /// What it is called.
    pub name: Option<String>,
    /// Barcode.
    pub barcode: Option<String>,
    /// Weight of one unit, grams.
    pub weight_g: Option<f64>,
    /// Price of one unit.
    pub price: Option<Money>,
    /// Can be sold.
    pub active: Option<bool>,
}

/// Weights that differ by less are one weight, rounded in two units, grams.
const SAME_WEIGHT_G: f64 = 0.6;

/// Two weights are the same, as far as ounces and grams let that be said.
pub fn same_weight(one_g: f64, other_g: f64) -> bool {
    (one_g - other_g).abs() < SAME_WEIGHT_G
}

impl ProductFacts {
    /// Nothing is known, or meant.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Everything that is meant here is so there.
    pub fn holds_in(&self, there: &Self) -> bool {
        fn same<T: PartialEq>(meant: Option<&T>, there: Option<&T>) -> bool {
            meant.is_none() || meant == there
        }
        let weight = match (self.weight_g, there.weight_g) {
            (Some(meant), Some(there)) => same_weight(meant, there),
            (meant, _) => meant.is_none(),
        };
        weight
            && same(self.name.as_ref(), there.name.as_ref())
            && same(self.barcode.as_ref(), there.barcode.as_ref())
            && same(self.price.as_ref(), there.price.as_ref())
            && same(self.active.as_ref(), there.active.as_ref())
    }
}

/// A product as an account is to have it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ProductDraft {
    /// SKU, as the account writes it.
    pub sku: String,
    /// The account's id of the product; `None`: it has none of this SKU, and one is made.
    pub product_id: Option<String>,
    /// What is written; everything else stays as it is there.
    pub facts: ProductFacts,
    /// What the account showed of these when this was planned.
    pub before: ProductFacts,
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

/// Why a return is declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    /// It was sold for good.
    FinalSale,
    /// It comes too late.
    PeriodEnded,
    /// Something else; the words say what.
    Other,
}

impl DeclineReason {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::FinalSale, Self::PeriodEnded, Self::Other];
    /// Stable word.
    pub fn code(self) -> &'static str {
        match self {
            Self::FinalSale => "final_sale",
            Self::PeriodEnded => "period_ended",
            Self::Other => "other",
        }
    }
    /// From the stable word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::FinalSale => "sold for good",
            Self::PeriodEnded => "the time for returns is over",
            Self::Other => "another reason",
        }
    }
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
    /// Units that arrived so far, where the account tells line by line; `None`: only [`Return::received_at_ms`] says.
    /// Left out of what is stored then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<i64>,
    /// Units whose shelf the account has decided itself, by putting them back or keeping them off; no refund of ours puts
    /// those back once more. `None`: it does not say. Left out of what is stored then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shelved: Option<i64>,
}

/// Goods of a return that somebody at the desk holds in the hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct GoodsHere {
    /// The return, by its id in the store.
    pub return_id: String,
    /// What is here.
    pub lines: Vec<GoodsLine>,
    /// When that was said, ms UTC.
    pub at_ms: i64,
}

/// Units of one order line that came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct GoodsLine {
    /// The order line.
    pub order_line_id: String,
    /// Units.
    pub quantity: i64,
    /// How they arrived.
    pub condition: GoodsCondition,
    /// They go back on the shelf.
    pub restock: bool,
}

/// How goods came back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum GoodsCondition {
    /// As they left.
    #[default]
    AsNew,
    /// Opened or used, and whole.
    Opened,
    /// Broken or incomplete.
    Damaged,
}

impl GoodsCondition {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AsNew, Self::Opened, Self::Damaged];
    /// Stable word.
    pub fn code(self) -> &'static str {
        match self {
            Self::AsNew => "as_new",
            Self::Opened => "opened",
            Self::Damaged => "damaged",
        }
    }
    /// From the stable word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|condition| condition.code() == code)
    }
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::AsNew => "as new",
            Self::Opened => "opened",
            Self::Damaged => "damaged",
        }
    }
}

/// Units for which the buyer gets the same again instead of the money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Replacement {
    /// The return, by its id in the store.
    pub return_id: String,
    /// Units, by order line.
    pub lines: Vec<(String, i64)>,
    /// When that was decided, ms UTC.
    pub at_ms: i64,
}

/// What a store is to be asked before money of a return is given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteWish {
    /// The return and the units, as in the key of the refund.
    pub about: String,
    /// What is asked.
    pub ask: RefundAsk,
}

/// What became of such a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteSeen {
    /// As in [`QuoteWish::about`].
    pub about: String,
    /// What was asked.
    pub ask: RefundAsk,
    /// The store's word; `None`: not said yet, or refused.
    pub quote: Option<RefundQuote>,
    /// Why it said nothing, a sentence.
    pub refused: Option<String>,
}
