//! Reading: what changed, in pages that can be committed one by one.
//!
//! A list call brings rows with their lines; what a row still lacks (shipments,
//! lines beyond 50, refunds) is asked for order by order, and what is left waits in
//! the page's `next` token. Every page commits how far *it* got, so a crash or an
//! empty allowance loses nothing and repeats little. What makes this safe:
//!
//! - The watermark is the platform's own `date_modified`, compared as an instant,
//!   and each scan starts five minutes before it. Rows inside that overlap are
//!   skipped only if they were read *well after* the second they changed in.
//! - Rows move while a list is paged by a key that changes. So after a full page the
//!   list begins again at its last row (one second before it: whether the bound is
//!   inclusive is not documented), and page numbers are used only inside one second,
//!   or where the list turns out not to be sorted.
//! - A full page on which every row is older than what was asked for means that the
//!   filter was not obeyed; a page that comes again and again ends the scan. Both are
//!   said aloud instead of reading the whole store for ever.
//! - Unfinished checkouts (status 0) are no orders and are left out.

use super::BigCommerce;
use super::client::{Api, Call};
use super::customers::{Buyers, customer_of};
use super::gather::{ROWS, Whole, id_of, including};
use super::parts::{self, Part};
use super::status::{self, Stage};
use super::times::{filter_time, parse_time};
use super::translate::{Shop, incoming, unreadable};
use super::verdicts::CallError;
use crate::{Ask, Priority, ReadError};
use quayside_model::time::{DAY_MS, MINUTE_MS, SECOND_MS};
use quayside_model::{Cause, Incoming, Page, Record, Unreadable};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

/// How far before the watermark a scan starts.
const OVERLAP_MS: i64 = 5 * MINUTE_MS;
/// A row read this long after its change is certainly whole.
const SETTLED_MS: i64 = 5 * SECOND_MS;
/// Orders finished per page: keeps a page quick to commit.
const BATCH_MAX: usize = 50;
/// Rows remembered as read inside the overlap.
const SEEN_MAX: usize = 2_000;
/// Orders with several addresses whose parts are remembered.
const PARTS_MAX: usize = 1_000;
/// Times a repeated page is asked for again before it ends the scan.
const REPEATS_MAX: u8 = 3;
/// Times a page in disorder is asked for again before the list is taken for one that is not sorted.
const UNSORTED_MAX: u8 = 2;
/// Fewest rows a list call asks for, however slow the store is.
const ROWS_MIN: usize = 10;
/// Orders put to "shipped" longer ago than this are not swept again.
const SWEEP_SHIPPED_MS: i64 = 30 * DAY_MS;

/// Changed orders.
pub const ORDERS: &str = "orders";
/// All orders still to ship, once a night: shipments and notes may not move an order's own time.
pub const OPEN_ORDERS: &str = "open_orders";

/// Order → its further addresses.
type Parts = BTreeMap<i64, BTreeSet<i64>>;

/// How far a stream has read. Stored; old shapes must stay readable.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// Latest change read, ms UTC by the platform's clock.
    watermark_ms: Option<i64>,
    /// Rows inside the overlap that are read: id → time.
    seen: BTreeMap<i64, i64>,
    /// For the sweep: which status is listed, and the last order read of it.
    sweep: Option<(usize, i64)>,
    /// Further parts that orders with several addresses were read in: order → addresses ([`parts::Part`]). One that a
    /// later reading no longer has is told to be gone.
    parts: Parts,
}

/// A scan under way. Lives in memory only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Scan {
    /// Lower bound of what is listed, ms UTC.
    since_ms: i64,
    page: usize,
    /// The list may have more.
    more: bool,
    /// For the sweep: place in [`status::SWEPT`], and the id after which it goes on.
    sweep: Option<(usize, i64)>,
    /// Orders listed and not finished yet, oldest change first.
    pending: Vec<Pending>,
    /// What the store's customers tell of the buyers of what was listed last; `None`: not asked yet.
    buyers: Option<Buyers>,
    /// Rows of the last list page, to notice a repetition.
    last: Vec<(i64, i64)>,
    repeats: u8,
    /// Full pages that came in another order than asked for.
    unsorted: u8,
}

/// A listed order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Pending {
    id: i64,
    at_ms: i64,
    row: Value,
}

/// What a batch brought.
#[derive(Default)]
struct Batch {
    records: Vec<Incoming>,
    unreadable: Vec<Unreadable>,
    done: Vec<(i64, i64)>,
    stopped: Option<CallError>,
}

