//! Reports: what they count, what files hold, and the ones that make themselves.

use crate::house::{House, NOW, Silence, hub, hub_order, order, outlet, parcel};
use quayside_api::desk::DeskEvent;
use quayside_api::notices::Topic;
use quayside_api::reports::plan::ReportPlan;
use quayside_api::reports::{Cell, Holds, Report, ReportAsk, ReportForm, ReportKind, ReportSpan, Table};
use quayside_api::view::TroubleCode;
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use quayside_model::{
    Currency, Fulfillment, FulfillmentLine, HubStatus, Mode, Order, OrderId, OrderLine, Parcel, ParcelOrigin, Payment,
};
use quayside_store::InjectedFailure;
use std::path::Path;
use std::sync::Arc;

pub fn ask(kind: ReportKind) -> ReportAsk {
    ReportAsk::days(kind, "", "")
}

fn figure(report: &Report, label: &str) -> Cell {
    report.figures.iter().find(|figure| figure.label == label).unwrap_or_else(|| panic!("{label}")).value.clone()
}

pub fn table<'a>(report: &'a Report, code: &str) -> &'a Table {
    report.tables.iter().find(|table| table.code == code).unwrap_or_else(|| panic!("{code}"))
}

pub fn words(report: &Report, code: &str) -> Vec<String> {
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
    assert_eq!(said("Worth"), "167.60 EUR, 41.90 GBP", "what was cancelled is worth nothing");
    let note = |label: &str| report.figures.iter().find(|figure| figure.label == label).unwrap().note.clone();
    assert_eq!(
        (note("Bought").as_str(), note("Worth").as_str()),
        ("1 of them cancelled or not to ship", "10 units, without those 1")
    );
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
        ["Harbour Goods | 5 | 3 | 21.0 h | 21.0 h | 66.7 % | 9.00 EUR", "Harbour Outlet | 1 | 0 | – | – | – | –"]
    );
    assert_eq!(words(&report, "carriers"), ["UPS | 2 | 0 | – | – | 100.0 %", "=DHL | 1 | 1 | 1.0 h | 1.0 h | 0.0 %"]);
    assert_eq!((said("Cost per order").as_str(), note("Cost per order").as_str()), ("9.00 EUR", "labels of 2 orders"));
    // What a figure counts are the rows it says.
    for (label, counted) in [("Bought", 6), ("Worth", 5), ("Shipped", 3), ("On time", 2), ("Cost per order", 2)] {
        let behind = report.figures.iter().find(|figure| figure.label == label).unwrap().behind.clone().unwrap();
        let of = table(&report, &behind.table);
        let at = |column: &String| of.columns.iter().position(|one| one.label == *column).unwrap();
        let fits = |row: &&Vec<Cell>| {
            behind.filled.iter().all(|column| row[at(column)] != Cell::Empty)
                && behind.empty.iter().all(|column| row[at(column)] == Cell::Empty)
        };
        assert_eq!(of.rows.iter().filter(fits).count(), counted, "{label}");
    }
    // As many exceptions one by one as by cause, and by cause, store, account and week.
    let counts = |code: &str| {
        let count = |cell: &Cell| if let Cell::Count { count } = cell { *count } else { 0 };
        table(&report, code).rows.iter().map(|row| count(row.last().unwrap())).sum::<i64>()
    };
    assert_eq!(counts("exceptions"), table(&report, "begun").rows.len() as i64);
    assert_eq!(counts("exceptions_where"), counts("exceptions"));
    let Cell::Order { id, .. } = &table(&report, "late").rows[0][0] else { panic!("no order") };
    assert_eq!(house.desk.order(*id).unwrap().row.number, "#2");

    // Every order behind these numbers, and no other.
    let orders = words(&report, "orders");
    let of = |number: &str| orders.iter().find(|row| row.starts_with(number)).unwrap_or_else(|| panic!("{orders:?}"));
    assert_eq!(orders.len(), 6);
    assert_eq!(
        of("#2"),
        "#2 | Harbour Goods | 19 Nov 2026, 12:00 | 41.90 EUR | 2 | 20 Nov 2026, 06:00 | 20 Nov 2026, 09:00 | 21.0 h | 3.0 h | Harbour Shipping | =DHL | 12.10 EUR | – | – | – | from 2026-11-16 | from 2026-11-16 | –"
    );
    assert!(
        of("#5").ends_with("| – | – | – | – | – | – | – | – | – | from 2026-11-16 | – | cancelled or not to ship"),
        "{orders:?}"
    );

    // The old order is in a longer time, and nothing is in an empty one.
    let longer = ReportAsk { from_day: "2026-10-01".into(), ..ask(ReportKind::Performance) };
    assert_eq!(figure(&house.desk.report(&longer).unwrap(), "Bought").words("UTC"), "7");
    let before = ReportAsk::days(ReportKind::Performance, "2025-01-01", "2025-01-31");
    let empty = house.desk.report(&before).unwrap();
    assert_eq!((figure(&empty, "Bought"), figure(&empty, "On time")), (Cell::Count { count: 0 }, Cell::Empty));
    assert!(empty.tables.iter().all(|table| table.rows.is_empty()));
    let wrong = ReportAsk { to_day: "soon".into(), ..ask(ReportKind::Performance) };
    assert_eq!(house.desk.report(&wrong).unwrap_err().field.as_deref(), Some("to_day"));
}

