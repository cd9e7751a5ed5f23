//! Reading: what changed, in pages that can be committed one by one.
//!
//! A read lists ids and times (cheap), skips what was read already, and reads a
//! batch of whole orders; what is left waits in the page's `next` token. Every
//! page commits how far *it* got, so a crash or an empty budget loses nothing and
//! repeats little. What makes this safe:
//!
//! - The watermark is the platform's own `updatedAt`, never our clock, and each
//!   scan starts five minutes before it: the search index lags, clocks differ.
//! - Rows inside that overlap are skipped only if they were read *well after* the
//!   second they were changed in: times are cut to the second, and two changes
//!   may share one.
//! - A scan that grows long restarts at its watermark instead of paging deeper:
//!   Shopify ends lists at 25,000 rows.
//! - A page that repeats the one before is asked for again before it is believed.

use super::Shopify;
use super::assemble::{Need, finish, merge, next_need};
use super::client::Errand;
use super::documents::Document;
use super::products::PRODUCTS;
use super::returns::RETURNS;
use super::stock;
use super::translate::{self, incoming, parse_time};
use super::verdicts::CallError;
use crate::{Ask, Priority, ReadError};
use quayside_model::time::{MINUTE_MS, SECOND_MS};
use quayside_model::{Cause, Incoming, Page, Record, Unreadable};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How far before the watermark a scan starts.
pub(super) const OVERLAP_MS: i64 = 5 * MINUTE_MS;
/// A row read this long after its change is certainly whole.
const SETTLED_MS: i64 = 5 * SECOND_MS;
/// Rows of one scan after which it restarts at its watermark; Shopify stops at 25,000.
const SCAN_ROWS_MAX: u64 = 20_000;
/// Rows per list call.
const LIST_ROWS: usize = 250;
/// Orders in the first detail call of an account; measured prices take over.
const BATCH_FIRST: usize = 2;
/// Orders in one detail call at most: more would make a page slow to commit.
const BATCH_MAX: usize = 50;
/// Rows remembered as read inside the overlap.
const SEEN_MAX: usize = 2_000;
/// Times a repeated page is asked for again before it is taken as it is.
const REPEATS_MAX: u8 = 3;
/// Half-read large orders kept for the next read.
const PARTIALS_MAX: usize = 20;
/// How long they may be used: holds and moves do not show in the order's own time.
const PARTIAL_LIFE_MS: i64 = 5 * MINUTE_MS;

/// Changed orders.
pub const ORDERS: &str = "orders";
/// Orders whose fulfillment orders changed: holds, moves and routing need not touch the order's own time.
pub const FULFILLMENT_ORDERS: &str = "fulfillment_orders";
/// All orders still to ship, once a night: what no list ever showed.
pub const OPEN_ORDERS: &str = "open_orders";

/// How far a stream has read. Stored; old shapes must stay readable.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// Latest change read, ms UTC by Shopify's clock.
    watermark_ms: Option<i64>,
    /// Rows inside the overlap that are read: id → time.
    seen: BTreeMap<String, i64>,
    /// For the sweep: digits of the last order read; `None` starts over.
    after_id: Option<u64>,
}

/// A scan under way. Lives in memory only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Scan {
    query: String,
    /// Watermark (or id) the scan started at.
    started_at: i64,
    /// List cursor.
    after: Option<String>,
    /// The list may have more.
    more: bool,
    rows: u64,
    /// Orders listed and not read yet, oldest change first.
    pending: Vec<Pending>,
    /// Names of the rows of the last list page, to notice a repetition.
    last: Vec<u64>,
    repeats: u8,
}

/// An order to be read, and the listed rows that ask for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Pending {
    /// Its id.
    pub(super) order: String,
    at_ms: i64,
    rows: Vec<(String, i64)>,
}

/// A row of a light list.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    key: String,
    order: String,
    at_ms: i64,
    fulfilled: bool,
}

/// Rows of a list that name no order, and those that do now.
#[derive(Default)]
struct OddRows {
    told: Vec<Unreadable>,
    mended: Vec<String>,
}

