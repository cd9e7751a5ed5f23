//! One SKU over all accounts: what each counts, what open orders hold, and what is to be said and done about it.
//!
//! The engine loads [`ShelfFacts`], a pure function in `flows` turns them into a [`ShelfDecision`], the store writes it.
//! Level-triggered like orders: the same facts give the same decision.

use crate::{ConnectionId, EffectId, EffectState, Finding, Intent, Mode, Refusal, StockDraft, Tone};
use serde::{Deserialize, Serialize};
use specta::Type;

/// All we know about one SKU.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ShelfFacts {
    /// The SKU, as names are compared.
    pub sku: String,
    /// Every count of it, wherever it was read.
    pub counts: Vec<Count>,
    /// What orders hold of it or took lately; `None`: not every order was looked at for that.
    pub orders: Option<Vec<OrderUnits>>,
    /// Since when that is known, ms UTC: what left before is out of it.
    pub whole_ms: i64,
    /// Units sold since [`Self::sold_since_ms`], by placing.
    pub sold_units: i64,
    /// From when on sales were counted, ms UTC.
    pub sold_since_ms: i64,
    /// The newest changes of each count, newest first; those given up are left out.
    pub writes: Vec<PastWrite>,
    /// Changes ever planned: account, name of the count, how many.
    pub planned: Vec<(ConnectionId, String, u64)>,
    /// When the orders of an account were last read to the end, ms UTC.
    pub orders_read_ms: Vec<(ConnectionId, i64)>,
    /// What is known of the SKUs of which bundles among the counts are made; these have none of their own.
    #[serde(default)]
    pub parts: Vec<ShelfFacts>,
}

/// How many units an account said are at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// The account.
    pub connection: ConnectionId,
    /// The account's name of the count: item and place.
    pub remote_id: String,
    /// The SKU as the account writes it.
    pub sku: String,
    /// Several goods sold as one, by the table of SKU aliases: its count follows from theirs.
    pub bundle: bool,
    /// The account's id of what is counted.
    pub item_id: String,
    /// The account's id of the place; `None` where it knows only one.
    pub location_id: Option<String>,
    /// Its name.
    pub location_name: String,
    /// Units that can be sold.
    pub available: i64,
    /// When we first saw this number, ms UTC.
    pub changed_at_ms: i64,
    /// When we last read it, ms UTC.
    pub read_at_ms: i64,
    /// What both sides last agreed on.
    pub agreed: Option<i64>,
    /// When they last did, ms UTC.
    pub agreed_at_ms: Option<i64>,
}

/// What one order has of a SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderUnits {
    /// The store it came from.
    pub connection: ConnectionId,
    /// The hub that has it, and since when we know, ms UTC.
    pub hub: Option<(ConnectionId, i64)>,
    /// When the buyer bought, ms UTC.
    pub placed_at_ms: i64,
    /// Units that are wanted or left.
    pub units: i64,
    /// Of them still to leave.
    pub open: i64,
    /// When some last left or were given up, as far as we know, ms UTC.
    pub left_at_ms: Option<i64>,
}

/// What an order holds of a SKU, as its decision says. The store adds since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The SKU, as names are compared.
    pub sku: String,
    /// Units that are wanted or left.
    pub units: i64,
    /// Of them still to leave.
    pub open: i64,
    /// The hub that has the order.
    pub hub: Option<ConnectionId>,
}

/// A change of a count that exists already.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PastWrite {
    /// Its row.
    pub id: EffectId,
    /// The account.
    pub connection: ConnectionId,
    /// The account's name of the count.
    pub remote_id: String,
    /// What it says.
    pub stock: StockDraft,
    /// Where it stands.
    pub state: EffectState,
    /// When it was first sent, ms UTC.
    pub first_sent_at_ms: Option<i64>,
    /// When it was done or refused, ms UTC.
    pub settled_at_ms: Option<i64>,
    /// Why it was refused.
    pub refusal: Option<Refusal>,
    /// The platform works on it: what it calls it.
    pub ticket: Option<String>,
    /// A person adjusted it, and no automation set it.
    #[serde(default)]
    pub by_hand: bool,
}

