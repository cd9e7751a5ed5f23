//! The only file that speaks HTTP to ShipStation.
//!
//! V1 and V2 live on two hosts with two kinds of keys and two allowances; a
//! loopback override stands for both. Calls to V1 take turns: its allowance is
//! so small (40 a minute) that the answer to one call decides about the next.
//! What an answer means is not decided here (`verdicts.rs`), except for "too many
//! calls", which is the same for everybody.

use super::wire::{Rows, Said};
use crate::door::{Door, DoorError, DoorSetup, Exchange};
use crate::redact::Unspoken;
use crate::wait::later;
use crate::{BucketState, Budget, Priority, ReadError, Setup};
use base64::Engine as _;
use http::Method;
use quayside_model::time::{MINUTE_MS, SECOND_MS};
use quayside_model::{Cause, Confirmation, ExposeSecret, Refusal, SecretString, Verdict};
use serde_json::Value;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

const ORIGIN_V1: &str = "https://ssapi.shipstation.com";
const ORIGIN_V2: &str = "https://api.shipstation.com";
const HOSTS: &[&str] = &["ssapi.shipstation.com", "api.shipstation.com"];

/// V1's allowance before the first answer told the real one.
const V1_CALLS: f64 = 40.0;
/// V2's allowance; its answers tell only when it is used up.
const V2_CALLS: f64 = 200.0;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Api {
    /// `ssapi.shipstation.com`.
    V1,
    /// `api.shipstation.com`.
    V2,
}

impl Api {
    /// Its rate bucket.
    pub(super) fn bucket(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }
    fn origin(self) -> &'static str {
        match self {
            Self::V1 => ORIGIN_V1,
            Self::V2 => ORIGIN_V2,
        }
    }
}

/// One call.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    pub api: Api,
    pub method: Method,
    /// Path, already encoded.
    pub path: String,
    pub query: Vec<(&'static str, String)>,
    pub body: Option<Value>,
    pub priority: Priority,
    /// Member that holds the rows, where a list is asked for: its rows are kept as text, see [`Rows`].
    pub rows: Option<&'static str>,
}

impl Call {
    /// A read.
    pub(super) fn get(api: Api, path: impl Into<String>, priority: Priority) -> Self {
        Self { api, method: Method::GET, path: path.into(), query: Vec::new(), body: None, priority, rows: None }
    }
    /// A write that makes something.
    pub(super) fn post(api: Api, path: impl Into<String>, body: Value, priority: Priority) -> Self {
        Self { api, method: Method::POST, path: path.into(), query: Vec::new(), body: Some(body), priority, rows: None }
    }
    /// A write that changes something. V2's commands (`cancel`, `void`) have no body.
    pub(super) fn put(path: impl Into<String>, body: Option<Value>, priority: Priority) -> Self {
        Self { api: Api::V2, method: Method::PUT, path: path.into(), query: Vec::new(), body, priority, rows: None }
    }
    /// With a query parameter.
    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.query.push((name, format!("{value}")));
        self
    }
    /// For its rows, which stand under `key`.
    #[must_use]
    pub(super) fn for_rows(mut self, key: &'static str) -> Self {
        self.rows = Some(key);
        self
    }
}

