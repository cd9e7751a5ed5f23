//! Reports: returns, what is on offer, and how many of it.
//!
//! A report is asked for, made in Amazon's own time, and fetched. Its id is part of
//! the cursor from the moment it is known, so a restart goes on waiting for the same
//! one. One report's trouble is that report's alone: it is told as one entry, the
//! next is asked for when its time comes, and one that can be read takes the entry
//! back.
//!
//! Returns are asked for by the day they were requested: a week back, and once a day
//! everything there is. That is what a pause of weeks is made up with, and what sees
//! a parcel that is received, or a return that is decided, weeks after it was
//! requested: no filter knows that day. A report that came to nothing counts for none.
//!
//! Quantities stand in the report on what is on offer. They have a stream of their own,
//! which asks for it every few hours. Of units in Amazon's own warehouses the report
//! holds no number, and Amazon counts them itself: they are no stock of the merchant's.

use super::Amazon;
use super::at::{At, write_time};
use super::client::{Call, part};
use super::feeds::{decode, unpack};
use super::limits::Op;
use super::places::marketplace;
use super::stock::OWN_CHANNEL;
use super::streams::parse;
use super::tab::{Row, Table, day};
use super::verdicts::CallError;
use crate::{Ask, ReadError};
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_model::{
    Cause, Currency, Incoming, Money, Page, Product, Record, Return, ReturnLine, ReturnStatus, Stock, Unreadable,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Goods on their way back.
pub const RETURNS: &str = "returns";
/// SKUs, codes and prices.
pub const PRODUCTS: &str = "products";

/// Quantities on offer.
pub const STOCK: &str = "stock";

/// Type of the report on returns.
pub const RETURNS_REPORT: &str = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE";
const PRODUCTS_REPORT: &str = "GET_MERCHANT_LISTINGS_ALL_DATA";
/// Pause between two reports on returns.
const RETURNS_EVERY_MS: i64 = 4 * HOUR_MS;
/// Pause between two reports on products; Amazon caches them for hours anyway.
const PRODUCTS_EVERY_MS: i64 = DAY_MS;
/// Pause between two reports for quantities: a count is believed for some hours.
const STOCK_EVERY_MS: i64 = 4 * HOUR_MS;
/// A report on returns holds 60 days at most; a day of them is left to clocks that differ.
const RETURNS_WHOLE_MS: i64 = 59 * DAY_MS;
/// So often everything there is is asked for: what was requested long ago may be received today.
const RETURNS_WHOLE_EVERY_MS: i64 = DAY_MS;
/// In between, reports look back so far.
const RETURNS_AGAIN_MS: i64 = 7 * DAY_MS;
/// A row without an order that a whole report no longer holds ended by itself, unless it grew too old for reports.
const ODD_ENDS_MS: i64 = 45 * DAY_MS;
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
    /// End of the last report on returns that held all there is, ms UTC.
    whole_ms: Option<i64>,
    /// Rows that were told and have no name of their own → when they were first told, ms UTC.
    odd: BTreeMap<String, i64>,
}

/// A report that was asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Asked {
    id: String,
    marketplaces: Vec<String>,
    at_ms: i64,
    /// Its window, by Amazon's clock, ms UTC.
    from_ms: i64,
    to_ms: i64,
    /// Rows of it without a name of their own that were told.
    odd: BTreeSet<String>,
}

impl Asked {
    /// It held all there is: always so of what is on offer.
    fn is_whole(&self, stream: &str) -> bool {
        stream != RETURNS || self.to_ms - self.from_ms >= RETURNS_WHOLE_MS
    }

    /// Whose report it is: products come one marketplace at a time, returns of all at once.
    fn of(&self, stream: &str) -> String {
        let place = self.marketplaces.first().filter(|_| stream != RETURNS);
        place.map_or_else(|| stream.to_owned(), |place| format!("{stream}:{place}"))
    }

    /// The name of trouble with the report as a whole.
    fn trouble_id(&self, stream: &str) -> String {
        format!("report:{}", self.of(stream))
    }

    /// How names of rows that have none of their own begin.
    fn rows_prefix(&self, stream: &str) -> String {
        format!("row:{}:", self.of(stream))
    }
}

impl Cursor {
    /// From where the next report on returns is asked for, ms UTC. All there is was read within a day, or is asked for
    /// now: so the week of the reports in between leaves no gap, however long nobody was here.
    fn returns_from_ms(&self, now_ms: i64) -> i64 {
        let was_read = self.whole_ms.is_some_and(|whole_ms| now_ms - whole_ms < RETURNS_WHOLE_EVERY_MS);
        now_ms - if was_read { RETURNS_AGAIN_MS } else { RETURNS_WHOLE_MS }
    }

