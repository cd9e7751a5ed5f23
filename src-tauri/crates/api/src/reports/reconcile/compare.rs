//! What two accounts show of one sale, and what that comes to. Pure: facts in, rows out.
//!
//! Three answers: they agree; they differ, in rows; or the sale is counted apart, with the reason, because it was never
//! to be on the other side or cannot be compared yet. Apart is never said of what differs as well.

use crate::view::Verb;
use crate::words;
use quayside_model::time::{HOUR_MS, MINUTE_MS};
use quayside_model::{HubStatus, Money, OrderId, Stage};

/// What is on its way for less than this is not missing.
const FRESH_MS: i64 = HOUR_MS;
/// A list shows what was written before it was read by more than this.
const LISTED_MS: i64 = 5 * MINUTE_MS;

/// How two sides differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Differs {
    /// One sale is there two times.
    Twice,
    /// The other account does not have it.
    MissingThere,
    /// The store does not have it.
    MissingHere,
    /// It is on both sides, and nobody said that they belong together.
    Untied,
    /// How far it is.
    Status,
    /// How many units.
    Units,
    /// What it came to.
    Total,
}

impl Differs {
    /// All of them, the most costly first.
    pub const ALL: [Self; 7] =
        [Self::Twice, Self::MissingThere, Self::MissingHere, Self::Untied, Self::Status, Self::Units, Self::Total];
    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Twice => "there twice",
            Self::MissingThere => "missing there",
            Self::MissingHere => "missing in the store",
            Self::Untied => "not tied together",
            Self::Status => "status",
            Self::Units => "units",
            Self::Total => "total",
        }
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub differs: Differs,
    /// What the store has.
    pub here: String,
    /// What the other account has.
    pub there: String,
    /// Since when, as far as anybody knows, ms UTC.
    pub since_ms: Option<i64>,
    /// What differs and what it probably means.
    pub sentence: String,
    /// What can be done about the order at once.
    pub step: Option<(Verb, String)>,
}

/// What a sale comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    Agree,
    /// Not compared, for this reason.
    Apart(String),
    Differ(Vec<Row>),
}

fn apart(reason: &str) -> Verdict {
    Verdict::Apart(reason.to_owned())
}

/// What the store shows of a sale, and what this desk decided about it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sale {
    pub id: OrderId,
    pub number: String,
    /// `None`: nothing was decided yet.
    pub stage: Option<Stage>,
    pub waits_code: String,
    pub waits_sentence: String,
    pub waits_since_ms: i64,
    pub placed_at_ms: i64,
    /// As it stands now, after edits and refunds.
    pub total: Money,
    /// Units that are wanted from the merchant.
    pub units: i64,
    pub cancelled_at_ms: Option<i64>,
    /// The store says that all of it left.
    pub fulfilled: bool,
    pub paid: bool,
    /// A person said to ship it although it differs.
    pub accepted: bool,
    /// It can be sent to the hub now; what the button says.
    pub push: Option<String>,
    /// It can be read again now.
    pub sync: bool,
}

impl Sale {
    fn fresh(&self, now_ms: i64) -> bool {
        now_ms - self.waits_since_ms < FRESH_MS
    }
    /// How the store has it, in words.
    fn standing(&self) -> &'static str {
        match (self.cancelled_at_ms.is_some(), self.fulfilled) {
            (true, _) => "cancelled",
            (_, true) => "fulfilled",
            (false, false) if self.paid => "paid, not fulfilled",
            (false, false) => "not paid",
        }
    }
    fn again(&self) -> Option<(Verb, String)> {
        self.sync.then(|| (Verb::Sync, "Look again".to_owned()))
    }
    fn send(&self) -> Option<(Verb, String)> {
        self.push.clone().map(|label| (Verb::Push, label))
    }
    /// The one click that carries it on; what has an exception is mended in the order, which says how.
    fn mend(&self) -> Option<(Verb, String)> {
        match self.waits_code.as_str() {
            "approval" => Some((Verb::Approve, "Approve".to_owned())),
            "cause:sides_differ" => Some((Verb::Retry, "Send the store's version".to_owned())),
            code if code.starts_with("cause:") => None,
            "seen_twice" | "who_writes" => None,
            _ => self.send().or_else(|| self.again()),
        }
    }
}

