//! From a record read to a decision written: orders, links, decisions, findings, accounts.
#![allow(clippy::unwrap_used, clippy::redundant_closure_for_method_calls, missing_docs)]

mod support;

use quayside_model::*;
use quayside_store::*;
use std::sync::{Arc, Mutex};
use support::*;

#[test]
fn a_record_is_new_then_unchanged_then_changed() {
    let store = store();
    let first = order(1);
    let mut second = order(1);
    second.note = "Ring twice".into();
    store
        .write(|tx| {
            assert_eq!(tx.put_record(&shop(), &incoming(&first), NOW)?, Put::New);
            assert_eq!(tx.put_record(&shop(), &incoming(&first), NOW + 1)?, Put::Unchanged);
            // The same id of another kind or account is another record.
            assert_eq!(tx.put_record(&hub(), &incoming(&first), NOW)?, Put::New);
            let put = tx.put_record(&shop(), &incoming(&second), NOW + 2)?;
            assert_eq!(put, Put::Changed { before: Box::new(Record::Order(first.clone())) });
            assert_eq!(tx.record(&shop(), RecordKind::Order, &first.remote_id)?, Some(Record::Order(second.clone())));
            Ok(())
        })
        .unwrap();
    let read = |r: &Reader<'_>| r.record(&shop(), RecordKind::Order, &first.remote_id);
    assert_eq!(store.read(read).unwrap(), Some(Record::Order(second)));
    assert_eq!(store.read(|r| r.record(&shop(), RecordKind::Parcel, &first.remote_id)).unwrap(), None);
}

#[test]
fn every_kind_of_record_comes_back_whole() {
    let store = store();
    let mut strange = order(7);
    strange.note = "🧨 \u{202e}right to left\u{202c} \0 ".repeat(500);
    strange.payment = Payment::Unknown("HALF".into());
    strange.lines[0].weight_g = Some(0.1 + 0.2);
    for record in [Record::Order(strange), Record::HubOrder(hub_order(1, "k")), Record::Parcel(parcel(1, "1Z"))] {
        store.write(|tx| tx.put_record(&hub(), &Incoming { record: record.clone(), raw: "{}".into() }, NOW)).unwrap();
        let back = store.read(|r| r.record(&hub(), record.kind(), record.remote_id())).unwrap();
        assert_eq!(back, Some(record));
    }
}

#[test]
fn an_order_gets_one_row() {
    let store = store();
    let (first, again, other) = store
        .write(|tx| {
            Ok((
                tx.order_for(&shop(), &order(1), NOW)?,
                tx.order_for(&shop(), &order(1), NOW)?,
                tx.order_for(&hub(), &order(1), NOW)?,
            ))
        })
        .unwrap();
    assert_eq!((first.1, again.1, other.1), (true, false, true));
    assert_eq!(first.0, again.0);
    assert_ne!(first.0, other.0);
    assert_eq!(store.read(|r| r.order_id(&shop(), &order(1).remote_id)).unwrap(), Some(first.0));
    // Undecided: in no list.
    assert_eq!(store.read(|r| r.queue_row(first.0)).unwrap(), None);
    assert_eq!(store.read(|r| r.open_orders(OrderId(0), 9)).unwrap(), []);
}

#[test]
fn links_lead_both_ways() {
    let store = store();
    let one = with_order(&store, 1, |_, _| decision(Stage::Packing));
    let two = with_order(&store, 2, |_, _| decision(Stage::Packing));
    store
        .write(|tx| {
            tx.link(two, &hub(), RecordKind::HubOrder, "77")?;
            tx.link(one, &hub(), RecordKind::HubOrder, "77")?;
            tx.link(one, &hub(), RecordKind::HubOrder, "77")
        })
        .unwrap();
    let linked =
        |connection: &ConnectionId, kind, id: &str| store.read(|r| r.orders_linked_to(connection, kind, id)).unwrap();
    assert_eq!(linked(&hub(), RecordKind::HubOrder, "77"), [one, two]);
    assert_eq!(linked(&hub(), RecordKind::Parcel, "77"), []);
    assert_eq!(linked(&shop(), RecordKind::Order, &order(2).remote_id), [two]);
    assert!(store.write(|tx| tx.link(OrderId(99), &hub(), RecordKind::Parcel, "1")).is_err());
}

