//! A merchant in whose accounts nothing happens by itself: whoever holds the house plays the people, and lets time pass
//! in between. The engine at work is the real one, under virtual time and without faults.
//!
//! Left out on purpose: an oracle. Who plays the people knows what should come of it.

use crate::clock::VirtualClock;
use crate::keys::Keys;
use crate::life::{self, START_MS, SimTrouble};
use crate::wire::{MemoryWire, lock};
use quayside_connectors::Setup;
use quayside_engine::{EngineHandle, EngineSetup, Naps, SecretStore as _, policy};
use quayside_flows::who_writes::{HUB_IMPORTS, SAID_OVER, UNSEEN};
use quayside_flows::{decide, effect_stem};
use quayside_model::time::MINUTE_MS;
use quayside_model::{Clock as _, ConnectionConfig, ConnectionId, Intent, Mode, PlannedEffect};
use quayside_sandbox::merchant::shop::OrderView;
use quayside_sandbox::{Fault, FaultPlan, Ledger, Meter, Sandbox, SandboxPlan, Scene};
use quayside_store::{FindingState, Store};
use std::sync::{Arc, Mutex};

/// Pause between two reads of a stream, seconds.
const POLL_S: u32 = 300;

/// The accounts, and the desk that is connected to all of them with every automation on its own.
pub struct House {
    sandbox: Arc<Mutex<Sandbox>>,
    clock: Arc<VirtualClock>,
    wire: Arc<MemoryWire>,
    store: Store,
    keys: Arc<Keys>,
}

impl House {
    /// Connects the accounts that `plan` has; its people, its beginning and its faults are left aside.
    pub fn open(plan: SandboxPlan) -> Result<Self, SimTrouble> {
        let quiet = SandboxPlan::quiet(plan.seed, START_MS);
        Self::build(SandboxPlan { stores: plan.stores, hub: plan.hub, extras: plan.extras, ..quiet }, POLL_S, false)
    }

    /// The same; wherever a platform lets people sign in with the browser, they do: that sign-in renews itself.
    pub fn signed_in_by_browser(plan: SandboxPlan) -> Result<Self, SimTrouble> {
        let quiet = SandboxPlan::quiet(plan.seed, START_MS);
        Self::build(SandboxPlan { stores: plan.stores, hub: plan.hub, extras: plan.extras, ..quiet }, POLL_S, true)
    }

    /// The same, with streams that are read as often as their platforms declare it, and answers that take as long as
    /// `plan` says: for measuring.
    pub fn at_its_own_pace(plan: SandboxPlan) -> Result<Self, SimTrouble> {
        let quiet = SandboxPlan::quiet(plan.seed, START_MS);
        let (stores, hub, extras, latency_ms) = (plan.stores, plan.hub, plan.extras, plan.latency_ms);
        Self::build(SandboxPlan { stores, hub, extras, latency_ms, ..quiet }, 0, false)
    }

    fn build(plan: SandboxPlan, poll_s: u32, by_browser: bool) -> Result<Self, SimTrouble> {
        let sandbox = Arc::new(Mutex::new(Sandbox::new(plan)));
        let clock = Arc::new(VirtualClock::new(START_MS));
        let wire = Arc::new(MemoryWire::new(sandbox.clone(), clock.clone()));
        let store = Store::in_memory();
        let keys = Arc::new(life::connect(&sandbox, &clock, &wire, &store, poll_s, by_browser)?);
        life::go_live(&store)?;
        Ok(Self { sandbox, clock, wire, store, keys })
    }

