//! The rail, the first screen, Unfulfilled, Activity, notifications.

use crate::house::{BERLIN, House, NOW, Silence, hub, hub_order, order, outlet, parcel, shop};
use quayside_api::desk::DeskEvent;
use quayside_api::notices::{Notice, Topic};
use quayside_api::view::{ActivityAsk, QueueAsk, SyncScope, TroubleCode};
use quayside_api::zone;
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_model::{Cause, ConnectionId, EffectState, HubStatus, Mode, Order, Payment, Refusal, Tone};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[test]
fn the_rail_counts_what_is_there() {
    let house = House::new();
    assert_eq!(house.desk.home().unwrap().headline, "The queue is empty.");
    house.order(order(1));
    house.order(Order { payment: Payment::Pending, ..order(2) });
    house.order(Order { ship_by_ms: Some(NOW - HOUR_MS), ..order(3) });
    house.order(Order { ship_by_ms: Some(NOW + HOUR_MS), ..order(4) });
    house.order_at(
        &outlet(),
        Order {
            currency: quayside_model::Currency::new("GBP"),
            placed_at_ms: NOW - 6 * DAY_MS,
            ship_by_ms: Some(NOW + 9 * DAY_MS),
            ..order(5)
        },
    );
    let counts = house.desk.counts().unwrap();
    assert_eq!((counts.queue, counts.late, counts.at_risk, counts.unpaid, counts.today), (5, 1, 1, 1, 4));
    assert_eq!(counts.unfulfilled, 1, "only the one that is older than a business day");
    assert_eq!(counts.open_value, [("EUR".to_owned(), 4 * 4190), ("GBP".to_owned(), 4190)]);
    assert_eq!(counts.accounts.len(), 3);
    let home = house.desk.home().unwrap();
    assert_eq!(home.headline, "1 order is late.");
    assert_eq!((home.next_deadline_ms, home.oldest_late_ms), (Some(NOW + HOUR_MS), Some(NOW - HOUR_MS)));
    assert_eq!((home.trend.len(), home.trend[29].day.as_str()), (30, "2026-11-20"));
    assert!(
        home.waits.iter().any(|(code, words, _, n)| code == "payment" && words == "Waits for payment" && *n == 1),
        "{:?}",
        home.waits
    );
}

#[test]
fn what_left_shows_in_the_chart_and_in_the_promise() {
    let house = House::new().auto();
    let id = house.order(order(1));
    let key = house.key(id);
    house.done(&hub(), "9001");
    house.hub_order(hub_order(&key, "9001", 1, HubStatus::Shipped));
    house.parcel(parcel(&key, "9001", 1, "1Z"));
    let home = house.desk.home().unwrap();
    assert_eq!((home.trend[29].shipped, home.trend[29].late, home.trend[29].median_hours), (1, 0, Some(21.0)));
    let sent = home.did_today.iter().find(|line| line.icon == "arrow");
    assert_eq!(sent.map(|line| line.count), Some(1), "{:?}", home.did_today);
    assert_eq!((home.median_hours_to_ship, home.on_time_percent), (Some(21.0), Some(100.0)));
    assert_eq!(home.counts.left_today, 1);
    let activity = house.desk.activity().unwrap();
    let account = activity.iter().find(|account| account.id == hub()).unwrap();
    assert_eq!((account.effects_today, account.waiting), (1, 0));
}

#[test]
fn an_account_that_needs_somebody_is_the_headline() {
    let house = House::new();
    house
        .store
        .write(|tx| {
            tx.open_condition(&hub(), &Refusal::new(Cause::SignInNeeded, "ShipStation wants a new sign-in."), NOW)
        })
        .unwrap();
    let home = house.desk.home().unwrap();
    assert_eq!(home.headline, "Harbour Shipping needs you.");
    let line = home.counts.accounts.iter().find(|line| line.id == hub()).unwrap();
    assert_eq!((line.tone, line.word.as_deref()), (Tone::Danger, Some("sign in")));
    house.desk.pause_connection(&hub(), true).unwrap();
    let line = house.desk.counts().unwrap().accounts.into_iter().find(|line| line.id == hub()).unwrap();
    assert_eq!((line.tone, line.word.as_deref()), (Tone::Neutral, Some("paused")));
}

