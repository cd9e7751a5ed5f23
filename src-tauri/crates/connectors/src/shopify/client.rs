//! The only file that speaks HTTP to Shopify.
//!
//! One call is: a fresh token, a place in the budget, one POST, and the answer
//! judged in three layers (`verdicts.rs`). The budget is Shopify's own leaky
//! bucket of points: each answer says how full it is, and each document's last
//! price is the estimate for its next use. Nothing sleeps here; whoever calls is
//! told when to come back.

use super::documents::{Document, Part};
use super::token::{self, Token};
use super::verdicts::{CallError, by_errors, by_status, is_survivable, said, top_errors};
use crate::{Answer, BucketState, Budget, Door, DoorError, DoorSetup, Exchange, Priority, Setup};
use quayside_model::time::SECOND_MS;
use quayside_model::{Cause, Refusal, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Name of the bucket.
pub const BUCKET: &str = "graphql";
/// No single query may cost more.
const COST_MAX: f64 = 1000.0;
/// What we aim at, leaving room for Shopify's rounding.
const COST_AIM: f64 = 900.0;
/// Units of one call where no answer tells its price.
const UNPRICED_MAX: usize = 250;
/// Deadline of a call. Shopify itself gives up after about this long.
const TIMEOUT: Duration = Duration::from_secs(45);

/// Longest name of a version ("2026-07", "unstable").
const VERSION_MAX: usize = 16;

/// What a document cost when it was last used.
#[derive(Debug, Clone, Copy)]
struct Price {
    requested: f64,
    units: usize,
}

/// What came back.
#[derive(Debug)]
#[allow(clippy::struct_field_names)] // `data` is what GraphQL calls it
pub struct Data {
    /// `data`; empty for [`Document::Orders`].
    pub data: Value,
    /// The orders of [`Document::Orders`] as they came, `null` among them left out.
    pub orders: Vec<Box<RawValue>>,
    /// Fields that stayed empty for want of a permission.
    pub denied: Vec<String>,
    /// Shopify's name for the request.
    pub request_id: Option<String>,
    /// The API version that really answered.
    pub version: Option<String>,
}

/// Calls that make sense only together: read, then write.
///
/// When the budget ends in the middle, coming back for the next call alone would
/// find the budget spent by the first ones again, for ever. So the wait is as long
/// as it takes until the whole errand so far fits.
#[derive(Debug, Clone, Copy)]
pub struct Errand {
    priority: Priority,
    spent: f64,
}

impl Errand {
    /// Nothing asked yet.
    pub fn new(priority: Priority) -> Self {
        Self { priority, spent: 0.0 }
    }
}

/// How this connection signs in.
enum SignIn {
    /// A token that does not end.
    Token(SecretString),
    /// An app of the merchant's own.
    App { client_id: String, client_secret: SecretString },
}

/// A document as it is sent, after what it leaves out.
type Text = (BTreeSet<Part>, Arc<str>);

/// Shopify's Admin API of one store.
pub struct Client {
    door: Door,
    origin: String,
    version: String,
    sign_in: SignIn,
    /// Held across the fetch: whoever comes second waits for the first one's token.
    token: tokio::sync::Mutex<Option<Token>>,
    budget: Budget,
    prices: Mutex<BTreeMap<Document, Price>>,
    sizes: Mutex<BTreeMap<Document, usize>>,
    /// Units that were too many once, where no answer tells a price.
    ceilings: Mutex<BTreeMap<Document, usize>>,
    without: Mutex<BTreeSet<Part>>,
    texts: Mutex<BTreeMap<Document, Text>>,
    /// Version that served the last answer.
    served: Mutex<Option<String>>,
}

impl Client {
    /// A client for `setup`. Sends nothing.
    pub fn new(setup: &Setup, version: &str) -> Result<Self, Refusal> {
        let config = &setup.config;
        let shop = config.fields.get("shop").cloned().unwrap_or_default();
        let missing = |what: &str| {
            Refusal::new(
                Cause::SignInNeeded,
                format!("{} (Shopify): {what} is missing from the keychain. Enter the credentials again.", config.name),
            )
        };
        let secret = |name: &str| setup.secrets.get(name).cloned();
        let sign_in = if config.way == super::LEGACY_TOKEN {
            SignIn::Token(secret("access_token").ok_or_else(|| missing("The access token"))?)
        } else {
            let client_id = config
                .fields
                .get("client_id")
                .cloned()
                .filter(|id| !id.is_empty())
                .ok_or_else(|| missing("The client ID"))?;
            SignIn::App {
                client_id,
                client_secret: secret("client_secret").ok_or_else(|| missing("The client secret"))?,
            }
        };
        let door = Door::new(DoorSetup {
            wire: setup.wire.clone(),
            clock: setup.clock.clone(),
            allowed_hosts: &[".myshopify.com"],
            base_url: config.base_url.clone(),
            platform: "Shopify",
            connection: config.name.clone(),
            secrets: setup.secrets.values().cloned().collect(),
        })?;
        let token = match &sign_in {
            SignIn::Token(value) => Some(Token { value: value.clone(), renew_at_ms: None }),
            SignIn::App { .. } => None,
        };
        Ok(Self {
            door,
            origin: format!("https://{shop}"),
            version: version.to_owned(),
            sign_in,
            token: tokio::sync::Mutex::new(token),
            budget: Budget::new(setup.buckets.clone(), vec![default_bucket()]),
            prices: Mutex::default(),
            sizes: Mutex::default(),
            ceilings: Mutex::default(),
            without: Mutex::new(left_out_by_scopes(&config.account.abilities)),
            texts: Mutex::default(),
            served: Mutex::default(),
        })
    }

    /// The buckets.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// The door, for sentences and the clock.
    pub fn door(&self) -> &Door {
        &self.door
    }

    /// The API version that is asked for.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The API version that served the last answer; `None` before the first.
    pub fn served(&self) -> Option<String> {
        lock(&self.served).clone()
    }

    /// Parts of the documents this account could not answer so far.
    pub fn left_out(&self) -> BTreeSet<Part> {
        lock(&self.without).clone()
    }

    /// Rows to ask for at once: `start` at first, then as many as the measured price allows, at most `most`.
    pub fn size(&self, document: Document, start: usize, most: usize) -> usize {
        lock(&self.sizes).get(&document).copied().unwrap_or(start).clamp(1, most)
    }

    /// Asks `document`. `units` is the number of rows or ids it asks for, 1 where it has no size;
    /// `what` completes "Could not …" for people ("read orders").
    pub async fn call(
        &self,
        document: Document,
        variables: Value,
        units: usize,
        errand: &mut Errand,
        what: &str,
    ) -> Result<Data, CallError> {
        let what = format!("Could not {what}");
        // Each round leaves at least one part out, so there are at most as many rounds as parts, plus one.
        for _ in 0..=Part::ALL.len() {
            let answer = self.post(document, &variables, units, errand, &what).await?;
            match self.judge(document, units, &answer, &what) {
                Judged::Data(data) => return Ok(data),
                Judged::Without(part) => {
                    tracing::info!(connection = %self.origin, ?part, "the store cannot answer a part of a question; asking without it");
                    lock(&self.without).insert(part);
                }
                Judged::Error(error) => return Err(error),
            }
        }
        Err(CallError::Refused(
            self.door.refusal(Cause::NotUnderstood, &format!("{what}. The store refuses every form of the question.")),
        ))
    }

    async fn post(
        &self,
        document: Document,
        variables: &Value,
        units: usize,
        errand: &mut Errand,
        what: &str,
    ) -> Result<Answer, CallError> {
        let body = json!({
            "query": &*self.text(document),
            "variables": variables,
            "operationName": document.name(),
        });
        let url = self.door.url(&self.origin, &format!("/admin/api/{}/graphql.json", self.version))?;
        let mut refused_token = None;
        loop {
            let token = self.token(refused_token.as_ref(), what).await?;
            self.spend(document, units, errand)?;
            let exchange = Exchange::new(http::Method::POST, url.clone())
                .secret_header("x-shopify-access-token", token.value.clone())
                .header("accept", "application/json")
                .json(&body)
                .timeout(TIMEOUT);
            let answer = self.door.send(exchange).await?;
            if let Some(version) = served_version(&answer) {
                *lock(&self.served) = Some(version);
            }
            // 401 means that nothing ran, so even a change may be sent again, once, with a new token.
            if answer.status == 401 && refused_token.is_none() && matches!(self.sign_in, SignIn::App { .. }) {
                refused_token = Some(token.value);
                continue;
            }
            return Ok(answer);
        }
    }

    /// What to send; put together once, and again when a part is left out.
    fn text(&self, document: Document) -> Arc<str> {
        let without = self.left_out();
        let mut texts = lock(&self.texts);
        if let Some((known, text)) = texts.get(&document)
            && *known == without
        {
            return Arc::clone(text);
        }
        let text: Arc<str> = document.text(&without).into();
        texts.insert(document, (without, Arc::clone(&text)));
        text
    }

    /// A fresh token; `refused` is one the store did not accept, which is thrown away.
    async fn token(&self, refused: Option<&SecretString>, what: &str) -> Result<Token, CallError> {
        let mut held = self.token.lock().await;
        let now_ms = self.door.now_ms();
        if let Some(token) = held.as_ref()
            && token.is_fresh(now_ms)
            && !refused.is_some_and(|refused| token.is(refused))
        {
            return Ok(token.clone());
        }
        let SignIn::App { client_id, client_secret } = &self.sign_in else {
            return held.clone().ok_or_else(|| CallError::SignIn(self.door.refusal(Cause::SignInNeeded, what)));
        };
        let token = self.fetch_token(client_id, client_secret, what).await?;
        self.door.hide(token.value.clone());
        *held = Some(token.clone());
        Ok(token)
    }

    async fn fetch_token(&self, client_id: &str, client_secret: &SecretString, what: &str) -> Result<Token, CallError> {
        let mut exchange = Exchange::new(http::Method::POST, self.door.url(&self.origin, "/admin/oauth/access_token")?)
            .unheard()
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded");
        exchange.body = token::form(client_id, client_secret);
        // Whatever happens to this request, the change it is fetched for was not sent.
        let answer = self.door.send(exchange).await.map_err(|error| match error {
            DoorError::NotSent(refusal) | DoorError::Lost(refusal) => CallError::NotExecuted(refusal),
            DoorError::Refused(refusal) => CallError::Refused(refusal),
        })?;
        if answer.is_success() {
            return token::read(&answer.body, self.door.now_ms()).ok_or_else(|| {
                CallError::NotExecuted(self.door.refusal(
                    Cause::PlatformTrouble,
                    &format!("{what}. The store's sign-in answered with something that is not a token."),
                ))
            });
        }
        // Shopify's own page names the error of the sign-in; any other page is a proxy's.
        if answer.is_html && answer.status == 400 && !answer.text().to_ascii_lowercase().contains("oauth") {
            let sentence = "Could not sign in. A web page came back instead of an answer: a proxy answers in the store's place. Open a web page on this computer and sign in to the network, or ask whoever runs the proxy.";
            return Err(CallError::NotExecuted(
                self.door.refusal(Cause::NotThePlatform, sentence).status(answer.status),
            ));
        }
        if matches!(answer.status, 400 | 401 | 403) {
            let words = said(&answer);
            return Err(CallError::SignIn(
                self.door
                    .refusal(
                        Cause::SignInNeeded,
                        &format!("Could not sign in. {}", token::refusal_sentence(&answer.text())),
                    )
                    .said(self.door.quotable(&words))
                    .status(answer.status)
                    .request(answer.request_id),
            ));
        }
        Err(match by_status(&self.door, &answer, "Could not sign in") {
            CallError::Lost(refusal) => CallError::NotExecuted(refusal),
            other => other,
        })
    }

    fn spend(&self, document: Document, units: usize, errand: &mut Errand) -> Result<(), CallError> {
        let estimate = self.estimate(document, units);
        let now_ms = self.door.now_ms();
        self.budget.spend(BUCKET, estimate, errand.priority, now_ms).map_err(|at_ms| {
            let buckets = self.budget.snapshot();
            let bucket = buckets.iter().find(|bucket| bucket.name == BUCKET);
            let whole_ms =
                bucket.map_or(at_ms, |bucket| bucket.ready_at(estimate + errand.spent, errand.priority, now_ms));
            CallError::Wait { at_ms: at_ms.max(whole_ms), why: "the store's allowance of points fills up again".into() }
        })?;
        errand.spent += estimate;
        Ok(())
    }

    fn estimate(&self, document: Document, units: usize) -> f64 {
        let per_unit = match lock(&self.prices).get(&document) {
            Some(price) => price.requested / price.units.max(1) as f64,
            None => document.guess_per_unit(),
        };
        (per_unit * units as f64).clamp(1.0, COST_MAX)
    }

    fn judge(&self, document: Document, units: usize, answer: &Answer, what: &str) -> Judged {
        if !answer.is_success() {
            return Judged::Error(by_status(&self.door, answer, what));
        }
        // Orders are most of what is ever read, and most of them were read before: they are not taken apart here.
        if document == Document::Orders
            && let Ok(body) = serde_json::from_slice::<OrdersAnswer>(&answer.body)
        {
            self.learn(document, units, &json!({ "extensions": body.extensions }));
            return Judged::Data(Data {
                data: Value::Null,
                orders: body.data.nodes.into_iter().flatten().collect(),
                denied: vec![],
                request_id: answer.request_id.clone(),
                version: served_version(answer),
            });
        }
        let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) else {
            let refusal = self
                .door
                .refusal(Cause::PlatformTrouble, &format!("{what}. The answer ended in the middle, or is no JSON."));
            return Judged::Error(CallError::Lost(refusal.status(answer.status).request(answer.request_id.clone())));
        };
        let short_of = self.learn(document, units, &body);
        let errors = top_errors(&body);
        if let Some(warnings) =
            body.pointer("/extensions/search").filter(|search| search.to_string().contains("warnings"))
        {
            let warnings = self.door.quotable(&warnings.to_string());
            tracing::warn!(connection = %self.origin, document = document.name(), warnings, "the store ignored a part of a search");
        }
        let data = body.get_mut("data").map(Value::take).unwrap_or_default();
        let version = served_version(answer);
        let orders = if document == Document::Orders { order_nodes(&data) } else { vec![] };
        if errors.is_empty() && data.is_object() {
            return Judged::Data(Data { data, orders, denied: vec![], request_id: answer.request_id.clone(), version });
        }
        // A change that names its result has happened, whatever else could not be read.
        let has_result =
            document.is_mutation() && data.as_object().is_some_and(|data| data.values().any(Value::is_object));
        if data.is_object() && (has_result || (!errors.is_empty() && errors.iter().all(is_survivable))) {
            let denied = errors.iter().map(|error| error.path.join(".")).collect();
            return Judged::Data(Data { data, orders, denied, request_id: answer.request_id.clone(), version });
        }
        if let Some(part) = self.part_to_leave_out(&errors) {
            return Judged::Without(part);
        }
        let error = by_errors(&self.door, &errors, answer.request_id.clone(), short_of, what);
        match &error {
            CallError::TooCostly(_) if units > 1 => {
                lock(&self.sizes).insert(document, (units / 2).max(1));
                lock(&self.ceilings).insert(document, units - 1);
            }
            CallError::Wait { at_ms, .. } => self.budget.learn(BUCKET, |bucket| bucket.blocked_until_ms = *at_ms),
            _ => {}
        }
        Judged::Error(error)
    }

    /// A part that only this answer's errors are about, and that is still asked for.
    fn part_to_leave_out(&self, errors: &[super::verdicts::TopError]) -> Option<Part> {
        let without = self.left_out();
        errors.iter().find_map(|error| {
            let part = if error.code == "undefinedField" {
                Part::of_field(&error.type_name, &error.field_name).or_else(|| by_words(&error.message))
            } else {
                None
            }?;
            (!without.contains(&part)).then_some(part)
        })
    }

    /// An answer that says nothing of points: `extensions` are no part of the schema, and a proxy or another server may
    /// leave them out. Then there is no price to keep to: what was set aside is given back, and the next page is larger.
    fn unpriced(&self, document: Document, units: usize) {
        let estimate = self.estimate(document, units);
        self.budget.learn(BUCKET, |bucket| bucket.level = (bucket.level + estimate).min(bucket.capacity));
        let ceiling = lock(&self.ceilings).get(&document).copied().unwrap_or(usize::MAX);
        let mut sizes = lock(&self.sizes);
        let now = sizes.get(&document).copied().unwrap_or(units).max(units);
        sizes.insert(document, (now * 2).min(ceiling).min(UNPRICED_MAX));
    }

    /// Learns prices and the bucket from `extensions.cost`. For a throttled call: how long until it fits, ms.
    fn learn(&self, document: Document, units: usize, body: &Value) -> Option<i64> {
        if body.pointer("/extensions/cost").is_none_or(Value::is_null) {
            if body.get("errors").is_none_or(Value::is_null) {
                self.unpriced(document, units);
            }
            return None;
        }
        let number = |path: &str| body.pointer(path).and_then(Value::as_f64).filter(|n| n.is_finite());
        let requested = number("/extensions/cost/requestedQueryCost");
        if let Some(requested) = requested {
            lock(&self.prices).insert(document, Price { requested, units });
            let per_unit = (requested / units.max(1) as f64).max(0.1);
            let fits = (COST_AIM / per_unit).floor().max(1.0) as usize;
            let mut sizes = lock(&self.sizes);
            let now = sizes.get(&document).copied().unwrap_or(units).max(1);
            // Grows slowly: the price of a larger page need not be proportional.
            sizes.insert(document, fits.min(now.max(units) * 2));
        }
        let available = number("/extensions/cost/throttleStatus/currentlyAvailable");
        let restore = number("/extensions/cost/throttleStatus/restoreRate").filter(|rate| *rate > 0.0);
        let capacity = number("/extensions/cost/throttleStatus/maximumAvailable").filter(|most| *most > 0.0);
        let now_ms = self.door.now_ms();
        self.budget.learn(BUCKET, |bucket| {
            bucket.capacity = capacity.unwrap_or(bucket.capacity);
            bucket.per_second = restore.unwrap_or(bucket.per_second);
            if let Some(available) = available {
                bucket.level = available;
                bucket.as_of_ms = now_ms;
            }
        });
        let short_of = (requested? - available?).max(0.0);
        Some(((short_of / restore?).ceil() as i64).saturating_mul(SECOND_MS))
    }
}

