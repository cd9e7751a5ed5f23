//! Verdict → what the outbox writes down. Pure.

use crate::pace;
use quayside_model::{Cause, Confirmation, Intent, Refusal, Verdict};
use quayside_store::Settlement;

/// What a verdict means for an effect that was sent `attempts` times, this one included.
pub fn after_verdict(verdict: Verdict, attempts: u32, now_ms: i64) -> Settlement {
    match verdict {
        Verdict::Done(receipt) => Settlement::Done { receipt, already: false },
        Verdict::AlreadyDone(receipt) => Settlement::Done { receipt, already: true },
        Verdict::WaitUntil { at_ms, why } => Settlement::Waits {
            until_ms: at_ms.max(now_ms + 1),
            refusal: Some(Refusal::new(Cause::RateLimited, why)),
            spends_attempt: false,
        },
        Verdict::RetryLater(refusal) => match pace::retry_pause_ms(attempts, &refusal) {
            Some(pause_ms) => {
                Settlement::Waits { until_ms: now_ms + pause_ms, refusal: Some(refusal), spends_attempt: true }
            }
            None => Settlement::Refused(refusal),
        },
        // The account waits for a person; the effect keeps its place and its attempts.
        Verdict::SignInAgain(refusal) => {
            Settlement::Waits { until_ms: now_ms + 60_000, refusal: Some(refusal), spends_attempt: false }
        }
        Verdict::NeedsPerson(refusal) => Settlement::Refused(refusal),
        Verdict::WhichCustomer(doubt) => Settlement::Refused(doubt.refusal.clone()),
        Verdict::UnderWay { ticket, look_at_ms, why } => {
            Settlement::UnderWay { ticket, refusal: why, look_at_ms: look_at_ms.max(now_ms + 1) }
        }
        Verdict::AnswerLost(refusal) => Settlement::Unknown { refusal, look_at_ms: now_ms + pace::look_pause_ms(0) },
    }
}

/// What a look at the platform means for an effect that was sent `attempts` times and whose answer was lost. `looks`
/// earlier looks could not tell either.
pub fn after_look(confirmation: Confirmation, attempts: u32, looks: u32, now_ms: i64) -> Settlement {
    match confirmation {
        Confirmation::Holds(receipt) => Settlement::Done { receipt, already: true },
        // Once may be an accident and goes again at once. A platform that loses every answer and never has what was
        // sent is asked ever less often, and in the end a person is.
        Confirmation::Absent if attempts <= 1 => {
            Settlement::Waits { until_ms: now_ms, refusal: None, spends_attempt: true }
        }
        Confirmation::Absent => {
            let lost = Refusal::new(
                Cause::NotUnderstood,
                format!(
                    "It was sent {attempts} times; each time the answer was lost, and the platform does not have it. Retry it, or look there."
                ),
            );
            match pace::retry_pause_ms(attempts, &lost) {
                Some(pause_ms) => {
                    Settlement::Waits { until_ms: now_ms + pause_ms, refusal: None, spends_attempt: true }
                }
                None => Settlement::Refused(lost),
            }
        }
        Confirmation::Overtaken(refusal) => Settlement::Refused(refusal),
        Confirmation::UnderWay { ticket, look_at_ms, why } => {
            Settlement::UnderWay { ticket, refusal: *why, look_at_ms: look_at_ms.max(now_ms + 1) }
        }
        Confirmation::CannotTell(refusal) => {
            Settlement::Unknown { refusal, look_at_ms: now_ms + pace::look_pause_ms(looks) }
        }
    }
}

/// The same for one whose buyer may have been forgotten while its answer was out: it would go again without an address.
pub fn unless_forgotten(intent: &Intent, settlement: Settlement) -> Settlement {
    match settlement {
        Settlement::Waits { .. } if intent.is_forgotten() => Settlement::Refused(forgotten()),
        settlement => settlement,
    }
}

