//! The Shopify connector against an honest store: everything read, every change applied once.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../../sandbox/tests/shopify/answers.rs"]
mod answers;
mod common;
#[path = "shopify_sandbox/giving.rs"]
mod giving;
#[path = "shopify_sandbox/products.rs"]
mod products;
#[path = "shopify_sandbox/stock.rs"]
mod stock;

use common::{EffectCase, NOW_MS, Outcome, World, check_effect, check_stream, check_stream_from, read_to_end, run};
use quayside_connectors::{Priority, ReadError};
use quayside_model::{
    Cause, CheckState, Clock, Delivery, FulfillmentDraft, FulfillmentLine, Incoming, Intent, Order, Payment, Record,
    RecordKind, Tracking,
};
use quayside_sandbox::ledger::By;
use quayside_sandbox::shopify::state::gid;
use quayside_sandbox::shopify::{LineDraft, OrderDraft, Paid, ShopPlan};
use quayside_sandbox::{Ledger, Sandbox, SandboxPlan};
use std::collections::BTreeSet;

const STORE: &str = "harbour-goods";
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn quiet_with(plan: ShopPlan) -> World {
    let mut sandbox = SandboxPlan::quiet(7, NOW_MS - 10 * DAY_MS);
    sandbox.stores = vec![plan];
    sandbox.hub = None;
    let mut sandbox = Sandbox::new(sandbox);
    sandbox.advance(NOW_MS - HOUR_MS);
    World::new(sandbox, STORE)
}

fn quiet() -> World {
    quiet_with(ShopPlan::harbour_goods())
}

fn address() -> quayside_sandbox::shopify::state::Address {
    let text = |text: &str| text.to_owned();
    quayside_sandbox::shopify::state::Address {
        first_name: text("Søren"),
        last_name: text("Groß"),
        address1: text("Am Hafen 3"),
        city: text("Bremen"),
        zip: text("28195"),
        country: text("Germany"),
        country_code: text("DE"),
        ..Default::default()
    }
}

/// Places an order of custom lines (title, units) an hour ago, routed. Gives its gid.
fn place(world: &World, lines: &[(&str, i64)]) -> String {
    place_draft(
        world,
        OrderDraft {
            lines: lines.iter().map(|(title, units)| LineDraft::custom(title, 1_500, *units)).collect(),
            ..draft()
        },
    )
}

fn draft() -> OrderDraft {
    OrderDraft { ship_to: Some(address()), routed: true, ..OrderDraft::default() }
}

fn place_draft(world: &World, draft: OrderDraft) -> String {
    let mut sandbox = world.sandbox.lock().unwrap();
    sandbox.scene(|scene| {
        let mut moment = quayside_sandbox::Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
        gid("Order", scene.stores[0].place(draft, &mut moment))
    })
}

fn number_of(gid: &str) -> u64 {
    gid.rsplit('/').next().unwrap().parse().unwrap()
}

async fn read_order(world: &World, id: &str) -> Order {
    let connector = world.open();
    for _ in 0..50 {
        match connector.read_one(RecordKind::Order, id, Priority::Person).await {
            Ok(Some(Incoming { record: Record::Order(order), .. })) => return order,
            Err(ReadError::WaitUntil { at_ms, .. }) => world.clock.reach(at_ms),
            other => panic!("{other:?}"),
        }
    }
    panic!("{id} is never read whole");
}

fn fulfill(order: &str, lines: &[(String, i64)], number: &str) -> Intent {
    Intent::Fulfill {
        fulfillment: FulfillmentDraft {
            order_remote_id: order.into(),
            parcel_ids: vec!["label:1".into()],
            lines: lines
                .iter()
                .map(|(id, quantity)| FulfillmentLine { order_line_id: id.clone(), quantity: *quantity })
                .collect(),
            tracking: Tracking {
                carrier_code: "ups".into(),
                carrier_name: "UPS".into(),
                numbers: vec![number.into()],
                urls: vec![format!("https://www.ups.com/track?tracknum={number}")],
            },
            notify_customer: true,
            shipped_at_ms: Some(NOW_MS),
            known_fulfillment_ids: vec![],
            expected: None,
        },
    }
}

/// Line gids of an order, straight from the store's state.
fn lines_of(world: &World, order: &str) -> Vec<(String, i64)> {
    let sandbox = world.sandbox.lock().unwrap();
    let order = sandbox.stores[0].state().order(number_of(order)).unwrap();
    order.lines.iter().map(|line| (gid("LineItem", line.id), line.quantity)).collect()
}

