//! What the store sells and how much of it is there, page by page.
//!
//! Products come by the time they changed, always with `:min` (without it the filter
//! means equality) and a whole time (a bare day would mean "from this hour of that
//! day"). Variants come along; pages are small, because a product may have hundreds.
//! Levels have no time: all of them are read on a slow timer.
//!
//! A row that is none, or holds no list where its variants or its levels should be, is
//! told by itself: what it should have brought would otherwise vanish without a word.
//! A page that comes again and again ends the scan, and is said aloud.

use super::BigCommerce;
use super::client::{Api, Call};
use super::json::At;
use super::times::{filter_time, parse_time};
use super::translate::Shop;
use super::verdicts::CallError;
use crate::{Ask, Priority, ReadError};
use quayside_model::time::{MINUTE_MS, SECOND_MS};
use quayside_model::{Cause, Incoming, Page, Product, Record, RecordKind, Stock, Unreadable};
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
/// Times a repeated page is asked for again before it ends the scan.
const REPEATS_MAX: u8 = 3;
/// How the name of trouble with a product as a whole begins; its variants have names of their own.
const WHOLE_PRODUCT: &str = "product:";
/// The same for an item and its levels.
const WHOLE_ITEM: &str = "item:";

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// Latest change read, ms UTC.
    watermark_ms: Option<i64>,
}

/// A scan under way. Lives in memory only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Scan {
    since_ms: i64,
    page: usize,
    /// Latest change of the scan, ms UTC.
    latest_ms: i64,
    /// Some page was not in the order asked for: pages are counted, and nothing counts as read before the end.
    unsorted: bool,
    /// Rows of the last page, to notice a repetition.
    last: Vec<(String, i64)>,
    repeats: u8,
}

/// A list's rows, taken apart.
#[derive(Default)]
struct Read {
    records: Vec<Incoming>,
    unreadable: Vec<Unreadable>,
    mended: Vec<String>,
}

impl BigCommerce {
    /// One page of products: a record per variant.
    pub(super) async fn read_products(&self, ask: &Ask<'_>) -> Result<Page, ReadError> {
        let mut cursor: Cursor = parse(ask.cursor);
        let shop = self.shop(ask.priority).await?;
        let mut scan: Scan = ask.next.map_or_else(
            || Scan {
                since_ms: cursor.watermark_ms.map_or(0, |at_ms| at_ms - OVERLAP_MS).max(0),
                page: 1,
                ..Scan::default()
            },
            |next| parse(Some(next)),
        );
        let call = Call::get(Api::V3, "/catalog/products", ask.priority)
            .with("date_modified:min", filter_time(scan.since_ms))
            .with("sort", "date_modified")
            .with("direction", "asc")
            .with("include", "variants")
            .with("limit", PRODUCTS_ROWS)
            .with("page", scan.page);
        let what = "list products";
        let reply = self.client.send(call, what).await?;
        let rows = self.rows_of(reply.data_rows(), what)?;
        let names: Vec<(String, i64)> =
            rows.iter().map(|row| (At::root(row, "product").get("id").text(), changed_ms(row))).collect();
        let full = rows.len() >= PRODUCTS_ROWS;
        if self.is_repeated(&mut scan, &names, full, what)? {
            return Ok(page(&cursor, Some(&scan), Read::default()));
        }
        let mut read = Read::default();
        for row in rows {
            variants(row, &shop, &mut read);
        }
        scan.unsorted |= !names.is_sorted_by_key(|(_, at_ms)| *at_ms);
        scan.latest_ms = names.iter().map(|(_, at_ms)| *at_ms).max().unwrap_or(0).max(scan.latest_ms);
        if !scan.unsorted || !full {
            cursor.watermark_ms = cursor.watermark_ms.max(Some(scan.latest_ms).filter(|at_ms| *at_ms > 0));
        }
        let anchor_ms = scan.latest_ms - SECOND_MS;
        // Rows move while they are paged by the time they changed: begin again at the last one.
        scan = if anchor_ms > scan.since_ms && !scan.unsorted {
            Scan { since_ms: anchor_ms, page: 1, last: Vec::new(), ..scan }
        } else {
            Scan { page: scan.page + 1, last: names, ..scan }
        };
        Ok(page(&cursor, full.then_some(&scan), read))
    }

