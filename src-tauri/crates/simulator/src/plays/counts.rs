//! Counts at the end of a life: every store shows what the hub's shelf says without what orders hold, the safety stock and
//! its own buffer, or the desk says why not. And no count went round in circles.
//!
//! What orders hold is added up here from the stores' side. Orders a person is being told about may hold their units or not,
//! and so may what happened within the last hours: that leaves a little room, and nothing else does.

use super::shops::{QUAY, of, on_hand};
use super::stage::Stage;
use super::{BUFFER, BUFFERED, SAFETY, SKUS, keeper};
use crate::oracle::{Told, Verdicts, order_of_key};
use quayside_model::alias::fold;
use quayside_model::time::HOUR_MS;
use quayside_model::{ConnectionId, Record, RecordKind, SideSays, SideState};
use quayside_sandbox::Sandbox;
use quayside_sandbox::amazon::Amazon;
use quayside_sandbox::bigcommerce::BigCommerce;
use quayside_sandbox::ledger::By;
use quayside_sandbox::merchant::shop::OrderView;
use quayside_store::{ShelfPart, Store, StoreError};
use std::collections::{BTreeMap, BTreeSet};

/// What happened since may be known or not.
const NEW_MS: i64 = 12 * HOUR_MS;
/// Changes of a count that one order may lead to: it is placed, changed, packed, and the shelf is read again.
const PER_ORDER: usize = 4;
/// And those that a count, or a number somebody typed, may.
const PER_CHANGE: usize = 2;
/// Writes of one SKU at one account whatever happens: the first one, and what was lost or forgotten on its way.
const ANYWAY: usize = 8;

/// What orders hold of one SKU, at least and at most, and how many orders have it.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    least: i64,
    most: i64,
    orders: usize,
}

pub(super) fn judge(
    stage: &Stage,
    sandbox: &Sandbox,
    store: &Store,
    told: &Told,
    now_ms: i64,
    verdicts: &mut Verdicts,
) -> Result<(), StoreError> {
    let Some(shelf) = keeper(sandbox) else { return Ok(()) };
    let held = held(sandbox, store, told, now_ms)?;
    for sku in SKUS {
        let held = held.get(sku).copied().unwrap_or_default();
        let Some(units) = on_hand(sandbox, sku) else { continue };
        let page = store.read(|r| r.shelf_page(ShelfPart::All, sku, None, 50))?;
        let says = page.rows.into_iter().find(|(name, _)| *name == fold(sku)).and_then(|(_, says)| says);
        let Some(says) = says else {
            verdicts.lost.add(|| format!("{sku}: {shelf} has {units}, and the desk never looked at it"));
            continue;
        };
        let (low, high) = ((units - held.most - SAFETY).max(0), (units - held.least - SAFETY).max(0));
        match says.available {
            Some(available) if (low..=high).contains(&available) => {}
            Some(available) => verdicts.wrong.add(|| {
                format!(
                    "{sku}: {shelf} has {units}, orders hold {} to {}, so {low} to {high} can be promised, and the desk promises {available}; it says {says:?}",
                    held.least, held.most
                )
            }),
            None => verdicts.wrong.add(|| {
                format!("{sku}: {shelf} has {units}, and after quiet days the desk does not know what to promise: {says:?}")
            }),
        }
        for side in &says.sides {
            look_at(sandbox, sku, says.available, side, verdicts);
        }
        for account in followers(sandbox) {
            if !says.sides.iter().any(|side| side.connection.as_str() == account) {
                verdicts.lost.add(|| format!("{sku}: the desk knows of no count of {account}; it says {says:?}"));
            }
        }
    }
    circles(stage, sandbox, &shelf, &held, verdicts);
    Ok(())
}

/// One count that follows.
fn look_at(sandbox: &Sandbox, sku: &str, available: Option<i64>, side: &SideSays, verdicts: &mut Verdicts) {
    let account = side.connection.as_str();
    let platform = sandbox.accounts().into_iter().find(|one| one.name == account).map(|one| one.platform);
    match side.state {
        SideState::Agrees => {
            let buffer = if platform.as_deref() == Some(BUFFERED) { BUFFER } else { 0 };
            let wanted = available.map(|units| (units - buffer).max(0));
            let shown = level(sandbox, account, &side.place, sku);
            if shown.is_some_and(|shown| Some(shown) != wanted) {
                verdicts.wrong.add(|| {
                    format!(
                        "{sku} at {account} ({}): it shows {shown:?} and should show {wanted:?}; the desk says {side:?}",
                        side.place
                    )
                });
            }
        }
        // Somebody reads why.
        SideState::NotWritten | SideState::Refused if !side.sentence.is_empty() => {}
        // On its way, for so long that it would be told otherwise; or read again in its turn.
        SideState::Changing | SideState::Reading => {}
        SideState::NotWritten | SideState::Refused | SideState::Differs => verdicts
            .wrong
            .add(|| format!("{sku} at {account} ({}): it is not written and nobody reads why: {side:?}", side.place)),
    }
}

