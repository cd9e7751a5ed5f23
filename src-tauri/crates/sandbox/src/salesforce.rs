//! One Salesforce org, as its REST API shows it to a client.
//!
//! ```text
//! door.rs    HTTP: versions, limits, records, composite, collections, queries, bulk jobs
//! signin.rs  the browser's page, tokens, sessions and their rotation
//! schema.rs  objects and fields    state.rs  records, and questions about them
//! soql.rs    questions             write.rs  the rules of an org before anything changes
//! bulk.rs    jobs and tables       people.rs what sellers and staff do
//! ```
//!
//! Left out: everything a client of opportunities and records never touches (Apex,
//! metadata, reports, chatter, files), SOAP, streaming, Composite Graph, what a record
//! type changes beyond its lists, and the sharing model beyond hidden objects and fields.

mod bulk;
mod door;
mod people;
mod plan;
mod schema;
pub mod signin;
pub mod soql;
pub mod state;
mod write;

pub use plan::{Narrowed, Plan, Rule};

use crate::merchant::shop::Shop;
use crate::sandbox::plain;
use crate::{Account, ListQuirk, Meter, Moment, StandIn};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use schema::{Object, STAGES, objects};
use serde_json::{Value as Json, json};
use signin::{Code, Session};
use state::State;
use std::collections::BTreeMap;

/// Rows behind a locator.
#[derive(Debug, Clone)]
struct Locator {
    session: String,
    rows: Vec<Json>,
    total: usize,
}

/// One org.
pub struct Salesforce {
    plan: Plan,
    state: State,
    org_id: String,
    user_id: String,
    sessions: BTreeMap<String, Session>,
    /// Refresh token → last use, ms UTC.
    refresh_tokens: BTreeMap<String, i64>,
    codes: BTreeMap<String, Code>,
    cursors: BTreeMap<String, Locator>,
    locators: u64,
    jobs: BTreeMap<String, bulk::Job>,
    /// When calls were made, ms UTC, of the last 24 hours.
    calls: Vec<i64>,
    /// Those of them that the client made.
    own_calls: Vec<i64>,
    /// Calls ever made.
    spent: u64,
    quirk: Option<ListQuirk>,
    last_page: Vec<Json>,
    /// Opportunities sellers made, oldest first.
    placed: Vec<String>,
    deals: u64,
    /// Fields that were locked, by object and name, and what one might do with them before: make, change.
    locked: BTreeMap<(String, String), (bool, bool)>,
    /// Chance of ids and tokens.
    rng: SmallRng,
}

/// For [`crate::extras`].
pub fn shop(seed: u64, start_ms: i64) -> Box<dyn Shop> {
    Box::new(Salesforce::new(Plan::harbour_trade(), seed, start_ms))
}

impl Salesforce {
    /// An org with its stages and no deals.
    pub fn new(plan: Plan, seed: u64, start_ms: i64) -> Self {
        let mut state = State { objects: objects(), ..State::default() };
        let user_id = state.id("005");
        let opened_ms = start_ms - 400 * 86_400_000;
        let org_id = state.put(
            "Organization",
            None,
            &json!({
                "Name": plan.title, "OrganizationType": "Enterprise Edition", "IsSandbox": false,
                "TimeZoneSidKey": "America/New_York", "InstanceName": "USA12S",
            }),
            opened_ms,
        );
        for (i, (name, closed, won)) in STAGES.iter().enumerate() {
            state.put("OpportunityStage", None, &json!({
                "MasterLabel": name, "ApiName": name, "IsActive": true, "SortOrder": i + 1, "IsClosed": closed, "IsWon": won,
            }), opened_ms);
        }
        Self {
            plan,
            state,
            org_id,
            user_id,
            sessions: BTreeMap::new(),
            refresh_tokens: BTreeMap::new(),
            codes: BTreeMap::new(),
            locked: BTreeMap::new(),
            cursors: BTreeMap::new(),
            locators: 0,
            jobs: BTreeMap::new(),
            calls: Vec::new(),
            own_calls: Vec::new(),
            spent: 0,
            quirk: None,
            last_page: Vec::new(),
            placed: Vec::new(),
            deals: 0,
            rng: SmallRng::seed_from_u64(seed ^ 0x5a1e_5f0c),
        }
    }

    /// What kind of org it is.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What an admin changes in the middle of a test (a field hidden, a rule added).
    pub fn plan_mut(&mut self) -> &mut Plan {
        &mut self.plan
    }

    /// Everything it knows.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Everything it knows, to set up a case.
    pub fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    /// Calls of the last 24 hours.
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    /// An admin switches person accounts on: people are accounts, too, and their e-mail is the account's. Companies stay
    /// the default.
    pub fn allow_person_accounts(&mut self) {
        if let Some(account) =
            self.state.object_mut("Account").filter(|account| account.field("IsPersonAccount").is_none())
        {
            account.fields.extend(schema::person_fields());
            if let Some(name) = account.field_mut("Name") {
                name.nillable = true;
            }
            if let Some(contact) = self.state.object_mut("Contact") {
                contact.fields.push(schema::twin_field());
            }
            let types = [("Company", "Company"), ("Person Account", "PersonAccount")];
            let made = self.add_record_types("Account", &types);
            for id in made.into_iter().skip(1) {
                self.state.put("RecordType", Some(id), &json!({ "IsPersonType": true }), 0);
            }
        }
    }

