//! What the desk shows: the shapes that cross the door to a screen, a terminal or another program.
//!
//! Plain data, ready to show: sentences are finished, except for clock times,
//! which a screen writes in the person's zone (`…_ms` fields beside them).
//! TypeScript bindings are generated from these types; nothing here holds a secret.

use crate::console::Mute;
use crate::standing::SideView;
use quayside_model::cause::Action;
pub use quayside_model::settings::Settings;
use quayside_model::{
    Cause, CheckState, Choice, Choices, ConnectionId, EffectId, EffectState, ExceptionId, IntentKind, Mode, OrderId,
    PlannedEffect, PreflightCheck, Role, Stage, Tone, WaitsOn,
};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// What went wrong, for a screen. A code exists only where the screen acts on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Trouble {
    /// What the screen should offer.
    pub code: TroubleCode,
    /// What happened, what it means, what to do.
    pub sentence: String,
    /// Field of the form it is about, if one.
    pub field: Option<String>,
}

/// See [`Trouble`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum TroubleCode {
    /// Something typed does not work; the sentence says what to change.
    Input,
    /// The thing is not there any more; refresh.
    Gone,
    /// The keychain is locked or absent.
    Keychain,
    /// The database cannot be opened or written.
    Storage,
    /// Another window or terminal holds this profile.
    HeldElsewhere,
    /// The platform refused.
    Platform,
    /// Not ready yet; the desk is still opening.
    Opening,
    /// A fault of ours; copy the details.
    Internal,
}

/// Where the program stands while it starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DeskState {
    /// Opening keychain and database.
    Opening,
    /// At work.
    Ready {
        /// The sandbox merchant, not real accounts.
        sandbox: bool,
        /// Nothing is connected yet: show the three doors.
        first_run: bool,
        /// Version of the program.
        version: String,
        /// Folder of the profile.
        profile: String,
    },
    /// Cannot open; the sentence says what to do.
    Broken {
        /// Why, and what to do.
        trouble: Trouble,
        /// Ways out that the screen can offer.
        ways_out: Vec<WayOut>,
    },
}

/// A way out of a desk that does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum WayOut {
    /// Look again.
    TryAgain,
    /// Restore a backup.
    Restore,
    /// Set the damaged file aside and begin anew; platforms are read again.
    StartFresh,
}

/// The numbers beside the places in the rail, and the foot of the window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct Counts {
    /// Open orders.
    pub queue: i64,
    /// Paid, open, older than the threshold.
    pub unfulfilled: i64,
    /// Exceptions that need a person.
    pub exceptions: i64,
    /// Returns that wait for somebody.
    pub returns: i64,
    /// Effects waiting for a click.
    pub asked: i64,
    /// Effects whose answer was lost.
    pub unknown: i64,
    /// Must leave before the end of today.
    pub today: i64,
    /// Of today's, already left.
    pub left_today: i64,
    /// Soon late.
    pub at_risk: i64,
    /// Late.
    pub late: i64,
    /// Those of `today`, `at_risk` and `late` of which there are more than the number: thousands are not counted to the end
    /// with every change.
    pub at_least: Vec<String>,
    /// Held.
    pub held: i64,
    /// Unpaid.
    pub unpaid: i64,
    /// Value of open orders per currency, minor units.
    pub open_value: Vec<(String, i64)>,
    /// Accounts, for the rail's foot.
    pub accounts: Vec<AccountLine>,
    /// The database cannot be written just now, in a sentence: everything waits.
    pub trouble: Option<String>,
    /// Tightest rate budget, in words ("ShipStation 31 of 40 calls a minute").
    pub tightest_budget: Option<String>,
    /// As of, ms UTC.
    pub as_of_ms: i64,
}

/// One account in the rail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct AccountLine {
    /// Which.
    pub id: ConnectionId,
    /// Its name.
    pub name: String,
    /// State: `success` fresh, `warning` slow or failing, `danger` needs a person, `neutral` paused.
    pub tone: Tone,
    /// Last successful read, ms UTC.
    pub last_ok_at_ms: Option<i64>,
    /// One word if not simply fresh: "sign in", "slow", "paused", "offline".
    pub word: Option<String>,
}

/// A question for a page of the queue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct QueueAsk {
    /// A ready-made view: `open` (default), `today`, `at_risk`, `late`, `held`, `unpaid`, `to_send`, `packing`, `asked`, `shipped`, `all`.
    pub view: String,
    /// Whatever stands in the search box: words and tokens (`is:late store:"EU" hub:"North" sku:ABC-1 age:>2d country:DE tag:vip cause:unknown_sku waits:packing value:>100`).
    pub text: String,
    /// Column: `ship_by` (default), `placed`, `value`, `units`, `number`, `customer`, `store`, `country`, `stage`, `waits`.
    pub sort: String,
    /// Largest first.
    pub descending: bool,
    /// Opaque place to go on after, from [`QueuePage::next`].
    pub after: Option<String>,
    /// Rows to pass over behind `after`, or from the beginning: a far place is one question.
    pub skip: u32,
    /// Rows wanted, at most 500; 0 means 100.
    pub limit: u32,
}

/// A page of the queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct QueuePage {
    /// Rows.
    pub rows: Vec<QueueRow>,
    /// Matching orders in all.
    pub total: i64,
    /// There are more than `total`: counting stopped there.
    pub total_at_least: bool,
    /// Place to go on after; `None` at the end.
    pub next: Option<String>,
    /// `after` that reads this very page again without passing over anything; `None`: it began at the front.
    pub start: Option<String>,
    /// Parts of the search text that were not understood, in sentences.
    pub hints: Vec<String>,
    /// As of, ms UTC.
    pub as_of_ms: i64,
}