    /// A report was read to its end. Returns what ended with it: its stream's own trouble, and rows without a name
    /// that it should hold and no longer does.
    fn over(&mut self, stream: &str, asked: &Asked) -> Vec<String> {
        let mut mended = vec![asked.trouble_id(stream)];
        if asked.is_whole(stream) {
            let ours = asked.rows_prefix(stream);
            let gone = |id: &String, first_ms: i64| {
                id.starts_with(&ours) && !asked.odd.contains(id) && asked.at_ms - first_ms < ODD_ENDS_MS
            };
            mended.extend(self.odd.iter().filter(|(id, first_ms)| gone(id, **first_ms)).map(|(id, _)| id.clone()));
            self.odd.retain(|id, _| !id.starts_with(&ours) || asked.odd.contains(id));
        }
        if stream == RETURNS && asked.is_whole(stream) {
            self.whole_ms = Some(asked.to_ms);
        }
        mended
    }
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
                return Ok(page(&cursor, vec![], vec![trouble(ask.stream, &asked, why)], None).unasked());
            }
            return self.read_report(ask, cursor, asked).await;
        }
        let every_ms = match ask.stream {
            RETURNS => RETURNS_EVERY_MS,
            STOCK => STOCK_EVERY_MS,
            _ => PRODUCTS_EVERY_MS,
        };
        if cursor.queue.is_empty() {
            if cursor.round_ms.is_some_and(|at_ms| now_ms - at_ms < every_ms) {
                return Ok(page(&cursor, vec![], vec![], None).unasked());
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
            return Ok(page(&cursor, vec![], vec![], None).unasked());
        }
        let to_ms = self.client.their_now_ms();
        let from_ms = if ask.stream == RETURNS { cursor.returns_from_ms(to_ms) } else { 0 };
        let id = self.ask_for_report(ask, (from_ms, to_ms), &places).await?;
        cursor.report = Some(Asked { id, marketplaces: places, at_ms: now_ms, from_ms, to_ms, odd: BTreeSet::new() });
        Ok(page(&cursor, vec![], vec![], None))
    }

    async fn ask_for_report(
        &self,
        ask: &Ask<'_>,
        (from_ms, to_ms): (i64, i64),
        places: &[String],
    ) -> Result<String, CallError> {
        let mut body = json!({ "marketplaceIds": places });
        if ask.stream == RETURNS {
            body["reportType"] = json!(RETURNS_REPORT);
            body["dataStartTime"] = json!(write_time(from_ms));
            body["dataEndTime"] = json!(write_time(to_ms));
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

    async fn read_report(&self, ask: &Ask<'_>, mut cursor: Cursor, mut asked: Asked) -> Result<Page, ReadError> {
        let offset: Offset = parse(ask.next);
        let known = self.known_file(&asked.id);
        // The rest of a file that was fetched with its first rows.
        let page = |cursor: &Cursor, records, unreadable, next| Page {
            asked: known.is_none(),
            ..page(cursor, records, unreadable, next)
        };
        let table = if let Some(table) = known.clone() {
            table
        } else {
            let document = match self.finished(ask, &asked).await? {
                Standing::Making => return Ok(page(&cursor, vec![], vec![], None)),
                // What it would have held stays unread: the next one asks for it, too.
                Standing::Empty => {
                    cursor.report = None;
                    return Ok(page(&cursor, vec![], vec![], None));
                }
                Standing::Failed(why) => {
                    cursor.report = None;
                    return Ok(page(&cursor, vec![], vec![trouble(ask.stream, &asked, why)], None));
                }
                Standing::Ready(document) => document,
            };
            let Some(table) = self.fetch_report(ask, &document).await? else {
                // A proxy's page, or half a file: the report itself is made, and fetched again until its time is over.
                let sentence = format!(
                    "Could not fetch a report. The file of the report {} cannot be unpacked; it is fetched again.",
                    asked.id
                );
                return Err(ReadError::Refused(self.refusal(Cause::PlatformTrouble, &sentence)));
            };
            let table = Arc::new(table);
            self.keep_file(&asked.id, &table);
            table
        };
        let needed: &[&[&str]] = match ask.stream {
            RETURNS => &[ORDER],
            STOCK => &[SKU, QUANTITY],
            _ => &[SKU],
        };
        if let Some([first, ..]) = needed.iter().find(|names| !table.has(names) && table.len() > 0) {
            self.drop_file(&asked.id);
            cursor.report = None;
            let why = format!("The report {} has no column \"{}\"; it has: {}.", asked.id, first, table.column_names());
            return Ok(page(&cursor, vec![], vec![trouble(ask.stream, &asked, why)], None));
        }
        let (mut records, mut unreadable) = (Vec::new(), Vec::new());
        for row in table.rows(offset.rows, PAGE_ROWS) {
            let place = asked.marketplaces.first().map_or("", String::as_str);
            let read = match ask.stream {
                RETURNS => returned(&row).map(Some),
                STOCK => stock(&row, place, table.has(CHANNEL)),
                _ => product(&row, place).map(Some),
            };
            let raw = json!({ "row": row.text() }).to_string();
            let why = match read {
                Ok(record) => {
                    records.extend(record.map(|record| Incoming { record, raw }));
                    continue;
                }
                Err(why) => why,
            };
            // By the name a good reading would have, so that one takes the trouble back. Never by the place in the
            // report: the next one holds other rows.
            let id = if ask.stream == RETURNS { return_id(&row) } else { product_id(&row, place) };
            let remote_id = id.unwrap_or_else(|| {
                let hash = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, row.text().as_bytes());
                let id = format!("{}{}", asked.rows_prefix(ask.stream), hash.simple());
                asked.odd.insert(id.clone());
                cursor.odd.entry(id.clone()).or_insert(asked.at_ms);
                id
            });
            unreadable.push(Unreadable { remote_id, number: name_of(&row), why, raw });
        }
        let rows = offset.rows + PAGE_ROWS;
        if rows < table.len() {
            cursor.report = Some(asked);
            return Ok(page(&cursor, records, unreadable, Some(Offset { rows })));
        }
        self.drop_file(&asked.id);
        cursor.report = None;
        let mended = cursor.over(ask.stream, &asked);
        Ok(Page { mended, ..page(&cursor, records, unreadable, None) })
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
        // Two streams at most read one at a time.
        if files.len() > 1 {
            files.clear();
        }
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
        mended: vec![],
        total: None,
        findings: None,
        asked: true,
    }
}

