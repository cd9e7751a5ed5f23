//! Records of any object: written by external id, in the fewest calls.
//!
//! | rows | how | calls |
//! |---|---|---|
//! | 1 | upsert by external id | 1 |
//! | below [`BULK_FROM`] | collections, 200 rows each, five collections per composite call | rows / 1,000 |
//! | more | one bulk job (see `jobs.rs`) | about 8, however many |
//!
//! Writing by external id is the idempotency: twice writes one record. What a description
//! can tell (a field that is gone or read-only, a value a list does not have) is said
//! before anything is sent.

use super::Salesforce;
use super::client::Call;
use super::describe::Object;
use super::lists::{self, Strange};
use super::nouns::Links;
use super::offers;
use super::soql::{Value as Quoted, encoded, is_name};
use super::verdicts::{self, CallError, problems};
use crate::{Priority, Task};
use quayside_model::{Cause, Confirmation, Intent, Receipt, RecordDraft, RecordNoun, Refusal, Verdict};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

/// Rows of one collection.
pub const COLLECTION: usize = 200;
/// Collections one composite call may hold.
const COLLECTIONS: usize = 5;
/// Rows from which one bulk job takes fewer calls: made, filled, released, looked at, three results, deleted.
pub const BULK_FROM: usize = 8_000;
/// Ids one question asks for.
const ASKED: usize = 100;
/// The object of cases.
const CASE: &str = "Case";
/// Rows that are taken out of the line at once. Salesforce works a job off in batches of as many.
pub const BATCH: usize = 10_000;

/// How to write so many rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// By its own address.
    Single,
    /// In one collection.
    Collection,
    /// Several collections in composite calls.
    Composite,
    /// As a job.
    Bulk,
}

/// The cheapest way for so many rows, in calls.
pub fn how(rows: usize) -> How {
    match rows {
        0 | 1 => How::Single,
        2..=COLLECTION => How::Collection,
        _ if rows < BULK_FROM => How::Composite,
        _ => How::Bulk,
    }
}

