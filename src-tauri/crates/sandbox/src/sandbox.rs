//! All accounts of one simulated merchant, behind one handle.
//!
//! The handle owns the stand-ins, the people who live in them, chance, and the
//! list of what goes wrong. It knows no platform's rules: those are in the
//! stand-ins. Time only comes in from outside, so a week passes as fast as its
//! requests can be answered.

use crate::merchant::customers::Customers;
use crate::merchant::imports::Importer;
use crate::merchant::shop::{Bench, OrderView, Shop};
use crate::merchant::shoppers::Shoppers;
use crate::merchant::warehouse::{Pace, Warehouse};
use crate::merchant::{Actor, Scene};
use crate::shipstation::{ShipStation, ShipStationPlan};
use crate::shopify::{ShopPlan, Shopify};
use crate::{Extra, Fault, FaultPlan, Ledger, ListQuirk, Meter, Moment, Occurrences, StandIn, Truth};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What came of a request.
#[derive(Debug)]
pub enum Reply {
    /// An answer, after so many milliseconds.
    Answer {
        /// The answer.
        response: http::Response<Vec<u8>>,
        /// Delay by the sandbox's clock, ms.
        after_ms: u64,
    },
    /// The connection breaks. Whether it was applied is the caller's not to know.
    Dropped {
        /// When it breaks, ms after the request.
        after_ms: u64,
    },
}

/// An account and what a client needs to reach it; written by `sandbox serve --port-file`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Stable word of the platform (`shopify`).
    pub platform: String,
    /// Name (`harbour-goods`).
    pub name: String,
    /// For people ("Harbour Goods").
    pub title: String,
    /// `http://127.0.0.1:PORT`, once it is served; in memory `http://harbour-goods.sandbox`.
    pub base_url: String,
    /// Way to sign in (`client_credentials`).
    pub way: String,
    /// What to fill in, secrets included (they open nothing but this sandbox).
    pub fields: BTreeMap<String, String>,
}

/// How much the shoppers buy, over all stores together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Volume {
    /// Exactly so many orders, spread over the days of the plan.
    Total(u32),
    /// So many orders a day on average, with a daily rhythm.
    PerDay(f64),
    /// One order every so many seconds (from, to), day and night.
    EverySeconds(u32, u32),
}

/// What to simulate.
#[derive(Debug, Clone)]
pub struct SandboxPlan {
    /// Same seed, same merchant.
    pub seed: u64,
    /// When the simulation begins, ms UTC. Requests come later than this.
    pub start_ms: i64,
    /// How many days the shoppers go on buying; nobody stops packing afterwards.
    pub days: u32,
    /// How much they buy.
    pub volume: Volume,
    /// Orders that exist already when the simulation begins, spread over two days before it.
    pub history: u32,
    /// The stores.
    pub stores: Vec<ShopPlan>,
    /// The shipping account.
    pub hub: Option<ShipStationPlan>,
    /// Accounts of further platforms; their shoppers buy [`Self::extra_volume`] on top.
    pub extras: Vec<Extra>,
    /// How much is bought in the further stores together.
    pub extra_volume: Volume,
    /// What goes wrong on the wire.
    pub faults: FaultPlan,
    /// Share of orders, 0 to 1, with which people do something wrong or unusual.
    pub trouble: f64,
    /// Share of orders, 0 to 1, of which the buyer sends a unit back once it left. Chance of its own decides it.
    pub returns: f64,
    /// For somebody who watches: the warehouse and second thoughts take minutes instead of hours.
    pub hurried: bool,
    /// Whether people do anything by themselves (shoppers, warehouse, carriers). Off: only what a test does happens.
    pub alive: bool,
    /// Normal delay of an answer, ms, from and to.
    pub latency_ms: (u64, u64),
}

