//! Changes that travel as messages in a feed: cancellations, acknowledgements, refunds.
//!
//! Effects of one kind and marketplace share a feed, because Amazon wants few of
//! them. What an effect asks for is checked against the order as it stands before
//! anything is written; the feed's id and the number of the message are the ticket.

use super::Amazon;
use super::envelope::{
    ACKNOWLEDGE, ADJUST, Acknowledgement, Cancellation, Refund, acknowledgements, cancellations, reason, refunds,
};
use super::feeds::SubmitError;
use super::limits::Op;
use super::perform::{RELEASE_MS, Standing};
use super::refund;
use crate::Task;
use quayside_model::time::MINUTE_MS;
use quayside_model::{Cause, Intent, Receipt, Verdict};
use std::collections::BTreeMap;

/// A feed is looked at after so long; Amazon rarely finishes one sooner.
const FEED_LOOK_MS: i64 = 2 * MINUTE_MS;

/// One message of a feed.
enum Message {
    Cancel(Cancellation),
    Acknowledge(Acknowledgement),
    Refund(Refund),
}

impl Message {
    fn order_id(&self) -> &str {
        match self {
            Self::Cancel(message) => &message.order_id,
            Self::Acknowledge(message) => &message.order_id,
            Self::Refund(message) => &message.order_id,
        }
    }
}

/// The kind of feed an effect travels in.
pub fn feed_kind(intent: &Intent) -> &'static str {
    match intent {
        Intent::Refund { .. } => ADJUST,
        _ => ACKNOWLEDGE,
    }
}

/// What an effect is called in sentences ("the refund").
pub fn noun(intent: &Intent) -> &'static str {
    match intent {
        Intent::Refund { .. } => "the refund",
        Intent::AcknowledgeOrder { .. } => "the acknowledgement",
        _ => "the cancellation",
    }
}

/// A feed of these messages, all of one kind.
fn xml(seller_id: &str, messages: &[&Message]) -> String {
    let (mut cancels, mut acknowledges, mut gives_back) = (Vec::new(), Vec::new(), Vec::new());
    for message in messages {
        match message {
            Message::Cancel(message) => cancels.push(message.clone()),
            Message::Acknowledge(message) => acknowledges.push(message.clone()),
            Message::Refund(message) => gives_back.push(message.clone()),
        }
    }
    if !gives_back.is_empty() {
        refunds(seller_id, &gives_back)
    } else if acknowledges.is_empty() {
        cancellations(seller_id, &cancels)
    } else {
        acknowledgements(seller_id, &acknowledges)
    }
}

