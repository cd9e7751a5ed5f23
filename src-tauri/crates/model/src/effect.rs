//! One intended change in the outside world.

use crate::{Address, Currency, LabelDraft};
use serde::{Deserialize, Serialize};
use specta::Type;

/// What is to be changed, in role words. The connector turns it into calls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant)] // stored as JSON, a handful in memory
pub enum Intent {
    /// Create the hub's order, or bring it to this shape.
    PutHubOrder {
        /// The whole order as the hub should have it.
        order: HubOrderDraft,
        /// The hub's id, once known: hubs use it to tell update from create.
        hub_order_id: Option<String>,
    },
    /// Cancel the hub's order; it must not ship.
    CancelHubOrder {
        /// The hub's id.
        hub_order_id: String,
        /// Our key on it.
        hub_order_key: String,
    },
    /// Keep the hub from shipping it for now.
    HoldHubOrder {
        /// The hub's id.
        hub_order_id: String,
        /// Our key on it.
        hub_order_key: String,
        /// Day on which the hub may ship again, `YYYY-MM-DD`.
        until_day: String,
    },
    /// Let the hub ship again.
    ReleaseHubOrder {
        /// The hub's id.
        hub_order_id: String,
        /// Our key on it.
        hub_order_key: String,
    },
    /// Give a label back.
    VoidLabel {
        /// The parcel's id at the hub.
        parcel_id: String,
    },
    /// Buy the label of a hub order. It costs money at once.
    BuyLabel {
        /// Which, and for how much at most.
        label: LabelDraft,
    },
    /// Make a label with which a parcel comes back.
    ReturnLabel {
        /// The hub's id of the order.
        hub_order_id: String,
        /// Our key on it.
        hub_order_key: String,
        /// The parcel that is to come back, by its id at the hub.
        parcel_id: String,
        /// Return labels the order had when this was planned: one that is not among them is ours.
        known_label_ids: Vec<String>,
    },
    /// Tell the channel that lines left.
    Fulfill {
        /// What left.
        fulfillment: FulfillmentDraft,
    },
    /// Correct the tracking of a fulfillment the channel already has.
    ReplaceTracking {
        /// The channel's order.
        order_remote_id: String,
        /// The channel's fulfillment.
        fulfillment_id: String,
        /// The new tracking.
        tracking: Tracking,
        /// Tell the buyer.
        notify_customer: bool,
    },
    /// Take back a fulfillment (its label was voided before it left).
    CancelFulfillment {
        /// The channel's order.
        order_remote_id: String,
        /// The channel's fulfillment.
        fulfillment_id: String,
    },
    /// Cancel the channel's order.
    CancelChannelOrder {
        /// The channel's order.
        order_remote_id: String,
        /// Why, in the channel-neutral words `customer`, `inventory`, `fraud`, `declined`, `staff`, `other`.
        reason: String,
        /// Put the units back on the shelf.
        restock: bool,
        /// Give the money back.
        refund: bool,
        /// Tell the buyer.
        notify_customer: bool,
        /// Note for the team.
        staff_note: String,
    },
    /// Give money back in the channel, for lines, for shipping, or both.
    Refund {
        /// What is given back.
        refund: RefundDraft,
    },
    /// Write down at the hub what the channel gave back: its books, and the units that come back. No money moves.
    RecordRefund {
        /// The hub's id of its order.
        hub_order_id: String,
        /// Our key on it.
        hub_order_key: String,
        /// What was given back.
        refund: HubRefundDraft,
    },
    /// Tell the channel we have taken the order in (marketplaces ask for it).
    AcknowledgeOrder {
        /// The channel's order.
        order_remote_id: String,
        /// Our number of it.
        number: String,
    },
    /// Write facts onto the channel's order: cost, carrier, a note. Never its lines or its money.
    AnnotateOrder {
        /// The channel's order.
        order_remote_id: String,
        /// Named facts, `key → text`; the channel keeps them where it keeps such things (metafields, notes).
        fields: Vec<(String, String)>,
        /// A line for the team, added to what is there.
        note: String,
        /// Tags to add.
        tags: Vec<String>,
    },
    /// Show in the channel that the hub holds the order, or take that back. Reading it, the channel's connector must know the
    /// hold for ours: it holds nothing in turn.
    ShowHold {
        /// The channel's order.
        order_remote_id: String,
        /// Held; `false`: not any more.
        held: bool,
    },
    /// Agree to a return that the buyer asked for, or decline it.
    AnswerReturn {
        /// The channel's order.
        order_remote_id: String,
        /// The return, by its id in the channel.
        return_id: String,
        /// Why it is declined; `None`: it is agreed to.
        decline: Option<crate::DeclineReason>,
        /// Words for the buyer beside a decline; may be empty.
        note: String,
        /// Let the channel tell the buyer.
        notify_customer: bool,
    },
    /// Say how many units of a product can be sold.
    SetStock {
        /// The count.
        stock: StockDraft,
    },
    /// Make a product, or bring it up to date, in an account that keeps what is packed.
    PutProduct {
        /// The product.
        product: crate::ProductDraft,
    },
    /// Create or update a record (customer, account, case) in an account that keeps such things.
    PutRecord {
        /// The record.
        record: RecordDraft,
    },
    /// Write to the buyer that something happened to the order.
    TellBuyer {
        /// The message.
        message: BuyerMessage,
    },
}

