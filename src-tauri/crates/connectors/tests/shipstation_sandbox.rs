//! The ShipStation connector against an honest account: everything read, every change applied once,
//! with either API and with both.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{EffectCase, NOW_MS, Outcome, World, check_effect, check_stream, read_to_end, run};
use quayside_connectors::{Priority, Task};
use quayside_model::{
    Address, Cause, CheckState, Clock, Currency, HubLineDraft, HubOrder, HubOrderDraft, HubStatus, Incoming, Intent,
    Parcel, Record, RecordKind, TrackState, Verdict,
};
use quayside_sandbox::ledger::By;
use quayside_sandbox::shipstation::pacific::Wall;
use quayside_sandbox::shipstation::state::labels::Purchase;
use quayside_sandbox::shipstation::state::{Body, Item, Pen};
use quayside_sandbox::shipstation::{ShipStation, ShipStationPlan};
use quayside_sandbox::{Ledger, Sandbox, SandboxPlan};
use std::collections::{BTreeMap, BTreeSet};

const HUB: &str = "harbour-shipping";
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// An account with these APIs, in which nobody does anything by himself.
fn quiet_with(has_v1: bool, has_v2: bool, change: impl FnOnce(&mut ShipStationPlan)) -> World {
    let mut plan = SandboxPlan::quiet(7, NOW_MS - 10 * DAY_MS);
    plan.stores.clear();
    let mut hub = ShipStationPlan { account: HUB.into(), has_v1, has_v2, ..ShipStationPlan::default() };
    change(&mut hub);
    plan.hub = Some(hub);
    let mut sandbox = Sandbox::new(plan);
    sandbox.advance(NOW_MS - HOUR_MS);
    World::new(sandbox, HUB)
}

fn quiet(has_v1: bool, has_v2: bool) -> World {
    quiet_with(has_v1, has_v2, |_| {})
}

