//! Counts, what orders hold of them, and changes that are about a count instead of an order.
#![allow(clippy::unwrap_used, clippy::redundant_closure_for_method_calls, missing_docs)]

mod support;

use quayside_model::*;
use quayside_store::*;
use support::*;

const SPAN: ShelfSpan = ShelfSpan { placed_ms: NOW, left_ms: NOW - DAY, sold_ms: NOW - 30 * DAY };

fn stock(remote_id: &str, sku: &str, available: i64) -> Stock {
    Stock {
        remote_id: remote_id.into(),
        sku: sku.into(),
        item_id: "7".into(),
        location_id: Some("1".into()),
        location_name: "Main".into(),
        available,
        on_hand: None,
        updated_at_ms: NOW,
    }
}

fn held(sku: &str, units: i64, open: i64, at: Option<ConnectionId>) -> Held {
    Held { sku: sku.into(), units, open, hub: at }
}

fn write(n: i64, available: i64) -> PlannedWrite {
    PlannedWrite {
        key: format!("c-7:1:set_stock:{n}"),
        automation: "stock".into(),
        connection: shop(),
        subject: "7:1".into(),
        name: "MUG".into(),
        intent: Intent::SetStock {
            stock: StockDraft {
                sku: "MUG".into(),
                item_id: Some("7".into()),
                location_id: Some("1".into()),
                available,
                expected: Some(9),
                moves: false,
            },
        },
        mode: Mode::Auto,
        sentence: format!("Set MUG to {available}"),
    }
}

fn decided(writes: Vec<PlannedWrite>) -> ShelfDecision {
    let truth = TruthSays {
        connection: hub(),
        place: String::new(),
        remote_id: String::new(),
        units: 10,
        read_at_ms: NOW,
        changed_at_ms: NOW,
    };
    ShelfDecision {
        writes,
        overtaken: vec![],
        read: vec![],
        agreed: vec![],
        findings: vec![],
        says: ShelfSays { sku: "MUG".into(), truth: Some(truth), ..ShelfSays::default() },
        look_again_at_ms: None,
    }
}

fn counted(store: &Store) {
    store.write(|tx| tx.put_count(&shop(), &stock("7:1", "MUG", 9), ("mug", false), NOW)).unwrap();
}

fn due(store: &Store, now_ms: i64) -> Vec<String> {
    store.read(|r| r.shelves_to_look_at(now_ms, 10)).unwrap()
}

#[test]
fn a_count_marks_its_sku_when_the_number_moves_and_only_then() {
    let store = Store::in_memory();
    connect(&store);
    counted(&store);
    assert_eq!(due(&store, NOW), ["mug"]);
    store.write(|tx| tx.put_shelf("mug", &decided(vec![]), NOW)).unwrap();
    assert_eq!(due(&store, NOW + DAY), Vec::<String>::new());
    // Read again, the same: it is known to be fresh, and nothing is to be decided.
    store.write(|tx| tx.put_count(&shop(), &stock("7:1", "MUG", 9), ("mug", false), NOW + 5)).unwrap();
    assert_eq!(due(&store, NOW + DAY), Vec::<String>::new());
    let facts = store.read(|r| r.shelf("mug", SPAN)).unwrap();
    assert_eq!((facts.counts[0].read_at_ms, facts.counts[0].changed_at_ms), (NOW + 5, NOW));
    store.write(|tx| tx.put_count(&shop(), &stock("7:1", "MUG", 8), ("mug", false), NOW + 6)).unwrap();
    assert_eq!(due(&store, NOW + DAY), ["mug"]);
    let facts = store.read(|r| r.shelf("mug", SPAN)).unwrap();
    assert_eq!((facts.counts[0].available, facts.counts[0].changed_at_ms), (8, NOW + 6));
    // Without a SKU nothing is added up.
    store.write(|tx| tx.put_count(&shop(), &stock("8:1", "", 9), ("", false), NOW)).unwrap();
    assert_eq!(due(&store, NOW + DAY), ["mug"]);
}

