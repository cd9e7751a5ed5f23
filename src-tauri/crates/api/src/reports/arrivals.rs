//! Whether orders were with their buyers by the day that was promised, as far as anybody tells.

use super::{Cell, Figure, Holds, Table, columns};
use quayside_flows::{Policy, promise};
use quayside_model::{Order, OrderId, Parcel, Tone};
use quayside_store::{Departure, Listed, Reader, StoreError};
use std::collections::BTreeMap;

/// By when an order was to be with its buyer, and when all of it was.
pub(super) struct Arrival {
    /// ms UTC.
    pub by_ms: i64,
    /// ms UTC; `None`: nobody told of it, or not of all of it.
    pub at_ms: Option<i64>,
}

impl Arrival {
    /// How much too late it was; `None` if in time, or not known.
    pub fn late_ms(&self) -> Option<i64> {
        self.at_ms.map(|at_ms| at_ms - self.by_ms).filter(|late_ms| *late_ms > 0)
    }
}

/// Those of the orders that left and were promised by a day.
#[derive(Default)]
pub(super) struct Arrivals(BTreeMap<OrderId, Arrival>);

impl Arrivals {
    pub fn of(reader: &Reader<'_>, left: &Listed<Departure>, policy: &Policy) -> Result<Self, StoreError> {
        let mut all = Self::default();
        for one in &left.items {
            let Some(order) = reader.order_as_read(one.order.id)? else { continue };
            let Some(by_ms) = promise::promised_arrival_ms(&one.order.store, &order, policy) else { continue };
            let at_ms = arrived_ms(&order, &reader.parcels_of(one.order.id)?);
            all.0.insert(one.order.id, Arrival { by_ms, at_ms });
        }
        Ok(all)
    }

    pub fn get(&self, id: OrderId) -> Option<&Arrival> {
        self.0.get(&id)
    }
}

/// When the last of its parcels arrived, by the store's word or the carriers'. An order of which something has not left yet
/// has not arrived.
fn arrived_ms(order: &Order, parcels: &[Parcel]) -> Option<i64> {
    let told = |parcel: &Parcel| {
        let number = parcel.tracking_number.trim();
        let of_it = |known: &String| !number.is_empty() && known.trim().eq_ignore_ascii_case(number);
        let report = order.fulfillments.iter().find(|f| f.live && f.tracking_numbers.iter().any(of_it));
        report.and_then(|report| report.delivered_at_ms)
    };
    let by_parcel = || {
        let out = parcels.iter().filter(|parcel| parcel.is_live() && !parcel.is_return);
        let each: Option<Vec<i64>> = out.map(|parcel| parcel.delivered_at_ms.or_else(|| told(parcel))).collect();
        each?.into_iter().max()
    };
    order.delivered_ms().or_else(|| if order.is_fulfilled() { by_parcel() } else { None })
}

/// Orders that were promised by a day.
#[derive(Default)]
pub(super) struct Punctual {
    /// Known to have arrived.
    known: usize,
    /// Of these, too late.
    late: usize,
    /// Not known to have arrived.
    pub unknown: usize,
}

impl Punctual {
    pub fn add(&mut self, arrival: &Arrival) {
        self.known += usize::from(arrival.at_ms.is_some());
        self.unknown += usize::from(arrival.at_ms.is_none());
        self.late += usize::from(arrival.late_ms().is_some());
    }

    fn share(&self) -> Cell {
        Cell::share(self.known - self.late, self.known)
    }

    /// As a number of the report.
    pub fn figure(&self) -> Figure {
        let note = match self.known {
            0 => "no order with a promised day is known to have arrived".to_owned(),
            known => {
                format!("{} of {known} that were promised by a day and are known to have arrived", known - self.late)
            }
        };
        Figure {
            label: "Arrived by the promised day".into(),
            value: self.share(),
            note,
            tone: if self.late > 0 { Tone::Warning } else { Tone::Success },
            behind: None,
        }
    }
}

/// The same by store or carrier.
pub(super) fn table(code: &str, title: &str, column: &str, all: BTreeMap<String, Punctual>) -> Table {
    let rows = all.into_iter().map(|(name, one)| {
        vec![Cell::text(name), one.share(), Cell::count(one.known), Cell::count(one.late), Cell::count(one.unknown)]
    });
    Table {
        code: code.into(),
        title: title.into(),
        words: "Orders that left in this time and had a day by which they were to be there, by the store's word or its own promise; whole orders, with their last parcel. Where neither store nor carrier tells of the arrival, it is not known."
            .into(),
        columns: columns(&[
            (column, Holds::Text),
            ("Arrived in time", Holds::Share),
            ("Known to have arrived", Holds::Count),
            ("Too late", Holds::Count),
            ("Arrival not known", Holds::Count),
        ]),
        rows: rows.collect(),
    }
}