impl BigCommerce {
    /// One page of the order streams.
    pub(super) async fn read_orders(&self, ask: &Ask<'_>) -> Result<Page, ReadError> {
        let mut cursor: Cursor = parse(ask.cursor);
        let mut shop = self.shop(ask.priority).await?;
        let mut scan = match ask.next {
            Some(next) => parse(Some(next)),
            None => Self::begin(ask.stream, &mut cursor, ask.since_ms),
        };
        let mut listed = false;
        if scan.pending.is_empty() && scan.more {
            self.list(&mut scan, &cursor, ask.priority).await?;
            listed = true;
        }
        let mut batch = match self.buyers_of(&mut scan, ask.priority).await {
            Ok(buyers) => {
                shop.buyers = buyers;
                self.finish_batch(&mut scan.pending, &mut cursor.parts, &shop, ask.priority).await
            }
            // What was listed is kept, and its buyers are asked for first when it goes on.
            Err(error) => Batch { stopped: Some(error), ..Batch::default() },
        };
        if let Some(error) = batch.stopped.take()
            && batch.done.is_empty()
            && !listed
        {
            return Err(error.into());
        }
        self.advance(&mut cursor, &mut scan, &batch.done);
        let next = (!scan.pending.is_empty() || scan.more).then_some(scan);
        if next.is_none() {
            cursor.sweep = None;
        }
        Ok(Page {
            records: batch.records,
            unreadable: batch.unreadable,
            cursor: serde_json::to_value(&cursor).unwrap_or_default(),
            next: next.and_then(|scan| serde_json::to_value(scan).ok()),
            mended: vec![],
            total: None,
            findings: None,
            asked: true,
        })
    }

    fn begin(stream: &str, cursor: &mut Cursor, since_ms: i64) -> Scan {
        if stream == OPEN_ORDERS {
            return Scan { sweep: Some(cursor.sweep.unwrap_or((0, 0))), page: 1, more: true, ..Scan::default() };
        }
        let since_ms = cursor.watermark_ms.map_or(since_ms, |watermark| watermark - OVERLAP_MS);
        cursor.seen.retain(|_, at_ms| *at_ms >= since_ms);
        Scan { since_ms, page: 1, more: true, ..Scan::default() }
    }

    /// Lists one more page into `scan.pending`.
    async fn list(&self, scan: &mut Scan, cursor: &Cursor, priority: Priority) -> Result<(), CallError> {
        let limit = self.rows.load(Ordering::Relaxed).clamp(ROWS_MIN, ROWS);
        let mut call = including(Call::get(Api::V2, "/orders", priority)).with("limit", limit);
        let what = "list changed orders";
        call = match scan.sweep {
            Some((place, after)) => {
                let Some(id) = status::SWEPT.get(place) else {
                    scan.more = false;
                    return Ok(());
                };
                let call = call.with("status_id", id).with("min_id", after + 1).with("sort", "id:asc");
                if *id == status::SHIPPED {
                    call.with("min_date_created", filter_time(self.their_now_ms() - SWEEP_SHIPPED_MS))
                } else {
                    call
                }
            }
            None => call
                .with("min_date_modified", filter_time(scan.since_ms))
                .with("sort", "date_modified:asc")
                .with("page", scan.page),
        };
        let reply = match self.client.send(call, what).await {
            Ok(reply) => reply,
            Err(error) => {
                if matches!(error, CallError::TooLarge(_) | CallError::Lost(_)) {
                    // Too slow or too large with all their lines: fewer at once next time.
                    self.rows.store((limit / 2).max(ROWS_MIN), Ordering::Relaxed);
                }
                return Err(error);
            }
        };
        let Some(rows) = reply.rows() else {
            let sentence = format!("Could not {what}. The answer is no list.");
            return Err(CallError::NotExecuted(self.refusal(Cause::PlatformTrouble, &sentence)));
        };
        self.rows.store((limit * 2).min(ROWS), Ordering::Relaxed);
        let full = rows.len() >= limit;
        let page: Vec<(i64, i64)> = rows.iter().map(|row| (id_of(row, "id").unwrap_or(0), changed_ms(row))).collect();
        if full && page.iter().all(|row| scan.last.contains(row)) {
            scan.repeats += 1;
            if scan.repeats > REPEATS_MAX {
                return Err(CallError::NotExecuted(self.refusal(
                    Cause::PlatformTrouble,
                    "Could not list changed orders. The store sends the same page again and again; the scan was ended, and begins anew later.",
                )));
            }
            return Ok(());
        }
        scan.repeats = 0;
        if full && scan.sweep.is_none() && page.iter().all(|(_, at_ms)| *at_ms < scan.since_ms - SECOND_MS) {
            return Err(CallError::Refused(self.refusal(
                Cause::NotUnderstood,
                "Could not list changed orders. The store did not obey the date it was asked for and sent older orders only. Nothing was skipped; please report it.",
            )));
        }
        if full && scan.sweep.is_none() && !is_sorted(&page) && scan.unsorted < UNSORTED_MAX {
            // An accident, or a store that does not sort? Asked once more before pages are counted instead.
            scan.unsorted += 1;
            return Ok(());
        }
        step(scan, &page, full);
        scan.pending = self.pending(rows, cursor, scan.sweep.is_some());
        scan.buyers = None;
        scan.last = page;
        Ok(())
    }

