//! Versions of a platform's API while the desk is at work: another one answers, and one comes to its end.

use crate::shop::{conditions, minutes, open};
use quayside_model::time::DAY_MS;
use quayside_model::{Cause, ConnectionId};
use quayside_simulator::House;
use quayside_store::{FindingRow, FindingState};

fn told(house: &House, account: &str) -> Vec<FindingRow> {
    let all = house.store().read(|r| r.account_findings(&ConnectionId::new(account))).unwrap();
    all.into_iter().filter(|one| one.cause == Cause::VersionEnds).collect()
}

fn states(house: &House, account: &str) -> Vec<FindingState> {
    told(house, account).into_iter().map(|one| one.state).collect()
}

fn serves(house: &House, versions: &[&str]) {
    house.people(|scene| {
        scene.stores[0].plan_mut().api_versions = versions.iter().map(|one| (*one).to_owned()).collect();
    });
}

#[test]
fn another_version_that_answers_is_one_entry_until_the_right_one_does() {
    let house = open();
    let work = house.work_while(|_| async {
        minutes(20).await;
        assert_eq!(told(&house, "harbour-goods"), vec![]);
        // Retired: the oldest that is left answers, and nothing is refused.
        serves(&house, &["2026-10", "2027-01"]);
        minutes(60).await;
        let entries = told(&house, "harbour-goods");
        assert_eq!((entries.len(), entries[0].state, entries[0].count), (1, FindingState::Open, 1), "{entries:?}");
        let said = &entries[0].sentence;
        assert!(said.contains("by version 2026-10") && said.contains("2026-07 was asked for"), "{said}");
        assert_eq!(conditions(&house, "harbour-goods"), Vec::<String>::new(), "it answers all the same");
        assert_eq!(told(&house, "harbour-outlet"), vec![], "the other store answers by the right one");
    });
    work.unwrap();
    // The desk is started again meanwhile: still the same entry.
    house.work(60).unwrap();
    assert_eq!(states(&house, "harbour-goods"), [FindingState::Open]);
    serves(&house, &["2026-07", "2026-10"]);
    house.work(60).unwrap();
    let ended: Vec<_> = told(&house, "harbour-goods").into_iter().map(|one| (one.state, one.resolved_by)).collect();
    assert_eq!(ended, [(FindingState::Resolved, Some("itself".to_owned()))]);
}

/// A laptop that lay in a drawer from October to April.
#[test]
fn a_version_that_ends_is_told_by_each_account_that_speaks_it() {
    let house = open();
    house.work(30).unwrap();
    assert_eq!(told(&house, "harbour-goods"), vec![]);
    house.clock().jump(170 * DAY_MS);
    house.work(60).unwrap();
    for account in ["harbour-goods", "harbour-outlet"] {
        let entries = told(&house, account);
        assert_eq!((entries.len(), entries[0].state), (1, FindingState::Open), "{account}: {entries:?}");
        assert!(entries[0].sentence.contains("until 1 July 2027"), "{}", entries[0].sentence);
    }
    assert_eq!(told(&house, "harbour-shipping"), vec![], "whose end nobody has named");
    // The day passes, and it says so.
    house.clock().jump(90 * DAY_MS);
    house.work(60).unwrap();
    let entries = told(&house, "harbour-goods");
    assert_eq!((entries.len(), entries[0].state), (1, FindingState::Open), "{entries:?}");
    assert!(entries[0].sentence.contains("any day since 1 July 2027"), "{}", entries[0].sentence);
}
