//! Landmarks: the keys of every 250th row of long lists, so that a far place is near some known one.
//!
//! A list is paged by key, and a scroll bar asks for a place: "the 250,000th row". No index counts, so without help
//! every row before it is passed over, 0.3 µs each. With the keys of every [`STEP`]th row at hand at most one step is.
//!
//! They lie in memory, per list and sort, for lists of [`LONG`] rows and more whose length the tallies know (the
//! others cannot be jumped in). A page of such a list wishes for them ([`Store::landmarks_wanted`]); whoever has time
//! makes them ([`Store::survey`]), and no page waits for that: a far one is walked to meanwhile.
//!
//! Rows come and go, so a place counted along landmarks may be off by as many rows as changed since they were made;
//! beyond a hundredth of the list they are not used any more. A place in a list that moves is a guess in any case, and
//! what is read there hangs together by key.

use crate::error::{StoreError, Tried};
use crate::queue::{KeyValue, Part, Place, QueueFilter, QueueKey, Sort, SortBy, key_of, write_order};
use crate::sql::Sql;
use crate::store::{Reader, Store, lock};
use rusqlite::params_from_iter;
use std::cmp::Ordering;
use std::sync::atomic::{self, AtomicU64};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Rows from one landmark to the next.
const STEP: usize = 250;
/// Shorter lists are walked: 6 ms.
const LONG: u64 = 20_000;
/// Changed rows that a list of so many times as many takes before its landmarks count for nothing.
const SHARE: u64 = 100;
/// A list that always changes is surveyed again after so many times what it took: 5 % of a core.
const REST: u32 = 20;
/// Lists kept: the window shows one, and a person has some views they go to and fro between.
const KEPT: usize = 32;

#[derive(Default)]
pub(crate) struct Landmarks {
    lines: Mutex<Vec<Arc<Line>>>,
    wishes: Mutex<Vec<List>>,
    /// Orders that were touched since the store was opened.
    moved: AtomicU64,
}

/// A list in one of its orders; the other direction is the same line walked back.
#[derive(Clone, PartialEq)]
struct List {
    filter: QueueFilter,
    by: SortBy,
}

/// The landmarks of a list.
struct Line {
    list: List,
    /// The keys of its rows 250, 500 and so on, ascending.
    marks: Vec<QueueKey>,
    /// How many rows it had.
    rows: usize,
    moved: u64,
    made: Instant,
    took: Duration,
}

impl Landmarks {
    /// So many orders changed.
    pub(crate) fn note(&self, orders: usize) {
        self.moved.fetch_add(orders as u64, atomic::Ordering::Relaxed);
    }

    /// What is known of a list, if it still holds, and whether it should be surveyed.
    fn line(&self, filter: &QueueFilter, by: SortBy) -> (Option<Arc<Line>>, bool) {
        let mut lines = lock(&self.lines);
        let Some(at) = lines.iter().position(|line| line.list.by == by && line.list.filter == *filter) else {
            return (None, true);
        };
        // Last used, last to go.
        let line = lines.remove(at);
        lines.push(line.clone());
        let moved = self.moved.load(atomic::Ordering::Relaxed) - line.moved;
        let wanted = moved > 0 && line.made.elapsed() >= line.took * REST;
        ((moved <= line.rows as u64 / SHARE).then_some(line), wanted)
    }

    fn wish(&self, list: List) {
        let mut wishes = lock(&self.wishes);
        if wishes.len() < KEPT && !wishes.contains(&list) {
            wishes.push(list);
        }
    }

    fn keep(&self, line: Line) {
        let mut lines = lock(&self.lines);
        lines.retain(|old| old.list != line.list);
        if lines.len() >= KEPT {
            lines.remove(0);
        }
        lines.push(Arc::new(line));
    }
}

impl Line {
    /// Which of its landmarks come when it is walked in this direction, behind the key or from the front.
    fn ahead<'l>(&'l self, after: Option<&QueueKey>, descending: bool) -> Vec<&'l QueueKey> {
        let by = self.list.by;
        let split = |key: &QueueKey| self.marks.partition_point(|mark| compare(by, mark, key) == Ordering::Less);
        if descending {
            let end = after.map_or(self.marks.len(), split);
            self.marks.iter().take(end).rev().collect()
        } else {
            let begin = after.map_or(0, |key| {
                let at = split(key);
                at + usize::from(self.marks.get(at).is_some_and(|mark| mark == key))
            });
            self.marks.iter().skip(begin).collect()
        }
    }

    /// Rows from the front to the first landmark, with it.
    fn first(&self, descending: bool) -> usize {
        if descending { self.rows + 1 - self.marks.len() * STEP } else { STEP }
    }
}

