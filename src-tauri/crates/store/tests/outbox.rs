//! The line in front of an account: who is next, and what becomes of it.
#![allow(clippy::unwrap_used, clippy::redundant_closure_for_method_calls, missing_docs)]

mod support;

use quayside_model::*;
use quayside_store::{Claimed, EffectFilter, Proof, Settlement, Store, StreamState, withdrawal};
use support::*;

fn claim(store: &Store, now_ms: i64, max: usize) -> Vec<Claimed> {
    store.write(|tx| tx.claim(&hub(), now_ms, &|_| max)).unwrap()
}

fn settle(store: &Store, id: EffectId, settlement: &Settlement, now_ms: i64) -> bool {
    store.write(|tx| tx.settle(id, settlement, now_ms, 120)).unwrap()
}

fn done() -> Settlement {
    Settlement::Done { receipt: Receipt { remote_id: Some("77".into()), ..Receipt::default() }, already: false }
}

fn lost(look_at_ms: i64) -> Settlement {
    Settlement::Unknown { refusal: Refusal::new(Cause::OutcomeUnknown, "No answer came."), look_at_ms }
}

fn state(store: &Store, id: EffectId) -> EffectState {
    store.read(|r| r.effect(id)).unwrap().unwrap().state
}

fn numbers(claimed: &[Claimed]) -> Vec<&str> {
    claimed.iter().map(|effect| effect.order_number.as_str()).collect()
}

#[test]
fn deadlines_go_first_then_age() {
    let store = store();
    sending(&store, 1, None);
    sending(&store, 2, Some(NOW + 2 * HOUR));
    sending(&store, 3, None);
    sending(&store, 4, Some(NOW + HOUR));
    assert_eq!(numbers(&claim(&store, NOW, 3)), ["#1004", "#1002", "#1001"]);
    assert_eq!(numbers(&claim(&store, NOW, 3)), ["#1003"]);
    assert_eq!(claim(&store, NOW, 3), []);
}

/// Each of thousands was taken out, turned away and put back with every window of calls.
#[test]
fn whoever_stands_behind_one_that_was_turned_away_waits_as_long() {
    let store = store();
    for n in 1..=3 {
        sending(&store, n, None);
    }
    let clicked = sending(&store, 4, None);
    store.write(|tx| tx.hurry(clicked, NOW)).unwrap();
    let first = claim(&store, NOW, 1).remove(0);
    assert_eq!(first.order_number, "#1004");
    let waits = Settlement::Waits { until_ms: NOW + 9, refusal: None, spends_attempt: false };
    assert!(settle(&store, first.id, &waits, NOW));
    let why = Refusal::new(Cause::RateLimited, "The minute's calls are used up.");
    let wait = |kind| store.write(|tx| tx.let_line_wait(&hub(), kind, NOW + HOUR, &why)).unwrap();
    assert_eq!(wait(IntentKind::Fulfill), 0, "another kind has an allowance of its own");
    assert_eq!(wait(IntentKind::PutHubOrder), 3);
    assert_eq!(wait(IntentKind::PutHubOrder), 0);
    // What a person clicked on may use the calls that are kept for it.
    assert_eq!(numbers(&claim(&store, NOW + 9, 9)), ["#1004"]);
    assert_eq!(claim(&store, NOW + HOUR - 1, 9), []);
    let line = claim(&store, NOW + HOUR, 9);
    assert_eq!(numbers(&line), ["#1001", "#1002", "#1003"]);
    assert_eq!(store.read(|r| r.effect(line[0].id)).unwrap().unwrap().refusal, Some(why));
}

#[test]
fn a_claim_tells_everything_a_connector_needs() {
    let store = store();
    let order_id = sending(&store, 1, Some(NOW + HOUR));
    let claimed = claim(&store, NOW + 5, 1).remove(0);
    assert_eq!(claimed.order_id, Some(order_id));
    assert_eq!(claimed.key, format!("put/{order_id}"));
    assert_eq!((claimed.attempts, claimed.first_sent_at_ms), (1, None));
    assert_eq!((claimed.ship_by_ms, claimed.created_at_ms), (Some(NOW + HOUR), NOW));
    assert_eq!(claimed.intent, put_hub_order(&order(1), order_id, Mode::Auto).intent);
    // A second try knows when the first one was.
    let waits = Settlement::Waits { until_ms: NOW + 10, refusal: None, spends_attempt: true };
    assert!(settle(&store, claimed.id, &waits, NOW + 6));
    assert_eq!(claim(&store, NOW + 9, 1), []);
    let again = claim(&store, NOW + 10, 1).remove(0);
    assert_eq!((again.attempts, again.first_sent_at_ms), (2, Some(NOW + 5)));
}

