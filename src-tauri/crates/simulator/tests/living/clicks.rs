//! A person does something while the desk is busy: it is not kept waiting by a long reading, a backlog or a spent limit.

use crate::shop::{GOODS, at_hub, buys, calls, minutes, open, open_with, seconds, until};
use quayside_connectors::BucketState;
use quayside_engine::{EngineHandle, SyncProgress, SyncTarget};
use quayside_model::{Clock as _, ConnectionId, EffectState, OrderId, RecordKind};
use quayside_sandbox::ledger::By;
use quayside_sandbox::shipstation::ShipStationPlan;
use quayside_sandbox::shipstation::state::Pen;
use quayside_sandbox::shipstation::state::labels::Purchase;
use quayside_simulator::House;
use quayside_store::InjectedFailure;
use std::sync::{Arc, Mutex};

/// Orders that take a store many pages.
const MANY: usize = 400;

fn goods() -> ConnectionId {
    ConnectionId::new("harbour-goods")
}

/// A store with many orders that the desk has not seen yet, and a slow line.
fn busy() -> (House, Vec<String>) {
    let house = open();
    let orders = (0..MANY).map(|_| buys(&house, GOODS)).collect();
    house.wire().slow_down(8_000);
    (house, orders)
}

fn known(house: &House, orders: &[String]) -> usize {
    let is_known = |order: &String| house.store().read(|r| r.order_id(&goods(), order)).unwrap().is_some();
    orders.iter().filter(|order| is_known(order)).count()
}

fn pause(house: &House, engine: &EngineHandle, paused: bool) {
    house
        .store()
        .write(|tx| {
            let config = tx.connection(&goods())?.expect("the account is connected");
            tx.put_connection(&quayside_model::ConnectionConfig { paused, ..config })
        })
        .unwrap();
    engine.reload().unwrap();
}

/// Minutes until everything is read, and the calls it took.
async fn read_all(house: &House, orders: &[String]) -> (usize, usize) {
    for minute in 0..120 {
        if known(house, orders) == orders.len() {
            return (minute, calls(house, "harbour-goods"));
        }
        minutes(1).await;
    }
    panic!("only {} of {} orders were read in two hours", known(house, orders), orders.len());
}

#[test]
fn a_pause_holds_after_the_page_that_is_on_its_way() {
    let (house, orders) = busy();
    let work = house.work_while(|engine| async {
        let engine = engine;
        seconds(70).await;
        let before = known(&house, &orders);
        assert!(before > 0 && before < orders.len(), "{before} are known: not the middle of a reading");
        pause(&house, &engine, true);
        seconds(9).await;
        house.wire().forget_sent();
        let before = known(&house, &orders);
        minutes(30).await;
        assert_eq!(calls(&house, "harbour-goods"), 0, "it is paused");
        assert_eq!(known(&house, &orders), before);
        pause(&house, &engine, false);
        read_all(&house, &orders).await;
    });
    work.unwrap();
}

#[test]
fn a_removed_account_is_left_alone_in_the_middle_of_a_reading() {
    let (house, orders) = busy();
    let work = house.work_while(|engine| async {
        let engine = engine;
        seconds(70).await;
        house.store().write(|tx| tx.remove_connection(&goods())).unwrap();
        engine.reload().unwrap();
        seconds(9).await;
        house.wire().forget_sent();
        let before = known(&house, &orders);
        minutes(30).await;
        assert_eq!((calls(&house, "harbour-goods"), known(&house, &orders)), (0, before));
    });
    work.unwrap();
}

/// "Read this order again" in the middle of a first reading: answered at the next page, and the reading goes on there.
#[test]
fn a_wish_goes_before_the_rest_of_a_reading() {
    let (house, orders) = busy();
    let undisturbed = {
        let (house, orders) = busy();
        house.work_while(|_| async { read_all(&house, &orders).await }).unwrap()
    };
    let work = house.work_while(|engine| async {
        let engine = engine;
        let last = orders.last().unwrap().clone();
        for _ in 0..3 {
            seconds(25).await;
            let told: Arc<Mutex<Vec<SyncProgress>>> = Arc::default();
            let hear = told.clone();
            let target = SyncTarget::Record(goods(), RecordKind::Order, last.clone());
            engine.sync(&target, move |progress| hear.lock().unwrap().push(progress)).unwrap();
            // The page on its way, then the order itself (it takes two calls at most).
            seconds(26).await;
            let told = told.lock().unwrap();
            let end = told.last().unwrap();
            assert!(end.ended && end.problems.is_empty(), "{end:?}");
            assert!(known(&house, &orders) < orders.len(), "the reading was over already");
        }
        read_all(&house, &orders).await
    });
    let (_, calls) = work.unwrap();
    assert!(calls <= undisturbed.1 + 8, "{calls} calls, {} without three wishes", undisturbed.1);
}

