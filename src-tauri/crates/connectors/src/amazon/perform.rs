//! Changes at Amazon by a call of their own: report a parcel, correct its tracking.
//! (`feed_effects.rs` has those that travel in files, `stock.rs` the quantities.)
//!
//! None is done when its call is answered: a confirmed package shows up on the order
//! after a minute or more. So each ends as "under way", and `confirm.rs` looks.

use super::Amazon;
use super::at::At;
use super::client::{Call, part};
use super::limits::Op;
use super::ship::{self, Package, Plan};
use super::streams::DATA_SETS;
use super::translate;
use super::verdicts::{CallError, nothing_to_confirm};
use crate::{Priority, Task};
use quayside_model::time::MINUTE_MS;
use quayside_model::{Cause, FulfillmentDraft, Intent, Order, Receipt, Refusal, Tracking, Verdict};
use serde_json::Value;

/// A confirmed package is looked for after so long. A look costs as much allowance as the report itself did: one that is
/// mostly too early costs a second one.
const SHOWN_MS: i64 = 2 * MINUTE_MS;
/// An order Amazon has not released is tried again after so long.
pub(super) const RELEASE_MS: i64 = 15 * MINUTE_MS;

/// An order as it stands, with what the model does not hold.
pub(super) struct Standing {
    pub order: Order,
    pub marketplace_id: String,
    pub programs: Vec<String>,
}

