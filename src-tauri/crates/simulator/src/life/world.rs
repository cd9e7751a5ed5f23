//! The accounts of a merchant, the desk that is connected to them, and one life of its process after the other.

use super::SimTrouble;
use super::accounts::{FAR_BACK_S, connect_as, go_live};
use crate::clock::VirtualClock;
use crate::keys::{Browser, Keys};
use crate::mishaps::{Act, Course};
use crate::plays::{self, Plays, Stage};
use crate::wire::{MemoryWire, lock};
use quayside_engine::{Engine, EngineHandle, EngineSetup, Naps};
use quayside_model::Clock as _;
use quayside_model::time::MINUTE_MS;
use quayside_sandbox::{Sandbox, SandboxPlan};
use quayside_store::Store;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// The accounts of a merchant, and the desk that is connected to all of them.
pub(crate) struct World {
    pub sandbox: Arc<Mutex<Sandbox>>,
    pub clock: Arc<VirtualClock>,
    pub wire: Arc<MemoryWire>,
    pub store: Store,
    pub keys: Arc<Keys>,
    people: Browser,
    /// What is played beside orders and parcels.
    stage: Mutex<Stage>,
}

impl World {
    /// Connects everything and lets it act.
    pub(crate) fn open(plan: SandboxPlan, poll_s: u32, by_browser: bool) -> Result<Self, SimTrouble> {
        let start_ms = plan.start_ms;
        let sandbox = Arc::new(Mutex::new(Sandbox::new(plan)));
        let clock = Arc::new(VirtualClock::new(start_ms));
        let wire = Arc::new(MemoryWire::new(sandbox.clone(), clock.clone()));
        let store = Store::in_memory();
        let people = Browser { sandbox: sandbox.clone(), clock: clock.clone(), wire: wire.clone() };
        let keys = Arc::new(connect_as(&people, &store, (poll_s, poll_s.max(FAR_BACK_S)), by_browser)?);
        go_live(&store)?;
        Ok(Self { sandbox, clock, wire, store, keys, people, stage: Mutex::new(Stage::empty()) })
    }

    /// From now on this is played, until `until_ms`, ms UTC.
    pub(super) fn begin_plays(&self, seed: u64, plays: Plays, until_ms: i64) -> Result<(), SimTrouble> {
        let mut sandbox = lock(&self.sandbox);
        plays::set(&self.store, &mut sandbox, plays)?;
        *self.stage() = Stage::new(seed, plays, (self.clock.true_ms(), until_ms));
        Ok(())
    }

    /// What is played, and what came of it.
    pub(super) fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who comes back to the program finds it asking, and signs in. How often.
    pub(super) fn signing_in(&self) -> Result<usize, SimTrouble> {
        signing_in(&self.people, &self.store, &self.keys)
    }

    /// One life of the process, of which `course` tells what happens in it. Whether it died in a write.
    pub(crate) fn live(&self, seed: u64, life_ms: i64, course: &Course) -> Result<bool, SimTrouble> {
        let died = Arc::new(Notify::new());
        if let Some((nth, moment)) = course.death {
            let (wire, keys, bell) = (self.wire.clone(), self.keys.clone(), died.clone());
            // Nothing leaves any more, nothing is put away, and the life ends before time goes on.
            self.store.die_at(nth, moment, move || {
                wire.die();
                keys.dead.store(true, Ordering::Relaxed);
                bell.notify_one();
            });
        }
        let setup = EngineSetup {
            store: self.store.clone(),
            secrets: self.keys.clone(),
            wire: self.wire.clone(),
            clock: self.clock.clone(),
            seed,
            naps: Naps { longest_ms: 10 * MINUTE_MS },
        };
        self.wire.revive();
        let lived = live_while(setup, &self.clock, |engine| async move {
            tokio::select! {
                biased;
                () = died.notified() => {}
                () = self.pass(&engine, life_ms, course) => {}
            }
        });
        let died_writing = self.store.revive();
        self.store.heal();
        self.keys.dead.store(false, Ordering::Relaxed);
        // Between two lives people sign in, over the same wire.
        self.wire.revive();
        match lived {
            Ok(()) => Ok(died_writing),
            // It died while it began.
            Err(_) if died_writing => Ok(true),
            Err(trouble) => Err(trouble),
        }
    }

    /// What happens meanwhile, until the life is over.
    async fn pass(&self, engine: &EngineHandle, life_ms: i64, course: &Course) {
        let begun = tokio::time::Instant::now();
        let after = |ms: i64| begun + Duration::from_millis(ms.max(1).unsigned_abs());
        let mishaps = async {
            for (at_ms, act) in course.acts.iter().filter(|(at_ms, _)| *at_ms < life_ms) {
                tokio::time::sleep_until(after(*at_ms)).await;
                match act {
                    Act::Store(failure, times) => self.store.inject_failure(*failure, *times),
                    Act::Hands(wrong_ms) => self.clock.set_hands(*wrong_ms),
                }
            }
        };
        let all = async {
            tokio::join!(mishaps, self.play(engine));
            std::future::pending::<()>().await;
        };
        // What is still meant then is done in the next life.
        let _ = tokio::time::timeout_at(after(life_ms), all).await;
    }

    /// People do what they mean to, each thing when it is due; the program is told as after a click in its window.
    async fn play(&self, engine: &EngineHandle) {
        loop {
            let Some(next_ms) = self.stage().next_ms() else { return };
            let wait_ms = next_ms - self.clock.true_ms();
            if wait_ms > 0 {
                tokio::time::sleep(Duration::from_millis(wait_ms.unsigned_abs())).await;
            }
            self.stage().play(&self.sandbox, &self.store, self.clock.true_ms(), self.clock.now_ms());
            engine.nudge();
        }
    }
}

pub(super) fn runtime() -> Result<tokio::runtime::Runtime, SimTrouble> {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().map_err(SimTrouble::Runtime)
}

/// One life of the process: it ends in the middle of whatever it does.
pub(crate) fn live(setup: EngineSetup, clock: &VirtualClock, life_ms: i64) -> Result<(), SimTrouble> {
    let span = Duration::from_millis(life_ms.max(1).unsigned_abs());
    live_while(setup, clock, |_| tokio::time::sleep(span))
}

/// One life of the process, as long as `meanwhile` takes.
pub(crate) fn live_while<R, F: Future<Output = R>>(
    setup: EngineSetup,
    clock: &VirtualClock,
    meanwhile: impl FnOnce(EngineHandle) -> F,
) -> Result<R, SimTrouble> {
    let runtime = runtime()?;
    runtime.block_on(async {
        clock.begin();
        let engine = Engine::prepare(setup).inspect_err(|_| clock.end())?;
        let outside = engine.clone();
        let work = async {
            engine.run().await;
            // Stopped from outside: whoever did it says when the life ends.
            std::future::pending().await
        };
        let came_of_it = tokio::select! {
            biased;
            never = work => never,
            came_of_it = meanwhile(outside) => came_of_it,
        };
        clock.end();
        Ok(came_of_it)
    })
    // The runtime is dropped here, and with it every lane at its await.
}

/// Who comes back to the program finds it asking, and signs in.
fn signing_in(people: &Browser, store: &Store, keys: &Keys) -> Result<usize, SimTrouble> {
    runtime()?.block_on(async {
        people.clock.begin();
        let signed_in = people.sign_in_again(store, keys).await;
        people.clock.end();
        Ok(signed_in?)
    })
}
