//! One Amazon seller in one region, as the Selling Partner API shows it.
//!
//! ```text
//! door.rs     sign-in, headers, usage plans, routing    rate.rs   the buckets
//! orders.rs   search and single orders (2026-01-01)     ship.rs   confirmShipment (v0)
//! feeds.rs    files and feeds                           xml.rs    what is in them
//! reports.rs  reports and their files                   listings.rs  quantities
//! state.rs    the data                                  hand.rs   what shoppers and staff do
//! plan.rs     what kind of account it is
//! ```
//!
//! Built from Amazon's published models and documentation, traps included: what is
//! confirmed shows up only after a while, feeds take minutes and may finish without
//! having done anything, personal data is silently absent without its role, a page
//! token is worth nothing with other filters, limits are per operation.
//!
//! Left out: older order reads (they end in 2027), Amazon's own labels, messaging,
//! notifications, everything about goods in Amazon's warehouses beyond showing them.

mod door;
mod feeds;
mod hand;
mod listings;
mod orders;
mod plan;
mod rate;
mod reports;
mod ship;
pub mod state;
mod xml;

pub use plan::AmazonPlan;

use crate::ledger::By;
use crate::{Account, ListQuirk, Meter, Moment, StandIn};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rate::Rates;
use state::State;
use std::collections::BTreeMap;

/// The seller who takes part in the simulated merchant's life.
pub fn extra(seed: u64, start_ms: i64) -> Box<dyn crate::merchant::shop::Shop> {
    Box::new(Amazon::new(AmazonPlan::default(), seed, start_ms))
}

/// One account.
pub struct Amazon {
    plan: AmazonPlan,
    state: State,
    rates: Rates,
    quirk: Option<ListQuirk>,
    /// Access tokens → when they end, ms UTC.
    tokens: BTreeMap<String, i64>,
    /// Chance of the platform's own processes and ids.
    rng: SmallRng,
}

impl Amazon {
    /// An account without orders.
    pub fn new(plan: AmazonPlan, seed: u64, start_ms: i64) -> Self {
        let name = plan
            .account
            .bytes()
            .fold(seed ^ 0x9e37_79b9_7f4a_7c15, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self {
            state: State::new(&plan, start_ms),
            rates: Rates::new(start_ms),
            quirk: None,
            tokens: BTreeMap::new(),
            rng: SmallRng::seed_from_u64(name),
            plan,
        }
    }

    /// What kind of account it is.
    pub fn plan(&self) -> &AmazonPlan {
        &self.plan
    }

    /// Its kind, to change it in the middle of a test (a role taken back, a secret ended).
    pub fn plan_mut(&mut self) -> &mut AmazonPlan {
        &mut self.plan
    }

    /// Calls of an operation that were let through so far.
    pub fn calls(&self, operation: &str) -> u32 {
        self.rates.calls.get(operation).copied().unwrap_or(0)
    }

    /// Calls refused by a usage plan so far.
    pub fn refused_calls(&self) -> u32 {
        self.rates.refused
    }

    /// Calls of something that is not served so far.
    pub fn strange_calls(&self) -> u32 {
        self.rates.strange
    }

    /// Everything it knows.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Everything it knows, to set up a case no person could bring about.
    pub fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl StandIn for Amazon {
    fn platform(&self) -> &'static str {
        "amazon"
    }
    fn account(&self) -> &str {
        &self.plan.account
    }
    fn handle(&mut self, request: &http::Request<Vec<u8>>, moment: &mut Moment<'_>) -> http::Response<Vec<u8>> {
        self.work_until(moment);
        self.answer(request, moment)
    }
    fn meters(&self) -> Vec<Meter> {
        self.rates.meters()
    }
    fn throttled(&mut self, _request: &http::Request<Vec<u8>>, _moment: &mut Moment<'_>) -> http::Response<Vec<u8>> {
        door::quota_exceeded()
    }
    fn unauthorized(&mut self, _request: &http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
        door::token_ended()
    }
    fn card(&self) -> Account {
        self.plan.card()
    }
    fn pretend(
        &mut self,
        request: &http::Request<Vec<u8>>,
        moment: &mut Moment<'_>,
    ) -> Option<http::Response<Vec<u8>>> {
        let path = request.uri().path().to_owned();
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (request.method(), parts.as_slice()) {
            (&http::Method::POST, [.., order, "shipmentConfirmation"]) => {
                let before = self.state.orders.get(*order).cloned();
                let response = self.handle(request, moment);
                if let Some(before) = before {
                    self.state.orders.insert(before.id.clone(), before);
                }
                Some(response)
            }
            // The file stays; the feed that was to be made of it is not there.
            (&http::Method::POST, ["feeds", _, "feeds"]) => {
                let before = self.state.feeds.len();
                let response = self.handle(request, moment);
                if self.state.feeds.len() > before {
                    let taken = feeds::entry(
                        moment.now_ms,
                        &self.plan.account,
                        "feed_taken",
                        "",
                        serde_json::Value::Null,
                        By::Client,
                    );
                    moment.ledger.note(taken);
                }
                self.state.feeds.truncate(before);
                Some(response)
            }
            (&http::Method::PATCH, ["listings", ..]) => {
                let before = self.state.listings.clone();
                let response = self.handle(request, moment);
                self.state.listings = before;
                Some(response)
            }
            _ => None,
        }
    }
    fn expire_tokens(&mut self) -> bool {
        self.tokens.clear();
        true
    }
    fn set_list_quirk(&mut self, quirk: Option<ListQuirk>) {
        self.quirk = quirk;
    }
}

impl std::fmt::Debug for Amazon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Amazon")
            .field("account", &self.plan.account)
            .field("orders", &self.state.orders.len())
            .finish_non_exhaustive()
    }
}
