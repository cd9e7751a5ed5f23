//! The worst hour of the year, in virtual time: so many orders in one hour over five stores and two hubs, each with the
//! limits its platform really has, and the whole engine between them.
//!
//! Three things are looked at: whether everything arrives; whether whoever is due first goes first while a line stands in
//! front of an account; and whether what the desk says of such a line beforehand is what it then took.
//!
//! Left out: faults (`life` has them), and memory, which in here is mostly the stand-ins' own
//! (`cli/benches/engine.rs` measures it on the real process).

use crate::house::House;
use crate::life::SimTrouble;
use crate::traffic::{draft_of, pack_at_bench, pack_at_hub, purchase};
use quayside_connectors::{BucketState, drain_s, platform};
use quayside_engine::policy::{RULES_KEY, shapers_changed};
use quayside_flows::HUB_OF_STORE;
use quayside_flows::rules::{Op, Rule, RuleAction, RuleBook, Test};
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use quayside_model::{Clock as _, ConnectionConfig, ConnectionId, EffectState, IntentKind, Mode};
use quayside_sandbox::amazon::Amazon;
use quayside_sandbox::merchant::shop::Purchase;
use quayside_sandbox::shopify::ShopPlan;
use quayside_sandbox::{Moment, SandboxPlan, Scene, extras_of};
use quayside_store::{AutomationRow, EffectFilter, EffectItem};
use serde::Serialize;
use std::any::Any;
use std::collections::BTreeMap;

/// Orders of a whole peak, in an hour.
pub const PEAK_ORDERS: usize = 20_000;
/// Stores they are bought in.
const STORES: usize = 5;
/// It is looked at so often, ms.
const STEP_MS: i64 = 10 * SECOND_MS;
/// What the desk says of its lines is written down so often, ms.
const SAMPLE_MS: i64 = MINUTE_MS;
/// It is over by then.
const LIMIT_MS: i64 = 3 * DAY_MS;
/// Of lines that are shorter nothing is asked: a window that opens once a minute is more than a tenth of them, s.
const LONG_S: f64 = 180.0;
/// What the estimate may be wrong by.
const WRONG: f64 = 0.10;
/// And by how much at least: so seldom it is looked at, s.
const ROUGH_S: f64 = 10.0;
/// Who is taken out of the line at the same time, with the answer that it waits for, ms.
const TOGETHER_MS: i64 = 2 * MINUTE_MS;
/// Every so manieth purchase is one that must not wait.
const HURRIES_EVERY: usize = 10;
/// It has so many units, which no other has.
const HURRIES_UNITS: i64 = 9;
/// What acts. The others would be counted, too, and are no part of this.
const ACTS: [&str; 3] = ["orders_to_hub", "tracking_to_channel", "rules"];

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Peak {
    /// Orders that were bought.
    pub orders: usize,
    /// What they came to at the hubs: one that is bought for two doors is two.
    pub pieces: usize,
    /// Minutes over which they were bought.
    pub over_minutes: f64,
    /// Minutes from the first purchase until all of them were at their hubs.
    pub in_hubs_minutes: f64,
    /// Minutes from the moment all of them were packed until all stores were told.
    pub told_minutes: f64,
    /// Of the pieces those that never got so far.
    pub unfinished: usize,
    /// Requests.
    pub calls: u64,
    /// Answers that it was one call too many.
    pub throttled: u64,
    /// Changes that were made although others of the same kind had waited, that were due earlier: the first ten.
    pub overtaken: Vec<String>,
    /// What was said of the lines, and what they took.
    pub said: Vec<Said>,
}

/// What the desk said of a line at one moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Said {
    /// In front of which account.
    pub account: String,
    /// Minutes since the first purchase.
    pub at_minutes: f64,
    /// How many changes stood in it.
    pub waiting: usize,
    /// What was said, s.
    pub said_s: f64,
    /// After how long so many were through, s.
    pub took_s: f64,
}

impl Said {
    /// Long enough that a tenth of it can be told.
    pub fn is_long(&self) -> bool {
        self.took_s >= LONG_S
    }

    /// By how much it was wrong, as a share of what it took.
    pub fn off(&self) -> f64 {
        (self.said_s - self.took_s).abs() / self.took_s.max(1.0)
    }

