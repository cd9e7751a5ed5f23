//! Every command, called as a line is typed, against a served sandbox, with a keychain in memory.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{Terminal, merchant};
use quayside_connectors::{ReqwestWire, Wire, WireError};
use quayside_sandbox::bigcommerce::state::{Product, Variant};
use quayside_sandbox::bigcommerce::{BigCommerce, LineDraft, OrderDraft};
use quayside_sandbox::ledger::By;
use quayside_sandbox::server::{Running, SandboxClock, serve};
use quayside_sandbox::shipstation::state::Pen;
use quayside_sandbox::shipstation::state::labels::Purchase;
use quayside_sandbox::{Extra, Moment, Sandbox, SandboxPlan};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The real network, on which the hub refuses every new order while `refuses` says so.
struct Choosy {
    inner: ReqwestWire,
    refuses: Arc<AtomicBool>,
}

#[async_trait::async_trait]
impl Wire for Choosy {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        if self.refuses.load(Ordering::SeqCst) && request.uri().path().starts_with("/orders/createorder") {
            let body = r#"{"Message":"The request is invalid.","ModelState":{"apiOrder.shipTo.postalCode":["No such postcode."]}}"#;
            let answer = http::Response::builder().status(400).header("content-type", "application/json");
            return Ok(answer.body(body.into()).unwrap());
        }
        self.inner.send(request, timeout).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_goes_from_the_store_to_the_hub_by_typing() {
    let running = merchant().await;
    let terminal = Terminal::new();
    let empty = terminal.json(&["connections"]).await.fine();
    assert_eq!(empty["connections"].as_array().unwrap().len(), 0);
    assert_eq!(terminal.json(&["sync"]).await.json()["error"]["code"], "input");

    let accounts = terminal.connect(&running).await;
    assert_eq!(accounts.len(), running.accounts.len());
    for account in &accounts {
        assert_eq!(account["activity"]["paused"], false, "{account}");
    }

    // Watching: everything is read, nothing is sent.
    let synced = terminal.json(&["sync", "--once", "--timeout", "120"]).await.fine();
    assert_eq!(
        (&synced["sync"]["end"], &synced["sync"]["effects"]["done"]),
        (&Value::from("done"), &Value::from(0)),
        "{synced}"
    );
    let orders = terminal.json(&["orders", "--limit", "500"]).await.fine();
    let listed = orders["orders"].as_array().unwrap();
    assert_eq!(orders["total"].as_u64().unwrap() as usize, listed.len());
    assert!(!listed.is_empty());
    let plan = terminal.json(&["plan"]).await.fine();
    let planned = plan["plan"]["per_automation"]["orders_to_hub"].as_u64().unwrap();
    assert_eq!(planned, 12, "{plan}");
    let sent = |running: &Running| {
        running.with(|sandbox| {
            sandbox
                .ledger
                .entries
                .iter()
                .filter(|entry| entry.effect == "order_created" && entry.by == By::Client)
                .count()
        })
    };
    assert_eq!(sent(&running), 0);

    // Asked first, then let go.
    let live = terminal.json(&["go-live", "--mode", "ask", "--from", "all"]).await.fine();
    assert!(live["automations"].as_array().unwrap().iter().all(|view| view["mode"] == "ask"), "{live}");
    let asked = terminal.json(&["sync", "--until-idle", "--timeout", "120"]).await.fine();
    assert_eq!((asked["sync"]["effects"]["asked"].as_u64(), sent(&running)), (Some(planned), 0), "{asked}");
    let approved = terminal.json(&["approve", "--all"]).await.fine();
    assert_eq!(approved["done"].as_u64(), Some(planned), "{approved}");
    let done = terminal.json(&["sync", "--until-idle", "--timeout", "200"]).await;
    let report = done.json();
    assert_eq!(
        (report["sync"]["end"].as_str(), sent(&running) as u64),
        (Some("done"), planned),
        "{report} {}",
        done.err
    );
    assert_eq!(terminal.json(&["plan"]).await.fine()["plan"]["per_automation"]["orders_to_hub"], 0);

    // One order, both sides.
    let number = listed.iter().find(|row| row["stage"] == "to_send").unwrap()["number"].as_str().unwrap().to_owned();
    let store = listed.iter().find(|row| row["number"] == number.as_str()).unwrap()["id"].clone();
    let order = terminal.json(&["order", &format!("id:{store}")]).await.fine();
    assert_eq!(
        (order["order"]["row"]["number"].as_str(), order["order"]["row"]["stage"].as_str()),
        (Some(number.as_str()), Some("packing")),
        "{order}"
    );
    assert!(
        order["order"]["lines"]
            .as_array()
            .unwrap()
            .iter()
            .any(|line| line["at_hub"].as_u64().is_some_and(|units| units > 0)),
        "{order}"
    );
    let text = terminal.typed(&["order", &format!("id:{store}")], "").await;
    assert!(text.out.contains(&number) && text.out.contains("What happened"), "{}", text.out);

    // Gone again.
    let removed = terminal.json(&["disconnect", "Harbour Goods"]).await.fine();
    assert_eq!(removed["removed"]["name"], "Harbour Goods");
    assert_eq!(terminal.json(&["disconnect", "Harbour Goods"]).await.exit, 4);
    running.shut_down();
}

/// A label that was bought a moment ago is there after one order was read, long before the list of labels is read again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn syncing_one_order_brings_its_new_label() {
    let running = merchant().await;
    let terminal = Terminal::new();
    terminal.connect(&running).await;
    terminal.json(&["go-live", "--mode", "auto", "--from", "all"]).await.fine();
    terminal.json(&["sync", "--until-idle", "--timeout", "200"]).await.json();
    let orders = terminal.json(&["orders", "--limit", "500"]).await.fine();
    let packing = orders["orders"].as_array().unwrap().iter().find(|row| row["stage"] == "packing").unwrap().clone();
    let (id, number) = (format!("id:{}", packing["id"]), packing["number"].as_str().unwrap());
    let store = packing["store"].to_string();
    let tracking = running.with(|sandbox| {
        sandbox.scene(|scene| {
            let hub = &mut scene.hubs[0].state;
            let ours = hub
                .orders
                .values()
                .find(|order| order.body.number.ends_with(number) && store.contains(order.body.source.as_str()));
            let order = ours.unwrap_or_else(|| panic!("{number} of {store} is not at the hub")).id;
            let purchase = Purchase {
                carrier: "dpd".into(),
                service: "dpd_classic".into(),
                grams: Some(900.0),
                ..Purchase::default()
            };
            let mut pen = Pen { now_ms: scene.now_ms, by: By::Merchant, ledger: scene.ledger };
            let label = hub.buy(&mut pen, order, &purchase).unwrap();
            hub.labels[&label].tracking_number.clone()
        })
    });
    let synced = terminal.json(&["sync", "--order", &id, "--once", "--timeout", "120"]).await.fine();
    assert_eq!(synced["sync"]["end"], "done", "{synced}");
    let order = terminal.json(&["order", &id]).await.fine();
    assert!(order.to_string().contains(&tracking), "{tracking}: {order}");
    running.shut_down();
}

