//! Labels and marked-as-shipped records: making them, taking them back, and
//! what is still to ship of an order.

use super::super::carriers::{self, Carrier, Service};
use super::super::pacific::Wall;
use super::tracking::Track;
use super::{Address, Deny, Fulfillment, Item, Label, Order, Parcel, Pen, State, Status, next};
use serde_json::{Value, json};

/// Labels older than this cannot be voided, ms.
const VOID_PERIOD_MS: i64 = 28 * 86_400_000;

/// What kind of label is wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Purchase {
    /// The platform's code of the carrier.
    pub carrier: String,
    /// The platform's code of the service.
    pub service: String,
    /// Box type; empty is `package`.
    pub package: String,
    /// `none`, `signature`, …
    pub confirmation: String,
    /// Day it leaves; `None` is today.
    pub ship_day: Option<Wall>,
    /// Grams; `None` is what the lines weigh.
    pub grams: Option<f64>,
    /// As sent, or null.
    pub dimensions: Value,
    /// Lines (line id, units) in the parcel; `None` is everything that is left to ship.
    pub lines: Option<Vec<(i64, i64)>>,
    /// A shipped order may get a further label (a replacement, or the rest).
    pub again: bool,
}

/// How a request to void ended. The platform answers all of these with success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voided {
    /// Done.
    Approved,
    /// It is voided already.
    Already,
    /// A carrier has scanned it.
    Used,
    /// Too long ago.
    TooLate,
}

impl State {
    /// Units of each line that are in no living parcel yet: (line id, units), adjustment lines left out.
    pub fn outstanding(&self, order: &Order) -> Vec<(i64, i64)> {
        let parcels: Vec<&[Item]> = self.living_contents(order.id).collect();
        let packed = |id: i64| -> i64 {
            parcels.iter().flat_map(|items| items.iter()).filter(|item| item.id == id).map(|item| item.quantity).sum()
        };
        let lines = order.body.items.iter().filter(|item| !item.adjustment);
        lines.map(|item| (item.id, item.quantity - packed(item.id))).filter(|(_, units)| *units > 0).collect()
    }

    fn living_contents(&self, order_id: i64) -> impl Iterator<Item = &[Item]> {
        self.parcels_of(order_id).iter().filter(|parcel| self.parcel_lives(**parcel)).filter_map(
            |parcel| match parcel {
                Parcel::Label(id) => self.labels.get(id).map(|label| label.items.as_slice()),
                Parcel::Fulfillment(id) => self.fulfillments.get(id).map(|record| record.items.as_slice()),
            },
        )
    }

