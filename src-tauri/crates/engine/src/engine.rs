//! Starts and stops the lanes; the handle that screens and terminals hold.

use crate::ailing::Ailing;
use crate::lane::{Lane, Wish};
use crate::pace::Naps;
use crate::sync::{OnProgress, SyncJob, SyncProgress, SyncTarget};
use crate::{SecretStore, decider, policy};
use quayside_connectors::cycle::Studio;
use quayside_connectors::{BucketState, Wire};
use quayside_flows::Policy;
use quayside_flows::who_writes::{as_it_was, by_going_live};
use quayside_model::{
    Cause, Clock, ConnectionConfig, ConnectionId, Described, LabelAsk, LabelForm, LabelQuotes, OrderId, RecordKind,
    RefundAsk, RefundQuote, Refusal,
};
use quayside_store::{NewEvent, Store, StoreError, Tx};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

/// Everything the engine is made of.
#[derive(Clone)]
pub struct EngineSetup {
    /// The store; the engine is its only steady writer.
    pub store: Store,
    /// The keychain.
    pub secrets: Arc<dyn SecretStore>,
    /// The network.
    pub wire: Arc<dyn Wire>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance, for jitter only.
    pub seed: u64,
    /// How long an idle lane may nap.
    pub naps: Naps,
}

/// Entry points.
pub struct Engine;

/// What a connection is doing now, beyond what the store knows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LiveConnection {
    /// Which.
    pub connection: Option<ConnectionId>,
    /// In words: "Reading orders", "Sending 40 orders", "Waits for the limit".
    pub doing: String,
    /// Since when, ms UTC.
    pub since_ms: i64,
    /// Rate buckets.
    pub buckets: Vec<BucketState>,
}

/// A running engine. Cheap to clone; stops when told to, not when dropped.
#[derive(Clone)]
pub struct EngineHandle {
    pub(crate) shared: Arc<Shared>,
    thread: Arc<Mutex<Option<std::thread::JoinHandle<()>>>>,
}

/// What lanes, decider and handle share.
pub(crate) struct Shared {
    pub store: Store,
    pub secrets: Arc<dyn SecretStore>,
    pub wire: Arc<dyn Wire>,
    pub clock: Arc<dyn Clock>,
    pub naps: Naps,
    pub decider_bell: Notify,
    rng: Mutex<SmallRng>,
    policy: Mutex<Arc<Policy>>,
    stopping: AtomicBool,
    supervisor_bell: Notify,
    bells: Mutex<BTreeMap<ConnectionId, Arc<Notify>>>,
    wishes: Mutex<BTreeMap<ConnectionId, Vec<Wish>>>,
    wanted: Mutex<BTreeSet<OrderId>>,
    sweep: Mutex<(Option<Sweep>, u64)>,
    live: Mutex<BTreeMap<ConnectionId, LiveConnection>>,
    ailing: Ailing,
    /// Counts ends of outages of the network.
    network: std::sync::atomic::AtomicU64,
    /// Counts configuration changes; a lane that holds an older number opens its connector anew.
    generation: std::sync::atomic::AtomicU64,
    /// Where what goes over the wire is written down just now.
    studio: Mutex<Option<Arc<Studio>>>,
}

