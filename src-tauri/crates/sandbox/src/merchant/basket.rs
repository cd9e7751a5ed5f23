//! What a shopper puts into one order, and what should become of it.

use super::catalogue::{DIGITAL_SKU, THIRD_PARTY_SKU};
use super::names;
use super::truth::OrderTruth;
use crate::shopify::state::{Address, Delivery, gid};
use crate::shopify::{LineDraft, OrderDraft, Paid, Shopify};
use rand::Rng;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use std::collections::BTreeMap;

/// An order to be placed, and what is made wrong with it on purpose.
pub struct Basket {
    /// The order.
    pub draft: OrderDraft,
    /// `no_sku`, `no_address`, …
    pub trouble: Vec<&'static str>,
}

const GIFTS: &[&str] =
    &["Happy birthday, Mum! 🎂", "عيد ميلاد سعيد", "Für die Überfahrt – gute Reise!", "With love from all of us"];
const NOTES: &[&str] = &[
    "Please leave with the neighbour at no. 12.",
    "Ring twice, the bell is broken 🔔",
    "يرجى الاتصال قبل التسليم",
    "Bitte ohne Plastik verpacken.",
    "Need it by Saturday if at all possible!",
];

/// Draws an order for a store. `trouble` is the chance that something is wrong with it.
pub fn draw(store: &Shopify, trouble: f64, rng: &mut SmallRng) -> Basket {
    let mut basket = Basket { draft: OrderDraft::default(), trouble: Vec::new() };
    choose_buyer(store, &mut basket, rng);
    choose_goods(store, &mut basket, rng);
    choose_shipping(store, &mut basket, rng);
    choose_extras(store, &mut basket, rng);
    if rng.random_bool(trouble.clamp(0.0, 1.0)) {
        spoil(&mut basket, rng);
    }
    basket
}

fn choose_buyer(store: &Shopify, basket: &mut Basket, rng: &mut SmallRng) {
    let customers = &store.state().customers;
    let draft = &mut basket.draft;
    if let Some(regular) = customers.choose(rng).filter(|_| rng.random_bool(0.6)) {
        draft.customer = Some(regular.id);
        draft.email.clone_from(&regular.email);
        draft.phone.clone_from(&regular.phone);
        draft.ship_to.clone_from(&regular.address);
    } else {
        let number = rng.random_range(1..1_000_000);
        let guest = names::customer(number, &store.plan().country, 0, rng);
        draft.email = Some(format!("guest{number}@mail.example"));
        draft.ship_to = guest.address;
    }
    if rng.random_bool(0.06) {
        let name = ("Buchhaltung", "Kontor AG");
        draft.bill_to = Some(names::address(name.0, name.1, &store.plan().country, rng));
    }
    let abroad = draft.ship_to.as_ref().map(|address| address.country_code.as_str());
    draft.presentment = match (store.plan().currency.as_str(), abroad) {
        ("EUR", Some("DK")) => Some(("DKK".to_owned(), 7.46)),
        ("EUR", Some("PL")) => Some(("PLN".to_owned(), 4.31)),
        ("GBP", Some("IE")) => Some(("EUR".to_owned(), 1.17)),
        ("USD", Some("CA")) => Some(("CAD".to_owned(), 1.36)),
        _ => None,
    };
}

fn choose_goods(store: &Shopify, basket: &mut Basket, rng: &mut SmallRng) {
    let draft = &mut basket.draft;
    let products = &store.state().products;
    let kinds = *[1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 6].choose(rng).unwrap_or(&1);
    while draft.lines.len() < kinds {
        let Some(product) = products.choose(rng) else { return };
        let Some(variant) = product.variants.choose(rng) else { continue };
        let rare = product.gift_card || matches!(variant.sku.as_deref(), Some(DIGITAL_SKU | THIRD_PARTY_SKU));
        let bought = draft.lines.iter().any(|line| line.product == Some((product.id, variant.id)));
        if bought || (rare && !rng.random_bool(0.35)) {
            continue;
        }
        let quantity = if rare { 1 } else { *[1, 1, 1, 1, 2, 2, 3, 5].choose(rng).unwrap_or(&1) };
        let mut line = LineDraft::of(product, variant, quantity);
        if product.title.contains("Mug") && rng.random_bool(0.4) {
            line.attributes = vec![("Engraving".to_owned(), "Käpt'n Anna ⚓".to_owned())];
        }
        draft.lines.push(line);
    }
    if rng.random_bool(0.02) {
        draft.lines.push(LineDraft::custom("Repair of an old lantern", 4_500, 1));
    }
    if rng.random_bool(0.15) {
        draft.discount_code = Some("HARBOUR10".to_owned());
        for line in draft.lines.iter_mut().filter(|line| !line.gift_card) {
            line.discount_minor = line.price_minor * line.quantity / 10;
        }
    }
}

