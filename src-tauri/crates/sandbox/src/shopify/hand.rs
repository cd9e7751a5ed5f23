//! Whoever changes a store: a client over the API, or people. Both change it by
//! the same acts, so that both leave the same traces.

use super::ShopPlan;
use super::state::{
    Cancelled, Fo, FoLine, FoStatus, Fulfillment, FulfillmentLine, Hold, Order, Refund, RefundLine, RequestStatus,
    Restock, State, Transaction, TransactionKind, gid,
};
use crate::ledger::{By, Entry};
use crate::{Ledger, Moment};
use rand::rngs::SmallRng;
use serde_json::{Value as Json, json};

/// Somebody who changes a store at one moment.
pub struct Hand<'a> {
    /// The store's data.
    pub state: &'a mut State,
    /// The store.
    pub plan: &'a ShopPlan,
    /// Now, ms UTC.
    pub now_ms: i64,
    /// Chance.
    pub rng: &'a mut SmallRng,
    /// Where it is written down.
    pub ledger: &'a mut Ledger,
    /// Who it is.
    pub by: By,
}

/// What to report as shipped.
#[derive(Debug, Clone, Default)]
pub struct Shipped {
    /// (fulfillment order, its line, units).
    pub lines: Vec<(u64, u64, i64)>,
    /// Carrier.
    pub company: Option<String>,
    /// Tracking numbers.
    pub numbers: Vec<String>,
    /// Links.
    pub urls: Vec<String>,
    /// Tell the buyer.
    pub notify: bool,
    /// Reported by the third-party service itself.
    pub third_party: bool,
}

impl<'a> Hand<'a> {
    /// A hand at this moment.
    pub fn new(state: &'a mut State, plan: &'a ShopPlan, moment: &'a mut Moment<'_>, by: By) -> Self {
        Self { state, plan, now_ms: moment.now_ms, rng: moment.rng, ledger: moment.ledger, by }
    }

    /// Writes an applied effect down.
    pub fn note(&mut self, effect: &str, subject: String, key: Option<String>, detail: Json) {
        self.ledger.note(Entry {
            at_ms: self.now_ms,
            platform: "shopify".to_owned(),
            account: self.plan.account.clone(),
            effect: effect.to_owned(),
            subject,
            key,
            detail,
            by: self.by,
        });
    }

    /// A line of an order as an oracle wants to see it.
    pub fn line_json(order: &Order, line: u64, quantity: i64) -> Json {
        let sku = order.line(line).and_then(|line| line.sku.clone());
        json!({ "line": gid("LineItem", line), "sku": sku, "quantity": quantity })
    }

    /// Reports lines as shipped. Everything was checked before. Gives the fulfillment's id.
    pub fn fulfil(&mut self, order: u64, shipped: &Shipped) -> Option<u64> {
        let (id, now_ms) = (self.state.id(), super::state::seconds(self.now_ms));
        let mut lines = Vec::new();
        for (fo, fo_line, quantity) in &shipped.lines {
            let line = self.state.order(order)?.fo(*fo)?.lines.iter().find(|line| line.id == *fo_line)?.line;
            lines.push(FulfillmentLine { id: self.state.id(), fo: *fo, line, quantity: *quantity });
        }
        for line in &lines {
            self.state.own(line.id, order);
        }
        self.state.own(id, order);
        let archive = self.plan.archives;
        let one = self.state.order_mut(order)?;
        for (fo, fo_line, quantity) in &shipped.lines {
            let fo = one.fo_mut(*fo)?;
            let line = fo.lines.iter_mut().find(|line| line.id == *fo_line)?;
            line.remaining -= quantity;
            fo.updated_ms = now_ms;
            fo.settle(true);
        }
        for line in &lines {
            one.line_mut(line.line)?.fulfilled += line.quantity;
        }
        let location = one.fo(shipped.lines.first()?.0)?.location;
        let name = format!("{}.{}", one.name, one.fulfillments.len() + 1);
        one.fulfillments.push(Fulfillment {
            id,
            name,
            cancelled: false,
            created_ms: now_ms,
            updated_ms: now_ms,
            location,
            company: shipped.company.clone(),
            numbers: shipped.numbers.clone(),
            urls: shipped.urls.clone(),
            notified: shipped.notify,
            lines: lines.clone(),
            events: Vec::new(),
            third_party: shipped.third_party,
        });
        let done = one.lines.iter().all(|line| line.unfulfilled() == 0);
        if archive && done && one.financial_status() == "PAID" {
            one.closed_ms = Some(now_ms);
        }
        let one = one.clone();
        self.leave_stock(&one, &lines);
        self.state.touch(order, now_ms);
        let listed: Vec<Json> = lines.iter().map(|line| Self::line_json(&one, line.line, line.quantity)).collect();
        self.note(
            "fulfillment_created",
            gid("Fulfillment", id),
            shipped.numbers.first().cloned(),
            json!({
                "order": one.name, "orderId": one.gid(), "lines": listed, "trackingNumbers": shipped.numbers,
                "trackingUrls": shipped.urls, "company": shipped.company, "notifyCustomer": shipped.notify,
                "location": gid("Location", location), "thirdParty": shipped.third_party,
            }),
        );
        Some(id)
    }

