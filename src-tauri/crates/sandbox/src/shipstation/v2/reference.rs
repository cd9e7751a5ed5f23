//! The small lists: carriers, tags, people, warehouses, products.

use super::{Answered, Desk, Wrong, id_in_path, not_found, page_body, paging, render, se};
use crate::shipstation::carriers::{CARRIERS, Carrier, Service, carrier_by_id};
use crate::shipstation::pacific::iso;
use crate::shipstation::state::query::page;
use crate::shipstation::state::{Product, Tag, Warehouse};
use crate::shipstation::wire::{Answer, Call, text_or_null};
use serde_json::{Value, json};

fn service_rows(carrier: &Carrier) -> Vec<Value> {
    let row = |service: &Service| {
        json!({
            "carrier_id": se(carrier.provider_id), "carrier_code": carrier.code, "service_code": service.code,
            "name": service.name, "domestic": service.domestic, "international": service.international,
            "is_multi_package_supported": false,
        })
    };
    carrier.services.iter().map(row).collect()
}

fn package_rows(carrier: &Carrier) -> Vec<Value> {
    let all = std::iter::once(&("package", "Package")).chain(carrier.packages);
    all.map(|(code, name)| json!({ "package_code": code, "name": name, "description": Value::Null })).collect()
}

fn carrier_row(carrier: &Carrier) -> Value {
    json!({
        "carrier_id": se(carrier.provider_id),
        "carrier_code": carrier.code,
        "account_number": carrier.account_number,
        "connection_status": "approved",
        "requires_funded_amount": carrier.funded,
        "balance": if carrier.funded { 412.5 } else { 0.0 },
        "nickname": carrier.name,
        "friendly_name": carrier.name,
        "funding_source_id": Value::Null,
        "primary": carrier.primary,
        "has_multi_package_supporting_services": false,
        "supports_label_messages": true,
        "disabled_by_billing_plan": false,
        "services": service_rows(carrier),
        "packages": package_rows(carrier),
        "options": [],
        "send_rates": true,
        "supports_user_managed_rates": false,
    })
}

fn carrier_in_path(id: &str) -> Result<&'static Carrier, super::Refusal> {
    carrier_by_id(id_in_path(id)?).ok_or_else(|| not_found("carrier"))
}

/// `GET /v2/carriers`
pub fn carriers(desk: &mut Desk<'_, '_>) -> Answer {
    let rows: Vec<Value> = CARRIERS.iter().map(carrier_row).collect();
    Answer::ok(json!({ "carriers": rows, "request_id": desk.state.guid(), "errors": [] }))
}

/// `GET /v2/carriers/{carrier_id}`
pub fn carrier(id: &str) -> Answered {
    Ok(Answer::ok(carrier_row(carrier_in_path(id)?)))
}

/// `GET /v2/carriers/{carrier_id}/services`
pub fn services(id: &str) -> Answered {
    Ok(Answer::ok(json!({ "services": service_rows(carrier_in_path(id)?) })))
}

/// `GET /v2/carriers/{carrier_id}/packages`
pub fn packages(id: &str) -> Answered {
    Ok(Answer::ok(json!({ "packages": package_rows(carrier_in_path(id)?) })))
}

/// `GET /v2/tags`
pub fn tags(desk: &Desk<'_, '_>) -> Answer {
    let row = |tag: &Tag| json!({ "name": tag.name });
    Answer::ok(json!({ "tags": desk.state.tags.iter().map(row).collect::<Vec<_>>() }))
}

/// `POST /v2/tags/{tag_name}`: the only way to make a tag from outside.
pub fn create_tag(desk: &mut Desk<'_, '_>, name: &str) -> Answered {
    if name.trim().is_empty() {
        return Err(Wrong::missing("tag_name").into());
    }
    let tag = desk.state.tag_named(name.trim());
    Ok(Answer::ok(json!({ "name": tag.name })))
}

/// `GET /v2/users`
pub fn users(desk: &Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let (number, size) = paging(call, 25, 100)?;
    let found = (0..desk.state.users.len() as i64).collect();
    let page = page(found, number, size, None, desk.now_ms(), |_| 0);
    let user = |index: &i64| desk.state.users.get(usize::try_from(*index).ok()?);
    let rows = page.rows.iter().filter_map(user).map(|user| {
        json!({
            "user_id": user.id, "name": user.name, "username": user.login,
            "email": format!("{}@harbour.example", user.login), "status": "active",
            "last_login_at": iso(desk.now_ms() - 3_600_000), "created_at": iso(1_700_000_000_000),
        })
    });
    Ok(page_body(desk, call, "users", rows.collect(), &page))
}

fn warehouse_row(place: &Warehouse) -> Value {
    json!({
        "warehouse_id": se(place.id),
        "is_default": place.is_default,
        "name": place.name,
        "created_at": iso(place.created_ms),
        "origin_address": render::address(&place.origin, ""),
        "return_address": render::address(place.returns.as_ref().unwrap_or(&place.origin), ""),
    })
}

/// `GET /v2/warehouses`
pub fn warehouses(desk: &Desk<'_, '_>) -> Answer {
    Answer::ok(json!({ "warehouses": desk.state.warehouses.iter().map(warehouse_row).collect::<Vec<_>>() }))
}

/// `GET /v2/warehouses/{warehouse_id}`
pub fn warehouse(desk: &Desk<'_, '_>, id: &str) -> Answered {
    let id = id_in_path(id)?;
    let place = desk.state.warehouses.iter().find(|place| place.id == id).ok_or_else(|| not_found("warehouse"))?;
    Ok(Answer::ok(warehouse_row(place)))
}

/// `GET /v2/products`
pub fn products(desk: &Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let (number, size) = paging(call, 100, 100)?;
    let name = |product: &Product| product.fields.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let found = desk.state.products.values().filter(|product| {
        call.param("sku").is_none_or(|sku| product.sku == sku)
            && call.param("active").is_none_or(|wanted| {
                let active = product.fields.get("active").and_then(Value::as_bool).unwrap_or(true);
                wanted == active.to_string()
            })
            && call.param("name").is_none_or(|part| name(product).to_lowercase().contains(&part.to_lowercase()))
    });
    let found = found.map(|product| product.id).collect();
    let page = page(found, number, size, None, desk.now_ms(), |_| 0);
    let rows = page.rows.iter().filter_map(|id| desk.state.products.get(id)).map(|product| {
        let field = |name: &str| product.fields.get(name).cloned().unwrap_or(Value::Null);
        json!({
            "product_id": product.id,
            "sku": product.sku,
            "name": name(product),
            "upc": field("upc"),
            "thumbnail_url": Value::Null,
            "price": { "currency": desk.state.plan.currency.to_lowercase(), "amount": field("price").as_f64().unwrap_or_default() },
            "weight": { "value": field("weightOz").as_f64().unwrap_or_default(), "unit": "ounce" },
            "internal_notes": field("internalNotes"),
            "fulfillment_sku": field("fulfillmentSku"),
            "create_date": iso(product.created_ms),
            "modify_date": iso(product.modified_ms),
            "active": field("active").as_bool().unwrap_or(true),
            "product_category": Value::Null,
            "warehouse_location": field("warehouseLocation"),
            "customs_description": text_or_null(field("customsDescription").as_str().unwrap_or_default()),
            "no_customs": false,
            "tags": [],
        })
    });
    Ok(page_body(desk, call, "products", rows.collect(), &page))
}
