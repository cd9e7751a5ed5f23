//! A program at work, and what happens to it meanwhile: clocks are moved, the laptop sleeps, the network goes and comes,
//! one account is locked out, a person clicks. The real engine, store and connectors under virtual time; what came of it
//! is counted at the stand-ins.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clicks;
mod clocks;
mod cycles;
mod keychain;
mod outages;
mod quiet;
mod shop;
mod tied;
mod versions;
