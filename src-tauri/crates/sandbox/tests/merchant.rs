//! The merchant's life: the same for the same seed, however it is cut, and full of everything an order can be.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use http::Request;
use quayside_sandbox::shopify::{SCOPES, ShopPlan};
use quayside_sandbox::{FaultPlan, Reply, Sandbox, SandboxPlan, StandIn, Volume};
use std::collections::BTreeMap;

const MORNING_MS: i64 = 1_795_165_200_000;
const HOUR_MS: i64 = 3_600_000;

fn fingerprint(sandbox: &Sandbox) -> String {
    let text = serde_json::to_string(&(&sandbox.ledger, &sandbox.truth)).unwrap();
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x} of {} bytes", text.len())
}

fn week(seed: u64) -> SandboxPlan {
    let stores = vec![ShopPlan::harbour_goods(), ShopPlan::harbour_outlet(), ShopPlan::harbour_us()];
    SandboxPlan { volume: Volume::Total(600), trouble: 0.2, stores, ..SandboxPlan::new(seed, MORNING_MS) }
}

#[test]
fn the_same_seed_lives_the_same_week_in_one_step_or_in_many() {
    let mut at_once = Sandbox::new(week(5));
    at_once.advance(MORNING_MS + 9 * 24 * HOUR_MS);
    let mut in_steps = Sandbox::new(week(5));
    for step in 1..=9 * 24 * 4 {
        in_steps.advance(MORNING_MS + step * HOUR_MS / 4);
    }
    assert_eq!(fingerprint(&at_once), fingerprint(&in_steps));
    let mut other = Sandbox::new(week(6));
    other.advance(MORNING_MS + 9 * 24 * HOUR_MS);
    assert_ne!(fingerprint(&at_once), fingerprint(&other));
}

#[test]
fn the_same_requests_at_the_same_times_get_the_same_answers_faults_included() {
    let run = || {
        let mut sandbox = Sandbox::new(SandboxPlan { faults: FaultPlan::all(0.4), ..week(9) });
        let plan = sandbox.stores[2].plan().clone();
        let query = r#"{"query":"{ orders(first: 3, sortKey: UPDATED_AT, reverse: true) { nodes { name displayFinancialStatus } } }"}"#;
        let mut answers = Vec::new();
        for minute in 0..400 {
            let request = Request::post("/admin/api/2026-07/graphql.json")
                .header("content-type", "application/json")
                .header("x-shopify-access-token", plan.legacy_token.as_deref().unwrap())
                .body(query.as_bytes().to_vec())
                .unwrap();
            answers.push(match sandbox.handle("harbour-us", &request, MORNING_MS + minute * 60_000) {
                Reply::Answer { response, after_ms } => {
                    format!("{after_ms} {} {}", response.status(), String::from_utf8_lossy(response.body()))
                }
                Reply::Dropped { after_ms } => format!("{after_ms} dropped"),
            });
        }
        (answers, fingerprint(&sandbox))
    };
    let (answers, hash) = run();
    assert_eq!((answers.clone(), hash), run());
    assert!(
        answers.iter().any(|answer| answer.contains("dropped")) && answers.iter().any(|answer| answer.contains("PAID"))
    );
}

