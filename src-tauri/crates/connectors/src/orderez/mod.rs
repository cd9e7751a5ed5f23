//! Orderez: a hub whose API is described by a profile file, because no full reference of it is public.
//!
//! ```text
//! mod.rs      declaration, form checks, the connector    client.rs    the only file that speaks HTTP
//! profile.rs  the file: schema, checks, expressions      expr.rs      JMESPath with limits
//! capability.rs  what a profile switches on              request.rs   one request, rendered; pure
//! read.rs     streams        paging.rs  styles of lists  translate.rs theirs → model, pure
//! perform.rs  effects        confirm.rs do they hold?    compose.rs   model → canonical record, pure
//! stock.rs    counts, read and set               verdicts.rs answers → verdicts
//! products.rs  products, made and changed    customers.rs  customers, known again and kept
//! refunds.rs  refunds in their books         warehouses.rs  what a rule's word for a place means
//! preflight.rs
//! mapping.rs  what the mapping screen shows              import.rs    collections → profiles
//! edit.rs     one thing of a profile changed             csv_orders.rs  an export read by mapped columns
//! ```
//! No path, field or parameter of the API stands in this code; a profile
//! (`profiles/`) names them all, and whatever a profile lacks is switched off.
//! Left out: accepting orders. At the vendor that creates accounting documents
//! which going back does not remove.

mod capability;
mod client;
mod compose;
mod confirm;
mod csv_orders;
mod customers;
mod edit;
mod expr;
mod hub;
mod import;
mod kept;
mod mapping;
mod paging;
mod perform;
mod preflight;
mod products;
mod profile;
mod read;
mod refunds;
mod request;
mod settings;
mod stock;
mod translate;
mod verdicts;
mod warehouses;
mod whole;

#[cfg(test)]
mod tests;

pub use capability::Offered;
pub use profile::ProfileProblem;

