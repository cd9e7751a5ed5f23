//! ShipStation: the hub that packs and ships. Two APIs, one account.
//!
//! ```text
//! mod.rs      declaration, form checks, the connector    client.rs    the only file that speaks HTTP
//! choose.rs   which API serves a need                     wire*.rs     JSON as sent
//! read.rs     streams            paging.rs  moving lists  translate.rs wire → model, pure
//! perform.rs  put_v1.rs put_v2.rs  effects                compose*.rs  model → wire, pure
//! confirm.rs  does an effect hold?                        verdicts.rs  answers → verdicts, tables
//! preflight.rs                    tracks.rs  where parcels are    pacific.rs   V1's wall clock
//! labels.rs   bought, found again, fetched                        rates.rs     what carriers offer
//! products.rs  known products, changed
//! ```
//! Left out: webhooks (a desktop has no public address; everything is polled).

mod carriers;
mod choose;
mod client;
mod compose;
mod compose_v2;
mod confirm;
mod cut;
mod hub;
mod ids;
mod kept;
mod labels;
mod pacific;
mod paging;
mod perform;
mod preflight;
mod products;
mod put_v1;
mod put_v2;
mod rates;
mod read;
mod tracks;
mod translate;
mod verdicts;
mod wire;
mod wire_v1;
mod wire_v2;

#[cfg(test)]
mod tests;

