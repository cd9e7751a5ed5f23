//! The only file that speaks HTTP to BigCommerce.
//!
//! One store has one allowance, shared by all its apps: a window of 30 s whose
//! size, rest and end come with every answer. The bucket is set by what was said,
//! not by what was counted, because others spend from it too. Nothing sleeps
//! here; whoever calls is told when to come back.

use super::verdicts::{CallError, by_status, header_number, throttle_wait_ms};
use crate::wait::{WAIT_MAX_MS, later};
use crate::{Answer, BucketState, Budget, Door, DoorSetup, Exchange, Priority, Setup};
use http::Method;
use quayside_model::{Cause, Refusal, SecretString};
use serde_json::Value;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Name of the bucket.
pub const BUCKET: &str = "calls";
/// Calls in a window on the smallest plans, until the first answer says what the store really has.
const CALLS: f64 = 150.0;
/// Length of a window, ms.
const WINDOW_MS: i64 = 30_000;
/// Deadline of a call: a list with all its lines takes the platform a while.
const TIMEOUT: Duration = Duration::from_secs(45);
const ORIGIN: &str = "https://api.bigcommerce.com";

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// Orders, lines, shipments, the store's profile.
    V2,
    /// Everything else.
    V3,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    /// Where.
    pub api: Api,
    /// How.
    pub method: Method,
    /// Below the API's root, with a slash in front.
    pub path: String,
    /// Parameters, not encoded.
    pub query: Vec<(&'static str, String)>,
    /// Body.
    pub body: Option<Value>,
    /// Whose budget it is.
    pub priority: Priority,
}

impl Call {
    /// A read.
    pub fn get(api: Api, path: impl Into<String>, priority: Priority) -> Self {
        Self { api, method: Method::GET, path: path.into(), query: Vec::new(), body: None, priority }
    }
    /// A change.
    pub fn write(api: Api, method: Method, path: impl Into<String>, body: Option<Value>, priority: Priority) -> Self {
        Self { api, method, path: path.into(), query: Vec::new(), body, priority }
    }
    /// With a parameter.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.query.push((name, value.to_string()));
        self
    }
}

/// What came back, 2xx.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// The body; `null` where there is none (204: an empty list, or a deletion).
    pub json: Value,
    /// The platform's name for the request.
    pub request_id: Option<String>,
}

impl Reply {
    /// The rows of a V2 list: none for 204.
    pub fn rows(&self) -> Option<&[Value]> {
        match &self.json {
            Value::Null => Some(&[]),
            Value::Array(rows) => Some(rows),
            _ => None,
        }
    }
    /// `data` of a V3 answer as rows: none for 204.
    pub fn data_rows(&self) -> Option<&[Value]> {
        match self.json.get("data") {
            Some(Value::Array(rows)) => Some(rows),
            None if self.json.is_null() => Some(&[]),
            _ => None,
        }
    }
}

/// One store.
pub struct Client {
    door: Door,
    root: String,
    token: SecretString,
    budget: Budget,
    /// 429 answers without any header since the last answer of another kind.
    bare_refusals: AtomicU32,
}

