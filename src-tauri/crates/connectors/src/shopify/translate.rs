//! Shopify's order into the model's, pure.
//!
//! What an order cannot do without (ids, times, quantities, amounts) is demanded
//! with the path of the field; everything else is taken as it is. Amounts are the
//! shop's own currency. Enums Shopify adds later stay visible as they came.

use super::annotate::{NAMESPACE, without_ours};
use super::wire::{self, FromWire as _, Loose, Nodes, Text, Whole};
use quayside_model::{
    Address, Currency, Customer, Delivery, Fulfillment, FulfillmentLine, FulfillmentOrder, FulfillmentOrderLine, Hold,
    Incoming, Money, Order, OrderLine, Payment, Record, ShippingChoice, SoldOn, Unreadable,
};
use serde_json::Value;

/// `field: what is wrong`.
type Bad = String;

/// The attribute that holds the tags of who bought.
const CUSTOMER_TAGS: &str = "customer_tags";

/// An order with its answer, or what was wrong with it.
pub fn incoming(value: &Value, store: &str) -> Result<Incoming, Unreadable> {
    match order(value, store) {
        Ok(order) => Ok(Incoming { record: Record::Order(order), raw: value.to_string() }),
        Err(why) => {
            let raw = value.to_string();
            let text =
                |name: &str| value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
            // Without an id, the text itself is the only name it has; the same text gives the same name.
            let remote_id = text("id")
                .unwrap_or_else(|| uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, raw.as_bytes()).to_string());
            Err(Unreadable { remote_id, number: text("name"), why, raw })
        }
    }
}

/// What came in an order's place and cannot be taken for any: `id` is the order that was asked for, if only one can be meant.
pub fn stray(raw: &str, id: Option<&str>) -> Unreadable {
    let named = || uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, raw.as_bytes()).to_string();
    let why = "id: it is missing, or not the one that was asked for".to_owned();
    Unreadable { remote_id: id.map_or_else(named, str::to_owned), number: None, why, raw: raw.to_owned() }
}

/// What was taken off. A negative amount is a surcharge where the lines became dearer by it; elsewhere it is a discount
/// that somebody wrote with its sign.
fn discount(told_minor: i64, subtotal_minor: i64, lines: &[OrderLine]) -> i64 {
    let listed_minor =
        lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.unit_price_minor.saturating_mul(line.quantity)));
    if told_minor < 0 && subtotal_minor > listed_minor { told_minor } else { told_minor.saturating_abs() }
}

