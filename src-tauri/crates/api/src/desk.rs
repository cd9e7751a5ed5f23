//! The desk: one handle for every door (window, tray, terminal), over one profile.
//!
//! ```text
//! Desk::new(listener) ──► start(OpenDesk) ──► Ready ──► stop()
//!                             │                 ▲
//!                             └──► Broken ── try_again / open_fresh / restore
//! ```
//!
//! The handle exists before the database does, so that a window can be shown at
//! once: until the desk is ready every function answers with `opening`. The
//! functions themselves stand in files by topic, each an `impl Desk`.
//!
//! What is left out: windows, trays, terminals, and any clock of our own.

use crate::ailing;
use crate::feed::Feed;
use crate::keychain::Keychain;
use crate::notices::Notice;
use crate::profile::Profile;
use crate::reports::deliver::{self, Delivery, alerts};
use crate::reports::plan::{self as report_plan, Look, Teller};
use crate::trouble::Answer;
use crate::undo::Shelf;
use crate::view::{Changed, DeskState, Progress, Trouble, TroubleCode, WayOut};
use chrono_tz::Tz;
use quayside_connectors::Wire;
use quayside_engine::{Engine, EngineHandle, EngineSetup, Naps, SecretStore, SyncJob, policy};
use quayside_flows::Policy;
use quayside_model::Clock;
use quayside_model::settings::Settings;
use quayside_store::{EffectsDone, LATELY_MAX, OpenError, ReportRun, Store, StoreError, StoreKey};
use rand::TryRngCore as _;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError, RwLock};

/// What the desk tells without being asked.
#[derive(Debug, Clone, PartialEq)]
pub enum DeskEvent {
    /// Rows changed; refresh what shows them.
    Changed(Changed),
    /// A job moved on or ended.
    Progress(Progress),
    /// The desk opened, closed or broke.
    State(DeskState),
    /// Show these on the desktop.
    Notices(Vec<Notice>),
    /// The database cannot be used just now, or (`None`) can again.
    Trouble(Option<Trouble>),
}

/// Takes what the desk tells. Called on threads of the desk; must be quick.
pub type Listener = Arc<dyn Fn(DeskEvent) + Send + Sync>;

/// What a process wants of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Holds it and works: polls, decides, sends.
    Writer,
    /// Holds it for a moment: reads and changes choices, sends nothing.
    Quiet,
    /// Looks on while another process works. Changes nothing.
    Attach,
}

/// Everything a desk is made of.
#[derive(Clone)]
pub struct OpenDesk {
    /// Where it lives.
    pub profile: Profile,
    /// Where its secrets live.
    pub keychain: Arc<dyn Keychain>,
    /// The network, or a simulation of it.
    pub wire: Arc<dyn Wire>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The stand-in merchant, not real accounts.
    pub sandbox: bool,
    /// What this process wants of the profile.
    pub role: Role,
    /// A store that is open already, instead of the profile's file: for tests and simulations.
    pub store: Option<Store>,
    /// Opens a page in the browser of this computer; `None` where there is none to open.
    pub open_page: Option<PageOpener>,
    /// The zone of this computer, for what is about the person in front of it (quiet hours); `None`: the warehouse's.
    pub here: Option<Tz>,
}

/// See [`OpenDesk::open_page`].
pub type PageOpener = Arc<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

impl OpenDesk {
    /// A working desk over real accounts.
    pub fn new(profile: Profile, keychain: Arc<dyn Keychain>, wire: Arc<dyn Wire>, clock: Arc<dyn Clock>) -> Self {
        Self {
            profile,
            keychain,
            wire,
            clock,
            sandbox: false,
            role: Role::Writer,
            store: None,
            open_page: None,
            here: None,
        }
    }
}

/// The clock on the wall.
#[derive(Debug, Clone, Copy, Default)]
pub struct WallClock;

impl Clock for WallClock {
    fn now_ms(&self) -> i64 {
        chrono::Utc::now().timestamp_millis()
    }
}

/// How often the desk looks whether reports are due.
const REPORTS_EVERY: std::time::Duration = std::time::Duration::from_secs(20);

/// The desk. Cheap to clone; all clones are one desk.
#[derive(Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

struct Inner {
    listener: Listener,
    state: RwLock<State>,
    /// The last setup, for another try.
    setup: Mutex<Option<OpenDesk>>,
    /// One opening, closing or restoring at a time.
    turn: Mutex<()>,
    /// Looks whether reports are due.
    reporter: Once,
}

enum State {
    Opening,
    Ready(Arc<Room>),
    Broken { trouble: Trouble, ways_out: Vec<WayOut> },
}

