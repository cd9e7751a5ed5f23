//! Answers no platform should give, for every platform in the same words. Our own key, wherever in an answer: it is in
//! no sentence, no request id, no ticket, no exception, no answer that is kept and no line of the log. A number larger than any clock, count
//! or price: nothing overflows, and nobody waits for ever.
//!
//! The answers are the stand-ins' own. Each conversation is held once as it is; then again and again, with one place
//! of one answer changed.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
#[path = "common/tamper.rs"]
#[allow(dead_code)]
mod tamper;

use async_trait::async_trait;
use common::{NOW_MS, World};
use quayside_connectors::heard;
use quayside_connectors::{Ask, Connector, Priority, ReadError, Setup, Task, Wire, WireError};
use quayside_model::{
    Address, Clock as _, Currency, ExposeSecret as _, HubLineDraft, HubOrderDraft, HubRefundDraft, HubRefundLineDraft,
    Intent, LabelDraft, LabelWish, ParcelSize, Record, RecordKind, ShipChoice, StockDraft, Tracking, Verdict,
};
use quayside_sandbox::{Sandbox, SandboxPlan, Volume, extras_of};
use serde_json::{Value, json};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const DAY_MS: i64 = 86_400_000;
/// Answers of one conversation that are tried, and places of each.
const ANSWERS_MAX: usize = 5;
const PLACES_MAX: usize = 6;
/// So much of a key is a key: some places cut what they quote.
const KEY_HEAD: usize = 20;

/// Numbers beyond what they stand for.
const NUMBERS: [&str; 3] = ["1e300", "9223372036854775807", "-9223372036854775808"];
/// Where platforms hand out keys.
const SIGN_INS: [&str; 3] = ["/oauth/", "/oauth2/", "/auth/o2/"];
/// Whose stand-in account gets its keys there.
const SIGN_IN_PLATFORMS: [&str; 2] = ["amazon", "salesforce"];
/// Longest wait anybody may be told.
const WAIT_MAX_MS: i64 = 2 * DAY_MS;

