//! The sandbox merchant, live in this process: honest stand-ins of the platforms
//! on loopback, connected like any account. What a visitor sees is what an owner
//! of real accounts would see; nothing here knows a platform.

use quayside_api::desk::Desk;
use quayside_api::trouble::Answer;
use quayside_api::view::{ConnectionDraft, Trouble};
use quayside_model::Mode;
use quayside_model::time::DAY_MS;
use quayside_sandbox::sandbox::SandboxPlan;
use quayside_sandbox::server::{Running, SandboxClock, serve};
use quayside_sandbox::{Account, Sandbox};
use tokio::runtime::Runtime;

/// Same merchant for everybody, so that two people can talk about what they see.
const SEED: u64 = 1;

/// A merchant at work. Ends when dropped.
pub struct Demo {
    // Before the runtime: it is shut down first.
    running: Option<Running>,
    runtime: Runtime,
}

impl Demo {
    /// Opens the stand-ins on free ports of this computer.
    pub fn start() -> Answer<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("sandbox")
            .enable_all()
            .build()
            .map_err(|error| cannot("no thread could be started", &error))?;
        let start_ms = now_ms();
        let sandbox = Sandbox::new(SandboxPlan::demo(SEED, start_ms));
        let running = runtime
            .block_on(serve(sandbox, SandboxClock::real(start_ms)))
            .map_err(|error| cannot("no port could be opened on this computer", &error))?;
        Ok(Self { running: Some(running), runtime })
    }

    /// Connects every stand-in. `live` lets all automations act on everything
    /// that is there; otherwise they watch, as for any new account.
    pub fn connect(&self, desk: &Desk, live: bool) -> Answer<()> {
        // The desk has made sure of it (`OpenDesk::sandbox`): none of these is a real account.
        for connection in desk.connections()? {
            // A kept profile from an earlier start: that merchant and those ports are gone.
            desk.remove_connection(&connection.id)?;
        }
        let Some(running) = &self.running else { return Ok(()) };
        // What goes wrong goes wrong afterwards: a first sign-in that fails would be a store that is missing, and
        // nobody would know.
        let faults = running.with(|sandbox| std::mem::take(&mut sandbox.faults));
        let connected: Answer<Vec<_>> =
            running.accounts.iter().map(|account| self.runtime.block_on(desk.connect(draft(account)))).collect();
        running.with(|sandbox| sandbox.faults = faults);
        connected?;
        if live {
            let from_ms = now_ms() - 7 * DAY_MS;
            // Counts lack the choice of the one that holds; lists beside the orders are shown as they come: off.
            let acts = |id: &str| !quayside_flows::beside_orders(id);
            for automation in desk.automations()?.into_iter().filter(|view| acts(&view.id)) {
                desk.go_live(&automation.id, Mode::Auto, Some(from_ms))?;
            }
        }
        Ok(())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.shut_down();
        }
    }
}

fn draft(account: &Account) -> ConnectionDraft {
    ConnectionDraft {
        platform: account.platform.clone(),
        way: account.way.clone(),
        name: account.title.clone(),
        fields: account.fields.clone(),
        base_url: Some(account.base_url.clone()),
    }
}

fn cannot(what: &str, error: &dyn std::error::Error) -> Trouble {
    Trouble::internal(format!(
        "The sandbox could not be started: {what} ({error}). Your own accounts are not concerned."
    ))
}

fn now_ms() -> i64 {
    use quayside_model::Clock as _;
    quayside_api::desk::WallClock.now_ms()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use quayside_api::{MemoryKeychain, OpenDesk, Profile, WallClock};
    use quayside_connectors::ReqwestWire;
    use quayside_sandbox::{Fault, FaultPlan};
    use std::sync::Arc;

    #[test]
    fn all_accounts_are_there_whatever_goes_wrong_later() {
        let folder = tempfile::tempdir().unwrap();
        let setup = OpenDesk::new(
            Profile::at(folder.path()).unwrap(),
            Arc::new(MemoryKeychain::default()),
            Arc::new(ReqwestWire::new().unwrap()),
            Arc::new(WallClock),
        );
        let desk = Desk::open(OpenDesk { sandbox: true, role: quayside_api::desk::Role::Quiet, ..setup }).unwrap();
        let demo = Demo::start().unwrap();
        let running = demo.running.as_ref().unwrap();
        let every = FaultPlan { chances: vec![(Fault::LostBeforeCommit, 1.0)], ..FaultPlan::none() };
        running.with(|sandbox| sandbox.faults = every.clone());
        demo.connect(&desk, true).unwrap();
        assert_eq!(desk.connections().unwrap().len(), running.accounts.len());
        assert_eq!(running.with(|sandbox| sandbox.faults.clone()), every, "from now on things go wrong");
        // Another start with the same profile: these accounts are stand-ins, and are made anew.
        demo.connect(&desk, true).unwrap();
        assert_eq!(desk.connections().unwrap().len(), running.accounts.len());
        desk.stop();
    }
}
