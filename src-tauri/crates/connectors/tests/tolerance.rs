//! What no list may stop at, for every stream of every platform in the same words: a field that changes its type, a
//! record that is none, a word nobody has heard of. The other records of the page are read; the odd one is read, or
//! told, and a later good reading takes back what was told.
//!
//! The answers are the stand-ins' own, with one record changed on the way ([`tamper`]). A stream is one row of
//! [`HOUSES`]; one that a platform declares and that has no row fails a test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
#[path = "common/tamper.rs"]
mod tamper;

use common::{NOW_MS, World};
use quayside_connectors::{Ask, Priority, ReadError, Setup, Task};
use quayside_model::{
    Address, Currency, FulfillmentDraft, FulfillmentLine, HubLineDraft, HubOrderDraft, Incoming, Intent, Record,
    RecordKind, Tracking, Unreadable, Verdict,
};
use quayside_sandbox::amazon::Amazon;
use quayside_sandbox::bigcommerce::BigCommerce;
use quayside_sandbox::bigcommerce::state::{Customer, Product, Variant};
use quayside_sandbox::ledger::By;
use quayside_sandbox::merchant::shop::{Place, Purchase, PurchaseLine};
use quayside_sandbox::orderez::Orderez;
use quayside_sandbox::shipstation::ShipStationPlan;
use quayside_sandbox::shipstation::state::Pen;
use quayside_sandbox::shipstation::state::labels::Purchase as LabelPurchase;
use quayside_sandbox::shopify::{LineDraft, OrderDraft, ShopPlan};
use quayside_sandbox::{Moment, Sandbox, SandboxPlan, extras_of};
use serde_json::{Value, json};
use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use tamper::{Change, Tamper, each_record, places};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// How a stream is looked into.
struct House {
    /// Its name here.
    name: &'static str,
    platform: &'static str,
    /// The stream that lists the records.
    stream: &'static str,
    /// A world with three records, and their ids as the wire has them.
    make: fn() -> (World, Vec<String>),
    /// Member of a record that holds its id.
    key: &'static str,
    /// Member only the record itself has; with a `!` in front, one that it has not and its namesakes have.
    mark: &'static str,
    /// Words of open lists: any other survives.
    words: &'static [&'static str],
    /// Places whose loss takes the record out of the list without a word, each for the reason beside it.
    silent: &'static [&'static str],
    /// An entry that is null is skipped without a word.
    nulls_are_skipped: bool,
    /// So is one of which nothing is left: a line without a letter is no row.
    blanks_are_skipped: bool,
    /// How far the stream was read before.
    cursor: fn() -> Option<Value>,
    /// Times it is looked at, five minutes apart: reports are made in the platform's own time.
    looks: usize,
    /// It brings no records of its own: only that it goes on can be seen.
    without_records: bool,
}

const HOUSE: House = House {
    name: "",
    platform: "",
    stream: "orders",
    make: || unreachable!("every row makes its own"),
    key: "id",
    mark: "",
    words: &[],
    silent: &[],
    nulls_are_skipped: false,
    blanks_are_skipped: false,
    cursor: || None,
    looks: 1,
    without_records: false,
};

const SHOPIFY: House = House {
    platform: "shopify",
    make: shopify,
    mark: "lineItems",
    words: &["/displayFinancialStatus", "/displayFulfillmentStatus"],
    // A node that is null was deleted since the list was made.
    nulls_are_skipped: true,
    ..HOUSE
};

const BIGCOMMERCE: House = House {
    platform: "bigcommerce",
    make: || shop("bigcommerce"),
    mark: "order_source",
    words: &["/payment_status", "/order_source", "/status", "/custom_status"],
    ..HOUSE
};

const AMAZON: House = House {
    platform: "amazon",
    make: || shop("amazon"),
    key: "orderId",
    mark: "orderItems",
    words: &["/fulfillment/fulfillmentStatus", "/fulfillment/fulfillmentServiceLevel", "/salesChannel/channelName"],
    ..HOUSE
};

const SALESFORCE: House = House {
    platform: "salesforce",
    make: || shop("salesforce"),
    key: "Id",
    mark: "OpportunityLineItems",
    words: &["/StageName"],
    ..HOUSE
};

const SHIPSTATION: House = House {
    platform: "shipstation",
    // Lists hold empty places; a trap of the platform.
    nulls_are_skipped: true,
    ..HOUSE
};

const ORDEREZ: House = House { platform: "orderez", make: || orderez(false), ..HOUSE };

