//! What is asked of a connector besides pages of streams: writes, looks after lost answers, single records.

use super::{page, without_links};
use crate::{Connector, Priority, ReadError, Task};
use quayside_model::{
    Confirmation, Incoming, Intent, IntentKind, OwnLink, Page, Receipt, RecordKind, Refusal, Verdict,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One such thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "does", rename_all = "snake_case")]
pub enum Work {
    /// Effects of one kind are performed.
    Perform {
        /// In turn.
        tasks: Vec<Tasked>,
    },
    /// The platform is asked whether an effect holds.
    Confirm {
        /// Which.
        task: Box<Tasked>,
    },
    /// One record is read.
    ReadOne {
        /// Of this kind.
        kind: RecordKind,
        /// Its id.
        remote_id: String,
    },
    /// Stores that a hub fills by itself are asked for.
    OwnLinks,
    /// Every parcel of a hub order is asked for.
    ParcelsOf {
        /// Its id.
        hub_order_id: String,
    },
    /// The connector is told of tickets.
    Recall {
        /// Effect and ticket.
        tickets: Vec<(String, String)>,
    },
    /// The connector is told of lost answers.
    RecallLost {
        /// Effect and its kind.
        lost: Vec<(String, IntentKind)>,
    },
}

/// An effect as a connector gets it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tasked {
    /// See [`Task::key`].
    pub key: String,
    /// See [`Task::intent`].
    pub intent: Intent,
    /// See [`Task::first_sent_at_ms`].
    pub first_sent_at_ms: Option<i64>,
    /// See [`Task::last_sent_at_ms`].
    pub last_sent_at_ms: Option<i64>,
    /// See [`Task::ticket`].
    pub ticket: Option<String>,
    /// See [`Task::priority`].
    pub priority: Priority,
}

impl Tasked {
    pub(super) fn of(task: &Task<'_>) -> Self {
        Self {
            key: task.key.to_owned(),
            intent: task.intent.clone(),
            first_sent_at_ms: task.first_sent_at_ms,
            last_sent_at_ms: task.last_sent_at_ms,
            ticket: task.ticket.map(str::to_owned),
            priority: task.priority,
        }
    }

    fn task(&self) -> Task<'_> {
        Task {
            key: &self.key,
            intent: &self.intent,
            first_sent_at_ms: self.first_sent_at_ms,
            last_sent_at_ms: self.last_sent_at_ms,
            ticket: self.ticket.as_deref(),
            priority: self.priority,
        }
    }
}

impl Work {
    /// In the place of a stream's name.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Perform { tasks } => {
                let kind = tasks.first().map_or("nothing", |one| one.intent.kind().code());
                format!("{} × {kind}", tasks.len())
            }
            Self::Confirm { task } => format!("a look for {}", task.intent.kind().code()),
            Self::ReadOne { kind, .. } => format!("one {}", kind.code()),
            Self::OwnLinks => "links of its own".to_owned(),
            Self::ParcelsOf { .. } => "parcels of an order".to_owned(),
            Self::Recall { .. } => "tickets".to_owned(),
            Self::RecallLost { .. } => "lost answers".to_owned(),
        }
    }

    /// Does it, or does it once more; what it came to.
    pub(super) async fn once_more(&self, connector: &dyn Connector, priority: Priority) -> Value {
        match self {
            Self::Perform { tasks } => {
                let tasks: Vec<Task<'_>> = tasks.iter().map(Tasked::task).collect();
                verdicts(&connector.perform(&tasks).await)
            }
            Self::Confirm { task } => confirmation(&connector.confirm(&task.task()).await),
            Self::ReadOne { kind, remote_id } => one(&connector.read_one(*kind, remote_id, priority).await),
            Self::OwnLinks => links(&connector.own_links().await),
            Self::ParcelsOf { hub_order_id } => parcels(&connector.parcels_of(hub_order_id, priority).await),
            Self::Recall { tickets } => {
                connector.recall(tickets.clone());
                Value::Null
            }
            Self::RecallLost { lost } => {
                connector.recall_lost(lost.clone());
                Value::Null
            }
        }
    }
}

/// Why nothing came.
pub(super) fn trouble(error: &ReadError) -> Value {
    match error {
        ReadError::WaitUntil { at_ms, why } => json!({ "waits_until_ms": at_ms, "why": why }),
        ReadError::Refused(refusal) => refused(refusal),
    }
}

fn refused(refusal: &Refusal) -> Value {
    json!({ "refused": refusal.cause.code(), "why": refusal.sentence })
}

fn holds(receipt: &Receipt) -> Value {
    json!({ "remote_id": receipt.remote_id, "note": receipt.note, "cost": receipt.cost })
}

/// What became of effects, in turn.
pub(super) fn verdicts(all: &[Verdict]) -> Value {
    all.iter().map(verdict).collect()
}

fn verdict(verdict: &Verdict) -> Value {
    match verdict {
        Verdict::Done(receipt) => json!({ "verdict": "done", "is": holds(receipt) }),
        Verdict::AlreadyDone(receipt) => json!({ "verdict": "already_done", "is": holds(receipt) }),
        Verdict::WaitUntil { at_ms, why } => json!({ "verdict": "wait_until", "at_ms": at_ms, "why": why }),
        Verdict::RetryLater(refusal) => json!({ "verdict": "retry_later", "is": refused(refusal) }),
        Verdict::SignInAgain(refusal) => json!({ "verdict": "sign_in_again", "is": refused(refusal) }),
        Verdict::NeedsPerson(refusal) => json!({ "verdict": "needs_person", "is": refused(refusal) }),
        // Who could be meant stands in the answers.
        Verdict::WhichCustomer(_) => json!({ "verdict": "which_customer" }),
        Verdict::UnderWay { ticket, look_at_ms, why } => {
            json!({ "verdict": "under_way", "ticket": ticket, "look_at_ms": look_at_ms, "is": refused(why) })
        }
        Verdict::AnswerLost(refusal) => json!({ "verdict": "answer_lost", "is": refused(refusal) }),
    }
}

/// What the platform says of an effect.
pub(super) fn confirmation(confirmation: &Confirmation) -> Value {
    match confirmation {
        Confirmation::Holds(receipt) => json!({ "says": "holds", "is": holds(receipt) }),
        Confirmation::Absent => json!({ "says": "absent" }),
        Confirmation::Overtaken(refusal) => json!({ "says": "overtaken", "is": refused(refusal) }),
        Confirmation::CannotTell(refusal) => json!({ "says": "cannot_tell", "is": refused(refusal) }),
        Confirmation::UnderWay { ticket, look_at_ms, why } => {
            json!({ "says": "under_way", "ticket": ticket, "look_at_ms": look_at_ms, "is": refused(why) })
        }
    }
}

/// One record.
pub(super) fn one(answer: &Result<Option<Incoming>, ReadError>) -> Value {
    let mut told = match answer {
        Ok(incoming) => incoming.as_ref().map_or(Value::Null, |incoming| json!(incoming.record)),
        Err(error) => trouble(error),
    };
    without_links(&mut told);
    told
}

/// Links of a hub's own.
pub(super) fn links(answer: &Result<Option<Vec<OwnLink>>, ReadError>) -> Value {
    match answer {
        Ok(links) => json!(links),
        Err(error) => trouble(error),
    }
}

/// Parcels of one order.
pub(super) fn parcels(answer: &Result<Option<Page>, ReadError>) -> Value {
    match answer {
        Ok(read) => read.as_ref().map_or(Value::Null, page),
        Err(error) => trouble(error),
    }
}
