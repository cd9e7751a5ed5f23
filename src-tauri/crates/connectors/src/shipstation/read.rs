//! Streams: one page at a time, from whichever API serves the account.
//!
//! | stream | V1 | V2 only |
//! | --- | --- | --- |
//! | `orders` | `/orders` by modifyDate | `/v2/shipments` by modified_at |
//! | `shipments` | `/shipments` by createDate, with items | `/v2/labels` by created_at |
//! | `voids` | `/shipments` by voidDate | `/v2/labels`, voided ones, newest first |
//! | `fulfillments` | `/fulfillments` by createDate | `/v2/fulfillments` by create_date |
//! | `products` | `/products`, all of them | `/v2/products`, all of them |
//! | `stock` | – | `/v2/inventory` by warehouse, all of it |
//! | `tracking` | – | `/v2/labels` by created_at, also where V1 reads the labels themselves |
//!
//! Products have no filter by change either, and nobody waits for them: the whole list once a day, behind everything
//! else. Those that are switched off come along, so that it is known. Nor have counts: they are read whole, with the
//! add-on only.
//!
//! Labels and fulfillments have no filter by change, so `shipments` and
//! `fulfillments` look far back now and then: that is how "the store was told",
//! deliveries and late voids of fulfillments are noticed.
//!
//! Nor is it written anywhere that a scan moves a label's modified_at. `tracking` does not count on it: it lists the labels
//! of the last days every hour, those of a month once a day (see `tracks.rs`).

use super::choose::{Need, Route, choose};
use super::client::{Api, Call, Failure, Reply};
use super::hub::{Hub, NotFound};
use super::ids::{self, ParcelId};
use super::paging::{self, Cursor, Habit, LADDER_V1, LADDER_V2, Scan, Step};
use super::wire_v1::{FulfillmentV1, OrderV1, ProductV1, ShipmentV1};
use super::wire_v2::{FulfillmentV2, LabelV2, LevelV2, ProductV2};
use super::{compose_v2, pacific, tracks, translate, verdicts, wire};
use crate::{Ask, Priority, ReadError};
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use quayside_model::{Cause, Incoming, Page, Record, RecordKind, Unreadable};
use serde::Deserialize as _;
use serde_json::Value;
use serde_json::value::RawValue;

/// Names of the streams.
pub(super) const ORDERS: &str = "orders";
/// As above.
pub(super) const SHIPMENTS: &str = "shipments";
/// As above.
pub(super) const VOIDS: &str = "voids";
/// As above.
pub(super) const FULFILLMENTS: &str = "fulfillments";
/// As above.
pub(super) const PRODUCTS: &str = "products";
/// As above.
pub(super) const STOCK: &str = "stock";
/// As above.
pub(super) const TRACKING: &str = "tracking";

const OVERLAP_MS: i64 = 10 * MINUTE_MS;
/// How many neighbours are tried before a page of one that fails counts as the platform's trouble.
const NEIGHBOURS: u64 = 3;

/// One list at one API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct List {
    api: Api,
    stream: &'static str,
    path: &'static str,
    /// Member that holds the rows.
    key: &'static str,
    habit: Habit,
    /// Newest first, without a filter by time: ends where the window starts.
    newest_first: bool,
}

const STEADY: Habit = Habit { overlap_ms: OVERLAP_MS, sweep_every_ms: 0, sweep_back_ms: 0 };
/// Labels: hourly two days back, to see whether the store was told.
const LABELS: Habit = Habit { overlap_ms: OVERLAP_MS, sweep_every_ms: HOUR_MS, sweep_back_ms: 2 * DAY_MS };
/// Fulfillments: every six hours two weeks back, for deliveries and voids.
const EXTERNALS: Habit = Habit { overlap_ms: OVERLAP_MS, sweep_every_ms: 6 * HOUR_MS, sweep_back_ms: 14 * DAY_MS };