/// Accounts that list all of [`SKUS`] and whose counts follow.
fn followers(sandbox: &Sandbox) -> Vec<String> {
    let all = sandbox.accounts().into_iter();
    all.filter(|one| matches!(one.platform.as_str(), "shopify" | "amazon" | "bigcommerce"))
        .map(|one| one.name)
        .collect()
}

/// What a store shows of a SKU at the place that follows; `None`: it is another place, or another account.
fn level(sandbox: &Sandbox, account: &str, place: &str, sku: &str) -> Option<i64> {
    if let Some(store) = sandbox.stores.iter().find(|store| store.plan().account == account) {
        let at = store.state().locations.iter().find(|one| one.name == place && place == QUAY)?.id;
        return Some(store.by_sku(sku)?.1.levels.get(&at)?.available);
    }
    let shop = sandbox.shops.iter().find(|shop| shop.account() == account)?;
    if let Some(amazon) = of::<Amazon>(shop.as_ref()) {
        let listing = amazon.state().listings.get(sku)?;
        return Some(listing.submitted.unwrap_or(listing.live));
    }
    let state = &of::<BigCommerce>(shop.as_ref())?.state;
    let mut variants = state.products.iter().flat_map(|product| &product.variants);
    let variant = variants.find(|variant| variant.sku == sku)?.id;
    state.levels.get(&(variant, 1)).copied()
}

/// What orders hold, from the stores' side.
fn held(
    sandbox: &Sandbox,
    store: &Store,
    told: &Told,
    now_ms: i64,
) -> Result<BTreeMap<&'static str, Held>, StoreError> {
    let views: BTreeMap<String, OrderView> =
        sandbox.order_views().into_iter().map(|view| (view.id.clone(), view)).collect();
    let keys =
        sandbox.truth.parcels.iter().flat_map(|parcel| parcel.order_keys.iter().map(move |key| (key, parcel.at_ms)));
    let packed: Vec<(&String, i64)> =
        keys.filter_map(|(key, at_ms)| Some((order_of_key(&sandbox.truth, key)?.0, at_ms))).collect();
    let has_parcel: BTreeSet<&String> = packed.iter().map(|(id, _)| *id).collect();
    let has_new: BTreeSet<&String> =
        packed.iter().filter(|(_, at_ms)| now_ms - at_ms < NEW_MS).map(|(id, _)| *id).collect();
    let mut all: BTreeMap<&'static str, Held> = BTreeMap::new();
    for (id, truth) in &sandbox.truth.orders {
        let account = ConnectionId::new(&truth.account);
        let Some(Record::Order(order)) = store.read(|r| r.record(&account, RecordKind::Order, id))? else { continue };
        let Some(view) = views.get(id).filter(|view| !view.cancelled) else { continue };
        let rests = [truth.edited_at_ms, truth.paid_at_ms].into_iter().flatten().all(|at_ms| now_ms - at_ms > NEW_MS);
        let certain = truth.belongs_at_hub() && !told.contains_key(id) && !has_parcel.contains(id) && rests;
        for line in &order.lines {
            let Some(sku) = SKUS.into_iter().find(|sku| fold(sku) == fold(&line.sku)) else { continue };
            let Some(shown) = view.lines.iter().find(|shown| shown.id == line.remote_id) else { continue };
            let waits = (shown.units - shown.shipped).max(0);
            let held = all.entry(sku).or_default();
            held.orders += 1;
            held.most += if has_new.contains(id) { shown.units.max(line.quantity) } else { waits };
            if certain && truth.units.contains_key(&line.remote_id) {
                held.least += waits;
            }
        }
    }
    Ok(all)
}

/// Nobody's echo is answered: so many changes there were, and so many writes they may lead to. And the shelf that holds is
/// written by nobody but those who count it.
fn circles(
    stage: &Stage,
    sandbox: &Sandbox,
    shelf: &str,
    held: &BTreeMap<&'static str, Held>,
    verdicts: &mut Verdicts,
) {
    let mut written: BTreeMap<&str, usize> = BTreeMap::new();
    let counts = |effect: &str| matches!(effect, "stock_set" | "stock_changed" | "stock_adjusted");
    for entry in sandbox.ledger.entries.iter().filter(|entry| entry.by == By::Client && counts(&entry.effect)) {
        if entry.account == shelf {
            verdicts
                .wrong
                .add(|| format!("the count that holds was written: {} of {shelf}: {}", entry.subject, entry.detail));
        }
        *written.entry(&entry.account).or_default() += 1;
    }
    let orders: usize = held.values().map(|held| held.orders).sum();
    let changes = stage.times("counted") + stage.times("mistyped");
    let most = orders * PER_ORDER + changes * PER_CHANGE + SKUS.len() * ANYWAY;
    for (account, n) in written.into_iter().filter(|(_, n)| *n > most) {
        verdicts.doubled.add(|| {
            format!(
                "{account}: counts were written {n} times; {orders} orders and {changes} counts explain {most} at most"
            )
        });
    }
}
