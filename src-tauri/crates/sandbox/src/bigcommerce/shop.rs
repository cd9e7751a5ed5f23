//! How the simulated people see a store.

use super::hand::{LineDraft, OrderDraft};
use super::state::{Address, Line, Order};
use super::{BigCommerce, BigPlan};
use crate::Moment;
use crate::merchant::shop::{LineView, OrderView, Place, Purchase, ShipmentView, Shop};
use rand::Rng;
use std::collections::{BTreeMap, BTreeSet};

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

/// The store's order of an id: `104`, and `104:11203` for the part of it that goes to one further address.
fn parse(order: &str) -> i64 {
    order.split(':').next().and_then(|id| id.parse().ok()).unwrap_or(-1)
}

/// Every so manieth order is bought for two doors, if it has two kinds of goods. Chance has no say in it, so that all
/// else stays as it was.
const TWO_DOORS_EVERY: usize = 8;

/// Every so manieth order is bought by somebody without an account. Chance has no say in it either.
const GUEST_EVERY: usize = 3;

/// A present goes to somebody nearby.
fn neighbour(of: &Place) -> Place {
    Place {
        first_name: "Marit".to_owned(),
        last_name: "Holm".to_owned(),
        company: String::new(),
        line1: "7 Lighthouse Lane".to_owned(),
        line2: String::new(),
        ..of.clone()
    }
}

/// Addresses an order has goods for, lowest first.
fn doors(order: &Order) -> Vec<i64> {
    let doors: BTreeSet<i64> = order.goods().map(|line| line.address).collect();
    doors.into_iter().collect()
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
        let goods: Vec<usize> =
            purchase.lines.iter().enumerate().filter(|(_, line)| line.weight_g.is_some()).map(|(i, _)| i).collect();
        let two_doors = goods.len() > 1 && (self.state.orders.len() + 1).is_multiple_of(TWO_DOORS_EVERY);
        let lines = purchase.lines.iter().enumerate().map(|(i, line)| LineDraft {
            door: usize::from(two_doors && goods.last() == Some(&i)),
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
        let guest = (self.state.orders.len() + 1).is_multiple_of(GUEST_EVERY) || purchase.email.is_empty();
        let buyer = purchase.bill_to.as_ref().unwrap_or(&purchase.ship_to);
        let name = (buyer.first_name.as_str(), buyer.last_name.as_str());
        let customer = if guest { 0 } else { self.state.customer_of(&purchase.email, name, moment.now_ms) };
        let method = if purchase.express { "Express" } else { "Standard" };
        let mut ship_to =
            vec![(address_of(&purchase.ship_to, &purchase.email), method.to_owned(), purchase.shipping_minor)];
        if two_doors {
            let second = address_of(&neighbour(&purchase.ship_to), &purchase.email);
            ship_to.push((second, "Standard".to_owned(), purchase.shipping_minor));
        }
        let draft = OrderDraft {
            lines: lines.collect(),
            ship_to,
            bill_to: purchase.bill_to.as_ref().map(|place| address_of(place, &purchase.email)),
            status: Some(if purchase.paid { 11 } else { 7 }),
            payment: Some(if purchase.paid { "captured" } else { "" }.to_owned()),
            channel: Some(if moment.rng.random_bool(0.8) { 1 } else { 667_159 }),
            message: Some(purchase.note.clone()).filter(|note| !note.is_empty()),
            customer,
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

    fn parts(&self, order: &str) -> Vec<String> {
        let id = parse(order);
        let Some(known) = self.state.orders.get(&id) else { return vec![] };
        let further = doors(known).into_iter().skip(1).map(|door| format!("{id}:{door}"));
        std::iter::once(id.to_string()).chain(further).collect()
    }

    fn order(&self, id: &str) -> Option<OrderView> {
        let order = self.state.orders.get(&parse(id))?;
        let doors = doors(order);
        let place = match id.split_once(':') {
            Some((_, address)) => doors.iter().position(|door| door.to_string() == address)?,
            None => 0,
        };
        let door = doors.get(place).copied();
        let goods: Vec<_> = order.goods().filter(|line| Some(line.address) == door).collect();
        let lines = goods.iter().map(|line| LineView {
            id: line.id.to_string(),
            units: line.quantity - line.refunded,
            shipped: line.shipped,
        });
        let sent = order.shipments.iter().filter(|one| doors.len() < 2 || Some(one.address) == door);
        let shipments: Vec<ShipmentView> = sent
            .map(|one| ShipmentView {
                numbers: Some(one.number.clone()).filter(|number| !number.is_empty()).into_iter().collect(),
                units: one.items.iter().map(|(line, units)| (line.to_string(), *units)).collect::<BTreeMap<_, _>>(),
            })
            .collect();
        // The store has no word for one address of several: its goods went back, and that is all there is to see.
        // (What no carrier takes is with the first.)
        let rests = |line: &Line| line.refunded < line.quantity;
        let carried = |line: &Line| order.goods().any(|one| one.id == line.id);
        let open = goods.iter().any(|line| rests(line))
            || place == 0 && order.lines.iter().any(|line| !carried(line) && rests(line));
        let given_back = doors.len() > 1 && !open;
        Some(OrderView {
            id: id.to_owned(),
            name: if place == 0 { order.id.to_string() } else { format!("{}-{}", order.id, place + 1) },
            placed_ms: order.created_ms,
            paid: matches!(order.status, 2 | 3 | 8..=14),
            cancelled: matches!(order.status, 5 | 6) || ((order.status == 4 || given_back) && shipments.is_empty()),
            never_ships: goods.is_empty().then(|| "digital".to_owned()),
            lines: lines.collect(),
            shipments,
        })
    }

    fn orders(&self) -> Vec<String> {
        self.state.orders.keys().flat_map(|id| self.parts(&id.to_string())).collect()
    }
}
