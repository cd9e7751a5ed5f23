//! "Sync now": a person's wish to see fresh data, with progress and a way out.

use quayside_model::{ConnectionId, OrderId, RecordKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What to read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyncTarget {
    /// Every account.
    Everything,
    /// One account.
    Connection(ConnectionId),
    /// One order, on both sides.
    Order(OrderId),
    /// One record by its platform's id: one that was set aside.
    Record(ConnectionId, RecordKind, String),
}

/// How far a sync is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncProgress {
    /// What is being read ("Orders of Harbour Goods"), or how it ended.
    pub sentence: String,
    /// Streams or records done.
    pub done: usize,
    /// Of.
    pub of: usize,
    /// Records read so far.
    pub records: usize,
    /// What went wrong on the way, one sentence each.
    pub problems: Vec<String>,
    /// All parts have ended.
    pub ended: bool,
    /// A person stopped it.
    pub cancelled: bool,
}

pub(crate) type OnProgress = Arc<dyn Fn(SyncProgress) + Send + Sync>;

/// A sync under way. Dropping it does not stop it.
#[derive(Clone)]
pub struct SyncJob {
    pub(crate) inner: Arc<JobInner>,
}

pub(crate) struct JobInner {
    cancelled: AtomicBool,
    done: AtomicUsize,
    of: AtomicUsize,
    records: AtomicUsize,
    problems: std::sync::Mutex<Vec<String>>,
    on_progress: OnProgress,
}

impl std::fmt::Debug for SyncJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SyncJob").field("cancelled", &self.is_cancelled()).finish_non_exhaustive()
    }
}

impl SyncJob {
    pub(crate) fn new(of: usize, on_progress: OnProgress) -> Self {
        Self {
            inner: Arc::new(JobInner {
                cancelled: AtomicBool::new(false),
                done: AtomicUsize::new(0),
                of: AtomicUsize::new(of),
                records: AtomicUsize::new(0),
                problems: std::sync::Mutex::new(Vec::new()),
                on_progress,
            }),
        }
    }

    /// Stops at the next page. What was read so far stays.
    pub fn cancel(&self) {
        self.inner.cancelled.store(true, Ordering::Relaxed);
    }

    /// All its parts have ended.
    pub fn has_ended(&self) -> bool {
        self.inner.done.load(Ordering::Relaxed) >= self.inner.of.load(Ordering::Relaxed)
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.inner.cancelled.load(Ordering::Relaxed)
    }

    pub(crate) fn tell(&self, sentence: String) {
        let inner = &self.inner;
        let (done, of) = (inner.done.load(Ordering::Relaxed), inner.of.load(Ordering::Relaxed));
        let problems = self.problems();
        (inner.on_progress)(SyncProgress {
            sentence,
            done,
            of,
            records: inner.records.load(Ordering::Relaxed),
            problems,
            ended: done >= of,
            cancelled: self.is_cancelled(),
        });
    }

    pub(crate) fn read(&self, records: usize) {
        self.inner.records.fetch_add(records, Ordering::Relaxed);
    }

    pub(crate) fn problem(&self, sentence: String) {
        let mut problems = self.inner.problems.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Two streams of one account often fail for one reason.
        if !problems.contains(&sentence) {
            problems.push(sentence);
        }
    }

    /// What was not read, so far.
    pub(crate) fn problems(&self) -> Vec<String> {
        self.inner.problems.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// One part ended without what it was asked for.
    pub(crate) fn fail(&self, why: String) {
        self.problem(why.clone());
        self.part_done(why);
    }

    /// One part ended. The last one says how it went.
    pub(crate) fn part_done(&self, sentence: String) {
        let done = self.inner.done.fetch_add(1, Ordering::Relaxed) + 1;
        let of = self.inner.of.load(Ordering::Relaxed);
        let last = if self.is_cancelled() { "Cancelled; what was read stays" } else { "Everything was read" };
        self.tell(if done >= of { last.to_owned() } else { sentence });
    }
}
