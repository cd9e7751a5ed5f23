//! The door: one writer, several readers, and the change feed.
//!
//! Every write is one transaction begun IMMEDIATE, every read one snapshot.
//! The network is never called in here, and nobody may call it while inside:
//! the writer is one for the whole program.
//! Left out on purpose: async. Callers on an executor use its blocking pool.

use crate::error::{StoreError, Tried};
use crate::landmarks::Landmarks;
use crate::lock::ProfileLock;
use crate::pack::{Pack, Zip};
use crate::search::Entry;
use quayside_model::{OrderId, Record};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

/// Read connections of a file: the window, the engine and one to spare.
pub(crate) const READERS: usize = 3;
/// Statements kept ready per connection; all of ours fit.
pub(crate) const STATEMENTS: usize = 256;
/// A write that takes longer keeps everybody else waiting; it is logged.
const SLOW: Duration = Duration::from_millis(500);

/// The profile's database. Cheap to clone; closed when the last clone goes.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    writer: Mutex<Handle>,
    readers: Option<Pool>,
    /// Who writes now: tells a write inside a write from a wait.
    holder: Mutex<Option<ThreadId>>,
    observers: Mutex<Vec<Observer>>,
    injected: Mutex<Injected>,
    /// `None` where another process writes: nobody tells when they grow old.
    pub(crate) landmarks: Option<Landmarks>,
    pub(crate) file: Option<PathBuf>,
    /// For the thread that makes payloads ahead; one at a time has it, others make their own.
    pub(crate) spare_zip: Mutex<Option<Zip>>,
    /// Dropped last: while any connection is open the profile is ours.
    _lock: Option<ProfileLock>,
}

type Observer = Arc<dyn Fn(&Change) + Send + Sync>;

/// One database connection and its compression contexts.
pub(crate) struct Handle {
    pub conn: Connection,
    pub pack: Pack,
}

impl Handle {
    /// Keeps up to `kept` unpacked records.
    pub fn new(conn: Connection, kept: usize) -> std::io::Result<Self> {
        conn.set_prepared_statement_cache_capacity(STATEMENTS);
        // Without this SQLite parses a statement anew whenever a value bound to it changes that might decide whether
        // a partial index fits. Ours name their index; the plan must never depend on a value anyway.
        if let Err(error) = conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true) {
            tracing::warn!(%error, "statements will be planned anew more often than necessary");
        }
        Ok(Self { conn, pack: Pack::new(kept)? })
    }
}

/// A part of the desk that a transaction touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Queue rows, records, choices.
    Orders,
    /// The exceptions list.
    Exceptions,
    /// The outbox.
    Effects,
    /// Accounts.
    Connections,
    /// Settings and automations.
    Settings,
    /// Cursors, schedules, rate buckets.
    Streams,
    /// Timeline, history, notifications.
    Events,
    /// Counts of units, and what is said of them.
    Stock,
}

/// What one committed transaction touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Orders whose row, effects, findings or timeline moved; sorted, each once.
    pub orders: Vec<OrderId>,
    /// Parts of the desk to refresh.
    pub topics: BTreeSet<Topic>,
}

/// A failure on request, for tests and the simulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InjectedFailure {
    /// As if the disk were full at the commit.
    DiskFull,
    /// As if another process held the database at the begin.
    Busy,
    /// As if the disk failed at the commit.
    Io,
    /// As if a page were damaged.
    Corrupt,
    /// As if the program itself had a fault: it panics before the commit.
    Panic,
    /// The change is there, and whoever made it is told that the disk failed.
    SaidNot,
}

impl InjectedFailure {
    fn error(self) -> StoreError {
        let tried = "save a change".into();
        let detail = "injected".to_owned();
        match self {
            Self::DiskFull => StoreError::DiskFull { tried },
            Self::Busy => StoreError::Busy { tried },
            Self::Io | Self::SaidNot => StoreError::Io { tried, detail },
            Self::Corrupt => StoreError::Corrupt { tried, detail },
            Self::Panic => panic!("injected"),
        }
    }
}

/// Where in a write the process dies, on request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dying {
    /// Everything was done, and nothing of it committed.
    Before,
    /// It is on the disk, and nobody here ever heard so. (A write that fails by itself commits nothing: then the next one.)
    After,
}

/// What goes wrong on request; empty in a program at work.
#[derive(Default)]
struct Injected {
    failures: VecDeque<InjectedFailure>,
    /// Writes that were begun since the store was opened.
    writes: u64,
    death: Option<Death>,
}

