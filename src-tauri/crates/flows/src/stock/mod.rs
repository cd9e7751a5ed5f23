//! Stock: one count per SKU holds, and the stores' counts follow it.
//!
//! A SKU has one truth: the count of one account (at one of its places, or all together). Every other account that reads
//! and sets counts is a side that follows: it gets the truth, less what open orders hold and the truth does not know yet,
//! less the safety stock and the store's own buffer, never below nothing. No automation ever writes to the truth, so
//! two accounts can never answer each other's changes; a person may adjust it ([`adjust`]).
//!
//! What is not known is not written: no truth, a count that is too old, a name that several listings share, several places
//! to choose from. Each is said in a sentence instead. A bundle gets what its scarcest part is enough for (`sets.rs`).
//!
//! A side's number is compared with what was last *read* there, and that number travels with the change: an account
//! that can compare refuses when it shows another one by now. What was written is not believed before it was read back.
//!
//! While it is off, nothing is kept of any order for it: no order comes in slower for an automation nobody uses.

mod by_hand;
mod held;
mod per_sku;
mod says;
mod sets;

pub use by_hand::{Adjustment, adjust};
pub(crate) use held::held;
pub use per_sku::{PER_SKU, check_per_sku};
pub use sets::{has_moved, parts_of, promise};

use crate::automation::{AutomationDecl, Need};
use crate::look::Look;
use crate::policy::{Peer, Policy};
use quayside_model::alias::fold;
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use quayside_model::{
    Cause, ConnectionId, Count, EffectId, EffectState, Finding, Intent, IntentKind, Mode, PastWrite, PlannedWrite,
    RecordKind, Role, SettingDecl, SettingKind, ShelfDecision, ShelfFacts, ShelfSays, SideSays, SideState, StockDraft,
    TruthSays,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Stable word of the automation.
pub const ID: &str = "stock";
/// Who plans what a person adjusts, in place of an automation.
pub const BY_HAND: &str = "person";
/// Setting: the account whose count holds.
pub const TRUTH: &str = "truth";
/// Setting: its place; empty: all of them together.
pub const PLACE: &str = "place";
/// Setting: what the truth's count leaves out already.
pub const CONTAINS: &str = "contains";
/// Setting: what becomes of units that other stores sold, where the truth is a store.
pub const ELSEWHERE: &str = "elsewhere";
/// Setting: units that are never promised.
pub const SAFETY: &str = "safety";
/// Setting: hours after which a count is too old to act on.
pub const STALE_HOURS: &str = "stale_hours";
/// Setting: days of sales that make the pace.
pub const PACE_DAYS: &str = "pace_days";
/// Setting: days to the end that are worth a warning.
pub const WARN_DAYS: &str = "warn_days";
/// Setting: units from which on it is low.
pub const LOW: &str = "low";

/// Setting of a store: its counts follow.
pub const STORE_FOLLOWS: &str = "stock_follows";
/// Setting of a store: units kept off its counts.
pub const STORE_BUFFER: &str = "stock_buffer";
/// Setting of a store: the place whose count follows.
pub const STORE_PLACE: &str = "stock_place";

/// What every store may have of its own about its counts, whatever its platform.
pub const STORE_SETTINGS: [SettingDecl; 3] = [
    SettingDecl {
        name: STORE_FOLLOWS,
        label: "Its counts follow",
        help: "The automation \"Stock\" sets them, as far as it may.",
        kind: SettingKind::Toggle,
        default: "true",
    },
    number(STORE_BUFFER, "Units kept off its counts", "So many less than the other stores get.", "0"),
    SettingDecl {
        name: STORE_PLACE,
        label: "The place whose count follows",
        help: "Only where it counts at several places. Name of its location.",
        kind: SettingKind::Text,
        default: "",
    },
];

/// A count that was set so often to the same number within a day, and still shows another, has another master.
const FIGHTS_MAX: usize = 3;
/// A sale shows in the count before it shows in the list of orders: so much later that list is believed.
const ORDERS_LAG_MS: i64 = 2 * MINUTE_MS;
/// Where nothing tells when to look again: a list of orders that is read in between.
const LOOK_AGAIN_MS: i64 = 5 * MINUTE_MS;

const fn number(name: &'static str, label: &'static str, help: &'static str, default: &'static str) -> SettingDecl {
    SettingDecl { name, label, help, kind: SettingKind::Number, default }
}

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Stock",
    summary: "Lets the counts of your stores follow one count that holds, less what open orders hold, safety stock and each store's buffer. Off until you switch it on; writes only what it knows.",
    examples: &[
        (
            "The warehouse counts 10, open orders hold 3, the safety stock is 1.",
            "A store that shows 9 is set to 6; one that shows 6 is left alone.",
        ),
        ("A store has a buffer of 2.", "It gets 2 less than the others, never less than nothing."),
        (
            "Something is sold at the store while its count is on its way.",
            "An account that can compare refuses it; it is read again and decided anew.",
        ),
        (
            "The count is old, two listings share the SKU, or the store counts it at several places.",
            "Nothing is written; the stock screen says why.",
        ),
        (
            "A set of one mug and two teas is sold; 10 mugs and 7 teas can be promised.",
            "The set gets 3: the teas limit it. It gets another number as soon as a mug or a tea is sold alone.",
        ),
        (
            "A hub of a kind that takes counts takes none from outside, as its profile says.",
            "An exception says what to set there, one per count: a newer number takes the place of the older one.",
        ),
        ("A store shows what was just written there.", "That is no change, and nothing follows from it."),
        ("At the pace of the last days it runs out in three.", "The stock screen warns, and you are told once."),
    ],
    needs: &[Need::ReadsAnywhere(RecordKind::Stock), Need::SetsAnywhere(IntentKind::SetStock)],
    undo: "Switch it off: counts stay as they are. The count that holds is never written.",
    settings: &[
        SettingDecl {
            name: TRUTH,
            label: "The count that holds",
            help: "The account whose count is true. Without a choice: the hub, if it reads stock; else nothing is written.",
            kind: SettingKind::Text,
            default: "",
        },
        SettingDecl {
            name: PLACE,
            label: "At this place only",
            help: "Name of its warehouse or location. Empty: all of its places together.",
            kind: SettingKind::Text,
            default: "",
        },
        SettingDecl {
            name: CONTAINS,
            label: "Orders that account has itself",
            help: "Whether its number leaves them out already. If you are not sure, leave it: then rather too little is promised than too much.",
            kind: SettingKind::Choice(&[
                ("shelf", "are still in its number: it counts the shelf"),
                ("orders", "are out of its number from the moment it has them"),
            ]),
            default: "shelf",
        },
        SettingDecl {
            name: ELSEWHERE,
            label: "If it is a store: what other stores sold",
            help: "A store does not hear by itself what others sold. Kept off counts from the go-live line on, the moment as of which its number is right.",
            kind: SettingKind::Choice(&[
                ("kept", "is kept off here, from the go-live line on"),
                ("booked", "is booked there by somebody else when it leaves"),
            ]),
            default: "kept",
        },
        number(SAFETY, "Safety stock", "Units of every SKU that are never promised.", "0"),
        SettingDecl {
            name: PER_SKU,
            label: "SKUs with something of their own",
            help: "One row each: SKU, safety stock, account whose count holds, its place. What is empty is as for every SKU. Rows can be copied from a spreadsheet, and into one.",
            kind: SettingKind::Text,
            default: "",
        },
        number(STALE_HOURS, "Too old after hours", "A count that was not read for so long is not acted on.", "6"),
        number(PACE_DAYS, "Days of sales", "The pace at which a SKU sells is that of the last so many days.", "14"),
        number(WARN_DAYS, "Warn when it runs out in days", "0: no warning.", "3"),
        number(LOW, "Warn from units on", "0: no warning.", "0"),
    ],
    look,
};