/// Lets the merchant do something in the account.
fn people<R>(world: &World, act: impl FnOnce(&mut ShipStation, &mut Pen<'_>) -> R) -> R {
    let mut sandbox = world.sandbox.lock().unwrap();
    sandbox.scene(|scene| {
        let mut pen = Pen { now_ms: scene.now_ms, by: By::Merchant, ledger: scene.ledger };
        act(&mut scene.hubs[0], &mut pen)
    })
}

/// An order that has been in the account for an hour. Gives its id.
fn place(world: &World, key: &str, number: &str) -> i64 {
    let item = |line_key: &str, sku: &str, quantity: i64| Item {
        line_key: line_key.into(),
        sku: sku.into(),
        name: sku.into(),
        quantity,
        ..Item::default()
    };
    let body = Body {
        number: number.into(),
        ship_to: quayside_sandbox::shipstation::state::Address {
            name: "Zoë Ødegård".into(),
            street1: "Speicherstraße 7".into(),
            city: "Hamburg".into(),
            state: "HH".into(),
            postal_code: "20457".into(),
            country: "DE".into(),
            phone: "+49 40 1234".into(),
            ..Default::default()
        },
        items: vec![item("line-1", "MUG", 2), item("line-2", "TEA", 1)],
        placed: Wall::of(NOW_MS - 2 * HOUR_MS),
        ..Body::default()
    };
    people(world, |hub, pen| hub.state.put(pen, None, Some(key), body, &[]).unwrap().0)
}

/// Buys the label of an order. Gives its id.
fn pack(world: &World, order: i64) -> i64 {
    people(world, |hub, pen| {
        let purchase = Purchase {
            carrier: "ups_walleted".into(),
            service: "ups_standard_international".into(),
            grams: Some(500.0),
            ..Purchase::default()
        };
        hub.state.buy(pen, order, &purchase).unwrap()
    })
}

fn draft() -> HubOrderDraft {
    let line = |key: &str, sku: &str, quantity: i64| HubLineDraft {
        line_key: key.into(),
        sku: sku.into(),
        name: format!("The {sku}"),
        quantity,
        unit_price_minor: 1850,
        tax_minor: 590,
        weight_g: Some(397.33),
        options: vec![("Finish".into(), "Matte".into())],
        barcode: None,
    };
    HubOrderDraft {
        key: "harbour-goods-5501".into(),
        number: "#1001".into(),
        placed_at_ms: NOW_MS - HOUR_MS,
        paid_at_ms: Some(NOW_MS - HOUR_MS),
        ship_by_ms: Some(NOW_MS + DAY_MS),
        ready: true,
        ship_to: Address {
            name: "Zoë Ødegård".into(),
            line1: "Speicherstraße 7".into(),
            city: "Hamburg".into(),
            postcode: "20457".into(),
            country: "DE".into(),
            ..Address::default()
        },
        bill_to: Address::default(),
        email: "zoe@example.org".into(),
        customer_ref: "7001".into(),
        requested_service: "Express".into(),
        lines: vec![line("line-1", "MUG", 2), line("line-2", "TEA", 1)],
        currency: Currency::new("EUR"),
        total_minor: 4590,
        tax_minor: 590,
        shipping_minor: 490,
        discount_minor: 300,
        customer_note: "Side door".into(),
        internal_note: "VIP".into(),
        gift: true,
        gift_message: "🎁".into(),
        custom_fields: ["a".into(), String::new(), String::new()],
        source: "Harbour Goods".into(),
        tags: vec![],
        store_id: None,
        ship: quayside_model::ShipChoice::default(),
    }
}

fn put(order: HubOrderDraft, id: Option<i64>) -> Intent {
    Intent::PutHubOrder { order, hub_order_id: id.map(|id| id.to_string()) }
}

fn cancel(id: i64) -> Intent {
    Intent::CancelHubOrder { hub_order_id: id.to_string(), hub_order_key: "harbour-goods-5501".into() }
}

fn hold(id: i64) -> Intent {
    // 2026-11-27, a week after the test's Friday.
    Intent::HoldHubOrder {
        hub_order_id: id.to_string(),
        hub_order_key: "harbour-goods-5501".into(),
        until_day: "2026-11-27".into(),
    }
}

fn release(id: i64) -> Intent {
    Intent::ReleaseHubOrder { hub_order_id: id.to_string(), hub_order_key: "harbour-goods-5501".into() }
}

fn held(world: &World) -> i64 {
    let id = place(world, "harbour-goods-5501", "#1001");
    people(world, |hub, pen| hub.state.hold(pen, id, Wall::of(NOW_MS + 7 * DAY_MS), "").unwrap());
    id
}

fn count(ledger: &Ledger, effect: &str) -> usize {
    ledger.of(effect).filter(|entry| entry.by == By::Client).count()
}

/// One effect with V1, with V2 and with both: a module of three tests.
macro_rules! each_way {
    ($name:ident, |$world:ident| $intent:expr, $effect:literal) => {
        mod $name {
            use super::*;
            async fn check(make: fn() -> (World, Intent)) {
                check_effect(&EffectCase {
                    make,
                    count: |ledger| count(ledger, $effect),
                    expected: 1,
                    patience_ms: HOUR_MS,
                })
                .await;
            }
            #[tokio::test]
            async fn with_v1() {
                check(|| {
                    let $world = quiet(true, false);
                    let intent = $intent;
                    ($world, intent)
                })
                .await;
            }
            #[tokio::test]
            async fn with_v2() {
                check(|| {
                    let $world = quiet(false, true);
                    let intent = $intent;
                    ($world, intent)
                })
                .await;
            }
            #[tokio::test]
            async fn with_both() {
                check(|| {
                    let $world = quiet(true, true);
                    let intent = $intent;
                    ($world, intent)
                })
                .await;
            }
        }
    };
}

each_way!(a_new_order_is_made_exactly_once_whatever_happens, |world| put(draft(), None), "order_created");
each_way!(
    an_order_is_cancelled_exactly_once_whatever_happens,
    |world| cancel(place(&world, "harbour-goods-5501", "#1001")),
    "order_cancelled"
);
each_way!(
    a_label_is_voided_exactly_once_whatever_happens,
    |world| {
        let order = place(&world, "harbour-goods-5501", "#1001");
        Intent::VoidLabel { parcel_id: format!("label:{}", pack(&world, order)) }
    },
    "label_voided"
);

/// Holds, releases and updates say the same thing when they are said twice, so they are judged by
/// what holds in the end, not by how often they were said.
mod said_twice_is_no_harm {
    use super::*;

    fn id_of(intent: &Intent) -> String {
        match intent {
            Intent::PutHubOrder { hub_order_id: Some(id), .. }
            | Intent::HoldHubOrder { hub_order_id: id, .. }
            | Intent::ReleaseHubOrder { hub_order_id: id, .. } => id.clone(),
            other => panic!("{other:?}"),
        }
    }

    async fn check(make: fn(&World) -> Intent, effects: &[&str], wanted: fn(&HubOrder) -> bool) {
        for (v1, v2) in [(true, false), (false, true), (true, true)] {
            let world = quiet(v1, v2);
            let intent = make(&world);
            assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
            let exchanges = world.exchanges();
            // Again with the same key, by a program that has forgotten everything.
            assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds, "{v1} {v2} twice with one key");
            let order = read_order(&world, &id_of(&intent)).await;
            assert!(wanted(&order), "{v1} {v2} twice with one key: {order:?}");
            assert_eq!(world.applied(|ledger| count(ledger, "order_created")), 0);
            for at in 0..exchanges {
                for fault in std::iter::once(None).chain(quayside_sandbox::Fault::ALL.map(Some)) {
                    for kill in [None, Some(at)] {
                        let world = quiet(v1, v2);
                        let intent = make(&world);
                        world.plan_mishap(fault.map(|fault| common::Mishap { exchange: at, fault }));
                        assert_eq!(
                            run(&world, &intent, HOUR_MS, kill).await,
                            Outcome::Holds,
                            "{v1} {v2} {fault:?} at {at}, kill {kill:?}"
                        );
                        let order = read_order(&world, &id_of(&intent)).await;
                        assert!(wanted(&order), "{v1} {v2} {fault:?} at {at}, kill {kill:?}: {order:?}");
                        let said: usize =
                            effects.iter().map(|effect| world.applied(|ledger| count(ledger, effect))).sum();
                        assert!(
                            (1..=2).contains(&said),
                            "{v1} {v2} {fault:?} at {at}, kill {kill:?}: said {said} times"
                        );
                        assert_eq!(world.applied(|ledger| count(ledger, "order_created")), 0);
                    }
                }
            }
        }
    }

    #[tokio::test]
    async fn a_hold() {
        check(
            |world| hold(place(world, "harbour-goods-5501", "#1001")),
            &["order_held", "order_updated"],
            |order| order.status == HubStatus::OnHold,
        )
        .await;
    }

    #[tokio::test]
    async fn a_release() {
        check(
            |world| release(held(world)),
            &["order_released", "order_updated"],
            |order| order.status == HubStatus::AwaitingShipment,
        )
        .await;
    }

    #[tokio::test]
    async fn an_edit() {
        check(
            |world| {
                let mut order = draft();
                order.lines[0].quantity = 5;
                order.ship_to.line1 = "Am Sandtorkai 1".into();
                order.ship_to.region = "HH".into();
                put(order, Some(place(world, "harbour-goods-5501", "#1001")))
            },
            &["order_updated"],
            |order| {
                order.status == HubStatus::AwaitingShipment
                    && order.lines.iter().map(|line| line.quantity).collect::<Vec<_>>() == [5, 1]
                    && order.ship_to.as_ref().unwrap().line1 == "Am Sandtorkai 1"
            },
        )
        .await;
    }
}

