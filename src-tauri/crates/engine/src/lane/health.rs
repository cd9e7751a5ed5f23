//! An account that is down, and comes back.
//!
//! While nothing can be reached, every stream and every write waits out a pause of its own. The first answer after
//! that ends all of these pauses: of this account at once, and of the other accounts that could not be reached either.
//! Each lane catches up by itself, one call after the other and a moment apart from its neighbours.

use super::Lane;
use crate::pace;
use quayside_model::{Cause, Refusal};
use quayside_store::StoreError;

/// Failures in a row, without one answer between them, that are an outage. One is a hiccup of one call.
const OUTAGE: u32 = 2;
/// Lanes that hear of the network's return begin within this time, each at a moment of its own.
const CATCH_UP_WITHIN_MS: f64 = 4_000.0;

impl Lane {
    /// The account answers: its conditions end, and so do the pauses of an outage.
    pub(super) fn up(&mut self, now_ms: i64) -> Result<(), StoreError> {
        // It answers, and its renewed sign-in waits for the keychain: that is not over.
        if self.unkept.is_some() || (self.down_count == 0 && self.answered) {
            return Ok(());
        }
        self.answered = true;
        let outage = self.down_count >= OUTAGE && self.is_cut_off();
        self.down_count = 0;
        self.down_cause = None;
        self.down_until_ms = 0;
        let at_ms = self.catch_up_at(now_ms);
        self.shared.store.write(|tx| {
            tx.account_answers(&self.id, now_ms)?;
            if outage { tx.pull_forward(&self.id, at_ms) } else { Ok(()) }
        })?;
        if outage {
            self.network_seen = self.shared.network_is_back();
        }
        Ok(())
    }

    /// Another account got an answer after an outage: if this one could not be reached either, it tries now.
    pub(super) fn mind_network(&mut self, now_ms: i64) -> Result<(), StoreError> {
        let network = self.shared.network();
        if self.network_seen == network {
            return Ok(());
        }
        self.network_seen = network;
        if self.down_count == 0 || !self.is_cut_off() {
            return Ok(());
        }
        let at_ms = self.catch_up_at(now_ms);
        self.down_until_ms = self.down_until_ms.min(at_ms);
        self.shared.store.write(|tx| tx.pull_forward(&self.id, at_ms))
    }

    /// The network between here and the platform is at fault, as far as one can tell.
    fn is_cut_off(&self) -> bool {
        self.down_cause.is_some_and(pace::is_network)
    }

    fn catch_up_at(&self, now_ms: i64) -> i64 {
        now_ms + (self.shared.chance() * CATCH_UP_WITHIN_MS) as i64
    }

    /// The account as a whole does not answer, or wants something: one condition with a count.
    pub(super) fn down(&mut self, refusal: &Refusal, now_ms: i64) -> Result<(), StoreError> {
        if !refusal.cause.is_about_connection() {
            return Ok(());
        }
        self.down_count = self.down_count.saturating_add(1);
        self.down_cause = Some(refusal.cause);
        if refusal.cause == Cause::SignInNeeded {
            // Another process of this profile may have renewed the sign-in: the keychain is read again.
            self.open = None;
        }
        self.down_until_ms = now_ms + pace::down_pause_ms(refusal.cause, self.down_count);
        // A single hiccup is not worth a line on anybody's screen.
        let passing = matches!(refusal.cause, Cause::Offline | Cause::PlatformTrouble | Cause::NotThePlatform);
        if refusal.cause != Cause::RateLimited && (!passing || self.down_count >= 3) {
            self.condition(refusal, now_ms)?;
        }
        Ok(())
    }

    /// One line about the account, with a count.
    pub(super) fn condition(&mut self, refusal: &Refusal, now_ms: i64) -> Result<(), StoreError> {
        self.down_count = self.down_count.max(1);
        self.shared.store.write(|tx| tx.open_condition(&self.id, refusal, now_ms))?;
        Ok(())
    }
}
