//! Orders come in whole, whatever happens on the way.

use crate::common::{NOW_MS, World, check_stream, read_to_end};
use crate::house::{act, items, place, purchase, quiet, quiet_with, seller};
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use quayside_model::{CheckState, Delivery, Incoming, IntentKind, Order, Payment, Record};
use quayside_sandbox::merchant::shop::Shop;
use std::collections::BTreeMap;

pub fn orders(found: &[Incoming]) -> BTreeMap<String, Order> {
    let newest = found.iter().filter_map(|incoming| match &incoming.record {
        Record::Order(order) => Some((order.remote_id.clone(), order.clone())),
        _ => None,
    });
    newest.collect()
}

fn many() -> World {
    let world = quiet_with(|plan| plan.page_rows = 10);
    for n in 0..34 {
        place(&world, &[("MUG-1", 1 + n % 3), ("PLATE", 1)]);
    }
    world.clock.advance(HOUR_MS);
    world
}

#[tokio::test]
async fn every_order_is_read_whatever_goes_wrong() {
    check_stream(many, "orders", NOW_MS - DAY_MS, |world, found| {
        let ids: Vec<String> = orders(found).into_keys().collect();
        let placed = seller(world, |amazon| amazon.state().orders.keys().cloned().collect::<Vec<_>>());
        assert_eq!(ids, placed);
    })
    .await;
}

#[tokio::test]
async fn the_nightly_re_read_shows_what_is_still_to_ship() {
    let world = quiet();
    let open = place(&world, &[("MUG-1", 1)]);
    let gone = place(&world, &[("MUG-1", 1)]);
    act(&world, |amazon, moment| assert!(amazon.ship_by_hand(&gone, "UPS", "1Z", moment)));
    world.clock.advance(HOUR_MS);
    let found = read_to_end(&world, "open_orders", &mut None, 0).await;
    assert_eq!(orders(&found).into_keys().collect::<Vec<_>>(), [open]);
}

/// Changes after the first scan are found by the next one, and only they cost a call.
#[tokio::test]
async fn a_scan_costs_one_call_and_finds_what_changed() {
    let world = quiet();
    let order = place(&world, &[("MUG-1", 2)]);
    world.clock.advance(HOUR_MS);
    let mut cursor = None;
    assert_eq!(read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await.len(), 1);
    act(&world, |amazon, moment| assert!(amazon.ship_by_hand(&order, "UPS", "1Z", moment)));
    world.clock.advance(HOUR_MS);
    let before = seller(&world, |amazon| amazon.calls("searchOrders"));
    let found = orders(&read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await);
    assert_eq!(found[&order].fulfillments[0].tracking_numbers, ["1Z"]);
    assert!(found[&order].is_fulfilled());
    assert_eq!(seller(&world, |amazon| amazon.calls("searchOrders")) - before, 1);
    // Nothing is fetched order by order.
    assert_eq!(seller(&world, |amazon| amazon.calls("getOrder")), 0);
}

#[tokio::test]
async fn an_order_is_read_as_it_is() {
    let world = quiet();
    let order = act(&world, |amazon, moment| {
        let mut wanted = purchase(&[("MUG-1", 2), ("PLATE", 1)]);
        wanted.express = true;
        wanted.gift_message = "für dich".into();
        amazon.place_released(&wanted, moment).unwrap()
    });
    world.clock.advance(HOUR_MS);
    let found = orders(&read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await);
    let order = &found[&order];
    assert_eq!((order.payment.clone(), order.delivery.clone()), (Payment::Paid, Delivery::Shipping));
    assert_eq!((order.total_minor, order.shipping_minor, order.taxes_included), (3 * 1_850 + 490, 490, true));
    let units: Vec<_> =
        order.lines.iter().map(|line| (line.sku.as_str(), line.current_quantity, line.unit_price_minor)).collect();
    assert_eq!(units, [("MUG-1", 2, 1_850), ("PLATE", 1, 1_850)]);
    let address = order.ship_to.as_ref().unwrap();
    assert_eq!(
        (address.name.as_str(), address.line1.as_str(), address.country.as_str()),
        ("Jane Roe", "Am Kai 1", "DE")
    );
    assert!(order.tags.contains(&"Prime".into()), "{:?}", order.tags);
    assert_eq!(order.gift_message, "für dich");
    assert_eq!(order.ship_by_ms, Some(NOW_MS - HOUR_MS + DAY_MS));
    assert_eq!(order.deliver_by_ms, Some(NOW_MS - HOUR_MS + 4 * DAY_MS));
    assert_eq!(order.shipping.as_ref().unwrap().title, "Expedited");
    assert!(order.admin_url.as_deref().unwrap().starts_with("https://sellercentral.amazon."));
    assert!(order.fulfillment_orders[0].can_fulfill && order.fulfillment_orders[0].holds.is_empty());
}

