//! Counts who is inside the desk, so that the program ends only when nobody is.
//!
//! The database's library cleans up after itself when the process exits; a
//! thread that is still reading at that moment would read what is gone.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Handed out to whoever goes in; clones are one gate.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<(Mutex<usize>, Condvar)>);

/// Somebody is inside as long as this lives.
#[derive(Debug)]
pub struct Inside(Gate);

impl Gate {
    /// Goes in.
    pub fn enter(&self) -> Inside {
        *self.count() += 1;
        Inside(self.clone())
    }

    /// Waits until everybody left, or until patience ends. Says whether they did.
    pub fn wait_until_empty(&self, patience: Duration) -> bool {
        let waited = self.0.1.wait_timeout_while(self.count(), patience, |count| *count > 0);
        waited.map_or_else(|poisoned| *poisoned.into_inner().0 == 0, |(count, _)| *count == 0)
    }

    fn count(&self) -> MutexGuard<'_, usize> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        *self.0.count() -= 1;
        self.0.0.1.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_is_empty_when_the_last_one_left() {
        let gate = Gate::default();
        assert!(gate.wait_until_empty(Duration::ZERO));
        let (one, two) = (gate.enter(), gate.enter());
        drop(one);
        assert!(!gate.wait_until_empty(Duration::from_millis(5)));
        let leaving = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            drop(two);
        });
        assert!(gate.wait_until_empty(Duration::from_secs(5)));
        assert!(leaving.join().is_ok());
    }
}
