//! Streams: orders, shipments and products, page by page.

use super::capability::{FULFILLMENTS, LEVEL, ORDERS, PRODUCTS, STOCK};
use super::client::{Failure, Reply};
use super::compose;
use super::hub::{Hub, NotFound, named};
use super::paging::{self, Cursor, Scan};
use super::profile::{PagingStyle, as_text};
use super::request::{Filling, render};
use super::stock;
use super::translate::{self, Shipment};
use super::verdicts::{self, Means};
use crate::{Ask, Priority, ReadError};
use quayside_model::{Cause, Incoming, Page, Record, RecordKind, Unreadable};
use serde_json::Value;

/// A list that cannot be asked for changes is asked for what was made within this time, ms: an order that is open for
/// longer is looked up by itself when something is done with it.
const RELIST_MS: i64 = 90 * 24 * 3_600_000;

/// One page.
pub(super) async fn page(hub: &Hub, ask: &Ask<'_>) -> Result<Page, ReadError> {
    let (operation, what) = match ask.stream {
        ORDERS => ("listOrders", "Orders"),
        FULFILLMENTS => ("listFulfillments", "Parcels"),
        PRODUCTS => ("listProducts", "Products"),
        STOCK => ("listInventory", "Stock"),
        other => {
            return Err(refuse(hub, Cause::NotUnderstood, &format!("Orderez has no stream \"{other}\".")));
        }
    };
    let cursor: Option<Cursor> = ask.cursor.and_then(|cursor| serde_json::from_value(cursor.clone()).ok());
    let now_ms = hub.client.their_now_ms();
    let scan: Scan = ask.next.and_then(|next| serde_json::from_value(next.clone()).ok()).unwrap_or_else(|| {
        // What the warehouse knows it has known for years: products are read from the first one on.
        let since_ms = if ask.stream == PRODUCTS { 0 } else { ask.since_ms };
        Scan::begin(cursor, since_ms, now_ms)
    });

    let filling = narrowed(hub, operation, scan.since_ms, now_ms);
    let mut request = render(&hub.profile, operation, &filling).map_err(|why| ReadError::Refused(hub.no_way(&why)))?;
    let link = scan.place.as_deref().filter(|_| hub.profile.paging.style == PagingStyle::Link);
    let answer = if let Some(link) = link {
        hub.client.follow(&request, link, ask.priority).await
    } else {
        request.query.extend(paging::parameters(&hub.profile, scan.place.as_deref()));
        hub.client.call(&request, ask.priority).await
    };
    let reply = answer.map_err(Failure::into_read_error)?;
    if verdicts::means(&hub.profile, &reply) == Means::CursorExpired && scan.place.is_some() {
        // From the stored moment once more; nothing is lost, much comes again.
        let again = scan.again(now_ms).ok_or_else(|| {
            refuse(
                hub,
                Cause::PlatformTrouble,
                &format!("{what} cannot be read: the list forgets its place again and again."),
            )
        })?;
        return Ok(Page {
            records: Vec::new(),
            unreadable: Vec::new(),
            cursor: value(&cursor.unwrap_or(Cursor { updated_since_ms: scan.since_ms })),
            next: Some(value(&again)),
            mended: Vec::new(),
            total: None,
            findings: None,
            asked: true,
        });
    }
    let Reply { success: true, json: Some(json), .. } = &reply else {
        return Err(verdicts::read_error(&hub.profile, &hub.speaker, &reply, what));
    };
    let does_not_fit = |why: String| {
        refuse(
            hub,
            Cause::NotThePlatform,
            &format!("{what} cannot be read: {why}. The connection's profile does not fit the account."),
        )
    };
    let rows = hub.rows(operation, json).map_err(does_not_fit)?;
    let mut newest_ms = scan.newest_ms;
    let entity = match ask.stream {
        ORDERS => "order",
        PRODUCTS => "product",
        STOCK => LEVEL,
        _ => "fulfillment",
    };
    let (mut records, mut unreadable, mut mended) = (Vec::new(), Vec::new(), Vec::new());
    for raw in &rows {
        let read = match ask.stream {
            ORDERS => order(hub, raw, ask.priority).await?,
            PRODUCTS => translate::product(&hub.profile, raw)
                .map(|(product, updated_ms)| (Some(Record::Product(product)), updated_ms, None)),
            STOCK => translate::level(&hub.profile, raw)
                .map(|level| (Some(Record::Stock(level.stock)), level.updated_ms, None)),
            _ => shipment(hub, raw, ask.priority).await?,
        };
        match read {
            Ok((record, updated_ms, own)) => {
                newest_ms = newest_ms.max(updated_ms.unwrap_or(i64::MIN));
                // What has not left yet can be read all the same.
                mended.extend(name_of(hub, entity, raw).filter(|_| record.is_none()));
                let raw = own.as_ref().unwrap_or(raw);
                records.extend(record.map(|record| Incoming { record, raw: raw.to_string() }));
            }
            Err(why) => unreadable.push(set_aside(hub, entity, raw, why)),
        }
    }
    let place = paging::next_place(&hub.profile, &scan, json, reply.link.as_deref(), rows.len()).map_err(|why| {
        refuse(
            hub,
            Cause::NotThePlatform,
            &format!("{what} cannot be read to the end: {why}. Check the paging of the connection's profile."),
        )
    })?;
    let scan = Scan { newest_ms, pages: scan.pages + 1, place, ..scan };
    let ended = scan.place.is_none();
    let earned = if ended { scan.earned(cursor) } else { cursor.unwrap_or(Cursor { updated_since_ms: scan.since_ms }) };
    let total = json.get("meta").and_then(|meta| meta.get("total")).and_then(Value::as_u64);
    Ok(Page {
        records,
        unreadable,
        cursor: value(&earned),
        next: (!ended).then(|| value(&scan)),
        mended,
        total,
        findings: None,
        asked: true,
    })
}

