//! Performance: how much was sold and shipped, how fast, how punctual.

use super::cost::{PARCELS_MAX, carrier, cut_words};
use super::{Cell, Figure, Ground, Made, Table, columns, figure, quantile, span_words};
use crate::desk::{Desk, Room};
use crate::trouble::Answer;
use crate::zone;
use chrono::Datelike as _;
use quayside_model::{Cause, OrderId, Tone};
use quayside_store::{Listed, Sent, Sold};
use std::collections::{BTreeMap, BTreeSet};

/// Orders a report reads at most.
const ORDERS_MAX: usize = 500_000;
/// Late orders that are listed.
const LATE_MAX: usize = 5_000;

pub(super) fn make(_desk: &Desk, room: &Room, ground: &Ground) -> Answer<Made> {
    let made = room.store.read(|r| {
        let sold = r.sold_between(ground.from_ms, ground.to_ms, ORDERS_MAX)?;
        let sent = r.sent_between(ground.from_ms, ground.to_ms, PARCELS_MAX)?;
        let mut broke = Vec::new();
        for cause in Cause::ALL.iter().copied() {
            let episodes = r.findings_since(Some(cause), ground.from_ms)?;
            let count =
                episodes.iter().filter(|one| (ground.from_ms..ground.to_ms).contains(&one.opened_at_ms)).count();
            if count > 0 {
                broke.push((cause, count));
            }
        }
        Ok(of(&sold, &sent, broke, ground))
    })?;
    Ok(made)
}

/// What left: an order, with its first parcel of the time.
struct Left<'a> {
    order: &'a Sold,
    hub: String,
    at_ms: i64,
}

impl Left<'_> {
    fn took_ms(&self) -> i64 {
        (self.at_ms - self.order.placed_at_ms).max(0)
    }
    fn is_late(&self) -> bool {
        self.order.ship_by_ms.is_some_and(|ship_by_ms| self.at_ms > ship_by_ms)
    }
}

/// Orders of one week, store or warehouse.
#[derive(Default)]
struct Share {
    bought: usize,
    took_ms: Vec<i64>,
    promised: usize,
    late: usize,
}

impl Share {
    fn add(&mut self, left: &Left<'_>) {
        self.took_ms.push(left.took_ms());
        self.promised += usize::from(left.order.ship_by_ms.is_some());
        self.late += usize::from(left.is_late());
    }
    fn cells(&mut self) -> [Cell; 4] {
        self.took_ms.sort_unstable();
        [
            Cell::count(self.took_ms.len()),
            Cell::hours(quantile(&self.took_ms, 0.5)),
            Cell::hours(quantile(&self.took_ms, 0.9)),
            Cell::share(self.promised - self.late, self.promised),
        ]
    }
}

/// A carrier's parcels.
#[derive(Default)]
struct Carried {
    parcels: usize,
    transit_ms: Vec<i64>,
}

fn week(at_ms: i64, ground: &Ground) -> String {
    let day = zone::local(at_ms, ground.zone).date_naive();
    let monday = day - chrono::Days::new(u64::from(day.weekday().num_days_from_monday()));
    format!("from {monday}")
}

fn of(sold: &Listed<Sold>, sent: &Listed<Sent>, mut broke: Vec<(Cause, usize)>, ground: &Ground) -> Made {
    let mut seen: BTreeSet<OrderId> = BTreeSet::new();
    let outgoing = || sent.items.iter().filter(|one| one.parcel.voided_at_ms.is_none() && !one.parcel.is_return);
    let mut left: Vec<Left<'_>> = Vec::new();
    for one in outgoing() {
        // They come oldest first.
        if let Some(order) = one.order.as_ref().filter(|order| seen.insert(order.id)) {
            left.push(Left { order, hub: ground.name(&one.hub), at_ms: one.parcel.created_at_ms });
        }
    }
    let (mut weeks, mut stores, mut hubs) =
        (BTreeMap::<String, Share>::new(), BTreeMap::<String, Share>::new(), BTreeMap::<String, Share>::new());
    let mut all = Share::default();
    let (mut units, mut dropped) = (0, 0);
    let mut worth = BTreeMap::new();
    for order in &sold.items {
        dropped += usize::from(order.dropped);
        units += order.units;
        *worth.entry(order.total.currency.clone()).or_insert(0) += order.total.minor;
        weeks.entry(week(order.placed_at_ms, ground)).or_default().bought += 1;
        stores.entry(ground.name(&order.store)).or_default().bought += 1;
    }
    for one in &left {
        all.add(one);
        weeks.entry(week(one.at_ms, ground)).or_default().add(one);
        stores.entry(ground.name(&one.order.store)).or_default().add(one);
        hubs.entry(one.hub.clone()).or_default().add(one);
    }
    let mut carriers = BTreeMap::<String, Carried>::new();
    for one in outgoing() {
        let carried = carriers.entry(carrier(&one.parcel)).or_default();
        carried.parcels += 1;
        if let Some(delivered_at_ms) = one.parcel.delivered_at_ms {
            let from_ms = one.parcel.shipped_at_ms.unwrap_or(one.parcel.created_at_ms);
            carried.transit_ms.push((delivered_at_ms - from_ms).max(0));
        }
    }
    let punctual = all.promised - all.late;
    let [shipped, median, ninth, on_time] = all.cells();
    let late = Figure {
        label: "On time".into(),
        value: on_time,
        note: if all.promised == 0 {
            "no order had a day to leave by".into()
        } else {
            format!("{punctual} of {} that had a day to leave by", all.promised)
        },
        tone: if all.late > 0 { Tone::Warning } else { Tone::Success },
    };
    Made {
        words: format!(
            "{}. An order counts as shipped when its first parcel of that time was made known.{}",
            span_words(ground),
            cut_words(sold.cut || sent.cut)
        ),
        figures: vec![
            figure(
                "Bought",
                Cell::count(sold.items.len()),
                if dropped > 0 { format!("{dropped} of them cancelled or not to ship") } else { String::new() },
            ),
            figure("Worth", Cell::sums(&worth), format!("{units} units")),
            figure("Shipped", shipped, ""),
            figure("Time to ship", median, "half of the orders were faster"),
            figure("Slowest tenth", ninth, "took longer than this"),
            late,
        ],
        tables: vec![
            shares("weeks", "By week", "Week", weeks, true),
            shares("stores", "By store", "Store", stores, true),
            shares("warehouses", "By shipping account", "Account", hubs, false),
            carried(carriers),
            late_orders(&left, ground),
            broken(&mut broke),
        ],
    }
}

