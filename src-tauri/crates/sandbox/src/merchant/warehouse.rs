//! The warehouse: people who pack what waits at the hub, and the carriers who
//! take the parcels away.
//!
//! They pack in the hours of their zone, buy a label per parcel, sometimes in two
//! parcels, sometimes only what is on the shelf; they split and merge orders, mark
//! some as shipped by hand, buy the wrong label and void it, hold an order until
//! tomorrow, cancel one without telling the shop, and put orders of their own into
//! the hub. What is on hold, cancelled or shipped by somebody else they leave
//! alone. Carriers scan, delay, lose and deliver what was handed to them.
//!
//! Every parcel, whoever bought its label, is written to [`Truth::parcels`].
//!
//! Left out on purpose: stock. A line is back-ordered because chance says so.
//!
//! [`Truth::parcels`]: super::Truth

mod hours;
mod journeys;
mod packing;

use super::truth::{ParcelTruth, ParcelTruthLine};
use super::{Actor, Scene};
use crate::ledger::By;
use crate::shipstation::state::{Item, Order, Parcel, Pen, State, Status};
use hours::Hours;
use journeys::Journey;
use rand::Rng;
use rand::rngs::SmallRng;
use std::collections::{BTreeMap, BTreeSet};

/// How often somebody looks at the list of orders, ms.
const LOOK_MS: i64 = 60_000;

/// How fast everything goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// From the moment an order can be packed until it is, ms, from and to.
    pub wait_ms: (i64, i64),
    /// Between two parcels, ms.
    pub parcel_ms: i64,
    /// From buying a wrong label to noticing, ms, from and to.
    pub regret_ms: (i64, i64),
    /// Until back-ordered lines are there, ms, from and to.
    pub back_order_ms: (i64, i64),
    /// From the label to the carrier's first scan, ms, from and to.
    pub pickup_ms: (i64, i64),
    /// What a carrier's day takes, ms.
    pub carrier_day_ms: i64,
    /// Packs at night and on Sundays too.
    pub never_closes: bool,
}

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

impl Pace {
    /// As in life.
    pub const USUAL: Self = Self {
        wait_ms: (20 * MINUTE_MS, 180 * MINUTE_MS),
        parcel_ms: 25_000,
        regret_ms: (10 * MINUTE_MS, 90 * MINUTE_MS),
        back_order_ms: (20 * HOUR_MS, 60 * HOUR_MS),
        pickup_ms: (2 * HOUR_MS, 8 * HOUR_MS),
        carrier_day_ms: 24 * HOUR_MS,
        never_closes: false,
    };
    /// For somebody who watches: minutes instead of hours.
    pub const HURRIED: Self = Self {
        wait_ms: (40_000, 240_000),
        parcel_ms: 4_000,
        regret_ms: (90_000, 300_000),
        back_order_ms: (5 * MINUTE_MS, 15 * MINUTE_MS),
        pickup_ms: (4 * MINUTE_MS, 12 * MINUTE_MS),
        carrier_day_ms: 25 * MINUTE_MS,
        never_closes: true,
    };
}

/// Something somebody will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Task {
    /// Look at the list of orders.
    Look,
    /// Pack an order as chance has it.
    Pack(i64),
    /// Pack what is left of an order, plainly.
    Rest(i64),
    /// Notice that a label is wrong.
    Regret(i64),
    /// A carrier scans a label: which step of its journey.
    Scan(i64, usize),
    /// A parcel without our label arrives.
    Arrive(i64),
    /// Do something at the hub that no shop knows of.
    OwnOrder,
}

/// The warehouse and the carriers.
pub struct Warehouse {
    trouble: f64,
    pace: Pace,
    agenda: BTreeSet<(i64, u64, Task)>,
    tasks_made: u64,
    /// Orders somebody has already taken from the list.
    taken: BTreeSet<i64>,
    /// Orders whose goods are not there before a moment, ms UTC.
    not_before: BTreeMap<i64, i64>,
    /// Orders with which something already went wrong: once is enough.
    troubled: BTreeSet<i64>,
    /// Times at which the packing table is taken, in steps of [`Pace::parcel_ms`].
    table: BTreeSet<i64>,
    journeys: BTreeMap<i64, Journey>,
    /// Newest label and marked-as-shipped record that are in the truth.
    recorded: (i64, i64),
    /// Where a parcel stands in the truth, by its id.
    place: BTreeMap<String, usize>,
    own_orders: u32,
}

impl Warehouse {
    /// Opens at `start_ms` (ms UTC); `trouble` is the share of orders, 0 to 1, with which something unusual happens.
    pub fn new(start_ms: i64, trouble: f64) -> Self {
        Self::with_pace(start_ms, trouble, Pace::USUAL)
    }

