//! The data of one account, and how an order looks at a moment.

use super::AmazonPlan;
use crate::merchant::catalogue;
use crate::merchant::shop::Place;
use std::collections::BTreeMap;

/// Everything in it.
#[derive(Debug, Default)]
pub struct State {
    /// Orders by id.
    pub orders: BTreeMap<String, Order>,
    /// Ids in the order of placing.
    pub placed: Vec<String>,
    /// Files by id.
    pub documents: BTreeMap<String, Document>,
    /// Feeds, oldest first.
    pub feeds: Vec<Feed>,
    /// Reports, oldest first.
    pub reports: Vec<Report>,
    /// Page tokens → what they belong to.
    pub pages: BTreeMap<String, PageToken>,
    /// What is on offer, by SKU.
    pub listings: BTreeMap<String, Listing>,
    /// Goods on their way back.
    pub returns: Vec<Return>,
    /// Last number given.
    pub last: u64,
}

/// One order.
#[derive(Debug, Clone)]
pub struct Order {
    /// 3-7-7 digits.
    pub id: String,
    /// Where it was placed.
    pub marketplace: String,
    /// Currency of the marketplace.
    pub currency: String,
    /// ms UTC.
    pub created_ms: i64,
    /// Moments at which it changed, as clients see them, ms UTC.
    pub touched: Vec<i64>,
    /// Payment is verified from then on, ms UTC; `None`: not foreseeable.
    pub released_ms: Option<i64>,
    /// The shopper has paid, or will without further ado.
    pub paid: bool,
    /// Amazon ships it; when it did, ms UTC.
    pub by_amazon: bool,
    /// When Amazon shipped it, ms UTC.
    pub amazon_shipped_ms: Option<i64>,
    /// Sold elsewhere, shipped by Amazon.
    pub foreign: bool,
    /// Programs.
    pub programs: Vec<String>,
    /// Speed.
    pub service: String,
    /// Ship between, ms UTC.
    pub ship_window: (i64, i64),
    /// Deliver between, ms UTC.
    pub deliver_window: (i64, i64),
    /// Labels may not be printed before, ms UTC.
    pub print_from_ms: Option<i64>,
    /// Name of the buyer.
    pub buyer: String,
    /// Where it goes.
    pub address: Place,
    /// What was bought.
    pub items: Vec<Item>,
    /// Price of the shipping, minor units.
    pub shipping_minor: i64,
    /// What was confirmed.
    pub packages: Vec<Package>,
    /// Cancelled, by whom and when, ms UTC.
    pub cancelled: Option<(String, i64)>,
    /// The buyer asks to cancel: the reason.
    pub wish: Option<String>,
    /// The seller's own number.
    pub own_number: Option<String>,
    /// Money given back: item, kind, minor units.
    pub refunds: Vec<(String, String, i64)>,
    /// A note for the carrier.
    pub instruction: String,
}

/// One item of an order.
#[derive(Debug, Clone)]
pub struct Item {
    /// Digits; may begin with 0.
    pub id: String,
    /// Amazon's product.
    pub asin: String,
    /// The seller's code.
    pub sku: String,
    /// Name.
    pub title: String,
    /// Units ordered.
    pub quantity: i64,
    /// Price of one, minor units, tax included.
    pub unit_minor: i64,
    /// For the card.
    pub gift_message: String,
}

/// One confirmed package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The seller's name of it.
    pub reference: String,
    /// Carrier as told.
    pub carrier: String,
    /// Tracking number.
    pub number: String,
    /// When it left, ms UTC.
    pub shipped_ms: i64,
    /// When it was confirmed, ms UTC.
    pub made_ms: i64,
    /// Clients see it from then on, ms UTC.
    pub shows_ms: i64,
    /// The buyer has it from then on, ms UTC.
    pub delivered_ms: Option<i64>,
    /// Units by item.
    pub items: Vec<(String, i64)>,
    /// How it looked before its last edit.
    pub before: Option<Box<Package>>,
}

/// A file.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// Announced type.
    pub content_type: String,
    /// Until when its link is good, ms UTC.
    pub link_ends_ms: i64,
    /// Secret part of the link.
    pub signature: String,
    /// What is in it; `None` until it was put.
    pub bytes: Option<Vec<u8>>,
    /// Packed.
    pub gzip: bool,
    /// Whether a client may put it.
    pub input: bool,
}

/// A feed.
#[derive(Debug, Clone)]
pub struct Feed {
    /// Its id.
    pub id: String,
    /// `POST_…`
    pub kind: String,
    /// For these marketplaces.
    pub marketplaces: Vec<String>,
    /// What is in it.
    pub document: String,
    /// ms UTC.
    pub made_ms: i64,
    /// Begins to be worked on, ms UTC.
    pub begins_ms: i64,
    /// Is finished, ms UTC.
    pub ends_ms: i64,
    /// Finished with this.
    pub result: Option<(String, Option<String>)>,
}

