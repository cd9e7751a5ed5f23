//! Reading orders: one search every few minutes, everything in one answer.
//!
//! A search costs three minutes of allowance, so it asks for every data set at
//! once and for a hundred orders a page; nothing is fetched order by order. What
//! makes it safe:
//!
//! - The watermark is Amazon's own `lastUpdatedBefore` of the first page, never our
//!   clock, and each scan starts five minutes before it.
//! - A scan under way is kept in the cursor (a page token lives 24 hours), so a
//!   restart in the middle of a large import goes on where it was instead of
//!   spending the allowance again. A token is only good with the same filters; one
//!   that is refused is dropped, and the scan starts over at the watermark.
//! - Tokens that lead in a circle are noticed: a page without anything new ends the
//!   scan, and then the watermark stays where it was.
//! - If Amazon refuses a group of marketplaces, each is asked by itself; one that is
//!   refused alone is told as one entry and asked again the next day.

use super::Amazon;
use super::at::{At, write_time};
use super::client::Call;
use super::limits::Op;
use super::reports::{PRODUCTS, RETURNS, STOCK};
use super::translate::{incoming, is_foreign};
use super::verdicts::CallError;
use crate::{Ask, ReadError};
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use quayside_model::{Cause, Page, Unreadable};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Changed orders.
pub const ORDERS: &str = "orders";
/// All orders still to ship, once a night: what no search ever showed.
pub const OPEN_ORDERS: &str = "open_orders";

/// How the name of a refused marketplace's trouble begins.
pub const REFUSED_PREFIX: &str = "marketplace:";

/// Data sets of a search. `FULFILLMENT` is one of them: without it an order has no status.
pub const DATA_SETS: &str = "FULFILLMENT,RECIPIENT,BUYER,PROCEEDS,PROMOTION,CANCELLATION,PACKAGES";
/// Orders per page, the most there is.
const PAGE_ROWS: usize = 100;
/// How far before the watermark a scan starts.
const OVERLAP_MS: i64 = 5 * MINUTE_MS;
/// Where an answer names no moment up to which it is complete, this much before it was asked for.
const SETTLE_MS: i64 = 2 * MINUTE_MS;
/// A page token is used for so long; Amazon ends it after 24 hours.
const TOKEN_LIFE_MS: i64 = 23 * HOUR_MS;
/// Orders of one scan that are remembered, to notice a circle.
const SEEN_MAX: usize = 1_000;
/// How far the nightly re-read looks back.
const OPEN_BACK_MS: i64 = 60 * DAY_MS;
/// A refused marketplace is asked again after so long.
const REFUSED_MS: i64 = DAY_MS;

/// How far a stream has read. Stored; old shapes must stay readable.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// Everything changed before this moment is read, ms UTC by Amazon's clock.
    watermark_ms: Option<i64>,
    /// A scan that was interrupted.
    scan: Option<Scan>,
    /// Marketplaces Amazon refused alone → when, ms UTC.
    refused: BTreeMap<String, i64>,
}

/// A scan under way.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Scan {
    /// Marketplaces still to ask, in groups; the first group is under way.
    groups: Vec<Vec<String>>,
    /// Filters that must stay the same from page to page.
    filters: Vec<(String, String)>,
    /// Token of the next page of the first group.
    token: Option<String>,
    /// When the token was given, ms UTC.
    token_at_ms: i64,
    /// When the scan began, by Amazon's clock, ms UTC.
    began_ms: i64,
    /// The earliest moment up to which an answer called itself complete, ms UTC.
    complete_to_ms: Option<i64>,
    /// Orders read in this scan: id and time of change.
    seen: Vec<(String, i64)>,
    /// Tokens led in a circle, or a marketplace was left out: not everything was read.
    incomplete: bool,
    /// Some marketplace answered.
    answered: bool,
}

impl Amazon {
    /// One page of a stream.
    pub(super) async fn read_page(&self, ask: &Ask<'_>) -> Result<Page, ReadError> {
        match ask.stream {
            ORDERS | OPEN_ORDERS => self.read_orders(ask).await,
            RETURNS | PRODUCTS | STOCK => self.read_report_stream(ask).await,
            other => {
                let sentence = format!("There is no stream called {other}.");
                Err(ReadError::Refused(self.refusal(Cause::NotUnderstood, &sentence)))
            }
        }
    }

