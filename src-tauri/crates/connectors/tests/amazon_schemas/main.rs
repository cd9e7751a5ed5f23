//! Every request this connector sends is one Amazon's models describe, every answer
//! of the stand-in is one they describe, and Amazon's own samples can be read.
//!
//! Needs Amazon's models; says so when they are not there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../amazon_sandbox/house.rs"]
#[allow(dead_code)] // shared with the other suite, which needs more of it
mod house;
mod models;
mod samples;

use async_trait::async_trait;
use common::{NOW_MS, SimClock, World, read_to_end, run};
use house::{act, cancel, fulfill, items, place, quiet_with, refund, set_stock};
use models::Models;
use quayside_connectors::{Ask, Connector, Priority, Setup, Wire, WireError, platform};
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use quayside_model::{Account, ConnectionConfig, ConnectionId, Intent, SecretString};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Everything the connector does, in one world, with everything that was said.
async fn exchanges() -> Vec<common::Talk> {
    let world = quiet_with(|plan| {
        plan.feed_minutes = (1, 1);
        plan.page_rows = 2;
    });
    let orders: Vec<String> = (0..3).map(|_| place(&world, &[("MUG-1", 3), ("PLATE", 1)])).collect();
    world.clock.advance(HOUR_MS);
    world.open().preflight().await;
    read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await;
    read_to_end(&world, "open_orders", &mut None, 0).await;
    let lines = items(&world, &orders[0]);
    for intent in [
        fulfill(&orders[0], &lines, &["1Z1", "1Z2"]),
        cancel(&orders[1]),
        refund(&orders[0], &[(lines[0].0.clone(), 1)], 1_850, 0),
        Intent::AcknowledgeOrder { order_remote_id: orders[2].clone(), number: "HG-7".into() },
        set_stock("MUG-1", 5),
    ] {
        let outcome = run(&world, &intent, 6 * HOUR_MS, None).await;
        assert_eq!(outcome, common::Outcome::Holds, "{intent:?}");
    }
    let (mut products, mut returns, mut stock) = (None, None, None);
    for _ in 0..6 {
        read_to_end(&world, "products", &mut products, 0).await;
        read_to_end(&world, "returns", &mut returns, 0).await;
        read_to_end(&world, "stock", &mut stock, 0).await;
        world.clock.advance(10 * MINUTE_MS);
    }
    // A refused change and a lost answer show the rest.
    act(&world, |amazon, moment| drop(amazon.place_released(&house::purchase(&[("MUG-1", 1)]), moment)));
    let asked = quayside_connectors::Task {
        key: "lost",
        intent: &cancel(&orders[2]),
        first_sent_at_ms: Some(world_now(&world)),
        last_sent_at_ms: Some(world_now(&world)),
        ticket: None,
        priority: Priority::Write,
    };
    world.open().confirm(&asked).await;
    world.talk()
}

fn world_now(world: &World) -> i64 {
    quayside_model::Clock::now_ms(&*world.clock)
}

#[tokio::test]
async fn every_request_and_every_answer_is_as_amazon_describes_it() {
    let Some(models) = Models::read() else { return };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for exchange in exchanges().await {
        if let Some(operation) = models.check(&exchange) {
            *seen.entry(operation).or_default() += 1;
        }
    }
    for operation in [
        "searchOrders",
        "getOrder",
        "confirmShipment",
        "getMarketplaceParticipations",
        "createFeedDocument",
        "createFeed",
        "getFeed",
        "getFeeds",
        "getFeedDocument",
        "createReport",
        "getReport",
        "getReports",
        "getReportDocument",
        "getListingsItem",
        "patchListingsItem",
    ] {
        assert!(seen.contains_key(operation), "{operation} was never used: {seen:?}");
    }
}

/// Answers a question with one of Amazon's own samples.
struct Sample(Value);

#[async_trait]
impl Wire for Sample {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        _timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        let body = match request.uri().path() {
            "/auth/o2/token" => json!({ "access_token": "Atza|x", "token_type": "bearer", "expires_in": 3600 }),
            _ => self.0.clone(),
        };
        let answer = http::Response::builder().status(200).header("content-type", "application/json");
        Ok(answer.body(body.to_string().into_bytes()).unwrap())
    }
}

fn connector(sample: Value, region: &str, marketplaces: &str) -> Arc<dyn Connector> {
    let plain = [("region", region), ("seller_id", "A2EXAMPLE1234"), ("client_id", "amzn1.application-oa2-client.x")];
    let secrets = [("client_secret", "secret"), ("refresh_token", "Atzr|x")];
    let config = ConnectionConfig {
        id: ConnectionId::new("amazon"),
        name: "Amazon".into(),
        platform: "amazon".into(),
        way: "private_app".into(),
        fields: plain.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
        base_url: None,
        account: Account { facts: [("marketplaces".to_owned(), marketplaces.to_owned())].into(), ..Account::default() },
        settings: BTreeMap::new(),
        paused: false,
        created_at_ms: 0,
    };
    (platform("amazon").unwrap().open)(Setup {
        config,
        secrets: secrets.iter().map(|(name, text)| ((*name).to_owned(), SecretString::from(*text))).collect(),
        wire: Arc::new(Sample(sample)),
        clock: SimClock::at(1_735_200_000_000),
        buckets: vec![],
    })
    .unwrap()
}

#[tokio::test]
async fn amazons_own_samples_are_read() {
    let Some(pairs) = models::samples("sandbox-orders_2026-01-01.json") else { return };
    let mut orders = 0;
    for pair in pairs.iter().filter(|pair| pair["status"] == json!(200)) {
        let sample = match pair["response"].get("order") {
            Some(order) => json!({ "orders": [order] }),
            None => pair["response"].clone(),
        };
        let connector = connector(sample, "eu", "A1F83G8C2ARO7P");
        let ask = Ask { stream: "orders", cursor: None, next: None, since_ms: 0, priority: Priority::Poll };
        let page = connector.read(&ask).await.unwrap();
        assert!(page.unreadable.is_empty(), "{:?}", page.unreadable);
        orders += page.records.len();
    }
    assert!(orders >= 3, "{orders}");
}

/// `getAccount` and others break Amazon's own model (fields that are required are missing, `payload` is absent);
/// an answer about marketplaces without such fields is read all the same.
#[tokio::test]
async fn answers_that_break_amazons_own_model_are_read() {
    for sample in [
        json!({ "payload": [{ "marketplace": { "id": "A1F83G8C2ARO7P" }, "participation": {} }] }),
        json!([{ "marketplace": { "id": "A1F83G8C2ARO7P", "countryCode": "GB" } }]),
        json!({ "payload": [{ "marketplace": { "id": "A1F83G8C2ARO7P", "name": 7 }, "participation": { "isParticipating": "true" } }] }),
    ] {
        let preflight = connector(sample.clone(), "eu", "").preflight().await;
        let account = preflight.account.unwrap_or_else(|| panic!("{sample}"));
        assert_eq!(account.facts["marketplaces"], "A1F83G8C2ARO7P", "{sample}");
    }
    let Some(pairs) = models::samples("sandbox-sellers.json") else { return };
    for pair in pairs
        .iter()
        .filter(|pair| pair["operation"] == json!("getMarketplaceParticipations") && pair["status"] == json!(200))
    {
        for region in ["na", "eu", "fe"] {
            assert!(connector(pair["response"].clone(), region, "").preflight().await.can_connect());
        }
    }
}
