//! Does a change hold? Asked about everything that is under way, and whenever an answer was lost.
//!
//! The order itself is the proof wherever it shows the change: a feed that is done
//! may have done nothing, and its report only tells why. A refund shows nowhere in
//! an order; there the report of its very message is all there is, and what is
//! uncertain goes to a person: nothing keeps Amazon from giving money back twice.

use super::Amazon;
use super::feed_effects::{feed_kind, noun, own_number};
use super::feeds::Feed;
use super::ship;
use super::verdicts::CallError;
use crate::Task;
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS, is_ahead};
use quayside_model::{Cause, Confirmation, Intent, Receipt};

/// A package that was taken must show within so long; after that it is sent again, as an edit.
const SHOWN_LATEST_MS: i64 = 15 * MINUTE_MS;
/// The list of feeds is complete after so long.
const LISTED_MS: i64 = 3 * MINUTE_MS;
/// So far back a feed is looked for that was sent by a clock that was ahead.
const AHEAD_MS: i64 = 2 * DAY_MS;
/// A feed that takes longer is worth telling somebody.
const FEED_SLOW_MS: i64 = 6 * HOUR_MS;
/// An order shows what a finished feed did within so long.
const APPLIED_MS: i64 = HOUR_MS;

impl Amazon {
    /// Looks one effect up.
    pub(super) async fn confirm_one(&self, task: &Task<'_>) -> Confirmation {
        let (id, verb) = match task.intent {
            Intent::Fulfill { fulfillment } => (&fulfillment.order_remote_id, "report the parcel"),
            Intent::ReplaceTracking { order_remote_id, .. } => (order_remote_id, "correct the tracking"),
            Intent::CancelChannelOrder { order_remote_id, .. } => (order_remote_id, "cancel the order"),
            Intent::AcknowledgeOrder { order_remote_id, .. } => (order_remote_id, "acknowledge the order"),
            Intent::Refund { refund } => (&refund.order_remote_id, "give back the money"),
            Intent::SetStock { stock } => return self.confirm_stock(task, stock).await,
            Intent::CancelFulfillment { order_remote_id, .. } => {
                return Confirmation::Overtaken(self.cannot_take_back(order_remote_id));
            }
            other => {
                let sentence =
                    format!("Amazon cannot {}. This is a fault of Quayside; please report it.", other.kind().phrase());
                return Confirmation::Overtaken(self.refusal(Cause::NotUnderstood, &sentence));
            }
        };
        // What came of an acknowledgement stands in its feed's report; looks at orders are what parcels need.
        if matches!(task.intent, Intent::AcknowledgeOrder { .. }) && task.ticket.and_then(feed_and_message).is_some() {
            return self.confirm_feed(task, id).await;
        }
        let standing = match self.standing(id, task.priority).await {
            Ok(Some(standing)) => standing,
            Ok(None) => return Confirmation::Overtaken(self.order_gone(id, verb)),
            Err(error) => return error.into_confirmation(),
        };
        let holds = |id: &str| Confirmation::Holds(Receipt { remote_id: Some(id.to_owned()), ..Receipt::default() });
        match task.intent {
            Intent::Fulfill { fulfillment: draft } => {
                let ours = ship::ours(draft, task.key, &standing.order);
                match ours.first() {
                    Some(first) if ship::covers(draft, &ours) => holds(&first.remote_id),
                    _ => self.not_shown_yet(task, id),
                }
            }
            Intent::ReplaceTracking { fulfillment_id, tracking, .. } => {
                let packages = &standing.order.fulfillments;
                match packages.iter().find(|package| package.live && package.remote_id == *fulfillment_id) {
                    Some(package) if ship::shows(package, tracking, &standing.order, task.key) => holds(fulfillment_id),
                    Some(_) => self.not_shown_yet(task, id),
                    None => {
                        let sentence = format!(
                            "Could not correct the tracking of {id}. Amazon does not show the package any more."
                        );
                        Confirmation::Overtaken(
                            self.refusal(Cause::FulfillmentRefused, &sentence).about(fulfillment_id.clone()),
                        )
                    }
                }
            }
            Intent::CancelChannelOrder { .. } if standing.order.is_cancelled() => holds(id),
            Intent::AcknowledgeOrder { number, .. } if own_number(&standing) == Some(number) => holds(id),
            _ => self.confirm_feed(task, id).await,
        }
    }

