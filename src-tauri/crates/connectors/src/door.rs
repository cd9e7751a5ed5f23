//! The one door to the network: allow-list, deadlines, size cap, redacted tracing.
//!
//! Every exchange of every connector passes [`Door::send`]. The door knows no
//! platform: it decides *whether* a request may leave and whether what came back
//! can be an answer at all. What an answer means is the connector's business.
//!
//! Left out on purpose: retries (the outbox and the streams own them), redirects
//! (never followed: a token must not travel to a host nobody named), and rate
//! budgets ([`crate::Budget`] is asked before a request is even built).

use crate::heard::{self, Heard};
use crate::redact::Unspoken;
use crate::skew::Skew;
use crate::{ReadError, Wire, WireError};
use quayside_model::{Cause, Clock, Confirmation, ExposeSecret, Refusal, SecretString, Verdict};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use url::Url;

/// Largest answer that is read, bytes.
pub const ANSWER_MAX_BYTES: usize = 32 * 1024 * 1024;

/// A clock further off than this breaks reading windows, signatures and deadlines, ms. "Test connection" says so, and so does a
/// condition of the account while it works.
pub const SKEW_TOLERATED_MS: i64 = 2 * 60 * 1000;

/// What a door is made of.
pub struct DoorSetup {
    /// The network, or a simulation of it.
    pub wire: Arc<dyn Wire>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Hosts that may be spoken to: exact (`api.example.com`), or with a leading dot any one label below (`.example.com`).
    pub allowed_hosts: &'static [&'static str],
    /// Loopback only: where a stand-in listens. Then it is the only host that may be spoken to.
    pub base_url: Option<String>,
    /// The platform as people write it, for sentences.
    pub platform: &'static str,
    /// The connection's name, for sentences.
    pub connection: String,
    /// Texts that must never be repeated in a sentence, whatever the platform echoes.
    pub secrets: Vec<SecretString>,
}

/// The door of one connection.
pub struct Door {
    wire: Arc<dyn Wire>,
    clock: Arc<dyn Clock>,
    allowed_hosts: &'static [&'static str],
    /// One host more, named by the person who owns the account.
    named_host: Option<String>,
    /// With this port, where it is not the usual one.
    named_port: Option<u16>,
    base: Option<Url>,
    platform: &'static str,
    connection: String,
    unspoken: Unspoken,
    /// Platform's clock minus ours.
    skew: Mutex<Skew>,
}

/// A header's value. Secret ones are marked so that no layer below prints them either.
#[derive(Clone)]
pub enum HeaderText {
    /// May be seen.
    Plain(String),
    /// May not.
    Secret(SecretString),
}

impl std::fmt::Debug for HeaderText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plain(text) => f.write_str(text),
            Self::Secret(_) => f.write_str("•••"),
        }
    }
}

/// One request.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Method.
    pub method: http::Method,
    /// Where, whole. Made with [`Door::url`], so that the override is honoured.
    pub url: Url,
    /// Headers by lower-case name.
    pub headers: Vec<(std::borrow::Cow<'static, str>, HeaderText)>,
    /// Body; empty for none.
    pub body: Vec<u8>,
    /// Deadline from first byte out to last byte in.
    pub timeout: Duration,
    /// What comes back holds keys, and is put on no tape ([`crate::heard`]).
    pub unheard: bool,
}

impl Exchange {
    /// A request without body, 30 s deadline.
    pub fn new(method: http::Method, url: Url) -> Self {
        let timeout = Duration::from_secs(30);
        Self { method, url, headers: Vec::new(), body: Vec::new(), timeout, unheard: false }
    }
    /// One that signs in or out: its answer holds keys, and is put on no tape.
    #[must_use]
    pub fn unheard(mut self) -> Self {
        self.unheard = true;
        self
    }
    /// With a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<std::borrow::Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), HeaderText::Plain(value.into())));
        self
    }
    /// With a header nobody may see.
    #[must_use]
    pub fn secret_header(mut self, name: impl Into<std::borrow::Cow<'static, str>>, value: SecretString) -> Self {
        self.headers.push((name.into(), HeaderText::Secret(value)));
        self
    }
    /// With a JSON body.
    #[must_use]
    pub fn json(mut self, body: &serde_json::Value) -> Self {
        self.body = body.to_string().into_bytes();
        self.header("content-type", "application/json")
    }
    /// With another deadline.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