/// One order in the queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct QueueRow {
    /// Our row.
    pub id: OrderId,
    /// What people call it.
    pub number: String,
    /// The store's connection.
    pub connection: ConnectionId,
    /// The store's name.
    pub store: String,
    /// Bought at, ms UTC.
    pub placed_at_ms: i64,
    /// Buyer.
    pub customer: String,
    /// Town.
    pub city: String,
    /// Two letters.
    pub country: String,
    /// Lines.
    pub lines: i64,
    /// Units.
    pub units: i64,
    /// Value, minor units.
    pub total_minor: i64,
    /// Its currency.
    pub currency: String,
    /// Decimals of that currency.
    pub currency_exponent: u32,
    /// Service asked for.
    pub service: String,
    /// How far.
    pub stage: Stage,
    /// Must leave by, ms UTC.
    pub ship_by_ms: Option<i64>,
    /// Channel tags.
    pub tags: Vec<String>,
    /// Of them those by which its platform promises something ("Prime").
    pub badges: Vec<String>,
    /// Where it stands at the hub; empty if not there.
    pub hub_state: String,
    /// What it waits on.
    pub waits_on: WaitsOn,
    /// Test order.
    pub test: bool,
}

/// One order, whole: the drawer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct OrderDetail {
    /// The queue's row of it.
    pub row: QueueRow,
    /// Platform title of its store ("Shopify").
    pub platform: String,
    /// Platform title of the hub that has it or would get it; empty without one.
    pub hub: String,
    /// Latest moment the buyer was promised to have it, ms UTC, where the channel says.
    pub deliver_by_ms: Option<i64>,
    /// Why it must leave by its day ("from the field "Day" of the order"); empty: the store says so, or it is the promise of
    /// all orders.
    pub ship_by_from: String,
    /// Channel's payment word for people ("paid", "authorised").
    pub payment: String,
    /// Address lines, ready to show.
    pub ship_to: Vec<String>,
    /// The address on a map. Opening it tells the map's people the address.
    pub map_url: Option<String>,
    /// Buyer's e-mail.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// Buyer's note.
    pub note: String,
    /// Card text.
    pub gift_message: String,
    /// Attributes and metafields.
    pub attributes: Vec<(String, String)>,
    /// How each account has it: the store first, then the hub's orders.
    pub sides: Vec<SideView>,
    /// Line by line, both sides.
    pub lines: Vec<BothSidesLine>,
    /// Where the two sides differ, one sentence each.
    pub differences: Vec<String>,
    /// Its parts, where it is split into several hub orders.
    pub parts: Vec<PartView>,
    /// Who looks after it, as a rule says; empty: nobody in particular.
    pub assignee: String,
    /// Parcels.
    pub parcels: Vec<ParcelView>,
    /// Exceptions open for it.
    pub exceptions: Vec<ExceptionView>,
    /// Effects that have not ended, and the last ones that have.
    pub effects: Vec<EffectView>,
    /// What was tried for each of them, where anything was.
    pub tries: Vec<EffectTries>,
    /// Effects a look would plan now, in mode Watch (nothing was sent).
    pub plan: Vec<PlannedView>,
    /// What happened, newest first.
    pub timeline: Vec<TimelineEntry>,
    /// Links into the platforms ("Open in Shopify").
    pub links: Vec<Link>,
    /// The records it is made of; their raw answers are there for a while.
    pub raw: Vec<RawRef>,
    /// Other accounts' orders that are the same sale, may be it, or were said not to be.
    pub twins: Vec<TwinView>,
    /// What people decided about it.
    pub choices: Choices,
    /// Buttons that make sense now: (verb, enabled, why not).
    pub actions: Vec<ActionOffer>,
}

/// One part of an order that is split: a hub order of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PartView {
    /// Its place, from 1.
    pub n: u32,
    /// Its number at the hub, once it was read there.
    pub number: String,
    /// How far it is, in words.
    pub state: String,
    /// Why the hub refused it; empty if it did not.
    pub why: String,
    /// A label was bought for it: nothing of it is moved any more.
    pub packed: bool,
    /// Where it ships from, by the hub's id; empty: where the order does.
    pub warehouse: String,
    /// The shipping account it goes to, where the parts go to several; else empty.
    pub account: String,
    /// Numbers of its parcels.
    pub tracking: Vec<String>,
    /// The hub's id of it, once it has one.
    pub hub_order_id: Option<String>,
    /// Units by the store's line.
    pub units: BTreeMap<String, i64>,
}

/// A line whose units can lie in one part or another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SplitLine {
    /// The store's line id.
    pub line_id: String,
    /// SKU.
    pub sku: String,
    /// Name.
    pub name: String,
    /// Variant and options.
    pub detail: String,
    /// Units that are ours to ship.
    pub units: i64,
}

/// How an order is split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SplitView {
    /// The order.
    pub order: OrderId,
    /// Its number.
    pub number: String,
    /// What can be moved.
    pub lines: Vec<SplitLine>,
    /// Its parts; empty where it is whole.
    pub parts: Vec<PartView>,
    /// A person split it; else a rule did, if anybody.
    pub by_person: bool,
    /// Why that cannot be changed now; `None` if it can.
    pub cannot: Option<String>,
}