/// The row, its tallies and its tags are those of an order that entered undecided and was decided then.
#[test]
fn an_order_that_enters_decided_is_as_one_that_was_decided_later() {
    let stages =
        [Stage::ToSend, Stage::Unpaid, Stage::Shipped, Stage::Ignored, Stage::ToSend, Stage::Held, Stage::Cancelled];
    let (at_once, later) = (Store::in_memory(), Store::in_memory());
    for store in [&at_once, &later] {
        connect(store);
    }
    for (n, stage) in (9..).zip(stages) {
        let order = order(n);
        let put = put_hub_order(&order, OrderId(n - 8), Mode::Auto);
        let (decision, incoming) = (Decision { effects: vec![put], ..decision(stage) }, incoming(&order));
        at_once
            .write(|tx| {
                tx.put_record(&shop(), &incoming, NOW)?;
                let id = tx.next_order_id()?;
                let mut foreseen = Foreseen::from(decision.clone());
                tx.enter(id, &shop(), &order, &mut foreseen, NOW)?;
                assert_eq!(tx.carry_out_first(id, &foreseen, NOW)?.len(), 1);
                Ok(())
            })
            .unwrap();
        later
            .write(|tx| {
                tx.put_record(&shop(), &incoming, NOW)?;
                let (id, _) = tx.order_for(&shop(), &order, NOW)?;
                tx.put_decision(id, &order, &decision, NOW)?;
                Ok(())
            })
            .unwrap();
    }
    let told = |store: &Store| {
        store
            .read(|r| {
                let all = |tag: Option<&str>, text: &str| QueueFilter {
                    tag: tag.map(str::to_owned),
                    text: text.to_owned(),
                    scope: if tag.is_some() { Scope::Open } else { Scope::All },
                    ..QueueFilter::default()
                };
                let rows = (1..=7).map(|n| r.queue_row(OrderId(n))).collect::<Result<Vec<_>, _>>()?;
                let found = r.queue_count(&all(None, "lamp"))?.n;
                Ok(format!(
                    "{rows:?}\n{:?}\n{} {found}",
                    r.queue_counts(NOW, NOW + DAY)?,
                    r.queue_count(&all(Some("vip"), ""))?.n
                ))
            })
            .unwrap()
    };
    assert_eq!(told(&at_once), told(&later));
    // One open order has the tag, and some are found.
    assert!(told(&at_once).contains("\n1 "), "{}", told(&at_once));
    assert!(!told(&at_once).ends_with(" 0"), "{}", told(&at_once));
}

/// The statement that enters an order is not taken back by itself: whoever passes over its failure keeps nothing.
#[test]
fn an_order_that_could_not_enter_leaves_nothing_however_it_is_told() {
    let store = Store::in_memory();
    connect(&store);
    let (one, mut first) = (order(1), decision(Stage::ToSend).into());
    store.write(|tx| tx.enter(OrderId(1), &shop(), &one, &mut first, NOW)).unwrap();
    let again = store.write(|tx| {
        let twice = tx.enter(OrderId(2), &shop(), &one, &mut first, NOW);
        assert!(twice.is_err());
        tx.put_setting("theme", &"dark")
    });
    assert!(again.unwrap_err().to_string().contains("half done"));
    assert_eq!(store.read(|r| r.setting::<String>("theme")).unwrap(), None);
    assert_eq!(store.read(|r| r.queue_counts(NOW, NOW + DAY)).unwrap().all, 1);
}

#[test]
fn deciding_twice_is_deciding_once() {
    let store = store();
    let order = order(1);
    let id = store.write(|tx| Ok(enter(tx, &order))).unwrap();
    let decided = Decision {
        effects: vec![put_hub_order(&order, id, Mode::Auto), cancel(id, 1)],
        findings: vec![finding(Cause::AddressMissing, "ship_to", "No street.")],
        look_again_at_ms: Some(NOW + HOUR),
        ..decision(Stage::Sending)
    };
    let decide = |now_ms| store.write(|tx| tx.put_decision(id, &order, &decided, now_ms)).unwrap();
    let first = decide(NOW);
    assert_eq!((first.new_effects.len(), first.opened.len(), first.closed.len()), (2, 1, 0));
    let picture = || {
        store
            .read(|r| {
                Ok((r.order_detail(id)?, r.finding(first.opened[0])?, r.queue_counts(NOW, NOW)?, r.next_look_at()?))
            })
            .unwrap()
    };
    let before = picture();
    assert_eq!(decide(NOW), Decided::default());
    assert_eq!(picture(), before);
    // Looked at again later: it still lasts, and nothing happened that would count.
    assert_eq!(decide(NOW + 5), Decided::default());
    let seen = store.read(|r| r.finding(first.opened[0])).unwrap().unwrap();
    assert_eq!((seen.count, seen.opened_at_ms, seen.last_seen_at_ms), (1, NOW, NOW + 5));
    assert_eq!(picture().0.unwrap().row, before.0.unwrap().row);
}

#[test]
fn a_key_is_planned_once_and_never_again() {
    let store = store();
    let id = sending(&store, 1, None);
    let effect = store.read(|r| r.effects_of(id)).unwrap().remove(0);
    store.write(|tx| tx.skip_effect(effect.id, "No.", NOW)).unwrap();
    let again = Decision { effects: vec![put_hub_order(&order(1), id, Mode::Auto)], ..decision(Stage::Sending) };
    let decided = store.write(|tx| tx.put_decision(id, &order(1), &again, NOW)).unwrap();
    assert_eq!(decided.new_effects, []);
    assert_eq!(store.read(|r| r.effects_of(id)).unwrap().len(), 1);
    // Another order with the same key changes nothing either.
    let other = with_order(&store, 2, |_, _| again.clone());
    assert_eq!(store.read(|r| r.effects_of(other)).unwrap(), []);
}

