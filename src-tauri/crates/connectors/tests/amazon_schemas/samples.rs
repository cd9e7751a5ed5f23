//! Every body Amazon publishes for its static sandbox that this connector could meet, put in the place of the real
//! answer: reads read it or say why not, changes end in a verdict. What is never called is named on the platform's page.

use super::common::{NOW_MS, World, run};
use super::house::{fulfill, items, place, quiet_with, set_stock};
use super::models::samples;
use async_trait::async_trait;
use quayside_connectors::{Ask, Priority, ReadError, Setup, Wire, WireError};
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use quayside_model::{Intent, RecordKind};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Files of samples by API. Every one that is there is here.
const FILES: &[&str] = &[
    "application_2023-11-30",
    "catalogItems_2022-04-01",
    "externalFulfillmentInventory_2024-09-11",
    "externalFulfillmentReturns_2024-09-11",
    "externalFulfillmentShipments_2024-09-11",
    "feeds_2021-06-30",
    "finances_2024-06-19",
    "listingsItems_2021-08-01",
    "merchantFulfillmentV0",
    "messaging",
    "notifications",
    "ordersV0",
    "orders_2026-01-01",
    "reports_2021-06-30",
    "sellers",
    "shippingV2",
    "supplySources_2020-07-01",
    "tokens_2021-03-01",
];

/// What this connector calls: the API and the operation.
const CALLED: &[(&str, &str)] = &[
    ("orders_2026-01-01", "searchOrders"),
    ("orders_2026-01-01", "getOrder"),
    ("ordersV0", "confirmShipment"),
    ("sellers", "getMarketplaceParticipations"),
    ("reports_2021-06-30", "createReport"),
    ("reports_2021-06-30", "getReport"),
    ("reports_2021-06-30", "getReports"),
    ("reports_2021-06-30", "getReportDocument"),
    ("feeds_2021-06-30", "createFeedDocument"),
    ("feeds_2021-06-30", "createFeed"),
    ("feeds_2021-06-30", "getFeed"),
    ("feeds_2021-06-30", "getFeeds"),
    ("feeds_2021-06-30", "getFeedDocument"),
    ("listingsItems_2021-08-01", "getListingsItem"),
    ("listingsItems_2021-08-01", "patchListingsItem"),
];

/// Answers one operation with a sample, the rest as the stand-in does.
struct Sampled {
    inner: Arc<dyn Wire>,
    method: String,
    path: Vec<String>,
    status: u16,
    body: Value,
    met: Arc<AtomicUsize>,
}

#[async_trait]
impl Wire for Sampled {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        let uri = request.uri();
        let answer = http::Response::builder();
        // Where the samples say files are.
        if uri.host().is_some_and(|host| host.ends_with("cloudfront.net")) {
            return Ok(answer.status(200).header("content-type", "text/plain").body(b"Order ID\r\n".to_vec()).unwrap());
        }
        let parts: Vec<&str> = uri.path().trim_matches('/').split('/').collect();
        let fits = parts.len() == self.path.len()
            && self.path.iter().zip(&parts).all(|(wanted, part)| wanted.starts_with('{') || wanted == part);
        if !fits || request.method().as_str() != self.method {
            return self.inner.send(request, timeout).await;
        }
        self.met.fetch_add(1, Ordering::SeqCst);
        let body = match &self.body {
            Value::Null => Vec::new(),
            Value::Object(fields) if fields.is_empty() => Vec::new(),
            body => body.to_string().into_bytes(),
        };
        let answer = answer.status(self.status).header("content-type", "application/json");
        Ok(answer.body(body).unwrap())
    }
}

