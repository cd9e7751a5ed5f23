//! Orders into V1: up to a hundred per call, each with its own verdict.
//!
//! New orders cost no read at all: the key makes them unique, however often they
//! are sent. An update is read first, because V1 replaces the whole order and the
//! warehouse's work is in it; an order that is already locked is then never sent.
//!
//! One malformed order makes V1 refuse the whole batch. The batch is then sent
//! again without the orders V1 named, or in halves where it named none, so that
//! ninety-nine do not wait for one.

use super::client::{Api, Call, Reply};
use super::compose::{self, Beside};
use super::hub::{Found, Hub};
use super::perform::{before_write, locked, notes, receipt};
use super::verdicts::{self, Means};
use super::wire_v1::{BulkAnswerV1, OrderV1, ResultV1};
use super::{confirm, wire};
use super::{ids, pacific};
use crate::{Priority, Task};
use quayside_model::{Cause, HubOrderDraft, Intent, Refusal, Verdict};
use serde_json::{Value, json};

/// Most orders per call.
pub(super) const BATCH_MAX: usize = 100;

/// An order ready to be sent.
struct Ready<'a> {
    /// Its place among the tasks.
    at: usize,
    draft: &'a HubOrderDraft,
    /// The key it is sent under.
    key: String,
    body: Value,
    note: Option<String>,
    /// Restored after writing: the day of a hold that was there.
    hold_day: Option<String>,
    /// Taken off after writing.
    untag: Vec<i64>,
    priority: Priority,
}

impl Ready<'_> {
    fn what(&self) -> String {
        what(self.draft)
    }
}

/// Begins sentences about an order.
pub(super) fn what(draft: &HubOrderDraft) -> String {
    format!("Order {} could not be sent", draft.number)
}

/// Sends orders; one verdict per task, in the same order.
pub(super) async fn put(hub: &Hub, tasks: &[Task<'_>]) -> Vec<Verdict> {
    let mut verdicts: Vec<Option<Verdict>> = vec![None; tasks.len()];
    let mut ready = Vec::new();
    for (at, task) in tasks.iter().enumerate() {
        match prepare(hub, at, task).await {
            Ok(order) => ready.push(order),
            Err(verdict) => verdicts[at] = Some(verdict),
        }
    }
    let mut batches: Vec<Vec<Ready<'_>>> = Vec::new();
    while !ready.is_empty() {
        let rest = ready.split_off(ready.len().min(BATCH_MAX));
        batches.push(std::mem::replace(&mut ready, rest));
    }
    // Last in, first out, so that the parts of a split batch follow it at once; reversed to begin with the first.
    batches.reverse();
    while let Some(batch) = batches.pop() {
        for (at, verdict) in send(hub, batch, &mut batches).await {
            verdicts[at] = Some(verdict);
        }
    }
    let lost = |at: usize| {
        tracing::error!(task = at, "an order of a batch got no verdict");
        Verdict::AnswerLost(hub.speaker.refusal(
            Cause::OutcomeUnknown,
            "An order of a batch got no answer of its own. It is looked up before anything is sent again.",
        ))
    };
    verdicts.into_iter().enumerate().map(|(at, verdict)| verdict.unwrap_or_else(|| lost(at))).collect()
}

/// Everything that happens before the order is written. Changes nothing but the account's list of tags.
async fn prepare<'a>(hub: &Hub, at: usize, task: &Task<'a>) -> Result<Ready<'a>, Verdict> {
    let Intent::PutHubOrder { order: draft, hub_order_id } = task.intent else {
        return Err(Verdict::NeedsPerson(
            hub.speaker.refusal(Cause::NotUnderstood, "Only orders travel in this batch."),
        ));
    };
    let what = what(draft);
    if let Some((cause, why)) = compose::refusal_before_sending(draft) {
        return Err(Verdict::NeedsPerson(hub.speaker.refusal(cause, &format!("{what}: {why}")).about(about(cause))));
    }
    let found = match hub_order_id {
        None => None,
        Some(id) => Some(hub.order(Api::V1, id, task.priority).await.map_err(|error| before_write(hub, error, &what))?),
    };
    if let Some(found) = &found {
        if found.order.external {
            return Err(Verdict::NeedsPerson(verdicts::locked(
                &hub.speaker,
                &what,
                "handed to another service that ships it",
                None,
            )));
        }
        if !found.order.status.is_open() {
            return Err(locked(hub, found, &what, task.priority).await);
        }
        // Sending the whole order would pack lines twice that went to another part.
        let same_lines =
            confirm::expected(hub, draft, found).is_some_and(|wanted| confirm::same_lines(&wanted, &found.order));
        if was_split_or_merged(&found.raw) && !same_lines {
            return Err(Verdict::NeedsPerson(split_or_merged(hub, &what)));
        }
    }
    let (tag_ids, unknown_tags) = hub
        .tag_ids_made(&draft.tags, task.priority)
        .await
        .map_err(super::client::Failure::into_verdict_before_write)?;
    let existing = found.as_ref().and_then(|found| found.raw.as_object());
    let beside = Beside {
        existing,
        tag_ids: &tag_ids,
        unknown_tags: &unknown_tags,
        store_id: hub.store_id.as_deref().and_then(ids::to_v1),
    };
    let composed = compose::order_v1(draft, &beside);
    let hold_day = existing
        .and_then(|existing| compose::keeps_hold(draft, existing))
        .and_then(|day| Some(pacific::parse_day(day.as_str()?.get(..10)?)?.format("%Y-%m-%d").to_string()));
    let untag = if hub.removes_tags { surplus_tags(found.as_ref(), &tag_ids) } else { Vec::new() };
    let key = composed.body.get("orderKey").and_then(Value::as_str).unwrap_or(&draft.key).to_owned();
    let tags_note = (!unknown_tags.is_empty()).then(|| {
        format!(
            "not known in ShipStation and written into the notes for the team: {}. Make such tags there once, or add a V2 key, which can",
            unknown_tags.iter().map(|tag| format!("tag \"{tag}\"")).collect::<Vec<_>>().join(", ")
        )
    });
    let note = notes([composed.note, tags_note]);
    Ok(Ready { at, draft, key, body: composed.body, note, hold_day, untag, priority: task.priority })
}

