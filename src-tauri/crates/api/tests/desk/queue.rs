//! The queue: views, search, sorting, paging.

use crate::house::{House, NOW, order, outlet};
use quayside_api::view::QueueAsk;
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_model::{Currency, Mode, Order, Payment};

fn ask(view: &str, text: &str) -> QueueAsk {
    QueueAsk { view: view.into(), text: text.into(), sort: "number".into(), ..QueueAsk::default() }
}

fn numbers(house: &House, view: &str, text: &str) -> Vec<String> {
    let page = house.desk.queue(ask(view, text)).unwrap();
    assert_eq!(page.hints, Vec::<String>::new(), "{view} {text}");
    assert_eq!(page.total as usize, page.rows.len(), "{view} {text}");
    page.rows.into_iter().map(|row| row.number).collect()
}

fn merchant() -> House {
    let house = House::new();
    house.order(order(1));
    house.order(Order { payment: Payment::Authorized, ..order(2) });
    house.order(Order { ship_by_ms: Some(NOW - HOUR_MS), current_total_minor: 20_000, ..order(3) });
    house.order(Order { ship_by_ms: Some(NOW + HOUR_MS), tags: vec!["Gift".into()], ..order(4) });
    house.order_at(
        &outlet(),
        Order {
            currency: Currency::new("GBP"),
            placed_at_ms: NOW - 5 * DAY_MS,
            ship_by_ms: Some(NOW + 5 * DAY_MS),
            ship_to: Some(quayside_model::Address {
                country: "GB".into(),
                city: "London".into(),
                name: "Sören Ärö".into(),
                ..crate::house::address()
            }),
            customer: None,
            shipping: None,
            ..order(5)
        },
    );
    house.order(Order { test: true, ..order(6) });
    house
}

#[test]
fn every_view_shows_its_orders() {
    let house = merchant();
    for (view, expected) in [
        ("", &["#1", "#2", "#3", "#4", "#5"][..]),
        ("open", &["#1", "#2", "#3", "#4", "#5"]),
        ("today", &["#1", "#2", "#3", "#4"]),
        ("late", &["#3"]),
        ("at_risk", &["#4"]),
        ("unpaid", &["#2"]),
        ("to_send", &["#1", "#3", "#4", "#5"]),
        ("held", &[]),
        ("packing", &[]),
        ("asked", &[]),
        ("shipped", &[]),
        ("all", &["#1", "#2", "#3", "#4", "#5", "#6"]),
    ] {
        assert_eq!(numbers(&house, view, ""), expected, "{view}");
    }
}

#[test]
fn every_token_narrows_and_can_be_turned_around() {
    let house = merchant();
    let all = ["#1", "#2", "#3", "#4", "#5"];
    for (text, expected) in [
        ("is:late", &["#3"][..]),
        ("is:at_risk", &["#4"]),
        ("is:unpaid", &["#2"]),
        ("is:paid", &["#1", "#3", "#4", "#5"]),
        ("is:today", &["#1", "#2", "#3", "#4"]),
        ("is:stuck", &[]),
        ("is:asked", &[]),
        ("is:open", &all),
        ("is:test", &[]),
        ("store:outlet", &["#5"]),
        ("store:\"Harbour Goods\"", &["#1", "#2", "#3", "#4"]),
        ("sku:hg-lamp", &all),
        ("sku:lamp", &all),
        ("sku:chair", &[]),
        ("sku:\"***\"", &[]),
        ("tag:gift", &["#4"]),
        ("tag:VIP", &["#1", "#2", "#3", "#5"]),
        ("is:vip", &["#1", "#2", "#3", "#5"]),
        ("country:gb", &["#5"]),
        ("age:>2d", &["#5"]),
        ("age:<2d", &["#1", "#2", "#3", "#4"]),
        ("value:>100", &["#3"]),
        ("value:41.90", &["#1", "#2", "#4", "#5"]),
        ("value:>=41.9gbp", &["#5"]),
        ("waits:payment", &["#2"]),
        ("cause:late", &["#3"]),
        ("service:express", &["#1", "#2", "#3", "#4"]),
        ("warehouse:dock", &all),
        ("warehouse:quay", &[]),
        ("carrier:ups", &[]),
        ("stage:unpaid", &["#2"]),
        ("anna", &["#1", "#2", "#3", "#4"]),
        ("soren london", &["#5"]),
        ("HG-LAMP-S", &all),
        ("is:late country:de anna", &["#3"]),
    ] {
        assert_eq!(numbers(&house, "open", text), expected, "{text}");
        // Turned around, and together with it nothing is left out or counted twice.
        if !text.contains(' ') || text.starts_with("store:\"") {
            let rest: Vec<&str> = all.iter().copied().filter(|number| !expected.contains(number)).collect();
            assert_eq!(numbers(&house, "open", &format!("-{text}")), rest, "-{text}");
        }
    }
}