    /// One page of levels.
    pub(super) async fn read_stock(&self, ask: &Ask<'_>) -> Result<Page, ReadError> {
        let mut scan: Scan = ask.next.map_or_else(|| Scan { page: 1, ..Scan::default() }, |next| parse(Some(next)));
        let call =
            Call::get(Api::V3, "/inventory/items", ask.priority).with("limit", STOCK_ROWS).with("page", scan.page);
        let what = "read the stock";
        let reply = self.client.send(call, what).await?;
        let rows = self.rows_of(reply.data_rows(), what)?;
        let identity = |row: &Value| At::root(row, "item").get("identity").get("variant_id").text();
        let names: Vec<(String, i64)> = rows.iter().map(|row| (identity(row), 0)).collect();
        let full = rows.len() >= STOCK_ROWS;
        if self.is_repeated(&mut scan, &names, full, what)? {
            return Ok(page(&Cursor::default(), Some(&scan), Read::default()));
        }
        let mut read = Read::default();
        for row in rows {
            levels(row, &mut read);
        }
        scan = Scan { page: scan.page + 1, last: names, ..scan };
        Ok(page(&Cursor::default(), full.then_some(&scan), read))
    }

    /// A full page is the one before again. A few times it is asked for anew; then the scan ends, and is said aloud:
    /// a store that does not count pages would be read for ever.
    fn is_repeated(&self, scan: &mut Scan, names: &[(String, i64)], full: bool, what: &str) -> Result<bool, CallError> {
        if !full || names != scan.last {
            scan.repeats = 0;
            return Ok(false);
        }
        scan.repeats += 1;
        if scan.repeats <= REPEATS_MAX {
            return Ok(true);
        }
        let sentence = format!(
            "Could not {what}. The store sends the same page again and again; the scan was ended, and begins anew later."
        );
        Err(CallError::NotExecuted(self.refusal(Cause::PlatformTrouble, &sentence)))
    }

    /// One variant or one level now, by its id.
    pub(super) async fn read_goods(
        &self,
        kind: RecordKind,
        id: &str,
        priority: Priority,
    ) -> Result<Option<Incoming>, ReadError> {
        // Of a whole product or item there is no single record: its variants or levels come with their list.
        if id.starts_with(WHOLE_PRODUCT) {
            let sentence = "The product could not be read as a whole, so all its variants are missing. Save it once more in BigCommerce: changed products are listed again, and the exception ends when it can be read.";
            return Err(ReadError::Refused(self.refusal(Cause::Unreadable, sentence).about(id)));
        }
        if id.starts_with(WHOLE_ITEM) {
            let sentence = "The levels of the item come with the list of all levels, every few hours. The exception ends when they can be read.";
            return Err(ReadError::Refused(self.refusal(Cause::Unreadable, sentence).about(id)));
        }
        let read = match kind {
            RecordKind::Product => self.one_variant(id, priority).await?,
            _ => self.one_level(id, priority).await?,
        };
        let Some(read) = read else { return Ok(None) };
        if let Some(incoming) = read.records.into_iter().find(|incoming| incoming.record.remote_id() == id) {
            return Ok(Some(incoming));
        }
        let Some(odd) = read.unreadable.into_iter().next() else { return Ok(None) };
        let number = odd.number.unwrap_or_else(|| id.to_owned());
        let sentence = format!("{number} could not be read: {}.", odd.why);
        Err(ReadError::Refused(self.refusal(Cause::Unreadable, &sentence).about(id)))
    }

    async fn one_variant(&self, id: &str, priority: Priority) -> Result<Option<Read>, CallError> {
        if id.parse::<i64>().is_err() {
            return Ok(None);
        }
        let shop = self.shop(priority).await?;
        let what = "look at a variant";
        let call = Call::get(Api::V3, "/catalog/variants", priority).with("id", id);
        let reply = self.client.send(call, what).await?;
        let found =
            self.rows_of(reply.data_rows(), what)?.iter().find(|row| At::root(row, "variant").get("id").text() == id);
        let Some(variant) = found else { return Ok(None) };
        let product_id = At::root(variant, "variant").get("product_id").text();
        let call = Call::get(Api::V3, "/catalog/products", priority).with("id", &product_id);
        let reply = self.client.send(call, what).await?;
        let rows = self.rows_of(reply.data_rows(), what)?;
        let Some(product) = rows.iter().find(|row| At::root(row, "product").get("id").text() == product_id) else {
            return Ok(None);
        };
        let mut whole = product.clone();
        whole["variants"] = json!([variant]);
        let mut read = Read::default();
        variants(&whole, &shop, &mut read);
        Ok(Some(read))
    }

