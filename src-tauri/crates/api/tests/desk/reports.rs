//! Reports: what they count, what files hold, and the ones that make themselves.

use crate::house::{House, NOW, hub, hub_order, order, outlet, parcel};
use quayside_api::reports::plan::ReportPlan;
use quayside_api::reports::{Cell, Report, ReportAsk, ReportForm, ReportKind, Table};
use quayside_api::view::TroubleCode;
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_model::{Currency, HubStatus, Order, OrderId, Parcel};

fn ask(kind: ReportKind) -> ReportAsk {
    ReportAsk { kind, from_day: String::new(), to_day: String::new() }
}

fn figure(report: &Report, label: &str) -> Cell {
    report.figures.iter().find(|figure| figure.label == label).unwrap_or_else(|| panic!("{label}")).value.clone()
}

fn table<'a>(report: &'a Report, code: &str) -> &'a Table {
    report.tables.iter().find(|table| table.code == code).unwrap_or_else(|| panic!("{code}"))
}

fn words(report: &Report, code: &str) -> Vec<String> {
    let row = |row: &Vec<Cell>| row.iter().map(|cell| cell.words(&report.zone)).collect::<Vec<_>>().join(" | ");
    table(report, code).rows.iter().map(row).collect()
}

/// An order that left in a parcel made from the usual one.
fn shipped(house: &House, n: i64, order: Order, change: impl FnOnce(&mut Parcel)) -> OrderId {
    let id = house.order(order);
    let key = house.key(id);
    house.done(&hub(), &format!("90{n}"));
    house.hub_order(hub_order(&key, &format!("90{n}"), n, HubStatus::Shipped));
    let mut parcel = parcel(&key, &format!("90{n}"), n, &format!("1Z{n}"));
    change(&mut parcel);
    house.parcel(parcel);
    id
}

/// Three that left (one late, with a voided label beside it), one that waits, one that is cancelled, one of the other store.
fn busy() -> House {
    let house = House::new().auto();
    shipped(&house, 1, order(1), |parcel| parcel.cost_minor = Some(590));
    let late = Order { ship_by_ms: Some(NOW - 4 * HOUR_MS), ..order(2) };
    let late = shipped(&house, 2, late, |parcel| {
        parcel.cost_minor = Some(1_210);
        parcel.carrier_name = Some("=DHL".into());
        parcel.delivered_at_ms = Some(NOW);
    });
    let key = house.key(late);
    house.parcel(Parcel { cost_minor: Some(9_999), voided_at_ms: Some(NOW), ..parcel(&key, "902", 2, "1ZVOID") });
    shipped(&house, 3, Order { ship_by_ms: None, ..order(3) }, |_| ());
    house.order(order(4));
    house.order(Order { cancelled_at_ms: Some(NOW), ..order(5) });
    house.order(Order { test: true, ..order(6) });
    house.order_at(&outlet(), Order { currency: Currency::new("GBP"), ..order(7) });
    house.order(Order { placed_at_ms: NOW - 40 * DAY_MS, ..order(8) });
    house
}

