//! Answers to writes, and what they mean.

use super::super::client::Reply;
use super::super::profile::Profile;
use super::super::verdicts::{Said, Speaker, write_verdict};
use super::assumed;
use quayside_model::{Cause, Verdict};
use serde_json::{Value, json};

fn reply(profile: &Profile, status: u16, body: Value) -> Reply {
    let success = (200..300).contains(&status);
    let said = if success { Said::default() } else { Said::of(profile, Some(&body)) };
    Reply { status, success, json: Some(body), said, replayed: false, link: None, request_id: None }
}

#[test]
fn an_answer_to_a_write_means_one_thing() {
    let profile = assumed();
    let speaker = Speaker { connection: "Harbour Supply".into() };
    for (status, body, word, cause, contains) in [
        (
            401,
            json!({"code": "invalid_api_key", "title": "Key is not valid"}),
            "sign in",
            Cause::SignInNeeded,
            "not accepted",
        ),
        (402, json!({}), "person", Cause::AccountBlocked, "keeps the account"),
        (403, json!({}), "person", Cause::ScopeMissing, "may not do this"),
        (404, json!({}), "person", Cause::HubLocked, "no such order"),
        (408, json!({}), "lost", Cause::PlatformTrouble, "looked up"),
        (409, json!({"code": "invalid_state"}), "person", Cause::HubLocked, "state"),
        (409, json!({"code": "idempotency_key_reused"}), "lost", Cause::OutcomeUnknown, "looked up"),
        (409, json!({"code": "duplicate_external_ref"}), "person", Cause::ContentRefused, "reference"),
        (412, json!({"code": "version_mismatch"}), "retry", Cause::PlatformTrouble, "somebody else"),
        (428, json!({"code": "precondition_required"}), "person", Cause::ContentRefused, "which version is changed"),
        (
            422,
            json!({"code": "validation_failed", "errors": [{"pointer": "/lines/0/sku", "code": "unknown_sku", "message": "SKU X does not exist"}]}),
            "person",
            Cause::UnknownSku,
            "the SKU of line 1 was not accepted",
        ),
        (
            422,
            json!({"errors": [{"pointer": "/shipping_address/country", "message": "bad"}]}),
            "person",
            Cause::AddressRefused,
            "the country",
        ),
        (
            422,
            json!({"errors": [{"pointer": "/colour", "message": "bad"}, {"pointer": "/note", "message": "long"}]}),
            "person",
            Cause::ContentRefused,
            "the field \"/colour\" and the note were not accepted",
        ),
        (400, json!({"title": "Bad"}), "person", Cause::ContentRefused, "did not accept the content"),
        (500, json!({}), "lost", Cause::PlatformTrouble, "looked up"),
        (503, json!({"code": "unavailable"}), "lost", Cause::PlatformTrouble, "looked up"),
        (418, json!({}), "person", Cause::NotUnderstood, "418"),
        (200, json!("odd"), "lost", Cause::OutcomeUnknown, "not readable"),
    ] {
        let verdict = write_verdict(&profile, &speaker, &reply(&profile, status, body), "#1001 could not be sent");
        let (said, refusal) = match &verdict {
            Verdict::SignInAgain(refusal) => ("sign in", refusal),
            Verdict::NeedsPerson(refusal) => ("person", refusal),
            Verdict::AnswerLost(refusal) => ("lost", refusal),
            Verdict::RetryLater(refusal) => ("retry", refusal),
            other => panic!("{status}: {other:?}"),
        };
        assert_eq!((said, refusal.cause), (word, cause), "{status} {refusal}");
        assert!(refusal.sentence.contains(contains), "{status}: {}", refusal.sentence);
        assert!(refusal.sentence.starts_with("Harbour Supply (Orderez): "), "{}", refusal.sentence);
    }
}

#[test]
fn errors_in_the_vendor_s_own_shapes() {
    let profile = Profile::parse(Profile::shipped("orderez-co-supplier").unwrap()).unwrap();
    let said = Said::of(&profile, Some(&json!({"error": {"message": "No such outlet", "type": "NotFound"}})));
    assert_eq!((said.code.as_str(), said.message.as_str()), ("NotFound", "No such outlet"));
    let said = Said::of(
        &profile,
        Some(&json!({"error": {"fields": {"sku": ["is taken", "is short"]}, "type": "UnprocessableEntity"}})),
    );
    assert_eq!(said.fields.len(), 1);
    assert_eq!((said.fields[0].field.as_str(), said.fields[0].message.as_str()), ("sku", "is taken is short"));
    // Another shape says nothing, and breaks nothing.
    for body in [json!("text"), json!([1]), json!({"error": "text"}), Value::Null] {
        assert_eq!(Said::of(&profile, Some(&body)), Said::default());
    }
}
