//! Three accounts to play with: two stores, one hub.

use quayside_model::{Clock as _, ConnectionId};
use quayside_sandbox::shipstation::ShipStationPlan;
use quayside_sandbox::shopify::state::Address;
use quayside_sandbox::shopify::{LineDraft, OrderDraft, ShopPlan};
use quayside_sandbox::{Moment, SandboxPlan, extras};
use quayside_simulator::House;
use std::time::Duration;

pub const HOUR_MS: i64 = 3_600_000;
pub const GOODS: usize = 0;
pub const OUTLET: usize = 1;

/// Two stores and a hub, connected; every automation acts.
pub fn open() -> House {
    open_with(ShipStationPlan::default())
}

pub fn open_with(hub: ShipStationPlan) -> House {
    let stores = vec![ShopPlan::harbour_goods(), ShopPlan::harbour_outlet()];
    House::open(SandboxPlan { stores, hub: Some(hub), ..SandboxPlan::quiet(7, 0) }).unwrap()
}

/// The same with an account of every further platform. Orders of the two stores go to the first hub.
pub fn open_all() -> House {
    let stores = vec![ShopPlan::harbour_goods(), ShopPlan::harbour_outlet()];
    let extras = extras().iter().map(|(_, extra)| *extra).collect();
    let hub = Some(ShipStationPlan::default());
    let house = House::open(SandboxPlan { stores, hub, extras, ..SandboxPlan::quiet(7, 0) }).unwrap();
    let choose = |tx: &mut quayside_store::Tx<'_>| {
        for store in ["harbour-goods", "harbour-outlet"] {
            let mut config = tx.connection(&ConnectionId::new(store))?.expect("a connected store");
            config.settings.insert(quayside_flows::HUB_OF_STORE.to_owned(), "harbour-shipping".into());
            tx.put_connection(&config)?;
        }
        Ok(())
    };
    house.store().write(choose).unwrap();
    house
}

/// Every account: platform and name.
// `store.read(Reader::connections)` does not compile: a method of a type with a lifetime is not general over it.
#[allow(clippy::redundant_closure_for_method_calls)]
pub fn accounts(house: &House) -> Vec<(String, String)> {
    let connections = house.store().read(|r| r.connections()).unwrap();
    connections.into_iter().map(|config| (config.platform, config.id.as_str().to_owned())).collect()
}

/// The desk works on for so many minutes.
pub async fn minutes(n: u64) {
    tokio::time::sleep(Duration::from_mins(n)).await;
}

pub async fn seconds(n: u64) {
    tokio::time::sleep(Duration::from_secs(n)).await;
}

/// Waits until it is so, two hours at most; how many seconds it took.
pub async fn until(is_so: impl Fn() -> bool) -> u64 {
    for waited_s in 0..7_200 {
        if is_so() {
            return waited_s;
        }
        seconds(1).await;
    }
    panic!("it did not come about in two hours");
}

/// Somebody buys a mat; the order's id in the store.
pub fn buys(house: &House, store: usize) -> String {
    house.people(|scene| {
        let store = &mut scene.stores[store];
        let (product, variant) = store.by_sku("MAT-ROP").expect("an article of the catalogue");
        let draft = OrderDraft {
            lines: vec![LineDraft::of(product, variant, 1)],
            email: Some("jane@mail.example".into()),
            ship_to: Some(Address {
                first_name: "Jane".into(),
                last_name: "Roe".into(),
                address1: "Am Kai 1".into(),
                city: "Hamburg".into(),
                zip: "20457".into(),
                country: "Germany".into(),
                country_code: "DE".into(),
                ..Address::default()
            }),
            routed: true,
            ..OrderDraft::default()
        };
        let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
        format!("gid://shopify/Order/{}", store.place(draft, &mut moment))
    })
}

/// How often an order is at the hub.
pub fn at_hub(house: &House, order: &str) -> usize {
    let ends = format!("-{}", order.rsplit('/').next().unwrap());
    house.people(|scene| {
        scene.hubs[0].state.orders.values().filter(|one| !one.deleted && one.key.ends_with(&ends)).count()
    })
}

/// Streams of an account that are behind, by name: due and not read, failing, or read every five minutes and not since.
pub fn behind(house: &House, account: &str, since_ms: i64) -> Vec<String> {
    let streams = house.store().read(|r| r.streams(&ConnectionId::new(account))).unwrap();
    assert!(streams.len() > 1, "{account} has streams");
    let now_ms = house.clock().now_ms();
    let behind = streams.into_iter().filter(|stream| {
        // Five minutes, four times as long while nothing happens, and a tenth by chance.
        let often = stream.interval_s == Some(300);
        let asleep = stream.last_ok_at_ms < Some(since_ms) || stream.next_at_ms > now_ms + 22 * 60_000;
        often && asleep || stream.failures > 0 || stream.next_at_ms < now_ms - 60_000
    });
    behind.map(|stream| stream.name).collect()
}

/// What is wrong with an account, by cause.
pub fn conditions(house: &House, account: &str) -> Vec<String> {
    let conditions = house.store().read(|r| r.conditions(&ConnectionId::new(account))).unwrap();
    conditions.iter().map(|condition| condition.cause.code().to_owned()).collect()
}

/// Requests to an account since they were forgotten last.
pub fn calls(house: &House, account: &str) -> usize {
    house.wire().sent().iter().filter(|sent| sent.account == account).count()
}
