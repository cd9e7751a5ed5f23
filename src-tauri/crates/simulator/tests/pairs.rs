//! Every channel with every hub: the same three orders through all eight pairs, counted on both sides.
//!
//! In each pair one order leaves in two parts (one line of two first, the rest an hour later), one leaves in two packages,
//! one is called off before anybody packed it. Where a platform cannot do a thing, the table says so with the reason, and
//! what happens instead is asserted. Nothing goes wrong on the wire here; for that see `weeks_six.rs`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use quayside_engine::policy::{MAPPING_KEY, RULES_KEY, shapers_changed};
use quayside_flows::HUB_OF_STORE;
use quayside_flows::field_mapping::FieldMapping;
use quayside_flows::rules::{Rule, RuleAction, RuleBook, SplitBy, Test};
use quayside_model::{Cause, Choices, ConnectionId, EffectState, Intent, IntentKind, Mode, RefundDraft, Story};
use quayside_sandbox::amazon::Amazon;
use quayside_sandbox::bigcommerce::BigCommerce;
use quayside_sandbox::bigcommerce::state::Address as Door;
use quayside_sandbox::bigcommerce::{LineDraft as DoorLine, OrderDraft as DoorDraft};
use quayside_sandbox::ledger::{By, Entry};
use quayside_sandbox::merchant::shop::{Place, Purchase, PurchaseLine, Shop};
use quayside_sandbox::orderez::Orderez;
use quayside_sandbox::salesforce::Salesforce;
use quayside_sandbox::shipstation::ShipStationPlan;
use quayside_sandbox::shipstation::state::labels::Purchase as Postage;
use quayside_sandbox::shipstation::state::{Pen, Status};
use quayside_sandbox::shopify::state::Address;
use quayside_sandbox::shopify::{LineDraft, OrderDraft, ShopPlan};
use quayside_sandbox::{Fault, FaultPlan, Moment, SandboxPlan, Scene, StandIn as _, extras, extras_of};
use quayside_simulator::House;
use quayside_store::{AutomationRow, EffectFilter, FindingState};
use std::any::Any;
use std::collections::BTreeMap;

