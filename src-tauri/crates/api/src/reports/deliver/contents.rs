//! What is said by each way: a letter, Slack's blocks, a document for a program. Pure.

use super::DeliveryKey;
use crate::reports::plan::ReportFile;
use crate::reports::{Report, Table, cell};
use crate::words;
use maud::{DOCTYPE, html};
use quayside_connectors::messages::mail::{Enclosed, Letter};
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Larger letters are refused by many servers; base64 adds a third to it.
const ENCLOSED_MAX_BYTES: usize = 15 * 1024 * 1024;
/// Rows of a table in a message.
const ROWS: usize = 10;
/// Slack takes 3,000 characters of text in a block, 2,000 in a field, 150 in a heading.
const BLOCK_MAX: usize = 2_900;
const FIELD_MAX: usize = 1_900;
const HEAD_MAX: usize = 140;
/// Fields of a block at Slack.
const FIELDS_MAX: usize = 10;

/// `Performance, 2026-11-20`.
pub(super) fn heading(report: &Report, day: &str) -> String {
    format!("{}, {day}", report.title)
}

/// Figures in words, as they stand on a page.
fn figures(report: &Report) -> Vec<(String, String)> {
    let zone = report.tz();
    let words = |figure: &crate::reports::Figure| {
        let note = if figure.note.is_empty() { String::new() } else { format!(" ({})", figure.note) };
        (figure.label.clone(), format!("{}{note}", figure.value.read(zone)))
    };
    report.figures.iter().map(words).collect()
}

fn foot(report: &Report) -> String {
    format!("Made by Quayside, {}, days in {}.", cell::moment(report.made_at_ms, report.tz()), report.zone)
}

/// A letter with the figures, and the files as far as a letter holds them.
pub(super) fn letter(report: &Report, day: &str, files: Vec<ReportFile>) -> Letter {
    let (mut enclosed, mut left_out, mut bytes) = (Vec::new(), Vec::new(), 0);
    for file in files {
        if bytes + file.bytes.len() > ENCLOSED_MAX_BYTES {
            left_out.push(file.name);
            continue;
        }
        bytes += file.bytes.len();
        enclosed.push(Enclosed { name: file.name, media: file.media, bytes: file.bytes });
    }
    let too_large = if left_out.is_empty() {
        String::new()
    } else {
        format!("Too large for a letter: {}. Quayside has it under Reports.", left_out.join(", "))
    };
    let (heading, figures, foot) = (heading(report, day), figures(report), foot(report));
    let mut text = format!("{heading}\n\n{}\n\n", report.words);
    for (label, value) in &figures {
        // Writing to a String does not fail.
        let _ = writeln!(text, "{label}: {value}");
    }
    if !too_large.is_empty() {
        let _ = writeln!(text, "\n{too_large}");
    }
    let _ = writeln!(text, "\n{foot}");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { (heading) } }
            body style="font: 15px/1.5 system-ui, sans-serif; color: #16202c" {
                h1 style="font-size: 20px; margin: 0 0 4px" { (heading) }
                p style="margin: 0 0 14px; color: #526071" { (report.words) }
                table style="border-collapse: collapse" {
                    @for (label, value) in &figures {
                        tr {
                            th scope="row" style="text-align: left; font-weight: 400; color: #526071; padding: 3px 18px 3px 0" { (label) }
                            td style="font-weight: 650; padding: 3px 0" { (value) }
                        }
                    }
                }
                @if !too_large.is_empty() { p { (too_large) } }
                p style="margin: 18px 0 0; color: #526071; font-size: 12px" { (foot) }
            }
        }
    };
    Letter {
        from: String::new(),
        to: Vec::new(),
        subject: heading,
        message_id: String::new(),
        date_ms: report.made_at_ms,
        text,
        html: page.into_string(),
        files: enclosed,
    }
}

/// A message for Slack: everything in it is plain text, so that nothing a buyer typed becomes a link or calls a channel.
pub(super) fn blocks(report: &Report, day: &str) -> Value {
    let plain = |text: &str, max: usize| json!({ "type": "plain_text", "text": cut(text, max), "emoji": false });
    let heading = heading(report, day);
    let figures = figures(report);
    let mut blocks = vec![
        json!({ "type": "header", "text": plain(&heading, HEAD_MAX) }),
        json!({ "type": "section", "text": plain(&report.words, BLOCK_MAX) }),
    ];
    for some in figures.chunks(FIELDS_MAX) {
        let fields: Vec<Value> =
            some.iter().map(|(label, value)| plain(&format!("{label}\n{value}"), FIELD_MAX)).collect();
        blocks.push(json!({ "type": "section", "fields": fields }));
    }
    // The first table tells most in few rows: the single orders and labels are for files.
    if let Some(table) = report.tables.first().filter(|table| !table.rows.is_empty()) {
        blocks.push(json!({ "type": "section", "text": plain(&lines(report, table), BLOCK_MAX) }));
    }
    blocks.push(json!({ "type": "context", "elements": [plain(&foot(report), BLOCK_MAX)] }));
    let short: Vec<String> = figures.iter().map(|(label, value)| format!("{label}: {value}")).collect();
    let text = cut(&format!("{heading}. {}", short.join(", ")), BLOCK_MAX);
    // This one is shown where blocks are not, and Slack reads signs in it.
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    json!({ "text": text, "blocks": blocks, "unfurl_links": false, "unfurl_media": false })
}

