//! Counts of a store: all read, what is sold seen, each change applied once.

use super::common::{Mishap, read_to_end};
use super::*;
use quayside_connectors::Task;
use quayside_model::{Confirmation, IntentKind, Stock, StockDraft, Verdict};
use quayside_sandbox::Fault;
use quayside_sandbox::shopify::Shopify;
use std::collections::BTreeMap;

/// What the store itself shows of one variant at one place.
#[derive(Debug, Clone)]
struct Shelf {
    sku: String,
    item: u64,
    place: u64,
    available: i64,
}

impl Shelf {
    fn id(&self) -> String {
        format!("{}?inventory_item_id={}", gid("InventoryLevel", self.place), self.item)
    }
    fn set(&self, available: i64, expected: Option<i64>) -> Intent {
        Intent::SetStock {
            stock: StockDraft {
                sku: self.sku.clone(),
                item_id: Some(gid("InventoryItem", self.item)),
                location_id: Some(gid("Location", self.place)),
                available,
                expected,
                moves: false,
            },
        }
    }
}

fn store<R>(world: &World, look: impl FnOnce(&Shopify) -> R) -> R {
    look(&world.sandbox.lock().unwrap().stores[0])
}

/// Every count of goods that are counted, at places of the store's own.
fn shelves(world: &World) -> Vec<Shelf> {
    store(world, |store| {
        let state = store.state();
        let own = |place: u64| state.location(place).is_some_and(|place| place.active && place.service.is_none());
        let variants = state.products.iter().flat_map(|product| &product.variants).filter(|variant| variant.tracked);
        variants
            .flat_map(|variant| variant.levels.iter().map(move |(place, level)| (variant, *place, level)))
            .filter(|(_, place, _)| own(*place))
            .map(|(variant, place, level)| Shelf {
                sku: variant.sku.clone().unwrap_or_default(),
                item: variant.item_id,
                place,
                available: level.available,
            })
            .collect()
    })
}

/// One with a SKU and enough on it to be sold from.
fn full_shelf(world: &World) -> Shelf {
    shelves(world).into_iter().find(|shelf| !shelf.sku.is_empty() && shelf.available > 5).unwrap()
}

fn now_at(world: &World, shelf: &Shelf) -> i64 {
    shelves(world).into_iter().find(|one| one.id() == shelf.id()).unwrap().available
}

/// Somebody buys units of it.
fn sell(world: &World, shelf: &Shelf, units: i64) {
    let line = store(world, |store| {
        let all =
            store.state().products.iter().flat_map(|product| product.variants.iter().map(move |one| (product, one)));
        let (product, variant) = all.into_iter().find(|(_, variant)| variant.item_id == shelf.item).unwrap();
        LineDraft::of(product, variant, units)
    });
    place_draft(world, OrderDraft { lines: vec![line], from_location: Some(shelf.place), ..draft() });
}

/// A count to be set, known by its SKU only where nothing is expected of it.
pub(super) fn a_change(world: &World, available: i64, expected: Option<i64>) -> Intent {
    let Intent::SetStock { stock } = full_shelf(world).set(available, expected) else { unreachable!() };
    let available = if expected.is_some() { available + 1 } else { available };
    Intent::SetStock { stock: StockDraft { item_id: stock.item_id.filter(|_| expected.is_some()), available, ..stock } }
}

/// A count that is there.
pub(super) fn a_name(world: &World) -> String {
    full_shelf(world).id()
}

fn changes(ledger: &Ledger) -> usize {
    by_client(ledger, "stock_changed").count()
}

#[tokio::test]
async fn a_count_is_set_exactly_once_whatever_happens() {
    for compares in [true, false] {
        let make: fn() -> (World, Intent) = if compares {
            || {
                let world = quiet();
                let shelf = full_shelf(&world);
                let intent = shelf.set(shelf.available + 4, Some(shelf.available));
                (world, intent)
            }
        } else {
            || {
                let world = quiet();
                let shelf = full_shelf(&world);
                let intent = shelf.set(2, None);
                (world, intent)
            }
        };
        check_effect(&EffectCase { make, count: changes, expected: 1, patience_ms: HOUR_MS }).await;
    }
}

