//! What the console asks beyond the work itself: groups, names in order, who looks after what, trends.
#![allow(clippy::unwrap_used, clippy::redundant_closure_for_method_calls, missing_docs)]

mod support;

use quayside_model::*;
use quayside_store::*;
use support::*;

fn place(store: &Store, n: i64, name: &str, country: &str, stage: Stage) -> OrderId {
    let base = order(n);
    let ship_to = base.ship_to.clone().map(|address| Address { name: name.into(), country: country.into(), ..address });
    let order = Order { ship_to, customer: None, ..base };
    store
        .write(|tx| {
            let id = enter(tx, &order);
            tx.put_decision(id, &order, &Decision { waits_on: waits(stage.code()), ..decision(stage) }, NOW)?;
            Ok(id)
        })
        .unwrap()
}

fn names(store: &Store, descending: bool) -> Vec<String> {
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let sort = Sort { by: SortBy::Customer, descending };
        let page = store.read(|r| r.queue_page(&QueueFilter::default(), sort, after, 2)).unwrap();
        names.extend(page.rows.into_iter().map(|row| row.customer));
        after = page.next;
        if after.is_none() {
            return names;
        }
    }
}

/// Nine orders of two stores, some with a deadline: ties in every column.
fn two_stores() -> Store {
    let store = store();
    store.write(|tx| tx.put_connection(&account(&second(), "shopify", "2"))).unwrap();
    let stages = [Stage::Telling, Stage::ToSend, Stage::Held, Stage::Packing, Stage::Sending, Stage::Unpaid];
    for n in 1..=9_i64 {
        let base = order(n);
        let country = ["PT", "DE", "FR"][n as usize % 3];
        let ship_to = base.ship_to.clone().map(|address| Address { country: country.into(), ..address });
        let order = Order { ship_to, ..base };
        store
            .write(|tx| {
                let from = if n % 2 == 0 { second() } else { shop() };
                tx.put_record(&from, &incoming(&order), NOW)?;
                let id = tx.order_for(&from, &order, NOW)?.0;
                let stage = stages[n as usize % stages.len()];
                let ship_by_ms = (n > 3).then_some(NOW - n / 2 * DAY);
                tx.put_decision(id, &order, &Decision { ship_by_ms, ..decision(stage) }, NOW)
            })
            .unwrap();
    }
    store
}

fn second() -> ConnectionId {
    ConnectionId("another-shop".into())
}

#[test]
fn stores_countries_and_stages_stand_together_and_what_leaves_first_on_top_within_each() {
    let store = two_stores();
    let rows = |by: SortBy| {
        let sort = Sort { by, descending: false };
        store.read(|r| r.queue_page(&QueueFilter::default(), sort, None, 100)).unwrap().rows
    };
    let groups = |by: SortBy, group: &dyn Fn(&QueueRow) -> String| {
        let rows = rows(by);
        let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
        for row in &rows {
            let group = group(row);
            match groups.last_mut().filter(|last| last.0 == group) {
                Some(last) => last.1.push(&row.number),
                None => groups.push((group, vec![&row.number])),
            }
        }
        groups.into_iter().map(|(group, numbers)| format!("{group} {}", numbers.join(" "))).collect::<Vec<_>>()
    };
    assert_eq!(
        groups(SortBy::Store, &|row| row.connection.to_string()),
        ["another-shop #1008 #1006 #1004 #1002", "harbour-goods #1009 #1007 #1005 #1001 #1003"]
    );
    assert_eq!(
        groups(SortBy::Country, &|row| row.country.clone()),
        ["DE #1007 #1004 #1001", "FR #1008 #1005 #1002", "PT #1009 #1006 #1003"]
    );
    // As orders go, not by their letters.
    assert_eq!(
        groups(SortBy::Stage, &|row| row.stage.code().to_owned()),
        [
            "unpaid #1005",
            "to_send #1007 #1001",
            "sending #1004",
            "packing #1009 #1003",
            "held #1008 #1002",
            "telling #1006"
        ]
    );
}

