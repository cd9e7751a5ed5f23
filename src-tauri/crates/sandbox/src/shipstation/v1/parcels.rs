//! Labels, marked-as-shipped records and rates.
//!
//! Lists of parcels know when a parcel was made, shipped or voided, never when
//! it changed; and they show no lines unless asked.

use super::{
    Answered, Desk, descending, invalid, number_param, object_body, paging, refused, render, required, span_param,
    whole,
};
use crate::shipstation::carriers;
use crate::shipstation::pacific::Wall;
use crate::shipstation::state::Address;
use crate::shipstation::state::labels::{Purchase, Voided, choose};
use crate::shipstation::state::query::page;
use crate::shipstation::wire::{Answer, Call, minor};
use base64::Engine as _;
use serde_json::{Map, Value, json};

/// `GET /shipments`
pub fn shipments(desk: &Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let (number, size) = paging(call)?;
    let created = span_param(call, "createDate")?;
    let shipped = span_param(call, "shipDate")?;
    let voided = span_param(call, "voidDate")?;
    let order_id = number_param(call, "orderId")?;
    let store_id = number_param(call, "storeId")?;
    let with_items = match call.param("includeShipmentItems").map(str::to_ascii_lowercase).as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(other) => return Err(invalid("includeShipmentItems", format!("'{other}' is neither true nor false."))),
    };
    let is = |param: &str, value: &str| call.param(param).is_none_or(|wanted| wanted.eq_ignore_ascii_case(value));
    let by_ship_date = match call.param("sortBy").map(str::to_ascii_lowercase).as_deref() {
        None | Some("createdate") => false,
        Some("shipdate") => true,
        Some(other) => return Err(invalid("sortBy", format!("The value '{other}' is not valid for sortBy."))),
    };
    let rows = desk.state.labels.values().filter(|label| {
        created.holds_ms(label.created_ms)
            && shipped.holds(Some(label.ship_day))
            && voided.holds(label.voided_ms.map(Wall::of))
            && order_id.is_none_or(|id| label.order_id == Some(id))
            && store_id.is_none_or(|id| label.store_id == id)
            && call.param("orderNumber").is_none_or(|prefix| label.order_number.starts_with(prefix))
            && is("carrierCode", &label.carrier_code)
            && is("serviceCode", &label.service_code)
            && is("trackingNumber", &label.tracking_number)
            && is("recipientCountryCode", &label.ship_to.country)
            && call
                .param("recipientName")
                .is_none_or(|name| label.ship_to.name.to_lowercase().contains(&name.to_lowercase()))
    });
    let mut found: Vec<(Wall, i64)> =
        rows.map(|label| (if by_ship_date { label.ship_day } else { Wall::of(label.created_ms) }, label.id)).collect();
    found.sort_unstable();
    if descending(call)? {
        found.reverse();
    }
    let found = found.into_iter().map(|(_, id)| id).collect();
    let changed = |id: i64| desk.state.labels.get(&id).map_or(0, |label| label.modified_ms);
    let page = page(found, number, size, desk.quirk, desk.now_ms(), changed);
    let labels = page.rows.iter().filter_map(|id| desk.state.labels.get(id));
    let written = &desk.state.written_labels;
    let write = |label: &_| render::shipment(label, with_items);
    let rows = labels.map(|label| written.text((label.id, with_items), label, write)).collect();
    Ok(Answer::rows("shipments", rows, &page))
}

