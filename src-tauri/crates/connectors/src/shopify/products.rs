//! Products: every variant the store sells, as it is called, weighed and priced.
//!
//! All of them are listed, each time. A product's time moves whenever its stock does, so a list by time would bring most of
//! them again with every order, and the time itself is not kept: a variant counts as changed when it says something else.
//! A scan that came to the list's own end says how long it was, so that what it did not name can be told to be gone.

use super::Shopify;
use super::client::Errand;
use super::documents::Document;
use super::stock::{next_page, text};
use super::streams::parse;
use super::verdicts::CallError;
use crate::{Ask, ReadError};
use quayside_model::{Cause, Currency, Incoming, Money, Page, Product, Record, Unreadable};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// Variants.
pub const PRODUCTS: &str = "products";

/// Variants of the first call; measured prices take over.
const ROWS_FIRST: usize = 100;
/// Variants of one call at most.
const ROWS_MAX: usize = 250;
/// Shopify ends lists at 25,000 rows: from here on a list is not taken for whole.
const ROWS_WHOLE: u64 = 20_000;
/// Times a repeated page is asked for again before it ends the scan.
const REPEATS_MAX: u8 = 3;

/// A scan under way. Lives in memory only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Scan {
    after: Option<String>,
    /// Rows of the last page, to notice a repetition.
    last: Vec<String>,
    repeats: u8,
    /// Rows so far.
    rows: u64,
}

