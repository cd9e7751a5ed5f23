//! The only file that speaks HTTP to Orderez.
//!
//! Paths, headers and limits are the profile's. Calls wait for their turn where
//! the profile allows few at a time, never for the allowance. After "too many
//! calls" the rate is halved for ten minutes, because nobody says what the limit
//! really is. What an answer means is decided in `verdicts.rs`.

use super::paging;
use super::profile::Profile;
use super::request::{Rendered, encoded};
use super::verdicts::Said;
use crate::door::{Door, DoorError, DoorSetup, Exchange};
use crate::redact::Unspoken;
use crate::wait::later;
use crate::{Answer, BucketState, Budget, Priority, ReadError, Setup};
use quayside_model::time::{MINUTE_MS, SECOND_MS};
use quayside_model::{Cause, Confirmation, ExposeSecret, Refusal, SecretString, Verdict};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Name of the one rate bucket.
pub(super) const BUCKET: &str = "calls";
/// How long the rate stays halved after "too many calls", ms.
const SLOW_MS: i64 = 10 * MINUTE_MS;
/// Length of the window the profile's limit is counted in, ms.
const WINDOW_MS: i64 = MINUTE_MS;

/// An answer, any status but "too many calls".
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub status: u16,
    /// 2xx, or what the operation's own list says.
    pub success: bool,
    /// The body, where it is JSON.
    pub json: Option<Value>,
    /// What it says, cleaned of secrets. Only looked at where it is no success.
    pub said: Said,
    /// The answer is that of an earlier request with the same key.
    pub replayed: bool,
    /// Where the next page is, if a header says so.
    pub link: Option<String>,
    pub request_id: Option<String>,
}

/// Why there is no answer to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The allowance is used up, or the platform asked to wait. Nothing was done.
    Wait { at_ms: i64, why: String },
    /// No answer.
    Door(DoorError),
}

impl From<DoorError> for Failure {
    fn from(error: DoorError) -> Self {
        Self::Door(error)
    }
}

impl Failure {
    /// For a read.
    pub(super) fn into_read_error(self) -> ReadError {
        match self {
            Self::Wait { at_ms, why } => ReadError::WaitUntil { at_ms, why },
            Self::Door(error) => error.into_read_error(),
        }
    }
    /// For a write.
    pub(super) fn into_verdict(self) -> Verdict {
        match self {
            Self::Wait { at_ms, why } => Verdict::WaitUntil { at_ms, why },
            Self::Door(error) => error.into_verdict(),
        }
    }
    /// For a read that must succeed before a write: whatever happened, nothing was changed.
    pub(super) fn into_verdict_before_write(self) -> Verdict {
        match self {
            Self::Wait { at_ms, why } => Verdict::WaitUntil { at_ms, why },
            Self::Door(DoorError::Refused(refusal)) => Verdict::NeedsPerson(refusal),
            Self::Door(DoorError::NotSent(refusal) | DoorError::Lost(refusal)) => Verdict::RetryLater(refusal),
        }
    }
    /// For a question about a write.
    pub(super) fn into_confirmation(self) -> Confirmation {
        match self {
            Self::Wait { why, .. } => Confirmation::CannotTell(Refusal::new(Cause::RateLimited, why)),
            Self::Door(error) => error.into_confirmation(),
        }
    }
}

/// The client of one connection.
pub(super) struct Client {
    door: Door,
    budget: Arc<Budget>,
    profile: Arc<Profile>,
    /// `https://host`.
    origin: String,
    /// Path of the base URL, without trailing slash.
    prefix: String,
    key: Option<SecretString>,
    turns: tokio::sync::Semaphore,
    /// The rate is halved until this moment, ms UTC.
    slow_until_ms: AtomicI64,
}

