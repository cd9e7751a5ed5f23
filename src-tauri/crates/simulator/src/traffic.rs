//! What a platform is asked for a piece of work, in virtual time: calls, minutes, and how much of its allowance is used.
//!
//! A yard is a store with `n` orders and a hub that people pack at, with the real engine between them, streams at the
//! intervals their platforms declare and answers that take as long as usual. Its work is done in four steps, in each of
//! which only one of the two accounts is at work, so that every request of the step is one to it:
//!
//! ```text
//! import      the store's orders are read            orders_in    they are made at the hub
//! parcels_out all of them are packed, and read there write_back   the store is told
//! ```
//!
//! Left out: faults (`life` has them; a limit is kept here, not run into), and wall-clock time.

use crate::house::House;
use crate::life::SimTrouble;
use crate::wire::Sent;
use quayside_connectors::{BucketState, drain_s};
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use quayside_model::{Clock as _, ConnectionId, EffectState, IntentKind, Mode, RecordKind};
use quayside_sandbox::amazon::Amazon;
use quayside_sandbox::merchant::shop::{Place, Purchase, PurchaseLine};
use quayside_sandbox::orderez::Orderez;
use quayside_sandbox::shipstation::ShipStationPlan;
use quayside_sandbox::shipstation::state::Pen;
use quayside_sandbox::shipstation::state::labels::Purchase as Postage;
use quayside_sandbox::shopify::state::Address;
use quayside_sandbox::shopify::{LineDraft, OrderDraft, ShopPlan, Shopify};
use quayside_sandbox::{Meter, Moment, SandboxPlan, Scene, extras_of, ledger::By};
use quayside_store::AutomationRow;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde::Serialize;
use std::any::Any;

/// Nothing that is measured takes longer.
const LIMIT_MS: i64 = 4 * DAY_MS;
/// The orders were placed over so long a time before they are first read.
const PLACED_OVER_MS: i64 = 2 * DAY_MS;
/// A pause after which every allowance is whole again.
const REST_MS: i64 = HOUR_MS;
/// What nobody would run into.
const NO_LIMIT: u32 = 1_000_000;

/// Which side of the trade an account is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Sells.
    Channel,
    /// Packs.
    Hub,
}

/// What a piece of work took.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Traffic {
    /// Orders it was done for; fewer than were there if it came to no end.
    pub orders: usize,
    /// Requests, sign-in and polls included.
    pub calls: usize,
    /// Of them plain readings (GET): looks before and after, polls. Questions of GraphQL are not told from changes.
    pub reads: usize,
    /// Calls per order.
    pub calls_per_order: f64,
    /// Minutes it took.
    pub minutes: f64,
    /// Of the account's allowances the one most was used of.
    pub allowance: String,
    /// What of it was allowed, up to the last whole minute, and used.
    pub used: f64,
    /// How much of the time between the first request and the last answer a request was on its way. Near 1 it was answers
    /// that were waited for.
    pub in_flight: f64,
    /// Minutes the desk said beforehand that its changes would take; `None` where nothing was to be changed.
    pub said_minutes: Option<f64>,
}

/// Seconds from a change to the row that shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Freshness {
    /// Changes.
    pub changes: usize,
    /// Half of them were seen within this.
    pub median_s: f64,
    /// 99 of 100.
    pub p99_s: f64,
    /// Half of those that came while others came, too.
    pub busy_median_s: f64,
    /// Half of those that came after an hour or more without any.
    pub idle_median_s: f64,
}

/// A store and a hub.
pub struct Yard {
    house: House,
    channel: ConnectionId,
    hub: ConnectionId,
    orders: usize,
}

