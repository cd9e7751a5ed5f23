//! ShipStation's words into ours. Pure: no clock, no network.
//!
//! What cannot be read safely is an `Err` with the field's path; the caller sets
//! that one record aside. Left out: adjustment lines (discounts are no goods),
//! billing data, notes, insurance.

use super::compose_v2::is_open_hold;
use super::wire_v1::{AddressV1, FulfillmentV1, ItemV1, OrderV1, ProductV1, ShipmentV1};
use super::wire_v2::{AddressV2, AmountV2, FulfillmentV2, ItemV2, LabelV2, LevelV2, ProductV2, ShipmentV2, WeightV2};
use super::{carriers, ids, pacific};
use quayside_model::{
    Address, Currency, HubLine, HubOrder, HubStatus, Money, Parcel, ParcelLine, ParcelOrigin, Product, Stock,
};

/// `carrierCode` and friends of what is "none" on the wire.
fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// V1's status words; an open set.
fn status_v1(word: &str) -> HubStatus {
    match word.trim().to_ascii_lowercase().as_str() {
        "awaiting_payment" => HubStatus::AwaitingPayment,
        "awaiting_shipment" => HubStatus::AwaitingShipment,
        "on_hold" => HubStatus::OnHold,
        "shipped" => HubStatus::Shipped,
        "cancelled" | "canceled" => HubStatus::Cancelled,
        "pending_fulfillment" => HubStatus::WithProvider,
        other => HubStatus::Unknown(other.to_owned()),
    }
}

/// V2's status words. Older servers know no `on_hold`: they keep a held shipment
/// pending, with a day in the future.
fn status_v2(word: &str, held_until: Option<i64>) -> HubStatus {
    match word.trim().to_ascii_lowercase().as_str() {
        "pending" | "awaiting_shipment" if held_until.is_some() => HubStatus::OnHold,
        "pending" | "awaiting_shipment" => HubStatus::AwaitingShipment,
        "awaiting_payment" => HubStatus::AwaitingPayment,
        "on_hold" => HubStatus::OnHold,
        "label_purchased" | "shipped" => HubStatus::Shipped,
        "cancelled" | "canceled" => HubStatus::Cancelled,
        other => HubStatus::Unknown(other.to_owned()),
    }
}

/// V1's words of an address; one that was not looked at yet, or in words nobody knows, says nothing.
fn verified_v1(words: &str) -> Option<bool> {
    match words.trim().to_ascii_lowercase().as_str() {
        "address validated successfully" => Some(true),
        "address validation warning" | "address validation failed" => Some(false),
        _ => None,
    }
}

/// A line's quantity. Fractions and nonsense are refused: guessing would ship too much or too little.
fn units(quantity: Option<f64>, path: &str) -> Result<i64, String> {
    let quantity = quantity.ok_or_else(|| format!("{path}: no quantity"))?;
    if quantity.fract() != 0.0 || !(0.0..=1e9).contains(&quantity) {
        return Err(format!("{path}: {quantity} is not a whole number of units"));
    }
    Ok(quantity as i64)
}

/// A discount or a fee, not goods.
fn is_adjustment(item: &ItemV1) -> bool {
    // Some marketplaces write discounts as plain lines with this literal key.
    item.adjustment || item.line_item_key.as_deref().is_some_and(|key| key.eq_ignore_ascii_case("discount"))
}

fn line_v1(at: usize, item: &ItemV1) -> Result<HubLine, String> {
    Ok(HubLine {
        line_key: item.line_item_key.clone(),
        sku: item.sku.clone(),
        name: item.name.clone(),
        quantity: units(item.quantity, &format!("items[{at}].quantity"))?,
    })
}

fn line_v2(at: usize, item: &ItemV2) -> Result<HubLine, String> {
    Ok(HubLine {
        line_key: item.external_order_item_id.clone(),
        sku: item.sku.clone(),
        name: item.name.clone(),
        quantity: units(item.quantity, &format!("items[{at}].quantity"))?,
    })
}

