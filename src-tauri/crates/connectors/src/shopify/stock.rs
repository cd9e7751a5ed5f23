//! Stock: how many units the store may sell, by location.
//!
//! Levels are listed location by location. Nothing sorts such a list by time, so the
//! mark moves only when a scan is through, to the time it began. Between two scans of
//! everything only what changed is asked for; everything is read again every few hours,
//! because counts that nobody touched must not grow old, and searches may miss some.
//!
//! A count is set by comparing: the store takes it only from the number it was agreed
//! on. And it is named: the same change sent twice is answered the same way twice, so
//! one whose answer was lost is simply sent again. Nothing of a shelf that belongs to
//! another app's fulfillment service is read or written, nor of goods nobody counts.

use super::Shopify;
use super::client::{Data, Errand};
use super::documents::Document;
use super::streams::{OVERLAP_MS, digits, parse, second};
use super::translate::parse_time;
use super::verdicts::{CallError, UserMeaning, by_stock_errors, user_errors};
use super::wire::{FromWire as _, Whole};
use crate::{Ask, Priority, ReadError, Task};
use quayside_model::time::HOUR_MS;
use quayside_model::{Cause, Confirmation, Incoming, Page, Receipt, Record, Stock, StockDraft, Unreadable, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// Levels.
pub const STOCK: &str = "stock";

/// Everything is read again after so long.
const WHOLE_MS: i64 = 4 * HOUR_MS;
/// Levels of the first call; measured prices take over.
const ROWS_FIRST: usize = 100;
/// Levels of one call at most.
const ROWS_MAX: usize = 250;
/// Locations of the first call.
const PLACES: usize = 100;
/// Times a repeated page is asked for again before it ends the scan.
const REPEATS_MAX: u8 = 3;
/// Names one change may go by: the store never takes a name again under which it refused something.
const NAMES_MAX: usize = 10;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// When the last scan began, ms UTC by Shopify's clock.
    watermark_ms: Option<i64>,
    /// When the last scan of everything began, ms UTC.
    whole_ms: Option<i64>,
}

/// A scan under way. Lives in memory only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Scan {
    started_ms: i64,
    whole: bool,
    query: String,
    /// Locations still to be read; the first is being read.
    places: Vec<String>,
    after: Option<String>,
    /// Rows of the last page, to notice a repetition.
    last: Vec<String>,
    repeats: u8,
}

/// What a page brought.
#[derive(Default)]
struct Rows {
    records: Vec<Incoming>,
    unreadable: Vec<Unreadable>,
}

/// A level as the store shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Level {
    id: String,
    item: String,
    sku: String,
    place: String,
    place_name: String,
    available: i64,
    on_hand: Option<i64>,
    updated_ms: i64,
    /// The store counts it.
    tracked: bool,
    /// The location stocks it.
    active: bool,
    /// The location belongs to another app.
    foreign: bool,
}

/// A level, or why there is none to write to: the cause, and a sentence that says what to do.
type Found = Result<Level, (Cause, String)>;

impl Shopify {
    /// One page of levels.
    pub(super) async fn read_stock(&self, ask: &Ask<'_>) -> Result<Page, ReadError> {
        let mut cursor: Cursor = parse(ask.cursor);
        if ["read_inventory", "read_locations"].iter().any(|scope| self.lacks_scope(scope)) {
            return Ok(page(&cursor, None, Rows::default()).unasked());
        }
        // The list of locations is asked for anew when a scan begins anew: a wait is for it and the first levels together.
        let mut errand = Errand::new(ask.priority);
        let read = match ask.next {
            Some(next) => self.levels(parse(Some(next)), &mut errand).await,
            None => match self.begin_stock(&cursor, &mut errand).await {
                Ok(scan) if scan.places.is_empty() => Ok((Rows::default(), scan)),
                Ok(scan) => self.levels(scan, &mut errand).await,
                Err(error) => Err(error),
            },
        };
        let (rows, scan) = match read {
            Ok(read) => read,
            // Taken away since the connection was tested: the next test says so, and nothing else stops.
            Err(CallError::Refused(refusal)) if refusal.cause == Cause::ScopeMissing => {
                return Ok(page(&cursor, None, Rows::default()));
            }
            Err(error) => return Err(error.into()),
        };
        if scan.places.is_empty() {
            cursor.watermark_ms = Some(scan.started_ms);
            cursor.whole_ms = if scan.whole { Some(scan.started_ms) } else { cursor.whole_ms };
        }
        Ok(page(&cursor, Some(&scan).filter(|scan| !scan.places.is_empty()), rows))
    }