/// The kinds of [`Intent`]; connectors declare which they perform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // named after the intents above
pub enum IntentKind {
    PutHubOrder,
    CancelHubOrder,
    HoldHubOrder,
    ReleaseHubOrder,
    VoidLabel,
    BuyLabel,
    ReturnLabel,
    Fulfill,
    ReplaceTracking,
    CancelFulfillment,
    CancelChannelOrder,
    Refund,
    RecordRefund,
    AcknowledgeOrder,
    AnnotateOrder,
    ShowHold,
    AnswerReturn,
    SetStock,
    PutProduct,
    PutRecord,
    TellBuyer,
}

impl IntentKind {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::PutHubOrder,
        Self::CancelHubOrder,
        Self::HoldHubOrder,
        Self::ReleaseHubOrder,
        Self::VoidLabel,
        Self::BuyLabel,
        Self::ReturnLabel,
        Self::Fulfill,
        Self::ReplaceTracking,
        Self::CancelFulfillment,
        Self::CancelChannelOrder,
        Self::Refund,
        Self::RecordRefund,
        Self::AcknowledgeOrder,
        Self::AnnotateOrder,
        Self::ShowHold,
        Self::AnswerReturn,
        Self::SetStock,
        Self::PutProduct,
        Self::PutRecord,
        Self::TellBuyer,
    ];
    /// Stable word for storage.
    pub fn code(self) -> &'static str {
        match self {
            Self::PutHubOrder => "put_hub_order",
            Self::CancelHubOrder => "cancel_hub_order",
            Self::HoldHubOrder => "hold_hub_order",
            Self::ReleaseHubOrder => "release_hub_order",
            Self::VoidLabel => "void_label",
            Self::BuyLabel => "buy_label",
            Self::ReturnLabel => "return_label",
            Self::Fulfill => "fulfill",
            Self::ReplaceTracking => "replace_tracking",
            Self::CancelFulfillment => "cancel_fulfillment",
            Self::CancelChannelOrder => "cancel_channel_order",
            Self::Refund => "refund",
            Self::RecordRefund => "record_refund",
            Self::AcknowledgeOrder => "acknowledge_order",
            Self::AnnotateOrder => "annotate_order",
            Self::ShowHold => "show_hold",
            Self::AnswerReturn => "answer_return",
            Self::SetStock => "set_stock",
            Self::PutProduct => "put_product",
            Self::PutRecord => "put_record",
            Self::TellBuyer => "tell_buyer",
        }
    }
    /// From the stable word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
    /// What it does, as a verb phrase for sentences: "send the order".
    pub fn phrase(self) -> &'static str {
        match self {
            Self::PutHubOrder => "send the order",
            Self::CancelHubOrder => "cancel the order",
            Self::HoldHubOrder => "hold the order",
            Self::ReleaseHubOrder => "release the order",
            Self::VoidLabel => "void the label",
            Self::BuyLabel => "buy the label",
            Self::ReturnLabel => "make a return label",
            Self::Fulfill => "report the parcel",
            Self::ReplaceTracking => "correct the tracking",
            Self::CancelFulfillment => "take back the fulfillment",
            Self::CancelChannelOrder => "cancel the order in the store",
            Self::Refund => "give the money back",
            Self::RecordRefund => "record refunds",
            Self::AcknowledgeOrder => "acknowledge the order",
            Self::AnnotateOrder => "write the facts onto the store's order",
            Self::ShowHold => "show the hold in the store",
            Self::AnswerReturn => "answer the return request",
            Self::SetStock => "set the stock",
            Self::PutProduct => "write the product",
            Self::PutRecord => "write the record",
            Self::TellBuyer => "write to the buyer",
        }
    }
}