const HOUSES: &[House] = &[
    House { name: "shopify_orders", ..SHOPIFY },
    House { name: "shopify_open_orders", stream: "open_orders", ..SHOPIFY },
    House {
        name: "shopify_fulfillment_orders",
        stream: "fulfillment_orders",
        cursor: || Some(json!({ "watermark_ms": NOW_MS - DAY_MS })),
        ..SHOPIFY
    },
    // The light lists in front of the orders: a row that names no order is told.
    House { name: "shopify_order_rows", mark: "!lineItems", words: &["/displayFulfillmentStatus"], ..SHOPIFY },
    House {
        name: "shopify_fulfillment_order_rows",
        stream: "fulfillment_orders",
        make: shopify_work,
        mark: "orderId",
        words: &[],
        cursor: || Some(json!({ "watermark_ms": NOW_MS - DAY_MS })),
        ..SHOPIFY
    },
    House { name: "shopify_stock", stream: "stock", make: shopify_stock, mark: "quantities", words: &[], ..SHOPIFY },
    House {
        name: "shopify_products",
        stream: "products",
        make: shopify_products,
        mark: "barcode",
        words: &["/product/status"],
        ..SHOPIFY
    },
    House {
        name: "shopify_returns",
        stream: "returns",
        make: shopify_returns,
        mark: "returnLineItems",
        words: &["/status"],
        ..SHOPIFY
    },
    House { name: "bigcommerce_orders", ..BIGCOMMERCE },
    House { name: "bigcommerce_open_orders", stream: "open_orders", ..BIGCOMMERCE },
    // Whoever bought: an odd customer takes no order out of the list.
    House {
        name: "bigcommerce_customers",
        make: bigcommerce_buyers,
        mark: "customer_group_id",
        words: &[],
        ..BIGCOMMERCE
    },
    House {
        name: "bigcommerce_products",
        stream: "products",
        make: || bigcommerce_goods(|product| product.id.to_string()),
        mark: "variants",
        words: &["/type", "/availability"],
        ..BIGCOMMERCE
    },
    House {
        name: "bigcommerce_stock",
        stream: "stock",
        make: || bigcommerce_goods(|product| product.variants[0].id.to_string()),
        key: "identity/variant_id",
        mark: "locations",
        words: &[],
        ..BIGCOMMERCE
    },
    House { name: "amazon_orders", ..AMAZON },
    House { name: "amazon_open_orders", stream: "open_orders", ..AMAZON },
    House {
        name: "amazon_returns",
        stream: "returns",
        make: amazon_returns,
        key: "Order ID",
        mark: "Amazon RMA ID",
        words: &["/Return request status", "/Return Reason"],
        nulls_are_skipped: true,
        blanks_are_skipped: true,
        looks: 4,
        ..AMAZON
    },
    House {
        name: "amazon_products",
        stream: "products",
        make: amazon_products,
        key: "seller-sku",
        mark: "listing-id",
        words: &["/status", "/fulfillment-channel"],
        nulls_are_skipped: true,
        blanks_are_skipped: true,
        looks: 4,
        ..AMAZON
    },
    House {
        name: "amazon_stock",
        stream: "stock",
        make: amazon_products,
        key: "seller-sku",
        mark: "listing-id",
        words: &["/status"],
        nulls_are_skipped: true,
        blanks_are_skipped: true,
        looks: 4,
        ..AMAZON
    },
    House { name: "salesforce_orders", ..SALESFORCE },
    House { name: "salesforce_recent_orders", stream: "recent_orders", ..SALESFORCE },
    House {
        name: "salesforce_parcels",
        stream: "parcels",
        make: salesforce_parcels,
        mark: "WhatId",
        words: &[],
        // A task that is about nothing yet is nobody's parcel.
        silent: &["/WhatId"],
        cursor: || Some(json!({ "at_ms": NOW_MS - DAY_MS })),
        ..SALESFORCE
    },
    House {
        name: "salesforce_fields",
        stream: "fields",
        make: || (shop("salesforce").0, vec!["StageName".into()]),
        key: "name",
        mark: "createable",
        words: &[],
        without_records: true,
        ..SALESFORCE
    },
    House {
        name: "shipstation_v1_orders",
        make: || hub(shipstation(true), "harbour-shipping"),
        key: "orderId",
        mark: "orderKey",
        words: &["/orderStatus"],
        ..SHIPSTATION
    },
    House {
        name: "shipstation_v1_shipments",
        stream: "shipments",
        make: || packed(true, Left::Label),
        key: "shipmentId",
        mark: "trackingNumber",
        words: &["/carrierCode", "/serviceCode"],
        ..SHIPSTATION
    },
    House {
        name: "shipstation_v1_voids",
        stream: "voids",
        make: || packed(true, Left::Voided),
        key: "shipmentId",
        mark: "trackingNumber",
        words: &["/carrierCode"],
        ..SHIPSTATION
    },
    House {
        name: "shipstation_v1_fulfillments",
        stream: "fulfillments",
        make: || packed(true, Left::Marked),
        key: "fulfillmentId",
        mark: "trackingNumber",
        words: &["/carrierCode"],
        ..SHIPSTATION
    },
    House {
        name: "shipstation_v2_orders",
        make: || {
            let (world, ids) = hub(shipstation(false), "harbour-shipping");
            (world, ids.iter().map(|id| format!("se-{id}")).collect())
        },
        key: "shipment_id",
        mark: "shipment_status",
        words: &["/shipment_status"],
        ..SHIPSTATION
    },
    House {
        name: "shipstation_v2_shipments",
        stream: "shipments",
        make: || packed(false, Left::Label),
        key: "label_id",
        mark: "tracking_number",
        words: &["/status", "/carrier_code", "/tracking_status"],
        ..SHIPSTATION
    },
    House {
        name: "shipstation_v2_tracking",
        stream: "tracking",
        make: || packed(false, Left::Label),
        key: "label_id",
        mark: "tracking_status",
        words: &["/tracking_status", "/carrier_code"],
        ..SHIPSTATION
    },
    House {
        name: "shipstation_v2_voids",
        stream: "voids",
        make: || packed(false, Left::Voided),
        key: "label_id",
        mark: "tracking_number",
        words: &["/status", "/carrier_code"],
        ..SHIPSTATION
    },
    House {
        name: "shipstation_v2_fulfillments",
        stream: "fulfillments",
        make: || packed(false, Left::Marked),
        key: "fulfillment_id",
        mark: "tracking_number",
        words: &["/fulfillment_carrier_friendly_name"],
        ..SHIPSTATION
    },
    House {
        name: "shipstation_v1_products",
        stream: "products",
        make: || goods(true),
        key: "productId",
        mark: "modifyDate",
        ..SHIPSTATION
    },
    House {
        name: "shipstation_v2_products",
        stream: "products",
        make: || goods(false),
        key: "product_id",
        mark: "modify_date",
        ..SHIPSTATION
    },
    House { name: "shipstation_v2_stock", stream: "stock", make: shelves, key: "sku", mark: "on_hand", ..SHIPSTATION },
    House { name: "orderez_orders", mark: "external_refs", words: &["/status", "/payment_status"], ..ORDEREZ },
    House {
        name: "orderez_fulfillments",
        stream: "fulfillments",
        make: || orderez(true),
        mark: "tracking",
        words: &["/status"],
        ..ORDEREZ
    },
    House { name: "orderez_products", stream: "products", make: articles, mark: "title", ..ORDEREZ },
    House { name: "orderez_stock", stream: "stock", make: counted, key: "sku", mark: "on_hand", ..ORDEREZ },
];

