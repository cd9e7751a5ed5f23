//! The people of the warehouse: they pack what arrives, sometimes in two parcels,
//! sometimes in two packages of one shipment, sometimes only what is on the shelf;
//! they write a number down later, take a wrong shipment back, hold an order until
//! tomorrow, cancel one without telling the shop.
//!
//! Every parcel is written to [`Truth::parcels`]. Left out on purpose: stock; a
//! line is short because chance says so.

use super::hand::parcel;
use super::state::{Order, Pen, State, Tracking};
use crate::Moment;
use crate::ledger::By;
use crate::merchant::Truth;
use crate::merchant::truth::{ParcelTruth, ParcelTruthLine};
use rand::Rng;
use rand::rngs::SmallRng;
use std::collections::BTreeSet;

const MINUTE_MS: i64 = 60_000;
/// How often somebody looks at the list of orders, ms.
const LOOK_MS: i64 = MINUTE_MS;

/// Carriers: as people write them, and what their numbers begin with.
const CARRIERS: [(&str, &str); 3] = [("DHL", "00340"), ("UPS", "1Z9E"), ("DPD", "0150")];

/// What somebody will do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Task {
    Look,
    /// Pack an order as chance has it.
    Pack(String),
    /// Pack what is left, plainly.
    Rest(String),
    /// Write the number of a shipment down.
    Number(String),
    /// Notice that a shipment is wrong.
    Regret(String),
    /// Let an order go again.
    Release(String),
    /// A parcel arrives.
    Arrive(String),
}

/// The warehouse.
pub struct People {
    trouble: f64,
    hurried: bool,
    agenda: BTreeSet<(i64, u64, Task)>,
    tasks_made: u64,
    numbers_made: u64,
    /// Orders somebody has already taken from the list.
    taken: BTreeSet<String>,
    /// Orders with which something already went wrong: once is enough.
    troubled: BTreeSet<String>,
}

impl People {
    /// Opens at `start_ms`, ms UTC.
    pub fn new(start_ms: i64, trouble: f64, hurried: bool) -> Self {
        let mut people = Self {
            trouble: trouble.clamp(0.0, 1.0),
            hurried,
            agenda: BTreeSet::new(),
            tasks_made: 0,
            numbers_made: 0,
            taken: BTreeSet::new(),
            troubled: BTreeSet::new(),
        };
        people.plan(start_ms, Task::Look);
        people
    }

    /// When somebody next wants to do something, ms UTC.
    pub fn next_ms(&self) -> Option<i64> {
        self.agenda.first().map(|(at_ms, ..)| *at_ms)
    }

    fn plan(&mut self, at_ms: i64, task: Task) {
        self.tasks_made += 1;
        self.agenda.insert((at_ms, self.tasks_made, task));
    }

    fn pause(&self, rng: &mut SmallRng, from_min: i64, to_min: i64) -> i64 {
        let usual = rng.random_range(from_min * MINUTE_MS..=to_min * MINUTE_MS);
        if self.hurried { usual / 25 + 1_000 } else { usual }
    }