/// Whatever the platform answered, any status. A 2xx, 401, 403, 404 or 410 is never a page of HTML.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: http::HeaderMap,
    /// Body, unpacked.
    pub body: Vec<u8>,
    /// How long it took, ms.
    pub took_ms: i64,
    /// The platform's name for the request.
    pub request_id: Option<String>,
    /// The body is a page for people; look at the status, not inside.
    pub is_html: bool,
}

impl Answer {
    /// 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
    /// A header as text, empty if absent or not text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
    /// The body as text, broken characters replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
    /// When it was written by the platform's clock, ms UTC; `None`: it does not say.
    fn date_ms(&self) -> Option<i64> {
        date_ms(self.header("date"))
    }
    /// `Retry-After` in ms: seconds (may be fractional) or a date, which is held against the answer's own.
    pub fn retry_after_ms(&self, now_ms: i64) -> Option<i64> {
        let text = self.header("retry-after").trim();
        if let Ok(seconds) = text.parse::<f64>() {
            return (seconds.is_finite() && seconds >= 0.0).then_some((seconds * 1000.0).ceil() as i64);
        }
        let written_ms = self.date_ms().unwrap_or(now_ms);
        Some(date_ms(text)?.saturating_sub(written_ms).max(0))
    }
}

/// Why there is no answer to look at. The three differ in what they mean for a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DoorError {
    /// It never left: no route, name unknown, TLS refused. Certainly not applied; time may help.
    NotSent(Refusal),
    /// It left, and what came back is no answer of the platform: nothing, half of it, a proxy's page. May have been applied.
    Lost(Refusal),
    /// The door does not let it through. Certainly not applied; repeating changes nothing.
    Refused(Refusal),
}

impl DoorError {
    /// The failure itself.
    pub fn refusal(&self) -> &Refusal {
        match self {
            Self::NotSent(refusal) | Self::Lost(refusal) | Self::Refused(refusal) => refusal,
        }
    }
    /// For a read: nothing was harmed, whatever happened.
    pub fn into_read_error(self) -> ReadError {
        match self {
            Self::NotSent(refusal) | Self::Lost(refusal) | Self::Refused(refusal) => ReadError::Refused(refusal),
        }
    }
    /// For a write: only what certainly never left may be sent again unasked.
    pub fn into_verdict(self) -> Verdict {
        match self {
            Self::NotSent(refusal) => Verdict::RetryLater(refusal),
            Self::Lost(refusal) => Verdict::AnswerLost(refusal),
            Self::Refused(refusal) => Verdict::NeedsPerson(refusal),
        }
    }
    /// For a question about a write.
    pub fn into_confirmation(self) -> Confirmation {
        match self {
            Self::NotSent(refusal) | Self::Lost(refusal) | Self::Refused(refusal) => Confirmation::CannotTell(refusal),
        }
    }
}

impl From<DoorError> for ReadError {
    fn from(error: DoorError) -> Self {
        error.into_read_error()
    }
}

impl Door {
    /// A door, or why this base URL may not be used.
    pub fn new(setup: DoorSetup) -> Result<Self, Refusal> {
        let base = setup.base_url.as_deref().filter(|text| !text.trim().is_empty()).map(loopback_base).transpose()?;
        Ok(Self {
            wire: setup.wire,
            clock: setup.clock,
            allowed_hosts: setup.allowed_hosts,
            named_host: None,
            named_port: None,
            base,
            platform: setup.platform,
            connection: setup.connection,
            unspoken: Unspoken::new(setup.secrets),
            skew: Mutex::default(),
        })
    }

    /// Also lets through the host a person entered, for platforms whose address is no fixed one. Exact, no wildcard.
    #[must_use]
    pub fn with_named_host(mut self, host: &str) -> Self {
        self.named_host = Some(host.to_ascii_lowercase()).filter(|host| !host.is_empty());
        self
    }

    /// The same with the port of this address.
    #[must_use]
    pub fn with_named_origin(mut self, url: &Url) -> Self {
        self.named_port = url.port();
        self.with_named_host(url.host_str().unwrap_or_default())
    }

    /// `path` (with its query) at `origin` (`https://api.example.com`), or at the loopback override if there is one.
    pub fn url(&self, origin: &str, path: &str) -> Result<Url, DoorError> {
        let (origin, prefix) = match &self.base {
            Some(base) => (base.as_str(), base.path().trim_end_matches('/')),
            None => (origin, ""),
        };
        Url::parse(origin)
            .and_then(|origin| origin.join(&format!("{prefix}/{}", path.trim_start_matches('/'))))
            .map_err(|error| {
                DoorError::Refused(
                    self.refusal(Cause::NotThePlatform, &format!("{origin} is not an address ({error}).")),
                )
            })
    }

