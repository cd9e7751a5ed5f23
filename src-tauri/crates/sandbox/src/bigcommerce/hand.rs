//! Whoever changes a store: a client over the API, or people. Both change it by the
//! same acts, so that both leave the same traces. Below: what people do.

use super::BigCommerce;
use super::plan::BigPlan;
use super::shape::totals;
use super::state::{Address, Choice, Line, Order, Refund, ShipTo, Shipment, State, seconds};
use crate::ledger::{By, Entry};
use crate::{Ledger, Moment};
use serde_json::{Value as Json, json};

/// Somebody who changes a store at one moment.
pub struct Hand<'a> {
    /// The store's data.
    pub state: &'a mut State,
    /// The store.
    pub plan: &'a BigPlan,
    /// Now, ms UTC.
    pub now_ms: i64,
    /// Where it is written down.
    pub ledger: &'a mut Ledger,
    /// Who it is.
    pub by: By,
}

impl Hand<'_> {
    /// Writes an applied effect down.
    pub fn note(&mut self, effect: &str, subject: i64, key: Option<String>, detail: Json) {
        self.ledger.note(Entry {
            at_ms: self.now_ms,
            platform: "bigcommerce".to_owned(),
            account: self.plan.account.clone(),
            effect: effect.to_owned(),
            subject: subject.to_string(),
            key: key.filter(|key| !key.is_empty()),
            detail,
            by: self.by,
        });
    }

    /// A mail to the buyer: what it is about, and whether it names a tracking number.
    fn mail(&mut self, order: i64, about: &str) {
        let tracking =
            self.state.orders.get(&order).is_some_and(|order| order.shipments.iter().any(|one| !one.number.is_empty()));
        self.note("buyer_mailed", order, None, json!({ "about": about, "tracking": tracking }));
    }

    /// Makes a shipment. Everything was checked before. Gives its id.
    pub fn ship(&mut self, order: i64, mut shipment: Shipment) -> i64 {
        let (id, now_ms) = (self.state.id(), seconds(self.now_ms));
        shipment.id = id;
        let habits = &self.plan.habits;
        let Some(one) = self.state.orders.get_mut(&order) else { return id };
        for (line, units) in &shipment.items {
            if let Some(line) = one.line_mut(*line) {
                line.shipped = (line.shipped + units).min(line.quantity);
            }
        }
        let lines: Vec<Json> = shipment
            .items
            .iter()
            .map(|(line, units)| json!({ "line": line.to_string(), "sku": one.line(*line).map(|line| line.sku.clone()), "quantity": units }))
            .collect();
        let detail = json!({
            "order": one.id.to_string(), "orderId": one.id.to_string(), "lines": lines, "trackingNumbers": [shipment.number],
            "carrier": shipment.carrier, "provider": shipment.provider, "link": shipment.link, "address": shipment.address,
            "cost": shipment.cost, "comments": shipment.comments,
        });
        let key = Some(shipment.number.clone());
        one.shipments.push(shipment);
        let done = one.all_shipped();
        if done {
            one.shipped_ms = Some(now_ms);
        }
        if habits.status_follows_shipment {
            one.status = if done { 2 } else { 3 };
        }
        if habits.shipment_touches_order {
            self.state.touch(order, now_ms);
        }
        self.note("fulfillment_created", id, key, detail);
        self.mail(order, "shipment");
        id
    }

    /// Takes a shipment back. The status stays what it was.
    pub fn unship(&mut self, order: i64, shipment: i64) {
        let now_ms = self.now_ms;
        let touches = self.plan.habits.shipment_touches_order;
        let Some(one) = self.state.orders.get_mut(&order) else { return };
        let Some(place) = one.shipments.iter().position(|known| known.id == shipment) else { return };
        let taken = one.shipments.remove(place);
        for (line, units) in &taken.items {
            if let Some(line) = one.line_mut(*line) {
                line.shipped = (line.shipped - units).max(0);
            }
        }
        one.shipped_ms = None;
        if touches {
            self.state.touch(order, now_ms);
        }
        let detail = json!({ "orderId": order.to_string(), "trackingNumbers": [taken.number] });
        self.note("fulfillment_cancelled", shipment, None, detail);
    }

    /// Sets a status; a change is mailed if it is one buyers are told of.
    pub fn set_status(&mut self, order: i64, status: i64) {
        let now_ms = seconds(self.now_ms);
        let (ships_units, combined) = (self.plan.habits.status_ships_units, self.plan.combined_mail);
        let Some(one) = self.state.orders.get_mut(&order) else { return };
        let before = std::mem::replace(&mut one.status, status);
        if status == 2 && ships_units {
            for line in one.lines.iter_mut().filter(|line| line.kind == "physical" && line.pickup == 0) {
                line.shipped = line.quantity - line.refunded;
            }
        }
        if status == 2 {
            one.shipped_ms = one.shipped_ms.or(Some(now_ms));
        }
        let has_shipment = !one.shipments.is_empty();
        self.state.touch(order, now_ms);
        if before == status {
            return;
        }
        self.note("status_set", order, None, json!({ "from": before, "to": status }));
        if status == 5 {
            self.note(
                "order_cancelled",
                order,
                None,
                json!({ "order": order.to_string(), "orderId": order.to_string() }),
            );
        }
        if matches!(status, 2 | 3) && !(combined && has_shipment) {
            self.mail(order, "status");
        }
    }

    /// Sets the internal remarks.
    pub fn set_notes(&mut self, order: i64, notes: &str) {
        if let Some(one) = self.state.orders.get_mut(&order) {
            one.staff_notes = Some(notes.to_owned());
        }
        self.note("order_annotated", order, None, json!({ "staffNotes": notes }));
    }

    /// Archives an order.
    pub fn archive(&mut self, order: i64) {
        if let Some(one) = self.state.orders.get_mut(&order) {
            one.archived = true;
        }
        self.state.touch(order, self.now_ms);
        self.note("order_archived", order, None, Json::Null);
    }

    /// Gives money and units back. Everything was checked before. Gives the refund's id.
    pub fn refund(
        &mut self,
        order: i64,
        items: Json,
        units: &[(i64, i64)],
        minor: i64,
        payments: Vec<(String, i64, bool)>,
    ) -> i64 {
        let (id, now_ms) = (self.state.id(), seconds(self.now_ms));
        let plan = self.plan;
        let Some(one) = self.state.orders.get_mut(&order) else { return id };
        for (line, units) in units {
            if let Some(line) = one.line_mut(*line) {
                line.refunded = (line.refunded + units).min(line.quantity);
            }
        }
        one.refunds.push(Refund { id, at_ms: now_ms, minor, items, payments });
        let all = one.refunded_minor() >= totals(one, plan).total_inc;
        one.status = if all { 4 } else { 14 };
        if !one.payment_status.is_empty() {
            if all { "refunded" } else { "partially refunded" }.clone_into(&mut one.payment_status);
        }
        let listed: Vec<Json> =
            units.iter().map(|(line, units)| json!({ "line": line.to_string(), "quantity": units })).collect();
        self.state.touch(order, now_ms);
        let detail =
            json!({ "order": order.to_string(), "orderId": order.to_string(), "lines": listed, "minor": minor });
        self.note("refund_created", id, None, detail);
        id
    }
}