/// What is to be done and said about one SKU, now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShelfDecision {
    /// New changes, at most one per count.
    pub writes: Vec<PlannedWrite>,
    /// Changes not sent yet that newer knowledge makes pointless.
    pub overtaken: Vec<(EffectId, String)>,
    /// Counts to be read again by name before anything is written: account, name of the count.
    pub read: Vec<(ConnectionId, String)>,
    /// Counts on which both sides agree: account, name of the count, units.
    pub agreed: Vec<(ConnectionId, String, i64)>,
    /// What needs a person, with the account it is about; [`Finding::about`] is the account's name of the count.
    pub findings: Vec<(ConnectionId, Finding)>,
    /// What the screen says.
    pub says: ShelfSays,
    /// Look at it again then even if nothing changes, ms UTC.
    pub look_again_at_ms: Option<i64>,
}

/// A change of a count to be written to the outbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct PlannedWrite {
    /// Permanent key.
    pub key: String,
    /// The automation that plans it, or `person`.
    pub automation: String,
    /// Whose count.
    pub connection: ConnectionId,
    /// The account's name of the count: one change of it at a time.
    pub subject: String,
    /// The SKU, for people.
    pub name: String,
    /// What it changes.
    pub intent: Intent,
    /// Watch: shown only. Ask: waits for a click. Auto: goes.
    pub mode: Mode,
    /// What it does, in words.
    pub sentence: String,
}

/// What the stock screen says about one SKU.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct ShelfSays {
    /// The SKU, as its accounts write it.
    pub sku: String,
    /// The count that holds; `None`: there is none.
    pub truth: Option<TruthSays>,
    /// Units of orders that the count does not leave out yet.
    pub held: Option<i64>,
    /// Units that can be promised: the count without what orders hold and the safety stock. Of a bundle: sets.
    pub available: Option<i64>,
    /// Why nothing is written anywhere, a sentence.
    pub why: Option<String>,
    /// The other counts of it.
    pub sides: Vec<SideSays>,
    /// Units sold a day, as of late, in hundredths.
    pub per_day_hundredths: Option<i64>,
    /// At that pace it runs out in so many days, in tenths.
    pub days_left_tenths: Option<i64>,
    /// Something a person should know: it runs low, or out.
    pub warning: Option<ShelfWarning>,
}

/// The count that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TruthSays {
    /// The account.
    pub connection: ConnectionId,
    /// The place; empty: all of the account's.
    pub place: String,
    /// The account's name of the count; empty where several are added up.
    #[serde(default)]
    pub remote_id: String,
    /// Units, as last read.
    pub units: i64,
    /// When, ms UTC.
    pub read_at_ms: i64,
    /// When we first saw this number, ms UTC.
    pub changed_at_ms: i64,
}

/// A count that follows, or could.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SideSays {
    /// The account.
    pub connection: ConnectionId,
    /// The account's name of the count.
    pub remote_id: String,
    /// The place.
    pub place: String,
    /// Units, as last read.
    pub units: i64,
    /// When, ms UTC.
    pub read_at_ms: i64,
    /// When we first saw this number, ms UTC.
    pub changed_at_ms: i64,
    /// The number is ours: we wrote it. Else somebody at the account, or a sale.
    pub by_us: bool,
    /// What it should be; `None`: not known.
    pub wanted: Option<i64>,
    /// What both sides last agreed on.
    pub agreed: Option<i64>,
    /// When, ms UTC.
    pub agreed_at_ms: Option<i64>,
    /// Where it stands.
    pub state: SideState,
    /// The same in a sentence; empty where there is nothing to say.
    pub sentence: String,
    /// A bundle: what it is made of there, and how many sets each part is enough for. Else empty.
    #[serde(default)]
    pub parts: Vec<PartSays>,
}

/// One part of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PartSays {
    /// The hub's SKU, as the table of aliases has it.
    pub sku: String,
    /// Units of it in one set.
    pub quantity: i64,
    /// Units of it that can be promised; `None`: not known.
    pub available: Option<i64>,
    /// Sets that they are enough for; `None`: not known.
    pub sets: Option<i64>,
    /// No other part is enough for fewer sets.
    pub limits: bool,
    /// Why it is not known, a sentence.
    pub why: Option<String>,
}

/// Where a count stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SideState {
    /// It says what it should.
    Agrees,
    /// A change is planned, waits for a click or is on its way.
    Changing,
    /// It differs, and is only watched.
    Differs,
    /// It is read again first.
    Reading,
    /// Nothing is written; the sentence says why.
    NotWritten,
    /// The account refused it.
    Refused,
}

/// Something a person should know about a SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ShelfWarning {
    /// Stable word: `out`, `runs_out`, `low`.
    pub code: String,
    /// In words ("runs out in 3 days").
    pub sentence: String,
    /// How loud.
    pub tone: Tone,
}