    /// Right within a tenth.
    pub fn is_right(&self) -> bool {
        (self.said_s - self.took_s).abs() <= WRONG * self.took_s + ROUGH_S
    }
}

impl Peak {
    /// What was said of lines that were long enough.
    pub fn long(&self) -> impl Iterator<Item = &Said> {
        self.said.iter().filter(|said| said.is_long())
    }
}

/// A line at one moment, before anybody knows what became of it.
struct Look {
    account: ConnectionId,
    at_ms: i64,
    waiting: usize,
    said_s: f64,
}

/// So many orders at the rate of [`PEAK_ORDERS`] an hour: bought, read, made at the hubs, packed all at once, told.
pub fn peak(orders: usize) -> Result<Peak, SimTrouble> {
    let house = open()?;
    let begun_ms = house.clock().true_ms();
    let over_ms = (HOUR_MS as f64 * orders as f64 / PEAK_ORDERS as f64) as i64;
    let mut looks = Vec::new();

    let (mut bought, mut pieces) = (0, 0);
    let mut next_ms = begun_ms;
    let all_there = house.work_until(STEP_MS, LIMIT_MS, || {
        let now_ms = house.clock().true_ms();
        let by_now = orders as f64 * ((now_ms - begun_ms) as f64 / over_ms.max(1) as f64).min(1.0);
        while bought < by_now as usize {
            let n = bought;
            if !house.people(|scene| buy(scene, n % STORES, &wish(n))) {
                return Err(stuck(&format!("order {n} could not be placed")));
            }
            bought += 1;
        }
        if now_ms < next_ms {
            return Ok(false);
        }
        next_ms = now_ms + SAMPLE_MS;
        look(&house, &mut looks)?;
        if bought < orders || open_changes(&house, IntentKind::PutHubOrder)? > 0 {
            return Ok(false);
        }
        let (all, there) = house.people(|scene| counted(scene, orders));
        pieces = all;
        Ok(there >= all)
    })?;
    let in_hubs_ms = house.clock().true_ms() - begun_ms;
    let made = house.people(|scene| counted(scene, orders).1);

    let packed_ms = house.clock().true_ms();
    house.people(|scene| pack_at_hub(scene, usize::MAX) + pack_at_bench(scene, usize::MAX));
    let mut next_ms = packed_ms;
    let mut told = 0;
    let all_told = house.work_until(STEP_MS, LIMIT_MS, || {
        let now_ms = house.clock().true_ms();
        if now_ms < next_ms {
            return Ok(false);
        }
        next_ms = now_ms + SAMPLE_MS;
        look(&house, &mut looks)?;
        if open_changes(&house, IntentKind::Fulfill)? > 0 {
            return Ok(false);
        }
        let shown = house.orders();
        told = shown.iter().filter(|view| view.is_all_shipped()).count();
        Ok(told == shown.len())
    })?;
    let told_ms = house.clock().true_ms() - packed_ms;

    let done = done(&house)?;
    Ok(Peak {
        orders: bought,
        pieces,
        over_minutes: minutes(over_ms),
        in_hubs_minutes: minutes(in_hubs_ms),
        told_minutes: minutes(told_ms),
        unfinished: if all_there && all_told { 0 } else { pieces.saturating_sub(made.min(told)).max(1) },
        calls: house.wire().requests(),
        throttled: house.wire().throttled(),
        overtaken: overtaken(&done),
        said: looks.iter().filter_map(|look| came_of(look, &done, begun_ms)).collect(),
    })
}