    /// Takes a fulfillment back; its units come up again on new fulfillment orders.
    pub fn cancel_fulfillment(&mut self, order: u64, fulfillment: u64) -> Option<()> {
        let now_ms = super::state::seconds(self.now_ms);
        let one = self.state.order_mut(order)?;
        let taken = one.fulfillment_mut(fulfillment)?;
        taken.cancelled = true;
        taken.updated_ms = now_ms;
        let lines = taken.lines.clone();
        let numbers = taken.numbers.clone();
        one.closed_ms = None;
        let mut again: Vec<(u64, Vec<(u64, i64)>)> = Vec::new();
        for line in &lines {
            one.line_mut(line.line)?.fulfilled -= line.quantity;
            match again.iter_mut().find(|(fo, _)| *fo == line.fo) {
                Some((_, units)) => units.push((line.line, line.quantity)),
                None => again.push((line.fo, vec![(line.line, line.quantity)])),
            }
        }
        for (fo, units) in again {
            let model = self.state.order(order)?.fo(fo)?.clone();
            let units: Vec<(u64, i64)> = units.into_iter().filter(|(_, quantity)| *quantity > 0).collect();
            self.new_fo(order, &model, &units, None);
        }
        self.state.touch(order, now_ms);
        let one = self.state.order(order)?;
        let listed: Vec<Json> = lines.iter().map(|line| Self::line_json(one, line.line, line.quantity)).collect();
        let detail = json!({ "order": one.name, "orderId": one.gid(), "lines": listed, "trackingNumbers": numbers });
        self.note("fulfillment_cancelled", gid("Fulfillment", fulfillment), None, detail);
        Some(())
    }

    /// Makes a fulfillment order for these units, like another one. Gives its id.
    pub fn new_fo(&mut self, order: u64, model: &Fo, units: &[(u64, i64)], location: Option<u64>) -> u64 {
        let now_ms = super::state::seconds(self.now_ms);
        let id = self.state.id();
        let lines: Vec<FoLine> = units
            .iter()
            .map(|(line, quantity)| FoLine { id: self.state.id(), line: *line, total: *quantity, remaining: *quantity })
            .collect();
        for line in &lines {
            self.state.own(line.id, order);
        }
        self.state.own(id, order);
        let location = location.unwrap_or(model.location);
        let third_party = self.state.location(location).is_some_and(|location| location.service.is_some());
        let fo = Fo {
            id,
            base: FoStatus::Open,
            request: RequestStatus::Unsubmitted,
            location,
            third_party,
            created_ms: now_ms,
            updated_ms: now_ms,
            holds: Vec::new(),
            lines,
            ..model.clone()
        };
        if let Some(one) = self.state.order_mut(order) {
            one.fos.push(fo);
        }
        id
    }

    /// Puts a hold on a fulfillment order. Gives its id.
    pub fn hold(
        &mut self,
        order: u64,
        fo: u64,
        reason: &str,
        notes: Option<&str>,
        handle: Option<String>,
    ) -> Option<u64> {
        let now_ms = super::state::seconds(self.now_ms);
        let id = self.state.id();
        self.state.own(id, order);
        let ours = self.by == By::Client;
        let one = self.state.order_mut(order)?;
        let held = one.fo_mut(fo)?;
        held.holds.push(Hold { id, reason: reason.to_owned(), notes: notes.map(str::to_owned), handle, ours });
        held.updated_ms = now_ms;
        let detail = json!({ "order": one.name, "orderId": one.gid(), "reason": reason, "notes": notes });
        self.note("fulfillment_order_held", gid("FulfillmentOrder", fo), None, detail);
        Some(id)
    }

