//! Changes in the store: report a parcel, correct its tracking, take it back, cancel an order.
//!
//! Shopify has no idempotency key for any of them (for counts and refunds it has: `stock.rs`, `refunds.rs`).
//! So each is read before it is written: what holds already is not done again, and
//! what is written is built from what was read a moment ago.

use super::Shopify;
use super::allocate::{Group, Plan, Work, plan};
use super::annotate::Marks;
use super::assemble::finish;
use super::carriers::{company, tracking_input};
use super::client::Errand;
use super::documents::Document;
use super::return_answers::Answer;
use super::verdicts::{CallError, UserMeaning, by_cancel_errors, by_fulfillment_errors, user_errors};
use crate::{Priority, Task};
use quayside_model::{Cause, FulfillmentDraft, Intent, Receipt, Refusal, Tracking, Verdict};
use serde_json::{Value, json};

/// Longest note for the team Shopify takes, characters.
const STAFF_NOTE_MAX: usize = 255;

impl Shopify {
    /// Performs one effect.
    pub(super) async fn perform_one(&self, task: &Task<'_>) -> Verdict {
        match task.intent {
            Intent::Fulfill { fulfillment } => self.fulfill(fulfillment, task.priority).await,
            Intent::ReplaceTracking { order_remote_id, fulfillment_id, tracking, notify_customer } => {
                self.replace_tracking(order_remote_id, fulfillment_id, tracking, *notify_customer, task.priority).await
            }
            Intent::CancelFulfillment { order_remote_id, fulfillment_id } => {
                self.cancel_fulfillment(order_remote_id, fulfillment_id, task.priority).await
            }
            Intent::CancelChannelOrder { .. } => self.cancel_order(task).await,
            Intent::Refund { refund } => self.refund(task, refund).await,
            Intent::AnnotateOrder { order_remote_id, fields, note, tags } => {
                self.annotate(order_remote_id, &Marks { fields, note, tags }, task.priority).await
            }
            Intent::AnswerReturn { return_id, decline, note, notify_customer, .. } => {
                let answer = Answer { decline: *decline, note, notify: *notify_customer };
                self.answer_return(return_id, &answer, task.priority).await
            }
            Intent::SetStock { stock } => self.set_stock(task, stock).await,
            other => Verdict::NeedsPerson(self.refusal(
                Cause::NotUnderstood,
                &format!("A store cannot {}. This is a fault of Quayside; please report it.", other.kind().phrase()),
            )),
        }
    }

    /// What is left to ship of an order, whole. `None`: Shopify does not show the order.
    pub(super) async fn work(&self, order_id: &str, errand: &mut Errand) -> Result<Option<Work>, CallError> {
        let data =
            self.client.call(Document::OrderWork, json!({ "id": order_id }), 1, errand, "look at the order").await?;
        let Some(mut order) = data.data.get("order").filter(|order| order.is_object()).cloned() else {
            return Ok(None);
        };
        self.complete(order_id, &mut order, errand).await?;
        finish(&mut order);
        Work::read(&order).map(Some).map_err(|why| {
            CallError::Refused(
                self.refusal(
                    Cause::Unreadable,
                    &format!("The store's answer about the order could not be read ({why})."),
                )
                .about(order_id),
            )
        })
    }

    async fn fulfill(&self, draft: &FulfillmentDraft, priority: Priority) -> Verdict {
        let mut errand = Errand::new(priority);
        let work = match self.work(&draft.order_remote_id, &mut errand).await {
            Ok(Some(work)) => work,
            Ok(None) => return Verdict::NeedsPerson(self.order_gone(&draft.order_remote_id, "report the parcel")),
            Err(error) => return error.before_change(),
        };
        let what = format!("Could not report the parcel of {}", work.name);
        match plan(draft, &work, self.client.door().now_ms()) {
            Plan::Already { fulfillment_ids, note } => Verdict::AlreadyDone(Receipt {
                remote_id: fulfillment_ids.into_iter().next(),
                request_id: None,
                note,
                cost: None,
            }),
            Plan::Wait { at_ms, why } => Verdict::WaitUntil { at_ms, why },
            Plan::Refuse { cause, sentence } => Verdict::NeedsPerson(
                self.refusal(cause, &format!("{what}. {sentence}")).about(draft.order_remote_id.clone()),
            ),
            Plan::Send { groups, begun } => self.send_groups(draft, &groups, begun, &what, errand).await,
        }
    }

