//! What of a profile is neither path nor expression nor switch, as a form: paging, limits, the forms of values, and the
//! tables of words. Pure; a change goes through `edit.rs`, and what is wrong is said by the check of the whole file.

use crate::profiles::{ProfileField, ProfileSection, ProfileTable};
use serde_json::Value;

/// A field: name in its section, label, help, kind, options.
struct Row {
    name: &'static str,
    label: &'static str,
    help: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Expression,
    Number,
    Choice(&'static [(&'static str, &'static str)]),
}

const fn row(name: &'static str, label: &'static str, help: &'static str, kind: Kind) -> Row {
    Row { name, label, help, kind }
}

const STYLES: &[(&str, &str)] = &[
    ("cursor", "A cursor in each answer"),
    ("page", "Page numbers"),
    ("offset", "How many rows to pass over"),
    ("link", "A link to the next page"),
    ("none", "None: everything at once"),
];
const STYLE: Row = row("style", "How lists go on", "As the vendor's reference says it of lists.", Kind::Choice(STYLES));
const ITEMS: Row = row("items", "Where the rows are", "In the answer of a list.", Kind::Expression);
const LIMIT_PARAM: Row = row("limit_param", "Parameter for rows a page", "Empty: their own number.", Kind::Text);
const LIMIT: Row = row("limit", "Rows a page", "1 to 1000; as many as the account allows.", Kind::Number);
const MORE: Row =
    row("more", "Where it says that there is more", "Empty: a page that is not full is the last.", Kind::Expression);

/// What a style of paging asks for.
fn paging(style: &str) -> Vec<Row> {
    let own = match style {
        "page" => vec![
            row("page_param", "Parameter for the page", "Needed.", Kind::Text),
            row("first_page", "Number of the first page", "Empty: 1.", Kind::Number),
            MORE,
        ],
        "offset" => vec![
            row("offset_param", "Parameter for rows to pass over", "Needed, and rows a page with it.", Kind::Text),
            MORE,
        ],
        "link" => vec![row("next", "Where the next link is", "Empty: in the answer's Link header.", Kind::Expression)],
        "none" => return vec![STYLE, ITEMS],
        _ => vec![
            row("cursor_param", "Parameter for the cursor", "Needed.", Kind::Text),
            row("next", "Where the next cursor is", "Needed.", Kind::Expression),
            MORE,
        ],
    };
    [STYLE, ITEMS].into_iter().chain(own).chain([LIMIT_PARAM, LIMIT]).collect()
}

fn limits() -> Vec<Row> {
    vec![
        row(
            "requests_per_minute",
            "Calls a minute",
            "As the vendor allows them; all connections to the account share them.",
            Kind::Number,
        ),
        row("concurrency", "Calls at once", "1 to 64. One is always right.", Kind::Number),
    ]
}

fn forms() -> Vec<Row> {
    vec![
        row(
            "time_format",
            "Moments",
            "How they are written there.",
            Kind::Choice(&[
                ("rfc3339", "2026-11-22T09:12:00Z"),
                ("unix_s", "seconds since 1970"),
                ("unix_ms", "milliseconds since 1970"),
                ("date", "days only: 2026-11-22"),
            ]),
        ),
        row(
            "money",
            "Amounts",
            "How they are written there.",
            Kind::Choice(&[
                ("decimal_string", "\"12.50\" (a text)"),
                ("number", "12.5 (a number)"),
                ("minor_units", "1250 (cents)"),
            ]),
        ),
    ]
}

/// The sections of a file, whether or not it can be used.
pub(super) fn sections(json: &Value) -> Vec<ProfileSection> {
    let style = json["paging"]["style"].as_str().unwrap_or_default();
    let section = |name: Option<&str>, title: &str, help: &str, rows: Vec<Row>| ProfileSection {
        title: title.to_owned(),
        help: help.to_owned(),
        fields: rows.iter().map(|row| field(json, name, row)).collect(),
    };
    vec![
        section(Some("paging"), "Lists, page by page", "How the next page of a list is asked for.", paging(style)),
        section(Some("limits"), "Limits", "How often the account is asked at most.", limits()),
        section(None, "Forms of values", "Said once for all fields.", forms()),
    ]
}

fn field(json: &Value, section: Option<&str>, row: &Row) -> ProfileField {
    let place: Vec<String> = section.into_iter().chain([row.name]).map(str::to_owned).collect();
    let value = match section.map_or(&json[row.name], |section| &json[section][row.name]) {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let (kind, options): (&str, &[(&str, &str)]) = match row.kind {
        Kind::Text => ("text", &[]),
        Kind::Expression => ("expression", &[]),
        Kind::Number => ("number", &[]),
        Kind::Choice(options) => ("choice", options),
    };
    // What stands in the file is shown even if it is no word of ours: whoever mends it has to see it.
    let strange = !options.is_empty() && !value.is_empty() && !options.iter().any(|(known, _)| *known == value);
    let mut options: Vec<(String, String)> =
        options.iter().map(|(word, label)| ((*word).to_owned(), (*label).to_owned())).collect();
    if strange {
        options.push((value.clone(), value.clone()));
    }
    // Where nothing is said of a form, the first is meant.
    let value = if value.is_empty() && section.is_none() {
        options.first().map(|(word, _)| word.clone()).unwrap_or_default()
    } else {
        value
    };
    ProfileField {
        place,
        label: row.label.to_owned(),
        help: row.help.to_owned(),
        kind: kind.to_owned(),
        options,
        value,
    }
}

/// A table of words: name, title, our words.
const TABLES: &[(&str, &str, &[&str])] = &[
    (
        "order_status",
        "States of an order",
        &["open", "awaiting_payment", "on_hold", "partial", "shipped", "done", "cancelled", "unknown"],
    ),
    (
        "fulfillment_status",
        "States of a parcel",
        &["pending", "shipped", "delivered", "exception", "returned", "cancelled", "unknown"],
    ),
    (
        "payment_status",
        "States of payment",
        &["pending", "authorized", "paid", "partially_refunded", "refunded", "voided", "unknown"],
    ),
    (
        "cancel_reason.write",
        "Reasons for a cancellation, as they are sent",
        &["customer", "inventory", "fraud", "declined", "staff", "other"],
    ),
];

/// The tables of a file: those we know, and its own.
pub(super) fn tables(json: &Value) -> Vec<ProfileTable> {
    let enums = json["enums"].as_object();
    let own = enums.into_iter().flatten().map(|(name, _)| name.as_str());
    let own = own.filter(|name| TABLES.iter().all(|(known, ..)| known != name)).map(|name| (name, name, &[][..]));
    TABLES.iter().copied().chain(own).map(|(name, title, words)| table(json, name, title, words)).collect()
}

fn table(json: &Value, name: &str, title: &str, words: &[&str]) -> ProfileTable {
    let writing = name.strip_suffix(".write");
    let writes = writing.is_some();
    let rows = json["enums"][name].as_object().into_iter().flatten();
    // A table for writing goes the other way: its names are our words.
    let base = writing.unwrap_or(name);
    let words = TABLES.iter().find(|(known, ..)| *known == base).map_or(words, |(.., words)| words);
    ProfileTable {
        place: vec!["enums".into(), name.to_owned()],
        title: if writes && title == name { format!("{name}: as it is sent") } else { title.to_owned() },
        writes,
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        rows: rows
            .map(|(from, to)| (from.clone(), to.as_str().map_or_else(|| to.to_string(), str::to_owned)))
            .collect(),
    }
}
