//! Reading: single records, and lists by cursor.
//!
//! A cursor is opaque, freezes the filter and is good for a day. Lists with
//! `updated_since` come by (updated_at, id), others by (created_at, id).

use super::render::{self, Answer, Problem};
use super::state::WAREHOUSE;
use super::{Orderez, account};
use crate::ListQuirk;
use crate::call::Call;
use base64::Engine as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Rows a page repeats when it is made to.
const REPEATED: usize = 3;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Filter {
    list: String,
    updated_since: Option<i64>,
    from: Option<i64>,
    to: Option<i64>,
    status: Vec<String>,
    external_ref: Option<(String, String)>,
    order_id: Option<String>,
    sku: Vec<String>,
    warehouse_id: Option<String>,
    email: Option<String>,
    summary: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Cursor {
    filter: Filter,
    after: (i64, String),
    made_ms: i64,
}

/// A row: what it is sorted by, when it changed (ms UTC), and itself.
struct Row {
    at_ms: i64,
    id: String,
    updated_ms: i64,
    record: Value,
}

pub(super) fn get(house: &mut Orderez, parts: &[&str], call: &Call<'_>, now_ms: i64) -> Answer {
    let state = &house.state;
    match parts {
        ["account"] => Answer::data(200, account(&state.plan)),
        [list @ ("orders" | "fulfillments" | "inventory" | "products" | "customers" | "warehouses")] => {
            page(house, list, call, now_ms).unwrap_or_else(Answer::from)
        }
        ["orders", id] => one(state.orders.get(*id).map(|order| render::order(state, order, false))),
        ["orders", id, "refunds"] => match state.orders.get(*id) {
            Some(order) => Answer::data(200, json!(order.refunds)),
            None => Problem::not_found().into(),
        },
        ["products", id] => one(state.products.get(*id).cloned()),
        ["customers", id] => one(state.customers.get(*id).cloned()),
        ["inventory", warehouse, sku] => {
            let level = state.levels.get(&((*warehouse).to_owned(), (*sku).to_owned()));
            one(level.map(|level| render::level(warehouse, sku, level)))
        }
        _ => Problem::not_found().into(),
    }
}

fn one(record: Option<Value>) -> Answer {
    record.map_or_else(|| Problem::not_found().into(), |record| Answer::versioned(200, record))
}

fn time(call: &Call<'_>, name: &str) -> Result<Option<i64>, Problem> {
    call.param(name)
        .map(|text| {
            chrono::DateTime::parse_from_rfc3339(text)
                .map(|at| at.timestamp_millis())
                .map_err(|_| Problem::new(400, "bad_parameter", "Not a date-time").with("detail", json!(name)))
        })
        .transpose()
}

fn page(house: &Orderez, list: &str, call: &Call<'_>, now_ms: i64) -> Result<Answer, Problem> {
    let limit = match call.param("limit").map(str::parse::<usize>) {
        None => 100,
        Some(Ok(limit)) if (1..=250).contains(&limit) => limit,
        Some(_) => return Err(Problem::new(400, "bad_parameter", "limit is from 1 to 250")),
    };
    let cursor =
        call.param("cursor").map(|text| read_cursor(text, list, now_ms, house.state.plan.cursor_ms)).transpose()?;
    let words = |name: &str| {
        call.param(name)
            .unwrap_or_default()
            .split(',')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let filter = match &cursor {
        Some(cursor) => cursor.filter.clone(),
        None => Filter {
            list: list.to_owned(),
            updated_since: time(call, "updated_since")?,
            from: time(call, "created_from")?,
            to: time(call, "created_to")?,
            status: words("status"),
            external_ref: call
                .param("external_ref")
                .and_then(|text| text.split_once(':'))
                .map(|(system, id)| (system.to_owned(), id.to_owned())),
            order_id: call.param("order_id").map(str::to_owned),
            sku: words("sku"),
            warehouse_id: call.param("warehouse_id").map(str::to_owned),
            email: call.param("email").map(str::to_lowercase),
            summary: call.param("view") == Some("summary"),
        },
    };
    let mut rows = rows(house, &filter);
    if let Some(since) = filter.updated_since {
        // Inclusive, by whole seconds as they are written.
        rows.retain(|row| row.updated_ms.div_euclid(1000) >= since.div_euclid(1000));
    }
    if house.list_quirk == Some(ListQuirk::LateIndex) {
        rows.retain(|row| row.updated_ms < now_ms - ListQuirk::LATE_MS);
    }
    rows.sort_by(|a, b| (a.at_ms, &a.id).cmp(&(b.at_ms, &b.id)));
    let total = rows.len();
    let start = cursor
        .as_ref()
        .map_or(0, |cursor| rows.partition_point(|row| (row.at_ms, &row.id) <= (cursor.after.0, &cursor.after.1)));
    let end = (start + limit).min(rows.len());
    let more = end < rows.len();
    let next = more.then(|| {
        let last = &rows[end - 1];
        let cursor = Cursor { filter: filter.clone(), after: (last.at_ms, last.id.clone()), made_ms: now_ms };
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
    });
    let from = if house.list_quirk == Some(ListQuirk::DuplicatePage) { start.saturating_sub(REPEATED) } else { start };
    let mut data: Vec<Value> = rows[from..end].iter().map(|row| row.record.clone()).collect();
    if house.list_quirk == Some(ListQuirk::ReorderedPage) {
        data.reverse();
    }
    let body = json!({"data": data, "meta": {"next_cursor": next, "has_more": more, "total": total}});
    Ok(Answer { status: 200, body, problem: false, headers: Vec::new() })
}

fn read_cursor(text: &str, list: &str, now_ms: i64, good_ms: i64) -> Result<Cursor, Problem> {
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).ok();
    let cursor: Option<Cursor> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    match cursor.filter(|cursor| cursor.filter.list == list) {
        Some(cursor) if now_ms - cursor.made_ms < good_ms => Ok(cursor),
        Some(_) => Err(Problem::new(400, "cursor_expired", "Cursor expired")),
        None => Err(Problem::new(400, "bad_parameter", "Not a cursor of this list")),
    }
}

fn rows(house: &Orderez, filter: &Filter) -> Vec<Row> {
    let state = &house.state;
    match filter.list.as_str() {
        "orders" => state
            .orders
            .values()
            .filter(|order| filter.status.is_empty() || filter.status.iter().any(|status| status == order.status()))
            .filter(|order| {
                filter.from.is_none_or(|from| order.created_ms >= from)
                    && filter.to.is_none_or(|to| order.created_ms < to)
            })
            .filter(|order| {
                filter.external_ref.as_ref().is_none_or(|(system, id)| {
                    order.references.iter().any(|reference| reference.system == *system && reference.id == *id)
                })
            })
            .map(|order| Row {
                at_ms: if filter.updated_since.is_some() { order.updated_ms } else { order.created_ms },
                id: order.id.clone(),
                updated_ms: order.updated_ms,
                record: render::order(state, order, filter.summary),
            })
            .collect(),
        "fulfillments" => state
            .fulfillments
            .values()
            .filter(|fulfillment| filter.order_id.as_ref().is_none_or(|id| fulfillment.order_id == *id))
            .map(|fulfillment| Row {
                at_ms: fulfillment.updated_ms,
                id: fulfillment.id.clone(),
                updated_ms: fulfillment.updated_ms,
                record: render::fulfillment(state, fulfillment),
            })
            .collect(),
        "inventory" => state
            .levels
            .iter()
            .filter(|((warehouse, sku), _)| {
                filter.warehouse_id.as_ref().is_none_or(|id| id == warehouse)
                    && (filter.sku.is_empty() || filter.sku.contains(sku))
            })
            .map(|((warehouse, sku), level)| Row {
                at_ms: level.updated_ms,
                id: format!("{warehouse}/{sku}"),
                updated_ms: level.updated_ms,
                record: render::level(warehouse, sku, level),
            })
            .collect(),
        "products" => records(state.products.values(), |record| {
            filter.sku.is_empty() || filter.sku.iter().any(|sku| record["sku"] == *sku)
        }),
        "customers" => records(state.customers.values(), |record| {
            let email = record["email"].as_str().unwrap_or_default().to_lowercase();
            let referred = filter.external_ref.as_ref().is_none_or(|(system, id)| {
                record["external_refs"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .any(|reference| reference["system"] == *system && reference["id"] == *id)
            });
            referred && filter.email.as_ref().is_none_or(|wanted| *wanted == email)
        }),
        _ => vec![Row {
            at_ms: 0,
            id: WAREHOUSE.to_owned(),
            updated_ms: i64::MAX / 2,
            record: json!({"id": WAREHOUSE, "code": "QUAY", "name": "Quay warehouse", "active": true, "priority": 1,
                "address": {"address1": "Am Kai 1", "city": "Bremen", "postal_code": "28195", "country": "DE"}}),
        }],
    }
}

fn records<'a>(all: impl Iterator<Item = &'a Value>, keep: impl Fn(&Value) -> bool) -> Vec<Row> {
    all.filter(|record| keep(record))
        .map(|record| {
            let updated =
                record["updated_at"].as_str().and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok());
            let updated_ms = updated.map_or(0, |at| at.timestamp_millis());
            Row {
                at_ms: updated_ms,
                id: record["id"].as_str().unwrap_or_default().to_owned(),
                updated_ms,
                record: record.clone(),
            }
        })
        .collect()
}