fn by_client<'a>(ledger: &'a Ledger, effect: &'a str) -> impl Iterator<Item = &'a quayside_sandbox::Entry> {
    ledger.of(effect).filter(|entry| entry.by == By::Client)
}

#[tokio::test]
async fn a_parcel_is_reported_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet();
            let order = place(&world, &[("Mug", 2), ("Plate", 1)]);
            let lines = lines_of(&world, &order);
            (world, fulfill(&order, &lines, "1Z0001"))
        },
        count: |ledger| by_client(ledger, "fulfillment_created").count(),
        expected: 1,
        patience_ms: HOUR_MS,
    })
    .await;
}

/// One parcel, lines at two places: two calls, and every way to be interrupted between them.
#[tokio::test]
async fn a_parcel_from_two_places_is_reported_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let (world, order) = at_two_places();
            let lines = lines_of(&world, &order);
            (world, fulfill(&order, &lines, "1Z0001"))
        },
        count: |ledger| by_client(ledger, "fulfillment_created").count(),
        expected: 2,
        patience_ms: HOUR_MS,
    })
    .await;
    let (world, order) = at_two_places();
    let lines = lines_of(&world, &order);
    assert_eq!(run(&world, &fulfill(&order, &lines, "1Z0001"), HOUR_MS, Some(3)).await, Outcome::Holds);
    let sandbox = world.sandbox.lock().unwrap();
    let told = by_client(&sandbox.ledger, "fulfillment_created").filter(|entry| entry.detail["notifyCustomer"] == true);
    assert_eq!(told.count(), 1, "the buyer is told once");
}

/// An order of two lines, one of which the staff moved to another location.
fn at_two_places() -> (World, String) {
    const TOKEN: &str = "shpat_0123456789abcdef0123456789abcdef";
    let world = quiet_with(ShopPlan { legacy_token: Some(TOKEN.into()), ..ShopPlan::harbour_goods() });
    let id = place(&world, &[("Mug", 2), ("Plate", 1)]);
    {
        let mut sandbox = world.sandbox.lock().unwrap();
        let store = &sandbox.stores[0];
        let order = store.state().order(number_of(&id)).unwrap();
        let fo = &order.fos[0];
        let other = store.state().locations.iter().find(|place| place.active && place.id != fo.location).unwrap();
        let query = format!(
            "mutation {{ fulfillmentOrderMove(id: \"{}\", newLocationId: \"{}\", fulfillmentOrderLineItems: [{{ id: \"{}\", quantity: 1 }}]) {{ userErrors {{ message }} }} }}",
            gid("FulfillmentOrder", fo.id),
            gid("Location", other.id),
            gid("FulfillmentOrderLineItem", fo.lines[1].id)
        );
        let request = http::Request::post("https://harbour-goods.myshopify.com/admin/api/2026-07/graphql.json")
            .header("x-shopify-access-token", TOKEN)
            .header("content-type", "application/json")
            .body(serde_json::json!({ "query": query }).to_string().into_bytes())
            .unwrap();
        let now_ms = sandbox.now_ms();
        let quayside_sandbox::Reply::Answer { response, .. } = sandbox.handle(STORE, &request, now_ms) else {
            panic!()
        };
        let answer = String::from_utf8(response.into_body()).unwrap();
        assert!(answer.contains("\"userErrors\":[]"), "{answer}");
    }
    (world, id)
}

#[tokio::test]
async fn tracking_is_corrected_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let (world, order, fulfillment) = shipped_by_hand();
            let intent = Intent::ReplaceTracking {
                order_remote_id: order,
                fulfillment_id: fulfillment,
                tracking: Tracking {
                    carrier_code: "ups".into(),
                    carrier_name: "UPS".into(),
                    numbers: vec!["1Z0002".into()],
                    urls: vec!["https://www.ups.com/track?tracknum=1Z0002".into()],
                },
                notify_customer: false,
            };
            (world, intent)
        },
        count: |ledger| by_client(ledger, "fulfillment_tracking_updated").count(),
        expected: 1,
        patience_ms: HOUR_MS,
    })
    .await;
}

