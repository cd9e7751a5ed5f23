//! The shoppers and staff of every shop that has no people of its own.
//!
//! They do what people do on any platform: buy by day and evening, pay late, have
//! second thoughts, move house, cancel; staff hold, refund and ship by hand. What a
//! platform does not let them do, they do not do.

use super::rhythm::Arrivals;
use super::shop::{OrderView, Place, Purchase, PurchaseLine, Shop};
use super::truth::OrderTruth;
use super::{Actor, Scene, catalogue, names};
use crate::{Moment, SandboxPlan, Volume};
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use std::collections::BTreeSet;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// Something somebody will do to an order of a shop (index, order id).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Buy,
    Pay(usize, String),
    Cancel(usize, String),
    Change(usize, String, i64),
    GiveBack(usize, String),
    Move(usize, String),
    Hold(usize, String),
    Release(usize, String),
    ShipByHand(usize, String),
}

/// The people of the other shops.
pub struct Customers {
    arrivals: Arrivals,
    agenda: BTreeSet<(i64, u64, Deed)>,
    deeds: u64,
    trouble: f64,
    hurried: bool,
}

impl Customers {
    /// They buy `volume` over the days of the plan.
    pub fn new(plan: &SandboxPlan, volume: Volume) -> Self {
        let mut rng = SmallRng::seed_from_u64(plan.seed ^ 0x0c05_70e5);
        let until_ms = plan.start_ms + i64::from(plan.days) * DAY_MS;
        let mut customers = Self {
            arrivals: Arrivals::new(volume, plan.start_ms, until_ms, 60 * MINUTE_MS, &mut rng),
            agenda: BTreeSet::new(),
            deeds: 0,
            trouble: plan.trouble,
            hurried: plan.hurried,
        };
        if let Some(first) = customers.arrivals.next(plan.start_ms, &mut rng) {
            customers.plan(first, Deed::Buy);
        }
        customers
    }

    fn plan(&mut self, at_ms: i64, deed: Deed) {
        self.deeds += 1;
        self.agenda.insert((at_ms, self.deeds, deed));
    }

    /// Some minutes from now; for a watcher hours become minutes.
    fn later(&mut self, now_ms: i64, minutes: std::ops::Range<i64>, rng: &mut SmallRng, deed: Deed) {
        let ms = rng.random_range(minutes.start * MINUTE_MS..minutes.end * MINUTE_MS);
        self.plan(now_ms + if self.hurried { (ms / 12).max(20_000) } else { ms }, deed);
    }

    fn buy(&mut self, scene: &mut Scene<'_>) {
        if scene.shops.is_empty() {
            return;
        }
        let index = scene.rng.random_range(0..scene.shops.len());
        let (mut purchase, rng) = {
            let country = scene.shops.get(index).map_or("DE", |shop| shop.country()).to_owned();
            (draw(&country, scene.rng), &mut *scene.rng)
        };
        let trouble: &[&str] =
            if rng.random_bool(self.trouble.clamp(0.0, 1.0) / 3.0) { &[spoil(&mut purchase, rng)] } else { &[] };
        let now_ms = scene.now_ms;
        let Some(shop) = scene.shops.get_mut(index) else { return };
        let mut moment = Moment { now_ms, rng: scene.rng, ledger: scene.ledger };
        let Some(order) = shop.place(&purchase, &mut moment) else { return };
        for part in shop.parts(&order) {
            let Some(view) = shop.order(&part) else { return };
            scene.truth.orders.insert(part, view.truth(shop.account(), trouble));
        }
        self.intend(index, &order, purchase.paid, now_ms, scene.rng);
    }