/// An order that left in time and gets a second parcel, or one that replaces the first, is not shipped again, nor late.
#[test]
fn a_second_parcel_a_week_later_ships_no_order_again() {
    let house = House::new().auto();
    let early = NOW - 8 * DAY_MS;
    house.clock.set(early);
    let bought = Order { placed_at_ms: early - HOUR_MS, ship_by_ms: Some(early + HOUR_MS), ..order(1) };
    let id = shipped(&house, 1, bought, |parcel| parcel.created_at_ms = early);
    house.clock.set(NOW);
    house.parcel(parcel(&house.key(id), "901", 1, "1ZAGAIN"));
    let week = |span: ReportSpan| {
        let report = house.desk.report(&ReportAsk { span, ..ask(ReportKind::Performance) }).unwrap();
        let said = |label: &str| figure(&report, label).words(&report.zone);
        (said("Shipped"), said("On time"), words(&report, "carriers"))
    };
    assert_eq!(week(ReportSpan::Week), ("0".into(), "–".into(), vec!["UPS | 1 | 0 | – | – | –".into()]));
    assert_eq!(week(ReportSpan::Thirty).0, "1");
    assert_eq!(week(ReportSpan::Thirty).1, "100.0 %");
    // The first screen says the same.
    let home = house.desk.home().unwrap();
    assert_eq!((home.counts.left_today, home.on_time_percent), (0, Some(100.0)));
    assert_eq!(
        home.trend.iter().map(|day| (day.shipped, day.late)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1)),
        (1, 0)
    );
}

/// The label's own word first, then the account's, then a person's; nothing is taken for dollars.
#[test]
fn a_price_is_in_the_currency_somebody_named() {
    let house = House::new().auto();
    shipped(&house, 1, order(1), |parcel| parcel.cost_minor = Some(590));
    shipped(&house, 2, order(2), |parcel| {
        parcel.cost_minor = Some(641);
        parcel.cost_currency = Some(Currency::new("JPY"));
    });
    let cost = || {
        let report = house.desk.report(&ask(ReportKind::ShippingCost)).unwrap();
        let note = report.figures.iter().find(|figure| figure.label == "Labels").unwrap().note.clone();
        (figure(&report, "Cost").words("UTC"), note, report.words.contains("Currency of the postage"))
    };
    assert_eq!(cost(), ("5.90 EUR, 641 JPY".into(), String::new(), false), "as the account says");
    house
        .store
        .write(|tx| {
            let mut config = tx.connection(&hub())?.unwrap();
            config.account.currency = None;
            tx.put_connection(&config)
        })
        .unwrap();
    assert_eq!(cost(), ("641 JPY, 5.90 XXX".into(), "1 of no currency".into(), true));
    let said = std::collections::BTreeMap::from([("cost_currency".to_owned(), serde_json::json!("gbp"))]);
    house.desk.put_automation("facts_to_channel", Mode::Off, &said).unwrap();
    assert_eq!(cost(), ("5.90 GBP, 641 JPY".into(), String::new(), false));
}