impl Client {
    /// A client. Sends nothing. `budget`: that of another client of the same account.
    pub(super) fn open(
        setup: Setup,
        profile: Arc<Profile>,
        base: &url::Url,
        key: Option<SecretString>,
        budget: Option<Arc<Budget>>,
    ) -> Result<Self, Refusal> {
        let now_ms = setup.clock.now_ms();
        let key = key.map(|key| SecretString::from(format!("{}{}", profile.auth.prefix, key.expose_secret())));
        let mut secrets: Vec<SecretString> = setup.secrets.values().cloned().collect();
        secrets.extend(key.clone());
        let door = Door::new(DoorSetup {
            wire: setup.wire,
            clock: setup.clock,
            allowed_hosts: &[],
            base_url: setup.config.base_url.clone(),
            platform: "Orderez",
            connection: setup.config.name.clone(),
            secrets,
        })?
        .with_named_host(base.host_str().unwrap_or_default());
        let capacity = f64::from(profile.limits.requests_per_minute);
        let bucket = BucketState {
            name: BUCKET.into(),
            unit: "calls".into(),
            capacity,
            level: capacity,
            per_second: 0.0,
            window_ms: WINDOW_MS,
            window_ends_ms: now_ms,
            as_of_ms: now_ms,
            blocked_until_ms: 0,
        };
        // A persisted bucket of an earlier profile keeps what was spent, not its size.
        let budget = budget.unwrap_or_else(|| Arc::new(Budget::new(setup.buckets, vec![bucket])));
        budget.learn(BUCKET, |known| {
            known.capacity = capacity;
            known.level = known.level.min(capacity);
        });
        Ok(Self {
            door,
            budget,
            origin: base.origin().ascii_serialization(),
            prefix: base.path().trim_end_matches('/').to_owned(),
            key,
            turns: tokio::sync::Semaphore::new(profile.limits.concurrency as usize),
            slow_until_ms: AtomicI64::new(0),
            profile,
        })
    }

