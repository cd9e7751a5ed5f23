//! Runs a merchant's days: connect, go live, work, die, wake up, work on, then count.

mod accounts;
mod world;

pub(crate) use accounts::{connect, go_live};
pub(crate) use world::{World, live, live_while};

use crate::faults::{Faults, Kind};
use crate::mishaps::{Course, Mishaps};
use crate::oracle::{self, Count, Verdicts, Went};
use crate::plays::{self, Play, Plays};
use crate::shaped;
use crate::wire::lock;
use quayside_connectors::BucketState;
use quayside_model::ConnectionId;
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use quayside_sandbox::ledger::By;
use quayside_sandbox::sandbox::Volume;
use quayside_sandbox::shipstation::ShipStationPlan;
use quayside_sandbox::{Extra, FaultPlan, SandboxPlan, Spell, extras_of};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde::Serialize;
use std::collections::BTreeMap;

/// What to simulate.
#[derive(Debug, Clone, PartialEq)]
pub struct SimPlan {
    /// One seed, one run.
    pub seed: u64,
    /// Days the shoppers buy; two quiet days follow in which everything may settle.
    pub days: u32,
    /// Orders over those days.
    pub orders: u32,
    /// What goes wrong: which kinds.
    pub faults: Faults,
    /// Share of orders that people treat wrongly or unusually, 0 to 1.
    pub trouble: f64,
    /// Pause between two reads of a stream, seconds: see [`poll_s_of`].
    pub poll_s: u32,
    /// Further platforms that take part, by their stable words; half of the orders are bought in their stores.
    pub platforms: Vec<String>,
    /// What is played beside orders and parcels. Needs the platform whose hub keeps a shelf.
    pub plays: Plays,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimReport {
    /// The seed.
    pub seed: u64,
    /// Orders placed.
    pub orders: usize,
    /// Effects that reached their end.
    pub effects: usize,
    /// Deaths of the process.
    pub deaths: usize,
    /// Of them in a write to the store.
    pub store_deaths: usize,
    /// Requests that were sent.
    pub requests: u64,
    /// Answers that it was one call too many. Without injected faults there is none: limits are kept, not run into.
    pub throttled: u64,
    /// Of these, by account, those that nobody injected: the account itself said so.
    pub turned_away: BTreeMap<String, u64>,
    /// How often a sign-in renewed itself.
    pub renewals: usize,
    /// How often a person had to sign in again: the answer with the renewed sign-in never arrived, or the key was taken away.
    pub signed_in_again: usize,
    /// Orders about which a person is being told something: the oracle does not judge them. A share of them is bounded.
    pub told: usize,
    /// Open orders at the hub that were shaped by what people had set, where anybody had.
    pub shaped: usize,
    /// What was played beside orders and parcels, and how often.
    pub played: BTreeMap<String, usize>,
    /// What accounts suffered from for long.
    pub spells: Vec<String>,
    /// Things that went wrong, or would have: what [`Faults::only`](crate::Faults) counts.
    pub occurred: u32,
    /// What went wrong, by number: the first of it, if there was much.
    pub happened: Vec<String>,
    /// Virtual days.
    pub virtual_days: f64,
    /// The oracle's word.
    #[serde(flatten)]
    pub verdicts: Verdicts,
    /// Hash of what the stand-ins wrote down and of the outbox: equal for equal seeds.
    pub ledger_hash: String,
}

/// The run itself could not go on.
#[derive(Debug, thiserror::Error)]
pub enum SimTrouble {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] quayside_store::StoreError),
    /// An account could not be connected.
    #[error("{account} could not be connected: {why}")]
    Connect {
        /// Which.
        account: String,
        /// Why.
        why: String,
    },
    /// What was to be measured came to no end.
    #[error("{account}: {why}")]
    Stuck {
        /// Whose work it was.
        account: String,
        /// What did not happen.
        why: String,
    },
    /// No runtime.
    #[error("no runtime for a simulated life: {0}")]
    Runtime(std::io::Error),
}

/// 2026-10-20, a Tuesday: the days after it hold a weekend and the night the clocks go back.
pub(crate) const START_MS: i64 = 1_792_454_400_000;
/// Quiet days at the end.
const SETTLE_DAYS: i64 = 2;
/// How long after the storm somebody comes by and signs in where the program asks for it.
const EVENING_MS: i64 = 6 * HOUR_MS;
/// Pauses between two reads of a stream, seconds. A day has 2,880 half minutes in which mostly nothing happens: the
/// simulated merchants look less often, and each as often as it suits them, so that changes meet in many ways.
const POLLS_S: [u32; 6] = [600, 900, 1_200, 1_800, 2_700, 3_600];
/// A life lasts this long on average.
const LIFE_MS: i64 = 9 * HOUR_MS;

