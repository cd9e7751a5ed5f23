//! Bulk jobs: thousands of rows in about eight calls, and what became of each.
//!
//! A job is made, filled, released, looked at after 2, 4, 8 … 60 s, and read to its end: three tables, joined by our
//! ids. Its id is the ticket of every effect in it, so that a program that ended in between goes on with it. Until it
//! is released nothing of it runs: what goes wrong before that is tried again as a whole. Salesforce keeps results for
//! seven days; once each row was told the job is deleted.

use super::Salesforce;
use super::bulk::{self, RowEnd};
use super::client::{Body, Call};
use super::soql::is_id;
use super::verdicts::{self, CallError, Problem};
use crate::{Priority, Task};
use quayside_model::time::SECOND_MS;
use quayside_model::{Cause, Confirmation, Receipt, RecordDraft, Refusal, Verdict};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

/// What tickets of jobs begin with.
const TICKET: &str = "job:";
/// Looks at a job nobody released before it is given up.
const OPEN_LOOKS: u32 = 3;

/// What is known of a job while the program runs.
#[derive(Debug, Default)]
pub struct Job {
    looks: u32,
    look_at_ms: i64,
    /// What became of each row, by external id in lower case, once the job has ended.
    ends: Option<BTreeMap<String, RowEnd>>,
    /// Rows that were told.
    told: BTreeSet<String>,
    /// What became of rows that are in none of the tables.
    rest: Option<RowEnd>,
}

/// Job and key field of a ticket.
fn named(ticket: &str) -> Option<(&str, &str)> {
    ticket.strip_prefix(TICKET)?.split_once('/').filter(|(id, _)| is_id(id))
}

impl Salesforce {
    /// Begins the bulk upsert of rows that hold their external id under `key`; the verdict is that of all of them. `None`:
    /// they are too much for one upload.
    pub(super) async fn bulk_upsert(
        &self,
        object: &str,
        key: &str,
        rows: Vec<Map<String, Value>>,
        priority: Priority,
    ) -> Option<Verdict> {
        // Rows of one account stay together: two batches would fight for it.
        let table = match bulk::table(&rows, key, Some("AccountId")) {
            Ok(table) if table.len() <= bulk::UPLOAD_MAX_BYTES => table,
            _ => return None,
        };
        Some(match self.bulk_begin(object, key, table, priority).await {
            Ok(id) => {
                let look_at_ms = self.client.door().now_ms() + 2 * SECOND_MS;
                self.with_job(&id, |job| job.look_at_ms = look_at_ms);
                Verdict::UnderWay { ticket: format!("{TICKET}{id}/{key}"), look_at_ms, why: self.works_on(&id) }
            }
            Err(error) => self.noticed_record(object, error).before_change(),
        })
    }

    fn works_on(&self, id: &str) -> Refusal {
        self.refusal(
            Cause::OutcomeUnknown,
            &format!("Salesforce works on the bulk job {id}; what became of the record is read when it ends."),
        )
    }

    /// The job is made, filled and released: its id. An error: nothing of it runs.
    async fn bulk_begin(
        &self,
        object: &str,
        key: &str,
        table: Vec<u8>,
        priority: Priority,
    ) -> Result<String, CallError> {
        let what = "begin the bulk job";
        let body = json!({ "object": object, "operation": "upsert", "externalIdFieldName": key, "contentType": "CSV", "lineEnding": "LF" });
        let job = self.client.ask(Call::json(http::Method::POST, "/jobs/ingest", body, priority, what)).await?;
        let Some(id) = job.get("id").and_then(Value::as_str).filter(|id| is_id(id)) else {
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
        if let Err(error) = self.client.call(upload).await {
            self.bulk_abort(id, priority).await;
            return Err(error);
        }
        // Forgetting this means that nothing ever runs.
        let release = json!({ "state": "UploadComplete" });
        let call =
            Call::json(http::Method::PATCH, format!("/jobs/ingest/{id}"), release, priority, "release the bulk job");
        match self.client.ask(call).await {
            // Released or not: the looks find out.
            Ok(_) | Err(CallError::Lost(_)) => Ok(id.to_owned()),
            Err(error) => {
                self.bulk_abort(id, priority).await;
                Err(error)
            }
        }
    }

    /// Gives a job up that runs nothing. It would be forgotten after a week anyway.
    async fn bulk_abort(&self, id: &str, priority: Priority) {
        let body = json!({ "state": "Aborted" });
        let call =
            Call::json(http::Method::PATCH, format!("/jobs/ingest/{id}"), body, priority, "give the bulk job up");
        if let Err(error) = self.client.ask(call).await {
            let job = self.client.door().quotable(id);
            tracing::debug!(job, why = %error.into_refusal().sentence, "a bulk job could not be given up");
        }
    }

    /// What became of one record of a job; `None`: the ticket names none, or the job is forgotten.
    pub(super) async fn confirm_in_job(&self, task: &Task<'_>, record: &RecordDraft) -> Option<Confirmation> {
        let (id, key) = named(task.ticket?)?;
        let under_way = |look_at_ms: i64| Confirmation::UnderWay {
            ticket: task.ticket.unwrap_or_default().to_owned(),
            look_at_ms,
            why: Box::new(self.works_on(id)),
        };
        let now_ms = self.client.door().now_ms();
        let (ended, looks, look_at_ms) = self.with_job(id, |job| (job.ends.is_some(), job.looks, job.look_at_ms));
        if !ended && now_ms < look_at_ms {
            return Some(under_way(look_at_ms));
        }
        if !ended {
            match self.bulk_look(id, key, looks, task.priority).await {
                Ok(Some(job)) => self.with_job(id, |known| *known = job),
                Ok(None) => return None,
                Err(error) => return Some(error.into_confirmation()),
            }
        }
        let name = record.external_id.to_lowercase();
        let end = self.with_job(id, |job| {
            let ends = job.ends.as_ref().ok_or(job.look_at_ms)?;
            Ok(ends.get(&name).or(job.rest.as_ref()).cloned())
        });
        let end = match end {
            Ok(end) => end,
            Err(look_at_ms) => return Some(under_way(look_at_ms)),
        };
        self.bulk_told(id, &name, task.priority).await;
        let what = format!("Could not write {} {}", record.noun.words(), record.external_id);
        Some(match end {
            Some(RowEnd::Written { id, .. }) => {
                Confirmation::Holds(Receipt { remote_id: Some(id).filter(|id| !id.is_empty()), ..Receipt::default() })
            }
            Some(RowEnd::Refused(problem)) => {
                match verdicts::error(self.client.door(), &problem, &what) {
                    // A lock, a moment's trouble: it goes again.
                    CallError::Wait { .. } | CallError::NotExecuted(_) => Confirmation::Absent,
                    error => Confirmation::Overtaken(self.noticed_record(&record.object, error).into_refusal()),
                }
            }
            // Not tried, or never in it.
            Some(RowEnd::Untouched) | None => Confirmation::Absent,
        })
    }

    fn with_job<R>(&self, id: &str, act: impl FnOnce(&mut Job) -> R) -> R {
        act(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).entry(id.to_owned()).or_default())
    }

