//! Salesforce, a channel for won opportunities and a keeper of records: REST API 66.0.
//!
//! ```text
//! mod.rs        what it says about itself      soql.rs       questions, quoted
//! client.rs     the only file that speaks HTTP question.rs   the question for opportunities, pure
//! oauth.rs      signing in, the pure parts     describe.rs   the org's objects and their drift, pure
//! org.rs        what is known of the org       mapping.rs    settings held against the org, pure
//! streams.rs    what changed, page by page     translate.rs  JSON -> order, pure
//! perform.rs    changes                        decide.rs     what a change takes, pure
//! confirm.rs    does a change hold             parcels.rs    a parcel written down, pure
//! records.rs    records by external id         nouns.rs      records in words of the trade, pure
//! customers.rs  contacts and their accounts    people.rs     people who are accounts
//! lists.rs      refused values in words        jobs.rs       bulk jobs
//! preflight.rs  Test connection                bulk.rs       tables of bulk jobs, pure
//! offered.rs    what settings can name, pure   verdicts.rs   answers -> what they mean
//! stages.rs     what counts as won or open     offers.rs     opportunities that are made, once
//! kept.rs       what people wrote stays, pure
//! ```
//!
//! Left out on purpose: Platform Events, Change Data Capture and streaming (a poll with
//! keys costs one call and survives everything), device flow (blocked for apps like this
//! one), user name and password (being retired), and Apex of our own in the org.

mod bulk;
mod check_fields;
mod client;
mod confirm;
mod customers;
mod decide;
mod describe;
mod jobs;
mod kept;
mod lists;
mod mapping;
mod nouns;
pub mod oauth;
mod offered;
mod offers;
mod org;
mod parcels;
mod people;
mod perform;
mod preflight;
mod question;
mod records;
mod soql;
mod stages;
mod streams;
mod translate;
mod verdicts;
mod weak_signs;

#[cfg(test)]
mod tests;

