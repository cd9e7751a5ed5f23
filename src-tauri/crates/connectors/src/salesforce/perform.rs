//! Changes: report parcels, correct or take back their tracking, cancel an opportunity.
//!
//! Parcels of up to [`BATCH`] opportunities take two calls: one question for all of them,
//! one composite call with a collection of parcel records and one of opportunities.
//! Each row has its own outcome. Parcel and opportunity are not one transaction on
//! purpose: a validation rule of the opportunity must not hide that the parcel left, and a
//! second try writes only what is missing.

use super::Salesforce;
use super::client::Call;
use super::decide::{Record, Step, decide};
use super::lists::Strange;
use super::org::Org;
use super::soql::is_id;
use super::translate::read;
use super::verdicts::{self, CallError, problems};
use crate::{Priority, Task};
use quayside_model::time::MINUTE_MS;
use quayside_model::{Cause, Intent, Receipt, Refusal, Verdict};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

/// Parcels reported in one call at most.
pub const BATCH: usize = 50;
/// How long no new record is sent after one found no space.
const FULL_MS: i64 = 15 * MINUTE_MS;

/// Where the money of an opportunity is.
pub const NO_MONEY: &str = "Salesforce holds no money: give it back where it was paid.";

/// A parcel change that goes out in this call.
struct Going {
    task: usize,
    name: String,
    order: String,
    id: Option<String>,
    record: Option<Outgoing>,
    patched: bool,
}

struct Outgoing {
    new: bool,
    fields: Map<String, Value>,
}