    /// One call per location, in sequence. What was sent before a failure stays; the next try finds it by its tracking number.
    async fn send_groups(
        &self,
        draft: &FulfillmentDraft,
        groups: &[Group],
        begun: bool,
        what: &str,
        mut errand: Errand,
    ) -> Verdict {
        let mut made: Vec<String> = Vec::new();
        let mut request_id = None;
        for (i, group) in groups.iter().enumerate() {
            // The buyer is told once per parcel, not once per location.
            let notify = draft.notify_customer && i == 0 && !begun;
            let what = if groups.len() > 1 {
                format!("{what} (part {} of {}, {})", i + 1, groups.len(), group.location)
            } else {
                what.to_owned()
            };
            let variables = json!({ "f": fulfillment_input(group, &draft.tracking, notify), "msg": null });
            let data = match self
                .client
                .call(Document::CreateFulfillment, variables, 1, &mut errand, "report the parcel")
                .await
            {
                Ok(data) => data,
                Err(error) => return error.into_verdict(),
            };
            let payload = data.data.get("fulfillmentCreate").cloned().unwrap_or_default();
            let id = payload.pointer("/fulfillment/id").and_then(Value::as_str);
            let errors = user_errors(&payload, "userErrors");
            match (id, errors.is_empty()) {
                (Some(id), _) => {
                    made.push(id.to_owned());
                    request_id = data.request_id;
                }
                (None, false) => {
                    let (meaning, refusal) = by_fulfillment_errors(self.client.door(), &errors, data.request_id, &what);
                    let refusal = refusal.about(draft.order_remote_id.clone());
                    return match meaning {
                        // The next try reads again, and allocates anew.
                        UserMeaning::Stale | UserMeaning::Already => Verdict::RetryLater(refusal),
                        UserMeaning::Unknown => Verdict::AnswerLost(refusal),
                        UserMeaning::Person => Verdict::NeedsPerson(refusal),
                    };
                }
                (None, true) => return Verdict::AnswerLost(self.empty_answer(&what, data.request_id)),
            }
        }
        let note = (made.len() > 1).then(|| format!("reported in {} parts, one per location", made.len()));
        Verdict::Done(Receipt { remote_id: made.into_iter().next(), request_id, note, cost: None })
    }

    async fn replace_tracking(
        &self,
        order_id: &str,
        id: &str,
        tracking: &Tracking,
        notify: bool,
        priority: Priority,
    ) -> Verdict {
        let mut errand = Errand::new(priority);
        let work = match self.work(order_id, &mut errand).await {
            Ok(Some(work)) => work,
            Ok(None) => return Verdict::NeedsPerson(self.order_gone(order_id, "correct the tracking")),
            Err(error) => return error.before_change(),
        };
        let what = format!("Could not correct the tracking of {}", work.name);
        let Some(fulfillment) = work.fulfillment(id).filter(|fulfillment| fulfillment.live) else {
            let sentence =
                format!("{what}. The fulfillment was taken back in the store. Report the parcel anew, or skip this.");
            return Verdict::NeedsPerson(self.refusal(Cause::FulfillmentRefused, &sentence).about(id));
        };
        if shows(fulfillment, tracking) {
            return Verdict::AlreadyDone(Receipt { remote_id: Some(id.to_owned()), ..Receipt::default() });
        }
        let Some(input) = tracking_input(tracking) else {
            let sentence = format!("{what}. The new tracking is empty.");
            return Verdict::NeedsPerson(self.refusal(Cause::ContentRefused, &sentence).about(id));
        };
        let variables = json!({ "id": id, "t": input, "notify": notify });
        let call = self.client.call(Document::SetTracking, variables, 1, &mut errand, "correct the tracking").await;
        self.fulfillment_verdict(call, "fulfillmentTrackingInfoUpdate", id, &what)
    }

