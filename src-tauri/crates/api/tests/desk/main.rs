//! Every function of the desk through its public door, over a store in memory or in a temporary folder.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::redundant_closure_for_method_calls,
    missing_docs
)]

mod acts;
mod automations;
mod bad_input;
mod buyers;
mod connections;
mod console;
mod credentials;
mod delivery;
mod described;
mod drawer;
mod exceptions;
mod files;
mod giving_back;
mod house;
mod labels;
mod letters;
mod many;
mod numbers;
mod profiles;
mod queue;
mod reconcile;
mod recordings;
mod refunds;
mod reports;
mod returns;
mod shapers;
mod signing_in;
mod split;
mod stock;
mod support;
mod twins;
mod tying;
mod who_is_it;
