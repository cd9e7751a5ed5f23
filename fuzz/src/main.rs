//! The bounded runner: each target for some seconds, on the usual toolchain, from the same inputs every time.
//!
//!   bounded [--seconds N] [--jobs N] [--seed N] [--target NAME] [FILE...]
//!
//! With files: runs those and nothing else (an input that was kept). What breaks a target is kept in
//! `fuzz/artifacts/<target>/`; its place in the sources is said; the end is 1. An input that hangs or ends the
//! process is in `fuzz/artifacts/<target>/last`.
//!
//! Without the coverage libFuzzer goes by: inputs are varied from samples that are right, and the targets bend by
//! themselves what their input does not say.

// A program for a terminal: what it prints is its answer.
#![allow(clippy::print_stdout)]

use quayside_fuzz::{TARGETS, run, samples};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// An input may take this long.
const SLOW: Duration = Duration::from_secs(10);

thread_local! {
    /// Where this thread broke last.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

fn main() -> ExitCode {
    let (mut seconds, mut jobs, mut seed, mut only, mut files) = (10, 1, 1, None, Vec::new());
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = |fallback| words.next().and_then(|text| text.parse().ok()).unwrap_or(fallback);
        match word.as_str() {
            "--seconds" => seconds = number(10),
            "--jobs" => jobs = number(1),
            "--seed" => seed = number(1),
            "--target" => only = words.next(),
            _ => files.push(PathBuf::from(word)),
        }
    }
    std::panic::set_hook(Box::new(|info| {
        PLACE.set(info.to_string().replace('\n', " "));
    }));
    if samples::specs().is_none() {
        println!("SKIPPED: the vendors' samples: there is no ../shared/specs and QUAYSIDE_SPECS is not set");
    }
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).filter(|name| wanted(name)).collect();
    if names.is_empty() {
        println!("{} is no target", only.unwrap_or_default());
        return ExitCode::FAILURE;
    }
    let (next, broken) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(name) = names.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let found = if files.is_empty() { vary(name, seconds, seed) } else { replay(name, &files) };
                    broken.fetch_add(found, Ordering::SeqCst);
                }
            });
        }
    });
    if broken.load(Ordering::SeqCst) == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn replay(name: &str, files: &[PathBuf]) -> usize {
    let mut broken = 0;
    for file in files.iter().filter(|file| file.to_string_lossy().contains(name) || files.len() == 1) {
        match std::fs::read(file) {
            Ok(data) => {
                let place = attempt(name, &data);
                println!("{name}: {}: {}", file.display(), place.as_deref().unwrap_or("fine"));
                broken += usize::from(place.is_some());
            }
            Err(error) => println!("{}: {error}", file.display()),
        }
    }
    broken
}

/// Where it broke, if it did.
fn attempt(name: &str, data: &[u8]) -> Option<String> {
    let outcome = catch_unwind(AssertUnwindSafe(|| run(name, data)));
    outcome.err().map(|_| PLACE.take())
}

fn vary(name: &str, seconds: u64, seed: u64) -> usize {
    let samples = samples::of(name);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts").join(name);
    let _ = std::fs::create_dir_all(&folder);
    let mut chance = SmallRng::seed_from_u64(seed);
    let until = Instant::now() + Duration::from_secs(seconds);
    let (mut runs, mut places, mut slowest) = (0_u64, BTreeSet::new(), Duration::ZERO);
    while Instant::now() < until || runs < samples.len() as u64 {
        let sample = usize::try_from(runs).ok().and_then(|n| samples.get(n));
        let data = match sample {
            Some(sample) => sample.clone(),
            None => varied(&samples, &mut chance),
        };
        let _ = std::fs::write(folder.join("last"), &data);
        let begun = Instant::now();
        let place = attempt(name, &data);
        let took = begun.elapsed();
        slowest = slowest.max(took);
        runs += 1;
        let place = place.or_else(|| (took > SLOW).then(|| format!("took {} s", took.as_secs())));
        if let Some(place) = place {
            // One input per place is enough; the numbers in a message are not a place.
            let key: String = place.chars().filter(|c| !c.is_ascii_digit()).take(90).collect();
            if places.insert(key) {
                let mut hash = DefaultHasher::new();
                data.hash(&mut hash);
                let file = folder.join(format!("{:016x}", hash.finish()));
                let _ = std::fs::write(&file, &data);
                println!("{name}: BROKEN {}\n    {}", file.display(), place.chars().take(600).collect::<String>());
            }
        }
    }
    let _ = std::fs::remove_file(folder.join("last"));
    let _ = std::fs::remove_dir(&folder);
    println!(
        "{name}: {runs} inputs from {} samples, slowest {} ms, {} broken",
        samples.len(),
        slowest.as_millis(),
        places.len()
    );
    places.len()
}

/// A sample, changed; the first bytes are choices of the target and change most often.
fn varied(samples: &[Vec<u8>], chance: &mut SmallRng) -> Vec<u8> {
    let mut data = samples[chance.random_range(0..samples.len())].clone();
    for _ in 0..chance.random_range(0..5) {
        let at = chance.random_range(0..=data.len());
        match chance.random_range(0..8) {
            0 => data.truncate(at.max(4)),
            1 => drop(data.splice(at..at, samples[chance.random_range(0..samples.len())].iter().copied().take(200))),
            2 if at < data.len() => drop(data.drain(at..(at + chance.random_range(1..30)).min(data.len()))),
            3 => data.insert(at, chance.random()),
            4 => drop(data.splice(at..at, ODD[chance.random_range(0..ODD.len())].bytes())),
            5 if at < data.len() => {
                let until = (at + chance.random_range(1..80)).min(data.len());
                let again = data[at..until].to_vec();
                data.splice(at..at, again);
            }
            _ if at < data.len() => data[at] = chance.random(),
            _ => {}
        }
    }
    let head = chance.random_range(0..=data.len().min(4));
    for byte in &mut data[..head] {
        *byte = chance.random();
    }
    if chance.random_bool(0.6) {
        data.extend((0..chance.random_range(4..40)).map(|_| chance.random::<u8>()));
    }
    data
}

/// Words that mean something to one parser or another.
const ODD: [&str; 30] = [
    "\"",
    "'",
    "(",
    ")",
    ":",
    "*",
    "{{",
    "}}",
    "{%",
    "%}",
    "|",
    "\n",
    "\r\n",
    ";",
    ",",
    "\t",
    "\u{1}",
    "\u{0}",
    "é",
    "\u{202e}",
    "99999999999999999999",
    "-",
    "NaN",
    "null",
    "is:",
    "age:>",
    "[[[[",
    "${",
    "&a *a",
    "!!python/object",
];
