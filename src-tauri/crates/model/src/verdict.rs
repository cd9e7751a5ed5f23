//! What became of an effect.

use crate::{CustomerDoubt, Money, Refusal};
use serde::{Deserialize, Serialize};

/// What the platform gave back for a write that holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The id of what was made or changed, if the platform said.
    pub remote_id: Option<String>,
    /// The platform's name for the request, for its support.
    pub request_id: Option<String>,
    /// Anything worth telling ("label bought at 14:02").
    pub note: Option<String>,
    /// What it cost, where it costs money. Left out of what is stored otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
}

/// What an answer to a write means for the effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Done(Receipt),
    /// It held before we asked.
    AlreadyDone(Receipt),
    /// Not now; the platform said when. Spends no attempt.
    WaitUntil {
        /// Earliest moment to try again, ms UTC.
        at_ms: i64,
        /// What we wait on, in words.
        why: String,
    },
    /// Certainly not applied, and worth another try by itself.
    RetryLater(Refusal),
    /// The sign-in no longer holds: pauses the connection, not the effect.
    SignInAgain(Refusal),
    /// Certainly not applied, and no repetition will change that.
    /// Also every answer to a write that we do not understand.
    NeedsPerson(Refusal),
    /// Certainly not applied: a customer could be one of several. As [`Self::NeedsPerson`], with who could be meant.
    WhichCustomer(Box<CustomerDoubt>),
    /// The platform took it and works on it, for minutes or hours. Looked up from `look_at_ms` on.
    UnderWay {
        /// What the platform calls it (the id of a file, of a job), in the connector's own words. Kept with the
        /// effect from this answer on, and handed to [`Confirmation`]'s question, restarts included.
        ticket: String,
        /// Earliest look, ms UTC.
        look_at_ms: i64,
        /// What is going on, in words.
        why: Refusal,
    },
    /// No answer, or one that leaves open whether it was applied.
    /// Looked up at the platform before it is sent again.
    AnswerLost(Refusal),
}

/// What the platform says when asked whether an effect holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmation {
    /// It holds.
    Holds(Receipt),
    /// It does not, so it may be sent.
    Absent,
    /// It does not, and must not be sent any more (the order is locked, cancelled, gone).
    Overtaken(Refusal),
    /// The platform cannot say yet; ask again later.
    CannotTell(Refusal),
    /// It was taken in after all, and this is what the platform calls it. The ticket is written down before anything
    /// else is asked: from then on nothing of somebody else's is taken for it, nor this for somebody else's.
    UnderWay {
        /// What the platform calls it.
        ticket: String,
        /// When to look it up there, ms UTC.
        look_at_ms: i64,
        /// What is going on, in words.
        why: Box<Refusal>,
    },
}
