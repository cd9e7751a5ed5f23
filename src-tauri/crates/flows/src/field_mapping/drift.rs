//! What mappings read changes under them: a store renames a question at its checkout, an app is gone, and from one order
//! to the next a template gives nothing.
//!
//! A single order says little: buyers leave fields out. So the newest orders are held against those before them, field by
//! field, and only what chance would hardly do is told: once per field, not per order. Whether a field is back is seen at
//! the first order that has it.

use super::{ID, MappingRow, ReadyMapping};
use crate::draft::count;
use crate::facts::{ATTRIBUTE, Facts, FieldKind, Source, Value};
use crate::policy::{Peer, Policy};
use chrono::{TimeZone as _, Utc};
use quayside_model::time::DAY_MS;
use quayside_model::{AccountFinding, Mode, Story};
use std::collections::BTreeMap;

/// Orders of a store that are looked at.
pub const ORDERS: usize = 200;
/// Older ones say nothing of what is usual.
pub const HISTORY_MS: i64 = 120 * DAY_MS;
/// With fewer of them nobody calls anything a change.
const NEWEST_MIN: usize = 5;
/// With fewer before them nobody knows what was usual.
const BEFORE_MIN: usize = 10;
/// Less probable than this is no chance.
const CHANCE_MAX: f64 = 0.001;
/// So many of a hundred were of one kind.
const ONE_KIND_PERCENT: usize = 95;
/// Fields that the desk itself works out: they say nothing of the store.
const OURS: [&str; 7] =
    ["store", "platform", "placed_date", "placed_weekday", "placed_hour", "in_stock", "back_ordered"];

/// Somebody wants to know.
#[must_use]
pub fn is_wanted(policy: &Policy) -> bool {
    policy.automation(ID).mode != Mode::Off && !policy.shapers.mapping.is_empty()
}

/// What a field held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A number.
    Number,
    /// A day or a moment.
    Day,
    /// Yes or no.
    YesNo,
    /// Anything else.
    Words,
}

impl Kind {
    /// What a text looks like.
    fn of(text: &str) -> Self {
        let text = text.trim();
        let is_day = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
            || chrono::DateTime::parse_from_rfc3339(text).is_ok();
        match text.to_lowercase().as_str() {
            _ if is_day => Self::Day,
            "yes" | "no" | "true" | "false" | "on" | "off" => Self::YesNo,
            _ if crate::numbers::of_a_store(text).is_some() => Self::Number,
            _ => Self::Words,
        }
    }

    fn plural(self) -> &'static str {
        match self {
            Self::Number => "numbers",
            Self::Day => "days",
            Self::YesNo => "yes or no",
            Self::Words => "words",
        }
    }
}

/// A field on one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// When the order was placed, ms UTC.
    pub placed_ms: i64,
    /// What it held; `None`: nothing.
    pub kind: Option<Kind>,
}

/// How a field changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drift {
    /// Most orders had it, the newest do not.
    Gone {
        /// The first order without it was placed then, ms UTC.
        since_ms: i64,
        /// So many newest orders lack it.
        newest: usize,
        /// So many of those before had it.
        had: usize,
        /// So many were before.
        before: usize,
    },
    /// It holds something else.
    Other {
        /// The first order with that was placed then, ms UTC.
        since_ms: i64,
        /// So many newest orders.
        newest: usize,
        /// What it held.
        was: Kind,
        /// What it holds.
        is: Kind,
    },
}

