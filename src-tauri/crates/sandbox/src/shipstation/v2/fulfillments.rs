//! Marked-as-shipped records.

use super::{Answered, Desk, Wrong, descending, id_param, object_body, page_body, paging, read_id, render, span_param};
use crate::shipstation::carriers;
use crate::shipstation::pacific::{Wall, parse_iso};
use crate::shipstation::state::query::page;
use crate::shipstation::state::{Deny, Fulfillment};
use crate::shipstation::wire::Call;
use serde_json::{Map, Value, json};

/// `GET /v2/fulfillments`: oldest first unless asked otherwise.
pub fn list(desk: &Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let (number, size) = paging(call, 25, 500)?;
    let created = span_param(call, "create_date")?;
    let shipped = span_param(call, "ship_date")?;
    let id = id_param(call, "fulfillment_id")?;
    let order_id = id_param(call, "shipment_id")?;
    let store_id = id_param(call, "order_source_id")?;
    let rows = desk.state.fulfillments.values().filter(|record| {
        let to = &record.ship_to;
        created.holds_ms(record.created_ms)
            && shipped.holds(Some(record.ship_date))
            && id.is_none_or(|id| record.id == id)
            && order_id.is_none_or(|id| record.order_id == id)
            && store_id.is_none_or(|id| record.store_id == id)
            && call.param("shipment_number").is_none_or(|number| record.order_number == number)
            && call.param("tracking_number").is_none_or(|number| record.tracking_number == number)
            && call.param("ship_to_country_code").is_none_or(|code| to.country.eq_ignore_ascii_case(code))
            && call.param("ship_to_name").is_none_or(|name| to.name.to_lowercase().contains(&name.to_lowercase()))
            && call.param("fulfillment_provider_code").is_none()
    });
    let by_ship_date = call.param("sort_by") == Some("ship_date");
    let rank = |record: &Fulfillment| if by_ship_date { record.ship_date.to_utc_ms() } else { record.created_ms };
    let mut found: Vec<(i64, i64)> = rows.map(|record| (rank(record), record.id)).collect();
    found.sort_unstable();
    if descending(call, false)? {
        found.reverse();
    }
    let found = found.into_iter().map(|(_, id)| id).collect();
    let changed = |id: i64| desk.state.fulfillments.get(&id).map_or(0, |record| record.created_ms);
    let page = page(found, number, size, desk.quirk, desk.now_ms(), changed);
    let records: Vec<&Fulfillment> = page.rows.iter().filter_map(|id| desk.state.fulfillments.get(id)).collect();
    let rows = records.into_iter().map(|record| render::fulfillment(desk.state, record)).collect();
    Ok(page_body(desk, call, "fulfillments", rows, &page))
}

/// `POST /v2/fulfillments`: each succeeds or fails for itself.
pub fn create(desk: &mut Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let fields = object_body(call)?;
    let Some(Value::Array(rows)) = fields.get("fulfillments").filter(|rows| rows != &&json!([])) else {
        return Err(Wrong::missing("fulfillments").into());
    };
    for (index, row) in rows.iter().enumerate() {
        for name in ["shipment_id", "tracking_number", "carrier_code"] {
            if row.get(name).and_then(Value::as_str).is_none_or(|text| text.trim().is_empty()) {
                return Err(Wrong::missing(format!("fulfillments[{index}].{name}")).into());
            }
        }
    }
    let empty = Map::new();
    let results: Vec<Value> = rows.iter().map(|row| one(desk, row.as_object().unwrap_or(&empty))).collect();
    let has_errors = results.iter().any(|row| row.get("error_message").is_some_and(|text| !text.is_null()));
    Ok(crate::shipstation::wire::Answer::ok(json!({ "has_errors": has_errors, "fulfillments": results })))
}

fn one(desk: &mut Desk<'_, '_>, row: &Map<String, Value>) -> Value {
    let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
    let shipment_id = text("shipment_id");
    let outcome = (|| {
        let id = read_id(shipment_id).ok_or_else(|| format!("'{shipment_id}' is not a valid identifier."))?;
        let carrier = text("carrier_code");
        if carriers::carrier(carrier).is_none() {
            return Err(format!("The carrier '{carrier}' is not configured for this account."));
        }
        let date = match text("ship_date") {
            "" => None,
            date => Some(Wall::of(parse_iso(date).ok_or_else(|| format!("'{date}' is not an ISO 8601 date."))?)),
        };
        let tell = row.get("notify_order_source").and_then(Value::as_bool).unwrap_or(false);
        let (state, mut pen) = desk.writing();
        let done = state.mark_shipped(&mut pen, id, carrier, text("tracking_number"), date, tell);
        done.map(|_| id).map_err(|deny| match deny {
            Deny::NotFound(_) => "The shipment was not found.".to_owned(),
            Deny::Locked(status, number) => {
                format!("Shipment {number} can not be fulfilled in the status '{}'.", render::status_word(status, true))
            }
            Deny::Field(_, problem) | Deny::Conflict(_, problem) => problem,
        })
    })();
    let number = outcome.as_ref().ok().and_then(|id| desk.state.order(*id)).map(|order| order.body.number.clone());
    json!({ "shipment_id": shipment_id, "shipment_number": number.unwrap_or_default(), "error_message": outcome.err() })
}