/// The order. `store` is the store's handle in Shopify's admin, for links.
pub fn order(value: &Value, store: &str) -> Result<Order, Bad> {
    let order = wire::Order::from_wire(value).ok_or("order: it is no object")?;
    let id = demand_text(&order.id, "id")?.to_owned();
    let currency = Currency::new(demand_text(&order.currency_code, "currencyCode")?);
    let money = |bag: &Loose<wire::MoneyBag>, path: &str| amount(bag, &currency, path);
    let created_at_ms = demand_time(&order.created_at, "createdAt")?;
    let fulfillment_orders = entries(&order.fulfillment_orders, "fulfillmentOrders", fulfillment_order)?;
    let custom: Vec<(String, String)> =
        order.custom_attributes.list().iter().map(|a| (a.key.text().to_owned(), a.value.text().to_owned())).collect();
    let lines = entries(&order.line_items, "lineItems", |line, path| order_line(line, &currency, path))?;
    let mut fulfillments = Vec::new();
    for (i, fulfillment) in demand_list(&order.fulfillments, "fulfillments")?.iter().enumerate() {
        fulfillments.push(self::fulfillment(fulfillment, &format!("fulfillments[{i}]"))?);
    }
    let total_minor = money(&order.total_price_set, "totalPriceSet")?.ok_or("totalPriceSet: missing")?;
    Ok(Order {
        number: demand_text(&order.name, "name")?.to_owned(),
        placed_at_ms: time(&order.processed_at, "processedAt")?.unwrap_or(created_at_ms),
        updated_at_ms: demand_time(&order.updated_at, "updatedAt")?,
        cancelled_at_ms: time(&order.cancelled_at, "cancelledAt")?,
        cancel_reason: word(&order.cancel_reason),
        closed_at_ms: time(&order.closed_at, "closedAt")?,
        test: order.test.get().copied().unwrap_or(false),
        payment: payment(order.display_financial_status.text()),
        delivery: delivery(&order, &fulfillment_orders),
        risk: word(&order.risk.get().map(|risk| risk.recommendation.clone()).unwrap_or_default())
            .filter(|advice| !matches!(advice.as_str(), "accept" | "none")),
        subtotal_minor: money(&order.subtotal_price_set, "subtotalPriceSet")?.unwrap_or(0),
        discount_minor: discount(
            money(&order.total_discounts_set, "totalDiscountsSet")?.unwrap_or(0),
            money(&order.subtotal_price_set, "subtotalPriceSet")?.unwrap_or(0),
            &lines,
        ),
        shipping_minor: money(&order.total_shipping_price_set, "totalShippingPriceSet")?.unwrap_or(0),
        tax_minor: money(&order.total_tax_set, "totalTaxSet")?.unwrap_or(0),
        total_minor,
        current_total_minor: money(&order.current_total_price_set, "currentTotalPriceSet")?.unwrap_or(total_minor),
        refunded_minor: money(&order.total_refunded_set, "totalRefundedSet")?.filter(|minor| *minor > 0),
        taxes_included: order.taxes_included.get().copied().unwrap_or(false),
        customer: customer(&order),
        ship_to: order.shipping_address.get().map(address),
        bill_to: order.billing_address.get().map(address),
        shipping: shipping_choice(&order),
        ship_by_ms: fulfillment_orders
            .iter()
            .filter(|fo| fo.lines.iter().any(|line| line.remaining_quantity > 0))
            .filter_map(|fo| fo.fulfill_by_ms)
            .min(),
        deliver_by_ms: None,
        sold_on: sold_on(&order),
        note: without_ours(order.note.text()),
        gift_message: custom
            .iter()
            .find(|(key, _)| is_gift_message(key))
            .map(|(_, text)| text.clone())
            .unwrap_or_default(),
        tags: order.tags.list().iter().map(|tag| tag.0.clone()).collect(),
        attributes: attributes(custom, &order),
        admin_url: admin_url(store, &order, &id),
        remote_id: id,
        currency,
        lines,
        fulfillment_orders,
        fulfillments,
    })
}

fn order_line(line: &wire::Line, currency: &Currency, path: &str) -> Result<OrderLine, Bad> {
    let at = |field: &str| format!("{path}.{field}");
    let variant = line.variant.get();
    let unit_price_minor = amount(&line.original_unit_price_set, currency, &at("originalUnitPriceSet"))?
        .ok_or_else(|| at("originalUnitPriceSet: missing"))?;
    let mut tax_minor = 0;
    for (i, tax) in line.tax_lines.list().iter().enumerate() {
        tax_minor += amount(&tax.price_set, currency, &at(&format!("taxLines[{i}].priceSet")))?.unwrap_or(0);
    }
    let quantity = demand_whole(&line.quantity, &at("quantity"))?;
    let weight = line.weight.get().and_then(grams);
    let variant_weight = || variant?.inventory_item.get()?.measurement.get()?.weight.get().and_then(grams);
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Ok(OrderLine {
        remote_id: demand_text(&line.id, &at("id"))?.to_owned(),
        sku: line.sku.text().trim().to_owned(),
        // `title` is the product alone; `name` repeats the variant, which has its own field.
        name: [line.title.text(), line.name.text()]
            .into_iter()
            .find(|name| !name.trim().is_empty())
            .unwrap_or("(unnamed)")
            .to_owned(),
        variant: line.variant_title.text().to_owned(),
        quantity,
        current_quantity: whole(&line.current_quantity, &at("currentQuantity"))?.unwrap_or(quantity),
        unfulfilled_quantity: whole(&line.unfulfilled_quantity, &at("unfulfilledQuantity"))?.unwrap_or(0),
        requires_shipping: line.requires_shipping.get().copied().unwrap_or(true),
        gift_card: line.is_gift_card.get().copied().unwrap_or(false),
        unit_price_minor,
        discounted_unit_price_minor: amount(
            &line.discounted_unit_price_after_all_discounts_set,
            currency,
            &at("discountedUnitPriceAfterAllDiscountsSet"),
        )?
        .unwrap_or(unit_price_minor),
        tax_minor,
        weight_g: weight.or_else(variant_weight),
        options: line
            .custom_attributes
            .list()
            .iter()
            .map(|a| (a.key.text().to_owned(), a.value.text().to_owned()))
            .collect(),
        barcode: variant.and_then(|variant| some(variant.barcode.text())),
        variant_id: variant.and_then(|variant| some(variant.id.text())),
        product_type: variant
            .and_then(|variant| variant.product.get())
            .map(|product| product.product_type.text().trim().to_owned())
            .unwrap_or_default(),
    })
}

