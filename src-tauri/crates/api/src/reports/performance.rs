//! Performance: how much was sold and shipped, how fast, how punctual.

use super::cost::carrier;
use super::{Cell, Figure, Ground, Holds, Kind, Made, READ_MAX, Table, columns, figure, quantile, span_words};
use crate::desk::Room;
use crate::trouble::Answer;
use crate::zone;
use chrono::Datelike as _;
use quayside_model::{Cause, OrderId, Tone};
use quayside_store::{Departure, Listed, Sent, Sold};
use std::collections::BTreeMap;

pub(super) const KIND: Kind = Kind {
    code: "performance",
    title: "Performance",
    about: "What was sold and shipped, how fast and how punctual, by week, store, warehouse and carrier.",
    timed: true,
    detail: "orders",
    make,
};

fn make(room: &Room, ground: &Ground) -> Answer<Made> {
    let made = room.store.read(|r| {
        let sold = r.sold_between(ground.from_ms, ground.to_ms, READ_MAX)?;
        let left = r.departures(ground.from_ms, ground.to_ms, READ_MAX)?;
        let sent = r.sent_between(ground.from_ms, ground.to_ms, READ_MAX)?;
        let broke = r.findings_begun(ground.from_ms, ground.to_ms)?;
        Ok(of(&sold, &left, &sent, broke, ground))
    })?;
    Ok(made)
}

fn took_ms(left: &Departure) -> i64 {
    (left.left_at_ms - left.order.placed_at_ms).max(0)
}

