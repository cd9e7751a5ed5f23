//! Orders from an export file, by columns a person mapped once. Pure.
//!
//! For accounts whose API cannot be read. One row is one line of an order; rows
//! of one order need not stand together. A row that cannot be read is set aside
//! with its number, the others go on.

use super::hub::named;
use super::profile::TimeFormat;
use super::translate::moment_ms;
use crate::profiles::{CsvMapping, CsvOrders, CsvPreview};
use quayside_model::{Address, HubLine, HubOrder, HubStatus, Incoming, Record, Unreadable};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Largest file that is read, bytes.
const FILE_MAX: usize = 64 * 1024 * 1024;
/// Rows a preview shows.
const SHOWN: usize = 5;

/// Our fields: name, needed, meaning, what exports call it.
const FIELDS: &[(&str, bool, &str, &[&str])] = &[
    ("number", true, "Order number", &["order number", "order no", "order", "number", "order #", "name"]),
    ("quantity", true, "Units of the line", &["quantity", "qty", "lineitem quantity", "units", "amount"]),
    ("sku", true, "SKU of the line", &["sku", "lineitem sku", "product code", "item code", "code"]),
    ("id", false, "Their id of the order, if the export has one", &["order id", "id", "internal id"]),
    (
        "reference",
        false,
        "Our reference, if it was entered there",
        &["reference", "external reference", "external ref", "po number", "your reference"],
    ),
    (
        "title",
        false,
        "What the line is called",
        &["product", "product name", "item", "item name", "lineitem name", "description", "title"],
    ),
    ("status", false, "Where the order stands", &["status", "order status", "state", "fulfillment status"]),
    ("changed_at", false, "When it last changed", &["updated at", "updated", "modified", "last modified"]),
    (
        "placed_at",
        false,
        "When it was placed",
        &["created at", "date", "order date", "placed at", "ordered at", "created"],
    ),
    (
        "name",
        false,
        "Who receives it",
        &["shipping name", "recipient", "ship to", "outlet", "customer", "customer name", "delivery name"],
    ),
    ("company", false, "Firm", &["company", "shipping company"]),
    ("line1", false, "Street", &["shipping address1", "address", "address 1", "street", "delivery address"]),
    ("line2", false, "Second line", &["shipping address2", "address 2"]),
    ("city", false, "Town", &["shipping city", "city", "town"]),
    ("region", false, "State or county", &["shipping province", "state", "region", "county"]),
    ("postal_code", false, "Postcode", &["shipping zip", "zip", "postcode", "postal code"]),
    ("country", false, "Country, two letters", &["shipping country", "country", "country code"]),
];

/// Comma, semicolon or tab: whichever stands most often in the heading.
fn delimiter(text: &str) -> u8 {
    let heading = text.lines().next().unwrap_or_default();
    [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|mark| heading.bytes().filter(|byte| byte == mark).count())
        .unwrap_or(b',')
}

fn table(text: &str) -> Result<(Vec<String>, Vec<csv::StringRecord>), String> {
    if text.len() > FILE_MAX {
        return Err("The file is larger than 64 MB. Export a shorter range of days.".into());
    }
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headings = reader.headers().map_err(|error| format!("The file is not readable as CSV ({error})."))?;
    let headings: Vec<String> = headings.iter().map(str::to_owned).collect();
    if headings.iter().filter(|heading| !heading.is_empty()).count() < 2 {
        return Err("The first row should hold the headings of the columns, and holds fewer than two. Export as CSV with headings.".into());
    }
    let rows = reader
        .records()
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| format!("The file is not readable as CSV ({error})."))?;
    Ok((headings, rows))
}

