//! What each platform is asked for, in virtual time: one JSON line per figure.
//!
//! `cargo bench -p quayside-simulator`. Fewer orders, or one platform: `QUAYSIDE_TRAFFIC_ORDERS=300`,
//! `QUAYSIDE_TRAFFIC_ONLY=shopify`.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use quayside_simulator::{Role, Yard, freshness};
use serde_json::json;

/// As in the simulated weeks.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let orders: usize = std::env::var("QUAYSIDE_TRAFFIC_ORDERS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let only = std::env::var("QUAYSIDE_TRAFFIC_ONLY").unwrap_or_default();
    for (role, platform) in [(Role::Channel,"shopify"),(Role::Channel,"bigcommerce"),(Role::Channel,"amazon"),(Role::Channel,"salesforce"),(Role::Hub,"shipstation_v1"),(Role::Hub,"shipstation_v2"),(Role::Hub,"orderez")] {
        if !platform.starts_with(&only) { continue; }
        let t = std::time::Instant::now();
        let yard = Yard::open(role, platform, orders).unwrap();
        println!("{platform} open {:?}", t.elapsed());
        println!("{platform} import {:?} {:?}", yard.import().unwrap(), t.elapsed());
        println!("{platform} orders_in {:?} {:?}", yard.orders_in().unwrap(), t.elapsed());
        println!("{platform} parcels_out {:?} {:?}", yard.parcels_out().unwrap(), t.elapsed());
        if role == Role::Channel {
        println!("{platform} write_back {:?} {:?} throttled {}", yard.write_back(std::env::var("QUIET").is_err()).unwrap(), t.elapsed(), yard.house().wire().throttled());
        }
        if std::env::var("FRESH").is_ok() {
        println!("{platform} fresh {} {:?}", json!(freshness(role, platform, 60, 1).unwrap()), t.elapsed());
        }
    }
}