    async fn cancel_fulfillment(&self, order_id: &str, id: &str, priority: Priority) -> Verdict {
        let mut errand = Errand::new(priority);
        let work = match self.work(order_id, &mut errand).await {
            Ok(Some(work)) => work,
            Ok(None) => return Verdict::NeedsPerson(self.order_gone(order_id, "take back the fulfillment")),
            Err(error) => return error.before_change(),
        };
        let what = format!("Could not take back the fulfillment of {}", work.name);
        match work.fulfillment(id) {
            None => {
                let sentence = format!(
                    "{what}. The store does not show it any more. Look at the order in Shopify, then skip this."
                );
                Verdict::NeedsPerson(self.refusal(Cause::FulfillmentRefused, &sentence).about(id))
            }
            Some(fulfillment) if !fulfillment.live => {
                Verdict::AlreadyDone(Receipt { remote_id: Some(id.to_owned()), ..Receipt::default() })
            }
            Some(_) => {
                let call = self
                    .client
                    .call(Document::CancelFulfillment, json!({ "id": id }), 1, &mut errand, "take back the fulfillment")
                    .await;
                self.fulfillment_verdict(call, "fulfillmentCancel", id, &what)
            }
        }
    }

    fn fulfillment_verdict(
        &self,
        call: Result<super::client::Data, CallError>,
        field: &str,
        id: &str,
        what: &str,
    ) -> Verdict {
        let data = match call {
            Ok(data) => data,
            Err(error) => return error.into_verdict(),
        };
        let payload = data.data.get(field).cloned().unwrap_or_default();
        let errors = user_errors(&payload, "userErrors");
        let receipt =
            Receipt { remote_id: Some(id.to_owned()), request_id: data.request_id.clone(), note: None, cost: None };
        if !errors.is_empty() {
            let (meaning, refusal) = by_fulfillment_errors(self.client.door(), &errors, data.request_id, what);
            return match meaning {
                // "Already cancelled" is what was wanted only of a cancellation.
                UserMeaning::Already if field == "fulfillmentCancel" => Verdict::AlreadyDone(receipt),
                UserMeaning::Unknown => Verdict::AnswerLost(refusal),
                UserMeaning::Already | UserMeaning::Stale | UserMeaning::Person => {
                    Verdict::NeedsPerson(refusal.about(id))
                }
            };
        }
        if payload.get("fulfillment").is_some_and(Value::is_object) {
            Verdict::Done(receipt)
        } else {
            Verdict::AnswerLost(self.empty_answer(what, receipt.request_id))
        }
    }

    /// Cancels an order. Shopify does it in the background: "accepted" is not "cancelled". Until the order
    /// itself says so the answer counts as lost, and [`Shopify::confirm_one`] looks it up.
    async fn cancel_order(&self, task: &Task<'_>) -> Verdict {
        let Intent::CancelChannelOrder { order_remote_id: id, reason, restock, refund, notify_customer, staff_note } =
            task.intent
        else {
            return Verdict::NeedsPerson(self.refusal(Cause::NotUnderstood, "This is not a cancellation."));
        };
        let mut errand = Errand::new(task.priority);
        let work = match self.work(id, &mut errand).await {
            Ok(Some(work)) => work,
            Ok(None) => return Verdict::NeedsPerson(self.order_gone(id, "cancel the order")),
            Err(error) => return error.before_change(),
        };
        if work.cancelled_at_ms.is_some() {
            return Verdict::AlreadyDone(Receipt { remote_id: Some(id.clone()), ..Receipt::default() });
        }
        let what = format!("Could not cancel {}", work.name);
        let note: String = staff_note.chars().take(STAFF_NOTE_MAX).collect();
        let variables = json!({
            "id": id,
            "reason": cancel_reason(reason),
            "restock": restock,
            "refund": { "originalPaymentMethodsRefund": refund },
            "notify": notify_customer,
            "note": if note.is_empty() { Value::Null } else { json!(note) },
        });
        let data = match self.client.call(Document::CancelOrder, variables, 1, &mut errand, "cancel the order").await {
            Ok(data) => data,
            Err(error) => return error.into_verdict(),
        };
        let payload = data.data.get("orderCancel").cloned().unwrap_or_default();
        let errors = user_errors(&payload, "orderCancelUserErrors");
        if !errors.is_empty() {
            let (meaning, refusal) = by_cancel_errors(self.client.door(), &errors, data.request_id, &what);
            let refusal = refusal.about(id.clone());
            return match meaning {
                UserMeaning::Unknown => Verdict::AnswerLost(refusal),
                UserMeaning::Already => {
                    Verdict::AlreadyDone(Receipt { remote_id: Some(id.clone()), ..Receipt::default() })
                }
                UserMeaning::Stale | UserMeaning::Person => Verdict::NeedsPerson(refusal),
            };
        }
        let Some(job) = payload.pointer("/job/id").and_then(Value::as_str) else {
            return Verdict::AnswerLost(self.empty_answer(&what, data.request_id));
        };
        self.jobs().insert(task.key.to_owned(), job.to_owned());
        match self.cancel_result(job, id, task.priority).await {
            Ok(result) if result.cancelled => Verdict::Done(Receipt {
                remote_id: Some(id.clone()),
                request_id: data.request_id,
                note: None,
                cost: None,
            }),
            _ => Verdict::AnswerLost(
                self.refusal(
                    Cause::OutcomeUnknown,
                    &format!("The store accepted the cancellation of {} and is still working on it.", work.name),
                )
                .request(data.request_id)
                .about(id.clone()),
            ),
        }
    }