#[test]
fn bundles_are_found_and_what_is_said_of_a_sku_is_read_back() {
    let store = Store::in_memory();
    connect(&store);
    counted(&store);
    for (name, item) in [("8:1", "SET"), ("8:2", "SET"), ("9:1", "BOX")] {
        let sku = item.to_lowercase();
        store.write(|tx| tx.put_count(&shop(), &stock(name, item, 3), (&sku, true), NOW)).unwrap();
    }
    let mut bundles = store.read(|r| r.bundles()).unwrap();
    bundles.sort();
    assert_eq!(bundles, ["box", "set"]);
    let says = |sku: &str| store.read(|r| r.shelf_says(sku)).unwrap();
    assert_eq!((says("mug"), says("nothing")), (None, None), "it was not looked at yet, or nobody counts it");
    store.write(|tx| tx.put_shelf("mug", &decided(vec![]), NOW)).unwrap();
    assert_eq!(says("mug"), Some(decided(vec![]).says));
}

#[test]
fn what_orders_hold_is_believed_once_all_were_looked_at() {
    let store = Store::in_memory();
    connect(&store);
    counted(&store);
    store.write(|tx| tx.put_shelf("mug", &decided(vec![]), NOW)).unwrap();
    let id = store.write(|tx| Ok(tx.order_for(&shop(), &order(1), NOW)?.0)).unwrap();
    let hold = |held: Vec<Held>, now_ms: i64| {
        let decision = Decision { held: Some(held), ..decision(Stage::ToSend) };
        store.write(|tx| tx.put_decision(id, &order(1), &decision, now_ms)).unwrap();
    };
    hold(vec![held("mug", 3, 3, None)], NOW);
    assert_eq!(due(&store, NOW), ["mug"], "what an order takes asks for a look");
    assert_eq!(store.read(|r| r.shelf("mug", SPAN)).unwrap().orders, None);
    store.write(|tx| tx.held_is_whole(NOW)).unwrap();
    let known = || store.read(|r| r.shelf("mug", SPAN)).unwrap().orders.unwrap();
    let first = OrderUnits {
        connection: shop(),
        hub: None,
        placed_at_ms: order(1).placed_at_ms,
        units: 3,
        open: 3,
        left_at_ms: None,
    };
    assert_eq!(known(), std::slice::from_ref(&first));
    hold(vec![held("mug", 3, 3, Some(hub()))], NOW + 1);
    hold(vec![held("mug", 3, 3, Some(hub()))], NOW + 2);
    assert_eq!(known()[0].hub, Some((hub(), NOW + 1)), "since it came there");
    hold(vec![held("mug", 3, 1, Some(hub()))], NOW + 3);
    assert_eq!((known()[0].open, known()[0].left_at_ms), (1, Some(NOW + 3)));
    hold(vec![held("mug", 3, 0, Some(hub()))], NOW + 4);
    assert_eq!((known()[0].open, known()[0].left_at_ms), (0, Some(NOW + 4)), "lately left");
    // Nobody wants to know: what is known stays as it is.
    store.write(|tx| tx.put_decision(id, &order(1), &decision(Stage::ToSend), NOW + 5)).unwrap();
    assert_eq!((known().len(), store.read(|r| r.held_whole_ms()).unwrap()), (1, Some(NOW)));
    hold(vec![], NOW + 5);
    assert_eq!(known(), vec![], "cancelled: nothing is held");
}

/// A new order costs nothing for counts nobody wants: not a row, and not a SKU that is looked at.
#[test]
fn what_nobody_wants_to_know_is_not_written() {
    let store = Store::in_memory();
    connect(&store);
    counted(&store);
    store.write(|tx| tx.put_shelf("mug", &decided(vec![]), NOW)).unwrap();
    let mut foreseen = decision(Stage::ToSend).into();
    store
        .write(|tx| {
            let id = tx.next_order_id()?;
            tx.enter(id, &shop(), &order(1), &mut foreseen, NOW)?;
            tx.carry_out_first(id, &foreseen, NOW)
        })
        .unwrap();
    assert_eq!(due(&store, NOW + DAY), Vec::<String>::new());
    assert_eq!(store.read(|r| r.orders_without_share((0, OrderId(0)), 9)).unwrap().len(), 1);
}