struct Death {
    /// Writes until then, the last one included.
    left: u64,
    moment: Dying,
    /// It has happened: nobody writes any more.
    dead: bool,
    told: Option<Box<dyn FnOnce() + Send>>,
}

/// What becomes of one write.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Lives(Option<InjectedFailure>),
    Dies(Dying),
    IsDead,
}

impl Injected {
    fn next_fate(&mut self) -> Fate {
        self.writes += 1;
        if let Some(death) = &mut self.death {
            if death.dead {
                return Fate::IsDead;
            }
            death.left = death.left.saturating_sub(1);
            if death.left == 0 {
                return Fate::Dies(death.moment);
            }
        }
        Fate::Lives(self.failures.pop_front())
    }
}

/// Nobody is left to read it.
fn dead() -> StoreError {
    StoreError::Io { tried: "save a change".into(), detail: "the process has died".to_owned() }
}

impl Store {
    pub(crate) fn from_parts(
        writer: Handle,
        readers: Option<Vec<Handle>>,
        file: Option<PathBuf>,
        lock: Option<ProfileLock>,
    ) -> Self {
        let readers = readers.map(|idle| Pool { idle: Mutex::new(idle), freed: Condvar::new() });
        Self {
            inner: Arc::new(Inner {
                writer: Mutex::new(writer),
                readers,
                holder: Mutex::default(),
                observers: Mutex::default(),
                injected: Mutex::default(),
                landmarks: (file.is_none() || lock.is_some()).then(Landmarks::default),
                file,
                spare_zip: Mutex::default(),
                _lock: lock,
            }),
        }
    }

    /// Where the database lies; `None` in memory.
    pub fn file(&self) -> Option<&Path> {
        self.inner.file.as_deref()
    }

    /// The only way to write: all of `f` or nothing. An error from `f` rolls back.
    pub fn write<T>(&self, f: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let guard = self.writer("begin a change")?;
        let begun = Instant::now();
        let fate = lock(&self.inner.injected).next_fate();
        match fate {
            Fate::Lives(Some(InjectedFailure::Busy)) => return Err(InjectedFailure::Busy.error()),
            Fate::IsDead => return Err(dead()),
            Fate::Lives(_) | Fate::Dies(_) => {}
        }
        let transaction =
            Transaction::new_unchecked(&guard.conn, TransactionBehavior::Immediate).tried("begin a change")?;
        let mut tx = Tx::new(&transaction, &guard.pack);
        let value = f(&mut tx);
        if fate == Fate::Dies(Dying::Before) {
            // Leaving drops the transaction, and with it everything `f` did.
            return Err(self.die());
        }
        let value = value?;
        if tx.half_done {
            return Err(StoreError::Fault {
                tried: "save a change".into(),
                detail: "a statement of it failed half done, and that was passed over".into(),
            });
        }
        tx.write_index()?;
        let change = tx.into_change();
        if let Fate::Lives(Some(failure)) = fate
            && failure != InjectedFailure::SaidNot
        {
            return Err(failure.error());
        }
        transaction.commit().tried("save a change")?;
        drop(guard);
        match fate {
            Fate::Lives(None) => {}
            Fate::Lives(Some(failure)) => return Err(failure.error()),
            Fate::Dies(_) | Fate::IsDead => return Err(self.die()),
        }
        let took = begun.elapsed();
        if took > SLOW {
            tracing::warn!(duration_ms = took.as_millis() as u64, "a change held the database for long");
        }
        self.tell(&change);
        Ok(value)
    }

