//! The only file that speaks HTTP to Salesforce.
//!
//! One call is: a sign-in that holds, a place in the org's allowance, one request, and
//! the answer judged by its code. The allowance is a pool of the whole org over 24
//! hours, shared with its other programs: every answer says how much of it is used, so
//! polls end at 80 %, writes at 95 %, and a look every quarter of an hour notices when
//! some came free.
//!
//! A refresh may replace the refresh token and end the old one with its session. So:
//! one at a time, and the new one goes to the keychain before the new session is used
//! (the call says "come back at once" until whoever drives the connector has kept what
//! [`crate::Connector::renewed_secrets`] tells and says so). A refresh whose answer was
//! lost may have spent the token: that is told before it is tried again.

use super::oauth::{self, TokenSet};
use super::verdicts::{CallError, by_answer};
use crate::connector::Secrets;
use crate::{Answer, BucketState, Budget, Door, DoorSetup, Exchange, Priority, Setup};
use quayside_model::time::{DAY_MS, MINUTE_MS};
use quayside_model::{Cause, ExposeSecret, Refusal, SecretString};
use serde_json::Value;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Version of the API: Spring '26. Each version lives at least three years.
pub const API_VERSION: &str = "66.0";
/// Name of the bucket.
pub const BUCKET: &str = "daily";
/// Deadline of a call. Salesforce itself allows ten minutes; nothing asked here takes longer than this.
const TIMEOUT: Duration = Duration::from_mins(1);
/// How often the allowance is looked at again when it is used up.
const LOOK_AGAIN_MS: i64 = 15 * MINUTE_MS;
/// Salesforce's hosts: My Domain, sandboxes, developer, scratch, trial and older instances.
const HOSTS: &[&str] = &[
    ".my.salesforce.com",
    ".sandbox.my.salesforce.com",
    ".develop.my.salesforce.com",
    ".scratch.my.salesforce.com",
    ".trailblaze.my.salesforce.com",
    ".demo.my.salesforce.com",
    ".free.my.salesforce.com",
    ".salesforce.com",
];

/// How this connection signs in.
enum SignIn {
    /// A person did, in the browser.
    Browser,
    /// An app of the org acts for itself.
    App { secret: SecretString },
}

/// A session as it is.
#[derive(Clone, Default)]
struct Session {
    access: Option<SecretString>,
    refresh: Option<SecretString>,
    /// `https://…` of the last token answer.
    instance: String,
    org_id: String,
    user_id: String,
    /// The refresh token was replaced and is not in the keychain yet.
    unwritten: bool,
    /// Something changed that is worth keeping.
    changed: bool,
}

/// What to send.
pub struct Call<'a> {
    /// Method.
    pub method: http::Method,
    /// Path behind `/services/data/vNN.0`, query included; or a whole path that begins with `/services`.
    pub path: String,
    /// Body.
    pub body: Body,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// Completes "Could not …" for people.
    pub what: &'a str,
    /// Whose budget it is.
    pub priority: Priority,
}

/// A body.
pub enum Body {
    /// None.
    None,
    /// JSON.
    Json(Value),
    /// A table.
    Csv(Vec<u8>),
}