/// An order of the hub that belongs to the sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HubRecord {
    pub number: String,
    pub status: HubStatus,
    /// ms UTC.
    pub changed_at_ms: i64,
}

/// A line of which the hub has other units than are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LineUnits {
    pub label: String,
    pub wanted: i64,
    /// As it was bought, before anything was taken off.
    pub placed: i64,
    pub has: i64,
}

/// What the hub shows of the sale.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct AtHub {
    /// Its orders that count.
    pub live: Vec<HubRecord>,
    /// The newest of those that are cancelled or gone.
    pub dead: Option<HubRecord>,
    /// Lines that differ; `None`: it travels with other orders, and whose units are whose cannot be told.
    pub lines: Option<Vec<LineUnits>>,
    /// Units on the orders that count, as far as they can be told.
    pub units: i64,
    /// Orders there that are the same sale as far as anybody can tell, and belong to no order: their numbers.
    pub copies: Vec<String>,
    /// What it was last sent with, and when the hub said yes, ms UTC.
    pub sent: Option<(Money, i64)>,
    /// A change is on its way since then, ms UTC.
    pub moving_ms: Option<i64>,
    /// It was read before our last change arrived there.
    pub stale: bool,
    /// When the hub's list of orders was last read to its end, ms UTC.
    pub read_at_ms: Option<i64>,
    /// Another hub it goes to.
    pub other_hub: Option<String>,
}

/// Why an order that is not at the hub was not to be there; `None`: it was, or soon will be.
fn kept_here(sale: &Sale, now_ms: i64) -> Option<&'static str> {
    if sale.cancelled_at_ms.is_some() {
        return Some("were cancelled before they were sent");
    }
    let Some(stage) = sale.stage else { return Some("were only just read") };
    match stage {
        Stage::Cancelled => return Some("were cancelled before they were sent"),
        Stage::NothingToShip => return Some("have nothing for a carrier: digital, fetched, over the counter"),
        Stage::Unpaid => return Some("are not paid yet"),
        Stage::Shipped | Stage::Telling | Stage::PartlyShipped => return Some("left by other hands"),
        Stage::Ignored => {
            return Some(match sale.waits_code.as_str() {
                "test_order" => "are tests",
                "before_go_live" => "were bought before the go-live line",
                "not_ours" => "are shipped by another service, such as the marketplace itself",
                "sold_elsewhere" => "are copies of a sale that another account sends",
                "archived" => "are archived in the store",
                _ => "are left alone",
            });
        }
        Stage::ToSend | Stage::Sending | Stage::Packing | Stage::Held => {}
    }
    match sale.waits_code.as_str() {
        "held_by_person" => Some("are on hold by you"),
        "held_by_rule" => Some("are held by a rule of yours"),
        "held_in_channel" => Some("are on hold in the store"),
        "risk" => Some("are held because the store rates them as risky"),
        "scheduled" => Some("are scheduled for a later day"),
        "routing" => Some("have no location in the store yet"),
        "twin_waits" => Some("wait for the account that sold them"),
        "sold_elsewhere" => Some("are copies of a sale that another account sends"),
        "to_send" | "sending" | "hub_imports" if sale.fresh(now_ms) => Some("are on their way"),
        _ => None,
    }
}

/// A store's sale and what a hub shows of it. `hub`: what the hub is called.
pub(super) fn at_hub(sale: &Sale, there: &AtHub, hub: &str, now_ms: i64) -> Verdict {
    if there.live.is_empty() { not_there(sale, there, hub, now_ms) } else { there_too(sale, there, hub, now_ms) }
}

