//! What the engine costs a computer without a window: `quayside-cli sync --follow` beside 100,000 orders and four
//! accounts on loopback. Resident memory at work and at its peak, and how much of a core it takes while nothing happens.
//! One JSON line per figure.
//!
//! `scripts/with-desktop cargo bench -p quayside-cli` (the key of the database lies in a keychain, as it does for people).
//! `QUAYSIDE_BENCH_ENGINE_ORDERS` and `QUAYSIDE_BENCH_IDLE_S` set how many orders and for how long;
//! `QUAYSIDE_BENCH_PEAK_ORDERS` how many arrive at once in the end, in a store whose limit is no limit: memory at the end of
//! that is compared with memory at its beginning.
//! The figures come from `/proc`; elsewhere than on Linux nothing is measured, and it says so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr, missing_docs)]

mod filled;

use filled::fill;
use quayside_sandbox::server::{Running, SandboxClock, serve};
use quayside_sandbox::shopify::{LineDraft, OrderDraft, ShopPlan};
use quayside_sandbox::{Account, Moment, Sandbox, SandboxPlan};
use serde_json::json;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Orders that arrive in each store while the engine works.
const ARRIVING: u32 = 10;
/// It has come to rest when it took less than this of a core for [`CALM`].
const CALM_PERCENT: f64 = 5.0;
const CALM: Duration = Duration::from_secs(5);
/// It should have come to rest by then.
const PATIENCE: Duration = Duration::from_mins(5);
/// A store nobody buys in is looked at every two minutes: it is over when nothing happened for longer, s.
const OVER_AFTER_S: usize = 150;
/// So much more may be taken at the end of a peak than at its beginning: pages of the database that are kept, MB.
const GROWTH_MB: f64 = 16.0;
/// Clock ticks of `/proc/PID/stat` per second: a constant of Linux towards programs.
const TICKS_PER_S: f64 = 100.0;

