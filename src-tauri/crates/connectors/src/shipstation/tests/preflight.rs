//! Test connection: what it finds, what it says.

use super::{NOW_MS, ok, rig, rig_with};
use crate::WireError;
use crate::testing::{Sent, answer, json};
use quayside_model::{CheckState, OwnLink, Preflight};
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
    let link = OwnLink { id: "25748".into(), name: "Web shop".into(), marketplace: "WooCommerce".into() };
    assert_eq!(account.own_links(), Some(vec![link.clone()]));
    assert_eq!(rig.connector.own_links().await, Ok(Some(vec![link])));
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
    let last = preflight.checks.last().unwrap();
    assert_eq!(last.disables, ["buying labels", "making new tags", "stock levels", "following parcels"]);
    // Only what a V2 key brings is promised for it.
    let promised = "With a V2 key beside it, parcels are followed, tags that do not exist yet are made";
    assert!(last.detail.contains(promised), "{}", last.detail);
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

type Answer = fn() -> Result<http::Response<Vec<u8>>, WireError>;

/// V1 was fine the last time; V2 answers with something that is no word about the account.
#[tokio::test]
async fn an_outage_takes_no_ability_away() {
    let before = |config: &mut quayside_model::ConnectionConfig| {
        config.account.abilities = ["v1", "v2", "v2_inventory"].map(str::to_owned).to_vec();
        config.account.facts.insert("stores".into(), r#"{"1":"Kept"}"#.into());
    };
    let outages: [(&str, Answer); 6] = [
        ("429", || answer(429, &[("x-rate-limit-reset", "12")], r#"{"message":"Too Many Requests"}"#)),
        ("500", || answer(500, &[], "oops")),
        ("no answer", || Err(WireError::Lost("timed out".into()))),
        ("not reached", || Err(WireError::NotSent("dns".into()))),
        ("a portal", || answer(200, &[("content-type", "text/html")], "<html>Sign in</html>")),
        ("a firewall's page", || answer(403, &[("content-type", "text/html")], "<html>Forbidden</html>")),
    ];
    for (what, outage) in outages {
        let hub = rig_with("both", before, move |sent| if sent.url.contains("/v2/") { outage() } else { works(sent) });
        let account = hub.connector.preflight().await.account.unwrap();
        assert_eq!(account.abilities, ["v1", "v2", "v2_inventory"], "V2: {what}");
        let hub = rig_with("both", before, move |sent| if sent.url.contains("ssapi") { outage() } else { works(sent) });
        let account = hub.connector.preflight().await.account.unwrap();
        // The add-on's refusal is the account's own word.
        assert_eq!(account.abilities, ["v1", "v2"], "V1: {what}");
        assert_eq!(account.facts["stores"], r#"{"1":"Kept"}"#, "V1: {what}");
        // An account that was never looked at has only what it showed.
        let hub = rig("both", move |sent| if sent.url.contains("/v2/") { outage() } else { works(sent) });
        assert_eq!(hub.connector.preflight().await.account.unwrap().abilities, ["v1"], "never seen: {what}");
    }
    // A refusal is the account's own word, whatever was known.
    let hub =
        rig_with("both", before, |sent| if sent.url.contains("/v2/") { answer(401, &[], "no") } else { works(sent) });
    assert_eq!(hub.connector.preflight().await.account.unwrap().abilities, ["v1"]);
}

#[tokio::test]
async fn an_account_is_known_by_all_its_names() {
    let both = rig("both", works).connector.preflight().await.account.unwrap();
    let v2 = rig("v2", works).connector.preflight().await.account.unwrap();
    let names = both.facts[quayside_model::FACT_IDENTITIES].split(' ').collect::<Vec<_>>();
    assert_eq!(names[..5], ["store:22766", "store:22767", "store:25748", "carrier:se-3", "carrier:se-20"]);
    assert!(names[5].starts_with("key:") && !names[5].contains("canary"), "{names:?}");
    assert_eq!(v2.identities()[0], "carrier:se-3");
    assert_eq!(v2.is_same(&both), Some(true), "V1 came to a V2 account, or ended");
    let bare = |sent: &Sent| if sent.url.contains("/v2/carriers") { ok(&json!({"carriers": []})) } else { works(sent) };
    let keyed = rig("v2", bare).connector.preflight().await.account.unwrap();
    assert!(keyed.remote_id.starts_with("key:"), "{}", keyed.remote_id);
    assert_eq!(keyed.is_same(&both), Some(true), "the same key");
}