/// What the platform answered when an order was sent is there as it came, and nothing of any sign-in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_to_a_change_can_be_read() {
    let running = merchant().await;
    let terminal = Terminal::new();
    terminal.connect(&running).await;
    terminal.json(&["go-live", "--mode", "auto", "--from", "all"]).await.fine();
    terminal.json(&["sync", "--until-idle", "--timeout", "200"]).await.json();
    let orders = terminal.json(&["orders", "--limit", "500"]).await.fine();
    let packing = orders["orders"].as_array().unwrap().iter().find(|row| row["stage"] == "packing").unwrap().clone();
    let id = format!("id:{}", packing["id"]);
    let plain = terminal.json(&["order", &id]).await.fine();
    assert!(plain.get("answers").is_none(), "only when asked for");
    let order = terminal.json(&["order", &id, "--answers"]).await.fine();
    let answers = order["answers"].as_array().unwrap();
    let tries = order["order"]["tries"].as_array().unwrap().iter().flat_map(|of| of["tries"].as_array().unwrap());
    assert_eq!(tries.filter(|one| one["has_answer"] == true).count(), answers.len());
    let heard: Vec<Value> = answers
        .iter()
        .flat_map(|kept| {
            let tape: Value = serde_json::from_str(kept["answer"].as_str().unwrap()).unwrap();
            tape["exchanges"].as_array().unwrap().clone()
        })
        .collect();
    // The order is known there by a name that nobody but the platform gives.
    let known = order["order"]["effects"].as_array().unwrap().iter().find_map(|effect| effect["remote_id"].as_str());
    let known = known.unwrap();
    assert!(
        heard.iter().any(|one| one["status"] == 200 && one["body"].to_string().contains(known)),
        "{known}: {heard:?}"
    );
    assert!(heard.iter().all(|one| !one["path"].as_str().unwrap().contains("oauth")), "{heard:?}");
    let text = terminal.typed(&["order", &id, "--answers"], "").await;
    assert!(text.out.contains("\nAnswers\n") && text.out.contains("\"exchanges\": ["), "{}", text.out);
    running.shut_down();
}