/// A verb and whether it can be done now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ActionOffer {
    /// What.
    pub verb: Verb,
    /// Label ("Hold…").
    pub label: String,
    /// Why not; `None` if it can be done.
    pub disabled_because: Option<String>,
    /// What doing it costs or cannot be taken back; shown before it is done. `None` if harmless.
    pub warning: Option<String>,
}

/// Something that may be chosen beside a cancellation or a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ChoiceOffer {
    /// What.
    pub choice: Choice,
    /// A store it is about does as it is told. Shown only then.
    pub honoured: bool,
    /// What happens at the stores that do not, one sentence each.
    pub instead: Vec<String>,
}

/// What of an order can be given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Refundable {
    /// What people call the order.
    pub number: String,
    /// Platform title of its store.
    pub platform: String,
    /// The store says beforehand what it would give back; else it is computed here.
    pub quoted: bool,
    /// Lines of which something is left.
    pub lines: Vec<RefundableLine>,
    /// Shipping that may be left, as the order shows it, minor units.
    pub shipping_minor: i64,
    /// All that is left of what was paid, minor units.
    pub left_minor: i64,
    /// Currency of the amounts.
    pub currency: String,
    /// Digits after the comma.
    pub currency_exponent: u32,
    /// Reasons the stores know: (word, label).
    pub reasons: Vec<(String, String)>,
    /// Choices beside it.
    pub choices: Vec<ChoiceOffer>,
}

/// A line of which something can be given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RefundableLine {
    /// Channel's line id.
    pub line_id: String,
    /// SKU.
    pub sku: String,
    /// Name.
    pub name: String,
    /// Options and variant, ready to show.
    pub detail: String,
    /// Units not given back yet.
    pub left: i64,
    /// Of them those that the buyer sends back, or sent.
    pub returned: i64,
    /// Price of one unit after discounts, minor units.
    pub unit_price_minor: i64,
}

/// What giving back comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RefundQuoteView {
    /// Who says so: the platform's title, or nobody (it was computed here).
    pub by: Option<String>,
    /// All that would be given back, minor units.
    pub total_minor: i64,
    /// The same in words ("24.90 EUR").
    pub total: String,
    /// Of it for the shipping, minor units.
    pub shipping_minor: i64,
    /// Of it tax, minor units, where the platform says.
    pub tax_minor: Option<i64>,
    /// Currency of the amounts.
    pub currency: String,
    /// Digits after the comma.
    pub currency_exponent: u32,
    /// What has to be known of it, one sentence each.
    pub notes: Vec<String>,
    /// Exactly what would be sent.
    pub changes: Vec<Change>,
    /// Fields of the act that sends it.
    pub fields: BTreeMap<String, String>,
}

/// One order line on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct BothSidesLine {
    /// Channel's line id.
    pub line_id: String,
    /// SKU.
    pub sku: String,
    /// Name.
    pub name: String,
    /// Options and variant, ready to show.
    pub detail: String,
    /// Ordered (current).
    pub ordered: i64,
    /// At the hub; `None` if it is not there.
    pub at_hub: Option<i64>,
    /// Left in parcels.
    pub shipped: i64,
    /// Told to the channel.
    pub told: i64,
    /// Not a carrier's business (digital, gift card).
    pub no_shipping: bool,
    /// Unit price, minor units.
    pub unit_price_minor: i64,
}

/// One parcel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ParcelView {
    /// The hub's id.
    pub remote_id: String,
    /// The hub's name.
    pub hub: String,
    /// Order it belongs to, if we know it.
    pub order_id: Option<OrderId>,
    /// Its number.
    pub order_number: String,
    /// Carrier, for people.
    pub carrier: String,
    /// Service.
    pub service: String,
    /// Tracking number.
    pub tracking_number: String,
    /// Link to follow it.
    pub tracking_url: Option<String>,
    /// Left, ms UTC.
    pub shipped_at_ms: Option<i64>,
    /// Voided, ms UTC.
    pub voided_at_ms: Option<i64>,
    /// Delivered, ms UTC.
    pub delivered_at_ms: Option<i64>,
    /// State for people: "told the store", "the store does not know yet", "voided", "delivered".
    pub state: String,
    /// Its tone.
    pub tone: Tone,
    /// Units in it.
    pub units: i64,
}

/// Parcels of all hubs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ShipmentsPage {
    /// Newest first.
    pub rows: Vec<ParcelView>,
    /// Opaque place to go on before; `None` at the end.
    pub next: Option<String>,
}

/// One exception.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ExceptionView {
    /// Our row.
    pub id: ExceptionId,
    /// Chooses icon, tone, title.
    pub cause: Cause,
    /// Title of the cause.
    pub title: String,
    /// What the cause means and what to do about it.
    pub help: String,
    /// Icon of the cause.
    pub icon: String,
    /// How loud the cause is.
    pub tone: Tone,
    /// What happened, what it means, what to do.
    pub sentence: String,
    /// The platform's own words.
    pub said: Option<String>,
    /// Order, if about one.
    pub order: Option<QueueRow>,
    /// SKU, if about a count of it.
    pub counted: Option<String>,
    /// Account, if about one.
    pub connection: Option<ConnectionId>,
    /// Effect, if about one.
    pub effect: Option<EffectId>,
    /// First seen, ms UTC.
    pub opened_at_ms: i64,
    /// Last seen, ms UTC.
    pub last_seen_at_ms: i64,
    /// Seen so often.
    pub count: i64,
    /// Asleep until, ms UTC.
    pub snoozed_until_ms: Option<i64>,
    /// Settled at, ms UTC.
    pub resolved_at_ms: Option<i64>,
    /// `itself` or `person`.
    pub resolved_by: Option<String>,
    /// Who looks after it; empty: nobody in particular.
    pub assignee: String,
    /// Buttons, primary first.
    pub actions: Vec<Action>,
    /// What the platform of its store is called, where the order has a page there.
    pub channel_title: Option<String>,
    /// What the platform of its hub is called, where the order has a page there.
    pub hub_title: Option<String>,
    /// The account's own pages, where it is about a store as a whole; the carrier's, where it is about a parcel.
    pub page: Option<String>,
    /// What can be mended before a retry.
    pub editable: Vec<EditableField>,
    /// Every entry this one stands for, itself among them: several orders may share what is wrong.
    pub all: Vec<ExceptionId>,
    /// Their orders, newest first: row and number; empty where it stands for itself.
    pub orders: Vec<(OrderId, String)>,
}