#[tokio::test]
async fn a_fulfillment_is_taken_back_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let (world, order, fulfillment) = shipped_by_hand();
            (world, Intent::CancelFulfillment { order_remote_id: order, fulfillment_id: fulfillment })
        },
        count: |ledger| by_client(ledger, "fulfillment_cancelled").count(),
        expected: 1,
        patience_ms: HOUR_MS,
    })
    .await;
}

#[tokio::test]
async fn an_order_is_cancelled_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet();
            let order = place(&world, &[("Mug", 1)]);
            let intent = Intent::CancelChannelOrder {
                order_remote_id: order,
                reason: "inventory".into(),
                restock: true,
                refund: true,
                notify_customer: true,
                staff_note: "sold out".into(),
            };
            (world, intent)
        },
        count: |ledger| ledger.of("order_cancelled").count(),
        expected: 1,
        patience_ms: HOUR_MS,
    })
    .await;
}

/// An order the staff reported as shipped: its gid and the fulfillment's.
fn shipped_by_hand() -> (World, String, String) {
    let world = quiet();
    let order = place(&world, &[("Mug", 1)]);
    let id = {
        let mut sandbox = world.sandbox.lock().unwrap();
        sandbox.scene(|scene| {
            let mut moment = quayside_sandbox::Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
            assert_eq!(scene.stores[0].ship_by_hand(number_of(&order), "UPS", "1Z0001", &mut moment), 1);
        });
        gid("Fulfillment", sandbox.stores[0].state().order(number_of(&order)).unwrap().fulfillments[0].id)
    };
    (world, order, id)
}

fn ids(found: &[Incoming]) -> BTreeSet<String> {
    found.iter().map(|incoming| incoming.record.remote_id().to_owned()).collect()
}

fn all_ids(world: &World) -> BTreeSet<String> {
    let sandbox = world.sandbox.lock().unwrap();
    sandbox.stores[0].state().orders().iter().map(|order| gid("Order", order.id)).collect()
}

#[tokio::test]
async fn orders_are_read_to_the_end_whatever_happens() {
    check_stream(
        || {
            let world = quiet();
            for n in 0..9 {
                place(&world, &[("Mug", 1 + n % 3), ("Plate", 1)]);
            }
            world
        },
        "orders",
        NOW_MS - DAY_MS,
        |world, found| assert_eq!(ids(found), all_ids(world)),
    )
    .await;
}

#[tokio::test]
async fn work_of_the_locations_is_read_to_the_end_whatever_happens() {
    // Begins with what changes from then on: the import reads this with its orders.
    check_stream_from(
        || {
            let world = quiet();
            for n in 0..9 {
                place(&world, &[("Mug", 1 + n % 3), ("Plate", 1)]);
            }
            world
        },
        "fulfillment_orders",
        Some(serde_json::json!({ "watermark_ms": NOW_MS - DAY_MS })),
        NOW_MS - DAY_MS,
        |world, found| assert_eq!(ids(found), all_ids(world)),
    )
    .await;
}

