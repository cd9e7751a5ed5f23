//! One suite for every connector, driven against the sandbox in memory.
//!
//! A [`World`] is a sandbox, a clock and a wire between them. [`check_effect`]
//! performs one effect in every way it can go wrong (twice, killed after each
//! exchange, each fault at each exchange, answered and forgotten) and counts from
//! the other side.
//! [`check_stream`] reads a stream to its end under the same faults.
//!
//! The runner below keeps the contract the outbox keeps: a lost answer is looked
//! up before anything is sent again, waiting moves the clock, a sign-in is tried
//! again later.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

use async_trait::async_trait;
use quayside_connectors::{Ask, Connector, Priority, ReadError, Setup, Task, Wire, WireError};
use quayside_model::{
    Cause, CheckState, Clock, Confirmation, ConnectionConfig, ConnectionId, Incoming, Intent, Preflight, Refusal,
    SecretString, Verdict,
};
use quayside_sandbox::{Fault, FaultPlan, Ledger, Reply, Sandbox};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// 2026-11-20T10:00:00Z, a Friday.
pub const NOW_MS: i64 = 1_795_168_800_000;

/// Time that passes only when something waits.
#[derive(Debug)]
pub struct SimClock(AtomicI64);

impl SimClock {
    /// Moves on.
    pub fn advance(&self, by_ms: i64) {
        self.0.fetch_add(by_ms.max(0), Ordering::SeqCst);
    }
    /// Moves on to a moment, never back.
    pub fn reach(&self, at_ms: i64) {
        self.0.fetch_max(at_ms, Ordering::SeqCst);
    }
}

impl SimClock {
    /// At this moment.
    pub fn at(now_ms: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(now_ms)))
    }
}

impl Clock for SimClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Which exchange goes wrong, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mishap {
    /// Counted from 0, sign-in included.
    pub exchange: usize,
    /// What happens to it.
    pub fault: Fault,
}

/// Carries requests into the sandbox, and counts them.
pub struct SandboxWire {
    sandbox: Arc<Mutex<Sandbox>>,
    account: String,
    clock: Arc<SimClock>,
    mishap: Arc<Mutex<Option<Mishap>>>,
    exchanges: Arc<AtomicI64>,
    talk: Arc<Mutex<Vec<Talk>>>,
}

/// One exchange as it was, for contract tests.
#[derive(Debug, Clone)]
pub struct Talk {
    /// Method.
    pub method: String,
    /// Where, query included.
    pub url: String,
    /// Headers that were sent.
    pub headers: http::HeaderMap,
    /// What was sent.
    pub body: Vec<u8>,
    /// Status of the answer.
    pub status: u16,
    /// The answer.
    pub answer: Vec<u8>,
}

#[async_trait]
impl Wire for SandboxWire {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        let number = self.exchanges.fetch_add(1, Ordering::SeqCst) as usize;
        let mishap = *self.mishap.lock().unwrap();
        let mut sandbox = self.sandbox.lock().unwrap();
        if let Some(mishap) = mishap.filter(|mishap| mishap.exchange == number) {
            sandbox.faults = FaultPlan { next: vec![mishap.fault], ..FaultPlan::none() };
        }
        let reply = sandbox.handle(&self.account, &request, self.clock.now_ms());
        if let (Reply::Answer { response, .. }, Ok(mut talk)) = (&reply, self.talk.lock()) {
            talk.push(Talk {
                method: request.method().to_string(),
                url: request.uri().to_string(),
                headers: request.headers().clone(),
                body: request.body().clone(),
                status: response.status().as_u16(),
                answer: response.body().clone(),
            });
        }
        sandbox.faults = FaultPlan::none();
        let timeout_ms = i64::try_from(timeout.as_millis()).unwrap();
        match reply {
            Reply::Answer { response, after_ms } if (after_ms as i64) < timeout_ms => {
                self.clock.advance(after_ms as i64);
                Ok(response)
            }
            Reply::Answer { .. } => {
                self.clock.advance(timeout_ms);
                Err(WireError::Lost("timed out".into()))
            }
            Reply::Dropped { after_ms } => {
                self.clock.advance(after_ms as i64);
                Err(WireError::Lost("connection reset".into()))
            }
        }
    }
}

/// Changes what a connector is opened with: another wire around the sandbox's, another way to sign in.
pub type Disguise = Arc<dyn Fn(Setup) -> Setup + Send + Sync>;

