//! What V1 and V2 have in common on the wire: tolerant readers, lists and error bodies.
//!
//! Every field is read as if its type were a rumour: ids come as numbers or
//! text, lists hold nulls, flags are sometimes words. A record fails only where
//! guessing would be wrong (a line's quantity, an order's id), and then with the
//! path of the field.

use serde::de::{DeserializeOwned, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// An id: number or text; null and empty text are `None`.
pub(super) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.trim().is_empty() => Some(text),
        _ => None,
    })
}

/// Ids, nulls left out; null is an empty list.
pub(super) fn ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(values) => values
            .into_iter()
            .filter_map(|value| match value {
                Value::Number(number) => Some(number.to_string()),
                Value::String(text) => Some(text),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    })
}

/// Text; null is empty, numbers are their digits.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => String::new(),
    })
}

/// A number, also written as text; null and absent are `None`; anything else is an error that names it.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    match &value {
        Value::Null => Ok(None),
        Value::Number(number) => Ok(number.as_f64()),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => text
            .trim()
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(Some)
            .ok_or_else(|| serde::de::Error::custom(format!("\"{}\" is not a number", short(text)))),
        other => Err(serde::de::Error::custom(format!("{} is not a number", short(&other.to_string())))),
    }
}

/// Yes or no, also as a word or 0/1; anything else is no.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Bool(flag) => flag,
        Value::String(text) => text.trim().eq_ignore_ascii_case("true"),
        Value::Number(number) => number.as_i64() == Some(1),
        _ => false,
    })
}

/// A list; null is empty, null entries are left out (V1 sends them).
pub(super) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<Option<T>>>::deserialize(deserializer)?.unwrap_or_default().into_iter().flatten().collect())
}

/// A list whose absence means something.
pub(super) fn maybe_list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    Ok(Option::<Vec<Option<T>>>::deserialize(deserializer)?.map(|entries| entries.into_iter().flatten().collect()))
}

/// Reads one record; the error names the field (`items[3].quantity: "two" is not a number`).
pub(super) fn record<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let why = error.inner().to_string();
        if path == "." { why } else { format!("{path}: {why}") }
    })
}

/// The same from text. Reads the fields straight from it; only where that fails the text is taken apart first, which is
/// slower, forgives a field that comes twice, and names the field that is wrong.
pub(super) fn record_in<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    if let Ok(record) = serde_json::from_str(text) {
        return Ok(record);
    }
    record(&serde_json::from_str::<Value>(text).map_err(|error| error.to_string())?)
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// One page of a list, entries still as they came (nulls included: they count as rows).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Listing {
    /// The entries.
    pub rows: Vec<Value>,
    /// Rows that match in all, if told.
    pub total: Option<u64>,
}

impl Listing {
    /// From an answer's body: an object with the list under `key`, or a bare array. `None` if it is neither.
    pub(super) fn of(body: &Value, key: &str) -> Option<Self> {
        if let Value::Array(rows) = body {
            return Some(Self { rows: rows.clone(), total: Some(rows.len() as u64) });
        }
        let rows = match get(body, key)? {
            Value::Array(rows) => rows.clone(),
            Value::Null => Vec::new(),
            _ => return None,
        };
        Some(Self { rows, total: get(body, "total").and_then(Value::as_u64) })
    }
}

/// One page of a list whose entries are still text (nulls included: they count as rows). Streams read the same rows
/// again and again; as text they can be told from changed ones without taking them apart.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    /// The entries, each one JSON value.
    pub entries: Vec<Box<RawValue>>,
    /// Rows that match in all, if told.
    pub total: Option<u64>,
}

impl PartialEq for Rows {
    fn eq(&self, other: &Self) -> bool {
        let texts = |rows: &Self| rows.entries.iter().map(|row| row.get().to_owned()).collect::<Vec<_>>();
        self.total == other.total && texts(self) == texts(other)
    }
}

impl Rows {
    /// From an answer's body, by the rules of [`Listing::of`]. `None` if it is no list, or broke off.
    pub(super) fn of(body: &str, key: &str) -> Option<Self> {
        let mut reader = serde_json::Deserializer::from_str(body);
        let rows = RowsReader { key }.deserialize(&mut reader).ok()?;
        reader.end().ok()?;
        Some(rows)
    }
    /// With the entries taken apart.
    pub(super) fn listing(&self) -> Listing {
        let rows = self.entries.iter().map(|row| serde_json::from_str(row.get()).unwrap_or(Value::Null));
        Listing { rows: rows.collect(), total: self.total }
    }
}

struct RowsReader<'k> {
    key: &'k str,
}

