//! A place in Amazon's JSON, with its path: read what is there, say where something is wrong.
//!
//! Amazon leaves out fields its own schema demands, and adds values its lists do
//! not have. So a field that is merely nice to have is taken if it is as it should
//! be and counts as absent otherwise; only what an order cannot do without is
//! *needed*, and then the path says what was wrong.

use quayside_model::{Currency, Money};
use serde_json::Value;

/// `path: what is wrong`.
pub type Bad = String;

/// A place, perhaps an empty one.
#[derive(Debug, Clone)]
pub struct At<'a> {
    value: Option<&'a Value>,
    path: String,
}

impl<'a> At<'a> {
    /// The whole of it.
    pub fn root(value: &'a Value) -> Self {
        Self { value: Some(value).filter(|value| !value.is_null()), path: String::new() }
    }

    /// A field, wherever it is: `fulfillment.shipByWindow`.
    pub fn get(&self, path: &str) -> Self {
        let mut at = self.clone();
        for name in path.split('.') {
            at = Self {
                value: at.value.and_then(|value| value.get(name)).filter(|value| !value.is_null()),
                path: if at.path.is_empty() { name.to_owned() } else { format!("{}.{name}", at.path) },
            };
        }
        at
    }

    /// There is something.
    pub fn is_there(&self) -> bool {
        self.value.is_some()
    }

    /// The entries of a list; none if it is no list.
    pub fn list(&self) -> Vec<Self> {
        let list = self.value.and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .enumerate()
            .map(|(i, value)| Self { value: Some(value).filter(|v| !v.is_null()), path: format!("{}[{i}]", self.path) })
            .collect()
    }

    /// The entries of a list that must be one.
    pub fn need_list(&self) -> Result<Vec<Self>, Bad> {
        match self.value {
            Some(Value::Array(_)) => Ok(self.list()),
            other => Err(self.wrong(other, "a list")),
        }
    }

    /// Text; numbers count as their digits. Empty where there is none.
    pub fn text(&self) -> String {
        match self.value {
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        }
    }

    /// Text that must be there.
    pub fn need_text(&self) -> Result<String, Bad> {
        let text = self.text();
        if text.is_empty() { Err(self.wrong(self.value, "a text")) } else { Ok(text) }
    }

    /// A whole number, also as text.
    pub fn whole(&self) -> Option<i64> {
        match self.value? {
            Value::Number(number) => {
                number.as_i64().or_else(|| number.as_f64().filter(|n| n.fract() == 0.0).map(|n| n as i64))
            }
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A whole number that must be there.
    pub fn need_whole(&self) -> Result<i64, Bad> {
        self.whole().ok_or_else(|| self.wrong(self.value, "a whole number"))
    }

    /// A yes or no, also as text (`"true"`).
    pub fn truth(&self) -> Option<bool> {
        match self.value? {
            Value::Bool(truth) => Some(*truth),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A moment, ms UTC. Whole seconds and milliseconds both occur.
    pub fn time(&self) -> Option<i64> {
        parse_time(self.value?.as_str()?)
    }

    /// A moment that must be there.
    pub fn need_time(&self) -> Result<i64, Bad> {
        self.time().ok_or_else(|| self.wrong(self.value, "a time"))
    }

    /// The currency of an amount.
    pub fn currency(&self) -> Option<Currency> {
        let code = self.get("currencyCode").text();
        (code.len() == 3).then(|| Currency::new(&code))
    }

    /// An amount in minor units; `None` where there is none. An amount in another currency must not be added up.
    pub fn minor(&self, currency: &Currency) -> Result<Option<i64>, Bad> {
        let Some(value) = self.value else { return Ok(None) };
        if !value.is_object() {
            return Err(self.wrong(self.value, "an amount"));
        }
        if let Some(theirs) = self.currency().filter(|theirs| theirs != currency) {
            return Err(format!("{}.currencyCode: {theirs} in an order of {currency}", self.path));
        }
        let amount = self.get("amount");
        let text = amount.need_text()?;
        Money::parse(&text, currency).map(|money| Some(money.minor)).map_err(|why| format!("{}: {why}", amount.path))
    }

    /// The kind of the value, not the value: it may be somebody's name.
    fn wrong(&self, value: Option<&Value>, wanted: &str) -> Bad {
        let what = match value {
            None | Some(Value::Null) => return format!("{}: missing", self.path),
            Some(Value::Bool(_)) => "a yes or no".to_owned(),
            Some(Value::Number(number)) => format!("the number {number}"),
            Some(Value::String(text)) => format!("a text of {} characters", text.chars().count()),
            Some(Value::Array(list)) => format!("a list of {}", list.len()),
            Some(Value::Object(_)) => "an object".to_owned(),
        };
        format!("{}: {what} instead of {wanted}", self.path)
    }
}

/// ISO 8601, ms UTC.
pub fn parse_time(text: &str) -> Option<i64> {
    chrono::DateTime::parse_from_rfc3339(text.trim()).ok().map(|time| time.timestamp_millis())
}

/// ISO 8601 UTC with milliseconds, as Amazon documents it.
pub fn write_time(at_ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(at_ms).unwrap_or_default().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_wrong_is_said_with_its_path_and_without_its_value() {
        let value = json!({ "a": [{ "b": "Jane" }], "n": "7", "m": { "amount": "1.5", "currencyCode": "EUR" } });
        let at = At::root(&value);
        assert_eq!(
            at.get("a").list()[0].get("b").need_whole(),
            Err("a[0].b: a text of 4 characters instead of a whole number".into())
        );
        assert_eq!(at.get("x.y").need_text(), Err("x.y: missing".into()));
        assert_eq!(at.get("n").need_whole(), Ok(7));
        assert_eq!(at.get("m").minor(&Currency::new("EUR")), Ok(Some(150)));
        assert_eq!(at.get("m").minor(&Currency::new("USD")), Err("m.currencyCode: EUR in an order of USD".into()));
        assert_eq!(
            at.get("n").minor(&Currency::new("USD")),
            Err("n: a text of 1 characters instead of an amount".into())
        );
    }

    #[test]
    fn times_of_both_precisions_are_read() {
        assert_eq!(parse_time("2024-12-25T02:30:00Z"), Some(1_735_093_800_000));
        assert_eq!(parse_time("2024-12-25T02:30:00.250Z"), Some(1_735_093_800_250));
        assert_eq!(parse_time("yesterday"), None);
        assert_eq!(write_time(1_735_093_800_250), "2024-12-25T02:30:00.250Z");
    }
}