/// A sandbox, a clock, and what goes wrong between them and the connector.
pub struct World {
    /// The other side.
    pub sandbox: Arc<Mutex<Sandbox>>,
    /// Time.
    pub clock: Arc<SimClock>,
    /// What the last preflight learned, as the store would keep it.
    pub facts: quayside_model::Account,
    /// What the keychain holds beyond what the account's card says: secrets that renewed themselves.
    pub kept: Arc<Mutex<BTreeMap<String, SecretString>>>,
    /// What connectors opened from now on see instead of the account as it is.
    pub disguise: Option<Disguise>,
    account: String,
    settings: Mutex<BTreeMap<String, serde_json::Value>>,
    mishap: Arc<Mutex<Option<Mishap>>>,
    exchanges: Arc<AtomicI64>,
    talk: Arc<Mutex<Vec<Talk>>>,
}

impl World {
    /// Around a sandbox whose clock stands at [`NOW_MS`]; `account` is the one the connector signs in to.
    pub fn new(sandbox: Sandbox, account: &str) -> Self {
        Self {
            clock: Arc::new(SimClock(AtomicI64::new(NOW_MS.max(sandbox.now_ms())))),
            sandbox: Arc::new(Mutex::new(sandbox)),
            facts: quayside_model::Account::default(),
            kept: Arc::default(),
            disguise: None,
            account: account.to_owned(),
            settings: Mutex::default(),
            mishap: Arc::default(),
            exchanges: Arc::default(),
            talk: Arc::default(),
        }
    }

    /// Another account of the same sandbox, at the same time.
    pub fn beside(&self, account: &str) -> Self {
        Self {
            clock: self.clock.clone(),
            sandbox: self.sandbox.clone(),
            facts: quayside_model::Account::default(),
            kept: Arc::default(),
            disguise: None,
            account: account.to_owned(),
            settings: Mutex::default(),
            mishap: Arc::default(),
            exchanges: Arc::default(),
            talk: Arc::default(),
        }
    }

    /// What a connector of this account is made of, signed in another way than the card says.
    pub fn setup(&self, way: &str, fields: BTreeMap<String, String>, secrets: BTreeMap<String, SecretString>) -> Setup {
        let card = self.sandbox.lock().unwrap().accounts().into_iter().find(|card| card.name == self.account).unwrap();
        let config = ConnectionConfig {
            id: ConnectionId::new(&card.name),
            name: card.title,
            platform: card.platform,
            way: way.into(),
            fields,
            base_url: None,
            account: self.facts.clone(),
            settings: self.settings.lock().unwrap().clone(),
            paused: false,
            created_at_ms: NOW_MS,
        };
        let wire = SandboxWire {
            sandbox: self.sandbox.clone(),
            account: self.account.clone(),
            clock: self.clock.clone(),
            mishap: self.mishap.clone(),
            exchanges: self.exchanges.clone(),
            talk: self.talk.clone(),
        };
        Setup { config, secrets, wire: Arc::new(wire), clock: self.clock.clone(), buckets: vec![] }
    }

    /// Everything that was said so far, except where no answer came.
    pub fn talk(&self) -> Vec<Talk> {
        self.talk.lock().unwrap().clone()
    }

    /// A connector as it is after the program starts: knows nothing but its configuration.
    pub fn open(&self) -> Arc<dyn Connector> {
        self.open_at(self.clock.clone())
    }

    /// The same on a computer whose clock says something else.
    pub fn open_at(&self, clock: Arc<dyn Clock>) -> Arc<dyn Connector> {
        self.open_with(clock, vec![])
    }

    /// The same with rate buckets as the store kept them.
    pub fn open_with(
        &self,
        clock: Arc<dyn Clock>,
        buckets: Vec<quayside_connectors::BucketState>,
    ) -> Arc<dyn Connector> {
        let card = self.sandbox.lock().unwrap().accounts().into_iter().find(|card| card.name == self.account).unwrap();
        let platform = quayside_connectors::platform(&card.platform).unwrap();
        let fields =
            (platform.check_fields)(&card.way, &card.fields, false).unwrap_or_else(|problems| panic!("{problems:?}"));
        let way = platform.declaration.ways.iter().find(|way| way.id == card.way).unwrap();
        let is_secret = |name: &String| way.fields.iter().any(|field| field.name == name && field.secret);
        let (secrets, plain): (BTreeMap<_, _>, BTreeMap<_, _>) =
            fields.into_iter().partition(|(name, _)| is_secret(name));
        let config = ConnectionConfig {
            id: ConnectionId::new(&card.name),
            name: card.title,
            platform: card.platform,
            way: card.way,
            fields: plain,
            base_url: None,
            account: self.facts.clone(),
            settings: self.settings.lock().unwrap().clone(),
            paused: false,
            created_at_ms: NOW_MS,
        };
        let wire = SandboxWire {
            sandbox: self.sandbox.clone(),
            account: self.account.clone(),
            clock: self.clock.clone(),
            mishap: self.mishap.clone(),
            exchanges: self.exchanges.clone(),
            talk: self.talk.clone(),
        };
        let mut secrets: BTreeMap<_, _> =
            secrets.into_iter().map(|(name, value)| (name, SecretString::from(value))).collect();
        secrets.extend(self.kept.lock().unwrap().clone());
        let setup = Setup { config, secrets, wire: Arc::new(wire), clock, buckets };
        let setup = match &self.disguise {
            Some(disguise) => disguise(setup),
            None => setup,
        };
        (platform.open)(setup).unwrap()
    }