/// What becomes of an order at the hub that the buyer called off before packing.
#[derive(Clone, Copy, Debug, PartialEq)]
enum CalledOff {
    /// It is cancelled there.
    Cancelled,
    /// Only held, and why.
    Held(&'static str),
}

/// How the channel shows one shipment with two tracking numbers. (Two labels are two reports everywhere.)
#[derive(Clone, Copy, Debug, PartialEq)]
enum TwoNumbers {
    /// One report with both numbers.
    Together,
    /// One report with the first number, the second in its remarks, and why.
    Remarked(&'static str),
    /// Otherwise: units shown with the first and with the second number, and why.
    Apart(i64, i64, &'static str),
}

struct Pair {
    channel: &'static str,
    hub: &'static str,
    called_off: CalledOff,
    two_numbers: TwoNumbers,
}

const WISH: CalledOff =
    CalledOff::Held("a buyer there can only ask once the order is released; the seller decides, so it must not leave");
const UNITS_APART: TwoNumbers = TwoNumbers::Apart(1, 1, "a package there has one number, so each gets a unit");

const REMARKED: TwoNumbers = TwoNumbers::Remarked("a shipment there has one number; its comments name the others");

const fn pair(channel: &'static str, hub: &'static str, called_off: CalledOff, two_numbers: TwoNumbers) -> Pair {
    Pair { channel, hub, called_off, two_numbers }
}

#[rustfmt::skip] // a table
const PAIRS: [Pair; 8] = [
    pair("shopify",     "shipstation", CalledOff::Cancelled, TwoNumbers::Together),
    pair("shopify",     "orderez",     CalledOff::Cancelled, TwoNumbers::Together),
    pair("bigcommerce", "shipstation", CalledOff::Cancelled, REMARKED),
    pair("bigcommerce", "orderez",     CalledOff::Cancelled, REMARKED),
    pair("amazon",      "shipstation", WISH,                 UNITS_APART),
    pair("amazon",      "orderez",     WISH,                 UNITS_APART),
    pair("salesforce",  "shipstation", CalledOff::Cancelled, TwoNumbers::Together),
    pair("salesforce",  "orderez",     CalledOff::Cancelled, TwoNumbers::Together),
];

/// Units by tracking number as the channel shows them, and how many reports there are.
type Told = (usize, BTreeMap<String, i64>);

/// An order at the hub: the word for where it stands, and units by SKU.
type AtHub = (String, BTreeMap<String, i64>);

struct Merchant {
    pair: &'static Pair,
    house: House,
    /// The channel's account.
    account: String,
}

impl Merchant {
    fn new(pair: &'static Pair) -> Self {
        Self::beside(pair, &[])
    }

    /// With further accounts beside the pair.
    fn beside(pair: &'static Pair, others: &[&'static str]) -> Self {
        let further: Vec<&str> = [pair.channel, pair.hub]
            .into_iter()
            .filter(|name| !matches!(*name, "shopify" | "shipstation"))
            .chain(others.iter().copied())
            .collect();
        let plan = SandboxPlan {
            stores: if pair.channel == "shopify" { vec![ShopPlan::harbour_goods()] } else { vec![] },
            hub: (pair.hub == "shipstation").then(ShipStationPlan::default),
            extras: extras_of(&further),
            ..SandboxPlan::quiet(7, 0)
        };
        let house = House::open(plan).unwrap();
        let account = house.people(|scene| {
            let store = scene.stores.first().map(|store| store.plan().account.clone());
            store.unwrap_or_else(|| scene.shops[0].account().to_owned())
        });
        Self { pair, house, account }
    }

    /// A buyer buys; the order's id in the channel.
    fn buys(&self, lines: &[(&str, i64)]) -> String {
        self.house.people(|scene| {
            if let Some(store) = scene.stores.first_mut() {
                let lines = lines.iter().map(|(sku, units)| {
                    let (product, variant) = store.by_sku(sku).expect("an article of the catalogue");
                    LineDraft::of(product, variant, *units)
                });
                let draft = OrderDraft {
                    lines: lines.collect(),
                    email: Some("jane@mail.example".into()),
                    ship_to: Some(Address {
                        first_name: "Jane".into(),
                        last_name: "Roe".into(),
                        address1: "Am Kai 1".into(),
                        city: "Hamburg".into(),
                        zip: "20457".into(),
                        country: "Germany".into(),
                        country_code: "DE".into(),
                        ..Address::default()
                    }),
                    routed: true,
                    ..OrderDraft::default()
                };
                let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
                return format!("gid://shopify/Order/{}", store.place(draft, &mut moment));
            }
            let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
            let shop = scene.shops[0].as_mut();
            if self.pair.channel == "amazon" {
                let any: &mut dyn Any = shop;
                let amazon: &mut Amazon = any.downcast_mut().unwrap();
                return amazon.place_released(&purchase(lines), &mut moment).unwrap();
            }
            shop.place(&purchase(lines), &mut moment).unwrap()
        })
    }

    /// The buyer calls it off.
    fn calls_off(&self, order: &str) {
        self.house.people(|scene| {
            let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
            if let Some(store) = scene.stores.first_mut() {
                assert!(store.cancel(tail(order).parse().unwrap(), "CUSTOMER", &mut moment));
            } else {
                // Where it can only be asked for, this says that it is not cancelled.
                let cancelled = scene.shops[0].cancel(order, &mut moment);
                assert_eq!(cancelled, self.pair.called_off == CalledOff::Cancelled);
            }
        });
    }

    /// The order at the hub. Ours by its key, and never there twice.
    fn at_hub(&self, order: &str) -> AtHub {
        let ends = format!("-{}", tail(order));
        let found = self.house.people(|scene| {
            if let Some(hub) = scene.hubs.first() {
                let orders = hub.state.orders.values().filter(|one| !one.deleted && one.key.ends_with(&ends));
                return orders
                    .map(|one| {
                        let items = one.body.items.iter().map(|item| (item.sku.clone(), item.quantity));
                        let word = match one.body.status {
                            Status::AwaitingShipment => "open",
                            Status::OnHold => "held",
                            Status::Shipped => "left",
                            other => other.code(),
                        };
                        (word.to_owned(), items.collect())
                    })
                    .collect::<Vec<AtHub>>();
            }
            in_orderez(scene, &ends)
        });
        assert_eq!(found.len(), 1, "{order} is not at the hub once: {found:?}");
        found.into_iter().next().unwrap()
    }

    /// The same at Orderez, where that is a second account.
    fn at_orderez(&self, order: &str) -> AtHub {
        let found = self.house.people(|scene| in_orderez(scene, &format!("-{}", tail(order))));
        assert_eq!(found.len(), 1, "{order} is not at Orderez once: {found:?}");
        found.into_iter().next().unwrap()
    }

    /// Packs units by SKU, `None` all that is left, in one parcel; its number.
    fn packs(&self, order: &str, units: Option<(&str, i64)>) -> String {
        self.house.people(|scene| {
            let ends = format!("-{}", tail(order));
            if scene.hubs.is_empty() {
                let number = format!("00340{:08}", scene.now_ms / 1000 % 100_000_000);
                ship_from_orderez(scene, &ends, units, &[&number]);
                return number;
            }
            let hub = &mut scene.hubs[0].state;
            let known = hub.orders.values().find(|one| !one.deleted && one.key.ends_with(&ends)).unwrap().clone();
            let lines = units.map(|(sku, n)| {
                let item = known.body.items.iter().find(|item| item.sku == sku).unwrap();
                vec![(item.id, n)]
            });
            let postage = Postage {
                carrier: "ups_walleted".into(),
                service: "ups_standard_international".into(),
                grams: Some(500.0),
                lines,
                again: true,
                ..Postage::default()
            };
            let mut pen = Pen { now_ms: scene.now_ms, by: By::Merchant, ledger: scene.ledger };
            let label = hub.buy(&mut pen, known.id, &postage).unwrap();
            hub.labels[&label].tracking_number.clone()
        })
    }

    /// Packs two units in two packages, as this hub does it: two labels, or one shipment with two numbers.
    fn packs_two(&self, order: &str, sku: &str) -> (String, String) {
        if self.pair.hub == "shipstation" {
            return (self.packs(order, Some((sku, 1))), self.packs(order, None));
        }
        let (first, second) = ("00340111100000001", "00340111100000002");
        self.house.people(|scene| {
            ship_from_orderez(scene, &format!("-{}", tail(order)), None, &[first, second]);
        });
        (first.to_owned(), second.to_owned())
    }

    /// Somebody who reaches into the BigCommerce store itself.
    fn in_bigcommerce<R>(&self, act: impl FnOnce(&mut BigCommerce, &mut Moment<'_>) -> R) -> R {
        self.house.people(|scene| {
            let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
            let any: &mut dyn Any = scene.shops[0].as_mut();
            act(any.downcast_mut().unwrap(), &mut moment)
        })
    }

    /// A buyer buys for two doors; the ids of both parts.
    fn buys_for_two_doors(&self) -> (String, String) {
        self.in_bigcommerce(|store, moment| {
            let at = |city: &str| {
                let text = |text: &str| text.to_owned();
                let door = Door {
                    first_name: text("Jane"),
                    last_name: text("Roe"),
                    street_1: text("3 Harbour Road"),
                    city: text(city),
                    state: text("Texas"),
                    zip: text("78701"),
                    country: text("United States"),
                    country_iso2: text("US"),
                    email: text("jane@mail.example"),
                    ..Door::default()
                };
                (door, "Ground".to_owned(), 750)
            };
            let second = DoorLine { door: 1, ..DoorLine::of("SAL-SMO", 900, 2) };
            let draft = DoorDraft {
                lines: vec![DoorLine::of("MAT-ROP", 1_500, 1), second],
                ship_to: vec![at("Austin"), at("Dallas")],
                ..DoorDraft::default()
            };
            let id = store.buy(draft, moment);
            let parts = store.parts(&id.to_string());
            assert_eq!(parts.len(), 2);
            (parts[0].clone(), parts[1].clone())
        })
    }

    /// Somebody at the desk puts these units into a second part.
    fn splits(&self, order: &str, further: &[(&str, i64)]) {
        let account = ConnectionId::new(&self.account);
        let now_ms = self.house.people(|scene| scene.now_ms);
        let policy = self.house.store().read(quayside_engine::policy::load).unwrap();
        let split = self.house.store().write(|tx| {
            let id = tx.order_id(&account, order)?.expect("the order was read");
            let story = tx.story(id)?.expect("the order has a story");
            let line =
                |sku: &str| story.order.lines.iter().find(|line| line.sku == sku).expect("a line").remote_id.clone();
            let part: BTreeMap<String, i64> = further.iter().map(|(sku, n)| (line(sku), *n)).collect();
            tx.put_choices(id, &Choices { split: Some(vec![part]), ..story.choices.clone() })?;
            quayside_engine::redecide(tx, &policy, id, now_ms)
        });
        assert!(split.unwrap() > 0, "{order}: nothing follows from the split");
    }

    /// What the channel shows of an order: reports, and units by number.
    fn told(&self, order: &str) -> Told {
        let view = self.house.order(order).expect("the channel has the order");
        let mut units = BTreeMap::new();
        for shipment in &view.shipments {
            // Several numbers may stand in one field, as people write them there.
            for number in shipment.numbers.iter().flat_map(|field| field.split(',')).map(str::trim) {
                let before = units.insert(number.to_owned(), shipment.units.values().sum());
                assert!(before.is_none(), "{number} is told twice: {view:?}");
            }
        }
        for line in &view.lines {
            assert!(line.shipped <= line.units, "more is told than was bought: {view:?}");
        }
        (view.shipments.len(), units)
    }

    /// What the order's story says of its customer, oldest first.
    fn customer(&self, order: &str) -> Vec<String> {
        let account = ConnectionId::new(&self.account);
        let events = self.house.store().read(|r| match r.order_id(&account, order)? {
            Some(id) => r.events_of(id),
            None => Ok(Vec::new()),
        });
        let of_customer = |event: &quayside_store::EventRow| {
            event.detail.as_ref().is_some_and(|detail| detail.get("customer").is_some())
        };
        events.unwrap().into_iter().filter(of_customer).map(|event| event.sentence).collect()
    }

    fn nothing_to_say(&self, order: &str) {
        let told = self.house.told(&self.account, order).unwrap();
        let told: Vec<_> = told.iter().filter(|(cause, _)| cause != "late" && cause != "at_risk").collect();
        assert!(told.is_empty(), "{order}: {told:?}");
    }
}

fn orderez<'a>(scene: &'a mut Scene<'_>) -> &'a mut Orderez {
    let any: &mut dyn Any = scene.benches[0].as_mut();
    any.downcast_mut().unwrap()
}

/// Orders at Orderez whose key ends so.
fn in_orderez(scene: &mut Scene<'_>, ends: &str) -> Vec<AtHub> {
    let orders = orderez(scene).state.orders.values();
    orders
        .filter(|one| one.client_key().is_some_and(|key| key.ends_with(ends)))
        .map(|one| {
            let items = one.lines.iter().map(|line| (line.sku.clone(), line.quantity - line.cancelled));
            let word = match one.status() {
                "accepted" | "partially_fulfilled" => "open",
                "on_hold" => "held",
                "fulfilled" => "left",
                other => other,
            };
            (word.to_owned(), items.collect())
        })
        .collect()
}

fn ship_from_orderez(scene: &mut Scene<'_>, ends: &str, units: Option<(&str, i64)>, numbers: &[&str]) {
    let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
    let any: &mut dyn Any = scene.benches[0].as_mut();
    let hub: &mut Orderez = any.downcast_mut().unwrap();
    let known = hub.state.orders.values().find(|one| one.client_key().is_some_and(|key| key.ends_with(ends)));
    let known = known.unwrap().clone();
    let lines = units.map(|(sku, n)| vec![(known.lines.iter().find(|line| line.sku == sku).unwrap().id.clone(), n)]);
    hub.pack(&known.id, lines, "DHL", numbers, &mut moment).unwrap();
}

/// The part of an id that ends our keys.
fn tail(order: &str) -> &str {
    order.rsplit('/').next().unwrap()
}

fn purchase(lines: &[(&str, i64)]) -> Purchase {
    let line = |(sku, units): &(&str, i64)| PurchaseLine {
        sku: (*sku).into(),
        name: format!("The {sku}"),
        variant: String::new(),
        quantity: *units,
        unit_price_minor: 1_850,
        weight_g: Some(400.0),
        options: vec![],
    };
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
            ..Place::default()
        },
        bill_to: None,
        lines: lines.iter().map(line).collect(),
        shipping_minor: 490,
        express: false,
        paid: true,
        note: String::new(),
        gift_message: String::new(),
    }
}

fn units(of: &[(&str, i64)]) -> BTreeMap<String, i64> {
    of.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect()
}

fn walk(channel: &str, hub: &str) {
    let pair = PAIRS.iter().find(|pair| pair.channel == channel && pair.hub == hub).unwrap();
    let merchant = Merchant::new(pair);
    let in_parts = merchant.buys(&[("MAT-ROP", 1), ("SAL-SMO", 2)]);
    let in_two = merchant.buys(&[("SAL-SMO", 2)]);
    let called_off = merchant.buys(&[("MAT-ROP", 1)]);
    merchant.house.work(60).unwrap();
    assert_eq!(merchant.at_hub(&in_parts), ("open".into(), units(&[("MAT-ROP", 1), ("SAL-SMO", 2)])));
    assert_eq!(merchant.at_hub(&in_two), ("open".into(), units(&[("SAL-SMO", 2)])));
    assert_eq!(merchant.at_hub(&called_off), ("open".into(), units(&[("MAT-ROP", 1)])));

    let first = merchant.packs(&in_parts, Some(("MAT-ROP", 1)));
    let (one, other) = merchant.packs_two(&in_two, "SAL-SMO");
    merchant.calls_off(&called_off);
    merchant.house.work(60).unwrap();
    assert_eq!(merchant.told(&in_parts), (1, units(&[(&first, 1)])), "only what left is told");

    let rest = merchant.packs(&in_parts, None);
    merchant.house.work(120).unwrap();
    assert_eq!(merchant.told(&in_parts), (2, units(&[(&first, 1), (&rest, 2)])));
    let two = match (pair.hub, pair.two_numbers) {
        ("shipstation", _) => (2, units(&[(&one, 1), (&other, 1)])),
        (_, TwoNumbers::Together) => (1, units(&[(&one, 2), (&other, 2)])),
        (_, TwoNumbers::Remarked(why)) => {
            let ledger = merchant.house.ledger();
            let remarked = |entry: &&Entry| entry.detail["comments"].as_str().is_some_and(|text| text.contains(&other));
            assert_eq!(ledger.of("fulfillment_created").filter(remarked).count(), 1, "{why}");
            (1, units(&[(&one, 2)]))
        }
        (_, TwoNumbers::Apart(a, b, why)) => {
            assert!(!why.is_empty());
            (2, units(&[(&one, a), (&other, b)]))
        }
    };
    assert_eq!(merchant.told(&in_two), two);
    assert_eq!(merchant.customer(&in_parts), [heard(&merchant, true), heard(&merchant, true)], "once per report");
    assert_eq!(merchant.customer(&called_off), [""; 0]);
    for order in [&in_parts, &in_two] {
        assert_eq!(merchant.at_hub(order).0, "left");
        assert!(merchant.house.order(order).unwrap().is_all_shipped());
        merchant.nothing_to_say(order);
    }
    let (there, _) = merchant.at_hub(&called_off);
    match pair.called_off {
        CalledOff::Cancelled => {
            assert_eq!(there, "cancelled");
            assert!(merchant.house.order(&called_off).unwrap().cancelled);
            merchant.nothing_to_say(&called_off);
        }
        CalledOff::Held(why) => {
            assert_eq!(there, "held", "{why}");
            // The seller says yes: it is cancelled where it was bought, and then at the hub.
            let cancel = Intent::CancelChannelOrder {
                order_remote_id: called_off.clone(),
                reason: "customer".into(),
                restock: true,
                refund: true,
                notify_customer: true,
                staff_note: String::new(),
            };
            merchant.house.click(&merchant.account, &called_off, &cancel).unwrap();
            merchant.house.work(240).unwrap();
            assert!(merchant.house.order(&called_off).unwrap().cancelled, "the seller's word counts");
            assert_eq!(merchant.at_hub(&called_off).0, "cancelled");
            merchant.nothing_to_say(&called_off);
        }
    }
    assert_eq!(merchant.told(&called_off), (0, BTreeMap::new()));
    let ledger = merchant.house.ledger();
    let made = ledger.of("order_created").filter(|entry| entry.by == By::Client).count();
    assert_eq!(made, 3, "each order is made at the hub once");
}

/// What the story says of the customer of a parcel that was reported, with notifying on or off.
fn heard(merchant: &Merchant, notify: bool) -> String {
    let account = ConnectionId::new(&merchant.account);
    let name = merchant.house.store().read(|r| r.connection(&account)).unwrap().unwrap().name;
    let up_to = format!("Whether the customer is told is up to {name}.");
    match (merchant.pair.channel, notify) {
        ("shopify", true) => format!("The customer was told by {name}"),
        ("shopify", false) => "Nobody was told: notifying is off".to_owned(),
        ("bigcommerce", _) => {
            format!("{up_to} The buyer is written to as the order e-mail settings of the store at BigCommerce say.")
        }
        ("amazon", _) => format!("{up_to} Amazon itself writes to the buyer."),
        (_, _) => format!("{up_to} Through Salesforce nobody is written to; flows of your own org may do so."),
    }
}

/// The story goes by what the store was sent: with notifying off it says that nobody was told, on both sides.
#[test]
fn with_notifying_off_the_story_says_that_nobody_was_told() {
    for (notify, sent) in [(true, vec![true]), (false, vec![false])] {
        let merchant = Merchant::new(PAIRS.iter().find(|pair| pair.channel == "shopify").unwrap());
        let settings = serde_json::json!({ "notify": notify });
        let row = AutomationRow { id: "tracking_to_channel".into(), mode: Mode::Auto, go_live_ms: None, settings };
        merchant.house.store().write(|tx| tx.put_automation(&row)).unwrap();
        let order = merchant.buys(&[("MAT-ROP", 1)]);
        merchant.house.work(60).unwrap();
        merchant.packs(&order, None);
        merchant.house.work(60).unwrap();
        let told: Vec<bool> = merchant.house.people(|scene| {
            let one = scene.stores[0].state().order(tail(&order).parse().unwrap()).unwrap();
            one.fulfillments.iter().map(|told| told.notified).collect()
        });
        assert_eq!((told, merchant.customer(&order)), (sent, vec![heard(&merchant, notify)]));
    }
}

/// An order for two doors is two orders at the hub and two parcels, each reported to its own door; the store's order is
/// shipped when both have left, and cancelled as a whole. What a person wanted to know of each parcel stands on it.
fn two_doors(hub: &str) {
    let pair = PAIRS.iter().find(|pair| pair.channel == "bigcommerce" && pair.hub == hub).unwrap();
    let merchant = Merchant::new(pair);
    let facts = serde_json::json!({ "cost": true, "carrier": true, "hub_number": true, "cost_currency": "USD" });
    let row = AutomationRow { id: "facts_to_channel".into(), mode: Mode::Auto, go_live_ms: None, settings: facts };
    merchant.house.store().write(|tx| tx.put_automation(&row)).unwrap();
    let (first, second) = merchant.buys_for_two_doors();
    let (off, off_too) = merchant.buys_for_two_doors();
    let number: i64 = first.parse().unwrap();
    let status = || merchant.in_bigcommerce(|store, _| store.state.orders[&number].status);
    merchant.house.work(60).unwrap();
    assert_eq!(merchant.at_hub(&first), ("open".into(), units(&[("MAT-ROP", 1)])));
    assert_eq!(merchant.at_hub(&second), ("open".into(), units(&[("SAL-SMO", 2)])));
    for part in [&first, &second, &off, &off_too] {
        merchant.nothing_to_say(part);
    }

    let parcel = merchant.packs(&second, None);
    let cancelled: i64 = off.parse().unwrap();
    merchant.in_bigcommerce(|store, moment| assert!(store.call_off(cancelled, moment)));
    merchant.house.work(60).unwrap();
    assert_eq!(merchant.told(&second), (1, units(&[(&parcel, 2)])));
    assert_eq!((merchant.told(&first), status()), ((0, BTreeMap::new()), 3), "one door still waits");
    for part in [&off, &off_too] {
        assert_eq!(merchant.at_hub(part).0, "cancelled");
        merchant.nothing_to_say(part);
    }

    let other = merchant.packs(&first, None);
    merchant.house.work(120).unwrap();
    assert_eq!(merchant.told(&first), (1, units(&[(&other, 1)])));
    assert_eq!((merchant.told(&second), status()), ((1, units(&[(&parcel, 2)])), 2));
    for part in [&first, &second] {
        assert_eq!(merchant.at_hub(part).0, "left");
        merchant.nothing_to_say(part);
    }
    let ledger = merchant.house.ledger();
    let by_us = |effect: &'static str| ledger.of(effect).filter(|entry| entry.by == By::Client).count();
    assert_eq!((by_us("order_created"), by_us("fulfillment_created")), (4, 2), "each once");

    let (fields, costs, doors) = merchant.in_bigcommerce(|store, _| {
        let order = &store.state.orders[&number];
        let fields: BTreeMap<String, String> =
            order.metafields.iter().map(|field| (field.key.clone(), field.value.clone())).collect();
        let costs: Vec<bool> = order.shipments.iter().map(|one| one.cost != "0.0000").collect();
        let doors: Vec<bool> = order
            .shipments
            .iter()
            .map(|one| one.items.iter().all(|(line, _)| order.line(*line).unwrap().address == one.address))
            .collect();
        (fields, costs, doors)
    });
    assert_eq!(doors, [true, true], "each shipment names the address of its goods");
    let door = second.split(':').nth(1).unwrap();
    for key in [
        "hub_number".to_owned(),
        format!("hub_number/{door}"),
        format!("carrier/{other}"),
        format!("carrier/{parcel}/{door}"),
    ] {
        assert!(fields.get(&key).is_some_and(|text| !text.is_empty()), "{key}: {fields:?}");
    }
    // Orderez does not tell what a label cost.
    assert_eq!(costs, [hub == "shipstation"; 2]);
}

#[test]
fn two_doors_are_two_orders_and_two_parcels() {
    two_doors("shipstation");
}

#[test]
fn two_doors_are_two_orders_and_two_parcels_at_orderez() {
    two_doors("orderez");
}

/// A unit is refunded in the store before it leaves: taken off the hub's order once, and in the hub's books once, with the
/// amount the store gave back; hours later nothing was said again.
#[test]
fn a_refund_of_the_store_stands_in_the_hubs_books_once() {
    let pair = PAIRS.iter().find(|pair| pair.channel == "shopify" && pair.hub == "orderez").unwrap();
    let merchant = Merchant::new(pair);
    let nothing = serde_json::Value::Null;
    let row = AutomationRow { id: "refunds_to_hub".into(), mode: Mode::Auto, go_live_ms: None, settings: nothing };
    merchant.house.store().write(|tx| tx.put_automation(&row)).unwrap();
    let order = merchant.buys(&[("MAT-ROP", 2)]);
    merchant.house.work(60).unwrap();
    let given_minor = merchant.house.people(|scene| {
        let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
        let (store, id) = (&mut scene.stores[0], tail(&order).parse().unwrap());
        let line = store.state().order(id).unwrap().lines[0].id;
        assert!(store.refund_units(id, line, 1, &mut moment));
        store.state().order(id).unwrap().refunded_minor()
    });
    for minutes in [120, 600] {
        merchant.house.work(minutes).unwrap();
        let ledger = merchant.house.ledger();
        let by_us = |effect: &'static str| ledger.of(effect).filter(|entry| entry.by == By::Client).count();
        assert_eq!((by_us("units_cancelled"), by_us("refund_recorded"), by_us("stock_restocked")), (1, 1, 0));
    }
    let books = merchant.house.people(|scene| {
        let orders = orderez(scene).state.orders.values();
        orders.flat_map(|order| order.refunds.clone()).collect::<Vec<_>>()
    });
    let amount = format!("{}.{:02}", given_minor / 100, given_minor % 100);
    assert_eq!(books.len(), 1);
    assert_eq!(books[0]["amount"]["amount"], amount.as_str());
    assert_eq!(books[0]["lines"][0]["quantity"], 1);
}

/// Held by the warehouse, let go, packed: the store shows the hold as long as it stands, no hold follows from it anywhere,
/// and the order's status is afterwards what it was.
#[test]
fn a_hold_at_the_hub_is_shown_in_the_store_and_holds_nothing_in_turn() {
    let pair = PAIRS.iter().find(|pair| pair.channel == "bigcommerce" && pair.hub == "orderez").unwrap();
    let merchant = Merchant::new(pair);
    let chosen = serde_json::json!({ "holds": true });
    let row = AutomationRow { id: "facts_to_channel".into(), mode: Mode::Auto, go_live_ms: None, settings: chosen };
    merchant.house.store().write(|tx| tx.put_automation(&row)).unwrap();
    let order = merchant.buys(&[("MAT-ROP", 1)]);
    let number: i64 = order.parse().unwrap();
    let standing = || {
        merchant.in_bigcommerce(|store, _| {
            let one = &store.state.orders[&number];
            (one.status, one.metafields.len())
        })
    };
    let hold = |on: bool| {
        merchant.house.people(|scene| {
            let ends = format!("-{order}");
            let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
            let any: &mut dyn Any = scene.benches[0].as_mut();
            let hub: &mut Orderez = any.downcast_mut().unwrap();
            let known = hub.state.orders.values().find(|one| one.client_key().is_some_and(|key| key.ends_with(&ends)));
            let id = known.unwrap().id.clone();
            hub.hold(&id, on, &mut moment).unwrap();
        });
    };
    merchant.house.work(60).unwrap();
    let before = standing();
    assert_eq!((merchant.at_hub(&order).0.as_str(), before.1), ("open", 0));
    hold(true);
    merchant.house.work(240).unwrap();
    assert_eq!((merchant.at_hub(&order).0.as_str(), standing()), ("held", (12, 1)));
    hold(false);
    merchant.house.work(240).unwrap();
    assert_eq!((merchant.at_hub(&order).0.as_str(), standing()), ("open", before));
    merchant.packs(&order, None);
    merchant.house.work(120).unwrap();
    assert_eq!((merchant.told(&order).0, standing()), (1, (2, 0)));
    merchant.nothing_to_say(&order);
    let ledger = merchant.house.ledger();
    let by_us = |effect: &'static str| ledger.of(effect).filter(|entry| entry.by == By::Client).count();
    assert_eq!((by_us("order_held"), by_us("metafield_created"), by_us("metafield_deleted")), (0, 1, 1));
}

/// A marketplace that asks for it is told of each order once, with its number at the hub.
#[test]
fn amazon_is_told_that_its_orders_were_taken_in() {
    let pair = PAIRS.iter().find(|pair| pair.channel == "amazon" && pair.hub == "shipstation").unwrap();
    let merchant = Merchant::new(pair);
    let order = merchant.buys(&[("MAT-ROP", 1)]);
    merchant.house.work(240).unwrap();
    merchant.packs(&order, None);
    merchant.house.work(240).unwrap();
    let ledger = merchant.house.ledger();
    let told: Vec<&Entry> = ledger.of("order_acknowledged").collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].subject, order);
    assert_eq!(merchant.told(&order).0, 1);
    merchant.nothing_to_say(&order);
}

