//! What the account holds, once, for both APIs: orders, parcels, and the small
//! lists around them. Every change goes through the functions of this room, so
//! that both APIs and the warehouse obey the same rules and every applied change
//! is written to the ledger exactly once.
//!
//! Left out on purpose: batches, manifests, pickups, totes, suppliers and
//! purchase orders. Nothing of ours reads or writes them; their paths answer 404.

pub mod labels;
pub mod orders;
pub mod query;
pub mod splits;
pub mod stock;
pub mod tracking;
pub mod types;

use super::pacific::Wall;
use super::plan::ShipStationPlan;
use super::written::Written;
use crate::ledger::{By, Entry, Ledger};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
pub use types::*;

/// Who changes something, when, and where it is written down.
pub struct Pen<'a> {
    /// When, ms UTC.
    pub now_ms: i64,
    /// Who.
    pub by: By,
    /// Where.
    pub ledger: &'a mut Ledger,
}

/// Why a change was not made. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deny {
    /// There is no such thing (or it vanished).
    NotFound(&'static str),
    /// The order's status does not allow it.
    Locked(Status, String),
    /// A field is missing or wrong: (field in the words of the caller's API, what is wrong).
    Field(&'static str, String),
    /// The key belongs to something else.
    Conflict(&'static str, String),
}

/// Everything in the account.
#[derive(Clone)]
pub struct State {
    /// What the account is like.
    pub plan: ShipStationPlan,
    /// Orders by id, deleted ones included.
    pub orders: BTreeMap<i64, Order>,
    /// Labels by id, voided ones included.
    pub labels: BTreeMap<i64, Label>,
    /// Marked-as-shipped records by id.
    pub fulfillments: BTreeMap<i64, Fulfillment>,
    /// Tags.
    pub tags: Vec<Tag>,
    /// People.
    pub users: Vec<User>,
    /// Ship-from addresses.
    pub warehouses: Vec<Warehouse>,
    /// Products by id.
    pub products: BTreeMap<i64, Product>,
    /// Customers by id.
    pub customers: BTreeMap<i64, Customer>,
    /// Webhooks of the older API by id.
    pub webhooks: BTreeMap<i64, Webhook>,
    /// When each store was last asked to refresh, ms UTC.
    pub refreshes: BTreeMap<i64, i64>,
    /// Stores switched off or on since.
    pub store_active: BTreeMap<i64, bool>,
    /// Quotes of the newer API by id.
    pub quotes: BTreeMap<i64, Quote>,
    /// Stock, where the add-on was bought.
    pub stock: stock::Stock,
    /// Order ids by key; children of a split may share one.
    by_key: BTreeMap<String, Vec<i64>>,
    /// Product ids by SKU.
    by_sku: BTreeMap<String, i64>,
    /// Customer ids by user name.
    by_username: BTreeMap<String, i64>,
    /// Parcels of each order.
    parcels: BTreeMap<i64, Vec<Parcel>>,
    /// Orders by the wall time of their last change.
    modified: BTreeSet<(Wall, i64)>,
    /// Dated holds, by the day they end.
    holds: BTreeSet<(Wall, i64)>,
    /// Orders changed since the warehouse last looked.
    touched: BTreeSet<i64>,
    /// Orders of the older API's lists as last written.
    pub(super) written_orders: Written<i64, Order>,
    /// Labels, with their lines or without, as last written.
    pub(super) written_labels: Written<(i64, bool), Label>,
    /// Marked-as-shipped records as last written.
    pub(super) written_fulfillments: Written<i64, Fulfillment>,
    rng: SmallRng,
    next_id: NextId,
}

#[derive(Clone, Copy)]
struct NextId {
    order: i64,
    item: i64,
    label: i64,
    fulfillment: i64,
    product: i64,
    customer: i64,
    tag: i64,
    other: i64,
}

impl State {
    /// An account without orders.
    pub fn new(plan: ShipStationPlan) -> Self {
        let tags = ["Gift", "Priority", "Fragile"].into_iter().zip(4120..);
        let tags = tags.map(|(name, id)| Tag { id, name: name.to_owned(), color: "#336699".to_owned() }).collect();
        let user = |id: &str, name: &str, login: &str| User {
            id: id.to_owned(),
            name: name.to_owned(),
            login: login.to_owned(),
        };
        Self {
            orders: BTreeMap::new(),
            labels: BTreeMap::new(),
            fulfillments: BTreeMap::new(),
            tags,
            users: vec![
                user("2f9c7c4e-6a1b-4d65-9a51-0d6f3a1f0c11", "Mira Olsen", "mira"),
                user("7b1d2c90-11aa-4f0e-8b6d-5d0a9f4b7e22", "Jan Peters", "jan"),
            ],
            warehouses: vec![Warehouse::harbour()],
            products: BTreeMap::new(),
            customers: BTreeMap::new(),
            webhooks: BTreeMap::new(),
            refreshes: BTreeMap::new(),
            store_active: BTreeMap::new(),
            quotes: BTreeMap::new(),
            stock: stock::Stock::default(),
            by_key: BTreeMap::new(),
            by_sku: BTreeMap::new(),
            by_username: BTreeMap::new(),
            parcels: BTreeMap::new(),
            modified: BTreeSet::new(),
            written_orders: Written::default(),
            written_labels: Written::default(),
            written_fulfillments: Written::default(),
            holds: BTreeSet::new(),
            touched: BTreeSet::new(),
            rng: SmallRng::seed_from_u64(plan.seed ^ 0x5317_57A7_1013),
            next_id: NextId {
                order: 987_000_111,
                item: 710_044_123,
                label: 440_011_223,
                fulfillment: 33_008_004,
                product: 55_120_044,
                customer: 66_110_022,
                tag: 4200,
                other: 9_000,
            },
            plan,
        }
    }

    /// Lets what happens by itself happen until then: dated holds end at midnight, Pacific time.
    pub fn settle(&mut self, now_ms: i64, ledger: &mut Ledger) {
        let today = Wall::of(now_ms);
        while let Some(&(day, order_id)) = self.holds.first() {
            if day > today {
                break;
            }
            self.holds.remove(&(day, order_id));
            let mut pen = Pen { now_ms, by: By::Merchant, ledger };
            // The set may name an order that was released or cancelled since; then there is nothing to end.
            let _ = self.end_hold(&mut pen, order_id, "the day of the hold has come");
        }
    }

    /// Everything is as it was; numbers that were given out stay used.
    pub fn forget_since(&mut self, before: Self) {
        let (next_id, rng) = (self.next_id, self.rng.clone());
        *self = Self { rng, next_id, ..before };
    }

    /// Orders changed since this was last asked, in the order of their ids.
    pub fn take_touched(&mut self) -> Vec<i64> {
        std::mem::take(&mut self.touched).into_iter().collect()
    }

    /// An order that still exists, by id.
    pub fn order(&self, id: i64) -> Option<&Order> {
        self.orders.get(&id).filter(|order| !order.deleted)
    }

    /// The order with this key: of a split family the one the others came from.
    pub fn order_by_key(&self, key: &str) -> Option<&Order> {
        let family = self.by_key.get(key)?;
        let mut living = family.iter().filter_map(|id| self.order(*id));
        let first = living.next()?;
        Some(std::iter::once(first).chain(living).find(|order| order.parent_id.is_none()).unwrap_or(first))
    }

    /// Labels and marked-as-shipped records of an order, oldest first.
    pub fn parcels_of(&self, order_id: i64) -> &[Parcel] {
        self.parcels.get(&order_id).map_or(&[], Vec::as_slice)
    }

    /// A fresh number for things that need one and nobody sorts by.
    pub fn other_id(&mut self) -> i64 {
        next(&mut self.next_id.other)
    }

    /// Random text in the shape of a GUID.
    pub fn guid(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.rng.random()).into_uuid().to_string()
    }

    /// Whether a store takes part.
    pub fn store_is_active(&self, store_id: i64) -> bool {
        let planned = self.plan.stores.iter().find(|store| store.id == store_id).is_some_and(|store| store.active);
        self.store_active.get(&store_id).copied().unwrap_or(planned)
    }

    /// Marks an order as changed now.
    fn touch(&mut self, order_id: i64, now_ms: i64) {
        let Some(order) = self.orders.get_mut(&order_id) else { return };
        self.modified.remove(&(Wall::of(order.modified_ms), order_id));
        order.modified_ms = now_ms;
        if !order.deleted {
            self.modified.insert((Wall::of(now_ms), order_id));
        }
        self.touched.insert(order_id);
    }

    fn forget_key(&mut self, key: &str, order_id: i64) {
        if let Some(family) = self.by_key.get_mut(key) {
            family.retain(|id| *id != order_id);
            if family.is_empty() {
                self.by_key.remove(key);
            }
        }
    }

    fn write(&self, pen: &mut Pen<'_>, effect: &str, subject: String, key: Option<String>, detail: Value) {
        pen.ledger.note(Entry {
            at_ms: pen.now_ms,
            platform: "shipstation".to_owned(),
            account: self.plan.account.clone(),
            effect: effect.to_owned(),
            subject,
            key,
            detail,
            by: pen.by,
        });
    }

    /// Writes down something done to an order, with the order as it is now.
    fn write_order(&self, pen: &mut Pen<'_>, effect: &str, order_id: i64, more: Value) {
        let Some(order) = self.orders.get(&order_id) else { return };
        let mut detail = order.ledger_detail();
        if let (Value::Object(detail), Value::Object(more)) = (&mut detail, more) {
            detail.extend(more);
        }
        self.write(pen, effect, order_id.to_string(), Some(order.key.clone()), detail);
    }
}

fn next(counter: &mut i64) -> i64 {
    *counter += 1;
    *counter
}
