//! Conditions of rules: as they are kept, and as they are asked.

use crate::facts::{ATTRIBUTE, Facts, FieldKind, Source, Value, nearest, number_words};
use crate::numbers;
use crate::templates::Tables;
use serde::{Deserialize, Serialize};
use specta::Type;

/// Deeper trees are a mistake, and reading one takes stack.
const DEPTH_MAX: usize = 12;

/// A condition, or a group of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Test {
    /// All of them hold. None at all: always.
    All {
        /// The conditions.
        tests: Vec<Test>,
    },
    /// At least one holds.
    Any {
        /// The conditions.
        tests: Vec<Test>,
    },
    /// It does not hold.
    Not {
        /// The condition.
        test: Box<Test>,
    },
    /// One field, compared.
    Is {
        /// Field by name, `attribute:…`, `option:…` or `zone:…`.
        field: String,
        /// How it is compared.
        op: Op,
        /// With what; several are separated by commas.
        value: String,
    },
}

/// How a field is compared. Texts whatever their case; for lists, one entry that fits is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Op {
    Is,
    IsNot,
    Contains,
    ContainsNot,
    StartsWith,
    EndsWith,
    OneOf,
    NoneOf,
    MoreThan,
    AtLeast,
    LessThan,
    AtMost,
    Present,
    Absent,
}

impl Op {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Is,
        Self::IsNot,
        Self::Contains,
        Self::ContainsNot,
        Self::StartsWith,
        Self::EndsWith,
        Self::OneOf,
        Self::NoneOf,
        Self::MoreThan,
        Self::AtLeast,
        Self::LessThan,
        Self::AtMost,
        Self::Present,
        Self::Absent,
    ];
    /// In words between field and value.
    pub fn words(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::IsNot => "is not",
            Self::Contains => "contains",
            Self::ContainsNot => "does not contain",
            Self::StartsWith => "starts with",
            Self::EndsWith => "ends with",
            Self::OneOf => "is one of",
            Self::NoneOf => "is none of",
            Self::MoreThan => "is more than",
            Self::AtLeast => "is at least",
            Self::LessThan => "is less than",
            Self::AtMost => "is at most",
            Self::Present => "is given",
            Self::Absent => "is not given",
        }
    }
    fn of_numbers(self) -> bool {
        matches!(self, Self::MoreThan | Self::AtLeast | Self::LessThan | Self::AtMost)
    }
    fn alone(self) -> bool {
        matches!(self, Self::Present | Self::Absent)
    }
}

/// A condition with its field found and its value read.
#[derive(Debug, Clone)]
pub(super) enum Ready {
    All(Vec<Ready>),
    Any(Vec<Ready>),
    Not(Box<Ready>),
    Is { source: Source, op: Op, wanted: Vec<String>, number: f64, shown: String },
}

impl Ready {
    /// Reads a condition; `tables` are what zones are looked up in.
    pub fn new(test: &Test, tables: &Tables) -> Result<Self, String> {
        Self::read(test, tables, 0)
    }

    fn read(test: &Test, tables: &Tables, depth: usize) -> Result<Self, String> {
        if depth > DEPTH_MAX {
            return Err(format!("its conditions are nested more than {DEPTH_MAX} deep."));
        }
        let all = |tests: &[Test]| {
            tests.iter().map(|test| Self::read(test, tables, depth + 1)).collect::<Result<Vec<_>, _>>()
        };
        Ok(match test {
            Test::All { tests } => Self::All(all(tests)?),
            Test::Any { tests } if tests.is_empty() => {
                return Err("a group \"any of\" has no condition in it and could never hold.".into());
            }
            Test::Any { tests } => Self::Any(all(tests)?),
            Test::Not { test } => Self::Not(Box::new(Self::read(test, tables, depth + 1)?)),
            Test::Is { field, op, value } => Self::leaf(field, *op, value, tables)?,
        })
    }

