//! What shoppers and the merchant's staff do in a store, by hand.
//!
//! Each act changes the state at once and leaves a ledger entry by the merchant.

use super::Shopify;
use super::hand::{Hand, Shipped, shrink};
use super::state::{
    Address, Delivery, Line, Metafield, Order, Restock, ShippingLine, TransactionKind, Variant, Work, gid, seconds,
};
use crate::Moment;
use rand::Rng;
use serde_json::{Value as Json, json};

/// How an order is paid when it is placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paid {
    /// At once.
    Now,
    /// Not yet.
    Later,
    /// Reserved, taken by the merchant later.
    Reserved,
}

/// An order as a shopper fills it in.
#[derive(Debug, Clone)]
pub struct OrderDraft {
    /// The lines.
    pub lines: Vec<LineDraft>,
    /// The customer, unless a guest.
    pub customer: Option<u64>,
    /// E-mail.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Where it goes.
    pub ship_to: Option<Address>,
    /// Who pays, if somebody else.
    pub bill_to: Option<Address>,
    /// Title, code and price in minor units of the chosen shipping.
    pub shipping: Option<(String, String, i64)>,
    /// How it is paid.
    pub paid: Paid,
    /// Made with a test payment.
    pub test: bool,
    /// Tags.
    pub tags: Vec<String>,
    /// Note.
    pub note: Option<String>,
    /// Attributes of the cart.
    pub attributes: Vec<(String, String)>,
    /// Namespace, key, type, value.
    pub metafields: Vec<(String, String, String, String)>,
    /// How the buyer gets it.
    pub delivery: Delivery,
    /// Currency of the buyer and its rate.
    pub presentment: Option<(String, f64)>,
    /// Discount code.
    pub discount_code: Option<String>,
    /// Recommendation and level of the risk check.
    pub risk: (String, String),
    /// Ship before, ms UTC.
    pub fulfill_by_ms: Option<i64>,
    /// Ship from that location, whatever the stock says.
    pub from_location: Option<u64>,
    /// Routed to locations at once instead of some seconds later.
    pub routed: bool,
}

impl Default for OrderDraft {
    fn default() -> Self {
        Self {
            lines: Vec::new(),
            customer: None,
            email: None,
            phone: None,
            ship_to: None,
            bill_to: None,
            shipping: None,
            paid: Paid::Now,
            test: false,
            tags: Vec::new(),
            note: None,
            attributes: Vec::new(),
            metafields: Vec::new(),
            delivery: Delivery::Shipping,
            presentment: None,
            discount_code: None,
            risk: ("ACCEPT".to_owned(), "LOW".to_owned()),
            fulfill_by_ms: None,
            from_location: None,
            routed: false,
        }
    }
}

/// A line as a shopper fills it in.
#[derive(Debug, Clone)]
pub struct LineDraft {
    /// Product and variant, if it is from the catalogue.
    pub product: Option<(u64, u64)>,
    /// Merchant's code.
    pub sku: Option<String>,
    /// Name.
    pub title: String,
    /// Variant's name.
    pub variant_title: Option<String>,
    /// Who makes it.
    pub vendor: Option<String>,
    /// Units.
    pub quantity: i64,
    /// Price of one, minor units.
    pub price_minor: i64,
    /// Discount on the line, minor units.
    pub discount_minor: i64,
    /// A carrier must take it.
    pub requires_shipping: bool,
    /// It is a gift card.
    pub gift_card: bool,
    /// Weight of one: value and unit.
    pub weight: Option<(f64, String)>,
    /// Options and custom text.
    pub attributes: Vec<(String, String)>,
}

impl LineDraft {
    /// So many of a variant.
    pub fn of(product: &super::state::Product, variant: &Variant, quantity: i64) -> Self {
        Self {
            product: Some((product.id, variant.id)),
            sku: variant.sku.clone(),
            title: product.title.clone(),
            variant_title: (product.variants.len() > 1).then(|| variant.title.clone()),
            vendor: Some(product.vendor.clone()),
            quantity,
            price_minor: variant.price_minor,
            discount_minor: 0,
            requires_shipping: variant.requires_shipping,
            gift_card: product.gift_card,
            weight: variant.weight.clone(),
            attributes: Vec::new(),
        }
    }
    /// Something that is not in the catalogue: no SKU, no weight.
    pub fn custom(title: &str, price_minor: i64, quantity: i64) -> Self {
        Self {
            product: None,
            sku: None,
            title: title.to_owned(),
            variant_title: None,
            vendor: None,
            quantity,
            price_minor,
            discount_minor: 0,
            requires_shipping: true,
            gift_card: false,
            weight: None,
            attributes: Vec::new(),
        }
    }
}

