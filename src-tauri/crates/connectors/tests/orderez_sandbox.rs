//! The Orderez connector against an honest account: everything read, every change applied once,
//! every trap of the contract stepped into on purpose.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod common;
#[path = "common/contract.rs"]
mod contract;
#[path = "orderez_sandbox/described.rs"]
mod described;
#[path = "orderez_sandbox/keeping.rs"]
mod keeping;
#[path = "orderez_sandbox/stock.rs"]
mod stock;
#[path = "orderez_sandbox/switch.rs"]
mod switch;

use common::{EffectCase, Mishap, NOW_MS, Outcome, World, check_effect, check_stream, read_to_end, run};
use quayside_connectors::{Connector, Priority, Task};
use quayside_model::{
    Address, Cause, CheckState, Clock as _, Confirmation, Currency, HubLineDraft, HubOrder, HubOrderDraft,
    HubRefundDraft, HubRefundLineDraft, HubStatus, Incoming, Intent, IntentKind, Parcel, Record, RecordKind,
    ShipChoice, Verdict,
};
use quayside_sandbox::orderez::{EXTRA, Orderez};
use quayside_sandbox::{Fault, Ledger, Moment, Sandbox, SandboxPlan};
use std::any::Any;
use std::sync::Arc;

const HUB: &str = "harbour-supply";
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// An account in which nobody does anything by himself.
fn quiet() -> World {
    let mut plan = SandboxPlan::quiet(7, NOW_MS - 10 * DAY_MS);
    plan.stores.clear();
    plan.hub = None;
    plan.extras = vec![EXTRA];
    let mut sandbox = Sandbox::new(plan);
    sandbox.advance(NOW_MS - HOUR_MS);
    World::new(sandbox, HUB)
}

/// Lets somebody do something in the account.
fn people<R>(world: &World, act: impl FnOnce(&mut Orderez, &mut Moment<'_>) -> R) -> R {
    let mut sandbox = world.sandbox.lock().unwrap();
    sandbox.scene(|scene| {
        let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
        let bench: &mut dyn Any = &mut *scene.benches[0];
        act(bench.downcast_mut::<Orderez>().unwrap(), &mut moment)
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
        key: "cafe0001-5501".into(),
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
        customer_ref: "Zoë Ødegård".into(),
        requested_service: "Express".into(),
        lines: vec![line("line-1", "MUG", 2), line("line-2", "TEA", 1)],
        currency: Currency::new("EUR"),
        total_minor: 4590,
        tax_minor: 590,
        shipping_minor: 490,
        discount_minor: 300,
        customer_note: "Side door".into(),
        internal_note: String::new(),
        gift: true,
        gift_message: "🎁".into(),
        custom_fields: ["a".into(), String::new(), String::new()],
        source: "Harbour Goods".into(),
        tags: vec!["VIP".into()],
        store_id: None,
        ship: ShipChoice::default(),
    }
}

fn put(order: HubOrderDraft, id: Option<&str>) -> Intent {
    Intent::PutHubOrder { order, hub_order_id: id.map(str::to_owned) }
}

fn task(intent: &Intent) -> Task<'_> {
    Task {
        key: "effect-1",
        intent,
        first_sent_at_ms: Some(NOW_MS),
        last_sent_at_ms: Some(NOW_MS),
        ticket: None,
        priority: Priority::Write,
    }
}

/// An order the client has made. Gives its id.
async fn placed(world: &World) -> String {
    let intent = put(draft(), None);
    assert_eq!(run(world, &intent, HOUR_MS, None).await, Outcome::Holds);
    people(world, |oz, _| oz.order_of("cafe0001-5501").unwrap().id.clone())
}

/// The same without a client, for worlds that are made by the dozen. Gives its id.
fn arrived(world: &World, key: &str) -> String {
    use quayside_sandbox::ledger::By;
    use quayside_sandbox::orderez::state::{Line, Order, Pen, Reference};
    people(world, |oz, moment| {
        let line = |key: &str, sku: &str, quantity: i64| Line {
            id: String::new(),
            sku: sku.into(),
            title: None,
            quantity,
            fulfilled: 0,
            cancelled: 0,
            refunded: 0,
            amounts: [].into(),
            reference: Some(Reference { system: "quayside".into(), id: key.into(), number: None }),
        };
        let order = Order {
            id: String::new(),
            number: String::new(),
            references: vec![Reference { system: "quayside".into(), id: key.into(), number: Some("#1001".into()) }],
            made_by: "quayside".into(),
            on_hold: false,
            hold_reason: None,
            payment_status: "paid".into(),
            currency: "EUR".into(),
            shipping_address: serde_json::json!({"name": "Zoë Ødegård", "address1": "Speicherstraße 7", "city": "Hamburg", "postal_code": "20457", "country": "DE"}),
            rest: [].into(),
            lines: vec![line("line-1", "MUG", 2), line("line-2", "TEA", 1)],
            assignments: vec![],
            placed_ms: None,
            created_ms: 0,
            updated_ms: 0,
            cancelled_ms: None,
            cancel_reason: None,
            version: 0,
            refunds: vec![],
        };
        let mut pen = Pen { now_ms: moment.now_ms, by: By::Merchant, ledger: moment.ledger };
        oz.state.create(&mut pen, order).unwrap()
    })
}

fn hub_orders(found: &[Incoming]) -> Vec<HubOrder> {
    found
        .iter()
        .filter_map(|incoming| match &incoming.record {
            Record::HubOrder(order) => Some(order.clone()),
            _ => None,
        })
        .collect()
}

fn parcels(found: &[Incoming]) -> Vec<Parcel> {
    found
        .iter()
        .filter_map(|incoming| match &incoming.record {
            Record::Parcel(parcel) => Some(parcel.clone()),
            _ => None,
        })
        .collect()
}

async fn perform(connector: &Arc<dyn Connector>, intent: &Intent) -> Verdict {
    connector.perform(&[task(intent)]).await.remove(0)
}

fn by_client<'a>(ledger: &'a Ledger, effect: &'a str) -> usize {
    ledger.of(effect).filter(|entry| entry.by == quayside_sandbox::ledger::By::Client).count()
}

// Every effect, once, whatever happens: with the account as it is, and with one whose API shares no name with it.

fn account<const RENAMED: bool>() -> World {
    let mut world = quiet();
    if RENAMED {
        world.disguise = Some(switch::renamed());
    }
    world
}

fn made<const RENAMED: bool>() -> EffectCase {
    EffectCase {
        make: || (account::<RENAMED>(), put(draft(), None)),
        count: |ledger| by_client(ledger, "order_created"),
        expected: 1,
        patience_ms: HOUR_MS,
    }
}

fn made_and_held<const RENAMED: bool>() -> EffectCase {
    EffectCase {
        make: || (account::<RENAMED>(), put(HubOrderDraft { ready: false, ..draft() }, None)),
        count: |ledger| by_client(ledger, "order_created") + by_client(ledger, "order_held"),
        expected: 2,
        patience_ms: HOUR_MS,
    }
}

