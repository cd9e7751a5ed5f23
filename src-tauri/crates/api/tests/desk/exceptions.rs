//! The exceptions screen.

use crate::house::{House, NOW, act, hub, order, outlet, shop};
use quayside_api::view::{ExceptionsAsk, Targets, Verb};
use quayside_model::cause::Action;
use quayside_model::{AccountFinding, AccountFindings, Cause, ConnectionId, Order, RecordKind, Refusal, Unreadable};
use quayside_store::StreamState;

fn page(house: &House, view: &str) -> quayside_api::view::ExceptionsPage {
    house.desk.exceptions(ExceptionsAsk { view: view.into(), ..ExceptionsAsk::default() }).unwrap()
}

#[test]
fn groups_come_with_count_value_help_and_buttons() {
    let house = House::new().auto();
    for n in 1..=3 {
        house.order(Order { ship_to: None, ..order(n) });
    }
    house.order(order(4));
    house.refuse(&hub(), Cause::UnknownSku, "ShipStation does not know SKU HG-LAMP-S.", "HG-LAMP-S");
    let page = page(&house, "needs_me");
    let groups: Vec<(Cause, i64, &str)> =
        page.groups.iter().map(|group| (group.cause, group.count, group.summary.as_str())).collect();
    assert_eq!(groups, [(Cause::AddressMissing, 3, "Harbour Goods"), (Cause::UnknownSku, 1, "HG-LAMP-S (1)")]);
    let group = &page.groups[0];
    assert_eq!((group.value.clone(), group.actions[0]), (vec![("EUR".to_owned(), 3 * 4190)], Action::EditAndRetry));
    assert_eq!(group.entries[0].order.as_ref().unwrap().store, "Harbour Goods");
    assert_eq!(page.counts["needs_me"], 4);
    assert!(page.checked.contains("4 open orders"), "{}", page.checked);
    // The platform's own words and the effect's buttons.
    let sku = &page.groups[1].entries[0];
    assert_eq!(sku.said.as_deref(), Some("nope"));
    assert!(sku.effect.is_some() && sku.actions.contains(&Action::Retry));
}

/// Where single entries can be tried again, so can all of their cause.
#[test]
fn a_cause_offers_what_its_entries_offer() {
    let house = House::new().auto();
    for n in 1..=2 {
        house.order(Order { ship_to: None, ..order(n) });
    }
    let page = page(&house, "needs_me");
    let group = &page.groups[0];
    assert!(group.entries.iter().all(|entry| entry.actions.contains(&Action::Retry)));
    assert_eq!(group.actions, [Action::EditAndRetry, Action::OpenChannel, Action::Retry]);
    assert_eq!(group.entries[0].help, group.help, "what to do goes with each entry");
    let again = house.desk.act(act(Verb::Retry, Targets::Cause(group.cause))).unwrap();
    assert_eq!(again.done + again.refused.len() as i64, group.count);

    // An account's trouble is retried where its table says so, and nowhere else.
    let condition = |cause| Refusal::new(cause, "Something is wrong with Harbour Goods.");
    house.store.write(|tx| tx.open_condition(&shop(), &condition(Cause::ClockWrong), 1)).unwrap();
    let group = page_of(&house, Cause::ClockWrong);
    assert!(!group.actions.contains(&Action::Retry), "{:?}", group.actions);
}

fn page_of(house: &House, cause: Cause) -> quayside_api::view::ExceptionGroup {
    page(house, "needs_me").groups.into_iter().find(|group| group.cause == cause).unwrap()
}

#[test]
fn what_passes_by_itself_is_nobodys_job() {
    let house = House::new();
    house
        .store
        .write(|tx| tx.open_condition(&shop(), &Refusal::new(Cause::Offline, "Harbour Goods cannot be reached."), 1))
        .unwrap();
    house
        .store
        .write(|tx| {
            tx.open_condition(&hub(), &Refusal::new(Cause::SignInNeeded, "ShipStation wants a new sign-in."), 1)
        })
        .unwrap();
    assert_eq!(
        page(&house, "needs_me").groups.iter().map(|group| group.cause).collect::<Vec<_>>(),
        [Cause::SignInNeeded]
    );
    let waiting = page(&house, "waiting");
    assert_eq!(waiting.groups[0].cause, Cause::Offline);
    assert_eq!(waiting.groups[0].entries[0].connection, Some(shop()));
    assert!(waiting.checked.contains("Not checkable now: Harbour Goods and Harbour Shipping."), "{}", waiting.checked);
}