    /// The same at another pace.
    pub fn with_pace(start_ms: i64, trouble: f64, pace: Pace) -> Self {
        let mut warehouse = Self {
            trouble: trouble.clamp(0.0, 1.0),
            pace,
            agenda: BTreeSet::new(),
            tasks_made: 0,
            taken: BTreeSet::new(),
            not_before: BTreeMap::new(),
            troubled: BTreeSet::new(),
            table: BTreeSet::new(),
            journeys: BTreeMap::new(),
            recorded: (0, 0),
            place: BTreeMap::new(),
            own_orders: 0,
        };
        warehouse.plan(start_ms, Task::Look);
        if trouble > 0.0 {
            warehouse.plan(start_ms + pace.wait_ms.1, Task::OwnOrder);
        }
        warehouse
    }

    fn plan(&mut self, at_ms: i64, task: Task) {
        self.tasks_made += 1;
        self.agenda.insert((at_ms, self.tasks_made, task));
    }

    fn hours(&self, hub: &State) -> Hours {
        if self.pace.never_closes { Hours::always() } else { Hours::in_zone(&hub.plan.time_zone) }
    }

    fn do_it(&mut self, desk: &mut Desk<'_>, task: Task) {
        match task {
            Task::Look => {
                self.look(desk);
                self.plan(desk.now_ms + LOOK_MS, Task::Look);
            }
            Task::Pack(id) => self.pack(desk, id),
            Task::Rest(id) => self.pack_rest(desk, id),
            Task::Regret(label) => self.regret(desk, label),
            Task::Scan(label, step) => self.scan(desk, label, step),
            Task::Arrive(id) => {
                if desk.hub.delivered(id, desk.now_ms).is_ok() {
                    self.note_parcel(desk, &format!("external:{id}"), |parcel, now_ms| {
                        parcel.delivered_at_ms = Some(now_ms);
                    });
                }
            }
            Task::OwnOrder => self.own_business(desk),
        }
    }

    /// Takes from the list what can be packed, and lets holds end whose day has come.
    fn look(&mut self, desk: &mut Desk<'_>) {
        desk.hub.settle(desk.now_ms, desk.ledger);
        let hours = self.hours(desk.hub);
        for id in desk.hub.take_touched() {
            self.see_voids(desk, id);
            if self.taken.contains(&id) || !desk.hub.order(id).is_some_and(can_be_packed) {
                continue;
            }
            let wait = draw(desk.rng, self.pace.wait_ms);
            let there = self.not_before.get(&id).copied().unwrap_or(i64::MIN);
            let due = self.book_table(hours, desk.now_ms, (desk.now_ms + wait).max(there));
            self.taken.insert(id);
            self.plan(due, Task::Pack(id));
        }
    }

    /// The first time from `at_ms` on at which somebody is there and the packing table is free.
    fn book_table(&mut self, hours: Hours, now_ms: i64, at_ms: i64) -> i64 {
        let step = self.pace.parcel_ms.max(1);
        self.table = self.table.split_off(&now_ms.div_euclid(step));
        let mut slot = hours.open_from(at_ms).div_euclid(step);
        while !self.table.insert(slot) {
            slot = hours.open_from((slot + 1) * step).div_euclid(step).max(slot + 1);
        }
        (slot * step).max(now_ms + 1)
    }

    /// Writes parcels to the truth that are not in it yet, whoever made them, and sends carriers for them.
    fn record(&mut self, desk: &mut Desk<'_>) {
        let (last_label, last_external) = self.recorded;
        let new: Vec<i64> = desk.hub.labels.range(last_label + 1..).map(|(id, _)| *id).collect();
        for id in new {
            self.recorded.0 = id;
            let Some(label) = desk.hub.labels.get(&id).filter(|label| !label.is_return && label.order_id.is_some())
            else {
                continue;
            };
            let parcel = truth_of(desk.hub, &format!("label:{id}"), &label.items, &label.order_key);
            let parcel = ParcelTruth {
                tracking: label.tracking_number.clone(),
                carrier: label.carrier_code.clone(),
                at_ms: label.created_ms,
                voided_at_ms: label.voided_ms,
                ..parcel
            };
            self.place.insert(parcel.parcel_id.clone(), desk.truth.parcels.len());
            desk.truth.parcels.push(parcel);
            let journey = Journey::draw(label, &self.pace, self.trouble, desk.rng);
            if let Some(first) = journey.steps.first() {
                self.plan(first.at_ms, Task::Scan(id, 0));
            }
            self.journeys.insert(id, journey);
        }
        let new: Vec<i64> = desk.hub.fulfillments.range(last_external + 1..).map(|(id, _)| *id).collect();
        for id in new {
            self.recorded.1 = id;
            let Some(record) = desk.hub.fulfillments.get(&id) else { continue };
            let parcel = truth_of(desk.hub, &format!("external:{id}"), &record.items, &record.order_key);
            let parcel = ParcelTruth {
                tracking: record.tracking_number.clone(),
                carrier: record.carrier_code.clone(),
                at_ms: record.created_ms,
                voided_at_ms: record.voided_ms,
                ..parcel
            };
            self.place.insert(parcel.parcel_id.clone(), desk.truth.parcels.len());
            desk.truth.parcels.push(parcel);
            let days = desk.rng.random_range(1..=4);
            self.plan(desk.now_ms + days * self.pace.carrier_day_ms, Task::Arrive(id));
        }
    }

