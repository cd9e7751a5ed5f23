//! Reading a list that moves while it is read. Pure: positions in, positions out.
//!
//! ShipStation pages by number over a live list. Three things go wrong with
//! that, and each has its answer here:
//! - a record changed while we page leaves its place and pulls the next one over
//!   a page border: when `total` drifts, the window is read again from the start;
//! - one malformed record makes its whole page answer 500: the page is halved
//!   down to that record, which is set aside, and then grows again;
//! - a server caps the page size without a word: what came back is the new size.
//!
//! Positions are row offsets, so that a page of any size can start where
//! another ended. Page sizes therefore come from a ladder in which each step
//! divides the one before.

use serde::{Deserialize, Serialize};

/// Page sizes of V1: 500 is its maximum.
pub(super) const LADDER_V1: &[u64] = &[500, 250, 125, 25, 5, 1];
/// Page sizes of V2: no maximum is documented for most lists.
pub(super) const LADDER_V2: &[u64] = &[100, 50, 25, 5, 1];

/// So many times a drifting window is read again at once. After that the scan
/// goes to its end, and the cursor stays, so that the next poll reads it again.
const RESTARTS_MAX: u32 = 3;

/// How far a stream has been read and saved. Opaque to everybody else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Cursor {
    /// Everything changed before this moment is in the store, ms UTC.
    pub watermark_ms: i64,
    /// When the stream last looked far back, ms UTC.
    pub swept_ms: i64,
}

/// Habits of one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_field_names)] // all three are times, and say so
pub(super) struct Habit {
    /// Looks back so far behind the watermark, ms.
    pub overlap_ms: i64,
    /// Looks far back this often, ms; 0 never. For lists without a filter by change.
    pub sweep_every_ms: i64,
    /// How far that is, ms.
    pub sweep_back_ms: i64,
}

/// A scan under way: token of the next page. Lives in memory only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Scan {
    /// Window, ms UTC.
    pub start_ms: i64,
    /// As above.
    pub end_ms: i64,
    /// When the scan began: the watermark it earns, ms UTC.
    pub began_ms: i64,
    /// It looks far back.
    pub sweeps: bool,
    /// Rows already read.
    pub offset: u64,
    /// `total` of the page before.
    pub total: Option<u64>,
    /// The server gives no more than this per page.
    pub cap: Option<u64>,
    /// How often it began again.
    pub restarts: u32,
    /// The list moved too often: the watermark is not earned.
    pub moved: bool,
    /// The record read last, to name the place of one that cannot be read.
    pub last_id: Option<String>,
}

/// What comes after a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// The next page.
    Next(Scan),
    /// The list moved; the window again from its start.
    Again(Scan),
    /// That was the last one.
    End(Scan),
}

/// Where a scan begins. `since_ms` bounds the very first one; now is given as the earlier and the later of two clocks.
pub(super) fn begin(
    cursor: Option<&Cursor>,
    since_ms: i64,
    (now_ms, latest_ms): (i64, i64),
    habit: Habit,
    window: fn(i64, i64, i64) -> (i64, i64),
) -> Scan {
    let (from_ms, overlap_ms, sweeps) = match cursor {
        None => (since_ms, 0, true),
        Some(cursor) => {
            let sweeps = habit.sweep_every_ms > 0 && now_ms - cursor.swept_ms >= habit.sweep_every_ms;
            let far_ms = (now_ms - habit.sweep_back_ms).max(since_ms);
            // A clock that was set back must not skip what happened meanwhile.
            let from_ms = cursor.watermark_ms.min(now_ms);
            (if sweeps { from_ms.min(far_ms) } else { from_ms }, habit.overlap_ms, sweeps)
        }
    };
    let (start_ms, end_ms) = window(from_ms, latest_ms, overlap_ms);
    Scan {
        start_ms,
        end_ms,
        began_ms: now_ms,
        sweeps,
        offset: 0,
        total: None,
        cap: None,
        restarts: 0,
        moved: false,
        last_id: None,
    }
}

/// The cursor a finished scan earns.
pub(super) fn earned(scan: &Scan, before: Option<&Cursor>) -> Cursor {
    let mut cursor = before.cloned().unwrap_or(Cursor { watermark_ms: scan.start_ms, swept_ms: scan.began_ms });
    if !scan.moved {
        cursor.watermark_ms = scan.began_ms;
        if scan.sweeps {
            cursor.swept_ms = scan.began_ms;
        }
    }
    cursor
}

