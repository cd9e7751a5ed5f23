//! Where parcels are: V2's coarse words from its list of labels, the finer ones of those that worry somebody.
//!
//! The list tells four words and no moment, and tells them of a hundred labels a call: that is enough for almost every
//! parcel. Only of those the carrier has trouble with, and of those long on the way, each is asked about by itself, a few
//! with every page and not again for half a day, so that no number of parcels costs more than that.

use super::client::{Api, Call, segment};
use super::hub::Hub;
use super::ids::{self, ParcelId};
use super::wire_v2::{LabelV2, TrackV2};
use super::{translate, wire};
use crate::Priority;
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_model::{Incoming, Record, Track, TrackState, Tracked};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// So many parcels are asked about with a page of a hundred.
const ASKED_MAX: usize = 10;
/// Not again before.
const AGAIN_MS: i64 = 12 * HOUR_MS;
/// On the way for so long it is asked what keeps it.
const LONG_MS: i64 = 3 * DAY_MS;

/// What the list says of a label.
pub(super) fn of_label(label: &LabelV2) -> Result<Tracked, String> {
    let id = label.label_id.as_deref().ok_or("label_id: missing")?;
    let never = label.trackable.as_ref().is_some_and(|word| *word == Value::Bool(false));
    let state = match label.tracking_status.trim().to_ascii_lowercase().as_str() {
        "in_transit" => TrackState::InTransit,
        "error" => TrackState::Exception,
        "delivered" => TrackState::Delivered,
        // "Not seen yet" and "nothing known" are one word there. Of some carriers nothing is ever known.
        "unknown" if !never => TrackState::LabelMade,
        "unknown" | "" => nobody_knows(),
        _ => TrackState::Unknown(label.tracking_status.trim().to_owned()),
    };
    Ok(Tracked {
        parcel_id: ids::label(id),
        track: Track { state, at_ms: None, says: String::new(), expected_ms: None },
    })
}

fn nobody_knows() -> TrackState {
    TrackState::Unknown("unknown".to_owned())
}

/// What a carrier said of one parcel. `None`: nothing that says more than the list.
pub(super) fn of_answer(answer: &TrackV2) -> Option<Track> {
    let code = answer.status_code.trim().to_ascii_uppercase();
    let detail = answer.status_detail_code.trim().to_ascii_uppercase();
    let state = finer(&detail).or_else(|| coarse(&code)).or_else(|| match code.as_str() {
        "" => None,
        // Nobody knows, which is not the same as "not seen yet".
        "UN" => Some(nobody_knows()),
        _ => Some(TrackState::Unknown(answer.status_code.trim().to_owned())),
    })?;
    let scanned = answer.events.iter().filter_map(|event| translate::utc(&event.occurred_at)).max();
    let arrived = translate::utc(&answer.actual_delivery_date).filter(|_| state == TrackState::Delivered);
    let expected_ms = meant_for(&answer.estimated_delivery_date).filter(|_| arrived.is_none());
    let words = [&answer.exception_description, &answer.carrier_status_description, &answer.status_detail_description];
    let says = words.into_iter().map(|text| text.trim()).find(|text| !text.is_empty()).unwrap_or_default();
    Some(Track { state, at_ms: arrived.or(scanned), says: says.to_owned(), expected_ms })
}

/// When a carrier means to deliver: a day is written as its midnight, and is that day wherever it is read.
fn meant_for(text: &str) -> Option<i64> {
    if text.contains("T00:00:00") { translate::utc_day(text) } else { translate::utc(text) }
}

/// The two letters.
fn coarse(code: &str) -> Option<TrackState> {
    Some(match code {
        "NY" => TrackState::LabelMade,
        "AC" => TrackState::Accepted,
        "IT" => TrackState::InTransit,
        "AT" => TrackState::Attempted,
        "SP" => TrackState::AtPickup,
        "DE" => TrackState::Delivered,
        "EX" => TrackState::Exception,
        _ => return None,
    })
}

/// The words that say more than the two letters; all others leave it to those.
fn finer(detail: &str) -> Option<TrackState> {
    Some(match detail {
        "OUT_FOR_DELIVERY" => TrackState::OutForDelivery,
        "RETURN_TO_SENDER" => TrackState::Returned,
        "PARCEL_LOST" | "PARCEL_DISPOSED" => TrackState::Lost,
        "NOT_DELIVERED"
        | "NOT_DELIVERED_ADDRESSEE_DECEASED"
        | "CUSTOMER_MOVED"
        | "REFUSED_BY_CUSTOMER"
        | "NO_ACCESS_TO_RECIPIENTS_ADDRESS"
        | "NOT_COLLECTED_FROM_PICKUP_POINT"
        | "PARCEL_OUTSIDE_OF_SERVICE_CAPABILITY"
        | "HAZARDOUS_PROHIBITED" => TrackState::Undeliverable,
        "HELD_BY_CARRIER"
        | "HELD_BY_CARRIER_FOR_CLEARANCE_PRE_PROCESSING"
        | "HELD_BY_CUSTOMS"
        | "HELD_BY_EXPORT_CUSTOMS"
        | "HELD_BY_IMPORT_CUSTOMS"
        | "INCORRECT_DECLARATION"
        | "ADDRESS_QUERY"
        | "COD_AMOUNT_NOT_PAID" => TrackState::Held,
        _ => return None,
    })
}