macro_rules! pairs {
    ($($name:ident $channel:literal $hub:literal),* $(,)?) => { $( #[test]
        fn $name() { walk($channel, $hub); } )* };
}

pairs! {
    shopify_and_shipstation "shopify" "shipstation",
    shopify_and_orderez "shopify" "orderez",
    bigcommerce_and_shipstation "bigcommerce" "shipstation",
    bigcommerce_and_orderez "bigcommerce" "orderez",
    amazon_and_shipstation "amazon" "shipstation",
    amazon_and_orderez "amazon" "orderez",
    salesforce_and_shipstation "salesforce" "shipstation",
    salesforce_and_orderez "salesforce" "orderez",
}

/// Every write is answered as done and forgotten, at the hub until the order should be there, at the channel until its
/// parcel should show; then neither side forgets any more. It is noticed, and made good without a person.
fn forgets(channel: &str, hub: &str) {
    let pair = PAIRS.iter().find(|pair| pair.channel == channel && pair.hub == hub).unwrap();
    let merchant = Merchant::new(pair);
    let house = &merchant.house;
    let hub_account = house.people(|scene| {
        let hub = scene.hubs.first().map(|hub| hub.account().to_owned());
        hub.unwrap_or_else(|| scene.benches[0].account().to_owned())
    });
    house.goes_wrong(forgetting());
    let order = merchant.buys(&[("SAL-SMO", 2)]);
    house.work(25).unwrap();
    assert!(house.forgotten(&hub_account) > 0, "{hub} forgets nothing");
    // A channel that is told of orders that were taken in has forgotten that meanwhile.
    let before = house.forgotten(&merchant.account);
    house.goes_wrong(FaultPlan::none());
    house.work(120).unwrap();
    assert_eq!(merchant.at_hub(&order), ("open".into(), units(&[("SAL-SMO", 2)])), "what was forgotten is sent again");

    house.goes_wrong(forgetting());
    let number = merchant.packs(&order, None);
    house.work(25).unwrap();
    assert!(house.forgotten(&merchant.account) > before, "{channel} forgets nothing");
    assert_eq!(merchant.told(&order), (0, BTreeMap::new()));
    house.goes_wrong(FaultPlan::none());
    house.work(180).unwrap();
    assert_eq!(merchant.told(&order), (1, units(&[(&number, 2)])), "what was forgotten is told again");
    merchant.nothing_to_say(&order);
    let ledger = house.ledger();
    assert_eq!(ledger.of("order_created").filter(|entry| entry.by == By::Client).count(), 1);
}