/// Where an order was sold that an app brought here. A register's own receipt number is no such thing.
fn sold_on(order: &wire::Order) -> Option<SoldOn> {
    let source = order.source_name.text();
    if matches!(source, "pos" | "web" | "shopify_draft_order") || order.retail_location.get().is_some() {
        return None;
    }
    crate::marketplace::sold_on(&[source.to_owned()], &[order.source_identifier.text().to_owned()])
}

/// A fulfillment order.
pub fn fulfillment_order(fo: &wire::FulfillmentOrder, path: &str) -> Result<FulfillmentOrder, Bad> {
    let at = |field: &str| format!("{path}.{field}");
    let lines = entries(&fo.line_items, &at("lineItems"), |line, path| {
        let line_item = line.line_item.get().ok_or_else(|| format!("{path}.lineItem: missing"))?;
        Ok(FulfillmentOrderLine {
            remote_id: demand_text(&line.id, &format!("{path}.id"))?.to_owned(),
            order_line_id: demand_text(&line_item.id, &format!("{path}.lineItem.id"))?.to_owned(),
            total_quantity: demand_whole(&line.total_quantity, &format!("{path}.totalQuantity"))?,
            remaining_quantity: demand_whole(&line.remaining_quantity, &format!("{path}.remainingQuantity"))?,
        })
    })?;
    let actions: Vec<&str> = fo.supported_actions.list().iter().map(|action| action.action.text()).collect();
    let may_fulfill = actions.contains(&"CREATE_FULFILLMENT");
    let location = fo.assigned_location.get();
    let place = location.and_then(|location| location.location.get());
    // Where the location cannot be looked into: only another app's service is *asked* to fulfill.
    let serviced = place
        .and_then(|place| place.is_fulfillment_service.get().copied())
        .unwrap_or_else(|| actions.contains(&"REQUEST_FULFILLMENT") || actions.contains(&"REQUEST_CANCELLATION"));
    Ok(FulfillmentOrder {
        remote_id: demand_text(&fo.id, &at("id"))?.to_owned(),
        status: demand_text(&fo.status, &at("status"))?.to_lowercase(),
        can_fulfill: may_fulfill && lines.iter().any(|line| line.remaining_quantity > 0),
        location_id: place.map(|place| place.id.text().to_owned()).filter(|id| !id.is_empty()),
        location_name: location.map(|location| location.name.text().to_owned()).unwrap_or_default(),
        third_party: serviced && !may_fulfill,
        fulfill_at_ms: time(&fo.fulfill_at, &at("fulfillAt"))?,
        fulfill_by_ms: time(&fo.fulfill_by, &at("fulfillBy"))?,
        holds: fo.fulfillment_holds.list().iter().map(hold).collect(),
        delivery: method(fo.delivery_method.get().map_or("", |method| method.method_type.text())),
        lines,
    })
}

fn hold(hold: &wire::Hold) -> Hold {
    let reason = hold.display_reason.text();
    Hold {
        remote_id: hold.id.text().to_owned(),
        reason: if reason.is_empty() { hold.reason.text().replace('_', " ").to_lowercase() } else { reason.to_owned() },
        notes: hold.reason_notes.text().to_owned(),
        ours: hold.held_by_requesting_app.get().copied().unwrap_or(false),
    }
}