fn trouble(stream: &str, asked: &Asked, why: String) -> Unreadable {
    let number = match stream {
        RETURNS => "Returns report",
        STOCK => "Quantities in the products report",
        _ => "Products report",
    };
    Unreadable { remote_id: asked.trouble_id(stream), number: Some(number.into()), why, raw: Value::Null.to_string() }
}

const ORDER: &[&str] = &["Order ID"];
const SKU: &[&str] =
    &["seller-sku", "sku", "Händler-SKU", "sku-vendeur", "SKU del venditore", "SKU del vendedor", "出品者SKU"];
const NAME: &[&str] =
    &["item-name", "Artikelbezeichnung", "nom-produit", "Nome dell'articolo", "Título del producto", "商品名"];
const CODE: &[&str] = &["asin1", "asin", "ASIN 1", "商品ID"];
const PRICE: &[&str] = &["price", "Preis", "prix", "Prezzo", "Precio", "価格"];
const STATUS: &[&str] = &["status", "Status", "état", "Stato", "Estado", "ステータス"];
const QUANTITY: &[&str] = &["quantity", "Menge", "quantité", "Quantità", "Cantidad", "数量"];
const CHANNEL: &[&str] = &[
    "fulfillment-channel",
    "Versender",
    "canal-traitement",
    "Canale di gestione",
    "Canal de gestión",
    "フルフィルメント・チャンネル",
];
const OPENED: &[&str] = &["open-date", "Erstellungsdatum"];

/// The name of a row's product, if it has one.
fn product_id(row: &Row<'_>, place: &str) -> Option<String> {
    Some(row.get(SKU)).filter(|sku| !sku.is_empty()).map(|sku| format!("{place}/{sku}"))
}

/// The name of a row's return, if it has one.
fn return_id(row: &Row<'_>) -> Option<String> {
    let (order, rma, sku) = (row.get(ORDER), row.get(&["Amazon RMA ID"]), row.get(&["Merchant SKU"]));
    (!order.is_empty()).then(|| format!("{order}/{rma}/{sku}"))
}

/// What people call a row that cannot be read.
fn name_of(row: &Row<'_>) -> Option<String> {
    [row.get(ORDER), row.get(SKU)].into_iter().find(|text| !text.is_empty()).map(str::to_owned)
}