/// Where labels are: hourly those of the last four days, daily those of a month. What is on its way for longer is lost.
const TRACKED: Habit = Habit { overlap_ms: 4 * DAY_MS, sweep_every_ms: DAY_MS, sweep_back_ms: TRACKED_MS };
const TRACKED_MS: i64 = 30 * DAY_MS;

fn list_of(stream: &str, api: Api) -> Option<List> {
    let list = |stream, path, key, habit| List { api, stream, path, key, habit, newest_first: false };
    Some(match (stream, api) {
        (ORDERS, Api::V1) => list(ORDERS, "/orders", "orders", STEADY),
        (ORDERS, Api::V2) => list(ORDERS, "/v2/shipments", "shipments", STEADY),
        (SHIPMENTS, Api::V1) => list(SHIPMENTS, "/shipments", "shipments", LABELS),
        (SHIPMENTS, Api::V2) => list(SHIPMENTS, "/v2/labels", "labels", LABELS),
        (VOIDS, Api::V1) => list(VOIDS, "/shipments", "shipments", STEADY),
        (VOIDS, Api::V2) => List { newest_first: true, ..list(VOIDS, "/v2/labels", "labels", STEADY) },
        (FULFILLMENTS, Api::V1) => list(FULFILLMENTS, "/fulfillments", "fulfillments", EXTERNALS),
        (FULFILLMENTS, Api::V2) => list(FULFILLMENTS, "/v2/fulfillments", "fulfillments", EXTERNALS),
        (PRODUCTS, Api::V1) => list(PRODUCTS, "/products", "products", STEADY),
        (PRODUCTS, Api::V2) => list(PRODUCTS, "/v2/products", "products", STEADY),
        (STOCK, Api::V2) => list(STOCK, "/v2/inventory", "inventory", STEADY),
        (TRACKING, Api::V2) => list(TRACKING, "/v2/labels", "labels", TRACKED),
        _ => return None,
    })
}

