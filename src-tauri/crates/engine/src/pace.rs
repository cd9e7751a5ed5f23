//! When to try again: pure functions of now, the interval and what happened so far.

use backon::{BackoffBuilder, ExponentialBuilder};
use quayside_connectors::SKEW_TOLERATED_MS;
use quayside_model::time::{DAY_MS, MINUTE_MS, SECOND_MS};
use quayside_model::{Cause, Refusal};
use std::time::Duration;

/// Longest nap of an idle lane. Short ones notice the end of a laptop's sleep and a moved
/// clock, because a monotonic timer stands still meanwhile; a simulation may nap long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Naps {
    /// Milliseconds.
    pub longest_ms: i64,
}

impl Default for Naps {
    fn default() -> Self {
        Self { longest_ms: 5 * SECOND_MS }
    }
}

/// The pause before attempt `failures + 1`: doubles from `least_ms` up to `most_ms`.
pub fn backoff_ms(failures: u32, least_ms: i64, most_ms: i64) -> i64 {
    let pauses = ExponentialBuilder::new()
        .with_factor(2.0)
        .with_min_delay(Duration::from_millis(least_ms.max(1).unsigned_abs()))
        .with_max_delay(Duration::from_millis(most_ms.max(1).unsigned_abs()))
        .without_max_times()
        .build();
    pauses.into_iter().nth(failures.min(40) as usize).map_or(most_ms, |pause| pause.as_millis() as i64)
}

/// `pause_ms` give or take a tenth, so that streams and computers do not march in step.
/// `chance` is between 0 and 1.
pub fn jitter_ms(pause_ms: i64, chance: f64) -> i64 {
    pause_ms + ((pause_ms as f64) * 0.2 * (chance - 0.5)) as i64
}

/// From this interval on nobody waits for what a stream brings.
const BACKGROUND_MS: i64 = 10 * MINUTE_MS;
/// A stream that somebody waits for is not read more seldom than this because it was idle.
const IDLE_MAX_MS: i64 = 2 * MINUTE_MS;

/// Pause between two reads of a stream: its interval, longer when nothing new came for a while (up to four times). The
/// first order after a quiet hour is waited for like any other: a pause somebody sits through grows to two minutes at
/// most, and one that is longer by itself (because a look is dear) does not grow.
pub fn poll_pause_ms(interval_s: u32, idle_streak: u32) -> i64 {
    let interval_ms = interval_ms(interval_s);
    let stretch = 1.0 + f64::from(idle_streak.saturating_sub(5).min(12)) * 0.25;
    let stretched_ms = ((interval_ms as f64) * stretch) as i64;
    if interval_ms < BACKGROUND_MS { stretched_ms.min(IDLE_MAX_MS.max(interval_ms)) } else { stretched_ms }
}

fn interval_ms(interval_s: u32) -> i64 {
    i64::from(interval_s.max(5)) * SECOND_MS
}

/// Pause before a stream is read again that failed `failures` times in a row, for `cause` the last time. Asking a
/// platform in trouble costs it something; finding out that this computer has no network costs nobody anything, and the
/// end of an outage should be noticed soon.
pub fn read_again_ms(interval_s: u32, failures: u32, cause: Cause) -> i64 {
    let longest_ms = if cause == Cause::Offline { 2 * MINUTE_MS } else { 15 * MINUTE_MS };
    backoff_ms(failures.saturating_sub(1), interval_ms(interval_s).min(15 * SECOND_MS), longest_ms)
}

/// Pause of a whole account after `failures` in a row, the last one for `cause`. Platforms lock out who knocks with a key
/// that does not fit; some refuse a good one for a minute. New credentials wake the lane at once.
pub fn down_pause_ms(cause: Cause, failures: u32) -> i64 {
    let longest_ms = match cause {
        Cause::ScopeMissing => return 0, // only what needs the permission waits
        Cause::SignInNeeded | Cause::AccountBlocked => 15 * MINUTE_MS,
        _ => 2 * MINUTE_MS,
    };
    backoff_ms(failures.saturating_sub(1), 2 * SECOND_MS, longest_ms)
}

/// The network between here and the platform is at fault, as far as one can tell: what other accounts get answers over
/// is worth a try.
pub fn is_network(cause: Cause) -> bool {
    matches!(cause, Cause::Offline | Cause::NotThePlatform)
}

/// By how much a wall clock was set back that stood at `before_ms` and later at `now_ms`; 0: it was not. Less than a
/// minute is the system's own correction, and costs nothing but that minute.
pub fn set_back_ms(before_ms: i64, now_ms: i64) -> i64 {
    let back_ms = before_ms.saturating_sub(now_ms);
    if back_ms > MINUTE_MS { back_ms } else { 0 }
}

