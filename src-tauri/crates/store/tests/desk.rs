//! What the screens read: queue, counts, exceptions, outbox, history, one order, parcels.
#![allow(clippy::unwrap_used, clippy::redundant_closure_for_method_calls, missing_docs)]

mod support;

use quayside_model::*;
use quayside_store::*;
use support::*;

fn page(store: &Store, filter: &QueueFilter, sort: Sort) -> Vec<String> {
    // In pages of two, so that every test of order tests paging too.
    let (mut numbers, mut after) = (Vec::new(), None);
    loop {
        let page = store.read(|r| r.queue_page(filter, sort, after, 2)).unwrap();
        assert!(page.rows.len() <= 2);
        numbers.extend(page.rows.into_iter().map(|row| row.number));
        after = page.next;
        if after.is_none() {
            return numbers;
        }
    }
}

fn by(by: SortBy) -> Sort {
    Sort { by, descending: false }
}

fn count(store: &Store, filter: &QueueFilter) -> u64 {
    let count = store.read(|r| r.queue_count(filter)).unwrap();
    assert!(count.exact);
    count.n
}

/// Seven orders in different places.
fn queue() -> Store {
    let store = store();
    let stages =
        [Stage::ToSend, Stage::Held, Stage::Packing, Stage::Unpaid, Stage::Packing, Stage::Shipped, Stage::Cancelled];
    for (n, stage) in (1..).zip(stages) {
        let order = Order {
            current_total_minor: 10_000 - n * 1_000,
            payment: if stage == Stage::Unpaid { Payment::Authorized } else { Payment::Paid },
            ..order(n)
        };
        store
            .write(|tx| {
                let id = enter(tx, &order);
                let ship_by_ms = (n % 2 == 0).then_some(NOW + n * HOUR);
                let waits_on = WaitsOn { since_ms: NOW - n, ..waits(stage.code()) };
                tx.put_decision(id, &order, &Decision { ship_by_ms, waits_on, ..decision(stage) }, NOW)
            })
            .unwrap();
    }
    store
}

#[test]
fn the_queue_sorts_by_every_column_both_ways_and_pages_by_key() {
    let store = queue();
    let everything = QueueFilter::default();
    for (sort, expected) in [
        (SortBy::Due, ["#1002", "#1004", "#1001", "#1003", "#1005"]),
        (SortBy::Placed, ["#1001", "#1002", "#1003", "#1004", "#1005"]),
        (SortBy::Total, ["#1005", "#1004", "#1003", "#1002", "#1001"]),
        (SortBy::Units, ["#1001", "#1002", "#1003", "#1004", "#1005"]),
        (SortBy::Number, ["#1001", "#1002", "#1003", "#1004", "#1005"]),
        (SortBy::Waits, ["#1005", "#1004", "#1003", "#1002", "#1001"]),
    ] {
        assert_eq!(page(&store, &everything, by(sort)), expected, "{sort:?}");
        let mut backwards = page(&store, &everything, Sort { by: sort, descending: true });
        backwards.reverse();
        assert_eq!(backwards, expected, "{sort:?} backwards");
    }
}

#[test]
fn the_queue_filters_by_everything_and_counts_the_same() {
    let store = queue();
    let all = QueueFilter::default();
    for (filter, expected) in [
        (QueueFilter { scope: Scope::All, ..all.clone() }, 7),
        (QueueFilter { scope: Scope::Closed, ..all.clone() }, 2),
        (QueueFilter { stages: vec![Stage::Packing], ..all.clone() }, 2),
        (QueueFilter { stages: vec![Stage::Packing, Stage::Held], ..all.clone() }, 3),
        (QueueFilter { stages: vec![Stage::Shipped], ..all.clone() }, 0),
        (QueueFilter { stages: vec![Stage::Shipped], scope: Scope::All, ..all.clone() }, 1),
        (QueueFilter { connections: vec![shop()], ..all.clone() }, 5),
        (QueueFilter { connections: vec![hub()], ..all.clone() }, 0),
        (QueueFilter { connections: vec![hub(), shop()], ..all.clone() }, 5),
        (QueueFilter { waits_code: Some("packing".into()), ..all.clone() }, 2),
        (QueueFilter { held: true, ..all.clone() }, 1),
        (QueueFilter { held: true, stages: vec![Stage::Packing], ..all.clone() }, 0),
        (QueueFilter { paid: Some(false), ..all.clone() }, 1),
        (QueueFilter { paid: Some(true), ..all.clone() }, 4),
        (QueueFilter { due_before_ms: Some(NOW + 3 * HOUR), ..all.clone() }, 1),
        (QueueFilter { due_from_ms: Some(NOW + 3 * HOUR), due_before_ms: Some(NOW + 5 * HOUR), ..all.clone() }, 1),
        (QueueFilter { placed_before_ms: Some(order(2).placed_at_ms), ..all.clone() }, 2),
        (QueueFilter { placed_before_by_connection: vec![(shop(), order(3).placed_at_ms)], ..all.clone() }, 3),
        (QueueFilter { placed_before_by_connection: vec![(hub(), NOW)], ..all.clone() }, 0),
        (QueueFilter { country: Some("fr".into()), ..all.clone() }, 1),
        (QueueFilter { country: Some("XX".into()), ..all.clone() }, 0),
        (QueueFilter { text: "#1003".into(), ..all.clone() }, 1),
        (QueueFilter { text: "#1006".into(), ..all.clone() }, 0),
        (QueueFilter { text: "#1006".into(), scope: Scope::All, ..all.clone() }, 1),
        (QueueFilter { text: "hg".into(), stages: vec![Stage::Packing], ..all.clone() }, 2),
        (QueueFilter { text: "!!!".into(), ..all.clone() }, 0),
    ] {
        for sort in SortBy::ALL {
            assert_eq!(page(&store, &filter, by(sort)).len() as u64, expected, "{filter:?} {sort:?}");
        }
        assert_eq!(count(&store, &filter), expected, "{filter:?}");
    }
}

#[test]
fn a_tag_is_meant_to_the_letter() {
    let store = store();
    for (n, tags) in [(1, vec!["vip"]), (2, vec!["vip gold"]), (3, vec!["gold", "vip"]), (4, vec!["VIP \"x\""])] {
        let order = Order { tags: tags.into_iter().map(str::to_owned).collect(), ..order(n) };
        store
            .write(|tx| {
                let id = enter(tx, &order);
                tx.put_decision(id, &order, &decision(Stage::ToSend), NOW)
            })
            .unwrap();
    }
    let tagged = |tag: &str| {
        let filter = QueueFilter { tag: Some(tag.into()), ..QueueFilter::default() };
        assert_eq!(count(&store, &filter), page(&store, &filter, by(SortBy::Due)).len() as u64);
        page(&store, &filter, by(SortBy::Number))
    };
    assert_eq!(tagged("vip"), ["#1001", "#1003"]);
    assert_eq!(tagged("vip gold"), ["#1002"]);
    assert_eq!(tagged("VIP \"x\""), ["#1004"]);
    assert_eq!(tagged("gold vip"), Vec::<String>::new());
}

