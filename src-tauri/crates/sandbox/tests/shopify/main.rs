//! The Shopify stand-in from outside: contracts, refusals, rules, traps.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod client;
mod contract;
mod doors;
mod lists;
mod refusals;
mod work;
