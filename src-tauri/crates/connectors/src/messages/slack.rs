//! Slack, by an incoming webhook: an address that is a key.

use super::{Undelivered, said};
use crate::{Answer, Door, DoorSetup, Exchange, Wire};
use quayside_model::{Cause, Clock, ExposeSecret, Refusal, SecretString};
use serde_json::Value;
use std::sync::Arc;
use url::Url;

/// Where such addresses are.
pub const HOST: &str = "hooks.slack.com";

/// What is wrong with an address as it was pasted; never repeats it.
pub fn address_trouble(address: &SecretString) -> Option<String> {
    let wrong = "This is no address of a Slack webhook. In Slack: Apps, Incoming Webhooks, Add; copy the whole address, which begins with https://hooks.slack.com/services/.";
    let Ok(url) = Url::parse(address.expose_secret().trim()) else { return Some(wrong.to_owned()) };
    let there = url.scheme() == "https" && url.host_str() == Some(HOST) && url.port().is_none();
    let key = url.path().trim_start_matches('/');
    ((!there && !crate::door::is_loopback(&url)) || key.is_empty()).then(|| wrong.to_owned())
}

/// Brings a message to the channel the address belongs to.
pub async fn post(
    wire: Arc<dyn Wire>,
    clock: Arc<dyn Clock>,
    address: &SecretString,
    message: &Value,
) -> Result<(), Undelivered> {
    if let Some(wrong) = address_trouble(address) {
        return Err(Undelivered::NotThere(Refusal::new(Cause::SignInNeeded, wrong)));
    }
    let refused = |_| Undelivered::NotThere(Refusal::new(Cause::SignInNeeded, "The Slack address cannot be read."));
    let url = Url::parse(address.expose_secret().trim()).map_err(refused)?;
    let last = url.path().rsplit('/').next().unwrap_or_default().to_owned();
    let setup = DoorSetup {
        wire,
        clock,
        allowed_hosts: &[HOST],
        base_url: crate::door::is_loopback(&url).then(|| url.origin().ascii_serialization()),
        platform: "Slack",
        connection: "Reports".to_owned(),
        secrets: vec![address.clone(), url.path().to_owned().into(), last.into()],
    };
    let door = Door::new(setup).map_err(Undelivered::NotThere)?;
    let sent = door.send(Exchange::new(http::Method::POST, url).json(message)).await;
    let answer = sent.map_err(|error| {
        super::undelivered(error, "The message left for Slack, and no answer came back. Look into the channel: if it is not there, send it again.")
    })?;
    if answer.is_success() { Ok(()) } else { Err(Undelivered::NotThere(explain(&door, &answer))) }
}

fn explain(door: &Door, answer: &Answer) -> Refusal {
    let words = answer.text();
    let words = if answer.is_html { "" } else { words.trim() };
    let (cause, what) = match (answer.status, words) {
        (_, "channel_is_archived") => (
            Cause::ScopeMissing,
            "The channel of this webhook is archived. Make a webhook for another channel in Slack and paste its address.",
        ),
        (_, "invalid_payload" | "too_many_attachments" | "no_text") | (400 | 413, _) => (
            Cause::PlatformTrouble,
            "Slack does not understand the message, which is a fault of Quayside: the check-up under Settings has the details.",
        ),
        (401 | 403 | 404 | 410, _) => (
            Cause::SignInNeeded,
            "Slack no longer takes messages at this address: the webhook, its channel or its app was removed. Make a new webhook in Slack and paste its address.",
        ),
        (429, _) => (Cause::RateLimited, "Slack asks to come again later. Nothing has to be done."),
        _ => (
            Cause::PlatformTrouble,
            "Slack has trouble and did not take the message. Nothing has to be done unless that goes on.",
        ),
    };
    said(door.refusal(cause, what), &door.unspoken(), words).status(answer.status)
}

#[cfg(test)]
#[path = "slack_tests.rs"]
mod tests;
