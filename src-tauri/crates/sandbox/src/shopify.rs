//! One Shopify store, as its Admin GraphQL API shows it to a client.
//!
//! ```text
//! door.rs    HTTP: token endpoint, headers, versions, statuses
//! graph.rs   one GraphQL request: parse, check, cost, run
//! graphql/   a generic GraphQL server, with schema.graphql
//! read/      what can be asked      write/   what can be changed
//! state/     the data               hand.rs  the acts that change it, by client or people
//! people.rs  what shoppers and staff do     routing.rs  what the platform does in its own time
//! ```
//!
//! Left out: everything a client of orders, stock, customers and returns never
//! touches (themes, discounts, subscriptions, markets, files), webhooks, and
//! introspection. `schema.graphql` is the exact list of what is served.

mod bucket;
mod bulk;
mod door;
mod graph;
pub mod graphql;
mod hand;
mod people;
mod plan;
mod read;
mod routing;
pub mod state;
mod write;

pub use people::{LineDraft, OrderDraft, Paid};
pub use plan::{SCOPES, ShopPlan};

use crate::ledger::By;
use crate::merchant::shop::{LineView, OrderView, ShipmentView};
use crate::{Account, Ledger, ListQuirk, Meter, Moment, StandIn};
use bucket::Bucket;
use graph::Parsed;
use hand::Hand;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use state::{State, Work};
use std::collections::HashMap;
use std::sync::Arc;

/// One store.
pub struct Shopify {
    plan: ShopPlan,
    state: State,
    bucket: Bucket,
    quirk: Option<ListQuirk>,
    /// Tokens of the client-credentials grant → when they end, ms UTC.
    tokens: HashMap<String, i64>,
    documents: HashMap<String, Arc<Parsed>>,
    /// Chance of the platform's own processes and ids.
    rng: SmallRng,
}

impl Shopify {
    /// A store with its catalogue, locations and customers, and no orders.
    pub fn new(mut plan: ShopPlan, seed: u64, start_ms: i64) -> Self {
        plan.opened_ms = start_ms - 400 * 86_400_000;
        let name = plan
            .account
            .bytes()
            .fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut rng = SmallRng::seed_from_u64(name);
        // Ids of two stores never meet; they look like the platform's own.
        let mut state = State::new(5_000_000_000_000 + name % 900_000 * 1_000_000);
        crate::merchant::catalogue::fill(&mut state, &plan, start_ms, &mut rng);
        let bucket = Bucket::new(plan.points_max, plan.points_per_s, start_ms);
        Self { plan, state, bucket, quirk: None, tokens: HashMap::new(), documents: HashMap::new(), rng }
    }

    /// What kind of store it is.
    pub fn plan(&self) -> &ShopPlan {
        &self.plan
    }

    /// Its kind, to change it in the middle of a test (scopes taken back, app uninstalled).
    pub fn plan_mut(&mut self) -> &mut ShopPlan {
        &mut self.plan
    }

    /// Everything it knows.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Everything it knows, to set up a case no person could bring about.
    pub fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    /// Its orders as people see them, oldest first.
    pub fn order_views(&self) -> impl Iterator<Item = OrderView> {
        self.state.orders().iter().map(|order| OrderView {
            id: order.gid(),
            name: order.name.clone(),
            placed_ms: order.created_ms,
            paid: order.received_minor() > 0,
            cancelled: order.cancelled.is_some(),
            never_ships: None,
            lines: order.line_balance().map(|(id, units, shipped)| LineView { id, units, shipped }).collect(),
            shipments: order
                .fulfillments
                .iter()
                .filter(|fulfillment| fulfillment.is_live())
                .map(|fulfillment| ShipmentView {
                    numbers: fulfillment.numbers().map(str::to_owned).collect(),
                    units: fulfillment.lines.iter().map(|l| (state::gid("LineItem", l.line), l.quantity)).collect(),
                })
                .collect(),
        })
    }

    /// When the platform next does something by itself, ms UTC.
    pub fn next_ms(&self) -> Option<i64> {
        self.state.pending.first().map(|(at_ms, _)| *at_ms)
    }

