//! The Amazon connector against an honest stand-in: everything read, every change applied once.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../common/mod.rs"]
mod common;
mod effects;
mod house;
mod reading;
mod regions;
mod reports;
#[path = "../common/tamper.rs"]
mod tamper;
mod traps;