/// "Sync this order" right after the label was bought: its parcel is there at once, not with the next list of labels.
#[test]
fn reading_one_order_again_brings_its_new_label() {
    let house = open();
    let work = house.work_while(|engine| async {
        let engine = engine;
        minutes(10).await;
        let order = buys(&house, GOODS);
        let id = || house.store().read(|r| r.order_id(&goods(), &order)).unwrap();
        let story = || {
            let id = id().unwrap();
            house.store().read(|r| r.story(id)).unwrap().unwrap()
        };
        until(|| id().is_some() && !story().hub_orders.is_empty()).await;
        // Right after a reading of the labels, so that the next one is minutes away.
        house.wire().forget_sent();
        until(|| calls(&house, "harbour-shipping") > 0).await;
        seconds(20).await;
        let tracking = house.people(|scene| {
            let hub = &mut scene.hubs[0].state;
            let ends = format!("-{}", order.rsplit('/').next().unwrap());
            let known = hub.orders.values().find(|one| !one.deleted && one.key.ends_with(&ends)).unwrap().id;
            let postage = Purchase {
                carrier: "ups_walleted".into(),
                service: "ups_standard_international".into(),
                grams: Some(500.0),
                ..Purchase::default()
            };
            let mut pen = Pen { now_ms: scene.now_ms, by: By::Merchant, ledger: scene.ledger };
            let label = hub.buy(&mut pen, known, &postage).unwrap();
            hub.labels[&label].tracking_number.clone()
        });
        assert!(story().parcels.is_empty());
        let told: Arc<Mutex<Vec<SyncProgress>>> = Arc::default();
        let hear = told.clone();
        let target = SyncTarget::Order(id().unwrap());
        engine.sync(&target, move |progress| hear.lock().unwrap().push(progress)).unwrap();
        seconds(10).await;
        let parcels = story().parcels;
        assert!(parcels.iter().any(|seen| seen.value.tracking_number == tracking), "{parcels:?}");
        let told = told.lock().unwrap();
        let end = told.last().unwrap();
        assert!(end.ended && end.problems.is_empty(), "{end:?}");
    });
    work.unwrap();
}

/// "Sync now" again and again, on the hub's forty calls a minute: what was bought is sent all the same, and many clicks
/// are one reading.
#[test]
fn asking_again_and_again_keeps_nothing_from_being_sent() {
    let house = open();
    let work = house.work_while(|engine| async {
        let engine = engine;
        minutes(10).await;
        let ended: Arc<Mutex<usize>> = Arc::default();
        let ask = || {
            let ended = ended.clone();
            let hear = move |progress: SyncProgress| *ended.lock().unwrap() += usize::from(progress.ended);
            engine.sync(&SyncTarget::Everything, hear).unwrap();
        };
        // The allowance of this minute is gone when the orders come.
        for _ in 0..20 {
            ask();
            seconds(1).await;
        }
        let orders: Vec<String> = (0..20).map(|_| buys(&house, GOODS)).collect();
        let mut waited_s = 0;
        while !orders.iter().all(|order| at_hub(&house, order) == 1) {
            for _ in 0..3 {
                ask();
            }
            seconds(3).await;
            waited_s += 3;
            assert!(waited_s < 150, "{} of 20 are at the hub", orders.iter().map(|o| at_hub(&house, o)).sum::<usize>());
        }
        // Nobody who asked waits for ever.
        minutes(5).await;
        let asked = 20 + waited_s as usize;
        assert_eq!(*ended.lock().unwrap(), asked, "every click was answered once");
    });
    work.unwrap();
}

/// "Read everything now", and then a pause: the reading ends, and says why.
#[test]
fn a_pause_ends_what_was_wished_before() {
    let (house, orders) = busy();
    let work = house.work_while(|engine| async {
        let engine = engine;
        let told: Arc<Mutex<Vec<SyncProgress>>> = Arc::default();
        let hear = told.clone();
        engine.sync(&SyncTarget::Connection(goods()), move |progress| hear.lock().unwrap().push(progress)).unwrap();
        seconds(70).await;
        let before = known(&house, &orders);
        assert!(before > 0 && before < orders.len(), "{before} are known: not the middle of a reading");
        // A change that leaves the account as it is ends nothing.
        engine.reload().unwrap();
        seconds(30).await;
        assert!(!told.lock().unwrap().last().unwrap().ended);
        assert!(known(&house, &orders) > before);
        pause(&house, &engine, true);
        seconds(10).await;
        house.wire().forget_sent();
        let end = told.lock().unwrap().last().unwrap().clone();
        assert!(end.ended && end.problems.iter().any(|problem| problem.ends_with("is paused")), "{end:?}");
        minutes(10).await;
        assert_eq!(calls(&house, "harbour-goods"), 0);
    });
    work.unwrap();
}