/// What is done to an answer.
#[derive(Debug, Clone)]
enum Echo {
    /// Nowhere.
    None,
    /// Into this place of the body, the text that stood there around it.
    Place(String),
    /// The whole body is about it, under this status.
    Refusal(u16),
    /// The body is it.
    Text(u16),
    /// Into the headers that name the request, and those with times, counts and addresses.
    Headers(u16),
    /// A number instead of the number in this place.
    Number(String, &'static str),
    /// A number in all headers with times and counts.
    Limits(u16, &'static str),
}

/// What the wire did and saw.
#[derive(Default)]
struct Seen {
    exchanges: usize,
    /// Places of each answer, and those of them with a number.
    places: Vec<Vec<String>>,
    numbers: Vec<Vec<String>>,
    /// Keys: the keychain's, and whatever went out in a header marked as secret.
    keys: BTreeSet<String>,
    /// The key that was put somewhere.
    echoed: Option<String>,
    /// Exchanges that signed in.
    sign_ins: usize,
}

fn signs_in(path: &str) -> bool {
    SIGN_INS.iter().any(|place| path.contains(place))
}

struct Parrot {
    inner: Arc<dyn Wire>,
    at: usize,
    echo: Echo,
    seen: Arc<Mutex<Seen>>,
}

#[async_trait]
impl Wire for Parrot {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        let sent =
            request.headers().values().filter(|value| value.is_sensitive()).filter_map(|value| value.to_str().ok());
        let sent: Vec<String> = sent.filter_map(|text| text.rsplit(' ').next()).map(str::to_owned).collect();
        let sign_in = signs_in(request.uri().path());
        let mut response = self.inner.send(request, timeout).await?;
        let mut seen = self.seen.lock().unwrap();
        seen.sign_ins += usize::from(sign_in);
        // The key that was just sent; a sign-in sends the keychain's.
        let key = sent.first().or_else(|| seen.keys.first()).cloned().unwrap();
        seen.keys.extend(sent);
        let n = seen.exchanges;
        seen.exchanges += 1;
        let body: Option<Value> = serde_json::from_slice(response.body()).ok();
        let places = body.as_ref().map(tamper::places).unwrap_or_default();
        let is_number =
            |place: &&String| body.as_ref().and_then(|body| body.pointer(place)).is_some_and(Value::is_number);
        seen.numbers.push(places.iter().filter(is_number).cloned().collect());
        seen.places.push(places);
        if n != self.at {
            return Ok(response);
        }
        let sentence = format!("your key {key} is not welcome");
        let status = match (&self.echo, body) {
            (Echo::Place(place), Some(mut body)) => {
                if let Some(spot) = body.pointer_mut(place) {
                    let around = spot.as_str().unwrap_or_default().to_owned();
                    *spot = json!(format!("{around}{sentence}"));
                }
                *response.body_mut() = body.to_string().into_bytes();
                response.status().as_u16()
            }
            (Echo::Number(place, number), Some(mut body)) => {
                if let Some(spot) = body.pointer_mut(place) {
                    *spot = serde_json::from_str(number).unwrap();
                }
                *response.body_mut() = body.to_string().into_bytes();
                response.status().as_u16()
            }
            (Echo::None, _) | (Echo::Place(_) | Echo::Number(..), None) => return Ok(response),
            (Echo::Limits(status, number), _) => {
                for name in LIMITS {
                    response.headers_mut().insert(*name, number.parse().unwrap());
                }
                let usage = format!("api-usage={number}/9223372036854775807");
                response.headers_mut().insert("sforce-limit-info", usage.parse().unwrap());
                *status
            }
            (Echo::Refusal(status), _) => {
                *response.body_mut() = refusal(&sentence).to_string().into_bytes();
                *status
            }
            (Echo::Text(status), _) => {
                *response.body_mut() = sentence.into_bytes();
                *status
            }
            (Echo::Headers(status), _) => {
                let address = format!("https://{key}.example/x?key={key}");
                for (name, text) in [
                    ("x-request-id", &key),
                    ("x-amzn-requestid", &key),
                    ("x-shopify-request-id", &key),
                    ("retry-after", &key),
                    ("x-rate-limit-reset", &key),
                    ("x-shopify-api-version", &key),
                    ("location", &address),
                ] {
                    response.headers_mut().insert(name, text.parse().unwrap());
                }
                *status
            }
        };
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
        response.headers_mut().remove("content-length");
        seen.echoed = Some(key);
        Ok(response)
    }
}

/// Headers in which platforms tell times and counts.
const LIMITS: &[&str] = &[
    "retry-after",
    "x-retry-after",
    "x-amzn-ratelimit-limit",
    "x-rate-limit-limit",
    "x-rate-limit-remaining",
    "x-rate-limit-reset",
    "x-rate-limit-requests-left",
    "x-rate-limit-requests-quota",
    "x-rate-limit-time-reset-ms",
    "x-rate-limit-time-window-ms",
    "ratelimit-remaining",
];

/// An error in the forms of all platforms at once.
fn refusal(words: &str) -> Value {
    let one = json!({
        "code": words, "message": words, "errorCode": words, "details": words, "title": words, "field": words,
        "field_name": words, "error_code": words, "error_source": words, "fields": [words], "status": words,
        "extensions": { "code": words },
    });
    json!({
        "errors": [one], "error": words, "error_description": words, "message": words, "Message": words,
        "ExceptionMessage": words, "request_id": words, "title": words, "type": words, "detail": words, "code": words,
        "ModelState": { "order": [words] },
    })
}

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// One thing a desk does with an account.
#[derive(Debug, Clone)]
enum Work {
    Preflight,
    Read(&'static str),
    One(RecordKind, String),
    Effect(Box<Intent>),
}

struct House {
    world: World,
    runtime: tokio::runtime::Runtime,
    /// The longest wait it was told, ms.
    waited_ms: Cell<i64>,
}

impl House {
    fn new(platform: &str) -> Self {
        let plan = SandboxPlan {
            history: 6,
            extras: extras_of(&[platform]),
            extra_volume: Volume::Total(6),
            days: 1,
            volume: Volume::Total(6),
            ..SandboxPlan::new(5, NOW_MS - 2 * DAY_MS)
        };
        let mut sandbox = Sandbox::new(plan);
        sandbox.advance(NOW_MS);
        let account = sandbox.accounts().into_iter().find(|card| card.platform == platform).unwrap().name;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let mut house = Self { world: World::new(sandbox, &account), runtime, waited_ms: Cell::new(0) };
        let connector = house.world.open();
        let account = loop {
            let preflight = house.runtime.block_on(connector.preflight());
            house.world.keep(connector.as_ref());
            house.world.clock.advance(60_000);
            if let Some(account) = preflight.account {
                break account;
            }
        };
        house.world.facts = account;
        house
    }

