//! What the account holds. Every change goes through the functions here, so that
//! the API and the people obey the same rules and each applied change is written
//! to the ledger once.

use super::plan::OrderezPlan;
use crate::ledger::{By, Entry, Ledger};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Who changes something, when, and where it is written down.
pub struct Pen<'a> {
    /// When, ms UTC.
    pub now_ms: i64,
    /// Who.
    pub by: By,
    /// Where.
    pub ledger: &'a mut Ledger,
}

/// A reference of another system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Whose.
    pub system: String,
    /// Its id there.
    pub id: String,
    /// What people call it there.
    pub number: Option<String>,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Id.
    pub id: String,
    /// SKU.
    pub sku: String,
    /// Name.
    pub title: Option<String>,
    /// Units ordered.
    pub quantity: i64,
    /// Units that left.
    pub fulfilled: i64,
    /// Units cancelled.
    pub cancelled: i64,
    /// Units refunded.
    pub refunded: i64,
    /// Amounts as sent: unit_price, tax, discount.
    pub amounts: BTreeMap<String, Value>,
    /// The client's reference.
    pub reference: Option<Reference>,
}

impl Line {
    /// Units still to pack.
    pub fn open(&self) -> i64 {
        self.quantity - self.fulfilled - self.cancelled
    }
}

/// An order.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Id.
    pub id: String,
    /// What people call it.
    pub number: String,
    /// References of other systems.
    pub references: Vec<Reference>,
    /// The system that wrote it.
    pub made_by: String,
    /// Held back.
    pub on_hold: bool,
    /// Why.
    pub hold_reason: Option<String>,
    /// How far payment is.
    pub payment_status: String,
    /// Currency.
    pub currency: String,
    /// Where it goes.
    pub shipping_address: Value,
    /// Everything that is repeated as it was sent: billing_address, customer, totals, shipping_method, note.
    pub rest: BTreeMap<String, Value>,
    /// Lines.
    pub lines: Vec<Line>,
    /// Where which units are packed.
    pub assignments: Vec<Value>,
    /// When the buyer bought, ms UTC.
    pub placed_ms: Option<i64>,
    /// When it was made here, ms UTC.
    pub created_ms: i64,
    /// When it last changed, ms UTC.
    pub updated_ms: i64,
    /// When it was cancelled as a whole, ms UTC.
    pub cancelled_ms: Option<i64>,
    /// Why.
    pub cancel_reason: Option<String>,
    /// Grows with every change.
    pub version: i64,
    /// Refunds recorded.
    pub refunds: Vec<Value>,
}

impl Order {
    /// Units still to pack.
    pub fn open_units(&self) -> i64 {
        self.lines.iter().map(Line::open).sum()
    }
    /// Units that left.
    pub fn fulfilled_units(&self) -> i64 {
        self.lines.iter().map(|line| line.fulfilled).sum()
    }
    /// Nothing of it leaves.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled_ms.is_some()
    }
    /// The word for where it stands.
    pub fn status(&self) -> &'static str {
        match (self.open_units(), self.fulfilled_units()) {
            _ if self.is_cancelled() => "cancelled",
            (0, 1..) => "fulfilled",
            _ if self.on_hold => "on_hold",
            (_, 1..) => "partially_fulfilled",
            _ => "accepted",
        }
    }
    /// Somebody may pack it.
    pub fn can_be_packed(&self) -> bool {
        !self.is_cancelled() && !self.on_hold && self.open_units() > 0
    }
    /// The reference of the system that wrote it.
    pub fn client_key(&self) -> Option<&str> {
        self.references.iter().find(|reference| reference.system == self.made_by).map(|reference| reference.id.as_str())
    }
    fn detail(&self) -> Value {
        let line = |line: &Line| {
            json!({"line": line.reference.as_ref().map(|reference| &reference.id), "sku": line.sku, "quantity": line.quantity,
                "cancelled": line.cancelled, "fulfilled": line.fulfilled})
        };
        json!({"number": self.number, "status": self.status(), "lines": self.lines.iter().map(line).collect::<Vec<_>>()})
    }
}