impl Yard {
    /// `platform` at work as `role`, its other side so that it is never what is waited for. `orders` are there already.
    /// The hub `shipstation` has both its APIs; `shipstation_v1` and `shipstation_v2` have one.
    pub fn open(role: Role, platform: &str, orders: usize) -> Result<Self, SimTrouble> {
        let unlimited =
            ShipStationPlan { calls_per_minute: NO_LIMIT, v2_calls_per_minute: NO_LIMIT, ..ShipStationPlan::default() };
        let (channel, hub) = match role {
            Role::Channel => (platform, "shipstation"),
            Role::Hub => ("bigcommerce", platform),
        };
        let plan = SandboxPlan {
            stores: if channel == "shopify" { vec![ShopPlan::harbour_goods()] } else { vec![] },
            hub: match (role, hub) {
                (Role::Channel, _) => Some(unlimited.only_v1()),
                (_, "shipstation") => Some(ShipStationPlan::default()),
                (_, "shipstation_v1") => Some(ShipStationPlan::default().only_v1()),
                (_, "shipstation_v2") => Some(ShipStationPlan::default().only_v2()),
                _ => None,
            },
            extras: extras_of(&[channel, hub]),
            ..SandboxPlan::new(7, 0)
        };
        let house = House::at_its_own_pace(plan)?;
        let (channel, hub) = house.people(|scene| {
            let store = scene.stores.first().map(|store| store.plan().account.clone());
            let shop = scene.shops.first().map(|shop| shop.account().to_owned());
            let hub = scene.hubs.first().map(|hub| hub.state.plan.account.clone());
            let bench = scene.benches.first().map(|bench| bench.account().to_owned());
            (store.or(shop).unwrap_or_default(), hub.or(bench).unwrap_or_default())
        });
        let mut yard = Self { house, channel: ConnectionId::new(channel), hub: ConnectionId::new(hub), orders };
        for n in 0..orders {
            let ago_ms = PLACED_OVER_MS - PLACED_OVER_MS * n as i64 / orders.max(1) as i64;
            if yard.buy(n, ago_ms + HOUR_MS).is_none() {
                return Err(stuck(&yard.channel, "an order could not be placed"));
            }
        }
        // What telling of parcels takes is counted, not what else a marketplace is told.
        let silent = AutomationRow {
            id: "acknowledgement".to_owned(),
            mode: Mode::Off,
            go_live_ms: None,
            settings: serde_json::Value::Null,
        };
        yard.house.store().write(|tx| tx.put_automation(&silent))?;
        // One that is bought for two doors is two pieces of work.
        let parts = yard.house.people(|scene| scene.shops.iter().map(|shop| shop.orders().len()).sum());
        yard.orders = orders.max(parts);
        Ok(yard)
    }

    /// The merchant and the desk.
    pub fn house(&self) -> &House {
        &self.house
    }

    /// What goes to a hub: the orders, and one more for each that was bought for two doors.
    pub fn pieces(&self) -> usize {
        self.orders
    }

    /// The store's lists answer no more than so many rows at once from now on, so that a small backlog has as many pages
    /// as a great one. Whether its platform is one of those that can be told so.
    pub fn short_pages(&self, rows: usize) -> bool {
        self.house.people(|scene| {
            let Some(shop) = scene.shops.first_mut() else { return false };
            let any: &mut dyn Any = shop.as_mut();
            let Some(market) = any.downcast_mut::<Amazon>() else { return false };
            market.plan_mut().page_rows = rows;
            true
        })
    }

    /// Everything there is in the store is read for the first time.
    pub fn import(&self) -> Result<Traffic, SimTrouble> {
        self.alone(&self.channel)?;
        self.measure(&self.channel, self.orders, || self.depth(&self.hub, IntentKind::PutHubOrder))
    }

    /// All of it is made at the hub.
    pub fn orders_in(&self) -> Result<Traffic, SimTrouble> {
        self.alone(&self.hub)?;
        let left = || Ok(self.orders - self.depth(&self.hub, IntentKind::PutHubOrder)?);
        self.measure(&self.hub, self.orders, left)
    }

    /// All of it was packed, one parcel each, and is read at the hub.
    pub fn parcels_out(&self) -> Result<Traffic, SimTrouble> {
        // Packed before the pause: a list may hide for a while what has only just changed.
        let packed = self.pack(self.orders);
        self.alone(&self.hub)?;
        self.measure(&self.hub, packed, || self.depth(&self.channel, IntentKind::Fulfill))
    }

    /// The store is told about all of it. Not `reading`: none of its lists is read meanwhile, so that what is counted is
    /// what telling takes.
    pub fn write_back(&self, reading: bool) -> Result<Traffic, SimTrouble> {
        self.alone(&self.channel)?;
        if !reading {
            let at_ms = self.house.clock().true_ms() + DAY_MS - HOUR_MS;
            self.house.store().write(|tx| {
                for mut stream in tx.streams(&self.channel)? {
                    (stream.interval_s, stream.next_at_ms) = (Some(86_400), at_ms);
                    tx.put_stream(&stream)?;
                }
                Ok(())
            })?;
        }
        let waiting = self.depth(&self.channel, IntentKind::Fulfill)?;
        self.measure(&self.channel, waiting, || Ok(waiting - self.depth(&self.channel, IntentKind::Fulfill)?))
    }

