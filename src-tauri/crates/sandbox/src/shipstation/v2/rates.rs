//! Quotes. The answer to a request for rates is the shipment, with the rates in
//! `rate_response`.

use super::{Answered, Desk, Refusal, Wrong, id_in_path, not_found, object_body, put, read_id, render, se};
use crate::shipstation::carriers;
use crate::shipstation::pacific::iso;
use crate::shipstation::state::{Order, Quote};
use crate::shipstation::wire::{Answer, Call};
use serde_json::{Value, json};

/// `POST /v2/rates`: for a saved shipment, or for one written out in the call.
pub fn quote(desk: &mut Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let fields = object_body(call)?;
    let options = fields.get("rate_options").ok_or_else(|| Wrong::missing("rate_options"))?;
    let ids = options.get("carrier_ids").and_then(Value::as_array).filter(|ids| !ids.is_empty());
    let ids = ids.ok_or_else(|| Wrong::missing("rate_options.carrier_ids"))?;
    let services: Option<Vec<&str>> = options
        .get("service_codes")
        .and_then(Value::as_array)
        .map(|codes| codes.iter().filter_map(Value::as_str).collect());
    let (order, saved) = match (fields.get("shipment_id"), fields.get("shipment")) {
        (Some(id), None) => {
            let id = id
                .as_str()
                .and_then(read_id)
                .ok_or_else(|| Wrong::field("invalid_identifier", "shipment_id", "Not an id."))?;
            (desk.state.order(id).ok_or_else(|| not_found("shipment"))?.clone(), true)
        }
        (None, Some(Value::Object(shipment))) => {
            let wish = put::read(shipment, "shipment", desk.now_ms(), true)
                .map_err(|wrongs| Refusal { status: 400, wrongs })?;
            (unsaved(desk, wish), false)
        }
        (Some(_), Some(_)) => {
            return Err(Wrong::rule("field_conflict", "Send shipment_id or shipment, not both.").into());
        }
        _ => return Err(Wrong::missing("shipment_id").into()),
    };
    let mut offers = Vec::new();
    for id in ids {
        let carrier = id.as_str().and_then(read_id).and_then(carriers::carrier_by_id);
        let carrier = carrier.ok_or_else(|| {
            Wrong::field("carrier_not_connected", "rate_options.carrier_ids", format!("{id} is unknown."))
        })?;
        let wanted = carrier
            .services
            .iter()
            .filter(|service| services.as_ref().is_none_or(|codes| codes.contains(&service.code)));
        offers.extend(wanted.map(|service| (carrier, service)));
    }
    let (grams, country) = (order.grams(), order.body.ship_to.country.clone());
    let (mut rates, mut invalid) = (Vec::new(), Vec::new());
    for (carrier, service) in offers {
        let id = desk.state.other_id();
        let quote = Quote {
            id,
            order_id: saved.then_some(order.id),
            carrier_code: carrier.code,
            service_code: service.code,
            package_code: "package".to_owned(),
            price_minor: service.price_minor(grams, &country),
            days: service.days,
            created_ms: desk.now_ms(),
        };
        let row = rate_row(desk, &quote, service.reaches(&country));
        if service.reaches(&country) {
            desk.state.quotes.insert(id, quote);
            rates.push(row);
        } else {
            invalid.push(row);
        }
    }
    let request_id = desk.state.other_id();
    let mut body = render::shipment(desk.state, &order);
    if let Value::Object(body) = &mut body {
        let response = json!({
            "rates": rates, "invalid_rates": invalid, "rate_request_id": se(request_id),
            "shipment_id": se(order.id), "created_at": iso(desk.now_ms()), "status": "completed", "errors": [],
        });
        body.insert("rate_response".to_owned(), response);
    }
    Ok(Answer::ok(body))
}

/// A shipment that exists only for this answer.
fn unsaved(desk: &mut Desk<'_, '_>, wish: put::Wish) -> Order {
    let now_ms = desk.now_ms();
    Order {
        id: desk.state.other_id(),
        key: wish.key,
        created_ms: now_ms,
        modified_ms: now_ms,
        body: wish.body,
        hold_until: None,
        tags: Vec::new(),
        user_id: None,
        customer_id: None,
        merged_or_split: false,
        merged_ids: Vec::new(),
        parent_id: None,
        external_by: None,
        deleted: true,
        poisoned_until_ms: 0,
    }
}

fn rate_row(desk: &Desk<'_, '_>, quote: &Quote, valid: bool) -> Value {
    let carrier = carriers::carrier(quote.carrier_code);
    let service = carrier.and_then(|carrier| carrier.service(quote.service_code));
    let arrives = iso(quote.created_ms + quote.days * 86_400_000);
    let nothing = render::amount(desk.state, 0.0);
    let name = carrier.map_or("", |carrier| carrier.name);
    json!({
        "rate_id": se(quote.id),
        "rate_type": "shipment",
        "carrier_id": se(carrier.map_or(0, |carrier| carrier.provider_id)),
        "shipping_amount": render::amount(desk.state, quote.price_minor as f64 / 100.0),
        "insurance_amount": nothing,
        "confirmation_amount": nothing,
        "other_amount": nothing,
        "zone": Value::Null,
        "package_type": "package",
        "delivery_days": quote.days,
        "guaranteed_service": false,
        "estimated_delivery_date": arrives,
        "carrier_delivery_days": quote.days.to_string(),
        "ship_date": iso(quote.created_ms),
        "negotiated_rate": false,
        "service_type": service.map_or("", |service| service.name),
        "service_code": quote.service_code,
        "trackable": true,
        "carrier_code": quote.carrier_code,
        "carrier_nickname": name,
        "carrier_friendly_name": name,
        "validation_status": if valid { "valid" } else { "invalid" },
        "warning_messages": [],
        "error_messages": if valid { json!([]) } else { json!(["The service does not go there."]) },
    })
}

/// `GET /v2/rates/{rate_id}`
pub fn get(desk: &Desk<'_, '_>, id: &str) -> Answered {
    let quote = desk.state.quotes.get(&id_in_path(id)?).ok_or_else(|| not_found("rate"))?;
    Ok(Answer::ok(rate_row(desk, quote, true)))
}

/// `GET /v2/shipments/{shipment_id}/rates`: what was quoted before.
pub fn of_shipment(desk: &mut Desk<'_, '_>, id: &str) -> Answered {
    let id = id_in_path(id)?;
    if desk.state.order(id).is_none() {
        return Err(not_found("shipment"));
    }
    let quotes: Vec<&Quote> = desk.state.quotes.values().filter(|quote| quote.order_id == Some(id)).collect();
    let at_ms = quotes.iter().map(|quote| quote.created_ms).max().unwrap_or_else(|| desk.now_ms());
    let rates: Vec<Value> = quotes.into_iter().map(|quote| rate_row(desk, quote, true)).collect();
    let request_id = desk.state.other_id();
    Ok(Answer::ok(json!({
        "rates": rates, "invalid_rates": [], "rate_request_id": se(request_id), "shipment_id": se(id),
        "created_at": iso(at_ms), "status": "completed", "errors": [],
    })))
}
