//! Buyers' personal data goes when its platform says so.
//!
//! Platforms that have such a rule declare it in days after delivery
//! (`personal_data_days`), a person may choose fewer for any store, and the rule goes with the sale: another channel's copy of
//! it is blanked by the same rule (`Order::sold_on`). Once an hour every closed order of theirs is looked at, and
//! every open one of which nothing is left to ship (its channel is still being told, or somebody holds it): what is due is blanked everywhere at once, raw answers and search index
//! included. What accounts answered to changes goes with the order it is about, and
//! after as many days in any case where there is such a rule: a look by number may show
//! other buyers than its own. An order of which something is still to leave keeps its address, because
//! somebody has to ship it.

use crate::trouble::Answer;
use crate::view::Trouble;
use quayside_connectors::platform;
use quayside_flows::LineLedger;
use quayside_model::time::DAY_MS;
use quayside_model::{Cause, ConnectionConfig, ConnectionId, Order, OrderId, Parcel, Role, Story};
use quayside_store::{Reader, Store, StoreError};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Copies of the database that lie beside it (before an update, a restore, a repair) end after so many days: none of
/// the rules here reaches into them. The strictest rule there is has as many.
pub(crate) const COPIES_DAYS: u64 = 30;
/// Orders looked at in one piece.
const PIECE: usize = 200;
/// Pieces of the search index worked through in one go at most; the rest follows with the next order that is blanked.
const INDEX_PIECES: usize = 200;

/// Deletes copies of the database that are older than they may be.
pub(crate) fn forget_old_copies(file: &Path) {
    let age = Duration::from_secs(COPIES_DAYS * 86_400);
    match quayside_store::forget_copies(file, age, SystemTime::now()) {
        Ok(0) => {}
        Ok(n) => tracing::info!(n, "old copies of the database were deleted"),
        // Nothing depends on it today; the next hour tries again, and `doctor` lists them.
        Err(error) => tracing::warn!(error = %error, "old copies of the database could not be deleted"),
    }
}

/// An account was read this recently by the clock, or it is not trusted with what cannot be brought back, ms.
const CONFIRMED_MS: i64 = 2 * DAY_MS;

/// Whether what is old may be deleted by this clock. One that is a year ahead would take the name off every order at once. So
/// no account may say that the clock is wrong, and one must have been read lately: each answer is held against it.
pub(crate) fn clock_is_believed(store: &Store, now_ms: i64) -> Result<bool, StoreError> {
    store.read(|r| {
        let mut confirmed = false;
        for config in r.connections()? {
            if r.conditions(&config.id)?.iter().any(|condition| condition.cause == Cause::ClockWrong) {
                return Ok(false);
            }
            let read = r.streams(&config.id)?.iter().filter_map(|stream| stream.last_ok_at_ms).max();
            confirmed |= read.is_some_and(|at_ms| (now_ms - at_ms).abs() <= CONFIRMED_MS);
        }
        Ok(confirmed)
    })
}

/// Blanks everything that is due now. Returns how many orders.
pub(crate) fn forget(store: &Store, now_ms: i64) -> Result<usize, StoreError> {
    let mut blanked = 0;
    let mut strictest: Option<u32> = None;
    for config in store.read(|r| r.connections())? {
        let Some(days) = rule_of(&config) else { continue };
        strictest = Some(strictest.map_or(days, |known| known.min(days)));
        blanked +=
            blank_due(store, now_ms, |_| Some(days), |r, after| r.orders_to_blank(&config.id, i64::MAX, after, PIECE))?;
        forget_set_aside(store, &config.id, days, now_ms)?;
    }
    // A sale takes its marketplace's rule along, whichever channel carries a copy of it.
    blanked += blank_due(
        store,
        now_ms,
        |order| order.sold_on.as_ref().and_then(|on| on.personal_data_days),
        |r, after| r.sales_to_blank(after, PIECE),
    )?;
    for (connection, days) in store.read(|r| r.accounts_with_such_sales())? {
        strictest = Some(strictest.map_or(days, |known| known.min(days)));
        forget_set_aside(store, &connection, days, now_ms)?;
    }
    if let Some(days) = strictest {
        let before_ms = now_ms - i64::from(days) * DAY_MS;
        forget_answers(store, before_ms)?;
        // What a hub imports by itself is nobody's order here, and may be a sale of such an account.
        for hub in store.read(|r| r.connections())?.iter().filter(|config| is_hub(config)) {
            forget_set_aside(store, &hub.id, days, now_ms)?;
        }
        forget_untied(store, before_ms, now_ms)?;
    }
    if blanked > 0 {
        forget_searched(store)?;
    }
    Ok(blanked)
}

