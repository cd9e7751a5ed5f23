//! BigCommerce's order into the model's, pure.
//!
//! What an order cannot do without (id, times, quantities, total) is demanded with
//! the path of the field; everything else is taken as it is. Amounts are in the
//! currency the shopper paid in. Words BigCommerce adds later stay visible.
//!
//! BigCommerce has no fulfillment orders. Each ship-to address becomes one, because
//! an address is what one shipment may go to. An order with several addresses comes
//! here one address at a time ([`super::parts`]).

use super::carriers::numbers_of;
use super::customers::Buyers;
use super::gather::Whole;
use super::hold;
use super::json::{At, Bad};
use super::parts;
use super::status::{self, Stage};
use super::units::region_code;
use quayside_model::{
    Address, Currency, Customer, Delivery, Fulfillment, FulfillmentLine, FulfillmentOrder, FulfillmentOrderLine, Hold,
    Incoming, Order, OrderLine, Record, ShippingChoice, SoldOn, Unreadable,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Id of what a person marked as gone without a shipment. No shipment has such an id.
pub const MARKED_AS_SHIPPED: &str = "marked-as-shipped";

/// What the translation needs to know of the store.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shop {
    /// Start of links into the control panel, without trailing slash.
    pub admin_url: Option<String>,
    /// Grams in the store's unit of weight.
    pub grams_per_unit: Option<f64>,
    /// Its currency, in which products are priced.
    pub currency: Option<Currency>,
    /// Names of its storefronts and other channels.
    pub channels: BTreeMap<i64, String>,
    /// What its customers tell of the buyers of the orders at hand.
    pub buyers: Buyers,
}

/// The store's order as orders of ours, one per address, each with all answers; or what was wrong with it.
pub fn incoming(whole: &Whole, shop: &Shop) -> Result<Vec<Incoming>, Unreadable> {
    match parts::orders(whole, shop) {
        Ok(orders) => {
            Ok(orders.into_iter().map(|order| Incoming { record: Record::Order(order), raw: whole.raw() }).collect())
        }
        Err(why) => Err(unreadable(whole, why)),
    }
}

/// What is set aside.
pub fn unreadable(whole: &Whole, why: Bad) -> Unreadable {
    let raw = whole.raw();
    let number = At::root(&whole.order, "order").get("id").text();
    // Without an id, the text itself is the only name it has; the same text gives the same name.
    let remote_id = if number.is_empty() {
        uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, raw.as_bytes()).to_string()
    } else {
        number.clone()
    };
    Unreadable { remote_id, number: Some(number).filter(|number| !number.is_empty()), why, raw }
}

