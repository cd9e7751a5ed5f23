//! The documents of `--json` are a contract: fields are added, never renamed, never given another type. What every
//! command prints is compared with `documents.txt`, path by path. Which commands there are, the parser is asked: one
//! without its document fails. A line `command --option` is what the same command prints when asked so.
//!
//! `UPDATE_EXPECT=1` adds what is new; what is gone has to be taken out by hand, and is then a broken promise to
//! whoever reads these documents with a script.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod common;

use async_trait::async_trait;
use clap::CommandFactory as _;
use common::{Terminal, merchant, now_ms};
use quayside_api::reports::deliver::{ReportWays, ReportWaysDraft, WebhookWay};
use quayside_connectors::{ReqwestWire, Wire, WireError};
use quayside_sandbox::bigcommerce::{Address, BigCommerce, LineDraft, OrderDraft};
use quayside_sandbox::server::{Running, SandboxClock, serve};
use quayside_sandbox::{Extra, Moment, Sandbox, SandboxPlan};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Path below the document → how it was seen.
type Shape = BTreeMap<String, Seen>;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Seen {
    types: BTreeSet<String>,
    /// Missing from some of the objects it belongs to.
    sometimes: bool,
}

/// Objects whose keys are data (a name a person gave, a cause, a field of a form), not part of the shape.
const MAPS: [&str; 7] = ["per_automation", "values", "fields", "per_cause", "columns", "samples", "units"];

/// Documents that belong to no command.
const OF_ALL: [&str; 1] = ["errors"];

/// Who takes reports in.
const RECEIVER: &str = "erp.example.com";

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// Every object found at a path, with the path.
fn objects<'a>(path: &str, value: &'a Value, found: &mut BTreeMap<String, Vec<&'a Value>>) {
    match value {
        Value::Object(fields) => {
            found.entry(path.to_owned()).or_default().push(value);
            let is_map = MAPS.iter().any(|map| path.rsplit('.').next() == Some(map));
            for (name, value) in fields {
                let name = if is_map { "*" } else { name };
                objects(&format!("{path}.{name}"), value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| objects(&format!("{path}[]"), item, found)),
        _ => {}
    }
}

fn shape(documents: &[Value]) -> Shape {
    let mut found = BTreeMap::new();
    for document in documents {
        objects("", document, &mut found);
    }
    let mut shape = Shape::new();
    for (path, instances) in &found {
        let is_map = MAPS.iter().any(|map| path.rsplit('.').next() == Some(map));
        let names: BTreeSet<&String> =
            instances.iter().flat_map(|instance| instance.as_object().unwrap().keys()).collect();
        for name in names {
            let at = format!("{path}.{}", if is_map { "*" } else { name });
            let seen = shape.entry(at).or_default();
            for instance in instances {
                match instance.get(name) {
                    Some(value) => _ = seen.types.insert(kind(value).to_owned()),
                    None => seen.sometimes = true,
                }
            }
        }
    }
    shape
}

/// What a script that reads by the promise would miss or misread now.
fn broken(promised: &Shape, documents: &[Value]) -> Vec<String> {
    let now = shape(documents);
    let mut found = BTreeMap::new();
    for document in documents {
        objects("", document, &mut found);
    }
    let mut broken = Vec::new();
    for (path, promise) in promised {
        let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
        match now.get(path) {
            None if !promise.sometimes && found.contains_key(parent) => broken.push(format!("{path} is gone")),
            None => {}
            Some(seen) => {
                if seen.sometimes && !promise.sometimes {
                    broken.push(format!("{path} is missing sometimes"));
                }
                let known = promise.types.iter().any(|kind| kind != "null");
                for kind in &seen.types {
                    // A whole number is a number; nothing yet is nothing yet.
                    let fits = promise.types.contains(kind)
                        || kind == "null"
                        || !known
                        || (kind == "integer" && promise.types.contains("number"));
                    if !fits {
                        broken.push(format!("{path} is {kind}, and was {:?}", promise.types));
                    }
                }
            }
        }
    }
    broken
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/documents.txt")
}

fn read() -> BTreeMap<String, Shape> {
    let text = std::fs::read_to_string(file()).unwrap_or_default();
    let mut shapes: BTreeMap<String, Shape> = BTreeMap::new();
    let mut command = String::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Some(entry) = line.strip_prefix("  ") else {
            line.clone_into(&mut command);
            continue;
        };
        let (path, types) = entry.split_once(' ').unwrap_or_else(|| panic!("{line}: a path and its types"));
        let (types, sometimes) = types.strip_suffix(" sometimes").map_or((types, false), |types| (types, true));
        let types = types.split('|').map(str::to_owned).collect();
        shapes.entry(command.clone()).or_default().insert(path.to_owned(), Seen { types, sometimes });
    }
    shapes
}

