//! Customers at the hub: each worked example of the card, as far as it is decided here.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
use common::*;
use quayside_flows::{Policy, decide};
use quayside_model::*;

const ID: &str = "customers_to_hub";

/// Nothing acts but this one, with a hub that keeps customers.
fn keeping(mode: Mode) -> Policy {
    let mut policy = policy(Mode::Off);
    policy.automations.get_mut(ID).unwrap().mode = mode;
    policy.peers.get_mut(&hub()).unwrap().keeps_customers = true;
    policy
}

fn bought() -> Story {
    let mut story = story();
    let buyer = story.order.customer.as_mut().unwrap();
    (buyer.email, buyer.phone) = ("Ingrid@Mail.example".into(), "+47 55".into());
    story
}

fn plans(story: &Story, policy: &Policy) -> Vec<PlannedEffect> {
    decide(story, policy, NOW).effects.into_iter().filter(|effect| effect.automation == ID).collect()
}

#[test]
fn whoever_buys_is_a_customer_at_the_hub_once() {
    let policy = keeping(Mode::Auto);
    let found = plans(&bought(), &policy);
    let [effect] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(effect.connection, hub());
    assert_eq!(effect.sentence, "Keep Ingrid Sørensen, who gets #1001, in Main warehouse");
    let Intent::PutRecord { record } = &effect.intent else { panic!("{effect:?}") };
    assert_eq!(record.noun, RecordNoun::Customer);
    for (name, value) in [("name", "Ingrid Sørensen"), ("email", "Ingrid@Mail.example"), ("postcode", "5013")] {
        assert_eq!(record.fact(name).as_deref(), Some(value));
    }
    let mut done = bought();
    perform(&mut done, &policy, NOW, EffectState::Done);
    assert_eq!(plans(&done, &policy), []);
    // Moved: the same customer, once more.
    done.order.ship_to.as_mut().unwrap().city = "Oslo".into();
    let again = plans(&done, &policy);
    assert_eq!(again.len(), 1);
    assert!(again[0].sentence.starts_with("Bring up to date Ingrid"), "{}", again[0].sentence);
}

#[test]
fn nobody_is_kept_where_that_is_not_wanted_or_not_possible() {
    type Change = fn(&mut Story, &mut Policy);
    let table: [(&str, Change); 6] = [
        ("the hub keeps no customers", |_, p| p.peers.get_mut(&hub()).unwrap().keeps_customers = false),
        ("it takes none from outside", |_, p| p.peers.get_mut(&hub()).unwrap().performs.clear()),
        ("the marketplace wants them forgotten", |_, p| p.peers.get_mut(&channel()).unwrap().forgets_buyers = true),
        ("it is not paid", |s, _| s.order.payment = Payment::Pending),
        ("it is a test", |s, _| s.order.test = true),
        ("it is off", |_, p| p.automations.get_mut(ID).unwrap().mode = Mode::Off),
    ];
    for (why, change) in table {
        let (mut story, mut policy) = (bought(), keeping(Mode::Auto));
        change(&mut story, &mut policy);
        assert_eq!(plans(&story, &policy), [], "{why}");
    }
}