/// A field of an effect that a person may mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct EditableField {
    /// Stable name: `ship_to.line1`, `line.<id>.sku`, `service`.
    pub name: String,
    /// Label.
    pub label: String,
    /// Value now.
    pub value: String,
    /// What is wrong with it, if we know.
    pub problem: Option<String>,
}

/// Exceptions of one cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ExceptionGroup {
    /// The cause.
    pub cause: Cause,
    /// Its title.
    pub title: String,
    /// What these in particular say ("HG-LAMP-S (4), HG-LAMP-L (1)").
    pub summary: String,
    /// What the cause means and how to mend it.
    pub help: String,
    /// Icon.
    pub icon: String,
    /// Tone.
    pub tone: Tone,
    /// Entries.
    pub count: i64,
    /// Oldest, ms UTC.
    pub oldest_at_ms: i64,
    /// Value of the orders per currency, minor units.
    pub value: Vec<(String, i64)>,
    /// The cause is kept quiet.
    pub muted: Option<Mute>,
    /// Buttons for all, primary first.
    pub actions: Vec<Action>,
    /// The first entries; more by [`ExceptionsAsk::cause`].
    pub entries: Vec<ExceptionView>,
}

/// A question for exceptions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct ExceptionsAsk {
    /// `needs_me` (default), `waiting`, `unknown`, `snoozed`, `muted`, `resolved`.
    pub view: String,
    /// Only this cause: its entries, the first 1,000 of them.
    pub cause: Option<Cause>,
    /// Words.
    pub text: String,
}

/// The exceptions screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ExceptionsPage {
    /// Groups, most costly first.
    pub groups: Vec<ExceptionGroup>,
    /// Count per view.
    pub counts: BTreeMap<String, i64>,
    /// Mended themselves today.
    pub mended_today: i64,
    /// Everybody who looks after something now.
    pub assignees: Vec<String>,
    /// What was checked, when, and what could not be ("Both sides of the other 395 open orders were compared at …").
    pub checked: String,
    /// As of, ms UTC.
    pub as_of_ms: i64,
}

/// Orders that wait too long, by what they wait on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct UnfulfilledGroup {
    /// Root cause, stable word.
    pub code: String,
    /// In words.
    pub title: String,
    /// Icon.
    pub icon: String,
    /// Tone.
    pub tone: Tone,
    /// Orders.
    pub count: i64,
    /// Oldest payment, ms UTC.
    pub oldest_at_ms: i64,
    /// Value per currency, minor units.
    pub value: Vec<(String, i64)>,
    /// The orders, oldest first (the first 200).
    pub rows: Vec<QueueRow>,
    /// How the threshold was counted ("older than 1 business day, cut-off 14:00 Europe/Berlin").
    pub threshold: String,
}

/// One effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct EffectView {
    /// Our row.
    pub id: EffectId,
    /// Order.
    pub order_id: Option<OrderId>,
    /// Its number.
    pub order_number: String,
    /// Account it changes.
    pub connection: ConnectionId,
    /// Its name.
    pub account: String,
    /// Kind.
    pub kind: IntentKind,
    /// What it does, in words.
    pub sentence: String,
    /// State.
    pub state: EffectState,
    /// Sent so often.
    pub attempts: u32,
    /// Planned at, ms UTC.
    pub created_at_ms: i64,
    /// Next try, ms UTC.
    pub next_at_ms: Option<i64>,
    /// Ended at, ms UTC.
    pub settled_at_ms: Option<i64>,
    /// Deadline, ms UTC.
    pub ship_by_ms: Option<i64>,
    /// Last thing that went wrong.
    pub problem: Option<String>,
    /// Permanent key.
    pub key: String,
    /// Id at the platform.
    pub remote_id: Option<String>,
    /// What is known of it beyond the answer; `None` where nothing was answered, or nobody looks (any more).
    pub sight: Option<EffectSight>,
    /// When it was last seen there, ms UTC.
    pub seen_at_ms: Option<i64>,
}

/// What is known of an effect beyond the platform's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum EffectSight {
    /// No reading has shown it yet.
    NotYet,
    /// It was seen there.
    Seen,
    /// The platform does not have it after all.
    Missing,
}

/// What was tried for one effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct EffectTries {
    /// The effect.
    pub effect: EffectId,
    /// The last ones, oldest first.
    pub tries: Vec<TryView>,
    /// So many before them are not shown.
    pub left_out: u32,
}