impl<'de> DeserializeSeed<'de> for RowsReader<'_> {
    type Value = Rows;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Rows, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RowsReader<'_> {
    type Value = Rows;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a list, or an object with the list {}", self.key)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Rows, A::Error> {
        let mut entries = Vec::new();
        while let Some(row) = list.next_element()? {
            entries.push(row);
        }
        let total = Some(entries.len() as u64);
        Ok(Rows { entries, total })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut body: A) -> Result<Rows, A::Error> {
        let (mut entries, mut total) = (None, None);
        while let Some(name) = body.next_key::<std::borrow::Cow<'de, str>>()? {
            if name.eq_ignore_ascii_case(self.key) {
                entries = Some(body.next_value::<Option<Vec<Box<RawValue>>>>()?.unwrap_or_default());
            } else if name.eq_ignore_ascii_case("total") {
                total = body.next_value::<Value>()?.as_u64();
            } else {
                body.next_value::<IgnoredAny>()?;
            }
        }
        let entries = entries.ok_or_else(|| serde::de::Error::custom("no list"))?;
        Ok(Rows { entries, total })
    }
}

/// A member by name, whatever the case of its letters: error bodies are not consistent.
pub(super) fn get<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    let members = body.as_object()?;
    members.get(name).or_else(|| members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// What an answer that is not a success says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// The platform's sentence(s), the most telling first.
    pub message: String,
    /// Fields it names, with what it says about each.
    pub fields: Vec<(String, String)>,
    /// V2's error codes, lower case.
    pub codes: Vec<String>,
    /// V2's error sources, lower case.
    pub sources: Vec<String>,
    /// V2's name for the request.
    pub request_id: Option<String>,
}