    /// The connection talks to a stand-in on this computer.
    pub fn is_overridden(&self) -> bool {
        self.base.is_some()
    }

    /// Platform's clock minus this computer's, ms, as of the last answer that carried a date.
    pub fn skew_ms(&self) -> Option<i64> {
        self.skew().heard_ms()
    }

    /// The same to reckon with, in windows of reading and looks after lost answers: never further ahead than two clocks agree
    /// on. 0 while nobody knows.
    pub fn sure_skew_ms(&self) -> i64 {
        self.skew().sure_ms()
    }

    fn skew(&self) -> MutexGuard<'_, Skew> {
        self.skew.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Now, ms UTC, by the clock the door was made with.
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// A text that must not be repeated from now on (a token fetched later).
    pub fn hide(&self, secret: SecretString) {
        self.unspoken.add(secret);
    }

    /// All of those, as they are now and will be.
    pub fn unspoken(&self) -> Unspoken {
        self.unspoken.clone()
    }

    /// The platform's words, fit to be shown and kept.
    pub fn quotable(&self, words: &str) -> String {
        self.unspoken.quotable(words)
    }

    /// Sends one request. Any status is an answer; see [`DoorError`] for what is not.
    pub async fn send(&self, exchange: Exchange) -> Result<Answer, DoorError> {
        let host = self.admit(&exchange.url)?;
        // An id of the platform's is a part of it, and that may be anything.
        let path = self.unspoken.cleaned(exchange.url.path()).into_owned();
        let method = exchange.method.clone();
        let timeout = exchange.timeout;
        let listens = !exchange.unheard && heard::is_running();
        let request = self.request(exchange)?;
        let sent_at_ms = self.clock.now_ms();
        let outcome = self.wire.send(request, timeout).await;
        let now_ms = self.clock.now_ms();
        let took_ms = now_ms - sent_at_ms;
        if listens {
            let (body, note) = heard::told(&outcome, outcome.as_ref().is_ok_and(is_page), &self.unspoken);
            heard::keep(Heard {
                at_ms: now_ms,
                took_ms,
                method: method.to_string(),
                host: self.unspoken.cleaned(&host).into_owned(),
                path: path.clone(),
                status: outcome.as_ref().ok().map(|response| response.status().as_u16()),
                request_id: outcome.as_ref().ok().and_then(|response| self.request_id(response.headers())),
                note,
                body,
            });
        }
        let result = match outcome {
            Ok(response) => self.receive(&host, response, sent_at_ms, now_ms),
            Err(WireError::NotSent(why)) => Err(DoorError::NotSent(
                self.refusal(Cause::Offline, &self.unreached(&host, &why))
                    .said(self.quotable(&why))
                    .about(&host),
            )),
            Err(WireError::Lost(why)) => Err(DoorError::Lost(
                self.refusal(
                    Cause::Offline,
                    &format!("A request left for {host}, and no whole answer came back. If it changed something there, that is looked up before it is sent again."),
                )
                    .said(self.quotable(&why))
                    .about(&host),
            )),
        };
        let status = match &result {
            Ok(answer) => answer.status,
            Err(error) => error.refusal().status.unwrap_or(0),
        };
        // Path and status only: queries hold search terms, bodies hold people.
        tracing::debug!(
            connection = %self.connection, %method, %host, %path, status, duration_ms = took_ms,
            request_id = result.as_ref().ok().and_then(|answer| answer.request_id.as_deref()).unwrap_or(""),
            "asked {}", self.platform
        );
        result
    }

    /// Why nothing left. A server on this computer in the platform's place is no matter of networks.
    fn unreached(&self, host: &str, why: &str) -> String {
        if UNTRUSTED.iter().any(|words| why.contains(words)) {
            return format!(
                "Whoever answers at {host} does not prove to be it, or encrypts in a way that is too old. Nothing was sent. If a proxy or a virus scanner on this network looks into connections, ask whoever runs it; else check this computer's clock and its list of trusted certificates."
            );
        }
        match &self.base {
            Some(base) => format!(
                "Nothing answers at {}, the address on this computer that stands in for {}. Start the server there, or connect it again if its address changed.",
                base.origin().ascii_serialization(),
                self.platform
            ),
            None => {
                format!("{host} could not be reached. Check the network (and the proxy or firewall, if there is one).")
            }
        }
    }