/// One try of an effect, or one look at the platform after a lost answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TryView {
    /// First, second, …
    pub n: u32,
    /// When the answer came or was given up, ms UTC.
    pub at_ms: i64,
    /// How long it took, ms.
    pub took_ms: i64,
    /// Nothing was sent: the platform was asked whether it holds.
    pub looked: bool,
    /// `done`, `already`, `waits`, `refused`, `unknown` or `skipped`.
    pub verdict: String,
    /// The verdict in words ("Refused", "Looked up: not there").
    pub words: String,
    /// What stood in the way, what it means, what to do.
    pub sentence: Option<String>,
    /// The platform's own words.
    pub said: Option<String>,
    /// HTTP status, where there was one.
    pub status: Option<u16>,
    /// The platform's name for the request, for its support.
    pub request_id: Option<String>,
    /// What it answered can be looked at.
    pub has_answer: bool,
}

/// An effect that would be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct PlannedView {
    /// The effect.
    pub effect: PlannedEffect,
    /// Account's name.
    pub account: String,
    /// Order; `None`: it is about a count.
    pub order_id: Option<OrderId>,
    /// Its number, or the SKU that is counted.
    pub order_number: String,
    /// Exactly what would be sent or changed: (field, now, then).
    pub changes: Vec<Change>,
}

/// One field before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Change {
    /// Field in words ("Ship to").
    pub field: String,
    /// As the platform has it; empty if it has nothing.
    pub before: String,
    /// As it would be.
    pub after: String,
}

/// How far an automation is about to be let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct GoingLive {
    /// The mode to be set.
    pub mode: Mode,
    /// For orders placed at or after this moment, ms UTC; `None`: all open orders.
    pub from_ms: Option<i64>,
}

/// What all automations would do now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Plan {
    /// Effects, in the order of sending: a page of 500.
    pub items: Vec<PlannedView>,
    /// Effects in all, per automation.
    pub per_automation: BTreeMap<String, i64>,
    /// Orders looked at.
    pub orders: i64,
    /// What it would use of the rate budgets, in words.
    pub cost: Vec<String>,
    /// Stores of which nobody has said who writes their orders to their hub: once live, their orders wait.
    pub who_writes: Vec<WhoWrites>,
    /// Changes of the desk since would change it; the same hash means the same plan.
    pub hash: String,
    /// As of, ms UTC.
    pub as_of_ms: i64,
}

/// Who writes a store's orders to its hub is open. Answered by the store's setting `hub_imports`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct WhoWrites {
    /// The store.
    pub store: ConnectionId,
    /// Its name.
    pub store_name: String,
    /// The hub's name.
    pub hub_name: String,
    /// What the hub's platform is called.
    pub hub_title: String,
    /// Links of the hub's own that may lead to the store, in words; empty: it cannot tell.
    pub links: Vec<String>,
    /// The question.
    pub sentence: String,
}

/// One line of an order's story.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct TimelineEntry {
    /// Our row.
    pub id: i64,
    /// When, ms UTC.
    pub at_ms: i64,
    /// Who: an account's name, "Quayside", an automation, "you".
    pub author: String,
    /// Kind, for the icon: `received`, `changed`, `planned`, `sent`, `answered`, `lost`, `confirmed`, `exception`, `mended`, `person`, `shipped`, `told`.
    pub kind: String,
    /// Tone of its dot.
    pub tone: Tone,
    /// In words.
    pub sentence: String,
    /// Further facts: request id, duration, key.
    pub detail: Vec<(String, String)>,
    /// Order, in global history.
    pub order_id: Option<OrderId>,
    /// Its number.
    pub order_number: Option<String>,
}

/// A link into a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Link {
    /// Label ("Open in Shopify").
    pub label: String,
    /// Address; only hosts of connected platforms and carriers.
    pub url: String,
}

/// What a person or their numbers say of two orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum TwinSaid {
    /// One sale.
    Same,
    /// Perhaps: somebody has to say.
    Doubtful,
    /// Two sales, as a person said.
    Another,
}

/// Another account's order of what may be the same sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TwinView {
    /// What acts call it (field `order` of `link` and `unlink`).
    pub name: String,
    /// Its row; `None` where no account has shown it.
    pub order_id: Option<OrderId>,
    /// Its number there.
    pub number: String,
    /// Account; `None` where none has shown it.
    pub connection: Option<ConnectionId>,
    /// Account's name, or where it was sold.
    pub account: String,
    /// The platform's id; empty where no account has shown it.
    pub remote_id: String,
    /// What the two are to each other.
    pub said: TwinSaid,
    /// The same in words, with which of both is sent.
    pub sentence: String,
}

/// A record an order is made of, and whether its raw answer can be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RawRef {
    /// Account.
    pub connection: ConnectionId,
    /// Account's name.
    pub account: String,
    /// Kind of record (`order`, `hub_order`, `parcel`).
    pub kind: String,
    /// The platform's id.
    pub remote_id: String,
    /// Read at, ms UTC.
    pub seen_at_ms: i64,
    /// The raw answer is still kept.
    pub has_raw: bool,
}