#[test]
fn a_test_order_and_a_voided_label_leave_nowhere() {
    let house = House::new().auto();
    shipped(&house, 1, order(1), |parcel| parcel.voided_at_ms = Some(NOW));
    shipped(&house, 2, order(2), |parcel| parcel.is_return = true);
    let test = house.order(Order { test: true, ..order(3) });
    house.store.write(|tx| tx.link(test, &hub(), quayside_model::RecordKind::Parcel, "label:1Z3")).unwrap();
    house.parcel(parcel("no such key", "903", 3, "1Z3"));
    let report = house.desk.report(&ask(ReportKind::Performance)).unwrap();
    assert_eq!(figure(&report, "Shipped"), Cell::Count { count: 0 });
    assert_eq!(words(&report, "carriers"), Vec::<String>::new());
    assert_eq!(house.desk.home().unwrap().counts.left_today, 0);
}

#[test]
fn every_cell_is_what_its_column_holds_also_on_a_day_without_any() {
    let house = busy();
    let shapes = |ask: &dyn Fn(ReportKind) -> ReportAsk| -> Vec<String> {
        let mut shapes = Vec::new();
        for kind in ReportKind::ALL {
            let report = house.desk.report(&ask(kind)).unwrap();
            for table in &report.tables {
                for row in &table.rows {
                    assert_eq!(row.len(), table.columns.len(), "{}", table.code);
                    for (cell, column) in row.iter().zip(&table.columns) {
                        let fits = match cell {
                            Cell::Empty => true,
                            Cell::Text { .. } => matches!(column.holds, Holds::Text | Holds::Order),
                            Cell::Act { .. } | Cell::Link { .. } => column.holds == Holds::Text,
                            Cell::Count { .. } => column.holds == Holds::Count,
                            Cell::Sums { .. } | Cell::Money { .. } => column.holds == Holds::Money,
                            Cell::Hours { .. } => column.holds == Holds::Hours,
                            Cell::Share { .. } => column.holds == Holds::Share,
                            Cell::Moment { .. } => column.holds == Holds::Moment,
                            Cell::Order { .. } => column.holds == Holds::Order,
                        };
                        assert!(fits, "{cell:?} in {column:?} of {}", table.code);
                    }
                }
                let csv = report.text(ReportForm::Csv, &table.code).unwrap();
                shapes.push(csv.lines().next().unwrap_or_default().to_owned());
            }
        }
        shapes
    };
    let full = shapes(&ask);
    assert_eq!(shapes(&|kind| ReportAsk::days(kind, "2025-01-01", "2025-01-01")), full);
}

#[test]
fn what_was_marked_as_shipped_elsewhere_is_no_label_without_a_price() {
    let house = House::new().auto();
    shipped(&house, 1, order(1), |parcel| parcel.cost_minor = Some(590));
    shipped(&house, 2, order(2), |parcel| parcel.origin = ParcelOrigin::External);
    let report = house.desk.report(&ask(ReportKind::ShippingCost)).unwrap();
    let labels = report.figures.iter().find(|figure| figure.label == "Labels").unwrap();
    assert_eq!((&labels.value, labels.note.as_str()), (&Cell::Count { count: 1 }, ""));
    assert_eq!(words(&report, "labels").len(), 1);
    let performance = house.desk.report(&ask(ReportKind::Performance)).unwrap();
    assert_eq!(figure(&performance, "Shipped"), Cell::Count { count: 2 }, "it left all the same");
}

/// Of four orders that were promised by a day one arrived in time, one too late; of one nobody told, and one is only half
/// there. One that nobody promised counts nowhere.
#[test]
fn orders_arrive_by_the_promised_day_or_late_or_nobody_knows() {
    let house = House::new().auto();
    // Shipped, told to the store, and read there again.
    let told = |n: i64, deliver_by_ms: Option<i64>, delivered_at_ms: Option<i64>| {
        let mut sold = Order { deliver_by_ms, ..order(n) };
        let id = shipped(&house, n, sold.clone(), |parcel| parcel.delivered_at_ms = delivered_at_ms);
        let line = |l: &OrderLine| FulfillmentLine { order_line_id: l.remote_id.clone(), quantity: l.current_quantity };
        sold.fulfillments = vec![Fulfillment {
            remote_id: format!("report/{n}"),
            live: true,
            status: "success".into(),
            created_at_ms: NOW - HOUR_MS,
            delivered_at_ms: None,
            tracking_numbers: vec![format!("1Z{n}")],
            carrier: "UPS".into(),
            lines: sold.lines.iter().map(line).collect(),
        }];
        sold.updated_at_ms = NOW;
        house.order(sold);
        id
    };
    told(1, Some(NOW), Some(NOW - HOUR_MS / 2));
    told(2, Some(NOW - 2 * HOUR_MS), Some(NOW - HOUR_MS / 2));
    told(3, Some(NOW), None);
    let half = told(4, Some(NOW), Some(NOW));
    let key = house.key(half);
    house.parcel(parcel(&key, "904", 4, "1Z44"));
    told(5, None, Some(NOW));
    let report = house.desk.report(&ask(ReportKind::Performance)).unwrap();
    assert_eq!(figure(&report, "Arrived by the promised day").words(&report.zone), "50.0 %");
    assert_eq!(figure(&report, "Arrival not known"), Cell::Count { count: 2 });
    assert_eq!(words(&report, "arrived_stores"), ["Harbour Goods | 50.0 % | 2 | 1 | 2"]);
    assert_eq!(words(&report, "arrived_carriers"), ["UPS | 50.0 % | 2 | 1 | 2"]);
}