    /// What it says while it works; the keys it must not say; the places of every answer; whether a key was put in.
    fn hear(&mut self, work: &Work, at: usize, echo: &Echo) -> (String, Seen) {
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let (slot, echo) = (seen.clone(), echo.clone());
        self.world.clock.advance(10 * 60_000);
        self.world.disguise = Some(Arc::new(move |setup: Setup| {
            let keys = setup.secrets.iter().filter(|(name, _)| *name != "instance_url");
            let keys = keys.map(|(_, key)| key.expose_secret().to_owned()).filter(|key| key.len() > 7);
            slot.lock().unwrap().keys.extend(keys);
            let wire = Parrot { inner: setup.wire.clone(), at, echo: echo.clone(), seen: slot.clone() };
            Setup { wire: Arc::new(wire), ..setup }
        }));
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        let said = {
            let _guard = tracing::subscriber::set_default(subscriber);
            let connector = self.world.open();
            let (said, tape) = self.runtime.block_on(heard::during(self.talk(connector.as_ref(), work)));
            self.world.keep(connector.as_ref());
            // Whatever it signed in with in between is in no answer that is kept.
            assert!(!tape.exchanges.iter().any(|one| signs_in(&one.path)), "{tape:?}");
            format!("{said}\nKEPT {}", tape.text().unwrap_or_default())
        };
        let logged = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
        let seen = std::mem::take(&mut *seen.lock().unwrap());
        (format!("{said}\nLOG {logged}"), seen)
    }

    async fn talk(&self, connector: &dyn Connector, work: &Work) -> String {
        let mut said = Vec::new();
        match work {
            Work::Preflight => said.push(format!("{:?}", connector.preflight().await.checks)),
            Work::Read(stream) => {
                let (mut cursor, mut next) = (None, None);
                for _ in 0..4 {
                    let ask = ask(stream, cursor.as_ref(), next.as_ref());
                    let page = connector.read(&ask).await;
                    self.world.keep(connector);
                    match page {
                        Ok(page) => {
                            said.push(format!("{:?}", page.unreadable));
                            (cursor, next) = (Some(page.cursor), page.next);
                            if next.is_none() {
                                break;
                            }
                        }
                        Err(error) => {
                            said.push(format!("{error:?}"));
                            self.wait_after(&error);
                        }
                    }
                }
            }
            Work::One(kind, id) => {
                for _ in 0..2 {
                    if let Err(error) = connector.read_one(*kind, id, Priority::Person).await {
                        said.push(format!("{error:?}"));
                        self.wait_after(&error);
                    }
                    self.world.keep(connector);
                }
            }
            Work::Effect(intent) => {
                let task = |first_sent_at_ms| Task {
                    key: "effect-1",
                    intent,
                    first_sent_at_ms,
                    last_sent_at_ms: first_sent_at_ms,
                    ticket: None,
                    priority: Priority::Person,
                };
                for _ in 0..2 {
                    let verdict = connector.perform(&[task(None)]).await.remove(0);
                    self.world.keep(connector);
                    said.push(format!("{verdict:?}"));
                    let (Verdict::WaitUntil { at_ms, .. } | Verdict::UnderWay { look_at_ms: at_ms, .. }) = verdict
                    else {
                        break;
                    };
                    self.wait(at_ms);
                }
                said.push(format!("{:?}", connector.confirm(&task(Some(NOW_MS))).await));
            }
        }
        said.join("\n")
    }

