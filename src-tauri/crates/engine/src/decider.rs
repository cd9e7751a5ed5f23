//! Looks again at orders whose time has come: holds end, deadlines near, settings changed.
//!
//! A fault of the program in one order must not keep the others waiting: the batch it broke is taken apart, the order
//! that breaks alone is put out of the line and named in the log, and everything else goes on.

use crate::catalogue;
use crate::engine::{Shared, Sweep};
use crate::ingest::redecide;
use crate::left;
use crate::patrons;
use crate::shelves;
use quayside_flows::{Policy, stock};
use quayside_model::OrderId;
use quayside_model::time::{MINUTE_MS, SECOND_MS};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Orders per transaction: few enough that a person's write never waits long.
const AT_ONCE: usize = 100;
/// Its name among those who may be unable to use the store.
const WORKER: &str = "decider";

/// Runs until the engine stops.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut decider = Decider::default();
    while !shared.is_stopping() {
        let pause_ms = decider.turn(&shared);
        if pause_ms > 0 {
            shared.nap(pause_ms, &shared.decider_bell).await;
        } else {
            tokio::task::yield_now().await;
        }
    }
}

/// What an order is looked at for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Looks {
    /// To be decided anew.
    #[default]
    Decide,
    /// For what it holds of each SKU, and nothing else: it is over, and nothing is to come of the look.
    Count,
}

#[derive(Default)]
struct Decider {
    /// What is being looked at.
    due: Vec<OrderId>,
    /// What for.
    looks: Looks,
    /// Orders of a batch that broke: each is looked at by itself.
    alone: VecDeque<(OrderId, Looks)>,
    /// SKUs that are being looked at.
    shelves: Vec<String>,
    /// A batch of SKUs broke: each is looked at by itself.
    shelves_alone: bool,
}

impl Decider {
    /// One batch, whatever comes of it; how long nothing is due after it, ms.
    fn turn(&mut self, shared: &Shared) -> i64 {
        // Nothing of a step survives it but the two lists; a transaction that was open is gone with it.
        match catch_unwind(AssertUnwindSafe(|| self.step(shared))) {
            Ok(Ok(pause_ms)) => pause_ms,
            Ok(Err(error)) => {
                // What was taken out of a list is not forgotten with the batch.
                self.alone.extend(self.due.drain(..).map(|order| (order, self.looks)));
                tracing::error!(%error, "orders could not be looked at again");
                shared.fares(WORKER, Some(&error));
                10 * SECOND_MS
            }
            Err(_) => self.broke(shared),
        }
    }

    /// The panic itself is in the log already, with its place.
    fn broke(&mut self, shared: &Shared) -> i64 {
        match std::mem::take(&mut self.shelves).as_slice() {
            [] => {}
            [sku] => {
                tracing::error!(
                    "looking at a SKU again broke, so it is left as it is until it changes; please report this as a fault"
                );
                self.shelves_alone = false;
                if let Err(error) = shared.store.write(|tx| tx.forget_shelf(sku)) {
                    shared.fares(WORKER, Some(&error));
                    return 10 * SECOND_MS;
                }
                return 0;
            }
            _ => {
                self.shelves_alone = true;
                return 0;
            }
        }
        match std::mem::take(&mut self.due).as_slice() {
            [] => {
                tracing::error!("looking for orders to look at again broke; it is tried again");
                10 * SECOND_MS
            }
            [order] => {
                tracing::error!(
                    order.id = order.0,
                    "looking at this order again broke, so it is left as it is until it changes; please report this as a fault"
                );
                // Else it would be the first in line for ever.
                if self.looks == Looks::Decide
                    && let Err(error) = shared.store.write(|tx| tx.forget_look(*order))
                {
                    shared.fares(WORKER, Some(&error));
                    return 10 * SECOND_MS;
                }
                0
            }
            several => {
                self.alone.extend(several.iter().map(|order| (*order, self.looks)));
                0
            }
        }
    }

    /// One batch of SKUs that are due; false if none was.
    fn look_at_shelves(
        &mut self,
        shared: &Shared,
        policy: &Policy,
        now_ms: i64,
    ) -> Result<bool, quayside_store::StoreError> {
        let at_once = if self.shelves_alone { 1 } else { AT_ONCE };
        self.shelves = shared.store.read(|r| r.shelves_to_look_at(now_ms, at_once))?;
        if self.shelves.is_empty() {
            self.shelves_alone = false;
            return Ok(false);
        }
        let moved = shared.store.write(|tx| {
            let mut moved = false;
            for sku in &self.shelves {
                let done = shelves::decide_shelf(tx, policy, sku, now_ms)?;
                moved |= done.planned > 0 || done.reads;
            }
            Ok(moved)
        });
        self.shelves.clear();
        shared.fares(WORKER, None);
        if moved? {
            shared.ring_all();
        }
        Ok(true)
    }

