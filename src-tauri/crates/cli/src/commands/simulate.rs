//! `simulate`: whole merchants' lives against the sandbox, under virtual time, one per seed.

use crate::args::SimulateArgs;
use crate::commands::shrink::shrink;
use crate::output::{Failure, INTERRUPTED, Outcome, Output};
use crate::world::World;
use quayside_simulator::{Faults, KINDS, PLAYS, Plays, SimPlan, SimReport, SimTrouble, Verdicts};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Things that went wrong in a life that fell over: nobody is left to say how many.
const UNCOUNTED: u32 = 10_000;
/// More is a typing mistake.
const SEEDS_MAX: u64 = 1_000_000;

/// Runs every seed, as many at once as the computer has cores.
pub fn run(args: &SimulateArgs, world: &World) -> Outcome {
    run_with(args, world, quayside_simulator::run)
}

/// One seed; a panic in it is a failure of that seed, told with its number, and not the end of the program.
fn one(plan: &SimPlan, live: impl Fn(&SimPlan) -> Result<SimReport, SimTrouble>) -> Result<SimReport, String> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| live(plan))) {
        Ok(outcome) => outcome.map_err(|trouble| trouble.to_string()),
        Err(panic) => {
            let words =
                panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
            Err(format!("it panicked ({})", words.unwrap_or("without a word")))
        }
    }
}

fn run_with(
    args: &SimulateArgs,
    world: &World,
    live: impl Fn(&SimPlan) -> Result<SimReport, SimTrouble> + Sync,
) -> Outcome {
    let seeds = seeds(&args.seeds)?;
    if !(0.0..=1.0).contains(&args.trouble) {
        return Err(Failure::input("--trouble takes a share between 0 and 1."));
    }
    let platforms = platforms(args.platforms.as_deref())?;
    let faults = faults(&args.faults)?;
    if args.plays != SEED {
        plays(&args.plays)?;
    }
    let started = Instant::now();
    let interrupted = world.interrupted();
    let say = world.stderr.clone();
    let next = AtomicU64::new(*seeds.start());
    let reports: Mutex<Vec<SimReport>> = Mutex::default();
    let failed: Mutex<BTreeMap<u64, String>> = Mutex::default();
    let workers =
        std::thread::available_parallelism().map_or(1, usize::from).min((seeds.end() - seeds.start() + 1) as usize);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if *interrupted.borrow() || !seeds.contains(&seed) {
                        return;
                    }
                    let plan = plan(args, faults, platforms.clone(), seed);
                    match one(&plan, &live) {
                        Ok(report) => {
                            say(&line(&report));
                            if !report.verdicts.is_clean() {
                                say(&format!("Again: {}", command(&plan)));
                            }
                            reports.lock().unwrap_or_else(PoisonError::into_inner).push(report);
                        }
                        Err(trouble) => {
                            let sentence = format!("Seed {seed} could not be simulated: {trouble}");
                            say(&sentence);
                            say(&format!("Again: {}", command(&plan)));
                            failed.lock().unwrap_or_else(PoisonError::into_inner).insert(seed, sentence);
                        }
                    }
                }
            });
        }
    });
    // One that fell over proves nothing about the others, and takes nothing of what they proved.
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut reports = reports.into_inner().unwrap_or_else(PoisonError::into_inner);
    reports.sort_by_key(|report| report.seed);
    let ended_early = *interrupted.borrow();
    let again = |seed: u64| command(&plan(args, faults, platforms.clone(), seed));
    let (mut least, mut story) = (None, Vec::new());
    if args.shrink
        && !ended_early
        && let Some(seed) = first_bad(&reports, &failed)
    {
        say(&format!("Seed {seed} failed. Looking for the least of it that does; Ctrl-C ends that."));
        let (found, tries) = shrink(&plan(args, faults, platforms.clone(), seed), |tried| {
            if *interrupted.borrow() {
                return None;
            }
            match one(tried, &live) {
                Ok(report) => (!report.verdicts.is_clean()).then_some(report.occurred),
                Err(_) => Some(UNCOUNTED),
            }
        });
        say(&format!("After {tries} tries: {}", command(&found)));
        // What went wrong in it, and what came of that: the whole story.
        story = match one(&found, &live) {
            Ok(report) => report.happened.into_iter().chain(first_stories(&report.verdicts)).collect(),
            Err(trouble) => vec![trouble],
        };
        least = Some(command(&found));
    }
    Ok(summary(
        args,
        &reports,
        &failed,
        &Told { again: &again, least, story },
        started.elapsed().as_secs_f64(),
        ended_early,
    ))
}