    /// Buys a label for an order. It costs money at once.
    pub fn buy(&mut self, pen: &mut Pen<'_>, order_id: i64, purchase: &Purchase) -> Result<i64, Deny> {
        let order = self.order(order_id).ok_or(Deny::NotFound("order"))?.clone();
        let open =
            order.body.status == Status::AwaitingShipment || (purchase.again && order.body.status == Status::Shipped);
        if !open {
            return Err(Deny::Locked(order.body.status, order.body.number));
        }
        let (carrier, service) = choose(&purchase.carrier, &purchase.service)?;
        check_address(&order.body.ship_to, service)?;
        let package = check_package(carrier, &purchase.package)?;
        let left = self.outstanding(&order);
        let wanted = purchase.lines.clone().unwrap_or_else(|| left.clone());
        let mut items = Vec::new();
        for (item_id, units) in &wanted {
            let Some(item) = order.body.items.iter().find(|item| item.id == *item_id) else {
                return Err(Deny::Field("items", format!("Line {item_id} is not in order {order_id}.")));
            };
            items.push(Item { quantity: *units, ..item.clone() });
        }
        let weigh = |items: &[Item]| -> f64 {
            items.iter().filter_map(|item| Some(item.weight.as_ref()?.grams() * item.quantity as f64)).sum()
        };
        let grams = purchase.grams.filter(|grams| *grams > 0.0).unwrap_or_else(|| match order.body.weight {
            Some(_) if purchase.lines.is_none() => order.grams(),
            _ => weigh(&items),
        });
        // The platform weighs nothing itself: without a weight there is no label. Ours may have none for items made by
        // hand; people put the parcel on the scales then, so the warehouse passes `grams`.
        if grams <= 0.0 {
            return Err(no_weight());
        }
        let ship_to = order.body.ship_to.clone();
        let id = self.make_label(pen, (carrier, service), package, purchase, (ship_to, grams));
        let warehouse_id = order.body.warehouse_id;
        let notified = self.tells_marketplace(order.store_id());
        let Some(label) = self.labels.get_mut(&id) else { return Err(Deny::NotFound("label")) };
        label.order_id = Some(order_id);
        label.order_key.clone_from(&order.key);
        label.order_number.clone_from(&order.body.number);
        label.store_id = order.store_id();
        label.warehouse_id = warehouse_id.or(label.warehouse_id);
        label.notified = notified;
        label.email.clone_from(&order.body.email);
        label.items = items;
        let ship_day = label.ship_day;
        self.parcels.entry(order_id).or_default().push(Parcel::Label(id));
        if let Some(held) = self.orders.get_mut(&order_id) {
            carrier.code.clone_into(&mut held.body.carrier_code);
            service.code.clone_into(&mut held.body.service_code);
            package.clone_into(&mut held.body.package_code);
            held.body.ship_date = Some(ship_day);
        }
        if self.outstanding(&order).is_empty() {
            self.set_status(order_id, Status::Shipped);
        }
        self.touch(order_id, pen.now_ms);
        self.write_label(pen, "label_bought", id, json!({}));
        Ok(id)
    }

    /// Buys a label that belongs to no order.
    pub fn buy_loose(&mut self, pen: &mut Pen<'_>, to: Address, purchase: &Purchase) -> Result<i64, Deny> {
        let (carrier, service) = choose(&purchase.carrier, &purchase.service)?;
        check_address(&to, service)?;
        let package = check_package(carrier, &purchase.package)?;
        let grams = purchase.grams.filter(|grams| *grams > 0.0).ok_or_else(no_weight)?;
        let id = self.make_label(pen, (carrier, service), package, purchase, (to, grams));
        self.write_label(pen, "label_bought", id, json!({}));
        Ok(id)
    }

    /// A label that knows nothing of orders yet.
    fn make_label(
        &mut self,
        pen: &Pen<'_>,
        (carrier, service): (&Carrier, &Service),
        package: &str,
        purchase: &Purchase,
        (ship_to, grams): (Address, f64),
    ) -> i64 {
        let id = next(&mut self.next_id.label);
        let label = Label {
            id,
            order_id: None,
            order_key: String::new(),
            order_number: String::new(),
            store_id: 0,
            created_ms: pen.now_ms,
            modified_ms: pen.now_ms,
            ship_day: purchase.ship_day.unwrap_or_else(|| Wall::of(pen.now_ms)).midnight(),
            cost_minor: service.price_minor(grams, &ship_to.country),
            insurance_minor: 0,
            tracking_number: carrier.tracking_number(&mut self.rng),
            carrier_code: carrier.code.to_owned(),
            service_code: service.code.to_owned(),
            package_code: package.to_owned(),
            confirmation: if purchase.confirmation.is_empty() {
                "none".to_owned()
            } else {
                purchase.confirmation.clone()
            },
            warehouse_id: self.warehouses.first().map(|place| place.id),
            voided_ms: None,
            notified: false,
            notify_error: String::new(),
            ship_to,
            email: String::new(),
            grams,
            dimensions: purchase.dimensions.clone(),
            items: Vec::new(),
            is_return: false,
            rma_number: String::new(),
            outbound_label_id: None,
            charge_event: "carrier_default".to_owned(),
            track: Track { scans: Vec::new(), estimated_ms: Some(pen.now_ms + service.days * 86_400_000) },
        };
        self.labels.insert(id, label);
        id
    }

