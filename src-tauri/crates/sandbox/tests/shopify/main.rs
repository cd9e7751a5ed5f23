//! The Shopify stand-in from outside: contracts, refusals, rules, traps.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// JSON made in place is handed over; documents stand next to what they are for.
#![allow(clippy::needless_pass_by_value, clippy::items_after_statements)]

mod answers;
mod client;
mod contract;
mod doors;
mod lists;
mod refusals;
mod work;
