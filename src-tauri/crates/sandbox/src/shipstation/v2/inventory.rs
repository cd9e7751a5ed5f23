//! Stock, for accounts that bought the add-on.

use super::{Answered, Desk, Wrong, id_in_path, not_found, object_body, page_body, paging, read_id, se};
use crate::shipstation::pacific::iso;
use crate::shipstation::state::query::page;
use crate::shipstation::state::stock::{Level, Move, Place};
use crate::shipstation::wire::{Answer, Call, minor};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// `GET /v2/inventory`: only SKUs that have ever had stock.
pub fn levels(desk: &Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let (number, size) = paging(call, 100, 500)?;
    let in_place = super::id_param(call, "inventory_warehouse_id")?;
    let in_bin = super::id_param(call, "inventory_location_id")?;
    let grouping = call.param("group_by");
    if grouping.is_some_and(|word| !matches!(word, "warehouse" | "location")) {
        return Err(Wrong::field("invalid_field_value", "group_by", "'group_by' must be warehouse or location.").into());
    }
    let stock = &desk.state.stock;
    let place_of = |bin: i64| stock.places.get(&bin).and_then(|place| place.inside).unwrap_or_default();
    // (place, bin, SKU): what is not asked for is 0 and so summed up.
    let mut sums: BTreeMap<(i64, i64, &str), Level> = BTreeMap::new();
    for ((bin, sku), level) in &stock.levels {
        let fits = in_bin.is_none_or(|id| id == *bin) && in_place.is_none_or(|id| id == place_of(*bin));
        if !fits || call.param("sku").is_some_and(|wanted| wanted != sku) {
            continue;
        }
        let key = match grouping {
            Some("location") => (place_of(*bin), *bin, sku.as_str()),
            Some(_) => (place_of(*bin), 0, sku.as_str()),
            None => (0, 0, sku.as_str()),
        };
        let sum = sums.entry(key).or_default();
        sum.on_hand += level.on_hand;
        sum.cost_minor = sum.cost_minor.max(level.cost_minor);
    }
    let rows: Vec<Value> = sums
        .iter()
        .map(|((place, bin, sku), level)| {
            let allocated = desk.state.allocated(sku).min(level.on_hand);
            let mut row = json!({
                "sku": sku, "on_hand": level.on_hand, "allocated": allocated, "available": level.on_hand - allocated,
                "average_cost": { "amount": minor(level.cost_minor), "currency": desk.state.plan.currency.to_lowercase() },
            });
            if let Value::Object(row) = &mut row {
                if *place != 0 {
                    row.insert("inventory_warehouse_id".to_owned(), json!(se(*place)));
                }
                if *bin != 0 {
                    row.insert("inventory_location_id".to_owned(), json!(se(*bin)));
                }
            }
            row
        })
        .collect();
    let page = page((0..rows.len() as i64).collect(), number, size, desk.quirk.filter(|_| false), desk.now_ms(), |_| 0);
    let shown = page.rows.iter().filter_map(|index| rows.get(usize::try_from(*index).ok()?).cloned()).collect();
    Ok(page_body(desk, call, "inventory", shown, &page))
}

/// `POST /v2/inventory`: 204 and no body. `increment` and `decrement` happen again when sent again.
pub fn change(desk: &mut Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let fields = object_body(call)?;
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let kind = text("transaction_type").ok_or_else(|| Wrong::missing("transaction_type"))?;
    let sku = text("sku").filter(|sku| !sku.is_empty()).ok_or_else(|| Wrong::missing("sku"))?;
    let bin = text("inventory_location_id").ok_or_else(|| Wrong::missing("inventory_location_id"))?;
    let bin = id_in_path(bin)?;
    let units = fields.get("quantity").ok_or_else(|| Wrong::missing("quantity"))?;
    let units = units.as_i64().filter(|units| *units >= 0);
    let units =
        units.ok_or_else(|| Wrong::field("invalid_field_value", "quantity", "'quantity' must not be negative."))?;
    let how = match kind {
        "increment" => Move::Increment,
        "decrement" => Move::Decrement,
        "adjust" => Move::Adjust,
        "modify" => {
            let to = text("new_inventory_location_id").and_then(read_id);
            Move::To(to.ok_or_else(|| Wrong::missing("new_inventory_location_id"))?)
        }
        other => {
            let message = format!("'{other}' is not a transaction type.");
            return Err(Wrong::field("invalid_field_value", "transaction_type", message).into());
        }
    };
    let (state, mut pen) = desk.writing();
    state.move_stock(&mut pen, bin, sku, units, how)?;
    Ok(Answer::nothing())
}