impl Shopify {
    /// A variant of the catalogue by its SKU.
    pub fn by_sku(&self, sku: &str) -> Option<(&super::state::Product, &Variant)> {
        let all = self
            .state
            .products
            .iter()
            .flat_map(|product| product.variants.iter().map(move |variant| (product, variant)));
        all.into_iter().find(|(_, variant)| variant.sku.as_deref() == Some(sku))
    }

    /// An order by its name (`#1001`).
    pub fn by_name(&self, name: &str) -> Option<&Order> {
        self.state.orders().iter().find(|order| order.name == name)
    }

    /// A shopper places an order. Gives its id; `gid` of it is its permanent name.
    pub fn place(&mut self, draft: OrderDraft, moment: &mut Moment<'_>) -> u64 {
        let now_ms = seconds(moment.now_ms);
        let (id, number) = (self.state.id(), self.state.next_number());
        let tax_rate = self.plan.tax_rate;
        let lines: Vec<Line> = draft.lines.into_iter().map(|line| self.line(line, tax_rate)).collect();
        let shipping: Vec<ShippingLine> = draft
            .shipping
            .into_iter()
            .map(|(title, code, price_minor)| ShippingLine {
                id: self.state.id(),
                title,
                code,
                price_minor,
                removed: false,
            })
            .collect();
        let mut metafields = Vec::new();
        for (namespace, key, kind, value) in draft.metafields {
            metafields.push(Metafield {
                id: self.state.id(),
                namespace,
                key,
                kind,
                value,
                created_ms: now_ms,
                updated_ms: now_ms,
            });
        }
        let retail_location =
            (draft.delivery == Delivery::Retail).then(|| self.state.locations.last().map(|place| place.id)).flatten();
        let mut order = Order {
            id,
            number,
            name: format!("#{number}"),
            created_ms: now_ms,
            updated_ms: now_ms,
            closed_ms: None,
            cancelled: None,
            test: draft.test,
            edited: false,
            tags: super::write::clean_tags(draft.tags),
            note: draft.note,
            email: draft.email,
            phone: draft.phone,
            po_number: None,
            source_name: if draft.delivery == Delivery::Retail { "pos" } else { "web" }.to_owned(),
            retail_location,
            attributes: draft.attributes,
            currency: self.plan.currency.clone(),
            presentment: draft.presentment,
            taxes_included: self.plan.taxes_included,
            gateway: if draft.test { "bogus" } else { "shopify_payments" }.to_owned(),
            discount_code: draft.discount_code,
            customer: draft.customer,
            bill_to: draft.bill_to.or_else(|| draft.ship_to.clone()),
            ship_to: draft.ship_to,
            shipping,
            lines,
            fos: Vec::new(),
            fulfillments: Vec::new(),
            transactions: Vec::new(),
            refunds: Vec::new(),
            returns: Vec::new(),
            metafields,
            risk: draft.risk,
            authorization_expired: false,
            delivery: draft.delivery,
            fulfill_by_ms: draft.fulfill_by_ms,
            from_location: draft.from_location.or(retail_location),
            placed_total_minor: 0,
        };
        order.placed_total_minor = order.totals().total;
        let (name, total) = (order.name.clone(), order.placed_total_minor);
        let listed: Vec<Json> =
            order.lines.iter().map(|line| Hand::line_json(&order, line.id, line.quantity)).collect();
        for field in &order.metafields {
            self.state.own(field.id, id);
        }
        self.state.add_order(order);
        let route_ms = moment.now_ms + if draft.routed { 0 } else { self.rng.random_range(500..8_000) };
        self.state.later(route_ms, Work::Route(id));
        let mut hand = self.hand(moment);
        hand.note("order_placed", gid("Order", id), None, json!({ "order": name, "lines": listed, "minor": total }));
        match draft.paid {
            Paid::Now => drop(hand.pay(id)),
            Paid::Reserved => hand.take_payment(id, TransactionKind::Authorization, total),
            Paid::Later => {}
        }
        if draft.routed {
            self.settle(moment.now_ms, moment.ledger);
        }
        id
    }