#[test]
fn unfulfilled_orders_are_grouped_by_what_they_wait_on() {
    let house = House::new().auto();
    let old = NOW - 6 * DAY_MS;
    for n in 1..=3 {
        house.order(Order { placed_at_ms: old + n, ..order(n) });
    }
    house.order(Order { placed_at_ms: old, ship_to: None, ..order(4) });
    house.order(Order { placed_at_ms: old, payment: Payment::Pending, ..order(5) });
    let groups = house.desk.unfulfilled().unwrap();
    let short: Vec<(&str, &str, i64, usize)> =
        groups.iter().map(|group| (group.code.as_str(), group.title.as_str(), group.count, group.rows.len())).collect();
    assert_eq!(
        short,
        [("sending", "On its way to the hub", 3, 3), ("cause:address_missing", "The address is incomplete", 1, 1)]
    );
    assert_eq!(groups[0].rows[0].number, "#1", "oldest first");
    assert_eq!(groups[0].threshold, "older than 1 business day, cut-off 14:00 Europe/Berlin");
    // The queue's filter of that name counts the very same orders, and its opposite the others.
    let queue = |text: &str| {
        let page = house.desk.queue(QueueAsk { text: text.into(), ..QueueAsk::default() }).unwrap();
        assert_eq!(page.hints, Vec::<String>::new());
        page.total
    };
    assert_eq!((queue("is:unfulfilled waits:sending"), queue("is:unfulfilled waits:cause:address_missing")), (3, 1));
    assert_eq!((queue("is:unfulfilled"), queue("-is:unfulfilled")), (4, queue("") - 4));
    assert!(queue("") > 4, "the fresh and the unpaid ones are in the queue too");
    house.settings(|settings| settings.unfulfilled_after_days = 5);
    assert_eq!(queue("is:unfulfilled"), 0);
    assert_eq!(house.desk.unfulfilled().unwrap().len(), 0);
    // A store may have days, a cut-off and a zone of its own.
    let own = |name: &str, value: &str| {
        let settings = BTreeMap::from([(name.to_owned(), json!(value))]);
        house.desk.put_connection_settings(&shop(), &settings).map(drop)
    };
    own("unfulfilled_after_days", "1").unwrap();
    own("cut_off", "11:00").unwrap();
    own("time_zone", "Europe/London").unwrap();
    let groups = house.desk.unfulfilled().unwrap();
    assert_eq!((groups.len(), groups[0].count), (2, 3));
    assert_eq!(
        groups[0].threshold,
        "older than 5 business days, cut-off 14:00 Europe/Berlin; Harbour Goods: older than 1 business day, cut-off 11:00 Europe/London"
    );
    assert!(own("cut_off", "noon").unwrap_err().sentence.contains("14:00"));
    assert!(own("holidays", "Christmas").unwrap_err().sentence.contains("12-25 for every year"));
    own("holidays", "12-25").unwrap();
    own("unfulfilled_after_days", "").unwrap();
    assert_eq!(house.desk.unfulfilled().unwrap().len(), 0);
}

#[test]
fn resuming_everything_leaves_what_a_person_paused_by_itself() {
    let house = House::new();
    let paused = || -> Vec<ConnectionId> {
        let connections = house.desk.connections().unwrap();
        connections.into_iter().filter(|one| one.activity.paused).map(|one| one.id).collect()
    };
    let all = house.desk.connections().unwrap().len();
    house.desk.pause_connection(&hub(), true).unwrap();
    house.desk.pause_everything(true).unwrap();
    assert_eq!(paused().len(), all);
    // A second click on the same entry changes nothing, and forgets nothing.
    house.desk.pause_everything(true).unwrap();
    house.desk.pause_everything(false).unwrap();
    assert_eq!(paused(), [hub()]);
    // Nothing was paused together: resuming means all.
    house.desk.pause_everything(false).unwrap();
    assert_eq!(paused(), []);
}

