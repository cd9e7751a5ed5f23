//! Fills the first store of a profile with orders: `filled-profile PROFILE ORDERS`. For looking at the window as a large
//! store sees it (`tests/window`, `make bench`); prints how many of them are open.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

#[path = "../benches/filled/mod.rs"]
mod filled;

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

fn main() {
    let mut words = std::env::args_os().skip(1);
    let profile = PathBuf::from(words.next().expect("the folder of a profile with a Shopify account"));
    let orders = words.next().and_then(|word| word.to_str()?.parse().ok()).expect("how many orders");
    let now_ms = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    println!("{}", filled::fill(&profile, orders, now_ms));
}
