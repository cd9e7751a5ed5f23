//! A sign-in that renews itself while the keychain is closed: it is not used before it is kept, and nothing is lost.

use crate::shop::minutes;
use quayside_model::{Cause, ConnectionId};
use quayside_sandbox::salesforce::Salesforce;
use quayside_sandbox::{SandboxPlan, StandIn as _, extras_of};
use quayside_simulator::House;
use std::any::Any;

fn org<R>(house: &House, look: impl FnOnce(&mut Salesforce) -> R) -> R {
    house.people(|scene| {
        let any: &mut dyn Any = scene.shops[0].as_mut();
        look(any.downcast_mut().expect("the only shop is the org"))
    })
}

fn account(house: &House) -> ConnectionId {
    ConnectionId::new(org(house, |org| org.account().to_owned()))
}

fn conditions(house: &House) -> Vec<(Cause, String)> {
    let id = account(house);
    let all = house.store().read(|r| r.conditions(&id)).unwrap();
    all.into_iter().map(|one| (one.cause, one.sentence)).collect()
}

fn open() -> House {
    let extras = extras_of(&["salesforce"]);
    House::signed_in_by_browser(SandboxPlan { stores: vec![], hub: None, extras, ..SandboxPlan::quiet(7, 0) }).unwrap()
}

#[test]
fn a_renewed_sign_in_waits_for_the_keychain_and_says_so() {
    let house = open();
    let work = house.work_while(|_engine| async {
        minutes(10).await;
        assert_eq!(conditions(&house), vec![]);
        let before = house.renewals();
        house.lock_keychain(true);
        assert!(org(&house, quayside_sandbox::StandIn::expire_tokens));
        minutes(20).await;
        let told = conditions(&house);
        let [(Cause::KeychainClosed, sentence)] = told.as_slice() else { panic!("{told:?}") };
        assert!(sentence.contains("could not be put into the keychain"), "{sentence}");
        assert_eq!(house.renewals(), before);
        // One renewal, and then not a call: the new session is not used before it is kept.
        let calls = org(&house, |org| org.calls());
        let requests = house.wire().requests();
        minutes(60).await;
        assert_eq!(org(&house, |org| org.calls()), calls);
        assert_eq!(house.wire().requests(), requests);
        house.lock_keychain(false);
        minutes(15).await;
        assert_eq!((conditions(&house), house.renewals()), (vec![], before + 1));
        assert!(org(&house, |org| org.calls()) > calls, "and it goes on by itself");
    });
    work.unwrap();
    // The next process begins with what was kept.
    house.work(30).unwrap();
    assert_eq!(conditions(&house), vec![]);
}

/// The process ends before the keychain opens: what was renewed is gone, and the account asks for a sign-in.
#[test]
fn a_renewed_sign_in_that_was_never_kept_asks_for_a_new_one() {
    let house = open();
    let work = house.work_while(|_engine| async {
        minutes(10).await;
        house.lock_keychain(true);
        assert!(org(&house, quayside_sandbox::StandIn::expire_tokens));
        minutes(20).await;
    });
    work.unwrap();
    house.lock_keychain(false);
    house.work(30).unwrap();
    let told = conditions(&house);
    assert!(told.iter().any(|(cause, _)| *cause == Cause::SignInNeeded), "{told:?}");
}
