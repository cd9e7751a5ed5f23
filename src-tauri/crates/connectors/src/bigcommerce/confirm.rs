//! Does a change hold? Asked whenever an answer was lost, and before anything is sent again.

use super::BigCommerce;
use super::perform::shows;
use super::shipments::{covers, ours};
use super::status;
use super::translate::MARKED_AS_SHIPPED;
use crate::Task;
use quayside_model::{Cause, Confirmation, Intent, Receipt};

impl BigCommerce {
    /// Looks one effect up.
    pub(super) async fn confirm_one(&self, task: &Task<'_>) -> Confirmation {
        let (order_id, verb) = match task.intent {
            Intent::Fulfill { fulfillment } => (&fulfillment.order_remote_id, "report the parcel"),
            Intent::ReplaceTracking { order_remote_id, .. } => (order_remote_id, "correct the tracking"),
            Intent::CancelFulfillment { order_remote_id, .. } => (order_remote_id, "take back the fulfillment"),
            Intent::CancelChannelOrder { order_remote_id, refund, .. } => {
                return self.confirm_cancel(order_remote_id, *refund, task.priority).await;
            }
            Intent::Refund { refund } => {
                return self.confirm_refund(refund, task.first_sent_at_ms, task.priority).await;
            }
            Intent::AnnotateOrder { order_remote_id, fields, note, tags } => {
                return self.confirm_annotation(order_remote_id, fields, note, tags, task.priority).await;
            }
            Intent::ShowHold { order_remote_id, held } => {
                return self.confirm_hold(order_remote_id, *held, task.priority).await;
            }
            Intent::SetStock { stock } => return self.confirm_stock(task, stock).await,
            other => return Confirmation::Overtaken(self.not_ours(other)),
        };
        let work = match self.work(order_id, task.priority).await {
            Ok(Some(work)) => work,
            Ok(None) => return Confirmation::Overtaken(self.order_gone(order_id, verb)),
            Err(error) => return error.into_confirmation(),
        };
        let receipt = |id: &str| Receipt { remote_id: Some(id.to_owned()), ..Receipt::default() };
        match task.intent {
            Intent::Fulfill { fulfillment: draft } => {
                let ours = ours(draft, &work);
                // Done in part (some shipments, or all without the status) counts as absent: performing it again does
                // only what is left.
                match ours.first() {
                    Some(first)
                        if covers(draft, &ours)
                            && status::after_shipment(work.status_id, work.everything_left()).is_none() =>
                    {
                        Confirmation::Holds(receipt(&first.remote_id))
                    }
                    _ => Confirmation::Absent,
                }
            }
            Intent::ReplaceTracking { fulfillment_id, tracking, .. } => {
                let shown = work.shipments.iter().find(|shipment| shows(shipment, tracking));
                match (fulfillment_id.as_str(), work.shipment(fulfillment_id)) {
                    (MARKED_AS_SHIPPED, _) => {
                        shown.map_or(Confirmation::Absent, |shipment| Confirmation::Holds(receipt(&shipment.remote_id)))
                    }
                    (_, Some(shipment)) if shows(shipment, tracking) => Confirmation::Holds(receipt(fulfillment_id)),
                    (_, Some(_)) => Confirmation::Absent,
                    (_, None) => Confirmation::Overtaken(
                        self.refusal(
                            Cause::FulfillmentRefused,
                            &format!(
                                "Could not correct the tracking of {}. The shipment was deleted in the store.",
                                work.id
                            ),
                        )
                        .about(fulfillment_id.clone()),
                    ),
                }
            }
            Intent::CancelFulfillment { fulfillment_id, .. } => {
                let gone = work.shipment(fulfillment_id).is_none() && fulfillment_id != MARKED_AS_SHIPPED;
                let settled = status::after_taking_back(work.status_id, !work.shipments.is_empty()).is_none();
                if gone && settled { Confirmation::Holds(receipt(fulfillment_id)) } else { Confirmation::Absent }
            }
            other => Confirmation::Overtaken(self.not_ours(other)),
        }
    }
}
