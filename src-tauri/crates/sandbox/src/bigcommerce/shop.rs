//! How the simulated people see a store.

use super::hand::{LineDraft, OrderDraft};
use super::state::{Address, Order};
use super::{BigCommerce, BigPlan};
use crate::Moment;
use crate::merchant::shop::{LineView, OrderView, Place, Purchase, ShipmentView, Shop};
use rand::Rng;
use std::collections::BTreeMap;

/// Grams in an ounce.
const OUNCE_G: f64 = 28.349_523_125;

/// The merchant's store, for a life with all platforms.
pub fn extra(_seed: u64, _start_ms: i64) -> Box<dyn Shop> {
    Box::new(BigCommerce::new(BigPlan::harbour_depot()))
}

fn address_of(place: &Place, email: &str) -> Address {
    Address {
        first_name: place.first_name.clone(),
        last_name: place.last_name.clone(),
        company: place.company.clone(),
        street_1: place.line1.clone(),
        street_2: place.line2.clone(),
        city: place.city.clone(),
        state: place.region.clone(),
        zip: place.postcode.clone(),
        country: place.country_name.clone(),
        country_iso2: place.country.clone(),
        phone: place.phone.clone(),
        email: email.to_owned(),
        form_fields: Vec::new(),
    }
}

fn parse(order: &str) -> i64 {
    order.parse().unwrap_or(-1)
}

impl BigCommerce {
    fn open(&self, order: &str) -> Option<&Order> {
        self.state.orders.get(&parse(order)).filter(|order| !matches!(order.status, 2 | 4..=6 | 10))
    }
}

impl Shop for BigCommerce {
    fn country(&self) -> &str {
        &self.plan.country
    }

    fn place(&mut self, purchase: &Purchase, moment: &mut Moment<'_>) -> Option<String> {
        let grams = if self.plan.weight_units == "Ounces" { OUNCE_G } else { 1000.0 };
        let lines = purchase.lines.iter().enumerate().map(|(i, line)| LineDraft {
            sku: line.sku.clone(),
            name: line.name.clone(),
            quantity: line.quantity,
            price_minor: line.unit_price_minor,
            kind: if line.weight_g.is_some() { "physical" } else { "digital" }.to_owned(),
            weight: line.weight_g.unwrap_or(0.0) / grams,
            choices: line
                .options
                .iter()
                .map(|(name, text)| (name.clone(), text.clone(), "Text field".to_owned()))
                .chain(
                    (!line.variant.is_empty())
                        .then(|| ("Kind".to_owned(), line.variant.clone(), "Multiple choice".to_owned())),
                )
                .collect(),
            wrapping: (i == 0 && !purchase.gift_message.is_empty())
                .then(|| ("Blue paper".to_owned(), 150, purchase.gift_message.clone())),
            product: (1, 1),
            ..LineDraft::default()
        });
        let method = if purchase.express { "Express" } else { "Standard" };
        let draft = OrderDraft {
            lines: lines.collect(),
            ship_to: vec![(address_of(&purchase.ship_to, &purchase.email), method.to_owned(), purchase.shipping_minor)],
            bill_to: purchase.bill_to.as_ref().map(|place| address_of(place, &purchase.email)),
            status: Some(if purchase.paid { 11 } else { 7 }),
            payment: Some(if purchase.paid { "captured" } else { "" }.to_owned()),
            channel: Some(if moment.rng.random_bool(0.8) { 1 } else { 667_159 }),
            message: Some(purchase.note.clone()).filter(|note| !note.is_empty()),
            ..OrderDraft::default()
        };
        Some(self.buy(draft, moment).to_string())
    }

    fn pay(&mut self, order: &str, moment: &mut Moment<'_>) -> bool {
        let waits = self.open(order).is_some_and(|order| order.status == 7);
        if waits {
            self.take_payment(parse(order), moment);
        }
        waits
    }

    fn cancel(&mut self, order: &str, moment: &mut Moment<'_>) -> bool {
        self.call_off(parse(order), moment)
    }

    fn change_units(&mut self, order: &str, line: &str, units: i64, moment: &mut Moment<'_>) -> bool {
        self.change_quantity(parse(order), parse(line), units, moment)
    }

    fn give_back(&mut self, order: &str, line: &str, units: i64, moment: &mut Moment<'_>) -> bool {
        let paid = self.open(order).is_some_and(|order| order.status != 7);
        paid && self.refund_units(parse(order), parse(line), units, moment)
    }

    fn change_address(&mut self, order: &str, address: &Place, moment: &mut Moment<'_>) -> bool {
        let Some(known) = self.open(order).filter(|order| order.shipments.is_empty()) else { return false };
        let email = known.billing.email.clone();
        self.move_to(parse(order), address_of(address, &email), moment);
        true
    }

    fn hold(&mut self, order: &str, moment: &mut Moment<'_>) -> bool {
        let ready = self.open(order).is_some_and(|order| order.status == 11);
        if ready {
            self.set_status(parse(order), 12, moment);
        }
        ready
    }

    fn release(&mut self, order: &str, moment: &mut Moment<'_>) -> bool {
        let held = self.open(order).is_some_and(|order| order.status == 12);
        if held {
            self.set_status(parse(order), 11, moment);
        }
        held
    }

    fn ship_by_hand(&mut self, order: &str, carrier: &str, number: &str, moment: &mut Moment<'_>) -> bool {
        let open = self.open(order).is_some_and(|order| order.status != 7);
        open && self.ship_all(parse(order), &carrier.to_ascii_lowercase(), number, moment) > 0
    }

    fn order(&self, order: &str) -> Option<OrderView> {
        let order = self.state.orders.get(&parse(order))?;
        let goods: Vec<_> = order.goods().collect();
        let lines = goods.iter().map(|line| LineView {
            id: line.id.to_string(),
            units: line.quantity - line.refunded,
            shipped: line.shipped,
        });
        let shipments = order.shipments.iter().map(|one| ShipmentView {
            numbers: Some(one.number.clone()).filter(|number| !number.is_empty()).into_iter().collect(),
            units: one.items.iter().map(|(line, units)| (line.to_string(), *units)).collect::<BTreeMap<_, _>>(),
        });
        Some(OrderView {
            id: order.id.to_string(),
            name: order.id.to_string(),
            placed_ms: order.created_ms,
            paid: matches!(order.status, 2 | 3 | 8..=14),
            cancelled: matches!(order.status, 5 | 6) || (order.status == 4 && order.shipments.is_empty()),
            never_ships: goods.is_empty().then(|| "digital".to_owned()),
            lines: lines.collect(),
            shipments: shipments.collect(),
        })
    }

    fn orders(&self) -> Vec<String> {
        self.state.orders.keys().map(ToString::to_string).collect()
    }
}
