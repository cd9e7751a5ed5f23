//! Does a change hold? Asked whenever an answer was lost, and before anything is sent again.

use super::Salesforce;
use super::decide::Step;
use super::perform::order_of;
use super::soql::is_id;
use crate::Task;
use quayside_model::time::MINUTE_MS;
use quayside_model::{Cause, Confirmation, Intent, Receipt, Record};

/// So long the fields of the opportunity are ours to finish.
const FIELDS_MS: i64 = 20 * MINUTE_MS;

impl Salesforce {
    /// Looks one effect up.
    pub(super) async fn confirm_one(&self, task: &Task<'_>) -> Confirmation {
        match task.intent {
            Intent::Fulfill { .. } | Intent::ReplaceTracking { .. } | Intent::CancelFulfillment { .. } => {
                self.confirm_parcel(task).await
            }
            Intent::CancelChannelOrder { order_remote_id, .. } => self.confirm_cancelled(task, order_remote_id).await,
            Intent::PutRecord { record } => match self.confirm_in_job(task, record).await {
                Some(confirmation) => confirmation,
                None => self.confirm_record(record, task.priority).await,
            },
            other => {
                let sentence = format!(
                    "Salesforce cannot {}. This is a fault of Quayside; please report it.",
                    other.kind().phrase()
                );
                Confirmation::Overtaken(self.refusal(Cause::NotUnderstood, &sentence))
            }
        }
    }

    async fn confirm_parcel(&self, task: &Task<'_>) -> Confirmation {
        let org = match self.org(task.priority).await {
            Ok(org) => org,
            Err(error) => return error.into_confirmation(),
        };
        if let Some(refusal) = self.no_parcels(&org) {
            return Confirmation::Overtaken(refusal);
        }
        let id = order_of(task.intent).unwrap_or_default();
        let ids: Vec<String> = Some(id.to_owned()).filter(|id| is_id(id)).into_iter().collect();
        let rows = match self.noticed(self.rows_by_id(&ids, &org, task.priority).await) {
            Ok(rows) => rows,
            Err(error) => return error.into_confirmation(),
        };
        match self.parcel_step(task, id, &rows, &org) {
            Err(refusal) => Confirmation::Overtaken(refusal),
            Ok((_, Step::Already { id })) => Confirmation::Holds(Receipt { remote_id: Some(id), ..Receipt::default() }),
            // Asked long after it was sent: the parcel is there, and people may write into the fields as they like.
            Ok((_, Step::Write { parcel: None, id: Some(id), .. })) if self.is_long_ago(task) => {
                Confirmation::Holds(Receipt { remote_id: Some(id), ..Receipt::default() })
            }
            // Half of it counts as absent: performing it again writes only what is left.
            Ok((_, Step::Write { .. })) => Confirmation::Absent,
            Ok((name, Step::Refuse { cause, sentence })) => {
                let what = format!("Could not {} of {name}. {sentence}", task.intent.kind().phrase());
                Confirmation::Overtaken(self.refusal(cause, &what).about(id))
            }
        }
    }

    fn is_long_ago(&self, task: &Task<'_>) -> bool {
        task.first_sent_at_ms.is_some_and(|sent_ms| self.client.door().now_ms() - sent_ms > FIELDS_MS)
    }

    async fn confirm_cancelled(&self, task: &Task<'_>, id: &str) -> Confirmation {
        match self.read_order(id, task.priority).await {
            Ok(Some(found)) => match &found.record {
                Record::Order(order) if order.is_cancelled() => {
                    Confirmation::Holds(Receipt { remote_id: Some(id.to_owned()), ..Receipt::default() })
                }
                _ => Confirmation::Absent,
            },
            Ok(None) => Confirmation::Overtaken(
                self.refusal(
                    Cause::ContentRefused,
                    "Could not cancel the opportunity. Salesforce does not show it any more.",
                )
                .about(id),
            ),
            Err(error) => error.into_confirmation(),
        }
    }
}
