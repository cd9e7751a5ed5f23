//! What V1 and V2 have in common on the wire: tolerant readers, lists and error bodies.
//!
//! Every field is read as if its type were a rumour: ids come as numbers or
//! text, lists hold nulls, flags are sometimes words. A record fails only where
//! guessing would be wrong (a line's quantity, an order's id), and then with the
//! path of the field.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

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