/// Why what has lost its buyer does not leave.
pub fn forgotten() -> Refusal {
    Refusal::new(
        Cause::NotUnderstood,
        "The buyer's data was removed before it was known whether this had arrived, so it is not sent again. Look there whether it did, then skip it.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use quayside_model::{Address, BuyerMessage, Receipt};

    fn odd() -> Refusal {
        Refusal::new(Cause::NotUnderstood, "odd")
    }

    #[test]
    fn nothing_is_sent_again_before_the_platform_was_asked() {
        let settled = after_verdict(Verdict::AnswerLost(odd()), 1, 1_000);
        assert_eq!(settled, Settlement::Unknown { refusal: odd(), look_at_ms: 46_000 });
    }

    #[test]
    fn waiting_spends_no_attempt_and_refusal_ends_it() {
        assert_eq!(
            after_verdict(Verdict::WaitUntil { at_ms: 9_000, why: "limit".into() }, 3, 1_000),
            Settlement::Waits {
                until_ms: 9_000,
                refusal: Some(Refusal::new(Cause::RateLimited, "limit")),
                spends_attempt: false
            }
        );
        assert_eq!(after_verdict(Verdict::NeedsPerson(odd()), 1, 0), Settlement::Refused(odd()));
        assert_eq!(after_verdict(Verdict::RetryLater(odd()), 8, 0), Settlement::Refused(odd()));
    }

    #[test]
    fn what_the_platform_works_on_keeps_its_ticket() {
        let verdict = Verdict::UnderWay { ticket: "feed 7".into(), look_at_ms: 60_000, why: odd() };
        assert_eq!(
            after_verdict(verdict, 1, 1_000),
            Settlement::UnderWay { ticket: "feed 7".into(), refusal: odd(), look_at_ms: 60_000 }
        );
    }

    /// (What it says, what came of the look, what becomes of it.)
    #[test]
    fn what_has_lost_its_buyer_is_not_sent_again() {
        let message = |to: &str| Intent::TellBuyer {
            message: BuyerMessage {
                to: to.into(),
                subject: String::new(),
                body: String::new(),
                about: "late".into(),
                words: "it is late".into(),
                quiet: None,
            },
        };
        let again = || Settlement::Waits { until_ms: 5, refusal: None, spends_attempt: true };
        let done = || Settlement::Done { receipt: Receipt::default(), already: true };
        for (intent, settlement, expected) in [
            (message("jane@mail.example"), again(), again()),
            (message(""), again(), Settlement::Refused(forgotten())),
            (message(""), done(), done()),
        ] {
            assert_eq!(unless_forgotten(&intent, settlement), expected, "{intent:?}");
        }
        let address = |line1: &str, country: &str| Address {
            line1: line1.into(),
            city: "Bergen".into(),
            country: country.into(),
            ..Address::default()
        };
        for (line1, country, gone) in [("", "NO", true), ("Kai 1", "NO", false), ("", "", false)] {
            assert_eq!(address(line1, country).is_forgotten(), gone, "{line1} {country}");
        }
    }

    #[test]
    fn a_look_settles_or_asks_again_later() {
        assert_eq!(
            after_look(Confirmation::Holds(Receipt::default()), 1, 0, 5),
            Settlement::Done { receipt: Receipt::default(), already: true }
        );
        assert_eq!(
            after_look(Confirmation::Absent, 1, 0, 5),
            Settlement::Waits { until_ms: 5, refusal: None, spends_attempt: true }
        );
        assert_eq!(after_look(Confirmation::Overtaken(odd()), 1, 0, 5), Settlement::Refused(odd()));
        let found = Confirmation::UnderWay { ticket: "feed 7".into(), look_at_ms: 0, why: Box::new(odd()) };
        assert_eq!(
            after_look(found, 1, 0, 5),
            Settlement::UnderWay { ticket: "feed 7".into(), refusal: odd(), look_at_ms: 6 }
        );
        assert!(matches!(
            after_look(Confirmation::CannotTell(odd()), 1, 3, 0),
            Settlement::Unknown { look_at_ms: 360_000, .. }
        ));
    }

    #[test]
    fn a_write_whose_answer_is_always_lost_ends_with_a_person() {
        let mut pauses = Vec::new();
        for attempts in 1..=9 {
            match after_look(Confirmation::Absent, attempts, 0, 0) {
                Settlement::Waits { until_ms, .. } => pauses.push(until_ms),
                Settlement::Refused(refusal) => {
                    assert!(
                        attempts >= 8 && refusal.sentence.contains("the answer was lost"),
                        "{attempts}: {refusal:?}"
                    );
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(pauses.len() == 7 && pauses.is_sorted() && pauses[6] > 60_000, "{pauses:?}");
    }
}