// Its work is done SKU by SKU, in `decide`.
fn look(_: &mut Look<'_>) {}

/// What a store has of its own about its counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreCounts {
    /// Its counts follow.
    pub follows: bool,
    /// Units kept off them.
    pub buffer: i64,
    /// The place whose count follows; empty: the only one there is.
    pub place: String,
}

impl Default for StoreCounts {
    fn default() -> Self {
        Self { follows: true, buffer: 0, place: String::new() }
    }
}

impl StoreCounts {
    /// From the settings of a connection.
    pub fn of(settings: &BTreeMap<String, Value>) -> Self {
        let text = |name: &str| settings.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
        Self {
            follows: settings.get(STORE_FOLLOWS).and_then(Value::as_bool).unwrap_or(true),
            buffer: settings.get(STORE_BUFFER).and_then(Value::as_i64).unwrap_or(0).max(0),
            place: text(STORE_PLACE),
        }
    }
}

/// The name under which a count is added up with others: the hub's SKU where the table of aliases has one. `true`: it is a
/// bundle, whose count follows from its parts.
pub fn counted_as(policy: &Policy, connection: &ConnectionId, sku: &str, item_id: &str) -> (String, bool) {
    let acts = policy
        .automations
        .get(crate::sku_aliases::ID)
        .is_some_and(|aliases| matches!(aliases.mode, Mode::Ask | Mode::Auto));
    match policy.shapers.aliases.parts_by_name(connection, sku, Some(item_id)).filter(|_| acts) {
        Some([one]) if one.quantity == 1 => (fold(&one.sku), false),
        Some(_) => (fold(sku), true),
        None => (fold(sku), false),
    }
}