fn product(row: &Row<'_>, place_id: &str) -> Result<Record, String> {
    let sku = row.get(SKU);
    let remote_id = product_id(row, place_id).ok_or("seller-sku: missing")?;
    let currency = marketplace(place_id).map(|place| Currency::new(place.currency));
    // The decimal sign is the region's.
    let price = row.get(PRICE).replace(',', ".");
    let price_minor =
        currency.as_ref().and_then(|currency| Money::parse(&price, currency).ok()).map(|money| money.minor);
    let status = row.get(STATUS);
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let name = row.get(NAME);
    Ok(Record::Product(Product {
        remote_id,
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

/// A quantity of the merchant's own; nothing where Amazon counts, or where nothing is on offer. Amazon's own rows hold no
/// number, so a report that does not tell whose they are (`tells` is false) says it that way.
fn stock(row: &Row<'_>, place_id: &str, tells: bool) -> Result<Option<Record>, String> {
    let sku = row.get(SKU);
    let remote_id = product_id(row, place_id).ok_or("seller-sku: missing")?;
    let (channel, quantity, status) = (row.get(CHANNEL).to_uppercase(), row.get(QUANTITY), row.get(STATUS));
    if channel.starts_with("AMAZON") {
        return Ok(None);
    }
    if !channel.is_empty() && channel != OWN_CHANNEL {
        return Err("fulfillment-channel: neither Amazon's nor the merchant's".into());
    }
    let offered = status.is_empty() || status.eq_ignore_ascii_case("active");
    if quantity.is_empty() && !(tells && offered) {
        return Ok(None);
    }
    let available: i64 = quantity.parse().map_err(|_| "quantity: not a whole number")?;
    Ok(Some(Record::Stock(level(remote_id, sku, place_id, available))))
}

/// A quantity on offer in one marketplace.
pub fn level(remote_id: String, sku: &str, place_id: &str, available: i64) -> Stock {
    Stock {
        remote_id,
        sku: sku.to_owned(),
        item_id: sku.to_owned(),
        location_id: Some(place_id.to_owned()),
        location_name: marketplace(place_id).map_or(place_id, |place| place.country).to_owned(),
        available,
        // What is sold and not sent yet Amazon has taken off, and does not tell.
        on_hand: None,
        // Nor does it tell when it changed.
        updated_at_ms: 0,
    }
}

fn returned(row: &Row<'_>) -> Result<Record, String> {
    let (order, rma, sku) = (row.get(ORDER), row.get(&["Amazon RMA ID"]), row.get(&["Merchant SKU"]));
    let remote_id = return_id(row).ok_or("Order ID: missing")?;
    let requested_at_ms = day(row.get(&["Return request date"])).ok_or("Return request date: not a day")?;
    let quantity: i64 = row.get(&["Return quantity"]).parse().map_err(|_| "Return quantity: not a whole number")?;
    let received_at_ms = day(row.get(&["Return delivery date"]));
    let currency = Some(row.get(&["Currency code"])).filter(|code| !code.is_empty()).map(Currency::new);
    let refunded =
        currency.and_then(|currency| Money::parse(&row.get(&["Refunded Amount"]).replace(',', "."), &currency).ok());
    Ok(Record::Return(Return {
        remote_id,
        order_remote_id: order.to_owned(),
        number: if rma.is_empty() { order.to_owned() } else { rma.to_owned() },
        status: status(row.get(&["Return request status"])),
        lines: vec![ReturnLine {
            order_line_id: None,
            sku: sku.to_owned(),
            quantity,
            reason: row.get(&["Return Reason", "Return reason code"]).to_owned(),
            // A row is one line, and is there whole or not at all.
            received: None,
            shelved: None,
        }],
        tracking_number: row.get(&["Tracking ID"]).to_owned(),
        requested_at_ms,
        received_at_ms,
        resolution: resolution(row.get(&["Resolution"])),
        refunded,
        updated_at_ms: received_at_ms.unwrap_or(requested_at_ms),
    }))
}

/// What the buyer is to get: `StandardRefund` → "standard refund".
fn resolution(word: &str) -> String {
    let mut out = String::new();
    let mut after_small = false;
    for letter in word.chars() {
        if letter.is_uppercase() && after_small {
            out.push(' ');
        }
        after_small = letter.is_lowercase();
        out.extend(if letter == '_' { vec![' '] } else { letter.to_lowercase().collect() });
    }
    out
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