fn quiet(change: impl FnOnce(&mut SandboxPlan)) -> Sandbox {
    let mut plan = SandboxPlan::quiet(7, NOW_MS - 10 * DAY_MS);
    (plan.stores, plan.hub) = (vec![], None);
    change(&mut plan);
    let mut sandbox = Sandbox::new(plan);
    sandbox.advance(NOW_MS - HOUR_MS);
    sandbox
}

fn shopify() -> (World, Vec<String>) {
    let mut sandbox = quiet(|plan| plan.stores = vec![ShopPlan::harbour_goods()]);
    let ids = sandbox.scene(|scene| {
        let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
        let lines = || vec![LineDraft::custom("Mug", 1_850, 2), LineDraft::custom("Plate", 900, 1)];
        let mut place = || {
            let draft = OrderDraft {
                ship_to: Some(quayside_sandbox::shopify::state::Address {
                    first_name: "Ada".into(),
                    address1: "1 Quay St".into(),
                    city: "Bremen".into(),
                    country_code: "DE".into(),
                    ..Default::default()
                }),
                lines: lines(),
                routed: true,
                ..OrderDraft::default()
            };
            quayside_sandbox::shopify::state::gid("Order", scene.stores[0].place(draft, &mut moment))
        };
        vec![place(), place(), place()]
    });
    (World::new(sandbox, "harbour-goods"), ids)
}

/// The same, told by the pieces of work they have: ids of fulfillment orders.
fn shopify_work() -> (World, Vec<String>) {
    let (world, orders) = shopify();
    let connector = world.open();
    let ids = orders.iter().map(|order| {
        let read = now(connector.read_one(RecordKind::Order, order, Priority::Person)).unwrap().unwrap();
        let Record::Order(order) = read.record else { panic!("an order") };
        order.fulfillment_orders[0].remote_id.clone()
    });
    let ids = ids.collect();
    (world, ids)
}

/// Three counts in one location.
fn shopify_stock() -> (World, Vec<String>) {
    let (world, _) = shopify();
    let ids = world.sandbox.lock().unwrap().scene(|scene| {
        let state = scene.stores[0].state_mut();
        let place = state.locations.iter().find(|place| place.active && place.service.is_none()).unwrap().id;
        let mut ids = Vec::new();
        for variant in state.products.iter_mut().flat_map(|product| &mut product.variants) {
            variant.levels.retain(|at, _| *at == place);
            if ids.len() == 3 || !variant.tracked || variant.levels.is_empty() {
                variant.levels.clear();
            } else {
                let level = quayside_sandbox::shopify::state::gid("InventoryLevel", place);
                ids.push(format!("{level}?inventory_item_id={}", variant.item_id));
            }
        }
        ids
    });
    (world, ids)
}

/// Three products of one variant each: the variants' ids.
fn shopify_products() -> (World, Vec<String>) {
    let (world, _) = shopify();
    let ids = world.sandbox.lock().unwrap().scene(|scene| {
        let state = scene.stores[0].state_mut();
        state.products.truncate(3);
        let variants = state.products.iter_mut().map(|product| {
            product.variants.truncate(1);
            quayside_sandbox::shopify::state::gid("ProductVariant", product.variants[0].id)
        });
        variants.collect()
    });
    (world, ids)
}

