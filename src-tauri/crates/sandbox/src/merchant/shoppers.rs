//! The shoppers: they buy by day and evening, pay late, change their minds, move
//! house and cancel; and the shop's staff, who edit, refund, hold and release.
//!
//! Everything they do is on an agenda that chance fills when an order is placed,
//! so the same seed gives the same people whatever anybody else does.

use super::basket::{self, Basket};
use super::rhythm::{Arrivals, spread};
use super::{Actor, Scene, names};
use crate::shopify::state::gid;
use crate::shopify::{OrderDraft, Paid};
use crate::{Moment, SandboxPlan};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use std::collections::BTreeSet;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Orders younger than this when the simulation begins have not been shipped by hand.
const FRESH_MS: i64 = 8 * HOUR_MS;

/// Something somebody will do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    /// Somebody buys.
    Buy,
    /// An order of the days before the simulation.
    BoughtBefore,
    /// The money comes in, or what was reserved is taken.
    Pay(Which),
    /// Cancelled, by whom.
    Cancel(Which, &'static str),
    /// The units of a line change by so many.
    Change(Which, i64),
    /// A part is given back before it left.
    Refund(Which),
    /// The address changes.
    Move(Which),
    /// Staff holds the order back.
    Hold(Which),
    /// Staff lets it go.
    Release(Which),
    /// Staff adds a tag and a note.
    Annotate(Which),
    /// Staff ships it without the hub.
    ShipByHand(Which),
    /// The buyer sends one unit back, and the staff agrees.
    SendBack(Which),
    /// It is there again, and somebody looks at it.
    Arrive(Which),
}

/// A store and an order in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Which {
    store: usize,
    order: u64,
}

/// The shoppers of all stores, and the staff.
pub struct Shoppers {
    arrivals: Arrivals,
    agenda: BTreeSet<(i64, u64, Deed)>,
    deeds: u64,
    start_ms: i64,
    trouble: f64,
    returns: f64,
    hurried: bool,
    /// What somebody who watches is still to be shown, at whatever hour they begin; the next comes last.
    owes: Vec<Shown>,
    /// Orders without trouble since the last one tagged VIP.
    since_a_vip: u32,
}

/// What a watcher is shown early on. It takes nothing from chance, so that all else stays as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// An address that lacks its street.
    BadAddress,
    /// A line under the SKU of last year's catalogue.
    OldSku,
}

/// For a watcher every so manieth order without trouble is a VIP's: rules have something to act on within minutes.
const VIP_EVERY: u32 = 4;

impl Shoppers {
    /// As the plan says.
    pub fn new(plan: &SandboxPlan) -> Self {
        let mut rng = SmallRng::seed_from_u64(plan.seed ^ 0x5109_9e25);
        let until_ms = plan.start_ms + i64::from(plan.days) * DAY_MS;
        let offset_ms =
            plan.stores.first().map_or(0, |store| i64::from(store.utc_offset_minutes(plan.start_ms))) * MINUTE_MS;
        let arrivals = Arrivals::new(plan.volume, plan.start_ms, until_ms, offset_ms, &mut rng);
        let mut shoppers = Self {
            arrivals,
            agenda: BTreeSet::new(),
            deeds: 0,
            start_ms: plan.start_ms,
            trouble: plan.trouble,
            returns: plan.returns,
            hurried: plan.hurried,
            owes: if plan.hurried && plan.trouble > 0.0 { vec![Shown::OldSku, Shown::BadAddress] } else { Vec::new() },
            since_a_vip: 0,
        };
        for at_ms in spread(plan.history, plan.start_ms - 2 * DAY_MS, plan.start_ms, offset_ms, &mut rng) {
            shoppers.plan(at_ms, Deed::BoughtBefore);
        }
        if let Some(first) = shoppers.arrivals.next(plan.start_ms, &mut rng) {
            shoppers.plan(first, Deed::Buy);
        }
        shoppers
    }

    fn plan(&mut self, at_ms: i64, deed: Deed) {
        self.deeds += 1;
        self.agenda.insert((at_ms, self.deeds, deed));
    }

    /// Plans something between two times from now, in minutes; for a watcher hours become minutes.
    fn later(&mut self, now_ms: i64, minutes: std::ops::Range<i64>, rng: &mut SmallRng, deed: Deed) {
        let ms = rng.random_range(minutes.start * MINUTE_MS..minutes.end * MINUTE_MS);
        self.plan(now_ms + if self.hurried { (ms / 12).max(20_000) } else { ms }, deed);
    }