/// Everything that leads to an operation, once. What could not be read is given back in words.
async fn lived_through(world: &World, operation: &str, order: &str) -> Vec<String> {
    let mut said = Vec::new();
    let connector = world.open();
    let mut cursors = [None, None, None, None];
    match operation {
        "searchOrders" | "createReport" | "getReport" | "getReportDocument" => {
            for _ in 0..3 {
                for (cursor, stream) in cursors.iter_mut().zip(["orders", "returns", "products", "stock"]) {
                    let ask = Ask {
                        stream,
                        cursor: cursor.as_ref(),
                        next: None,
                        since_ms: NOW_MS - DAY_MS,
                        priority: Priority::Poll,
                    };
                    match connector.read(&ask).await {
                        Ok(page) => {
                            said.extend(page.unreadable.into_iter().map(|odd| odd.why));
                            *cursor = Some(page.cursor);
                        }
                        Err(ReadError::Refused(refusal)) => said.push(refusal.to_string()),
                        Err(ReadError::WaitUntil { at_ms, .. }) => world.clock.reach(at_ms),
                    }
                }
                world.clock.advance(5 * MINUTE_MS);
            }
        }
        "getOrder" => {
            if let Err(ReadError::Refused(refusal)) =
                connector.read_one(RecordKind::Order, order, Priority::Person).await
            {
                said.push(refusal.to_string());
            }
        }
        "getMarketplaceParticipations" | "getReports" | "getFeeds" => {
            let checks = connector.preflight().await.checks.into_iter();
            let missing = checks.filter(|check| check.state == quayside_model::CheckState::Missing);
            said.extend(missing.map(|check| check.detail));
        }
        _ => {
            let intent = match operation {
                "confirmShipment" => fulfill(order, &items(world, order), &["1Z1"]),
                "getListingsItem" | "patchListingsItem" => set_stock("MUG-1", 5),
                // Its end is in the file about its message, so every step of a feed is taken.
                _ => Intent::AcknowledgeOrder { order_remote_id: order.to_owned(), number: "HG-7".into() },
            };
            let outcome = run(world, &intent, HOUR_MS, None).await;
            said.push(format!("{outcome:?}"));
        }
    }
    said
}

