//! Where each return stands: what is to come back, what is here and how, and what was done about it.
//!
//! That goods are here is told by the store, or said by somebody who holds them; of the two the larger count holds, and of
//! no unit is more believed than was to come back.

use crate::returns::{Settled, lines_of, settled};
use quayside_model::{Cause, GoodsCondition, OrderLine, Payment, Return, ReturnLine, ReturnStatus, Story};

/// How far a return is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BackState {
    /// The buyer asked; nobody agreed yet.
    Asked,
    /// Agreed; nothing has arrived.
    Expected,
    /// Some of it is here, and not settled.
    PartHere,
    /// All of it is here, and not settled.
    Here,
    /// Money was given back for it.
    Refunded,
    /// The same was sent again.
    Replaced,
    /// A person said that what is here was dealt with elsewhere.
    Settled,
    /// The store calls it done.
    Closed,
    /// The seller said no.
    Declined,
    /// The buyer called it off.
    CalledOff,
}

impl BackState {
    /// Stable word.
    pub fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Expected => "expected",
            Self::PartHere => "part_here",
            Self::Here => "here",
            Self::Refunded => "refunded",
            Self::Replaced => "replaced",
            Self::Settled => "settled",
            Self::Closed => "closed",
            Self::Declined => "declined",
            Self::CalledOff => "called_off",
        }
    }
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Asked => "asked for",
            Self::Expected => "on its way",
            Self::PartHere => "partly here",
            Self::Here => "here",
            Self::Refunded => "given back",
            Self::Replaced => "replaced",
            Self::Settled => "settled by you",
            Self::Closed => "done in the store",
            Self::Declined => "declined",
            Self::CalledOff => "called off",
        }
    }
    /// Somebody still has to do something about it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Expected | Self::PartHere | Self::Here)
    }
}

/// One line of a return.
#[derive(Debug, Clone, PartialEq)]
pub struct BackLine<'a> {
    /// As the store tells it.
    pub told: &'a ReturnLine,
    /// The order line; `None`: the order has none that fits.
    pub line: Option<&'a OrderLine>,
    /// Units that are here.
    pub here: i64,
    /// Units for which we gave money back.
    pub paid: i64,
    /// Units for which the same was sent again.
    pub replaced: i64,
    /// How they arrived, by the word of whoever held them last.
    pub condition: Option<GoodsCondition>,
    /// All that somebody held goes back on the shelf; `None`: nobody said.
    pub restock: Option<bool>,
}

impl BackLine<'_> {
    /// Units that are here and not settled.
    pub fn due(&self) -> i64 {
        (self.here - self.paid - self.replaced).max(0)
    }
    /// The store has decided itself what of this line lies on the shelf: its word counts, once.
    pub fn is_shelved(&self) -> bool {
        self.told.shelved.is_some_and(|units| units > 0)
    }
    /// Units that somebody could still say are here.
    pub fn missing(&self) -> i64 {
        (self.told.quantity - self.here).max(0)
    }
}

/// Units of an order line that are here of a return and not settled, whichever of its lines they stand on.
pub fn units_due(back: &Back<'_>, line_id: &str) -> i64 {
    let of_line = back.lines.iter().filter(|one| one.line.is_some_and(|line| line.remote_id == line_id));
    of_line.map(|one| one.here - one.paid - one.replaced).sum::<i64>().max(0)
}

/// A return as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Back<'a> {
    /// As the store tells it.
    pub value: &'a Return,
    /// Line by line.
    pub lines: Vec<BackLine<'a>>,
    /// How far it is.
    pub state: BackState,
    /// Since when goods of it are here, ms UTC.
    pub here_ms: Option<i64>,
}

/// Every return of an order, oldest first; those that came to nothing last.
pub fn backs(story: &Story) -> Vec<Back<'_>> {
    let mut out: Vec<Back<'_>> = settled(story).iter().map(|one| back(story, one)).collect();
    out.sort_by(|a, b| {
        (a.value.requested_at_ms, &a.value.remote_id).cmp(&(b.value.requested_at_ms, &b.value.remote_id))
    });
    for seen in &story.returns {
        let state = match seen.value.status {
            ReturnStatus::Declined => BackState::Declined,
            ReturnStatus::Cancelled => BackState::CalledOff,
            _ => continue,
        };
        let lines = (0..seen.value.lines.len()).map(|n| line(story, &seen.value, n, 0, 0)).collect();
        out.push(Back { value: &seen.value, lines, state, here_ms: here_ms(story, &seen.value) });
    }
    out
}