/// One return of each order: their ids.
fn shopify_returns() -> (World, Vec<String>) {
    let (world, orders) = shopify();
    let ids = world.sandbox.lock().unwrap().scene(|scene| {
        let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
        let mut ids = Vec::new();
        for order in &orders {
            let (store, order) = (&mut scene.stores[0], order.rsplit('/').next().unwrap().parse().unwrap());
            assert!(store.ship_by_hand(order, "UPS", "1Z", &mut moment) > 0);
            let back = store.send_back(order, 1, &mut moment).unwrap();
            store.receive_back(order, back, &mut moment).unwrap();
            ids.push(quayside_sandbox::shopify::state::gid("Return", back));
        }
        ids
    });
    (world, ids)
}

fn the_shop<S: 'static, T>(world: &World, act: impl FnOnce(&mut S, &mut Moment<'_>) -> T) -> T {
    world.sandbox.lock().unwrap().scene(|scene| {
        let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
        let any: &mut dyn Any = scene.shops[0].as_mut();
        act(any.downcast_mut::<S>().unwrap(), &mut moment)
    })
}

/// Three products of one variant each, with a level in one location.
fn bigcommerce_goods(id: fn(&Product) -> String) -> (World, Vec<String>) {
    let (world, _) = shop("bigcommerce");
    let ids = the_shop(&world, |store: &mut BigCommerce, moment| {
        let state = &mut store.state;
        // Ids that are part of no other number.
        let made = (60_001..60_004).map(|id| Product {
            id,
            name: format!("Product {id}"),
            kind: "physical".into(),
            price_minor: 1_500,
            weight: 1.0,
            modified_ms: moment.now_ms - HOUR_MS,
            visible: true,
            tracking: "variant".into(),
            variants: vec![Variant {
                id: id + 10_000,
                sku: format!("SKU-{id}"),
                label: "Blue".into(),
                upc: "4006381333931".into(),
            }],
        });
        state.products = made.collect();
        state.locations.truncate(1);
        state.products.iter().map(id).collect()
    });
    (world, ids)
}

/// Three orders of three customers: ids of the customers.
fn bigcommerce_buyers() -> (World, Vec<String>) {
    let (world, _) = shop("bigcommerce");
    let ids = the_shop(&world, |store: &mut BigCommerce, _| {
        // Ids that are part of no other number.
        let ids = 7_700_001..7_700_004;
        for (order, id) in store.state.orders.values_mut().zip(ids.clone()) {
            order.customer = id;
            let customer = Customer {
                id,
                email: format!("buyer-{id}@mail.example"),
                first_name: "Ada".into(),
                last_name: "King".into(),
                group: 3,
                notes: "Rings twice".into(),
                ..Customer::default()
            };
            store.state.customers.insert(id, customer);
        }
        ids.map(|id| id.to_string()).collect()
    });
    (world, ids)
}

/// One marketplace, reports in UTF-8.
fn amazon() -> (World, Vec<String>) {
    let (world, ids) = shop("amazon");
    the_shop(&world, |amazon: &mut Amazon, _| {
        amazon.plan_mut().marketplaces.truncate(1);
        amazon.plan_mut().report_charset = "UTF-8".into();
    });
    (world, ids)
}

/// Three returns, known by their orders.
fn amazon_returns() -> (World, Vec<String>) {
    let (world, ids) = amazon();
    the_shop(&world, |amazon: &mut Amazon, moment| {
        for (n, order) in ids.iter().enumerate() {
            let item = amazon.state().orders[order].items[0].id.clone();
            amazon.state_mut().returns.push(quayside_sandbox::amazon::state::Return {
                rma: format!("DRMA{n}"),
                order: order.clone(),
                item,
                quantity: 1,
                reason: "DEFECTIVE".into(),
                status: "Approved".into(),
                asked_ms: moment.now_ms - DAY_MS,
                received_ms: Some(moment.now_ms),
            });
        }
    });
    (world, ids)
}

fn amazon_products() -> (World, Vec<String>) {
    let (world, _) = amazon();
    let skus = the_shop(&world, |amazon: &mut Amazon, _| {
        let skus: Vec<String> = amazon.state().listings.keys().take(3).cloned().collect();
        amazon.state_mut().listings.retain(|sku, _| skus.contains(sku));
        skus
    });
    (world, skus)
}

/// Three won deals that left: ids of the records that stand for their parcels.
fn salesforce_parcels() -> (World, Vec<String>) {
    let (world, orders) = shop("salesforce");
    let connector = world.open();
    let read = |id: &str| match now(connector.read_one(RecordKind::Order, id, Priority::Person)) {
        Ok(Some(Incoming { record: Record::Order(order), .. })) => order,
        other => panic!("{other:?}"),
    };
    let ids = orders.iter().enumerate().map(|(n, id)| {
        let lines = read(id).lines.into_iter();
        let intent = Intent::Fulfill {
            fulfillment: FulfillmentDraft {
                order_remote_id: id.clone(),
                parcel_ids: vec![format!("label:{n}")],
                lines: lines
                    .map(|line| FulfillmentLine { order_line_id: line.remote_id, quantity: line.quantity })
                    .collect(),
                tracking: Tracking {
                    carrier_code: "ups".into(),
                    carrier_name: "UPS".into(),
                    numbers: vec![format!("1Z{n:04}")],
                    urls: vec![],
                },
                notify_customer: true,
                shipped_at_ms: Some(NOW_MS - HOUR_MS),
                known_fulfillment_ids: vec![],
                expected: None,
            },
        };
        let key = format!("effect-{n}");
        let task = Task {
            key: &key,
            intent: &intent,
            first_sent_at_ms: None,
            last_sent_at_ms: None,
            ticket: None,
            priority: Priority::Write,
        };
        let verdict = now(connector.perform(&[task])).remove(0);
        assert!(matches!(verdict, Verdict::Done(_)), "{verdict:?}");
        read(id).fulfillments[0].remote_id.clone()
    });
    let ids = ids.collect();
    world.clock.advance(5 * 60_000);
    (world, ids)
}