#[test]
fn any_place_of_the_queue_is_one_question_away_and_says_how_it_is_read_again() {
    let store = two_stores();
    let tagged = QueueFilter { tag: order(1).tags.first().cloned(), ..QueueFilter::default() };
    let filters = [
        QueueFilter::default(),
        QueueFilter { scope: Scope::All, ..QueueFilter::default() },
        QueueFilter { connections: vec![second()], ..QueueFilter::default() },
        QueueFilter { due_before_ms: Some(NOW - 2 * DAY), ..QueueFilter::default() },
        QueueFilter { paid: Some(true), ..QueueFilter::default() },
        QueueFilter { text: "hg".into(), ..QueueFilter::default() },
        tagged,
    ];
    for (filter, by) in filters.iter().flat_map(|filter| SortBy::ALL.map(|by| (filter, by))) {
        for descending in [false, true] {
            let sort = Sort { by, descending };
            let ids = |rows: &[QueueRow]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
            let read = |place: Place, limit| store.read(|r| r.queue_page(filter, sort, place, limit)).unwrap();
            let whole = ids(&read(Place::default(), 100).rows);
            assert!(whole.len() > 2, "{filter:?}");
            let keys: Vec<Option<QueueKey>> =
                std::iter::once(None).chain((1..whole.len()).map(|n| read(Place::default(), n).next)).collect();
            for (passed, after) in keys.into_iter().enumerate() {
                // A key means its row, whichever way one goes on from it.
                if let Some(key) = after.clone() {
                    let turned = Sort { by, descending: !descending };
                    let back = store.read(|r| r.queue_page(filter, turned, Some(key), 2)).unwrap();
                    let expected: Vec<OrderId> = whole[..passed - 1].iter().rev().take(2).copied().collect();
                    assert_eq!(ids(&back.rows), expected, "{by:?} {descending} {filter:?}: back from {passed}");
                }
                for skip in 0..whole.len() - passed + 2 {
                    let told = format!("{by:?} {descending} {filter:?}: {skip} behind {passed}");
                    let page = read(Place { after: after.clone(), skip }, 2);
                    let expected: Vec<OrderId> = whole.iter().skip(passed + skip).take(2).copied().collect();
                    assert_eq!(ids(&page.rows), expected, "{told}");
                    assert_eq!(page.next.is_some(), passed + skip + 2 < whole.len(), "{told}");
                    if !expected.is_empty() {
                        let again = read(page.start.clone().into(), 2);
                        assert_eq!((ids(&again.rows), again.next), (expected, page.next), "{told}");
                    }
                }
            }
        }
    }
}

#[test]
fn customers_stand_in_the_order_of_their_names_page_by_page() {
    let store = store();
    for (n, name) in (1..).zip(["Katharina Weber", "bo Lind", "Katharina Abel", "Bo Lind", "Ana Ruiz"]) {
        place(&store, n, name, "DE", Stage::Packing);
    }
    assert_eq!(names(&store, false), ["Ana Ruiz", "bo Lind", "Bo Lind", "Katharina Abel", "Katharina Weber"]);
    assert_eq!(names(&store, true), ["Katharina Weber", "Katharina Abel", "Bo Lind", "bo Lind", "Ana Ruiz"]);
}

#[test]
fn groups_hold_exactly_the_orders_that_match() {
    let store = store();
    place(&store, 1, "A", "DE", Stage::Packing);
    place(&store, 2, "B", "DE", Stage::Held);
    place(&store, 3, "C", "FR", Stage::Packing);
    place(&store, 4, "D", "FR", Stage::Shipped);
    let group = |filter: &QueueFilter, by: GroupBy| store.read(|r| r.queue_groups(filter, by)).unwrap().groups;
    let open = QueueFilter::default();
    let some = |pairs: &[(&str, u64)]| pairs.iter().map(|(key, n)| ((*key).to_owned(), *n)).collect::<Vec<_>>();
    assert_eq!(group(&open, GroupBy::Stage), some(&[("packing", 2), ("held", 1)]));
    assert_eq!(group(&open, GroupBy::Country), some(&[("DE", 2), ("FR", 1)]));
    assert_eq!(group(&open, GroupBy::Store).iter().map(|(_, n)| n).sum::<u64>(), 3);
    // A filter no tally knows goes through the rows and says the same.
    let typed = QueueFilter { country: Some("DE".into()), ..QueueFilter::default() };
    assert_eq!(group(&typed, GroupBy::Stage), some(&[("held", 1), ("packing", 1)]));
    assert_eq!(group(&QueueFilter { text: "nobody".into(), ..open }, GroupBy::Waits), some(&[]));
}

