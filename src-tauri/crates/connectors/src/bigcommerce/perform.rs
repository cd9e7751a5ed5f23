//! Changes in the store: report a parcel, correct its tracking, take it back.
//!
//! BigCommerce has no idempotency key for any of them, and a repeated shipment is a
//! second shipment with a second mail to the buyer. So each is read before it is
//! written: what holds already is not done again, and what is written is built from
//! what was read a moment ago. The shipment comes first and the order's status
//! second, never the other way round: a status mail sent before has no tracking.

use super::BigCommerce;
use super::carriers::{NUMBER_MAX, stored_carrier, tracking_fields};
use super::client::{Api, Call};
use super::gather::id_of;
use super::parts::Part;
use super::shipments::{Group, Plan, Work, fold, plan};
use super::status;
use super::translate::MARKED_AS_SHIPPED;
use super::verdicts::CallError;
use crate::{Priority, Task};
use http::Method;
use quayside_model::{Cause, Fulfillment, FulfillmentDraft, Intent, Receipt, Refusal, Tracking, Verdict};
use serde_json::{Value, json};

impl BigCommerce {
    /// Performs one effect.
    pub(super) async fn perform_one(&self, task: &Task<'_>) -> Verdict {
        match task.intent {
            Intent::Fulfill { fulfillment } => self.fulfill(fulfillment, task.priority).await,
            Intent::ReplaceTracking { order_remote_id, fulfillment_id, tracking, .. } => {
                self.replace_tracking(order_remote_id, fulfillment_id, tracking, task.priority).await
            }
            Intent::CancelFulfillment { order_remote_id, fulfillment_id } => {
                self.cancel_fulfillment(order_remote_id, fulfillment_id, task.priority).await
            }
            Intent::CancelChannelOrder { .. } => self.cancel_order(task).await,
            Intent::Refund { refund } => self.refund(refund, task.first_sent_at_ms, task.priority).await,
            Intent::AnnotateOrder { order_remote_id, fields, note, tags } => {
                self.annotate(order_remote_id, fields, note, tags, task.priority).await
            }
            Intent::ShowHold { order_remote_id, held } => self.show_hold(order_remote_id, *held, task.priority).await,
            Intent::SetStock { .. } => self.set_stock(task).await,
            other => Verdict::NeedsPerson(self.not_ours(other)),
        }
    }

    /// An order as far as shipping goes, read now. `None`: it is not there.
    pub(super) async fn work(&self, order_id: &str, priority: Priority) -> Result<Option<Work>, CallError> {
        let Some(part) = Part::of(order_id) else { return Ok(None) };
        let Some(mut whole) = self.read_whole(part.order, priority).await? else { return Ok(None) };
        if whole.shipments.is_empty() {
            // Before a change the list itself is asked, whatever the order's counts say.
            whole.shipments = self.shipments(part.order, priority).await?;
        }
        Work::read(&whole, part).map(Some).map_err(|why| {
            let sentence = format!("The store's answer about the order could not be read ({why}).");
            CallError::Refused(self.refusal(Cause::Unreadable, &sentence).about(order_id))
        })
    }

