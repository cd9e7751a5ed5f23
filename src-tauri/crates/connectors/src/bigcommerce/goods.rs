//! What the store sells and how much of it is there, page by page.
//!
//! Products come by the time they changed, always with `:min` (without it the filter
//! means equality) and a whole time (a bare day would mean "from this hour of that
//! day"). Variants come along; pages are small, because a product may have hundreds.
//! Levels have no time: all of them are read on a slow timer.

use super::BigCommerce;
use super::client::{Api, Call};
use super::json::At;
use super::times::{filter_time, parse_time};
use super::translate::Shop;
use super::verdicts::CallError;
use crate::{Ask, ReadError};
use quayside_model::time::{MINUTE_MS, SECOND_MS};
use quayside_model::{Cause, Incoming, Page, Product, Record, Stock, Unreadable};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Products.
pub const PRODUCTS: &str = "products";
/// Levels.
pub const STOCK: &str = "stock";

/// Products per page, with all their variants.
const PRODUCTS_ROWS: usize = 50;
/// Items per page of levels.
const STOCK_ROWS: usize = 250;
/// How far before the latest change a scan starts.
const OVERLAP_MS: i64 = 5 * MINUTE_MS;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// Latest change read, ms UTC.
    watermark_ms: Option<i64>,
}

/// A scan under way. Lives in memory only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Scan {
    since_ms: i64,
    page: usize,
}

impl BigCommerce {
    /// One page of products: a record per variant.
    pub(super) async fn read_products(&self, ask: &Ask<'_>) -> Result<Page, ReadError> {
        let mut cursor: Cursor = parse(ask.cursor);
        let shop = self.shop(ask.priority).await?;
        let mut scan = ask.next.map_or_else(
            || Scan { since_ms: cursor.watermark_ms.map_or(0, |at_ms| at_ms - OVERLAP_MS).max(0), page: 1 },
            |next| parse(Some(next)),
        );
        let call = Call::get(Api::V3, "/catalog/products", ask.priority)
            .with("date_modified:min", filter_time(scan.since_ms))
            .with("sort", "date_modified")
            .with("direction", "asc")
            .with("include", "variants")
            .with("limit", PRODUCTS_ROWS)
            .with("page", scan.page);
        let reply = self.client.send(call, "list products").await?;
        let rows = self.rows_of(reply.data_rows(), "list products")?;
        let (mut records, mut unreadable) = (Vec::new(), Vec::new());
        let mut last_ms = 0;
        for row in rows {
            last_ms = last_ms.max(row.get("date_modified").and_then(Value::as_str).and_then(parse_time).unwrap_or(0));
            variants(row, &shop, &mut records, &mut unreadable);
        }
        cursor.watermark_ms = cursor.watermark_ms.max(Some(last_ms).filter(|at_ms| *at_ms > 0));
        let full = rows.len() >= PRODUCTS_ROWS;
        let anchor_ms = last_ms - SECOND_MS;
        // Rows move while they are paged by the time they changed: begin again at the last one.
        scan = if anchor_ms > scan.since_ms {
            Scan { since_ms: anchor_ms, page: 1 }
        } else {
            Scan { page: scan.page + 1, ..scan }
        };
        let next = full.then(|| serde_json::to_value(&scan).ok()).flatten();
        let cursor = serde_json::to_value(&cursor).unwrap_or_default();
        Ok(Page { records, unreadable, cursor, next, total: None, findings: None })
    }

    /// One page of levels.
    pub(super) async fn read_stock(&self, ask: &Ask<'_>) -> Result<Page, ReadError> {
        let scan: Scan = ask.next.map_or(Scan { since_ms: 0, page: 1 }, |next| parse(Some(next)));
        let call =
            Call::get(Api::V3, "/inventory/items", ask.priority).with("limit", STOCK_ROWS).with("page", scan.page);
        let reply = self.client.send(call, "read the stock").await?;
        let rows = self.rows_of(reply.data_rows(), "read the stock")?;
        let (mut records, mut unreadable) = (Vec::new(), Vec::new());
        for row in rows {
            levels(row, &mut records, &mut unreadable);
        }
        let full = rows.len() >= STOCK_ROWS;
        let next = full.then(|| serde_json::to_value(Scan { page: scan.page + 1, ..scan }).ok()).flatten();
        Ok(Page { records, unreadable, cursor: json!({}), next, total: None, findings: None })
    }

