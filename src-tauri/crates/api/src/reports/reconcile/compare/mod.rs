//! What two accounts show of one sale, and what that comes to. Pure: facts in, rows out.
//!
//! Three answers: they agree; they differ, in rows; or the sale is counted apart, with the reason, because it was never
//! to be on the other side or cannot be compared yet. Apart is never said of what differs as well. What is compared with
//! a hub, with an account of records, with another store, and without a store (two hubs, a hub and records), is a file each.

mod between;
mod hub;
mod records;
mod stores;

use crate::view::Verb;
pub(super) use between::{AtTwoHubs, HubCopy, in_two_hubs, parcels_in_records};
pub(super) use hub::{AtHub, HubRecord, LineUnits, at_hub};
use quayside_model::time::HOUR_MS;
use quayside_model::{Money, OrderId, Stage};
pub(super) use records::{InRecords, Stuck, Unwritten, in_records};
pub(super) use stores::{OtherStore, in_two_stores};

/// What is on its way for less than this is not missing.
const FRESH_MS: i64 = HOUR_MS;

/// How two sides differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Differs {
    /// One sale is there two times.
    Twice,
    /// The other account does not have it.
    MissingThere,
    /// The store does not have it.
    MissingHere,
    /// It is on both sides, and nobody said that they belong together.
    Untied,
    /// How far it is.
    Status,
    /// How many units.
    Units,
    /// What it came to.
    Total,
}

impl Differs {
    /// All of them, the most costly first.
    pub const ALL: [Self; 7] =
        [Self::Twice, Self::MissingThere, Self::MissingHere, Self::Untied, Self::Status, Self::Units, Self::Total];
    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Twice => "there twice",
            Self::MissingThere => "missing there",
            Self::MissingHere => "missing in the store",
            Self::Untied => "not tied together",
            Self::Status => "status",
            Self::Units => "units",
            Self::Total => "total",
        }
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub differs: Differs,
    /// What the store has.
    pub here: String,
    /// What the other account has.
    pub there: String,
    /// Since when, as far as anybody knows, ms UTC.
    pub since_ms: Option<i64>,
    /// What differs and what it probably means.
    pub sentence: String,
    /// What can be done about the order at once.
    pub step: Option<(Verb, String)>,
}

/// What a sale comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    Agree,
    /// Not compared, for this reason.
    Apart(String),
    Differ(Vec<Row>),
}

fn apart(reason: &str) -> Verdict {
    Verdict::Apart(reason.to_owned())
}

/// What the store shows of a sale, and what this desk decided about it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sale {
    pub id: OrderId,
    pub number: String,
    /// `None`: nothing was decided yet.
    pub stage: Option<Stage>,
    pub waits_code: String,
    pub waits_sentence: String,
    pub waits_since_ms: i64,
    pub placed_at_ms: i64,
    /// As it stands now, after edits and refunds.
    pub total: Money,
    /// Units that are wanted from the merchant.
    pub units: i64,
    pub cancelled_at_ms: Option<i64>,
    /// The store says that all of it left.
    pub fulfilled: bool,
    pub paid: bool,
    /// A person said to ship it although it differs.
    pub accepted: bool,
    /// It can be sent to the hub now; what the button says.
    pub push: Option<String>,
    /// It can be read again now.
    pub sync: bool,
}

impl Sale {
    fn fresh(&self, now_ms: i64) -> bool {
        now_ms - self.waits_since_ms < FRESH_MS
    }
    /// How the store has it, in words.
    fn standing(&self) -> &'static str {
        match (self.cancelled_at_ms.is_some(), self.fulfilled) {
            (true, _) => "cancelled",
            (_, true) => "fulfilled",
            (false, false) if self.paid => "paid, not fulfilled",
            (false, false) => "not paid",
        }
    }
    fn again(&self) -> Option<(Verb, String)> {
        self.sync.then(|| (Verb::Sync, "Look again".to_owned()))
    }
    fn send(&self) -> Option<(Verb, String)> {
        self.push.clone().map(|label| (Verb::Push, label))
    }
    /// The one click that carries it on; what has an exception is mended in the order, which says how.
    fn mend(&self) -> Option<(Verb, String)> {
        match self.waits_code.as_str() {
            "approval" => Some((Verb::Approve, "Approve".to_owned())),
            "cause:sides_differ" => Some((Verb::Retry, "Send the store's version".to_owned())),
            code if code.starts_with("cause:") => None,
            "seen_twice" | "who_writes" => None,
            _ => self.send().or_else(|| self.again()),
        }
    }
}

/// A sentence ends with a stop.
fn ended(sentence: &str) -> String {
    // What stands in for a moment is shown beside it.
    let sentence = sentence.replace(" since {since}", "");
    let sentence = sentence.trim();
    if sentence.is_empty() || sentence.ends_with(['.', '!', '?']) {
        sentence.to_owned()
    } else {
        format!("{sentence}.")
    }
}

#[cfg(test)]
mod tests;