impl SandboxPlan {
    /// Two stores and one shipping account, nothing going wrong, about 140 orders a day for a week.
    pub fn new(seed: u64, start_ms: i64) -> Self {
        Self {
            seed,
            start_ms,
            days: 7,
            volume: Volume::PerDay(140.0),
            history: 0,
            stores: vec![ShopPlan::harbour_goods(), ShopPlan::harbour_outlet()],
            hub: Some(ShipStationPlan::default()),
            extras: Vec::new(),
            extra_volume: Volume::Total(0),
            faults: FaultPlan::none(),
            trouble: 0.0,
            returns: 0.0,
            hurried: false,
            alive: true,
            latency_ms: (20, 180),
        }
    }
    /// What a visitor sees: a morning's worth of history, then an order every 20 to 40 s, and things going wrong.
    pub fn demo(seed: u64, start_ms: i64) -> Self {
        Self {
            days: 3650,
            volume: Volume::EverySeconds(20, 40),
            history: 140,
            faults: FaultPlan {
                chances: vec![
                    (Fault::Throttled, 0.004),
                    (Fault::LostAfterCommit, 0.004),
                    (Fault::ServerError, 0.003),
                    (Fault::Slow, 0.004),
                ],
                ..FaultPlan::none()
            },
            trouble: 0.12,
            hurried: true,
            ..Self::new(seed, start_ms)
        }
    }
    /// Nobody lives here: only what a test places exists.
    pub fn quiet(seed: u64, start_ms: i64) -> Self {
        Self { alive: false, volume: Volume::Total(0), latency_ms: (1, 1), ..Self::new(seed, start_ms) }
    }
}

/// Whose own processes are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum House {
    Store(usize),
    Shop(usize),
    Bench(usize),
}

/// One of the people, with chance of their own.
struct Person {
    actor: Box<dyn Actor>,
    rng: SmallRng,
}

/// All accounts of one simulated merchant. Same seed, same calls at the same times: same answers.
pub struct Sandbox {
    /// What goes wrong.
    pub faults: FaultPlan,
    /// What went wrong by chance so far, and what of it may.
    pub occurrences: Occurrences,
    /// What was applied.
    pub ledger: Ledger,
    /// What is true.
    pub truth: Truth,
    /// The stores.
    pub stores: Vec<Shopify>,
    /// The shipping account: none or one.
    pub hubs: Vec<ShipStation>,
    /// Stores of further platforms.
    pub shops: Vec<Box<dyn Shop>>,
    /// Hubs of further platforms.
    pub benches: Vec<Box<dyn Bench>>,
    people: Vec<Person>,
    /// Whether people do anything by themselves.
    alive: bool,
    /// Chance of the further platforms' own processes and of the people at their benches.
    house_rng: SmallRng,
    /// Chance of the wire and of the platforms' own processes.
    rng: SmallRng,
    /// Chance of spells, of its own: a life with one goes as the same life without until it begins.
    spell_rng: SmallRng,
    latency_ms: (u64, u64),
    now_ms: i64,
    /// Account → until when its permanent credential is refused, ms UTC.
    refused_until: BTreeMap<String, i64>,
    /// Accounts of which every exchange fails in one way, until somebody mends them.
    broken: BTreeMap<String, Fault>,
    /// Writes that were answered as done and forgotten, by account.
    forgotten: BTreeMap<String, usize>,
    /// Answers of the platforms' own that it was one call too many, by account; injected ones are none of them.
    turned_away: BTreeMap<String, u64>,
}