    fn line(&mut self, draft: LineDraft, tax_rate: f64) -> Line {
        Line {
            id: self.state.id(),
            sku: draft.sku,
            title: draft.title,
            variant_title: draft.variant_title,
            vendor: draft.vendor,
            quantity: draft.quantity,
            removed: 0,
            returned: 0,
            fulfilled: 0,
            price_minor: draft.price_minor,
            discount_minor: draft.discount_minor,
            tax_rate: if draft.gift_card { 0.0 } else { tax_rate },
            requires_shipping: draft.requires_shipping,
            gift_card: draft.gift_card,
            weight: draft.weight,
            attributes: draft.attributes,
            product: draft.product,
        }
    }

    /// The money of an order comes in, or what was reserved is taken.
    pub fn pay(&mut self, order: u64, moment: &mut Moment<'_>) {
        let mut hand = self.hand(moment);
        hand.pay(order);
        hand.note("order_paid", gid("Order", order), None, Json::Null);
    }

    /// Staff or the shopper cancels an order. `false`: the store does not let them.
    pub fn cancel(&mut self, order: u64, reason: &str, moment: &mut Moment<'_>) -> bool {
        if self.state.order(order).is_none_or(|order| Hand::cancel_obstacle(order).is_some()) {
            return false;
        }
        self.hand(moment).cancel(order, reason, true, true, None).is_some()
    }

    /// Staff corrects the address.
    pub fn change_address(&mut self, order: u64, address: Address, moment: &mut Moment<'_>) {
        let detail = json!({ "address": address });
        if let Some(order) = self.state.order_mut(order) {
            order.ship_to = Some(address);
        }
        self.state.touch(order, moment.now_ms);
        self.hand(moment).note("address_changed", gid("Order", order), None, detail);
    }

    /// Staff changes the units of a line that has not left. `false`: too late, or nothing to change.
    pub fn change_quantity(&mut self, order: u64, line: u64, units: i64, moment: &mut Moment<'_>) -> bool {
        let now_ms = seconds(moment.now_ms);
        let Some(one) = self.state.order_mut(order) else { return false };
        let Some(item) = one.line(line).cloned() else { return false };
        let change = units - item.current();
        if one.cancelled.is_some() || change == 0 || units < item.fulfilled || item.unfulfilled() == 0 {
            return false;
        }
        let Some(item) = one.line_mut(line) else { return false };
        if change < 0 {
            item.removed -= change;
            shrink(one, line, -change, now_ms);
        } else {
            // The line grows at its price; the discount stays what it was.
            item.quantity += change;
            let open = one.fos.iter_mut().find(|fo| !fo.is_final() && fo.lines.iter().any(|one| one.line == line));
            if let Some(fo) = open {
                fo.updated_ms = now_ms;
                if let Some(one) = fo.lines.iter_mut().find(|one| one.line == line) {
                    one.total += change;
                    one.remaining += change;
                }
            }
        }
        one.edited = true;
        let name = one.name.clone();
        self.state.touch(order, now_ms);
        let detail = json!({ "order": name, "line": gid("LineItem", line), "units": units });
        self.hand(moment).note("order_edited", gid("Order", order), None, detail);
        true
    }

    /// Staff gives units of a line back before they left. `false`: too late.
    pub fn refund_units(&mut self, order: u64, line: u64, units: i64, moment: &mut Moment<'_>) -> bool {
        let Some(one) = self.state.order(order) else { return false };
        let Some(item) =
            one.line(line).filter(|item| one.cancelled.is_none() && units > 0 && units <= item.unfulfilled())
        else {
            return false;
        };
        let mut left = item.share_minor(units);
        let mut money = Vec::new();
        for payment in &one.transactions {
            let share = left.min(one.refundable_of(payment));
            if share > 0 {
                money.push((payment.id, share));
                left -= share;
            }
        }
        let location = one.fos.first().map(|fo| fo.location);
        let lines = [(line, units, Restock::Cancel, location)];
        self.hand(moment).refund(order, &lines, &money, 0, Some("Out of stock")).is_some()
    }

    /// A buyer sends units of the first thing that left back, agreed with the staff. Gives the return's id; `None`:
    /// nothing left, or not so many.
    pub fn send_back(&mut self, order: u64, units: i64, moment: &mut Moment<'_>) -> Option<u64> {
        let line = self.state.order(order)?.fulfillments.iter().find(|one| one.is_live())?.lines.first()?.id;
        let asked = json!({ "orderId": gid("Order", order), "returnLineItems": [{
            "fulfillmentLineItemId": gid("FulfillmentLineItem", line), "quantity": units,
            "returnReason": "DEFECTIVE", "returnReasonNote": "the lid is broken" }] });
        self.by_api("returnCreate", "returnInput", asked, moment)?;
        self.state.order(order)?.returns.last().map(|one| one.id)
    }

