//! A table for a spreadsheet, as CSV or with tabs for the clipboard: the same values in the same columns.

use super::{Cell, Holds, Table};
use chrono_tz::Tz;

/// The whole table as CSV; `note` is a last row of its own, where there is something to say.
pub(super) fn csv(table: &Table, note: &str, zone: Tz) -> String {
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(Vec::new());
    for row in grid(table, note, zone) {
        // A writer into memory does not fail.
        let _ = out.write_record(row);
    }
    let bytes = out.into_inner().unwrap_or_default();
    // The mark tells Excel that the text is UTF-8.
    format!("\u{feff}{}", String::from_utf8_lossy(&bytes))
}

/// The same, to be pasted.
pub(super) fn tabs(table: &Table, note: &str, zone: Tz) -> String {
    let line =
        |row: Vec<String>| row.iter().map(|cell| cell.replace(['\t', '\r', '\n'], " ")).collect::<Vec<_>>().join("\t");
    grid(table, note, zone).map(line).collect::<Vec<_>>().join("\n")
}

/// Heading and rows. A column of amounts has another beside it for the currency, also on a day without any.
fn grid(table: &Table, note: &str, zone: Tz) -> impl Iterator<Item = Vec<String>> {
    let mut heading = Vec::new();
    for column in &table.columns {
        heading.push(column.label.clone());
        if column.holds == Holds::Money {
            heading.push(format!("{} currency", column.label));
        }
    }
    let rows = table.rows.iter().map(move |row| {
        let mut cells = Vec::new();
        for (cell, column) in row.iter().zip(&table.columns) {
            cells.push(cell.plain(zone));
            if column.holds == Holds::Money {
                cells.push(match cell {
                    Cell::Money { currency, .. } => currency.0.clone(),
                    _ => String::new(),
                });
            }
        }
        cells
    });
    let note = (!note.is_empty()).then(|| vec![note.to_owned()]);
    std::iter::once(heading).chain(rows).chain(note)
}

#[cfg(test)]
mod tests {
    use super::super::columns;
    use super::*;
    use quayside_model::{Currency, OrderId};

    fn table() -> Table {
        let order = |number: &str| Cell::order(OrderId(1), number);
        Table {
            code: "labels".into(),
            title: "Labels".into(),
            words: String::new(),
            columns: columns(&[
                ("Order", Holds::Order),
                ("Service", Holds::Text),
                ("Cost", Holds::Money),
                ("When", Holds::Moment),
                ("Share", Holds::Share),
            ]),
            rows: vec![
                vec![
                    order("=1+1"),
                    Cell::text("Grüße, \"express\""),
                    Cell::money(-1_230, &Currency::new("EUR")),
                    Cell::Moment { at_ms: 1_794_522_600_000 },
                    Cell::share(1, 3),
                ],
                vec![
                    Cell::text("@x"),
                    Cell::text("a\tb\r\nc"),
                    Cell::money(500, &Currency::new("JPY")),
                    Cell::Empty,
                    Cell::share(1, 0),
                ],
            ],
        }
    }

    #[test]
    fn amounts_have_their_currency_beside_them_and_nothing_is_a_formula() {
        assert_eq!(
            csv(&table(), "", chrono_tz::Europe::Berlin),
            "\u{feff}Order,Service,Cost,Cost currency,When,Share\r\n\
             '=1+1,\"Grüße, \"\"express\"\"\",-12.30,EUR,2026-11-12 23:30,0.3333\r\n\
             '@x,\"a\tb\r\nc\",500,JPY,,\r\n"
        );
        assert_eq!(
            tabs(&table(), "", chrono_tz::Europe::Berlin),
            "Order\tService\tCost\tCost currency\tWhen\tShare\n\
             '=1+1\tGrüße, \"express\"\t-12.30\tEUR\t2026-11-12 23:30\t0.3333\n\
             '@x\ta b  c\t500\tJPY\t\t"
        );
    }

    #[test]
    fn a_day_without_rows_has_the_same_columns() {
        let full = table();
        let empty = Table { rows: vec![], ..full.clone() };
        let heading = |table: &Table| csv(table, "", Tz::UTC).lines().next().map(str::to_owned);
        assert_eq!(heading(&empty), heading(&full));
        assert!(csv(&empty, "Not all of it.", Tz::UTC).ends_with("Share\r\nNot all of it.\r\n"));
    }
}