    async fn begin_stock(&self, cursor: &Cursor, errand: &mut Errand) -> Result<Scan, CallError> {
        let started_ms = self.their_now_ms();
        let since_ms = cursor.watermark_ms.map(|at_ms| at_ms - OVERLAP_MS);
        let whole = since_ms.is_none() || cursor.whole_ms.is_none_or(|at_ms| started_ms - at_ms >= WHOLE_MS);
        let changed = |at_ms: i64| format!("updated_at:>='{}'", second(at_ms));
        Ok(Scan {
            started_ms,
            whole,
            query: since_ms.filter(|_| !whole).map_or_else(String::new, changed),
            places: self.places(errand).await?,
            ..Scan::default()
        })
    }

    /// Locations of the store's own.
    async fn places(&self, errand: &mut Errand) -> Result<Vec<String>, CallError> {
        let (mut places, mut after) = (Vec::new(), Value::Null);
        loop {
            let n = self.client.size(Document::Places, PLACES, ROWS_MAX);
            let variables = json!({ "n": n, "after": after });
            let data = match self.client.call(Document::Places, variables, n, errand, "list the locations").await {
                Err(CallError::TooCostly(_)) if n > 1 => continue,
                other => other?,
            };
            let list = data.data.get("locations");
            let nodes = list.and_then(|list| list.get("nodes")).and_then(Value::as_array).into_iter().flatten();
            let own = nodes.filter(|place| place.get("isFulfillmentService") != Some(&json!(true)));
            places.extend(own.filter_map(|place| Some(place.get("id")?.as_str()?.to_owned())));
            let end = next_page(list).map(Value::from);
            match end.filter(|end| *end != after) {
                Some(end) => after = end,
                None => return Ok(places),
            }
        }
    }

    /// One more page of the location that is being read.
    async fn levels(&self, mut scan: Scan, errand: &mut Errand) -> Result<(Rows, Scan), CallError> {
        let Some(place) = scan.places.first().cloned() else { return Ok((Rows::default(), scan)) };
        let data = loop {
            let n = self.client.size(Document::StockLevels, ROWS_FIRST, ROWS_MAX);
            let variables = json!({ "place": place, "q": scan.query, "n": n, "after": scan.after });
            match self.client.call(Document::StockLevels, variables, n, errand, "read the stock").await {
                Err(CallError::TooCostly(_)) if n > 1 => {}
                other => break other?,
            }
        };
        if !data.denied.is_empty() {
            let refusal = self.refusal(Cause::ScopeMissing, "Could not read the stock. The app may not look at it.");
            return Err(CallError::Refused(refusal.request(data.request_id)));
        }
        // A location that is not there was closed since the list of them was made.
        let list = data.data.pointer("/location/inventoryLevels");
        let nodes = list.and_then(|list| list.get("nodes")).and_then(Value::as_array).into_iter().flatten();
        let nodes: Vec<&Value> = nodes.filter(|node| !node.is_null()).collect();
        let names: Vec<String> = nodes.iter().map(|node| text(node, "/id").unwrap_or_default()).collect();
        if !names.is_empty() && names == scan.last {
            scan.repeats += 1;
            if scan.repeats > REPEATS_MAX {
                let sentence = "Could not read the stock. The store sends the same page again and again; the scan was ended, and begins anew later.";
                return Err(CallError::NotExecuted(self.refusal(Cause::PlatformTrouble, sentence)));
            }
            return Ok((Rows::default(), scan));
        }
        let mut rows = Rows::default();
        for node in nodes {
            match stock(node) {
                Ok(Some(incoming)) => rows.records.push(incoming),
                Ok(None) => {}
                Err(unreadable) => rows.unreadable.push(unreadable),
            }
        }
        (scan.repeats, scan.last) = (0, names);
        scan.after = next_page(list);
        if scan.after.is_none() {
            scan.places.remove(0);
            scan.last = Vec::new();
        }
        Ok((rows, scan))
    }

