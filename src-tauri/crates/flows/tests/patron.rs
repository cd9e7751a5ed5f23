//! Customers once a day, as data: what they bought, what is written of it, and which marks are news.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;
use common::*;
use quayside_flows::Policy;
use quayside_flows::patron::{self, Patron, PatronDecision, Purchase, decide, keeps, key};
use quayside_model::*;

const DAY: i64 = 24 * 60 * MIN;
const HISTORY: &str = "customer_history";
const MARKS: &str = "customer_milestones";
const MAIL: &str = "Ingrid@Mail.example";

fn crm() -> ConnectionId {
    ConnectionId::new("crm")
}

fn with_records(mode: Mode) -> Policy {
    let mut policy = policy(mode);
    let mut peer = policy.peers[&hub()].clone();
    peer.id = crm();
    peer.name = "The customers".into();
    peer.roles = vec![Role::Records];
    peer.keeps_history = true;
    policy.peers.insert(crm(), peer);
    policy
}

/// The n-th order, so many days ago, for so much.
fn bought(n: i64, days_ago: i64, minor: i64) -> Purchase {
    let mut order = story().order;
    order.remote_id = format!("gid://shop/Order/{n}");
    order.number = format!("#{n}");
    order.placed_at_ms = NOW - days_ago * DAY;
    order.current_total_minor = minor;
    order.customer.as_mut().unwrap().email = MAIL.into();
    let mut parcel = parcel(n, &[(1, 2)]);
    parcel.shipped_at_ms = Some(NOW - days_ago * DAY + DAY);
    Purchase { order_id: OrderId(n), store: channel(), order, parcels: vec![parcel] }
}

fn patron(purchases: Vec<Purchase>) -> Patron {
    Patron { key: key(MAIL).unwrap(), purchases, kept_in: vec![crm()], past: vec![] }
}

/// Three orders of 10.00, 20.00 and 35.01, ten days apart.
fn regular() -> Patron {
    patron(vec![bought(1, 21, 1_000), bought(2, 11, 2_000), bought(3, 1, 3_501)])
}

fn of(decision: &PatronDecision, automation: &str) -> Vec<(OrderId, PlannedEffect, RecordDraft)> {
    let ours = decision.effects.iter().filter(|(_, effect)| effect.automation == automation);
    ours.map(|(order, effect)| match &effect.intent {
        Intent::PutRecord { record } => (*order, effect.clone(), record.clone()),
        other => panic!("{other:?}"),
    })
    .collect()
}

/// What was planned stands in the outbox, as the store would write it down.
fn settled(mut patron: Patron, decision: PatronDecision, state: EffectState) -> Patron {
    for (id, _) in decision.overtaken {
        patron.past.iter_mut().find(|effect| effect.id == id).unwrap().state = EffectState::Skipped;
    }
    for (_, planned) in decision.effects {
        assert!(!patron.past.iter().any(|effect| effect.key == planned.key), "key {} planned twice", planned.key);
        patron.past.push(PastEffect {
            id: EffectId(i64::try_from(patron.past.len()).unwrap() + 1),
            key: planned.key,
            automation: planned.automation,
            connection: planned.connection,
            intent: planned.intent,
            state,
            attempts: 1,
            created_at_ms: NOW,
            not_before_ms: NOW,
            first_sent_at_ms: None,
            settled_at_ms: None,
            refused_at_ms: None,
            refusal: None,
            receipt: None,
            ticket: None,
            withdrawn: false,
        });
    }
    patron
}

#[test]
fn the_history_says_how_much_how_often_and_how_it_went() {
    let decision = decide(&regular(), &with_records(Mode::Auto), NOW);
    let [(order, effect, record)] = &of(&decision, HISTORY)[..] else { panic!("{decision:?}") };
    assert_eq!((*order, effect.connection.clone(), effect.mode), (OrderId(3), crm(), Mode::Auto));
    assert_eq!(effect.sentence, "Bring the history of whoever bought #3 up to date in The customers: 3 orders");
    assert_eq!((record.noun, record.external_id.as_str()), (RecordNoun::History, key(MAIL).unwrap().as_str()));
    let known: Vec<&str> = RecordNoun::History.facts().iter().map(|(fact, _)| *fact).collect();
    let written: Vec<&str> = record.fields.iter().map(|(fact, _)| fact.as_str()).collect();
    assert_eq!(written, known);
    for (fact, value) in [
        ("orders", "3"),
        ("first", "2026-10-30"),
        ("last", "2026-11-19"),
        ("days", "10"),
        ("average", "21.67"),
        ("total", "65.01"),
        ("currency", "EUR"),
        ("carrier", "UPS"),
        ("shipped", "2026-11-20"),
    ] {
        assert_eq!(record.fact(fact).unwrap_or_default(), value, "{fact}");
    }
    assert!(!format!("{record:?}").to_lowercase().contains("ingrid"), "who it is the record knows itself");
}