    async fn fulfill(&self, draft: &FulfillmentDraft, priority: Priority) -> Verdict {
        let order_id = &draft.order_remote_id;
        let mut work = match self.work(order_id, priority).await {
            Ok(Some(work)) => work,
            Ok(None) => return Verdict::NeedsPerson(self.order_gone(order_id, "report the parcel")),
            Err(error) => return error.before_change(),
        };
        let what = format!("Could not report the parcel of {}", work.id);
        if let Some(number) = draft.tracking.numbers.iter().find(|number| number.trim().chars().count() > NUMBER_MAX) {
            let sentence = format!(
                "{what}. The tracking number is {} characters long, and the store takes {NUMBER_MAX}. Correct it, then retry.",
                number.trim().chars().count()
            );
            return Verdict::NeedsPerson(self.refusal(Cause::ContentRefused, &sentence).about(order_id.clone()));
        }
        match plan(draft, &work) {
            Plan::Refuse { cause, sentence } => {
                Verdict::NeedsPerson(self.refusal(cause, &format!("{what}. {sentence}")).about(order_id.clone()))
            }
            Plan::Already { shipment_ids, note } => {
                if let Err(verdict) = self.settle_status(&work, priority).await {
                    return verdict;
                }
                Verdict::AlreadyDone(Receipt {
                    remote_id: shipment_ids.into_iter().next(),
                    request_id: None,
                    note,
                    cost: None,
                })
            }
            Plan::Send(groups) => {
                let several = groups.len();
                let (mut made, mut request_id) = (Vec::new(), None);
                for group in groups {
                    match self.send_shipment(&work, &group, &draft.tracking, priority).await {
                        Ok((shipment, id)) => {
                            request_id = id;
                            made.push(shipment.remote_id.clone());
                            work.shipments.push(shipment);
                        }
                        Err(error) => return self.shipment_verdict(error, &what, order_id),
                    }
                }
                if let Err(verdict) = self.settle_status(&work, priority).await {
                    return verdict;
                }
                let note = (several > 1).then(|| format!("reported as {several} shipments, one per address"));
                Verdict::Done(Receipt { remote_id: made.into_iter().next(), request_id, note, cost: None })
            }
        }
    }

    async fn send_shipment(
        &self,
        work: &Work,
        group: &Group,
        tracking: &Tracking,
        priority: Priority,
    ) -> Result<(Fulfillment, Option<String>), CallError> {
        let mut body = tracking_fields(tracking);
        body.insert("order_address_id".into(), json!(group.address));
        let items = group.units.iter().map(|(line, units)| {
            // `order_product_id` is the line's own id.
            json!({ "order_product_id": line.parse::<i64>().unwrap_or_default(), "quantity": units })
        });
        body.insert("items".into(), items.collect());
        let path = format!("/orders/{}/shipments", work.id);
        let call = Call::write(Api::V2, Method::POST, path, Some(Value::Object(body)), priority);
        let reply = self.client.send(call, "report the parcel").await?;
        let id = id_of(&reply.json, "id").ok_or_else(|| {
            // Perhaps it was made: looked up by its number before anything else.
            CallError::Lost(
                self.refusal(Cause::NotUnderstood, "The store answered neither with a shipment nor with a reason.")
                    .request(reply.request_id.clone()),
            )
        })?;
        let lines = group
            .units
            .iter()
            .map(|(line, units)| quayside_model::FulfillmentLine { order_line_id: line.clone(), quantity: *units });
        let shipment = Fulfillment {
            remote_id: id.to_string(),
            live: true,
            status: "shipped".into(),
            created_at_ms: self.their_now_ms(),
            delivered_at_ms: None,
            tracking_numbers: tracking.numbers.clone(),
            carrier: String::new(),
            lines: lines.collect(),
        };
        Ok((shipment, reply.request_id))
    }

    /// A refused shipment in our words: the platform's own says little.
    fn shipment_verdict(&self, error: CallError, what: &str, order_id: &str) -> Verdict {
        match error {
            CallError::Refused(mut refusal) | CallError::Gone(mut refusal)
                if matches!(refusal.cause, Cause::ContentRefused) =>
            {
                refusal.cause = Cause::FulfillmentRefused;
                refusal.sentence = self
                    .refusal(
                        Cause::FulfillmentRefused,
                        &format!("{what}. The store does not accept the shipment: lines were shipped, refunded or removed meanwhile, or a field is not to its liking. Look at the order in BigCommerce, then retry or skip."),
                    )
                    .sentence;
                Verdict::NeedsPerson(refusal.about(order_id))
            }
            other => other.into_verdict(),
        }
    }

