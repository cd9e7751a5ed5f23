//! Answers of platforms. Each connector talks to its stand-in in memory; one answer of the conversation is bent,
//! or replaced by the input as it is. So every reader of the connector is reached with an answer that is almost right.
//!
//! Input: which answer, what is done, how it is bent, which status, then what it is bent by.

use crate::bend::{self, Dice};
use crate::house;
use async_trait::async_trait;
use quayside_connectors::{Ask, Connector, Priority, ReadError, Secrets, Setup, Task, Wire, WireError, platform};
use quayside_model::{Account, Clock, ConnectionConfig, ConnectionId, ExposeSecret as _, Record, RecordKind, Verdict};
use quayside_sandbox::{Reply, Sandbox, SandboxPlan, Volume, extras_of};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Where the connector is told its platform is.
const BASE: &str = "http://127.0.0.1:40001";
/// 20 October 2026.
const START_MS: i64 = 1_792_454_400_000;
/// Requests one piece of work may take; more is a loop without an end, cut off as a network would.
const REQUESTS_MAX: usize = 80;
/// Inputs one merchant lives through: what writes changed is forgotten then.
const LIVES: usize = 200;
/// Statuses an answer is given instead of its own; 0 keeps it.
const STATUS: [u16; 16] = [0, 0, 0, 0, 0, 0, 200, 201, 202, 204, 400, 401, 404, 409, 422, 429];

/// What is done to one answer.
#[derive(Clone, Default)]
struct Bending {
    /// Which answer of the conversation.
    at: usize,
    how: u8,
    status: u16,
    by: Vec<u8>,
    secret: String,
}

struct BentWire {
    sandbox: Arc<Mutex<Sandbox>>,
    clock: Arc<Hand>,
    account: String,
    requests: AtomicUsize,
    bending: Mutex<Bending>,
}

struct Hand(AtomicI64);

impl Clock for Hand {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Wire for BentWire {
    async fn send(&self, request: http::Request<Vec<u8>>, _: Duration) -> Result<http::Response<Vec<u8>>, WireError> {
        let n = self.requests.fetch_add(1, Ordering::SeqCst);
        if n > REQUESTS_MAX {
            return Err(WireError::NotSent("the conversation was too long".into()));
        }
        let now_ms = self.clock.0.fetch_add(700, Ordering::SeqCst);
        let reply = self.sandbox.lock().expect("nobody panics in it").handle(&self.account, &request, now_ms);
        let Reply::Answer { mut response, .. } = reply else { return Err(WireError::Lost("cut".into())) };
        let bending = self.bending.lock().expect("nobody panics in it").clone();
        if n == bending.at {
            let mut dice = Dice::new(&bending.by);
            match bending.how % 4 {
                0 => response.body_mut().clone_from(&bending.by),
                1 => bend::bytes(response.body_mut(), &mut dice, &bending.secret),
                _ => {
                    if let Ok(mut value) = serde_json::from_slice(response.body()) {
                        bend::json(&mut value, &mut dice, &bending.secret);
                        *response.body_mut() = value.to_string().into_bytes();
                    } else {
                        bend::bytes(response.body_mut(), &mut dice, &bending.secret);
                    }
                }
            }
            bend::headers(response.headers_mut(), &mut dice, &bending.secret);
            if let Ok(status) = http::StatusCode::from_u16(bending.status) {
                *response.status_mut() = status;
            }
        }
        Ok(response)
    }
}

/// One platform with everything around it.
struct Stage {
    lives: usize,
    setup: Setup,
    wire: Arc<BentWire>,
    clock: Arc<Hand>,
    orders: Vec<(String, Vec<String>)>,
    runtime: tokio::runtime::Runtime,
    hidden: Vec<String>,
}

impl Stage {
    fn new(name: &str) -> Self {
        let plan = SandboxPlan {
            history: 14,
            extras: extras_of(&[name]),
            extra_volume: Volume::Total(14),
            days: 1,
            volume: Volume::Total(14),
            ..SandboxPlan::new(5, START_MS)
        };
        let mut sandbox = Sandbox::new(plan);
        // A day in which people buy and pack.
        let now_ms = START_MS + 30 * 3_600_000;
        sandbox.advance(now_ms);
        let account = sandbox.accounts().into_iter().find(|account| account.platform == name).expect("every platform");
        let platform = platform(name).expect("every platform");
        let fields = (platform.check_fields)(&account.way, &account.fields, false).expect("the stand-in's own fields");
        let way = platform.declaration.ways.iter().find(|way| way.id == account.way).expect("its own way");
        let is_secret = |name: &str| way.fields.iter().any(|field| field.name == name && field.secret);
        let (secret, plain): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(name, _)| is_secret(name));
        let secrets: Secrets = secret.into_iter().map(|(name, value)| (name, value.into())).collect();
        let hidden = secrets.values().map(|secret| secret.expose_secret().to_owned()).filter(|s| s.len() > 7).collect();
        let clock = Arc::new(Hand(AtomicI64::new(now_ms)));
        let wire = Arc::new(BentWire {
            sandbox: Arc::new(Mutex::new(sandbox)),
            clock: clock.clone(),
            account: account.name.clone(),
            requests: AtomicUsize::new(0),
            bending: Mutex::new(Bending { at: usize::MAX, ..Bending::default() }),
        });
        let config = ConnectionConfig {
            id: ConnectionId::new(&account.name),
            name: account.title,
            platform: name.to_owned(),
            way: account.way,
            fields: plain.into_iter().collect(),
            base_url: Some(BASE.into()),
            account: Account::default(),
            settings: BTreeMap::new(),
            paused: false,
            created_at_ms: now_ms,
        };
        let setup = Setup { config, secrets, wire: wire.clone(), clock: clock.clone(), buckets: vec![] };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let runtime = runtime.expect("a runtime");
        let mut stage = Self { lives: 0, setup, wire, clock, orders: vec![], runtime, hidden };
        let connector = stage.open();
        let preflight = stage.runtime.block_on(connector.preflight());
        stage.setup.config.account = preflight.account.expect("the stand-in lets its own account in");
        stage.orders = stage.known();
        stage
    }