fn not_there(sale: &Sale, there: &AtHub, hub: &str, now_ms: i64) -> Verdict {
    let number = &sale.number;
    if let Some(other) = &there.other_hub {
        return Verdict::Apart(format!("go to {other}"));
    }
    let missing = |says: &str, since_ms: Option<i64>, sentence: String, step: Option<(Verb, String)>| {
        Verdict::Differ(vec![Row {
            differs: Differs::MissingThere,
            here: sale.standing().to_owned(),
            there: says.to_owned(),
            since_ms,
            sentence,
            step,
        }])
    };
    let over = sale.cancelled_at_ms.is_some() || sale.fulfilled;
    if sale.cancelled_at_ms.is_some() && there.dead.is_some() {
        return Verdict::Agree;
    }
    if let Some(copy) = there.copies.first().filter(|_| !over) {
        let count = there.copies.len();
        let there_words = if count == 1 {
            format!("{copy}, not tied")
        } else {
            format!("{count} copies, not tied: {}", there.copies.join(", "))
        };
        return Verdict::Differ(vec![Row {
            differs: if count > 1 { Differs::Twice } else { Differs::Untied },
            here: sale.standing().to_owned(),
            there: there_words,
            since_ms: Some(sale.waits_since_ms),
            sentence: format!(
                "{hub} has {number} by itself: it imports the store, or somebody typed it in. It is not known as this order, so its parcel would not be reported. Use that copy, if it is the same sale."
            ),
            step: (count == 1).then(|| (Verb::Link, "Use that copy".to_owned())),
        }]);
    }
    if let Some(dead) = there.dead.as_ref().filter(|_| !over && sale.units > 0) {
        let how = words::hub_status(&dead.status);
        return Verdict::Differ(vec![Row {
            differs: Differs::Status,
            here: sale.standing().to_owned(),
            there: how.clone(),
            since_ms: Some(dead.changed_at_ms),
            sentence: format!(
                "{number} is {how} at {hub}, and the store still waits for its parcel. Somebody cancelled or deleted it there. Send it again, or cancel it in the store."
            ),
            step: sale.send().or_else(|| sale.again()),
        }]);
    }
    if let Some(since_ms) = there.moving_ms.filter(|_| !over) {
        if now_ms - since_ms < FRESH_MS {
            return apart("are on their way");
        }
        return missing(
            "not there yet",
            Some(since_ms),
            format!("{number} is on its way to {hub} and has not arrived. {}", ended(&sale.waits_sentence)),
            sale.mend(),
        );
    }
    if let Some((_, at_ms)) = there.sent.as_ref().filter(|_| !over && there.dead.is_none()) {
        let read_since = there.read_at_ms.is_some_and(|read_ms| read_ms >= at_ms + LISTED_MS);
        if !read_since {
            return apart("were sent after the account was last read");
        }
        return missing(
            "not in its lists",
            Some(*at_ms),
            format!(
                "{hub} answered that it took {number}, and its lists have not shown it since. It was deleted there, or the account forgot it; Quayside asks for it by name. Look again before it is packed by hand."
            ),
            sale.again(),
        );
    }
    if let Some(reason) = kept_here(sale, now_ms) {
        return apart(reason);
    }
    let meaning = match sale.waits_code.as_str() {
        "watching" => format!("{hub} does not have {number}. Quayside would send it, but only watches so far."),
        "automation_off" => format!("{hub} does not have {number}: \"Orders to the hub\" is switched off."),
        "approval" => format!("{hub} does not have {number}: it waits for your click."),
        _ => format!("{hub} does not have {number}. {}", ended(&sale.waits_sentence)),
    };
    missing("not there", Some(sale.waits_since_ms), meaning, sale.mend())
}

/// A sentence ends with a stop.
fn ended(sentence: &str) -> String {
    // What stands in for a moment is shown beside it.
    let sentence = sentence.replace(" since {since}", "");
    let sentence = sentence.trim();
    if sentence.is_empty() || sentence.ends_with(['.', '!', '?']) {
        sentence.to_owned()
    } else {
        format!("{sentence}.")
    }
}

fn there_too(sale: &Sale, there: &AtHub, hub: &str, now_ms: i64) -> Verdict {
    let mut rows = Vec::new();
    let mut reason = None;
    twice(sale, there, hub, &mut rows);
    if let Some(why) = status(sale, there, hub, now_ms, &mut rows) {
        reason = Some(why);
    }
    let is_twice = rows.iter().any(|row| row.differs == Differs::Twice);
    if sale.cancelled_at_ms.is_none() && !is_twice {
        let why = contents(sale, there, hub, &mut rows);
        reason = reason.or(why);
    }
    match reason {
        _ if !rows.is_empty() => Verdict::Differ(rows),
        Some(reason) => apart(reason),
        None => Verdict::Agree,
    }
}