/// Live state of one connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ConnectionActivity {
    /// Account.
    pub id: ConnectionId,
    /// Name.
    pub name: String,
    /// Platform title.
    pub platform: String,
    /// Roles.
    pub roles: Vec<Role>,
    /// Tone as in the rail.
    pub tone: Tone,
    /// In a sentence: what it does now, or why it does nothing.
    pub sentence: String,
    /// Paused by a person.
    pub paused: bool,
    /// Buckets.
    pub budgets: Vec<BudgetView>,
    /// Streams.
    pub streams: Vec<StreamView>,
    /// Effects waiting.
    pub waiting: i64,
    /// Effects whose answer was lost.
    pub unknown: i64,
    /// Time until the outbox is empty at the platform's rate, seconds; `None` if nothing waits.
    pub drain_s: Option<i64>,
    /// Orders in today.
    pub orders_in_today: i64,
    /// Effects done today.
    pub effects_today: i64,
}

/// A rate bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct BudgetView {
    /// Which calls, stable word.
    pub name: String,
    /// Which calls, for people ("GraphQL", "API V1").
    pub title: String,
    /// Unit ("calls").
    pub unit: String,
    /// Left.
    pub left: f64,
    /// Of.
    pub of: f64,
    /// In words ("31 of 40 calls a minute").
    pub sentence: String,
}

/// A stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct StreamView {
    /// Stable word.
    pub name: String,
    /// For people.
    pub title: String,
    /// Interval, seconds.
    pub interval_s: u32,
    /// Last success, ms UTC.
    pub last_ok_at_ms: Option<i64>,
    /// Next read, ms UTC.
    pub next_at_ms: Option<i64>,
    /// Failures in a row.
    pub failures: u32,
    /// What went wrong last.
    pub problem: Option<String>,
    /// Records read so far.
    pub read_total: i64,
}

/// A question for effects or history.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct ActivityAsk {
    /// Only this account.
    pub connection: Option<ConnectionId>,
    /// Effects: only these states; empty means all.
    pub states: Vec<EffectState>,
    /// Words.
    pub text: String,
    /// Go on before this row.
    pub before: Option<i64>,
    /// Rows; 0 means 100.
    pub limit: u32,
}

/// What a person can do to orders, exceptions and effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Read this order again at every platform.
    Sync,
    /// Send it to the hub now, whatever rules wait for.
    Push,
    /// Keep it back.
    Hold,
    /// Let it go.
    Release,
    /// Cancel it in the channel (and so at the hub).
    Cancel,
    /// Try refused effects again.
    Retry,
    /// Give effects up.
    Skip,
    /// Let asked effects go.
    Approve,
    /// Void the label.
    VoidLabel,
    /// Buy the label: `fields.carrier`, `fields.service`, `fields.package` of an offer and `fields.most` (its price), or
    /// by the settings; `fields.weight_g`, `fields.length_mm`, `fields.width_mm`, `fields.height_mm` where it was weighed.
    BuyLabel,
    /// Make a label with which the newest parcel comes back.
    ReturnLabel,
    /// Ship although cancelled or different.
    ShipAnyway,
    /// Ask the platform about a lost answer now.
    LookNow,
    /// Settle an exception by hand.
    Resolve,
    /// Show an exception again later.
    Snooze,
    /// Show a snoozed exception now.
    Wake,
    /// Give an exception to somebody (`fields.to`), or with an empty name to nobody in particular.
    Assign,
    /// Mend fields, then retry.
    Edit,
    /// Take a hub order for this order: `fields.hub_order` by id or number, or every copy that looks like it.
    /// `fields.anyway` = `yes` although both differ. With `fields.order`: take another account's order for the same sale;
    /// without `anyway` it is only said what comes of it.
    Link,
    /// Say that a hub order (`fields.hub_order`) is not this order; with `fields.order`, that another account's order is
    /// another sale (again only after `anyway`).
    Unlink,
    /// Give money back in the channel: `fields.total` in all, of it `fields.shipping`; units as `fields.line.<id or SKU>`.
    Refund,
}

/// Do something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Act {
    /// What.
    pub verb: Verb,
    /// To whom.
    pub targets: Targets,
    /// Reason, in the person's words (hold, skip, resolve, cancel).
    #[serde(default)]
    pub reason: String,
    /// Until, ms UTC (hold, snooze).
    #[serde(default)]
    pub until_ms: Option<i64>,
    /// Fields to mend (edit).
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// Cancel: give the money back. This and the next two hold where the store honours them, and are refused where it does not.
    #[serde(default)]
    pub refund: bool,
    /// Cancel, refund: put the units back on the shelf.
    #[serde(default)]
    pub restock: bool,
    /// Cancel, refund: tell the buyer.
    #[serde(default)]
    pub notify: bool,
}

impl Act {
    /// With nothing said beside it: no reason, no fields, nothing chosen.
    #[must_use]
    pub fn on(verb: Verb, targets: Targets) -> Self {
        Self {
            verb,
            targets,
            reason: String::new(),
            until_ms: None,
            fields: BTreeMap::new(),
            refund: false,
            restock: false,
            notify: false,
        }
    }
}

/// Whom an act is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "of", content = "which", rename_all = "snake_case")]
pub enum Targets {
    /// These orders.
    Orders(Vec<OrderId>),
    /// These exceptions.
    Exceptions(Vec<ExceptionId>),
    /// These effects.
    Effects(Vec<EffectId>),
    /// All open exceptions of a cause.
    Cause(Cause),
    /// All orders that match.
    Matching(QueueAsk),
    /// Everything that can be retried.
    Everything,
}

/// What became of an act, one by one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ActOutcome {
    /// One sentence for the toast ("Held 3 orders; 1 was already shipped").
    pub sentence: String,
    /// How many it took hold of.
    pub done: i64,
    /// What it took hold of, as people call it (the first 1,000).
    pub took: Vec<String>,
    /// The others, each with its reason.
    pub refused: Vec<ActRefused>,
    /// Token to take it back within a while, where that is possible.
    pub undo: Option<String>,
}

