//! What shoppers and the seller's staff do, and what Amazon does in its own time.

use super::Amazon;
use super::feeds::entry;
use super::state::{Item, Order, Package};
use crate::Moment;
use crate::ledger::By;
use crate::merchant::shop::{LineView, OrderView, Place, Purchase, Sale, SaleLine, ShipmentView, Shop};
use rand::Rng;
use serde_json::json;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

impl Amazon {
    /// The buyer asks to cancel an order that is not pending any more.
    pub fn ask_to_cancel(&mut self, order: &str, reason: &str, now_ms: i64) -> bool {
        let Some(order) = self.state.orders.get_mut(order) else { return false };
        if order.cancelled.is_some() || order.by_amazon || order.wish.is_some() || order.status(now_ms) != "UNSHIPPED" {
            return false;
        }
        order.wish = Some(reason.to_owned());
        order.touch(now_ms);
        true
    }

    /// Staff confirms units of an order in the seller's own screens.
    pub fn confirm_by_hand(
        &mut self,
        order: &str,
        reference: &str,
        carrier: &str,
        number: &str,
        items: &[(String, i64)],
        moment: &mut Moment<'_>,
    ) -> bool {
        let Some(known) = self.state.orders.get(order) else { return false };
        if items.is_empty() || known.cancelled.is_some() || known.by_amazon || known.is_pending(moment.now_ms) {
            return false;
        }
        let package = Package {
            reference: reference.to_owned(),
            carrier: carrier.to_owned(),
            number: number.to_owned(),
            shipped_ms: moment.now_ms,
            made_ms: moment.now_ms,
            shows_ms: moment.now_ms,
            delivered_ms: None,
            items: items.to_vec(),
            before: None,
        };
        self.keep_package(order, package, By::Merchant, moment);
        true
    }

    /// Everything Amazon does by itself until a moment.
    pub(super) fn work_until(&mut self, moment: &mut Moment<'_>) {
        while let Some(at_ms) = self.next_work().filter(|at| *at <= moment.now_ms) {
            let mut then = Moment { now_ms: at_ms, rng: &mut *moment.rng, ledger: &mut *moment.ledger };
            if let Some(n) = self.state.feeds.iter().position(|feed| feed.result.is_none() && feed.ends_ms == at_ms) {
                self.finish_feed(n, &mut then);
            } else if let Some(n) =
                self.state.reports.iter().position(|report| report.result.is_none() && report.ends_ms == at_ms)
            {
                self.finish_report(n);
            } else {
                break;
            }
        }
    }

    fn next_work(&self) -> Option<i64> {
        let feeds = self.state.feeds.iter().filter(|feed| feed.result.is_none()).map(|feed| feed.ends_ms);
        let reports = self.state.reports.iter().filter(|report| report.result.is_none()).map(|report| report.ends_ms);
        feeds.chain(reports).filter(|at| *at < i64::MAX).min()
    }

    fn order_id(&mut self) -> String {
        let number = self.state.number();
        format!(
            "{:03}-{:07}-{:07}",
            self.rng.random_range(28..306),
            self.rng.random_range(0..10_000_000),
            number % 10_000_000
        )
    }

    fn make_order(&mut self, purchase: &Purchase, now_ms: i64) -> Order {
        let id = self.order_id();
        let index = usize::from(self.plan.marketplaces.len() > 1 && self.rng.random_bool(0.2));
        let (marketplace, currency) = self
            .plan
            .marketplaces
            .get(index)
            .map(|(id, _, currency, _)| (id.clone(), currency.clone()))
            .unwrap_or_default();
        let by_amazon = self.rng.random_bool(self.plan.fba_share.clamp(0.0, 1.0));
        let items = purchase
            .lines
            .iter()
            .filter(|line| line.weight_g.is_some())
            .map(|line| Item {
                id: format!("{:014}", self.rng.random_range(0..100_000_000_000_000_u64)),
                asin: self
                    .state
                    .listings
                    .get(&line.sku)
                    .map_or_else(|| "B0UNKNOWN0".into(), |listing| listing.asin.clone()),
                sku: line.sku.clone(),
                title: if line.variant.is_empty() {
                    line.name.clone()
                } else {
                    format!("{} – {}", line.name, line.variant)
                },
                quantity: line.quantity,
                unit_minor: line.unit_price_minor,
                gift_message: purchase.gift_message.clone(),
            })
            .collect();
        // Payment is verified for half an hour or so; what is not paid stays pending.
        let hold_ms = self.rng.random_range(20..40) * MINUTE_MS;
        let speed_days = if purchase.express { 1 } else { 2 };
        let mut programs = Vec::new();
        if purchase.express && !by_amazon {
            programs.push("PRIME".to_owned());
        }
        Order {
            id,
            marketplace,
            currency,
            created_ms: now_ms,
            touched: vec![now_ms, now_ms + hold_ms],
            released_ms: purchase.paid.then_some(now_ms + hold_ms),
            paid: purchase.paid,
            by_amazon,
            amazon_shipped_ms: by_amazon.then_some(now_ms + hold_ms + DAY_MS),
            foreign: false,
            programs,
            service: if purchase.express { "EXPEDITED" } else { "STANDARD" }.to_owned(),
            ship_window: (now_ms, now_ms + speed_days * DAY_MS),
            deliver_window: (now_ms + speed_days * DAY_MS, now_ms + (speed_days + 3) * DAY_MS),
            print_from_ms: None,
            buyer: format!("{} {}", purchase.ship_to.first_name, purchase.ship_to.last_name),
            address: purchase.ship_to.clone(),
            items,
            shipping_minor: purchase.shipping_minor,
            packages: Vec::new(),
            cancelled: None,
            wish: None,
            own_number: None,
            refunds: Vec::new(),
            instruction: if purchase.note.len() > 200 { String::new() } else { purchase.note.clone() },
        }
    }