/// What single parcels were asked about lately. Lives in memory: what it is for is to ask seldom.
#[derive(Debug, Default)]
pub(super) struct Answers(Mutex<BTreeMap<String, Answer>>);

#[derive(Debug, Clone)]
struct Answer {
    asked_ms: i64,
    /// What the list said then: with another word it is asked anew.
    listed: TrackState,
    /// `None`: nothing that says more.
    track: Option<Track>,
}

impl Answers {
    /// What was answered, while that still holds.
    fn known(&self, id: &str, listed: &TrackState, now_ms: i64) -> Option<Answer> {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get(id).filter(|one| one.listed == *listed && now_ms - one.asked_ms < AGAIN_MS).cloned()
    }

    fn keep(&self, id: &str, listed: TrackState, track: Option<Track>, now_ms: i64) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|_, one| now_ms - one.asked_ms < AGAIN_MS);
        answers.insert(id.to_owned(), Answer { asked_ms: now_ms, listed, track });
    }
}

/// A label of the page, as far as it matters here.
pub(super) struct Row {
    pub tracked: Tracked,
    pub raw: String,
    pub created_ms: Option<i64>,
}

/// The labels of a page.
pub(super) fn rows(records: Vec<Incoming>) -> Vec<Row> {
    let row = |Incoming { record, raw }: Incoming| {
        let Record::Track(tracked) = record else { return None };
        let created_ms = wire::record_in::<LabelV2>(&raw).ok().and_then(|label| translate::utc(&label.created_at));
        Some(Row { tracked, raw, created_ms })
    };
    records.into_iter().filter_map(row).collect()
}

/// The page's labels with what their carriers say, where that is worth a call. What is not answered stays as the list
/// has it: it is asked again with another page.
pub(super) async fn asked(hub: &Hub, rows: Vec<Row>, priority: Priority) -> Vec<Incoming> {
    let now_ms = hub.their_now_ms();
    let worth = |(n, row): (usize, &Row)| worth(row, now_ms).map(|long| (long, n));
    let mut wanted: Vec<(bool, usize)> = rows.iter().enumerate().filter_map(worth).collect();
    // Trouble first.
    wanted.sort_unstable();
    let mut answers: BTreeMap<usize, Track> = BTreeMap::new();
    let mut left = ASKED_MAX;
    for (_, n) in wanted {
        let Some(row) = rows.get(n) else { continue };
        let Some(ParcelId::Label(id)) = ParcelId::parse(&row.tracked.parcel_id) else { continue };
        if let Some(known) = hub.tracks.known(id, &row.tracked.track.state, now_ms) {
            answers.extend(known.track.map(|track| (n, track)));
            continue;
        }
        if left == 0 {
            continue;
        }
        left -= 1;
        let path = format!("/v2/labels/{}/track", segment(&ids::to_v2(id)));
        let Ok(reply) = hub.client.call(Call::get(Api::V2, path, priority)).await else { break };
        let answer = reply.json.as_ref().filter(|_| reply.is_success());
        let track = answer.and_then(|body| wire::record::<TrackV2>(body).ok()).and_then(|answer| of_answer(&answer));
        hub.tracks.keep(id, row.tracked.track.state.clone(), track.clone(), now_ms);
        answers.extend(track.map(|track| (n, track)));
    }
    let rows = rows.into_iter().enumerate();
    rows.map(|(n, row)| {
        let Tracked { parcel_id, track } = row.tracked;
        let track = answers.remove(&n).unwrap_or(track);
        Incoming { record: Record::Track(Tracked { parcel_id, track }), raw: row.raw }
    })
    .collect()
}

