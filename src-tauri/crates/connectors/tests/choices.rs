//! What a platform declares about choices is what it does with them: one that is honoured changes what is sent, one
//! that is not changes nothing.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
#[path = "amazon_sandbox/house.rs"]
#[allow(dead_code)] // shared with Amazon's own suite, which needs more of it
mod house;

use common::{NOW_MS, Outcome, World, run};
use quayside_connectors::{Priority, ReadError, registry};
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use quayside_model::{
    Choice, Currency, FulfillmentDraft, FulfillmentLine, HubField, Incoming, Intent, IntentKind, Order, Record,
    RecordKind, RefundDraft, RefundLineDraft, Role, Tracking,
};
use quayside_sandbox::bigcommerce::{BigCommerce, BigPlan};
use quayside_sandbox::merchant::shop::Shop;
use quayside_sandbox::salesforce::Salesforce;
use quayside_sandbox::shopify::state::gid;
use quayside_sandbox::shopify::{LineDraft, OrderDraft, ShopPlan};
use quayside_sandbox::{Extra, Moment, Sandbox, SandboxPlan};

/// What is chosen.
#[derive(Clone, Copy, Default)]
struct Chosen {
    refund: bool,
    restock: bool,
    notify: bool,
}

impl Chosen {
    fn with(mut self, choice: Choice, chosen: bool) -> Self {
        match choice {
            Choice::Refund => self.refund = chosen,
            Choice::Restock => self.restock = chosen,
            Choice::Notify => self.notify = chosen,
        }
        self
    }
    fn all() -> Self {
        Self { refund: true, restock: true, notify: true }
    }
}

fn world(account: &str, fill: impl FnOnce(&mut SandboxPlan)) -> World {
    let mut plan = SandboxPlan::quiet(7, NOW_MS - 10 * DAY_MS);
    plan.stores = vec![];
    plan.hub = None;
    fill(&mut plan);
    let mut sandbox = Sandbox::new(plan);
    sandbox.advance(NOW_MS - HOUR_MS);
    World::new(sandbox, account)
}

fn of<T: 'static>(shop: &mut dyn Shop) -> &mut T {
    let any: &mut dyn std::any::Any = shop;
    any.downcast_mut().unwrap()
}

/// A world of the platform with one order of two units; its id, its line and the price of one unit, tax included.
fn sold(platform: &str, shipped: bool) -> Option<(World, String, String, i64)> {
    match platform {
        "shopify" => {
            let world = world("harbour-goods", |plan| plan.stores = vec![ShopPlan::harbour_goods()]);
            let (id, line) = world.sandbox.lock().unwrap().scene(|scene| {
                let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
                let lines = vec![LineDraft::custom("Mug", 1_500, 2)];
                let draft = OrderDraft { lines, routed: true, ..OrderDraft::default() };
                let id = scene.stores[0].place(draft, &mut moment);
                let line = scene.stores[0].state().order(id).unwrap().lines[0].id;
                (gid("Order", id), gid("LineItem", line))
            });
            Some((world, id, line, 1_500))
        }
        "bigcommerce" => {
            let world = world("harbour-depot", |plan| {
                plan.extras = vec![Extra::Shop(|_, _| Box::new(BigCommerce::new(BigPlan::harbour_depot())))];
            });
            let (id, line) = world.sandbox.lock().unwrap().scene(|scene| {
                let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
                let store = of::<BigCommerce>(scene.shops[0].as_mut());
                let lines = vec![quayside_sandbox::bigcommerce::LineDraft::of("MUG", 1_500, 2)];
                let draft = quayside_sandbox::bigcommerce::OrderDraft {
                    lines,
                    ship_to: vec![(quayside_sandbox::bigcommerce::Address::default(), "Ground".into(), 750)],
                    ..Default::default()
                };
                let id = store.buy(draft, &mut moment);
                (id, store.state.orders[&id].lines[0].id)
            });
            Some((world, id.to_string(), line.to_string(), 1_624))
        }
        "amazon" => {
            let world = house::quiet_with(|plan| plan.feed_minutes = (1, 1));
            let id = house::place(&world, &[("MUG-1", 2)]);
            let items = house::items(&world, &id);
            if shipped {
                house::act(&world, |amazon, moment| {
                    assert!(amazon.confirm_by_hand(&id, "1", "UPS", "1Z", &items, moment));
                });
            }
            Some((world, id, items[0].0.clone(), 1_850))
        }
        "salesforce" => {
            let world = world("harbour-trade", |plan| {
                plan.extras = vec![Extra::Shop(quayside_sandbox::salesforce::shop)];
            });
            world.choose("cancel_stage", "Closed Lost");
            let id = world.sandbox.lock().unwrap().scene(|scene| {
                let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
                let org = of::<Salesforce>(scene.shops[0].as_mut());
                org.place(&house::purchase(&[("MUG", 2)]), &mut moment).unwrap()
            });
            Some((world, id, String::new(), 1_850))
        }
        _ => None,
    }
}

/// The order, as the connector reads it.
async fn read_order(world: &World, id: &str) -> Order {
    let connector = world.open();
    for _ in 0..50 {
        match connector.read_one(RecordKind::Order, id, Priority::Person).await {
            Ok(Some(Incoming { record: Record::Order(order), .. })) => return order,
            Err(ReadError::WaitUntil { at_ms, .. }) => world.clock.reach(at_ms),
            other => panic!("{other:?}"),
        }
    }
    panic!("{id} is never read");
}

fn tracking(number: &str) -> Tracking {
    Tracking { carrier_code: "ups".into(), carrier_name: "UPS".into(), numbers: vec![number.into()], urls: vec![] }
}

