//! What a change takes, decided from what was read a moment ago. Pure.
//!
//! Salesforce has no idempotency key for a plain create, so every change is read before
//! it is written: what holds already is not done again.

use super::mapping::{Mapping, Usable};
use super::parcels::{Note, Parcel, all_left, opaque, row_shows, summary};
use super::translate::{Read, moment};
use quayside_model::{Cause, Intent};
use serde_json::{Map, Value, json};

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one at a time, and never kept")]
pub enum Step {
    /// The org has it already.
    Already {
        /// The record that says so.
        id: String,
    },
    /// Not without a person.
    Refuse {
        /// Kind.
        cause: Cause,
        /// Why, and what to do.
        sentence: String,
    },
    /// Write these.
    Write {
        /// The parcel's record; `None`: it is as it should be.
        parcel: Option<Record>,
        /// Fields of the opportunity; empty: they are as they should be.
        opportunity: Map<String, Value>,
        /// Id of the parcel's record, where it exists.
        id: Option<String>,
    },
}

/// A record that stands for a parcel.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// A new one.
    New(Note),
    /// Another content for this one.
    Change(String, Note),
}

/// Decides one change of an opportunity's parcels. `row` is the opportunity as it was read.
pub fn decide(
    intent: &Intent,
    key: &str,
    read: &Read,
    row: &Value,
    usable: &Usable,
    mapping: &Mapping,
    zone: chrono_tz::Tz,
) -> Step {
    let refuse = |cause: Cause, sentence: &str| Step::Refuse { cause, sentence: sentence.to_owned() };
    let order = &read.order;
    let mut after = read.parcels.clone();
    let (record, id) = match intent {
        Intent::Fulfill { fulfillment: draft } => {
            let ours = opaque(key);
            if let Some(parcel) = read.parcels.iter().find(|parcel| parcel.note.key == ours) {
                if !parcel.note.live {
                    return refuse(Cause::FulfillmentRefused, "It was reported and taken back since.");
                }
                (None, Some(parcel.id.clone()))
            } else if let Some(parcel) = told_before(read, draft) {
                // The parcel is told; the opportunity still shows it and moves on with its last one, while it is an order.
                let held = order.fulfillment_orders.iter().any(|work| !work.holds.is_empty());
                if order.is_cancelled() || held {
                    return Step::Already { id: parcel.id.clone() };
                }
                // Where its stage moves on, nothing else says when it was won.
                let undated = read.parcels.iter().all(|known| known.note.placed_ms.is_none());
                let moves = usable.shipped_stage.is_some() && all_left(order, &read.parcels);
                let note = Note { placed_ms: Some(order.placed_at_ms), ..parcel.note.clone() };
                let change = (undated && moves).then(|| Record::Change(parcel.id.clone(), note));
                (change, Some(parcel.id.clone()))
            } else {
                if draft.lines.is_empty() {
                    return refuse(Cause::ParcelDoesNotFit, "The parcel has no lines of this opportunity.");
                }
                if order.is_cancelled() {
                    return refuse(
                        Cause::FulfillmentRefused,
                        "The opportunity is lost or deleted in Salesforce, so a parcel cannot be reported any more.",
                    );
                }
                if let Some(hold) = order.fulfillment_orders.iter().flat_map(|work| &work.holds).next() {
                    return Step::Refuse {
                        cause: Cause::HeldInChannel,
                        sentence: format!("It waits: {}. Close it as won again, then retry.", hold.reason),
                    };
                }
                for line in &draft.lines {
                    let known = order.lines.iter().find(|known| known.remote_id == line.order_line_id);
                    let left = known.map_or(0, |known| known.unfulfilled_quantity);
                    if line.quantity > left {
                        let name = known
                            .map_or("a product that is not on the opportunity any more", |known| known.name.as_str());
                        return Step::Refuse {
                            cause: Cause::FulfillmentRefused,
                            sentence: format!(
                                "The parcel carries {} × {name}, and {left} are left to ship in Salesforce.",
                                line.quantity
                            ),
                        };
                    }
                }
                let mut note = Note::of(draft, key, zone);
                note.placed_ms = usable.shipped_stage.is_some().then_some(order.placed_at_ms);
                after.push(Parcel { id: String::new(), created_at_ms: i64::MAX, note: note.clone() });
                (Some(Record::New(note)), None)
            }
        }
        Intent::ReplaceTracking { fulfillment_id, tracking, .. } => {
            let Some(parcel) = after.iter_mut().find(|parcel| parcel.id == *fulfillment_id && parcel.note.live) else {
                return refuse(
                    Cause::FulfillmentRefused,
                    "The report of this parcel was deleted or taken back in Salesforce. Report the parcel anew, or skip this.",
                );
            };
            if tracking.numbers.iter().all(|number| number.trim().is_empty()) {
                return refuse(Cause::ContentRefused, "The new tracking is empty.");
            }
            let shown = parcel.note.shows(tracking);
            parcel.note.follow(tracking);
            let change = Record::Change(parcel.id.clone(), parcel.note.clone());
            ((!shown).then_some(change), Some(parcel.id.clone()))
        }
        Intent::CancelFulfillment { fulfillment_id, .. } => {
            let Some(parcel) = after.iter_mut().find(|parcel| parcel.id == *fulfillment_id) else {
                return refuse(
                    Cause::FulfillmentRefused,
                    "Salesforce does not show the report of this parcel any more. Look at the opportunity, then skip this.",
                );
            };
            let live = parcel.note.live;
            parcel.note.live = false;
            let change = Record::Change(parcel.id.clone(), parcel.note.clone());
            (live.then_some(change), Some(parcel.id.clone()))
        }
        other => {
            return Step::Refuse {
                cause: Cause::NotUnderstood,
                sentence: format!(
                    "An opportunity cannot {}. This is a fault of Quayside; please report it.",
                    other.kind().phrase()
                ),
            };
        }
    };
    let mut opportunity = summary(order, &after, usable, mapping);
    if matches!(intent, Intent::Fulfill { .. })
        && all_left(order, &after)
        && let Some(stage) = next_stage(row, read, id.as_deref(), usable)
    {
        opportunity.insert("StageName".to_owned(), json!(stage));
    }
    let shown = row_shows(row, &opportunity);
    match (record, id, shown) {
        (None, Some(id), true) => Step::Already { id },
        (record, id, shown) => {
            Step::Write { parcel: record, opportunity: if shown { Map::new() } else { opportunity }, id }
        }
    }
}