    /// Takes holds off a fulfillment order: these, or all.
    pub fn release(&mut self, order: u64, fo: u64, holds: Option<&[u64]>) -> Option<()> {
        let now_ms = super::state::seconds(self.now_ms);
        let one = self.state.order_mut(order)?;
        let held = one.fo_mut(fo)?;
        held.holds.retain(|hold| holds.is_some_and(|these| !these.contains(&hold.id)));
        held.updated_ms = now_ms;
        let detail = json!({ "order": one.name, "orderId": one.gid() });
        self.note("fulfillment_order_released", gid("FulfillmentOrder", fo), None, detail);
        Some(())
    }

    /// Why an order cannot be cancelled, if it cannot.
    pub fn cancel_obstacle(order: &Order) -> Option<&'static str> {
        let shipped = order.fulfillments.iter().filter(|one| !one.cancelled).flat_map(|one| &one.lines);
        if order.cancelled.is_some() {
            Some("Cannot cancel an order that has already been canceled")
        } else if shipped.filter_map(|line| order.line(line.line)).any(|line| line.requires_shipping) {
            Some("Cannot cancel an order that has fulfillments. Cancel the fulfillments first")
        } else if order.returns.iter().any(|one| one.status == super::state::ReturnStatus::Open) {
            Some("Cannot cancel an order with an open return")
        } else {
            None
        }
    }

    /// Cancels an order now.
    pub fn cancel(
        &mut self,
        order: u64,
        reason: &str,
        restock: bool,
        refund: bool,
        staff_note: Option<String>,
    ) -> Option<()> {
        let now_ms = super::state::seconds(self.now_ms);
        let ids: Vec<u64> = (0..=(2 * self.state.order(order)?.transactions.len())).map(|_| self.state.id()).collect();
        let one = self.state.order_mut(order)?;
        let mut ids = ids.into_iter();
        let mut moved = Vec::new();
        let open = one.capturable_minor();
        if open > 0 {
            moved.push(Transaction {
                id: ids.next()?,
                kind: TransactionKind::Void,
                minor: open,
                at_ms: now_ms,
                parent: None,
            });
        }
        if refund {
            for payment in &one.transactions {
                let left = one.refundable_of(payment);
                if left > 0 {
                    let parent = Some(payment.id);
                    moved.push(Transaction {
                        id: ids.next()?,
                        kind: TransactionKind::Refund,
                        minor: left,
                        at_ms: now_ms,
                        parent,
                    });
                }
            }
        }
        one.transactions.extend(moved);
        for fo in one.fos.iter_mut().filter(|fo| !fo.is_final()) {
            fo.base = FoStatus::Cancelled;
            fo.holds.clear();
            fo.updated_ms = now_ms;
            for line in &mut fo.lines {
                line.remaining = 0;
            }
        }
        let units: Vec<(u64, i64)> = one.lines.iter().map(|line| (line.id, line.unfulfilled())).collect();
        for line in &mut one.lines {
            line.removed += line.unfulfilled();
        }
        one.cancelled = Some(Cancelled { at_ms: now_ms, reason: reason.to_owned(), staff_note });
        let parts: Vec<u64> = one.transactions.iter().map(|transaction| transaction.id).collect();
        let one = one.clone();
        for part in parts {
            self.state.own(part, order);
        }
        self.uncommit(&one, &units, restock);
        self.state.touch(order, now_ms);
        let detail =
            json!({ "order": one.name, "orderId": one.gid(), "reason": reason, "restock": restock, "refund": refund });
        self.note("order_cancelled", one.gid(), None, detail);
        Some(())
    }

    /// Gives units and money back. Everything was checked before. Gives the refund's id.
    pub fn refund(
        &mut self,
        order: u64,
        lines: &[(u64, i64, Restock, Option<u64>)],
        money: &[(u64, i64)],
        shipping_minor: i64,
        note: Option<&str>,
    ) -> Option<u64> {
        let now_ms = super::state::seconds(self.now_ms);
        let id = self.state.id();
        self.state.own(id, order);
        let line_ids: Vec<u64> = lines.iter().map(|_| self.state.id()).collect();
        let money_ids: Vec<u64> = money.iter().map(|_| self.state.id()).collect();
        for part in &money_ids {
            self.state.own(*part, order);
        }
        let one = self.state.order_mut(order)?;
        let mut refund_lines = Vec::new();
        for ((line, quantity, restock, location), id) in lines.iter().zip(line_ids) {
            let item = one.line_mut(*line)?;
            // Units that have not left are taken first, except where goods come back.
            let open = if *restock == Restock::Return { 0 } else { item.unfulfilled().min(*quantity) };
            item.removed += open;
            item.returned += quantity - open;
            shrink(one, *line, open, now_ms);
            refund_lines.push(RefundLine {
                id,
                line: *line,
                quantity: *quantity,
                restock: *restock,
                location: *location,
            });
        }
        for ((parent, minor), id) in money.iter().zip(&money_ids) {
            let (kind, parent) = (TransactionKind::Refund, Some(*parent));
            one.transactions.push(Transaction { id: *id, kind, minor: *minor, at_ms: now_ms, parent });
        }
        one.refunds.push(Refund {
            id,
            created_ms: now_ms,
            note: note.map(str::to_owned),
            lines: refund_lines,
            transactions: money_ids,
            shipping_minor,
        });
        let one = one.clone();
        let back: Vec<(u64, i64)> =
            lines.iter().filter(|line| line.2 != Restock::NoRestock).map(|line| (line.0, line.1)).collect();
        self.uncommit(&one, &back, true);
        self.state.touch(order, now_ms);
        let listed: Vec<Json> = lines.iter().map(|line| Self::line_json(&one, line.0, line.1)).collect();
        let total: i64 = money.iter().map(|(_, minor)| minor).sum();
        let detail = json!({ "order": one.name, "orderId": one.gid(), "lines": listed, "minor": total, "note": note });
        self.note("refund_created", gid("Refund", id), None, detail);
        Some(id)
    }

    /// Sold units leave the shelf.
    fn leave_stock(&mut self, order: &Order, lines: &[FulfillmentLine]) {
        for line in lines {
            let place = order.fo(line.fo).map(|fo| fo.location);
            let variant = order.line(line.line).and_then(|line| line.product).map(|(_, variant)| variant);
            if let (Some(place), Some(variant)) = (place, variant) {
                let level = self.state.variant_mut(variant).and_then(|variant| variant.levels.get_mut(&place));
                if let Some(level) = level {
                    level.committed = (level.committed - line.quantity).max(0);
                    level.updated_ms = self.now_ms;
                }
            }
        }
    }

    /// Units are no longer wanted; with `restock` they can be sold again.
    fn uncommit(&mut self, order: &Order, units: &[(u64, i64)], restock: bool) {
        for (line, quantity) in units {
            let place = order.fos.iter().find(|fo| fo.lines.iter().any(|one| one.line == *line)).map(|fo| fo.location);
            let variant = order.line(*line).and_then(|line| line.product).map(|(_, variant)| variant);
            if let (Some(place), Some(variant)) = (place, variant) {
                let level = self.state.variant_mut(variant).and_then(|variant| variant.levels.get_mut(&place));
                if let Some(level) = level {
                    level.committed = (level.committed - quantity).max(0);
                    level.available += if restock { *quantity } else { 0 };
                    level.updated_ms = self.now_ms;
                }
            }
        }
    }
}

/// Takes units of a line off its fulfillment orders.
pub fn shrink(order: &mut Order, line: u64, units: i64, now_ms: i64) {
    let mut left = units;
    for fo in order.fos.iter_mut().filter(|fo| !fo.is_final()) {
        let before = left;
        for one in fo.lines.iter_mut().filter(|one| one.line == line) {
            let taken = left.min(one.remaining);
            one.remaining -= taken;
            one.total -= taken;
            left -= taken;
        }
        if left < before {
            fo.updated_ms = now_ms;
            fo.settle(false);
        }
    }
}