    /// What will still happen to a new order: at most one second thought.
    fn intend(&mut self, shop: usize, order: &str, paid: bool, now_ms: i64, rng: &mut SmallRng) {
        let id = || order.to_owned();
        if !paid {
            if rng.random_bool(0.85) {
                self.later(now_ms, 10..480, rng, Deed::Pay(shop, id()));
            } else {
                self.later(now_ms, 1_440..4_320, rng, Deed::Cancel(shop, id()));
            }
        }
        match rng.random_range(0..1000) {
            0..=11 => self.later(now_ms, 3..45, rng, Deed::Cancel(shop, id())),
            12..=21 => self.later(now_ms, 120..1_800, rng, Deed::Cancel(shop, id())),
            22..=31 => {
                let change = if rng.random_bool(0.5) { 1 } else { -1 };
                self.later(now_ms, 5..120, rng, Deed::Change(shop, id(), change));
            }
            32..=41 => self.later(now_ms, 10..240, rng, Deed::GiveBack(shop, id())),
            42..=51 => self.later(now_ms, 3..180, rng, Deed::Move(shop, id())),
            _ => {}
        }
        if rng.random_bool(self.trouble * 0.12) {
            self.later(now_ms, 1..60, rng, Deed::Hold(shop, id()));
        }
        if rng.random_bool(self.trouble * 0.04) {
            self.later(now_ms, 60..600, rng, Deed::ShipByHand(shop, id()));
        }
    }

    fn do_it(&mut self, scene: &mut Scene<'_>, deed: Deed) {
        let now_ms = scene.now_ms;
        match deed {
            Deed::Buy => {
                self.buy(scene);
                if let Some(next) = self.arrivals.next(now_ms, scene.rng) {
                    self.plan(next.max(now_ms + 1), Deed::Buy);
                }
            }
            Deed::Pay(shop, order) => {
                if with(scene, shop, |shop, moment| shop.pay(&order, moment)) {
                    of_parts(scene, shop, &order, |truth| _ = truth.paid_at_ms.get_or_insert(now_ms));
                }
            }
            Deed::Cancel(shop, order) => {
                if with(scene, shop, |shop, moment| shop.cancel(&order, moment)) {
                    of_parts(scene, shop, &order, |truth| truth.cancelled_at_ms = Some(now_ms));
                }
            }
            Deed::Change(shop, order, change) => {
                let order = last_part(scene, shop, order);
                let Some((line, units)) = open_line(scene, shop, &order) else { return };
                if units + change > 0
                    && with(scene, shop, |shop, moment| shop.change_units(&order, &line, units + change, moment))
                {
                    recount(scene, shop, &order);
                }
            }
            Deed::GiveBack(shop, order) => {
                let order = last_part(scene, shop, order);
                let Some((line, _)) = open_line(scene, shop, &order) else { return };
                if with(scene, shop, |shop, moment| shop.give_back(&order, &line, 1, moment)) {
                    recount(scene, shop, &order);
                }
            }
            Deed::Move(shop, order) => {
                let Some(country) = scene.shops.get(shop).map(|shop| shop.country().to_owned()) else { return };
                let place = home(&country, scene.rng);
                if with(scene, shop, |shop, moment| shop.change_address(&order, &place, moment))
                    && let Some(truth) = scene.truth.order_mut(&order)
                {
                    truth.edited_at_ms = Some(now_ms);
                }
            }
            Deed::Hold(shop, order) => {
                if with(scene, shop, |shop, moment| shop.hold(&order, moment)) {
                    of_parts(scene, shop, &order, |truth| truth.trouble.push("held".to_owned()));
                    self.later(now_ms, 60..360, scene.rng, Deed::Release(shop, order));
                }
            }
            Deed::Release(shop, order) => {
                with(scene, shop, |shop, moment| shop.release(&order, moment));
            }
            Deed::ShipByHand(shop, order) => {
                let number = format!("JJD0004{:012}", scene.rng.random_range(0..1_000_000_000_000_u64));
                if with(scene, shop, |shop, moment| shop.ship_by_hand(&order, "DHL", &number, moment)) {
                    of_parts(scene, shop, &order, |truth| truth.trouble.push("shipped_by_hand".to_owned()));
                }
            }
        }
    }
}

/// Acts in a shop.
fn with(scene: &mut Scene<'_>, shop: usize, act: impl FnOnce(&mut dyn Shop, &mut Moment<'_>) -> bool) -> bool {
    let Some(shop) = scene.shops.get_mut(shop) else { return false };
    let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
    act(shop.as_mut(), &mut moment)
}

/// Writes something down about every part of an order.
fn of_parts(scene: &mut Scene<'_>, shop: usize, order: &str, mut write: impl FnMut(&mut OrderTruth)) {
    for part in scene.shops.get(shop).map(|shop| shop.parts(order)).unwrap_or_default() {
        if let Some(truth) = scene.truth.order_mut(&part) {
            write(truth);
        }
    }
}