impl Amazon {
    /// Performs effects of one kind.
    pub(super) async fn perform_all(&self, tasks: &[Task<'_>]) -> Vec<Verdict> {
        if tasks.iter().all(|task| is_for_a_feed(task.intent)) {
            return self.send_feeds(tasks).await;
        }
        let mut verdicts = Vec::with_capacity(tasks.len());
        for task in tasks {
            verdicts.push(match task.intent {
                Intent::Fulfill { fulfillment } => self.fulfill(task, fulfillment).await,
                Intent::ReplaceTracking { order_remote_id, fulfillment_id, tracking, .. } => {
                    self.replace_tracking(task, order_remote_id, fulfillment_id, tracking).await
                }
                Intent::CancelFulfillment { order_remote_id, .. } => {
                    Verdict::NeedsPerson(self.cannot_take_back(order_remote_id))
                }
                Intent::SetStock { stock } => self.set_stock(task, stock).await,
                intent if is_for_a_feed(intent) => self.send_feeds(std::slice::from_ref(task)).await.remove(0),
                other => Verdict::NeedsPerson(self.refusal(
                    Cause::NotUnderstood,
                    &format!("Amazon cannot {}. This is a fault of Quayside; please report it.", other.kind().phrase()),
                )),
            });
        }
        verdicts
    }

    /// An order as it stands now; `None`: Amazon does not know it.
    pub(super) async fn standing(&self, id: &str, priority: Priority) -> Result<Option<Standing>, CallError> {
        let Some(value) = self.get_order(id, priority).await? else { return Ok(None) };
        let at = At::root(&value);
        let order = translate::order(&value).map_err(|why| {
            let sentence = format!("Amazon's answer about {id} could not be read ({why}).");
            CallError::Refused(self.refusal(Cause::Unreadable, &sentence).about(id), Vec::new())
        })?;
        Ok(Some(Standing {
            order,
            marketplace_id: at.get("salesChannel.marketplaceId").text(),
            programs: at.get("programs").list().iter().map(At::text).collect(),
        }))
    }

    /// An order's JSON; `None`: Amazon does not know it.
    pub(super) async fn get_order(&self, id: &str, priority: Priority) -> Result<Option<Value>, CallError> {
        let query = vec![("includedData", DATA_SETS.to_owned())];
        let call = Call::get(Op::GetOrder, format!("/orders/2026-01-01/orders/{}", part(id)), query);
        match self.client.call(&call, priority, "look at the order").await {
            Ok(data) => {
                if let Some(order) = data.body.get("order").filter(|order| order.is_object()) {
                    return Ok(Some(order.clone()));
                }
                let sentence = format!("Could not look at {id}. The answer holds no order.");
                Err(CallError::Lost(self.refusal(Cause::PlatformTrouble, &sentence).request(data.request_id)))
            }
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn fulfill(&self, task: &Task<'_>, draft: &FulfillmentDraft) -> Verdict {
        let id = &draft.order_remote_id;
        let standing = match self.standing(id, task.priority).await {
            Ok(Some(standing)) => standing,
            Ok(None) => return Verdict::NeedsPerson(self.order_gone(id, "report the parcel")),
            Err(error) => return error.before_change(),
        };
        match ship::plan(draft, task.key, &standing.order, &standing.programs) {
            Plan::Already { reference, note } => {
                Verdict::AlreadyDone(Receipt { remote_id: Some(reference), request_id: None, note, cost: None })
            }
            Plan::Refuse { cause, sentence } => {
                let sentence = format!("Could not report the parcel of {id}. {sentence}");
                Verdict::NeedsPerson(self.refusal(cause, &sentence).about(id.clone()))
            }
            Plan::TooEarly => Verdict::WaitUntil {
                at_ms: self.client.door().now_ms() + RELEASE_MS,
                why: "Amazon has not released the order yet".into(),
            },
            Plan::Send { packages, note } => {
                // The buyer's page shows the day; a parcel that leaves later today is shipped now, never in the future.
                let shipped_ms = draft.shipped_at_ms.unwrap_or(i64::MAX).min(self.client.their_now_ms());
                let shipped_ms = shipped_ms.max(standing.order.placed_at_ms);
                let sent = Sent { order: &standing, tracking: &draft.tracking, shipped_ms, note };
                self.confirm_packages(task, &packages, &sent, "report the parcel").await
            }
        }
    }

    async fn confirm_packages(&self, task: &Task<'_>, packages: &[Package], sent: &Sent<'_>, verb: &str) -> Verdict {
        let id = &sent.order.order.remote_id;
        for package in packages {
            let body = ship::body(package, sent.tracking, &sent.order.marketplace_id, sent.shipped_ms);
            let path = format!("/orders/v0/orders/{}/shipmentConfirmation", part(id));
            let call = Call::post(Op::ConfirmShipment, path, body);
            match self.client.call(&call, task.priority, &format!("{verb} of {id}")).await {
                Ok(_) => {}
                Err(CallError::Refused(refusal, errors)) if nothing_to_confirm(&errors) => {
                    let sentence = format!(
                        "Could not {verb} of {id}. Amazon has nothing left to confirm on it: somebody else reported it, or bought its label from Amazon. Look at the order in Seller Central, then skip this."
                    );
                    let told = self.refusal(Cause::FulfillmentRefused, &sentence).about(id.clone());
                    return Verdict::NeedsPerson(Refusal { said: refusal.said, status: refusal.status, ..told });
                }
                Err(CallError::Refused(refusal, _)) => return Verdict::NeedsPerson(refusal.about(id.clone())),
                // The same name makes a repetition an edit, so a partial success harms nobody.
                Err(error) => return error.into_verdict(),
            }
        }
        let sentence = match &sent.note {
            Some(note) => {
                format!("Amazon took the parcel of {id}; it shows on the order after a minute or more. {note}.")
            }
            None => format!("Amazon took the parcel of {id}; it shows on the order after a minute or more."),
        };
        Verdict::UnderWay {
            ticket: format!("sent:{}", self.client.door().now_ms()),
            look_at_ms: self.client.door().now_ms() + SHOWN_MS,
            why: self.refusal(Cause::OutcomeUnknown, &sentence).about(id.clone()),
        }
    }

    async fn replace_tracking(&self, task: &Task<'_>, id: &str, package_id: &str, tracking: &Tracking) -> Verdict {
        let standing = match self.standing(id, task.priority).await {
            Ok(Some(standing)) => standing,
            Ok(None) => return Verdict::NeedsPerson(self.order_gone(id, "correct the tracking")),
            Err(error) => return error.before_change(),
        };
        let package =
            standing.order.fulfillments.iter().find(|package| package.live && package.remote_id == package_id);
        let Some(package) = package else {
            let sentence =
                format!("Could not correct the tracking of {id}. Amazon does not show package {package_id} any more.");
            return Verdict::NeedsPerson(self.refusal(Cause::FulfillmentRefused, &sentence).about(package_id));
        };
        let Some(packages) = ship::replace(package, tracking, task.key, &standing.order) else {
            return Verdict::AlreadyDone(Receipt { remote_id: Some(package_id.to_owned()), ..Receipt::default() });
        };
        let shipped_ms = package.created_at_ms.min(self.client.their_now_ms()).max(standing.order.placed_at_ms);
        let sent = Sent { order: &standing, tracking, shipped_ms, note: None };
        self.confirm_packages(task, &packages, &sent, "correct the tracking").await
    }

    pub(super) fn refusal(&self, cause: Cause, what: &str) -> Refusal {
        self.client.door().refusal(cause, what)
    }

    pub(super) fn order_gone(&self, id: &str, verb: &str) -> Refusal {
        let sentence = format!(
            "Could not {verb} of {id}. Amazon does not know this order: it is older than two years, or belongs to another account."
        );
        self.refusal(Cause::FulfillmentRefused, &sentence).about(id)
    }

    pub(super) fn cannot_take_back(&self, id: &str) -> Refusal {
        let sentence = format!(
            "Could not take back the parcel reported for {id}: Amazon lets nobody undo it. When a new label is bought, its number replaces the old one; if nothing leaves at all, refund the order in Seller Central."
        );
        self.refusal(Cause::FulfillmentRefused, &sentence).about(id)
    }
}

/// Travels as a message in a file.
pub(super) fn is_for_a_feed(intent: &Intent) -> bool {
    matches!(intent, Intent::CancelChannelOrder { .. } | Intent::AcknowledgeOrder { .. } | Intent::Refund { .. })
}

/// What goes with every package of one report.
struct Sent<'a> {
    order: &'a Standing,
    tracking: &'a Tracking,
    shipped_ms: i64,
    note: Option<String>,
}