#[test]
fn what_the_platform_works_on_keeps_its_ticket_until_it_goes_back_into_the_line() {
    let store = store();
    let order_id = sending(&store, 1, None);
    let id = claim(&store, NOW, 1).remove(0).id;
    let works_on = Settlement::UnderWay {
        ticket: "feed 7".into(),
        refusal: Refusal::new(Cause::OutcomeUnknown, "The platform works on it."),
        look_at_ms: NOW + HOUR,
    };
    assert!(settle(&store, id, &works_on, NOW));
    let due = |at| store.write(|tx| tx.claim_unknown(&hub(), at, 9)).unwrap();
    assert_eq!(due(NOW + HOUR - 1), []);
    assert_eq!(due(NOW + HOUR)[0].ticket.as_deref(), Some("feed 7"));
    // A look that cannot tell leaves it; the decision sees it too.
    assert!(settle(&store, id, &lost(NOW + 2 * HOUR), NOW + HOUR));
    assert_eq!(due(NOW + 2 * HOUR)[0].ticket.as_deref(), Some("feed 7"));
    let story = store.read(|r| r.story(order_id)).unwrap().unwrap();
    assert_eq!(story.effects[0].ticket.as_deref(), Some("feed 7"));
    let tickets = |since_ms| store.read(|r| r.tickets(&hub(), since_ms)).unwrap();
    assert_eq!(tickets(NOW), [(format!("put/{order_id}"), "feed 7".to_owned())]);
    assert_eq!(tickets(NOW + 1), []);
    // Certainly not applied: the next try gets a ticket of its own.
    let absent = Settlement::Waits { until_ms: NOW + 2 * HOUR, refusal: None, spends_attempt: true };
    assert!(settle(&store, id, &absent, NOW + 2 * HOUR));
    assert_eq!(claim(&store, NOW + 2 * HOUR, 1)[0].ticket, None);
}

/// What was sent, has no ticket, and nobody knows the end of: also once a person was asked because nobody could tell.
#[test]
fn what_is_lost_without_a_ticket_is_told_after_a_restart() {
    let store = store();
    let order_id = sending(&store, 1, None);
    let name = [(format!("put/{order_id}"), IntentKind::PutHubOrder)];
    let told = |since_ms| store.read(|r| r.lost(&hub(), since_ms)).unwrap();
    assert_eq!(told(NOW), [], "never sent");
    let id = claim(&store, NOW, 1).remove(0).id;
    assert_eq!(told(NOW), name, "on its way");
    assert!(settle(&store, id, &lost(NOW + HOUR), NOW));
    assert_eq!((told(NOW), told(NOW + 1)), (name.to_vec(), vec![]));
    store.write(|tx| tx.claim_unknown(&hub(), NOW + HOUR, 9)).unwrap();
    let refused = |cause| Settlement::Refused(Refusal::new(cause, "It was refused."));
    assert!(settle(&store, id, &refused(Cause::NotUnderstood), NOW + HOUR));
    assert_eq!(told(NOW), name, "a person was asked because nobody could tell");
    store.write(|tx| tx.retry_effect(id, NOW + HOUR)).unwrap();
    let again = claim(&store, NOW + HOUR, 1).remove(0).id;
    let works_on = Settlement::UnderWay {
        ticket: "feed 7".into(),
        refusal: Refusal::new(Cause::OutcomeUnknown, "The platform works on it."),
        look_at_ms: NOW + 2 * HOUR,
    };
    assert!(settle(&store, again, &works_on, NOW + HOUR));
    assert_eq!(told(NOW), [], "it has a name");
    let other = sending(&store, 2, None);
    let id = claim(&store, NOW + HOUR, 1).remove(0).id;
    assert!(settle(&store, id, &refused(Cause::ContentRefused), NOW + HOUR), "{other}");
    assert_eq!(told(NOW), [], "the platform said no: it was not made");
}

#[test]
fn one_claim_is_of_one_kind() {
    let store = store();
    let first = with_order(&store, 1, |_, id| Decision { effects: vec![cancel(id, 0)], ..decision(Stage::Cancelled) });
    sending(&store, 2, None);
    with_order(&store, 3, |_, id| Decision { effects: vec![cancel(id, 0)], ..decision(Stage::Cancelled) });
    let claimed = claim(&store, NOW, 10);
    assert_eq!(numbers(&claimed), ["#1001", "#1003"]);
    assert_eq!(claimed[0].order_id, Some(first));
    assert_eq!(numbers(&claim(&store, NOW, 10)), ["#1002"]);
}

#[test]
fn effects_of_one_order_go_strictly_one_after_the_other() {
    let store = store();
    let order_id = with_order(&store, 1, |order, id| Decision {
        effects: vec![
            put_hub_order(order, id, Mode::Auto),
            // More urgent, and still second.
            PlannedEffect { ship_by_ms: Some(NOW), ..cancel(id, 1) },
            cancel(id, 2),
        ],
        ..decision(Stage::Sending)
    });
    sending(&store, 2, None);
    let first = claim(&store, NOW, 10);
    assert_eq!(numbers(&first), ["#1001", "#1002"]);
    // Running blocks.
    assert_eq!(claim(&store, NOW, 10), []);
    assert_eq!(store.read(|r| r.next_effect_at(&hub())).unwrap(), None);
    // Unknown blocks.
    assert!(settle(&store, first[0].id, &lost(NOW + HOUR), NOW));
    assert_eq!(claim(&store, NOW, 10), []);
    assert_eq!(store.read(|r| r.next_effect_at(&hub())).unwrap(), Some(NOW + HOUR));
    // Done lets the next one go, and only that.
    assert!(settle(&store, first[0].id, &done(), NOW));
    let second = claim(&store, NOW, 10);
    assert_eq!(second.len(), 1);
    assert_eq!(second[0].key, format!("cancel/{order_id}/1"));
    // Refused does not block: it needs a person, the rest may be its correction.
    assert!(settle(&store, second[0].id, &Settlement::Refused(Refusal::new(Cause::HubLocked, "Shipped.")), NOW));
    assert_eq!(claim(&store, NOW, 10)[0].key, format!("cancel/{order_id}/2"));
}