fn written(shapes: &BTreeMap<String, Shape>) -> String {
    let mut text = String::from(
        "# The documents of `quayside-cli --json`, path by path. [] is each item of a list, * each key of a map.\n",
    );
    for (command, shape) in shapes {
        let _ = writeln!(text, "\n{command}");
        for (path, seen) in shape {
            let types: Vec<&str> = seen.types.iter().map(String::as_str).collect();
            let _ = writeln!(text, "  {path} {}{}", types.join("|"), if seen.sometimes { " sometimes" } else { "" });
        }
    }
    text
}

fn merged(mut known: Shape, documents: &[Value]) -> Shape {
    for (path, seen) in shape(documents) {
        let new = !known.contains_key(&path);
        let entry = known.entry(path).or_default();
        entry.types.extend(seen.types);
        entry.sometimes |= seen.sometimes && (new || entry.sometimes);
    }
    known
}

/// Everything that can be typed, to its last word: `aliases import`.
fn leaves(command: &clap::Command, path: &str) -> Vec<String> {
    let below: Vec<String> = command
        .get_subcommands()
        .flat_map(|below| leaves(below, format!("{path} {}", below.get_name()).trim()))
        .collect();
    if below.is_empty() { vec![path.to_owned()] } else { below }
}

/// The command a document is of: all words before the first option.
fn command_of(document: &str) -> &str {
    document.split(" --").next().unwrap_or(document)
}

/// Commands without a document, and documents without a command.
fn unmatched(command: &clap::Command, documents: &BTreeSet<&str>) -> (Vec<String>, Vec<String>) {
    let leaves = leaves(command, "");
    let known: BTreeSet<&str> = documents.iter().map(|document| command_of(document)).collect();
    let without = leaves.iter().filter(|leaf| !known.contains(leaf.as_str())).cloned().collect();
    let strange = documents
        .iter()
        .filter(|document| !OF_ALL.contains(document) && !leaves.iter().any(|leaf| leaf == command_of(document)))
        .map(|document| (*document).to_owned())
        .collect();
    (without, strange)
}

#[test]
fn every_command_has_its_document() {
    let promised = read();
    let (without, strange) =
        unmatched(&quayside_cli::args::Cli::command(), &promised.keys().map(String::as_str).collect());
    assert!(without.is_empty(), "No document says what scripts may read of {without:?}: type them in this test.");
    assert!(strange.is_empty(), "{strange:?} can not be typed any more, and scripts were promised an answer.");
}

#[test]
fn a_command_without_a_document_and_one_that_is_gone_are_noticed() {
    let program = clap::Command::new("quayside-cli")
        .subcommand(clap::Command::new("plan"))
        .subcommand(clap::Command::new("dance").subcommand(clap::Command::new("slowly")))
        .subcommand(clap::Command::new("refund"));
    let documents = BTreeSet::from(["errors", "plan", "refund --quote", "sing"]);
    assert_eq!(unmatched(&program, &documents), (vec!["dance slowly".to_owned()], vec!["sing".to_owned()]));
}

/// The network, with a receiver of reports in it.
struct Net(ReqwestWire);

#[async_trait]
impl Wire for Net {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        if request.uri().host() != Some(RECEIVER) {
            return self.0.send(request, timeout).await;
        }
        Ok(http::Response::builder().status(200).body(Vec::new()).unwrap())
    }
}