/// `text` as one segment of a path.
pub(super) fn segment(text: &str) -> String {
    // Form encoding writes a space as `+`, which a path takes literally.
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// An answer, any status but "too many calls".
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reply {
    pub api: Api,
    pub status: u16,
    /// The body, where it is JSON and not in `rows`.
    pub json: Option<Value>,
    /// The body of a successful answer to a call for rows.
    pub rows: Option<Rows>,
    /// What it says, cleaned of secrets. Only looked at where it is no success.
    pub said: Said,
    header_id: Option<String>,
}

impl Reply {
    /// 2xx.
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
    /// The platform's name for the request.
    pub(super) fn request_id(&self) -> Option<String> {
        self.said.request_id.clone().or_else(|| self.header_id.clone())
    }
    /// For tests of pure functions.
    #[cfg(test)]
    pub(super) fn of(api: Api, status: u16, body: &str) -> Self {
        let json: Option<Value> = serde_json::from_str(body).ok();
        let said = Said::of(json.as_ref(), body, body.trim_start().starts_with('<'));
        Self { api, status, json, rows: None, said, header_id: None }
    }
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
    budget: Budget,
    /// `Basic …`
    v1: Option<SecretString>,
    v2: Option<SecretString>,
    /// Calls per minute left to other tools on the same V1 key.
    reserved: f64,
    /// One V1 call at a time.
    v1_turn: tokio::sync::Mutex<()>,
    /// When V1's window ends, as its own answers told, ms UTC.
    v1_window_ends_ms: AtomicI64,
}

impl Client {
    /// A client. Sends nothing.
    pub(super) fn open(
        setup: Setup,
        key_v1: Option<&(SecretString, SecretString)>,
        key_v2: Option<SecretString>,
        reserved: u32,
    ) -> Result<Self, Refusal> {
        let basic = key_v1.map(|(key, secret)| {
            let pair = format!("{}:{}", key.expose_secret(), secret.expose_secret());
            base64::engine::general_purpose::STANDARD.encode(pair)
        });
        // Everything the keychain gave, used or not, and the form in which it travels.
        let mut secrets: Vec<SecretString> = setup.secrets.values().cloned().collect();
        secrets.extend(basic.iter().map(|text| SecretString::from(text.clone())));
        let now_ms = setup.clock.now_ms();
        let door = Door::new(DoorSetup {
            wire: setup.wire,
            clock: setup.clock,
            allowed_hosts: HOSTS,
            base_url: setup.config.base_url.clone(),
            platform: "ShipStation",
            connection: setup.config.name.clone(),
            secrets,
        })?;
        let reserved = f64::from(reserved).min(V1_CALLS - 1.0);
        let bucket = |api: Api, capacity: f64| BucketState {
            name: api.bucket().into(),
            unit: "calls".into(),
            capacity,
            level: capacity,
            per_second: 0.0,
            window_ms: MINUTE_MS,
            window_ends_ms: now_ms,
            as_of_ms: now_ms,
            blocked_until_ms: 0,
        };
        Ok(Self {
            door,
            budget: Budget::new(setup.buckets, vec![bucket(Api::V1, V1_CALLS - reserved), bucket(Api::V2, V2_CALLS)]),
            v1: basic.map(|text| SecretString::from(format!("Basic {text}"))),
            v2: key_v2,
            reserved,
            v1_turn: tokio::sync::Mutex::new(()),
            v1_window_ends_ms: AtomicI64::new(0),
        })
    }

    /// The account's rate buckets.
    pub(super) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// The platform's clock minus ours, ms, if an answer told.
    pub(super) fn skew_ms(&self) -> Option<i64> {
        self.door.skew_ms()
    }

    /// The same to reckon with, ms ([`crate::Door::sure_skew_ms`]).
    pub(super) fn sure_skew_ms(&self) -> i64 {
        self.door.sure_skew_ms()
    }

    /// Now by this computer's clock, ms UTC.
    pub(super) fn now_ms(&self) -> i64 {
        self.door.now_ms()
    }

    /// What must not be repeated.
    pub(super) fn unspoken(&self) -> Unspoken {
        self.door.unspoken()
    }

    /// Text of the platform, fit to be shown.
    pub(super) fn quotable(&self, text: &str) -> String {
        self.door.quotable(text)
    }

    /// One call: waits for its turn, never for the allowance.
    pub(super) async fn call(&self, call: Call) -> Result<Reply, Failure> {
        let _turn = match call.api {
            Api::V1 => Some(self.v1_turn.lock().await),
            Api::V2 => None,
        };
        let (api, is_read) = (call.api, call.method == Method::GET);
        let exchange = self.exchange(&call, "application/json")?;
        self.budget
            .spend(api.bucket(), 1.0, call.priority, self.door.now_ms())
            .map_err(|at_ms| Failure::Wait { at_ms, why: self.waiting_words(api) })?;
        let answer = self.door.send(exchange).await?;
        let now_ms = self.door.now_ms();
        if api == Api::V1 {
            self.learn_v1(&answer, now_ms);
        }
        let text = answer.text();
        // Most of what is ever read are rows that are known already: they are not taken apart here.
        if let Some(rows) = call.rows.filter(|_| answer.is_success()).and_then(|key| Rows::of(&text, key)) {
            let said = Said::default();
            return Ok(Reply {
                api,
                status: answer.status,
                json: None,
                rows: Some(rows),
                said,
                header_id: answer.request_id,
            });
        }
        let json: Option<Value> = serde_json::from_str(&text).ok();
        let mut said = Said::of(json.as_ref(), &text, answer.is_html);
        if answer.status == 429 || said.is_throttled() {
            let at_ms = self.throttled(api, &answer, &said, now_ms);
            return Err(Failure::Wait { at_ms, why: self.waiting_words(api) });
        }
        said.message = self.door.quotable(&said.message);
        for (_, message) in &mut said.fields {
            *message = self.door.quotable(message);
        }
        // A 2xx whose JSON broke off is no answer: a read is asked again, a write looked up.
        if answer.is_success() && json.is_none() && !text.trim().is_empty() && is_read {
            return Err(Failure::Door(DoorError::Lost(
                self.door
                    .refusal(Cause::PlatformTrouble, "An answer broke off in the middle. It is asked again.")
                    .status(answer.status),
            )));
        }
        Ok(Reply { api, status: answer.status, json, rows: None, said, header_id: answer.request_id })
    }

    /// A file, as it lies there: no JSON. `path` is one of V2's own.
    pub(super) async fn file(&self, path: &str, priority: Priority) -> Result<crate::Answer, Failure> {
        let exchange = self.exchange(&Call::get(Api::V2, path, priority), "*/*")?.unheard();
        self.budget
            .spend(Api::V2.bucket(), 1.0, priority, self.door.now_ms())
            .map_err(|at_ms| Failure::Wait { at_ms, why: self.waiting_words(Api::V2) })?;
        let answer = self.door.send(exchange).await?;
        if answer.status == 429 {
            let at_ms = self.throttled(Api::V2, &answer, &Said::default(), self.door.now_ms());
            return Err(Failure::Wait { at_ms, why: self.waiting_words(Api::V2) });
        }
        Ok(answer)
    }

    fn exchange(&self, call: &Call, accept: &'static str) -> Result<Exchange, Failure> {
        let mut url = self.door.url(call.api.origin(), &call.path)?;
        if !call.query.is_empty() {
            // `append_pair` encodes a space as `+`; V1's dates hold one, and `%20` is read by everybody.
            let query: Vec<String> =
                call.query.iter().map(|(name, value)| format!("{name}={}", segment(value))).collect();
            url.set_query(Some(&query.join("&")));
        }
        let (name, key, missing) = match call.api {
            Api::V1 => ("authorization", &self.v1, "This connection has no V1 key pair."),
            Api::V2 => ("api-key", &self.v2, "This connection has no V2 key."),
        };
        let key = key.clone().ok_or_else(|| DoorError::Refused(self.door.refusal(Cause::SignInNeeded, missing)))?;
        let is_batch = call.body.as_ref().is_some_and(Value::is_array);
        let seconds = if is_batch { 90 } else { 60 };
        let exchange = Exchange::new(call.method.clone(), url)
            .header("accept", accept)
            .secret_header(name, key)
            .timeout(Duration::from_secs(seconds));
        Ok(match &call.body {
            Some(body) => exchange.json(body),
            None => exchange,
        })
    }

    fn waiting_words(&self, api: Api) -> String {
        let capacity = self
            .budget
            .snapshot()
            .into_iter()
            .find(|bucket| bucket.name == api.bucket())
            .map_or(0.0, |bucket| bucket.capacity);
        match api {
            Api::V1 if self.reserved > 0.0 => {
                format!(
                    "The next minute of ShipStation's allowance ({capacity} calls a minute for Quayside, {} left to other tools)",
                    self.reserved
                )
            }
            _ => format!("The next minute of ShipStation's allowance ({capacity} calls a minute)"),
        }
    }

    /// V1 tells on every answer how many calls are left (other tools' calls included)
    /// and in how many seconds the window ends.
    fn learn_v1(&self, answer: &crate::Answer, now_ms: i64) {
        let number = |name: &str| {
            answer.header(name).trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)
        };
        let (limit, remaining) = (number("x-rate-limit-limit"), number("x-rate-limit-remaining"));
        let ends_ms = number("x-rate-limit-reset").map(|seconds| {
            let told_ms = later(now_ms, (seconds * 1000.0) as i64);
            let before_ms = self.v1_window_ends_ms.load(Ordering::Relaxed);
            // Whole seconds, cut off: within one window the latest of all told ends is the truest.
            let same_window = before_ms > now_ms && (told_ms - before_ms).abs() <= 2 * SECOND_MS;
            let ends_ms = if same_window { told_ms.max(before_ms) } else { told_ms };
            self.v1_window_ends_ms.store(ends_ms, Ordering::Relaxed);
            ends_ms
        });
        self.budget.learn(Api::V1.bucket(), |bucket| {
            if let Some(limit) = limit.filter(|limit| *limit >= 1.0) {
                bucket.capacity = (limit - self.reserved).max(1.0);
            }
            if let Some(remaining) = remaining {
                bucket.level = remaining - self.reserved;
            }
            if let Some(ends_ms) = ends_ms {
                bucket.window_ends_ms = ends_ms;
            }
            bucket.as_of_ms = now_ms;
        });
    }

    /// When to come back after "too many calls", ms UTC.
    fn throttled(&self, api: Api, answer: &crate::Answer, said: &Said, now_ms: i64) -> i64 {
        let reset_ms =
            answer.header("x-rate-limit-reset").trim().parse::<f64>().ok().map(|seconds| (seconds * 1000.0) as i64);
        let told_ms = match api {
            Api::V1 => reset_ms.or_else(|| answer.retry_after_ms(now_ms)),
            Api::V2 => answer.retry_after_ms(now_ms).or(reset_ms),
        };
        // Seconds are cut off: "0" means "within this second".
        let at_ms = later(now_ms, told_ms.unwrap_or(MINUTE_MS).clamp(SECOND_MS, 10 * MINUTE_MS));
        // A carrier behind V2 that throttles is no reason to stop talking to ShipStation.
        let only_a_carrier = said.sources.iter().any(|source| source == "carrier")
            && !said.sources.iter().any(|source| source == "shipstation");
        if !only_a_carrier {
            self.budget.learn(api.bucket(), |bucket| {
                bucket.level = 0.0;
                bucket.as_of_ms = now_ms;
                bucket.window_ends_ms = at_ms;
                bucket.blocked_until_ms = at_ms;
            });
        }
        at_ms
    }
}