fn forget_searched(store: &Store) -> Result<(), StoreError> {
    let mut first = true;
    for _ in 0..INDEX_PIECES {
        if !store.write(|tx| tx.forget_searched(first))? {
            break;
        }
        first = false;
    }
    Ok(())
}

/// Orders whose buyers asked to be forgotten and which were closed since; and what is left of their words in the search
/// index. By no clock: somebody asked. How many orders.
pub(crate) fn forget_asked(store: &Store, now_ms: i64) -> Result<usize, StoreError> {
    let mut forgotten = 0;
    loop {
        let due = store.read(|r| r.forgotten_due(PIECE))?;
        if due.is_empty() {
            break;
        }
        for id in due {
            forgotten += usize::from(store.write(|tx| tx.forget_asked(id, now_ms))?);
        }
    }
    if store.read(|r| r.forgotten_in_index())? {
        forget_searched(store)?;
        store.write(|tx| tx.forgotten_out_of_index())?;
    }
    Ok(forgotten)
}

/// Choice about a store: its buyers' data goes so many days after delivery.
pub(crate) const PERSONAL_DATA_DAYS: &str = "personal_data_days";
/// Ten years: who has to keep an address longer than that keeps it elsewhere.
const DAYS_MAX: u64 = 3_650;

/// What was chosen about a store, checked: the days, `None` for the platform's own rule.
pub(crate) fn check_days(value: &Value) -> Answer<Option<u64>> {
    let typed = value.as_str().map(str::trim);
    if value.is_null() || typed == Some("") {
        return Ok(None);
    }
    match value.as_u64().or_else(|| typed.and_then(|typed| typed.parse().ok())) {
        Some(days) if (1..=DAYS_MAX).contains(&days) => Ok(Some(days)),
        _ => Err(Trouble::field(
            PERSONAL_DATA_DAYS,
            "Say after how many days, from 1 to 3650 (ten years), or leave it empty: then the platform's own rule holds, where it has one.",
        )),
    }
}

/// The platform's rule, or what a person chose if that is sooner.
fn rule_of(config: &ConnectionConfig) -> Option<u32> {
    let declared = platform(&config.platform).and_then(|platform| platform.declaration.personal_data_days);
    let chosen = config.settings.get(PERSONAL_DATA_DAYS).and_then(Value::as_u64);
    let chosen = chosen.and_then(|days| u32::try_from(days).ok()).filter(|days| *days > 0);
    declared.into_iter().chain(chosen).min()
}

fn is_hub(config: &ConnectionConfig) -> bool {
    platform(&config.platform).is_some_and(|platform| platform.declaration.roles.contains(&Role::Hub))
}

/// Note of the store: when records that belong to no order were looked through last, ms UTC.
const UNTIED_KEY: &str = "untied_blanked_at_ms";

/// Once a day: each of them is opened for it.
fn forget_untied(store: &Store, before_ms: i64, now_ms: i64) -> Result<(), StoreError> {
    let last_ms = store.read(|r| r.meta(UNTIED_KEY))?.and_then(|at_ms| at_ms.parse::<i64>().ok());
    if last_ms.is_some_and(|last_ms| (0..DAY_MS).contains(&(now_ms - last_ms))) {
        return Ok(());
    }
    let mut after = Some(0);
    while let Some(from) = after {
        after = store.write(|tx| tx.blank_untied(before_ms, from, PIECE))?.next;
    }
    store.write(|tx| tx.put_meta(UNTIED_KEY, &now_ms.to_string()))
}

