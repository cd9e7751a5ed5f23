//! Does a change hold? Asked whenever an answer was lost, and before anything is sent again.

use super::Shopify;
use super::allocate::{covers, ours};
use super::annotate::Marks;
use super::client::Errand;
use super::perform::shows;
use crate::Task;
use quayside_model::time::MINUTE_MS;
use quayside_model::{Cause, Confirmation, Intent, Receipt};

/// A cancellation whose job nobody remembers may still be under way for so long.
const CANCELLING_MS: i64 = 2 * MINUTE_MS;

impl Shopify {
    /// Looks one effect up.
    pub(super) async fn confirm_one(&self, task: &Task<'_>) -> Confirmation {
        let (order_id, verb) = match task.intent {
            Intent::Fulfill { fulfillment } => (&fulfillment.order_remote_id, "report the parcel"),
            Intent::ReplaceTracking { order_remote_id, .. } => (order_remote_id, "correct the tracking"),
            Intent::CancelFulfillment { order_remote_id, .. } => (order_remote_id, "take back the fulfillment"),
            Intent::CancelChannelOrder { order_remote_id, .. } => (order_remote_id, "cancel the order"),
            Intent::Refund { refund } => return self.confirm_refund(task, refund).await,
            Intent::AnnotateOrder { order_remote_id, fields, note, tags } => {
                let marks = Marks { fields, note, tags };
                return self.confirm_annotation(order_remote_id, &marks, task.priority).await;
            }
            Intent::SetStock { stock } => return self.confirm_stock(task, stock).await,
            Intent::AnswerReturn { return_id, decline, .. } => {
                return self.confirm_answer(return_id, decline.is_some(), task.priority).await;
            }
            other => {
                let sentence =
                    format!("A store cannot {}. This is a fault of Quayside; please report it.", other.kind().phrase());
                return Confirmation::Overtaken(self.refusal(Cause::NotUnderstood, &sentence));
            }
        };
        let work = match self.work(order_id, &mut Errand::new(task.priority)).await {
            Ok(Some(work)) => work,
            Ok(None) => return Confirmation::Overtaken(self.order_gone(order_id, verb)),
            Err(error) => return error.into_confirmation(),
        };
        let receipt = |id: &str| Receipt { remote_id: Some(id.to_owned()), ..Receipt::default() };
        match task.intent {
            Intent::Fulfill { fulfillment: draft } => {
                let ours = ours(draft, &work);
                match ours.first() {
                    Some(first) if covers(draft, &ours) => Confirmation::Holds(receipt(&first.remote_id)),
                    // Partly done counts as absent: performing it again reports only what is left.
                    _ => Confirmation::Absent,
                }
            }
            Intent::ReplaceTracking { fulfillment_id, tracking, .. } => match work.fulfillment(fulfillment_id) {
                Some(fulfillment) if fulfillment.live && shows(fulfillment, tracking) => {
                    Confirmation::Holds(receipt(fulfillment_id))
                }
                Some(fulfillment) if fulfillment.live => Confirmation::Absent,
                _ => Confirmation::Overtaken(
                    self.refusal(
                        Cause::FulfillmentRefused,
                        &format!(
                            "Could not correct the tracking of {}. The fulfillment was taken back in the store.",
                            work.name
                        ),
                    )
                    .about(fulfillment_id.clone()),
                ),
            },
            Intent::CancelFulfillment { fulfillment_id, .. } => match work.fulfillment(fulfillment_id) {
                Some(fulfillment) if fulfillment.live => Confirmation::Absent,
                Some(_) => Confirmation::Holds(receipt(fulfillment_id)),
                None => Confirmation::Overtaken(
                    self.refusal(
                        Cause::FulfillmentRefused,
                        &format!(
                            "Could not take back the fulfillment of {}. The store does not show it any more.",
                            work.name
                        ),
                    )
                    .about(fulfillment_id.clone()),
                ),
            },
            _ if work.cancelled_at_ms.is_some() => Confirmation::Holds(receipt(order_id)),
            _ => self.confirm_cancel(task, order_id, &work.name).await,
        }
    }

    /// The order is not cancelled (yet): under way, refused in the background, or never asked for?
    async fn confirm_cancel(&self, task: &Task<'_>, order_id: &str, name: &str) -> Confirmation {
        let under_way = || {
            Confirmation::CannotTell(
                self.refusal(
                    Cause::OutcomeUnknown,
                    &format!("The store accepted the cancellation of {name} and is still working on it."),
                )
                .about(order_id),
            )
        };
        let job = self.jobs().get(task.key).cloned();
        let Some(job) = job else {
            // Started by an earlier run of the program, perhaps. Asking twice for a cancellation cannot
            // cancel twice, so after the longest time a job takes it may be sent again.
            let sent_ms = task.last_sent_at_ms.unwrap_or(i64::MIN / 2);
            return if self.client.door().now_ms() - sent_ms < CANCELLING_MS {
                under_way()
            } else {
                Confirmation::Absent
            };
        };
        match self.cancel_result(&job, order_id, task.priority).await {
            Err(error) => error.into_confirmation(),
            Ok(progress) if progress.cancelled => {
                Confirmation::Holds(Receipt { remote_id: Some(order_id.to_owned()), ..Receipt::default() })
            }
            Ok(progress) if progress.done == Some(false) => under_way(),
            Ok(_) => {
                self.jobs().remove(task.key);
                Confirmation::Overtaken(
                    self.refusal(
                        Cause::ContentRefused,
                        &format!("Could not cancel {name}. The store began to cancel it and gave up. Look at the order in Shopify: a parcel, an open return or a location may stand in the way."),
                    )
                    .about(order_id),
                )
            }
        }
    }
}
