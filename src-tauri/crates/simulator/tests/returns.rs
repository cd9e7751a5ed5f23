//! Buyers send things back, the store says when they are there, and the desk gives the money back by itself: once, for what
//! arrived, whatever happens to the answers. The oracle counts in the stores (`simulator/src/given_back.rs`).
#![allow(missing_docs, clippy::unwrap_used)]

use quayside_simulator::{Faults, Plays, SimPlan, run_returning};

#[test]
fn what_comes_back_is_paid_back_once() {
    for (seed, faults) in [(71, Faults::NONE), (72, Faults::WIRE_AND_DEATHS), (73, Faults::WIRE_AND_DEATHS)] {
        let (platforms, plays) = (Vec::new(), Plays::NONE);
        let plan = SimPlan { seed, days: 5, orders: 120, faults, trouble: 0.0, poll_s: 900, platforms, plays };
        let (report, refunds) = run_returning(&plan, 0.5).unwrap();
        assert!(report.verdicts.is_clean(), "{report:#?}");
        assert!(refunds > 3, "nothing was given back: {report:#?}");
    }
}

#[test]
fn nobody_gives_back_what_nobody_sends_back() {
    let plan = SimPlan {
        seed: 74,
        days: 3,
        orders: 60,
        faults: Faults::NONE,
        trouble: 0.0,
        poll_s: 900,
        platforms: Vec::new(),
        plays: Plays::NONE,
    };
    let (report, refunds) = run_returning(&plan, 0.0).unwrap();
    assert!(report.verdicts.is_clean(), "{report:#?}");
    assert_eq!(refunds, 0);
}
