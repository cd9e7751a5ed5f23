//! BigCommerce, a channel: REST Management API, V2 for orders and V3 for the rest.
//!
//! ```text
//! mod.rs        what it says about itself     check_fields.rs  mix-ups in the form
//! client.rs     the only file with HTTP       verdicts.rs      answers -> what they mean
//! streams.rs    what changed, page by page    gather.rs        one order in its parts
//! customers.rs  what they tell of its buyer
//! translate.rs  JSON -> order, pure           json.rs, times.rs, units.rs  reading
//! parts.rs      one order per address, pure   shipments.rs     parcel -> calls, pure
//! status.rs     order statuses, both ways
//! perform.rs    shipments                     cancel.rs, refunds.rs  money
//! confirm.rs    does a change hold            carriers.rs      carrier words, tracking
//! annotate.rs   metafields, notes, costs       goods.rs, stock.rs   products, levels
//! hold.rs       the hub's holds as a status    preflight.rs        Test connection
//! ```
//!
//! Left out on purpose: webhooks (a desktop program has no address they could reach),
//! order messages (they can be read but not written; nobody packs by them), returns
//! (no public API), editing lines or addresses of an order (any such change may
//! recalculate its totals and drop discounts), and creating orders.

mod annotate;
mod cancel;
mod carriers;
mod check_fields;
mod client;
mod confirm;
mod customers;
mod gather;
mod goods;
mod hold;
mod json;
mod parts;
mod perform;
mod preflight;
mod refunds;
mod shipments;
mod status;
mod stock;
mod streams;
mod times;
mod translate;
mod units;
mod verdicts;

#[cfg(test)]
mod tests;

use crate::discreet::discreet;
use crate::{Ask, Budget, Connector, Platform, Priority, ReadError, Setup, Task};
use async_trait::async_trait;
use client::Client;
use quayside_model::{
    ApiVersion, Cause, Choice, Choosing, Confirmation, ConnectionConfig, CredentialField, Declaration, FieldShape,
    Incoming, IntentKind, Lifetime, Page, Preflight, Price, Record, RecordKind, RefundAsk, RefundQuote, RefundWay,
    Refusal, Role, SettingDecl, SettingKind, StreamDecl, Take, Verdict, Way,
};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use translate::Shop;

/// A store-level API account.
pub const API_ACCOUNT: &str = "api_account";

/// Who decides about the shelf.
const SHELF: &str = "Units go back on the shelf as the stock settings of the store at BigCommerce say.";
/// Who decides about mails.
const MAIL: &str = "The buyer is written to as the order e-mail settings of the store at BigCommerce say.";

