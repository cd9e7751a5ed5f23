//! Records of any object: written by external id, in the fewest calls.
//!
//! | rows | how | calls |
//! |---|---|---|
//! | 1 | upsert by external id | 1 |
//! | 2 to [`BULK_FROM`] | collections, 200 rows each, five collections per composite call | rows / 1,000 |
//! | more | one bulk job | about 8, however many |
//!
//! Writing by external id is the idempotency: twice writes one record. What a description
//! can tell (a field that is gone or read-only, a value a list does not have) is said
//! before anything is sent.

use super::Salesforce;
use super::bulk::{self, RowEnd};
use super::client::{Body, Call};
use super::describe::Object;
use super::soql::{encoded, is_name};
use super::verdicts::{self, CallError, problems};
use crate::{Priority, Task};
use quayside_model::time::SECOND_MS;
use quayside_model::{Cause, Confirmation, Intent, Receipt, RecordDraft, Refusal, Verdict};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

/// Rows of one collection.
pub const COLLECTION: usize = 200;
/// Collections one composite call may hold.
const COLLECTIONS: usize = 5;
/// Rows from which one bulk job takes fewer calls.
pub const BULK_FROM: usize = 2_000;

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

/// A job under way: what has to be known to go on with it, also after a restart.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// Field that holds our ids.
    pub key: String,
    /// Look at it not before, ms UTC.
    pub look_at_ms: i64,
    /// Looks so far.
    pub looks: u32,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// Still at work; look again as the job says.
    Working(Job),
    /// At its end: what became of each row, by external id. Rows that are not here were never in it.
    Ended(BTreeMap<String, RowEnd>),
}