#[test]
fn an_asked_effect_waits_for_its_click_and_blocks_the_rest() {
    let store = store();
    with_order(&store, 1, |order, id| Decision {
        effects: vec![put_hub_order(order, id, Mode::Ask), cancel(id, 1)],
        ..decision(Stage::ToSend)
    });
    assert_eq!(claim(&store, NOW, 10), []);
    let asked = store.read(|r| r.effects_of(OrderId(1))).unwrap()[0].id;
    assert_eq!(state(&store, asked), EffectState::Asked);
    assert!(!store.write(|tx| tx.retry_effect(asked, NOW)).unwrap());
    assert!(store.write(|tx| tx.approve(asked, NOW + 1)).unwrap());
    assert!(!store.write(|tx| tx.approve(asked, NOW + 1)).unwrap());
    assert_eq!(claim(&store, NOW + 1, 10)[0].id, asked);
}

/// An account that does not answer keeps no part of the order from leaving, or from being cancelled, at another one.
#[test]
fn a_part_at_one_hub_does_not_wait_for_a_part_at_another() {
    let outlet = ConnectionId::new("outlet");
    for (at, wanted) in [(hub(), "put/1"), (outlet.clone(), "cancel/1/1")] {
        let store = store();
        store.write(|tx| tx.put_connection(&account(&outlet, "hub", "h2"))).unwrap();
        with_order(&store, 1, |order, id| {
            let earlier = PlannedEffect { connection: at.clone(), ..put_hub_order(order, id, Mode::Auto) };
            Decision { effects: vec![earlier, cancel(id, 1)], ..decision(Stage::ToSend) }
        });
        let taken: Vec<String> = claim(&store, NOW, 10).into_iter().map(|effect| effect.key).collect();
        assert_eq!(taken, [wanted], "the earlier one is at {at}");
    }
}

/// A remark that waits for its click keeps no parcel from being told; remarks follow one another.
#[test]
fn what_is_only_said_about_an_order_blocks_nothing_else() {
    let store = store();
    let remark = |id: OrderId, n: i64| PlannedEffect {
        key: format!("remark/{id}/{n}"),
        intent: Intent::AnnotateOrder {
            order_remote_id: "1".into(),
            fields: vec![("hub_number".into(), n.to_string())],
            note: String::new(),
            tags: vec![],
        },
        ..cancel(id, 1)
    };
    with_order(&store, 1, |_, id| Decision {
        effects: vec![PlannedEffect { mode: Mode::Ask, ..remark(id, 1) }, cancel(id, 1), remark(id, 2)],
        ..decision(Stage::ToSend)
    });
    let keys = |claimed: Vec<Claimed>| claimed.into_iter().map(|effect| effect.key).collect::<Vec<_>>();
    let id = store.read(|r| r.effects_of(OrderId(1))).unwrap()[0].id;
    assert_eq!(keys(claim(&store, NOW, 10)), ["cancel/1/1"]);
    assert!(store.write(|tx| tx.approve(id, NOW + 1)).unwrap());
    assert_eq!(keys(claim(&store, NOW + 1, 10)), ["remark/1/1"], "the change is under way, and keeps no remark");
    assert!(settle(&store, id, &done(), NOW + 2));
    assert_eq!(keys(claim(&store, NOW + 2, 10)), ["remark/1/2"]);
}

/// A message that waits for its click keeps nothing back, not even another one; nor is it kept back.
#[test]
fn a_message_to_the_buyer_waits_for_nothing() {
    let store = store();
    let letter = |id: OrderId, n: i64| PlannedEffect {
        key: format!("letter/{id}/{n}"),
        intent: Intent::TellBuyer {
            message: BuyerMessage {
                to: "jane@mail.example".into(),
                subject: "Your parcel".into(),
                body: "Hello".into(),
                about: "lost".into(),
                words: format!("parcel {n} is lost"),
                quiet: None,
            },
        },
        ..cancel(id, 1)
    };
    let asked = |effect: PlannedEffect| PlannedEffect { mode: Mode::Ask, ..effect };
    with_order(&store, 1, |_, id| Decision {
        effects: vec![asked(letter(id, 1)), cancel(id, 1), letter(id, 2)],
        ..decision(Stage::ToSend)
    });
    let mut keys = Vec::new();
    // One kind at a time.
    for _ in 0..2 {
        keys.extend(claim(&store, NOW, 10).into_iter().map(|effect| effect.key));
    }
    keys.sort();
    assert_eq!(keys, ["cancel/1/1", "letter/1/2"]);
}

