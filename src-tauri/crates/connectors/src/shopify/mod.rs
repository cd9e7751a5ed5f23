//! Shopify, a channel: Admin GraphQL API 2026-07.
//!
//! ```text
//! mod.rs        what it says about itself      documents.rs  the questions
//! client.rs     the only file that speaks HTTP wire.rs       Shopify's JSON as sent
//! token.rs      the access token               translate.rs  JSON -> order, pure
//! streams.rs    what changed, page by page     assemble.rs   large orders in pieces, pure
//! perform.rs    changes                        allocate.rs   parcel -> calls, pure
//! confirm.rs    does a change hold             carriers.rs   carrier names, tracking
//! stock.rs      levels, read and set           scopes.rs     permissions and what they stop
//! refunds.rs    money back, quoted and once    returns.rs    what buyers send back
//! annotate.rs   facts, tags, remarks           preflight.rs  Test connection
//! products.rs   variants, read                return_answers.rs  agreeing and declining
//! verdicts.rs   answers -> what they mean      check_fields.rs  mix-ups in the form
//! ```
//!
//! Left out on purpose: webhooks (a desktop program has no address they could
//! reach), bulk operations (ordinary paging imports a small shop within the point
//! budget, and can be interrupted), opening and closing returns (people do that in
//! the store; what a buyer asked for can be answered from here).

mod allocate;
mod annotate;
mod assemble;
mod carriers;
mod check_fields;
mod client;
mod confirm;
pub mod documents;
mod perform;
mod preflight;
mod products;
mod refunds;
mod return_answers;
mod returns;
mod scopes;
mod stock;
mod streams;
mod token;
mod translate;
mod verdicts;
mod wire;

#[cfg(test)]
mod tests;