impl Salesforce {
    /// Performs effects of one kind.
    pub(super) async fn perform_all(&self, tasks: &[Task<'_>]) -> Vec<Verdict> {
        let Some(first) = tasks.first() else { return Vec::new() };
        match first.intent {
            Intent::Fulfill { .. } | Intent::ReplaceTracking { .. } | Intent::CancelFulfillment { .. } => {
                self.perform_parcels(tasks).await
            }
            Intent::PutRecord { .. } => self.put_records(tasks).await,
            _ => {
                let mut verdicts = Vec::with_capacity(tasks.len());
                for task in tasks {
                    verdicts.push(self.perform_one(task).await);
                }
                verdicts
            }
        }
    }

    async fn perform_one(&self, task: &Task<'_>) -> Verdict {
        match task.intent {
            Intent::CancelChannelOrder { order_remote_id, reason, staff_note, .. } => {
                self.cancel(order_remote_id, reason, staff_note, task.priority).await
            }
            other => Verdict::NeedsPerson(self.refusal(
                Cause::NotUnderstood,
                &format!("Salesforce cannot {}. This is a fault of Quayside; please report it.", other.kind().phrase()),
            )),
        }
    }

    /// A failure of this org, named.
    pub(super) fn refusal(&self, cause: Cause, what: &str) -> Refusal {
        self.client.door().refusal(cause, what)
    }

    /// Why parcels cannot be written down at all, if they cannot.
    pub(super) fn no_parcels(&self, org: &Org) -> Option<Refusal> {
        if org.usable.parcel_children.is_some() {
            return None;
        }
        let gap = org.usable.gaps.iter().find(|gap| gap.about.starts_with(&self.mapping.parcel_object));
        let why = gap.map_or("Parcels cannot be written down in this org.", |gap| gap.sentence.as_str());
        Some(self.refusal(Cause::ScopeMissing, &format!("Could not report the parcel. {why}")))
    }

    /// Parcels; what was deleted between looking and writing is looked at again, once.
    async fn perform_parcels(&self, tasks: &[Task<'_>]) -> Vec<Verdict> {
        let mut gone = Vec::new();
        let mut verdicts = self.try_parcels(tasks, &mut gone).await;
        if !gone.is_empty() {
            let again: Vec<Task<'_>> = gone.iter().filter_map(|place| tasks.get(*place)).cloned().collect();
            for (place, verdict) in gone.into_iter().zip(self.try_parcels(&again, &mut Vec::new()).await) {
                verdicts[place] = verdict;
            }
        }
        verdicts
    }

    async fn try_parcels(&self, tasks: &[Task<'_>], gone: &mut Vec<usize>) -> Vec<Verdict> {
        let priority = tasks.first().map_or(Priority::Write, |task| task.priority);
        let all = |verdict: &Verdict| tasks.iter().map(|_| verdict.clone()).collect::<Vec<_>>();
        let org = match self.org(priority).await {
            Ok(org) => org,
            Err(error) => return all(&error.before_change()),
        };
        if let Some(refusal) = self.no_parcels(&org) {
            return all(&Verdict::NeedsPerson(refusal));
        }
        let ids: Vec<String> =
            tasks.iter().filter_map(|task| order_of(task.intent)).filter(|id| is_id(id)).map(str::to_owned).collect();
        let rows = match self.noticed(self.rows_by_id(&ids, &org, priority).await) {
            Ok(rows) => rows,
            Err(error) => return all(&error.before_change()),
        };
        let mut verdicts: Vec<Option<Verdict>> = tasks.iter().map(|_| None).collect();
        let mut going = Vec::new();
        let mut patches: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
        for (i, task) in tasks.iter().enumerate() {
            let id = order_of(task.intent).unwrap_or_default();
            // Two changes of one opportunity: the second is decided from what the first left.
            if going.iter().any(|going: &Going| going.order == id) {
                let at_ms = self.client.door().now_ms() + 1;
                verdicts[i] = Some(Verdict::WaitUntil {
                    at_ms,
                    why: "an older change of the same opportunity goes first".into(),
                });
                continue;
            }
            match self.parcel_step(task, id, &rows, &org) {
                Err(refusal) => verdicts[i] = Some(Verdict::NeedsPerson(refusal)),
                Ok((_, Step::Already { id })) => {
                    verdicts[i] = Some(Verdict::AlreadyDone(Receipt { remote_id: Some(id), ..Receipt::default() }));
                }
                Ok((name, Step::Refuse { cause, sentence })) => {
                    let what = format!("Could not {} of {name}. {sentence}", task.intent.kind().phrase());
                    verdicts[i] = Some(Verdict::NeedsPerson(self.refusal(cause, &what).about(id)));
                }
                Ok((_, Step::Write { parcel: Some(Record::New(_)), .. })) if self.is_full() => {
                    verdicts[i] = Some(Verdict::WaitUntil {
                        at_ms: self.full_until_ms.load(Ordering::Relaxed),
                        why: "the org has no space left for new records; an admin makes room".into(),
                    });
                }
                Ok((name, Step::Write { parcel, opportunity, id: parcel_id })) => {
                    let patched = !opportunity.is_empty();
                    if patched {
                        patches.insert(id.to_owned(), opportunity);
                    }
                    let record = parcel.map(|record| self.outgoing(record, &rows, id, &org));
                    going.push(Going { task: i, name, order: id.to_owned(), id: parcel_id, record, patched });
                }
            }
        }
        if !going.is_empty() {
            self.send_parcels(tasks, &going, &patches, &org, priority, &mut verdicts, gone).await;
        }
        let unanswered =
            || Verdict::AnswerLost(self.refusal(Cause::OutcomeUnknown, "No answer for this one came back."));
        verdicts.into_iter().map(|verdict| verdict.unwrap_or_else(unanswered)).collect()
    }

    /// What one change takes; the opportunity's name for sentences.
    pub(super) fn parcel_step(
        &self,
        task: &Task<'_>,
        id: &str,
        rows: &[Value],
        org: &Org,
    ) -> Result<(String, Step), Refusal> {
        let row = rows.iter().find(|row| row.get("Id").and_then(Value::as_str) == Some(id));
        let Some(row) = row else {
            let sentence = format!(
                "Could not {}. Salesforce does not show this opportunity: it was deleted for good, or the integration user may not see it.",
                task.intent.kind().phrase()
            );
            return Err(self.refusal(Cause::FulfillmentRefused, &sentence).about(id));
        };
        let instance = self.client.instance();
        let read = read(row, self.words(org, &instance)).map_err(|why| {
            self.refusal(
                Cause::Unreadable,
                &format!("Salesforce's answer about the opportunity could not be read ({why})."),
            )
            .about(id)
        })?;
        let step = decide(task.intent, task.key, &read, row, &org.usable, &self.mapping, self.zone);
        Ok((read.order.number, step))
    }

    fn outgoing(&self, record: Record, rows: &[Value], order: &str, org: &Org) -> Outgoing {
        let row = rows.iter().find(|row| row.get("Id").and_then(Value::as_str) == Some(order));
        let instance = self.client.instance();
        let order = row.and_then(|row| read(row, self.words(org, &instance)).ok()).map(|read| read.order);
        let object = org.usable.parcel_object.clone().unwrap_or_default();
        let (new, id, note) = match record {
            Record::New(note) => (true, None, note),
            Record::Change(id, note) => (false, Some(id), note),
        };
        let mut fields = order.map(|order| note.fields(&order, &org.usable, &self.mapping, new)).unwrap_or_default();
        fields.insert("attributes".into(), json!({ "type": object }));
        if let Some(id) = id {
            fields.insert("Id".into(), json!(id));
        }
        Outgoing { new, fields }
    }

    #[allow(clippy::too_many_arguments)] // the parts of one call, and what becomes of it
    async fn send_parcels(
        &self,
        tasks: &[Task<'_>],
        going: &[Going],
        patches: &BTreeMap<String, Map<String, Value>>,
        org: &Org,
        priority: Priority,
        verdicts: &mut [Option<Verdict>],
        gone: &mut Vec<usize>,
    ) {
        let root = self.client.root();
        let object = org.usable.parcel_object.clone().unwrap_or_default();
        let records = |new: bool| members(going, |going| going.record.as_ref().is_some_and(|record| record.new == new));
        let (new, changed) = (records(true), records(false));
        let patched = members(going, |going| going.patched);
        let bodies = |list: &[&Going]| -> Vec<Value> {
            list.iter()
                .filter_map(|going| going.record.as_ref())
                .map(|record| Value::Object(record.fields.clone()))
                .collect()
        };
        let mut parts: Vec<(&'static str, Vec<usize>, Value)> = Vec::new();
        let mut add = |reference: &'static str, list: &[&Going], method: &str, path: String, rows: Vec<Value>| {
            if list.is_empty() {
                return;
            }
            let body = json!({ "allOrNone": false, "records": rows });
            let mut part =
                json!({ "method": method, "url": format!("{root}{path}"), "referenceId": reference, "body": body });
            part["httpHeaders"] = json!({ "Sforce-Duplicate-Rule-Header": self.duplicate_header() });
            let places = list.iter().filter_map(|one| going.iter().position(|known| known.task == one.task)).collect();
            parts.push((reference, places, part));
        };
        // With an external id of our own even two programs at once write one record.
        match org.usable.parcel("key") {
            Some(key) => {
                add("newParcels", &new, "PATCH", format!("/composite/sobjects/{object}/{}", key.name), bodies(&new));
            }
            None => add("newParcels", &new, "POST", "/composite/sobjects".into(), bodies(&new)),
        }
        add("changedParcels", &changed, "PATCH", "/composite/sobjects".into(), bodies(&changed));
        let rows = patched
            .iter()
            .map(|going| {
                let mut fields = patches.get(&going.order).cloned().unwrap_or_default();
                fields.insert("attributes".into(), json!({ "type": "Opportunity" }));
                fields.insert("Id".into(), json!(going.order));
                Value::Object(fields)
            })
            .collect();
        add("opportunities", &patched, "PATCH", "/composite/sobjects".into(), rows);
        let requests: Vec<Value> = parts.iter().map(|(_, _, part)| part.clone()).collect();
        let body = json!({ "allOrNone": false, "compositeRequest": requests });
        let what = tasks.first().map_or("report the parcels", |task| task.intent.kind().phrase());
        let answer = match self.client.ask(Call::json(http::Method::POST, "/composite", body, priority, what)).await {
            Ok(answer) => answer,
            Err(error) => {
                let verdict = self
                    .noticed::<()>(Err(error))
                    .map_or_else(CallError::into_verdict, |()| Verdict::Done(Receipt::default()));
                for going in going {
                    verdicts[going.task] = Some(verdict.clone());
                }
                return;
            }
        };
        for (reference, list, _) in &parts {
            let part = answer
                .get("compositeResponse")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .find(|part| part.get("referenceId").and_then(Value::as_str) == Some(reference));
            let members: Vec<&Going> = list.iter().filter_map(|place| going.get(*place)).collect();
            let what =
                |going: &Going| format!("Could not {} of {}", tasks[going.task].intent.kind().phrase(), going.name);
            let mut outcomes: Vec<Result<String, CallError>> =
                members.iter().enumerate().map(|(i, going)| self.row_outcome(part, i, &what(going))).collect();
            let (of, by) = match *reference {
                "opportunities" => ("Opportunity", "Id"),
                _ => (object.as_str(), org.usable.parcel("key").map_or("Id", |key| key.name.as_str())),
            };
            let nothing = Map::new();
            let (mut strange, mut places) = (Vec::new(), Vec::new());
            for (place, (going, outcome)) in members.iter().zip(&outcomes).enumerate() {
                let Err(CallError::Value(refusal)) = outcome else { continue };
                let record = going.record.as_ref().map(|record| &record.fields);
                let row = if of == "Opportunity" { patches.get(&going.order) } else { record }.unwrap_or(&nothing);
                let name =
                    if of == "Opportunity" { Some(going.order.as_str()) } else { row.get(by).and_then(Value::as_str) };
                let name = name.unwrap_or_default().to_owned();
                strange.push(Strange { name, what: what(going), row, refusal: refusal.clone() });
                places.push(place);
            }
            if !strange.is_empty() {
                let told = self.lists_in_words(of, by, strange, priority).await;
                for (place, words) in places.into_iter().zip(told) {
                    outcomes[place] = Err(CallError::Value(words));
                }
            }
            for (going, outcome) in members.into_iter().zip(outcomes) {
                if matches!(outcome, Err(CallError::Gone(_))) && !gone.contains(&going.task) {
                    gone.push(going.task);
                }
                let so_far = verdicts[going.task].take();
                verdicts[going.task] = Some(joined(so_far, outcome, going, *reference != "opportunities"));
            }
        }
    }

    /// What became of row `i` of a collection inside a composite answer: the record's id, or why not.
    fn row_outcome(&self, part: Option<&Value>, i: usize, what: &str) -> Result<String, CallError> {
        let lost = || {
            let sentence = format!("{what}. Salesforce answered neither with a result nor with a reason.");
            CallError::Lost(self.refusal(Cause::OutcomeUnknown, &sentence))
        };
        let part = part.ok_or_else(lost)?;
        let body = part.get("body").unwrap_or(&Value::Null);
        let status = part.get("httpStatusCode").and_then(Value::as_i64).unwrap_or(0);
        let row = body.as_array().and_then(|rows| rows.get(i)).filter(|_| (200..300).contains(&status));
        if let Some(row) = row
            && row.get("success") == Some(&Value::Bool(true))
        {
            return Ok(row.get("id").and_then(Value::as_str).unwrap_or_default().to_owned());
        }
        let problem = problems(row.unwrap_or(body)).into_iter().next();
        let Some(problem) = problem.filter(|problem| !problem.code.is_empty()) else { return Err(lost()) };
        if problem.code == "STORAGE_LIMIT_EXCEEDED" {
            self.full_until_ms.store(self.client.door().now_ms() + FULL_MS, Ordering::Relaxed);
        }
        Err(self.noticed::<()>(Err(verdicts::error(self.client.door(), &problem, what))).err().unwrap_or_else(lost))
    }

    /// One of the last tries found no space for a new record.
    fn is_full(&self) -> bool {
        self.full_until_ms.load(Ordering::Relaxed) > self.client.door().now_ms()
    }

    pub(super) fn duplicate_header(&self) -> String {
        format!("allowSave={}; includeRecordDetails=false; runAsCurrentUser=true", self.mapping.allow_duplicates)
    }

    /// Moves an opportunity to the stage chosen for cancelled ones.
    async fn cancel(&self, id: &str, reason: &str, staff_note: &str, priority: Priority) -> Verdict {
        let what = "Could not cancel the opportunity";
        let refuse = |cause: Cause, sentence: String| {
            Verdict::NeedsPerson(self.refusal(cause, &format!("{what}. {sentence}")).about(id))
        };
        let org = match self.org(priority).await {
            Ok(org) => org,
            Err(error) => return error.before_change(),
        };
        let found = match self.noticed(self.read_order(id, priority).await) {
            Ok(Some(found)) => found,
            Ok(None) => return refuse(Cause::ContentRefused, "Salesforce does not show it any more.".into()),
            Err(error) => return error.before_change(),
        };
        let quayside_model::Record::Order(order) = &found.record else {
            return refuse(Cause::NotUnderstood, "It is none.".into());
        };
        let note = Some(NO_MONEY.to_owned());
        let done = |request_id: Option<String>| Receipt {
            remote_id: Some(id.to_owned()),
            request_id,
            note: note.clone(),
            cost: None,
        };
        if order.is_cancelled() {
            return Verdict::AlreadyDone(done(None));
        }
        if order.fulfillments.iter().any(|parcel| parcel.live) {
            return refuse(
                Cause::ContentRefused,
                format!(
                    "A parcel of {} was reported already. Take it back first, or close the opportunity by hand.",
                    order.number
                ),
            );
        }
        if self.mapping.cancel_stage.is_empty() {
            return refuse(Cause::ContentRefused, "No stage is chosen for cancelled opportunities. Choose one in the connection's settings, or close the opportunity as lost in Salesforce.".into());
        }
        let mut fields = Map::new();
        fields.insert("StageName".into(), json!(self.mapping.cancel_stage));
        if let Some(field) = org.usable.writes("cancel_reason_field") {
            let words =
                if staff_note.trim().is_empty() { reason.to_owned() } else { format!("{reason}: {staff_note}") };
            fields.insert(field.name.clone(), json!(super::describe::fitted(field, &words)));
        }
        let path = format!("/sobjects/Opportunity/{id}");
        let body = Value::Object(fields.clone());
        let call = Call::json(http::Method::PATCH, path, body, priority, "cancel the opportunity");
        let answer = match self.noticed(self.client.call(call).await) {
            Ok(answer) => answer,
            Err(CallError::Value(refusal)) => {
                let strange =
                    Strange { name: id.to_owned(), what: what.to_owned(), row: &fields, refusal: refusal.clone() };
                let told = self.lists_in_words("Opportunity", "Id", vec![strange], priority).await;
                return Verdict::NeedsPerson(told.into_iter().next().unwrap_or(refusal));
            }
            Err(error) => return error.into_verdict(),
        };
        // Only the org knows whether the stage counts as lost.
        match self.read_order(id, priority).await {
            Ok(Some(found)) if matches!(&found.record, quayside_model::Record::Order(order) if !order.is_cancelled()) => {
                refuse(
                    Cause::ContentRefused,
                    format!(
                        "The stage \"{}\" does not count as closed and lost in this org. Choose another in the connection's settings.",
                        self.mapping.cancel_stage
                    ),
                )
            }
            Ok(_) => Verdict::Done(done(answer.request_id)),
            Err(error) => Verdict::AnswerLost(error.into_refusal()),
        }
    }
}

fn members(going: &[Going], wanted: impl Fn(&Going) -> bool) -> Vec<&Going> {
    going.iter().filter(|going| wanted(going)).collect()
}

/// The verdict of a change that is written in up to two rows.
fn joined(so_far: Option<Verdict>, row: Result<String, CallError>, going: &Going, is_parcel: bool) -> Verdict {
    match (so_far, row) {
        (None, Ok(id)) => {
            let id = if is_parcel && !id.is_empty() { Some(id) } else { going.id.clone() };
            Verdict::Done(Receipt { remote_id: id, ..Receipt::default() })
        }
        (None | Some(Verdict::Done(_)), Err(error)) => error.into_verdict(),
        // What went wrong first stays; a second try reads again what is missing.
        (Some(verdict), _) => verdict,
    }
}

/// The opportunity a change is about.
pub(super) fn order_of(intent: &Intent) -> Option<&str> {
    match intent {
        Intent::Fulfill { fulfillment } => Some(&fulfillment.order_remote_id),
        Intent::ReplaceTracking { order_remote_id, .. }
        | Intent::CancelFulfillment { order_remote_id, .. }
        | Intent::CancelChannelOrder { order_remote_id, .. } => Some(order_remote_id),
        _ => None,
    }
}
