//! A small merchant to test with: one store, one hub, orders made by hand.

use chrono_tz::Tz;
use quayside_api::desk::{Desk, DeskEvent, OpenDesk, PageOpener, Role};
use quayside_api::keychain::MemoryKeychain;
use quayside_api::profile::Profile;
use quayside_api::view::{Act, Targets, Verb};
use quayside_connectors::{Wire, WireError};
use quayside_engine::{ingest, policy};
use quayside_model::settings::Settings;
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_model::{
    Account, Address, Cause, Clock, ConnectionConfig, ConnectionId, Currency, Customer, Delivery, EffectState,
    Fulfillment, FulfillmentOrder, FulfillmentOrderLine, HubLine, HubOrder, HubStatus, Incoming, Intent, Mode, Order,
    OrderId, OrderLine, Page, Parcel, ParcelLine, ParcelOrigin, Payment, Receipt, Record, Refusal, ShippingChoice,
};
use quayside_store::{AutomationRow, Settlement, Store};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Friday, 20 November 2026, 10:00 in Berlin.
pub const NOW: i64 = 1_795_165_200_000;
pub const BERLIN: Tz = Tz::Europe__Berlin;

#[derive(Debug, Default)]
pub struct Hand(AtomicI64);

impl Hand {
    pub fn set(&self, now_ms: i64) {
        self.0.store(now_ms, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// A network on which nothing answers.
pub struct Silence;

#[async_trait::async_trait]
impl Wire for Silence {
    async fn send(
        &self,
        _request: http::Request<Vec<u8>>,
        _timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        Err(WireError::NotSent("no network in this test".into()))
    }
}

/// A desk with its store in reach.
pub struct House {
    pub desk: Desk,
    pub store: Store,
    pub clock: Arc<Hand>,
    pub keychain: Arc<MemoryKeychain>,
    pub events: Arc<Mutex<Vec<DeskEvent>>>,
    pub folder: tempfile::TempDir,
}

pub fn shop() -> ConnectionId {
    ConnectionId::new("harbour-goods")
}
pub fn outlet() -> ConnectionId {
    ConnectionId::new("harbour-outlet")
}
pub fn hub() -> ConnectionId {
    ConnectionId::new("harbour-shipping")
}

pub fn config(id: &ConnectionId, name: &str, platform: &str, currency: &str) -> ConnectionConfig {
    ConnectionConfig {
        id: id.clone(),
        name: name.into(),
        platform: platform.into(),
        way: String::new(),
        fields: BTreeMap::new(),
        base_url: None,
        account: Account {
            remote_id: format!("remote-{id}"),
            name: name.into(),
            time_zone: Some("Europe/Berlin".into()),
            currency: Some(currency.into()),
            admin_url: Some(format!("https://admin.example.com/{id}")),
            // A hub that has no links of its own to any store.
            facts: BTreeMap::from([(quayside_model::FACT_OWN_LINKS.to_owned(), "[]".to_owned())]),
            ..Account::default()
        },
        settings: BTreeMap::new(),
        paused: false,
        created_at_ms: NOW - 30 * DAY_MS,
    }
}

/// In order, so that no thread works with the database while the process ends under it.
impl Drop for House {
    fn drop(&mut self) {
        self.desk.stop();
    }
}

impl House {
    /// Two stores, one hub, everything watching. Nothing runs by itself.
    pub fn new() -> Self {
        Self::with(Arc::new(Silence), Role::Quiet, true)
    }
    /// Nothing connected yet.
    pub fn empty(wire: Arc<dyn Wire>) -> Self {
        Self::with(wire, Role::Quiet, false)
    }
    /// With an engine at work.
    pub fn working(wire: Arc<dyn Wire>) -> Self {
        Self::with(wire, Role::Writer, true)
    }
    /// Nothing connected yet, on a computer with this browser, or with none.
    pub fn at_a_browser(wire: Arc<dyn Wire>, open_page: Option<PageOpener>) -> Self {
        Self::made(wire, Role::Quiet, false, open_page)
    }

    fn with(wire: Arc<dyn Wire>, role: Role, connected: bool) -> Self {
        Self::made(wire, role, connected, None)
    }

    fn made(wire: Arc<dyn Wire>, role: Role, connected: bool, open_page: Option<PageOpener>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::in_memory();
        if connected {
            store
                .write(|tx| {
                    tx.put_connection(&config(&shop(), "Harbour Goods", "shopify", "EUR"))?;
                    tx.put_connection(&config(&outlet(), "Harbour Outlet", "shopify", "GBP"))?;
                    tx.put_connection(&config(&hub(), "Harbour Shipping", "shipstation", "EUR"))
                })
                .unwrap();
        }
        let clock = Arc::new(Hand(AtomicI64::new(NOW)));
        let keychain = Arc::new(MemoryKeychain::default());
        let events: Arc<Mutex<Vec<DeskEvent>>> = Arc::default();
        let heard = events.clone();
        let setup = OpenDesk {
            store: Some(store.clone()),
            role,
            open_page,
            ..OpenDesk::new(Profile::at(folder.path()).unwrap(), keychain.clone(), wire, clock.clone())
        };
        let desk = Desk::open_with(setup, Arc::new(move |event| heard.lock().unwrap().push(event))).unwrap();
        Self { desk, store, clock, keychain, events, folder }
    }

    /// Lets an automation act.
    pub fn mode(&self, automation: &str, mode: Mode) {
        let row = AutomationRow { id: automation.into(), mode, go_live_ms: None, settings: serde_json::json!({}) };
        self.store.write(|tx| tx.put_automation(&row)).unwrap();
    }

    /// All four act.
    pub fn auto(self) -> Self {
        for automation in quayside_flows::automations() {
            self.mode(automation.id, Mode::Auto);
        }
        self
    }

    pub fn settings(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.desk.settings().unwrap();
        change(&mut settings);
        self.desk.put_settings(settings).unwrap();
    }

    /// What long acts and jobs told so far.
    pub fn progress(&self) -> Vec<quayside_api::view::Progress> {
        let told = self.events.lock().unwrap();
        told.iter()
            .filter_map(|event| if let DeskEvent::Progress(progress) = event { Some(progress.clone()) } else { None })
            .collect()
    }

    /// A record is read at an account.
    pub fn read(&self, connection: &ConnectionId, record: Record) {
        let policy = self.store.read(policy::load).unwrap();
        let raw = serde_json::to_string(&record).unwrap();
        let kind = record.kind();
        let page = Page {
            records: vec![Incoming { record, raw }],
            unreadable: vec![],
            cursor: serde_json::Value::Null,
            next: None,
            mended: vec![],
            total: None,
            findings: None,
            asked: true,
        };
        ingest(&self.store, &policy, connection, kind, &page, None, self.clock.now_ms()).unwrap();
    }

    /// The store's order is read.
    pub fn order(&self, order: Order) -> OrderId {
        self.order_at(&shop(), order)
    }
    pub fn order_at(&self, store: &ConnectionId, order: Order) -> OrderId {
        let remote_id = order.remote_id.clone();
        self.read(store, Record::Order(order));
        self.store.read(|r| r.order_id(store, &remote_id)).unwrap().unwrap()
    }
    pub fn hub_order(&self, order: HubOrder) {
        self.read(&hub(), Record::HubOrder(order));
    }
    pub fn parcel(&self, parcel: Parcel) {
        self.read(&hub(), Record::Parcel(parcel));
    }

    /// The key under which the hub has an order.
    pub fn key(&self, id: OrderId) -> String {
        let policy = self.store.read(policy::load).unwrap();
        let story = self.store.read(|r| r.story(id)).unwrap().unwrap();
        quayside_flows::hub_key(&policy.peers[&story.channel], &story.order, 0)
    }

    /// Every due effect of an account is answered so.
    pub fn answer(&self, connection: &ConnectionId, settlement: &Settlement) -> usize {
        let now_ms = self.clock.now_ms();
        let claimed = self
            .store
            .write(|tx| {
                let claimed = tx.claim(connection, now_ms, &|_| 100)?;
                for effect in &claimed {
                    tx.settle(effect.id, settlement, now_ms, 12)?;
                }
                Ok(claimed)
            })
            .unwrap();
        let policy = self.store.read(policy::load).unwrap();
        for order in claimed.iter().filter_map(|effect| effect.order_id) {
            self.store.write(|tx| quayside_engine::redecide(tx, &policy, order, now_ms)).unwrap();
        }
        claimed.len()
    }
    pub fn done(&self, connection: &ConnectionId, remote_id: &str) -> usize {
        let receipt =
            Receipt { remote_id: Some(remote_id.into()), request_id: Some("req-1".into()), note: None, cost: None };
        self.answer(connection, &Settlement::Done { receipt, already: false })
    }
    pub fn refuse(&self, connection: &ConnectionId, cause: Cause, sentence: &str, about: &str) -> usize {
        self.answer(connection, &Settlement::Refused(Refusal::new(cause, sentence).said("nope").about(about)))
    }

    pub fn states(&self, id: OrderId) -> Vec<(String, EffectState)> {
        let effects = self.store.read(|r| r.effects_of(id)).unwrap();
        effects.into_iter().map(|effect| (effect.intent.kind().code().to_owned(), effect.state)).collect()
    }
    pub fn intents(&self, id: OrderId) -> Vec<Intent> {
        self.store.read(|r| r.effects_of(id)).unwrap().into_iter().map(|effect| effect.intent).collect()
    }
}

pub fn act(verb: Verb, targets: Targets) -> Act {
    Act::on(verb, targets)
}

pub fn address() -> Address {
    Address {
        name: "Anna Larsen".into(),
        line1: "Kai 1".into(),
        postcode: "20457".into(),
        city: "Hamburg".into(),
        country: "DE".into(),
        phone: "+49 40 1".into(),
        ..Address::default()
    }
}

/// A paid order of two lamps, placed yesterday at noon.
pub fn order(n: i64) -> Order {
    let line = OrderLine {
        remote_id: format!("gid://shop/LineItem/{n}1"),
        sku: "HG-LAMP-S".into(),
        name: "Lamp".into(),
        variant: "Small".into(),
        quantity: 2,
        current_quantity: 2,
        unfulfilled_quantity: 2,
        requires_shipping: true,
        gift_card: false,
        unit_price_minor: 1850,
        discounted_unit_price_minor: 1850,
        tax_minor: 0,
        weight_g: Some(400.0),
        options: vec![("Engraving".into(), "A.L.".into())],
        barcode: None,
        variant_id: None,
        product_type: String::new(),
    };
    Order {
        remote_id: format!("gid://shop/Order/{n}"),
        number: format!("#{n}"),
        placed_at_ms: NOW - DAY_MS + 2 * HOUR_MS,
        updated_at_ms: NOW - HOUR_MS,
        cancelled_at_ms: None,
        cancel_reason: None,
        closed_at_ms: None,
        test: false,
        payment: Payment::Paid,
        delivery: Delivery::Shipping,
        risk: None,
        currency: Currency::new("EUR"),
        subtotal_minor: 3700,
        discount_minor: 0,
        shipping_minor: 490,
        tax_minor: 0,
        total_minor: 4190,
        current_total_minor: 4190,
        refunded_minor: None,
        taxes_included: true,
        customer: Some(Customer {
            remote_id: None,
            name: "Anna Larsen".into(),
            email: "anna@example.org".into(),
            phone: String::new(),
        }),
        ship_to: Some(address()),
        bill_to: None,
        shipping: Some(ShippingChoice { title: "Express 24 h".into(), code: "express".into() }),
        fulfillment_orders: vec![FulfillmentOrder {
            remote_id: format!("gid://shop/FulfillmentOrder/{n}"),
            status: "open".into(),
            can_fulfill: true,
            location_id: None,
            location_name: "Dock".into(),
            delivery: Delivery::Shipping,
            third_party: false,
            fulfill_at_ms: None,
            fulfill_by_ms: None,
            holds: vec![],
            lines: vec![FulfillmentOrderLine {
                remote_id: format!("{n}-fo"),
                order_line_id: line.remote_id.clone(),
                total_quantity: 2,
                remaining_quantity: 2,
            }],
        }],
        lines: vec![line],
        fulfillments: vec![],
        note: "Ring twice".into(),
        gift_message: String::new(),
        tags: vec!["vip".into()],
        attributes: vec![("colour".into(), "teal".into())],
        ship_by_ms: Some(NOW + 6 * HOUR_MS),
        deliver_by_ms: None,
        sold_on: None,
        admin_url: Some("https://admin.example.com/orders/1".into()),
    }
}

/// The hub's order for one of ours.
pub fn hub_order(key: &str, id: &str, n: i64, status: HubStatus) -> HubOrder {
    HubOrder {
        remote_id: id.into(),
        key: key.into(),
        number: format!("#{n}"),
        status,
        modified_at_ms: NOW,
        hold_until_ms: None,
        ship_to: Some(address()),
        lines: vec![HubLine {
            line_key: Some(format!("gid://shop/LineItem/{n}1")),
            sku: "HG-LAMP-S".into(),
            name: "Lamp".into(),
            quantity: 2,
        }],
        parent_id: None,
        merged_ids: vec![],
        address_verified: None,
        refunded: None,
        external: false,
        store_id: None,
        service: None,
        warehouse: None,
        admin_url: Some(format!("https://admin.example.com/hub/{id}")),
    }
}

/// A label for all of it.
pub fn parcel(key: &str, hub_id: &str, n: i64, tracking: &str) -> Parcel {
    Parcel {
        remote_id: format!("label:{tracking}"),
        origin: ParcelOrigin::Label,
        hub_order_id: Some(hub_id.into()),
        hub_order_key: Some(key.into()),
        order_number: format!("#{n}"),
        tracking_number: tracking.into(),
        carrier_code: "ups".into(),
        carrier_name: Some("UPS".into()),
        service: "ups_ground".into(),
        further: Vec::new(),
        tracking_url: Some(format!("https://www.ups.com/track?tracknum={tracking}")),
        created_at_ms: NOW - HOUR_MS,
        shipped_at_ms: Some(NOW - HOUR_MS),
        voided_at_ms: None,
        is_return: false,
        lines: Some(vec![ParcelLine {
            line_key: Some(format!("gid://shop/LineItem/{n}1")),
            sku: "HG-LAMP-S".into(),
            quantity: 2,
        }]),
        cost_minor: None,
        cost_currency: None,
        channel_notified: false,
        notify_error: None,
        delivered_at_ms: None,
        track: None,
    }
}

/// What the store shows once it was told.
pub fn told(n: i64, tracking: &str) -> Fulfillment {
    Fulfillment {
        remote_id: format!("gid://shop/Fulfillment/{n}"),
        live: true,
        status: "success".into(),
        created_at_ms: NOW,
        delivered_at_ms: None,
        tracking_numbers: vec![tracking.into()],
        carrier: "UPS".into(),
        lines: vec![quayside_model::FulfillmentLine {
            order_line_id: format!("gid://shop/LineItem/{n}1"),
            quantity: 2,
        }],
    }
}

impl House {
    /// What decisions depend on now.
    pub fn store_policy(&self) -> quayside_flows::Policy {
        self.store.read(policy::load).unwrap()
    }
}
