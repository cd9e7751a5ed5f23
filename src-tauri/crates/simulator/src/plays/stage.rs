//! When what is played happens, and what was tried.
//!
//! Drawn before the life begins: a deed that falls due while the process is dead is done when it lives again, as people do who
//! find the program closed.

use super::{Play, Plays, clicks, shops};
use crate::wire::lock;
use quayside_model::IntentKind;
use quayside_model::time::HOUR_MS;
use quayside_sandbox::{Sandbox, Truth};
use quayside_store::Store;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// Something somebody will do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Deed {
    /// A buyer sends a unit back.
    SendBack,
    /// What was sent back is there: account, order.
    Arrive(String, String),
    /// At the desk: what waits for a click is approved.
    Agree,
    /// At the desk: money is given back.
    Refund,
    /// At the desk: an order is cancelled in its store.
    Cancel,
    /// The hub's shelf is counted.
    Count,
    /// Somebody types another count into a store.
    Mistype,
    /// A product changes, or a new one is sold.
    Product,
}

/// What is done so many times in a life, of which kind.
const OFTEN: [(Play, Deed, usize); 6] = [
    (Play::Returns, Deed::SendBack, 12),
    (Play::Refunds, Deed::Refund, 8),
    (Play::Cancellations, Deed::Cancel, 6),
    (Play::Stock, Deed::Count, 6),
    (Play::Stock, Deed::Mistype, 4),
    (Play::Products, Deed::Product, 6),
];
/// Before that nothing has left, and little was read.
const BEGINS_MS: i64 = 5 * HOUR_MS;
/// So often somebody looks at what waits for a click.
const AGREES_MS: i64 = 4 * HOUR_MS;
/// And so long after the shoppers' last day: what is approved later would still be under way when it is judged.
const AGREES_UNTIL_MS: i64 = 38 * HOUR_MS;

/// A click: what was to be done, by the account itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tried {
    /// The order's account.
    pub account: String,
    /// Its id there.
    pub order: String,
    /// What.
    pub kind: IntentKind,
    /// The change's key; `None`: the store failed, and nobody knows whether it was written down.
    pub key: Option<String>,
    /// Units were given back with it.
    pub units: bool,
    /// When, ms UTC by the true time.
    pub at_ms: i64,
}

/// What is played in one life.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(super) plays: Plays,
    pub(super) rng: SmallRng,
    agenda: BTreeSet<(i64, u32, Deed)>,
    deeds: u32,
    pub(super) tried: Vec<Tried>,
    played: BTreeMap<&'static str, usize>,
}

impl Stage {
    /// Nothing is played.
    pub(crate) fn empty() -> Self {
        Self::new(0, Plays::NONE, (0, 0))
    }

    /// What a seed plays between two moments, ms UTC.
    pub(crate) fn new(seed: u64, plays: Plays, (from_ms, until_ms): (i64, i64)) -> Self {
        let rng = SmallRng::seed_from_u64(seed ^ 0x71a7_ed00);
        let mut stage =
            Self { plays, rng, agenda: BTreeSet::new(), deeds: 0, tried: Vec::new(), played: BTreeMap::new() };
        let begins_ms = from_ms + BEGINS_MS;
        for (n, (play, deed, times)) in (1_u64..).zip(OFTEN) {
            // Each kind has moments of its own, whatever else is played.
            let mut moments = SmallRng::seed_from_u64(seed ^ (n << 40));
            for _ in (0..times).filter(|_| plays.has(play) && begins_ms < until_ms) {
                let at_ms = moments.random_range(begins_ms..until_ms);
                stage.plan(at_ms, deed.clone());
            }
        }
        if plays.has(Play::Returns) {
            let mut at_ms = begins_ms;
            while at_ms < until_ms + AGREES_UNTIL_MS {
                stage.plan(at_ms, Deed::Agree);
                at_ms += AGREES_MS;
            }
        }
        stage
    }

    fn plan(&mut self, at_ms: i64, deed: Deed) {
        self.deeds += 1;
        self.agenda.insert((at_ms, self.deeds, deed));
    }

    /// Some time from now, hours from and to.
    pub(super) fn later(&mut self, now_ms: i64, (from_h, to_h): (i64, i64), deed: Deed) {
        let at_ms = now_ms + self.rng.random_range(from_h * HOUR_MS..to_h * HOUR_MS);
        self.plan(at_ms, deed);
    }

    /// When somebody next does something, ms UTC.
    pub(crate) fn next_ms(&self) -> Option<i64> {
        self.agenda.first().map(|(at_ms, ..)| *at_ms)
    }

    /// How often what was done so far.
    pub(crate) fn played(&self) -> BTreeMap<String, usize> {
        self.played.iter().map(|(what, n)| ((*what).to_owned(), *n)).collect()
    }

    /// It was done, not only meant.
    pub(super) fn done(&mut self, what: &'static str) {
        *self.played.entry(what).or_default() += 1;
    }