#[test]
fn orders_of_which_nothing_is_kept_are_found_by_when_they_were_placed() {
    let store = Store::in_memory();
    connect(&store);
    let ids: Vec<OrderId> =
        (1..=4).map(|n| store.write(|tx| Ok(tx.order_for(&shop(), &order(n), NOW)?.0)).unwrap()).collect();
    let placed = |n: i64| order(n).placed_at_ms;
    let from = |after: (i64, OrderId), limit| store.read(|r| r.orders_without_share(after, limit)).unwrap();
    assert_eq!(from((placed(2), OrderId(0)), 2), [(placed(2), ids[1]), (placed(3), ids[2])]);
    assert_eq!(from((placed(3), ids[2]), 2), [(placed(4), ids[3])]);
    store.write(|tx| tx.put_held(ids[3], &[held("mug", 1, 0, None)], NOW)).unwrap();
    assert_eq!(from((placed(3), ids[2]), 2), []);
    store.write(|tx| tx.held_is_whole(NOW)).unwrap();
    // Switched off, or on again: it begins from the beginning.
    store.write(|tx| tx.forget_held()).unwrap();
    assert_eq!((from((0, OrderId(0)), 9).len(), store.read(|r| r.held_whole_ms()).unwrap()), (4, None));
}

fn refused_with(about: &str, sentence: &str, effect: Option<EffectId>) -> (ConnectionId, Finding) {
    let (about, sentence) = (about.to_owned(), sentence.to_owned());
    (shop(), Finding { cause: Cause::ContentRefused, about, sentence, said: None, effect, since_ms: Some(NOW - 5) })
}

#[test]
fn what_is_wrong_with_a_count_stands_on_the_list_until_it_is_over() {
    let store = Store::in_memory();
    connect(&store);
    counted(&store);
    store.write(|tx| tx.put_shelf("mug", &decided(vec![write(0, 10)]), NOW)).unwrap();
    let change = Some(store.read(|r| r.effect_page(&EffectFilter::default(), None, 1)).unwrap().items[0].id);
    let found = |findings: Vec<(ConnectionId, Finding)>, now_ms: i64| {
        let decision = ShelfDecision { findings, ..decided(vec![]) };
        store.write(|tx| tx.put_shelf("mug", &decision, now_ms)).unwrap();
    };
    let open = || -> Vec<FindingRow> {
        let page = store.read(|r| r.exception_page(&ExceptionFilter::default(), None, 9)).unwrap();
        page.items.into_iter().map(|item| item.finding).collect()
    };
    found(vec![refused_with("7:1", "No such item.", change)], NOW);
    let first = open();
    assert_eq!((first.len(), first[0].order_id, first[0].connection.as_ref()), (1, None, Some(&shop())));
    assert_eq!((first[0].effect_id, first[0].opened_at_ms), (change, NOW - 5));
    // Seen again, it is the same one; an order's exceptions and the account's own conditions are others.
    found(vec![refused_with("7:1", "No such item.", change)], NOW + 1);
    assert_eq!((open().len(), open()[0].id), (1, first[0].id));
    assert_eq!(store.read(|r| r.conditions(&shop())).unwrap(), []);
    found(vec![], NOW + 2);
    assert_eq!(open(), []);
    // Settled by a person it stays away while it is the same change and says the same.
    found(vec![refused_with("7:1", "No such item.", change)], NOW + 3);
    let listed = open()[0].id;
    assert!(store.write(|tx| tx.resolve_finding(listed, NOW + 4)).unwrap());
    found(vec![refused_with("7:1", "No such item.", change)], NOW + 5);
    assert_eq!(open(), []);
    found(vec![refused_with("7:1", "No such place.", change)], NOW + 6);
    assert_eq!(open().len(), 1);
    // A count that is gone takes along what was wrong with it, and what was to be changed.
    store.write(|tx| tx.forget_count(&shop(), "7:1", NOW + 7)).unwrap();
    assert_eq!((open(), due(&store, NOW + 7)), (vec![], vec!["mug".to_owned()]));
    let page = store.read(|r| r.effect_page(&EffectFilter::default(), None, 9)).unwrap();
    assert_eq!(page.items.iter().map(|item| item.state).collect::<Vec<_>>(), [EffectState::Skipped]);
    assert_eq!(store.read(|r| r.shelf("mug", SPAN)).unwrap().counts, []);
}