impl List {
    fn ladder(&self) -> &'static [u64] {
        match self.api {
            Api::V1 => LADDER_V1,
            Api::V2 => LADDER_V2,
        }
    }

    fn what(&self) -> String {
        format!("The list of {}", self.stream)
    }

    /// The question for the page of `size` at `scan`'s place.
    fn call(&self, scan: &Scan, size: u64, priority: Priority) -> Call {
        let call = Call::get(self.api, self.path, priority);
        let call = match (self.stream, self.api) {
            (ORDERS, Api::V1) => call
                .with("modifyDateStart", pacific::filter(scan.start_ms))
                // Cut to the second like the start, so one second later.
                .with("modifyDateEnd", pacific::filter(scan.end_ms + 999))
                .with("sortBy", "ModifyDate")
                .with("sortDir", "ASC"),
            (SHIPMENTS, Api::V1) => call
                .with("createDateStart", pacific::filter(scan.start_ms))
                .with("createDateEnd", pacific::filter(scan.end_ms + 999))
                .with("includeShipmentItems", "true")
                .with("sortBy", "CreateDate")
                .with("sortDir", "ASC"),
            (VOIDS, Api::V1) => call
                .with("voidDateStart", pacific::filter(scan.start_ms))
                .with("voidDateEnd", pacific::filter(scan.end_ms + 999))
                .with("includeShipmentItems", "true")
                .with("sortBy", "CreateDate")
                .with("sortDir", "ASC"),
            (FULFILLMENTS, Api::V1) => call
                .with("createDateStart", pacific::filter(scan.start_ms))
                .with("createDateEnd", pacific::filter(scan.end_ms + 999))
                .with("sortBy", "CreateDate")
                .with("sortDir", "ASC"),
            // Oldest first: what is made meanwhile comes at the end.
            (PRODUCTS, Api::V1) => {
                call.with("showInactive", "true").with("sortBy", "CreateDate").with("sortDir", "ASC")
            }
            (ORDERS, Api::V2) => call
                .with("modified_at_start", compose_v2::utc(scan.start_ms))
                .with("modified_at_end", compose_v2::utc(scan.end_ms))
                .with("sort_by", "modified_at")
                .with("sort_dir", "asc"),
            (SHIPMENTS, Api::V2) => call
                .with("created_at_start", compose_v2::utc(scan.start_ms))
                .with("created_at_end", compose_v2::utc(scan.end_ms))
                .with("sort_by", "created_at")
                .with("sort_dir", "asc"),
            (VOIDS, Api::V2) => {
                call.with("label_status", "voided").with("sort_by", "voided_at").with("sort_dir", "desc")
            }
            // A voided one goes nowhere.
            (TRACKING, _) => call
                .with("created_at_start", compose_v2::utc(scan.start_ms.max(scan.end_ms - TRACKED_MS)))
                .with("created_at_end", compose_v2::utc(scan.end_ms))
                .with("label_status", "completed")
                .with("sort_by", "created_at")
                .with("sort_dir", "asc"),
            // Places to ship from hold no stock: what is counted is the add-on's own warehouses.
            (STOCK, _) => call.with("group_by", "warehouse"),
            (PRODUCTS, Api::V2) | (_, Api::V1) => call,
            (_, Api::V2) => call
                .with("create_date_start", compose_v2::utc(scan.start_ms))
                .with("create_date_end", compose_v2::utc(scan.end_ms))
                .with("sort_by", "created_at")
                .with("sort_dir", "asc"),
        };
        let call = call.for_rows(self.key);
        match self.api {
            Api::V1 => call.with("page", scan.page(size)).with("pageSize", size),
            Api::V2 => call.with("page", scan.page(size)).with("page_size", size),
        }
    }

    /// The member that holds a row's id.
    fn id_key(&self) -> &'static str {
        match (self.stream, self.api) {
            (ORDERS, Api::V1) => "orderId",
            (ORDERS, Api::V2) => "shipment_id",
            (FULFILLMENTS, Api::V1) => "fulfillmentId",
            (FULFILLMENTS, Api::V2) => "fulfillment_id",
            (PRODUCTS, Api::V1) => "productId",
            (PRODUCTS, Api::V2) => "product_id",
            (STOCK, _) => "sku",
            (_, Api::V1) => "shipmentId",
            (_, Api::V2) => "label_id",
        }
    }

    fn row_id(&self, row: &Value) -> Option<String> {
        match row.get(self.id_key())? {
            Value::Number(number) => Some(number.to_string()),
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            _ => None,
        }
    }

    /// A row's id as our records have it.
    fn our_id(&self, row: &Value) -> Option<String> {
        let id = self.row_id(row)?;
        if self.stream == STOCK {
            let warehouse = row.get("inventory_warehouse_id").and_then(Value::as_str);
            return Some(translate::level_id(warehouse.unwrap_or_default(), &id));
        }
        Some(match self.stream {
            ORDERS | PRODUCTS => ids::from_v2(&id),
            FULFILLMENTS => ids::external(&id),
            _ => ids::label(&id),
        })
    }

    fn translate(&self, hub: &Hub, row: &Value) -> Result<Record, String> {
        match (self.stream, self.api) {
            (ORDERS, api) => hub.hub_order(api, row).map(Record::HubOrder),
            (FULFILLMENTS, Api::V1) => translate::external_v1(&wire::record::<FulfillmentV1>(row)?).map(Record::Parcel),
            (FULFILLMENTS, Api::V2) => translate::external_v2(&wire::record::<FulfillmentV2>(row)?).map(Record::Parcel),
            (PRODUCTS, Api::V1) => translate::product_v1(&wire::record::<ProductV1>(row)?).map(Record::Product),
            (PRODUCTS, Api::V2) => translate::product_v2(&wire::record::<ProductV2>(row)?).map(Record::Product),
            (STOCK, _) => translate::level_v2(&wire::record::<LevelV2>(row)?).map(Record::Stock),
            (TRACKING, _) => tracks::of_label(&wire::record::<LabelV2>(row)?).map(Record::Track),
            (_, Api::V1) => translate::label_v1(&wire::record::<ShipmentV1>(row)?, &hub.currency).map(Record::Parcel),
            (_, Api::V2) => translate::label_v2(&wire::record::<LabelV2>(row)?).map(Record::Parcel),
        }
    }

    /// The same from text. What was translated before is known by its text, as long as the translation depends on
    /// nothing else: V2's orders depend on the time.
    fn translate_text(&self, hub: &Hub, row: &str) -> Result<Record, String> {
        if (self.stream, self.api) == (ORDERS, Api::V2) {
            return hub.hub_order(Api::V2, &value(row)?).map(Record::HubOrder);
        }
        // The same rows mean two things: a label, and where it is.
        let kind = if self.stream == TRACKING { TRACKING } else { self.key };
        hub.translated.get_or(kind, row.as_bytes(), || match (self.stream, self.api) {
            (ORDERS, _) => translate::order_v1(&wire::record_in::<OrderV1>(row)?).map(Record::HubOrder),
            (FULFILLMENTS, Api::V1) => {
                translate::external_v1(&wire::record_in::<FulfillmentV1>(row)?).map(Record::Parcel)
            }
            (FULFILLMENTS, Api::V2) => {
                translate::external_v2(&wire::record_in::<FulfillmentV2>(row)?).map(Record::Parcel)
            }
            (PRODUCTS, Api::V1) => translate::product_v1(&wire::record_in::<ProductV1>(row)?).map(Record::Product),
            (PRODUCTS, Api::V2) => translate::product_v2(&wire::record_in::<ProductV2>(row)?).map(Record::Product),
            (STOCK, _) => translate::level_v2(&wire::record_in::<LevelV2>(row)?).map(Record::Stock),
            (TRACKING, _) => tracks::of_label(&wire::record_in::<LabelV2>(row)?).map(Record::Track),
            (_, Api::V1) => {
                translate::label_v1(&wire::record_in::<ShipmentV1>(row)?, &hub.currency).map(Record::Parcel)
            }
            (_, Api::V2) => translate::label_v2(&wire::record_in::<LabelV2>(row)?).map(Record::Parcel),
        })
    }

    fn unreadable(&self, row: &Value, why: String) -> Unreadable {
        let raw = row.to_string();
        let number = ["orderNumber", "shipment_number", "sku"]
            .iter()
            .find_map(|name| row.get(name)?.as_str())
            .map(str::to_owned);
        Unreadable { remote_id: self.our_id(row).unwrap_or_else(|| hash(&raw)), number, why, raw }
    }
}