/// The order, as one that goes to one address at most.
pub fn order(whole: &Whole, shop: &Shop) -> Result<Order, Bad> {
    let at = At::root(&whole.order, "order");
    let id = at.get("id").demand_text()?;
    let status_id = at.get("status_id").demand_whole()?;
    // A hold of ours is the hub's own: here the order stands where it stood before.
    let status_id = hold::before(status_id, whole.hold.as_ref()).unwrap_or(status_id);
    let status = status::status(status_id);
    let currency = ["default_currency_code", "currency_code", "store_default_currency_code"]
        .iter()
        .map(|name| at.get(name).text())
        .find(|code| !code.is_empty())
        .ok_or("order.default_currency_code: missing")?;
    let currency = Currency::new(&currency);
    let inclusive = at.get("is_tax_inclusive_pricing").flag();
    let updated_at_ms = at.get("date_modified").demand_time()?;
    let placed_at_ms = at.get("date_created").demand_time()?;
    let mut lines = Vec::new();
    let mut places = BTreeMap::new();
    for (i, value) in whole.lines.iter().enumerate() {
        let line = order_line(&At::root(value, &format!("products[{i}]")), &currency, inclusive, shop)?;
        places.insert(line.remote_id.clone(), parts::address_of(value, whole));
        lines.push(line);
    }
    let gone_ms = at.get("date_shipped").time()?.unwrap_or(updated_at_ms);
    let fulfillments = fulfillments(whole, &mut lines, status.stage, gone_ms)?;
    let total_minor = at.get("total_inc_tax").money(&currency)?.ok_or("order.total_inc_tax: missing")?;
    let returned_minor = refunded(&whole.refunds, &currency)?;
    let cancelled = match status.stage {
        Stage::Cancelled(reason) => Some(reason),
        Stage::Refunded if fulfillments.is_empty() => Some("refunded"),
        _ => None,
    };
    let payment_word = at.get("payment_status").text();
    let fulfillment_orders = works(whole, &lines, &places, status.stage);
    // Digital goods and what is fetched may still have an address in the store, if it is the only one.
    let lone = whole.addresses.keys().next().copied().filter(|_| whole.addresses.len() == 1);
    let ship_to = parts::doors(whole).first().copied().or(lone).and_then(|door| whole.addresses.get(&door));
    let ship_to = ship_to.map(|address| address_of(&At::root(address, "shipping_address")));
    let side = if inclusive { "inc" } else { "ex" };
    Ok(Order {
        number: id.clone(),
        placed_at_ms,
        updated_at_ms,
        // The platform keeps no moment of its own for either; the last change is the nearest it shows.
        cancelled_at_ms: cancelled.map(|_| updated_at_ms),
        cancel_reason: cancelled.map(str::to_owned),
        closed_at_ms: at.get("is_deleted").flag().then_some(updated_at_ms),
        test: false,
        payment: status::payment(&payment_word, status_id),
        delivery: delivery(&whole.lines, &lines, status.stage),
        risk: (payment_word == "held for review").then_some(payment_word),
        subtotal_minor: at.get(&format!("subtotal_{side}_tax")).amount(&currency)?,
        discount_minor: at.get("discount_amount").amount(&currency)?.abs()
            + at.get("coupon_discount").amount(&currency)?.abs(),
        shipping_minor: at.get(&format!("shipping_cost_{side}_tax")).amount(&currency)?,
        tax_minor: at.get("total_tax").amount(&currency)?,
        total_minor,
        current_total_minor: (total_minor - returned_minor).max(0),
        refunded_minor: Some(returned_minor).filter(|minor| *minor > 0),
        taxes_included: inclusive,
        customer: customer(&at),
        ship_to,
        bill_to: at.get("billing_address").value().is_object().then(|| address_of(&at.get("billing_address"))),
        shipping: shipping_choice(whole),
        note: at.get("customer_message").text(),
        gift_message: gift_message(&whole.lines),
        tags: Vec::new(),
        attributes: attributes(&at, whole, shop),
        ship_by_ms: None,
        deliver_by_ms: None,
        sold_on: sold_on(&at, shop),
        admin_url: shop.admin_url.as_ref().map(|url| format!("{url}/orders/{id}")),
        remote_id: id,
        currency,
        lines,
        fulfillment_orders,
        fulfillments,
    })
}

fn order_line(at: &At<'_>, currency: &Currency, inclusive: bool, shop: &Shop) -> Result<OrderLine, Bad> {
    let quantity = at.get("quantity").demand_whole()?;
    let back = at.get("quantity_refunded").whole()?.unwrap_or(0);
    let shipped = at.get("quantity_shipped").whole()?.unwrap_or(0);
    let side = if inclusive { "inc" } else { "ex" };
    // A part of a bundle is packed, but its price is in the bundle's own line.
    let in_bundle = at.get("parent_order_product_id").count() > 0;
    let unit_price_minor = if in_bundle { 0 } else { at.get(&format!("price_{side}_tax")).amount(currency)? };
    let mut discount_minor = 0;
    for discount in at.get("applied_discounts").entries() {
        discount_minor += discount.get("amount").amount(currency)?.abs();
    }
    let per_unit = if quantity > 0 { (discount_minor + quantity / 2) / quantity } else { 0 };
    let kind = at.get("type").text();
    let some = |text: String| Some(text).filter(|text| !text.is_empty() && text != "0");
    let name = [at.get("name").text(), at.get("name_merchant").text()].into_iter().find(|name| !name.is_empty());
    Ok(OrderLine {
        remote_id: at.get("id").demand_text()?,
        sku: at.get("sku").text(),
        name: name.unwrap_or_else(|| "(unnamed)".to_owned()),
        // All choices come with their names, and stay with them, in `options`.
        variant: String::new(),
        quantity,
        current_quantity: quantity.saturating_sub(back).max(0),
        unfulfilled_quantity: quantity.saturating_sub(back).saturating_sub(shipped).max(0),
        requires_shipping: parts::is_goods(at.value()),
        gift_card: kind == "giftcertificate",
        unit_price_minor,
        discounted_unit_price_minor: (unit_price_minor - per_unit).max(0),
        tax_minor: if in_bundle { 0 } else { at.get("total_tax").amount(currency)? },
        weight_g: at
            .get("weight")
            .real()
            .zip(shop.grams_per_unit)
            .map(|(weight, grams)| weight * grams)
            .filter(|grams| *grams > 0.0 && grams.is_finite()),
        options: options(at),
        barcode: some(at.get("upc").text()),
        variant_id: some(at.get("variant_id").text()),
        // Its order lines name no type but "physical".
        product_type: String::new(),
    })
}