fn address_changed<const RENAMED: bool>() -> EffectCase {
    EffectCase {
        make: || {
            let world = account::<RENAMED>();
            let id = arrived(&world, "cafe0001-5501");
            let mut changed = draft();
            changed.ship_to.line1 = "Am Sandtorkai 4".into();
            (world, put(changed, Some(&id)))
        },
        count: |ledger| by_client(ledger, "order_updated"),
        expected: 1,
        patience_ms: HOUR_MS,
    }
}

fn fewer_units<const RENAMED: bool>() -> EffectCase {
    EffectCase {
        make: || {
            let world = account::<RENAMED>();
            let id = arrived(&world, "cafe0001-5501");
            let mut fewer = draft();
            fewer.lines[0].quantity = 1;
            (world, put(fewer, Some(&id)))
        },
        count: |ledger| by_client(ledger, "units_cancelled"),
        expected: 1,
        patience_ms: HOUR_MS,
    }
}

fn cancelled<const RENAMED: bool>() -> EffectCase {
    EffectCase {
        make: || {
            let world = account::<RENAMED>();
            let id = arrived(&world, "cafe0001-5501");
            (world, Intent::CancelHubOrder { hub_order_id: id, hub_order_key: "cafe0001-5501".into() })
        },
        count: |ledger| by_client(ledger, "order_cancelled"),
        expected: 1,
        patience_ms: HOUR_MS,
    }
}

fn held<const RENAMED: bool>() -> EffectCase {
    EffectCase {
        make: || {
            let world = account::<RENAMED>();
            let id = arrived(&world, "cafe0001-5501");
            let until_day = "2026-12-04".into();
            (world, Intent::HoldHubOrder { hub_order_id: id, hub_order_key: "cafe0001-5501".into(), until_day })
        },
        count: |ledger| by_client(ledger, "order_held"),
        expected: 1,
        patience_ms: HOUR_MS,
    }
}

fn released<const RENAMED: bool>() -> EffectCase {
    EffectCase {
        make: || {
            let world = account::<RENAMED>();
            let id = arrived(&world, "cafe0001-5501");
            people(&world, |oz, moment| oz.hold(&id, true, moment).unwrap());
            (world, Intent::ReleaseHubOrder { hub_order_id: id, hub_order_key: "cafe0001-5501".into() })
        },
        count: |ledger| by_client(ledger, "order_released"),
        expected: 1,
        patience_ms: HOUR_MS,
    }
}

/// A refund of one unit of the first line that is put back on the shelf.
fn refunded(id: &str) -> Intent {
    let line = HubRefundLineDraft { line_key: "line-1".into(), sku: "MUG".into(), quantity: 1, restock: true };
    let refund = HubRefundDraft {
        number: "#1001".into(),
        total_minor: 1850,
        through_minor: 1850,
        currency: Currency::new("EUR"),
        lines: vec![line],
        reason: "customer".into(),
    };
    Intent::RecordRefund { hub_order_id: id.into(), hub_order_key: "cafe0001-5501".into(), refund }
}

fn routed_to(warehouse: &str) -> HubOrderDraft {
    HubOrderDraft { ship: ShipChoice { warehouse: warehouse.into(), ..ShipChoice::default() }, ..draft() }
}

fn refund_written_down<const RENAMED: bool>() -> EffectCase {
    EffectCase {
        make: || {
            let world = account::<RENAMED>();
            let id = arrived(&world, "cafe0001-5501");
            people(&world, |oz, moment| oz.count("MUG", 12, moment));
            (world, refunded(&id))
        },
        count: |ledger| by_client(ledger, "refund_recorded") + by_client(ledger, "stock_restocked"),
        expected: 2,
        patience_ms: HOUR_MS,
    }
}

fn made_and_routed<const RENAMED: bool>() -> EffectCase {
    EffectCase {
        make: || (account::<RENAMED>(), put(routed_to("wh_quay"), None)),
        count: |ledger| by_client(ledger, "order_created") + by_client(ledger, "order_assigned"),
        expected: 2,
        patience_ms: HOUR_MS,
    }
}

#[tokio::test]
async fn a_refund_is_written_down_and_restocked_once() {
    check_effect(&refund_written_down::<false>()).await;
}

#[tokio::test]
async fn a_routed_order_is_made_and_assigned_once() {
    check_effect(&made_and_routed::<false>()).await;
}

/// What the books have, and what the shelf: one unit back, the amount, our reference; the answer's mark for accounting is
/// in the trail. A second refund of the same order is another entry; units that are on no line there are said.
#[tokio::test]
async fn what_a_refund_writes_into_the_books() {
    let world = quiet();
    let id = placed(&world).await;
    people(&world, |oz, moment| oz.count("MUG", 12, moment));
    let verdict = perform(&world.open(), &refunded(&id)).await;
    let Verdict::Done(receipt) = verdict else { panic!("{verdict:?}") };
    assert!(receipt.note.as_deref().unwrap().contains("Marked for accounting"), "{receipt:?}");
    let (book, shelf) = people(&world, |oz, _| {
        let shelf = oz.state.levels[&("wh_quay".to_owned(), "MUG".to_owned())].on_hand;
        (oz.state.orders[&id].refunds.clone(), shelf)
    });
    assert_eq!((book.len(), shelf), (1, 13));
    assert_eq!(book[0]["amount"], serde_json::json!({"amount": "18.50", "currency": "EUR"}));
    assert_eq!(book[0]["external_ref"]["id"], "effect-1");
    assert!(book[0]["lines"][0]["quantity"] == 1 && book[0]["lines"][0]["restock"] == true, "{book:?}");

    let Intent::RecordRefund { refund: first, hub_order_key, .. } = refunded(&id) else { unreachable!() };
    let line = HubRefundLineDraft { line_key: "line-9".into(), sku: "CUP".into(), quantity: 2, restock: false };
    let refund = HubRefundDraft { lines: vec![line], total_minor: 100, through_minor: 1950, ..first };
    let second = Intent::RecordRefund { hub_order_id: id.clone(), hub_order_key, refund };
    assert_eq!(world.run_with_key("effect-2", &second).await, Outcome::Holds);
    let book = people(&world, |oz, _| oz.state.orders[&id].refunds.clone());
    assert_eq!((book.len(), book[1].get("lines")), (2, None), "the amount counts without its lines");
}