/// A shipment.
#[derive(Debug, Clone, PartialEq)]
pub struct Fulfillment {
    /// Id.
    pub id: String,
    /// The order.
    pub order_id: String,
    /// Where it was packed.
    pub warehouse_id: String,
    /// `pending`, `shipped`, `delivered`, `exception`, `returned`, `cancelled`.
    pub status: String,
    /// Line id and units.
    pub lines: Vec<(String, i64)>,
    /// Carrier, number, url.
    pub tracking: Vec<Tracking>,
    /// When it left, ms UTC.
    pub shipped_ms: Option<i64>,
    /// When it arrived, ms UTC.
    pub delivered_ms: Option<i64>,
    /// The client's reference.
    pub external_ref: Option<Value>,
    /// Who wrote it.
    pub source: Value,
    /// Grows with every change.
    pub version: i64,
    /// When it last changed, ms UTC.
    pub updated_ms: i64,
}

/// How to follow a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracking {
    /// Carrier as people write it.
    pub carrier: String,
    /// Its id.
    pub number: String,
}

/// How many units are where.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// On the shelf.
    pub on_hand: i64,
    /// Of them promised.
    pub reserved: i64,
    /// Grows with every change.
    pub version: i64,
    /// Who changed it last and why.
    pub last_change: Value,
    /// When, ms UTC.
    pub updated_ms: i64,
}

/// Why a change was not made. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deny {
    /// There is no such thing.
    NotFound,
    /// Its state does not allow it.
    State(String),
    /// Something of the content.
    Field(String, &'static str, String),
    /// The reference belongs to another order.
    Taken(String),
}

/// Everything in the account.
#[derive(Clone)]
pub struct State {
    /// What the account is like.
    pub plan: OrderezPlan,
    /// Orders by id.
    pub orders: BTreeMap<String, Order>,
    /// Shipments by id.
    pub fulfillments: BTreeMap<String, Fulfillment>,
    /// Counts by warehouse and SKU.
    pub levels: BTreeMap<(String, String), Level>,
    /// Products by id, in the contract's own shape.
    pub products: BTreeMap<String, Value>,
    /// Customers by id, in the contract's own shape.
    pub customers: BTreeMap<String, Value>,
    /// Order id by (system, reference).
    by_reference: BTreeMap<(String, String), String>,
    /// Orders changed since the people last looked.
    touched: BTreeSet<String>,
    counter: u64,
}

/// The warehouse everything is packed in.
pub const WAREHOUSE: &str = "wh_quay";

impl State {
    /// An account without orders.
    pub fn new(plan: OrderezPlan) -> Self {
        Self {
            plan,
            orders: BTreeMap::new(),
            fulfillments: BTreeMap::new(),
            levels: BTreeMap::new(),
            products: BTreeMap::new(),
            customers: BTreeMap::new(),
            by_reference: BTreeMap::new(),
            touched: BTreeSet::new(),
            counter: 1000,
        }
    }

    /// A fresh id. Ids of one kind grow in their order.
    pub fn id(&mut self, kind: &str) -> String {
        self.counter += 1;
        format!("{kind}_{:07}", self.counter)
    }

    /// Orders changed since this was last asked.
    pub fn take_touched(&mut self) -> Vec<String> {
        std::mem::take(&mut self.touched).into_iter().collect()
    }

    /// Everything is as it was; numbers that were given out stay used.
    pub fn forget_since(&mut self, before: Self) {
        let counter = self.counter;
        *self = Self { counter, ..before };
    }

    /// The order with this reference.
    pub fn by_reference(&self, system: &str, id: &str) -> Option<&Order> {
        self.orders.get(self.by_reference.get(&(system.to_owned(), id.to_owned()))?)
    }

    /// Shipments of an order that count.
    pub fn fulfillments_of<'a>(&'a self, order_id: &'a str) -> impl Iterator<Item = &'a Fulfillment> {
        self.fulfillments
            .values()
            .filter(move |fulfillment| fulfillment.order_id == order_id && fulfillment.status != "cancelled")
    }