/// Everything the connector asks of a store, and what the stand-in answers, held against Shopify's own schema.
#[tokio::test]
async fn the_answers_to_our_own_documents_fit_the_platforms_types() {
    let root = std::env::var_os("QUAYSIDE_SPECS").map_or_else(
        || std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/specs"),
        std::path::PathBuf::from,
    );
    let Ok(text) = std::fs::read_to_string(root.join("shopify/admin-2026-07.graphql")) else {
        eprintln!("SKIPPED: {} holds no schema of Shopify; set QUAYSIDE_SPECS to the folder that does", root.display());
        return;
    };
    // The directive is part of the newest GraphQL; the reader knows the one before.
    let text = format!("directive @oneOf on INPUT_OBJECT\n{text}");
    let vendor = apollo_compiler::Schema::parse_and_validate(text, "admin-2026-07.graphql").unwrap();

    let (world, order, fulfillment) = shipped_by_hand();
    let other = place(&world, &[("Mug", 3), ("Plate", 1)]);
    let third = place(&world, &[("Mug", 1)]);
    let fourth = place(&world, &[("Mug", 2)]);
    assert!(world.open().preflight().await.can_connect());
    let lines = lines_of(&world, &other);
    let tracking = Tracking {
        carrier_code: "ups".into(),
        carrier_name: "UPS".into(),
        numbers: vec!["1Z2".into()],
        urls: vec!["https://www.ups.com/track?tracknum=1Z2".into()],
    };
    let intents = [
        fulfill(&other, &lines, "1Z0002"),
        Intent::ReplaceTracking {
            order_remote_id: order.clone(),
            fulfillment_id: fulfillment.clone(),
            tracking,
            notify_customer: false,
        },
        Intent::CancelFulfillment { order_remote_id: order.clone(), fulfillment_id: fulfillment },
        Intent::CancelChannelOrder {
            order_remote_id: third,
            reason: "inventory".into(),
            restock: true,
            refund: true,
            notify_customer: false,
            staff_note: String::new(),
        },
        giving::refund(&world, &fourth, 1, 1_500),
        giving::facts(&fourth),
    ];
    for (n, intent) in intents.iter().enumerate() {
        assert_eq!(world.run_with_key(&format!("effect-{n}"), intent).await, Outcome::Holds, "{intent:?}");
        // Looked up as after a lost answer.
        let key = format!("effect-{n}");
        let first_sent_at_ms = Some(NOW_MS - HOUR_MS);
        let task = quayside_connectors::Task {
            key: &key,
            intent,
            first_sent_at_ms,
            last_sent_at_ms: first_sent_at_ms,
            ticket: None,
            priority: Priority::Write,
        };
        world.open().confirm(&task).await;
    }
    for expected in [None, Some(7)] {
        let set = stock::a_change(&world, expected.unwrap_or(7), expected);
        assert_eq!(world.run_with_key(&format!("stock-{expected:?}"), &set).await, Outcome::Holds);
    }
    world.open().read_one(RecordKind::Stock, &stock::a_name(&world), Priority::Write).await.unwrap();
    let back = giving::send_back(&world, &other);
    world.open().read_one(RecordKind::Return, &back, Priority::Write).await.unwrap();
    for stream in ["orders", "fulfillment_orders", "open_orders", "stock", "returns", "products"] {
        read_to_end(&world, stream, &mut None, NOW_MS - 2 * DAY_MS).await;
    }
    read_order(&world, &order).await;

    let (mut wrong, mut asked) = (Vec::new(), BTreeSet::new());
    for talk in world.talk().into_iter().filter(|talk| talk.url.contains("graphql.json") && talk.status == 200) {
        let sent: serde_json::Value = serde_json::from_slice(&talk.body).unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&talk.answer).unwrap();
        let name = sent["operationName"].as_str().unwrap();
        if answer.get("errors").is_some() {
            continue;
        }
        let query = sent["query"].as_str().unwrap();
        let document = apollo_compiler::ExecutableDocument::parse_and_validate(&vendor, query, name)
            .unwrap_or_else(|errors| panic!("{name}: {}", errors.errors));
        let operation = document.operations.get(Some(name)).unwrap();
        let mut check = answers::Check::new(&vendor, &document);
        check.set(&[&operation.selection_set], &answer["data"], name);
        assert!(check.seen > 0, "{name} answered nothing at all");
        wrong.extend(check.wrong);
        asked.insert(name.to_owned());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked.len() >= 8, "too little was asked to prove anything: {asked:?}");
}

/// A living merchant for two days: every order that changed is read again, and what was read last is what is true.
#[tokio::test]
async fn what_was_read_last_is_what_is_true() {
    let mut plan = SandboxPlan::new(11, NOW_MS - DAY_MS);
    plan.stores.truncate(1);
    plan.volume = quayside_sandbox::Volume::PerDay(60.0);
    plan.trouble = 0.3;
    plan.latency_ms = (1, 5);
    let world = World::new(Sandbox::new(plan), STORE);
    let mut latest: std::collections::BTreeMap<String, Order> = std::collections::BTreeMap::new();
    let (mut orders, mut work) = (None, None);
    for _ in 0..24 {
        for (stream, cursor) in [("orders", &mut orders), ("fulfillment_orders", &mut work)] {
            for incoming in read_to_end(&world, stream, cursor, NOW_MS - 2 * DAY_MS).await {
                if let Record::Order(order) = incoming.record {
                    latest.insert(order.remote_id.clone(), order);
                }
            }
        }
        world.clock.advance(HOUR_MS);
    }
    // Nothing happens any more in this last look: the clock stands still while it is read.
    for (stream, cursor) in [("orders", &mut orders), ("fulfillment_orders", &mut work)] {
        for incoming in read_to_end(&world, stream, cursor, NOW_MS - 2 * DAY_MS).await {
            if let Record::Order(order) = incoming.record {
                latest.insert(order.remote_id.clone(), order);
            }
        }
    }
    assert!(latest.len() > 30, "{}", latest.len());
    assert_eq!(latest.keys().cloned().collect::<BTreeSet<_>>(), all_ids(&world));
    let truth: Vec<_> = world.sandbox.lock().unwrap().stores[0].state().orders().to_vec();
    for order in truth {
        let read = &latest[&gid("Order", order.id)];
        let what = &order.name;
        assert_eq!(read.number, order.name);
        assert_eq!(read.cancelled_at_ms.is_some(), order.cancelled.is_some(), "{what}");
        assert_eq!(read.lines.len(), order.lines.len(), "{what}");
        for (line, known) in read.lines.iter().zip(&order.lines) {
            assert_eq!(line.current_quantity, known.quantity - known.removed, "{what} {}", line.name);
        }
        assert_eq!(
            read.fulfillments.iter().filter(|f| f.live).count(),
            order.fulfillments.iter().filter(|f| !f.cancelled).count(),
            "{what}"
        );
        assert_eq!(
            read.fulfillment_orders.iter().flat_map(|fo| &fo.holds).count(),
            order.fos.iter().map(|fo| fo.holds.len()).sum::<usize>(),
            "{what}"
        );
        assert_eq!(read.total_minor, order.totals().total, "{what}");
    }
}