/// As SQLite sorts the columns: numbers by size, text by its bytes, names with letters in either case together.
fn compare(by: SortBy, a: &QueueKey, b: &QueueKey) -> Ordering {
    let value = |a: &KeyValue, b: &KeyValue| match (a, b) {
        (KeyValue::Number(a), KeyValue::Number(b)) => a.cmp(b),
        (KeyValue::Number(_), KeyValue::Text(_)) => Ordering::Less,
        (KeyValue::Text(_), KeyValue::Number(_)) => Ordering::Greater,
        (KeyValue::Text(a), KeyValue::Text(b)) if by == SortBy::Customer => {
            a.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(b.bytes().map(|byte| byte.to_ascii_lowercase()))
        }
        (KeyValue::Text(a), KeyValue::Text(b)) => a.cmp(b),
    };
    let first = a.values.iter().zip(&b.values).map(|(a, b)| value(a, b)).find(|order| order.is_ne());
    first.unwrap_or_else(|| a.id.cmp(&b.id))
}

impl Store {
    /// A long list was shown of which no landmarks are known, or old ones: [`Store::survey`] would help.
    pub fn landmarks_wanted(&self) -> bool {
        self.inner.landmarks.as_ref().is_some_and(|landmarks| !lock(&landmarks.wishes).is_empty())
    }

    /// Finds the landmarks that were wished for: about a third of a second for a list of 500,000 orders. How many lists.
    pub fn survey(&self) -> Result<usize, StoreError> {
        let Some(landmarks) = &self.inner.landmarks else { return Ok(0) };
        let wishes = std::mem::take(&mut *lock(&landmarks.wishes));
        let lists = wishes.len();
        for list in wishes {
            let (made, moved) = (Instant::now(), landmarks.moved.load(atomic::Ordering::Relaxed));
            let (marks, rows) = self.read(|r| r.marks(&list))?;
            landmarks.keep(Line { list, marks, rows, moved, made, took: made.elapsed() });
        }
        Ok(lists)
    }
}