fn fold(text: &str) -> String {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Columns, first rows, and a guess at what they are.
pub(super) fn preview(text: &str) -> Result<CsvPreview, String> {
    let (headings, rows) = table(text)?;
    let mut mapping = CsvMapping::default();
    let mut taken = Vec::new();
    for (field, _, _, names) in FIELDS {
        let guess = names
            .iter()
            .find_map(|name| headings.iter().find(|heading| fold(heading) == fold(name) && !taken.contains(*heading)));
        if let Some(heading) = guess {
            taken.push(heading.clone());
            mapping.columns.insert((*field).to_owned(), heading.clone());
        }
    }
    Ok(CsvPreview {
        rows: rows.iter().take(SHOWN).map(|row| row.iter().map(str::to_owned).collect()).collect(),
        total: rows.len() as u32,
        headings,
        mapping,
        fields: FIELDS
            .iter()
            .map(|(name, needed, meaning, _)| ((*name).to_owned(), *needed, (*meaning).to_owned()))
            .collect(),
    })
}

/// The orders of an export. `now_ms` counts as the time of change where the export tells none, ms UTC.
pub(super) fn read(text: &str, mapping: &CsvMapping, now_ms: i64) -> Result<CsvOrders, String> {
    let (headings, rows) = table(text)?;
    let mut columns: BTreeMap<&str, usize> = BTreeMap::new();
    for (field, heading) in &mapping.columns {
        let Some((known, ..)) = FIELDS.iter().find(|(known, ..)| known == field) else {
            return Err(format!("There is no field \"{field}\" to map a column to."));
        };
        let at = headings.iter().position(|other| other == heading);
        columns.insert(
            known,
            at.ok_or_else(|| format!("The file has no column \"{heading}\". Its columns: {}.", headings.join(", ")))?,
        );
    }
    let unmapped: Vec<&str> = FIELDS
        .iter()
        .filter(|(name, needed, ..)| *needed && !columns.contains_key(name))
        .map(|(_, _, meaning, _)| *meaning)
        .collect();
    if !unmapped.is_empty() {
        return Err(format!("Choose a column for: {}.", unmapped.join(", ")));
    }
    let mut orders: BTreeMap<String, (HubOrder, Vec<Value>)> = BTreeMap::new();
    let mut sequence: Vec<String> = Vec::new();
    let mut unreadable = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let cell = |name: &str| columns.get(name).and_then(|at| row.get(*at)).unwrap_or_default().trim();
        let raw = || {
            let cells = headings.iter().zip(row.iter()).map(|(heading, cell)| (heading.clone(), json!(cell)));
            Value::Object(cells.collect())
        };
        let number = cell("number");
        if number.is_empty() && row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let mut spoiled = |why: String| {
            let raw = raw().to_string();
            let number = Some(number.to_owned()).filter(|number| !number.is_empty());
            unreadable.push(Unreadable { remote_id: named(&raw), number, why: format!("row {}: {why}", at + 2), raw });
        };
        if number.is_empty() {
            spoiled("no order number".into());
            continue;
        }
        let quantity = cell("quantity")
            .replace(',', ".")
            .parse::<f64>()
            .ok()
            .filter(|units| units.fract() == 0.0 && *units >= 0.0);
        let Some(quantity) = quantity else {
            spoiled(format!("\"{}\" is not a number of units", cell("quantity")));
            continue;
        };
        let id = if cell("id").is_empty() { number } else { cell("id") };
        let line = HubLine {
            line_key: None,
            sku: cell("sku").to_owned(),
            name: cell("title").to_owned(),
            quantity: quantity as i64,
        };
        if let Some((order, raws)) = orders.get_mut(id) {
            order.lines.push(line);
            raws.push(raw());
            continue;
        }
        sequence.push(id.to_owned());
        let time = |name: &str| moment_ms(TimeFormat::Rfc3339, &json!(cell(name)));
        let order = HubOrder {
            remote_id: id.to_owned(),
            key: if cell("reference").is_empty() { id.to_owned() } else { cell("reference").to_owned() },
            number: number.to_owned(),
            status: status(cell("status")),
            modified_at_ms: time("changed_at").or_else(|| time("placed_at")).unwrap_or(now_ms),
            hold_until_ms: None,
            ship_to: (!cell("line1").is_empty()).then(|| Address {
                name: cell("name").to_owned(),
                company: cell("company").to_owned(),
                line1: cell("line1").to_owned(),
                line2: cell("line2").to_owned(),
                city: cell("city").to_owned(),
                region: cell("region").to_owned(),
                postcode: cell("postal_code").to_owned(),
                country: cell("country").to_ascii_uppercase(),
                ..Address::default()
            }),
            lines: vec![line],
            parent_id: None,
            merged_ids: Vec::new(),
            address_verified: None,
            refunded: None,
            external: false,
            store_id: None,
            service: None,
            warehouse: None,
            admin_url: None,
        };
        orders.insert(id.to_owned(), (order, vec![raw()]));
    }
    let records = sequence
        .iter()
        .filter_map(|id| orders.remove(id))
        .map(|(order, raws)| Incoming { record: Record::HubOrder(order), raw: Value::Array(raws).to_string() });
    Ok(CsvOrders { records: records.collect(), unreadable })
}

/// The words of the help centre, and the usual ones.
fn status(word: &str) -> HubStatus {
    match fold(word).as_str() {
        "" | "pending" | "accepted" | "partially accepted" | "open" | "new" | "unfulfilled" | "partial" => {
            HubStatus::AwaitingShipment
        }
        "on hold" | "held" => HubStatus::OnHold,
        "completed" | "complete" | "fulfilled" | "shipped" | "delivered" => HubStatus::Shipped,
        "declined" | "abandoned" | "cancelled" | "canceled" | "rejected" => HubStatus::Cancelled,
        _ => HubStatus::Unknown(word.to_owned()),
    }
}