/// Money is not spent on what is about to change: a label goes behind every change of its order, whenever that was decided.
#[test]
fn a_label_waits_for_later_changes_and_holds_none_up() {
    let label = |id: OrderId| PlannedEffect {
        key: format!("label/{id}"),
        intent: Intent::BuyLabel {
            label: LabelDraft {
                hub_order_id: "77".into(),
                hub_order_key: format!("q-{id}"),
                wish: LabelWish::Cheapest,
                size: ParcelSize::default(),
                currency: Currency::new("EUR"),
                most_minor: None,
                test: false,
                day_left_minor: None,
            },
        },
        ..cancel(id, 1)
    };
    for (change, mode) in [("put/1", Mode::Auto), ("put/1", Mode::Ask), ("cancel/1/2", Mode::Auto)] {
        let store = store();
        with_order(&store, 1, |order, id| {
            let second = if change.starts_with("put") { put_hub_order(order, id, mode) } else { cancel(id, 2) };
            Decision { effects: vec![label(id), second], ..decision(Stage::ToSend) }
        });
        let effects = store.read(|r| r.effects_of(OrderId(1))).unwrap();
        if mode == Mode::Ask {
            assert_eq!(claim(&store, NOW, 10), [], "the change waits for its click, and the label for it");
            assert_eq!(store.read(|r| r.next_effect_at(&hub())).unwrap(), None);
            let asked = effects.iter().find(|effect| effect.state == EffectState::Asked).unwrap().id;
            assert!(store.write(|tx| tx.approve(asked, NOW)).unwrap());
        }
        let first = claim(&store, NOW, 10);
        assert!(matches!(first.as_slice(), [only] if only.key == change), "{change}: {first:?}");
        assert_eq!(claim(&store, NOW, 10), [], "{change} is on its way");
        assert!(settle(&store, first[0].id, &done(), NOW));
        assert_eq!(claim(&store, NOW, 10)[0].key, "label/1", "{change}");
    }
}

#[test]
fn off_and_watch_send_nothing() {
    let store = store();
    with_order(&store, 1, |order, id| Decision {
        effects: vec![put_hub_order(order, id, Mode::Watch), PlannedEffect { mode: Mode::Off, ..cancel(id, 1) }],
        ..decision(Stage::ToSend)
    });
    assert_eq!(store.read(|r| r.effects_of(OrderId(1))).unwrap(), []);
}

#[test]
fn waiting_for_a_limit_spends_no_attempt_and_is_told_once() {
    let store = store();
    let order_id = sending(&store, 1, None);
    let waits = |until_ms| Settlement::Waits {
        until_ms,
        refusal: Some(Refusal::new(Cause::RateLimited, "The limit is used up.")),
        spends_attempt: false,
    };
    let mut id = None;
    for minute in 0..5 {
        let now_ms = NOW + minute * 60_000;
        let claimed = claim(&store, now_ms, 1).remove(0);
        assert_eq!(claimed.attempts, 1);
        id = Some(claimed.id);
        assert!(settle(&store, claimed.id, &waits(now_ms + 60_000), now_ms));
    }
    let row = store.read(|r| r.effect(id.unwrap())).unwrap().unwrap();
    assert_eq!((row.attempts, row.state), (0, EffectState::Pending));
    assert_eq!(row.refusal.unwrap().cause, Cause::RateLimited);
    let told: Vec<_> = store.read(|r| r.events_of(order_id)).unwrap();
    assert_eq!(told.iter().filter(|event| event.kind == "effect_waits").count(), 1);
    assert_eq!(store.read(|r| r.attempts_of(id.unwrap())).unwrap().len(), 5);
}

#[test]
fn a_lost_answer_is_looked_up_before_anything_is_sent() {
    let store = store();
    sending(&store, 1, None);
    let id = claim(&store, NOW, 1)[0].id;
    assert!(settle(&store, id, &lost(NOW + 1000), NOW + 10));
    assert_eq!(claim(&store, NOW + 5000, 1), []);
    let look = |now_ms| store.write(|tx| tx.claim_unknown(&hub(), now_ms, 5)).unwrap();
    assert_eq!(look(NOW + 999), []);
    let found = look(NOW + 1000);
    assert_eq!((found[0].id, found[0].attempts, found[0].first_sent_at_ms), (id, 1, Some(NOW)));
    assert_eq!(state(&store, id), EffectState::Unknown);
    // Not there: it goes back into the line.
    let absent = Settlement::Waits { until_ms: NOW + 1001, refusal: None, spends_attempt: true };
    assert!(settle(&store, id, &absent, NOW + 1001));
    assert_eq!(claim(&store, NOW + 1001, 1)[0].attempts, 2);
    assert!(settle(&store, id, &done(), NOW + 1002));
    let attempts = store.read(|r| r.attempts_of(id)).unwrap();
    let told: Vec<_> = attempts.iter().map(|a| (a.n, a.outcome.as_str(), a.looked, a.duration_ms)).collect();
    assert_eq!(told, [(1, "unknown", false, 120), (2, "waits", true, 120), (3, "done", false, 120)]);
}

#[test]
fn the_end_is_written_once() {
    let store = store();
    sending(&store, 1, None);
    let id = claim(&store, NOW, 1)[0].id;
    assert!(settle(&store, id, &done(), NOW + 1));
    let row = store.read(|r| r.effect(id)).unwrap().unwrap();
    assert_eq!((row.settled_at_ms, row.already), (Some(NOW + 1), false));
    assert_eq!(row.receipt.unwrap().remote_id.as_deref(), Some("77"));
    for settlement in [done(), lost(NOW), Settlement::Skipped("no".into())] {
        assert!(!settle(&store, id, &settlement, NOW + 2));
    }
    assert!(!store.write(|tx| tx.skip_effect(id, "no", NOW)).unwrap());
    assert!(!store.write(|tx| tx.retry_effect(id, NOW)).unwrap());
    assert!(!store.write(|tx| tx.settle(EffectId(999), &done(), NOW, 0)).unwrap());
    assert_eq!(store.read(|r| r.attempts_of(id)).unwrap().len(), 1);
}

