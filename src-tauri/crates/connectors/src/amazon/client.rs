//! The only file that speaks HTTP to Amazon: sign-in, headers, buckets, signed links.

use super::limits::{self, Op};
use super::places::{HOSTS, Region, SIGN_IN_ORIGIN, region};
use super::token::{self, Token};
use super::verdicts::{ApiError, CallError, api_errors, by_status, token_ended, words};
use crate::{Answer, Budget, Door, DoorError, DoorSetup, Exchange, Priority, Setup};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use quayside_model::{Cause, ExposeSecret, Refusal, SecretString};
use serde_json::Value;
use std::time::Duration;

/// Everything but the unreserved characters of RFC 3986: SKUs hold spaces, `/`, `#`, `+`, and Amazon decodes strictly.
const STRICT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Longest wait for an answer of the API.
const TIMEOUT: Duration = Duration::from_secs(40);
/// Longest wait for a file.
const FILE_TIMEOUT: Duration = Duration::from_mins(2);
/// A mandatory header of Amazon's: who calls, and in what language it is written.
const USER_AGENT: &str = concat!(
    "Quayside/",
    env!("CARGO_PKG_VERSION"),
    " (Language=Rust/",
    env!("CARGO_PKG_RUST_VERSION"),
    "; Platform=Desktop)"
);

/// A call: operation, method, path, query, body.
pub struct Call<'a> {
    /// Whose bucket.
    pub op: Op,
    /// Method.
    pub method: http::Method,
    /// Path, its parts encoded by [`part`].
    pub path: String,
    /// Query, lists joined by commas already.
    pub query: Vec<(&'a str, String)>,
    /// JSON body.
    pub body: Option<Value>,
}

impl<'a> Call<'a> {
    /// A question.
    pub fn get(op: Op, path: impl Into<String>, query: Vec<(&'a str, String)>) -> Self {
        Self { op, method: http::Method::GET, path: path.into(), query, body: None }
    }
    /// A change.
    pub fn post(op: Op, path: impl Into<String>, body: Value) -> Self {
        Self { op, method: http::Method::POST, path: path.into(), query: Vec::new(), body: Some(body) }
    }
}

/// An answer with data.
#[derive(Debug, Clone)]
pub struct Data {
    /// The body; `null` if there was none.
    pub body: Value,
    /// Amazon's name for the request.
    pub request_id: Option<String>,
}

/// A file from a signed link.
#[derive(Debug, Clone)]
pub struct File {
    /// As it came, packed or not.
    pub bytes: Vec<u8>,
    /// `Content-Type`, which names the encoding.
    pub content_type: String,
}

/// A part of a path, encoded.
pub fn part(text: &str) -> String {
    utf8_percent_encode(text, STRICT).to_string()
}

/// One signed-in account.
#[allow(clippy::struct_field_names)] // the credentials have Amazon's names
pub struct Client {
    door: Door,
    region: &'static Region,
    client_id: String,
    client_secret: SecretString,
    refresh_token: SecretString,
    token: tokio::sync::Mutex<Option<Token>>,
    budget: Budget,
}

impl Client {
    /// Sends nothing.
    pub fn new(setup: &Setup) -> Result<Self, Refusal> {
        let config = &setup.config;
        let missing = |what: &str| {
            let sentence = format!("{} (Amazon): {what} is missing. Enter the credentials again.", config.name);
            Refusal::new(Cause::SignInNeeded, sentence)
        };
        let field = |name: &str| config.fields.get(name).map(String::as_str).filter(|text| !text.is_empty());
        let secret = |name: &str, what: &str| setup.secrets.get(name).cloned().ok_or_else(|| missing(what));
        let region = field("region").and_then(region).ok_or_else(|| missing("the region"))?;
        let client_id = field("client_id").ok_or_else(|| missing("the client identifier"))?.to_owned();
        let door = Door::new(DoorSetup {
            wire: setup.wire.clone(),
            clock: setup.clock.clone(),
            allowed_hosts: HOSTS,
            base_url: config.base_url.clone(),
            platform: "Amazon",
            connection: config.name.clone(),
            secrets: setup.secrets.values().cloned().collect(),
        })?;
        Ok(Self {
            door,
            region,
            client_id,
            client_secret: secret("client_secret", "the client secret")?,
            refresh_token: secret("refresh_token", "the refresh token")?,
            token: tokio::sync::Mutex::new(None),
            budget: Budget::new(setup.buckets.clone(), limits::defaults()),
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

    /// Where the account sells.
    pub fn region(&self) -> &'static Region {
        self.region
    }

    /// Now by Amazon's clock, as far as we know it, ms UTC.
    pub fn their_now_ms(&self) -> i64 {
        self.door.now_ms() + self.door.sure_skew_ms()
    }

    /// Sends a call. `what` completes "Could not …" ("read orders").
    pub async fn call(&self, call: &Call<'_>, priority: Priority, what: &str) -> Result<Data, CallError> {
        let what = format!("Could not {what}");
        let answer = self.exchange(call, priority, &what).await?;
        self.learn(call.op, &answer);
        if !answer.is_success() {
            let pause_ms = limits::pause_ms(self.rate(call.op), self.door.now_ms());
            let error = by_status(&self.door, &answer, &what, pause_ms);
            if let CallError::Wait { at_ms, .. } = &error {
                self.budget.learn(call.op.bucket(), |bucket| {
                    bucket.level = 0.0;
                    bucket.as_of_ms = self.door.now_ms();
                    bucket.blocked_until_ms = *at_ms;
                });
            }
            return Err(error);
        }
        let body = if answer.body.iter().all(u8::is_ascii_whitespace) {
            Value::Null
        } else {
            serde_json::from_slice(&answer.body).map_err(|_| {
                let sentence = format!("{what}. The answer ended in the middle, or is no JSON.");
                let refusal = self.door.refusal(Cause::PlatformTrouble, &sentence);
                CallError::Lost(refusal.status(answer.status).request(answer.request_id.clone()))
            })?
        };
        Ok(Data { body, request_id: answer.request_id })
    }

    async fn exchange(&self, call: &Call<'_>, priority: Priority, what: &str) -> Result<Answer, CallError> {
        let mut url = self.door.url(self.region.origin, &call.path)?;
        if !call.query.is_empty() {
            let query: Vec<String> = call
                .query
                .iter()
                .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, STRICT)))
                .collect();
            url.set_query(Some(&query.join("&")));
        }
        let mut refused: Option<SecretString> = None;
        loop {
            let token = self.token(refused.as_ref(), what).await?;
            self.spend(call.op, priority)?;
            let mut exchange = Exchange::new(call.method.clone(), url.clone())
                .secret_header("x-amz-access-token", token.value.clone())
                .header("x-amz-date", self.amz_date())
                .header("user-agent", USER_AGENT)
                .header("accept", "application/json")
                .timeout(TIMEOUT);
            if let Some(body) = &call.body {
                exchange = exchange.json(body);
            }
            let answer = self.door.send(exchange).await?;
            // Nothing ran, so even a change may be sent again, once, with a new token.
            if token_ended(&answer) && refused.is_none() {
                refused = Some(token.value);
                continue;
            }
            return Ok(answer);
        }
    }