type Change = fn(&mut Patron);

#[test]
fn what_counts_was_paid_and_stands() {
    let cases: [(&str, Change, &str, &str); 9] = [
        ("all of it", |_| (), "3", "65.01"),
        ("cancelled", |p| p.purchases[0].order.cancelled_at_ms = Some(NOW), "2", "55.01"),
        ("unpaid", |p| p.purchases[0].order.payment = Payment::Pending, "2", "55.01"),
        ("a test", |p| p.purchases[0].order.test = true, "2", "55.01"),
        ("given back in part", |p| p.purchases[0].order.current_total_minor = 400, "3", "59.01"),
        ("another currency", |p| p.purchases[0].order.currency = Currency::new("USD"), "3", "55.01"),
        ("an account that was removed", |p| p.purchases[0].store = ConnectionId::new("gone"), "2", "55.01"),
        ("a deal of the account of records", |p| p.purchases[0].store = crm(), "2", "55.01"),
        ("in any order", |p| p.purchases.reverse(), "3", "65.01"),
    ];
    for (what, change, orders, total) in cases {
        let mut patron = regular();
        change(&mut patron);
        let decision = decide(&patron, &with_records(Mode::Auto), NOW);
        let [(_, _, record)] = &of(&decision, HISTORY)[..] else { panic!("{what}: {decision:?}") };
        let said = (record.fact("orders").unwrap(), record.fact("total").unwrap());
        assert_eq!(said, (orders.to_owned(), total.to_owned()), "{what}");
    }
}

#[test]
fn the_carrier_is_the_one_used_most_and_of_two_the_last() {
    let with = |n: i64, carrier: &str| {
        let mut one = bought(n, 30 - n, 100);
        one.parcels[0].carrier_name = Some(carrier.into());
        one
    };
    let shared = |n: i64| {
        let mut one = with(n, "DHL");
        one.parcels[0].remote_id = "label:1".into();
        one
    };
    let voided = |n: i64| {
        let mut one = with(n, "DHL");
        one.parcels[0].voided_at_ms = Some(NOW);
        one
    };
    for (what, all, carrier) in [
        ("most", vec![with(1, "DHL"), with(2, "DHL"), with(3, "UPS")], "DHL"),
        ("of two the last", vec![with(1, "DHL"), with(2, "UPS")], "UPS"),
        ("one parcel of several orders went once", vec![shared(1), shared(2), with(3, "UPS")], "UPS"),
        ("voided", vec![voided(1), voided(2), with(3, "UPS")], "UPS"),
        ("none", vec![voided(1)], ""),
    ] {
        let decision = decide(&patron(all), &with_records(Mode::Auto), NOW);
        let [(_, _, record)] = &of(&decision, HISTORY)[..] else { panic!("{what}: {decision:?}") };
        assert_eq!(record.fact("carrier").unwrap_or_default(), carrier, "{what}");
    }
}

#[test]
fn a_second_day_without_change_writes_nothing() {
    let policy = set(with_records(Mode::Auto), MARKS, "orders", "3");
    for state in [EffectState::Asked, EffectState::Pending, EffectState::Running, EffectState::Done] {
        let patron = settled(regular(), decide(&regular(), &policy, NOW), state);
        assert_eq!(patron.past.len(), 2);
        assert_eq!(decide(&patron, &policy, NOW + DAY), PatronDecision::default(), "{state:?}");
    }
}

#[test]
fn what_changed_is_written_in_the_place_of_what_waits() {
    let policy = with_records(Mode::Auto);
    for (state, planned, overtaken) in [
        (EffectState::Done, 1, 0),
        (EffectState::Pending, 1, 1),
        (EffectState::Asked, 1, 1),
        (EffectState::Refused, 1, 1),
        // Its answer is out: tomorrow.
        (EffectState::Running, 0, 0),
        (EffectState::Unknown, 0, 0),
        // A person gave it up.
        (EffectState::Skipped, 0, 0),
    ] {
        let mut patron = settled(regular(), decide(&regular(), &policy, NOW), state);
        patron.purchases.push(bought(4, 0, 500));
        let decision = decide(&patron, &policy, NOW + DAY);
        assert_eq!((decision.effects.len(), decision.overtaken.len()), (planned, overtaken), "{state:?}");
        // And back again: its key is a new one each time.
        let mut patron = settled(patron, decision, EffectState::Done);
        patron.purchases.pop();
        let decision = decide(&patron, &policy, NOW + 2 * DAY);
        settled(patron, decision, EffectState::Done);
    }
}