#[test]
fn a_crash_leaves_the_outcome_unknown() {
    let store = store();
    let order_id = sending(&store, 1, None);
    sending(&store, 2, None);
    let id = claim(&store, NOW, 1)[0].id;
    assert_eq!(store.write(|tx| tx.recover_running(NOW + 9)).unwrap(), 1);
    assert_eq!(state(&store, id), EffectState::Unknown);
    assert_eq!(store.write(|tx| tx.recover_running(NOW + 9)).unwrap(), 0);
    assert_eq!(store.write(|tx| tx.claim_unknown(&hub(), NOW + 9, 5)).unwrap()[0].id, id);
    let events = store.read(|r| r.events_of(order_id)).unwrap();
    assert!(events[0].sentence.contains("ended before the answer came"), "{}", events[0].sentence);
}

#[test]
fn what_one_account_left_on_its_way_is_unknown_and_no_other_one_s() {
    let store = store();
    sending(&store, 1, None);
    let id = claim(&store, NOW, 1)[0].id;
    assert_eq!(store.write(|tx| tx.recover_running_of(&shop(), NOW + 9)).unwrap(), 0);
    assert_eq!(state(&store, id), EffectState::Running);
    assert_eq!(store.write(|tx| tx.recover_running_of(&hub(), NOW + 9)).unwrap(), 1);
    assert_eq!(state(&store, id), EffectState::Unknown);
}

#[test]
fn a_refused_effect_is_mended_and_tried_again() {
    let store = store();
    let order_id = sending(&store, 1, None);
    let id = claim(&store, NOW, 1)[0].id;
    let refusal = Refusal::new(Cause::AddressRefused, "Postcode 0123 is not valid.").request(Some("r-1".into()));
    assert!(settle(&store, id, &Settlement::Refused(refusal.clone()), NOW));
    assert_eq!(store.read(|r| r.effect(id)).unwrap().unwrap().refusal, Some(refusal));
    // Decisions need the moment: what changed after it is worth another try. Not settled: it may go again.
    let story = store.read(|r| r.story(order_id)).unwrap().unwrap();
    let past = story.effects.iter().find(|effect| effect.id == id).unwrap();
    assert_eq!((past.refused_at_ms, past.settled_at_ms), (Some(NOW), None));
    assert_eq!(store.read(|r| r.attempts_of(id)).unwrap()[0].request_id.as_deref(), Some("r-1"));
    let mut mended = draft(&order(1), order_id);
    mended.ship_to.postcode = "20457".into();
    let intent = Intent::PutHubOrder { order: mended, hub_order_id: None };
    assert!(store.write(|tx| tx.replace_intent(id, &intent)).unwrap());
    assert!(store.write(|tx| tx.retry_effect(id, NOW + 5)).unwrap());
    let claimed = claim(&store, NOW + 5, 1).remove(0);
    assert_eq!((claimed.id, claimed.intent), (id, intent.clone()));
    // Too late: it is on its way.
    assert!(!store.write(|tx| tx.replace_intent(id, &intent)).unwrap());
    // Never another kind.
    settle(&store, id, &Settlement::Refused(Refusal::new(Cause::HubLocked, "Locked.")), NOW);
    let other = Intent::VoidLabel { parcel_id: "label:1".into() };
    assert!(store.write(|tx| tx.replace_intent(id, &other)).is_err());
}

#[test]
fn an_exception_counts_refusals_not_looks() {
    let store = store();
    let order_id = sending(&store, 1, None);
    let look = |effect: EffectId, now_ms: i64| {
        let found = Finding { effect: Some(effect), ..finding(Cause::AddressRefused, "put", "Refused.") };
        let decided = Decision { findings: vec![found], ..decision(Stage::Sending) };
        store.write(|tx| tx.put_decision(order_id, &order(1), &decided, now_ms)).unwrap();
        store.read(|r| r.findings_of(order_id)).unwrap()[0].count
    };
    let mut counts = Vec::new();
    for round in 0..3 {
        let now_ms = NOW + round * 10;
        let id = claim(&store, now_ms, 1)[0].id;
        settle(&store, id, &Settlement::Refused(Refusal::new(Cause::AddressRefused, "No such postcode.")), now_ms);
        counts.extend([look(id, now_ms + 1), look(id, now_ms + 2)]);
        store.write(|tx| tx.retry_effect(id, now_ms + 5)).unwrap();
    }
    assert_eq!(counts, [1, 1, 2, 2, 3, 3]);
}