#[test]
fn a_tag_pages_by_every_column_and_follows_what_changes() {
    let store = store();
    let tagged = |n: i64, tags: &[&str]| Order {
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        current_total_minor: 10_000 - n * 1_000,
        ..order(n)
    };
    let put = |order: &Order, stage: Stage, ship_by_ms: Option<i64>| {
        store
            .write(|tx| {
                let id = enter(tx, order);
                tx.put_decision(id, order, &Decision { ship_by_ms, ..decision(stage) }, NOW)
            })
            .unwrap();
    };
    for n in 1..=5 {
        put(&tagged(n, &["vip", "vip", "gift"]), Stage::ToSend, (n % 2 == 0).then_some(NOW + n * HOUR));
    }
    let vip = QueueFilter { tag: Some("vip".into()), ..QueueFilter::default() };
    for (sort, expected) in [
        (SortBy::Due, ["#1002", "#1004", "#1001", "#1003", "#1005"]),
        (SortBy::Total, ["#1005", "#1004", "#1003", "#1002", "#1001"]),
        (SortBy::Number, ["#1001", "#1002", "#1003", "#1004", "#1005"]),
    ] {
        assert_eq!(page(&store, &vip, by(sort)), expected, "{sort:?}");
        let mut backwards = page(&store, &vip, Sort { by: sort, descending: true });
        backwards.reverse();
        assert_eq!(backwards, expected, "{sort:?} backwards");
    }
    put(&tagged(1, &["gift"]), Stage::ToSend, None);
    put(&tagged(2, &["vip"]), Stage::Shipped, None);
    put(&tagged(3, &["vip"]), Stage::ToSend, Some(NOW));
    put(&tagged(4, &[]), Stage::Shipped, None);
    put(&tagged(4, &["vip"]), Stage::ToSend, Some(NOW + 9 * HOUR));
    assert_eq!(page(&store, &vip, by(SortBy::Due)), ["#1003", "#1004", "#1005"]);
    assert_eq!(count(&store, &vip), 3);
}

#[test]
fn a_row_tells_what_the_screen_shows() {
    let store = store();
    let id = with_order(&store, 10, |_, _| Decision {
        waits_on: WaitsOn { tone: Tone::Warning, action: Some(Action::EditAndRetry), ..waits("cause:unknown_sku") },
        hub_state: "not there".into(),
        ship_by_ms: Some(NOW + HOUR),
        look_again_at_ms: Some(NOW + 5),
        ..decision(Stage::ToSend)
    });
    let row = store.read(|r| r.queue_row(id)).unwrap().unwrap();
    assert_eq!((row.number.as_str(), row.customer.as_str(), row.country.as_str()), ("#1010", "Chloé Łukasz10", "PT"));
    assert_eq!((row.lines, row.units, row.total_minor, row.currency.as_str()), (2, 3, 13_830, "EUR"));
    assert_eq!(row.tags, ["vip", "spring sale"]);
    assert_eq!((row.payment.as_str(), row.paid, row.open, row.test), ("paid", true, true, false));
    assert_eq!(row.waits_on.action, Some(Action::EditAndRetry));
    assert_eq!((row.hub_state.as_str(), row.ship_by_ms), ("not there", Some(NOW + HOUR)));
    assert_eq!((row.received_at_ms, row.look_again_at_ms), (NOW, Some(NOW + 5)));
}

#[test]
fn search_finds_orders_by_what_people_know_of_them() {
    let store = store();
    let id = with_order(&store, 3, |_, _| decision(Stage::Packing));
    with_order(&store, 4, |_, _| decision(Stage::Packing));
    let hub_order = hub_order(3, "q-1");
    let parcel = parcel(3, "1Z999AA10123456784");
    store
        .write(|tx| {
            for record in [Record::HubOrder(hub_order.clone()), Record::Parcel(parcel.clone())] {
                tx.put_record(&hub(), &Incoming { record: record.clone(), raw: "{}".into() }, NOW)?;
                tx.link(id, &hub(), record.kind(), record.remote_id())?;
            }
            tx.put_decision(id, &order(3), &decision(Stage::Shipped), NOW + 1)
        })
        .unwrap();
    let buyer = order(3).customer.unwrap();
    for typed in [
        "1003",
        "#1003",
        "evans",
        "EVANS",
        "dai eva",
        &buyer.email,
        "HG-SAIL",
        "hg sail",
        "1Z999AA1",
        "10003",
        "gdansk",
        "5000000003",
        "900003",
    ] {
        let filter = QueueFilter { text: typed.into(), scope: Scope::All, ..QueueFilter::default() };
        let found = store.read(|r| r.queue_page(&filter, Sort::default(), None, 10)).unwrap();
        assert!(found.rows.iter().any(|row| row.id == id), "{typed}: {:?}", found.rows);
        assert!(!found.newest_only);
    }
    let filter = QueueFilter { text: "evans nobody".into(), ..QueueFilter::default() };
    assert_eq!(count(&store, &filter), 0);
}

/// Which orders a person finds by typing this.
fn found(store: &Store, typed: &str) -> Vec<OrderId> {
    let filter = QueueFilter { text: typed.into(), scope: Scope::All, ..QueueFilter::default() };
    store.read(|r| r.queue_page(&filter, Sort::default(), None, 10)).unwrap().rows.iter().map(|row| row.id).collect()
}

/// An order that has an id at every system, each its own.
fn with_all_ids(store: &Store) -> OrderId {
    let id = with_order(store, 3, |_, _| decision(Stage::Packing));
    with_order(store, 4, |_, _| decision(Stage::Packing));
    let mut order = order(3);
    order.updated_at_ms += 1;
    order.sold_on = Some(SoldOn { source: "market".into(), number: "114-7777777-0000003".into(), ..SoldOn::default() });
    order.fulfillments.push(Fulfillment {
        remote_id: "gid://shop/Fulfillment/7100003".into(),
        live: true,
        status: "success".into(),
        created_at_ms: NOW,
        delivered_at_ms: None,
        tracking_numbers: vec![],
        carrier: String::new(),
        lines: vec![],
    });
    let back = Return {
        remote_id: "gid://shop/Return/8200003".into(),
        order_remote_id: order.remote_id.clone(),
        number: "R-3".into(),
        status: ReturnStatus::Open,
        tracking_number: String::new(),
        lines: vec![],
        requested_at_ms: NOW,
        received_at_ms: None,
        resolution: String::new(),
        refunded: None,
        updated_at_ms: NOW,
    };
    store
        .write(|tx| {
            tx.put_record(&shop(), &incoming(&order), NOW + 1)?;
            for (connection, record) in [
                (hub(), Record::HubOrder(hub_order(3, "harbour-goods-5000000003-2"))),
                (hub(), Record::Parcel(parcel(3, "1Z999AA10123456784"))),
                (shop(), Record::Return(back.clone())),
            ] {
                tx.put_record(&connection, &Incoming { record: record.clone(), raw: "{}".into() }, NOW)?;
                tx.link(id, &connection, record.kind(), record.remote_id())?;
            }
            tx.put_decision(id, &order, &decision(Stage::Shipped), NOW + 1)
        })
        .unwrap();
    id
}