#[test]
fn our_key_at_the_hub_leads_to_the_order_and_to_no_other() {
    let store = store();
    let id = sending(&store, 1, None);
    assert_eq!(store.read(|r| r.order_by_hub_key(&format!("q-{id}"))).unwrap(), Some(id));
    assert_eq!(store.read(|r| r.order_by_hub_key("q-none")).unwrap(), None);
    let stolen = order(2);
    let error = store
        .write(|tx| {
            let other = enter(tx, &stolen);
            let effect = PlannedEffect { key: "another".into(), ..put_hub_order(&stolen, id, Mode::Auto) };
            tx.put_decision(other, &stolen, &Decision { effects: vec![effect], ..decision(Stage::Sending) }, NOW)
        })
        .unwrap_err();
    assert!(matches!(error, StoreError::Constraint { .. }), "{error}");
    // Nothing of it is left.
    assert_eq!(store.read(|r| r.order_id(&shop(), &stolen.remote_id)).unwrap(), None);
}

#[test]
fn what_is_overtaken_leaves_the_line_unless_it_is_on_its_way() {
    let store = store();
    let id = with_order(&store, 1, |order, id| Decision {
        effects: vec![put_hub_order(order, id, Mode::Auto), cancel(id, 1)],
        ..decision(Stage::Sending)
    });
    let running = store.write(|tx| tx.claim(&hub(), NOW, &|_| 1)).unwrap()[0].id;
    let waiting = EffectId(running.0 + 1);
    let overtaken = Decision {
        overtaken: vec![(running, "Edited.".into()), (waiting, "Edited.".into())],
        ..decision(Stage::Sending)
    };
    store.write(|tx| tx.put_decision(id, &order(1), &overtaken, NOW)).unwrap();
    let states: Vec<_> = store.read(|r| r.effects_of(id)).unwrap().into_iter().map(|e| e.state).collect();
    assert_eq!(states, [EffectState::Running, EffectState::Skipped]);
    let events = store.read(|r| r.events_of(id)).unwrap();
    assert_eq!(events.len(), 1);
    assert!(events[0].sentence.starts_with("Overtaken: Cancel order"), "{}", events[0].sentence);
    assert_eq!(events[0].author, "quayside");
}

#[test]
fn a_finding_opens_lasts_and_closes_by_itself() {
    let store = store();
    let id = with_order(&store, 1, |_, _| decision(Stage::ToSend));
    let decide = |findings: Vec<Finding>, now_ms| {
        let decision = Decision { findings, ..decision(Stage::ToSend) };
        store.write(|tx| tx.put_decision(id, &order(1), &decision, now_ms)).unwrap()
    };
    let sku = |sentence| finding(Cause::UnknownSku, "line-1", sentence);
    let other = finding(Cause::UnknownSku, "line-2", "No SKU.");
    // Twice in one decision is once.
    let opened = decide(vec![sku("No SKU."), sku("No SKU."), other.clone()], NOW).opened;
    assert_eq!(opened.len(), 2);
    assert_eq!(decide(vec![sku("Still none."), other.clone()], NOW + 1), Decided::default());
    assert_eq!(store.read(|r| r.finding(opened[0])).unwrap().unwrap().sentence, "Still none.");
    assert_eq!(decide(vec![other.clone()], NOW + 2).closed, [opened[0]]);
    let closed = store.read(|r| r.finding(opened[0])).unwrap().unwrap();
    assert_eq!((closed.state, closed.resolved_by.as_deref()), (FindingState::Resolved, Some("itself")));
    // It comes back as a new entry.
    assert_eq!(decide(vec![sku("No SKU."), other], NOW + 3).opened.len(), 1);
    assert_eq!(store.read(|r| r.findings_of(id)).unwrap().len(), 3);
}

#[test]
fn a_snoozed_finding_stays_away_and_mends_itself() {
    let store = store();
    let id = with_order(&store, 1, |_, _| decision(Stage::ToSend));
    let decide = |findings: Vec<Finding>, now_ms| {
        store
            .write(|tx| tx.put_decision(id, &order(1), &Decision { findings, ..decision(Stage::ToSend) }, now_ms))
            .unwrap()
    };
    let entry = decide(vec![finding(Cause::Late, "", "Late.")], NOW).opened[0];
    let state = || store.read(|r| r.finding(entry)).unwrap().unwrap().state;
    store.write(|tx| tx.snooze_finding(entry, NOW + DAY)).unwrap();
    assert_eq!(decide(vec![finding(Cause::Late, "", "Late.")], NOW + 1), Decided::default());
    assert_eq!(state(), FindingState::Snoozed, "seen again, and it says the same");
    // Anything new about it brings it back at once, and for good.
    decide(vec![finding(Cause::Late, "", "Later.")], NOW + 1);
    assert_eq!(state(), FindingState::Open);
    assert_eq!(store.write(|tx| tx.wake_snoozed(NOW + DAY)).unwrap(), []);
    store.write(|tx| tx.snooze_finding(entry, NOW + DAY)).unwrap();
    assert_eq!(decide(vec![], NOW + 2).closed, [entry]);
    assert_eq!(store.write(|tx| tx.wake_snoozed(NOW + DAY)).unwrap(), []);
}

