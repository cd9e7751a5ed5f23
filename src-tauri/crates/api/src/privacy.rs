//! Buyers' personal data goes when its platform says so.
//!
//! Platforms that have such a rule declare it in days after delivery
//! (`personal_data_days`). Once an hour every closed order of theirs is looked at:
//! what is due is blanked everywhere at once, raw answers and search index
//! included. An order that still waits for something keeps its address, because
//! somebody has to ship it.

use quayside_connectors::platform;
use quayside_model::time::DAY_MS;
use quayside_model::{ConnectionId, OrderId};
use quayside_store::{Store, StoreError};

/// Orders looked at in one piece.
const PIECE: usize = 200;

/// Blanks everything that is due now. Returns how many orders.
pub(crate) fn forget(store: &Store, now_ms: i64) -> Result<usize, StoreError> {
    let mut blanked = 0;
    for config in store.read(|r| r.connections())? {
        let days = platform(&config.platform).and_then(|platform| platform.declaration.personal_data_days);
        let Some(days) = days else { continue };
        let keep_ms = i64::from(days) * DAY_MS;
        blanked += forget_orders(store, &config.id, now_ms, keep_ms)?;
        // Nobody knows when such an order was delivered: twice the time after it was set aside is late enough.
        store.write(|tx| tx.blank_set_aside(&config.id, now_ms - 2 * keep_ms))?;
    }
    Ok(blanked)
}

