//! Splitting and merging orders, as people do in the platform's own screens.
//! The children of a split carry the number of the order they came from; orders
//! that were merged into another vanish.

use super::{Deny, Order, Pen, State};
use serde_json::json;

impl State {
    /// Moves units of some lines (line id, units) out of an open order into a new one. Returns the new order's id.
    pub fn split(&mut self, pen: &mut Pen<'_>, id: i64, take: &[(i64, i64)]) -> Result<i64, Deny> {
        let parent = self.order(id).ok_or(Deny::NotFound("order"))?.clone();
        if !parent.body.status.is_open() {
            return Err(Deny::Locked(parent.body.status, parent.body.number));
        }
        let mut stays = parent.body.items.clone();
        let mut goes = Vec::new();
        for (item_id, units) in take {
            let item = stays.iter_mut().find(|item| item.id == *item_id && !item.adjustment);
            let item = item.filter(|item| *units > 0 && *units <= item.quantity);
            let item = item.ok_or_else(|| Deny::Field("items", format!("Line {item_id} has not {units} units.")))?;
            item.quantity -= units;
            let mut moved = item.clone();
            moved.quantity = *units;
            goes.push(moved);
        }
        stays.retain(|item| item.quantity > 0 || item.adjustment);
        if goes.is_empty() || !stays.iter().any(|item| !item.adjustment) {
            return Err(Deny::Field("items", "A split leaves lines on both sides.".to_owned()));
        }
        let child_id = super::next(&mut self.next_id.order);
        let key = if self.plan.habits.children_share_key { parent.key.clone() } else { self.guid() };
        for item in &mut goes {
            item.id = super::next(&mut self.next_id.item);
            item.created_ms = pen.now_ms;
            item.modified_ms = pen.now_ms;
        }
        let mut child = Order {
            id: child_id,
            key: key.clone(),
            created_ms: pen.now_ms,
            modified_ms: pen.now_ms,
            merged_or_split: true,
            merged_ids: Vec::new(),
            parent_id: Some(id),
            poisoned_until_ms: 0,
            ..parent
        };
        child.body.items = goes;
        // Money stays where it was: the child ships goods that were paid with the parent.
        (child.body.amount_paid, child.body.tax_amount, child.body.shipping_amount) = (Some(0.0), Some(0.0), Some(0.0));
        child.body.weight = None;
        if let Some(day) = child.hold_until {
            self.holds.insert((day, child_id));
        }
        self.orders.insert(child_id, child);
        self.by_key.entry(key).or_default().push(child_id);
        if let Some(parent) = self.orders.get_mut(&id) {
            parent.body.items = stays;
            parent.body.weight = None;
            parent.merged_or_split = true;
        }
        self.touch(id, pen.now_ms);
        self.touch(child_id, pen.now_ms);
        self.write_order(pen, "order_split", id, json!({ "child_id": child_id }));
        self.write_order(pen, "order_split_off", child_id, json!({}));
        Ok(child_id)
    }

    /// Merges open orders into the first. The others vanish: by id they are not found any more.
    pub fn merge(&mut self, pen: &mut Pen<'_>, into: i64, others: &[i64]) -> Result<(), Deny> {
        let mut moved = Vec::new();
        for id in std::iter::once(&into).chain(others) {
            let order = self.order(*id).ok_or(Deny::NotFound("order"))?;
            if !order.body.status.is_open() || self.has_living_parcel(*id) {
                return Err(Deny::Locked(order.body.status, order.body.number.clone()));
            }
        }
        for id in others.iter().filter(|id| **id != into) {
            let Some(order) = self.orders.get(id) else { continue };
            let key = order.key.clone();
            moved.extend(order.body.items.iter().cloned());
            self.write_order(pen, "order_merged_away", *id, json!({ "into": into }));
            self.bury(*id, &key, pen.now_ms);
        }
        if let Some(order) = self.orders.get_mut(&into) {
            order.body.items.extend(moved);
            order.body.weight = None;
            order.merged_or_split = true;
            order.merged_ids.extend(others.iter().filter(|id| **id != into));
        }
        self.touch(into, pen.now_ms);
        self.write_order(pen, "order_merged", into, json!({}));
        Ok(())
    }
}
