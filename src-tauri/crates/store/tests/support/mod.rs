//! What the tests of the store are written with: orders, decisions and a store.
#![allow(dead_code, missing_docs, clippy::wildcard_imports, clippy::unwrap_used, clippy::expect_used)]

use quayside_model::*;
use quayside_store::{Store, StoreKey, Tx};
use std::collections::BTreeMap;

/// 14 November 2023, 22:13:20 UTC.
pub const NOW: i64 = 1_700_000_000_000;
pub const HOUR: i64 = 3_600_000;
pub const DAY: i64 = 24 * HOUR;

pub fn shop() -> ConnectionId {
    ConnectionId::new("harbour-goods")
}

pub fn hub() -> ConnectionId {
    ConnectionId::new("warehouse")
}

pub fn key(byte: u8) -> StoreKey {
    StoreKey::new([byte; 32])
}

pub fn account(id: &ConnectionId, platform: &str, remote: &str) -> ConnectionConfig {
    ConnectionConfig {
        id: id.clone(),
        name: format!("The {id}"),
        platform: platform.into(),
        way: "token".into(),
        fields: BTreeMap::from([("shop".into(), "harbour".into())]),
        base_url: None,
        account: Account {
            remote_id: remote.into(),
            name: "Harbour Goods".into(),
            // A hub that has no links of its own to any store.
            facts: BTreeMap::from([(FACT_OWN_LINKS.into(), "[]".into())]),
            ..Account::default()
        },
        settings: BTreeMap::new(),
        paused: false,
        created_at_ms: NOW,
    }
}

/// Both accounts connected.
pub fn store() -> Store {
    let store = Store::in_memory();
    connect(&store);
    store
}

pub fn connect(store: &Store) {
    store
        .write(|tx| {
            tx.put_connection(&account(&shop(), "shop", "s1"))?;
            tx.put_connection(&account(&hub(), "hub", "h1"))
        })
        .unwrap();
}

pub fn address(n: i64) -> Address {
    const NAMES: [&str; 8] = ["Anna", "Björn", "Chloé", "Dai", "Élodie", "Fatima", "Goran", "Hye-jin"];
    const FAMILIES: [&str; 11] =
        ["Berg", "Castell", "Dubois", "Evans", "Fischer", "García", "Horvat", "Ito", "Jansen", "Kowalski", "Łukasz"];
    const CITIES: [(&str, &str); 6] =
        [("Hamburg", "DE"), ("Lyon", "FR"), ("Bristol", "GB"), ("Gdańsk", "PL"), ("Porto", "PT"), ("Aarhus", "DK")];
    let (city, country) = CITIES[(n % 6) as usize];
    Address {
        name: format!("{} {}{}", NAMES[(n % 8) as usize], FAMILIES[(n % 11) as usize], n % 997),
        line1: format!("Kaistraße {}", n % 200 + 1),
        city: city.into(),
        postcode: format!("{:05}", 10_000 + n % 80_000),
        country: country.into(),
        phone: format!("+49 40 {:07}", n % 9_999_999),
        ..Address::default()
    }
}

