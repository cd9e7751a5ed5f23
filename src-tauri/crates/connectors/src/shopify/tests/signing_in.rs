//! Tokens, and that no secret is ever repeated.

use super::*;
use crate::testing::answer;
use quayside_model::{CheckState, Preflight};

fn token(value: &str, life_s: u32) -> Reply {
    json(200, &json!({ "access_token": value, "scope": "read_orders", "expires_in": life_s }))
}

fn empty_list() -> Reply {
    data(&json!({ "orders": { "nodes": [], "pageInfo": { "hasNextPage": false, "endCursor": null } } }))
}

async fn read(shopify: &Shopify) -> Result<Page, ReadError> {
    shopify.read(&Ask { stream: "orders", cursor: None, next: None, since_ms: NOW, priority: Priority::Poll }).await
}

#[tokio::test]
async fn trap_14_a_token_is_fetched_once_and_renewed_before_it_ends() {
    let script = Script::new([token("t-1", 86_399), empty_list(), empty_list(), token("t-2", 86_399), empty_list()]);
    let clock = StandingClock::at(NOW);
    let shopify = shopify_with(config(CLIENT_CREDENTIALS), script.clone(), clock.clone());
    read(&shopify).await.unwrap();
    read(&shopify).await.unwrap();
    clock.advance(23 * 3_600_000);
    read(&shopify).await.unwrap();
    assert_eq!(operations(&script), ["token", "OrderList", "OrderList", "token", "OrderList"]);
    let sent = script.sent();
    assert_eq!(sent[0].url, "https://harbour.myshopify.com/admin/oauth/access_token");
    assert_eq!(sent[0].body, "grant_type=client_credentials&client_id=client-1&client_secret=shpss_canary-secret");
    assert_eq!(sent[1].url, "https://harbour.myshopify.com/admin/api/2026-07/graphql.json");
    assert_eq!(sent[1].headers["x-shopify-access-token"], "t-1");
    assert_eq!(sent[4].headers["x-shopify-access-token"], "t-2");
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let unauthorized = || json(401, &json!({ "errors": "[API] Invalid API key or access token" }));
    let script = Script::new([token("t-1", 86_399), unauthorized(), token("t-2", 86_399), empty_list()]);
    read(&shopify_with(config(CLIENT_CREDENTIALS), script.clone(), StandingClock::at(NOW))).await.unwrap();
    assert_eq!(operations(&script), ["token", "OrderList", "token", "OrderList"]);

    let script = Script::new([token("t-1", 86_399), unauthorized(), token("t-2", 86_399), unauthorized()]);
    let error =
        read(&shopify_with(config(CLIENT_CREDENTIALS), script.clone(), StandingClock::at(NOW))).await.unwrap_err();
    assert!(matches!(error, ReadError::Refused(refusal) if refusal.cause == quayside_model::Cause::SignInNeeded));
    assert_eq!(script.sent().len(), 4, "twice is once too often");
}

#[tokio::test]
async fn many_at_once_fetch_one_token() {
    let script = Script::answering(|sent| if operation(sent) == "token" { token("t-1", 86_399) } else { empty_list() });
    let shopify = shopify_with(config(CLIENT_CREDENTIALS), script.clone(), StandingClock::at(NOW));
    let (a, b, c) = tokio::join!(read(&shopify), read(&shopify), read(&shopify));
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(operations(&script).iter().filter(|name| *name == "token").count(), 1);
}

