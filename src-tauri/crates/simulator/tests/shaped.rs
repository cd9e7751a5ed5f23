//! Lives of a merchant whose orders are shaped on their way: a table of names, a mapping, rules. Every fifth of the seeds above
//! a hundred is one; nothing lost, nothing doubled, and everything at the hub as it was set.
#![allow(missing_docs, clippy::unwrap_used)]

use quayside_simulator::{Faults, Plays, SimPlan, SimReport, poll_s_of, run};

fn life(seed: u64, faults: Faults) -> SimReport {
    let (platforms, plays) = (Vec::new(), Plays::NONE);
    let plan = SimPlan { seed, days: 2, orders: 80, faults, trouble: 0.15, poll_s: poll_s_of(seed), platforms, plays };
    let report = run(&plan).unwrap();
    assert!(report.verdicts.is_clean(), "{report:#?}");
    report
}

#[test]
fn shaped_in_peace() {
    assert!(life(105, Faults::NONE).shaped > 0, "nothing was left to look at");
}

#[test]
fn shaped_while_the_wire_fails_and_the_process_dies() {
    let shaped: usize = [110, 115, 120].map(|seed| life(seed, Faults::WIRE_AND_DEATHS).shaped).iter().sum();
    assert!(shaped > 0, "nothing was left to look at");
}

#[test]
fn shaped_in_everything() {
    life(125, Faults::ALL);
}

#[test]
fn the_other_seeds_have_no_tables() {
    assert_eq!((life(104, Faults::NONE).shaped, life(5, Faults::NONE).shaped), (0, 0));
}