impl<'a> Call<'a> {
    /// A read.
    pub fn get(path: impl Into<String>, priority: Priority, what: &'a str) -> Self {
        Self { method: http::Method::GET, path: path.into(), body: Body::None, headers: Vec::new(), what, priority }
    }
    /// A change.
    pub fn json(method: http::Method, path: impl Into<String>, body: Value, priority: Priority, what: &'a str) -> Self {
        Self { method, path: path.into(), body: Body::Json(body), headers: Vec::new(), what, priority }
    }
    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// One org.
pub struct Client {
    door: Door,
    /// `https://login.salesforce.com`, or the org's own address.
    login: String,
    consumer_key: String,
    version: String,
    sign_in: SignIn,
    /// Held across a refresh: whoever comes second waits for the first one's session.
    session: tokio::sync::Mutex<Session>,
    /// The same for those who only look.
    seen: Mutex<Session>,
    budget: Budget,
}

impl Client {
    /// A client for `setup`. Sends nothing.
    pub fn new(setup: &Setup, version: &str) -> Result<Self, Refusal> {
        let config = &setup.config;
        let field = |name: &str| config.fields.get(name).cloned().unwrap_or_default();
        let missing = |what: &str| {
            let sentence = format!("{} (Salesforce): {what} is missing from the keychain. Sign in again.", config.name);
            Refusal::new(Cause::SignInNeeded, sentence)
        };
        let secret = |name: &str| setup.secrets.get(name).filter(|value| !value.expose_secret().is_empty()).cloned();
        let sign_in = if config.way == super::CLIENT_CREDENTIALS {
            SignIn::App { secret: secret("client_secret").ok_or_else(|| missing("The consumer secret"))? }
        } else {
            SignIn::Browser
        };
        let mut session = Session::default();
        if matches!(sign_in, SignIn::Browser) {
            session.refresh = Some(secret("refresh_token").ok_or_else(|| missing("The sign-in"))?);
            session.instance = secret("instance_url").map(|url| url.expose_secret().to_owned()).unwrap_or_default();
            // Without its address a session cannot be used.
            session.access = secret("access_token").filter(|_| !session.instance.is_empty());
        }
        let door = Door::new(DoorSetup {
            wire: setup.wire.clone(),
            clock: setup.clock.clone(),
            allowed_hosts: HOSTS,
            base_url: config.base_url.clone(),
            platform: "Salesforce",
            connection: config.name.clone(),
            secrets: setup
                .secrets
                .iter()
                .filter(|(name, _)| name.as_str() != "instance_url")
                .map(|(_, value)| value.clone())
                .collect(),
        })?;
        let login = match field("login_host") {
            host if host.is_empty() => oauth::PRODUCTION.to_owned(),
            host => host,
        };
        Ok(Self {
            door,
            login: format!("https://{login}"),
            consumer_key: field("client_id"),
            version: version.to_owned(),
            sign_in,
            seen: Mutex::new(session.clone()),
            session: tokio::sync::Mutex::new(session),
            budget: Budget::new(setup.buckets.clone(), vec![default_bucket()]),
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
    /// The version that is asked for.
    pub fn version(&self) -> &str {
        &self.version
    }
    /// `/services/data/v66.0`, for subrequests.
    pub fn root(&self) -> String {
        format!("/services/data/v{}", self.version)
    }
    /// Where the API is, as the last sign-in said.
    pub fn instance(&self) -> String {
        lock(&self.seen).instance.clone()
    }
    /// (org, user) as the last sign-in said; empty before the first.
    pub fn identity(&self) -> (String, String) {
        let seen = lock(&self.seen);
        (seen.org_id.clone(), seen.user_id.clone())
    }
    /// Now by Salesforce's clock, ms UTC.
    pub fn their_now_ms(&self) -> i64 {
        self.door.now_ms() + self.door.sure_skew_ms()
    }

    /// What has to go to the keychain now; the same again until it is there.
    pub fn renewed_secrets(&self) -> Option<Secrets> {
        let session = self.session.try_lock().ok().filter(|session| session.changed)?;
        let mut secrets = Secrets::new();
        secrets.insert("refresh_token".into(), session.refresh.clone()?);
        secrets.insert("access_token".into(), session.access.clone()?);
        secrets.insert("instance_url".into(), SecretString::from(session.instance.clone()));
        Some(secrets)
    }

    /// It is there: the session it belongs to may be used.
    pub fn secrets_kept(&self, kept: &Secrets) {
        let Ok(mut session) = self.session.try_lock() else { return };
        let same = |name: &str, held: &Option<SecretString>| {
            kept.get(name).map(ExposeSecret::expose_secret) == held.as_ref().map(ExposeSecret::expose_secret)
        };
        if same("access_token", &session.access) && same("refresh_token", &session.refresh) {
            (session.changed, session.unwritten) = (false, false);
            *lock(&self.seen) = session.clone();
        }
    }

    /// Ends the sign-in of a person at Salesforce. (A client secret is the app's own and stays its admin's.)
    pub async fn sign_out(&self) -> Result<(), Refusal> {
        let refresh = self.session.lock().await.refresh.clone();
        let Some(refresh) = refresh.filter(|_| matches!(self.sign_in, SignIn::Browser)) else { return Ok(()) };
        let what = "The sign-in could not be taken back at Salesforce";
        let url = self.door.url(&self.login, "/services/oauth2/revoke").map_err(|error| error.refusal().clone())?;
        let mut exchange = Exchange::new(http::Method::POST, url)
            .unheard()
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded");
        exchange.body = oauth::revoke_form(&refresh);
        let answer = self.door.send(exchange).await.map_err(|error| error.refusal().clone())?;
        // One that has ended already is what was wanted.
        let ended = answer.status == 400 && answer.text().contains("invalid_token");
        if answer.is_success() || ended { Ok(()) } else { Err(by_answer(&self.door, &answer, what).into_refusal()) }
    }

    /// One call that should succeed; whatever did not becomes an error.
    pub async fn call(&self, call: Call<'_>) -> Result<Answer, CallError> {
        let what = format!("Could not {}", call.what);
        let answer = self.send(call).await?;
        if answer.is_success() { Ok(answer) } else { Err(by_answer(&self.door, &answer, &what)) }
    }

    /// One call whose answer is JSON.
    pub async fn ask(&self, call: Call<'_>) -> Result<Value, CallError> {
        let what = format!("Could not {}", call.what);
        let answer = self.call(call).await?;
        self.body(&answer, &what)
    }

    /// A JSON body, or why it cannot be trusted.
    pub fn body(&self, answer: &Answer, what: &str) -> Result<Value, CallError> {
        serde_json::from_slice(&answer.body).map_err(|_| {
            let refusal = self
                .door
                .refusal(Cause::PlatformTrouble, &format!("{what}. The answer ended in the middle, or is no JSON."));
            CallError::Lost(refusal.status(answer.status).request(answer.request_id.clone()))
        })
    }

    /// One call, any answer; signs in and renews the sign-in as needed.
    pub async fn send(&self, call: Call<'_>) -> Result<Answer, CallError> {
        let what = format!("Could not {}", call.what);
        let path = if call.path.starts_with("/services") { call.path } else { format!("{}{}", self.root(), call.path) };
        let mut refused = None;
        loop {
            let (access, instance) = self.signed_in(refused.as_ref(), &what).await?;
            self.spend(call.priority)?;
            // Built anew for each try: the address may have changed with the session.
            let mut exchange = Exchange::new(call.method.clone(), self.door.url(&instance, &path)?)
                .secret_header("authorization", SecretString::from(format!("Bearer {}", access.expose_secret())))
                .header(
                    "accept",
                    if matches!(call.body, Body::Csv(_)) { "application/json, text/csv" } else { "application/json" },
                )
                .timeout(TIMEOUT);
            for (name, value) in &call.headers {
                exchange = exchange.header(*name, value.clone());
            }
            match &call.body {
                Body::None => {}
                Body::Json(body) => exchange = exchange.json(body),
                Body::Csv(table) => {
                    exchange.body.clone_from(table);
                    exchange = exchange.header("content-type", "text/csv");
                }
            }
            let answer = self.door.send(exchange).await?;
            self.learn(&answer);
            // 401 means that nothing ran, so even a change may be sent again, once, with a new session.
            if answer.status == 401 && refused.is_none() && is_expiry(&answer) {
                refused = Some(access);
                continue;
            }
            if answer.status == 403 && answer.text().contains("REQUEST_LIMIT_EXCEEDED") {
                let error = by_answer(&self.door, &answer, &what);
                if let CallError::Wait { at_ms, .. } = &error {
                    let at_ms = *at_ms;
                    self.budget.learn(BUCKET, |bucket| bucket.blocked_until_ms = at_ms);
                }
                return Err(error);
            }
            return Ok(answer);
        }
    }

    /// A session and where to use it; `refused` is one Salesforce did not accept, which is thrown away.
    async fn signed_in(&self, refused: Option<&SecretString>, what: &str) -> Result<(SecretString, String), CallError> {
        let mut session = self.session.lock().await;
        if session.unwritten {
            return Err(self.written_first());
        }
        if let Some(access) = session.access.clone()
            && refused.is_none_or(|refused| refused.expose_secret() != access.expose_secret())
        {
            return Ok((access, session.instance.clone()));
        }
        let form = match (&self.sign_in, &session.refresh) {
            (SignIn::App { secret }, _) => oauth::credentials_form(&self.consumer_key, secret),
            (SignIn::Browser, Some(refresh)) => oauth::refresh_form(&self.consumer_key, refresh),
            (SignIn::Browser, None) => {
                return Err(CallError::SignIn(
                    self.door.refusal(Cause::SignInNeeded, &format!("{what}. Sign in again.")),
                ));
            }
        };
        // Whatever became of the renewal, the call it is made for was not sent.
        let tokens = self.fetch(form, what).await.map_err(|error| match (error, &self.sign_in) {
            (CallError::Lost(refusal), SignIn::Browser) => CallError::SignIn(self.renewal_lost(refusal)),
            (CallError::Lost(refusal), SignIn::App { .. }) => CallError::NotExecuted(refusal),
            (other, _) => other,
        })?;
        self.take(&mut session, tokens);
        if session.unwritten {
            return Err(self.written_first());
        }
        session.access.clone().map(|access| (access, session.instance.clone())).ok_or_else(|| self.written_first())
    }

    fn take(&self, session: &mut Session, tokens: TokenSet) {
        self.door.hide(tokens.access_token.clone());
        session.access = Some(tokens.access_token);
        session.instance = tokens.instance_url;
        session.org_id = tokens.org_id;
        session.user_id = tokens.user_id;
        if matches!(self.sign_in, SignIn::Browser) {
            session.changed = true;
            if let Some(refresh) = tokens.refresh_token {
                let known =
                    session.refresh.as_ref().is_some_and(|held| held.expose_secret() == refresh.expose_secret());
                self.door.hide(refresh.clone());
                session.refresh = Some(refresh);
                session.unwritten = !known;
            }
        }
        *lock(&self.seen) = session.clone();
    }

    fn written_first(&self) -> CallError {
        let why = "the renewed sign-in goes to the keychain before it is used".to_owned();
        CallError::Wait { at_ms: self.door.now_ms() + 1, why }
    }

    /// Whether the token was replaced nobody knows; if it was, the new one is lost and the old one spent. A person is told
    /// before it is tried again.
    fn renewal_lost(&self, lost: Refusal) -> Refusal {
        let mut told = self.door.refusal(
            Cause::SignInNeeded,
            "Salesforce's answer to the renewal of the sign-in was lost on its way. If it renewed it, the one kept here has ended. Quayside tries that one again by itself; if Salesforce does not accept it, sign in again.",
        );
        (told.said, told.status, told.request_id) = (lost.said, lost.status, lost.request_id);
        told
    }

    /// One token request; [`CallError::Lost`]: it may have been granted.
    pub async fn fetch(&self, form: Vec<u8>, what: &str) -> Result<TokenSet, CallError> {
        let mut exchange = Exchange::new(http::Method::POST, self.door.url(&self.login, "/services/oauth2/token")?)
            .unheard()
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded");
        exchange.body = form;
        let answer = self.door.send(exchange).await?;
        if answer.is_success() {
            return oauth::read(&answer.body).ok_or_else(|| {
                CallError::Lost(self.door.refusal(
                    Cause::PlatformTrouble,
                    &format!("{what}. Salesforce's sign-in answered with something that is not a session."),
                ))
            });
        }
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let word = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (error, description) = (word("error"), word("error_description"));
        if matches!(answer.status, 400 | 401 | 403) && !error.is_empty() {
            let sentence = format!("Could not sign in. {}", oauth::refusal_sentence(&error, &description));
            let said = if description.is_empty() { error } else { description };
            return Err(CallError::SignIn(
                self.door
                    .refusal(Cause::SignInNeeded, &sentence)
                    .said(self.door.quotable(&said))
                    .status(answer.status)
                    .request(answer.request_id),
            ));
        }
        Err(match by_answer(&self.door, &answer, "Could not sign in") {
            // "Come back later" is an answer: nothing was begun.
            CallError::Lost(refusal) if answer.status == 503 => CallError::NotExecuted(refusal),
            other => other,
        })
    }

    fn spend(&self, priority: Priority) -> Result<(), CallError> {
        let now_ms = self.door.now_ms();
        let buckets = self.budget.snapshot();
        if let Some(bucket) = buckets.iter().find(|bucket| bucket.name == BUCKET) {
            let keep = match priority {
                Priority::Person => 0.0,
                Priority::Write => 0.05,
                Priority::Poll => 0.20,
                Priority::Backfill => 0.50,
            };
            let short = bucket.level_at(now_ms) < bucket.capacity * keep + 1.0;
            if bucket.blocked_until_ms > now_ms || (short && now_ms - bucket.as_of_ms < LOOK_AGAIN_MS) {
                let at_ms = bucket.blocked_until_ms.max(if short { bucket.as_of_ms + LOOK_AGAIN_MS } else { 0 });
                return Err(CallError::Wait {
                    at_ms: at_ms.max(now_ms + 1),
                    why: "the org's calls of the last 24 hours are nearly used up, by Quayside and its other programs together".into(),
                });
            }
        }
        self.budget.learn(BUCKET, |bucket| {
            bucket.level = (bucket.level_at(now_ms) - 1.0).max(0.0);
            bucket.as_of_ms = now_ms;
        });
        Ok(())
    }

    /// Learns the allowance from `Sforce-Limit-Info: api-usage=18/5000`.
    fn learn(&self, answer: &Answer) {
        let Some((used, most)) = tightest(answer.header("sforce-limit-info")) else { return };
        let now_ms = self.door.now_ms();
        self.budget.learn(BUCKET, |bucket| {
            bucket.capacity = most;
            bucket.level = (most - used).max(0.0);
            bucket.per_second = most / (DAY_MS as f64 / 1000.0);
            bucket.as_of_ms = now_ms;
        });
    }
}

/// A 401 that a new session mends. Two others never end: they would be asked for again and again.
fn is_expiry(answer: &Answer) -> bool {
    let text = answer.text();
    !text.contains("This session is not valid for use with the REST API")
        && !text.contains("Connected app is not attached to")
}

/// (used, most) of whichever part of `api-usage=18/5000; per-app-api-usage=17/250(appName=x)` ends first: an org may give
/// an app a part of its calls.
pub fn tightest(header: &str) -> Option<(f64, f64)> {
    let parts = header.split([';', ',']).filter_map(|part| {
        let (_, rest) = part.split_once("api-usage=")?;
        let (used, rest) = rest.split_once('/')?;
        let most: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let (used, most): (f64, f64) = (used.trim().parse().ok()?, most.parse().ok()?);
        (most > 0.0).then_some((used, most))
    });
    parts.max_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)))
}

/// The smallest org's allowance, until the first answer says what this one has.
fn default_bucket() -> BucketState {
    BucketState {
        name: BUCKET.into(),
        unit: "calls".into(),
        capacity: 15_000.0,
        level: 15_000.0,
        per_second: 15_000.0 / 86_400.0,
        window_ms: 0,
        window_ends_ms: 0,
        as_of_ms: 0,
        blocked_until_ms: 0,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