#[test]
fn a_settled_finding_stays_closed_while_it_says_the_same() {
    let store = store();
    let id = with_order(&store, 1, |_, _| decision(Stage::ToSend));
    let decide = |sentence: &str, now_ms| {
        let findings = vec![finding(Cause::SidesDiffer, "qty", sentence)];
        store
            .write(|tx| tx.put_decision(id, &order(1), &Decision { findings, ..decision(Stage::ToSend) }, now_ms))
            .unwrap()
    };
    let entry = decide("3 here, 2 there.", NOW).opened[0];
    store.write(|tx| tx.resolve_finding(entry, NOW + 1)).unwrap();
    assert_eq!(decide("3 here, 2 there.", NOW + 2), Decided::default());
    assert_eq!(decide("3 here, 1 there.", NOW + 3).opened.len(), 1);

    // Settled through the choices alone, before it was listed.
    let choices = Choices { settled: [("late/".to_owned(), NOW)].into(), ..Choices::default() };
    store.write(|tx| tx.put_choices(id, &choices)).unwrap();
    assert_eq!(store.read(|r| r.choices(id)).unwrap(), choices);
    let late = |sentence: &str| {
        let findings = vec![finding(Cause::Late, "", sentence)];
        store
            .write(|tx| tx.put_decision(id, &order(1), &Decision { findings, ..decision(Stage::ToSend) }, NOW + 9))
            .unwrap()
    };
    assert_eq!(late("Should have left on Monday.").opened, []);
    assert_eq!(late("Should have left on Monday.").opened, []);
    assert_eq!(late("Should have left on Sunday.").opened.len(), 1);
}

/// A customer has one entry, at the newest of their orders that says something.
#[test]
fn a_customer_is_told_of_once_whichever_order_says_it() {
    const WHO: &str = "customer:hub:customer-1";
    let store = store();
    let ids = [1, 2, 3].map(|n| with_order(&store, n, |_, _| decision(Stage::ToSend)));
    let orders = [order(1), order(2), order(3)];
    let say = |n: usize, sentence: &str, now_ms: i64| {
        let findings = vec![finding(Cause::ChangeByHand, WHO, sentence)];
        let decision = Decision { findings, ..decision(Stage::ToSend) };
        store.write(|tx| tx.put_decision(ids[n], &orders[n], &decision, now_ms)).unwrap().opened
    };
    let open = || -> Vec<usize> {
        let states = ids.map(|id| store.read(|r| r.findings_of(id)).unwrap());
        let lasts = |all: &Vec<FindingRow>| all.iter().any(|one| one.state == FindingState::Open);
        (0..3).filter(|n| lasts(&states[*n])).collect()
    };
    // The first order says it; the next one says the same, and the same once more.
    let first = say(0, "Edition 1.", NOW);
    assert_eq!((first.len(), say(1, "Edition 1.", NOW + 1).len(), open()), (1, 0, vec![0]));
    // Done; the next order of the same person asks for nothing.
    store.write(|tx| tx.resolve_finding(first[0], NOW + 2)).unwrap();
    assert_eq!((say(1, "Edition 1.", NOW + 3).len(), say(0, "Edition 1.", NOW + 4).len(), open()), (0, 0, vec![]));
    // They moved: the newer order says so, and takes the place of what an older one says.
    assert_eq!((say(1, "Edition 2.", NOW + 5).len(), open()), (1, vec![1]));
    assert_eq!((say(0, "Edition 1.", NOW + 6).len(), open()), (0, vec![1]), "an older order knows nothing new");
    assert_eq!((say(2, "Edition 3.", NOW + 7).len(), open()), (1, vec![2]));
    assert_eq!((say(1, "Edition 2.", NOW + 8).len(), open()), (0, vec![2]));
    // Undone, it is asked for again.
    let last = store.read(|r| r.findings_of(ids[2])).unwrap().pop().unwrap().id;
    store.write(|tx| tx.resolve_finding(last, NOW + 9)).unwrap();
    assert_eq!(open(), [0; 0]);
    assert!(store.write(|tx| tx.reopen_finding(last)).unwrap());
    assert_eq!((say(2, "Edition 3.", NOW + 10).len(), open()), (0, vec![2]));
}