impl Intent {
    /// The buyer it was for was taken out of it: it must not leave any more.
    pub fn is_forgotten(&self) -> bool {
        match self {
            Self::PutHubOrder { order, .. } => order.ship_to.is_forgotten(),
            Self::PutRecord { record } => record.is_blanked(),
            Self::TellBuyer { message } => message.to.is_empty(),
            _ => false,
        }
    }

    /// Which kind it is.
    pub fn kind(&self) -> IntentKind {
        match self {
            Self::PutHubOrder { .. } => IntentKind::PutHubOrder,
            Self::CancelHubOrder { .. } => IntentKind::CancelHubOrder,
            Self::HoldHubOrder { .. } => IntentKind::HoldHubOrder,
            Self::ReleaseHubOrder { .. } => IntentKind::ReleaseHubOrder,
            Self::VoidLabel { .. } => IntentKind::VoidLabel,
            Self::BuyLabel { .. } => IntentKind::BuyLabel,
            Self::ReturnLabel { .. } => IntentKind::ReturnLabel,
            Self::Fulfill { .. } => IntentKind::Fulfill,
            Self::ReplaceTracking { .. } => IntentKind::ReplaceTracking,
            Self::CancelFulfillment { .. } => IntentKind::CancelFulfillment,
            Self::CancelChannelOrder { .. } => IntentKind::CancelChannelOrder,
            Self::Refund { .. } => IntentKind::Refund,
            Self::RecordRefund { .. } => IntentKind::RecordRefund,
            Self::AcknowledgeOrder { .. } => IntentKind::AcknowledgeOrder,
            Self::AnnotateOrder { .. } => IntentKind::AnnotateOrder,
            Self::ShowHold { .. } => IntentKind::ShowHold,
            Self::AnswerReturn { .. } => IntentKind::AnswerReturn,
            Self::SetStock { .. } => IntentKind::SetStock,
            Self::PutProduct { .. } => IntentKind::PutProduct,
            Self::PutRecord { .. } => IntentKind::PutRecord,
            Self::TellBuyer { .. } => IntentKind::TellBuyer,
        }
    }
}

