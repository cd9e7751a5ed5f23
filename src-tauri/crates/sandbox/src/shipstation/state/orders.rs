//! What can be done to orders, whoever does it.

use super::super::pacific::Wall;
use super::{Body, Customer, Deny, Item, Order, Parcel, Pen, Product, State, Status, Tag, next};
use rand::Rng;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// How long an order that spoils its pages does so, ms.
const POISON_MS: i64 = 30 * 60_000;

impl State {
    /// Creates an order or replaces one as a whole. Returns its id and whether it was created.
    ///
    /// With an id that very order is meant; with a key alone the order that has it, or a new one; with neither
    /// always a new one, however often the same content is sent.
    pub fn put(
        &mut self,
        pen: &mut Pen<'_>,
        order_id: Option<i64>,
        key: Option<&str>,
        body: Body,
        add_tags: &[i64],
    ) -> Result<(i64, bool), Deny> {
        let found = match (order_id, key) {
            (Some(id), key) => {
                let order = self.order(id).ok_or(Deny::NotFound("order"))?;
                if key.is_some_and(|key| key != order.key) {
                    let problem = format!("Order {id} has another orderKey; a key cannot be changed.");
                    return Err(Deny::Conflict("orderKey", problem));
                }
                Some(id)
            }
            (None, Some(key)) => match self.order_by_key(key) {
                Some(order) if order.merged_or_split => {
                    let problem = "orderId is required to update an order that was split or merged.";
                    return Err(Deny::Field("orderId", problem.to_owned()));
                }
                found => found.map(|order| order.id),
            },
            (None, None) => None,
        };
        let (id, created) = match found {
            Some(id) => (id, false),
            None => (self.create(pen, key, body.clone()), true),
        };
        let mut more = Map::new();
        if !created {
            let (before, changed) = self.replace(pen.now_ms, id, body)?;
            more.insert("status_before".to_owned(), json!(before.code()));
            more.insert("changed".to_owned(), json!(changed));
        }
        self.add_known_tags(id, add_tags);
        self.touch(id, pen.now_ms);
        let status = self.orders.get(&id).map(|order| order.body.status);
        let effect = match (created, status) {
            (true, _) => "order_created",
            (false, Some(Status::Cancelled)) => "order_cancelled",
            (false, _) => "order_updated",
        };
        self.write_order(pen, effect, id, Value::Object(more));
        Ok((id, created))
    }

    fn create(&mut self, pen: &mut Pen<'_>, key: Option<&str>, mut body: Body) -> i64 {
        let id = next(&mut self.next_id.order);
        let key = key.map_or_else(|| self.guid(), str::to_owned);
        let known = body.store_id.filter(|id| self.plan.stores.iter().any(|store| store.id == *id));
        let first_manual = self.plan.stores.iter().find(|store| store.is_manual()).map(|store| store.id);
        body.store_id = known.or(first_manual);
        body.items = self.settle_items(body.items, &BTreeMap::new(), &key, pen.now_ms);
        let customer_id = self.customer_of(&body, pen.now_ms);
        let one_in = self.plan.quirks.poison_one_in;
        let poisoned = one_in > 0 && self.rng.random_range(0..one_in) == 0;
        let order = Order {
            id,
            key: key.clone(),
            created_ms: pen.now_ms,
            modified_ms: pen.now_ms,
            body,
            hold_until: None,
            tags: Vec::new(),
            user_id: None,
            customer_id,
            merged_or_split: false,
            merged_ids: Vec::new(),
            parent_id: None,
            external_by: None,
            deleted: false,
            poisoned_until_ms: if poisoned { pen.now_ms + POISON_MS } else { 0 },
        };
        self.orders.insert(id, order);
        self.by_key.entry(key).or_default().push(id);
        id
    }