fn address_v1(from: &AddressV1) -> Address {
    Address {
        name: from.name.clone(),
        company: from.company.clone(),
        line1: from.street1.clone(),
        line2: from.street2.clone(),
        line3: from.street3.clone(),
        city: from.city.clone(),
        region: from.state.clone(),
        postcode: from.postal_code.clone(),
        country: from.country.trim().to_ascii_uppercase(),
        phone: from.phone.clone(),
    }
}

fn address_v2(from: &AddressV2) -> Address {
    Address {
        name: from.name.clone(),
        company: from.company_name.clone(),
        line1: from.address_line1.clone(),
        line2: from.address_line2.clone(),
        line3: from.address_line3.clone(),
        city: from.city_locality.clone(),
        region: from.state_province.clone(),
        postcode: from.postal_code.clone(),
        country: from.country_code.trim().to_ascii_uppercase(),
        phone: from.phone.clone(),
    }
}

/// Where an order is found in ShipStation's own screens. Their search takes the
/// number; the host sends people on to the server their account lives on.
fn order_page(number: &str) -> Option<String> {
    let number = filled(number)?;
    let query: String = url::form_urlencoded::byte_serialize(number.as_bytes()).collect();
    Some(format!("https://ship.shipstation.com/orders/all-orders-search-result?quickSearch={query}"))
}

/// V1 order.
pub(super) fn order_v1(order: &OrderV1) -> Result<HubOrder, String> {
    let remote_id = order.order_id.clone().ok_or("orderId: missing")?;
    let modified = if order.modify_date.is_empty() {
        ("createDate", &order.create_date)
    } else {
        ("modifyDate", &order.modify_date)
    };
    let modified_at_ms =
        pacific::parse(modified.1).ok_or_else(|| format!("{}: \"{}\" is not a time", modified.0, modified.1))?;
    let advanced = order.advanced_options.clone().unwrap_or_default();
    let lines = order
        .items
        .iter()
        .enumerate()
        .filter(|(_, item)| !is_adjustment(item))
        .map(|(at, item)| line_v1(at, item))
        .collect::<Result<_, _>>()?;
    Ok(HubOrder {
        key: filled(&order.order_key).unwrap_or_else(|| remote_id.clone()),
        remote_id,
        number: order.order_number.clone(),
        status: status_v1(&order.order_status),
        modified_at_ms,
        hold_until_ms: pacific::parse_meant(&order.hold_until_date),
        ship_to: order.ship_to.as_ref().map(address_v1),
        lines,
        parent_id: advanced.parent_id.filter(|id| id != "0"),
        merged_ids: advanced.merged_ids,
        address_verified: order.ship_to.as_ref().and_then(|address| verified_v1(&address.address_verified)),
        refunded: None,
        external: order.externally_fulfilled,
        store_id: advanced.store_id,
        service: filled(&order.service_code),
        warehouse: None,
        admin_url: order_page(&order.order_number),
    })
}

/// V2 shipment: the same order, seen from the other side. `now_ms` tells a hold from one that has ended.
pub(super) fn order_v2(shipment: &ShipmentV2, now_ms: i64) -> Result<HubOrder, String> {
    let remote_id = ids::from_v2(shipment.shipment_id.as_deref().ok_or("shipment_id: missing")?);
    let modified = if shipment.modified_at.is_empty() {
        ("created_at", &shipment.created_at)
    } else {
        ("modified_at", &shipment.modified_at)
    };
    let modified_at_ms = utc(modified.1).ok_or_else(|| format!("{}: \"{}\" is not a time", modified.0, modified.1))?;
    let hold_until_ms = utc_day(&shipment.hold_until_date);
    let lines = shipment.items.iter().enumerate().map(|(at, item)| line_v2(at, item)).collect::<Result<_, _>>()?;
    Ok(HubOrder {
        key: filled(&shipment.external_shipment_id).unwrap_or_else(|| remote_id.clone()),
        remote_id,
        number: shipment.shipment_number.clone(),
        status: status_v2(&shipment.shipment_status, hold_until_ms.filter(|until_ms| *until_ms > now_ms)),
        modified_at_ms,
        hold_until_ms: hold_until_ms.filter(|_| !is_open_hold(&shipment.hold_until_date)),
        ship_to: shipment.ship_to.as_ref().map(address_v2),
        lines,
        // V2 shows neither parents nor what was merged away.
        parent_id: None,
        merged_ids: Vec::new(),
        // V2 answers that to a question of its own.
        address_verified: None,
        refunded: None,
        external: false,
        store_id: shipment.store_id.as_deref().map(ids::from_v2),
        service: filled(&shipment.service_code),
        warehouse: None,
        admin_url: order_page(&shipment.shipment_number),
    })
}

