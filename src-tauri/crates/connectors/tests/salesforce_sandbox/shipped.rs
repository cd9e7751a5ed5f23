//! What the opportunity says once its parcels left: when they are expected, by whose word, and its stage.

use super::*;
use quayside_model::{Expected, ExpectedBy};

const EXPECTED: &[(&str, &str)] = &[("expected_field", "Expected_On__c"), ("expected_by_field", "Expected_By__c")];

/// A report of a parcel that is expected some days from now.
fn expected(order: &str, lines: &[(String, i64)], number: &str, days: Option<(i64, ExpectedBy)>) -> Intent {
    let Intent::Fulfill { mut fulfillment } = fulfill(order, lines, number) else { panic!() };
    fulfillment.expected = days.map(|(days, by)| Expected { at_ms: NOW_MS + days * DAY_MS, by });
    Intent::Fulfill { fulfillment }
}

/// The stage moves with the last parcel, in the call that tells of it.
#[tokio::test]
async fn an_opportunity_moves_on_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || {
            let world = quiet();
            settings(&world, &[("shipped_stage", "Delivered")]);
            settings(&world, EXPECTED);
            let order = place(&world, &[("MUG", 2)]);
            let lines = lines_of(&world, &order);
            let intent = expected(&order, &lines, "1Z0001", Some((3, ExpectedBy::Carrier)));
            (world, intent)
        },
        count: |ledger| {
            of_object(ledger, "record_created", "Task") + of_object(ledger, "record_updated", "Opportunity")
        },
        expected: 2,
        patience_ms: HOUR_MS,
    })
    .await;
}

#[tokio::test]
async fn the_stage_moves_with_the_last_parcel_and_the_order_stays_as_old_as_it_was() {
    let world = quiet();
    settings(&world, &[("shipped_stage", "Delivered")]);
    settings(&world, EXPECTED);
    let id = place(&world, &[("MUG", 3)]);
    let line = lines_of(&world, &id)[0].0.clone();
    let placed_at_ms = read_order(&world, &id).await.placed_at_ms;
    let won = org(&world, |org, _| org.state().text(&id, "StageName"));
    for (key, number, units, days, shown) in [
        ("a", "1Z1", 1, Some((5, ExpectedBy::Own)), (won.as_str(), 5, "Own promise")),
        ("b", "1Z2", 1, Some((3, ExpectedBy::Carrier)), (won.as_str(), 5, "Own promise")),
        ("c", "1Z3", 1, None, ("Delivered", 5, "Own promise")),
    ] {
        world.clock.advance(HOUR_MS);
        let intent = expected(&id, &[(line.clone(), units)], number, days);
        assert_eq!(world.run_with_key(key, &intent).await, Outcome::Holds, "{key}");
        let (stage, days, by) = shown;
        let day = chrono::DateTime::from_timestamp_millis(NOW_MS + days * DAY_MS).unwrap();
        let day = day.with_timezone(&chrono_tz::America::New_York).format("%Y-%m-%d").to_string();
        let found = ["StageName", "Expected_On__c", "Expected_By__c"]
            .map(|field| org(&world, |org, _| org.state().text(&id, field)));
        assert_eq!(found, [stage.to_owned(), day, by.to_owned()], "{key}");
    }
    let order = read_order(&world, &id).await;
    assert!(order.is_fulfilled() && !order.is_cancelled());
    assert_eq!(order.placed_at_ms, placed_at_ms, "moving on is not buying again");
    // People move it elsewhere afterwards: it is not moved back.
    let before = world.applied(|ledger| of_object(ledger, "record_updated", "Opportunity"));
    world.clock.advance(HOUR_MS);
    let now_ms = world.clock.now_ms();
    org(&world, |org, _| {
        drop(org.state_mut().put("Opportunity", Some(id.clone()), &json!({ "StageName": won }), now_ms));
    });
    assert_eq!(world.run_with_key("c", &expected(&id, &[(line, 1)], "1Z3", None)).await, Outcome::Holds);
    assert_eq!(world.applied(|ledger| of_object(ledger, "record_updated", "Opportunity")), before);
}

