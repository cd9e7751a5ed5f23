//! When credentials end, and how loud that is to be said: decided here alone, for the account's row, the doctor and the
//! desktop. Pure.

use quayside_model::time::DAY_MS;
use quayside_model::{Lifetime, Tone};
use serde::{Deserialize, Serialize};
use specta::Type;

/// From so many days before the end on it is said. New credentials may need somebody else's help.
const WARN_DAYS: i64 = 30;
/// From here on it is urgent.
const ALARM_DAYS: i64 = 7;

/// How near the end is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Nearness {
    /// Far.
    Fine,
    /// Time to make new ones.
    Soon,
    /// A week or less.
    Urgent,
    /// Over.
    Over,
}

/// When an account's credentials end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Expiry {
    /// The moment, ms UTC.
    pub at_ms: i64,
    /// Whole days left; 0 on the last one and afterwards.
    pub days: i64,
    /// How near.
    pub nearness: Nearness,
    /// How loud.
    pub tone: Tone,
}

/// Where credentials that end at a moment stand now.
pub fn expiry(at_ms: i64, now_ms: i64) -> Expiry {
    let left_ms = at_ms - now_ms;
    let (nearness, tone) = match left_ms {
        ..=0 => (Nearness::Over, Tone::Danger),
        _ if left_ms <= ALARM_DAYS * DAY_MS => (Nearness::Urgent, Tone::Danger),
        _ if left_ms <= WARN_DAYS * DAY_MS => (Nearness::Soon, Tone::Warning),
        _ => (Nearness::Fine, Tone::Neutral),
    };
    Expiry { at_ms, days: left_ms.max(0) / DAY_MS, nearness, tone }
}

/// What to say of credentials of which no end is known ("Its credentials …").
pub fn lasting(lifetime: Lifetime) -> &'static str {
    match lifetime {
        Lifetime::Endless => "do not end by themselves",
        Lifetime::Renewed => "renew themselves while Quayside is used; after weeks of rest they may want a new sign-in",
        Lifetime::Dated => {
            "end one day, and nobody entered which: enter it with \"New credentials\" to be warned in time"
        }
        Lifetime::Untold => "may end one day; the platform does not say whether or when",
    }
}

impl Expiry {
    /// "Credentials end in 12 days"; `None` while it is far.
    pub fn words(self) -> Option<String> {
        Some(match (self.nearness, self.days) {
            (Nearness::Fine, _) => return None,
            (Nearness::Over, _) => "credentials ended".to_owned(),
            (_, 0) => "credentials end within a day".to_owned(),
            (_, days) => format!("credentials end in {}", crate::words::count(days, "day", "days")),
        })
    }

    /// Names what is worth one notification: this end, at this nearness.
    pub(crate) fn key(self, connection: &quayside_model::ConnectionId) -> String {
        format!("credentials {connection} @{} {:?}", self.at_ms, self.nearness)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_days_are_a_warning_and_seven_an_alarm() {
        for (left_ms, nearness, tone, words) in [
            (31 * DAY_MS, Nearness::Fine, Tone::Neutral, None),
            (30 * DAY_MS, Nearness::Soon, Tone::Warning, Some("credentials end in 30 days")),
            (8 * DAY_MS, Nearness::Soon, Tone::Warning, Some("credentials end in 8 days")),
            (7 * DAY_MS, Nearness::Urgent, Tone::Danger, Some("credentials end in 7 days")),
            (DAY_MS, Nearness::Urgent, Tone::Danger, Some("credentials end in 1 day")),
            (1, Nearness::Urgent, Tone::Danger, Some("credentials end within a day")),
            (0, Nearness::Over, Tone::Danger, Some("credentials ended")),
            (-DAY_MS, Nearness::Over, Tone::Danger, Some("credentials ended")),
        ] {
            let found = expiry(1_000 * DAY_MS + left_ms, 1_000 * DAY_MS);
            assert_eq!((found.nearness, found.tone, found.words().as_deref()), (nearness, tone, words), "{left_ms}");
        }
    }
}