    /// One level now, by its id.
    pub(super) async fn read_level(&self, id: &str, priority: Priority) -> Result<Option<Incoming>, ReadError> {
        if !id.contains("/InventoryLevel/") {
            let sentence = "The row of Shopify's list that could not be read names no count, so there is none to read again. All counts are read again every few hours.";
            return Err(ReadError::Refused(self.refusal(Cause::Unreadable, sentence).about(id)));
        }
        let mut errand = Errand::new(priority);
        let data =
            self.client.call(Document::StockLevel, json!({ "id": id }), 1, &mut errand, "look at the stock").await?;
        let Some(node) = data.data.get("inventoryLevel").filter(|node| node.is_object()) else { return Ok(None) };
        stock(node).map_err(|odd| {
            let sentence =
                format!("The count of {} could not be read: {}.", odd.number.as_deref().unwrap_or(id), odd.why);
            ReadError::Refused(self.refusal(Cause::Unreadable, &sentence).about(id))
        })
    }

    /// Sets one level.
    pub(super) async fn set_stock(&self, task: &Task<'_>, draft: &StockDraft) -> Verdict {
        let what = format!("Could not set the stock of {}", name(draft));
        let refuse = |cause, sentence: &str| {
            Verdict::NeedsPerson(self.refusal(cause, &format!("{what}. {sentence}")).about(draft.sku.clone()))
        };
        if self.lacks_scope("write_inventory") {
            return refuse(
                Cause::ScopeMissing,
                "The app lacks the permission write_inventory. Grant it in the app's settings, release the version, install it again, then test the connection.",
            );
        }
        let mut errand = Errand::new(task.priority);
        let level = match self.level(draft, &mut errand).await {
            Ok(Ok(level)) => level,
            Ok(Err((cause, sentence))) => return refuse(cause, &sentence),
            Err(error) => return error.before_change(),
        };
        if level.available == draft.available {
            return Verdict::AlreadyDone(receipt(&level, None));
        }
        // What was sent before may be why the store shows another number: it knows the change by its name.
        if let Some(expected) = draft.expected.filter(|_| task.first_sent_at_ms.is_none())
            && expected != level.available
        {
            let sentence = format!(
                "The store has {} by now, and {expected} was expected: something was sold or counted meanwhile.",
                level.available
            );
            return refuse(Cause::SidesDiffer, &sentence);
        }
        for n in 0..NAMES_MAX {
            let variables = variables(&key(task.key, &level, draft, n), &level, draft);
            let sent = self.client.call(Document::SetStock, variables, 1, &mut errand, "set the stock").await;
            let data = match sent {
                Ok(data) => data,
                Err(error) => return error.into_verdict(),
            };
            let Some(payload) = data.data.get("inventorySetQuantities").filter(|payload| payload.is_object()) else {
                return Verdict::AnswerLost(self.empty_answer(&what, data.request_id));
            };
            let errors = user_errors(payload, "userErrors");
            if errors.is_empty() {
                // Nothing to change leaves the group of changes out.
                let done = payload.get("inventoryAdjustmentGroup").is_some_and(Value::is_object);
                let receipt = receipt(&level, data.request_id);
                return if done { Verdict::Done(receipt) } else { Verdict::AlreadyDone(receipt) };
            }
            let (meaning, refusal) = by_stock_errors(self.client.door(), &errors, data.request_id, &what);
            let refusal = refusal.about(draft.sku.clone());
            match meaning {
                // Refused under this name before, for a reason that may be over: under the next one, then.
                UserMeaning::Stale => {}
                UserMeaning::Unknown => return Verdict::AnswerLost(refusal),
                UserMeaning::Already => return Verdict::AlreadyDone(receipt(&level, None)),
                UserMeaning::Person => return Verdict::NeedsPerson(refusal),
            }
        }
        refuse(Cause::ContentRefused, "The store refused it again and again. Set the count in Shopify, then skip this.")
    }