/// Two stores of one platform and one of every other that sells; each hub has a share of them that it can just not follow.
fn open() -> Result<House, SimTrouble> {
    let plan = SandboxPlan {
        // All of it is packed here, nothing at another company's.
        stores: vec![ShopPlan { third_party: false, ..ShopPlan::harbour_goods() }, ShopPlan::harbour_outlet()],
        extras: extras_of(&["amazon", "bigcommerce", "orderez", "salesforce"]),
        ..SandboxPlan::new(7, 0)
    };
    let house = House::at_its_own_pace(plan)?;
    let hubs = house.people(|scene| {
        let first = scene.hubs.first().map(|hub| hub.state.plan.account.clone());
        let further = scene.benches.first().map(|bench| bench.account().to_owned());
        let stores = scene.stores.iter().map(|store| (store.plan().account.clone(), first.clone()));
        let shops = scene.shops.iter().map(|shop| (shop.account().to_owned(), further.clone()));
        stores.chain(shops).collect::<Vec<_>>()
    });
    if hubs.len() != STORES {
        return Err(stuck(&format!("{} stores are there, {STORES} are wanted", hubs.len())));
    }
    // Most orders have nothing to hurry them; these have, and must not stand behind the others.
    let hurries = Rule {
        id: "hurries".to_owned(),
        name: "Must not wait".to_owned(),
        on: true,
        when: Test::Is { field: "units".to_owned(), op: Op::AtLeast, value: HURRIES_UNITS.to_string() },
        then: vec![RuleAction::Priority],
    };
    let book = RuleBook { rules: vec![hurries], first_only: false };
    house.store().write(|tx| {
        for automation in quayside_flows::automations() {
            let mode = if ACTS.contains(&automation.id) { Mode::Auto } else { Mode::Off };
            let id = automation.id.to_owned();
            tx.put_automation(&AutomationRow { id, mode, go_live_ms: None, settings: serde_json::Value::Null })?;
        }
        for (store, hub) in &hubs {
            let Some((mut config, hub)) = tx.connection(&ConnectionId::new(store))?.zip(hub.as_ref()) else { continue };
            config.settings.insert(HUB_OF_STORE.to_owned(), hub.as_str().into());
            tx.put_connection(&config)?;
        }
        tx.put_setting(RULES_KEY, &book)?;
        shapers_changed(tx, &book)
    })?;
    // Another hub is another question: the desk writes, whatever links the hub may have.
    for (store, _) in &hubs {
        house.says_who_writes(store, Some(false))?;
    }
    Ok(house)
}

/// The `n`th purchase; some must not wait.
fn wish(n: usize) -> Purchase {
    let mut wish = purchase(n);
    if (n / STORES) % HURRIES_EVERY == HURRIES_EVERY - 1
        && let Some(line) = wish.lines.first_mut()
    {
        line.quantity = HURRIES_UNITS;
    }
    wish
}

/// Somebody buys in one of the stores; whether it could be placed.
fn buy(scene: &mut Scene<'_>, at: usize, purchase: &Purchase) -> bool {
    let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
    let own = scene.stores.len();
    if let Some(store) = scene.stores.get_mut(at) {
        let draft = draft_of(store, purchase);
        store.place(draft, &mut moment);
        return true;
    }
    let Some(shop) = scene.shops.get_mut(at - own) else { return false };
    let any: &mut dyn Any = shop.as_mut();
    if let Some(market) = any.downcast_mut::<Amazon>() {
        return market.place_released(purchase, &mut moment).is_some();
    }
    shop.place(purchase, &mut moment).is_some()
}

/// What was bought comes to so many orders at the hubs; and so many are there.
fn counted(scene: &mut Scene<'_>, orders: usize) -> (usize, usize) {
    let own = scene.stores.len();
    let in_own = (0..orders).filter(|n| n % STORES < own).count();
    let further: usize = scene.shops.iter().map(|shop| shop.orders().len()).sum();
    let at_first: usize =
        scene.hubs.iter().map(|hub| hub.state.orders.values().filter(|order| !order.deleted).count()).sum();
    let at_further: usize = scene.benches.iter().map(|bench| bench.orders().len()).sum();
    (in_own + further, at_first + at_further)
}

/// Changes of a kind that have not come to their end, over all accounts.
// `store.read(Reader::outbox_depth)` does not compile: a method of a type with a lifetime is not general over it.
#[allow(clippy::redundant_closure_for_method_calls)]
fn open_changes(house: &House, kind: IntentKind) -> Result<u64, SimTrouble> {
    let depth = house.store().read(|r| r.outbox_depth())?;
    Ok(depth.iter().filter(|row| row.kind == kind).map(|row| row.n).sum())
}