/// The `n`th order of the shop: two lines, paid, to be shipped.
pub fn order(n: i64) -> Order {
    let lines: Vec<OrderLine> = (0..2)
        .map(|i| OrderLine {
            remote_id: format!("gid://shop/LineItem/{}", n * 10 + i),
            sku: format!("HG-{}-{}", ["LAMP", "MUG", "ROPE", "SAIL"][((n + i) % 4) as usize], (n + i) % 50),
            name: "Harbour lamp, brass, large".into(),
            variant: "Brass / L".into(),
            quantity: 1 + i,
            current_quantity: 1 + i,
            unfulfilled_quantity: 1 + i,
            requires_shipping: true,
            gift_card: false,
            unit_price_minor: 4_900,
            discounted_unit_price_minor: 4_410,
            tax_minor: 704,
            weight_g: Some(1_250.0),
            options: vec![("Engraving".into(), "For the captain".into())],
            barcode: Some("4006381333931".into()),
            variant_id: Some(format!("gid://shop/ProductVariant/{}", (n + i) % 400)),
            product_type: String::new(),
        })
        .collect();
    Order {
        remote_id: format!("gid://shop/Order/{}", 5_000_000_000 + n),
        number: format!("#{}", 1000 + n),
        placed_at_ms: NOW - DAY + n * 1000,
        updated_at_ms: NOW - HOUR + n * 1000,
        cancelled_at_ms: None,
        cancel_reason: None,
        closed_at_ms: None,
        test: false,
        payment: Payment::Paid,
        delivery: Delivery::Shipping,
        risk: None,
        currency: Currency::new("EUR"),
        subtotal_minor: 13_230,
        discount_minor: 1_470,
        shipping_minor: 590,
        tax_minor: 2_112,
        total_minor: 13_820 + n % 5_000,
        current_total_minor: 13_820 + n % 5_000,
        refunded_minor: None,
        taxes_included: true,
        customer: Some(Customer {
            remote_id: Some(format!("gid://shop/Customer/{}", n % 5000)),
            name: address(n).name,
            email: format!("buyer{n}@mail{}.example", n % 300),
            phone: String::new(),
        }),
        ship_to: Some(address(n)),
        bill_to: Some(address(n)),
        shipping: Some(ShippingChoice { title: "Express 24 h".into(), code: "express".into() }),
        lines: lines.clone(),
        fulfillment_orders: vec![FulfillmentOrder {
            remote_id: format!("gid://shop/FulfillmentOrder/{n}"),
            status: "open".into(),
            can_fulfill: true,
            location_id: Some("gid://shop/Location/1".into()),
            location_name: "Quay 3".into(),
            third_party: false,
            fulfill_at_ms: None,
            fulfill_by_ms: None,
            holds: vec![],
            delivery: Delivery::Shipping,
            lines: lines
                .iter()
                .map(|line| FulfillmentOrderLine {
                    remote_id: format!("{}-fo", line.remote_id),
                    order_line_id: line.remote_id.clone(),
                    total_quantity: line.quantity,
                    remaining_quantity: line.quantity,
                })
                .collect(),
        }],
        fulfillments: vec![],
        note: String::new(),
        gift_message: String::new(),
        tags: if n % 11 == 10 { vec!["vip".into(), "spring sale".into()] } else { vec![] },
        attributes: vec![],
        ship_by_ms: None,
        deliver_by_ms: None,
        sold_on: None,
        admin_url: None,
    }
}

/// The platform's own text for it: about as long as a real one.
pub fn raw(order: &Order) -> String {
    let line = r#"{"id":"gid://shop/LineItem/1","sku":"HG-LAMP-1","name":"Harbour lamp","quantity":2,"currentQuantity":2,"originalUnitPriceSet":{"shopMoney":{"amount":"49.00","currencyCode":"EUR"}}}"#;
    format!(
        r#"{{"id":"{}","name":"{}","createdAt":"2023-11-14T10:00:00Z","email":"{}","lineItems":{{"nodes":[{line},{line},{line},{line}]}},"displayFinancialStatus":"PAID","shippingAddress":{{"name":"{}","city":"Hamburg"}},"totalPriceSet":{{"shopMoney":{{"amount":"138.20","currencyCode":"EUR"}}}}}}"#,
        order.remote_id,
        order.number,
        order.customer.as_ref().map(|c| c.email.as_str()).unwrap_or_default(),
        order.ship_to.as_ref().map(|a| a.name.as_str()).unwrap_or_default(),
    )
}

pub fn incoming(order: &Order) -> Incoming {
    Incoming { record: Record::Order(order.clone()), raw: raw(order) }
}

pub fn draft(order: &Order, order_id: OrderId) -> HubOrderDraft {
    HubOrderDraft {
        key: format!("q-{order_id}"),
        number: order.number.clone(),
        placed_at_ms: order.placed_at_ms,
        paid_at_ms: Some(order.placed_at_ms),
        ship_by_ms: None,
        ready: true,
        ship_to: order.ship_to.clone().unwrap_or_default(),
        bill_to: order.bill_to.clone().unwrap_or_default(),
        email: order.customer.as_ref().map(|c| c.email.clone()).unwrap_or_default(),
        customer_ref: String::new(),
        requested_service: "Express 24 h".into(),
        lines: order
            .lines
            .iter()
            .map(|line| HubLineDraft {
                line_key: line.remote_id.clone(),
                sku: line.sku.clone(),
                name: line.name.clone(),
                quantity: line.quantity,
                unit_price_minor: line.unit_price_minor,
                tax_minor: line.tax_minor,
                weight_g: line.weight_g,
                options: line.options.clone(),
                barcode: line.barcode.clone(),
            })
            .collect(),
        currency: order.currency.clone(),
        total_minor: order.total_minor,
        tax_minor: order.tax_minor,
        shipping_minor: order.shipping_minor,
        discount_minor: order.discount_minor,
        customer_note: String::new(),
        internal_note: String::new(),
        gift: false,
        gift_message: String::new(),
        custom_fields: Default::default(),
        source: "harbour-goods".into(),
        tags: order.tags.clone(),
        store_id: None,
        ship: ShipChoice::default(),
    }
}