impl Sandbox {
    /// Builds the accounts and lets the history before `plan.start_ms` happen.
    pub fn new(plan: SandboxPlan) -> Self {
        let mut rng = SmallRng::seed_from_u64(plan.seed);
        let stores: Vec<Shopify> =
            plan.stores.iter().map(|shop| Shopify::new(shop.clone(), plan.seed, plan.start_ms)).collect();
        let hubs: Vec<ShipStation> = plan.hub.iter().map(|hub| ShipStation::new(hub.clone())).collect();
        let mut people = Vec::new();
        let (mut shops, mut benches) = (Vec::new(), Vec::new());
        for extra in &plan.extras {
            match extra {
                Extra::Shop(make) => shops.push(make(plan.seed, plan.start_ms)),
                Extra::Bench(make) => benches.push(make(plan.seed, plan.start_ms, plan.trouble, plan.hurried)),
            }
        }
        if plan.alive {
            let shoppers = Shoppers::new(&plan);
            people.push(Person { actor: Box::new(shoppers), rng: SmallRng::seed_from_u64(rng.random()) });
            if !hubs.is_empty() {
                let pace = if plan.hurried { Pace::HURRIED } else { Pace::USUAL };
                let warehouse = Warehouse::with_pace(plan.start_ms, plan.trouble, pace);
                people.push(Person { actor: Box::new(warehouse), rng: SmallRng::seed_from_u64(rng.random()) });
            }
            if !shops.is_empty() {
                let customers = Customers::new(&plan, plan.extra_volume);
                people.push(Person { actor: Box::new(customers), rng: SmallRng::seed_from_u64(rng.random()) });
            }
        }
        // What a link brings it brings by itself, whether anybody lives here or not.
        if hubs.iter().any(|hub| hub.state.plan.stores.iter().any(|store| store.imports.is_some())) {
            let importer = Importer::new(plan.start_ms);
            people.push(Person { actor: Box::new(importer), rng: SmallRng::seed_from_u64(plan.seed ^ 0x1a9_0127) });
        }
        let mut sandbox = Self {
            faults: plan.faults,
            occurrences: Occurrences::default(),
            ledger: Ledger::default(),
            truth: Truth::default(),
            stores,
            hubs,
            shops,
            benches,
            people,
            alive: plan.alive,
            house_rng: SmallRng::seed_from_u64(plan.seed ^ 0xbe7c_4e5a),
            rng,
            spell_rng: SmallRng::seed_from_u64(plan.seed ^ 0x59e1_1ed5),
            latency_ms: plan.latency_ms,
            now_ms: i64::MIN,
            refused_until: BTreeMap::new(),
            broken: BTreeMap::new(),
            forgotten: BTreeMap::new(),
            turned_away: BTreeMap::new(),
        };
        sandbox.advance(plan.start_ms);
        sandbox
    }

    /// Writes an account answered as done and forgot, so far.
    pub fn forgotten(&self, account: &str) -> usize {
        self.forgotten.get(account).copied().unwrap_or(0)
    }

    /// How often each account itself said that it was one call too many; accounts that never did are missing. Injected
    /// answers of that kind do not count: this is what a client that keeps limits is spared.
    pub fn turned_away(&self) -> &BTreeMap<String, u64> {
        &self.turned_away
    }

    /// The accounts, for a client that wants to sign in.
    pub fn accounts(&self) -> Vec<Account> {
        let stores = self.stores.iter().map(StandIn::card);
        let hubs = self.hubs.iter().map(StandIn::card);
        let shops = self.shops.iter().map(|shop| shop.card());
        stores.chain(hubs).chain(shops).chain(self.benches.iter().map(|bench| bench.card())).collect()
    }

    /// What an account counts, and how much of it was spent; nothing of one that is not here.
    pub fn meters(&self, account: &str) -> Vec<Meter> {
        let stores = self.stores.iter().map(|store| store as &dyn StandIn);
        let hubs = self.hubs.iter().map(|hub| hub as &dyn StandIn);
        let shops = self.shops.iter().map(|shop| shop.as_ref() as &dyn StandIn);
        let benches = self.benches.iter().map(|bench| bench.as_ref() as &dyn StandIn);
        let mut all = stores.chain(hubs).chain(shops).chain(benches);
        all.find(|one| one.account() == account).map(StandIn::meters).unwrap_or_default()
    }

    /// A store of a further platform by its name, for a test that knows which platform it is.
    pub fn shop_mut<T: Shop>(&mut self, account: &str) -> Option<&mut T> {
        let shop = self.shops.iter_mut().find(|shop| shop.account() == account)?;
        let any: &mut dyn std::any::Any = shop.as_mut();
        any.downcast_mut()
    }

    /// Every order of every store, as people see it there.
    pub fn order_views(&self) -> Vec<OrderView> {
        let stores = self.stores.iter().flat_map(Shopify::order_views);
        stores
            .chain(self.shops.iter().flat_map(|shop| shop.orders().into_iter().filter_map(|id| shop.order(&id))))
            .collect()
    }

    /// The moment up to which life has gone on, ms UTC.
    pub fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// When the next thing happens by itself, ms UTC.
    pub fn next_ms(&self) -> Option<i64> {
        self.people.iter().filter_map(|person| person.actor.next_ms()).min()
    }

