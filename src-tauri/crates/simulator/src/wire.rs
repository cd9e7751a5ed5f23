//! The network, in memory: each account of the sandbox behind a loopback port that nobody opened.

use crate::clock::VirtualClock;
use async_trait::async_trait;
use quayside_connectors::{Wire, WireError};
use quayside_sandbox::sandbox::is_one_too_many;
use quayside_sandbox::{Reply, Sandbox};
use std::collections::{BTreeMap, BTreeSet};
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
    /// How long its answer took, or the wait for it, ms.
    pub after_ms: i64,
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
    /// The process that sends has died: nothing more is sent, and nothing arrives.
    dead: std::sync::atomic::AtomicBool,
    /// Keys that accounts handed out.
    handed_out: Mutex<BTreeSet<String>>,
    /// First and last request to each account since [`Self::revive`], ms UTC.
    spans: Mutex<BTreeMap<String, (i64, i64)>>,
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
            dead: std::sync::atomic::AtomicBool::new(false),
            handed_out: Mutex::default(),
            spans: Mutex::default(),
        }
    }

    /// The process has died: whatever it still means to send does not leave.
    pub(crate) fn die(&self) {
        self.dead.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    /// Another process begins.
    pub(crate) fn revive(&self) {
        self.dead.store(false, std::sync::atomic::Ordering::Relaxed);
        guard(&self.spans).clear();
    }

    /// First and last request to each account since the process began, ms UTC by the true time.
    pub(crate) fn spans(&self) -> BTreeMap<String, (i64, i64)> {
        guard(&self.spans).clone()
    }

    /// Keys that accounts handed out so far: they are secrets as much as those a person typed.
    pub(crate) fn handed_out(&self) -> Vec<String> {
        guard(&self.handed_out).iter().cloned().collect()
    }

    fn remember(&self, response: &http::Response<Vec<u8>>) {
        const FIELD: &[u8] = b"\"access_token\"";
        // Such answers are short; a list of orders is not looked through.
        if response.body().len() > 8_192 || !response.body().windows(FIELD.len()).any(|at| at == FIELD) {
            return;
        }
        let Ok(told) = serde_json::from_slice::<serde_json::Value>(response.body()) else { return };
        let keys = ["access_token", "refresh_token"].into_iter().filter_map(|name| told[name].as_str());
        guard(&self.handed_out).extend(keys.filter(|key| key.len() >= 8).map(str::to_owned));
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
        if self.dead.load(std::sync::atomic::Ordering::Relaxed) {
            return std::future::pending().await;
        }
        self.requests.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let at_ms = self.clock.true_ms();
        guard(&self.spans).entry(account.to_owned()).or_insert((at_ms, at_ms)).1 = at_ms;
        let nth = {
            let mut sent = guard(&self.sent);
            sent.push(Sent {
                account: account.to_owned(),
                path: request.uri().path().to_owned(),
                at_ms,
                reads: request.method() == http::Method::GET,
                after_ms: 0,
            });
            sent.len() - 1
        };
        if guard(&self.cut).contains(account) {
            return Err(WireError::NotSent("no route to host".into()));
        }
        let reply = lock(&self.sandbox).handle(account, &request, at_ms);
        let (answer, after_ms) = match reply {
            Reply::Answer { response, after_ms } => {
                if is_one_too_many(&response) {
                    self.throttled.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                }
                self.remember(&response);
                (Some(response), after_ms)
            }
            Reply::Dropped { after_ms } => (None, after_ms),
        };
        let after = Duration::from_millis(after_ms + self.slow_ms.load(std::sync::atomic::Ordering::Relaxed));
        if let Some(sent) = guard(&self.sent).get_mut(nth) {
            sent.after_ms = after.min(timeout).as_millis() as i64;
        }
        if after > timeout {
            tokio::time::sleep(timeout).await;
            return Err(WireError::Lost("no answer in time".into()));
        }
        tokio::time::sleep(after).await;
        answer.ok_or_else(|| WireError::Lost("the connection broke".into()))
    }
}
