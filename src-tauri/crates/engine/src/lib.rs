//! The engine room: polls, ingests, decides, dispatches. Owns time and concurrency, nothing else.
//!
//! One lane per connection, each strictly serial: the person's click first, then lost
//! answers, then writes by deadline, then polls, then backfill. A wake-up carries no
//! data; a lane that wakes reads the store and acts on what it finds, so that a timer,
//! a nudge, a restart and the end of a laptop's sleep are one path.
//!
//! No transaction is ever open across a network call. The engine runs on one thread;
//! under a simulated clock and an in-memory wire it is deterministic by seed.

// A method of `Reader<'_>` named as a function is tied to one lifetime; the closure is not.
#![allow(clippy::redundant_closure_for_method_calls)]

mod ailing;
mod by_hand;
mod catalogue;
pub mod changes;
mod decider;
mod engine;
mod ingest;
mod lane;
mod left;
mod pace;
mod patrons;
pub mod policy;
mod secrets;
mod settle;
mod shelves;
mod sync;
mod told;
mod tracks;

pub use by_hand::{Thing, things_by_hand};
pub use catalogue::{ProductsDecided, decide_products};
pub use engine::{Engine, EngineHandle, EngineSetup, LiveConnection};
pub use ingest::{Ingested, ingest, link, redecide, wait_for};
pub use left::LEFT_MS;
pub use pace::Naps;
pub use patrons::decide_customers;
pub use secrets::SecretStore;
pub use shelves::{decide_shelf, facts as shelf_facts};
pub use sync::{SyncJob, SyncProgress, SyncTarget};
