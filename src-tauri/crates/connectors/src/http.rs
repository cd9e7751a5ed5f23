//! The real network.
//!
//! rustls with the system's trusted roots, TLS 1.2 at least, no redirects, no
//! retries of its own, gzip. The one judgement made here is whether a failure
//! happened before or after the request left, because a write hangs on it:
//! whatever is not certainly "before" counts as "after".

use crate::door::{ANSWER_MAX_BYTES, is_loopback};
use crate::{Wire, WireError};
use async_trait::async_trait;
use quayside_model::{Cause, Refusal};
use std::error::Error as _;
use std::time::Duration;

/// Longest wait for a connection, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// HTTP by reqwest. One for the whole program: it pools connections.
pub struct ReqwestWire {
    /// Honours the system's proxy settings.
    outside: reqwest::Client,
    /// Never uses a proxy: a stand-in on this computer is reached directly.
    inside: reqwest::Client,
}

impl ReqwestWire {
    /// A client, or why TLS could not be set up on this computer.
    pub fn new() -> Result<Self, Refusal> {
        Ok(Self { outside: build(true)?, inside: build(false)? })
    }
}

fn build(proxy: bool) -> Result<reqwest::Client, Refusal> {
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .tls_version_min(reqwest::tls::Version::TLS_1_2)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(Duration::from_secs(50))
        .gzip(true);
    if !proxy {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| {
        Refusal::new(Cause::Offline, "Encrypted connections cannot be made on this computer. Its list of trusted certificates may be missing or damaged.")
            .said(chain(&error))
    })
}

#[async_trait]
impl Wire for ReqwestWire {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        let (parts, body) = request.into_parts();
        let url = url::Url::parse(&parts.uri.to_string()).map_err(|error| WireError::NotSent(error.to_string()))?;
        let client = if is_loopback(&url) { &self.inside } else { &self.outside };
        let response = client
            .request(parts.method, url)
            .headers(parts.headers)
            .body(body)
            .timeout(timeout)
            .send()
            .await
            .map_err(|error| classify(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = read_capped(response).await?;
        let mut answer = http::Response::new(body);
        *answer.status_mut() = status;
        *answer.headers_mut() = headers;
        Ok(answer)
    }
}

/// Reads at most one byte more than the door allows, so that the door can say it was too much.
async fn read_capped(mut response: reqwest::Response) -> Result<Vec<u8>, WireError> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let room = (ANSWER_MAX_BYTES + 1).saturating_sub(body.len());
                body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                if body.len() > ANSWER_MAX_BYTES {
                    return Ok(body);
                }
            }
            Ok(None) => return Ok(body),
            Err(error) => return Err(WireError::Lost(chain(&error))),
        }
    }
}

fn classify(error: &reqwest::Error) -> WireError {
    let why = chain(error);
    if error.is_connect() || error.is_builder() { WireError::NotSent(why) } else { WireError::Lost(why) }
}

/// The error with its causes, without the URL (its query may hold search terms).
fn chain(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() { "timed out".to_owned() } else { String::new() };
    let mut cause = error.source();
    while let Some(error) = cause {
        let word = error.to_string();
        if !text.contains(&word) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&word);
        }
        cause = error.source();
    }
    if text.is_empty() { "no further detail".into() } else { text }
}

#[cfg(test)]
#[path = "http_hostile_tests.rs"]
mod hostile_tests;

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
