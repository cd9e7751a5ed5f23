//! A sale that reaches the desk twice, with the real engine and the stand-ins: as a marketplace's order that a shop's
//! channel carries too, and as an order that the hub imports by a link of its own. It is made at the hub once, or
//! somebody is told; nothing is lost.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use quayside_model::ConnectionId;
use quayside_sandbox::amazon::Amazon;
use quayside_sandbox::bigcommerce::BigCommerce;
use quayside_sandbox::ledger::By;
use quayside_sandbox::merchant::shop::{Place, Purchase, PurchaseLine, Shop};
use quayside_sandbox::shipstation::state::Pen;
use quayside_sandbox::shipstation::state::labels::Purchase as Postage;
use quayside_sandbox::shipstation::{ImportPlan, ShipStationPlan, StorePlan};
use quayside_sandbox::shopify::state::Address;
use quayside_sandbox::shopify::{LineDraft, OrderDraft, ShopPlan};
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

/// The hub's APIs that the desk has keys of.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Keys {
    V1,
    V2,
    Both,
}

/// A store with a link of the hub's own to it, and a desk that sends its orders, too.
struct Linked {
    house: House,
    account: &'static str,
}

impl Linked {
    /// The link brings orders so many minutes after they were placed; `None`: there is no link yet.
    fn open(seller: &str, keys: Keys, link_min: Option<i64>) -> Self {
        let account = if seller == "shopify" { "harbour-goods" } else { "harbour-amazon" };
        let mut hub = ShipStationPlan::default();
        hub.stores.extend(link_min.map(|after_min| link(seller, account, after_min)));
        let hub = match keys {
            Keys::V1 => hub.only_v1(),
            Keys::V2 => hub.only_v2(),
            Keys::Both => hub,
        };
        let plan = SandboxPlan {
            stores: if seller == "shopify" { vec![ShopPlan::harbour_goods()] } else { vec![] },
            hub: Some(hub),
            extras: extras_of(if seller == "shopify" { &[] } else { &["amazon"] }),
            ..SandboxPlan::quiet(7, 0)
        };
        let house = House::open(plan).unwrap();
        house.says_who_writes(account, None).unwrap();
        Self { house, account }
    }