/// How to see a failure again.
struct Told<'a> {
    /// The command that runs one seed as it ran here.
    again: &'a dyn Fn(u64) -> String,
    /// The command for the least that still fails; `None`: nobody looked for it.
    least: Option<String>,
    /// What goes wrong in that, one by one, and what comes of it.
    story: Vec<String>,
}

/// The first that was told of each kind of failure.
fn first_stories(verdicts: &Verdicts) -> Vec<String> {
    let all = [
        ("lost", &verdicts.lost),
        ("doubled", &verdicts.doubled),
        ("wrong", &verdicts.wrong),
        ("broken", &verdicts.broken),
    ];
    all.into_iter().filter_map(|(word, count)| count.stories.first().map(|story| format!("{word}: {story}"))).collect()
}

fn first_bad(reports: &[SimReport], failed: &BTreeMap<u64, String>) -> Option<u64> {
    let bad = reports.iter().filter(|report| !report.verdicts.is_clean()).map(|report| report.seed);
    bad.chain(failed.keys().copied()).min()
}

fn plan(args: &SimulateArgs, faults: Faults, platforms: Vec<String>, seed: u64) -> SimPlan {
    let poll_s = args.poll.unwrap_or_else(|| quayside_simulator::poll_s_of(seed));
    let plays = match plays(&args.plays) {
        Ok(plays) => plays,
        // What every seed plays needs every platform; anything else was looked at before.
        Err(_) if platforms.len() == quayside_sandbox::extras().len() => Plays::of_seed(seed),
        Err(_) => Plays::NONE,
    };
    SimPlan { seed, days: args.days, orders: args.orders, faults, trouble: args.trouble, poll_s, platforms, plays }
}

/// Each seed plays what it plays in the tests, where all platforms take part.
const SEED: &str = "seed";

/// What is played beside orders and parcels, as typed.
fn plays(text: &str) -> Result<Plays, Failure> {
    Plays::parse(text).map_err(|word| {
        let known: Vec<&str> = PLAYS.iter().map(|(name, _)| *name).collect();
        Failure::input(format!(
            "\"{word}\" is nothing that is played here. Write {SEED}, all, none, or some of: {}.",
            known.join(", ")
        ))
    })
}

/// What to type to run a plan again.
fn command(plan: &SimPlan) -> String {
    let platforms = if plan.platforms.is_empty() { "none".to_owned() } else { plan.platforms.join(",") };
    format!(
        "quayside-cli simulate --seeds {} --days {} --orders {} --faults {} --trouble {} --poll {} --platforms {platforms} --plays {}",
        plan.seed,
        plan.days,
        plan.orders,
        plan.faults.words(),
        plan.trouble,
        plan.poll_s,
        plan.plays.words()
    )
}

/// What goes wrong, as typed.
fn faults(text: &str) -> Result<Faults, Failure> {
    Faults::parse(text).map_err(|word| {
        let known: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
        Failure::input(format!(
            "\"{word}\" is nothing that goes wrong here. Write all, worst, none, or some of: {}.",
            known.join(", ")
        ))
    })
}

/// Platforms of the sandbox besides the first two, as typed; all of them unless some are named.
pub fn platforms(text: Option<&str>) -> Result<Vec<String>, Failure> {
    let known: Vec<&str> = quayside_sandbox::extras().iter().map(|(name, _)| *name).collect();
    let wanted = match text {
        None | Some("all") => return Ok(known.iter().map(|name| (*name).to_owned()).collect()),
        Some("none") => return Ok(Vec::new()),
        Some(text) => text.split(',').map(str::trim),
    };
    wanted
        .map(|name| {
            let found = known.iter().find(|known| **known == name).map(|name| (*name).to_owned());
            found.ok_or_else(|| {
                let known = known.join(", ");
                Failure::input(format!("The sandbox has no \"{name}\". Write all, none, or some of: {known}."))
            })
        })
        .collect()
}

/// `7`, `1..50` (both ends included), `1-50`.
fn seeds(text: &str) -> Result<RangeInclusive<u64>, Failure> {
    let wrong = || Failure::input(format!("\"{text}\" is no range of seeds. Write 7, or 1..50 for the first fifty."));
    let (from, to) = text.split_once("..").or_else(|| text.split_once('-')).unwrap_or((text, text));
    let from: u64 = from.trim().parse().map_err(|_| wrong())?;
    let to: u64 = to.trim().trim_start_matches('=').parse().map_err(|_| wrong())?;
    if from > to || to - from >= SEEDS_MAX {
        return Err(wrong());
    }
    Ok(from..=to)
}