    /// A new order, its id and times still to be set.
    pub fn create(&mut self, pen: &mut Pen<'_>, order: Order) -> Result<String, Deny> {
        for reference in &order.references {
            if let Some(existing) = self.by_reference.get(&(reference.system.clone(), reference.id.clone())) {
                return Err(Deny::Taken(existing.clone()));
            }
        }
        if let Some((at, line)) = order.lines.iter().enumerate().find(|(_, line)| !self.knows(&line.sku)) {
            return Err(Deny::Field(
                format!("/lines/{at}/sku"),
                "unknown_sku",
                format!("SKU {} does not exist", line.sku),
            ));
        }
        let id = self.id("ord");
        let mut order = Order {
            number: format!("OZ-{}", self.counter),
            id: id.clone(),
            created_ms: pen.now_ms,
            updated_ms: pen.now_ms,
            version: 1,
            ..order
        };
        for line in &mut order.lines {
            self.counter += 1;
            line.id = format!("ln_{:07}", self.counter);
        }
        for reference in &order.references {
            self.by_reference.insert((reference.system.clone(), reference.id.clone()), id.clone());
        }
        self.orders.insert(id.clone(), order);
        self.touched.insert(id.clone());
        self.write(pen, "order_created", &id);
        Ok(id)
    }

    fn knows(&self, sku: &str) -> bool {
        self.plan.skus.is_empty()
            || self.plan.skus.contains(sku)
            || self.products.values().any(|product| product["sku"] == sku)
    }

    /// Changes an order and writes it down under `effect`.
    pub fn change(
        &mut self,
        pen: &mut Pen<'_>,
        id: &str,
        effect: &str,
        change: impl FnOnce(&mut Order),
    ) -> Result<(), Deny> {
        let order = self.orders.get_mut(id).ok_or(Deny::NotFound)?;
        change(order);
        order.version += 1;
        order.updated_ms = pen.now_ms;
        self.touched.insert(id.to_owned());
        self.write(pen, effect, id);
        Ok(())
    }

    /// Cancels open units: these, or all. What left, left.
    pub fn cancel(
        &mut self,
        pen: &mut Pen<'_>,
        id: &str,
        lines: Option<&[(String, i64)]>,
        reason: &str,
    ) -> Result<(), Deny> {
        let order = self.orders.get(id).ok_or(Deny::NotFound)?;
        if order.is_cancelled() {
            return Err(Deny::State("the order is cancelled already".into()));
        }
        let wanted: Vec<(String, i64)> = match lines {
            Some(lines) => lines.to_vec(),
            None => {
                order.lines.iter().map(|line| (line.id.clone(), line.open())).filter(|(_, units)| *units > 0).collect()
            }
        };
        if wanted.is_empty() {
            return Err(Deny::State("every unit has left".into()));
        }
        for (at, (line_id, units)) in wanted.iter().enumerate() {
            let line = order.lines.iter().find(|line| line.id == *line_id);
            let line = line.ok_or_else(|| {
                Deny::Field(format!("/lines/{at}/line_id"), "unknown_line", format!("no line {line_id}"))
            })?;
            if *units > line.open() {
                return Err(Deny::State(format!("{units} units of {line_id} are not open, {} are", line.open())));
            }
        }
        let now_ms = pen.now_ms;
        let whole = lines.is_none();
        self.change(pen, id, if whole { "order_cancelled" } else { "units_cancelled" }, |order| {
            for line in &mut order.lines {
                line.cancelled += wanted.iter().filter(|(id, _)| *id == line.id).map(|(_, units)| units).sum::<i64>();
            }
            if order.open_units() == 0 && order.fulfilled_units() == 0 {
                order.cancelled_ms = Some(now_ms);
                order.cancel_reason = Some(reason.to_owned());
            }
        })
    }