/// From the third record on that cannot be read for one reason the platform's answers have changed: that is said once, with
/// the path of the field, and is over with the last of them.
#[test]
fn answers_that_drift_are_one_entry_with_the_fields_path() {
    let store = store();
    let aside = |id: &str, why: &str| {
        let unreadable =
            Unreadable { remote_id: id.into(), number: None, why: why.into(), raw: "{\"odd\":true}".into() };
        store.write(|tx| tx.set_aside(&shop(), RecordKind::Parcel, &unreadable, NOW)).unwrap();
    };
    let told = || {
        let all = store.read(|r| r.account_findings(&shop())).unwrap();
        let open = all.into_iter().filter(|one| one.state != FindingState::Resolved);
        let mut open: Vec<String> = open.map(|one| one.about).collect();
        open.sort();
        open
    };
    aside("1", "items[0].quantity: not a number");
    aside("2", "items[4].quantity: not a number");
    aside("9", "weight: missing");
    assert_eq!(told(), ["parcel/1", "parcel/2", "parcel/9"]);
    aside("3", "items[1].quantity: a list");
    aside("4", "items[2].quantity: not a number");
    assert_eq!(told(), ["fields/parcel/items[].quantity", "parcel/9"]);
    assert_eq!(store.read(|r| r.set_aside_records()).unwrap().len(), 5, "each is kept with its raw text");
    for id in ["1", "2", "3"] {
        store.write(|tx| tx.take_back(&shop(), RecordKind::Parcel, id, NOW + 1)).unwrap();
        assert_eq!(told(), ["fields/parcel/items[].quantity", "parcel/9"]);
    }
    store.write(|tx| tx.take_back(&shop(), RecordKind::Parcel, "4", NOW + 2)).unwrap();
    assert_eq!(told(), ["parcel/9"]);
    // The last ones cannot be read for another reason each: the earlier one is over all the same.
    for (id, n) in [("5", 0), ("6", 1), ("7", 2)] {
        aside(id, &format!("items[{n}].price: missing"));
    }
    assert_eq!(told(), ["fields/parcel/items[].price", "parcel/9"]);
    for id in ["5", "6", "7"] {
        aside(id, &format!("status{id}: missing"));
    }
    assert_eq!(told(), ["parcel/5", "parcel/6", "parcel/7", "parcel/9"]);
}

#[test]
fn decisions_leave_other_owners_findings_alone() {
    let store = store();
    let id = with_order(&store, 1, |_, _| decision(Stage::ToSend));
    let unreadable = Unreadable {
        remote_id: order(1).remote_id,
        number: Some("#1001".into()),
        why: "lineItems[3].quantity: not a number".into(),
        raw: "{\"broken\":true}".into(),
    };
    let aside = |now_ms| store.write(|tx| tx.set_aside(&shop(), RecordKind::Order, &unreadable, now_ms)).unwrap();
    aside(NOW);
    aside(NOW + 1);
    store.write(|tx| tx.put_decision(id, &order(1), &decision(Stage::ToSend), NOW + 2)).unwrap();
    let findings = store.read(|r| r.findings_of(id)).unwrap();
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].state, findings[0].count, findings[0].cause), (FindingState::Open, 2, Cause::Unreadable));
    assert!(findings[0].sentence.contains("lineItems[3].quantity"));
    let raw = store.read(|r| r.set_aside_raw(&shop(), RecordKind::Order, &unreadable.remote_id)).unwrap();
    assert_eq!(raw.as_deref(), Some("{\"broken\":true}"));
    assert_eq!(store.read(|r| r.set_aside_records()).unwrap()[0].at_ms, NOW + 1);
    // A good reading takes it away.
    store.write(|tx| tx.put_record(&shop(), &incoming(&order(1)), NOW + 3)).unwrap();
    assert_eq!(store.read(|r| r.findings_of(id)).unwrap()[0].state, FindingState::Resolved);
    assert_eq!(store.read(|r| r.set_aside_records()).unwrap(), []);
}

#[test]
fn a_condition_that_repeats_is_one_entry_with_a_count() {
    let store = store();
    let offline = Refusal::new(Cause::Offline, "No answer.");
    let scope = Refusal::new(Cause::ScopeMissing, "No permission.").about("write_fulfillments");
    let open = |refusal: &Refusal, now_ms| store.write(|tx| tx.open_condition(&hub(), refusal, now_ms)).unwrap();
    assert!(open(&offline, NOW));
    assert!(!open(&offline, NOW + 1));
    assert!(!open(&offline, NOW + 2));
    assert!(open(&scope, NOW));
    let conditions = store.read(|r| r.conditions(&hub())).unwrap();
    assert_eq!(
        conditions.iter().map(|c| (c.cause, c.count)).collect::<Vec<_>>(),
        [(Cause::Offline, 3), (Cause::ScopeMissing, 1)]
    );
    assert_eq!(store.read(|r| r.conditions(&shop())).unwrap(), []);
    assert_eq!(store.write(|tx| tx.close_conditions(&hub(), NOW + 9)).unwrap(), 2);
    assert_eq!(store.write(|tx| tx.close_conditions(&hub(), NOW + 9)).unwrap(), 0);
    assert!(open(&offline, NOW + 10));
}

#[test]
fn orders_ask_to_be_looked_at() {
    let store = store();
    let at = |n, look_again_at_ms| with_order(&store, n, |_, _| Decision { look_again_at_ms, ..decision(Stage::Held) });
    let (one, two, three) = (at(1, Some(NOW + 20)), at(2, Some(NOW + 10)), at(3, None));
    assert_eq!(store.read(|r| r.next_look_at()).unwrap(), Some(NOW + 10));
    assert_eq!(store.read(|r| r.orders_to_look_at(NOW + 15, 9)).unwrap(), [two]);
    assert_eq!(store.read(|r| r.orders_to_look_at(NOW + 20, 9)).unwrap(), [two, one]);
    store.write(|tx| tx.forget_look(two)).unwrap();
    assert_eq!(store.read(|r| r.orders_to_look_at(NOW + 20, 9)).unwrap(), [one]);
    assert_eq!(store.read(|r| r.open_orders(OrderId(0), 2)).unwrap(), [one, two]);
    assert_eq!(store.read(|r| r.open_orders(two, 2)).unwrap(), [three]);
}