    fn request(&self, exchange: Exchange) -> Result<http::Request<Vec<u8>>, DoorError> {
        let mut builder = http::Request::builder().method(exchange.method).uri(exchange.url.as_str());
        // Some platforms prescribe the form of it.
        if !exchange.headers.iter().any(|(name, _)| *name == "user-agent") {
            builder = builder.header("user-agent", concat!("Quayside/", env!("CARGO_PKG_VERSION")));
        }
        for (name, value) in &exchange.headers {
            let (text, secret) = match value {
                HeaderText::Plain(text) => (text.as_str(), false),
                HeaderText::Secret(text) => (text.expose_secret(), true),
            };
            // Names the header, never the value: a key with a line break in it is still a key.
            let mut value = http::HeaderValue::from_str(text).map_err(|_| {
                DoorError::Refused(self.refusal(
                    Cause::SignInNeeded,
                    &format!("The {name} header holds characters that cannot be sent. Paste the key again, without line breaks."),
                ))
            })?;
            value.set_sensitive(secret);
            builder = builder.header(name.as_ref(), value);
        }
        builder.body(exchange.body).map_err(|error| {
            DoorError::Refused(
                self.refusal(Cause::NotThePlatform, &format!("The request could not be built ({error}).")),
            )
        })
    }

    /// May this address be spoken to? Gives its host.
    fn admit(&self, url: &Url) -> Result<String, DoorError> {
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        let refuse = |what: String| DoorError::Refused(self.refusal(Cause::NotThePlatform, &what).about(&host));
        if let Some(base) = &self.base {
            return if url.origin() == base.origin() {
                Ok(host)
            } else {
                Err(refuse(format!("{host} is not the stand-in at {}.", base.origin().ascii_serialization())))
            };
        }
        if url.scheme() != "https" {
            return Err(refuse(format!(
                "{host} would be spoken to without encryption ({}). Only https is used.",
                url.scheme()
            )));
        }
        let named = self.named_host.as_deref() == Some(host.as_str());
        let port = url.port().filter(|_| !named || url.port() != self.named_port);
        if port.is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(refuse(format!(
                "{host} with a port or a user name in the address is not an address of {}.",
                self.platform
            )));
        }
        if !named && !self.allowed_hosts.iter().any(|allowed| host_matches(allowed, &host)) {
            return Err(refuse(format!("{host} is not an address of {}. Nothing was sent.", self.platform)));
        }
        Ok(host)
    }

    fn receive(
        &self,
        host: &str,
        response: http::Response<Vec<u8>>,
        sent_at_ms: i64,
        now_ms: i64,
    ) -> Result<Answer, DoorError> {
        let is_html = is_page(&response);
        let (parts, body) = response.into_parts();
        let status = parts.status.as_u16();
        self.learn_skew(&parts.headers, sent_at_ms, now_ms);
        let request_id = self.request_id(&parts.headers);
        let lost = |cause: Cause, what: String| {
            Err(DoorError::Lost(self.refusal(cause, &what).status(status).request(request_id.clone()).about(host)))
        };
        // Other 3xx are answers: several records (300), not modified (304).
        if matches!(status, 301 | 302 | 303 | 305 | 307 | 308) {
            let target = parts
                .headers
                .get("location")
                .and_then(|value| value.to_str().ok())
                .and_then(|text| Url::parse(text).ok());
            let target = target.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "elsewhere".into());
            return lost(
                Cause::NotThePlatform,
                format!(
                    "{host} wants the request sent to {target} instead. Credentials are never sent on; check the address."
                ),
            );
        }
        if status == 407 || status == 511 {
            return lost(
                Cause::NotThePlatform,
                format!(
                    "A proxy on this network wants a sign-in before it lets requests to {host} through. {PROXY_WAY_OUT}"
                ),
            );
        }
        if body.len() > ANSWER_MAX_BYTES {
            return lost(
                Cause::NotThePlatform,
                format!("{host} answered with {} MB, more than any real answer has.", body.len() / 1_048_576),
            );
        }
        if is_html && (200..300).contains(&status) {
            return lost(
                Cause::NotThePlatform,
                format!(
                    "A web page came back from {host} instead of data: a proxy, or the sign-in page of a network, answers in its place. {PROXY_WAY_OUT}"
                ),
            );
        }
        // "Not allowed" and "not there" are the platform's to say, and it says them in data. A page with such a status
        // must never be taken for "the key is wrong" or "the order is gone".
        if is_html && PAGE_STATUSES.contains(&status) {
            let what = format!(
                "A web page (status {status}) came back from {host} instead of data: a proxy or a firewall answers in its place, or the address is not the right one. {PROXY_WAY_OUT} Then check the address."
            );
            // Without the status: whoever reads "404" there as "it is gone" would believe the proxy after all.
            return Err(DoorError::Lost(self.refusal(Cause::NotThePlatform, &what).request(request_id).about(host)));
        }
        Ok(Answer { status, headers: parts.headers, body, took_ms: now_ms - sent_at_ms, request_id, is_html })
    }

    /// The platform's name for a request.
    fn request_id(&self, headers: &http::HeaderMap) -> Option<String> {
        REQUEST_ID_HEADERS.iter().find_map(|name| headers.get(*name)?.to_str().ok()).map(|id| self.quotable(id))
    }

    fn learn_skew(&self, headers: &http::HeaderMap, sent_at_ms: i64, now_ms: i64) {
        let Some(theirs_ms) = headers.get("date").and_then(|value| value.to_str().ok()).and_then(date_ms) else {
            return;
        };
        self.skew().hear(theirs_ms, sent_at_ms, now_ms);
    }

    /// A failure of this connection: names the connection before anything else.
    pub fn refusal(&self, cause: Cause, what: &str) -> Refusal {
        Refusal::new(cause, format!("{} ({}): {}", self.connection, self.platform, self.unspoken.cleaned(what)))
    }
}