/// What was printed, by document.
#[derive(Default)]
struct Said(BTreeMap<String, Vec<Value>>);

impl Said {
    async fn types(&mut self, terminal: &Terminal, document: &str, line: &[&str], stdin: &str) -> Value {
        let line: Vec<&str> = line.iter().copied().chain(["--json"]).collect();
        let ran = terminal.typed(&line, stdin).await;
        assert!(document == "errors" || matches!(ran.exit, 0 | 10), "{line:?}: {} {}", ran.out, ran.err);
        self.heard(document, ran.json())
    }

    fn heard(&mut self, document: &str, said: Value) -> Value {
        self.0.entry(document.to_owned()).or_default().push(said.clone());
        said
    }
}

/// Rules and mappings: as they are kept, tried, and kept anew.
async fn tables(said: &mut Said, terminal: &Terminal) {
    let file = terminal.profile().join("table.json").to_str().unwrap().to_owned();
    let shown = said.types(terminal, "rules show", &["rules", "show"], "").await;
    let rule = json!({ "on": true, "id": "mine" });
    let mut ready = shown["rules"]["ready_made"][0]["rule"].clone();
    ready.as_object_mut().unwrap().extend(rule.as_object().unwrap().clone());
    let mut book = shown["rules"]["book"].clone();
    book["rules"] = json!([ready]);
    std::fs::write(&file, book.to_string()).unwrap();
    said.types(terminal, "rules test", &["rules", "test", &file, "--last", "5"], "").await;
    said.types(terminal, "rules put", &["rules", "put", &file], "").await;

    let shown = said.types(terminal, "mappings show", &["mappings", "show"], "").await;
    let mut mapping = shown["mappings"]["mapping"].clone();
    mapping["rows"] = json!([{ "id": "one", "on": true, "target": "custom_field1", "template": "PO {{ attributes['PO number'] }}", "required": false, "stores": [] }]);
    std::fs::write(&file, mapping.to_string()).unwrap();
    said.types(terminal, "mappings test", &["mappings", "test", &file], "").await;
    said.types(terminal, "mappings put", &["mappings", "put", &file], "").await;
    said.types(terminal, "mappings export", &["mappings", "export", &file], "").await;
    said.types(terminal, "mappings import", &["mappings", "import", &file], "").await;
    said.types(terminal, "mappings import", &["mappings", "import", &file, "--write"], "").await;

    said.types(terminal, "messages show", &["messages", "show"], "").await;
    let lost = json!({ "on": true, "subject": "Lost", "body": "{{ carrier or 'The carrier' }} lost {{ number }}." });
    std::fs::write(&file, json!({ "texts": { "lost": lost } }).to_string()).unwrap();
    said.types(terminal, "messages preview", &["messages", "preview", "lost", "--file", &file], "").await;
    said.types(terminal, "messages put", &["messages", "put", &file], "").await;
}

/// An order of goods whose weight is known, to an address in the account's own country; it is at the hub. Its id here.
async fn sent_to_be_labelled(said: &mut Said, terminal: &Terminal, running: &Running) -> String {
    running.with(|sandbox| {
        sandbox.scene(|scene| {
            let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
            let store = &mut scene.stores[0];
            let (product, variant) = store.by_sku("SAL-SMO").unwrap();
            let address = quayside_sandbox::shopify::state::Address {
                first_name: "Jane".into(),
                last_name: "Roe".into(),
                address1: "Am Kai 1".into(),
                city: "Hamburg".into(),
                zip: "20457".into(),
                country: "Germany".into(),
                country_code: "DE".into(),
                ..quayside_sandbox::shopify::state::Address::default()
            };
            let lines = vec![quayside_sandbox::shopify::LineDraft::of(product, variant, 2)];
            let draft = quayside_sandbox::shopify::OrderDraft {
                lines,
                ship_to: Some(address),
                routed: true,
                ..quayside_sandbox::shopify::OrderDraft::default()
            };
            store.place(draft, &mut moment);
        });
    });
    said.types(terminal, "sync", &["sync", "--once", "--timeout", "120"], "").await;
    drop(terminal.typed(&["approve", "--all", "--json"], "").await);
    said.types(terminal, "sync", &["sync", "--until-idle", "--timeout", "200"], "").await;
    said.types(terminal, "sync", &["sync", "--once", "--timeout", "120"], "").await;
    let shown = said.types(terminal, "orders", &["orders", "--view", "all"], "").await;
    let ids = shown["orders"].as_array().unwrap().iter().filter_map(|order| order["id"].as_i64());
    format!("id:{}", ids.max().unwrap())
}

