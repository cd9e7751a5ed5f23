//! What this connector says to Shopify, and what it makes of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod documents;
mod effects;
mod giving;
mod reading;
mod signing_in;
mod stock;
mod verdicts;

use super::*;
use crate::Secrets;
use crate::testing::{Script, Sent, StandingClock, json};
use crate::wire::WireError;
use quayside_model::{Account, ConnectionId, Intent, SecretString};
use serde_json::json;

/// 2026-11-20T10:00:00Z
pub const NOW: i64 = 1_795_168_800_000;
/// A secret that must never be seen anywhere but in headers and the token form.
pub const CANARY: &str = "shpat_canary0123456789abcdef0123456789";

pub type Reply = Result<http::Response<Vec<u8>>, WireError>;

pub fn config(way: &str) -> ConnectionConfig {
    ConnectionConfig {
        id: ConnectionId::new("harbour"),
        name: "Harbour".into(),
        platform: "shopify".into(),
        way: way.into(),
        fields: [("shop", "harbour.myshopify.com"), ("client_id", "client-1")]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into(),
        base_url: None,
        account: Account::default(),
        settings: BTreeMap::new(),
        paused: false,
        created_at_ms: 0,
    }
}

pub fn shopify_with(config: ConnectionConfig, wire: Arc<Script>, clock: Arc<StandingClock>) -> Shopify {
    let secrets: Secrets = [("access_token", CANARY), ("client_secret", "shpss_canary-secret")]
        .map(|(k, v)| (k.to_owned(), SecretString::from(v)))
        .into();
    Shopify::new(Setup { config, secrets, wire, clock, buckets: vec![] }).unwrap()
}

/// A store that answers by script, signed in with a lasting token.
pub fn shopify(wire: Arc<Script>) -> Shopify {
    shopify_with(config(LEGACY_TOKEN), wire, StandingClock::at(NOW))
}

/// `data`, with a price.
pub fn data(data: &Value) -> Reply {
    json(
        200,
        &json!({ "data": data, "extensions": { "cost": {
            "requestedQueryCost": 100, "actualQueryCost": 10,
            "throttleStatus": { "maximumAvailable": 2000.0, "currentlyAvailable": 1990, "restoreRate": 100.0 } } } }),
    )
}

/// Operation name of a request.
pub fn operation(sent: &Sent) -> String {
    sent.json()["operationName"].as_str().unwrap_or("token").to_owned()
}

pub fn operations(script: &Script) -> Vec<String> {
    script.sent().iter().map(operation).collect()
}

pub fn task(intent: &Intent) -> Task<'_> {
    Task {
        key: "effect-1",
        intent,
        first_sent_at_ms: None,
        last_sent_at_ms: None,
        ticket: None,
        priority: Priority::Write,
    }
}
