//! A report as one page: to read in any browser, to print, to keep. It loads nothing and runs nothing.

use super::{Cell, Report, Table, cell};
use chrono_tz::Tz;
use maud::{DOCTYPE, Markup, html};

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
    let zone = report.tz();
    let made = cell::moment(report.made_at_ms, zone);
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
                                dd { bdi { (figure.value.read(zone)) } @if !figure.note.is_empty() { small { (figure.note) } } }
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
    let (rows, words) = table.shown();
    html! {
        section {
            h2 { (table.title) }
            @if !words.is_empty() { p { (words) } }
            @if table.rows.is_empty() {
                p { "Nothing." }
            } @else {
                table {
                    thead { tr { @for column in &table.columns { th.n[column.holds.is_number()] scope="col" { (column.label) } } } }
                    tbody {
                        @for row in rows {
                            tr {
                                @for (cell, column) in row.iter().zip(&table.columns) {
                                    td.n[column.holds.is_number()] { bdi { (written(cell, zone)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A link is one as far as it leads to a page; a click on it tells that page nothing of this one.
fn written(cell: &Cell, zone: Tz) -> Markup {
    match cell {
        Cell::Link { label, url } if url.starts_with("https://") || url.starts_with("http://") => {
            html! { a href=(url) rel="noopener noreferrer" { (label) } }
        }
        other => html! { (other.read(zone)) },
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Holds, ReportKind, columns, figure};
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
            cut: false,
            figures: vec![figure("Orders", Cell::count(1), "")],
            tables: vec![Table {
                code: "x".into(),
                title: "<b>".into(),
                words: String::new(),
                columns: columns(&[("Who", Holds::Text)]),
                rows: vec![
                    vec![Cell::text("<script>alert(1)</script> & \"Co\"")],
                    vec![Cell::Link { label: "Store".into(), url: "https://a.example/?a=\"&b=1".into() }],
                    vec![Cell::Link { label: "Trap".into(), url: "javascript:alert(1)".into() }],
                ],
            }],
            here: String::new(),
            there: String::new(),
        };
        let page = render(&report);
        assert!(
            !page.contains("<script>") && page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;Co&quot;")
        );
        assert!(page.contains("<a href=\"https://a.example/?a=&quot;&amp;b=1\" rel=\"noopener noreferrer\">Store</a>"));
        assert!(page.contains("Trap") && !page.contains("javascript:"));
        assert!(page.contains("&lt;b&gt;") && page.contains("default-src 'none'"));
    }
}