fn twice(sale: &Sale, there: &AtHub, hub: &str, rows: &mut Vec<Row>) {
    let number = &sale.number;
    let changed = there.live.iter().map(|one| one.changed_at_ms).max();
    if let Some(copy) = there.copies.first() {
        let own: Vec<&str> = there.live.iter().map(|one| one.number.as_str()).collect();
        rows.push(Row {
            differs: Differs::Twice,
            here: "1 order".to_owned(),
            there: format!("{} and {}", own.join(", "), there.copies.join(", ")),
            since_ms: changed,
            sentence: format!(
                "{hub} has {number} twice: the one that is known here, and {copy}, which came there by itself. Cancel one of them there before both are packed."
            ),
            step: None,
        });
        return;
    }
    let more = there.lines.iter().flatten().any(|line| line.has > line.placed.max(line.wanted));
    if there.live.len() > 1 && more {
        let names: Vec<String> =
            there.live.iter().map(|one| format!("{} ({})", one.number, words::hub_status(&one.status))).collect();
        rows.push(Row {
            differs: Differs::Twice,
            here: format!("1 order, {}", words::count(sale.units, "unit", "units")),
            there: format!("{}, {}", names.join(", "), words::count(there.units, "unit", "units")),
            since_ms: changed,
            sentence: format!(
                "{} orders at {hub} are {number}, and together they have more than was bought. Cancel the one too many before both are packed.",
                there.live.len()
            ),
            step: None,
        });
    }
}

/// Rows about how far it is; what is given back is why it cannot be compared yet.
fn status(sale: &Sale, there: &AtHub, hub: &str, now_ms: i64, rows: &mut Vec<Row>) -> Option<&'static str> {
    let number = &sale.number;
    let changed = there.live.iter().map(|one| one.changed_at_ms).max();
    let open = there.live.iter().any(|one| one.status.is_open());
    let all_left = there.live.iter().all(|one| one.status == HubStatus::Shipped);
    let mut words_there: Vec<String> = there.live.iter().map(|one| words::hub_status(&one.status)).collect();
    words_there.dedup();
    let mut differs = |since_ms: Option<i64>, sentence: String, step: Option<(Verb, String)>| {
        rows.push(Row {
            differs: Differs::Status,
            here: sale.standing().to_owned(),
            there: words_there.join(", "),
            since_ms,
            sentence,
            step,
        });
    };
    if let Some(cancelled_ms) = sale.cancelled_at_ms {
        if open && now_ms - cancelled_ms.max(sale.waits_since_ms) < FRESH_MS {
            return Some("were cancelled just now; the other account is being told");
        }
        if open {
            differs(
                Some(cancelled_ms),
                format!(
                    "{number} was cancelled in the store and still waits to be packed at {hub}. Cancel it there before a label is bought."
                ),
                sale.mend(),
            );
        } else {
            differs(
                Some(cancelled_ms),
                format!(
                    "{number} was cancelled in the store, and {hub} says that it left. The parcel has to be stopped or the buyer asked."
                ),
                None,
            );
        }
        return None;
    }
    if let Some(one) = there.live.iter().find(|one| matches!(one.status, HubStatus::Unknown(_))) {
        let word = words::hub_status(&one.status);
        differs(
            changed,
            format!("{hub} says \"{word}\" of {number}, a word that is new to Quayside: nothing is concluded from it."),
            sale.again(),
        );
        return None;
    }
    if sale.fulfilled && open {
        differs(
            changed,
            format!(
                "The store says that {number} left, and {hub} still has it to be packed. It was fulfilled by hand or by another service; it would be packed twice."
            ),
            None,
        );
        return None;
    }
    if all_left && !sale.fulfilled && sale.units > 0 {
        if sale.fresh(now_ms) || changed.is_some_and(|at_ms| now_ms - at_ms < FRESH_MS) {
            return Some("left just now; the store is being told");
        }
        differs(
            changed,
            format!(
                "{number} left as far as {hub} knows, and the store does not know all of it. {}",
                ended(&sale.waits_sentence)
            ),
            sale.mend(),
        );
        return None;
    }
    if open && sale.paid && there.live.iter().all(|one| one.status == HubStatus::AwaitingPayment) {
        differs(changed, format!("{number} is paid in the store, and {hub} still waits for the money."), sale.again());
    } else if sale.waits_code == "held_at_hub" {
        differs(
            changed,
            format!(
                "{hub} holds {number}; the store does not. Somebody put it on hold there, and it leaves when it is released there."
            ),
            None,
        );
    }
    None
}

