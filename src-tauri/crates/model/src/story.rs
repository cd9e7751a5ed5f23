//! All we know about one channel order, and what is decided about it.
//!
//! The engine loads a [`Story`], a pure function in `flows` turns it into a
//! [`Decision`], the store writes the decision in the same transaction as
//! whatever changed the story. Deciding is level-triggered: the same story gives
//! the same decision, however often and for whatever reason it is looked at.

use crate::{
    Action, Address, Cause, ConnectionId, EffectId, EffectState, GoodsHere, Held, HubOrder, Intent, Mode, Order,
    OrderId, Parcel, QuoteSeen, QuoteWish, Receipt, Refusal, Replacement, Return, Tone,
};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// All we know about one channel order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Story {
    /// Our row.
    pub order_id: OrderId,
    /// The connection it came from.
    pub channel: ConnectionId,
    /// The order as last read.
    pub order: Order,
    /// When we first saw it, ms UTC.
    pub received_at_ms: i64,
    /// When we last read it, ms UTC.
    pub seen_at_ms: i64,
    /// Its orders at hubs: ours, splits and merges of ours.
    pub hub_orders: Vec<Seen<HubOrder>>,
    /// Parcels that carry lines of it, voided ones too.
    pub parcels: Vec<Seen<Parcel>>,
    /// Every effect ever planned for it, oldest first.
    pub effects: Vec<PastEffect>,
    /// What people decided about it.
    pub choices: Choices,
    /// Orders of the same number that hubs have and that belong to no order of ours.
    #[serde(default)]
    pub strays: Vec<Seen<HubOrder>>,
    /// Orders of other accounts that are the same sale by their numbers.
    #[serde(default)]
    pub twins: Vec<Twin>,
    /// What the buyer sends back, as the channel tells it.
    #[serde(default)]
    pub returns: Vec<Seen<Return>>,
    /// What the channel was asked about giving money of them back, and said.
    #[serde(default)]
    pub quotes: Vec<QuoteSeen>,
}

/// An order of another account that names this one as the sale it copies, or that this one names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Twin {
    /// Its row.
    pub order_id: OrderId,
    /// The connection it came from.
    pub connection: ConnectionId,
    /// The order as last read.
    pub order: Order,
    /// What it is to this one.
    pub side: TwinSide,
    /// It is at a hub, or on its way there.
    pub sent: bool,
    /// It is in the queue: something about it is still to be done.
    pub open: bool,
    /// What people decided about it.
    pub choices: Choices,
}

/// What a twin is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TwinSide {
    /// The sale itself; this one is a copy.
    Original,
    /// A copy of this one.
    Copy,
    /// A further copy of the same sale, which no account shows itself; or one that a person tied to this one.
    Sibling,
}

impl Story {
    /// How other orders' choices name this order.
    pub fn name(&self) -> String {
        order_name(&self.channel, &self.order.remote_id)
    }
}

impl Twin {
    /// How this order's choices name it.
    pub fn name(&self) -> String {
        order_name(&self.connection, &self.order.remote_id)
    }
}

fn order_name(connection: &ConnectionId, remote_id: &str) -> String {
    format!("order/{connection}/{remote_id}")
}

/// The account and the id there that such a name stands for; `None` for any other entry of choices.
pub fn named_order(name: &str) -> Option<(ConnectionId, &str)> {
    let (connection, remote_id) = name.strip_prefix("order/")?.split_once('/')?;
    Some((ConnectionId::new(connection), remote_id))
}

/// A record of another connection, with when we read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seen<T> {
    /// Where it was read.
    pub connection: ConnectionId,
    /// When, ms UTC.
    pub seen_at_ms: i64,
    /// What was read.
    pub value: T,
}

/// An effect that exists already.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PastEffect {
    /// Its row.
    pub id: EffectId,
    /// Its permanent key.
    pub key: String,
    /// The automation that planned it (or `person`).
    pub automation: String,
    /// Whom it changes.
    pub connection: ConnectionId,
    /// What it changes.
    pub intent: Intent,
    /// Where it stands.
    pub state: EffectState,
    /// How often it was sent.
    pub attempts: u32,
    /// When it was planned, ms UTC.
    pub created_at_ms: i64,
    /// Earliest next try, ms UTC.
    pub not_before_ms: i64,
    /// When it was first sent, ms UTC.
    pub first_sent_at_ms: Option<i64>,
    /// When it reached its end state, ms UTC. A refused effect has not reached one: it may be tried again.
    pub settled_at_ms: Option<i64>,
    /// When the platform refused it, ms UTC; `None` unless it stands refused.
    #[serde(default)]
    pub refused_at_ms: Option<i64>,
    /// The last thing that went wrong.
    pub refusal: Option<Refusal>,
    /// What the platform gave back.
    pub receipt: Option<Receipt>,
    /// What the platform calls it while it works on it; `None` before and after.
    #[serde(default)]
    pub ticket: Option<String>,
    /// Given up before anything of it left, because its automation's mode was lowered or its cause went away for a while
    /// ([`NO_NEWS_NOW`]): nobody decided about it itself, and what is still wanted is planned anew.
    #[serde(default)]
    pub withdrawn: bool,
}