/// `GET /fulfillments`
pub fn fulfillments(desk: &Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let (number, size) = paging(call)?;
    let created = span_param(call, "createDate")?;
    let shipped = span_param(call, "shipDate")?;
    let id = number_param(call, "fulfillmentId")?;
    let order_id = number_param(call, "orderId")?;
    let rows = desk.state.fulfillments.values().filter(|record| {
        created.holds_ms(record.created_ms)
            && shipped.holds(Some(record.ship_date))
            && id.is_none_or(|id| record.id == id)
            && order_id.is_none_or(|id| record.order_id == id)
            && call.param("orderNumber").is_none_or(|prefix| record.order_number.starts_with(prefix))
            && call.param("trackingNumber").is_none_or(|text| record.tracking_number.eq_ignore_ascii_case(text))
            && call
                .param("recipientName")
                .is_none_or(|name| record.ship_to.name.to_lowercase().contains(&name.to_lowercase()))
    });
    let mut found: Vec<(Wall, i64)> = rows.map(|record| (Wall::of(record.created_ms), record.id)).collect();
    found.sort_unstable();
    if descending(call)? {
        found.reverse();
    }
    let found = found.into_iter().map(|(_, id)| id).collect();
    let changed = |id: i64| desk.state.fulfillments.get(&id).map_or(0, |record| record.created_ms);
    let page = page(found, number, size, desk.quirk, desk.now_ms(), changed);
    let written = &desk.state.written_fulfillments;
    let records = page.rows.iter().filter_map(|id| desk.state.fulfillments.get(id));
    let rows = records.map(|record| written.text(record.id, record, render::fulfillment)).collect();
    Ok(Answer::rows("fulfillments", rows, &page))
}

fn grams(fields: &Map<String, Value>, name: &str) -> Result<Option<f64>, Answer> {
    let Some(weight) = fields.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    let value = weight.get("value").and_then(Value::as_f64);
    let units = weight.get("units").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    match (value, units.as_str()) {
        (Some(value), "pounds" | "ounces" | "grams") if value >= 0.0 => {
            Ok(Some(crate::shipstation::state::Weight { value, units }.grams()))
        }
        _ => Err(invalid(name, "A weight has a value and the units pounds, ounces or grams.")),
    }
}

/// A small page that any reader of PDF files opens.
const PDF: &[u8] =
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 288 432]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

/// `POST /orders/createlabelfororder`: costs money at once.
pub fn label_for_order(desk: &mut Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let fields = object_body(call)?;
    let id = whole(&fields, "orderId")?;
    let date = required(&fields, "shipDate")?;
    let test = fields.get("testLabel").and_then(Value::as_bool);
    let test = test.ok_or_else(|| invalid("testLabel", "The testLabel field is required."))?;
    let confirmation = required(&fields, "confirmation")?;
    if !matches!(confirmation, "none" | "delivery" | "signature" | "adult_signature" | "direct_signature") {
        return Err(invalid("confirmation", format!("The value '{confirmation}' is not valid for confirmation.")));
    }
    let purchase = Purchase {
        carrier: required(&fields, "carrierCode")?.to_owned(),
        service: required(&fields, "serviceCode")?.to_owned(),
        package: fields.get("packageCode").and_then(Value::as_str).unwrap_or_default().to_owned(),
        confirmation: confirmation.to_owned(),
        ship_day: Some(Wall::parse(date).ok_or_else(|| invalid("shipDate", format!("'{date}' is not a date.")))?),
        grams: grams(&fields, "weight")?,
        dimensions: fields.get("dimensions").cloned().unwrap_or(Value::Null),
        ..Purchase::default()
    };
    if test {
        let (carrier, service) = choose(&purchase.carrier, &purchase.service).map_err(refused)?;
        let order = desk.state.order(id).ok_or_else(super::not_found)?;
        let price = service.price_minor(purchase.grams.unwrap_or(500.0), &order.body.ship_to.country);
        return Ok(bought(-1, price, &carrier.tracking_number(desk.moment.rng)));
    }
    let (state, mut pen) = desk.writing();
    let label_id = state.buy(&mut pen, id, &purchase).map_err(refused)?;
    let label = state.labels.get(&label_id).ok_or_else(super::not_found)?;
    Ok(bought(label_id, label.cost_minor, &label.tracking_number))
}

