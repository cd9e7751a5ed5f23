//! A report as one page: to read in any browser, to print, to keep. It loads nothing and runs nothing.

use super::{Cell, Report, Table, report_zone};
use crate::zone;
use chrono_tz::Tz;
use maud::{DOCTYPE, Markup, html};
use quayside_model::Money;

const STYLE: &str = "
body { font: 14px/1.45 Inter, system-ui, sans-serif; color: #16202c; margin: 32px auto; max-width: 1080px; padding: 0 24px }
h1 { font-size: 24px; margin: 0 } h2 { font-size: 16px; margin: 28px 0 4px } p { margin: 4px 0; color: #526071 }
dl { display: flex; flex-wrap: wrap; gap: 12px; margin: 20px 0 } dl div { border: 1px solid #d6dde5; border-radius: 8px; padding: 10px 14px; min-width: 120px }
dt { color: #526071 } dd { margin: 0; font-size: 20px; font-weight: 650 } dd small { display: block; font-size: 12px; font-weight: 400; color: #526071 }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums } th { text-align: start; border-bottom: 2px solid #16202c }
th, td { padding: 5px 10px 5px 0; vertical-align: top } td { border-bottom: 1px solid #e4e9ee } .n { text-align: end; white-space: nowrap }
thead { display: table-header-group } tr { break-inside: avoid } footer { margin-top: 32px; color: #526071; font-size: 12px }
@media print { body { margin: 0; max-width: none } }
";

/// The whole page.
pub(super) fn render(report: &Report) -> String {
    let zone = report_zone(report);
    let made = zone::moment_words(report.made_at_ms, zone);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                meta name="viewport" content="width=device-width";
                title { (report.title) @if !report.from_day.is_empty() { " " (report.from_day) " – " (report.to_day) } }
                style { (maud::PreEscaped(STYLE)) }
            }
            body {
                h1 { (report.title) }
                p { (report.words) }
                @if !report.figures.is_empty() {
                    dl {
                        @for figure in &report.figures {
                            div {
                                dt { (figure.label) }
                                dd { bdi { (words(&figure.value, zone)) } @if !figure.note.is_empty() { small { (figure.note) } } }
                            }
                        }
                    }
                }
                @for table in &report.tables { (section(table, zone)) }
                footer { "Quayside, " (made) ", days in " (report.zone) }
            }
        }
    }
    .into_string()
}

fn section(table: &Table, zone: Tz) -> Markup {
    html! {
        section {
            h2 { (table.title) }
            @if !table.words.is_empty() { p { (table.words) } }
            @if table.rows.is_empty() {
                p { "Nothing." }
            } @else {
                table {
                    thead { tr { @for column in &table.columns { th.n[column.number] scope="col" { (column.label) } } } }
                    tbody {
                        @for row in &table.rows {
                            tr {
                                @for (cell, column) in row.iter().zip(&table.columns) {
                                    td.n[column.number] { bdi { (words(cell, zone)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A cell for reading.
pub(super) fn words(cell: &Cell, zone: Tz) -> String {
    match cell {
        Cell::Empty => "–".to_owned(),
        Cell::Text { text } => text.clone(),
        Cell::Count { count } => count.to_string(),
        Cell::Money { minor, currency, .. } => {
            format!("{} {}", Money::new(*minor, currency.clone()).decimal(), currency.0)
        }
        Cell::Hours { hours } if *hours >= 48.0 => format!("{:.1} days", hours / 24.0),
        Cell::Hours { hours } => format!("{hours:.1} h"),
        Cell::Share { share } => format!("{:.1} %", share * 100.0),
        Cell::Moment { at_ms } => zone::moment_words(*at_ms, zone),
        Cell::Order { number, .. } => number.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ReportKind, columns, figure};
    use super::*;

    #[test]
    fn what_buyers_type_is_text() {
        let report = Report {
            kind: ReportKind::Unfulfilled,
            title: "Unfulfilled".into(),
            words: "now".into(),
            from_day: String::new(),
            to_day: String::new(),
            zone: "Europe/Berlin".into(),
            made_at_ms: 1_794_522_600_000,
            figures: vec![figure("Orders", Cell::count(1), "")],
            tables: vec![Table {
                code: "x".into(),
                title: "<b>".into(),
                words: String::new(),
                columns: columns(&[("Who", false)]),
                rows: vec![vec![Cell::text("<script>alert(1)</script> & \"Co\"")]],
            }],
        };
        let page = render(&report);
        assert!(
            !page.contains("<script>") && page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;Co&quot;")
        );
        assert!(page.contains("&lt;b&gt;") && page.contains("default-src 'none'"));
    }
}
