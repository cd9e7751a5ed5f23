//! Products and levels: read to the end whatever happens, and never for ever.

use super::common::{World, check_stream, read_to_end};
use super::reading::ids;
use super::*;
use async_trait::async_trait;
use quayside_connectors::{Ask, Setup, Wire, WireError};
use quayside_model::Cause;
use quayside_sandbox::bigcommerce::state::{Product, Variant};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// A store of this many products with two variants each; `share` of them changed in one second.
fn full_of(products: i64, share: i64) -> World {
    let world = quiet();
    staff(&world, |store, moment| {
        let state = &mut store.state;
        let variant = |n: i64, v: i64| Variant {
            id: 90_000 + 2 * n + v,
            sku: format!("P{n}-{v}"),
            label: format!("Kind {v}"),
            upc: String::new(),
        };
        let made = (0..products).map(|n| Product {
            id: 5_000 + n,
            name: format!("Product {n}"),
            kind: "physical".into(),
            price_minor: 1_500,
            weight: 1.0,
            modified_ms: moment.now_ms - HOUR_MS + n / share * 1_000,
            visible: true,
            tracking: "variant".into(),
            variants: vec![variant(n, 0), variant(n, 1)],
        });
        state.products = made.collect();
        state.locations.truncate(1);
    });
    world
}

fn variants(world: &World) -> BTreeSet<String> {
    staff(world, |store, _| {
        let all = store.state.products.iter().flat_map(|product| &product.variants);
        all.map(|variant| variant.id.to_string()).collect()
    })
}

fn levels(world: &World) -> BTreeSet<String> {
    let place = staff(world, |store, _| store.state.locations[0].0);
    variants(world).into_iter().map(|variant| format!("{variant}:{place}")).collect()
}

#[tokio::test]
async fn products_of_several_pages_survive_every_fault() {
    let check = |world: &World, found: &[Incoming]| assert_eq!(ids(found), variants(world));
    check_stream(|| full_of(120, 3), "products", NOW_MS - DAY_MS, check).await;
}

/// More of one second than a page holds: pages are counted inside that second.
#[tokio::test]
async fn products_of_one_second_are_all_read() {
    for share in [1, 49, 50, 51, 500] {
        let world = full_of(160, share);
        let found = read_to_end(&world, "products", &mut None, 0).await;
        assert_eq!(ids(&found), variants(&world), "{share} in a second");
    }
}

/// A store that does not sort: pages are counted, and nothing counts as read before the end.
#[tokio::test]
async fn products_in_disorder_are_all_read() {
    let world = full_of(160, 1);
    staff(&world, |store, _| {
        let latest = store.state.products[159].modified_ms;
        store.state.products[10].modified_ms = latest;
    });
    let mut world = world;
    world.disguise = Some(Arc::new(|setup: Setup| Setup { wire: Arc::new(Unsorted(setup.wire.clone())), ..setup }));
    let connector = world.open();
    let mut cursor = None;
    let ask = Ask { stream: "products", cursor: None, next: None, since_ms: 0, priority: Priority::Poll };
    let page = connector.read(&ask).await.unwrap();
    assert!(page.next.is_some() && page.cursor["watermark_ms"].is_null(), "{}", page.cursor);
    let found = read_to_end(&world, "products", &mut cursor, 0).await;
    assert_eq!(ids(&found), variants(&world));
    assert!(cursor.unwrap()["watermark_ms"].is_i64());
}

#[tokio::test]
async fn levels_of_several_pages_survive_every_fault() {
    let check = |world: &World, found: &[Incoming]| assert_eq!(ids(found), levels(world));
    check_stream(|| full_of(150, 1), "stock", NOW_MS - DAY_MS, check).await;
}

/// Rewrites what is asked.
struct Asking(Arc<dyn Wire>, fn(&str) -> String);

#[async_trait]
impl Wire for Asking {
    async fn send(
        &self,
        mut request: http::Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        *request.uri_mut() = (self.1)(&request.uri().to_string()).parse().unwrap();
        self.0.send(request, timeout).await
    }
}

/// A store that does not sort by what it was asked to sort by.
struct Unsorted(Arc<dyn Wire>);