/// `POST /shipments/createlabel`: a label that belongs to no order.
pub fn loose_label(desk: &mut Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let fields = object_body(call)?;
    let date = required(&fields, "shipDate")?;
    let address = |name: &str| -> Result<Address, Answer> {
        let given = fields.get(name).filter(|value| value.is_object());
        let given = given.ok_or_else(|| invalid(name, format!("The {name} field is required.")))?;
        let text = |part: &str| given.get(part).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Address {
            name: text("name"),
            company: text("company"),
            street1: text("street1"),
            street2: text("street2"),
            street3: text("street3"),
            city: text("city"),
            state: text("state"),
            postal_code: text("postalCode"),
            country: text("country"),
            phone: text("phone"),
            residential: given.get("residential").and_then(Value::as_bool),
        })
    };
    address("shipFrom")?;
    let to = address("shipTo")?;
    let purchase = Purchase {
        carrier: required(&fields, "carrierCode")?.to_owned(),
        service: required(&fields, "serviceCode")?.to_owned(),
        package: required(&fields, "packageCode")?.to_owned(),
        confirmation: fields.get("confirmation").and_then(Value::as_str).unwrap_or_default().to_owned(),
        ship_day: Some(Wall::parse(date).ok_or_else(|| invalid("shipDate", format!("'{date}' is not a date.")))?),
        grams: grams(&fields, "weight")?,
        dimensions: fields.get("dimensions").cloned().unwrap_or(Value::Null),
        ..Purchase::default()
    };
    let (state, mut pen) = desk.writing();
    let id = state.buy_loose(&mut pen, to, &purchase).map_err(refused)?;
    let label = state.labels.get(&id).ok_or_else(super::not_found)?;
    let mut answer = render::shipment(label, false);
    if let Value::Object(answer) = &mut answer {
        answer.insert("labelData".to_owned(), json!(base64::engine::general_purpose::STANDARD.encode(PDF)));
    }
    Ok(Answer::ok(answer))
}

fn bought(id: i64, cost_minor: i64, tracking: &str) -> Answer {
    Answer::ok(json!({
        "shipmentId": id,
        "shipmentCost": minor(cost_minor),
        "insuranceCost": 0,
        "trackingNumber": tracking,
        "labelData": base64::engine::general_purpose::STANDARD.encode(PDF),
        "formData": Value::Null,
    }))
}

/// `POST /shipments/voidlabel`: 200 also when it was not approved.
pub fn void(desk: &mut Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let id = whole(&object_body(call)?, "shipmentId")?;
    let (state, mut pen) = desk.writing();
    let (approved, message) = match state.void(&mut pen, id).map_err(refused)? {
        Voided::Approved => (true, "Label voided successfully"),
        Voided::Already => (false, "This label has already been voided"),
        Voided::Used => (false, "This label has already been used and can not be voided"),
        Voided::TooLate => (false, "This label is too old to be voided"),
    };
    Ok(Answer::ok(json!({ "approved": approved, "message": message })))
}

/// `POST /shipments/getrates`: one carrier per call.
pub fn rates(call: &Call<'_>) -> Answered {
    let fields = object_body(call)?;
    let code = required(&fields, "carrierCode")?;
    let carrier = carriers::carrier(code)
        .ok_or_else(|| invalid("carrierCode", format!("The carrier '{code}' is not connected to this account.")))?;
    required(&fields, "fromPostalCode")?;
    required(&fields, "toPostalCode")?;
    let country = required(&fields, "toCountry")?;
    if code.starts_with("ups") {
        required(&fields, "toState")?;
    }
    let weight = grams(&fields, "weight")?.filter(|grams| *grams > 0.0);
    let weight = weight.ok_or_else(|| invalid("weight", "The weight field is required."))?;
    let wanted = fields.get("serviceCode").and_then(Value::as_str);
    let services = carrier.services.iter().filter(|service| service.reaches(country));
    let services = services.filter(|service| wanted.is_none_or(|code| code == service.code));
    let rate = |service: &carriers::Service| {
        json!({
            "serviceName": service.name,
            "serviceCode": service.code,
            "shipmentCost": minor(service.price_minor(weight, country)),
            "otherCost": minor(service.base_minor / 20),
        })
    };
    Ok(Answer::ok(services.map(rate).collect()))
}