/// A report.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its id.
    pub id: String,
    /// `GET_…`
    pub kind: String,
    /// For this marketplace.
    pub marketplaces: Vec<String>,
    /// From, to, ms UTC.
    pub window: (i64, i64),
    /// Column names in English were asked for.
    pub english: bool,
    /// ms UTC.
    pub made_ms: i64,
    /// Is finished, ms UTC.
    pub ends_ms: i64,
    /// Finished with this.
    pub result: Option<(String, Option<String>)>,
}

/// What a page token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageToken {
    /// Filters it belongs to.
    pub filters: String,
    /// Rows that went before.
    pub offset: usize,
    /// Given, ms UTC.
    pub made_ms: i64,
    /// The list as it was.
    pub ids: Vec<String>,
}

/// Something on offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Amazon's product.
    pub asin: String,
    /// Name.
    pub title: String,
    /// Price, minor units.
    pub price_minor: i64,
    /// Units on offer, as buyers see them.
    pub live: i64,
    /// What was last submitted.
    pub submitted: Option<i64>,
    /// Shows from then on, ms UTC.
    pub shows_ms: i64,
    /// Handling time in days, which an unwary change wipes.
    pub handling_days: Option<i64>,
    /// In Amazon's warehouses.
    pub by_amazon: bool,
}

/// Goods on their way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// Amazon's number.
    pub rma: String,
    /// The order.
    pub order: String,
    /// The item.
    pub item: String,
    /// Units.
    pub quantity: i64,
    /// Why.
    pub reason: String,
    /// `Approved`, `Completed`, …
    pub status: String,
    /// Asked for, ms UTC.
    pub asked_ms: i64,
    /// Received, ms UTC.
    pub received_ms: Option<i64>,
}

impl State {
    /// The catalogue, and nothing sold.
    pub fn new(_plan: &AmazonPlan, start_ms: i64) -> Self {
        let listings = catalogue::articles()
            .into_iter()
            .enumerate()
            .map(|(n, article)| {
                let title = if article.variant.is_empty() {
                    article.name
                } else {
                    format!("{} – {}", article.name, article.variant)
                };
                let listing = Listing {
                    asin: format!("B0HARB{n:04}"),
                    title,
                    price_minor: article.unit_price_minor,
                    live: 40,
                    submitted: None,
                    shows_ms: start_ms,
                    handling_days: Some(2),
                    by_amazon: false,
                };
                (article.sku, listing)
            })
            .collect();
        Self { listings, last: 1_000, ..Self::default() }
    }

    /// A number nobody has yet.
    pub fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }
}

impl Package {
    /// As clients see it at a moment; `None`: not at all.
    pub fn at(&self, now_ms: i64) -> Option<&Self> {
        if now_ms >= self.shows_ms { Some(self) } else { self.before.as_deref().and_then(|before| before.at(now_ms)) }
    }
}

impl Order {
    /// Not released yet.
    pub fn is_pending(&self, now_ms: i64) -> bool {
        self.cancelled.is_none() && self.released_ms.is_none_or(|at| now_ms < at)
    }

    /// Units of an item that were confirmed, as Amazon knows it.
    pub fn confirmed(&self, item: &str) -> i64 {
        if self.amazon_shipped_ms.is_some() {
            return self.items.iter().filter(|one| one.id == item).map(|one| one.quantity).sum();
        }
        self.packages.iter().flat_map(|package| &package.items).filter(|(id, _)| id == item).map(|(_, n)| n).sum()
    }

    /// The same as clients see it at a moment.
    pub fn shown(&self, item: &str, now_ms: i64) -> i64 {
        if self.by_amazon {
            return if self.amazon_shipped_ms.is_some_and(|at| at <= now_ms) { self.confirmed(item) } else { 0 };
        }
        let packages = self.packages.iter().filter_map(|package| package.at(now_ms));
        packages.flat_map(|package| &package.items).filter(|(id, _)| id == item).map(|(_, n)| n).sum()
    }

    /// Amazon's word for where it stands, as clients see it.
    pub fn status(&self, now_ms: i64) -> &'static str {
        if self.cancelled.is_some() {
            return "CANCELLED";
        }
        if self.is_pending(now_ms) {
            return "PENDING";
        }
        let units: i64 = self.items.iter().map(|item| item.quantity).sum();
        let shown: i64 = self.items.iter().map(|item| self.shown(&item.id, now_ms)).sum();
        match shown {
            0 => "UNSHIPPED",
            n if n >= units => "SHIPPED",
            _ => "PARTIALLY_SHIPPED",
        }
    }

    /// When it last changed, as clients see it, ms UTC.
    pub fn updated_ms(&self, now_ms: i64) -> i64 {
        self.touched.iter().copied().filter(|at| *at <= now_ms).max().unwrap_or(self.created_ms).max(self.created_ms)
    }

    /// It changes at a moment, perhaps one to come.
    pub fn touch(&mut self, at_ms: i64) {
        self.touched.push(at_ms);
    }
}