#[test]
fn accounts_come_and_go_and_leave_their_name() {
    let store = Store::in_memory();
    connect(&store);
    let names = || store.read(|r| r.connections()).unwrap().into_iter().map(|c| c.id).collect::<Vec<_>>();
    assert_eq!(names(), [shop(), hub()]);
    let mut changed = account(&hub(), "hub", "h1");
    changed.paused = true;
    store.write(|tx| tx.put_connection(&changed)).unwrap();
    assert_eq!(store.read(|r| r.connection(&hub())).unwrap(), Some(changed));
    // The same account twice is refused, in words.
    let twin = store.write(|tx| tx.put_connection(&account(&ConnectionId::new("twin"), "hub", "h1"))).unwrap_err();
    assert!(twin.to_string().contains("connected already, as \"The warehouse\""), "{twin}");

    let id = sending(&store, 1, None);
    store
        .write(|tx| {
            tx.put_stream(&stream("orders"))?;
            tx.put_buckets(&hub(), &[serde_json::json!({ "name": "v1" })])?;
            tx.open_condition(&hub(), &Refusal::new(Cause::Offline, "No answer."), NOW)
        })
        .unwrap();
    assert!(store.write(|tx| tx.remove_connection(&hub())).unwrap());
    assert!(!store.write(|tx| tx.remove_connection(&hub())).unwrap());
    assert_eq!(names(), [shop()]);
    assert_eq!(store.read(|r| r.connection(&hub())).unwrap(), None);
    assert_eq!(store.read(|r| r.streams(&hub())).unwrap(), []);
    assert_eq!(store.read(|r| r.buckets(&hub())).unwrap(), Vec::<serde_json::Value>::new());
    assert_eq!(store.read(|r| r.conditions(&hub())).unwrap(), []);
    assert_eq!(store.read(|r| r.effects_of(id)).unwrap().len(), 1);
    assert_eq!(store.read(|r| r.former_connections()).unwrap()[0].name, "The warehouse");
    // Its id is spent, its account is free.
    assert!(store.write(|tx| tx.put_connection(&account(&hub(), "hub", "h2"))).is_err());
    store.write(|tx| tx.put_connection(&account(&ConnectionId::new("again"), "hub", "h1"))).unwrap();
}

fn stream(name: &str) -> StreamState {
    StreamState {
        connection: hub(),
        name: name.into(),
        cursor: Some(serde_json::json!({ "after": "2023-11-14", "page": 3 })),
        next_at_ms: NOW + 60_000,
        last_ok_at_ms: Some(NOW),
        last_try_at_ms: None,
        failures: 2,
        idle_streak: 7,
        refusal: Some(Refusal::new(Cause::Offline, "No answer.")),
        interval_s: Some(300),
        read_total: 12_345,
    }
}

#[test]
fn cursors_buckets_settings_and_automations_come_back() {
    let store = store();
    let automation = AutomationRow {
        id: "orders_to_hub".into(),
        mode: Mode::Watch,
        go_live_ms: None,
        settings: serde_json::json!({ "unpaid": false }),
    };
    store
        .write(|tx| {
            tx.put_stream(&stream("parcels"))?;
            tx.put_stream(&stream("orders"))?;
            tx.put_stream(&StreamState { cursor: None, refusal: None, ..stream("orders") })?;
            tx.put_buckets(
                &hub(),
                &[serde_json::json!({ "name": "v1", "level": 3.5 }), serde_json::json!({ "name": "old" })],
            )?;
            tx.put_buckets(&hub(), &[serde_json::json!({ "name": "v1", "level": 2.5 })])?;
            tx.put_setting("quiet", &(22, 7))?;
            tx.put_setting("quiet", &(23, 7))?;
            tx.put_automation(&automation)?;
            tx.put_automation(&AutomationRow { mode: Mode::Auto, go_live_ms: Some(NOW), ..automation.clone() })?;
            tx.put_meta("checked", "yes")
        })
        .unwrap();
    store
        .read(|r| {
            assert_eq!(r.stream(&hub(), "parcels")?, Some(stream("parcels")));
            assert_eq!(r.stream(&hub(), "nothing")?, None);
            assert_eq!(r.streams(&hub())?.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["orders", "parcels"]);
            assert_eq!(r.streams(&hub())?[0].cursor, None);
            assert_eq!(r.buckets(&hub())?, [serde_json::json!({ "name": "v1", "level": 2.5 })]);
            assert_eq!(r.setting::<(u8, u8)>("quiet")?, Some((23, 7)));
            assert_eq!(r.setting::<String>("loud")?, None);
            assert_eq!(r.automations()?, [AutomationRow { mode: Mode::Auto, go_live_ms: Some(NOW), ..automation }]);
            assert_eq!(r.meta("checked")?.as_deref(), Some("yes"));
            Ok(())
        })
        .unwrap();
    // A setting of another shape is damage, not a default.
    assert!(store.read(|r| r.setting::<String>("quiet")).is_err());
    assert!(store.write(|tx| tx.put_buckets(&hub(), &[serde_json::json!({ "level": 1 })])).is_err());
    // A cursor of nobody is refused.
    let nobody = StreamState { connection: ConnectionId::new("nobody"), ..stream("orders") };
    assert!(store.write(|tx| tx.put_stream(&nobody)).is_err());
}

