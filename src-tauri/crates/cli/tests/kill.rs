//! The real process is killed at random moments of a sync, thirty times; then it goes through worse ([`Kind`]), and is
//! killed at the end of each round of that, too. Afterwards the stand-ins are asked what they hold. Nothing may be
//! missing, nothing may be there twice.
//!
//! `QUAYSIDE_CHAOS_ROUNDS` sets how many rounds of worse there are (`make chaos`: 200; else 30, a few of each kind). A
//! third of them is with accounts of all platforms, and only in `make chaos`.
//!
//! The real binary, the real encrypted file, the real keychain, HTTP over loopback.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use quayside_sandbox::ledger::By;
use quayside_sandbox::merchant::shop::{Place, Purchase as Basket, PurchaseLine};
use quayside_sandbox::orderez::Orderez;
use quayside_sandbox::sandbox::{Sandbox, SandboxPlan};
use quayside_sandbox::server::{Cut, Running, SandboxClock, serve};
use quayside_sandbox::shipstation::ShipStationPlan;
use quayside_sandbox::shipstation::state::labels::Purchase;
use quayside_sandbox::shipstation::state::{Pen, Status};
use quayside_sandbox::shopify::state::Address;
use quayside_sandbox::shopify::{LineDraft, OrderDraft};
use quayside_sandbox::{Account, Fault, FaultPlan, Moment, extras, extras_of};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use std::any::Any;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const KILLS: u32 = 30;
const ORDERS_PER_ROUND: u32 = 3;
/// Exit code: another process holds the profile.
const HELD: i32 = 7;
/// Exit code: it worked, and something is left.
const UNFINISHED: i32 = 10;
/// All platforms have their own pace, in real time: three minutes for a page of a list at one of them.
const PATIENCE: Duration = Duration::from_mins(12);

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

/// The new account's id.
fn connect(profile: &Path, account: &Account) -> String {
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
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    document["connection"]["id"].as_str().unwrap().to_owned()
}

