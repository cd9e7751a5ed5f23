//! One order, one store, one hub; each case says only what is different.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::format_push_string, clippy::needless_pass_by_value)]

use quayside_flows::{AutomationPolicy, Peer, Policy, decide};
use quayside_model::settings::Settings;
use quayside_model::*;
use std::collections::BTreeMap;

/// Friday 2026-11-20, 09:00 in Berlin.
pub const NOW: i64 = 1_795_161_600_000;
pub const MIN: i64 = 60_000;
pub const KEY: &str = "cafe0001-1001";

pub fn channel() -> ConnectionId {
    ConnectionId::new("store")
}
pub fn hub() -> ConnectionId {
    ConnectionId::new("warehouse")
}

pub fn policy(mode: Mode) -> Policy {
    let peer = |id: ConnectionId, name: &str, title: &str, role: Role, code: &str| Peer {
        hub: None,
        writes: quayside_flows::Writes::Unsaid,
        own_links: Some(vec![]),
        currency: None,
        clock: quayside_flows::store_clock::StoreClock::default(),
        platform: title.to_lowercase(),
        copies_here: false,
        copies_wait_min: 120,
        forgets_buyers: false,
        no_buyer_mail: false,
        keeps_history: false,
        keeps_verified: false,
        deliveries: quayside_flows::Deliveries::Told,
        counts: quayside_flows::stock::StoreCounts::default(),
        products: None,
        keeps_customers: false,
        refunds: quayside_flows::Refunding::default(),
        keeps: &[],
        skew_ms: 0,
        id,
        name: name.into(),
        title: title.into(),
        roles: vec![role],
        // Marketplaces alone want their orders acknowledged.
        performs: IntentKind::ALL.into_iter().filter(|kind| *kind != IntentKind::AcknowledgeOrder).collect(),
        lacks: vec![],
        code: code.into(),
        time_zone: Some("Europe/Berlin".into()),
        numbers_unique: false,
        paused: false,
    };
    let automations = quayside_flows::automations()
        .iter()
        .map(|a| (a.id.to_owned(), AutomationPolicy { mode, go_live_ms: None, settings: BTreeMap::new() }))
        .collect();
    Policy {
        settings: Settings::default(),
        automations,
        peers: BTreeMap::from([
            (channel(), peer(channel(), "Harbour Goods", "Shop", Role::Channel, "cafe0001")),
            (hub(), peer(hub(), "Main warehouse", "Hub", Role::Hub, "beef0001")),
        ]),
        ..Policy::default()
    }
}

pub fn set(mut policy: Policy, automation: &str, name: &str, value: &str) -> Policy {
    policy.automations.get_mut(automation).unwrap().settings.insert(name.into(), value.into());
    policy
}

pub fn address() -> Address {
    Address {
        name: "Ingrid Sørensen".into(),
        line1: "Strandgaten 5".into(),
        city: "Bergen".into(),
        postcode: "5013".into(),
        country: "NO".into(),
        ..Address::default()
    }
}

pub fn line(n: i64, quantity: i64) -> OrderLine {
    OrderLine {
        remote_id: format!("line/{n}"),
        sku: format!("SKU-{n}"),
        name: format!("Thing {n}"),
        variant: String::new(),
        quantity,
        current_quantity: quantity,
        unfulfilled_quantity: quantity,
        requires_shipping: true,
        gift_card: false,
        unit_price_minor: 1000,
        discounted_unit_price_minor: 1000,
        tax_minor: 0,
        weight_g: Some(400.0),
        options: vec![],
        barcode: None,
        variant_id: None,
        product_type: String::new(),
    }
}

pub fn work(lines: &[OrderLine]) -> FulfillmentOrder {
    FulfillmentOrder {
        remote_id: "fo/1".into(),
        status: "open".into(),
        can_fulfill: true,
        location_id: Some("location/1".into()),
        location_name: "Harbour".into(),
        third_party: false,
        fulfill_at_ms: None,
        fulfill_by_ms: None,
        holds: vec![],
        delivery: Delivery::Shipping,
        lines: lines
            .iter()
            .map(|l| FulfillmentOrderLine {
                remote_id: format!("fo-{}", l.remote_id),
                order_line_id: l.remote_id.clone(),
                total_quantity: l.quantity,
                remaining_quantity: l.quantity,
            })
            .collect(),
    }
}