use crate::connector::FieldProblem;
use crate::discreet::discreet;
use crate::profiles::{FORMER, Former, ProfileKit};
use crate::{Ask, Budget, Connector, Platform, Priority, ReadError, Setup, Task, fields};
use async_trait::async_trait;
use hub::Hub;
use profile::Profile;
use quayside_model::{
    Cause, Confirmation, CredentialField, Declaration, ExposeSecret, FieldShape, Incoming, IntentKind, Lifetime,
    MatchKey, Page, Preflight, Price, RecordKind, Refusal, Role, SecretString, StreamDecl, Take, Verdict, Way, Written,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

const HOST: &str = "host";
const API_KEY: &str = "api_key";
const PROFILE: &str = "profile";
const INPUTS: &str = "inputs";

/// Way of signing in whose profile a person supplies.
const OWN: &str = "own";

const FIELD_HOST: CredentialField = CredentialField {
    name: HOST,
    label: "API host",
    help: "The host name of the account's API, as the vendor gave it to you.",
    placeholder: "api.example.com",
    secret: false,
    optional: false,
    shape: FieldShape::Host,
};
const FIELD_SUPPLIER_HOST: CredentialField = CredentialField { placeholder: "api-staging.orderez.co", ..FIELD_HOST };
const FIELD_API_KEY: CredentialField = CredentialField {
    name: API_KEY,
    label: "API key",
    help: "Issued by the vendor on request. Without the word \"Bearer\".",
    placeholder: "paste the key",
    secret: true,
    optional: false,
    shape: FieldShape::Token,
};
const FIELD_PROFILE: CredentialField = CredentialField {
    name: PROFILE,
    label: "Profile",
    help: "A file (YAML or JSON) that says where the account's orders are and how they are sent. Make one from a shipped profile, or from the vendor's Postman collection.",
    placeholder: "/home/me/orderez.yaml",
    secret: false,
    optional: false,
    shape: FieldShape::Profile,
};
const FIELD_INPUTS: CredentialField = CredentialField {
    name: INPUTS,
    label: "Further values",
    help: "Values the profile asks for besides host and key, one per line: name = value.",
    placeholder: "tenant = harbour",
    secret: false,
    optional: true,
    shape: FieldShape::Text,
};

/// What Orderez says about itself. What one account performs and reads depends on its profile: see [`Preflight`].
pub static DECLARATION: Declaration = Declaration {
    platform: "orderez",
    title: "Orderez",
    roles: &[Role::Hub],
    summary: "Order desk of a warehouse or supplier. What it can do depends on the account's profile.",
    ways: &[
        Way {
            id: "assumed-contract",
            title: "Assumed contract",
            steps: &[
                "Ask the vendor for an API key and the host name of your account's API.",
                "Enter both. The test shows which abilities the account has; nothing is promised before.",
                "If the test says that answers do not fit, use a profile of your own.",
            ],
            fields: &[FIELD_HOST, FIELD_API_KEY],
        },
        Way {
            id: "orderez-co-supplier",
            title: "OrderEZ supplier account (orderez.co)",
            steps: &[
                "Ask the vendor for an access token. Sandbox accounts are issued on request, too.",
                "The vendor's paths are not public: with this profile alone, orders are entered by hand from a list and read from the CSV export.",
                "Ask the vendor for the Postman collection and import it to fill the paths in.",
            ],
            fields: &[FIELD_SUPPLIER_HOST, FIELD_API_KEY],
        },
        Way {
            id: OWN,
            title: "Profile of my own",
            steps: &[
                "Ask the vendor for the Postman collection or the OpenAPI file of your account's API, and enter host and key.",
                "Open the profile: import the file, or begin with a profile that comes with Quayside.",
                "Paste or fetch a sample answer to see what is found, and look at the exact request before anything is sent.",
            ],
            fields: &[FIELD_HOST, FIELD_API_KEY, FIELD_PROFILE, FIELD_INPUTS],
        },
    ],
    streams: &[
        StreamDecl {
            name: capability::ORDERS,
            title: "Orders",
            record: RecordKind::HubOrder,
            interval_s: 60,
            backfill: false,
        },
        StreamDecl {
            name: capability::FULFILLMENTS,
            title: "Parcels",
            record: RecordKind::Parcel,
            interval_s: 60,
            backfill: false,
        },
        StreamDecl {
            name: capability::PRODUCTS,
            title: "Products",
            record: RecordKind::Product,
            interval_s: 86_400,
            backfill: true,
        },
        StreamDecl {
            name: capability::STOCK,
            title: "Stock by warehouse",
            record: RecordKind::Stock,
            interval_s: 900,
            backfill: true,
        },
    ],
    performs: &[
        IntentKind::PutHubOrder,
        IntentKind::CancelHubOrder,
        IntentKind::HoldHubOrder,
        IntentKind::ReleaseHubOrder,
        IntentKind::SetStock,
        IntentKind::PutProduct,
        IntentKind::PutRecord,
        IntentKind::RecordRefund,
    ],
    batch_max: &[],
    prices: &[
        Price::new(Some(IntentKind::RecordRefund), &[Take { bucket: client::BUCKET, cost: 3.0 }]),
        Price::new(None, &[Take { bucket: client::BUCKET, cost: 1.0 }]),
    ],
    choices: &[],
    refunds: None,
    customer_keys: &[MatchKey::Reference, MatchKey::Email, MatchKey::Phone, MatchKey::NamePostcode],
    badges: &[],
    personal_data_days: None,
    tells_delivery: true,
    no_buyer_mail: None,
    keeps: kept::KEPT,
    api: &[],
    lasting: &[
        ("assumed-contract", Lifetime::Untold),
        ("orderez-co-supplier", Lifetime::Untold),
        (OWN, Lifetime::Untold),
    ],
    settings: &[],
};

/// Orderez's entry in the registry.
pub const PLATFORM: Platform = Platform { kit: Some(&KIT), ..Platform::new(&DECLARATION, check_fields, open) };

/// What the mapping screen, the terminal and the CSV import may ask.
pub static KIT: ProfileKit = ProfileKit {
    shipped: mapping::shipped,
    check: mapping::check,
    entities: mapping::entities,
    preview: mapping::preview,
    dry_run: mapping::dry_run,
    edit: edit::edit,
    import: import::import,
    csv_preview: csv_orders::preview,
    csv_read: csv_orders::read,
};

/// Looks at filled-in fields before anything is sent. A profile given as a file is read here, once: what is stored with
/// the connection is its text, so that moving the file changes nothing.
fn check_fields(
    way: &str,
    filled: &BTreeMap<String, String>,
    stand_in: bool,
) -> Result<BTreeMap<String, String>, Vec<FieldProblem>> {
    let Some(way) = DECLARATION.ways.iter().find(|known| known.id == way) else {
        let ways: Vec<&str> = DECLARATION.ways.iter().map(|way| way.id).collect();
        let sentence = format!("Orderez has no way to sign in called \"{way}\". Choose one of: {}.", ways.join(", "));
        return Err(vec![FieldProblem { field: "way".into(), sentence }]);
    };
    let mut cleaned = fields::clean(way, filled);
    let mut problems = fields::missing(way, &cleaned);
    let mut problem = |field: &str, sentence: String| problems.push(FieldProblem { field: field.to_owned(), sentence });
    if let Some(given) = cleaned.get(PROFILE).filter(|given| !given.is_empty()).cloned() {
        match profile_text(&given) {
            Ok(text) => drop(cleaned.insert(PROFILE.to_owned(), text)),
            Err(why) => problem(PROFILE, why),
        }
    }
    if let Some(text) = text_of(way.id, &cleaned) {
        match Profile::parse(&text) {
            Ok(profile) => {
                for (field, sentence) in input_problems(&profile, &cleaned) {
                    problem(field, sentence);
                }
            }
            Err(faults) if way.id == OWN && problems_free(&cleaned) => {
                let first: Vec<String> = faults.iter().take(3).map(ToString::to_string).collect();
                let more = faults.len().saturating_sub(3);
                let tail = if more > 0 { format!(" And {more} more.") } else { String::new() };
                problem(PROFILE, format!("The profile cannot be used. {}{tail}", first.join(" ")));
            }
            Err(_) => {}
        }
    }
    if !stand_in && cleaned.get(API_KEY).is_some_and(|key| !key.is_empty() && key.len() < 6) {
        problem(API_KEY, "This is too short to be a key. Copy it whole.".into());
    }
    if problems.is_empty() { Ok(cleaned) } else { Err(problems) }
}

/// The profile field holds something to look at.
fn problems_free(cleaned: &BTreeMap<String, String>) -> bool {
    cleaned.get(PROFILE).is_some_and(|text| !text.is_empty())
}

/// The text itself, or that of the file it names.
fn profile_text(given: &str) -> Result<String, String> {
    if given.contains('\n') || given.trim_start().starts_with('{') {
        return Ok(given.to_owned());
    }
    if let Some(shipped) = Profile::shipped(given.trim()) {
        return Ok(shipped.to_owned());
    }
    let too_large = |bytes: u64| bytes > profile::FILE_MAX as u64;
    let path = std::path::Path::new(given.trim());
    match std::fs::metadata(path) {
        Ok(file) if !file.is_file() => Err(format!("{given} is not a file. Give the file itself, or paste its text.")),
        Ok(file) if too_large(file.len()) => Err(format!("{given} is too large to be a profile.")),
        Ok(_) => std::fs::read_to_string(path).map_err(|error| format!("{given} cannot be read ({error}).")),
        Err(error) => Err(format!(
            "{given} is neither a profile's text, nor a shipped profile, nor a file that can be read ({error})."
        )),
    }
}

/// The profile a connection of this way speaks by.
fn text_of(way: &str, fields: &BTreeMap<String, String>) -> Option<String> {
    match Profile::shipped(way) {
        Some(text) => Some(text.to_owned()),
        None => fields.get(PROFILE).filter(|text| !text.trim().is_empty()).cloned(),
    }
}

/// Values for the profile's inputs: the host, and what stands in "further values".
fn values_of(fields: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for line in fields.get(INPUTS).map(String::as_str).unwrap_or_default().lines() {
        if let Some((name, value)) = line.split_once('=') {
            values.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
    if let Some(host) = fields.get(HOST) {
        values.insert(HOST.to_owned(), host.clone());
    }
    values
}

fn input_problems(profile: &Profile, cleaned: &BTreeMap<String, String>) -> Vec<(&'static str, String)> {
    let values = values_of(cleaned);
    let mut problems = Vec::new();
    for input in profile.inputs.iter().filter(|input| !input.secret) {
        let field = if input.name == HOST { HOST } else { INPUTS };
        let value = values.get(&input.name).filter(|value| !value.is_empty()).or(input.default.as_ref());
        match value {
            None if input.name == HOST => {}
            None => problems.push((field, format!("The profile asks for \"{}\" ({} = …).", input.label, input.name))),
            Some(value) => {
                let fits = input.pattern.as_ref().is_none_or(|pattern| profile::matches(pattern, value));
                if !fits || value.contains(['/', '@', '?', '#', '\\', ' ']) {
                    problems
                        .push((field, format!("\"{value}\" is not what the profile expects of \"{}\".", input.label)));
                }
            }
        }
    }
    if problems.is_empty()
        && values.get(HOST).is_some_and(|host| !host.is_empty())
        && let Err(why) = profile.base(&values)
    {
        problems.push((HOST, why));
    }
    problems
}

/// Makes a connector. Sends nothing.
#[expect(clippy::needless_pass_by_value, reason = "the registry opens every connector with a setup of its own")]
fn open(setup: Setup) -> Result<Arc<dyn Connector>, Refusal> {
    let config = setup.config.clone();
    let refuse =
        |why: String| Refusal::new(Cause::ContentRefused, format!("{} (Orderez): {why}", config.name)).about(PROFILE);
    let text = text_of(&config.way, &config.fields)
        .ok_or_else(|| refuse("the connection has no profile. Enter one under \"New credentials\".".into()))?;
    let profile = Profile::parse(&text).map_err(|problems| {
        let first = problems.first().map(ToString::to_string).unwrap_or_default();
        refuse(format!("the profile cannot be used. {first}"))
    })?;
    let base = profile.base(&values_of(&config.fields)).map_err(refuse)?;
    let key = setup.secrets.get(API_KEY).filter(|key| !key.expose_secret().is_empty()).cloned();
    let known_by = key.as_ref().map(|key| format!("key:{}", hub::named(key.expose_secret()).replace('-', "")));
    let profile = Arc::new(profile);
    let host = base.host_str().unwrap_or_default().to_owned();
    let client = client::Client::open(setup.clone(), profile.clone(), &base, key.clone(), None)?;
    let unspoken = client.unspoken();
    let kept = config.settings.get(FORMER).cloned().unwrap_or_default();
    let kept: Vec<Former> = serde_json::from_value(kept).unwrap_or_default();
    let former =
        kept.into_iter().filter_map(|one| former(one, &setup, &profile, key.clone(), client.budget())).collect();
    let hub = Hub::new(client, profile, config.id.clone(), config.name.clone());
    let revision = preflight::revision(&text);
    let known_by = known_by.unwrap_or_default();
    Ok(discreet(Orderez { hub, former, refused: Mutex::default(), host, revision, known_by }, unspoken))
}

/// The account as it was described before. One that cannot be spoken to any more gives way to how it is described now.
fn former(
    kept: Former,
    setup: &Setup,
    now: &Profile,
    key: Option<SecretString>,
    budget: &Arc<Budget>,
) -> Option<FormerHub> {
    let text = text_of(&kept.way, &kept.fields)?;
    let mut profile = Profile::parse(&text).ok()?;
    // One account has one allowance.
    profile.limits = now.limits;
    let base = profile.base(&values_of(&kept.fields)).ok()?;
    let profile = Arc::new(profile);
    let client = client::Client::open(setup.clone(), profile.clone(), &base, key, Some(budget.clone())).ok()?;
    let hub = Hub::new(client, profile, setup.config.id.clone(), setup.config.name.clone());
    Some(FormerHub { hub, revision: preflight::revision(&text), begun: kept.begun.into_iter().collect() })
}

/// See [`former`].
struct FormerHub {
    hub: Hub,
    revision: String,
    /// Keys of the effects that end by it.
    begun: BTreeSet<String>,
}

/// One signed-in account.
struct Orderez {
    hub: Hub,
    /// How it was described before, for what was begun so.
    former: Vec<FormerHub>,
    /// Effects that were begun under a former profile and ended with a refusal: another try is by the profile of now.
    refused: Mutex<BTreeSet<String>>,
    host: String,
    revision: String,
    /// The account as its key names it: a profile that learns to ask for the account's id speaks of the same one.
    known_by: String,
}

impl Orderez {
    /// The account as it was described when an effect was begun, and that description's revision.
    fn begun_under(&self, key: &str) -> (&Hub, &str) {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner).contains(key);
        let former = self.former.iter().find(|former| !refused && former.begun.contains(key));
        former.map_or((&self.hub, self.revision.as_str()), |former| (&former.hub, former.revision.as_str()))
    }
}

#[async_trait]
impl Connector for Orderez {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    async fn preflight(&self) -> Preflight {
        preflight::run(&self.hub, &self.host, &self.revision, &self.known_by).await
    }

    async fn read(&self, ask: &Ask<'_>) -> Result<Page, ReadError> {
        read::page(&self.hub, ask).await
    }

    async fn read_one(
        &self,
        kind: RecordKind,
        remote_id: &str,
        priority: Priority,
    ) -> Result<Option<Incoming>, ReadError> {
        read::one(&self.hub, kind, remote_id, priority).await
    }

    async fn sample(&self, entity: &str) -> Result<String, ReadError> {
        read::sample(&self.hub, entity).await
    }

    async fn perform(&self, tasks: &[Task<'_>]) -> Vec<Verdict> {
        let mut verdicts = Vec::with_capacity(tasks.len());
        for task in tasks {
            let (hub, revision) = self.begun_under(task.key);
            let verdict = perform::perform(hub, task).await;
            if matches!(verdict, Verdict::NeedsPerson(_)) {
                self.refused.lock().unwrap_or_else(PoisonError::into_inner).insert(task.key.to_owned());
            }
            verdicts.push(perform::under_revision(verdict, revision));
        }
        verdicts
    }

    async fn confirm(&self, task: &Task<'_>) -> Confirmation {
        confirm::confirm(self.begun_under(task.key).0, task).await
    }

    fn written(&self) -> Vec<Written> {
        // What was begun under an older profile is written by that one.
        let former = self.former.iter().flat_map(|former| former.hub.customers.1.take());
        self.hub.customers.1.take().into_iter().chain(former).collect()
    }

    fn skew_ms(&self) -> Option<i64> {
        self.hub.client.skew_ms()
    }

    fn budget(&self) -> &Budget {
        self.hub.client.budget()
    }
}