    /// Times something was done.
    pub(super) fn times(&self, what: &str) -> usize {
        self.played.get(what).copied().unwrap_or(0)
    }

    /// Does everything that is due; `desk_ms` is what the desk's own clock says.
    pub(crate) fn play(&mut self, sandbox: &Mutex<Sandbox>, store: &Store, now_ms: i64, desk_ms: i64) {
        while self.next_ms().is_some_and(|at_ms| at_ms <= now_ms) {
            let Some((_, _, deed)) = self.agenda.pop_first() else { break };
            match deed {
                Deed::SendBack => self.at_stores(sandbox, now_ms, shops::send_back),
                Deed::Arrive(account, order) => {
                    self.at_stores(sandbox, now_ms, |stage, sandbox| shops::arrive(stage, sandbox, &account, &order));
                }
                Deed::Count => self.at_stores(sandbox, now_ms, shops::count),
                Deed::Mistype => self.at_stores(sandbox, now_ms, shops::mistype),
                Deed::Product => {
                    let account = listed_at(store, sandbox);
                    self.at_stores(sandbox, now_ms, |stage, sandbox| shops::product(stage, sandbox, &account));
                }
                Deed::Agree => clicks::agree(self, store, desk_ms),
                Deed::Refund => clicks::refund(self, sandbox, store, (now_ms, desk_ms)),
                Deed::Cancel => clicks::cancel(self, sandbox, store, (now_ms, desk_ms)),
            }
        }
    }

    fn at_stores(&mut self, sandbox: &Mutex<Sandbox>, now_ms: i64, act: impl FnOnce(&mut Self, &mut Sandbox)) {
        let mut sandbox = lock(sandbox);
        sandbox.advance(now_ms);
        act(self, &mut sandbox);
    }

    /// What a click changed, everybody knows: the truth is brought up to what was asked for and done.
    pub(crate) fn tell_truth(&self, sandbox: &mut Sandbox) {
        for tried in &self.tried {
            tell(tried, sandbox);
        }
    }
}

/// The store whose products the hub keeps; empty: none.
fn listed_at(store: &Store, sandbox: &Mutex<Sandbox>) -> String {
    shops::keepers_store(store, &lock(sandbox)).ok().flatten().unwrap_or_default()
}

fn tell(tried: &Tried, sandbox: &mut Sandbox) {
    let views = sandbox.order_views();
    let further = format!("{}:", tried.order);
    let parts = views.iter().filter(|view| view.id == tried.order || view.id.starts_with(&further));
    let named = |entry: &&quayside_sandbox::Entry| {
        entry.account == tried.account
            && entry.at_ms >= tried.at_ms
            && (entry.subject == tried.order || entry.detail["orderId"] == tried.order.as_str())
    };
    let last = |effect: &str| sandbox.ledger.of(effect).filter(named).map(|entry| entry.at_ms).last();
    let (cancelled_ms, refunded_ms) = (last("order_cancelled"), last("refund_created"));
    let truth: &mut Truth = &mut sandbox.truth;
    for view in parts {
        let Some(order) = truth.orders.get_mut(&view.id) else { continue };
        order.trouble.push("clicked".to_owned());
        if tried.kind == IntentKind::CancelChannelOrder && view.cancelled {
            order.cancelled_at_ms.get_or_insert(cancelled_ms.unwrap_or(tried.at_ms));
        }
        if !tried.units {
            continue;
        }
        let before = order.units.clone();
        for (line, units) in &mut order.units {
            let shown = view.lines.iter().find(|shown| shown.id == *line);
            *units = (*units).min(shown.map_or(0, |shown| shown.units));
        }
        order.units.retain(|_, units| *units > 0);
        if order.units != before {
            let at_ms = refunded_ms.unwrap_or(tried.at_ms);
            order.edited_at_ms = Some(order.edited_at_ms.map_or(at_ms, |known| known.max(at_ms)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_lies_in_the_life_and_nothing_is_drawn_for_nothing() {
        let life = (1_000_000, 1_000_000 + 48 * HOUR_MS);
        for seed in 1..=8 {
            let stage = Stage::new(seed, Plays::all(), life);
            let (agrees, rest): (Vec<_>, Vec<_>) = stage.agenda.iter().partition(|(_, _, deed)| *deed == Deed::Agree);
            assert_eq!(rest.len(), OFTEN.iter().map(|(.., times)| times).sum::<usize>(), "seed {seed}");
            assert!(rest.iter().all(|(at_ms, ..)| (life.0 + BEGINS_MS..life.1).contains(at_ms)), "seed {seed}");
            assert!(agrees.iter().all(|(at_ms, ..)| *at_ms < life.1 + AGREES_UNTIL_MS) && agrees.len() > 10);
        }
        assert_eq!(Stage::empty().next_ms(), None);
        assert_eq!(
            Stage::new(7, Plays::all(), (0, HOUR_MS)).agenda.iter().filter(|one| one.2 != Deed::Agree).count(),
            0
        );
    }
}