/// Choices, custom text, gift wrap: everything the packer has to see, `name → value`.
fn options(at: &At<'_>) -> Vec<(String, String)> {
    let first = |entry: &At<'_>, names: [&str; 3]| {
        names.iter().map(|name| entry.get(name).text()).find(|text| !text.is_empty()).unwrap_or_default()
    };
    let mut options = Vec::new();
    for option in at.get("product_options").entries() {
        let name = first(&option, ["display_name_merchant", "display_name", "name"]);
        let mut value = first(&option, ["display_value_merchant", "display_value", "value"]);
        if option.get("type").text() == "File Upload" {
            // The value is itself JSON text: what the buyer's file was called.
            let file: Value = serde_json::from_str(&option.get("value").text()).unwrap_or_default();
            if let Some(original) = file.get("originalName").and_then(Value::as_str) {
                original.clone_into(&mut value);
            }
        }
        options.push((name, value));
    }
    for field in at.get("configurable_fields").entries() {
        options.push((field.get("name").text(), field.get("value").text()));
    }
    let day = at.get("event_date").text();
    if !day.is_empty() {
        let name = at.get("event_name").text();
        options.push((if name.is_empty() { "Date".to_owned() } else { name }, day));
    }
    if at.get("wrapping_id").count() > 0 || !at.get("wrapping_name").text().is_empty() {
        options.push(("Gift wrap".to_owned(), at.get("wrapping_name").text()));
    }
    let message = at.get("wrapping_message").text();
    if !message.is_empty() {
        options.push(("Gift message".to_owned(), message));
    }
    options.retain(|(name, value)| !(name.is_empty() && value.is_empty()));
    options
}

/// Shipments, and what a person marked as gone without one.
fn fulfillments(whole: &Whole, lines: &mut [OrderLine], stage: Stage, gone_ms: i64) -> Result<Vec<Fulfillment>, Bad> {
    let mut all = Vec::new();
    for (i, value) in whole.shipments.iter().enumerate() {
        all.push(fulfillment(&At::root(value, &format!("shipments[{i}]")))?);
    }
    let mut unreported = Vec::new();
    for line in lines.iter_mut() {
        let told: i64 = all
            .iter()
            .flat_map(|f: &Fulfillment| &f.lines)
            .filter(|told| told.order_line_id == line.remote_id)
            .fold(0, |sum: i64, told| sum.saturating_add(told.quantity));
        if stage == Stage::Gone {
            line.unfulfilled_quantity = 0;
        }
        // A status set by hand, or units counted as shipped without a shipment that says so.
        let marked = line.current_quantity.saturating_sub(line.unfulfilled_quantity).saturating_sub(told);
        if line.requires_shipping && marked > 0 {
            unreported.push(FulfillmentLine { order_line_id: line.remote_id.clone(), quantity: marked });
        }
    }
    if !unreported.is_empty() {
        all.push(Fulfillment {
            remote_id: MARKED_AS_SHIPPED.to_owned(),
            live: true,
            status: "marked as shipped by hand".to_owned(),
            created_at_ms: gone_ms,
            delivered_at_ms: None,
            tracking_numbers: Vec::new(),
            carrier: String::new(),
            lines: unreported,
        });
    }
    Ok(all)
}

