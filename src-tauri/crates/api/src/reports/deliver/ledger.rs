//! What was delivered, what waits, and what is due. Pure: the moment, the plan and the notes come in.
//!
//! A delivery is one report about one day by one way. Its note is on disk before anything leaves, as *sending*; one that
//! is still so when nobody sends is what a crash left behind. Mail and the webhook carry a name by which a second copy is
//! known, so they are sent again. Slack knows none: a person looks.

use super::ReportWay;
use crate::reports::ReportKind;
use quayside_model::time::{DAY_MS, HOUR_MS, is_ahead};
use serde::{Deserialize, Serialize};
use specta::Type;

/// What could not be delivered is tried again after this.
pub(super) const AGAIN_MS: i64 = HOUR_MS;
/// And no more after this: somebody has seen it by then, or nobody wants it.
const GIVE_UP_MS: i64 = 7 * DAY_MS;
/// Notes that are kept.
const NOTES_MAX: usize = 200;

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is on its way just now.
    Sending,
    /// It could not be delivered, and is tried again.
    Waiting,
    /// It is there.
    Delivered,
    /// It left, and nobody knows whether it arrived. It is not sent again by itself.
    Unsure,
    /// It is not tried any more.
    Dropped,
}

/// What is delivered: one report about one day by one way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
pub struct DeliveryKey {
    /// Which report.
    pub kind: ReportKind,
    /// The day it is about, or (what is as it stands now) of which it is.
    pub day: String,
    /// By which way.
    pub way: ReportWay,
    /// Of which schedule; empty: of the plan of every day. Its day is the one it was due.
    #[serde(default)]
    pub schedule: String,
}

/// A note of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Delivery {
    /// What.
    pub key: DeliveryKey,
    /// Where it stands.
    pub state: DeliveryState,
    /// When it was tried first, ms UTC.
    pub since_ms: i64,
    /// When it was tried last, ms UTC.
    pub at_ms: i64,
    /// How often it was tried.
    pub tries: u32,
    /// How often a person had it sent again though it was there, or may have been.
    pub copies: u32,
    /// How often it went once more by itself as another report: its schedule was set anew, or the one before was sent by a
    /// clock that was ahead.
    #[serde(default)]
    pub anew: u32,
    /// Where to, as it may be shown.
    pub place: String,
    /// Why it is not there; empty if it is.
    pub words: String,
}

/// What decides what is due, of the plan of every day or of one schedule.
pub(super) struct Frame<'a> {
    /// Which schedule; empty: the plan.
    pub schedule: &'a str,
    pub now_ms: i64,
    /// The last moment reports were due, ms UTC.
    pub due_ms: i64,
    /// What makes itself, with since when (ms UTC); empty while the plan is off.
    pub kinds: &'a [(ReportKind, bool)],
    pub since_ms: i64,
    /// The last moments reports were due (ms UTC), oldest first, with the day that reports about a time are about then.
    pub timed_days: Vec<(i64, &'a str)>,
    /// The day of reports that are as it stands now.
    pub stands_day: &'a str,
    /// Ways that are on: since when, and when they were changed last, ms UTC.
    pub ways: &'a [(ReportWay, i64, i64)],
}

