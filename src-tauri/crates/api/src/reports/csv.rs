//! A table as CSV: numbers a spreadsheet adds up, and text it never runs.

use super::{Cell, Table};
use crate::zone;
use chrono_tz::Tz;
use quayside_flows::sku_csv::safe;
use quayside_model::Money;

/// The whole table. A column of amounts has another beside it for the currency.
pub(super) fn render(table: &Table, zone: Tz) -> String {
    let amounts: Vec<bool> = (0..table.columns.len())
        .map(|at| table.rows.iter().any(|row| matches!(row.get(at), Some(Cell::Money { .. }))))
        .collect();
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let mut heading = Vec::new();
    for (column, amount) in table.columns.iter().zip(&amounts) {
        heading.push(column.label.clone());
        if *amount {
            heading.push(format!("{} currency", column.label));
        }
    }
    let mut rows = vec![heading];
    for row in &table.rows {
        let mut cells = Vec::new();
        for (cell, amount) in row.iter().zip(&amounts) {
            cells.push(plain(cell, zone));
            if *amount {
                cells.push(match cell {
                    Cell::Money { currency, .. } => currency.0.clone(),
                    _ => String::new(),
                });
            }
        }
        rows.push(cells);
    }
    for row in rows {
        // A writer into memory does not fail.
        let _ = out.write_record(row);
    }
    let bytes = out.into_inner().unwrap_or_default();
    // The mark tells Excel that the text is UTF-8.
    format!("\u{feff}{}", String::from_utf8_lossy(&bytes))
}

fn plain(cell: &Cell, zone: Tz) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text { text } => safe(text),
        Cell::Count { count } => count.to_string(),
        Cell::Money { minor, currency, .. } => Money::new(*minor, currency.clone()).decimal().to_string(),
        Cell::Hours { hours } => format!("{hours:.2}"),
        Cell::Share { share } => format!("{share:.4}"),
        Cell::Moment { at_ms } => zone::local(*at_ms, zone).format("%Y-%m-%d %H:%M").to_string(),
        Cell::Order { number, .. } => safe(number),
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns;
    use super::*;
    use quayside_model::{Currency, OrderId};

    #[test]
    fn amounts_have_their_currency_beside_them_and_nothing_is_a_formula() {
        let table = Table {
            code: "labels".into(),
            title: "Labels".into(),
            words: String::new(),
            columns: columns(&[("Order", false), ("Service", false), ("Cost", true), ("When", false), ("Share", true)]),
            rows: vec![
                vec![
                    Cell::Order { id: OrderId(1), number: "=1+1".into() },
                    Cell::text("Grüße, \"express\""),
                    Cell::money(-1_230, &Currency::new("EUR")),
                    Cell::Moment { at_ms: 1_794_522_600_000 },
                    Cell::share(1, 3),
                ],
                vec![
                    Cell::text("@x"),
                    Cell::Empty,
                    Cell::money(500, &Currency::new("JPY")),
                    Cell::Empty,
                    Cell::share(1, 0),
                ],
            ],
        };
        assert_eq!(
            render(&table, chrono_tz::Europe::Berlin),
            "\u{feff}Order,Service,Cost,Cost currency,When,Share\r\n\
             '=1+1,\"Grüße, \"\"express\"\"\",-12.30,EUR,2026-11-12 23:30,0.3333\r\n\
             '@x,,500,JPY,,\r\n"
        );
    }
}