/// How a field changed over a store's orders, oldest first; `None`: not so that anybody would say so.
#[must_use]
pub fn judge(reads: &[Read], typed: bool) -> Option<Drift> {
    let had = reads.iter().rposition(|read| read.kind.is_some()).map_or(0, |last| last + 1);
    let (before, newest) = reads.split_at(had);
    let filled: Vec<Read> = before.iter().copied().filter(|read| read.kind.is_some()).collect();
    if let Some(first) = newest.first() {
        let share = filled.len() as f64 / before.len().max(1) as f64;
        let chance = (1.0 - share).powi(i32::try_from(newest.len()).unwrap_or(i32::MAX));
        let is_told = newest.len() >= NEWEST_MIN && before.len() >= BEFORE_MIN && share > 0.5 && chance < CHANCE_MAX;
        return is_told.then_some(Drift::Gone {
            since_ms: first.placed_ms,
            newest: newest.len(),
            had: filled.len(),
            before: before.len(),
        });
    }
    let is = filled.last()?.kind?;
    let same = filled.iter().rev().take_while(|read| read.kind == Some(is)).count();
    let (before, newest) = filled.split_at(filled.len() - same);
    if !typed || newest.len() < NEWEST_MIN || before.len() < BEFORE_MIN {
        return None;
    }
    // Words may look like anything; what was always a number is one.
    let was = [Kind::Number, Kind::Day, Kind::YesNo].into_iter().find(|kind| {
        let alike = before.iter().filter(|read| read.kind == Some(*kind)).count();
        *kind != is && alike * 100 >= before.len() * ONE_KIND_PERCENT
    })?;
    Some(Drift::Other { since_ms: newest.first()?.placed_ms, newest: newest.len(), was, is })
}

/// An entry that was made before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// [`AccountFinding::about`].
    pub about: String,
    /// [`AccountFinding::sentence`].
    pub sentence: String,
    /// It is over; `Some(true)`: a person settled it.
    pub over_by_person: Option<bool>,
}

/// Everything that changed under the mappings of a store, field by field. `stories`: its newest orders, in any order.
/// What stands stays until the field is back, also when the orders before the change are out of sight.
#[must_use]
pub fn look(store: &Peer, policy: &Policy, stories: &[Story], told: &[Told]) -> Vec<AccountFinding> {
    let mut stories: Vec<&Story> = stories.iter().filter(|story| !story.order.test).collect();
    stories.sort_by_key(|story| (story.order.placed_at_ms, story.order_id));
    let facts: Vec<Facts<'_>> = stories.iter().map(|story| Facts::of(story, policy)).collect();
    let mut found = Vec::new();
    for (name, read_by) in sources(&policy.shapers.mapping, store) {
        let Some(source) = Source::of(&name) else { continue };
        let reads: Vec<Read> = facts
            .iter()
            .map(|facts| Read { placed_ms: facts.order().placed_at_ms, kind: kind(&facts.get(&source)) })
            .collect();
        if let Some(standing) = told.iter().find(|one| one.over_by_person.is_none() && still(one, &name, &reads)) {
            found.push(AccountFinding { about: standing.about.clone(), sentence: standing.sentence.clone() });
            continue;
        }
        let typed = matches!(source, Source::Attribute(_));
        let Some(drift) = judge(&reads, typed) else { continue };
        let about = about(&name, drift);
        // Settled by a person: it is known.
        if told.iter().any(|one| one.about == about && one.over_by_person == Some(true)) {
            continue;
        }
        let sentence = sentence(&source.label(), store, policy, drift, &read_by);
        found.push(AccountFinding { about, sentence });
    }
    found
}

/// What the rows of a store read, by its name in rules, and the fields that are filled from it.
fn sources(mapping: &ReadyMapping, store: &Peer) -> BTreeMap<String, Vec<&'static str>> {
    let mut all: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    for row in mapping.rows_of(&store.id) {
        for name in read_by(mapping, row) {
            let labels = all.entry(name).or_default();
            if !labels.contains(&row.target.label()) {
                labels.push(row.target.label());
            }
        }
    }
    all
}

/// The fields of the store's order that a row reads, by their names in rules.
pub(super) fn read_by(mapping: &ReadyMapping, row: &MappingRow) -> Vec<String> {
    let fields = mapping.templates.fields_of(&row.id).map(|field| field.name);
    // A flag is always there.
    let fields = fields.filter(|name| !OURS.contains(name) && !is_flag(name)).map(str::to_owned);
    fields.chain(attributes(&row.template).into_iter().map(|name| format!("{ATTRIBUTE}{name}"))).collect()
}

