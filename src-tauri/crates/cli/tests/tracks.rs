//! What the program leaves behind where others can read it: nothing that opens a door, and nobody.
//!
//! Accounts of every platform are connected and worked with over real HTTP, while every crate speaks at its finest
//! level and a part of the answers goes wrong. Then all that was said, and every byte of every file that was written,
//! is searched for every secret, token, name, street, e-mail address and telephone number that was used.
//!
//! The log files that users have are far quieter than this (`api/src/logging.rs`): what is not said here cannot be
//! in them.
//!
//! With `QUAYSIDE_TRACKS=long` (`make chaos`) everything else there is to say is said as well: labels, returns, money, letters,
//! reports, the bundle for support, round after round; and every answer is searched for what opens a door. A window gets the
//! same documents that a terminal prints.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod common;

use async_trait::async_trait;
use common::{Terminal, now_ms};
use quayside_api::keychain::Keychain as _;
use quayside_connectors::{ReqwestWire, Wire, WireError};
use quayside_model::{Address, Choices};
use quayside_sandbox::server::{Running, SandboxClock, serve};
use quayside_sandbox::{FaultPlan, Sandbox, SandboxPlan, Volume, extras, extras_of};
use quayside_store::{QueueFilter, Scope, Sort, Store};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Shorter texts occur by chance.
const TELLING: usize = 7;

/// What must not be found anywhere, and what it is.
type Canaries = BTreeMap<String, &'static str>;

/// A network that remembers what opened doors.
struct Ear {
    wire: ReqwestWire,
    heard: Arc<Mutex<Canaries>>,
}

#[async_trait]
impl Wire for Ear {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        for (name, value) in request.headers() {
            let name = name.as_str();
            if ["authorization", "token", "secret", "key"].iter().any(|word| name.contains(word))
                && name != "idempotency-key"
                && let Ok(text) = value.to_str()
            {
                hear(&self.heard, text.rsplit(' ').next().unwrap_or_default(), "a header that opens a door");
            }
        }
        let answer = self.wire.send(request, timeout).await?;
        if let Ok(serde_json::Value::Object(answer)) = serde_json::from_slice(answer.body()) {
            for name in ["access_token", "refresh_token"] {
                if let Some(text) = answer.get(name).and_then(serde_json::Value::as_str) {
                    hear(&self.heard, text, "a token that was handed out");
                }
            }
        }
        Ok(answer)
    }
}

fn hear(heard: &Mutex<Canaries>, text: &str, what: &'static str) {
    let text = text.trim();
    if text.chars().count() >= TELLING {
        heard.lock().unwrap().insert(text.to_owned(), what);
    }
}

/// Everything that is said, by every crate, at the finest level.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn merchant() -> Running {
    let now_ms = now_ms();
    let all: Vec<&str> = extras().iter().map(|(name, _)| *name).collect();
    let plan = SandboxPlan {
        history: 24,
        extras: extras_of(&all),
        extra_volume: Volume::EverySeconds(2, 4),
        latency_ms: (1, 2),
        trouble: 0.2,
        ..SandboxPlan::demo(11, now_ms)
    };
    let plan = SandboxPlan { faults: FaultPlan::none(), ..plan };
    // Sixty times as fast: people buy, pack and complain while we watch.
    serve(Sandbox::new(plan), SandboxClock::fast(now_ms, 60.0)).await.unwrap()
}

fn person(canaries: &mut Canaries, address: &Address) {
    for (text, what) in
        [(&address.name, "a name"), (&address.line1, "a street"), (&address.phone, "a telephone number")]
    {
        if text.chars().count() >= TELLING {
            canaries.insert(text.clone(), what);
        }
    }
}