/// A person who gave one up is asked again when it says something else, and not every day.
#[test]
fn what_a_person_gave_up_is_not_offered_every_day() {
    let policy = with_records(Mode::Auto);
    let mut patron = settled(regular(), decide(&regular(), &policy, NOW), EffectState::Done);
    patron.purchases.push(bought(4, 0, 500));
    let decision = decide(&patron, &policy, NOW + DAY);
    let mut patron = settled(patron, decision, EffectState::Skipped);
    assert_eq!(decide(&patron, &policy, NOW + 2 * DAY), PatronDecision::default());
    patron.purchases.push(bought(5, 0, 500));
    assert_eq!(decide(&patron, &policy, NOW + 3 * DAY).effects.len(), 1);
}

/// Why nothing is written, and what makes it so.
type Case = (&'static str, fn(&mut Patron, &mut Policy));

#[test]
fn nothing_is_written_of_whom_nobody_keeps_or_who_must_be_forgotten() {
    let cases: [Case; 8] = [
        ("not kept there", |p, _| p.kept_in.clear()),
        ("kept elsewhere", |p, _| p.kept_in = vec![hub()]),
        ("no account keeps records", |_, policy| drop(policy.peers.remove(&crm()))),
        ("its buyers are forgotten", |_, policy| policy.peers.get_mut(&channel()).unwrap().forgets_buyers = true),
        ("nothing was bought", |p, _| p.purchases.clear()),
        ("copies of sales elsewhere", |p, _| {
            for one in &mut p.purchases {
                one.order.sold_on = Some(SoldOn { source: "market".into(), ..SoldOn::default() });
            }
        }),
        ("switched off", |_, policy| {
            for id in [HISTORY, MARKS] {
                policy.automations.get_mut(id).unwrap().mode = Mode::Off;
            }
        }),
        ("all before the line", |_, policy| {
            for id in [HISTORY, MARKS] {
                policy.automations.get_mut(id).unwrap().go_live_ms = Some(NOW);
            }
        }),
    ];
    for (what, change) in cases {
        let (mut patron, mut policy) = (regular(), set(with_records(Mode::Auto), MARKS, "orders", "2"));
        assert_eq!(decide(&patron, &policy, NOW).effects.len(), 2);
        change(&mut patron, &mut policy);
        assert_eq!(decide(&patron, &policy, NOW), PatronDecision::default(), "{what}");
    }
    // Its data was taken out of what was written: it is not put back.
    let policy = with_records(Mode::Auto);
    let mut patron = settled(regular(), decide(&regular(), &policy, NOW), EffectState::Done);
    for effect in &mut patron.past {
        let Intent::PutRecord { record } = &mut effect.intent else { panic!() };
        record.fields.iter_mut().for_each(|(_, text)| *text = "null".into());
    }
    patron.purchases.push(bought(4, 0, 500));
    assert_eq!(decide(&patron, &policy, NOW), PatronDecision::default());
}

#[test]
fn a_mark_is_a_task_once_and_the_highest_counts() {
    let policy = set(set(with_records(Mode::Auto), MARKS, "orders", "2 3 10"), MARKS, "spent", "30 500");
    let decision = decide(&regular(), &policy, NOW);
    let found = of(&decision, MARKS);
    let said: Vec<(OrderId, String, String)> = found
        .iter()
        .map(|(order, _, record)| {
            (*order, record.external_id.replace(&key(MAIL).unwrap(), "K"), record.fact("title").unwrap())
        })
        .collect();
    assert_eq!(
        said,
        [
            (OrderId(3), "K/orders-3".into(), "A customer has reached 3 orders".into()),
            (OrderId(2), "K/spent/EUR-30".into(), "A customer has spent 30 EUR".into()),
        ]
    );
    let (_, effect, record) = &found[0];
    assert_eq!((record.noun, record.fact(CUSTOMER_FACT)), (RecordNoun::FollowUp, key(MAIL)));
    assert_eq!(record.fact("due").unwrap(), "2026-11-25");
    assert!(record.fact("text").unwrap().contains("with #3. Offer a renewal"), "{record:?}");
    assert!(effect.key.starts_with("customer-") && !effect.key.contains("cafe0001"), "of no order: {}", effect.key);
}

/// The same mark, another record: what is to be done is the same, and so is its name.
#[test]
fn a_mark_may_be_an_opportunity() {
    let marked = set(with_records(Mode::Auto), MARKS, "orders", "3");
    let policy = set(set(marked.clone(), MARKS, "makes", "offer"), MARKS, "close_days", "45");
    for (worth, value) in [("", None), ("average", Some("21.67")), ("last", Some("35.01"))] {
        let decision = decide(&regular(), &set(policy.clone(), MARKS, "worth", worth), NOW);
        let [(order, effect, record)] = &of(&decision, MARKS)[..] else { panic!("{decision:?}") };
        assert_eq!((*order, record.noun, record.fact(CUSTOMER_FACT)), (OrderId(3), RecordNoun::Offer, key(MAIL)));
        assert_eq!(record.external_id, format!("{}/orders-3", key(MAIL).unwrap()));
        assert_eq!(record.fact("due").as_deref(), Some("2027-01-04"));
        assert_eq!((record.fact("value").as_deref(), record.fact("currency").is_some()), (value, value.is_some()));
        assert!(effect.sentence.contains("Make an opportunity in The customers: A customer has reached 3 orders"));
        assert!(effect.sentence.ends_with("closes 2027-01-04"), "{}", effect.sentence);
    }
    // Who has got the one does not get the other.
    for (first, then) in [(&marked, &policy), (&policy, &marked)] {
        for state in [EffectState::Done, EffectState::Refused, EffectState::Skipped] {
            let patron = settled(regular(), decide(&regular(), first, NOW), state);
            assert_eq!(of(&decide(&patron, then, NOW + DAY), MARKS), [], "{state:?}");
        }
    }
}

#[test]
fn a_mark_is_never_reached_twice() {
    let policy = set(with_records(Mode::Auto), MARKS, "orders", "2 3");
    for state in [EffectState::Done, EffectState::Skipped, EffectState::Refused] {
        // Three, then two again, then another third: whatever became of the task.
        let mut patron = settled(regular(), decide(&regular(), &policy, NOW), state);
        patron.purchases[2].order.cancelled_at_ms = Some(NOW);
        assert_eq!(of(&decide(&patron, &policy, NOW + DAY), MARKS), [], "two, below what was reached");
        patron.purchases.push(bought(4, 0, 500));
        assert_eq!(of(&decide(&patron, &policy, NOW + 2 * DAY), MARKS), [], "three by another order");
    }
}

#[test]
fn a_mark_reached_before_the_line_is_no_news() {
    let line = NOW - 5 * DAY;
    for (marks, planned) in [("2", 0), ("3", 1), ("2 3", 1), ("4", 0)] {
        let mut policy = set(with_records(Mode::Auto), MARKS, "orders", marks);
        policy.automations.get_mut(MARKS).unwrap().go_live_ms = Some(line);
        assert_eq!(of(&decide(&regular(), &policy, NOW), MARKS).len(), planned, "{marks}");
    }
}

#[test]
fn nobody_is_looked_at_while_nothing_is_to_be_done() {
    let acting = with_records(Mode::Auto);
    assert!(!patron::word(&acting).is_empty());
    for mode in [Mode::Off, Mode::Watch] {
        assert_eq!(patron::word(&with_records(mode)), "", "{mode:?}");
    }
    let mut without = acting.clone();
    without.peers.get_mut(&crm()).unwrap().keeps_history = false;
    assert_eq!(patron::word(&without), "", "no field is named and no mark is set");
    assert_eq!(of(&decide(&regular(), &without, NOW), HISTORY), []);
    let marked = set(without, MARKS, "orders", "5");
    assert!(!patron::word(&marked).is_empty());
    assert_ne!(patron::word(&marked), patron::word(&set(marked.clone(), MARKS, "orders", "6")));
}

#[test]
fn a_customer_is_an_address_and_the_one_that_is_kept() {
    for (mail, same) in [("ingrid@mail.example", true), (" INGRID@MAIL.EXAMPLE ", true), ("other@mail.example", false)]
    {
        assert_eq!(key(mail) == key(MAIL), same, "{mail}");
    }
    assert_eq!((key(""), key("hidden")), (None, None));
    // The id of the record that the automation of customers keeps.
    let mut order = sent();
    order.order.customer.as_mut().unwrap().email = MAIL.into();
    perform(&mut order, &with_records(Mode::Auto), NOW, EffectState::Done);
    let keeping: Vec<&PastEffect> = order.effects.iter().filter(|effect| keeps(effect, &key(MAIL).unwrap())).collect();
    assert_eq!(keeping.len(), 1);
    assert!(!keeps(keeping[0], &key("other@mail.example").unwrap()));
}