/// After an update older orders are found by their warehouse and carrier bit by bit: the queue says so, and stops by itself.
#[test]
fn a_filter_that_finds_too_few_after_an_update_says_so() {
    let house = merchant();
    let hints = |text: &str| {
        house.desk.queue(QueueAsk { view: "open".into(), text: text.into(), ..QueueAsk::default() }).unwrap().hints
    };
    assert_eq!(hints("warehouse:dock"), Vec::<String>::new(), "a store of this build");
    house.store.write(|tx| tx.put_meta("search.indexed", "2/all")).unwrap();
    for (text, said) in [
        ("warehouse:dock", "Still reading warehouses of older orders"),
        ("-carrier:ups", "Still reading carriers of older orders"),
        ("warehouse:dock carrier:ups", "Still reading warehouses and carriers of older orders"),
        ("tag:gift", ""),
    ] {
        let hints = hints(text);
        assert_eq!(hints.len(), usize::from(!said.is_empty()), "{text}: {hints:?}");
        assert!(hints.iter().all(|hint| hint.starts_with(said)), "{text}: {hints:?}");
    }
    while house.store.reindex(2).unwrap() {}
    assert_eq!(hints("warehouse:dock"), Vec::<String>::new(), "all are read");
}

#[test]
fn values_of_open_orders_are_offered_while_a_filter_is_typed() {
    let house = merchant();
    for (key, typed, expected) in [
        ("tag", "gi", &["Gift 1"][..]),
        ("country", "g", &["GB 1"]),
        ("warehouse", "", &["Dock 5"]),
        ("warehouse", "quay", &[]),
        ("service", "24", &["Express 24 h 4"]),
        ("carrier", "", &[]),
        // What the window knows by itself, and what nobody knows.
        ("is", "", &[]),
        ("color", "r", &[]),
    ] {
        let found = house.desk.filter_values(key, typed).unwrap();
        let said: Vec<String> = found.iter().map(|one| format!("{} {}", one.value, one.orders)).collect();
        assert_eq!(said, expected, "{key}:{typed}");
        assert!(found.iter().all(|one| !one.at_least), "{key}:{typed}");
    }
}

#[test]
fn what_is_closed_is_found_when_it_is_asked_for() {
    let house = merchant();
    assert_eq!(numbers(&house, "open", "stage:ignored"), ["#6"]);
    assert_eq!(numbers(&house, "open", "is:closed"), ["#6"]);
    assert_eq!(numbers(&house, "all", "is:test"), ["#6"]);
}