#[tokio::test]
async fn a_refused_sign_in_says_what_to_do() {
    for (status, body, word) in [
        (
            400,
            json!({ "error": "shop_not_permitted", "error_description": "Client credentials cannot be performed on this shop." }),
            "organisation",
        ),
        (400, json!({ "error": "app_not_installed" }), "not installed"),
        (400, json!({ "error": "application_cannot_be_found" }), "client ID"),
        (401, json!({ "error": "invalid_client" }), "belong together"),
        (403, json!({}), "Copy both again"),
    ] {
        let shopify =
            shopify_with(config(CLIENT_CREDENTIALS), Script::new([json(status, &body)]), StandingClock::at(NOW));
        let ReadError::Refused(refusal) = read(&shopify).await.unwrap_err() else { panic!() };
        assert_eq!(refusal.cause, quayside_model::Cause::SignInNeeded);
        assert!(refusal.sentence.contains(word), "{refusal}");
    }
    for (status, page) in [
        (404, "<html>Not found"),
        (400, "<html>Blocked by the filter"),
        (401, "<html>Proxy"),
        (403, "<!DOCTYPE html>Forbidden"),
    ] {
        let shopify =
            shopify_with(config(CLIENT_CREDENTIALS), Script::new([answer(status, &[], page)]), StandingClock::at(NOW));
        let ReadError::Refused(refusal) = read(&shopify).await.unwrap_err() else { panic!("{status}") };
        assert_eq!(refusal.cause, quayside_model::Cause::NotThePlatform, "{status}");
        assert!(refusal.sentence.contains("whoever runs the proxy"), "{refusal}");
    }
    // Shopify's own page of a refused sign-in is Shopify's word.
    let page = "<html><title>Oauth error application_cannot_be_found</title></html>";
    let shopify =
        shopify_with(config(CLIENT_CREDENTIALS), Script::new([answer(400, &[], page)]), StandingClock::at(NOW));
    let ReadError::Refused(refusal) = read(&shopify).await.unwrap_err() else { panic!() };
    assert_eq!(refusal.cause, quayside_model::Cause::SignInNeeded);
}

/// A change whose token could not be fetched was never sent.
#[tokio::test]
async fn losing_the_token_answer_loses_no_change() {
    for reply in [Err(WireError::Lost("reset".into())), json(500, &json!({})), answer(200, &[], "{\"acce")] {
        let shopify = shopify_with(config(CLIENT_CREDENTIALS), Script::new([reply]), StandingClock::at(NOW));
        let intent = Intent::CancelFulfillment { order_remote_id: "o".into(), fulfillment_id: "f".into() };
        let verdict = shopify.perform(&[task(&intent)]).await.remove(0);
        assert!(matches!(verdict, Verdict::RetryLater(_)), "{verdict:?}");
    }
}

#[tokio::test]
async fn no_failure_repeats_a_secret() {
    // The store echoes whatever it was sent.
    let echo_of = |way: &str| {
        let token = if way == LEGACY_TOKEN { CANARY } else { "fetched-canary-token" };
        format!("token {token} of shpss_canary-secret for buyer@example.org is bad")
    };
    for status in [200, 400, 401, 402, 403, 404, 422, 423, 429, 430, 500] {
        for way in [LEGACY_TOKEN, CLIENT_CREDENTIALS] {
            let echo = echo_of(way);
            for body in [
                json!({ "errors": echo }),
                json!({ "errors": [{ "message": echo, "extensions": { "code": "ACCESS_DENIED" } }] }),
                json!({ "error": echo }),
            ] {
                let script = Script::answering(move |sent| match operation(sent).as_str() {
                    "token" => token("fetched-canary-token", 86_399),
                    _ => json(status, &body),
                });
                let shopify = shopify_with(config(way), script, StandingClock::at(NOW));
                let intent = Intent::CancelFulfillment { order_remote_id: "o".into(), fulfillment_id: "f".into() };
                let said = format!(
                    "{:?} {:?} {:?} {:?}",
                    read(&shopify).await,
                    shopify.perform(&[task(&intent)]).await,
                    shopify.confirm(&task(&intent)).await,
                    shopify.preflight().await
                );
                assert!(!said.contains("canary") && !said.contains("buyer@"), "{status} {way}: {said}");
            }
        }
    }
}

fn preflight_of(scopes: &[&str], served: &str, date: &str, probe: Reply) -> Arc<Script> {
    let scopes: Vec<Value> = scopes.iter().map(|handle| json!({ "handle": handle })).collect();
    let body = json!({ "data": {
        "shop": { "id": "gid://shopify/Shop/1", "name": "Harbour Goods", "myshopifyDomain": "harbour.myshopify.com", "currencyCode": "EUR",
            "ianaTimezone": "Europe/Berlin", "plan": { "publicDisplayName": "Basic" } },
        "currentAppInstallation": { "id": "i", "accessScopes": scopes },
        "publicApiVersions": [{ "handle": "2026-07", "supported": true }] } });
    let first = answer(
        200,
        &[("content-type", "application/json"), ("x-shopify-api-version", served), ("date", date)],
        body.to_string(),
    );
    Script::new([first, probe])
}

