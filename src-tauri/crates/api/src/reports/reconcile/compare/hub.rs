//! A store's sale and what a hub shows of it.

use super::{Differs, FRESH_MS, Row, Sale, Verdict, apart, ended};
use crate::view::Verb;
use crate::words;
use quayside_model::time::MINUTE_MS;
use quayside_model::{HubStatus, Money, Stage};

/// A list shows what was written before it was read by more than this.
const LISTED_MS: i64 = 5 * MINUTE_MS;

/// An order of the hub that belongs to the sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::reports::reconcile) struct HubRecord {
    pub number: String,
    pub status: HubStatus,
    /// ms UTC.
    pub changed_at_ms: i64,
}

/// A line of which the hub has other units than are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::reports::reconcile) struct LineUnits {
    pub label: String,
    pub wanted: i64,
    /// As it was bought, before anything was taken off.
    pub placed: i64,
    pub has: i64,
}

/// What the hub shows of the sale.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::reports::reconcile) struct AtHub {
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
pub(in crate::reports::reconcile) fn at_hub(sale: &Sale, there: &AtHub, hub: &str, now_ms: i64) -> Verdict {
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