    fn leaf(field: &str, op: Op, value: &str, tables: &Tables) -> Result<Self, String> {
        let mut source = Source::of(field).ok_or_else(|| match nearest(field) {
            Some(known) => format!("there is no field \"{field}\" (any more). Did you mean \"{known}\"?"),
            None if field.trim().is_empty() => "a condition names no field. Choose one.".to_owned(),
            None => format!("there is no field \"{field}\" (any more). Attributes are written {ATTRIBUTE}{field}."),
        })?;
        let label = source.label();
        if let Source::Zone { table, rows } = &mut source {
            rows.clone_from(tables.get(table.as_str()).ok_or_else(|| {
                format!("{label}: there is no table \"{table}\". Make it under Field mapping, or choose another.")
            })?);
        }
        let kind = match &source {
            Source::Field(field) => field.kind,
            Source::Attribute(_) | Source::Zone { .. } => FieldKind::Text,
            Source::Option(_) => FieldKind::Texts,
        };
        let shown = value.trim().to_owned();
        let mut wanted: Vec<String> = match op {
            Op::OneOf | Op::NoneOf => shown.split(',').map(fold).filter(|word| !word.is_empty()).collect(),
            _ => vec![fold(&shown)],
        };
        if op.alone() {
            wanted.clear();
        } else if wanted.is_empty() || wanted.iter().all(String::is_empty) {
            return Err(format!("\"{label} {}\" has nothing to compare with. Fill the value in.", op.words()));
        }
        if kind == FieldKind::Flag && !op.alone() {
            for word in &mut wanted {
                *word = match word.as_str() {
                    "yes" | "true" | "1" => "yes".into(),
                    "no" | "false" | "0" => "no".into(),
                    _ => return Err(format!("\"{label}\" is yes or no, not \"{shown}\".")),
                };
            }
        }
        let mut number = 0.0;
        if op.of_numbers() || (kind == FieldKind::Number && matches!(op, Op::Is | Op::IsNot)) {
            number = match numbers::read(&shown) {
                numbers::Read::Number(number) => number,
                // A rule that took the wrong one of the two would hold every order, or none.
                numbers::Read::Either(point, thousands) => {
                    return Err(format!(
                        "\"{label} {}\": {shown} can be read as {} or as {}. Write it without the mark, or as {point:.1}.",
                        op.words(),
                        number_words(thousands),
                        number_words(point),
                    ));
                }
                numbers::Read::None => {
                    return Err(format!("\"{label} {}\" wants a number, not \"{shown}\".", op.words()));
                }
            };
        }
        Ok(Self::Is { source, op, wanted, number, shown })
    }

    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::All(tests) => tests.iter().all(|test| test.holds(facts)),
            Self::Any(tests) => tests.iter().any(|test| test.holds(facts)),
            Self::Not(test) => !test.holds(facts),
            Self::Is { source, op, wanted, number, .. } => compare(&facts.get(source), *op, wanted, *number),
        }
    }

    /// Which conditions held, or the first that did not, in words.
    pub fn why(&self, facts: &Facts<'_>, held: bool) -> String {
        match self {
            Self::All(tests) if tests.is_empty() => "It holds for every order".into(),
            Self::All(tests) if held => join(tests, facts, " and "),
            Self::All(tests) => {
                tests.iter().find(|test| !test.holds(facts)).map_or_else(String::new, |test| test.why(facts, false))
            }
            Self::Any(tests) if held => {
                tests.iter().find(|test| test.holds(facts)).map_or_else(String::new, |test| test.why(facts, true))
            }
            Self::Any(tests) => format!("None of: {}", join(tests, facts, "; ")),
            // Inside a "not" what holds is what stands in the way.
            Self::Not(test) => {
                let inner = test.why(facts, !held);
                if held { inner } else { format!("Excluded: {inner}") }
            }
            Self::Is { source, op, shown, .. } => {
                let value = facts.get(source).words();
                let value = if value.is_empty() { "not given".to_owned() } else { format!("\"{}\"", short(&value)) };
                let label = source.label();
                let held_now = self.holds(facts);
                match (held_now, op.alone()) {
                    (true, true) => format!("{label} {}", op.words()),
                    (true, false) => format!("{label} ({value}) {} {shown}", op.words()),
                    (false, true) => format!("{label} is {value}, so \"{}\" does not hold", op.words()),
                    (false, false) => format!("{label} is {value}; wanted: {} {shown}", op.words()),
                }
            }
        }
    }
}

fn join(tests: &[Ready], facts: &Facts<'_>, with: &str) -> String {
    tests.iter().map(|test| test.why(facts, test.holds(facts))).collect::<Vec<_>>().join(with)
}

fn short(text: &str) -> String {
    if text.chars().count() <= 60 { text.to_owned() } else { text.chars().take(59).chain(['…']).collect() }
}

fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

fn compare(value: &Value<'_>, op: Op, wanted: &[String], number: f64) -> bool {
    match op {
        Op::Present => return !matches!(value, Value::Missing),
        Op::Absent => return matches!(value, Value::Missing),
        Op::IsNot => return !compare(value, Op::Is, wanted, number),
        Op::ContainsNot => return !compare(value, Op::Contains, wanted, number),
        Op::NoneOf => return !compare(value, Op::OneOf, wanted, number),
        _ => {}
    }
    match value {
        Value::Missing => false,
        Value::Text(text) => compare_text(text, op, wanted, number),
        Value::Texts(texts) => texts.iter().any(|text| compare_text(text, op, wanted, number)),
        Value::Number(given) => compare_number(*given, op, wanted, number),
        Value::Flag(flag) => {
            let word = if *flag { "yes" } else { "no" };
            wanted.iter().any(|wanted| wanted == word)
        }
    }
}

fn compare_text(text: &str, op: Op, wanted: &[String], number: f64) -> bool {
    let text = fold(text);
    let first = wanted.first().map_or("", String::as_str);
    match op {
        Op::Is => text == first,
        Op::Contains => text.contains(first),
        Op::StartsWith => text.starts_with(first),
        Op::EndsWith => text.ends_with(first),
        Op::OneOf => wanted.contains(&text),
        // An attribute may hold a number: "more than" asks for one.
        _ if op.of_numbers() => {
            numbers::of_a_store(&text).is_some_and(|given| compare_number(given, op, wanted, number))
        }
        _ => false,
    }
}

fn compare_number(given: f64, op: Op, wanted: &[String], number: f64) -> bool {
    match op {
        Op::Is => (given - number).abs() < 1e-9,
        Op::MoreThan => given > number,
        Op::AtLeast => given >= number,
        Op::LessThan => given < number,
        Op::AtMost => given <= number,
        Op::OneOf => wanted.iter().any(|word| word.parse::<f64>().is_ok_and(|w| (w - given).abs() < 1e-9)),
        Op::Contains => wanted.first().is_some_and(|word| number_words(given).contains(word.as_str())),
        Op::StartsWith => wanted.first().is_some_and(|word| number_words(given).starts_with(word.as_str())),
        Op::EndsWith => wanted.first().is_some_and(|word| number_words(given).ends_with(word.as_str())),
        _ => false,
    }
}