    fn buy(&mut self, scene: &mut Scene<'_>, before: bool) {
        let now_ms = scene.now_ms;
        let last = scene.stores.len().saturating_sub(1);
        let store = if last == 0 || scene.rng.random_bool(0.65) { 0 } else { scene.rng.random_range(1..=last) };
        let Some(shop) = scene.stores.get_mut(store) else { return };
        let trouble = if before { self.trouble / 3.0 } else { self.trouble };
        let Basket { mut draft, trouble: mut spoiled } = basket::draw(shop, trouble, scene.rng);
        if !before && self.hurried && spoiled.is_empty() {
            spoiled.extend(self.show(&mut draft));
        }
        if before && now_ms < self.start_ms - FRESH_MS {
            draft.paid = Paid::Now;
        }
        let paid = draft.paid;
        let mut moment = Moment { now_ms, rng: scene.rng, ledger: scene.ledger };
        let order = shop.place(draft, &mut moment);
        if let Some(truth) = basket::truth_of(shop, order, &spoiled) {
            scene.truth.orders.insert(gid("Order", order), truth);
        }
        let which = Which { store, order };
        if before && now_ms < self.start_ms - FRESH_MS && scene.rng.random_bool(0.9) {
            let at_ms = now_ms + scene.rng.random_range(HOUR_MS..FRESH_MS);
            return self.plan(at_ms, Deed::ShipByHand(which));
        }
        self.intend(which, paid, now_ms, scene.rng);
        // Chance of its own, so that everybody else's day stays as it was.
        let mut own = SmallRng::seed_from_u64(order ^ 0x0bac_4b0d);
        if self.returns > 0.0 && own.random_bool(self.returns) {
            self.later(now_ms, 1_600..3_600, &mut own, Deed::SendBack(which));
        }
    }

    /// A buyer sends something back once all of it left.
    fn send_back(&mut self, scene: &mut Scene<'_>, which: Which) {
        let back = with(scene, which, |shop, order, moment| {
            let one = shop.state().order(order)?;
            let left = one.cancelled.is_none() && one.lines.iter().all(|line| line.unfulfilled() == 0);
            if left { shop.send_back(order, 1, moment) } else { None }
        });
        if back.flatten().is_some() {
            note(scene, which, "sent_back");
            let mut own = SmallRng::seed_from_u64(which.order ^ 0x0a77_17e5);
            self.later(scene.now_ms, 300..1_200, &mut own, Deed::Arrive(which));
        }
    }