impl Salesforce {
    /// Writes records; one verdict per task.
    pub(super) async fn put_records(&self, tasks: &[Task<'_>]) -> Vec<Verdict> {
        let mut verdicts: Vec<Option<Verdict>> = tasks.iter().map(|_| None).collect();
        let mut customers = Vec::new();
        let mut offers = Vec::new();
        let mut plain = Vec::new();
        for (i, task) in tasks.iter().enumerate() {
            match task.intent {
                Intent::PutRecord { record } if record.noun == RecordNoun::Customer => customers.push((i, record)),
                Intent::PutRecord { record } if record.noun == RecordNoun::Offer => offers.push((i, record)),
                Intent::PutRecord { record } => plain.push((i, record)),
                _ => {
                    let sentence = "This is not a record.";
                    verdicts[i] = Some(Verdict::NeedsPerson(self.refusal(Cause::NotUnderstood, sentence)));
                }
            }
        }
        let priority = tasks.first().map_or(Priority::Write, |task| task.priority);
        // The customer first: what comes after it hangs on it.
        for (i, verdict) in self.put_customers(&customers, priority).await {
            verdicts[i] = Some(verdict);
        }
        self.put_plain(&plain, priority, &mut verdicts).await;
        for (i, offer) in offers {
            verdicts[i] = Some(self.put_offer(offer, priority).await);
        }
        let unanswered =
            || Verdict::AnswerLost(self.refusal(Cause::OutcomeUnknown, "No answer for this record came back."));
        verdicts.into_iter().map(|verdict| verdict.unwrap_or_else(unanswered)).collect()
    }

    /// Records of one row each. What hangs on something that was deleted a moment ago is matched anew, once.
    async fn put_plain(&self, plain: &[(usize, &RecordDraft)], priority: Priority, verdicts: &mut [Option<Verdict>]) {
        let mut ends: BTreeMap<usize, Result<Verdict, CallError>> = BTreeMap::new();
        self.write_plain(plain, priority, &mut ends).await;
        let gone: Vec<(usize, &RecordDraft)> =
            plain.iter().filter(|(i, _)| matches!(ends.get(i), Some(Err(CallError::Gone(_))))).copied().collect();
        if !gone.is_empty() {
            let mut again = BTreeMap::new();
            self.write_plain(&gone, priority, &mut again).await;
            ends.extend(again.into_iter().map(|(i, end)| (i, end.map(matched_anew))));
        }
        for (i, end) in ends {
            verdicts[i] = Some(end.unwrap_or_else(CallError::into_verdict));
        }
    }

    async fn write_plain(
        &self,
        plain: &[(usize, &RecordDraft)],
        priority: Priority,
        ends: &mut BTreeMap<usize, Result<Verdict, CallError>>,
    ) {
        let drafts: Vec<&RecordDraft> = plain.iter().map(|(_, draft)| *draft).collect();
        let links = match self.links(&drafts, priority).await {
            Ok(links) => links,
            Err(error) => {
                ends.extend(plain.iter().map(|(i, _)| (*i, Ok(error.clone().before_change()))));
                return;
            }
        };
        let named: Vec<(usize, RecordDraft)> =
            plain.iter().zip(links).map(|((i, draft), links)| (*i, self.keeping.named(draft, &links))).collect();
        let mut groups: BTreeMap<(&str, &str), Vec<&(usize, RecordDraft)>> = BTreeMap::new();
        for one in &named {
            groups.entry((one.1.object.as_str(), one.1.external_id_field.as_str())).or_default().push(one);
        }
        let is_problem = |(i, draft): &(usize, &RecordDraft)| (draft.noun == RecordNoun::Problem).then_some(*i);
        let problems: BTreeSet<usize> = plain.iter().filter_map(is_problem).collect();
        for ((object, key), members) in groups {
            let described = match self.object(object, priority).await {
                Ok(described) => described,
                Err(error) => {
                    ends.extend(members.iter().map(|(i, _)| (*i, Ok(error.clone().before_change()))));
                    continue;
                }
            };
            let mut rows = Vec::new();
            let mut known = BTreeSet::new();
            for (i, record) in members {
                match self.row(record, described.as_ref()) {
                    Err(refusal) => drop(ends.insert(*i, Ok(Verdict::NeedsPerson(refusal)))),
                    // The same id twice in one call fails both; the second goes next.
                    Ok(_) if !known.insert(record.external_id.to_lowercase()) => {
                        let at_ms = self.client.door().now_ms() + 1;
                        let why = "an older change of the same record goes first".into();
                        ends.insert(*i, Ok(Verdict::WaitUntil { at_ms, why }));
                    }
                    Ok(row) => rows.push((*i, record, row)),
                }
            }
            // Whoever got a case goes on with it: one that is there is not given to anybody once more.
            if object == CASE && self.keeping.routes_cases() {
                let ids: Vec<String> = rows.iter().map(|(_, record, _)| record.external_id.clone()).collect();
                match self.there(object, key, &ids, priority).await {
                    Ok(known) => rows.retain(|(i, record, _)| {
                        let id = known.get(&record.external_id.to_lowercase()).filter(|_| problems.contains(i));
                        if let Some(id) = id {
                            let receipt = Receipt { remote_id: Some(id.clone()), ..Receipt::default() };
                            ends.insert(*i, Ok(Verdict::AlreadyDone(receipt)));
                        }
                        id.is_none()
                    }),
                    Err(error) => {
                        ends.extend(rows.iter().map(|(i, ..)| (*i, Ok(error.clone().before_change()))));
                        continue;
                    }
                }
            }
            let as_job = match how(rows.len()) {
                How::Bulk => {
                    let table = rows.iter().map(|(_, _, row)| row.clone()).collect();
                    self.bulk_upsert(object, key, table, priority).await
                }
                _ => None,
            };
            if let Some(verdict) = as_job {
                ends.extend(rows.into_iter().map(|(i, ..)| (i, Ok(verdict.clone()))));
                continue;
            }
            let outgoing = rows.iter().map(|(_, record, row)| (*record, row.clone())).collect();
            for ((i, ..), result) in rows.iter().zip(self.write_rows(object, key, outgoing, priority).await) {
                ends.insert(*i, result.map(Verdict::Done));
            }
        }
    }

    /// Those of these ids of ours that stand on a record, in small letters, with the record's id.
    async fn there(
        &self,
        object: &str,
        key: &str,
        ids: &[String],
        priority: Priority,
    ) -> Result<BTreeMap<String, String>, CallError> {
        let mut known = BTreeMap::new();
        for some in ids.chunks(ASKED) {
            let query = format!("SELECT Id, {key} FROM {object} WHERE {key} IN {}", Quoted::List(some.to_vec()));
            for row in self.rows_of(&query, priority, "look whether the records are there").await? {
                let fields = row.as_object().into_iter().flatten();
                let ours = fields.filter(|(name, _)| name.eq_ignore_ascii_case(key)).find_map(|(_, id)| id.as_str());
                if let (Some(ours), Some(id)) = (ours, row.get("Id").and_then(Value::as_str)) {
                    known.insert(ours.to_lowercase(), id.to_owned());
                }
            }
        }
        Ok(known)
    }

    /// Rows of one object in as few calls as they take, never as a job; one result per row, in order.
    pub(super) async fn write_rows(
        &self,
        object: &str,
        key: &str,
        rows: Vec<(&RecordDraft, Map<String, Value>)>,
        priority: Priority,
    ) -> Vec<Result<Receipt, CallError>> {
        let mut results = self.send_rows(object, key, &rows, priority).await;
        self.give_to_heir(object, key, &rows, &mut results, priority).await;
        let strange = rows.iter().zip(&mut results).filter_map(|((record, row), result)| match result {
            Err(CallError::Value(refusal)) => {
                let what = format!("Could not write {object} {}", record.external_id);
                Some((Strange { name: record.external_id.clone(), what, row, refusal: refusal.clone() }, refusal))
            }
            _ => None,
        });
        let (strange, places): (Vec<_>, Vec<_>) = strange.unzip();
        if !strange.is_empty() {
            for (place, words) in places.into_iter().zip(self.lists_in_words(object, key, strange, priority).await) {
                *place = words;
            }
        }
        results.into_iter().map(|result| result.map_err(|error| self.noticed_record(object, error))).collect()
    }

    async fn send_rows(
        &self,
        object: &str,
        key: &str,
        rows: &[(&RecordDraft, Map<String, Value>)],
        priority: Priority,
    ) -> Vec<Result<Receipt, CallError>> {
        match rows {
            [] => Vec::new(),
            [(record, row)] => vec![self.upsert(record, row.clone(), priority).await],
            _ => self.upsert_many(object, key, rows.iter().map(|(_, row)| row.clone()).collect(), priority).await,
        }
    }

    /// Records whose owner has left go to the user of the settings, once; the receipt says so.
    async fn give_to_heir(
        &self,
        object: &str,
        key: &str,
        rows: &[(&RecordDraft, Map<String, Value>)],
        results: &mut [Result<Receipt, CallError>],
        priority: Priority,
    ) {
        let heir = self.keeping.task_owner.as_str();
        let owner = |row: &Map<String, Value>| row.get("OwnerId").and_then(Value::as_str).map(str::to_owned);
        let (mut places, mut again) = (Vec::new(), Vec::new());
        for (place, (record, row)) in rows.iter().enumerate() {
            let left = owner(row).filter(|left| !heir.is_empty() && left.get(..15) != heir.get(..15));
            if let (Some(left), Some(Err(CallError::Owner(_)))) = (left, results.get(place)) {
                let mut row = row.clone();
                row.insert("OwnerId".into(), json!(heir));
                places.push((place, left));
                again.push((*record, row));
            }
        }
        for ((place, left), result) in places.into_iter().zip(self.send_rows(object, key, &again, priority).await) {
            let note = format!(
                "Its owner {left} is not active in Salesforce any more; it went to {heir}, as set for this connection."
            );
            results[place] = result.map(|receipt| Receipt { note: Some(note), ..receipt });
        }
    }

    /// An object as described; `None`: this user may not see it. Remembered until something shows that it changed.
    pub(super) async fn object(&self, name: &str, priority: Priority) -> Result<Option<Object>, CallError> {
        if !is_name(name) {
            return Ok(None);
        }
        let known = self.objects.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let found = self.describe(&[name], priority).await?.into_iter().next();
        if let Some(object) = &found {
            self.objects.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), object.clone());
        }
        Ok(found)
    }

    pub(super) fn noticed_record(&self, object: &str, error: CallError) -> CallError {
        if matches!(error, CallError::Schema(_) | CallError::Value(_)) {
            self.forget_org();
            self.objects.lock().unwrap_or_else(PoisonError::into_inner).remove(object);
        }
        error
    }

    /// The row of a record, checked against what the org has; its external id included.
    pub(super) fn row(&self, record: &RecordDraft, described: Option<&Object>) -> Result<Map<String, Value>, Refusal> {
        let what = format!("Could not write {} {}", record.object, record.external_id);
        let refuse = |cause: Cause, sentence: String, about: &str| {
            Err(self.refusal(cause, &format!("{what}. {sentence}")).about(about))
        };
        let Some(object) = described else {
            return refuse(
                Cause::ScopeMissing,
                format!(
                    "The object {} does not exist or is hidden from the integration user. Give it access to the object, or change the mapping.",
                    record.object
                ),
                &record.object,
            );
        };
        let Some(key) = object.field(&record.external_id_field).filter(|field| field.key) else {
            return refuse(
                Cause::ScopeMissing,
                format!(
                    "{}.{} is not an external ID of this org, or hidden from the integration user. Make a text field with External ID and Unique ticked.",
                    object.name, record.external_id_field
                ),
                &record.external_id_field,
            );
        };
        if record.external_id.trim().is_empty() {
            return refuse(Cause::ContentRefused, "It has no external id.".into(), &record.object);
        }
        let mut row = Map::new();
        for (name, text) in &record.fields {
            let Some(field) = object.field(name) else {
                return refuse(
                    Cause::ScopeMissing,
                    format!("The field {}.{name} was deleted, or it is hidden from the integration user.", object.name),
                    name,
                );
            };
            if !field.createable && !field.updateable {
                return refuse(
                    Cause::ScopeMissing,
                    format!("The field {}.{name} is read-only for the integration user.", object.name),
                    name,
                );
            }
            let value: Value = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone()));
            let value = match value {
                // A yes or no cannot be empty.
                Value::Null if field.kind == "boolean" => json!(false),
                Value::Bool(yes) if field.is_text() => json!(if yes { "Yes" } else { "No" }),
                Value::String(text) if field.is_text() && !field.restricted => {
                    json!(super::describe::fitted(field, &text))
                }
                value => value,
            };
            if let (true, Value::String(text)) = (field.restricted && !field.values.is_empty(), &value) {
                let chosen =
                    if field.kind == "multipicklist" { text.split(';').collect() } else { vec![text.as_str()] };
                if let Some(strange) = chosen.into_iter().find(|one| !one.is_empty() && !field.values.contains(*one)) {
                    return refuse(
                        Cause::ContentRefused,
                        format!(
                            "The list {}.{} does not have \"{strange}\" (upper and lower case count). Map it to one of its values.",
                            object.name, field.name
                        ),
                        &field.name,
                    );
                }
            }
            row.insert(field.name.clone(), value);
        }
        let apart = row.iter().find_map(|(name, value)| {
            let field = object.field(name).filter(|field| field.restricted)?;
            let (value, controlling) = (value.as_str()?, row.get(field.controller.as_ref()?)?.as_str()?);
            (!value.is_empty() && !field.goes_with(value, controlling))
                .then(|| (field, lists::apart(object, field, value, controlling)))
        });
        if let Some((field, sentence)) = apart {
            return refuse(Cause::ContentRefused, sentence, &field.name);
        }
        row.insert(key.name.clone(), json!(record.external_id));
        Ok(row)
    }

    /// One record by its own address.
    async fn upsert(
        &self,
        record: &RecordDraft,
        mut row: Map<String, Value>,
        priority: Priority,
    ) -> Result<Receipt, CallError> {
        let what = format!("Could not write {} {}", record.object, record.external_id);
        // The id stands in the address and must not stand in the body.
        row.retain(|name, _| !name.eq_ignore_ascii_case(&record.external_id_field));
        let path = format!("/sobjects/{}/{}/{}", record.object, record.external_id_field, encoded(&record.external_id));
        let call = Call::json(http::Method::PATCH, path, Value::Object(row), priority, "write the record")
            .header("sforce-duplicate-rule-header", self.duplicate_header())
            .header("sforce-auto-assign", self.keeping.assigned_by(&record.object));
        let answer = self.client.send(call).await?;
        if answer.status == 300 {
            let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let ids: Vec<&str> =
                body.as_array().into_iter().flatten().filter_map(|url| url.as_str()?.rsplit('/').next()).collect();
            let sentence = format!(
                "{what}. Several records carry this id ({}). Nothing was written. Merge them in Salesforce, then retry.",
                ids.join(", ")
            );
            return Err(CallError::Refused(
                self.refusal(Cause::ContentRefused, &sentence).status(300).about(record.external_id.clone()),
            ));
        }
        if !answer.is_success() {
            return Err(verdicts::by_answer(self.client.door(), &answer, &what));
        }
        let request_id = answer.request_id.clone();
        // Older versions answer an update without a body.
        let id = if answer.body.is_empty() {
            None
        } else {
            self.client.body(&answer, &what)?.get("id").and_then(Value::as_str).map(str::to_owned)
        };
        Ok(Receipt { remote_id: id, request_id, note: None, cost: None })
    }

    /// Several records of one object, in collections; one result per row, in order.
    pub(super) async fn upsert_many(
        &self,
        object: &str,
        key: &str,
        rows: Vec<Map<String, Value>>,
        priority: Priority,
    ) -> Vec<Result<Receipt, CallError>> {
        let root = self.client.root();
        let typed: Vec<Value> = rows
            .into_iter()
            .map(|mut row| {
                row.insert("attributes".into(), json!({ "type": object }));
                Value::Object(row)
            })
            .collect();
        let mut results = Vec::with_capacity(typed.len());
        for call in typed.chunks(COLLECTION * COLLECTIONS) {
            let collections: Vec<&[Value]> = call.chunks(COLLECTION).collect();
            let body = |rows: &[Value]| json!({ "allOrNone": false, "records": rows });
            let answers: Result<Vec<(i64, Value)>, CallError> = if let [only] = collections.as_slice() {
                let path = format!("/composite/sobjects/{object}/{key}");
                let call = Call::json(http::Method::PATCH, path, body(only), priority, "write the records")
                    .header("sforce-duplicate-rule-header", self.duplicate_header())
                    .header("sforce-auto-assign", self.keeping.assigned_by(object));
                self.client.ask(call).await.map(|answer| vec![(200, answer)])
            } else {
                let requests: Vec<Value> = collections
                    .iter()
                    .enumerate()
                    .map(|(i, rows)| {
                        json!({ "method": "PATCH", "url": format!("{root}/composite/sobjects/{object}/{key}"),
                            "referenceId": format!("part{i}"), "body": body(rows),
                            "httpHeaders": { "Sforce-Duplicate-Rule-Header": self.duplicate_header(), "Sforce-Auto-Assign": self.keeping.assigned_by(object) } })
                    })
                    .collect();
                let body = json!({ "allOrNone": false, "compositeRequest": requests });
                let answer = self
                    .client
                    .ask(Call::json(http::Method::POST, "/composite", body, priority, "write the records"))
                    .await;
                answer.map(|answer| {
                    let parts = answer.get("compositeResponse").and_then(Value::as_array).cloned().unwrap_or_default();
                    parts
                        .into_iter()
                        .map(|part| (part["httpStatusCode"].as_i64().unwrap_or(0), part["body"].clone()))
                        .collect()
                })
            };
            for (i, rows) in collections.iter().enumerate() {
                for (j, row) in rows.iter().enumerate() {
                    let name = row.get(key).and_then(Value::as_str).unwrap_or_default();
                    results.push(match &answers {
                        Err(error) => Err(error.clone()),
                        Ok(answers) => {
                            self.collection_row(answers.get(i), j, &format!("Could not write {object} {name}"))
                        }
                    });
                }
            }
        }
        results
    }

    fn collection_row(&self, answer: Option<&(i64, Value)>, row: usize, what: &str) -> Result<Receipt, CallError> {
        let lost = || {
            CallError::Lost(self.refusal(
                Cause::OutcomeUnknown,
                &format!("{what}. Salesforce answered neither with a result nor with a reason."),
            ))
        };
        let (status, body) = answer.ok_or_else(lost)?;
        let row = body.as_array().and_then(|rows| rows.get(row)).filter(|_| (200..300).contains(status));
        if let Some(row) = row
            && row.get("success") == Some(&Value::Bool(true))
        {
            return Ok(Receipt {
                remote_id: row.get("id").and_then(Value::as_str).map(str::to_owned),
                ..Receipt::default()
            });
        }
        let problem = problems(row.unwrap_or(body)).into_iter().next().filter(|problem| !problem.code.is_empty());
        Err(problem.map_or_else(lost, |problem| verdicts::error(self.client.door(), &problem, what)))
    }

    /// Does a record hold these values? Of what people go on with (tasks, cases, opportunities) it is enough that it is
    /// there: what they wrote since is theirs.
    pub(super) async fn confirm_record(&self, draft: &RecordDraft, priority: Priority) -> Confirmation {
        if draft.noun == RecordNoun::Customer {
            let confirmed = self.confirm_customer(draft, priority).await;
            return confirmed.unwrap_or_else(CallError::into_confirmation);
        }
        let record = self.keeping.named(draft, &Links::default());
        let described = match self.object(&record.object, priority).await {
            Ok(described) => described,
            Err(error) => return error.into_confirmation(),
        };
        let record = match draft.noun {
            RecordNoun::Offer => offers::in_its_currency(record, described.as_ref(), &self.mapping.currency),
            _ => record,
        };
        let row = match self.row(&record, described.as_ref()) {
            Ok(row) => row,
            Err(refusal) => return Confirmation::Overtaken(refusal),
        };
        let path = format!("/sobjects/{}/{}/{}", record.object, record.external_id_field, encoded(&record.external_id));
        let answer = match self.client.send(Call::get(path, priority, "look the record up")).await {
            Ok(answer) => answer,
            Err(error) => return error.into_confirmation(),
        };
        match answer.status {
            404 => return Confirmation::Absent,
            status if !(200..300).contains(&status) => {
                return verdicts::by_answer(self.client.door(), &answer, "Could not look the record up")
                    .into_confirmation();
            }
            _ => {}
        }
        let shown = match self.client.body(&answer, "Could not look the record up") {
            Ok(shown) => shown,
            Err(error) => return error.into_confirmation(),
        };
        let there = matches!(draft.noun, RecordNoun::FollowUp | RecordNoun::Problem | RecordNoun::Offer);
        if there
            || super::parcels::row_shows(&shown, &row)
            || row.iter().all(|(name, value)| same(shown.get(name), value))
        {
            let remote_id = shown.get("Id").and_then(Value::as_str).map(str::to_owned);
            return Confirmation::Holds(Receipt { remote_id, ..Receipt::default() });
        }
        // By external id writing it again harms nothing.
        Confirmation::Absent
    }
}