/// How far the look at every order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sweep {
    /// Open ones, behind this one.
    Open(OrderId),
    /// Those that left lately, behind this parcel of this order: when it was made known (ms UTC), its record, the order.
    Left(i64, i64, OrderId),
    /// Those of which nothing is kept that counts of stock are to know, by when they were placed (ms UTC), behind this one.
    Uncounted(i64, OrderId),
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }
    pub fn policy(&self) -> Arc<Policy> {
        locked(&self.policy).clone()
    }
    pub fn chance(&self) -> f64 {
        locked(&self.rng).random_range(0.0..1.0)
    }
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }
    pub fn studio(&self) -> Option<Arc<Studio>> {
        locked(&self.studio).clone()
    }
    /// Sleeps until the bell rings or `pause_ms` is over, but never longer than a nap.
    pub async fn nap(&self, pause_ms: i64, bell: &Notify) {
        let pause = Duration::from_millis(pause_ms.clamp(1, self.naps.longest_ms).unsigned_abs());
        tokio::select! {
            biased;
            () = bell.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    pub fn ring_all(&self) {
        for bell in locked(&self.bells).values() {
            bell.notify_one();
        }
    }
    /// Outages of the network that have ended since the start.
    pub fn network(&self) -> u64 {
        self.network.load(Ordering::Acquire)
    }
    /// An account that could not be reached answered: the others need not wait any longer. Their number now.
    pub fn network_is_back(&self) -> u64 {
        let network = self.network.fetch_add(1, Ordering::AcqRel) + 1;
        self.ring_all();
        network
    }
    pub fn has_wish(&self, connection: &ConnectionId) -> bool {
        locked(&self.wishes).get(connection).is_some_and(|wishes| !wishes.is_empty())
    }
    /// A wish that could not be granted to its end.
    pub fn wish_again(&self, connection: &ConnectionId, wish: Wish) {
        locked(&self.wishes).entry(connection.clone()).or_default().push(wish);
    }
    pub fn take_wishes(&self, connection: &ConnectionId) -> Vec<Wish> {
        locked(&self.wishes).remove(connection).unwrap_or_default()
    }
    pub fn take_wanted(&self, most: usize) -> Vec<OrderId> {
        let mut wanted = locked(&self.wanted);
        let taken: Vec<OrderId> = wanted.iter().take(most).copied().collect();
        for id in &taken {
            wanted.remove(id);
        }
        taken
    }
    /// How far the look at every order is, and the round it belongs to.
    pub fn sweep_from(&self) -> (Option<Sweep>, u64) {
        *locked(&self.sweep)
    }
    /// It has come so far, unless it began anew meanwhile.
    pub fn sweep_on(&self, round: u64, to: Option<Sweep>) {
        let mut sweep = locked(&self.sweep);
        if sweep.1 == round {
            sweep.0 = to;
        }
    }
    /// Every open order is to be looked at again.
    pub fn sweep_anew(&self) {
        let mut sweep = locked(&self.sweep);
        *sweep = (Some(Sweep::Open(OrderId(0))), sweep.1 + 1);
    }
    /// What came of a worker's last step with the store.
    pub fn fares(&self, worker: &str, error: Option<&StoreError>) {
        self.ailing.note(worker, error.map(ToString::to_string));
    }
    pub fn doing(&self, connection: &ConnectionId, doing: impl Into<String>, buckets: Option<Vec<BucketState>>) {
        let now_ms = self.clock.now_ms();
        let mut live = locked(&self.live);
        let entry = live.entry(connection.clone()).or_default();
        entry.connection = Some(connection.clone());
        let doing = doing.into();
        if entry.doing != doing {
            entry.doing = doing;
            entry.since_ms = now_ms;
        }
        if let Some(buckets) = buckets {
            entry.buckets = buckets;
        }
    }
    /// Accounts, settings or automations changed: take them up and look at every open order again.
    pub fn reload(&self) -> Result<(), StoreError> {
        self.reload_policy()?;
        self.generation.fetch_add(1, Ordering::AcqRel);
        self.sweep_anew();
        self.ring_all();
        self.decider_bell.notify_one();
        self.supervisor_bell.notify_one();
        Ok(())
    }
    /// A hub's products were read: where orders wait for what nobody knows, every open one is looked at again.
    pub fn products_are_read(&self) -> Result<(), StoreError> {
        let before = self.policy();
        self.reload_policy()?;
        if !Arc::ptr_eq(&before.shapers, &self.policy().shapers) {
            self.sweep_anew();
            self.decider_bell.notify_one();
        }
        Ok(())
    }
    /// An account told for the first time that a parcel arrived: from now on its silence says something of all others.
    pub fn deliveries_are_told(&self) -> Result<(), StoreError> {
        self.reload_policy()?;
        self.sweep_anew();
        self.decider_bell.notify_one();
        Ok(())
    }
    /// What a person said of a customer held for one change, and that is written: later orders do not mean it any more.
    pub fn customers_are_told(&self) -> Result<(), StoreError> {
        self.reload_policy()
    }
    /// An account's clock is found to be off by another amount than so far: what hangs on it is judged anew.
    pub fn clocks_differ(&self) -> Result<(), StoreError> {
        self.deliveries_are_told()
    }
    fn reload_policy(&self) -> Result<(), StoreError> {
        let policy = self.store.read(policy::load)?;
        *locked(&self.policy) = Arc::new(policy);
        Ok(())
    }
}

impl Engine {
    /// Starts the engine on a thread of its own.
    pub fn start(setup: EngineSetup) -> Result<EngineHandle, StoreError> {
        let handle = Self::prepare(setup)?;
        let shared = handle.shared.clone();
        let thread = std::thread::Builder::new()
            .name("engine".to_owned())
            .spawn(move || match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime.block_on(supervise(shared)),
                Err(error) => tracing::error!(%error, "the engine's thread has no runtime"),
            })
            .map_err(|error| StoreError::abandoned(format!("The engine's thread could not be started ({error}). Close other programs, then start Quayside again.")))?;
        *locked(&handle.thread) = Some(thread);
        Ok(handle)
    }

    /// Everything but the running: for a simulator that owns its runtime and drives
    /// [`EngineHandle::run`] itself.
    pub fn prepare(setup: EngineSetup) -> Result<EngineHandle, StoreError> {
        let EngineSetup { store, secrets, wire, clock, seed, naps } = setup;
        let now_ms = clock.now_ms();
        // Whatever was on its way when the program last ended is asked about before it is sent again.
        let lost = store.write(|tx| tx.recover_running(now_ms))?;
        if lost > 0 {
            tracing::info!(lost, "effects were on their way when the program ended; they are looked up first");
        }
        store.write(|tx| keep_as_it_was(tx, now_ms))?;
        let shared = Shared {
            store,
            secrets,
            wire,
            clock,
            naps,
            decider_bell: Notify::new(),
            rng: Mutex::new(SmallRng::seed_from_u64(seed)),
            policy: Mutex::new(Arc::new(Policy::default())),
            stopping: AtomicBool::new(false),
            supervisor_bell: Notify::new(),
            bells: Mutex::new(BTreeMap::new()),
            wishes: Mutex::new(BTreeMap::new()),
            wanted: Mutex::new(BTreeSet::new()),
            // The first sweep re-decides every open order: another version of the program may decide otherwise.
            sweep: Mutex::new((Some(Sweep::Open(OrderId(0))), 0)),
            live: Mutex::new(BTreeMap::new()),
            ailing: Ailing::default(),
            network: std::sync::atomic::AtomicU64::new(0),
            generation: std::sync::atomic::AtomicU64::new(0),
            studio: Mutex::default(),
        };
        shared.reload_policy()?;
        Ok(EngineHandle { shared: Arc::new(shared), thread: Arc::new(Mutex::new(None)) })
    }
}