    fn wait_after(&self, error: &ReadError) {
        if let ReadError::WaitUntil { at_ms, .. } = error {
            self.wait(*at_ms);
        }
    }

    fn wait(&self, at_ms: i64) {
        let now_ms = self.world.clock.now_ms();
        self.waited_ms.set(self.waited_ms.get().max(at_ms.saturating_sub(now_ms)));
        self.world.clock.reach(at_ms.min(now_ms + 60_000));
    }

    /// Everything that is tried with this account.
    fn works(&self) -> Vec<Work> {
        let connector = self.world.open();
        let declaration = connector.declaration();
        let mut works = vec![Work::Preflight];
        let mut known = None;
        for stream in declaration.streams {
            works.push(Work::Read(stream.name));
            for _ in 0..3 {
                let page = self.runtime.block_on(connector.read(&ask(stream.name, None, None)));
                self.world.keep(connector.as_ref());
                self.world.clock.advance(60_000);
                let Ok(page) = page else { continue };
                known = known.or_else(|| {
                    page.records.iter().find_map(|incoming| match &incoming.record {
                        Record::Order(order) => Some((RecordKind::Order, order.remote_id.clone())),
                        Record::HubOrder(order) => Some((RecordKind::HubOrder, order.remote_id.clone())),
                        _ => None,
                    })
                });
                break;
            }
        }
        // A hub knows no order before it is given one.
        let (kind, id) = known.unwrap_or_else(|| {
            let intent = Intent::PutHubOrder { order: draft(), hub_order_id: None };
            let task = Task {
                key: "first",
                intent: &intent,
                first_sent_at_ms: None,
                last_sent_at_ms: None,
                ticket: None,
                priority: Priority::Write,
            };
            match self.runtime.block_on(connector.perform(&[task])).remove(0) {
                Verdict::Done(receipt) => (RecordKind::HubOrder, receipt.remote_id.unwrap()),
                other => panic!("an order to talk about: {other:?}"),
            }
        });
        works.push(Work::One(kind, id.clone()));
        let can = intents(&id).into_iter().filter(|intent| declaration.performs.contains(&intent.kind()));
        works.extend(can.map(|intent| Work::Effect(Box::new(intent))));
        works
    }
}

fn ask<'a>(stream: &'a str, cursor: Option<&'a Value>, next: Option<&'a Value>) -> Ask<'a> {
    Ask { stream, cursor, next, since_ms: NOW_MS - 3 * DAY_MS, priority: Priority::Person }
}

fn draft() -> HubOrderDraft {
    let address = Address {
        name: "Ada O'Neil".into(),
        line1: "1 Quay St".into(),
        city: "Hamburg".into(),
        postcode: "20457".into(),
        country: "DE".into(),
        ..Address::default()
    };
    HubOrderDraft {
        key: "hg:1".into(),
        number: "#1001".into(),
        placed_at_ms: NOW_MS,
        paid_at_ms: Some(NOW_MS),
        ship_by_ms: None,
        ready: true,
        ship_to: address.clone(),
        bill_to: address,
        email: "ada@harbour.example".into(),
        customer_ref: String::new(),
        requested_service: "Ground".into(),
        lines: vec![HubLineDraft {
            line_key: "line-1".into(),
            sku: "MUG".into(),
            name: "Mug".into(),
            quantity: 2,
            unit_price_minor: 1_850,
            tax_minor: 0,
            weight_g: Some(300.0),
            options: vec![],
            barcode: None,
        }],
        currency: Currency::new("EUR"),
        total_minor: 3_700,
        tax_minor: 0,
        shipping_minor: 0,
        discount_minor: 0,
        customer_note: String::new(),
        internal_note: String::new(),
        gift: false,
        gift_message: String::new(),
        custom_fields: Default::default(),
        source: "Harbour Goods".into(),
        tags: vec!["vip".into()],
        store_id: None,
        ship: ShipChoice::default(),
    }
}

