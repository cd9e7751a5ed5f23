//! Orderez, as the assumed contract has it: one account with orders, shipments, stock, products and customers.
//!
//! Nobody outside the vendor has seen the real API; this stand-in keeps the
//! contract that is assumed instead, to the letter where it is strict: keys
//! against doubles that replay even a refusal, versions that must match,
//! references that are unique per system, cursors that expire, nulls that are no
//! texts, `Retry-After` as seconds or as a date.
//!
//! It brings its own warehouse ([`people`]): somebody packs what arrives.

pub mod hand;
mod lists;
pub mod people;
pub mod plan;
mod render;
pub mod state;
mod writes;

#[cfg(test)]
mod tests;

use crate::call::Call;
use crate::merchant::shop::{Bench, BenchOrder};
use crate::rate::{Allowance, Window};
use crate::{Account, Extra, ListQuirk, Meter, Moment, StandIn, Truth};
use http::{Method, Request, Response, header};
use people::People;
pub use plan::OrderezPlan;
use render::{Answer, Problem};
use serde_json::{Value, json};
pub use state::State;
use std::collections::{BTreeMap, BTreeSet};

/// How long a key against doubles is remembered, ms.
const KEY_KEPT_MS: i64 = 72 * 3_600_000;

/// An answer kept for its key.
struct Kept {
    at_ms: i64,
    fingerprint: String,
    answer: Answer,
}

/// One account.
pub struct Orderez {
    /// Everything in it. People act here directly; clients go through the API.
    pub state: State,
    window: Window,
    kept: BTreeMap<String, Kept>,
    refusals: u32,
    list_quirk: Option<ListQuirk>,
    people: Option<People>,
}

/// Makes the account that takes part in the simulated merchant's life.
pub const EXTRA: Extra = Extra::Bench(|seed, start_ms, trouble, hurried| {
    let plan = OrderezPlan { seed, ..OrderezPlan::default() };
    Box::new(Orderez::new(plan).with_people(start_ms, trouble, hurried))
});

impl Orderez {
    /// An account without orders, in which nobody packs.
    pub fn new(plan: OrderezPlan) -> Self {
        Self {
            window: Window::new(plan.calls_per_minute, plan.calls_by_others),
            kept: BTreeMap::new(),
            refusals: 0,
            list_quirk: None,
            people: None,
            state: State::new(plan),
        }
    }

    /// With a warehouse that opens at `start_ms` (ms UTC); `trouble` is the share of orders, 0 to 1, with which
    /// something unusual happens.
    #[must_use]
    pub fn with_people(mut self, start_ms: i64, trouble: f64, hurried: bool) -> Self {
        self.people = Some(People::new(start_ms, trouble, hurried));
        self
    }

    fn answer(&mut self, call: &Call<'_>, moment: &mut Moment<'_>) -> Answer {
        let parts = call.parts();
        let Some((&"v1", parts)) = parts.split_first() else { return Problem::not_found().into() };
        if call.method == Method::GET {
            return lists::get(self, parts, call, moment.now_ms);
        }
        let key = call.header("idempotency-key").map(str::trim).unwrap_or_default().to_owned();
        if !(16..=128).contains(&key.len()) {
            return Problem::field(
                "header/Idempotency-Key",
                "missing",
                "Idempotency-Key of 16 to 128 characters is required",
            )
            .into();
        }
        let fingerprint = format!("{} {} {}", call.method, call.path.join("/"), String::from_utf8_lossy(call.body));
        self.kept.retain(|_, kept| moment.now_ms - kept.at_ms < KEY_KEPT_MS);
        if let Some(kept) = self.kept.get(&key) {
            if kept.fingerprint != fingerprint {
                return Problem::new(409, "idempotency_key_reused", "The key came before with another content").into();
            }
            // Read literally, the contract repeats a refusal as well, though its cause may be gone.
            return kept.answer.clone().with("idempotency-replayed", "true");
        }
        let answer = match serde_json::from_slice::<Value>(call.body) {
            Ok(body) => writes::write(&mut self.state, parts, call, &body, moment),
            Err(_) => Problem::new(400, "malformed", "The body is not JSON").into(),
        };
        if answer.status < 500 && answer.status != 404 {
            self.kept.insert(key, Kept { at_ms: moment.now_ms, fingerprint, answer: answer.clone() });
        }
        answer
    }

    fn too_many(&mut self, said: Allowance, now_ms: i64) -> Response<Vec<u8>> {
        let after = self.come_back(said.reset_s, now_ms);
        let answer: Answer = Problem::new(429, "rate_limited", "Too many requests").into();
        answer.with("retry-after", &after).into_response(&limits(said))
    }