    /// Lets life go on until `now_ms`. Going back in time is not possible and does nothing.
    pub fn advance(&mut self, now_ms: i64) {
        while let Some((index, at_ms)) = self.next_person(now_ms) {
            self.settle(at_ms);
            self.now_ms = self.now_ms.max(at_ms);
            let Some(person) = self.people.get_mut(index) else { break };
            let mut scene = Scene {
                now_ms: self.now_ms,
                rng: &mut person.rng,
                stores: &mut self.stores,
                hubs: &mut self.hubs,
                shops: &mut self.shops,
                benches: &mut self.benches,
                ledger: &mut self.ledger,
                truth: &mut self.truth,
            };
            person.actor.act(&mut scene);
            let stuck = person.actor.next_ms().is_some_and(|next| next <= self.now_ms);
            debug_assert!(!stuck, "{} does not move on from {}", person.actor.name(), self.now_ms);
            if stuck {
                break;
            }
        }
        self.settle(now_ms);
        self.now_ms = self.now_ms.max(now_ms);
    }

    /// What the platforms do by themselves, store by store, in the order of time.
    fn settle(&mut self, until_ms: i64) {
        loop {
            let stores = self.stores.iter().map(Shopify::next_ms).enumerate().map(|(n, at)| (at, House::Store(n)));
            let shops = self.shops.iter().map(|shop| shop.next_ms()).enumerate().map(|(n, at)| (at, House::Shop(n)));
            let benches = self.benches.iter().filter(|_| self.alive).map(|bench| bench.next_ms());
            let benches = benches.enumerate().map(|(n, at)| (at, House::Bench(n)));
            let due = stores.chain(shops).chain(benches).filter_map(|(at, house)| Some((at?, house)));
            let Some((at_ms, house)) = due.min().filter(|(at_ms, _)| *at_ms <= until_ms) else { break };
            let mut moment = Moment { now_ms: at_ms, rng: &mut self.house_rng, ledger: &mut self.ledger };
            let next_ms = match house {
                House::Store(n) => self.stores.get_mut(n).and_then(|store| {
                    store.settle(at_ms, moment.ledger);
                    store.next_ms()
                }),
                House::Shop(n) => self.shops.get_mut(n).and_then(|shop| {
                    shop.settle(&mut moment);
                    shop.next_ms()
                }),
                House::Bench(n) => self.benches.get_mut(n).and_then(|bench| {
                    bench.work(&mut moment, &mut self.truth);
                    bench.next_ms()
                }),
            };
            debug_assert!(next_ms.is_none_or(|next| next > at_ms), "{house:?} does not move on from {at_ms}");
            if next_ms.is_some_and(|next| next <= at_ms) {
                break;
            }
        }
    }

    /// Who acts first until then, and when. Ties go to whoever comes first in the list.
    fn next_person(&self, until_ms: i64) -> Option<(usize, i64)> {
        let due = self.people.iter().enumerate().filter_map(|(index, person)| Some((index, person.actor.next_ms()?)));
        due.filter(|(_, at_ms)| *at_ms <= until_ms).min_by_key(|(index, at_ms)| (*at_ms, *index))
    }