    fn amz_date(&self) -> String {
        // A refused signature costs nothing: here the last answer alone counts.
        let now_ms = self.door.now_ms() + self.door.skew_ms().unwrap_or(0);
        let now = chrono::DateTime::from_timestamp_millis(now_ms).unwrap_or_default();
        now.format("%Y%m%dT%H%M%SZ").to_string()
    }

    fn spend(&self, op: Op, priority: Priority) -> Result<(), CallError> {
        self.budget.spend(op.bucket(), 1.0, priority, self.door.now_ms()).map_err(|at_ms| Self::wait(op, at_ms))
    }

    /// Whether a call may be made now: asked before others that are of use only with it.
    pub fn may(&self, op: Op, priority: Priority) -> Result<(), CallError> {
        self.budget.may(op.bucket(), 1.0, priority, self.door.now_ms()).map_err(|at_ms| Self::wait(op, at_ms))
    }

    fn wait(op: Op, at_ms: i64) -> CallError {
        CallError::Wait { at_ms, why: format!("Amazon's allowance for {} fills up again", op.bucket()) }
    }

    fn rate(&self, op: Op) -> f64 {
        let buckets = self.budget.snapshot();
        buckets.iter().find(|bucket| bucket.name == op.bucket()).map_or(op.plan().0, |bucket| bucket.per_second)
    }

    /// Answers name the rate in force, if they name any.
    fn learn(&self, op: Op, answer: &Answer) {
        let Some(rate) = limits::rate_of(answer.header("x-amzn-ratelimit-limit")) else { return };
        self.budget.learn(op.bucket(), |bucket| {
            if (bucket.per_second - rate).abs() > f64::EPSILON {
                let now_ms = self.door.now_ms();
                bucket.level = bucket.level_at(now_ms);
                bucket.as_of_ms = now_ms;
                bucket.per_second = rate;
            }
        });
    }