    /// What the store's customers tell of the buyers of the orders that were listed: one call for all of them.
    async fn buyers_of(&self, scan: &mut Scan, priority: Priority) -> Result<Buyers, CallError> {
        if let Some(buyers) = &scan.buyers {
            return Ok(buyers.clone());
        }
        let ids = scan.pending.iter().filter_map(|one| customer_of(&one.row)).collect();
        let buyers = self.buyers(&ids, priority).await?;
        scan.buyers = Some(buyers.clone());
        Ok(buyers)
    }

    /// Orders to finish for these rows: unread ones, oldest first.
    fn pending(&self, rows: &[Value], cursor: &Cursor, sweep: bool) -> Vec<Pending> {
        let mut pending: Vec<Pending> = Vec::new();
        for row in rows {
            let id = id_of(row, "id").unwrap_or(0);
            let at_ms = changed_ms(row);
            let no_order = id_of(row, "status_id").is_some_and(|status| status::status(status).stage == Stage::NoOrder);
            // A row whose time cannot be read is never taken for one that was read.
            let known = !sweep && at_ms > 0 && cursor.seen.get(&id).is_some_and(|seen| at_ms <= *seen);
            if no_order || known || !self.reads_channel(row) || pending.iter().any(|p| p.id == id && id > 0) {
                continue;
            }
            pending.push(Pending { id, at_ms, row: row.clone() });
        }
        if !sweep {
            pending.sort_by_key(|p| p.at_ms);
        }
        pending
    }

    /// The order was bought in a storefront that this connection is about.
    fn reads_channel(&self, row: &Value) -> bool {
        self.channels.is_empty() || id_of(row, "channel_id").is_none_or(|channel| self.channels.contains(&channel))
    }

    /// Finishes the first few of `pending`, and takes them out.
    async fn finish_batch(
        &self,
        pending: &mut Vec<Pending>,
        known: &mut Parts,
        shop: &Shop,
        priority: Priority,
    ) -> Batch {
        let mut batch = Batch::default();
        while !pending.is_empty() && batch.done.len() < BATCH_MAX {
            let one = pending.remove(0);
            if one.id <= 0 {
                // Nothing can be asked about an order without an id; it is told, and nothing waits for it.
                batch.unreadable.push(unreadable(&Whole::bare(one.row), "order.id: not a number".into()));
                batch.done.push((one.id, one.at_ms));
                continue;
            }
            match self.complete(one.row.clone(), priority).await {
                Ok(whole) => {
                    match incoming(&whole, shop) {
                        Ok(incoming) => {
                            let missing = missing_parts(one.id, &incoming, known);
                            batch.records.extend(incoming);
                            for address in missing {
                                let gone = parts::gone(&whole, address, shop);
                                let gone =
                                    gone.map(|order| Incoming { record: Record::Order(order), raw: whole.raw() });
                                match gone {
                                    Ok(gone) => batch.records.push(gone),
                                    Err(why) => batch.unreadable.push(unreadable(&whole, why)),
                                }
                            }
                        }
                        Err(unreadable) => batch.unreadable.push(unreadable),
                    }
                    batch.done.push((one.id, one.at_ms));
                }
                // Listed and gone a moment later: deleted for good.
                Err(CallError::Gone(_)) => batch.done.push((one.id, one.at_ms)),
                Err(error) => {
                    pending.insert(0, one);
                    batch.stopped = Some(error);
                    return batch;
                }
            }
        }
        batch
    }

    /// Moves the cursor over what is done, never past what is still pending.
    fn advance(&self, cursor: &mut Cursor, scan: &mut Scan, done: &[(i64, i64)]) {
        if let Some(place) = scan.sweep {
            // Only whole pages are skipped after a restart.
            if scan.pending.is_empty() {
                cursor.sweep = Some(place);
            }
            return;
        }
        let latest = done.iter().map(|(_, at_ms)| *at_ms).max();
        let first_pending = scan.pending.iter().map(|p| p.at_ms).min();
        let reached = latest.map(|latest| first_pending.map_or(latest, |pending| latest.min(pending)));
        cursor.watermark_ms = cursor.watermark_ms.max(reached.filter(|at_ms| *at_ms > 0));
        let settled_ms = self.their_now_ms() - SETTLED_MS;
        for (id, at_ms) in done.iter().filter(|(id, at_ms)| *id > 0 && *at_ms > 0 && *at_ms <= settled_ms) {
            cursor.seen.insert(*id, *at_ms);
        }
        if let Some(watermark) = cursor.watermark_ms {
            cursor.seen.retain(|_, at_ms| *at_ms >= watermark - OVERLAP_MS);
        }
        while cursor.seen.len() > SEEN_MAX {
            // The oldest are the least likely to be listed again; reading one twice harms nobody.
            let Some(oldest) = cursor.seen.iter().min_by_key(|(_, at_ms)| **at_ms).map(|(id, _)| *id) else { break };
            cursor.seen.remove(&oldest);
        }
    }