/// Pending orders are shown and wait; what Amazon ships is shown and belongs to somebody else.
#[tokio::test]
async fn pending_and_fba_orders_are_shown_and_never_ours_to_ship() {
    let world = quiet();
    let pending = act(&world, |amazon, moment| {
        let mut wanted = purchase(&[("MUG-1", 1)]);
        wanted.paid = false;
        amazon.place(&wanted, moment).unwrap()
    });
    let fba = place(&world, &[("MUG-1", 1)]);
    let foreign = place(&world, &[("MUG-1", 1)]);
    seller(&world, |amazon| {
        amazon.state_mut().orders.get_mut(&pending).unwrap().by_amazon = false;
        amazon.state_mut().orders.get_mut(&fba).unwrap().by_amazon = true;
        amazon.state_mut().orders.get_mut(&foreign).unwrap().foreign = true;
    });
    world.clock.advance(HOUR_MS);
    let found = orders(&read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await);
    assert_eq!(found.len(), 2, "a sale elsewhere that Amazon only ships is not Amazon's order");
    let order = &found[&pending];
    assert_eq!((order.payment.clone(), order.total_minor, order.currency.0.as_str()), (Payment::Pending, 0, "EUR"));
    assert!(order.ship_to.is_none() && !order.fulfillment_orders[0].can_fulfill);
    assert_eq!(order.units_to_ship(), 1);
    let order = &found[&fba];
    assert!(order.fulfillment_orders.iter().all(|work| work.third_party));
    assert!(order.tags.contains(&"FBA".into()) && order.ship_by_ms.is_none());
}

#[tokio::test]
async fn the_checklist_against_a_real_account() {
    let world = quiet();
    place(&world, &[("MUG-1", 1)]);
    world.clock.advance(HOUR_MS);
    let preflight = world.open().preflight().await;
    let troubled: Vec<_> = preflight.checks.iter().filter(|c| c.state == CheckState::Missing).collect();
    assert!(troubled.is_empty(), "{troubled:?}");
    let account = preflight.account.unwrap();
    assert_eq!((account.remote_id.as_str(), account.currency.as_deref()), ("A2HARBOUR42XYZ-eu", Some("EUR")));
    assert_eq!(account.abilities, ["orders", "addresses", "feeds", "reports", "listings"]);
    assert_eq!(account.performs.unwrap().len(), 6);
    assert_eq!(account.streams.unwrap(), ["orders", "open_orders", "returns", "products", "stock"]);
    assert_eq!(account.facts["marketplaces"], "A1PA6795UKMFR9,A13V1IB3VIYZZH");
    // 2026-10-01 and 180 days.
    assert_eq!(account.expires_at_ms, Some(1_790_812_800_000 + 180 * DAY_MS));
    let rule = preflight.checks.iter().find(|check| check.title.contains("desktop programs")).unwrap();
    assert_eq!(rule.state, CheckState::Limited);

    let world = quiet_with(|plan| plan.sees_orders = false);
    let preflight = world.open().preflight().await;
    let missing: Vec<&str> =
        preflight.checks.iter().filter(|c| c.state == CheckState::Missing).map(|c| c.title.as_str()).collect();
    assert_eq!(missing, ["Read orders", "Cancel orders", "Returns and products", "Set stock"]);
    let _ = (items(&world, &place(&world, &[("MUG-1", 1)])), MINUTE_MS);
}

/// What takes the role away, what is to be done, its name, and the intents and streams that go with it.
type Missing = (
    fn(&mut quayside_sandbox::amazon::AmazonPlan),
    &'static str,
    &'static str,
    &'static [IntentKind],
    &'static [&'static str],
);

/// Each role that is missing is named with what it disables, and the account offers what is left.
#[tokio::test]
async fn a_missing_role_narrows_what_the_account_does() {
    let cases: [Missing; 3] = [
        (
            |plan| plan.may_feed = false,
            "Cancel orders",
            "Inventory and Order Tracking",
            &[IntentKind::CancelChannelOrder, IntentKind::AcknowledgeOrder, IntentKind::Refund],
            &[],
        ),
        (
            |plan| plan.may_report = false,
            "Returns and products",
            "Inventory and Order Tracking",
            &[],
            &["returns", "products", "stock"],
        ),
        (|plan| plan.may_list = false, "Set stock", "Product Listing", &[IntentKind::SetStock], &["stock"]),
    ];
    let all = quiet().open().declaration();
    for (takes, title, role, lost, unread) in cases {
        let world = quiet_with(takes);
        let preflight = world.open().preflight().await;
        let missing: Vec<_> = preflight.checks.iter().filter(|check| check.state == CheckState::Missing).collect();
        assert_eq!(missing.iter().map(|check| check.title.as_str()).collect::<Vec<_>>(), [title]);
        crate::common::names_what_it_disables(&preflight);
        assert!(missing[0].detail.contains(role) && !missing[0].disables.is_empty(), "{:?}", missing[0]);
        let account = preflight.account.unwrap();
        let performs = all.performs.iter().copied().filter(|kind| !lost.contains(kind));
        assert_eq!(account.performs.unwrap(), performs.collect::<Vec<_>>(), "{title}");
        let streams = all.streams.iter().map(|stream| stream.name).filter(|name| !unread.contains(name));
        assert_eq!(account.streams.unwrap(), streams.collect::<Vec<_>>(), "{title}");
    }
}

/// What cannot be tried now narrows nothing.
#[tokio::test]
async fn a_probe_that_has_to_wait_takes_nothing_away() {
    let world = quiet();
    let connector = world.open();
    for _ in 0..11 {
        connector.preflight().await;
    }
    let preflight = connector.preflight().await;
    let waits = preflight.checks.iter().filter(|check| check.detail.starts_with("Not tried now")).count();
    assert!(waits > 0, "{:?}", preflight.checks);
    crate::common::names_what_it_disables(&preflight);
    let account = preflight.account.unwrap();
    assert_eq!((account.performs.unwrap().len(), account.streams.unwrap().len()), (6, 5));
}
