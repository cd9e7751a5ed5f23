//! One week of one seed, printed: `cargo run --release -p quayside-simulator --example week -- SEED DAYS ORDERS FAULTS PLATFORM,PLATFORM PLAY,PLAY`.
#![allow(clippy::print_stdout)]

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use quayside_simulator::{Faults, Plays, SimPlan, SimTrouble, poll_s_of, run};

fn main() -> Result<(), SimTrouble> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |n: usize, default: u64| args.get(n).and_then(|text| text.parse().ok()).unwrap_or(default);
    let faults = args.get(3).and_then(|text| Faults::parse(text).ok()).unwrap_or(Faults::NONE);
    let platforms = args.get(4).map(|text| text.split(',').map(str::to_owned).collect()).unwrap_or_default();
    let plan = SimPlan {
        seed: number(0, 1),
        days: number(1, 2) as u32,
        orders: number(2, 100) as u32,
        faults,
        trouble: 0.15,
        poll_s: poll_s_of(number(0, 1)),
        platforms,
        plays: args.get(5).and_then(|text| Plays::parse(text).ok()).unwrap_or(Plays::NONE),
    };
    let began = std::time::Instant::now();
    let report = run(&plan)?;
    println!("{report:#?}\nwall {:.1} s", began.elapsed().as_secs_f64());
    Ok(())
}
