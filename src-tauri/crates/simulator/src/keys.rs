//! The merchant's keychain, and the person in front of the browser.
//!
//! Half of the merchants sign in with the browser wherever a platform offers it: their sign-in renews itself, each renewal
//! ends the one before, and whatever dies in between must find the newest. Where the answer with it was lost for good,
//! the person signs in again when the program is next started, as the condition asks.

use crate::clock::VirtualClock;
use crate::wire::{MemoryWire, lock};
use quayside_connectors::{BrowserSignIn, Secrets, Setup, browser_sign_in};
use quayside_engine::SecretStore;
use quayside_model::{Cause, ConnectionConfig, ConnectionId, Refusal};
use quayside_sandbox::{FaultPlan, Reply, Sandbox};
use quayside_store::{Store, StoreError};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A keychain: it keeps what it is given.
#[derive(Default)]
pub(crate) struct Keys {
    all: Mutex<BTreeMap<ConnectionId, Secrets>>,
    /// Somebody locked it.
    pub locked: AtomicBool,
    /// The process that puts something there has died.
    pub dead: AtomicBool,
    /// How often something was put there: secrets that renewed themselves.
    renewed: AtomicUsize,
}

impl Keys {
    /// With what a person entered.
    pub(crate) fn new(all: BTreeMap<ConnectionId, Secrets>) -> Self {
        Self { all: Mutex::new(all), ..Self::default() }
    }

    /// How often secrets renewed themselves.
    pub(crate) fn renewals(&self) -> usize {
        self.renewed.load(Ordering::Relaxed)
    }

    /// A person enters other secrets for an account.
    pub(crate) fn enter(&self, connection: &ConnectionId, secrets: Secrets) {
        self.open().insert(connection.clone(), secrets);
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<ConnectionId, Secrets>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_open(&self) -> Result<(), Refusal> {
        if self.locked.load(Ordering::Relaxed) {
            return Err(Refusal::new(
                Cause::KeychainClosed,
                "The keychain is locked. Unlock it; it goes on by itself.",
            ));
        }
        Ok(())
    }
}

impl SecretStore for Keys {
    fn secrets(&self, connection: &ConnectionId) -> Result<Secrets, Refusal> {
        self.is_open()?;
        Ok(self.open().get(connection).cloned().unwrap_or_default())
    }
    fn put_secrets(&self, connection: &ConnectionId, secrets: &Secrets) -> Result<(), Refusal> {
        self.is_open()?;
        if self.dead.load(Ordering::Relaxed) {
            return Err(Refusal::new(Cause::KeychainClosed, "Nobody is there any more to put it away."));
        }
        self.enter(connection, secrets.clone());
        self.renewed.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
    fn forget_secrets(&self, connection: &ConnectionId) -> Result<(), Refusal> {
        self.is_open()?;
        self.open().remove(connection);
        Ok(())
    }
}

/// What a sign-in in the browser needs around it.
#[derive(Clone)]
pub(crate) struct Browser {
    /// Whose page it is.
    pub sandbox: Arc<Mutex<Sandbox>>,
    /// Time.
    pub clock: Arc<VirtualClock>,
    /// Where the code is exchanged.
    pub wire: Arc<MemoryWire>,
}

impl Browser {
    /// Signs in: the page says yes, and what it sends back becomes the secrets. `config` names the way already.
    /// Nothing goes wrong meanwhile: a person tries until it works.
    pub(crate) async fn sign_in(
        &self,
        sign_in: &BrowserSignIn,
        account: &str,
        config: &ConnectionConfig,
    ) -> Result<Secrets, String> {
        let faults = std::mem::replace(&mut lock(&self.sandbox).faults, FaultPlan::none());
        let signed_in = self.visit(sign_in, account, config).await;
        lock(&self.sandbox).faults = faults;
        signed_in
    }

    async fn visit(
        &self,
        sign_in: &BrowserSignIn,
        account: &str,
        config: &ConnectionConfig,
    ) -> Result<Secrets, String> {
        let port = sign_in.ports.first().ok_or("no port to come back to")?;
        let redirect = format!("http://localhost:{port}{}", sign_in.path);
        // Nobody has to guess it here; it differs from visit to visit.
        let now_ms = self.clock.true_ms();
        let random: Vec<u8> = now_ms.to_le_bytes().into_iter().cycle().take(64).collect();
        let visit = (sign_in.begin)(&config.fields, config.base_url.as_deref(), &redirect, &random)?;
        let page = http::Request::get(&visit.url).body(Vec::new()).map_err(|error| error.to_string())?;
        let Reply::Answer { response, .. } = lock(&self.sandbox).handle(account, &page, now_ms) else {
            return Err("the page did not load".into());
        };
        let back = response.headers().get(http::header::LOCATION).and_then(|to| to.to_str().ok());
        let query = back
            .and_then(|back| back.split_once('?'))
            .map(|(_, query)| query.to_owned())
            .ok_or_else(|| format!("the page said no: {}", String::from_utf8_lossy(response.body())))?;
        let setup = Setup {
            config: config.clone(),
            secrets: Secrets::new(),
            wire: self.wire.clone(),
            clock: self.clock.clone(),
            buckets: vec![],
        };
        (sign_in.finish)(setup, &visit, &query).await.map_err(|refusal| refusal.to_string())
    }

    /// The account's credential was taken away, and nobody has dealt with it.
    fn is_revoked(&self, account: &str) -> bool {
        lock(&self.sandbox).faults.is_revoked(account, self.clock.true_ms())
    }

    fn let_in_again(&self, account: &str) -> bool {
        lock(&self.sandbox).faults.signed_in_again(account, self.clock.true_ms())
    }

    /// Accounts that ask for a new sign-in get one. How many.
    // `store.read(Reader::connections)` does not compile: a method of a type with a lifetime is not general over it.
    #[allow(clippy::redundant_closure_for_method_calls)]
    pub(crate) async fn sign_in_again(&self, store: &Store, keys: &Keys) -> Result<usize, StoreError> {
        let asks = |config: &ConnectionConfig| -> Result<bool, StoreError> {
            let conditions = store.read(|r| r.conditions(&config.id))?;
            Ok(conditions.iter().any(|condition| condition.cause == Cause::SignInNeeded))
        };
        let mut signed_in = 0;
        for config in store.read(|r| r.connections())? {
            let account = config.id.as_str();
            let Some(sign_in) = browser_sign_in(&config.platform).filter(|sign_in| sign_in.way == config.way) else {
                // A key that was taken away is given back, and is the same: typed in again it changes nothing here.
                if self.is_revoked(account) && asks(&config)? {
                    signed_in += usize::from(self.let_in_again(account));
                }
                continue;
            };
            // A page that does not let in today lets in tomorrow: the condition stays, and asks again.
            if asks(&config)?
                && let Ok(secrets) = self.sign_in(sign_in, account, &config).await
            {
                self.let_in_again(account);
                keys.enter(&config.id, secrets);
                signed_in += 1;
            }
        }
        Ok(signed_in)
    }
}