/// The days of sales that make the pace, ms.
pub fn pace_ms(policy: &Policy) -> i64 {
    policy.number(ID, PACE_DAYS).clamp(1, 365) * DAY_MS
}

/// What orders hold is to be added up: somebody wants to know what the counts should be.
pub fn adds_up(policy: &Policy) -> bool {
    policy.automations.get(ID).is_some_and(|automation| automation.mode != Mode::Off)
}

/// From when on units that other stores sold are kept off, ms UTC: where a store's count holds that does not hear of them.
fn kept_from_ms(policy: &Policy) -> Option<i64> {
    let is_store = |peer: &Peer| !peer.roles.contains(&Role::Hub);
    let of_all = policy.peers.get(&ConnectionId::new(policy.setting(ID, TRUTH)));
    let store_holds = of_all.is_some_and(is_store) || per_sku::truths(policy).any(is_store);
    let kept = store_holds && policy.setting(ID, ELSEWHERE) != "booked";
    policy.automations.get(ID)?.go_live_ms.filter(|_| kept)
}

/// The oldest order that a decision about a SKU may ask for, ms UTC; open ones and those that left lately come besides.
pub fn orders_since_ms(policy: &Policy, now_ms: i64) -> i64 {
    kept_from_ms(policy).unwrap_or(now_ms).min(now_ms)
}

/// The oldest order of which anything is to be known, ms UTC: those that a decision asks for, and those that make the pace.
pub fn orders_from_ms(policy: &Policy, now_ms: i64) -> i64 {
    orders_since_ms(policy, now_ms).min(now_ms - pace_ms(policy))
}

/// The account whose count of a SKU holds, if there is one that could.
pub fn truth_of<'a>(policy: &'a Policy, facts: &ShelfFacts) -> Option<&'a Peer> {
    let own = per_sku::own(policy, &facts.sku).truth;
    if !own.is_empty() {
        return per_sku::account(policy, own);
    }
    let chosen = policy.setting(ID, TRUTH);
    if !chosen.is_empty() {
        return policy.peers.get(&ConnectionId::new(chosen));
    }
    policy.hub().filter(|hub| facts.counts.iter().any(|count| count.connection == hub.id))
}

/// The count that holds, added up.
struct Truth<'a> {
    peer: &'a Peer,
    says: TruthSays,
}

struct Shelf<'a> {
    facts: &'a ShelfFacts,
    policy: &'a Policy,
    now_ms: i64,
    mode: Mode,
    line_ms: Option<i64>,
    stale_ms: i64,
    decision: ShelfDecision,
}

/// What is to be done and said about one SKU at `now_ms` (ms UTC).
pub fn decide(facts: &ShelfFacts, policy: &Policy, now_ms: i64) -> ShelfDecision {
    let mut shelf = Shelf::new(facts, policy, now_ms);
    let truth_id = truth_of(policy, facts).map(|peer| peer.id.clone());
    // Where there are only bundles, no count of their own holds, and what is sold of them is sold of their parts.
    let only_sets = sets::only_sets(facts);
    if !only_sets {
        shelf.decision.says.why = shelf.work_out().err();
        shelf.pace();
    }
    for count in &facts.counts {
        shelf.read_back(count);
        if Some(&count.connection) == truth_id.as_ref() && !count.bundle {
            // No automation writes it; a person may have.
            let by_hand: Vec<&PastWrite> = shelf.writes_of(count).filter(|write| write.by_hand).collect();
            shelf.report(count, &by_hand);
        } else {
            let says = shelf.side(count);
            shelf.decision.says.sides.extend(says);
        }
    }
    if only_sets {
        // Stores may mean different things by one name: then there is no one number to say.
        let mut each = shelf.decision.says.sides.iter().map(|side| shelf.sets(&side.parts));
        let first = each.next().flatten();
        let same = each.all(|sets| sets == first);
        shelf.decision.says.available = first.filter(|_| same);
    }
    shelf.decision
}