fn back<'a>(story: &'a Story, one: &Settled<'a>) -> Back<'a> {
    let value = &one.seen.value;
    let done = one.paid.iter().copied().zip(one.replaced.iter().copied());
    let lines: Vec<BackLine<'a>> =
        done.enumerate().map(|(n, (paid, replaced))| line(story, value, n, paid, replaced)).collect();
    let (here, asked) = lines.iter().fold((0, 0), |(here, all), one| (here + one.here, all + one.told.quantity));
    let arrived_ms = here_ms(story, value);
    let state = if one.all && one.replaced.iter().any(|units| *units > 0) {
        BackState::Replaced
    } else if one.all
        || value.refunded.as_ref().is_some_and(|money| money.minor > 0)
        || story.order.payment == Payment::Refunded
    {
        BackState::Refunded
    } else if value.status == ReturnStatus::Closed {
        BackState::Closed
    } else if is_settled(story, value, arrived_ms) {
        BackState::Settled
    } else if arrived_ms.is_some() && (here >= asked || lines.is_empty()) {
        BackState::Here
    } else if here > 0 {
        BackState::PartHere
    } else if value.status == ReturnStatus::Requested {
        BackState::Asked
    } else {
        BackState::Expected
    };
    Back { value, lines, state, here_ms: arrived_ms }
}

/// The `n`th line of a return. Of one order line several may come back, each for a reason of its own: what somebody holds
/// of it is counted once, for the first of them first.
fn line<'a>(story: &'a Story, back: &'a Return, n: usize, paid: i64, replaced: i64) -> BackLine<'a> {
    let told = &back.lines[n];
    let known = lines_of(&story.order, told).next();
    let before = back.lines[..n].iter().filter(|other| {
        let of = lines_of(&story.order, other).next();
        of.is_some_and(|of| known.is_some_and(|line| line.remote_id == of.remote_id))
    });
    let before: i64 = before.map(|other| other.quantity.max(0)).sum();
    let by_store = told.received.unwrap_or(if back.received_at_ms.is_some() { told.quantity } else { 0 });
    let of_it = story.choices.goods.iter().filter(|goods| goods.return_id == back.remote_id);
    let ours = |id: &str| known.is_some_and(|line| line.remote_id == id);
    let held: Vec<_> = of_it.flat_map(|goods| &goods.lines).filter(|one| ours(&one.order_line_id)).collect();
    let by_hand: i64 = held.iter().map(|one| one.quantity).sum::<i64>() - before;
    BackLine {
        told,
        line: known,
        here: by_store.max(by_hand).clamp(0, told.quantity.max(0)),
        paid,
        replaced,
        condition: held.last().map(|one| one.condition),
        restock: (!held.is_empty()).then(|| held.iter().all(|one| one.restock)),
    }
}

/// Its entry was marked as settled after goods of it had arrived.
fn is_settled(story: &Story, back: &Return, arrived_ms: Option<i64>) -> bool {
    let entry = format!("{}/{}", Cause::Returned, back.remote_id);
    let said_ms = story.choices.settled.get(&entry);
    said_ms.zip(arrived_ms).is_some_and(|(said_ms, arrived_ms)| *said_ms >= arrived_ms)
}

/// When the first goods of a return were here, ms UTC; `None`: none is.
pub fn here_ms(story: &Story, back: &Return) -> Option<i64> {
    let said = story.choices.goods.iter().filter(|goods| goods.return_id == back.remote_id).map(|goods| goods.at_ms);
    // Of a part that is here the store tells no time: it is the latest that the return names.
    let part = back.lines.iter().any(|line| line.received.is_some_and(|units| units > 0)).then_some(back.updated_at_ms);
    said.chain(back.received_at_ms.or(part)).min()
}

/// Units of an order line that came back, in all.
pub fn units_back(story: &Story, line_id: &str) -> i64 {
    let lines = backs(story).into_iter().flat_map(|back| back.lines);
    lines.filter(|one| one.line.is_some_and(|line| line.remote_id == line_id)).map(|one| one.here).sum()
}