    /// Only this account is at work from now on, after a pause.
    fn alone(&self, account: &ConnectionId) -> Result<(), SimTrouble> {
        for one in [&self.channel, &self.hub] {
            self.house.pause(one, one != account)?;
        }
        self.house.clock().jump(REST_MS);
        self.house.wire().forget_sent();
        Ok(())
    }

    /// Effects of a kind that have not come to their end.
    fn depth(&self, account: &ConnectionId, kind: IntentKind) -> Result<usize, SimTrouble> {
        // `store.read(Reader::outbox_depth)` does not compile: a method of a type with a lifetime is not general over it.
        #[allow(clippy::redundant_closure_for_method_calls)]
        let depth = self.house.store().read(|r| r.outbox_depth())?;
        let ours = depth.iter().filter(|row| row.connection == *account && row.kind == kind);
        Ok(ours.map(|row| row.n as usize).sum())
    }

    /// Works until `done` says `orders`, and counts what the account was asked.
    fn measure(
        &self,
        account: &ConnectionId,
        orders: usize,
        done: impl Fn() -> Result<usize, SimTrouble>,
    ) -> Result<Traffic, SimTrouble> {
        let house = &self.house;
        let begun_ms = house.clock().true_ms();
        let said_minutes = self.said_minutes(account)?;
        let before = house.meters(account.as_str());
        let (mut whole_ms, mut spent) = (0, before.clone());
        house.work_until(SECOND_MS, LIMIT_MS, || {
            let over = done()? >= orders;
            let passed_ms = house.clock().true_ms() - begun_ms;
            if !over && passed_ms / MINUTE_MS > whole_ms / MINUTE_MS {
                (whole_ms, spent) = (passed_ms, house.meters(account.as_str()));
            }
            Ok(over)
        })?;
        let sent = house.wire().sent();
        let sent: Vec<_> = sent.iter().filter(|one| one.account == account.as_str()).collect();
        let (calls, reads) = (sent.len(), sent.iter().filter(|one| one.reads).count());
        let (allowance, used) = most_used(&before, &spent, whole_ms);
        let in_flight = in_flight(&sent);
        let orders = done()?;
        Ok(Traffic {
            orders,
            calls,
            reads,
            calls_per_order: calls as f64 / orders.max(1) as f64,
            minutes: (house.clock().true_ms() - begun_ms) as f64 / MINUTE_MS as f64,
            allowance,
            used,
            in_flight,
            said_minutes,
        })
    }

    /// What the desk says now of how long the account's line takes.
    fn said_minutes(&self, account: &ConnectionId) -> Result<Option<f64>, SimTrouble> {
        let now_ms = self.house.clock().now_ms();
        let (config, depth, stored) =
            self.house.store().read(|r| Ok((r.connection(account)?, r.outbox_depth()?, r.buckets(account)?)))?;
        let platform = config.and_then(|config| quayside_connectors::platform(&config.platform));
        let waits = depth.iter().filter(|row| row.connection == *account && row.state == EffectState::Pending);
        let kinds: Vec<_> = waits.map(|row| (row.kind, row.n as i64)).collect();
        let buckets: Vec<BucketState> =
            stored.iter().filter_map(|value| serde_json::from_value(value.clone()).ok()).collect();
        let said_s = platform.and_then(|known| drain_s(known.declaration, &kinds, &buckets, now_ms));
        Ok(said_s.map(|seconds| seconds as f64 / 60.0))
    }

    /// Somebody buys, so long ago; the order's id in the store.
    fn buy(&self, n: usize, ago_ms: i64) -> Option<String> {
        let purchase = purchase(n);
        self.house.people(|scene| {
            let mut moment = Moment { now_ms: scene.now_ms - ago_ms, rng: scene.rng, ledger: scene.ledger };
            if let Some(store) = scene.stores.first_mut() {
                let draft = draft_of(store, &purchase);
                return Some(format!("gid://shopify/Order/{}", store.place(draft, &mut moment)));
            }
            let shop = scene.shops.first_mut()?.as_mut();
            let any: &mut dyn Any = shop;
            if let Some(market) = any.downcast_mut::<Amazon>() {
                return market.place_released(&purchase, &mut moment);
            }
            scene.shops.first_mut()?.place(&purchase, &mut moment)
        })
    }

    /// People pack up to so many orders, each in one parcel; how many they packed.
    fn pack(&self, most: usize) -> usize {
        self.house.people(|scene| pack(scene, most))
    }

    /// Parcels that were read after row `after`, and the last row.
    fn parcels_after(&self, after: i64) -> Result<i64, SimTrouble> {
        let rows = self.house.store().read(|r| r.records_of_kind(&self.hub, RecordKind::Parcel, after, 1_000))?;
        Ok(rows.last().map_or(after, |(row, _)| *row))
    }
}