impl<'a> Shelf<'a> {
    fn new(facts: &'a ShelfFacts, policy: &'a Policy, now_ms: i64) -> Self {
        let automation = policy.automation(ID);
        let name = facts.counts.iter().map(|count| count.sku.as_str()).find(|sku| fold(sku) == facts.sku);
        let says = ShelfSays { sku: name.unwrap_or(&facts.sku).to_owned(), ..ShelfSays::default() };
        Self {
            facts,
            policy,
            now_ms,
            mode: automation.mode,
            line_ms: automation.go_live_ms,
            stale_ms: policy.number(ID, STALE_HOURS).clamp(1, 24 * 30) * HOUR_MS,
            decision: ShelfDecision {
                writes: Vec::new(),
                overtaken: Vec::new(),
                read: Vec::new(),
                agreed: Vec::new(),
                findings: Vec::new(),
                says,
                look_again_at_ms: None,
            },
        }
    }

    /// The newest changes of a count, newest first.
    fn writes_of(&self, count: &Count) -> impl Iterator<Item = &'a PastWrite> + use<'a> {
        let (connection, remote_id) = (count.connection.clone(), count.remote_id.clone());
        let of_it = move |write: &&PastWrite| write.connection == connection && write.remote_id == remote_id;
        self.facts.writes.iter().filter(of_it)
    }

    /// What a person adjusted is read back, whether the automation may act or not.
    fn read_back(&mut self, count: &Count) {
        let mut by_hand = self.writes_of(count).filter(|write| write.by_hand && write.state == EffectState::Done);
        if by_hand.any(|write| write.settled_at_ms.is_some_and(|at_ms| at_ms > count.read_at_ms)) {
            self.decision.read.push((count.connection.clone(), count.remote_id.clone()));
        }
    }

    /// It may write, after a click or by itself.
    fn acts(&self) -> bool {
        matches!(self.mode, Mode::Ask | Mode::Auto)
    }

    fn read_again(&mut self, count: &Count) {
        if self.acts() {
            self.decision.read.push((count.connection.clone(), count.remote_id.clone()));
        }
    }

    fn look_again(&mut self, at_ms: i64) {
        let at_ms = at_ms.max(self.now_ms + 1);
        let known = &mut self.decision.look_again_at_ms;
        *known = Some(known.map_or(at_ms, |known| known.min(at_ms)));
    }

    /// Writes down the count that holds and what can be promised of it, or says why that is not known.
    fn work_out(&mut self) -> Result<i64, String> {
        match self.truth() {
            Ok(truth) => {
                let promised = self.promised(&truth);
                self.decision.says.truth = Some(truth.says);
                promised
            }
            Err((truth, why)) => {
                self.decision.says.truth = truth;
                Err(why)
            }
        }
    }

