//! Reconciliation: what is compared, what is counted apart, what a clean day says.

use crate::house::{House, NOW, config, hub, hub_order, order, outlet, parcel, shop};
use crate::reports::{ask, table, words};
use quayside_api::reports::{Cell, Report, ReportAsk, ReportForm, ReportKind};
use quayside_api::view::TroubleCode;
use quayside_model::time::DAY_MS;
use quayside_model::{Cause, ConnectionId, HubStatus, Order, Payment};

/// Reports of the reconciliation, between two accounts or all of them.
fn reconciled(house: &House, here: &str, there: &str) -> Report {
    let ask = ReportAsk { here: here.into(), there: there.into(), ..ask(ReportKind::Reconciliation) };
    house.desk.report(&ask).unwrap()
}

fn differences(report: &Report) -> Vec<String> {
    let row = |row: &Vec<Cell>| [0, 1, 3, 5, 8].map(|at| row[at].words(&report.zone)).join(" | ");
    table(report, "differences").rows.iter().map(row).collect()
}

/// The shop's lists and the hub's were read to their end now.
fn read_now(house: &House) {
    let now_ms = quayside_model::Clock::now_ms(&*house.clock);
    for (id, platform) in [(shop(), "shopify"), (outlet(), "shopify"), (hub(), "shipstation")] {
        for stream in quayside_connectors::platform(platform).unwrap().declaration.streams {
            let state = quayside_store::StreamState {
                last_ok_at_ms: Some(now_ms),
                ..quayside_store::StreamState::new(&id, stream.name)
            };
            house.store.write(|tx| tx.put_stream(&state)).unwrap();
        }
    }
}

#[test]
fn a_clean_reconciliation_says_how_many_agree_and_of_when_it_is() {
    let house = House::new().auto();
    for n in 1..=3 {
        let id = house.order(order(n));
        house.done(&hub(), &format!("90{n}"));
        house.clock.set(NOW + n);
        house.hub_order(hub_order(&house.key(id), &format!("90{n}"), n, HubStatus::AwaitingShipment));
    }
    house.order(Order { test: true, ..order(4) });
    let before = reconciled(&house, "", "");
    assert!(before.words.contains("Harbour Shipping not read to the end yet"), "{}", before.words);
    read_now(&house);
    let report = reconciled(&house, "", "");
    assert!(
        report.words.starts_with(
            "2026-10-22 to 2026-11-20, 30 days, by the day an order was bought. 3 orders on both sides agree. "
        ),
        "{}",
        report.words
    );
    assert!(
        report.words.contains("Harbour Goods as of 10:00") && report.words.contains("Harbour Shipping as of 10:00")
    );
    assert_eq!(differences(&report), ["– | nothing | – | – | –"]);
    let csv = report.text(ReportForm::Csv, "").unwrap();
    assert_eq!(
        csv,
        "\u{feff}Order,Differs,Store,Store has,Other account,That has,Since,What it means,To do\r\n\
         ,nothing,,,,,,3 orders on both sides agree.,\r\n"
    );
    assert!(report.text(ReportForm::Page, "").unwrap().contains("3 orders on both sides agree."));
    assert_eq!(words(&report, "apart"), ["are tests | Harbour Goods | Harbour Shipping | 1"]);
    // A day without orders is no clean one.
    let early = ReportAsk::days(ReportKind::Reconciliation, "2025-01-01", "2025-01-01");
    let empty = house.desk.report(&early).unwrap();
    assert!(
        empty.words.contains("Nothing was bought in this time, so there was nothing to compare."),
        "{}",
        empty.words
    );
}