/// Else a count that was read "tomorrow" would be taken for one that was read after whatever is written to it.
#[test]
fn a_clock_that_was_set_back_takes_readings_along() {
    let store = Store::in_memory();
    connect(&store);
    counted(&store);
    store.write(|tx| tx.count_not_read(&shop(), "7:1", Some(NOW + 60_000))).unwrap();
    store.write(|tx| tx.clock_set_back(&shop(), HOUR, NOW - HOUR, 0)).unwrap();
    let facts = store.read(|r| r.shelf("mug", SPAN)).unwrap();
    assert_eq!((facts.counts[0].read_at_ms, facts.counts[0].changed_at_ms), (NOW - HOUR, NOW - HOUR));
    assert_eq!(store.read(|r| r.next_count_at(&shop())).unwrap(), Some(NOW + 60_000 - HOUR));
}

#[test]
fn a_change_of_a_count_goes_through_the_outbox_one_at_a_time() {
    let store = Store::in_memory();
    connect(&store);
    counted(&store);
    let done = store.write(|tx| tx.put_shelf("mug", &decided(vec![write(0, 10)]), NOW)).unwrap();
    assert_eq!(done.planned, 1);
    // The same decision again changes nothing; another change of the same count is refused by the database itself.
    assert_eq!(store.write(|tx| tx.put_shelf("mug", &decided(vec![write(0, 10)]), NOW)).unwrap().planned, 0);
    assert!(store.write(|tx| tx.put_shelf("mug", &decided(vec![write(1, 11)]), NOW)).is_err());
    let page = store.read(|r| r.effect_page(&EffectFilter::default(), None, 10)).unwrap();
    assert_eq!((page.items.len(), page.items[0].order_id, page.items[0].order_number.as_str()), (1, None, "MUG"));
    // Overtaken first, its successor may come.
    let successor = ShelfDecision {
        overtaken: vec![(page.items[0].id, "the count changed".into())],
        ..decided(vec![write(1, 11)])
    };
    assert_eq!(store.write(|tx| tx.put_shelf("mug", &successor, NOW)).unwrap().planned, 1);
    let claimed = store.write(|tx| tx.claim(&shop(), NOW, &|_| 1)).unwrap();
    assert_eq!((claimed[0].order_id, claimed[0].subject.as_deref()), (None, Some("7:1")));
    assert_eq!(store.read(|r| r.shelf("mug", SPAN)).unwrap().writes[0].state, EffectState::Running);
    // A program that ends in the middle asks first, as with orders.
    assert_eq!(store.write(|tx| tx.recover_running(NOW)).unwrap(), 1);
    let asked = store.write(|tx| tx.claim_unknown(&shop(), NOW, 1)).unwrap();
    assert_eq!(asked.len(), 1);
    let held = Settlement::Done { receipt: Receipt::default(), already: true };
    assert!(store.write(|tx| tx.settle(asked[0].id, &held, NOW + 9, 1)).unwrap());
    let facts = store.read(|r| r.shelf("mug", SPAN)).unwrap();
    // What the program took back is as if it had never been; keys go on counting.
    assert_eq!(facts.writes.iter().map(|write| write.state).collect::<Vec<_>>(), [EffectState::Done]);
    assert_eq!((facts.writes[0].settled_at_ms, facts.planned[0].2), (Some(NOW + 9), 2));
    assert_eq!(store.read(|r| r.audit_outbox()).unwrap(), Vec::<String>::new());
}