    /// Marks an order as shipped without a label: everything that is left of it.
    pub fn mark_shipped(
        &mut self,
        pen: &mut Pen<'_>,
        order_id: i64,
        carrier_code: &str,
        tracking_number: &str,
        ship_date: Option<Wall>,
        notify_channel: bool,
    ) -> Result<i64, Deny> {
        let order = self.order(order_id).ok_or(Deny::NotFound("order"))?.clone();
        if !matches!(order.body.status, Status::AwaitingPayment | Status::AwaitingShipment) {
            return Err(Deny::Locked(order.body.status, order.body.number));
        }
        if carrier_code.trim().is_empty() {
            return Err(Deny::Field("carrierCode", "The carrierCode field is required.".to_owned()));
        }
        let left = self.outstanding(&order);
        let take = |(id, units): &(i64, i64)| {
            let item = order.body.items.iter().find(|item| item.id == *id)?;
            Some(Item { quantity: *units, ..item.clone() })
        };
        let id = next(&mut self.next_id.fulfillment);
        let record = Fulfillment {
            id,
            order_id,
            order_key: order.key.clone(),
            order_number: order.body.number.clone(),
            store_id: order.store_id(),
            created_ms: pen.now_ms,
            ship_date: ship_date.unwrap_or_else(|| Wall::of(pen.now_ms)),
            tracking_number: tracking_number.to_owned(),
            carrier_code: carrier_code.to_owned(),
            voided_ms: None,
            delivered_ms: None,
            notified: notify_channel && self.tells_marketplace(order.store_id()),
            notify_error: String::new(),
            ship_to: order.body.ship_to.clone(),
            email: order.body.email.clone(),
            items: left.iter().filter_map(take).collect(),
        };
        let detail = json!({
            "fulfillment_id": id, "tracking_number": tracking_number, "carrier": carrier_code,
            "parcel_lines": lines_detail(&record.items), "notify_channel": notify_channel,
        });
        self.fulfillments.insert(id, record);
        self.parcels.entry(order_id).or_default().push(Parcel::Fulfillment(id));
        self.set_status(order_id, Status::Shipped);
        self.touch(order_id, pen.now_ms);
        self.write_order(pen, "marked_shipped", order_id, detail);
        Ok(id)
    }

    /// Gives a label back. Where it cannot be given back nothing changes, and that is an answer, not an error.
    pub fn void(&mut self, pen: &mut Pen<'_>, label_id: i64) -> Result<Voided, Deny> {
        let label = self.labels.get_mut(&label_id).ok_or(Deny::NotFound("label"))?;
        if label.voided_ms.is_some() {
            return Ok(Voided::Already);
        }
        if label.track.was_used() {
            return Ok(Voided::Used);
        }
        if pen.now_ms - label.created_ms > VOID_PERIOD_MS {
            return Ok(Voided::TooLate);
        }
        label.voided_ms = Some(pen.now_ms);
        label.modified_ms = pen.now_ms;
        let order_id = label.order_id.filter(|_| !label.is_return);
        if let Some(order_id) = order_id {
            let shipped = self.order(order_id).is_some_and(|order| order.body.status == Status::Shipped);
            if shipped && self.plan.habits.void_reopens {
                self.set_status(order_id, Status::AwaitingShipment);
            }
            self.touch(order_id, pen.now_ms);
        }
        self.write_label(pen, "label_voided", label_id, json!({}));
        Ok(Voided::Approved)
    }

