//! Labels: the older API's shipments. Buying, finding, following, voiding, returning.

use super::{
    Answered, Desk, Refusal, Wrong, descending, id_in_path, id_param, not_found, object_body, page_body, paging, put,
};
use super::{render, shipments, span_param};
use crate::shipstation::carriers::{self, Carrier, Service};
use crate::shipstation::state::Label;
use crate::shipstation::state::labels::{Purchase, Voided};
use crate::shipstation::state::query::page;
use crate::shipstation::wire::{Answer, Call};
use serde_json::{Value, json};

/// How long a quoted rate can be bought, ms.
pub const QUOTE_MS: i64 = 30 * 60_000;

fn shown(desk: &Desk<'_, '_>, id: i64) -> Answered {
    let label = desk.state.labels.get(&id).ok_or_else(|| not_found("label"))?;
    Ok(Answer::ok(render::label(desk.state, label, &desk.origin)))
}

/// `GET /v2/labels`
pub fn list(desk: &Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let (number, size) = paging(call, 25, 500)?;
    let created = span_param(call, "created_at")?;
    let order_id = id_param(call, "shipment_id")?;
    let warehouse_id = id_param(call, "warehouse_id")?;
    let provider = id_param(call, "carrier_id")?;
    let status = call.param("label_status");
    if status.is_some_and(|word| !matches!(word, "processing" | "completed" | "error" | "voided")) {
        return Err(Wrong::field("invalid_field_value", "label_status", "Unknown label status.").into());
    }
    let rows = desk.state.labels.values().filter(|label| {
        let word = if label.voided_ms.is_some() { "voided" } else { "completed" };
        created.holds_ms(label.created_ms)
            && status.is_none_or(|status| status == word)
            && order_id.is_none_or(|id| label.order_id == Some(id))
            && warehouse_id.is_none_or(|id| label.warehouse_id == Some(id))
            && provider.is_none_or(|id| carriers::carrier_by_id(id).is_some_and(|known| known.code == label.carrier_code))
            && call.param("service_code").is_none_or(|code| label.service_code == code)
            && call.param("tracking_number").is_none_or(|text| label.tracking_number == text)
            && call.param("external_shipment_id").is_none_or(|key| render::cut(&label.order_key) == key)
            // Nothing of this account is ever claimed back by itself.
            && call.param("refund_status").is_none()
    });
    let rank: fn(&Label) -> i64 = match call.param("sort_by") {
        None | Some("created_at") => |label| label.created_ms,
        Some("modified_at") => |label| label.modified_ms,
        Some("voided_at") => |label| label.voided_ms.unwrap_or(0),
        Some(_) => return Err(Wrong::field("invalid_field_value", "sort_by", "Unknown field to sort by.").into()),
    };
    let mut found: Vec<(i64, i64)> = rows.map(|label| (rank(label), label.id)).collect();
    found.sort_unstable();
    if descending(call, true)? {
        found.reverse();
    }
    let found = found.into_iter().map(|(_, id)| id).collect();
    let changed = |id: i64| desk.state.labels.get(&id).map_or(0, |label| label.modified_ms);
    let page = page(found, number, size, desk.quirk, desk.now_ms(), changed);
    let labels: Vec<&Label> = page.rows.iter().filter_map(|id| desk.state.labels.get(id)).collect();
    let rows = labels.into_iter().map(|label| render::label(desk.state, label, &desk.origin)).collect();
    Ok(page_body(desk, call, "labels", rows, &page))
}

/// `GET /v2/labels/{label_id}`
pub fn get(desk: &Desk<'_, '_>, id: &str) -> Answered {
    shown(desk, id_in_path(id)?)
}