/// Rows about units and amounts; what is given back is why they cannot be compared.
fn contents(sale: &Sale, there: &AtHub, hub: &str, rows: &mut Vec<Row>) -> Option<&'static str> {
    let number = &sale.number;
    let changed = there.live.iter().map(|one| one.changed_at_ms).max();
    let open = there.live.iter().any(|one| one.status.is_open());
    let Some(lines) = &there.lines else {
        return Some("travel with other orders: whose units are whose cannot be told");
    };
    let total = there.sent.as_ref().filter(|(total, _)| open && *total != sale.total);
    if lines.is_empty() && total.is_none() {
        return None;
    }
    if there.moving_ms.is_some() {
        return Some("are being changed at the other account");
    }
    if there.stale {
        return Some("were changed after the account was last read");
    }
    if sale.accepted {
        return Some("differ, and you said to ship them as they are");
    }
    // What left cannot follow what is given back later.
    if !open && lines.iter().all(|line| line.has == line.placed) {
        return Some("were given back in part after they left");
    }
    if !lines.is_empty() {
        let each = |count: fn(&LineUnits) -> i64| {
            lines.iter().map(|line| format!("{} × {}", count(line), line.label)).collect::<Vec<_>>().join(", ")
        };
        let meaning = if open {
            "Somebody changed it there, or the change of the store has not reached it. Retry sends the store's version; the order stays on hold until both agree."
        } else {
            "It left like this: count what the parcels carry before the buyer does."
        };
        rows.push(Row {
            differs: Differs::Units,
            here: each(|line| line.wanted),
            there: each(|line| line.has),
            since_ms: changed,
            sentence: format!("The store wants other units of {number} than {hub} has. {meaning}"),
            step: if open { sale.mend() } else { None },
        });
    }
    if let Some((sent, at_ms)) = total {
        rows.push(Row {
            differs: Differs::Total,
            here: sale.total.to_string(),
            there: format!("{sent} when it was sent"),
            since_ms: Some(*at_ms),
            sentence: format!(
                "{number} came to another amount when it was last sent to {hub} than it does now in the store: it was edited or given back in part since."
            ),
            step: sale.mend(),
        });
    }
    None
}

/// One write that the account of records did not take, or not yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unwritten {
    pub what: String,
    pub since_ms: i64,
    pub standing: Standing,
}

/// How far such a write is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    Asked,
    Waiting,
    Refused(String),
}

/// What was written about the sale into an account of records. It is never read back.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct InRecords {
    /// Records that the account took.
    pub written: usize,
    pub unwritten: Vec<Unwritten>,
    /// Tracking numbers of parcels that should have a record and have none planned.
    pub parcels_without: Vec<String>,
    /// Parcels that go out.
    pub parcels: usize,
    /// What the sale was worth as it was written last.
    pub worth: Option<(Money, i64)>,
    /// Something is written there by itself.
    pub on: bool,
    /// Another account that keeps the records of this sale.
    pub other: Option<String>,
}

/// A store's sale and what stands about it in an account of records.
pub(super) fn in_records(sale: &Sale, there: &InRecords, name: &str, now_ms: i64) -> Verdict {
    let number = &sale.number;
    if let Some(other) = &there.other {
        return Verdict::Apart(format!("are kept in {other}"));
    }
    let records = |n: usize| words::count(n as i64, "record", "records");
    let mut rows = Vec::new();
    let mut moving = false;
    for one in &there.unwritten {
        let (says, sentence, step) = match &one.standing {
            Standing::Refused(why) => (
                "refused",
                format!("{name} refused what was to be written about {number}. {}", ended(why)),
                Some((Verb::Retry, "Retry now".to_owned())),
            ),
            Standing::Asked => (
                "waits for your click",
                format!("What is to be written about {number} into {name} waits for your click."),
                Some((Verb::Approve, "Approve".to_owned())),
            ),
            Standing::Waiting if now_ms - one.since_ms < FRESH_MS => {
                moving = true;
                continue;
            }
            Standing::Waiting => (
                "not written yet",
                format!(
                    "What is to be written about {number} into {name} waits longer than an hour: the account is paused, out of its calls, or not reached."
                ),
                None,
            ),
        };
        rows.push(Row {
            differs: Differs::MissingThere,
            here: one.what.clone(),
            there: says.to_owned(),
            since_ms: Some(one.since_ms),
            sentence,
            step,
        });
    }
    if !there.parcels_without.is_empty() {
        rows.push(Row {
            differs: Differs::Units,
            here: words::count(there.parcels as i64, "parcel", "parcels"),
            there: records(there.parcels - there.parcels_without.len().min(there.parcels)),
            since_ms: None,
            sentence: format!(
                "{} of {number} has no record in {name}. Look again: what is missing is planned anew.",
                words::list(&there.parcels_without)
            ),
            step: sale.again(),
        });
    }
    if let Some((written, at_ms)) = there.worth.as_ref().filter(|(written, _)| !moving && *written != sale.total) {
        rows.push(Row {
            differs: Differs::Total,
            here: sale.total.to_string(),
            there: format!("{written} as it was written"),
            since_ms: Some(*at_ms),
            sentence: format!(
                "{number} came to another amount when it was written into {name} than it does now in the store."
            ),
            step: sale.again(),
        });
    }
    if !rows.is_empty() {
        return Verdict::Differ(rows);
    }
    if moving {
        return apart("are on their way");
    }
    if there.written > 0 {
        return Verdict::Agree;
    }
    apart(match () {
        () if !there.on => "are not written there: the automations for records are off or only watch",
        () if sale.waits_code == "test_order" => "are tests",
        () => {
            "have nothing to be written there: not paid, cancelled, no parcel yet, or a buyer whose data must be forgotten"
        }
    })
}

