//! An order, and something of every kind to do with it.

use quayside_model::{
    Address, Choices, ConnectionId, Currency, Customer, Delivery, FulfillmentDraft, FulfillmentLine, HubLineDraft,
    HubOrderDraft, HubRefundDraft, HubRefundLineDraft, Intent, Order, OrderId, OrderLine, Payment, RecordDraft,
    RecordNoun, RefundDraft, RefundLineDraft, ShipChoice, StockDraft, Story, Tracking,
};

/// 20 October 2026.
const AT_MS: i64 = 1_792_454_400_000;

fn address() -> Address {
    Address {
        name: "Ingrid Sørensen".into(),
        line1: "Strandgaten 7".into(),
        city: "Bergen".into(),
        postcode: "5013".into(),
        country: "NO".into(),
        ..Address::default()
    }
}

fn draft(order: &str, lines: &[String]) -> HubOrderDraft {
    HubOrderDraft {
        key: format!("hg:{order}"),
        number: "#1001".into(),
        placed_at_ms: AT_MS,
        paid_at_ms: Some(AT_MS),
        ship_by_ms: None,
        ready: true,
        ship_to: address(),
        bill_to: address(),
        email: "ingrid@example.org".into(),
        customer_ref: String::new(),
        requested_service: "Express".into(),
        lines: lines
            .iter()
            .map(|line| HubLineDraft {
                line_key: line.clone(),
                sku: "MUG-BLUE".into(),
                name: "Mug".into(),
                quantity: 2,
                unit_price_minor: 1_250,
                tax_minor: 0,
                weight_g: Some(400.0),
                options: vec![("Colour".into(), "Blue".into())],
                barcode: None,
            })
            .collect(),
        currency: Currency::new("EUR"),
        total_minor: 2_500,
        tax_minor: 0,
        shipping_minor: 0,
        discount_minor: 0,
        customer_note: "Ring twice".into(),
        internal_note: String::new(),
        gift: false,
        gift_message: String::new(),
        custom_fields: Default::default(),
        source: "harbour-goods".into(),
        tags: vec!["vip".into()],
        store_id: None,
        ship: ShipChoice::default(),
    }
}

/// One intent of every kind, about an order the account has.
pub fn intents(order: &str, lines: &[String]) -> Vec<Intent> {
    let order_remote_id = order.to_owned();
    let hub = || (order.to_owned(), format!("hg:{order}"));
    let tracking = Tracking {
        carrier_code: "dhl_express".into(),
        carrier_name: "DHL".into(),
        numbers: vec!["JD0001".into()],
        urls: vec!["https://example.org/JD0001".into()],
    };
    let units = || lines.iter().map(|line| FulfillmentLine { order_line_id: line.clone(), quantity: 1 }).collect();
    let (id, key) = hub();
    vec![
        Intent::PutHubOrder { order: draft(order, lines), hub_order_id: None },
        Intent::PutHubOrder { order: draft(order, lines), hub_order_id: Some(id.clone()) },
        Intent::CancelHubOrder { hub_order_id: id.clone(), hub_order_key: key.clone() },
        Intent::HoldHubOrder { hub_order_id: id.clone(), hub_order_key: key.clone(), until_day: "2026-12-24".into() },
        Intent::ReleaseHubOrder { hub_order_id: id.clone(), hub_order_key: key.clone() },
        Intent::VoidLabel { parcel_id: format!("label:{id}") },
        Intent::Fulfill {
            fulfillment: FulfillmentDraft {
                order_remote_id: order_remote_id.clone(),
                parcel_ids: vec!["label:1".into()],
                lines: units(),
                tracking: tracking.clone(),
                notify_customer: false,
                shipped_at_ms: Some(AT_MS),
                known_fulfillment_ids: vec![],
                expected: None,
            },
        },
        Intent::ReplaceTracking {
            order_remote_id: order_remote_id.clone(),
            fulfillment_id: "1".into(),
            tracking,
            notify_customer: false,
        },
        Intent::CancelFulfillment { order_remote_id: order_remote_id.clone(), fulfillment_id: "1".into() },
        Intent::CancelChannelOrder {
            order_remote_id: order_remote_id.clone(),
            reason: "customer".into(),
            restock: true,
            refund: true,
            notify_customer: false,
            staff_note: String::new(),
        },
        Intent::Refund {
            refund: RefundDraft {
                order_remote_id: order_remote_id.clone(),
                lines: lines
                    .iter()
                    .map(|line| RefundLineDraft { order_line_id: line.clone(), quantity: 1, restock: false })
                    .collect(),
                shipping_minor: 0,
                total_minor: 1_250,
                currency: Currency::new("EUR"),
                reason: "return".into(),
                note: String::new(),
                notify_customer: false,
                known_refund_ids: vec![],
            },
        },
        Intent::RecordRefund {
            hub_order_id: id.clone(),
            hub_order_key: key,
            refund: HubRefundDraft {
                number: "#1001".into(),
                total_minor: 1_250,
                through_minor: 1_250,
                currency: Currency::new("EUR"),
                lines: lines
                    .iter()
                    .map(|line| HubRefundLineDraft {
                        line_key: line.clone(),
                        sku: "MUG-BLUE".into(),
                        quantity: 1,
                        restock: true,
                    })
                    .collect(),
                reason: "customer".into(),
            },
        },
        Intent::AcknowledgeOrder { order_remote_id: order_remote_id.clone(), number: "#1001".into() },
        Intent::ShowHold { order_remote_id: order_remote_id.clone(), held: true },
        Intent::ShowHold { order_remote_id: order_remote_id.clone(), held: false },
        Intent::AnnotateOrder {
            order_remote_id,
            fields: vec![("cost".into(), "7.99".into())],
            note: "Packed".into(),
            tags: vec!["packed".into()],
        },
        Intent::SetStock {
            stock: StockDraft {
                sku: "MUG-BLUE".into(),
                item_id: Some("1".into()),
                location_id: Some("1".into()),
                available: 7,
                expected: Some(8),
                moves: false,
            },
        },
        Intent::PutRecord {
            record: RecordDraft {
                noun: RecordNoun::Named,
                object: "Contact".into(),
                external_id_field: "Quayside_Key__c".into(),
                external_id: "hg:1".into(),
                fields: vec![("LastName".into(), "\"Sørensen\"".into())],
            },
        },
    ]
}