pub fn put_hub_order(order: &Order, order_id: OrderId, mode: Mode) -> PlannedEffect {
    PlannedEffect {
        key: format!("put/{order_id}"),
        automation: "orders_to_hub".into(),
        connection: hub(),
        intent: Intent::PutHubOrder { order: draft(order, order_id), hub_order_id: None },
        mode,
        ship_by_ms: None,
        sentence: format!("Send {} to the warehouse: 2 lines", order.number),
    }
}

pub fn cancel(order_id: OrderId, n: usize) -> PlannedEffect {
    PlannedEffect {
        key: format!("cancel/{order_id}/{n}"),
        automation: "cancellations".into(),
        connection: hub(),
        intent: Intent::CancelHubOrder { hub_order_id: "77".into(), hub_order_key: format!("q-{order_id}") },
        mode: Mode::Auto,
        ship_by_ms: None,
        sentence: format!("Cancel order {order_id} at the warehouse"),
    }
}

pub fn waits(code: &str) -> WaitsOn {
    WaitsOn {
        code: code.into(),
        sentence: "In the warehouse since {since}, waits for packing".into(),
        icon: "clock".into(),
        tone: Tone::Neutral,
        since_ms: NOW,
        action: None,
    }
}

pub fn decision(stage: Stage) -> Decision {
    Decision {
        effects: vec![],
        overtaken: vec![],
        findings: vec![],
        stage,
        waits_on: waits(stage.code()),
        ship_by_ms: None,
        look_again_at_ms: None,
        prove: vec![],
        assignee: String::new(),
        hub_state: String::new(),
        trace: Vec::new(),
        held: None,
        quotes: vec![],
    }
}

pub fn finding(cause: Cause, about: &str, sentence: &str) -> Finding {
    Finding { cause, about: about.into(), sentence: sentence.into(), said: None, effect: None, since_ms: None }
}

/// Reads an order and gives it a row, undecided.
pub fn enter(tx: &mut Tx<'_>, order: &Order) -> OrderId {
    tx.put_record(&shop(), &incoming(order), NOW).unwrap();
    tx.order_for(&shop(), order, NOW).unwrap().0
}

/// An order with a stage, in its own transaction.
pub fn with_order(store: &Store, n: i64, decide: impl FnOnce(&Order, OrderId) -> Decision) -> OrderId {
    let order = order(n);
    store
        .write(|tx| {
            let id = enter(tx, &order);
            tx.put_decision(id, &order, &decide(&order, id), NOW)?;
            Ok(id)
        })
        .unwrap()
}

/// An order that is to be sent to the hub, with a deadline.
pub fn sending(store: &Store, n: i64, ship_by_ms: Option<i64>) -> OrderId {
    with_order(store, n, |order, id| Decision {
        effects: vec![PlannedEffect { ship_by_ms, ..put_hub_order(order, id, Mode::Auto) }],
        ship_by_ms,
        ..decision(Stage::Sending)
    })
}

pub fn hub_order(n: i64, key: &str) -> HubOrder {
    HubOrder {
        remote_id: format!("{}", 900_000 + n),
        key: key.into(),
        number: format!("#{}", 1000 + n),
        status: HubStatus::AwaitingShipment,
        modified_at_ms: NOW,
        hold_until_ms: None,
        ship_to: Some(address(n)),
        lines: vec![],
        parent_id: None,
        merged_ids: vec![],
        address_verified: None,
        refunded: None,
        external: false,
        store_id: None,
        service: None,
        warehouse: None,
        admin_url: None,
    }
}

pub fn parcel(n: i64, tracking: &str) -> Parcel {
    Parcel {
        remote_id: format!("label:{n}"),
        origin: ParcelOrigin::Label,
        hub_order_id: None,
        hub_order_key: None,
        order_number: format!("#{}", 1000 + n),
        tracking_number: tracking.into(),
        carrier_code: "ups".into(),
        carrier_name: None,
        service: "ground".into(),
        further: Vec::new(),
        tracking_url: None,
        created_at_ms: NOW + n,
        shipped_at_ms: Some(NOW),
        voided_at_ms: None,
        is_return: false,
        lines: None,
        cost_minor: Some(799),
        cost_currency: None,
        channel_notified: false,
        notify_error: None,
        delivered_at_ms: None,
        track: None,
    }
}
