//! Calls that do one thing to an order.

use super::{Answered, Desk, id_in_path, invalid, not_found, object_body, refused, required, whole};
use crate::shipstation::pacific::Wall;
use crate::shipstation::wire::{Answer, Call};
use serde_json::{Value, json};

fn done(message: &str) -> Answer {
    Answer::ok(json!({ "success": true, "message": message }))
}

/// `POST /orders/holduntil`
pub fn hold(desk: &mut Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let fields = object_body(call)?;
    let id = whole(&fields, "orderId")?;
    let text = required(&fields, "holdUntilDate")?;
    let until = Wall::parse(text).ok_or_else(|| invalid("holdUntilDate", format!("'{text}' is not a date.")))?;
    let (state, mut pen) = desk.writing();
    state.hold(&mut pen, id, until, "holduntil").map_err(refused)?;
    Ok(done("Order held successfully."))
}

/// `POST /orders/restorefromhold`
pub fn restore(desk: &mut Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let id = whole(&object_body(call)?, "orderId")?;
    let (state, mut pen) = desk.writing();
    state.end_hold(&mut pen, id, "restorefromhold").map_err(refused)?;
    Ok(done("The requested order has been restored"))
}

/// `POST /orders/markasshipped`: makes a fulfillment, never a shipment.
pub fn mark_shipped(desk: &mut Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let fields = object_body(call)?;
    let id = whole(&fields, "orderId")?;
    let carrier = required(&fields, "carrierCode")?.to_owned();
    let tracking = fields.get("trackingNumber").and_then(Value::as_str).unwrap_or_default().to_owned();
    let date = match fields.get("shipDate").and_then(Value::as_str) {
        Some(text) => Some(Wall::parse(text).ok_or_else(|| invalid("shipDate", format!("'{text}' is not a date.")))?),
        None => None,
    };
    let tell = fields.get("notifySalesChannel").and_then(Value::as_bool).unwrap_or(false);
    let (state, mut pen) = desk.writing();
    state.mark_shipped(&mut pen, id, &carrier, &tracking, date, tell).map_err(refused)?;
    let number = state.order(id).map(|order| order.body.number.clone());
    Ok(Answer::ok(json!({ "orderId": id, "orderNumber": number })))
}

/// `POST /orders/addtag`, `POST /orders/removetag`
pub fn tag(desk: &mut Desk<'_, '_>, call: &Call<'_>, add: bool) -> Answered {
    let fields = object_body(call)?;
    let (id, tag) = (whole(&fields, "orderId")?, whole(&fields, "tagId")?);
    let (state, mut pen) = desk.writing();
    if add {
        state.add_tag(&mut pen, id, tag).map_err(refused)?;
        Ok(done("Tag added successfully."))
    } else {
        state.remove_tag(&mut pen, id, tag).map_err(refused)?;
        Ok(done("Tag removed successfully."))
    }
}

/// `POST /orders/assignuser`, `POST /orders/unassignuser`: all orders or none.
pub fn assign(desk: &mut Desk<'_, '_>, call: &Call<'_>, to_somebody: bool) -> Answered {
    let fields = object_body(call)?;
    let ids: Option<Vec<i64>> =
        fields.get("orderIds").and_then(Value::as_array).map(|ids| ids.iter().filter_map(Value::as_i64).collect());
    let ids =
        ids.filter(|ids| !ids.is_empty()).ok_or_else(|| invalid("orderIds", "The orderIds field is required."))?;
    let user = if to_somebody { Some(required(&fields, "userId")?) } else { None };
    let (state, mut pen) = desk.writing();
    state.assign(&mut pen, &ids, user).map_err(refused)?;
    Ok(done(if to_somebody { "User assigned successfully." } else { "User unassigned successfully." }))
}

/// `DELETE /orders/{orderId}`
pub fn delete(desk: &mut Desk<'_, '_>, id: &str) -> Answered {
    let id = id_in_path(id)?;
    if desk.state.order(id).is_none() {
        return Err(not_found());
    }
    let (state, mut pen) = desk.writing();
    state.delete(&mut pen, id).map_err(refused)?;
    Ok(done("The requested order has been deleted"))
}