/// How often the merchant of a seed looks.
pub fn poll_s_of(seed: u64) -> u32 {
    POLLS_S[(seed % POLLS_S.len() as u64) as usize]
}

/// Whether the merchant of a seed signs in with the browser wherever that is offered: every other pair of seeds does.
pub fn signs_in_by_browser(seed: u64) -> bool {
    seed / 2 % 2 == 1
}

/// Runs one seed.
pub fn run(plan: &SimPlan) -> Result<SimReport, SimTrouble> {
    run_returning(plan, 0.0).map(|(report, _)| report)
}

/// The same with buyers who send something back, a share of 0 to 1; besides, how many refunds the desk made.
pub fn run_returning(plan: &SimPlan, returns: f64) -> Result<(SimReport, usize), SimTrouble> {
    let mut chance = SmallRng::seed_from_u64(plan.seed ^ 0x5eed);
    let mut mishaps = Mishaps::new(plan.seed, plan.faults);
    let start_ms = start_of(plan);
    let extras = extras_of(&plan.platforms.iter().map(String::as_str).collect::<Vec<_>>());
    let further = if extras.iter().any(|extra| matches!(extra, Extra::Shop(_))) { plan.orders / 2 } else { 0 };
    let hub = ShipStationPlan { calls_by_others: mishaps.calls_by_others(), ..ShipStationPlan::default() };
    let sandbox_plan = SandboxPlan {
        days: plan.days,
        volume: Volume::Total(plan.orders - further),
        hub: Some(hub),
        extras,
        extra_volume: Volume::Total(further),
        trouble: plan.trouble,
        returns,
        ..SandboxPlan::new(plan.seed, start_ms)
    };
    let world = World::open(sandbox_plan, plan.poll_s, signs_in_by_browser(plan.seed))?;
    let World { sandbox, clock, wire, store, keys, .. } = &world;
    let has_tables = shaped::has_tables(plan.seed, &plan.platforms) || plan.plays.has(Play::Tables);
    if has_tables {
        shaped::set(store, start_ms)?;
    }

    let end_ms = start_ms + i64::from(plan.days) * DAY_MS;
    world.begin_plays(plan.seed, plan.plays, end_ms)?;
    let settled_ms = end_ms + SETTLE_DAYS * DAY_MS;
    let (mut deaths, mut store_deaths, mut signed_in_again, mut hands_moved) = (0, 0, 0, false);
    let mut evening = false;
    let mut broken = Count::default();
    let accounts: Vec<String> = lock(sandbox).accounts().into_iter().map(|account| account.name).collect();
    lock(sandbox).occurrences.only = plan.faults.only;
    // Drawn whether it may happen or not: what is left out changes nothing of what is drawn after it.
    let may = |what: &dyn Fn() -> String| lock(sandbox).occurrences.may(what);
    let mut spells = mishaps.spells(&accounts, start_ms, end_ms);
    spells.retain(|spell| may(&|| said(spell, start_ms)));
    lock(sandbox).faults = FaultPlan { spells: spells.clone(), ..plan.faults.on_the_wire() };
    while clock.true_ms() < settled_ms {
        let calm = clock.true_ms() >= end_ms;
        if calm {
            lock(sandbox).faults = FaultPlan::none();
        }
        signed_in_again += world.signing_in()?;
        let mut life_ms = if calm { settled_ms } else { end_ms } - clock.true_ms();
        // A sign-in may turn out to be lost only after the storm: whoever comes by in the evening is asked for it.
        if calm && !std::mem::replace(&mut evening, true) {
            life_ms = life_ms.min(EVENING_MS);
        }
        let mut dies = plan.faults.has(Kind::Death) && !calm;
        if dies {
            // Down to the millisecond, so that death finds every await.
            let until_ms = chance.random_range(1..2 * LIFE_MS);
            dies = until_ms >= life_ms || may(&|| format!("the process dies after {} s", until_ms / 1_000));
            if dies {
                life_ms = life_ms.min(until_ms);
            }
        }
        let mut course = if calm { Course::default() } else { mishaps.life(life_ms) };
        course.keep(&may);
        hands_moved |= course.moves_hands();
        // Whoever starts the program looks at the clock first, as a rule.
        clock.set_hands(0);
        let died_writing = world.live(chance.random(), life_ms, &course)?;
        if plan.faults.only_deaths() {
            kept_what_it_spent(&world, &mut broken)?;
        }
        if died_writing {
            deaths += 1;
            store_deaths += 1;
            clock.jump(mishaps.nap_ms().min((end_ms - clock.true_ms()).max(1)));
        } else if dies && clock.true_ms() < end_ms {
            deaths += 1;
            // The laptop stays closed for a while; once in a while over a night.
            let nap_ms =
                if chance.random_range(0..8) == 0 { 14 * HOUR_MS } else { chance.random_range(1_000..20 * MINUTE_MS) };
            clock.jump(nap_ms.min(end_ms - clock.true_ms()));
        }
    }

    let went = Went {
        now_ms: clock.true_ms(),
        trouble: plan.trouble,
        hands_moved,
        deaths,
        only_deaths: plan.faults.only_deaths(),
        handed_out: wire.handed_out(),
    };
    let stage = world.stage();
    stage.tell_truth(&mut lock(sandbox));
    let (mut verdicts, told) = oracle::judge(&lock(sandbox), store, &went)?;
    verdicts.broken.join(broken);
    plays::judge(&stage, &lock(sandbox), store, &told, went.now_ms, &mut verdicts)?;
    let shaped = if has_tables { shaped::judge(&lock(sandbox), store, &told, went.now_ms, &mut verdicts)? } else { 0 };
    let sandbox = lock(sandbox);
    let ledger = serde_json::to_string(&sandbox.ledger).unwrap_or_default();
    let refunds = sandbox.ledger.of("refund_created").filter(|entry| entry.by == By::Client).count();
    let report = SimReport {
        seed: plan.seed,
        orders: sandbox.truth.orders.len(),
        effects: oracle::settled(store)?,
        deaths,
        store_deaths,
        requests: wire.requests(),
        throttled: wire.throttled(),
        turned_away: sandbox.turned_away().clone(),
        renewals: keys.renewals(),
        signed_in_again,
        told: told.len(),
        shaped,
        played: stage.played(),
        spells: spells.iter().map(|spell| said(spell, start_ms)).collect(),
        occurred: sandbox.occurrences.n(),
        happened: sandbox.occurrences.happened().to_vec(),
        virtual_days: (clock.true_ms() - start_ms) as f64 / DAY_MS as f64,
        verdicts,
        ledger_hash: fingerprint(&format!("{ledger}{}", oracle::outbox(store)?)),
    };
    Ok((report, refunds))
}