    /// The count that holds, or why there is none (and what is known of it all the same).
    fn truth(&mut self) -> Result<Truth<'a>, (Option<TruthSays>, String)> {
        let policy = self.policy;
        let own = per_sku::own(policy, &self.facts.sku);
        let Some(peer) = truth_of(policy, self.facts) else {
            let why = if own.truth.is_empty() {
                "No account's count was chosen as the one that holds.".to_owned()
            } else {
                format!("\"{}\" is to hold its count, and there is no account of that name.", own.truth)
            };
            return Err((None, why));
        };
        let of_all = policy.setting(ID, PLACE);
        // Another account has other places.
        let place = if own.truth.is_empty() && own.place.is_empty() { of_all.trim() } else { own.place };
        let counts: Vec<&Count> = self
            .facts
            .counts
            .iter()
            .filter(|count| count.connection == peer.id && (place.is_empty() || is_at(count, place)))
            .collect();
        if counts.is_empty() {
            let at = if place.is_empty() { String::new() } else { format!(" at {place}") };
            return Err((None, format!("{} has no count of it{at}.", peer.name)));
        }
        let says = TruthSays {
            connection: peer.id.clone(),
            place: match counts.as_slice() {
                [one] => one.location_name.clone(),
                _ => place.to_owned(),
            },
            remote_id: match counts.as_slice() {
                [one] => one.remote_id.clone(),
                _ => String::new(),
            },
            units: counts.iter().map(|count| count.available).sum(),
            read_at_ms: counts.iter().map(|count| count.read_at_ms).min().unwrap_or(0),
            changed_at_ms: counts.iter().map(|count| count.changed_at_ms).max().unwrap_or(0),
        };
        if counts.iter().any(|count| count.bundle) {
            return Err((
                None,
                format!("{} is a bundle there; its count follows from its parts.", self.decision.says.sku),
            ));
        }
        if shares_a_place(&counts) {
            return Err((
                Some(says),
                format!("Several listings of {} share the SKU: none of them is it for sure.", peer.name),
            ));
        }
        let old_at_ms = says.read_at_ms + self.stale_ms;
        if self.now_ms > old_at_ms {
            let oldest_ms = self.now_ms - self.stale_ms;
            for count in counts.iter().filter(|count| count.read_at_ms < oldest_ms) {
                self.read_again(count);
            }
            return Err((Some(says), format!("The count of {} was not read for too long.", peer.name)));
        }
        self.look_again(old_at_ms + 1);
        if self.facts.orders.is_some() && says.read_at_ms < self.facts.whole_ms {
            // What left before that is written down nowhere, and still in the number.
            for count in counts {
                self.read_again(count);
            }
            return Err((Some(says), format!("The count of {} was last read before orders were added up.", peer.name)));
        }
        // Read by this computer's clock; the line is one of the stores'.
        if self.line_ms.is_some_and(|line_ms| self.policy.by_latest_store(says.read_at_ms) < line_ms) {
            for count in counts {
                self.read_again(count);
            }
            return Err((Some(says), format!("The count of {} was last read before the go-live line.", peer.name)));
        }
        Ok(Truth { peer, says })
    }

    /// Works out what can be promised.
    fn promised(&mut self, truth: &Truth<'a>) -> Result<i64, String> {
        if self.mode == Mode::Off {
            return Err("\"Stock\" is off, so what orders hold is not added up.".into());
        }
        let Some(orders) = &self.facts.orders else {
            return Err("What open orders hold is still being added up.".into());
        };
        let leaves_out = self.policy.setting(ID, CONTAINS) == "orders";
        let is_store = !truth.peer.roles.contains(&Role::Hub);
        let kept = is_store && self.policy.setting(ID, ELSEWHERE) != "booked";
        let (read_at_ms, id) = (truth.says.read_at_ms, &truth.says.connection);
        if kept && self.line_ms.is_none() {
            return Err(format!(
                "{} is a store and does not hear what others sell. Choose a go-live line: the moment as of which its count is right.",
                truth.peer.name
            ));
        }
        let mut held = 0;
        for order in orders {
            let own = order.connection == *id;
            let there_ms = if own {
                Some(order.placed_at_ms)
            } else {
                order.hub.as_ref().filter(|(hub, _)| hub == id).map(|(_, since_ms)| *since_ms)
            };
            if leaves_out && there_ms.is_some_and(|at_ms| at_ms <= read_at_ms) {
                continue;
            }
            // What left after the count was read is in it still.
            let left_since = order.left_at_ms.is_some_and(|at_ms| at_ms >= read_at_ms);
            let never_heard = kept && !own && self.line_ms.is_some_and(|line_ms| order.placed_at_ms >= line_ms);
            held += if left_since || never_heard { order.units } else { order.open };
        }
        let own = per_sku::own(self.policy, &self.facts.sku).safety;
        let safety = own.unwrap_or_else(|| self.policy.number(ID, SAFETY)).max(0);
        let available = (truth.says.units - held - safety).max(0);
        self.decision.says.held = Some(held);
        self.decision.says.available = Some(available);
        Ok(available)
    }

    /// One count that could follow; `None`: its account is gone.
    fn side(&mut self, count: &Count) -> Option<SideSays> {
        let peer = self.policy.peers.get(&count.connection)?;
        let past: Vec<&PastWrite> = self.writes_of(count).collect();
        // What a person adjusts is neither taken back nor repeated.
        let planned: Vec<&PastWrite> = past.iter().copied().filter(|write| !write.by_hand).collect();
        let adjusting = past.iter().find(|write| write.by_hand && is_open(write.state));
        let parts = if count.bundle { self.parts(count) } else { Vec::new() };
        let available = if count.bundle { self.sets(&parts) } else { self.decision.says.available };
        let wanted = available.map(|available| (available - peer.counts.buffer).max(0));
        let mut says = SideSays {
            connection: count.connection.clone(),
            remote_id: count.remote_id.clone(),
            place: count.location_name.clone(),
            units: count.available,
            read_at_ms: count.read_at_ms,
            changed_at_ms: count.changed_at_ms,
            by_us: is_ours(count, &past),
            wanted,
            agreed: count.agreed,
            agreed_at_ms: count.agreed_at_ms,
            state: SideState::NotWritten,
            sentence: String::new(),
            parts: Vec::new(),
        };
        let at_rest = |why: String| (SideState::NotWritten, why);
        let (state, sentence) = if let Some(write) = adjusting {
            (SideState::Changing, format!("Adjusted by you: {} is on its way there.", write.stock.available))
        } else if let Some(why) = self.unfit(count, peer) {
            says.wanted = None;
            self.take_back(&planned, &why);
            self.give_up_refused(&planned, &why);
            at_rest(why)
        } else if let Some(wanted) = wanted {
            let (state, sentence) = if peer.takes_by_hand(IntentKind::SetStock) {
                self.enter(count, peer, &planned, wanted)
            } else {
                self.follow(count, peer, &past, wanted)
            };
            let limit = if count.bundle { sets::limit(&parts) } else { String::new() };
            (state, format!("{sentence} {limit}").trim().to_owned())
        } else {
            let why = if count.bundle {
                sets::why_unknown(&parts)
            } else {
                self.decision.says.why.clone().unwrap_or_default()
            };
            self.take_back(&planned, &why);
            if self.mode == Mode::Off {
                self.give_up_refused(&planned, &why);
            }
            at_rest(why)
        };
        self.report(count, &past);
        if state == SideState::Agrees && count.agreed != Some(count.available) {
            self.decision.agreed.push((count.connection.clone(), count.remote_id.clone(), count.available));
            says.agreed = Some(count.available);
            says.agreed_at_ms = Some(self.now_ms);
        }
        (says.state, says.sentence, says.parts) = (state, sentence, parts);
        Some(says)
    }

    /// Why a count is never written, whatever it shows.
    fn unfit(&self, count: &Count, peer: &Peer) -> Option<String> {
        let name = &peer.name;
        if !peer.counts.follows {
            return Some(format!("You leave the counts of {name} alone."));
        }
        if !peer.performs.contains(&IntentKind::SetStock) && !peer.takes_by_hand(IntentKind::SetStock) {
            return Some(format!("{name} takes no counts."));
        }
        if count.bundle && truth_of(self.policy, self.facts).is_some_and(|truth| truth.id == peer.id) {
            return Some(format!("A bundle. Nothing is written at {name}, whose counts hold: set it there."));
        }
        let place = peer.counts.place.as_str();
        let theirs: Vec<&Count> = self.facts.counts.iter().filter(|other| other.connection == peer.id).collect();
        if place.is_empty() {
            let mut places: Vec<Option<&str>> = theirs.iter().map(|other| other.location_id.as_deref()).collect();
            places.sort_unstable();
            places.dedup();
            if places.len() > 1 {
                return Some(format!(
                    "{name} counts it at {} places. Name the one that follows, under Connections.",
                    places.len()
                ));
            }
        } else if !is_at(count, place) {
            return Some(format!("Only {place} follows."));
        }
        let here: Vec<&Count> = theirs.into_iter().filter(|other| other.location_id == count.location_id).collect();
        if shares_a_place(&here) {
            return Some(format!("Several listings of {name} share the SKU: none of them is it for sure."));
        }
        None
    }

    /// The account's orders were read since its count changed.
    fn orders_are_read(&self, count: &Count) -> bool {
        let mut read = self.facts.orders_read_ms.iter().filter(|(connection, _)| *connection == count.connection);
        let sells = self.policy.peers.get(&count.connection).is_some_and(|peer| peer.roles.contains(&Role::Channel));
        !sells || read.any(|(_, at_ms)| *at_ms >= count.changed_at_ms + ORDERS_LAG_MS)
    }

    /// What was planned and not sent is pointless.
    fn take_back(&mut self, past: &[&PastWrite], why: &str) {
        let waiting = past.iter().filter(|write| matches!(write.state, EffectState::Asked | EffectState::Pending));
        let waiting: Vec<(EffectId, String)> = waiting.map(|write| (write.id, why.to_owned())).collect();
        self.decision.overtaken.extend(waiting);
    }

    /// What was refused is not wanted any more.
    fn give_up_refused(&mut self, past: &[&PastWrite], why: &str) {
        let refused = past.iter().filter(|write| write.state == EffectState::Refused);
        let refused: Vec<(EffectId, String)> = refused.map(|write| (write.id, why.to_owned())).collect();
        self.decision.overtaken.extend(refused);
    }

    /// Every refused or lost change is told, as with orders. One that was refused because the number had moved is not:
    /// the count is read again, and that is the end of it.
    fn report(&mut self, count: &Count, past: &[&PastWrite]) {
        for write in past {
            let Some(refusal) = &write.refusal else { continue };
            let overtaken = self.decision.overtaken.iter().any(|(id, _)| *id == write.id);
            let cause = match write.state {
                EffectState::Refused
                    if !overtaken && (write.by_hand || !is_to_be_reread(write, refusal.cause, count)) =>
                {
                    refusal.cause
                }
                // The account works on it and said so: nothing is lost.
                EffectState::Unknown if write.ticket.is_none() || refusal.cause != Cause::OutcomeUnknown => {
                    Cause::OutcomeUnknown
                }
                _ => continue,
            };
            let finding = Finding {
                cause,
                about: count.remote_id.clone(),
                sentence: refusal.sentence.clone(),
                said: refusal.said.clone(),
                effect: Some(write.id),
                since_ms: write.settled_at_ms.or(write.first_sent_at_ms),
            };
            // One entry per cause and count: the newest change is the one that can be tried again.
            let told = |(of, known): &(ConnectionId, Finding)| {
                *of == count.connection && known.cause == cause && known.about == finding.about
            };
            if !self.decision.findings.iter().any(told) {
                self.decision.findings.push((count.connection.clone(), finding));
            }
        }
    }

    /// A count that somebody sets by hand, because its account takes none from outside: one entry, whatever the number is by
    /// now. `past`: what was planned while it did.
    fn enter(&mut self, count: &Count, peer: &Peer, past: &[&PastWrite], wanted: i64) -> (SideState, String) {
        let name = &peer.name;
        let on_its_way = |write: &&&PastWrite| matches!(write.state, EffectState::Running | EffectState::Unknown);
        if let Some(write) = past.iter().find(on_its_way) {
            return (SideState::Changing, format!("{} is on its way there.", write.stock.available));
        }
        let why = format!("{name} takes no counts from outside");
        self.take_back(past, &why);
        self.give_up_refused(past, &why);
        if count.available == wanted {
            return (SideState::Agrees, String::new());
        }
        if self.now_ms > count.read_at_ms + self.stale_ms {
            self.read_again(count);
            return (SideState::Reading, format!("The count of {name} was not read for too long."));
        }
        self.look_again(count.read_at_ms + self.stale_ms + 1);
        if !self.acts() {
            return (SideState::Differs, format!("It should be {wanted}; \"Stock\" only watches."));
        }
        let at = if count.location_name.is_empty() { String::new() } else { format!(" ({})", count.location_name) };
        let sentence = format!(
            "{name}{at} shows {} of {}, and it should be {wanted}. {why}: set it there.",
            count.available, count.sku
        );
        let finding = Finding {
            cause: Cause::ChangeByHand,
            about: count.remote_id.clone(),
            sentence,
            said: None,
            effect: None,
            since_ms: None,
        };
        self.decision.findings.push((count.connection.clone(), finding));
        (SideState::NotWritten, format!("It should be {wanted}. {why}: set it there by hand."))
    }

    /// A count that can be written, and the number it should show.
    fn follow(&mut self, count: &Count, peer: &Peer, past: &[&PastWrite], wanted: i64) -> (SideState, String) {
        // Whoever wrote it: what was written there last is read back first, and is our own echo.
        let written = past;
        let planned: Vec<&PastWrite> = past.iter().copied().filter(|write| !write.by_hand).collect();
        let past = planned.as_slice();
        let open = past.iter().find(|write| !write.state.is_final() && write.state != EffectState::Refused);
        if let Some(write) = open.filter(|write| matches!(write.state, EffectState::Running | EffectState::Unknown)) {
            return (SideState::Changing, format!("{} is on its way there.", write.stock.available));
        }
        let refused = past.iter().find(|write| write.state == EffectState::Refused);
        if count.available == wanted {
            self.take_back(past, "the count is there already");
            self.decision.overtaken.extend(refused.map(|write| (write.id, "the count is there already".to_owned())));
            return (SideState::Agrees, String::new());
        }
        let done = written.iter().find(|write| write.state == EffectState::Done);
        let unseen = done.is_some_and(|write| write.settled_at_ms.is_some_and(|at_ms| at_ms > count.read_at_ms));
        if unseen {
            self.take_back(past, "the count is read again first");
            self.read_again(count);
            return (SideState::Reading, "It was written; what it shows is read back first.".into());
        }
        if self.now_ms > count.read_at_ms + self.stale_ms {
            self.take_back(past, "the count was not read for too long");
            self.read_again(count);
            return (SideState::Reading, format!("The count of {} was not read for too long.", peer.name));
        }
        self.look_again(count.read_at_ms + self.stale_ms + 1);
        if let Some(refused) = refused {
            let same = refused.stock.available == wanted && refused.stock.expected == Some(count.available);
            if refused.refusal.as_ref().is_some_and(|refusal| is_to_be_reread(refused, refusal.cause, count)) {
                self.read_again(count);
                return (SideState::Reading, "It changed there meanwhile; it is read again first.".into());
            }
            if same {
                let said = refused.refusal.as_ref().map(|refusal| refusal.sentence.clone()).unwrap_or_default();
                return (SideState::Refused, said);
            }
            self.decision.overtaken.push((refused.id, "the count changed".into()));
        }
        // A number that fell there may be a sale whose order is still to be read: it is not raised again before.
        if wanted > count.available && !is_ours(count, written) && !self.orders_are_read(count) {
            self.take_back(past, "the orders of the account are read first");
            self.look_again(self.now_ms + LOOK_AGAIN_MS);
            return (SideState::Reading, "It changed there; its orders are read before it is raised.".into());
        }
        if fights(past, wanted, self.now_ms) {
            return (
                SideState::NotWritten,
                format!(
                    "It was set to {wanted} {FIGHTS_MAX} times in a day and shows {} again: something else writes it too.",
                    count.available
                ),
            );
        }
        let given_up = past.first().filter(|write| write.state == EffectState::Skipped);
        if given_up.is_some_and(|write| write.stock.available == wanted) {
            return (
                SideState::NotWritten,
                format!("You gave {wanted} up. Another number is planned when it is wanted."),
            );
        }
        let draft = StockDraft {
            sku: count.sku.clone(),
            item_id: Some(count.item_id.clone()).filter(|id| !id.is_empty()),
            location_id: count.location_id.clone(),
            available: wanted,
            expected: Some(count.available),
            moves: false,
        };
        if let Some(open) = open {
            if open.stock == draft {
                return (SideState::Changing, waits(open.state, wanted));
            }
            self.decision.overtaken.push((open.id, "the count changed".into()));
        }
        let planned = self.facts.planned.iter();
        let mut planned = planned.filter(|(id, name, _)| *id == count.connection && *name == count.remote_id);
        let generation = planned.next().map_or(0, |(.., n)| *n);
        let at = if count.location_name.is_empty() { String::new() } else { format!(" ({})", count.location_name) };
        self.decision.writes.push(PlannedWrite {
            key: format!("{}-{}:{}:{generation}", peer.code, count.remote_id, IntentKind::SetStock.code()),
            automation: ID.to_owned(),
            connection: count.connection.clone(),
            subject: count.remote_id.clone(),
            name: count.sku.clone(),
            intent: Intent::SetStock { stock: draft },
            mode: self.mode,
            sentence: format!("Set {} at {}{at} from {} to {wanted}", count.sku, peer.name, count.available),
        });
        match self.mode {
            Mode::Off | Mode::Watch => (SideState::Differs, format!("It should be {wanted}; \"Stock\" only watches.")),
            Mode::Ask => (SideState::Changing, waits(EffectState::Asked, wanted)),
            Mode::Auto => (SideState::Changing, waits(EffectState::Pending, wanted)),
        }
    }
}