impl Salesforce {
    /// Writes records; one verdict per task.
    pub(super) async fn put_records(&self, tasks: &[Task<'_>]) -> Vec<Verdict> {
        let mut verdicts: Vec<Option<Verdict>> = tasks.iter().map(|_| None).collect();
        let mut groups: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
        for (i, task) in tasks.iter().enumerate() {
            let Intent::PutRecord { record } = task.intent else {
                verdicts[i] = Some(Verdict::NeedsPerson(self.refusal(Cause::NotUnderstood, "This is not a record.")));
                continue;
            };
            groups.entry((record.object.clone(), record.external_id_field.clone())).or_default().push(i);
        }
        for ((object, key), members) in groups {
            let described = self.object(&object, tasks[members[0]].priority).await;
            let mut rows = Vec::new();
            let mut known = BTreeSet::new();
            for i in members {
                let Intent::PutRecord { record } = tasks[i].intent else { continue };
                let described = match &described {
                    Ok(described) => described.as_ref(),
                    Err(error) => {
                        verdicts[i] = Some(error.clone().before_change());
                        continue;
                    }
                };
                match self.row(record, described) {
                    Err(refusal) => verdicts[i] = Some(Verdict::NeedsPerson(refusal)),
                    // The same id twice in one call fails both; the second goes next.
                    Ok(_) if !known.insert(record.external_id.clone()) => {
                        let at_ms = self.client.door().now_ms() + 1;
                        verdicts[i] = Some(Verdict::WaitUntil {
                            at_ms,
                            why: "an older change of the same record goes first".into(),
                        });
                    }
                    Ok(row) => rows.push((i, record, row)),
                }
            }
            let priority = rows.first().map_or(Priority::Write, |(i, ..)| tasks[*i].priority);
            let results = match how(rows.len()) {
                How::Single => match rows.first() {
                    Some((_, record, row)) => vec![self.upsert(record, row.clone(), priority).await],
                    None => Vec::new(),
                },
                _ => {
                    self.upsert_many(&object, &key, rows.iter().map(|(_, _, row)| row.clone()).collect(), priority)
                        .await
                }
            };
            for ((i, ..), result) in rows.into_iter().zip(results) {
                verdicts[i] = Some(match result {
                    Ok(receipt) => Verdict::Done(receipt),
                    Err(error) => self.noticed_record(&object, error).into_verdict(),
                });
            }
        }
        let unanswered =
            || Verdict::AnswerLost(self.refusal(Cause::OutcomeUnknown, "No answer for this record came back."));
        verdicts.into_iter().map(|verdict| verdict.unwrap_or_else(unanswered)).collect()
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

    fn noticed_record(&self, object: &str, error: CallError) -> CallError {
        if matches!(error, CallError::Schema(_)) {
            self.objects.lock().unwrap_or_else(PoisonError::into_inner).remove(object);
        }
        error
    }

    /// The row of a record, checked against what the org has; its external id included.
    fn row(&self, record: &RecordDraft, described: Option<&Object>) -> Result<Map<String, Value>, Refusal> {
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
            .header("sforce-auto-assign", "FALSE");
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
        Ok(Receipt { remote_id: id, request_id, note: None })
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
                    .header("sforce-auto-assign", "FALSE");
                self.client.ask(call).await.map(|answer| vec![(200, answer)])
            } else {
                let requests: Vec<Value> = collections
                    .iter()
                    .enumerate()
                    .map(|(i, rows)| {
                        json!({ "method": "PATCH", "url": format!("{root}/composite/sobjects/{object}/{key}"),
                            "referenceId": format!("part{i}"), "body": body(rows),
                            "httpHeaders": { "Sforce-Duplicate-Rule-Header": self.duplicate_header(), "Sforce-Auto-Assign": "FALSE" } })
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

    /// Does a record hold these values?
    pub(super) async fn confirm_record(&self, record: &RecordDraft, priority: Priority) -> Confirmation {
        let described = match self.object(&record.object, priority).await {
            Ok(described) => described,
            Err(error) => return error.into_confirmation(),
        };
        let row = match self.row(record, described.as_ref()) {
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
        if super::parcels::row_shows(&shown, &row) || row.iter().all(|(name, value)| same(shown.get(name), value)) {
            let remote_id = shown.get("Id").and_then(Value::as_str).map(str::to_owned);
            return Confirmation::Holds(Receipt { remote_id, ..Receipt::default() });
        }
        // By external id writing it again harms nothing.
        Confirmation::Absent
    }

    /// Begins the bulk upsert of any number of rows, each with its external id under `key`: one job per upload of at
    /// most 100 MB. `parent` names the field by whose record rows are kept together.
    pub async fn bulk_upsert(
        &self,
        object: &str,
        key: &str,
        rows: Vec<Map<String, Value>>,
        parent: Option<&str>,
        priority: Priority,
    ) -> Result<Vec<Job>, CallError> {
        let tables = bulk::uploads(rows, key, parent, bulk::UPLOAD_MAX_BYTES).map_err(|why| {
            CallError::Refused(
                self.refusal(Cause::NotUnderstood, &format!("The table for the bulk job could not be made ({why}).")),
            )
        })?;
        let mut jobs = Vec::with_capacity(tables.len());
        for table in tables {
            jobs.push(self.bulk_begin(object, key, table, priority).await?);
        }
        Ok(jobs)
    }

    /// Begins a bulk upsert: the job is made, filled and released. `rows` hold their external id under `key`.
    async fn bulk_begin(&self, object: &str, key: &str, table: Vec<u8>, priority: Priority) -> Result<Job, CallError> {
        let what = "begin the bulk job";
        let body = json!({ "object": object, "operation": "upsert", "externalIdFieldName": key, "contentType": "CSV", "lineEnding": "LF" });
        let job = self.client.ask(Call::json(http::Method::POST, "/jobs/ingest", body, priority, what)).await?;
        let Some(id) = job.get("id").and_then(Value::as_str).filter(|id| super::soql::is_id(id)) else {
            return Err(CallError::NotExecuted(
                self.refusal(Cause::PlatformTrouble, "Could not begin the bulk job. Salesforce gave it no id."),
            ));
        };
        let upload = Call {
            method: http::Method::PUT,
            path: format!("/jobs/ingest/{id}/batches"),
            body: Body::Csv(table),
            headers: Vec::new(),
            what: "fill the bulk job",
            priority,
        };
        self.client.call(upload).await?;
        // Forgetting this means that nothing ever runs.
        let release = json!({ "state": "UploadComplete" });
        self.client
            .ask(Call::json(
                http::Method::PATCH,
                format!("/jobs/ingest/{id}"),
                release,
                priority,
                "release the bulk job",
            ))
            .await?;
        Ok(Job {
            id: id.to_owned(),
            key: key.to_owned(),
            look_at_ms: self.client.door().now_ms() + 2 * SECOND_MS,
            looks: 0,
        })
    }

    /// Looks at a job; at its end fetches all three results and deletes it.
    pub async fn bulk_look(&self, mut job: Job, priority: Priority) -> Result<Progress, CallError> {
        let path = format!("/jobs/ingest/{}", job.id);
        let state = self.client.ask(Call::get(path.clone(), priority, "look at the bulk job")).await?;
        let word = state.get("state").and_then(Value::as_str).unwrap_or_default();
        if !matches!(word, "JobComplete" | "Failed" | "Aborted") {
            job.looks += 1;
            // 2, 4, 8 … 60 s.
            job.look_at_ms = self.client.door().now_ms() + (SECOND_MS << job.looks.min(6)).min(60 * SECOND_MS);
            return Ok(Progress::Working(job));
        }
        let mut tables = Vec::new();
        for name in ["successfulResults", "failedResults", "unprocessedrecords"] {
            tables.push(
                self.client
                    .call(Call::get(format!("{path}/{name}"), priority, "fetch the results of the bulk job"))
                    .await?
                    .body,
            );
        }
        let mut ends = bulk::results(&tables[0], &tables[1], &tables[2], &job.key).map_err(|why| {
            CallError::NotExecuted(
                self.refusal(Cause::Unreadable, &format!("The results of the bulk job could not be read ({why}).")),
            )
        })?;
        if word == "Failed"
            && let Some(why) = state.get("errorMessage").and_then(Value::as_str)
        {
            for end in ends.values_mut().filter(|end| **end == RowEnd::Untouched) {
                *end = RowEnd::Refused(verdicts::Problem { message: why.to_owned(), ..verdicts::Problem::default() });
            }
        }
        let forget = Call {
            method: http::Method::DELETE,
            path,
            body: Body::None,
            headers: Vec::new(),
            what: "delete the bulk job",
            priority,
        };
        // Salesforce forgets it by itself after seven days.
        if let Err(error) = self.client.call(forget).await {
            let job = self.client.door().quotable(&job.id);
            tracing::debug!(job, why = %error.into_refusal().sentence, "a finished bulk job could not be deleted");
        }
        Ok(Progress::Ended(ends))
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
            (1_999, How::Composite),
            (2_000, How::Bulk),
        ] {
            assert_eq!(how(rows), expected, "{rows}");
        }
    }
}
