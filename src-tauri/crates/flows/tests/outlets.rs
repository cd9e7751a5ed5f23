//! Customers at the hub: each worked example of the card, as far as it is decided here.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
use common::*;
use quayside_flows::{Policy, decide, hand_changes, hand_csv, hand_text};
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

/// The hub keeps none, though hubs of its platform do.
fn by_hand(mode: Mode) -> Policy {
    let mut policy = keeping(mode);
    let peer = policy.peers.get_mut(&hub()).unwrap();
    peer.performs.retain(|kind| *kind != IntentKind::PutRecord);
    (peer.lacks, peer.keeps_customers) = (vec![IntentKind::PutRecord], false);
    policy
}

fn entries(story: &Story, policy: &Policy) -> Vec<(String, String)> {
    let decision = decide(story, policy, NOW);
    assert!(decision.effects.iter().all(|effect| effect.automation != ID), "{:?}", decision.effects);
    let found = decision.findings.into_iter().filter(|finding| finding.cause == Cause::ChangeByHand);
    found.map(|finding| (finding.about, finding.sentence)).collect()
}

#[test]
fn a_hub_that_takes_no_customers_gets_them_by_hand() {
    let policy = by_hand(Mode::Ask);
    let story = bought();
    let found = entries(&story, &policy);
    let [(about, sentence)] = found.as_slice() else { panic!("{found:?}") };
    assert!(about.starts_with("customer:warehouse:customer-"), "{about}");
    for name in ["Ingrid", "Strandgaten", "Mail.example", "#1001"] {
        assert!(!sentence.contains(name), "a sentence names nobody, and no order: {sentence}");
    }
    // The order itself waits for nothing of it.
    assert!(!decide(&story, &policy, NOW).waits_on.code.contains("by_hand"));
    let changes = hand_changes(&story, &policy, std::slice::from_ref(about), NOW);
    let text = hand_text(&changes[0]);
    for words in ["Keep the customer\nReference: customer-", "Order: #1001", "Name: Ingrid Sørensen", "Town: Bergen"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    for (with_addresses, named) in [(false, false), (true, true)] {
        let csv = hand_csv(&changes, with_addresses);
        assert_eq!((csv.contains("Bergen"), csv.contains("Mail.example")), (named, named), "{csv}");
    }
    // Another order of the same person is the same entry; moved, it says otherwise.
    let mut second = bought();
    (second.order.remote_id, second.order.number) = ("order/1002".into(), "#1002".into());
    assert_eq!(entries(&second, &policy), found);
    second.order.ship_to.as_mut().unwrap().city = "Oslo".into();
    let moved = entries(&second, &policy);
    assert!(moved.len() == 1 && moved[0].0 == *about && moved[0].1 != *sentence, "{moved:?}");
}

#[test]
fn nobody_is_asked_to_type_customers_where_that_is_not_wanted() {
    type Change = fn(&mut Story, &mut Policy);
    let table: [(&str, Change); 5] = [
        ("it only watches", |_, p| p.automations.get_mut(ID).unwrap().mode = Mode::Watch),
        ("it is off", |_, p| p.automations.get_mut(ID).unwrap().mode = Mode::Off),
        ("the hub is of a kind that keeps none", |_, p| p.peers.get_mut(&hub()).unwrap().lacks.clear()),
        ("the marketplace wants them forgotten", |_, p| p.peers.get_mut(&channel()).unwrap().forgets_buyers = true),
        ("it is not paid", |s, _| s.order.payment = Payment::Pending),
    ];
    for (why, change) in table {
        let (mut story, mut policy) = (bought(), by_hand(Mode::Auto));
        change(&mut story, &mut policy);
        assert_eq!(entries(&story, &policy), [], "{why}");
    }
    // Written while the hub took them, and the same since.
    let mut written = bought();
    perform(&mut written, &keeping(Mode::Auto), NOW, EffectState::Done);
    assert_eq!(entries(&written, &by_hand(Mode::Auto)), []);
}

/// What a person said stands in the change, and what was refused for want of it is tried again by itself, once.
#[test]
fn what_a_person_said_is_tried_and_what_is_written_stays() {
    let refused = |policy: &Policy| {
        let mut story = bought();
        perform(&mut story, policy, NOW, EffectState::Refused);
        story
    };
    let policy = keeping(Mode::Auto);
    let story = refused(&policy);
    assert_eq!(plans(&story, &policy), [], "a refusal is not repeated");
    let Intent::PutRecord { record } = &story.effects[0].intent else { panic!() };
    assert_eq!((record.meant(), record.fact(ORDER_FACT).as_deref()), (None, Some("#1001")));
    for meant in [Meant::This("cus_7".into()), Meant::New] {
        let mut said = policy.clone();
        said.customers = std::sync::Arc::new([((hub(), record.external_id.clone()), meant.clone())].into());
        let decision = decide(&story, &said, NOW);
        let [again] = decision.effects.as_slice() else { panic!("{decision:?}") };
        let Intent::PutRecord { record } = &again.intent else { panic!("{again:?}") };
        assert_eq!(record.meant(), Some(meant));
        assert_eq!(decision.overtaken.len(), 1, "the refused one is given up");
        // While it only watches, the refused one stays: it is what goes once the automation is let go.
        let mut watching = said.clone();
        watching.automations.get_mut(ID).unwrap().mode = Mode::Watch;
        assert_eq!(decide(&story, &watching, NOW).overtaken, []);
        // Once it is written, neither the word nor its end writes anything.
        let mut written = bought();
        perform(&mut written, &said, NOW, EffectState::Done);
        for policy in [&said, &policy] {
            assert_eq!(plans(&written, policy), []);
        }
        // Somebody else's word, and another account's, are none of it.
        let mut other = policy.clone();
        let words = [((channel(), record.external_id.clone()), Meant::New), ((hub(), "customer-0".into()), Meant::New)];
        other.customers = std::sync::Arc::new(words.into());
        assert_eq!(plans(&story, &other), []);
    }
}