/// What BigCommerce says about itself.
pub static DECLARATION: Declaration = Declaration {
    platform: "bigcommerce",
    title: "BigCommerce",
    roles: &[Role::Channel],
    summary: "Orders come from the store and its storefronts; tracking and cancellations go back to it.",
    ways: &[Way {
        id: API_ACCOUNT,
        title: "API account",
        steps: &[
            "Sign in to the control panel as the store's owner, and open Settings, Store-level API accounts.",
            "Create an API account of the type V2/V3 API token, and name it Quayside.",
            "Set these permissions; they cannot be changed later: Orders: modify, Order Transactions: modify, Information & settings: read-only, Channel listings and settings: read-only, Products: read-only, Store Inventory: modify, Store Locations: read-only. One more is optional, for customer groups and notes on orders: Customers: read-only.",
            "Save. Copy the API path and the access token at once: the token is shown only this time.",
        ],
        fields: &[
            CredentialField {
                name: "store_hash",
                label: "Store hash or API path",
                help: "The API path shown with the new account, or only the word after \"stores/\" in it.",
                placeholder: "https://api.bigcommerce.com/stores/abc123def4/v3/",
                secret: false,
                optional: false,
                shape: FieldShape::Text,
            },
            CredentialField {
                name: "access_token",
                label: "Access token",
                help: "Shown once, when the API account is made. The client ID and the client secret beside it are not needed.",
                placeholder: "31 letters and digits",
                secret: true,
                optional: false,
                shape: FieldShape::Token,
            },
        ],
    }],
    streams: &[
        StreamDecl {
            name: streams::ORDERS,
            title: "Orders",
            record: RecordKind::Order,
            interval_s: 30,
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
            name: goods::PRODUCTS,
            title: "Products",
            record: RecordKind::Product,
            interval_s: 3_600,
            backfill: true,
        },
        StreamDecl {
            name: goods::STOCK,
            title: "Stock by location",
            record: RecordKind::Stock,
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
        IntentKind::ShowHold,
        IntentKind::SetStock,
    ],
    batch_max: &[],
    // Measured: `docs/benchmarks.md`. Order and shipments before, the status after.
    prices: &[
        Price::new(Some(IntentKind::Fulfill), &[Take { bucket: client::BUCKET, cost: 4.05 }]),
        // Order and field before, field and status: by their number, half of them being a release.
        Price::new(Some(IntentKind::ShowHold), &[Take { bucket: client::BUCKET, cost: 4.5 }]),
        Price::new(None, &[Take { bucket: client::BUCKET, cost: 3.0 }]),
    ],
    choices: &[
        Choosing::instead(IntentKind::Fulfill, Choice::Notify, MAIL),
        Choosing::instead(IntentKind::ReplaceTracking, Choice::Notify, MAIL),
        Choosing::honoured(IntentKind::CancelChannelOrder, Choice::Refund),
        Choosing::instead(IntentKind::CancelChannelOrder, Choice::Restock, SHELF),
        Choosing::instead(IntentKind::CancelChannelOrder, Choice::Notify, MAIL),
        Choosing::instead(IntentKind::Refund, Choice::Restock, SHELF),
        Choosing::instead(IntentKind::Refund, Choice::Notify, MAIL),
    ],
    refunds: Some(RefundWay { quoted: true, after_shipping: false }),
    customer_keys: &[],
    badges: &[],
    personal_data_days: None,
    tells_delivery: false,
    no_buyer_mail: None,
    keeps: &[],
    api: &[ApiVersion::new("Orders", "V2"), ApiVersion::new("Management API", "V3")],
    lasting: &[(API_ACCOUNT, Lifetime::Endless)],
    settings: &[SettingDecl {
        name: "channels",
        label: "Storefronts",
        help: "Numbers of the storefronts (channels) this connection is about, separated by commas. Empty means all of the store.",
        kind: SettingKind::Text,
        default: "",
    }],
};

/// Entry of the registry.
pub const PLATFORM: Platform = Platform::new(&DECLARATION, check_fields::check_fields, open);

fn open(setup: Setup) -> Result<Arc<dyn Connector>, Refusal> {
    let connector = BigCommerce::new(setup)?;
    let unspoken = connector.client.door().unspoken();
    Ok(discreet(connector, unspoken))
}

/// One store.
pub struct BigCommerce {
    client: Client,
    config: ConnectionConfig,
    /// Storefronts to read; empty means all.
    channels: BTreeSet<i64>,
    /// What the store is like, and until when that is believed, ms UTC.
    shop: tokio::sync::Mutex<Option<(Shop, i64)>>,
    /// Names of customer groups, and whether customers may be asked for.
    customers: tokio::sync::Mutex<customers::Memory>,
    /// Rows the next list call asks for: fewer after the store choked on them.
    rows: AtomicUsize,
}

impl BigCommerce {
    /// Rows of the first list call.
    const ROWS_FIRST: usize = 100;

    fn new(setup: Setup) -> Result<Self, Refusal> {
        let client = Client::new(&setup)?;
        let chosen = setup.config.setting(&DECLARATION, "channels");
        let channels = chosen.split([',', ' ', ';']).filter_map(|id| id.trim().parse().ok()).collect();
        Ok(Self {
            client,
            channels,
            config: setup.config,
            shop: tokio::sync::Mutex::default(),
            customers: tokio::sync::Mutex::default(),
            rows: AtomicUsize::new(Self::ROWS_FIRST),
        })
    }
}

#[async_trait]
impl Connector for BigCommerce {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    async fn preflight(&self) -> Preflight {
        self.check().await
    }

    async fn read(&self, ask: &Ask<'_>) -> Result<Page, ReadError> {
        match ask.stream {
            streams::ORDERS | streams::OPEN_ORDERS => self.read_orders(ask).await,
            goods::PRODUCTS => self.read_products(ask).await,
            goods::STOCK => self.read_stock(ask).await,
            other => Err(ReadError::Refused(
                self.refusal(Cause::NotUnderstood, &format!("There is no stream called {other}.")),
            )),
        }
    }

    async fn read_one(
        &self,
        kind: RecordKind,
        remote_id: &str,
        priority: Priority,
    ) -> Result<Option<Incoming>, ReadError> {
        if matches!(kind, RecordKind::Product | RecordKind::Stock) {
            return self.read_goods(kind, remote_id, priority).await;
        }
        let (RecordKind::Order, Some(part)) = (kind, parts::Part::of(remote_id)) else { return Ok(None) };
        let mut shop = self.shop(priority).await?;
        let Some(whole) = self.read_whole(part.order, priority).await? else { return Ok(None) };
        let buyer = customers::customer_of(&whole.order).into_iter().collect();
        shop.buyers = self.buyers(&buyer, priority).await?;
        let bad = |why: String| {
            let sentence = format!("Order {} could not be read: {why}.", part.order);
            ReadError::Refused(self.refusal(Cause::Unreadable, &sentence).about(remote_id))
        };
        let mut incoming = translate::incoming(&whole, &shop).map_err(|unreadable| bad(unreadable.why))?.into_iter();
        // The first part has the order's own id.
        let Some(address) = part.address else { return Ok(incoming.next()) };
        if let Some(own) = incoming.find(|one| one.record.remote_id() == remote_id) {
            return Ok(Some(own));
        }
        let gone = parts::gone(&whole, address, &shop).map_err(bad)?;
        Ok(Some(Incoming { record: Record::Order(gone), raw: whole.raw() }))
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

    fn budget(&self) -> &Budget {
        self.client.budget()
    }

    fn skew_ms(&self) -> Option<i64> {
        self.client.door().skew_ms()
    }
}