/// An order as we want the hub to have it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct HubOrderDraft {
    /// Our permanent key at the hub, at most 50 characters, unique over all stores.
    pub key: String,
    /// The number people call it, at most 50 characters.
    pub number: String,
    /// When the buyer bought, ms UTC.
    pub placed_at_ms: i64,
    /// When it was paid, ms UTC, if known.
    pub paid_at_ms: Option<i64>,
    /// Latest moment to leave, ms UTC.
    pub ship_by_ms: Option<i64>,
    /// Ready to pack; `false` asks the hub to keep it on hold.
    pub ready: bool,
    /// Where it goes.
    pub ship_to: Address,
    /// Who pays.
    pub bill_to: Address,
    /// Buyer's e-mail, empty if hidden.
    pub email: String,
    /// The channel's customer id or name, for the hub's records.
    pub customer_ref: String,
    /// The shipping the buyer asked for, in words.
    pub requested_service: String,
    /// Lines a carrier must take.
    pub lines: Vec<HubLineDraft>,
    /// Currency of the amounts.
    pub currency: Currency,
    /// What the buyer paid in all, minor units.
    pub total_minor: i64,
    /// Tax in it, minor units.
    pub tax_minor: i64,
    /// Shipping in it, minor units.
    pub shipping_minor: i64,
    /// Discounts given, positive, minor units.
    pub discount_minor: i64,
    /// The buyer's note.
    pub customer_note: String,
    /// Note for the team.
    pub internal_note: String,
    /// It is a present.
    pub gift: bool,
    /// Text for the card.
    pub gift_message: String,
    /// Up to three custom fields.
    pub custom_fields: [String; 3],
    /// Where it was bought, for the hub's "source" field.
    pub source: String,
    /// Tags by name.
    pub tags: Vec<String>,
    /// The hub's store to put it in, if chosen. Only honoured at creation.
    pub store_id: Option<String>,
    /// How it should be shipped, where rules chose.
    #[serde(default)]
    pub ship: ShipChoice,
}

/// How an order should be shipped, in the hub's own codes. Empty leaves the choice to the hub.
/// A hub honours what it can; what the warehouse chose there already stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct ShipChoice {
    /// To the front of the line.
    pub priority: bool,
    /// Carrier (`ups`, `se-123`).
    pub carrier: String,
    /// Service (`ups_ground`).
    pub service: String,
    /// Kind of package (`package`, `small_flat_rate_box`).
    pub package: String,
    /// Confirmation of delivery (`signature`).
    pub confirmation: String,
    /// Ship-from place, by the hub's id.
    pub warehouse: String,
}

/// A line of a hub order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct HubLineDraft {
    /// Our stable line key: the channel's line id.
    pub line_key: String,
    /// SKU.
    pub sku: String,
    /// Name, never empty.
    pub name: String,
    /// Units.
    pub quantity: i64,
    /// Price of one unit, minor units.
    pub unit_price_minor: i64,
    /// Tax on the line, minor units.
    pub tax_minor: i64,
    /// Weight of one unit, grams.
    pub weight_g: Option<f64>,
    /// Options, `name → value`.
    pub options: Vec<(String, String)>,
    /// Barcode.
    pub barcode: Option<String>,
}

/// Lines that left, for the channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct FulfillmentDraft {
    /// The channel's order.
    pub order_remote_id: String,
    /// The hub parcel(s) this reports, for the trail.
    pub parcel_ids: Vec<String>,
    /// Units per order line.
    pub lines: Vec<crate::order::FulfillmentLine>,
    /// How to follow it.
    pub tracking: Tracking,
    /// Tell the buyer.
    pub notify_customer: bool,
    /// When it left, ms UTC.
    pub shipped_at_ms: Option<i64>,
    /// The channel's fulfillments that already existed when this was planned:
    /// one that is not among them and carries the same lines is ours.
    pub known_fulfillment_ids: Vec<String>,
    /// When it is expected, as far as somebody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expected>,
}

/// When a parcel is expected, and by whose word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Expected {
    /// The day, as a moment in it, ms UTC.
    pub at_ms: i64,
    /// Whose word it is.
    pub by: ExpectedBy,
}

/// Who says when a parcel is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedBy {
    /// Whoever carries it.
    Carrier,
    /// The store, to the buyer.
    Store,
    /// The merchant: a promise by service, or the usual days on the road.
    Own,
}

impl ExpectedBy {
    /// For people, and for a field that holds it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Carrier => "Carrier",
            Self::Store => "Store",
            Self::Own => "Own promise",
        }
    }
}

