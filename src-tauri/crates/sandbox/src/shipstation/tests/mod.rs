//! Wrong clients fail, right ones get what the platform's own description
//! promises, and both APIs show one state.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bench;
mod contract;
mod refusals;
mod rules_v1;
mod rules_v2;
mod views;