    /// Taken a moment ago, it may not show yet. Whatever was not taken, or does not show for long, is sent again: the
    /// package keeps its name, so that cannot report it twice.
    fn not_shown_yet(&self, task: &Task<'_>, id: &str) -> Confirmation {
        let sent_ms = task.ticket.and_then(|ticket| ticket.strip_prefix("sent:")?.parse::<i64>().ok());
        if sent_ms.is_some_and(|sent_ms| self.client.door().now_ms() - sent_ms < SHOWN_LATEST_MS) {
            let sentence = format!("Amazon took the parcel of {id} and does not show it yet.");
            return Confirmation::CannotTell(self.refusal(Cause::OutcomeUnknown, &sentence).about(id));
        }
        Confirmation::Absent
    }

    /// A feed was sent, or may have been; the order does not show what it was to do (yet).
    async fn confirm_feed(&self, task: &Task<'_>, id: &str) -> Confirmation {
        let what = format!("look up {} of {id}", noun(task.intent));
        let looked = match task.ticket.and_then(feed_and_message) {
            Some((feed_id, message)) => match self.feed(feed_id, task.priority, &what).await {
                Ok(Some(feed)) => self.judge_feed(task, &feed, message, id, &what).await,
                Ok(None) => Ok(self.vanished(task, feed_id, id)),
                Err(error) => Err(error),
            },
            None => self.lost_feed(task, id, &what).await,
        };
        looked.unwrap_or_else(CallError::into_confirmation)
    }

    /// The answer was lost, so the feed's name is not known. Feeds that belong to other effects are; one that belongs
    /// to nobody is ours.
    async fn lost_feed(&self, task: &Task<'_>, id: &str, what: &str) -> Result<Confirmation, CallError> {
        let now_ms = self.client.door().now_ms();
        let sent_ms = task.first_sent_at_ms.unwrap_or(now_ms);
        let asked_ms = self.made_since_ms(sent_ms);
        let mut all = self.feeds_since(feed_kind(task.intent), asked_ms, task.priority, what).await?;
        // The first answer after a start tells how far apart the clocks are.
        let since_ms = self.made_since_ms(sent_ms);
        if since_ms < asked_ms - MINUTE_MS {
            all = self.feeds_since(feed_kind(task.intent), since_ms, task.priority, what).await?;
        }
        let feeds: Vec<&Feed> = all.iter().filter(|feed| !self.is_of_another(&feed.id, task.key)).collect();
        let is_refund = matches!(task.intent, Intent::Refund { .. });
        let early = now_ms - task.last_sent_at_ms.unwrap_or(sent_ms) < LISTED_MS;
        match feeds.as_slice() {
            [] if early => Ok(Confirmation::CannotTell(self.works_on(task, id))),
            [] => Ok(Confirmation::Absent),
            // Cancelling or acknowledging twice harms nobody; the order itself did not change.
            feeds if !is_refund && !early && feeds.iter().all(|feed| feed.is_over()) => Ok(Confirmation::Absent),
            _ if !is_refund => Ok(Confirmation::CannotTell(self.works_on(task, id))),
            // Its name is written down before it is judged: after that no other effect takes the feed for its own.
            [feed] if !self.others_are_lost(task.key, task.intent.kind()) => {
                let ticket = format!("feed:{}#1", feed.id);
                self.remember_ticket(task.key, &ticket);
                Ok(Confirmation::UnderWay { ticket, look_at_ms: now_ms, why: Box::new(self.works_on(task, id)) })
            }
            several => {
                let names: Vec<&str> = several.iter().map(|feed| feed.id.as_str()).collect();
                let sentence = format!(
                    "Amazon took {} that may be the refund of {id} (feed {}), and the answer was lost. It is not sent again by itself. Look at the order's refunds in Seller Central: skip this if the money was given back, else try again.",
                    if several.len() == 1 { "a file" } else { "files" },
                    names.join(", ")
                );
                Ok(Confirmation::Overtaken(self.refusal(Cause::NotUnderstood, &sentence).about(id)))
            }
        }
    }

