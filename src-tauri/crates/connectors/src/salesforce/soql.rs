//! Questions in SOQL, put together from checked names and quoted values only.
//!
//! No text of an order ever becomes part of a question: identifiers pass
//! [`is_name`], values pass [`Value`], and whatever is neither cannot be built.
//! Quoting follows the escapes of Salesforce's SOQL reference (backslash before
//! `\`, `'`, `"` and the control characters).

use chrono::DateTime;
use std::fmt;
use std::fmt::Write as _;

/// Ids that go into one `IN (…)`: the whole address must stay under 16 KB.
pub const IN_MAX: usize = 200;

/// A value of a condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text or an id.
    Text(String),
    /// A moment, ms UTC; cut to the second, as the platform's own times are.
    Moment(i64),
    /// A day, `YYYY-MM-DD`.
    Day(chrono::NaiveDate),
    /// Several texts or ids.
    List(Vec<String>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "'{}'", escaped(text)),
            Self::Moment(at_ms) => f.write_str(&moment(*at_ms)),
            Self::Day(day) => write!(f, "{}", day.format("%Y-%m-%d")),
            Self::List(list) => {
                f.write_str("(")?;
                for (i, text) in list.iter().enumerate() {
                    write!(f, "{}'{}'", if i == 0 { "" } else { ", " }, escaped(text))?;
                }
                f.write_str(")")
            }
        }
    }
}

/// A moment as SOQL and request bodies take it: `2026-11-20T09:45:00Z`.
pub fn moment(at_ms: i64) -> String {
    DateTime::from_timestamp_millis(at_ms).unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        match c {
            '\\' | '\'' | '"' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// The name of an object or field: a letter, then letters, digits and underscores.
pub fn is_name(text: &str) -> bool {
    text.len() <= 80
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A record's id: 15 or 18 letters and digits.
pub fn is_id(text: &str) -> bool {
    matches!(text.len(), 15 | 18) && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Percent-encodes a question or a path segment.
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => {
                // Writing to a String does not fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// A place in a list sorted by time of change and id: everything after it is still to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// Time of change, ms UTC.
    pub at_ms: i64,
    /// Id of the last row read at that time; empty before the first.
    pub id: String,
}

/// The condition "after `place`, and not newer than `until_ms`" on `field` and Id.
///
/// By both, because thousands of rows share a second after a bulk edit: a bare `>=` would read them for
/// ever, a bare `>` would lose the rest of the second.
pub fn after(field: &str, place: &Place, until_ms: i64) -> String {
    let at = Value::Moment(place.at_ms);
    let from = if place.id.is_empty() {
        format!("{field} >= {at}")
    } else {
        format!("({field} > {at} OR ({field} = {at} AND Id > {}))", Value::Text(place.id.clone()))
    };
    format!("{from} AND {field} <= {}", Value::Moment(until_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_quotes() {
        for (value, text) in [
            (Value::Text("O'Neil".into()), r"'O\'Neil'"),
            (Value::Text(r"\' OR Name LIKE '%".into()), r"'\\\' OR Name LIKE \'%'"),
            (Value::Text("a\nb\t\u{0}c\"".into()), r#"'a\nb\tc\"'"#),
            (Value::Moment(1_795_168_800_999), "2026-11-20T10:00:00Z"),
            (Value::List(vec!["001".into(), "x'y".into()]), r"('001', 'x\'y')"),
        ] {
            assert_eq!(value.to_string(), text);
        }
    }

    #[test]
    fn only_names_are_names() {
        for (text, is) in [
            ("Quayside_Order_Id__c", true),
            ("Name", true),
            ("Account.Name", false),
            ("Id FROM User--", false),
            ("", false),
            ("1st", false),
            ("Größe__c", false),
        ] {
            assert_eq!(is_name(text), is, "{text}");
        }
        assert!(is_id("0065500000AbCdEAAV") && is_id("0065500000AbCdE") && !is_id("0065500000AbCd'"));
    }

    #[test]
    fn a_place_is_a_time_and_an_id() {
        let place = Place { at_ms: 1_795_168_800_000, id: "006A".into() };
        assert_eq!(
            after("SystemModstamp", &place, 1_795_168_830_000),
            "(SystemModstamp > 2026-11-20T10:00:00Z OR (SystemModstamp = 2026-11-20T10:00:00Z AND Id > '006A')) AND SystemModstamp <= 2026-11-20T10:00:30Z"
        );
        assert_eq!(encoded("a b=':+%"), "a%20b%3D%27%3A%2B%25");
    }
}
