//! Counts of the account: all read, and each change applied once.

use super::common::{EffectCase, Outcome, World, check_effect, check_stream, run};
use super::{HOUR_MS, people, quiet, task};
use quayside_connectors::Priority;
use quayside_model::{Cause, Confirmation, Incoming, Intent, Record, RecordKind, Stock, StockDraft, Verdict};
use quayside_sandbox::orderez::state::Level;
use serde_json::json;

/// Twelve mugs of which two are reserved, and a few SKUs with signs of their own, in two warehouses.
fn shelf() -> World {
    let world = quiet();
    people(&world, |oz, moment| {
        oz.count("MUG", 12, moment);
        oz.count("TEA: green/50 %", 5, moment);
        let mug = oz.state.levels.values_mut().find(|level| level.on_hand == 12).unwrap();
        (mug.reserved, mug.version) = (2, 8);
        let last_change = json!({"source": {"system": "orderez", "id": "r"}, "reason": "receipt"});
        let level = Level { on_hand: 3, reserved: 0, version: 1, last_change, updated_ms: moment.now_ms };
        oz.state.levels.insert(("wh:far".into(), "MUG".into()), level);
    });
    world
}

pub(super) fn set(warehouse: &str, sku: &str, available: i64, expected: Option<i64>) -> Intent {
    Intent::SetStock {
        stock: StockDraft {
            sku: sku.into(),
            item_id: Some(sku.into()),
            location_id: Some(warehouse.into()),
            available,
            expected,
            moves: false,
        },
    }
}

fn on_hand(world: &World, warehouse: &str, sku: &str) -> i64 {
    people(world, |oz, _| oz.state.levels[&(warehouse.to_owned(), sku.to_owned())].on_hand)
}

fn counts(found: &[Incoming]) -> Vec<&Stock> {
    let all = found.iter().map(|incoming| match &incoming.record {
        Record::Stock(stock) => stock,
        other => panic!("{other:?}"),
    });
    all.collect()
}

#[tokio::test]
async fn a_count_is_set_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || (shelf(), set("wh_quay", "MUG", 7, Some(10))),
        count: |ledger| ledger.of("stock_set").count(),
        expected: 1,
        patience_ms: 2 * HOUR_MS,
    })
    .await;
    let world = shelf();
    assert_eq!(run(&world, &set("wh_quay", "MUG", 7, Some(10)), HOUR_MS, None).await, Outcome::Holds);
    assert_eq!(on_hand(&world, "wh_quay", "MUG"), 9, "what is reserved stays reserved");
    assert_eq!(on_hand(&world, "wh:far", "MUG"), 3, "the other warehouse is left alone");
}

#[tokio::test]
async fn every_count_is_read_whatever_happens() {
    check_stream(shelf, "stock", 0, |_, found| {
        let mut read: Vec<(&str, &str, i64, Option<i64>)> = counts(found)
            .into_iter()
            .map(|one| (one.location_name.as_str(), one.sku.as_str(), one.available, one.on_hand))
            .collect();
        read.sort_unstable();
        read.dedup();
        assert_eq!(
            read,
            [
                ("wh:far", "MUG", 3, Some(3)),
                ("wh_quay", "MUG", 10, Some(12)),
                ("wh_quay", "TEA: green/50 %", 5, Some(5))
            ]
        );
    })
    .await;
}

/// Each count is found again by the name it was read under, whatever signs stand in it.
#[tokio::test]
async fn a_count_is_found_by_its_name_and_set_by_its_parts() {
    let world = shelf();
    let found = super::read_to_end(&world, "stock", &mut None, 0).await;
    assert_eq!(found.len(), 3);
    for stock in counts(&found) {
        let again = world.open().read_one(RecordKind::Stock, &stock.remote_id, Priority::Write).await.unwrap().unwrap();
        assert_eq!(again.record, Record::Stock(stock.clone()));
        let intent = set(stock.location_id.as_deref().unwrap(), &stock.sku, 1, Some(stock.available));
        assert_eq!(world.run_with_key(&stock.remote_id, &intent).await, Outcome::Holds, "{stock:?}");
        let read = world.open().read_one(RecordKind::Stock, &stock.remote_id, Priority::Write).await.unwrap().unwrap();
        assert_eq!(counts(&[read])[0].available, 1);
    }
    assert_eq!(world.open().read_one(RecordKind::Stock, "wh_quay:NONE", Priority::Write).await, Ok(None));
}

#[tokio::test]
async fn a_count_that_moved_meanwhile_is_not_overwritten() {
    let world = shelf();
    let intent = set("wh_quay", "MUG", 7, Some(10));
    people(&world, |oz, moment| oz.count("MUG", 30, moment));
    let verdict = world.open().perform(&[task(&intent)]).await.remove(0);
    let Verdict::NeedsPerson(refusal) = verdict else { panic!("{verdict:?}") };
    assert_eq!((refusal.cause, on_hand(&world, "wh_quay", "MUG")), (Cause::SidesDiffer, 30));
    for (intent, cause) in
        [(set("wh_quay", "NONE", 7, None), Cause::UnknownSku), (set("wh_none", "MUG", 7, None), Cause::UnknownSku)]
    {
        let Outcome::Person(refusal) = run(&world, &intent, HOUR_MS, None).await else { panic!() };
        assert_eq!(refusal.cause, cause, "{refusal}");
    }
}

/// Set, and packed from since: the last change is ours, so it holds.
#[tokio::test]
async fn what_is_reserved_after_a_lost_answer_is_no_reason_to_send_it_again() {
    let world = shelf();
    let intent = set("wh_quay", "MUG", 7, Some(10));
    let verdict = world.open().perform(&[task(&intent)]).await.remove(0);
    assert!(matches!(verdict, Verdict::Done(_)), "{verdict:?}");
    people(&world, |oz, _| {
        let level = oz.state.levels.get_mut(&("wh_quay".to_owned(), "MUG".to_owned())).unwrap();
        level.reserved += 3;
        level.version += 1;
    });
    assert!(matches!(world.open().confirm(&task(&intent)).await, Confirmation::Holds(_)));
    let verdict = world.open().perform(&[task(&intent)]).await.remove(0);
    assert!(matches!(verdict, Verdict::AlreadyDone(_)), "{verdict:?}");
    assert_eq!(world.applied(|ledger| ledger.of("stock_set").count()), 1);
}