/// The first rows of a table, a line each, and how many more there are.
fn lines(report: &Report, table: &Table) -> String {
    let zone = report.tz();
    let mut out = table.title.clone();
    let mut shown = 0;
    for row in table.rows.iter().take(ROWS) {
        let cells: Vec<String> =
            row.iter().map(|cell| cell.read(zone).split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let line = cut(&cells.join(", "), BLOCK_MAX / ROWS - 20);
        let _ = write!(out, "\n• {line}");
        shown += 1;
    }
    if table.rows.len() > shown {
        let _ = write!(out, "\nand {} more", words::thousands((table.rows.len() - shown) as i64));
    }
    out
}

fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    text.chars().take(max - 1).chain(['…']).collect()
}

/// A document for a program: see `docs/delivery.md`.
#[derive(Serialize)]
struct Document<'a> {
    format: u32,
    event: &'static str,
    key: &'a str,
    from: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<&'a Report>,
}

const FROM: &str = concat!("Quayside ", env!("CARGO_PKG_VERSION"));

/// The report, whole.
pub(super) fn document(report: &Report, of: &DeliveryKey, key: &str) -> Vec<u8> {
    let document = Document {
        format: 1,
        event: "report",
        key,
        from: FROM,
        day: Some(&of.day),
        schedule: Some(of.schedule.as_str()).filter(|schedule| !schedule.is_empty()),
        report: Some(report),
    };
    // Names and numbers always serialise.
    serde_json::to_vec(&document).unwrap_or_default()
}

/// A document that says nothing.
pub(super) fn test_document(key: &str) -> Vec<u8> {
    let document = Document { format: 1, event: "test", key, from: FROM, day: None, schedule: None, report: None };
    serde_json::to_vec(&document).unwrap_or_default()
}

const ALERT_FOOT: &str = "Told by Quayside. What is told, stands there under Settings, Notifications.";
/// Lines of one message: beyond it the number says enough.
const ALERTS_MAX: usize = 20;

/// A heading, and what the team is told at once: first and second line of each.
fn told(lines: &[(&str, &str)]) -> (String, Vec<String>) {
    let subject = match lines {
        [(title, _)] => (*title).to_owned(),
        many => format!("{} things need a look", many.len()),
    };
    let mut said: Vec<String> =
        lines.iter().take(ALERTS_MAX).map(|(title, body)| format!("{title}\n{body}").trim().to_owned()).collect();
    if lines.len() > ALERTS_MAX {
        said.push(format!("and {} more", lines.len() - ALERTS_MAX));
    }
    (subject, said)
}

/// A letter to the team.
pub(super) fn alert_letter(lines: &[(&str, &str)], now_ms: i64) -> Letter {
    let (subject, said) = told(lines);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { (subject) } }
            body style="font: 15px/1.5 system-ui, sans-serif; color: #16202c" {
                @for one in &said { p style="white-space: pre-line" { (one) } }
                p style="margin: 18px 0 0; color: #526071; font-size: 12px" { (ALERT_FOOT) }
            }
        }
    };
    Letter {
        from: String::new(),
        to: Vec::new(),
        text: format!("{}\n\n{ALERT_FOOT}\n", said.join("\n\n")),
        subject,
        message_id: String::new(),
        date_ms: now_ms,
        html: page.into_string(),
        files: Vec::new(),
    }
}

/// The same for Slack: plain text, so that nothing in it becomes a link or calls a channel.
pub(super) fn alert_blocks(lines: &[(&str, &str)]) -> Value {
    let (subject, said) = told(lines);
    let plain = |text: &str| json!({ "type": "plain_text", "text": cut(text, BLOCK_MAX), "emoji": false });
    let mut blocks: Vec<Value> = said.iter().map(|one| json!({ "type": "section", "text": plain(one) })).collect();
    blocks.push(json!({ "type": "context", "elements": [plain(ALERT_FOOT)] }));
    let text = cut(&subject, BLOCK_MAX).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    json!({ "text": text, "blocks": blocks, "unfurl_links": false, "unfurl_media": false })
}

const TEST: &str = "This is a test from Quayside: reports can be delivered here.";