fn main() {
    if !cfg!(target_os = "linux") {
        eprintln!("SKIPPED: memory and CPU of the engine are read from /proc, which this system does not have.");
        return;
    }
    let number = |name: &str, usual: i64| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    let orders = number("QUAYSIDE_BENCH_ENGINE_ORDERS", 100_000);
    let idle = Duration::from_secs(number("QUAYSIDE_BENCH_IDLE_S", 60).unsigned_abs());
    let arriving = number("QUAYSIDE_BENCH_PEAK_ORDERS", 20_000) as u32;
    let folder = tempfile::tempdir().unwrap();
    if !has_keychain(folder.path()) {
        eprintln!("SKIPPED: no keychain answers; run under scripts/with-desktop.");
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    let plan = SandboxPlan {
        stores: vec![
            ShopPlan::harbour_goods(),
            ShopPlan::harbour_outlet(),
            ShopPlan {
                account: "harbour-third".into(),
                title: "Harbour Third".into(),
                client_id: "third".into(),
                points_max: 1_000_000.0,
                points_per_s: 100_000.0,
                ..ShopPlan::harbour_goods()
            },
        ],
        ..SandboxPlan::quiet(7, now_ms)
    };
    let world = runtime.block_on(serve(Sandbox::new(plan), SandboxClock::real(now_ms))).unwrap();
    for account in &world.accounts {
        connect(folder.path(), account);
    }
    let open = fill(folder.path(), orders, now_ms);

    let mut engine =
        Process(cli(folder.path(), &["sync", "--follow"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    // The first look at every open order, the first reading of every account.
    let settled = engine.rest();
    let first_look_s = engine.cpu_s();
    shop(&world, 0, ARRIVING);
    std::thread::sleep(Duration::from_secs(2));
    engine.rest();
    let (rss_mb, peak_mb) = (engine.memory_mb("VmRSS"), engine.memory_mb("VmHWM"));
    let file_mb = std::fs::metadata(folder.path().join("quayside.db")).unwrap().len() / 1_000_000;
    println!(
        "{}",
        json!({ "bench": "engine_memory", "orders": orders, "open_orders": open, "connections": world.accounts.len(),
                "rss_mb": rss_mb, "peak_mb": peak_mb, "goal_mb": 120, "file_mb": file_mb,
                "first_look_cpu_s": first_look_s, "first_look_s": settled.as_secs() })
    );

    let (begun, cpu_s) = (Instant::now(), engine.cpu_s());
    std::thread::sleep(idle);
    let percent = 100.0 * (engine.cpu_s() - cpu_s) / begun.elapsed().as_secs_f64();
    println!(
        "{}",
        json!({ "bench": "engine_idle_cpu", "orders": orders, "connections": world.accounts.len(),
                "seconds": idle.as_secs(), "percent_of_a_core": (percent * 100.0).round() / 100.0, "goal_percent": 1,
                "rss_mb": engine.memory_mb("VmRSS") })
    );
    assert!(engine.0.try_wait().unwrap().is_none(), "the engine ended by itself");
    peak(&mut engine, &world, arriving);
}

/// So many orders arrive at once: what is kept in memory while they are taken in.
fn peak(engine: &mut Process, world: &Running, orders: u32) {
    let before_mb = engine.memory_mb("VmRSS");
    shop(world, 2, orders);
    let begun = Instant::now();
    let (mut samples, mut calm) = (Vec::new(), 0);
    while calm < OVER_AFTER_S {
        let cpu_s = engine.cpu_s();
        std::thread::sleep(Duration::from_secs(1));
        assert!(engine.0.try_wait().unwrap().is_none(), "the engine ended by itself");
        samples.push(engine.memory_mb("VmRSS"));
        calm = if 100.0 * (engine.cpu_s() - cpu_s) < CALM_PERCENT { calm + 1 } else { 0 };
        assert!(begun.elapsed() < 4 * PATIENCE, "the engine does not come to rest");
    }
    samples.truncate(samples.len() - calm);
    let quarter = samples.len().div_ceil(4);
    let most = |samples: &[f64]| samples.iter().copied().fold(0.0, f64::max);
    let (first_mb, last_mb) = (most(&samples[..quarter]), most(&samples[samples.len() - quarter..]));
    println!(
        "{}",
        json!({ "bench": "engine_peak_memory", "orders": orders, "seconds": samples.len(), "before_mb": before_mb,
                "first_quarter_mb": first_mb, "last_quarter_mb": last_mb, "peak_mb": engine.memory_mb("VmHWM"),
                "growth_mb": ((last_mb - first_mb) * 10.0).round() / 10.0, "goal_growth_mb": GROWTH_MB,
                "missed": last_mb - first_mb > GROWTH_MB })
    );
}

fn cli(profile: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quayside-cli"));
    command.arg("--profile").arg(profile).arg("--json").args(args);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn has_keychain(profile: &Path) -> bool {
    let output = cli(profile, &["connections"]).output().unwrap();
    if output.status.code() == Some(5) {
        return false;
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    true
}

fn connect(profile: &Path, account: &Account) {
    let args = [
        "connect",
        &account.platform,
        "--name",
        &account.title,
        "--base-url",
        &account.base_url,
        "--way",
        &account.way,
        "--secrets-from",
        "-",
    ];
    let mut child = cli(profile, &args).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&serde_json::to_vec(&account.fields).unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}: {}", account.name, String::from_utf8_lossy(&output.stdout));
}

/// Shoppers buy so much in every store from that one on.
fn shop(world: &Running, from: usize, orders: u32) {
    let now_ms = world.now_ms();
    world.with(|sandbox| {
        sandbox.scene(|scene| {
            let mut moment = Moment { now_ms, rng: scene.rng, ledger: scene.ledger };
            for store in scene.stores.iter_mut().skip(from) {
                for n in 0..orders {
                    let mut line = LineDraft::custom("Mug", 1_250, i64::from(n % 10) + 1);
                    line.sku = Some(format!("MUG-{}", n % 100));
                    store.place(OrderDraft { lines: vec![line], routed: true, ..OrderDraft::default() }, &mut moment);
                }
            }
        });
    });
}

/// The engine's process; it ends with the bench.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    /// What it worked so far, seconds of a core.
    fn cpu_s(&self) -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        // Behind the name, which may hold anything: state is the first, user and system time the 12th and 13th.
        let fields: Vec<&str> = text.rsplit_once(')').unwrap().1.split_whitespace().collect();
        fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / TICKS_PER_S
    }

    fn memory_mb(&self, what: &str) -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':')).unwrap();
        let kib: f64 = line.trim().trim_end_matches(" kB").parse().unwrap();
        (kib * 1.024 / 100.0).round() / 10.0
    }

    /// Waits until it has nothing more to do; how long that took.
    fn rest(&mut self) -> Duration {
        let begun = Instant::now();
        loop {
            let before = self.cpu_s();
            std::thread::sleep(CALM);
            assert!(self.0.try_wait().unwrap().is_none(), "the engine ended by itself");
            if 100.0 * (self.cpu_s() - before) / CALM.as_secs_f64() < CALM_PERCENT {
                return begun.elapsed();
            }
            assert!(begun.elapsed() < PATIENCE, "the engine does not come to rest");
        }
    }
}