    /// Makes an order one that a watcher should meet; gives what is wrong with it, if something is.
    fn show(&mut self, draft: &mut OrderDraft) -> Option<&'static str> {
        let address = draft.ship_to.as_mut()?;
        let line = draft.lines.iter_mut().find(|line| line.requires_shipping && line.sku.is_some());
        match self.owes.last() {
            Some(Shown::BadAddress) => {
                address.address1.clear();
                draft.paid = Paid::Now;
                self.owes.pop();
                Some("no_street")
            }
            Some(Shown::OldSku) => {
                let sku = line?.sku.as_mut()?;
                *sku = format!("{}-OLD", sku.to_lowercase());
                draft.paid = Paid::Now;
                self.owes.pop();
                Some("unknown_sku")
            }
            None => {
                self.since_a_vip += 1;
                if draft.tags.iter().any(|tag| tag == "vip") {
                    self.since_a_vip = 0;
                } else if self.since_a_vip >= VIP_EVERY {
                    self.since_a_vip = 0;
                    draft.tags.push("vip".to_owned());
                }
                None
            }
        }
    }

    /// What will still happen to a new order.
    fn intend(&mut self, which: Which, paid: Paid, now_ms: i64, rng: &mut SmallRng) {
        match paid {
            Paid::Later if rng.random_bool(0.85) => self.later(now_ms, 10..480, rng, Deed::Pay(which)),
            Paid::Later => self.later(now_ms, 1_440..4_320, rng, Deed::Cancel(which, "OTHER")),
            Paid::Reserved => self.later(now_ms, 20..200, rng, Deed::Pay(which)),
            Paid::Now => {}
        }
        // Second thoughts are rare, and one per order.
        match rng.random_range(0..1000) {
            0..=11 => self.later(now_ms, 3..45, rng, Deed::Cancel(which, "CUSTOMER")),
            12..=19 => self.later(now_ms, 120..1_800, rng, Deed::Cancel(which, "CUSTOMER")),
            20..=31 => {
                let change = if rng.random_bool(0.5) { 1 } else { -1 };
                self.later(now_ms, 5..120, rng, Deed::Change(which, change));
            }
            32..=41 => self.later(now_ms, 10..240, rng, Deed::Refund(which)),
            42..=51 => self.later(now_ms, 3..180, rng, Deed::Move(which)),
            52..=71 => self.later(now_ms, 2..300, rng, Deed::Annotate(which)),
            _ => {}
        }
        if rng.random_bool(self.trouble * 0.15) {
            self.later(now_ms, 1..60, rng, Deed::Hold(which));
        }
        if rng.random_bool(self.trouble * 0.10) {
            self.later(now_ms, 30..600, rng, Deed::Cancel(which, "CUSTOMER"));
        }
        if rng.random_bool(self.trouble * 0.04) {
            self.later(now_ms, 60..600, rng, Deed::ShipByHand(which));
        }
    }

    fn do_it(&mut self, scene: &mut Scene<'_>, deed: &Deed) {
        match *deed {
            Deed::Buy => {
                self.buy(scene, false);
                if let Some(next) = self.arrivals.next(scene.now_ms, scene.rng) {
                    // Two orders in one millisecond would stand still here.
                    self.plan(next.max(scene.now_ms + 1), Deed::Buy);
                }
            }
            Deed::BoughtBefore => self.buy(scene, true),
            Deed::Pay(which) => pay(scene, which),
            Deed::Cancel(which, reason) => cancel(scene, which, reason),
            Deed::Change(which, change) => change_units(scene, which, change),
            Deed::Refund(which) => refund(scene, which),
            Deed::Move(which) => change_address(scene, which),
            Deed::Hold(which) => {
                let now_ms = scene.now_ms;
                let held = with(scene, which, |shop, order, moment| shop.hold(order, "INCORRECT_ADDRESS", moment));
                if held.is_some_and(|held| held > 0) {
                    note(scene, which, "held");
                    self.later(now_ms, 60..360, scene.rng, Deed::Release(which));
                }
            }
            Deed::Release(which) => drop(with(scene, which, super::super::shopify::Shopify::release)),
            Deed::Annotate(which) => {
                with(scene, which, |shop, order, moment| {
                    shop.annotate(order, &["called"], Some("Customer called: all fine."), moment);
                });
            }
            Deed::ShipByHand(which) => self.ship_by_hand(scene, which),
            Deed::SendBack(which) => self.send_back(scene, which),
            Deed::Arrive(which) => {
                with(scene, which, |shop, order, moment| {
                    let back = shop.state().order(order)?.returns.last()?.id;
                    shop.receive_back(order, back, moment)
                });
            }
        }
    }

    fn ship_by_hand(&self, scene: &mut Scene<'_>, which: Which) {
        let number = format!("JJD0003{:012}", scene.rng.random_range(0..1_000_000_000_000_u64));
        let before = scene.now_ms < self.start_ms;
        let made = with(scene, which, |shop, order, moment| {
            let company = if shop.plan().country == "GB" { "Royal Mail" } else { "DHL" };
            shop.ship_by_hand(order, company, &number, moment)
        });
        if made.is_some_and(|made| made > 0) {
            note(scene, which, "shipped_by_hand");
            if let Some(truth) = scene.truth.order_mut(&gid("Order", which.order)).filter(|_| before) {
                truth.never_ships.get_or_insert("shipped_before".to_owned());
            }
        }
    }
}