/// One target an act could not take hold of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ActRefused {
    /// Order number or row.
    pub label: String,
    /// Why.
    pub sentence: String,
}

/// What to sync.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "what", content = "which", rename_all = "snake_case")]
pub enum SyncScope {
    /// All accounts.
    Everything,
    /// One account.
    Connection(ConnectionId),
    /// One order, both sides.
    Order(OrderId),
}

/// Progress of a running job (a sync, a backup, a bulk act).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Progress {
    /// Names the job, for cancelling.
    pub job: String,
    /// In words ("Reading orders of Harbour Goods").
    pub sentence: String,
    /// Done so far.
    pub done: i64,
    /// Of, if known.
    pub of: Option<i64>,
    /// It ended: `done`, `cancelled`, `failed`; `None` while it runs.
    pub ended: Option<String>,
}

/// What changed in the store; screens refresh what they show of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct Changed {
    /// `orders`, `exceptions`, `effects`, `connections`, `settings`, `streams`, `events`.
    pub topics: Vec<String>,
    /// Orders touched (at most 500; empty with topic `orders` means many).
    pub orders: Vec<OrderId>,
}

/// One connection, for the Connections screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ConnectionView {
    /// Id.
    pub id: ConnectionId,
    /// Name.
    pub name: String,
    /// Stable word of the platform.
    pub platform: String,
    /// Its title.
    pub platform_title: String,
    /// Way of signing in.
    pub way: String,
    /// Plain fields.
    pub fields: BTreeMap<String, String>,
    /// Account's own name.
    pub account_name: String,
    /// Zone.
    pub time_zone: Option<String>,
    /// When its credentials end, if they do.
    pub expiry: Option<crate::expiry::Expiry>,
    /// How long they are good for where no end is known ("do not end by themselves"); empty where one is.
    pub lasting: String,
    /// Abilities found.
    pub abilities: Vec<String>,
    /// Loopback address, if it is a stand-in.
    pub base_url: Option<String>,
    /// Settings.
    pub settings: BTreeMap<String, serde_json::Value>,
    /// Of a store: who writes its orders to the hub is open, in a sentence; `None`: it is known.
    pub who_writes: Option<String>,
    /// Live state.
    pub activity: ConnectionActivity,
}

/// A filled-in connection form.
#[derive(Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ConnectionDraft {
    /// Platform's stable word.
    pub platform: String,
    /// Way of signing in.
    pub way: String,
    /// Name to give it.
    pub name: String,
    /// All fields, secrets included: comes in, never goes out.
    pub fields: BTreeMap<String, String>,
    /// Loopback address of a stand-in.
    pub base_url: Option<String>,
}

impl std::fmt::Debug for ConnectionDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectionDraft")
            .field("platform", &self.platform)
            .field("way", &self.way)
            .field("name", &self.name)
            .field("fields", &format_args!("{} fields, not shown", self.fields.len()))
            .field("base_url", &self.base_url)
            .finish()
    }
}

/// The checklist of **Test connection**.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct TestResult {
    /// It can be saved.
    pub ok: bool,
    /// Account's own name.
    pub account_name: Option<String>,
    /// The checks.
    pub checks: Vec<PreflightCheck>,
    /// Worst state, for the headline.
    pub state: CheckState,
    /// Fields that need another look: (field, sentence).
    pub problems: Vec<(String, String)>,
}

/// One automation's card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct AutomationView {
    /// Stable word.
    pub id: String,
    /// Title ("Orders to the hub").
    pub title: String,
    /// What it does, from where to where, in a sentence.
    pub summary: String,
    /// Worked examples: (what happens, what it does).
    pub examples: Vec<(String, String)>,
    /// How far it may go.
    pub mode: Mode,
    /// First order it applies to: placed at or after, ms UTC.
    pub go_live_ms: Option<i64>,
    /// Its settings, as a form.
    pub settings: Vec<SettingField>,
    /// Did lately: done since the day began.
    pub done_today: i64,
    /// The last few of these, newest first.
    pub lately: Vec<DidLately>,
    /// Waits for a click.
    pub asked: i64,
    /// Would do now.
    pub would_do: i64,
    /// What accounts lack that it works with, and what happens instead: a sentence each.
    pub by_hand: Vec<String>,
}

/// Something an automation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DidLately {
    /// When, ms UTC.
    pub at_ms: i64,
    /// The order, to look at.
    pub order_id: Option<OrderId>,
    /// What, as in the history.
    pub sentence: String,
}

/// A setting with its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct SettingField {
    /// Stable word.
    pub name: String,
    /// Label.
    pub label: String,
    /// Help.
    pub help: String,
    /// `toggle`, `number`, `text`, `rows`, `described`, `choice`, `time`, `time_zone`, `list`.
    pub kind: String,
    /// Options of a choice: (value, label).
    pub options: Vec<(String, String)>,
    /// Value now.
    pub value: serde_json::Value,
}

/// One day of the trends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct TrendDay {
    /// `YYYY-MM-DD` in the desk's zone.
    pub day: String,
    /// Orders whose first parcel left.
    pub shipped: i64,
    /// Of these, after their ship-by.
    pub late: i64,
    /// Median hours from order to parcel of those that left.
    pub median_hours: Option<f64>,
    /// Exceptions that began.
    pub opened: i64,
    /// Exceptions that ended by themselves.
    pub mended: i64,
    /// Exceptions a person settled.
    pub settled: i64,
}

