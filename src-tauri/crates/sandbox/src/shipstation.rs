//! ShipStation: one account with its two APIs, stock add-on and all.
//!
//! The older API's paths lie at the root, the newer one's under `/v2`; at the
//! platform they have hosts of their own, and a client that is given one address
//! for both finds both here. They show one state: an order made through one is
//! read through the other, with `se-` in front of its id.
//!
//! Where the platform's documentation is silent or contradicts itself, an account
//! falls on one side or the other ([`plan::Habits`]), so that a client can be
//! tried against both.

pub mod carriers;
pub mod pacific;
pub mod plan;
pub mod state;
mod v1;
mod v2;
pub(crate) mod wire;
mod written;

#[cfg(test)]
mod tests;

use crate::rate::Window;
use crate::{Account, ListQuirk, Meter, Moment, StandIn};
use http::{Request, Response};
pub use plan::{Habits, ImportPlan, Quirks, ShipStationPlan, StorePlan};
pub use state::State;
use std::collections::BTreeMap;
use wire::Call;

/// One account.
pub struct ShipStation {
    /// Everything in it. People act here directly; clients go through the APIs.
    pub state: State,
    v1_window: Window,
    v2_window: Window,
    refusals: u32,
    list_quirk: Option<ListQuirk>,
}

impl ShipStation {
    /// An account without orders.
    pub fn new(plan: ShipStationPlan) -> Self {
        Self {
            v1_window: Window::new(plan.calls_per_minute, plan.calls_by_others),
            v2_window: Window::new(plan.v2_calls_per_minute, 0),
            refusals: 0,
            list_quirk: None,
            state: State::new(plan),
        }
    }

    /// Calls the older API would still answer in this minute.
    pub fn v1_calls_left(&mut self, now_ms: i64) -> u32 {
        self.v1_window.look(now_ms).remaining
    }

    fn is_v2(call: &Call<'_>) -> bool {
        call.path.first().is_some_and(|part| part == "v2")
    }
}

impl StandIn for ShipStation {
    fn platform(&self) -> &'static str {
        "shipstation"
    }

    fn account(&self) -> &str {
        &self.state.plan.account
    }

    fn handle(&mut self, request: &Request<Vec<u8>>, moment: &mut Moment<'_>) -> Response<Vec<u8>> {
        self.state.settle(moment.now_ms, moment.ledger);
        let call = Call::of(request);
        if Self::is_v2(&call) { v2::handle(self, &call, moment) } else { v1::handle(self, &call, moment) }
    }

    fn pretend(&mut self, request: &Request<Vec<u8>>, moment: &mut Moment<'_>) -> Option<Response<Vec<u8>>> {
        if request.method() == http::Method::GET {
            return None;
        }
        let before = self.state.clone();
        let response = self.handle(request, moment);
        if moment.ledger.is_of_client() {
            self.state.forget_since(before);
        }
        Some(response)
    }

    fn throttled(&mut self, request: &Request<Vec<u8>>, moment: &mut Moment<'_>) -> Response<Vec<u8>> {
        if Self::is_v2(&Call::of(request)) {
            v2::throttled(self, moment.now_ms)
        } else {
            v1::throttled(self, moment.now_ms)
        }
    }

    fn meters(&self) -> Vec<Meter> {
        let plan = &self.state.plan;
        let v1 = plan.has_v1.then(|| self.v1_window.meter("v1"));
        let v2 = (plan.has_v2 || plan.has_v2_inventory).then(|| self.v2_window.meter("v2"));
        v1.into_iter().chain(v2).collect()
    }

    fn unauthorized(&mut self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        if Self::is_v2(&Call::of(request)) { v2::unauthorized(self) } else { v1::unauthorized(self) }
    }

    fn card(&self) -> Account {
        let plan = &self.state.plan;
        let v2 = plan.has_v2 || plan.has_v2_inventory;
        let mut fields = BTreeMap::new();
        let mut fill = |name: &str, value: &str| fields.insert(name.to_owned(), value.to_owned());
        if plan.has_v1 {
            fill("key", &plan.v1_key);
            fill("secret", &plan.v1_secret);
            if !plan.v1_expires_on.is_empty() {
                fill("expires_on", &plan.v1_expires_on);
            }
        }
        if v2 {
            fill("v2_key", &plan.v2_key);
        }
        let way = match (plan.has_v1, v2) {
            (true, true) => "both",
            (false, true) => "v2",
            _ => "v1",
        };
        Account {
            platform: self.platform().to_owned(),
            name: plan.account.clone(),
            title: plan.title.clone(),
            base_url: format!("http://{}.sandbox", plan.account),
            way: way.to_owned(),
            fields,
        }
    }

    fn set_list_quirk(&mut self, quirk: Option<ListQuirk>) {
        self.list_quirk = quirk;
    }
}
