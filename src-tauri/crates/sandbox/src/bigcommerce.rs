//! One BigCommerce store, as its REST Management API shows it to a client: V2 and V3.
//!
//! ```text
//! door.rs    HTTP: path, sign-in, permissions, allowance, both APIs' errors
//! v2.rs      reading orders and their parts       ship.rs  shipments and changes of orders
//! v3.rs      channels, settings, metafields       money.rs payments, quotes, refunds
//! stock.rs   levels, locations, products          shape.rs an order as JSON
//! state.rs   the data                             hand.rs  what people do to it by hand
//! plan.rs    what kind of store it is      shop.rs  how the simulated people see it
//! people.rs  customers and their groups
//! ```
//!
//! Where the platform's documentation is silent or contradicts itself a store falls
//! on one side or the other ([`plan::Habits`]), so that a client can be tried
//! against both.
//!
//! Left out: creating and deleting orders over the API, the storefront, carts,
//! promotions, webhooks, themes, and everything else a shipping desk never touches.

#![allow(clippy::result_large_err)] // a refusal is the answer itself, made once and handed up

mod door;
mod hand;
mod money;
mod people;
pub mod plan;
mod shape;
mod ship;
mod shop;
pub mod state;
mod stock;
mod v2;
mod v3;

pub use hand::{LineDraft, OrderDraft, Text};
pub use plan::{BigPlan, Habits};
pub use shop::extra;
pub use state::Address;

use crate::{Account, ListQuirk, Meter, Moment, StandIn};
use http::{Request, Response};
use state::State;

/// One store.
pub struct BigCommerce {
    /// Everything in it.
    pub state: State,
    /// What kind of store it is.
    pub plan: BigPlan,
    window: door::Window,
    quirk: Option<ListQuirk>,
    /// Orders of the list answered last, for a page that begins with rows of the one before.
    last_rows: Vec<i64>,
}

impl BigCommerce {
    /// A store without orders.
    pub fn new(plan: BigPlan) -> Self {
        let state = State::new(&plan);
        Self { window: door::Window::new(&plan), state, plan, quirk: None, last_rows: Vec::new() }
    }
}

impl StandIn for BigCommerce {
    fn platform(&self) -> &'static str {
        "bigcommerce"
    }
    fn account(&self) -> &str {
        &self.plan.account
    }
    fn handle(&mut self, request: &Request<Vec<u8>>, moment: &mut Moment<'_>) -> Response<Vec<u8>> {
        self.state.settle(moment.now_ms);
        self.answer(request, moment)
    }
    fn meters(&self) -> Vec<Meter> {
        vec![self.window.meter()]
    }
    fn throttled(&mut self, _request: &Request<Vec<u8>>, moment: &mut Moment<'_>) -> Response<Vec<u8>> {
        self.window.exhaust(moment.now_ms);
        self.too_many(moment.now_ms)
    }
    fn unauthorized(&mut self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        door::unauthorized(request.uri().path())
    }
    fn card(&self) -> Account {
        self.plan.card()
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
    fn set_list_quirk(&mut self, quirk: Option<ListQuirk>) {
        self.quirk = quirk;
    }
}