    /// Units leave.
    pub fn ship(&mut self, pen: &mut Pen<'_>, id: &str, fulfillment: Fulfillment) -> Result<String, Deny> {
        let order = self.orders.get(id).ok_or(Deny::NotFound)?;
        if order.is_cancelled() || order.on_hold {
            return Err(Deny::State(format!("the order is {}", order.status())));
        }
        for (at, (line_id, units)) in fulfillment.lines.iter().enumerate() {
            let line = order.lines.iter().find(|line| line.id == *line_id);
            let line = line.ok_or_else(|| {
                Deny::Field(format!("/lines/{at}/line_id"), "unknown_line", format!("no line {line_id}"))
            })?;
            if *units > line.open() || *units < 1 {
                return Err(Deny::Field(
                    format!("/lines/{at}/quantity"),
                    "too_many",
                    format!("{} units are open", line.open()),
                ));
            }
        }
        let ful_id = self.id("ful");
        let lines = fulfillment.lines.clone();
        let fulfillment = Fulfillment {
            id: ful_id.clone(),
            order_id: id.to_owned(),
            version: 1,
            updated_ms: pen.now_ms,
            ..fulfillment
        };
        self.note(pen, "fulfillment_created", &fulfillment);
        self.fulfillments.insert(ful_id.clone(), fulfillment);
        self.change(pen, id, "order_updated", |order| {
            for line in &mut order.lines {
                line.fulfilled += lines.iter().filter(|(id, _)| *id == line.id).map(|(_, units)| units).sum::<i64>();
            }
        })?;
        Ok(ful_id)
    }

    /// Changes a shipment; a cancelled one gives its units back.
    pub fn change_fulfillment(
        &mut self,
        pen: &mut Pen<'_>,
        id: &str,
        change: impl FnOnce(&mut Fulfillment),
    ) -> Result<(), Deny> {
        let fulfillment = self.fulfillments.get_mut(id).ok_or(Deny::NotFound)?;
        if fulfillment.status == "cancelled" {
            return Err(Deny::State("the shipment is cancelled".into()));
        }
        change(fulfillment);
        fulfillment.version += 1;
        fulfillment.updated_ms = pen.now_ms;
        let now = fulfillment.clone();
        let cancelled = now.status == "cancelled";
        self.note(pen, if cancelled { "fulfillment_cancelled" } else { "fulfillment_updated" }, &now);
        if cancelled {
            self.change(pen, &now.order_id, "order_updated", |order| {
                for line in &mut order.lines {
                    line.fulfilled -=
                        now.lines.iter().filter(|(id, _)| *id == line.id).map(|(_, units)| units).sum::<i64>();
                }
            })?;
        }
        Ok(())
    }

    fn write(&self, pen: &mut Pen<'_>, effect: &str, id: &str) {
        let Some(order) = self.orders.get(id) else { return };
        pen.ledger.note(self.entry(pen.now_ms, pen.by, effect, id, order.client_key(), order.detail()));
    }

    fn note(&self, pen: &mut Pen<'_>, effect: &str, fulfillment: &Fulfillment) {
        let numbers: Vec<&str> = fulfillment.tracking.iter().map(|tracking| tracking.number.as_str()).collect();
        let detail = json!({"order": fulfillment.order_id, "lines": fulfillment.lines, "tracking": numbers, "status": fulfillment.status});
        let key = self.orders.get(&fulfillment.order_id).and_then(Order::client_key);
        pen.ledger.note(self.entry(pen.now_ms, pen.by, effect, &fulfillment.id, key, detail));
    }

    /// An entry for anything else.
    pub fn log(&self, pen: &mut Pen<'_>, effect: &str, subject: &str, detail: Value) {
        pen.ledger.note(self.entry(pen.now_ms, pen.by, effect, subject, None, detail));
    }

    fn entry(&self, at_ms: i64, by: By, effect: &str, subject: &str, key: Option<&str>, detail: Value) -> Entry {
        Entry {
            at_ms,
            platform: "orderez".to_owned(),
            account: self.plan.account.clone(),
            effect: effect.to_owned(),
            subject: subject.to_owned(),
            key: key.map(str::to_owned),
            detail,
            by,
        }
    }
}