/// The warehouse divided the order, or put others into it.
pub(super) fn was_split_or_merged(raw: &Value) -> bool {
    raw["advancedOptions"]["mergedOrSplit"].as_bool() == Some(true)
}

/// Why such an order is not written any more.
pub(super) fn split_or_merged(hub: &Hub, what: &str) -> Refusal {
    let why = "it was split or merged in ShipStation, and sending it whole would pack lines twice. Change it there.";
    hub.speaker.refusal(Cause::HubLocked, &format!("{what}: {why}"))
}

/// What an entry about a refused draft is grouped by.
pub(super) fn about(cause: Cause) -> &'static str {
    if cause == Cause::AddressRefused { "shipTo" } else { "order" }
}

fn surplus_tags(found: Option<&Found>, wanted: &[i64]) -> Vec<i64> {
    let tags =
        found.and_then(|found| wire::record::<OrderV1>(&found.raw).ok()).map(|order| order.tag_ids).unwrap_or_default();
    tags.iter().filter_map(|tag| ids::to_v1(tag)).filter(|tag| !wanted.contains(tag)).collect()
}

/// One call. Orders that must travel again are pushed to `again`.
async fn send<'a>(hub: &Hub, mut batch: Vec<Ready<'a>>, again: &mut Vec<Vec<Ready<'a>>>) -> Vec<(usize, Verdict)> {
    // The most urgent order speaks for the call.
    let Some(priority) = batch.iter().map(|order| order.priority).min() else { return Vec::new() };
    let body = Value::Array(batch.iter_mut().map(|order| order.body.clone()).collect());
    let reply = match hub.client.call(Call::post(Api::V1, "/orders/createorders", body, priority)).await {
        Ok(reply) => reply,
        Err(failure) => {
            return batch
                .into_iter()
                .map(|order| (order.at, lost_noted(hub, &order, failure.clone().into_verdict())))
                .collect();
        }
    };
    if reply.is_success() {
        return match reply
            .json
            .as_ref()
            .and_then(|json| wire::record::<BulkAnswerV1>(json).ok())
            .filter(|bulk| !bulk.results.is_empty())
        {
            Some(bulk) => settle(hub, batch, &bulk.results, &reply).await,
            None => same_for_all(hub, batch, &reply),
        };
    }
    if batch.len() > 1 && matches!(verdicts::means(&reply), Means::Refused | Means::Locked | Means::Taken) {
        return split(hub, batch, &reply, again);
    }
    same_for_all(hub, batch, &reply)
}

fn same_for_all(hub: &Hub, batch: Vec<Ready<'_>>, reply: &Reply) -> Vec<(usize, Verdict)> {
    batch
        .into_iter()
        .map(|order| (order.at, lost_noted(hub, &order, verdicts::write_verdict(&hub.speaker, reply, &order.what()))))
        .collect()
}

/// Remembers lost answers, so that a list read earlier is not taken for proof.
fn lost_noted(hub: &Hub, order: &Ready<'_>, verdict: Verdict) -> Verdict {
    if matches!(verdict, Verdict::AnswerLost(_)) {
        hub.note_lost(&order.key);
    }
    verdict
}