#[test]
fn what_the_platform_forgot_is_given_up_for_decisions_and_keeps_its_end() {
    let store = store();
    let order_id = sending(&store, 1, None);
    let id = claim(&store, NOW, 1)[0].id;
    settle(&store, id, &done(), NOW);
    let doubt = || Decision { prove: vec![id], ..decision(Stage::Packing) };
    let ask = |now_ms| store.write(|tx| tx.put_decision(order_id, &order(1), &doubt(), now_ms)).unwrap();
    let due = |now_ms| store.read(|r| r.proof_due(&hub(), now_ms)).unwrap();
    let seen_by_decisions = || store.read(|r| r.story(order_id)).unwrap().unwrap().effects[0].state;
    let known = || {
        let item = store.read(|r| r.effect_page(&EffectFilter::default(), None, 1)).unwrap().items.remove(0);
        (item.in_doubt, item.held_at_ms, item.missing)
    };
    assert_eq!((due(NOW), known()), (None, (false, None, false)));
    ask(NOW + 10);
    assert_eq!(known(), (true, None, false));
    let asked = due(NOW + 10).unwrap();
    assert_eq!(asked.id, id);
    store.write(|tx| tx.settle_proof(&asked, Proof::AskAgain(NOW + 50), "ShipStation", NOW + 11)).unwrap();
    assert_eq!((due(NOW + 20), store.read(|r| r.next_proof_at(&hub())).unwrap()), (None, Some(NOW + 50)));
    assert_eq!(seen_by_decisions(), EffectState::Done);
    // A question that was dropped has no answer: it can be asked again.
    store.write(|tx| tx.settle_proof(&asked, Proof::Dropped, "ShipStation", NOW + 12)).unwrap();
    assert_eq!((due(NOW + 1_000), known()), (None, (false, None, false)));
    ask(NOW + 13);
    assert_eq!(due(NOW + 13).map(|claimed| claimed.id), Some(id));
    store.write(|tx| tx.settle_proof(&asked, Proof::Missing, "ShipStation", NOW + 50)).unwrap();
    assert_eq!((seen_by_decisions(), known()), (EffectState::Skipped, (false, None, true)));
    store.write(|tx| tx.settle_proof(&asked, Proof::Dropped, "ShipStation", NOW + 51)).unwrap();
    assert!(known().2, "an answer stands");
    assert!(store.read(|r| r.story(order_id)).unwrap().unwrap().effects[0].is_missing());
    assert_eq!(store.read(|r| r.effect(id)).unwrap().unwrap().state, EffectState::Done);
    // Asked once: the answer stands, however often the doubt comes back.
    ask(NOW + 60);
    assert_eq!(due(NOW + 1_000), None);
    let told = store.read(|r| r.events_of(order_id)).unwrap();
    assert!(told.iter().any(|event| event.kind == "effect_missing"), "{told:?}");
    assert_eq!(store.read(|r| r.held_of(order_id)).unwrap().get(&id), None);
    // Another time it says that it has it: from then on it is known when it was seen.
    store.write(|tx| tx.settle_proof(&asked, Proof::Held, "ShipStation", NOW + 70)).unwrap();
    assert_eq!(known(), (false, Some(NOW + 70), false));
    assert_eq!(store.read(|r| r.held_of(order_id)).unwrap().get(&id), Some(&(NOW + 70)));
}

/// Given up before it was sent is not the same as answered and not there.
#[test]
fn what_a_person_gives_up_is_not_missing() {
    let store = store();
    let order_id = sending(&store, 1, None);
    let past = || store.read(|r| r.story(order_id)).unwrap().unwrap().effects.remove(0);
    let id = past().id;
    store.write(|tx| tx.skip_effect(id, "Packed by hand.", NOW)).unwrap();
    assert_eq!((past().state, past().is_missing()), (EffectState::Skipped, false));
}

/// Only the switch's own words tell of a withdrawal; a person may write what they like between quotes.
#[test]
fn what_a_lowered_mode_took_back_is_told_from_what_a_person_gave_up() {
    let cases = [
        (withdrawal("Refunds for returns", Mode::Ask, Mode::Off), true),
        (withdrawal("Labels", Mode::Auto, Mode::Watch), true),
        (NO_NEWS_NOW.to_owned(), true),
        ("given up by you".to_owned(), false),
        ("\"Refunds for returns\" was wrong".to_owned(), false),
        ("\"Labels\" was switched from DHL to UPS".to_owned(), false),
        ("Labels was switched from ask to off".to_owned(), false),
    ];
    for (why, withdrawn) in cases {
        let store = store();
        let order_id = sending(&store, 1, None);
        let past = || store.read(|r| r.story(order_id)).unwrap().unwrap().effects.remove(0);
        let PastEffect { id, withdrawn: before, .. } = past();
        assert!(!before, "{why}");
        store.write(|tx| tx.skip_effect(id, &why, NOW)).unwrap();
        assert_eq!((past().state, past().withdrawn), (EffectState::Skipped, withdrawn), "{why}");
    }
}

#[test]
fn what_was_given_up_is_never_sent() {
    let store = store();
    let order_id = sending(&store, 1, None);
    let id = store.read(|r| r.effects_of(order_id)).unwrap()[0].id;
    assert!(store.write(|tx| tx.skip_effect(id, "Packed by hand.", NOW)).unwrap());
    assert_eq!(claim(&store, NOW, 1), []);
    let row = store.read(|r| r.effect(id)).unwrap().unwrap();
    assert_eq!((row.state, row.skip_reason.as_deref()), (EffectState::Skipped, Some("Packed by hand.")));
    let event = store.read(|r| r.events_of(order_id)).unwrap().remove(0);
    assert_eq!((event.author.as_str(), event.kind.as_str()), ("person", "effect_skipped"));
}