#[tokio::test]
async fn every_count_is_read_whatever_happens() {
    let counts = |world: &World| shelves(world).iter().map(Shelf::id).collect::<BTreeSet<_>>();
    assert!(counts(&quiet()).len() > 5);
    check_stream(quiet, "stock", 0, |world, found| {
        let read: BTreeMap<&str, &Stock> = found
            .iter()
            .filter_map(|incoming| match &incoming.record {
                Record::Stock(stock) => Some((stock.remote_id.as_str(), stock)),
                _ => None,
            })
            .collect();
        let there = shelves(world);
        assert_eq!(read.len(), there.len());
        for shelf in there {
            let stock = read[shelf.id().as_str()];
            assert_eq!((&stock.sku, stock.available), (&shelf.sku, shelf.available));
            assert_eq!(stock.location_id, Some(gid("Location", shelf.place)));
            assert!(!stock.location_name.is_empty() && stock.on_hand >= Some(stock.available), "{stock:?}");
        }
    })
    .await;
}

/// Between two readings of everything, what was sold is read, and nothing else.
#[tokio::test]
async fn what_is_sold_is_read_and_nothing_else() {
    let world = quiet();
    world.clock.advance(HOUR_MS);
    let mut cursor = None;
    let all = read_to_end(&world, "stock", &mut cursor, 0).await.len();
    world.clock.advance(HOUR_MS);
    let shelf = full_shelf(&world);
    sell(&world, &shelf, 2);
    world.clock.advance(60_000);
    let found = read_to_end(&world, "stock", &mut cursor, 0).await;
    let read: Vec<(String, i64)> = found
        .iter()
        .map(|incoming| match &incoming.record {
            Record::Stock(stock) => (stock.remote_id.clone(), stock.available),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(read, [(shelf.id(), shelf.available - 2)]);
    // After some hours everything is read again: counts nobody touched are as good as new.
    world.clock.advance(4 * HOUR_MS);
    assert_eq!(read_to_end(&world, "stock", &mut cursor, 0).await.len(), all);
}

fn once(intent: &Intent, first_sent_at_ms: Option<i64>) -> Task<'_> {
    Task {
        key: "effect-1",
        intent,
        first_sent_at_ms,
        last_sent_at_ms: first_sent_at_ms,
        ticket: None,
        priority: Priority::Write,
    }
}

#[tokio::test]
async fn a_count_that_moved_meanwhile_is_not_overwritten() {
    let world = quiet();
    let shelf = full_shelf(&world);
    let intent = shelf.set(shelf.available + 4, Some(shelf.available));
    sell(&world, &shelf, 1);
    for first_sent_at_ms in [None, Some(NOW_MS)] {
        let verdict = world.open().perform(&[once(&intent, first_sent_at_ms)]).await.remove(0);
        let Verdict::NeedsPerson(refusal) = verdict else { panic!("{verdict:?}") };
        assert_eq!(refusal.cause, Cause::SidesDiffer, "{refusal}");
        assert!(refusal.sentence.contains("sold or counted meanwhile"), "{refusal}");
    }
    assert_eq!((now_at(&world, &shelf), world.applied(changes)), (shelf.available - 1, 0));
    // Refused under its name, it may be wanted again once the number is the one agreed on.
    let back = shelf.set(shelf.available, Some(shelf.available - 1));
    assert_eq!(world.run_with_key("other", &back).await, Outcome::Holds);
    let verdict = world.open().perform(&[once(&intent, Some(NOW_MS))]).await.remove(0);
    assert!(matches!(verdict, Verdict::Done(_)), "{verdict:?}");
    assert_eq!(now_at(&world, &shelf), shelf.available + 4);
}

/// Applied, the answer lost, and sold from since: it is sent again under its name, and what was sold stays sold.
#[tokio::test]
async fn what_is_sold_after_a_lost_answer_stays_sold() {
    for applied in [true, false] {
        let world = quiet();
        let shelf = full_shelf(&world);
        let intent = shelf.set(shelf.available + 4, Some(shelf.available));
        // The token, a look, the change.
        let fault = if applied { Fault::LostAfterCommit } else { Fault::LostBeforeCommit };
        world.plan_mishap(Some(Mishap { exchange: world.exchanges() + 2, fault }));
        world.open().perform(&[once(&intent, None)]).await;
        assert_eq!(world.applied(changes), usize::from(applied));
        sell(&world, &shelf, 1);
        let again = once(&intent, Some(NOW_MS));
        assert_eq!(world.open().confirm(&again).await, Confirmation::Absent);
        let verdict = world.open().perform(&[again]).await.remove(0);
        match verdict {
            Verdict::Done(_) if applied => assert_eq!(now_at(&world, &shelf), shelf.available + 3),
            Verdict::NeedsPerson(refusal) if !applied => {
                assert_eq!(refusal.cause, Cause::SidesDiffer);
                assert_eq!(now_at(&world, &shelf), shelf.available - 1);
            }
            other => panic!("{applied}: {other:?}"),
        }
        assert_eq!(world.applied(changes), usize::from(applied));
    }
}

#[tokio::test]
async fn a_count_is_read_by_its_name() {
    let world = quiet();
    let shelf = full_shelf(&world);
    let read = world.open().read_one(RecordKind::Stock, &shelf.id(), Priority::Write).await.unwrap().unwrap();
    let Record::Stock(stock) = read.record else { panic!() };
    assert_eq!((stock.remote_id, stock.sku, stock.available), (shelf.id(), shelf.sku, shelf.available));
    let nobodys = "gid://shopify/InventoryLevel/1?inventory_item_id=1";
    assert_eq!(world.open().read_one(RecordKind::Stock, nobodys, Priority::Write).await, Ok(None));
}

/// Goods that are not stocked somewhere are not made to be: somebody says so in the store.
#[tokio::test]
async fn where_nothing_is_stocked_nothing_is_set() {
    let world = quiet();
    let all = shelves(&world);
    let places: BTreeSet<u64> = all.iter().map(|shelf| shelf.place).collect();
    let (shelf, elsewhere) = all
        .iter()
        .find_map(|shelf| {
            let there = |place: &&u64| !all.iter().any(|one| one.item == shelf.item && one.place == **place);
            Some((shelf.clone(), *places.iter().find(there)?))
        })
        .unwrap_or_else(|| (Shelf { item: 1, ..all[0].clone() }, all[0].place));
    let intent = Shelf { place: elsewhere, ..shelf }.set(5, None);
    let Outcome::Person(refusal) = run(&world, &intent, HOUR_MS, None).await else { panic!() };
    assert!(matches!(refusal.cause, Cause::ContentRefused | Cause::UnknownSku), "{refusal}");
    assert_eq!(world.applied(changes), 0);
}

#[tokio::test]
async fn a_missing_permission_takes_stock_away_and_nothing_else() {
    type Case = (&'static [&'static str], &'static str, bool, bool);
    let cases: [Case; 3] = [
        (&["read_inventory", "write_inventory"], "Read stock", false, false),
        (&["read_locations"], "Locations", false, true),
        (&["write_inventory"], "Set stock", true, false),
    ];
    for (lacks, title, reads, sets) in cases {
        let plan = lacks.iter().fold(ShopPlan::harbour_goods(), |plan, scope| plan.without(scope));
        let mut world = quiet_with(plan);
        place(&world, &[("Mug", 1)]);
        world.clock.advance(HOUR_MS);
        let preflight = world.open().preflight().await;
        let check = preflight.checks.iter().find(|check| check.title == title).unwrap();
        assert_eq!(check.state, CheckState::Missing, "{title}");
        assert!(check.disables.iter().any(|what| what.ends_with("stock")), "{:?}", check.disables);
        let account = preflight.account.unwrap();
        assert_eq!(account.streams.as_ref().unwrap().iter().any(|name| name == "stock"), reads, "{title}");
        assert_eq!(account.performs.as_ref().unwrap().contains(&IntentKind::SetStock), sets, "{title}");
        assert!(account.streams.as_ref().unwrap().len() >= 3, "{title}");
        // An account that was never tested since stock is read, and one that knows.
        for known in [false, true] {
            if known {
                world.facts = account.clone();
            }
            let found = read_to_end(&world, "stock", &mut None, 0).await;
            assert_eq!(found.is_empty(), !reads, "{title}");
            assert_eq!(read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await.len(), 1, "{title}");
        }
        let shelf = full_shelf(&world);
        let outcome = run(&world, &shelf.set(1, None), HOUR_MS, None).await;
        match outcome {
            Outcome::Person(refusal) if !sets => assert_eq!(refusal.cause, Cause::ScopeMissing, "{title}"),
            Outcome::Holds if sets => {}
            other => panic!("{title}: {other:?}"),
        }
    }
}