fn intents(order: &str) -> Vec<Intent> {
    let id = || order.to_owned();
    vec![
        Intent::PutHubOrder { order: draft(), hub_order_id: None },
        Intent::PutHubOrder { order: draft(), hub_order_id: Some(id()) },
        Intent::CancelHubOrder { hub_order_id: id(), hub_order_key: "hg:1".into() },
        Intent::HoldHubOrder { hub_order_id: id(), hub_order_key: "hg:1".into(), until_day: "2026-12-24".into() },
        Intent::RecordRefund {
            hub_order_id: id(),
            hub_order_key: "hg:1".into(),
            refund: HubRefundDraft {
                number: "#1001".into(),
                total_minor: 1_250,
                through_minor: 1_250,
                currency: Currency::new("EUR"),
                lines: vec![HubRefundLineDraft {
                    line_key: "1".into(),
                    sku: "MUG-BLUE".into(),
                    quantity: 1,
                    restock: true,
                }],
                reason: "customer".into(),
            },
        },
        Intent::VoidLabel { parcel_id: "label:1".into() },
        Intent::BuyLabel {
            label: LabelDraft {
                hub_order_id: id(),
                hub_order_key: "hg:1".into(),
                wish: LabelWish::Cheapest,
                size: ParcelSize { weight_g: Some(700), ..ParcelSize::default() },
                currency: Currency::new("EUR"),
                most_minor: None,
                test: false,
                day_left_minor: None,
            },
        },
        Intent::ReturnLabel {
            hub_order_id: id(),
            hub_order_key: "hg:1".into(),
            parcel_id: "label:1".into(),
            known_label_ids: vec![],
        },
        Intent::ReplaceTracking {
            order_remote_id: id(),
            fulfillment_id: "1".into(),
            tracking: Tracking {
                carrier_code: "dhl_express".into(),
                carrier_name: "DHL".into(),
                numbers: vec!["JD0001".into()],
                urls: vec![],
            },
            notify_customer: false,
        },
        Intent::CancelFulfillment { order_remote_id: id(), fulfillment_id: "1".into() },
        Intent::CancelChannelOrder {
            order_remote_id: id(),
            reason: "customer".into(),
            restock: true,
            refund: true,
            notify_customer: false,
            staff_note: String::new(),
        },
        Intent::AnnotateOrder { order_remote_id: id(), fields: vec![], note: "Packed".into(), tags: vec!["x".into()] },
        Intent::ShowHold { order_remote_id: id(), held: true },
        Intent::ShowHold { order_remote_id: id(), held: false },
        Intent::SetStock {
            stock: StockDraft {
                sku: "MUG-BLUE".into(),
                item_id: Some("1".into()),
                location_id: Some("1".into()),
                available: 7,
                expected: Some(8),
                moves: false,
            },
        },
    ]
}

/// Every so many of them, so that all corners are visited.
fn some<T: Clone>(all: &[T], most: usize) -> Vec<T> {
    all.iter().step_by(all.len().div_ceil(most).max(1)).cloned().collect()
}

