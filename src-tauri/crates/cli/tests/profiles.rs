//! An account without an API, worked by files: a profile made from a collection, looked at, tried on an order; orders
//! from an export; orders to be entered by hand.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{Terminal, merchant_of, now_ms};
use quayside_sandbox::orderez::EXTRA;
use quayside_sandbox::server::{SandboxClock, serve};
use quayside_sandbox::{Sandbox, SandboxPlan};
use serde_json::json;

#[tokio::test]
async fn a_profile_is_made_looked_at_and_tried_in_the_terminal() {
    let terminal = Terminal::new();
    let place = |name: &str| terminal.profile().join(name).to_str().unwrap().to_owned();
    let order =
        json!({"id": "o1", "orderNumber": "A-1", "status": "pending", "items": [{"id": "i1", "sku": "S", "qty": 2}]});
    let collection = json!({
        "info": {"name": "Harbour API", "schema": "v2.1.0"},
        "item": [
            {"name": "List", "request": {"method": "GET", "url": "{{baseUrl}}/v1/orders?page=1"},
                "response": [{"body": json!({"data": [order]}).to_string()}]},
            {"name": "Make", "request": {"method": "POST", "url": "{{baseUrl}}/v1/orders"}},
            {"name": "Weather", "request": {"method": "GET", "url": "{{baseUrl}}/v1/weather"}},
        ],
    });
    std::fs::write(place("collection.json"), collection.to_string()).unwrap();
    let imported = terminal.json(&["profile", "import", &place("collection.json")]).await.fine()["imported"].clone();
    assert_eq!(imported["unknown"].as_array().unwrap().len(), 1, "{imported}");
    std::fs::write(place("mine.yaml"), imported["profile"].as_str().unwrap()).unwrap();

    let report = terminal.json(&["profile", "check", &place("mine.yaml")]).await.fine()["report"].clone();
    let on: Vec<&str> = report["abilities"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|ability| ability["on"] == true && ability["used"] == true)
        .map(|ability| ability["name"].as_str().unwrap())
        .collect();
    assert_eq!(on, ["orders.read"], "nothing that sends is switched on: {report}");

    std::fs::write(place("answer.json"), imported["samples"]["listOrders"].as_str().unwrap()).unwrap();
    let read = terminal.json(&["profile", "preview", &place("mine.yaml"), &place("answer.json")]).await.fine();
    assert_eq!(read["preview"]["ok"], true, "{read}");
    std::fs::write(place("other.json"), "{\"data\": [{\"ref\": 1}]}").unwrap();
    let lacking = terminal.typed(&["profile", "preview", &place("mine.yaml"), &place("other.json")], "").await;
    assert!(lacking.exit == 10 && lacking.out.contains("missing  remote_id"), "{}", lacking.out);

    // Nothing is connected: the request is shown with an example, and nothing goes out.
    let tried = terminal.json(&["profile", "dry-run", "assumed-contract"]).await.fine()["tried"].clone();
    assert_eq!((tried["order"].is_null(), tried["request"]["url"].as_str()), (true, Some("https://{host}/v1/orders")));
    let words = terminal.typed(&["profile", "dry-run", "assumed-contract", "--of", "listOrders"], "").await;
    assert!(words.exit == 0 && words.out.contains("not sent\nGET https://{host}/v1/orders?"), "{}", words.out);
    assert!(words.out.contains("authorization: Bearer •••"), "{}", words.out);
    let unknown = terminal.json(&["profile", "dry-run", &place("mine.yaml"), "--of", "cancelOrder"]).await;
    assert!(unknown.exit != 0 && unknown.out.contains("knows no path for cancelOrder"), "{}", unknown.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_without_an_api_is_worked_by_files() {
    let start_ms = now_ms();
    let plan = SandboxPlan { extras: vec![EXTRA], ..SandboxPlan::quiet(3, start_ms) };
    let running = serve(Sandbox::new(plan), SandboxClock::real(start_ms)).await.unwrap();
    let account = running.accounts.iter().find(|account| account.platform == "orderez").unwrap().clone();
    let terminal = Terminal::new();
    let line = ["connect", "orderez", "--name", "Harbour Desk", "--base-url", &account.base_url, "--way"];
    let line = [&line[..], &["orderez-co-supplier", "--secrets-from", "-", "--json"]].concat();
    terminal.typed(&line, &serde_json::to_string(&account.fields).unwrap()).await.fine();

    let file = terminal.profile().join("export.csv").to_str().unwrap().to_owned();
    std::fs::write(&file, "Ref,SKU,Quantity,Status\nSO-1,MUG,2,Accepted\nSO-2,TEA,one,Accepted\n").unwrap();
    // First looked at: what was guessed, and what is still missing.
    let shown = terminal.typed(&["profile", "csv", &file], "").await;
    assert!(shown.exit == 0 && shown.out.contains("missing  number"), "{}", shown.out);
    let into = ["profile", "csv", &file, "--into", "harbour-desk", "--column", "number=Ref"];
    let first = terminal.json(&into).await;
    let done = first.json()["imported"].clone();
    assert_eq!((first.exit, &done["orders"], &done["changed"]), (10, &json!(1), &json!(1)), "{done}");
    assert!(done["set_aside"][0].as_str().unwrap().contains("row 3"), "{done}");
    // Chosen once: the next file of this account is read by the same columns.
    let again = terminal.json(&into[..5]).await.json()["imported"].clone();
    assert_eq!(again["changed"], 0, "the same file again: {again}");
    let wrong = terminal.json(&["profile", "csv", &file, "--into", "harbour-desk", "--column", "number=Nope"]).await;
    assert!(wrong.exit != 0 && wrong.out.contains("no column \\\"Nope\\\""), "{}", wrong.out);
    // Nobody waits for a hand yet.
    let by_hand = terminal.json(&["profile", "by-hand"]).await.fine();
    assert_eq!(by_hand["orders"], json!([]));
    let changes = terminal.json(&["profile", "by-hand", "--changes", "--csv"]).await.fine();
    assert_eq!(changes["csv"], "What To Do,Reference,Order Number,Number There,Field,Now,To Be\r\n");
    running.shut_down();
}

/// Nobody can see whether such an account imports the stores by itself. Going live is no answer: the orders wait, it is
/// said how to answer, and after that every order arrives once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_shows_no_links_takes_orders_once_somebody_says_who_writes() {
    let start_ms = now_ms();
    let plan = SandboxPlan { hub: None, extras: vec![EXTRA], ..SandboxPlan::quiet(3, start_ms) };
    let running = merchant_of(plan, start_ms).await;
    let terminal = Terminal::new();
    let accounts = terminal.connect(&running).await;
    let stores: Vec<&str> =
        accounts.iter().filter(|one| one["platform"] == "shopify").filter_map(|one| one["id"].as_str()).collect();
    let made = || {
        running.with(|sandbox| {
            let made = sandbox.ledger.of("order_created");
            made.filter(|entry| entry.by == quayside_sandbox::ledger::By::Client).count()
        })
    };
    // Asked while it only watches, and told how to answer.
    terminal.json(&["sync", "--once", "--timeout", "120"]).await.fine();
    let plan = terminal.json(&["plan"]).await.fine()["plan"].clone();
    assert_eq!(plan["who_writes"].as_array().unwrap().len(), stores.len(), "{plan}");
    let planned = plan["per_automation"]["orders_to_hub"].as_u64().unwrap();
    assert_eq!(planned, 6 * stores.len() as u64, "{plan}");
    let words = terminal.typed(&["plan"], "").await.out;
    assert!(words.contains("Until then its orders wait.") && words.contains("hub_imports=true"), "{words}");

    let live = terminal.json(&["go-live", "--mode", "auto", "--from", "all"]).await.fine();
    assert_eq!(live["who_writes"].as_array().unwrap().len(), stores.len(), "{live}");
    assert_eq!(live["said_by_going_live"], json!([]), "{live}");
    terminal.json(&["sync", "--until-idle", "--timeout", "200"]).await;
    assert_eq!(made(), 0, "nobody has said who writes");
    // The one is said, the other one still waits.
    terminal.json(&["connection-settings", stores[0], "hub_imports=false"]).await.fine();
    terminal.json(&["sync", "--until-idle", "--timeout", "200"]).await;
    assert_eq!(made() as u64, planned / stores.len() as u64);
    for store in &stores[1..] {
        terminal.json(&["connection-settings", *store, "hub_imports=false"]).await.fine();
    }
    terminal.json(&["sync", "--until-idle", "--timeout", "200"]).await;
    assert_eq!(made() as u64, planned);
    running.shut_down();
}
