//! By whose clock a moment is: platforms write when an order was placed, promised or told by theirs, and this computer may be
//! hours off. Where an account's clock was measured to be further away than is tolerated, what it wrote is held against its own
//! time. What Quayside wrote down itself (tried, answered, read, held until) is by this computer's clock, and stays so.

use crate::look::Look;
use crate::policy::{Peer, Policy};
use quayside_model::time::HOUR_MS;
use quayside_model::{ConnectionId, Role};

/// A line this near to now was meant as "from now on".
const NOW_ISH_MS: i64 = HOUR_MS;

/// How far the stores' clocks are from this computer's, ms, as far as lists over all of them go: the middle of what was measured,
/// of two in the middle the smaller, so that one store with a wrong clock moves no other's deadlines.
#[must_use]
pub fn shared_skew_ms(skews_ms: impl IntoIterator<Item = i64>) -> i64 {
    let mut skews_ms: Vec<i64> = skews_ms.into_iter().collect();
    skews_ms.sort_unstable();
    let Some(last) = skews_ms.len().checked_sub(1) else { return 0 };
    let middle = [skews_ms[last / 2], skews_ms[last.div_ceil(2)]];
    middle.into_iter().min_by_key(|skew_ms| skew_ms.saturating_abs()).unwrap_or_default()
}

impl Peer {
    /// A moment of this computer's clock, by the account's, ms UTC.
    #[must_use]
    pub fn by_its_clock(&self, our_ms: i64) -> i64 {
        our_ms.saturating_add(self.skew_ms)
    }
}

impl Policy {
    /// A moment of this computer's clock, by an account's, ms UTC.
    #[must_use]
    pub fn by_clock_of(&self, connection: &ConnectionId, our_ms: i64) -> i64 {
        self.peers.get(connection).map_or(our_ms, |peer| peer.by_its_clock(our_ms))
    }

    /// A go-live line as the stores' clocks have it. "From now on", said by a clock that is behind, would take in orders that
    /// were placed before; of several stores the latest now counts, because a line that is too early sends what nobody meant.
    #[must_use]
    pub fn line_ms(&self, chosen_ms: i64, now_ms: i64) -> i64 {
        if chosen_ms.abs_diff(now_ms) > NOW_ISH_MS.unsigned_abs() {
            return chosen_ms;
        }
        self.by_latest_store(chosen_ms)
    }

    /// A moment of this computer's clock, by that of the store whose clock is furthest ahead: for what is held against such a
    /// line and was written down here, ms UTC.
    #[must_use]
    pub fn by_latest_store(&self, our_ms: i64) -> i64 {
        let stores = self.peers.values().filter(|peer| peer.roles.contains(&Role::Channel));
        stores.map(|store| store.by_its_clock(our_ms)).max().unwrap_or(our_ms)
    }
}

impl Look<'_> {
    /// Now by an account's clock.
    pub fn now_at(&self, connection: &ConnectionId) -> i64 {
        self.policy.by_clock_of(connection, self.now_ms)
    }

    /// Now by the clock of the order's store.
    pub fn now_at_store(&self) -> i64 {
        self.now_at(&self.story.channel)
    }

    /// Look again when it is `at_ms` by an account's clock.
    pub fn look_again_at(&mut self, connection: &ConnectionId, at_ms: i64) {
        let ahead_ms = self.now_at(connection) - self.now_ms;
        self.look_again(at_ms.saturating_sub(ahead_ms));
    }

    /// Look again when it is `at_ms` by the clock of the order's store.
    pub fn look_again_at_store(&mut self, at_ms: i64) {
        let story = self.story;
        self.look_again_at(&story.channel, at_ms);
    }
}