/// A letter that says nothing.
pub(super) fn test_letter(now_ms: i64) -> Letter {
    Letter {
        from: String::new(),
        to: Vec::new(),
        subject: "A test from Quayside".to_owned(),
        message_id: String::new(),
        date_ms: now_ms,
        text: format!("{TEST}\n"),
        html: html! { p { (TEST) } }.into_string(),
        files: Vec::new(),
    }
}

/// A message that says nothing.
pub(super) fn test_blocks() -> Value {
    json!({ "text": TEST })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::{Cell, Holds, ReportKind, columns, figure};

    fn report(rows: usize) -> Report {
        let row = |n: usize| vec![Cell::text(format!("<!channel> https://evil.example/{n}\n*b*")), Cell::count(n)];
        Report {
            kind: ReportKind::Performance,
            title: "Performance".into(),
            words: "2026-11-20. Counted by <b>the day</b>.".into(),
            from_day: "2026-11-20".into(),
            to_day: "2026-11-20".into(),
            zone: "Europe/Berlin".into(),
            here: String::new(),
            there: String::new(),
            made_at_ms: 1_795_165_200_000,
            cut: false,
            figures: vec![
                figure("Orders", Cell::count(1_234), ""),
                figure("On time", Cell::share(27, 28), "27 of 28 <that> had a day"),
            ],
            tables: vec![Table {
                code: "stores".into(),
                title: "By store".into(),
                words: String::new(),
                columns: columns(&[("Store", Holds::Text), ("Orders", Holds::Count)]),
                rows: (0..rows).map(row).collect(),
            }],
        }
    }

    fn file(name: &str, megabytes: usize) -> ReportFile {
        ReportFile { name: name.into(), media: "text/csv", bytes: vec![0; megabytes * 1024 * 1024] }
    }

    #[test]
    fn a_letter_has_the_figures_and_names_what_it_could_not_hold() {
        let letter = letter(&report(0), "2026-11-20", vec![file("a.csv", 9), file("b.csv", 9), file("c.csv", 1)]);
        assert_eq!(letter.subject, "Performance, 2026-11-20");
        let enclosed: Vec<&str> = letter.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(enclosed, ["a.csv", "c.csv"]);
        for part in ["Orders: 1234\n", "On time: 96.4 % (27 of 28 <that> had a day)", "Too large for a letter: b.csv."]
        {
            assert!(letter.text.contains(part), "{part}: {}", letter.text);
        }
        assert!(letter.html.contains("&lt;that&gt;") && letter.html.contains("&lt;b&gt;"), "{}", letter.html);
        assert!(letter.html.contains("b.csv") && letter.html.contains("20 Nov 2026, 10:00"), "{}", letter.html);
    }

    #[test]
    fn slack_gets_plain_text_within_its_limits() {
        for (rows, more) in [(0, None), (10, None), (11, Some("and 1 more")), (5_000, Some("and 4,990 more"))] {
            let message = blocks(&report(rows), "2026-11-20");
            let all = message.to_string();
            assert!(!all.contains("mrkdwn"), "{all}");
            assert_eq!(message["blocks"][0]["text"]["text"], "Performance, 2026-11-20");
            assert_eq!(message["blocks"][2]["fields"][0]["text"], "Orders\n1234");
            let text = message["text"].as_str().unwrap_or_default();
            assert!(text.contains("&lt;that&gt;") && !text.contains('<'), "{text}");
            let table = message["blocks"][3]["text"]["text"].as_str().unwrap_or_default();
            assert_eq!(table.lines().filter(|line| line.starts_with("• ")).count(), rows.min(ROWS));
            assert!(table.chars().count() <= BLOCK_MAX, "{table}");
            assert_eq!(more.is_some_and(|more| table.ends_with(more)), more.is_some(), "{table}");
        }
        let wordy = Report { words: "é".repeat(9_000), ..report(1) };
        let block = blocks(&wordy, "2026-11-20")["blocks"][1]["text"]["text"].as_str().map(|text| text.chars().count());
        assert_eq!(block, Some(BLOCK_MAX));
    }

    #[test]
    fn a_document_says_what_it_is_and_holds_the_report_as_the_terminal_gives_it() {
        let of = DeliveryKey {
            kind: ReportKind::Performance,
            day: "2026-11-20".into(),
            way: super::super::ReportWay::Webhook,
            schedule: String::new(),
        };
        let document: Value = serde_json::from_slice(&document(&report(1), &of, "k")).unwrap_or_default();
        assert_eq!(
            (&document["format"], &document["event"], &document["key"]),
            (&json!(1), &json!("report"), &json!("k"))
        );
        assert_eq!((&document["day"], document.get("schedule")), (&json!("2026-11-20"), None));
        assert_eq!(document["report"], serde_json::to_value(report(1)).unwrap_or_default());
        let test: Value = serde_json::from_slice(&test_document("t")).unwrap_or_default();
        assert_eq!((&test["event"], test.get("report")), (&json!("test"), None));
    }
}
