//! A day so small that the process can die at every single write of it: three orders, one store, one hub.

use crate::life::{START_MS, SimTrouble, World};
use crate::mishaps::Course;
use crate::oracle::{self, Verdicts, Went};
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_sandbox::ledger::By;
use quayside_sandbox::sandbox::Volume;
use quayside_sandbox::shipstation::ShipStationPlan;
use quayside_sandbox::shopify::ShopPlan;
use quayside_sandbox::{Sandbox, SandboxPlan};
use quayside_store::Dying;

const SEED: u64 = 3;
const ORDERS: u32 = 3;
/// How often it looks: seldom, for every look is a write.
const POLL_S: u32 = 1_800;
/// Nothing happens any more: a morning in which everything may come to its end.
const QUIET_MS: i64 = 14 * HOUR_MS;
/// Between a death and the next start.
const NAP_MS: i64 = 1_000;

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct SmallLife {
    /// The oracle's word.
    pub verdicts: Verdicts,
    /// Writes to the store since every automation acts.
    pub writes: u64,
    /// The process died, and began anew.
    pub died: bool,
    /// Orders that the desk made at the hub.
    pub made: usize,
    /// Parcels that the desk told the store of.
    pub reported: usize,
    /// Orders a person is told about: the oracle does not judge them.
    pub told: usize,
}

/// Lives that day. `death`: in the so manieth write, before or after its commit; the program is started again a second later.
pub fn small_life(death: Option<(u64, Dying)>) -> Result<SmallLife, SimTrouble> {
    let plan = SandboxPlan {
        days: 1,
        volume: Volume::Total(ORDERS),
        stores: vec![ShopPlan::harbour_goods()],
        hub: Some(ShipStationPlan::default()),
        hurried: true,
        ..SandboxPlan::new(SEED, START_MS)
    };
    let world = World::open(plan, POLL_S, false)?;
    let end_ms = START_MS + DAY_MS + QUIET_MS;
    let before = world.store.writes();
    let died = world.live(SEED, end_ms - world.clock.true_ms(), &Course { death, acts: Vec::new() })?;
    if died {
        world.clock.jump(NAP_MS);
        world.live(SEED + 1, end_ms - world.clock.true_ms(), &Course::default())?;
    }
    let went = Went {
        now_ms: world.clock.true_ms(),
        trouble: 0.0,
        hands_moved: false,
        deaths: usize::from(died),
        only_deaths: true,
        handed_out: world.wire.handed_out(),
    };
    let sandbox = crate::wire::lock(&world.sandbox);
    let (verdicts, told) = oracle::judge(&sandbox, &world.store, &went)?;
    Ok(SmallLife {
        verdicts,
        writes: world.store.writes() - before,
        died,
        made: done_by_us(&sandbox, "order_created"),
        reported: done_by_us(&sandbox, "fulfillment_created"),
        told: told.len(),
    })
}

fn done_by_us(sandbox: &Sandbox, effect: &str) -> usize {
    sandbox.ledger.of(effect).filter(|entry| entry.by == By::Client).count()
}