use crate::discreet::discreet;
use crate::{Ask, Budget, Connector, Platform, Priority, ReadError, Setup, Task};
use async_trait::async_trait;
use client::Client;
use quayside_model::memo::Memo;
use quayside_model::{
    ApiInUse, ApiVersion, Choice, Choosing, Confirmation, ConnectionConfig, CredentialField, Declaration, FieldShape,
    Incoming, IntentKind, Lifetime, Page, Preflight, Price, Record, RecordKind, RefundAsk, RefundQuote, RefundWay,
    Refusal, Role, SettingDecl, SettingKind, StreamDecl, Take, Verdict, Way,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An app of the merchant's own, made in the Dev Dashboard.
pub const CLIENT_CREDENTIALS: &str = "client_credentials";
/// A token made in the store's admin before 2026.
pub const LEGACY_TOKEN: &str = "legacy_token";

const SHOP_FIELD: CredentialField = CredentialField {
    name: "shop",
    label: "Store",
    help: "The permanent address of the store. In Shopify's admin: Settings, Domains. The address of the admin itself works too.",
    placeholder: "harbour-goods.myshopify.com",
    secret: false,
    optional: false,
    shape: FieldShape::Host,
};

/// What Shopify says about itself.
pub static DECLARATION: Declaration = Declaration {
    platform: "shopify",
    title: "Shopify",
    roles: &[Role::Channel],
    summary: "Orders and returns come from the store; tracking, refunds and cancellations go back to it.",
    ways: &[
        Way {
            id: CLIENT_CREDENTIALS,
            title: "App from the Dev Dashboard",
            steps: &[
                "Sign in at dev.shopify.com with an account of the organisation that owns the store.",
                "Create an app. Under Versions add these permissions, then release the version: read_orders, write_orders, read_all_orders, read_merchant_managed_fulfillment_orders, write_merchant_managed_fulfillment_orders, read_third_party_fulfillment_orders, read_customers, read_products, read_locations, read_inventory, write_inventory, read_returns, write_returns.",
                "Install the app in the store (Home, Install app).",
                "Open the app's Settings and copy the client ID and the client secret.",
            ],
            fields: &[
                SHOP_FIELD,
                CredentialField {
                    name: "client_id",
                    label: "Client ID",
                    help: "On the app's Settings page.",
                    placeholder: "0123456789abcdef0123456789abcdef",
                    secret: false,
                    optional: false,
                    shape: FieldShape::Token,
                },
                CredentialField {
                    name: "client_secret",
                    label: "Client secret",
                    help: "Below the client ID, behind the eye symbol.",
                    placeholder: "shpss_…",
                    secret: true,
                    optional: false,
                    shape: FieldShape::Token,
                },
            ],
        },
        Way {
            id: LEGACY_TOKEN,
            title: "Access token",
            steps: &[
                "Only for an app that was made in the store's admin before 2026; new ones cannot be made there.",
                "In Shopify's admin: Settings, Apps and sales channels, Develop apps, the app, API credentials.",
                "Copy the Admin API access token. Shopify shows it once; if it is lost, make an app in the Dev Dashboard instead.",
            ],
            fields: &[
                SHOP_FIELD,
                CredentialField {
                    name: "access_token",
                    label: "Access token",
                    help: "Begins with shpat_.",
                    placeholder: "shpat_…",
                    secret: true,
                    optional: false,
                    shape: FieldShape::Token,
                },
            ],
        },
    ],
    streams: &[
        StreamDecl {
            name: streams::ORDERS,
            title: "Orders",
            record: RecordKind::Order,
            interval_s: 30,
            backfill: false,
        },
        StreamDecl {
            name: streams::FULFILLMENT_ORDERS,
            title: "Holds and locations",
            record: RecordKind::Order,
            interval_s: 60,
            backfill: false,
        },
        StreamDecl {
            name: streams::OPEN_ORDERS,
            title: "Nightly re-read of open orders",
            record: RecordKind::Order,
            interval_s: 86_400,
            backfill: true,
        },
        StreamDecl {
            name: stock::STOCK,
            title: "Stock by location",
            record: RecordKind::Stock,
            interval_s: 900,
            backfill: true,
        },
        StreamDecl {
            name: products::PRODUCTS,
            title: "Products",
            record: RecordKind::Product,
            interval_s: 21_600,
            backfill: true,
        },
        StreamDecl {
            name: returns::RETURNS,
            title: "Returns",
            record: RecordKind::Return,
            interval_s: 900,
            backfill: true,
        },
    ],
    performs: &[
        IntentKind::Fulfill,
        IntentKind::ReplaceTracking,
        IntentKind::CancelFulfillment,
        IntentKind::CancelChannelOrder,
        IntentKind::Refund,
        IntentKind::AnnotateOrder,
        IntentKind::AnswerReturn,
        IntentKind::SetStock,
    ],
    batch_max: &[],
    // Measured: `docs/benchmarks.md`. A look at what is left to ship, and the mutation.
    prices: &[
        Price::new(Some(IntentKind::Fulfill), &[Take { bucket: client::BUCKET, cost: 27.0 }]),
        Price::new(None, &[Take { bucket: client::BUCKET, cost: 20.0 }]),
    ],
    choices: &[
        Choosing::honoured(IntentKind::Fulfill, Choice::Notify),
        Choosing::honoured(IntentKind::ReplaceTracking, Choice::Notify),
        Choosing::honoured(IntentKind::CancelChannelOrder, Choice::Refund),
        Choosing::honoured(IntentKind::CancelChannelOrder, Choice::Restock),
        Choosing::honoured(IntentKind::CancelChannelOrder, Choice::Notify),
        Choosing::honoured(IntentKind::Refund, Choice::Restock),
        Choosing::honoured(IntentKind::Refund, Choice::Notify),
    ],
    refunds: Some(RefundWay { quoted: true, after_shipping: false }),
    customer_keys: &[],
    badges: &[],
    personal_data_days: None,
    tells_delivery: true,
    no_buyer_mail: None,
    keeps: &[],
    api: &[ApiVersion::ending(documents::API_NAME, documents::API_VERSION, documents::API_UNTIL)],
    lasting: &[(CLIENT_CREDENTIALS, Lifetime::Endless), (LEGACY_TOKEN, Lifetime::Endless)],
    settings: &[SettingDecl {
        name: "api_version",
        label: "API version",
        help: "Leave as it is unless support asks for another.",
        kind: SettingKind::Text,
        default: documents::API_VERSION,
    }],
};

/// What other tools and Shopify's own pages call the fields.
const ALIASES: &[(&str, &str)] = &[
    ("token", "access_token"),
    ("admin_api_access_token", "access_token"),
    ("api_access_token", "access_token"),
    ("shop_domain", "shop"),
    ("store", "shop"),
    ("domain", "shop"),
    ("api_key", "client_id"),
    ("api_secret", "client_secret"),
    ("api_secret_key", "client_secret"),
];

/// Entry of the registry.
pub const PLATFORM: Platform =
    Platform { aliases: ALIASES, ..Platform::new(&DECLARATION, check_fields::check_fields, open) };

fn open(setup: Setup) -> Result<Arc<dyn Connector>, Refusal> {
    let connector = Shopify::new(setup)?;
    let unspoken = connector.client.door().unspoken();
    Ok(discreet(connector, unspoken))
}

type Partials = BTreeMap<String, (i64, Value)>;

/// One store.
pub struct Shopify {
    client: Client,
    config: ConnectionConfig,
    /// Large orders read in part, by id, with when (ms UTC): the next read goes on with them.
    partials: Mutex<Partials>,
    /// Cancellations under way: effect key → job.
    jobs: Mutex<BTreeMap<String, String>>,
    /// Orders that were translated lately, by their text: two streams read most changes of an order.
    translated: Memo<Record>,
}

/// Translated orders kept, a few kB each.
const TRANSLATED_MAX: usize = 1_000;

impl Shopify {
    fn new(setup: Setup) -> Result<Self, Refusal> {
        let version = setup.config.setting(&DECLARATION, "api_version").trim().to_owned();
        // It becomes part of a path: anything but a version is ignored.
        let valid = !version.is_empty() && version.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let client = Client::new(&setup, if valid { &version } else { documents::API_VERSION })?;
        Ok(Self {
            client,
            config: setup.config,
            partials: Mutex::default(),
            jobs: Mutex::default(),
            translated: Memo::new(TRANSLATED_MAX),
        })
    }

    /// The store's handle in Shopify's admin.
    fn store_handle(&self) -> &str {
        let admin = self.config.account.admin_url.as_deref().and_then(|url| url.rsplit('/').next());
        let shop = self.config.fields.get("shop").and_then(|shop| shop.strip_suffix(".myshopify.com"));
        admin.or(shop).unwrap_or_default()
    }

    /// The last preflight found that this permission is not granted.
    fn lacks_scope(&self, scope: &str) -> bool {
        let granted = &self.config.account.abilities;
        !granted.is_empty() && !scopes::grants(granted, scope)
    }

    fn partials(&self) -> MutexGuard<'_, Partials> {
        self.partials.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn jobs(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Connector for Shopify {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    async fn preflight(&self) -> Preflight {
        self.check().await
    }

    async fn read(&self, ask: &Ask<'_>) -> Result<Page, ReadError> {
        self.read_page(ask).await
    }

    fn lists_all(&self, stream: &str) -> bool {
        stream == products::PRODUCTS
    }

    async fn read_one(
        &self,
        kind: RecordKind,
        remote_id: &str,
        priority: Priority,
    ) -> Result<Option<Incoming>, ReadError> {
        if kind == RecordKind::Stock {
            return self.read_level(remote_id, priority).await;
        }
        if kind == RecordKind::Return {
            return self.read_return(remote_id, priority).await;
        }
        if kind != RecordKind::Order {
            return Ok(None);
        }
        if !remote_id.contains("/Order/") {
            let sentence = "The row of Shopify's list that could not be read names no order, so there is none to read again. The nightly reading of all open orders finds its order; the exception ends when the row can be read.";
            return Err(ReadError::Refused(self.refusal(quayside_model::Cause::Unreadable, sentence).about(remote_id)));
        }
        let Some(order) = self.read_order(remote_id, priority).await? else { return Ok(None) };
        translate::incoming(&order, self.store_handle()).map(Some).map_err(|unreadable| {
            let number = unreadable.number.unwrap_or_else(|| remote_id.to_owned());
            let refusal = self.refusal(
                quayside_model::Cause::Unreadable,
                &format!("{number} could not be read: {}.", unreadable.why),
            );
            ReadError::Refused(refusal.about(remote_id))
        })
    }

    async fn quote_refund(&self, ask: &RefundAsk, priority: Priority) -> Result<RefundQuote, ReadError> {
        self.quoted_refund(ask, priority).await
    }

    async fn perform(&self, tasks: &[Task<'_>]) -> Vec<Verdict> {
        let mut verdicts = Vec::with_capacity(tasks.len());
        for task in tasks {
            verdicts.push(self.perform_one(task).await);
        }
        verdicts
    }

    async fn confirm(&self, task: &Task<'_>) -> Confirmation {
        self.confirm_one(task).await
    }

    fn skew_ms(&self) -> Option<i64> {
        self.client.door().skew_ms()
    }

    fn api_in_use(&self) -> Vec<ApiInUse> {
        let asked = self.client.version().to_owned();
        vec![ApiInUse { name: documents::API_NAME, asked, served: self.client.served() }]
    }

    fn budget(&self) -> &Budget {
        self.client.budget()
    }
}