/// How TLS says that it does not go on with whoever answers.
const UNTRUSTED: [&str; 3] = ["invalid peer certificate", "peer is incompatible", "received fatal alert"];

/// What a person does about a proxy.
const PROXY_WAY_OUT: &str =
    "Open a web page on this computer and sign in to the network, or ask whoever runs the proxy.";

/// Statuses of which a page for people is no answer. 400 is not among them: Shopify's sign-in answers so, with a page.
const PAGE_STATUSES: &[u16] = &[401, 403, 404, 405, 410, 451];

/// Where platforms write their name for a request.
const REQUEST_ID_HEADERS: &[&str] = &[
    "x-request-id",
    "x-amzn-requestid",
    "x-shopify-request-id",
    "x-shipengine-requestid",
    "x-newrelic-transaction-id",
    "request-id",
];

/// `allowed` is exact, or `.suffix` for exactly one label more.
fn host_matches(allowed: &str, host: &str) -> bool {
    match allowed.strip_prefix('.') {
        Some(suffix) => host
            .strip_suffix(suffix)
            .and_then(|rest| rest.strip_suffix('.'))
            .is_some_and(|label| !label.is_empty() && !label.contains('.')),
        None => allowed == host,
    }
}

/// A base URL, if it points at this computer.
fn loopback_base(text: &str) -> Result<Url, Refusal> {
    let refuse = |why: &str| {
        Err(Refusal::new(
            Cause::NotThePlatform,
            format!("The address {text} cannot be used: {why}. Another address than the platform's own is allowed for this computer only, like http://127.0.0.1:8080."),
        )
        .about("base_url"))
    };
    let Ok(url) = Url::parse(text.trim()) else { return refuse("it is not a URL") };
    if !matches!(url.scheme(), "http" | "https") {
        return refuse("it is neither http nor https");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("it holds a user name or password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("it holds a query");
    }
    if !is_loopback(&url) {
        return refuse("it is not on this computer");
    }
    Ok(url)
}

/// 127.0.0.0/8, `::1`, or the name `localhost`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(url::Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

/// A date as headers have it, ms UTC.
fn date_ms(text: &str) -> Option<i64> {
    let since = httpdate::parse_http_date(text).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

/// What came back is for people.
fn is_page(response: &http::Response<Vec<u8>>) -> bool {
    let content_type = response.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.trim_start().to_ascii_lowercase().starts_with("text/html") || looks_like_html(response.body())
}

fn looks_like_html(body: &[u8]) -> bool {
    let start = body.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    let head: Vec<u8> = body.iter().skip(start).take(15).map(u8::to_ascii_lowercase).collect();
    head.starts_with(b"<!doctype html") || head.starts_with(b"<html")
}

#[cfg(test)]
#[path = "door_tests.rs"]
mod tests;
