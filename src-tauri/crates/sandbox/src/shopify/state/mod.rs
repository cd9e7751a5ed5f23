//! Everything one store knows. Plain data; what may be done with it is in
//! `write/` (over the API) and `people.rs` (by people).

mod catalogue;
mod money;
mod order;
mod parts;

pub use catalogue::{Address, Customer, Level, Location, Product, ProductStatus, Variant, grams_per};
pub use money::{amount, digits, minor, timestamp, timestamp_ms};
pub use order::{Cancelled, Order, OrderTotals, Transaction, TransactionKind};
pub use parts::{
    Delivery, Fo, FoLine, FoStatus, Fulfillment, FulfillmentLine, Hold, Line, Metafield, Refund, RefundLine,
    RequestStatus, Restock, Return, ReturnLine, ReturnStatus, ShipEvent, ShippingLine,
};

use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One store's data.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Locations, the primary one first.
    pub locations: Vec<Location>,
    /// Products with their variants.
    pub products: Vec<Product>,
    /// Customers, in the order of their ids.
    pub customers: Vec<Customer>,
    /// Orders, in the order of their ids.
    orders: Vec<Order>,
    /// (updated, id) of every order: the search index for `updated_at`.
    by_update: BTreeSet<(i64, u64)>,
    /// (newest change of a fulfillment order, order): the search index for work.
    by_work: BTreeSet<(i64, u64)>,
    /// What `by_work` says of an order.
    work_of: HashMap<u64, i64>,
    /// Orders that may have changed since the index for work was made.
    restless: Vec<u64>,
    /// Any part of an order → the order.
    owner: HashMap<u64, u64>,
    /// Work of the platform that is done later.
    pub pending: BTreeSet<(i64, u64)>,
    /// What that work is.
    pub jobs: BTreeMap<u64, Job>,
    /// Bulk operations.
    pub bulk: Vec<Bulk>,
    /// Products and variants that were deleted.
    pub deletions: Vec<Deletion>,
    /// Stock changes, newest last.
    pub adjustments: Vec<Adjustment>,
    /// Idempotency key → what it was used for.
    pub keys: HashMap<String, KeyUse>,
    last_id: u64,
    last_number: i64,
}

/// Work the platform does in its own time.
#[derive(Debug, Clone)]
pub struct Job {
    /// What is to be done.
    pub work: Work,
    /// It was done, whatever came of it.
    pub done: bool,
}

/// See [`Job`].
#[derive(Debug, Clone)]
pub enum Work {
    /// Make fulfillment orders for a new order.
    Route(u64),
    /// Cancel an order.
    Cancel {
        /// Which.
        order: u64,
        /// Why.
        reason: String,
        /// Put its units back.
        restock: bool,
        /// Give the money back.
        refund: bool,
        /// Note for the team.
        staff_note: Option<String>,
    },
    /// Hand out what needs no carrier.
    HandOut(u64),
    /// The third-party service ships its part.
    ThirdParty {
        /// Which order.
        order: u64,
        /// Which fulfillment order.
        fo: u64,
    },
    /// A bulk operation ends.
    Bulk(u64),
}

/// A bulk operation.
#[derive(Debug, Clone)]
pub struct Bulk {
    /// Its id.
    pub id: u64,
    /// `CREATED`, `RUNNING`, `COMPLETED`, `CANCELING`, `CANCELED`.
    pub status: &'static str,
    /// The inner document.
    pub query: String,
    /// When it was asked for, ms UTC.
    pub created_ms: i64,
    /// When it ended, ms UTC.
    pub completed_ms: Option<i64>,
    /// The result as JSON lines.
    pub result: String,
    /// Objects in the result.
    pub objects: u64,
    /// Root objects in the result.
    pub roots: u64,
}

/// Something was deleted.
#[derive(Debug, Clone)]
pub struct Deletion {
    /// Id of the event.
    pub id: u64,
    /// `PRODUCT` or `PRODUCT_VARIANT`.
    pub subject_type: &'static str,
    /// gid of what is gone.
    pub subject: String,
    /// When, ms UTC.
    pub at_ms: i64,
}

/// A group of stock changes.
#[derive(Debug, Clone)]
pub struct Adjustment {
    /// Its id.
    pub id: u64,
    /// When, ms UTC.
    pub at_ms: i64,
    /// The client's reason.
    pub reason: String,
    /// The client's document.
    pub reference: Option<String>,
    /// (quantity name, variant id, location id, delta, after).
    pub changes: Vec<(String, u64, u64, i64, i64)>,
}

/// What an idempotency key was used for.
#[derive(Debug, Clone)]
pub struct KeyUse {
    /// Mutation and arguments.
    pub request: String,
    /// What was answered.
    pub payload: Json,
    /// It had been refused.
    pub failed: bool,
}

impl State {
    /// An empty store whose ids begin after `last_id` and whose first order is `#1001`.
    pub fn new(last_id: u64) -> Self {
        Self { last_id, last_number: 1000, ..Self::default() }
    }

    /// A new id; every id of the store comes from here.
    pub fn id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Everything is as it was; numbers that were given out stay used.
    pub fn forget_since(&mut self, before: Self) {
        let (last_id, last_number) = (self.last_id, self.last_number);
        *self = Self { last_id, last_number, ..before };
    }