/// How long it takes until a change is seen: an order in a channel, a parcel at a hub. Half of the changes come within
/// minutes of each other, half after an hour or more in which nothing did.
pub fn freshness(role: Role, platform: &str, changes: usize, seed: u64) -> Result<Freshness, SimTrouble> {
    let yard = Yard::open(role, platform, if role == Role::Hub { changes } else { 1 })?;
    yard.import()?;
    if role == Role::Hub {
        yard.orders_in()?;
    }
    let account = if role == Role::Hub { &yard.hub } else { &yard.channel };
    yard.alone(account)?;
    let mut chance = SmallRng::seed_from_u64(seed);
    let (mut busy, mut idle) = (Vec::new(), Vec::new());
    // Begins with a while in which the desk gets used to its account.
    let mut change: Option<(String, i64)> = None;
    let mut next_ms = yard.house.clock().true_ms() + HOUR_MS;
    let (mut last_row, mut made) = (0, 0);
    let limit_ms = changes as i64 * 3 * HOUR_MS + DAY_MS;
    yard.house.work_until(SECOND_MS, limit_ms, || {
        let now_ms = yard.house.clock().true_ms();
        if let Some((id, since_ms)) = &change {
            let seen = if role == Role::Hub {
                let row = yard.parcels_after(last_row)?;
                let news = row > last_row;
                last_row = row;
                news
            } else {
                yard.house.store().read(|r| r.order_id(account, id))?.is_some()
            };
            if !seen {
                return Ok(false);
            }
            let took_s = (now_ms - since_ms) as f64 / SECOND_MS as f64;
            if made % 2 == 0 {
                idle.push(took_s);
            } else {
                busy.push(took_s);
            }
            change = None;
            made += 1;
            let pause_ms = if made % 2 == 0 { HOUR_MS..2 * HOUR_MS } else { 5 * SECOND_MS..3 * MINUTE_MS };
            next_ms = now_ms + chance.random_range(pause_ms);
        } else if now_ms >= next_ms && made < changes {
            let id = match role {
                Role::Channel => yard.buy(made + 1, 0),
                Role::Hub => (yard.pack(1) == 1).then(String::new),
            };
            let id = id.ok_or_else(|| stuck(account, "the change could not be made"))?;
            change = Some((id, now_ms));
        }
        Ok(made >= changes)
    })?;
    if made < changes {
        return Err(stuck(account, &format!("after {made} of {changes} changes the next was never seen")));
    }
    let mut all: Vec<f64> = busy.iter().chain(&idle).copied().collect();
    Ok(Freshness {
        changes,
        median_s: percentile(&mut all, 0.5),
        p99_s: percentile(&mut all, 0.99),
        busy_median_s: percentile(&mut busy, 0.5),
        idle_median_s: percentile(&mut idle, 0.5),
    })
}

fn stuck(account: &ConnectionId, why: &str) -> SimTrouble {
    SimTrouble::Stuck { account: account.to_string(), why: why.to_owned() }
}

fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = ((values.len() as f64 * share).ceil() as usize).clamp(1, values.len().max(1)) - 1;
    values.get(at).copied().unwrap_or_default()
}

/// How much of the time between the first request and the last answer one was on its way; requests in the order they were
/// sent.
fn in_flight(sent: &[&Sent]) -> f64 {
    let Some(begun_ms) = sent.first().map(|first| first.at_ms) else { return 0.0 };
    let (mut busy_ms, mut until_ms) = (0, begun_ms);
    for one in sent {
        let answered_ms = one.at_ms + one.after_ms;
        busy_ms += (answered_ms - one.at_ms.max(until_ms)).max(0);
        until_ms = until_ms.max(answered_ms);
    }
    if until_ms > begun_ms { busy_ms as f64 / (until_ms - begun_ms) as f64 } else { 0.0 }
}

/// The allowance most was used of within so many milliseconds, and how much of it.
fn most_used(before: &[Meter], after: &[Meter], passed_ms: i64) -> (String, f64) {
    let passed_s = passed_ms as f64 / SECOND_MS as f64;
    let used = before.iter().zip(after).map(|(before, after)| {
        let allowed = after.burst + after.per_s * passed_s;
        (after.name.clone(), if allowed > 0.0 { (after.spent - before.spent) / allowed } else { 0.0 })
    });
    used.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default()
}

/// Everything that can be packed, one parcel an order, up to so many.
fn pack(scene: &mut Scene<'_>, most: usize) -> usize {
    if scene.benches.is_empty() { pack_at_hub(scene, most) } else { pack_at_bench(scene, most) }
}