fn value(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// A stable name for a text without an id.
fn hash(text: &str) -> String {
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, text.as_bytes()).simple().to_string()
}

fn utc_window(since_ms: i64, now_ms: i64, overlap_ms: i64) -> (i64, i64) {
    (since_ms - overlap_ms, now_ms)
}

/// One page of a stream.
pub(super) async fn page(hub: &Hub, ask: &Ask<'_>) -> Result<Page, ReadError> {
    let need = match ask.stream {
        ORDERS => Need::ReadOrders,
        PRODUCTS => Need::ReadProducts,
        STOCK => Need::ReadStock,
        TRACKING => Need::ReadTracking,
        _ => Need::ReadParcels,
    };
    let api = match choose(need, hub.has) {
        Route::V1 => Api::V1,
        Route::V2 => Api::V2,
        // The account was not tested since this is read: nothing hangs on it, so it is not in trouble for it.
        Route::Nobody(_) if matches!(need, Need::ReadStock | Need::ReadTracking) => return Ok(nothing(ask)),
        Route::Nobody(why) => return Err(ReadError::Refused(hub.speaker.refusal(Cause::ScopeMissing, why))),
    };
    let list = list_of(ask.stream, api).ok_or_else(|| {
        ReadError::Refused(
            hub.speaker.refusal(Cause::NotUnderstood, &format!("There is no stream called \"{}\".", ask.stream)),
        )
    })?;
    let cursor: Option<Cursor> = ask.cursor.and_then(|cursor| Cursor::deserialize(cursor).ok());
    let window = match api {
        Api::V1 => pacific::window,
        Api::V2 => utc_window,
    };
    // A token of another shape (an update in between) begins the scan anew.
    let scan = ask
        .next
        .and_then(|next| Scan::deserialize(next).ok())
        .unwrap_or_else(|| paging::begin(cursor.as_ref(), ask.since_ms, hub.both_nows_ms(), list.habit, window));
    read(hub, list, scan, cursor.as_ref(), ask.priority).await
}