    async fn read_orders(&self, ask: &Ask<'_>) -> Result<Page, ReadError> {
        let mut cursor: Cursor = parse(ask.cursor);
        let now_ms = self.client.door().now_ms();
        let mut scan = match ask.next.map(|next| parse(Some(next))).or_else(|| cursor.scan.take()) {
            Some(scan) if scan_is_usable(&scan, now_ms) => scan,
            _ => self.begin(ask, &mut cursor).await?,
        };
        let Some(group) = scan.groups.first().cloned() else { return Ok(page(cursor, None, vec![], vec![])) };
        let mut query: Vec<(&str, String)> = vec![("marketplaceIds", group.join(","))];
        query.extend(scan.filters.iter().map(|(name, value)| (name.as_str(), value.clone())));
        query.push(("includedData", DATA_SETS.to_owned()));
        query.push(("maxResultsPerPage", PAGE_ROWS.to_string()));
        query.extend(scan.token.clone().map(|token| ("paginationToken", token)));
        let call = Call::get(Op::SearchOrders, "/orders/2026-01-01/orders", query);
        let data = match self.client.call(&call, ask.priority, "read changed orders").await {
            Ok(data) => data,
            Err(error) => return self.on_refusal(error, cursor, scan, ask.stream),
        };
        let at = At::root(&data.body);
        let Ok(rows) = at.get("orders").need_list() else {
            let sentence = "Could not read changed orders. The answer holds no list of orders.";
            return Err(ReadError::Refused(self.refusal(Cause::PlatformTrouble, sentence).request(data.request_id)));
        };
        let (mut records, mut unreadable) = (Vec::new(), Vec::new());
        let mut news = 0;
        let values = data.body.get("orders").and_then(Value::as_array);
        for (row, value) in rows.iter().zip(values.into_iter().flatten()) {
            let key = (row.get("orderId").text(), row.get("lastUpdatedTime").time().unwrap_or(0));
            if !key.0.is_empty() && scan.seen.contains(&key) {
                continue;
            }
            news += 1;
            scan.seen.push(key);
            if is_foreign(value) {
                continue;
            }
            match incoming(value, now_ms) {
                Ok(incoming) => records.push(incoming),
                Err(bad) => unreadable.push(bad),
            }
        }
        let surplus = scan.seen.len().saturating_sub(SEEN_MAX);
        scan.seen.drain(..surplus);
        scan.answered = true;
        if let Some(before_ms) = at.get("lastUpdatedBefore").time() {
            scan.complete_to_ms = Some(scan.complete_to_ms.map_or(before_ms, |known| known.min(before_ms)));
        }
        let circle = scan.token.is_some() && news == 0 && !rows.is_empty();
        let token = Some(at.get("pagination.nextToken").text()).filter(|token| !token.is_empty());
        if let Some(token) = token.filter(|_| !circle) {
            scan.token = Some(token);
            scan.token_at_ms = now_ms;
        } else {
            scan.incomplete |= circle;
            scan.token = None;
            scan.groups.remove(0);
        }
        let mended = group.iter().map(|id| refused_id(id)).collect();
        Ok(Page { mended, ..finish(cursor, scan, ask.stream, records, unreadable) })
    }

    /// A new scan from the watermark.
    async fn begin(&self, ask: &Ask<'_>, cursor: &mut Cursor) -> Result<Scan, ReadError> {
        let now_ms = self.client.door().now_ms();
        cursor.refused.retain(|_, at_ms| now_ms - *at_ms < REFUSED_MS);
        let all = self.marketplaces(ask.priority).await?;
        let ids: Vec<String> = all.into_iter().filter(|id| !cursor.refused.contains_key(id)).collect();
        let their_now_ms = self.client.their_now_ms();
        let mut filters = if ask.stream == OPEN_ORDERS {
            vec![
                ("createdAfter".to_owned(), write_time(their_now_ms - OPEN_BACK_MS)),
                ("fulfillmentStatuses".to_owned(), "UNSHIPPED,PARTIALLY_SHIPPED".to_owned()),
            ]
        } else {
            let after_ms = cursor.watermark_ms.map_or(ask.since_ms, |watermark| watermark - OVERLAP_MS);
            vec![("lastUpdatedAfter".to_owned(), write_time(after_ms.min(their_now_ms - SETTLE_MS)))]
        };
        if ask.stream == OPEN_ORDERS || !self.shows_fba() {
            filters.push(("fulfilledBy".to_owned(), "MERCHANT".to_owned()));
        }
        // At most 50 marketplaces a call; a region has fewer.
        let groups = ids.chunks(50).map(<[String]>::to_vec).collect();
        Ok(Scan { groups, filters, began_ms: their_now_ms, ..Scan::default() })
    }