impl Line {
    /// Units a shipment may still carry.
    pub(super) fn open_for_shipment(&self) -> i64 {
        self.open()
    }
}

/// An order as a shopper fills it in.
#[derive(Debug, Clone, Default)]
pub struct OrderDraft {
    /// The lines.
    pub lines: Vec<LineDraft>,
    /// Ship-to addresses with the name and the price of their shipping.
    pub ship_to: Vec<(Address, String, i64)>,
    /// Who pays; the first ship-to if empty.
    pub bill_to: Option<Address>,
    /// Status; 11 unless told.
    pub status: Option<i64>,
    /// The payment's own word; `captured` unless told.
    pub payment: Option<String>,
    /// Storefront; 1 unless told.
    pub channel: Option<i64>,
    /// The buyer's remark.
    pub message: Option<String>,
    /// Internal remarks.
    pub staff_notes: Option<String>,
    /// Coupon, minor units.
    pub coupon_minor: i64,
    /// Id in the marketplace it came from.
    pub external_id: Option<String>,
    /// Customer.
    pub customer: i64,
}

/// Custom text, or a choice: question, answer, kind of question.
pub type Text = (String, String, String);

/// A line as a shopper fills it in.
#[derive(Debug, Clone, Default)]
pub struct LineDraft {
    /// Merchant's code.
    pub sku: String,
    /// Name.
    pub name: String,
    /// Units.
    pub quantity: i64,
    /// Price of one, minor units.
    pub price_minor: i64,
    /// Discount on the line, minor units.
    pub discount_minor: i64,
    /// `physical` (also if empty), `digital`, `giftcertificate`.
    pub kind: String,
    /// Weight of one in the store's unit.
    pub weight: f64,
    /// Which of the ship-to addresses.
    pub door: usize,
    /// Fetched by the buyer.
    pub pickup: bool,
    /// Choices and custom text.
    pub choices: Vec<Text>,
    /// Gift wrap: name, price, text for the card.
    pub wrapping: Option<(String, i64, String)>,
    /// Product and variant.
    pub product: (i64, i64),
    /// The line (by place) whose bundle it belongs to.
    pub parent: Option<usize>,
}