/// Money to give back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RefundDraft {
    /// The channel's order.
    pub order_remote_id: String,
    /// Units given back, by line.
    pub lines: Vec<RefundLineDraft>,
    /// Shipping given back, minor units; 0 keeps it.
    pub shipping_minor: i64,
    /// All that is given back, minor units. The channel's own quote must not be lower: never more than this leaves.
    pub total_minor: i64,
    /// Currency of the amounts.
    pub currency: Currency,
    /// Why, in the channel-neutral words of [`Intent::CancelChannelOrder`] and `return`.
    pub reason: String,
    /// Note for the team.
    pub note: String,
    /// Tell the buyer.
    pub notify_customer: bool,
    /// Refunds the channel's order already had when this was planned: one that is not among them and gives back
    /// the same is ours.
    pub known_refund_ids: Vec<String>,
}

/// A line of a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RefundLineDraft {
    /// The order line.
    pub order_line_id: String,
    /// Units.
    pub quantity: i64,
    /// Put them back on the shelf.
    pub restock: bool,
}

/// A refund of the channel, as the hub is to have it in its books. The name it is known by there is the effect's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct HubRefundDraft {
    /// The number people call the channel's order.
    pub number: String,
    /// What was given back and the hub does not know of yet, minor units.
    pub total_minor: i64,
    /// All that was given back on the order so far, this included, minor units.
    pub through_minor: i64,
    /// Currency of the amounts.
    pub currency: Currency,
    /// Units it is for, as far as the channel says; one line may stand twice, with and without its restock.
    pub lines: Vec<HubRefundLineDraft>,
    /// Why, in the channel-neutral words of [`Intent::CancelChannelOrder`].
    pub reason: String,
}

/// A line of a refund at the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct HubRefundLineDraft {
    /// Our line key: the channel's line id.
    pub line_key: String,
    /// SKU.
    pub sku: String,
    /// Units.
    pub quantity: i64,
    /// The hub puts them back on the shelf.
    pub restock: bool,
}

/// What a platform is asked before money is given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundAsk {
    /// The channel's order.
    pub order_remote_id: String,
    /// Units to give back, by line.
    pub lines: Vec<RefundLineDraft>,
    /// Of the shipping at most so much, minor units: what was paid where that is less.
    pub shipping_max_minor: i64,
    /// An amount that was agreed on, minor units; `None`: whatever the platform computes.
    pub total_minor: Option<i64>,
    /// Currency of the amounts.
    pub currency: Currency,
}

/// What is asked for by what was decided.
impl From<&RefundDraft> for RefundAsk {
    fn from(draft: &RefundDraft) -> Self {
        Self {
            order_remote_id: draft.order_remote_id.clone(),
            lines: draft.lines.clone(),
            shipping_max_minor: draft.shipping_minor,
            total_minor: Some(draft.total_minor),
            currency: draft.currency.clone(),
        }
    }
}

/// What giving money back comes to, by the platform's word or by ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundQuote {
    /// All that would be given back, minor units.
    pub total_minor: i64,
    /// Of it for the shipping, minor units.
    pub shipping_minor: i64,
    /// Of it tax, minor units, where the platform says.
    pub tax_minor: Option<i64>,
    /// The platform would only record it; the money moves by other ways.
    pub recorded_only: bool,
}

/// How many units of a product can be sold at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StockDraft {
    /// SKU.
    pub sku: String,
    /// The account's id of what is counted (inventory item, variant), if known.
    pub item_id: Option<String>,
    /// The account's id of the place; `None` where the account knows only one.
    pub location_id: Option<String>,
    /// Units that can be sold.
    pub available: i64,
    /// What we last agreed on: an account that can compare refuses when it has something else by now.
    pub expected: Option<i64>,
    /// It is a change by so many units (some came back, some broke) and no count. Where the account can add
    /// and take away, only the difference to [`Self::expected`] is sent, so that what is sold there at the same moment
    /// stays sold; elsewhere, or with nothing expected, the level is set.
    #[serde(default)]
    pub moves: bool,
}