#[tokio::test]
async fn a_large_order_arrives_whole() {
    let world = quiet();
    let lines: Vec<LineDraft> = (0..250).map(|n| LineDraft::custom(&format!("Line {n}"), 100, 2)).collect();
    let id = place_draft(&world, OrderDraft { lines, note: Some("☃".repeat(5_000)), ..draft() });
    let found = read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await;
    let Record::Order(order) = &found[0].record else { panic!() };
    assert_eq!((order.remote_id.as_str(), order.lines.len()), (id.as_str(), 250));
    assert_eq!(order.fulfillment_orders.iter().map(|fo| fo.lines.len()).sum::<usize>(), 250);
    assert_eq!(order.note.chars().count(), 5_000);
    let lines = lines_of(&world, &id);
    assert_eq!(run(&world, &fulfill(&id, &lines, "1Z0250"), HOUR_MS, None).await, Outcome::Holds);
    let order = read_order(&world, &id).await;
    assert!(order.is_fulfilled());
    assert_eq!(order.fulfillments.iter().flat_map(|f| &f.lines).count(), 250);
}

/// More parcels than the detail document holds, one of them with more packages than it shows.
#[tokio::test]
async fn many_parcels_of_one_order_are_all_seen() {
    let world = quiet();
    let id = place(&world, &[("Mug", 40)]);
    let line = lines_of(&world, &id)[0].0.clone();
    for n in 0..30 {
        let mut intent = fulfill(&id, &[(line.clone(), 1)], &format!("1Z{n}"));
        if let (Intent::Fulfill { fulfillment }, 0) = (&mut intent, n) {
            fulfillment.tracking.numbers = (0..12).map(|n| format!("1ZA{n}")).collect();
            fulfillment.tracking.urls = vec![];
        }
        assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds);
    }
    let order = read_order(&world, &id).await;
    assert_eq!((order.fulfillments.len(), order.units_told(&line)), (30, 30));
    assert_eq!(order.fulfillments.iter().map(|f| f.tracking_numbers.len()).sum::<usize>(), 29 + 12);
    // The first one is told already, though it is the last to be seen.
    assert_eq!(run(&world, &fulfill(&id, &[(line, 1)], "1ZA11"), HOUR_MS, None).await, Outcome::Holds);
    assert_eq!(world.applied(|ledger| by_client(ledger, "fulfillment_created").count()), 30);
}

#[tokio::test]
async fn partial_parcels_add_up() {
    let world = quiet();
    let id = place(&world, &[("Mug", 3)]);
    let line = lines_of(&world, &id)[0].0.clone();
    for (number, units) in [("1Z1", 1), ("1Z2", 2)] {
        assert_eq!(run(&world, &fulfill(&id, &[(line.clone(), units)], number), HOUR_MS, None).await, Outcome::Holds);
    }
    let order = read_order(&world, &id).await;
    assert_eq!((order.units_told(&line), order.fulfillments.len()), (3, 2));
    let Outcome::Person(refusal) = run(&world, &fulfill(&id, &[(line, 1)], "1Z3"), HOUR_MS, None).await else {
        panic!()
    };
    assert_eq!(refusal.cause, Cause::FulfillmentRefused);
}