    /// A person's choice about the connection, for connectors opened from now on.
    pub fn choose(&self, setting: &str, value: impl Into<serde_json::Value>) {
        self.settings.lock().unwrap().insert(setting.to_owned(), value.into());
    }

    /// Exchanges so far.
    pub fn exchanges(&self) -> usize {
        self.exchanges.load(Ordering::SeqCst) as usize
    }

    /// Counts exchanges from here on: what was set up before is nobody's business.
    pub fn restart_count(&self) {
        self.exchanges.store(0, Ordering::SeqCst);
        self.sandbox.lock().unwrap().ledger.entries.clear();
    }

    /// Writes down what renewed itself, as whoever drives a connector does after every call.
    pub fn keep(&self, connector: &dyn Connector) {
        if let Some(renewed) = connector.renewed_secrets() {
            self.kept.lock().unwrap().extend(renewed.clone());
            connector.secrets_kept(&renewed);
        }
    }

    /// [`run`] for a further effect of the same world.
    pub async fn run_with_key(&self, key: &str, intent: &Intent) -> Outcome {
        run_keyed(self, key, intent, 3_600_000, None).await
    }

    /// This goes wrong, and nothing else.
    pub fn plan_mishap(&self, mishap: Option<Mishap>) {
        *self.mishap.lock().unwrap() = mishap;
    }

    /// Effects the client really had, by the other side's count.
    pub fn applied(&self, count: impl Fn(&Ledger) -> usize) -> usize {
        count(&self.sandbox.lock().unwrap().ledger)
    }
}

/// One effect to be tried in every way.
pub struct EffectCase {
    /// A fresh world with everything the effect needs, and the effect.
    pub make: fn() -> (World, Intent),
    /// How often it was applied, by the other side's count.
    pub count: fn(&Ledger) -> usize,
    /// How often it is applied when all is well (two calls for a parcel from two places).
    pub expected: usize,
    /// Longest it may take from the first try, ms: what the platform does in the background included.
    pub patience_ms: i64,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Holds,
    /// A person must act.
    Person(Refusal),
    /// It took too long; the last thing heard.
    Undecided(String),
}

/// Like the outbox: performs, looks up what was lost, waits when told, starts over after a kill.
/// `kill_after`: the program dies after that many exchanges, wherever it is, and starts again.
pub async fn run(world: &World, intent: &Intent, patience_ms: i64, kill_after: Option<usize>) -> Outcome {
    run_keyed(world, "effect-1", intent, patience_ms, kill_after).await
}