#[test]
fn an_exception_is_given_to_somebody_and_ends_as_an_episode() {
    let store = store();
    let refusal = Refusal::new(Cause::SignInNeeded, "The key ended.");
    store.write(|tx| tx.open_condition(&shop(), &refusal, NOW)).unwrap();
    let id = store.read(|r| r.conditions(&shop())).unwrap()[0].id;
    assert_eq!(store.write(|tx| tx.assign_finding(id, "Ben")).unwrap(), Some(String::new()));
    assert_eq!(store.write(|tx| tx.assign_finding(id, "Mia")).unwrap().as_deref(), Some("Ben"));
    assert_eq!(store.read(|r| r.assignees()).unwrap(), ["Mia"]);
    assert_eq!(store.read(|r| r.finding(id)).unwrap().unwrap().assignee, "Mia");
    let lasting = Episode { opened_at_ms: NOW, over_at_ms: None, by_itself: false };
    assert_eq!(store.read(|r| r.findings_since(None, NOW - HOUR)).unwrap(), [lasting]);
    assert_eq!(store.read(|r| r.findings_since(None, NOW + 1)).unwrap(), []);
    store.write(|tx| tx.close_conditions(&shop(), NOW + HOUR)).unwrap();
    let over = Episode { opened_at_ms: NOW, over_at_ms: Some(NOW + HOUR), by_itself: true };
    assert_eq!(store.read(|r| r.findings_since(Some(Cause::SignInNeeded), NOW + 1)).unwrap(), [over]);
    assert_eq!(store.read(|r| r.findings_since(Some(Cause::Offline), NOW + 1)).unwrap(), []);
    assert_eq!(store.write(|tx| tx.assign_finding(id, "Ben")).unwrap(), None, "what is over is nobody's");
    assert_eq!(store.read(|r| r.assignees()).unwrap(), Vec::<String>::new());
}

#[test]
fn orders_are_counted_by_the_quarter_of_an_hour_in_which_they_were_placed() {
    let store = store();
    store.write(|tx| tx.put_connection(&account(&second(), "shopify", "2"))).unwrap();
    for (n, placed_at_ms) in [(1, 0), (2, 899_999), (3, 900_000), (4, 2_000_000)] {
        let order = Order { placed_at_ms, ..order(n) };
        store.write(|tx| tx.order_for(&shop(), &order, NOW)).unwrap();
    }
    // Newest first, of one account, no further back than asked.
    let newest = |of: &ConnectionId, from_ms, most| -> Vec<i64> {
        let ids = store.read(|r| r.newest_orders_of(of, from_ms, most)).unwrap();
        ids.into_iter().map(|id| id.0).collect()
    };
    let (all, last) = (newest(&shop(), 0, 10), newest(&shop(), 0, 2));
    assert_eq!((all.len(), last.as_slice()), (4, &all[..2]));
    assert!(all.is_sorted_by(|a, b| a > b), "{all:?}");
    assert_eq!(newest(&shop(), 900_000, 10), last);
    assert_eq!(newest(&second(), 0, 10), Vec::<i64>::new());
    let counted = |of: &ConnectionId, from_ms, to_ms| store.read(|r| r.orders_by_quarter(of, from_ms, to_ms)).unwrap();
    assert_eq!(counted(&shop(), 0, 2_000_000), [(0, 2, 899_999), (1, 1, 900_000)]);
    assert_eq!(counted(&shop(), 900_000, 2_000_001), [(1, 1, 900_000), (2, 1, 2_000_000)]);
    assert_eq!(counted(&second(), 0, 2_000_001), []);
}