use crate::connector::{BrowserSignIn, BrowserVisit, Fields, Secrets};
use crate::discreet::discreet;
use crate::own::Said;
use crate::{Ask, Budget, Connector, Platform, Priority, ReadError, Setup, Task};
use async_trait::async_trait;
use client::Client;
use mapping::Mapping;
use quayside_model::{
    ApiVersion, Cause, Choice, Choosing, Confirmation, ConnectionConfig, CredentialField, Declaration, Described,
    FieldShape, Incoming, IntentKind, Lifetime, MatchKey, Page, Preflight, Price, RecordKind, Refusal, Role,
    SecretString, SettingDecl, SettingKind, StreamDecl, Take, Verdict, Way, Written,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A person signs in, in the browser.
pub const BROWSER: &str = "browser";
/// An app of the org acts for itself.
pub const CLIENT_CREDENTIALS: &str = "client_credentials";

const fn named(name: &'static str, label: &'static str, help: &'static str, default: &'static str) -> SettingDecl {
    SettingDecl { name, label, help, kind: SettingKind::Described, default }
}

const fn text(name: &'static str, label: &'static str, help: &'static str, default: &'static str) -> SettingDecl {
    SettingDecl { name, label, help, kind: SettingKind::Text, default }
}

/// Who decides about mails.
const NO_MAIL: &str = "Through Salesforce nobody is written to; flows of your own org may do so.";

/// What Salesforce says about itself.
pub static DECLARATION: Declaration = Declaration {
    platform: "salesforce",
    title: "Salesforce",
    roles: &[Role::Channel, Role::Records],
    summary: "Won opportunities become orders, and their parcels go back to them. Keeps customers, shipments, tasks and cases of all stores.",
    ways: &[
        Way {
            id: BROWSER,
            title: "Sign in with the browser",
            steps: &[
                "An admin of the org makes the app once. In Salesforce: Setup, External Client App Manager, New External Client App; distribution state Local.",
                "Enable OAuth. As callback addresses enter these three lines: http://localhost:17817/oauth/salesforce and http://localhost:27817/oauth/salesforce and http://localhost:37817/oauth/salesforce",
                "Scopes: Manage user data via APIs (api), Perform requests at any time (refresh_token), Access unique user identifiers (openid).",
                "Flows: untick \"Require secret for Web Server Flow\" and \"Require secret for Refresh Token Flow\"; tick \"Require PKCE\" and \"Enable Refresh Token Rotation\".",
                "Under Policies allow the users who may sign in. Give the user who will do so: API Enabled, and access to opportunities, products, accounts, contacts and tasks.",
                "Copy the consumer key from the app's OAuth settings, enter it here, and sign in. A new app needs up to ten minutes until it works.",
            ],
            fields: &[
                CredentialField {
                    name: "login_host",
                    label: "Where you sign in",
                    help: "login.salesforce.com, test.salesforce.com for a sandbox, or the org's own address (Setup, My Domain).",
                    placeholder: "login.salesforce.com",
                    secret: false,
                    optional: true,
                    shape: FieldShape::Host,
                },
                CredentialField {
                    name: "client_id",
                    label: "Consumer key",
                    help: "In the app's OAuth settings. It begins with 3MVG.",
                    placeholder: "3MVG9…",
                    secret: false,
                    optional: false,
                    shape: FieldShape::Token,
                },
                CredentialField {
                    name: "refresh_token",
                    label: "Sign-in",
                    help: "Comes from signing in with the browser: it opens when the connection is tested. On a computer without one, a refresh token made elsewhere.",
                    placeholder: "",
                    secret: true,
                    optional: true,
                    shape: FieldShape::Browser,
                },
                CredentialField {
                    name: "access_token",
                    label: "Session",
                    help: "Comes with the sign-in.",
                    placeholder: "",
                    secret: true,
                    optional: true,
                    shape: FieldShape::Browser,
                },
                CredentialField {
                    name: "instance_url",
                    label: "Address of the session",
                    help: "Comes with the sign-in.",
                    placeholder: "",
                    secret: true,
                    optional: true,
                    shape: FieldShape::Browser,
                },
            ],
        },
        Way {
            id: CLIENT_CREDENTIALS,
            title: "Unattended, with a secret",
            steps: &[
                "For a computer nobody signs in at. An admin makes an External Client App as for the browser, and enables the Client Credentials Flow in it.",
                "Under Policies choose the user the app runs as: an integration user with API Enabled and access to opportunities, products, accounts, contacts and tasks.",
                "Copy consumer key and consumer secret from the app's OAuth settings.",
                "Enter the org's own address (Setup, My Domain): this way does not work at login.salesforce.com.",
            ],
            fields: &[
                CredentialField {
                    name: "login_host",
                    label: "Address of the org",
                    help: "Setup, My Domain: NAME.my.salesforce.com, for a sandbox NAME--SANDBOX.sandbox.my.salesforce.com.",
                    placeholder: "harbour-goods.my.salesforce.com",
                    secret: false,
                    optional: false,
                    shape: FieldShape::Host,
                },
                CredentialField {
                    name: "client_id",
                    label: "Consumer key",
                    help: "In the app's OAuth settings. It begins with 3MVG.",
                    placeholder: "3MVG9…",
                    secret: false,
                    optional: false,
                    shape: FieldShape::Token,
                },
                CredentialField {
                    name: "client_secret",
                    label: "Consumer secret",
                    help: "Beside the consumer key.",
                    placeholder: "",
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
            title: "Won opportunities",
            record: RecordKind::Order,
            interval_s: 120,
            backfill: false,
        },
        StreamDecl {
            name: streams::PARCELS,
            title: "Parcels written down",
            record: RecordKind::Order,
            interval_s: 300,
            backfill: false,
        },
        StreamDecl {
            name: streams::SCHEMA,
            title: "Fields and rules of the org",
            record: RecordKind::Order,
            interval_s: 3_600,
            backfill: false,
        },
        StreamDecl {
            name: streams::RECENT,
            title: "Nightly re-read of recent orders",
            record: RecordKind::Order,
            interval_s: 86_400,
            backfill: true,
        },
    ],
    performs: &[
        IntentKind::Fulfill,
        IntentKind::ReplaceTracking,
        IntentKind::CancelFulfillment,
        IntentKind::CancelChannelOrder,
        IntentKind::PutRecord,
    ],
    batch_max: &[
        (IntentKind::Fulfill, perform::BATCH),
        (IntentKind::ReplaceTracking, perform::BATCH),
        (IntentKind::CancelFulfillment, perform::BATCH),
        // From a threshold on one job takes fewer calls than collections; a claim must be able to reach it.
        (IntentKind::PutRecord, records::BATCH),
    ],
    // Measured: `docs/benchmarks.md`. 50 go in a question and a composite call.
    prices: &[Price::new(None, &[Take { bucket: client::BUCKET, cost: 0.044 }])],
    choices: &[
        Choosing::instead(IntentKind::Fulfill, Choice::Notify, NO_MAIL),
        Choosing::instead(IntentKind::ReplaceTracking, Choice::Notify, NO_MAIL),
        Choosing::instead(IntentKind::CancelChannelOrder, Choice::Refund, perform::NO_MONEY),
        Choosing::instead(
            IntentKind::CancelChannelOrder,
            Choice::Restock,
            "Salesforce counts no stock for the desk: put the units back where they are counted.",
        ),
        Choosing::instead(IntentKind::CancelChannelOrder, Choice::Notify, NO_MAIL),
    ],
    refunds: None,
    customer_keys: &[
        MatchKey::Reference,
        MatchKey::Email,
        MatchKey::Phone,
        MatchKey::OrderNumber,
        MatchKey::NamePostcode,
    ],
    badges: &[],
    personal_data_days: None,
    tells_delivery: false,
    no_buyer_mail: None,
    keeps: &[],
    api: &[ApiVersion::new("REST API", client::API_VERSION)],
    lasting: &[(BROWSER, Lifetime::Renewed), (CLIENT_CREDENTIALS, Lifetime::Endless)],
    settings: &[
        SettingDecl {
            name: "sku",
            label: "SKU comes from",
            help: "The field of the product that holds the code the warehouse knows.",
            kind: SettingKind::Choice(&[
                ("sku", "Product SKU, else product code"),
                ("code", "Product code, else product SKU"),
            ]),
            default: "sku",
        },
        SettingDecl {
            name: "ship_to",
            label: "Ship to",
            help: "Where a parcel goes if the opportunity has no address of its own; the others follow where it is empty.",
            kind: SettingKind::Choice(&[
                ("account", "Shipping address of the account"),
                ("contact", "Mailing address of the contact"),
                ("billing", "Billing address of the account"),
            ]),
            default: "account",
        },
        named(
            "address_fields",
            "Address on the opportunity",
            "Fields that hold an address of the opportunity's own, used when the street is filled: street=Ship_Street__c; city=Ship_City__c; postcode=…; state=…; country=…; name=…; company=…; phone=…",
            "",
        ),
        named(
            "number_field",
            "Order number",
            "Field of the opportunity that holds the number people call it. Empty: its name.",
            "",
        ),
        named("note_field", "Buyer's note", "Field of the opportunity with instructions for the parcel.", ""),
        named("gift_field", "Gift message", "Field of the opportunity with the text of the card.", ""),
        named("ship_by_field", "Ship by", "Date field of the opportunity by which it must leave.", ""),
        named(
            "service_field",
            "Shipping service",
            "Field of the opportunity that names the service the buyer asked for.",
            "",
        ),
        named(
            "paid_field",
            "Paid",
            "Checkbox of the opportunity that says that it is paid. Empty: what is won counts as paid.",
            "",
        ),
        text(
            "service_families",
            "Nothing to ship",
            "Product families no carrier takes, separated by commas: Services, Subscriptions.",
            "",
        ),
        SettingDecl {
            name: "without_products",
            label: "Won without products",
            help: "What to do with a won opportunity that has no products.",
            kind: SettingKind::Choice(&[("ask", "Tell me"), ("pass", "Nothing to ship")]),
            default: "ask",
        },
        text(
            "currency",
            "Currency",
            "Three letters. Only for orgs with a single currency, which do not name it.",
            "USD",
        ),
        SettingDecl {
            name: "first_days",
            label: "Look back",
            help: "Days before the connection was made from which on won opportunities count, by their close date.",
            kind: SettingKind::Number,
            default: "30",
        },
        named(
            "parcel_object",
            "Parcels become",
            "API name of the object that gets a record per parcel. Task needs no set-up.",
            mapping::TASK,
        ),
        named(
            "parcel_fields",
            "Fields of the parcel",
            "For an object of your own: opportunity=Opportunity__c; contents=Contents__c; key=Quayside_Id__c; numbers=…; carrier=…; url=…; shipped=…; expected=…; expected_by=…; name=…. For Task only key, if there is an external ID on activities.",
            "",
        ),
        named("task_status", "Status of the task", "Status a parcel's task gets.", "Completed"),
        named("tracking_field", "Tracking numbers", "Field of the opportunity that gets them.", ""),
        named("carrier_field", "Carrier", "Field of the opportunity that gets it.", ""),
        named("tracking_url_field", "Tracking link", "Field of the opportunity that gets it.", ""),
        named(
            "shipped_date_field",
            "Shipped on",
            "Date field of the opportunity that gets the day of the last parcel.",
            "",
        ),
        named(
            "expected_field",
            "Expected on",
            "Date field of the opportunity that gets the day the last parcel is expected, as known when it was reported.",
            "",
        ),
        named(
            "expected_by_field",
            "Expected by the word of",
            "Field of the opportunity that gets whose word that day is: Carrier, Store or Own promise.",
            "",
        ),
        named("status_field", "Shipping status", "Field of the opportunity that gets the words below.", ""),
        named(
            "status_partial",
            "Word for partly shipped",
            "As the list has it; upper and lower case count.",
            "Partially Shipped",
        ),
        named("status_shipped", "Word for shipped", "As the list has it; upper and lower case count.", "Shipped"),
        named(
            "shipped_stage",
            "Stage when all has left",
            "API name of a stage that counts as won: an opportunity goes there with its last parcel. Empty: the stage is left alone.",
            "",
        ),
        named(
            "cancel_stage",
            "Stage when cancelled",
            "API name of a closed and lost stage for opportunities that are cancelled from here. Empty: that is left to people.",
            "",
        ),
        named("cancel_reason_field", "Reason when cancelled", "Field of the opportunity that gets the reason.", ""),
        SettingDecl {
            name: "people",
            label: "Buyers without a company become",
            help: "A person account is an account that is a contact, too. Only in orgs that have them; one that is there already is used either way.",
            kind: SettingKind::Choice(&[("contact", "A contact under an account"), ("person", "A person account")]),
            default: "contact",
        },
        text(
            "person_type",
            "Record type of person accounts",
            "Id of the record type (012…). Empty: the user's default, or the only one.",
            "",
        ),
        named(
            "contact_key",
            "Our id on contacts",
            "Text field of the contact with External ID and Unique ticked. By it a customer is found again.",
            "Quayside_Contact_Id__c",
        ),
        text(
            "contact_order_field",
            "Order number on contacts",
            "Field of the contact that holds the number of an order of theirs. Customers are known by it, too, unless the name is another one; it is only read. Empty: there is none.",
            "",
        ),
        named(
            "account_key",
            "Our id on accounts",
            "Text field of the account with External ID and Unique ticked.",
            "Quayside_Customer_Id__c",
        ),
        named(
            "verified_field",
            "Address is verified",
            "Checkbox or text of the contact that says whether the shipping account found the address among those carriers know. Empty: it is not written.",
            "",
        ),
        named(
            "shipment_object",
            "Shipments of other stores become",
            "API name of the object that gets a record per parcel of an order from another store. Task: a completed task of the contact.",
            mapping::TASK,
        ),
        named(
            "shipment_key",
            "Our id on shipments",
            "Text field of that object with External ID and Unique ticked. For Task it is made on activities.",
            "Quayside_Event_Id__c",
        ),
        named(
            "shipment_fields",
            "Fields of the shipment",
            "What goes where: tracking=Tracking__c; carrier=…; service=…; url=…; shipped=…; expected=…; expected_by=…; delivered=…; state=…; order=…; title=…; contents=…; value=…; currency=…; customer=… (lookup to the contact).",
            "",
        ),
        named(
            "task_key",
            "Our id on tasks",
            "Text field made on activities, with External ID and Unique ticked.",
            "Quayside_Event_Id__c",
        ),
        text(
            "task_owner",
            "Tasks belong to",
            "Id of the user (005…) who gets tasks of customers without an active owner, and records whose owner has left.",
            "",
        ),
        named(
            "case_key",
            "Our id on cases",
            "Text field of the case with External ID and Unique ticked.",
            "Quayside_Exception_Id__c",
        ),
        named("case_origin", "Origin of cases", "A value of the case's list of origins. Empty leaves it out.", ""),
        text(
            "case_owner",
            "Cases go to",
            "Id of a user (005…) or of a queue of cases (00G…) that gets them. Empty: whom the rule below names, else the user who is signed in.",
            "",
        ),
        text(
            "case_rule",
            "Rule of assignment",
            "Where nobody is named above: active asks the org's active rule of assignment who gets a new case, the id of a rule (01Q…) asks that one. Empty asks none.",
            "",
        ),
        named(
            "case_fields",
            "Fields of the case",
            "Fields besides subject and description: problem=Problem__c; carrier=…; tracking=…; url=…; value=…; order=…",
            "",
        ),
        named(
            "offer_stage",
            "Stage of new opportunities",
            "API name of an open stage at which an opportunity begins that a milestone of a customer asks for. Empty: none is made.",
            "",
        ),
        named(
            "offer_key",
            "Our id on opportunities",
            "Text field of the opportunity with External ID and Unique ticked. Only for those that are made from here.",
            "Quayside_Order_Id__c",
        ),
        SettingDecl {
            name: "history_on",
            label: "A customer's history stands at",
            help: "The account only where Quayside made it: one that people made may have several customers. A person account has it either way.",
            kind: SettingKind::Choice(&[("contact", "The contact"), ("account", "The account")]),
            default: "contact",
        },
        named(
            "history_object",
            "Histories become",
            "API name of an object of your own that gets a record per customer. Empty: fields of the contact or the account, as chosen above.",
            "",
        ),
        named(
            "history_key",
            "Our id on histories",
            "Only for an object of your own: its text field with External ID and Unique ticked.",
            "Quayside_Customer_Id__c",
        ),
        named(
            "history_fields",
            "Fields of the history",
            "What goes where: orders=Orders__c; first=…; last=…; days=…; average=…; total=…; currency=…; carrier=…; shipped=…; and for an object of your own customer=… (lookup to the contact). Empty: no history is written.",
            "",
        ),
        SettingDecl {
            name: "allow_duplicates",
            label: "Save although a duplicate rule warns",
            help: "Only passes rules that warn; rules that block still block.",
            kind: SettingKind::Toggle,
            default: "false",
        },
        text("api_version", "API version", "Leave as it is unless support asks for another.", client::API_VERSION),
    ],
};

/// Entry of the registry.
pub const PLATFORM: Platform =
    Platform { browser: Some(&BROWSER_SIGN_IN), ..Platform::new(&DECLARATION, check_fields::check_fields, open) };

/// How signing in with the browser works.
static BROWSER_SIGN_IN: BrowserSignIn =
    BrowserSignIn { way: BROWSER, ports: oauth::PORTS, path: oauth::PATH, begin, finish };

fn open(setup: Setup) -> Result<Arc<dyn Connector>, Refusal> {
    let connector = Salesforce::new(setup)?;
    let unspoken = connector.client.door().unspoken();
    Ok(discreet(connector, unspoken))
}

fn begin(fields: &Fields, base_url: Option<&str>, redirect: &str, random: &[u8]) -> Result<BrowserVisit, String> {
    let host = fields.get("login_host").map_or(oauth::PRODUCTION, String::as_str);
    let origin = base_url.map_or_else(|| format!("https://{host}"), str::to_owned);
    oauth::visit(fields, &origin, redirect, random)
}

fn finish<'a>(setup: Setup, visit: &'a BrowserVisit, query: &'a str) -> crate::connector::Finishing<'a> {
    Box::pin(async move {
        let mut setup = setup;
        // The client wants something to renew; nothing is renewed before the code is exchanged.
        setup.secrets.insert("refresh_token".into(), SecretString::from("none yet"));
        let client_id = setup.config.fields.get("client_id").cloned().unwrap_or_default();
        let client = Client::new(&setup, client::API_VERSION)?;
        let refuse = |sentence: &str| client.door().refusal(Cause::SignInNeeded, sentence);
        let code = oauth::code(query, &visit.state).map_err(|sentence| refuse(&sentence))?;
        client.door().hide(code.clone());
        client.door().hide(visit.verifier.clone());
        let tokens = client
            .fetch(oauth::code_form(&client_id, &code, visit), "Could not sign in")
            .await
            .map_err(|error| client.door().unspoken().refusal(error.into_refusal()))?;
        let Some(refresh_token) = tokens.refresh_token else {
            return Err(refuse(
                "The app gives no lasting sign-in. Add the scope refresh_token (perform requests at any time) to it, then sign in again.",
            ));
        };
        Ok(Secrets::from([
            ("refresh_token".to_owned(), refresh_token),
            ("access_token".to_owned(), tokens.access_token),
            ("instance_url".to_owned(), SecretString::from(tokens.instance_url)),
        ]))
    })
}

/// One org.
pub struct Salesforce {
    client: Client,
    config: ConnectionConfig,
    mapping: Mapping,
    keeping: nouns::Keeping,
    zone: chrono_tz::Tz,
    /// What is known of the objects orders are made of.
    org: Mutex<Option<Arc<org::Org>>>,
    /// Rows a question asks for, fewer after one that took too long.
    rows: AtomicUsize,
    /// The org said that it has no space for new records: none is sent before this moment, ms UTC.
    full_until_ms: AtomicI64,
    /// Objects records are written to, by name.
    objects: Mutex<BTreeMap<String, describe::Object>>,
    /// The org's fields are to be looked at: at the start, and whenever an answer showed that they changed.
    fields_wake: AtomicBool,
    /// Bulk jobs under way, by id.
    jobs: Mutex<BTreeMap<String, jobs::Job>>,
    /// What was put into fields of customers, until somebody asks.
    said: Said,
}

impl Salesforce {
    fn new(setup: Setup) -> Result<Self, Refusal> {
        let version = setup.config.setting(&DECLARATION, "api_version").trim().trim_start_matches('v').to_owned();
        // It becomes part of a path: anything but a version is ignored.
        let valid = version.split_once('.').is_some_and(|(major, minor)| minor == "0" && major.parse::<u8>().is_ok());
        let client = Client::new(&setup, if valid { &version } else { client::API_VERSION })?;
        let zone =
            setup.config.account.time_zone.as_deref().and_then(|zone| zone.parse().ok()).unwrap_or(chrono_tz::UTC);
        Ok(Self {
            mapping: Mapping::read(&setup.config, &DECLARATION),
            keeping: nouns::Keeping::read(&setup.config, &DECLARATION),
            client,
            config: setup.config,
            zone,
            org: Mutex::default(),
            rows: AtomicUsize::new(streams::ROWS),
            full_until_ms: AtomicI64::new(0),
            objects: Mutex::default(),
            fields_wake: AtomicBool::new(true),
            jobs: Mutex::default(),
            said: Said::default(),
        })
    }
}

#[async_trait]
impl Connector for Salesforce {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    async fn preflight(&self) -> Preflight {
        self.check().await
    }

    async fn read(&self, ask: &Ask<'_>) -> Result<Page, ReadError> {
        self.read_page(ask).await
    }

    async fn read_one(
        &self,
        kind: RecordKind,
        remote_id: &str,
        priority: Priority,
    ) -> Result<Option<Incoming>, ReadError> {
        if kind != RecordKind::Order {
            return Ok(None);
        }
        Ok(self.noticed(self.read_order(remote_id, priority).await)?)
    }

    async fn described(&self, settings: &BTreeMap<String, Value>, priority: Priority) -> Result<Described, ReadError> {
        Ok(self.what_can_be_named(settings, priority).await?)
    }

    async fn perform(&self, tasks: &[Task<'_>]) -> Vec<Verdict> {
        self.perform_all(tasks).await
    }

    async fn confirm(&self, task: &Task<'_>) -> Confirmation {
        self.confirm_one(task).await
    }

    fn budget(&self) -> &Budget {
        self.client.budget()
    }

    fn skew_ms(&self) -> Option<i64> {
        self.client.door().skew_ms()
    }

    fn wakes(&self) -> Vec<&'static str> {
        if self.fields_wake.swap(false, Ordering::Relaxed) { vec![streams::SCHEMA] } else { Vec::new() }
    }

    fn written(&self) -> Vec<Written> {
        self.said.take()
    }

    fn renewed_secrets(&self) -> Option<Secrets> {
        self.client.renewed_secrets()
    }

    fn secrets_kept(&self, kept: &Secrets) {
        self.client.secrets_kept(kept);
    }

    async fn sign_out(&self) -> Result<(), Refusal> {
        self.client.sign_out().await
    }
}