    /// Now by the platform's clock, as far as we know it.
    pub(super) fn their_now_ms(&self) -> i64 {
        self.client.door().now_ms() + self.client.door().sure_skew_ms()
    }
}

/// Remembers the parts an order was read in, and gives those it was read in before and not now.
fn missing_parts(id: i64, incoming: &[Incoming], known: &mut Parts) -> Vec<i64> {
    let now: BTreeSet<i64> =
        incoming.iter().filter_map(|one| Part::of(one.record.remote_id())).filter_map(|part| part.address).collect();
    let before = known.remove(&id).unwrap_or_default();
    let missing = before.difference(&now).copied().collect();
    if !now.is_empty() {
        known.insert(id, now);
    }
    while known.len() > PARTS_MAX {
        // The oldest orders are the least likely to be taken apart still.
        known.pop_first();
    }
    missing
}

/// Where the list goes on after a page.
fn step(scan: &mut Scan, page: &[(i64, i64)], full: bool) {
    if let Some((place, after)) = scan.sweep {
        let last = page.iter().map(|(id, _)| *id).max().unwrap_or(after);
        scan.sweep = Some(if full && last > after { (place, last) } else { (place + 1, 0) });
        scan.more = scan.sweep.is_some_and(|(place, _)| place < status::SWEPT.len());
        return;
    }
    scan.more = full;
    if !full {
        return;
    }
    let last_ms = page.last().map_or(0, |(_, at_ms)| *at_ms);
    let anchor_ms = last_ms - SECOND_MS;
    if is_sorted(page) && anchor_ms > scan.since_ms {
        scan.since_ms = anchor_ms;
        scan.page = 1;
    } else {
        scan.page += 1;
    }
}

/// The rows come in the order they were asked for in: by time, and all have one.
fn is_sorted(page: &[(i64, i64)]) -> bool {
    page.is_sorted_by_key(|(_, at_ms)| *at_ms) && page.iter().all(|(_, at_ms)| *at_ms > 0)
}

/// When a row says it changed, ms UTC; 0 if that cannot be read.
fn changed_ms(row: &Value) -> i64 {
    row.get("date_modified").and_then(Value::as_str).and_then(parse_time).unwrap_or(0)
}

fn parse<T: serde::de::DeserializeOwned + Default>(value: Option<&Value>) -> T {
    value.and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan() -> Scan {
        Scan { since_ms: 10_000, page: 1, more: true, ..Scan::default() }
    }

    #[test]
    fn a_full_page_is_re_anchored_one_second_before_its_last_row() {
        let mut one = scan();
        step(&mut one, &[(1, 20_000), (2, 30_000)], true);
        assert_eq!((one.since_ms, one.page, one.more), (29_000, 1, true));
        step(&mut one, &[(2, 30_000)], false);
        assert!(!one.more);
    }

    #[test]
    fn pages_are_counted_only_within_one_second_or_without_order() {
        let mut same = Scan { since_ms: 29_000, ..scan() };
        step(&mut same, &[(1, 30_000), (2, 30_000)], true);
        assert_eq!((same.since_ms, same.page), (29_000, 2));
        let mut unsorted = scan();
        step(&mut unsorted, &[(2, 30_000), (1, 20_000)], true);
        assert_eq!((unsorted.since_ms, unsorted.page), (10_000, 2));
        let mut untimed = scan();
        step(&mut untimed, &[(1, 0), (2, 30_000)], true);
        assert_eq!((untimed.since_ms, untimed.page), (10_000, 2));
    }

    #[test]
    fn a_sweep_goes_through_every_status() {
        let mut sweep = Scan { sweep: Some((0, 0)), ..scan() };
        step(&mut sweep, &[(5, 1), (9, 1)], true);
        assert_eq!(sweep.sweep, Some((0, 9)));
        for place in 1..=status::SWEPT.len() {
            assert!(sweep.more);
            step(&mut sweep, &[], false);
            assert_eq!(sweep.sweep, Some((place, 0)));
        }
        assert!(!sweep.more);
    }

    #[test]
    fn times_are_compared_as_instants() {
        // As text "Fri" comes before "Mon"; as instants it is the other way round.
        let monday = serde_json::json!({"date_modified": "Mon, 16 Nov 2026 10:00:00 +0000"});
        let friday = serde_json::json!({"date_modified": "Fri, 20 Nov 2026 10:00:00 +0000"});
        assert!(changed_ms(&monday) < changed_ms(&friday));
    }
}