    /// An admin makes record types of an object: what people call them, and their developer names. The first one of an
    /// object is the default.
    pub fn add_record_types(&mut self, object: &str, types: &[(&str, &str)]) -> Vec<String> {
        if self.state.object("RecordType").is_none() {
            self.state.objects.push(schema::record_types());
        }
        if let Some(object) = self.state.object_mut(object).filter(|object| object.field("RecordTypeId").is_none()) {
            object.fields.push(schema::record_type_field());
        }
        let make = |(name, developer): &(&str, &str)| {
            let values = json!({ "Name": name, "DeveloperName": developer, "SobjectType": object, "IsActive": true, "IsPersonType": false });
            self.state.put("RecordType", None, &values, 0)
        };
        types.iter().map(make).collect()
    }

    /// Calls other programs of the org make.
    pub fn others_call(&mut self, times: usize, now_ms: i64) {
        self.calls.extend(std::iter::repeat_n(now_ms, times));
    }

    /// The objects as this user may see them.
    fn seen_objects(&self) -> Vec<Object> {
        let hidden =
            |object: &str, field: &str| self.plan.hidden.iter().any(|name| *name == format!("{object}.{field}"));
        let locked =
            |object: &str, field: &str| self.plan.read_only.iter().any(|name| *name == format!("{object}.{field}"));
        let base = objects();
        self.state
            .objects
            .iter()
            .filter(|object| !self.plan.no_access.contains(&object.name))
            .map(|object| {
                let mut seen = object.clone();
                // What an admin gave back is there again.
                if let Some(base) = base.iter().find(|base| base.name == object.name) {
                    for field in &base.fields {
                        if seen.field(&field.name).is_none() {
                            seen.fields.push(field.clone());
                        }
                    }
                }
                seen.fields.retain(|field| !hidden(&object.name, &field.name));
                for field in seen.fields.iter_mut().filter(|field| locked(&object.name, &field.name)) {
                    (field.createable, field.updateable) = (false, false);
                }
                seen
            })
            .collect()
    }

    /// What an admin unlocked can be written again.
    fn give_back(&mut self) {
        let Self { plan, state, locked, .. } = self;
        locked.retain(|(object, name), may| {
            let still = plan.read_only.iter().any(|known| *known == format!("{object}.{name}"));
            if !still && let Some(field) = state.object_mut(object).and_then(|object| object.field_mut(name)) {
                (field.createable, field.updateable) = *may;
            }
            still
        });
    }

    /// Questions and writes know only what this user may see.
    fn apply_permissions(&mut self) {
        if self.plan.hidden.is_empty() && self.plan.read_only.is_empty() && self.plan.no_access.is_empty() {
            return;
        }
        let keep: Vec<Object> =
            self.state.objects.iter().filter(|object| self.plan.no_access.contains(&object.name)).cloned().collect();
        let base = objects();
        for name in &self.plan.read_only {
            let Some((object, field)) = name.split_once('.') else { continue };
            // One that was hidden before is as it was made.
            let before = self.state.object(object).and_then(|object| object.field(field));
            let made = || base.iter().find(|one| one.name == object).and_then(|object| object.field(field));
            let Some(found) = before.or_else(made) else { continue };
            let may = (found.createable, found.updateable);
            self.locked.entry((object.to_owned(), field.to_owned())).or_insert(may);
        }
        let mut seen = self.seen_objects();
        for mut object in keep {
            object.fields.clear();
            seen.push(object);
        }
        self.state.objects = seen;
    }
}

impl StandIn for Salesforce {
    fn platform(&self) -> &'static str {
        "salesforce"
    }
    fn account(&self) -> &str {
        &self.plan.account
    }
    fn handle(&mut self, request: &http::Request<Vec<u8>>, moment: &mut Moment<'_>) -> http::Response<Vec<u8>> {
        self.answer(request, moment)
    }
    fn meters(&self) -> Vec<Meter> {
        // The last 24 hours count, whenever they began: in the long run as much as a window of a day.
        let per_s = self.plan.calls_max as f64 / 86_400.0;
        vec![Meter { name: "calls of a day".to_owned(), spent: self.spent as f64, per_s, burst: 0.0 }]
    }
    fn throttled(&mut self, _request: &http::Request<Vec<u8>>, _moment: &mut Moment<'_>) -> http::Response<Vec<u8>> {
        crowded()
    }
    fn unauthorized(&mut self, _request: &http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
        signin::expired()
    }
    fn card(&self) -> Account {
        self.plan.card()
    }
    fn expire_tokens(&mut self) -> bool {
        self.sessions.clear();
        true
    }
    fn pretend(
        &mut self,
        request: &http::Request<Vec<u8>>,
        moment: &mut Moment<'_>,
    ) -> Option<http::Response<Vec<u8>>> {
        // Signing in writes nothing, and sessions live beside the records.
        if *request.method() == http::Method::GET || !request.uri().path().starts_with("/services/data") {
            return None;
        }
        let before = self.state.clone();
        let response = self.handle(request, moment);
        if moment.ledger.is_of_client() {
            self.state.forget_since(before);
        }
        Some(response)
    }
    fn as_any(&mut self) -> Option<&mut dyn std::any::Any> {
        Some(self)
    }
    fn set_list_quirk(&mut self, quirk: Option<ListQuirk>) {
        self.quirk = quirk;
    }
}

impl std::fmt::Debug for Salesforce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Salesforce")
            .field("account", &self.plan.account)
            .field("deals", &self.placed.len())
            .finish_non_exhaustive()
    }
}

/// Too many long calls at once.
fn crowded() -> http::Response<Vec<u8>> {
    let body = json!([{ "message": "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED" }]);
    plain(403, "application/json;charset=UTF-8", body.to_string())
}

/// A random word of that many letters and digits.
fn word(rng: &mut SmallRng, length: usize) -> String {
    const LETTERS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    (0..length).filter_map(|_| LETTERS.get(rng.random_range(0..LETTERS.len()))).map(|byte| char::from(*byte)).collect()
}
