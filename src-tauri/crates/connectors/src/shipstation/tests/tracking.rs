//! Where parcels are: which list is asked, which parcels by themselves, and how often.

use super::{NOW_MS, Rig, ok, param, rig};
use crate::testing::{Sent, json};
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_model::{Record, Track, TrackState};
use serde_json::{Value, json};

/// So many labels of this coarse word, bought so many days ago; each tells the same by itself.
fn serve(
    n: usize,
    word: &'static str,
    days: i64,
    answer: Value,
) -> impl FnMut(&Sent) -> Result<http::Response<Vec<u8>>, crate::WireError> + Send + 'static {
    let created = chrono::DateTime::from_timestamp_millis(NOW_MS - days * DAY_MS).unwrap().to_rfc3339();
    move |sent| {
        if sent.url.contains("/track") {
            return if answer.is_null() { json(404, &json!({"errors": []})) } else { ok(&answer) };
        }
        let label = |id: usize| json!({"label_id": format!("se-{id}"), "created_at": created, "tracking_status": word});
        let labels: Vec<Value> = (0..n).map(label).collect();
        ok(&json!({"labels": labels, "total": n}))
    }
}

async fn tracks(rig: &Rig) -> Vec<Track> {
    let page = rig.read("tracking", None, None).await.unwrap();
    assert!(page.unreadable.is_empty() && page.next.is_none(), "{page:?}");
    let track = |one: quayside_model::Incoming| match one.record {
        Record::Track(told) => told.track,
        other => panic!("{other:?}"),
    };
    page.records.into_iter().map(track).collect()
}

fn asked(rig: &Rig) -> usize {
    rig.log().iter().filter(|line| line.contains("/track")).count()
}

#[tokio::test]
async fn v1_alone_is_asked_nothing() {
    let rig = rig("v1", |_| json(500, &json!({})));
    let page = rig.read("tracking", None, None).await.unwrap();
    assert_eq!((page.records.len(), page.asked, rig.log().len()), (0, false, 0));
}

#[tokio::test]
async fn one_page_tells_of_many_parcels() {
    for way in ["v2", "both"] {
        let rig = rig(way, serve(60, "in_transit", 1, Value::Null));
        let tracks = tracks(&rig).await;
        assert_eq!(tracks.len(), 60);
        assert!(tracks.iter().all(|track| track.state == TrackState::InTransit && track.at_ms.is_none()), "{tracks:?}");
        let sent = rig.wire.sent();
        assert_eq!(sent.len(), 1, "{way}: no call for a single parcel");
        for (name, value) in [("label_status", "completed"), ("sort_by", "created_at"), ("page_size", "100")] {
            assert_eq!(param(&sent[0], name).as_deref(), Some(value), "{name}");
        }
    }
}

/// Which parcels are asked about by themselves: coarse word, days since the label, calls.
#[tokio::test]
async fn a_few_are_asked_about_by_themselves() {
    for (word, days, calls) in [
        ("error", 0, 10),
        ("in_transit", 2, 0),
        ("in_transit", 4, 10),
        ("unknown", 1, 0),
        ("unknown", 4, 10),
        ("delivered", 9, 0),
        ("beamed_up", 9, 0),
    ] {
        let lost = json!({"status_code": "EX", "status_detail_code": "PARCEL_LOST", "exception_description": "Not found",
            "events": [{"occurred_at": "2026-03-01T10:00:00Z"}]});
        let rig = rig("v2", serve(25, word, days, lost));
        let told = tracks(&rig).await;
        assert_eq!(asked(&rig), calls, "{word} {days}");
        assert_eq!(told.iter().filter(|track| track.state == TrackState::Lost).count(), calls, "{word} {days}");
        if calls == 0 {
            continue;
        }
        // The rest with the next pages; nobody twice before half a day is over.
        for more in [20, 25, 25] {
            rig.clock.advance(HOUR_MS);
            tracks(&rig).await;
            assert_eq!(asked(&rig), more, "{word} {days}");
        }
        rig.clock.advance(12 * HOUR_MS);
        tracks(&rig).await;
        assert_eq!(asked(&rig), 35, "{word} {days}");
    }
}

#[tokio::test]
async fn what_is_not_answered_stays_as_the_list_has_it() {
    for answer in [Value::Null, json!({}), json!({"status_code": 7, "events": "none"})] {
        let rig = rig("v2", serve(2, "error", 1, answer.clone()));
        let tracks = tracks(&rig).await;
        let known = tracks.iter().all(|track| matches!(track.state, TrackState::Exception | TrackState::Unknown(_)));
        assert!(tracks.len() == 2 && known, "{answer}: {tracks:?}");
    }
}
