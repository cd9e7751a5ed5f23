//! Messages to a Slack that plays a script.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::WireError;
use crate::testing::{Script, StandingClock, answer};
use serde_json::json;

const ADDRESS: &str = "https://hooks.slack.com/services/T0CANARY/B0CANARY/canary0123456789";

async fn sent(
    address: &str,
    line: Result<http::Response<Vec<u8>>, WireError>,
) -> (Arc<Script>, Result<(), Undelivered>) {
    let script = Script::new([line]);
    let outcome =
        post(script.clone(), StandingClock::at(0), &SecretString::from(address), &json!({ "text": "hi" })).await;
    (script, outcome)
}

#[tokio::test]
async fn a_message_goes_to_the_address_and_nowhere_else() {
    let (script, outcome) = sent(ADDRESS, answer(200, &[], "ok")).await;
    outcome.unwrap();
    assert_eq!((script.sent()[0].url.as_str(), script.sent()[0].json()), (ADDRESS, json!({ "text": "hi" })));
    for elsewhere in [
        "https://hooks.slack.com.evil.example/services/canary0123456789",
        "http://hooks.slack.com/services/canary0123456789",
        "https://hooks.slack.com:8443/services/canary0123456789",
        "https://hooks.slack.com/",
        "canary0123456789",
    ] {
        let (script, outcome) = sent(elsewhere, answer(200, &[], "ok")).await;
        let undelivered = outcome.unwrap_err();
        assert!(undelivered.refusal().sentence.contains("no address of a Slack webhook"), "{undelivered:?}");
        assert!(script.sent().is_empty() && !format!("{undelivered:?}").contains("canary"), "{elsewhere}");
    }
}

#[tokio::test]
async fn what_slack_answers_becomes_a_sentence_without_the_address() {
    let html: &[(&'static str, &str)] = &[("content-type", "text/html")];
    let lost = Err(WireError::Lost("reset".into()));
    for (line, words, unsure) in [
        (answer(404, &[], "no_service"), "no longer takes messages", false),
        (answer(403, &[], "invalid_token canary0123456789"), "no longer takes messages", false),
        (answer(410, &[], "channel_is_archived"), "is archived", false),
        (answer(400, &[], "invalid_payload"), "does not understand", false),
        (answer(429, &[], "rate_limited"), "come again later", false),
        (answer(500, &[], "T0CANARY/B0CANARY/canary0123456789"), "has trouble", false),
        (answer(200, html, "<html>sign in</html>"), "A web page came back", false),
        (answer(302, &[("location", "https://evil.example/")], ""), "sent to evil.example instead", false),
        (Err(WireError::NotSent("no route".into())), "could not be reached", false),
        (lost, "Look into the channel", true),
    ] {
        let (_, outcome) = sent(ADDRESS, line).await;
        let undelivered = outcome.unwrap_err();
        assert_eq!(matches!(undelivered, Undelivered::Unsure(_)), unsure, "{undelivered:?}");
        assert!(undelivered.refusal().sentence.contains(words), "{words}: {undelivered:?}");
        assert!(!format!("{undelivered:?}").to_lowercase().contains("canary0"), "{undelivered:?}");
    }
}