impl LineDraft {
    /// So many of something.
    pub fn of(sku: &str, price_minor: i64, quantity: i64) -> Self {
        Self { sku: sku.to_owned(), name: format!("The {sku}"), price_minor, quantity, weight: 12.0, ..Self::default() }
    }
}

impl BigCommerce {
    /// A shopper places an order. Gives its number.
    pub fn buy(&mut self, draft: OrderDraft, moment: &mut Moment<'_>) -> i64 {
        let now_ms = seconds(moment.now_ms);
        let id = self.state.order_id();
        let addresses: Vec<ShipTo> = draft
            .ship_to
            .into_iter()
            .map(|(address, method, cost_minor)| ShipTo { id: self.state.id(), address, method, cost_minor })
            .collect();
        let mut lines: Vec<Line> = Vec::new();
        for line in draft.lines {
            let kind = if line.kind.is_empty() { "physical".to_owned() } else { line.kind };
            let goes = kind == "physical" && !line.pickup;
            let address = addresses.get(line.door).filter(|_| goes).map_or(0, |to| to.id);
            let choices = line
                .choices
                .into_iter()
                .map(|(name, value, kind)| Choice {
                    shown: if kind == "File Upload" { "file".into() } else { value.clone() },
                    name,
                    value,
                    kind,
                })
                .collect();
            let parent = line.parent.and_then(|place| lines.get(place)).map(|line| line.id);
            lines.push(Line {
                id: self.state.id(),
                product: line.product.0,
                variant: line.product.1,
                address,
                pickup: i64::from(line.pickup),
                name: line.name,
                sku: line.sku,
                upc: String::new(),
                kind,
                quantity: line.quantity,
                shipped: 0,
                refunded: 0,
                price_minor: line.price_minor,
                discount_minor: line.discount_minor,
                weight: line.weight,
                wrapping: line.wrapping,
                choices,
                parent,
                // Text in one row, a number in the next.
                external_id: if lines.len().is_multiple_of(2) { Json::Null } else { json!(lines.len()) },
            });
        }
        let billing = draft.bill_to.or_else(|| addresses.first().map(|to| to.address.clone())).unwrap_or_default();
        let order = Order {
            id,
            customer: draft.customer,
            created_ms: now_ms,
            modified_ms: now_ms,
            shipped_ms: None,
            status: draft.status.unwrap_or(11),
            archived: false,
            payment_method: "Credit Card".to_owned(),
            payment_status: draft.payment.unwrap_or_else(|| "captured".to_owned()),
            channel: draft.channel.unwrap_or(1),
            source: if draft.external_id.is_some() { "amazon" } else { "www" }.to_owned(),
            staff_notes: draft.staff_notes,
            customer_message: draft.message,
            external_order_id: None,
            external_id: draft.external_id,
            coupon_minor: draft.coupon_minor,
            billing,
            addresses,
            lines,
            shipments: Vec::new(),
            refunds: Vec::new(),
            metafields: Vec::new(),
        };
        let minor = totals(&order, &self.plan).total_inc;
        self.state.orders.insert(id, order);
        self.hand(moment, By::Merchant).note(
            "order_placed",
            id,
            None,
            json!({ "order": id.to_string(), "minor": minor }),
        );
        id
    }

    /// The money of an order comes in.
    pub fn take_payment(&mut self, order: i64, moment: &mut Moment<'_>) {
        if let Some(one) = self.state.orders.get_mut(&order) {
            "captured".clone_into(&mut one.payment_status);
            one.status = 11;
        }
        self.state.touch(order, moment.now_ms);
        self.hand(moment, By::Merchant).note("order_paid", order, None, Json::Null);
    }