/// The stage it goes to now that all of it has left: from one that counts as won, and never back from where people moved
/// it since the parcel was written down, nor from a later stage they moved it to since the first one was.
fn next_stage<'a>(row: &Value, read: &Read, known: Option<&str>, usable: &'a Usable) -> Option<&'a str> {
    let stage = usable.shipped_stage.as_deref()?;
    let text = |name: &str| row.get(name).and_then(Value::as_str);
    let won = row.get("IsWon") == Some(&Value::Bool(true));
    let changed_ms = text("LastStageChangeDate").and_then(moment);
    let parcel = known.and_then(|id| read.parcels.iter().find(|parcel| parcel.id == id));
    let moved = parcel.is_some_and(|parcel| changed_ms.is_none_or(|at_ms| at_ms > parcel.created_at_ms));
    let is_later = text("StageName").is_some_and(|now| usable.later_stages.iter().any(|later| later == now));
    let since = read.parcels.first().zip(changed_ms).is_some_and(|(first, at_ms)| at_ms > first.created_at_ms);
    let stays = moved || is_later && since;
    (won && !stays && text("StageName") != Some(stage)).then_some(stage)
}

/// Somebody else reported the very same: its numbers, on a report we did not know of, with all its lines.
fn told_before<'a>(read: &'a Read, draft: &quayside_model::FulfillmentDraft) -> Option<&'a Parcel> {
    let wanted: Vec<&str> =
        draft.tracking.numbers.iter().map(|number| number.trim()).filter(|number| !number.is_empty()).collect();
    if wanted.is_empty() {
        return None;
    }
    read.parcels.iter().filter(|parcel| parcel.note.live).find(|parcel| {
        wanted.iter().all(|number| parcel.note.numbers.iter().any(|known| known.eq_ignore_ascii_case(number)))
            && draft.lines.iter().all(|line| parcel.note.units(&line.order_line_id) >= line.quantity)
    })
}
