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

/// A mug of 15.00 with 8.25 % tax.
const MUG_WITH_TAX_MINOR: i64 = 1_624;

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

/// Nothing is shipped to the wrong door: each address of an order is an order of its own, and together they are the
/// store's to the cent.
#[tokio::test]
async fn an_order_with_several_addresses_is_one_order_per_address() {
    for make in [quiet as fn() -> World, otherwise] {
        let world = make();
        let mut bought = effects::two_doors();
        bought.coupon_minor = 250;
        bought.lines[0].wrapping = Some(("Blue paper".into(), 150, "Für dich".into()));
        bought.lines.push(LineDraft { kind: "digital".into(), ..LineDraft::of("MANUAL", 300, 1) });
        bought.ship_to[1].0.form_fields = vec![("Gate code".into(), "4711".into())];
        let id = place_draft(&world, bought);
        let second = second_part(&world, &id);
        let found = read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await;
        assert_eq!(ids(&found), [id.clone(), second.clone()].into());
        let parts: Vec<Order> = [&id, &second]
            .iter()
            .filter_map(|id| found.iter().find(|one| one.record.remote_id() == **id))
            .map(|one| match &one.record {
                Record::Order(order) => order.clone(),
                other => panic!("{other:?}"),
            })
            .collect();
        let told = |of: fn(&Order) -> &str| parts.iter().map(of).collect::<Vec<_>>();
        assert_eq!(told(|o| &o.number), [id.clone(), format!("{id}-2")]);
        assert_eq!(told(|o| &o.ship_to.as_ref().unwrap().city), ["Austin", "Dallas"]);
        assert_eq!(told(|o| &o.shipping.as_ref().unwrap().title), ["Ground", "Express"]);
        assert_eq!(told(|o| &o.gift_message), ["Für dich", ""]);
        let skus: Vec<Vec<&str>> =
            parts.iter().map(|order| order.lines.iter().map(|line| line.sku.as_str()).collect()).collect();
        assert_eq!(skus, [vec!["MUG", "MANUAL"], vec!["PLATE"]]);
        for (part, which) in parts.iter().zip(["1 of 2", "2 of 2"]) {
            let work = &part.fulfillment_orders;
            assert_eq!((work.len(), work[0].status.as_str(), work[0].holds.len()), (1, "open", 0));
            assert!(part.attributes.contains(&("part_of".into(), id.clone())), "{:?}", part.attributes);
            assert!(part.attributes.contains(&("part".into(), which.into())), "{:?}", part.attributes);
            assert_eq!(part.attributes.iter().any(|(name, _)| name == "Gate code"), which == "2 of 2");
        }
        // The money: what the store says of the whole, by its own words.
        let whole = staff(&world, |store, _| {
            let plan = store.plan.clone();
            let tax = |minor: i64| plan.split(minor).1;
            let goods = 2 * tax(1_500) + tax(900) + tax(300);
            let (shipping, wrap) = (tax(750) + tax(1_500), 2 * tax(150));
            (goods + shipping + wrap - 250, tax(900) + tax(1_500))
        });
        let sum = |of: fn(&Order) -> i64| parts.iter().map(of).sum::<i64>();
        assert_eq!((sum(|o| o.total_minor), parts[1].total_minor), whole);
        assert_eq!(sum(|o| o.current_total_minor), whole.0);
        assert_eq!(sum(|o| o.subtotal_minor), 2 * 1_500 + 900 + 300);
        assert_eq!(parts.iter().map(|o| o.shipping_minor).collect::<Vec<_>>(), [750, 1_500]);
        assert_eq!(parts.iter().map(|o| o.discount_minor).collect::<Vec<_>>(), [250, 0], "with the first part");
        // Each is read by its id too.
        assert_eq!(read_order(&world, &second).await, parts[1]);
        assert_eq!(read_order(&world, &id).await, parts[0]);
    }
}

/// Whatever is given back, cancelled or taken out by hand: ids stay, and every part hears of it.
#[tokio::test]
async fn the_parts_of_an_order_keep_their_ids() {
    let world = quiet();
    let id = place_draft(&world, effects::two_doors());
    let number: i64 = id.parse().unwrap();
    let second = second_part(&world, &id);
    let mut cursor = None;
    read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await;
    let later = |world: &World| {
        world.clock.advance(HOUR_MS);
        world.sandbox.lock().unwrap().advance(world.clock.now_ms());
    };
    // All goods of the first door are given back.
    later(&world);
    let line = lines_of(&world, &id)[0].0.parse().unwrap();
    staff(&world, |store, moment| assert!(store.refund_units(number, line, 2, moment)));
    let (first, other) = (read_order(&world, &id).await, read_order(&world, &second).await);
    assert_eq!((first.units_to_ship(), other.units_to_ship()), (0, 1));
    assert_eq!((first.ship_to.unwrap().city, other.ship_to.unwrap().city), ("Austin".into(), "Dallas".into()));
    let back = first.total_minor - first.current_total_minor;
    assert_eq!((back, other.total_minor), (2 * MUG_WITH_TAX_MINOR, other.current_total_minor));
    // Somebody takes the second door's goods out of the order in the control panel.
    later(&world);
    let taken = staff(&world, |store, moment| {
        let order = store.state.orders.get_mut(&number).unwrap();
        order.status = 11;
        let taken = order.lines.pop().unwrap();
        store.state.touch(number, moment.now_ms);
        taken
    });
    for gone in [
        read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await.into_iter().find_map(|one| {
            match one.record {
                Record::Order(order) if order.remote_id == second => Some(order),
                _ => None,
            }
        }),
        Some(read_order(&world, &second).await),
    ] {
        let gone = gone.expect("it is told");
        assert!(gone.is_cancelled() && gone.lines.is_empty() && gone.total_minor == 0, "{gone:?}");
        assert!(gone.cancel_reason.unwrap().contains(&id));
    }
    // Put back, and the whole order called off: both parts are.
    later(&world);
    staff(&world, |store, moment| {
        store.state.orders.get_mut(&number).unwrap().lines.push(taken);
        assert!(store.call_off(number, moment));
    });
    let found = read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await;
    assert_eq!(ids(&found), [id, second].into());
    for one in &found {
        let Record::Order(order) = &one.record else { panic!() };
        assert!(order.is_cancelled(), "{}", order.number);
    }
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