/// A label of a moment ago, and the same one voided; never a neighbour's.
#[tokio::test]
async fn the_parcels_of_one_order_are_read_by_its_id() {
    for (v1, v2) in [(true, false), (false, true), (true, true)] {
        let world = quiet(v1, v2);
        let ours = place(&world, "harbour-goods-5501", "#1001");
        let theirs = place(&world, "harbour-goods-5502", "#1002");
        let parcels = async || {
            let page = world.open().parcels_of(&ours.to_string(), Priority::Person).await.unwrap().unwrap();
            assert!(page.unreadable.is_empty(), "{:?}", page.unreadable);
            let parcels = page.records.into_iter().map(|one| match one.record {
                Record::Parcel(parcel) => parcel,
                other => panic!("{other:?}"),
            });
            parcels.map(|parcel| (parcel.remote_id.clone(), parcel.is_live())).collect::<Vec<_>>()
        };
        assert!(parcels().await.is_empty(), "{v1} {v2}: nothing is packed");
        let label = pack(&world, ours);
        pack(&world, theirs);
        assert_eq!(parcels().await, [(format!("label:{label}"), true)], "{v1} {v2}");
        people(&world, |hub, pen| hub.state.void(pen, label).unwrap());
        assert_eq!(parcels().await, [(format!("label:{label}"), false)], "{v1} {v2}");
    }
}

/// V2 alone: an edit brings its weight and the note for the team along, and the warehouse's own words stay.
#[tokio::test]
async fn a_v2_edit_brings_weight_and_note_up_to_date() {
    let world = quiet(false, true);
    assert_eq!(run(&world, &put(draft(), None), HOUR_MS, None).await, Outcome::Holds);
    let shown = |world: &World| {
        people(world, |hub, _| {
            let order = hub.state.orders.values().next().unwrap();
            (order.id, order.grams().round() as i64, order.body.internal_notes.clone())
        })
    };
    let (id, grams, note) = shown(&world);
    assert_eq!((grams, note.as_str()), (1_192, "VIP"));
    people(&world, |hub, pen| hub.state.note(pen, id, "Call first", true).unwrap());
    let mut order = draft();
    order.lines[0].quantity = 5;
    order.internal_note = "VIP Test order.".into();
    assert_eq!(run(&world, &put(order, Some(id)), HOUR_MS, None).await, Outcome::Holds);
    let (_, grams, note) = shown(&world);
    assert_eq!((grams, note.as_str()), (2_384, "Call first\nVIP Test order."));
}

async fn read_order(world: &World, id: &str) -> HubOrder {
    match world.open().read_one(RecordKind::HubOrder, id, Priority::Person).await.unwrap().unwrap().record {
        Record::HubOrder(order) => order,
        other => panic!("{other:?}"),
    }
}

fn ids(found: &[Incoming]) -> BTreeSet<String> {
    found.iter().map(|incoming| incoming.record.remote_id().to_owned()).collect()
}

fn order_ids(world: &World) -> BTreeSet<String> {
    people(world, |hub, _| {
        hub.state.orders.values().filter(|order| !order.deleted).map(|order| order.id.to_string()).collect()
    })
}

fn label_ids(world: &World) -> BTreeSet<String> {
    people(world, |hub, _| hub.state.labels.keys().map(|id| format!("label:{id}")).collect())
}

fn many_orders(v1: bool, v2: bool) -> World {
    let world = quiet(v1, v2);
    // Enough for a second page in either API.
    for n in 0..(if v1 { 505 } else { 130 }) {
        place(&world, &format!("key-{n}"), &format!("#{n}"));
    }
    world
}

/// V1's labels go through the same pages as its orders; what is in them is seen in [`living`].
fn many_labels() -> World {
    let world = quiet(false, true);
    for n in 0..120 {
        let order = place(&world, &format!("key-{n}"), &format!("#{n}"));
        pack(&world, order);
    }
    world
}

