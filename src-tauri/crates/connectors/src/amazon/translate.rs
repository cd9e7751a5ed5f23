//! Amazon's order (2026-01-01) into the model's, pure.
//!
//! - An order that Amazon itself ships (FBA) is shown with one piece of work that
//!   belongs to somebody else: it is never sent to a hub and never reported.
//! - A buyer's wish to cancel becomes a hold with its reason. It does not keep a
//!   parcel that left anyway from being reported: the seller may refuse the wish.
//! - A pending order has no prices and no address; its currency is the
//!   marketplace's.
//! - Personal data whose time is over (see `privacy.rs`) is taken out before
//!   anything is read, so that a late change of an old order does not bring it back.

use super::amounts::{line_amounts, order_amounts};
use super::at::{At, Bad};
use super::places::{marketplace, order_page};
use super::privacy;
use quayside_model::{
    Address, CANCEL_WISH, CANCEL_WISH_TAG, Currency, Customer, Delivery, Fulfillment, FulfillmentLine,
    FulfillmentOrder, FulfillmentOrderLine, Hold, Incoming, LABELS_FROM, Order, OrderLine, Payment, Record,
    ShippingChoice, Unreadable,
};
use serde_json::Value;

/// Location of orders that Amazon ships.
pub const AMAZON_WAREHOUSE: &str = "Amazon (FBA)";

/// An order with its answer, or what was wrong with it.
pub fn incoming(value: &Value, now_ms: i64) -> Result<Incoming, Unreadable> {
    let mut value = value.clone();
    if privacy::is_over(&value, now_ms) {
        privacy::blank(&mut value);
    }
    match order(&value) {
        Ok(order) => Ok(Incoming { record: Record::Order(order), raw: value.to_string() }),
        Err(why) => {
            let raw = value.to_string();
            let id = Some(At::root(&value).get("orderId").text()).filter(|id| !id.is_empty());
            // Without an id, the text itself is the only name it has; the same text gives the same name.
            let remote_id = id
                .clone()
                .unwrap_or_else(|| uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, raw.as_bytes()).to_string());
            Err(Unreadable { remote_id, number: id, why, raw })
        }
    }
}

/// A sale on another channel that Amazon only ships (Multi-Channel Fulfillment): that channel tells of it.
pub fn is_foreign(value: &Value) -> bool {
    At::root(value).get("salesChannel.channelName").text() == "NON_AMAZON"
}

/// The order.
pub fn order(value: &Value) -> Result<Order, Bad> {
    let at = At::root(value);
    let id = at.get("orderId").need_text()?;
    let updated_at_ms = at.get("lastUpdatedTime").need_time()?;
    let marketplace_id = at.get("salesChannel.marketplaceId").text();
    let place = marketplace(&marketplace_id);
    let status = at.get("fulfillment.fulfillmentStatus").text();
    let items = at.get("orderItems").need_list()?;
    let currency = currency(&at, &items).or_else(|| place.map(|place| Currency::new(place.currency)));
    let currency = currency.unwrap_or_else(|| Currency::new("USD"));
    let lines = items.iter().map(|item| line(item, &currency, &status)).collect::<Result<Vec<_>, _>>()?;
    let amounts = order_amounts(&at, &items, &currency, place.is_some_and(|place| place.taxes_included))?;
    let by_amazon = at.get("fulfillment.fulfilledBy").text() == "AMAZON";
    let wish = cancel_wish(&items);
    let packages = at.get("packages").list();
    let fulfillments =
        if by_amazon { by_amazon_so_far(&lines, updated_at_ms) } else { fulfillments(&packages, updated_at_ms)? };
    let work = work(&at, &id, &status, by_amazon, wish.as_ref(), &lines);
    let programs = programs(&at, &items);
    let cancelled = status == "CANCELLED";
    let prime = !by_amazon && programs.iter().any(|program| program == "PRIME");
    Ok(Order {
        number: id.clone(),
        placed_at_ms: at.get("createdTime").need_time()?,
        updated_at_ms,
        // Amazon names no time of cancellation; the order's last change is not earlier.
        cancelled_at_ms: cancelled.then_some(updated_at_ms),
        cancel_reason: if cancelled { cancel_reason(&items) } else { None },
        closed_at_ms: None,
        test: false,
        payment: payment(&status),
        delivery: delivery(&programs),
        risk: None,
        subtotal_minor: amounts.goods_minor,
        discount_minor: amounts.discount_minor,
        shipping_minor: amounts.shipping_minor,
        tax_minor: amounts.tax_minor,
        total_minor: amounts.total_minor,
        current_total_minor: amounts.total_minor,
        refunded_minor: None,
        taxes_included: amounts.taxes_included,
        customer: customer(&at),
        ship_to: at.get("recipient.deliveryAddress").is_there().then(|| address(&at.get("recipient.deliveryAddress"))),
        bill_to: None,
        shipping: service(&at.get("fulfillment.fulfillmentServiceLevel").text()),
        ship_by_ms: at.get("fulfillment.shipByWindow.latestDateTime").time().filter(|_| !by_amazon),
        deliver_by_ms: at.get("fulfillment.deliverByWindow.latestDateTime").time(),
        sold_on: None,
        note: delivery_note(&at),
        gift_message: gift_messages(&items),
        tags: tags(&programs, by_amazon, wish.is_some(), &at),
        attributes: attributes(&at, &items, &marketplace_id, prime),
        admin_url: order_page(&marketplace_id, &id),
        remote_id: id,
        currency,
        lines,
        fulfillment_orders: work,
        fulfillments,
    })
}