/// The parcel with all of an order.
async fn report(world: &World, order: &str, notify_customer: bool) -> Intent {
    let order = read_order(world, order).await;
    let lines = order
        .lines
        .iter()
        .map(|line| FulfillmentLine { order_line_id: line.remote_id.clone(), quantity: line.current_quantity });
    Intent::Fulfill {
        fulfillment: FulfillmentDraft {
            parcel_ids: vec!["label:1".into()],
            lines: lines.collect(),
            tracking: tracking("1Z0001"),
            notify_customer,
            shipped_at_ms: Some(NOW_MS),
            known_fulfillment_ids: vec![],
            expected: None,
            order_remote_id: order.remote_id,
        },
    }
}

/// Everything that was sent beyond plain reading, for a change with these choices.
async fn sent(platform: &str, kind: IntentKind, chosen: Chosen) -> Vec<(String, String, String)> {
    let (world, order, line, unit_minor) = sold(platform, kind == IntentKind::Refund).unwrap();
    let intent = match kind {
        IntentKind::CancelChannelOrder => Intent::CancelChannelOrder {
            order_remote_id: order,
            reason: "customer".into(),
            restock: chosen.restock,
            refund: chosen.refund,
            notify_customer: chosen.notify,
            staff_note: String::new(),
        },
        IntentKind::Refund => Intent::Refund {
            refund: RefundDraft {
                order_remote_id: order,
                lines: vec![RefundLineDraft { order_line_id: line, quantity: 1, restock: chosen.restock }],
                shipping_minor: 0,
                total_minor: unit_minor,
                currency: Currency::new(if platform == "bigcommerce" { "USD" } else { "EUR" }),
                reason: "return".into(),
                note: String::new(),
                notify_customer: chosen.notify,
                known_refund_ids: vec![],
            },
        },
        IntentKind::Fulfill => report(&world, &order, chosen.notify).await,
        IntentKind::ReplaceTracking => {
            let told = report(&world, &order, false).await;
            assert_eq!(world.run_with_key("report", &told).await, Outcome::Holds, "{platform}");
            world.clock.advance(10 * MINUTE_MS);
            let told = read_order(&world, &order).await.fulfillments;
            Intent::ReplaceTracking {
                order_remote_id: order,
                fulfillment_id: told[0].remote_id.clone(),
                tracking: tracking("1Z0002"),
                notify_customer: chosen.notify,
            }
        }
        other => panic!("{other:?}"),
    };
    let before = world.talk().len();
    assert_eq!(run(&world, &intent, 8 * HOUR_MS, None).await, Outcome::Holds, "{platform} {kind:?}");
    let talk = world.talk().split_off(before);
    let said = talk.into_iter().filter(|one| one.method != "GET");
    said.map(|one| (one.method, one.url, String::from_utf8_lossy(&one.body).into_owned())).collect()
}

#[tokio::test]
async fn a_choice_changes_what_is_sent_exactly_where_it_is_declared_as_honoured() {
    let mut tried = 0;
    for platform in registry() {
        let declared = platform.declaration;
        for kind in declared.performs {
            for choice in Choice::beside(*kind) {
                for others in [Chosen::default(), Chosen::all()] {
                    let with = sent(declared.platform, *kind, others.with(*choice, true)).await;
                    let without = sent(declared.platform, *kind, others.with(*choice, false)).await;
                    assert!(!with.is_empty(), "{} {kind:?}", declared.platform);
                    let honoured = declared.instead(*kind, *choice).is_none();
                    assert_eq!(with != without, honoured, "{} {kind:?} {choice:?}", declared.platform);
                    tried += 1;
                }
            }
        }
    }
    assert_eq!(
        tried,
        2 * (4 * 3 + 3 * 2 + 4 * 2),
        "four stores cancel, hear of parcels and of their corrections, three give money back"
    );
}

#[test]
fn whatever_could_be_chosen_is_declared_once_and_nothing_else() {
    assert_eq!(registry().len(), 7);
    for platform in registry() {
        let declared = platform.declaration;
        let mut expected: Vec<(IntentKind, Choice)> = Vec::new();
        for kind in declared.performs {
            expected.extend(Choice::beside(*kind).iter().map(|choice| (*kind, *choice)));
        }
        let listed: Vec<_> = declared.choices.iter().map(|one| (one.kind, one.choice)).collect();
        assert_eq!(listed, expected, "{}", declared.platform);
        assert_eq!(
            declared.refunds.is_some(),
            declared.performs.contains(&IntentKind::Refund),
            "{}",
            declared.platform
        );
        for sentence in declared.choices.iter().filter_map(|one| one.instead) {
            assert!(sentence.ends_with('.') && sentence.len() > 20, "{}: {sentence}", declared.platform);
        }
    }
}

#[test]
fn every_hub_says_what_it_does_with_every_field_a_mapping_fills() {
    for platform in registry() {
        let declared = platform.declaration;
        let said: Vec<HubField> = declared.keeps.iter().map(|kept| kept.field).collect();
        let is_hub = declared.roles.contains(&Role::Hub);
        assert_eq!(said, if is_hub { HubField::ALL.to_vec() } else { Vec::new() }, "{}", declared.platform);
        for kept in declared.keeps {
            // A sentence a person can act upon, or a length.
            assert!(kept.instead.is_none_or(|why| why.ends_with('.') && why.len() > 40), "{kept:?}");
            assert!(kept.most.is_none_or(|most| most >= 50 && kept.instead.is_none()), "{kept:?}");
        }
    }
}