/// What another store shows of the same sale.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Copy {
    pub number: String,
    pub total: Money,
    pub units: i64,
    pub cancelled_at_ms: Option<i64>,
    pub fulfilled: bool,
    pub sent: bool,
    /// Only a number says that they are one sale.
    pub doubtful: bool,
}

/// One sale as two stores show it. `sent`: this one went to a hub.
pub(super) fn in_two_stores(sale: &Sale, sent: bool, copy: &Copy, store: &str) -> Verdict {
    let (number, other) = (&sale.number, &copy.number);
    let state = |cancelled: bool, fulfilled: bool| match (cancelled, fulfilled) {
        (true, _) => "cancelled",
        (_, true) => "fulfilled",
        _ => "not fulfilled",
    };
    let row = |differs: Differs, here: String, there: String, since_ms: Option<i64>, sentence: String| Row {
        differs,
        here,
        there,
        since_ms,
        sentence,
        step: None,
    };
    if copy.doubtful {
        return Verdict::Differ(vec![row(
            Differs::Untied,
            number.clone(),
            other.clone(),
            None,
            format!(
                "{number} and {other} at {store} may be one sale: only a number says so. Open the order and say what they are; until then neither is sent twice."
            ),
        )]);
    }
    let mut rows = Vec::new();
    if sent && copy.sent {
        rows.push(row(
            Differs::Twice,
            format!("{number}, sent"),
            format!("{other}, sent"),
            None,
            format!("{number} and {other} at {store} are one sale, and both were sent. Cancel one of them at the hub before both are packed."),
        ));
    }
    // Of one sale each store has its own way to say that it left: one of them is only a copy.
    if sale.cancelled_at_ms.is_some() != copy.cancelled_at_ms.is_some() {
        rows.push(row(
            Differs::Status,
            state(sale.cancelled_at_ms.is_some(), sale.fulfilled).to_owned(),
            state(copy.cancelled_at_ms.is_some(), copy.fulfilled).to_owned(),
            sale.cancelled_at_ms.or(copy.cancelled_at_ms),
            format!("{number} and {other} at {store} are one sale, cancelled on one side only. Cancel it on the other side too, or ask the buyer."),
        ));
    }
    if sale.units != copy.units && sale.cancelled_at_ms.is_none() && copy.cancelled_at_ms.is_none() {
        rows.push(row(
            Differs::Units,
            words::count(sale.units, "unit", "units"),
            words::count(copy.units, "unit", "units"),
            None,
            format!("{number} and {other} at {store} are one sale with other units. The one that is sent decides what is packed; see whether it is the right one."),
        ));
    }
    if sale.total != copy.total {
        rows.push(row(
            Differs::Total,
            sale.total.to_string(),
            copy.total.to_string(),
            None,
            format!("{number} and {other} at {store} are one sale that came to other amounts: one of them was edited, or one counts fees or taxes that the other does not."),
        ));
    }
    if rows.is_empty() { Verdict::Agree } else { Verdict::Differ(rows) }
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