/// First days of lives that go through a night in which clocks change: Europe's and America's, in autumn and in spring. Each is
/// the UTC day in whose small hours (or in the hours after them, in America) it happens.
const NIGHTS_MS: [i64; 4] = [
    1_792_886_400_000, // 2026-10-25
    1_793_491_200_000, // 2026-11-01
    1_804_982_400_000, // 2027-03-14
    1_806_192_000_000, // 2027-03-28
];
/// Seeds up to this one keep the days they always had.
const OLD_SEEDS: u64 = 50;

/// The first moment of a seed's life.
fn start_of(plan: &SimPlan) -> i64 {
    if !plan.faults.has(Kind::Night) || plan.seed <= OLD_SEEDS {
        return START_MS;
    }
    let night_ms = NIGHTS_MS[(plan.seed % NIGHTS_MS.len() as u64) as usize];
    // People buy before it, in it and after it.
    night_ms - i64::from(plan.days.saturating_sub(1).clamp(1, 5)) * DAY_MS
}

/// A spell for whoever reads a report.
fn said(spell: &Spell, start_ms: i64) -> String {
    let (from_s, until_s) = ((spell.from_ms - start_ms) / 1_000, (spell.until_ms - start_ms) / 1_000);
    format!("{} {:?} +{from_s}s to +{until_s}s, {:.0} %", spell.account, spell.fault, spell.share * 100.0)
}

/// An account that was at work for half an hour has kept what it spent of its allowance: else the next process would believe
/// that all of it is there. Asked only where nothing but the process fails.
fn kept_what_it_spent(world: &World, broken: &mut Count) -> Result<(), SimTrouble> {
    for (account, (first_ms, last_ms)) in world.wire.spans() {
        if last_ms - first_ms < HOUR_MS / 2 {
            continue;
        }
        let rows = world.store.read(|r| r.buckets(&ConnectionId::new(&account)))?;
        let buckets = rows.into_iter().filter_map(|row| serde_json::from_value::<BucketState>(row).ok());
        let kept_ms = buckets.map(|bucket| bucket.as_of_ms).max();
        if kept_ms.is_none_or(|kept_ms| kept_ms < first_ms) {
            broken
                .add(|| format!("{account} kept nothing of what it spent: at work since {first_ms}, kept {kept_ms:?}"));
        }
    }
    Ok(())
}

/// A short, stable name for a text; equality of runs is all it serves.
fn fingerprint(text: &str) -> String {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}