    /// Nothing is done meanwhile, and it is said when it will be.
    fn closed(&mut self, until_ms: i64, now_ms: i64) -> Response<Vec<u8>> {
        let after = self.come_back((until_ms - now_ms + 999) / 1000, now_ms);
        let answer: Answer = Problem::new(503, "maintenance", "Closed for maintenance").into();
        answer.with("retry-after", &after).into_response(&[])
    }

    /// Both forms are allowed; an account uses either as it likes.
    fn come_back(&mut self, after_s: i64, now_ms: i64) -> String {
        self.refusals += 1;
        if self.refusals.is_multiple_of(2) {
            let at = chrono::DateTime::from_timestamp_millis(now_ms + after_s * 1000).unwrap_or_default();
            at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
        } else {
            after_s.to_string()
        }
    }
}

fn limits(said: Allowance) -> [(&'static str, String); 2] {
    [("ratelimit-limit", said.limit.to_string()), ("ratelimit-remaining", said.remaining.to_string())]
}

impl StandIn for Orderez {
    fn platform(&self) -> &'static str {
        "orderez"
    }

    fn account(&self) -> &str {
        &self.state.plan.account
    }

    fn handle(&mut self, request: &Request<Vec<u8>>, moment: &mut Moment<'_>) -> Response<Vec<u8>> {
        let call = Call::of(request);
        if call.header(header::AUTHORIZATION.as_str()) != Some(&format!("Bearer {}", self.state.plan.api_key)) {
            return self.unauthorized(request);
        }
        if let Some(until_ms) = self.state.plan.closed_until_ms.filter(|until_ms| moment.now_ms < *until_ms) {
            return self.closed(until_ms, moment.now_ms);
        }
        let said = self.window.spend(moment.now_ms);
        if !said.allowed {
            return self.too_many(said, moment.now_ms);
        }
        self.answer(&call, moment).into_response(&limits(said))
    }

    fn pretend(&mut self, request: &Request<Vec<u8>>, moment: &mut Moment<'_>) -> Option<Response<Vec<u8>>> {
        if request.method() == Method::GET {
            return None;
        }
        let before = self.state.clone();
        let keys: BTreeSet<String> = self.kept.keys().cloned().collect();
        let response = self.handle(request, moment);
        if moment.ledger.is_of_client() {
            self.state.forget_since(before);
            // What was rolled back takes its key against doubles along.
            self.kept.retain(|key, _| keys.contains(key));
        }
        Some(response)
    }

    fn throttled(&mut self, _: &Request<Vec<u8>>, moment: &mut Moment<'_>) -> Response<Vec<u8>> {
        let said = self.window.exhaust(moment.now_ms);
        self.too_many(said, moment.now_ms)
    }

    fn meters(&self) -> Vec<Meter> {
        vec![self.window.meter("calls")]
    }

    fn unauthorized(&mut self, _: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let answer: Answer = Problem::new(401, "invalid_api_key", "Key is not valid").into();
        answer.into_response(&[])
    }

    fn card(&self) -> Account {
        let plan = &self.state.plan;
        Account {
            platform: self.platform().to_owned(),
            name: plan.account.clone(),
            title: plan.title.clone(),
            base_url: format!("http://{}.sandbox", plan.account),
            way: "assumed-contract".to_owned(),
            fields: BTreeMap::from([
                ("host".to_owned(), "api.orderez.sandbox".to_owned()),
                ("api_key".to_owned(), plan.api_key.clone()),
            ]),
        }
    }

    fn set_list_quirk(&mut self, quirk: Option<ListQuirk>) {
        self.list_quirk = quirk;
    }
}

impl Bench for Orderez {
    fn next_ms(&self) -> Option<i64> {
        self.people.as_ref().and_then(People::next_ms)
    }

    fn work(&mut self, moment: &mut Moment<'_>, truth: &mut Truth) {
        if let Some(people) = &mut self.people {
            people.work(&mut self.state, moment, truth);
        }
    }

    fn orders(&self) -> Vec<BenchOrder> {
        self.state
            .orders
            .values()
            .map(|order| BenchOrder {
                id: order.id.clone(),
                key: order.client_key().unwrap_or_default().to_owned(),
                open: order.open_units() > 0 && !order.is_cancelled(),
                units: order
                    .lines
                    .iter()
                    .filter_map(|line| Some((line.reference.as_ref()?.id.clone(), line.quantity - line.cancelled)))
                    .collect(),
            })
            .collect()
    }
}

/// What the account says of itself.
fn account(plan: &OrderezPlan) -> Value {
    json!({
        "id": plan.account_id, "name": plan.title, "currency": plan.currency, "timezone": plan.time_zone,
        "capabilities": ["orders.read", "orders.write", "inventory.write"],
    })
}