    /// Does a level hold? Where it does not, the change is sent again, under its name: the store applies it once.
    pub(super) async fn confirm_stock(&self, task: &Task<'_>, draft: &StockDraft) -> Confirmation {
        match self.level(draft, &mut Errand::new(task.priority)).await {
            Ok(Ok(level)) if level.available == draft.available => Confirmation::Holds(receipt(&level, None)),
            Ok(_) => Confirmation::Absent,
            Err(error) => error.into_confirmation(),
        }
    }

    /// The level a draft is about, as the store shows it now.
    async fn level(&self, draft: &StockDraft, errand: &mut Errand) -> Result<Found, CallError> {
        let what = "look at the stock";
        let no = |cause, sentence: &str| Ok(Err((cause, sentence.to_owned())));
        let unknown = "The store does not have it any more. Check its SKU in Shopify.";
        let (document, variables, at) = match (&draft.item_id, &draft.location_id) {
            (Some(item), Some(place)) => {
                (Document::StockOfItem, json!({ "item": item, "place": place }), "/inventoryItem")
            }
            (item, _) => {
                let by_id = item.as_deref().and_then(digits).map(|id| format!("id:{id}"));
                let query = by_id.unwrap_or_else(|| format!("sku:'{}'", draft.sku.replace(['\'', '\\'], " ")));
                (Document::StockBySku, json!({ "q": query }), "/inventoryItems/nodes")
            }
        };
        let data = self.client.call(document, variables, 1, errand, what).await?;
        let found = data.data.pointer(at).cloned().unwrap_or_default();
        let item = match found {
            Value::Array(items) => {
                // Searches may find more than what was asked for.
                let same = |item: &&Value| {
                    draft.item_id.is_some()
                        || text(item, "/sku").is_some_and(|sku| sku.eq_ignore_ascii_case(&draft.sku))
                };
                match items.iter().filter(same).collect::<Vec<_>>().as_slice() {
                    [] => return no(Cause::UnknownSku, unknown),
                    [one] => (*one).clone(),
                    _ => {
                        return no(
                            Cause::UnknownSku,
                            "Several products of the store share this SKU: none of them is it for sure.",
                        );
                    }
                }
            }
            other => other,
        };
        if !item.is_object() {
            return no(Cause::UnknownSku, unknown);
        }
        if item.get("tracked") == Some(&json!(false)) {
            return no(
                Cause::UnknownSku,
                "The store does not track it. Switch on inventory tracking of the product in Shopify.",
            );
        }
        let levels: Vec<&Value> = match item.get("inventoryLevel") {
            Some(level) => vec![level],
            None => item.pointer("/inventoryLevels/nodes").and_then(Value::as_array).into_iter().flatten().collect(),
        };
        let here = |node: &&Value| {
            node.is_object()
                && draft.location_id.as_ref().is_none_or(|id| text(node, "/location/id").as_ref() == Some(id))
        };
        match levels.into_iter().filter(here).collect::<Vec<_>>().as_slice() {
            [] => no(
                Cause::ContentRefused,
                "It is not stocked at this location. Stock it there in Shopify (the product, Inventory, Edit locations), then retry.",
            ),
            [node] => self.usable(node, &data),
            _ => no(Cause::ContentRefused, "The store counts it at several locations. Choose the one that is meant."),
        }
    }

    fn usable(&self, node: &Value, data: &Data) -> Result<Found, CallError> {
        let level = level(node).map_err(|why| {
            let sentence = format!("The store's answer about the stock could not be read ({why}).");
            CallError::Refused(self.refusal(Cause::Unreadable, &sentence).request(data.request_id.clone()))
        })?;
        let refused = |sentence: String| Ok(Err((Cause::ContentRefused, sentence)));
        if level.foreign {
            return refused(format!(
                "{} belongs to another app's fulfillment service, which counts there itself.",
                level.place_name
            ));
        }
        if !level.active {
            return refused(format!("It is not stocked at {} any more.", level.place_name));
        }
        Ok(Ok(level))
    }
}

/// `SetStock`'s variables. The number to change from is always there: `null` overwrites whatever the store has.
fn variables(key: &Uuid, level: &Level, draft: &StockDraft) -> Value {
    json!({
        "key": key.to_string(),
        "input": {
            "name": "available",
            "reason": "correction",
            "referenceDocumentUri": format!("gid://quayside/Stock/{key}"),
            "quantities": [{
                "inventoryItemId": level.item,
                "locationId": level.place,
                "quantity": draft.available,
                "changeFromQuantity": draft.expected,
            }],
        },
    })
}

