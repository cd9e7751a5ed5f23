//! Returns, products and quantities travel in reports: whatever happens to one, the next holds what it should have held.

use crate::common::{NOW_MS, World, check_stream_from, read_to_end};
use crate::house::{items, place, quiet, quiet_with, seller};
use crate::tamper::{Change, Tamper};
use quayside_connectors::{Ask, Priority, ReadError, Setup};
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use quayside_model::{Cause, Clock, Incoming, Record, RecordKind, Return, Unreadable};
use quayside_sandbox::amazon::state;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A stream of reports, looked at every five minutes for half an hour.
async fn looked_at(world: &World, stream: &str, cursor: &mut Option<Value>) -> Vec<Incoming> {
    let mut found = Vec::new();
    for _ in 0..6 {
        found.extend(read_to_end(world, stream, cursor, 0).await);
        world.clock.advance(5 * MINUTE_MS);
    }
    found
}

/// Somebody wants to give an order's first item back.
fn give_back(world: &World, order: &str, rma: &str, asked_ms: i64) {
    let item = items(world, order)[0].0.clone();
    seller(world, |amazon| {
        amazon.state_mut().returns.push(state::Return {
            rma: rma.into(),
            order: order.into(),
            item,
            quantity: 1,
            reason: "DEFECTIVE".into(),
            status: "Approved".into(),
            asked_ms,
            received_ms: None,
        });
    });
}

fn returns(found: &[Incoming]) -> BTreeMap<String, Return> {
    let newest = found.iter().filter_map(|incoming| match &incoming.record {
        Record::Return(back) => Some((back.number.clone(), back.clone())),
        _ => None,
    });
    newest.collect()
}

fn numbers(found: &[Incoming]) -> BTreeSet<String> {
    returns(found).into_keys().collect()
}

/// Windows of the reports that were asked for, in days.
fn windows(world: &World) -> Vec<i64> {
    seller(world, |amazon| {
        let reports = amazon.state().reports.iter();
        reports.map(|report| (report.window.1 - report.window.0) / DAY_MS).collect()
    })
}