#[test]
fn pages_follow_each_other_whatever_the_column() {
    let house = merchant();
    for sort in ["ship_by", "placed", "value", "units", "number", "customer", "store", "country", "stage", "waits"] {
        for descending in [false, true] {
            let whole = house
                .desk
                .queue(QueueAsk { sort: sort.into(), descending, limit: 500, ..QueueAsk::default() })
                .unwrap();
            let mut pieces = Vec::new();
            let mut after = None;
            loop {
                let page = house
                    .desk
                    .queue(QueueAsk { sort: sort.into(), descending, limit: 2, after, ..QueueAsk::default() })
                    .unwrap();
                pieces.extend(page.rows.iter().map(|row| row.id));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            let ids: Vec<_> = whole.rows.iter().map(|row| row.id).collect();
            assert_eq!(pieces, ids, "{sort} {descending}");
            // A far place is one question, and its `start` reads it again.
            let ask = QueueAsk { sort: sort.into(), descending, limit: 2, ..QueueAsk::default() };
            let far = house.desk.queue(QueueAsk { skip: 3, ..ask.clone() }).unwrap();
            let again = house.desk.queue(QueueAsk { after: far.start.clone(), ..ask.clone() }).unwrap();
            for page in [far, again] {
                assert_eq!(page.rows.iter().map(|row| row.id).collect::<Vec<_>>(), ids[3..5], "{sort} {descending}");
            }
        }
    }
}

#[test]
fn hints_and_refusals_say_what_there_is() {
    let house = merchant();
    let page = house.desk.queue(ask("open", "store:berlin colour:red")).unwrap();
    assert_eq!(page.hints.len(), 2, "{:?}", page.hints);
    assert!(page.hints.iter().any(|hint| hint.contains("Harbour Outlet")), "{:?}", page.hints);
    for (wrong, field) in [
        (QueueAsk { view: "everything".into(), ..QueueAsk::default() }, "view"),
        (QueueAsk { sort: "shoe_size".into(), ..QueueAsk::default() }, "sort"),
        (QueueAsk { after: Some("nowhere".into()), ..QueueAsk::default() }, "after"),
        (QueueAsk { after: Some("17.4".into()), sort: "store".into(), ..QueueAsk::default() }, "after"),
    ] {
        assert_eq!(house.desk.queue(wrong).unwrap_err().field.as_deref(), Some(field));
    }
}

#[test]
fn a_number_finds_its_orders_in_every_store() {
    let house = merchant();
    house.order_at(&outlet(), order(1));
    for typed in ["#1", "1"] {
        let stores: Vec<String> =
            house.desk.orders_by_number(typed).unwrap().into_iter().map(|row| row.store).collect();
        assert_eq!(stores.len(), 2, "{typed}");
        assert!(stores.contains(&"Harbour Outlet".to_owned()), "{typed}");
    }
    assert_eq!(house.desk.orders_by_number("#99").unwrap(), vec![]);
}

#[test]
fn money_comes_with_its_decimals_and_what_waits_with_its_reason() {
    let house = House::new();
    house.mode("orders_to_hub", Mode::Ask);
    house.order(Order { currency: Currency::new("JPY"), current_total_minor: 500, ..order(1) });
    let row = house.desk.queue(QueueAsk::default()).unwrap().rows.remove(0);
    assert_eq!((row.currency.as_str(), row.currency_exponent, row.total_minor), ("JPY", 0, 500));
    assert_eq!(numbers(&house, "asked", ""), ["#1"]);
    assert_eq!(numbers(&house, "open", "value:>400"), ["#1"]);
}

/// What a platform promised stands on the row and in the drawer; a tag of somebody's own making is no promise.
#[test]
fn what_was_promised_is_shown_on_the_row_and_in_the_drawer() {
    let house = House::new();
    let arrives_ms = NOW + 3 * DAY_MS;
    for (order, badges, deliver_by_ms) in [
        (
            Order { tags: vec!["vip".into(), "Prime".into()], deliver_by_ms: Some(arrives_ms), ..order(1) },
            &["Prime"][..],
            Some(arrives_ms),
        ),
        (Order { tags: vec!["prime".into(), "vip".into()], ..order(2) }, &[], None),
        (order(3), &[], None),
    ] {
        let (number, tags) = (order.number.clone(), order.tags.clone());
        let id = house.order(order);
        let rows = house.desk.queue(QueueAsk::default()).unwrap().rows;
        let row = rows.into_iter().find(|row| row.number == number).unwrap();
        assert_eq!(
            (row.badges.as_slice(), row.tags),
            (badges.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>().as_slice(), tags)
        );
        let detail = house.desk.order(id).unwrap();
        assert_eq!(detail.row.badges, row.badges, "{number}");
        assert_eq!(detail.deliver_by_ms, deliver_by_ms, "{number}");
    }
}