/// Everybody who is in the database.
fn everybody(store: &Store) -> Canaries {
    let mut canaries = Canaries::new();
    let filter = QueueFilter { scope: Scope::All, ..QueueFilter::default() };
    store
        .read(|r| {
            for row in r.queue_page(&filter, Sort::default(), None, 1000)?.rows {
                let story = r.story(row.id)?.unwrap();
                let order = story.order;
                for address in [&order.ship_to, &order.bill_to].into_iter().flatten() {
                    person(&mut canaries, address);
                }
                if let Some(customer) = order.customer {
                    for (text, what) in [
                        (customer.name, "a name"),
                        (customer.email, "an e-mail address"),
                        (customer.phone, "a telephone"),
                    ] {
                        if text.chars().count() >= TELLING {
                            canaries.insert(text, what);
                        }
                    }
                }
                for hub_order in story.hub_orders {
                    if let Some(address) = &hub_order.value.ship_to {
                        person(&mut canaries, address);
                    }
                }
            }
            Ok(())
        })
        .unwrap();
    canaries
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    all
}

fn search(canaries: &Canaries, place: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for (canary, what) in canaries {
        if let Some(at) = text.find(canary.as_str()) {
            let (from, to) = (text[..at].rfind('\n').map_or(0, |at| at + 1), at + canary.len());
            let end = text[to..].find('\n').map_or(text.len(), |end| to + end);
            let line: String = text[from..end].chars().take(600).collect();
            panic!("{what} ({canary}) stands in {place}: {line}");
        }
    }
}

fn only_ours_to_read(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode & 0o077, 0, "{} can be read by others: {mode:o}", path.display());
            if path.is_dir() {
                only_ours_to_read(&path);
            }
        }
    }
    #[cfg(not(unix))]
    let _ = folder;
}