    /// The next orders of the look at every one of them, and how far it is then.
    fn sweep(
        &mut self,
        shared: &Shared,
        policy: &Policy,
        at: Sweep,
        now_ms: i64,
    ) -> Result<Option<Sweep>, quayside_store::StoreError> {
        let uncounted =
            || stock::adds_up(policy).then(|| Sweep::Uncounted(stock::orders_from_ms(policy, now_ms), OrderId(0)));
        let next = match at {
            Sweep::Open(after) => {
                self.due = shared.store.read(|r| r.open_orders(after, AT_ONCE))?;
                match self.due.last() {
                    Some(last) => Some(Sweep::Open(*last)),
                    None if left::is_due(&shared.store, policy)? => {
                        Some(Sweep::Left(now_ms - left::LEFT_MS, 0, OrderId(0)))
                    }
                    None => uncounted(),
                }
            }
            Sweep::Left(at_ms, record, after) => {
                let found = shared.store.read(|r| r.orders_left((at_ms, record, after), AT_ONCE))?;
                self.due = found.iter().map(|(.., order)| *order).collect();
                self.due.dedup();
                if let Some((at_ms, record, order)) = found.last() {
                    Some(Sweep::Left(*at_ms, *record, *order))
                } else {
                    left::done(&shared.store, policy)?;
                    uncounted()
                }
            }
            Sweep::Uncounted(placed_at_ms, after) => {
                let found = shared.store.read(|r| r.orders_without_share((placed_at_ms, after), AT_ONCE))?;
                self.due = found.iter().map(|(_, order)| *order).collect();
                self.looks = Looks::Count;
                found.last().map(|(placed_at_ms, order)| Sweep::Uncounted(*placed_at_ms, *order))
            }
        };
        if next.is_none() {
            shelves::all_again(&shared.store, policy, now_ms)?;
        }
        Ok(next)
    }