fn no_key_is_said(platform: &str) {
    let mut house = House::new(platform);
    let (mut tried, mut heard, mut sign_ins, mut wrong) = (0, 0, 0, Vec::new());
    for work in house.works() {
        let (_, plain) = house.hear(&work, usize::MAX, &Echo::None);
        for (at, places) in plain.places.iter().enumerate().take(ANSWERS_MAX) {
            let mut echoes: Vec<Echo> = some(places, PLACES_MAX).into_iter().map(Echo::Place).collect();
            echoes.extend([400, 401, 404, 422, 429, 500].map(Echo::Refusal));
            echoes.extend([200, 400].map(Echo::Text));
            echoes.extend([200, 302, 422].map(Echo::Headers));
            for echo in echoes {
                let (said, seen) = house.hear(&work, at, &echo);
                tried += usize::from(seen.echoed.is_some());
                sign_ins += seen.sign_ins;
                heard += usize::from(said.contains("•••"));
                let said_small = said.to_lowercase();
                if let Some(key) =
                    seen.keys.iter().find(|key| said_small.contains(&key[..key.len().min(KEY_HEAD)].to_lowercase()))
                {
                    wrong.push(format!("{work:?}, answer {at}, {echo:?}: {key} in {said}"));
                }
            }
        }
    }
    assert!(tried > 50 && heard > 10, "{platform}: the key was put in {tried} times and quoted {heard} times");
    assert!(wrong.is_empty(), "{platform}: {} of {tried}:\n{}", wrong.len(), wrong[..wrong.len().min(5)].join("\n"));
    // Where there is such an exchange at all, it took place; `hear` looks for it on the tape.
    assert!(!SIGN_IN_PLATFORMS.contains(&platform) || sign_ins > 50, "{platform}: {sign_ins} sign-ins");
}

fn no_number_overflows(platform: &str) {
    let mut house = House::new(platform);
    let (mut tried, mut wrong) = (0, Vec::new());
    for work in house.works() {
        let (_, plain) = house.hear(&work, usize::MAX, &Echo::None);
        for (at, places) in plain.numbers.iter().enumerate().take(ANSWERS_MAX) {
            let places = some(places, PLACES_MAX);
            let mut echoes: Vec<Echo> = NUMBERS
                .iter()
                .flat_map(|number| places.iter().map(|place| Echo::Number(place.clone(), number)))
                .collect();
            echoes.extend(NUMBERS.iter().flat_map(|number| [200, 429, 503].map(|status| Echo::Limits(status, number))));
            for echo in echoes {
                house.waited_ms.set(0);
                // Where it broke is written to the test's output as it happens; the rest is tried all the same.
                match catch_unwind(AssertUnwindSafe(|| house.hear(&work, at, &echo))) {
                    Err(_) => wrong.push(format!("{work:?}, answer {at}, {echo:?}: it broke")),
                    Ok((said, seen)) => {
                        tried += usize::from(seen.echoed.is_some());
                        let wait_ms = house.waited_ms.get();
                        if wait_ms > WAIT_MAX_MS {
                            wrong.push(format!("{work:?}, answer {at}, {echo:?}: a wait of {wait_ms} ms: {said}"));
                        }
                    }
                }
            }
        }
    }
    assert!(tried > 50, "{platform}: {tried} numbers were put in");
    assert!(wrong.is_empty(), "{platform}: {} of {tried}:\n{}", wrong.len(), wrong[..wrong.len().min(5)].join("\n"));
}

macro_rules! every_platform {
    ($($platform:ident),*) => {
        const HERE: &[&str] = &[$(stringify!($platform)),*];
        $(
            mod $platform {
                #[test]
                fn no_key_is_said_whatever_the_platform_answers() {
                    super::no_key_is_said(stringify!($platform));
                }
                #[test]
                fn no_number_overflows_and_no_wait_is_for_ever() {
                    super::no_number_overflows(stringify!($platform));
                }
            }
        )*
    };
}

every_platform!(shopify, bigcommerce, amazon, salesforce, shipstation, orderez);

#[test]
fn every_platform_of_the_registry_is_here() {
    // A mail server speaks no HTTP; what it answers is tried beside its connector.
    let read = quayside_connectors::registry().iter().filter(|one| !one.declaration.streams.is_empty());
    let all: BTreeSet<&str> = read.map(|one| one.declaration.platform).collect();
    assert_eq!(HERE.iter().copied().collect::<BTreeSet<_>>(), all);
}