#[test]
fn the_outbox_and_the_history_can_be_searched_and_paged() {
    let house = House::new().auto();
    for n in 1..=3 {
        house.order(order(n));
    }
    house.done(&hub(), "9001");
    let all = house.desk.effects(ActivityAsk::default()).unwrap();
    assert_eq!((all.len(), all[0].state, all[0].account.as_str()), (3, EffectState::Done, "Harbour Shipping"));
    let next =
        house.desk.effects(ActivityAsk { limit: 2, before: Some(all[0].id.0), ..ActivityAsk::default() }).unwrap();
    assert_eq!(next.iter().map(|effect| effect.id).collect::<Vec<_>>(), [all[1].id, all[2].id]);
    assert_eq!(
        house.desk.effects(ActivityAsk { states: vec![EffectState::Pending], ..ActivityAsk::default() }).unwrap(),
        vec![]
    );
    assert_eq!(house.desk.effects(ActivityAsk { text: "#2".into(), ..ActivityAsk::default() }).unwrap().len(), 1);
    let history = house.desk.history(ActivityAsk { text: "placed".into(), ..ActivityAsk::default() }).unwrap();
    assert_eq!((history.rows.len(), history.next), (3, None));
    assert_eq!((history.rows[0].kind.as_str(), history.rows[0].order_number.as_deref()), ("received", Some("#3")));
    // A page that is not the last says where the next begins, and how far back it looked.
    let ask = ActivityAsk { text: "placed".into(), limit: 2, ..ActivityAsk::default() };
    let first = house.desk.history(ask.clone()).unwrap();
    assert_eq!((first.rows.len(), first.back_to_ms), (2, Some(NOW)));
    let rest = house.desk.history(ActivityAsk { before: first.next, ..ask }).unwrap();
    assert_eq!((rest.rows.len(), rest.rows[0].order_number.as_deref(), rest.next), (1, Some("#1"), None));
}

/// "About 0 s to send" would be a guess: without a known rate the card says nothing of time.
#[test]
fn how_long_the_outbox_takes_is_said_only_where_the_rate_is_known() {
    let house = House::new().auto();
    for n in 1..=3 {
        house.order(order(n));
    }
    let card = || house.desk.activity().unwrap().into_iter().find(|card| card.id == hub()).unwrap();
    assert_eq!((card().waiting, card().drain_s), (3, None));
    let bucket = |level: f64, per_second: f64| {
        let state = quayside_connectors::BucketState {
            name: "v1".into(),
            unit: "calls".into(),
            capacity: 40.0,
            level,
            per_second,
            window_ms: 0,
            window_ends_ms: 0,
            as_of_ms: NOW,
            blocked_until_ms: 0,
        };
        house.store.write(|tx| tx.put_buckets(&hub(), &[serde_json::to_value(&state).unwrap()])).unwrap();
    };
    bucket(0.0, 0.5);
    let drain_s = card().drain_s.unwrap();
    assert!((1..=6).contains(&drain_s), "one to three calls at one in two seconds: {drain_s}");
    bucket(0.0, 0.0);
    assert_eq!(card().drain_s, None, "nothing comes back at a known rate");
    bucket(40.0, 0.5);
    assert_eq!(card().drain_s, Some(0), "all of it fits into what is left");
}

#[test]
fn a_stream_can_be_read_more_often_but_not_madly() {
    let house = House::new();
    let view = house.desk.put_stream_interval(&shop(), "orders", 15).unwrap();
    let stream = view.activity.streams.iter().find(|stream| stream.name == "orders").unwrap();
    assert_eq!(stream.interval_s, 15);
    for (stream, seconds, field) in
        [("orders", 1, "interval_s"), ("orders", 100_000, "interval_s"), ("shoes", 60, "stream")]
    {
        assert_eq!(house.desk.put_stream_interval(&shop(), stream, seconds).unwrap_err().field.as_deref(), Some(field));
    }
}

#[test]
fn syncing_needs_somebody_at_work_and_an_account_that_may() {
    let house = House::working(Arc::new(Silence));
    house.desk.pause_connection(&shop(), true).unwrap();
    assert!(house.desk.sync_now(SyncScope::Connection(shop())).unwrap_err().sentence.contains("paused"));
    assert_eq!(house.desk.sync_now(SyncScope::Connection("gone".into_id())).unwrap_err().code, TroubleCode::Gone);
    assert_eq!(house.desk.sync_now(SyncScope::Order(quayside_model::OrderId(99))).unwrap_err().code, TroubleCode::Gone);
    assert_eq!(house.desk.cancel_job("sync-1").unwrap_err().code, TroubleCode::Gone);
    house.desk.stop();
    assert_eq!(house.desk.counts().unwrap_err().code, TroubleCode::Opening);
}

