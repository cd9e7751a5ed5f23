//! A hub's links of its own: a store inside the account that fills itself from an account that sells.
//!
//! What is paid and to be shipped is there some minutes after it was placed, under the selling platform's own key, whoever
//! else brings it. Left out: later changes and cancellations, which such links carry in ways of their own.

use super::shop::{Place, Sale, SaleLine};
use super::{Actor, Scene};
use crate::ledger::By;
use crate::shipstation::ImportPlan;
use crate::shipstation::pacific::Wall;
use crate::shipstation::state::{Address, Body, Item, Pen};
use crate::shopify::state::Order;
use std::collections::BTreeSet;

const MINUTE_MS: i64 = 60_000;

/// Everything that links bring.
pub struct Importer {
    next_ms: i64,
    /// What is there already, by store inside the hub.
    brought: BTreeSet<(i64, String)>,
}

impl Importer {
    /// From this moment on, ms UTC.
    pub fn new(start_ms: i64) -> Self {
        Self { next_ms: start_ms, brought: BTreeSet::new() }
    }
}

impl Actor for Importer {
    fn name(&self) -> &'static str {
        "importer"
    }

    fn next_ms(&self) -> Option<i64> {
        Some(self.next_ms)
    }

    fn act(&mut self, scene: &mut Scene<'_>) {
        self.next_ms = scene.now_ms + MINUTE_MS;
        for at in 0..scene.hubs.len() {
            let Some(hub) = scene.hubs.get(at) else { continue };
            let active = hub.state.plan.stores.iter().filter(|store| store.active);
            let links: Vec<(i64, ImportPlan)> =
                active.filter_map(|store| Some((store.id, store.imports.clone()?))).collect();
            for (store, link) in links {
                let due = |sale: &Sale| sale.placed_ms + link.after_min * MINUTE_MS <= scene.now_ms;
                let mut sales = sales_of(scene, &link.account);
                sales.retain(|sale| due(sale) && self.brought.insert((store, sale.key.clone())));
                let Some(hub) = scene.hubs.get_mut(at) else { continue };
                for sale in sales {
                    let mut pen = Pen { now_ms: scene.now_ms, by: By::Merchant, ledger: scene.ledger };
                    let key = sale.key.clone();
                    // A key that is there already is brought up to date, as a link does; a locked one is left alone.
                    let _ = hub.state.put(&mut pen, None, Some(&key), body(sale, store), &[]);
                }
            }
        }
    }
}

fn sales_of(scene: &Scene<'_>, account: &str) -> Vec<Sale> {
    use crate::StandIn as _;
    let store = scene.stores.iter().find(|store| store.account() == account);
    if let Some(store) = store {
        return store.state().orders().iter().filter_map(sale_of).collect();
    }
    let shop = scene.shops.iter().find(|shop| shop.account() == account);
    shop.map(|shop| shop.sales(scene.now_ms)).unwrap_or_default()
}

/// A store's order as a link reads it; `None`: not paid, cancelled, or nothing left to ship.
fn sale_of(order: &Order) -> Option<Sale> {
    if order.cancelled.is_some() || order.received_minor() <= 0 {
        return None;
    }
    let to = order.ship_to.as_ref()?;
    let lines = order.lines.iter().filter(|line| line.requires_shipping && line.unfulfilled() > 0);
    let lines: Vec<SaleLine> = lines
        .map(|line| SaleLine {
            id: line.id.to_string(),
            sku: line.sku.clone().unwrap_or_default(),
            name: line.title.clone(),
            units: line.unfulfilled(),
        })
        .collect();
    (!lines.is_empty()).then(|| Sale {
        key: order.id.to_string(),
        number: order.number.to_string(),
        placed_ms: order.created_ms,
        email: order.email.clone().unwrap_or_default(),
        ship_to: Place {
            first_name: to.first_name.clone(),
            last_name: to.last_name.clone(),
            company: to.company.clone(),
            line1: to.address1.clone(),
            line2: to.address2.clone(),
            postcode: to.zip.clone(),
            city: to.city.clone(),
            region: to.province_code.clone(),
            country: to.country_code.clone(),
            country_name: to.country.clone(),
            phone: to.phone.clone(),
        },
        lines,
    })
}

fn body(sale: Sale, store: i64) -> Body {
    let to = sale.ship_to;
    let address = Address {
        name: format!("{} {}", to.first_name, to.last_name).trim().to_owned(),
        company: to.company,
        street1: to.line1,
        street2: to.line2,
        city: to.city,
        state: to.region,
        postal_code: to.postcode,
        country: to.country,
        phone: to.phone,
        ..Address::default()
    };
    let lines = sale.lines.into_iter().map(|line| Item {
        line_key: line.id,
        sku: line.sku,
        name: line.name,
        quantity: line.units,
        ..Item::default()
    });
    Body {
        number: sale.number,
        placed: Wall::of(sale.placed_ms),
        paid: Some(Wall::of(sale.placed_ms)),
        email: sale.email,
        bill_to: address.clone(),
        ship_to: address,
        items: lines.collect(),
        store_id: Some(store),
        ..Body::default()
    }
}