fn shipstation(v1: bool) -> Sandbox {
    let plan = ShipStationPlan::default();
    quiet(|sandbox| sandbox.hub = Some(if v1 { plan.only_v1() } else { plan.only_v2() }))
}

/// Three products at ShipStation.
fn goods(v1: bool) -> (World, Vec<String>) {
    let (world, _) = hub(shipstation(v1), "harbour-shipping");
    let ids = world.sandbox.lock().unwrap().scene(|scene| {
        let products = &mut scene.hubs[0].state.products;
        let known = products.values().next().cloned().unwrap();
        products.clear();
        for n in 0..3 {
            let (id, sku) = (known.id + n, format!("{}-{n}", known.sku));
            products.insert(id, quayside_sandbox::shipstation::state::Product { id, sku, ..known.clone() });
        }
        products.keys().map(i64::to_string).collect()
    });
    (world, ids)
}

/// Three products at Orderez.
fn articles() -> (World, Vec<String>) {
    let (world, _) = orderez(false);
    let ids = world.sandbox.lock().unwrap().scene(|scene| {
        let bench: &mut dyn Any = &mut *scene.benches[0];
        let desk = bench.downcast_mut::<Orderez>().unwrap();
        for n in 0..3 {
            let product = json!({ "id": format!("prod_{n}"), "sku": format!("BOX-{n}"), "title": format!("Box {n}"),
                "barcode": null, "weight_grams": 300, "active": true, "price": { "amount": "5.00", "currency": "EUR" },
                "version": 1, "created_at": "2026-01-02T10:00:00Z", "updated_at": "2026-01-02T10:00:00Z" });
            desk.state.products.insert(format!("prod_{n}"), product);
        }
        desk.state.products.keys().cloned().collect()
    });
    (world, ids)
}

/// Three counts at Orderez.
fn counted() -> (World, Vec<String>) {
    let (world, _) = orderez(false);
    let skus: Vec<String> = (0..3).map(|n| format!("BOX-{n}")).collect();
    world.sandbox.lock().unwrap().scene(|scene| {
        let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
        let bench: &mut dyn Any = &mut *scene.benches[0];
        let desk = bench.downcast_mut::<Orderez>().unwrap();
        for sku in &skus {
            desk.count(sku, 40, &mut moment);
        }
    });
    (world, skus)
}

/// Three counts of ShipStation's add-on.
fn shelves() -> (World, Vec<String>) {
    use quayside_sandbox::shipstation::state::stock::Move;
    let plan = ShipStationPlan::default().only_v2().with_inventory();
    let mut world = World::new(quiet(|sandbox| sandbox.hub = Some(plan)), "harbour-shipping");
    world.facts.abilities = ["v2", "v2_inventory"].map(str::to_owned).to_vec();
    let skus: Vec<String> = (0..3).map(|n| format!("BOX-{n}")).collect();
    world.sandbox.lock().unwrap().scene(|scene| {
        let mut pen = Pen { now_ms: scene.now_ms, by: By::Merchant, ledger: scene.ledger };
        let state = &mut scene.hubs[0].state;
        let place = state.add_place(pen.now_ms, "Quay", None).unwrap();
        let bin = state.add_place(pen.now_ms, "A bin", Some(place)).unwrap();
        for sku in &skus {
            state.move_stock(&mut pen, bin, sku, 40, Move::Adjust).unwrap();
        }
    });
    (world, skus)
}

/// How a parcel left the account.
#[derive(Clone, Copy, PartialEq)]
enum Left {
    Label,
    Voided,
    Marked,
}

/// Three orders that left, known by what they left with.
fn packed(v1: bool, how: Left) -> (World, Vec<String>) {
    let (world, orders) = hub(shipstation(v1), "harbour-shipping");
    let v2 = |id: i64| if v1 { id.to_string() } else { format!("se-{id}") };
    let ids = orders.iter().enumerate().map(|(n, order)| {
        let order: i64 = order.parse().unwrap();
        world.sandbox.lock().unwrap().scene(|scene| {
            let mut pen = Pen { now_ms: scene.now_ms, by: By::Merchant, ledger: scene.ledger };
            let state = &mut scene.hubs[0].state;
            if how == Left::Marked {
                state.mark_shipped(&mut pen, order, "ups", &format!("1Z{n:04}"), None, false).unwrap();
                return state.fulfillments.keys().max().copied().unwrap();
            }
            let purchase = LabelPurchase {
                carrier: "ups_walleted".into(),
                service: "ups_standard_international".into(),
                grams: Some(500.0),
                ..LabelPurchase::default()
            };
            let label = state.buy(&mut pen, order, &purchase).unwrap();
            if how == Left::Voided {
                state.void(&mut pen, label).unwrap();
            }
            label
        })
    });
    let ids = ids.map(v2).collect();
    (world, ids)
}