async fn run_keyed(world: &World, key: &str, intent: &Intent, patience_ms: i64, kill_after: Option<usize>) -> Outcome {
    let mut connector = world.open();
    let started_ms = world.clock.now_ms();
    let mut first_sent_at_ms = None;
    let mut unsure = false;
    // As the outbox keeps it: from the answer that brought it until the effect goes back into the line.
    let mut ticket: Option<String> = None;
    let mut last = String::new();
    for _ in 0..500 {
        if world.clock.now_ms() - started_ms >= patience_ms {
            break;
        }
        let held = ticket.clone();
        let task = Task {
            key,
            intent,
            first_sent_at_ms,
            last_sent_at_ms: first_sent_at_ms,
            ticket: held.as_deref(),
            priority: Priority::Write,
        };
        if unsure {
            let confirmation = connector.confirm(&task).await;
            world.keep(connector.as_ref());
            match confirmation {
                Confirmation::Holds(_) => return Outcome::Holds,
                Confirmation::Absent => {
                    unsure = false;
                    ticket = None;
                }
                Confirmation::Overtaken(refusal) => return Outcome::Person(refusal),
                Confirmation::UnderWay { ticket: theirs, look_at_ms, .. } => {
                    ticket = Some(theirs);
                    world.clock.reach(look_at_ms);
                }
                Confirmation::CannotTell(refusal) => {
                    last = format!("cannot tell: {refusal}");
                    world.clock.advance(5_000);
                }
            }
            continue;
        }
        first_sent_at_ms = first_sent_at_ms.or(Some(world.clock.now_ms()));
        let before = world.exchanges();
        let verdict = connector.perform(&[task]).await.remove(0);
        world.keep(connector.as_ref());
        // A kill: whatever the verdict would have been, nobody was there to write it down.
        if kill_after.is_some_and(|at| before <= at && world.exchanges() > at) {
            connector = world.open();
            unsure = true;
            world.clock.advance(1_000);
            continue;
        }
        last = format!("{verdict:?}");
        match verdict {
            Verdict::Done(_) | Verdict::AlreadyDone(_) => return Outcome::Holds,
            Verdict::WaitUntil { at_ms, .. } => {
                assert!(at_ms > world.clock.now_ms(), "waiting for the past: {last}");
                world.clock.reach(at_ms);
            }
            Verdict::UnderWay { ticket: theirs, look_at_ms, .. } => {
                assert!(look_at_ms > world.clock.now_ms(), "looking at once: {last}");
                ticket = Some(theirs);
                unsure = true;
                world.clock.reach(look_at_ms);
            }
            Verdict::RetryLater(_) => world.clock.advance(10_000),
            Verdict::SignInAgain(_) => world.clock.advance(60_000),
            Verdict::NeedsPerson(refusal) => return Outcome::Person(refusal),
            Verdict::WhichCustomer(doubt) => return Outcome::Person(doubt.refusal),
            Verdict::AnswerLost(_) => {
                unsure = true;
                world.clock.advance(2_000);
            }
        }
    }
    Outcome::Undecided(last)
}

/// Once; twice with one key; killed after each exchange; each fault at each exchange. Always applied exactly so often as it should.
pub async fn check_effect(case: &EffectCase) {
    check_every_way(case, None).await;
}

/// The same for what is never sent a second time by itself: where it was lost on its way, a person hears `says`.
pub async fn check_effect_sent_once(case: &EffectCase, says: &str) {
    check_every_way(case, Some(says)).await;
}

async fn check_every_way(case: &EffectCase, says: Option<&str>) {
    let expect = |what: &str, world: &World, outcome: &Outcome| {
        if let (Some(says), Outcome::Person(refusal)) = (says, outcome)
            && what != "once"
        {
            assert!(refusal.sentence.contains(says), "{what}: {refusal}");
            assert_eq!(world.applied(case.count), 0, "{what}: it is there, and was not found");
            return;
        }
        assert_eq!(*outcome, Outcome::Holds, "{what}");
        assert_eq!(world.applied(case.count), case.expected, "{what}: applied as often as this");
    };
    let (world, intent) = (case.make)();
    let outcome = run(&world, &intent, case.patience_ms, None).await;
    expect("once", &world, &outcome);
    let exchanges = world.exchanges();

    // Again with the same key, by a program that has forgotten everything.
    let again = world.open();
    let task = Task {
        key: "effect-1",
        intent: &intent,
        first_sent_at_ms: Some(NOW_MS),
        last_sent_at_ms: Some(NOW_MS),
        ticket: None,
        priority: Priority::Write,
    };
    assert!(matches!(again.confirm(&task).await, Confirmation::Holds(_)), "it holds, and is not found");
    let outcome = run(&world, &intent, case.patience_ms, None).await;
    expect("twice with one key", &world, &outcome);

    for at in 0..exchanges {
        let (world, intent) = (case.make)();
        let outcome = run(&world, &intent, case.patience_ms, Some(at)).await;
        expect(&format!("killed after exchange {at}"), &world, &outcome);
        for fault in Fault::ALL {
            let (world, intent) = (case.make)();
            world.plan_mishap(Some(Mishap { exchange: at, fault }));
            let outcome = run(&world, &intent, case.patience_ms, None).await;
            expect(&format!("{fault:?} at exchange {at}"), &world, &outcome);
            // The answer was lost, and the program died before it could look.
            let (world, intent) = (case.make)();
            world.plan_mishap(Some(Mishap { exchange: at, fault }));
            let outcome = run(&world, &intent, case.patience_ms, Some(at)).await;
            expect(&format!("{fault:?} at exchange {at}, then killed"), &world, &outcome);
        }
    }
    check_forgotten(case, exchanges).await;
}

