//! The BigCommerce connector against an honest store: everything read, every change applied once.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "bigcommerce_sandbox/customers.rs"]
mod customers;
#[path = "bigcommerce_sandbox/effects.rs"]
mod effects;
#[path = "bigcommerce_sandbox/goods.rs"]
mod goods;
#[path = "bigcommerce_sandbox/reading.rs"]
mod reading;
#[path = "bigcommerce_sandbox/schemas.rs"]
mod schemas;
#[path = "bigcommerce_sandbox/traps.rs"]
mod traps;

mod common;

use common::{NOW_MS, World};
use quayside_connectors::{Priority, ReadError};
use quayside_model::{FulfillmentDraft, FulfillmentLine, Incoming, Intent, Order, Record, RecordKind, Tracking};
use quayside_sandbox::bigcommerce::state::Address;
use quayside_sandbox::bigcommerce::{BigCommerce, BigPlan, Habits, LineDraft, OrderDraft};
use quayside_sandbox::ledger::By;
use quayside_sandbox::{Entry, Ledger, Moment, Sandbox, SandboxPlan};
use std::any::Any;

const STORE: &str = "harbour-depot";
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn quiet_with(plan: BigPlan) -> World {
    let mut sandbox = SandboxPlan::quiet(7, NOW_MS - 10 * DAY_MS);
    sandbox.stores = vec![];
    sandbox.hub = None;
    let mut sandbox = Sandbox::new(sandbox);
    sandbox.shops.push(Box::new(BigCommerce::new(plan)));
    sandbox.advance(NOW_MS - HOUR_MS);
    World::new(sandbox, STORE)
}

fn quiet() -> World {
    quiet_with(BigPlan::harbour_depot())
}

/// A store that falls on the other side wherever the documentation leaves something open.
fn otherwise() -> World {
    quiet_with(BigPlan { habits: Habits::other(), ..BigPlan::harbour_depot() })
}

/// What somebody does in the store at the world's moment.
fn staff<R>(world: &World, act: impl FnOnce(&mut BigCommerce, &mut Moment<'_>) -> R) -> R {
    let mut sandbox = world.sandbox.lock().unwrap();
    sandbox.scene(|scene| {
        let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
        let any: &mut dyn Any = scene.shops[0].as_mut();
        act(any.downcast_mut::<BigCommerce>().unwrap(), &mut moment)
    })
}

fn address(city: &str) -> Address {
    let text = |text: &str| text.to_owned();
    Address {
        first_name: text("Søren"),
        last_name: text("Groß"),
        street_1: text("3 Harbour Road"),
        city: text(city),
        state: text("Texas"),
        zip: text("78701"),
        country: text("United States"),
        country_iso2: text("US"),
        phone: text("+1 512 555 0100"),
        email: text("soren@example.org"),
        ..Address::default()
    }
}

fn draft(lines: Vec<LineDraft>) -> OrderDraft {
    OrderDraft { lines, ship_to: vec![(address("Austin"), "Ground".into(), 750)], ..OrderDraft::default() }
}

/// Places an order of these SKUs (with units). Gives its id.
fn place(world: &World, lines: &[(&str, i64)]) -> String {
    place_draft(world, draft(lines.iter().map(|(sku, units)| LineDraft::of(sku, 1_500, *units)).collect()))
}

fn place_draft(world: &World, draft: OrderDraft) -> String {
    staff(world, |store, moment| store.buy(draft, moment).to_string())
}

/// Line ids and units of an order, straight from the store.
fn lines_of(world: &World, order: &str) -> Vec<(String, i64)> {
    staff(world, |store, _| {
        store.state.orders[&order.parse().unwrap()]
            .lines
            .iter()
            .map(|line| (line.id.to_string(), line.quantity))
            .collect()
    })
}

/// The id under which the goods of an order's second address are known.
fn second_part(world: &World, order: &str) -> String {
    let address = staff(world, |store, _| store.state.orders[&order.parse().unwrap()].addresses[1].id);
    format!("{order}:{address}")
}

fn status_of(world: &World, order: &str) -> i64 {
    staff(world, |store, _| store.state.orders[&order.parse().unwrap()].status)
}

/// One order, as the connector reads it.
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

fn tracking(number: &str) -> Tracking {
    Tracking {
        carrier_code: "ups".into(),
        carrier_name: "UPS".into(),
        numbers: vec![number.into()],
        urls: vec![format!("https://www.ups.com/track?tracknum={number}")],
    }
}

fn fulfill(order: &str, lines: &[(String, i64)], number: &str) -> Intent {
    let lines = lines.iter().map(|(id, quantity)| FulfillmentLine { order_line_id: id.clone(), quantity: *quantity });
    Intent::Fulfill {
        fulfillment: FulfillmentDraft {
            order_remote_id: order.into(),
            parcel_ids: vec!["label:1".into()],
            lines: lines.collect(),
            tracking: tracking(number),
            notify_customer: true,
            shipped_at_ms: Some(NOW_MS),
            known_fulfillment_ids: vec![],
            expected: None,
        },
    }
}

fn cancel(order: &str, refund: bool) -> Intent {
    Intent::CancelChannelOrder {
        order_remote_id: order.into(),
        reason: "inventory".into(),
        restock: true,
        refund,
        notify_customer: true,
        staff_note: "sold out".into(),
    }
}

fn by_client<'a>(ledger: &'a Ledger, effect: &'a str) -> impl Iterator<Item = &'a Entry> {
    ledger.of(effect).filter(|entry| entry.by == By::Client)
}