fn is_flag(name: &str) -> bool {
    crate::facts::field(name).is_some_and(|field| field.kind == FieldKind::Flag)
}

/// Names of attributes in a template: `attributes["PO number"]`, `attributes['x']`, `attributes.x`.
fn attributes(template: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for after in template.split("attributes").skip(1) {
        let after = after.trim_start();
        let name = if let Some(rest) = after.strip_prefix('[') {
            let rest = rest.trim_start();
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
            quote.and_then(|quote| rest.strip_prefix(quote)?.split_once(quote)).map(|(name, _)| name.to_owned())
        } else {
            let word = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
            after.strip_prefix('.').map(word)
        };
        let name = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        if let Some(name) = name.filter(|name| !names.contains(name)) {
            names.push(name);
        }
    }
    names
}

fn kind(value: &Value<'_>) -> Option<Kind> {
    match value {
        Value::Missing => None,
        Value::Text(text) => Some(Kind::of(text)),
        Value::Texts(_) => Some(Kind::Words),
        Value::Number(_) => Some(Kind::Number),
        Value::Flag(_) => Some(Kind::YesNo),
    }
}

fn about(name: &str, drift: Drift) -> String {
    match drift {
        Drift::Gone { since_ms, .. } => format!("{}{since_ms}", gone(name)),
        Drift::Other { since_ms, was, .. } => format!("{}{since_ms}", other(name, was)),
    }
}

fn gone(name: &str) -> String {
    format!("gone {name} since ")
}

fn other(name: &str, was: Kind) -> String {
    format!("no {} in {name} since ", was.plural())
}

/// What an entry says of this field still holds for the newest order.
fn still(told: &Told, name: &str, reads: &[Read]) -> bool {
    let newest = reads.last().and_then(|read| read.kind);
    let was = [Kind::Number, Kind::Day, Kind::YesNo].into_iter().find(|was| told.about.starts_with(&other(name, *was)));
    match was {
        // An order without it says nothing of its kind.
        Some(was) => reads.iter().rev().find_map(|read| read.kind).is_none_or(|kind| kind != was),
        None => told.about.starts_with(&gone(name)) && newest.is_none(),
    }
}