#[test]
fn what_differs_between_store_and_hub_is_listed_with_both_values_and_a_way_out() {
    let house = House::new().auto();
    let sent = |n: i64, change: &dyn Fn(&mut quayside_model::HubOrder)| {
        let id = house.order(order(n));
        house.done(&hub(), &format!("90{n}"));
        house.clock.set(NOW + n);
        let mut hub_order = hub_order(&house.key(id), &format!("90{n}"), n, HubStatus::AwaitingShipment);
        change(&mut hub_order);
        house.hub_order(hub_order);
        id
    };
    sent(1, &|_| ());
    sent(2, &|hub_order| hub_order.lines[0].quantity = 1);
    sent(3, &|hub_order| hub_order.status = HubStatus::Cancelled);
    let doubled = sent(4, &|_| ());
    // The same order by hand, under another key: nobody tied it.
    let mut by_hand = hub_order("typed", "777", 4, HubStatus::AwaitingShipment);
    by_hand.lines[0].line_key = None;
    house.hub_order(by_hand);
    let cancelled = sent(5, &|_| ());
    house.order(Order { cancelled_at_ms: Some(NOW), updated_at_ms: NOW + 1, ..order(5) });
    // One that nobody sent, with a SKU of nothing: it only waits because the store holds it.
    house.order(Order { payment: Payment::Pending, ..order(6) });
    // At the hub under a key of ours, and unknown here.
    let key = house.key(doubled);
    let of_ours = format!("{}-4711", key.split('-').next().unwrap());
    house.hub_order(hub_order(&of_ours, "4711", 4711, HubStatus::AwaitingShipment));
    // A stranger's.
    house.hub_order(hub_order("stranger", "888", 888, HubStatus::AwaitingShipment));
    // Another day, so that nothing is only just on its way.
    house.clock.set(NOW + DAY_MS);
    read_now(&house);

    let report = reconciled(&house, "harbour-goods", "Harbour Shipping");
    assert_eq!(
        differences(&report),
        [
            "#4 | there twice | 1 order | #4 and #4 (id 777) | Open the order",
            "#4711 | missing in the store | not there | ready to pack | Read Harbour Goods again",
            "#3 | status | paid, not fulfilled | cancelled | Send to ShipStation again",
            "#5 | status | cancelled | ready to pack | Look again",
            "#2 | units | 2 × HG-LAMP-S | 1 × HG-LAMP-S | Send the store's version",
        ]
        .map(str::to_owned)
    );
    assert!(report.words.contains("5 orders differ; 1 order on both sides agrees."), "{}", report.words);
    assert_eq!(
        words(&report, "apart"),
        [
            "are not paid yet | Harbour Goods | Harbour Shipping | 1",
            "at the hub belong to no store that is connected | Harbour Goods | Harbour Shipping | 1",
        ]
    );
    assert_eq!(
        words(&report, "accounts"),
        ["Harbour Goods | 21 Nov 2026, 10:00 | Harbour Shipping | 21 Nov 2026, 10:00 | 1 | 5 | 2"]
    );
    let order_of = |number: &str| {
        table(&report, "differences").rows.iter().find_map(|row| match &row[0] {
            Cell::Order { id, number: known } if known == number => Some(*id),
            _ => None,
        })
    };
    assert_eq!(order_of("#5"), Some(cancelled));

    // The same in either order; two hubs, or what is no account, are refused with a way out.
    assert_eq!(differences(&reconciled(&house, "harbour-shipping", "harbour-goods")), differences(&report));
    let refused = |here: &str, there: &str| {
        let ask = ReportAsk { here: here.into(), there: there.into(), ..ask(ReportKind::Reconciliation) };
        let trouble = house.desk.report(&ask).unwrap_err();
        (trouble.code, trouble.field.unwrap_or_default())
    };
    assert_eq!(refused("nobody", ""), (TroubleCode::Input, "here".to_owned()));
    assert_eq!(refused("harbour-shipping", "harbour-shipping"), (TroubleCode::Input, "there".to_owned()));
    // What is offered is what can be asked for.
    let offers = house.desk.reports().unwrap();
    let pairs = &offers.iter().find(|offer| offer.kind == ReportKind::Reconciliation).unwrap().pairs;
    let named: Vec<String> = pairs.iter().map(|pair| format!("{} – {}", pair.here_name, pair.there_name)).collect();
    assert_eq!(
        named,
        ["Harbour Goods – Harbour Shipping", "Harbour Outlet – Harbour Shipping", "Harbour Goods – Harbour Outlet"]
    );
    for pair in pairs {
        reconciled(&house, &pair.here.0, &pair.there.0);
    }
    assert!(offers.iter().all(|offer| offer.kind == ReportKind::Reconciliation || offer.pairs.is_empty()));
    // The report names nobody, whatever differs.
    let page = report.text(ReportForm::Page, "").unwrap();
    assert!(!page.contains("Anna Larsen") && !page.contains("Kai 1"), "{page}");
}