/// Whether a call would say more: `Some(false)` trouble, `Some(true)` long on the way.
fn worth(row: &Row, now_ms: i64) -> Option<bool> {
    match row.tracked.track.state {
        TrackState::Exception => Some(false),
        // One that is not seen for so long may be one whose carrier tells nothing.
        TrackState::InTransit | TrackState::LabelMade => {
            row.created_ms.is_some_and(|at_ms| now_ms - at_ms >= LONG_MS).then_some(true)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn state(label: &Value) -> TrackState {
        of_label(&wire::record::<LabelV2>(label).unwrap()).unwrap().track.state
    }

    #[test]
    fn the_lists_words() {
        for (word, expected) in [
            ("unknown", TrackState::LabelMade),
            ("in_transit", TrackState::InTransit),
            ("Delivered", TrackState::Delivered),
            ("error", TrackState::Exception),
            ("beamed_up", TrackState::Unknown("beamed_up".into())),
        ] {
            assert_eq!(state(&json!({"label_id": "se-1", "tracking_status": word})), expected, "{word}");
        }
        let nameless = wire::record::<LabelV2>(&json!({"tracking_status": "error"})).unwrap();
        assert_eq!(of_label(&nameless).unwrap_err(), "label_id: missing");
    }

    #[test]
    fn what_no_carrier_tells_is_not_taken_for_a_label_on_the_bench() {
        for (label, expected) in [
            (json!({"tracking_status": "unknown", "trackable": true}), TrackState::LabelMade),
            (json!({"tracking_status": "unknown", "trackable": "often"}), TrackState::LabelMade),
            (json!({"tracking_status": "unknown"}), TrackState::LabelMade),
            (json!({"tracking_status": "unknown", "trackable": false}), nobody_knows()),
            (json!({"tracking_status": "delivered", "trackable": false}), TrackState::Delivered),
            (json!({"tracking_status": null}), nobody_knows()),
            (json!({}), nobody_knows()),
        ] {
            let mut label = label;
            label["label_id"] = json!("se-1");
            assert_eq!(state(&label), expected, "{label}");
        }
    }

    #[test]
    fn a_carriers_answer_in_our_words() {
        for (code, detail, expected) in [
            ("NY", "ELEC_ADVICE_RECD_BY_CARRIER", Some(TrackState::LabelMade)),
            ("AC", "RECEIVED_BY_CARRIER", Some(TrackState::Accepted)),
            ("IT", "OUT_FOR_DELIVERY", Some(TrackState::OutForDelivery)),
            ("IT", "HELD_BY_CUSTOMS", Some(TrackState::Held)),
            ("AT", "CUSTOMER_CARDED", Some(TrackState::Attempted)),
            ("SP", "AWAITING_COLLECTION_FROM_PICKUP_POINT", Some(TrackState::AtPickup)),
            ("EX", "PARCEL_LOST", Some(TrackState::Lost)),
            ("EX", "RETURN_TO_SENDER", Some(TrackState::Returned)),
            ("EX", "REFUSED_BY_CUSTOMER", Some(TrackState::Undeliverable)),
            ("EX", "A_NEW_WORD", Some(TrackState::Exception)),
            ("de", "", Some(TrackState::Delivered)),
            ("ZZ", "A_NEW_WORD", Some(TrackState::Unknown("ZZ".into()))),
            ("UN", "", Some(TrackState::Unknown("unknown".into()))),
            ("", "", None),
        ] {
            let answer = json!({"status_code": code, "status_detail_code": detail});
            let track = of_answer(&wire::record::<TrackV2>(&answer).unwrap());
            assert_eq!(track.map(|track| track.state), expected, "{code} {detail}");
        }
    }

    #[test]
    fn when_and_in_whose_words() {
        let answer = |more: Value| {
            let mut answer = json!({"status_code": "EX", "events": [
                {"occurred_at": "2026-03-02T10:00:00Z"}, null, {"occurred_at": "2026-03-02T12:00:00Z"}, {"occurred_at": "soon"}],
                "carrier_status_description": "On hold", "exception_description": "The parcel can not be found"});
            answer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            of_answer(&wire::record::<TrackV2>(&answer).unwrap()).unwrap()
        };
        let track = answer(json!({}));
        assert_eq!((track.at_ms, track.says.as_str()), (Some(1_772_452_800_000), "The parcel can not be found"));
        let there = answer(
            json!({"status_code": "DE", "actual_delivery_date": "2026-03-02T11:30:00Z", "exception_description": ""}),
        );
        assert_eq!((there.at_ms, there.says.as_str()), (Some(1_772_451_000_000), "On hold"));
        for (told, expected_ms) in [
            (json!({"estimated_delivery_date": "2026-03-05T17:00:00Z"}), Some(1_772_730_000_000)),
            // A day: its start at the hub.
            (json!({"estimated_delivery_date": "2026-03-05T00:00:00.000Z"}), Some(1_772_697_600_000)),
            (json!({"estimated_delivery_date": null}), None),
            (json!({"estimated_delivery_date": "soon"}), None),
            (
                json!({"status_code": "DE", "estimated_delivery_date": "2026-03-05T17:00:00Z",
                "actual_delivery_date": "2026-03-02T11:30:00Z"}),
                None,
            ),
        ] {
            assert_eq!(answer(told.clone()).expected_ms, expected_ms, "{told}");
        }
        let bare = answer(json!({"events": null, "carrier_status_description": 7, "exception_description": null}));
        assert_eq!((bare.at_ms, bare.says.as_str()), (None, "7"));
    }

    #[test]
    fn only_what_worries_somebody_is_worth_a_call() {
        let row = |state: TrackState, days: i64| Row {
            tracked: Tracked {
                parcel_id: "label:1".into(),
                track: Track { state, at_ms: None, says: String::new(), expected_ms: None },
            },
            raw: String::new(),
            created_ms: Some(100 * DAY_MS - days * DAY_MS),
        };
        for (state, days, expected) in [
            (TrackState::Exception, 0, Some(false)),
            (TrackState::InTransit, 2, None),
            (TrackState::InTransit, 3, Some(true)),
            (TrackState::Delivered, 9, None),
            (TrackState::LabelMade, 9, Some(true)),
            (TrackState::LabelMade, 2, None),
        ] {
            assert_eq!(worth(&row(state.clone(), days), 100 * DAY_MS), expected, "{state:?} {days}");
        }
    }
}
