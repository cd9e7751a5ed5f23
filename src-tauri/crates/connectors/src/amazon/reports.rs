//! Reports: returns, and what is on offer.
//!
//! A report is asked for, made in Amazon's own time, and fetched. Its id is part of
//! the cursor from the moment it is known, so a restart goes on waiting for the same
//! one. One report's trouble is that report's alone: it is told as one entry, and
//! the next is asked for when its time comes.

use super::Amazon;
use super::at::{At, write_time};
use super::client::{Call, part};
use super::feeds::{decode, unpack};
use super::limits::Op;
use super::places::marketplace;
use super::streams::parse;
use super::tab::{Row, Table, day};
use super::verdicts::CallError;
use crate::{Ask, ReadError};
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_model::{
    Cause, Currency, Incoming, Money, Page, Product, Record, Return, ReturnLine, ReturnStatus, Unreadable,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// Goods on their way back.
pub const RETURNS: &str = "returns";
/// SKUs, codes and prices.
pub const PRODUCTS: &str = "products";

const RETURNS_REPORT: &str = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE";
const PRODUCTS_REPORT: &str = "GET_MERCHANT_LISTINGS_ALL_DATA";
/// Pause between two reports on returns.
const RETURNS_EVERY_MS: i64 = 4 * HOUR_MS;
/// Pause between two reports on products; Amazon caches them for hours anyway.
const PRODUCTS_EVERY_MS: i64 = DAY_MS;
/// The first report on returns looks back this far, the most there is; later ones less.
const RETURNS_FIRST_MS: i64 = 59 * DAY_MS;
const RETURNS_AGAIN_MS: i64 = 7 * DAY_MS;
/// A report that takes longer is given up and asked for again.
const REPORT_LATEST_MS: i64 = 12 * HOUR_MS;
/// Rows per page.
const PAGE_ROWS: usize = 500;

/// Where a stream of reports stands. Stored; old shapes must stay readable.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// The report that is being made or read.
    report: Option<Asked>,
    /// Marketplaces still to ask for in this round.
    queue: Vec<String>,
    /// When the last round began, ms UTC.
    round_ms: Option<i64>,
    /// A first report was read to its end.
    first_done: bool,
}

/// A report that was asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Asked {
    id: String,
    marketplaces: Vec<String>,
    at_ms: i64,
}

/// How far a report is.
enum Standing {
    Making,
    Empty,
    Failed(String),
    /// Its file.
    Ready(String),
}

/// The next page of a report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Offset {
    rows: usize,
}

impl Amazon {
    pub(super) async fn read_report_stream(&self, ask: &Ask<'_>) -> Result<Page, ReadError> {
        let mut cursor: Cursor = parse(ask.cursor);
        let now_ms = self.client.door().now_ms();
        if let Some(asked) = cursor.report.clone() {
            if now_ms - asked.at_ms > REPORT_LATEST_MS {
                cursor.report = None;
                let why =
                    format!("Amazon did not finish the report {} within 12 hours. Another one is asked for.", asked.id);
                return Ok(page(&cursor, vec![], vec![trouble(ask.stream, why)], None));
            }
            return self.read_report(ask, cursor, asked).await;
        }
        let every_ms = if ask.stream == RETURNS { RETURNS_EVERY_MS } else { PRODUCTS_EVERY_MS };
        if cursor.queue.is_empty() {
            if cursor.round_ms.is_some_and(|at_ms| now_ms - at_ms < every_ms) {
                return Ok(page(&cursor, vec![], vec![], None));
            }
            cursor.queue = self.marketplaces(ask.priority).await?;
            cursor.round_ms = Some(now_ms);
        }
        // Returns of all marketplaces come in one report, products of one marketplace at a time.
        let places: Vec<String> = if ask.stream == RETURNS {
            std::mem::take(&mut cursor.queue)
        } else {
            cursor.queue.drain(..cursor.queue.len().min(1)).collect()
        };
        if places.is_empty() {
            return Ok(page(&cursor, vec![], vec![], None));
        }
        let id = self.ask_for_report(ask, &cursor, &places).await?;
        cursor.report = Some(Asked { id, marketplaces: places, at_ms: now_ms });
        Ok(page(&cursor, vec![], vec![], None))
    }

    async fn ask_for_report(&self, ask: &Ask<'_>, cursor: &Cursor, places: &[String]) -> Result<String, CallError> {
        let now_ms = self.client.their_now_ms();
        let mut body = json!({ "marketplaceIds": places });
        if ask.stream == RETURNS {
            let back_ms = if cursor.first_done { RETURNS_AGAIN_MS } else { RETURNS_FIRST_MS };
            body["reportType"] = json!(RETURNS_REPORT);
            body["dataStartTime"] = json!(write_time(now_ms - back_ms));
            body["dataEndTime"] = json!(write_time(now_ms));
        } else {
            body["reportType"] = json!(PRODUCTS_REPORT);
            // Without it the columns have the names of the region's language.
            body["reportOptions"] = json!({ "preferredReportDocumentLocale": "en_US" });
        }
        let what = "ask for a report";
        let call = Call::post(Op::CreateReport, "/reports/2021-06-30/reports", body);
        let data = self.client.call(&call, ask.priority, what).await?;
        let id = At::root(&data.body).get("reportId").text();
        if id.is_empty() {
            let sentence = format!("Could not {what}. Amazon's answer names none.");
            return Err(CallError::NotExecuted(
                self.refusal(Cause::PlatformTrouble, &sentence).request(data.request_id),
            ));
        }
        Ok(id)
    }