#[tokio::test]
async fn orders_are_read_to_the_end_with_v1_whatever_happens() {
    check_stream(
        || many_orders(true, false),
        "orders",
        NOW_MS - DAY_MS,
        |world, found| assert_eq!(ids(found), order_ids(world)),
    )
    .await;
}

#[tokio::test]
async fn orders_are_read_to_the_end_with_v2_whatever_happens() {
    check_stream(
        || many_orders(false, true),
        "orders",
        NOW_MS - DAY_MS,
        |world, found| assert_eq!(ids(found), order_ids(world)),
    )
    .await;
}

/// Products in the account: the platform makes one of every SKU it sees. One was switched off.
fn many_products(v1: bool, v2: bool) -> World {
    let world = quiet(v1, v2);
    place(&world, "key-1", "#1");
    people(&world, |hub, moment| {
        let known = hub.state.products.values().next().cloned().expect("one of its order");
        // Enough for a second page in either API.
        for n in 0..(if v1 { 505 } else { 105 }) {
            let mut made = known.clone();
            (made.id, made.sku) = (70_000 + n, format!("BOX-{n}"));
            made.created_ms = moment.now_ms;
            made.fields.insert("name".into(), format!("Box {n}").into());
            made.fields.insert("upc".into(), format!("40000000{n:05}").into());
            made.fields.insert("weightOz".into(), 14.0.into());
            made.fields.insert("active".into(), (n != 3).into());
            hub.state.products.insert(made.id, made);
        }
    });
    world
}

fn all_products_are_there(world: &World, found: &[Incoming]) {
    let read: BTreeMap<String, quayside_model::Product> = found
        .iter()
        .map(|incoming| match &incoming.record {
            Record::Product(product) => (product.remote_id.clone(), product.clone()),
            other => panic!("no product: {other:?}"),
        })
        .collect();
    let there = people(world, |hub, _| hub.state.products.keys().map(i64::to_string).collect::<BTreeSet<String>>());
    assert_eq!(read.keys().cloned().collect::<BTreeSet<_>>(), there);
    let box_7 = &read["70007"];
    assert_eq!((box_7.sku.as_str(), box_7.name.as_str()), ("BOX-7", "Box 7"));
    assert_eq!((box_7.barcode.as_deref(), box_7.active), (Some("4000000000007"), true));
    assert!((box_7.weight_g.unwrap() - 396.893).abs() < 0.01, "{:?}", box_7.weight_g);
    assert!(!read["70003"].active, "what was switched off is known as such");
}

#[tokio::test]
async fn products_are_read_to_the_end_with_v1_whatever_happens() {
    check_stream(|| many_products(true, false), "products", NOW_MS - DAY_MS, all_products_are_there).await;
}

#[tokio::test]
async fn products_are_read_to_the_end_with_v2_whatever_happens() {
    check_stream(|| many_products(false, true), "products", NOW_MS - DAY_MS, all_products_are_there).await;
}

/// V1 takes a product as a whole: what is not meant goes back as it came. V2 changes none, and neither makes one.
#[tokio::test]
async fn a_known_product_is_changed_and_keeps_everything_else() {
    use quayside_model::{ProductDraft, ProductFacts};
    let put = |product_id: Option<String>| Intent::PutProduct {
        product: ProductDraft {
            sku: "MUG".into(),
            product_id,
            facts: ProductFacts { weight_g: Some(350.0), active: Some(true), ..ProductFacts::default() },
            before: ProductFacts::default(),
        },
    };
    let world = quiet(true, true);
    place(&world, "key-1", "#1");
    let the_mug = |world: &World| {
        people(world, |hub, _| hub.state.products.values().find(|one| one.sku == "MUG").cloned().unwrap())
    };
    people(&world, |hub, _| {
        let mug = hub.state.products.values_mut().find(|one| one.sku == "MUG").unwrap();
        mug.fields.insert("warehouseLocation".into(), "B-12".into());
    });
    let before = the_mug(&world);
    let intent = put(Some(before.id.to_string()));
    assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
    let after = the_mug(&world);
    assert_eq!(after.fields["weightOz"], 12.35);
    let without_weight = |product: &quayside_sandbox::shipstation::state::Product| {
        let mut fields = product.fields.clone();
        fields.remove("weightOz");
        fields
    };
    assert_eq!(without_weight(&after), without_weight(&before));
    // Said twice, it is written once.
    assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
    assert_eq!(the_mug(&world).modified_ms, after.modified_ms);
    let Outcome::Person(refusal) = run(&world, &put(None), HOUR_MS, None).await else { panic!() };
    assert!(refusal.sentence.contains("of the orders it gets"), "{refusal}");
    let Outcome::Person(refusal) = run(&world, &put(Some("1".into())), HOUR_MS, None).await else { panic!() };
    assert_eq!(refusal.cause, Cause::UnknownSku, "{refusal}");
    let newer = quiet(false, true);
    let Outcome::Person(refusal) = run(&newer, &intent, HOUR_MS, None).await else { panic!() };
    assert_eq!(refusal.cause, Cause::ScopeMissing, "{refusal}");
}

#[tokio::test]
async fn labels_are_read_to_the_end_with_v2_whatever_happens() {
    check_stream(many_labels, "shipments", NOW_MS - DAY_MS, |world, found| assert_eq!(ids(found), label_ids(world)))
        .await;
}