impl Client {
    /// A client for `setup`. Sends nothing.
    pub fn new(setup: &Setup) -> Result<Self, Refusal> {
        let config = &setup.config;
        let missing = |what: &str| {
            Refusal::new(
                Cause::SignInNeeded,
                format!("{} (BigCommerce): {what} is missing. Enter the credentials again.", config.name),
            )
        };
        let hash = config.fields.get("store_hash").cloned().unwrap_or_default();
        // It becomes part of a path; the platform answers a mangled one with a bare 404.
        if hash.is_empty() || !hash.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(missing("The store hash"));
        }
        let token = setup.secrets.get("access_token").cloned().ok_or_else(|| missing("The access token"))?;
        let door = Door::new(DoorSetup {
            wire: setup.wire.clone(),
            clock: setup.clock.clone(),
            allowed_hosts: &["api.bigcommerce.com"],
            base_url: config.base_url.clone(),
            platform: "BigCommerce",
            connection: config.name.clone(),
            secrets: setup.secrets.values().cloned().collect(),
        })?;
        Ok(Self {
            door,
            root: format!("/stores/{hash}"),
            token,
            budget: Budget::new(setup.buckets.clone(), vec![default_bucket()]),
            bare_refusals: AtomicU32::new(0),
        })
    }

    /// The buckets.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// The door, for sentences and the clock.
    pub fn door(&self) -> &Door {
        &self.door
    }

    /// Sends one call; `what` completes "Could not …" for people ("read orders").
    pub async fn send(&self, call: Call, what: &str) -> Result<Reply, CallError> {
        let what = format!("Could not {what}");
        self.budget
            .spend(BUCKET, 1.0, call.priority, self.door.now_ms())
            .map_err(|at_ms| CallError::Wait { at_ms, why: "the store's allowance of calls begins anew".into() })?;
        let version = match call.api {
            Api::V2 => "v2",
            Api::V3 => "v3",
        };
        let mut url = self.door.url(ORIGIN, &format!("{}/{version}{}", self.root, call.path))?;
        if !call.query.is_empty() {
            // Encodes once, `+` of a time offset included; encoded twice, a filter is silently ignored.
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        // Without `Accept` the older API has been seen to answer in XML.
        let mut exchange = Exchange::new(call.method, url)
            .secret_header("x-auth-token", self.token.clone())
            .header("accept", "application/json")
            .timeout(TIMEOUT);
        if let Some(body) = &call.body {
            exchange = exchange.json(body);
        }
        let answer = self.door.send(exchange).await?;
        self.learn(&answer);
        if answer.status == 429 {
            return Err(self.throttled(&answer));
        }
        self.bare_refusals.store(0, Ordering::Relaxed);
        if !answer.is_success() {
            return Err(by_status(&self.door, &answer, &what));
        }
        if answer.status == 204 || answer.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Reply { json: Value::Null, request_id: answer.request_id });
        }
        match serde_json::from_slice(&answer.body) {
            Ok(json) => Ok(Reply { json, request_id: answer.request_id }),
            Err(_) => Err(CallError::Lost(
                self.door
                    .refusal(Cause::PlatformTrouble, &format!("{what}. The answer ended in the middle, or is no JSON."))
                    .status(answer.status)
                    .request(answer.request_id),
            )),
        }
    }

    fn throttled(&self, answer: &Answer) -> CallError {
        let bare = answer.header("x-rate-limit-time-reset-ms").is_empty() && answer.header("x-retry-after").is_empty();
        let before = if bare { self.bare_refusals.fetch_add(1, Ordering::Relaxed) } else { 0 };
        let at_ms = later(self.door.now_ms(), throttle_wait_ms(answer, before).max(1));
        self.budget.learn(BUCKET, |bucket| bucket.blocked_until_ms = bucket.blocked_until_ms.max(at_ms));
        let why = if bare { "BigCommerce slows this store down" } else { "the store's allowance of calls begins anew" };
        CallError::Wait { at_ms, why: why.into() }
    }

    /// Sets the bucket to what the answer says of the window.
    fn learn(&self, answer: &Answer) {
        let now_ms = self.door.now_ms();
        let quota = header_number(answer, "x-rate-limit-requests-quota").filter(|quota| *quota > 0);
        let left = header_number(answer, "x-rate-limit-requests-left");
        let window_ms = header_number(answer, "x-rate-limit-time-window-ms").filter(|ms| *ms > 0);
        let reset_ms = header_number(answer, "x-rate-limit-time-reset-ms");
        self.budget.learn(BUCKET, |bucket| {
            bucket.capacity = quota.map_or(bucket.capacity, |quota| quota as f64);
            bucket.window_ms = window_ms.map_or(bucket.window_ms, |ms| ms.min(WAIT_MAX_MS));
            if let (Some(left), Some(reset_ms)) = (left, reset_ms) {
                bucket.level = left as f64;
                bucket.window_ends_ms = later(now_ms, reset_ms);
                bucket.as_of_ms = now_ms;
            }
        });
    }
}

fn default_bucket() -> BucketState {
    BucketState {
        name: BUCKET.into(),
        unit: "calls".into(),
        capacity: CALLS,
        level: CALLS,
        per_second: 0.0,
        window_ms: WINDOW_MS,
        window_ends_ms: 0,
        as_of_ms: 0,
        blocked_until_ms: 0,
    }
}
