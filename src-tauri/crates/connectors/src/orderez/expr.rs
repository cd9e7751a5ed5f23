//! JMESPath with limits: what a profile says about where things are.
//!
//! An expression sees one record and nothing else: no key, no clock, no network.
//! A profile may come from a stranger, so an expression is bounded in length,
//! depth and in the size of what it makes.

use jmespath::Variable;
use serde_json::{Map, Value};

/// Longest expression, bytes.
const LENGTH_MAX: usize = 2_000;
/// Deepest nesting of brackets.
const DEPTH_MAX: usize = 24;
/// Most values one evaluation may make. A page of 1,000 orders has some 100,000.
const VALUES_MAX: usize = 1_000_000;

/// A compiled expression.
#[derive(Debug, Clone)]
pub(super) struct Expr(jmespath::Expression<'static>);

impl Expr {
    /// Compiles, or says what is wrong in a sentence.
    pub(super) fn compile(text: &str) -> Result<Self, String> {
        if text.len() > LENGTH_MAX {
            return Err(format!("an expression of {} characters is longer than {LENGTH_MAX}", text.len()));
        }
        if nesting(text) > DEPTH_MAX {
            return Err(format!("the expression is nested deeper than {DEPTH_MAX} levels"));
        }
        jmespath::compile(text).map(Self).map_err(|error| format!("\"{text}\" is no expression: {}", reason(&error)))
    }

    /// Evaluates over one record.
    pub(super) fn eval(&self, record: &Prepared) -> Result<Value, String> {
        let mut context = jmespath::Context::new(self.0.as_str(), &jmespath::DEFAULT_RUNTIME);
        let found = jmespath::interpret(&record.0, self.0.as_ast(), &mut context)
            .map_err(|error| format!("\"{}\": {}", self.0.as_str(), reason(&error)))?;
        let mut left = VALUES_MAX;
        to_value(&found, &mut left).ok_or_else(|| format!("\"{}\" makes too large a value", self.0.as_str()))
    }
}

/// A record in the form expressions read: made once, asked for every field.
#[derive(Debug, Clone)]
pub(super) struct Prepared(jmespath::Rcvar);

impl Prepared {
    /// From JSON.
    pub(super) fn of(record: &Value) -> Self {
        Self(jmespath::Rcvar::new(variable(record)))
    }
}

fn variable(value: &Value) -> Variable {
    match value {
        Value::Null => Variable::Null,
        Value::Bool(truth) => Variable::Bool(*truth),
        Value::Number(number) => Variable::Number(number.clone()),
        Value::String(text) => Variable::String(text.clone()),
        Value::Array(items) => Variable::Array(items.iter().map(|item| jmespath::Rcvar::new(variable(item))).collect()),
        Value::Object(fields) => Variable::Object(
            fields.iter().map(|(name, field)| (name.clone(), jmespath::Rcvar::new(variable(field)))).collect(),
        ),
    }
}

/// The reason without the caret drawing.
fn reason(error: &jmespath::JmespathError) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().trim_end_matches(" --").to_owned()
}

fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    for letter in text.chars() {
        match letter {
            '(' | '[' | '{' | '!' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn to_value(found: &Variable, left: &mut usize) -> Option<Value> {
    *left = left.checked_sub(1)?;
    Some(match found {
        Variable::Null | Variable::Expref(_) => Value::Null,
        Variable::Bool(truth) => Value::Bool(*truth),
        Variable::String(text) => Value::String(text.clone()),
        Variable::Number(number) => Value::Number(number.clone()),
        Variable::Array(items) => {
            Value::Array(items.iter().map(|item| to_value(item, left)).collect::<Option<Vec<_>>>()?)
        }
        Variable::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(name, field)| Some((name.clone(), to_value(field, left)?)))
                .collect::<Option<Map<_, _>>>()?,
        ),
    })
}

/// Without nulls at any depth, and without objects and lists that were nothing else. A multi-select always emits its
/// keys, and a strict server refuses `line2: null`.
pub(super) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, field)| (name, without_nulls(field)))
                .filter(|(_, field)| !field.is_null())
                .collect(),
        ),
        Value::Array(items) => {
            Value::Array(items.into_iter().map(without_nulls).filter(|item| !item.is_null()).collect())
        }
        other => other,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_profile_needs_of_the_language() {
        let record = json!({
            "a": {"b": "x"}, "n": null, "zero": 0, "big": 9_007_199_254_740_993_i64, "p": 18.5,
            "rows": [{"id": 1, "q": 2}, {"id": 2, "q": 0}], "words": ["a", "b"],
        });
        for (text, expected) in [
            ("a.b", json!("x")),
            ("missing", json!(null)),
            ("missing || a.b", json!("x")),
            ("n && a", json!(null)),
            (
                "rows[].{remote_id: id, quantity: q}",
                json!([{"remote_id": 1, "quantity": 2}, {"remote_id": 2, "quantity": 0}]),
            ),
            ("rows[?q > `0`].id", json!([1])),
            ("rows[?id == `2`] | [0].q", json!(0)),
            ("length(rows)", json!(2)),
            ("join(', ', words)", json!("a, b")),
            ("to_string(zero)", json!("0")),
            ("'literal'", json!("literal")),
            ("big", json!(9_007_199_254_740_993_i64)),
            ("p", json!(18.5)),
            ("@.a", json!({"b": "x"})),
        ] {
            assert_eq!(Expr::compile(text).unwrap().eval(&Prepared::of(&record)).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn a_stranger_s_expression_is_bounded() {
        for (text, why) in [
            ("x".repeat(3_000), "longer than"),
            ("[".repeat(40), "nested deeper"),
            ("a..b".to_owned(), "is no expression"),
            ("unknown_function(a)".to_owned(), ""),
        ] {
            match Expr::compile(&text) {
                Err(said) => assert!(said.contains(why), "{said}"),
                Ok(expr) => assert!(expr.eval(&Prepared::of(&json!({"a": 1}))).is_err(), "{text}"),
            }
        }
        // Each step doubles; shared in memory, endless when written out.
        let bomb = vec!["[@,@]"; 60].join(" | ");
        assert!(Expr::compile(&bomb).unwrap().eval(&Prepared::of(&json!("x"))).unwrap_err().contains("too large"));
    }

    #[test]
    fn nulls_go_at_every_depth() {
        let sent = without_nulls(
            json!({"a": null, "b": {"c": null, "d": 1}, "e": [{"f": null}, null, 2], "g": false, "h": ""}),
        );
        assert_eq!(sent, json!({"b": {"d": 1}, "e": [{}, 2], "g": false, "h": ""}));
    }
}