/// Labels: what carriers offer, one bought and fetched, others refused.
async fn labels(said: &mut Said, terminal: &Terminal, running: &Running) {
    let id = sent_to_be_labelled(said, terminal, running).await;
    let id = id.as_str();
    said.types(terminal, "labels quote", &["labels", "quote", id], "").await;
    said.types(terminal, "labels batch", &["labels", "batch", "id:1", id], "").await;
    let offer = ["--carrier", "se-501101", "--service", "dpd_classic", "--most", "50", "--yes"];
    let buy = [&["labels", "buy", id], &offer[..]].concat();
    said.types(terminal, "labels buy", &buy, "").await;
    // The second is refused: the first is under way.
    said.types(terminal, "labels buy", &buy, "").await;
    said.types(terminal, "labels batch --yes", &["labels", "batch", id, "--yes"], "").await;
    said.types(terminal, "sync", &["sync", "--until-idle", "--timeout", "200"], "").await;
    said.types(terminal, "sync", &["sync", "--once", "--timeout", "120"], "").await;
    let folder = terminal.profile().join("labels-to-print");
    std::fs::create_dir_all(&folder).unwrap();
    let save = ["labels", "save", id, "--folder", folder.to_str().unwrap()];
    said.types(terminal, "labels save", &save, "").await;
    said.types(terminal, "labels return", &["labels", "return", id, "--yes"], "").await;
}

/// One buyer: looked for, written down, forgotten. And the evidence of an order.
async fn buyers(said: &mut Said, terminal: &Terminal) {
    let place = |name: &str| terminal.profile().join(name).to_str().unwrap().to_owned();
    said.types(terminal, "order --evidence", &["order", "id:1", "--evidence", &place("evidence.html")], "").await;
    let shown = said.types(terminal, "orders", &["orders", "--view", "all"], "").await;
    let who = shown["orders"][0]["customer"].as_str().unwrap().to_owned();
    said.types(terminal, "customer find", &["customer", "find", &who], "").await;
    said.types(terminal, "customer export", &["customer", "export", &who, &place("buyer.json")], "").await;
    said.types(terminal, "customer review", &["customer", "review"], "").await;
    said.types(terminal, "customer forget", &["customer", "forget", &who], "").await;
    let receipt = place("receipt.json");
    said.types(terminal, "customer forget", &["customer", "forget", &who, "--receipt", &receipt, "--yes"], "").await;
}

/// Reports: looked at, planned, sent.
async fn reports(said: &mut Said, terminal: &Terminal) {
    for kind in ["unfulfilled", "performance", "shipping_cost", "reconciliation"] {
        said.types(terminal, "report", &["report", kind, "--span", "7"], "").await;
    }
    let folder = terminal.profile().join("reports").to_str().unwrap().to_owned();
    std::fs::create_dir_all(&folder).unwrap();
    said.types(terminal, "report-plan", &["report-plan", "--folder", &folder, "--at", "06:00"], "").await;
    said.types(terminal, "report-plan", &["report-plan", "--off"], "").await;
    let monthly = ["report-schedule", "shipping_cost", "--every", "month", "--on", "last", "--folder", &folder];
    said.types(terminal, "report-schedule", &monthly, "").await;
    // As the window sets it up.
    let desk = terminal.world("").changing(Some(terminal.profile())).unwrap_or_else(|_| panic!("the profile opens"));
    let webhook = WebhookWay { on: true, url: format!("https://{RECEIVER}/quayside") };
    let ways = ReportWays { webhook, ..desk.report_ways().unwrap().ways };
    let (mail_password, slack_address, webhook_secret) =
        (String::new(), String::new(), "signs all the reports of the harbour".into());
    desk.put_report_ways(ReportWaysDraft { ways, mail_password, slack_address, webhook_secret }).await.unwrap();
    drop(desk);
    said.types(terminal, "report-send", &["report-send", "webhook", "performance"], "").await;
}