/// Whatever a person copies out of any system finds the order, whole or by its telling end.
const IDS_OF_ALL_SYSTEMS: [&str; 14] = [
    "114-7777777-0000003",
    "11477777770000003",
    "harbour-goods-5000000003-2",
    "gid://shop/Fulfillment/7100003",
    "7100003",
    "gid://shop/Return/8200003",
    "8200003",
    "R-3",
    "gid://shop/Order/5000000003",
    "5000000003",
    "900003",
    "label:3",
    "1Z999AA10123456784",
    "#1003",
];

#[test]
fn an_order_is_found_by_every_id_it_has_at_any_system() {
    let store = store();
    let id = with_all_ids(&store);
    for typed in IDS_OF_ALL_SYSTEMS {
        assert!(found(&store, typed).contains(&id), "{typed}");
    }
    assert_eq!(store.read(|r| r.orders_of_id("5000000003")).unwrap(), [id]);
    assert_eq!(store.read(|r| r.orders_of_id(&order(3).remote_id)).unwrap(), [id]);
    assert_eq!(store.read(|r| r.orders_of_id("900003")).unwrap(), [], "an id of the hub's is not the order's own");
    assert_eq!(store.read(|r| r.orders_of_id(" / ")).unwrap(), []);
}

#[test]
fn a_changed_order_is_found_by_its_new_words_only() {
    let store = store();
    let id = with_order(&store, 1, |_, _| decision(Stage::ToSend));
    let mut changed = order(1);
    changed.updated_at_ms += 1;
    changed.lines[0].sku = "ANCHOR-9".into();
    changed.lines[1].sku = "ANCHOR-9".into();
    store
        .write(|tx| {
            assert!(matches!(tx.put_record(&shop(), &incoming(&changed), NOW + 1)?, Put::Changed { .. }));
            assert_eq!(tx.order_for(&shop(), &changed, NOW + 1)?, (id, false));
            tx.put_decision(id, &changed, &decision(Stage::ToSend), NOW + 1)
        })
        .unwrap();
    let find = |text: &str| count(&store, &QueueFilter { text: text.into(), ..QueueFilter::default() });
    assert_eq!((find("anchor-9"), find("HG-MUG"), find("#1001")), (1, 0, 1));
}

#[test]
fn hostile_words_find_nothing_and_break_nothing() {
    let store = queue();
    let long = "x".repeat(100_000);
    let many = "berg ".repeat(5_000);
    for typed in [
        "\"",
        "'",
        "*",
        "**",
        "a*",
        "NEAR(a b, 5)",
        "number:1001",
        "{number}: 1001",
        "^1001",
        "1001 OR 1002",
        "-1001",
        "NOT 1001",
        "(",
        ")",
        "1001)",
        "a AND",
        "+",
        "\0",
        "%",
        "_",
        "\\",
        "; DROP TABLE orders; --",
        "👨‍👩‍👧",
        "مرحبا",
        "\u{202e}",
        &long,
        &many,
    ] {
        let filter = QueueFilter { text: typed.into(), scope: Scope::All, ..QueueFilter::default() };
        store.read(|r| r.queue_page(&filter, Sort::default(), None, 10)).unwrap();
        store.read(|r| r.queue_count(&filter)).unwrap();
        store.read(|r| r.history(&HistoryFilter { text: typed.into(), ..Default::default() }, None, 5)).unwrap();
        store.read(|r| r.effect_page(&EffectFilter { text: typed.into(), ..Default::default() }, None, 5)).unwrap();
        store.read(|r| r.parcel_page(&ParcelFilter { text: typed.into(), ..Default::default() }, None, 5)).unwrap();
        let tag = QueueFilter { tag: Some(typed.into()), country: Some(typed.into()), ..QueueFilter::default() };
        assert_eq!(count(&store, &tag), 0, "{typed}");
    }
    assert_eq!(count(&store, &QueueFilter::default()), 5);
    // An operator is a word like any other.
    let or = QueueFilter { text: "1001 OR 1002".into(), ..QueueFilter::default() };
    assert_eq!(count(&store, &or), 0);
}

#[test]
fn counts_follow_every_change() {
    let store = queue();
    let counts = |now| store.read(|r| r.queue_counts(now, now + 3 * HOUR)).unwrap();
    let before = counts(NOW);
    assert_eq!((before.open, before.all), (5, 7));
    assert!(before.by_stage.contains(&(Stage::Packing, 2)) && before.by_stage.contains(&(Stage::Shipped, 1)));
    assert_eq!(before.by_waits[0], ("packing".into(), 2));
    assert_eq!(before.by_connection, [(shop(), 5)]);
    assert_eq!((before.late.n, before.at_risk.n), (0, 1));
    assert_eq!((counts(NOW + 3 * HOUR).late.n, counts(NOW + 3 * HOUR).at_risk.n), (1, 1));
    store.write(|tx| tx.put_decision(OrderId(3), &order(3), &decision(Stage::Shipped), NOW)).unwrap();
    let after = counts(NOW);
    assert_eq!((after.open, after.all), (4, 7));
    assert!(after.by_stage.contains(&(Stage::Packing, 1)) && after.by_stage.contains(&(Stage::Shipped, 2)));
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
}

#[test]
fn unfulfilled_orders_are_grouped_by_what_they_wait_on() {
    let store = queue();
    let groups = store.read(|r| r.unfulfilled(&[(shop(), order(3).placed_at_ms), (hub(), NOW)])).unwrap();
    let told: Vec<_> = groups.iter().map(|g| (g.waits_code.as_str(), g.orders, g.worth[0].minor)).collect();
    // Of the five open ones: two are too young, none of the rest is unpaid.
    assert_eq!(told, [("held", 1, 8_000), ("packing", 1, 7_000), ("to_send", 1, 9_000)]);
    assert_eq!(groups[2].oldest_placed_at_ms, order(1).placed_at_ms);
}