    /// Does everything that is due.
    pub fn work(&mut self, state: &mut State, moment: &mut Moment<'_>, truth: &mut Truth) {
        while let Some((at_ms, made, task)) = self.agenda.first().cloned().filter(|(at_ms, ..)| *at_ms <= moment.now_ms)
        {
            self.agenda.remove(&(at_ms, made, task.clone()));
            match task {
                Task::Look => {
                    for id in state.take_touched() {
                        if !self.taken.contains(&id) && state.orders.get(&id).is_some_and(Order::can_be_packed) {
                            let due = moment.now_ms + self.pause(moment.rng, 20, 180);
                            self.taken.insert(id.clone());
                            self.plan(due, Task::Pack(id));
                        }
                    }
                    self.plan(moment.now_ms + LOOK_MS, Task::Look);
                }
                Task::Pack(id) => self.pack(state, moment, truth, &id),
                Task::Rest(id) => {
                    self.taken.remove(&id);
                    let lines = open(state, &id);
                    if state.orders.get(&id).is_some_and(Order::can_be_packed) {
                        self.ship(state, moment, truth, &id, lines, 1);
                    }
                }
                Task::Number(id) => {
                    let tracking = self.numbers(moment.rng, 1);
                    let number = tracking[0].number.clone();
                    let mut pen = Pen { now_ms: moment.now_ms, by: By::Merchant, ledger: moment.ledger };
                    // Taken back meanwhile: nothing to write down.
                    if state.change_fulfillment(&mut pen, &id, |fulfillment| fulfillment.tracking = tracking).is_ok()
                        && let Some(parcel) = truth.parcel_mut(&name(&id))
                    {
                        parcel.tracking = number;
                        parcel.at_ms = moment.now_ms;
                    }
                }
                Task::Regret(id) => self.regret(state, moment, truth, &id),
                Task::Release(id) => {
                    let mut pen = Pen { now_ms: moment.now_ms, by: By::Merchant, ledger: moment.ledger };
                    if state.orders.get(&id).is_some_and(|order| order.on_hold && !order.is_cancelled()) {
                        // Looked at a moment ago: it exists.
                        let _ = state.change(&mut pen, &id, "order_released", |order| order.on_hold = false);
                    }
                }
                Task::Arrive(id) => {
                    let now_ms = moment.now_ms;
                    let mut pen = Pen { now_ms, by: By::Merchant, ledger: moment.ledger };
                    let arrived = state.change_fulfillment(&mut pen, &id, |fulfillment| {
                        "delivered".clone_into(&mut fulfillment.status);
                        fulfillment.delivered_ms = Some(now_ms);
                    });
                    if arrived.is_ok()
                        && let Some(parcel) = truth.parcel_mut(&name(&id))
                    {
                        parcel.delivered_at_ms = Some(now_ms);
                    }
                }
            }
        }
    }

    /// Packs an order as chance has it, if it still may be packed.
    fn pack(&mut self, state: &mut State, moment: &mut Moment<'_>, truth: &mut Truth, id: &str) {
        self.taken.remove(id);
        if !state.orders.get(id).is_some_and(Order::can_be_packed) {
            return;
        }
        let lines = open(state, id);
        let units: i64 = lines.iter().map(|(_, units)| units).sum();
        let began = state.orders.get(id).is_some_and(|order| order.fulfilled_units() > 0);
        let unusual = moment.rng.random_bool(self.trouble) && self.troubled.insert(id.to_owned());
        let fate = moment.rng.random_range(0..100);
        match (unusual, fate) {
            // What is on the shelf now, the rest when it comes.
            (true, 0..30) if units > 1 => self.in_two(state, moment, truth, id, &lines, (20 * 60, 40 * 60)),
            (true, 30..60) => {
                if let Some(made) = self.ship(state, moment, truth, id, lines, 1) {
                    let at_ms = moment.now_ms + self.pause(moment.rng, 10, 90);
                    self.plan(at_ms, Task::Regret(made));
                }
            }
            (true, 60..85) => {
                let mut pen = Pen { now_ms: moment.now_ms, by: By::Merchant, ledger: moment.ledger };
                // Looked at a moment ago: it exists.
                let _ = state.change(&mut pen, id, "order_held", |order| order.on_hold = true);
                let at_ms = moment.now_ms + self.pause(moment.rng, 6 * 60, 20 * 60);
                self.plan(at_ms, Task::Release(id.to_owned()));
            }
            (true, 85..) if !began => {
                let mut pen = Pen { now_ms: moment.now_ms, by: By::Merchant, ledger: moment.ledger };
                // It has open units; that was looked at.
                let _ = state.cancel(&mut pen, id, None, "inventory");
            }
            // Two parcels, minutes apart.
            (false, 0..8) if units > 1 => self.in_two(state, moment, truth, id, &lines, (1, 3)),
            // One shipment in two packages.
            (false, 8..14) if units > 1 => {
                self.ship(state, moment, truth, id, lines, 2);
            }
            // Off it goes; somebody writes the number down later.
            (false, 14..20) => {
                if let Some(made) = self.ship(state, moment, truth, id, lines, 0) {
                    let at_ms = moment.now_ms + self.pause(moment.rng, 5, 60);
                    self.plan(at_ms, Task::Number(made));
                }
            }
            _ => {
                self.ship(state, moment, truth, id, lines, 1);
            }
        }
    }

    fn in_two(
        &mut self,
        state: &mut State,
        moment: &mut Moment<'_>,
        truth: &mut Truth,
        id: &str,
        lines: &[(String, i64)],
        later_min: (i64, i64),
    ) {
        let units: i64 = lines.iter().map(|(_, units)| units).sum();
        let mut want = moment.rng.random_range(1..units.max(2));
        let mut some = Vec::new();
        for (line, units) in lines {
            let take = want.min(*units);
            if take > 0 {
                some.push((line.clone(), take));
                want -= take;
            }
        }
        if self.ship(state, moment, truth, id, some, 1).is_some() {
            self.taken.insert(id.to_owned());
            let at_ms = moment.now_ms + self.pause(moment.rng, later_min.0, later_min.1);
            self.plan(at_ms, Task::Rest(id.to_owned()));
        }
    }

