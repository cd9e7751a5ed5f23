//! At the packing table: what becomes of an order somebody has taken from the list.

use super::{Desk, Task, Warehouse, can_be_packed, draw};
use crate::shipstation::carriers::{self, Carrier, Service};
use crate::shipstation::pacific::{DAY_MS, Wall};
use crate::shipstation::state::labels::{Purchase, Voided};
use crate::shipstation::state::{Address, Body, Item, Order, Status, Weight};
use rand::Rng;
use rand::rngs::SmallRng;

/// What somebody decides to do with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// One parcel.
    Plain,
    /// Two parcels, minutes apart.
    TwoParcels,
    /// Carried to the carrier's counter; marked as shipped by hand.
    ByHand,
    /// What is on the shelf now, the rest when it comes: one order, two labels.
    BackOrder,
    /// The same, with an order of its own for the rest.
    SplitOff,
    /// Packed together with another order to the same address.
    Merge,
    /// A label that turns out to be wrong.
    WrongLabel,
    /// Put aside until another day.
    Hold,
    /// Cancelled without telling the shop.
    Cancel,
}

impl Warehouse {
    fn draw_fate(&mut self, desk: &mut Desk<'_>, id: i64) -> Fate {
        let trouble = desk.rng.random_bool(self.trouble) && self.troubled.insert(id);
        if trouble {
            return match desk.rng.random_range(0..100) {
                0..20 => Fate::BackOrder,
                20..40 => Fate::SplitOff,
                40..52 => Fate::Merge,
                52..76 => Fate::WrongLabel,
                76..92 => Fate::Hold,
                _ => Fate::Cancel,
            };
        }
        match desk.rng.random_range(0..100) {
            0..5 => Fate::TwoParcels,
            5..9 => Fate::ByHand,
            _ => Fate::Plain,
        }
    }

    /// Packs an order as chance has it, if it still may be packed.
    pub(super) fn pack(&mut self, desk: &mut Desk<'_>, id: i64) {
        self.taken.remove(&id);
        let Some(order) = desk.hub.order(id).filter(|order| can_be_packed(order)).cloned() else { return };
        let left = desk.hub.outstanding(&order);
        // Everything is in a parcel already (the client took the missing rest out of the order), or there is no place
        // to send it to: it lies there until somebody mends it.
        if left.is_empty() || order.body.ship_to.missing().is_some() {
            return;
        }
        let units: i64 = left.iter().map(|(_, units)| units).sum();
        let began = desk.hub.has_living_parcel(id);
        match self.draw_fate(desk, id) {
            Fate::TwoParcels if units > 1 => {
                let first = some_of(desk.rng, &left);
                if buy(desk, &order, Some(first)).is_some() {
                    self.later(id, desk.now_ms + draw(desk.rng, (60_000, 180_000)));
                }
            }
            Fate::BackOrder if units > 1 => {
                let on_the_shelf = some_of(desk.rng, &left);
                if buy(desk, &order, Some(on_the_shelf)).is_some() {
                    let comes = desk.now_ms + draw(desk.rng, self.pace.back_order_ms);
                    self.later(id, self.hours(desk.hub).open_from(comes));
                }
            }
            Fate::SplitOff if units > 1 && !began => {
                let rest = some_of(desk.rng, &left);
                let comes = desk.now_ms + draw(desk.rng, self.pace.back_order_ms);
                let (state, mut pen) = desk.writing();
                if let Ok(child) = state.split(&mut pen, id, &rest) {
                    self.not_before.insert(child, comes);
                    self.troubled.insert(child);
                }
                // Somebody else may have looked at the order meanwhile: read it again.
                if let Some(order) = desk.hub.order(id).cloned() {
                    buy(desk, &order, None);
                }
            }
            Fate::Merge if !began => {
                let others = neighbours(desk, &order);
                if !others.is_empty() {
                    let (state, mut pen) = desk.writing();
                    // An order whose label was just bought cannot be merged; then each goes alone.
                    let _ = state.merge(&mut pen, id, &others);
                }
                if let Some(order) = desk.hub.order(id).cloned() {
                    buy(desk, &order, None);
                }
            }
            Fate::ByHand if !began => {
                let (carrier, _) = choose(desk.rng, &order);
                let number = carrier.tracking_number(desk.rng);
                let (state, mut pen) = desk.writing();
                // Refused only for an order that may not be packed; that was looked at.
                let _ = state.mark_shipped(&mut pen, id, carrier.code, &number, None, false);
            }
            Fate::Hold => {
                let days = desk.rng.random_range(1..=2);
                let until = Wall(Wall::of(desk.now_ms).0 + days * DAY_MS);
                let (state, mut pen) = desk.writing();
                let _ = state.hold(&mut pen, id, until, "somebody wants to look at it again");
            }
            Fate::Cancel if !began => {
                let (state, mut pen) = desk.writing();
                let _ = state.cancel(&mut pen, id, "the last piece is broken");
            }
            Fate::WrongLabel => {
                if let Some(label) = buy(desk, &order, None) {
                    self.plan(desk.now_ms + draw(desk.rng, self.pace.regret_ms), Task::Regret(label));
                }
            }
            _ => {
                buy(desk, &order, None);
            }
        }
    }