/// A refused batch changed nothing: the named orders get their verdict, the others go again.
fn split<'a>(
    hub: &Hub,
    batch: Vec<Ready<'a>>,
    reply: &Reply,
    again: &mut Vec<Vec<Ready<'a>>>,
) -> Vec<(usize, Verdict)> {
    let fields_of = |place: usize| -> Vec<(String, String)> {
        reply.said.fields.iter().filter(|(path, _)| verdicts::index_in_batch(path) == Some(place)).cloned().collect()
    };
    let (mut settled, mut rest) = (Vec::new(), Vec::new());
    for (place, order) in batch.into_iter().enumerate() {
        let fields = fields_of(place);
        if fields.is_empty() {
            rest.push(order);
            continue;
        }
        let message = fields.iter().map(|(_, message)| message.as_str()).collect::<Vec<_>>().join(" ");
        let refusal = verdicts::content_refused(&hub.speaker, &message, &fields, &order.what())
            .request(reply.request_id())
            .status(reply.status);
        settled.push((order.at, Verdict::NeedsPerson(refusal)));
    }
    if settled.is_empty() {
        let second = rest.split_off(rest.len() / 2);
        again.push(second);
    }
    if !rest.is_empty() {
        again.push(rest);
    }
    settled
}

/// Results are matched by key, never by position; what none is about stays open.
async fn settle(hub: &Hub, batch: Vec<Ready<'_>>, results: &[ResultV1], reply: &Reply) -> Vec<(usize, Verdict)> {
    let alone = batch.len() == 1 && results.len() == 1;
    let mut verdicts = Vec::with_capacity(batch.len());
    for order in batch {
        let by_key = results.iter().find(|result| result.order_key.as_deref() == Some(order.key.as_str()));
        // A refused order sometimes comes back without its key. Its number will do, if only one has it.
        let by_number = || {
            let mut same = results.iter().filter(|result| {
                result.order_key.is_none() && result.order_number.as_deref() == Some(order.draft.number.as_str())
            });
            same.next().filter(|_| same.next().is_none())
        };
        let result =
            by_key.or_else(by_number).or_else(|| results.first().filter(|result| alone && result.order_key.is_none()));
        let verdict = match result {
            Some(result) if result.success => {
                let trouble = follow_up(hub, &order, result).await;
                Verdict::Done(receipt(Some(reply), result.order_id.as_deref(), notes([order.note.clone(), trouble])))
            }
            Some(result) => Verdict::NeedsPerson(item_refusal(hub, result, &order.what()).request(reply.request_id())),
            None => verdicts::write_verdict(&hub.speaker, reply, &order.what()),
        };
        verdicts.push((order.at, lost_noted(hub, &order, verdict)));
    }
    verdicts
}

/// What writing alone cannot do: put a hold's day back, take tags off. The order
/// itself is written by now, so what fails here is told, not repeated.
async fn follow_up(hub: &Hub, order: &Ready<'_>, result: &ResultV1) -> Option<String> {
    let id = result.order_id.as_deref().and_then(ids::to_v1)?;
    let mut troubles = Vec::new();
    if let Some(day) = &order.hold_day {
        let call =
            Call::post(Api::V1, "/orders/holduntil", json!({"orderId": id, "holdUntilDate": day}), order.priority);
        if !matches!(hub.client.call(call).await, Ok(reply) if reply.is_success()) {
            troubles.push(format!("the hold until {day} may have lost its day"));
        }
    }
    for tag in &order.untag {
        let call = Call::post(Api::V1, "/orders/removetag", json!({"orderId": id, "tagId": tag}), order.priority);
        if !matches!(hub.client.call(call).await, Ok(reply) if reply.is_success()) {
            troubles.push(format!("tag {tag} could not be taken off"));
        }
    }
    notes(troubles.into_iter().map(Some))
}

/// Why one order of a batch was refused.
pub(super) fn item_refusal(hub: &Hub, result: &ResultV1, what: &str) -> Refusal {
    let message = hub.client.quotable(&result.error_message);
    if verdicts::sounds_locked(&message) {
        return verdicts::locked(&hub.speaker, what, "shipped or cancelled", None).said(message);
    }
    if message.trim().is_empty() {
        return hub.speaker.refusal(
            Cause::NotUnderstood,
            &format!("{what}: ShipStation refused it without a reason. Look at the order there, then retry or skip."),
        );
    }
    verdicts::content_refused(&hub.speaker, &message, &[], what)
}

/// The one result of a batch of one, if the answer is a success and has it.
pub(super) fn single_result(reply: &Reply) -> Option<ResultV1> {
    let json = reply.json.as_ref().filter(|_| reply.is_success())?;
    wire::record::<BulkAnswerV1>(json).ok()?.results.into_iter().next()
}
