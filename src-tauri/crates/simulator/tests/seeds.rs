//! Seeds that run with every change. Any range: `quayside-cli simulate --seeds A..B --days D --orders N --faults all`.
#![allow(missing_docs, clippy::unwrap_used)]

use quayside_simulator::{Faults, Kind, Plays, SimPlan, SimReport, poll_s_of, run, signs_in_by_browser};

fn plan(seed: u64, faults: Faults) -> SimPlan {
    let (platforms, plays) = (Vec::new(), Plays::NONE);
    SimPlan { seed, days: 2, orders: 60, faults, trouble: 0.15, poll_s: 600, platforms, plays }
}

#[track_caller]
fn clean(seeds: std::ops::RangeInclusive<u64>) {
    for seed in seeds {
        let report = run(&plan(seed, Faults::WIRE_AND_DEATHS)).unwrap();
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
    let report = run(&SimPlan { orders: 100, ..plan(3, Faults::WIRE_AND_DEATHS) }).unwrap();
    assert!(report.verdicts.is_clean(), "{report:#?}");
    assert!(report.requests < 20_000, "it asks without end: {report:#?}");
}

#[test]
fn one_seed_is_one_run() {
    let twice: [SimReport; 2] = [(); 2].map(|()| run(&plan(7, Faults::WIRE_AND_DEATHS)).unwrap());
    assert_eq!(twice[0], twice[1]);
}

#[test]
fn one_seed_of_everything_on_all_platforms_is_one_run() {
    let plan = SimPlan { platforms: all_platforms(), ..plan(57, Faults::ALL) };
    let twice: [SimReport; 2] = [(); 2].map(|()| run(&plan).unwrap());
    assert_eq!(twice[0], twice[1]);
}

/// Everything that can go wrong, by seeds whose days go through the four nights in which clocks change.
#[track_caller]
fn clean_in_everything(seeds: std::ops::RangeInclusive<u64>) {
    let (mut store_deaths, mut spells) = (0, 0);
    for seed in seeds {
        let report = run(&plan(seed, Faults::ALL)).unwrap();
        assert!(report.verdicts.is_clean(), "{report:#?}");
        assert!(report.orders >= 60 && report.effects > 60, "nothing happened: {report:#?}");
        store_deaths += report.store_deaths;
        spells += report.spells.len();
    }
    assert!(store_deaths > 1 && spells > 3, "{store_deaths} deaths in a write, {spells} spells");
}

#[test]
fn seeds_51_to_54_in_everything_lose_and_double_nothing() {
    clean_in_everything(51..=54);
}

#[test]
fn seeds_55_to_58_in_everything_lose_and_double_nothing() {
    clean_in_everything(55..=58);
}

/// Each further kind by itself, so that a failure names it.
#[track_caller]
fn clean_in(kind: Kind) {
    for seed in 61..=63 {
        let report = run(&plan(seed, Faults::of(&[kind, Kind::Death]))).unwrap();
        assert!(report.verdicts.is_clean(), "{kind:?}: {report:#?}");
    }
}

#[test]
fn accounts_in_trouble_for_hours_lose_and_double_nothing() {
    clean_in(Kind::Spell);
}

#[test]
fn keys_that_are_taken_away_lose_and_double_nothing() {
    clean_in(Kind::Revoked);
}

#[test]
fn a_store_that_fails_loses_and_doubles_nothing() {
    clean_in(Kind::StoreError);
}

#[test]
fn hands_of_a_clock_lose_and_double_nothing() {
    clean_in(Kind::Hands);
}

#[test]
fn another_tool_on_the_key_loses_and_doubles_nothing() {
    clean_in(Kind::OtherTool);
}

/// Where nothing but the process fails, what was spent of an allowance outlives it: limits are not run into.
#[test]
fn deaths_alone_run_into_no_limit() {
    let mut store_deaths = 0;
    for seed in [71, 72, 73] {
        let faults = Faults::of(&[Kind::Death, Kind::StoreDeath]);
        let report = run(&SimPlan { platforms: all_platforms(), ..plan(seed, faults) }).unwrap();
        assert!(report.verdicts.is_clean(), "{report:#?}");
        store_deaths += report.store_deaths;
    }
    assert!(store_deaths > 0, "nobody died in a write");
}

#[test]
fn a_calm_week_has_no_deaths_and_nothing_to_say() {
    let report = run(&plan(4, Faults::NONE)).unwrap();
    assert_eq!(report.deaths, 0);
    assert_eq!(report.throttled, 0, "a limit was run into: {report:#?}");
    assert!(report.verdicts.is_clean(), "{report:#?}");
}

#[test]
fn a_calm_week_of_all_platforms_runs_into_no_limit() {
    let report = run(&SimPlan { platforms: all_platforms(), ..plan(5, Faults::NONE) }).unwrap();
    assert!(report.verdicts.is_clean(), "{report:#?}");
    assert_eq!(report.throttled, 0, "a limit was run into: {report:#?}");
}

/// Every platform there is, in one merchant.
fn all_platforms() -> Vec<String> {
    quayside_sandbox::extras().iter().map(|(name, _)| (*name).to_owned()).collect()
}

#[test]
fn seeds_1_and_2_of_all_platforms_lose_and_double_nothing() {
    for seed in 1..=2 {
        let report = run(&SimPlan { platforms: all_platforms(), ..plan(seed, Faults::WIRE_AND_DEATHS) }).unwrap();
        assert!(report.verdicts.is_clean(), "{report:#?}");
    }
}

fn with(platform: &str, seed: u64) {
    let platforms = vec![platform.to_owned()];
    let report = run(&SimPlan { platforms, poll_s: poll_s_of(seed), ..plan(seed, Faults::WIRE_AND_DEATHS) }).unwrap();
    assert!(report.verdicts.is_clean(), "{report:#?}");
}

/// A label was voided, the report taken back, a new label bought: the store that deletes reports showed none, and the
/// goods counted as told for ever.
#[test]
fn seeds_1_17_41_48_a_report_taken_back_makes_room_for_the_next() {
    for seed in [1, 17, 41, 48] {
        with("bigcommerce", seed);
    }
}

/// An ended token, and the answer that says so cut in the middle: taken for a missing role, and then told to nobody.
#[test]
fn seed_3_half_an_answer_about_a_token_is_asked_again() {
    with("amazon", 3);
}

/// A sign-in that renews itself ends the one before: whatever died with an old one would have to sign in anew. Half of the
/// merchants sign in so. (A person has to where the answer with the renewed one was lost for good, and only there.)
#[test]
fn sign_ins_that_renew_themselves_outlive_the_process() {
    let (mut renewals, mut deaths, mut again) = (0, 0, 0);
    for seed in [2, 3, 6, 7] {
        assert!(signs_in_by_browser(seed) && !signs_in_by_browser(seed + 2), "half of them");
        let platforms = vec!["salesforce".to_owned()];
        let report =
            run(&SimPlan { platforms, poll_s: poll_s_of(seed), ..plan(seed, Faults::WIRE_AND_DEATHS) }).unwrap();
        assert!(report.verdicts.is_clean(), "{report:#?}");
        renewals += report.renewals;
        deaths += report.deaths;
        again += report.signed_in_again;
    }
    assert!(renewals >= 4 && deaths >= 4, "{renewals} renewals, {deaths} deaths");
    assert!(again * 2 < renewals, "{again} new sign-ins for {renewals} renewals: what renewed itself was not kept");
}

/// A deal was won half a minute before the nightly reading, which told it, and lost before the stream of changes looked
/// again: it stayed an order here for ever.
#[test]
fn seed_5_of_all_platforms_a_deal_lost_before_it_was_seen_won() {
    let plan = SimPlan {
        days: 3,
        orders: 100,
        platforms: all_platforms(),
        poll_s: poll_s_of(5),
        ..plan(5, Faults::WIRE_AND_DEATHS)
    };
    let report = run(&plan).unwrap();
    assert!(report.verdicts.is_clean(), "{report:#?}");
}

/// A contact was answered and forgotten, and the question whether it is there was taken for answered when the hands of the
/// clock were set right: it stayed forgotten. (`pairs.rs` plays it by itself.)
#[test]
fn seed_23_of_everything_a_question_that_is_dropped_is_asked_again() {
    let plan = SimPlan { orders: 120, platforms: all_platforms(), poll_s: poll_s_of(23), ..plan(23, Faults::ALL) };
    let report = run(&plan).unwrap();
    assert!(report.verdicts.is_clean(), "{report:#?}");
}