/// Note of the store: that it was brought over to "who writes?".
const ASKS_WHO_WRITES: &str = "asks_who_writes";

/// The same to "who writes?" of hubs that cannot show their links.
const ASKS_WHERE_UNSEEN: &str = "asks_where_unseen";

/// Once, for stores of before anybody was asked who writes: what goes on already does not stop.
fn keep_as_it_was(tx: &mut Tx<'_>, now_ms: i64) -> Result<(), StoreError> {
    keep_links(tx, now_ms)?;
    keep_unseen(tx, now_ms)
}

/// Stores that have sent to a hub which shows no links: until then that was never asked about.
fn keep_unseen(tx: &mut Tx<'_>, now_ms: i64) -> Result<(), StoreError> {
    if !first_time(tx, ASKS_WHERE_UNSEEN, now_ms)? {
        return Ok(());
    }
    let sent = tx.stores_that_sent()?;
    let (policy, configs) = (policy::load(tx)?, tx.connections()?);
    for (config, hub) in by_going_live(&policy, &configs).into_iter().filter(|(config, _)| sent.contains(&config.id)) {
        let sentence = format!(
            "Quayside has sent orders of {} so far and goes on sending them, though {} cannot show whether it imports them by itself. Change it under Connections if it does.",
            config.name, hub.name
        );
        keep_writing(tx, &config, sentence, now_ms)?;
    }
    Ok(())
}

