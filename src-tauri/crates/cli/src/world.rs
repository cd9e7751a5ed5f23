//! Everything a command touches besides the desk itself: streams, environment, network, clock, keychain.
//! A test brings its own.

use crate::output::Failure;
use crate::secrets::Sources;
use quayside_api::desk::{Desk, Listener, OpenDesk, Role, WallClock};
use quayside_api::keychain::{Keychain, SystemKeychain};
use quayside_api::profile::Profile;
use quayside_api::view::TroubleCode;
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
            stdin: Box::new(std::io::stdin()),
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
        match self.desk(profile, Role::Quiet, Arc::new(|_| {})) {
            Err(failure) if failure.code == TroubleCode::HeldElsewhere.code() => {
                self.desk(profile, Role::Attach, Arc::new(|_| {}))
            }
            other => other,
        }
    }

    /// The desk for commands that change choices and send nothing themselves.
    pub fn changing(&self, profile: Option<&Path>) -> Result<Opened, Failure> {
        self.desk(profile, Role::Quiet, Arc::new(|_| {}))
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
