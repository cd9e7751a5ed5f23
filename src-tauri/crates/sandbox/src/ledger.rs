//! The count from the other side: every effect that a stand-in applied.

use serde::{Deserialize, Serialize};

/// One applied effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When, ms UTC.
    pub at_ms: i64,
    /// Platform (`shopify`).
    pub platform: String,
    /// Account (`harbour-goods`).
    pub account: String,
    /// What was done (`order_created`, `order_updated`, `order_cancelled`, `order_held`, `fulfillment_created`, …).
    pub effect: String,
    /// What it was done to: the platform's id.
    pub subject: String,
    /// The client's own key, where the platform takes one (orderKey, tracking number).
    pub key: Option<String>,
    /// Whatever an oracle needs to judge it (lines, quantities, tracking).
    pub detail: serde_json::Value,
    /// `client` for what arrived over the API, `merchant` for what the simulated people did.
    pub by: By,
}

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The program under test.
    Client,
    /// The simulated shoppers, warehouse and carriers.
    Merchant,
}

/// All of them, in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// The entries.
    pub entries: Vec<Entry>,
}

impl Ledger {
    /// Writes one down.
    pub fn note(&mut self, entry: Entry) {
        self.entries.push(entry);
    }
    /// A client changed something.
    pub fn is_of_client(&self) -> bool {
        self.entries.iter().any(|entry| entry.by == By::Client)
    }
    /// Entries of one kind.
    pub fn of<'a>(&'a self, effect: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.effect == effect)
    }
}