impl Row {
    /// A short name for the row at its time; rows of one page that share one by accident harm nobody.
    fn name(&self) -> u64 {
        let bytes = self.key.bytes().chain(self.at_ms.to_le_bytes());
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

/// What a batch brought.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) records: Vec<Incoming>,
    pub(super) unreadable: Vec<Unreadable>,
    pub(super) done: Vec<Pending>,
    pub(super) left: Vec<Pending>,
    pub(super) stopped: Option<CallError>,
}

impl Shopify {
    /// One page of a stream.
    pub(super) async fn read_page(&self, ask: &Ask<'_>) -> Result<Page, ReadError> {
        if ask.stream == stock::STOCK {
            return self.read_stock(ask).await;
        }
        if ask.stream == PRODUCTS {
            return self.read_products(ask).await;
        }
        let mut cursor: Cursor = parse(ask.cursor);
        if !matches!(ask.stream, ORDERS | FULFILLMENT_ORDERS | OPEN_ORDERS | RETURNS) {
            let refusal =
                self.client.door().refusal(Cause::NotUnderstood, &format!("There is no stream called {}.", ask.stream));
            return Err(ReadError::Refused(refusal));
        }
        if ask.stream == FULFILLMENT_ORDERS && self.lacks_scope("read_merchant_managed_fulfillment_orders") {
            return Ok(Self::page(&cursor, None, Batch::default()));
        }
        if ask.stream == RETURNS && self.lacks_scope("read_returns") {
            return Ok(Self::page(&cursor, None, Batch::default()).unasked());
        }
        let mut scan = match ask.next {
            Some(next) => parse(Some(next)),
            None => self.begin(ask.stream, &mut cursor, ask.since_ms),
        };
        let mut odd = OddRows::default();
        let mut listed = false;
        if scan.pending.is_empty() && scan.more {
            match self.list(ask.stream, &mut scan, &cursor, ask.priority).await {
                Ok(rows) => {
                    odd = rows;
                    listed = true;
                    self.drop_stale_partials(&scan.pending);
                }
                Err(CallError::Refused(refusal))
                    if refusal.cause == Cause::ScopeMissing && ask.stream == FULFILLMENT_ORDERS =>
                {
                    return Ok(Self::page(&cursor, None, Batch::default()));
                }
                Err(error) => return Err(error.into()),
            }
        }
        let mut batch = if ask.stream == RETURNS {
            self.read_returns(&mut scan.pending, ask.priority).await
        } else {
            self.read_batch(&mut scan.pending, ask.priority).await
        };
        // Taken away since the connection was tested: the next test says so, and nothing else stops.
        if ask.stream == RETURNS
            && let Some(CallError::Refused(refusal)) = &batch.stopped
            && refusal.cause == Cause::ScopeMissing
        {
            return Ok(Self::page(&parse(ask.cursor), None, Batch::default()));
        }
        if let Some(error) = batch.stopped.take()
            && batch.done.is_empty()
            && !listed
        {
            return Err(error.into());
        }
        let left = std::mem::take(&mut batch.left);
        scan.pending.splice(0..0, left);
        self.advance(ask.stream, &mut cursor, &mut scan, &batch.done);
        let next = (!scan.pending.is_empty() || scan.more).then_some(scan);
        if next.is_none() {
            cursor.after_id = None;
        }
        batch.unreadable.extend(odd.told);
        Ok(Page { mended: odd.mended, ..Self::page(&cursor, next, batch) })
    }

    /// One order now, whole; `None` if Shopify does not show it.
    pub(super) async fn read_order(&self, id: &str, priority: Priority) -> Result<Option<Value>, CallError> {
        let mut errand = Errand::new(priority);
        let data = self.client.call(Document::Orders, json!({ "ids": [id] }), 1, &mut errand, "read the order").await?;
        let order = data.orders.first().and_then(|text| serde_json::from_str::<Value>(text.get()).ok());
        let Some(mut order) = order.filter(|node| node.get("id").is_some()) else { return Ok(None) };
        // Pieces read a moment ago belong to this order as long as it has not changed.
        if let Some(partial) =
            self.take_partial(id).filter(|partial| partial.get("updatedAt") == order.get("updatedAt"))
        {
            order = partial;
        }
        if let Err(error) = self.complete_by_pieces(id, &mut order, errand).await {
            self.keep_partial(id, order);
            return Err(error);
        }
        finish(&mut order);
        Ok(Some(order))
    }

