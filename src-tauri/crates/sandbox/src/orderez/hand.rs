//! What people do in the account by hand, for the warehouse and for tests that play a person.

use super::Orderez;
use super::state::{Deny, Fulfillment, Level, Order, Pen, Tracking, WAREHOUSE};
use crate::Moment;
use crate::ledger::By;
use serde_json::json;

fn pen<'a>(moment: &'a mut Moment<'_>) -> Pen<'a> {
    Pen { now_ms: moment.now_ms, by: By::Merchant, ledger: moment.ledger }
}

/// A shipment as somebody at the packing table makes it.
pub fn parcel(lines: Vec<(String, i64)>, tracking: Vec<Tracking>, now_ms: i64, id: u64) -> Fulfillment {
    Fulfillment {
        id: String::new(),
        order_id: String::new(),
        warehouse_id: WAREHOUSE.to_owned(),
        status: "shipped".to_owned(),
        lines,
        tracking,
        shipped_ms: Some(now_ms),
        delivered_ms: None,
        external_ref: None,
        source: json!({"system": "orderez", "id": format!("ship_{id}")}),
        version: 0,
        updated_ms: 0,
    }
}

impl Orderez {
    /// Orders that can be packed: id and open units by line id.
    pub fn packable(&self) -> Vec<(String, Vec<(String, i64)>)> {
        let open = |order: &Order| {
            order.lines.iter().filter(|line| line.open() > 0).map(|line| (line.id.clone(), line.open())).collect()
        };
        self.state
            .orders
            .values()
            .filter(|order| order.can_be_packed())
            .map(|order| (order.id.clone(), open(order)))
            .collect()
    }

    /// The order a client made under this reference.
    pub fn order_of(&self, key: &str) -> Option<&Order> {
        self.state.orders.values().find(|order| order.references.iter().any(|reference| reference.id == key))
    }

    /// Packs units of lines, `None` for all that is open, into one shipment with these numbers.
    pub fn pack(
        &mut self,
        order_id: &str,
        lines: Option<Vec<(String, i64)>>,
        carrier: &str,
        numbers: &[&str],
        moment: &mut Moment<'_>,
    ) -> Result<String, Deny> {
        let order = self.state.orders.get(order_id).ok_or(Deny::NotFound)?;
        let open = order.lines.iter().filter(|line| line.open() > 0).map(|line| (line.id.clone(), line.open()));
        let lines = lines.unwrap_or_else(|| open.collect());
        let tracking = numbers
            .iter()
            .map(|number| Tracking { carrier: carrier.to_owned(), number: (*number).to_owned() })
            .collect();
        let made = parcel(lines, tracking, moment.now_ms, self.state.orders.len() as u64);
        self.state.ship(&mut pen(moment), order_id, made)
    }

    /// Writes the numbers of a shipment down later.
    pub fn number(
        &mut self,
        fulfillment_id: &str,
        carrier: &str,
        numbers: &[&str],
        moment: &mut Moment<'_>,
    ) -> Result<(), Deny> {
        self.state.change_fulfillment(&mut pen(moment), fulfillment_id, |fulfillment| {
            fulfillment.tracking = numbers
                .iter()
                .map(|number| Tracking { carrier: carrier.to_owned(), number: (*number).to_owned() })
                .collect();
        })
    }

    /// Takes a shipment back before it left.
    pub fn void(&mut self, fulfillment_id: &str, moment: &mut Moment<'_>) -> Result<(), Deny> {
        self.state.change_fulfillment(&mut pen(moment), fulfillment_id, |fulfillment| {
            "cancelled".clone_into(&mut fulfillment.status);
        })
    }

    /// The buyer has it.
    pub fn deliver(&mut self, fulfillment_id: &str, moment: &mut Moment<'_>) -> Result<(), Deny> {
        let now_ms = moment.now_ms;
        self.state.change_fulfillment(&mut pen(moment), fulfillment_id, |fulfillment| {
            "delivered".clone_into(&mut fulfillment.status);
            fulfillment.delivered_ms = Some(now_ms);
        })
    }

    /// Somebody cancels the order without telling the shop.
    pub fn cancel(&mut self, order_id: &str, moment: &mut Moment<'_>) -> Result<(), Deny> {
        self.state.cancel(&mut pen(moment), order_id, None, "inventory")
    }

    /// Somebody holds the order, or lets it go.
    pub fn hold(&mut self, order_id: &str, on: bool, moment: &mut Moment<'_>) -> Result<(), Deny> {
        self.state.change(&mut pen(moment), order_id, if on { "order_held" } else { "order_released" }, |order| {
            order.on_hold = on;
        })
    }

    /// Somebody corrects the town.
    pub fn move_to(&mut self, order_id: &str, city: &str, moment: &mut Moment<'_>) -> Result<(), Deny> {
        self.state
            .change(&mut pen(moment), order_id, "order_updated", |order| order.shipping_address["city"] = json!(city))
    }

    /// Somebody gives money back for units of lines, and writes it down there.
    pub fn refund(
        &mut self,
        order_id: &str,
        amount: &str,
        lines: &[(String, i64)],
        moment: &mut Moment<'_>,
    ) -> Result<(), Deny> {
        let id = self.state.id("ref");
        let given: Vec<_> = lines.iter().map(|(line, units)| json!({"line_id": line, "quantity": units})).collect();
        self.state.change(&mut pen(moment), order_id, "refund_recorded", |order| {
            for (line_id, units) in lines {
                if let Some(line) = order.lines.iter_mut().find(|line| line.id == *line_id) {
                    line.refunded += units;
                }
            }
            "partially_refunded".clone_into(&mut order.payment_status);
            let money = json!({"amount": amount, "currency": order.currency});
            order.refunds.push(json!({"id": id, "order_id": order_id, "amount": money, "lines": given}));
        })
    }

    /// Somebody counts the shelf.
    pub fn count(&mut self, sku: &str, on_hand: i64, moment: &mut Moment<'_>) {
        let version =
            self.state.levels.get(&(WAREHOUSE.to_owned(), sku.to_owned())).map_or(1, |level| level.version + 1);
        let last_change =
            json!({"source": {"system": "orderez", "id": format!("count_{version}")}, "reason": "receipt"});
        let level = Level { on_hand, reserved: 0, version, last_change, updated_ms: moment.now_ms };
        self.state.levels.insert((WAREHOUSE.to_owned(), sku.to_owned()), level);
    }
}
