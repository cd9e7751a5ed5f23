//! How far a platform's clock is from this computer's, by the dates of its answers. Pure.
//!
//! One answer alone may come from a server whose clock is wrong, or out of a store of old answers: a reading that went by it
//! would set its mark into the future and miss what changes until then, and a look after a lost answer would look where
//! nothing can be and send again. So it is told at once, and counts as soon as two clocks agree: two answers, or one and
//! this computer's. Until then only what makes a reading begin earlier counts, for that reads twice at worst.

use crate::door::SKEW_TOLERATED_MS;
use quayside_model::time::MINUTE_MS;

/// Two answers that are further apart than this do not agree, ms.
const AGREE_MS: i64 = MINUTE_MS;

/// What was heard, their clock minus ours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Skew {
    heard_ms: Option<i64>,
    agreed_ms: Option<i64>,
}

impl Skew {
    /// An answer that was written at `theirs_ms` of their clock, between `sent_at_ms` and `now_ms` of ours.
    pub fn hear(&mut self, theirs_ms: i64, sent_at_ms: i64, now_ms: i64) {
        let took_ms = now_ms.saturating_sub(sent_at_ms);
        // Longer than anybody waits for an answer, or less than nothing: our clock was moved meanwhile, and what comes next goes
        // by it as it is now.
        let ours_ms = if (0..=AGREE_MS).contains(&took_ms) { sent_at_ms + took_ms / 2 } else { now_ms };
        // Their date is cut to the second.
        let heard_ms = theirs_ms.saturating_add(500).saturating_sub(ours_ms);
        let as_ours = heard_ms.saturating_abs() <= SKEW_TOLERATED_MS;
        let again = |before: Option<i64>| before.is_some_and(|ms| ms.abs_diff(heard_ms) <= AGREE_MS.unsigned_abs());
        if as_ours || again(self.heard_ms) || again(self.agreed_ms) {
            self.agreed_ms = Some(heard_ms);
        }
        self.heard_ms = Some(heard_ms);
    }

    /// By the last answer alone.
    pub fn heard_ms(&self) -> Option<i64> {
        self.heard_ms
    }

    /// To reckon with: never further ahead than what is agreed on.
    pub fn sure_ms(&self) -> i64 {
        let agreed_ms = self.agreed_ms.unwrap_or(0);
        self.heard_ms.map_or(agreed_ms, |heard_ms| heard_ms.min(agreed_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quayside_model::time::{DAY_MS, HOUR_MS, SECOND_MS};

    #[test]
    fn what_counts_is_agreed_on_or_earlier() {
        let day = DAY_MS;
        for (what, dates_ms, heard_ms, sure_ms) in [
            ("nothing was heard", vec![], None, 0),
            ("as ours", vec![0], Some(0), 0),
            ("as ours, nearly", vec![MINUTE_MS], Some(MINUTE_MS), MINUTE_MS),
            ("one answer a day ahead", vec![day], Some(day), 0),
            ("one of an old store", vec![-day], Some(-day), -day),
            ("two agree", vec![day, day + 2 * SECOND_MS], Some(day + 2 * SECOND_MS), day + 2 * SECOND_MS),
            ("two do not agree", vec![day, 2 * day], Some(2 * day), 0),
            ("one wrong server of many", vec![0, 0, day], Some(day), 0),
            ("and right again", vec![0, day, 0], Some(0), 0),
            ("our clock is a day behind, and one server's is right by it", vec![day, day, 0], Some(0), 0),
            ("one server further ahead", vec![day, day, 3 * day], Some(3 * day), day),
            ("our clock was set ahead", vec![0, -day], Some(-day), -day),
            ("and it is so", vec![0, -day, -day], Some(-day), -day),
            ("our clock was set back", vec![0, day, day], Some(day), day),
        ] {
            let mut skew = Skew::default();
            let sent_at_ms = 9 * day;
            for date_ms in dates_ms {
                // Answered after four seconds; half a second is what the header cuts off.
                skew.hear(sent_at_ms + 2 * SECOND_MS + date_ms - 500, sent_at_ms, sent_at_ms + 4 * SECOND_MS);
            }
            assert_eq!((skew.heard_ms(), skew.sure_ms()), (heard_ms, sure_ms), "{what}");
        }
    }

    /// Moved while the answer was on its way: what counts is the clock as it is afterwards.
    #[test]
    fn a_clock_that_is_moved_under_way_is_not_halved() {
        let sent_at_ms = 9 * DAY_MS;
        for moved_ms in [3 * HOUR_MS, -3 * HOUR_MS] {
            let mut skew = Skew::default();
            skew.hear(sent_at_ms - 500, sent_at_ms, sent_at_ms + moved_ms);
            assert_eq!(skew.heard_ms(), Some(-moved_ms));
        }
    }
}