    /// One batch; how long nothing is due after it, ms.
    fn step(&mut self, shared: &Shared) -> Result<i64, quayside_store::StoreError> {
        let now_ms = shared.clock.now_ms();
        // In this order: settings that change in between begin a new round.
        let (sweep, round) = shared.sweep_from();
        let policy = shared.policy();
        (self.due, self.looks) = match self.alone.pop_front() {
            Some((one, looks)) => (vec![one], looks),
            None => (shared.take_wanted(AT_ONCE), Looks::Decide),
        };
        if self.due.is_empty() {
            self.due = shared.store.read(|r| r.orders_to_look_at(now_ms, AT_ONCE))?;
        }
        if self.due.is_empty()
            && let Some(at) = sweep
        {
            let next = self.sweep(shared, &policy, at, now_ms)?;
            shared.sweep_on(round, next);
            if self.due.is_empty() && next.is_some() {
                return Ok(0);
            }
        }
        if self.due.is_empty() && self.look_at_shelves(shared, &policy, now_ms)? {
            return Ok(0);
        }
        if self.due.is_empty() {
            let woken = shared.store.write(|tx| tx.wake_snoozed(now_ms))?.len();
            let (orders, shelves) = shared.store.read(|r| Ok((r.next_look_at()?, r.next_shelf_at()?)))?;
            let next = orders.into_iter().chain(shelves).min();
            shared.fares(WORKER, None);
            if woken > 0 {
                return Ok(0);
            }
            if let Some(planned) = catalogue::look(&shared.store, &policy, now_ms)? {
                if planned > 0 {
                    shared.ring_all();
                }
                return Ok(0);
            }
            // Once a day, and after everything that cannot wait.
            if let Some(planned) = patrons::look(&shared.store, &policy, now_ms)? {
                if planned > 0 {
                    shared.ring_all();
                }
                return Ok(0);
            }
            return Ok(next.map_or(10 * MINUTE_MS, |at| (at - now_ms).clamp(1, 10 * MINUTE_MS)));
        }
        let planned = shared.store.write(|tx| {
            let mut planned = 0;
            for id in &self.due {
                match self.looks {
                    Looks::Decide => planned += redecide(tx, &policy, *id, now_ms)?,
                    Looks::Count => shelves::keep_share(tx, &policy, *id, now_ms)?,
                }
            }
            Ok(planned)
        })?;
        self.due.clear();
        shared.fares(WORKER, None);
        if planned > 0 {
            shared.ring_all();
        }
        Ok(0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::engine::{Engine, EngineHandle, EngineSetup};
    use crate::pace::Naps;
    use crate::secrets::SecretStore;
    use quayside_connectors::{Secrets, Wire, WireError};
    use quayside_model::time::DAY_MS;
    use quayside_model::{
        Clock, ConnectionConfig, ConnectionId, Mode, Order, Parcel, ParcelOrigin, Record, RecordKind, Refusal,
    };
    use quayside_store::{AutomationRow, InjectedFailure, Store};
    use std::collections::BTreeMap;
    use std::time::Duration;

    struct Nobody;
    #[async_trait::async_trait]
    impl Wire for Nobody {
        async fn send(&self, _: http::Request<Vec<u8>>, _: Duration) -> Result<http::Response<Vec<u8>>, WireError> {
            Err(WireError::NotSent("nobody is there".into()))
        }
    }
    impl SecretStore for Nobody {
        fn secrets(&self, _: &ConnectionId) -> Result<Secrets, Refusal> {
            Ok(Secrets::default())
        }
        fn put_secrets(&self, _: &ConnectionId, _: &Secrets) -> Result<(), Refusal> {
            Ok(())
        }
        fn forget_secrets(&self, _: &ConnectionId) -> Result<(), Refusal> {
            Ok(())
        }
    }
    impl Clock for Nobody {
        fn now_ms(&self) -> i64 {
            1_800_000_000_000
        }
    }

    fn order(n: i64) -> Order {
        Order {
            remote_id: n.to_string(),
            number: format!("#{n}"),
            placed_at_ms: 1,
            updated_at_ms: 1,
            cancelled_at_ms: None,
            cancel_reason: None,
            closed_at_ms: None,
            test: false,
            payment: quayside_model::Payment::Paid,
            delivery: quayside_model::Delivery::Shipping,
            risk: None,
            currency: quayside_model::Currency::new("EUR"),
            subtotal_minor: 0,
            discount_minor: 0,
            shipping_minor: 0,
            tax_minor: 0,
            total_minor: 0,
            current_total_minor: 0,
            refunded_minor: None,
            taxes_included: true,
            customer: None,
            ship_to: None,
            bill_to: None,
            shipping: None,
            lines: vec![],
            fulfillment_orders: vec![],
            fulfillments: vec![],
            note: String::new(),
            gift_message: String::new(),
            tags: vec![],
            attributes: vec![],
            deliver_by_ms: None,
            ship_by_ms: None,
            sold_on: None,
            admin_url: None,
        }
    }

    /// A desk with orders that nobody has decided yet, and an engine that does not run.
    fn engine(orders: i64) -> (EngineHandle, Vec<OrderId>) {
        let store = Store::in_memory();
        let shop = ConnectionId::new("shop");
        let ids = store
            .write(|tx| {
                tx.put_connection(&ConnectionConfig {
                    id: shop.clone(),
                    name: "Shop".into(),
                    platform: "any".into(),
                    way: String::new(),
                    fields: BTreeMap::new(),
                    base_url: None,
                    account: quayside_model::Account::default(),
                    settings: BTreeMap::new(),
                    paused: false,
                    created_at_ms: 0,
                })?;
                let mut ids = Vec::new();
                for n in 1..=orders {
                    let order = order(n);
                    tx.put_record(
                        &shop,
                        &quayside_model::Incoming { record: Record::Order(order.clone()), raw: "{}".into() },
                        1,
                    )?;
                    ids.push(tx.order_for(&shop, &order, 1)?.0);
                }
                Ok(ids)
            })
            .unwrap();
        let setup = EngineSetup {
            store,
            secrets: Arc::new(Nobody),
            wire: Arc::new(Nobody),
            clock: Arc::new(Nobody),
            seed: 1,
            naps: Naps::default(),
        };
        (Engine::prepare(setup).unwrap(), ids)
    }

    fn is_decided(engine: &EngineHandle, id: OrderId) -> bool {
        engine.shared.store.read(|r| r.queue_row(id)).unwrap().is_some()
    }

    #[test]
    fn an_order_that_breaks_the_decision_is_left_and_all_others_are_decided() {
        let (engine, ids) = engine(5);
        engine.look_again_at(ids.iter().copied());
        // The batch breaks, and in the batch's parts the first.
        engine.shared.store.inject_failure(InjectedFailure::Panic, 2);
        let mut decider = Decider::default();
        let pauses: Vec<i64> = (0..6).map(|_| decider.turn(&engine.shared)).collect();
        assert_eq!(pauses, [0; 6]);
        let decided: Vec<bool> = ids.iter().map(|id| is_decided(&engine, *id)).collect();
        assert_eq!(decided, [false, true, true, true, true]);
        // What is asked for again is looked at again.
        engine.look_again_at([ids[0]]);
        decider.turn(&engine.shared);
        assert!(is_decided(&engine, ids[0]));
    }

    #[test]
    fn a_store_that_fails_meanwhile_makes_nothing_forgotten() {
        let (engine, ids) = engine(3);
        engine.look_again_at(ids.iter().copied());
        engine.shared.store.inject_failure(InjectedFailure::DiskFull, 1);
        let mut decider = Decider::default();
        assert_eq!(decider.turn(&engine.shared), 10 * SECOND_MS);
        assert!(engine.trouble().is_some_and(|said| said.contains("disk is full")));
        for _ in 0..3 {
            decider.turn(&engine.shared);
        }
        assert!(ids.iter().all(|id| is_decided(&engine, *id)));
        assert_eq!(engine.trouble(), None);
    }

    /// The order has a parcel that was made known so long ago.
    fn left(engine: &EngineHandle, order: OrderId, days: i64) {
        let shop = ConnectionId::new("shop");
        let parcel = Parcel {
            remote_id: format!("label:{order}"),
            origin: ParcelOrigin::Label,
            hub_order_id: None,
            hub_order_key: None,
            order_number: format!("#{order}"),
            tracking_number: format!("1Z{order}"),
            carrier_code: "ups".into(),
            carrier_name: None,
            service: String::new(),
            tracking_url: None,
            further: vec![],
            created_at_ms: Nobody.now_ms() - days * DAY_MS,
            shipped_at_ms: None,
            voided_at_ms: None,
            is_return: false,
            lines: None,
            cost_minor: None,
            cost_currency: None,
            channel_notified: false,
            notify_error: None,
            delivered_at_ms: None,
            track: None,
        };
        let name = parcel.remote_id.clone();
        let incoming = quayside_model::Incoming { record: Record::Parcel(parcel), raw: "{}".into() };
        let linked = engine.shared.store.write(|tx| {
            tx.put_record(&shop, &incoming, 1)?;
            tx.link(order, &shop, RecordKind::Parcel, &name)
        });
        linked.unwrap();
    }

    #[test]
    fn what_left_lately_is_looked_at_once_when_an_automation_that_follows_parcels_is_let_go() {
        let (engine, ids) = engine(5);
        for (order, days) in [(ids[0], 2), (ids[1], 29), (ids[2], 31)] {
            left(&engine, order, days);
        }
        let set = |id: &str, mode: Mode, settings: serde_json::Value| {
            let row = AutomationRow { id: id.into(), mode, go_live_ms: None, settings };
            engine.shared.store.write(|tx| tx.put_automation(&row)).unwrap();
            engine.shared.reload().unwrap();
        };
        let looks_at = || {
            let mut decider = Decider::default();
            let rests = (0..50).any(|_| decider.turn(&engine.shared) > 0);
            assert!(rests, "it comes to rest");
            ids.iter().filter(|id| is_decided(&engine, **id)).count()
        };
        let none = serde_json::json!({});
        set("trouble_case", Mode::Watch, none.clone());
        assert_eq!(looks_at(), 0, "only watched");
        set("orders_to_hub", Mode::Auto, none.clone());
        assert_eq!(looks_at(), 0, "it has no work with what left");
        set("trouble_case", Mode::Auto, none.clone());
        assert_eq!(looks_at(), 2, "those of the last thirty days");
        // A program that starts anew, or another setting: nothing is looked at a second time for the same reason.
        left(&engine, ids[3], 1);
        engine.shared.sweep_anew();
        assert_eq!(looks_at(), 2);
        set("trouble_case", Mode::Auto, serde_json::json!({"grace_days": 3}));
        assert_eq!(looks_at(), 3, "it goes by something else now");
        // Off and on again: what left meanwhile is looked at.
        set("trouble_case", Mode::Off, none.clone());
        assert_eq!(looks_at(), 3);
        left(&engine, ids[4], 1);
        set("trouble_case", Mode::Auto, serde_json::json!({"grace_days": 3}));
        assert_eq!(looks_at(), 4, "all but the one that left long ago");
    }
}
