//! Fifty weeks of a merchant with 2,000 orders and everything going wrong: nothing lost, nothing doubled.
//!
//! A week is a test of its own, so that as many run at once as the machine has cores: ten seconds each. `make test` runs
//! them; by themselves they stay out of the way of whoever tests something small. The same weeks, and any others:
//! `quayside-cli simulate --seeds 1..50 --days 7 --orders 2000 --faults all --platforms none`.
#![allow(missing_docs, clippy::unwrap_used)]

use quayside_simulator::{Faults, Plays, SimPlan, poll_s_of, run};

/// A simulated week allocates and frees small texts all the time: a fifth of its time is saved.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What goes wrong in these weeks: exchanges, and deaths while it waits. The newer kinds make a week five times as slow and
/// are tried kind by kind and all together in `seeds.rs`.
const FAULTS: Faults = Faults::WIRE_AND_DEATHS;

#[track_caller]
fn week(seed: u64) {
    let plan = SimPlan {
        seed,
        days: 7,
        orders: 2_000,
        faults: FAULTS,
        trouble: 0.15,
        poll_s: poll_s_of(seed),
        platforms: Vec::new(),
        plays: Plays::NONE,
    };
    let report = run(&plan).unwrap();
    assert!(report.verdicts.is_clean(), "{report:#?}");
    assert_eq!(report.orders, 2_000, "{report:#?}");
    assert!(report.effects > 3_000 && report.deaths > 3, "nothing happened: {report:#?}");
}

macro_rules! weeks {
    ($($name:ident $seed:literal),* $(,)?) => { $( #[test]
        #[ignore = "ten seconds each: make test-weeks"]
        fn $name() { week($seed); } )* };
}

weeks! {
    week_01 1, week_02 2, week_03 3, week_04 4, week_05 5,
    week_06 6, week_07 7, week_08 8, week_09 9, week_10 10,
    week_11 11, week_12 12, week_13 13, week_14 14, week_15 15,
    week_16 16, week_17 17, week_18 18, week_19 19, week_20 20,
    week_21 21, week_22 22, week_23 23, week_24 24, week_25 25,
    week_26 26, week_27 27, week_28 28, week_29 29, week_30 30,
    week_31 31, week_32 32, week_33 33, week_34 34, week_35 35,
    week_36 36, week_37 37, week_38 38, week_39 39, week_40 40,
    week_41 41, week_42 42, week_43 43, week_44 44, week_45 45,
    week_46 46, week_47 47, week_48 48, week_49 49, week_50 50,
}