impl Frame<'_> {
    /// Whether a note is one of its own.
    pub fn is_of(&self, note: &Delivery) -> bool {
        note.key.schedule == self.schedule
    }
    /// When a report was due, and the day each of them is about. What is as it stands now stood on no day before.
    fn days(&self, timed: bool) -> Vec<(i64, &str)> {
        if timed { self.timed_days.clone() } else { vec![(self.due_ms, self.stands_day)] }
    }
    /// Whether a report is about a time, for one that makes itself.
    fn timed(&self, kind: ReportKind) -> Option<bool> {
        self.kinds.iter().find(|(one, _)| *one == kind).map(|(_, timed)| *timed)
    }
    fn changed_ms(&self, way: ReportWay) -> Option<i64> {
        self.ways.iter().find(|(one, ..)| *one == way).map(|(_, _, changed_ms)| *changed_ms)
    }
    /// Whether a note says that the report of its day is there. One that was sent at a moment that has not come yet was sent by
    /// a clock that was ahead, perhaps before its day was over; and what a schedule sent before it was set anew is another
    /// report.
    fn counts(&self, note: &Delivery) -> bool {
        let is_open = matches!(note.state, DeliveryState::Sending | DeliveryState::Waiting);
        let was_another = !self.schedule.is_empty() && note.since_ms <= self.since_ms;
        is_open || !(is_ahead(note.at_ms, self.now_ms) || was_another)
    }
    /// When a note that waits is tried again, ms UTC; `None`: not by itself.
    pub fn again_ms(&self, note: &Delivery) -> Option<i64> {
        if note.state != DeliveryState::Waiting || !self.is_of(note) {
            return None;
        }
        self.timed(note.key.kind)?;
        let changed_ms = self.changed_ms(note.key.way)?;
        // A clock that was set back keeps nothing waiting, and what was mended is tried at once.
        let at_once = changed_ms > note.at_ms || note.at_ms > self.now_ms;
        Some(if at_once { self.now_ms } else { note.at_ms + AGAIN_MS })
    }
}

/// What a crash left behind and what is over, put right: gives the notes that change. Nobody may be sending meanwhile.
pub(super) fn settle(frame: &Frame<'_>, notes: &[Delivery]) -> Vec<Delivery> {
    let mut out = Vec::new();
    for note in notes.iter().filter(|note| frame.is_of(note)) {
        let changed = |state: DeliveryState, words: &str| Delivery { state, words: words.to_owned(), ..note.clone() };
        match note.state {
            DeliveryState::Sending if note.key.way == ReportWay::Slack => out.push(changed(
                DeliveryState::Unsure,
                "Quayside ended while it was sent. Look into the channel: if it is not there, send it again.",
            )),
            DeliveryState::Sending => out.push(Delivery {
                at_ms: frame.now_ms - AGAIN_MS,
                ..changed(
                    DeliveryState::Waiting,
                    "Quayside ended while it was sent. It is sent again under the same name.",
                )
            }),
            DeliveryState::Waiting => {
                let stale = frame.timed(note.key.kind) == Some(false) && note.key.day.as_str() < frame.stands_day;
                if stale {
                    out.push(changed(DeliveryState::Dropped, &format!("The next one took its place. {}", note.words)));
                } else if frame.now_ms - note.since_ms > GIVE_UP_MS {
                    out.push(changed(
                        DeliveryState::Dropped,
                        &format!("Not tried any more after a week. {}", note.words),
                    ));
                }
            }
            DeliveryState::Delivered | DeliveryState::Unsure | DeliveryState::Dropped => {}
        }
    }
    out
}

/// What is to be sent now, oldest day first.
pub(super) fn due(frame: &Frame<'_>, notes: &[Delivery]) -> Vec<DeliveryKey> {
    let again = notes.iter().filter(|note| frame.again_ms(note).is_some_and(|at_ms| at_ms <= frame.now_ms));
    let mut out: Vec<DeliveryKey> = again.map(|note| note.key.clone()).collect();
    for (kind, timed) in frame.kinds {
        for (way, since_ms, _) in frame.ways {
            let own = notes.iter().filter(|note| frame.is_of(note) && frame.counts(note)).map(|note| &note.key);
            let same = own.filter(|key| key.kind == *kind && key.way == *way);
            let noted: Vec<&str> = same.map(|key| key.day.as_str()).collect();
            let newest = noted.iter().copied().max();
            for (due_ms, day) in frame.days(*timed) {
                let begun = due_ms > frame.since_ms.max(*since_ms);
                // Of the days before, those since the last one: notes of long ago are not kept.
                let is_over = due_ms < frame.due_ms && newest.is_some_and(|newest| day <= newest);
                if begun && !is_over && !noted.contains(&day) {
                    out.push(DeliveryKey {
                        kind: *kind,
                        day: day.to_owned(),
                        way: *way,
                        schedule: frame.schedule.to_owned(),
                    });
                }
            }
        }
    }
    out.sort_by(|a, b| (&a.day, a.kind, a.way).cmp(&(&b.day, b.kind, b.way)));
    out
}

