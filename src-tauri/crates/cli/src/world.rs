//! Everything a command touches besides the desk itself: streams, environment, network, clock, keychain.
//! A test brings its own.

use crate::output::Failure;
use crate::secrets::Sources;
use quayside_api::desk::{Desk, Listener, OpenDesk, Role, WallClock};
use quayside_api::keychain::{Keychain, SystemKeychain};
use quayside_api::profile::Profile;
use quayside_api::view::{DeskState, TroubleCode};
use quayside_connectors::{ReqwestWire, Wire};
use quayside_model::{Clock, Refusal};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

type Environment = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;
type KeychainFor = Box<dyn Fn(&Profile) -> Arc<dyn Keychain> + Send + Sync>;

/// A desk that ends in order when the command does, however it ends.
pub struct Opened(Desk);

impl std::ops::Deref for Opened {
    type Target = Desk;
    fn deref(&self) -> &Desk {
        &self.0
    }
}

impl Opened {
    /// For a desk that was made by hand.
    pub fn new(desk: Desk) -> Self {
        Self(desk)
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// The world of one command.
pub struct World {
    /// Standard input.
    pub stdin: Box<dyn Read + Send>,
    /// The environment.
    pub env: Environment,
    /// Takes lines for standard error.
    pub stderr: Arc<dyn Fn(&str) + Send + Sync>,
    /// The network.
    pub wire: Arc<dyn Wire>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The keychain of a profile.
    pub keychain: KeychainFor,
    /// Write logs into the profile.
    pub logs: bool,
    interrupt: watch::Sender<bool>,
}

impl World {
    /// The real one.
    pub fn real() -> Result<Self, Refusal> {
        Ok(Self {
            stdin: Box::<Typed>::default(),
            env: Box::new(|name| std::env::var(name).ok()),
            stderr: Arc::new(|line| eprintln!("{line}")),
            wire: Arc::new(ReqwestWire::new()?),
            clock: Arc::new(WallClock),
            keychain: Box::new(|profile| Arc::new(SystemKeychain::new(profile.id()))),
            logs: true,
            interrupt: watch::Sender::new(false),
        })
    }

    /// One for tests: nothing on standard input, an empty environment, silence.
    pub fn quiet(wire: Arc<dyn Wire>, clock: Arc<dyn Clock>, keychain: Arc<dyn Keychain>) -> Self {
        Self {
            stdin: Box::new(std::io::empty()),
            env: Box::new(|_| None),
            stderr: Arc::new(|_| {}),
            wire,
            clock,
            keychain: Box::new(move |_| keychain.clone()),
            logs: false,
            interrupt: watch::Sender::new(false),
        }
    }

    /// Ctrl-C (and a service manager's SIGTERM) asks to end; a second one ends at once.
    pub fn listen_for_ctrl_c(&self) {
        let interrupt = self.interrupt.clone();
        tokio::spawn(async move {
            asked_to_end().await;
            interrupt.send_replace(true);
            asked_to_end().await;
            std::process::exit(i32::from(crate::output::INTERRUPTED));
        });
    }

    /// Asks to end when called, as Ctrl-C does.
    pub fn interrupter(&self) -> impl Fn() + Send + Sync + 'static {
        let interrupt = self.interrupt.clone();
        move || {
            interrupt.send_replace(true);
        }
    }

    /// Somebody asked to end.
    pub fn interrupted(&self) -> watch::Receiver<bool> {
        self.interrupt.subscribe()
    }

    /// A line for the person, on standard error.
    pub fn say(&self, line: &str) {
        (self.stderr)(&crate::table::unpainted(line));
    }

    /// Where secrets come from.
    pub fn sources(&mut self) -> Sources<'_> {
        Sources { stdin: self.stdin.as_mut(), env: self.env.as_ref() }
    }

    /// The desk of a profile, for commands that may change it.
    pub fn desk(&self, profile: Option<&Path>, role: Role, listener: Listener) -> Result<Opened, Failure> {
        let profile = Profile::named(profile)?;
        if self.logs {
            // A desk whose logs cannot be written still works; the reason is told once.
            quayside_api::crash::watch(&profile.logs());
            match quayside_api::logging::start(&profile.logs()) {
                // Kept until the process ends: the last lines are written by its own thread.
                Ok(Some(logging)) => std::mem::forget(logging),
                Ok(None) => {}
                Err(trouble) => self.say(&trouble.sentence),
            }
        }
        let keychain = (self.keychain)(&profile);
        let setup = OpenDesk {
            role,
            // A terminal opens no browser of its own: it may run where nobody sees one.
            open_page: Some(Arc::new(|url: &str| {
                eprintln!(
                    "Open this page in a browser on this computer and let Quayside in. It waits for five minutes.\n\n  {url}\n"
                );
                Ok(())
            })),
            ..OpenDesk::new(profile, keychain, self.wire.clone(), self.clock.clone())
        };
        Ok(Opened(Desk::open_with(setup, listener)?))
    }

    /// The desk for commands that only look: beside a window that works, they look on.
    pub fn looking(&self, profile: Option<&Path>) -> Result<Opened, Failure> {
        let opened = match self.desk(profile, Role::Quiet, Arc::new(|_| {})) {
            Err(failure) if failure.code == TroubleCode::HeldElsewhere.code() => {
                self.desk(profile, Role::Attach, Arc::new(|_| {}))
            }
            other => other,
        }?;
        // An empty list looks like an answer; a folder typed wrongly looks like an empty desk.
        if let DeskState::Ready { first_run: true, profile, .. } = opened.0.desk_state() {
            self.say(&format!(
                "Nothing is connected yet in {profile}. If that is not the folder you meant, check --profile; else begin with: quayside-cli connect PLATFORM."
            ));
        }
        Ok(opened)
    }

    /// The desk for commands that change choices and send nothing themselves.
    pub fn changing(&self, profile: Option<&Path>) -> Result<Opened, Failure> {
        self.desk(profile, Role::Quiet, Arc::new(|_| {}))
    }
}

/// Standard input. Where a person sits at it, it is asked for by name and not shown while it is typed.
#[derive(Default)]
struct Typed(Option<std::io::Cursor<zeroize::Zeroizing<Vec<u8>>>>);

impl Read for Typed {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        use std::io::IsTerminal as _;
        if !std::io::stdin().is_terminal() {
            return std::io::stdin().read(into);
        }
        if self.0.is_none() {
            let line = rpassword::prompt_password("Type or paste it here (it is not shown), then press Enter: ")?;
            self.0 = Some(std::io::Cursor::new(zeroize::Zeroizing::new(line.into_bytes())));
        }
        self.0.as_mut().map_or(Ok(0), |typed| {
            let left = typed.get_ref().get(typed.position() as usize..).unwrap_or_default();
            let taken = left.len().min(into.len());
            into[..taken].copy_from_slice(&left[..taken]);
            typed.set_position(typed.position() + taken as u64);
            Ok(taken)
        })
    }
}

async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut term) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = term.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // No signals here: then only the end of the command ends it.
        std::future::pending::<()>().await;
    }
}
