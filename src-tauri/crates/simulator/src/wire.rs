//! The network, in memory: each account of the sandbox behind a loopback port that nobody opened.

use crate::clock::VirtualClock;
use async_trait::async_trait;
use quayside_connectors::{Wire, WireError};
use quayside_sandbox::{Reply, Sandbox};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Port of the first account; the others follow.
const FIRST_PORT: u16 = 40_001;

/// A request that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The account it went to.
    pub account: String,
    /// Its path.
    pub path: String,
    /// When, ms UTC, by the true time.
    pub at_ms: i64,
    /// It was a plain reading (GET).
    pub reads: bool,
}

/// A wire that ends in the sandbox.
pub struct MemoryWire {
    sandbox: Arc<Mutex<Sandbox>>,
    clock: Arc<VirtualClock>,
    accounts: Vec<String>,
    requests: std::sync::atomic::AtomicU64,
    sent: Mutex<Vec<Sent>>,
    /// Accounts that cannot be reached now.
    cut: Mutex<BTreeSet<String>>,
    /// What the line adds to each answer, ms.
    slow_ms: std::sync::atomic::AtomicU64,
    /// Answers that said "too many calls".
    throttled: std::sync::atomic::AtomicU64,
}

impl MemoryWire {
    /// Over a sandbox; the accounts' addresses are [`Self::base_url`].
    pub fn new(sandbox: Arc<Mutex<Sandbox>>, clock: Arc<VirtualClock>) -> Self {
        let accounts = lock(&sandbox).accounts().into_iter().map(|account| account.name).collect();
        Self {
            sandbox,
            clock,
            accounts,
            requests: std::sync::atomic::AtomicU64::new(0),
            sent: Mutex::default(),
            cut: Mutex::default(),
            slow_ms: std::sync::atomic::AtomicU64::new(0),
            throttled: std::sync::atomic::AtomicU64::new(0),
        }
    }

    /// Requests that were sent so far.
    pub fn requests(&self) -> u64 {
        self.requests.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Every request since [`Self::forget_sent`].
    pub fn sent(&self) -> Vec<Sent> {
        guard(&self.sent).clone()
    }

    /// Forgets the requests so far.
    pub fn forget_sent(&self) {
        guard(&self.sent).clear();
    }

    /// How often an account said "too many calls".
    pub fn throttled(&self) -> u64 {
        self.throttled.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// From now on every answer takes so much longer, ms.
    pub fn slow_down(&self, by_ms: u64) {
        self.slow_ms.store(by_ms, std::sync::atomic::Ordering::Relaxed);
    }

    /// No way leads to the account any more: the cable is out.
    pub fn cut(&self, account: &str) {
        guard(&self.cut).insert(account.to_owned());
    }

    /// No way leads anywhere any more.
    pub fn cut_all(&self) {
        guard(&self.cut).extend(self.accounts.iter().cloned());
    }

    /// All ways are there again.
    pub fn mend(&self) {
        guard(&self.cut).clear();
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

fn guard<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The answer says that it was one call too many, in one of the two ways platforms say it.
fn is_throttled(response: &http::Response<Vec<u8>>) -> bool {
    // An error comes first in an answer to a query: its beginning is enough to look at.
    let begin = response.body().get(..120).unwrap_or_default();
    let says = || begin.windows(11).any(|at| at == b"\"THROTTLED\"");
    response.status() == http::StatusCode::TOO_MANY_REQUESTS || begin.starts_with(b"{\"errors\"") && says()
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
        let at_ms = self.clock.true_ms();
        guard(&self.sent).push(Sent {
            account: account.to_owned(),
            path: request.uri().path().to_owned(),
            at_ms,
            reads: request.method() == http::Method::GET,
        });
        if guard(&self.cut).contains(account) {
            return Err(WireError::NotSent("no route to host".into()));
        }
        let reply = lock(&self.sandbox).handle(account, &request, at_ms);
        let (answer, after_ms) = match reply {
            Reply::Answer { response, after_ms } => {
                if is_throttled(&response) {
                    self.throttled.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                }
                (Some(response), after_ms)
            }
            Reply::Dropped { after_ms } => (None, after_ms),
        };
        let after = Duration::from_millis(after_ms + self.slow_ms.load(std::sync::atomic::Ordering::Relaxed));
        if after > timeout {
            tokio::time::sleep(timeout).await;
            return Err(WireError::Lost("no answer in time".into()));
        }
        tokio::time::sleep(after).await;
        answer.ok_or_else(|| WireError::Lost("the connection broke".into()))
    }
}