    /// Looks at a job; at its end fetches all three results. `None`: Salesforce has no such job any more.
    async fn bulk_look(&self, id: &str, key: &str, looks: u32, priority: Priority) -> Result<Option<Job>, CallError> {
        let mut job = Job { looks, ..Job::default() };
        let path = format!("/jobs/ingest/{id}");
        let what = "Could not look at the bulk job";
        let answer = self.client.send(Call::get(path.clone(), priority, "look at the bulk job")).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        if !answer.is_success() {
            return Err(verdicts::by_answer(self.client.door(), &answer, what));
        }
        let state = self.client.body(&answer, what)?;
        let mut word = state.get("state").and_then(Value::as_str).unwrap_or_default();
        if word == "Open" && job.looks >= OPEN_LOOKS {
            self.bulk_abort(id, priority).await;
            word = "Aborted";
        }
        if !matches!(word, "JobComplete" | "Failed" | "Aborted") {
            job.looks += 1;
            // 2, 4, 8 … 60 s.
            job.look_at_ms = self.client.door().now_ms() + (SECOND_MS << (job.looks + 1).min(6)).min(60 * SECOND_MS);
            return Ok(Some(job));
        }
        let mut tables = Vec::new();
        for name in ["successfulResults", "failedResults", "unprocessedrecords"] {
            let call = Call::get(format!("{path}/{name}"), priority, "fetch the results of the bulk job");
            tables.push(self.client.call(call).await?.body);
        }
        let ends = bulk::results(&tables[0], &tables[1], &tables[2], key).map_err(|why| {
            CallError::NotExecuted(
                self.refusal(Cause::Unreadable, &format!("The results of the bulk job could not be read ({why}).")),
            )
        })?;
        let why = state.get("errorMessage").and_then(Value::as_str).filter(|_| word == "Failed");
        let refused = why.map(|why| RowEnd::Refused(Problem { message: why.to_owned(), ..Problem::default() }));
        let lower = |(name, end): (String, RowEnd)| match (&end, &refused) {
            (RowEnd::Untouched, Some(refused)) => (name.to_lowercase(), refused.clone()),
            _ => (name.to_lowercase(), end),
        };
        job.ends = Some(ends.into_iter().map(lower).collect());
        job.rest = refused;
        Ok(Some(job))
    }

    /// One row was told; with the last one the job has done its service.
    async fn bulk_told(&self, id: &str, name: &str, priority: Priority) {
        let done = self.with_job(id, |job| {
            let all = job.ends.as_ref().map_or(0, BTreeMap::len);
            job.ends.as_ref().is_some_and(|ends| ends.contains_key(name))
                && job.told.insert(name.to_owned())
                && job.told.len() == all
        });
        if !done {
            return;
        }
        let forget = Call {
            method: http::Method::DELETE,
            path: format!("/jobs/ingest/{id}"),
            body: Body::None,
            headers: Vec::new(),
            what: "delete the bulk job",
            priority,
        };
        // Salesforce forgets it by itself after seven days.
        if let Err(error) = self.client.call(forget).await {
            let job = self.client.door().quotable(id);
            tracing::debug!(job, why = %error.into_refusal().sentence, "a finished bulk job could not be deleted");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_names_job_and_key() {
        for (ticket, expected) in [
            ("job:7505Q/Key__c", None),
            ("job:7505Q0000000000AAA/Key__c", Some(("7505Q0000000000AAA", "Key__c"))),
            ("feed:1#2", None),
            ("job:../x", None),
        ] {
            assert_eq!(named(ticket), expected, "{ticket}");
        }
    }
}