    /// Somebody does something in an account, now.
    pub fn people<R>(&self, act: impl FnOnce(&mut Scene<'_>) -> R) -> R {
        let mut sandbox = lock(&self.sandbox);
        sandbox.advance(self.clock.true_ms());
        sandbox.scene(act)
    }

    /// The desk works for so many minutes, then the process ends.
    pub fn work(&self, minutes: i64) -> Result<(), SimTrouble> {
        life::live(self.setup(Naps { longest_ms: 10 * MINUTE_MS }), &self.clock, minutes * MINUTE_MS)
    }

    /// The desk works for as long as `meanwhile` takes (it sleeps by tokio's clock, and plays whatever happens to a
    /// program at work), then the process ends. Naps are as short as on a real computer.
    pub fn work_while<R, F: Future<Output = R>>(
        &self,
        meanwhile: impl FnOnce(EngineHandle) -> F,
    ) -> Result<R, SimTrouble> {
        life::live_while(self.setup(Naps::default()), &self.clock, meanwhile)
    }

    /// The desk works until `done`, which looks every `step_ms`, but no longer than `limit_ms`; whether it was done.
    pub fn work_until(
        &self,
        step_ms: i64,
        limit_ms: i64,
        mut done: impl FnMut() -> Result<bool, SimTrouble>,
    ) -> Result<bool, SimTrouble> {
        let step = std::time::Duration::from_millis(step_ms.max(1).unsigned_abs());
        let end_ms = self.clock.true_ms() + limit_ms;
        life::live_while(self.setup(Naps { longest_ms: 10 * MINUTE_MS }), &self.clock, |_| async move {
            loop {
                tokio::time::sleep(step).await;
                if done()? {
                    return Ok(true);
                }
                if self.clock.true_ms() >= end_ms {
                    return Ok(false);
                }
            }
        })?
    }

    /// What an account counts, and how much of it was spent.
    pub fn meters(&self, account: &str) -> Vec<Meter> {
        lock(&self.sandbox).meters(account)
    }

    /// Somebody pauses an account, or lets it go on.
    pub fn pause(&self, account: &ConnectionId, paused: bool) -> Result<(), SimTrouble> {
        self.store.write(|tx| match tx.connection(account)? {
            Some(config) => tx.put_connection(&ConnectionConfig { paused, ..config }),
            None => Ok(()),
        })?;
        Ok(())
    }

    /// Somebody says who writes a store's orders to the hub: the hub (`true`), the desk, or takes it back.
    pub fn says_who_writes(&self, account: &str, hub: Option<bool>) -> Result<(), SimTrouble> {
        self.store.write(|tx| {
            let Some(mut config) = tx.connection(&ConnectionId::new(account))? else { return Ok(()) };
            config.settings.remove(SAID_OVER);
            config.settings.remove(UNSEEN);
            match hub {
                Some(yes) => drop(config.settings.insert(HUB_IMPORTS.to_owned(), yes.into())),
                None => drop(config.settings.remove(HUB_IMPORTS)),
            }
            tx.put_connection(&config)
        })?;
        Ok(())
    }

    fn setup(&self, naps: Naps) -> EngineSetup {
        EngineSetup {
            store: self.store.clone(),
            secrets: self.keys.clone(),
            wire: self.wire.clone(),
            clock: self.clock.clone(),
            seed: self.clock.true_ms().unsigned_abs(),
            naps,
        }
    }

    /// From now on every exchange with the account fails so; `None`: it works again.
    pub fn breaks(&self, account: &str, fault: Option<Fault>) {
        lock(&self.sandbox).breaks(account, fault);
    }

    /// From now on this goes wrong on the wire.
    pub fn goes_wrong(&self, faults: FaultPlan) {
        lock(&self.sandbox).faults = faults;
    }

    /// Writes an account answered as done and forgot, so far.
    pub fn forgotten(&self, account: &str) -> usize {
        lock(&self.sandbox).forgotten(account)
    }

    /// Somebody locks the keychain, or unlocks it.
    pub fn lock_keychain(&self, locked: bool) {
        self.keys.locked.store(locked, std::sync::atomic::Ordering::Relaxed);
    }

    /// How often the keychain took something: secrets that renewed themselves.
    pub fn renewals(&self) -> usize {
        self.keys.renewals()
    }

    /// What a connector of an account is made of, for whoever opens one beside the engine's.
    pub fn setup_of(&self, config: &ConnectionConfig) -> Setup {
        Setup {
            config: config.clone(),
            secrets: self.keys.secrets(&config.id).unwrap_or_default(),
            wire: self.wire.clone(),
            clock: self.clock.clone(),
            buckets: Vec::new(),
        }
    }

    /// The network.
    pub fn wire(&self) -> &MemoryWire {
        &self.wire
    }

    /// The computer's clock.
    pub fn clock(&self) -> &VirtualClock {
        &self.clock
    }

    /// The desk's store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// An order as people see it in its store.
    pub fn order(&self, remote_id: &str) -> Option<OrderView> {
        lock(&self.sandbox).order_views().into_iter().find(|view| view.id == remote_id)
    }

    /// Every order as people see it in its store.
    pub fn orders(&self) -> Vec<OrderView> {
        lock(&self.sandbox).order_views()
    }

    /// Everything that was applied, on both sides.
    pub fn ledger(&self) -> Ledger {
        lock(&self.sandbox).ledger.clone()
    }

    /// A person clicks: this is to be done about an order of an account, by the account itself.
    pub fn click(&self, account: &str, remote_id: &str, intent: &Intent) -> Result<(), SimTrouble> {
        self.click_at(account, remote_id, account, remote_id, intent)
    }

    /// The same, by another account (`at`) and about a part of the order there.
    pub fn click_at(
        &self,
        account: &str,
        remote_id: &str,
        at: &str,
        about: &str,
        intent: &Intent,
    ) -> Result<(), SimTrouble> {
        let now_ms = self.clock.now_ms();
        let (account, at) = (ConnectionId::new(account), ConnectionId::new(at));
        self.store.write(|tx| {
            let policy = policy::load(tx)?;
            let Some(order_id) = tx.order_id(&account, remote_id)? else { return Ok(()) };
            let Some(story) = tx.story(order_id)? else { return Ok(()) };
            let stem = effect_stem(policy.peers.get(&account), remote_id, intent.kind(), about);
            let generation = story.effects.iter().filter(|effect| effect.key.starts_with(&stem)).count();
            let mut decision = decide(&story, &policy, now_ms);
            decision.effects.push(PlannedEffect {
                key: format!("{stem}{generation}"),
                automation: "person".into(),
                connection: at.clone(),
                intent: intent.clone(),
                mode: Mode::Auto,
                ship_by_ms: decision.ship_by_ms,
                sentence: format!("{} {}", intent.kind().phrase(), story.order.number),
            });
            tx.put_decision(order_id, &story.order, &decision, now_ms)?;
            Ok(())
        })?;
        Ok(())
    }

    /// What a person is told about an order of an account: cause and sentence of each open exception.
    pub fn told(&self, account: &str, remote_id: &str) -> Result<Vec<(String, String)>, SimTrouble> {
        let findings = self.store.read(|r| match r.order_id(&ConnectionId::new(account), remote_id)? {
            Some(id) => r.findings_of(id),
            None => Ok(Vec::new()),
        })?;
        let open = findings.into_iter().filter(|finding| finding.state != FindingState::Resolved);
        Ok(open.map(|finding| (finding.cause.code().to_owned(), finding.sentence)).collect())
    }
}
