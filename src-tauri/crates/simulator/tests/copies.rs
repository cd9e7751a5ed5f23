//! A marketplace's orders that also arrive through a shop's channel, with the real engine and both stand-ins: each sale is
//! made at the hub once, nothing is lost.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use quayside_sandbox::amazon::Amazon;
use quayside_sandbox::bigcommerce::BigCommerce;
use quayside_sandbox::ledger::By;
use quayside_sandbox::merchant::shop::{Place, Purchase, PurchaseLine, Shop};
use quayside_sandbox::shipstation::ShipStationPlan;
use quayside_sandbox::{Moment, SandboxPlan, Scene, extras_of};
use quayside_simulator::House;
use std::any::Any;

fn shop<T: 'static>(scene: &mut Scene<'_>, act: impl FnOnce(&mut T, &mut Moment<'_>) -> String) -> String {
    let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
    for shop in scene.shops.iter_mut() {
        let any: &mut dyn Any = shop.as_mut();
        if let Some(shop) = any.downcast_mut::<T>() {
            return act(shop, &mut moment);
        }
    }
    panic!("the sandbox has no such shop")
}

fn purchase() -> Purchase {
    Purchase {
        email: "jane@mail.example".into(),
        ship_to: Place {
            first_name: "Jane".into(),
            last_name: "Roe".into(),
            line1: "Am Kai 1".into(),
            postcode: "20457".into(),
            city: "Hamburg".into(),
            country: "DE".into(),
            country_name: "Germany".into(),
            ..Place::default()
        },
        bill_to: None,
        lines: vec![PurchaseLine {
            sku: "MAT-ROP".into(),
            name: "Rope mat".into(),
            variant: String::new(),
            quantity: 1,
            unit_price_minor: 1_850,
            weight_g: Some(400.0),
            options: vec![],
        }],
        shipping_minor: 490,
        express: false,
        paid: true,
        note: String::new(),
        gift_message: String::new(),
    }
}

/// The shop's channel makes an order of its own from the marketplace's.
fn copied(house: &House, number: &str) -> String {
    house.people(|scene| {
        shop::<BigCommerce>(scene, |store, moment| {
            let id = store.place(&purchase(), moment).unwrap();
            let order = store.state.orders.get_mut(&id.parse().unwrap()).unwrap();
            order.source = "amazon".into();
            order.external_id = Some(number.to_owned());
            id
        })
    })
}

fn account(house: &House, platform: &str) -> String {
    house.people(|scene| {
        scene.shops.iter().find(|shop| shop.platform() == platform).expect("connected").account().to_owned()
    })
}

fn made(house: &House) -> usize {
    house.ledger().of("order_created").filter(|entry| entry.by == By::Client).count()
}

#[test]
fn a_sale_in_two_stores_is_made_at_the_hub_once() {
    let plan = SandboxPlan {
        stores: vec![],
        hub: Some(ShipStationPlan::default()),
        extras: extras_of(&["amazon", "bigcommerce"]),
        ..SandboxPlan::quiet(7, 0)
    };
    let house = House::open(plan).unwrap();
    let store = account(&house, "bigcommerce");
    let sold = house
        .people(|scene| shop::<Amazon>(scene, |market, moment| market.place_released(&purchase(), moment).unwrap()));
    let copy = copied(&house, &sold);
    // One that the marketplace releases only later, and its copy is there at once.
    let pending =
        house.people(|scene| shop::<Amazon>(scene, |market, moment| market.place(&purchase(), moment).unwrap()));
    let early = copied(&house, &pending);
    // One whose sale never shows.
    let orphan = copied(&house, "999-9999999-9999999");
    // One that is no copy of anything.
    let own =
        house.people(|scene| shop::<BigCommerce>(scene, |store, moment| store.place(&purchase(), moment).unwrap()));
    house.work(60).unwrap();
    assert_eq!(made(&house), 2 + usize::from(is_sent(&house, &pending)), "the sale, and the store's own order");
    for quiet in [&copy, &early, &own, &orphan] {
        assert_eq!(house.told(&store, quiet).unwrap(), vec![], "{quiet}");
    }
    house.work(240).unwrap();
    assert_eq!(made(&house), 3, "lost 0, doubled 0");
    assert!(is_sent(&house, &sold) && is_sent(&house, &pending) && is_sent(&house, &own));
    assert!(!is_sent(&house, &copy) && !is_sent(&house, &early) && !is_sent(&house, &orphan));
    let told = house.told(&store, &orphan).unwrap();
    assert!(
        matches!(&told[..], [(cause, sentence)] if cause == "seen_twice" && sentence.contains("999-9999999-9999999")),
        "{told:?}"
    );
}

/// The hub has it under a key that ends with the order's id.
fn is_sent(house: &House, order: &str) -> bool {
    house.people(|scene| {
        let ends = format!("-{order}");
        let n = scene.hubs[0].state.orders.values().filter(|one| !one.deleted && one.key.ends_with(&ends)).count();
        assert!(n < 2, "{order} is there {n} times");
        n == 1
    })
}
