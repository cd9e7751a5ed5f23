//! The real process is killed at random moments of a sync, thirty times; then it goes through worse: put to sleep,
//! cut off, given a full disk. Afterwards the stand-ins are asked what they hold. Nothing may be missing, nothing may
//! be there twice.
//!
//! `QUAYSIDE_CHAOS_ROUNDS` sets how many rounds of everything there are (`make chaos`: 200).
//!
//! The real binary, the real encrypted file, the real keychain, HTTP over loopback.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use quayside_sandbox::ledger::By;
use quayside_sandbox::sandbox::{Sandbox, SandboxPlan};
use quayside_sandbox::server::{Running, SandboxClock, serve};
use quayside_sandbox::shipstation::ShipStationPlan;
use quayside_sandbox::shipstation::state::labels::Purchase;
use quayside_sandbox::shipstation::state::{Pen, Status};
use quayside_sandbox::shopify::state::Address;
use quayside_sandbox::shopify::{LineDraft, OrderDraft};
use quayside_sandbox::{Account, Fault, FaultPlan, Moment};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const KILLS: u32 = 30;
const ORDERS_PER_ROUND: u32 = 3;

fn cli(profile: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quayside-cli"));
    command.arg("--profile").arg(profile).arg("--json").args(args);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ran(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A keychain answers here: asked with the program's own command.
fn has_keychain() -> bool {
    let folder = tempfile::tempdir().unwrap();
    let output = cli(folder.path(), &["connections"]).output().unwrap();
    if output.status.code() == Some(5) {
        // `scripts/with-desktop` brought one up: then this is a failure, not a place without.
        assert!(
            std::env::var_os("QUAYSIDE_DESKTOP").is_none(),
            "the desktop's keychain is not found: {}",
            ran(&output)
        );
        eprintln!("SKIPPED: no keychain answers; run under scripts/with-desktop. {}", ran(&output));
        return false;
    }
    assert!(output.status.success(), "{}", ran(&output));
    true
}

fn connect(profile: &Path, account: &Account) {
    let mut child = cli(
        profile,
        &[
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
        ],
    )
    .stdin(Stdio::piped())
    .spawn()
    .unwrap();
    let fields = serde_json::to_vec(&account.fields).unwrap();
    child.stdin.take().unwrap().write_all(&fields).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}: {}", account.name, ran(&output));
}

/// Shoppers buy a little in every store.
fn shop(world: &Running, round: u32) {
    let now_ms = world.now_ms();
    world.with(|sandbox| {
        sandbox.scene(|scene| {
            let mut moment = Moment { now_ms, rng: scene.rng, ledger: scene.ledger };
            for (s, store) in scene.stores.iter_mut().enumerate() {
                for n in 0..ORDERS_PER_ROUND {
                    let mut line = LineDraft::custom(&format!("Mug {n}"), 1_250, i64::from(n) + 1);
                    line.sku = Some(format!("MUG-{s}-{n}"));
                    line.weight = Some((0.4, "KILOGRAMS".to_owned()));
                    let address = Address {
                        first_name: "Ingrid".to_owned(),
                        last_name: format!("Sørensen {round}"),
                        address1: format!("Strandgaten {}", round * 10 + n + 1),
                        city: "Bergen".to_owned(),
                        zip: "5013".to_owned(),
                        country: "Norway".to_owned(),
                        country_code: "NO".to_owned(),
                        ..Address::default()
                    };
                    let draft =
                        OrderDraft { lines: vec![line], ship_to: Some(address), routed: true, ..OrderDraft::default() };
                    store.place(draft, &mut moment);
                }
            }
        });
    });
}

/// The warehouse packs some of what waits.
fn pack(world: &Running, rng: &mut SmallRng, everything: bool) {
    let now_ms = world.now_ms();
    world.with(|sandbox| {
        sandbox.scene(|scene| {
            for hub in scene.hubs.iter_mut() {
                let waiting: Vec<i64> = hub
                    .state
                    .orders
                    .values()
                    .filter(|o| !o.deleted && o.body.status == Status::AwaitingShipment)
                    .map(|o| o.id)
                    .collect();
                for id in waiting {
                    if everything || rng.random_bool(0.4) {
                        let purchase = Purchase {
                            carrier: "dpd".to_owned(),
                            service: "dpd_classic".to_owned(),
                            grams: Some(900.0),
                            ..Purchase::default()
                        };
                        let mut pen = Pen { now_ms, by: By::Merchant, ledger: &mut *scene.ledger };
                        hub.state.buy(&mut pen, id, &purchase).unwrap();
                    }
                }
            }
        });
    });
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The stand-ins on loopback, and a profile that is connected to them and live.
struct World {
    runtime: tokio::runtime::Runtime,
    running: Running,
    profile: std::path::PathBuf,
}

impl World {
    fn new(profile: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
        // Limits are another test's subject: here they would only slow the dying down.
        let hub = ShipStationPlan { calls_per_minute: 6_000, v2_calls_per_minute: 6_000, ..ShipStationPlan::default() };
        let mut plan = SandboxPlan { hub: Some(hub), ..SandboxPlan::quiet(7, now_ms) };
        for store in &mut plan.stores {
            store.points_max = 100_000.0;
            store.points_per_s = 20_000.0;
        }
        let running = runtime.block_on(serve(Sandbox::new(plan), SandboxClock::real(now_ms))).unwrap();
        for account in &running.accounts {
            connect(profile, account);
        }
        let live = cli(profile, &["go-live", "--mode", "auto", "--from", "all"]).output().unwrap();
        assert!(live.status.success(), "{}", ran(&live));
        Self { runtime, running, profile: profile.to_owned() }
    }

    fn sync(&self) -> Child {
        cli(&self.profile, &["sync", "--until-idle", "--timeout", "60"]).spawn().unwrap()
    }

    /// A calm afternoon: everything arrives, is packed, is told. Then the count from the other side.
    fn settle_and_count(&self, rng: &mut SmallRng, orders_wanted: u32) {
        for _ in 0..3 {
            let calm = cli(&self.profile, &["sync", "--until-idle", "--timeout", "240"]).output().unwrap();
            assert!(calm.status.success(), "{}", ran(&calm));
            pack(&self.running, rng, true);
        }
        let told = cli(&self.profile, &["sync", "--until-idle", "--timeout", "240"]).output().unwrap();
        assert!(told.status.success(), "{}", ran(&told));
        self.running.with(|sandbox| {
            let mut created: BTreeMap<String, u32> = BTreeMap::new();
            for entry in sandbox.ledger.of("order_created").filter(|e| e.by == By::Client) {
                *created.entry(entry.key.clone().unwrap()).or_default() += 1;
            }
            let orders: usize = sandbox.stores.iter().map(|s| s.state().orders().len()).sum();
            assert_eq!(orders, orders_wanted as usize);
            assert_eq!(created.len(), orders, "lost on the way to the hub");
            let doubled: Vec<_> = created.iter().filter(|(_, n)| **n > 1).collect();
            assert!(doubled.is_empty(), "created twice at the hub: {doubled:?}");
            for store in &sandbox.stores {
                for order in store.state().orders() {
                    let live: Vec<_> = order.fulfillments.iter().filter(|f| f.is_live()).collect();
                    assert_eq!(live.len(), 1, "{} has {} fulfillments", order.name(), live.len());
                    for (line, ordered, fulfilled) in order.line_balance() {
                        assert_eq!(fulfilled, ordered, "{}: {line}", order.name());
                    }
                }
            }
        });
        let doctor = cli(&self.profile, &["doctor"]).output().unwrap();
        let told: serde_json::Value =
            serde_json::from_slice(&doctor.stdout).unwrap_or_else(|_| panic!("{}", ran(&doctor)));
        assert!(doctor.status.success() && told["healthy"] == true, "{}", ran(&doctor));
        for account in self.running.accounts.clone() {
            let removed = cli(&self.profile, &["disconnect", &account.title]).output().unwrap();
            assert!(removed.status.success(), "{}", ran(&removed));
        }
        let _ = &self.runtime;
    }
}

/// Chance from the time of day; printed, so that a failure can be told apart from the next.
fn chance(of: &str) -> SmallRng {
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
    eprintln!("moments of {of} by seed {seed}");
    SmallRng::seed_from_u64(u64::from(seed))
}

fn a_while(rng: &mut SmallRng, ms: std::ops::Range<u64>) {
    std::thread::sleep(Duration::from_millis(rng.random_range(ms)));
}

#[test]
fn thirty_deaths_lose_and_double_nothing() {
    if !has_keychain() {
        return;
    }
    let mut rng = chance("death");
    let profile = tempfile::tempdir().unwrap();
    let world = World::new(profile.path());
    for round in 0..KILLS {
        shop(&world.running, round);
        let child = world.sync();
        a_while(&mut rng, 30..1_400);
        pack(&world.running, &mut rng, false);
        a_while(&mut rng, 0..400);
        kill(child);
    }
    world.settle_and_count(&mut rng, KILLS * ORDERS_PER_ROUND * 2);
}

/// A disk of its own for the profile, small enough to be filled. `None` where none may be mounted.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=96m,mode=700", "tmpfs"])
            .arg(folder.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if !mounted {
            eprintln!("SKIPPED: no disk can be mounted here (that takes root), so none is filled up");
        }
        mounted.then_some(Self(folder))
    }
    /// Takes every byte that is left.
    fn fill(&self) {
        let mut junk = std::fs::File::create(self.0.path().join("junk")).unwrap();
        let block = vec![7_u8; 64 * 1024];
        while junk.write_all(&block).is_ok() {}
        while junk.write_all(&[7]).is_ok() {}
    }
    fn clear(&self) {
        std::fs::remove_file(self.0.path().join("junk")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).output();
    }
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).output().unwrap();
    // It may have finished by itself.
    let _ = sent.status;
}

