//! Small texts made from an order: Jinja templates over the fields of [`crate::facts`].
//!
//! The language is minijinja's. What is added: a template may only name fields there are
//! (found when it is written, not when an order comes), a bound on the work one text may
//! do, and four filters of the trade (`date`, `number`, `lookup`, `cut`).

use crate::facts::{FIELDS, Facts, Field, Source, Value as Fact, field, nearest};
use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};
use quayside_model::{Order, OrderLine};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Steps one text may take; a whole order in a loop takes hundreds.
const FUEL: u64 = 50_000;
/// Longest text that is kept.
const LENGTH_MAX: usize = 10_000;
/// How a lookup in a table nobody made begins.
const NO_TABLE: &str = "there is no table";
/// A line is named where there is no single one.
const NO_LINE: &str = "\"line\" is known only where each line gets a text of its own. Elsewhere write a loop: {% for line in lines %}{{ line.sku }} {% endfor %}.";
/// Names besides the fields: the order's attributes by name, and its lines to ship.
const ATTRIBUTES: &str = "attributes";
const LINES: &str = "lines";
/// One line, where every line gets a text of its own.
const LINE: &str = "line";

/// Lookup tables by name.
pub type Tables = BTreeMap<String, BTreeMap<String, String>>;

/// Templates, read once and used for every order.
#[derive(Clone)]
pub struct Templates {
    env: Environment<'static>,
    /// What each template reads, so that nothing else has to be made ready.
    reads: BTreeMap<String, Vec<Reads>>,
    /// Names that only whoever renders knows, with an explanation.
    further: &'static [(&'static str, &'static str)],
}

/// What stands under further names; one that is not in it is not there.
pub type Further = BTreeMap<&'static str, String>;

#[derive(Clone)]
enum Reads {
    Field(Source, &'static str),
    Attributes,
    Lines,
    Line,
    Further(&'static str),
}

impl std::fmt::Debug for Templates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Templates").field("names", &self.reads.keys()).finish_non_exhaustive()
    }
}

impl Default for Templates {
    fn default() -> Self {
        Self::new(Tables::new())
    }
}

