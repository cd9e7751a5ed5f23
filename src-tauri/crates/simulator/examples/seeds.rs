//! Seeds without the program around them: `cargo run -p quayside-simulator --example seeds -- FROM..TO DAYS ORDERS FAULTS`.
//!
//! Ends with 1 as soon as the oracle has something to say, and says it. For `scripts/mutations`.
#![allow(clippy::print_stdout)]

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use quayside_simulator::{Faults, Plays, SimPlan, poll_s_of, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let arg = |n: usize, default: &str| args.get(n).cloned().unwrap_or_else(|| default.to_owned());
    let range = arg(0, "1..10");
    let (from, to) = range.split_once("..").unwrap_or((range.as_str(), range.as_str()));
    let (Ok(from), Ok(to), Ok(days), Ok(orders)) =
        (from.parse::<u64>(), to.parse::<u64>(), arg(1, "2").parse::<u32>(), arg(2, "60").parse::<u32>())
    else {
        println!("FROM..TO DAYS ORDERS FAULTS: three of them are numbers.");
        return ExitCode::from(2);
    };
    let faults = match Faults::parse(&arg(3, "all")) {
        Ok(faults) => faults,
        Err(word) => {
            println!("\"{word}\" is nothing that goes wrong here.");
            return ExitCode::from(2);
        }
    };
    for seed in from..=to {
        let (platforms, plays) = (Vec::new(), Plays::NONE);
        let plan = SimPlan { seed, days, orders, faults, trouble: 0.15, poll_s: poll_s_of(seed), platforms, plays };
        match run(&plan) {
            Ok(report) if report.verdicts.is_clean() => println!("seed {seed}: {} deaths, clean", report.deaths),
            Ok(report) => {
                println!("{report:#?}");
                return ExitCode::FAILURE;
            }
            Err(trouble) => {
                println!("seed {seed} could not be run: {trouble}");
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::SUCCESS
}