/// Acts on an order of a store.
fn with<R>(
    scene: &mut Scene<'_>,
    which: Which,
    act: impl FnOnce(&mut crate::shopify::Shopify, u64, &mut Moment<'_>) -> R,
) -> Option<R> {
    let shop = scene.stores.get_mut(which.store)?;
    let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
    Some(act(shop, which.order, &mut moment))
}

fn note(scene: &mut Scene<'_>, which: Which, word: &str) {
    if let Some(truth) = scene.truth.order_mut(&gid("Order", which.order)) {
        truth.trouble.push(word.to_owned());
    }
}

fn pay(scene: &mut Scene<'_>, which: Which) {
    let paid = with(scene, which, |shop, order, moment| {
        let open = shop.state().order(order).is_some_and(|order| order.cancelled.is_none());
        if open {
            shop.pay(order, moment);
            // An order that grew while its money was only reserved: the rest is asked for, and paid as well.
            if shop.state().order(order).is_some_and(|order| order.financial_status() == "PARTIALLY_PAID") {
                shop.pay(order, moment);
            }
        }
        open
    });
    let now_ms = scene.now_ms;
    if let Some(truth) = scene.truth.order_mut(&gid("Order", which.order)).filter(|_| paid == Some(true)) {
        truth.paid_at_ms.get_or_insert(now_ms);
    }
}

fn cancel(scene: &mut Scene<'_>, which: Which, reason: &str) {
    let done = with(scene, which, |shop, order, moment| shop.cancel(order, reason, moment));
    let now_ms = scene.now_ms;
    if let Some(truth) = scene.truth.order_mut(&gid("Order", which.order)).filter(|_| done == Some(true)) {
        truth.cancelled_at_ms = Some(now_ms);
    }
}

/// Brings the truth's units of an order up to what the store knows.
fn recount(scene: &mut Scene<'_>, which: Which) {
    let now_ms = scene.now_ms;
    let order = scene.stores.get(which.store).and_then(|shop| shop.state().order(which.order));
    if let (Some(order), Some(truth)) = (order, scene.truth.orders.get_mut(&gid("Order", which.order))) {
        for (id, units) in &mut truth.units {
            let line = order.lines.iter().find(|line| gid("LineItem", line.id) == *id);
            *units = line.map_or(0, |line| line.quantity - line.removed);
        }
        truth.units.retain(|_, units| *units > 0);
        truth.edited_at_ms = Some(now_ms);
    }
}

/// The first line of an order that a carrier must take and that has not left, and its units.
fn open_line(scene: &Scene<'_>, which: Which) -> Option<(u64, i64)> {
    let order = scene.stores.get(which.store)?.state().order(which.order)?;
    let truth = scene.truth.orders.get(&gid("Order", which.order))?;
    let mut lines = order.lines.iter().filter(|line| truth.units.contains_key(&gid("LineItem", line.id)));
    lines.find(|line| line.unfulfilled() > 0).map(|line| (line.id, line.current()))
}

fn change_units(scene: &mut Scene<'_>, which: Which, change: i64) {
    let Some((line, units)) = open_line(scene, which) else { return };
    if units + change < 1 {
        return;
    }
    let changed = with(scene, which, |shop, order, moment| {
        let paid = shop.state().order(order).is_some_and(|order| order.received_minor() > 0);
        let changed = shop.change_quantity(order, line, units + change, moment);
        if changed && change > 0 && paid {
            shop.pay(order, moment);
        }
        changed
    });
    if changed == Some(true) {
        recount(scene, which);
    }
}

fn refund(scene: &mut Scene<'_>, which: Which) {
    let Some((line, _)) = open_line(scene, which) else { return };
    let done = with(scene, which, |shop, order, moment| shop.refund_units(order, line, 1, moment));
    if done == Some(true) {
        recount(scene, which);
    }
}

fn change_address(scene: &mut Scene<'_>, which: Which) {
    let Some(shop) = scene.stores.get(which.store) else { return };
    let Some(old) = shop
        .state()
        .order(which.order)
        .filter(|order| order.cancelled.is_none())
        .and_then(|order| order.ship_to.clone())
    else {
        return;
    };
    let country = shop.plan().country.clone();
    let address = names::address(&old.first_name, &old.last_name, &country, scene.rng);
    with(scene, which, |shop, order, moment| shop.change_address(order, address, moment));
    let now_ms = scene.now_ms;
    if let Some(truth) = scene.truth.order_mut(&gid("Order", which.order)) {
        truth.edited_at_ms = Some(now_ms);
    }
}

impl Actor for Shoppers {
    fn name(&self) -> &'static str {
        "shoppers"
    }
    fn next_ms(&self) -> Option<i64> {
        self.agenda.first().map(|(at_ms, _, _)| *at_ms)
    }
    fn act(&mut self, scene: &mut Scene<'_>) {
        while self.agenda.first().is_some_and(|(at_ms, _, _)| *at_ms <= scene.now_ms) {
            let Some((_, _, deed)) = self.agenda.pop_first() else { break };
            self.do_it(scene, &deed);
        }
    }
}