/// A shipment. It counts as long as it exists: taking one back deletes it.
pub fn fulfillment(at: &At<'_>) -> Result<Fulfillment, Bad> {
    let mut lines = Vec::new();
    for item in at.get("items").list()? {
        lines.push(FulfillmentLine {
            // The line's `id`, which shipments call `order_product_id`; `product_id` is the product's.
            order_line_id: item.get("order_product_id").demand_text()?,
            quantity: item.get("quantity").demand_whole()?,
        });
    }
    let words = [at.get("tracking_carrier").text(), at.get("shipping_provider").text()];
    Ok(Fulfillment {
        remote_id: at.get("id").demand_text()?,
        live: true,
        status: "shipped".to_owned(),
        created_at_ms: at.get("date_created").demand_time()?,
        delivered_at_ms: None,
        tracking_numbers: numbers_of(&at.get("tracking_number").text(), &at.get("comments").text()),
        carrier: words.into_iter().find(|word| !word.is_empty()).unwrap_or_default(),
        lines,
    })
}

/// One piece of work per ship-to address.
fn works(whole: &Whole, lines: &[OrderLine], places: &BTreeMap<String, i64>, stage: Stage) -> Vec<FulfillmentOrder> {
    let mut groups: BTreeMap<i64, Vec<FulfillmentOrderLine>> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.requires_shipping) {
        let place = places.get(&line.remote_id).copied().unwrap_or(0);
        groups.entry(place).or_default().push(FulfillmentOrderLine {
            remote_id: line.remote_id.clone(),
            order_line_id: line.remote_id.clone(),
            total_quantity: line.current_quantity,
            remaining_quantity: line.unfulfilled_quantity.min(line.current_quantity),
        });
    }
    groups
        .into_iter()
        .map(|(place, lines)| {
            let open = lines.iter().any(|line| line.remaining_quantity > 0);
            let mut holds = Vec::new();
            if let Stage::Held(why) = stage {
                holds.push(hold("status", why.to_owned()));
            }
            let address = whole.addresses.get(&place).map(|address| At::root(address, "shipping_address"));
            let status = match (holds.is_empty(), open, stage) {
                (_, _, Stage::Cancelled(_)) => "cancelled",
                (_, false, _) => "closed",
                (false, true, _) => "on_hold",
                (true, true, _) => "open",
            };
            if whole.hold.is_some() && status == "open" {
                // Told, and keeping nothing.
                holds.push(Hold { ours: true, ..hold("status", "on hold at the hub".to_owned()) });
            }
            FulfillmentOrder {
                remote_id: format!("address:{place}"),
                status: status.to_owned(),
                can_fulfill: status == "open",
                location_id: None,
                location_name: address.map_or_else(String::new, |at| place_name(&at)),
                third_party: false,
                fulfill_at_ms: None,
                fulfill_by_ms: None,
                holds,
                delivery: if stage == Stage::Pickup { Delivery::Pickup } else { Delivery::Shipping },
                lines,
            }
        })
        .collect()
}

fn hold(id: &str, reason: String) -> Hold {
    Hold { remote_id: id.to_owned(), reason, notes: String::new(), ours: false }
}

