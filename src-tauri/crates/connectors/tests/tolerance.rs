//! What no list may stop at, for every platform in the same words: a field that changes its type, a record that
//! is none, a word nobody has heard of. The other records of the page are read; the odd one is read, or told.
//!
//! The answers are the stand-ins' own, with one record changed on the way ([`tamper`]). A platform is one row of
//! [`HOUSES`].
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
#[path = "common/tamper.rs"]
mod tamper;

use common::{NOW_MS, World};
use quayside_connectors::{Ask, Priority, ReadError, Setup, Task};
use quayside_model::{Address, Currency, HubLineDraft, HubOrderDraft, Incoming, Intent, Unreadable, Verdict};
use quayside_sandbox::merchant::shop::{Place, Purchase, PurchaseLine};
use quayside_sandbox::shipstation::ShipStationPlan;
use quayside_sandbox::shopify::{LineDraft, OrderDraft, ShopPlan};
use quayside_sandbox::{Moment, Sandbox, SandboxPlan, extras_of};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use tamper::{Change, Tamper, each_record, places};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// How a platform's list is looked into.
struct House {
    platform: &'static str,
    /// A world with three records, and their ids.
    make: fn() -> (World, Vec<String>),
    /// The stream that lists them.
    stream: &'static str,
    /// Member of a record that holds its id.
    key: &'static str,
    /// Member only the record itself has.
    mark: &'static str,
    /// Words of open lists: any other survives.
    words: &'static [&'static str],
    /// Places whose loss takes the record out of the list without a word, each for the reason beside it.
    silent: &'static [&'static str],
    /// An entry that is null is skipped without a word.
    nulls_are_skipped: bool,
}

const HOUSES: &[House] = &[
    House {
        platform: "shopify",
        make: || store(quiet(|plan| plan.stores = vec![ShopPlan::harbour_goods()])),
        stream: "orders",
        key: "id",
        mark: "lineItems",
        words: &["/displayFinancialStatus", "/displayFulfillmentStatus"],
        silent: &[],
        // A node that is null was deleted since the list was made.
        nulls_are_skipped: true,
    },
    House {
        platform: "bigcommerce",
        make: || shop("bigcommerce"),
        stream: "orders",
        key: "id",
        mark: "order_source",
        words: &["/payment_status", "/order_source", "/status", "/custom_status"],
        silent: &[],
        nulls_are_skipped: false,
    },
    House {
        platform: "amazon",
        make: || shop("amazon"),
        stream: "orders",
        key: "orderId",
        mark: "orderItems",
        words: &["/fulfillment/fulfillmentStatus", "/fulfillment/fulfillmentServiceLevel", "/salesChannel/channelName"],
        silent: &[],
        nulls_are_skipped: false,
    },
    House {
        platform: "salesforce",
        make: || shop("salesforce"),
        stream: "orders",
        key: "Id",
        mark: "OpportunityLineItems",
        words: &["/StageName"],
        silent: &[],
        nulls_are_skipped: false,
    },
    House {
        platform: "shipstation",
        make: || hub(quiet(|plan| plan.hub = Some(ShipStationPlan::default().only_v1())), "harbour-shipping"),
        stream: "orders",
        key: "orderId",
        mark: "orderKey",
        words: &["/orderStatus"],
        silent: &[],
        // Lists hold empty places; a trap of the platform.
        nulls_are_skipped: true,
    },
    House {
        platform: "orderez",
        make: || hub(quiet(|plan| plan.extras = extras_of(&["orderez"])), "harbour-supply"),
        stream: "orders",
        key: "id",
        mark: "external_refs",
        words: &["/status", "/payment_status"],
        silent: &[],
        nulls_are_skipped: false,
    },
];

fn quiet(change: impl FnOnce(&mut SandboxPlan)) -> Sandbox {
    let mut plan = SandboxPlan::quiet(7, NOW_MS - 10 * DAY_MS);
    (plan.stores, plan.hub) = (vec![], None);
    change(&mut plan);
    let mut sandbox = Sandbox::new(plan);
    sandbox.advance(NOW_MS - HOUR_MS);
    sandbox
}

fn store(mut sandbox: Sandbox) -> (World, Vec<String>) {
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
            let task =
                Task { key: &key, intent: &intent, first_sent_at_ms: None, ticket: None, priority: Priority::Write };
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

/// What came of a look at the list: the ids that were read, and what could not be.
type Seen = Result<(BTreeSet<String>, Vec<Unreadable>, Vec<Incoming>), String>;

impl House {
    fn look(&self, world: &mut World, change: Change) -> Seen {
        world.disguise = Some(Arc::new(move |setup: Setup| {
            let wire = Tamper { inner: setup.wire.clone(), change: change.clone() };
            Setup { wire: Arc::new(wire), ..setup }
        }));
        let connector = world.open();
        let (mut cursor, mut next) = (None, None);
        let (mut ids, mut odd, mut all) = (BTreeSet::new(), Vec::new(), Vec::new());
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
                    ids.extend(page.records.iter().map(|incoming| incoming.record.remote_id().to_owned()));
                    all.extend(page.records);
                    odd.extend(page.unreadable);
                    (cursor, next) = (Some(page.cursor), page.next);
                    if next.is_none() {
                        return Ok((ids, odd, all));
                    }
                }
                Err(ReadError::WaitUntil { at_ms, .. }) => world.clock.reach(at_ms),
                Err(ReadError::Refused(refusal)) => return Err(refusal.sentence),
            }
        }
        Err("the list never ends".into())
    }

    /// The second of the three records, changed like this, and nothing else.
    fn changed(&self, id: &str, act: impl Fn(&mut Value) + Send + Sync + 'static) -> Change {
        let (key, mark, id) = (self.key, self.mark, id.to_owned());
        Arc::new(move |body| each_record(body, key, &id, mark, &mut |record| act(record)))
    }

    /// The record as it is sent.
    fn sample(&self, world: &mut World, id: &str) -> Value {
        let seen: Arc<Mutex<Option<Value>>> = Arc::default();
        let slot = seen.clone();
        let keep = self.changed(id, move |record| {
            slot.lock().unwrap().get_or_insert_with(|| record.clone());
        });
        let (ids, odd, _) = self.look(world, keep).unwrap_or_else(|why| panic!("{}: {why}", self.platform));
        assert!(odd.is_empty() && ids.len() == 3, "{}: {ids:?} {odd:?}", self.platform);
        let sample = seen.lock().unwrap().take();
        sample.unwrap_or_else(|| panic!("{}: no record {id} with {} was sent", self.platform, self.mark))
    }
}