/// The same at the first further hub.
pub(crate) fn pack_at_bench(scene: &mut Scene<'_>, most: usize) -> usize {
    let Some(bench) = scene.benches.first_mut() else { return 0 };
    let any: &mut dyn Any = bench.as_mut();
    let Some(hub) = any.downcast_mut::<Orderez>() else { return 0 };
    let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
    let open: Vec<String> = hub.packable().into_iter().map(|(id, _)| id).take(most).collect();
    let mut packed = 0;
    for id in open {
        let number = format!("00340{id}");
        packed += usize::from(hub.pack(&id, None, "DHL", &[&number], &mut moment).is_ok());
    }
    packed
}

/// The same at the first hub.
pub(crate) fn pack_at_hub(scene: &mut Scene<'_>, most: usize) -> usize {
    let Some(hub) = scene.hubs.first_mut() else { return 0 };
    let postage = Postage {
        carrier: "ups_walleted".into(),
        service: "ups_standard_international".into(),
        grams: Some(500.0),
        ..Postage::default()
    };
    let open: Vec<i64> = hub
        .state
        .orders
        .values()
        .filter(|order| !order.deleted && !hub.state.has_living_parcel(order.id))
        .map(|order| order.id)
        .take(most)
        .collect();
    let mut pen = Pen { now_ms: scene.now_ms, by: By::Merchant, ledger: scene.ledger };
    open.into_iter().filter(|id| hub.state.buy(&mut pen, *id, &postage).is_ok()).count()
}

/// A purchase as it is placed in a store of the first platform.
pub(crate) fn draft_of(store: &Shopify, purchase: &Purchase) -> OrderDraft {
    let lines = purchase.lines.iter().filter_map(|line| {
        let (product, variant) = store.by_sku(&line.sku)?;
        Some(LineDraft::of(product, variant, line.quantity))
    });
    OrderDraft {
        lines: lines.collect(),
        email: Some(purchase.email.clone()),
        ship_to: Some(Address {
            first_name: purchase.ship_to.first_name.clone(),
            last_name: purchase.ship_to.last_name.clone(),
            address1: purchase.ship_to.line1.clone(),
            city: purchase.ship_to.city.clone(),
            zip: purchase.ship_to.postcode.clone(),
            country: purchase.ship_to.country_name.clone(),
            country_code: purchase.ship_to.country.clone(),
            ..Address::default()
        }),
        routed: true,
        ..OrderDraft::default()
    }
}

/// The `n`th purchase: two articles, three units, a buyer of its own.
pub(crate) fn purchase(n: usize) -> Purchase {
    let line = |sku: &str, quantity, unit_price_minor| PurchaseLine {
        sku: sku.to_owned(),
        name: format!("The {sku}"),
        variant: String::new(),
        quantity,
        unit_price_minor,
        weight_g: Some(400.0),
        options: vec![],
    };
    Purchase {
        email: format!("buyer-{n}@mail.example"),
        ship_to: Place {
            first_name: "Jane".into(),
            last_name: format!("Roe {n}"),
            line1: format!("Am Kai {}", n % 200 + 1),
            postcode: "20457".into(),
            city: "Hamburg".into(),
            country: "DE".into(),
            country_name: "Germany".into(),
            ..Place::default()
        },
        bill_to: None,
        lines: vec![line("MAT-ROP", 1, 5_400), line("SAL-SMO", 2, 890)],
        shipping_minor: 490,
        express: false,
        paid: true,
        note: String::new(),
        gift_message: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(at_ms: i64, after_ms: i64) -> Sent {
        Sent { account: String::new(), path: String::new(), at_ms, reads: true, after_ms }
    }

    #[test]
    fn time_without_a_request_is_counted_once() {
        for (requests, share) in [
            (vec![], 0.0),
            (vec![(0, 0)], 0.0),
            (vec![(5_000, 100)], 1.0),
            (vec![(0, 100), (100, 100)], 1.0),
            (vec![(0, 100), (300, 100)], 0.5),
            // Two at once, the later one answered first.
            (vec![(0, 200), (100, 50), (300, 100)], 0.75),
        ] {
            let requests: Vec<Sent> = requests.into_iter().map(|(at_ms, after_ms)| sent(at_ms, after_ms)).collect();
            let all: Vec<&Sent> = requests.iter().collect();
            let found = in_flight(&all);
            assert!((found - share).abs() < 1e-9, "{requests:?}: {found}");
        }
    }
}