/// Since when something of the plan (or of a schedule) waits, for ways that are on; ms UTC.
pub(super) fn failing_since(
    notes: &[Delivery],
    schedule: &str,
    on: &[ReportWay],
    kinds: &[ReportKind],
    now_ms: i64,
) -> Option<i64> {
    let open = notes.iter().filter(|note| {
        note.key.schedule == schedule
            && on.contains(&note.key.way)
            && match note.state {
                DeliveryState::Waiting => kinds.contains(&note.key.kind),
                DeliveryState::Unsure => now_ms - note.at_ms < DAY_MS,
                _ => false,
            }
    });
    open.map(|note| note.since_ms).min()
}

/// Puts a note in the place of the one before it, newest last; of too many the oldest that are over go. The newest of a
/// schedule stays: it may be of a month ago, and without it that one would be due again.
pub(super) fn put(notes: &mut Vec<Delivery>, note: Delivery) {
    notes.retain(|one| one.key != note.key);
    notes.push(note);
    while notes.len() > NOTES_MAX {
        let is_over = |one: &Delivery| !matches!(one.state, DeliveryState::Sending | DeliveryState::Waiting);
        let all = notes.as_slice();
        let over = all.iter().position(|one| is_over(one) && !is_newest_of_schedule(all, one));
        notes.remove(over.unwrap_or(0));
    }
}

fn is_newest_of_schedule(notes: &[Delivery], note: &Delivery) -> bool {
    let key = &note.key;
    let later = |one: &Delivery| {
        (&one.key.schedule, one.key.kind, one.key.way) == (&key.schedule, key.kind, key.way) && one.key.day > key.day
    };
    !key.schedule.is_empty() && !notes.iter().any(later)
}

#[cfg(test)]
mod tests {
    use super::*;
    use DeliveryState::{Delivered, Dropped, Sending, Unsure, Waiting};
    use ReportKind::{Performance, Unfulfilled};
    use ReportWay::{Mail, Slack, Webhook};

    const DUE: i64 = 100 * DAY_MS;
    const KINDS: &[(ReportKind, bool)] = &[(Unfulfilled, false), (Performance, true)];

