//! Orders nobody thinks of, from the store to the hub and counted there: what arrived is what was bought.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{Terminal, merchant_at, now_ms};
use quayside_sandbox::ledger::By;
use quayside_sandbox::server::{Running, SandboxClock, serve};
use quayside_sandbox::shipstation::state::labels::Purchase;
use quayside_sandbox::shipstation::state::{Order, Pen};
use quayside_sandbox::shopify::state::Address;
use quayside_sandbox::shopify::{LineDraft, OrderDraft, ShopPlan};
use quayside_sandbox::{Moment, Sandbox, SandboxPlan};

const NAME: &str = "María-José 👩‍🚀 Ñandú";
const RIGHT_TO_LEFT: &str = "محمد الأحمد";

fn address(name: &str) -> Address {
    Address {
        first_name: name.into(),
        last_name: RIGHT_TO_LEFT.into(),
        address1: "Strandgaten 1".into(),
        city: "Bergen".into(),
        zip: "5013".into(),
        country: "Norway".into(),
        country_code: "NO".into(),
        ..Address::default()
    }
}

fn line(name: &str, quantity: i64) -> LineDraft {
    LineDraft { sku: Some(name.to_uppercase().replace(' ', "-")), ..LineDraft::custom(name, 1_250, quantity) }
}

fn draft(lines: Vec<LineDraft>) -> OrderDraft {
    OrderDraft { lines, ship_to: Some(address("Ingrid")), routed: true, ..OrderDraft::default() }
}

/// Places an order in the first store; its number.
fn place(running: &Running, draft: OrderDraft) -> String {
    running.with(|sandbox| {
        sandbox.scene(|scene| {
            let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
            let store = &mut scene.stores[0];
            store.place(draft, &mut moment);
            store.state().orders().iter().max_by_key(|order| order.id).unwrap().name().to_owned()
        })
    })
}

/// The hub's orders of this number.
fn at_hub(running: &Running, number: &str) -> Vec<Order> {
    running.with(|sandbox| {
        let orders = sandbox.hubs[0].state.orders.values();
        orders.filter(|order| !order.deleted && order.body.number.ends_with(number)).cloned().collect()
    })
}