#[tokio::test]
async fn every_published_body_is_read_or_told() {
    let mut tried = 0;
    for (api, operation) in CALLED {
        let Some(pairs) = samples(&format!("sandbox-{api}.json")) else { return };
        let pairs: Vec<Value> = pairs.into_iter().filter(|pair| pair["operation"] == json!(operation)).collect();
        assert!(!pairs.is_empty(), "{api} has no sample of {operation}");
        for pair in pairs {
            let mut world = quiet_with(|plan| plan.feed_minutes = (1, 1));
            let order = place(&world, &[("MUG-1", 1)]);
            world.clock.advance(HOUR_MS);
            let status = u16::try_from(pair["status"].as_u64().unwrap()).unwrap();
            let path = pair["path"].as_str().unwrap().trim_matches('/').split('/').map(str::to_owned).collect();
            let (method, body) = (pair["method"].as_str().unwrap().to_owned(), pair["response"].clone());
            let met: Arc<AtomicUsize> = Arc::default();
            let made = (method, Vec::<String>::clone(&path), body, met.clone());
            world.disguise = Some(Arc::new(move |setup: Setup| {
                let (method, path, body, met) = made.clone();
                let wire = Sampled { inner: setup.wire.clone(), method, path, status, body, met };
                Setup { wire: Arc::new(wire), ..setup }
            }));
            let said = lived_through(&world, operation, &order).await;
            assert!(met.load(Ordering::SeqCst) > 0, "{operation} was not asked: {pair}");
            if status >= 400 {
                assert!(!said.is_empty(), "{operation} {status} passed without a word: {pair}");
            } else if matches!(*operation, "searchOrders" | "getOrder" | "getReports" | "getFeeds") {
                assert!(said.is_empty(), "{operation}: {said:?}");
            }
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
}

/// Bodies that break Amazon's own models (the vendor's list: `SOURCE.md` beside them). None of these operations is
/// called, so each stands in for what this connector reads nearest to it.
const ODD: &[(&str, &str)] = &[
    ("merchantFulfillmentV0", "getEligibleShipmentServices"),
    ("merchantFulfillmentV0", "cancelShipment"),
    ("sellers", "getAccount"),
    ("externalFulfillmentShipments_2024-09-11", "getShipments"),
    ("externalFulfillmentShipments_2024-09-11", "getShipment"),
    ("supplySources_2020-07-01", "getSupplySource"),
    ("supplySources_2020-07-01", "getSupplySources"),
    ("supplySources_2020-07-01", "updateSupplySource"),
    ("supplySources_2020-07-01", "archiveSupplySource"),
    ("ordersV0", "updateVerificationStatus"),
];

/// Bodies of `ODD` with their status; `None` without the vendor's files.
fn odd() -> Option<Vec<(String, u16, Value)>> {
    let mut all = Vec::new();
    for (api, operation) in ODD {
        let before = all.len();
        for pair in samples(&format!("sandbox-{api}.json"))? {
            if pair["operation"] == json!(operation) {
                let status = u16::try_from(pair["status"].as_u64().unwrap()).unwrap();
                all.push((format!("{api} {operation} {status}"), status, pair["response"].clone()));
            }
        }
        assert!(all.len() > before, "{api} has no sample of {operation}");
    }
    Some(all)
}

/// Puts rows before those of a list that the stand-in answers.
struct Beside {
    inner: Arc<dyn Wire>,
    ends: &'static str,
    list: &'static str,
    rows: Vec<Value>,
    met: Arc<AtomicUsize>,
}

#[async_trait]
impl Wire for Beside {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        let is_it = request.method() == http::Method::GET && request.uri().path().ends_with(self.ends);
        let mut answer = self.inner.send(request, timeout).await?;
        if is_it && answer.status().is_success() {
            self.met.fetch_add(1, Ordering::SeqCst);
            let mut body: Value = serde_json::from_slice(answer.body()).unwrap();
            let list = body[self.list].as_array_mut().unwrap();
            list.splice(0..0, self.rows.iter().cloned());
            *answer.body_mut() = body.to_string().into_bytes();
        }
        Ok(answer)
    }
}

/// Every object in the body that is a row of some list, else the body itself.
fn rows_of(body: &Value) -> Vec<Value> {
    fn lists(value: &Value, found: &mut Vec<Value>) {
        match value {
            Value::Array(rows) => {
                found.extend(rows.iter().filter(|row| row.is_object()).cloned());
                for row in rows {
                    lists(row, found);
                }
            }
            Value::Object(fields) => fields.values().for_each(|value| lists(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    lists(body, &mut found);
    if found.is_empty() {
        found.push(body.clone());
    }
    found
}

fn beside(world: &mut World, ends: &'static str, list: &'static str, rows: &[Value]) -> Arc<AtomicUsize> {
    let met: Arc<AtomicUsize> = Arc::default();
    let made = (rows.to_vec(), met.clone());
    world.disguise = Some(Arc::new(move |setup: Setup| {
        let (rows, met) = made.clone();
        let wire = Beside { inner: setup.wire.clone(), ends, list, rows, met };
        Setup { wire: Arc::new(wire), ..setup }
    }));
    met
}

fn orders_ask(cursor: Option<&Value>) -> Ask<'_> {
    Ask { stream: "orders", cursor, next: None, since_ms: NOW_MS - DAY_MS, priority: Priority::Poll }
}

/// As rows of a page of orders: each is told by itself, and the order beside them is read.
#[tokio::test]
async fn a_row_that_breaks_the_vendors_schema_does_not_stop_the_page() {
    let Some(all) = odd() else { return };
    for (name, _, body) in all {
        let mut world = quiet_with(|_| {});
        let order = place(&world, &[("MUG-1", 1)]);
        world.clock.advance(HOUR_MS);
        let rows = rows_of(&body);
        let met = beside(&mut world, "/orders/2026-01-01/orders", "orders", &rows);
        let page = world.open().read(&orders_ask(None)).await.unwrap();
        assert_eq!(met.load(Ordering::SeqCst), 1, "{name}");
        let read: Vec<&str> = page.records.iter().map(|incoming| incoming.record.remote_id()).collect();
        assert_eq!(read, [order.as_str()], "{name}");
        assert!(!page.unreadable.is_empty() && page.unreadable.len() <= rows.len(), "{name}: {:?}", page.unreadable);
        assert!(page.unreadable.iter().all(|odd| !odd.why.is_empty()), "{name}: {:?}", page.unreadable);
    }
}

/// As a row of the list of marketplaces: the account is known by the others.
#[tokio::test]
async fn a_marketplace_that_breaks_the_vendors_schema_does_not_hide_the_others() {
    let Some(all) = odd() else { return };
    for (name, _, body) in all {
        let mut world = quiet_with(|_| {});
        let plain = world.open().preflight().await.account.unwrap();
        let met = beside(&mut world, "/marketplaceParticipations", "payload", &rows_of(&body));
        let told = world.open().preflight().await;
        assert_eq!(met.load(Ordering::SeqCst), 1, "{name}");
        let account = told.account.unwrap_or_else(|| panic!("{name}: {:?}", told.checks));
        assert_eq!((account.remote_id, account.name), (plain.remote_id, plain.name), "{name}");
        assert_eq!(account.facts, plain.facts, "{name}");
    }
}

/// As the whole answer to a search or to a confirmation: told, and what it hid is read, or done, once it is gone.
#[tokio::test]
async fn an_answer_that_breaks_the_vendors_schema_is_told_and_hides_nothing() {
    let Some(all) = odd() else { return };
    for (name, status, body) in all {
        let mut world = quiet_with(|_| {});
        let order = place(&world, &[("MUG-1", 1)]);
        world.clock.advance(HOUR_MS);
        let met: Arc<AtomicUsize> = Arc::default();
        let path = ["orders", "2026-01-01", "orders"].map(str::to_owned).to_vec();
        let made = (path, body, met.clone());
        world.disguise = Some(Arc::new(move |setup: Setup| {
            let (path, body, met) = made.clone();
            let wire = Sampled { inner: setup.wire.clone(), method: "GET".into(), path, status, body, met };
            Setup { wire: Arc::new(wire), ..setup }
        }));
        let cursor = match world.open().read(&orders_ask(None)).await {
            // An empty list is no news, and nothing was read over.
            Ok(page) => {
                assert!(page.records.is_empty(), "{name}: {:?}", page.records);
                Some(page.cursor)
            }
            Err(ReadError::Refused(refusal)) => {
                assert!(!refusal.sentence.is_empty(), "{name}");
                None
            }
            Err(ReadError::WaitUntil { .. }) => None,
        };
        assert!(met.load(Ordering::SeqCst) > 0, "{name}");
        world.disguise = None;
        world.clock.advance(HOUR_MS);
        let page = world.open().read(&orders_ask(cursor.as_ref())).await.unwrap();
        let read: Vec<&str> = page.records.iter().map(|incoming| incoming.record.remote_id()).collect();
        assert_eq!(read, [order.as_str()], "{name} hid the order");
    }
}

/// An API or an operation of it that is never called is named on the page, so that nobody wonders whether its odd
/// bodies were tried.
#[test]
fn what_is_never_called_is_said() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/platforms/amazon.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, told) = page.split_once("## Never called").unwrap();
    for api in FILES {
        let Some(pairs) = samples(&format!("sandbox-{api}.json")) else { return };
        for pair in pairs {
            let operation = pair["operation"].as_str().unwrap();
            let is_called = CALLED.contains(&(api, operation));
            let is_told = told.contains(&format!("`{api}` (all)")) || told.contains(&format!("`{operation}`"));
            assert!(is_called || is_told, "{api} {operation} is neither called nor told");
        }
    }
}
