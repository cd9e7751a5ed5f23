//! The network, in memory: each account of the sandbox behind a loopback port that nobody opened.

use async_trait::async_trait;
use quayside_connectors::{Wire, WireError};
use quayside_model::Clock;
use quayside_sandbox::{Reply, Sandbox};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Port of the first account; the others follow.
const FIRST_PORT: u16 = 40_001;

/// A wire that ends in the sandbox.
pub struct MemoryWire {
    sandbox: Arc<Mutex<Sandbox>>,
    clock: Arc<dyn Clock>,
    accounts: Vec<String>,
    requests: std::sync::atomic::AtomicU64,
    /// Path and moment (ms UTC) of every request.
    moments: Mutex<Vec<(String, i64)>>,
}

impl MemoryWire {
    /// Over a sandbox; the accounts' addresses are [`Self::base_url`].
    pub fn new(sandbox: Arc<Mutex<Sandbox>>, clock: Arc<dyn Clock>) -> Self {
        let accounts = lock(&sandbox).accounts().into_iter().map(|account| account.name).collect();
        Self { sandbox, clock, accounts, requests: std::sync::atomic::AtomicU64::new(0), moments: Mutex::default() }
    }

    /// Requests that were sent so far.
    pub fn requests(&self) -> u64 {
        self.requests.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Path and moment (ms UTC) of every request since [`Self::forget_moments`].
    pub fn moments(&self) -> Vec<(String, i64)> {
        self.moments.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Forgets the moments so far.
    pub fn forget_moments(&self) {
        self.moments.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
    }

    /// Where the account with this index "listens".
    pub fn base_url(index: usize) -> String {
        format!("http://127.0.0.1:{}", FIRST_PORT + index as u16)
    }

    fn account(&self, request: &http::Request<Vec<u8>>) -> Option<&str> {
        let port = request.uri().port_u16()?;
        self.accounts.get(usize::from(port.checked_sub(FIRST_PORT)?)).map(String::as_str)
    }
}

pub(crate) fn lock(sandbox: &Mutex<Sandbox>) -> std::sync::MutexGuard<'_, Sandbox> {
    sandbox.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[async_trait]
impl Wire for MemoryWire {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        let Some(account) = self.account(&request) else {
            return Err(WireError::NotSent("nobody listens there".into()));
        };
        self.requests.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let moment = (request.uri().path().to_owned(), self.clock.now_ms());
        self.moments.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(moment);
        let reply = lock(&self.sandbox).handle(account, &request, self.clock.now_ms());
        let (answer, after_ms) = match reply {
            Reply::Answer { response, after_ms } => (Some(response), after_ms),
            Reply::Dropped { after_ms } => (None, after_ms),
        };
        let after = Duration::from_millis(after_ms);
        if after > timeout {
            tokio::time::sleep(timeout).await;
            return Err(WireError::Lost("no answer in time".into()));
        }
        tokio::time::sleep(after).await;
        answer.ok_or_else(|| WireError::Lost("the connection broke".into()))
    }
}