fn keep_links(tx: &mut Tx<'_>, now_ms: i64) -> Result<(), StoreError> {
    if !first_time(tx, ASKS_WHO_WRITES, now_ms)? {
        return Ok(());
    }
    for config in as_it_was(&tx.connections()?, &tx.stores_that_sent()?) {
        let sentence = format!(
            "Quayside has sent orders of {} so far and goes on sending them: \"who writes\" is set to Quayside. Change it under Connections if the shipping account imports them.",
            config.name
        );
        keep_writing(tx, &config, sentence, now_ms)?;
    }
    Ok(())
}

/// Whether the store was not brought over to this yet; noted at once.
fn first_time(tx: &mut Tx<'_>, note: &str, now_ms: i64) -> Result<bool, StoreError> {
    if tx.meta(note)?.is_some_and(|at_ms| !at_ms.is_empty()) {
        return Ok(false);
    }
    tx.put_meta(note, &now_ms.to_string())?;
    Ok(true)
}

/// Keeps the answer of an account that Quayside writes for, and says so in its history.
fn keep_writing(tx: &mut Tx<'_>, config: &ConnectionConfig, sentence: String, now_ms: i64) -> Result<(), StoreError> {
    tx.put_connection(config)?;
    tx.note(&NewEvent {
        order_id: None,
        connection: Some(config.id.clone()),
        at_ms: now_ms,
        author: "quayside".to_owned(),
        kind: "changed".to_owned(),
        sentence,
        detail: None,
    })
}

/// Keeps one lane per connection, and the decider.
async fn supervise(shared: Arc<Shared>) {
    let mut lanes: BTreeMap<ConnectionId, tokio::task::JoinHandle<()>> = BTreeMap::new();
    let decider = tokio::spawn(decider::run(shared.clone()));
    // The configuration that was last looked at: an account comes and goes with a new one only.
    let mut seen: Option<u64> = None;
    while !shared.is_stopping() {
        let over: Vec<ConnectionId> =
            lanes.iter().filter(|(_, lane)| lane.is_finished()).map(|(id, _)| id.clone()).collect();
        for id in over {
            seen = None; // its account is gone, or the lane broke: look which
            if let Some(lane) = lanes.remove(&id)
                && lane.await.is_err_and(|error| error.is_panic())
            {
                // Where it broke is in the report beside the logs. One nap is pause enough between two starts.
                tracing::error!(connection.id = %id, "the work on this account broke and starts again; please report this as a fault");
                shared.doing(&id, "Broke by a fault of the program; starts again", None);
            }
        }
        let generation = shared.generation();
        let accounts = if seen == Some(generation) { Ok(Vec::new()) } else { shared.store.read(|r| r.connections()) };
        match accounts {
            Ok(connections) => {
                seen = Some(generation);
                shared.fares("supervisor", None);
                for config in connections {
                    if !lanes.contains_key(&config.id) {
                        let bell = Arc::new(Notify::new());
                        locked(&shared.bells).insert(config.id.clone(), bell.clone());
                        let lane = Lane::new(shared.clone(), config.id.clone(), bell);
                        lanes.insert(config.id.clone(), tokio::spawn(lane.run()));
                    }
                }
            }
            Err(error) => {
                tracing::error!(%error, "the accounts could not be read");
                shared.fares("supervisor", Some(&error));
            }
        }
        shared.nap(60_000, &shared.supervisor_bell).await;
    }
    for (_, lane) in lanes {
        let _ = lane.await;
    }
    let _ = decider.await;
}