fn sentence(field: &str, store: &Peer, policy: &Policy, drift: Drift, read_by: &[&str]) -> String {
    let zone = policy.zone_of(Some(store));
    let day = |at_ms: i64| {
        let at = Utc.timestamp_millis_opt(at_ms).single().unwrap_or_default();
        at.with_timezone(&zone).format("%-d %b %Y").to_string()
    };
    let store = &store.name;
    let what = match drift {
        Drift::Gone { since_ms, newest, had, before } => format!(
            "{field} is empty or gone on the newest {} of {store}, since {}; {had} of the {before} before had it",
            count(newest as i64, "order"),
            day(since_ms)
        ),
        Drift::Other { since_ms, newest, was, is } => format!(
            "{field} of {store} held {} and holds {} on the newest {}, since {}",
            was.plural(),
            is.plural(),
            count(newest as i64, "order"),
            day(since_ms)
        ),
    };
    format!(
        "{what}. It fills {}. Look what the field is called in the store now, and change the mapping under Automations. The entry goes when the field is back.",
        read_by.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One letter an order, oldest first: `.` nothing, `n` a number, `d` a day, `y` yes or no, `w` words.
    fn reads(text: &str) -> Vec<Read> {
        text.chars()
            .enumerate()
            .map(|(i, c)| {
                let kind = match c {
                    'n' => Some(Kind::Number),
                    'd' => Some(Kind::Day),
                    'y' => Some(Kind::YesNo),
                    'w' => Some(Kind::Words),
                    _ => None,
                };
                Read { placed_ms: i as i64, kind }
            })
            .collect()
    }

    #[test]
    fn only_what_chance_would_hardly_do_is_told() {
        for (text, told) in [
            ("", None),
            (".....................", None),
            ("wwwwwwwwwwwwwwwwwwww", None),
            // All of them had it, and five in a row do not.
            ("wwwwwwwwww.....", Some("gone since 10, 5 against 10 of 10")),
            ("wwwwwwwwww....", None),
            ("wwwwwwwww.....", None),
            // One that has it, and it is back.
            ("wwwwwwwwww.......w", None),
            // Half of the buyers fill it: a long silence only, and then it is told.
            ("w.ww.ww.ww.w.....", None),
            ("w.ww.ww.ww.ww.ww.........", Some("gone since 16, 9 against 11 of 16")),
            // Few do: nobody knows.
            ("w...w...w...w...w..................................", None),
            // What was always a number is words.
            ("nnnnnnnnnnwwwww", Some("numbers are words since 10, 5")),
            ("nnnnnnnnnnwwww", None),
            ("nnnnn.nnnnn.ww.www", Some("numbers are words since 12, 5")),
            ("dddddddddddnnnnnn", Some("days are numbers since 11, 6")),
            ("yyyyyyyyyywwwww", Some("yes or no are words since 10, 5")),
            ("nwnwnnnwnnnnwwwww", None),
            // Words that happen to be numbers, and numbers that come back.
            ("wwwwwwwwwwnnnnn", None),
            ("nnnnnnnnnnwwwwwn", None),
        ] {
            let said = judge(&reads(text), true).map(|drift| match drift {
                Drift::Gone { since_ms, newest, had, before } => {
                    format!("gone since {since_ms}, {newest} against {had} of {before}")
                }
                Drift::Other { since_ms, newest, was, is } => {
                    format!("{} are {} since {since_ms}, {newest}", was.plural(), is.plural())
                }
            });
            assert_eq!(said.as_deref(), told, "{text}");
        }
        assert_eq!(judge(&reads("nnnnnnnnnnwwwww"), false), None, "a telephone number may have a plus");
    }

    #[test]
    fn what_stands_stays_until_the_field_is_back() {
        let told = |about: &str| Told { about: about.into(), sentence: "s".into(), over_by_person: None };
        for (about, text, stays) in [
            ("gone attribute:PO since 7", "..............", true),
            ("gone attribute:PO since 7", ".............w", false),
            ("gone attribute:POX since 7", "..............", false),
            ("no numbers in attribute:PO since 7", "wwwwwwwwwwww..", true),
            ("no numbers in attribute:PO since 7", "wwwwwwwwwwwn..", false),
            ("no days in attribute:PO since 7", "wwwwwwwwwwwn..", true),
        ] {
            assert_eq!(still(&told(about), "attribute:PO", &reads(text)), stays, "{about}: {text}");
        }
    }

    #[test]
    fn a_text_has_a_kind() {
        for (text, kind) in [
            ("4711", Kind::Number),
            ("12.50", Kind::Number),
            ("2026-12-24", Kind::Day),
            ("2026-12-24T10:00:00Z", Kind::Day),
            ("Yes", Kind::YesNo),
            ("PO 4711", Kind::Words),
            ("24.12.2026", Kind::Words),
        ] {
            assert_eq!(Kind::of(text), kind, "{text}");
        }
    }

    #[test]
    fn attributes_are_found_however_they_are_written() {
        for (template, names) in [
            ("{{ attributes[\"PO number\"] }}", vec!["PO number"]),
            ("{{ attributes[ 'Gift wrap' ]|trim }} {{ attributes.gate }}", vec!["Gift wrap", "gate"]),
            ("{{ attributes.gate or attributes['gate'] }}", vec!["gate"]),
            ("{{ attributes|length }} {{ attributes[name] }} {{ number }}", vec![]),
            ("{{ attributes[\"open", vec![]),
        ] {
            assert_eq!(attributes(template), names, "{template}");
        }
    }
}