    /// The goods of a return arrived and were looked at; no money goes back by it. `None`: there is no such open return.
    pub fn receive_back(&mut self, order: u64, back: u64, moment: &mut Moment<'_>) -> Option<()> {
        let one = self.state.order(order)?.returns.iter().find(|one| one.id == back)?;
        let line = |line: &super::state::ReturnLine| {
            json!({ "id": gid("ReturnLineItem", line.id), "quantity": line.quantity, "dispositions": [{
                "reverseFulfillmentOrderLineItemId": gid("ReverseFulfillmentOrderLineItem", line.reverse_line),
                "quantity": line.quantity, "dispositionType": "NOT_RESTOCKED" }] })
        };
        let lines: Vec<Json> = one.lines.iter().map(line).collect();
        let asked = json!({ "returnId": gid("Return", back), "returnLineItems": lines });
        self.by_api("returnProcess", "input", asked, moment)
    }

    /// Staff does what a client could. `None`: the store refuses it.
    fn by_api(&mut self, mutation: &str, argument: &str, asked: Json, moment: &mut Moment<'_>) -> Option<()> {
        let args = super::graphql::Args::from_iter([(argument.to_owned(), asked)]);
        let done = super::write::perform(&mut self.hand(moment), mutation, &args, None).ok()?;
        done["userErrors"].as_array().is_some_and(Vec::is_empty).then_some(())
    }

    /// Staff (or another app) puts a hold on every open piece of an order. Gives how many.
    pub fn hold(&mut self, order: u64, reason: &str, moment: &mut Moment<'_>) -> usize {
        let open: Vec<u64> = self.open_fos(order);
        for fo in &open {
            self.hand(moment).hold(order, *fo, reason, None, Some("store".to_owned()));
        }
        open.len()
    }

    /// Staff takes all holds off an order.
    pub fn release(&mut self, order: u64, moment: &mut Moment<'_>) {
        let held =
            self.state.order(order).map(|order| &order.fos).into_iter().flatten().filter(|fo| !fo.holds.is_empty());
        for fo in held.map(|fo| fo.id).collect::<Vec<_>>() {
            self.hand(moment).release(order, fo, None);
        }
    }

    /// Staff ships everything that remains by hand. Gives how many fulfillments that made.
    pub fn ship_by_hand(&mut self, order: u64, company: &str, number: &str, moment: &mut Moment<'_>) -> usize {
        let open: Vec<u64> = self.open_fos(order);
        for fo in &open {
            let Some(fo) = self.state.order(order).and_then(|order| order.fo(*fo)).cloned() else { continue };
            let (numbers, company) = (vec![number.to_owned()], Some(company.to_owned()));
            self.hand(moment).fulfil(order, &Shipped { company, numbers, notify: true, ..Hand::all_of(&fo) });
        }
        open.len()
    }

    /// Fulfillment orders a person could ship now.
    fn open_fos(&self, order: u64) -> Vec<u64> {
        let fos = self.state.order(order).map(|order| &order.fos).into_iter().flatten();
        fos.filter(|fo| !fo.is_final() && !fo.third_party && fo.holds.is_empty() && fo.remaining() > 0)
            .map(|fo| fo.id)
            .collect()
    }

    /// Staff adds tags and a note.
    pub fn annotate(&mut self, order: u64, tags: &[&str], note: Option<&str>, moment: &mut Moment<'_>) {
        if let Some(one) = self.state.order_mut(order) {
            one.tags =
                super::write::clean_tags(one.tags.iter().cloned().chain(tags.iter().map(|tag| (*tag).to_owned())));
            if let Some(note) = note {
                one.note = Some(note.to_owned());
            }
        }
        self.state.touch(order, moment.now_ms);
        self.hand(moment).note("order_annotated", gid("Order", order), None, json!({ "tags": tags, "note": note }));
    }

    /// Staff deletes a product; its lines in orders keep what they knew.
    pub fn delete_product(&mut self, product: u64, moment: &mut Moment<'_>) {
        self.state.products.retain(|one| one.id != product);
        let id = self.state.id();
        let subject = gid("Product", product);
        self.state.deletions.push(super::state::Deletion {
            id,
            subject_type: "PRODUCT",
            subject: subject.clone(),
            at_ms: moment.now_ms,
        });
        self.hand(moment).note("product_deleted", subject, None, Json::Null);
    }
}
