//! What buyers send back, what staff counts and types, what is newly sold: in the accounts themselves, past the desk.

use super::stage::{Deed, Stage};
use super::{SKUS, keeper};
use quayside_flows::HUB_OF_STORE;
use quayside_model::ConnectionId;
use quayside_sandbox::amazon::Amazon;
use quayside_sandbox::amazon::state::Return;
use quayside_sandbox::bigcommerce::BigCommerce;
use quayside_sandbox::bigcommerce::state as depot;
use quayside_sandbox::merchant::shop::Shop;
use quayside_sandbox::orderez::Orderez;
use quayside_sandbox::orderez::state::WAREHOUSE;
use quayside_sandbox::shopify::Shopify;
use quayside_sandbox::shopify::state::{Fulfillment, ProductStatus, Variant, digits_of};
use quayside_sandbox::{Moment, Sandbox, StandIn as _};
use quayside_store::{Store, StoreError};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use std::any::Any;

/// The place in a store's own house from which most leaves.
pub(super) const QUAY: &str = "Quay Warehouse";
/// Units on the hub's shelf at first.
const SHELF: i64 = 300;
/// How goods are numbered that are new in a store.
const NEW: &str = "NEW";

/// A stand-in behind a shop, if it is one of this kind.
pub(super) fn of<'a, T: Any>(shop: &'a (dyn Shop + 'static)) -> Option<&'a T> {
    let any: &dyn Any = shop;
    any.downcast_ref()
}

fn of_mut<'a, T: Any>(shop: &'a mut (dyn Shop + 'static)) -> Option<&'a mut T> {
    let any: &mut dyn Any = shop;
    any.downcast_mut()
}

/// The hub that counts the shelf.
pub(super) fn shelf(sandbox: &Sandbox) -> Option<&Orderez> {
    sandbox.benches.iter().find_map(|bench| {
        let any: &dyn Any = bench.as_ref();
        any.downcast_ref()
    })
}

/// Units of a SKU on the shelf.
pub(super) fn on_hand(sandbox: &Sandbox, sku: &str) -> Option<i64> {
    let hub = shelf(sandbox)?;
    hub.state.levels.get(&(WAREHOUSE.to_owned(), sku.to_owned())).map(|level| level.on_hand)
}

/// The store whose products the hub of [`keeper`] is told.
pub(super) fn keepers_store(store: &Store, sandbox: &Sandbox) -> Result<Option<String>, StoreError> {
    let Some(keeper) = keeper(sandbox) else { return Ok(None) };
    for shop in &sandbox.stores {
        let account = &shop.plan().account;
        let config = store.read(|r| r.connection(&ConnectionId::new(account)))?;
        let hub = config.as_ref().and_then(|config| config.settings.get(HUB_OF_STORE)?.as_str());
        if hub == Some(keeper.as_str()) {
            return Ok(Some(account.clone()));
        }
    }
    Ok(None)
}

fn set_shelf(sandbox: &mut Sandbox, sku: &str, units: i64) {
    let now_ms = sandbox.now_ms();
    // Nothing is drawn by it: whoever counts only writes a number down.
    let mut rng = SmallRng::seed_from_u64(0);
    let Sandbox { benches, ledger, .. } = sandbox;
    for bench in benches {
        let any: &mut dyn Any = bench.as_mut();
        let Some(hub) = any.downcast_mut::<Orderez>() else { continue };
        hub.count(sku, units, &mut Moment { now_ms, rng: &mut rng, ledger: &mut *ledger });
    }
}

/// The shelf is counted for the first time, and a store that lists nothing yet lists what lies on it.
pub(super) fn begin_stock(sandbox: &mut Sandbox) {
    for sku in SKUS {
        set_shelf(sandbox, sku, SHELF);
    }
    let now_ms = sandbox.now_ms();
    for store in sandbox.shops.iter_mut().filter_map(|shop| of_mut::<BigCommerce>(shop.as_mut())) {
        for (n, sku) in (70..).zip(SKUS) {
            let variant = depot::Variant { id: n * 10 + 1, sku: sku.into(), label: String::new(), upc: String::new() };
            store.state.levels.insert((variant.id, 1), 0);
            store.state.products.push(depot::Product {
                id: n,
                name: format!("Goods {sku}"),
                kind: "physical".into(),
                price_minor: 1_850,
                weight: 0.4,
                modified_ms: now_ms,
                visible: true,
                tracking: "variant".into(),
                variants: vec![variant],
            });
        }
    }
}

/// A buyer who has everything sends a unit back.
pub(super) fn send_back(stage: &mut Stage, sandbox: &mut Sandbox) {
    let mut all: Vec<(String, String)> = Vec::new();
    for store in &sandbox.stores {
        let left = store.state().orders().iter().filter(|order| {
            let has_left = order.lines.iter().all(|line| line.unfulfilled() == 0);
            let whole = order.cancelled.is_none() && order.returns.is_empty() && order.refunds.is_empty();
            has_left && whole && order.fulfillments.iter().any(Fulfillment::is_live)
        });
        all.extend(left.map(|order| (store.plan().account.clone(), order.gid())));
    }
    for amazon in sandbox.shops.iter().filter_map(|shop| of::<Amazon>(shop.as_ref())) {
        let state = amazon.state();
        let left = state.placed.iter().filter_map(|id| state.orders.get(id)).filter(|order| {
            let has_left = order.items.iter().all(|item| order.confirmed(&item.id) >= item.quantity);
            let whole = order.cancelled.is_none() && !order.by_amazon && order.refunds.is_empty();
            has_left && whole && !state.returns.iter().any(|back| back.order == order.id)
        });
        all.extend(left.map(|order| (amazon.account().to_owned(), order.id.clone())));
    }
    all.retain(|(_, id)| sandbox.truth.orders.get(id).is_some_and(|truth| truth.never_ships.is_none()));
    if all.is_empty() {
        return;
    }
    let (account, order) = all.swap_remove(stage.rng.random_range(0..all.len()));
    if !goes_back(stage, sandbox, &account, &order) {
        return;
    }
    if let Some(truth) = sandbox.truth.order_mut(&order) {
        truth.trouble.push("sent_back".to_owned());
    }
    stage.done("sent_back");
    let now_ms = sandbox.now_ms();
    stage.later(now_ms, (1, 9), Deed::Arrive(account, order));
}

fn goes_back(stage: &mut Stage, sandbox: &mut Sandbox, account: &str, order: &str) -> bool {
    let now_ms = sandbox.now_ms();
    let Sandbox { stores, shops, ledger, .. } = sandbox;
    if let Some(store) = stores.iter_mut().find(|store| store.plan().account == account) {
        let Some(id) = digits_of(order, "Order") else { return false };
        return store.send_back(id, 1, &mut Moment { now_ms, rng: &mut stage.rng, ledger }).is_some();
    }
    let Some(shop) = shops.iter_mut().find(|shop| shop.account() == account) else { return false };
    let Some(amazon) = of_mut::<Amazon>(shop.as_mut()) else { return false };
    let Some(item) = amazon.state().orders.get(order).and_then(|order| order.items.first()).map(|item| item.id.clone())
    else {
        return false;
    };
    let rma = format!("D{:09}", amazon.state_mut().number());
    amazon.state_mut().returns.push(Return {
        rma,
        order: order.to_owned(),
        item,
        quantity: 1,
        reason: "DEFECTIVE".to_owned(),
        status: "Approved".to_owned(),
        asked_ms: now_ms,
        received_ms: None,
    });
    true
}

/// It is there again, and the staff says so.
pub(super) fn arrive(stage: &mut Stage, sandbox: &mut Sandbox, account: &str, order: &str) {
    let now_ms = sandbox.now_ms();
    let Sandbox { stores, shops, ledger, .. } = sandbox;
    let arrived = if let Some(store) = stores.iter_mut().find(|store| store.plan().account == account) {
        let id = digits_of(order, "Order");
        let back = id.and_then(|id| Some((id, store.state().order(id)?.returns.last()?.id)));
        let mut moment = Moment { now_ms, rng: &mut stage.rng, ledger };
        back.is_some_and(|(id, back)| store.receive_back(id, back, &mut moment).is_some())
    } else {
        let amazon = shops.iter_mut().filter(|shop| shop.account() == account);
        let mut returns = amazon
            .filter_map(|shop| of_mut::<Amazon>(shop.as_mut()))
            .flat_map(|amazon| amazon.state_mut().returns.iter_mut());
        returns.find(|back| back.order == order).is_some_and(|back| {
            back.received_ms = Some(now_ms);
            true
        })
    };
    if arrived {
        stage.done("arrived");
    }
}

/// Somebody counts the hub's shelf: more has come, or some of it is broken.
pub(super) fn count(stage: &mut Stage, sandbox: &mut Sandbox) {
    let sku = SKUS[stage.rng.random_range(0..SKUS.len())];
    let by = stage.rng.random_range(-40..=60);
    let Some(before) = on_hand(sandbox, sku) else { return };
    set_shelf(sandbox, sku, (before + by).max(0));
    stage.done("counted");
}

/// Somebody types another count into a store that follows.
pub(super) fn mistype(stage: &mut Stage, sandbox: &mut Sandbox) {
    let sku = SKUS[stage.rng.random_range(0..SKUS.len())];
    let by = stage.rng.random_range(-9..=9);
    let which = stage.rng.random_range(0..=sandbox.stores.len());
    let now_ms = sandbox.now_ms();
    let typed = if let Some(store) = sandbox.stores.get_mut(which) {
        type_count(store, sku, by, now_ms)
    } else {
        let mut sellers = sandbox.shops.iter_mut().filter_map(|shop| of_mut::<Amazon>(shop.as_mut()));
        sellers.next().and_then(|amazon| {
            let listing = amazon.state_mut().listings.get_mut(sku)?;
            listing.live = (listing.live + by).max(0);
            Some(())
        })
    };
    if typed.is_some() {
        stage.done("mistyped");
    }
}

fn type_count(store: &mut Shopify, sku: &str, by: i64, now_ms: i64) -> Option<()> {
    let place = store.state().locations.iter().find(|place| place.name == QUAY)?.id;
    let variant = store.by_sku(sku)?.1.id;
    let level = store.state_mut().variant_mut(variant)?.levels.get_mut(&place)?;
    level.available += by;
    level.updated_ms = now_ms;
    Some(())
}

/// A product of the store gets another barcode or name, or one more is sold.
pub(super) fn product(stage: &mut Stage, sandbox: &mut Sandbox, account: &str) {
    let now_ms = sandbox.now_ms();
    let Some(store) = sandbox.stores.iter_mut().find(|store| store.plan().account == account) else { return };
    let state = store.state_mut();
    let is_sold = |variant: &Variant| variant.sku.is_some() && variant.requires_shipping;
    let sold: Vec<usize> = (0..state.products.len())
        .filter(|at| {
            let product = &state.products[*at];
            product.status == ProductStatus::Active && product.variants.first().is_some_and(is_sold)
        })
        .collect();
    if sold.is_empty() {
        return;
    }
    let at = sold[stage.rng.random_range(0..sold.len())];
    let what = match stage.rng.random_range(0..3) {
        0 => {
            let number = stage.rng.random_range(0..10_000_000_000_u64);
            let product = &mut state.products[at];
            if let Some(variant) = product.variants.first_mut() {
                variant.barcode = Some(format!("400{number:010}"));
                variant.updated_ms = now_ms;
            }
            product.updated_ms = now_ms;
            "barcode_changed"
        }
        1 => {
            let number = stage.rng.random_range(1..1_000);
            let product = &mut state.products[at];
            let stem = product.title.split(" No. ").next().unwrap_or_default().to_owned();
            product.title = format!("{stem} No. {number}");
            product.updated_ms = now_ms;
            "name_changed"
        }
        _ => {
            let (product, variant, item) = (state.id(), state.id(), state.id());
            let mut new = state.products[at].clone();
            new.variants.truncate(1);
            for one in &mut new.variants {
                (one.id, one.item_id) = (variant, item);
                "Default Title".clone_into(&mut one.title);
                one.sku = Some(format!("{NEW}-{variant}"));
                one.barcode = Some(format!("41{:011}", variant % 100_000_000_000));
                one.updated_ms = now_ms;
            }
            new.id = product;
            new.title = format!("Novelty {product}");
            (new.created_ms, new.updated_ms) = (now_ms, now_ms);
            state.products.push(new);
            "product_added"
        }
    };
    stage.done(what);
}
