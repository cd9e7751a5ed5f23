//! A store's sale and what was written about it into an account of records.

use super::{Differs, FRESH_MS, Row, Sale, Verdict, apart, ended};
use crate::view::Verb;
use crate::words;
use quayside_model::Money;

/// One write that the account of records did not take, or not yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::reports::reconcile) struct Unwritten {
    pub what: String,
    pub since_ms: i64,
    pub standing: Stuck,
}

/// How far such a write is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::reports::reconcile) enum Stuck {
    Asked,
    Waiting,
    Refused(String),
}

/// What was written about the sale into an account of records. It is never read back.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::reports::reconcile) struct InRecords {
    /// Records that the account took.
    pub written: usize,
    pub unwritten: Vec<Unwritten>,
    /// Tracking numbers of parcels that should have a record and have none planned.
    pub parcels_without: Vec<String>,
    /// Parcels that go out.
    pub parcels: usize,
    /// What the sale was worth as it was written last.
    pub worth: Option<(Money, i64)>,
    /// Something is written there by itself.
    pub on: bool,
    /// Another account that keeps the records of this sale.
    pub other: Option<String>,
}

/// A store's sale and what stands about it in an account of records.
pub(in crate::reports::reconcile) fn in_records(sale: &Sale, there: &InRecords, name: &str, now_ms: i64) -> Verdict {
    let number = &sale.number;
    if let Some(other) = &there.other {
        return Verdict::Apart(format!("are kept in {other}"));
    }
    let records = |n: usize| words::count(n as i64, "record", "records");
    let mut rows = Vec::new();
    let mut moving = false;
    for one in &there.unwritten {
        let (says, sentence, step) = match &one.standing {
            Stuck::Refused(why) => (
                "refused",
                format!("{name} refused what was to be written about {number}. {}", ended(why)),
                Some((Verb::Retry, "Retry now".to_owned())),
            ),
            Stuck::Asked => (
                "waits for your click",
                format!("What is to be written about {number} into {name} waits for your click."),
                Some((Verb::Approve, "Approve".to_owned())),
            ),
            Stuck::Waiting if now_ms - one.since_ms < FRESH_MS => {
                moving = true;
                continue;
            }
            Stuck::Waiting => (
                "not written yet",
                format!(
                    "What is to be written about {number} into {name} waits longer than an hour: the account is paused, out of its calls, or not reached."
                ),
                None,
            ),
        };
        rows.push(Row {
            differs: Differs::MissingThere,
            here: one.what.clone(),
            there: says.to_owned(),
            since_ms: Some(one.since_ms),
            sentence,
            step,
        });
    }
    if !there.parcels_without.is_empty() {
        rows.push(Row {
            differs: Differs::Units,
            here: words::count(there.parcels as i64, "parcel", "parcels"),
            there: records(there.parcels - there.parcels_without.len().min(there.parcels)),
            since_ms: None,
            sentence: format!(
                "{} of {number} has no record in {name}. Look again: what is missing is planned anew.",
                words::list(&there.parcels_without)
            ),
            step: sale.again(),
        });
    }
    if let Some((written, at_ms)) =
        there.worth.as_ref().filter(|(written, _)| there.unwritten.is_empty() && *written != sale.total)
    {
        rows.push(Row {
            differs: Differs::Total,
            here: sale.total.to_string(),
            there: format!("{written} as it was written"),
            since_ms: Some(*at_ms),
            sentence: format!(
                "{number} came to another amount when it was written into {name} than it does now in the store."
            ),
            step: sale.again(),
        });
    }
    if !rows.is_empty() {
        return Verdict::Differ(rows);
    }
    if moving {
        return apart("are on their way");
    }
    if there.written > 0 {
        return Verdict::Agree;
    }
    apart(if !there.on {
        "are not written there: the automations for records are off or only watch"
    } else if sale.waits_code == "test_order" {
        "are tests"
    } else {
        "have nothing to be written there: not paid, cancelled, no parcel yet, or a buyer whose data must be forgotten"
    })
}