/// What is counted of a clock that an answer showed to be `skew_ms` apart from ours, where `before_ms` was counted so far: nothing
/// while it is tolerated, and no change for a few seconds, because every change looks at all open orders again.
pub fn counted_skew_ms(skew_ms: i64, before_ms: i64) -> i64 {
    if skew_ms.saturating_abs() <= SKEW_TOLERATED_MS {
        0
    } else if before_ms != 0 && skew_ms.abs_diff(before_ms) < MINUTE_MS.unsigned_abs() {
        before_ms
    } else {
        skew_ms
    }
}

/// Two clocks agree: an answer says what the one before it said, or what this computer's clock says. One alone may come from a
/// server whose clock is wrong, or out of a store of old answers, and would make orders late.
pub fn is_said_again(heard_ms: Option<i64>, skew_ms: i64) -> bool {
    skew_ms.saturating_abs() <= SKEW_TOLERATED_MS
        || heard_ms.is_some_and(|heard_ms| heard_ms.abs_diff(skew_ms) < MINUTE_MS.unsigned_abs())
}

/// What is still counted of `counted_ms` after this computer's clock went from `before_ms` to `now_ms` between two looks: set
/// back, it is apart by that much less. A gap in the looks says nothing: what was measured last holds until an answer says
/// otherwise, and the first that agrees with this computer's clock does ([`is_said_again`]). After a day nobody knows.
pub fn skew_after_ms(counted_ms: i64, before_ms: i64, now_ms: i64) -> i64 {
    if counted_ms == 0 || now_ms.saturating_sub(before_ms) > DAY_MS {
        return 0;
    }
    counted_skew_ms(counted_ms.saturating_add(set_back_ms(before_ms, now_ms)), 0)
}

/// When a stream is read next, ms UTC: never further off than a day, because a lane takes anything further off
/// for a clock that was set back and reads at once.
pub fn poll_at_ms(now_ms: i64, pause_ms: i64, chance: f64) -> i64 {
    now_ms + jitter_ms(pause_ms, chance).min(DAY_MS)
}

/// The pause before an effect that failed `attempts` times is tried again; `None`: it has
/// been tried often enough, a person should look.
///
/// What only time or the platform can mend is tried for ever, with pauses up to 15 minutes.
pub fn retry_pause_ms(attempts: u32, refusal: &Refusal) -> Option<i64> {
    let patient = matches!(
        refusal.cause,
        Cause::Offline | Cause::RateLimited | Cause::PlatformTrouble | Cause::NotThePlatform | Cause::KeychainClosed
    );
    (patient || attempts < 8).then(|| backoff_ms(attempts.saturating_sub(1), 10 * SECOND_MS, 15 * MINUTE_MS))
}