    /// Puts another body in the place of the old one. Returns the old status and whether anything differs.
    fn replace(&mut self, now_ms: i64, id: i64, mut body: Body) -> Result<(Status, bool), Deny> {
        let order = self.order(id).ok_or(Deny::NotFound("order"))?;
        let before = order.body.status;
        if !before.is_open() {
            return Err(Deny::Locked(before, order.body.number.clone()));
        }
        let old: BTreeMap<String, Item> = order
            .body
            .items
            .iter()
            .filter(|item| !item.line_key.is_empty())
            .map(|i| (i.line_key.clone(), i.clone()))
            .collect();
        let key = order.key.clone();
        body.store_id = order.body.store_id;
        body.items = self.settle_items(body.items, &old, &key, now_ms);
        let customer_id = self.customer_of(&body, now_ms);
        let hold = self.orders.get_mut(&id).ok_or(Deny::NotFound("order"))?;
        let changed = hold.body != body;
        if body.status != Status::OnHold
            && let Some(day) = hold.hold_until.take()
        {
            self.holds.remove(&(day, id));
        }
        hold.body = body;
        hold.customer_id = customer_id.or(hold.customer_id);
        Ok((before, changed))
    }

    /// Gives lines their ids: the old one where the client's key is known, else a fresh one.
    fn settle_items(&mut self, items: Vec<Item>, old: &BTreeMap<String, Item>, key: &str, now_ms: i64) -> Vec<Item> {
        let mut settled = Vec::with_capacity(items.len());
        for mut item in items {
            item.product_id = item.product_id.or_else(|| self.product_of(&item, now_ms));
            if let Some(known) = old.get(&item.line_key) {
                item.id = known.id;
                item.created_ms = known.created_ms;
                item.modified_ms = known.modified_ms;
                item.origin_key.clone_from(&known.origin_key);
                if item != *known {
                    item.modified_ms = now_ms;
                }
            } else {
                item.id = next(&mut self.next_id.item);
                item.created_ms = now_ms;
                item.modified_ms = now_ms;
                key.clone_into(&mut item.origin_key);
            }
            settled.push(item);
        }
        settled
    }

    /// The product record of a line; made when the SKU is new.
    fn product_of(&mut self, item: &Item, now_ms: i64) -> Option<i64> {
        if item.sku.is_empty() || item.adjustment {
            return None;
        }
        if let Some(id) = self.by_sku.get(&item.sku) {
            return Some(*id);
        }
        let id = next(&mut self.next_id.product);
        let ounces = item.weight.as_ref().map(|weight| (weight.grams() / 28.349_523_125 * 100.0).round() / 100.0);
        let fields = json!({
            "name": item.name, "price": item.unit_price.unwrap_or_default(), "weightOz": ounces, "active": true,
            "upc": if item.upc.is_empty() { Value::Null } else { json!(item.upc) },
            "aliases": null, "internalNotes": null, "fulfillmentSku": null, "productType": null,
            "warehouseLocation": null, "defaultCarrierCode": null, "defaultServiceCode": null,
            "defaultPackageCode": null, "defaultConfirmation": null, "customsDescription": null,
            "customsTariffNo": null, "customsCountryCode": null, "customsValue": null, "noCustoms": null,
            "productCategory": null, "tags": null, "length": null, "width": null, "height": null,
        });
        let Value::Object(fields) = fields else { return None };
        let product = Product { id, sku: item.sku.clone(), created_ms: now_ms, modified_ms: now_ms, fields };
        self.products.insert(id, product);
        self.by_sku.insert(item.sku.clone(), id);
        Some(id)
    }

    /// The customer record of an order; made when a user name comes for the first time.
    fn customer_of(&mut self, body: &Body, now_ms: i64) -> Option<i64> {
        if body.username.is_empty() {
            return None;
        }
        let id = match self.by_username.get(&body.username) {
            Some(id) => *id,
            None => next(&mut self.next_id.customer),
        };
        self.by_username.insert(body.username.clone(), id);
        let customer = self.customers.entry(id).or_insert_with(|| Customer {
            id,
            username: body.username.clone(),
            email: String::new(),
            address: body.bill_to.clone(),
            created_ms: now_ms,
            modified_ms: now_ms,
        });
        customer.email.clone_from(&body.email);
        customer.address = body.bill_to.clone();
        customer.modified_ms = now_ms;
        Some(id)
    }