/// A hub gives the midnight of the day a parcel was shipped; the list says when its label was made.
#[test]
fn a_label_stands_with_the_moment_by_which_it_was_chosen() {
    let house = House::new().auto();
    shipped(&house, 1, order(1), |parcel| {
        parcel.shipped_at_ms = Some(NOW - 10 * HOUR_MS);
        parcel.delivered_at_ms = Some(NOW);
    });
    let report = house.desk.report(&ask(ReportKind::ShippingCost)).unwrap();
    assert!(words(&report, "labels")[0].starts_with("20 Nov 2026, 09:00 | #1 | "), "{:?}", words(&report, "labels"));
    let performance = house.desk.report(&ask(ReportKind::Performance)).unwrap();
    assert_eq!(words(&performance, "carriers"), ["UPS | 1 | 1 | 1.0 h | 1.0 h | 100.0 %"]);
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
    let heading = lines.next().unwrap();
    assert!(heading.starts_with("\u{feff}Label made,Order,") && heading.ends_with("Cost,Cost currency,Note"), "{text}");
    // The same to be pasted: a number a spreadsheet adds up, its currency beside it.
    let pasted = report.text(ReportForm::Tabs, "").unwrap();
    assert!(pasted.contains("\t'=DHL\tups_ground\t1Z2\tDE\t12.10\tEUR\t"), "{pasted}");
    assert_eq!(pasted, house.desk.report_text(&ask(ReportKind::ShippingCost), ReportForm::Tabs, "labels").unwrap());
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

/// The screen lists the oldest of a cause; the report has all of them.
#[test]
fn every_order_that_waits_is_in_the_report() {
    let house = House::new();
    for n in 1..=230 {
        house.order(Order { placed_at_ms: NOW - 9 * DAY_MS + n, ..order(n) });
    }
    let shown: usize = house.desk.unfulfilled().unwrap().iter().map(|group| group.rows.len()).sum();
    assert_eq!(shown, 200);
    let report = house.desk.report(&ask(ReportKind::Unfulfilled)).unwrap();
    assert_eq!((table(&report, "orders").rows.len(), report.cut), (230, false));
    let csv = report.text(ReportForm::Csv, "").unwrap();
    assert_eq!(csv.lines().count(), 231);
}

#[test]
fn why_an_order_waits_says_since_when() {
    let house = House::new().auto();
    house.clock.set(NOW - 9 * DAY_MS);
    let id = house.order(Order { placed_at_ms: NOW - 10 * DAY_MS, payment: Payment::Paid, ..order(1) });
    house.done(&hub(), "901");
    house.hub_order(hub_order(&house.key(id), "901", 1, HubStatus::AwaitingShipment));
    house.clock.set(NOW);
    let report = house.desk.report(&ask(ReportKind::Unfulfilled)).unwrap();
    let why = words(&report, "orders");
    assert_eq!(
        why,
        [
            "#1 | Harbour Goods | 10 Nov 2026, 10:00 | 20 Nov 2026, 16:00 | 41.90 EUR | Waits for packing | In ShipStation since 11 Nov 2026, 10:00, waits for packing | paid, not fulfilled | Harbour Shipping | #1, ready to pack | – | Store | Shipping account"
        ]
    );
    // In a spreadsheet and on the page the way is a link.
    let csv = report.text(ReportForm::Csv, "").unwrap();
    assert!(csv.contains(",https://admin.example.com/orders/1,https://admin.example.com/hub/901\r\n"), "{csv}");
    let page = report.text(ReportForm::Page, "").unwrap();
    assert!(page.contains("<a href=\"https://admin.example.com/orders/1\" rel=\"noopener noreferrer\">Store</a>"));
}

#[test]
fn reports_make_themselves_once_a_day_also_after_a_sleep() {
    let house = busy();
    let folder = tempfile::tempdir().unwrap();
    let into = |path: &Path| ReportPlan { on: true, folder: path.display().to_string(), ..ReportPlan::default() };
    let refused = |plan: &ReportPlan| house.desk.put_report_plan(plan).unwrap_err();
    for (plan, field) in [
        (into(&folder.path().join("none")), "folder"),
        (ReportPlan { folder: "reports".into(), ..into(folder.path()) }, "folder"),
        (ReportPlan { folder: String::new(), ..into(folder.path()) }, "folder"),
        (ReportPlan { minute: 1_440, ..into(folder.path()) }, "minute"),
        (ReportPlan { kinds: vec![], ..into(folder.path()) }, "kinds"),
        (ReportPlan { forms: vec![], ..into(folder.path()) }, "forms"),
        (ReportPlan { forms: vec![ReportForm::Tabs], ..into(folder.path()) }, "forms"),
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
    // It slept over the time, and the next one too: each day's once, about the day before it was due.
    house.clock.set(due_ms + DAY_MS + 3 * HOUR_MS);
    let run = house.desk.make_due_reports().unwrap().unwrap();
    assert_eq!((run.due_ms, run.trouble), (due_ms + DAY_MS, None));
    let mut made: Vec<String> = files().collect();
    made.sort();
    assert_eq!(
        made,
        [
            "2026-11-20 performance orders.csv",
            "2026-11-20 performance.html",
            "2026-11-20 reconciliation differences.csv",
            "2026-11-20 reconciliation.html",
            "2026-11-20 shipping_cost labels.csv",
            "2026-11-20 shipping_cost.html",
            "2026-11-21 performance orders.csv",
            "2026-11-21 performance.html",
            "2026-11-21 reconciliation differences.csv",
            "2026-11-21 reconciliation.html",
            "2026-11-21 shipping_cost labels.csv",
            "2026-11-21 shipping_cost.html",
            // As it stood when it was made, which was the day after.
            "2026-11-22 unfulfilled orders.csv",
            "2026-11-22 unfulfilled.html",
        ]
    );
    assert_eq!(house.desk.make_due_reports().unwrap(), None, "once");
    let view = house.desk.report_plan().unwrap();
    assert_eq!(view.last_folder, Some(folder.path().display().to_string()));
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
    assert_eq!(files().count(), 8);

    // It fails once more, and an earlier time is chosen: what failed is made once, and not with every look.
    drop(std::fs::remove_dir_all(folder.path()));
    house.clock.set(due_ms + 3 * DAY_MS);
    assert!(house.desk.make_due_reports().unwrap().unwrap().trouble.is_some());
    std::fs::create_dir_all(folder.path()).unwrap();
    let plan = house.desk.report_plan().unwrap().plan;
    house.desk.put_report_plan(&ReportPlan { minute: plan.minute - 60, ..plan }).unwrap();
    house.clock.set(due_ms + 3 * DAY_MS + HOUR_MS);
    assert_eq!(house.desk.make_due_reports().unwrap().unwrap().trouble, None);
    assert_eq!(house.desk.make_due_reports().unwrap(), None, "once");
    assert_eq!(house.desk.report_plan().unwrap().trouble, None);

    let off = ReportPlan { on: false, ..into(folder.path()) };
    assert_eq!(house.desk.put_report_plan(&off).unwrap().next_ms, None);
    house.clock.set(due_ms + 9 * DAY_MS);
    assert_eq!(house.desk.make_due_reports().unwrap(), None);
}

/// From Friday noon to Monday morning, weeks away, or with a disk that was not there: no day about which nobody can read.
#[test]
fn every_day_that_was_slept_over_has_its_reports() {
    let house = busy();
    let folder = tempfile::tempdir().unwrap();
    let due_ms = planned(&house, folder.path());
    let days = || {
        let names =
            std::fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name().into_string().unwrap());
        let of = |name: String| name.strip_suffix(" performance.html").map(str::to_owned);
        let mut days: Vec<String> = names.filter_map(of).collect();
        days.sort();
        days
    };
    let stands = || {
        let names =
            std::fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(" unfulfilled.html")).count()
    };
    let clear = || {
        for file in std::fs::read_dir(folder.path()).unwrap() {
            std::fs::remove_file(file.unwrap().path()).unwrap();
        }
    };
    for (what, passed_ms, made) in [
        ("on time", 0, vec!["2026-11-20"]),
        ("a weekend", 3 * DAY_MS + 3 * HOUR_MS, vec!["2026-11-21", "2026-11-22", "2026-11-23"]),
        ("the day after", 4 * DAY_MS, vec!["2026-11-24"]),
    ] {
        clear();
        house.clock.set(due_ms + passed_ms);
        assert_eq!(house.desk.make_due_reports().unwrap().unwrap().trouble, None, "{what}");
        assert_eq!((days(), stands()), (made.into_iter().map(str::to_owned).collect(), 1), "{what}");
        assert_eq!(house.desk.make_due_reports().unwrap(), None, "{what}: once");
    }
    // The disk is away for two mornings: the third makes up for both.
    clear();
    drop(std::fs::remove_dir_all(folder.path()));
    for passed in [5, 6] {
        house.clock.set(due_ms + passed * DAY_MS);
        assert!(house.desk.make_due_reports().unwrap().unwrap().trouble.is_some());
    }
    std::fs::create_dir_all(folder.path()).unwrap();
    house.clock.set(due_ms + 7 * DAY_MS);
    assert_eq!(house.desk.make_due_reports().unwrap().unwrap().trouble, None);
    assert_eq!(days(), ["2026-11-25", "2026-11-26", "2026-11-27"]);
    // Away for a month: the last fourteen days.
    clear();
    house.clock.set(due_ms + 40 * DAY_MS);
    assert_eq!(house.desk.make_due_reports().unwrap().unwrap().trouble, None);
    let made = days();
    assert_eq!((made.len(), made[0].as_str(), made[13].as_str()), (14, "2026-12-17", "2026-12-30"));
}

