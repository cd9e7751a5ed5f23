//! Virtual time: the runtime's paused clock, put on a calendar. And the wall clock of the simulated computer, which
//! somebody may have set wrong: the world goes on by the true time, the desk believes its wall.

use quayside_model::Clock;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::time::Instant;

/// A clock that moves only when everything waits. Each life of the process has a runtime of
/// its own; the calendar goes on.
#[derive(Debug)]
pub struct VirtualClock {
    base_ms: AtomicI64,
    /// Wall minus truth.
    wrong_ms: AtomicI64,
    began: Mutex<Option<Instant>>,
}

impl VirtualClock {
    /// Stands at `start_ms` (ms UTC) until a life begins.
    pub fn new(start_ms: i64) -> Self {
        Self { base_ms: AtomicI64::new(start_ms), wrong_ms: AtomicI64::new(0), began: Mutex::new(None) }
    }

    /// A runtime begins; call inside it.
    pub fn begin(&self) {
        *self.began.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(Instant::now());
    }

    /// The runtime ends at this moment; call inside it.
    pub fn end(&self) {
        let now_ms = self.true_ms();
        *self.began.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
        self.base_ms.store(now_ms, Ordering::Release);
    }

    /// The computer sleeps: the world goes on, its timers do not.
    pub fn jump(&self, ms: i64) {
        self.base_ms.fetch_add(ms, Ordering::AcqRel);
    }

    /// Somebody moves the hands of the wall clock, forwards or (negative) back. The world does not notice.
    pub fn move_hands(&self, ms: i64) {
        self.wrong_ms.fetch_add(ms, Ordering::AcqRel);
    }

    /// The wall clock is wrong by so much from now on, whatever it was before; 0: somebody sets it right.
    pub fn set_hands(&self, wrong_ms: i64) {
        self.wrong_ms.store(wrong_ms, Ordering::Release);
    }

    /// What time it really is, ms UTC.
    pub fn true_ms(&self) -> i64 {
        let began = *self.began.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let elapsed_ms = began.map_or(0, |at| (Instant::now() - at).as_millis() as i64);
        self.base_ms.load(Ordering::Acquire) + elapsed_ms
    }
}

impl Clock for VirtualClock {
    fn now_ms(&self) -> i64 {
        self.true_ms() + self.wrong_ms.load(Ordering::Acquire)
    }
}