    /// Packs what is left of an order, plainly.
    pub(super) fn pack_rest(&mut self, desk: &mut Desk<'_>, id: i64) {
        self.taken.remove(&id);
        let Some(order) = desk.hub.order(id).cloned() else { return };
        let reopened = can_be_packed(&order);
        // Where a void does not reopen an order, people ship it again all the same.
        let shipped_without = order.body.status == Status::Shipped && !desk.hub.has_living_parcel(id);
        if (reopened || shipped_without) && !desk.hub.outstanding(&order).is_empty() {
            buy(desk, &order, None);
        }
    }

    /// A label turns out to be wrong: void it, and pack again a little later.
    pub(super) fn regret(&mut self, desk: &mut Desk<'_>, label_id: i64) {
        let (state, mut pen) = desk.writing();
        if !matches!(state.void(&mut pen, label_id), Ok(Voided::Approved)) {
            return;
        }
        let order_id = state.labels.get(&label_id).and_then(|label| label.order_id);
        self.note_parcel(desk, &format!("label:{label_id}"), |parcel, now_ms| parcel.voided_at_ms = Some(now_ms));
        if let Some(id) = order_id {
            let again = desk.now_ms + draw(desk.rng, self.pace.regret_ms);
            self.later(id, self.hours(desk.hub).open_from(again));
        }
    }

    fn later(&mut self, id: i64, at_ms: i64) {
        self.taken.insert(id);
        self.plan(at_ms, Task::Rest(id));
    }

    /// Somebody does something at the hub that no shop knows of: a client must leave all of it alone.
    pub(super) fn own_business(&mut self, desk: &mut Desk<'_>) {
        self.own_orders += 1;
        let address = Address {
            name: "Sample Desk".to_owned(),
            street1: format!("Lagerweg {}", self.own_orders),
            city: "Bremen".to_owned(),
            postal_code: "28195".to_owned(),
            country: "DE".to_owned(),
            ..Address::default()
        };
        match self.own_orders % 4 {
            // An order typed in by hand; it is packed like all others.
            1 => {
                own_order(desk, format!("HAND-{}", 1000 + self.own_orders), address);
            }
            // An order of a marketplace that ships it itself; it is never packed.
            2 => {
                let id = own_order(desk, format!("FBA-{}", 1000 + self.own_orders), address);
                if let Some(id) = id {
                    desk.hub.set_external(id, "Amazon FBA");
                }
            }
            // A label for a parcel that belongs to no order.
            3 => {
                let purchase = Purchase {
                    carrier: "dpd".to_owned(),
                    service: "dpd_classic".to_owned(),
                    grams: Some(500.0),
                    ..Purchase::default()
                };
                let (state, mut pen) = desk.writing();
                // The address is complete and the carrier is there: nothing to refuse.
                let _ = state.buy_loose(&mut pen, address, &purchase);
            }
            // A label for a parcel that comes back.
            _ => {
                let delivered = desk.hub.labels.values().rev().find(|label| {
                    label.track.delivered_ms().is_some() && label.ship_to.country == "DE" && !label.is_return
                });
                if let Some(id) = delivered.map(|label| label.id) {
                    let (state, mut pen) = desk.writing();
                    let _ = state.buy_return(&mut pen, id, "on_carrier_acceptance");
                }
            }
        }
        self.plan(desk.now_ms + self.pace.wait_ms.1 * desk.rng.random_range(2..=4), Task::OwnOrder);
    }
}

