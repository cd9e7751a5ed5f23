//! Where a parcel is on its way, as its carrier tells it and its hub repeats it.

use serde::{Deserialize, Serialize};
use specta::Type;

/// What was last heard of a parcel on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Track {
    /// Where it stands.
    pub state: TrackState,
    /// Since when, ms UTC: the carrier's moment where it is told, else when it was first read so.
    pub at_ms: Option<i64>,
    /// The carrier's own words, empty where none were told.
    pub says: String,
    /// When the carrier means to deliver it, where it says so, ms UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_ms: Option<i64>,
}

/// Where a parcel stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum TrackState {
    /// There is a label; the carrier has not said that it has the parcel.
    LabelMade,
    /// The carrier has it.
    Accepted,
    /// Somewhere on the way.
    InTransit,
    /// On the last van.
    OutForDelivery,
    /// Nobody took it; the carrier tries again.
    Attempted,
    /// It waits where the buyer fetches it.
    AtPickup,
    /// The buyer has it.
    Delivered,
    /// Stopped: customs, an address nobody finds, something to pay.
    Held,
    /// The carrier does not find it, or destroyed it.
    Lost,
    /// It cannot be delivered: refused, moved away, no such place.
    Undeliverable,
    /// On its way back to the sender.
    Returned,
    /// Something else is wrong with it.
    Exception,
    /// A word we do not know, kept as it came.
    Unknown(String),
}

impl TrackState {
    /// Somebody has to do something, or it ends badly.
    pub fn is_trouble(&self) -> bool {
        matches!(self, Self::Held | Self::Lost | Self::Undeliverable | Self::Returned | Self::Exception)
    }

    /// It is moving, or waits to be fetched.
    fn is_under_way(&self) -> bool {
        matches!(self, Self::Accepted | Self::InTransit | Self::OutForDelivery | Self::Attempted | Self::AtPickup)
    }

    /// The carrier said that it had it.
    pub fn was_scanned(&self) -> bool {
        self.is_under_way() || self.is_trouble() || *self == Self::Delivered
    }

    /// Stable word for storage.
    pub fn code(&self) -> &str {
        match self {
            Self::LabelMade => "label_made",
            Self::Accepted => "accepted",
            Self::InTransit => "in_transit",
            Self::OutForDelivery => "out_for_delivery",
            Self::Attempted => "attempted",
            Self::AtPickup => "at_pickup",
            Self::Delivered => "delivered",
            Self::Held => "held",
            Self::Lost => "lost",
            Self::Undeliverable => "undeliverable",
            Self::Returned => "returned",
            Self::Exception => "exception",
            Self::Unknown(word) => word,
        }
    }

    /// For people.
    pub fn words(&self) -> &str {
        match self {
            Self::LabelMade => "label made",
            Self::Accepted => "accepted by the carrier",
            Self::InTransit => "in transit",
            Self::OutForDelivery => "out for delivery",
            Self::Attempted => "delivery attempted",
            Self::AtPickup => "waits at a pickup point",
            Self::Delivered => "delivered",
            Self::Held => "held by the carrier",
            Self::Lost => "lost by the carrier",
            Self::Undeliverable => "cannot be delivered",
            Self::Returned => "on its way back to the sender",
            Self::Exception => "in trouble at the carrier",
            Self::Unknown(word) => word,
        }
    }
}

impl Track {
    /// What holds after this was told, with what was known before. Lists tell four coarse words and no moment, a
    /// question about one parcel the finer ones: a coarse word does not wipe out the finer one it agrees with.
    #[must_use]
    pub fn after(self, before: Option<&Self>, now_ms: i64) -> Self {
        if let Some(before) = before
            && !self.is_news(before)
        {
            // What is no news of where it is may be news of when it comes.
            return Self { expected_ms: self.expected_ms.or(before.expected_ms), ..before.clone() };
        }
        let expected_ms = self.expected_ms.or_else(|| before.and_then(|before| before.expected_ms));
        Self { at_ms: self.at_ms.or(Some(now_ms)), expected_ms, ..self }
    }

