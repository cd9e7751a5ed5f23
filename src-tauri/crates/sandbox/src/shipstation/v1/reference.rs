//! The small lists: tags, carriers, stores, people, warehouses, products, customers.
//!
//! Left out on purpose: changing stores and warehouses. Nothing of ours does.

use super::{Answered, Desk, id_in_path, invalid, not_found, number_param, object_body, paging, render, time_param};
use crate::shipstation::carriers::{self, Carrier};
use crate::shipstation::pacific::Wall;
use crate::shipstation::plan::StorePlan;
use crate::shipstation::state::query::page;
use crate::shipstation::state::{Tag, User, Warehouse};
use crate::shipstation::wire::{Answer, Call};
use serde_json::{Value, json};

/// `GET /accounts/listtags`
pub fn tags(desk: &Desk<'_, '_>) -> Answer {
    let row = |tag: &Tag| json!({ "tagId": tag.id, "name": tag.name, "color": tag.color });
    Answer::ok(desk.state.tags.iter().map(row).collect())
}

fn carrier_row(carrier: &Carrier) -> Value {
    json!({
        "name": carrier.name,
        "code": carrier.code,
        "accountNumber": carrier.account_number,
        "requiresFundedAccount": carrier.funded,
        "balance": if carrier.funded { 412.5 } else { 0.0 },
        "nickname": Value::Null,
        "shippingProviderId": carrier.provider_id,
        "primary": carrier.primary,
    })
}

fn carrier_param(call: &Call<'_>) -> Result<&'static Carrier, Answer> {
    let code = call.param("carrierCode").ok_or_else(|| invalid("carrierCode", "The carrierCode field is required."))?;
    carriers::carrier(code).ok_or_else(not_found)
}

/// `GET /carriers`
pub fn carriers() -> Answer {
    Answer::ok(carriers::CARRIERS.iter().map(carrier_row).collect())
}

/// `GET /carriers/getcarrier`
pub fn carrier(call: &Call<'_>) -> Answered {
    Ok(Answer::ok(carrier_row(carrier_param(call)?)))
}

/// `GET /carriers/listservices`
pub fn services(call: &Call<'_>) -> Answered {
    let carrier = carrier_param(call)?;
    let row = |service: &carriers::Service| {
        json!({
            "carrierCode": carrier.code, "code": service.code, "name": service.name,
            "domestic": service.domestic, "international": service.international,
        })
    };
    Ok(Answer::ok(carrier.services.iter().map(row).collect()))
}

/// `GET /carriers/listpackages`
pub fn packages(call: &Call<'_>) -> Answered {
    let carrier = carrier_param(call)?;
    let all = std::iter::once(&("package", "Package")).chain(carrier.packages);
    let row = |(code, name): &(&str, &str)| json!({ "carrierCode": carrier.code, "code": code, "name": name, "domestic": true, "international": true });
    Ok(Answer::ok(all.map(row).collect()))
}

fn store_row(desk: &Desk<'_, '_>, store: &StorePlan, alone: bool) -> Value {
    let refreshed = desk.state.refreshes.get(&store.id).copied();
    let mut row = json!({
        "storeId": store.id,
        "storeName": store.name,
        "marketplaceId": store.marketplace_id,
        "marketplaceName": store.marketplace_name,
        "accountName": Value::Null,
        "email": Value::Null,
        "integrationUrl": Value::Null,
        "active": desk.state.store_is_active(store.id),
        "companyName": "",
        "phone": "",
        "publicEmail": "",
        "website": "",
        // Looks like UTC at the platform too, while its neighbour is Pacific time.
        "refreshDate": refreshed.map(|at| Wall(at).long()),
        "lastRefreshAttempt": refreshed.map(|at| Wall::of(at).long()),
        "createDate": Wall::of(1_700_000_000_000).long(),
        "modifyDate": Wall::of(1_700_000_000_000).long(),
        "autoRefresh": !store.is_manual(),
    });
    if alone && let Value::Object(fields) = &mut row {
        let mappings = json!([
            { "orderStatus": "awaiting_payment", "statusKey": "Pending" },
            { "orderStatus": "awaiting_shipment", "statusKey": "Processing" },
            { "orderStatus": "shipped", "statusKey": "Complete" },
            { "orderStatus": "cancelled", "statusKey": "Cancelled" },
        ]);
        fields.insert("statusMappings".to_owned(), mappings);
    }
    row
}

/// `GET /stores`
pub fn stores(desk: &Desk<'_, '_>, call: &Call<'_>) -> Answer {
    let all = call.param("showInactive").is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
    let marketplace = call.param("marketplaceId").and_then(|id| id.parse::<i64>().ok());
    let rows = desk.state.plan.stores.iter().filter(|store| all || desk.state.store_is_active(store.id));
    let rows = rows.filter(|store| marketplace.is_none_or(|id| id == store.marketplace_id));
    Answer::ok(rows.map(|store| store_row(desk, store, false)).collect())
}

fn store_by_id<'a>(desk: &'a Desk<'_, '_>, id: i64) -> Result<&'a StorePlan, Answer> {
    desk.state.plan.stores.iter().find(|store| store.id == id).ok_or_else(not_found)
}