#[tokio::test]
async fn where_labels_are_is_read_to_the_end_whatever_happens() {
    check_stream(many_labels, "tracking", NOW_MS - DAY_MS, |world, found| assert_eq!(ids(found), label_ids(world)))
        .await;
}

/// Labels in the account: 105 where V1 is read (a page holds 100 there), each order with one.
fn labels_with_v1() -> World {
    let world = quiet(true, false);
    for n in 0..105 {
        let order = place(&world, &format!("key-{n}"), &format!("#{n}"));
        pack(&world, order);
    }
    world
}

#[tokio::test]
async fn labels_are_read_to_the_end_with_v1_whatever_happens() {
    check_stream(labels_with_v1, "shipments", NOW_MS - DAY_MS, |world, found| {
        assert_eq!(ids(found), label_ids(world));
    })
    .await;
}

fn voided_with(v1: bool, v2: bool) -> World {
    let world = quiet(v1, v2);
    for n in 0..12 {
        let order = place(&world, &format!("key-{n}"), &format!("#{n}"));
        let label = pack(&world, order);
        if n % 2 == 0 {
            people(&world, |hub, pen| hub.state.void(pen, label).unwrap());
        }
    }
    world
}

fn all_voids_are_there(world: &World, found: &[Incoming]) {
    let voided: BTreeSet<String> = people(world, |hub, _| {
        let gone = hub.state.labels.iter().filter(|(_, label)| label.voided_ms.is_some());
        gone.map(|(id, _)| format!("label:{id}")).collect()
    });
    assert_eq!(voided.len(), 6);
    let read: BTreeSet<String> = found
        .iter()
        .filter(|one| matches!(&one.record, Record::Parcel(parcel) if parcel.voided_at_ms.is_some()))
        .map(|one| one.record.remote_id().to_owned())
        .collect();
    assert_eq!(read, voided);
}

#[tokio::test]
async fn voids_are_read_to_the_end_whatever_happens() {
    check_stream(|| voided_with(true, false), "voids", NOW_MS - DAY_MS, all_voids_are_there).await;
    check_stream(|| voided_with(false, true), "voids", NOW_MS - DAY_MS, all_voids_are_there).await;
}

/// Orders that were shipped without a label of the account's.
fn marked_with(v1: bool, v2: bool) -> World {
    let world = quiet(v1, v2);
    for n in 0..12 {
        let order = place(&world, &format!("key-{n}"), &format!("#{n}"));
        people(&world, |hub, pen| {
            hub.state.mark_shipped(pen, order, "ups", &format!("1Z{n:04}"), None, false).unwrap();
        });
    }
    world
}

fn all_marks_are_there(world: &World, found: &[Incoming]) {
    let marked: BTreeSet<String> =
        people(world, |hub, _| hub.state.fulfillments.keys().map(|id| format!("external:{id}")).collect());
    assert_eq!((marked.len(), ids(found)), (12, marked));
}

#[tokio::test]
async fn trap_12_orders_marked_as_shipped_are_read_to_the_end_whatever_happens() {
    check_stream(|| marked_with(true, false), "fulfillments", NOW_MS - DAY_MS, all_marks_are_there).await;
    check_stream(|| marked_with(false, true), "fulfillments", NOW_MS - DAY_MS, all_marks_are_there).await;
}