    /// A fresh token; `refused` is one Amazon did not accept, which is thrown away.
    async fn token(&self, refused: Option<&SecretString>, what: &str) -> Result<Token, CallError> {
        let mut held = self.token.lock().await;
        let is_refused = |token: &Token| refused.is_some_and(|no| no.expose_secret() == token.value.expose_secret());
        if let Some(token) = held.as_ref()
            && token.renew_at_ms > self.door.now_ms()
            && !is_refused(token)
        {
            return Ok(token.clone());
        }
        let token = self.fetch_token(what).await?;
        self.door.hide(token.value.clone());
        *held = Some(token.clone());
        Ok(token)
    }

    async fn fetch_token(&self, what: &str) -> Result<Token, CallError> {
        let mut exchange = Exchange::new(http::Method::POST, self.door.url(SIGN_IN_ORIGIN, "/auth/o2/token")?)
            .unheard()
            .header("accept", "application/json")
            .header("user-agent", USER_AGENT)
            .header("content-type", "application/x-www-form-urlencoded;charset=UTF-8");
        exchange.body = token::form(&self.client_id, &self.client_secret, &self.refresh_token);
        // Whatever happens to this request, the change it is fetched for was not sent.
        let answer = self.door.send(exchange).await.map_err(|error| match error {
            DoorError::NotSent(refusal) | DoorError::Lost(refusal) => CallError::NotExecuted(refusal),
            DoorError::Refused(refusal) => CallError::Refused(refusal, Vec::new()),
        })?;
        if answer.is_success() {
            return token::read(&answer.body, self.door.now_ms()).ok_or_else(|| {
                let sentence = format!("{what}. Amazon's sign-in answered with something that is not a token.");
                CallError::NotExecuted(self.door.refusal(Cause::PlatformTrouble, &sentence))
            });
        }
        if matches!(answer.status, 400 | 401 | 403) && !answer.is_html {
            let errors = api_errors(&answer.body);
            let word = errors.first().map(|error: &ApiError| error.code.as_str()).unwrap_or_default();
            let sentence = format!("Could not sign in. {}", token::refusal_sentence(word));
            return Err(CallError::SignIn(
                self.door
                    .refusal(Cause::SignInNeeded, &sentence)
                    .said(self.door.quotable(&words(&errors)))
                    .status(answer.status)
                    .request(answer.request_id),
            ));
        }
        Err(match by_status(&self.door, &answer, "Could not sign in", 5_000) {
            CallError::Lost(refusal) => CallError::NotExecuted(refusal),
            other => other,
        })
    }

    /// Puts a file behind a signed link. No header of ours may go with it, and the type must be the one that was announced.
    pub async fn upload(&self, link: &str, content_type: &str, bytes: Vec<u8>, what: &str) -> Result<(), CallError> {
        let what = format!("Could not {what}");
        let mut exchange = Exchange::new(http::Method::PUT, self.link(link, &what)?)
            .header("content-type", content_type)
            .timeout(FILE_TIMEOUT);
        exchange.body = bytes;
        // A file nobody names yet changes nothing.
        let answer = self.door.send(exchange).await.map_err(|error| match error {
            DoorError::NotSent(refusal) | DoorError::Lost(refusal) => CallError::NotExecuted(refusal),
            DoorError::Refused(refusal) => CallError::Refused(refusal, Vec::new()),
        })?;
        if answer.is_success() { Ok(()) } else { Err(self.file_error(&answer, &what)) }
    }

    /// Fetches a file behind a signed link.
    pub async fn download(&self, link: &str, what: &str) -> Result<File, CallError> {
        let what = format!("Could not {what}");
        let exchange = Exchange::new(http::Method::GET, self.link(link, &what)?).timeout(FILE_TIMEOUT);
        let answer = self.door.send(exchange).await.map_err(|error| match error {
            DoorError::NotSent(refusal) | DoorError::Lost(refusal) => CallError::NotExecuted(refusal),
            DoorError::Refused(refusal) => CallError::Refused(refusal, Vec::new()),
        })?;
        if !answer.is_success() {
            return Err(self.file_error(&answer, &what));
        }
        Ok(File { content_type: answer.header("content-type").to_owned(), bytes: answer.body })
    }

    /// Links end after five minutes: asking for a new one helps.
    fn file_error(&self, answer: &Answer, what: &str) -> CallError {
        let sentence =
            format!("{what}. The place where Amazon keeps its files answered with status {}.", answer.status);
        CallError::NotExecuted(self.door.refusal(Cause::PlatformTrouble, &sentence).status(answer.status))
    }

    fn link(&self, link: &str, what: &str) -> Result<url::Url, CallError> {
        url::Url::parse(link).map_err(|_| {
            let sentence = format!("{what}. Amazon's link to the file is not an address.");
            CallError::NotExecuted(self.door.refusal(Cause::PlatformTrouble, &sentence))
        })
    }
}