/// One cause on the first screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CauseLine {
    /// Which.
    pub cause: Cause,
    /// Its title.
    pub title: String,
    /// Icon.
    pub icon: String,
    /// Tone.
    pub tone: Tone,
    /// Open entries.
    pub count: i64,
    /// Oldest, ms UTC.
    pub oldest_at_ms: Option<i64>,
    /// Value of its orders per currency, minor units.
    pub value: Vec<(String, i64)>,
}

/// Something the desk did by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DidLine {
    /// Icon.
    pub icon: String,
    /// In words, without the number ("orders sent to the hub").
    pub words: String,
    /// How many.
    pub count: i64,
    /// Where to see them.
    pub place: String,
}

/// "Are we fine?"
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Home {
    /// Headline ("Friday, 14:12. 23 orders are at risk." without the time: `23 orders are at risk.`).
    pub headline: String,
    /// The rail's numbers.
    pub counts: Counts,
    /// Next deadline, ms UTC.
    pub next_deadline_ms: Option<i64>,
    /// Latest of the late: ship-by of the oldest, ms UTC.
    pub oldest_late_ms: Option<i64>,
    /// Day by day, oldest first, today last.
    pub trend: Vec<TrendDay>,
    /// Median hours from order to parcel over that time.
    pub median_hours_to_ship: Option<f64>,
    /// Share that left on time, percent.
    pub on_time_percent: Option<f64>,
    /// What waits on what: (code, words, tone, count).
    pub waits: Vec<(String, String, Tone, i64)>,
    /// Causes of exceptions that need a person.
    pub causes: i64,
    /// What needs a person, by cause, most costly first.
    pub by_cause: Vec<CauseLine>,
    /// What the desk did by itself today.
    pub did_today: Vec<DidLine>,
    /// Accounts.
    pub accounts: Vec<ConnectionActivity>,
}

/// One line of `doctor`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Diagnosis {
    /// What was looked at.
    pub title: String,
    /// How it is.
    pub state: CheckState,
    /// What that means and what to do.
    pub detail: String,
    /// What Quayside can do about it itself, once a person says so.
    pub mend: Option<Mend>,
}

/// What `doctor` can put right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Mend {
    /// Closes the profile's folder to other users of the computer.
    CloseFolder,
    /// Deletes the reports of what fell over.
    ForgetCrashes,
    /// Deletes older copies of the database beside it.
    ForgetCopies,
    /// Lets a paused account read and send again.
    Resume {
        /// The account.
        connection: ConnectionId,
    },
}

/// A support bundle was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct BundleSaved {
    /// Where.
    pub path: String,
    /// Lines in it.
    pub lines: i64,
}

/// The evidence of an order was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct EvidenceSaved {
    /// Where.
    pub path: String,
    /// Lines of the timeline in it.
    pub moments: i64,
    /// Changes in it.
    pub changes: i64,
    /// The end of the trail; empty before anything is sealed.
    pub trail_head: String,
}

/// An order of a buyer who was looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CustomerOrder {
    /// Our row.
    pub id: OrderId,
    /// What people call it.
    pub number: String,
    /// The store's name.
    pub store: String,
    /// Bought at, ms UTC.
    pub placed_at_ms: i64,
    /// Who bought, so that namesakes can be told apart.
    pub name: String,
    /// Their e-mail.
    pub email: String,
    /// Town and country.
    pub place: String,
    /// It still waits for something: its data goes when it is closed.
    pub open: bool,
    /// That its buyer is to be forgotten was said before.
    pub asked: bool,
}

/// A buyer, as somebody looked for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CustomerFound {
    /// What was looked for: `email`, `phone` or `name`.
    pub by: String,
    /// Their orders in all accounts.
    pub orders: Vec<CustomerOrder>,
    /// Orders at shipping accounts that belong to none here.
    pub strays: i64,
    /// What cannot be reached from here, one sentence each.
    pub not_reached: Vec<String>,
}

/// A buyer was forgotten: the receipt. It names nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CustomerForgotten {
    /// When, ms UTC.
    pub at_ms: i64,
    /// What was looked for: `email`, `phone` or `name`.
    pub by: String,
    /// Orders whose data is out, by number.
    pub blanked: Vec<String>,
    /// Open ones, whose data goes when they are closed.
    pub waiting: Vec<String>,
    /// Orders at shipping accounts that belonged to none here.
    pub strays: i64,
    /// What could not be reached from here, one sentence each.
    pub not_reached: Vec<String>,
    /// The entry of the trail that says so.
    pub trail_entry: i64,
    /// The end of the trail afterwards.
    pub trail_head: String,
    /// Where the receipt was written.
    pub receipt: Option<String>,
}

/// What is kept of a buyer was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CustomerExported {
    /// For programs.
    pub data: String,
    /// For people.
    pub page: String,
    /// Orders in it, by number.
    pub orders: Vec<String>,
    /// Orders at shipping accounts in it that belong to none here.
    pub strays: i64,
    /// What is not in it, one sentence each.
    pub not_in_here: Vec<String>,
    /// The end of the trail.
    pub trail_head: String,
}

/// A part of the program fell over, now or while it last ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Fallen {
    /// How often, since somebody last said that they know.
    pub times: i64,
    /// When last, ms UTC.
    pub at_ms: i64,
    /// Where in the program.
    pub place: String,
    /// The newest report, whole. It names nobody.
    pub report: String,
}
