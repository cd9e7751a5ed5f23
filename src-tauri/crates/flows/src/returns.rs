//! What buyers send back: told until its money was given back, or the store says that it is dealt with.
//!
//! Nothing is given back by this: what is planned once goods are here says `return_refunds.rs`. Which
//! refund belongs to which return no store tells, so units are counted: what was given back since a return was asked
//! for counts for the oldest return of the line that still lacks it.

use crate::automation::{AutomationDecl, Need};
use crate::look::Look;
use crate::replacement;
use crate::returned::{BackState, backs, here_ms};
use quayside_model::{
    Cause, EffectState, Intent, IntentKind, Mode, Order, OrderLine, Payment, RecordKind, Return, ReturnLine,
    ReturnStatus, Role, Seen, SettingDecl, SettingKind, Story,
};

pub(crate) const ID: &str = "returns";
/// The reason of a refund that is for goods which came back.
const FOR_RETURN: &str = "return";

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Returns",
    summary: "Tells of each return that a store reports: what comes back, why, and whether it is there. It ends when the money was given back, or when the store says that it is dealt with.",
    examples: &[
        ("A buyer asks to send a mug back.", "An exception names it and the reason, and leads to the refund."),
        ("The money of the mug is given back here, or in the store.", "The exception ends by itself."),
        ("The store declines the return, or the buyer calls it off.", "The exception ends by itself."),
        ("Two mugs come back, and the money of one was given back.", "The exception stays."),
        ("You mark it settled, and the goods arrive later.", "It comes back and says so."),
    ],
    needs: &[Need::Reads(Role::Channel, RecordKind::Return)],
    undo: "It changes nothing.",
    settings: &[SettingDecl {
        name: "on_the_way",
        label: "Before they arrive",
        help: "Tells of a return as soon as the buyer asks for it. Otherwise when the store says that the goods are there; switch it off only for stores that say so.",
        kind: SettingKind::Toggle,
        default: "true",
    }],
    look,
};

fn look(look: &mut Look<'_>) {
    if look.mode(ID) == Mode::Off {
        return;
    }
    let early = look.policy.toggle(ID, "on_the_way");
    let Some(channel) = look.channel else { return };
    let gives = channel.performs.contains(&IntentKind::Refund);
    for seen in open_returns(look.story) {
        let back = &seen.value;
        let here_ms = here_ms(look.story, back);
        if here_ms.is_none() && !early {
            continue;
        }
        let of_it = backs(look.story).into_iter().find(|one| one.value.remote_id == back.remote_id);
        let state = of_it.map_or(BackState::Expected, |one| one.state);
        // Nothing new was read since a person had dealt with it.
        if state == BackState::Settled {
            continue;
        }
        let sentence = sentence(&look.story.order, back, state, &channel.title, gives);
        let finding = look.find(Cause::Returned, back.remote_id.clone(), sentence);
        finding.since_ms = Some(here_ms.unwrap_or(back.requested_at_ms));
    }
}

/// What the buyer sends back, why, where it is, and what to do. `gives`: the store takes refunds from here.
fn sentence(order: &Order, back: &Return, state: BackState, store: &str, gives: bool) -> String {
    let (number, what, name) = (&order.number, words(order, back), &back.number);
    let wants = if back.resolution.is_empty() { String::new() } else { format!(" Asked for: {}.", back.resolution) };
    let give = if gives { "give the money back".to_owned() } else { format!("give the money back in {store}") };
    let (happened, then) = match state {
        BackState::Here => (
            format!("the buyer sent back {what}, and it has arrived"),
            format!("Look at it, {give}, or mark it settled if it is dealt with elsewhere."),
        ),
        BackState::PartHere => (
            format!("the buyer sends back {what}; part of it has arrived"),
            format!("Look at what is there, {give}, or mark it settled if it is dealt with elsewhere."),
        ),
        BackState::Asked => (
            format!("the buyer asks to send back {what}"),
            format!("Agree or decline in {store}; when it is there, {give}."),
        ),
        _ => (
            format!("the buyer sends back {what}; it has not arrived yet"),
            format!("When it is there, {give}, or mark it settled if it is dealt with elsewhere."),
        ),
    };
    format!("{number}: {happened} (return {name}).{wants} {then}")
}