fn currency(at: &At<'_>, items: &[At<'_>]) -> Option<Currency> {
    at.get("proceeds.grandTotal").currency().or_else(|| {
        items.iter().find_map(|item| {
            item.get("product.price.unitPrice").currency().or_else(|| item.get("proceeds.proceedsTotal").currency())
        })
    })
}

/// Before an order is released, nothing of it was taken and nothing may leave.
fn is_pending(status: &str) -> bool {
    matches!(status, "PENDING" | "PENDING_AVAILABILITY")
}

fn payment(status: &str) -> Payment {
    match status {
        "PENDING" | "PENDING_AVAILABILITY" => Payment::Pending,
        "CANCELLED" => Payment::Voided,
        "UNSHIPPED" | "PARTIALLY_SHIPPED" | "SHIPPED" | "UNFULFILLABLE" => Payment::Paid,
        // The data set was not given, or Amazon has a new word: waits to be safe.
        "" => Payment::Unknown("no status".into()),
        other => Payment::Unknown(other.to_lowercase()),
    }
}

fn delivery(programs: &[String]) -> Delivery {
    if programs.iter().any(|program| program == "IN_STORE_PICK_UP") { Delivery::Pickup } else { Delivery::Shipping }
}

fn line(item: &At<'_>, currency: &Currency, status: &str) -> Result<OrderLine, Bad> {
    let quantity = item.get("quantityOrdered").need_whole()?;
    let fulfilled = item.get("fulfillment.quantityFulfilled").whole().map(|n| n.min(quantity).max(0));
    let unfulfilled = item.get("fulfillment.quantityUnfulfilled").whole().map(|n| n.min(quantity).max(0));
    let current_quantity = wanted(item, quantity, fulfilled, unfulfilled, status);
    let amounts = line_amounts(item, quantity, currency)?;
    let title = item.get("product.title").text();
    let sku = item.get("product.sellerSku").text();
    let asin = Some(item.get("product.asin").text()).filter(|asin| !asin.is_empty());
    Ok(OrderLine {
        remote_id: item.get("orderItemId").need_text()?,
        name: if title.is_empty() && sku.is_empty() {
            "(unnamed)".to_owned()
        } else if title.is_empty() {
            sku.clone()
        } else {
            title
        },
        sku,
        variant: String::new(),
        quantity,
        current_quantity,
        unfulfilled_quantity: if status == "CANCELLED" {
            0
        } else {
            unfulfilled.unwrap_or_else(|| (current_quantity - fulfilled.unwrap_or(0)).max(0))
        },
        requires_shipping: true,
        gift_card: false,
        unit_price_minor: amounts.unit_minor,
        discounted_unit_price_minor: amounts.discounted_unit_minor,
        tax_minor: amounts.tax_minor,
        weight_g: None,
        options: options(item),
        barcode: None,
        variant_id: asin,
        product_type: String::new(),
    })
}

/// Units still wanted. Amazon has no field for it: what is neither shipped nor to be shipped was cancelled.
fn wanted(item: &At<'_>, ordered: i64, fulfilled: Option<i64>, unfulfilled: Option<i64>, status: &str) -> i64 {
    if status == "CANCELLED" {
        return 0;
    }
    let (Some(fulfilled), Some(unfulfilled)) = (fulfilled, unfulfilled) else { return ordered };
    let counted = (fulfilled + unfulfilled).min(ordered);
    let cancelled = item.get("cancellation.cancellationExecution").is_there();
    if counted > 0 || cancelled || !is_pending(status) && status != "UNSHIPPED" { counted } else { ordered }
}

