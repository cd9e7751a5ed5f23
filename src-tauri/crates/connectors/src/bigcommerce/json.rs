//! BigCommerce's JSON, read leniently and with the path of whatever is wrong.
//!
//! V2 writes amounts as text and counts as numbers, and both drift between the
//! two, `null` and `""` (an order line's `external_id` came as either). So a
//! number is a number in whatever clothes, and only what an order cannot do
//! without is demanded.

use super::times::parse_time;
use quayside_model::{Currency, Money};
use serde_json::Value;

/// `path: what is wrong`.
pub type Bad = String;

/// A place in an answer: what is there, and where it is.
#[derive(Debug, Clone)]
pub struct At<'a> {
    value: &'a Value,
    path: String,
}

static NOTHING: Value = Value::Null;

impl<'a> At<'a> {
    /// The whole answer; `name` stands for it in sentences.
    pub fn root(value: &'a Value, name: &str) -> Self {
        Self { value, path: name.to_owned() }
    }
    /// A member; nothing if there is none.
    pub fn get(&self, name: &str) -> At<'a> {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        At { value: self.value.get(name).unwrap_or(&NOTHING), path }
    }
    /// As it came.
    pub fn value(&self) -> &'a Value {
        self.value
    }
    /// The entries; none if it is absent, and an error if it is something else.
    pub fn list(&self) -> Result<Vec<At<'a>>, Bad> {
        match self.value {
            Value::Null => Ok(Vec::new()),
            Value::Array(list) => Ok(list
                .iter()
                .enumerate()
                .map(|(i, value)| At { value, path: format!("{}[{i}]", self.path) })
                .collect()),
            other => Err(format!("{}: {} instead of a list", self.path, kind(other))),
        }
    }
    /// The entries; none if it is no list (an empty list is an empty object or a link elsewhere).
    pub fn entries(&self) -> Vec<At<'a>> {
        self.list().unwrap_or_default()
    }
    /// Text, numbers as their digits; empty if it is neither.
    pub fn text(&self) -> String {
        match self.value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        }
    }
    /// Text that must be there.
    pub fn demand_text(&self) -> Result<String, Bad> {
        let text = self.text();
        if text.is_empty() { Err(self.lacks("a text")) } else { Ok(text) }
    }
    /// Yes or no, also as 1, 0 and text; no if it is neither.
    pub fn flag(&self) -> bool {
        match self.value {
            Value::Bool(flag) => *flag,
            Value::Number(number) => number.as_i64().is_some_and(|n| n != 0),
            Value::String(text) => matches!(text.as_str(), "true" | "1"),
            _ => false,
        }
    }
    /// A whole number (`2`, `"2"`, `"2.0000"`); `None` if absent or empty.
    pub fn whole(&self) -> Result<Option<i64>, Bad> {
        let number = match self.value {
            Value::Null => return Ok(None),
            Value::String(text) if text.trim().is_empty() => return Ok(None),
            Value::Number(number) => {
                number.as_i64().or_else(|| number.as_f64().filter(|n| n.fract() == 0.0).map(|n| n as i64))
            }
            Value::String(text) => {
                let text = text.trim();
                text.parse().ok().or_else(|| text.parse::<f64>().ok().filter(|n| n.fract() == 0.0).map(|n| n as i64))
            }
            _ => None,
        };
        number.map(Some).ok_or_else(|| self.lacks("a whole number"))
    }
    /// A whole number that must be there.
    pub fn demand_whole(&self) -> Result<i64, Bad> {
        self.whole()?.ok_or_else(|| self.lacks("a whole number"))
    }
    /// A whole number where nothing means 0 and oddities do no harm.
    pub fn count(&self) -> i64 {
        self.whole().ok().flatten().unwrap_or(0)
    }
    /// A number with decimals; `None` if it is none.
    pub fn real(&self) -> Option<f64> {
        match self.value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
        .filter(|number: &f64| number.is_finite())
    }
    /// An amount in minor units; `None` if absent or empty.
    pub fn money(&self, currency: &Currency) -> Result<Option<i64>, Bad> {
        let text = self.text();
        if text.is_empty() {
            return match self.value {
                Value::Null | Value::String(_) => Ok(None),
                _ => Err(self.lacks("an amount")),
            };
        }
        Money::parse(&text, currency).map(|money| Some(money.minor)).map_err(|error| format!("{}: {error}", self.path))
    }
    /// An amount where nothing means 0.
    pub fn amount(&self, currency: &Currency) -> Result<i64, Bad> {
        Ok(self.money(currency)?.unwrap_or(0))
    }
    /// A time, ms UTC; `None` if unset (`""`).
    pub fn time(&self) -> Result<Option<i64>, Bad> {
        let text = self.text();
        if text.is_empty() {
            return Ok(None);
        }
        parse_time(&text).map(Some).ok_or_else(|| self.lacks("a time"))
    }
    /// A time that must be there.
    pub fn demand_time(&self) -> Result<i64, Bad> {
        self.time()?.ok_or_else(|| self.lacks("a time"))
    }

    /// The kind of what is there, never the thing itself: it may be somebody's name.
    fn lacks(&self, wanted: &str) -> Bad {
        match self.value {
            Value::Null => format!("{}: missing", self.path),
            Value::String(text) if text.trim().is_empty() => format!("{}: missing", self.path),
            other => format!("{}: {} instead of {wanted}", self.path, kind(other)),
        }
    }
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "nothing".into(),
        Value::Bool(_) => "a yes or no".into(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("a text of {} characters", text.chars().count()),
        Value::Array(list) => format!("a list of {}", list.len()),
        Value::Object(_) => "an object".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_read_in_whatever_clothes() {
        for (value, whole) in [
            (json!(2), Ok(Some(2))),
            (json!("2"), Ok(Some(2))),
            (json!("2.0000"), Ok(Some(2))),
            (json!(2.0), Ok(Some(2))),
            (json!(null), Ok(None)),
            (json!(""), Ok(None)),
            (json!("two"), Err("order.n: a text of 3 characters instead of a whole number".to_owned())),
            (json!({}), Err("order.n: an object instead of a whole number".to_owned())),
        ] {
            assert_eq!(At::root(&json!({ "n": value }), "order").get("n").whole(), whole);
        }
    }

    #[test]
    fn amounts_keep_four_decimals_out_of_minor_units() {
        let eur = Currency::new("EUR");
        for (value, minor) in [
            (json!("336.3200"), Some(33_632)),
            (json!("8"), Some(800)),
            (json!(8.5), Some(850)),
            (json!(""), None),
            (json!(null), None),
        ] {
            assert_eq!(At::root(&value, "total").money(&eur), Ok(minor));
        }
        assert!(At::root(&json!("a lot"), "total").money(&eur).is_err());
        assert!(At::root(&json!([]), "total").money(&eur).is_err());
    }
}