/// Kept numbers say what counting would, at every moment, whatever happened to the orders.
#[test]
fn unfulfilled_orders_over_many_hours_are_counted_exactly() {
    let store = store();
    let placed = |n: i64| NOW - DAY + n * 1_234_567;
    let facts = |n: i64| Order {
        placed_at_ms: placed(n),
        payment: if n % 5 == 0 { Payment::Authorized } else { Payment::Paid },
        currency: Currency::new(if n % 3 == 0 { "GBP" } else { "EUR" }),
        ..order(n)
    };
    let put = |order: &Order, stage: Stage, code: &str| {
        store
            .write(|tx| {
                let id = enter(tx, order);
                let waits_on = waits(code);
                tx.put_decision(id, order, &Decision { waits_on, ..decision(stage) }, NOW)
            })
            .unwrap();
    };
    for n in 0..24 {
        put(&facts(n), Stage::ToSend, ["stock", "address"][(n % 2) as usize]);
    }
    // Shipped, waiting on something else, another price, paid at last, placed at another time after all.
    put(&facts(3), Stage::Shipped, "shipped");
    put(&facts(7), Stage::Packing, "packing");
    put(&Order { current_total_minor: 5, ..facts(8) }, Stage::ToSend, "stock");
    put(&Order { payment: Payment::Paid, ..facts(10) }, Stage::ToSend, "stock");
    put(&Order { placed_at_ms: placed(0) - 3 * HOUR, ..facts(16) }, Stage::ToSend, "stock");
    put(&Order { current_total_minor: i64::MAX, ..facts(23) }, Stage::Shipped, "shipped");

    let all = store.read(|r| r.queue_page(&QueueFilter::default(), Sort::default(), None, 100)).unwrap().rows;
    assert_eq!(all.len(), 22);
    let mut moments: Vec<i64> = (-1..26).flat_map(|n| [placed(n) - 1, placed(n), placed(n) + 1]).collect();
    moments.extend((0..30).flat_map(|h| [NOW - DAY + h * HOUR, (NOW - DAY) / HOUR * HOUR + h * HOUR]));
    for until_ms in moments {
        let old: Vec<&QueueRow> = all.iter().filter(|row| row.paid && row.placed_at_ms <= until_ms).collect();
        let groups = store.read(|r| r.unfulfilled(&[(shop(), until_ms)])).unwrap();
        assert_eq!(groups.iter().map(|g| g.orders).sum::<u64>(), old.len() as u64, "{until_ms}");
        for group in groups {
            let mine = || old.iter().filter(|row| row.waits_on.code == group.waits_code);
            assert_eq!(group.orders, mine().count() as u64, "{until_ms} {}", group.waits_code);
            assert_eq!(Some(group.oldest_placed_at_ms), mine().map(|row| row.placed_at_ms).min());
            for money in group.worth {
                let of = mine().filter(|row| row.currency == money.currency.0);
                assert_eq!(money.minor, of.map(|row| row.total_minor).sum::<i64>(), "{until_ms} {}", group.waits_code);
            }
        }
    }
    let worth: i64 = store.read(|r| r.open_worth()).unwrap().iter().map(|money| money.minor).sum();
    assert_eq!(worth, all.iter().map(|row| row.total_minor).sum::<i64>());
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_part_of_a_code_is_found_whole_or_begun() {
    let store = store();
    for n in 0..60 {
        with_order(&store, n, |_, _| decision(Stage::ToSend));
    }
    let found = |text: &str| {
        let filter = QueueFilter { text: text.into(), ..QueueFilter::default() };
        let page = store.read(|r| r.queue_page(&filter, by(SortBy::Number), None, 100)).unwrap();
        assert_eq!(page.rows.len() as u64, count(&store, &filter), "{text}");
        page.rows.len()
    };
    // HG-LAMP-0 to HG-LAMP-48, by fours, and a few more; two lines an order. A single character is never a beginning.
    assert_eq!((found("LAMP-12"), found("LAMP-4"), found("LAMP-44"), found("HG-LAMP-12")), (2, 2, 2, 2));
    assert_eq!((found("HG-LAMP-4"), found("HG-LA"), found("4")), (8, 30, 4));
    assert_eq!((found("LAMP-99"), found("lamp")), (0, 30));
}

#[test]
fn exceptions_are_grouped_paged_snoozed_and_settled() {
    let store = store();
    for n in 1..=3 {
        with_order(&store, n, |_, _| Decision {
            findings: vec![finding(Cause::UnknownSku, "line-1", "No SKU."), finding(Cause::Late, "", "Late.")],
            ..decision(Stage::ToSend)
        });
    }
    store.write(|tx| tx.open_condition(&hub(), &Refusal::new(Cause::SignInNeeded, "Sign in."), NOW)).unwrap();
    let groups = store.read(|r| r.exception_groups()).unwrap();
    let told: Vec<_> =
        groups.iter().map(|g| (g.cause, g.open, g.about_accounts, g.worth.first().map(|m| m.minor))).collect();
    let worth = Some(3 * 13_820 + 6);
    assert_eq!(told, [(Cause::SignInNeeded, 1, 1, None), (Cause::UnknownSku, 3, 0, worth), (Cause::Late, 3, 0, worth)]);

    let skus = ExceptionFilter { cause: Some(Cause::UnknownSku), ..ExceptionFilter::default() };
    let first = store.read(|r| r.exception_page(&skus, None, 2)).unwrap();
    let rest = store.read(|r| r.exception_page(&skus, first.next, 2)).unwrap();
    let numbers: Vec<_> = first.items.iter().chain(&rest.items).map(|i| i.order_number.clone().unwrap()).collect();
    assert_eq!((numbers, rest.next), (vec!["#1003".to_owned(), "#1002".into(), "#1001".into()], None));
    let all = |filter: ExceptionFilter| store.read(|r| r.exception_page(&filter, None, 100)).unwrap().items;
    assert_eq!(all(ExceptionFilter::default()).len(), 7);
    assert_eq!(all(ExceptionFilter { about_accounts: true, ..Default::default() }).len(), 1);
    assert_eq!(all(ExceptionFilter { connection: Some(shop()), ..Default::default() }).len(), 6);
    assert_eq!(all(ExceptionFilter { connection: Some(hub()), ..Default::default() }).len(), 1);

    let id = first.items[0].finding.id;
    assert!(store.write(|tx| tx.snooze_finding(id, NOW + HOUR)).unwrap());
    assert_eq!(all(ExceptionFilter { state: ExceptionState::Snoozed, ..Default::default() }).len(), 1);
    assert_eq!(store.read(|r| r.next_wake_at()).unwrap(), Some(NOW + HOUR));
    assert_eq!(store.write(|tx| tx.wake_snoozed(NOW + HOUR - 1)).unwrap(), []);
    assert_eq!(store.write(|tx| tx.wake_snoozed(NOW + HOUR)).unwrap(), [id]);
    assert_eq!(all(ExceptionFilter::default()).len(), 7);

    assert!(store.write(|tx| tx.resolve_finding(id, NOW + 5)).unwrap());
    assert!(!store.write(|tx| tx.resolve_finding(id, NOW + 5)).unwrap());
    assert!(!store.write(|tx| tx.snooze_finding(id, NOW + 5)).unwrap());
    let over = all(ExceptionFilter { state: ExceptionState::Resolved, ..Default::default() });
    assert_eq!((over.len(), over[0].finding.resolved_by.as_deref()), (1, Some("person")));
    let choices = store.read(|r| r.choices(over[0].finding.order_id.unwrap())).unwrap();
    assert_eq!(choices.settled.get("unknown_sku/line-1"), Some(&(NOW + 5)));
}

#[test]
fn the_outbox_is_listed_and_measured() {
    let store = store();
    for n in 1..=3 {
        sending(&store, n, None);
    }
    with_order(&store, 4, |order, id| Decision {
        effects: vec![put_hub_order(order, id, Mode::Ask)],
        ..decision(Stage::ToSend)
    });
    let running = store.write(|tx| tx.claim(&hub(), NOW, &|_| 1)).unwrap()[0].id;
    let list = |filter: EffectFilter| store.read(|r| r.effect_page(&filter, None, 100)).unwrap().items;
    let ids = |filter: EffectFilter| list(filter).into_iter().map(|item| item.id.0).collect::<Vec<_>>();
    assert_eq!(ids(EffectFilter::default()), [4, 3, 2, 1]);
    let of = |states: Vec<EffectState>| ids(EffectFilter { states, ..Default::default() });
    assert_eq!(of(vec![EffectState::Pending]), [3, 2]);
    assert_eq!(of(vec![EffectState::Running, EffectState::Asked]), [4, running.0]);
    assert_eq!(of(vec![EffectState::Running, EffectState::Pending]), [3, 2, running.0]);
    assert_eq!(of(vec![EffectState::Done]), Vec::<i64>::new());
    assert_eq!(ids(EffectFilter { connection: Some(shop()), ..Default::default() }), Vec::<i64>::new());
    assert_eq!(ids(EffectFilter { kind: Some(IntentKind::Fulfill), ..Default::default() }), Vec::<i64>::new());
    assert_eq!(ids(EffectFilter { text: "#1002".into(), ..Default::default() }), [2]);
    assert_eq!(list(EffectFilter::default())[0].order_number, "#1004");
    let first = store.read(|r| r.effect_page(&EffectFilter::default(), None, 3)).unwrap();
    let rest = store.read(|r| r.effect_page(&EffectFilter::default(), first.next, 3)).unwrap();
    assert_eq!((first.items.len(), rest.items.len(), rest.next), (3, 1, None));

    let depth: Vec<_> = store.read(|r| r.outbox_depth()).unwrap().into_iter().map(|d| (d.state, d.n)).collect();
    assert_eq!(depth, [(EffectState::Asked, 1), (EffectState::Pending, 2), (EffectState::Running, 1)]);
}

#[test]
fn history_is_read_backwards_and_searched() {
    let store = store();
    let id = with_order(&store, 1, |_, _| decision(Stage::ToSend));
    store
        .write(|tx| {
            for n in 0..5 {
                tx.note(&NewEvent {
                    order_id: (n == 2).then_some(id),
                    connection: Some(if n == 3 { hub() } else { shop() }),
                    at_ms: NOW + n,
                    author: "quayside".into(),
                    kind: if n == 4 { "paused" } else { "read" }.into(),
                    sentence: format!("Read page {n}"),
                    detail: Some(serde_json::json!({ "n": n })),
                })?;
            }
            Ok(())
        })
        .unwrap();
    let read = |filter: HistoryFilter, before, limit| store.read(|r| r.history(&filter, before, limit)).unwrap();
    let told = |page: &HistoryPage| page.items.iter().map(|i| i.event.at_ms - NOW).collect::<Vec<_>>();
    let first = read(HistoryFilter::default(), None, 3);
    let rest = read(HistoryFilter::default(), first.next, 3);
    assert_eq!((told(&first), told(&rest), rest.next), (vec![4, 3, 2], vec![1, 0], None));
    assert_eq!(first.items[2].order_number.as_deref(), Some("#1001"));
    assert_eq!(first.items[0].event.detail, Some(serde_json::json!({ "n": 4 })));
    assert_eq!(first.back_to_ms, Some(NOW + 2));
    let find = |text: &str| told(&read(HistoryFilter { text: text.into(), ..Default::default() }, None, 9));
    assert_eq!((find("PAGE 3"), find("#1001"), find("anna page")), (vec![3], vec![2], vec![]));
    assert_eq!(told(&read(HistoryFilter { connection: Some(hub()), ..Default::default() }, None, 9)), [3]);
    assert_eq!(told(&read(HistoryFilter { kinds: vec!["paused".into()], ..Default::default() }, None, 9)), [4]);
}

#[test]
fn one_order_tells_everything() {
    let store = store();
    let id = sending(&store, 1, None);
    let parcel = parcel(1, "1Z1");
    store
        .write(|tx| {
            tx.put_record(&hub(), &Incoming { record: Record::Parcel(parcel.clone()), raw: "{\"p\":1}".into() }, NOW)?;
            tx.link(id, &hub(), RecordKind::Parcel, &parcel.remote_id)?;
            tx.link(id, &hub(), RecordKind::HubOrder, "never read")
        })
        .unwrap();
    let detail = store.read(|r| r.order_detail(id)).unwrap().unwrap();
    assert_eq!(detail.story.order, order(1));
    assert_eq!(detail.story.parcels[0].value, parcel);
    assert_eq!(detail.story.hub_orders, []);
    assert_eq!(detail.story.effects[0].state, EffectState::Pending);
    let records: Vec<_> = detail.records.iter().map(|r| (r.kind, r.has_raw)).collect();
    assert_eq!(records, [(RecordKind::Order, true), (RecordKind::Parcel, true)]);
    assert_eq!(
        store.read(|r| r.raw(&shop(), RecordKind::Order, &order(1).remote_id)).unwrap().unwrap(),
        raw(&order(1))
    );
    assert_eq!(store.read(|r| r.order_detail(OrderId(99))).unwrap(), None);
}

#[test]
fn parcels_are_listed_newest_first_with_their_orders() {
    let store = store();
    let id = with_order(&store, 1, |_, _| decision(Stage::Shipped));
    store
        .write(|tx| {
            for n in 1..=3 {
                let record = Record::Parcel(parcel(n, &format!("TRACK{n}")));
                tx.put_record(&hub(), &Incoming { record, raw: "{}".into() }, NOW)?;
            }
            tx.link(id, &hub(), RecordKind::Parcel, "label:2")?;
            tx.put_decision(id, &order(1), &decision(Stage::Shipped), NOW + 1)
        })
        .unwrap();
    let read = |filter: ParcelFilter, before, limit| store.read(|r| r.parcel_page(&filter, before, limit)).unwrap();
    let first = read(ParcelFilter::default(), None, 2);
    let rest = read(ParcelFilter::default(), first.next, 2);
    let told: Vec<_> = first.items.iter().chain(&rest.items).map(|i| i.parcel.remote_id.as_str()).collect();
    assert_eq!((told, rest.next), (vec!["label:3", "label:2", "label:1"], None));
    assert_eq!(first.items[1].orders, [(id, "#1001".to_owned())]);
    assert_eq!(first.items[0].orders, []);
    let found = read(ParcelFilter { text: "track2".into(), ..Default::default() }, None, 9);
    assert_eq!(found.items.len(), 1);
    assert_eq!(read(ParcelFilter { connection: Some(shop()), ..Default::default() }, None, 9).items, []);
}

#[test]
fn notifications_are_remembered() {
    let store = store();
    let new = |at_ms, shown| NewNotification {
        at_ms,
        topic: "late".into(),
        title: "3 orders are late".into(),
        body: "#1001, #1002, #1003".into(),
        target: Some(serde_json::json!({ "view": "late" })),
        orders: 3,
        shown,
    };
    store
        .write(|tx| {
            tx.log_notification(&new(NOW, Shown::Shown))?;
            tx.log_notification(&new(NOW + 1, Shown::HeldBack("Quiet hours until 07:00.".into())))?;
            tx.log_notification(&new(NOW + 2, Shown::Failed("No notification service.".into())))
        })
        .unwrap();
    let log = store.read(|r| r.notifications(None, 2)).unwrap();
    assert_eq!(log[1].shown, Shown::HeldBack("Quiet hours until 07:00.".into()));
    assert_eq!(store.read(|r| r.notifications(Some(log[1].id), 9)).unwrap()[0].shown, Shown::Shown);
    assert_eq!(store.read(|r| r.last_notified("late")).unwrap(), Some(NOW));
    assert_eq!(store.read(|r| r.last_notified("other")).unwrap(), None);
}

/// Four orders: three told to be packed somewhere, of which one was told anew.
fn told() -> Store {
    let store = store();
    let tell = |n: i64, warehouse: &str| {
        let mut effect = put_hub_order(&order(n), OrderId(n), Mode::Ask);
        effect.key = format!("{}/{warehouse}", effect.key);
        if let Intent::PutHubOrder { order, .. } = &mut effect.intent {
            order.ship.warehouse = warehouse.into();
        }
        Decision { effects: vec![effect], ..decision(Stage::ToSend) }
    };
    store
        .write(|tx| {
            for (n, warehouse) in [(1, "Leipzig North"), (2, "Leipzig South"), (3, ""), (4, "Leipzig North")] {
                let order = Order { tags: vec!["Gift".into(), format!("gift-{n}")], ..order(n) };
                enter(tx, &order);
                tx.put_decision(OrderId(n), &order, &tell(n, warehouse), NOW)?;
            }
            let order = Order { tags: vec!["VIP".into()], ..order(4) };
            tx.put_decision(OrderId(4), &order, &tell(4, "se-9"), NOW)
        })
        .unwrap();
    store
}

#[test]
fn where_it_is_packed_is_what_was_said_last() {
    let store = told();
    for (name, orders) in [
        ("leipzig north", 1),
        ("Leipzig South", 1),
        ("SE-9", 1),
        ("leipzig", 0),
        // Where the store wants all of them shipped from.
        ("Quay 3", 4),
    ] {
        let conditions = vec![Condition { not: false, that: That::Warehouse(name.into()) }];
        assert_eq!(count(&store, &QueueFilter { conditions, ..QueueFilter::default() }), orders, "{name}");
    }
    // Typed as a word none of it is found: no row of the queue shows it.
    for typed in ["leipzig", "se-9"] {
        assert_eq!(count(&store, &QueueFilter { text: typed.into(), ..QueueFilter::default() }), 0, "{typed}");
    }
}

#[test]
fn what_is_typed_goes_on_to_what_open_orders_have() {
    let store = told();
    for (facet, typed, expected) in [
        (Facet::Tag, "", &[("Gift", 3), ("VIP", 1), ("gift-1", 1), ("gift-2", 1), ("gift-3", 1)][..]),
        (Facet::Tag, "gift", &[("Gift", 3), ("gift-1", 1), ("gift-2", 1), ("gift-3", 1)]),
        (Facet::Tag, "vi", &[("VIP", 1)]),
        (Facet::Tag, "gold", &[]),
        (Facet::Country, "", &[("FR", 1), ("GB", 1), ("PL", 1), ("PT", 1)]),
        (Facet::Country, "p", &[("PL", 1), ("PT", 1)]),
        (Facet::Service, "expr", &[("Express 24 h", 4)]),
        (Facet::Service, "slow", &[]),
        (Facet::Warehouse, "leip", &[("Leipzig North", 1), ("Leipzig South", 1)]),
        (Facet::Warehouse, "", &[("Quay 3", 4), ("Leipzig North", 1), ("Leipzig South", 1), ("se-9", 1)]),
        (Facet::Sku, "hg-mug", &[("HG-MUG-1", 1), ("HG-MUG-5", 1)]),
        (Facet::Carrier, "", &[]),
    ] {
        let found = store.read(|r| r.frequent(facet, typed)).unwrap();
        let seen: Vec<(&str, u64)> = found.iter().map(|(value, count)| (value.as_str(), count.n)).collect();
        assert_eq!(seen, expected, "{facet:?} {typed}");
        assert!(found.iter().all(|(_, count)| count.exact), "{facet:?} {typed}");
    }
}

#[test]
fn every_condition_narrows_and_turns_around() {
    let store = queue();
    store
        .write(|tx| {
            let findings = vec![finding(Cause::UnknownSku, "line-1", "No SKU.")];
            let effects = vec![put_hub_order(&order(1), OrderId(1), Mode::Ask)];
            let found = Decision { findings, effects, waits_on: waits("to_send"), ..decision(Stage::ToSend) };
            tx.put_decision(OrderId(1), &order(1), &found, NOW)?;
            let findings = vec![finding(Cause::Late, "", "Late.")];
            tx.put_decision(OrderId(2), &order(2), &Decision { findings, ..decision(Stage::Held) }, NOW)
        })
        .unwrap();
    let n = |not: bool, that: That| {
        let conditions = vec![Condition { not, that }];
        count(&store, &QueueFilter { scope: Scope::All, conditions, ..QueueFilter::default() })
    };
    let all = 7;
    for (that, holds) in [
        (That::Open, 5),
        (That::Stages(vec![Stage::Packing, Stage::Shipped]), 3),
        (That::Connections(vec![shop()]), 7),
        (That::Connections(vec![]), 0),
        // One of them is asked to be sent there.
        (That::Hubs(vec![hub()]), 1),
        (That::Hubs(vec![shop()]), 0),
        (That::Hubs(vec![]), 0),
        (That::Waits("packing".into()), 2),
        (That::Tag("VIP".into()), 0),
        (That::Country("fr".into()), 2),
        (That::Placed(Compare::AtMost, order(3).placed_at_ms), 3),
        (That::Placed(Compare::Less, order(3).placed_at_ms), 2),
        (That::Value(Compare::More, 75_000, None), 2),
        (That::Value(Compare::Equal, 70_000, Some("eur".into())), 1),
        (That::Value(Compare::Equal, 70_000, Some("USD".into())), 0),
        (That::Cause(Cause::UnknownSku), 1),
        (That::Stuck, 1),
        (That::Service("EXPRESS".into()), 7),
        (That::Warehouse("QUAY 3".into()), 7),
        (That::Warehouse("gid://shop/Location/1".into()), 7),
        (That::Warehouse("1".into()), 7),
        (That::Warehouse("quay".into()), 0),
        (That::Warehouse("...".into()), 0),
        (That::Carrier("ups".into()), 0),
        (That::Sku("hg-la".into()), 3),
        (That::Words("1003".into()), 1),
        (That::Words("...".into()), 0),
        (That::Paid, 6),
        (That::Test, 0),
        (That::DueBefore(NOW + 5 * HOUR), 1),
        (That::Asked, 1),
        (
            That::All(vec![
                Condition { not: false, that: That::Open },
                Condition { not: true, that: That::Waits("packing".into()) },
            ]),
            3,
        ),
    ] {
        assert_eq!((n(false, that.clone()), n(true, that.clone())), (holds, all - holds), "{that:?}");
    }
}

#[test]
fn the_numbers_of_the_day() {
    let store = store();
    for n in 1..=4 {
        sending(&store, n, Some(NOW + DAY));
    }
    with_order(&store, 5, |order, id| Decision {
        effects: vec![put_hub_order(order, id, Mode::Ask)],
        findings: vec![finding(Cause::Late, "", "Late.")],
        ..decision(Stage::ToSend)
    });
    store
        .write(|tx| {
            for claimed in tx.claim(&hub(), NOW + 1, &|_| 2)? {
                let done = Settlement::Done { receipt: Receipt::default(), already: false };
                tx.settle(claimed.id, &done, NOW + 2, 1)?;
            }
            let record = Record::Parcel(Parcel { created_at_ms: NOW + 3, ..parcel(1, "1Z") });
            tx.put_record(&hub(), &Incoming { record, raw: "{}".into() }, NOW + 3)?;
            tx.link(OrderId(1), &hub(), RecordKind::Parcel, "label:1")
        })
        .unwrap();
    store
        .read(|r| {
            assert_eq!(r.orders_numbered("1003", 9)?, [OrderId(3)]);
            assert_eq!(r.orders_numbered("#1003", 9)?, [OrderId(3)]);
            assert_eq!(r.orders_numbered("100", 9)?, []);
            assert_eq!(r.open_worth()?[0].minor, 5 * 13_820 + 1 + 2 + 3 + 4 + 5);
            assert_eq!(r.placed_since(order(3).placed_at_ms)?, [(shop(), 3)].into());
            let left = r.departures(NOW + 3, NOW + 4, 9)?.items;
            assert_eq!((left.len(), left[0].order.id, left[0].left_at_ms), (1, OrderId(1), NOW + 3));
            assert_eq!(r.departures(NOW + 4, i64::MAX, 9)?.items, []);
            let (done, newest) = r.effects_done_since(NOW + 2, 0)?;
            assert_eq!(done.by_connection, [(hub(), 2)].into());
            assert_eq!(done.by_automation, [("orders_to_hub".to_owned(), 2)].into());
            let lately = r.effects_told(&done.lately["orders_to_hub"])?;
            assert_eq!(r.effects_told(&[newest + 99])?, []);
            assert_eq!((lately.len(), lately[0].at_ms), (2, NOW + 2));
            assert!(lately[0].order_id.is_some() && lately[0].order_id != lately[1].order_id, "{lately:?}");
            assert!(lately[0].sentence.starts_with("Done: "), "{lately:?}");
            assert_eq!(r.effects_done_since(NOW + 3, 0)?.0, EffectsDone::default());
            // Only what is new.
            assert_eq!(r.effects_done_since(NOW + 2, newest)?, (EffectsDone::default(), newest));
            assert_eq!(r.asked_per_automation()?, [("orders_to_hub".to_owned(), 1)].into());
            let ids = |state| {
                r.effects_standing(Some("orders_to_hub"), state, 9)
                    .map(|rows| rows.iter().map(|e| e.id.0).collect::<Vec<_>>())
            };
            assert_eq!((ids(EffectState::Pending)?, ids(EffectState::Asked)?), (vec![3, 4], vec![5]));
            assert_eq!(r.effects_standing(Some("other"), EffectState::Pending, 9)?, []);
            assert_eq!(r.settled_effects()?, 2);
            assert_eq!((r.resolved_count()?, r.mended_since(NOW)?), (0, 0));
            Ok(())
        })
        .unwrap();
    store.write(|tx| tx.put_decision(OrderId(5), &order(5), &decision(Stage::ToSend), NOW + 9)).unwrap();
    assert_eq!(
        store.read(|r| Ok((r.resolved_count()?, r.mended_since(NOW + 9)?, r.mended_since(NOW + 10)?))).unwrap(),
        (1, 1, 0)
    );
    assert!(store.write(|tx| tx.reopen_finding(ExceptionId(1))).unwrap());
    assert!(!store.write(|tx| tx.reopen_finding(ExceptionId(1))).unwrap());
}

#[test]
fn an_order_leaves_once_with_its_first_parcel_that_goes_out() {
    let store = store();
    for n in 1..=7 {
        with_order(&store, n, |_, _| decision(Stage::Shipped));
    }
    with_order(&store, 8, |_, _| decision(Stage::Ignored));
    let test = Order { test: true, ..order(9) };
    store
        .write(|tx| {
            let id = enter(tx, &test);
            tx.put_decision(id, &test, &decision(Stage::Shipped), NOW)
        })
        .unwrap();
    let sent = |n: i64, orders: &[i64], at_ms: i64, change: &dyn Fn(&mut Parcel)| {
        let mut made = Parcel { remote_id: format!("label:{n}"), created_at_ms: at_ms, ..parcel(n, "1Z") };
        change(&mut made);
        store
            .write(|tx| {
                let incoming = Incoming { record: Record::Parcel(made.clone()), raw: "{}".into() };
                tx.put_record(&hub(), &incoming, NOW)?;
                for order in orders {
                    tx.link(OrderId(*order), &hub(), RecordKind::Parcel, &made.remote_id)?;
                }
                Ok(())
            })
            .unwrap();
    };
    let (as_it_is, voided) = (|_: &mut Parcel| (), |parcel: &mut Parcel| parcel.voided_at_ms = Some(0));
    sent(1, &[1], NOW - DAY, &as_it_is);
    // A replacement: 1 left yesterday.
    sent(2, &[1], NOW, &as_it_is);
    // Two parcels in the time: one departure, with the first of them.
    sent(3, &[2], NOW + 1, &as_it_is);
    sent(4, &[2], NOW + 2, &as_it_is);
    // Yesterday's label was voided: 3 leaves today.
    sent(5, &[3], NOW - DAY, &voided);
    sent(6, &[3], NOW + 3, &as_it_is);
    sent(7, &[4], NOW + 4, &voided);
    sent(8, &[5], NOW + 5, &|parcel| parcel.is_return = true);
    // Two orders in one parcel both leave; what does not count travels along.
    sent(9, &[6, 7, 8, 9], NOW + 6, &as_it_is);
    let left = |from_ms: i64, to_ms: i64, limit: usize| {
        let found = store.read(|r| r.departures(from_ms, to_ms, limit)).unwrap();
        (found.items.iter().map(|one| (one.order.id.0, one.left_at_ms)).collect::<Vec<_>>(), found.cut)
    };
    let all = vec![(2, NOW + 1), (3, NOW + 3), (6, NOW + 6), (7, NOW + 6)];
    assert_eq!(left(NOW, NOW + DAY, 9), (all.clone(), false));
    assert_eq!(left(NOW, NOW + DAY, 4), (all.clone(), false));
    assert_eq!(left(NOW, NOW + DAY, 3), (all[..3].to_vec(), true));
    assert_eq!(left(NOW - DAY, NOW, 9), (vec![(1, NOW - DAY)], false));
    assert_eq!(left(NOW, NOW + 1, 9), (vec![], false), "the second parcel of an order is no departure");
    // Parcels are all there, each with the oldest of its orders that counts.
    let parcels = store.read(|r| r.sent_between(NOW, NOW + DAY, 99)).unwrap().items;
    let last = parcels.last().unwrap().order.as_ref().unwrap();
    assert_eq!((parcels.len(), last.id, last.left_out), (7, OrderId(6), false));
    // Whoever walks along what left sees each parcel's orders, piece by piece, and none that is open.
    with_order(&store, 10, |_, _| decision(Stage::PartlyShipped));
    sent(10, &[10, 1], NOW + 7, &as_it_is);
    let (mut seen, mut at) = (Vec::new(), (NOW, 0, OrderId(0)));
    loop {
        let piece = store.read(|r| r.orders_left(at, 2)).unwrap();
        let Some(last) = piece.last() else { break };
        at = *last;
        seen.extend(piece.iter().map(|(at_ms, _, order)| (at_ms - NOW, order.0)));
    }
    assert_eq!(seen, [(0, 1), (1, 2), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (6, 7), (6, 8), (6, 9), (7, 1)]);
}

#[test]
fn exceptions_that_began_are_counted_by_cause() {
    let store = store();
    for n in 1..=3 {
        with_order(&store, n, |_, _| Decision {
            findings: vec![finding(Cause::Late, "", "Late."), finding(Cause::UnknownSku, "line-1", "No SKU.")],
            ..decision(Stage::ToSend)
        });
    }
    // The lateness of 3 is over.
    let over = Decision { findings: vec![finding(Cause::UnknownSku, "line-1", "No SKU.")], ..decision(Stage::ToSend) };
    store.write(|tx| tx.put_decision(OrderId(3), &order(3), &over, NOW + DAY)).unwrap();
    let begun = |from_ms: i64, to_ms: i64| {
        let listed = store.read(|r| r.findings_begun(from_ms, to_ms, 100)).unwrap();
        let mut counts = std::collections::BTreeMap::new();
        for one in listed.items {
            *counts.entry(one.cause).or_insert(0) += 1;
        }
        counts.into_iter().collect::<Vec<_>>()
    };
    let mut all = vec![(Cause::Late, 3), (Cause::UnknownSku, 3)];
    all.sort_unstable();
    assert_eq!(begun(NOW - DAY, NOW + DAY), all);
    assert_eq!(begun(NOW + 1, NOW + DAY), []);
    assert_eq!(begun(NOW - DAY, NOW), []);
    // Each with its order, and said where there are more.
    let one_by_one = |limit: usize| {
        let listed = store.read(|r| r.findings_begun(NOW - DAY, NOW + DAY, limit)).unwrap();
        (listed.items.len(), listed.cut, listed.items.iter().all(|one| one.order.is_some()))
    };
    assert_eq!((one_by_one(6), one_by_one(5)), ((6, false, true), (5, true, true)));
}

#[test]
fn a_transaction_finds_what_it_wrote_itself() {
    let store = store();
    let find = |r: &Reader<'_>, text: &str| {
        let filter = QueueFilter { text: text.into(), ..QueueFilter::default() };
        Ok::<_, StoreError>(r.queue_count(&filter)?.n)
    };
    store
        .write(|tx| {
            let id = enter(tx, &order(1));
            tx.put_decision(id, &order(1), &decision(Stage::ToSend), NOW)?;
            assert_eq!((find(tx, "#1001")?, find(tx, "#2001")?), (1, 0));
            let renamed = Order { number: "#2001".into(), ..order(1) };
            tx.put_decision(id, &renamed, &decision(Stage::ToSend), NOW)?;
            // Twice before anybody looks.
            tx.put_decision(id, &Order { number: "#3001".into(), ..order(1) }, &decision(Stage::ToSend), NOW)?;
            assert_eq!((find(tx, "#1001")?, find(tx, "#2001")?, find(tx, "#3001")?), (0, 0, 1));
            tx.put_decision(id, &renamed, &decision(Stage::ToSend), NOW)
        })
        .unwrap();
    store
        .read(|r| {
            assert_eq!((find(r, "#1001")?, find(r, "#2001")?, find(r, "#3001")?), (0, 1, 0));
            Ok(())
        })
        .unwrap();
}

#[test]
fn too_many_matches_show_the_newest() {
    let store = store();
    store
        .write(|tx| {
            for n in 1..=620 {
                let id = enter(tx, &order(n));
                tx.put_decision(id, &order(n), &decision(Stage::ToSend), NOW)?;
            }
            Ok(())
        })
        .unwrap();
    let filter = QueueFilter { text: "lamp".into(), ..QueueFilter::default() };
    let everything = QueueFilter { text: "hg".into(), ..QueueFilter::default() };
    let numbered =
        |filter: &QueueFilter| store.read(|r| r.queue_page(filter, by(SortBy::Number), None, 1_000)).unwrap();
    assert_eq!((numbered(&filter).rows.len(), numbered(&filter).newest_only), (310, false));
    let page = numbered(&everything);
    assert_eq!((page.rows.len(), page.newest_only), (500, true));
    assert_eq!((page.rows[0].number.as_str(), page.rows[499].number.as_str()), ("#1121", "#1620"));
    let counted = store.read(|r| r.queue_count(&everything)).unwrap();
    assert_eq!((counted.n, counted.exact), (500, false), "each match costs a look into the file");
}