fn forget_orders(store: &Store, connection: &ConnectionId, now_ms: i64, keep_ms: i64) -> Result<usize, StoreError> {
    let (mut after, mut blanked) = (OrderId(0), 0);
    loop {
        let piece = store.read(|r| r.orders_to_blank(connection, i64::MAX, after, PIECE))?;
        let Some(last) = piece.last().copied() else { return Ok(blanked) };
        after = last;
        for id in piece {
            let Some(story) = store.read(|r| r.story(id))? else { continue };
            if story.order.delivered_or_promised_ms() + keep_ms < now_ms
                && store.write(|tx| tx.blank_personal(id, now_ms))?
            {
                blanked += 1;
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use quayside_engine::{ingest, policy};
    use quayside_model::{
        Account, Address, ConnectionConfig, Currency, Delivery, Fulfillment, FulfillmentLine, Incoming, Order,
        OrderLine, Page, Payment, Record, RecordKind, Unreadable,
    };
    use std::collections::BTreeMap;

    const NOW: i64 = 1_795_165_200_000;

    fn config(platform: &str) -> ConnectionConfig {
        ConnectionConfig {
            id: ConnectionId::new(platform),
            name: platform.into(),
            platform: platform.into(),
            way: String::new(),
            fields: BTreeMap::new(),
            base_url: None,
            account: Account { remote_id: platform.into(), ..Account::default() },
            settings: BTreeMap::new(),
            paused: false,
            created_at_ms: NOW,
        }
    }

    fn order(id: &str, shipped: bool, delivered_ms: Option<i64>, deliver_by_ms: Option<i64>) -> Order {
        let units = i64::from(!shipped);
        Order {
            remote_id: id.into(),
            number: id.into(),
            placed_at_ms: NOW - 90 * DAY_MS,
            updated_at_ms: NOW - DAY_MS,
            cancelled_at_ms: None,
            cancel_reason: None,
            closed_at_ms: None,
            test: false,
            payment: Payment::Paid,
            delivery: Delivery::Shipping,
            risk: None,
            currency: Currency::new("EUR"),
            subtotal_minor: 100,
            discount_minor: 0,
            shipping_minor: 0,
            tax_minor: 0,
            total_minor: 100,
            current_total_minor: 100,
            taxes_included: true,
            customer: None,
            ship_to: Some(Address {
                name: "Jane Roe".into(),
                line1: "Am Kai 1".into(),
                city: "Hamburg".into(),
                country: "DE".into(),
                ..Address::default()
            }),
            bill_to: None,
            shipping: None,
            lines: vec![OrderLine {
                remote_id: "l1".into(),
                sku: "MUG".into(),
                name: "Mug".into(),
                variant: String::new(),
                quantity: 1,
                current_quantity: 1,
                unfulfilled_quantity: units,
                requires_shipping: true,
                gift_card: false,
                unit_price_minor: 100,
                discounted_unit_price_minor: 100,
                tax_minor: 0,
                weight_g: None,
                options: vec![("Engraving".into(), "For Jane".into())],
                barcode: None,
                variant_id: None,
            }],
            fulfillment_orders: vec![],
            fulfillments: if shipped {
                vec![Fulfillment {
                    remote_id: "1".into(),
                    live: true,
                    status: "shipped".into(),
                    created_at_ms: NOW - 80 * DAY_MS,
                    delivered_at_ms: delivered_ms,
                    tracking_numbers: vec!["1Z".into()],
                    carrier: "UPS".into(),
                    lines: vec![FulfillmentLine { order_line_id: "l1".into(), quantity: 1 }],
                }]
            } else {
                vec![]
            },
            note: String::new(),
            gift_message: "Dear Jane".into(),
            tags: vec![],
            attributes: vec![],
            ship_by_ms: None,
            deliver_by_ms,
            admin_url: None,
        }
    }

    #[test]
    fn buyers_are_forgotten_thirty_days_after_delivery_where_the_platform_asks_for_it() {
        let store = Store::in_memory();
        store
            .write(|tx| {
                tx.put_connection(&config("amazon"))?;
                tx.put_connection(&config("shopify"))
            })
            .unwrap();
        let days_ago = |days: i64| Some(NOW - days * DAY_MS);
        let orders = [
            ("delivered-31", order("delivered-31", true, days_ago(31), days_ago(2)), true),
            ("delivered-29", order("delivered-29", true, days_ago(29), days_ago(60)), false),
            ("promised-31", order("promised-31", true, None, days_ago(31)), true),
            ("promised-29", order("promised-29", true, None, days_ago(29)), false),
            ("still-open", order("still-open", false, None, days_ago(60)), false),
        ];
        for platform in ["amazon", "shopify"] {
            let page = Page {
                records: orders
                    .iter()
                    .map(|(_, order, _)| Incoming {
                        record: Record::Order(order.clone()),
                        raw: "{\"name\":\"Jane Roe\"}".into(),
                    })
                    .collect(),
                unreadable: vec![Unreadable {
                    remote_id: "odd".into(),
                    number: None,
                    why: "odd".into(),
                    raw: "{\"name\":\"Jane Roe\"}".into(),
                }],
                cursor: serde_json::Value::Null,
                next: None,
                total: None,
            };
            let policy = store.read(policy::load).unwrap();
            let id = ConnectionId::new(platform);
            ingest(&store, &policy, &id, RecordKind::Order, &page, None, NOW).unwrap();
        }
        assert_eq!(forget(&store, NOW).unwrap(), 2);
        assert_eq!(forget(&store, NOW).unwrap(), 0, "and stay forgotten");
        for (platform, forgets) in [("amazon", true), ("shopify", false)] {
            for (id, _, due) in &orders {
                let connection = ConnectionId::new(platform);
                let found = store.read(|r| r.record(&connection, RecordKind::Order, id)).unwrap().unwrap();
                let told = serde_json::to_string(&found).unwrap();
                assert_eq!(!told.contains("Jane"), forgets && *due, "{platform} {id}");
                assert!(told.contains("MUG"), "what was sold stays");
            }
        }
        // What could not be read goes as well, in time.
        let raw = |at_ms| {
            forget(&store, at_ms).unwrap();
            store.read(|r| r.set_aside_raw(&ConnectionId::new("amazon"), RecordKind::Order, "odd")).unwrap()
        };
        assert!(raw(NOW + 59 * DAY_MS).unwrap().contains("Jane"));
        assert!(!raw(NOW + 61 * DAY_MS).unwrap().contains("Jane"));
    }
}