fn orderez(packed: bool) -> (World, Vec<String>) {
    let (world, orders) = hub(quiet(|plan| plan.extras = extras_of(&["orderez"])), "harbour-supply");
    if !packed {
        return (world, orders);
    }
    let ids = orders.iter().enumerate().map(|(n, order)| {
        world.sandbox.lock().unwrap().scene(|scene| {
            let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
            let bench: &mut dyn Any = &mut *scene.benches[0];
            let desk = bench.downcast_mut::<Orderez>().unwrap();
            desk.pack(order, None, "DHL", &[&format!("T{n:04}")], &mut moment).unwrap();
            desk.state.fulfillments.values().find(|parcel| parcel.order_id == *order).unwrap().id.clone()
        })
    });
    let ids = ids.collect();
    (world, ids)
}

fn shop(platform: &str) -> (World, Vec<String>) {
    let mut sandbox = quiet(|plan| plan.extras = extras_of(&[platform]));
    let purchase = Purchase {
        email: "ada@harbour.example".into(),
        ship_to: Place {
            first_name: "Ada".into(),
            last_name: "O'Neil".into(),
            line1: "1 Quay St".into(),
            postcode: "20457".into(),
            city: "Hamburg".into(),
            country: "DE".into(),
            country_name: "Germany".into(),
            ..Place::default()
        },
        bill_to: None,
        lines: ["MUG", "PLATE"]
            .map(|sku| PurchaseLine {
                sku: sku.into(),
                name: format!("The {sku}"),
                variant: String::new(),
                quantity: 2,
                unit_price_minor: 1_850,
                weight_g: Some(300.0),
                options: vec![],
            })
            .to_vec(),
        shipping_minor: 490,
        express: false,
        paid: true,
        note: "ring twice".into(),
        gift_message: String::new(),
    };
    let (account, ids) = sandbox.scene(|scene| {
        let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
        let shop = &mut scene.shops[0];
        let ids: Vec<String> = (0..3).map(|_| shop.place(&purchase, &mut moment).unwrap()).collect();
        (shop.account().to_owned(), ids)
    });
    sandbox.advance(NOW_MS);
    (World::new(sandbox, &account), ids)
}

/// A hub with three orders of ours.
fn hub(sandbox: Sandbox, account: &str) -> (World, Vec<String>) {
    let world = World::new(sandbox, account);
    let address = Address {
        name: "Ada O'Neil".into(),
        line1: "1 Quay St".into(),
        city: "Hamburg".into(),
        postcode: "20457".into(),
        country: "DE".into(),
        ..Address::default()
    };
    let ids = (0..3)
        .map(|n| {
            let line = |key: &str, sku: &str| HubLineDraft {
                line_key: key.into(),
                sku: sku.into(),
                name: format!("The {sku}"),
                quantity: 2,
                unit_price_minor: 1_850,
                tax_minor: 0,
                weight_g: Some(300.0),
                options: vec![],
                barcode: None,
            };
            let order = HubOrderDraft {
                key: format!("harbour-goods-{n}"),
                number: format!("#100{n}"),
                placed_at_ms: NOW_MS - HOUR_MS,
                paid_at_ms: Some(NOW_MS - HOUR_MS),
                ship_by_ms: None,
                ready: true,
                ship_to: address.clone(),
                bill_to: address.clone(),
                email: "ada@harbour.example".into(),
                customer_ref: "7".into(),
                requested_service: "Ground".into(),
                lines: vec![line("line-1", "MUG"), line("line-2", "PLATE")],
                currency: Currency::new("EUR"),
                total_minor: 7_400,
                tax_minor: 0,
                shipping_minor: 0,
                discount_minor: 0,
                customer_note: "ring twice".into(),
                internal_note: String::new(),
                gift: false,
                gift_message: String::new(),
                custom_fields: Default::default(),
                source: "Harbour Goods".into(),
                tags: vec![],
                store_id: None,
                ship: quayside_model::ShipChoice::default(),
            };
            let intent = Intent::PutHubOrder { order, hub_order_id: None };
            let key = format!("effect-{n}");
            let task = Task {
                key: &key,
                intent: &intent,
                first_sent_at_ms: None,
                last_sent_at_ms: None,
                ticket: None,
                priority: Priority::Write,
            };
            match now(world.open().perform(&[task])).remove(0) {
                Verdict::Done(receipt) => receipt.remote_id.unwrap(),
                other => panic!("{other:?}"),
            }
        })
        .collect();
    (world, ids)
}

/// Runs a future of the stand-in's to its end: nothing in it ever waits for anything real.
fn now<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

/// What came of a look at the list.
#[derive(Default)]
struct Look {
    /// Ids of what was read, with the answers they were read from.
    read: BTreeMap<String, String>,
    /// What could not be read.
    odd: Vec<Unreadable>,
    /// Troubles that are over.
    mended: BTreeSet<String>,
}

type Seen = Result<Look, String>;

/// The three records, as a look without any change shows them.
struct Known {
    /// The second one as the wire has it.
    sample: Value,
    /// Id of the second one.
    own: String,
    /// Ids of the others.
    others: BTreeSet<String>,
    /// Troubles that this look calls over.
    mended: BTreeSet<String>,
}

