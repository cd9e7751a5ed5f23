//! Reading: to the end, whatever happens; and what an order says in our words.

use super::common::{World, check_stream, read_to_end};
use super::*;
use quayside_model::{Clock, Delivery, Payment};
use quayside_sandbox::merchant::shop::Shop;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn ids(found: &[Incoming]) -> BTreeSet<String> {
    found.iter().map(|incoming| incoming.record.remote_id().to_owned()).collect()
}

fn all_ids(world: &World) -> BTreeSet<String> {
    staff(world, |store, _| store.orders().into_iter().collect())
}

fn some_orders(make: fn() -> World) -> World {
    let world = make();
    for n in 0..9 {
        place(&world, &[("MUG", 1 + n % 3), ("PLATE", 1)]);
    }
    staff(&world, |store, moment| store.ship_all(101, "ups", "1Z1", moment));
    world
}

#[tokio::test]
async fn orders_are_read_to_the_end_whatever_happens() {
    let check = |world: &World, found: &[Incoming]| assert_eq!(ids(found), all_ids(world));
    check_stream(|| some_orders(quiet), "orders", NOW_MS - DAY_MS, check).await;
    check_stream(|| some_orders(otherwise), "orders", NOW_MS - DAY_MS, check).await;
}

/// More orders than a page, many changed within one second, on both sides of the undocumented bound.
#[tokio::test]
async fn pages_are_re_anchored_without_losing_a_row() {
    // A store that includes lines without sizes costs a call per order; one that includes them whole, a few in all.
    for (make, most) in [(quiet as fn() -> World, 20), (otherwise, 660)] {
        let world = make();
        for n in 0..640_i64 {
            // Groups of 130 share one second.
            if n % 130 == 0 {
                world.clock.advance(7_000);
                let now_ms = world.clock.now_ms();
                world.sandbox.lock().unwrap().advance(now_ms);
            }
            place(&world, &[("MUG", 1)]);
        }
        world.clock.advance(60_000);
        let before = world.exchanges();
        let found = read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await;
        assert_eq!(ids(&found), all_ids(&world));
        assert_eq!(found.len(), 640, "no order is read twice in one scan");
        let calls = world.exchanges() - before;
        assert!(calls < most, "{calls} calls for 640 orders");
    }
}

/// A living merchant for two days: what was read last is what is true.
#[tokio::test]
async fn what_was_read_last_is_what_is_true() {
    let mut plan = SandboxPlan::new(11, NOW_MS - DAY_MS);
    plan.stores = vec![];
    plan.hub = None;
    plan.volume = quayside_sandbox::Volume::Total(0);
    plan.extras = quayside_sandbox::extras_of(&["bigcommerce"]);
    plan.extra_volume = quayside_sandbox::Volume::PerDay(60.0);
    plan.trouble = 0.3;
    plan.latency_ms = (1, 5);
    let world = World::new(Sandbox::new(plan), STORE);
    let mut latest: BTreeMap<String, Order> = BTreeMap::new();
    let mut cursor = None;
    for hour in 0..25 {
        for incoming in read_to_end(&world, "orders", &mut cursor, NOW_MS - 2 * DAY_MS).await {
            if let Record::Order(order) = incoming.record {
                latest.insert(order.remote_id.clone(), order);
            }
        }
        // Nothing happens any more in the last look: the clock stands still while it is read.
        if hour < 24 {
            world.clock.advance(HOUR_MS);
        }
    }
    assert!(latest.len() > 30, "{}", latest.len());
    assert_eq!(latest.keys().cloned().collect::<BTreeSet<_>>(), all_ids(&world));
    let views: Vec<_> = staff(&world, |store, _| store.orders().iter().filter_map(|id| store.order(id)).collect());
    for view in views {
        let read = &latest[&view.id];
        assert_eq!(read.is_cancelled(), view.cancelled, "{}", view.id);
        let shipped: i64 = view.shipments.iter().flat_map(|one| one.units.values()).sum();
        let told: i64 = read.fulfillments.iter().flat_map(|f| &f.lines).map(|line| line.quantity).sum();
        assert_eq!(told, shipped, "{}", view.id);
        for line in &view.lines {
            let known = read.lines.iter().find(|known| known.remote_id == line.id).unwrap();
            assert_eq!(known.current_quantity, line.units, "{} {}", view.id, known.name);
        }
    }
}