/// People moved it further while parts of it were still to leave: the last parcel does not take it back.
#[tokio::test]
async fn the_last_parcel_moves_nothing_back() {
    for (people, stands) in [(Some("Delivered"), "Delivered"), (None, "Closed Won")] {
        let world = quiet();
        settings(&world, &[("shipped_stage", "Closed Won")]);
        let id = place(&world, &[("MUG", 2)]);
        let line = lines_of(&world, &id)[0].0.clone();
        assert_eq!(world.run_with_key("a", &fulfill(&id, &[(line.clone(), 1)], "1Z1")).await, Outcome::Holds);
        world.clock.advance(HOUR_MS);
        let now_ms = world.clock.now_ms();
        if let Some(stage) = people {
            let stage = json!({ "StageName": stage });
            org(&world, |org, _| drop(org.state_mut().put("Opportunity", Some(id.clone()), &stage, now_ms)));
        }
        world.clock.advance(HOUR_MS);
        assert_eq!(world.run_with_key("b", &fulfill(&id, &[(line, 1)], "1Z2")).await, Outcome::Holds);
        assert_eq!(org(&world, |org, _| org.state().text(&id, "StageName")), stands);
    }
}

/// A day that somebody entered is not wiped out by a parcel of which nobody says when it comes.
#[tokio::test]
async fn what_nobody_knows_is_not_written() {
    let world = quiet();
    settings(&world, EXPECTED);
    let id = place(&world, &[("MUG", 1)]);
    let now_ms = world.clock.now_ms();
    let day = json!({ "Expected_On__c": "2026-12-24" });
    org(&world, |org, _| drop(org.state_mut().put("Opportunity", Some(id.clone()), &day, now_ms)));
    let lines = lines_of(&world, &id);
    assert_eq!(world.run_with_key("a", &expected(&id, &lines, "1Z1", None)).await, Outcome::Holds);
    assert_eq!(org(&world, |org, _| org.state().text(&id, "Expected_On__c")), "2026-12-24");
}

/// A stage that does not count as won would end the order: it is told, and never written.
#[tokio::test]
async fn a_stage_that_is_not_won_is_told_and_left_alone() {
    for stage in ["Negotiation", "Closed Lost", "Shipped"] {
        let world = quiet();
        settings(&world, &[("shipped_stage", stage)]);
        let id = place(&world, &[("MUG", 1)]);
        let won = org(&world, |org, _| org.state().text(&id, "StageName"));
        let lines = lines_of(&world, &id);
        assert_eq!(world.run_with_key("a", &fulfill(&id, &lines, "1Z1")).await, Outcome::Holds, "{stage}");
        assert_eq!(org(&world, |org, _| org.state().text(&id, "StageName")), won, "{stage}");
        let preflight = world.open().preflight().await;
        let told = preflight
            .checks
            .iter()
            .any(|check| check.detail.contains(&format!("\"{stage}\" chosen for what has left")));
        assert!(told, "{stage}: {:?}", preflight.checks);
    }
}

/// Another computer told of the last parcel before a stage was chosen: it is not told twice, and the stage moves.
#[tokio::test]
async fn a_parcel_that_was_told_before_moves_the_stage_too() {
    let world = quiet();
    let id = place(&world, &[("MUG", 1)]);
    let lines = lines_of(&world, &id);
    assert_eq!(world.run_with_key("a", &fulfill(&id, &lines, "1Z1")).await, Outcome::Holds);
    let placed_at_ms = read_order(&world, &id).await.placed_at_ms;
    settings(&world, &[("shipped_stage", "Delivered")]);
    for key in ["b", "c"] {
        world.clock.advance(HOUR_MS);
        assert_eq!(world.run_with_key(key, &fulfill(&id, &lines, "1Z1")).await, Outcome::Holds, "{key}");
        assert_eq!(org(&world, |org, _| org.state().text(&id, "StageName")), "Delivered", "{key}");
    }
    assert_eq!(world.applied(|ledger| of_object(ledger, "record_created", "Task")), 1);
    assert_eq!(read_order(&world, &id).await.placed_at_ms, placed_at_ms);
}
