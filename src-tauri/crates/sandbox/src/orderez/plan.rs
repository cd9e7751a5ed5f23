//! What one simulated account is like.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderezPlan {
    /// Name in the sandbox.
    pub account: String,
    /// For people.
    pub title: String,
    /// The account's own id.
    pub account_id: String,
    /// Seed of everything that is drawn inside.
    pub seed: u64,
    /// The key.
    pub api_key: String,
    /// Calls per minute.
    pub calls_per_minute: u32,
    /// How many of them some other program uses up at the start of every minute.
    pub calls_by_others: u32,
    /// Currency.
    pub currency: String,
    /// IANA zone of the warehouse.
    pub time_zone: String,
    /// SKUs the account knows; empty: it knows all. An order with any other is refused.
    pub skus: BTreeSet<String>,
    /// How long a cursor is good, ms. The contract says a day at least.
    pub cursor_ms: i64,
    /// The order states that answers speak of, where an account has a word of its own (`accepted` → `in_progress`).
    pub odd_status: Option<(String, String)>,
    /// A change of an order without its version is refused (428). The contract leaves it to the account.
    pub versions_required: bool,
    /// Closed for maintenance until then, ms UTC: everything is answered 503, with the moment to come back.
    pub closed_until_ms: Option<i64>,
}

impl Default for OrderezPlan {
    fn default() -> Self {
        Self {
            account: "harbour-supply".to_owned(),
            title: "Harbour Supply".to_owned(),
            account_id: "acc_1".to_owned(),
            seed: 1,
            api_key: "oz_sandbox_k7Qm2vN8rT4xB6wE".to_owned(),
            calls_per_minute: 120,
            calls_by_others: 0,
            currency: "EUR".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            skus: BTreeSet::new(),
            cursor_ms: 24 * 3_600_000,
            odd_status: None,
            versions_required: false,
            closed_until_ms: None,
        }
    }
}