/// What a list is asked for: what changed, or where it cannot be asked that, what was made lately. Without either it is
/// read from its beginning; what is known already stops at the store.
fn narrowed(hub: &Hub, operation: &str, since_ms: i64, now_ms: i64) -> Filling<'static> {
    let said = |at_ms: i64| as_text(&compose::moment(&hub.profile, at_ms)).unwrap_or_default();
    // Counts are read whole: one that nobody touched must not grow old.
    if operation == "listInventory" {
        Filling::default()
    } else if hub.profile.takes(operation, "updated_since") {
        Filling::default().query("updated_since", said(since_ms))
    } else if operation == "listProducts" {
        // Those made lately are not those the warehouse has.
        Filling::default()
    } else {
        Filling::default().query("from", said(now_ms - RELIST_MS))
    }
}

/// A row read: its record (none for what has not happened yet), when it changed, and their own record where that is more
/// than the row; or why it cannot be.
type Row = Result<(Option<Record>, Option<i64>, Option<Value>), String>;

async fn order(hub: &Hub, raw: &Value, priority: Priority) -> Result<Row, ReadError> {
    let found = match translate::order(&hub.profile, raw) {
        Ok(found) => found,
        Err(why) => return Ok(Err(why)),
    };
    // Where the row says when it changed, that is what a scan goes by: the order may have changed since.
    let updated_ms = found.updated_ms;
    match hub.whole(&found, raw, priority).await {
        Ok(None) => {
            hub.remember(&found);
            Ok(Ok((Some(Record::HubOrder(found.order)), updated_ms, None)))
        }
        Ok(Some(whole)) => {
            let (order, own) = whole.as_ref();
            let record = Record::HubOrder(order.order.clone());
            Ok(Ok((Some(record), updated_ms.or(order.updated_ms), Some(own.clone()))))
        }
        Err(Ok(why)) => Ok(Err(why)),
        Err(Err(error)) => Err(error),
    }
}

async fn shipment(hub: &Hub, raw: &Value, priority: Priority) -> Result<Row, ReadError> {
    // The order tells which of our lines theirs are: SKUs may stand on several.
    let facts = match translate::order_of(&hub.profile, raw) {
        Some(order_id) => hub.facts(&order_id, priority).await?,
        None => None,
    };
    Ok(translate::shipment(&hub.profile, raw, facts.as_deref()).map(|(shipment, updated_ms)| match shipment {
        Shipment::Left(parcel) => (Some(Record::Parcel(parcel)), updated_ms, None),
        Shipment::NotYet => (None, updated_ms, None),
    }))
}

fn field(hub: &Hub, entity: &str, raw: &Value, name: &str) -> Option<String> {
    let expression = hub.profile.entities.get(entity)?.read.get(name)?.path();
    as_text(&hub.profile.eval(expression, raw).ok()?)
}

