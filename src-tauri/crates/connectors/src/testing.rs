//! A network that plays a script, and a clock that stands still until it is moved.

use crate::{Wire, WireError};
use async_trait::async_trait;
use quayside_model::Clock;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One request as it left.
#[derive(Debug, Clone)]
pub struct Sent {
    pub method: String,
    pub url: String,
    pub headers: http::HeaderMap,
    pub body: String,
}

impl Sent {
    /// Its body as JSON; `null` if it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or(serde_json::Value::Null)
    }
}

type Answering = Box<dyn FnMut(&Sent) -> Result<http::Response<Vec<u8>>, WireError> + Send>;

/// Answers each request with the next line of the script, or by a function.
pub struct Script {
    lines: Mutex<VecDeque<Result<http::Response<Vec<u8>>, WireError>>>,
    answering: Mutex<Option<Answering>>,
    sent: Mutex<Vec<Sent>>,
}

impl Script {
    /// Plays these answers in order; one request more is a failed connection.
    pub fn new(lines: impl IntoIterator<Item = Result<http::Response<Vec<u8>>, WireError>>) -> Arc<Self> {
        Arc::new(Self {
            lines: Mutex::new(lines.into_iter().collect()),
            answering: Mutex::default(),
            sent: Mutex::default(),
        })
    }
    /// Answers by looking at the request.
    pub fn answering(f: impl FnMut(&Sent) -> Result<http::Response<Vec<u8>>, WireError> + Send + 'static) -> Arc<Self> {
        Arc::new(Self { lines: Mutex::default(), answering: Mutex::new(Some(Box::new(f))), sent: Mutex::default() })
    }
    /// What was sent so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Wire for Script {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        _timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        let sent = Sent {
            method: request.method().to_string(),
            url: request.uri().to_string(),
            headers: request.headers().clone(),
            body: String::from_utf8_lossy(request.body()).into_owned(),
        };
        self.sent.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(sent.clone());
        if let Some(answer) = self.answering.lock().unwrap_or_else(std::sync::PoisonError::into_inner).as_mut() {
            return answer(&sent);
        }
        let line = self.lines.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop_front();
        line.unwrap_or_else(|| Err(WireError::NotSent("the script is over".into())))
    }
}

/// An answer with a status, headers and a body.
pub fn answer(
    status: u16,
    headers: &[(&'static str, &str)],
    body: impl Into<String>,
) -> Result<http::Response<Vec<u8>>, WireError> {
    let mut builder = http::Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(body.into().into_bytes()).map_err(|error| WireError::Lost(error.to_string()))
}

/// A JSON answer.
pub fn json(status: u16, body: &serde_json::Value) -> Result<http::Response<Vec<u8>>, WireError> {
    answer(status, &[("content-type", "application/json; charset=utf-8")], body.to_string())
}

/// A clock that stands still.
#[derive(Debug)]
pub struct StandingClock(pub AtomicI64);

impl StandingClock {
    /// At this moment.
    pub fn at(now_ms: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(now_ms)))
    }
    /// Moves on.
    pub fn advance(&self, by_ms: i64) {
        self.0.fetch_add(by_ms, Ordering::SeqCst);
    }
}

impl Clock for StandingClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}