/// A store that gives money back and an account that is worked by files.
async fn beside() -> (Running, String) {
    let plan = SandboxPlan {
        stores: vec![],
        hub: None,
        extras: vec![Extra::Shop(quayside_sandbox::bigcommerce::extra), quayside_sandbox::orderez::EXTRA],
        ..SandboxPlan::quiet(3, now_ms())
    };
    let running = serve(Sandbox::new(plan), SandboxClock::real(now_ms())).await.unwrap();
    let sold = running.with(|sandbox| {
        sandbox.scene(|scene| {
            let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
            let any: &mut dyn std::any::Any = scene.shops[0].as_mut();
            let draft = OrderDraft {
                lines: vec![LineDraft::of("MUG", 1_500, 2)],
                ship_to: vec![(Address::default(), "Ground".into(), 750)],
                ..OrderDraft::default()
            };
            any.downcast_mut::<BigCommerce>().unwrap().buy(draft, &mut moment).to_string()
        })
    });
    (running, sold)
}

/// Money given back, and a file taken in.
async fn refunds_and_files(said: &mut Said) {
    let (running, sold) = beside().await;
    let terminal = Terminal::new();
    let account = |platform: &str| running.accounts.iter().find(|account| account.platform == platform).unwrap();
    let connect = async |platform: &str, way: &[&str]| {
        let account = account(platform);
        let line = ["connect", platform, "--name", &account.title, "--base-url", &account.base_url];
        let line = [&line[..], way, &["--secrets-from", "-", "--json"]].concat();
        terminal.typed(&line, &serde_json::to_string(&account.fields).unwrap()).await.fine();
    };
    connect("bigcommerce", &[]).await;
    terminal.json(&["sync", "--once", "--timeout", "120"]).await.fine();
    said.types(&terminal, "refund --quote", &["refund", &sold, "--quote", "--line", "MUG=1"], "").await;
    let line = ["refund", &sold, "--total", "5", "--reason", "return", "--yes"];
    said.types(&terminal, "refund", &line, "").await;
    // The second is refused: the first is under way.
    said.types(&terminal, "refund", &line, "").await;

    connect("orderez", &["--way", "orderez-co-supplier"]).await;
    let place = |name: &str| terminal.profile().join(name).to_str().unwrap().to_owned();
    std::fs::write(place("export.csv"), "Ref,SKU,Quantity,Status\nSO-1,MUG,2,Accepted\nSO-2,TEA,one,Accepted\n")
        .unwrap();
    said.types(&terminal, "profile csv", &["profile", "csv", &place("export.csv")], "").await;
    let into = ["profile", "csv", &place("export.csv"), "--into", &account("orderez").title, "--column", "number=Ref"];
    said.types(&terminal, "profile csv --into", &into, "").await;

    let order =
        json!({"id": "o1", "orderNumber": "A-1", "status": "pending", "items": [{"id": "i1", "sku": "S", "qty": 2}]});
    let collection = json!({
        "info": {"name": "Harbour API", "schema": "v2.1.0"},
        "item": [
            {"name": "List", "request": {"method": "GET", "url": "{{baseUrl}}/v1/orders?page=1"},
                "response": [{"body": json!({"data": [order]}).to_string()}]},
            {"name": "Weather", "request": {"method": "GET", "url": "{{baseUrl}}/v1/weather"}},
        ],
    });
    std::fs::write(place("collection.json"), collection.to_string()).unwrap();
    let imported = said.types(&terminal, "profile import", &["profile", "import", &place("collection.json")], "").await
        ["imported"]
        .clone();
    std::fs::write(place("mine.yaml"), imported["profile"].as_str().unwrap()).unwrap();
    std::fs::write(place("answer.json"), imported["samples"]["listOrders"].as_str().unwrap()).unwrap();
    std::fs::write(place("broken.yaml"), "nonsense: true\n").unwrap();
    for profile in ["mine.yaml", "broken.yaml"] {
        said.types(&terminal, "profile check", &["profile", "check", &place(profile)], "").await;
    }
    let preview = ["profile", "preview", &place("mine.yaml"), &place("answer.json")];
    said.types(&terminal, "profile preview", &preview, "").await;
    said.types(&terminal, "profile dry-run", &["profile", "dry-run", "assumed-contract"], "").await;
    running.shut_down();
}