    /// Reads one snapshot: nothing that commits meanwhile is seen.
    pub fn read<T>(&self, f: impl FnOnce(&Reader<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        match &self.inner.readers {
            None => snapshot(&*self.writer("begin reading")?, self.inner.landmarks.as_ref(), f),
            Some(pool) => snapshot(&pool.take(), self.inner.landmarks.as_ref(), f),
        }
    }

    /// Called after every commit that touched something, on the thread that wrote,
    /// outside the transaction: it may read and write, and should be quick.
    pub fn on_change(&self, observer: impl Fn(&Change) + Send + Sync + 'static) {
        lock(&self.inner.observers).push(Arc::new(observer));
    }

    /// Makes the next `times` calls of [`Store::write`] fail with `failure` after their
    /// closure ran (Busy: before), leaving nothing behind (`SaidNot`: everything). For tests and the simulator.
    pub fn inject_failure(&self, failure: InjectedFailure, times: usize) {
        lock(&self.inner.injected).failures.extend(std::iter::repeat_n(failure, times));
    }

    /// Takes injected failures that did not happen yet away.
    pub fn heal(&self) {
        lock(&self.inner.injected).failures.clear();
    }

    /// Lets the process die in the `nth` write from now (1 is the next one): that write fails, and every one after it, until
    /// [`Self::revive`]. `told` hears of it at once and must not use the store. For tests and the simulator.
    pub fn die_at(&self, nth: u64, moment: Dying, told: impl FnOnce() + Send + 'static) {
        let death = Death { left: nth.max(1), moment, dead: false, told: Some(Box::new(told)) };
        lock(&self.inner.injected).death = Some(death);
    }

    /// Another process begins. Whether the one before died in a write.
    pub fn revive(&self) -> bool {
        lock(&self.inner.injected).death.take().is_some_and(|death| death.dead)
    }

    /// Writes that were begun so far, failed ones included: what [`Self::die_at`] counts. For tests and the simulator.
    pub fn writes(&self) -> u64 {
        lock(&self.inner.injected).writes
    }

    fn die(&self) -> StoreError {
        let told = {
            let mut injected = lock(&self.inner.injected);
            injected.death.as_mut().and_then(|death| {
                death.dead = true;
                death.told.take()
            })
        };
        if let Some(told) = told {
            told();
        }
        dead()
    }

    /// A connection of its own for long reading, out of the pool; `None` in memory.
    pub(crate) fn lend(&self) -> Option<Lent<'_>> {
        self.inner.readers.as_ref().map(Pool::take)
    }

    pub(crate) fn tell(&self, change: &Change) {
        if change.topics.is_empty() && change.orders.is_empty() {
            return;
        }
        if let Some(landmarks) = &self.inner.landmarks {
            landmarks.note(change.orders.len());
        }
        let observers = lock(&self.inner.observers).clone();
        for observer in observers {
            observer(change);
        }
    }

    pub(crate) fn writer(&self, tried: &'static str) -> Result<WriterGuard<'_>, StoreError> {
        let me = std::thread::current().id();
        if *lock(&self.inner.holder) == Some(me) {
            return Err(StoreError::Fault {
                tried: tried.into(),
                detail: "a write is already open on this thread".into(),
            });
        }
        let handle = lock(&self.inner.writer);
        *lock(&self.inner.holder) = Some(me);
        Ok(WriterGuard { handle, holder: &self.inner.holder })
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("file", &self.inner.file).finish_non_exhaustive()
    }
}

/// A panic in one transaction rolled it back; the connection is as good as before.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn snapshot<T>(
    handle: &Handle,
    landmarks: Option<&Landmarks>,
    f: impl FnOnce(&Reader<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = Transaction::new_unchecked(&handle.conn, TransactionBehavior::Deferred).tried("begin reading")?;
    let value = f(&Reader { landmarks, ..Reader::new(&transaction, &handle.pack) })?;
    transaction.finish().tried("end reading")?;
    Ok(value)
}

pub(crate) struct WriterGuard<'s> {
    handle: MutexGuard<'s, Handle>,
    holder: &'s Mutex<Option<ThreadId>>,
}

impl Deref for WriterGuard<'_> {
    type Target = Handle;
    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for WriterGuard<'_> {
    fn drop(&mut self) {
        *lock(self.holder) = None;
    }
}

pub(crate) struct Pool {
    idle: Mutex<Vec<Handle>>,
    freed: Condvar,
}

impl Pool {
    fn take(&self) -> Lent<'_> {
        let mut idle = lock(&self.idle);
        loop {
            if let Some(handle) = idle.pop() {
                return Lent { pool: self, handle: Some(handle) };
            }
            idle = self.freed.wait(idle).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A reader out of the pool; goes back whatever happens.
pub(crate) struct Lent<'p> {
    pool: &'p Pool,
    handle: Option<Handle>,
}

impl Deref for Lent<'_> {
    type Target = Handle;
    #[allow(clippy::expect_used)] // taken only by drop
    fn deref(&self) -> &Handle {
        self.handle.as_ref().expect("a lent reader is there until it is given back")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(handle) = self.handle.take() {
            lock(&self.pool.idle).push(handle);
            self.pool.freed.notify_one();
        }
    }
}

