//! Shipments and labels in the words of the newer API.
//!
//! Discounts and the like are left out of a shipment's items: this API's items
//! have neither negative prices nor a mark for them.

use super::se;
use crate::shipstation::carriers;
use crate::shipstation::pacific::{Wall, iso};
use crate::shipstation::state::tracking::{Scan, describe};
use crate::shipstation::state::{Address, Fulfillment, Item, Label, Order, State, Status, Weight};
use crate::shipstation::wire::{money, number, text_or_null};
use serde_json::{Value, json};

/// The word of a status. Servers that know no holds call everything open `pending`.
pub fn status_word(status: Status, knows_holds: bool) -> &'static str {
    match status {
        Status::AwaitingPayment if knows_holds => "awaiting_payment",
        Status::OnHold if knows_holds => "on_hold",
        Status::AwaitingPayment | Status::OnHold | Status::AwaitingShipment => "pending",
        Status::PendingFulfillment => "processing",
        Status::Shipped => "label_purchased",
        Status::Cancelled => "cancelled",
    }
}

/// An amount in the currency of the account.
pub fn amount(state: &State, value: f64) -> Value {
    json!({ "currency": state.plan.currency.to_lowercase(), "amount": money(value.max(0.0)) })
}

fn moment(wall: Option<Wall>) -> Value {
    wall.map_or(Value::Null, |wall| json!(iso(wall.to_utc_ms())))
}

fn weight(weight: &Weight) -> Value {
    let unit = match weight.units.as_str() {
        "pounds" => "pound",
        "ounces" => "ounce",
        _ => "gram",
    };
    json!({ "value": number(weight.value), "unit": unit })
}