/// The `n`th name of a change: the same on every try, another for every other change.
fn key(effect: &str, level: &Level, draft: &StockDraft, n: usize) -> Uuid {
    let from = draft.expected.map_or_else(|| "any".to_owned(), |from| from.to_string());
    let says = format!("{effect} {} {from} {} {n}", level.id, draft.available);
    Uuid::new_v5(&Uuid::NAMESPACE_OID, says.as_bytes())
}

fn receipt(level: &Level, request_id: Option<String>) -> Receipt {
    Receipt { remote_id: Some(level.id.clone()), request_id, note: None, cost: None }
}

fn name(draft: &StockDraft) -> &str {
    if draft.sku.is_empty() { draft.item_id.as_deref().unwrap_or("an item without SKU") } else { &draft.sku }
}

pub(super) fn text(node: &Value, at: &str) -> Option<String> {
    node.pointer(at).and_then(Value::as_str).map(str::to_owned)
}

/// A row of a list as a record; nothing where nobody counts it, or another app does.
fn stock(node: &Value) -> Result<Option<Incoming>, Unreadable> {
    let raw = node.to_string();
    match level(node) {
        Ok(level) if !level.tracked || !level.active || level.foreign => Ok(None),
        Ok(level) => {
            let record = Record::Stock(Stock {
                remote_id: level.id,
                sku: level.sku,
                item_id: level.item,
                location_id: Some(level.place),
                location_name: level.place_name,
                available: level.available,
                on_hand: level.on_hand,
                updated_at_ms: level.updated_ms,
            });
            Ok(Some(Incoming { record, raw }))
        }
        Err(why) => {
            let hash = || Uuid::new_v5(&Uuid::NAMESPACE_OID, raw.as_bytes()).to_string();
            let remote_id = text(node, "/id").unwrap_or_else(hash);
            Err(Unreadable { remote_id, number: text(node, "/item/sku"), why, raw })
        }
    }
}

fn level(node: &Value) -> Result<Level, String> {
    let demand = |at: &str| {
        text(node, at).ok_or_else(|| format!("{}: not a text", at.trim_start_matches('/').replace('/', ".")))
    };
    let quantities = node.get("quantities").and_then(Value::as_array).ok_or("quantities: no list")?;
    let quantity = |name: &str| {
        let row = quantities.iter().find(|row| row.get("name").and_then(Value::as_str) == Some(name))?;
        Whole::from_wire(row.get("quantity")?).map(|whole| whole.0)
    };
    let at = demand("/updatedAt")?;
    Ok(Level {
        id: demand("/id")?,
        item: demand("/item/id")?,
        sku: text(node, "/item/sku").unwrap_or_default().trim().to_owned(),
        place: demand("/location/id")?,
        place_name: text(node, "/location/name").unwrap_or_default(),
        available: quantity("available").ok_or("quantities.available: not a whole number")?,
        on_hand: quantity("on_hand"),
        updated_ms: parse_time(&at).ok_or("updatedAt: not a time")?,
        tracked: node.pointer("/item/tracked") != Some(&json!(false)),
        active: node.get("isActive") != Some(&json!(false)),
        foreign: node.pointer("/location/isFulfillmentService") == Some(&json!(true)),
    })
}

/// Where the next page of a list begins; `None`: this was the last.
pub(super) fn next_page(list: Option<&Value>) -> Option<String> {
    let info = list?.get("pageInfo")?;
    info.get("hasNextPage")?.as_bool().filter(|more| *more)?;
    info.get("endCursor")?.as_str().map(str::to_owned)
}

fn page(cursor: &Cursor, next: Option<&Scan>, rows: Rows) -> Page {
    Page {
        records: rows.records,
        unreadable: rows.unreadable,
        mended: vec![],
        cursor: serde_json::to_value(cursor).unwrap_or_default(),
        next: next.and_then(|scan| serde_json::to_value(scan).ok()),
        total: None,
        findings: None,
        asked: true,
    }
}