/// A living warehouse for two days: what was read last is what is true.
async fn living(v1: bool, v2: bool) {
    let mut plan = SandboxPlan::new(11, NOW_MS - DAY_MS);
    plan.stores.clear();
    plan.latency_ms = (1, 5);
    plan.trouble = 0.3;
    plan.hub = Some(ShipStationPlan { account: HUB.into(), has_v1: v1, has_v2: v2, ..ShipStationPlan::default() });
    let world = World::new(Sandbox::new(plan), HUB);
    let mut cursors: BTreeMap<&str, Option<serde_json::Value>> = BTreeMap::new();
    let (mut orders, mut parcels): (BTreeMap<String, HubOrder>, BTreeMap<String, Parcel>) =
        (BTreeMap::new(), BTreeMap::new());
    for round in 0..48 {
        if round < 40 {
            for n in 0..2 {
                place(&world, &format!("key-{round}-{n}"), &format!("#{round}-{n}"));
            }
        }
        for stream in ["orders", "shipments", "voids", "fulfillments"] {
            let cursor = cursors.entry(stream).or_default();
            for incoming in read_to_end(&world, stream, cursor, NOW_MS - 2 * DAY_MS).await {
                match incoming.record {
                    Record::HubOrder(order) => drop(orders.insert(order.remote_id.clone(), order)),
                    Record::Parcel(parcel) => drop(parcels.insert(parcel.remote_id.clone(), parcel)),
                    other => panic!("ShipStation is no store: {other:?}"),
                }
            }
        }
        if round < 47 {
            world.clock.advance(HOUR_MS);
        }
    }
    let followed = read_to_end(&world, "tracking", &mut None, NOW_MS - 2 * DAY_MS).await;
    let tracks: BTreeMap<String, TrackState> = followed
        .into_iter()
        .map(|incoming| match incoming.record {
            Record::Track(told) => (told.parcel_id, told.track.state),
            other => panic!("nothing but where parcels are: {other:?}"),
        })
        .collect();
    people(&world, |hub, _| {
        assert_eq!(tracks.is_empty(), !v2, "V1 tells nothing of it");
        for label in hub.state.labels.values().filter(|label| v2 && label.voided_ms.is_none()) {
            let (told, coarse) = (&tracks[&format!("label:{}", label.id)], label.track.coarse());
            let agrees = match told {
                TrackState::LabelMade => coarse == "unknown",
                TrackState::Delivered => coarse == "delivered",
                trouble if trouble.is_trouble() => coarse == "error",
                _ => coarse == "in_transit",
            };
            assert!(agrees, "label {}: {told:?} of {coarse}", label.id);
        }
        let truth: Vec<_> = hub.state.orders.values().filter(|order| !order.deleted).collect();
        assert!(truth.len() >= 80, "{}", truth.len());
        for order in truth {
            let read = &orders[&order.id.to_string()];
            let code = order.body.status.code();
            let expected = match &read.status {
                HubStatus::AwaitingPayment => "awaiting_payment",
                HubStatus::AwaitingShipment => "awaiting_shipment",
                HubStatus::OnHold => "on_hold",
                HubStatus::Shipped => "shipped",
                HubStatus::Cancelled => "cancelled",
                other => panic!("{other:?}"),
            };
            assert_eq!(expected, code, "order {}", order.id);
            let goods: Vec<_> = order
                .body
                .items
                .iter()
                .filter(|item| !item.adjustment)
                .map(|item| (item.sku.as_str(), item.quantity))
                .collect();
            assert_eq!(
                read.lines.iter().map(|line| (line.sku.as_str(), line.quantity)).collect::<Vec<_>>(),
                goods,
                "order {}",
                order.id
            );
            if v1 {
                assert_eq!(read.parent_id, order.parent_id.map(|id| id.to_string()));
            }
        }
        assert!(hub.state.labels.len() > 20, "{}", hub.state.labels.len());
        for label in hub.state.labels.values() {
            let read = &parcels[&format!("label:{}", label.id)];
            assert_eq!(read.tracking_number, label.tracking_number, "label {}", label.id);
            assert_eq!(read.voided_at_ms.is_some(), label.voided_ms.is_some(), "label {}", label.id);
            assert_eq!(read.hub_order_id, label.order_id.map(|id| id.to_string()), "label {}", label.id);
            if v1 {
                let units: i64 = label.items.iter().filter(|item| !item.adjustment).map(|item| item.quantity).sum();
                assert_eq!(
                    read.lines.iter().flatten().map(|line| line.quantity).sum::<i64>(),
                    units,
                    "label {}",
                    label.id
                );
            }
        }
        for record in hub.state.fulfillments.values() {
            assert!(parcels.contains_key(&format!("external:{}", record.id)), "fulfillment {}", record.id);
        }
    });
}

#[tokio::test]
async fn what_was_read_last_is_what_is_true_with_v1() {
    living(true, false).await;
}

#[tokio::test]
async fn what_was_read_last_is_what_is_true_with_v2() {
    living(false, true).await;
}

#[tokio::test]
async fn one_poisoned_order_does_not_stop_the_stream() {
    let world = quiet(true, false);
    let ids: Vec<i64> = (0..40).map(|n| place(&world, &format!("key-{n}"), &format!("#{n}"))).collect();
    people(&world, |hub, _| hub.state.poison(ids[17], NOW_MS + DAY_MS));
    let connector = world.open();
    let (mut read, mut unreadable, mut next, mut cursor) = (BTreeSet::new(), 0, None, serde_json::Value::Null);
    for _ in 0..100 {
        let ask = quayside_connectors::Ask {
            stream: "orders",
            cursor: None,
            next: next.as_ref(),
            since_ms: NOW_MS - DAY_MS,
            priority: Priority::Poll,
        };
        let page = match connector.read(&ask).await {
            Ok(page) => page,
            Err(quayside_connectors::ReadError::WaitUntil { at_ms, .. }) => {
                world.clock.reach(at_ms);
                continue;
            }
            Err(other) => panic!("{other:?}"),
        };
        read.extend(ids_of(&page.records));
        unreadable += page.unreadable.len();
        (next, cursor) = (page.next, page.cursor);
        if next.is_none() {
            break;
        }
    }
    assert_eq!((read.len(), unreadable), (39, 1));
    assert!(cursor["watermark_ms"].as_i64().unwrap() >= NOW_MS - HOUR_MS);
}

fn ids_of(records: &[Incoming]) -> Vec<String> {
    records.iter().map(|incoming| incoming.record.remote_id().to_owned()).collect()
}

