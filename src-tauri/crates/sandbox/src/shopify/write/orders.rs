//! Whole orders: cancel, change, archive, mark as paid.

use super::{Args, Hand, Json, Written, at, done, id_of, json, list, refuse, text_of};
use crate::shopify::state::{Address, Transaction, TransactionKind, Work, gid};
use rand::Rng;

/// Longest note for the team, characters.
const STAFF_NOTE_MAX: usize = 255;

/// `orderCancel`: checks now, cancels in a job some seconds later.
pub fn cancel(hand: &mut Hand<'_>, args: &Args) -> Written {
    let refuse = |code: &str, field: &str, message: &str| {
        let errors = json!([{ "code": code, "field": [field], "message": message }]);
        Ok(json!({ "job": null, "orderCancelUserErrors": errors, "userErrors": [] }))
    };
    let id = id_of(at(args, "orderId"), "Order")?;
    let Some(order) = hand.seen_order(id) else { return refuse("NOT_FOUND", "orderId", "Order does not exist") };
    if let Some(why) = Hand::cancel_obstacle(order) {
        return refuse("INVALID", "orderId", why);
    }
    let (old, new) = (at(args, "refund"), at(args, "refundMethod"));
    if !old.is_null() && !new.is_null() {
        return refuse("INVALID", "refundMethod", "Only one of refund and refundMethod can be provided");
    }
    let note = text_of(at(args, "staffNote"));
    if note.as_ref().is_some_and(|note| note.chars().count() > STAFF_NOTE_MAX) {
        return refuse("INVALID", "staffNote", "Staff note is too long (maximum is 255 characters)");
    }
    if !new["storeCreditRefund"].is_null() && order.customer.is_none() {
        return refuse("STORE_CREDIT_REFUND_MISSING_CUSTOMER", "refundMethod", "The order has no customer");
    }
    let refund = old
        .as_bool()
        .or_else(|| new["originalPaymentMethodsRefund"].as_bool())
        .unwrap_or(!new["storeCreditRefund"].is_null());
    let restock = at(args, "restock").as_bool().unwrap_or(false);
    let reason = text_of(at(args, "reason")).unwrap_or_default();
    let due_ms = hand.now_ms + hand.rng.random_range(800..6_000);
    let job = hand.state.later(due_ms, Work::Cancel { order: id, reason, restock, refund, staff_note: note });
    Ok(json!({ "job": { "id": gid("Job", job), "done": false }, "orderCancelUserErrors": [], "userErrors": [] }))
}

/// `orderUpdate`: what is given replaces what was there, whole.
pub fn update(hand: &mut Hand<'_>, args: &Args) -> Written {
    let input = at(args, "input").clone();
    let id = id_of(&input["id"], "Order")?;
    if hand.seen_order(id).is_none() {
        return Ok(refuse("order", &["id"], "Order does not exist"));
    }
    let given = |name: &str| input.get(name);
    let now_ms = crate::shopify::state::seconds(hand.now_ms);
    let country = hand.plan.country.clone();
    let Some(order) = hand.state.order_mut(id) else { return Ok(refuse("order", &["id"], "Order does not exist")) };
    if let Some(note) = given("note") {
        order.note = text_of(note);
    }
    if let Some(email) = given("email") {
        order.email = text_of(email);
    }
    if let Some(phone) = given("phone") {
        order.phone = text_of(phone);
    }
    if let Some(number) = given("poNumber") {
        order.po_number = text_of(number);
    }
    if let Some(tags) = given("tags") {
        order.tags = super::fields::clean_tags(list(tags).iter().filter_map(text_of));
    }
    if let Some(attributes) = given("customAttributes") {
        let pair = |one: &Json| Some((text_of(&one["key"])?, text_of(&one["value"]).unwrap_or_default()));
        order.attributes = list(attributes).iter().filter_map(pair).collect();
    }
    if let Some(address) = given("shippingAddress") {
        let text = |name: &str| text_of(&address[name]).unwrap_or_default();
        let code = text("countryCode");
        order.ship_to = Some(Address {
            first_name: text("firstName"),
            last_name: text("lastName"),
            company: text("company"),
            address1: text("address1"),
            address2: text("address2"),
            city: text("city"),
            province: text("province"),
            province_code: text("provinceCode"),
            zip: text("zip"),
            country: text("country"),
            country_code: if code.is_empty() { country } else { code },
            phone: text("phone"),
        });
    }
    let changed: Vec<String> =
        input.as_object().map(|input| input.keys().filter(|key| *key != "id").cloned().collect()).unwrap_or_default();
    let name = order.name.clone();
    hand.state.touch(id, now_ms);
    hand.note("order_updated", gid("Order", id), None, json!({ "order": name, "fields": changed, "input": input }));
    Ok(done("order", "Order", id))
}

/// `orderClose` and `orderOpen`.
pub fn close(hand: &mut Hand<'_>, args: &Args, closed: bool) -> Written {
    let id = id_of(&at(args, "input")["id"], "Order")?;
    if hand.seen_order(id).is_none() {
        return Ok(refuse("order", &["input", "id"], "Order does not exist"));
    }
    let now_ms = crate::shopify::state::seconds(hand.now_ms);
    if let Some(order) = hand.state.order_mut(id) {
        order.closed_ms = closed.then_some(now_ms);
    }
    hand.state.touch(id, now_ms);
    hand.note(if closed { "order_closed" } else { "order_opened" }, gid("Order", id), None, Json::Null);
    Ok(done("order", "Order", id))
}

/// `orderMarkAsPaid`.
pub fn mark_paid(hand: &mut Hand<'_>, args: &Args) -> Written {
    let id = id_of(&at(args, "input")["id"], "Order")?;
    let Some(order) = hand.seen_order(id) else { return Ok(refuse("order", &["input", "id"], "Order does not exist")) };
    if order.received_minor() > 0 || order.cancelled.is_some() {
        return Ok(refuse("order", &["input", "id"], "Order cannot be marked as paid."));
    }
    let minor = order.current_totals().total;
    hand.take_payment(id, TransactionKind::Sale, minor);
    hand.note("order_marked_as_paid", gid("Order", id), None, Json::Null);
    Ok(done("order", "Order", id))
}

impl Hand<'_> {
    /// Money comes in or is reserved.
    pub fn take_payment(&mut self, order: u64, kind: TransactionKind, minor: i64) {
        let id = self.state.id();
        let now_ms = crate::shopify::state::seconds(self.now_ms);
        self.state.own(id, order);
        if let Some(one) = self.state.order_mut(order) {
            let parent =
                one.transactions.iter().find(|one| one.kind == TransactionKind::Authorization).map(|one| one.id);
            let parent = parent.filter(|_| kind == TransactionKind::Capture);
            one.transactions.push(Transaction { id, kind, minor, at_ms: now_ms, parent });
        }
        self.state.touch(order, now_ms);
    }
}