/// What is wrong with a look; empty if nothing.
fn verdict(seen: Seen, ids: &[String], must_be_read: bool, may_be_silent: bool) -> Option<String> {
    match seen {
        Err(why) => Some(format!("the whole list stops: {why}")),
        Ok((read, odd, _)) => {
            let [first, _, third] = ids else { panic!("three records") };
            if !read.contains(first) || !read.contains(third) {
                return Some(format!("others are lost; read {read:?}, told {odd:?}"));
            }
            // Under its own id, or under what its id became.
            let is_read = read.len() == 3;
            if must_be_read && !is_read {
                return Some(format!("it is not read: {odd:?}"));
            }
            if !is_read && odd.is_empty() && !may_be_silent {
                return Some("it vanishes without a word".into());
            }
            if odd.len() > 1 || (is_read && !odd.is_empty()) {
                return Some(format!("told more than once: {odd:?}"));
            }
            None
        }
    }
}

/// Values of every other type.
fn others(value: &Value) -> Vec<Value> {
    let all = [json!("teleported"), json!(7), json!(true), Value::Null, json!([]), json!({})];
    let kind = |value: &Value| std::mem::discriminant(value);
    all.into_iter().filter(|other| kind(other) != kind(value)).collect()
}

fn check(house: &House, tries: impl Fn(&Value) -> Vec<(String, Value, bool, bool)>) {
    let (mut world, ids) = (house.make)();
    let sample = house.sample(&mut world, &ids[1]);
    let mut wrong = Vec::new();
    let mut count = 0;
    for (place, value, must_be_read, may_be_silent) in tries(&sample) {
        count += 1;
        let (at, with) = (place.clone(), value.clone());
        let change = house.changed(&ids[1], move |record| {
            if at.is_empty() {
                *record = with.clone();
            } else if let Some(spot) = record.pointer_mut(&at) {
                *spot = with.clone();
            }
        });
        let seen = house.look(&mut world, change);
        if let Some(why) = verdict(seen, &ids, must_be_read, may_be_silent) {
            wrong.push(format!("{place} = {value}: {why}"));
        }
    }
    assert!(count > 0, "{}: nothing was tried", house.platform);
    assert!(wrong.is_empty(), "{} ({} of {count}):\n{}", house.platform, wrong.len(), wrong.join("\n"));
}

fn house(platform: &str) -> &'static House {
    HOUSES.iter().find(|house| house.platform == platform).unwrap()
}

/// Every place of a record, with a value of every other type.
fn types_drift(platform: &str) {
    let house = house(platform);
    check(house, |sample| {
        let mut tries = Vec::new();
        for place in places(sample) {
            let silent = house.silent.contains(&place.as_str());
            for value in others(sample.pointer(&place).unwrap()) {
                tries.push((place.clone(), value, false, silent));
            }
        }
        tries
    });
}

/// A record that is none.
fn bad_records(platform: &str) {
    let house = house(platform);
    check(house, |sample| {
        let id_alone = json!({ house.key: sample[house.key] });
        let mut tries: Vec<_> = others(sample).into_iter().map(|value| (value, false)).collect();
        tries.extend([(json!({}), false), (id_alone, false)]);
        for (value, silent) in &mut tries {
            *silent = value.is_null() && house.nulls_are_skipped;
        }
        tries.into_iter().map(|(value, silent)| (String::new(), value, false, silent)).collect()
    });
}

/// Words a platform adds one day.
fn new_words(platform: &str) {
    let house = house(platform);
    check(house, |sample| {
        let row = |place: &&str| {
            assert!(sample.pointer(place).is_some_and(Value::is_string), "{platform}: {place} is no word: {sample}");
            ((*place).to_owned(), json!("TELEPORTED"), true, false)
        };
        house.words.iter().map(row).collect()
    });
}

macro_rules! every_platform {
    ($($platform:ident),*) => { $(
        mod $platform {
            #[test]
            fn a_field_that_changes_type_does_not_stop_the_page() {
                super::types_drift(stringify!($platform));
            }
            #[test]
            fn one_bad_record_becomes_one_exception_while_the_rest_goes_on() {
                super::bad_records(stringify!($platform));
            }
            #[test]
            fn unknown_words_survive() {
                super::new_words(stringify!($platform));
            }
        }
    )* };
}

every_platform!(shopify, bigcommerce, amazon, salesforce, shipstation, orderez);

#[test]
fn every_platform_of_the_registry_is_here() {
    let known: BTreeSet<&str> = HOUSES.iter().map(|house| house.platform).collect();
    let all: BTreeSet<&str> = quayside_connectors::registry().iter().map(|one| one.declaration.platform).collect();
    assert_eq!(known, all);
}