impl Scan {
    /// Largest page that may start here, not above `most`.
    pub(super) fn size(&self, ladder: &[u64], most: u64) -> u64 {
        self.cap
            .iter()
            .chain(ladder)
            .copied()
            .filter(|size| {
                *size <= most && self.cap.is_none_or(|cap| *size <= cap) && self.offset.is_multiple_of(*size)
            })
            .max()
            .unwrap_or(1)
    }

    /// Number of the page of this size that starts here, from 1.
    pub(super) fn page(&self, size: u64) -> u64 {
        self.offset / size + 1
    }

    /// After a page of `size` brought `rows` rows (nulls count).
    pub(super) fn after(mut self, size: u64, rows: u64, total: Option<u64>) -> Step {
        let drifted = self.offset > 0 && matches!((self.total, total), (Some(before), Some(now)) if before != now);
        if drifted {
            if self.restarts < RESTARTS_MAX {
                return Step::Again(self.again());
            }
            self.moved = true;
        }
        self.total = total;
        // Some pages repeat rows of the one before and so hold more than was asked for; places count, not rows.
        let rows = rows.min(size);
        self.offset += rows;
        let more = match total {
            Some(total) => self.offset < total,
            None => rows >= size,
        };
        if rows == 0 || !more {
            return Step::End(self);
        }
        if rows < size {
            self.cap = Some(rows);
            if !self.offset.is_multiple_of(rows) {
                return Step::Again(self.again());
            }
        }
        Step::Next(self)
    }

    /// After the record at this place was set aside.
    pub(super) fn past_unreadable(mut self) -> Step {
        self.offset += 1;
        match self.total {
            Some(total) if self.offset >= total => Step::End(self),
            _ => Step::Next(self),
        }
    }

    fn again(mut self) -> Self {
        self.offset = 0;
        self.total = None;
        self.last_id = None;
        self.moved |= self.restarts >= RESTARTS_MAX;
        self.restarts += 1;
        self
    }
}

