//! One connection is one seller in one region: where it speaks, and that two of them do not mix.

use crate::common::{NOW_MS, World, read_to_end};
use crate::house::purchase;
use async_trait::async_trait;
use quayside_connectors::{Ask, Connector, Priority, Setup, Wire, WireError};
use quayside_model::Record;
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_sandbox::amazon::{Amazon, AmazonPlan};
use quayside_sandbox::{Moment, Sandbox, SandboxPlan};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Notes where every request goes.
struct Noted {
    inner: Arc<dyn Wire>,
    hosts: Arc<Mutex<BTreeMap<String, BTreeSet<String>>>>,
}

#[async_trait]
impl Wire for Noted {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        let uri = request.uri();
        let what = uri.path().split('/').nth(1).unwrap_or_default().to_owned();
        let host = format!("{}://{}", uri.scheme_str().unwrap(), uri.host().unwrap());
        self.hosts.lock().unwrap().entry(what).or_default().insert(host);
        self.inner.send(request, timeout).await
    }
}

fn seller_in(region: &str, marketplace: (&str, &str, &str, &str), account: &str) -> AmazonPlan {
    let (id, country, currency, name) = marketplace;
    AmazonPlan {
        account: account.into(),
        region: region.into(),
        seller_id: format!("A2{}", account.replace('-', "").to_uppercase()),
        marketplaces: vec![(id.into(), country.into(), currency.into(), name.into())],
        refresh_token: format!("Atzr|{account}0123456789abcdef"),
        ..AmazonPlan::default()
    }
}

fn sandbox_of(plans: Vec<AmazonPlan>) -> Sandbox {
    let mut plan = SandboxPlan::quiet(11, NOW_MS - 10 * DAY_MS);
    plan.stores.clear();
    plan.hub = None;
    let mut sandbox = Sandbox::new(plan);
    for plan in plans {
        sandbox.shops.push(Box::new(Amazon::new(plan, 11, NOW_MS - 10 * DAY_MS)));
    }
    sandbox.advance(NOW_MS - HOUR_MS);
    sandbox
}

#[tokio::test]
async fn every_region_is_spoken_to_at_its_own_host_and_signed_in_to_at_one() {
    for (region, marketplace, host) in [
        ("na", ("ATVPDKIKX0DER", "US", "USD", "Amazon.com"), "https://sellingpartnerapi-na.amazon.com"),
        ("eu", ("A1PA6795UKMFR9", "DE", "EUR", "Amazon.de"), "https://sellingpartnerapi-eu.amazon.com"),
        ("fe", ("A1VC38T7YXB528", "JP", "JPY", "Amazon.co.jp"), "https://sellingpartnerapi-fe.amazon.com"),
    ] {
        let mut world =
            World::new(sandbox_of(vec![seller_in(region, marketplace, "harbour-amazon")]), "harbour-amazon");
        let hosts: Arc<Mutex<BTreeMap<String, BTreeSet<String>>>> = Arc::default();
        let slot = hosts.clone();
        world.disguise = Some(Arc::new(move |setup: Setup| {
            let wire = Noted { inner: setup.wire.clone(), hosts: slot.clone() };
            Setup { wire: Arc::new(wire), ..setup }
        }));
        let preflight = world.open().preflight().await;
        let account = preflight.account.unwrap_or_else(|| panic!("{region}: {:?}", preflight.checks));
        assert!(account.remote_id.ends_with(&format!("-{region}")), "{}", account.remote_id);
        assert_eq!(account.facts["marketplaces"], marketplace.0);
        read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await;
        read_to_end(&world, "returns", &mut None, NOW_MS - DAY_MS).await;
        let hosts = hosts.lock().unwrap();
        assert_eq!(hosts["auth"], BTreeSet::from(["https://api.amazon.com".to_owned()]), "{region}");
        for what in ["sellers", "orders", "feeds", "reports", "listings"] {
            assert_eq!(hosts[what], BTreeSet::from([host.to_owned()]), "{region} {what}");
        }
    }
}

/// Two sellers, two regions, one program: each reads its own, by its own token and allowance.
#[tokio::test]
async fn two_sellers_side_by_side_do_not_mix() {
    let (at_home, overseas) = ("harbour-amazon", "harbour-amazon-us");
    let plans = vec![
        seller_in("eu", ("A1PA6795UKMFR9", "DE", "EUR", "Amazon.de"), at_home),
        seller_in("na", ("ATVPDKIKX0DER", "US", "USD", "Amazon.com"), overseas),
    ];
    let mut sandbox = sandbox_of(plans);
    let mut placed: Vec<BTreeSet<String>> = Vec::new();
    sandbox.scene(|scene| {
        for (n, shop) in scene.shops.iter_mut().enumerate() {
            let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
            let any: &mut dyn std::any::Any = shop.as_mut();
            let amazon: &mut Amazon = any.downcast_mut().unwrap();
            let wanted = purchase(&[("MUG-1", 1)]);
            placed.push((0..=n + 1).map(|_| amazon.place_released(&wanted, &mut moment).unwrap()).collect());
        }
    });
    let mut home = World::new(sandbox, at_home);
    home.clock.advance(HOUR_MS);
    let away = home.beside(overseas);
    let (one, other): (Arc<dyn Connector>, Arc<dyn Connector>) = (home.open(), away.open());
    let read = async |connector: &Arc<dyn Connector>| {
        let ask =
            Ask { stream: "orders", cursor: None, next: None, since_ms: NOW_MS - DAY_MS, priority: Priority::Poll };
        let page = connector.read(&ask).await.unwrap();
        let orders = page.records.iter().map(|one| match &one.record {
            Record::Order(order) => (order.remote_id.clone(), order.currency.0.as_str().to_owned()),
            other => panic!("{other:?}"),
        });
        orders.collect::<BTreeMap<_, _>>()
    };
    // By turns, twice: neither token nor allowance is the other's.
    for _ in 0..2 {
        let (here, there) = (read(&one).await, read(&other).await);
        assert_eq!(here.keys().cloned().collect::<BTreeSet<_>>(), placed[0]);
        assert_eq!(there.keys().cloned().collect::<BTreeSet<_>>(), placed[1]);
        assert!(here.values().all(|currency| currency == "EUR") && there.values().all(|currency| currency == "USD"));
    }
    // One seller's ended secret is that seller's.
    home.sandbox.lock().unwrap().shop_mut::<Amazon>(overseas).unwrap().plan_mut().secret_ended = true;
    home.disguise = None;
    assert!(home.open().preflight().await.account.is_some());
    assert!(away.open().preflight().await.account.is_none());
}