#[test]
fn sleep_a_cut_wire_and_a_full_disk_lose_and_double_nothing() {
    if !has_keychain() {
        return;
    }
    let rounds: u32 = std::env::var("QUAYSIDE_CHAOS_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(30);
    let mut rng = chance("trouble");
    let disk = SmallDisk::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = disk.as_ref().map_or(elsewhere.path(), |disk| disk.0.path()).join("profile");
    let world = World::new(&folder);
    let mut tally: BTreeMap<&str, u32> = BTreeMap::new();
    for round in 0..rounds {
        shop(&world.running, round);
        let child = world.sync();
        a_while(&mut rng, 30..900);
        pack(&world.running, &mut rng, false);
        let what = match (round % 4, &disk) {
            (0, _) => {
                // The lid is closed in the middle of it, and opened again.
                signal(&child, "-STOP");
                a_while(&mut rng, 200..2_000);
                signal(&child, "-CONT");
                a_while(&mut rng, 0..800);
                "sleep"
            }
            (1, _) => {
                let cut = |chance: f64| FaultPlan {
                    chances: vec![(Fault::LostBeforeCommit, chance / 2.0), (Fault::LostAfterCommit, chance / 2.0)],
                    ..FaultPlan::none()
                };
                world.running.with(|sandbox| sandbox.faults = cut(1.0));
                a_while(&mut rng, 200..1_500);
                world.running.with(|sandbox| sandbox.faults = cut(0.0));
                a_while(&mut rng, 0..800);
                "cut wire"
            }
            (2, Some(disk)) => {
                disk.fill();
                a_while(&mut rng, 200..1_500);
                disk.clear();
                a_while(&mut rng, 0..800);
                "full disk"
            }
            _ => "death",
        };
        *tally.entry(what).or_default() += 1;
        kill(child);
    }
    eprintln!("went through {tally:?}");
    world.settle_and_count(&mut rng, rounds * ORDERS_PER_ROUND * 2);
}

#[test]
fn a_disk_that_is_full_is_what_a_sync_ends_with() {
    if !has_keychain() {
        return;
    }
    let Some(disk) = SmallDisk::new() else { return };
    let world = World::new(&disk.0.path().join("profile"));
    shop(&world.running, 0);
    disk.fill();
    let output = cli(&world.profile, &["sync", "--until-idle", "--timeout", "60"]).output().unwrap();
    let document: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", ran(&output)));
    assert_eq!((output.status.code(), &document["error"]["code"]), (Some(6), &"storage".into()), "{}", ran(&output));
    let sentence = document["error"]["sentence"].as_str().unwrap();
    assert!(
        sentence.starts_with("The disk is full") && sentence.to_lowercase().contains("free some space"),
        "{sentence}"
    );
    disk.clear();
    world.settle_and_count(&mut chance("a full disk"), ORDERS_PER_ROUND * 2);
}