    /// Labels of an order may have been voided by anybody.
    fn see_voids(&mut self, desk: &mut Desk<'_>, order_id: i64) {
        let labels = desk.hub.parcels_of(order_id).iter().filter_map(|parcel| match parcel {
            Parcel::Label(id) => desk.hub.labels.get(id),
            Parcel::Fulfillment(_) => None,
        });
        let voided: Vec<(String, i64)> =
            labels.filter_map(|label| Some((format!("label:{}", label.id), label.voided_ms?))).collect();
        for (parcel_id, at_ms) in voided {
            self.note_parcel(desk, &parcel_id, |parcel, _| parcel.voided_at_ms = Some(at_ms));
        }
    }

    fn note_parcel(&self, desk: &mut Desk<'_>, parcel_id: &str, note: impl FnOnce(&mut ParcelTruth, i64)) {
        let place = self.place.get(parcel_id).copied();
        if let Some(parcel) = place.and_then(|place| desk.truth.parcels.get_mut(place)) {
            note(parcel, desk.now_ms);
        }
    }
}

impl Actor for Warehouse {
    fn name(&self) -> &'static str {
        "warehouse"
    }

    fn next_ms(&self) -> Option<i64> {
        self.agenda.first().map(|(at_ms, _, _)| *at_ms)
    }

    fn act(&mut self, scene: &mut Scene<'_>) {
        let now_ms = scene.now_ms;
        let Some(hub) = scene.hubs.first_mut() else {
            self.agenda.clear();
            return;
        };
        let mut desk = Desk { now_ms, hub: &mut hub.state, rng: scene.rng, ledger: scene.ledger, truth: scene.truth };
        while let Some((at_ms, _, _)) = self.agenda.first() {
            if *at_ms > now_ms {
                break;
            }
            let Some((_, _, task)) = self.agenda.pop_first() else { break };
            self.do_it(&mut desk, task);
            self.record(&mut desk);
        }
    }
}

/// What the people at the packing table have in their hands.
struct Desk<'a> {
    now_ms: i64,
    hub: &'a mut State,
    rng: &'a mut SmallRng,
    ledger: &'a mut crate::Ledger,
    truth: &'a mut super::Truth,
}

impl Desk<'_> {
    /// The account, and the pen of somebody who works there.
    fn writing(&mut self) -> (&mut State, Pen<'_>) {
        (self.hub, Pen { now_ms: self.now_ms, by: By::Merchant, ledger: self.ledger })
    }
}

/// It waits for shipment here, and there is something to pack.
fn can_be_packed(order: &Order) -> bool {
    let goods = order.body.items.iter().any(|item| !item.adjustment && item.quantity > 0);
    order.body.status == Status::AwaitingShipment && order.external_by.is_none() && goods
}

fn draw(rng: &mut SmallRng, (from, to): (i64, i64)) -> i64 {
    rng.random_range(from..=to.max(from))
}

fn truth_of(hub: &State, parcel_id: &str, items: &[Item], order_key: &str) -> ParcelTruth {
    let line = |item: &Item| ParcelTruthLine {
        order_key: item.origin_key.clone(),
        line_key: Some(item.line_key.clone()).filter(|key| !key.is_empty()),
        sku: item.sku.clone(),
        quantity: item.quantity,
    };
    let lines: Vec<ParcelTruthLine> = items.iter().map(line).collect();
    let keys: BTreeSet<String> = lines.iter().map(|line| line.order_key.clone()).collect();
    let keys = if keys.is_empty() { vec![order_key.to_owned()] } else { keys.into_iter().collect() };
    ParcelTruth {
        account: hub.plan.account.clone(),
        parcel_id: parcel_id.to_owned(),
        order_keys: keys,
        lines,
        tracking: String::new(),
        carrier: String::new(),
        at_ms: 0,
        voided_at_ms: None,
        delivered_at_ms: None,
        lost_at_ms: None,
    }
}

#[cfg(test)]
#[path = "warehouse/tests.rs"]
mod tests;