impl House {
    fn look(&self, world: &mut World, change: Change) -> Seen {
        world.disguise = Some(Arc::new(move |setup: Setup| {
            let wire = Tamper { inner: setup.wire.clone(), change: change.clone() };
            Setup { wire: Arc::new(wire), ..setup }
        }));
        let connector = world.open();
        let (mut cursor, mut next) = ((self.cursor)(), None);
        let (mut look, mut looks) = (Look::default(), self.looks);
        for _ in 0..60 {
            let ask = Ask {
                stream: self.stream,
                cursor: cursor.as_ref(),
                next: next.as_ref(),
                since_ms: NOW_MS - DAY_MS,
                priority: Priority::Poll,
            };
            match now(connector.read(&ask)) {
                Ok(page) => {
                    let records = page.records.into_iter();
                    look.read.extend(records.map(|one| (one.record.remote_id().to_owned(), one.raw)));
                    look.odd.extend(page.unreadable);
                    look.mended.extend(page.mended);
                    (cursor, next) = (Some(page.cursor), page.next);
                    if next.is_none() {
                        looks -= 1;
                        if looks == 0 {
                            return Ok(look);
                        }
                        world.clock.advance(5 * 60_000);
                    }
                }
                Err(ReadError::WaitUntil { at_ms, .. }) => world.clock.reach(at_ms),
                Err(ReadError::Refused(refusal)) => return Err(refusal.sentence),
            }
        }
        Err("the list never ends".into())
    }

    /// The record of this id, changed like this, and nothing else.
    fn changed(&self, id: &str, act: impl Fn(&mut Value) + Send + Sync + 'static) -> Change {
        let (key, mark, id) = (self.key, self.mark, id.to_owned());
        Arc::new(move |body| each_record(body, key, &id, mark, &mut |record| act(record)))
    }

    /// The records as they are sent and read.
    fn known(&self, world: &mut World, ids: &[String]) -> Known {
        let seen: Arc<Mutex<Option<Value>>> = Arc::default();
        let (slot, victim) = (seen.clone(), &ids[ids.len() / 2]);
        let keep = self.changed(victim, move |record| {
            slot.lock().unwrap().get_or_insert_with(|| record.clone());
        });
        let look = self.look(world, keep).unwrap_or_else(|why| panic!("{}: {why}", self.name));
        let sample = seen.lock().unwrap().take();
        let sample = sample.unwrap_or_else(|| panic!("{}: no record {victim} with {} was sent", self.name, self.mark));
        assert!(look.odd.is_empty(), "{}: {:?}", self.name, look.odd);
        let mut all: BTreeSet<String> = look.read.keys().cloned().collect();
        if self.without_records {
            return Known { sample, own: String::new(), others: all, mended: look.mended };
        }
        assert_eq!(all.len(), 3, "{}: {all:?}", self.name);
        let mut holders = look.read.iter().filter(|(id, raw)| *id == victim || raw.contains(victim.as_str()));
        let own = holders.next().unwrap_or_else(|| panic!("{}: {victim} is in no record", self.name)).0.clone();
        assert!(holders.next().is_none(), "{}: {victim} is in several records", self.name);
        all.remove(&own);
        Known { sample, own, others: all, mended: look.mended }
    }
}

/// What is wrong with a look; empty if nothing.
fn verdict(house: &House, known: &Known, look: &Look, trial: &Trial) -> Option<String> {
    if house.without_records {
        return None;
    }
    if known.others.iter().any(|id| !look.read.contains_key(id)) {
        return Some(format!("others are lost; read {:?}, told {:?}", look.read.keys(), look.odd));
    }
    // Under its own id, or under what its id became.
    let is_read = look.read.len() == 3;
    if trial.must_be_read && !is_read {
        return Some(format!("it is not read: {:?}", look.odd));
    }
    if !is_read && look.odd.is_empty() && !trial.may_be_silent {
        return Some("it vanishes without a word".into());
    }
    if look.odd.len() > 1 || (is_read && !look.odd.is_empty()) {
        return Some(format!("told more than once: {:?}", look.odd));
    }
    let over = |id: &String| *id == known.own || known.mended.contains(id);
    match look.odd.iter().find(|odd| !over(&odd.remote_id)) {
        Some(odd) if trial.keeps_its_id => Some(format!("no good reading takes {} back", odd.remote_id)),
        _ => None,
    }
}

/// Values of every other type.
fn others(value: &Value) -> Vec<Value> {
    let all = [json!("teleported"), json!(7), json!(true), Value::Null, json!([]), json!({})];
    let kind = |value: &Value| std::mem::discriminant(value);
    all.into_iter().filter(|other| kind(other) != kind(value)).collect()
}

/// One change of the record, and what is asked of it.
struct Trial {
    place: String,
    value: Value,
    must_be_read: bool,
    may_be_silent: bool,
    /// Whoever reads it can still tell which record it is.
    keeps_its_id: bool,
}