    /// What the people see and touch, for tests that play a person.
    pub fn scene<R>(&mut self, act: impl FnOnce(&mut Scene<'_>) -> R) -> R {
        let mut scene = Scene {
            now_ms: self.now_ms,
            rng: &mut self.rng,
            stores: &mut self.stores,
            hubs: &mut self.hubs,
            shops: &mut self.shops,
            benches: &mut self.benches,
            ledger: &mut self.ledger,
            truth: &mut self.truth,
        };
        act(&mut scene)
    }

    /// From now on every exchange with the account fails so; `None`: it works again.
    pub fn breaks(&mut self, account: &str, fault: Option<Fault>) {
        if let Some(fault) = fault {
            self.broken.insert(account.to_owned(), fault)
        } else {
            self.refused_until.remove(account);
            self.broken.remove(account)
        };
    }

    /// Answers one request to one account: life first, then what goes wrong, then the platform.
    pub fn handle(&mut self, account: &str, request: &http::Request<Vec<u8>>, now_ms: i64) -> Reply {
        self.advance(now_ms);
        let (fault, mut reply) = self.reply(account, request);
        if let Reply::Answer { response, .. } = &mut reply {
            if fault != Some(Fault::Throttled) && is_one_too_many(response) {
                *self.turned_away.entry(account.to_owned()).or_default() += 1;
            }
            // Every platform tells the time; clients judge their own clock by it.
            let moment = chrono::DateTime::from_timestamp_millis(self.now_ms).unwrap_or_default();
            let date = moment.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
            if let Ok(date) = http::HeaderValue::from_str(&date) {
                response.headers_mut().entry(http::header::DATE).or_insert(date);
            }
        }
        reply
    }

    /// What goes wrong with this exchange, and what comes of it.
    fn reply(&mut self, account: &str, request: &http::Request<Vec<u8>>) -> (Option<Fault>, Reply) {
        let now_ms = self.now_ms;
        let drawn = self.faults.draw(request.uri().path(), request.body(), self.rng.random());
        let drawn = drawn.filter(|fault| {
            self.occurrences
                .may(|| format!("{fault:?} at {account}, {} {}, at {now_ms}", request.method(), request.uri().path()))
        });
        let spell = self.faults.spell(account, now_ms);
        let spell = spell.filter(|(_, share)| self.spell_rng.random_bool(share.clamp(0.0, 1.0)));
        let fault = self.broken.get(account).copied().or(spell.map(|(fault, _)| fault)).or(drawn);
        (fault, self.reply_with(fault, account, request))
    }

    fn reply_with(&mut self, fault: Option<Fault>, account: &str, request: &http::Request<Vec<u8>>) -> Reply {
        let now_ms = self.now_ms;
        let (from, to) = self.latency_ms;
        let after_ms = self.rng.random_range(from..=to.max(from));
        let Some(stand_in) = find(&mut self.stores, &mut self.hubs, &mut self.shops, &mut self.benches, account) else {
            return Reply::Answer { response: plain(404, "text/plain", "no such account in this sandbox"), after_ms };
        };
        if let Some(until_ms) = self.refused_until.get(account) {
            if now_ms < *until_ms {
                return Reply::Answer { response: stand_in.unauthorized(request), after_ms };
            }
            self.refused_until.remove(account);
        }
        let mut moment = Moment { now_ms, rng: &mut self.rng, ledger: &mut self.ledger };
        let answer = |response| Reply::Answer { response, after_ms };
        match fault {
            None => answer(stand_in.handle(request, &mut moment)),
            Some(Fault::Throttled) => answer(stand_in.throttled(request, &mut moment)),
            Some(Fault::ServerError) => answer(server_error(moment.rng)),
            Some(Fault::ServerErrorAfterCommit) => {
                let _ = stand_in.handle(request, &mut moment);
                answer(server_error(moment.rng))
            }
            Some(Fault::LostBeforeCommit) => Reply::Dropped { after_ms },
            Some(Fault::LostAfterCommit) => {
                let _ = stand_in.handle(request, &mut moment);
                Reply::Dropped { after_ms }
            }
            Some(Fault::Slow) => {
                let response = stand_in.handle(request, &mut moment);
                Reply::Answer { response, after_ms: moment.rng.random_range(5_000..=40_000) }
            }
            Some(Fault::Forgotten) => {
                let mut dream = Ledger::default();
                let mut asleep = Moment { now_ms, rng: moment.rng, ledger: &mut dream };
                match stand_in.pretend(request, &mut asleep) {
                    Some(response) => {
                        if dream.is_of_client() {
                            *self.forgotten.entry(account.to_owned()).or_default() += 1;
                        } else {
                            // Nothing was written, so nothing was forgotten: what happened meanwhile did happen.
                            moment.ledger.entries.append(&mut dream.entries);
                        }
                        answer(response)
                    }
                    None => answer(stand_in.handle(request, &mut moment)),
                }
            }
            Some(Fault::Truncated) => answer(truncated(stand_in.handle(request, &mut moment), moment.rng)),
            Some(Fault::Html) => {
                // A sign-in page of the network never lets the request through; a proxy that gave up may have.
                if moment.rng.random_bool(0.5) {
                    return answer(plain(200, "text/html; charset=utf-8", PORTAL));
                }
                if moment.rng.random_bool(0.5) {
                    let _ = stand_in.handle(request, &mut moment);
                }
                answer(plain(502, "text/html", PROXY))
            }
            Some(Fault::Html403) => answer(plain(403, "text/html; charset=utf-8", PORTAL)),
            Some(Fault::Html404) => answer(plain(404, "text/html", PROXY)),
            Some(Fault::Revoked) => answer(stand_in.unauthorized(request)),
            Some(Fault::DuplicatePage) => answer(quirky(stand_in, ListQuirk::DuplicatePage, request, &mut moment)),
            Some(Fault::ReorderedPage) => answer(quirky(stand_in, ListQuirk::ReorderedPage, request, &mut moment)),
            Some(Fault::LateIndex) => answer(quirky(stand_in, ListQuirk::LateIndex, request, &mut moment)),
            Some(Fault::ExpiredToken) => {
                if stand_in.expire_tokens() {
                    return answer(stand_in.handle(request, &mut moment));
                }
                let until_ms = now_ms + moment.rng.random_range(15_000..=60_000);
                let response = stand_in.unauthorized(request);
                self.refused_until.insert(account.to_owned(), until_ms);
                answer(response)
            }
        }
    }
}

fn find<'a>(
    stores: &'a mut [Shopify],
    hubs: &'a mut [ShipStation],
    shops: &'a mut [Box<dyn Shop>],
    benches: &'a mut [Box<dyn Bench>],
    account: &str,
) -> Option<&'a mut dyn StandIn> {
    let stores = stores.iter_mut().map(|store| store as &mut dyn StandIn);
    let hubs = hubs.iter_mut().map(|hub| hub as &mut dyn StandIn);
    let shops = shops.iter_mut().map(|shop| shop.as_mut() as &mut dyn StandIn);
    let benches = benches.iter_mut().map(|bench| bench.as_mut() as &mut dyn StandIn);
    stores.chain(hubs).chain(shops).chain(benches).find(|one| one.account() == account)
}

