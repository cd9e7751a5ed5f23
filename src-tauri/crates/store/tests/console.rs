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