impl StockDraft {
    /// Units to add to what the account shows, or to take away; `None`: the level is to be set.
    pub fn difference(&self) -> Option<i64> {
        self.expected.filter(|_| self.moves).map(|expected| self.available - expected).filter(|by| *by != 0)
    }
}

/// A record of an account that keeps customers and cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RecordDraft {
    /// What it is to the trade. Which object and which fields hold it the account's settings say.
    #[serde(default)]
    pub noun: RecordNoun,
    /// For [`RecordNoun::Named`] the account's name of the kind of record (`Contact`); else empty.
    pub object: String,
    /// For [`RecordNoun::Named`] the field that holds our id; else empty.
    pub external_id_field: String,
    /// Our id: writing twice writes one record.
    pub external_id: String,
    /// What is known of it, by the words of [`RecordNoun::facts`] (for [`RecordNoun::Named`] by the account's own names),
    /// as JSON values in text (`"Ada"`, `12.5`, `null`).
    pub fields: Vec<(String, String)>,
}

impl RecordDraft {
    /// A fact as text; `None` where it is not there or empty.
    pub fn fact(&self, name: &str) -> Option<String> {
        let (_, text) = self.fields.iter().find(|(known, _)| known == name)?;
        match serde_json::from_str::<serde_json::Value>(text) {
            Ok(serde_json::Value::Null) => None,
            Ok(serde_json::Value::String(text)) => Some(text).filter(|text| !text.trim().is_empty()),
            _ => Some(text.clone()),
        }
    }

    /// The person it is about was taken out of it: nothing is left to compare with.
    pub fn is_blanked(&self) -> bool {
        !self.fields.is_empty() && self.fields.iter().all(|(_, text)| text == "null")
    }
}

/// A message to a buyer, as it leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct BuyerMessage {
    /// The buyer's address.
    pub to: String,
    /// Its subject, one line.
    pub subject: String,
    /// Its text.
    pub body: String,
    /// What happened, as a stable word (`lost`, `late`).
    pub about: String,
    /// What happened, in words that name no buyer ("parcel 1Z999 is lost"): for timelines and the store's own order.
    pub words: String,
    /// When the buyer sleeps; `None`: it may leave at any hour.
    pub quiet: Option<QuietHours>,
}

/// Hours of the day in which nothing is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct QuietHours {
    /// By the clock of this zone (IANA).
    pub zone: String,
    /// Their first minute, minutes after midnight.
    pub from_min: u32,
    /// The first minute after them; not later than `from_min`: on the next day.
    pub to_min: u32,
}

/// What a record is to the trade.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RecordNoun {
    /// A record named in the account's own words.
    #[default]
    Named,
    /// A person goods go to, and the account that person belongs to.
    Customer,
    /// A parcel: carrier, number, when it is expected.
    Shipment,
    /// Something a colleague is to do by a day.
    FollowUp,
    /// Something that went wrong on the way.
    Problem,
    /// What a customer bought so far. Its id is the customer's: it is written onto that customer's record.
    History,
    /// A sale that somebody is to try for.
    Offer,
}

/// The key of the customer a record is about; every noun but [`RecordNoun::Customer`] may name it.
pub const CUSTOMER_FACT: &str = "customer";
/// The account's own id of the sale a record is about, where the sale came from that account.
pub const DEAL_FACT: &str = "deal";

