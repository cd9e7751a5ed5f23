//! The computer's clock: how far it is from the platform's, and what to do when somebody sets it back.
//!
//! Everything planned is a moment of the wall clock. Set back six hours, it would let every stream, write and limit wait
//! six hours longer than was meant. So what was planned by the old clock moves back by as much. What people chose by the
//! calendar (snoozed until Monday, held until the 3rd) stays; orders are decided anew, for deadlines hang on the clock.

use super::Lane;
use crate::{pace, policy};
use quayside_connectors::{Connector, SKEW_TOLERATED_MS};
use quayside_model::time::MINUTE_MS;
use quayside_model::{Cause, Refusal};
use quayside_store::StoreError;

impl Lane {
    /// Notices a clock that was set back since the last look, or since the program last ran. True if it was: then the
    /// connector is opened anew, because it remembers moments, too (how old a list is, when a token ends).
    pub(super) fn mind_wall(&mut self, connector: &dyn Connector, now_ms: i64) -> Result<bool, StoreError> {
        let before_ms = match self.wall_ms.replace(now_ms) {
            Some(before_ms) => before_ms,
            None => self.shared.store.read(|r| r.last_try_at(&self.id))?.unwrap_or(now_ms),
        };
        let counted_ms = self.counted_skew_ms();
        self.count_skew(counted_ms, pace::skew_after_ms(counted_ms, before_ms, now_ms))?;
        let back_ms = pace::set_back_ms(before_ms, now_ms);
        if back_ms == 0 {
            return Ok(false);
        }
        tracing::warn!(connection.id = %self.id, back_ms, "the computer's clock was set back; what was planned by it moves along");
        self.parked.clear();
        self.down_until_ms = self.down_until_ms.min((self.down_until_ms - back_ms).max(now_ms));
        connector.budget().clock_set_back(back_ms, now_ms);
        self.shared.store.write(|tx| tx.clock_set_back(&self.id, back_ms, now_ms, pace::look_pause_ms(0)))?;
        self.keep_buckets(connector)?;
        self.shared.sweep_anew();
        self.shared.decider_bell.notify_one();
        self.open = None;
        Ok(true)
    }

    /// The platform's time and ours: windows of reading, signatures and deadlines hang on it.
    pub(super) fn mind_clock(&mut self, connector: &dyn Connector, now_ms: i64) -> Result<(), StoreError> {
        let Some(skew_ms) = connector.skew_ms() else { return Ok(()) };
        let heard_ms = self.skew_heard_ms.replace(skew_ms);
        let counted_ms = self.counted_skew_ms();
        let counts_ms = pace::counted_skew_ms(skew_ms, counted_ms);
        // Told at once, because nothing is deleted by such a clock; judged by only when another answer says the same.
        if pace::is_said_again(heard_ms, skew_ms) {
            self.count_skew(counted_ms, counts_ms)?;
        }
        let wrong = skew_ms.abs() > SKEW_TOLERATED_MS;
        if self.clock_wrong == Some(wrong) {
            return Ok(());
        }
        let store = &self.shared.store;
        if wrong {
            let title = connector.declaration().title;
            let refusal = Refusal::new(Cause::ClockWrong, clock_sentence(skew_ms, title));
            store.write(|tx| tx.open_condition(&self.id, &refusal, now_ms))?;
        } else {
            store.write(|tx| tx.close_condition(&self.id, Cause::ClockWrong, now_ms))?;
        }
        self.clock_wrong = Some(wrong);
        Ok(())
    }
}

impl Lane {
    /// How far the account's clock counts as being from this computer's, ms.
    fn counted_skew_ms(&self) -> i64 {
        self.shared.policy().peers.get(&self.id).map_or(0, |peer| peer.skew_ms)
    }

    /// From now on what the account wrote is held against its own time (`quayside_flows`, clocks).
    fn count_skew(&self, before_ms: i64, skew_ms: i64) -> Result<(), StoreError> {
        if before_ms == skew_ms || !self.shared.policy().peers.contains_key(&self.id) {
            return Ok(());
        }
        self.shared.store.write(|tx| policy::skew_counted(tx, &self.id, skew_ms))?;
        self.shared.clocks_differ()
    }
}

/// "This computer's clock is 1 day behind."
fn clock_sentence(skew_ms: i64, platform: &str) -> String {
    let minutes = (skew_ms.abs() + MINUTE_MS / 2) / MINUTE_MS;
    let (n, unit) = match minutes {
        0..120 => (minutes, "minute"),
        120..2_880 => ((minutes + 30) / 60, "hour"),
        _ => ((minutes + 720) / 1_440, "day"),
    };
    let (plural, side) = (if n == 1 { "" } else { "s" }, if skew_ms > 0 { "behind" } else { "ahead of" });
    format!(
        "This computer's clock is about {n} {unit}{plural} {side} {platform}'s. What that platform wrote is judged by its time, what Quayside does by \
         this one. Set it to automatic in the system's settings; nothing is lost meanwhile."
    )
}
