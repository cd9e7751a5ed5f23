//! All accounts of one simulated merchant, behind one handle.

use crate::{FaultPlan, Ledger};
use serde::{Deserialize, Serialize};

/// What came of a request.
#[derive(Debug)]
pub enum Reply {
    /// An answer, after so many milliseconds.
    Answer {
        /// The answer.
        response: http::Response<Vec<u8>>,
        /// Delay by the sandbox's clock, ms.
        after_ms: u64,
    },
    /// The connection breaks. Whether it was applied is the caller's not to know.
    Dropped {
        /// When it breaks, ms after the request.
        after_ms: u64,
    },
}

/// An account and what a client needs to reach it; written by `sandbox serve --port-file`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Stable word of the platform (`shopify`).
    pub platform: String,
    /// Name (`harbour-goods`).
    pub name: String,
    /// For people ("Harbour Goods").
    pub title: String,
    /// `http://127.0.0.1:PORT`, once it is served; in memory `http://harbour-goods.sandbox`.
    pub base_url: String,
    /// Way to sign in (`client_credentials`).
    pub way: String,
    /// What to fill in, secrets included (they open nothing but this sandbox).
    pub fields: std::collections::BTreeMap<String, String>,
}

/// All accounts of one simulated merchant. Same seed, same calls at the same times: same answers.
pub struct Sandbox {
    /// What goes wrong.
    pub faults: FaultPlan,
    /// What was applied.
    pub ledger: Ledger,
}