#[test]
fn a_change_given_up_by_a_person_is_remembered_until_the_next() {
    let store = Store::in_memory();
    connect(&store);
    counted(&store);
    store.write(|tx| tx.put_shelf("mug", &decided(vec![write(0, 10)]), NOW)).unwrap();
    let id = store.read(|r| r.effect_page(&EffectFilter::default(), None, 1)).unwrap().items[0].id;
    assert!(store.write(|tx| tx.skip_effect(id, "given up by you", NOW)).unwrap());
    let states = || -> Vec<EffectState> {
        let facts = store.read(|r| r.shelf("mug", SPAN)).unwrap();
        facts.writes.iter().map(|write| write.state).collect()
    };
    assert_eq!(states(), [EffectState::Skipped]);
    store.write(|tx| tx.put_shelf("mug", &decided(vec![write(1, 12)]), NOW)).unwrap();
    assert_eq!(states(), [EffectState::Pending]);
}

#[test]
fn a_count_is_read_by_name_once_somebody_waits_for_it() {
    let store = Store::in_memory();
    connect(&store);
    counted(&store);
    let wants = ShelfDecision { read: vec![(shop(), "7:1".into())], ..decided(vec![]) };
    assert!(store.write(|tx| tx.put_shelf("mug", &wants, NOW)).unwrap().reads);
    assert_eq!(store.read(|r| r.count_due(&shop(), NOW)).unwrap().as_deref(), Some("7:1"));
    store.write(|tx| tx.count_not_read(&shop(), "7:1", Some(NOW + 60))).unwrap();
    // Asking again brings nothing forward.
    store.write(|tx| tx.put_shelf("mug", &wants, NOW + 1)).unwrap();
    assert_eq!(store.read(|r| r.next_count_at(&shop())).unwrap(), Some(NOW + 60));
    store.write(|tx| tx.put_count(&shop(), &stock("7:1", "MUG", 9), ("mug", false), NOW + 2)).unwrap();
    assert_eq!(store.read(|r| r.next_count_at(&shop())).unwrap(), None);
    assert_eq!(due(&store, NOW + 2), ["mug"], "whoever waited for it decides anew");
}

#[test]
fn the_screen_pages_and_searches() {
    let store = Store::in_memory();
    connect(&store);
    store
        .write(|tx| {
            for n in 0..5 {
                let sku = format!("MUG-{n}");
                let name = format!("{n}:1");
                tx.put_count(&shop(), &stock(&name, &sku, n), (&sku.to_lowercase(), false), NOW)?;
            }
            let mut warned = decided(vec![]);
            warned.says.warning =
                Some(ShelfWarning { code: "low".into(), sentence: "Low.".into(), tone: Tone::Warning });
            assert!(tx.put_shelf("mug-3", &warned, NOW)?.warned);
            assert!(!tx.put_shelf("mug-3", &warned, NOW)?.warned, "told once");
            Ok(())
        })
        .unwrap();
    let page = |part, text: &str, after: Option<&str>| {
        let page = store.read(|r| r.shelf_page(part, text, after, 2)).unwrap();
        (page.rows.into_iter().map(|(sku, _)| sku).collect::<Vec<_>>(), page.next)
    };
    assert_eq!(page(ShelfPart::All, "", None), (vec!["mug-0".into(), "mug-1".into()], Some("mug-1".into())));
    assert_eq!(page(ShelfPart::All, "", Some("mug-3")), (vec!["mug-4".into()], None));
    assert_eq!(page(ShelfPart::All, " G-2", None), (vec!["mug-2".into()], None));
    assert_eq!(page(ShelfPart::Warned, "", None), (vec!["mug-3".into()], None));
    assert_eq!(store.read(|r| r.shelf_counts()).unwrap(), (5, 0, 1));
}