/// A fulfillment.
pub fn fulfillment(fulfillment: &wire::Fulfillment, path: &str) -> Result<Fulfillment, Bad> {
    let at = |field: &str| format!("{path}.{field}");
    let status = demand_text(&fulfillment.status, &at("status"))?.to_lowercase();
    let tracking = fulfillment.tracking_info.list();
    Ok(Fulfillment {
        remote_id: demand_text(&fulfillment.id, &at("id"))?.to_owned(),
        // A status added later counts as live: taking it for gone would ship twice.
        live: !matches!(status.as_str(), "cancelled" | "error" | "failure"),
        status,
        created_at_ms: demand_time(&fulfillment.created_at, &at("createdAt"))?,
        delivered_at_ms: time(&fulfillment.delivered_at, &at("deliveredAt"))?,
        tracking_numbers: tracking
            .iter()
            .map(|t| t.number.text().to_owned())
            .filter(|number| !number.is_empty())
            .collect(),
        carrier: tracking
            .iter()
            .map(|t| t.company.text())
            .find(|company| !company.is_empty())
            .unwrap_or_default()
            .to_owned(),
        lines: entries(&fulfillment.fulfillment_line_items, &at("fulfillmentLineItems"), |line, path| {
            let line_item = line.line_item.get().ok_or_else(|| format!("{path}.lineItem: missing"))?;
            Ok(FulfillmentLine {
                order_line_id: demand_text(&line_item.id, &format!("{path}.lineItem.id"))?.to_owned(),
                quantity: demand_whole(&line.quantity, &format!("{path}.quantity"))?,
            })
        })?,
    })
}

fn customer(order: &wire::Order) -> Option<Customer> {
    let customer = order.customer.get();
    let first = |texts: [&str; 2]| texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default().to_owned();
    let email = customer.and_then(|c| c.default_email_address.get()).map_or("", |email| email.email_address.text());
    let phone = customer.and_then(|c| c.default_phone_number.get()).map_or("", |phone| phone.phone_number.text());
    let billed = order.billing_address.get().map_or("", |address| address.name.text());
    let customer = Customer {
        remote_id: customer.map(|c| c.id.text().to_owned()).filter(|id| !id.is_empty()),
        name: first([customer.map_or("", |c| c.display_name.text()), billed]),
        email: first([order.email.text(), email]),
        phone: first([order.phone.text(), phone]),
    };
    (customer != Customer::default()).then_some(customer)
}

/// An address. `provinceCode` only where it is a code people write (letters); Shopify has numbers and ISO tails for others.
fn address(address: &wire::Address) -> Address {
    let code = address.province_code.text();
    let full_name = [address.first_name.text(), address.last_name.text()].join(" ");
    let name = if address.name.text().trim().is_empty() { full_name.trim() } else { address.name.text() };
    Address {
        name: name.to_owned(),
        company: address.company.text().to_owned(),
        line1: address.address1.text().to_owned(),
        line2: address.address2.text().to_owned(),
        line3: String::new(),
        city: address.city.text().to_owned(),
        region: if code.is_empty() { address.province.text() } else { code }.to_owned(),
        postcode: address.zip.text().to_owned(),
        country: address.country_code_v2.text().to_uppercase(),
        phone: address.phone.text().to_owned(),
    }
}

fn shipping_choice(order: &wire::Order) -> Option<ShippingChoice> {
    let lines = order.shipping_lines.get()?;
    let line = lines.good().find(|line| !line.is_removed.get().copied().unwrap_or(false))?;
    Some(ShippingChoice { title: line.title.text().to_owned(), code: line.code.text().to_owned() })
}

