//! Performance: how much was sold and shipped, how fast, how punctual.

use super::arrivals::{self, Arrival, Arrivals, Punctual};
use super::cost::{NAME_IT, carrier, no_currency, priced};
use super::{Cell, Figure, Ground, Holds, Kind, Made, READ_MAX, Table, columns, figure, quantile, span_words};
use crate::desk::Room;
use crate::trouble::Answer;
use crate::zone;
use chrono::Datelike as _;
use quayside_model::{Currency, OrderId, Tone};
use quayside_store::{Begun, Departure, Listed, Sent, Sold};
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
    let policy = room.policy()?;
    let made = room.store.read(|r| {
        let sold = r.sold_between(ground.from_ms, ground.to_ms, READ_MAX)?;
        let left = r.departures(ground.from_ms, ground.to_ms, READ_MAX)?;
        let sent = r.sent_between(ground.from_ms, ground.to_ms, READ_MAX)?;
        let broke = r.findings_begun(ground.from_ms, ground.to_ms, READ_MAX)?;
        let arrivals = Arrivals::of(r, &left, &policy)?;
        Ok(of(&sold, &left, &sent, &broke, &arrivals, ground))
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
    cost: Cost,
    /// Orders whose labels have a price, by its currency.
    priced: BTreeMap<Currency, i64>,
}

/// What the labels of one order, or of several, came to.
type Cost = BTreeMap<Currency, i64>;

impl Share {
    fn add(&mut self, left: &Departure, cost: Option<&Cost>) {
        for (currency, minor) in cost.into_iter().flatten() {
            *self.cost.entry(currency.clone()).or_default() += minor;
            *self.priced.entry(currency.clone()).or_default() += 1;
        }
        self.took_ms.push(took_ms(left));
        self.promised += usize::from(left.order.ship_by_ms.is_some());
        self.late += usize::from(late_ms(left).is_some());
    }
    /// What the labels of an order cost on average, of those whose labels have a price.
    fn each(&self) -> Cell {
        let each = |(currency, minor): (&Currency, &i64)| {
            let orders = self.priced.get(currency).copied().unwrap_or(1).max(1);
            (currency.clone(), minor.saturating_add(orders / 2).div_euclid(orders))
        };
        Cell::sums(&self.cost.iter().map(each).collect())
    }
    fn cells(&mut self) -> [Cell; 5] {
        self.took_ms.sort_unstable();
        [
            Cell::count(self.took_ms.len()),
            Cell::hours(quantile(&self.took_ms, 0.5)),
            Cell::hours(quantile(&self.took_ms, 0.9)),
            Cell::share(self.promised - self.late, self.promised),
            self.each(),
        ]
    }
}

/// A carrier's parcels.
#[derive(Default)]
struct Carried {
    parcels: usize,
    transit_ms: Vec<i64>,
    /// Orders whose first parcel went with it and that had a day to leave by.
    promised: usize,
    late: usize,
}

/// What parcels say of their orders.
#[derive(Default)]
struct Labels {
    /// The carrier of an order's first parcel.
    carriers: BTreeMap<OrderId, String>,
    costs: BTreeMap<OrderId, Cost>,
    /// One has a price, and nobody says of which currency.
    unnamed: bool,
}

impl Labels {
    /// Parcels that go out, oldest first. One of several orders stands with the oldest of them.
    fn of(sent: &Listed<Sent>, ground: &Ground) -> Self {
        let mut labels = Self::default();
        for one in sent.items.iter().filter(|one| one.parcel.is_live()) {
            let Some(order) = &one.order else { continue };
            labels.carriers.entry(order.id).or_insert_with(|| carrier(&one.parcel));
            if let (Some(minor), currency) = priced(one, ground) {
                labels.unnamed |= currency.is_none();
                let currency = currency.cloned().unwrap_or_else(no_currency);
                *labels.costs.entry(order.id).or_default().entry(currency).or_default() += minor;
            }
        }
        labels
    }
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
    broke: &Listed<Begun>,
    arrivals: &Arrivals,
    ground: &Ground,
) -> Made {
    let labels = Labels::of(sent, ground);
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
    let mut carriers = BTreeMap::<String, Carried>::new();
    let mut arrived = Punctual::default();
    let (mut arrived_stores, mut arrived_carriers) =
        (BTreeMap::<String, Punctual>::new(), BTreeMap::<String, Punctual>::new());
    for one in &left.items {
        if let Some(arrival) = arrivals.get(one.order.id) {
            arrived.add(arrival);
            arrived_stores.entry(ground.name(&one.order.store)).or_default().add(arrival);
            let carrier = labels.carriers.get(&one.order.id).map_or("no carrier named", String::as_str);
            arrived_carriers.entry(carrier.to_owned()).or_default().add(arrival);
        }
        let cost = labels.costs.get(&one.order.id);
        all.add(one, cost);
        weeks.entry(week(one.left_at_ms, ground)).or_default().add(one, cost);
        stores.entry(ground.name(&one.order.store)).or_default().add(one, cost);
        hubs.entry(ground.name(&one.hub)).or_default().add(one, cost);
        if let Some(name) = labels.carriers.get(&one.order.id) {
            let carried = carriers.entry(name.clone()).or_default();
            carried.promised += usize::from(one.order.ship_by_ms.is_some());
            carried.late += usize::from(late_ms(one).is_some());
        }
    }
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
    let [shipped, median, ninth, on_time, each] = all.cells();
    let orders_priced: i64 = all.priced.values().sum();
    let late = Figure {
        label: "On time".into(),
        value: on_time,
        note: if all.promised == 0 {
            "no order had a day to leave by".into()
        } else {
            format!("{punctual} of {} that had a day to leave by", all.promised)
        },
        tone: if all.late > 0 { Tone::Warning } else { Tone::Success },
        behind: None,
    };
    Made {
        words: format!(
            "{}. An order counts as shipped once, when its first parcel was made known. Tests, and what Quayside leaves alone, do not count.{}",
            span_words(ground),
            match all.cost.len() {
                _ if labels.unnamed => NAME_IT,
                0 | 1 => "",
                _ => " Labels were paid in several currencies; each stands by itself.",
            }
        ),
        cut: sold.cut || left.cut || sent.cut || broke.cut,
        figures: vec![
            figure(
                "Bought",
                Cell::count(sold.items.len()),
                if dropped > 0 { format!("{dropped} of them cancelled or not to ship") } else { String::new() },
            )
            .counting("orders", &["Week bought"], &[]),
            figure(
                "Worth",
                Cell::sums(&worth),
                if dropped > 0 { format!("{units} units, without those {dropped}") } else { format!("{units} units") },
            )
            .counting("orders", &["Week bought"], &["Note"]),
            figure("Shipped", shipped, "").counting("orders", &["Left"], &[]),
            figure("Time to ship", median, "half of the orders were faster").counting("orders", &["Left"], &[]),
            figure("Slowest tenth", ninth, "took longer than this").counting("orders", &["Left"], &[]),
            late.counting("orders", &["Left", "Ship by"], &["Late by"]),
            arrived.figure().counting("orders", &["Left", "Promised by", "Arrived"], &["Arrived late by"]),
            figure(
                "Arrival not known",
                Cell::count(arrived.unknown),
                "promised by a day, and nobody told of the arrival",
            )
            .counting("orders", &["Left", "Promised by"], &["Arrived"]),
            figure(
                "Cost per order",
                each,
                match orders_priced {
                    0 => "no label has a price".to_owned(),
                    n => format!("labels of {}", crate::words::count(n, "order", "orders")),
                },
            )
            .counting("orders", &["Left", "Postage"], &[]),
        ],
        tables: vec![
            shares("weeks", "By week", "Week", weeks, true),
            shares("stores", "By store", "Store", stores, true),
            shares("warehouses", "By shipping account", "Account", hubs, false),
            carried(carriers),
            arrivals::table("arrived_stores", "Arrived by the promised day, by store", "Store", arrived_stores),
            arrivals::table("arrived_carriers", "Arrived by the promised day, by carrier", "Carrier", arrived_carriers),
            late_orders(left, ground),
            broken(broke),
            broken_where(broke, left, ground),
            broken_one_by_one(broke, left, ground),
            orders(sold, left, &labels, arrivals, ground),
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
        ("Cost per order", Holds::Money),
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
            Cell::share(carried.promised - carried.late, carried.promised),
        ]
    });
    Table {
        code: "carriers".into(),
        title: "By carrier".into(),
        words: "On the way: from the moment the hub made the parcel known until the carrier says that the buyer has it, where the hub tells of that. On time: orders whose first parcel went with it and left by their day."
            .into(),
        columns: columns(&[
            ("Carrier", Holds::Text),
            ("Parcels", Holds::Count),
            ("Known to have arrived", Holds::Count),
            ("On the way", Holds::Hours),
            ("Slowest tenth", Holds::Hours),
            ("On time", Holds::Share),
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

fn broken(broke: &Listed<Begun>) -> Table {
    let mut counts = BTreeMap::<&str, usize>::new();
    for one in &broke.items {
        *counts.entry(one.cause.title()).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(title, count)| (std::cmp::Reverse(*count), *title));
    let rows = counts.into_iter().map(|(title, count)| vec![Cell::text(title), Cell::count(count)]);
    Table {
        code: "exceptions".into(),
        title: "Exceptions by cause".into(),
        words: String::new(),
        columns: columns(&[("Cause", Holds::Text), ("New", Holds::Count)]),
        rows: rows.collect(),
    }
}

/// Where an exception belongs: the store of its order (else the account itself), the shipping account, the week.
fn place(one: &Begun, hubs: &BTreeMap<OrderId, String>, ground: &Ground) -> [String; 3] {
    let account = one.connection.as_ref().map(|id| ground.name(id));
    let store = one.order.as_ref().map(|(_, _, store)| ground.name(store)).or_else(|| account.clone());
    let hub = one.order.as_ref().and_then(|(id, ..)| hubs.get(id).cloned());
    let hub = hub.or_else(|| account.filter(|account| store.as_ref() != Some(account)));
    [
        store.unwrap_or_else(|| "no store".to_owned()),
        hub.unwrap_or_else(|| "none so far".to_owned()),
        week(one.opened_at_ms, ground),
    ]
}

/// The shipping account of each order that left.
fn hubs_of(left: &Listed<Departure>, ground: &Ground) -> BTreeMap<OrderId, String> {
    left.items.iter().map(|one| (one.order.id, ground.name(&one.hub))).collect()
}

fn broken_where(broke: &Listed<Begun>, left: &Listed<Departure>, ground: &Ground) -> Table {
    let hubs = hubs_of(left, ground);
    let mut counts = BTreeMap::<(&str, [String; 3]), usize>::new();
    for one in &broke.items {
        *counts.entry((one.cause.title(), place(one, &hubs, ground))).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let rows = counts.into_iter().map(|((title, place), count)| {
        let mut row = vec![Cell::text(title)];
        row.extend(place.map(Cell::text));
        row.push(Cell::count(count));
        row
    });
    Table {
        code: "exceptions_where".into(),
        title: "Exceptions by cause, store, shipping account and week".into(),
        words: String::new(),
        columns: columns(&[
            ("Cause", Holds::Text),
            ("Store", Holds::Text),
            ("Account", Holds::Text),
            ("Week", Holds::Text),
            ("New", Holds::Count),
        ]),
        rows: rows.collect(),
    }
}

/// Every exception behind those counts.
fn broken_one_by_one(broke: &Listed<Begun>, left: &Listed<Departure>, ground: &Ground) -> Table {
    let hubs = hubs_of(left, ground);
    let rows = broke.items.iter().map(|one| {
        let mut row = vec![one.order.as_ref().map_or(Cell::Empty, |(id, number, _)| Cell::order(*id, number))];
        row.push(Cell::text(one.cause.title()));
        row.extend(place(one, &hubs, ground).map(Cell::text));
        row.push(Cell::Moment { at_ms: one.opened_at_ms });
        row
    });
    Table {
        code: "begun".into(),
        title: "Exceptions one by one".into(),
        words: String::new(),
        columns: columns(&[
            ("Order", Holds::Order),
            ("Cause", Holds::Text),
            ("Store", Holds::Text),
            ("Account", Holds::Text),
            ("Week", Holds::Text),
            ("Began", Holds::Moment),
        ]),
        rows: rows.collect(),
    }
}

/// Every order behind the figures: bought in that time, shipped in it, or both; as they were bought.
fn orders(
    sold: &Listed<Sold>,
    left: &Listed<Departure>,
    labels: &Labels,
    arrivals: &Arrivals,
    ground: &Ground,
) -> Table {
    let mut all: BTreeMap<(i64, OrderId), (&Sold, Option<&Departure>)> =
        sold.items.iter().map(|order| ((order.placed_at_ms, order.id), (order, None))).collect();
    for one in &left.items {
        all.insert((one.order.placed_at_ms, one.order.id), (&one.order, Some(one)));
    }
    let was_bought = |order: &Sold| (ground.from_ms..ground.to_ms).contains(&order.placed_at_ms);
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
            labels.carriers.get(&order.id).filter(|_| left.is_some()).map_or(Cell::Empty, Cell::text),
            labels.costs.get(&order.id).map_or(Cell::Empty, Cell::sums),
            Cell::moment(arrivals.get(order.id).map(|arrival| arrival.by_ms)),
            Cell::moment(arrivals.get(order.id).and_then(|arrival| arrival.at_ms)),
            Cell::hours(arrivals.get(order.id).and_then(Arrival::late_ms)),
            if was_bought(order) { Cell::text(week(order.placed_at_ms, ground)) } else { Cell::Empty },
            left.map_or(Cell::Empty, |left| Cell::text(week(left.left_at_ms, ground))),
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
            ("Carrier", Holds::Text),
            ("Postage", Holds::Money),
            ("Promised by", Holds::Moment),
            ("Arrived", Holds::Moment),
            ("Arrived late by", Holds::Hours),
            ("Week bought", Holds::Text),
            ("Week left", Holds::Text),
            ("Note", Holds::Text),
        ]),
        rows: rows.collect(),
    }
}
