//! What a person arranges, what the console explains, and what it gives to whom.

use crate::house::{House, act, hub, order, shop};
use quayside_api::console::{Console, SavedView};
use quayside_api::view::{Act, ExceptionsAsk, QueueAsk, Targets, Verb};
use quayside_model::{Cause, Order, Refusal};
use std::collections::BTreeMap;

fn page(house: &House, view: &str) -> quayside_api::view::ExceptionsPage {
    house.desk.exceptions(ExceptionsAsk { view: view.into(), ..ExceptionsAsk::default() }).unwrap()
}

fn stuck(n: i64) -> Order {
    Order { ship_to: None, ..order(n) }
}

#[test]
fn an_arrangement_is_kept_by_the_profile() {
    let house = House::new();
    assert_eq!(house.desk.console().unwrap(), Console::default());
    let view = SavedView { id: "eu".into(), label: "EU".into(), text: "country:DE".into(), ..SavedView::default() };
    let kept = house.desk.put_console(Console { views: vec![view.clone()], ..Console::default() }).unwrap();
    assert_eq!((house.desk.console().unwrap(), kept.views.clone()), (kept, vec![view]));
}

#[test]
fn a_muted_cause_stays_on_the_list_and_out_of_the_numbers() {
    let house = House::new().auto();
    house.order(stuck(1));
    house.order(stuck(2));
    assert_eq!(house.desk.counts().unwrap().exceptions, 2);
    house.desk.mute_cause(Cause::AddressMissing, true, None).unwrap();
    assert_eq!(house.desk.counts().unwrap().exceptions, 0);
    assert!(page(&house, "needs_me").groups.is_empty());
    let muted = page(&house, "muted");
    assert_eq!((muted.groups[0].count, muted.counts["muted"], muted.counts["needs_me"]), (2, 2, 0));
    assert!(muted.groups[0].muted.is_some());
    assert!(house.desk.home().unwrap().by_cause.is_empty());
    let history = house.desk.history(quayside_api::view::ActivityAsk::default()).unwrap().rows;
    assert!(history.iter().any(|entry| entry.sentence == "Muted \"The address is incomplete\""), "{history:?}");
    house.desk.mute_cause(Cause::AddressMissing, false, None).unwrap();
    assert_eq!(page(&house, "needs_me").groups[0].count, 2);
    let refused = house.desk.mute_cause(Cause::Offline, true, None).unwrap_err();
    assert!(refused.sentence.contains("passes by itself"), "{refused}");
}

#[test]
fn an_entry_is_given_to_somebody_and_taken_back() {
    let house = House::new().auto();
    house.order(stuck(1));
    let entry = page(&house, "needs_me").groups[0].entries[0].id;
    let give = |to: &str| Act {
        fields: BTreeMap::from([("to".to_owned(), to.to_owned())]),
        ..act(Verb::Assign, Targets::Exceptions(vec![entry]))
    };
    let outcome = house.desk.act(give("Ben")).unwrap();
    assert_eq!((outcome.done, outcome.took.len()), (1, 1));
    let now = page(&house, "needs_me");
    assert_eq!((now.groups[0].entries[0].assignee.as_str(), now.assignees), ("Ben", vec!["Ben".to_owned()]));
    let found = house.desk.exceptions(ExceptionsAsk { text: "ben".into(), ..ExceptionsAsk::default() }).unwrap();
    assert_eq!(found.groups.len(), 1);
    assert_eq!(house.desk.act(give("Ben")).unwrap().refused[0].sentence, "Ben looks after it already.");
    house.desk.undo(&outcome.undo.unwrap()).unwrap();
    assert_eq!(page(&house, "needs_me").groups[0].entries[0].assignee, "");
    assert_eq!(
        house.desk.act(act(Verb::Assign, Targets::Exceptions(vec![entry]))).unwrap_err().field.as_deref(),
        Some("to")
    );
}

#[test]
fn a_cause_page_says_what_why_how_and_how_often() {
    let house = House::new().auto();
    house.order(stuck(1));
    let cause = house.desk.cause(Cause::AddressMissing).unwrap();
    assert_eq!((cause.days.len(), cause.days[29].opened, cause.by_itself, cause.median_min), (30, 1, 0, None));
    assert!(!cause.why.is_empty() && !cause.mend.is_empty() && cause.needs_person && cause.muted.is_none());
    // The buyer's address arrives: it mends itself, and the page says so.
    house.order(Order { updated_at_ms: order(1).updated_at_ms + 60_000, ..order(1) });
    let cause = house.desk.cause(Cause::AddressMissing).unwrap();
    assert_eq!((cause.by_itself, cause.by_person, cause.days[29].over), (1, 0, 1));
}

#[test]
fn headings_bring_the_filter_that_shows_exactly_their_orders() {
    let house = House::new().auto();
    house.order(stuck(1));
    for n in 2..=4 {
        house.order(order(n));
    }
    for by in ["store", "stage", "waits", "country", "due"] {
        let ask = QueueAsk::default();
        let headings = house.desk.queue_groups(ask.clone(), by.into()).unwrap();
        let mut sum = 0;
        for heading in headings.groups {
            sum += heading.count;
            if heading.token.is_empty() {
                continue;
            }
            let narrowed = house.desk.queue(QueueAsk { text: heading.token.clone(), ..ask.clone() }).unwrap();
            assert_eq!((narrowed.total, narrowed.hints), (heading.count, vec![]), "{by}: {}", heading.token);
        }
        assert_eq!(sum, 4, "{by}");
    }
    assert!(house.desk.queue_groups(QueueAsk::default(), "moon".into()).is_err());
}

#[test]
fn names_are_sorted_and_paged_whatever_their_letters() {
    let house = House::new();
    for (n, name) in (1..).zip(["Zoë t.1", "Åsa", "ana", "Bo. 2"]) {
        let ship_to = order(n).ship_to.map(|address| quayside_model::Address { name: name.into(), ..address });
        house.order(Order { ship_to, customer: None, ..order(n) });
    }
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let ask = QueueAsk { sort: "customer".into(), limit: 1, after, ..QueueAsk::default() };
        let page = house.desk.queue(ask).unwrap();
        names.extend(page.rows.into_iter().map(|row| row.customer));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(names, ["ana", "Bo. 2", "Zoë t.1", "Åsa"]);
}

#[test]
fn a_long_act_tells_how_far_it_is_and_names_what_it_took() {
    let house = House::new().auto();
    for n in 1..=60 {
        house.order(order(n));
    }
    let outcome = house.desk.act(act(Verb::Hold, Targets::Matching(QueueAsk::default()))).unwrap();
    assert_eq!((outcome.done, outcome.took.len()), (60, 60));
    assert!(outcome.undo.is_some());
    let said = house.progress();
    assert_eq!(said.iter().map(|progress| progress.done).collect::<Vec<_>>(), [0, 50, 60, 60]);
    assert_eq!(said.last().and_then(|last| last.ended.as_deref()), Some("done"));
}

#[test]
fn the_first_steps_look_at_what_is_true() {
    let house = House::new();
    let done = |house: &House| {
        let steps = house.desk.checklist().unwrap();
        steps.into_iter().filter(|step| step.done).map(|step| step.id).collect::<Vec<_>>()
    };
    assert_eq!(done(&house), ["store", "hub", "permissions"]);
    let refusal = Refusal::new(Cause::SignInNeeded, "ShipStation wants a new sign-in.");
    house.store.write(|tx| tx.open_condition(&hub(), &refusal, 1)).unwrap();
    assert_eq!(done(&house), ["store", "hub"]);
    let _ = shop();
}