#[tokio::test]
async fn a_hold_is_named_and_after_its_release_the_parcel_goes() {
    let world = quiet();
    let id = place(&world, &[("Mug", 1)]);
    let lines = lines_of(&world, &id);
    let staff = |act: fn(&mut quayside_sandbox::shopify::Shopify, u64, &mut quayside_sandbox::Moment<'_>)| {
        let mut sandbox = world.sandbox.lock().unwrap();
        sandbox.scene(|scene| {
            let mut moment = quayside_sandbox::Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
            act(&mut scene.stores[0], number_of(&id), &mut moment);
        });
    };
    staff(|store, order, moment| {
        store.hold(order, "INCORRECT_ADDRESS", moment);
    });
    let Outcome::Person(refusal) = run(&world, &fulfill(&id, &lines, "1Z1"), HOUR_MS, None).await else { panic!() };
    assert_eq!(refusal.cause, Cause::HeldInChannel);
    staff(quayside_sandbox::shopify::Shopify::release);
    assert_eq!(run(&world, &fulfill(&id, &lines, "1Z1"), HOUR_MS, None).await, Outcome::Holds);
}

#[tokio::test]
async fn a_parcel_for_an_order_not_routed_yet_waits() {
    let world = quiet();
    let id =
        place_draft(&world, OrderDraft { lines: vec![LineDraft::custom("Mug", 900, 1)], routed: false, ..draft() });
    world.clock.advance(NOW_MS - HOUR_MS - world.sandbox.lock().unwrap().now_ms());
    let lines = lines_of(&world, &id);
    assert_eq!(run(&world, &fulfill(&id, &lines, "1Z1"), HOUR_MS, None).await, Outcome::Holds);
}

#[tokio::test]
async fn an_order_in_our_words() {
    let world = quiet();
    let (mug, digital) = {
        let sandbox = world.sandbox.lock().unwrap();
        let store = &sandbox.stores[0];
        let weighed = store.state().products.iter().flat_map(|p| p.variants.iter().map(move |v| (p, v)));
        let mug = weighed.clone().find(|(_, v)| v.weight.is_some() && v.requires_shipping).unwrap();
        let digital = weighed.clone().find(|(_, v)| !v.requires_shipping).unwrap();
        (LineDraft::of(mug.0, mug.1, 2), LineDraft::of(digital.0, digital.1, 1))
    };
    let grams =
        mug.weight.clone().map(|(value, unit)| value * quayside_sandbox::shopify::state::grams_per(&unit)).unwrap();
    let (sku, price) = (mug.sku.clone().unwrap(), mug.price_minor);
    let id = place_draft(
        &world,
        OrderDraft {
            lines: vec![mug, digital],
            shipping: Some(("Express 24 h".into(), "EXPRESS".into(), 990)),
            paid: Paid::Reserved,
            tags: vec!["vip".into()],
            note: Some("ring twice".into()),
            attributes: vec![("Gift Message".into(), "für dich".into())],
            metafields: vec![("warehouse".into(), "zone".into(), "single_line_text_field".into(), "B4".into())],
            fulfill_by_ms: Some(NOW_MS + DAY_MS),
            risk: ("CANCEL".into(), "HIGH".into()),
            ..draft()
        },
    );
    let order = read_order(&world, &id).await;
    assert_eq!(
        (order.payment.clone(), order.delivery.clone(), order.risk.as_deref()),
        (Payment::Authorized, Delivery::Shipping, Some("cancel"))
    );
    assert_eq!(
        (order.lines[0].sku.as_str(), order.lines[0].unit_price_minor, order.lines[0].quantity),
        (sku.as_str(), price, 2)
    );
    assert!((order.lines[0].weight_g.unwrap() - grams).abs() < 0.01);
    assert!(order.lines[0].tax_minor > 0 && order.lines[0].requires_shipping && !order.lines[1].requires_shipping);
    assert_eq!(order.shipping.as_ref().map(|s| (s.title.as_str(), s.code.as_str())), Some(("Express 24 h", "EXPRESS")));
    assert_eq!(
        (order.gift_message.as_str(), order.note.as_str(), order.tags.as_slice()),
        ("für dich", "ring twice", &["vip".to_owned()][..])
    );
    assert!(order.attributes.contains(&("warehouse.zone".into(), "B4".into())));
    assert_eq!(order.ship_by_ms, Some(NOW_MS + DAY_MS));
    assert_eq!(order.shipping_minor, 990);
    assert_eq!(order.currency.0, "EUR");
    assert!(order.admin_url.as_deref().unwrap().starts_with("https://admin.shopify.com/store/harbour-goods/orders/"));
}