/// A store that only watches has nothing at the hub: each order says so, and can be sent.
#[test]
fn orders_that_are_only_watched_are_missing_at_the_hub() {
    let house = House::new();
    let id = house.order(order(1));
    house.clock.set(NOW + DAY_MS);
    let report = reconciled(&house, "", "harbour-shipping");
    assert_eq!(
        differences(&report),
        ["#1 | missing there | paid, not fulfilled | not there | Send to ShipStation now"]
    );
    let Cell::Act { id: of, verb, .. } = &table(&report, "differences").rows[0][8] else { panic!("nothing to do") };
    let done = house.desk.act(crate::house::act(*verb, quayside_api::view::Targets::Orders(vec![*of]))).unwrap();
    assert_eq!((*of, done.done), (id, 1), "{done:?}");
}

#[test]
fn one_sale_in_two_stores_is_compared_once() {
    let house = House::new().auto();
    let copy = Order {
        remote_id: "gid://shopify/Order/9001".into(),
        number: "#9001".into(),
        current_total_minor: 4_000,
        sold_on: Some(quayside_model::SoldOn {
            source: "shopify".into(),
            number: "1001".into(),
            platform: Some("shopify".into()),
            personal_data_days: None,
        }),
        ..order(1)
    };
    house.order(Order { number: "#1001".into(), ..order(1) });
    house.order_at(&outlet(), copy);
    house.order(order(2));
    for (here, there) in [("harbour-goods", "harbour-outlet"), ("harbour-outlet", "harbour-goods")] {
        let report = reconciled(&house, here, there);
        assert_eq!(differences(&report), ["#1001 | total | 41.90 EUR | 40.00 EUR | Open the order"]);
        assert_eq!(words(&report, "accounts").len(), 1);
    }
}

/// Two shipping accounts with the same sale would both pack it; what only one of them has is none of the other's business.
#[test]
fn one_sale_at_two_hubs_is_there_twice() {
    let house = House::new();
    let second = ConnectionId::new("second-hub");
    house.store.write(|tx| tx.put_connection(&config(&second, "Second Hub", "shipstation", "EUR"))).unwrap();
    let house = house.auto();
    for n in 1..=2 {
        let id = house.order(order(n));
        house.done(&hub(), &format!("90{n}"));
        house.clock.set(NOW + n);
        house.hub_order(hub_order(&house.key(id), &format!("90{n}"), n, HubStatus::AwaitingShipment));
    }
    // Imported by the other one, tied to nothing; and a number that both have and no store.
    let at_second = |key: &str, id: &str, n: i64| {
        let mut copy = hub_order(key, id, n, HubStatus::AwaitingShipment);
        copy.lines[0].line_key = None;
        house.read(&second, quayside_model::Record::HubOrder(copy));
    };
    at_second("imported", "777", 1);
    at_second("strange", "888", 9);
    house.hub_order(hub_order("stranger", "999", 9, HubStatus::AwaitingShipment));
    house.clock.set(NOW + DAY_MS);
    let report = reconciled(&house, "Second Hub", "Harbour Shipping");
    assert_eq!(
        differences(&report),
        [
            "#1 | there twice | #1 (ready to pack), 2 units, total not known | #1 (ready to pack), 2 units, total not known | Open the order",
            "#9 | not tied together | #9, ready to pack, total not known | #9, ready to pack, total not known | Read Harbour Shipping again",
        ]
    );
    assert_eq!(
        words(&report, "apart"),
        [
            "are at Harbour Shipping only, where they are to be packed | Harbour Shipping | Second Hub | 1",
            "at the hub belong to no store that is connected | Harbour Shipping | Second Hub | 1",
        ]
    );
    assert!(report.words.contains("Two shipping accounts are not to have the same units"), "{}", report.words);
}