    /// An order that is released at once, for tests that need no waiting.
    pub fn place_released(&mut self, purchase: &Purchase, moment: &mut Moment<'_>) -> Option<String> {
        let id = Shop::place(self, purchase, moment)?;
        let now_ms = moment.now_ms;
        if let Some(order) = self.state.orders.get_mut(&id) {
            order.released_ms = Some(now_ms);
            order.by_amazon = false;
            order.amazon_shipped_ms = None;
            order.touched = vec![now_ms];
        }
        Some(id)
    }

    fn note(&self, moment: &mut Moment<'_>, effect: &str, order: &str) {
        let detail = json!({ "orderId": order });
        moment.ledger.note(entry(moment.now_ms, &self.plan.account, effect, order, detail, By::Merchant));
    }
}

impl Shop for Amazon {
    fn country(&self) -> &str {
        self.plan.marketplaces.first().map_or("DE", |(_, country, ..)| country.as_str())
    }

    fn place(&mut self, purchase: &Purchase, moment: &mut Moment<'_>) -> Option<String> {
        if purchase.lines.iter().all(|line| line.weight_g.is_none()) {
            return None;
        }
        let order = self.make_order(purchase, moment.now_ms);
        let id = order.id.clone();
        // Units are taken off the offer while the order is still pending.
        for item in &order.items {
            if let Some(listing) = self.state.listings.get_mut(&item.sku) {
                listing.live = (listing.live - item.quantity).max(0);
            }
        }
        self.state.orders.insert(id.clone(), order);
        self.state.placed.push(id.clone());
        self.note(moment, "order_placed", &id);
        Some(id)
    }

    fn pay(&mut self, order: &str, moment: &mut Moment<'_>) -> bool {
        let now_ms = moment.now_ms;
        let Some(order) = self.state.orders.get_mut(order) else { return false };
        if order.paid || order.cancelled.is_some() {
            return false;
        }
        order.paid = true;
        order.released_ms = Some(now_ms);
        order.touch(now_ms);
        true
    }

    fn cancel(&mut self, id: &str, moment: &mut Moment<'_>) -> bool {
        let now_ms = moment.now_ms;
        let Some(order) = self.state.orders.get_mut(id) else { return false };
        if order.cancelled.is_some() {
            return false;
        }
        if !order.is_pending(now_ms) {
            self.ask_to_cancel(id, "Ordered by mistake", now_ms);
            return false;
        }
        order.cancelled = Some(("BUYER".to_owned(), now_ms));
        order.touch(now_ms);
        self.note(moment, "order_cancelled", id);
        true
    }

    fn ship_by_hand(&mut self, order: &str, carrier: &str, number: &str, moment: &mut Moment<'_>) -> bool {
        let Some(known) = self.state.orders.get(order) else { return false };
        let left = known.items.iter().map(|item| (item.id.clone(), item.quantity - known.confirmed(&item.id)));
        let left: Vec<(String, i64)> = left.filter(|(_, units)| *units > 0).collect();
        let reference = (known.packages.len() + 1).to_string();
        self.confirm_by_hand(order, &reference, carrier, number, &left, moment)
    }

    fn order(&self, id: &str) -> Option<OrderView> {
        let order = self.state.orders.get(id)?;
        let gone = order.cancelled.is_some();
        Some(OrderView {
            id: order.id.clone(),
            name: order.id.clone(),
            placed_ms: order.created_ms,
            paid: order.paid,
            cancelled: gone,
            never_ships: order.by_amazon.then(|| "marketplace".to_owned()),
            lines: order
                .items
                .iter()
                .map(|item| LineView {
                    id: item.id.clone(),
                    units: if gone { 0 } else { item.quantity },
                    shipped: if gone { 0 } else { order.confirmed(&item.id) },
                })
                .collect(),
            shipments: order
                .packages
                .iter()
                .map(|package| ShipmentView {
                    numbers: vec![package.number.clone()],
                    units: package.items.iter().cloned().collect(),
                })
                .collect(),
        })
    }

    fn orders(&self) -> Vec<String> {
        self.state.placed.clone()
    }

    fn sales(&self, now_ms: i64) -> Vec<Sale> {
        let is_due = |order: &&Order| {
            !order.by_amazon && order.cancelled.is_none() && order.released_ms.is_some_and(|at_ms| at_ms <= now_ms)
        };
        let orders = self.state.placed.iter().filter_map(|id| self.state.orders.get(id)).filter(is_due);
        let sale = |order: &Order| Sale {
            key: order.id.clone(),
            number: order.id.clone(),
            placed_ms: order.created_ms,
            email: String::new(),
            ship_to: order.address.clone(),
            lines: order
                .items
                .iter()
                .map(|item| SaleLine {
                    id: item.id.clone(),
                    sku: item.sku.clone(),
                    name: item.title.clone(),
                    units: item.quantity - order.confirmed(&item.id),
                })
                .filter(|line| line.units > 0)
                .collect(),
        };
        orders.map(sale).filter(|sale| !sale.lines.is_empty()).collect()
    }

    fn change_address(&mut self, _order: &str, _address: &Place, _moment: &mut Moment<'_>) -> bool {
        // Amazon lets nobody change an order's address.
        false
    }

    fn next_ms(&self) -> Option<i64> {
        self.next_work()
    }

    fn settle(&mut self, moment: &mut Moment<'_>) {
        self.work_until(moment);
    }
}
