//! A page for a person: to read in any browser, to print, to hand to somebody. It loads nothing and runs nothing, and every
//! text in it is text. Moments are in UTC, so that whoever reads it elsewhere reads the same.

use chrono::DateTime;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::path::Path;

const STYLE: &str = "
body { font: 14px/1.45 Inter, system-ui, sans-serif; color: #16202c; margin: 32px auto; max-width: 960px; padding: 0 24px }
h1 { font-size: 24px; margin: 0 0 8px } h2 { font-size: 18px; margin: 32px 0 4px } h3 { font-size: 14px; margin: 20px 0 4px } p { margin: 4px 0; color: #526071 }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums } th { text-align: start; border-bottom: 1px solid #16202c }
th, td { padding: 4px 12px 4px 0; vertical-align: top; overflow-wrap: anywhere } td { border-bottom: 1px solid #e4e9ee }
table.facts th { width: 26%; font-weight: 400; color: #526071; border-bottom: 1px solid #e4e9ee }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12px; border: 1px solid #e4e9ee; padding: 8px }
thead { display: table-header-group } tr { break-inside: avoid }
@media print { body { margin: 0; max-width: none } }
";

/// `2026-11-03 10:05:09 UTC`.
pub(crate) fn moment(at_ms: i64) -> String {
    DateTime::from_timestamp_millis(at_ms)
        .map_or_else(|| at_ms.to_string(), |at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// The whole page.
pub(crate) fn page(title: &str, words: &str, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                meta name="viewport" content="width=device-width";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                p { (words) }
                (body)
            }
        }
    }
    .into_string()
}

/// Names and values; those without a value are left out.
pub(crate) fn facts(rows: &[(&str, String)]) -> Markup {
    html! {
        table.facts {
            tbody {
                @for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
                    tr { th scope="row" { (name) } td { bdi { (value) } } }
                }
            }
        }
    }
}

/// A table under a heading; nothing if it has no rows.
pub(crate) fn table(title: &str, heads: &[&str], rows: &[Vec<String>]) -> Markup {
    html! {
        @if !rows.is_empty() {
            h3 { (title) }
            table {
                thead { tr { @for head in heads { th scope="col" { (head) } } } }
                tbody { @for row in rows { tr { @for cell in row { td { bdi { (cell) } } } } } }
            }
        }
    }
}

/// Sentences under a heading; nothing if there are none.
pub(crate) fn list(title: &str, lines: &[String]) -> Markup {
    html! {
        @if !lines.is_empty() {
            h3 { (title) }
            ul { @for line in lines { li { bdi { (line) } } } }
        }
    }
}

/// A file for programs; any other is a page.
pub(crate) fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_buyers_type_is_text() {
        let trap = "<script>alert(1)</script>";
        let body = html! {
            (facts(&[("Name", trap.to_owned()), ("None", String::new())]))
            (table("T", &["H"], &[vec![trap.to_owned()]]))
            (list("L", &[trap.to_owned()]))
        };
        let page = page(trap, trap, &body);
        assert!(!page.contains("<script>") && page.contains("default-src 'none'"));
        assert_eq!(page.matches("&lt;script&gt;").count(), 6);
        assert!(!page.contains("None"));
    }

    #[test]
    fn moments_say_their_zone() {
        assert_eq!(moment(1_700_000_000_000), "2023-11-14 22:13:20 UTC");
        assert_eq!(moment(i64::MAX), i64::MAX.to_string());
    }
}