/// V1 shipment: a label made in ShipStation. `currency` is the account's; V1 names none.
pub(super) fn label_v1(label: &ShipmentV1, currency: &Currency) -> Result<Parcel, String> {
    let id = label.shipment_id.as_deref().ok_or("shipmentId: missing")?;
    let created_at_ms = pacific::parse(&label.create_date)
        .ok_or_else(|| format!("createDate: \"{}\" is not a time", label.create_date))?;
    let lines = label
        .shipment_items
        .iter()
        .flatten()
        .enumerate()
        .filter(|(_, item)| !is_adjustment(item))
        .map(|(at, item)| {
            let quantity = units(item.quantity, &format!("shipmentItems[{at}].quantity"))?;
            Ok(ParcelLine { line_key: item.line_item_key.clone(), sku: item.sku.clone(), quantity })
        })
        .collect::<Result<Vec<_>, String>>()?;
    Ok(Parcel {
        remote_id: ids::label(id),
        origin: ParcelOrigin::Label,
        hub_order_id: label.order_id.clone().filter(|id| id != "0"),
        hub_order_key: label.order_key.clone(),
        order_number: label.order_number.clone(),
        tracking_number: label.tracking_number.trim().to_owned(),
        carrier_name: carriers::name(&label.carrier_code),
        further: Vec::new(),
        tracking_url: carriers::tracking_url(&label.carrier_code, &label.tracking_number),
        carrier_code: label.carrier_code.clone(),
        service: label.service_code.clone(),
        created_at_ms,
        shipped_at_ms: pacific::parse_meant(&label.ship_date),
        voided_at_ms: label.voided.then(|| pacific::parse_meant(&label.void_date).unwrap_or(0)),
        is_return: label.is_return_label,
        // An empty list is a hub that does not say, like no list at all: no label carries nothing.
        lines: Some(lines).filter(|lines| !lines.is_empty()),
        cost_minor: cost(label.shipment_cost, label.insurance_cost, currency),
        cost_currency: None,
        channel_notified: label.marketplace_notified,
        notify_error: filled(&label.notify_error_message),
        delivered_at_ms: None,
        track: None,
    })
}

/// V1 fulfillment: marked as shipped.
pub(super) fn external_v1(fulfillment: &FulfillmentV1) -> Result<Parcel, String> {
    let id = fulfillment.fulfillment_id.as_deref().ok_or("fulfillmentId: missing")?;
    let created_at_ms = pacific::parse(&fulfillment.create_date)
        .ok_or_else(|| format!("createDate: \"{}\" is not a time", fulfillment.create_date))?;
    Ok(Parcel {
        remote_id: ids::external(id),
        origin: ParcelOrigin::External,
        hub_order_id: fulfillment.order_id.clone().filter(|id| id != "0"),
        hub_order_key: None,
        order_number: fulfillment.order_number.clone(),
        tracking_number: fulfillment.tracking_number.trim().to_owned(),
        // Free text as somebody typed it: "USPS", "FedEx".
        carrier_name: carriers::name(&fulfillment.carrier_code),
        further: Vec::new(),
        tracking_url: carriers::tracking_url(
            &carriers::code_of(&fulfillment.carrier_code),
            &fulfillment.tracking_number,
        ),
        carrier_code: carriers::code_of(&fulfillment.carrier_code),
        service: fulfillment.fulfillment_service_code.clone(),
        created_at_ms,
        shipped_at_ms: pacific::parse_meant(&fulfillment.ship_date),
        voided_at_ms: fulfillment.voided.then(|| pacific::parse_meant(&fulfillment.void_date).unwrap_or(0)),
        is_return: false,
        lines: None,
        cost_minor: None,
        cost_currency: None,
        channel_notified: fulfillment.marketplace_notified,
        notify_error: filled(&fulfillment.notify_error_message),
        delivered_at_ms: pacific::parse_meant(&fulfillment.delivery_date),
        track: None,
    })
}