    fn add_known_tags(&mut self, id: i64, tags: &[i64]) {
        let known: Vec<i64> = tags.iter().copied().filter(|tag| self.tags.iter().any(|t| t.id == *tag)).collect();
        let Some(order) = self.orders.get_mut(&id) else { return };
        for tag in known {
            if !order.tags.contains(&tag) {
                order.tags.push(tag);
            }
        }
    }

    /// Cancels an open order.
    pub fn cancel(&mut self, pen: &mut Pen<'_>, id: i64, why: &str) -> Result<(), Deny> {
        let order = self.order(id).ok_or(Deny::NotFound("order"))?;
        let before = order.body.status;
        if !before.is_open() || self.has_living_parcel(id) {
            return Err(Deny::Locked(before, order.body.number.clone()));
        }
        self.set_status(id, Status::Cancelled);
        self.touch(id, pen.now_ms);
        self.write_order(pen, "order_cancelled", id, json!({ "status_before": before.code(), "why": why }));
        Ok(())
    }

    /// Holds an order until a day, on which it is released by itself.
    pub fn hold(&mut self, pen: &mut Pen<'_>, id: i64, until: Wall, why: &str) -> Result<(), Deny> {
        let order = self.order(id).ok_or(Deny::NotFound("order"))?;
        if !order.body.status.is_open() {
            return Err(Deny::Locked(order.body.status, order.body.number.clone()));
        }
        let day = until.midnight();
        if day <= Wall::of(pen.now_ms) {
            return Err(Deny::Field("holdUntilDate", "The hold must end on a later day than today.".to_owned()));
        }
        self.set_status(id, Status::OnHold);
        if let Some(order) = self.orders.get_mut(&id) {
            if let Some(old) = order.hold_until.replace(day) {
                self.holds.remove(&(old, id));
            }
            self.holds.insert((day, id));
        }
        self.touch(id, pen.now_ms);
        self.write_order(pen, "order_held", id, json!({ "why": why }));
        Ok(())
    }

    /// Ends a hold, dated or not.
    pub fn end_hold(&mut self, pen: &mut Pen<'_>, id: i64, why: &str) -> Result<(), Deny> {
        let order = self.order(id).ok_or(Deny::NotFound("order"))?;
        if order.body.status != Status::OnHold {
            return Err(Deny::Locked(order.body.status, order.body.number.clone()));
        }
        self.set_status(id, Status::AwaitingShipment);
        self.touch(id, pen.now_ms);
        self.write_order(pen, "order_released", id, json!({ "why": why }));
        Ok(())
    }

    /// Hides an order. It is not a cancellation; nobody is told, and its key is free again.
    pub fn delete(&mut self, pen: &mut Pen<'_>, id: i64) -> Result<(), Deny> {
        let order = self.order(id).ok_or(Deny::NotFound("order"))?;
        let key = order.key.clone();
        self.write_order(pen, "order_deleted", id, Value::Null);
        self.bury(id, &key, pen.now_ms);
        Ok(())
    }

    /// Takes an order out of every list; by id it is not found any more.
    pub(super) fn bury(&mut self, id: i64, key: &str, now_ms: i64) {
        if let Some(order) = self.orders.get_mut(&id) {
            order.deleted = true;
            if let Some(day) = order.hold_until.take() {
                self.holds.remove(&(day, id));
            }
        }
        self.touch(id, now_ms);
        self.forget_key(key, id);
    }

    /// Adds a tag.
    pub fn add_tag(&mut self, pen: &mut Pen<'_>, id: i64, tag_id: i64) -> Result<(), Deny> {
        self.order(id).ok_or(Deny::NotFound("order"))?;
        let tag = self.tags.iter().find(|tag| tag.id == tag_id).ok_or(Deny::NotFound("tag"))?.name.clone();
        self.add_known_tags(id, &[tag_id]);
        self.touch(id, pen.now_ms);
        self.write_order(pen, "tag_added", id, json!({ "tag": tag }));
        Ok(())
    }