    /// Makes a return label for a label: addresses swapped, inside the country only.
    pub fn buy_return(&mut self, pen: &mut Pen<'_>, outbound_id: i64, charge_event: &str) -> Result<i64, Deny> {
        let outbound = self.labels.get(&outbound_id).ok_or(Deny::NotFound("label"))?.clone();
        if !outbound.ship_to.country.eq_ignore_ascii_case(carriers::HOME_COUNTRY) {
            return Err(Deny::Field("label_id", "Return labels are available for domestic shipments only.".to_owned()));
        }
        let carrier = carriers::carrier(&outbound.carrier_code).ok_or(Deny::NotFound("carrier"))?;
        let id = next(&mut self.next_id.label);
        let label = Label {
            id,
            created_ms: pen.now_ms,
            modified_ms: pen.now_ms,
            ship_day: Wall::of(pen.now_ms).midnight(),
            tracking_number: carrier.tracking_number(&mut self.rng),
            voided_ms: None,
            notified: false,
            is_return: true,
            outbound_label_id: Some(outbound_id),
            charge_event: charge_event.to_owned(),
            track: Track::default(),
            ..outbound
        };
        let order_id = label.order_id;
        self.labels.insert(id, label);
        if let Some(order_id) = order_id {
            self.parcels.entry(order_id).or_default().push(Parcel::Label(id));
        }
        self.write_label(pen, "return_label_bought", id, json!({ "outbound_label_id": outbound_id }));
        Ok(id)
    }

    /// The platform tells the marketplace of a parcel by itself.
    fn tells_marketplace(&self, store_id: i64) -> bool {
        self.plan.stores.iter().any(|store| store.id == store_id && !store.is_manual())
    }

    fn write_label(&self, pen: &mut Pen<'_>, effect: &str, label_id: i64, more: Value) {
        let Some(label) = self.labels.get(&label_id) else { return };
        let mut detail = json!({
            "order_id": label.order_id,
            "number": label.order_number,
            "tracking_number": label.tracking_number,
            "carrier": label.carrier_code,
            "service": label.service_code,
            "cost_minor": label.cost_minor,
            "parcel_lines": lines_detail(&label.items),
            "ship_to": label.ship_to.ledger_detail(),
            "voided_at_ms": label.voided_ms,
            "order_status": label.order_id.and_then(|id| self.order(id)).map(|order| order.body.status.code()),
        });
        if let (Value::Object(detail), Value::Object(more)) = (&mut detail, more) {
            detail.extend(more);
        }
        self.write(pen, effect, label_id.to_string(), Some(label.order_key.clone()), detail);
    }
}

/// Lines of a parcel for the ledger.
fn lines_detail(items: &[Item]) -> Value {
    let line = |item: &Item| json!({ "order_key": item.origin_key, "line_key": item.line_key, "sku": item.sku, "quantity": item.quantity });
    items.iter().map(line).collect()
}

/// The carrier and service with these codes.
pub fn choose(carrier: &str, service: &str) -> Result<(&'static Carrier, &'static Service), Deny> {
    let known = carriers::carrier(carrier).ok_or_else(|| {
        Deny::Field("carrierCode", format!("The carrier '{carrier}' is not connected to this account."))
    })?;
    let service = known
        .service(service)
        .ok_or_else(|| Deny::Field("serviceCode", format!("{} has no service '{service}'.", known.name)))?;
    Ok((known, service))
}

/// The box type, `package` when none was named.
fn check_package<'a>(carrier: &Carrier, package: &'a str) -> Result<&'a str, Deny> {
    let package = if package.is_empty() { "package" } else { package };
    if carrier.has_package(package) {
        Ok(package)
    } else {
        Err(Deny::Field("packageCode", format!("{} has no package '{package}'.", carrier.name)))
    }
}

fn no_weight() -> Deny {
    Deny::Field("weight", "A weight greater than zero is required.".to_owned())
}

/// A carrier takes parcels to complete addresses only, and a service only where it goes.
pub fn check_address(to: &Address, service: &Service) -> Result<(), Deny> {
    if let Some(part) = to.missing() {
        return Err(Deny::Field("shipTo", format!("The ship to address has no {part}.")));
    }
    if !service.reaches(&to.country) {
        return Err(Deny::Field("serviceCode", format!("{} does not ship to {}.", service.name, to.country)));
    }
    Ok(())
}
