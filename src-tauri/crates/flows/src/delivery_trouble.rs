//! Parcels their carrier cannot bring, while somebody can still do something about it.
//!
//! Only what a carrier said in so many words: silence is a matter of days, and of the cases in the account that keeps
//! them. A parcel that moves on, or arrives, ends its entry by itself; one that comes back does not, because "delivered"
//! then means delivered to the sender.

use crate::look::Look;
use crate::records::{carrier, day, delivered_ms};
use quayside_model::time::DAY_MS;
use quayside_model::{Cause, Parcel, Track, TrackState};

/// After so long nobody waits for it any more: the buyer has the goods again, or the money.
const MENDABLE_MS: i64 = 60 * DAY_MS;

/// Parcels of the order that are in trouble at their carrier.
pub(crate) fn look(look: &mut Look<'_>) {
    let story = look.story;
    if story.order.test || story.order.is_cancelled() || story.order.is_others() {
        return;
    }
    for seen in story.parcels.iter().filter(|seen| seen.value.is_live()) {
        let parcel = &seen.value;
        let Some(track) = parcel.track.as_ref().filter(|track| track.state.is_trouble()) else { continue };
        // The store's word may be newer, but not of one that comes back.
        if track.state != TrackState::Returned && delivered_ms(look, parcel).is_some() {
            continue;
        }
        let since_ms = track.at_ms.unwrap_or(parcel.created_at_ms);
        let ends_ms = since_ms + MENDABLE_MS;
        if look.now_at(&seen.connection) >= ends_ms {
            continue;
        }
        let sentence = sentence(look, parcel, &track.state, since_ms);
        let finding = look.find(Cause::CarrierTrouble, about(parcel, track), sentence);
        finding.since_ms = Some(since_ms);
        finding.said = Some(track.says.clone()).filter(|says| !says.is_empty());
        look.look_again_at(&seen.connection, ends_ms);
    }
}

/// Settled once, it stays settled until the carrier says something else.
fn about(parcel: &Parcel, track: &Track) -> String {
    format!("{}/{}", parcel.remote_id, track.state.code())
}

/// The parcel that such an entry is about.
pub fn is_in_trouble(parcel: &Parcel, about: &str) -> bool {
    about.strip_prefix(parcel.remote_id.as_str()).is_some_and(|rest| rest.starts_with('/'))
}

fn sentence(look: &Look<'_>, parcel: &Parcel, state: &TrackState, since_ms: i64) -> String {
    let carrier = Some(carrier(parcel)).filter(|name| !name.trim().is_empty()).unwrap_or("the carrier");
    let tracking = parcel.tracking_number.trim();
    let parcel = if tracking.is_empty() { "the parcel".to_owned() } else { format!("parcel {tracking}") };
    let (number, since) = (&look.story.order.number, day(look, since_ms));
    let (what, todo) = match state {
        TrackState::Held => (
            format!("{carrier} holds {parcel} since {since}"),
            "Its tracking page says what is missing: an address, a fee, papers for customs. Tell the buyer.",
        ),
        TrackState::Lost => (
            format!("{carrier} says on {since} that {parcel} is lost"),
            "Ask the carrier for a search and for its price, and send again or give the money back.",
        ),
        TrackState::Undeliverable => (
            format!("{carrier} says on {since} that {parcel} cannot be delivered"),
            "Ask the buyer what is wrong and tell the carrier before it comes back.",
        ),
        TrackState::Returned => (
            format!("{carrier} brings {parcel} back to you since {since}"),
            "Ask the buyer whether you send it again or give the money back.",
        ),
        _ => (
            format!("{carrier} tells of trouble with {parcel} since {since}"),
            "Its tracking page says more. Tell the buyer if it will be late.",
        ),
    };
    format!("{number}: {what}. {todo}")
}