    async fn read_report(&self, ask: &Ask<'_>, mut cursor: Cursor, asked: Asked) -> Result<Page, ReadError> {
        let offset: Offset = parse(ask.next);
        let table = if let Some(table) = self.known_file(&asked.id) {
            table
        } else {
            let document = match self.finished(ask, &asked).await? {
                Standing::Making => return Ok(page(&cursor, vec![], vec![], None)),
                Standing::Empty => {
                    cursor.report = None;
                    cursor.first_done = true;
                    return Ok(page(&cursor, vec![], vec![], None));
                }
                Standing::Failed(why) => {
                    cursor.report = None;
                    return Ok(page(&cursor, vec![], vec![trouble(ask.stream, why)], None));
                }
                Standing::Ready(document) => document,
            };
            let Some(table) = self.fetch_report(ask, &document).await? else {
                cursor.report = None;
                let why = format!("The file of the report {} cannot be unpacked.", asked.id);
                return Ok(page(&cursor, vec![], vec![trouble(ask.stream, why)], None));
            };
            let table = Arc::new(table);
            self.keep_file(&asked.id, &table);
            table
        };
        let needed: &[&str] = if ask.stream == RETURNS { &["Order ID"] } else { SKU };
        if !table.has(needed) && table.len() > 0 {
            self.drop_file(&asked.id);
            cursor.report = None;
            let why =
                format!("The report {} has no column \"{}\"; it has: {}.", asked.id, needed[0], table.column_names());
            return Ok(page(&cursor, vec![], vec![trouble(ask.stream, why)], None));
        }
        let (mut records, mut unreadable) = (Vec::new(), Vec::new());
        for (n, row) in table.rows(offset.rows, PAGE_ROWS).enumerate() {
            let read = if ask.stream == RETURNS { returned(&row) } else { product(&row, &asked.marketplaces) };
            match read {
                Ok(record) => records.push(Incoming { record, raw: json!({ "row": row.text() }).to_string() }),
                Err(why) => unreadable.push(Unreadable {
                    remote_id: format!("{}:{}", asked.id, offset.rows + n),
                    number: None,
                    why,
                    raw: json!({ "row": row.text() }).to_string(),
                }),
            }
        }
        let rows = offset.rows + PAGE_ROWS;
        if rows < table.len() {
            return Ok(page(&cursor, records, unreadable, Some(Offset { rows })));
        }
        self.drop_file(&asked.id);
        cursor.report = None;
        cursor.first_done = true;
        Ok(page(&cursor, records, unreadable, None))
    }

    /// How far a report is.
    async fn finished(&self, ask: &Ask<'_>, asked: &Asked) -> Result<Standing, CallError> {
        let call = Call::get(Op::GetReport, format!("/reports/2021-06-30/reports/{}", part(&asked.id)), vec![]);
        let data = match self.client.call(&call, ask.priority, "look at a report").await {
            Ok(data) => data,
            Err(error) if error.status() == Some(404) => return Ok(Standing::Empty),
            Err(error) => return Err(error),
        };
        let at = At::root(&data.body);
        let document = at.get("reportDocumentId").text();
        Ok(match at.get("processingStatus").text().as_str() {
            "DONE" if !document.is_empty() => Standing::Ready(document),
            // No rows, as a rule; sometimes a repetition within the pause of this type. Neither is a failure.
            "CANCELLED" | "DONE" => Standing::Empty,
            "FATAL" => Standing::Failed(format!(
                "Amazon could not make the report {}. It is asked for again when its time comes.",
                asked.id
            )),
            _ => Standing::Making,
        })
    }

    /// `None`: what came is no file of Amazon's.
    async fn fetch_report(&self, ask: &Ask<'_>, document: &str) -> Result<Option<Table>, CallError> {
        let what = "fetch a report";
        let path = format!("/reports/2021-06-30/documents/{}", part(document));
        let data = self.client.call(&Call::get(Op::GetReportDocument, path, vec![]), ask.priority, what).await?;
        let at = At::root(&data.body);
        let file = self.client.download(&at.get("url").text(), what).await?;
        let packed = at.get("compressionAlgorithm").text() == "GZIP";
        let bytes = if packed { unpack(&file.bytes) } else { Some(file.bytes) };
        Ok(bytes.map(|bytes| Table::read(&decode(&bytes, &file.content_type))))
    }

