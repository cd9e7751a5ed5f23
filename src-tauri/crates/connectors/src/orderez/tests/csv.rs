//! Orders from an export.

use super::super::KIT;
use super::NOW_MS;
use crate::profiles::CsvMapping;
use quayside_model::{HubStatus, Record};

const EXPORT: &str = "\u{feff}Order No;Outlet;Status;Product;SKU;Qty;Order Date\n\
    A-1;Caf\u{e9} Nord;Accepted;House beans;BEAN-1KG;2;2026-11-19\n\
    A-2;Hotel;Completed;Filter;FILT;1;2026-11-19\n\
    A-1;Caf\u{e9} Nord;Accepted;\"Mugs; blue\";MUG;4;2026-11-19\n\
    ;;;;;;\n\
    A-3;Bar;Teleported;Cups;CUP;many;2026-11-19\n";

#[test]
fn columns_are_guessed_and_rows_become_orders() {
    let preview = (KIT.csv_preview)(EXPORT).unwrap();
    assert_eq!(preview.total, 5);
    let column = |field: &str| preview.mapping.columns.get(field).map(String::as_str);
    assert_eq!(
        (column("number"), column("sku"), column("quantity"), column("name")),
        (Some("Order No"), Some("SKU"), Some("Qty"), Some("Outlet"))
    );
    let read = (KIT.csv_read)(EXPORT, &preview.mapping, NOW_MS).unwrap();
    assert_eq!(read.records.len(), 2);
    let Record::HubOrder(first) = &read.records[0].record else { panic!("an order") };
    assert_eq!((first.number.as_str(), first.lines.len(), first.lines[1].name.as_str()), ("A-1", 2, "Mugs; blue"));
    let Record::HubOrder(second) = &read.records[1].record else { panic!("an order") };
    assert_eq!(second.status, HubStatus::Shipped);
    assert_eq!(read.unreadable.len(), 1);
    assert_eq!(read.unreadable[0].number.as_deref(), Some("A-3"));
    assert!(read.unreadable[0].why.starts_with("row 6: \"many\""), "{}", read.unreadable[0].why);
}

#[test]
fn what_is_not_mapped_is_asked_for() {
    let mut mapping = (KIT.csv_preview)(EXPORT).unwrap().mapping;
    mapping.columns.remove("sku");
    assert!((KIT.csv_read)(EXPORT, &mapping, NOW_MS).unwrap_err().contains("Choose a column for: SKU"));
    mapping.columns.insert("sku".into(), "Colour".into());
    assert!((KIT.csv_read)(EXPORT, &mapping, NOW_MS).unwrap_err().contains("no column \"Colour\""));
    let odd = CsvMapping { columns: [("mood".to_owned(), "SKU".to_owned())].into() };
    assert!((KIT.csv_read)(EXPORT, &odd, NOW_MS).unwrap_err().contains("no field \"mood\""));
    assert!((KIT.csv_preview)("just text\n").unwrap_err().contains("headings"));
}