fn the_one(running: &Running, number: &str) -> Order {
    let mut found = at_hub(running, number);
    assert_eq!(found.len(), 1, "{number} is at the hub once");
    found.remove(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_orders_arrive_as_they_were_bought() {
    let running = merchant_at(now_ms(), (1, 1)).await;
    let many = place(&running, draft((1..=250).map(|n| line(&format!("Thing {n}"), n)).collect()));
    let named = place(&running, OrderDraft { ship_to: Some(address(NAME)), ..draft(vec![line("Mug", 1)]) });
    let note = format!("{}END", "é".repeat(4_997));
    let noted = place(&running, OrderDraft { note: Some(note), ..draft(vec![line("Mug", 2)]) });
    let dearer = LineDraft { discount_minor: -500, ..line("Engraved mug", 1) };
    let surcharged = place(&running, draft(vec![dearer]));
    let bare = place(&running, draft(vec![LineDraft::custom("Something without a code", 900, 3)]));
    let empty = place(&running, draft(vec![line("Nothing of it", 0), line("Mug", 1)]));
    let nowhere = place(&running, OrderDraft { ship_to: None, ..draft(vec![line("Mug", 1)]) });

    let terminal = Terminal::new();
    terminal.connect(&running).await;
    terminal.json(&["go-live", "--mode", "auto", "--from", "all"]).await.fine();
    let sync = ["sync", "--until-idle", "--timeout", "200"];
    terminal.json(&sync).await.json();

    let order = the_one(&running, &many);
    assert_eq!(order.body.items.len(), 250);
    assert_eq!(order.body.items.iter().map(|item| item.quantity).sum::<i64>(), (1..=250).sum::<i64>());

    let name = the_one(&running, &named).body.ship_to.name;
    assert!(name.contains(NAME) && name.contains(RIGHT_TO_LEFT), "{name}");

    let order = the_one(&running, &noted);
    assert_eq!(order.body.customer_notes.chars().count(), 2_000, "{}", order.body.customer_notes);
    let told = terminal.json(&["order", &noted]).await.fine().to_string();
    assert!(told.contains("cut to 2000 characters"), "what was left out is said: {told}");

    let order = the_one(&running, &surcharged);
    let paid: f64 = order.body.amount_paid.unwrap();
    let lines: f64 =
        order.body.items.iter().map(|item| item.unit_price.unwrap_or_default() * item.quantity as f64).sum();
    assert!((paid - 17.5).abs() < 0.001 && (lines - 17.5).abs() < 0.001, "paid {paid}, lines {lines}");

    let order = the_one(&running, &bare);
    let item = &order.body.items[0];
    assert_eq!((item.sku.as_str(), item.name.as_str(), item.quantity), ("", "Something without a code", 3));

    let order = the_one(&running, &empty);
    let items: Vec<(&str, i64)> = order.body.items.iter().map(|item| (item.sku.as_str(), item.quantity)).collect();
    assert_eq!(items, [("MUG", 1)], "a line of nothing is not sent");

    assert!(at_hub(&running, &nowhere).is_empty());
    let exceptions = terminal.json(&["exceptions", "--cause", "address_missing"]).await.fine().to_string();
    assert!(exceptions.contains(&nowhere) && exceptions.contains("no address"), "{exceptions}");

    // Shipped at the hub, and edited in the store afterwards: nothing is overwritten, and a person is told.
    running.with(|sandbox| {
        sandbox.scene(|scene| {
            let id = scene.hubs[0].state.orders.values().find(|order| order.body.number.ends_with(&named)).unwrap().id;
            let purchase = Purchase {
                carrier: "dpd".into(),
                service: "dpd_classic".into(),
                grams: Some(900.0),
                ..Purchase::default()
            };
            let mut pen = Pen { now_ms: scene.now_ms, by: By::Merchant, ledger: scene.ledger };
            scene.hubs[0].state.buy(&mut pen, id, &purchase).unwrap();
            let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
            let store = &mut scene.stores[0];
            let id = store.state().orders().iter().find(|order| order.name() == named).unwrap().id;
            store.change_address(id, Address { address1: "Nordnesgaten 99".into(), ..address("Ingrid") }, &mut moment);
        });
    });
    terminal.json(&sync).await.json();
    assert_eq!(the_one(&running, &named).body.ship_to.street1, "Strandgaten 1");
    let exceptions = terminal.json(&["exceptions", "--cause", "edited_too_late"]).await.fine().to_string();
    assert!(exceptions.contains(&named) && exceptions.contains("Nordnesgaten 99"), "{exceptions}");
    running.shut_down();
}

/// The hub shows bare numbers: beside orders of other currencies each says which its own are, and none is converted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_currencies_reach_the_hub_unconverted_and_say_what_they_are() {
    let start_ms = now_ms();
    let stores = vec![
        ShopPlan::new("harbour-goods", "Harbour Goods", "EUR", "Europe/Berlin", "DE"),
        ShopPlan::new("harbour-outlet", "Harbour Outlet", "GBP", "Europe/London", "GB"),
        ShopPlan::new("harbour-tokyo", "Harbour Tokyo", "JPY", "Asia/Tokyo", "JP"),
    ];
    let plan = SandboxPlan { latency_ms: (1, 1), stores, ..SandboxPlan::quiet(3, start_ms) };
    let running = serve(Sandbox::new(plan), SandboxClock::real(start_ms)).await.unwrap();
    running.with(|sandbox| {
        sandbox.scene(|scene| {
            let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
            for (store, name) in scene.stores.iter_mut().zip(["Euro mug", "Pound mug", "Yen mug"]) {
                store.place(draft(vec![line(name, 2)]), &mut moment);
            }
        });
    });
    let terminal = Terminal::new();
    terminal.connect(&running).await;
    terminal.json(&["go-live", "--mode", "auto", "--from", "all"]).await.fine();
    terminal.json(&["sync", "--until-idle", "--timeout", "200"]).await.json();
    // 1,250 of the smallest unit each: a yen has no smaller one.
    for (sku, currency, each) in [("EURO-MUG", "EUR", 12.5), ("POUND-MUG", "GBP", 12.5), ("YEN-MUG", "JPY", 1_250.0)] {
        let order = running.with(|sandbox| {
            let orders: Vec<Order> = sandbox.hubs[0].state.orders.values().cloned().collect();
            let mut of_it = orders.into_iter().filter(|order| order.body.items.iter().any(|item| item.sku == sku));
            let order = of_it.next().unwrap_or_else(|| panic!("{sku} is not at the hub"));
            assert!(of_it.next().is_none(), "{sku} is there twice");
            order
        });
        let item = order.body.items.iter().find(|item| item.sku == sku).unwrap();
        let (price, paid) = (item.unit_price.unwrap(), order.body.amount_paid.unwrap());
        assert!((price - each).abs() < 0.001 && (paid - 2.0 * each).abs() < 0.001, "{sku}: {price}, paid {paid}");
        let note = &order.body.internal_notes;
        assert!(note.contains(&format!("Amounts are in {currency}.")), "{sku}: {note}");
    }
    running.shut_down();
}