impl EngineHandle {
    /// Runs on the caller's runtime until stopped. Dropping the future is the death of the process.
    pub async fn run(&self) {
        supervise(self.shared.clone()).await;
    }

    /// Something may be due: look. Carries no data.
    pub fn nudge(&self) {
        self.shared.ring_all();
        self.shared.decider_bell.notify_one();
        self.shared.supervisor_bell.notify_one();
    }

    /// Accounts, settings or automations changed: take them up and look at every open order again.
    pub fn reload(&self) -> Result<(), StoreError> {
        self.shared.reload()
    }

    /// From here on what goes over the wire is written down there, writes too; `None`: not any more. Every account is opened
    /// anew for it, so that what is written down has its beginning.
    pub fn record_wire(&self, studio: Option<Arc<Studio>>) -> Result<(), StoreError> {
        *locked(&self.shared.studio) = studio;
        self.reload()
    }

    /// Decides one order anew, at once and in the caller's thread: what a person did to it
    /// shows as soon as this returns.
    pub fn look_again(&self, order: OrderId) -> Result<(), StoreError> {
        let policy = self.shared.policy();
        let now_ms = self.shared.clock.now_ms();
        self.shared.store.write(|tx| crate::ingest::redecide(tx, &policy, order, now_ms))?;
        self.nudge();
        Ok(())
    }

    /// The same for many, by and by.
    pub fn look_again_at(&self, orders: impl IntoIterator<Item = OrderId>) {
        locked(&self.shared.wanted).extend(orders);
        self.nudge();
    }

    /// The policy decisions are made with now.
    pub fn policy(&self) -> Arc<Policy> {
        self.shared.policy()
    }

    /// Reads again, ahead of everything else.
    pub fn sync(
        &self,
        target: &SyncTarget,
        on_progress: impl Fn(SyncProgress) + Send + Sync + 'static,
    ) -> Result<SyncJob, StoreError> {
        let on_progress: OnProgress = Arc::new(on_progress);
        let wishes = self.shared.store.read(|r| {
            let mut wishes: Vec<(ConnectionId, WishDraft)> = Vec::new();
            match target {
                SyncTarget::Everything | SyncTarget::Connection(_) => {
                    for config in r.connections()? {
                        let wanted = matches!(target, SyncTarget::Everything)
                            || *target == SyncTarget::Connection(config.id.clone());
                        if wanted && !config.paused {
                            wishes.push((config.id, WishDraft::Streams));
                        }
                    }
                }
                SyncTarget::Record(connection, kind, remote_id) => {
                    wishes.push((connection.clone(), WishDraft::Record(*kind, remote_id.clone())));
                }
                SyncTarget::Order(id) => {
                    if let Some(story) = r.story(*id)? {
                        wishes.push((
                            story.channel.clone(),
                            WishDraft::Record(RecordKind::Order, story.order.remote_id.clone()),
                        ));
                        for hub in &story.hub_orders {
                            wishes.push((
                                hub.connection.clone(),
                                WishDraft::Record(RecordKind::HubOrder, hub.value.remote_id.clone()),
                            ));
                            // A label that was bought a moment ago is what whoever asks wants to see.
                            wishes.push((hub.connection.clone(), WishDraft::Parcels(hub.value.remote_id.clone())));
                        }
                    }
                }
            }
            Ok(wishes)
        })?;
        let job = SyncJob::new(wishes.len(), on_progress);
        if wishes.is_empty() {
            job.tell("There is nothing to read: no account is connected or all are paused".to_owned());
        }
        let mut queue = locked(&self.shared.wishes);
        for (connection, draft) in wishes {
            let wish = match draft {
                WishDraft::Streams => Wish::Streams(job.clone()),
                WishDraft::Record(kind, remote_id) => Wish::Record(kind, remote_id, job.clone()),
                WishDraft::Parcels(hub_order_id) => Wish::Parcels(hub_order_id, job.clone()),
            };
            queue.entry(connection).or_default().push(wish);
        }
        drop(queue);
        self.nudge();
        Ok(job)
    }