    fn open(&self) -> Arc<dyn Connector> {
        let platform = platform(&self.setup.config.platform).expect("every platform");
        (platform.open)(self.setup.clone()).expect("it opened before")
    }

    /// Orders the account has, with their lines.
    fn known(&self) -> Vec<(String, Vec<String>)> {
        let connector = self.open();
        let mut known = Vec::new();
        for stream in connector.declaration().streams {
            self.wire.requests.store(0, Ordering::SeqCst);
            let page = self.runtime.block_on(connector.read(&ask(stream.name, None, None)));
            for incoming in page.map(|page| page.records).unwrap_or_default() {
                match incoming.record {
                    Record::Order(order) => {
                        known.push((order.remote_id, order.lines.into_iter().map(|line| line.remote_id).collect()));
                    }
                    Record::HubOrder(order) => known.push((order.remote_id, vec!["1".into()])),
                    _ => {}
                }
            }
        }
        if known.is_empty() {
            known.push(("1".into(), vec!["1".into()]));
        }
        known
    }
}

fn ask<'a>(stream: &'a str, cursor: Option<&'a serde_json::Value>, next: Option<&'a serde_json::Value>) -> Ask<'a> {
    Ask { stream, cursor, next, since_ms: START_MS - 86_400_000, priority: Priority::Person }
}

thread_local! {
    static STAGES: RefCell<BTreeMap<&'static str, Stage>> = const { RefCell::new(BTreeMap::new()) };
}