/// A rule's warehouse goes where nobody there has chosen, is read back, and never goes over what the warehouse chose.
#[tokio::test]
async fn a_chosen_warehouse_is_assigned_read_back_and_never_over_another() {
    let world = quiet();
    assert_eq!(run(&world, &put(routed_to("wh_quay"), None), HOUR_MS, None).await, Outcome::Holds);
    let id = people(&world, |oz, _| oz.order_of("cafe0001-5501").unwrap().id.clone());
    let found = hub_orders(&read_to_end(&world, "orders", &mut None, 0).await);
    assert_eq!(found.last().unwrap().warehouse.as_deref(), Some("wh_quay"));
    assert!(matches!(perform(&world.open(), &put(routed_to("wh_else"), Some(&id))).await, Verdict::AlreadyDone(_)));
    assert_eq!(world.applied(|ledger| by_client(ledger, "order_assigned")), 1);

    // By its code or its name, too.
    for word in ["quay", "Quay Warehouse"] {
        let world = quiet();
        assert_eq!(run(&world, &put(routed_to(word), None), HOUR_MS, None).await, Outcome::Holds, "{word}");
        let assigned = people(&world, |oz, _| oz.order_of("cafe0001-5501").unwrap().assignments.clone());
        assert_eq!(assigned[0]["warehouse_id"], "wh_quay", "{word}");
    }
    // A place that the account does not know: the order is there, and the sentence names those there are.
    let world = quiet();
    let verdict = perform(&world.open(), &put(routed_to("wh_else"), None)).await;
    let Verdict::NeedsPerson(refusal) = verdict else { panic!("{verdict:?}") };
    let words = "could not be routed to wh_else: Orderez has no warehouse of that id, code or name. It has Quay warehouse (wh_quay)";
    assert!(refusal.sentence.contains(words), "{refusal}");
    assert_eq!(world.applied(|ledger| by_client(ledger, "order_created")), 1);
    // Where the list cannot be had, the account's own refusal names it.
    let kit = quayside_connectors::profiles::profile_kit("orderez").unwrap();
    let place = ["capabilities".to_owned(), "warehouses.read".to_owned()];
    let mut world = quiet();
    world.disguise = Some(described_by((kit.edit)(&contract(), &place, &false.into()).unwrap()));
    let verdict = perform(&world.open(), &put(routed_to("wh_else"), None)).await;
    let Verdict::NeedsPerson(refusal) = verdict else { panic!("{verdict:?}") };
    assert!(refusal.sentence.contains("could not be routed to wh_else: the warehouse was not accepted"), "{refusal}");
}

#[tokio::test]
async fn an_order_is_made_once_whatever_happens() {
    check_effect(&made::<false>()).await;
}

#[tokio::test]
async fn a_held_order_is_made_and_held_once() {
    check_effect(&made_and_held::<false>()).await;
}

#[tokio::test]
async fn an_address_is_changed_once() {
    check_effect(&address_changed::<false>()).await;
}

#[tokio::test]
async fn fewer_units_are_taken_off_once() {
    check_effect(&fewer_units::<false>()).await;
}

#[tokio::test]
async fn an_order_is_cancelled_once() {
    check_effect(&cancelled::<false>()).await;
}

#[tokio::test]
async fn an_order_is_held_and_released_once() {
    check_effect(&held::<false>()).await;
    check_effect(&released::<false>()).await;
}

// Streams.

/// 260 products, one of them out of use; more than two pages of them.
fn stocked(world: &World) {
    people(world, |oz, moment| {
        for n in 0..260 {
            let changed = chrono::DateTime::from_timestamp_millis(moment.now_ms - n * DAY_MS).unwrap();
            let product = serde_json::json!({ "id": format!("prod_{n}"), "sku": format!("BOX-{n}"), "title": format!("Box {n}"),
                "barcode": format!("40000000{n:05}"), "weight_grams": 300, "active": n != 3,
                "price": { "amount": "5.00", "currency": "EUR" }, "version": 1,
                "created_at": changed.to_rfc3339(), "updated_at": changed.to_rfc3339() });
            oz.state.products.insert(format!("prod_{n}"), product);
        }
    });
}

fn busy() -> World {
    let world = quiet();
    for n in 0..255 {
        let id = arrived(&world, &format!("cafe0001-{n:04}"));
        if n % 3 == 0 {
            people(&world, |oz, moment| oz.pack(&id, None, "DHL", &[&format!("T{n:04}")], moment).unwrap());
        }
    }
    world
}

#[tokio::test]
async fn orders_are_all_read_under_every_fault() {
    check_stream(busy, "orders", NOW_MS - 2 * DAY_MS, |world, found| {
        let ids: std::collections::BTreeSet<String> =
            hub_orders(found).into_iter().map(|order| order.remote_id).collect();
        assert_eq!(ids.len(), 255);
        assert_eq!(ids.len(), people(world, |oz, _| oz.state.orders.len()));
    })
    .await;
}

#[tokio::test]
async fn parcels_are_all_read_with_their_lines() {
    let world = busy();
    // As in life: the orders were read before.
    let mut cursor = None;
    let connector_calls = world.exchanges();
    let found = read_to_end(&world, "fulfillments", &mut cursor, NOW_MS - 2 * DAY_MS).await;
    let parcels = parcels(&found);
    assert_eq!(parcels.len(), 85);
    for parcel in &parcels {
        let keys: Vec<&str> =
            parcel.lines.as_ref().unwrap().iter().filter_map(|line| line.line_key.as_deref()).collect();
        assert_eq!(keys, ["line-1", "line-2"], "{parcel:?}");
        assert!(parcel.hub_order_key.as_deref().unwrap().starts_with("cafe0001-"));
    }
    // One page, and one order each for a program that has just started.
    assert_eq!(world.exchanges() - connector_calls, 86);
}

#[tokio::test]
async fn parcels_survive_every_fault() {
    fn make() -> World {
        let world = quiet();
        for n in 0..3 {
            let id = arrived(&world, &format!("cafe0001-{n:04}"));
            people(&world, |oz, moment| oz.pack(&id, None, "DHL", &[&format!("T{n}")], moment).unwrap());
        }
        world
    }
    check_stream(make, "fulfillments", NOW_MS - 2 * DAY_MS, |_, found| {
        let numbers: std::collections::BTreeSet<String> =
            parcels(found).into_iter().map(|parcel| parcel.tracking_number).collect();
        assert_eq!(numbers.len(), 3, "{numbers:?}");
    })
    .await;
}

/// What the warehouse knows is read from the first one on, however old, and told where one makes no sense.
#[tokio::test]
async fn products_are_all_read_under_every_fault() {
    fn make() -> World {
        let world = quiet();
        stocked(&world);
        world
    }
    check_stream(make, "products", NOW_MS - 2 * DAY_MS, |_, found| {
        let read: std::collections::BTreeMap<&str, &quayside_model::Product> = found
            .iter()
            .map(|incoming| match &incoming.record {
                Record::Product(product) => (product.remote_id.as_str(), product),
                other => panic!("no product: {other:?}"),
            })
            .collect();
        assert_eq!(read.len(), 260);
        let one = read["prod_7"];
        assert_eq!(
            (one.sku.as_str(), one.name.as_str(), one.barcode.as_deref()),
            ("BOX-7", "Box 7", Some("4000000000007"))
        );
        assert_eq!((one.weight_g, one.active), (Some(300.0), true));
        assert!(!read["prod_3"].active);
    })
    .await;
}