    /// Does all the platform's own work that is due.
    pub fn settle(&mut self, now_ms: i64, ledger: &mut Ledger) {
        while let Some((at_ms, job)) = self.state.pending.first().copied().filter(|(at_ms, _)| *at_ms <= now_ms) {
            self.state.pending.remove(&(at_ms, job));
            let Some(work) = self.state.jobs.get(&job).map(|job| job.work.clone()) else { continue };
            if let Work::Bulk(id) = work {
                self.end_bulk(id, at_ms);
            }
            let mut moment = Moment { now_ms: at_ms, rng: &mut self.rng, ledger };
            Hand::new(&mut self.state, &self.plan, &mut moment, By::Merchant).work(&work);
            if let Some(job) = self.state.jobs.get_mut(&job) {
                job.done = true;
            }
        }
    }

    fn end_bulk(&mut self, id: u64, at_ms: i64) {
        let Some(index) = self.state.bulk.iter().position(|bulk| bulk.id == id) else { return };
        let Some(bulk) = self.state.bulk.get(index).cloned() else { return };
        self.state.index_work();
        let mut view = self.view(at_ms, "", None);
        view.bulk = true;
        let (result, objects, roots) =
            if bulk.status == "CANCELING" { Default::default() } else { bulk::run(&bulk, &view) };
        let Some(bulk) = self.state.bulk.get_mut(index) else { return };
        bulk.status = if bulk.status == "CANCELING" { "CANCELED" } else { "COMPLETED" };
        (bulk.result, bulk.objects, bulk.roots) = (result, objects, roots);
        bulk.completed_ms = Some(at_ms);
    }

    /// Somebody who acts on this store by the store's own chance.
    fn hand<'h>(&'h mut self, moment: &'h mut Moment<'_>) -> Hand<'h> {
        Hand {
            state: &mut self.state,
            plan: &self.plan,
            now_ms: moment.now_ms,
            rng: &mut self.rng,
            ledger: moment.ledger,
            by: By::Merchant,
        }
    }
}

impl StandIn for Shopify {
    fn platform(&self) -> &'static str {
        "shopify"
    }
    fn account(&self) -> &str {
        &self.plan.account
    }
    fn handle(&mut self, request: &http::Request<Vec<u8>>, moment: &mut Moment<'_>) -> http::Response<Vec<u8>> {
        self.settle(moment.now_ms, moment.ledger);
        self.answer(request, moment)
    }
    fn pretend(
        &mut self,
        request: &http::Request<Vec<u8>>,
        moment: &mut Moment<'_>,
    ) -> Option<http::Response<Vec<u8>>> {
        let asked = String::from_utf8_lossy(request.body());
        // A bulk operation is a mutation by its name only: it reads.
        if !asked.contains("mutation") || asked.contains("bulkOperation") {
            return None;
        }
        let before = self.state.clone();
        let jobs = before.pending.len();
        let response = self.handle(request, moment);
        // An order is cancelled in the platform's own time: taken in now, and then forgotten.
        if asked.contains("orderCancel") && self.state.pending.len() > jobs {
            Hand::new(&mut self.state, &self.plan, moment, By::Client).note(
                "order_cancel_taken",
                String::new(),
                None,
                serde_json::Value::Null,
            );
        }
        if moment.ledger.is_of_client() {
            self.state.forget_since(before);
        }
        Some(response)
    }
    fn meters(&self) -> Vec<Meter> {
        vec![self.bucket.meter()]
    }
    fn throttled(&mut self, request: &http::Request<Vec<u8>>, moment: &mut Moment<'_>) -> http::Response<Vec<u8>> {
        self.answer_throttled(request, moment.now_ms)
    }
    fn unauthorized(&mut self, _request: &http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
        door::unauthorized()
    }
    fn card(&self) -> Account {
        self.plan.card()
    }
    fn expire_tokens(&mut self) -> bool {
        self.tokens.clear();
        self.plan.legacy_token.is_none()
    }
    fn set_list_quirk(&mut self, quirk: Option<ListQuirk>) {
        self.quirk = quirk;
    }
}

impl std::fmt::Debug for Shopify {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shopify")
            .field("account", &self.plan.account)
            .field("orders", &self.state.orders().len())
            .finish_non_exhaustive()
    }
}

/// A random word of that many letters and digits.
fn word(rng: &mut SmallRng, length: usize) -> String {
    const LETTERS: &[u8] = b"0123456789abcdef";
    (0..length).filter_map(|_| LETTERS.get(rng.random_range(0..LETTERS.len()))).map(|byte| char::from(*byte)).collect()
}