    fn on_refusal(
        &self,
        error: CallError,
        mut cursor: Cursor,
        mut scan: Scan,
        stream: &str,
    ) -> Result<Page, ReadError> {
        let now_ms = self.client.door().now_ms();
        let group = scan.groups.first().cloned().unwrap_or_default();
        match (error.status(), &error) {
            (Some(403), CallError::Refused(..)) if group.len() > 1 => {
                scan.token = None;
                scan.groups.splice(0..1, group.iter().map(|id| vec![id.clone()]));
                Ok(unfinished(cursor, scan))
            }
            (Some(403), CallError::Refused(refusal, _)) if scan.groups.len() > 1 || scan.answered => {
                let id = group.first().cloned().unwrap_or_default();
                cursor.refused.insert(id.clone(), now_ms);
                let unreadable = Unreadable {
                    remote_id: refused_id(&id),
                    number: super::places::marketplace(&id).map(|place| place.domain.to_owned()),
                    why: format!("Amazon refuses the orders of this marketplace: {refusal}"),
                    raw: json!({ "marketplaceId": id }).to_string(),
                };
                scan.token = None;
                scan.groups.remove(0);
                let done = scan.groups.is_empty();
                if done {
                    return Ok(finish(cursor, scan, stream, vec![], vec![unreadable]));
                }
                let mut page = unfinished(cursor, scan);
                page.unreadable.push(unreadable);
                Ok(page)
            }
            // The token ended, or Amazon no longer likes it: start over at the watermark.
            (Some(400), CallError::Refused(..)) if scan.token.is_some() => {
                cursor.scan = None;
                Ok(page(cursor, None, vec![], vec![]))
            }
            // The same search worked before and will again: a rollout in a region breaks it for hours.
            (Some(400), CallError::Refused(refusal, _)) => {
                let mut refusal = refusal.clone();
                refusal.cause = Cause::PlatformTrouble;
                refusal.sentence = self
                    .refusal(Cause::PlatformTrouble, "Could not read changed orders. Amazon refuses a search that is as it should be; this happens for hours while Amazon changes something. Quayside keeps its place and tries again.")
                    .sentence;
                Err(ReadError::Refused(refusal))
            }
            _ => Err(error.into()),
        }
    }
}

/// The name of the trouble that a marketplace is refused.
fn refused_id(marketplace: &str) -> String {
    format!("{REFUSED_PREFIX}{marketplace}")
}

fn scan_is_usable(scan: &Scan, now_ms: i64) -> bool {
    !scan.groups.is_empty() && (scan.token.is_none() || now_ms - scan.token_at_ms < TOKEN_LIFE_MS)
}

/// The page after which the scan goes on.
fn unfinished(mut cursor: Cursor, scan: Scan) -> Page {
    cursor.scan = Some(scan.clone());
    page(cursor, Some(scan), vec![], vec![])
}

fn finish(
    mut cursor: Cursor,
    scan: Scan,
    stream: &str,
    records: Vec<quayside_model::Incoming>,
    unreadable: Vec<Unreadable>,
) -> Page {
    if !scan.groups.is_empty() {
        cursor.scan = Some(scan.clone());
        return page(cursor, Some(scan), records, unreadable);
    }
    cursor.scan = None;
    if stream == ORDERS && !scan.incomplete {
        let reached_ms = scan.complete_to_ms.unwrap_or(scan.began_ms - SETTLE_MS);
        cursor.watermark_ms = cursor.watermark_ms.max(Some(reached_ms));
    }
    page(cursor, None, records, unreadable)
}

fn page(
    cursor: Cursor,
    next: Option<Scan>,
    records: Vec<quayside_model::Incoming>,
    unreadable: Vec<Unreadable>,
) -> Page {
    Page {
        records,
        unreadable,
        cursor: serde_json::to_value(cursor).unwrap_or_default(),
        next: next.and_then(|scan| serde_json::to_value(scan).ok()),
        mended: vec![],
        total: None,
        findings: None,
        asked: true,
    }
}

pub fn parse<T: serde::de::DeserializeOwned + Default>(value: Option<&Value>) -> T {
    value.and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default()
}
