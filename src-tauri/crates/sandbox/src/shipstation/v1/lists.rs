//! Reading orders.

use super::{Answered, Desk, descending, id_in_path, invalid, not_found, number_param, paging, render, span_param};
use crate::shipstation::state::Status;
use crate::shipstation::state::query::{OrderFilter, OrderSort, page};
use crate::shipstation::wire::{Answer, Call};
use serde_json::{Value, json};

fn status_param(call: &Call<'_>) -> Result<Option<Vec<Status>>, Answer> {
    let Some(text) = call.param("orderStatus") else { return Ok(None) };
    // A provider's refusal is a status of its own that no order of this account ever has.
    if text == "rejected_fulfillment" {
        return Ok(Some(Vec::new()));
    }
    let status = Status::from_code(text);
    let status =
        status.ok_or_else(|| invalid("orderStatus", format!("The value '{text}' is not valid for orderStatus.")))?;
    Ok(Some(vec![status]))
}

/// `GET /orders`
pub fn orders(desk: &Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let filter = OrderFilter {
        number_prefix: call.param("orderNumber").map(str::to_owned),
        statuses: status_param(call)?,
        store_id: number_param(call, "storeId")?,
        customer: call.param("customerName").map(str::to_owned),
        item: call.param("itemKeyword").map(str::to_owned),
        created: span_param(call, "createDate")?,
        modified: span_param(call, "modifyDate")?,
        placed: span_param(call, "orderDate")?,
        paid: span_param(call, "paymentDate")?,
        ..OrderFilter::default()
    };
    let sort = match call.param("sortBy").map(str::to_ascii_lowercase).as_deref() {
        None => OrderSort::Id,
        Some("orderdate") => OrderSort::Placed,
        Some("modifydate") => OrderSort::Modified,
        Some("createdate") => OrderSort::Created,
        Some(other) => return Err(invalid("sortBy", format!("The value '{other}' is not valid for sortBy."))),
    };
    list(desk, call, &filter, sort)
}

/// `GET /orders/listbytag`: both parameters are required.
pub fn by_tag(desk: &Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let statuses = status_param(call)?.ok_or_else(|| invalid("orderStatus", "The orderStatus field is required."))?;
    let tag_id = number_param(call, "tagId")?.ok_or_else(|| invalid("tagId", "The tagId field is required."))?;
    let filter = OrderFilter { statuses: Some(statuses), tag_id: Some(tag_id), ..OrderFilter::default() };
    list(desk, call, &filter, OrderSort::Id)
}

fn list(desk: &Desk<'_, '_>, call: &Call<'_>, filter: &OrderFilter, sort: OrderSort) -> Answered {
    let (number, size) = paging(call)?;
    let found = desk.state.find_orders(filter, sort, descending(call)?);
    let changed = |id: i64| desk.state.orders.get(&id).map_or(0, |order| order.modified_ms);
    let page = page(found, number, size, desk.quirk, desk.now_ms(), changed);
    let rows: Vec<_> = page.rows.iter().filter_map(|id| desk.state.orders.get(id)).collect();
    // One order the platform cannot write down spoils the whole page.
    if rows.iter().any(|order| order.poisoned_until_ms > desk.now_ms()) {
        return Err(Answer::json(
            500,
            json!({
                "Message": "An error has occurred.",
                "ExceptionMessage": "Object reference not set to an instance of an object.",
                "ExceptionType": "System.NullReferenceException",
                "StackTrace": Value::Null,
            }),
        ));
    }
    let written = &desk.state.written_orders;
    let rows = rows.into_iter().map(|order| written.text(order.id, order, render::order)).collect();
    Ok(Answer::rows("orders", rows, &page))
}

/// `GET /orders/{orderId}`
pub fn order(desk: &Desk<'_, '_>, id: &str) -> Answered {
    let order = desk.state.order(id_in_path(id)?).ok_or_else(not_found)?;
    if order.poisoned_until_ms > desk.now_ms() {
        return Err(Answer::json(500, json!({ "Message": "An error has occurred." })));
    }
    Ok(Answer::ok(render::order(order)))
}