fn made_at_the_hub(running: &Running) -> u64 {
    running.with(|sandbox| {
        let made = sandbox.ledger.of("order_created");
        made.filter(|entry| entry.by == By::Client).count() as u64
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_refused_is_retried_or_given_up_by_typing() {
    let running = merchant().await;
    let mut terminal = Terminal::new();
    let refuses = Arc::new(AtomicBool::default());
    terminal.wire = Some(Arc::new(Choosy { inner: ReqwestWire::new().unwrap(), refuses: refuses.clone() }));
    terminal.connect(&running).await;
    terminal.json(&["go-live", "--mode", "auto", "--from", "all"]).await.fine();
    refuses.store(true, Ordering::SeqCst);
    let synced = terminal.json(&["sync", "--until-idle", "--timeout", "200"]).await.json();
    assert_eq!((synced["sync"]["effects"]["refused"].as_u64(), made_at_the_hub(&running)), (Some(12), 0), "{synced}");
    let listed = terminal.json(&["exceptions", "--cause", "address_refused"]).await.fine();
    let entries: Vec<&Value> = listed["exceptions"]["groups"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|group| group["entries"].as_array().unwrap())
        .collect();
    assert_eq!(entries.len(), 12, "{listed}");
    let (effect, order) = (entries[0]["effect"].clone(), entries[0]["order"]["id"].clone());

    // One is given up, with a reason; all others of the cause are tried again.
    let skipped = terminal.json(&["skip", &format!("effect:{effect}"), "--reason", "told the buyer"]).await.fine();
    assert_eq!(skipped["done"], 1, "{skipped}");
    let state = async || {
        let order = terminal.json(&["order", &format!("id:{order}")]).await.fine();
        let effects = order["order"]["effects"].as_array().unwrap().clone();
        let own = effects.into_iter().find(|one| one["id"] == effect).unwrap();
        own["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state().await, "skipped");
    refuses.store(false, Ordering::SeqCst);
    // A refusal waits for a person; then all that is left of the cause goes out, each order once.
    let retried = terminal.json(&["retry", "--cause", "address_refused"]).await.fine();
    assert_eq!(retried["done"], 11, "{retried}");
    let done = terminal.json(&["sync", "--until-idle", "--timeout", "200"]).await.json();
    assert_eq!(done["sync"]["effects"]["refused"].as_u64(), Some(0), "{done}");
    let made: Vec<String> = running.with(|sandbox| {
        let made = sandbox.ledger.of("order_created");
        made.filter(|entry| entry.by == By::Client).map(|entry| entry.key.clone().unwrap()).collect()
    });
    let keys: std::collections::BTreeSet<&String> = made.iter().collect();
    assert!(made.len() >= 11 && keys.len() == made.len(), "{made:?}");
    // The change that was given up stays given up; whether another takes its place is the automation's decision.
    assert_eq!(state().await, "skipped");
    running.shut_down();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connecting_says_what_is_wrong_and_keeps_secrets_to_itself() {
    let running = merchant().await;
    let terminal = Terminal::new();
    let shop = running.accounts.iter().find(|account| account.platform == "shopify").unwrap();
    let secret = shop.fields.values().max_by_key(|value| value.len()).unwrap().clone();
    let fields = serde_json::to_string(&shop.fields).unwrap();
    let base = ["--base-url", shop.base_url.as_str()];

    for (line, stdin, exit, sentence) in [
        (vec!["connect", "etsy"], "", 3, "does not know a platform"),
        (vec!["connect", "shopify", "--secrets-from", "-"], "", 3, "Nothing came on standard input"),
        (vec!["connect", "shopify", "--secrets-from", "-", base[0], base[1]], secret.as_str(), 3, "JSON object"),
        (vec!["connect", "shopify", "--secrets-from", secret.as_str()], "", 3, "never an argument"),
        (vec!["connect", "shopify", "--client-secret", secret.as_str()], "", 2, "never taken as arguments"),
        (
            vec!["connect", "shopify", "--secrets-from", "-", "--base-url", "http://10.1.2.3"],
            fields.as_str(),
            3,
            "not on this computer",
        ),
        (
            vec!["connect", "shopify", "--secrets-from", "-", "--base-url", "http://127.0.0.1:9"],
            fields.as_str(),
            8,
            "Nothing answers at http://127.0.0.1:9, the address on this computer",
        ),
        // A pasted secret is not repeated, wherever it was pasted.
        (vec!["connect", "shopify", secret.as_str()], "", 2, "not repeated here"),
        (vec!["connect", secret.as_str()], "", 3, "does not know a platform"),
        (vec!["connect", secret.as_str(), "--frob"], "", 2, "not repeated here"),
        (vec!["connect", "shopify", "--test", "--rotate", secret.as_str()], "", 2, "exclude each other"),
        (vec!["connect"], "", 2, "The platform is missing"),
    ] {
        let line: Vec<&str> = line.into_iter().chain(["--json"]).collect();
        let ran = terminal.typed(&line, stdin).await;
        let error = ran.json()["error"].clone();
        assert_eq!(ran.exit, exit, "{line:?}: {error}");
        assert!(error["sentence"].as_str().unwrap().contains(sentence), "{line:?}: {error}");
        assert!(!ran.out.contains(&secret) && !ran.err.contains(&secret), "{line:?}: {}", ran.out);
    }
    let field = format!("client_secret={secret}");
    let refused = terminal.json(&["connect", "shopify", "--field", &field]).await;
    assert!(refused.json()["error"]["sentence"].as_str().unwrap().contains("is a secret"), "{}", refused.out);
    assert!(!refused.out.contains(&secret));

    let test = terminal
        .typed(&["connect", "shopify", "--test", "--secrets-from", "-", base[0], base[1], "--json"], &fields)
        .await
        .fine();
    assert_eq!(test["test"]["ok"], true, "{test}");
    assert_eq!(terminal.json(&["connections"]).await.fine()["connections"].as_array().unwrap().len(), 0);

    // The issue's own line: name, address, secrets on standard input, nothing else.
    let made =
        terminal.typed(&["connect", "shopify", "--name", "A", base[0], base[1], "--secrets-from", "-"], &fields).await;
    assert_eq!(made.exit, 0, "{}\n{}", made.out, made.err);
    assert!(made.out.contains("Connected Shopify as A (a)"), "{}", made.out);
    let again = terminal
        .typed(&["connect", "shopify", "--name", "B", base[0], base[1], "--secrets-from", "-", "--json"], &fields)
        .await;
    assert!(again.exit == 3 && again.out.contains("connected already"), "{}", again.out);
    let rotated = terminal
        .typed(&["connect", "shopify", "--rotate", "A", base[0], base[1], "--secrets-from", "-", "--json"], &fields)
        .await
        .fine();
    assert_eq!(rotated["test"]["ok"], true, "{rotated}");
    // What it does not change it does not leave out in silence.
    for (more, word) in [(["--name", "B"], "--name"), (["--base-url", "http://127.0.0.1:1"], "--base-url")] {
        let line = ["connect", "shopify", "--rotate", "A", more[0], more[1], "--secrets-from", "-", "--json"];
        let refused = terminal.typed(&line, &fields).await;
        let sentence = refused.json()["error"]["sentence"].as_str().unwrap().to_owned();
        assert!(refused.exit != 0 && sentence.contains(word) && sentence.contains("Nothing was changed"), "{sentence}");
    }
    let listed = terminal.typed(&["connections"], "").await;
    assert!(listed.out.contains("Shopify") && !listed.out.contains(&secret), "{}", listed.out);
    running.shut_down();
}

/// Two break: taken off the count by so many, once it was said what comes of it.
async fn adjusted_by_typing(terminal: &Terminal, account: &str, running: &Running) {
    let place = ["--place", "default location"];
    let line = |by: &'static str, more: &[&'static str]| -> Vec<String> {
        let line = ["stock", "--adjust", "MAT-rop", "--at", account, "--by", by, "--reason", "broken"];
        line.iter().chain(more).map(|word| (*word).to_owned()).collect()
    };
    let typed = |line: Vec<String>| async move {
        let line: Vec<&str> = line.iter().map(String::as_str).collect();
        terminal.json(&line).await
    };
    let level = || {
        running.with(|sandbox| {
            sandbox.scene(|scene| {
                let any: &mut dyn std::any::Any = scene.shops[0].as_mut();
                any.downcast_mut::<BigCommerce>().unwrap().state.levels[&(7_001, 1)]
            })
        })
    };
    let which = typed(line("-2", &[])).await;
    assert_eq!((which.exit, which.json()["error"]["code"].as_str()), (3, Some("input")), "{}", which.out);
    assert!(which.out.contains("Say --place with one of"), "{}", which.out);

    let preview = typed(line("-2", &place)).await.fine()["adjusted"].clone();
    assert_eq!((&preview["done"], &preview["before"], &preview["after"]), (&false.into(), &40.into(), &38.into()));
    let too_many = typed(line("-41", &place)).await;
    assert!(too_many.exit == 3 && too_many.out.contains("41 cannot be taken away"), "{}", too_many.out);
    let done = typed(line("-2", &[place[0], place[1], "--yes"])).await.fine()["adjusted"].clone();
    assert_eq!((&done["done"], &done["after"]), (&true.into(), &38.into()));
    let again = typed(line("-2", &[place[0], place[1], "--yes"])).await;
    assert!(again.exit == 3 && again.out.contains("under way already"), "{}", again.out);
    assert_eq!(level(), 40);
    // Accepted at once, and applied some time later.
    for _ in 0..20 {
        terminal.json(&["sync", "--until-idle", "--timeout", "120"]).await;
        if level() == 38 {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(level(), 38);
}

/// What a store counts is listed, searched and narrowed; and going live with everything leaves counts alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counts_are_listed_by_typing() {
    let plan = SandboxPlan {
        stores: vec![],
        hub: None,
        extras: vec![Extra::Shop(quayside_sandbox::bigcommerce::extra)],
        ..SandboxPlan::quiet(3, common::now_ms())
    };
    let running = serve(Sandbox::new(plan), SandboxClock::real(common::now_ms())).await.unwrap();
    running.with(|sandbox| {
        sandbox.scene(|scene| {
            let any: &mut dyn std::any::Any = scene.shops[0].as_mut();
            let state = &mut any.downcast_mut::<BigCommerce>().unwrap().state;
            for (n, sku) in (0..).zip(["MAT-ROP", "MAT-JUTE", "EVIL\u{1b}[2JMAT"]) {
                let variant = Variant { id: 7_001 + n, sku: sku.into(), label: String::new(), upc: String::new() };
                state.products.push(Product {
                    id: 700 + n,
                    name: sku.into(),
                    kind: "physical".into(),
                    price_minor: 1_850,
                    weight: 0.4,
                    modified_ms: scene.now_ms,
                    visible: true,
                    tracking: "variant".into(),
                    variants: vec![variant],
                });
                state.levels.insert((7_001 + n, 1), 40 + n);
            }
        });
    });
    let terminal = Terminal::new();
    assert!(terminal.typed(&["stock"], "").await.out.contains("No connected account reads counts of units."));
    terminal.connect(&running).await;
    terminal.json(&["sync", "--until-idle", "--timeout", "120"]).await.fine();

    let page = terminal.json(&["stock", "--search", "mat-"]).await.fine()["stock"].clone();
    let skus: Vec<&str> = page["rows"].as_array().unwrap().iter().map(|row| row["sku"].as_str().unwrap()).collect();
    assert_eq!((skus, &page["counted"], &page["mode"]), (vec!["mat-jute", "mat-rop"], &true.into(), &"off".into()));
    let shown: Vec<i64> = page["rows"][1]["says"]["sides"]
        .as_array()
        .unwrap()
        .iter()
        .map(|side| side["units"].as_i64().unwrap())
        .collect();
    assert!(shown.contains(&40), "{page}");

    let told = terminal.typed(&["stock", "--search", "MAT"], "").await.out;
    assert!(told.lines().any(|line| line.contains("not written") && line.contains("40")), "{told}");
    assert!(told.contains("Nothing is written. No account's count was chosen as the one that holds."), "{told}");
    assert!(told.contains("\"Stock\": off."), "{told}");
    assert!(!told.contains('\u{1b}'), "{told:?}");
    let none = terminal.typed(&["stock", "--search", "MAT", "--only", "warned"], "").await.out;
    assert!(none.contains("No SKU matches."), "{none}");
    assert!(
        terminal.json(&["stock", "--after", "mat-rop", "--search", "mat"]).await.fine()["stock"]["rows"]
            == serde_json::json!([])
    );

    adjusted_by_typing(&terminal, page["rows"][1]["says"]["sides"][0]["connection"].as_str().unwrap(), &running).await;

    let live = terminal.json(&["go-live", "--mode", "auto", "--from", "all"]).await.fine();
    let ids = |document: &Value| -> Vec<String> {
        document["automations"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    assert!(ids(&live).len() > 5 && !ids(&live).contains(&"stock".to_owned()), "{live}");
    let by_name = terminal.json(&["go-live", "--automation", "stock", "--mode", "watch"]).await.fine();
    assert_eq!(ids(&by_name), ["stock"]);
    assert!(ids(&terminal.json(&["go-live", "--mode", "watch"]).await.fine()).contains(&"stock".to_owned()));
    running.shut_down();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_error_is_one_document_with_its_code() {
    let terminal = Terminal::new();
    for (line, exit, code) in [
        (&["order", "#404"][..], 4, "gone"),
        (&["order", "id:x"][..], 3, "input"),
        (&["orders", "--view", "everything"][..], 3, "input"),
        (&["exceptions", "--cause", "bad_luck"][..], 3, "input"),
        (&["exceptions", "--view", "mine"][..], 3, "input"),
        (&["retry", "#404"][..], 4, "gone"),
        (&["skip", "exception:x"][..], 3, "input"),
        (&["refund", "#404", "--total", "5", "--yes"][..], 4, "gone"),
        (&["refund", "#404", "--total", "5", "--line", "MUG", "--yes"][..], 3, "input"),
        (&["refund", "#404"][..], 2, "usage"),
        (&["refund", "#404", "--quote"][..], 4, "gone"),
        (&["refund", "#404", "--quote", "--total", "5", "--yes"][..], 2, "usage"),
        (&["stock", "--only", "lost"][..], 2, "usage"),
        (&["go-live", "--from", "yesterday"][..], 3, "input"),
        (&["go-live", "--automation", "orders_to_moon"][..], 3, "input"),
        (&["plan", "--automation", "orders_to_moon"][..], 3, "input"),
        (&["backup", "/nowhere/x", "--pass-phrase-from", "env:NOT_SET"][..], 3, "input"),
        (&["simulate", "--seeds", "9..1"][..], 3, "input"),
        (&["sandbox", "serve", "--faults", "lots"][..], 3, "input"),
        (&["retry"][..], 2, "usage"),
        (&["dance"][..], 2, "usage"),
    ] {
        let ran = terminal.json(line).await;
        let error = ran.json()["error"].clone();
        assert_eq!((ran.exit, error["code"].as_str()), (exit, Some(code)), "{line:?}: {error}");
        assert!(error["sentence"].as_str().unwrap().len() > 20, "{line:?}: {error}");
    }
    // For people: nothing on standard output, the sentence on standard error.
    let ran = terminal.typed(&["order", "#404"], "").await;
    assert!(ran.out.is_empty() && ran.err.contains("There is no order #404"), "{} / {}", ran.out, ran.err);
    // Help is an answer.
    assert_eq!(terminal.typed(&["--help"], "").await.exit, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_goes_out_and_comes_back() {
    let terminal = Terminal::new();
    let file = terminal.profile().join("desk.backup");
    let path = file.to_str().unwrap();
    assert!(
        terminal.typed(&["backup", path, "--json"], "short\n").await.json()["error"]["sentence"]
            .as_str()
            .unwrap()
            .contains('8')
    );
    let made = terminal.typed(&["backup", path, "--json"], "correct horse battery\n").await.fine();
    assert!(made["backup"]["bytes"].as_u64().unwrap() > 0);
    let elsewhere = Terminal::new();
    let wrong = elsewhere.typed(&["restore", path, "--json"], "wrong horse battery").await;
    assert_eq!(
        (wrong.exit, wrong.json()["error"]["field"].as_str().map(str::to_owned)),
        (3, Some("pass_phrase".to_owned())),
        "{}",
        wrong.out
    );
    let restored = elsewhere.typed(&["restore", path, "--json"], "correct horse battery").await.fine();
    assert_eq!(restored["restored"]["file"].as_str(), Some(path));
    elsewhere.json(&["connections"]).await.fine();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_answers_even_when_nothing_opens() {
    let terminal = Terminal::new();
    let healthy = terminal.json(&["doctor"]).await.fine();
    assert_eq!(healthy["healthy"], true, "{healthy}");
    let file = terminal.profile().join("help.txt");
    let helped = terminal.json(&["doctor", "--mend", "--bundle", file.to_str().unwrap()]).await.fine();
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(helped["bundle"]["lines"].as_u64(), Some(text.lines().count() as u64), "{helped}");
    assert!(text.contains("== Check-up") && !text.contains(terminal.profile().to_str().unwrap()), "{text}");
    terminal.keychain.lock(true);
    let ill = terminal.json(&["doctor"]).await;
    assert_eq!((ill.exit, ill.json()["healthy"].as_bool()), (10, Some(false)), "{}", ill.out);
    // What was asked for besides and cannot be done is said.
    let other = terminal.profile().join("other.txt");
    let asked = terminal.json(&["doctor", "--mend", "--bundle", other.to_str().unwrap()]).await;
    for title in ["Support bundle", "Mending"] {
        let told = asked.json()["diagnoses"].as_array().unwrap().iter().any(|line| line["title"] == title);
        assert!(told && !ill.out.contains(title), "{}", asked.out);
    }
    assert!(asked.exit == 10 && asked.json()["bundle"].is_null() && !other.exists(), "{}", asked.out);
    assert_eq!(terminal.json(&["orders"]).await.exit, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_a_working_window_one_looks_on_and_changes_nothing() {
    let terminal = Terminal::new();
    let world = terminal.world("");
    let window = world.desk(Some(terminal.profile()), quayside_api::Role::Writer, Arc::new(|_| {})).unwrap();
    terminal.json(&["orders"]).await.fine();
    let held = terminal.json(&["go-live"]).await;
    assert_eq!(held.exit, 7, "{}", held.out);
    assert!(
        held.json()["error"]["sentence"].as_str().unwrap().contains(&std::process::id().to_string()),
        "{}",
        held.out
    );
    window.stop();
    drop(window);
    terminal.json(&["go-live", "--mode", "watch"]).await.fine();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_ends_a_sync_in_order() {
    let running = merchant().await;
    let terminal = Terminal::new();
    terminal.connect(&running).await;
    let mut world = terminal.world("");
    let profile = terminal.profile().to_str().unwrap().to_owned();
    let stop = world.interrupted();
    let arguments: Vec<std::ffi::OsString> =
        ["quayside-cli", "--profile", &profile, "sync", "--follow", "--json"].map(Into::into).to_vec();
    let interrupt = world.interrupter();
    let ending = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        interrupt();
    });
    let mut out = Vec::new();
    let exit = quayside_cli::run(arguments, &mut world, &mut out).await;
    ending.await.unwrap();
    assert!(*stop.borrow());
    let report: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(
        (exit, report["sync"]["end"].as_str(), report["sync"]["how"].as_str()),
        (0, Some("interrupted"), Some("follow")),
        "{report}"
    );
    // The profile is free again.
    terminal.json(&["connections"]).await.fine();
    running.shut_down();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sandbox_is_served_until_it_is_ended() {
    let terminal = Terminal::new();
    let file = terminal.profile().join("ports.json");
    // Left by an earlier run that was cut off: nobody may take its addresses for the new ones.
    std::fs::write(&file, "{\"accounts\": []}").unwrap();
    std::fs::write(file.with_extension("part"), "{}").unwrap();
    let mut world = terminal.world("");
    let interrupt = world.interrupter();
    let ports = file.clone();
    let client = tokio::spawn(async move {
        for _ in 0..400 {
            let text = std::fs::read_to_string(&ports).unwrap_or_default();
            if text.contains("base_url") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&ports).unwrap().permissions().mode() & 0o777, 0o600, "credentials are in it");
        }
        let ports: Value = serde_json::from_str(&std::fs::read_to_string(&ports).unwrap()).unwrap();
        interrupt();
        ports
    });
    let arguments: Vec<std::ffi::OsString> = [
        "quayside-cli",
        "sandbox",
        "serve",
        "--quiet",
        "--stores",
        "3",
        "--faults",
        "none",
        "--json",
        "--port-file",
        file.to_str().unwrap(),
    ]
    .map(Into::into)
    .to_vec();
    let mut out = Vec::new();
    let exit = quayside_cli::run(arguments, &mut world, &mut out).await;
    let ports = client.await.unwrap();
    assert_eq!(exit, 0, "{}", String::from_utf8_lossy(&out));
    assert!(!file.exists(), "its addresses lead nowhere any more");
    let accounts = ports["accounts"].as_array().unwrap();
    // Three stores and a hub, and one account of every further platform.
    let platforms: std::collections::BTreeSet<&str> =
        accounts.iter().map(|account| account["platform"].as_str().unwrap()).collect();
    assert_eq!(accounts.len(), 4 + quayside_sandbox::extras().len(), "{ports}");
    assert_eq!(platforms.len(), 2 + quayside_sandbox::extras().len(), "{ports}");
    assert!(
        accounts.iter().all(|account| account["base_url"].as_str().unwrap().starts_with("http://127.0.0.1:")),
        "{ports}"
    );
    assert!(!ports["control"]["token"].as_str().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_that_could_read_nothing_does_not_say_that_it_synced() {
    let running = merchant().await;
    let terminal = Terminal::new();
    terminal.connect(&running).await;
    let address = running.accounts[0].base_url.clone();
    running.shut_down();
    let ran = terminal.json(&["sync"]).await;
    assert_eq!(ran.exit, 10, "{}", ran.out);
    let sync = ran.json()["sync"].clone();
    assert_eq!(sync["end"], "unread", "{sync}");
    let problems = sync["problems"].as_array().unwrap();
    let said: Vec<&str> = problems.iter().map(|problem| problem.as_str().unwrap()).collect();
    let about = said.join(" ");
    let sentence = format!("Nothing answers at {address}");
    assert_eq!(about.matches(&sentence).count(), 1, "once, though two lists could not be read: {about}");
    let words = terminal.typed(&["sync"], "").await;
    assert!(words.out.starts_with("Not everything could be read."), "{}", words.out);
    assert!(!words.out.contains("Nothing needs you"), "{}", words.out);
}

#[tokio::test]
async fn an_empty_desk_says_which_one_it_is() {
    let terminal = Terminal::new();
    for line in [&["orders"][..], &["connections"], &["exceptions"], &["plan"], &["stock"]] {
        let ran = terminal.json(line).await;
        assert_eq!(ran.exit, 0, "{line:?}: {}", ran.out);
        let folder = terminal.profile().to_str().unwrap();
        assert!(ran.err.contains(&format!("Nothing is connected yet in {folder}")), "{line:?}: {}", ran.err);
    }
    assert_eq!(terminal.json(&["simulate", "--orders", "0"]).await.exit, 2, "no order proves nothing");
}

/// Asked what it comes to, done, seen in the store's own ledger once, and not done twice by a second line.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_is_quoted_and_given_back_by_typing() {
    let plan = SandboxPlan {
        stores: vec![],
        hub: None,
        extras: vec![Extra::Shop(quayside_sandbox::bigcommerce::extra)],
        ..SandboxPlan::quiet(3, common::now_ms())
    };
    let running = serve(Sandbox::new(plan), SandboxClock::real(common::now_ms())).await.unwrap();
    let sold = running.with(|sandbox| {
        sandbox.scene(|scene| {
            let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
            let any: &mut dyn std::any::Any = scene.shops[0].as_mut();
            let draft = OrderDraft {
                lines: vec![LineDraft::of("MUG", 1_500, 2)],
                ship_to: vec![(quayside_sandbox::bigcommerce::Address::default(), "Ground".into(), 750)],
                ..OrderDraft::default()
            };
            any.downcast_mut::<BigCommerce>().unwrap().buy(draft, &mut moment).to_string()
        })
    });
    let given = || running.with(|sandbox| sandbox.ledger.of("refund_created").count());
    let terminal = Terminal::new();
    terminal.connect(&running).await;
    terminal.json(&["sync", "--once", "--timeout", "120"]).await.fine();

    let quote =
        terminal.json(&["refund", &sold, "--quote", "--line", "MUG=1", "--shipping", "all"]).await.fine()["quote"]
            .clone();
    assert_eq!((quote["by"].as_str(), quote["total"].as_str()), (Some("BigCommerce"), Some("24.36 USD")), "{quote}");
    assert_eq!(
        (quote["fields"]["total"].as_str(), quote["fields"]["shipping"].as_str()),
        (Some("24.36"), Some("8.12"))
    );
    let told = terminal.typed(&["refund", &sold, "--quote", "--line", "MUG=1", "--shipping", "all"], "").await;
    assert!(told.out.contains("24.36 USD would be given back") && told.out.contains("--yes"), "{}", told.out);
    for option in ["--restock", "--notify"] {
        let refused = terminal.json(&["refund", &sold, "--total", "5", option, "--yes"]).await.json();
        let why = refused["refused"][0]["sentence"].as_str().unwrap_or_default().to_owned();
        assert!(why.contains("cannot be chosen at BigCommerce") && why.contains("settings of the store"), "{refused}");
    }
    assert_eq!(given(), 0);

    let line = ["refund", &sold, "--total", "24.36", "--shipping", "8.12", "--line", "MUG=1", "--reason", "return"];
    assert_eq!(terminal.json(&line).await.json()["error"]["code"], "input", "not without --yes");
    let sure: Vec<&str> = line.iter().copied().chain(["--yes"]).collect();
    assert_eq!(terminal.json(&sure).await.fine()["done"], 1);
    let again = terminal.json(&sure).await;
    assert!(again.exit == 10 && again.out.contains("being given back already"), "{}", again.out);
    terminal.json(&["sync", "--until-idle", "--timeout", "120"]).await.fine();
    assert_eq!(given(), 1);
    let minor = running.with(|sandbox| sandbox.ledger.of("refund_created").next().unwrap().detail["minor"].clone());
    assert_eq!(minor, 2_436);
    // More than is left now is refused with what is left.
    let more = terminal.json(&["refund", &sold, "--total", "40", "--yes"]).await.json();
    assert!(!more["refused"].as_array().unwrap().is_empty(), "{more}");
    assert_eq!(given(), 1);
    running.shut_down();
}