impl RecordNoun {
    /// Stable word.
    pub fn code(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::Customer => "customer",
            Self::Shipment => "shipment",
            Self::FollowUp => "follow_up",
            Self::Problem => "problem",
            Self::History => "history",
            Self::Offer => "offer",
        }
    }

    /// In words, with its article.
    pub fn words(self) -> &'static str {
        match self {
            Self::Named => "the record",
            Self::Customer => "the customer",
            Self::Shipment => "the shipment",
            Self::FollowUp => "the task",
            Self::Problem => "the case",
            Self::History => "the customer's history",
            Self::Offer => "the opportunity",
        }
    }

    /// What may be known of it: word, and how people call it.
    pub fn facts(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Named => &[],
            Self::Customer => &[
                ("name", "Name"),
                ("company", "Company"),
                ("email", "E-mail"),
                ("phone", "Telephone"),
                ("street", "Street"),
                ("city", "City"),
                ("region", "State"),
                ("postcode", "Postcode"),
                ("country", "Country"),
                ("verified", "Address verified"),
            ],
            Self::Shipment => &[
                ("title", "Title"),
                ("order", "Order"),
                ("state", "State"),
                ("carrier", "Carrier"),
                ("service", "Service"),
                ("tracking", "Tracking numbers"),
                ("url", "Tracking link"),
                ("shipped", "Shipped on"),
                ("expected", "Expected on"),
                ("expected_by", "Expected by the word of"),
                ("delivered", "Delivered on"),
                ("contents", "Contents"),
                ("value", "Value"),
                ("currency", "Currency"),
            ],
            Self::FollowUp => &[("title", "Title"), ("text", "Text"), ("due", "Due on"), ("order", "Order")],
            Self::Problem => &[
                ("title", "Title"),
                ("text", "Text"),
                ("problem", "What went wrong"),
                ("order", "Order"),
                ("carrier", "Carrier"),
                ("tracking", "Tracking numbers"),
                ("url", "Tracking link"),
                ("value", "Value"),
                ("currency", "Currency"),
            ],
            Self::History => &[
                ("orders", "Orders"),
                ("first", "First order on"),
                ("last", "Last order on"),
                ("days", "Days between orders"),
                ("average", "Average value"),
                ("total", "Spent in all"),
                ("currency", "Currency"),
                ("carrier", "Carrier used most"),
                ("shipped", "Last shipment on"),
            ],
            Self::Offer => &[
                ("title", "Title"),
                ("text", "Text"),
                ("due", "Closes on"),
                ("order", "Order"),
                ("value", "Value"),
                ("currency", "Currency"),
            ],
        }
    }
}

/// How to follow a parcel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Tracking {
    /// The hub's carrier code; the channel's connector maps it to its own name.
    pub carrier_code: String,
    /// The carrier's display name, for carriers the channel does not know.
    pub carrier_name: String,
    /// Numbers, one per package; may be empty.
    pub numbers: Vec<String>,
    /// Links, matched by position.
    pub urls: Vec<String>,
}

/// How far an automation may go by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Does nothing.
    Off,
    /// Shows what it would do.
    Watch,
    /// Waits for a click per effect.
    Ask,
    /// Acts.
    Auto,
}

impl Mode {
    /// Stable word for storage.
    pub fn code(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Watch => "watch",
            Self::Ask => "ask",
            Self::Auto => "auto",
        }
    }
    /// From the stable word.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Off, Self::Watch, Self::Ask, Self::Auto].into_iter().find(|mode| mode.code() == code)
    }
}

/// Where an effect stands. End states are written once.
///
/// ```text
/// asked ──approve──► pending ──claim──► running ──► done
///   │                  ▲  │               │  ├────► refused  (a person must act; Retry makes it pending again)
///   └──skip──► skipped │  └──skip         │  └────► unknown  (answer lost) ──confirm──► done | pending
///                      └──── wait, retry ─┘
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum EffectState {
    /// Waits for a click (mode Ask).
    Asked,
    /// Waits for its turn, or for `not_before_ms`.
    Pending,
    /// Sent; the answer is not here yet.
    Running,
    /// The answer was lost. Looked up at the platform before anything else.
    Unknown,
    /// The platform has it, read back or answered.
    Done,
    /// The platform refused; on the exceptions list.
    Refused,
    /// Given up by a person, or overtaken by a newer effect.
    Skipped,
}

impl EffectState {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Asked, Self::Pending, Self::Running, Self::Unknown, Self::Done, Self::Refused, Self::Skipped];
    /// Stable word for storage.
    pub fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Unknown => "unknown",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Skipped => "skipped",
        }
    }
    /// From the stable word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
    /// Nothing more will happen by itself, ever.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Skipped)
    }
}