    /// Asks an account what giving money back would come to, ahead of everything else. Changes nothing.
    pub async fn quote_refund(&self, connection: &ConnectionId, ask: RefundAsk) -> Result<RefundQuote, Refusal> {
        let (answer, heard) = oneshot::channel();
        self.shared.wish_again(connection, Wish::Quote(Box::new(ask), answer));
        self.nudge();
        heard.await.unwrap_or_else(|_| {
            let sentence = "The account was not asked: the program ends, or the account was removed.";
            Err(Refusal::new(Cause::Offline, sentence))
        })
    }

    /// Asks a hub what carriers offer for one of its orders, ahead of everything else. Changes nothing.
    pub async fn quote_labels(&self, connection: &ConnectionId, ask: LabelAsk) -> Result<LabelQuotes, Refusal> {
        let (answer, heard) = oneshot::channel();
        self.shared.wish_again(connection, Wish::Labels(ask, answer));
        self.nudge();
        heard.await.unwrap_or_else(|_| Err(not_heard()))
    }

    /// Fetches the file of a label, ahead of everything else.
    pub async fn label_file(
        &self,
        connection: &ConnectionId,
        parcel_id: String,
        form: LabelForm,
    ) -> Result<Vec<u8>, Refusal> {
        let (answer, heard) = oneshot::channel();
        self.shared.wish_again(connection, Wish::LabelFile(parcel_id, form, answer));
        self.nudge();
        heard.await.unwrap_or_else(|_| Err(not_heard()))
    }

    /// Asks an account what it has that settings can name, ahead of everything else. Changes nothing.
    pub async fn described(
        &self,
        connection: &ConnectionId,
        settings: BTreeMap<String, serde_json::Value>,
    ) -> Result<Described, Refusal> {
        let (answer, heard) = oneshot::channel();
        self.shared.wish_again(connection, Wish::Describe(settings, answer));
        self.nudge();
        heard.await.unwrap_or_else(|_| {
            let sentence = "The account was not asked: the program ends, or the account was removed.";
            Err(Refusal::new(Cause::Offline, sentence))
        })
    }

    /// What every connection is doing now.
    pub fn live(&self) -> Vec<LiveConnection> {
        locked(&self.shared.live).values().cloned().collect()
    }

    /// The store cannot be written, in a sentence; `None` while all is well.
    pub fn trouble(&self) -> Option<String> {
        self.shared.ailing.now()
    }

    /// Calls `hearer` with that sentence whenever it changes, and at once if there is one. Must be quick.
    pub fn on_trouble(&self, hearer: impl Fn(Option<&str>) + Send + Sync + 'static) {
        let hearer: crate::ailing::Hearer = Arc::new(hearer);
        self.shared.ailing.heard_by(&hearer);
    }

    /// Asks the engine to end: what is on its way is waited for, nothing new begins.
    pub fn stop(&self) {
        self.shared.stopping.store(true, Ordering::Release);
        self.nudge();
    }

    /// [`Self::stop`], then waits until the engine's thread has ended.
    pub fn stop_and_wait(&self) {
        self.stop();
        if let Some(thread) = locked(&self.thread).take()
            && thread.join().is_err()
        {
            tracing::error!("the engine's thread ended badly");
        }
    }
}

enum WishDraft {
    Streams,
    Record(RecordKind, String),
    Parcels(String),
}

/// Whoever was to answer is gone.
fn not_heard() -> Refusal {
    Refusal::new(Cause::Offline, "The account was not asked: the program ends, or the account was removed.")
}