impl Said {
    /// From a body of any kind. `json` is the parsed body, where it is JSON.
    pub(super) fn of(json: Option<&Value>, body: &str, is_html: bool) -> Self {
        let Some(json) = json else {
            return Self { message: if is_html { String::new() } else { body.trim().to_owned() }, ..Self::default() };
        };
        if let Value::String(text) = json {
            return Self { message: text.clone(), ..Self::default() };
        }
        let word = |name: &str| get(json, name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
        let mut said = Self { request_id: Some(word("request_id")).filter(|id| !id.is_empty()), ..Self::default() };
        if let Some(Value::Object(state)) = get(json, "ModelState") {
            for (field, messages) in state {
                let messages: Vec<&str> = match messages {
                    Value::Array(messages) => messages.iter().filter_map(Value::as_str).collect(),
                    Value::String(message) => vec![message],
                    _ => Vec::new(),
                };
                said.fields.push((field.clone(), messages.join(" ")));
            }
        }
        if let Some(Value::Array(errors)) = get(json, "errors") {
            for error in errors {
                let part = |name: &str| get(error, name).and_then(Value::as_str).unwrap_or_default().to_owned();
                let message = error.as_str().map_or_else(|| part("message"), str::to_owned);
                if !part("field_name").is_empty() {
                    said.fields.push((part("field_name"), message.clone()));
                }
                said.codes.extend(Some(part("error_code").to_lowercase()).filter(|code| !code.is_empty()));
                said.sources.extend(Some(part("error_source").to_lowercase()).filter(|source| !source.is_empty()));
                said.add(&message);
            }
        }
        let fields: Vec<String> = said.fields.iter().map(|(_, message)| message.clone()).collect();
        for message in fields {
            said.add(&message);
        }
        for name in ["ExceptionMessage", "Message", "errorMessage", "error_description", "error"] {
            said.add(&word(name));
        }
        said
    }

    fn add(&mut self, message: &str) {
        let message = message.trim();
        if message.is_empty() || self.message.contains(message) {
            return;
        }
        if !self.message.is_empty() {
            self.message.push(' ');
        }
        self.message.push_str(message);
    }

    /// "Too Many Requests" in so many words, or V2's code for it. A long body is no such answer.
    pub(super) fn is_throttled(&self) -> bool {
        self.codes.iter().any(|code| code == "rate_limit_exceeded")
            || (self.message.len() < 200 && self.message.to_ascii_lowercase().contains("too many requests"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(body: &Value) -> Said {
        Said::of(Some(body), &body.to_string(), false)
    }

    #[test]
    fn error_bodies_are_read_whatever_their_case() {
        let v1 = said(
            &json!({"message": "The request is invalid.", "modelstate": {"apiOrder.orderNumber": ["Required.", "Too long."]}}),
        );
        assert_eq!(v1.fields, [("apiOrder.orderNumber".to_owned(), "Required. Too long.".to_owned())]);
        assert_eq!(v1.message, "Required. Too long. The request is invalid.");
        let v2 = said(&json!({"request_id": "r-1", "errors": [{
            "error_source": "ShipStation", "error_type": "validation", "error_code": "invalid_field_value",
            "message": "phone is required", "field_name": "ship_to.phone"}]}));
        assert_eq!(v2.codes, ["invalid_field_value"]);
        assert_eq!(v2.request_id.as_deref(), Some("r-1"));
        assert_eq!(v2.fields, [("ship_to.phone".to_owned(), "phone is required".to_owned())]);
        assert_eq!(
            said(&json!({"EXCEPTIONMESSAGE": "Execution Timeout Expired."})).message,
            "Execution Timeout Expired."
        );
        assert_eq!(Said::of(None, " Forbidden \n", false).message, "Forbidden");
        assert_eq!(Said::of(None, "<html>…</html>", true).message, "");
    }

    #[test]
    fn too_many_requests_is_heard_in_any_body() {
        assert!(said(&json!({"message": "Too Many Requests"})).is_throttled());
        assert!(Said::of(None, "too many requests", false).is_throttled());
        assert!(
            said(&json!({"errors": [{"error_code": "rate_limit_exceeded", "message": "slow down"}]})).is_throttled()
        );
        assert!(!said(&json!({"message": "Not found"})).is_throttled());
        // A list of orders is no error, even if a buyer wrote the words.
        let orders = json!({"orders": [{"customerNotes": "Too many requests"}], "total": 1});
        assert!(!said(&orders).is_throttled());
    }

    #[test]
    fn lists_count_their_nulls() {
        let listing =
            Listing::of(&json!({"orders": [null, {"orderId": 1}], "total": 2, "pages": 0}), "orders").unwrap();
        assert_eq!((listing.rows.len(), listing.total), (2, Some(2)));
        assert_eq!(Listing::of(&json!({"orders": null}), "orders").unwrap().rows.len(), 0);
        assert_eq!(Listing::of(&json!([{"storeId": 1}]), "stores").unwrap().total, Some(1));
        assert_eq!(Listing::of(&json!({"Message": "?"}), "orders"), None);
        assert_eq!(Listing::of(&json!("?"), "orders"), None);
    }

    #[test]
    fn rows_are_the_same_list_as_text() {
        for (body, whole) in [
            (json!({"orders": [null, {"orderId": 1, "x": [1.0, "]"]}], "total": 2, "pages": 0}), true),
            (json!({"Total": 1, "ORDERS": [{"orderId": 1}], "page": {"orders": 3}}), true),
            (json!({"orders": null}), true),
            (json!([{"storeId": 1}]), true),
            (json!({"Message": "?"}), false),
            (json!({"orders": {"a": 1}}), false),
            (json!("?"), false),
        ] {
            let text = body.to_string();
            let rows = Rows::of(&text, "orders");
            assert_eq!(rows.is_some(), whole, "{text}");
            assert_eq!(rows.map(|rows| rows.listing()), Listing::of(&body, "orders"), "{text}");
            // Broken off anywhere, it is no list.
            for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
                assert_eq!(Rows::of(&text[..end], "orders"), None, "{}", &text[..end]);
            }
        }
    }

    #[test]
    fn a_record_is_read_from_text_as_from_a_value() {
        use super::super::wire_v1::ItemV1;
        let twice = r#"{"quantity": 1, "name": "Mug", "quantity": 2}"#;
        assert_eq!(record_in::<ItemV1>(twice).unwrap().quantity, Some(2.0));
        let bad = r#"{"quantity": "two"}"#;
        assert_eq!(
            record_in::<ItemV1>(bad).unwrap_err(),
            record::<ItemV1>(&serde_json::from_str(bad).unwrap()).unwrap_err()
        );
    }

    #[test]
    fn a_bad_field_is_named_with_its_path() {
        #[derive(Debug, Deserialize)]
        #[allow(dead_code)]
        struct Line {
            #[serde(default, deserialize_with = "number")]
            quantity: Option<f64>,
        }
        #[derive(Debug, Deserialize)]
        #[allow(dead_code)]
        struct Order {
            #[serde(default, deserialize_with = "list")]
            items: Vec<Line>,
        }
        assert_eq!(
            record::<Order>(&json!({"items": [null, {"quantity": "2.0"}]})).unwrap().items[0].quantity,
            Some(2.0)
        );
        let why = record::<Order>(&json!({"items": [{"quantity": 1}, {"quantity": "two"}]})).unwrap_err();
        assert_eq!(why, "items[1].quantity: \"two\" is not a number");
    }
}