/// An answer with nothing but orders, and no errors: what nearly every answer to [`Document::Orders`] is. Anything else is
/// read the long way.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrdersAnswer {
    data: OrderNodes,
    #[serde(default)]
    extensions: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrderNodes {
    nodes: Vec<Option<Box<RawValue>>>,
}

/// The same from an answer with errors.
fn order_nodes(data: &Value) -> Vec<Box<RawValue>> {
    let nodes = data.get("nodes").and_then(Value::as_array).into_iter().flatten();
    nodes.filter(|node| node.is_object()).filter_map(|node| serde_json::value::to_raw_value(node).ok()).collect()
}

/// The API version that really answered. It is shown to people: what is no version is none.
fn served_version(answer: &Answer) -> Option<String> {
    let version = answer.header("x-shopify-api-version");
    let fits = (1..=VERSION_MAX).contains(&version.len())
        && version.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    fits.then(|| version.to_owned())
}

enum Judged {
    Data(Data),
    Without(Part),
    Error(CallError),
}

fn by_words(message: &str) -> Option<Part> {
    // "Field 'taxLines' doesn't exist on type 'LineItem'"
    let quoted = |after: &str| message.split_once(after)?.1.split_once('\'').map(|(word, _)| word);
    Part::of_field(quoted("type '")?, quoted("ield '")?)
}

/// What the known scopes already rule out. Unknown (never tested) rules out nothing.
fn left_out_by_scopes(scopes: &[String]) -> BTreeSet<Part> {
    let lacks = |scope: &str| !scopes.is_empty() && !super::scopes::grants(scopes, scope);
    [
        (Part::Customer, lacks("read_customers")),
        (Part::Variant, lacks("read_products")),
        (Part::Location, lacks("read_locations")),
    ]
    .into_iter()
    .filter_map(|(part, lacks)| lacks.then_some(part))
    .collect()
}

/// Standard plan, until the first answer says what the store really has.
fn default_bucket() -> BucketState {
    BucketState {
        name: BUCKET.into(),
        unit: "points".into(),
        capacity: 2000.0,
        level: 2000.0,
        per_second: 100.0,
        window_ms: 0,
        window_ends_ms: 0,
        as_of_ms: 0,
        blocked_until_ms: 0,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