impl Reader<'_> {
    /// The same place, counted from the landmark before it.
    pub(crate) fn nearest(&self, filter: &QueueFilter, sort: Sort, place: Place) -> Result<Place, StoreError> {
        let Some(landmarks) = self.landmarks.filter(|_| filter.is_tallied()) else { return Ok(place) };
        let (line, wanted) = landmarks.line(filter, sort.by);
        if wanted && self.queue_count(filter)?.n >= LONG {
            landmarks.wish(List { filter: filter.clone(), by: sort.by });
        }
        let Some(line) = line.filter(|_| place.skip > 2 * STEP) else { return Ok(place) };
        let ahead = line.ahead(place.after.as_ref(), sort.descending);
        let Some(first) = ahead.first() else { return Ok(place) };
        let before = match &place.after {
            None => Some(line.first(sort.descending)),
            Some(after) => self.rows_up_to(filter, sort, after, first)?,
        };
        let Some(further) = before.and_then(|before| place.skip.checked_sub(before)) else { return Ok(place) };
        let steps = (further / STEP).min(ahead.len() - 1);
        Ok(Place { after: ahead.get(steps).map(|key| (*key).clone()), skip: further - steps * STEP })
    }

    /// Rows behind a key up to a landmark, with it: about a step. `None` where it is not found near.
    fn rows_up_to(
        &self,
        filter: &QueueFilter,
        sort: Sort,
        after: &QueueKey,
        mark: &QueueKey,
    ) -> Result<Option<usize>, StoreError> {
        const TRIED: &str = "count the rows up to a landmark";
        let Some(drive) = self.drive(filter, sort.by, false)? else { return Ok(None) };
        let there = if sort.descending { Ordering::Less } else { Ordering::Greater };
        let mut passed = 0;
        for part in Part::of(Some(after.clone())) {
            let mut sql = Sql::default();
            sql.push("SELECT o.id");
            for column in sort.by.columns() {
                sql.push(", ").push(column);
            }
            crate::plan::from(&drive, &mut sql);
            filter.conditions(&mut sql, &drive);
            part.write(sort, &mut sql);
            write_order(sort, &mut sql);
            sql.push(" LIMIT ").bind(3 * STEP as i64);
            let mut statement = self.conn.prepare_cached(&sql.text).tried(TRIED)?;
            let mut found = statement.query(params_from_iter(&sql.values)).tried(TRIED)?;
            while let Some(row) = found.next().tried(TRIED)? {
                let key = key_of(row, 1, sort.by, row.get(0).tried(TRIED)?)?;
                match compare(sort.by, &key, mark) {
                    Ordering::Equal => return Ok(Some(passed + 1)),
                    // The landmark itself went away.
                    order if order == there => return Ok(Some(passed)),
                    _ => passed += 1,
                }
                if passed > 3 * STEP {
                    return Ok(None);
                }
            }
        }
        Ok(None)
    }

    /// The landmarks of a list, and its length.
    fn marks(&self, list: &List) -> Result<(Vec<QueueKey>, usize), StoreError> {
        let sort = Sort { by: list.by, descending: false };
        let mut marks: Vec<QueueKey> = Vec::new();
        loop {
            let after = marks.last().cloned();
            let page = self.queue_walked(&list.filter, sort, Place { after: after.clone(), skip: STEP }, 1)?;
            let Some(mark) = page.start.filter(|start| after.as_ref() != Some(start)) else {
                let rest = self.queue_rest(&list.filter, sort, after, STEP)?;
                let rows = marks.len() * STEP + rest;
                return Ok((marks, rows));
            };
            marks.push(mark);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quayside_model::OrderId;

    fn key(value: KeyValue, id: i64) -> QueueKey {
        QueueKey { values: vec![value], id: OrderId(id) }
    }

    fn line(rows: usize, keys: &[i64]) -> Line {
        let marks = keys.iter().map(|n| key(KeyValue::Number(*n), *n)).collect();
        let list = List { filter: QueueFilter::default(), by: SortBy::Units };
        Line { list, marks, rows, moved: 0, made: Instant::now(), took: Duration::ZERO }
    }

    #[test]
    fn names_are_compared_as_the_index_sorts_them() {
        let name = |text: &str| key(KeyValue::Text(text.into()), 1);
        for (by, a, b, order) in [
            (SortBy::Customer, "anna", "Bert", Ordering::Less),
            (SortBy::Customer, "ANNA", "anna", Ordering::Equal),
            // Letters beyond ASCII are different letters in either case, there as here.
            (SortBy::Customer, "É", "é", Ordering::Less),
            (SortBy::Customer, "zoe", "Élan", Ordering::Less),
            (SortBy::Store, "b", "A", Ordering::Greater),
        ] {
            assert_eq!(compare(by, &name(a), &name(b)), order, "{a} {b}");
        }
    }

    #[test]
    fn what_lies_ahead_depends_on_the_direction() {
        let line = line(850, &[10, 20, 30]);
        let ahead = |after: Option<i64>, descending| -> Vec<i64> {
            let after = after.map(|n| key(KeyValue::Number(n), n));
            line.ahead(after.as_ref(), descending).iter().map(|mark| mark.id.0).collect()
        };
        assert_eq!(ahead(None, false), [10, 20, 30]);
        assert_eq!(ahead(Some(10), false), [20, 30]);
        assert_eq!(ahead(Some(11), false), [20, 30]);
        assert_eq!(ahead(None, true), [30, 20, 10]);
        assert_eq!(ahead(Some(20), true), [10]);
        assert_eq!(ahead(Some(21), true), [20, 10]);
        assert_eq!(ahead(Some(5), true), [0_i64; 0]);
        assert_eq!((line.first(false), line.first(true)), (250, 101));
    }

    #[test]
    fn landmarks_of_a_list_that_moved_much_are_not_used() {
        let landmarks = Landmarks::default();
        landmarks.keep(line(20_000, &[10, 20]));
        let state = || {
            let (line, wanted) = landmarks.line(&QueueFilter::default(), SortBy::Units);
            (line.is_some(), wanted)
        };
        assert_eq!(state(), (true, false));
        landmarks.note(200);
        assert_eq!(state(), (true, true));
        landmarks.note(1);
        assert_eq!(state(), (false, true));
        assert!(landmarks.line(&QueueFilter::default(), SortBy::Total).1, "another order of the list is another line");
    }
}