impl PastEffect {
    /// It was answered as done, and the platform turned out not to have it. What was given up otherwise was never answered.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.state == EffectState::Skipped && self.receipt.is_some()
    }
}

/// Why a message that waits is given up by the program: somebody holds its order, say, or its parcel moves on. It is known
/// again by these words, and written anew once its cause stands again.
pub const NO_NEWS_NOW: &str = "it is not so any more, or nobody is to be told now; nothing of it had left, and it is written again if it becomes news again";

/// What people decided about one order. Empty for nearly all.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct Choices {
    /// Hold it back.
    pub hold: Option<PersonHold>,
    /// Send it although it is before the go-live line, unpaid, or differs.
    pub push_anyway: bool,
    /// What `push_anyway` was said over; `None` in what was said before this was written down: over everything.
    pub over: Option<SentOver>,
    /// Send the store's version again although it was sent already; counts for effects planned before this moment, ms UTC.
    pub resend_ms: Option<i64>,
    /// Ship it although the channel cancelled it, or although both sides differ.
    pub ship_anyway: bool,
    /// Corrected address, used instead of the channel's.
    pub address: Option<Address>,
    /// Corrected SKUs: channel line id → SKU.
    pub skus: BTreeMap<String, String>,
    /// Corrected service.
    pub service: Option<String>,
    /// How a person split it: units by the channel's line of every further part; what is in none stays in the first.
    /// An empty list keeps it together, whatever a rule says; `None`: nobody said.
    pub split: Option<Vec<BTreeMap<String, i64>>>,
    /// Hub orders and other accounts' orders that are not this order, whatever they look like: ids at their hubs,
    /// [`Twin::name`]s.
    pub not_this: Vec<String>,
    /// Other accounts' orders that are this sale, although only a number or a person says so: [`Twin::name`]s.
    pub same_as: Vec<String>,
    /// Findings a person settled: `cause/about` → when (ms UTC). They stay closed while they say the same.
    pub settled: BTreeMap<String, i64>,
    /// Goods of returns that are here, oldest first.
    pub goods: Vec<GoodsHere>,
    /// Units of returns for which something else is sent instead of the money, oldest first.
    pub replaced: Vec<Replacement>,
    /// Units that go back on a shelf whose account takes no counts from outside: somebody enters them there. Oldest first.
    pub to_shelve: Vec<ToShelve>,
}

/// Units that came back and that nothing but a person puts on the shelf. An ability that the account gains later does not:
/// so it stands until somebody says that it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ToShelve {
    /// The account whose count holds.
    pub account: ConnectionId,
    /// The return they came with, by its id in the store.
    pub return_id: String,
    /// The order line.
    pub line_id: String,
    /// The SKU, as that account counts it.
    pub sku: String,
    /// Units.
    pub units: i64,
    /// When somebody held them, ms UTC.
    pub at_ms: i64,
}

impl ToShelve {
    /// Tells it from others of its order.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}{}:{}:{}", crate::RESTOCK_ENTRY, self.return_id, self.line_id, self.at_ms)
    }
}

/// What stood in the way when a person sent an order anyway. What comes later was not known and is not excused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SentOver {
    /// Reasons for which the order stayed here, as stable words (`payment`, `risk`, `held_in_channel` …).
    pub reasons: Vec<String>,
    /// Hub orders that were cancelled or gone, by their ids there.
    pub hub_orders: Vec<String>,
}

impl SentOver {
    /// This reason was known.
    pub fn excuses(&self, reason: &str) -> bool {
        self.reasons.iter().any(|known| known == reason)
    }

    /// This hub order was cancelled or gone already.
    pub fn knew(&self, hub_order_id: &str) -> bool {
        self.hub_orders.iter().any(|known| known == hub_order_id)
    }
}

/// A person keeps an order back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PersonHold {
    /// In their words.
    pub reason: String,
    /// Released by itself at, ms UTC.
    pub until_ms: Option<i64>,
    /// When it was set, ms UTC.
    pub since_ms: i64,
}