/// An order's story, as decisions see it.
pub fn story() -> Story {
    let line = OrderLine {
        remote_id: "line/1".into(),
        sku: "MUG-BLUE".into(),
        name: "Mug".into(),
        variant: "Blue".into(),
        variant_id: Some("v/1".into()),
        product_type: String::new(),
        quantity: 2,
        current_quantity: 2,
        unfulfilled_quantity: 2,
        unit_price_minor: 1_250,
        discounted_unit_price_minor: 1_250,
        tax_minor: 0,
        weight_g: Some(400.0),
        requires_shipping: true,
        gift_card: false,
        options: vec![("Colour".into(), "Blue".into())],
        barcode: None,
    };
    Story {
        order_id: OrderId(1),
        channel: ConnectionId::new("harbour-goods"),
        received_at_ms: AT_MS,
        seen_at_ms: AT_MS,
        hub_orders: vec![],
        parcels: vec![],
        effects: vec![],
        choices: Choices::default(),
        strays: vec![],
        twins: vec![],
        returns: Vec::new(),
        quotes: Vec::new(),
        order: Order {
            remote_id: "order/1".into(),
            number: "#1001".into(),
            placed_at_ms: AT_MS,
            updated_at_ms: AT_MS,
            cancelled_at_ms: None,
            cancel_reason: None,
            closed_at_ms: None,
            test: false,
            payment: Payment::Paid,
            delivery: Delivery::Shipping,
            risk: None,
            currency: Currency::new("EUR"),
            subtotal_minor: 2_500,
            discount_minor: 0,
            shipping_minor: 0,
            tax_minor: 0,
            total_minor: 2_500,
            current_total_minor: 2_500,
            refunded_minor: None,
            taxes_included: true,
            customer: Some(Customer { name: "Ingrid Sørensen".into(), ..Customer::default() }),
            ship_to: Some(address()),
            bill_to: None,
            shipping: None,
            fulfillment_orders: vec![],
            lines: vec![line],
            fulfillments: vec![],
            note: "Ring twice".into(),
            gift_message: String::new(),
            tags: vec!["vip".into()],
            attributes: vec![("Gift wrap".into(), "yes".into())],
            ship_by_ms: None,
            deliver_by_ms: None,
            sold_on: None,
            admin_url: None,
        },
    }
}