/// V2 label. Its list says nothing of the lines inside.
pub(super) fn label_v2(label: &LabelV2) -> Result<Parcel, String> {
    let id = label.label_id.as_deref().ok_or("label_id: missing")?;
    let created_at_ms =
        utc(&label.created_at).ok_or_else(|| format!("created_at: \"{}\" is not a time", label.created_at))?;
    let voided = label.voided || label.status.eq_ignore_ascii_case("voided");
    let carriage = cost_v2(label.shipment_cost.as_ref(), label.insurance_cost.as_ref());
    Ok(Parcel {
        remote_id: ids::label(id),
        origin: ParcelOrigin::Label,
        hub_order_id: label.shipment_id.as_deref().map(ids::from_v2),
        hub_order_key: label.external_shipment_id.clone(),
        order_number: label.external_order_id.clone(),
        tracking_number: label.tracking_number.trim().to_owned(),
        carrier_name: carriers::name(&label.carrier_code),
        further: Vec::new(),
        tracking_url: filled(&label.tracking_url)
            .or_else(|| carriers::tracking_url(&label.carrier_code, &label.tracking_number)),
        carrier_code: label.carrier_code.clone(),
        service: label.service_code.trim().to_owned(),
        created_at_ms,
        shipped_at_ms: utc_day(&label.ship_date),
        voided_at_ms: voided.then(|| utc(&label.voided_at).unwrap_or(0)),
        is_return: label.is_return_label,
        lines: None,
        cost_minor: carriage.as_ref().map(|carriage| carriage.minor),
        cost_currency: carriage.map(|carriage| carriage.currency),
        channel_notified: false,
        notify_error: None,
        delivered_at_ms: None,
        track: None,
    })
}

/// V2 fulfillment: marked as shipped.
pub(super) fn external_v2(fulfillment: &FulfillmentV2) -> Result<Parcel, String> {
    let id = fulfillment.fulfillment_id.as_deref().ok_or("fulfillment_id: missing")?;
    let created_at_ms = utc(&fulfillment.created_at)
        .ok_or_else(|| format!("created_at: \"{}\" is not a time", fulfillment.created_at))?;
    let code = carriers::code_of(&fulfillment.fulfillment_carrier_friendly_name);
    Ok(Parcel {
        remote_id: ids::external(id),
        origin: ParcelOrigin::External,
        hub_order_id: fulfillment.shipment_id.as_deref().map(ids::from_v2),
        hub_order_key: None,
        order_number: fulfillment.shipment_number.clone(),
        tracking_number: fulfillment.tracking_number.trim().to_owned(),
        carrier_name: carriers::name(&fulfillment.fulfillment_carrier_friendly_name),
        further: Vec::new(),
        tracking_url: carriers::tracking_url(&code, &fulfillment.tracking_number),
        carrier_code: code,
        service: fulfillment.fulfillment_service_code.clone(),
        created_at_ms,
        shipped_at_ms: utc_day(&fulfillment.ship_date),
        voided_at_ms: fulfillment.voided.then(|| utc(&fulfillment.voided_at).unwrap_or(0)),
        is_return: false,
        lines: None,
        cost_minor: None,
        cost_currency: None,
        channel_notified: fulfillment.order_source_notified,
        notify_error: filled(&fulfillment.notification_error_message),
        delivered_at_ms: utc(&fulfillment.delivered_at),
        track: None,
    })
}

/// Grams of an ounce.
const OUNCE_G: f64 = 28.349_523_125;

/// A product of V1. It has a price without a currency, and nobody makes one up.
pub(super) fn product_v1(from: &ProductV1) -> Result<Product, String> {
    let id = from.product_id.clone().ok_or("productId: missing")?;
    let changed = [&from.modify_date, &from.create_date].into_iter().find_map(|text| pacific::parse(text));
    Ok(Product {
        weight_g: from.weight_oz.filter(|ounces| *ounces > 0.0).map(|ounces| ounces * OUNCE_G),
        ..product(id, &from.sku, &from.name, &from.upc, from.active, changed)
    })
}