impl Templates {
    /// None yet, with these lookup tables.
    pub fn new(tables: Tables) -> Self {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Chainable);
        env.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        env.set_fuel(Some(FUEL));
        let tables = Arc::new(tables);
        env.add_filter("lookup", move |value: Value, table: String, kwargs: Kwargs| {
            let otherwise: Option<String> = kwargs.get("otherwise")?;
            kwargs.assert_all_used()?;
            let rows = tables
                .get(&table)
                .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("{NO_TABLE} \"{table}\"")))?;
            let key = value.to_string().trim().to_lowercase();
            let found = rows.iter().find(|(from, _)| from.trim().to_lowercase() == key).map(|(_, to)| to.clone());
            Ok(found.or(otherwise).unwrap_or_default())
        });
        env.add_filter("cut", |value: Value, most: usize| value.to_string().chars().take(most).collect::<String>());
        env.add_filter("number", number);
        env.add_filter("date", date);
        Self { env, reads: BTreeMap::new(), further: &[] }
    }

    /// None yet, for texts that may name these besides.
    pub fn naming(further: &'static [(&'static str, &'static str)]) -> Self {
        Self { further, ..Self::default() }
    }

    /// Reads a template; why it cannot be used, in a sentence.
    pub fn add(&mut self, name: &str, source: &str) -> Result<(), String> {
        self.read(name, source, false)
    }

    /// The same for one that is worked out line by line, and may name `line`.
    pub fn add_for_lines(&mut self, name: &str, source: &str) -> Result<(), String> {
        self.read(name, source, true)
    }

    fn read(&mut self, name: &str, source: &str, for_lines: bool) -> Result<(), String> {
        self.env.add_template_owned(name.to_owned(), source.to_owned()).map_err(|error| unreadable(&error))?;
        let template = self.env.get_template(name).map_err(|error| unreadable(&error))?;
        let mut reads = Vec::new();
        let mut named: Vec<String> = template.undeclared_variables(false).into_iter().collect();
        named.sort();
        for word in named {
            reads.push(match word.as_str() {
                ATTRIBUTES => Reads::Attributes,
                LINES => Reads::Lines,
                LINE if for_lines => Reads::Line,
                LINE => return Err(NO_LINE.to_owned()),
                "range" | "dict" | "namespace" | "debug" => continue,
                word => match (self.further.iter().find(|(name, _)| *name == word), field(word)) {
                    (Some((name, _)), _) => Reads::Further(name),
                    (None, Some(field)) => Reads::Field(Source::Field(field), field.name),
                    (None, None) => return Err(unknown(word)),
                },
            });
        }
        // Filters and tables are looked up only while a text is made: one without any facts shows what is not there.
        if let Err(error) = template.render(Value::from(BTreeMap::<&str, Value>::new())) {
            let missing = matches!(
                error.kind(),
                ErrorKind::UnknownFilter
                    | ErrorKind::UnknownTest
                    | ErrorKind::UnknownFunction
                    | ErrorKind::UnknownMethod
            );
            if missing || error.detail().is_some_and(|detail| detail.starts_with(NO_TABLE)) {
                return Err(unreadable(&error));
            }
        }
        self.reads.insert(name.to_owned(), reads);
        Ok(())
    }

    /// The text for one order; why there is none, in a sentence.
    pub fn render(&self, name: &str, facts: &Facts<'_>) -> Result<String, String> {
        self.render_with(name, facts, &Further::new())
    }

    /// The same, with what stands under further names.
    pub fn render_with(&self, name: &str, facts: &Facts<'_>, further: &Further) -> Result<String, String> {
        self.text(name, facts, further, None)
    }

    /// The text of each line to ship, by the store's id of the line.
    pub fn render_lines(&self, name: &str, facts: &Facts<'_>) -> Result<Vec<(String, String)>, String> {
        let order = facts.order();
        let further = Further::new();
        order
            .lines_ours()
            .map(|(line, units)| {
                let text = self.text(name, facts, &further, Some(&one_line(order, line, units)));
                text.map(|text| (line.remote_id.clone(), text))
            })
            .collect()
    }

    /// Fields of the table that a template reads.
    pub(crate) fn fields_of(&self, name: &str) -> impl Iterator<Item = &'static Field> {
        self.reads.get(name).into_iter().flatten().filter_map(|read| match read {
            Reads::Field(Source::Field(field), _) => Some(*field),
            _ => None,
        })
    }

    fn text(&self, name: &str, facts: &Facts<'_>, further: &Further, line: Option<&Value>) -> Result<String, String> {
        let template = self.env.get_template(name).map_err(|error| unreadable(&error))?;
        let mut context: BTreeMap<&'static str, Value> = BTreeMap::new();
        for read in self.reads.get(name).map_or(&[][..], Vec::as_slice) {
            match read {
                Reads::Field(source, name) => drop(context.insert(name, value(facts.get(source)))),
                Reads::Attributes => {
                    let all: BTreeMap<String, Value> =
                        facts.order().attributes.iter().map(|(k, v)| (k.clone(), Value::from(v.as_str()))).collect();
                    context.insert(ATTRIBUTES, Value::from(all));
                }
                Reads::Lines => drop(context.insert(LINES, lines(facts))),
                Reads::Line => drop(line.and_then(|line| context.insert(LINE, line.clone()))),
                Reads::Further(name) => {
                    if let Some(text) = further.get(name).filter(|text| !text.trim().is_empty()) {
                        context.insert(name, Value::from(text.as_str()));
                    }
                }
            }
        }
        let mut text = template.render(Value::from(context)).map_err(|error| failed(&error))?;
        if text.len() > LENGTH_MAX {
            text = text.chars().take(LENGTH_MAX).collect();
        }
        Ok(text)
    }
}

/// What a template may name, for the editor: name and an explanation.
pub fn names() -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> =
        FIELDS.iter().map(|field| (field.name.to_owned(), format!("{}. {}", field.label, field.help))).collect();
    all.push((format!("{ATTRIBUTES}[\"Gift wrap\"]"), "An attribute or metafield of the order, by its name.".into()));
    all.push((
        LINES.into(),
        "Lines to ship, for a loop: line.sku, line.name, line.variant, line.quantity, line.price, line.weight_g, line.barcode, line.options.".into(),
    ));
    all
}

/// What a template may name besides where each line gets a text of its own.
pub fn line_name() -> (String, String) {
    let help = "Where each line gets a text of its own: that line, with the same parts as in a loop.";
    (format!("{LINE}.options[\"Engraving\"]"), help.to_owned())
}

