//! Numbers of a record that cannot be true. A platform that sends a quantity of nine trillion is misunderstood, or
//! broken; whoever adds such numbers up would overflow. The record is told as unreadable, and the list goes on.
//!
//! The bounds are far beyond trade and far below what an `i64` holds, so that sums of thousands of lines, and prices
//! times quantities of real orders, stay inside.

use quayside_model::money::MINOR_MAX;
use quayside_model::{HubOrder, Order, Parcel, Record, Return, Stock};

/// Units of one line, or in stock.
const UNITS_MAX: i64 = 1_000_000_000;
/// Price of a line times its units, minor units.
const WORTH_MAX: i128 = 1_000_000_000_000_000_000;
/// Milliseconds from 1970 to the end of the year 9999, either way.
const TIME_MAX_MS: i64 = 253_402_300_799_999;

/// What cannot be true of `record`, with the path of the field; `None` if everything can.
pub(crate) fn implausible(record: &Record) -> Option<String> {
    let mut doubt = Doubt(None);
    match record {
        Record::Order(order) => doubt.order(order),
        Record::HubOrder(order) => doubt.hub_order(order),
        Record::Parcel(parcel) => doubt.parcel(parcel),
        Record::Stock(stock) => doubt.stock(stock),
        Record::Product(product) => {
            doubt.amounts("price", product.price_minor);
            doubt.times("updatedAt", Some(product.updated_at_ms));
        }
        Record::Return(back) => doubt.back(back),
        Record::Track(tracked) => doubt.times("time of the tracking", tracked.track.at_ms),
    }
    doubt.0
}

/// The number people know a record by.
pub(crate) fn number(record: &Record) -> Option<String> {
    match record {
        Record::Order(order) => Some(order.number.clone()),
        Record::HubOrder(order) => Some(order.number.clone()),
        _ => None,
    }
}

/// The first thing that cannot be true.
struct Doubt(Option<String>);

impl Doubt {
    fn note(&mut self, path: &str, number: impl std::fmt::Display, what: &str) {
        self.0.get_or_insert_with(|| format!("{path}: {number} is no {what}"));
    }
    fn within(&mut self, path: &str, numbers: impl IntoIterator<Item = i64>, most: i64, what: &str) {
        if let Some(number) = numbers.into_iter().find(|number| !(-most..=most).contains(number)) {
            self.note(path, number, what);
        }
    }
    fn units(&mut self, path: &str, numbers: impl IntoIterator<Item = i64>) {
        self.within(path, numbers, UNITS_MAX, "quantity");
    }
    fn amounts(&mut self, path: &str, numbers: impl IntoIterator<Item = i64>) {
        self.within(path, numbers, MINOR_MAX, "amount");
    }
    fn times(&mut self, path: &str, numbers: impl IntoIterator<Item = i64>) {
        self.within(path, numbers, TIME_MAX_MS, "time");
    }

    fn order(&mut self, order: &Order) {
        self.times("times of the order", [order.placed_at_ms, order.updated_at_ms]);
        self.times(
            "times of the order",
            [order.cancelled_at_ms, order.closed_at_ms, order.ship_by_ms, order.deliver_by_ms].into_iter().flatten(),
        );
        self.amounts(
            "amounts of the order",
            [
                order.subtotal_minor,
                order.discount_minor,
                order.shipping_minor,
                order.tax_minor,
                order.total_minor,
                order.current_total_minor,
                order.refunded_minor.unwrap_or(0),
            ],
        );
        for line in &order.lines {
            let path = "quantity of a line";
            self.units(path, [line.quantity, line.current_quantity, line.unfulfilled_quantity]);
            let prices = [line.unit_price_minor, line.discounted_unit_price_minor, line.tax_minor];
            self.amounts("price of a line", prices);
            for price in prices {
                let worth = i128::from(price) * i128::from(line.quantity);
                if worth.abs() > WORTH_MAX {
                    self.note("price of a line times its quantity", worth, "amount");
                }
            }
        }
        for part in &order.fulfillment_orders {
            self.times("times of a part to ship", [part.fulfill_at_ms, part.fulfill_by_ms].into_iter().flatten());
            self.units(
                "quantity to ship",
                part.lines.iter().flat_map(|line| [line.total_quantity, line.remaining_quantity]),
            );
        }
        for fulfillment in &order.fulfillments {
            self.times("times of a fulfillment", [fulfillment.created_at_ms]);
            self.times("times of a fulfillment", fulfillment.delivered_at_ms);
            self.units("quantity shipped", fulfillment.lines.iter().map(|line| line.quantity));
        }
    }

    fn hub_order(&mut self, order: &HubOrder) {
        self.times("times of the order", [order.modified_at_ms]);
        self.times("end of the hold", order.hold_until_ms);
        self.units("quantity of a line", order.lines.iter().map(|line| line.quantity));
    }

    fn parcel(&mut self, parcel: &Parcel) {
        self.times("times of the parcel", [parcel.created_at_ms]);
        self.times(
            "times of the parcel",
            [parcel.shipped_at_ms, parcel.voided_at_ms, parcel.delivered_at_ms].into_iter().flatten(),
        );
        self.times("time of the tracking", parcel.track.as_ref().and_then(|track| track.at_ms));
        self.amounts("price of the label", parcel.cost_minor);
        self.units("quantity in the parcel", parcel.lines.iter().flatten().map(|line| line.quantity));
    }

    fn stock(&mut self, stock: &Stock) {
        self.times("updatedAt", [stock.updated_at_ms]);
        self.units("units in stock", [stock.available]);
        self.units("units in stock", stock.on_hand);
    }

    fn back(&mut self, back: &Return) {
        self.times("times of the return", [back.requested_at_ms, back.updated_at_ms]);
        self.times("times of the return", back.received_at_ms);
        self.units("quantity coming back", back.lines.iter().map(|line| line.quantity));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sells_is_not_believed() {
        let stock = |available: i64, updated_at_ms: i64| {
            implausible(&Record::Stock(Stock {
                remote_id: "1".into(),
                sku: "MUG".into(),
                item_id: "1".into(),
                location_id: None,
                location_name: String::new(),
                available,
                on_hand: None,
                updated_at_ms,
            }))
        };
        assert_eq!(stock(UNITS_MAX, TIME_MAX_MS), None);
        assert_eq!(stock(-UNITS_MAX, 0), None);
        assert_eq!(stock(i64::MIN, 0).as_deref(), Some("units in stock: -9223372036854775808 is no quantity"));
        assert_eq!(stock(1, i64::MAX).as_deref(), Some("updatedAt: 9223372036854775807 is no time"));
    }
}