/// A product of V2.
pub(super) fn product_v2(from: &ProductV2) -> Result<Product, String> {
    let id = from.product_id.as_deref().map(ids::from_v2).ok_or("product_id: missing")?;
    let changed = [&from.modify_date, &from.create_date].into_iter().find_map(|text| utc(text));
    let price = cost_v2(from.price.as_ref(), None);
    let grams = |weight: &WeightV2| {
        let unit = match weight.unit.trim().to_ascii_lowercase().as_str() {
            "ounce" => OUNCE_G,
            "pound" => 16.0 * OUNCE_G,
            "gram" => 1.0,
            "kilogram" => 1_000.0,
            _ => return None,
        };
        weight.value.filter(|value| *value > 0.0).map(|value| value * unit)
    };
    Ok(Product {
        weight_g: from.weight.as_ref().and_then(grams),
        price_minor: price.as_ref().map(|price| price.minor),
        currency: price.map(|price| price.currency),
        ..product(id, &from.sku, &from.name, &from.upc, from.active, changed)
    })
}

/// Our name of a count: the add-on's warehouse and the SKU.
pub(super) fn level_id(warehouse: &str, sku: &str) -> String {
    format!("{warehouse}:{sku}")
}

/// A count, for a warehouse as a whole.
pub(super) fn level_v2(from: &LevelV2) -> Result<Stock, String> {
    if from.sku.trim().is_empty() {
        return Err("sku: missing".into());
    }
    let whole = |units: f64| Some(units as i64).filter(|whole| (*whole as f64 - units).abs() < f64::EPSILON);
    let available = from.available.and_then(whole).ok_or("available: not a whole number")?;
    let warehouse = from.inventory_warehouse_id.clone();
    Ok(Stock {
        remote_id: level_id(warehouse.as_deref().unwrap_or_default(), &from.sku),
        sku: from.sku.trim().to_owned(),
        item_id: from.sku.clone(),
        location_name: warehouse.clone().unwrap_or_default(),
        location_id: warehouse,
        available,
        on_hand: from.on_hand.and_then(whole),
        // It is not told when it changed.
        updated_at_ms: 0,
    })
}

fn product(id: String, sku: &str, name: &str, upc: &str, active: Option<bool>, changed_ms: Option<i64>) -> Product {
    Product {
        remote_id: id,
        item_id: None,
        sku: sku.trim().to_owned(),
        listing_code: None,
        name: name.trim().to_owned(),
        variant: String::new(),
        barcode: filled(upc),
        weight_g: None,
        price_minor: None,
        currency: None,
        active: active.unwrap_or(true),
        updated_at_ms: changed_ms.unwrap_or(0),
    }
}

/// Carriage plus insurance. Floats end here: rounded once, to the minor unit.
fn cost(carriage: Option<f64>, insurance: Option<f64>, currency: &Currency) -> Option<i64> {
    let amount = carriage? + insurance.unwrap_or(0.0);
    Money::parse(&format!("{amount:.4}"), currency).ok().map(|money| money.minor)
}

/// `None` without a currency, too: V2 names it beside each amount, and an amount of nothing says nothing.
pub(super) fn cost_v2(carriage: Option<&AmountV2>, insurance: Option<&AmountV2>) -> Option<Money> {
    let carriage = carriage?;
    let currency = Currency::new(&filled(&carriage.currency)?);
    let minor = cost(carriage.amount, insurance.and_then(|amount| amount.amount), &currency)?;
    Some(Money::new(minor, currency))
}

/// V2's moments: ISO 8601 with offset. Without one they are taken as UTC, which V2 promises.
pub(super) fn utc(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(moment) = chrono::DateTime::parse_from_rfc3339(text) {
        return Some(moment.timestamp_millis());
    }
    let naive = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok();
    let naive = naive.or_else(|| chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0));
    naive.map(|moment| moment.and_utc().timestamp_millis())
}

/// A day V2 writes as a moment (`2026-03-04T00:00:00Z` means that day): its start in
/// ShipStation's own zone, so that V1 and V2 give the same number.
pub(super) fn utc_day(text: &str) -> Option<i64> {
    let day = chrono::NaiveDate::parse_from_str(text.trim().get(..10)?, "%Y-%m-%d").ok()?;
    Some(pacific::day_start_ms(day)).filter(|ms| *ms > 0)
}
