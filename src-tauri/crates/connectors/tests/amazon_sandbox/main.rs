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
#[allow(dead_code)] // shared with the suite on tolerance, which needs more of it
mod tamper;
mod traps;