fn attributes(mut custom: Vec<(String, String)>, order: &wire::Order) -> Vec<(String, String)> {
    // What we wrote there ourselves is no word of the buyer's or the merchant's.
    let metafields = order.metafields.get().into_iter().flat_map(Nodes::good);
    let metafields = metafields.filter(|m| m.namespace.text() != NAMESPACE);
    custom.extend(metafields.map(|m| (format!("{}.{}", m.namespace.text(), m.key.text()), m.value.text().to_owned())));
    // A VIP is one by the customer's tag, not by the order's. How many orders they made is left out: it would change
    // all their open orders with each new one.
    let tags = order.customer.get().map(|customer| customer.tags.list()).unwrap_or_default();
    let tags: Vec<&str> = tags.iter().map(|tag| tag.0.trim()).filter(|tag| !tag.is_empty()).collect();
    if !tags.is_empty() {
        custom.push((CUSTOMER_TAGS.to_owned(), tags.join(", ")));
    }
    custom
}

/// Names under which gift apps and themes keep the text of the card.
fn is_gift_message(key: &str) -> bool {
    let key: String = key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    matches!(
        key.as_str(),
        "giftmessage"
            | "giftnote"
            | "giftcardmessage"
            | "cardmessage"
            | "giftwrapmessage"
            | "greeting"
            | "geschenknachricht"
            | "grußbotschaft"
    )
}

fn admin_url(store: &str, order: &wire::Order, id: &str) -> Option<String> {
    let legacy = order.legacy_resource_id.text();
    let digits = if legacy.is_empty() { id.rsplit('/').next()?.split('?').next()? } else { legacy };
    (!store.is_empty() && digits.chars().all(|c| c.is_ascii_digit()))
        .then(|| format!("https://admin.shopify.com/store/{store}/orders/{digits}"))
}

/// Shopify's words for payment.
fn payment(word: &str) -> Payment {
    match word {
        "PENDING" => Payment::Pending,
        "AUTHORIZED" => Payment::Authorized,
        "PARTIALLY_PAID" => Payment::PartiallyPaid,
        "PAID" => Payment::Paid,
        "PARTIALLY_REFUNDED" => Payment::PartiallyRefunded,
        "REFUNDED" => Payment::Refunded,
        "VOIDED" => Payment::Voided,
        "EXPIRED" => Payment::Expired,
        other => Payment::Unknown(other.to_lowercase()),
    }
}

/// Shopify's words for delivery. A pickup *point* is a carrier's locker: neither ours to drive nor a plain address.
fn method(word: &str) -> Delivery {
    match word {
        "SHIPPING" | "" => Delivery::Shipping,
        "LOCAL" => Delivery::Local,
        "PICK_UP" => Delivery::Pickup,
        "RETAIL" => Delivery::Retail,
        "NONE" => Delivery::None,
        other => Delivery::Unknown(other.to_lowercase()),
    }
}

/// How the order as a whole is delivered: if any part of it is shipped, it is shipped.
/// Before the store has routed it there is no part yet, and the order itself has to tell.
fn delivery(order: &wire::Order, fos: &[FulfillmentOrder]) -> Delivery {
    let open = || fos.iter().filter(|fo| fo.status != "cancelled").map(|fo| &fo.delivery);
    if open().any(|delivery| *delivery == Delivery::Shipping) {
        return Delivery::Shipping;
    }
    if let Some(delivery) = open().find(|delivery| **delivery != Delivery::None).or_else(|| open().next()) {
        return delivery.clone();
    }
    if order.requires_shipping.get() == Some(&false) {
        return Delivery::None;
    }
    let over_the_counter = order.retail_location.get().is_some() || order.source_name.text() == "pos";
    if over_the_counter && order.shipping_address.get().is_none() { Delivery::Retail } else { Delivery::Shipping }
}

/// A weight in grams. An unknown unit is no weight: a wrong one is worse than none.
fn grams(weight: &wire::Weight) -> Option<f64> {
    let value = weight.value.get()?.0;
    let factor = match weight.unit.text() {
        "GRAMS" => 1.0,
        "KILOGRAMS" => 1000.0,
        "OUNCES" => 28.349_523_125,
        "POUNDS" => 453.592_37,
        _ => return None,
    };
    Some(value * factor).filter(|grams| *grams > 0.0 && grams.is_finite())
}

fn word(text: &Loose<Text>) -> Option<String> {
    Some(text.text().to_lowercase()).filter(|word| !word.is_empty())
}