/// `1 × MUG (defective), 2 × PLATE`.
pub fn words(order: &Order, back: &Return) -> String {
    let lines: Vec<String> = back
        .lines
        .iter()
        .map(|line| {
            let of_order = lines_of(order, line).next();
            let name = match of_order {
                _ if !line.sku.is_empty() => line.sku.as_str(),
                Some(known) if !known.sku.is_empty() => known.sku.as_str(),
                Some(known) => known.name.as_str(),
                None => "a line without a SKU",
            };
            let why = if line.reason.is_empty() { String::new() } else { format!(" ({})", line.reason) };
            format!("{} × {name}{why}", line.quantity)
        })
        .collect();
    if lines.is_empty() { "goods that the store does not name".to_owned() } else { lines.join(", ") }
}

/// Lines of the order that may be this line of a return: where only the SKU is told, all that have it.
pub(crate) fn lines_of<'a>(order: &'a Order, line: &'a ReturnLine) -> impl Iterator<Item = &'a OrderLine> {
    order.lines.iter().filter(move |one| match &line.order_line_id {
        Some(id) => one.remote_id == *id,
        None => !line.sku.is_empty() && one.sku.eq_ignore_ascii_case(&line.sku),
    })
}

/// Something was given back for it, as the store says.
fn was_paid_back(back: &Return) -> bool {
    back.refunded.as_ref().is_some_and(|money| money.minor > 0)
}

/// Units of a line for which the store says that money was given back, by whomever.
pub fn units_paid_back(story: &Story, line: &OrderLine) -> i64 {
    let paid = story.returns.iter().filter(|seen| was_paid_back(&seen.value));
    let lines = paid.flat_map(|seen| &seen.value.lines);
    lines
        .filter(|told| lines_of(&story.order, told).next().is_some_and(|first| first.remote_id == line.remote_id))
        .map(|told| told.quantity)
        .sum()
}

/// Of them those that no refund of ours accounts for.
pub fn units_paid_by_others(story: &Story, line: &OrderLine) -> i64 {
    let of_line =
        |told: &ReturnLine| lines_of(&story.order, told).next().is_some_and(|first| first.remote_id == line.remote_id);
    let paid = settled(story).into_iter().filter(|one| was_paid_back(&one.seen.value));
    paid.map(|one| {
        let lines = one.seen.value.lines.iter().zip(&one.paid).filter(|(told, _)| of_line(told));
        lines.map(|(told, ours)| (told.quantity - ours).max(0)).sum::<i64>()
    })
    .sum()
}

/// What the store says was given back for returns, minor units of the order's currency.
pub fn paid_back_minor(story: &Story) -> i64 {
    let told = story.returns.iter().filter_map(|seen| seen.value.refunded.as_ref());
    told.filter(|money| money.currency == story.order.currency).map(|money| money.minor.max(0)).sum()
}

/// Units of a line that come back, or came, and whose money was not given back yet.
pub fn units_coming_back(story: &Story, line: &OrderLine) -> i64 {
    let open = open_returns(story).into_iter().flat_map(|seen| &seen.value.lines);
    open.filter(|told| lines_of(&story.order, told).next().is_some_and(|first| first.remote_id == line.remote_id))
        .map(|told| told.quantity)
        .sum()
}

/// A refund of ours, as far as no return used it up.
struct Given<'a> {
    at_ms: i64,
    units: Vec<(&'a str, i64)>,
    /// It names no lines and says that it is for a return.
    whole: bool,
}

/// A return, and what was done about it.
#[derive(Debug, Clone)]
pub struct Settled<'a> {
    /// The return.
    pub seen: &'a Seen<Return>,
    /// Units of each of its lines for which our refunds gave money back.
    pub paid: Vec<i64>,
    /// Units of each of its lines for which the same was sent again.
    pub replaced: Vec<i64>,
    /// All of it was settled by us.
    pub all: bool,
}

