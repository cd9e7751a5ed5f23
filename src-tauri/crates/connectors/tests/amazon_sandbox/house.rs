//! A seller nobody else lives with: only what a test places exists.

use crate::common::{NOW_MS, World};
use quayside_model::effect::{RefundDraft, RefundLineDraft, StockDraft};
use quayside_model::order::FulfillmentLine;
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_model::{Currency, FulfillmentDraft, Intent, Tracking};
use quayside_sandbox::amazon::{Amazon, AmazonPlan};
use quayside_sandbox::merchant::shop::{Place, Purchase, PurchaseLine};
use quayside_sandbox::{Extra, Moment, Sandbox, SandboxPlan};

pub const SELLER: &str = "harbour-amazon";

/// A seller of the usual kind.
pub fn quiet() -> World {
    quiet_with(|_| {})
}

/// A seller of another kind.
pub fn quiet_with(change: impl FnOnce(&mut AmazonPlan)) -> World {
    let mut plan = SandboxPlan::quiet(11, NOW_MS - 40 * DAY_MS);
    plan.stores.clear();
    plan.hub = None;
    plan.extras = vec![Extra::Shop(|seed, start_ms| Box::new(Amazon::new(AmazonPlan::default(), seed, start_ms)))];
    let mut sandbox = Sandbox::new(plan);
    sandbox.advance(NOW_MS - HOUR_MS);
    let amazon = sandbox.shop_mut::<Amazon>(SELLER).unwrap();
    for sku in ["MUG-1", "PLATE"] {
        let like = amazon.state().listings.values().next().unwrap().clone();
        amazon.state_mut().listings.insert(sku.into(), like);
    }
    change(amazon.plan_mut());
    World::new(sandbox, SELLER)
}

/// Looks into the seller, or changes it by hand.
pub fn seller<T>(world: &World, f: impl FnOnce(&mut Amazon) -> T) -> T {
    f(world.sandbox.lock().unwrap().shop_mut(SELLER).unwrap())
}

/// The same, with time, chance and the ledger.
pub fn act<T>(world: &World, f: impl FnOnce(&mut Amazon, &mut Moment<'_>) -> T) -> T {
    let mut sandbox = world.sandbox.lock().unwrap();
    sandbox.scene(|scene| {
        let shop = scene.shops.iter_mut().find(|shop| shop.account() == SELLER).unwrap();
        let any: &mut dyn std::any::Any = shop.as_mut();
        let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
        f(any.downcast_mut().unwrap(), &mut moment)
    })
}

pub fn purchase(lines: &[(&str, i64)]) -> Purchase {
    Purchase {
        email: "jane@mail.example".into(),
        ship_to: Place {
            first_name: "Jane".into(),
            last_name: "Roe".into(),
            line1: "Am Kai 1".into(),
            postcode: "20457".into(),
            city: "Hamburg".into(),
            country: "DE".into(),
            country_name: "Germany".into(),
            phone: "+49 40 1234".into(),
            ..Place::default()
        },
        bill_to: None,
        lines: lines
            .iter()
            .map(|(sku, quantity)| PurchaseLine {
                sku: (*sku).into(),
                name: format!("The {sku}"),
                variant: String::new(),
                quantity: *quantity,
                unit_price_minor: 1_850,
                weight_g: Some(400.0),
                options: vec![],
            })
            .collect(),
        shipping_minor: 490,
        express: false,
        paid: true,
        note: String::new(),
        gift_message: String::new(),
    }
}

/// An order that is ready to be shipped. Its id.
pub fn place(world: &World, lines: &[(&str, i64)]) -> String {
    act(world, |amazon, moment| amazon.place_released(&purchase(lines), moment).unwrap())
}

/// Items of an order: id and units.
pub fn items(world: &World, order: &str) -> Vec<(String, i64)> {
    seller(world, |amazon| {
        amazon.state().orders[order].items.iter().map(|item| (item.id.clone(), item.quantity)).collect()
    })
}

pub fn fulfill(order: &str, lines: &[(String, i64)], numbers: &[&str]) -> Intent {
    Intent::Fulfill {
        fulfillment: FulfillmentDraft {
            order_remote_id: order.into(),
            parcel_ids: vec!["label:1".into()],
            lines: lines
                .iter()
                .map(|(id, quantity)| FulfillmentLine { order_line_id: id.clone(), quantity: *quantity })
                .collect(),
            tracking: tracking(numbers),
            notify_customer: true,
            shipped_at_ms: Some(NOW_MS - HOUR_MS),
            known_fulfillment_ids: vec![],
            expected: None,
        },
    }
}

pub fn tracking(numbers: &[&str]) -> Tracking {
    Tracking {
        carrier_code: "ups".into(),
        carrier_name: "UPS".into(),
        numbers: numbers.iter().map(|number| (*number).to_owned()).collect(),
        urls: vec![],
    }
}

pub fn cancel(order: &str) -> Intent {
    Intent::CancelChannelOrder {
        order_remote_id: order.into(),
        reason: "customer".into(),
        restock: true,
        refund: true,
        notify_customer: true,
        staff_note: String::new(),
    }
}

pub fn refund(order: &str, lines: &[(String, i64)], total_minor: i64, shipping_minor: i64) -> Intent {
    Intent::Refund {
        refund: RefundDraft {
            order_remote_id: order.into(),
            lines: lines
                .iter()
                .map(|(id, quantity)| RefundLineDraft {
                    order_line_id: id.clone(),
                    quantity: *quantity,
                    restock: false,
                })
                .collect(),
            shipping_minor,
            total_minor,
            currency: Currency::new("EUR"),
            reason: "return".into(),
            note: String::new(),
            notify_customer: true,
            known_refund_ids: vec![],
        },
    }
}

pub fn set_stock(sku: &str, available: i64) -> Intent {
    Intent::SetStock {
        stock: StockDraft {
            sku: sku.into(),
            item_id: None,
            location_id: None,
            available,
            expected: None,
            moves: false,
        },
    }
}