#[test]
fn where_nothing_can_be_reached_it_is_the_computer_once() {
    let house = House::new();
    let lost = |id: &ConnectionId, at_ms: i64| {
        let refusal = Refusal::new(Cause::Offline, format!("{id} could not be reached."));
        house.store.write(|tx| tx.open_condition(id, &refusal, at_ms)).unwrap();
    };
    lost(&shop(), NOW - 9);
    lost(&hub(), NOW - 5);
    // The outlet was read before that and not tried since: it does not speak against it.
    let read = |at_ms| StreamState { last_ok_at_ms: Some(at_ms), ..StreamState::new(&outlet(), "orders") };
    house.store.write(|tx| tx.put_stream(&read(NOW - 60_000))).unwrap();
    let waiting = page(&house, "waiting");
    assert_eq!(waiting.counts["waiting"], 1);
    let group = &waiting.groups[0];
    assert_eq!((group.title.as_str(), group.count, group.entries.len()), ("This computer is offline", 1, 1));
    assert_eq!((group.summary.as_str(), group.entries[0].title.as_str()), ("2 accounts", "This computer is offline"));
    assert!(group.entries[0].sentence.starts_with("This computer is offline: none of the 2 accounts"));
    assert_eq!(group.entries[0].connection, None, "it is no account's own");
    let cards = house.desk.activity().unwrap();
    for card in cards.iter().filter(|card| card.id != outlet()) {
        assert!(card.sentence.starts_with("This computer is offline"), "{}", card.sentence);
    }
    // The outlet answers: then it is the two platforms.
    house.store.write(|tx| tx.put_stream(&read(NOW - 1))).unwrap();
    let waiting = page(&house, "waiting");
    assert_eq!((waiting.counts["waiting"], waiting.groups[0].entries.len()), (2, 2));
    assert_eq!(waiting.groups[0].title, "A platform cannot be reached");
}

#[test]
fn a_record_nobody_can_read_is_one_entry_with_a_way_out() {
    let house = House::new();
    let broken = Unreadable {
        remote_id: "7".into(),
        number: Some("#7".into()),
        why: "lines[3].quantity: not a number".into(),
        raw: "{\"id\":7}".into(),
    };
    house.store.write(|tx| tx.set_aside(&shop(), RecordKind::Order, &broken, 1)).unwrap();
    let page = page(&house, "needs_me");
    assert_eq!(page.groups[0].cause, Cause::Unreadable);
    let entry = &page.groups[0].entries[0];
    assert!(entry.sentence.contains("lines[3].quantity"), "{}", entry.sentence);
    assert_eq!(house.desk.raw_answer(&shop(), "order", "7").unwrap(), "{\n  \"id\": 7\n}");
    let settled = house.desk.act(act(Verb::Resolve, Targets::Exceptions(vec![entry.id]))).unwrap();
    assert_eq!(settled.done, 1);
}

/// A report, a list or a row without an id is no record that could be read again: its reader says when it is well.
#[test]
fn the_trouble_of_a_list_ends_with_a_good_one_and_no_other_does() {
    let house = House::new();
    for id in ["report:returns", "report:products"] {
        let broken = Unreadable { remote_id: id.into(), number: None, why: "no columns".into(), raw: "null".into() };
        house.store.write(|tx| tx.set_aside(&shop(), RecordKind::Return, &broken, 1)).unwrap();
    }
    let policy = house.store.read(quayside_engine::policy::load).unwrap();
    let good = quayside_model::Page {
        records: vec![],
        unreadable: vec![],
        mended: vec!["report:returns".into(), "never told".into()],
        cursor: serde_json::Value::Null,
        next: None,
        total: None,
        findings: None,
        asked: true,
    };
    quayside_engine::ingest(&house.store, &policy, &shop(), RecordKind::Return, &good, None, NOW).unwrap();
    let left = page(&house, "needs_me");
    assert_eq!(left.groups[0].entries.len(), 1);
    assert!(left.groups[0].entries[0].sentence.contains("report:products"));
    let resolved = page(&house, "resolved");
    assert_eq!(resolved.groups[0].entries[0].resolved_by.as_deref(), Some("itself"));
}