    /// A shipment in so many packages; 0: its number is written down later.
    fn ship(
        &mut self,
        state: &mut State,
        moment: &mut Moment<'_>,
        truth: &mut Truth,
        id: &str,
        lines: Vec<(String, i64)>,
        packages: usize,
    ) -> Option<String> {
        let tracking = self.numbers(moment.rng, packages);
        let order = state.orders.get(id)?;
        let key = order.client_key().unwrap_or_default().to_owned();
        let known: Vec<ParcelTruthLine> = lines
            .iter()
            .filter_map(|(line_id, units)| {
                let line = order.lines.iter().find(|line| line.id == *line_id)?;
                Some(ParcelTruthLine {
                    order_key: key.clone(),
                    line_key: line.reference.as_ref().map(|reference| reference.id.clone()),
                    sku: line.sku.clone(),
                    quantity: *units,
                })
            })
            .collect();
        let made = parcel(lines, tracking.clone(), moment.now_ms, self.tasks_made);
        let mut pen = Pen { now_ms: moment.now_ms, by: By::Merchant, ledger: moment.ledger };
        let made = state.ship(&mut pen, id, made).ok()?;
        let first = tracking.first().cloned().unwrap_or(Tracking { carrier: String::new(), number: String::new() });
        let whole = ParcelTruth {
            account: state.plan.account.clone(),
            parcel_id: name(&made),
            order_keys: vec![key],
            lines: known,
            tracking: first.number,
            carrier: first.carrier,
            at_ms: moment.now_ms,
            voided_at_ms: None,
            delivered_at_ms: None,
            lost_at_ms: None,
        };
        // What is in which package nobody writes down: the further ones have numbers only.
        for (at, further) in tracking.iter().enumerate().skip(1) {
            let package = ParcelTruth {
                parcel_id: format!("{}/{}", name(&made), at + 1),
                lines: Vec::new(),
                tracking: further.number.clone(),
                ..whole.clone()
            };
            truth.parcels.push(package);
        }
        truth.parcels.push(whole);
        let at_ms = moment.now_ms + self.pause(moment.rng, 24 * 60, 72 * 60);
        self.plan(at_ms, Task::Arrive(made.clone()));
        Some(made)
    }

    fn regret(&mut self, state: &mut State, moment: &mut Moment<'_>, truth: &mut Truth, id: &str) {
        let Some(order_id) = state.fulfillments.get(id).map(|fulfillment| fulfillment.order_id.clone()) else { return };
        let mut pen = Pen { now_ms: moment.now_ms, by: By::Merchant, ledger: moment.ledger };
        if state
            .change_fulfillment(&mut pen, id, |fulfillment| "cancelled".clone_into(&mut fulfillment.status))
            .is_err()
        {
            return;
        }
        for parcel in truth
            .parcels
            .iter_mut()
            .filter(|parcel| parcel.parcel_id == name(id) || parcel.parcel_id.starts_with(&format!("{}/", name(id))))
        {
            parcel.voided_at_ms = Some(moment.now_ms);
        }
        self.taken.insert(order_id.clone());
        let at_ms = moment.now_ms + self.pause(moment.rng, 10, 90);
        self.plan(at_ms, Task::Rest(order_id));
    }

    fn numbers(&mut self, rng: &mut SmallRng, packages: usize) -> Vec<Tracking> {
        let (carrier, stem) = CARRIERS[rng.random_range(0..CARRIERS.len())];
        (0..packages)
            .map(|_| {
                self.numbers_made += 1;
                let number = format!("{stem}{:04}{:08}", rng.random_range(0..10_000), self.numbers_made);
                Tracking { carrier: carrier.to_owned(), number }
            })
            .collect()
    }
}

/// A parcel's id with its kind in front.
fn name(fulfillment_id: &str) -> String {
    format!("fulfillment:{fulfillment_id}")
}

fn open(state: &State, id: &str) -> Vec<(String, i64)> {
    let lines = state.orders.get(id).into_iter().flat_map(|order| &order.lines);
    lines.filter(|line| line.open() > 0).map(|line| (line.id.clone(), line.open())).collect()
}