/// What is to be done and said about one order, now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// New effects, in the order in which they must happen.
    pub effects: Vec<PlannedEffect>,
    /// Effects not sent yet that newer knowledge makes pointless: they become skipped, with the reason.
    pub overtaken: Vec<(EffectId, String)>,
    /// Everything about this order that needs a person now. What is not in it any more has mended itself.
    pub findings: Vec<Finding>,
    /// How far it is.
    pub stage: Stage,
    /// What it waits on, in words.
    pub waits_on: WaitsOn,
    /// When it must leave, ms UTC.
    pub ship_by_ms: Option<i64>,
    /// Look at it again then even if nothing changes (a hold ends, a deadline nears), ms UTC.
    pub look_again_at_ms: Option<i64>,
    /// Where it stands at the hub, for the queue's column; empty if it is not there.
    pub hub_state: String,
    /// Effects the platform said it did and that no reading has shown since: it is asked.
    pub prove: Vec<EffectId>,
    /// Who looks after its exceptions, as a rule says; empty: nobody in particular.
    #[serde(default)]
    pub assignee: String,
    /// Which rules looked at it and what came of each, in their order; empty where there are none.
    pub trace: Vec<RuleTrace>,
    /// What it holds of each SKU, and what it took: nothing for what is not ours to ship. `None`: nobody wants to know.
    #[serde(default)]
    pub held: Option<Vec<Held>>,
    /// What the channel is to be asked before money is given back.
    #[serde(default)]
    pub quotes: Vec<QuoteWish>,
}

/// What came of one rule for one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RuleTrace {
    /// The rule's stable id.
    pub rule: String,
    /// Its name when it looked.
    pub name: String,
    /// Its conditions held.
    pub fired: bool,
    /// Which conditions held, or the first that did not.
    pub why: String,
    /// What it did, one sentence each; what it would have done where rules only watch.
    pub did: Vec<String>,
}

/// An effect to be written to the outbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct PlannedEffect {
    /// Permanent key; a second plan with the same key changes nothing.
    pub key: String,
    /// The automation that plans it.
    pub automation: String,
    /// Whom it changes.
    pub connection: ConnectionId,
    /// What it changes.
    pub intent: Intent,
    /// Watch: shown only. Ask: waits for a click. Auto: goes.
    pub mode: Mode,
    /// Deadline that gives it its place in the line, ms UTC.
    pub ship_by_ms: Option<i64>,
    /// What it does, for the plan and the timeline ("Send #1001 to ShipStation: 3 lines, Express").
    pub sentence: String,
}

/// Something about an order that needs attention.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Finding {
    /// Chooses title, icon, tone and buttons.
    pub cause: Cause,
    /// Tells two findings of one cause apart (line id, parcel id, effect key). Stable.
    pub about: String,
    /// What happened, what it means, what to do.
    pub sentence: String,
    /// The platform's own words.
    pub said: Option<String>,
    /// The effect it is about.
    pub effect: Option<EffectId>,
    /// Since when, if it began before now, ms UTC.
    pub since_ms: Option<i64>,
}

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Not paid.
    Unpaid,
    /// Paid, not at a hub.
    ToSend,
    /// On its way to the hub.
    Sending,
    /// At the hub, waits for packing.
    Packing,
    /// Held back, by whomever.
    Held,
    /// Some parcels left.
    PartlyShipped,
    /// All left; the channel does not know everything yet.
    Telling,
    /// All left, channel told.
    Shipped,
    /// Cancelled everywhere.
    Cancelled,
    /// Nothing for a carrier (digital, pickup, over the counter).
    NothingToShip,
    /// Test order, before go-live, archived: not ours to move.
    Ignored,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Unpaid,
        Self::ToSend,
        Self::Sending,
        Self::Packing,
        Self::Held,
        Self::PartlyShipped,
        Self::Telling,
        Self::Shipped,
        Self::Cancelled,
        Self::NothingToShip,
        Self::Ignored,
    ];
    /// Stable word for storage.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::ToSend => "to_send",
            Self::Sending => "sending",
            Self::Packing => "packing",
            Self::Held => "held",
            Self::PartlyShipped => "partly_shipped",
            Self::Telling => "telling",
            Self::Shipped => "shipped",
            Self::Cancelled => "cancelled",
            Self::NothingToShip => "nothing_to_ship",
            Self::Ignored => "ignored",
        }
    }
    /// From the stable word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.code() == code)
    }
    /// Belongs in the queue.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::Unpaid
                | Self::ToSend
                | Self::Sending
                | Self::Packing
                | Self::Held
                | Self::PartlyShipped
                | Self::Telling
        )
    }
}

/// The widest column: what an order waits on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct WaitsOn {
    /// Stable word for grouping and search (`packing`, `payment`, `cause:unknown_sku`).
    pub code: String,
    /// In words ("In ShipStation since 09:14, waits for packing" has its time filled in by the screen: `{since}`).
    pub sentence: String,
    /// Icon name.
    pub icon: String,
    /// How loud.
    pub tone: Tone,
    /// Since when, ms UTC.
    pub since_ms: i64,
    /// The one button, if a person can do something.
    pub action: Option<Action>,
}
