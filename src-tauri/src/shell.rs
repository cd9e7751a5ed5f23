//! The desk behind the window: opens it after the window stands, lets it be
//! swapped (a look at the sandbox and back), hears what it tells, and ends it in
//! order. Everything a command needs is reached through here.

use crate::chosen::Chosen;
use crate::demo::Demo;
use crate::flags::Flags;
use crate::gate::Gate;
use crate::login::AtLogin;
use crate::notify::Notifier;
use crate::profile::Place;
use crate::tray::{self, Glance, Wish};
use crate::window;
use quayside_api::logging::Logging;
use quayside_api::view::{Changed, DeskState, Progress, Settings, Trouble, WayOut};
use quayside_api::zone;
use quayside_api::{
    Answer, Desk, DeskEvent, Keychain, Listener, MemoryKeychain, OpenDesk, Profile, SystemKeychain, WallClock,
};
use quayside_connectors::ReqwestWire;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tauri::{AppHandle, Emitter, Manager};

/// Rows changed.
pub const CHANGED: &str = "changed";
/// A job moved on.
pub const PROGRESS: &str = "progress";
/// The desk opened, closed or broke.
pub const DESK_STATE: &str = "desk_state";

/// How long the tray waits for further changes before it counts again.
const TRAY_PAUSE: Duration = Duration::from_millis(900);
/// The engine stops within its own deadlines; this is for a disk or keychain that hangs.
const STOP_PATIENCE: Duration = Duration::from_secs(12);

/// How long readers may take to notice that the desk is closed.
const LEAVE_PATIENCE: Duration = Duration::from_secs(3);

/// One per program.
pub struct Shell {
    desk: Desk,
    /// The person's own profile.
    home: Mutex<Place>,
    /// What is open now, if it is not the home: the sandbox, with its merchant.
    visiting: Mutex<Option<Visit>>,
    /// Why there is nothing to open at all (folder unusable, no TLS).
    stranded: Mutex<Option<Trouble>>,
    /// Who is inside the desk right now.
    gate: Gate,
    /// Files a person chose: the only ones the page can name.
    chosen: Arc<Chosen>,
    /// Asks the tray to count again.
    recount: Sender<()>,
    logging: Mutex<Option<Logging>>,
}

/// Opens a sign-in page in the person's browser.
fn open_page(url: &str) -> Result<(), String> {
    tauri_plugin_opener::open_url(url, None::<&str>).map_err(|error| error.to_string())
}

/// A stay in the sandbox. Dropping it sends the merchant home and removes the folder.
struct Visit {
    _demo: Demo,
    _place: Option<Place>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shell {
    /// Makes the shell of `home` and hangs it into the app. Opens nothing yet.
    pub fn hang(app: &AppHandle, home: Place) {
        let (recount, wanted) = channel();
        let desk = Desk::new(listener(app.clone(), recount.clone()));
        app.manage(Self {
            desk,
            home: Mutex::new(home),
            visiting: Mutex::default(),
            stranded: Mutex::default(),
            gate: Gate::default(),
            chosen: Arc::new(Chosen::new()),
            recount,
            logging: Mutex::default(),
        });
        keep_tray_true(app.clone(), wanted);
    }

    /// The shell of this program.
    pub fn of(app: &AppHandle) -> tauri::State<'_, Self> {
        app.state::<Self>()
    }

    /// The desk, open or not.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Whoever asks the desk something on a thread goes through here.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// What the system's dialog gave.
    pub fn chosen(&self) -> &Arc<Chosen> {
        &self.chosen
    }

    /// Opens the desk on a thread of its own; the page hears how it goes.
    pub fn open(app: &AppHandle) {
        let app = app.clone();
        apart("open", move || {
            let shell = Self::of(&app);
            let wants_sandbox = locked(&shell.home).sandbox();
            let outcome = if wants_sandbox { shell.visit(&app, None, true) } else { shell.go_home() };
            if let Err(trouble) = shell.settle(&app, outcome) {
                tracing::error!(code = trouble.code.code(), "The desk did not open: {}", trouble.sentence);
            }
        });
    }

    /// What the page is told of the desk's state.
    pub fn state(&self) -> DeskState {
        match &*locked(&self.stranded) {
            Some(trouble) => DeskState::Broken { trouble: trouble.clone(), ways_out: vec![WayOut::TryAgain] },
            None => self.desk.desk_state(),
        }
    }

    /// Tries to open once more.
    pub fn try_again(&self, app: &AppHandle) -> Answer<()> {
        let was_stranded = locked(&self.stranded).take().is_some();
        // The sandbox's merchant came and went with the desk that did not open: both begin anew.
        if !was_stranded && !locked(&self.home).sandbox() {
            return self.desk.try_again();
        }
        self.desk.stop();
        *locked(&self.visiting) = None;
        locked(&self.home).look_again();
        let outcome = if locked(&self.home).sandbox() { self.visit(app, None, true) } else { self.go_home() };
        self.settle(app, outcome)
    }

