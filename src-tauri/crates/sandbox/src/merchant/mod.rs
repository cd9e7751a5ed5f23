//! The simulated people: shoppers who buy, change their minds and want things
//! back, a warehouse that packs, carriers that carry, lose and deliver.
//!
//! People act directly on the state of the stand-ins, never through their APIs,
//! and every effect of theirs is written to the ledger as [`crate::ledger::By::Merchant`].
//! What *should* become of an order is written to [`Truth`] by whoever knows it,
//! so that an oracle need not trust any client.
//!
//! # Shape of an actor
//!
//! An actor says when it next wants to do something ([`Actor::next_ms`]) and does
//! everything that is due when it is called ([`Actor::act`]). The sandbox calls
//! actors in the order of their times, so a step of 12 hours and 12 steps of one
//! hour lead to the same history. Each actor has its own seeded chance: what the
//! warehouse decides does not change what shoppers buy.
//!
//! The warehouse (`warehouse.rs`) is built by [`crate::Sandbox::new`] as
//! `Warehouse::new(start_ms, trouble)` when the plan has a hub: `start_ms` is the
//! first moment of the simulation (ms UTC), `trouble` the share of orders, 0 to 1,
//! with which something goes wrong.

pub mod basket;
pub mod catalogue;
pub mod customers;
pub mod imports;
pub mod names;
pub mod on_request;
pub mod rhythm;
pub mod shop;
pub mod shoppers;
pub mod truth;
pub mod warehouse;

use crate::shipstation::ShipStation;
use crate::shopify::Shopify;
use crate::{Ledger, Moment};
use rand::rngs::SmallRng;
pub use truth::Truth;

/// Everything an actor may touch while it acts.
pub struct Scene<'a> {
    /// Now, ms UTC: the time the actor asked for, or later.
    pub now_ms: i64,
    /// This actor's own seeded chance.
    pub rng: &'a mut SmallRng,
    /// All Shopify stores of the merchant.
    pub stores: &'a mut [Shopify],
    /// The shipping accounts: none or one.
    pub hubs: &'a mut [ShipStation],
    /// Stores of further platforms.
    pub shops: &'a mut [Box<dyn shop::Shop>],
    /// Hubs of further platforms.
    pub benches: &'a mut [Box<dyn shop::Bench>],
    /// Where applied effects are written down, with `By::Merchant`.
    pub ledger: &'a mut Ledger,
    /// What really happened and what should follow from it.
    pub truth: &'a mut Truth,
}

impl Scene<'_> {
    /// What a stand-in's own functions take: time, chance and the ledger.
    pub fn moment(&mut self) -> Moment<'_> {
        Moment { now_ms: self.now_ms, rng: self.rng, ledger: self.ledger }
    }
}

/// One of the simulated people.
pub trait Actor: Send {
    /// For logs (`shoppers`, `warehouse`).
    fn name(&self) -> &'static str;
    /// When it next wants to act, ms UTC; `None` when it never will again by itself.
    fn next_ms(&self) -> Option<i64>;
    /// Does everything that is due at `scene.now_ms`. Afterwards `next_ms` lies later than that.
    fn act(&mut self, scene: &mut Scene<'_>);
}