/// When to ask the platform about a lost answer, after `looks` earlier looks. The first look
/// waits long enough for a platform that shows its writes late.
pub fn look_pause_ms(looks: u32) -> i64 {
    backoff_ms(looks, 45 * SECOND_MS, 10 * MINUTE_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quayside_model::time::HOUR_MS;

    /// A nightly stream that finds nothing for a week was read again without end.
    #[test]
    fn a_stream_is_never_due_further_off_than_a_day() {
        for (interval_s, idle, chance) in [(86_400, 0, 0.99), (86_400, 20, 0.0), (86_400, 20, 0.99), (600, 20, 0.99)] {
            let at_ms = poll_at_ms(1_000, poll_pause_ms(interval_s, idle), chance);
            assert!((1_001..=1_000 + DAY_MS).contains(&at_ms), "{interval_s} {idle} {chance}: {at_ms}");
        }
    }

    #[test]
    fn pauses_grow_and_stop_growing() {
        let pauses: Vec<i64> = (0..6).map(|n| backoff_ms(n, 1_000, 10_000)).collect();
        assert_eq!(pauses, [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
        assert_eq!(backoff_ms(u32::MAX, 1_000, 10_000), 10_000);
    }

    #[test]
    fn idle_streams_are_read_less_often_and_failing_ones_gently() {
        for (idle, pause_ms) in [(0, 30_000), (5, 30_000), (9, 60_000), (999, 120_000)] {
            assert_eq!(poll_pause_ms(30, idle), pause_ms, "idle {idle}");
        }
        for (interval_s, pause_ms) in [(60, 120_000), (120, 120_000), (200, 200_000), (599, 599_000), (600, 2_400_000)]
        {
            assert_eq!(poll_pause_ms(interval_s, 999), pause_ms, "every {interval_s} s");
        }
        for (failures, cause, pause_ms) in [
            (1, Cause::PlatformTrouble, 15_000),
            (3, Cause::PlatformTrouble, 60_000),
            (30, Cause::PlatformTrouble, 900_000),
            (1, Cause::Offline, 15_000),
            (30, Cause::Offline, 120_000),
        ] {
            assert_eq!(read_again_ms(30, failures, cause), pause_ms, "{failures} failures, {cause}");
        }
    }

    #[test]
    fn a_locked_account_is_knocked_at_ever_more_seldom() {
        for (cause, failures, pause_ms) in [
            (Cause::Offline, 1, 2_000),
            (Cause::Offline, 40, 120_000),
            (Cause::SignInNeeded, 1, 2_000),
            (Cause::SignInNeeded, 6, 64_000),
            (Cause::SignInNeeded, 40, 900_000),
            (Cause::ScopeMissing, 40, 0),
        ] {
            assert_eq!(down_pause_ms(cause, failures), pause_ms, "{cause}, {failures} failures");
        }
    }

    #[test]
    fn only_a_clock_set_back_by_more_than_a_minute_counts() {
        for (before_ms, now_ms, back_ms) in [
            (DAY_MS, DAY_MS + 5, 0),
            (DAY_MS, 2 * DAY_MS, 0),
            (DAY_MS, DAY_MS - MINUTE_MS, 0),
            (DAY_MS, DAY_MS - MINUTE_MS - 1, MINUTE_MS + 1),
            (DAY_MS, DAY_MS / 4, DAY_MS / 4 * 3),
        ] {
            assert_eq!(set_back_ms(before_ms, now_ms), back_ms, "{before_ms} then {now_ms}");
        }
    }

    #[test]
    fn a_clock_counts_as_wrong_beyond_two_minutes_and_by_the_minute() {
        for (skew_ms, before_ms, counted_ms) in [
            (0, 0, 0),
            (SKEW_TOLERATED_MS, 0, 0),
            (-SKEW_TOLERATED_MS, DAY_MS, 0),
            (SKEW_TOLERATED_MS + 1, 0, SKEW_TOLERATED_MS + 1),
            (DAY_MS + 20_000, DAY_MS, DAY_MS),
            (DAY_MS + MINUTE_MS, DAY_MS, DAY_MS + MINUTE_MS),
            (-DAY_MS, DAY_MS, -DAY_MS),
            (i64::MIN, 0, i64::MIN),
        ] {
            assert_eq!(counted_skew_ms(skew_ms, before_ms), counted_ms, "{skew_ms} after {before_ms}");
        }
    }

    #[test]
    fn one_answer_alone_says_nothing_of_a_clock() {
        for (heard_ms, skew_ms, again) in [
            (None, DAY_MS, false),
            (Some(0), DAY_MS, false),
            // As this computer's own clock says.
            (Some(DAY_MS), 0, true),
            (None, SKEW_TOLERATED_MS, true),
            (None, SKEW_TOLERATED_MS + 1, false),
            (Some(DAY_MS), DAY_MS - 900, true),
            (Some(DAY_MS), DAY_MS + MINUTE_MS, false),
            (Some(-DAY_MS), DAY_MS, false),
        ] {
            assert_eq!(is_said_again(heard_ms, skew_ms), again, "{heard_ms:?} then {skew_ms}");
        }
    }

    #[test]
    fn what_was_measured_moves_with_the_clock_and_ends_with_a_gap() {
        for (counted_ms, gone_ms, left_ms) in [
            (0, 1_000, 0),
            (DAY_MS, 1_000, DAY_MS),
            // A night's sleep.
            (DAY_MS, 9 * HOUR_MS, DAY_MS),
            (-3 * HOUR_MS, DAY_MS, -3 * HOUR_MS),
            (DAY_MS, DAY_MS + 1, 0),
            // Three hours ahead, and set right; an hour too far; by half.
            (-3 * HOUR_MS, -3 * HOUR_MS, 0),
            (-3 * HOUR_MS, -4 * HOUR_MS, HOUR_MS),
            (-4 * HOUR_MS, -2 * HOUR_MS, -2 * HOUR_MS),
        ] {
            assert_eq!(skew_after_ms(counted_ms, 9 * DAY_MS, 9 * DAY_MS + gone_ms), left_ms, "{counted_ms} {gone_ms}");
        }
    }

    #[test]
    fn only_what_time_mends_is_tried_for_ever() {
        let offline = Refusal::new(Cause::Offline, "no answer");
        let odd = Refusal::new(Cause::ContentRefused, "odd");
        assert_eq!(retry_pause_ms(1, &odd), Some(10_000));
        assert_eq!(retry_pause_ms(8, &odd), None);
        assert_eq!(retry_pause_ms(500, &offline), Some(900_000));
    }

    #[test]
    fn jitter_stays_within_a_tenth() {
        assert_eq!(jitter_ms(1_000, 0.0), 900);
        assert_eq!(jitter_ms(1_000, 0.5), 1_000);
        assert_eq!(jitter_ms(1_000, 1.0), 1_100);
    }
}