fn quirky(
    stand_in: &mut dyn StandIn,
    quirk: ListQuirk,
    request: &http::Request<Vec<u8>>,
    moment: &mut Moment<'_>,
) -> http::Response<Vec<u8>> {
    stand_in.set_list_quirk(Some(quirk));
    let response = stand_in.handle(request, moment);
    stand_in.set_list_quirk(None);
    response
}

const PORTAL: &str = "<!DOCTYPE html><html><head><title>Harbour Wi-Fi</title></head><body><h1>Welcome</h1><form action=\"/accept\">\
<button>Accept the terms</button></form></body></html>";
const PROXY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n\
<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

/// The platform says "too many calls": by its status, or (Shopify) in the errors that an answer to a query begins with.
pub fn is_one_too_many(response: &http::Response<Vec<u8>>) -> bool {
    let begin = response.body().get(..120).unwrap_or_default();
    let says = || begin.windows(11).any(|at| at == b"\"THROTTLED\"");
    response.status() == http::StatusCode::TOO_MANY_REQUESTS || begin.starts_with(b"{\"errors\"") && says()
}

fn server_error(rng: &mut SmallRng) -> http::Response<Vec<u8>> {
    match rng.random_range(0..4) {
        0 => plain(500, "application/json", "{\"errors\":\"Internal Server Error\"}"),
        1 => plain(502, "text/html", PROXY),
        2 => plain(503, "text/plain", "Service Unavailable"),
        _ => plain(504, "text/plain", "upstream request timeout"),
    }
}

/// The same answer, its body cut off somewhere. It says nothing of the length it should have had.
fn truncated(response: http::Response<Vec<u8>>, rng: &mut SmallRng) -> http::Response<Vec<u8>> {
    let (mut head, mut body) = response.into_parts();
    head.headers.remove(http::header::CONTENT_LENGTH);
    if body.len() > 1 {
        body.truncate(rng.random_range(1..body.len()));
    }
    http::Response::from_parts(head, body)
}

/// A whole answer in one line.
pub(crate) fn plain(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> http::Response<Vec<u8>> {
    let mut response = http::Response::new(body.into());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(content_type));
    response
}