/// The stand-ins, until ended.
async fn served(said: &mut Said) {
    let terminal = Terminal::new();
    let file = terminal.profile().join("ports.json");
    let mut world = terminal.world("");
    let (interrupt, ports) = (world.interrupter(), file.clone());
    let client = tokio::spawn(async move {
        for _ in 0..400 {
            if std::fs::read_to_string(&ports).is_ok_and(|text| text.contains("base_url")) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        interrupt();
    });
    let line = ["quayside-cli", "sandbox", "serve", "--quiet", "--json", "--port-file", file.to_str().unwrap()];
    let mut out = Vec::new();
    let exit = quayside_cli::run(line.map(std::ffi::OsString::from), &mut world, &mut out).await;
    client.await.unwrap();
    assert_eq!(exit, 0, "{}", String::from_utf8_lossy(&out));
    said.heard("sandbox serve", serde_json::from_slice(&out).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_keep_their_shape() {
    let running = merchant().await;
    let terminal = Terminal { wire: Some(Arc::new(Net(ReqwestWire::new().unwrap()))), ..Terminal::new() };
    let mut said = Said::default();
    for connection in terminal.connect(&running).await {
        said.heard("connect", json!({ "connection": connection }));
    }
    let place = |name: &str| terminal.profile().join(name).to_str().unwrap().to_owned();
    std::fs::write(place("aliases.csv"), "store,by,store_sku,hub_sku,quantity\n,sku,MUG-0-0,MUG,1\n").unwrap();
    let (aliases, exported, backup) = (place("aliases.csv"), place("exported.csv"), place("desk.backup"));
    let recording = place("recording.json");
    let lines: Vec<(&str, Vec<&str>, &str)> = vec![
        ("connections", vec!["connections"], ""),
        ("sync", vec!["sync", "--once", "--timeout", "120"], ""),
        ("connections", vec!["connections"], ""),
        ("connection-settings", vec!["connection-settings", "Harbour Goods"], ""),
        ("connection-settings", vec!["connection-settings", "Harbour Goods", "hub_imports=false", "cut_off=13:30"], ""),
        ("connection-settings", vec!["connection-settings", "Harbour Goods", "hub_imports="], ""),
        ("orders", vec!["orders", "--limit", "5"], ""),
        ("order", vec!["order", "id:1"], ""),
        ("explain", vec!["explain", "id:1"], ""),
        ("split", vec!["split", "id:1"], ""),
        ("plan", vec!["plan"], ""),
        ("go-live", vec!["go-live", "--mode", "ask", "--from", "all"], ""),
        ("sync", vec!["sync", "--until-idle", "--timeout", "120"], ""),
        ("skip", vec!["skip", "effect:1"], ""),
        ("approve", vec!["approve", "--all"], ""),
        ("sync", vec!["sync", "--until-idle", "--timeout", "200"], ""),
        ("order", vec!["order", "id:1"], ""),
        ("order", vec!["order", "id:2"], ""),
        ("order --answers", vec!["order", "id:2", "--answers"], ""),
        ("explain", vec!["explain", "id:2"], ""),
        ("record", vec!["record", "--to", &recording, "--for", "7d"], ""),
        ("replay", vec!["replay", &recording], ""),
        ("orders", vec!["orders", "--view", "all"], ""),
        ("exceptions", vec!["exceptions", "--view", "resolved"], ""),
        ("exceptions", vec!["exceptions"], ""),
        ("retry", vec!["retry", "--all"], ""),
        ("stock", vec!["stock"], ""),
        ("returns", vec!["returns", "--only", "all"], ""),
        ("aliases list", vec!["aliases", "list"], ""),
        ("aliases import", vec!["aliases", "import", &aliases], ""),
        ("aliases import", vec!["aliases", "import", &aliases, "--write"], ""),
        ("aliases list", vec!["aliases", "list"], ""),
        ("aliases export", vec!["aliases", "export", &exported], ""),
        ("profile show", vec!["profile", "show"], ""),
        ("profile by-hand", vec!["profile", "by-hand"], ""),
        ("profile by-hand --csv", vec!["profile", "by-hand", "--csv"], ""),
        ("unlink", vec!["unlink", "id:1"], ""),
        ("link", vec!["link", "id:1"], ""),
        ("link", vec!["link", "id:2"], ""),
        ("unlink", vec!["unlink", "id:2", "--hub-order", "nowhere"], ""),
        ("doctor", vec!["doctor"], ""),
        ("backup", vec!["backup", &backup], "correct horse battery\n"),
        ("restore", vec!["restore", &backup], "correct horse battery\n"),
        ("disconnect", vec!["disconnect", "Harbour Goods"], ""),
        ("simulate", vec!["simulate", "--seeds", "1..2", "--days", "1", "--orders", "5", "--faults", "none"], ""),
        ("errors", vec!["order", "#404"], ""),
        ("errors", vec!["dance"], ""),
    ];
    for (document, line, stdin) in lines {
        if document == "retry" {
            labels(&mut said, &terminal, &running).await;
        }
        if document == "backup" {
            tables(&mut said, &terminal).await;
            reports(&mut said, &terminal).await;
            buyers(&mut said, &terminal).await;
        }
        said.types(&terminal, document, &line, stdin).await;
    }
    running.shut_down();
    refunds_and_files(&mut said).await;
    served(&mut said).await;

    let seen = said.0;
    let mut promised = read();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        for (command, documents) in &seen {
            let known = promised.remove(command).unwrap_or_default();
            promised.insert(command.clone(), merged(known, documents));
        }
        std::fs::write(file(), written(&promised)).unwrap();
    }
    assert!(promised.len() > 20, "{} holds no promises", file().display());
    let mut failures = Vec::new();
    for (command, promise) in &promised {
        let documents = seen.get(command).unwrap_or_else(|| panic!("{command} is promised and was not tried"));
        failures.extend(broken(promise, documents).into_iter().map(|what| format!("{command}: {what}")));
    }
    assert!(failures.is_empty(), "Scripts that read these documents would break:\n{}", failures.join("\n"));
}

#[test]
fn a_renamed_field_is_noticed() {
    let promise = shape(&[serde_json::json!({ "orders": [{ "number": "1", "note": null }], "next": null })]);
    let fine = serde_json::json!({ "orders": [{ "number": "2", "note": "x", "more": 1 }], "next": "p" });
    assert_eq!(broken(&promise, &[fine]), Vec::<String>::new());
    for (document, what) in [
        (serde_json::json!({ "orders": [{ "code": "1", "note": null }], "next": null }), ".orders[].number is gone"),
        (serde_json::json!({ "orders": [{ "number": 1, "note": null }], "next": null }), ".orders[].number is integer"),
        (serde_json::json!({ "orders": [] }), ".next is gone"),
        (
            serde_json::json!({ "orders": [{ "number": "1", "note": null }, { "number": "2" }], "next": null }),
            ".orders[].note is missing sometimes",
        ),
    ] {
        let found = broken(&promise, &[document]);
        assert!(found.iter().any(|line| line.starts_with(what)), "{what}: {found:?}");
    }
}