use crate::connector::FieldProblem;
use crate::discreet::discreet;
use crate::{Ask, Budget, Connector, Platform, Priority, ReadError, Setup, Task, fields};
use async_trait::async_trait;
use choose::Abilities;
use hub::Hub;
use preflight::Keys;
use quayside_model::{
    Account, ApiVersion, Confirmation, CredentialField, Currency, Declaration, ExposeSecret, FieldShape, Incoming,
    IntentKind, LabelAsk, LabelForm, LabelQuotes, Lifetime, OwnLink, Page, Preflight, Price, RecordKind, Refusal, Role,
    SecretString, SettingDecl, SettingKind, StreamDecl, Take, Verdict, Way,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use verdicts::Speaker;

const V1_KEY: &str = "key";
const V1_SECRET: &str = "secret";
const V2_KEY: &str = "v2_key";
const EXPIRES_ON: &str = "expires_on";

/// Other names people and programs give the fields; the form's own names win.
const ALIASES: &[(&str, &str)] = &[
    ("v1_key", V1_KEY),
    ("api_key", V1_KEY),
    ("v1_secret", V1_SECRET),
    ("api_secret", V1_SECRET),
    ("v2_api_key", V2_KEY),
    ("v1_expires_on", EXPIRES_ON),
];

const FIELD_V1_KEY: CredentialField = CredentialField {
    name: V1_KEY,
    label: "V1 API Key",
    help: "The shorter name is \"API Key\"; 32 letters and digits.",
    placeholder: "0123456789abcdef0123456789abcdef",
    secret: true,
    optional: false,
    shape: FieldShape::Token,
};
const FIELD_V1_SECRET: CredentialField = CredentialField {
    name: V1_SECRET,
    label: "V1 API Secret",
    help: "Shown beside the key, once. If it is lost, make a new pair.",
    placeholder: "fedcba9876543210fedcba9876543210",
    secret: true,
    optional: false,
    shape: FieldShape::Token,
};
const FIELD_EXPIRES_ON: CredentialField = CredentialField {
    name: EXPIRES_ON,
    label: "Key pair ends on",
    help: "The day ShipStation shows beside the pair. Quayside warns 30 days before.",
    placeholder: "2027-03-31",
    secret: false,
    optional: true,
    shape: FieldShape::Day,
};
const FIELD_V2_KEY: CredentialField = CredentialField {
    name: V2_KEY,
    label: "V2 API Key",
    help: "One key, without a secret. Not the V1 key, and not a key of ShipEngine.",
    placeholder: "paste the key",
    secret: true,
    optional: false,
    shape: FieldShape::Token,
};

/// What ShipStation says about itself.
pub static DECLARATION: Declaration = Declaration {
    platform: "shipstation",
    title: "ShipStation",
    roles: &[Role::Hub],
    summary: "Packing, labels and tracking. Orders go in, parcels come back.",
    ways: &[
        Way {
            id: "both",
            title: "V1 and V2 keys",
            steps: &[
                "In ShipStation open Settings, then Account, then API Settings.",
                "Choose \"Legacy API (V1)\" and generate a key pair. Copy key and secret; the secret is shown once.",
                "Note the day on which the pair ends.",
                "Choose \"V2 API\" on the same page and generate a key. Copy it.",
            ],
            fields: &[FIELD_V1_KEY, FIELD_V1_SECRET, FIELD_EXPIRES_ON, FIELD_V2_KEY],
        },
        Way {
            id: "v1",
            title: "V1 key pair only",
            steps: &[
                "In ShipStation open Settings, then Account, then API Settings.",
                "Choose \"Legacy API (V1)\" and generate a key pair. Copy key and secret; the secret is shown once.",
                "Note the day on which the pair ends.",
            ],
            fields: &[FIELD_V1_KEY, FIELD_V1_SECRET, FIELD_EXPIRES_ON],
        },
        Way {
            id: "v2",
            title: "V2 key only",
            steps: &[
                "In ShipStation open Settings, then Account, then API Settings.",
                "Choose \"V2 API\" and generate a key. Copy it.",
                "V2 alone works for accounts without V1; where the plan has V1, give both.",
            ],
            fields: &[FIELD_V2_KEY],
        },
    ],
    streams: &[
        StreamDecl {
            name: read::ORDERS,
            title: "Orders",
            record: RecordKind::HubOrder,
            interval_s: 60,
            backfill: false,
        },
        StreamDecl {
            name: read::SHIPMENTS,
            title: "Labels",
            record: RecordKind::Parcel,
            interval_s: 120,
            backfill: false,
        },
        StreamDecl {
            name: read::VOIDS,
            title: "Voided labels",
            record: RecordKind::Parcel,
            interval_s: 600,
            backfill: false,
        },
        StreamDecl {
            name: read::FULFILLMENTS,
            title: "Marked as shipped",
            record: RecordKind::Parcel,
            interval_s: 120,
            backfill: false,
        },
        StreamDecl {
            name: read::TRACKING,
            title: "Where parcels are",
            record: RecordKind::Parcel,
            interval_s: 3_600,
            backfill: false,
        },
        StreamDecl {
            name: read::PRODUCTS,
            title: "Products",
            record: RecordKind::Product,
            interval_s: 86_400,
            backfill: true,
        },
        StreamDecl {
            name: read::STOCK,
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
        IntentKind::VoidLabel,
        IntentKind::PutProduct,
        IntentKind::BuyLabel,
        IntentKind::ReturnLabel,
    ],
    batch_max: &[(IntentKind::PutHubOrder, put_v1::BATCH_MAX)],
    // Measured: `docs/benchmarks.md`. V1 takes a hundred orders a call, V2 one, which is looked up first.
    prices: &[
        Price::new(Some(IntentKind::PutHubOrder), &[Take { bucket: "v1", cost: 0.0104 }]),
        Price::new(Some(IntentKind::PutHubOrder), &[Take { bucket: "v2", cost: 2.02 }]),
        // The order, its labels, the offers, the purchase.
        Price::new(Some(IntentKind::BuyLabel), &[Take { bucket: "v2", cost: 4.0 }]),
        Price::new(Some(IntentKind::ReturnLabel), &[Take { bucket: "v2", cost: 2.0 }]),
        Price::new(None, &[Take { bucket: "v1", cost: 2.0 }]),
        Price::new(None, &[Take { bucket: "v2", cost: 2.0 }]),
    ],
    choices: &[],
    refunds: None,
    customer_keys: &[],
    badges: &[],
    personal_data_days: None,
    // V2 tells it of labels. V1 tells it only of what was marked as shipped elsewhere, and the silence of labels says
    // nothing there: such deliveries are not counted as told.
    tells_delivery: true,
    no_buyer_mail: None,
    keeps: kept::KEPT,
    api: &[ApiVersion::new("Legacy API", "V1"), ApiVersion::new("API", "V2")],
    lasting: &[("both", Lifetime::Dated), ("v1", Lifetime::Dated), ("v2", Lifetime::Untold)],
    settings: &[
        SettingDecl {
            name: "store_id",
            label: "Store for new orders",
            help: "Number of the ShipStation store new orders go to. Empty: ShipStation's first manual store. It cannot be changed for an order that exists.",
            kind: SettingKind::Text,
            default: "",
        },
        SettingDecl {
            name: "calls_reserved",
            label: "Calls per minute left to other programs",
            help: "ShipStation allows 40 calls a minute per key pair. Other programs on the same pair need some of them.",
            kind: SettingKind::Number,
            default: "0",
        },
        SettingDecl {
            name: "remove_tags",
            label: "Take tags off",
            help: "When an order is updated, remove tags in ShipStation that the order does not have in the store. Tags the warehouse set are removed too.",
            kind: SettingKind::Toggle,
            default: "false",
        },
        SettingDecl {
            name: "filler_phone",
            label: "Telephone number where the order has none",
            help: "V2 does not take an order without a telephone number. Only used on accounts with V2 alone.",
            kind: SettingKind::Text,
            default: "0000000000",
        },
        SettingDecl {
            name: "filler_state",
            label: "State where the address has none",
            help: "V2 does not take an address without a state or province, which many countries do not have. Only used on accounts with V2 alone.",
            kind: SettingKind::Text,
            default: "-",
        },
    ],
};

/// ShipStation's entry in the registry.
pub const PLATFORM: Platform = Platform { aliases: ALIASES, ..Platform::new(&DECLARATION, check_fields, open) };

/// Looks at filled-in fields before anything is sent.
fn check_fields(
    way: &str,
    filled: &BTreeMap<String, String>,
    stand_in: bool,
) -> Result<BTreeMap<String, String>, Vec<FieldProblem>> {
    let Some(way) = DECLARATION.ways.iter().find(|known| known.id == way) else {
        let ways: Vec<&str> = DECLARATION.ways.iter().map(|way| way.id).collect();
        let sentence =
            format!("ShipStation has no way to sign in called \"{way}\". Choose one of: {}.", ways.join(", "));
        return Err(vec![FieldProblem { field: "way".into(), sentence }]);
    };
    let cleaned = fields::clean(way, filled);
    let mut problems = fields::missing(way, &cleaned);
    let mut problem = |field: &str, sentence: &str| {
        problems.push(FieldProblem { field: field.to_owned(), sentence: sentence.to_owned() });
    };
    let value = |name: &str| cleaned.get(name).map(String::as_str).filter(|text| !text.is_empty());
    if value(V1_KEY).is_some() && value(V1_KEY) == value(V1_SECRET) {
        problem(
            V1_SECRET,
            "Key and secret are the same text. The secret stands below the key in ShipStation and is another one.",
        );
    }
    for name in [V1_KEY, V1_SECRET] {
        if let Some(text) = value(name) {
            if text.contains(':') {
                problem(
                    name,
                    "This looks like key and secret in one text, with a colon between. Put each into its own field.",
                );
            } else if !stand_in && text.len() < 8 {
                problem(name, "This is too short to be a key of ShipStation. Copy it whole.");
            }
        }
    }
    if let Some(key) = value(V2_KEY) {
        if Some(key) == value(V1_KEY) || Some(key) == value(V1_SECRET) {
            problem(
                V2_KEY,
                "This is the V1 key. V2 has a key of its own, on the same page of ShipStation under \"V2 API\".",
            );
        } else if !stand_in && key.len() < 8 {
            problem(V2_KEY, "This is too short to be a key of ShipStation. Copy it whole.");
        }
    }
    if value(EXPIRES_ON).is_some_and(|day| pacific::parse_day(day).is_none()) {
        problem(EXPIRES_ON, "This is not a day. Write it like 2027-03-31, or leave it empty.");
    }
    if problems.is_empty() { Ok(cleaned) } else { Err(problems) }
}

/// Makes a connector. Sends nothing.
fn open(setup: Setup) -> Result<Arc<dyn Connector>, Refusal> {
    let config = setup.config.clone();
    let secret = |name: &str| setup.secrets.get(name).filter(|secret| !secret.expose_secret().is_empty()).cloned();
    let v1 = if config.way == "v2" { None } else { secret(V1_KEY).zip(secret(V1_SECRET)) };
    let v2 = if config.way == "v1" { None } else { secret(V2_KEY) };
    let keys = OwnKeys {
        v1: v1.is_some(),
        v2: v2.is_some(),
        v2_fingerprint: v2.as_ref().map(fingerprint).unwrap_or_default(),
    };
    let setting = |name: &str| config.setting(&DECLARATION, name).trim().trim_matches('"').to_owned();
    let reserved = setting("calls_reserved")
        .parse::<f64>()
        .ok()
        .filter(|calls| calls.is_finite())
        .map_or(0, |calls| calls.clamp(0.0, 39.0) as u32);
    let has = Abilities::of(&config.account.abilities, keys.v1, keys.v2);
    let expires_on = config.fields.get(EXPIRES_ON).filter(|day| !day.trim().is_empty()).cloned();
    let speaker = Speaker { connection: config.name.clone(), expires_on: expires_on.clone() };
    let client = client::Client::open(setup, v1.as_ref(), v2, reserved)?;
    let unspoken = client.unspoken();
    let mut hub = Hub::new(client, has, speaker);
    if let Some(code) = config.account.currency.as_deref().filter(|code| !code.is_empty()) {
        hub.currency = Currency::new(code);
    }
    hub.zone.clone_from(&config.account.time_zone);
    hub.store_id = Some(setting("store_id")).filter(|id| !id.is_empty());
    hub.fillers = compose_v2::Fillers { phone: setting("filler_phone"), state: setting("filler_state") };
    hub.removes_tags = config.toggle(&DECLARATION, "remove_tags");
    let facts = &config.account.facts;
    if let (Some(tags), Some(read_at)) = (facts.get(preflight::FACT_TAGS), facts.get(preflight::FACT_TAGS_READ_AT)) {
        hub.remember_tags(tags, read_at.parse().unwrap_or(0));
    }
    Ok(discreet(ShipStation { hub, keys, expires_on, known: config.account }, unspoken))
}

/// Names a key without giving it away: keys are long and random, so a hash tells nothing.
fn fingerprint(key: &SecretString) -> String {
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, key.expose_secret().as_bytes()).simple().to_string()
}

struct OwnKeys {
    v1: bool,
    v2: bool,
    v2_fingerprint: String,
}

/// One signed-in ShipStation account.
struct ShipStation {
    hub: Hub,
    keys: OwnKeys,
    expires_on: Option<String>,
    /// What the last preflight learned.
    known: Account,
}

#[async_trait]
impl Connector for ShipStation {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    async fn preflight(&self) -> Preflight {
        let keys = Keys {
            v1: self.keys.v1,
            v2: self.keys.v2,
            expires_on: self.expires_on.as_deref(),
            v2_fingerprint: &self.keys.v2_fingerprint,
        };
        preflight::run(&self.hub, keys, &self.known).await
    }

    async fn own_links(&self) -> Result<Option<Vec<OwnLink>>, ReadError> {
        // The newer API shows no stores.
        if self.hub.has.v1 { preflight::own_links(&self.hub).await.map(Some) } else { Ok(None) }
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

    async fn parcels_of(&self, hub_order_id: &str, priority: Priority) -> Result<Option<Page>, ReadError> {
        read::parcels_of(&self.hub, hub_order_id, priority).await.map(Some)
    }

    async fn quote_labels(&self, ask: &LabelAsk, priority: Priority) -> Result<LabelQuotes, ReadError> {
        rates::quotes(&self.hub, ask, priority).await
    }

    async fn label_file(&self, parcel_id: &str, form: LabelForm, priority: Priority) -> Result<Vec<u8>, ReadError> {
        labels::file(&self.hub, parcel_id, form, priority).await
    }

    async fn perform(&self, tasks: &[Task<'_>]) -> Vec<Verdict> {
        perform::perform(&self.hub, tasks).await
    }

    async fn confirm(&self, task: &Task<'_>) -> Confirmation {
        confirm::confirm(&self.hub, task).await
    }

    fn wakes(&self) -> Vec<&'static str> {
        let news = self.hub.bought.swap(false, Ordering::Relaxed);
        news.then_some(read::SHIPMENTS).into_iter().collect()
    }

    fn skew_ms(&self) -> Option<i64> {
        self.hub.client.skew_ms()
    }

    fn budget(&self) -> &Budget {
        self.hub.client.budget()
    }
}