/// What is bought in a store of a further platform; the money comes in afterwards.
fn basket(round: u32, unit: i64) -> Basket {
    Basket {
        email: "ingrid@mail.example".to_owned(),
        ship_to: Place {
            first_name: "Ingrid".to_owned(),
            last_name: format!("Sørensen {round}"),
            line1: format!("Strandgaten {}", round + 1),
            postcode: "5013".to_owned(),
            city: "Bergen".to_owned(),
            country: "NO".to_owned(),
            country_name: "Norway".to_owned(),
            ..Place::default()
        },
        bill_to: None,
        lines: vec![PurchaseLine {
            sku: "MAT-ROP".to_owned(),
            name: "A mat".to_owned(),
            variant: String::new(),
            quantity: unit,
            unit_price_minor: 1_850,
            weight_g: Some(400.0),
            options: vec![],
        }],
        shipping_minor: 490,
        express: false,
        paid: false,
        note: String::new(),
        gift_message: String::new(),
    }
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
            for shop in scene.shops.iter_mut() {
                if let Some(order) = shop.place(&basket(round, i64::from(round % 3) + 1), &mut moment) {
                    shop.pay(&order, &mut moment);
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
            let mut moment = Moment { now_ms, rng: scene.rng, ledger: scene.ledger };
            for bench in scene.benches.iter_mut() {
                let any: &mut dyn Any = bench.as_mut();
                let hub: &mut Orderez = any.downcast_mut().expect("the only further hub");
                for (id, _) in hub.packable() {
                    if everything || rng.random_bool(0.4) {
                        let number = format!("JD{:010}", rng.random::<u32>());
                        hub.pack(&id, None, "DHL", &[&number], &mut moment).unwrap();
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
    profile: PathBuf,
}

impl World {
    /// Two stores and one hub.
    fn new(profile: &Path) -> Self {
        Self::with(profile, &[])
    }

    /// The same and an account of every further platform; their stores ship from the further hub.
    fn of_all(profile: &Path) -> Self {
        let names: Vec<&str> = extras().iter().map(|(name, _)| *name).collect();
        Self::with(profile, &names)
    }

    fn with(profile: &Path, names: &[&str]) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
        // Limits are another test's subject: here they would only slow the dying down.
        let hub = ShipStationPlan { calls_per_minute: 6_000, v2_calls_per_minute: 6_000, ..ShipStationPlan::default() };
        let mut plan = SandboxPlan { hub: Some(hub), extras: extras_of(names), ..SandboxPlan::quiet(7, now_ms) };
        for store in &mut plan.stores {
            store.points_max = 100_000.0;
            store.points_per_s = 20_000.0;
        }
        let running = runtime.block_on(serve(Sandbox::new(plan), SandboxClock::real(now_ms))).unwrap();
        let connected: Vec<(String, String)> =
            running.accounts.iter().map(|account| (account.platform.clone(), connect(profile, account))).collect();
        if !names.is_empty() {
            let hub_of = |platform: &str| {
                let hub = if platform == "shopify" { "shipstation" } else { "orderez" };
                connected.iter().find(|(of, _)| of == hub).map(|(_, id)| id.clone()).unwrap()
            };
            let stores = connected.iter().filter(|(of, _)| !["shipstation", "orderez"].contains(&of.as_str()));
            for (platform, id) in stores {
                let hub = format!("hub={}", hub_of(platform));
                let set = cli(profile, &["connection-settings", id, &hub, "hub_imports=false"]).output().unwrap();
                assert!(set.status.success(), "{id}: {}", ran(&set));
            }
        }
        let live = cli(profile, &["go-live", "--mode", "auto", "--from", "all"]).output().unwrap();
        assert!(live.status.success(), "{}", ran(&live));
        Self { runtime, running, profile: profile.to_owned() }
    }

    fn sync_command(&self) -> Command {
        cli(&self.profile, &["sync", "--until-idle", "--timeout", "60"])
    }

    fn sync(&self) -> Child {
        self.sync_command().spawn().unwrap()
    }

    /// Two begin in the same moment. One is told that the profile is held; the other one, which works.
    fn two_at_once(&self) -> Child {
        let mut both = [self.sync(), self.sync()];
        let until = Instant::now() + Duration::from_mins(1);
        loop {
            let codes = both.each_mut().map(|child| child.try_wait().unwrap().map(|status| status.code()));
            for code in codes.into_iter().flatten() {
                assert!(matches!(code, Some(0 | HELD | UNFINISHED)), "one of two ended with {codes:?}");
            }
            let held = codes.map(|code| code == Some(Some(HELD)));
            let [one, other] = match held {
                [true, true] => panic!("each of two was told that the other holds the profile"),
                [false, false] => {
                    let ended = codes.iter().all(Option::is_some);
                    assert!(!ended && Instant::now() < until, "both worked with one profile: {codes:?}");
                    std::thread::sleep(Duration::from_millis(20));
                    continue;
                }
                [_, _] => both,
            };
            return if held[0] { other } else { one };
        }
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
        self.part();
    }

    /// The same where every platform has its own pace: work goes on until everything is there, or for too long.
    fn settle_and_count_all(&self, rng: &mut SmallRng) {
        let until = Instant::now() + PATIENCE;
        let calm = || {
            let calm = cli(&self.profile, &["sync", "--once", "--timeout", "120"]).output().unwrap();
            assert!(matches!(calm.status.code(), Some(0 | UNFINISHED)), "{}", ran(&calm));
        };
        loop {
            calm();
            pack(&self.running, rng, true);
            let wrong = self.running.with(left);
            if wrong.is_empty() {
                break;
            }
            assert!(Instant::now() < until, "not there after all this time: {wrong:#?}");
            std::thread::sleep(Duration::from_secs(2));
        }
        // What comes a second time comes late.
        calm();
        let wrong = self.running.with(left);
        assert!(wrong.is_empty(), "{wrong:#?}");
        self.part();
    }

    /// The desk finds nothing wrong with itself, and the keychain is as it was before.
    fn part(&self) {
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

/// What is missing, doubled or too much, from the other side: at the hubs and in every store.
fn left(sandbox: &mut Sandbox) -> Vec<String> {
    let mut out = Vec::new();
    let mut created: BTreeMap<String, u32> = BTreeMap::new();
    for entry in sandbox.ledger.of("order_created").filter(|entry| entry.by == By::Client) {
        *created.entry(entry.key.clone().unwrap_or_default()).or_default() += 1;
    }
    out.extend(created.iter().filter(|(_, n)| **n > 1).map(|(key, n)| format!("{key} was created {n} times at a hub")));
    // Some sales ship from the marketplace's own house.
    let views: Vec<_> = sandbox.order_views().into_iter().filter(|view| view.never_ships.is_none()).collect();
    if created.len() != views.len() {
        out.push(format!("{} orders at the hubs of {} in the stores", created.len(), views.len()));
    }
    for view in &views {
        for line in view.lines.iter().filter(|line| line.shipped != line.units) {
            out.push(format!("{} shows {} of {} units as shipped", view.name, line.shipped, line.units));
        }
        if view.shipments.len() != 1 {
            out.push(format!("{} has {} shipments", view.name, view.shipments.len()));
        }
    }
    out
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

/// The wall clock of a process: moved while it runs, by libfaketime. Its timers run on.
struct Hands {
    library: PathBuf,
    folder: tempfile::TempDir,
}

impl Hands {
    /// `None` where the library is missing, or moves nothing.
    fn new() -> Option<Self> {
        let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
        let folders = folders.chain(["/usr/lib", "/usr/lib64", "/usr/local/lib"].map(PathBuf::from));
        let mut libraries = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1"));
        let Some(library) = libraries.find(|library| library.is_file()) else {
            eprintln!("SKIPPED: libfaketime is missing (scripts/bootstrap --tests), so nobody moves the clock");
            return None;
        };
        let hands = Self { library, folder: tempfile::tempdir().unwrap() };
        hands.set(100_000_000);
        let mut date = Command::new("date");
        let shown = hands.wear(date.arg("+%s")).output().ok();
        let shown = shown.and_then(|output| String::from_utf8_lossy(&output.stdout).trim().parse::<u64>().ok());
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        if shown.is_none_or(|shown_s| shown_s < now_s + 99_000_000) {
            eprintln!("SKIPPED: {} does not move the clock here", hands.library.display());
            return None;
        }
        hands.set(0);
        // What does not even start would be killed in vain.
        let profile = tempfile::tempdir().unwrap();
        let started = hands.wear(&mut cli(profile.path(), &["connections"])).output().unwrap();
        if !started.status.success() {
            eprintln!("SKIPPED: the program does not start under libfaketime: {}", ran(&started));
            return None;
        }
        Some(hands)
    }
    /// So many seconds ahead, or (negative) behind, from now on.
    fn set(&self, ahead_s: i64) {
        // In one piece: it is read at any moment.
        let new = self.folder.path().join("new");
        std::fs::write(&new, format!("{ahead_s:+}\n")).unwrap();
        std::fs::rename(new, self.file()).unwrap();
    }
    fn file(&self) -> PathBuf {
        self.folder.path().join("hands")
    }
    fn wear<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        // Both names of the last one: it was renamed between two versions.
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", self.file())
            .env("FAKETIME_NO_CACHE", "1")
            .env("NO_FAKE_STAT", "1")
            .env("DONT_FAKE_MONOTONIC", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    }
}

/// What a round goes through, before the process is killed in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing else.
    Death,
    /// The lid is closed in the middle of it, and opened again.
    Sleep,
    /// Every exchange breaks off, before or after it was carried out.
    BrokenOff,
    /// No byte more fits on the disk.
    FullDisk,
    /// Nobody listens.
    Refused,
    /// Connections are accepted, and nothing comes back.
    BlackHole,
    /// Connections end in the middle of a body.
    CutInTheMiddle,
    /// Somebody sets the computer's clock, forwards or back.
    Clock,
    /// Two begin in the same moment.
    TwoAtOnce,
}

impl Kind {
    const ALL: [Self; 9] = [
        Self::Sleep,
        Self::BrokenOff,
        Self::FullDisk,
        Self::Refused,
        Self::BlackHole,
        Self::CutInTheMiddle,
        Self::Clock,
        Self::TwoAtOnce,
        Self::Death,
    ];
}

/// What there is to make trouble with.
struct Means<'a> {
    world: &'a World,
    disk: Option<&'a SmallDisk>,
    hands: Option<&'a Hands>,
}

impl Means<'_> {
    /// What can be done of it here.
    fn possible(&self, kind: Kind) -> Kind {
        match kind {
            Kind::FullDisk if self.disk.is_none() => Kind::Death,
            Kind::Clock if self.hands.is_none() => Kind::Death,
            other => other,
        }
    }

    fn round(&self, round: u32, kind: Kind, rng: &mut SmallRng) {
        shop(&self.world.running, round);
        let child = match (kind, self.hands) {
            (Kind::TwoAtOnce, _) => self.world.two_at_once(),
            (Kind::Clock, Some(hands)) => {
                hands.set(0);
                hands.wear(&mut self.world.sync_command()).spawn().unwrap()
            }
            _ => self.world.sync(),
        };
        a_while(rng, 30..900);
        pack(&self.world.running, rng, false);
        self.trouble(kind, &child, rng);
        kill(child);
    }

    fn trouble(&self, kind: Kind, child: &Child, rng: &mut SmallRng) {
        match kind {
            Kind::Death | Kind::TwoAtOnce => {}
            Kind::Sleep => {
                signal(child, "-STOP");
                a_while(rng, 200..2_000);
                signal(child, "-CONT");
            }
            Kind::BrokenOff => {
                let cut = |chance: f64| FaultPlan {
                    chances: vec![(Fault::LostBeforeCommit, chance / 2.0), (Fault::LostAfterCommit, chance / 2.0)],
                    ..FaultPlan::none()
                };
                self.world.running.with(|sandbox| sandbox.faults = cut(1.0));
                a_while(rng, 200..1_500);
                self.world.running.with(|sandbox| sandbox.faults = cut(0.0));
            }
            Kind::FullDisk => {
                let disk = self.disk.unwrap();
                disk.fill();
                a_while(rng, 200..1_500);
                disk.clear();
            }
            Kind::Refused => self.cut(Cut::Refuse, rng),
            Kind::BlackHole => self.cut(Cut::Silent, rng),
            Kind::CutInTheMiddle => self.cut(Cut::Reset, rng),
            Kind::Clock => {
                let hands = self.hands.unwrap();
                // Minutes, hours, more than a day; and perhaps somebody sees it and sets it right.
                let far_s = [180, 2_700, 6 * 3_600, 30 * 3_600][rng.random_range(0..4)];
                hands.set(if rng.random_bool(0.5) { far_s } else { -far_s });
                a_while(rng, 200..1_500);
                if rng.random_bool(0.5) {
                    hands.set(0);
                }
            }
        }
        a_while(rng, 0..800);
    }

    fn cut(&self, cut: Cut, rng: &mut SmallRng) {
        self.world.running.cut(cut);
        a_while(rng, 200..1_500);
        self.world.running.mend();
    }

    /// All kinds in turn.
    fn go_through(&self, rounds: u32, rng: &mut SmallRng) {
        let mut tally: BTreeMap<String, u32> = BTreeMap::new();
        for (round, kind) in (0..rounds).zip(Kind::ALL.into_iter().cycle()) {
            let kind = self.possible(kind);
            self.round(round, kind, rng);
            *tally.entry(format!("{kind:?}")).or_default() += 1;
        }
        eprintln!("went through {tally:?}");
    }
}

/// Rounds of worse: on two platforms, and on all of them.
fn rounds() -> (u32, u32) {
    let all: u32 = std::env::var("QUAYSIDE_CHAOS_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(30);
    (all - all / 3, all / 3)
}

#[test]
fn sleep_cut_wires_a_full_disk_clocks_and_a_second_start_lose_and_double_nothing() {
    if !has_keychain() {
        return;
    }
    let mut rng = chance("trouble");
    let (disk, hands) = (SmallDisk::new(), Hands::new());
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = disk.as_ref().map_or(elsewhere.path(), |disk| disk.0.path()).join("profile");
    let world = World::new(&folder);
    let (rounds, _) = rounds();
    Means { world: &world, disk: disk.as_ref(), hands: hands.as_ref() }.go_through(rounds, &mut rng);
    world.settle_and_count(&mut rng, rounds * ORDERS_PER_ROUND * 2);
}

#[test]
#[ignore = "nine minutes, because accounts are asked as seldom as they allow: make chaos"]
fn the_same_loses_and_doubles_nothing_on_all_platforms() {
    if !has_keychain() {
        return;
    }
    let mut rng = chance("trouble on all platforms");
    let hands = Hands::new();
    let folder = tempfile::tempdir().unwrap();
    let world = World::of_all(&folder.path().join("profile"));
    let (_, rounds) = rounds();
    // A full disk is the file's matter, not the platforms'.
    Means { world: &world, disk: None, hands: hands.as_ref() }.go_through(rounds, &mut rng);
    world.settle_and_count_all(&mut rng);
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