/// The hub answers for a cancellation and forgets it: the goods of an order nobody wants must not leave.
#[test]
fn a_cancellation_that_orderez_forgot_is_made_again() {
    let pair = PAIRS.iter().find(|pair| pair.hub == "orderez" && pair.called_off == CalledOff::Cancelled).unwrap();
    let merchant = Merchant::new(pair);
    let house = &merchant.house;
    let order = merchant.buys(&[("MAT-ROP", 1)]);
    house.work(60).unwrap();
    assert_eq!(merchant.at_hub(&order).0, "open");
    merchant.calls_off(&order);
    house.goes_wrong(FaultPlan { chances: vec![(Fault::Forgotten, 1.0)], ..FaultPlan::none() });
    house.work(25).unwrap();
    assert!(house.forgotten("harbour-supply") > 0 && merchant.at_hub(&order).0 == "open");
    house.goes_wrong(FaultPlan::none());
    house.work(120).unwrap();
    assert_eq!(merchant.at_hub(&order).0, "cancelled");
    merchant.nothing_to_say(&order);
}

fn forgetting() -> FaultPlan {
    FaultPlan { chances: vec![(Fault::Forgotten, 1.0)], ..FaultPlan::none() }
}

/// What a person clicks is answered and forgotten; from then on nothing is forgotten any more. Half an hour later it is
/// told, with nothing done a second time; the second click does it, and then there is nothing to tell.
/// `at`: the account it is done at, and what it is about there.
fn clicked_and_forgotten(
    merchant: &Merchant,
    order: &str,
    at: (&str, &str),
    intent: &Intent,
    is_done: &dyn Fn() -> bool,
) {
    let (house, account) = (&merchant.house, merchant.account.as_str());
    let told = || {
        let told = house.told(account, order).unwrap();
        told.into_iter().filter(|(cause, _)| cause == "forgotten").map(|(_, sentence)| sentence).collect::<Vec<_>>()
    };
    let before = house.forgotten(at.0);
    house.goes_wrong(forgetting());
    house.click_at(account, order, at.0, at.1, intent).unwrap();
    house.work(25).unwrap();
    house.goes_wrong(FaultPlan::none());
    assert!(house.forgotten(at.0) > before, "{:?} was not forgotten", intent.kind());
    assert!(!is_done() && told().is_empty(), "{:?}: nobody can know yet: {:?}", intent.kind(), told());
    house.work(120).unwrap();
    assert!(told().len() == 1 && !is_done(), "{:?}: told, and not done by itself: {:?}", intent.kind(), told());
    house.click_at(account, order, at.0, at.1, intent).unwrap();
    house.work(120).unwrap();
    assert!(is_done() && told().is_empty(), "{:?}: {:?}", intent.kind(), told());
}

