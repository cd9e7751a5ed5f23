//! A webhook of the merchant's own: JSON, signed, under a key that stays the same when it is sent again
//! (`docs/delivery.md` is its contract).

use super::{Undelivered, said};
use crate::{Answer, Door, DoorSetup, Exchange, Wire};
use hmac::{Hmac, KeyInit as _, Mac as _};
use quayside_model::{Cause, Clock, ExposeSecret, SecretString};
use sha2::Sha256;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Seconds since 1970 when it was signed.
pub const TIMESTAMP: &str = "x-quayside-timestamp";
/// `sha256=` and the signature in hex.
pub const SIGNATURE: &str = "x-quayside-signature";
/// The name of what is delivered.
pub const KEY: &str = "idempotency-key";

/// Whoever takes a month of labels may have to write them first.
const TIMEOUT: Duration = Duration::from_mins(2);

/// What is wrong with an address.
pub fn address_trouble(address: &str) -> Option<String> {
    let Ok(url) = Url::parse(address.trim()) else {
        return Some(format!("\"{address}\" is no address. Write it whole, like https://erp.example.com/quayside."));
    };
    let here = crate::door::is_loopback(&url);
    if url.host_str().is_none() || !(url.scheme() == "https" || (here && url.scheme() == "http")) {
        return Some(
            "Reports are sent by https only (http for a program on this computer). Write an address that begins with https://."
                .to_owned(),
        );
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some(
            "The address holds a user or a password. Leave them out: who sends is proved by the signature.".to_owned(),
        );
    }
    None
}

/// The address as it may be shown: a query may hold a key of somebody's.
pub fn place(address: &str) -> String {
    let Ok(url) = Url::parse(address.trim()) else { return String::new() };
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

/// HMAC-SHA256 over `timestamp.body`, in hex.
pub fn signature(secret: &SecretString, timestamp_s: i64, body: &[u8]) -> String {
    let mut out = String::new();
    // A key of any length is a key.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) {
        mac.update(format!("{timestamp_s}.").as_bytes());
        mac.update(body);
        for byte in mac.finalize().into_bytes() {
            // Writing to a String does not fail.
            let _ = write!(out, "{byte:02x}");
        }
    }
    out
}

/// Brings a document there.
pub async fn post(
    wire: Arc<dyn Wire>,
    clock: Arc<dyn Clock>,
    address: &str,
    secret: &SecretString,
    key: &str,
    body: Vec<u8>,
) -> Result<(), Undelivered> {
    let wrong = |what: String| Undelivered::NotThere(quayside_model::Refusal::new(Cause::NotThePlatform, what));
    if let Some(what) = address_trouble(address) {
        return Err(wrong(what));
    }
    let url = Url::parse(address.trim()).map_err(|error| wrong(format!("The address cannot be read ({error}).")))?;
    let here = crate::door::is_loopback(&url);
    let timestamp_s = clock.now_ms().div_euclid(1_000);
    let mut secrets = vec![secret.clone()];
    secrets.extend(url.query().map(SecretString::from));
    secrets.extend(url.query_pairs().map(|(_, value)| SecretString::from(value.as_ref())));
    let setup = DoorSetup {
        wire,
        clock,
        allowed_hosts: &[],
        base_url: here.then(|| url.origin().ascii_serialization()),
        platform: "your webhook",
        connection: "Reports".to_owned(),
        secrets,
    };
    let door = Door::new(setup).map_err(Undelivered::NotThere)?.with_named_origin(&url);
    let signed = signature(secret, timestamp_s, &body);
    let mut exchange = Exchange::new(http::Method::POST, url)
        .header("content-type", "application/json")
        .header(KEY, key)
        .header(TIMESTAMP, timestamp_s.to_string())
        .header(SIGNATURE, format!("sha256={signed}"))
        .timeout(TIMEOUT);
    exchange.body = body;
    let answer = door.send(exchange).await.map_err(|error| {
        super::undelivered(error, "The report left for the receiver, and no answer came back. It is sent again under the same key, by which the receiver knows a second copy.")
    })?;
    if answer.is_success() { Ok(()) } else { Err(Undelivered::NotThere(explain(&door, &answer))) }
}

fn explain(door: &Door, answer: &Answer) -> quayside_model::Refusal {
    let status = answer.status;
    let (cause, what) = match status {
        401 | 403 => (
            Cause::SignInNeeded,
            format!("The receiver refused it (status {status}): it does not accept the signature. Set the same secret on both sides, and check the receiver's clock."),
        ),
        404 | 405 | 410 => (
            Cause::NotThePlatform,
            format!("The receiver has nothing at this address (status {status}). Check the address with whoever runs it."),
        ),
        413 => (
            Cause::ScopeMissing,
            "The report is too large for the receiver (status 413). Let it take larger bodies, or choose another way for this report.".to_owned(),
        ),
        429 => (Cause::RateLimited, "The receiver asks to come again later (status 429).".to_owned()),
        500.. => (
            Cause::PlatformTrouble,
            format!("The receiver has trouble (status {status}). Its own log says which; the report is sent again under the same key."),
        ),
        _ => (
            Cause::PlatformTrouble,
            format!("The receiver refused the report (status {status}). Ask whoever runs it what it wants."),
        ),
    };
    let words = answer.text();
    said(door.refusal(cause, &what), &door.unspoken(), if answer.is_html { "" } else { &words }).status(status)
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