#[test]
fn the_next_moment_is_known() {
    let store = store();
    assert_eq!(store.read(|r| r.next_effect_at(&hub())).unwrap(), None);
    sending(&store, 1, None);
    sending(&store, 2, None);
    assert_eq!(store.read(|r| r.next_effect_at(&hub())).unwrap(), Some(NOW));
    for (effect, until_ms) in claim(&store, NOW, 5).iter().zip([NOW + 50, NOW + 40]) {
        let waits = Settlement::Waits { until_ms, refusal: None, spends_attempt: false };
        settle(&store, effect.id, &waits, NOW);
    }
    assert_eq!(store.read(|r| r.next_effect_at(&hub())).unwrap(), Some(NOW + 40));
    assert_eq!(store.read(|r| r.next_effect_at(&shop())).unwrap(), None);
}

#[test]
fn a_click_goes_before_deadlines_and_says_so() {
    let store = store();
    sending(&store, 1, Some(NOW + HOUR));
    let clicked = sending(&store, 2, None);
    sending(&store, 3, Some(NOW + 2 * HOUR));
    assert_eq!(store.read(|r| r.urgent_due(&hub(), NOW)).unwrap(), None);
    store.write(|tx| tx.hurry(clicked, NOW)).unwrap();
    assert_eq!(store.read(|r| r.urgent_due(&hub(), NOW)).unwrap(), Some(EffectState::Pending));
    let claimed = claim(&store, NOW, 3);
    assert_eq!(numbers(&claimed), ["#1002", "#1001", "#1003"]);
    assert_eq!(claimed.iter().map(|effect| effect.urgent).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!(store.read(|r| r.urgent_due(&hub(), NOW)).unwrap(), None);
}

#[test]
fn a_click_lasts_until_the_platform_has_answered() {
    let store = store();
    let order_id = sending(&store, 1, None);
    let limit = Refusal::new(Cause::RateLimited, "The limit is used up.");
    let id = claim(&store, NOW, 1).remove(0).id;
    let waits = |spends_attempt, refusal| Settlement::Waits { until_ms: NOW + HOUR, refusal, spends_attempt };
    assert!(settle(&store, id, &waits(false, Some(limit.clone())), NOW));
    // What waits for its turn goes at once.
    store.write(|tx| tx.hurry(order_id, NOW + 1)).unwrap();
    assert!(claim(&store, NOW + 1, 1).remove(0).urgent);
    // Not sent at all: it is still wanted.
    assert!(settle(&store, id, &waits(false, Some(limit.clone())), NOW + 1));
    assert!(claim(&store, NOW + HOUR, 1).remove(0).urgent);
    // Lost, and looked up first.
    assert!(settle(&store, id, &lost(NOW + HOUR + 5), NOW + HOUR));
    assert_eq!(store.read(|r| r.urgent_due(&hub(), NOW + HOUR + 4)).unwrap(), None);
    assert_eq!(store.read(|r| r.urgent_due(&hub(), NOW + HOUR + 5)).unwrap(), Some(EffectState::Unknown));
    store.write(|tx| tx.hurry(order_id, NOW + HOUR)).unwrap();
    assert_eq!(store.read(|r| r.urgent_due(&hub(), NOW + HOUR + 4)).unwrap(), None, "a look is not hurried");
    assert!(settle(&store, id, &waits(true, None), NOW + HOUR + 5));
    assert!(claim(&store, NOW + 2 * HOUR, 1).remove(0).urgent, "it was not there: the click still wants it");
    // The platform said no for now: what follows is routine.
    assert!(settle(&store, id, &waits(true, Some(limit)), NOW + 2 * HOUR));
    assert!(!claim(&store, NOW + 3 * HOUR, 1).remove(0).urgent);
}

#[test]
fn a_click_on_an_order_takes_along_what_stands_before_it() {
    let store = store();
    let order_id = with_order(&store, 1, |order, id| Decision {
        effects: vec![put_hub_order(order, id, Mode::Auto), cancel(id, 1)],
        ..decision(Stage::Sending)
    });
    sending(&store, 2, Some(NOW));
    store.write(|tx| tx.hurry(order_id, NOW)).unwrap();
    let first = claim(&store, NOW, 1).remove(0);
    assert_eq!((first.key, first.urgent), (format!("put/{order_id}"), true));
    assert!(settle(&store, first.id, &done(), NOW));
    assert_eq!(claim(&store, NOW, 1).remove(0).key, format!("cancel/{order_id}/1"));
}

#[test]
fn a_clock_set_back_moves_plans_along_and_nothing_below_now() {
    let store = store();
    sending(&store, 1, None);
    sending(&store, 2, None);
    let claimed = claim(&store, NOW, 2);
    let waits = Settlement::Waits { until_ms: NOW + 60_000, refusal: None, spends_attempt: true };
    assert!(settle(&store, claimed[0].id, &waits, NOW));
    assert!(settle(&store, claimed[1].id, &lost(NOW + 45_000), NOW));
    let stream = StreamState {
        next_at_ms: NOW + 300_000,
        last_ok_at_ms: Some(NOW),
        last_try_at_ms: Some(NOW),
        ..StreamState::new(&hub(), "orders")
    };
    store.write(|tx| tx.put_stream(&stream)).unwrap();
    assert_eq!(store.read(|r| r.last_try_at(&hub())).unwrap(), Some(NOW));
    let now_ms = NOW - 6 * HOUR;
    store.write(|tx| tx.clock_set_back(&hub(), 6 * HOUR, now_ms, 45_000)).unwrap();
    let effect = |id| store.read(|r| r.effect(id)).unwrap().unwrap();
    let due = |id| effect(id).not_before_ms;
    assert_eq!((due(claimed[0].id), due(claimed[1].id)), (now_ms + 60_000, now_ms + 45_000));
    assert_eq!(effect(claimed[1].id).first_sent_at_ms, Some(now_ms), "the platform is searched from then on");
    let stream = store.read(|r| r.stream(&hub(), "orders")).unwrap().unwrap();
    assert_eq!((stream.next_at_ms, stream.last_try_at_ms), (now_ms + 300_000, Some(now_ms)));
    // A second time by mistake: nothing is due before now, and no lost answer is looked for too early.
    store.write(|tx| tx.clock_set_back(&hub(), 6 * HOUR, now_ms, 45_000)).unwrap();
    assert_eq!((due(claimed[0].id), due(claimed[1].id)), (now_ms, now_ms + 45_000));
    // Other accounts have lanes of their own.
    store.write(|tx| tx.clock_set_back(&shop(), HOUR, now_ms - HOUR, 45_000)).unwrap();
    assert_eq!(due(claimed[0].id), now_ms);
}

#[test]
fn the_end_of_an_outage_hurries_only_what_the_outage_delayed() {
    let store = store();
    for n in 1..=4 {
        sending(&store, n, None);
    }
    let claimed = claim(&store, NOW, 4);
    let refusal = |cause| Refusal::new(cause, "It did not work.");
    let waits = |cause| Settlement::Waits { until_ms: NOW + HOUR, refusal: Some(refusal(cause)), spends_attempt: true };
    let lost = Settlement::Unknown { refusal: refusal(Cause::Offline), look_at_ms: NOW + HOUR };
    assert!(settle(&store, claimed[0].id, &waits(Cause::Offline), NOW));
    assert!(settle(&store, claimed[1].id, &waits(Cause::PlatformTrouble), NOW));
    assert!(settle(&store, claimed[2].id, &lost, NOW));
    // Looked for once already, in vain.
    assert!(settle(&store, claimed[3].id, &lost, NOW));
    assert!(settle(&store, claimed[3].id, &lost, NOW + 1));
    store.write(|tx| tx.pull_forward(&hub(), NOW + 9)).unwrap();
    let due: Vec<i64> =
        claimed.iter().map(|it| store.read(|r| r.effect(it.id)).unwrap().unwrap().not_before_ms - NOW).collect();
    assert_eq!(due, [9, HOUR, HOUR, 9]);
}

#[test]
fn what_was_answered_is_kept_beside_the_try_once_for_those_that_travelled_together() {
    let store = store();
    for n in 1..=3 {
        sending(&store, n, None);
    }
    let claimed = claim(&store, NOW, 3);
    let ids: Vec<EffectId> = claimed.iter().map(|effect| effect.id).collect();
    for id in &ids {
        assert!(settle(&store, *id, &lost(NOW + 5), NOW + 1));
    }
    store.write(|tx| tx.keep_answer(&ids[..2], r#"{"n":1}"#, NOW + 1)).unwrap();
    assert!(settle(&store, ids[0], &done(), NOW + 6));
    store.write(|tx| tx.keep_answer(&ids[..1], r#"{"n":2}"#, NOW + 6)).unwrap();
    store.write(|tx| tx.keep_answer(&[], r#"{"n":3}"#, NOW + 6)).unwrap();
    let answers = |id| {
        let tries = store.read(|r| r.attempts_of(id)).unwrap();
        let kept = |n| store.read(|r| r.answer(id, n)).unwrap();
        tries.iter().map(|one| (one.has_answer, kept(one.n))).collect::<Vec<_>>()
    };
    let (one, two) = (Some(r#"{"n":1}"#.to_owned()), Some(r#"{"n":2}"#.to_owned()));
    assert_eq!(answers(ids[0]), [(true, one.clone()), (true, two)]);
    assert_eq!(answers(ids[1]), [(true, one)]);
    assert_eq!(answers(ids[2]), [(false, None)]);
    assert_eq!(store.read(|r| r.answer(ids[2], 9)).unwrap(), None);
    assert_eq!(store.read(|r| r.columns_with(&["\"n\":"])).unwrap(), ["answer.body"]);
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
}

#[test]
fn an_honest_outbox_passes_its_audit() {
    let store = store();
    let order_id = with_order(&store, 1, |order, id| Decision {
        effects: vec![put_hub_order(order, id, Mode::Auto), cancel(id, 1)],
        ..decision(Stage::Sending)
    });
    let first = claim(&store, NOW, 1).remove(0);
    assert!(settle(&store, first.id, &lost(NOW + 5), NOW + 1));
    assert!(settle(&store, first.id, &done(), NOW + 6));
    let second = claim(&store, NOW + 7, 1).remove(0);
    assert!(settle(&store, second.id, &done(), NOW + 8));
    assert_eq!(store.read(|r| r.audit_outbox()).unwrap(), Vec::<String>::new());
    // The order's number is in several places, compressed ones included; a secret nobody stored is nowhere.
    let found = store.read(|r| r.columns_with(&["#1001"])).unwrap();
    assert!(found.iter().any(|column| column == "record.body") && found.len() > 1, "{found:?}");
    assert_eq!(store.read(|r| r.columns_with(&["shpss_secret", ""])).unwrap(), Vec::<String>::new());
    assert!(order_id.0 > 0);
}