/// Nobody knows when such an order was delivered: twice the time after it was set aside is late enough.
fn forget_set_aside(store: &Store, connection: &ConnectionId, days: u32, now_ms: i64) -> Result<(), StoreError> {
    let before_ms = now_ms - 2 * i64::from(days) * DAY_MS;
    store.write(|tx| tx.blank_set_aside(connection, before_ms)).map(|_| ())
}

/// Of every account: what a channel's buyers ordered is asked about at the hubs and where records are kept, too.
fn forget_answers(store: &Store, before_ms: i64) -> Result<(), StoreError> {
    let mut after = Some(0);
    while let Some(from) = after {
        after = store.write(|tx| tx.purge_answers(before_ms, true, from, PIECE))?.next;
    }
    Ok(())
}

/// From when the days of an order run, ms UTC; `None`: something of it is still to leave. Where its channel tells of no
/// delivery, those of the parcels count; where nobody does, the promise, or when it
/// left if that was later, and else the last that happened to it.
fn over_ms(story: &Story, closed: bool) -> Option<i64> {
    let order = &story.order;
    if let Some(cancelled_ms) = order.cancelled_at_ms {
        // Somebody may have said that it ships all the same.
        return (closed || !story.choices.ship_anyway).then_some(cancelled_ms);
    }
    let lines = LineLedger::of(story);
    if !closed && !lines.all_shipped() && !lines.all_told() {
        return None;
    }
    if let Some(told_ms) = order.delivered_ms() {
        return Some(told_ms);
    }
    let out: Vec<&Parcel> = story.parcels.iter().map(|seen| &seen.value).filter(|parcel| parcel.is_live()).collect();
    let there = lines.all_shipped() && out.iter().all(|parcel| parcel.delivered_at_ms.is_some());
    let arrived_ms = out.iter().filter_map(|parcel| parcel.delivered_at_ms).max().filter(|_| there);
    let told = order.fulfillments.iter().filter(|told| told.live).map(|told| told.created_at_ms);
    let left_ms = out.iter().map(|parcel| parcel.shipped_at_ms.unwrap_or(parcel.created_at_ms)).chain(told).max();
    // What left after the day it was promised for has not arrived by that day.
    let after_leaving = |at_ms: i64| left_ms.map_or(at_ms, |left_ms| left_ms.max(at_ms));
    Some(arrived_ms.unwrap_or_else(|| after_leaving(order.deliver_by_ms.unwrap_or(order.updated_at_ms))))
}