    fn frame(now_ms: i64, ways: &[(ReportWay, i64, i64)]) -> Frame<'_> {
        Frame {
            schedule: "",
            now_ms,
            due_ms: DUE,
            kinds: KINDS,
            since_ms: 0,
            timed_days: vec![(DUE, "2026-11-20")],
            stands_day: "2026-11-21",
            ways,
        }
    }
    fn note(kind: ReportKind, day: &str, way: ReportWay, state: DeliveryState, at_ms: i64) -> Delivery {
        let key = DeliveryKey { kind, day: day.into(), way, schedule: String::new() };
        Delivery {
            key,
            state,
            since_ms: at_ms,
            at_ms,
            tries: 1,
            copies: 0,
            anew: 0,
            place: String::new(),
            words: "No.".into(),
        }
    }
    fn said(keys: &[DeliveryKey]) -> Vec<String> {
        keys.iter().map(|key| format!("{} {} {}", key.day, key.kind.code(), key.way.code())).collect()
    }

    #[test]
    fn each_is_due_once() {
        let ways = &[(Mail, 0, 0), (Webhook, DUE, DUE)];
        // The webhook was switched on when they were due already: from tomorrow on.
        let keys = due(&frame(DUE + 1, ways), &[]);
        assert_eq!(said(&keys), ["2026-11-20 performance mail", "2026-11-21 unfulfilled mail"]);
        for state in [Delivered, Unsure, Dropped] {
            let notes =
                [note(Performance, "2026-11-20", Mail, state, DUE), note(Unfulfilled, "2026-11-21", Mail, state, DUE)];
            assert_eq!(due(&frame(DUE + DAY_MS - 1, ways), &notes), [], "{state:?}");
        }
        let off = Frame { kinds: &[], ..frame(DUE + 1, ways) };
        assert_eq!(due(&off, &[]), []);
        assert_eq!(due(&frame(DUE + 1, &[]), &[]), []);
    }

    #[test]
    fn days_that_were_slept_over_are_each_due_oldest_first_and_once() {
        let slept = |since_ms: i64, way_since_ms: i64, notes: &[Delivery]| {
            let days = ["2026-11-18", "2026-11-19", "2026-11-20"];
            let timed_days = (0..).map(|n| DUE - (2 - n) * DAY_MS).zip(days).collect();
            let ways = [(Mail, way_since_ms, way_since_ms)];
            said(&due(&Frame { since_ms, timed_days, ..frame(DUE + 1, &ways) }, notes))
        };
        let (third, second, first) =
            ("2026-11-20 performance mail", "2026-11-19 performance mail", "2026-11-18 performance mail");
        let stands = "2026-11-21 unfulfilled mail";
        let sent = |day: &str| note(Performance, day, Mail, Delivered, DUE);
        for (what, since_ms, way_since_ms, notes, expected) in [
            ("all of them", 0, 0, vec![], vec![first, second, third, stands]),
            ("since the plan", DUE - 2 * DAY_MS, 0, vec![], vec![second, third, stands]),
            ("since the way", 0, DUE - DAY_MS, vec![], vec![third, stands]),
            ("since the last one", 0, 0, vec![sent("2026-11-18")], vec![second, third, stands]),
            ("one before them all", 0, 0, vec![sent("2026-11-01")], vec![first, second, third, stands]),
            ("sent one by hand, and older ones are let go", 0, 0, vec![sent("2026-11-19")], vec![third, stands]),
            ("all are there", 0, 0, vec![sent("2026-11-20")], vec![stands]),
            (
                "the one by another way counts for itself",
                0,
                0,
                vec![note(Performance, "2026-11-20", Webhook, Delivered, DUE)],
                vec![first, second, third, stands],
            ),
        ] {
            assert_eq!(slept(since_ms, way_since_ms, &notes), expected, "{what}");
        }
    }

    #[test]
    fn what_failed_is_tried_every_hour_and_at_once_when_it_was_mended() {
        let waits = |at_ms| [note(Performance, "2026-11-18", Mail, Waiting, at_ms)];
        for (now_ms, at_ms, changed_ms, tried) in [
            (DUE + AGAIN_MS - 1, DUE, 0, false),
            (DUE + AGAIN_MS, DUE, 0, true),
            // The password was mended.
            (DUE + 2, DUE, DUE + 1, true),
            // The computer's clock was set back.
            (DUE, DUE + 9 * DAY_MS, 0, true),
        ] {
            let ways = [(Mail, 0, changed_ms)];
            let all = due(&frame(now_ms, &ways), &waits(at_ms));
            let again = said(&all).contains(&"2026-11-18 performance mail".to_owned());
            assert_eq!(again, tried, "at {now_ms}");
        }
        // A way that is off sends nothing, and says no time.
        let none = frame(DUE + DAY_MS, &[]);
        assert_eq!((due(&none, &waits(DUE)), none.again_ms(&waits(DUE)[0])), (vec![], None));
    }

    #[test]
    fn a_crash_is_told_apart_by_whether_a_second_copy_would_be_known() {
        let ways = &[(Mail, 0, 0), (Slack, 0, 0), (Webhook, 0, 0)];
        let left = |way| note(Performance, "2026-11-20", way, Sending, DUE);
        let frame = frame(DUE + 5, ways);
        let settled = settle(&frame, &[left(Mail), left(Slack), left(Webhook)]);
        let states: Vec<_> = settled.iter().map(|note| (note.key.way, note.state)).collect();
        assert_eq!(states, [(Mail, Waiting), (Slack, Unsure), (Webhook, Waiting)]);
        let again: Vec<_> = due(&frame, &settled).into_iter().filter(|key| key.kind == Performance).collect();
        assert_eq!(said(&again), ["2026-11-20 performance mail", "2026-11-20 performance webhook"]);
    }

    #[test]
    fn what_is_overtaken_or_a_week_old_is_let_go_and_says_so() {
        let ways = &[(Mail, 0, 0)];
        let notes = [
            note(Unfulfilled, "2026-11-20", Mail, Waiting, DUE - DAY_MS),
            note(Unfulfilled, "2026-11-21", Mail, Waiting, DUE),
            note(Performance, "2026-11-12", Mail, Waiting, DUE - 8 * DAY_MS),
            note(Performance, "2026-11-19", Mail, Waiting, DUE - DAY_MS),
        ];
        let settled = settle(&frame(DUE, ways), &notes);
        let said: Vec<_> =
            settled.iter().map(|note| (note.key.day.as_str(), note.state, note.words.as_str())).collect();
        assert_eq!(
            said,
            [
                ("2026-11-20", Dropped, "The next one took its place. No."),
                ("2026-11-12", Dropped, "Not tried any more after a week. No."),
            ]
        );
    }

    #[test]
    fn what_waits_is_never_forgotten_for_what_is_over() {
        let mut notes = vec![note(Performance, "2025-01-01", Mail, Waiting, 0)];
        for n in 0..NOTES_MAX + 5 {
            put(&mut notes, note(Performance, &format!("day {n}"), Mail, Delivered, 1));
            put(&mut notes, note(Performance, &format!("day {n}"), Mail, Delivered, 2));
        }
        assert_eq!((notes.len(), notes[0].state), (NOTES_MAX, Waiting));
        assert_eq!(notes[NOTES_MAX - 1].key.day, format!("day {}", NOTES_MAX + 4));
    }

    #[test]
    fn trouble_is_told_from_its_first_day_and_only_while_it_lasts() {
        let notes = [
            note(Performance, "2026-11-18", Mail, Waiting, 7),
            note(Performance, "2026-11-19", Mail, Waiting, 9),
            note(Performance, "2026-11-19", Slack, Unsure, 5),
            note(Performance, "2026-11-19", Webhook, Delivered, 1),
        ];
        for (on, kinds, now_ms, since) in [
            (&[Mail][..], &[Performance][..], 10, Some(7)),
            (&[Mail, Slack], &[Performance], 10, Some(5)),
            (&[Mail, Slack], &[Performance], 5 + DAY_MS, Some(7)),
            (&[Webhook], &[Performance], 10, None),
            (&[Mail], &[Unfulfilled], 10, None),
        ] {
            assert_eq!(failing_since(&notes, "", on, kinds, now_ms), since, "{on:?}");
        }
        assert_eq!(failing_since(&notes, "a", &[Mail], &[Performance], 10), None, "a schedule has notes of its own");
    }

    /// The plan of every day and each schedule count for themselves, whatever they have in common.
    #[test]
    fn a_schedule_is_due_beside_the_plan_and_once() {
        let of = |schedule: &str, day: &str, state: DeliveryState| {
            let mut note = note(Performance, day, Mail, state, DUE - DAY_MS);
            note.key.schedule = schedule.into();
            note
        };
        let ways = [(Mail, 0, 0)];
        let kinds = [(Performance, true)];
        let monthly = |notes: &[Delivery]| {
            let timed_days = vec![(DUE - 31 * DAY_MS, "2026-10-01"), (DUE, "2026-11-01")];
            let own = Frame { schedule: "a", kinds: &kinds, timed_days, ..frame(DUE + 1, &ways) };
            said(&due(&own, notes))
        };
        for (what, notes, expected) in [
            ("nothing was sent", vec![], vec!["2026-10-01 performance mail", "2026-11-01 performance mail"]),
            (
                "the plan sent those days, and another schedule did",
                vec![of("", "2026-11-01", Delivered), of("b", "2026-11-01", Delivered)],
                vec!["2026-10-01 performance mail", "2026-11-01 performance mail"],
            ),
            ("the one before was sent", vec![of("a", "2026-10-01", Delivered)], vec!["2026-11-01 performance mail"]),
            ("the newest was sent", vec![of("a", "2026-11-01", Delivered)], vec![]),
            ("it waits and is tried again", vec![of("a", "2026-11-01", Waiting)], vec!["2026-11-01 performance mail"]),
        ] {
            assert_eq!(monthly(&notes), expected, "{what}");
        }
        // The plan does not try what waits of a schedule, and lets nothing of it go.
        let waits = [of("a", "2026-10-01", Waiting)];
        assert_eq!(frame(DUE + 9 * DAY_MS, &ways).again_ms(&waits[0]), None);
        assert_eq!(settle(&frame(DUE + 9 * DAY_MS, &ways), &waits), []);
    }

    /// What was sent by a clock that was ahead is sent again when it is due, once; and a schedule that was set anew sends
    /// today's report at its new time.
    #[test]
    fn what_a_clock_ahead_or_a_schedule_of_before_sent_counts_for_nothing() {
        let (ways, kinds) = ([(Mail, 0, 0)], [(Performance, true)]);
        let (today, days) = ("2026-11-20 performance mail", 3 * DAY_MS);
        for (what, schedule, since_ms, state, at_ms, expected) in [
            ("sent when it was due", "", 0, Delivered, DUE, vec![]),
            ("three days ahead", "", 0, Delivered, DUE + days, vec![today]),
            ("three days ahead, and nobody knows", "", 0, Unsure, DUE + days, vec![today]),
            ("three days ahead, and it failed: once", "", 0, Waiting, DUE + days, vec![today]),
            ("what systems correct by themselves", "", 0, Delivered, DUE + 2_000, vec![]),
            ("a schedule, at its time of before", "a", DUE - 1, Delivered, DUE - HOUR_MS, vec![today]),
            ("a schedule, at its time", "a", DUE - HOUR_MS, Delivered, DUE, vec![]),
            ("the plan: the same report", "", DUE - 1, Delivered, DUE - HOUR_MS, vec![]),
        ] {
            let mut note = note(Performance, "2026-11-20", Mail, state, at_ms);
            note.key.schedule = schedule.into();
            let own = Frame { schedule, since_ms, kinds: &kinds, ..frame(DUE + 1, &ways) };
            assert_eq!(said(&due(&own, &[note])), expected, "{what}");
        }
    }

    /// Two hundred letters of every day later, what was sent on the first of the month is still known to be there.
    #[test]
    fn the_newest_of_a_schedule_is_never_forgotten() {
        let of = |day: &str| {
            let mut note = note(Performance, day, Mail, Delivered, 1);
            note.key.schedule = "a".into();
            note
        };
        let mut notes = vec![of("2026-09-01"), of("2026-10-01")];
        for n in 0..2 * NOTES_MAX {
            put(&mut notes, note(Performance, &format!("day {n}"), Mail, Delivered, 1));
        }
        let days: Vec<&str> =
            notes.iter().filter(|one| one.key.schedule == "a").map(|one| one.key.day.as_str()).collect();
        assert_eq!((notes.len(), days), (NOTES_MAX, vec!["2026-10-01"]));
    }
}