#[tokio::test]
async fn an_order_in_our_words() {
    let world = quiet();
    let mut engraved = LineDraft::of("MUG", 1_999, 2);
    engraved.choices = vec![
        ("Colour".into(), "Blue".into(), "Swatch".into()),
        ("Engraving".into(), "Käpt'n Anna ⚓".into(), "Text field".into()),
        ("Logo".into(), r#"{"originalName":"anchor.png","temporaryPath":"x/y"}"#.into(), "File Upload".into()),
    ];
    engraved.wrapping = Some(("Blue paper".into(), 150, "Für dich".into()));
    engraved.discount_minor = 100;
    let mut part = LineDraft::of("LID", 500, 2);
    part.parent = Some(0);
    let download = LineDraft { kind: "digital".into(), ..LineDraft::of("MANUAL", 300, 1) };
    let card = LineDraft { kind: "giftcertificate".into(), ..LineDraft::of("GIFT", 2_500, 1) };
    let mut buyer = address("Austin");
    buyer.form_fields = vec![("Gate code".into(), "4711".into()), ("Days".into(), serde_json::json!(["Mon", "Tue"]))];
    let id = place_draft(
        &world,
        OrderDraft {
            ship_to: vec![(buyer, "Express 24 h".into(), 990)],
            message: Some("ring twice".into()),
            staff_notes: Some("good customer".into()),
            channel: Some(667_159),
            coupon_minor: 250,
            customer: 77,
            ..draft(vec![engraved, part, download, card])
        },
    );
    let order = read_order(&world, &id).await;
    assert_eq!(
        (order.number.as_str(), order.remote_id.as_str(), order.currency.0.as_str()),
        (id.as_str(), id.as_str(), "USD")
    );
    assert_eq!((order.payment.clone(), order.delivery.clone()), (Payment::Paid, Delivery::Shipping));
    assert_eq!((order.note.as_str(), order.gift_message.as_str()), ("ring twice", "Für dich"));
    let mug = &order.lines[0];
    assert_eq!(
        (mug.sku.as_str(), mug.quantity, mug.unit_price_minor, mug.discounted_unit_price_minor),
        ("MUG", 2, 1_999, 1_949)
    );
    // 12 ounces.
    assert!((mug.weight_g.unwrap() - 340.194_277_5).abs() < 0.001, "{:?}", mug.weight_g);
    let options: Vec<(&str, &str)> = mug.options.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        options,
        [
            ("Colour", "Blue"),
            ("Engraving", "Käpt'n Anna ⚓"),
            ("Logo", "anchor.png"),
            ("Gift wrap", "Blue paper"),
            ("Gift message", "Für dich")
        ]
    );
    let physical: Vec<bool> = order.lines.iter().map(|line| line.requires_shipping).collect();
    assert_eq!(physical, [true, true, false, false]);
    assert!(order.lines[3].gift_card);
    // The part of a bundle is packed and not billed again.
    assert_eq!((order.lines[1].unit_price_minor, order.lines[1].tax_minor), (0, 0));
    assert_eq!(order.discount_minor, 350);
    assert_eq!(order.shipping_minor, 990);
    assert_eq!(order.shipping.as_ref().map(|choice| choice.title.as_str()), Some("Express 24 h"));
    let ship_to = order.ship_to.as_ref().unwrap();
    assert_eq!((ship_to.name.as_str(), ship_to.region.as_str(), ship_to.country.as_str()), ("Søren Groß", "TX", "US"));
    let attribute =
        |name: &str| order.attributes.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str());
    for (name, text) in [
        ("channel", "Harbour Depot Outlet"),
        ("channel_id", "667159"),
        ("staff_notes", "good customer"),
        ("Gate code", "4711"),
        ("Days", "Mon, Tue"),
        ("status", "Awaiting Fulfillment"),
    ] {
        assert_eq!(attribute(name), Some(text), "{name}");
    }
    assert_eq!(order.customer.as_ref().and_then(|customer| customer.remote_id.as_deref()), Some("77"));
    assert!(order.admin_url.as_deref().unwrap().ends_with(&format!("/manage/orders/{id}")));
    assert_eq!(order.fulfillment_orders.len(), 1);
    assert!(order.fulfillment_orders[0].can_fulfill);
}