/// Walks candidates, in pieces, and blanks those whose time is over. `days` is the rule for one order.
fn blank_due(
    store: &Store,
    now_ms: i64,
    days: impl Fn(&Order) -> Option<u32>,
    piece: impl Fn(&Reader<'_>, OrderId) -> Result<Vec<OrderId>, StoreError>,
) -> Result<usize, StoreError> {
    let (mut after, mut blanked) = (OrderId(0), 0);
    loop {
        let ids = store.read(|r| piece(r, after))?;
        let Some(last) = ids.last().copied() else { return Ok(blanked) };
        after = last;
        for id in ids {
            let Some(story) = store.read(|r| r.story(id))? else { continue };
            let Some(days) = days(&story.order) else { continue };
            let closed = store.read(|r| r.is_closed(id))?;
            let over = over_ms(&story, closed).is_some_and(|over_ms| over_ms + i64::from(days) * DAY_MS < now_ms);
            if over && store.write(|tx| tx.blank_personal(id, now_ms))? {
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
        Account, Address, Choices, ConnectionConfig, Currency, Decision, Delivery, Fulfillment, FulfillmentLine,
        Incoming, Intent, Mode, Order, OrderLine, Page, ParcelLine, ParcelOrigin, Payment, PersonHold, PlannedEffect,
        Receipt, Record, RecordKind, Refusal, SoldOn, Stage, Tone, Unreadable, WaitsOn,
    };
    use quayside_store::{Settlement, StreamState};
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
            refunded_minor: None,
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
                product_type: String::new(),
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
            sold_on: None,
            admin_url: None,
        }
    }

    #[test]
    fn what_is_read_of_a_forgotten_buyer_does_not_stay() {
        let store = Store::in_memory();
        store.write(|tx| tx.put_connection(&config("shopify"))).unwrap();
        let shop = ConnectionId::new("shopify");
        let read = |order: Order| {
            let page = Page {
                records: vec![Incoming { record: Record::Order(order), raw: "{\"name\":\"Jane Roe\"}".into() }],
                unreadable: vec![],
                cursor: Value::Null,
                next: None,
                mended: vec![],
                total: None,
                findings: None,
                asked: true,
            };
            let policy = store.read(policy::load).unwrap();
            ingest(&store, &policy, &shop, RecordKind::Order, &page, None, NOW).unwrap();
        };
        read(order("closed", true, None, None));
        read(order("open", false, None, None));
        let id = |remote: &str| store.read(|r| r.order_id(&shop, remote)).unwrap().unwrap();
        let name = |remote: &str| {
            let id = id(remote);
            store.read(|r| r.story(id)).unwrap().unwrap().order.ship_to.unwrap().name
        };
        let asked = [id("closed"), id("open")];
        store.write(|tx| tx.ask_to_forget(&asked, None, &[1; 32], NOW)).unwrap();
        assert_eq!(forget_asked(&store, NOW).unwrap(), 1);
        assert!(!store.read(|r| r.forgotten_in_index()).unwrap());
        assert_eq!((name("closed"), name("open")), (String::new(), "Jane Roe".to_owned()));
        // A change of the one brings nothing back, and the one that closes the other takes its data along.
        read(Order { updated_at_ms: NOW, note: "Ring Jane".into(), ..order("closed", true, None, None) });
        read(Order { updated_at_ms: NOW, ..order("open", true, None, None) });
        for remote in ["closed", "open"] {
            assert_eq!(name(remote), "", "{remote}");
            assert_eq!(store.read(|r| r.raw(&shop, RecordKind::Order, remote)).unwrap(), None, "{remote}");
        }
    }

    /// (Platform, what was chosen, the rule that holds.)
    #[test]
    fn the_sooner_of_two_rules_holds() {
        for (platform, chosen, rule) in [
            ("shopify", Value::Null, None),
            ("shopify", Value::from(90), Some(90)),
            ("shopify", Value::from(0), None),
            ("amazon", Value::Null, Some(30)),
            ("amazon", Value::from(7), Some(7)),
            ("amazon", Value::from(365), Some(30)),
        ] {
            let settings = BTreeMap::from([(PERSONAL_DATA_DAYS.to_owned(), chosen.clone())]);
            assert_eq!(rule_of(&ConnectionConfig { settings, ..config(platform) }), rule, "{platform} {chosen}");
        }
        for (typed, days) in [
            (Value::from("90"), Some(Some(90))),
            (Value::from(90), Some(Some(90))),
            (Value::from(" "), Some(None)),
            (Value::Null, Some(None)),
            (Value::from(0), None),
            (Value::from(4_000), None),
            (Value::from("soon"), None),
            (Value::from(-3), None),
        ] {
            assert_eq!(check_days(&typed).ok(), days, "{typed}");
        }
    }

    /// (What the account says and when it was read last, whether old things go.)
    #[test]
    fn a_clock_nobody_confirmed_deletes_nothing() {
        let table = [
            (false, Some(NOW - DAY_MS), true),
            (false, Some(NOW - 3 * DAY_MS), false),
            (false, Some(NOW + 400 * DAY_MS), false),
            (false, None, false),
            (true, Some(NOW), false),
        ];
        for (wrong, read_ms, believed) in table {
            let store = Store::in_memory();
            assert!(!clock_is_believed(&store, NOW).unwrap(), "nobody to ask");
            let config = config("amazon");
            store
                .write(|tx| {
                    tx.put_connection(&config)?;
                    let stream = StreamState { last_ok_at_ms: read_ms, ..StreamState::new(&config.id, "orders") };
                    tx.put_stream(&stream)?;
                    if wrong {
                        tx.open_condition(&config.id, &Refusal::new(Cause::ClockWrong, "A year ahead."), NOW)?;
                    }
                    Ok(())
                })
                .unwrap();
            assert_eq!(clock_is_believed(&store, NOW).unwrap(), believed, "{wrong} {read_ms:?}");
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
                cursor: Value::Null,
                next: None,
                mended: vec![],
                total: None,
                findings: None,
                asked: true,
            };
            let policy = store.read(policy::load).unwrap();
            let id = ConnectionId::new(platform);
            ingest(&store, &policy, &id, RecordKind::Order, &page, None, NOW).unwrap();
        }
        // A copy of such a sale in another channel goes by the sale's rule, not by the channel's.
        let copy = |id: &str, days_ago: i64| Order {
            updated_at_ms: NOW - days_ago * DAY_MS,
            sold_on: Some(SoldOn {
                source: "Amazon US".into(),
                number: "113-1".into(),
                platform: Some("amazon".into()),
                personal_data_days: Some(30),
            }),
            ..order(id, true, None, None)
        };
        let policy = store.read(policy::load).unwrap();
        let copies = [copy("copy-31", 31), copy("copy-29", 29)];
        let page = Page {
            records: copies
                .into_iter()
                .map(|order| Incoming { record: Record::Order(order), raw: "{\"name\":\"Jane Roe\"}".into() })
                .collect(),
            unreadable: vec![],
            cursor: Value::Null,
            next: None,
            mended: vec![],
            total: None,
            findings: None,
            asked: true,
        };
        let shop = ConnectionId::new("shopify");
        ingest(&store, &policy, &shop, RecordKind::Order, &page, None, NOW).unwrap();
        assert_eq!(forget(&store, NOW).unwrap(), 3);
        for (id, kept) in [("copy-31", false), ("copy-29", true)] {
            let found = store.read(|r| r.record(&shop, RecordKind::Order, id)).unwrap().unwrap();
            assert_eq!(serde_json::to_string(&found).unwrap().contains("Jane"), kept, "{id}");
        }
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

    fn parcel(id: &str, left_days_ago: i64, arrived_days_ago: Option<i64>) -> Parcel {
        Parcel {
            remote_id: format!("label:{id}"),
            origin: ParcelOrigin::Label,
            hub_order_id: None,
            hub_order_key: None,
            order_number: String::new(),
            tracking_number: format!("1Z{id}"),
            carrier_code: "ups".into(),
            carrier_name: None,
            service: String::new(),
            tracking_url: None,
            further: vec![],
            created_at_ms: NOW - left_days_ago * DAY_MS,
            shipped_at_ms: Some(NOW - left_days_ago * DAY_MS),
            voided_at_ms: None,
            is_return: false,
            lines: Some(vec![ParcelLine { line_key: Some("l1".into()), sku: "MUG".into(), quantity: 1 }]),
            cost_minor: None,
            cost_currency: None,
            channel_notified: false,
            notify_error: None,
            delivered_at_ms: arrived_days_ago.map(|days| NOW - days * DAY_MS),
            track: None,
        }
    }

    /// (Where it stands, promised, cancelled and last changed so many days ago, its parcels: left and arrived so many days
    /// ago, whether the buyer is forgotten.)
    #[test]
    fn what_has_left_is_forgotten_whether_or_not_its_channel_could_be_told() {
        type Case = (&'static str, Stage, Option<i64>, Option<i64>, i64, &'static [(i64, Option<i64>)], bool);
        let cases: [Case; 17] = [
            ("told, arrived", Stage::Telling, Some(2), None, 40, &[(40, Some(31))], true),
            ("told, arrived lately", Stage::Telling, Some(60), None, 60, &[(40, Some(29))], false),
            ("one of two arrived", Stage::Telling, Some(31), None, 1, &[(40, Some(35)), (40, None)], true),
            ("one of two, promised lately", Stage::Telling, Some(29), None, 50, &[(40, Some(35)), (40, None)], false),
            ("left after the promised day", Stage::Telling, Some(40), None, 40, &[(29, None)], false),
            ("left after the promised day, long ago", Stage::Telling, Some(40), None, 40, &[(31, None)], true),
            ("left long ago", Stage::Telling, None, None, 40, &[(31, None)], true),
            ("left lately", Stage::Telling, None, None, 40, &[(29, None)], false),
            ("held, cancelled", Stage::Held, Some(2), Some(31), 1, &[], true),
            ("held, cancelled lately", Stage::Held, Some(60), Some(29), 60, &[], false),
            ("held, cancelled, and shipped anyway", Stage::Held, Some(60), Some(31), 60, &[], false),
            ("cancelled, shipped anyway, and it left", Stage::Cancelled, None, Some(31), 1, &[], true),
            ("held, unshipped", Stage::Held, Some(60), None, 60, &[], false),
            ("partly shipped", Stage::PartlyShipped, Some(60), None, 60, &[], false),
            ("not packed", Stage::Packing, Some(60), None, 60, &[], false),
            ("cancelled everywhere", Stage::Cancelled, None, Some(31), 1, &[], true),
            ("closed, arrived before the promise", Stage::Shipped, Some(2), None, 1, &[(40, Some(31))], true),
        ];
        let (channel, hub) = (ConnectionId::new("amazon"), ConnectionId::new("shipstation"));
        for held in [false, true] {
            let store = Store::in_memory();
            store
                .write(|tx| {
                    tx.put_connection(&config("amazon"))?;
                    tx.put_connection(&config("shipstation"))
                })
                .unwrap();
            for (n, (name, stage, promised, cancelled, changed, parcels, _)) in cases.iter().enumerate() {
                let ago = |days: i64| NOW - days * DAY_MS;
                let order = Order {
                    cancelled_at_ms: cancelled.map(ago),
                    updated_at_ms: ago(*changed),
                    ..order(name, false, None, promised.map(ago))
                };
                store
                    .write(|tx| {
                        tx.put_record(
                            &channel,
                            &Incoming { record: Record::Order(order.clone()), raw: "{}".into() },
                            NOW,
                        )?;
                        let (id, _) = tx.order_for(&channel, &order, NOW)?;
                        let reason = "Jane asked".to_owned();
                        let hold = held.then_some(PersonHold { reason, until_ms: None, since_ms: NOW });
                        let ship_anyway = name.contains("shipped anyway");
                        tx.put_choices(id, &Choices { hold, ship_anyway, ..Choices::default() })?;
                        for (m, (left, arrived)) in parcels.iter().enumerate() {
                            let parcel = parcel(&format!("{n}-{m}"), *left, *arrived);
                            let remote_id = parcel.remote_id.clone();
                            tx.put_record(&hub, &Incoming { record: Record::Parcel(parcel), raw: "{}".into() }, NOW)?;
                            tx.link(id, &hub, RecordKind::Parcel, &remote_id)?;
                        }
                        let decision = Decision { effects: vec![], stage: *stage, ..remarked(&channel, &order) };
                        tx.put_decision(id, &order, &decision, NOW)
                    })
                    .unwrap();
            }
            forget(&store, NOW).unwrap();
            for (name, .., gone) in &cases {
                let id = store.read(|r| r.order_id(&channel, name)).unwrap().unwrap();
                let story = store.read(|r| r.story(id)).unwrap().unwrap();
                let told = format!("{:?} {:?}", story.order, story.choices);
                assert_eq!(!told.contains("Jane"), *gone, "{name}, held: {held}");
            }
        }
    }

    /// A look by number shows other buyers than its own: where there is a rule for any of them, no answer outlives it.
    #[test]
    fn answers_of_every_account_go_by_the_strictest_rule_there_is() {
        let shop = ConnectionId::new("shopify");
        for (platforms, kept) in [(&["shopify"][..], [true, true]), (&["shopify", "amazon"], [false, true])] {
            let store = Store::in_memory();
            store.write(|tx| platforms.iter().try_for_each(|platform| tx.put_connection(&config(platform)))).unwrap();
            let effects = [31, 29].map(|days_ago| {
                let order = order(&format!("open-{days_ago}"), false, None, None);
                let at_ms = NOW - days_ago * DAY_MS;
                store
                    .write(|tx| {
                        let incoming = Incoming { record: Record::Order(order.clone()), raw: "{}".into() };
                        tx.put_record(&shop, &incoming, at_ms)?;
                        let (id, _) = tx.order_for(&shop, &order, at_ms)?;
                        tx.put_decision(id, &order, &remarked(&shop, &order), at_ms)?;
                        let effect = tx.claim(&shop, at_ms, &|_| 1)?[0].id;
                        let done = Settlement::Done { receipt: Receipt::default(), already: false };
                        tx.settle(effect, &done, at_ms, 1)?;
                        tx.keep_answer(&[effect], "{}", at_ms)?;
                        Ok(effect)
                    })
                    .unwrap()
            });
            forget(&store, NOW).unwrap();
            let left = effects.map(|effect| store.read(|r| r.attempts_of(effect)).unwrap()[0].has_answer);
            assert_eq!(left, kept, "{platforms:?}");
        }
    }

    /// A remark is written onto an order that is still under way.
    fn remarked(shop: &ConnectionId, order: &Order) -> Decision {
        let remark = PlannedEffect {
            key: format!("remark/{}", order.remote_id),
            automation: "facts_to_channel".into(),
            connection: shop.clone(),
            intent: Intent::AnnotateOrder {
                order_remote_id: order.remote_id.clone(),
                fields: vec![],
                note: "Packed".into(),
                tags: vec![],
            },
            mode: Mode::Auto,
            ship_by_ms: None,
            sentence: "Remark on it".into(),
        };
        Decision {
            effects: vec![remark],
            overtaken: vec![],
            findings: vec![],
            stage: Stage::Packing,
            waits_on: WaitsOn {
                code: "packing".into(),
                sentence: "Is packed".into(),
                icon: "clock".into(),
                tone: Tone::Neutral,
                since_ms: NOW,
                action: None,
            },
            ship_by_ms: None,
            look_again_at_ms: None,
            prove: vec![],
            assignee: String::new(),
            hub_state: String::new(),
            trace: vec![],
            held: None,
            quotes: vec![],
        }
    }

    /// Amazon says *that* a package is there, not *when*: by its answers each change of the order is the delivery.
    #[test]
    fn the_thirty_days_do_not_begin_again_with_each_change_of_the_order() {
        let store = Store::in_memory();
        store.write(|tx| tx.put_connection(&config("amazon"))).unwrap();
        let id = ConnectionId::new("amazon");
        let read = |changed_days_ago: i64, delivered: bool| {
            let changed_ms = NOW - changed_days_ago * DAY_MS;
            let order = Order {
                updated_at_ms: changed_ms,
                tags: vec![format!("changed {changed_days_ago} days ago")],
                ..order("late", true, delivered.then_some(changed_ms), None)
            };
            let records = vec![Incoming { record: Record::Order(order), raw: "{\"name\":\"Jane Roe\"}".into() }];
            let cursor = Value::Null;
            let page = Page {
                records,
                unreadable: vec![],
                mended: vec![],
                cursor,
                next: None,
                total: None,
                findings: None,
                asked: true,
            };
            let policy = store.read(policy::load).unwrap();
            ingest(&store, &policy, &id, RecordKind::Order, &page, None, changed_ms).unwrap();
        };
        let delivered_ms = || match store.read(|r| r.record(&id, RecordKind::Order, "late")).unwrap().unwrap() {
            Record::Order(order) => order.fulfillments[0].delivered_at_ms,
            other => panic!("{other:?}"),
        };
        for (changed_days_ago, delivered, first_days_ago) in
            [(40, false, None), (31, true, Some(31)), (20, true, Some(31)), (1, true, Some(31))]
        {
            read(changed_days_ago, delivered);
            assert_eq!(delivered_ms(), first_days_ago.map(|days| NOW - days * DAY_MS), "{changed_days_ago}");
        }
        assert_eq!(forget(&store, NOW - 2 * DAY_MS).unwrap(), 0, "29 days after the delivery");
        assert_eq!(forget(&store, NOW).unwrap(), 1, "31 days after it");
        // What is taken back was not delivered; the next time counts.
        read(1, false);
        read(0, true);
        assert_eq!(delivered_ms(), Some(NOW));
    }
}