#[tokio::test]
async fn a_backlog_uses_what_the_limit_allows() {
    let world = quiet(true, false);
    let connector = world.open();
    let intents: Vec<Intent> = (0..4_500)
        .map(|n| {
            let mut order = draft();
            (order.key, order.number) = (format!("key-{n}"), format!("#{n}"));
            put(order, None)
        })
        .collect();
    let started_ms = world.clock.now_ms();
    let mut done = 0;
    for batch in intents.chunks(100) {
        let tasks: Vec<Task<'_>> = batch
            .iter()
            .map(|intent| Task {
                key: "effect",
                intent,
                first_sent_at_ms: None,
                last_sent_at_ms: None,
                ticket: None,
                priority: Priority::Write,
            })
            .collect();
        loop {
            let verdicts = connector.perform(&tasks).await;
            if let Verdict::WaitUntil { at_ms, .. } = verdicts[0] {
                world.clock.reach(at_ms);
                continue;
            }
            done += verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Done(_))).count();
            break;
        }
    }
    let minutes = (world.clock.now_ms() - started_ms) as f64 / 60_000.0;
    assert_eq!((done, world.exchanges()), (4_500, 45), "one call per hundred orders, none of them refused");
    assert_eq!(world.applied(|ledger| count(ledger, "order_created")), 4_500);
    // 38 of the 40 calls a minute, two are left for a person: one whole window and the beginning of a second.
    assert!(minutes <= 1.05, "{minutes} minutes");
}

#[tokio::test]
async fn other_programs_calls_are_counted() {
    let world = quiet_with(true, false, |plan| plan.calls_by_others = 30);
    let connector = world.open();
    let mut throttled = 0;
    for n in 0..40 {
        let mut order = draft();
        (order.key, order.number) = (format!("key-{n}"), format!("#{n}"));
        let intent = put(order, None);
        let task = Task {
            key: "effect",
            intent: &intent,
            first_sent_at_ms: None,
            last_sent_at_ms: None,
            ticket: None,
            priority: Priority::Write,
        };
        while let Verdict::WaitUntil { at_ms, .. } = connector.perform(std::slice::from_ref(&task)).await.remove(0) {
            throttled += 1;
            world.clock.reach(at_ms);
        }
    }
    assert_eq!(world.applied(|ledger| count(ledger, "order_created")), 40);
    assert_eq!(world.exchanges(), 40, "nothing was sent that had to be refused; waited {throttled} times");
}

#[tokio::test]
async fn too_late_says_when_the_label_was_bought() {
    for (v1, v2) in [(true, false), (false, true), (true, true)] {
        let world = quiet(v1, v2);
        let order = place(&world, "harbour-goods-5501", "#1001");
        pack(&world, order);
        for intent in [cancel(order), hold(order), put(draft(), Some(order))] {
            let Outcome::Person(refusal) = run(&world, &intent, HOUR_MS, None).await else {
                panic!("{v1} {v2} {intent:?}")
            };
            assert_eq!(refusal.cause, Cause::HubLocked);
            assert!(
                refusal.sentence.contains(
                    "too late, it was shipped in ShipStation (label bought at 01:00 on 20 November (Pacific time))"
                ),
                "{}",
                refusal.sentence
            );
        }
    }
}

#[tokio::test]
async fn an_order_not_ready_is_kept_from_the_packing_table_until_it_is() {
    for (v1, v2, knows_holds) in [(true, false, true), (false, true, true), (false, true, false), (true, true, true)] {
        let world = quiet_with(v1, v2, |plan| plan.habits.v2_knows_holds = knows_holds);
        let mut waiting = draft();
        waiting.ready = false;
        let connector = world.open();
        let intent = put(waiting, None);
        let task = Task {
            key: "effect",
            intent: &intent,
            first_sent_at_ms: None,
            last_sent_at_ms: None,
            ticket: None,
            priority: Priority::Write,
        };
        let Verdict::Done(receipt) = connector.perform(&[task]).await.remove(0) else { panic!() };
        let id = receipt.remote_id.unwrap();
        assert_eq!(read_order(&world, &id).await.status, HubStatus::OnHold, "{v1} {v2} {knows_holds}");
        let ready = put(draft(), Some(id.parse().unwrap()));
        assert_eq!(run(&world, &ready, HOUR_MS, None).await, Outcome::Holds);
        assert_eq!(read_order(&world, &id).await.status, HubStatus::AwaitingShipment, "{v1} {v2} {knows_holds}");
    }
}

#[tokio::test]
async fn two_stores_may_own_the_same_number() {
    let world = quiet(true, true);
    for key in ["store-a-1", "store-b-1"] {
        let mut order = draft();
        order.key = key.into();
        assert_eq!(run(&world, &put(order, None), HOUR_MS, None).await, Outcome::Holds);
    }
    assert_eq!(order_ids(&world).len(), 2);
    // V2 alone wants numbers to be unique, and says so in words.
    let world = quiet(false, true);
    assert_eq!(run(&world, &put(draft(), None), HOUR_MS, None).await, Outcome::Holds);
    let mut other = draft();
    other.key = "store-b-1".into();
    let Outcome::Person(refusal) = run(&world, &put(other, None), HOUR_MS, None).await else { panic!() };
    assert!(refusal.sentence.contains("give this store a prefix"), "{}", refusal.sentence);
}