fn nothing(ask: &Ask<'_>) -> Page {
    let page = Page {
        records: Vec::new(),
        unreadable: Vec::new(),
        cursor: ask.cursor.cloned().unwrap_or(Value::Null),
        next: None,
        mended: Vec::new(),
        total: None,
        findings: None,
        asked: true,
    };
    page.unasked()
}

async fn read(
    hub: &Hub,
    list: List,
    mut scan: Scan,
    before: Option<&Cursor>,
    priority: Priority,
) -> Result<Page, ReadError> {
    let mut size = scan.size(list.ladder(), u64::MAX);
    let mut reply = loop {
        let reply = hub.client.call(list.call(&scan, size, priority)).await.map_err(Failure::into_read_error)?;
        // 500 alone means "something in this page"; 502 to 504 are outages of everything.
        if reply.status != 500 {
            break reply;
        }
        match paging::smaller(list.ladder(), size) {
            Some(less) => size = less,
            None => return set_aside(hub, list, scan, &reply, before, priority).await,
        }
    };
    // Keys and plans that show none: nothing hangs on them, so the account is not in trouble for it.
    if matches!(list.stream, PRODUCTS | STOCK | TRACKING) && matches!(reply.status, 403 | 404) {
        return Ok(finish(hub, Step::End(scan), before, Vec::new(), Vec::new(), None));
    }
    // A success without rows is no list: told as what it is.
    let Some(listed) = reply.rows.take().filter(|_| reply.is_success()) else {
        return Err(verdicts::read_error(&hub.speaker, &reply, &list.what()));
    };
    let (rows, total) = (listed.entries.len() as u64, listed.total);
    let last_id = |row: &RawValue| {
        let row = value(row.get()).ok()?;
        if list.stream == STOCK { list.our_id(&row) } else { list.row_id(&row) }
    };
    let last = listed.entries.iter().rev().find_map(|row| last_id(row));
    // That pages of counts are counted is nowhere written: the first page again and again would hide the rest.
    if list.stream == STOCK && scan.offset > 0 && last.is_some() && last == scan.last_id {
        let sentence = format!("{} cannot be read to its end: every page is the same one.", list.what());
        return Err(ReadError::Refused(hub.speaker.refusal(Cause::PlatformTrouble, &sentence)));
    }
    scan.last_id = last.or(scan.last_id);
    let (mut records, mut unreadable) = (Vec::with_capacity(listed.entries.len()), Vec::new());
    for row in listed.entries {
        let raw = String::from(Box::<str>::from(row));
        if raw == "null" {
            continue;
        }
        match list.translate_text(hub, &raw) {
            Ok(record) => records.push(Incoming { record, raw }),
            Err(why) => unreadable.push(list.unreadable(&value(&raw).unwrap_or_default(), why)),
        }
    }
    if list.stream == TRACKING {
        records = tracks::asked(hub, tracks::rows(records), priority).await;
    }
    let reached_start = list.newest_first && records.iter().any(|incoming| voided_before(incoming, scan.start_ms));
    let step = if reached_start {
        Step::End(Scan { offset: scan.offset + rows, total, ..scan })
    } else if list.newest_first {
        // New rows push the others down, so they come twice, never not at all.
        Scan { total: None, ..scan }.after(size, rows, total)
    } else {
        scan.after(size, rows, total)
    };
    Ok(finish(hub, step, before, records, unreadable, total))
}

fn voided_before(incoming: &Incoming, moment_ms: i64) -> bool {
    matches!(&incoming.record, Record::Parcel(parcel) if parcel.voided_at_ms.is_some_and(|at_ms| at_ms > 0 && at_ms < moment_ms))
}