#[test]
fn all_of_a_write_or_nothing() {
    let store = store();
    let told = Arc::new(Mutex::new(0));
    let heard = Arc::clone(&told);
    store.on_change(move |_| *heard.lock().unwrap() += 1);
    let everything = |tx: &mut Tx<'_>| {
        let order = order(1);
        let id = enter(tx, &order);
        let decision = Decision {
            effects: vec![put_hub_order(&order, id, Mode::Auto)],
            findings: vec![finding(Cause::Late, "", "Late.")],
            ..decision(Stage::Sending)
        };
        tx.put_decision(id, &order, &decision, NOW)?;
        tx.put_stream(&stream("orders"))
    };
    let nothing_is_left = || {
        store
            .read(|r| {
                assert_eq!(r.order_id(&shop(), &order(1).remote_id)?, None);
                assert_eq!(r.record(&shop(), RecordKind::Order, &order(1).remote_id)?, None);
                assert_eq!(r.effect(EffectId(1))?, None);
                assert_eq!(r.stream(&hub(), "orders")?, None);
                assert_eq!(r.queue_counts(NOW, NOW)?.all, 0);
                assert_eq!(r.exception_groups()?, []);
                let filter = QueueFilter { text: "1001".into(), ..QueueFilter::default() };
                assert_eq!(r.queue_count(&filter)?.n, 0);
                Ok(())
            })
            .unwrap();
    };
    let given_up = store.write(|tx| everything(tx).and(Err::<(), _>(StoreError::abandoned("Not today."))));
    assert_eq!(given_up.unwrap_err().to_string(), "Not today.");
    nothing_is_left();
    for (failure, sentence) in [
        (InjectedFailure::DiskFull, "The disk is full"),
        (InjectedFailure::Busy, "The database is busy"),
        (InjectedFailure::Io, "The disk did not answer properly"),
        (InjectedFailure::Corrupt, "The database is damaged"),
    ] {
        store.inject_failure(failure, 1);
        let error = store.write(everything).unwrap_err();
        assert!(error.to_string().starts_with(sentence), "{error}");
        assert_eq!(error.passes(), failure != InjectedFailure::Corrupt);
        nothing_is_left();
    }
    let panicked = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            store.write(|tx| -> Result<(), StoreError> {
                everything(tx)?;
                panic!("in the middle")
            })
        });
        thread.join().is_err()
    });
    assert!(panicked);
    nothing_is_left();
    assert_eq!(*told.lock().unwrap(), 0);
    // And then it works.
    store.write(everything).unwrap();
    assert_eq!(*told.lock().unwrap(), 1);
    assert_eq!(store.read(|r| r.queue_counts(NOW, NOW)).unwrap().all, 1);
}

#[test]
fn the_change_feed_names_what_to_refresh() {
    let store = store();
    let changes = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&changes);
    let again = store.clone();
    store.on_change(move |change| {
        // An observer may read: the transaction is over.
        again.read(|r| r.queue_counts(NOW, NOW)).unwrap();
        heard.lock().unwrap().push(change.clone());
    });
    let last = || changes.lock().unwrap().pop();
    let id = sending(&store, 1, None);
    let change = last().unwrap();
    assert_eq!(change.orders, [id]);
    assert_eq!(change.topics.into_iter().collect::<Vec<_>>(), [Topic::Orders, Topic::Effects]);
    store.write(|tx| tx.put_setting("a", &1)).unwrap();
    assert_eq!(last().unwrap().topics.into_iter().collect::<Vec<_>>(), [Topic::Settings]);
    store.write(|tx| tx.open_condition(&hub(), &Refusal::new(Cause::Offline, "No answer."), NOW)).unwrap();
    let change = last().unwrap();
    assert_eq!((change.orders, change.topics.into_iter().collect::<Vec<_>>()), (vec![], vec![Topic::Exceptions]));
    // The same again is no news.
    store.write(|tx| tx.put_record(&shop(), &incoming(&order(1)), NOW)).unwrap();
    store.write(|tx| tx.put_decision(id, &order(1), &decision(Stage::Sending), NOW)).unwrap();
    assert_eq!(last(), None);
}

#[test]
fn a_write_inside_a_write_is_told_not_hung() {
    let store = store();
    let error = store.write(|_| store.write(|tx| tx.put_setting("a", &1))).unwrap_err();
    assert!(matches!(error, StoreError::Fault { .. }), "{error}");
    store.write(|tx| tx.put_setting("a", &1)).unwrap();
}