#[test]
fn performance_counts_orders_and_how_fast_they_left() {
    let house = busy();
    let report = house.desk.report(&ask(ReportKind::Performance)).unwrap();
    assert_eq!((report.from_day.as_str(), report.to_day.as_str()), ("2026-10-22", "2026-11-20"));
    let said = |label: &str| figure(&report, label).words(&report.zone);
    assert_eq!((said("Bought").as_str(), said("Shipped").as_str()), ("6", "3"));
    assert_eq!(said("Worth"), "209.50 EUR, 41.90 GBP");
    // Bought 22 hours ago, left an hour ago. The store names no day for the third: the settings do. One of three was late.
    assert_eq!((said("Time to ship").as_str(), said("On time").as_str()), ("21.0 h", "66.7 %"));
    assert_eq!(words(&report, "late").len(), 1);
    assert!(
        words(&report, "late")[0].starts_with("#2 | Harbour Goods | Harbour Shipping | "),
        "{:?}",
        words(&report, "late")
    );
    assert_eq!(
        words(&report, "stores"),
        ["Harbour Goods | 5 | 3 | 21.0 h | 21.0 h | 66.7 %", "Harbour Outlet | 1 | 0 | – | – | –"]
    );
    assert_eq!(words(&report, "carriers"), ["UPS | 2 | 0 | – | –", "=DHL | 1 | 1 | 1.0 h | 1.0 h"]);
    let Cell::Order { id, .. } = &table(&report, "late").rows[0][0] else { panic!("no order") };
    assert_eq!(house.desk.order(*id).unwrap().row.number, "#2");

    // The old order is in a longer time, and nothing is in an empty one.
    let longer = ReportAsk { from_day: "2026-10-01".into(), ..ask(ReportKind::Performance) };
    assert_eq!(figure(&house.desk.report(&longer).unwrap(), "Bought").words("UTC"), "7");
    let before =
        ReportAsk { from_day: "2025-01-01".into(), to_day: "2025-01-31".into(), ..ask(ReportKind::Performance) };
    let empty = house.desk.report(&before).unwrap();
    assert_eq!((figure(&empty, "Bought"), figure(&empty, "On time")), (Cell::Count { count: 0 }, Cell::Empty));
    assert!(empty.tables.iter().all(|table| table.rows.is_empty()));
    let wrong = ReportAsk { to_day: "soon".into(), ..ask(ReportKind::Performance) };
    assert_eq!(house.desk.report(&wrong).unwrap_err().field.as_deref(), Some("to_day"));
}

#[test]
fn shipping_cost_adds_up_to_its_labels_and_voided_ones_cost_nothing() {
    let house = busy();
    let report = house.desk.report(&ask(ReportKind::ShippingCost)).unwrap();
    let said = |label: &str| figure(&report, label).words(&report.zone);
    assert_eq!((said("Cost").as_str(), said("Labels").as_str(), said("Each").as_str()), ("18.00 EUR", "3", "9.00 EUR"));
    let note = &report.figures.iter().find(|figure| figure.label == "Labels").unwrap().note;
    assert_eq!(note, "1 voided not counted, 1 without a price");
    let labels = table(&report, "labels");
    let priced = labels.rows.iter().flatten().filter_map(|cell| match cell {
        Cell::Money { minor, .. } => Some(*minor),
        _ => None,
    });
    assert_eq!((labels.rows.len(), priced.sum::<i64>()), (4, 1_800));
    for code in ["carriers", "stores", "countries", "warehouses"] {
        let sum: i64 = table(&report, code)
            .rows
            .iter()
            .map(|row| match row.last() {
                Some(Cell::Money { minor, .. }) => *minor,
                _ => 0,
            })
            .sum();
        assert_eq!(sum, 1_800, "{code}");
    }

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("labels.csv");
    house.desk.save_report(&ask(ReportKind::ShippingCost), ReportForm::Csv, "labels", &file).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let mut lines = text.lines();
    assert!(lines.next().unwrap().ends_with("Cost,Cost currency,Note"), "{text}");
    assert!(text.contains(",'=DHL,ups_ground,1Z2,DE,12.10,EUR,") && text.contains(",voided"), "{text}");
    assert_eq!(lines.count(), 4);
    let page = folder.path().join("cost.html");
    house.desk.save_report(&ask(ReportKind::ShippingCost), ReportForm::Page, "", &page).unwrap();
    assert!(std::fs::read_to_string(&page).unwrap().contains("18.00 EUR"));
    let trouble = house.desk.save_report(&ask(ReportKind::ShippingCost), ReportForm::Csv, "boxes", &file).unwrap_err();
    assert!(trouble.sentence.contains("\"boxes\"") && trouble.sentence.contains("labels"), "{trouble}");
    let nowhere = folder.path().join("no/such/folder.csv");
    assert!(house.desk.save_report(&ask(ReportKind::ShippingCost), ReportForm::Csv, "", &nowhere).is_err());
}