/// `GET /v2/downloads/{dir}/{subdir}/label-{id}.{form}`: the label's file.
pub fn download(desk: &Desk<'_, '_>, name: &str) -> Answered {
    let (stem, form) = name.rsplit_once('.').ok_or_else(|| not_found("file"))?;
    let id = stem.strip_prefix("label-").and_then(|id| id.parse::<i64>().ok()).ok_or_else(|| not_found("file"))?;
    let label = desk.state.labels.get(&id).ok_or_else(|| not_found("file"))?;
    let number = &label.tracking_number;
    Ok(match form {
        "pdf" => Answer::text(200, "application/pdf", format!("%PDF-1.4\n% label {number}\n%%EOF\n")),
        "zpl" => Answer::text(200, "application/zpl", format!("^XA^FO50,50^FD{number}^FS^XZ")),
        "png" => Answer::text(200, "image/png", format!("PNG {number}")),
        _ => return Err(not_found("file")),
    })
}

/// `GET /v2/labels/external_shipment_id/{external_shipment_id}`: only the earliest.
pub fn by_key(desk: &Desk<'_, '_>, key: &str) -> Answered {
    let first = desk.state.labels.values().find(|label| render::cut(&label.order_key) == key && !label.is_return);
    shown(desk, first.ok_or_else(|| not_found("label"))?.id)
}

/// `GET /v2/labels/{label_id}/track`
pub fn track(desk: &Desk<'_, '_>, id: &str) -> Answered {
    let label = desk.state.labels.get(&id_in_path(id)?).ok_or_else(|| not_found("label"))?;
    Ok(Answer::ok(render::tracking(label)))
}

/// `PUT /v2/labels/{label_id}/void`: 200 also when it was not approved.
pub fn void(desk: &mut Desk<'_, '_>, id: &str) -> Answered {
    let id = id_in_path(id)?;
    let (state, mut pen) = desk.writing();
    let answer = match state.void(&mut pen, id)? {
        Voided::Approved => {
            json!({ "approved": true, "message": "Request for refund submitted.", "voided_label_ids": [id] })
        }
        Voided::Already => refused("label_already_voided", "This label has already been voided."),
        Voided::Used => refused("label_already_used", "This label has already been used."),
        Voided::TooLate => refused("label_not_found_within_void_period", "The label is too old to be voided."),
    };
    Ok(Answer::ok(answer))
}

fn refused(reason: &str, message: &str) -> Value {
    json!({ "approved": false, "message": message, "reason_code": reason, "voided_label_ids": [] })
}

fn buy(desk: &mut Desk<'_, '_>, order_id: i64, purchase: &Purchase) -> Answered {
    let (state, mut pen) = desk.writing();
    let id = state.buy(&mut pen, order_id, purchase)?;
    shown(desk, id)
}

/// `POST /v2/labels/shipment/{shipment_id}`: carrier and service must be set on the shipment.
pub fn buy_shipment(desk: &mut Desk<'_, '_>, id: &str) -> Answered {
    let id = id_in_path(id)?;
    let order = desk.state.order(id).ok_or_else(|| not_found("shipment"))?;
    let purchase = purchase_of(order)?;
    buy(desk, id, &purchase)
}

fn purchase_of(order: &crate::shipstation::state::Order) -> Result<Purchase, Refusal> {
    let body = &order.body;
    if body.carrier_code.is_empty() {
        return Err(Wrong::missing("carrier_id").into());
    }
    if body.service_code.is_empty() {
        return Err(Wrong::missing("service_code").into());
    }
    Ok(Purchase {
        carrier: body.carrier_code.clone(),
        service: body.service_code.clone(),
        package: body.package_code.clone(),
        confirmation: body.confirmation.clone(),
        ship_day: body.ship_date,
        dimensions: body.dimensions.clone(),
        ..Purchase::default()
    })
}

/// `POST /v2/labels/rates/{rate_id}`: a quoted rate, while it is fresh.
pub fn buy_rate(desk: &mut Desk<'_, '_>, id: &str) -> Answered {
    let id = id_in_path(id)?;
    let quote = desk.state.quotes.get(&id).cloned().ok_or_else(|| not_found("rate"))?;
    if desk.now_ms() - quote.created_ms > QUOTE_MS {
        return Err(Wrong::rule("invalid_identifier", "The rate has expired. Ask for rates again.").into());
    }
    let order_id =
        quote.order_id.ok_or_else(|| Wrong::rule("invalid_identifier", "The rate belongs to no saved shipment."))?;
    let purchase = Purchase {
        carrier: quote.carrier_code.to_owned(),
        service: quote.service_code.to_owned(),
        package: quote.package_code,
        ..Purchase::default()
    };
    buy(desk, order_id, &purchase)
}

