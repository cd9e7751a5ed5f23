//! Test connection: what it finds, what it says.

use super::{NOW_MS, ok, rig, rig_with};
use crate::WireError;
use crate::testing::{Sent, answer, json};
use quayside_model::{CheckState, Preflight};
use serde_json::{Value, json};

fn works(sent: &Sent) -> Result<http::Response<Vec<u8>>, WireError> {
    let path = url::Url::parse(&sent.url).unwrap().path().to_owned();
    match path.as_str() {
        "/stores" => ok(&json!([
            {"storeId": 25748, "storeName": "Web shop", "marketplaceId": 36, "marketplaceName": "WooCommerce", "companyName": "Harbour Goods", "active": true},
            {"storeId": 22766, "storeName": "Manual Orders", "marketplaceId": 0, "active": true},
            {"storeId": 22767, "storeName": "Old manual", "marketplaceId": 0, "active": false}, null])),
        "/accounts/listtags" => ok(&json!([{"tagId": 8362, "name": "Backorder"}])),
        "/v2/carriers" => ok(
            &json!({"carriers": [{"carrier_id": "se-20", "friendly_name": "UPS"}, {"carrier_id": "se-3", "friendly_name": "Stamps.com"}]}),
        ),
        "/v2/inventory_warehouses" => {
            json(403, &json!({"errors": [{"error_code": "forbidden", "message": "No add-on"}]}))
        }
        other => panic!("{other}"),
    }
}

fn states(preflight: &Preflight) -> Vec<(String, CheckState)> {
    preflight.checks.iter().map(|check| (check.title.clone(), check.state)).collect()
}

#[tokio::test]
async fn both_keys_work() {
    use CheckState::{Limited, Works};
    let rig = rig_with(
        "both",
        |config| {
            config.fields.insert("expires_on".into(), "2027-03-31".into());
        },
        works,
    );
    let preflight = rig.connector.preflight().await;
    assert_eq!(
        states(&preflight),
        [
            ("Sign in to V1", Works),
            ("A store for new orders", Works),
            ("Imports of its own", Limited),
            ("End of the V1 key pair", Works),
            ("Sign in to V2", Works),
            ("Stock (Inventory API)", Limited),
            ("What this account can do", Limited),
        ]
        .map(|(title, state)| (title.to_owned(), state))
    );
    let imports = &preflight.checks.iter().find(|check| check.title == "Imports of its own").unwrap().detail;
    assert!(imports.contains("\"Web shop\" (WooCommerce)"), "{imports}");
    let account = preflight.account.unwrap();
    assert_eq!(account.remote_id, "store:22766", "the oldest store's number is the account's identity");
    assert_eq!(account.name, "Harbour Goods");
    assert_eq!(account.abilities, ["v1", "v2"]);
    assert_eq!(account.expires_at_ms, Some(1_806_476_400_000));
    assert_eq!(account.facts["manual_stores"], r#"[{"id":"22766","name":"Manual Orders"}]"#);
    assert_eq!(
        serde_json::from_str::<Value>(&account.facts["stores"]).unwrap(),
        json!({"22766": "Manual Orders", "25748": "Web shop"})
    );
    assert_eq!(account.facts["tags"], r#"{"Backorder":8362}"#);
    assert_eq!(preflight.checks.last().unwrap().disables, ["stock levels"]);
}

#[tokio::test]
async fn one_refused_key_limits_two_end_it() {
    let half =
        rig("both", |sent| if sent.url.contains("ssapi") { answer(401, &[], "Unauthorized") } else { works(sent) });
    let preflight = half.connector.preflight().await;
    assert_eq!(preflight.checks[0].state, CheckState::Missing);
    assert!(preflight.checks[0].detail.contains("The V1 key pair is not accepted"), "{}", preflight.checks[0].detail);
    let account = preflight.account.unwrap();
    assert_eq!(account.abilities, ["v2"]);
    assert_eq!(account.remote_id, "carrier:se-3");

    let none = rig("both", |_| answer(401, &[], "Unauthorized"));
    let preflight = none.connector.preflight().await;
    assert!(preflight.account.is_none());
    assert!(!preflight.can_connect());
    assert!(preflight.checks.iter().filter(|check| check.state == CheckState::Missing).count() >= 2);
}

#[tokio::test]
async fn v1_alone_says_what_it_lacks() {
    let rig = rig("v1", works);
    let preflight = rig.connector.preflight().await;
    let account = preflight.account.unwrap();
    assert_eq!(account.abilities, ["v1"]);
    assert_eq!(
        preflight.checks.last().unwrap().disables,
        ["making new tags", "carrier scans and delivery times", "stock levels", "return labels"]
    );
}

#[tokio::test]
async fn a_key_that_ends_soon_is_told_in_time() {
    for (day, state, words) in [
        ("2027-03-31", CheckState::Works, "Ends on 31 March 2027."),
        ("2026-03-20", CheckState::Limited, "ends on 20 March 2026, in 17 days"),
        ("2026-03-01", CheckState::Limited, "1 March 2026, has passed"),
        ("", CheckState::Limited, "no day was entered"),
    ] {
        let rig = rig_with(
            "v1",
            |config| {
                config.fields.insert("expires_on".into(), day.into());
            },
            works,
        );
        let preflight = rig.connector.preflight().await;
        let check = preflight.checks.iter().find(|check| check.title == "End of the V1 key pair").unwrap();
        assert_eq!(check.state, state, "{day}");
        assert!(check.detail.contains(words), "{}", check.detail);
    }
}

#[tokio::test]
async fn a_wrong_clock_is_noticed() {
    let rig = rig("v1", |sent| {
        let mut response = works(sent)?;
        // An hour ahead of the test's clock.
        let date = std::time::UNIX_EPOCH + std::time::Duration::from_millis(u64::try_from(NOW_MS).unwrap() + 3_600_000);
        response.headers_mut().insert("date", httpdate::fmt_http_date(date).parse().unwrap());
        Ok(response)
    });
    let preflight = rig.connector.preflight().await;
    let check = preflight.checks.iter().find(|check| check.title == "This computer's clock").unwrap();
    assert_eq!(check.state, CheckState::Limited);
    assert!(check.detail.starts_with("This computer's clock is 60 minutes behind"), "{}", check.detail);
}

#[tokio::test]
async fn an_account_without_a_manual_store_is_warned() {
    let rig = rig("v1", |sent| {
        if sent.url.contains("/stores") {
            ok(&json!([{"storeId": 1, "storeName": "Shop", "marketplaceId": 23}]))
        } else {
            works(sent)
        }
    });
    let preflight = rig.connector.preflight().await;
    let check = preflight.checks.iter().find(|check| check.title == "A store for new orders").unwrap();
    assert_eq!(check.state, CheckState::Limited);
}

#[tokio::test]
async fn an_empty_allowance_says_when_to_test_again() {
    let rig = rig("v1", |_| answer(429, &[("x-rate-limit-reset", "12")], r#"{"message":"Too Many Requests"}"#));
    let preflight = rig.connector.preflight().await;
    assert!(preflight.account.is_none());
    assert!(preflight.checks[0].detail.contains("Test again in 12 s"), "{}", preflight.checks[0].detail);
}