/// Its end is still to come.
fn is_open(state: EffectState) -> bool {
    !state.is_final() && state != EffectState::Refused
}

/// The account showed another number than was expected, and nobody has looked since.
fn is_to_be_reread(refused: &PastWrite, cause: Cause, count: &Count) -> bool {
    cause == Cause::SidesDiffer && refused.settled_at_ms.is_none_or(|at_ms| count.read_at_ms <= at_ms)
}

fn waits(state: EffectState, wanted: i64) -> String {
    match state {
        EffectState::Asked => format!("{wanted} waits for your click."),
        _ => format!("{wanted} goes there in its turn."),
    }
}

/// The number shown is the one we wrote: our echo, and nobody's change.
fn is_ours(count: &Count, past: &[&PastWrite]) -> bool {
    past.iter().any(|write| {
        matches!(write.state, EffectState::Done | EffectState::Running | EffectState::Unknown)
            && write.stock.available == count.available
            && write.first_sent_at_ms.is_some_and(|at_ms| at_ms <= count.changed_at_ms)
    })
}

/// The same number was written again and again, and never stayed.
fn fights(past: &[&PastWrite], wanted: i64, now_ms: i64) -> bool {
    let mut done = past.iter().filter(|write| write.state == EffectState::Done).take(FIGHTS_MAX);
    let lately = |write: &&&PastWrite| {
        write.stock.available == wanted && write.settled_at_ms.is_some_and(|at_ms| now_ms - at_ms < DAY_MS)
    };
    done.by_ref().filter(lately).count() == FIGHTS_MAX
}

/// The count is of this place, by its name or its id.
fn is_at(count: &Count, place: &str) -> bool {
    fold(&count.location_name) == fold(place) || count.location_id.as_deref().is_some_and(|id| fold(id) == fold(place))
}

/// Two counts of one place: two listings have the same name.
fn shares_a_place(counts: &[&Count]) -> bool {
    counts.iter().enumerate().any(|(n, count)| counts[..n].iter().any(|other| other.location_id == count.location_id))
}