/// One snapshot of the store. Everything readable is a method of it; the methods
/// stand with their tables.
pub struct Reader<'c> {
    pub(crate) conn: &'c Connection,
    pub(crate) pack: &'c Pack,
    /// Records written or read in this transaction: the decision that follows need
    /// not unpack what the caller just gave. Always empty outside a write.
    pub(crate) fresh: RefCell<HashMap<String, FreshRecord>>,
    /// Index entries to be written when the transaction ends, or when somebody searches
    /// inside it. One after the other between other statements, each would become a
    /// segment of its own: SQLite's statement savepoints make the index flush.
    pub(crate) unindexed: RefCell<BTreeMap<OrderId, Entry>>,
    /// Known places of long lists; none inside a write, which changes them.
    pub(crate) landmarks: Option<&'c Landmarks>,
    writing: bool,
}

pub(crate) struct FreshRecord {
    pub record: Record,
    pub seen_at_ms: i64,
}

/// Enough for a page of any platform; beyond it records are read back.
const FRESH_MAX: usize = 512;

impl<'c> Reader<'c> {
    fn new(conn: &'c Connection, pack: &'c Pack) -> Self {
        Self { conn, pack, fresh: RefCell::default(), unindexed: RefCell::default(), landmarks: None, writing: false }
    }

    /// Inside a write, keeps a record at hand for the rest of the transaction.
    pub(crate) fn keep_fresh(&self, name: String, record: &Record, seen_at_ms: i64) {
        let mut fresh = self.fresh.borrow_mut();
        if self.writing && (fresh.len() < FRESH_MAX || fresh.contains_key(&name)) {
            fresh.insert(name, FreshRecord { record: record.clone(), seen_at_ms });
        }
    }
}

/// One transaction. Reads like a [`Reader`], and collects what it touched.
pub struct Tx<'c> {
    reader: Reader<'c>,
    orders: BTreeSet<OrderId>,
    topics: BTreeSet<Topic>,
    /// Nothing is set aside, so a good reading has nothing to take back. `None`: not looked yet.
    pub(crate) nothing_aside: Option<bool>,
    /// A statement failed that is not taken back by itself: nothing of the transaction may stay.
    pub(crate) half_done: bool,
}

impl<'c> Tx<'c> {
    pub(crate) fn new(conn: &'c Connection, pack: &'c Pack) -> Self {
        let reader = Reader { writing: true, ..Reader::new(conn, pack) };
        Self { reader, orders: BTreeSet::new(), topics: BTreeSet::new(), nothing_aside: None, half_done: false }
    }

    pub(crate) fn touch(&mut self, topic: Topic) {
        self.topics.insert(topic);
    }

    pub(crate) fn touch_order(&mut self, order: OrderId, topic: Topic) {
        self.orders.insert(order);
        self.topics.insert(topic);
    }

    /// Of what is about an order or about none.
    pub(crate) fn touch_about(&mut self, order: Option<OrderId>, topic: Topic) {
        match order {
            Some(order) => self.touch_order(order, topic),
            None => self.touch(topic),
        }
    }

    pub(crate) fn forget_fresh(&mut self) {
        self.reader.fresh.get_mut().clear();
    }

    pub(crate) fn into_change(self) -> Change {
        Change { orders: self.orders.into_iter().collect(), topics: self.topics }
    }
}

impl<'c> Deref for Tx<'c> {
    type Target = Reader<'c>;
    fn deref(&self) -> &Reader<'c> {
        &self.reader
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_is_really_full_is_told_and_leaves_nothing() {
        let store = Store::in_memory();
        let pages = |n: i64| {
            let writer = store.writer("limit the file").unwrap();
            writer.conn.query_row(&format!("PRAGMA max_page_count = {n}"), [], |row| row.get::<_, i64>(0)).unwrap()
        };
        let now = pages(1);
        let fill = |tx: &mut Tx<'_>| (0..200).try_for_each(|n| tx.put_setting(&format!("key {n}"), &"x".repeat(5_000)));
        let error = store.write(fill).unwrap_err();
        assert!(error_tried(&error).starts_with("save the setting key"), "{error}");
        assert_eq!(store.read(|r| r.setting::<String>("key 0")).unwrap(), None);
        // Once there is room it goes on.
        pages(now + 1_000);
        store.write(fill).unwrap();
        assert!(store.read(|r| r.setting::<String>("key 199")).unwrap().is_some());
    }

    fn error_tried(error: &StoreError) -> String {
        match error {
            StoreError::DiskFull { tried } => tried.to_string(),
            other => panic!("not a full disk: {other}"),
        }
    }
}
