//! Shipments: the older API's orders.

use super::put::{self, Wish};
use super::{
    Answered, Desk, Refusal, Wrong, descending, id_in_path, id_param, not_found, object_body, page_body, paging,
};
use super::{read_id, render, se, span_param};
use crate::shipstation::pacific::Wall;
use crate::shipstation::state::query::{OrderFilter, OrderSort, page};
use crate::shipstation::state::{Order, Status};
use crate::shipstation::wire::{Answer, Call};
use serde_json::{Map, Value, json};

fn statuses(call: &Call<'_>, knows_holds: bool) -> Result<Option<Vec<Status>>, Refusal> {
    let Some(word) = call.param("shipment_status") else { return Ok(None) };
    let found: Vec<Status> =
        Status::ALL.into_iter().filter(|status| render::status_word(*status, knows_holds) == word).collect();
    if found.is_empty() {
        let message = format!("'{word}' is not a shipment status.");
        return Err(Wrong::field("invalid_field_value", "shipment_status", message).into());
    }
    Ok(Some(found))
}

/// `GET /v2/shipments`
pub fn list(desk: &Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let (number, size) = paging(call, 25, 500)?;
    let filter = OrderFilter {
        number: call.param("shipment_number").map(str::to_owned),
        key: call.param("external_shipment_id").map(str::to_owned),
        statuses: statuses(call, desk.state.plan.habits.v2_knows_holds)?,
        store_id: id_param(call, "store_id")?,
        customer: call.param("ship_to_name").map(str::to_owned),
        item: call.param("item_keyword").map(str::to_owned),
        created: span_param(call, "created_at")?,
        modified: span_param(call, "modified_at")?,
        paid: span_param(call, "payment_date")?,
        ..OrderFilter::default()
    };
    let sort = match call.param("sort_by") {
        None | Some("created_at") => OrderSort::Created,
        Some("modified_at") => OrderSort::Modified,
        Some(other) => {
            return Err(
                Wrong::field("invalid_field_value", "sort_by", format!("'{other}' can not be sorted by.")).into()
            );
        }
    };
    let found = desk.state.find_orders(&filter, sort, descending(call, true)?);
    let changed = |id: i64| desk.state.orders.get(&id).map_or(0, |order| order.modified_ms);
    let page = page(found, number, size, desk.quirk, desk.now_ms(), changed);
    let orders: Vec<&Order> = page.rows.iter().filter_map(|id| desk.state.orders.get(id)).collect();
    let rows = orders.into_iter().map(|order| render::shipment(desk.state, order)).collect();
    Ok(page_body(desk, call, "shipments", rows, &page))
}

/// `GET /v2/shipments/{shipment_id}`
pub fn get(desk: &Desk<'_, '_>, id: &str) -> Answered {
    let order = desk.state.order(id_in_path(id)?).ok_or_else(|| not_found("shipment"))?;
    Ok(Answer::ok(render::shipment(desk.state, order)))
}

/// The order with this external id, cut as this API cuts it.
pub fn find_by_key<'a>(desk: &'a Desk<'_, '_>, key: &str) -> Option<&'a Order> {
    let exact = desk.state.order_by_key(key);
    exact.or_else(|| {
        let living = desk.state.orders.values().filter(|order| !order.deleted && order.key.chars().count() > 50);
        living.into_iter().find(|order| render::cut(&order.key) == key)
    })
}

/// `GET /v2/shipments/external_shipment_id/{external_shipment_id}`
pub fn by_key(desk: &Desk<'_, '_>, key: &str) -> Answered {
    let order = find_by_key(desk, key).ok_or_else(|| not_found("shipment"))?;
    Ok(Answer::ok(render::shipment(desk.state, order)))
}

/// `POST /v2/shipments`: never an update. What is malformed refuses the whole call; what the account's state forbids
/// refuses one shipment.
pub fn create(desk: &mut Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let fields = object_body(call)?;
    let Some(Value::Array(rows)) = fields.get("shipments") else { return Err(Wrong::missing("shipments").into()) };
    if rows.is_empty() {
        return Err(Wrong::missing("shipments").into());
    }
    let mut wishes = Vec::new();
    let mut wrongs = Vec::new();
    let cuts = desk.state.plan.habits.v2_cuts_external_ids;
    for (index, row) in rows.iter().enumerate() {
        let empty = Map::new();
        let fields = row.as_object().unwrap_or(&empty);
        match put::read(fields, &format!("shipments[{index}]"), desk.now_ms(), cuts) {
            Ok(wish) => wishes.push((wish, row)),
            Err(mut found) => wrongs.append(&mut found),
        }
    }
    if !wrongs.is_empty() {
        return Err(Refusal { status: 400, wrongs });
    }
    let alone = wishes.len() == 1;
    let mut answers = Vec::new();
    let mut has_errors = false;
    for (wish, row) in wishes {
        match create_one(desk, wish) {
            Ok(id) => {
                let order = desk.state.order(id).ok_or_else(|| not_found("shipment"))?;
                let mut answer = render::shipment(desk.state, order);
                if let Value::Object(answer) = &mut answer {
                    answer.insert("errors".to_owned(), json!([]));
                }
                answers.push(answer);
            }
            // A call for one shipment fails as a whole; of several each fails for itself.
            Err(wrong) if alone => return Err(wrong.into()),
            Err(wrong) => {
                has_errors = true;
                let mut answer = row.clone();
                if let Value::Object(answer) = &mut answer {
                    answer.insert("errors".to_owned(), json!([format!("{}: {}", wrong.code, wrong.message)]));
                }
                answers.push(answer);
            }
        }
    }
    Ok(Answer::ok(json!({ "has_errors": has_errors, "shipments": answers })))
}

