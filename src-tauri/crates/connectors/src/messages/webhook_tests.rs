//! Documents to a receiver that plays a script.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::WireError;
use crate::testing::{Script, StandingClock, answer};

const ADDRESS: &str = "https://erp.harbour.example:8443/in/quayside?tenant=canary-tenant";
const SECRET: &str = "canary-secret-0123";
/// Friday, 20 November 2026, 09:00 UTC.
const NOW: i64 = 1_795_165_200_123;

async fn sent(line: Result<http::Response<Vec<u8>>, WireError>) -> (Arc<Script>, Result<(), Undelivered>) {
    let script = Script::new([line]);
    let secret = SecretString::from(SECRET);
    let body = b"{\"event\":\"report\"}".to_vec();
    let outcome = post(script.clone(), StandingClock::at(NOW), ADDRESS, &secret, "performance.2026-11-19", body).await;
    (script, outcome)
}

#[tokio::test]
async fn a_document_carries_its_key_and_a_signature_that_others_can_check() {
    let (script, outcome) = sent(answer(202, &[], "")).await;
    outcome.unwrap();
    let request = &script.sent()[0];
    let header = |name: &str| request.headers[name].to_str().unwrap();
    assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", ADDRESS));
    assert_eq!(header(KEY), "performance.2026-11-19");
    assert_eq!(header(TIMESTAMP), "1795165200");
    // printf '1795165200.{"event":"report"}' | openssl dgst -sha256 -hmac canary-secret-0123
    assert_eq!(header(SIGNATURE), "sha256=fc1d132c23db8fe4b63140096f579866ee0dfb7dee540a5539f2bdb2db92c084");
    assert!(!format!("{:?}", request.headers).contains("canary"));
}

/// Computed by openssl: `printf "1.what do ya want for nothing?" | openssl dgst -sha256 -hmac Jefe`.
#[test]
fn the_signature_is_hmac_sha256_over_time_and_body() {
    let of = |secret: &str, time, body: &str| signature(&SecretString::from(secret), time, body.as_bytes());
    assert_eq!(
        of("Jefe", 1, "what do ya want for nothing?"),
        "a9049465ce89cfb8e9aac62333abda66f80e3403f51f57f6bae3c3a4485eca38"
    );
    assert_ne!(
        of("Jefe", 2, "what do ya want for nothing?"),
        "a9049465ce89cfb8e9aac62333abda66f80e3403f51f57f6bae3c3a4485eca38"
    );
}

#[tokio::test]
async fn what_a_receiver_answers_becomes_a_sentence_without_secrets() {
    let html: &[(&'static str, &str)] = &[("content-type", "text/html")];
    for (line, words, unsure) in [
        (answer(401, &[], "bad signature for canary-secret-0123"), "Set the same secret on both sides", false),
        (answer(404, &[], "{}"), "nothing at this address", false),
        (answer(413, &[], ""), "too large", false),
        (answer(400, &[], "which tenant is canary-tenant?"), "refused the report (status 400)", false),
        (answer(500, &[], "boom"), "under the same key", false),
        (answer(503, html, "<html>down</html>"), "has trouble (status 503)", false),
        (answer(200, html, "<html>welcome</html>"), "A web page came back", false),
        (answer(307, &[("location", "https://evil.example/x")], ""), "sent to evil.example instead", false),
        (Err(WireError::NotSent("refused".into())), "could not be reached", false),
        (Err(WireError::Lost("reset".into())), "by which the receiver knows a second copy", true),
    ] {
        let (script, outcome) = sent(line).await;
        let undelivered = outcome.unwrap_err();
        assert_eq!(matches!(undelivered, Undelivered::Unsure(_)), unsure, "{undelivered:?}");
        assert!(undelivered.refusal().sentence.contains(words), "{words}: {undelivered:?}");
        assert!(!format!("{undelivered:?}").contains("canary"), "{undelivered:?}");
        assert_eq!(script.sent().len(), 1, "{words}: sent once");
    }
}

#[test]
fn only_https_or_this_computer() {
    for (address, fine) in [
        ("https://erp.harbour.example/in", true),
        ("https://erp.harbour.example:8443/in?tenant=1", true),
        ("http://127.0.0.1:8080/in", true),
        ("http://localhost/in", true),
        ("http://erp.harbour.example/in", false),
        ("http://10.0.0.7/in", false),
        ("https://user:canary@erp.harbour.example/in", false),
        ("ftp://erp.harbour.example/in", false),
        ("erp.harbour.example", false),
        ("", false),
    ] {
        assert_eq!(address_trouble(address).is_none(), fine, "{address}");
    }
    assert_eq!(place(ADDRESS), "https://erp.harbour.example:8443/in/quayside");
}