fn check(house: &House, trials: impl Fn(&Value) -> Vec<Trial>) {
    let (mut world, ids) = (house.make)();
    let known = house.known(&mut world, &ids);
    let (mut wrong, mut count) = (Vec::new(), 0);
    for trial in trials(&known.sample) {
        count += 1;
        let (at, with) = (trial.place.clone(), trial.value.clone());
        let change = house.changed(&ids[ids.len() / 2], move |record| {
            if at.is_empty() {
                *record = with.clone();
            } else if let Some(spot) = record.pointer_mut(&at) {
                *spot = with.clone();
            }
        });
        let why = match house.look(&mut world, change) {
            Err(why) => Some(format!("the whole list stops: {why}")),
            Ok(look) => verdict(house, &known, &look, &trial),
        };
        wrong.extend(why.map(|why| format!("{} = {}: {why}", trial.place, trial.value)));
    }
    assert!(wrong.is_empty(), "{} ({} of {count}):\n{}", house.name, wrong.len(), wrong.join("\n"));
}

fn house(name: &str) -> &'static House {
    HOUSES.iter().find(|house| house.name == name).unwrap()
}

/// Every place of a record, with a value of every other type.
fn types_drift(name: &str) {
    let house = house(name);
    let of_id = |place: &str| format!("/{}", house.key).starts_with(place);
    check(house, |sample| {
        let mut trials = Vec::new();
        for place in places(sample) {
            for value in others(sample.pointer(&place).unwrap()) {
                let may_be_silent = house.silent.contains(&place.as_str());
                let keeps_its_id = !of_id(&place);
                trials.push(Trial { place: place.clone(), value, must_be_read: false, may_be_silent, keeps_its_id });
            }
        }
        assert!(!trials.is_empty(), "{name}: nothing was tried");
        trials
    });
}

/// A record that is none.
fn bad_records(name: &str) {
    let house = house(name);
    check(house, |sample| {
        let mut id_alone = json!({});
        let (parent, member) = house.key.rsplit_once('/').unwrap_or(("", house.key));
        let id = sample.pointer(&format!("/{}", house.key)).cloned().unwrap_or_default();
        if parent.is_empty() {
            id_alone[member] = id;
        } else {
            id_alone[parent][member] = id;
        }
        let mut values = others(sample);
        values.extend([json!({}), id_alone]);
        let trial = |value: Value| Trial {
            place: String::new(),
            must_be_read: false,
            may_be_silent: value.is_null() && house.nulls_are_skipped || value == json!({}) && house.blanks_are_skipped,
            keeps_its_id: false,
            value,
        };
        values.into_iter().map(trial).collect()
    });
}

/// Words a platform adds one day.
fn new_words(name: &str) {
    let house = house(name);
    check(house, |sample| {
        let trial = |place: &&str| {
            assert!(sample.pointer(place).is_some_and(Value::is_string), "{name}: {place} is no word: {sample}");
            Trial {
                place: (*place).to_owned(),
                value: json!("TELEPORTED"),
                must_be_read: true,
                may_be_silent: false,
                keeps_its_id: true,
            }
        };
        house.words.iter().map(trial).collect()
    });
}

macro_rules! every_stream {
    ($($name:ident),* $(,)?) => {
        /// Those that are tried below.
        const TRIED: &[&str] = &[$(stringify!($name)),*];
        $(
            mod $name {
                /// And a later good reading takes back what was told of it.
                #[test]
                fn a_field_that_changes_type_does_not_stop_the_page() {
                    super::types_drift(stringify!($name));
                }
                #[test]
                fn one_bad_record_becomes_one_exception_while_the_rest_goes_on() {
                    super::bad_records(stringify!($name));
                }
                #[test]
                fn unknown_words_survive() {
                    super::new_words(stringify!($name));
                }
            }
        )*
    };
}

every_stream!(
    shopify_orders,
    shopify_open_orders,
    shopify_fulfillment_orders,
    shopify_order_rows,
    shopify_fulfillment_order_rows,
    shopify_stock,
    shopify_products,
    shopify_returns,
    bigcommerce_orders,
    bigcommerce_open_orders,
    bigcommerce_customers,
    bigcommerce_products,
    bigcommerce_stock,
    amazon_orders,
    amazon_open_orders,
    amazon_returns,
    amazon_products,
    amazon_stock,
    salesforce_orders,
    salesforce_recent_orders,
    salesforce_parcels,
    salesforce_fields,
    shipstation_v1_orders,
    shipstation_v1_shipments,
    shipstation_v1_voids,
    shipstation_v1_fulfillments,
    shipstation_v2_orders,
    shipstation_v2_shipments,
    shipstation_v2_tracking,
    shipstation_v2_voids,
    shipstation_v2_fulfillments,
    shipstation_v1_products,
    shipstation_v2_products,
    shipstation_v2_stock,
    orderez_orders,
    orderez_fulfillments,
    orderez_products,
    orderez_stock,
);

#[test]
fn every_stream_a_platform_declares_is_here_and_tried() {
    let known: BTreeSet<(&str, &str)> = HOUSES.iter().map(|house| (house.platform, house.stream)).collect();
    let declared: BTreeSet<(&str, &str)> = quayside_connectors::registry()
        .iter()
        .flat_map(|one| one.declaration.streams.iter().map(|stream| (one.declaration.platform, stream.name)))
        .collect();
    assert_eq!(known, declared);
    let named: Vec<&str> = HOUSES.iter().map(|house| house.name).collect();
    assert_eq!(named, TRIED);
}
