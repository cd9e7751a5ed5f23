//! Far places of long lists: the same with landmarks as without, and how far off when rows come meanwhile.
#![allow(clippy::unwrap_used, clippy::redundant_closure_for_method_calls, missing_docs)]

mod support;

use quayside_model::*;
use quayside_store::*;
use support::*;

const OPEN: i64 = 24_000;

fn enter_one(tx: &mut Tx<'_>, n: i64) -> Result<(), StoreError> {
    let order = order(n);
    let id = enter(tx, &order);
    let stage = [Stage::ToSend, Stage::Packing, Stage::Held][(n % 3) as usize];
    let ship_by_ms = (n % 4 != 0).then_some(NOW + n % 7 * HOUR);
    let waits_on = WaitsOn { since_ms: NOW - n % 1_700, ..waits(stage.code()) };
    tx.put_decision(id, &order, &Decision { ship_by_ms, waits_on, ..decision(stage) }, NOW)?;
    Ok(())
}

fn long() -> Store {
    let store = store();
    for from in (1..=OPEN).step_by(1_000) {
        store.write(|tx| (from..from + 1_000).try_for_each(|n| enter_one(tx, n))).unwrap();
    }
    store
}

fn at(store: &Store, filter: &QueueFilter, sort: Sort, after: Option<&QueueKey>, skip: usize) -> QueuePage {
    let place = Place { after: after.cloned(), skip };
    store.read(|r| r.queue_page(filter, sort, place, 3)).unwrap()
}

#[test]
fn a_far_place_is_the_same_with_landmarks_and_without() {
    let store = long();
    let everything = QueueFilter::default();
    let packing = QueueFilter { stages: vec![Stage::ToSend, Stage::Packing], ..QueueFilter::default() };
    let places = [2_001, 9_999, 15_999, 23_999, 30_000];
    let mut asked = Vec::new();
    for (filter, sorts) in [(&everything, &SortBy::ALL[..]), (&packing, &[SortBy::Due])] {
        for by in sorts {
            for descending in [false, true] {
                let by = *by;
                let sort = Sort { by, descending };
                let key = at(&store, filter, sort, None, 1_234).next;
                for after in [None, key] {
                    for skip in places {
                        let page = at(&store, filter, sort, after.as_ref(), skip);
                        asked.push((filter, sort, after.clone(), skip, page));
                    }
                }
            }
        }
    }
    assert!(store.landmarks_wanted());
    // The second list has 16,000 rows: it is walked.
    assert_eq!(store.survey().unwrap(), SortBy::ALL.len());
    assert!(!store.landmarks_wanted());
    for (filter, sort, after, skip, before) in &asked {
        let now = at(&store, filter, *sort, after.as_ref(), *skip);
        assert_eq!(now.rows, before.rows, "{sort:?} behind {after:?} and {skip} rows on");
        // Beyond the end there is nothing to read again.
        if !before.rows.is_empty() {
            assert_eq!((&now.start, &now.next), (&before.start, &before.next), "{sort:?} {after:?} {skip}");
        }
    }
    assert!(!store.landmarks_wanted(), "nothing changed, so there is nothing to look for");
}

#[test]
fn rows_that_came_meanwhile_move_a_far_place_by_as_many_until_they_are_too_many() {
    let store = long();
    let (everything, sort) = (QueueFilter::default(), Sort { by: SortBy::Placed, descending: true });
    let number = |skip| at(&store, &everything, sort, None, skip).rows.first().unwrap().number.clone();
    let before = number(10_000);
    store.survey().unwrap();
    // Newest first: these stand before everything.
    store.write(|tx| (OPEN + 1..=OPEN + 100).try_for_each(|n| enter_one(tx, n))).unwrap();
    assert_eq!(number(10_000), before, "counted along landmarks that do not know the hundred before them");
    assert_eq!(number(450), format!("#{}", 1_000 + OPEN + 100 - 450), "near places are walked to");
    // A hundredth of the list is the most that a place may be off.
    store.write(|tx| (OPEN + 101..=OPEN + 241).try_for_each(|n| enter_one(tx, n))).unwrap();
    assert_eq!(number(10_000), format!("#{}", 1_000 + OPEN + 241 - 10_000));
}