impl Shopify {
    /// One page of variants.
    pub(super) async fn read_products(&self, ask: &Ask<'_>) -> Result<Page, ReadError> {
        if self.lacks_scope("read_products") {
            return Ok(page(None, Vec::new(), Vec::new()).unasked());
        }
        match self.variants(parse(ask.next), &mut Errand::new(ask.priority)).await {
            Ok(page) => Ok(page),
            // Taken away since the connection was tested: the next test says so, and nothing else stops.
            // It is no list that came to its end, either.
            Err(CallError::Refused(refusal)) if refusal.cause == Cause::ScopeMissing => {
                Ok(page(None, Vec::new(), Vec::new()))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn variants(&self, mut scan: Scan, errand: &mut Errand) -> Result<Page, CallError> {
        let data = loop {
            let n = self.client.size(Document::Variants, ROWS_FIRST, ROWS_MAX);
            let variables = json!({ "n": n, "after": scan.after });
            match self.client.call(Document::Variants, variables, n, errand, "read the products").await {
                Err(CallError::TooCostly(_)) if n > 1 => {}
                other => break other?,
            }
        };
        if !data.denied.is_empty() {
            let refusal =
                self.refusal(Cause::ScopeMissing, "Could not read the products. The app may not look at them.");
            return Err(CallError::Refused(refusal.request(data.request_id)));
        }
        let currency = text(&data.data, "/shop/currencyCode");
        let list = data.data.get("productVariants");
        let nodes = list.and_then(|list| list.get("nodes")).and_then(Value::as_array).into_iter().flatten();
        let nodes: Vec<&Value> = nodes.filter(|node| !node.is_null()).collect();
        let names: Vec<String> = nodes.iter().map(|node| text(node, "/id").unwrap_or_default()).collect();
        if !names.is_empty() && names == scan.last {
            scan.repeats += 1;
            if scan.repeats > REPEATS_MAX {
                let sentence = "Could not read the products. The store sends the same page again and again; the scan was ended, and begins anew later.";
                return Err(CallError::NotExecuted(self.refusal(Cause::PlatformTrouble, sentence)));
            }
            return Ok(page(Some(&scan), Vec::new(), Vec::new()));
        }
        let (mut records, mut unreadable) = (Vec::new(), Vec::new());
        for node in nodes {
            match incoming(node, currency.as_deref()) {
                Ok(incoming) => records.push(incoming),
                Err(odd) => unreadable.push(odd),
            }
        }
        // One that is shown empty counts, too: the records are then fewer, and nothing is said to be gone.
        let shown = list.and_then(|list| list.get("nodes")).and_then(Value::as_array).map_or(0, Vec::len);
        let rows = scan.rows + shown as u64;
        let ended = list.and_then(|list| list.pointer("/pageInfo/hasNextPage")) == Some(&json!(false));
        let scan = next_page(list).map(|after| Scan { after: Some(after), last: names, repeats: 0, rows });
        let total = (ended && rows < ROWS_WHOLE).then_some(rows);
        Ok(Page { total, ..page(scan.as_ref(), records, unreadable) })
    }
}

fn page(scan: Option<&Scan>, records: Vec<Incoming>, unreadable: Vec<Unreadable>) -> Page {
    Page {
        records,
        unreadable,
        mended: vec![],
        // Nothing is remembered between two scans: each reads everything.
        cursor: json!({}),
        next: scan.and_then(|scan| serde_json::to_value(scan).ok()),
        total: None,
        findings: None,
        asked: true,
    }
}

fn incoming(node: &Value, currency: Option<&str>) -> Result<Incoming, Unreadable> {
    let raw = node.to_string();
    match product(node, currency) {
        Ok(product) => Ok(Incoming { record: Record::Product(product), raw }),
        Err(why) => {
            let hash = || Uuid::new_v5(&Uuid::NAMESPACE_OID, raw.as_bytes()).to_string();
            let remote_id = text(node, "/id").unwrap_or_else(hash);
            Err(Unreadable { remote_id, number: text(node, "/sku"), why: why.to_owned(), raw })
        }
    }
}

fn product(node: &Value, currency: Option<&str>) -> Result<Product, &'static str> {
    let given = |at: &str| text(node, at).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    // A product of one variant calls it so, and nobody else does.
    let single = node.pointer("/product/hasOnlyDefaultVariant") == Some(&json!(true));
    let variant = given("/title").filter(|title| !single && title != "Default Title");
    let currency = currency.map(Currency::new);
    let price = given("/price").zip(currency).and_then(|(text, currency)| Money::parse(&text, &currency).ok());
    Ok(Product {
        remote_id: given("/id").ok_or("id: not a text")?,
        item_id: given("/inventoryItem/id"),
        sku: given("/sku").unwrap_or_default(),
        listing_code: None,
        name: given("/product/title").ok_or("product.title: not a text")?,
        variant: variant.unwrap_or_default(),
        barcode: given("/barcode"),
        weight_g: weight_g(node),
        price_minor: price.as_ref().map(|price| price.minor),
        currency: price.map(|price| price.currency),
        active: given("/product/status").is_none_or(|status| status == "ACTIVE"),
        // It moves with every sale.
        updated_at_ms: 0,
    })
}

/// Grams of one unit. An unknown unit is no weight: a wrong one is worse than none.
fn weight_g(node: &Value) -> Option<f64> {
    let weight = node.pointer("/inventoryItem/measurement/weight")?;
    let value = weight.get("value")?.as_f64()?;
    let factor = match weight.get("unit")?.as_str()? {
        "GRAMS" => 1.0,
        "KILOGRAMS" => 1_000.0,
        "OUNCES" => 28.349_523_125,
        "POUNDS" => 453.592_37,
        _ => return None,
    };
    Some(value * factor).filter(|grams| *grams > 0.0 && grams.is_finite())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn node() -> Value {
        json!({
            "id": "gid://shopify/ProductVariant/7", "title": "Blue", "sku": " MUG-BLUE ", "barcode": "0123", "price": "18.50",
            "product": { "id": "gid://shopify/Product/1", "title": "Mug", "status": "ACTIVE", "hasOnlyDefaultVariant": false },
            "inventoryItem": { "id": "gid://shopify/InventoryItem/9", "measurement": { "weight": { "value": 0.35, "unit": "KILOGRAMS" } } },
        })
    }

    fn read(change: impl FnOnce(&mut Value)) -> Result<Product, &'static str> {
        let mut node = node();
        change(&mut node);
        product(&node, Some("EUR"))
    }

    #[test]
    fn a_variant_is_a_product() {
        let mug = read(|_| ()).unwrap();
        assert_eq!((mug.sku.as_str(), mug.full_name().as_str()), ("MUG-BLUE", "Mug · Blue"));
        assert_eq!((mug.barcode.as_deref(), mug.weight_g, mug.price_minor), (Some("0123"), Some(350.0), Some(1_850)));
        assert_eq!(mug.item_id.as_deref(), Some("gid://shopify/InventoryItem/9"));
        assert!(mug.active);
    }

    #[test]
    fn what_is_not_said_is_not_known() {
        type Change = fn(&mut Value);
        type Look = fn(&Product) -> bool;
        let table: [(Change, Look); 6] = [
            (|n| n["sku"] = Value::Null, |p| p.sku.is_empty()),
            (|n| n["barcode"] = json!(" "), |p| p.barcode.is_none()),
            (|n| n["inventoryItem"]["measurement"]["weight"]["unit"] = json!("STONES"), |p| p.weight_g.is_none()),
            (|n| n["inventoryItem"]["measurement"]["weight"]["value"] = json!(0), |p| p.weight_g.is_none()),
            (|n| n["product"]["hasOnlyDefaultVariant"] = json!(true), |p| p.full_name() == "Mug"),
            (|n| n["product"]["status"] = json!("ARCHIVED"), |p| !p.active),
        ];
        for (at, (change, look)) in table.into_iter().enumerate() {
            let found = read(change).unwrap();
            assert!(look(&found), "{at}: {found:?}");
        }
        assert!(product(&node(), None).unwrap().price_minor.is_none(), "an amount without a currency is none");
        assert_eq!(read(|n| n["product"]["title"] = Value::Null), Err("product.title: not a text"));
    }
}
