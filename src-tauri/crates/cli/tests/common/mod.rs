//! A terminal with a profile of its own, and a merchant on loopback.
#![allow(missing_docs, dead_code, clippy::unwrap_used, clippy::expect_used)]

use quayside_api::WallClock;
use quayside_api::keychain::MemoryKeychain;
use quayside_cli::world::World;
use quayside_connectors::{ReqwestWire, Wire};
use quayside_sandbox::server::{Running, SandboxClock, serve};
use quayside_sandbox::shopify::state::Address;
use quayside_sandbox::shopify::{LineDraft, OrderDraft};
use quayside_sandbox::{Moment, Sandbox, SandboxPlan};
use serde_json::Value;
use std::io::Cursor;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// A terminal with a profile of its own.
pub struct Terminal {
    pub folder: tempfile::TempDir,
    pub keychain: Arc<MemoryKeychain>,
    pub said: Arc<Mutex<Vec<String>>>,
    /// The network; `None`: the real one.
    pub wire: Option<Arc<dyn Wire>>,
}

pub struct Ran {
    pub exit: u8,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn json(&self) -> Value {
        assert_eq!(self.out.trim().lines().count(), 1, "one document: {}", self.out);
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("no JSON: {}", self.out))
    }
    pub fn fine(self) -> Value {
        assert_eq!(self.exit, 0, "{}\n{}", self.out, self.err);
        self.json()
    }
}

impl Terminal {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), keychain: Arc::default(), said: Arc::default(), wire: None }
    }
    pub fn world(&self, stdin: &str) -> World {
        let wire = self.wire.clone().unwrap_or_else(|| Arc::new(ReqwestWire::new().unwrap()));
        let mut world = World::quiet(wire, Arc::new(WallClock), self.keychain.clone());
        world.stdin = Box::new(Cursor::new(stdin.to_owned().into_bytes()));
        let said = self.said.clone();
        world.stderr = Arc::new(move |line| said.lock().unwrap().push(line.to_owned()));
        world
    }
    pub fn profile(&self) -> &Path {
        self.folder.path()
    }
    pub async fn typed(&self, line: &[&str], stdin: &str) -> Ran {
        self.said.lock().unwrap().clear();
        let mut world = self.world(stdin);
        let profile = self.profile().to_str().unwrap();
        let arguments = ["quayside-cli", "--profile", profile].into_iter().chain(line.iter().copied()).map(Into::into);
        let mut out = Vec::new();
        let exit = quayside_cli::run(arguments.collect::<Vec<std::ffi::OsString>>(), &mut world, &mut out).await;
        Ran { exit, out: String::from_utf8(out).unwrap(), err: self.said.lock().unwrap().join("\n") }
    }
    pub async fn json(&self, line: &[&str]) -> Ran {
        let line: Vec<&str> = line.iter().copied().chain(["--json"]).collect();
        self.typed(&line, "").await
    }
    pub async fn connect(&self, running: &Running) -> Vec<Value> {
        let mut made = Vec::new();
        for account in &running.accounts {
            let fields = serde_json::to_string(&account.fields).unwrap();
            let line = [
                "connect",
                &account.platform,
                "--name",
                &account.title,
                "--base-url",
                &account.base_url,
                "--secrets-from",
                "-",
                "--json",
            ];
            made.push(self.typed(&line, &fields).await.fine()["connection"].clone());
        }
        made
    }
}

pub fn now_ms() -> i64 {
    quayside_model::Clock::now_ms(&WallClock)
}

/// Six paid orders in each store; nobody moves by themselves, nothing goes wrong.
pub async fn merchant() -> Running {
    merchant_at(now_ms(), (1, 1)).await
}

/// The same, whose clock shows `start_ms` now, and who answers after so many milliseconds.
pub async fn merchant_at(start_ms: i64, latency_ms: (u64, u64)) -> Running {
    merchant_of(SandboxPlan { latency_ms, ..SandboxPlan::quiet(3, start_ms) }, start_ms).await
}

/// The same with other accounts.
pub async fn merchant_of(plan: SandboxPlan, start_ms: i64) -> Running {
    let running = serve(Sandbox::new(plan), SandboxClock::real(start_ms)).await.unwrap();
    running.with(|sandbox| {
        sandbox.scene(|scene| {
            let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
            for (s, store) in scene.stores.iter_mut().enumerate() {
                for n in 0..6 {
                    let mut line = LineDraft::custom(&format!("Mug {n}"), 1_250, n + 1);
                    line.sku = Some(format!("MUG-{s}-{n}"));
                    let address = Address {
                        first_name: "Ingrid".into(),
                        last_name: format!("Sørensen {n}"),
                        address1: format!("Strandgaten {}", n + 1),
                        city: "Bergen".into(),
                        zip: "5013".into(),
                        country: "Norway".into(),
                        country_code: "NO".into(),
                        ..Address::default()
                    };
                    let draft =
                        OrderDraft { lines: vec![line], ship_to: Some(address), routed: true, ..OrderDraft::default() };
                    store.place(draft, &mut moment);
                }
            }
        });
    });
    running
}