/// A paid order of 2 × SKU-1 and 1 × SKU-2, placed an hour ago, not yet at the hub.
pub fn story() -> Story {
    let lines = vec![line(1, 2), line(2, 1)];
    Story {
        order_id: OrderId(1),
        channel: channel(),
        received_at_ms: NOW - 50 * MIN,
        seen_at_ms: NOW - MIN,
        hub_orders: vec![],
        parcels: vec![],
        effects: vec![],
        choices: Choices::default(),
        strays: Vec::new(),
        twins: Vec::new(),
        returns: Vec::new(),
        quotes: Vec::new(),
        order: Order {
            remote_id: "gid://shop/Order/1001".into(),
            number: "#1001".into(),
            placed_at_ms: NOW - 60 * MIN,
            updated_at_ms: NOW - 55 * MIN,
            cancelled_at_ms: None,
            cancel_reason: None,
            closed_at_ms: None,
            test: false,
            payment: Payment::Paid,
            delivery: Delivery::Shipping,
            risk: None,
            currency: Currency::new("EUR"),
            subtotal_minor: 3000,
            discount_minor: 0,
            shipping_minor: 500,
            tax_minor: 0,
            total_minor: 3500,
            current_total_minor: 3500,
            refunded_minor: None,
            taxes_included: true,
            customer: Some(Customer { name: "Ingrid Sørensen".into(), ..Customer::default() }),
            ship_to: Some(address()),
            bill_to: None,
            shipping: Some(ShippingChoice { title: "Express".into(), code: "express".into() }),
            fulfillment_orders: vec![work(&lines)],
            lines,
            fulfillments: vec![],
            note: String::new(),
            gift_message: String::new(),
            tags: vec![],
            attributes: vec![],
            ship_by_ms: None,
            deliver_by_ms: None,
            sold_on: None,
            admin_url: None,
        },
    }
}

/// The effects a look plans are written down in `state`, as the store would.
pub fn perform(story: &mut Story, policy: &Policy, now_ms: i64, state: EffectState) {
    let decision = decide(story, policy, now_ms);
    for (id, _) in &decision.overtaken {
        story.effects.iter_mut().find(|e| e.id == *id).unwrap().state = EffectState::Skipped;
    }
    for planned in decision.effects.into_iter().filter(|e| matches!(e.mode, Mode::Auto | Mode::Ask)) {
        assert!(!story.effects.iter().any(|e| e.key == planned.key), "key {} planned twice", planned.key);
        let id = EffectId(story.effects.len() as i64 + 1);
        let sent = !matches!(state, EffectState::Asked | EffectState::Pending);
        let remote_id = match &planned.intent {
            Intent::PutHubOrder { .. } => Some("hub/1".to_owned()),
            Intent::Fulfill { .. } => Some(format!("fulfillment/{}", id.0)),
            _ => None,
        };
        story.effects.push(PastEffect {
            id,
            key: planned.key,
            automation: planned.automation,
            connection: planned.connection,
            intent: planned.intent,
            state,
            attempts: u32::from(sent),
            created_at_ms: now_ms,
            not_before_ms: now_ms,
            first_sent_at_ms: sent.then_some(now_ms),
            settled_at_ms: state.is_final().then_some(now_ms),
            refused_at_ms: (state == EffectState::Refused).then_some(now_ms),
            refusal: None,
            ticket: None,
            withdrawn: false,
            receipt: (state == EffectState::Done).then(|| Receipt { remote_id, ..Receipt::default() }),
        });
    }
}

/// The order at the hub as we sent it, read at `seen_at_ms`.
pub fn at_hub(story: &mut Story, status: HubStatus, seen_at_ms: i64) {
    let lines = story
        .order
        .lines_to_ship()
        .map(|l| HubLine {
            line_key: Some(l.remote_id.clone()),
            sku: l.sku.clone(),
            name: l.name.clone(),
            quantity: l.current_quantity,
        })
        .collect();
    story.hub_orders = vec![Seen {
        connection: hub(),
        seen_at_ms,
        value: HubOrder {
            remote_id: "hub/1".into(),
            key: KEY.into(),
            number: "#1001".into(),
            status,
            modified_at_ms: seen_at_ms,
            hold_until_ms: None,
            ship_to: story.order.ship_to.clone(),
            lines,
            parent_id: None,
            merged_ids: vec![],
            address_verified: None,
            refunded: None,
            external: false,
            store_id: None,
            service: None,
            warehouse: None,
            admin_url: None,
        },
    }];
}