    fn page(cursor: &Cursor, next: Option<Scan>, batch: Batch) -> Page {
        Page {
            records: batch.records,
            unreadable: batch.unreadable,
            cursor: serde_json::to_value(cursor).unwrap_or_default(),
            next: next.and_then(|scan| serde_json::to_value(scan).ok()),
            mended: vec![],
            total: None,
            findings: None,
            asked: true,
        }
    }

    fn begin(&self, stream: &str, cursor: &mut Cursor, since_ms: i64) -> Scan {
        if stream == OPEN_ORDERS {
            return sweep(cursor.after_id);
        }
        // The import reads fulfillment orders with their orders; this stream begins with what changes from now on.
        let first_ms = if stream == FULFILLMENT_ORDERS { self.their_now_ms() - OVERLAP_MS } else { since_ms };
        let since_ms = cursor.watermark_ms.map_or(first_ms, |watermark| watermark - OVERLAP_MS);
        cursor.seen.retain(|_, at_ms| *at_ms >= since_ms);
        if cursor.watermark_ms.is_none() && stream == FULFILLMENT_ORDERS {
            cursor.watermark_ms = Some(since_ms + OVERLAP_MS);
        }
        changes_since(stream, since_ms)
    }

    /// Lists one more page into `scan.pending`; tells of rows that name no order.
    async fn list(
        &self,
        stream: &str,
        scan: &mut Scan,
        cursor: &Cursor,
        priority: Priority,
    ) -> Result<OddRows, CallError> {
        let document = if stream == FULFILLMENT_ORDERS { Document::FulfillmentOrderList } else { Document::OrderList };
        let data = loop {
            let n = self.client.size(document, LIST_ROWS, LIST_ROWS);
            let mut variables = json!({ "q": scan.query, "n": n, "after": scan.after });
            if document == Document::OrderList {
                variables["sort"] = json!(if stream == OPEN_ORDERS { "ID" } else { "UPDATED_AT" });
            }
            match self.client.call(document, variables, n, &mut Errand::new(priority), "list changed orders").await {
                Err(CallError::TooCostly(_)) if n > 1 => {}
                other => break other?.data,
            }
        };
        let list = data.get(if stream == FULFILLMENT_ORDERS { "fulfillmentOrders" } else { "orders" });
        let (mut rows, mut odd) = (Vec::new(), OddRows::default());
        let nodes = list.and_then(|l| l.get("nodes")).and_then(Value::as_array).into_iter().flatten();
        // A node that is null was deleted since the list was made.
        for node in nodes.filter(|node| !node.is_null()) {
            match row(node, stream == FULFILLMENT_ORDERS) {
                Ok(row) => {
                    // An order's own trouble ends when the order is read.
                    odd.mended.extend(Some(&row.key).filter(|key| **key != row.order).cloned());
                    rows.push(row);
                }
                Err(told) => odd.told.push(told),
            }
        }
        let page: Vec<u64> = rows.iter().map(Row::name).collect();
        if !page.is_empty() && page.iter().all(|row| scan.last.contains(row)) && scan.repeats < REPEATS_MAX {
            scan.repeats += 1;
            return Ok(OddRows::default());
        }
        let info = list.and_then(|l| l.get("pageInfo"));
        let end = info.and_then(|info| info.get("endCursor")).and_then(Value::as_str).map(str::to_owned);
        scan.more =
            end.is_some() && info.and_then(|info| info.get("hasNextPage")).and_then(Value::as_bool).unwrap_or(false);
        scan.after = end;
        scan.rows += rows.len() as u64;
        scan.repeats = 0;
        scan.last = page;
        scan.pending = pending(rows, cursor, stream == OPEN_ORDERS);
        Ok(odd)
    }