#[tokio::test]
async fn three_weeks_off_lose_no_return() {
    let world = quiet();
    let order = place(&world, &[("MUG-1", 1)]);
    give_back(&world, &order, "before", NOW_MS - DAY_MS);
    let mut cursor = None;
    assert_eq!(numbers(&looked_at(&world, "returns", &mut cursor).await), BTreeSet::from(["before".into()]));
    // The next ones of that day look back a week.
    world.clock.advance(4 * HOUR_MS);
    looked_at(&world, "returns", &mut cursor).await;
    assert_eq!(windows(&world), [59, 7]);
    let off_ms = world.clock.now_ms();
    for day in 0..21 {
        give_back(&world, &order, &format!("day {day:02}"), off_ms + day * DAY_MS);
    }
    world.clock.advance(21 * DAY_MS);
    let found = numbers(&looked_at(&world, "returns", &mut cursor).await);
    let missing: Vec<String> = (0..21).map(|day| format!("day {day:02}")).filter(|day| !found.contains(day)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// What is not a report that was read to its end counts for nothing: the next one asks for the same days again.
#[tokio::test]
async fn a_first_report_that_came_to_nothing_is_made_up_for() {
    type Fate = fn(&mut Vec<state::Report>);
    let fates: [(&str, Fate); 4] = [
        ("cancelled", |reports| reports.iter_mut().for_each(|it| it.result = Some(("CANCELLED".into(), None)))),
        ("failed", |reports| reports.iter_mut().for_each(|it| it.result = Some(("FATAL".into(), None)))),
        ("without a file", |reports| reports.iter_mut().for_each(|it| it.result = Some(("DONE".into(), None)))),
        ("forgotten", |reports| reports.clear()),
    ];
    for (fate, happens) in fates {
        let world = quiet();
        let order = place(&world, &[("MUG-1", 1)]);
        give_back(&world, &order, "old", NOW_MS - 40 * DAY_MS);
        let connector = world.open();
        let ask = |cursor| Ask { stream: "returns", cursor, next: None, since_ms: 0, priority: Priority::Poll };
        let mut cursor = connector.read(&ask(None)).await.unwrap().cursor;
        seller(&world, |amazon| happens(&mut amazon.state_mut().reports));
        world.clock.advance(5 * MINUTE_MS);
        let page = connector.read(&ask(Some(&cursor))).await.unwrap();
        assert!(page.records.is_empty(), "{fate}");
        cursor = page.cursor;
        assert!(cursor["report"].is_null() && cursor["whole_ms"].is_null(), "{fate}: {cursor}");
        world.clock.advance(4 * HOUR_MS);
        let found = looked_at(&world, "returns", &mut Some(cursor)).await;
        assert_eq!(numbers(&found), BTreeSet::from(["old".into()]), "{fate}");
    }
}

/// A cursor of the version before says nothing of what was read: everything is asked for once more.
#[tokio::test]
async fn a_cursor_of_the_version_before_reads_everything_again() {
    let world = quiet();
    let order = place(&world, &[("MUG-1", 1)]);
    give_back(&world, &order, "lost in a pause", NOW_MS - 20 * DAY_MS);
    let before = json!({ "report": null, "queue": [], "round_ms": NOW_MS - DAY_MS, "first_done": true });
    let found = looked_at(&world, "returns", &mut Some(before)).await;
    assert_eq!(numbers(&found), BTreeSet::from(["lost in a pause".into()]));
}

/// Reports are cut by the day of the request; what arrives weeks later is in one that holds everything.
#[tokio::test]
async fn what_is_received_weeks_after_its_request_is_seen() {
    let world = quiet();
    let order = place(&world, &[("MUG-1", 1)]);
    give_back(&world, &order, "slow", NOW_MS - 30 * DAY_MS);
    let mut cursor = None;
    assert_eq!(returns(&looked_at(&world, "returns", &mut cursor).await)["slow"].received_at_ms, None);
    world.clock.advance(DAY_MS);
    let now_ms = world.clock.now_ms();
    seller(&world, |amazon| {
        let back = &mut amazon.state_mut().returns[0];
        (back.received_ms, back.status) = (Some(now_ms), "Completed".into());
    });
    let found = looked_at(&world, "returns", &mut cursor).await;
    assert!(returns(&found)["slow"].received_at_ms.is_some());
}

fn many_returns() -> World {
    let world = quiet_with(|plan| plan.report_charset = "UTF-8".into());
    let order = place(&world, &[("MUG-1", 1)]);
    for n in 0..620 {
        give_back(&world, &order, &format!("DRMA{n:04}"), NOW_MS - DAY_MS);
    }
    world
}

fn many_products() -> World {
    let world = quiet_with(|plan| plan.marketplaces.truncate(1));
    seller(&world, |amazon| {
        let like = amazon.state().listings.values().next().unwrap().clone();
        let listings = &mut amazon.state_mut().listings;
        listings.clear();
        listings.extend((0..620).map(|n| (format!("SKU {n:04}"), like.clone())));
    });
    world
}

/// The world after a report was asked for and made, and the cursor that waits for it. The same each time.
fn asked(make: fn() -> World, stream: &'static str) -> (World, Value) {
    let asking = move || {
        let world = make();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let mut cursor = None;
        assert!(runtime.block_on(read_to_end(&world, stream, &mut cursor, 0)).is_empty());
        world.clock.advance(5 * MINUTE_MS);
        world.restart_count();
        (world, cursor.unwrap())
    };
    // A runtime of its own: this is called from inside one.
    std::thread::spawn(asking).join().unwrap()
}

#[tokio::test]
async fn returns_of_several_pages_survive_every_fault() {
    let (_, from) = asked(many_returns, "returns");
    check_stream_from(
        || asked(many_returns, "returns").0,
        "returns",
        Some(from),
        0,
        |_, found| {
            assert_eq!(numbers(found).len(), 620);
        },
    )
    .await;
}

#[tokio::test]
async fn products_of_several_pages_survive_every_fault() {
    let (_, from) = asked(many_products, "products");
    check_stream_from(
        || asked(many_products, "products").0,
        "products",
        Some(from),
        0,
        |_, found| {
            let read: BTreeSet<&str> = found.iter().map(|one| one.record.remote_id()).collect();
            assert_eq!(read.len(), 620);
        },
    )
    .await;
}

#[tokio::test]
async fn a_restart_between_two_pages_of_a_report_reads_it_again() {
    let (world, from) = asked(many_returns, "returns");
    let ask = |cursor| Ask { stream: "returns", cursor, next: None, since_ms: 0, priority: Priority::Poll };
    let page = world.open().read(&ask(Some(&from))).await.unwrap();
    assert_eq!((page.records.len(), page.next.is_some()), (500, true));
    // The token of the next page lived in memory, and so did the file.
    let found = read_to_end(&world, "returns", &mut Some(page.cursor), 0).await;
    assert_eq!(numbers(&found).len(), 620);
    assert_eq!(seller(&world, |amazon| amazon.calls("createReport")), 1);
}

/// The report's text with one row changed on its way.
fn with_a_bad_row(world: &mut World, row: &str, column: &'static str, cell: &'static str) {
    let row = row.to_owned();
    world.disguise = Some(Arc::new(move |setup: Setup| {
        let row = row.clone();
        let change: Change = Arc::new(move |body: &mut Value| {
            let is_it = body.as_object().is_some_and(|cells| cells.values().any(|cell| *cell == json!(row)));
            if is_it && body.get(column).is_some() {
                body[column] = json!(cell);
            }
        });
        Setup { wire: Arc::new(Tamper { inner: setup.wire.clone(), change }), ..setup }
    }));
}

async fn told(world: &World, stream: &str, cursor: &mut Option<Value>) -> (Vec<Unreadable>, Vec<String>, usize) {
    let (mut told, mut mended, mut read) = (Vec::new(), Vec::new(), 0);
    let connector = world.open();
    let mut next = None;
    for _ in 0..12 {
        let ask = Ask { stream, cursor: cursor.as_ref(), next: next.as_ref(), since_ms: 0, priority: Priority::Poll };
        let page = connector.read(&ask).await.unwrap();
        told.extend(page.unreadable);
        mended.extend(page.mended);
        read += page.records.len();
        (*cursor, next) = (Some(page.cursor), page.next);
        if next.is_none() {
            world.clock.advance(5 * MINUTE_MS);
        }
    }
    (told, mended, read)
}

/// Each report holds the row at another place, and the exception is one.
#[tokio::test]
async fn a_bad_row_is_one_exception_however_often_it_comes_and_a_good_reading_ends_it() {
    for (column, cell, its_own_name) in [("Return quantity", "two", true), ("Order ID", "", false)] {
        let mut world = quiet_with(|plan| plan.report_charset = "UTF-8".into());
        let order = place(&world, &[("MUG-1", 1)]);
        let other = place(&world, &[("PLATE", 1)]);
        for (n, id) in [&order, &other, &other].into_iter().enumerate() {
            give_back(&world, id, &format!("DRMA{n}"), NOW_MS - DAY_MS);
        }
        with_a_bad_row(&mut world, "DRMA1", column, cell);
        let mut cursor = None;
        let mut names = BTreeSet::new();
        for round in 0..3 {
            let (odd, _, read) = told(&world, "returns", &mut cursor).await;
            assert_eq!((odd.len(), read), (1, 2), "{column} {round}: {odd:?}");
            names.insert(odd[0].remote_id.clone());
            // Rows in front of it come and go.
            give_back(&world, &order, &format!("new {round}"), NOW_MS - 2 * DAY_MS);
            seller(&world, |amazon| amazon.state_mut().returns.rotate_right(1));
            seller(&world, |amazon| amazon.state_mut().returns.retain(|back| !back.rma.starts_with("new")));
            world.clock.advance(4 * HOUR_MS);
        }
        assert_eq!(names.len(), 1, "{column}: {names:?}");
        let name = names.pop_first().unwrap();
        world.disguise = None;
        world.clock.advance(DAY_MS);
        let (odd, mended, read) = told(&world, "returns", &mut cursor).await;
        assert_eq!((odd.len(), read), (0, 3), "{column}: {odd:?}");
        if its_own_name {
            assert_eq!(name, format!("{other}/DRMA1/PLATE"));
        } else {
            assert!(mended.contains(&name), "{column}: {name} is not in {mended:?}");
        }
    }
}

#[tokio::test]
async fn the_trouble_of_a_report_ends_with_the_next_good_one() {
    let world = quiet_with(|plan| plan.marketplaces.truncate(1));
    let order = place(&world, &[("MUG-1", 1)]);
    give_back(&world, &order, "DRMA1", NOW_MS - DAY_MS);
    for (stream, every_ms, id) in [
        ("returns", 4 * HOUR_MS, "report:returns"),
        ("products", DAY_MS, "report:products:A1PA6795UKMFR9"),
        ("stock", 4 * HOUR_MS, "report:stock:A1PA6795UKMFR9"),
    ] {
        let mut cursor = None;
        read_once(&world, &mut cursor, stream).await;
        seller(&world, |amazon| {
            amazon.state_mut().reports.iter_mut().for_each(|it| it.result = Some(("FATAL".into(), None)));
        });
        let (odd, mended, _) = told(&world, stream, &mut cursor).await;
        assert_eq!(odd.iter().map(|odd| odd.remote_id.as_str()).collect::<Vec<_>>(), [id]);
        assert!(mended.is_empty(), "{mended:?}");
        world.clock.advance(every_ms);
        let (odd, mended, read) = told(&world, stream, &mut cursor).await;
        assert!(odd.is_empty() && read > 0 && mended.contains(&id.to_owned()), "{stream}: {mended:?}");
    }
}

/// By country and SKU.
fn quantities(found: &[Incoming]) -> BTreeMap<(String, String), i64> {
    let all = found.iter().map(|incoming| match &incoming.record {
        Record::Stock(stock) => ((stock.location_name.clone(), stock.sku.clone()), stock.available),
        other => panic!("{other:?}"),
    });
    all.collect()
}

#[tokio::test]
async fn quantities_of_several_pages_survive_every_fault() {
    let (_, from) = asked(many_products, "stock");
    check_stream_from(
        || asked(many_products, "stock").0,
        "stock",
        Some(from),
        0,
        |_, found| {
            assert_eq!(quantities(found).len(), 620);
        },
    )
    .await;
}

/// Every few hours, apart from the products; Amazon's own units are left out.
#[tokio::test]
async fn quantities_are_read_every_four_hours() {
    let world = quiet();
    seller(&world, |amazon| amazon.state_mut().listings.get_mut("PLATE").unwrap().by_amazon = true);
    let live = |world: &World| seller(world, |amazon| amazon.state().listings["MUG-1"].live);
    let (mut stock, mut products) = (None, None);
    let mug = |place: &str| (place.to_owned(), "MUG-1".to_owned());
    let found = looked_at(&world, "stock", &mut stock).await;
    looked_at(&world, "products", &mut products).await;
    let read = quantities(&found);
    assert_eq!((read[&mug("DE")], read[&mug("FR")]), (live(&world), live(&world)));
    assert!(!read.keys().any(|(_, sku)| sku == "PLATE"), "{read:?}");
    assert_eq!(seller(&world, |amazon| amazon.state().reports.len()), 4, "one for each marketplace and stream");
    seller(&world, |amazon| amazon.state_mut().listings.get_mut("MUG-1").unwrap().live = 3);
    assert!(looked_at(&world, "stock", &mut stock).await.is_empty(), "its time has not come");
    world.clock.advance(4 * HOUR_MS);
    let found = looked_at(&world, "stock", &mut stock).await;
    assert_eq!(quantities(&found)[&mug("DE")], 3);
    assert!(looked_at(&world, "products", &mut products).await.is_empty(), "once a day");
}

/// What was read under a name is found under it, and shows what was set there.
#[tokio::test]
async fn a_quantity_is_read_by_its_name() {
    use quayside_model::{Intent, StockDraft};
    let world = quiet();
    let found = looked_at(&world, "stock", &mut None).await;
    let stock = found.iter().find_map(|incoming| match &incoming.record {
        Record::Stock(stock) if stock.sku == "MUG-1" && stock.location_name == "FR" => Some(stock.clone()),
        _ => None,
    });
    let stock = stock.unwrap();
    let draft = StockDraft {
        sku: stock.sku.clone(),
        item_id: Some(stock.item_id.clone()),
        location_id: stock.location_id.clone(),
        available: stock.available + 3,
        expected: Some(stock.available),
        moves: false,
    };
    assert_eq!(
        crate::common::run(&world, &Intent::SetStock { stock: draft }, HOUR_MS, None).await,
        crate::common::Outcome::Holds
    );
    let read = world.open().read_one(RecordKind::Stock, &stock.remote_id, Priority::Write).await.unwrap().unwrap();
    let Record::Stock(now) = read.record else { panic!() };
    assert_eq!((now.available, now.remote_id), (stock.available + 3, stock.remote_id.clone()));
    // Sold by Amazon from its own warehouses now, or not at all.
    seller(&world, |amazon| amazon.state_mut().listings.get_mut("MUG-1").unwrap().by_amazon = true);
    for id in [stock.remote_id.as_str(), "A1PA6795UKMFR9/NO SUCH/SKU#1"] {
        assert_eq!(world.open().read_one(RecordKind::Stock, id, Priority::Write).await, Ok(None), "{id}");
    }
}

async fn read_once(world: &World, cursor: &mut Option<Value>, stream: &str) {
    let ask = Ask { stream, cursor: cursor.as_ref(), next: None, since_ms: 0, priority: Priority::Poll };
    *cursor = Some(world.open().read(&ask).await.unwrap().cursor);
}

/// "Retry" of what only reports hold says why not, and when.
#[tokio::test]
async fn what_only_reports_hold_says_so_when_it_is_asked_for() {
    let connector = quiet().open();
    for (kind, id, word) in [
        (RecordKind::Return, "304-1/DRMA1/MUG", "every four hours"),
        (RecordKind::Product, "A1PA6795UKMFR9/MUG", "one a day"),
        (RecordKind::Stock, "report:stock:A1PA6795UKMFR9", "every few hours"),
        (RecordKind::Order, "marketplace:A13V1IB3VIYZZH", "asks again a day after"),
    ] {
        let Err(ReadError::Refused(refusal)) = connector.read_one(kind, id, Priority::Person).await else {
            panic!("{id}")
        };
        assert!(refusal.cause == Cause::Unreadable && refusal.sentence.contains(word), "{refusal}");
    }
}
