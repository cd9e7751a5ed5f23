//! Fifty short lives of a merchant on all six platforms, everything going wrong: nothing lost, nothing doubled.
//!
//! Half of the orders are bought in the stores of the further platforms, and the stores take turns with the hubs. Goods come
//! back, money is given back, orders are cancelled, counts, products and customers are kept: which life plays what is data
//! (`simulator/src/plays`). A life is a test of its own, as in `weeks.rs`, and `make test` runs them. The same, and any others:
//! `quayside-cli simulate --seeds 1..50 --days 2 --orders 120 --faults all --platforms all`.
#![allow(missing_docs, clippy::unwrap_used)]

use quayside_simulator::{Faults, Play, Plays, SimPlan, poll_s_of, run};

/// As in `weeks.rs`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// As in `weeks.rs`.
const FAULTS: Faults = Faults::WIRE_AND_DEATHS;

/// What a life plays beside orders and parcels; `PLAYS=none`, or `PLAYS=stock,returns`, plays that in every one of them.
fn plays(seed: u64) -> Plays {
    std::env::var("PLAYS").map_or_else(|_| Plays::of_seed(seed), |words| Plays::parse(&words).unwrap())
}

#[track_caller]
fn life(seed: u64) {
    let plan = SimPlan {
        seed,
        days: 2,
        orders: 120,
        faults: FAULTS,
        trouble: 0.15,
        poll_s: poll_s_of(seed),
        platforms: quayside_sandbox::extras().iter().map(|(name, _)| (*name).to_owned()).collect(),
        plays: plays(seed),
    };
    let report = run(&plan).unwrap();
    assert!(report.verdicts.is_clean(), "{} played: {report:#?}", plan.plays.words());
    assert!(report.orders > 100 && report.effects > 120, "nothing happened: {report:#?}");
    let deeds = [Play::Returns, Play::Refunds, Play::Cancellations, Play::Stock, Play::Products];
    let plays = deeds.into_iter().any(|play| plan.plays.has(play));
    assert_eq!(plays, !report.played.is_empty(), "{}: {report:#?}", plan.plays.words());
}

macro_rules! lives {
    ($($name:ident $seed:literal),* $(,)?) => { $( #[test]
        #[ignore = "a second or two each, fifty of them: make test-weeks"]
        fn $name() { life($seed); } )* };
}

lives! {
    six_01 1, six_02 2, six_03 3, six_04 4, six_05 5,
    six_06 6, six_07 7, six_08 8, six_09 9, six_10 10,
    six_11 11, six_12 12, six_13 13, six_14 14, six_15 15,
    six_16 16, six_17 17, six_18 18, six_19 19, six_20 20,
    six_21 21, six_22 22, six_23 23, six_24 24, six_25 25,
    six_26 26, six_27 27, six_28 28, six_29 29, six_30 30,
    six_31 31, six_32 32, six_33 33, six_34 34, six_35 35,
    six_36 36, six_37 37, six_38 38, six_39 39, six_40 40,
    six_41 41, six_42 42, six_43 43, six_44 44, six_45 45,
    six_46 46, six_47 47, six_48 48, six_49 49, six_50 50,
}

/// The stores and the hub every life has, and all further stand-ins: who is registered, lives here.
#[test]
fn every_platform_lives_in_these_weeks() {
    let mut lives: Vec<&str> = quayside_sandbox::extras().iter().map(|(name, _)| *name).collect();
    lives.extend(["shopify", "shipstation"]);
    lives.sort_unstable();
    // What is never read has no stand-in that would live: a mail server only takes letters.
    let read = quayside_connectors::registry().iter().filter(|one| !one.declaration.streams.is_empty());
    let mut all: Vec<&str> = read.map(|one| one.declaration.platform).collect();
    all.sort_unstable();
    assert_eq!(lives, all);
}