/// The part of an order that was thought of last.
fn last_part(scene: &Scene<'_>, shop: usize, order: String) -> String {
    scene.shops.get(shop).and_then(|shop| shop.parts(&order).pop()).unwrap_or(order)
}

fn view(scene: &Scene<'_>, shop: usize, order: &str) -> Option<OrderView> {
    scene.shops.get(shop)?.order(order)
}

/// The first line that has not left at all, and its units.
fn open_line(scene: &Scene<'_>, shop: usize, order: &str) -> Option<(String, i64)> {
    let view = view(scene, shop, order)?;
    if view.cancelled {
        return None;
    }
    view.lines.into_iter().find(|line| line.shipped == 0 && line.units > 0).map(|line| (line.id, line.units))
}

/// Brings the truth's units of an order up to what the shop knows.
fn recount(scene: &mut Scene<'_>, shop: usize, order: &str) {
    let Some(view) = view(scene, shop, order) else { return };
    let now_ms = scene.now_ms;
    if let Some(truth) = scene.truth.order_mut(order) {
        truth.units = view.units();
        truth.edited_at_ms = Some(now_ms);
    }
}

/// Where a shop's usual customer lives.
fn home(country: &str, rng: &mut SmallRng) -> Place {
    let person = names::customer(0, country, 0, rng);
    let address = person.address.unwrap_or_default();
    Place {
        first_name: address.first_name,
        last_name: address.last_name,
        company: address.company,
        line1: address.address1,
        line2: address.address2,
        postcode: address.zip,
        city: address.city,
        region: address.province_code,
        country: address.country_code,
        country_name: address.country,
        phone: address.phone,
    }
}

fn draw(country: &str, rng: &mut SmallRng) -> Purchase {
    let articles = catalogue::articles();
    let kinds = *[1, 1, 1, 2, 2, 3, 4].choose(rng).unwrap_or(&1);
    let mut lines: Vec<PurchaseLine> = Vec::new();
    while lines.len() < kinds {
        let Some(article) = articles.choose(rng) else { break };
        if lines.iter().any(|line| line.sku == article.sku) {
            continue;
        }
        let mut line = article.clone();
        line.quantity = *[1, 1, 1, 2, 2, 3, 5].choose(rng).unwrap_or(&1);
        if line.name.contains("Mug") && rng.random_bool(0.4) {
            line.options.push(("Engraving".to_owned(), "Käpt'n Anna ⚓".to_owned()));
        }
        lines.push(line);
    }
    let express = rng.random_bool(0.18);
    Purchase {
        email: format!("shopper{}@mail.example", rng.random_range(1..1_000_000)),
        ship_to: home(country, rng),
        bill_to: rng.random_bool(0.06).then(|| home(country, rng)),
        lines,
        shipping_minor: if express { 1_290 } else { 490 },
        express,
        paid: !rng.random_bool(0.06),
        note: if rng.random_bool(0.1) { "Ring twice, the bell is broken 🔔".to_owned() } else { String::new() },
        gift_message: if rng.random_bool(0.08) { "Happy birthday, Mum! 🎂".to_owned() } else { String::new() },
    }
}

/// Makes one thing wrong, and says what.
fn spoil(purchase: &mut Purchase, rng: &mut SmallRng) -> &'static str {
    match rng.random_range(0..4) {
        0 => {
            purchase.ship_to.city.clear();
            purchase.ship_to.postcode.clear();
            "no_city"
        }
        1 => {
            purchase.ship_to.line1.clear();
            "no_street"
        }
        2 => {
            if let Some(line) = purchase.lines.first_mut() {
                line.sku.clear();
            }
            "no_sku"
        }
        _ => {
            purchase.note = "Es war einmal ein Hafen, und über den Hafen gibt es viel zu sagen. ".repeat(75);
            "long_note"
        }
    }
}

impl Actor for Customers {
    fn name(&self) -> &'static str {
        "customers"
    }
    fn next_ms(&self) -> Option<i64> {
        self.agenda.first().map(|(at_ms, _, _)| *at_ms)
    }
    fn act(&mut self, scene: &mut Scene<'_>) {
        while self.agenda.first().is_some_and(|(at_ms, _, _)| *at_ms <= scene.now_ms) {
            let Some((_, _, deed)) = self.agenda.pop_first() else { break };
            self.do_it(scene, deed);
        }
    }
}