    fn known_file(&self, id: &str) -> Option<Arc<Table>> {
        super::lock(&self.files).get(id).cloned()
    }

    fn keep_file(&self, id: &str, table: &Arc<Table>) {
        let mut files = super::lock(&self.files);
        files.clear();
        files.insert(id.to_owned(), table.clone());
    }

    fn drop_file(&self, id: &str) {
        super::lock(&self.files).remove(id);
    }
}

fn page(cursor: &Cursor, records: Vec<Incoming>, unreadable: Vec<Unreadable>, next: Option<Offset>) -> Page {
    Page {
        records,
        unreadable,
        cursor: serde_json::to_value(cursor).unwrap_or_default(),
        next: next.and_then(|next| serde_json::to_value(next).ok()),
        total: None,
        findings: None,
    }
}

fn trouble(stream: &str, why: String) -> Unreadable {
    let number = if stream == RETURNS { "Returns report" } else { "Products report" };
    Unreadable { remote_id: format!("report:{stream}"), number: Some(number.into()), why, raw: Value::Null.to_string() }
}

const SKU: &[&str] =
    &["seller-sku", "sku", "Händler-SKU", "sku-vendeur", "SKU del venditore", "SKU del vendedor", "出品者SKU"];
const NAME: &[&str] =
    &["item-name", "Artikelbezeichnung", "nom-produit", "Nome dell'articolo", "Título del producto", "商品名"];
const CODE: &[&str] = &["asin1", "asin", "ASIN 1", "商品ID"];
const PRICE: &[&str] = &["price", "Preis", "prix", "Prezzo", "Precio", "価格"];
const STATUS: &[&str] = &["status", "Status", "état", "Stato", "Estado", "ステータス"];
const OPENED: &[&str] = &["open-date", "Erstellungsdatum"];

fn product(row: &Row<'_>, places: &[String]) -> Result<Record, String> {
    let sku = row.get(SKU);
    if sku.is_empty() {
        return Err("seller-sku: missing".into());
    }
    let place_id = places.first().map_or("", String::as_str);
    let currency = marketplace(place_id).map(|place| Currency::new(place.currency));
    // The decimal sign is the region's.
    let price = row.get(PRICE).replace(',', ".");
    let price_minor =
        currency.as_ref().and_then(|currency| Money::parse(&price, currency).ok()).map(|money| money.minor);
    let status = row.get(STATUS);
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let name = row.get(NAME);
    Ok(Record::Product(Product {
        remote_id: format!("{place_id}/{sku}"),
        item_id: some(sku),
        sku: sku.to_owned(),
        listing_code: some(row.get(CODE)),
        name: if name.is_empty() { sku.to_owned() } else { name.to_owned() },
        variant: String::new(),
        barcode: None,
        weight_g: None,
        price_minor,
        currency,
        active: status.is_empty() || status.eq_ignore_ascii_case("active"),
        // The report does not tell when an offer changed; the day it was opened does not change either.
        updated_at_ms: day(row.get(OPENED)).unwrap_or(0),
    }))
}

fn returned(row: &Row<'_>) -> Result<Record, String> {
    let (order, rma, sku) = (row.get(&["Order ID"]), row.get(&["Amazon RMA ID"]), row.get(&["Merchant SKU"]));
    if order.is_empty() {
        return Err("Order ID: missing".into());
    }
    let requested_at_ms = day(row.get(&["Return request date"])).ok_or("Return request date: not a day")?;
    let quantity: i64 = row.get(&["Return quantity"]).parse().map_err(|_| "Return quantity: not a whole number")?;
    let received_at_ms = day(row.get(&["Return delivery date"]));
    Ok(Record::Return(Return {
        remote_id: format!("{order}/{rma}/{sku}"),
        order_remote_id: order.to_owned(),
        number: if rma.is_empty() { order.to_owned() } else { rma.to_owned() },
        status: status(row.get(&["Return request status"])),
        lines: vec![ReturnLine {
            order_line_id: None,
            sku: sku.to_owned(),
            quantity,
            reason: row.get(&["Return Reason", "Return reason code"]).to_owned(),
        }],
        tracking_number: row.get(&["Tracking ID"]).to_owned(),
        requested_at_ms,
        received_at_ms,
        updated_at_ms: received_at_ms.unwrap_or(requested_at_ms),
    }))
}

fn status(word: &str) -> ReturnStatus {
    match word.to_lowercase().as_str() {
        "pending approval" | "pendingapproval" | "pending" => ReturnStatus::Requested,
        "approved" | "authorized" | "" => ReturnStatus::Open,
        "declined" | "rejected" | "denied" => ReturnStatus::Declined,
        "cancelled" | "canceled" => ReturnStatus::Cancelled,
        "completed" | "closed" | "refunded" => ReturnStatus::Closed,
        other => ReturnStatus::Unknown(other.to_owned()),
    }
}

#[cfg(test)]
#[path = "tests/reports.rs"]
mod tests;