/// What the functions of an open desk work with.
pub(crate) struct Room {
    pub store: Store,
    pub engine: Option<EngineHandle>,
    pub setup: OpenDesk,
    pub listener: Listener,
    pub undo: Mutex<Shelf>,
    pub jobs: Mutex<BTreeMap<String, SyncJob>>,
    /// Long acts that run now, each with its brake.
    pub bulks: Mutex<BTreeMap<String, Arc<AtomicBool>>>,
    /// What was done today, kept so that only new events are read.
    pub today: Mutex<Today>,
    /// What the cards of automations say would be done, and when that was found.
    pub would_do: Mutex<Option<WouldDo>>,
    /// The last time reports made themselves, by schedule, kept because the store may not have taken it.
    pub report_runs: Mutex<BTreeMap<String, ReportRun>>,
    /// Notes of deliveries that the store would not take.
    pub deliveries: Mutex<Option<Vec<Delivery>>>,
    /// One delivery of reports at a time.
    pub delivering: tokio::sync::Mutex<()>,
    feed: Feed,
}

/// When it was found (ms UTC), under which policy, and how much per automation.
pub(crate) type WouldDo = (i64, Policy, BTreeMap<String, i64>);

/// Effects of one local day.
#[derive(Default)]
pub(crate) struct Today {
    since_ms: i64,
    newest_event: i64,
    done: EffectsDone,
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Room {
    pub fn now_ms(&self) -> i64 {
        self.setup.clock.now_ms()
    }

    pub fn settings(&self) -> Answer<Settings> {
        Ok(self.store.read(|r| r.setting(policy::SETTINGS_KEY))?.unwrap_or_default())
    }

    /// What decisions depend on, as it stands in the store now.
    pub fn policy(&self) -> Answer<Policy> {
        Ok(self.store.read(policy::load)?)
    }

    /// Effects done since the local day began.
    pub fn done_since(&self, day_start_ms: i64) -> Answer<EffectsDone> {
        let mut today = locked(&self.today);
        if today.since_ms != day_start_ms {
            *today = Today { since_ms: day_start_ms, ..Today::default() };
        }
        let after = today.newest_event;
        let (more, newest) = self.store.read(|r| r.effects_done_since(day_start_ms, after))?;
        today.newest_event = newest;
        for (connection, n) in more.by_connection {
            *today.done.by_connection.entry(connection).or_default() += n;
        }
        for (automation, n) in more.by_automation {
            *today.done.by_automation.entry(automation).or_default() += n;
        }
        for (kind, n) in more.by_kind {
            *today.done.by_kind.entry(kind).or_default() += n;
        }
        for (automation, mut lately) in more.lately {
            let known = today.done.lately.entry(automation).or_default();
            lately.append(known);
            lately.truncate(LATELY_MAX);
            *known = lately;
        }
        Ok(today.done.clone())
    }

    pub fn secrets(&self) -> Arc<dyn SecretStore> {
        self.setup.keychain.clone()
    }

    /// Accounts, settings or automations changed: whoever works takes them up.
    pub fn reload(&self) -> Answer<()> {
        if let Some(engine) = &self.engine {
            engine.reload()?;
        }
        Ok(())
    }

    /// A long list is on the screen: its far places are looked for on the desk's own thread.
    pub fn survey(&self) {
        self.feed.survey();
    }

    /// A notice is to be told again later.
    pub fn notice_later(&self, notice: Notice) -> bool {
        self.feed.later(notice)
    }

    /// Effects or choices changed: whoever works looks.
    pub fn nudge(&self) {
        if let Some(engine) = &self.engine {
            engine.nudge();
        }
    }
}

impl Drop for Room {
    /// A desk that nobody stopped still lets go of its profile: its threads end by themselves.
    fn drop(&mut self) {
        self.feed.ask_to_stop();
        if let Some(engine) = &self.engine {
            engine.stop();
        }
    }
}

impl Desk {
    /// A desk that is not open yet.
    pub fn new(listener: Listener) -> Self {
        let inner = Inner {
            listener,
            state: RwLock::new(State::Opening),
            setup: Mutex::new(None),
            turn: Mutex::new(()),
            reporter: Once::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// A desk that is open, or why it is not. For terminals and tests; a window uses [`Self::start`].
    pub fn open(setup: OpenDesk) -> Answer<Self> {
        Self::open_with(setup, Arc::new(|_| {}))
    }

    /// The same, with somebody listening.
    pub fn open_with(setup: OpenDesk, listener: Listener) -> Answer<Self> {
        let desk = Self::new(listener);
        desk.start(setup)?;
        Ok(desk)
    }

    /// Opens keychain and database and sets to work. Blocks; run it on a thread of its own.
    /// A failure is also the desk's state, with ways out.
    pub fn start(&self, setup: OpenDesk) -> Answer<()> {
        let _turn = locked(&self.inner.turn);
        *locked(&self.inner.setup) = Some(setup.clone());
        self.begin(setup)
    }

    fn begin(&self, setup: OpenDesk) -> Answer<()> {
        self.leave(State::Opening);
        match self.make_room(setup) {
            Ok(room) => {
                let works = room.setup.role == Role::Writer;
                self.enter(State::Ready(Arc::new(room)));
                if works {
                    self.keep_reports();
                }
                Ok(())
            }
            Err((trouble, ways_out)) => {
                tracing::error!(code = trouble.code.code(), "the desk does not open: {}", trouble.sentence);
                self.enter(State::Broken { trouble: trouble.clone(), ways_out });
                Err(trouble)
            }
        }
    }

    /// Reports that make themselves, as long as there is a desk.
    fn keep_reports(&self) {
        self.inner.reporter.call_once(|| {
            let inner = Arc::downgrade(&self.inner);
            let look = move || {
                let (mut made, mut delivered, mut alerted) = (Teller::default(), Teller::default(), Teller::default());
                let mut scheduled = Teller::default();
                // One for as long as the thread lives: the client's connections hang on it.
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                loop {
                    std::thread::sleep(REPORTS_EVERY);
                    let Some(inner) = inner.upgrade() else { return };
                    let desk = Self { inner };
                    if let Some(why) = made.look(|| desk.make_due_reports()) {
                        tracing::warn!("the reports that make themselves were not made: {why}");
                    }
                    let look = || desk.make_due_schedules().map(|runs| report_plan::told(&runs));
                    if let Some(why) = scheduled.look_at(look) {
                        tracing::warn!("the reports on a schedule were not made: {why}");
                    }
                    let deliver = || match &runtime {
                        Ok(runtime) => runtime.block_on(desk.deliver_due()).map(|tried| deliver::told(&tried)),
                        Err(error) => {
                            Err(Trouble::internal(format!("The system gave no means to send them ({error}).")))
                        }
                    };
                    if let Some(why) = delivered.look_at(deliver) {
                        tracing::warn!("the reports that make themselves were not delivered: {why}");
                    }
                    let alert = || match &runtime {
                        Ok(runtime) => runtime.block_on(desk.deliver_alerts()).map(|tried| alerts::told(&tried)),
                        // Said above.
                        Err(_) => Ok(Look::Nothing),
                    };
                    if let Some(why) = alerted.look_at(alert) {
                        tracing::warn!("the team was not told: {why}");
                    }
                }
            };
            if let Err(error) = std::thread::Builder::new().name("reports".into()).spawn(look) {
                tracing::error!(%error, "the thread for reports could not be started; they are made by hand only");
            }
        });
    }

    fn make_room(&self, setup: OpenDesk) -> Result<Room, (Trouble, Vec<WayOut>)> {
        let store = match &setup.store {
            Some(store) => store.clone(),
            None => open_store(&setup)?,
        };
        if setup.sandbox {
            only_stand_ins(&store)?;
        }
        let plain = |error: StoreError| (Trouble::from(error), vec![WayOut::TryAgain, WayOut::Restore]);
        let engine = match setup.role {
            Role::Writer => Some(
                Engine::start(EngineSetup {
                    store: store.clone(),
                    secrets: setup.keychain.clone(),
                    wire: setup.wire.clone(),
                    clock: setup.clock.clone(),
                    // For jitter only; nothing secret hangs on it.
                    seed: uuid::Uuid::new_v4().as_u64_pair().0,
                    naps: Naps::default(),
                })
                .map_err(plain)?,
            ),
            Role::Quiet | Role::Attach => None,
        };
        if let Some(engine) = &engine {
            ailing::listen(engine, &store, &setup, self.inner.listener.clone());
        }
        let feed = Feed::start(&store, &setup, self.inner.listener.clone());
        Ok(Room {
            store,
            engine,
            setup,
            listener: self.inner.listener.clone(),
            undo: Mutex::default(),
            jobs: Mutex::default(),
            bulks: Mutex::default(),
            today: Mutex::default(),
            would_do: Mutex::default(),
            report_runs: Mutex::default(),
            deliveries: Mutex::default(),
            delivering: tokio::sync::Mutex::default(),
            feed,
        })
    }

    fn enter(&self, state: State) {
        *self.inner.state.write().unwrap_or_else(PoisonError::into_inner) = state;
        (self.inner.listener)(DeskEvent::State(self.desk_state()));
    }

    /// Ends work in order: what is on its way is waited for, nothing new begins.
    fn leave(&self, next: State) {
        let before = std::mem::replace(&mut *self.inner.state.write().unwrap_or_else(PoisonError::into_inner), next);
        if let State::Ready(room) = before {
            room.feed.stop();
            if let Some(engine) = &room.engine {
                engine.stop_and_wait();
            }
            if room.setup.role == Role::Writer
                && let Err(trouble) = crate::trail::seal_rest(&room)
            {
                tracing::warn!("the trail could not be gone on with before closing: {trouble}");
            }
            // A function that is just answering still holds the store; the file is free when it is done.
            let busy = Arc::downgrade(&room);
            drop(room);
            let patience = std::time::Instant::now() + std::time::Duration::from_secs(10);
            while busy.strong_count() > 0 && std::time::Instant::now() < patience {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
        }
    }

    /// The database cannot be written just now: everything waits, and why. `None` while all is well, and on a desk that only looks on.
    pub fn trouble(&self) -> Answer<Option<Trouble>> {
        Ok(self.room()?.trouble())
    }

    /// Closes the desk in order. Afterwards every function answers with `opening`.
    pub fn stop(&self) {
        let _turn = locked(&self.inner.turn);
        self.leave(State::Opening);
    }

    pub(crate) fn room(&self) -> Answer<Arc<Room>> {
        match &*self.inner.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Opening => Err(Trouble::opening()),
            State::Ready(room) => Ok(room.clone()),
            State::Broken { trouble, .. } => Err(trouble.clone()),
        }
    }

    /// The desk, if this process may change it.
    pub(crate) fn writable(&self) -> Answer<Arc<Room>> {
        let room = self.room()?;
        if room.setup.role == Role::Attach {
            return Err(Trouble {
                code: TroubleCode::HeldElsewhere,
                sentence: "Another Quayside works with this profile, so this one only looks on. Do it in that window, or close it first.".into(),
                field: None,
            });
        }
        Ok(room)
    }

    /// Where the program stands.
    pub fn desk_state(&self) -> DeskState {
        match &*self.inner.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Opening => DeskState::Opening,
            State::Ready(room) => DeskState::Ready {
                sandbox: room.setup.sandbox,
                first_run: room.store.read(|r| r.connections()).is_ok_and(|connections| connections.is_empty()),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                profile: room.setup.profile.folder().display().to_string(),
            },
            State::Broken { trouble, ways_out } => {
                DeskState::Broken { trouble: trouble.clone(), ways_out: ways_out.clone() }
            }
        }
    }

    /// Tries to open once more, after the person mended something.
    pub fn try_again(&self) -> Answer<()> {
        let _turn = locked(&self.inner.turn);
        let setup = self.last_setup()?;
        self.begin(setup)
    }

    /// Sets a damaged database aside (it is kept, with the time in its name) and begins anew.
    pub fn open_fresh(&self) -> Answer<()> {
        let _turn = locked(&self.inner.turn);
        let setup = self.last_setup()?;
        match &*self.inner.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Broken { ways_out, .. } if ways_out.contains(&WayOut::StartFresh) => {}
            State::Broken { trouble, .. } => {
                return Err(Trouble {
                    sentence: format!(
                        "Starting fresh would not help, and the database may be whole: nothing was set aside. {}",
                        trouble.sentence
                    ),
                    ..trouble.clone()
                });
            }
            State::Opening | State::Ready(_) => {
                return Err(Trouble::input("The database opens as it should, so nothing was set aside."));
            }
        }
        quayside_store::set_damaged_aside(&setup.profile.database(), setup.clock.now_ms()).map_err(Trouble::from)?;
        tracing::warn!("a database that did not open was set aside; a new one is begun");
        self.begin(setup)
    }