    /// The number of the next order.
    pub fn next_number(&mut self) -> i64 {
        self.last_number += 1;
        self.last_number
    }

    /// Puts a new order in. Its id must be the newest.
    pub fn add_order(&mut self, order: Order) {
        self.by_update.insert((order.updated_ms, order.id));
        for line in &order.lines {
            self.owner.insert(line.id, order.id);
        }
        self.orders.push(order);
    }

    /// Notes that a part belongs to an order, so that it can be found by its own id.
    pub fn own(&mut self, part: u64, order: u64) {
        self.owner.insert(part, order);
    }

    /// All orders, oldest first.
    pub fn orders(&self) -> &[Order] {
        &self.orders
    }

    /// An order.
    pub fn order(&self, id: u64) -> Option<&Order> {
        self.orders.binary_search_by_key(&id, |order| order.id).ok().and_then(|index| self.orders.get(index))
    }

    /// An order, to change it. Says nothing of its `updated_ms`: see [`State::touch`].
    pub fn order_mut(&mut self, id: u64) -> Option<&mut Order> {
        if self.restless.last() != Some(&id) {
            self.restless.push(id);
        }
        self.orders.binary_search_by_key(&id, |order| order.id).ok().and_then(|index| self.orders.get_mut(index))
    }

    /// The order a part belongs to.
    pub fn owner(&self, part: u64) -> Option<&Order> {
        self.order(*self.owner.get(&part)?)
    }

    /// The order changed visibly: `updatedAt` moves, to the second.
    pub fn touch(&mut self, id: u64, now_ms: i64) {
        let now_ms = seconds(now_ms);
        let Ok(index) = self.orders.binary_search_by_key(&id, |order| order.id) else { return };
        let Some(order) = self.orders.get_mut(index) else { return };
        if now_ms > order.updated_ms {
            self.by_update.remove(&(order.updated_ms, id));
            order.updated_ms = now_ms;
            self.by_update.insert((now_ms, id));
        }
    }

    /// Orders by (updated, id), from a key on, exclusive where `after` is given.
    pub fn orders_updated_from(&self, from_ms: i64, after: Option<(i64, u64)>) -> impl Iterator<Item = &Order> {
        let low = std::ops::Bound::Included((from_ms, 0));
        let start = match after {
            Some(key) if key >= (from_ms, 0) => std::ops::Bound::Excluded(key),
            _ => low,
        };
        self.by_update.range((start, std::ops::Bound::Unbounded)).filter_map(|(_, id)| self.order(*id))
    }

    /// Brings the index for work up to date; needed before [`State::orders_worked_from`].
    pub fn index_work(&mut self) {
        for id in std::mem::take(&mut self.restless) {
            let newest = self.order(id).and_then(|order| order.fos.iter().map(|fo| fo.updated_ms).max());
            let before = newest.and_then(|newest| self.work_of.insert(id, newest));
            if let Some(before) = before {
                self.by_work.remove(&(before, id));
            }
            self.by_work.extend(newest.map(|newest| (newest, id)));
        }
    }

    /// Orders of which some fulfillment order changed at that moment or later.
    pub fn orders_worked_from(&self, from_ms: i64) -> impl Iterator<Item = &Order> {
        self.by_work.range((from_ms, 0)..).filter_map(|(_, id)| self.order(*id))
    }

    /// A variant and its product.
    pub fn variant(&self, id: u64) -> Option<(&Product, &Variant)> {
        self.products.iter().find_map(|product| {
            product
                .variants
                .iter()
                .find(|variant| variant.id == id || variant.item_id == id)
                .map(|variant| (product, variant))
        })
    }

    /// A variant, to change it; by its own or its inventory item's id.
    pub fn variant_mut(&mut self, id: u64) -> Option<&mut Variant> {
        self.products
            .iter_mut()
            .flat_map(|product| &mut product.variants)
            .find(|variant| variant.id == id || variant.item_id == id)
    }

    /// A location.
    pub fn location(&self, id: u64) -> Option<&Location> {
        self.locations.iter().find(|location| location.id == id)
    }

    /// A customer.
    pub fn customer(&self, id: u64) -> Option<&Customer> {
        self.customers
            .binary_search_by_key(&id, |customer| customer.id)
            .ok()
            .and_then(|index| self.customers.get(index))
    }

    /// Work for later. Gives the job's id.
    pub fn later(&mut self, at_ms: i64, work: Work) -> u64 {
        let id = self.id();
        self.jobs.insert(id, Job { work, done: false });
        self.pending.insert((at_ms, id));
        id
    }
}

/// Cut to whole seconds, as the platform keeps time.
pub fn seconds(ms: i64) -> i64 {
    ms.div_euclid(1000) * 1000
}

/// `gid://shopify/Order/1`.
pub fn gid(kind: &str, id: u64) -> String {
    format!("gid://shopify/{kind}/{id}")
}

/// The digits of a gid of that kind; a bare number and another kind are refused.
pub fn digits_of(gid: &str, kind: &str) -> Option<u64> {
    let (have, id) = parse_gid(gid)?;
    (have == kind).then_some(id)
}

/// Kind and digits of a gid.
pub fn parse_gid(gid: &str) -> Option<(&str, u64)> {
    let (kind, id) = gid.strip_prefix("gid://shopify/")?.split_once('/')?;
    let id = id.split('?').next()?;
    Some((kind, id.parse().ok()?))
}