/// An address. What the older API let through may be missing here too.
pub fn address(address: &Address, email: &str) -> Value {
    let residential = match address.residential {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    json!({
        "name": text_or_null(&address.name),
        "phone": text_or_null(&address.phone),
        "email": text_or_null(email),
        "company_name": text_or_null(&address.company),
        "address_line1": text_or_null(&address.street1),
        "address_line2": text_or_null(&address.street2),
        "address_line3": text_or_null(&address.street3),
        "city_locality": text_or_null(&address.city),
        "state_province": text_or_null(&address.state),
        "postal_code": text_or_null(&address.postal_code),
        "country_code": text_or_null(&address.country),
        "address_residential_indicator": residential,
    })
}

fn dimensions(value: &Value) -> Option<Value> {
    let side = |name: &str| value.get(name).and_then(Value::as_f64);
    let unit = match value.get("units").and_then(Value::as_str)? {
        "inches" => "inch",
        _ => "centimeter",
    };
    Some(json!({ "unit": unit, "length": side("length")?, "width": side("width")?, "height": side("height")? }))
}

fn item(order: &Order, item: &Item) -> Value {
    let option = |(name, value): &(String, String)| json!({ "name": name, "value": value });
    let price = |value: Option<f64>| value.map_or(Value::Null, |value| money(value.max(0.0)));
    let mut row = json!({
        "name": item.name,
        "sales_order_id": se(order.id),
        "sales_order_item_id": se(item.id),
        "quantity": item.quantity.max(0),
        "sku": text_or_null(&item.sku),
        "bundle_sku": Value::Null,
        "external_order_id": order.key,
        "external_order_item_id": text_or_null(&item.line_key),
        "asin": Value::Null,
        "item_id": Value::Null,
        "allocation_status": Value::Null,
        "image_url": text_or_null(&item.image_url),
        "unit_price": price(item.unit_price),
        "tax_amount": price(item.tax_amount),
        "shipping_amount": price(item.shipping_amount),
        "inventory_location": text_or_null(&item.warehouse_location),
        "options": item.options.iter().map(option).collect::<Vec<_>>(),
        "product_id": item.product_id.map(|id| id.to_string()),
        "fullfilment_sku": text_or_null(&item.fulfillment_sku),
        "upc": text_or_null(&item.upc),
    });
    if let (Value::Object(row), Some(per_unit)) = (&mut row, &item.weight) {
        row.insert("weight".to_owned(), weight(per_unit));
    }
    row
}

/// A shipment: the older API's order.
pub fn shipment(state: &State, order: &Order) -> Value {
    let body = &order.body;
    let home =
        state.warehouses.iter().find(|place| Some(place.id) == body.warehouse_id).or_else(|| state.warehouses.first());
    let from = home.map_or(Value::Null, |place| address(&place.origin, ""));
    let back = home.map_or(Value::Null, |place| address(place.returns.as_ref().unwrap_or(&place.origin), ""));
    let provider = carriers::carrier(&body.carrier_code).map(|carrier| se(carrier.provider_id));
    let tag = |id: &i64| state.tags.iter().find(|tag| tag.id == *id).map(|tag| json!({ "name": tag.name }));
    let physical = body.items.iter().filter(|item| !item.adjustment);
    let mut value = json!({
        "shipment_id": se(order.id),
        "carrier_id": provider,
        "service_code": text_or_null(&body.service_code),
        "requested_shipment_service": text_or_null(&body.requested_service),
        "shipping_rule_id": Value::Null,
        "external_order_id": text_or_null(&order.key),
        "hold_until_date": moment(order.hold_until),
        "ship_by_date": moment(body.ship_by),
        "deliver_by_date": moment(body.deliver_by),
        "retail_rate": Value::Null,
        "store_id": se(order.store_id()),
        "items": physical.map(|line| item(order, line)).collect::<Vec<_>>(),
        "notes_from_buyer": text_or_null(&body.customer_notes),
        "notes_to_buyer": text_or_null(&body.notes_to_buyer),
        "notes_for_gift": text_or_null(&body.gift_message),
        "internal_notes": text_or_null(&body.internal_notes),
        "is_gift": body.gift,
        "assigned_user": order.user_id,
        "amount_paid": amount(state, body.amount_paid.unwrap_or_default()),
        "shipping_paid": amount(state, body.shipping_amount.unwrap_or_default()),
        "tax_paid": amount(state, body.tax_amount.unwrap_or_default()),
        "zone": Value::Null,
        "display_scheme": Value::Null,
        "tax_identifiers": Value::Null,
        "external_shipment_id": cut(&order.key),
        "shipment_number": text_or_null(&body.number),
    });
    let rest = json!({
        "ship_date": moment(body.ship_date),
        "created_at": iso(order.created_ms),
        "modified_at": iso(order.modified_ms),
        "shipment_status": status_word(body.status, state.plan.habits.v2_knows_holds),
        "ship_to": address(&body.ship_to, &body.email),
        "ship_from": from,
        "warehouse_id": home.map(|place| se(place.id)),
        "return_to": back,
        "is_return": false,
        "confirmation": if body.confirmation.is_empty() { "none" } else { &body.confirmation },
        "customs": Value::Null,
        "advanced_options": advanced(order),
        "insurance_provider": "none",
        "tags": order.tags.iter().filter_map(tag).collect::<Vec<_>>(),
        "packages": [package(order)],
        "total_weight": weight(&Weight::of_grams(order.grams())),
        "comparison_rate_type": Value::Null,
    });
    if let (Value::Object(value), Value::Object(rest)) = (&mut value, rest) {
        value.extend(rest);
    }
    value
}

/// The external id as this API keeps it: at most 50 characters of the older API's key.
pub fn cut(key: &str) -> String {
    key.chars().take(50).collect()
}

fn package(order: &Order) -> Value {
    let mut package = json!({
        "shipment_package_id": se(order.id + 500_000_000),
        "package_code": if order.body.package_code.is_empty() { "package" } else { &order.body.package_code },
        "weight": weight(&Weight::of_grams(order.grams())),
        "content_description": Value::Null,
        "products": [],
    });
    if let (Value::Object(package), Some(size)) = (&mut package, dimensions(&order.body.dimensions)) {
        package.insert("dimensions".to_owned(), size);
    }
    package
}

fn advanced(order: &Order) -> Value {
    let body = &order.body;
    let [one, two, three] = &body.custom;
    let cut = |text: &str| text.chars().take(100).collect::<String>();
    let mut value = json!({
        "contains_alcohol": body.contains_alcohol,
        "non_machinable": body.non_machinable,
        "saturday_delivery": body.saturday_delivery,
        "delivered_duty_paid": false,
        "dry_ice": false,
    });
    if let Value::Object(value) = &mut value {
        for (name, text) in [("custom_field1", one), ("custom_field2", two), ("custom_field3", three)] {
            if !text.is_empty() {
                value.insert(name.to_owned(), json!(cut(text)));
            }
        }
    }
    value
}

/// A label: the older API's shipment.
pub fn label(state: &State, label: &Label, origin: &str) -> Value {
    let carrier = carriers::carrier(&label.carrier_code);
    let download = |kind: &str| format!("{origin}/v2/downloads/10/{}/label-{}.{kind}", label.id % 9973, label.id);
    let files =
        json!({ "href": download("pdf"), "pdf": download("pdf"), "png": download("png"), "zpl": download("zpl") });
    let minor = |value: i64| amount(state, value as f64 / 100.0);
    let grams = Weight::of_grams(label.grams);
    let mut package = json!({
        "package_id": label.id,
        "package_code": label.package_code,
        "weight": weight(&grams),
        "tracking_number": label.tracking_number,
        "sequence": 1,
        "has_label_documents": true,
        "has_form_documents": false,
        "has_qr_code_documents": false,
        "has_paperless_label_documents": false,
    });
    if let (Value::Object(package), Some(size)) = (&mut package, dimensions(&label.dimensions)) {
        package.insert("dimensions".to_owned(), size);
    }
    let mut value = json!({
        "label_id": se(label.id),
        "status": if label.voided_ms.is_some() { "voided" } else { "completed" },
        "shipment_id": label.order_id.map(se),
        "external_shipment_id": text_or_null(&cut(&label.order_key)),
        "external_order_id": text_or_null(&label.order_key),
        "ship_date": iso(label.ship_day.to_utc_ms()),
        "created_at": iso(label.created_ms),
        "shipment_cost": minor(label.cost_minor),
        "insurance_cost": minor(label.insurance_minor),
        "tracking_number": label.tracking_number,
        "is_return_label": label.is_return,
        "rma_number": text_or_null(&label.rma_number),
        "is_international": !label.ship_to.country.eq_ignore_ascii_case(carriers::HOME_COUNTRY),
        "batch_id": Value::Null,
        "carrier_id": carrier.map(|carrier| se(carrier.provider_id)),
        "charge_event": label.charge_event,
        "service_code": label.service_code,
        "package_code": label.package_code,
        "voided": label.voided_ms.is_some(),
        "voided_at": label.voided_ms.map(iso),
        "void_type": label.voided_ms.map(|_| "manual"),
        "refund_details": Value::Null,
        "label_format": "pdf",
        "display_scheme": "label",
        "label_layout": "4x6",
        "trackable": true,
    });
    let rest = json!({
        "label_image_id": Value::Null,
        "carrier_code": label.carrier_code,
        "confirmation": label.confirmation,
        "tracking_status": label.track.coarse(),
        "label_download": files,
        "form_download": Value::Null,
        "qr_code_download": Value::Null,
        "paperless_download": Value::Null,
        "insurance_claim": Value::Null,
        "packages": [package],
        "alternative_identifiers": Value::Null,
        "rate_details": [],
        "tracking_url": carrier.map(|carrier| format!("{}{}", carrier.tracking_url, label.tracking_number)),
        "ship_to": address(&label.ship_to, &label.email),
    });
    if let (Value::Object(value), Value::Object(rest)) = (&mut value, rest) {
        value.extend(rest);
        if let Some(id) = label.outbound_label_id {
            value.insert("outbound_label_id".to_owned(), json!(se(id)));
        }
    }
    value
}

/// Everything a carrier said of a label.
pub fn tracking(label: &Label) -> Value {
    let carrier = carriers::carrier(&label.carrier_code);
    let event = |scan: &Scan| {
        json!({
            "occurred_at": iso(scan.at_ms),
            // The carrier's own clock, without a zone.
            "carrier_occurred_at": iso(scan.at_ms + 3_600_000).trim_end_matches('Z').split('.').next(),
            "description": scan.says,
            "city_locality": scan.city,
            "state_province": scan.country,
            "postal_code": scan.postal_code,
            "country_code": scan.country,
            "company_name": "",
            "signer": if scan.code == "DE" { label.ship_to.name.as_str() } else { "" },
            "event_code": scan.detail,
            "carrier_detail_code": scan.detail,
            "status_code": scan.code,
            "status_detail_code": scan.detail,
            "status_description": describe(scan.code),
            "status_detail_description": scan.says,
            "carrier_status_code": scan.code,
            "carrier_status_description": scan.says,
        })
    };
    let code = label.track.code();
    let says = label.track.scans.last().map_or("Electronic advice received by carrier", |scan| scan.says);
    let mut value = json!({
        "tracking_number": label.tracking_number,
        "tracking_url": carrier.map(|carrier| format!("{}{}", carrier.tracking_url, label.tracking_number)),
        "status_code": code,
        "status_detail_code": label.track.detail(),
        "carrier_code": label.carrier_code,
        "carrier_id": carrier.map_or(0, |carrier| carrier.provider_id),
        "status_description": describe(code),
        "status_detail_description": says,
        "carrier_status_code": code,
        "carrier_detail_code": label.track.detail(),
        "carrier_status_description": says,
        "ship_date": iso(label.ship_day.to_utc_ms()),
        "estimated_delivery_date": iso(label.track.estimated_ms.unwrap_or(label.created_ms + 3 * 86_400_000)),
        "exception_description": if code == "EX" { says } else { "" },
        "events": label.track.scans.iter().rev().map(event).collect::<Vec<_>>(),
    });
    if let (Value::Object(value), Some(at)) = (&mut value, label.track.delivered_ms()) {
        value.insert("actual_delivery_date".to_owned(), json!(iso(at)));
    }
    value
}

/// A marked-as-shipped record.
pub fn fulfillment(state: &State, record: &Fulfillment) -> Value {
    let name = carriers::carrier(&record.carrier_code).map_or(record.carrier_code.as_str(), |carrier| carrier.name);
    let to = &record.ship_to;
    json!({
        "fulfillment_id": se(record.id),
        "shipment_id": se(record.order_id),
        "shipment_number": record.order_number,
        "user_id": "",
        "tracking_number": record.tracking_number,
        "created_at": iso(record.created_ms),
        "ship_date": iso(record.ship_date.to_utc_ms()),
        "voided_at": record.voided_ms.map(iso),
        "delivered_at": record.delivered_ms.map(iso),
        "fulfillment_carrier_friendly_name": name,
        "fulfillment_provider_id": Value::Null,
        "fulfillment_provider_friendly_name": Value::Null,
        "fulfillment_provider_code": Value::Null,
        "fulfillment_service_code": Value::Null,
        "fulfillment_fee": amount(state, 0.0),
        "void_requested": false,
        "voided": record.voided_ms.is_some(),
        "order_source_notified": record.notified,
        "notification_error_message": text_or_null(&record.notify_error),
        "ship_to": {
            "name": to.name,
            "company_name": text_or_null(&to.company),
            "email": text_or_null(&record.email),
            "phone": text_or_null(&to.phone),
            "address_line1": to.street1,
            "address_line2": text_or_null(&to.street2),
            "address_line3": text_or_null(&to.street3),
            "city_locality": to.city,
            "state_province": to.state,
            "postal_code": to.postal_code,
            "country_code": to.country,
        },
    })
}