/// What is written down about a sale elsewhere is compared by what was answered.
#[test]
fn what_the_records_were_not_given_is_missing_there() {
    let house = House::new();
    let crm = ConnectionId::new("harbour-crm");
    house.store.write(|tx| tx.put_connection(&config(&crm, "Harbour CRM", "salesforce", "EUR"))).unwrap();
    let off = reconciled(&house, "Harbour Goods", "Harbour CRM");
    assert!(off.words.contains("Records in Harbour CRM are not read back"), "{}", off.words);
    let house = house.auto();
    let id = house.order(order(1));
    house.done(&hub(), "901");
    house.clock.set(NOW + 1);
    house.hub_order(hub_order(&house.key(id), "901", 1, HubStatus::Shipped));
    house.parcel(parcel(&house.key(id), "901", 1, "1Z1"));
    let told = |there: &House| differences(&reconciled(there, "Harbour Goods", "Harbour CRM"));
    assert_eq!(told(&house), ["– | nothing | – | – | –"], "it is on its way");
    house.clock.set(NOW + DAY_MS);
    assert_eq!(
        told(&house),
        [
            "#1 | missing there | a customer | not written yet | Open the order",
            "#1 | missing there | a parcel | not written yet | Open the order",
        ]
    );
    // One after the other, as changes of one order go.
    for _ in 0..8 {
        house.done(&shop(), "gid://shop/Fulfillment/1");
        house.done(&crm, "003");
    }
    let report = reconciled(&house, "Harbour Goods", "Harbour CRM");
    assert!(report.words.contains("1 order on both sides agrees."), "{}", report.words);
    // Its total changes: that is written anew at once, and agrees again when it is answered.
    house.order(Order { current_total_minor: 2_000, updated_at_ms: NOW + DAY_MS, ..order(1) });
    let waiting = reconciled(&house, "Harbour Goods", "Harbour CRM");
    assert_eq!(words(&waiting, "apart"), ["are on their way | Harbour Goods | Harbour CRM | 1"]);
    house.refuse(&crm, Cause::ContentRefused, "Anna Larsen cannot be written.", "");
    assert_eq!(told(&house), ["#1 | missing there | a parcel | refused | Retry now"]);
    let page = reconciled(&house, "Harbour Goods", "Harbour CRM").text(ReportForm::Page, "").unwrap();
    assert!(!page.contains("Anna Larsen"), "{page}");
}

/// Pieces that are read one after the other miss no order and count none twice, of one moment too.
#[test]
fn orders_of_one_moment_are_compared_once_each() {
    let house = House::new();
    for n in 1..=450 {
        house.order(Order { payment: Payment::Pending, ..order(n) });
    }
    let report = reconciled(&house, "harbour-goods", "harbour-shipping");
    assert_eq!(words(&report, "apart"), ["are not paid yet | Harbour Goods | Harbour Shipping | 450"]);
}

/// An address that differs is no business of a file that is mailed around.
#[test]
fn why_an_order_waits_names_no_buyer() {
    let house = House::new().auto();
    house.clock.set(NOW - 9 * DAY_MS);
    let id = house.order(Order { placed_at_ms: NOW - 10 * DAY_MS, ..order(1) });
    house.done(&hub(), "901");
    house.clock.set(NOW - 8 * DAY_MS);
    let mut moved = hub_order(&house.key(id), "901", 1, HubStatus::AwaitingShipment);
    moved.ship_to.as_mut().unwrap().line1 = "Dock 77".into();
    house.hub_order(moved);
    house.clock.set(NOW);
    let sentence = house.desk.order(id).unwrap().row.waits_on.sentence;
    assert!(sentence.contains("Kai 1"), "the desk itself says both: {sentence}");
    let report = house.desk.report(&ask(ReportKind::Unfulfilled)).unwrap();
    let page = report.text(ReportForm::Page, "").unwrap();
    assert!(page.contains("Store and hub disagree. The order says more."), "{page}");
    assert!(!page.contains("Anna Larsen") && !page.contains("Kai 1") && !page.contains("Dock 77"), "{page}");
}