fn number_is_taken(desk: &Desk<'_, '_>, number: &str, but: Option<i64>) -> bool {
    desk.state.plan.habits.v2_numbers_unique
        && !number.is_empty()
        && desk
            .state
            .orders
            .values()
            .any(|order| !order.deleted && order.body.number == number && Some(order.id) != but)
}

/// Creates a shipment; used by label purchases too.
pub fn create_one(desk: &mut Desk<'_, '_>, mut wish: Wish) -> Result<i64, Wrong> {
    if !wish.key.is_empty() && find_by_key(desk, &wish.key).is_some() {
        let message = format!("A shipment with the external_shipment_id '{}' exists already.", wish.key);
        return Err(Wrong::rule("identifier_conflict", message));
    }
    if number_is_taken(desk, &wish.body.number, None) {
        let message = format!("A shipment with the shipment_number '{}' exists already.", wish.body.number);
        return Err(Wrong::rule("identifier_conflict", message));
    }
    let tags: Vec<i64> = wish.tags.iter().map(|name| desk.state.tag_named(name).id).collect();
    if wish.body.number.is_empty() {
        wish.body.number = format!("SE-{}", desk.state.other_id());
    }
    let key = Some(wish.key.as_str()).filter(|key| !key.is_empty());
    let hold = wish.hold_until.filter(|day| *day > Wall::of(desk.now_ms()));
    let (state, mut pen) = desk.writing();
    let (id, _) =
        state.put(&mut pen, None, key, wish.body, &tags).map_err(|_| Wrong::rule("unspecified", "Not created."))?;
    if let Some(day) = hold {
        // Just created and open: a hold cannot be refused.
        let _ = state.hold(&mut pen, id, day, "hold_until_date");
    }
    Ok(id)
}

/// `PUT /v2/shipments/{shipment_id}`: the whole shipment, before a label exists.
pub fn replace(desk: &mut Desk<'_, '_>, id: &str, call: &Call<'_>) -> Answered {
    let id = id_in_path(id)?;
    let fields = object_body(call)?;
    let cuts = desk.state.plan.habits.v2_cuts_external_ids;
    let now_ms = desk.now_ms();
    let wish = put::read(&fields, "", now_ms, cuts).map_err(|wrongs| Refusal { status: 400, wrongs })?;
    let order = desk.state.order(id).ok_or_else(|| not_found("shipment"))?;
    if !wish.key.is_empty() && wish.key != render::cut(&order.key) {
        let message = "The external_shipment_id of a shipment can not be changed.";
        return Err(Wrong::field("identifiers_must_match", "external_shipment_id", message).into());
    }
    let mut body = wish.body;
    // Not in this API's words, so not in what its clients replace.
    body.placed = order.body.placed;
    body.paid = order.body.paid;
    body.username.clone_from(&order.body.username);
    body.bill_to = order.body.bill_to.clone();
    body.source.clone_from(&order.body.source);
    let adjustments = order.body.items.iter().filter(|item| item.adjustment).cloned();
    body.items.extend(adjustments);
    if body.number.is_empty() {
        body.number.clone_from(&order.body.number);
    }
    // Status is read-only here; a date to hold until is how older servers are told to hold.
    let was = order.body.status;
    let hold = wish.hold_until.filter(|day| *day > Wall::of(now_ms));
    body.status = if was == Status::OnHold && hold.is_none() { Status::AwaitingShipment } else { was };
    if number_is_taken(desk, &body.number, Some(id)) {
        let message = format!("A shipment with the shipment_number '{}' exists already.", body.number);
        return Err(Wrong::rule("identifier_conflict", message).into());
    }
    let (state, mut pen) = desk.writing();
    state.put(&mut pen, Some(id), None, body, &[])?;
    if let Some(day) = hold
        && state.order(id).is_some_and(|order| order.hold_until != Some(day.midnight()))
    {
        state.hold(&mut pen, id, day, "hold_until_date")?;
    }
    let order = desk.state.order(id).ok_or_else(|| not_found("shipment"))?;
    Ok(Answer::ok(render::shipment(desk.state, order)))
}