/// Nothing is shipped to the wrong door: several ship-to addresses hold the order, with the reason, and give it no address.
#[tokio::test]
async fn an_order_with_several_addresses_is_held_with_the_reason() {
    let world = quiet();
    let id = place_draft(&world, effects::two_doors());
    let order = read_order(&world, &id).await;
    assert_eq!(order.ship_to, None);
    assert_eq!(order.fulfillment_orders.len(), 2);
    for work in &order.fulfillment_orders {
        assert_eq!((work.status.as_str(), work.can_fulfill, work.lines.len()), ("on_hold", false, 1));
        assert!(work.holds[0].reason.contains("2 addresses"), "{}", work.holds[0].reason);
    }
    let places: Vec<&str> = order.fulfillment_orders.iter().map(|work| work.location_name.as_str()).collect();
    assert_eq!(places, ["78701 Austin", "78701 Dallas"]);
    // Once the goods of one door are given back, the other is the order's address.
    let line = lines_of(&world, &id)[0].0.parse().unwrap();
    staff(&world, |store, moment| assert!(store.refund_units(id.parse().unwrap(), line, 2, moment)));
    let order = read_order(&world, &id).await;
    assert_eq!(order.ship_to.map(|to| to.city), Some("Dallas".into()));
    assert!(order.fulfillment_orders.iter().all(|work| work.holds.is_empty()));
}

#[tokio::test]
async fn statuses_say_what_they_mean_for_shipping() {
    let world = quiet();
    for (status, payment, delivery, held, cancelled, done) in [
        (7, Payment::Pending, Delivery::Shipping, false, false, false),
        (9, Payment::Paid, Delivery::Shipping, false, false, false),
        (12, Payment::Paid, Delivery::Shipping, true, false, false),
        (13, Payment::Paid, Delivery::Shipping, true, false, false),
        (8, Payment::Paid, Delivery::Pickup, false, false, false),
        (5, Payment::Pending, Delivery::Shipping, false, true, false),
        (6, Payment::Pending, Delivery::Shipping, false, true, false),
        (2, Payment::Paid, Delivery::Shipping, false, false, true),
        (10, Payment::Paid, Delivery::Shipping, false, false, true),
    ] {
        let id =
            place_draft(&world, OrderDraft { status: Some(status), ..draft(vec![LineDraft::of("MUG", 1_500, 1)]) });
        let order = read_order(&world, &id).await;
        assert_eq!((&order.payment, &order.delivery), (&payment, &delivery), "status {status}");
        assert_eq!(order.fulfillment_orders.iter().any(|work| !work.holds.is_empty()), held, "status {status}");
        assert_eq!(order.is_cancelled(), cancelled, "status {status}");
        assert_eq!(order.is_fulfilled(), done, "status {status}");
    }
}

#[tokio::test]
async fn pickup_and_digital_orders_need_no_carrier() {
    let world = quiet();
    let fetched = place_draft(
        &world,
        OrderDraft { status: Some(8), ..draft(vec![LineDraft { pickup: true, ..LineDraft::of("MUG", 1_500, 1) }]) },
    );
    assert_eq!(read_order(&world, &fetched).await.delivery, Delivery::Pickup);
    let digital = place_draft(
        &world,
        OrderDraft {
            ship_to: vec![],
            ..draft(vec![LineDraft { kind: "digital".into(), ..LineDraft::of("PDF", 1_500, 1) }])
        },
    );
    let order = read_order(&world, &digital).await;
    assert_eq!((order.delivery.clone(), order.ship_to, order.fulfillment_orders.len()), (Delivery::None, None, 0));
}

#[tokio::test]
async fn only_the_chosen_storefronts_are_read() {
    let world = quiet();
    for channel in [1, 667_159, 667_160] {
        place_draft(&world, OrderDraft { channel: Some(channel), ..draft(vec![LineDraft::of("MUG", 1_500, 1)]) });
    }
    world.choose("channels", "1, 667160");
    let found = read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await;
    assert_eq!(ids(&found), ["101", "103"].map(str::to_owned).into());
}

/// The sweep finds what no time betrays: a store whose shipments do not move the order's own time.
#[tokio::test]
async fn the_nightly_sweep_sees_what_moves_no_time() {
    let world = otherwise();
    let id = place(&world, &[("MUG", 2)]);
    let mut cursor = None;
    read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await;
    world.clock.advance(HOUR_MS);
    world.sandbox.lock().unwrap().advance(world.clock.now_ms());
    staff(&world, |store, moment| store.ship_all(id.parse().unwrap(), "ups", "1Z1", moment));
    let mut sweep = None;
    let found = read_to_end(&world, "open_orders", &mut sweep, NOW_MS - DAY_MS).await;
    let Record::Order(order) = &found[0].record else { panic!() };
    assert_eq!((order.remote_id.as_str(), order.fulfillments.len()), (id.as_str(), 1));
}