/// The target of one platform.
pub fn answers(name: &'static str, data: &[u8]) {
    STAGES.with_borrow_mut(|stages| {
        if stages.get(name).is_none_or(|stage| stage.lives >= LIVES) {
            stages.insert(name, Stage::new(name));
        }
        let stage = stages.get_mut(name).expect("it was made above");
        stage.lives += 1;
        let mut dice = Dice::new(data);
        let (at, what) = (usize::from(dice.byte()) % 12, dice.byte());
        let (how, status) = (dice.byte(), STATUS[usize::from(dice.byte()) % STATUS.len()]);
        let secret = stage.hidden.get(usize::from(how / 4) % stage.hidden.len().max(1)).cloned().unwrap_or_default();
        // Half of the inputs bend the first answers, where most conversations end.
        let at = if at > 7 { 0 } else { at };
        let by = dice.rest().to_vec();
        *stage.wire.bending.lock().expect("nobody panics in it") = Bending { at, how, status, by, secret };
        stage.wire.requests.store(0, Ordering::SeqCst);
        stage.clock.0.fetch_add(60_000, Ordering::SeqCst);
        let said = stage.runtime.block_on(work(stage, what));
        for hidden in &stage.hidden {
            // Quotations are cut, so a part of it counts.
            let head: String = hidden.chars().take(20).collect();
            assert!(!said.contains(&head), "a secret is repeated: {said}");
        }
    });
}

/// Whatever a platform says, it is asked again the day after tomorrow at the latest.
fn check_wait(stage: &Stage, at_ms: i64) {
    let wait_ms = at_ms.saturating_sub(stage.clock.now_ms());
    assert!(wait_ms <= 2 * 86_400_000, "a wait of {} days", wait_ms / 86_400_000);
}

/// One thing a desk does with an account; what it was told.
async fn work(stage: &Stage, what: u8) -> String {
    let connector = stage.open();
    let declaration = connector.declaration();
    let (kind, which) = (what % 4, usize::from(what / 4));
    let (order, lines) = &stage.orders[which % stage.orders.len()];
    match kind {
        0 | 1 => {
            let stream = declaration.streams[which % declaration.streams.len()].name;
            let (mut next, mut said) = (None, Vec::new());
            let mut cursor = None;
            for _ in 0..4 {
                match connector.read(&ask(stream, cursor.as_ref(), next.as_ref())).await {
                    Ok(page) => {
                        for record in &page.records {
                            // What is kept must be readable again, and says the same twice.
                            let text = serde_json::to_string(&record.record).expect("a record is JSON");
                            let again: Record = serde_json::from_str(&text).expect("what was kept is read again");
                            assert_eq!(again, record.record);
                        }
                        said.push(format!("{:?}", page.unreadable));
                        cursor = Some(page.cursor);
                        next = page.next;
                        if next.is_none() {
                            break;
                        }
                    }
                    Err(error) => {
                        if let ReadError::WaitUntil { at_ms, .. } = error {
                            check_wait(stage, at_ms);
                        }
                        said.push(format!("{error:?}"));
                        break;
                    }
                }
            }
            said.concat()
        }
        2 if which % 8 == 0 => {
            let preflight = connector.preflight().await;
            format!("{:?}", preflight.checks)
        }
        2 if which % 8 == 1 => {
            let kind = if which % 2 == 0 { RecordKind::Order } else { RecordKind::HubOrder };
            let one = connector.read_one(kind, order, Priority::Person).await;
            one.err().map(|error| format!("{error:?}")).unwrap_or_default()
        }
        _ => {
            let can: Vec<_> = house::intents(order, lines)
                .into_iter()
                .filter(|intent| declaration.performs.contains(&intent.kind()))
                .collect();
            let Some(intent) = can.get(which % can.len().max(1)) else { return String::new() };
            let key = format!("harbour/{order}/{which}/{}", stage.lives);
            let task = |first_sent_at_ms| Task {
                key: &key,
                intent,
                first_sent_at_ms,
                last_sent_at_ms: first_sent_at_ms,
                ticket: None,
                priority: Priority::Person,
            };
            let verdicts = connector.perform(&[task(None)]).await;
            assert_eq!(verdicts.len(), 1, "one verdict per task");
            if let Verdict::WaitUntil { at_ms, .. } | Verdict::UnderWay { look_at_ms: at_ms, .. } = verdicts[0] {
                check_wait(stage, at_ms);
            }
            let confirmed = connector.confirm(&task(Some(START_MS))).await;
            format!("{verdicts:?} {confirmed:?}")
        }
    }
}