    fn rows_of<'a>(&self, rows: Option<&'a [Value]>, what: &str) -> Result<&'a [Value], CallError> {
        rows.ok_or_else(|| {
            CallError::NotExecuted(
                self.refusal(Cause::PlatformTrouble, &format!("Could not {what}. The answer is no list.")),
            )
        })
    }
}

/// A product's variants.
fn variants(row: &Value, shop: &Shop, records: &mut Vec<Incoming>, unreadable: &mut Vec<Unreadable>) {
    let at = At::root(row, "product");
    let mut product = row.clone();
    if let Some(object) = product.as_object_mut() {
        object.remove("variants");
    }
    for variant in at.get("variants").entries() {
        let raw = json!({ "product": product, "variant": variant.value() }).to_string();
        match one(&at, &variant, shop) {
            Ok(product) => records.push(Incoming { record: Record::Product(product), raw }),
            Err(why) => {
                let remote_id = [variant.get("id").text(), at.get("id").text()].into_iter().find(|id| !id.is_empty());
                unreadable.push(Unreadable {
                    remote_id: remote_id.unwrap_or_else(|| "product".into()),
                    number: Some(variant.get("sku").text()).filter(|sku| !sku.is_empty()),
                    why,
                    raw,
                });
            }
        }
    }
}

fn one(product: &At<'_>, variant: &At<'_>, shop: &Shop) -> Result<Product, String> {
    let first = |names: [&str; 2]| names.into_iter().map(|name| variant.get(name).text()).find(|text| !text.is_empty());
    let labels: Vec<String> =
        variant.get("option_values").entries().iter().map(|value| value.get("label").text()).collect();
    // A variant without a weight or a price of its own has the product's.
    let weight = [variant.get("weight"), variant.get("calculated_weight"), product.get("weight")];
    let weight = weight.iter().find_map(|weight| weight.real().filter(|weight| *weight > 0.0));
    let price = [variant.get("price"), variant.get("calculated_price"), product.get("price")];
    let price = price.into_iter().find(|price| price.real().is_some_and(|price| price > 0.0));
    let price_minor = match (&shop.currency, price) {
        (Some(currency), Some(price)) => price.money(currency)?,
        _ => None,
    };
    Ok(Product {
        remote_id: variant.get("id").demand_text()?,
        item_id: None,
        sku: variant.get("sku").text(),
        listing_code: None,
        name: product.get("name").text(),
        variant: labels.join(" / "),
        barcode: first(["upc", "gtin"]),
        weight_g: weight
            .zip(shop.grams_per_unit)
            .map(|(weight, grams)| weight * grams)
            .filter(|grams| grams.is_finite()),
        price_minor,
        currency: shop.currency.clone(),
        active: product.get("is_visible").flag() && !variant.get("purchasing_disabled").flag(),
        updated_at_ms: product.get("date_modified").demand_time()?,
    })
}

/// An item's levels, one per location.
fn levels(row: &Value, records: &mut Vec<Incoming>, unreadable: &mut Vec<Unreadable>) {
    let at = At::root(row, "item");
    let identity = at.get("identity");
    for place in at.get("locations").entries() {
        let read = || -> Result<Stock, String> {
            let (item, location) = (identity.get("variant_id").demand_text()?, place.get("location_id").demand_text()?);
            Ok(Stock {
                remote_id: format!("{item}:{location}"),
                sku: identity.get("sku").text(),
                item_id: item,
                location_name: place.get("location_name").text(),
                location_id: Some(location),
                available: place.get("available_to_sell").demand_whole()?,
                on_hand: place.get("total_inventory_onhand").whole()?,
                // The platform does not say when; a time of ours would make every reading look new.
                updated_at_ms: 0,
            })
        };
        let raw = json!({ "identity": identity.value(), "location": place.value() }).to_string();
        match read() {
            Ok(stock) => records.push(Incoming { record: Record::Stock(stock), raw }),
            Err(why) => unreadable.push(Unreadable {
                remote_id: format!("{}:{}", identity.get("variant_id").text(), place.get("location_id").text()),
                number: Some(identity.get("sku").text()).filter(|sku| !sku.is_empty()),
                why,
                raw,
            }),
        }
    }
}

fn parse<T: serde::de::DeserializeOwned + Default>(value: Option<&Value>) -> T {
    value.and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default()
}