    /// Leaves the home for a while and looks at the sandbox, where everything only watches.
    pub fn start_sandbox(&self, app: &AppHandle) -> Answer<()> {
        if locked(&self.visiting).is_some() || locked(&self.home).sandbox() {
            return Ok(());
        }
        let outcome = self.visit(app, Some(Place::thrown_away()), false);
        if outcome.is_err() {
            // Nobody should be stuck in front of a sandbox that does not open.
            self.come_home(app)?;
        }
        outcome
    }

    /// From the sandbox to the person's own profile: back to where the visit
    /// began, or, in a window started for the sandbox alone, there for the first time.
    pub fn leave_sandbox(&self, app: &AppHandle) -> Answer<()> {
        let (only_sandbox, thrown_away) = {
            let home = locked(&self.home);
            (home.sandbox(), home.is_thrown_away())
        };
        if only_sandbox && !thrown_away {
            return Err(Trouble::input(
                "This profile was started as a sandbox and stays one. Close it and start Quayside without --sandbox.",
            ));
        }
        if only_sandbox {
            self.desk.stop();
            *locked(&self.visiting) = None;
            *locked(&self.logging) = None;
            let mut home = locked(&self.home);
            home.throw_away();
            *home = Place::choose(&Flags::default());
            window::rename(app, &home.title());
        }
        self.come_home(app)
    }

    fn come_home(&self, app: &AppHandle) -> Answer<()> {
        self.desk.stop();
        *locked(&self.visiting) = None;
        let outcome = self.go_home();
        self.settle(app, outcome)
    }

    fn go_home(&self) -> Answer<()> {
        let home = locked(&self.home);
        let profile = home.profile()?;
        drop(home);
        self.log_into(&profile)?;
        let keychain = Arc::new(SystemKeychain::new(profile.id()));
        let setup = OpenDesk::new(profile, keychain, Arc::new(ReqwestWire::new()?), Arc::new(WallClock));
        self.desk.start(OpenDesk { open_page: Some(Arc::new(open_page)), here: zone::here(), ..setup })
    }

    /// Opens the sandbox in `place`, or in the home if that is what it is for. `live`: automations act at once.
    fn visit(&self, app: &AppHandle, place: Option<Place>, live: bool) -> Answer<()> {
        let home = locked(&self.home);
        let here = place.as_ref().unwrap_or(&home);
        let profile = here.profile()?;
        // A kept profile needs a kept key; one that is thrown away must not litter the keychain.
        let keychain: Arc<dyn Keychain> = if here.is_thrown_away() {
            Arc::new(MemoryKeychain::default())
        } else {
            Arc::new(SystemKeychain::new(profile.id()))
        };
        drop(home);
        self.log_into(&profile)?;
        let demo = Demo::start()?;
        let setup = OpenDesk::new(profile, keychain, Arc::new(ReqwestWire::new()?), Arc::new(WallClock));
        self.desk.start(OpenDesk {
            sandbox: true,
            open_page: Some(Arc::new(open_page)),
            here: zone::here(),
            ..setup
        })?;
        if let Err(trouble) = demo.connect(&self.desk, live) {
            // A sandbox with half its stores would look like a fault of the desk: it does not open, and says why.
            self.desk.stop();
            return Err(trouble);
        }
        *locked(&self.visiting) = Some(Visit { _demo: demo, _place: place });
        // Accounts came after the desk was ready: what the page knows of a first run is old.
        tell(app, DESK_STATE, &self.state());
        Ok(())
    }

    /// The first profile that is opened takes the log; a visit elsewhere is told there too.
    fn log_into(&self, profile: &Profile) -> Answer<()> {
        let mut logging = locked(&self.logging);
        if logging.is_none() {
            quayside_api::crash::watch(&profile.logs());
            *logging = quayside_api::logging::start(&profile.logs())?;
        }
        Ok(())
    }

    /// Failures before there is a desk are kept here; the desk keeps its own.
    fn settle(&self, app: &AppHandle, outcome: Answer<()>) -> Answer<()> {
        if let Err(trouble) = &outcome
            && matches!(self.desk.desk_state(), DeskState::Opening)
        {
            *locked(&self.stranded) = Some(trouble.clone());
            tell(app, DESK_STATE, &self.state());
        }
        outcome
    }

    /// Follows the settings that the system or the window acts on.
    pub fn heed(&self, app: &AppHandle, settings: &Settings) {
        app.state::<window::KeepsWorking>().set(settings.close_to_tray && tray::is_there(app));
        window::wear(app, &settings.theme);
        let at_home = locked(&self.visiting).is_none() && !locked(&self.home).sandbox();
        if at_home {
            let login = AtLogin::of(&locked(&self.home));
            if let Err(error) = login.set(app, settings.start_at_login) {
                tracing::warn!(%error, "Starting with the computer could not be changed.");
            }
        }
    }