    fn sell(&self) -> String {
        self.house.people(|scene| {
            let Some(store) = scene.stores.first_mut() else {
                return shop::<Amazon>(scene, |market, moment| market.place_released(&purchase(), moment).unwrap());
            };
            let line = store.by_sku("MAT-ROP").map(|(product, variant)| LineDraft::of(product, variant, 1)).unwrap();
            let draft = OrderDraft {
                lines: vec![line],
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

    /// The hub's orders that are open or packed: made by the desk, and imported.
    fn at_hub(&self) -> (Vec<i64>, Vec<i64>) {
        self.house.people(|scene| {
            let alive = |one: &&quayside_sandbox::shipstation::state::Order| {
                !one.deleted && one.body.status != quayside_sandbox::shipstation::state::Status::Cancelled
            };
            let orders = scene.hubs[0].state.orders.values().filter(alive);
            let (theirs, ours): (Vec<_>, Vec<_>) = orders.partition(|one| one.store_id() == LINKED_STORE);
            (ours.iter().map(|one| one.id).collect(), theirs.iter().map(|one| one.id).collect())
        })
    }

    fn told(&self, order: &str) -> Vec<String> {
        let told = self.house.told(self.account, order).unwrap();
        told.into_iter().map(|(cause, _)| cause).filter(|cause| cause != "late" && cause != "at_risk").collect()
    }

    /// Whoever packs takes all there is; every sale is to leave once, and the store to hear of it where it is followed.
    fn pack(&self, order: &str, is_followed: bool) {
        let (ours, theirs) = self.at_hub();
        assert_eq!(ours.len() + theirs.len(), 1, "{order} would leave twice, or never: {ours:?} {theirs:?}");
        self.house.people(|scene| {
            let postage = Postage {
                carrier: "ups_walleted".into(),
                service: "ups_standard_international".into(),
                grams: Some(500.0),
                ..Postage::default()
            };
            let mut pen = Pen { now_ms: scene.now_ms, by: By::Merchant, ledger: scene.ledger };
            for id in ours.iter().chain(&theirs) {
                scene.hubs[0].state.buy(&mut pen, *id, &postage).unwrap();
            }
        });
        self.house.work(120).unwrap();
        let shipments = self.house.order(order).unwrap().shipments.len();
        assert_eq!(shipments, usize::from(is_followed), "{order}");
    }
}

const LINKED_STORE: i64 = 481_000;

fn link(seller: &str, account: &str, after_min: i64) -> StorePlan {
    let marketplace = if seller == "shopify" { (42, "Shopify") } else { (2, "Amazon") };
    StorePlan::linked(LINKED_STORE, "Web", marketplace, ImportPlan { account: account.into(), after_min })
}

/// The hub's copy comes half an hour after ours would have gone.
fn ours_first(seller: &str, keys: Keys, said: Option<bool>) -> (Linked, String) {
    let linked = Linked::open(seller, keys, Some(30));
    linked.house.says_who_writes(linked.account, said).unwrap();
    let order = linked.sell();
    linked.house.work(20).unwrap();
    assert_eq!(linked.at_hub().1, Vec::<i64>::new(), "too early");
    let expected = usize::from(said == Some(false));
    assert_eq!(linked.at_hub().0.len(), expected, "{seller} {keys:?} {said:?}: sent before anybody said who writes");
    linked.house.work(90).unwrap();
    (linked, order)
}

/// The hub's copy is there, and read, before the desk hears of the order.
fn theirs_first(seller: &str, keys: Keys, said: Option<bool>) -> (Linked, String) {
    let linked = Linked::open(seller, keys, Some(1));
    linked.house.says_who_writes(linked.account, said).unwrap();
    let account = ConnectionId::new(linked.account);
    linked.house.pause(&account, true).unwrap();
    let order = linked.sell();
    linked.house.work(20).unwrap();
    assert_eq!(linked.at_hub().1.len(), 1);
    linked.house.pause(&account, false).unwrap();
    linked.house.work(90).unwrap();
    (linked, order)
}

fn walk(seller: &str, keys: Keys) {
    for said in [None, Some(true), Some(false)] {
        for (name, arrival) in [
            ("ours first", ours_first as fn(&str, Keys, Option<bool>) -> (Linked, String)),
            ("theirs first", theirs_first as fn(&str, Keys, Option<bool>) -> (Linked, String)),
        ] {
            let case = format!("{seller} {keys:?} {said:?} {name}");
            let (linked, order) = arrival(seller, keys, said);
            let ((ours, theirs), told) = (linked.at_hub(), linked.told(&order));
            assert_eq!(theirs.len(), 1, "{case}: the link brings it whatever the desk does");
            match (said, name) {
                // Nothing of ours beside it: linked, and nobody is asked anything.
                (Some(true), _) => {
                    assert_eq!((ours.len(), told.len()), (0, 0), "{case}: {told:?}");
                    linked.pack(&order, true);
                }
                // Somebody was sure and wrong: told before both are packed, and one of them is taken away.
                (Some(false), "ours first") => {
                    assert_eq!((ours.len(), &told[..]), (1, &["seen_twice".to_owned()][..]), "{case}");
                    linked.house.people(|scene| {
                        let mut pen = Pen { now_ms: scene.now_ms, by: By::Merchant, ledger: scene.ledger };
                        scene.hubs[0].state.cancel(&mut pen, theirs[0], "there twice").unwrap();
                    });
                    linked.house.work(60).unwrap();
                    linked.pack(&order, true);
                }
                (Some(false), _) => {
                    assert_eq!((ours.len(), &told[..]), (0, &["seen_twice".to_owned()][..]), "{case}");
                    linked.pack(&order, false);
                }
                // Nobody has said: it waits, and as soon as it is said it is followed.
                (None, _) => {
                    assert_eq!((ours.len(), told.len()), (0, 1), "{case}: {told:?}");
                    assert!(["who_writes", "seen_twice"].contains(&told[0].as_str()), "{case}: {told:?}");
                    linked.house.says_who_writes(linked.account, Some(true)).unwrap();
                    linked.house.work(60).unwrap();
                    assert_eq!(linked.told(&order), Vec::<String>::new(), "{case}");
                    linked.pack(&order, true);
                }
            }
        }
    }
}

macro_rules! walked {
    ($($name:ident $seller:literal $keys:ident),* $(,)?) => { $( #[test]
        fn $name() { walk($seller, Keys::$keys); } )* };
}

walked! {
    a_native_link_to_shopify_v1 "shopify" V1,
    a_native_link_to_shopify_v2 "shopify" V2,
    a_native_link_to_shopify_both "shopify" Both,
    a_native_link_to_amazon_v1 "amazon" V1,
    a_native_link_to_amazon_v2 "amazon" V2,
    a_native_link_to_amazon_both "amazon" Both,
}

#[test]
fn a_link_made_while_the_desk_sends_is_known_before_the_next_order() {
    for said in [None, Some(false)] {
        let linked = Linked::open("shopify", Keys::V1, None);
        linked.house.says_who_writes(linked.account, said).unwrap();
        let before = linked.sell();
        linked.house.work(30).unwrap();
        assert_eq!((linked.at_hub().0.len(), linked.told(&before)), (1, vec![]), "{said:?}");
        // Somebody links the store while the program runs; an hour later at most it knows.
        let minutes = |n: u64| tokio::time::sleep(std::time::Duration::from_secs(60 * n));
        let after = linked.house.work_while(|_| async {
            minutes(10).await;
            linked.house.people(|scene| {
                scene.hubs[0].state.plan.stores.push(link("shopify", "harbour-goods", 45));
            });
            minutes(60).await;
            let after = linked.sell();
            minutes(20).await;
            after
        });
        let after = after.unwrap();
        assert_eq!(linked.at_hub().0.len(), 1, "{said:?}: the second was sent beside the link");
        assert_eq!(linked.told(&after), ["who_writes"], "{said:?}");
    }
}

#[test]
fn a_store_that_was_live_before_anybody_was_asked_goes_on() {
    let linked = Linked::open("shopify", Keys::V2, None);
    linked.house.says_who_writes(linked.account, Some(false)).unwrap();
    linked.sell();
    linked.house.work(30).unwrap();
    assert_eq!(linked.at_hub().0.len(), 1);
    // As older versions left it: sent, nothing said, never asked; then asked only where a link is seen.
    for (n, never) in ["asks_who_writes", "asks_where_unseen"].into_iter().enumerate() {
        linked.house.says_who_writes(linked.account, None).unwrap();
        linked.house.store().write(|tx| tx.put_meta(never, "")).unwrap();
        let next = linked.sell();
        linked.house.work(30).unwrap();
        assert_eq!((linked.at_hub().0.len(), linked.told(&next)), (n + 2, vec![]), "{never}");
    }
}