    /// Reads the first few of `pending`, whole.
    async fn read_batch(&self, pending: &mut Vec<Pending>, priority: Priority) -> Batch {
        let mut batch = Batch::default();
        if pending.is_empty() {
            return batch;
        }
        let (todo, nodes) = loop {
            let n = self.client.size(Document::Orders, BATCH_FIRST, BATCH_MAX).min(pending.len());
            let ids: Vec<&str> =
                pending[..n].iter().map(|p| p.order.as_str()).filter(|id| !self.has_partial(id)).collect();
            if ids.is_empty() {
                break (pending.drain(..n).collect::<Vec<_>>(), (BTreeMap::new(), Vec::new()));
            }
            match self
                .client
                .call(
                    Document::Orders,
                    json!({ "ids": ids }),
                    ids.len(),
                    &mut Errand::new(priority),
                    "read changed orders",
                )
                .await
            {
                Ok(data) => break (pending.drain(..n).collect(), by_id(data.orders)),
                // The size was halved; a lone order that is too large stays an error.
                Err(CallError::TooCostly(_)) if n > 1 => {}
                Err(error) => {
                    batch.stopped = Some(error);
                    return batch;
                }
            }
        };
        let (mut nodes, mut strays) = nodes;
        let mut missing = Vec::new();
        for wanted in todo {
            let fetched = match nodes.remove(&wanted.order) {
                Some(text) => match self.whole(text) {
                    Ok(incoming) => {
                        batch.records.push(incoming);
                        batch.done.push(wanted);
                        continue;
                    }
                    Err(order) => Some(order),
                },
                None => self.take_partial(&wanted.order),
            };
            // Listed and not there: deleted meanwhile, or beyond the 60 days this app may see.
            let Some(mut order) = fetched else {
                missing.push(wanted.order.clone());
                batch.done.push(wanted);
                continue;
            };
            let complete = if batch.stopped.is_some() && next_need(&order).is_some() {
                false
            } else {
                // Pieces are kept, so each is an errand of its own: a wait for one does not wait for all.
                match self.complete_by_pieces(&wanted.order, &mut order, Errand::new(priority)).await {
                    Ok(()) => true,
                    Err(error) => {
                        batch.stopped = Some(error);
                        false
                    }
                }
            };
            if !complete {
                self.keep_partial(&wanted.order, order);
                batch.left.push(wanted);
                continue;
            }
            finish(&mut order);
            match incoming(&order, self.store_handle()) {
                Ok(incoming) => batch.records.push(incoming),
                Err(unreadable) => batch.unreadable.push(unreadable),
            }
            batch.done.push(wanted);
        }
        // What came and is nobody's is no deleted order: it is one whose id cannot be read.
        strays.extend(nodes.into_values());
        let named = missing.len() == strays.len();
        for (i, stray) in strays.iter().enumerate() {
            let id = missing.get(i).filter(|_| named);
            batch.unreadable.push(translate::stray(stray.get(), id.map(String::as_str)));
        }
        batch
    }

    /// An order that came whole. One that was read before, word by word, is known by its text. Otherwise its JSON, to be
    /// completed, or to be told why it cannot be read.
    fn whole(&self, text: Box<RawValue>) -> Result<Incoming, Value> {
        let record = self.translated.get_or("order", text.get().as_bytes(), || {
            let order: Value = serde_json::from_str(text.get()).unwrap_or_default();
            if next_need(&order).is_some() {
                return Err(order);
            }
            translate::order(&order, self.store_handle()).map(Record::Order).map_err(|_| order)
        })?;
        Ok(Incoming { record, raw: String::from(Box::<str>::from(text)) })
    }

    /// Asks for whatever is missing from `order`.
    pub(super) async fn complete(&self, id: &str, order: &mut Value, errand: &mut Errand) -> Result<(), CallError> {
        while let Some(need) = next_need(order) {
            self.piece(id, order, &need, errand).await?;
        }
        Ok(())
    }

