//! Amazon Marketplace, a channel: Selling Partner API.
//!
//! ```text
//! mod.rs        what it says about itself       places.rs     regions, marketplaces, hosts
//! client.rs     the only file that speaks HTTP  limits.rs     usage plans
//! token.rs      Login with Amazon               secret_clock.rs  180 days
//! streams.rs    what changed, page by page      translate.rs  JSON -> order, pure (amounts.rs, at.rs)
//! perform.rs    changes                         ship.rs       parcel -> packages, pure
//! confirm.rs    does a change hold              carriers.rs   carrier names
//! feeds.rs      files Amazon works through      envelope.rs   their XML and reports, pure
//! feed_effects.rs  changes that travel in them  refund.rs     what a refund is made of, pure
//! reports.rs    returns, products, stock  tab.rs        their text, pure
//! stock.rs      quantities on offer             privacy.rs    the 30-day rule
//! preflight.rs  Test connection
//! verdicts.rs   answers -> what they mean       check_fields.rs  mix-ups in the form
//! ```
//!
//! Orders are read with the 2026-01-01 version only: the older reads end on
//! 27 March 2027. With it no restricted data token is needed for addresses.
//!
//! Left out on purpose: notifications (they need a queue in an AWS account; a
//! desktop program would have to rent one), buying Amazon's labels, messaging,
//! and any credential of ours: every seller brings an app of their own.

#![allow(clippy::result_large_err)] // failures are few and looked at once

mod amounts;
mod at;
mod carriers;
mod check_fields;
mod client;
mod confirm;
mod envelope;
mod feed_effects;
mod feeds;
mod limits;
mod perform;
mod places;
mod preflight;
mod privacy;
mod refund;
mod reports;
mod secret_clock;
mod ship;
mod stock;
mod streams;
mod tab;
mod token;
mod translate;
mod verdicts;