/// Everything else that can be asked or done about these orders, and what was answered, mistakes included.
async fn everything_else(terminal: &Terminal, orders: &[String]) -> Vec<(String, String)> {
    let bundle = terminal.profile().join("bundle.txt").display().to_string();
    let mut lines: Vec<Vec<&str>> = vec![
        vec!["messages", "show"],
        vec!["messages", "preview"],
        vec!["connections"],
        vec!["plan", "--all"],
        vec!["returns", "list"],
        vec!["aliases", "list"],
        vec!["exceptions"],
        vec!["report", "unfulfilled"],
        vec!["report", "performance"],
        vec!["report", "shipping_cost"],
        vec!["report", "reconciliation"],
        vec!["doctor", "--trail"],
        vec!["doctor", "--bundle", &bundle],
        vec!["approve", "--all"],
        vec!["retry", "--all"],
    ];
    for id in orders {
        lines.extend([
            vec!["labels", "quote", id],
            vec!["labels", "buy", id, "--yes"],
            vec!["labels", "return", id, "--yes"],
            vec!["returns", "receive", id],
            vec!["returns", "refund", id, "--yes"],
            vec!["refund", id, "--total", "1.00", "--quote"],
            vec!["refund", id, "--total", "1.00", "--yes"],
            vec!["messages", "preview", "--order", id],
            vec!["order", id, "--answers"],
            vec!["split", id],
            vec!["explain", id],
        ]);
    }
    let mut answers = Vec::new();
    for line in lines {
        let ran = terminal.json(&line).await;
        answers.push((line.join(" "), format!("{}\n{}", ran.out, ran.err)));
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_and_nobody_is_in_what_is_said_or_in_any_file() {
    let page = Page::default();
    let writer = page.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish()
        .init();
    let heard: Arc<Mutex<Canaries>> = Arc::default();
    let running = merchant().await;
    let ear = heard.clone();
    let wire: Arc<dyn Wire> = Arc::new(Ear { wire: ReqwestWire::new().unwrap(), heard: ear });
    let terminal = Terminal { wire: Some(wire), ..Terminal::new() };
    for account in &running.accounts {
        let fields = serde_json::to_string(&account.fields).unwrap();
        let platform = quayside_connectors::platform(&account.platform).unwrap();
        let way = platform.declaration.ways.iter().find(|way| way.id == account.way).unwrap();
        for field in way.fields.iter().filter(|field| field.secret) {
            hear(&heard, account.fields.get(field.name).map_or("", String::as_str), "a credential");
        }
        let base = ["--base-url", &account.base_url, "--way", &account.way];
        let line = ["connect", &account.platform, "--name", &account.title, "--secrets-from", "-", "--json"];
        terminal.typed(&[&line[..], &base[..]].concat(), &fields).await.fine();
    }
    // Time for a few rounds of everything; people there do not pause, so it never gets idle.
    let sync = ["sync", "--until-idle", "--timeout", "5"];
    terminal.json(&sync).await;
    terminal.json(&["go-live", "--mode", "auto", "--from", "all"]).await.fine();
    running.with(|sandbox| sandbox.faults = FaultPlan::all(0.05));
    // What it sends meanwhile is written down, into the profile: searched like every other file of it.
    let live = terminal.profile().join("live.json");
    terminal.json(&[&sync[..], &["--record", live.to_str().unwrap()][..]].concat()).await;
    let orders = terminal.json(&["orders", "--view", "all", "--limit", "500"]).await.fine();
    let listed = orders["orders"].as_array().unwrap().clone();
    assert!(listed.len() >= 20, "hardly anything happened: {orders}");
    for row in listed.iter().take(5) {
        let id = format!("id:{}", row["id"]);
        terminal.typed(&["order", &id], "").await;
        terminal.json(&["explain", &id]).await;
    }
    terminal.typed(&["exceptions"], "").await;
    terminal.typed(&["orders", "--search", listed[0]["customer"].as_str().unwrap()], "").await;
    terminal.json(&["retry", "--all"]).await;
    terminal.json(&["doctor"]).await;
    let mut answers = Vec::new();
    if std::env::var_os("QUAYSIDE_TRACKS").is_some_and(|how| how == "long") {
        for some in listed.chunks(12).take(4) {
            let some: Vec<String> = some.iter().map(|row| format!("id:{}", row["id"])).collect();
            answers.extend(everything_else(&terminal, &some).await);
            terminal.json(&sync).await;
        }
        assert!(answers.len() > 100, "only {} answers", answers.len());
    }
    let copy = terminal.profile().join("copy.backup");
    terminal.typed(&["backup", copy.to_str().unwrap(), "--json"], "a phrase of five long words").await.fine();
    hear(&heard, "a phrase of five long words", "a pass phrase");
    // A recording lies in the profile, and is searched like every other file of it.
    let recording = terminal.profile().join("recording.json");
    let recorded = terminal.json(&["record", "--to", recording.to_str().unwrap(), "--for", "7d"]).await.fine();
    assert!(recorded["record"]["orders"].as_u64() >= Some(20), "{recorded}");
    let [first, second] = [
        terminal.json(&["replay", recording.to_str().unwrap()]).await.json(),
        terminal.json(&["replay", recording.to_str().unwrap()]).await.json(),
    ];
    assert_eq!(first, second, "two replays are one");
    assert_eq!(first["replay"]["orders"], recorded["record"]["orders"]);

    // What went over the wire lies there as well, and is read again without it.
    let wire = terminal.profile().join("wire.json");
    let recorded = terminal.json(&["record", "--wire", "--to", wire.to_str().unwrap(), "--for", "7d"]).await.fine();
    let recorded = &recorded["record"];
    assert!(recorded["accounts"].as_u64() >= Some(6) && recorded["exchanges"].as_u64() >= Some(30), "{recorded}");
    let [first, second] = [
        terminal.json(&["replay", wire.to_str().unwrap()]).await.json(),
        terminal.json(&["replay", wire.to_str().unwrap()]).await.json(),
    ];
    assert_eq!(first, second, "two replays are one");
    // What is put together of people's words in a way nobody thought of may come out otherwise; most of it does not.
    let differs = first["replay"]["differs"].as_array().unwrap();
    assert!(differs.len() as u64 * 4 <= recorded["calls"].as_u64().unwrap(), "{differs:#?}");

    let text = std::fs::read_to_string(&live).unwrap();
    assert!(text.contains("\"does\": \"perform\""), "nothing was sent while it was recorded");
    let [first, second] = [
        terminal.json(&["replay", live.to_str().unwrap()]).await.json(),
        terminal.json(&["replay", live.to_str().unwrap()]).await.json(),
    ];
    assert_eq!(first, second, "two replays are one");

    let key = terminal.keychain.database_key().unwrap().unwrap();
    hear(&heard, &key.to_hex(), "the key of the database");
    let store = Store::open(&terminal.profile().join("quayside.db"), &key).unwrap();
    let mut canaries = everybody(&store);
    let people = canaries.len();
    canaries.extend(heard.lock().unwrap().clone());
    assert!(people > 60 && canaries.len() > people + 10, "{people} of {}", canaries.len());
    for kind in ["a name", "a street", "an e-mail address", "a credential", "a token that was handed out"] {
        assert!(canaries.values().any(|what| *what == kind), "none of the texts is {kind}");
    }

    // The database is open, and something of a person is in its log.
    let first = store.read(|r| r.queue_page(&QueueFilter::default(), Sort::default(), None, 1)).unwrap().rows[0].id;
    let ship_to = store.read(|r| r.story(first)).unwrap().unwrap().order.ship_to;
    store.write(|tx| tx.put_choices(first, &Choices { address: ship_to, ..Choices::default() })).unwrap();
    let all = files(terminal.profile());
    for name in ["quayside.db", "quayside.db-wal", "copy.backup"] {
        assert!(all.iter().any(|(file, bytes)| file.ends_with(name) && !bytes.is_empty()), "{name} is not there");
    }
    for (file, bytes) in &all {
        search(&canaries, file, bytes);
    }
    only_ours_to_read(terminal.profile());

    // Whoever asks for an order sees who bought it; what opens a door is in no answer.
    let doors: Canaries = heard.lock().unwrap().clone();
    for (asked, answer) in &answers {
        search(&doors, asked, answer.as_bytes());
    }

    let said = page.0.lock().unwrap().clone();
    assert!(said.len() > 100_000, "only {} bytes were said", said.len());
    let text = String::from_utf8_lossy(&said);
    for room in ["quayside_connectors::door", "hyper", "TRACE"] {
        assert!(text.contains(room), "{room} said nothing");
    }
    search(&canaries, "what was said", &said);
    drop(store);
    running.shut_down();
}

/// What a buyer writes is shown, and does nothing: no line of its own, no colour, no turned direction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_buyer_writes_does_nothing_to_a_terminal() {
    const FORGED: &str = "Done. Nothing needs you.";
    let hostile = format!("Eve\u{1b}[2J\u{1b}]0;title\u{7}\n{FORGED}\r{FORGED}\u{9b}31m\u{202e}\u{0}");
    let running = common::merchant().await;
    running.with(|sandbox| {
        sandbox.scene(|scene| {
            let mut moment = quayside_sandbox::Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
            let mut line = quayside_sandbox::shopify::LineDraft::custom(&hostile, 1_250, 1);
            line.sku = Some(hostile.clone());
            let address = quayside_sandbox::shopify::state::Address {
                first_name: hostile.clone(),
                last_name: "Mallory".into(),
                address1: hostile.clone(),
                city: hostile.clone(),
                zip: "5013".into(),
                country: "Norway".into(),
                country_code: "NO".into(),
                ..Default::default()
            };
            let draft = quayside_sandbox::shopify::OrderDraft {
                lines: vec![line],
                ship_to: Some(address),
                routed: true,
                note: Some(hostile.clone()),
                tags: vec![hostile.clone()],
                ..Default::default()
            };
            scene.stores[0].place(draft, &mut moment);
        });
    });
    let terminal = Terminal::new();
    terminal.connect(&running).await;
    terminal.json(&["sync", "--once", "--timeout", "60"]).await.fine();
    let orders = terminal.json(&["orders", "--view", "all", "--limit", "500"]).await.fine();
    let row =
        orders["orders"].as_array().unwrap().iter().find(|row| row.to_string().contains("Mallory")).unwrap().clone();
    let id = format!("id:{}", row["id"]);
    let mut seen = 0;
    for line in [
        vec!["orders", "--view", "all", "--limit", "500"],
        vec!["order", &id],
        vec!["explain", &id],
        vec!["plan"],
        vec!["exceptions"],
        vec!["order", &hostile],
        vec!["orders", "--search", &hostile],
    ] {
        let ran = terminal.typed(&line, "").await;
        for text in [&ran.out, &ran.err] {
            let paints = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!text.chars().any(paints), "{line:?}: {text:?}");
            assert!(!text.lines().any(|line| line.trim_start().starts_with(FORGED)), "{line:?}: {text}");
            seen += usize::from(text.contains("Mallory"));
        }
    }
    assert!(seen >= 2, "the buyer was not shown at all");
    running.shut_down();
}