fn shares(code: &str, title: &str, column: &str, shares: BTreeMap<String, Share>, bought: bool) -> Table {
    let mut labels = vec![(column, false)];
    if bought {
        labels.push(("Bought", true));
    }
    labels.extend([("Shipped", true), ("Time to ship", true), ("Slowest tenth", true), ("On time", true)]);
    let rows = shares.into_iter().map(|(name, mut share)| {
        let mut row = vec![Cell::text(name)];
        if bought {
            row.push(Cell::count(share.bought));
        }
        row.extend(share.cells());
        row
    });
    Table {
        code: code.into(),
        title: title.into(),
        words: String::new(),
        columns: columns(&labels),
        rows: rows.collect(),
    }
}

fn carried(carriers: BTreeMap<String, Carried>) -> Table {
    let mut carriers: Vec<_> = carriers.into_iter().collect();
    carriers.sort_by_key(|(name, carried)| (std::cmp::Reverse(carried.parcels), name.clone()));
    let rows = carriers.into_iter().map(|(name, mut carried)| {
        carried.transit_ms.sort_unstable();
        vec![
            Cell::text(name),
            Cell::count(carried.parcels),
            Cell::count(carried.transit_ms.len()),
            Cell::hours(quantile(&carried.transit_ms, 0.5)),
            Cell::hours(quantile(&carried.transit_ms, 0.9)),
        ]
    });
    Table {
        code: "carriers".into(),
        title: "By carrier".into(),
        words: "On the way: from the label until the carrier says that the buyer has it, where the hub tells of that."
            .into(),
        columns: columns(&[
            ("Carrier", false),
            ("Parcels", true),
            ("Known to have arrived", true),
            ("On the way", true),
            ("Slowest tenth", true),
        ]),
        rows: rows.collect(),
    }
}

fn late_orders(left: &[Left<'_>], ground: &Ground) -> Table {
    let mut late: Vec<&Left<'_>> = left.iter().filter(|one| one.is_late()).collect();
    late.sort_by_key(|one| std::cmp::Reverse(one.at_ms - one.order.ship_by_ms.unwrap_or(one.at_ms)));
    let total = late.len();
    late.truncate(LATE_MAX);
    let rows = late.into_iter().map(|one| {
        let ship_by_ms = one.order.ship_by_ms.unwrap_or(one.at_ms);
        vec![
            Cell::Order { id: one.order.id, number: one.order.number.clone() },
            Cell::text(ground.name(&one.order.store)),
            Cell::text(&one.hub),
            Cell::Moment { at_ms: ship_by_ms },
            Cell::Moment { at_ms: one.at_ms },
            Cell::hours(Some(one.at_ms - ship_by_ms)),
        ]
    });
    Table {
        code: "late".into(),
        title: "Left late".into(),
        words: if total > LATE_MAX { format!("The latest {LATE_MAX} of {total}.") } else { String::new() },
        columns: columns(&[
            ("Order", false),
            ("Store", false),
            ("Account", false),
            ("Ship by", false),
            ("Left", false),
            ("Late by", true),
        ]),
        rows: rows.collect(),
    }
}

fn broken(broke: &mut [(Cause, usize)]) -> Table {
    broke.sort_by_key(|(cause, count)| (std::cmp::Reverse(*count), cause.title()));
    Table {
        code: "exceptions".into(),
        title: "Exceptions by cause".into(),
        words: String::new(),
        columns: columns(&[("Cause", false), ("New", true)]),
        rows: broke.iter().map(|(cause, count)| vec![Cell::text(cause.title()), Cell::count(*count)]).collect(),
    }
}