/// `PUT /v2/shipments/{shipment_id}/cancel`: its label must be voided first.
pub fn cancel(desk: &mut Desk<'_, '_>, id: &str) -> Answered {
    let id = id_in_path(id)?;
    let (state, mut pen) = desk.writing();
    if state.order(id).is_some() && state.has_living_parcel(id) {
        let message = "The shipment has a label. Void it before you cancel the shipment.";
        return Err(Wrong::rule("invalid_status", message).into());
    }
    state.cancel(&mut pen, id, "cancel")?;
    Ok(Answer::nothing())
}

/// `PUT /v2/shipments/{shipment_id}/hold`: until a day later than today; again replaces the day.
pub fn hold(desk: &mut Desk<'_, '_>, id: &str, call: &Call<'_>) -> Answered {
    let id = id_in_path(id)?;
    let fields = object_body(call)?;
    let text =
        fields.get("hold_until_date").and_then(Value::as_str).ok_or_else(|| Wrong::missing("hold_until_date"))?;
    let day = Wall::parse(text.get(..10).unwrap_or(text));
    let day =
        day.ok_or_else(|| Wrong::field("invalid_field_value", "hold_until_date", format!("'{text}' is not a date.")))?;
    let (state, mut pen) = desk.writing();
    state.hold(&mut pen, id, day, "hold")?;
    let order = desk.state.order(id).ok_or_else(|| not_found("shipment"))?;
    Ok(Answer::ok(render::shipment(desk.state, order)))
}

/// `PUT /v2/shipments/{shipment_id}/restore`
pub fn restore(desk: &mut Desk<'_, '_>, id: &str) -> Answered {
    let id = id_in_path(id)?;
    let (state, mut pen) = desk.writing();
    state.end_hold(&mut pen, id, "restore")?;
    let order = desk.state.order(id).ok_or_else(|| not_found("shipment"))?;
    Ok(Answer::ok(render::shipment(desk.state, order)))
}

/// `POST|DELETE /v2/shipments/{shipment_id}/tags/{tag_name}`
pub fn tag(desk: &mut Desk<'_, '_>, id: &str, name: &str, add: bool) -> Answered {
    let id = id_in_path(id)?;
    if desk.state.order(id).is_none() {
        return Err(not_found("shipment"));
    }
    if add {
        let tag = desk.state.tag_named(name);
        let (state, mut pen) = desk.writing();
        state.add_tag(&mut pen, id, tag.id)?;
        return Ok(Answer::ok(json!({ "shipment_id": se(id), "tag": { "name": tag.name } })));
    }
    let tag = desk.state.tags.iter().find(|tag| tag.name.eq_ignore_ascii_case(name)).map(|tag| tag.id);
    let tag = tag.ok_or_else(|| not_found("tag"))?;
    let (state, mut pen) = desk.writing();
    state.remove_tag(&mut pen, id, tag)?;
    Ok(Answer::nothing())
}

/// `POST /v2/shipments/{shipment_id}/internal_notes`
pub fn note(desk: &mut Desk<'_, '_>, id: &str, call: &Call<'_>) -> Answered {
    let id = id_in_path(id)?;
    let fields = object_body(call)?;
    let note = fields.get("note").and_then(Value::as_str).ok_or_else(|| Wrong::missing("note"))?;
    let append = match fields.get("mode").and_then(Value::as_str) {
        Some("append") => true,
        Some("overwrite") => false,
        Some(_) => {
            return Err(Wrong::field("invalid_field_value", "mode", "'mode' must be append or overwrite.").into());
        }
        None => return Err(Wrong::missing("mode").into()),
    };
    let (state, mut pen) = desk.writing();
    let whole = state.note(&mut pen, id, note, append)?;
    Ok(Answer::ok(json!({ "internal_notes": whole })))
}

/// `POST /v2/shipments/user`
pub fn assign(desk: &mut Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let fields = object_body(call)?;
    let given = fields.get("shipment_ids").and_then(Value::as_array).ok_or_else(|| Wrong::missing("shipment_ids"))?;
    let ids: Option<Vec<i64>> = given.iter().map(|id| read_id(id.as_str()?)).collect();
    let ids = ids.filter(|ids| !ids.is_empty() && ids.len() <= 500);
    let ids =
        ids.ok_or_else(|| Wrong::field("invalid_identifier", "shipment_ids", "1 to 500 identifiers are possible."))?;
    let user = fields.get("user_id").and_then(Value::as_str).ok_or_else(|| Wrong::missing("user_id"))?;
    let (state, mut pen) = desk.writing();
    state.assign(&mut pen, &ids, Some(user))?;
    Ok(Answer::ok(json!({ "shipment_ids": given, "user_id": user })))
}