    /// Staff sets a status: cancels (5), verifies (12), disputes (13), ships by hand without a shipment (2).
    pub fn set_status(&mut self, order: i64, status: i64, moment: &mut Moment<'_>) {
        self.hand(moment, By::Merchant).set_status(order, status);
    }

    /// Staff or the shopper cancels an order. `false`: it left already, or is off.
    pub fn call_off(&mut self, order: i64, moment: &mut Moment<'_>) -> bool {
        let open =
            self.state.orders.get(&order).is_some_and(|one| one.shipments.is_empty() && !matches!(one.status, 4..=6));
        if open {
            self.set_status(order, 5, moment);
        }
        open
    }

    /// Staff changes the units of a line that has not left. `false`: too late, or nothing to change.
    pub fn change_quantity(&mut self, order: i64, line: i64, units: i64, moment: &mut Moment<'_>) -> bool {
        let Some(one) = self.state.orders.get_mut(&order).filter(|one| !matches!(one.status, 2 | 4..=6)) else {
            return false;
        };
        let Some(item) = one.line_mut(line) else { return false };
        if units == item.quantity || units < item.shipped + item.refunded {
            return false;
        }
        item.quantity = units;
        // A changed line loses its discount.
        item.discount_minor = 0;
        self.state.touch(order, moment.now_ms);
        self.hand(moment, By::Merchant).note(
            "order_edited",
            order,
            None,
            json!({ "line": line.to_string(), "units": units }),
        );
        true
    }

    /// Staff gives units of a line back before they left. `false`: too late.
    pub fn refund_units(&mut self, order: i64, line: i64, units: i64, moment: &mut Moment<'_>) -> bool {
        let Some(one) = self.state.orders.get(&order).filter(|one| !matches!(one.status, 4..=6)) else { return false };
        let Some(item) = one.line(line).filter(|item| units > 0 && units <= item.open()) else { return false };
        let minor = self.plan.split(item.price_minor).1 * units - item.discount_minor * units / item.quantity.max(1);
        let items = json!([{ "item_type": "PRODUCT", "item_id": line, "quantity": units }]);
        self.hand(moment, By::Merchant).refund(
            order,
            items,
            &[(line, units)],
            minor,
            vec![("card".into(), minor, false)],
        );
        true
    }

    /// Staff corrects where an order goes.
    pub fn move_to(&mut self, order: i64, address: Address, moment: &mut Moment<'_>) {
        if let Some(to) = self.state.orders.get_mut(&order).and_then(|order| order.addresses.first_mut()) {
            to.address = address;
        }
        self.state.touch(order, moment.now_ms);
        self.hand(moment, By::Merchant).note("address_changed", order, None, Json::Null);
    }

    /// Staff writes a remark.
    pub fn annotate(&mut self, order: i64, notes: &str, moment: &mut Moment<'_>) {
        self.hand(moment, By::Merchant).set_notes(order, notes);
        if self.plan.habits.shipment_touches_order {
            self.state.touch(order, moment.now_ms);
        }
    }

    /// Staff ships everything that remains by hand, one shipment per address. Gives how many that made.
    pub fn ship_all(&mut self, order: i64, carrier: &str, number: &str, moment: &mut Moment<'_>) -> usize {
        let Some(one) = self.state.orders.get(&order).cloned() else { return 0 };
        let mut made = 0;
        for to in &one.addresses {
            let items: Vec<(i64, i64)> = one
                .goods()
                .filter(|line| line.address == to.id && line.open() > 0)
                .map(|line| (line.id, line.open()))
                .collect();
            if items.is_empty() {
                continue;
            }
            let shipment = Shipment {
                id: 0,
                address: to.id,
                created_ms: seconds(moment.now_ms),
                number: number.to_owned(),
                carrier: carrier.to_owned(),
                provider: String::new(),
                link: String::new(),
                method: to.method.clone(),
                comments: String::new(),
                cost: "0.0000".to_owned(),
                items,
            };
            self.hand(moment, By::Merchant).ship(order, shipment);
            made += 1;
        }
        made
    }

    /// Staff deletes a shipment.
    pub fn delete_shipment(&mut self, order: i64, shipment: i64, moment: &mut Moment<'_>) {
        self.hand(moment, By::Merchant).unship(order, shipment);
    }
}