fn value(fact: Fact<'_>) -> Value {
    match fact {
        Fact::Missing => Value::UNDEFINED,
        Fact::Text(text) => Value::from(text.as_ref()),
        Fact::Texts(texts) => Value::from(texts.iter().map(|text| Value::from(text.as_ref())).collect::<Vec<_>>()),
        Fact::Number(number) => plain_number(number),
        Fact::Flag(flag) => Value::from(flag),
    }
}

/// Whole numbers print without a point.
fn plain_number(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9e15 { Value::from(number as i64) } else { Value::from(number) }
}

fn lines(facts: &Facts<'_>) -> Value {
    let order = facts.order();
    order.lines_ours().map(|(line, units)| one_line(order, line, units)).collect()
}

fn one_line(order: &Order, line: &OrderLine, units: i64) -> Value {
    let price = quayside_model::Money::new(line.discounted_unit_price_minor, order.currency.clone());
    let options: BTreeMap<String, Value> =
        line.options.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    Value::from(BTreeMap::from([
        ("sku", Value::from(line.sku.as_str())),
        ("name", Value::from(line.name.as_str())),
        ("variant", Value::from(line.variant.as_str())),
        ("quantity", Value::from(units)),
        ("price", Value::from(price.decimal().to_string())),
        ("weight_g", line.weight_g.map_or(Value::UNDEFINED, plain_number)),
        ("barcode", line.barcode.as_deref().map_or(Value::UNDEFINED, Value::from)),
        ("options", Value::from(options)),
    ]))
}

/// `{{ value|number(2) }}`, `{{ value|number(2, ",") }}`.
#[allow(clippy::needless_pass_by_value)] // filters are handed their arguments
fn number(value: Value, decimals: Option<usize>, point: Option<String>) -> Result<String, Error> {
    if value.is_undefined() {
        return Ok(String::new());
    }
    let given = f64::try_from(value.clone()).ok().or_else(|| crate::numbers::of_a_store(value.as_str()?));
    let given = given.ok_or_else(|| {
        Error::new(ErrorKind::InvalidOperation, format!("\"{value}\" is not a number to be formatted"))
    })?;
    Ok(format!("{given:.*}", decimals.unwrap_or(2).min(6)).replace('.', point.as_deref().unwrap_or(".")))
}

/// `{{ placed_date|date("%d.%m.%Y") }}`: a day or a moment in another form.
#[allow(clippy::needless_pass_by_value)] // as above
fn date(value: Value, form: String) -> Result<String, Error> {
    use chrono::format::{Item, StrftimeItems};
    if value.is_undefined() {
        return Ok(String::new());
    }
    let text = value.to_string();
    let text = text.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    let bad = |why: String| Error::new(ErrorKind::InvalidOperation, why);
    let items: Vec<Item<'_>> = StrftimeItems::new(&form).collect();
    if items.iter().any(|item| matches!(item, Item::Error)) {
        return Err(bad(format!("\"{form}\" is no form of a date; %d.%m.%Y is one")));
    }
    let day = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .and_then(|day| day.and_hms_opt(0, 0, 0))
        .or_else(|| chrono::DateTime::parse_from_rfc3339(text).ok().map(|at| at.naive_local()))
        .or_else(|| text.parse().ok().and_then(chrono::DateTime::from_timestamp_millis).map(|at| at.naive_utc()))
        .ok_or_else(|| bad(format!("\"{text}\" is not a date like 2026-11-20")))?;
    let mut out = String::new();
    // A form that asks for what a day has not (a time zone) does not print.
    std::fmt::Write::write_fmt(&mut out, format_args!("{}", day.format_with_items(items.into_iter())))
        .map_err(|_| bad(format!("\"{form}\" asks for something a day does not have, like a time zone")))?;
    Ok(out)
}

fn unknown(word: &str) -> String {
    match nearest(word) {
        Some(known) => format!("There is no field \"{word}\". Did you mean \"{known}\"?"),
        None => format!(
            "There is no field \"{word}\". The list beside the template shows all; attributes are written attributes[\"{word}\"]."
        ),
    }
}

fn unreadable(error: &Error) -> String {
    let line = error.line().map_or_else(String::new, |line| format!(" in line {line}"));
    format!("The template cannot be read: {}{line}.", detail(error))
}

fn failed(error: &Error) -> String {
    if matches!(error.kind(), ErrorKind::OutOfFuel) {
        return "The template never comes to an end for this order: a loop in it is too long.".into();
    }
    format!("The template could not be worked out for this order: {}.", detail(error))
}

fn detail(error: &Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), str::to_owned)
}
