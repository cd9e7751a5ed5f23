//! Seeds that run with every change. Any range: `quayside-cli simulate --seeds A..B --days D --orders N --faults all`.
#![allow(missing_docs, clippy::unwrap_used)]

use quayside_simulator::{Faults, SimPlan, SimReport, run};

fn plan(seed: u64, faults: Faults) -> SimPlan {
    SimPlan { seed, days: 2, orders: 60, faults, trouble: 0.15, poll_s: 600, platforms: Vec::new() }
}

#[track_caller]
fn clean(seeds: std::ops::RangeInclusive<u64>) {
    for seed in seeds {
        let report = run(&plan(seed, Faults::All)).unwrap();
        assert!(report.verdicts.is_clean(), "{report:#?}");
        assert!(report.orders >= 60 && report.effects > 60, "nothing happened: {report:#?}");
    }
}

#[test]
fn seeds_1_to_5_lose_and_double_nothing() {
    clean(1..=5);
}

#[test]
fn seeds_6_to_10_lose_and_double_nothing() {
    clean(6..=10);
}

#[test]
fn seeds_11_to_15_lose_and_double_nothing() {
    clean(11..=15);
}

#[test]
fn seeds_16_to_20_lose_and_double_nothing() {
    clean(16..=20);
}

/// A hold that came too late was planned anew a thousand times a minute (the sides differed, the label was bought).
#[test]
fn seed_3_a_late_hold_does_not_spin() {
    let report = run(&SimPlan { orders: 100, ..plan(3, Faults::All) }).unwrap();
    assert!(report.verdicts.is_clean(), "{report:#?}");
    assert!(report.requests < 20_000, "it asks without end: {report:#?}");
}

#[test]
fn one_seed_is_one_run() {
    let twice: [SimReport; 2] = [(); 2].map(|()| run(&plan(7, Faults::All)).unwrap());
    assert_eq!(twice[0], twice[1]);
}

#[test]
fn a_calm_week_has_no_deaths_and_nothing_to_say() {
    let report = run(&plan(4, Faults::None)).unwrap();
    assert_eq!(report.deaths, 0);
    assert!(report.verdicts.is_clean(), "{report:#?}");
}