fn planned(house: &House, folder: &Path) -> i64 {
    let plan = ReportPlan { on: true, folder: folder.display().to_string(), ..ReportPlan::default() };
    house.desk.put_report_plan(&plan).unwrap().next_ms.unwrap()
}

/// Nobody stands beside them at six in the morning: a notification says it once, until they are made again.
#[test]
fn reports_that_cannot_be_made_are_told() {
    let house = House::working(Arc::new(Silence));
    house.settings(|settings| (settings.quiet_from_min, settings.quiet_to_min) = (0, 0));
    let folder = tempfile::tempdir().unwrap();
    let due_ms = planned(&house, folder.path());
    let told = || {
        let events = house.events.lock().unwrap();
        let of = |event: &DeskEvent| match event {
            DeskEvent::Notices(notices) => notices.clone(),
            _ => Vec::new(),
        };
        events.iter().flat_map(of).filter(|notice| notice.topic == Topic::Reports).collect::<Vec<_>>()
    };
    drop(std::fs::remove_dir_all(folder.path()));
    house.clock.set(due_ms);
    assert!(house.desk.make_due_reports().unwrap().unwrap().trouble.is_some());
    let began = std::time::Instant::now();
    while told().is_empty() {
        assert!(began.elapsed() < std::time::Duration::from_mins(1), "waited a minute for a notification");
        let now_ms = quayside_model::Clock::now_ms(&*house.clock);
        house.clock.set(now_ms + MINUTE_MS / 4);
        // Anything that changes wakes the desk's thread before the computer's own quarter of a minute is over.
        house.settings(|settings| settings.at_risk_min += 1);
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!((told().len(), told()[0].place.as_str()), (1, "reports"));
    assert!(!told()[0].body.contains(&folder.path().display().to_string()), "a lock screen shows it to anybody");
}

/// A full disk, and a fault of the program, at the very moment it is written down: not all of them again every look.
#[test]
fn reports_whose_making_could_not_be_written_down_are_not_made_again() {
    for failure in [InjectedFailure::DiskFull, InjectedFailure::Panic] {
        let house = House::new();
        house.mode("orders_to_hub", Mode::Watch);
        let folder = tempfile::tempdir().unwrap();
        let due_ms = planned(&house, folder.path());
        house.clock.set(due_ms);
        house.store.inject_failure(failure, 1);
        let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| house.desk.make_due_reports()));
        assert!(!matches!(made, Ok(Ok(_))), "{failure:?}");
        let files = || std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(files(), 8, "{failure:?}");
        for file in std::fs::read_dir(folder.path()).unwrap() {
            std::fs::remove_file(file.unwrap().path()).unwrap();
        }
        assert_eq!((house.desk.make_due_reports().unwrap(), files()), (None, 0), "{failure:?}");
        // Written down with that look.
        let run = house.store.read(|r| r.last_report_run("daily")).unwrap().unwrap();
        assert_eq!((run.due_ms, run.trouble), (due_ms, None), "{failure:?}");
    }
}