fn finish(
    hub: &Hub,
    step: Step,
    before: Option<&Cursor>,
    records: Vec<Incoming>,
    unreadable: Vec<Unreadable>,
    total: Option<u64>,
) -> Page {
    let (scan, next) = match step {
        Step::Next(scan) | Step::Again(scan) => (Scan { moved: true, ..scan.clone() }, Some(scan)),
        Step::End(scan) => (scan, None),
    };
    // The first answers of a run tell whether this computer's clock is ahead; a watermark in the future would skip.
    let scan = Scan { began_ms: scan.began_ms.min(hub.both_nows_ms().0), ..scan };
    // In the middle of a scan nothing is earned yet: the cursor stays where it was.
    let cursor = paging::earned(&scan, before);
    Page {
        records,
        unreadable,
        cursor: serde_json::to_value(cursor).unwrap_or(Value::Null),
        next: next.and_then(|scan| serde_json::to_value(scan).ok()),
        mended: Vec::new(),
        total,
        findings: None,
        asked: true,
    }
}

/// A page of one record answers 500. Either that record is malformed, then its
/// neighbours can be read, or ShipStation has trouble, then nothing may be skipped.
async fn set_aside(
    hub: &Hub,
    list: List,
    scan: Scan,
    reply: &Reply,
    before: Option<&Cursor>,
    priority: Priority,
) -> Result<Page, ReadError> {
    for step in 1..=NEIGHBOURS {
        let neighbour = Scan { offset: scan.offset + step, ..scan.clone() };
        let answer = hub.client.call(list.call(&neighbour, 1, priority)).await.map_err(Failure::into_read_error)?;
        if answer.status == 500 {
            continue;
        }
        let listing = hub.listing(&answer, list.key, &list.what())?;
        let next_id = listing.rows.iter().find_map(|row| list.row_id(row));
        let place = format!(
            "between {} and {}",
            scan.last_id.as_deref().unwrap_or("the start of the list"),
            next_id.as_deref().unwrap_or("its end")
        );
        let unreadable = Unreadable {
            remote_id: hash(&format!("{} {place}", list.stream)),
            number: None,
            why: format!(
                "ShipStation itself cannot read this record: asking for it alone, {place}, answers with status 500."
            ),
            raw: reply.said.message.clone(),
        };
        let total = scan.total.or(listing.total);
        let step = Scan { total, ..scan }.past_unreadable();
        return Ok(finish(hub, step, before, Vec::new(), vec![unreadable], total));
    }
    Err(verdicts::read_error(&hub.speaker, reply, &list.what()))
}

/// One record now.
pub(super) async fn one(
    hub: &Hub,
    kind: RecordKind,
    remote_id: &str,
    priority: Priority,
) -> Result<Option<Incoming>, ReadError> {
    match kind {
        RecordKind::HubOrder => one_order(hub, remote_id, priority).await,
        RecordKind::Parcel => match ParcelId::parse(remote_id) {
            Some(ParcelId::Label(id)) => one_label(hub, id, priority).await,
            Some(ParcelId::External(id)) => one_external(hub, id, priority).await,
            None => Ok(None),
        },
        // ShipStation is no channel; its products come with their list, once a day.
        RecordKind::Order | RecordKind::Product | RecordKind::Return => Ok(None),
        RecordKind::Stock => one_level(hub, remote_id, priority).await,
    }
}

async fn one_level(hub: &Hub, remote_id: &str, priority: Priority) -> Result<Option<Incoming>, ReadError> {
    if let Route::Nobody(why) = choose(Need::ReadStock, hub.has) {
        return Err(ReadError::Refused(hub.speaker.refusal(Cause::ScopeMissing, why)));
    }
    let Some((warehouse, sku)) = remote_id.split_once(':') else { return Ok(None) };
    let call = Call::get(Api::V2, "/v2/inventory", priority).with("sku", sku).with("group_by", "warehouse");
    let call = if warehouse.is_empty() { call } else { call.with("inventory_warehouse_id", warehouse) };
    one_of(hub, STOCK, call, remote_id, &format!("The stock of {sku}")).await
}