/// What the desk says now of each line, as its screens do.
fn look(house: &House, looks: &mut Vec<Look>) -> Result<(), SimTrouble> {
    let (depth, accounts) = house.store().read(|r| Ok((r.outbox_depth()?, r.connections()?)))?;
    let (at_ms, now_ms) = (house.clock().true_ms(), house.clock().now_ms());
    for ConnectionConfig { id, platform: name, .. } in accounts {
        let of_it = depth.iter().filter(|row| row.connection == id && row.state == EffectState::Pending);
        let kinds: Vec<(IntentKind, i64)> = of_it.map(|row| (row.kind, row.n as i64)).collect();
        let waiting: usize = kinds.iter().map(|(_, n)| *n as usize).sum();
        let Some(known) = platform(&name).filter(|_| waiting > 0) else { continue };
        let stored = house.store().read(|r| r.buckets(&id))?;
        let buckets: Vec<BucketState> =
            stored.into_iter().filter_map(|value| serde_json::from_value(value).ok()).collect();
        if let Some(said_s) = drain_s(known.declaration, &kinds, &buckets, now_ms) {
            looks.push(Look { account: id, at_ms, waiting, said_s: said_s as f64 });
        }
    }
    Ok(())
}

/// Changes that were made, by account and kind.
type Done = BTreeMap<(ConnectionId, &'static str), Vec<EffectItem>>;

fn done(house: &House) -> Result<Done, SimTrouble> {
    let filter = EffectFilter { states: vec![EffectState::Done], ..EffectFilter::default() };
    let mut done = Done::new();
    let mut before = None;
    loop {
        let page = house.store().read(|r| r.effect_page(&filter, before, 1_000))?;
        for item in page.items {
            done.entry((item.connection.clone(), item.kind.code())).or_default().push(item);
        }
        before = page.next;
        if before.is_none() {
            return Ok(done);
        }
    }
}

/// When so many were through that stood in the line.
fn came_of(look: &Look, done: &Done, begun_ms: i64) -> Option<Said> {
    let of_it = done.iter().filter(|((account, _), _)| *account == look.account);
    let mut ends: Vec<i64> = of_it
        .flat_map(|(_, items)| items.iter().filter_map(|item| item.settled_at_ms))
        .filter(|at| *at > look.at_ms)
        .collect();
    ends.sort_unstable();
    let last_ms = ends.get(look.waiting.checked_sub(1)?)?;
    Some(Said {
        account: look.account.to_string(),
        at_minutes: minutes(look.at_ms - begun_ms),
        waiting: look.waiting,
        said_s: look.said_s,
        took_s: (last_ms - look.at_ms) as f64 / SECOND_MS as f64,
    })
}

/// Who stood in a line and was due earlier, while others were made that were due later.
fn overtaken(done: &Done) -> Vec<String> {
    let mut told = Vec::new();
    for ((account, kind), items) in done {
        for one in items {
            // From when it could have been taken out of the line until it was.
            let taken_ms = one.first_sent_at_ms.or(one.settled_at_ms).unwrap_or(one.created_at_ms);
            let waited = one.created_at_ms + TOGETHER_MS..taken_ms - TOGETHER_MS;
            let due_ms = due(one);
            let ahead = items.iter().find(|other| {
                due(other) > due_ms && other.settled_at_ms.is_some_and(|ended_ms| waited.contains(&ended_ms))
            });
            if let (Some(ahead), true) = (ahead, told.len() < 10) {
                told.push(format!(
                    "{account} {kind}: {} was due {:?}, planned at {} and taken at {taken_ms}; {} was due {:?} and made at {:?}",
                    one.key, one.ship_by_ms, one.created_at_ms, ahead.key, ahead.ship_by_ms, ahead.settled_at_ms
                ));
            }
        }
    }
    told
}

fn due(item: &EffectItem) -> i64 {
    item.ship_by_ms.unwrap_or(i64::MAX)
}

fn minutes(ms: i64) -> f64 {
    (ms as f64 / MINUTE_MS as f64 * 10.0).round() / 10.0
}

fn stuck(why: &str) -> SimTrouble {
    SimTrouble::Stuck { account: "a peak".to_owned(), why: why.to_owned() }
}