fn line(report: &SimReport) -> String {
    let verdicts = &report.verdicts;
    format!(
        "seed {}: {} orders, {} effects, {} deaths; lost {}, doubled {}, wrong {}, broken {}",
        report.seed,
        report.orders,
        report.effects,
        report.deaths,
        verdicts.lost.n,
        verdicts.doubled.n,
        verdicts.wrong.n,
        verdicts.broken.n
    )
}

fn summary(
    args: &SimulateArgs,
    reports: &[SimReport],
    failed: &BTreeMap<u64, String>,
    told: &Told<'_>,
    seconds: f64,
    ended_early: bool,
) -> Output {
    let sum = |what: &dyn Fn(&SimReport) -> usize| reports.iter().map(what).sum::<usize>();
    let (lost, doubled) = (sum(&|report| report.verdicts.lost.n), sum(&|report| report.verdicts.doubled.n));
    let (wrong, broken) = (sum(&|report| report.verdicts.wrong.n), sum(&|report| report.verdicts.broken.n));
    let bad: Vec<&SimReport> = reports.iter().filter(|report| !report.verdicts.is_clean()).collect();
    let (orders, effects) = (sum(&|report| report.orders), sum(&|report| report.effects));
    let virtual_days: f64 = reports.iter().map(|report| report.virtual_days).sum();
    let json = json!({ "simulate": {
        "seeds": args.seeds,
        "runs": reports.len(),
        "orders": orders,
        "effects": effects,
        "deaths": sum(&|report| report.deaths),
        "lost": lost,
        "doubled": doubled,
        "wrong": wrong,
        "broken": broken,
        "virtual_days": virtual_days,
        "seconds": seconds,
        "bad": bad,
        "failed": failed.iter().map(|(seed, sentence)| json!({ "seed": seed, "sentence": sentence })).collect::<Vec<_>>(),
        "again": first_bad(reports, failed).map(told.again),
        "least": told.least,
        "story": told.story,
    }});
    let mut text = format!(
        "{} runs, {orders} orders, {effects} effects over {virtual_days:.0} virtual days in {seconds:.1} s: lost {lost}, doubled {doubled}, wrong {wrong}, broken {broken}.",
        reports.len()
    );
    for report in &bad {
        for (word, count) in [
            ("lost", &report.verdicts.lost),
            ("doubled", &report.verdicts.doubled),
            ("wrong", &report.verdicts.wrong),
            ("broken", &report.verdicts.broken),
        ] {
            for story in &count.stories {
                // Writing to a String does not fail.
                let _ = write!(text, "\nseed {} {word}: {story}", report.seed);
            }
        }
    }
    for sentence in failed.values() {
        let _ = write!(text, "\n{sentence}");
    }
    for report in &bad {
        if !report.spells.is_empty() {
            let _ = write!(text, "\nseed {} had: {}", report.seed, report.spells.join("; "));
        }
    }
    if let Some(seed) = first_bad(reports, failed) {
        let _ = write!(text, "\nAgain: {}", (told.again)(seed));
    }
    if let Some(least) = &told.least {
        let _ = write!(text, "\nThe least that still fails: {least}");
        for line in &told.story {
            let _ = write!(text, "\n  {line}");
        }
    }
    let exit = if !bad.is_empty() || !failed.is_empty() {
        1
    } else if ended_early {
        INTERRUPTED
    } else {
        0
    };
    Output::new(json, text).exit(exit)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_read_with_both_ends() {
        assert_eq!(seeds("7").unwrap(), 7..=7);
        assert_eq!(seeds("1..50").unwrap(), 1..=50);
        assert_eq!(seeds("1..=50").unwrap(), 1..=50);
        assert_eq!(seeds("3-4").unwrap(), 3..=4);
        for wrong in ["", "x", "9..1", "1..", "0..99999999999"] {
            assert!(seeds(wrong).is_err(), "{wrong}");
        }
    }

    fn args() -> SimulateArgs {
        SimulateArgs {
            seeds: "1..2".into(),
            days: 1,
            orders: 1,
            faults: "none".into(),
            trouble: 0.0,
            platforms: None,
            plays: SEED.into(),
            poll: None,
            shrink: false,
        }
    }

    #[test]
    fn a_seed_that_panics_is_told_by_its_number() {
        let keychain = std::sync::Arc::new(quayside_api::keychain::MemoryKeychain::default());
        let wire = std::sync::Arc::new(quayside_connectors::ReqwestWire::new().unwrap());
        let world = World::quiet(wire, std::sync::Arc::new(quayside_api::desk::WallClock), keychain);
        let told = run_with(&args(), &world, |plan| panic!("seed {} fell over", plan.seed)).unwrap();
        assert_eq!(told.exit, 1);
        let failed = told.json["simulate"]["failed"].as_array().unwrap();
        assert_eq!((failed[0]["seed"].as_u64(), told.json["simulate"]["runs"].as_u64()), (Some(1), Some(0)));
        let sentence = failed[0]["sentence"].as_str().unwrap();
        assert!(sentence.contains("it panicked (seed 1 fell over"), "{sentence}");
        assert!(told.text.contains(sentence), "{}", told.text);
    }

    #[test]
    fn anything_lost_is_told_and_ends_with_1() {
        let args = args();
        let report = |seed: u64, lost: usize| {
            let lost = quayside_simulator::Count { n: lost, stories: vec!["#1 never reached the hub".into(); lost] };
            let verdicts = Verdicts { lost, ..Verdicts::default() };
            SimReport {
                seed,
                orders: 3,
                effects: 6,
                deaths: 1,
                store_deaths: 0,
                requests: 9,
                throttled: 0,
                turned_away: BTreeMap::new(),
                renewals: 0,
                signed_in_again: 0,
                told: 0,
                shaped: 0,
                played: BTreeMap::new(),
                spells: Vec::new(),
                occurred: 0,
                happened: Vec::new(),
                virtual_days: 3.0,
                verdicts,
                ledger_hash: String::new(),
            }
        };
        let again = |seed: u64| format!("seed {seed} again");
        let told = Told { again: &again, least: None, story: Vec::new() };
        let clean = summary(&args, &[report(1, 0), report(2, 0)], &BTreeMap::new(), &told, 1.5, false);
        assert_eq!(
            (
                clean.exit,
                clean.json["simulate"]["orders"].as_u64(),
                clean.json["simulate"]["bad"].as_array().map(Vec::len)
            ),
            (0, Some(6), Some(0))
        );
        let bad = summary(&args, &[report(1, 0), report(2, 1)], &BTreeMap::new(), &told, 1.5, false);
        assert_eq!(
            (bad.exit, bad.json["simulate"]["lost"].as_u64(), bad.json["simulate"]["bad"][0]["seed"].as_u64()),
            (1, Some(1), Some(2))
        );
        assert!(bad.text.contains("seed 2 lost: #1 never reached the hub"), "{}", bad.text);
        assert!(bad.text.contains("Again: seed 2 again"), "{}", bad.text);
        assert_eq!(bad.json["simulate"]["again"].as_str(), Some("seed 2 again"));
        assert_eq!(clean.json["simulate"]["again"], serde_json::Value::Null);
        assert_eq!(summary(&args, &[report(1, 0)], &BTreeMap::new(), &told, 1.5, true).exit, INTERRUPTED);
    }

    #[test]
    fn a_failing_seed_says_what_to_type() {
        let args = SimulateArgs { faults: "slow,hands".into(), poll: Some(900), trouble: 0.15, ..args() };
        let chosen = faults(&args.faults).unwrap();
        let typed = command(&plan(&args, chosen, platforms(Some("amazon")).unwrap(), 7));
        assert_eq!(
            typed,
            "quayside-cli simulate --seeds 7 --days 1 --orders 1 --faults slow,hands --trouble 0.15 --poll 900 --platforms amazon --plays none"
        );
        let wrong = faults("slow,earthquake").unwrap_err();
        assert!(format!("{wrong:?}").contains("earthquake"), "{wrong:?}");
        let wrong = plays("stock,chess").unwrap_err();
        assert!(format!("{wrong:?}").contains("chess"), "{wrong:?}");
    }

    #[test]
    fn a_seed_plays_its_own_where_all_platforms_take_part_and_what_is_typed_anywhere() {
        let of = |typed: &str, named: Option<&str>| {
            let args = SimulateArgs { plays: typed.into(), ..args() };
            plan(&args, Faults::NONE, platforms(named).unwrap(), 3).plays
        };
        let own = Plays::of_seed(3);
        assert_ne!(own, Plays::NONE);
        assert_eq!((of(SEED, None), of(SEED, Some("orderez"))), (own, Plays::NONE));
        assert_eq!((of("none", None), of("all", Some("orderez"))), (Plays::NONE, Plays::all()));
    }
}