    /// Since when a feed that was sent at a moment of our clock may have been made, by Amazon's. By a clock that was ahead and
    /// was set right since, nobody knows.
    fn made_since_ms(&self, sent_ms: i64) -> i64 {
        let (ours_ms, theirs_ms) = (self.client.door().now_ms(), self.client.their_now_ms());
        if is_ahead(sent_ms, ours_ms) {
            return theirs_ms - AHEAD_MS;
        }
        sent_ms + theirs_ms - ours_ms - LISTED_MS
    }

    async fn judge_feed(
        &self,
        task: &Task<'_>,
        feed: &Feed,
        message: u64,
        id: &str,
        what: &str,
    ) -> Result<Confirmation, CallError> {
        let now_ms = self.client.door().now_ms();
        let noun = noun(task.intent);
        let person = |cause, sentence: &str| Confirmation::Overtaken(self.refusal(cause, sentence).about(id));
        if !feed.is_over() {
            let made_ms = feed.made_ms.or(task.last_sent_at_ms).unwrap_or(now_ms);
            if now_ms - made_ms < FEED_SLOW_MS {
                return Ok(Confirmation::CannotTell(self.works_on(task, id)));
            }
            let sentence = format!(
                "Amazon has been working on {noun} of {id} for {} hours (feed {}). It is not sent again by itself. If it hurries, do it in Seller Central; Quayside goes on looking.",
                (now_ms - made_ms) / HOUR_MS,
                feed.id
            );
            return Ok(Confirmation::CannotTell(self.refusal(Cause::PlatformTrouble, &sentence).about(id)));
        }
        if feed.status == "CANCELLED" {
            return Ok(Confirmation::Absent);
        }
        let report = self.feed_report(feed, task.priority, what).await?;
        if let Some(row) = report.as_ref().and_then(|report| report.error_of(message)) {
            let refusal = self.refusal(Cause::ContentRefused, &format!("Amazon refused {noun} of {id}.")).about(id);
            let said = format!("{} {}", row.problem, row.description);
            return Ok(Confirmation::Overtaken(refusal.said(self.client.door().quotable(&said))));
        }
        // A cancellation shows on the order and nowhere else; of a refund or a number the report is all there is.
        let shows_on_order = matches!(task.intent, Intent::CancelChannelOrder { .. });
        let told = report.is_some_and(|report| report.processed != Some(0));
        if !shows_on_order && feed.status == "DONE" && told {
            let note = Some(format!("by Amazon's report on feed {}", feed.id));
            return Ok(Confirmation::Holds(Receipt {
                remote_id: Some(feed.id.clone()),
                request_id: None,
                note,
                cost: None,
            }));
        }
        let ended_ms = feed.ended_ms.or(task.last_sent_at_ms).unwrap_or(now_ms);
        if now_ms - ended_ms < APPLIED_MS {
            return Ok(Confirmation::CannotTell(self.works_on(task, id)));
        }
        Ok(person(
            Cause::NotUnderstood,
            &format!(
                "Whether Amazon carried out {noun} of {id} is uncertain. It is through with the feed {} ({}) and names no error, but nothing shows it. Look at the order in Seller Central, then skip this or try again.",
                feed.id,
                feed.status.to_lowercase()
            ),
        ))
    }

    /// Amazon no longer knows a feed it named.
    fn vanished(&self, task: &Task<'_>, feed_id: &str, id: &str) -> Confirmation {
        if !matches!(task.intent, Intent::Refund { .. }) {
            return Confirmation::Absent;
        }
        let sentence = format!(
            "Amazon no longer knows the feed {feed_id} with the refund of {id}. Look at the order's refunds in Seller Central, then skip this or try again."
        );
        Confirmation::Overtaken(self.refusal(Cause::NotUnderstood, &sentence).about(id))
    }

    fn works_on(&self, task: &Task<'_>, id: &str) -> quayside_model::Refusal {
        let sentence = format!("Amazon took {} of {id} and works on it.", noun(task.intent));
        self.refusal(Cause::OutcomeUnknown, &sentence).about(id)
    }
}

/// `feed:ID#N`.
pub fn feed_and_message(ticket: &str) -> Option<(&str, u64)> {
    let (feed, message) = ticket.strip_prefix("feed:")?.rsplit_once('#')?;
    Some((feed, message.parse().ok()?))
}