#[tokio::test]
async fn a_poll_reads_only_what_changed() {
    let world = busy();
    let mut cursor = None;
    read_to_end(&world, "orders", &mut cursor, NOW_MS - 2 * DAY_MS).await;
    world.clock.advance(HOUR_MS);
    let id = people(&world, |oz, _| oz.order_of("cafe0001-0001").unwrap().id.clone());
    world.sandbox.lock().unwrap().advance(NOW_MS + HOUR_MS);
    people(&world, |oz, moment| oz.hold(&id, true, moment).unwrap());
    let before = world.exchanges();
    let found = hub_orders(&read_to_end(&world, "orders", &mut cursor, 0).await);
    assert_eq!(world.exchanges() - before, 2, "the overlap brings the newest ones again, two pages at most");
    assert!(found.iter().any(|order| order.remote_id == id && order.status == HubStatus::OnHold));
    world.clock.advance(HOUR_MS);
    let found = hub_orders(&read_to_end(&world, "orders", &mut cursor, 0).await);
    assert_eq!(found.len(), 1, "only the one that changed last comes again");
}

// The traps of the contract.

#[tokio::test]
async fn trap_nulls_are_dropped_before_a_strict_server_sees_them() {
    let world = quiet();
    let mut bare = draft();
    bare.email.clear();
    bare.requested_service.clear();
    bare.ship_to.postcode.clear();
    assert_eq!(run(&world, &put(bare, None), HOUR_MS, None).await, Outcome::Holds);
}

#[tokio::test]
async fn trap_an_unknown_state_survives() {
    let world = quiet();
    arrived(&world, "cafe0001-5501");
    people(&world, |oz, _| oz.state.plan.odd_status = Some(("accepted".into(), "teleported".into())));
    let found = hub_orders(&read_to_end(&world, "orders", &mut None, 0).await);
    assert_eq!(found[0].status, HubStatus::Unknown("teleported".into()));
}

#[tokio::test]
async fn trap_a_replayed_refusal_does_not_outlive_its_cause() {
    let world = quiet();
    people(&world, |oz, _| oz.state.plan.skus = ["TEA".to_owned()].into());
    let intent = put(draft(), None);
    let connector = world.open();
    let Verdict::NeedsPerson(refusal) = perform(&connector, &intent).await else { panic!("MUG is unknown") };
    assert_eq!(refusal.cause, Cause::UnknownSku);
    assert!(refusal.sentence.contains("the SKU of line 1"), "{refusal}");
    // Somebody makes the product there; the same effect is tried again, its body unchanged.
    people(&world, |oz, _| oz.state.plan.skus.insert("MUG".into()));
    assert!(matches!(perform(&connector, &intent).await, Verdict::Done(_)));
    assert_eq!(world.applied(|ledger| by_client(ledger, "order_created")), 1);
}

#[tokio::test]
async fn trap_a_mended_order_is_a_new_request_under_the_same_effect() {
    let world = quiet();
    people(&world, |oz, _| oz.state.plan.skus = ["TEA".to_owned(), "CUP".to_owned()].into());
    let connector = world.open();
    assert!(matches!(perform(&connector, &put(draft(), None)).await, Verdict::NeedsPerson(_)));
    let mut mended = draft();
    mended.lines[0].sku = "CUP".into();
    // No "this key came before with another content".
    assert!(matches!(perform(&connector, &put(mended, None)).await, Verdict::Done(_)));
}