    /// How far a cancellation is.
    pub(super) async fn cancel_result(
        &self,
        job: &str,
        order_id: &str,
        priority: Priority,
    ) -> Result<CancelProgress, CallError> {
        let variables = json!({ "job": job, "id": order_id });
        let data = self
            .client
            .call(Document::CancelResult, variables, 1, &mut Errand::new(priority), "look up the cancellation")
            .await?;
        Ok(CancelProgress {
            done: data.data.pointer("/job/done").and_then(Value::as_bool),
            cancelled: data.data.pointer("/order/cancelledAt").is_some_and(Value::is_string),
        })
    }

    /// A failure of this store, named.
    pub(super) fn refusal(&self, cause: Cause, what: &str) -> Refusal {
        self.client.door().refusal(cause, what)
    }

    pub(super) fn order_gone(&self, order_id: &str, verb: &str) -> Refusal {
        self.refusal(
            Cause::FulfillmentRefused,
            &format!("Could not {verb}. The store does not show this order: it was deleted, or it is older than 60 days and the app lacks read_all_orders."),
        )
        .about(order_id)
    }

    pub(super) fn empty_answer(&self, what: &str, request_id: Option<String>) -> Refusal {
        self.refusal(
            Cause::NotUnderstood,
            &format!("{what}. The store answered neither with a result nor with a reason."),
        )
        .request(request_id)
    }
}

/// Where a cancellation stands.
pub(super) struct CancelProgress {
    /// The store finished working on it; `None` if it does not know the job.
    pub done: Option<bool>,
    /// The order is cancelled.
    pub cancelled: bool,
}

/// `FulfillmentInput`.
fn fulfillment_input(group: &Group, tracking: &Tracking, notify: bool) -> Value {
    let fos: Vec<Value> = group
        .fos
        .iter()
        .map(|(id, lines)| {
            let lines: Vec<Value> =
                lines.iter().map(|(id, quantity)| json!({ "id": id, "quantity": quantity })).collect();
            json!({ "fulfillmentOrderId": id, "fulfillmentOrderLineItems": lines })
        })
        .collect();
    let mut input = json!({ "notifyCustomer": notify, "lineItemsByFulfillmentOrder": fos });
    if let Some(tracking) = tracking_input(tracking) {
        input["trackingInfo"] = tracking;
    }
    input
}

/// The fulfillment already shows this tracking.
pub(super) fn shows(fulfillment: &quayside_model::Fulfillment, tracking: &Tracking) -> bool {
    let sorted = |numbers: &[String]| {
        let mut numbers: Vec<String> =
            numbers.iter().map(|number| number.trim().to_owned()).filter(|number| !number.is_empty()).collect();
        numbers.sort();
        numbers
    };
    let carrier = company(tracking).unwrap_or_default();
    sorted(&fulfillment.tracking_numbers) == sorted(&tracking.numbers)
        && (carrier.is_empty() || carrier == fulfillment.carrier)
}

fn cancel_reason(word: &str) -> &'static str {
    match word {
        "customer" => "CUSTOMER",
        "inventory" => "INVENTORY",
        "fraud" => "FRAUD",
        "declined" => "DECLINED",
        "staff" => "STAFF",
        _ => "OTHER",
    }
}