/// A verdict of a record that was looked for a second time.
pub fn matched_anew(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Done(receipt) => {
            let note = "What it hung on was deleted in Salesforce; it was matched anew.";
            let note = receipt.note.map_or_else(|| note.to_owned(), |known| format!("{known} {note}"));
            Verdict::Done(Receipt { note: Some(note), ..receipt })
        }
        other => other,
    }
}

/// The same value, numbers by their worth.
fn same(shown: Option<&Value>, wanted: &Value) -> bool {
    match (shown.unwrap_or(&Value::Null), wanted) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Null, Value::String(text)) => text.is_empty(),
        (Value::String(a), Value::String(b)) => {
            a.trim_end() == b.trim_end()
                || super::translate::moment(a).is_some_and(|at| super::translate::moment(b) == Some(at))
        }
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheapest_way_is_chosen() {
        for (rows, expected) in [
            (1, How::Single),
            (2, How::Collection),
            (200, How::Collection),
            (201, How::Composite),
            (BULK_FROM - 1, How::Composite),
            (BULK_FROM, How::Bulk),
        ] {
            assert_eq!(how(rows), expected, "{rows}");
        }
    }

    /// The table above and the threshold are one thing: from there on a job is no dearer than collections.
    #[test]
    fn the_threshold_is_where_the_calls_meet() {
        const JOB_CALLS: usize = 8;
        assert_eq!(BULK_FROM.div_ceil(COLLECTION * COLLECTIONS), JOB_CALLS);
        const { assert!(BATCH >= BULK_FROM, "one claim can reach it") };
    }
}