fn amount(bag: &Loose<wire::MoneyBag>, currency: &Currency, path: &str) -> Result<Option<i64>, Bad> {
    let bag = match bag {
        Loose::Missing => return Ok(None),
        Loose::Have(bag) => bag,
        Loose::Odd(what) => return Err(format!("{path}: {what} instead of an amount")),
    };
    let Some(money) = bag.shop_money.get() else { return Err(format!("{path}.shopMoney: missing")) };
    // Every `shopMoney` of an order is in the order's currency. Anything else must not be added up.
    let theirs = money.currency_code.text();
    if !theirs.is_empty() && Currency::new(theirs) != *currency {
        return Err(format!("{path}.shopMoney.currencyCode: {theirs} in an order of {currency}"));
    }
    let text = demand_text(&money.amount, &format!("{path}.shopMoney.amount"))?;
    Money::parse(text, currency)
        .map(|money| Some(money.minor))
        .map_err(|error| format!("{path}.shopMoney.amount: {error}"))
}

fn time(text: &Loose<Text>, path: &str) -> Result<Option<i64>, Bad> {
    match text {
        Loose::Missing => Ok(None),
        Loose::Have(Text(text)) => parse_time(text).map(Some).ok_or_else(|| format!("{path}: \"{text}\" is no time")),
        Loose::Odd(what) => Err(format!("{path}: {what} instead of a time")),
    }
}

/// ISO 8601, ms UTC.
pub fn parse_time(text: &str) -> Option<i64> {
    chrono::DateTime::parse_from_rfc3339(text.trim()).ok().map(|time| time.timestamp_millis())
}

fn demand_time(text: &Loose<Text>, path: &str) -> Result<i64, Bad> {
    time(text, path)?.ok_or_else(|| format!("{path}: missing"))
}

fn demand_text<'a>(text: &'a Loose<Text>, path: &str) -> Result<&'a str, Bad> {
    match text {
        Loose::Have(Text(text)) if !text.is_empty() => Ok(text),
        Loose::Have(_) | Loose::Missing => Err(format!("{path}: missing")),
        Loose::Odd(what) => Err(format!("{path}: {what} instead of a text")),
    }
}

fn whole(number: &Loose<Whole>, path: &str) -> Result<Option<i64>, Bad> {
    match number {
        Loose::Missing => Ok(None),
        Loose::Have(Whole(number)) => Ok(Some(*number)),
        Loose::Odd(what) => Err(format!("{path}: {what} instead of a whole number")),
    }
}

fn demand_whole(number: &Loose<Whole>, path: &str) -> Result<i64, Bad> {
    whole(number, path)?.ok_or_else(|| format!("{path}: missing"))
}

fn demand_list<'a, T>(list: &'a Loose<Vec<T>>, path: &str) -> Result<&'a [T], Bad> {
    match list {
        Loose::Odd(what) => Err(format!("{path}: {what} instead of a list")),
        Loose::Have(_) | Loose::Missing => Ok(list.list()),
    }
}

fn entries<W, M>(
    nodes: &Loose<Nodes<W>>,
    path: &str,
    translate: impl Fn(&W, &str) -> Result<M, Bad>,
) -> Result<Vec<M>, Bad> {
    let nodes = match nodes {
        Loose::Missing => return Ok(Vec::new()),
        Loose::Have(nodes) => nodes,
        Loose::Odd(what) => return Err(format!("{path}: {what} instead of a list")),
    };
    if let Loose::Odd(what) = &nodes.nodes {
        return Err(format!("{path}.nodes: {what} instead of a list"));
    }
    nodes
        .entries()
        .enumerate()
        .map(|(i, node)| {
            let path = format!("{path}[{i}]");
            match node {
                Loose::Have(node) => translate(node, &path),
                Loose::Missing => Err(format!("{path}: missing")),
                Loose::Odd(what) => Err(format!("{path}: {what} instead of an object")),
            }
        })
        .collect()
}

#[cfg(test)]
#[path = "translate_tests.rs"]
mod tests;