/// Town and postcode: enough to tell two addresses of one order apart.
fn place_name(at: &At<'_>) -> String {
    [at.get("zip").text(), at.get("city").text()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// How the order as a whole is delivered: if any part of it is shipped, it is shipped.
fn delivery(rows: &[Value], lines: &[OrderLine], stage: Stage) -> Delivery {
    if stage == Stage::Pickup {
        return Delivery::Pickup;
    }
    if lines.iter().any(|line| line.requires_shipping) {
        return Delivery::Shipping;
    }
    let pickup = rows.iter().any(|row| At::root(row, "line").get("order_pickup_method_id").count() > 0);
    if pickup { Delivery::Pickup } else { Delivery::None }
}

fn customer(at: &At<'_>) -> Option<Customer> {
    let billing = at.get("billing_address");
    let id = at.get("customer_id").count();
    let customer = Customer {
        remote_id: (id > 0).then(|| id.to_string()),
        name: full_name(&billing),
        email: billing.get("email").text(),
        phone: billing.get("phone").text(),
    };
    (customer != Customer::default()).then_some(customer)
}

fn full_name(at: &At<'_>) -> String {
    format!("{} {}", at.get("first_name").text(), at.get("last_name").text()).trim().to_owned()
}

/// An address.
pub fn address_of(at: &At<'_>) -> Address {
    let country = at.get("country_iso2").text().to_uppercase();
    let state = at.get("state").text();
    Address {
        name: full_name(at),
        company: at.get("company").text(),
        line1: at.get("street_1").text(),
        line2: at.get("street_2").text(),
        line3: String::new(),
        city: at.get("city").text(),
        region: region_code(&country, &state).to_owned(),
        postcode: at.get("zip").text(),
        country,
        phone: at.get("phone").text(),
    }
}

fn shipping_choice(whole: &Whole) -> Option<ShippingChoice> {
    let title =
        whole.addresses.values().map(|address| At::root(address, "shipping_address").get("shipping_method").text());
    title.into_iter().find(|title| !title.is_empty()).map(|title| ShippingChoice { title, code: String::new() })
}

/// The texts for the cards: one as it is; several each with what they belong to.
fn gift_message(rows: &[Value]) -> String {
    let mut messages: Vec<(String, String)> = Vec::new();
    for row in rows {
        let at = At::root(row, "line");
        let text = at.get("wrapping_message").text();
        if !text.is_empty() && !messages.iter().any(|(known, _)| *known == text) {
            messages.push((text, at.get("name").text()));
        }
    }
    match messages.as_slice() {
        [] => String::new(),
        [(text, _)] => text.clone(),
        several => several.iter().map(|(text, name)| format!("{name}: {text}")).collect::<Vec<_>>().join("\n"),
    }
}

fn attributes(at: &At<'_>, whole: &Whole, shop: &Shop) -> Vec<(String, String)> {
    let mut attributes: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, text: String| {
        if !text.is_empty() && text != "null" {
            attributes.push((name.to_owned(), text));
        }
    };
    let channel = at.get("channel_id").count();
    if channel > 0 {
        add("channel", shop.channels.get(&channel).cloned().unwrap_or_else(|| channel.to_string()));
        add("channel_id", channel.to_string());
    }
    add(
        "status",
        [at.get("custom_status").text(), at.get("status").text()]
            .into_iter()
            .find(|t| !t.is_empty())
            .unwrap_or_default(),
    );
    add("staff_notes", at.get("staff_notes").text());
    add("payment_method", at.get("payment_method").text());
    for name in ["order_source", "external_source", "external_id", "external_order_id", "external_merchant_id"] {
        add(name, at.get(name).text());
    }
    if let Some(buyer) = shop.buyers.get(&at.get("customer_id").count()) {
        add("customer_group", buyer.group.clone());
        add("customer_notes", buyer.notes.clone());
        add("tax_exempt_category", buyer.tax_exempt_category.clone());
    }
    let addresses = whole.addresses.values().map(|address| At::root(address, "shipping_address"));
    for address in std::iter::once(at.get("billing_address")).chain(addresses) {
        for field in address.get("form_fields").entries() {
            let value = field.get("value");
            let several: Vec<String> = value.entries().iter().map(At::text).collect();
            add(&field.get("name").text(), if several.is_empty() { value.text() } else { several.join(", ") });
        }
    }
    attributes.retain(|(name, _)| !name.is_empty());
    attributes
}

/// The marketplace an order came from, where a channel of the store brought it.
fn sold_on(at: &At<'_>, shop: &Shop) -> Option<SoldOn> {
    let channel = shop.channels.get(&at.get("channel_id").count()).cloned().unwrap_or_default();
    let sources = [at.get("external_source").text(), at.get("order_source").text(), channel];
    // The first is writable and what connectors fill; the second is BigCommerce's own and read-only.
    crate::marketplace::sold_on(&sources, &["external_order_id", "external_id"].map(|name| at.get(name).text()))
}

/// Not every payment of this refund was declined.
pub fn was_given(refund: &At<'_>) -> bool {
    let payments = refund.get("payments").entries();
    payments.is_empty() || !payments.iter().all(|payment| payment.get("is_declined").flag())
}

/// Money that went back, declined payments left out.
pub fn refunded(refunds: &[Value], currency: &Currency) -> Result<i64, Bad> {
    let mut minor = 0;
    for (i, refund) in refunds.iter().enumerate() {
        let at = At::root(refund, &format!("refunds[{i}]"));
        if !was_given(&at) {
            continue;
        }
        minor += at.get("total_amount").amount(currency)?;
    }
    Ok(minor)
}

#[cfg(test)]
#[path = "translate_tests.rs"]
mod tests;