    /// Moves the order on to "shipped" or "partially shipped", unless the store did so itself or a person decided
    /// otherwise. The shipment is there already: whatever goes wrong here is tried again without a second one.
    async fn settle_status(&self, work: &Work, priority: Priority) -> Result<(), Verdict> {
        let path = format!("/orders/{}", work.id);
        let call = Call::get(Api::V2, path.clone(), priority);
        let reply = self.client.send(call, "look at the order's status").await.map_err(CallError::before_change)?;
        let now = id_of(&reply.json, "status_id").unwrap_or(work.status_id);
        // Somebody said that all has left, and the store took the shipment of a part for news: what was said stays.
        let undone = work.status_id == status::SHIPPED && now == status::PARTLY_SHIPPED;
        let wanted = status::after_shipment(now, undone || work.everything_left());
        let Some(wanted) = wanted else { return Ok(()) };
        self.set_status(work.id, wanted, priority).await.map_err(|error| match error {
            // Setting it twice is setting it once.
            CallError::Lost(refusal) => Verdict::RetryLater(refusal),
            other => other.into_verdict(),
        })
    }

    /// One field and nothing else: any other field of an order may recalculate its totals.
    pub(super) async fn set_status(&self, id: i64, status_id: i64, priority: Priority) -> Result<(), CallError> {
        let body = json!({ "status_id": status_id });
        let call = Call::write(Api::V2, Method::PUT, format!("/orders/{id}"), Some(body), priority);
        let name = status::status(status_id).name;
        self.client.send(call, &format!("set the order's status to \"{name}\"")).await.map(drop)
    }

    async fn replace_tracking(&self, order_id: &str, id: &str, tracking: &Tracking, priority: Priority) -> Verdict {
        let work = match self.work(order_id, priority).await {
            Ok(Some(work)) => work,
            Ok(None) => return Verdict::NeedsPerson(self.order_gone(order_id, "correct the tracking")),
            Err(error) => return error.before_change(),
        };
        let what = format!("Could not correct the tracking of {}", work.id);
        if tracking.numbers.iter().all(|number| number.trim().is_empty()) && tracking.urls.is_empty() {
            let sentence = format!("{what}. The new tracking is empty.");
            return Verdict::NeedsPerson(self.refusal(Cause::ContentRefused, &sentence).about(id));
        }
        if id == MARKED_AS_SHIPPED {
            return self.report_marked(order_id, &work, tracking, priority).await;
        }
        let Some(shipment) = work.shipment(id) else {
            let sentence =
                format!("{what}. The shipment was deleted in the store. Report the parcel anew, or skip this.");
            return Verdict::NeedsPerson(self.refusal(Cause::FulfillmentRefused, &sentence).about(id));
        };
        let receipt = Receipt { remote_id: Some(id.to_owned()), ..Receipt::default() };
        if shows(shipment, tracking) {
            return Verdict::AlreadyDone(receipt);
        }
        let mut body = tracking_fields(tracking);
        // What the old tracking left behind must not stay beside the new one.
        body.entry("comments").or_insert_with(|| json!(""));
        if work.links.get(id).is_some_and(|link| !link.is_empty()) {
            body.entry("tracking_link").or_insert_with(|| json!(""));
        }
        let path = format!("/orders/{}/shipments/{id}", work.id);
        let call = Call::write(Api::V2, Method::PUT, path, Some(Value::Object(body)), priority);
        match self.client.send(call, "correct the tracking").await {
            Ok(reply) => Verdict::Done(Receipt { request_id: reply.request_id, ..receipt }),
            Err(error) => error.into_verdict(),
        }
    }