/// The order as the desk knows it.
fn story(merchant: &Merchant, order: &str) -> Story {
    let account = ConnectionId::new(&merchant.account);
    let story = merchant.house.store().read(|r| match r.order_id(&account, order)? {
        Some(id) => r.story(id),
        None => Ok(None),
    });
    story.unwrap().expect("the desk knows the order")
}

fn merchant_of(channel: &str, hub: &str) -> Merchant {
    Merchant::new(PAIRS.iter().find(|pair| pair.channel == channel && pair.hub == hub).unwrap())
}

/// Money that was answered for and not given back is nobody's secret, and never given back twice.
#[test]
fn a_refund_that_the_store_forgot_is_told_and_not_given_twice() {
    let merchant = merchant_of("bigcommerce", "shipstation");
    let order = merchant.buys(&[("SAL-SMO", 2)]);
    merchant.house.work(60).unwrap();
    let refund = RefundDraft {
        order_remote_id: order.clone(),
        lines: vec![],
        shipping_minor: 0,
        total_minor: 500,
        currency: story(&merchant, &order).order.currency,
        reason: "customer".into(),
        note: "A scratch".into(),
        notify_customer: false,
        known_refund_ids: vec![],
    };
    let given = || merchant.house.ledger().of("refund_created").count();
    let at = (merchant.account.as_str(), order.as_str());
    clicked_and_forgotten(&merchant, &order, at, &Intent::Refund { refund }, &|| given() > 0);
    merchant.house.work(180).unwrap();
    assert_eq!(given(), 1);
    merchant.nothing_to_say(&order);
}