/// Answered as done and forgotten, at each exchange in turn: the stand-in must be able to forget it, it is never there
/// more often than wished, and what is not there at all is never found there.
async fn check_forgotten(case: &EffectCase, exchanges: usize) {
    let mut forgotten = 0;
    for at in 0..exchanges {
        let (world, intent) = (case.make)();
        world.plan_mishap(Some(Mishap { exchange: at, fault: Fault::Forgotten }));
        run(&world, &intent, case.patience_ms, None).await;
        let times = world.sandbox.lock().unwrap().forgotten(&world.account);
        forgotten += times;
        if times == 0 {
            continue;
        }
        let task = Task {
            key: "effect-1",
            intent: &intent,
            first_sent_at_ms: Some(NOW_MS),
            last_sent_at_ms: Some(NOW_MS),
            ticket: None,
            priority: Priority::Backfill,
        };
        let found = world.open().confirm(&task).await;
        let applied = world.applied(case.count);
        assert!(applied <= case.expected, "forgotten at exchange {at}: applied {applied} times");
        let holds = matches!(found, Confirmation::Holds(_));
        assert!(applied > 0 || !holds, "forgotten at exchange {at}, and found: {found:?}");
    }
    let (_, intent) = (case.make)();
    assert!(forgotten > 0, "nothing of it can be forgotten: {}", intent.kind().phrase());
}

/// A stream read to its end, page by page, each page committed. Failures end the scan; the next one starts from the cursor.
pub async fn read_to_end(
    world: &World,
    stream: &str,
    cursor: &mut Option<serde_json::Value>,
    since_ms: i64,
) -> Vec<Incoming> {
    let connector = world.open();
    let mut found = Vec::new();
    let mut next = None;
    let mut failures = 0;
    let mut last = String::new();
    for _ in 0..5_000 {
        let ask = Ask { stream, cursor: cursor.as_ref(), next: next.as_ref(), since_ms, priority: Priority::Poll };
        let answer = connector.read(&ask).await;
        world.keep(connector.as_ref());
        match answer {
            Ok(page) => {
                assert!(page.unreadable.is_empty(), "{:?}", page.unreadable);
                found.extend(page.records);
                *cursor = Some(page.cursor);
                next = page.next;
                if next.is_none() {
                    return found;
                }
            }
            Err(ReadError::WaitUntil { at_ms, why }) => {
                assert!(at_ms > world.clock.now_ms(), "waiting for the past");
                last = format!("waits {} ms: {why}; {:?}", at_ms - world.clock.now_ms(), connector.budget().snapshot());
                world.clock.reach(at_ms);
            }
            Err(ReadError::Refused(refusal)) => {
                failures += 1;
                assert!(failures < 10, "{refusal}");
                assert!(
                    matches!(
                        refusal.cause,
                        Cause::Offline
                            | Cause::PlatformTrouble
                            | Cause::NotThePlatform
                            | Cause::SignInNeeded
                            | Cause::RateLimited
                    ),
                    "{refusal:?}"
                );
                next = None;
                world.clock.advance(60_000);
            }
        }
    }
    panic!("the stream {stream} never ends: {last}");
}

/// Reads a stream in a fresh world for each fault at each exchange of a clean read; `check` gets everything that was read
/// until two scans in a row went well.
pub async fn check_stream(make: fn() -> World, stream: &str, since_ms: i64, check: fn(&World, &[Incoming])) {
    check_stream_from(make, stream, None, since_ms, check).await;
}

/// A check that does not simply work says what is not to be had without it, and one that works takes nothing away.
pub fn names_what_it_disables(preflight: &Preflight) {
    for check in &preflight.checks {
        assert_eq!(check.state == CheckState::Works, check.disables.is_empty(), "{check:?}");
    }
}

/// The same for a stream that has been read before, up to this cursor.
pub async fn check_stream_from(
    make: fn() -> World,
    stream: &str,
    from: Option<serde_json::Value>,
    since_ms: i64,
    check: fn(&World, &[Incoming]),
) {
    let world = make();
    let clean = read_to_end(&world, stream, &mut from.clone(), since_ms).await;
    check(&world, &clean);
    let exchanges = world.exchanges();
    assert!(exchanges > 0 && !clean.is_empty(), "nothing was read");
    for at in 0..exchanges {
        for fault in Fault::ALL {
            let world = make();
            world.plan_mishap(Some(Mishap { exchange: at, fault }));
            let mut cursor = from.clone();
            let mut found = read_to_end(&world, stream, &mut cursor, since_ms).await;
            // What a late index hid shows up in the overlap of the scans that follow.
            for _ in 0..3 {
                world.clock.advance(60_000);
                found.extend(read_to_end(&world, stream, &mut cursor, since_ms).await);
            }
            check(&world, &found);
        }
    }
}