    async fn one_level(&self, id: &str, priority: Priority) -> Result<Option<Read>, CallError> {
        let Some((variant, location)) = id.split_once(':') else { return Ok(None) };
        let what = "look at the stock";
        let call = Call::get(Api::V3, "/inventory/items", priority)
            .with("variant_id:in", variant)
            .with("location_id:in", location);
        let reply = self.client.send(call, what).await?;
        let mut read = Read::default();
        for row in self.rows_of(reply.data_rows(), what)? {
            levels(row, &mut read);
        }
        Ok(Some(read))
    }

    fn rows_of<'a>(&self, rows: Option<&'a [Value]>, what: &str) -> Result<&'a [Value], CallError> {
        rows.ok_or_else(|| {
            CallError::NotExecuted(
                self.refusal(Cause::PlatformTrouble, &format!("Could not {what}. The answer is no list.")),
            )
        })
    }
}

fn page(cursor: &Cursor, next: Option<&Scan>, read: Read) -> Page {
    Page {
        records: read.records,
        unreadable: read.unreadable,
        mended: read.mended,
        cursor: serde_json::to_value(cursor).unwrap_or_default(),
        next: next.and_then(|scan| serde_json::to_value(scan).ok()),
        total: None,
        findings: None,
        asked: true,
    }
}

fn changed_ms(row: &Value) -> i64 {
    row.get("date_modified").and_then(Value::as_str).and_then(parse_time).unwrap_or(0)
}

/// The name of a row as a whole; one without an id has its text only, and the same text gives the same name.
fn whole_name(prefix: &str, id: &str, row: &Value) -> String {
    if id.is_empty() {
        return uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, row.to_string().as_bytes()).to_string();
    }
    format!("{prefix}{id}")
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// A product's variants.
fn variants(row: &Value, shop: &Shop, read: &mut Read) {
    let at = At::root(row, "product");
    let whole = whole_name(WHOLE_PRODUCT, &at.get("id").text(), row);
    // Every product has at least the variant that stands for itself.
    let entries = match at.get("variants").list() {
        Ok(entries) if !entries.is_empty() => entries,
        Ok(_) => {
            return read.odd(whole, some(at.get("name").text()), "product.variants: missing".into(), row.to_string());
        }
        Err(why) => return read.odd(whole, some(at.get("name").text()), why, row.to_string()),
    };
    let mut product = row.clone();
    if let Some(object) = product.as_object_mut() {
        object.remove("variants");
    }
    let mut fine = true;
    for variant in entries {
        let raw = json!({ "product": product, "variant": variant.value() }).to_string();
        match one(&at, &variant, shop) {
            Ok(product) => read.records.push(Incoming { record: Record::Product(product), raw }),
            Err(why) => {
                let id = some(variant.get("id").text());
                fine &= id.is_some();
                read.odd(id.unwrap_or_else(|| whole.clone()), some(variant.get("sku").text()), why, raw);
            }
        }
    }
    if fine {
        read.mended.push(whole);
    }
}

impl Read {
    fn odd(&mut self, remote_id: String, number: Option<String>, why: String, raw: String) {
        self.unreadable.push(Unreadable { remote_id, number, why, raw });
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
fn levels(row: &Value, read: &mut Read) {
    let at = At::root(row, "item");
    let identity = at.get("identity");
    let (item, sku) = (identity.get("variant_id").text(), some(identity.get("sku").text()));
    let whole = whole_name(WHOLE_ITEM, &item, row);
    if !at.get("locations").value().is_array() {
        return read.odd(whole, sku, "item.locations: no list".into(), row.to_string());
    }
    let mut fine = true;
    for place in at.get("locations").entries() {
        let level = || -> Result<Stock, String> {
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
        match level() {
            Ok(stock) => read.records.push(Incoming { record: Record::Stock(stock), raw }),
            Err(why) => {
                let location = place.get("location_id").text();
                let named = !item.is_empty() && !location.is_empty();
                fine &= named;
                read.odd(if named { format!("{item}:{location}") } else { whole.clone() }, sku.clone(), why, raw);
            }
        }
    }
    if fine {
        read.mended.push(whole);
    }
}

fn parse<T: serde::de::DeserializeOwned + Default>(value: Option<&Value>) -> T {
    value.and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default()
}
