//! What a store promises of its own by service: when an order has to leave, and what is said of it.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
use common::*;
use quayside_flows::{Policy, decide, promise, rate_choice, why};
use quayside_model::*;

const DAY: i64 = 24 * 60 * MIN;

fn with(promises: &str) -> Policy {
    let mut policy = policy(Mode::Auto);
    policy.peers.get_mut(&channel()).unwrap().clock.promises = promise::parse(promises).unwrap();
    policy
}

fn ship_by_day(story: &Story, policy: &Policy) -> String {
    let at_ms = decide(story, policy, NOW).ship_by_ms.unwrap();
    chrono::DateTime::from_timestamp_millis(at_ms).unwrap().format("%Y-%m-%d").to_string()
}

type Change = fn(&mut Story);

/// Placed on a Friday morning; the desk promises one business day.
#[test]
fn a_service_has_the_promise_of_its_own() {
    let as_it_is: Change = |_| ();
    for (promises, change, day) in [
        ("", as_it_is, "2026-11-23"),
        ("Express = 0", as_it_is, "2026-11-20"),
        ("Express = 3 / 5; Standard = 0", as_it_is, "2026-11-25"),
        ("Standard = 0", as_it_is, "2026-11-23"),
        // The store's own word counts before it.
        ("Express = 3", |s| s.order.ship_by_ms = Some(NOW + DAY), "2026-11-21"),
        ("Express = 3", |s| s.order.shipping = None, "2026-11-23"),
    ] {
        let mut story = story();
        change(&mut story);
        assert_eq!(ship_by_day(&story, &with(promises)), day, "{promises}");
    }
}

#[test]
fn what_is_late_says_by_which_promise() {
    let mut story = sent();
    story.order.placed_at_ms = NOW - 3 * DAY;
    for (promises, own) in [("Express = 1", true), ("Standard = 1", false)] {
        let policy = with(promises);
        let decision = decide(&story, &policy, NOW);
        let late = decision.findings.iter().find(|finding| finding.cause == Cause::Late).unwrap();
        let words = "\"Express\" leaves within 1 business day";
        assert_eq!(late.sentence.contains(words), own, "{}", late.sentence);
        let told = why::explain(&story, &policy, &[], NOW);
        let evidence: Vec<&str> =
            told.reasons.iter().flat_map(|reason| &reason.evidence).map(|one| one.says.as_str()).collect();
        assert_eq!(evidence.iter().any(|says| says.contains(words)), own, "{evidence:?}");
    }
}

/// A label that has to arrive in time is bought for the day that was promised for the service.
#[test]
fn a_label_is_bought_for_the_day_of_the_promise() {
    let bought = |story: &Story, promises: &str| {
        let policy = set(with(promises), "labels", "within_days", "2");
        rate_choice::promised_day(story, &policy, NOW)
    };
    let mut story = story();
    let without = bought(&story, "");
    assert_eq!(bought(&story, "Standard = 1 / 4"), without, "another service");
    assert_eq!(bought(&story, "Express = 1"), without, "nothing is promised of its arrival");
    assert_eq!(bought(&story, "Express = 1 / 4").as_deref(), Some("2026-11-26"));
    story.order.deliver_by_ms = Some(NOW + DAY);
    assert_eq!(bought(&story, "Express = 1 / 4").as_deref(), Some("2026-11-21"));
}