#[test]
fn a_week_holds_everything_an_order_can_be_and_the_truth_knows_it() {
    let mut sandbox = Sandbox::new(week(3));
    sandbox.advance(MORNING_MS + 8 * 24 * HOUR_MS);
    let truths: Vec<_> = sandbox.truth.orders.values().collect();
    assert_eq!(truths.len(), 600, "a total is exact");
    let count = |what: &str, found: usize| assert!(found > 0, "no {what} in a week");
    let mut why: BTreeMap<&str, usize> = BTreeMap::new();
    for truth in &truths {
        *why.entry(truth.never_ships.as_deref().unwrap_or("ships")).or_default() += 1;
    }
    for word in ["ships", "test", "digital", "pickup", "retail", "third_party"] {
        count(word, why.get(word).copied().unwrap_or_default());
    }
    for word in ["no_sku", "unknown_sku", "no_address", "no_street", "risky", "long_note", "held"] {
        count(word, truths.iter().filter(|truth| truth.trouble.iter().any(|have| have == word)).count());
    }
    count("cancelled order", truths.iter().filter(|truth| truth.cancelled_at_ms.is_some()).count());
    count("edited order", truths.iter().filter(|truth| truth.edited_at_ms.is_some()).count());
    count(
        "late payment",
        truths.iter().filter(|truth| truth.paid_at_ms.is_some_and(|at| at > truth.placed_at_ms)).count(),
    );
    count("unpaid order", truths.iter().filter(|truth| truth.paid_at_ms.is_none()).count());
    let orders: Vec<_> = sandbox.stores.iter().flat_map(|store| store.state().orders()).collect();
    count("several lines", orders.iter().filter(|order| order.lines.len() > 2).count());
    count("foreign currency", orders.iter().filter(|order| order.presentment.is_some()).count());
    count(
        "gift message",
        orders.iter().filter(|order| order.attributes.iter().any(|(key, _)| key == "Gift message")).count(),
    );
    count("express", orders.iter().filter(|order| order.shipping.iter().any(|line| line.code == "express")).count());
    count("several places", orders.iter().filter(|order| order.fos.len() > 1).count());
    count("custom item", orders.iter().filter(|order| order.lines.iter().any(|line| line.product.is_none())).count());
    let numbers: Vec<&str> = orders.iter().map(|order| order.name()).filter(|name| *name == "#1001").collect();
    assert_eq!(numbers.len(), 3, "every store has its own #1001");
    for order in &orders {
        let truth = &sandbox.truth.orders[&order.gid()];
        assert_eq!(truth.cancelled_at_ms.is_some(), order.cancelled.is_some(), "{}", order.name);
        if truth.belongs_at_hub() {
            assert!(
                matches!(order.financial_status(), "PAID" | "PARTIALLY_REFUNDED" | "PARTIALLY_PAID"),
                "{} {}",
                order.name,
                order.financial_status()
            );
        }
        for line in &order.lines {
            let owed: i64 = order
                .fos
                .iter()
                .flat_map(|fo| &fo.lines)
                .filter(|one| one.line == line.id)
                .map(|one| one.remaining)
                .sum();
            assert_eq!(owed, line.unfulfilled(), "{}: the work adds up to the line", order.name);
        }
    }
}

#[test]
fn the_demo_opens_with_a_morning_behind_it_and_goes_on_by_itself() {
    let mut sandbox = Sandbox::new(SandboxPlan::demo(20_261_120, MORNING_MS));
    let orders: Vec<_> = sandbox.stores.iter().flat_map(|store| store.state().orders().to_vec()).collect();
    assert_eq!(orders.len(), 140);
    let shipped = orders.iter().filter(|order| order.fulfillment_status(MORNING_MS) == "FULFILLED").count();
    assert!((80..135).contains(&shipped), "{shipped} of 140 have left already");
    sandbox.advance(MORNING_MS + HOUR_MS);
    let after = sandbox.truth.orders.len();
    assert!((220..340).contains(&after), "{} new in the first hour", after - 140);
    let titles: Vec<String> = sandbox.accounts().into_iter().map(|account| account.title).collect();
    assert_eq!(titles.get(..2).unwrap(), ["Harbour Goods", "Harbour Outlet"]);
}

#[test]
fn accounts_can_be_entered_with_what_their_card_says() {
    let sandbox = Sandbox::new(SandboxPlan::quiet(1, MORNING_MS));
    let card = sandbox.stores[0].card();
    assert_eq!(
        (card.platform.as_str(), card.way.as_str(), card.fields["shop"].as_str()),
        ("shopify", "client_credentials", "harbour-goods.myshopify.com")
    );
    assert!(SCOPES.iter().all(|scope| sandbox.stores[0].plan().may(scope)));
    let card = ShopPlan::harbour_us().card();
    assert!(card.way == "legacy_token" && card.fields["access_token"].starts_with("shpat_"));
}