/// Sent, answered, read back: 30 minutes ago.
pub fn sent() -> Story {
    let mut story = story();
    perform(&mut story, &policy(Mode::Auto), NOW - 45 * MIN, EffectState::Done);
    at_hub(&mut story, HubStatus::AwaitingShipment, NOW - 30 * MIN);
    story
}

pub fn parcel(n: i64, lines: &[(i64, i64)]) -> Parcel {
    Parcel {
        remote_id: format!("label:{n}"),
        origin: ParcelOrigin::Label,
        hub_order_id: Some("hub/1".into()),
        hub_order_key: Some(KEY.into()),
        order_number: "#1001".into(),
        tracking_number: format!("TRACK{n}"),
        carrier_code: "ups".into(),
        carrier_name: Some("UPS".into()),
        service: "ups_ground".into(),
        further: Vec::new(),
        tracking_url: Some(format!("https://ups.example/{n}")),
        created_at_ms: NOW - 10 * MIN,
        shipped_at_ms: Some(NOW - 10 * MIN),
        voided_at_ms: None,
        is_return: false,
        lines: Some(
            lines
                .iter()
                .map(|(n, quantity)| ParcelLine {
                    line_key: Some(format!("line/{n}")),
                    sku: format!("SKU-{n}"),
                    quantity: *quantity,
                })
                .collect(),
        ),
        cost_minor: Some(590),
        cost_currency: None,
        channel_notified: false,
        notify_error: None,
        delivered_at_ms: None,
        track: Some(Track {
            state: TrackState::InTransit,
            at_ms: Some(NOW - 9 * MIN),
            says: String::new(),
            expected_ms: None,
        }),
    }
}

pub fn ship(story: &mut Story, parcel: Parcel) {
    story.parcels.push(Seen { connection: hub(), seen_at_ms: NOW - 5 * MIN, value: parcel });
    if let Some(order) = story.hub_orders.first_mut() {
        order.value.status = HubStatus::Shipped;
    }
}

/// The channel shows a fulfillment.
pub fn told(story: &mut Story, id: &str, numbers: &[&str], lines: &[(i64, i64)]) {
    for (n, quantity) in lines {
        let id = format!("line/{n}");
        if let Some(line) = story.order.lines.iter_mut().find(|l| l.remote_id == id) {
            line.unfulfilled_quantity -= quantity;
        }
        for fo in &mut story.order.fulfillment_orders {
            for line in fo.lines.iter_mut().filter(|l| l.order_line_id == id) {
                line.remaining_quantity = (line.remaining_quantity - quantity).max(0);
            }
        }
    }
    story.order.fulfillments.push(Fulfillment {
        remote_id: id.into(),
        live: true,
        status: "success".into(),
        created_at_ms: NOW - 4 * MIN,
        delivered_at_ms: None,
        tracking_numbers: numbers.iter().map(|n| (*n).to_owned()).collect(),
        carrier: "UPS".into(),
        lines: lines
            .iter()
            .map(|(n, quantity)| FulfillmentLine { order_line_id: format!("line/{n}"), quantity: *quantity })
            .collect(),
    });
}

/// A decision as a person would read it.
pub fn words(story: &Story, policy: &Policy, now_ms: i64) -> String {
    let decision = decide(story, policy, now_ms);
    assert_eq!(decide(story, policy, now_ms), decision, "one story, one decision");
    let mut out = format!("{} · {} · {}\n", decision.stage.code(), decision.waits_on.code, decision.waits_on.sentence);
    for effect in &decision.effects {
        out += &format!("{}: {} [{}]\n", effect.mode.code(), effect.sentence, effect.key);
    }
    for (id, why) in &decision.overtaken {
        out += &format!("overtaken {id}: {why}\n");
    }
    for finding in &decision.findings {
        out += &format!("! {}: {}\n", finding.cause.code(), finding.sentence);
    }
    out
}

#[track_caller]
pub fn check(story: &Story, policy: &Policy, expected: expect_test::Expect) {
    expected.assert_eq(&words(story, policy, NOW));
}