#[test]
fn unfulfilled_says_what_its_screen_says() {
    let house = busy();
    house.order(Order { placed_at_ms: NOW - 9 * DAY_MS, ..order(9) });
    let groups = house.desk.unfulfilled().unwrap();
    let report = house.desk.report(&ask(ReportKind::Unfulfilled)).unwrap();
    let count: i64 = groups.iter().map(|group| group.count).sum();
    assert!(count >= 2, "{groups:?}");
    assert_eq!(figure(&report, "Orders"), Cell::Count { count });
    assert_eq!(table(&report, "causes").rows.len(), groups.len());
    assert_eq!(table(&report, "orders").rows.len() as i64, count);
    assert!((report.from_day + &report.to_day).is_empty(), "it is about now");
}

#[test]
fn reports_make_themselves_once_a_day_also_after_a_sleep() {
    let house = busy();
    let folder = tempfile::tempdir().unwrap();
    let into =
        |path: &std::path::Path| ReportPlan { on: true, folder: path.display().to_string(), ..ReportPlan::default() };
    let refused = |plan: &ReportPlan| house.desk.put_report_plan(plan).unwrap_err();
    for (plan, field) in [
        (into(&folder.path().join("none")), "folder"),
        (ReportPlan { folder: "reports".into(), ..into(folder.path()) }, "folder"),
        (ReportPlan { folder: String::new(), ..into(folder.path()) }, "folder"),
        (ReportPlan { minute: 1_440, ..into(folder.path()) }, "minute"),
        (ReportPlan { kinds: vec![], ..into(folder.path()) }, "kinds"),
    ] {
        let trouble = refused(&plan);
        assert_eq!((trouble.code, trouble.field.as_deref()), (TroubleCode::Input, Some(field)), "{trouble}");
    }
    assert_eq!(house.desk.make_due_reports().unwrap(), None, "nothing was asked for");

    // Switched on at ten: six o'clock is over for today.
    let view = house.desk.put_report_plan(&into(folder.path())).unwrap();
    let due_ms = view.next_ms.unwrap();
    assert_eq!(due_ms, NOW + 20 * HOUR_MS);
    let files = || std::fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name().into_string().unwrap());
    house.clock.set(due_ms - 1);
    assert_eq!((house.desk.make_due_reports().unwrap(), files().count()), (None, 0));
    // It slept over the time, and the next one too: once, about the day before the one that is due.
    house.clock.set(due_ms + DAY_MS + 3 * HOUR_MS);
    let run = house.desk.make_due_reports().unwrap().unwrap();
    assert_eq!((run.due_ms, run.trouble), (due_ms + DAY_MS, None));
    let mut made: Vec<String> = files().collect();
    made.sort();
    assert_eq!(
        made,
        [
            "2026-11-21 performance late.csv",
            "2026-11-21 performance.html",
            "2026-11-21 shipping_cost labels.csv",
            "2026-11-21 shipping_cost.html",
            "2026-11-21 unfulfilled orders.csv",
            "2026-11-21 unfulfilled.html",
        ]
    );
    assert_eq!(house.desk.make_due_reports().unwrap(), None, "once");
    for name in made {
        let text = std::fs::read_to_string(folder.path().join(&name)).unwrap();
        assert!(!text.contains("Anna Larsen") && !text.contains("anna@example.org"), "{name} names a buyer");
    }

    // The folder is gone: told, tried again an hour later, and mended by itself.
    drop(std::fs::remove_dir_all(folder.path()));
    house.clock.set(due_ms + 2 * DAY_MS);
    assert!(house.desk.make_due_reports().unwrap().unwrap().trouble.unwrap().contains("There is no folder"));
    assert!(house.desk.report_plan().unwrap().trouble.is_some());
    assert_eq!(house.desk.make_due_reports().unwrap(), None);
    std::fs::create_dir_all(folder.path()).unwrap();
    house.clock.set(due_ms + 2 * DAY_MS + HOUR_MS);
    assert_eq!(house.desk.make_due_reports().unwrap().unwrap().trouble, None);
    assert_eq!(files().count(), 6);

    let off = ReportPlan { on: false, ..into(folder.path()) };
    assert_eq!(house.desk.put_report_plan(&off).unwrap().next_ms, None);
    house.clock.set(due_ms + 9 * DAY_MS);
    assert_eq!(house.desk.make_due_reports().unwrap(), None);
}