#[tokio::test]
async fn the_warehouses_work_survives_an_edit() {
    let world = quiet(true, false);
    let order = place(&world, "harbour-goods-5501", "#1001");
    people(&world, |hub, _| {
        let body = &mut hub.state.orders.get_mut(&order).unwrap().body;
        body.carrier_code = "ups".into();
        body.service_code = "ups_ground".into();
        body.internal_notes = "Use the blue box".into();
    });
    let mut edited = draft();
    edited.lines[0].quantity = 3;
    assert_eq!(run(&world, &put(edited, Some(order)), HOUR_MS, None).await, Outcome::Holds);
    people(&world, |hub, _| {
        let body = &hub.state.order(order).unwrap().body;
        assert_eq!((body.carrier_code.as_str(), body.service_code.as_str()), ("ups", "ups_ground"));
        assert_eq!(body.internal_notes, "Use the blue box\nVIP");
        assert_eq!(body.items[0].quantity, 3);
    });
}

#[tokio::test]
async fn test_connection_tells_what_the_account_has() {
    for (v1, v2, stock, abilities) in [
        (true, false, false, vec!["v1"]),
        (false, true, false, vec!["v2"]),
        (false, true, true, vec!["v2", "v2_inventory"]),
        (true, true, false, vec!["v1", "v2"]),
        (true, true, true, vec!["v1", "v2", "v2_inventory"]),
    ] {
        let world = quiet_with(v1, v2, |plan| plan.has_v2_inventory = stock);
        let preflight = world.open().preflight().await;
        let account = preflight.account.clone().unwrap_or_else(|| panic!("{preflight:?}"));
        assert_eq!(account.abilities, abilities);
        assert!(!account.remote_id.is_empty());
        assert!(preflight.checks.iter().all(|check| check.state != CheckState::Missing), "{preflight:?}");
        common::names_what_it_disables(&preflight);
        if v1 {
            assert!(account.facts["manual_stores"].contains("Harbour Goods"), "{}", account.facts["manual_stores"]);
        }
    }
}

/// Counts of the add-on, summed up by its own warehouses; what the account was found to have decides whether they are asked.
#[tokio::test]
async fn counts_are_read_where_the_account_has_the_add_on() {
    use quayside_sandbox::shipstation::state::stock::Move;
    for has in [true, false] {
        let mut world = quiet_with(true, true, |plan| plan.has_v2_inventory = has);
        place(&world, "cafe0001-5501", "#1001");
        let quay = people(&world, |hub, pen| {
            let quay = hub.state.add_place(pen.now_ms, "Quay", None).unwrap();
            let far = hub.state.add_place(pen.now_ms, "Far away", None).unwrap();
            for (place, units) in [(quay, 7), (quay, 5), (far, 3)] {
                let bin = hub.state.add_place(pen.now_ms, "A bin", Some(place)).unwrap();
                hub.state.move_stock(pen, bin, "MUG", units, Move::Adjust).unwrap();
                hub.state.move_stock(pen, bin, "A:B/C", units, Move::Adjust).unwrap();
            }
            quay
        });
        // Nobody tested the connection since stock is read: nothing is asked.
        let before = world.exchanges();
        assert!(read_to_end(&world, "stock", &mut None, 0).await.is_empty());
        assert_eq!(world.exchanges(), before);
        world.facts = world.open().preflight().await.account.unwrap();
        assert_eq!(world.facts.streams.as_ref().unwrap().iter().any(|name| name == "stock"), has);
        let found = read_to_end(&world, "stock", &mut None, 0).await;
        if !has {
            assert!(found.is_empty());
            continue;
        }
        let mut counts: Vec<(String, i64, Option<i64>)> = Vec::new();
        for incoming in &found {
            let Record::Stock(stock) = &incoming.record else { panic!("{incoming:?}") };
            let again = world.open().read_one(RecordKind::Stock, &stock.remote_id, Priority::Write).await.unwrap();
            assert_eq!(again.unwrap().record, incoming.record);
            if stock.location_id == Some(format!("se-{quay}")) {
                counts.push((stock.sku.clone(), stock.available, stock.on_hand));
            }
        }
        counts.sort();
        // Two of the mugs are promised to the open order.
        assert_eq!((found.len(), counts), (4, vec![("A:B/C".into(), 12, Some(12)), ("MUG".into(), 10, Some(12))]));
        assert_eq!(world.open().read_one(RecordKind::Stock, "se-1:NONE", Priority::Write).await, Ok(None));
    }
}

#[tokio::test]
async fn counts_survive_every_fault() {
    use quayside_sandbox::shipstation::state::stock::Move;
    check_stream(
        || {
            let mut world = quiet_with(false, true, |plan| plan.has_v2_inventory = true);
            world.facts.abilities = ["v2", "v2_inventory"].map(str::to_owned).to_vec();
            people(&world, |hub, pen| {
                let place = hub.state.add_place(pen.now_ms, "Quay", None).unwrap();
                let bin = hub.state.add_place(pen.now_ms, "A bin", Some(place)).unwrap();
                for n in 0..230 {
                    hub.state.move_stock(pen, bin, &format!("SKU {n:03}"), n, Move::Adjust).unwrap();
                }
            });
            world
        },
        "stock",
        0,
        |_, found| {
            let read: BTreeMap<&str, i64> = found
                .iter()
                .map(|incoming| match &incoming.record {
                    Record::Stock(stock) => (stock.sku.as_str(), stock.available),
                    other => panic!("{other:?}"),
                })
                .collect();
            assert_eq!(
                read,
                (0..230).map(|n| (Box::leak(format!("SKU {n:03}").into_boxed_str()) as &str, n)).collect()
            );
        },
    )
    .await;
}