/// How much too late it left; `None` if in time, or if there was no day to leave by.
fn late_ms(left: &Departure) -> Option<i64> {
    left.order.ship_by_ms.map(|ship_by_ms| left.left_at_ms - ship_by_ms).filter(|late_ms| *late_ms > 0)
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
    fn add(&mut self, left: &Departure) {
        self.took_ms.push(took_ms(left));
        self.promised += usize::from(left.order.ship_by_ms.is_some());
        self.late += usize::from(late_ms(left).is_some());
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

fn of(
    sold: &Listed<Sold>,
    left: &Listed<Departure>,
    sent: &Listed<Sent>,
    broke: Vec<(Cause, u64)>,
    ground: &Ground,
) -> Made {
    let (mut weeks, mut stores, mut hubs) =
        (BTreeMap::<String, Share>::new(), BTreeMap::<String, Share>::new(), BTreeMap::<String, Share>::new());
    let mut all = Share::default();
    let (mut units, mut dropped) = (0, 0);
    let mut worth = BTreeMap::new();
    for order in &sold.items {
        if order.dropped {
            dropped += 1;
        } else {
            units += order.units;
            *worth.entry(order.total.currency.clone()).or_insert(0) += order.total.minor;
        }
        weeks.entry(week(order.placed_at_ms, ground)).or_default().bought += 1;
        stores.entry(ground.name(&order.store)).or_default().bought += 1;
    }
    for one in &left.items {
        all.add(one);
        weeks.entry(week(one.left_at_ms, ground)).or_default().add(one);
        stores.entry(ground.name(&one.order.store)).or_default().add(one);
        hubs.entry(ground.name(&one.hub)).or_default().add(one);
    }
    let mut carriers = BTreeMap::<String, Carried>::new();
    let counts = |one: &&Sent| one.parcel.is_live() && !one.order.as_ref().is_some_and(|order| order.left_out);
    for one in sent.items.iter().filter(counts) {
        let carried = carriers.entry(carrier(&one.parcel)).or_default();
        carried.parcels += 1;
        if let Some(delivered_at_ms) = one.parcel.delivered_at_ms {
            // Not from the day it was shipped: hubs give its midnight.
            carried.transit_ms.push((delivered_at_ms - one.parcel.created_at_ms).max(0));
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
            "{}. An order counts as shipped once, when its first parcel was made known. Tests, and what Quayside leaves alone, do not count.",
            span_words(ground)
        ),
        cut: sold.cut || left.cut || sent.cut,
        figures: vec![
            figure(
                "Bought",
                Cell::count(sold.items.len()),
                if dropped > 0 { format!("{dropped} of them cancelled or not to ship") } else { String::new() },
            ),
            figure(
                "Worth",
                Cell::sums(&worth),
                if dropped > 0 { format!("{units} units, without those {dropped}") } else { format!("{units} units") },
            ),
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
            late_orders(left, ground),
            broken(broke),
            orders(sold, left, ground),
        ],
    }
}

fn shares(code: &str, title: &str, column: &str, shares: BTreeMap<String, Share>, bought: bool) -> Table {
    let mut labels = vec![(column, Holds::Text)];
    if bought {
        labels.push(("Bought", Holds::Count));
    }
    labels.extend([
        ("Shipped", Holds::Count),
        ("Time to ship", Holds::Hours),
        ("Slowest tenth", Holds::Hours),
        ("On time", Holds::Share),
    ]);
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
        words: "On the way: from the moment the hub made the parcel known until the carrier says that the buyer has it, where the hub tells of that."
            .into(),
        columns: columns(&[
            ("Carrier", Holds::Text),
            ("Parcels", Holds::Count),
            ("Known to have arrived", Holds::Count),
            ("On the way", Holds::Hours),
            ("Slowest tenth", Holds::Hours),
        ]),
        rows: rows.collect(),
    }
}

fn late_orders(left: &Listed<Departure>, ground: &Ground) -> Table {
    let mut late: Vec<(i64, &Departure)> = left.items.iter().filter_map(|one| Some((late_ms(one)?, one))).collect();
    late.sort_by_key(|(late_ms, _)| std::cmp::Reverse(*late_ms));
    let rows = late.into_iter().map(|(late_ms, one)| {
        vec![
            Cell::order(one.order.id, &one.order.number),
            Cell::text(ground.name(&one.order.store)),
            Cell::text(ground.name(&one.hub)),
            Cell::moment(one.order.ship_by_ms),
            Cell::Moment { at_ms: one.left_at_ms },
            Cell::hours(Some(late_ms)),
        ]
    });
    Table {
        code: "late".into(),
        title: "Left late".into(),
        words: String::new(),
        columns: columns(&[
            ("Order", Holds::Order),
            ("Store", Holds::Text),
            ("Account", Holds::Text),
            ("Ship by", Holds::Moment),
            ("Left", Holds::Moment),
            ("Late by", Holds::Hours),
        ]),
        rows: rows.collect(),
    }
}

fn broken(mut broke: Vec<(Cause, u64)>) -> Table {
    broke.sort_by_key(|(cause, count)| (std::cmp::Reverse(*count), cause.title()));
    let rows = broke.into_iter().map(|(cause, count)| vec![Cell::text(cause.title()), Cell::count(count as usize)]);
    Table {
        code: "exceptions".into(),
        title: "Exceptions by cause".into(),
        words: String::new(),
        columns: columns(&[("Cause", Holds::Text), ("New", Holds::Count)]),
        rows: rows.collect(),
    }
}

/// Every order behind the figures: bought in that time, shipped in it, or both; as they were bought.
fn orders(sold: &Listed<Sold>, left: &Listed<Departure>, ground: &Ground) -> Table {
    let mut all: BTreeMap<(i64, OrderId), (&Sold, Option<&Departure>)> =
        sold.items.iter().map(|order| ((order.placed_at_ms, order.id), (order, None))).collect();
    for one in &left.items {
        all.insert((one.order.placed_at_ms, one.order.id), (&one.order, Some(one)));
    }
    let rows = all.into_values().map(|(order, left)| {
        vec![
            Cell::order(order.id, &order.number),
            Cell::text(ground.name(&order.store)),
            Cell::Moment { at_ms: order.placed_at_ms },
            Cell::money(order.total.minor, &order.total.currency),
            Cell::Count { count: order.units },
            Cell::moment(order.ship_by_ms),
            Cell::moment(left.map(|left| left.left_at_ms)),
            Cell::hours(left.map(took_ms)),
            Cell::hours(left.and_then(late_ms)),
            left.map_or(Cell::Empty, |left| Cell::text(ground.name(&left.hub))),
            if order.dropped { Cell::text("cancelled or not to ship") } else { Cell::Empty },
        ]
    });
    Table {
        code: "orders".into(),
        title: "Orders".into(),
        words: "Bought or shipped in this time.".into(),
        columns: columns(&[
            ("Order", Holds::Order),
            ("Store", Holds::Text),
            ("Bought", Holds::Moment),
            ("Total", Holds::Money),
            ("Units", Holds::Count),
            ("Ship by", Holds::Moment),
            ("Left", Holds::Moment),
            ("Took", Holds::Hours),
            ("Late by", Holds::Hours),
            ("Account", Holds::Text),
            ("Note", Holds::Text),
        ]),
        rows: rows.collect(),
    }
}
