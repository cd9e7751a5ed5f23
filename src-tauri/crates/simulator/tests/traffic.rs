//! Calls, shares of allowances and freshness do not get worse: 300 orders per platform, held to the table in `fewest.rs`.
//! The figures of a whole backlog are printed by `benches/platforms.rs`.
#![allow(missing_docs, clippy::unwrap_used)]

use quayside_simulator::{CELLS, FLOORS, Role, Traffic, Waits, Work, Yard, freshness};

const ORDERS: usize = 300;
/// Changes that are waited for, half of them after an hour or two.
const CHANGES: usize = 20;
/// Sign-in, and lists that are read once and are empty.
const ON_TOP: f64 = 14.0;
/// A share is asked for where the work took so long, minutes.
const LONG_MIN: f64 = 2.0;
/// What waits for answers has one under way for so much of the time: the rest is between two of them.
const IN_FLIGHT: f64 = 0.9;

#[track_caller]
fn held(platform: &str, work: Work, took: &Traffic) {
    let cell = CELLS.iter().find(|cell| cell.platform == platform && cell.work == work).unwrap();
    // One that is bought for two doors is two.
    assert!(took.orders >= ORDERS, "it came to no end: {took:?}");
    let most = cell.ours * took.orders as f64 * 1.05 + ON_TOP;
    assert!(took.calls as f64 <= most, "{platform} {}: more than {most} calls: {took:?}", work.code());
    assert!(cell.fewest <= cell.ours && (cell.fewest < cell.ours) != cell.because.is_empty());
    assert!(took.used <= 1.0, "more than is allowed was used: {took:?}");
    if let Waits::Answers(why) = cell.waits {
        assert!(!why.is_empty() && took.in_flight >= IN_FLIGHT, "{platform} {} stands idle: {took:?}", work.code());
    }
}

/// Opens a yard and walks its four steps; the last one without reading.
fn walk(role: Role, platform: &str) -> [Traffic; 4] {
    let yard = Yard::open(role, platform, ORDERS).unwrap();
    let import = yard.import().unwrap();
    let orders_in = yard.orders_in().unwrap();
    let parcels_out = yard.parcels_out().unwrap();
    let write_back = yard.write_back(false).unwrap();
    assert_eq!(yard.house().wire().throttled(), 0, "a limit was run into");
    [import, orders_in, parcels_out, write_back]
}

fn channel(platform: &str) -> (Traffic, Traffic) {
    let [import, _, _, write_back] = walk(Role::Channel, platform);
    held(platform, Work::Import, &import);
    held(platform, Work::WriteBack, &write_back);
    (import, write_back)
}

fn hub(platform: &str) -> Traffic {
    let [_, orders_in, parcels_out, _] = walk(Role::Hub, platform);
    held(platform, Work::OrdersIn, &orders_in);
    held(platform, Work::ParcelsOut, &parcels_out);
    orders_in
}

/// As a backlog of 10,000 does; what begins and ends it is a smaller part of that.
const GOAL: f64 = 0.95;

#[track_caller]
fn uses_its_allowance(took: &Traffic) {
    assert!(took.minutes >= LONG_MIN, "too short to tell: {took:?}");
    assert!(took.used >= GOAL, "{took:?}");
    // Of changes it was said beforehand how long they take.
    if let Some(said) = took.said_minutes {
        assert!((said - took.minutes).abs() <= 0.1 * took.minutes, "{took:?}");
    }
}

#[test]
fn shopify() {
    let (_, write_back) = channel("shopify");
    assert!(write_back.said_minutes.is_some());
    // The bucket begins full, and a poll leaves 15 % of it to others: a share is told of a longer run.
    uses_its_allowance(&Yard::open(Role::Channel, "shopify", 3 * ORDERS).unwrap().import().unwrap());
}

#[test]
fn bigcommerce() {
    let (_, write_back) = channel("bigcommerce");
    assert!(write_back.said_minutes.is_some());
    uses_its_allowance(&write_back);
}