/// `GET /stores/{storeId}`
pub fn store(desk: &Desk<'_, '_>, id: &str) -> Answered {
    let store = store_by_id(desk, id_in_path(id)?)?;
    Ok(Answer::ok(store_row(desk, store, true)))
}

/// `GET /stores/marketplaces`
pub fn marketplaces(desk: &Desk<'_, '_>) -> Answer {
    let mut seen = std::collections::BTreeMap::new();
    for store in &desk.state.plan.stores {
        seen.insert(store.marketplace_id, store.marketplace_name.clone());
    }
    let row = |(id, name): (i64, String)| {
        json!({
            "name": name, "marketplaceId": id, "canRefresh": id != 0, "supportsCustomMappings": id != 0,
            "supportsCustomStatuses": false, "canConfirmShipments": id != 0,
        })
    };
    Answer::ok(seen.into_iter().map(row).collect())
}

/// `POST /stores/refreshstore`: no store means every store.
pub fn refresh(desk: &mut Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let wanted = number_param(call, "storeId")?;
    time_param(call, "refreshDate")?;
    if let Some(id) = wanted {
        store_by_id(desk, id)?;
    }
    let ids: Vec<i64> = desk.state.plan.stores.iter().map(|store| store.id).collect();
    let now_ms = desk.now_ms();
    for id in ids.into_iter().filter(|id| wanted.is_none_or(|wanted| wanted == *id)) {
        desk.state.refreshes.insert(id, now_ms);
    }
    let message = wanted.map_or_else(
        || "A store refresh has been initiated for all stores".to_owned(),
        |id| format!("A store refresh has been initiated for Store ID {id}"),
    );
    Ok(Answer::ok(json!({ "success": true, "message": message })))
}

/// `GET /stores/getrefreshstatus`
pub fn refresh_status(desk: &Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let id = number_param(call, "storeId")?.ok_or_else(|| invalid("storeId", "The storeId field is required."))?;
    store_by_id(desk, id)?;
    let at = desk.state.refreshes.get(&id).map(|at| Wall::of(*at).us_day());
    Ok(Answer::ok(json!({
        "storeId": id, "refreshStatusId": 2, "refreshStatus": "Updating orders", "lastRefreshAttempt": at, "refreshDate": at,
    })))
}

/// `POST /stores/deactivate`, `POST /stores/reactivate`: says `"true"` as text.
pub fn switch_store(desk: &mut Desk<'_, '_>, call: &Call<'_>, on: bool) -> Answered {
    let fields = object_body(call)?;
    let id = fields.get("storeId").and_then(|id| id.as_i64().or_else(|| id.as_str()?.parse().ok()));
    let id = id.ok_or_else(|| invalid("storeId", "The storeId field is required."))?;
    store_by_id(desk, id)?;
    desk.state.store_active.insert(id, on);
    let what = if on { "reactivated" } else { "deactivated" };
    Ok(Answer::ok(json!({ "success": "true", "message": format!("The requested store has been {what}.") })))
}

/// `GET /users`
pub fn users(desk: &Desk<'_, '_>) -> Answer {
    let row = |user: &User| json!({ "userId": user.id, "userName": user.login, "name": user.name });
    Answer::ok(desk.state.users.iter().map(row).collect())
}