trait IntoId {
    fn into_id(self) -> ConnectionId;
}
impl IntoId for &str {
    fn into_id(self) -> ConnectionId {
        ConnectionId::new(self)
    }
}

fn heard<T>(house: &House, what: impl Fn(&DeskEvent) -> Option<T>) -> T {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = house.events.lock().unwrap().iter().find_map(&what) {
            return found;
        }
        assert!(Instant::now() < until, "not heard in 20 s: {:?}", house.events.lock().unwrap());
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn screens_hear_of_changes_and_the_desktop_of_trouble_once() {
    let house = House::working(Arc::new(Silence));
    // Ten in the morning in Berlin: nobody sleeps.
    assert!(!zone::is_quiet(&house.desk.settings().unwrap(), NOW, BERLIN));
    house.mode("orders_to_hub", Mode::Auto);
    for n in 1..=40 {
        house.order(Order { ship_to: None, ..order(n) });
    }
    heard(&house, |event| match event {
        DeskEvent::Changed(changed) if changed.topics.iter().any(|topic| topic == "exceptions") => Some(()),
        _ => None,
    });
    house.clock.set(NOW + 60_000);
    let notices = heard(&house, |event| {
        if let DeskEvent::Notices(notices) = event {
            house.clock.set(NOW + 120_000);
            notices.iter().find(|notice| notice.title.contains("orders need you")).cloned()
        } else {
            house.clock.set(house.desk.now_ms().unwrap() + 20_000);
            None
        }
    });
    assert_eq!(
        (notices.title.as_str(), notices.place.as_str()),
        ("40 orders need you", "exceptions?cause=address_missing")
    );
    // The log says what became of it, also when the desktop took none.
    let line = || house.desk.notifications(None, 10).unwrap().into_iter().find(|line| line.title == notices.title);
    assert_eq!(line().unwrap().outcome, "shown");
    house.desk.notice_failed(&notices, "no notification service answered").unwrap();
    let failed = line().unwrap();
    assert_eq!(failed.outcome, "failed");
    assert!(failed.why.contains("no notification service answered"), "{}", failed.why);
    house.desk.stop();
    let told = house.events.lock().unwrap().iter().filter(|event| matches!(event, DeskEvent::Notices(notices) if notices.iter().any(|notice| notice.title.contains("orders need you")))).count();
    assert_eq!(told, 1);
}

#[test]
fn a_notification_that_was_put_off_comes_back_and_the_log_says_so() {
    let house = House::working(Arc::new(Silence));
    house.settings(|settings| (settings.quiet_from_min, settings.quiet_to_min) = (0, 0));
    house.mode("orders_to_hub", Mode::Auto);
    house.order(Order { ship_to: None, ..order(1) });
    let told = || -> Vec<Notice> {
        let events = house.events.lock().unwrap();
        let of = |event: &DeskEvent| match event {
            DeskEvent::Notices(notices) => notices.clone(),
            _ => Vec::new(),
        };
        events.iter().flat_map(of).filter(|notice| notice.topic == Topic::Exceptions).collect()
    };
    let wait = |what: &str, done: &dyn Fn() -> bool| {
        let until = Instant::now() + Duration::from_mins(1);
        while !done() {
            assert!(Instant::now() < until, "waited a minute for {what}");
            house.clock.set(house.desk.now_ms().unwrap() + 20_000);
            // Anything that changes wakes the desk's thread.
            house.settings(|settings| settings.at_risk_min ^= 1);
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    wait("the notification", &|| told().len() == 1);
    let first = told().remove(0);
    assert!(first.body.ends_with("EUR 41 wait."), "{}", first.body);
    house.desk.notice_later(&first).unwrap();
    let put_off = || house.desk.notifications(None, 10).unwrap().into_iter().find(|line| line.outcome == "held_back");
    wait("the log", &|| put_off().is_some());
    let line = put_off().unwrap();
    assert_eq!((line.title.as_str(), line.place.as_str()), (first.title.as_str(), first.place.as_str()));
    assert!(line.why.starts_with("You asked to be reminded at "), "{}", line.why);
    assert_eq!(told().len(), 1, "not before the hour is over");
    house.clock.set(house.desk.now_ms().unwrap() + 3_600_000);
    wait("the reminder", &|| told().len() == 2);
    assert_eq!(told()[1].title, first.title);
}