use crate::discreet::discreet;
use crate::{Ask, Budget, Connector, Platform, Priority, ReadError, Setup, Task};
use async_trait::async_trait;
use client::Client;
use envelope::Report;
use limits::Op;
use quayside_model::{
    ApiVersion, Cause, Choice, Choosing, Confirmation, ConnectionConfig, CredentialField, Declaration, FieldShape,
    Incoming, IntentKind, Lifetime, Page, Preflight, Price, RecordKind, RefundWay, Refusal, Role, SettingDecl,
    SettingKind, StreamDecl, Take, Verdict, Way,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The seller's own app, authorised by the seller.
pub const PRIVATE_APP: &str = "private_app";

/// Orders in one feed: one call for a stack of clicks, and a report that stays readable.
const FEED_BATCH: usize = 25;

/// A package is looked at before and after.
const PACKAGE: &[Take] =
    &[Take { bucket: Op::GetOrder.bucket(), cost: 2.0 }, Take { bucket: Op::ConfirmShipment.bucket(), cost: 1.0 }];
/// A count is read before and after.
const COUNT: &[Take] =
    &[Take { bucket: Op::GetListing.bucket(), cost: 2.0 }, Take { bucket: Op::PatchListing.bucket(), cost: 1.0 }];
const FEED_ALONE: &[Take] = &[Take { bucket: Op::CreateFeed.bucket(), cost: 1.0 }];
const FEED_SHARED: &[Take] = &[Take { bucket: Op::CreateFeed.bucket(), cost: 1.0 / FEED_BATCH as f64 }];
/// Reports kept in memory.
const REPORTS_MAX: usize = 50;

const fn field(
    name: &'static str,
    label: &'static str,
    help: &'static str,
    placeholder: &'static str,
    secret: bool,
    shape: FieldShape,
) -> CredentialField {
    CredentialField { name, label, help, placeholder, secret, optional: false, shape }
}

/// What is asked of it. Its older orders API ends on 27 March 2027, but not the one call of it that is used: there is no
/// other way to confirm a package, and Amazon has named no end for it.
const API: &[ApiVersion] = &[
    ApiVersion::new("Orders API", "2026-01-01"),
    ApiVersion::new("Orders API (shipment confirmation)", "v0"),
    ApiVersion::new("Feeds API", "2021-06-30"),
    ApiVersion::new("Reports API", "2021-06-30"),
    ApiVersion::new("Listings Items API", "2021-08-01"),
    ApiVersion::new("Sellers API", "v1"),
];
/// Who counts units.
const SHELF: &str = "Amazon counts no units back in: set the quantity on offer yourself.";
/// Who writes to buyers.
const MAIL: &str = "Amazon itself writes to the buyer.";

/// What Amazon says about itself.
pub static DECLARATION: Declaration = Declaration {
    platform: "amazon",
    title: "Amazon",
    roles: &[Role::Channel],
    summary: "Orders you ship yourself come from Amazon; tracking and cancellations go back to it.",
    ways: &[Way {
        id: PRIVATE_APP,
        title: "Your own private app",
        steps: &[
            "You need a Professional selling plan and the account's primary user. Quayside brings no key of its own: you make an app that only you use.",
            "In Seller Central open Apps and Services, Develop Apps, and fill in the developer profile (\"Private Developer\"). Ask for the roles Inventory and Order Tracking, Direct-to-Consumer Shipping (Restricted) and Product Listing; without the second one orders come without addresses, without the third one quantities cannot be set. Amazon looks at the request; that may take days.",
            "Add a new app client, type SP-API, with the same roles.",
            "In the app's row press View under LWA credentials and copy the client identifier and the client secret. Write down the day: Amazon ends a secret after 180 days, and Quayside reminds you from day 150.",
            "In the app's menu press Authorize, then Authorize app, and copy the refresh token. Adding a role later takes effect only after authorising again.",
            "The merchant token is under Settings, Account Info, Merchant Token.",
            "One connection is one region (North America, Europe, Far East) with all its marketplaces. Sell in two regions: make two connections.",
        ],
        fields: &[
            field("region", "Region", "NA, EU or FE, or a country you sell in.", "EU", false, FieldShape::Text),
            field(
                "seller_id",
                "Merchant token",
                "In Seller Central: Settings, Account Info, Merchant Token. Amazon's API does not tell it.",
                "A2EXAMPLE1234",
                false,
                FieldShape::Token,
            ),
            field(
                "client_id",
                "Client identifier",
                "Behind View in the column LWA credentials.",
                "amzn1.application-oa2-client.…",
                false,
                FieldShape::Token,
            ),
            field(
                "client_secret",
                "Client secret",
                "Beside the client identifier.",
                "amzn1.oa2-cs.v1.…",
                true,
                FieldShape::Token,
            ),
            CredentialField {
                name: "secret_made_on",
                label: "Client secret made on",
                help: "Amazon ends it 180 days later and tells nobody when. Quayside warns you from day 150. A new secret needs a new day.",
                placeholder: "2026-11-20",
                secret: false,
                optional: true,
                shape: FieldShape::MadeOn,
            },
            field(
                "refresh_token",
                "Refresh token",
                "Shown once by Authorize app. It begins with Atzr|.",
                "Atzr|…",
                true,
                FieldShape::Token,
            ),
        ],
    }],
    streams: &[
        StreamDecl {
            name: streams::ORDERS,
            title: "Orders",
            record: RecordKind::Order,
            // A search comes back every 179 s; a little more leaves room for a click.
            interval_s: 200,
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
            name: reports::RETURNS,
            title: "Returns",
            record: RecordKind::Return,
            // A report is asked for every few hours; in between this only looks whether it is ready.
            interval_s: 300,
            backfill: false,
        },
        StreamDecl {
            name: reports::PRODUCTS,
            title: "Products on offer",
            record: RecordKind::Product,
            interval_s: 600,
            backfill: true,
        },
        StreamDecl {
            name: reports::STOCK,
            title: "Quantities on offer",
            record: RecordKind::Stock,
            // A report is asked for every few hours; in between this only looks whether it is ready.
            interval_s: 600,
            backfill: true,
        },
    ],
    performs: &[
        IntentKind::Fulfill,
        IntentKind::ReplaceTracking,
        IntentKind::CancelChannelOrder,
        IntentKind::AcknowledgeOrder,
        IntentKind::Refund,
        IntentKind::SetStock,
    ],
    // A refund travels alone: its message must be the only one a lost feed can hold.
    batch_max: &[(IntentKind::CancelChannelOrder, FEED_BATCH), (IntentKind::AcknowledgeOrder, FEED_BATCH)],
    // Measured: `docs/benchmarks.md`. A package is looked at before and after. Feeds are few a minute and carry many.
    prices: &[
        Price::new(Some(IntentKind::Fulfill), PACKAGE),
        Price::new(Some(IntentKind::ReplaceTracking), PACKAGE),
        Price::new(Some(IntentKind::SetStock), COUNT),
        Price::new(Some(IntentKind::Refund), FEED_ALONE),
        Price::new(None, FEED_SHARED),
    ],
    choices: &[
        Choosing::instead(IntentKind::Fulfill, Choice::Notify, MAIL),
        Choosing::instead(IntentKind::ReplaceTracking, Choice::Notify, MAIL),
        Choosing::instead(
            IntentKind::CancelChannelOrder,
            Choice::Refund,
            "Amazon itself gives the buyer's money back when an order is cancelled.",
        ),
        Choosing::instead(IntentKind::CancelChannelOrder, Choice::Restock, SHELF),
        Choosing::instead(IntentKind::CancelChannelOrder, Choice::Notify, MAIL),
        Choosing::instead(IntentKind::Refund, Choice::Restock, SHELF),
        Choosing::instead(IntentKind::Refund, Choice::Notify, MAIL),
    ],
    refunds: Some(RefundWay { quoted: false, after_shipping: true }),
    customer_keys: &[],
    badges: &["Prime"],
    personal_data_days: Some(privacy::DAYS),
    tells_delivery: true,
    no_buyer_mail: Some(
        "Amazon writes to its buyers itself, gives relay addresses in place of theirs, and wants messages about an order to go through its own pages.",
    ),
    keeps: &[],
    api: API,
    lasting: &[(PRIVATE_APP, Lifetime::Dated)],
    settings: &[
        SettingDecl {
            name: "marketplaces",
            label: "Only these marketplaces",
            help: "Countries or ids, separated by commas (DE, FR). Empty means all you sell in.",
            kind: SettingKind::Text,
            default: "",
        },
        SettingDecl {
            name: "fba",
            label: "Show orders that Amazon ships (FBA)",
            help: "They are shown and never sent to the shipping account.",
            kind: SettingKind::Toggle,
            default: "true",
        },
    ],
};

/// Entry of the registry.
pub const PLATFORM: Platform = Platform::new(&DECLARATION, check_fields::check_fields, open);

fn open(setup: Setup) -> Result<Arc<dyn Connector>, Refusal> {
    let connector = Amazon::new(setup)?;
    let unspoken = connector.client.door().unspoken();
    Ok(discreet(connector, unspoken))
}

/// One seller in one region.
pub struct Amazon {
    client: Client,
    config: ConnectionConfig,
    /// Where the account sells, asked once per run where the last test did not say.
    places: Mutex<Option<Vec<String>>>,
    /// What Amazon said of feeds that are over.
    reports: Mutex<BTreeMap<String, Report>>,
    /// Which effect which feed belongs to: effect key → ticket.
    tickets: Mutex<BTreeMap<String, String>>,
    /// Effects whose feed was perhaps made and is not known by name: effect key → what kind of effect it is. After a
    /// restart the store tells them again: a feed of nobody may be any of theirs.
    lost: Mutex<BTreeMap<String, IntentKind>>,
    /// Reports read in part: id → rows.
    files: Mutex<BTreeMap<String, Arc<tab::Table>>>,
}

impl Amazon {
    fn new(setup: Setup) -> Result<Self, Refusal> {
        let client = Client::new(&setup)?;
        Ok(Self {
            client,
            config: setup.config,
            places: Mutex::default(),
            reports: Mutex::default(),
            tickets: Mutex::default(),
            lost: Mutex::default(),
            files: Mutex::default(),
        })
    }

    /// Why a record cannot be read by itself, and when it is read again.
    fn only_in_lists(&self, kind: RecordKind, remote_id: &str) -> Refusal {
        let sentence = match kind {
            RecordKind::Return => {
                "Amazon tells of returns in reports only. Quayside asks for one every four hours, and once a day for everything of the last 59 days; the exception ends with the next one that can be read."
            }
            RecordKind::Order => {
                "Amazon refuses the orders of this marketplace. Quayside asks again a day after it was refused; the exception ends when Amazon answers. Check in Seller Central whether the account may sell there, or leave the marketplace out in the connection's settings."
            }
            _ => {
                "Amazon tells of products in reports only. Quayside asks for one a day; the exception ends with the next one that can be read."
            }
        };
        self.refusal(Cause::Unreadable, sentence).about(remote_id)
    }

    fn seller_id(&self) -> &str {
        self.config.fields.get("seller_id").map_or("", String::as_str)
    }

    fn shows_fba(&self) -> bool {
        self.config.toggle(&DECLARATION, "fba")
    }

    /// Ids of the marketplaces a person chose; empty: all.
    fn chosen_marketplaces(&self) -> Vec<String> {
        let text = self.config.setting(&DECLARATION, "marketplaces");
        let names = text.split([',', ';', ' ']).filter(|name| !name.trim().is_empty());
        names.filter_map(places::marketplace_named).map(|place| place.id.to_owned()).collect()
    }

    fn remembered_marketplaces(&self) -> Option<Vec<String>> {
        lock(&self.places).clone()
    }

    fn remember_marketplaces(&self, ids: &[String]) {
        *lock(&self.places) = Some(ids.to_vec());
    }

    fn remember_ticket(&self, key: &str, ticket: &str) {
        lock(&self.lost).remove(key);
        lock(&self.tickets).insert(key.to_owned(), ticket.to_owned());
    }

    fn remember_lost(&self, key: &str, kind: IntentKind) {
        lock(&self.lost).insert(key.to_owned(), kind);
    }

    /// A feed that another effect knows as its own.
    fn is_of_another(&self, feed: &str, key: &str) -> bool {
        let named = |ticket: &String| confirm::feed_and_message(ticket).is_some_and(|(id, _)| id == feed);
        lock(&self.tickets).iter().any(|(theirs, ticket)| theirs != key && named(ticket))
    }

    /// Another effect of this kind lost its answer, too: a feed that belongs to nobody may be either's.
    fn others_are_lost(&self, key: &str, kind: IntentKind) -> bool {
        lock(&self.lost).iter().any(|(theirs, other)| theirs != key && *other == kind)
    }

    fn known_report(&self, feed: &str) -> Option<Report> {
        lock(&self.reports).get(feed).cloned()
    }

    fn keep_report(&self, feed: &str, report: Report) {
        let mut reports = lock(&self.reports);
        while reports.len() >= REPORTS_MAX {
            reports.pop_first();
        }
        reports.insert(feed.to_owned(), report);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Connector for Amazon {
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
        if kind == RecordKind::Stock {
            return self.read_level(remote_id, priority).await;
        }
        if kind != RecordKind::Order || remote_id.starts_with(streams::REFUSED_PREFIX) {
            return Err(ReadError::Refused(self.only_in_lists(kind, remote_id)));
        }
        let Some(order) = self.get_order(remote_id, priority).await? else { return Ok(None) };
        translate::incoming(&order, self.client.door().now_ms()).map(Some).map_err(|bad| {
            let sentence = format!("{remote_id} could not be read: {}.", bad.why);
            ReadError::Refused(self.refusal(Cause::Unreadable, &sentence).about(remote_id))
        })
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

    fn recall(&self, tickets: Vec<(String, String)>) {
        lock(&self.tickets).extend(tickets);
    }

    fn recall_lost(&self, lost: Vec<(String, IntentKind)>) {
        lock(&self.lost).extend(lost);
    }

    fn skew_ms(&self) -> Option<i64> {
        self.client.door().skew_ms()
    }
}