    /// The same where the pieces are kept: each piece together with what came before `errand` is a step of its own, so
    /// that an order dearer than the whole allowance is read all the same, one step at a time.
    async fn complete_by_pieces(&self, id: &str, order: &mut Value, errand: Errand) -> Result<(), CallError> {
        while let Some(need) = next_need(order) {
            self.piece(id, order, &need, &mut errand.clone()).await?;
        }
        Ok(())
    }

    async fn piece(&self, id: &str, order: &mut Value, need: &Need, errand: &mut Errand) -> Result<(), CallError> {
        let (document, variables, units) = need.question(id);
        let data = self.client.call(document, variables, units, errand, "read the rest of a large order").await?;
        if merge(order, need, &data.data) {
            return Ok(());
        }
        let refusal = self
            .client
            .door()
            .refusal(Cause::PlatformTrouble, "A large order changed while it was being read. It is read again.");
        Err(CallError::NotExecuted(refusal.about(id)))
    }

    /// Moves the cursor over what is done, never past what is still pending.
    fn advance(&self, stream: &str, cursor: &mut Cursor, scan: &mut Scan, done: &[Pending]) {
        if stream == OPEN_ORDERS {
            cursor.after_id = done.iter().filter_map(|p| digits(&p.order)).max().or(cursor.after_id);
            if scan.rows >= SCAN_ROWS_MAX && scan.more && scan.pending.is_empty() && cursor.after_id.is_some() {
                *scan = sweep(cursor.after_id);
            }
            return;
        }
        let latest = done.iter().flat_map(|p| p.rows.iter().map(|(_, at_ms)| *at_ms)).max();
        let first_pending = scan.pending.iter().map(|p| p.at_ms).min();
        let reached = latest.map(|latest| first_pending.map_or(latest, |pending| latest.min(pending)));
        cursor.watermark_ms = cursor.watermark_ms.max(reached);
        let settled_ms = self.their_now_ms() - SETTLED_MS;
        for (key, at_ms) in done.iter().flat_map(|p| &p.rows).filter(|(_, at_ms)| *at_ms <= settled_ms) {
            cursor.seen.insert(key.clone(), *at_ms);
        }
        if let Some(watermark) = cursor.watermark_ms {
            cursor.seen.retain(|_, at_ms| *at_ms >= watermark - OVERLAP_MS);
            if scan.rows >= SCAN_ROWS_MAX && scan.more && scan.pending.is_empty() && watermark > scan.started_at {
                *scan = changes_since(stream, watermark);
            }
        }
        while cursor.seen.len() > SEEN_MAX {
            // The oldest are the least likely to be listed again; reading one twice harms nobody.
            let Some(oldest) = cursor.seen.iter().min_by_key(|(_, at_ms)| **at_ms).map(|(key, _)| key.clone()) else {
                break;
            };
            cursor.seen.remove(&oldest);
        }
    }

    /// Now by Shopify's clock, as far as we know it.
    pub(super) fn their_now_ms(&self) -> i64 {
        self.client.door().now_ms() + self.client.door().sure_skew_ms()
    }

    fn has_partial(&self, id: &str) -> bool {
        self.partials().contains_key(id)
    }

    fn take_partial(&self, id: &str) -> Option<Value> {
        self.partials().remove(id).map(|(_, order)| order)
    }

    fn keep_partial(&self, id: &str, order: Value) {
        let now_ms = self.client.door().now_ms();
        let mut partials = self.partials();
        partials.retain(|_, (kept_ms, _)| now_ms - *kept_ms < PARTIAL_LIFE_MS);
        if partials.len() < PARTIALS_MAX {
            partials.insert(id.to_owned(), (now_ms, order));
        }
    }

