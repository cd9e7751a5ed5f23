//! Variants of a store: all read, and not asked for where the app may not look at them.

use super::common::read_to_end;
use super::*;
use quayside_connectors::Ask;
use quayside_model::Product;

/// What the store itself shows: id, SKU, product, price.
fn variants(world: &World) -> Vec<(String, String, String, i64)> {
    let mut sandbox = world.sandbox.lock().unwrap();
    sandbox.scene(|scene| {
        let all = scene.stores[0].state_mut().products.iter();
        let all = all.flat_map(|product| product.variants.iter().map(move |variant| (product, variant)));
        all.map(|(product, variant)| {
            let sku = variant.sku.clone().unwrap_or_default();
            (gid("ProductVariant", variant.id), sku, product.title.clone(), variant.price_minor)
        })
        .collect()
    })
}

fn products(found: &[Incoming]) -> Vec<&Product> {
    let all = found.iter().map(|incoming| match &incoming.record {
        Record::Product(product) => product,
        other => panic!("{other:?}"),
    });
    all.collect()
}

#[tokio::test]
async fn every_variant_is_read_whatever_happens() {
    assert!(variants(&quiet()).len() > 5);
    check_stream(quiet, "products", 0, |world, found| {
        let there = variants(world);
        let read = products(found);
        for (id, sku, title, price_minor) in there {
            let product = read.iter().find(|product| product.remote_id == id).unwrap();
            assert_eq!((product.sku.as_str(), product.name.as_str()), (sku.trim(), title.trim()), "{product:?}");
            assert_eq!((product.price_minor, product.currency.is_some()), (Some(price_minor), true), "{product:?}");
            assert!(product.item_id.is_some() && product.updated_at_ms == 0, "{product:?}");
        }
    })
    .await;
}

/// The last page says how long the list was: what is not in it is gone. A page in the middle says nothing.
#[tokio::test]
async fn a_list_that_came_to_its_end_says_how_long_it_was() {
    let world = quiet();
    let there = variants(&world).len() as u64;
    let connector = world.open();
    assert!(connector.lists_all("products") && !connector.lists_all("orders"));
    let (mut next, mut rows) = (None, 0);
    loop {
        let (cursor, priority) = (None, Priority::Backfill);
        let ask = Ask { stream: "products", cursor, next: next.as_ref(), since_ms: 0, priority };
        let page = connector.read(&ask).await.unwrap();
        rows += page.records.len() as u64;
        let ended = page.next.is_none();
        assert_eq!(page.total, ended.then_some(there));
        if ended {
            break;
        }
        next = page.next;
    }
    assert_eq!(rows, there);
}

#[tokio::test]
async fn without_the_permission_only_products_are_missing() {
    let mut world = quiet_with(ShopPlan::harbour_goods().without("read_products").without("write_products"));
    place(&world, &[("Mug", 1)]);
    world.clock.advance(HOUR_MS);
    let preflight = world.open().preflight().await;
    let check = preflight.checks.iter().find(|check| check.title == "Product details").unwrap();
    assert_eq!(check.state, CheckState::Missing);
    assert!(check.disables.contains(&"reading products".to_owned()), "{:?}", check.disables);
    let account = preflight.account.unwrap();
    assert!(!account.streams.as_ref().unwrap().contains(&"products".to_owned()));
    // An account that was never tested since products are read, and one that knows.
    for known in [false, true] {
        if known {
            world.facts = account.clone();
        }
        assert_eq!(read_to_end(&world, "products", &mut None, 0).await.len(), 0);
        assert_eq!(read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await.len(), 1);
    }
}