    /// The account's rate bucket.
    pub(super) fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }
    /// Now by this computer's clock, ms UTC.
    pub(super) fn now_ms(&self) -> i64 {
        self.door.now_ms()
    }
    /// Now by their clock as far as known, ms UTC.
    pub(super) fn their_now_ms(&self) -> i64 {
        self.door.now_ms() + self.door.sure_skew_ms()
    }
    /// The platform's clock minus ours, ms, if an answer told.
    pub(super) fn skew_ms(&self) -> Option<i64> {
        self.door.skew_ms()
    }
    /// What must not be repeated.
    pub(super) fn unspoken(&self) -> Unspoken {
        self.door.unspoken()
    }
    /// A failure of this connection.
    pub(super) fn refusal(&self, cause: Cause, what: &str) -> Refusal {
        self.door.refusal(cause, what)
    }

    /// One call.
    pub(super) async fn call(&self, request: &Rendered, priority: Priority) -> Result<Reply, Failure> {
        let path = format!("{}{}", self.prefix, request.path);
        let mut url = self.door.url(&self.origin, &path)?;
        if !request.query.is_empty() {
            url.set_query(Some(&encoded(&request.query)));
        }
        self.send(request, url, priority).await
    }

    /// A page whose address an earlier page named. Only ever the account's own host: the door refuses any other.
    pub(super) async fn follow(&self, request: &Rendered, link: &str, priority: Priority) -> Result<Reply, Failure> {
        let path = format!("{}{}", self.prefix, request.path);
        let here = self.door.url(&self.origin, &path)?;
        let mut url = here.join(link).map_err(|error| {
            DoorError::Refused(
                self.refusal(Cause::NotThePlatform, &format!("The link to the next page is no address ({error}).")),
            )
        })?;
        if self.door.is_overridden() {
            // A stand-in names its pages by the platform's own host.
            let (path, query) = (url.path().to_owned(), url.query().map(str::to_owned));
            url = self.door.url(&self.origin, &path)?;
            url.set_query(query.as_deref());
        }
        self.send(request, url, priority).await
    }

    async fn send(&self, request: &Rendered, url: url::Url, priority: Priority) -> Result<Reply, Failure> {
        let key = self
            .key
            .clone()
            .ok_or_else(|| DoorError::Refused(self.refusal(Cause::SignInNeeded, "This connection has no API key.")))?;
        // Never closed, so a permit always comes.
        let _turn = self.turns.acquire().await.ok();
        self.pace();
        self.budget
            .spend(BUCKET, 1.0, priority, self.door.now_ms())
            .map_err(|at_ms| Failure::Wait { at_ms, why: self.waiting_words() })?;
        let mut exchange = Exchange::new(request.method.clone(), url).timeout(Duration::from_mins(1));
        for (name, value) in &request.headers {
            exchange = exchange.header(name.clone(), value.clone());
        }
        exchange = exchange.secret_header(self.profile.auth.header.to_ascii_lowercase(), key);
        if let Some(body) = &request.body {
            exchange = exchange.json(body);
        }
        let is_read = request.method == http::Method::GET;
        let answer = self.door.send(exchange).await?;
        self.understand(request, &answer, is_read)
    }

    fn understand(&self, request: &Rendered, answer: &Answer, is_read: bool) -> Result<Reply, Failure> {
        let now_ms = self.door.now_ms();
        let text = answer.text();
        let json: Option<Value> = serde_json::from_str(&text).ok();
        let wait_ms = self.retry_after_ms(answer, now_ms);
        if answer.status == 429 {
            return Err(Failure::Wait { at_ms: self.throttled(wait_ms, now_ms), why: self.waiting_words() });
        }
        // "Try later" before anything was done: only a read may take its word for it.
        if let (503, true, Some(wait_ms)) = (answer.status, is_read, wait_ms) {
            return Err(Failure::Wait {
                at_ms: later(now_ms, wait_ms.clamp(SECOND_MS, 10 * MINUTE_MS)),
                why: "Orderez asks to come back later".to_owned(),
            });
        }
        self.learn(answer, now_ms);
        let success = match request.success.as_slice() {
            [] => answer.is_success(),
            list => list.contains(&answer.status),
        };
        // A 2xx whose JSON broke off is no answer: a read is asked again, a write looked up.
        if answer.is_success() && json.is_none() && !text.trim().is_empty() {
            let refusal = self
                .door
                .refusal(Cause::PlatformTrouble, "An answer broke off in the middle.")
                .status(answer.status)
                .request(answer.request_id.clone());
            return Err(Failure::Door(DoorError::Lost(refusal)));
        }
        let mut said = if success { Said::default() } else { Said::of(&self.profile, json.as_ref()) };
        said.message = self.door.quotable(&said.message);
        for field in &mut said.fields {
            field.message = self.door.quotable(&field.message);
        }
        Ok(Reply {
            status: answer.status,
            success,
            json,
            said,
            replayed: answer.header("idempotency-replayed").eq_ignore_ascii_case("true"),
            link: paging::link_next(answer.header("link")),
            request_id: answer.request_id.clone(),
        })
    }

    /// What the profile's header says, seconds or a date; else the usual one.
    fn retry_after_ms(&self, answer: &Answer, now_ms: i64) -> Option<i64> {
        let name = self.profile.errors.retry_after_header.as_deref().unwrap_or("retry-after").to_ascii_lowercase();
        // A date is told by their clock.
        let now_ms = now_ms + self.door.skew_ms().unwrap_or(0);
        if name == "retry-after" {
            return answer.retry_after_ms(now_ms);
        }
        let mut as_usual = answer.clone();
        let value = answer.headers.get(name.as_str()).cloned()?;
        as_usual.headers.insert("retry-after", value);
        as_usual.retry_after_ms(now_ms)
    }

    fn waiting_words(&self) -> String {
        let slow = self.slow_until_ms.load(Ordering::Relaxed) > self.door.now_ms();
        let tail = if slow { ", halved because it was too much" } else { "" };
        format!(
            "The next minute of the account's allowance ({} calls a minute{tail})",
            self.profile.limits.requests_per_minute
        )
    }

    /// Half the rate while it was too much, all of it again afterwards.
    fn pace(&self) {
        let full = f64::from(self.profile.limits.requests_per_minute);
        let slow = self.slow_until_ms.load(Ordering::Relaxed) > self.door.now_ms();
        let capacity = if slow { (full / 2.0).max(1.0) } else { full };
        self.budget.learn(BUCKET, |bucket| {
            bucket.capacity = capacity;
            bucket.level = bucket.level.min(capacity);
        });
    }

    /// Others may be spending the same allowance: what the answer says is left counts, if it is less.
    fn learn(&self, answer: &Answer, now_ms: i64) {
        let left = answer
            .header("ratelimit-remaining")
            .trim()
            .parse::<f64>()
            .ok()
            .filter(|left| left.is_finite() && *left >= 0.0);
        let Some(left) = left else { return };
        self.budget.learn(BUCKET, |bucket| {
            if now_ms < bucket.window_ends_ms && left < bucket.level {
                bucket.level = left;
                bucket.as_of_ms = now_ms;
            }
        });
    }

    fn throttled(&self, wait_ms: Option<i64>, now_ms: i64) -> i64 {
        let at_ms = later(now_ms, wait_ms.unwrap_or(WINDOW_MS).clamp(SECOND_MS, 10 * MINUTE_MS));
        self.slow_until_ms.store(now_ms + SLOW_MS, Ordering::Relaxed);
        self.budget.learn(BUCKET, |bucket| {
            bucket.level = 0.0;
            bucket.as_of_ms = now_ms;
            bucket.window_ends_ms = at_ms;
            bucket.blocked_until_ms = at_ms;
        });
        at_ms
    }
}