    /// What was clicked in the tray.
    pub fn grant(&self, app: &AppHandle, wish: Wish) {
        let Some(wish) = tray::grant(app, wish) else { return };
        let (desk, gate, recount) = (self.desk.clone(), self.gate.clone(), self.recount.clone());
        let app = app.clone();
        apart("tray", move || {
            let _inside = gate.enter();
            if let Err(trouble) = tray::carry_out(&desk, wish) {
                tracing::warn!(code = trouble.code.code(), "A click in the tray came to nothing: {}", trouble.sentence);
                // A menu cannot say why. The window can, and the tick in the menu must not claim that it worked.
                tray::recall(&app);
                window::show(&app);
                tell(&app, PROGRESS, &came_to_nothing(&trouble));
            }
            let _ = recount.send(());
        });
    }

    /// Ends work in order, but not later than a person would wait.
    pub fn end(&self) {
        let desk = self.desk.clone();
        let (ended, waiting) = channel();
        apart("stop", move || {
            desk.stop();
            let _ = ended.send(());
        });
        if waiting.recv_timeout(STOP_PATIENCE).is_err() {
            tracing::error!("The desk did not stop in time; what was on its way is looked up at the next start.");
        }
        // Answered with "opening" by now, so this is soon.
        if !self.gate.wait_until_empty(LEAVE_PATIENCE) {
            tracing::warn!("Somebody was still reading when the program ended.");
        }
        *locked(&self.visiting) = None;
        // The last lines of the log are written when this goes.
        *locked(&self.logging) = None;
        locked(&self.home).throw_away();
    }
}

/// Turns what the desk tells into events for the page, notices, and a true tray.
fn listener(app: AppHandle, recount: Sender<()>) -> Listener {
    let (notifier, recount) = (Notifier::default(), Mutex::new(recount));
    Arc::new(move |event| match event {
        DeskEvent::Changed(changed) => {
            if changed.topics.iter().any(|topic| topic == "settings") {
                read_settings(&app);
            }
            let _ = locked(&recount).send(());
            tell(&app, CHANGED, &changed);
        }
        DeskEvent::Progress(progress) => tell(&app, PROGRESS, &progress),
        DeskEvent::State(state) => {
            if matches!(state, DeskState::Ready { .. }) {
                read_settings(&app);
            } else {
                // A window that hides before it can show why it does not work would be a riddle.
                app.state::<window::KeepsWorking>().set(false);
            }
            let _ = locked(&recount).send(());
            tell(&app, DESK_STATE, &state);
        }
        // The counts say it; rows did not change, so nothing else need be read again.
        DeskEvent::Trouble(_) => {
            let _ = locked(&recount).send(());
            tell(&app, CHANGED, &Changed { topics: vec!["trouble".to_owned()], orders: Vec::new() });
        }
        DeskEvent::Notices(notices) => {
            for notice in notices {
                let desk = Shell::of(&app).desk.clone();
                let putting_off = desk.clone();
                let later = move |notice: &quayside_api::notices::Notice| {
                    if let Err(trouble) = putting_off.notice_later(notice) {
                        tracing::warn!("A notification could not be put off: {}", trouble.sentence);
                    }
                };
                notifier.show(&app, notice, later, move |notice, said| {
                    if let Err(trouble) = desk.notice_failed(notice, said) {
                        tracing::warn!("The log of notifications could not be told: {}", trouble.sentence);
                    }
                });
            }
        }
    })
}

fn tell<T: serde::Serialize + Clone>(app: &AppHandle, event: &str, payload: &T) {
    if let Err(error) = app.emit(event, payload) {
        tracing::warn!(%error, "The page could not be told.");
    }
}

/// A failed click as the page shows failures of work that was asked for outside of it.
fn came_to_nothing(trouble: &Trouble) -> Progress {
    Progress { job: "tray".into(), sentence: trouble.sentence.clone(), done: 0, of: None, ended: Some("failed".into()) }
}

/// Settings may have been changed elsewhere (a terminal). On a thread: the listener must be quick.
fn read_settings(app: &AppHandle) {
    let app = app.clone();
    apart("settings", move || {
        let shell = Shell::of(&app);
        let _inside = shell.gate.enter();
        if let Ok(settings) = shell.desk.settings() {
            shell.heed(&app, &settings);
        }
    });
}

/// Counts for the tray, a while after the last change, so that a busy minute is one count.
fn keep_tray_true(app: AppHandle, wanted: Receiver<()>) {
    apart("tray", move || {
        while wanted.recv().is_ok() {
            std::thread::sleep(TRAY_PAUSE);
            while wanted.try_recv().is_ok() {}
            let shell = Shell::of(&app);
            let _inside = shell.gate.enter();
            if let Ok(counts) = shell.desk.counts() {
                tray::tell(&app, Glance::of(&counts));
            }
        }
    });
}

/// Work that may wait for a disk, a keychain or a person runs on a thread with a name.
fn apart(name: &str, work: impl FnOnce() + Send + 'static) {
    if let Err(error) = std::thread::Builder::new().name(name.into()).spawn(work) {
        tracing::error!(%error, task = name, "No thread could be started.");
    }
}