fn choose_shipping(store: &Shopify, basket: &mut Basket, rng: &mut SmallRng) {
    let draft = &mut basket.draft;
    if !draft.lines.iter().any(|line| line.requires_shipping) {
        draft.ship_to = None;
        return;
    }
    match rng.random_range(0..100) {
        0..=1 => {
            draft.delivery = Delivery::PickUp;
            draft.ship_to = None;
            draft.shipping = Some(("Pick up on the quay".to_owned(), "pickup".to_owned(), 0));
            return;
        }
        2..=3 => {
            draft.delivery = Delivery::Retail;
            draft.ship_to = None;
            return;
        }
        _ => {}
    }
    let (standard, express) = match store.plan().country.as_str() {
        "GB" => ("Royal Mail Tracked 48", "Next working day by 1 pm"),
        "US" => ("Ground (3-6 days)", "2-Day Air"),
        _ => ("DHL Paket", "Express 24 h"),
    };
    let goods: i64 = draft.lines.iter().map(|line| line.price_minor * line.quantity).sum();
    draft.shipping = Some(if rng.random_bool(0.18) {
        (express.to_owned(), "express".to_owned(), 1_290)
    } else {
        (standard.to_owned(), "standard".to_owned(), if goods > 9_000 { 0 } else { 490 })
    });
}

fn choose_extras(store: &Shopify, basket: &mut Basket, rng: &mut SmallRng) {
    let draft = &mut basket.draft;
    draft.paid = match rng.random_range(0..100) {
        0..=5 => Paid::Later,
        6..=9 => Paid::Reserved,
        _ => Paid::Now,
    };
    if draft.delivery == Delivery::Retail {
        draft.paid = Paid::Now;
    }
    if rng.random_bool(0.01) {
        draft.test = true;
        draft.paid = Paid::Now;
    }
    if rng.random_bool(0.12) {
        draft.tags.push((*["vip", "wholesale", "fragile", "newsletter"].choose(rng).unwrap_or(&"vip")).to_owned());
    }
    if rng.random_bool(0.12) {
        draft.note = NOTES.choose(rng).map(|note| (*note).to_owned());
    }
    if rng.random_bool(0.08) {
        let text = GIFTS.choose(rng).copied().unwrap_or_default();
        draft.attributes.push(("Gift message".to_owned(), text.to_owned()));
        draft.tags.push("gift".to_owned());
    }
    if rng.random_bool(0.05) {
        draft.attributes.push(("utm_campaign".to_owned(), "autumn-tides".to_owned()));
    }
    if rng.random_bool(0.06) {
        let (space, kind) = ("custom".to_owned(), "single_line_text_field".to_owned());
        draft.metafields.push((space, "engraving_proof".to_owned(), kind, "approved by phone".to_owned()));
    }
    if store.plan().country == "US" && rng.random_bool(0.1) {
        draft.attributes.push(("dropoff".to_owned(), "porch".to_owned()));
    }
}

/// Makes one thing wrong.
fn spoil(basket: &mut Basket, rng: &mut SmallRng) {
    let draft = &mut basket.draft;
    let ships = draft.lines.iter().any(|line| line.requires_shipping && !line.gift_card) && draft.ship_to.is_some();
    if !ships {
        return;
    }
    let address = draft.ship_to.clone().unwrap_or_default();
    let word = match rng.random_range(0..8) {
        0 => {
            draft.ship_to = Some(Address { city: String::new(), zip: String::new(), ..address });
            "no_city"
        }
        1 => {
            draft.ship_to = Some(Address { address1: String::new(), ..address });
            "no_street"
        }
        2 => {
            draft.ship_to = None;
            "no_address"
        }
        3 | 4 => {
            if let Some(line) = draft.lines.iter_mut().find(|line| line.requires_shipping) {
                line.sku = None;
            }
            "no_sku"
        }
        5 => {
            if let Some(line) = draft.lines.iter_mut().find(|line| line.requires_shipping) {
                line.sku = line.sku.as_ref().map(|sku| format!("{}-OLD", sku.to_lowercase()));
            }
            "unknown_sku"
        }
        6 => {
            draft.risk = ("INVESTIGATE".to_owned(), "HIGH".to_owned());
            "risky"
        }
        _ => {
            draft.note = Some("Es war einmal ein Hafen, und über den Hafen gibt es viel zu sagen. ".repeat(75));
            "long_note"
        }
    };
    basket.trouble.push(word);
}

/// What is true of an order at the moment it is placed.
pub fn truth_of(store: &Shopify, id: u64, trouble: &[&str]) -> Option<OrderTruth> {
    let order = store.state().order(id)?;
    let ours = |line: &&crate::shopify::state::Line| {
        let elsewhere =
            line.product.and_then(|(_, variant)| store.state().variant(variant)).is_some_and(|(_, variant)| {
                let third =
                    |place: &u64| store.state().location(*place).is_some_and(|location| location.service.is_some());
                !variant.levels.is_empty() && variant.levels.keys().all(third)
            });
        line.requires_shipping && !line.gift_card && !elsewhere
    };
    let units: BTreeMap<String, i64> = order
        .lines
        .iter()
        .filter(ours)
        .map(|line| (gid("LineItem", line.id), line.current()))
        .filter(|(_, units)| *units > 0)
        .collect();
    let never_ships = if order.test {
        Some("test")
    } else if order.delivery == Delivery::Retail {
        Some("retail")
    } else if order.delivery == Delivery::PickUp {
        Some("pickup")
    } else if !order.requires_shipping() {
        Some("digital")
    } else if units.is_empty() {
        Some("third_party")
    } else {
        None
    };
    Some(OrderTruth {
        account: store.plan().account.clone(),
        name: order.name.clone(),
        placed_at_ms: order.created_ms,
        paid_at_ms: (order.financial_status() == "PAID").then_some(order.created_ms),
        cancelled_at_ms: None,
        edited_at_ms: None,
        units,
        never_ships: never_ships.map(str::to_owned),
        trouble: trouble.iter().map(|word| (*word).to_owned()).collect(),
    })
}