    /// What a person marked as gone gets the shipment it lacks.
    async fn report_marked(&self, order_id: &str, work: &Work, tracking: &Tracking, priority: Priority) -> Verdict {
        let units = work.unreported();
        let lines = units
            .into_iter()
            .map(|(order_line_id, quantity)| quayside_model::FulfillmentLine { order_line_id, quantity });
        let draft = FulfillmentDraft {
            order_remote_id: order_id.to_owned(),
            parcel_ids: Vec::new(),
            lines: lines.collect(),
            tracking: tracking.clone(),
            notify_customer: false,
            shipped_at_ms: None,
            known_fulfillment_ids: work.shipments.iter().map(|shipment| shipment.remote_id.clone()).collect(),
            expected: None,
        };
        if draft.lines.is_empty() && work.shipments.iter().any(|shipment| shows(shipment, tracking)) {
            return Verdict::AlreadyDone(Receipt::default());
        }
        self.fulfill(&draft, priority).await
    }

    /// Takes a shipment back: deletes it, and puts the status back, which the platform leaves as it was.
    async fn cancel_fulfillment(&self, order_id: &str, id: &str, priority: Priority) -> Verdict {
        let mut work = match self.work(order_id, priority).await {
            Ok(Some(work)) => work,
            Ok(None) => return Verdict::NeedsPerson(self.order_gone(order_id, "take back the fulfillment")),
            Err(error) => return error.before_change(),
        };
        if id == MARKED_AS_SHIPPED {
            let sentence = format!(
                "Could not take back the fulfillment of {}. It was marked as shipped by hand in the store, without a shipment. Change its status in BigCommerce, then skip this.",
                work.id
            );
            return Verdict::NeedsPerson(self.refusal(Cause::FulfillmentRefused, &sentence).about(id));
        }
        let was_there = work.shipment(id).is_some();
        if was_there {
            let path = format!("/orders/{}/shipments/{id}", work.id);
            let call = Call::write(Api::V2, Method::DELETE, path, None, priority);
            match self.client.send(call, "take back the shipment").await {
                Ok(_) | Err(CallError::Gone(_)) => {}
                Err(error) => return error.into_verdict(),
            }
            work.shipments.retain(|shipment| shipment.remote_id != id);
        }
        if let Some(wanted) = status::after_taking_back(work.status_id, !work.shipments.is_empty())
            && let Err(error) = self.set_status(work.id, wanted, priority).await
        {
            return match error {
                CallError::Lost(refusal) => Verdict::RetryLater(refusal),
                other => other.into_verdict(),
            };
        }
        let receipt = Receipt { remote_id: Some(id.to_owned()), ..Receipt::default() };
        if was_there { Verdict::Done(receipt) } else { Verdict::AlreadyDone(receipt) }
    }

    /// A failure of this store, named.
    pub(super) fn refusal(&self, cause: Cause, what: &str) -> Refusal {
        self.client.door().refusal(cause, what)
    }

    pub(super) fn order_gone(&self, order_id: &str, verb: &str) -> Refusal {
        let number = Part::of(order_id).map_or_else(|| order_id.to_owned(), |part| part.order.to_string());
        let sentence =
            format!("Could not {verb}. The store does not have order {number} any more: it was deleted for good.");
        self.refusal(Cause::FulfillmentRefused, &sentence).about(order_id)
    }

    /// Something this connector never said it could do.
    pub(super) fn not_ours(&self, intent: &Intent) -> Refusal {
        let sentence =
            format!("BigCommerce cannot {}. This is a fault of Quayside; please report it.", intent.kind().phrase());
        self.refusal(Cause::NotUnderstood, &sentence)
    }
}

/// The shipment already shows this tracking.
pub(super) fn shows(shipment: &Fulfillment, tracking: &Tracking) -> bool {
    let sorted = |numbers: &[String]| {
        let mut numbers: Vec<String> = numbers.iter().map(|n| fold(n)).filter(|n| !n.is_empty()).collect();
        numbers.sort();
        numbers
    };
    sorted(&shipment.tracking_numbers) == sorted(&tracking.numbers)
        && stored_carrier(tracking).is_none_or(|carrier| carrier.eq_ignore_ascii_case(&shipment.carrier))
}