/// The hub's calls for this minute are spent but for one. What automations planned waits; a click does not.
#[test]
fn a_click_uses_the_call_that_is_kept_for_it() {
    let house = open_with(ShipStationPlan::default().only_v1());
    let hub = ConnectionId::new("harbour-shipping");
    let now_ms = house.clock().now_ms();
    let spent = BucketState {
        name: "v1".into(),
        unit: "calls".into(),
        capacity: 40.0,
        level: 1.5,
        per_second: 0.0,
        window_ms: 60 * 60_000,
        window_ends_ms: now_ms + 60 * 60_000,
        as_of_ms: now_ms,
        blocked_until_ms: 0,
    };
    let spent = serde_json::to_value(spent).unwrap();
    house.store().write(|tx| tx.put_buckets(&hub, &[spent])).unwrap();
    let order = buys(&house, GOODS);
    let work = house.work_while(|engine| async {
        let engine = engine;
        minutes(20).await;
        assert_eq!(at_hub(&house, &order), 0, "one call is kept");
        let id = house.store().read(|r| r.order_id(&goods(), &order)).unwrap().unwrap();
        hurry(&house, id);
        engine.nudge();
        seconds(20).await;
        assert_eq!(at_hub(&house, &order), 1);
    });
    work.unwrap();
}

fn hurry(house: &House, id: OrderId) {
    house.store().write(|tx| tx.hurry(id, house.clock().now_ms())).unwrap();
}

/// Asks for everything of the store, and what was said last after ten seconds.
async fn asked(engine: &EngineHandle) -> SyncProgress {
    let told: Arc<Mutex<Vec<SyncProgress>>> = Arc::default();
    let hear = told.clone();
    engine.sync(&SyncTarget::Connection(goods()), move |progress| hear.lock().unwrap().push(progress)).unwrap();
    seconds(10).await;
    told.lock().unwrap().last().cloned().expect("something was said")
}

/// Nobody waits for ever for an account that cannot be opened.
#[test]
fn a_locked_keychain_ends_what_was_wished() {
    let house = open();
    let work = house.work_while(|engine| async {
        let engine = engine;
        seconds(5).await;
        house.lock_keychain(true);
        engine.reload().unwrap();
        let end = asked(&engine).await;
        assert!(end.ended && end.problems.iter().any(|problem| problem.contains("keychain is locked")), "{end:?}");
        house.lock_keychain(false);
        engine.reload().unwrap();
        minutes(2).await;
        let end = asked(&engine).await;
        assert!(end.ended && end.problems.is_empty(), "{end:?}");
    });
    work.unwrap();
}

/// Nor for a disk that takes nothing; and once it does, everything goes on.
#[test]
fn a_full_disk_ends_what_was_wished() {
    let house = open();
    let work = house.work_while(|engine| async {
        let engine = engine;
        seconds(5).await;
        buys(&house, GOODS);
        house.store().inject_failure(InjectedFailure::DiskFull, 50);
        let end = asked(&engine).await;
        assert!(end.ended && end.problems.iter().any(|problem| problem.contains("disk is full")), "{end:?}");
        minutes(10).await;
        let end = asked(&engine).await;
        assert!(end.ended && end.problems.is_empty(), "{end:?}");
    });
    work.unwrap();
    assert_eq!(house.ledger().of("order_created").count(), 1);
}

/// The program breaks in the moment an answer is written down. The lane that follows asks the platform; what stood as on its
/// way would otherwise hang, and keep everything else of its order, until the program is started again.
#[test]
fn an_answer_that_could_not_be_written_down_is_looked_up_at_once() {
    let house = open();
    let work = house.work_while(|_| async {
        seconds(5).await;
        let order = buys(&house, GOODS);
        house.wire().slow_down(3_000);
        until(|| states(&house, &order).contains(&EffectState::Running)).await;
        // Whoever writes now breaks, and so does whoever follows him.
        house.store().inject_failure(InjectedFailure::Panic, 1_000);
        seconds(30).await;
        assert_eq!(states(&house, &order), [EffectState::Running], "it is done there, and nobody here knows");
        house.store().heal();
        until(|| states(&house, &order).first() == Some(&EffectState::Done)).await;
        order
    });
    let order = work.unwrap();
    let tries = house
        .store()
        .read(|r| {
            let id = r.order_id(&goods(), &order)?.expect("the order is known");
            let effect = r.story(id)?.expect("a known order").effects[0].id;
            r.attempts_of(effect)
        })
        .unwrap();
    assert_eq!(tries[0].outcome, "unknown", "{tries:?}");
    assert!(tries[1].looked, "{tries:?}");
    assert_eq!(house.ledger().of("order_created").count(), 1);
}

/// How far the changes of an order are, oldest first.
fn states(house: &House, order: &str) -> Vec<EffectState> {
    let read = house.store().read(|r| match r.order_id(&goods(), order)? {
        Some(id) => r.story(id),
        None => Ok(None),
    });
    read.unwrap().map_or_else(Vec::new, |story| story.effects.iter().map(|effect| effect.state).collect())
}
