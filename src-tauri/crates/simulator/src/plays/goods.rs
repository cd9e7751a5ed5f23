//! Products and customers at the hub that keeps them, at the end of a life: each once, as its store last said.

use super::shops::{keepers_store, shelf};
use super::{CUSTOMERS_TO_HUB, keeper};
use crate::oracle::{Told, Verdicts, how_it_went, order_of_key};
use quayside_model::alias::fold;
use quayside_model::time::HOUR_MS;
use quayside_model::{ConnectionId, IntentKind, Record, RecordKind};
use quayside_sandbox::Sandbox;
use quayside_sandbox::ledger::By;
use quayside_sandbox::shopify::state::{Product, ProductStatus, Variant};
use quayside_store::{EffectFilter, ExceptionFilter, Store, StoreError};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A list of products is read twice in this time at least, and twice more after what was forgotten.
const KNOWN_MS: i64 = 40 * HOUR_MS;
/// What happened since may be on its way.
const SETTLED_MS: i64 = 8 * HOUR_MS;

/// Every product of the store is there once, with the name and the barcode it has in the store, or somebody is told.
pub(super) fn products(
    sandbox: &Sandbox,
    store: &Store,
    now_ms: i64,
    verdicts: &mut Verdicts,
) -> Result<(), StoreError> {
    let (Some(account), Some(hub)) = (keepers_store(store, sandbox)?, shelf(sandbox)) else { return Ok(()) };
    let Some(shop) = sandbox.stores.iter().find(|shop| shop.plan().account == account) else { return Ok(()) };
    let keeper = keeper(sandbox).unwrap_or_default();
    let mut there: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for record in hub.state.products.values() {
        there.entry(fold(record["sku"].as_str().unwrap_or_default())).or_default().push(record);
    }
    let told = told(store)?;
    for product in shop.state().products.iter().filter(|product| product.status == ProductStatus::Active) {
        for variant in &product.variants {
            let Some(sku) = variant.sku.as_deref().map(str::trim).filter(|sku| !sku.is_empty()) else { continue };
            let new = now_ms - product.updated_ms.max(variant.updated_ms) < KNOWN_MS;
            if new || told.iter().any(|about| about.contains(&fold(sku))) {
                continue;
            }
            let (name, barcode) = (full_name(product, variant), variant.barcode.as_deref().unwrap_or_default());
            let how = || how_it_was_written(sandbox, store, sku);
            match there.get(&fold(sku)).map_or(&[][..], Vec::as_slice) {
                [] => verdicts.lost.add(|| format!("{sku} of {account} is no product of {keeper}; {}", how())),
                [record] => {
                    let shown = |field: &str| record[field].as_str().unwrap_or_default();
                    if shown("title") != name || shown("barcode") != barcode {
                        verdicts.wrong.add(|| {
                            format!(
                                "{sku}: {account} calls it {name:?}, barcode {barcode:?}; {keeper} has {:?}, {:?}; {}",
                                shown("title"),
                                shown("barcode"),
                                how()
                            )
                        });
                    }
                }
                several => {
                    let n = several.len();
                    verdicts.doubled.add(|| format!("{sku} of {account} is {n} products of {keeper}; {}", how()));
                }
            }
        }
    }
    Ok(())
}

/// As the desk writes it: a product of one kind has no kind.
fn full_name(product: &Product, variant: &Variant) -> String {
    if product.variants.len() == 1 || variant.title == "Default Title" {
        return product.title.trim().to_owned();
    }
    format!("{} · {}", product.title.trim(), variant.title.trim())
}

/// What open entries that belong to no order are about.
fn told(store: &Store) -> Result<Vec<String>, StoreError> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = store.read(|r| r.exception_page(&ExceptionFilter::default(), before, 500))?;
        let of_none = page.items.iter().map(|item| &item.finding).filter(|finding| finding.order_id.is_none());
        all.extend(of_none.map(|finding| fold(&format!("{} {}", finding.about, finding.sentence))));
        let Some(next) = page.next else { return Ok(all) };
        before = Some(next);
    }
}

/// What the hub wrote down of a product, and what the desk did about it.
fn how_it_was_written(sandbox: &Sandbox, store: &Store, sku: &str) -> String {
    let of_it = sandbox.ledger.entries.iter().filter(|entry| entry.detail["sku"] == sku);
    let written: Vec<String> =
        of_it.map(|entry| format!("{} {} by {:?}: {}", entry.at_ms, entry.effect, entry.by, entry.detail)).collect();
    let filter = EffectFilter { kind: Some(IntentKind::PutProduct), ..EffectFilter::default() };
    let page = store.read(|r| r.effect_page(&filter, None, 1_000)).map(|page| page.items).unwrap_or_default();
    let about = page.iter().filter(|effect| fold(&effect.sentence).contains(&fold(sku)));
    let planned: Vec<String> = about
        .map(|effect| {
            format!("{} {} {:?} {:?}", effect.sentence, effect.state.code(), effect.settled_at_ms, effect.refusal)
        })
        .collect();
    format!("the hub wrote down {written:?}, the desk {planned:?}")
}

/// Whoever bought for themselves, of an order that reached the hub, is a customer there. (That nobody is one twice is looked
/// at in every life: `asked.rs`.)
pub(super) fn customers(
    sandbox: &Sandbox,
    store: &Store,
    told: &Told,
    now_ms: i64,
    verdicts: &mut Verdicts,
) -> Result<(), StoreError> {
    let (Some(hub), Some(keeper)) = (shelf(sandbox), keeper(sandbox)) else { return Ok(()) };
    let mail = |record: &Value| record["email"].as_str().unwrap_or_default().trim().to_lowercase();
    let there: BTreeSet<String> = hub.state.customers.values().map(mail).collect();
    let made = sandbox.ledger.of("order_created").filter(|entry| entry.account == keeper && entry.by == By::Client);
    for entry in made.filter(|entry| now_ms - entry.at_ms > SETTLED_MS) {
        let key = entry.key.as_deref().unwrap_or_default();
        let Some((id, truth)) = order_of_key(&sandbox.truth, key) else { continue };
        let account = ConnectionId::new(&truth.account);
        let rests = truth.edited_at_ms.is_none_or(|at_ms| now_ms - at_ms > SETTLED_MS);
        if told.contains_key(id) || truth.cancelled_at_ms.is_some() || !rests {
            continue;
        }
        let Some(Record::Order(order)) = store.read(|r| r.record(&account, RecordKind::Order, id))? else { continue };
        let forgets = store
            .read(|r| r.connection(&account))?
            .and_then(|config| quayside_connectors::platform(&config.platform))
            .is_none_or(|platform| platform.declaration.personal_data_days.is_some());
        let both = order.customer.as_ref().zip(order.ship_to.as_ref());
        let Some((buyer, address)) = both.filter(|_| !forgets && order.sold_on.is_none() && !order.is_cancelled())
        else {
            continue;
        };
        // A present goes to somebody without an e-mail.
        let itself = fold(&buyer.name) == fold(&address.name);
        let email = buyer.email.trim().to_lowercase();
        if itself && !email.is_empty() && !there.contains(&email) {
            verdicts.lost.add(|| {
                let how = how_it_went(sandbox, store, id);
                format!(
                    "{} ({id}) of {account}: {email} is no customer of {keeper}, for all that {CUSTOMERS_TO_HUB} did; {how}",
                    truth.name
                )
            });
        }
    }
    Ok(())
}