/// The name a good reading has.
fn name_of(hub: &Hub, entity: &str, raw: &Value) -> Option<String> {
    if entity == LEVEL {
        let warehouse = field(hub, entity, raw, "warehouse_id");
        return Some(translate::level_id(warehouse.as_deref(), &field(hub, entity, raw, "sku")?));
    }
    let id = field(hub, entity, raw, "remote_id")?;
    Some(if entity == "fulfillment" { translate::parcel_id(&id) } else { id })
}

fn set_aside(hub: &Hub, entity: &str, raw: &Value, why: String) -> Unreadable {
    let text = raw.to_string();
    Unreadable {
        remote_id: name_of(hub, entity, raw).unwrap_or_else(|| named(&text)),
        number: field(hub, entity, raw, if matches!(entity, "product" | LEVEL) { "sku" } else { "number" }),
        why,
        raw: text,
    }
}

/// One record by their id.
pub(super) async fn one(
    hub: &Hub,
    kind: RecordKind,
    remote_id: &str,
    priority: Priority,
) -> Result<Option<Incoming>, ReadError> {
    match kind {
        RecordKind::HubOrder => match hub.order_and_raw(remote_id, priority).await {
            Ok((found, raw)) => Ok(Some(Incoming { record: Record::HubOrder(found.order), raw: raw.to_string() })),
            Err(NotFound::Gone) => Ok(None),
            Err(NotFound::Failed(failure)) => Err(failure.into_read_error()),
            Err(NotFound::Answered(reply)) => {
                Err(verdicts::read_error(&hub.profile, &hub.speaker, &reply, "The order"))
            }
            Err(NotFound::NoWay(why)) => Err(ReadError::Refused(hub.no_way(&why))),
            Err(NotFound::Unreadable(why)) => Err(refuse(
                hub,
                Cause::Unreadable,
                &format!("The order came in a form the connection's profile does not fit ({why})."),
            )),
        },
        RecordKind::Stock => stock::one(hub, remote_id, priority).await,
        RecordKind::Product => {
            Err(ReadError::Refused(hub.no_way("Products are read with their list only, once a day; use \"Sync now\".")))
        }
        _ => Err(ReadError::Refused(hub.no_way("Parcels are read with their list only; use \"Sync now\"."))),
    }
}

/// Rows of a list that a sample keeps: enough to see where things are.
const SAMPLE_ROWS: usize = 3;
/// How far back a sample looks, ms.
const SAMPLE_BACK_MS: i64 = 90 * 24 * 3_600_000;

/// The first page of a list as it came, long lists cut short. For the mapping screen.
pub(super) async fn sample(hub: &Hub, entity: &str) -> Result<String, ReadError> {
    let operation = match entity {
        "order" => "listOrders",
        "product" => "listProducts",
        LEVEL => "listInventory",
        _ => "listFulfillments",
    };
    let now_ms = hub.client.their_now_ms();
    let filling = narrowed(hub, operation, now_ms - SAMPLE_BACK_MS, now_ms);
    let mut request = render(&hub.profile, operation, &filling).map_err(|why| ReadError::Refused(hub.no_way(&why)))?;
    request.query.extend(paging::parameters(&hub.profile, None));
    let reply = hub.client.call(&request, Priority::Person).await.map_err(Failure::into_read_error)?;
    match &reply {
        Reply { success: true, json: Some(json), .. } => {
            Ok(serde_json::to_string_pretty(&shortened(json, 3)).unwrap_or_default())
        }
        _ => Err(verdicts::read_error(&hub.profile, &hub.speaker, &reply, "A sample")),
    }
}

/// Lists of the first `levels` cut to a few rows.
fn shortened(value: &Value, levels: u32) -> Value {
    match value {
        Value::Array(rows) if levels > 0 => {
            Value::Array(rows.iter().take(SAMPLE_ROWS).map(|row| shortened(row, 0)).collect())
        }
        Value::Object(fields) if levels > 0 => {
            Value::Object(fields.iter().map(|(name, field)| (name.clone(), shortened(field, levels - 1))).collect())
        }
        other => other.clone(),
    }
}

fn refuse(hub: &Hub, cause: Cause, sentence: &str) -> ReadError {
    ReadError::Refused(hub.speaker.refusal(cause, sentence))
}

fn value<T: serde::Serialize>(state: &T) -> Value {
    serde_json::to_value(state).unwrap_or(Value::Null)
}