async fn one_order(hub: &Hub, remote_id: &str, priority: Priority) -> Result<Option<Incoming>, ReadError> {
    let api = match choose(Need::ReadOrders, hub.has) {
        Route::V1 => Api::V1,
        Route::V2 => Api::V2,
        Route::Nobody(why) => return Err(ReadError::Refused(hub.speaker.refusal(Cause::ScopeMissing, why))),
    };
    match hub.order(api, remote_id, priority).await {
        Ok(found) => Ok(Some(Incoming { record: Record::HubOrder(found.order), raw: found.raw.to_string() })),
        Err(NotFound::Gone) => Ok(None),
        Err(NotFound::Answered(reply)) => {
            Err(verdicts::read_error(&hub.speaker, &reply, &format!("Order {remote_id}")))
        }
        Err(NotFound::Unreadable(why)) => Err(unreadable_now(hub, &format!("Order {remote_id}"), &why)),
        Err(NotFound::Failed(failure)) => Err(failure.into_read_error()),
    }
}

/// A label. V2 has it by id, but without its lines; V1 has the lines, but only by
/// its order. V1 alone has no way to ask for one label: then it is looked for among
/// the newest and the lately voided ones.
async fn one_label(hub: &Hub, id: &str, priority: Priority) -> Result<Option<Incoming>, ReadError> {
    let what = format!("Label {id}");
    let ours = ids::label(id);
    if !hub.has.v2 {
        let now_ms = hub.their_now_ms();
        let voided =
            Call::get(Api::V1, "/shipments", priority).with("voidDateStart", pacific::filter(now_ms - 30 * DAY_MS));
        for call in [Call::get(Api::V1, "/shipments", priority), voided] {
            let call = call.with("includeShipmentItems", "true").with("sortBy", "CreateDate").with("sortDir", "DESC");
            if let Some(found) = one_of(hub, SHIPMENTS, call, &ours, &what).await? {
                return Ok(Some(found));
            }
        }
        let why = format!(
            "{what} is not among the 500 newest or lately voided ones, and V1 cannot be asked for one label. It is read again when it changes."
        );
        return Err(ReadError::Refused(hub.speaker.refusal(Cause::NotUnderstood, &why).about(id)));
    }
    let call = Call::get(Api::V2, format!("/v2/labels/{}", super::client::segment(&ids::to_v2(id))), priority);
    let reply = hub.client.call(call).await.map_err(Failure::into_read_error)?;
    if verdicts::means(&reply) == verdicts::Means::Missing {
        return Ok(None);
    }
    let row = reply.json.clone().filter(|_| reply.is_success());
    let row = row.ok_or_else(|| verdicts::read_error(&hub.speaker, &reply, &what))?;
    let parcel = wire::record::<LabelV2>(&row)
        .and_then(|label| translate::label_v2(&label))
        .map_err(|why| unreadable_now(hub, &what, &why))?;
    // With both, the record keeps the shape V1's stream gives it.
    if let Some(order) = parcel.hub_order_id.as_deref().and_then(ids::to_v1).filter(|_| hub.has.v1) {
        let call =
            Call::get(Api::V1, "/shipments", priority).with("orderId", order).with("includeShipmentItems", "true");
        if let Some(found) = one_of(hub, SHIPMENTS, call, &ours, &what).await? {
            return Ok(Some(found));
        }
    }
    Ok(Some(Incoming { record: Record::Parcel(parcel), raw: row.to_string() }))
}