    /// Takes a tag away; one that is not there is no mistake.
    pub fn remove_tag(&mut self, pen: &mut Pen<'_>, id: i64, tag_id: i64) -> Result<(), Deny> {
        self.order(id).ok_or(Deny::NotFound("order"))?;
        let tag = self.tags.iter().find(|tag| tag.id == tag_id).ok_or(Deny::NotFound("tag"))?.name.clone();
        if let Some(order) = self.orders.get_mut(&id) {
            order.tags.retain(|known| *known != tag_id);
        }
        self.touch(id, pen.now_ms);
        self.write_order(pen, "tag_removed", id, json!({ "tag": tag }));
        Ok(())
    }

    /// The tag with this name, made when it is new.
    pub fn tag_named(&mut self, name: &str) -> Tag {
        if let Some(tag) = self.tags.iter().find(|tag| tag.name.eq_ignore_ascii_case(name)) {
            return tag.clone();
        }
        let tag = Tag { id: next(&mut self.next_id.tag), name: name.to_owned(), color: "#888888".to_owned() };
        self.tags.push(tag.clone());
        tag
    }

    /// Gives orders to a person, or to nobody. All or none.
    pub fn assign(&mut self, pen: &mut Pen<'_>, ids: &[i64], user: Option<&str>) -> Result<(), Deny> {
        if user.is_some_and(|user| !self.users.iter().any(|known| known.id == user)) {
            return Err(Deny::NotFound("user"));
        }
        if ids.iter().any(|id| self.order(*id).is_none()) {
            return Err(Deny::NotFound("order"));
        }
        for id in ids {
            if let Some(order) = self.orders.get_mut(id) {
                order.user_id = user.map(str::to_owned);
            }
            self.touch(*id, pen.now_ms);
            self.write_order(pen, "user_assigned", *id, json!({ "user_id": user }));
        }
        Ok(())
    }

    /// Writes the internal note anew, or behind what is there. Returns the whole note.
    pub fn note(&mut self, pen: &mut Pen<'_>, id: i64, note: &str, append: bool) -> Result<String, Deny> {
        self.order(id).ok_or(Deny::NotFound("order"))?;
        let order = self.orders.get_mut(&id).ok_or(Deny::NotFound("order"))?;
        let notes = &mut order.body.internal_notes;
        *notes = match (append, notes.is_empty()) {
            (true, false) => format!("{notes}\n{note}"),
            _ => note.trim().to_owned(),
        };
        let whole = notes.clone();
        self.touch(id, pen.now_ms);
        self.write_order(pen, "note_written", id, json!({ "note": note, "append": append }));
        Ok(whole)
    }

    /// Makes any page that holds this order answer 500 until then (ms UTC).
    pub fn poison(&mut self, id: i64, until_ms: i64) {
        if let Some(order) = self.orders.get_mut(&id) {
            order.poisoned_until_ms = until_ms;
        }
    }

    /// Says who else ships this order (`Amazon FBA`).
    pub fn set_external(&mut self, id: i64, by: &str) {
        if let Some(order) = self.orders.get_mut(&id) {
            order.external_by = Some(by.to_owned());
        }
    }

    pub(super) fn set_status(&mut self, id: i64, status: Status) {
        let Some(order) = self.orders.get_mut(&id) else { return };
        order.body.status = status;
        if status != Status::OnHold
            && let Some(day) = order.hold_until.take()
        {
            self.holds.remove(&(day, id));
        }
    }

    /// Something of it left or is about to leave.
    pub fn has_living_parcel(&self, id: i64) -> bool {
        self.parcels_of(id).iter().any(|parcel| self.parcel_lives(*parcel))
    }

    pub(super) fn parcel_lives(&self, parcel: Parcel) -> bool {
        match parcel {
            Parcel::Label(id) => {
                self.labels.get(&id).is_some_and(|label| label.voided_ms.is_none() && !label.is_return)
            }
            Parcel::Fulfillment(id) => self.fulfillments.get(&id).is_some_and(|record| record.voided_ms.is_none()),
        }
    }
}