fn own_order(desk: &mut Desk<'_>, number: String, address: Address) -> Option<i64> {
    let item = Item {
        sku: "SAMPLE-1".to_owned(),
        name: "Sample box".to_owned(),
        quantity: 1,
        unit_price: Some(0.0),
        weight: Some(Weight::of_grams(300.0)),
        ..Item::default()
    };
    let body = Body {
        number,
        placed: Wall::of(desk.now_ms),
        bill_to: address.clone(),
        ship_to: address,
        items: vec![item],
        ..Body::default()
    };
    let (state, mut pen) = desk.writing();
    state.put(&mut pen, None, None, body, &[]).ok().map(|(id, _)| id)
}

/// Buys a label for some lines, or for all that is left. An address no carrier takes stays where it is until
/// somebody mends it.
fn buy(desk: &mut Desk<'_>, order: &Order, lines: Option<Vec<(i64, i64)>>) -> Option<i64> {
    let (carrier, service) = choose(desk.rng, order);
    let grams = |wanted: &[(i64, i64)]| -> f64 {
        let weigh = |(id, units): &(i64, i64)| {
            let item = order.body.items.iter().find(|item| item.id == *id)?;
            Some(item.weight.as_ref().map_or(250.0, Weight::grams).max(1.0) * *units as f64)
        };
        wanted.iter().filter_map(weigh).sum::<f64>() + 60.0
    };
    let left = desk.hub.outstanding(order);
    let purchase = Purchase {
        carrier: carrier.code.to_owned(),
        service: service.code.to_owned(),
        grams: Some(grams(lines.as_ref().unwrap_or(&left))),
        lines,
        again: true,
        ..Purchase::default()
    };
    let (state, mut pen) = desk.writing();
    state.buy(&mut pen, order.id, &purchase).ok()
}

/// Some of these units, never all and never none.
fn some_of(rng: &mut SmallRng, left: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let total: i64 = left.iter().map(|(_, units)| units).sum();
    let mut want = rng.random_range(1..total.max(2));
    let mut some = Vec::new();
    for (id, units) in left {
        let take = want.min(*units);
        if take > 0 {
            some.push((*id, take));
            want -= take;
        }
    }
    some
}

/// Other orders that wait for the same door.
fn neighbours(desk: &Desk<'_>, order: &Order) -> Vec<i64> {
    let same = |other: &Order| {
        let (a, b) = (&order.body.ship_to, &other.body.ship_to);
        a.name == b.name && a.street1 == b.street1 && a.postal_code == b.postal_code && !a.street1.is_empty()
    };
    let others =
        desk.hub.orders.values().filter(|other| other.id != order.id && !other.deleted && can_be_packed(other));
    let others =
        others.filter(|other| same(other) && !desk.hub.has_living_parcel(other.id) && other.parent_id.is_none());
    others.map(|other| other.id).take(2).collect()
}

/// Carrier and service by destination and by what the buyer asked for.
fn choose(rng: &mut SmallRng, order: &Order) -> (&'static Carrier, &'static Service) {
    let country = order.body.ship_to.country.to_uppercase();
    let asked = order.body.requested_service.to_lowercase();
    let fast = ["express", "next day", "overnight", "priority"].iter().any(|word| asked.contains(word));
    let codes: &[&str] = match country.as_str() {
        _ if fast => &["dhl_express_worldwide"],
        "DE" => &["dpd", "dpd", "gls_de", "ups_walleted"],
        "GB" => &["royal_mail", "royal_mail", "dpd"],
        "US" | "CA" | "AU" => &["stamps_com", "ups_walleted", "dhl_express_worldwide"],
        _ => &["dpd", "gls_de", "ups_walleted"],
    };
    let code = codes.get(rng.random_range(0..codes.len())).copied().unwrap_or("dpd");
    let found = carriers::carrier(code).and_then(|carrier| {
        let service = carrier.services.iter().find(|service| service.reaches(&country))?;
        Some((carrier, service))
    });
    found.unwrap_or((&carriers::DHL, &carriers::DHL_WORLDWIDE))
}