#[async_trait]
impl Wire for Unsorted {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        Asking(self.0.clone(), |url| url.replace("sort=date_modified", "sort=id")).send(request, timeout).await
    }
}

#[tokio::test]
async fn a_store_that_does_not_count_pages_is_not_read_for_ever() {
    for stream in ["products", "stock"] {
        let mut world = full_of(300, 300);
        world.disguise = Some(Arc::new(|setup: Setup| {
            let first = |url: &str| {
                let pages = (2..40).fold(url.to_owned(), |url, n| url.replace(&format!("page={n}"), "page=1"));
                pages.replace("page=10", "page=1")
            };
            Setup { wire: Arc::new(Asking(setup.wire.clone(), first)), ..setup }
        }));
        let connector = world.open();
        let (mut cursor, mut next) = (None, None);
        let mut ended = None;
        for _ in 0..40 {
            let ask =
                Ask { stream, cursor: cursor.as_ref(), next: next.as_ref(), since_ms: 0, priority: Priority::Poll };
            match connector.read(&ask).await {
                Ok(page) => (cursor, next) = (Some(page.cursor), page.next),
                Err(ReadError::WaitUntil { at_ms, .. }) => world.clock.reach(at_ms),
                Err(ReadError::Refused(refusal)) => {
                    ended = Some(refusal);
                    break;
                }
            }
            assert!(next.is_some(), "{stream}: a full page is not the end");
        }
        let refusal = ended.unwrap_or_else(|| panic!("{stream} is read for ever"));
        assert_eq!(refusal.cause, Cause::PlatformTrouble);
        assert!(refusal.sentence.contains("the same page again and again"), "{refusal}");
    }
}

/// More storefronts and locations than one page holds.
#[tokio::test]
async fn all_storefronts_and_locations_are_known() {
    let mut plan = BigPlan::harbour_depot();
    let like = plan.channels[0].clone();
    plan.channels.extend((0..130).map(|n| (700_000 + n, format!("Storefront {n}"), like.2.clone(), like.3.clone())));
    let count = plan.channels.len();
    let world = quiet_with(plan);
    staff(&world, |store, _| {
        store.state.locations.extend((0..120).map(|n| (900 + n, format!("LOC{n}"), format!("Place {n}"))));
    });
    let places = staff(&world, |store, _| store.state.locations.len());
    let account = world.open().preflight().await.account.unwrap();
    let rows = |fact: &str| {
        let rows: Vec<serde_json::Value> = serde_json::from_str(&account.facts[fact]).unwrap();
        rows.iter().map(|row| row["id"].to_string()).collect::<BTreeSet<_>>().len()
    };
    assert_eq!((rows("channels"), rows("locations")), (count, places));
}

/// "Retry" of a variant or a level that could not be read reads that one again.
#[tokio::test]
async fn one_variant_and_one_level_are_read_again() {
    let world = full_of(60, 1);
    let connector = world.open();
    let level = levels(&world).pop_first().unwrap();
    for (kind, id) in [(RecordKind::Product, "90007"), (RecordKind::Stock, level.as_str())] {
        let found = connector.read_one(kind, id, Priority::Person).await.unwrap().unwrap();
        assert_eq!((found.record.kind(), found.record.remote_id()), (kind, id));
        let stream = if kind == RecordKind::Product { "products" } else { "stock" };
        let listed = read_to_end(&world, stream, &mut None, 0).await;
        assert!(listed.iter().any(|one| one.record == found.record), "{id} is read as the list has it");
    }
    for (kind, id) in [(RecordKind::Product, "1"), (RecordKind::Product, "no number"), (RecordKind::Stock, "1:1")] {
        assert_eq!(connector.read_one(kind, id, Priority::Person).await, Ok(None), "{id}");
    }
    for (kind, id) in [(RecordKind::Product, "product:5001"), (RecordKind::Stock, "item:90007")] {
        let Err(ReadError::Refused(refusal)) = connector.read_one(kind, id, Priority::Person).await else {
            panic!("{id}")
        };
        assert!(refusal.sentence.contains("list"), "{refusal}");
    }
}