    /// Half-read orders that are older than what the list says now are read anew.
    fn drop_stale_partials(&self, pending: &[Pending]) {
        let now_ms = self.client.door().now_ms();
        let mut partials = self.partials();
        partials.retain(|id, (kept_ms, order)| {
            if now_ms - *kept_ms >= PARTIAL_LIFE_MS {
                return false;
            }
            let read_ms = order.get("updatedAt").and_then(Value::as_str).and_then(parse_time).unwrap_or(0);
            pending.iter().find(|p| p.order == *id).is_none_or(|p| p.at_ms <= read_ms)
        });
    }
}

pub(super) fn parse<'v, T: Deserialize<'v> + Default>(value: Option<&'v Value>) -> T {
    value.and_then(|value| T::deserialize(value).ok()).unwrap_or_default()
}

fn changes_since(stream: &str, since_ms: i64) -> Scan {
    // A store that does not know the second term ignores it: more is read then, and nothing is missed.
    let only = if stream == RETURNS { " -return_status:no_return" } else { "" };
    let query = format!("updated_at:>='{}'{only}", second(since_ms));
    Scan { query, started_at: since_ms, more: true, ..Scan::default() }
}

fn sweep(after_id: Option<u64>) -> Scan {
    let query = after_id.map_or_else(|| "status:open".to_owned(), |id| format!("status:open id:>{id}"));
    Scan { query, started_at: after_id.unwrap_or(0) as i64, more: true, ..Scan::default() }
}

/// ISO 8601 to the second, rounded down: an earlier start only overlaps.
pub(super) fn second(at_ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(at_ms).unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A row of a list; `of_another`: it stands for a part of an order and names that. What names no order is told: the
/// order would otherwise be passed over without a word.
fn row(node: &Value, of_another: bool) -> Result<Row, Unreadable> {
    let text = |name: &str| node.get(name).and_then(Value::as_str).map(str::to_owned);
    let told = |id: Option<String>, why: &str| {
        let raw = node.to_string();
        let hash = || uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, raw.as_bytes()).to_string();
        Unreadable { remote_id: id.unwrap_or_else(hash), number: None, why: why.to_owned(), raw }
    };
    let key = text("id").ok_or_else(|| told(None, "id: not a text"))?;
    let order = match text("orderId") {
        Some(order) => order,
        None if of_another => return Err(told(Some(key), "orderId: not a text")),
        None => key.clone(),
    };
    Ok(Row {
        order,
        key,
        // A row whose time cannot be read is read as if it changed now, and never remembered as seen.
        at_ms: text("updatedAt").and_then(|text| parse_time(&text)).unwrap_or(0),
        fulfilled: text("displayFulfillmentStatus").is_some_and(|status| status == "FULFILLED"),
    })
}

/// Orders to read for these rows: unread ones, one entry per order, oldest first.
fn pending(mut rows: Vec<Row>, cursor: &Cursor, sweep: bool) -> Vec<Pending> {
    if sweep {
        rows.retain(|row| !row.fulfilled);
        rows.sort_by_key(|row| digits(&row.order));
    } else {
        rows.retain(|row| row.at_ms == 0 || cursor.seen.get(&row.key).is_none_or(|seen| row.at_ms > *seen));
        rows.sort_by_key(|row| row.at_ms);
    }
    let mut pending: Vec<Pending> = Vec::new();
    for row in rows {
        match pending.iter_mut().find(|p| p.order == row.order) {
            Some(known) => known.rows.push((row.key, row.at_ms)),
            None => pending.push(Pending { order: row.order, at_ms: row.at_ms, rows: vec![(row.key, row.at_ms)] }),
        }
    }
    pending
}

/// Orders by their id, and those whose id cannot be read.
fn by_id(orders: Vec<Box<RawValue>>) -> (BTreeMap<String, Box<RawValue>>, Vec<Box<RawValue>>) {
    #[derive(Deserialize)]
    struct Id {
        id: String,
    }
    let (mut known, mut strays) = (BTreeMap::new(), Vec::new());
    for text in orders {
        match serde_json::from_str::<Id>(text.get()) {
            Ok(Id { id }) => drop(known.insert(id, text)),
            Err(_) => strays.push(text),
        }
    }
    (known, strays)
}

/// The digits of a gid: `gid://shopify/Order/1?x=2` is 1.
pub(super) fn digits(gid: &str) -> Option<u64> {
    gid.rsplit('/').next()?.split('?').next()?.parse().ok()
}