#[test]
fn amazon() {
    channel("amazon");
}

/// Ten orders a page instead of a hundred: a thousand orders are as many searches as ten thousand are, hours apart.
#[test]
fn amazon_reads_a_backlog() {
    let yard = Yard::open(Role::Channel, "amazon", 1_000).unwrap();
    assert!(yard.short_pages(10));
    let import = yard.import().unwrap();
    assert_eq!((import.orders, import.allowance.as_str()), (1_000, "searchOrders"), "{import:?}");
    uses_its_allowance(&import);
    assert_eq!(yard.house().wire().throttled(), 0, "a limit was run into");
}

/// So much ships at once that a look at changes has several pages, minutes apart; and its lists are read as ever.
#[test]
fn amazon_while_it_reads() {
    let yard = Yard::open(Role::Channel, "amazon", 2 * ORDERS).unwrap();
    yard.import().unwrap();
    yard.orders_in().unwrap();
    yard.parcels_out().unwrap();
    uses_its_allowance(&yard.write_back(true).unwrap());
    assert_eq!(yard.house().wire().throttled(), 0, "a limit was run into");
}

#[test]
fn salesforce() {
    channel("salesforce");
}

#[test]
fn shipstation_v1() {
    hub("shipstation_v1");
}

/// A hundred go with a call and forty calls are allowed a minute: it takes thousands to run into that.
#[test]
fn shipstation_v1_with_thousands() {
    let yard = Yard::open(Role::Hub, "shipstation_v1", 4_200).unwrap();
    yard.import().unwrap();
    let took = yard.orders_in().unwrap();
    assert!(took.minutes >= 1.0, "too short to tell: {took:?}");
    assert!(took.used >= GOAL, "{took:?}");
}

#[test]
fn shipstation_v2() {
    uses_its_allowance(&hub("shipstation_v2"));
}

#[test]
fn orderez() {
    uses_its_allowance(&hub("orderez"));
}

/// What happens is seen within the pause between two looks, after a quiet time within the longer one.
#[track_caller]
fn seen_in_time(platform: &str) {
    let floor = FLOORS.iter().find(|floor| floor.platform == platform).unwrap();
    let seen = freshness(floor.role, platform, CHANGES, 7).unwrap();
    // A tenth more by chance, and what reading itself takes.
    let late_s = floor.floor_s + 1.1 * floor.idle_s + 15.0;
    assert!(seen.p99_s <= late_s, "{platform}: later than {late_s} s: {seen:?}");
    assert!(seen.busy_median_s <= floor.floor_s + floor.interval_s, "{platform}: {seen:?}");
}

macro_rules! in_time {
    ($($name:ident $platform:literal),* $(,)?) => {
        const SEEN: &[&str] = &[$($platform),*];
        $( #[test]
        fn $name() { seen_in_time($platform); } )*
    };
}

in_time! {
    shopify_in_time "shopify",
    bigcommerce_in_time "bigcommerce",
    amazon_in_time "amazon",
    salesforce_in_time "salesforce",
    shipstation_v1_in_time "shipstation_v1",
    shipstation_v2_in_time "shipstation_v2",
    orderez_in_time "orderez",
}

/// Tests of this file, by the platform they walk: a row of the tables that nobody walks proves nothing.
const WALKED: [&str; 7] =
    ["shopify", "bigcommerce", "amazon", "salesforce", "shipstation_v1", "shipstation_v2", "orderez"];

/// A platform of the registry without rows is noticed in `fewest.rs`; here, that its rows are walked and timed.
#[test]
fn every_row_is_walked_and_timed() {
    for cell in CELLS {
        assert!(WALKED.contains(&cell.platform), "{} is walked by no test", cell.platform);
    }
    for floor in FLOORS {
        assert!(SEEN.contains(&floor.platform), "{} is timed by no test", floor.platform);
    }
    let own = include_str!("traffic.rs");
    for platform in WALKED {
        assert!(own.contains(&format!("fn {platform}()")), "{platform} has no test of its name");
    }
}