fn options(item: &At<'_>) -> Vec<(String, String)> {
    let gift = item.get("fulfillment.packing.giftOption.giftWrapLevel").text();
    let custom = item.get("product.customization.customizedUrl").text();
    let condition = item.get("product.condition.conditionType").text();
    let condition = Some(condition).filter(|word| !word.is_empty() && !word.eq_ignore_ascii_case("new"));
    let serial = item.get("fulfillment.packing.serialNumberRequirement.requirementType").text();
    [
        ("Gift wrap", Some(gift).filter(|text| !text.is_empty())),
        ("Customization", Some(custom).filter(|text| !text.is_empty())),
        ("Condition", condition),
        ("Serial number", Some(serial).filter(|text| !text.is_empty())),
    ]
    .into_iter()
    .filter_map(|(name, text)| Some((name.to_owned(), text?)))
    .collect()
}

/// A buyer's wish to cancel, not answered yet: the reason, empty if none was given.
fn cancel_wish(items: &[At<'_>]) -> Option<String> {
    let open = items.iter().filter(|item| !item.get("cancellation.cancellationExecution").is_there());
    let wish = open.map(|item| item.get("cancellation.cancellationRequest"));
    wish.filter(At::is_there).map(|wish| wish.get("cancelReason").text()).next()
}

fn cancel_reason(items: &[At<'_>]) -> Option<String> {
    let executed = items.iter().map(|item| item.get("cancellation.cancellationExecution"));
    let by = executed.map(|execution| execution.get("cancelledBy").text()).find(|by| !by.is_empty())?;
    Some(match by.as_str() {
        "BUYER" => "customer".to_owned(),
        "MERCHANT" => "staff".to_owned(),
        other => other.to_lowercase(),
    })
}

fn work(
    at: &At<'_>,
    id: &str,
    status: &str,
    by_amazon: bool,
    wish: Option<&String>,
    lines: &[OrderLine],
) -> Vec<FulfillmentOrder> {
    let open = matches!(status, "UNSHIPPED" | "PARTIALLY_SHIPPED");
    let window = at.get("fulfillment.shipByWindow");
    // Labels may not be printed before this moment; an empty field means at any time.
    let print_at_ms = at.get("fulfillment.labelPrintingWindow.earliestDateTime").time();
    let hold = wish.filter(|_| open && !by_amazon).map(|reason| Hold {
        remote_id: CANCEL_WISH.to_owned(),
        reason: if reason.is_empty() {
            "the buyer asks to cancel".to_owned()
        } else {
            format!("the buyer asks to cancel ({reason})")
        },
        notes: "Cancel the order, or ship it anyway.".to_owned(),
        ours: false,
    });
    let pieces = lines.iter().map(|line| FulfillmentOrderLine {
        remote_id: line.remote_id.clone(),
        order_line_id: line.remote_id.clone(),
        total_quantity: line.current_quantity,
        remaining_quantity: line.unfulfilled_quantity.min(line.current_quantity),
    });
    let pieces: Vec<FulfillmentOrderLine> = pieces.collect();
    let left = pieces.iter().any(|piece| piece.remaining_quantity > 0);
    vec![FulfillmentOrder {
        remote_id: id.to_owned(),
        status: status.to_lowercase(),
        can_fulfill: open && left && !by_amazon && print_at_ms.is_none(),
        location_id: None,
        location_name: if by_amazon { AMAZON_WAREHOUSE.to_owned() } else { String::new() },
        third_party: by_amazon,
        fulfill_at_ms: print_at_ms,
        fulfill_by_ms: window.get("latestDateTime").time(),
        holds: hold.into_iter().collect(),
        delivery: Delivery::Shipping,
        lines: pieces,
    }]
}

/// Amazon's own packages are not shown; the units that left are.
fn by_amazon_so_far(lines: &[OrderLine], updated_at_ms: i64) -> Vec<Fulfillment> {
    let left: Vec<FulfillmentLine> = lines
        .iter()
        .map(|line| FulfillmentLine {
            order_line_id: line.remote_id.clone(),
            quantity: line.current_quantity.saturating_sub(line.unfulfilled_quantity),
        })
        .filter(|line| line.quantity > 0)
        .collect();
    if left.is_empty() {
        return Vec::new();
    }
    vec![Fulfillment {
        remote_id: "amazon".to_owned(),
        live: true,
        status: "shipped".to_owned(),
        created_at_ms: updated_at_ms,
        delivered_at_ms: None,
        tracking_numbers: Vec::new(),
        carrier: "Amazon".to_owned(),
        lines: left,
    }]
}

/// Packages that were confirmed, by whomever.
pub fn fulfillments(packages: &[At<'_>], updated_at_ms: i64) -> Result<Vec<Fulfillment>, Bad> {
    packages.iter().map(|package| fulfillment(package, updated_at_ms)).collect()
}

fn fulfillment(package: &At<'_>, updated_at_ms: i64) -> Result<Fulfillment, Bad> {
    let status = package.get("packageStatus.status").text().to_lowercase();
    let number = package.get("trackingNumber").text();
    let made_ms = package.get("createdTime").time().or_else(|| package.get("shipTime").time());
    let items = package.get("packageItems").list();
    Ok(Fulfillment {
        remote_id: package.get("packageReferenceId").need_text()?,
        // A status added later counts as live: taking it for gone would ship twice.
        live: status != "cancelled",
        // Amazon gives the state, not the moment; the order changed when it changed.
        delivered_at_ms: (status == "delivered").then_some(updated_at_ms),
        status,
        created_at_ms: made_ms.unwrap_or(updated_at_ms),
        tracking_numbers: Some(number).filter(|number| !number.is_empty()).into_iter().collect(),
        carrier: package.get("carrier").text(),
        lines: items
            .iter()
            .map(|item| {
                Ok(FulfillmentLine {
                    order_line_id: item.get("orderItemId").need_text()?,
                    quantity: item.get("quantity").need_whole()?,
                })
            })
            .collect::<Result<_, Bad>>()?,
    })
}

fn customer(at: &At<'_>) -> Option<Customer> {
    let name = at.get("buyer.buyerName").text();
    let firm = at.get("buyer.buyerCompanyName").text();
    let customer = Customer {
        remote_id: None,
        name: if name.is_empty() { firm } else { name },
        email: at.get("buyer.buyerEmail").text(),
        phone: at.get("recipient.deliveryAddress.phone").text(),
    };
    (customer != Customer::default()).then_some(customer)
}

fn address(at: &At<'_>) -> Address {
    let text = |name: &str| at.get(name).text();
    let mut lines = [text("addressLine1"), text("addressLine2"), text("addressLine3")];
    // Brazil writes the street in fields of its own.
    if lines.iter().all(String::is_empty) {
        let extended = at.get("extendedFields");
        let part = |name: &str| extended.get(name).text();
        let street = [part("streetName"), part("streetNumber")].join(" ").trim().to_owned();
        lines = [street, part("complement"), part("neighborhood")];
    }
    let [line1, line2, line3] = lines;
    let district = [text("districtOrCounty"), text("municipality")].into_iter().find(|text| !text.is_empty());
    let region = text("stateOrRegion");
    Address {
        name: text("name"),
        company: text("companyName"),
        line1,
        line2,
        line3,
        city: text("city"),
        region: if region.is_empty() { district.unwrap_or_default() } else { region },
        postcode: text("postalCode"),
        country: text("countryCode").to_uppercase(),
        phone: text("phone"),
    }
}

/// The speed the buyer was promised; the exact service is the seller's choice.
fn service(level: &str) -> Option<ShippingChoice> {
    let title = match level {
        "" => return None,
        "STANDARD" => "Standard",
        "EXPEDITED" => "Expedited",
        "FREE_ECONOMY" => "Free economy",
        "NEXT_DAY" => "Next day",
        "SECOND_DAY" => "Second day",
        "SAME_DAY" => "Same day",
        "PRIORITY" => "Priority",
        "SCHEDULED" => "Scheduled",
        other => return Some(ShippingChoice { title: other.replace('_', " ").to_lowercase(), code: other.to_owned() }),
    };
    Some(ShippingChoice { title: title.to_owned(), code: level.to_owned() })
}

fn delivery_note(at: &At<'_>) -> String {
    let preference = at.get("recipient.deliveryPreference");
    let parts = [preference.get("addressInstruction").text(), preference.get("dropOffLocation").text()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(". ")
}

fn gift_messages(items: &[At<'_>]) -> String {
    let mut messages: Vec<String> = Vec::new();
    for item in items {
        let message = item.get("fulfillment.packing.giftOption.giftMessage").text();
        if !message.is_empty() && !messages.contains(&message) {
            messages.push(message);
        }
    }
    messages.join("\n")
}

/// Programs of the order and of its items.
fn programs(at: &At<'_>, items: &[At<'_>]) -> Vec<String> {
    let mut programs: Vec<String> = Vec::new();
    for list in std::iter::once(at).chain(items).map(|at| at.get("programs").list()) {
        for program in list.iter().map(At::text).filter(|program| !program.is_empty()) {
            if !programs.contains(&program) {
                programs.push(program);
            }
        }
    }
    programs
}

const CONSTRAINTS: &[(&str, &str)] = &[
    ("signatureConfirmation", "Signature required"),
    ("recipientAgeVerification", "Age check"),
    ("recipientIdentityVerification", "Identity check"),
    ("palletDelivery", "Pallet"),
    ("cashOnDelivery", "Cash on delivery"),
];

fn tags(programs: &[String], by_amazon: bool, wish: bool, at: &At<'_>) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    if by_amazon {
        tags.push("FBA".into());
    }
    if wish {
        tags.push(CANCEL_WISH_TAG.into());
    }
    tags.extend(programs.iter().map(|program| match program.as_str() {
        "PRIME" => "Prime".to_owned(),
        "AMAZON_BUSINESS" => "Business".to_owned(),
        "PREMIUM" => "Premium".to_owned(),
        "FBM_SHIP_PLUS" => "Ship+".to_owned(),
        "IN_STORE_PICK_UP" => "Store pickup".to_owned(),
        "AMAZON_EASY_SHIP" => "Easy Ship".to_owned(),
        "SUBSCRIBE_AND_SAVE" => "Subscribe & Save".to_owned(),
        other => sentence_case(other),
    }));
    for item in at.get("orderItems").list() {
        for (name, tag) in CONSTRAINTS {
            let constraint = item.get("fulfillment.shipping.shippingConstraints").get(name);
            if constraint.text() == "MANDATORY" && !tags.iter().any(|known| known == tag) {
                tags.push((*tag).into());
            }
        }
    }
    let replaces = |association: &At<'_>| {
        matches!(association.get("associationType").text().as_str(), "REPLACEMENT_ORIGINAL_ID" | "EXCHANGE_ORIGINAL_ID")
    };
    if at.get("associatedOrders").list().iter().any(replaces) {
        tags.push("Replacement".into());
    }
    tags
}

/// Where Amazon wants the labels of orders that a seller ships for Prime.
pub const BUY_SHIPPING: &str = "Amazon Buy Shipping";

/// `TRANSPARENCY_CODE` → "Transparency code".
fn sentence_case(word: &str) -> String {
    let text = word.replace('_', " ").to_lowercase();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

fn attributes(at: &At<'_>, items: &[At<'_>], marketplace_id: &str, prime: bool) -> Vec<(String, String)> {
    let alias = at.get("orderAliases").list().into_iter();
    let alias =
        alias.filter(|alias| alias.get("aliasType").text() == "SELLER_ORDER_ID").map(|a| a.get("aliasId").text());
    let replaces = at.get("associatedOrders").list().into_iter().map(|other| other.get("orderId").text()).next();
    let ioss = items.iter().map(|item| item.get("fulfillment.shipping.internationalShipping.iossNumber").text());
    [
        ("marketplace", at.get("salesChannel.marketplaceName").text()),
        ("marketplace_id", marketplace_id.to_owned()),
        (LABELS_FROM, if prime { BUY_SHIPPING.to_owned() } else { String::new() }),
        ("ship_from", at.get("fulfillment.shipByWindow.earliestDateTime").text()),
        ("deliver_from", at.get("fulfillment.deliverByWindow.earliestDateTime").text()),
        ("deliver_by", at.get("fulfillment.deliverByWindow.latestDateTime").text()),
        ("address_type", at.get("recipient.deliveryAddress.addressType").text()),
        ("seller_order_id", alias.into_iter().next().unwrap_or_default()),
        ("replaces", replaces.unwrap_or_default()),
        ("purchase_order", at.get("buyer.buyerPurchaseOrderNumber").text()),
        ("ioss", ioss.into_iter().find(|number| !number.is_empty()).unwrap_or_default()),
    ]
    .into_iter()
    .filter(|(_, text)| !text.is_empty())
    .map(|(name, text)| (name.to_owned(), text))
    .collect()
}

#[cfg(test)]
#[path = "tests/translate.rs"]
mod tests;