/// `POST /v2/labels/rate_shopper_id/{cheapest|fastest|best_value}`: a shipment without carrier and service.
pub fn buy_shopped(desk: &mut Desk<'_, '_>, wish: &str, call: &Call<'_>) -> Answered {
    let fields = object_body(call)?;
    let shipment = fields.get("shipment").and_then(Value::as_object).ok_or_else(|| Wrong::missing("shipment"))?;
    let now_ms = desk.now_ms();
    let cuts = desk.state.plan.habits.v2_cuts_external_ids;
    let mut order = put::read(shipment, "shipment", now_ms, cuts).map_err(|wrongs| Refusal { status: 400, wrongs })?;
    let country = order.body.ship_to.country.clone();
    let offers =
        carriers::CARRIERS.iter().flat_map(|carrier| carrier.services.iter().map(move |service| (carrier, service)));
    let offers = offers.filter(|(_, service)| service.reaches(&country));
    let price = |service: &Service| service.price_minor(500.0, &country);
    let best: Option<(&Carrier, &Service)> = match wish {
        "cheapest" => offers.min_by_key(|(_, service)| price(service)),
        "fastest" => offers.min_by_key(|(_, service)| (service.days, price(service))),
        "best_value" => offers.min_by_key(|(_, service)| price(service) * service.days),
        _ => return Err(not_found("rate shopper")),
    };
    let (carrier, service) = best.ok_or_else(|| Wrong::rule("no_rates_returned", "No carrier goes there."))?;
    carrier.code.clone_into(&mut order.body.carrier_code);
    service.code.clone_into(&mut order.body.service_code);
    create_and_buy(desk, order)
}

/// `POST /v2/labels`: everything in one call.
pub fn buy_inline(desk: &mut Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let fields = object_body(call)?;
    if fields.get("test_label").and_then(Value::as_bool) == Some(true) {
        return Err(Wrong::rule("settings_not_supported", "Test labels are not available for this account.").into());
    }
    let shipment = fields.get("shipment").and_then(Value::as_object).ok_or_else(|| Wrong::missing("shipment"))?;
    let now_ms = desk.now_ms();
    let cuts = desk.state.plan.habits.v2_cuts_external_ids;
    let wish = put::read(shipment, "shipment", now_ms, cuts).map_err(|wrongs| Refusal { status: 400, wrongs })?;
    create_and_buy(desk, wish)
}

fn create_and_buy(desk: &mut Desk<'_, '_>, wish: put::Wish) -> Answered {
    // Checked before anything is made, so that a refused purchase leaves no shipment behind.
    let (_, service) = crate::shipstation::state::labels::choose(&wish.body.carrier_code, &wish.body.service_code)?;
    crate::shipstation::state::labels::check_address(&wish.body.ship_to, service)?;
    let id = shipments::create_one(desk, wish)?;
    let order = desk.state.order(id).ok_or_else(|| not_found("shipment"))?;
    let purchase = purchase_of(order)?;
    let bought = buy(desk, id, &purchase);
    if bought.is_err() {
        let (state, mut pen) = desk.writing();
        state.delete(&mut pen, id)?;
    }
    bought
}

/// `POST /v2/labels/{label_id}/return`: inside the country only; addresses are swapped.
pub fn buy_return(desk: &mut Desk<'_, '_>, id: &str, call: &Call<'_>) -> Answered {
    let id = id_in_path(id)?;
    let fields = call.json().and_then(|body| body.as_object().cloned()).unwrap_or_default();
    let event = fields.get("charge_event").and_then(Value::as_str).unwrap_or("carrier_default");
    if !matches!(event, "carrier_default" | "on_creation" | "on_carrier_acceptance") {
        return Err(Wrong::field("invalid_charge_event", "charge_event", "Unknown charge event.").into());
    }
    let (state, mut pen) = desk.writing();
    let bought = state.buy_return(&mut pen, id, event)?;
    shown(desk, bought)
}