impl Settled<'_> {
    /// Nothing is left to be done: by us, or by the store's word.
    pub fn is_over(&self) -> bool {
        self.all || is_over(&self.seen.value)
    }
}

fn is_over(back: &Return) -> bool {
    was_paid_back(back) || back.status == ReturnStatus::Closed
}

/// Returns that wait for money or for an answer, oldest first.
pub fn open_returns(story: &Story) -> Vec<&Seen<Return>> {
    if story.order.payment == Payment::Refunded {
        return Vec::new();
    }
    settled(story).into_iter().filter(|one| !one.is_over()).map(|one| one.seen).collect()
}

/// Every return that was neither declined nor called off, with what was done about it.
pub fn settled(story: &Story) -> Vec<Settled<'_>> {
    let mut returns: Vec<&Seen<Return>> = story
        .returns
        .iter()
        .filter(|seen| !matches!(seen.value.status, ReturnStatus::Declined | ReturnStatus::Cancelled))
        .collect();
    // What the store calls paid took its refund first, whatever its age.
    returns.sort_by(|a, b| {
        let key = |seen: &Seen<Return>| (!is_over(&seen.value), seen.value.requested_at_ms);
        key(a).cmp(&key(b)).then_with(|| a.value.remote_id.cmp(&b.value.remote_id))
    });
    let done = story.effects.iter().filter(|effect| effect.state == EffectState::Done);
    let mut given: Vec<Given<'_>> = done
        .filter_map(|effect| match &effect.intent {
            Intent::Refund { refund } => Some(Given {
                at_ms: effect.created_at_ms,
                units: refund.lines.iter().map(|line| (line.order_line_id.as_str(), line.quantity)).collect(),
                whole: refund.lines.is_empty() && refund.reason == FOR_RETURN,
            }),
            _ => None,
        })
        .collect();
    returns.into_iter().map(|seen| uses_up(story, seen, &mut given)).collect()
}

/// Takes what a return needs out of what was sent again for it, and out of what was given back since.
fn uses_up<'a>(story: &'a Story, seen: &'a Seen<Return>, given: &mut [Given<'_>]) -> Settled<'a> {
    let (order, back) = (&story.order, &seen.value);
    let since = |one: &Given<'_>| one.at_ms >= back.requested_at_ms;
    if let Some(whole) = given.iter_mut().find(|one| one.whole && since(one)) {
        whole.whole = false;
        let paid: Vec<i64> = back.lines.iter().map(|line| line.quantity).collect();
        return Settled { seen, replaced: vec![0; paid.len()], paid, all: true };
    }
    let again = replacement::standing(story).filter(|one| one.return_id == back.remote_id);
    let mut again: Vec<(&str, i64)> =
        again.flat_map(|one| &one.lines).map(|(id, units)| (id.as_str(), *units)).collect();
    let mut out = Settled { seen, paid: Vec::new(), replaced: Vec::new(), all: !back.lines.is_empty() };
    for line in &back.lines {
        let (mut missing, mut replaced) = (line.quantity, 0);
        for known in lines_of(order, line) {
            replaced += take(&mut again, &known.remote_id, missing - replaced);
        }
        missing -= replaced;
        let mut paid = 0;
        for known in lines_of(order, line) {
            for one in given.iter_mut().filter(|one| since(one)) {
                paid += take(&mut one.units, &known.remote_id, missing - paid);
            }
        }
        out.paid.push(paid);
        out.replaced.push(replaced);
        out.all &= missing - paid <= 0;
    }
    out
}

/// Takes up to `wanted` units of a line out of what is there.
fn take(units: &mut [(&str, i64)], line_id: &str, wanted: i64) -> i64 {
    let mut taken = 0;
    for (_, there) in units.iter_mut().filter(|(id, _)| *id == line_id) {
        let now = (wanted - taken).min(*there).max(0);
        *there -= now;
        taken += now;
    }
    taken
}