fn state_of(preflight: &Preflight, title: &str) -> CheckState {
    preflight.checks.iter().find(|check| check.title == title).unwrap_or_else(|| panic!("no check \"{title}\"")).state
}

const ON_TIME: &str = "Fri, 20 Nov 2026 10:00:00 GMT";

fn probe(address: &Value) -> Reply {
    data(
        &json!({ "orders": { "nodes": [{ "id": "o", "name": "#1", "requiresShipping": true, "shippingAddress": address }] } }),
    )
}

#[tokio::test]
async fn the_checklist_tells_what_works() {
    let all: Vec<&str> = scopes::SCOPES.iter().map(|scope| scope.handle).collect();
    let wire = preflight_of(&all, "2026-07", ON_TIME, probe(&json!({ "address1": "Am Hafen 3" })));
    let preflight = shopify(wire).preflight().await;
    let failed: Vec<&str> =
        preflight.checks.iter().filter(|c| c.state != CheckState::Works).map(|c| c.title.as_str()).collect();
    assert!(failed.is_empty(), "{failed:?}");
    let account = preflight.account.unwrap();
    assert_eq!((account.name.as_str(), account.remote_id.as_str()), ("Harbour Goods", "gid://shopify/Shop/1"));
    assert_eq!((account.currency.as_deref(), account.time_zone.as_deref()), (Some("EUR"), Some("Europe/Berlin")));
    assert_eq!(account.admin_url.as_deref(), Some("https://admin.shopify.com/store/harbour"));
    assert_eq!(account.abilities.len(), all.len());
}

#[tokio::test]
async fn trap_15_the_checklist_tells_what_does_not() {
    let wire = preflight_of(&["read_orders"], "2026-10", "Sat, 21 Nov 2026 10:00:00 GMT", probe(&Value::Null));
    let preflight = shopify(wire).preflight().await;
    assert!(preflight.can_connect());
    assert_eq!(state_of(&preflight, "Read orders"), CheckState::Works);
    assert_eq!(state_of(&preflight, "Report parcels"), CheckState::Missing);
    assert_eq!(state_of(&preflight, "API version"), CheckState::Limited);
    assert_eq!(state_of(&preflight, "Clock"), CheckState::Limited);
    assert_eq!(state_of(&preflight, "Names and addresses"), CheckState::Missing);
    let clock = preflight.checks.iter().find(|check| check.title == "Clock").unwrap();
    assert!(clock.detail.contains("1440 minutes behind"), "{}", clock.detail);

    let refused = shopify(Script::new([json(401, &json!({ "errors": "no" }))])).preflight().await;
    assert!(!refused.can_connect());
    assert!(refused.checks[0].detail.contains("access token"), "{}", refused.checks[0].detail);
}

#[tokio::test]
async fn which_version_answers_is_known_from_every_answer_and_what_is_none_is_not_believed() {
    let by = |version: &str| {
        let list = empty_list().unwrap();
        let headers = [("content-type", "application/json"), ("x-shopify-api-version", version)];
        answer(200, &headers, String::from_utf8(list.into_body()).unwrap())
    };
    let said = ["2026-07", "2026-10", "", "<b>Update now</b>", "2026-07-and-a-half", "unstable", "2026-07"];
    let shopify = shopify(Script::new(said.map(by)));
    let served = || {
        let all = shopify.api_in_use();
        assert_eq!((all.len(), all[0].name, all[0].asked.as_str()), (1, "Admin API", "2026-07"));
        all[0].served.clone()
    };
    assert_eq!(served(), None, "nothing was asked yet");
    // What is no version leaves what was known.
    for (n, known) in ["2026-07", "2026-10", "2026-10", "2026-10", "2026-10", "unstable", "2026-07"].iter().enumerate()
    {
        read(&shopify).await.unwrap();
        assert_eq!(served().as_deref(), Some(*known), "after {:?}", said[n]);
    }
}