impl Amazon {
    /// Sends effects of one kind, those of one marketplace in one feed.
    pub(super) async fn send_feeds(&self, tasks: &[Task<'_>]) -> Vec<Verdict> {
        // Amazon takes a feed every two minutes: without one, looking at orders and writing files would be for nothing,
        // and take the looks away from parcels.
        if let Some(first) = tasks.first()
            && let Err(error) = self.client.may(Op::CreateFeed, first.priority)
        {
            return tasks.iter().map(|_| error.clone().before_change()).collect();
        }
        let mut verdicts: Vec<Option<Verdict>> = tasks.iter().map(|_| None).collect();
        let mut feeds: BTreeMap<String, Vec<(usize, Message)>> = BTreeMap::new();
        for (n, task) in tasks.iter().enumerate() {
            match self.message(task).await {
                Ok((marketplace, message)) => feeds.entry(marketplace).or_default().push((n, message)),
                Err(verdict) => verdicts[n] = Some(verdict),
            }
        }
        for (marketplace, entries) in feeds {
            let messages: Vec<&Message> = entries.iter().map(|(_, message)| message).collect();
            let Some(task) = entries.first().and_then(|(n, _)| tasks.get(*n)) else { continue };
            let what = match messages.as_slice() {
                [one] => format!("{} of {}", verb(task.intent), one.order_id()),
                many => format!("{} of {} orders", verb(task.intent), many.len()),
            };
            let xml = xml(self.seller_id(), &messages);
            let result = self.submit(feed_kind(task.intent), &[marketplace], xml, task.priority, &what).await;
            for (number, (n, message)) in entries.iter().enumerate() {
                let Some(task) = tasks.get(*n) else { continue };
                verdicts[*n] = Some(match &result {
                    Ok(feed) => self.feed_under_way(task, feed, number + 1, message.order_id()),
                    Err(SubmitError::Before(error)) => error.clone().before_change(),
                    Err(SubmitError::Sent(error)) => {
                        let verdict = error.clone().into_verdict();
                        if matches!(verdict, Verdict::AnswerLost(_)) {
                            self.remember_lost(task.key, task.intent.kind());
                        }
                        verdict
                    }
                });
            }
        }
        let missing = || Verdict::RetryLater(self.refusal(Cause::NotUnderstood, "A change was passed over."));
        verdicts.into_iter().map(|verdict| verdict.unwrap_or_else(missing)).collect()
    }

    /// What Amazon made of a feed is looked for by this ticket.
    fn feed_under_way(&self, task: &Task<'_>, feed: &str, message: usize, order_id: &str) -> Verdict {
        let ticket = format!("feed:{feed}#{message}");
        self.remember_ticket(task.key, &ticket);
        let sentence = format!("Amazon took {} of {order_id} (feed {feed}) and works on it.", noun(task.intent));
        Verdict::UnderWay {
            ticket,
            look_at_ms: self.client.door().now_ms() + FEED_LOOK_MS,
            why: self.refusal(Cause::OutcomeUnknown, &sentence).about(order_id),
        }
    }

    /// The message that does what an effect asks for, and its marketplace; or why there is none to send.
    async fn message(&self, task: &Task<'_>) -> Result<(String, Message), Verdict> {
        let id = match task.intent {
            Intent::CancelChannelOrder { order_remote_id, .. } | Intent::AcknowledgeOrder { order_remote_id, .. } => {
                order_remote_id
            }
            Intent::Refund { refund } => &refund.order_remote_id,
            _ => {
                let sentence = "This does not travel in a feed. This is a fault of Quayside; please report it.";
                return Err(Verdict::NeedsPerson(self.refusal(Cause::NotUnderstood, sentence)));
            }
        };
        let standing = match self.standing(id, task.priority).await {
            Ok(Some(standing)) => standing,
            Ok(None) => return Err(Verdict::NeedsPerson(self.order_gone(id, verb(task.intent)))),
            Err(error) => return Err(error.before_change()),
        };
        let message = match task.intent {
            Intent::CancelChannelOrder { reason, .. } => self.cancellation(id, reason, &standing)?,
            Intent::AcknowledgeOrder { number, .. } => self.acknowledgement(id, number, &standing)?,
            Intent::Refund { refund } => {
                let draft = refund::plan(refund, &standing.order, &standing.marketplace_id);
                Message::Refund(draft.map_err(|why| {
                    let sentence = format!("Could not give back the money of {id}. {why}");
                    Verdict::NeedsPerson(self.refusal(Cause::ContentRefused, &sentence).about(id.clone()))
                })?)
            }
            _ => return Err(Verdict::NeedsPerson(self.order_gone(id, verb(task.intent)))),
        };
        Ok((standing.marketplace_id, message))
    }

    fn already(id: &str) -> Verdict {
        Verdict::AlreadyDone(Receipt { remote_id: Some(id.to_owned()), ..Receipt::default() })
    }

    fn cancellation(&self, id: &str, word: &str, standing: &Standing) -> Result<Message, Verdict> {
        let order = &standing.order;
        if order.is_cancelled() {
            return Err(Self::already(id));
        }
        let work = order.fulfillment_orders.first();
        let status = work.map_or("", |work| work.status.as_str());
        let refuse = |why: &str| {
            let sentence = format!("Could not cancel {id}. {why}");
            Err(Verdict::NeedsPerson(self.refusal(Cause::ContentRefused, &sentence).about(id)))
        };
        if work.is_some_and(|work| work.third_party) {
            return refuse("Amazon itself ships it (FBA); cancel it in Seller Central.");
        }
        match status {
            "pending" | "pending_availability" => Err(Verdict::WaitUntil {
                at_ms: self.client.door().now_ms() + RELEASE_MS,
                why: "Amazon has not released the order yet; it can be cancelled afterwards".into(),
            }),
            "unshipped" if order.fulfillments.iter().all(|package| !package.live) => {
                let item_ids = order.lines.iter().map(|line| line.remote_id.clone()).collect();
                Ok(Message::Cancel(Cancellation { order_id: id.to_owned(), item_ids, reason: reason(word) }))
            }
            "unshipped" | "partially_shipped" | "shipped" => {
                refuse("A parcel of it was reported already. Refund it instead.")
            }
            other => refuse(&format!("Its state at Amazon is \"{other}\", which Quayside does not know.")),
        }
    }

    fn acknowledgement(&self, id: &str, number: &str, standing: &Standing) -> Result<Message, Verdict> {
        if own_number(standing) == Some(number) {
            return Err(Self::already(id));
        }
        if number.trim().is_empty() {
            let sentence = format!("Could not acknowledge {id}. There is no number of ours to tell Amazon.");
            return Err(Verdict::NeedsPerson(self.refusal(Cause::ContentRefused, &sentence).about(id)));
        }
        let item_ids = standing.order.lines.iter().map(|line| line.remote_id.clone()).collect();
        Ok(Message::Acknowledge(Acknowledgement { order_id: id.to_owned(), own_number: number.to_owned(), item_ids }))
    }
}

/// The seller's number that Amazon shows for an order.
pub fn own_number(standing: &Standing) -> Option<&str> {
    let found = standing.order.attributes.iter().find(|(name, _)| name == "seller_order_id");
    found.map(|(_, number)| number.as_str())
}

fn verb(intent: &Intent) -> &'static str {
    match intent {
        Intent::Refund { .. } => "send the refund",
        Intent::AcknowledgeOrder { .. } => "send the acknowledgement",
        _ => "send the cancellation",
    }
}