#[tokio::test]
async fn trap_a_known_reference_is_met_not_doubled() {
    let world = quiet();
    // Made by another computer, so under another key against doubles.
    let id = arrived(&world, "cafe0001-5501");
    let connector = world.open();
    match perform(&connector, &put(draft(), None)).await {
        // It lacks the note: that is brought up to date, nothing is made.
        Verdict::Done(receipt) | Verdict::AlreadyDone(receipt) => {
            assert_eq!(receipt.remote_id.as_deref(), Some(id.as_str()));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(world.applied(|ledger| by_client(ledger, "order_created")), 0);
}

/// "Created", and there is nothing: an order that is to be held is read back at once, and sent again by the same effect.
#[tokio::test]
async fn an_order_it_answered_for_and_forgot_before_it_was_held_is_sent_again() {
    let world = quiet();
    world.plan_mishap(Some(Mishap { exchange: 0, fault: Fault::Forgotten }));
    let intent = put(HubOrderDraft { ready: false, ..draft() }, None);
    let connector = world.open();
    let verdict = perform(&connector, &intent).await;
    let Verdict::AnswerLost(refusal) = verdict else { panic!("{verdict:?}") };
    assert!(refusal.sentence.contains("does not have it"), "{refusal}");
    assert_eq!(connector.confirm(&task(&intent)).await, Confirmation::Absent);
    assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
    assert!(people(&world, |oz, _| oz.order_of("cafe0001-5501").unwrap().on_hold));
    assert_eq!(world.applied(|ledger| by_client(ledger, "order_created")), 1);
}

/// One that is ready counts as done until it is asked for by name, as whatever no reading shows is.
#[tokio::test]
async fn an_order_it_answered_for_and_forgot_is_sent_again() {
    let world = quiet();
    world.plan_mishap(Some(Mishap { exchange: 0, fault: Fault::Forgotten }));
    let (intent, connector) = (put(draft(), None), world.open());
    let Verdict::Done(receipt) = perform(&connector, &intent).await else { panic!() };
    assert_eq!(world.sandbox.lock().unwrap().forgotten(HUB), 1);
    assert_eq!(connector.confirm(&task(&intent)).await, Confirmation::Absent);
    // A change of it is no more there than the order; whoever tries it is told, and nothing is made of it by itself.
    let mut changed = draft();
    changed.ship_to.line1 = "Am Sandtorkai 4".into();
    let change = put(changed, receipt.remote_id.as_deref());
    assert_eq!(connector.confirm(&task(&change)).await, Confirmation::Absent);
    assert!(matches!(perform(&connector, &change).await, Verdict::NeedsPerson(_)));
    assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
    assert_eq!(world.applied(|ledger| by_client(ledger, "order_created")), 1);
}

/// A change, a hold and a cancellation that were answered and forgotten do not hold, and go through when they are sent again.
#[tokio::test]
async fn a_change_it_answered_for_and_forgot_does_not_hold() {
    for make in [address_changed::<false>, held::<false>, cancelled::<false>] {
        let case = make();
        let (world, intent) = (case.make)();
        // The first exchange looks at the order, the second changes it.
        world.plan_mishap(Some(Mishap { exchange: 1, fault: Fault::Forgotten }));
        let connector = world.open();
        let verdict = perform(&connector, &intent).await;
        assert!(matches!(verdict, Verdict::Done(_)), "{verdict:?}");
        assert_eq!(world.sandbox.lock().unwrap().forgotten(HUB), 1, "{intent:?}");
        assert_eq!(connector.confirm(&task(&intent)).await, Confirmation::Absent, "{intent:?}");
        assert_eq!(world.run_with_key("again", &intent).await, Outcome::Holds);
        assert_eq!(world.applied(case.count), case.expected);
    }
}

#[tokio::test]
async fn trap_what_somebody_holds_our_change_does_not_release() {
    let world = quiet();
    let id = placed(&world).await;
    let mut changed = draft();
    changed.ship_to.line1 = "Am Sandtorkai 4".into();
    let connector = world.open();
    people(&world, |oz, moment| oz.hold(&id, true, moment).unwrap());
    assert!(matches!(perform(&connector, &put(changed, Some(&id))).await, Verdict::Done(_)));
    let (address, held) = people(&world, |oz, _| {
        let order = &oz.state.orders[&id];
        (order.shipping_address["address1"].clone(), order.on_hold)
    });
    // Both changes stand.
    assert_eq!((address.as_str().unwrap(), held), ("Am Sandtorkai 4", true));
}

#[tokio::test]
async fn trap_what_the_contract_cannot_change_becomes_a_sentence() {
    let world = quiet();
    let id = placed(&world).await;
    let connector = world.open();
    let with = |change: fn(&mut HubOrderDraft)| {
        let mut changed = draft();
        change(&mut changed);
        put(changed, Some(&id))
    };
    for (intent, words) in [
        (with(|order| order.lines[0].quantity = 3), "1 × MUG more"),
        (with(|order| order.lines[1].line_key = "line-3".into()), "1 × TEA more"),
        (with(|order| order.lines[0].sku = "CUP".into()), "2 × CUP instead of MUG"),
    ] {
        match perform(&connector, &intent).await {
            Verdict::NeedsPerson(refusal) => {
                assert_eq!(refusal.cause, Cause::ChangeByHand);
                assert!(
                    refusal.sentence.contains(words) && refusal.sentence.contains(" there), or cancel"),
                    "{refusal}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(world.applied(|ledger| by_client(ledger, "units_cancelled") + by_client(ledger, "order_updated")), 0);
}

#[tokio::test]
async fn trap_too_late_says_in_which_state_it_is() {
    let world = quiet();
    let id = placed(&world).await;
    people(&world, |oz, moment| oz.pack(&id, None, "DHL", &["T1"], moment).unwrap());
    let connector = world.open();
    let cancel = Intent::CancelHubOrder { hub_order_id: id.clone(), hub_order_key: String::new() };
    let mut moved = draft();
    moved.ship_to.city = "Bremen".into();
    for intent in [
        cancel,
        put(moved, Some(&id)),
        Intent::HoldHubOrder { hub_order_id: id.clone(), hub_order_key: String::new(), until_day: "2026-12-01".into() },
    ] {
        match perform(&connector, &intent).await {
            Verdict::NeedsPerson(refusal) => {
                assert!(refusal.cause == Cause::HubLocked && refusal.sentence.contains("it is shipped"), "{refusal}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn trap_cancelling_what_has_partly_left_cancels_the_rest() {
    let world = quiet();
    let id = placed(&world).await;
    let line = people(&world, |oz, _| oz.state.orders[&id].lines[0].id.clone());
    people(&world, |oz, moment| oz.pack(&id, Some(vec![(line, 1)]), "DHL", &["T1"], moment).unwrap());
    let cancel = Intent::CancelHubOrder { hub_order_id: id.clone(), hub_order_key: String::new() };
    let connector = world.open();
    match perform(&connector, &cancel).await {
        Verdict::Done(receipt) => assert!(receipt.note.unwrap().contains("the rest has left")),
        other => panic!("{other:?}"),
    }
    assert!(matches!(perform(&connector, &cancel).await, Verdict::AlreadyDone(_)));
    assert_eq!(people(&world, |oz, _| oz.state.orders[&id].open_units()), 0);
}

#[tokio::test]
async fn trap_a_cursor_that_expires_in_the_middle_loses_nothing() {
    let world = busy();
    people(&world, |oz, _| oz.state.plan.cursor_ms = 0);
    let connector = world.open();
    let ask =
        |next| quayside_connectors::Ask { stream: "orders", cursor: None, next, since_ms: 0, priority: Priority::Poll };
    let first = connector.read(&ask(None)).await.unwrap();
    let expired = connector.read(&ask(first.next.as_ref())).await.unwrap();
    assert!(expired.records.is_empty() && expired.next.is_some(), "the scan begins again");
    people(&world, |oz, _| oz.state.plan.cursor_ms = DAY_MS);
    let mut found = read_to_end(&world, "orders", &mut None, 0).await;
    found.dedup_by_key(|incoming| incoming.record.remote_id().to_owned());
    assert_eq!(found.len(), 255);
}

#[tokio::test]
async fn trap_an_order_of_250_lines() {
    let world = quiet();
    let mut large = draft();
    large.lines = (0..250)
        .map(|n| HubLineDraft { line_key: format!("line-{n}"), sku: format!("SKU-{n}"), ..draft().lines[0].clone() })
        .collect();
    assert_eq!(run(&world, &put(large, None), HOUR_MS, None).await, Outcome::Holds);
    let found = hub_orders(&read_to_end(&world, "orders", &mut None, 0).await);
    assert_eq!(found[0].lines.len(), 250);
}

#[tokio::test]
async fn trap_our_own_change_comes_back_as_what_we_sent() {
    let world = quiet();
    placed(&world).await;
    let found = hub_orders(&read_to_end(&world, "orders", &mut None, 0).await);
    let sent = draft();
    assert_eq!(found[0].key, sent.key);
    assert_eq!(found[0].ship_to.as_ref().unwrap(), &sent.ship_to);
    let lines: Vec<(Option<&str>, i64)> =
        found[0].lines.iter().map(|line| (line.line_key.as_deref(), line.quantity)).collect();
    assert_eq!(lines, [(Some("line-1"), 2), (Some("line-2"), 1)]);
}

#[tokio::test]
async fn trap_one_shipment_in_two_packages_a_number_written_later_and_one_taken_back() {
    let world = quiet();
    let id = arrived(&world, "cafe0001-5501");
    let line = people(&world, |oz, _| oz.state.orders[&id].lines[0].id.clone());
    let first =
        people(&world, |oz, moment| oz.pack(&id, Some(vec![(line, 1)]), "UPS", &["1Z1", "1Z2"], moment).unwrap());
    let second = people(&world, |oz, moment| oz.pack(&id, None, "DHL", &[], moment).unwrap());
    let mut cursor = None;
    let read = async |cursor: &mut _| parcels(&read_to_end(&world, "fulfillments", cursor, 0).await);
    let found = read(&mut cursor).await;
    assert_eq!(found.len(), 2, "one parcel per shipment");
    assert_eq!(found[0].numbers().collect::<Vec<_>>(), ["1Z1", "1Z2"]);
    assert_eq!(found[1].tracking_number, "");
    people(&world, |oz, moment| oz.number(&second, "DHL", &["0034"], moment).unwrap());
    people(&world, |oz, moment| oz.void(&first, moment).unwrap());
    let found = read(&mut cursor).await;
    let of = |id: &str| found.iter().rfind(|parcel| parcel.remote_id == format!("fulfillment:{id}")).unwrap();
    // The same parcel with its number, no second one.
    assert_eq!((of(&second).tracking_number.as_str(), of(&second).voided_at_ms), ("0034", None));
    assert!(of(&first).voided_at_ms.is_some());
}

#[tokio::test]
async fn trap_a_burst_waits_as_long_as_it_is_told_and_slows_down() {
    let world = quiet();
    people(&world, |oz, _| oz.state.plan.calls_by_others = 0);
    world.plan_mishap(Some(Mishap { exchange: 0, fault: Fault::Throttled }));
    let connector = world.open();
    let Verdict::WaitUntil { at_ms, .. } = perform(&connector, &put(draft(), None)).await else { panic!("throttled") };
    assert!(at_ms > NOW_MS && at_ms <= NOW_MS + 61_000, "{}", at_ms - NOW_MS);
    world.plan_mishap(None);
    world.clock.reach(at_ms);
    assert!(matches!(perform(&connector, &put(draft(), None)).await, Verdict::Done(_)));
    assert!((connector.budget().snapshot()[0].capacity - 60.0).abs() < 1e-9);
    world.clock.advance(11 * 60_000);
    let _ = connector.read_one(RecordKind::HubOrder, "ord_none", Priority::Person).await;
    assert!((connector.budget().snapshot()[0].capacity - 120.0).abs() < 1e-9, "all of it again after ten minutes");
}

/// Another profile in place of the account's own.
fn described_by(text: String) -> common::Disguise {
    Arc::new(move |mut setup: quayside_connectors::Setup| {
        setup.config.way = "own".into();
        setup.config.fields.insert("profile".into(), text.clone());
        setup
    })
}

fn contract() -> String {
    let kit = quayside_connectors::profiles::profile_kit("orderez").unwrap();
    (kit.shipped)().into_iter().find(|one| one.name == "assumed-contract").unwrap().text
}

/// What somebody who carries changes from one account to another remembers of the first.
#[derive(Default)]
struct Known {
    cursor: Option<serde_json::Value>,
    orders: std::collections::BTreeMap<String, HubOrder>,
}

/// Orders that changed in one account put onto another, by somebody who does not remember what he himself did there.
async fn carry(from: &World, to: &World, known: &mut Known) {
    for order in hub_orders(&read_to_end(from, "orders", &mut known.cursor, 0).await) {
        if known.orders.insert(order.remote_id.clone(), order.clone()).as_ref() == Some(&order) {
            continue;
        }
        let id = people(to, |oz, _| oz.order_of(&order.key).unwrap().id.clone());
        let seen = HubOrderDraft { ship_to: order.ship_to.clone().unwrap(), ..draft() };
        let verdict = perform(&to.open(), &put(seen, Some(&id))).await;
        assert!(matches!(verdict, Verdict::Done(_) | Verdict::AlreadyDone(_)), "{verdict:?}");
    }
}

/// Rule 6 of the contract: our own change comes back from the other side as a change, and must not go round for ever.
/// What stops it is that a change is compared with what is there before it is sent.
#[tokio::test]
async fn trap_two_mirrored_accounts_come_to_rest() {
    let (left, right) = (quiet(), quiet());
    let (here, there) = (placed(&left).await, placed(&right).await);
    let (mut of_left, mut of_right) = (Known::default(), Known::default());
    let writes = |world: &World| {
        world.applied(|ledger| {
            by_client(ledger, "order_updated") + by_client(ledger, "order_held") + by_client(ledger, "units_cancelled")
        })
    };
    let town = |world: &World, id: &str| {
        people(world, |oz, _| oz.state.orders[id].shipping_address["city"].as_str().unwrap().to_owned())
    };
    // Who changes what, and how often each account was written to in all when it is quiet again.
    for (moved_left, moved_right, expected) in [
        (None, None, (0, 0)),
        (Some("Bremen"), None, (0, 1)),
        (None, Some("Kiel"), (1, 1)),
        // Both at once: the first that is carried over wins, once.
        (Some("Emden"), Some("Husum"), (1, 2)),
    ] {
        for world in [&left, &right] {
            world.clock.advance(HOUR_MS);
            world.sandbox.lock().unwrap().advance(world.clock.now_ms());
        }
        for (world, id, moved) in [(&left, &here, moved_left), (&right, &there, moved_right)] {
            if let Some(city) = moved {
                people(world, |oz, moment| oz.move_to(id, city, moment).unwrap());
            }
        }
        for _ in 0..6 {
            carry(&left, &right, &mut of_left).await;
            carry(&right, &left, &mut of_right).await;
        }
        assert_eq!((writes(&left), writes(&right)), expected, "{moved_left:?} {moved_right:?}");
        assert_eq!(town(&left, &here), town(&right, &there));
    }
}

/// A change without its version is refused by accounts that insist on one: the contract's profile sends it, and where a
/// profile tells none, the sentence says what is missing instead of blaming the content.
#[tokio::test]
async fn trap_an_account_that_insists_on_versions() {
    let insisting = || {
        let world = quiet();
        people(&world, |oz, _| oz.state.plan.versions_required = true);
        let id = arrived(&world, "cafe0001-5501");
        (world, id)
    };
    let moved = |id: &str| {
        let mut moved = draft();
        moved.ship_to.city = "Bremen".into();
        moved.lines[0].quantity = 1;
        put(moved, Some(id))
    };
    let (world, id) = insisting();
    assert_eq!(run(&world, &moved(&id), HOUR_MS, None).await, Outcome::Holds);
    let (mut world, id) = insisting();
    let styled = contract()
        .replace("concurrency: {style: etag, version: version, conflict_status: [412]}", "concurrency: {style: none}");
    assert_ne!(styled, contract());
    world.disguise = Some(described_by(styled));
    let cancel = Intent::CancelHubOrder { hub_order_id: id.clone(), hub_order_key: String::new() };
    for intent in [moved(&id), cancel] {
        let Verdict::NeedsPerson(refusal) = perform(&world.open(), &intent).await else { panic!("{intent:?}") };
        assert!(refusal.sentence.contains("which version is changed"), "{refusal}");
        assert!(refusal.sentence.contains("concurrency"), "{refusal}");
    }
    assert_eq!(world.applied(|ledger| by_client(ledger, "order_updated") + by_client(ledger, "order_cancelled")), 0);
}

/// Closed for maintenance: readings come back when they are told to, in either form, and a change that met the closed
/// door is looked for before it is sent again, under the same key.
#[tokio::test]
async fn trap_a_closed_account_is_asked_again_when_it_says() {
    let world = quiet();
    let until_ms = NOW_MS + 5 * 60_000;
    people(&world, |oz, _| oz.state.plan.closed_until_ms = Some(until_ms));
    let intent = put(draft(), None);
    let connector = world.open();
    let ask =
        quayside_connectors::Ask { stream: "orders", cursor: None, next: None, since_ms: 0, priority: Priority::Poll };
    for form in ["seconds", "a date"] {
        let Err(quayside_connectors::ReadError::WaitUntil { at_ms, .. }) = connector.read(&ask).await else {
            panic!("{form}")
        };
        // A date in a header has whole seconds.
        assert!((until_ms - 1_000..until_ms + 2_000).contains(&at_ms), "{form}: {}", at_ms - NOW_MS);
    }
    assert!(
        matches!(perform(&connector, &intent).await, Verdict::AnswerLost(_)),
        "503 does not say that nothing was done"
    );
    assert!(matches!(connector.confirm(&task(&intent)).await, Confirmation::CannotTell(_)));
    assert_eq!(world.applied(|ledger| by_client(ledger, "order_created")), 0);
    world.clock.reach(until_ms);
    assert!(matches!(connector.confirm(&task(&intent)).await, Confirmation::Absent));
    assert!(matches!(perform(&connector, &intent).await, Verdict::Done(_)));
    assert_eq!(world.applied(|ledger| by_client(ledger, "order_created")), 1);
    let keys: Vec<_> = world
        .talk()
        .into_iter()
        .filter(|talk| talk.method == "POST")
        .map(|talk| talk.headers["idempotency-key"].clone())
        .collect();
    assert!(keys.len() == 2 && keys[0] == keys[1], "the same change has the same key: {keys:?}");
}

/// The answer of a create was written down nowhere (a power cut), so it is sent once more under its key. The account
/// repeats the answer of that time: it is a success, of an order that may have moved on since.
#[tokio::test]
async fn trap_a_replayed_success_is_one_and_tells_of_then() {
    type Meanwhile = fn(&mut Orderez, &str, &mut Moment<'_>);
    let cases: [(&str, Meanwhile, &str); 4] = [
        ("nothing", |_, _, _| {}, "already"),
        ("packed", |oz, id, moment| drop(oz.pack(id, None, "DHL", &["T1"], moment).unwrap()), "already"),
        ("moved", |oz, id, moment| oz.move_to(id, "Bremen", moment).unwrap(), "done"),
        ("cancelled", |oz, id, moment| oz.cancel(id, moment).unwrap(), "person"),
    ];
    for (title, meanwhile, expected) in cases {
        let world = quiet();
        let intent = put(draft(), None);
        let Verdict::Done(first) = perform(&world.open(), &intent).await else { panic!("{title}") };
        let id = first.remote_id.unwrap();
        people(&world, |oz, moment| meanwhile(oz, &id, moment));
        let before = world.talk().len();
        let verdict = perform(&world.open(), &intent).await;
        let said = match &verdict {
            Verdict::AlreadyDone(receipt) => ("already", receipt.remote_id.clone()),
            Verdict::Done(receipt) => ("done", receipt.remote_id.clone()),
            Verdict::NeedsPerson(refusal) => {
                assert!(refusal.sentence.contains("it is cancelled"), "{title}: {refusal}");
                ("person", Some(id.clone()))
            }
            other => panic!("{title}: {other:?}"),
        };
        assert_eq!(said, (expected, Some(id)), "{title}: {verdict:?}");
        // It really was the repeated answer: the create went out again, and made nothing.
        let talk = world.talk();
        let again = talk[before..].iter().find(|talk| talk.method == "POST" && talk.url.ends_with("/orders")).unwrap();
        assert_eq!(again.status, 201, "{title}");
        assert_eq!(world.applied(|ledger| by_client(ledger, "order_created")), 1, "{title}");
    }
}

/// Money is the store's: a refund that somebody wrote down there is listed by the shipped profile's `listRefunds`, and
/// shows in the order as a change of payment that takes no unit off and is no reason to write.
#[tokio::test]
async fn trap_a_refund_made_there_is_listed_and_takes_no_unit_off() {
    let world = quiet();
    let id = placed(&world).await;
    let mut cursor = None;
    read_to_end(&world, "orders", &mut cursor, 0).await;
    world.clock.advance(HOUR_MS);
    world.sandbox.lock().unwrap().advance(world.clock.now_ms());
    let line = people(&world, |oz, _| oz.state.orders[&id].lines[0].id.clone());
    people(&world, |oz, moment| oz.refund(&id, "18.50", &[(line, 1)], moment).unwrap());

    let found = hub_orders(&read_to_end(&world, "orders", &mut cursor, 0).await);
    let order = found.last().expect("it changed, so it is read again");
    assert_eq!((order.status.clone(), order.refunded), (HubStatus::AwaitingShipment, Some(true)));
    assert_eq!(order.lines.iter().map(|line| line.quantity).collect::<Vec<_>>(), [2, 1]);
    assert!(matches!(perform(&world.open(), &put(draft(), Some(&id))).await, Verdict::AlreadyDone(_)));
    assert_eq!(world.applied(|ledger| by_client(ledger, "order_updated") + by_client(ledger, "units_cancelled")), 0);

    // Where the profile says that refunds are listed, the account lists them.
    let kit = quayside_connectors::profiles::profile_kit("orderez").unwrap();
    let requests = (kit.check)(&contract()).requests;
    let listed = requests.iter().find(|request| request.operation == "listRefunds").expect("the profile has it");
    assert_eq!((listed.method.as_str(), listed.used), ("GET", true), "ours are looked for in it");
    let answer = people(&world, |oz, moment| {
        let path = listed.path.replace("{order_id}", &id);
        let request = http::Request::get(format!("http://oz.sandbox/v1{path}"))
            .header("authorization", format!("Bearer {}", oz.state.plan.api_key));
        quayside_sandbox::StandIn::handle(oz, &request.body(Vec::new()).unwrap(), moment)
    });
    let answer: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(answer["data"][0]["amount"]["amount"], "18.50", "{answer}");
}

/// A profile without a way for an address, a note, or for taking units off: nothing is sent, not even the part it has a
/// way for, and the sentence says which order there.
#[tokio::test]
async fn trap_what_the_profile_has_no_way_for_is_done_by_hand() {
    type Moved = fn(&mut HubOrderDraft);
    let kit = quayside_connectors::profiles::profile_kit("orderez").unwrap();
    let edited = |place: &[&str], value: serde_json::Value| {
        let place: Vec<String> = place.iter().map(|name| (*name).to_owned()).collect();
        (kit.edit)(&contract(), &place, &value).unwrap()
    };
    let cases: [(String, Moved, &str); 3] = [
        (
            edited(&["operations", "updateOrder", "body"], serde_json::json!({"note": "=note"})),
            |order| (order.ship_to.city, order.customer_note) = ("Bremen".into(), "Back door".into()),
            "no way to change the address of an order",
        ),
        (
            edited(&["operations", "updateOrder", "path"], serde_json::Value::Null),
            |order| (order.ship_to.city, order.customer_note) = ("Bremen".into(), "Back door".into()),
            "no way to change the address and the note of an order",
        ),
        (
            edited(&["operations", "cancelOrder", "path"], serde_json::Value::Null),
            |order| (order.ship_to.city, order.lines[0].quantity) = ("Bremen".into(), 1),
            "1 × MUG must be taken off",
        ),
    ];
    for (profile, change, words) in cases {
        let mut world = quiet();
        let id = placed(&world).await;
        world.disguise = Some(described_by(profile));
        let mut changed = draft();
        change(&mut changed);
        let verdict = perform(&world.open(), &put(changed, Some(&id))).await;
        let Verdict::NeedsPerson(refusal) = verdict else { panic!("{words}: {verdict:?}") };
        assert_eq!(refusal.cause, Cause::ChangeByHand, "{refusal}");
        assert!(refusal.sentence.contains(words) && refusal.sentence.contains("by hand (order "), "{refusal}");
        assert_eq!(
            world.applied(|ledger| by_client(ledger, "order_updated") + by_client(ledger, "units_cancelled")),
            0
        );
    }
}

#[tokio::test]
async fn one_order_is_read_or_gone() {
    let world = quiet();
    let id = arrived(&world, "cafe0001-5501");
    let connector = world.open();
    let found = connector.read_one(RecordKind::HubOrder, &id, Priority::Person).await.unwrap().unwrap();
    assert_eq!(found.record.remote_id(), id);
    assert!(connector.read_one(RecordKind::HubOrder, "ord_0", Priority::Person).await.unwrap().is_none());
}

#[tokio::test]
async fn the_preflight_tells_what_the_account_can() {
    let world = quiet();
    arrived(&world, "cafe0001-5501");
    let preflight = world.open().preflight().await;
    common::names_what_it_disables(&preflight);
    let (links, rest): (Vec<_>, Vec<_>) =
        preflight.checks.iter().partition(|check| check.title == "Imports of its own");
    assert!(rest.iter().all(|check| check.state == CheckState::Works), "{rest:#?}");
    // What it cannot show is said, with the place of the answer.
    let [links] = links.as_slice() else { panic!("{links:#?}") };
    assert!(links.state == CheckState::Limited && links.detail.contains("Who writes its orders"), "{links:#?}");
    let account = preflight.account.unwrap();
    assert_eq!(
        (account.name.as_str(), account.remote_id.as_str(), account.time_zone.as_deref()),
        ("Harbour Supply", "acc_1", Some("Europe/Berlin"))
    );
    assert!(account.performs.unwrap().contains(&IntentKind::HoldHubOrder));
    assert_eq!(account.streams.unwrap(), ["orders", "fulfillments", "stock", "products"]);
    // What the contract could and Quayside does not use is told, and is no ability.
    let unused = preflight.checks.iter().find(|check| check.title == "Not used, because").unwrap();
    for word in ["Compare a range of days", "Report parcels there", "nothing is packed twice"] {
        assert!(unused.detail.contains(word), "{}", unused.detail);
    }
    assert_eq!(
        account.abilities,
        [
            "orders.read",
            "orders.write",
            "orders.cancel",
            "orders.update",
            "orders.hold",
            "fulfillments.read",
            "inventory.read",
            "inventory.write",
            "inventory.adjust",
            "products.read",
            "warehouses.read",
            "orders.refund",
            "orders.assign",
            "products.write",
            "customers.read",
            "customers.write"
        ]
    );
    // A key that was taken back.
    people(&world, |oz, _| oz.state.plan.api_key = "another-key-altogether".into());
    // The card gives the new key; the connector below was opened with the old one.
    let connector = world.open();
    people(&world, |oz, _| oz.state.plan.api_key = "oz_sandbox_changed_again".into());
    let preflight = connector.preflight().await;
    assert!(preflight.account.is_none());
    assert!(preflight.checks[0].detail.contains("not accepted"), "{:?}", preflight.checks);
}

/// The profile is changed while the answer of an order is missing. It is looked for, and sent again, by the profile it
/// was begun under; whatever begins afterwards goes by the new one.
#[tokio::test]
async fn trap_a_profile_changes_while_an_answer_is_missing() {
    let contract = quayside_connectors::profiles::profile_kit("orderez").unwrap();
    let contract = (contract.shipped)().into_iter().find(|one| one.name == "assumed-contract").unwrap().text;
    // The account knows none of these paths: whoever goes by them finds nothing.
    let elsewhere = contract.replace("path: /orders", "path: /v2/orders").replace("\"/orders/", "\"/v2/orders/");
    for (fault, holds) in [(Fault::LostAfterCommit, true), (Fault::LostBeforeCommit, false)] {
        let mut world = quiet();
        world.plan_mishap(Some(Mishap { exchange: 0, fault }));
        let intent = put(draft(), None);
        let connector = world.open();
        assert!(matches!(perform(&connector, &intent).await, Verdict::AnswerLost(_)));
        world.plan_mishap(None);
        let text = elsewhere.clone();
        let described = move |begun: &'static [&'static str]| -> common::Disguise {
            let text = text.clone();
            Arc::new(move |mut setup: quayside_connectors::Setup| {
                let former = serde_json::json!([{
                    "way": setup.config.way, "fields": setup.config.fields, "begun": begun,
                }]);
                setup.config.settings.insert("former_profiles".into(), former);
                setup.config.way = "own".into();
                setup.config.fields.insert("profile".into(), text.clone());
                setup
            })
        };
        // By the new profile alone the order would never be found.
        world.disguise = Some(described(&[]));
        assert!(!matches!(world.open().confirm(&task(&intent)).await, Confirmation::Holds(_)));

        world.disguise = Some(described(&["effect-1"]));
        let connector = world.open();
        match connector.confirm(&task(&intent)).await {
            Confirmation::Holds(_) => assert!(holds, "{fault:?}"),
            Confirmation::Absent => {
                assert!(!holds, "{fault:?}");
                let Verdict::Done(receipt) = perform(&connector, &intent).await else { panic!() };
                let revision = world.facts.facts.get("profile_revision").cloned();
                let note = receipt.note.unwrap_or_default();
                assert!(revision.is_none_or(|revision| note.contains(&revision)), "{note}");
            }
            other => panic!("{fault:?}: {other:?}"),
        }
        assert_eq!(world.applied(|ledger| by_client(ledger, "order_created")), 1, "{fault:?}");
        // What begins now goes by what is said now.
        let before = world.talk().len();
        let second = put(HubOrderDraft { key: "cafe0001-7001".into(), ..draft() }, None);
        let task = Task { key: "effect-2", ..task(&second) };
        assert!(matches!(connector.perform(&[task]).await.remove(0), Verdict::NeedsPerson(_)));
        assert!(world.talk()[before..].iter().all(|talk| talk.url.contains("/v2/orders")));
    }
}

/// Refused under the old profile is an end: whoever mended the profile and tries again wants the new one.
#[tokio::test]
async fn a_refusal_ends_what_was_begun_under_an_old_profile() {
    let contract = quayside_connectors::profiles::profile_kit("orderez").unwrap();
    let contract = (contract.shipped)().into_iter().find(|one| one.name == "assumed-contract").unwrap().text;
    let broken = contract
        .replace("{sku: sku, title: title, quantity: quantity, unit_price: unit_price, tax", "{title: title, tax");
    let mut world = quiet();
    let (new, old) = (contract.clone(), broken);
    world.disguise = Some(Arc::new(move |mut setup: quayside_connectors::Setup| {
        let mut fields = setup.config.fields.clone();
        fields.insert("profile".into(), old.clone());
        let former = serde_json::json!([{ "way": "own", "fields": fields, "begun": ["effect-1"] }]);
        setup.config.settings.insert("former_profiles".into(), former);
        setup.config.way = "own".into();
        setup.config.fields.insert("profile".into(), new.clone());
        setup
    }));
    let connector = world.open();
    let intent = put(draft(), None);
    let first = perform(&connector, &intent).await;
    assert!(matches!(first, Verdict::NeedsPerson(_)), "{first:?}");
    let second = perform(&connector, &intent).await;
    assert!(matches!(second, Verdict::Done(_)), "{second:?}");
    assert_eq!(world.applied(|ledger| by_client(ledger, "order_created")), 1);
}