/// Days that a clock ahead made were not over yet: they are made again when they are due, and what was set by such a clock
/// begins when it was set right.
#[test]
fn a_clock_that_was_ahead_silences_no_report() {
    use quayside_api::reports::schedule::{Cadence, ReportSchedule, ReportWindow};
    let house = House::new();
    house.mode("orders_to_hub", Mode::Watch);
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let schedule = ReportSchedule {
        id: String::new(),
        on: true,
        kind: ReportKind::Performance,
        cadence: Cadence::Day,
        minute: ReportPlan::default().minute,
        zone: String::new(),
        window: ReportWindow::Yesterday,
        folder: other.path().display().to_string(),
        forms: vec![ReportForm::Csv],
        ways: vec![],
    };
    let due_ms = planned(&house, folder.path());
    let id = house.desk.put_report_schedule(&schedule).unwrap()[0].schedule.id.clone();
    let made_at = |at_ms: i64| {
        house.clock.set(at_ms);
        let daily = house.desk.make_due_reports().unwrap();
        let scheduled = house.desk.make_due_schedules().unwrap();
        (daily.map(|run| run.due_ms), scheduled.iter().map(|run| run.due_ms).collect::<Vec<_>>())
    };
    let both = |due_ms: i64| (Some(due_ms), vec![due_ms]);
    for (what, at_ms, made) in [
        ("three days ahead", due_ms + 3 * DAY_MS, both(due_ms + 3 * DAY_MS)),
        ("set right", due_ms - HOUR_MS, (None, vec![])),
        ("due", due_ms, both(due_ms)),
        ("once", due_ms + HOUR_MS, (None, vec![])),
        ("the next day", due_ms + DAY_MS, both(due_ms + DAY_MS)),
        ("the day that was made before it came", due_ms + 3 * DAY_MS, both(due_ms + 3 * DAY_MS)),
    ] {
        assert_eq!(made_at(at_ms), made, "{what}");
    }
    // Set anew by a clock that is ahead.
    house.clock.set(due_ms + 30 * DAY_MS);
    house.desk.put_report_plan(&ReportPlan { on: false, ..house.desk.report_plan().unwrap().plan }).unwrap();
    planned(&house, folder.path());
    house.desk.put_report_schedule(&ReportSchedule { id, minute: schedule.minute + 1, ..schedule }).unwrap();
    assert_eq!(
        made_at(due_ms + 4 * DAY_MS + HOUR_MS),
        (None, vec![]),
        "what was due before it was set is not made up for"
    );
    let next_ms = due_ms + 5 * DAY_MS;
    assert_eq!(made_at(next_ms + MINUTE_MS), (Some(next_ms), vec![next_ms + MINUTE_MS]), "and not silent for a month");
}

/// A retry of the evening is about the day before; what is as it stands now is of the evening.
#[test]
fn a_late_retry_gives_nothing_a_day_it_does_not_stand_for() {
    let house = busy();
    let folder = tempfile::tempdir().unwrap();
    let due_ms = planned(&house, folder.path());
    drop(std::fs::remove_dir_all(folder.path()));
    house.clock.set(due_ms);
    assert!(house.desk.make_due_reports().unwrap().unwrap().trouble.is_some());
    std::fs::create_dir_all(folder.path()).unwrap();
    house.clock.set(due_ms + 17 * HOUR_MS);
    assert_eq!(house.desk.make_due_reports().unwrap().unwrap().trouble, None);
    let page = std::fs::read_to_string(folder.path().join("2026-11-21 unfulfilled.html")).unwrap();
    assert!(page.contains("Quayside, 21 Nov 2026, 23:00"), "{page}");
    assert!(folder.path().join("2026-11-20 performance.html").is_file());
}
