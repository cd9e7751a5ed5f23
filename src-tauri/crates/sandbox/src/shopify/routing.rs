//! What the platform does in its own time: routing new orders to locations,
//! cancelling, handing out what is not physical, other apps' services shipping.

use super::hand::{Hand, Shipped};
use super::state::{Delivery, Fo, FoStatus, RequestStatus, TransactionKind, Work};
use rand::Rng;

/// How long a third-party service takes, ms, from and to.
const SERVICE_MS: std::ops::Range<i64> = 3 * 3_600_000..30 * 3_600_000;

/// Where and how, and units by line.
type Group = ((u64, Delivery), Vec<(u64, i64)>);

impl Hand<'_> {
    /// Does one piece of work that is due.
    pub fn work(&mut self, work: &Work) {
        match work {
            Work::Route(order) => self.route(*order),
            Work::HandOut(order) => {
                self.hand_out(*order);
            }
            Work::Cancel { order, reason, restock, refund, staff_note } => {
                // Checked again: much can happen between the request and the job.
                if self.state.order(*order).is_some_and(|order| Hand::cancel_obstacle(order).is_none()) {
                    self.cancel(*order, reason, *restock, *refund, staff_note.clone());
                }
            }
            Work::ThirdParty { order, fo } => {
                self.third_party_ships(*order, *fo);
            }
            Work::Bulk(_) => {}
        }
    }

    /// Makes fulfillment orders: one per location and way of delivery.
    fn route(&mut self, id: u64) {
        let Some(order) = self.state.order(id).cloned() else { return };
        if !order.fos.is_empty() || order.cancelled.is_some() {
            return;
        }
        let now_ms = self.now_ms;
        let mut groups: Vec<Group> = Vec::new();
        for line in order.lines.iter().filter(|line| line.unfulfilled() > 0) {
            let delivery = if line.requires_shipping { order.delivery } else { Delivery::None };
            let units = line.unfulfilled();
            let location =
                order.from_location.or_else(|| self.stocked_at(line.product.map(|(_, variant)| variant), units));
            let Some(location) = location else { continue };
            if let Some((_, variant)) = line.product
                && let Some(level) =
                    self.state.variant_mut(variant).and_then(|variant| variant.levels.get_mut(&location))
            {
                level.available -= units;
                level.committed += units;
                level.updated_ms = now_ms;
            }
            match groups.iter_mut().find(|(key, _)| *key == (location, delivery)) {
                Some((_, lines)) => lines.push((line.id, units)),
                None => groups.push(((location, delivery), vec![(line.id, units)])),
            }
        }
        for ((location, delivery), units) in groups {
            let model = Fo {
                id: 0,
                base: FoStatus::Open,
                request: RequestStatus::Unsubmitted,
                location,
                third_party: false,
                created_ms: 0,
                updated_ms: 0,
                fulfill_at_ms: Some(order.created_ms),
                fulfill_by_ms: order.fulfill_by_ms,
                delivery,
                presented: order.shipping.first().map(|line| line.title.clone()),
                holds: Vec::new(),
                lines: Vec::new(),
            };
            let fo = self.new_fo(id, &model, &units, None);
            self.after_routing(id, fo, delivery);
        }
    }

    fn after_routing(&mut self, order: u64, fo: u64, delivery: Delivery) {
        let now_ms = self.now_ms;
        match delivery {
            Delivery::None | Delivery::Retail => {
                let due_ms = now_ms + self.rng.random_range(1_000..60_000);
                self.state.later(due_ms, Work::HandOut(order));
            }
            _ => {}
        }
        let Some(piece) = self.state.order_mut(order).and_then(|order| order.fo_mut(fo)) else { return };
        if piece.third_party {
            piece.request = RequestStatus::Accepted;
            piece.base = FoStatus::InProgress;
            let due_ms = now_ms + self.rng.random_range(SERVICE_MS);
            self.state.later(due_ms, Work::ThirdParty { order, fo });
        }
    }

    /// Where so many units of a variant can ship from: the first location that has them all, else the first that keeps it.
    fn stocked_at(&self, variant: Option<u64>, units: i64) -> Option<u64> {
        let primary = self.state.locations.iter().find(|location| location.active).map(|location| location.id);
        let Some((_, variant)) = variant.and_then(|variant| self.state.variant(variant)) else { return primary };
        let online = || self.state.locations.iter().filter(|location| location.active && location.fulfills_online);
        let full =
            online().find(|location| variant.levels.get(&location.id).is_some_and(|level| level.available >= units));
        let any = || online().find(|location| variant.levels.contains_key(&location.id));
        full.or_else(any).map(|location| location.id).or(primary)
    }

    /// Gift cards and downloads are sent, goods over the counter are handed over, once they are paid.
    fn hand_out(&mut self, id: u64) -> Option<()> {
        let order = self.state.order(id)?;
        if order.cancelled.is_some() || order.received_minor() == 0 && order.placed_total_minor > 0 {
            return None;
        }
        let ready =
            order.fos.iter().filter(|fo| matches!(fo.delivery, Delivery::None | Delivery::Retail) && !fo.is_final());
        let ready: Vec<Shipped> = ready.map(Self::all_of).collect();
        for shipped in ready {
            self.fulfil(id, &shipped);
        }
        Some(())
    }

    /// Everything that remains on a fulfillment order.
    pub fn all_of(fo: &Fo) -> Shipped {
        let lines = fo.lines.iter().filter(|line| line.remaining > 0).map(|line| (fo.id, line.id, line.remaining));
        Shipped { lines: lines.collect(), ..Shipped::default() }
    }

    fn third_party_ships(&mut self, order: u64, fo: u64) -> Option<()> {
        let piece = self.state.order(order)?.fo(fo).filter(|fo| !fo.is_final() && fo.remaining() > 0)?;
        let number = format!("00340{fo:015}");
        let shipped = Shipped {
            company: Some("DHL".to_owned()),
            numbers: vec![number.clone()],
            urls: vec![format!("https://www.dhl.de/en/privatkunden.html?piececode={number}")],
            notify: true,
            third_party: true,
            ..Self::all_of(piece)
        };
        self.fulfil(order, &shipped).map(drop)
    }

    /// Takes the money of an order: all of it, or what was reserved.
    pub fn pay(&mut self, id: u64) -> Option<()> {
        let order = self.state.order(id)?;
        let (reserved, due) =
            (order.capturable_minor(), order.current_totals().total - order.received_minor() + order.refunded_minor());
        if reserved > 0 {
            self.take_payment(id, TransactionKind::Capture, reserved);
        } else if due > 0 {
            self.take_payment(id, TransactionKind::Sale, due);
        }
        let due_ms = self.now_ms + self.rng.random_range(1_000..30_000);
        self.state.later(due_ms, Work::HandOut(id));
        Some(())
    }
}