/// The order stands open in the store and at the hub until somebody cancels it once more; then in both.
#[test]
fn a_cancellation_that_the_store_forgot_is_told() {
    let merchant = merchant_of("bigcommerce", "orderez");
    let order = merchant.buys(&[("MAT-ROP", 1)]);
    merchant.house.work(60).unwrap();
    let cancel = Intent::CancelChannelOrder {
        order_remote_id: order.clone(),
        reason: "customer".into(),
        restock: false,
        refund: false,
        notify_customer: false,
        staff_note: String::new(),
    };
    let is_cancelled = || merchant.house.order(&order).is_some_and(|view| view.cancelled);
    let at = (merchant.account.as_str(), order.as_str());
    clicked_and_forgotten(&merchant, &order, at, &cancel, &is_cancelled);
    assert_eq!(merchant.at_hub(&order).0, "cancelled");
    merchant.nothing_to_say(&order);
}

/// The postage is lost unless somebody hears of it.
#[test]
fn a_void_that_the_hub_forgot_is_told() {
    let merchant = merchant_of("shopify", "shipstation");
    let order = merchant.buys(&[("SAL-SMO", 2)]);
    merchant.house.work(60).unwrap();
    merchant.packs(&order, None);
    merchant.house.work(60).unwrap();
    let seen = story(&merchant, &order).parcels.remove(0);
    let (hub, label) = (seen.connection.to_string(), seen.value.remote_id);
    let void = Intent::VoidLabel { parcel_id: label.clone() };
    let voids = || merchant.house.ledger().of("label_voided").count();
    clicked_and_forgotten(&merchant, &order, (hub.as_str(), label.as_str()), &void, &|| voids() > 0);
    assert_eq!(voids(), 1);
}

macro_rules! forgetful {
    ($($name:ident $channel:literal $hub:literal),* $(,)?) => { $( #[test]
        fn $name() { forgets($channel, $hub); } )* };
}

forgetful! {
    shopify_and_shipstation_forget "shopify" "shipstation",
    shopify_and_orderez_forget "shopify" "orderez",
    bigcommerce_and_shipstation_forget "bigcommerce" "shipstation",
    bigcommerce_and_orderez_forget "bigcommerce" "orderez",
    amazon_and_shipstation_forget "amazon" "shipstation",
    amazon_and_orderez_forget "amazon" "orderez",
    salesforce_and_shipstation_forget "salesforce" "shipstation",
    salesforce_and_orderez_forget "salesforce" "orderez",
}