fn words(kind: &str) -> (&'static str, bool) {
    if kind == "inventory_warehouses" { ("inventory_warehouse_id", false) } else { ("inventory_location_id", true) }
}

fn row(kind: &str, place: &Place) -> Value {
    let (id_name, _) = words(kind);
    let mut row = json!({
        id_name: se(place.id), "name": place.name,
        "created_at": iso(place.created_ms), "updated_at": iso(place.updated_ms),
    });
    if let (Value::Object(row), Some(inside)) = (&mut row, place.inside) {
        row.insert("inventory_warehouse_id".to_owned(), json!(se(inside)));
    }
    row
}

/// `GET /v2/inventory_warehouses`, `GET /v2/inventory_locations`
pub fn places(desk: &Desk<'_, '_>, kind: &str, call: &Call<'_>) -> Answered {
    let (number, size) = paging(call, 100, 500)?;
    let (_, bins) = words(kind);
    let found = desk.state.stock.places.values().filter(|place| place.inside.is_some() == bins).map(|place| place.id);
    let page = page(found.collect(), number, size, None, desk.now_ms(), |_| 0);
    let rows =
        page.rows.iter().filter_map(|id| desk.state.stock.places.get(id)).map(|place| row(kind, place)).collect();
    Ok(page_body(desk, call, kind, rows, &page))
}

fn find<'a>(desk: &'a Desk<'_, '_>, kind: &str, id: &str) -> Result<&'a Place, super::Refusal> {
    let (_, bins) = words(kind);
    let place = desk.state.stock.places.get(&id_in_path(id)?).filter(|place| place.inside.is_some() == bins);
    place.ok_or_else(|| not_found("place"))
}

/// `GET /v2/inventory_…/{id}`
pub fn place(desk: &Desk<'_, '_>, kind: &str, id: &str) -> Answered {
    Ok(Answer::ok(row(kind, find(desk, kind, id)?)))
}

/// `POST /v2/inventory_…`
pub fn add(desk: &mut Desk<'_, '_>, kind: &str, call: &Call<'_>) -> Answered {
    let fields = object_body(call)?;
    let text = |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let name = text("name").ok_or_else(|| Wrong::missing("name"))?;
    let (_, bins) = words(kind);
    let inside = if bins {
        let id = text("inventory_warehouse_id").ok_or_else(|| Wrong::missing("inventory_warehouse_id"))?;
        Some(id_in_path(id)?)
    } else {
        None
    };
    let now_ms = desk.now_ms();
    let id = desk.state.add_place(now_ms, name, inside)?;
    let place = desk.state.stock.places.get(&id).ok_or_else(|| not_found("place"))?;
    Ok(Answer::ok(row(kind, place)))
}

/// `PUT /v2/inventory_…/{id}`
pub fn rename(desk: &mut Desk<'_, '_>, kind: &str, id: &str, call: &Call<'_>) -> Answered {
    let fields = object_body(call)?;
    let name = fields.get("name").and_then(Value::as_str).ok_or_else(|| Wrong::missing("name"))?.to_owned();
    let id = find(desk, kind, id)?.id;
    let now_ms = desk.now_ms();
    if let Some(place) = desk.state.stock.places.get_mut(&id) {
        place.name = name;
        place.updated_ms = now_ms;
    }
    Ok(Answer::nothing())
}

/// `DELETE /v2/inventory_…/{id}`: with stock in it only when `remove_inventory` says so.
pub fn remove(desk: &mut Desk<'_, '_>, kind: &str, id: &str, call: &Call<'_>) -> Answered {
    let id = find(desk, kind, id)?.id;
    let stock = &mut desk.state.stock;
    let inside: Vec<i64> =
        stock.places.values().filter(|place| place.id == id || place.inside == Some(id)).map(|p| p.id).collect();
    let filled = stock.levels.iter().any(|((bin, _), level)| inside.contains(bin) && level.on_hand > 0);
    let forced = call.param("remove_inventory").is_some_and(|flag| matches!(flag, "1" | "true"));
    if filled && !forced {
        return Err(Wrong::rule("warehouse_conflict", "There is stock in it.").into());
    }
    stock.levels.retain(|(bin, _), _| !inside.contains(bin));
    stock.places.retain(|id, _| !inside.contains(id));
    Ok(Answer::nothing())
}