fn warehouse_row(place: &Warehouse) -> Value {
    json!({
        "warehouseId": place.id,
        "warehouseName": place.name,
        "originAddress": render::address(&place.origin, false),
        "returnAddress": place.returns.as_ref().map(|address| render::address(address, false)),
        "createDate": Wall::of(place.created_ms).long(),
        "isDefault": place.is_default,
    })
}

/// `GET /warehouses`
pub fn warehouses(desk: &Desk<'_, '_>) -> Answer {
    Answer::ok(desk.state.warehouses.iter().map(warehouse_row).collect())
}

/// `GET /warehouses/{warehouseId}`
pub fn warehouse(desk: &Desk<'_, '_>, id: &str) -> Answered {
    let id = id_in_path(id)?;
    let place = desk.state.warehouses.iter().find(|place| place.id == id).ok_or_else(not_found)?;
    Ok(Answer::ok(warehouse_row(place)))
}

/// `GET /products`
pub fn products(desk: &Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let (number, size) = paging(call)?;
    let name = call.param("name").map(str::to_lowercase);
    let named = |product: &crate::shipstation::state::Product, wanted: &str| {
        product.fields.get("name").and_then(Value::as_str).is_some_and(|text| text.to_lowercase().contains(wanted))
    };
    // Those that are switched off are only listed for those who ask.
    let all = call.param("showInactive") == Some("true");
    let found = desk.state.products.values().filter(|product| {
        let active = product.fields.get("active").and_then(Value::as_bool).unwrap_or(true);
        (all || active)
            && call.param("sku").is_none_or(|sku| product.sku == sku)
            && name.as_ref().is_none_or(|name| named(product, name))
    });
    let found = found.map(|product| product.id).collect();
    let page = page(found, number, size, None, desk.now_ms(), |_| 0);
    let rows: Vec<Value> = page.rows.iter().filter_map(|id| desk.state.products.get(id)).map(render::product).collect();
    Ok(Answer::ok(json!({ "products": rows, "total": page.total, "page": page.page, "pages": page.pages })))
}

/// `GET /products/{productId}`
pub fn product(desk: &Desk<'_, '_>, id: &str) -> Answered {
    let product = desk.state.products.get(&id_in_path(id)?).ok_or_else(not_found)?;
    Ok(Answer::ok(render::product(product)))
}

/// `PUT /products/{productId}`: the whole resource; what is left out is gone.
pub fn put_product(desk: &mut Desk<'_, '_>, id: &str, call: &Call<'_>) -> Answered {
    let id = id_in_path(id)?;
    let mut fields = object_body(call)?;
    if fields.get("productId").and_then(Value::as_i64) != Some(id) {
        return Err(invalid("productId", "The productId field is required and must be that of the address."));
    }
    let now_ms = desk.now_ms();
    let product = desk.state.products.get_mut(&id).ok_or_else(not_found)?;
    for fixed in ["productId", "sku", "createDate", "modifyDate"] {
        fields.remove(fixed);
    }
    product.fields = fields;
    product.modified_ms = now_ms;
    Ok(Answer::ok(json!({ "success": true, "message": "The requested product has been updated" })))
}

/// `GET /customers`
pub fn customers(desk: &Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let (number, size) = paging(call)?;
    let is = |param: &str, value: &str| call.param(param).is_none_or(|wanted| wanted.eq_ignore_ascii_case(value));
    let found =
        desk.state.customers.values().filter(|customer| {
            is("countryCode", &customer.address.country) && is("stateCode", &customer.address.state)
        });
    let found = found.map(|customer| customer.id).collect();
    let page = page(found, number, size, None, desk.now_ms(), |_| 0);
    let rows: Vec<Value> =
        page.rows.iter().filter_map(|id| desk.state.customers.get(id)).map(render::customer).collect();
    Ok(Answer::ok(json!({ "customers": rows, "total": page.total, "page": page.page, "pages": page.pages })))
}

/// `GET /customers/{customerId}`
pub fn customer(desk: &Desk<'_, '_>, id: &str) -> Answered {
    let customer = desk.state.customers.get(&id_in_path(id)?).ok_or_else(not_found)?;
    Ok(Answer::ok(render::customer(customer)))
}