#[test]
fn old_answers_and_events_go_those_of_open_orders_stay() {
    let store = store();
    let open = with_order(&store, 1, |_, _| decision(Stage::Packing));
    let closed = with_order(&store, 2, |_, _| decision(Stage::Shipped));
    let event = |order_id, at_ms| NewEvent {
        order_id,
        connection: None,
        at_ms,
        author: "quayside".into(),
        kind: "read".into(),
        sentence: "Read.".into(),
        detail: None,
    };
    store
        .write(|tx| {
            let parcel = Record::Parcel(Parcel { created_at_ms: NOW - DAY, ..parcel(1, "1Z") });
            tx.put_record(&hub(), &Incoming { record: parcel, raw: "{}".into() }, NOW)?;
            tx.link(open, &hub(), RecordKind::Parcel, "label:1")?;
            tx.link(closed, &hub(), RecordKind::Parcel, "label:1")?;
            for order_id in [Some(open), Some(closed), None] {
                tx.note(&event(order_id, NOW - 10))?;
                tx.note(&event(order_id, NOW + 10))?;
            }
            Ok(())
        })
        .unwrap();
    let walk = |purge: &dyn Fn(&mut Tx<'_>, i64) -> Result<Purged, StoreError>| {
        let (mut removed, mut after) = (0, 0);
        for _ in 0..20 {
            let piece = store.write(|tx| purge(tx, after)).unwrap();
            removed += piece.removed;
            let Some(next) = piece.next else { return removed };
            after = next;
        }
        panic!("the walk does not end");
    };
    assert_eq!(walk(&|tx, after| tx.purge_events(NOW, after, 2, NOW)), 2);
    assert_eq!(store.read(|r| r.events_of(open)).unwrap().len(), 2);
    assert_eq!(store.read(|r| r.events_of(closed)).unwrap().len(), 1);
    assert_eq!(walk(&|tx, after| tx.purge_raw(NOW, after, 1)), 1);
    let has_raw = |n| store.read(|r| r.raw(&shop(), RecordKind::Order, &order(n).remote_id)).unwrap().is_some();
    assert_eq!((has_raw(1), has_raw(2)), (true, false));
    assert!(store.read(|r| r.story(closed)).unwrap().is_some());
}

/// What was read by a clock that was ahead lies between what is old: the walk goes on behind it.
#[test]
fn a_clock_that_was_ahead_ends_no_walk() {
    let store = store();
    let line = |at_ms| NewEvent {
        order_id: None,
        connection: None,
        at_ms,
        author: "quayside".into(),
        kind: "read".into(),
        sentence: "Read.".into(),
        detail: None,
    };
    let lines = [NOW - 9 * DAY, NOW + 300 * DAY, NOW + 301 * DAY, NOW - 8 * DAY, NOW - 7 * DAY, NOW];
    store.write(|tx| lines.into_iter().try_for_each(|at_ms| tx.note(&line(at_ms)))).unwrap();
    let (mut removed, mut after) = (0, Some(0));
    while let Some(from) = after {
        let piece = store.write(|tx| tx.purge_events(NOW - DAY, from, 1, NOW)).unwrap();
        (removed, after) = (removed + piece.removed, piece.next);
    }
    assert_eq!(removed, 3);
}

#[test]
fn answers_to_tries_go_in_time_except_those_of_open_orders() {
    let store = store();
    let tried = |n: i64, stage: Stage, at_ms: i64| {
        let id = sending(&store, n, None);
        store
            .write(|tx| {
                let effect = tx.claim(&hub(), at_ms.max(NOW), &|_| 1)?[0].id;
                tx.settle(effect, &Settlement::Done { receipt: Receipt::default(), already: false }, at_ms, 1)?;
                tx.keep_answer(&[effect], "{}", at_ms)?;
                tx.put_decision(id, &order(n), &decision(stage), NOW)?;
                Ok(effect)
            })
            .unwrap()
    };
    let effects = [
        tried(1, Stage::Shipped, NOW - 10),
        tried(2, Stage::Packing, NOW - 9),
        tried(3, Stage::Shipped, NOW - 8),
        tried(4, Stage::Shipped, NOW + 10),
    ];
    let kept = || effects.map(|effect| store.read(|r| r.attempts_of(effect)).unwrap()[0].has_answer);
    let walk = |open_too: bool| {
        let (mut removed, mut after) = (0, Some(0));
        for _ in 0..20 {
            let Some(from) = after else { return removed };
            let piece = store.write(|tx| tx.purge_answers(NOW, open_too, from, 1)).unwrap();
            (removed, after) = (removed + piece.removed, piece.next);
        }
        panic!("the walk does not end");
    };
    assert_eq!(kept(), [true; 4]);
    assert_eq!((walk(false), kept()), (2, [false, true, false, true]));
    // Where a rule on buyers' data counts, an answer is as old as it is.
    assert_eq!((walk(true), kept()), (1, [false, false, false, true]));
    assert_eq!((walk(true), kept()), (0, [false, false, false, true]));
}