    fn is_news(&self, before: &Self) -> bool {
        let differs = (&self.state, &self.says) != (&before.state, &before.says);
        if let (Some(now), Some(then)) = (self.at_ms, before.at_ms) {
            if before.says.is_empty() {
                // A list's word is as old as its reading, not as what happened.
                let is_over = matches!(before.state, TrackState::Delivered | TrackState::Returned);
                return differs && !(is_over && self.state != before.state);
            }
            return now > then || now == then && differs;
        }
        let (now, then) = (&self.state, &before.state);
        match (now, then) {
            // Back at the sender is "delivered", too, for some carriers; and that a carrier's silence means nothing was
            // learned by asking.
            (_, TrackState::Returned | TrackState::Delivered) | (TrackState::LabelMade, TrackState::Unknown(_)) => {
                false
            }
            // That a carrier forgot a parcel, or says a word nobody knows, undoes no scan.
            (TrackState::LabelMade | TrackState::Unknown(_), then) if then.was_scanned() => false,
            (TrackState::InTransit, then) => !then.is_under_way(),
            (TrackState::Exception, then) => !then.is_trouble(),
            (now, then) => now != then,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TrackState::{
        Accepted, Attempted, Delivered, Exception, Held, InTransit, LabelMade, Lost, OutForDelivery, Returned, Unknown,
    };

    fn track(state: TrackState, at_ms: Option<i64>) -> Track {
        Track { state, at_ms, says: String::new(), expected_ms: None }
    }

    #[test]
    fn when_it_is_expected_stays_known_until_another_day_is_said() {
        let said = |state, expected_ms| Track { expected_ms, ..track(state, None) };
        for (before, told, after) in [
            ((InTransit, Some(5)), (InTransit, None), Some(5)),
            ((InTransit, Some(5)), (Held, None), Some(5)),
            ((InTransit, Some(5)), (InTransit, Some(9)), Some(9)),
            ((Held, None), (Exception, Some(9)), Some(9)),
            ((InTransit, None), (Delivered, None), None),
        ] {
            let now = said(told.0.clone(), told.1).after(Some(&said(before.0.clone(), before.1)), 100);
            assert_eq!(now.expected_ms, after, "{before:?}, then {told:?}");
        }
    }

    #[test]
    fn a_coarse_word_does_not_wipe_out_a_finer_one() {
        let odd = || Unknown("teleported".into());
        for (before, told, after) in [
            (LabelMade, LabelMade, LabelMade),
            (LabelMade, InTransit, InTransit),
            (Accepted, InTransit, Accepted),
            (OutForDelivery, InTransit, OutForDelivery),
            (Attempted, Delivered, Delivered),
            (InTransit, LabelMade, InTransit),
            (InTransit, Exception, Exception),
            (Lost, Exception, Lost),
            (Held, InTransit, InTransit),
            (Held, Delivered, Delivered),
            (Returned, Delivered, Returned),
            (Delivered, InTransit, Delivered),
            (LabelMade, odd(), odd()),
            (InTransit, odd(), InTransit),
            (odd(), InTransit, InTransit),
            (odd(), LabelMade, odd()),
        ] {
            let now = track(told.clone(), None).after(Some(&track(before.clone(), Some(7))), 100);
            assert_eq!(now.state, after, "{before:?}, then {told:?}");
            assert_eq!(now.at_ms, Some(if after == before { 7 } else { 100 }), "{before:?}, then {told:?}");
        }
    }

    #[test]
    fn what_has_a_moment_counts_if_it_is_later() {
        let said = |state, at_ms| Track { says: "Left the sorting centre".into(), ..track(state, at_ms) };
        for (told_ms, state) in [(6, InTransit), (7, Held), (8, Held)] {
            let now = said(Held, Some(told_ms)).after(Some(&said(InTransit, Some(7))), 100);
            assert_eq!(now.state, state, "{told_ms}");
        }
        // A list was read after it happened.
        let now = said(Attempted, Some(6)).after(Some(&track(InTransit, Some(7))), 100);
        assert_eq!((now.state, now.at_ms), (Attempted, Some(6)));
        let now = said(Attempted, Some(6)).after(Some(&track(Delivered, Some(7))), 100);
        assert_eq!(now.state, Delivered);
        assert_eq!(track(Held, Some(3)).after(None, 100).at_ms, Some(3));
        assert_eq!(track(InTransit, None).after(None, 100).at_ms, Some(100), "when it was read");
    }

    #[test]
    fn it_is_stored_and_read_again() {
        for state in [LabelMade, Delivered, Unknown("teleported".into())] {
            let text = serde_json::to_string(&track(state.clone(), Some(1))).unwrap();
            assert_eq!(serde_json::from_str::<Track>(&text).unwrap().state, state, "{text}");
        }
    }
}
