//! Writes down what goes over the wire while a connector works.

use super::line::{Line, led_nowhere, origin};
use super::{Answered, Call, Cycle, Exchanged, Work, each_text, outcome};
use crate::heard::without_signatures;
use crate::{Ask, BucketState, Priority, ReadError, Secrets, Wire, WireError};
use async_trait::async_trait;
use quayside_model::{Clock, ConnectionConfig, ExposeSecret, Page};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Shorter ones are found in ordinary words.
const SECRET_CHARS_MIN: usize = 6;

/// The network and the time of one connector while it is recorded: time stands still while it works, and moves with each answer.
pub struct Recorder {
    wire: Arc<dyn Wire>,
    clock: Arc<dyn Clock>,
    now_ms: AtomicI64,
    prefix: String,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    exchanges: Vec<Exchanged>,
    origins: BTreeSet<String>,
    keys: Vec<String>,
}

impl Recorder {
    /// Over a network, for an account that lives at `base_url` if it has an address of its own.
    pub fn new(wire: Arc<dyn Wire>, clock: Arc<dyn Clock>, base_url: Option<&str>) -> Arc<Self> {
        let prefix = base_url.and_then(|text| url::Url::parse(text).ok());
        let prefix = prefix.map_or_else(String::new, |url| url.path().trim_end_matches('/').to_owned());
        let now_ms = AtomicI64::new(clock.now_ms());
        Arc::new(Self { wire, clock, now_ms, prefix, kept: Mutex::default() })
    }

    /// It is as late now as it is. To be said before each call.
    pub fn step(&self) -> i64 {
        let now_ms = self.clock.now_ms();
        self.now_ms.store(now_ms, Ordering::SeqCst);
        now_ms
    }

    /// A call that was made, with what went over the wire since the last one.
    pub fn call(&self, ask: &Ask<'_>, begun_ms: i64, answer: &Result<Page, ReadError>) -> Call {
        Call {
            work: None,
            priority: ask.priority,
            stream: ask.stream.to_owned(),
            cursor: ask.cursor.cloned(),
            next: ask.next.cloned(),
            since_ms: ask.since_ms,
            begun_ms,
            exchanges: std::mem::take(&mut self.kept().exchanges),
            outcome: outcome(answer),
        }
    }

    /// The same of anything else.
    pub(super) fn work(&self, work: Work, priority: Priority, begun_ms: i64, outcome: Value) -> Call {
        Call {
            stream: work.words(),
            work: Some(work),
            priority,
            cursor: None,
            next: None,
            since_ms: 0,
            begun_ms,
            exchanges: std::mem::take(&mut self.kept().exchanges),
            outcome,
        }
    }

    /// What went over the wire since the last call belongs to none.
    pub(super) fn forget(&self) {
        self.kept().exchanges.clear();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for Recorder {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Wire for Recorder {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        let (asks, from) = (Line::of(&request, &self.prefix), origin(request.uri()));
        let outcome = self.wire.send(request, timeout).await;
        let (answered_ms, answer) = (self.step(), Answered::of(&outcome));
        let mut kept = self.kept();
        answer.keys(&mut kept.keys);
        kept.origins.extend(from.map(|origin| format!("{origin}{}", self.prefix)));
        kept.exchanges.push(Exchanged { asks, answered_ms, answer });
        outcome
    }
}

/// All of it, without keys: what was typed and what was handed out has stand-ins, links lead nowhere and carry no signature.
pub fn recorded(
    recorder: &Recorder,
    config: ConnectionConfig,
    secrets: &Secrets,
    (opened_ms, buckets): (i64, Vec<BucketState>),
    calls: Vec<Call>,
) -> Result<Cycle, serde_json::Error> {
    let kept = recorder.kept();
    let mut stand_ins: Vec<(String, String)> = secrets
        .iter()
        .map(|(name, secret)| (secret.expose_secret().to_owned(), format!("stand-in-for-{name}")))
        .chain(kept.keys.iter().enumerate().map(|(n, key)| (key.clone(), format!("stand-in-for-key-{n}"))))
        .filter(|(secret, _)| secret.chars().count() >= SECRET_CHARS_MIN)
        .collect();
    // Longer ones first: one may be the beginning of another.
    stand_ins.sort_by_key(|(secret, _)| std::cmp::Reverse(secret.len()));
    let mut document = serde_json::to_value(calls)?;
    each_text(&mut document, &mut |text| clean(text, &stand_ins, &kept.origins));
    let calls: Vec<Call> = serde_json::from_value(document)?;
    let mut config = serde_json::to_value(ConnectionConfig { base_url: None, ..config })?;
    each_text(&mut config, &mut |text| without_keys(text, &stand_ins));
    let secrets = secrets.keys().map(|name| (name.clone(), format!("stand-in-for-{name}"))).collect();
    Ok(Cycle { config: serde_json::from_value(config)?, secrets, opened_ms, buckets, calls })
}

fn clean(text: &str, stand_ins: &[(String, String)], origins: &BTreeSet<String>) -> Option<String> {
    let unsigned = match without_signatures(text) {
        Cow::Owned(unsigned) => Some(unsigned),
        Cow::Borrowed(_) => None,
    };
    let led = led_nowhere(unsigned.as_deref().unwrap_or(text), origins).or(unsigned);
    without_keys(led.as_deref().unwrap_or(text), stand_ins).or(led)
}

fn without_keys(text: &str, stand_ins: &[(String, String)]) -> Option<String> {
    let mut changed: Option<String> = None;
    for (secret, stand_in) in stand_ins {
        let now: &str = changed.as_deref().unwrap_or(text);
        if now.contains(secret.as_str()) {
            changed = Some(now.replace(secret.as_str(), stand_in));
        }
    }
    changed
}