async fn one_external(hub: &Hub, id: &str, priority: Priority) -> Result<Option<Incoming>, ReadError> {
    let (what, ours) = (format!("Fulfillment {id}"), ids::external(id));
    if hub.has.v1 {
        let call = Call::get(Api::V1, "/fulfillments", priority).with("fulfillmentId", id);
        return one_of(hub, FULFILLMENTS, call, &ours, &what).await;
    }
    // Whether V2 writes this id with its prefix is not documented.
    for id in [ids::to_v2(id), id.to_owned()] {
        let call = Call::get(Api::V2, "/v2/fulfillments", priority).with("fulfillment_id", id);
        if let Some(found) = one_of(hub, FULFILLMENTS, call, &ours, &what).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Labels, voided ones too, and what was marked as shipped, of one order.
pub(super) async fn parcels_of(hub: &Hub, order_id: &str, priority: Priority) -> Result<Page, ReadError> {
    let what = format!("The parcels of order {order_id}");
    let api = match choose(Need::ReadParcels, hub.has) {
        Route::V1 => Api::V1,
        Route::V2 => Api::V2,
        Route::Nobody(why) => return Err(ReadError::Refused(hub.speaker.refusal(Cause::ScopeMissing, why))),
    };
    let mut page = Page {
        records: Vec::new(),
        unreadable: Vec::new(),
        cursor: Value::Null,
        next: None,
        mended: Vec::new(),
        total: None,
        findings: None,
        asked: true,
    };
    for stream in [SHIPMENTS, FULFILLMENTS] {
        let Some(list) = list_of(stream, api) else { continue };
        let size = list.ladder()[0];
        let call = match (api, ids::to_v1(order_id)) {
            // No number: an order V1 never made, so it has no parcels there.
            (Api::V1, None) => continue,
            (Api::V1, Some(id)) if stream == SHIPMENTS => {
                Call::get(api, "/shipments", priority).with("orderId", id).with("includeShipmentItems", "true")
            }
            (Api::V1, Some(id)) => Call::get(api, "/fulfillments", priority).with("orderId", id),
            (Api::V2, _) if stream == SHIPMENTS => {
                Call::get(api, "/v2/labels", priority).with("shipment_id", ids::to_v2(order_id))
            }
            (Api::V2, _) => Call::get(api, "/v2/fulfillments", priority).with("shipment_id", ids::to_v2(order_id)),
        };
        let call = call.with("page", 1).with(if api == Api::V1 { "pageSize" } else { "page_size" }, size);
        let reply = hub.client.call(call).await.map_err(Failure::into_read_error)?;
        for row in hub.listing(&reply, list.key, &what)?.rows.iter().filter(|row| !row.is_null()) {
            match list.translate(hub, row) {
                // A server that ignores the filter must not bring strangers' parcels.
                Ok(Record::Parcel(parcel)) if parcel.hub_order_id.as_deref() != Some(order_id) => {}
                Ok(record) => page.records.push(Incoming { record, raw: row.to_string() }),
                Err(why) => page.unreadable.push(list.unreadable(row, why)),
            }
        }
    }
    Ok(page)
}

/// The row with our id in the first page of a list: filters are asked for, never trusted.
async fn one_of(hub: &Hub, stream: &str, call: Call, ours: &str, what: &str) -> Result<Option<Incoming>, ReadError> {
    let Some(list) = list_of(stream, call.api) else { return Ok(None) };
    let size = list.ladder()[0];
    let call = call.with("page", 1).with(if list.api == Api::V1 { "pageSize" } else { "page_size" }, size);
    let reply = hub.client.call(call).await.map_err(Failure::into_read_error)?;
    let listing = hub.listing(&reply, list.key, what)?;
    match listing.rows.iter().find(|row| list.our_id(row).as_deref() == Some(ours)) {
        None => Ok(None),
        Some(row) => {
            let record = list.translate(hub, row).map_err(|why| unreadable_now(hub, what, &why))?;
            Ok(Some(Incoming { record, raw: row.to_string() }))
        }
    }
}

fn unreadable_now(hub: &Hub, what: &str, why: &str) -> ReadError {
    ReadError::Refused(
        hub.speaker
            .refusal(Cause::Unreadable, &format!("{what} came in a form Quayside does not understand ({why})."))
            .about(what),
    )
}