    /// Runs `work` while the desk is closed, then opens it again whatever came of it.
    pub(crate) fn while_closed<T>(&self, work: impl FnOnce(&OpenDesk) -> Answer<T>) -> Answer<T> {
        let _turn = locked(&self.inner.turn);
        let setup = self.last_setup()?;
        self.leave(State::Opening);
        let outcome = work(&setup);
        let opened = self.begin(setup);
        let value = outcome?;
        opened?;
        Ok(value)
    }

    pub(crate) fn last_setup(&self) -> Answer<OpenDesk> {
        locked(&self.inner.setup).clone().ok_or_else(Trouble::opening)
    }

    pub(crate) fn listener(&self) -> Listener {
        self.inner.listener.clone()
    }
}

/// The sandbox takes the place of the accounts of its profile: never of real ones, and never beside them.
fn only_stand_ins(store: &Store) -> Result<(), (Trouble, Vec<WayOut>)> {
    let connections = store.read(|r| r.connections()).map_err(|error| (error.into(), vec![WayOut::TryAgain]))?;
    let real: Vec<String> =
        connections.into_iter().filter(|config| config.base_url.is_none()).map(|config| config.name).collect();
    if real.is_empty() {
        return Ok(());
    }
    let sentence = format!(
        "This profile holds real accounts ({}), and the sandbox would take their place. Nothing was changed. \
         Start the sandbox without a profile or with another folder, or start this one without --sandbox.",
        real.join(", ")
    );
    Err((Trouble::input(sentence), Vec::new()))
}

/// The key of this profile's database: from the keychain, or made and kept there before the first use.
pub(crate) fn database_key(setup: &OpenDesk) -> Answer<StoreKey> {
    if let Some(key) = setup.keychain.database_key()? {
        return Ok(key);
    }
    if setup.profile.database().exists() {
        return Err(Trouble {
            code: TroubleCode::Keychain,
            sentence: format!(
                "The database {} is encrypted, and {} holds no key for it: the entry was removed, or the folder came from another computer. \
                 Put the keychain entry back, restore a backup with its pass phrase, or start fresh in the window.",
                setup.profile.database().display(),
                setup.keychain.title()
            ),
            field: None,
        });
    }
    new_database_key(setup)
}

/// Makes a key and keeps it, before anything is encrypted with it.
pub(crate) fn new_database_key(setup: &OpenDesk) -> Answer<StoreKey> {
    let mut bytes = zeroize::Zeroizing::new([0_u8; 32]);
    rand::rngs::OsRng.try_fill_bytes(bytes.as_mut_slice()).map_err(|error| {
        Trouble::internal(format!(
            "This computer gives no random numbers ({error}), so no key could be made. Restart it, then try again."
        ))
    })?;
    let key = StoreKey::new(*bytes);
    setup.keychain.put_database_key(&key)?;
    Ok(key)
}

fn open_store(setup: &OpenDesk) -> Result<Store, (Trouble, Vec<WayOut>)> {
    let key = database_key(setup).map_err(|trouble| {
        // A locked keychain opens again, and then so does the database: starting fresh would throw both away.
        let lost = setup.profile.database().exists() && matches!(setup.keychain.database_key(), Ok(None));
        let ways_out =
            if lost { vec![WayOut::TryAgain, WayOut::Restore, WayOut::StartFresh] } else { vec![WayOut::TryAgain] };
        (trouble, ways_out)
    })?;
    let file = setup.profile.database();
    let opened = if setup.role == Role::Attach { Store::attach(&file, &key) } else { Store::open(&file, &key) };
    opened.map_err(|error| {
        let ways_out = ways_out(&error);
        (error.into(), ways_out)
    })
}

fn ways_out(error: &OpenError) -> Vec<WayOut> {
    match error {
        OpenError::Damaged { .. } | OpenError::WrongKey { .. } => {
            vec![WayOut::Restore, WayOut::StartFresh, WayOut::TryAgain]
        }
        OpenError::Newer { .. } => vec![WayOut::TryAgain, WayOut::Restore],
        _ => vec![WayOut::TryAgain],
    }
}

impl From<OpenError> for Trouble {
    fn from(error: OpenError) -> Self {
        let code = match &error {
            OpenError::Held { .. } | OpenError::Older { .. } => TroubleCode::HeldElsewhere,
            OpenError::WrongPassPhrase { .. }
            | OpenError::PassPhraseShort { .. }
            | OpenError::Exists { .. }
            | OpenError::NoBackup { .. }
            | OpenError::InMemory => TroubleCode::Input,
            _ => TroubleCode::Storage,
        };
        let field = match &error {
            OpenError::WrongPassPhrase { .. } | OpenError::PassPhraseShort { .. } => Some("pass_phrase".to_owned()),
            OpenError::Exists { .. } | OpenError::NoBackup { .. } => Some("path".to_owned()),
            _ => None,
        };
        Self { code, sentence: error.to_string(), field }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Abandoned { .. } => TroubleCode::Input,
            StoreError::Constraint { .. } | StoreError::Fault { .. } => TroubleCode::Internal,
            _ => TroubleCode::Storage,
        };
        tracing::warn!(code = code.code(), "the store did not do it: {error}");
        Self { code, sentence: error.to_string(), field: None }
    }
}