/// The next smaller page, for closing in on a record that breaks its page.
pub(super) fn smaller(ladder: &[u64], size: u64) -> Option<u64> {
    ladder.iter().copied().filter(|step| *step < size).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const HABIT: Habit = Habit { overlap_ms: 600_000, sweep_every_ms: 3_600_000, sweep_back_ms: 86_400_000 };

    fn plain(since_ms: i64, now_ms: i64, overlap_ms: i64) -> (i64, i64) {
        (since_ms - overlap_ms, now_ms)
    }

    fn scan() -> Scan {
        begin(None, 0, (1_000_000, 1_000_000), HABIT, plain)
    }

    #[test]
    fn a_window_reaches_back_by_the_overlap_and_sometimes_far() {
        let now_ms = 1_000_000_000;
        let cursor = |watermark_ms, swept_ms| Cursor { watermark_ms, swept_ms };
        let start = |cursor: Option<Cursor>, since_ms| {
            begin(cursor.as_ref(), since_ms, (now_ms, now_ms), HABIT, plain).start_ms
        };
        assert_eq!(start(None, 5_000), 5_000);
        assert_eq!(start(Some(cursor(now_ms - 60_000, now_ms - 60_000)), 0), now_ms - 660_000);
        assert_eq!(start(Some(cursor(now_ms - 60_000, 0)), 0), now_ms - 86_400_000 - 600_000);
        // Never further back than the first read was allowed to.
        assert_eq!(start(Some(cursor(now_ms - 60_000, 0)), now_ms - 70_000), now_ms - 670_000);
        // This computer's clock was a day ahead when the watermark was written.
        assert_eq!(start(Some(cursor(now_ms + 86_400_000, now_ms)), 0), now_ms - 600_000);
    }

    #[test]
    fn the_watermark_is_earned_by_the_last_page_only() {
        let before = Cursor { watermark_ms: 10, swept_ms: 10 };
        let mut done = scan();
        assert_eq!(earned(&done, Some(&before)), Cursor { watermark_ms: 1_000_000, swept_ms: 1_000_000 });
        done.moved = true;
        assert_eq!(earned(&done, Some(&before)), before);
        assert_eq!(earned(&done, None).watermark_ms, done.start_ms);
    }

    #[test]
    fn a_list_that_moves_is_read_again() {
        let Step::Next(second) = scan().after(500, 500, Some(900)) else { panic!("a page is missing") };
        assert_eq!((second.offset, second.page(500)), (500, 2));
        let Step::Again(again) = second.clone().after(500, 399, Some(899)) else { panic!("the drift was overlooked") };
        assert_eq!((again.offset, again.restarts), (0, 1));
        // It moves all the time: the scan ends, and earns nothing.
        let tired = Scan { restarts: RESTARTS_MAX, ..second };
        let Step::End(end) = tired.after(500, 399, Some(899)) else { panic!("reads forever") };
        assert!(end.moved);
    }

    #[test]
    fn a_server_that_caps_pages_sets_the_size() {
        let Step::Next(next) = scan().after(500, 100, Some(250)) else { panic!("a page is missing") };
        assert_eq!((next.size(LADDER_V1, 500), next.page(100)), (100, 2));
        let Step::Next(next) = next.after(100, 100, Some(250)) else { panic!("a page is missing") };
        assert!(matches!(next.after(100, 50, Some(250)), Step::End(_)));
    }

    #[test]
    fn rows_that_come_twice_are_not_counted_as_places() {
        let Step::Next(next) = scan().after(500, 501, Some(520)) else { panic!("a page is missing") };
        assert_eq!((next.offset, next.page(500)), (500, 2));
    }

    #[test]
    fn each_step_of_a_ladder_divides_the_one_before() {
        for ladder in [LADDER_V1, LADDER_V2] {
            assert!(ladder.windows(2).all(|pair| pair[0] % pair[1] == 0 && pair[0] > pair[1]));
            assert_eq!(ladder.last(), Some(&1));
        }
        assert_eq!(smaller(LADDER_V1, 500), Some(250));
        assert_eq!(smaller(LADDER_V1, 1), None);
    }

    /// Reads a list of `len` rows of which `bad` break their page, by the rules of the reader.
    fn read_all(len: u64, bad: &BTreeSet<u64>) -> (Vec<u64>, Vec<u64>, u32) {
        let (mut got, mut skipped, mut calls) = (Vec::new(), Vec::new(), 0);
        let mut scan = scan();
        loop {
            let mut size = scan.size(LADDER_V1, 500);
            let page = loop {
                calls += 1;
                assert!(calls < 100_000, "no end");
                let from = (scan.page(size) - 1) * size;
                assert_eq!(from, scan.offset, "a page must start where the one before ended");
                let rows: Vec<u64> = (from..(from + size).min(len)).collect();
                if !rows.iter().any(|row| bad.contains(row)) {
                    break Some(rows);
                }
                match smaller(LADDER_V1, size) {
                    Some(less) => size = less,
                    None => break None,
                }
            };
            let step = if let Some(rows) = page {
                got.extend(&rows);
                scan.after(size, rows.len() as u64, Some(len))
            } else {
                skipped.push(scan.offset);
                scan.past_unreadable()
            };
            match step {
                Step::Next(next) | Step::Again(next) => scan = next,
                Step::End(_) => return (got, skipped, calls),
            }
        }
    }

    #[test]
    fn closing_in_on_one_record_is_cheap() {
        let (got, skipped, calls) = read_all(500, &BTreeSet::from([137]));
        assert_eq!((got.len(), skipped), (499, vec![137]));
        assert!(calls <= 30, "{calls} calls");
    }

    proptest! {
        #[test]
        fn every_readable_row_is_read_once_and_every_other_skipped_once(
            len in 0_u64..1_300,
            bad in proptest::collection::btree_set(0_u64..1_300, 0..6),
        ) {
            let bad: BTreeSet<u64> = bad.into_iter().filter(|row| *row < len).collect();
            let (got, skipped, _) = read_all(len, &bad);
            let expected: Vec<u64> = (0..len).filter(|row| !bad.contains(row)).collect();
            prop_assert_eq!(got, expected);
            prop_assert_eq!(skipped, bad.into_iter().collect::<Vec<_>>());
        }
    }
}