#[tokio::test]
async fn the_checklist_against_a_real_store() {
    let world = quiet();
    place(&world, &[("Mug", 1)]);
    let preflight = world.open().preflight().await;
    let troubled: Vec<&str> =
        preflight.checks.iter().filter(|c| c.state == CheckState::Missing).map(|c| c.title.as_str()).collect();
    assert!(troubled.is_empty(), "{:?}", preflight.checks);
    assert_eq!(preflight.account.unwrap().currency.as_deref(), Some("EUR"));

    let world = quiet_with(ShopPlan::harbour_goods().without("write_merchant_managed_fulfillment_orders"));
    let preflight = world.open().preflight().await;
    let report = preflight.checks.iter().find(|check| check.title == "Report parcels").unwrap();
    assert_eq!((report.state, report.disables.is_empty()), (CheckState::Missing, false));

    let world = quiet_with(ShopPlan { personal_data: false, ..ShopPlan::harbour_goods() });
    place(&world, &[("Mug", 1)]);
    let preflight = world.open().preflight().await;
    common::names_what_it_disables(&preflight);
    let privacy = preflight.checks.iter().find(|check| check.title == "Names and addresses").unwrap();
    assert_eq!(privacy.state, CheckState::Missing, "{}", privacy.detail);
    assert_eq!(
        read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await.len(),
        1,
        "the order itself is still read"
    );
}

#[tokio::test]
async fn a_closed_or_foreign_store_is_refused_in_words() {
    for (plan, word) in [
        (ShopPlan { closed_with: Some(402), ..ShopPlan::harbour_goods() }, "unpaid"),
        (ShopPlan { closed_with: Some(423), ..ShopPlan::harbour_goods() }, "locked"),
        (ShopPlan { installed: false, ..ShopPlan::harbour_goods() }, "not installed"),
    ] {
        let preflight = quiet_with(plan).open().preflight().await;
        assert!(!preflight.can_connect());
        assert!(preflight.checks[0].detail.contains(word), "{word}: {}", preflight.checks[0].detail);
    }
}

/// Missing permission to see the work: orders are read all the same, and a parcel says which permission is missing.
#[tokio::test]
async fn trap_10_without_the_work_permission_orders_are_still_read() {
    let plan = ShopPlan::harbour_goods()
        .without("read_merchant_managed_fulfillment_orders")
        .without("write_merchant_managed_fulfillment_orders")
        .without("read_third_party_fulfillment_orders")
        .without("write_third_party_fulfillment_orders");
    let world = quiet_with(plan);
    let preflight = world.open().preflight().await;
    common::names_what_it_disables(&preflight);
    let id = place(&world, &[("Mug", 1)]);
    world.clock.advance(HOUR_MS);
    assert_eq!(read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await.len(), 1);
    assert!(read_to_end(&world, "fulfillment_orders", &mut None, NOW_MS - DAY_MS).await.is_empty());
    let lines = lines_of(&world, &id);
    let Outcome::Person(refusal) = run(&world, &fulfill(&id, &lines, "1Z1"), HOUR_MS, None).await else { panic!() };
    assert_eq!(refusal.cause, Cause::ScopeMissing);
}

/// 300 orders on the smallest plan: the point budget is used, never overdrawn.
#[tokio::test]
async fn an_import_stays_within_the_point_budget() {
    let mut plan = SandboxPlan::quiet(3, NOW_MS - 10 * DAY_MS);
    plan.stores.truncate(1);
    plan.hub = None;
    let mut sandbox = Sandbox::new(plan);
    sandbox.advance(NOW_MS - HOUR_MS);
    let world = World::new(sandbox, STORE);
    for n in 0..300 {
        place(&world, &[("Mug", 1 + n % 3), ("Plate", 1)]);
    }
    let started_ms = world.clock.now_ms();
    let found = read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await;
    assert_eq!(ids(&found).len(), 300);
    let took_s = (world.clock.now_ms() - started_ms) / 1000;
    assert!(took_s < 1_200, "{took_s} s for 300 orders");
    eprintln!("300 orders in {took_s} s of virtual time, {} exchanges", world.exchanges());
}