#[test]
fn one_cause_or_some_words_narrow_the_list() {
    let house = House::new().auto();
    for n in 1..=25 {
        house.order(Order { ship_to: None, ..order(n) });
    }
    assert_eq!(page(&house, "").groups[0].entries.len(), 20);
    let all = house
        .desk
        .exceptions(ExceptionsAsk { cause: Some(Cause::AddressMissing), ..ExceptionsAsk::default() })
        .unwrap();
    assert_eq!((all.groups[0].entries.len(), all.groups[0].count), (25, 25));
    let found = house.desk.exceptions(ExceptionsAsk { text: "#7 ".into(), ..ExceptionsAsk::default() }).unwrap();
    assert_eq!((found.groups.len(), found.groups[0].count), (1, 1));
    assert!(
        house
            .desk
            .exceptions(ExceptionsAsk { view: "mine".into(), ..ExceptionsAsk::default() })
            .unwrap_err()
            .sentence
            .contains("needs_me")
    );
}

#[test]
fn what_mended_itself_is_counted_and_kept() {
    let house = House::new().auto();
    house.order(Order { ship_to: None, ..order(1) });
    house.order(Order { updated_at_ms: NOW + 1, ..order(1) });
    let resolved = page(&house, "resolved");
    assert_eq!((resolved.mended_today, resolved.groups.len()), (1, 1));
    let entry = &resolved.groups[0].entries[0];
    assert_eq!((entry.resolved_by.as_deref(), entry.actions.len()), (Some("itself"), 0));
}

/// Whatever the cause: a refused change can be tried again or given up, and pages are offered where there are any, by name.
#[test]
fn buttons_follow_from_what_the_order_has() {
    let house = House::new().auto();
    let id = house.order(Order { admin_url: Some("https://admin.example.com/orders/1".into()), ..order(1) });
    house.refuse(&hub(), Cause::HubLocked, "It was shipped there already.", "");
    let entry = |id| house.desk.order(id).unwrap().exceptions.into_iter().next().unwrap();
    let locked = entry(id);
    assert_eq!(locked.cause, Cause::HubLocked);
    for action in [Action::Retry, Action::Skip, Action::OpenChannel, Action::Resolve] {
        assert!(locked.actions.contains(&action), "{action:?}: {:?}", locked.actions);
    }
    assert_eq!((locked.channel_title.as_deref(), locked.hub_title), (Some("Shopify"), None));
    assert!(!locked.actions.contains(&Action::OpenHub), "the hub has no page of it: {:?}", locked.actions);
    let skipped = house.desk.act(act(Verb::Skip, Targets::Exceptions(vec![locked.id]))).unwrap();
    assert_eq!(skipped.done, 1, "{skipped:?}");

    // Nothing planned, so nothing to give up; reading it again may end it.
    let incomplete = house.order(Order { ship_to: None, admin_url: None, ..order(2) });
    let address = entry(incomplete);
    assert_eq!(address.cause, Cause::AddressMissing);
    assert!(
        address.actions.contains(&Action::Retry) && !address.actions.contains(&Action::Skip),
        "{:?}",
        address.actions
    );
    assert!(!address.actions.contains(&Action::OpenChannel), "no page, no button: {:?}", address.actions);
    let mut once = address.actions.clone();
    once.dedup();
    assert_eq!(once, address.actions);
}

/// There is no order to look at: the store itself is opened, read again, or told to be well.
#[test]
fn a_silent_store_has_its_buttons_and_they_end_with_it() {
    let house = House::new();
    let tell = |found: Vec<AccountFinding>| {
        let found = AccountFindings { cause: Cause::QuietChannel, found };
        house.store.write(|tx| tx.put_account_findings(&shop(), &found, NOW)).unwrap();
    };
    tell(vec![AccountFinding { about: "since 1".into(), sentence: "No order has come from Harbour Goods.".into() }]);
    let needs = page(&house, "needs_me");
    let entry = &needs.groups[0].entries[0];
    assert_eq!((entry.cause, entry.order.is_none()), (Cause::QuietChannel, true));
    assert_eq!(entry.actions, [Action::OpenChannel, Action::Retry, Action::Resolve]);
    assert_eq!(entry.page.as_deref(), Some("https://admin.example.com/harbour-goods"));
    assert_eq!(entry.channel_title.as_deref(), Some("Shopify"));
    assert!(!needs.groups[0].actions.contains(&Action::OpenChannel), "one store is opened, not a group");
    tell(vec![]);
    let over = page(&house, "resolved");
    let entry = &over.groups[0].entries[0];
    assert_eq!((entry.actions.clone(), entry.page.clone()), (vec![], None));
    assert_eq!(entry.resolved_by.as_deref(), Some("itself"));
    // A store that is removed is silent for ever.
    tell(vec![AccountFinding { about: "since 2".into(), sentence: "No order has come from Harbour Goods.".into() }]);
    house.store.write(|tx| tx.remove_connection(&shop())).unwrap();
    assert!(page(&house, "needs_me").groups.is_empty());
}
