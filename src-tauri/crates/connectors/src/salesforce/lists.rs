//! Values a list does not take, in words: which list, which value, and what narrows it.
//!
//! A list may be narrower than its description says: by the list it depends on, and by the
//! record's type. Salesforce's refusal names the field only; what was sent, what type the
//! record has and what that type takes is looked up here. That costs at most one question
//! and one call per record type, and only after a refusal.

use super::Salesforce;
use super::client::Call;
use super::describe::{Field, Object};
use super::soql::{Value as Quoted, encoded, is_id, is_name};
use crate::Priority;
use quayside_model::{Cause, Refusal};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Records whose type is looked up in one question; of more, the default type is named.
const LOOKED_UP_MAX: usize = 100;
/// Values that are named; of longer lists the first.
const NAMED_MAX: usize = 12;

/// A row one of whose lists refused its value.
pub struct Strange<'a> {
    /// What the record is known by, in the field it is looked up by.
    pub name: String,
    /// "Could not write Case k1".
    pub what: String,
    /// What was sent.
    pub row: &'a Map<String, Value>,
    /// Salesforce's word.
    pub refusal: Refusal,
}

impl Salesforce {
    /// The refusals of rows of one object in words that name list, value and record type. `by`: the field the rows are
    /// looked up by.
    pub(super) async fn lists_in_words(
        &self,
        object: &str,
        by: &str,
        strange: Vec<Strange<'_>>,
        priority: Priority,
    ) -> Vec<Refusal> {
        let Ok(Some(described)) = self.object(object, priority).await else {
            return strange.into_iter().map(|one| one.refusal).collect();
        };
        let types = self.types_of(&described, by, &strange, priority).await;
        let mut lists: BTreeMap<String, Option<Value>> = BTreeMap::new();
        let mut told = Vec::with_capacity(strange.len());
        for one in strange {
            let named = one.row.get("RecordTypeId").and_then(Value::as_str);
            let known = named.or_else(|| types.get(&one.name.to_lowercase()).map(String::as_str));
            let of = known.map_or_else(|| described.default_type(), |id| described.record_type(id));
            if let Some(of) = of.filter(|of| !lists.contains_key(&of.id)) {
                lists.insert(of.id.clone(), self.lists_of(&described.name, &of.id, priority).await);
            }
            let taken = of.and_then(|of| lists.get(&of.id)?.as_ref());
            let Some(sentence) = one
                .refusal
                .about
                .as_deref()
                .and_then(|name| described.field(name))
                .and_then(|field| sentence(&described, field, one.row, of.map(|of| of.name.as_str()), taken))
            else {
                told.push(one.refusal);
                continue;
            };
            let words = self.refusal(Cause::ContentRefused, &format!("{}. {sentence}", one.what));
            told.push(Refusal { sentence: words.sentence, ..one.refusal });
        }
        told
    }

    /// Record types of records that are there already, by name. What cannot be looked up is left out.
    async fn types_of(
        &self,
        object: &Object,
        by: &str,
        strange: &[Strange<'_>],
        priority: Priority,
    ) -> BTreeMap<String, String> {
        let asked = !object.record_types.is_empty() && object.field("RecordTypeId").is_some();
        let names: Vec<String> =
            strange.iter().map(|one| one.name.clone()).filter(|name| !name.is_empty()).take(LOOKED_UP_MAX).collect();
        if !asked || names.is_empty() || !is_name(by) {
            return BTreeMap::new();
        }
        let query = format!("SELECT {by}, RecordTypeId FROM {} WHERE {by} IN {}", object.name, Quoted::List(names));
        let rows = self.rows_of(&query, priority, "look at the record types").await.unwrap_or_default();
        let text = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
        rows.iter().filter_map(|row| Some((text(row, by)?.to_lowercase(), text(row, "RecordTypeId")?))).collect()
    }

    /// The lists of an object as a record type leaves them; `None`: they could not be looked up.
    async fn lists_of(&self, object: &str, record_type: &str, priority: Priority) -> Option<Value> {
        if !is_id(record_type) {
            return None;
        }
        let path = format!("/ui-api/object-info/{object}/picklist-values/{}", encoded(record_type));
        let answer = self.client.ask(Call::get(path, priority, "look at the lists of a record type")).await.ok()?;
        answer.get("picklistFieldValues").cloned()
    }
}

/// What is wrong with the value of a list. `None`: the row holds no text for it.
fn sentence(
    object: &Object,
    field: &Field,
    row: &Map<String, Value>,
    record_type: Option<&str>,
    lists: Option<&Value>,
) -> Option<String> {
    let sent = |name: &str| {
        let (_, value) = row.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        value.as_str().map(str::to_owned).or_else(|| value.as_bool().map(|yes| yes.to_string()))
    };
    let value = sent(&field.name)?;
    if let Some(controller) = &field.controller {
        match sent(controller) {
            Some(controlling) if !field.goes_with(&value, &controlling) => {
                return Some(apart(object, field, &value, &controlling));
            }
            None => {
                return Some(format!(
                    "The list {0}.{1} does not take \"{value}\"{2}; it depends on {0}.{controller}. Write both, or choose another value in the settings, then retry.",
                    object.name,
                    field.name,
                    for_type(record_type)
                ));
            }
            Some(_) => {}
        }
    }
    let left: Option<Vec<String>> = lists
        .and_then(|lists| lists.get(&field.name)?.get("values")?.as_array())
        .map(|all| all.iter().filter_map(|one| one.get("value").and_then(Value::as_str).map(str::to_owned)).collect());
    let takes = match left {
        Some(left) => named(&left),
        // A list whose values are not shown: that it takes nothing is not known.
        None if field.values.is_empty() => String::new(),
        None => named(&field.values.iter().cloned().collect::<Vec<_>>()),
    };
    Some(format!(
        "The list {}.{} does not take \"{value}\"{} (upper and lower case count){}. Choose another in the settings, then retry.",
        object.name,
        field.name,
        for_type(record_type),
        takes
    ))
}

/// A value that does not go with the one of the list it depends on.
pub fn apart(object: &Object, field: &Field, value: &str, controlling: &str) -> String {
    let takes: Vec<String> = field.values.iter().filter(|value| field.goes_with(value, controlling)).cloned().collect();
    format!(
        "The list {0}.{1} does not take \"{value}\" while {0}.{2}, on which it depends, is \"{controlling}\"{3}. Choose another in the settings, then retry.",
        object.name,
        field.name,
        field.controller.as_deref().unwrap_or_default(),
        named(&takes)
    )
}

fn for_type(record_type: Option<&str>) -> String {
    record_type.map_or_else(String::new, |name| format!(" for the record type {name}"))
}

fn named(values: &[String]) -> String {
    let more = if values.len() > NAMED_MAX { " and others" } else { "" };
    let some: Vec<String> = values.iter().take(NAMED_MAX).map(|value| format!("\"{value}\"")).collect();
    if some.is_empty() { "; it takes nothing".to_owned() } else { format!("; it takes {}{more}", some.join(", ")) }
}