/// The stand-in of the account that keeps records.
fn in_records<R>(house: &House, act: impl FnOnce(&mut Salesforce, &mut Moment<'_>) -> R) -> R {
    house.people(|scene| {
        let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
        let shop = scene.shops.iter_mut().find(|shop| shop.account() == "harbour-trade").unwrap();
        let any: &mut dyn Any = shop.as_mut();
        act(any.downcast_mut().unwrap(), &mut moment)
    })
}

/// Records of an object that carry an id of ours, by these fields.
fn records(house: &House, object: &str, key: &str, fields: &[&str]) -> Vec<Vec<String>> {
    in_records(house, |org, _| {
        let state = org.state();
        let ours: Vec<String> =
            state.of(object).map(|one| one.id.clone()).filter(|id| !state.text(id, key).is_empty()).collect();
        ours.iter().map(|id| fields.iter().map(|field| state.text(id, field)).collect()).collect()
    })
}

/// A shop, a hub, and an account that keeps records: two orders of one person, of which one arrives and one does not.
/// However the wire behaves while they are written, there is one contact, one account, a record per parcel, one task
/// and one case.
fn kept(fault: Option<Fault>) {
    let pair = PAIRS.iter().find(|pair| pair.channel == "shopify" && pair.hub == "orderez").unwrap();
    let merchant = Merchant::beside(pair, &["salesforce"]);
    let house = &merchant.house;
    let settings = serde_json::json!({ "transit_days": 1 });
    let row = AutomationRow { id: "shipments_to_records".into(), mode: Mode::Auto, go_live_ms: None, settings };
    house.store().write(|tx| tx.put_automation(&row)).unwrap();
    let wrong = |house: &House| {
        if let Some(fault) = fault {
            house.goes_wrong(FaultPlan { chances: vec![(fault, 0.4)], ..FaultPlan::none() });
        }
    };
    wrong(house);
    let (arrives, late) = (merchant.buys(&[("MAT-ROP", 1)]), merchant.buys(&[("SAL-SMO", 2)]));
    house.work(90).unwrap();
    house.goes_wrong(FaultPlan::none());
    house.work(120).unwrap();
    let people = || records(house, "Contact", "Quayside_Contact_Id__c", &["LastName", "MailingCity"]);
    let accounts = || records(house, "Account", "Quayside_Customer_Id__c", &["Name", "ShippingCity"]);
    assert_eq!(people(), [["Roe", "Hamburg"]]);
    assert_eq!(accounts(), [["Jane Roe", "Hamburg"]]);

    wrong(house);
    let (first, second) = (merchant.packs(&arrives, None), "00340222200000002");
    house.people(|scene| ship_from_orderez(scene, &format!("-{}", tail(&late)), None, &[second]));
    house.work(90).unwrap();
    house.people(|scene| {
        let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
        let any: &mut dyn Any = scene.benches.first_mut().unwrap().as_mut();
        let hub: &mut Orderez = any.downcast_mut().unwrap();
        let left = hub.state.fulfillments.values().find(|one| one.tracking.iter().any(|t| t.number == first)).unwrap();
        let id = left.id.clone();
        hub.deliver(&id, &mut moment).unwrap();
    });
    house.work(90).unwrap();
    house.goes_wrong(FaultPlan::none());
    house.work(3 * 24 * 60).unwrap();

    assert_eq!((people().len(), accounts().len()), (1, 1), "one person, whatever she buys");
    let tasks = records(house, "Task", "Quayside_Event_Id__c", &["Quayside_Event_Id__c", "Subject", "Description"]);
    let (parcels, follow): (Vec<_>, Vec<_>) = tasks.into_iter().partition(|task| task[1].starts_with("Parcel of"));
    assert_eq!(parcels.len(), 2, "{parcels:?}");
    assert_eq!(parcels.iter().filter(|parcel| parcel[2].contains("State: Delivered")).count(), 1, "{parcels:?}");
    assert!(parcels.iter().any(|parcel| parcel[2].contains(second)), "{parcels:?}");
    assert_eq!(follow.len(), 1, "{follow:?}");
    assert!(follow[0][0].ends_with("/delivered") && follow[0][1].ends_with("was delivered"), "{follow:?}");
    let cases =
        records(house, "Case", "Quayside_Exception_Id__c", &["Quayside_Exception_Id__c", "Subject", "Description"]);
    assert_eq!(cases.len(), 1, "{cases:?}");
    assert!(cases[0][0].ends_with("/delayed") && cases[0][2].contains(second), "{cases:?}");
    for order in [&arrives, &late] {
        merchant.nothing_to_say(order);
    }
}

#[test]
fn an_account_that_keeps_records_has_each_once() {
    kept(None);
}

#[test]
fn a_lost_answer_doubles_no_record() {
    kept(Some(Fault::LostAfterCommit));
}

#[test]
fn a_forgotten_write_of_a_record_is_made_again() {
    kept(Some(Fault::Forgotten));
}

/// The clock ran two hours ahead when it was time to make sure of a contact that had been answered and forgotten, and nobody
/// could be asked. Then the clock was set right, it was too early again, and the question was taken for answered: the contact
/// stayed forgotten for ever.
#[test]
fn a_clock_that_is_set_right_answers_no_question_about_a_record() {
    const AHEAD_MS: i64 = 2 * 3_600_000;
    let pair = PAIRS.iter().find(|pair| pair.channel == "shopify" && pair.hub == "orderez").unwrap();
    let merchant = Merchant::beside(pair, &["salesforce"]);
    let house = &merchant.house;
    let there = || !records(house, "Contact", "Quayside_Contact_Id__c", &["LastName"]).is_empty();
    let filter =
        EffectFilter { states: vec![EffectState::Done], kind: Some(IntentKind::PutRecord), ..EffectFilter::default() };
    let forgetting =
        FaultPlan { chances: vec![(Fault::Forgotten, 1.0)], only: Some("Contact".into()), ..FaultPlan::none() };
    house.goes_wrong(forgetting);
    merchant.buys(&[("MAT-ROP", 1)]);
    let answered = house
        .work_until(1_000, AHEAD_MS, || Ok(!house.store().read(|r| r.effect_page(&filter, None, 1))?.items.is_empty()));
    assert!(answered.unwrap() && house.forgotten("harbour-trade") > 0 && !there(), "it was answered and forgotten");

    house.goes_wrong(FaultPlan::none());
    house.breaks("harbour-trade", Some(Fault::ServerError));
    house.clock().move_hands(AHEAD_MS);
    house.work(3).unwrap();
    house.breaks("harbour-trade", None);
    house.clock().move_hands(-AHEAD_MS);
    house.work(20).unwrap();
    house.work(150).unwrap();
    assert!(there(), "it was noticed, and the contact is made again");
}

type Change = fn(&mut Salesforce);

/// A field the settings count on is hidden while the desk runs: it is told before anything fails, and over when it is back.
#[test]
fn a_hidden_field_is_an_exception_until_it_is_back() {
    let pair = PAIRS.iter().find(|pair| pair.channel == "salesforce" && pair.hub == "orderez").unwrap();
    let merchant = Merchant::new(pair);
    let house = &merchant.house;
    let account = ConnectionId::new(&merchant.account);
    house
        .store()
        .write(|tx| {
            let mut config = tx.connection(&account)?.unwrap();
            config.settings.insert("tracking_field".into(), "Tracking_Number__c".into());
            tx.put_connection(&config)
        })
        .unwrap();
    house.work(30).unwrap();
    let standing = || {
        let all = house.store().read(|r| r.account_findings(&account)).unwrap();
        let open =
            all.into_iter().filter(|one| one.state != FindingState::Resolved && one.cause == Cause::FieldsChanged);
        open.map(|one| one.about).collect::<Vec<_>>()
    };
    let cases: [(Change, Change, &str); 3] = [
        (
            |org| org.plan_mut().hidden.push("Opportunity.Tracking_Number__c".into()),
            |org| org.plan_mut().hidden.clear(),
            "Opportunity.Tracking_Number__c",
        ),
        (
            |org| org.plan_mut().read_only.push("Opportunity.Tracking_Number__c".into()),
            |org| org.plan_mut().read_only.clear(),
            "Opportunity.Tracking_Number__c",
        ),
        (
            |org| {
                org.state_mut().object_mut("Task").unwrap().field_mut("Quayside_Event_Id__c").unwrap().nillable = false;
            },
            |org| {
                org.state_mut().object_mut("Task").unwrap().field_mut("Quayside_Event_Id__c").unwrap().nillable = true;
            },
            "Task.Quayside_Event_Id__c",
        ),
    ];
    assert_eq!(standing(), Vec::<String>::new());
    for (change, mend, about) in cases {
        in_records(house, |org, _| change(org));
        house.work(80).unwrap();
        assert_eq!(standing(), [about]);
        in_records(house, |org, _| mend(org));
        house.work(80).unwrap();
        assert_eq!(standing(), Vec::<String>::new(), "{about} is mended");
    }
}

/// A platform that is in no pair is walked by nobody, and forgets nothing.
#[test]
fn every_platform_is_in_a_pair() {
    use quayside_model::Role;
    let of =
        |role: Role| quayside_connectors::registry().iter().filter(move |one| one.declaration.roles.contains(&role));
    for (channel, hub) in of(Role::Channel).flat_map(|channel| of(Role::Hub).map(move |hub| (channel, hub))) {
        let (channel, hub) = (channel.declaration.platform, hub.declaration.platform);
        let walked = PAIRS.iter().filter(|pair| pair.channel == channel && pair.hub == hub).count();
        assert_eq!(walked, 1, "{channel} with {hub}");
    }
    for (name, _) in extras() {
        assert!(PAIRS.iter().any(|pair| pair.channel == *name || pair.hub == *name), "{name}");
    }
}

/// An order that is split at the desk is two orders at the hub: each is packed by itself, each parcel is told with its own
/// lines, and the order is done with the last. One that is called off is called off in both parts.
fn split_in_two(pair: &'static Pair) {
    let merchant = Merchant::new(pair);
    let order = merchant.buys(&[("MAT-ROP", 1), ("SAL-SMO", 2)]);
    let off = merchant.buys(&[("SAL-SMO", 2)]);
    merchant.house.work(60).unwrap();
    merchant.splits(&order, &[("SAL-SMO", 1)]);
    merchant.splits(&off, &[("SAL-SMO", 1)]);
    merchant.house.work(60).unwrap();
    let (second, off_too) = (format!("{order}-p2"), format!("{off}-p2"));
    assert_eq!(merchant.at_hub(&order), ("open".into(), units(&[("MAT-ROP", 1), ("SAL-SMO", 1)])));
    for part in [&second, &off, &off_too] {
        assert_eq!(merchant.at_hub(part), ("open".into(), units(&[("SAL-SMO", 1)])), "{part}");
    }
    merchant.nothing_to_say(&order);

    let one = merchant.packs(&second, None);
    merchant.calls_off(&off);
    merchant.house.work(60).unwrap();
    assert_eq!(merchant.told(&order), (1, units(&[(&one, 1)])), "only the second part left");
    assert!(!merchant.house.order(&order).unwrap().is_all_shipped());
    assert_eq!(merchant.at_hub(&order).0, "open", "the first part is packed by itself");
    let word = if pair.called_off == CalledOff::Cancelled { "cancelled" } else { "held" };
    for part in [&off, &off_too] {
        assert_eq!(merchant.at_hub(part).0, word, "{part}");
    }

    let two = merchant.packs(&order, Some(("MAT-ROP", 1)));
    merchant.house.work(60).unwrap();
    assert_eq!(merchant.told(&order), (2, units(&[(&one, 1), (&two, 1)])), "a part may leave in parts, too");
    let three = merchant.packs(&order, None);
    merchant.house.work(120).unwrap();
    assert_eq!(merchant.told(&order), (3, units(&[(&one, 1), (&two, 1), (&three, 1)])));
    assert!(merchant.house.order(&order).unwrap().is_all_shipped());
    for part in [&order, &second] {
        assert_eq!(merchant.at_hub(part).0, "left", "{part}");
    }
    merchant.nothing_to_say(&order);
    let ledger = merchant.house.ledger();
    let made = ledger.of("order_created").filter(|entry| entry.by == By::Client).count();
    assert_eq!(made, 4, "each part is made at the hub once");
}

/// One order, two shipping accounts: a rule sends the food to the second one. Each has its lines, each parcel is told with
/// its own, and an order that is called off is called off at both.
#[test]
fn one_order_leaves_from_two_accounts() {
    let pair = PAIRS.iter().find(|pair| pair.channel == "shopify" && pair.hub == "shipstation").unwrap();
    let merchant = Merchant::beside(pair, &["orderez"]);
    let (own, other) = merchant
        .house
        .people(|scene| (scene.hubs[0].state.plan.account.clone(), scene.benches[0].account().to_owned()));
    let split = RuleAction::Split { by: SplitBy::ProductType, table: String::new(), hubs: "accounts".into() };
    let when = Test::All { tests: vec![] };
    let rule = Rule { id: "apart".into(), name: "Food apart".into(), on: true, when, then: vec![split] };
    let rules = RuleBook { rules: vec![rule], first_only: false };
    let rows = BTreeMap::from([("Food".to_owned(), other)]);
    let mapping = FieldMapping { tables: BTreeMap::from([("accounts".to_owned(), rows)]), ..FieldMapping::default() };
    let account = ConnectionId::new(&merchant.account);
    let nothing = serde_json::Value::Null;
    let row = AutomationRow { id: "rules".into(), mode: Mode::Auto, go_live_ms: None, settings: nothing };
    merchant
        .house
        .store()
        .write(|tx| {
            if let Some(mut config) = tx.connection(&account)? {
                config.settings.insert(HUB_OF_STORE.to_owned(), own.as_str().into());
                tx.put_connection(&config)?;
            }
            tx.put_automation(&row)?;
            tx.put_setting(RULES_KEY, &rules)?;
            tx.put_setting(MAPPING_KEY, &mapping)?;
            shapers_changed(tx, &(&rules, &mapping))
        })
        .unwrap();
    merchant.house.says_who_writes(&merchant.account, Some(false)).unwrap();

    let order = merchant.buys(&[("MAT-ROP", 1), ("SAL-SMO", 2)]);
    let off = merchant.buys(&[("MAT-ROP", 1), ("SAL-SMO", 1)]);
    merchant.house.work(60).unwrap();
    assert_eq!(merchant.at_hub(&order), ("open".into(), units(&[("MAT-ROP", 1)])));
    assert_eq!(merchant.at_orderez(&format!("{order}-p2")), ("open".into(), units(&[("SAL-SMO", 2)])));
    merchant.nothing_to_say(&order);

    let two = merchant.house.people(|scene| {
        ship_from_orderez(scene, &format!("-{}-p2", tail(&order)), None, &["00340222200000001"]);
        "00340222200000001"
    });
    merchant.calls_off(&off);
    merchant.house.work(60).unwrap();
    assert_eq!(merchant.told(&order), (1, units(&[(two, 2)])), "only the second account's part left");
    assert!(!merchant.house.order(&order).unwrap().is_all_shipped());
    assert_eq!(merchant.at_hub(&off).0, "cancelled");
    assert_eq!(merchant.at_orderez(&format!("{off}-p2")).0, "cancelled");

    let one = merchant.packs(&order, None);
    merchant.house.work(120).unwrap();
    assert_eq!(merchant.told(&order), (2, units(&[(&one, 1), (two, 2)])));
    assert!(merchant.house.order(&order).unwrap().is_all_shipped());
    merchant.nothing_to_say(&order);
    let ledger = merchant.house.ledger();
    let made = ledger.of("order_created").filter(|entry| entry.by == By::Client).count();
    assert_eq!(made, 4, "each part is made once, at its own account");
}

#[test]
fn split_orders_leave_part_by_part_at_shipstation() {
    PAIRS.iter().filter(|pair| pair.hub == "shipstation").for_each(split_in_two);
}

#[test]
fn split_orders_leave_part_by_part_at_orderez() {
    PAIRS.iter().filter(|pair| pair.hub == "orderez").for_each(split_in_two);
}
