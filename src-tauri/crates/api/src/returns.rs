//! What buyers send back: the list, what they are answered who ask for it, what somebody who holds the goods says, and the
//! same goods sent again.
//!
//! What comes of it is decided elsewhere: the refund in `flows/src/return_refunds.rs`, which order it is for in
//! `flows/src/returns.rs`. Units go back on the shelf once: with the store's own refund where that does it, else, by the
//! click of whoever holds them, as a difference on the count that holds.

use crate::act::{Done, Ground};
use crate::desk::{Desk, locked};
use crate::trouble::Answer;
use crate::undo::Back;
use crate::verbs::{person, plan_by_hand, redecide};
use crate::view::{Act, Targets, Trouble, Verb};
use crate::{orders, refunds, stock, words};
use quayside_engine::shelf_facts;
use quayside_flows::returned::{Back as Coming, BackLine, BackState, backs, units_due};
use quayside_flows::stock::{Adjustment, truth_of};
use quayside_flows::{Policy, RETURN_REFUNDS, is_for_return, money_left, replacement, returns};
use quayside_model::alias::fold;
use quayside_model::{
    Cause, Choices, ConnectionId, Count, DeclineReason, EffectId, EffectState, GoodsCondition, GoodsHere, GoodsLine,
    Intent, IntentKind, Mode, Money, OrderId, PastEffect, Replacement, ReturnStatus, Story, ToShelve, Tone,
};
use quayside_store::{FindingRow, FindingState, ReturnKey, ReturnRef, StoreError, Tx};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// Returns of one page.
const PAGE: usize = 100;
/// Returns looked at for one page at most: a word that nothing contains must not read them all.
const LOOKED_MAX: usize = 1_000;
const GONE: &str = "There is no such order any more.";

/// Which returns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReturnsPart {
    /// Those that wait for somebody.
    #[default]
    Open,
    /// Of them those of which goods are here.
    Here,
    /// All that is known.
    All,
}

/// What is asked of the returns screen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct ReturnsAsk {
    /// Which returns.
    pub part: ReturnsPart,
    /// Looked for in order, return, buyer, SKU and tracking number.
    pub text: String,
    /// The `next` of the page before; empty: from the beginning.
    pub after: String,
}

/// One page of returns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ReturnsPage {
    /// The one that changed last first.
    pub rows: Vec<ReturnView>,
    /// Where the next page begins; empty: this was the last.
    pub next: String,
}

/// One return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ReturnView {
    /// Its id in the store.
    pub return_id: String,
    /// What people call it.
    pub number: String,
    /// The order.
    pub order_id: OrderId,
    /// Its number.
    pub order_number: String,
    /// Name of the store's account.
    pub store: String,
    /// The buyer's name.
    pub customer: String,
    /// What comes back and why, in one line.
    pub what: String,
    /// Line by line.
    pub lines: Vec<ReturnLineView>,
    /// What the buyer is to get, in the store's word; may be empty.
    pub resolution: String,
    /// Tracking number of the parcel back; may be empty.
    pub tracking_number: String,
    /// How far it is, stable word.
    pub state: String,
    /// The same for people.
    pub state_words: String,
    /// Icon of the state.
    pub icon: String,
    /// How loud the state is.
    pub tone: Tone,
    /// Since when it is so, ms UTC.
    pub since_ms: i64,
    /// When it was asked for, ms UTC.
    pub requested_at_ms: i64,
    /// The refund that was prepared for it and waits for a click.
    pub prepared: Option<PreparedRefund>,
    /// What was given back for it, as far as is known ("16.24 EUR").
    pub given: Option<String>,
    /// Why nobody can say that goods are here; `None`: somebody can.
    pub no_receipt: Option<String>,
    /// Why no money can be given back for it now.
    pub no_refund: Option<String>,
    /// Why nothing can be sent instead.
    pub no_replacement: Option<String>,
    /// Why the buyer's request cannot be agreed to or declined from here; `None`: it can.
    pub no_answer: Option<String>,
    /// What comes of "back on the shelf", a sentence.
    pub shelf: String,
}

/// A refund that waits for a click.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PreparedRefund {
    /// The change to approve.
    pub effect: EffectId,
    /// What it does.
    pub sentence: String,
    /// What it gives back ("16.24 EUR").
    pub sum: String,
}

/// One line of a return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ReturnLineView {
    /// The order line; `None`: the store's word fits none.
    pub line_id: Option<String>,
    /// SKU, or the name where it has none.
    pub name: String,
    /// Options and variant, ready to show.
    pub detail: String,
    /// Why it comes back.
    pub reason: String,
    /// Units that are to come back.
    pub units: i64,
    /// Units that are here.
    pub here: i64,
    /// Units that are settled: paid, or sent again.
    pub settled: i64,
    /// How they arrived; may be empty.
    pub condition: String,
}

/// What somebody who holds the goods says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct GoodsAsk {
    /// The order.
    pub order: OrderId,
    /// The return, by its id in the store.
    pub return_id: String,
    /// What is here.
    pub lines: Vec<GoodsLine>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct GoodsNoted {
    /// In one sentence.
    pub sentence: String,
    /// What has to be known besides, one sentence each.
    pub notes: Vec<String>,
    /// Token to take it back within a while.
    pub undo: Option<String>,
}

/// The same goods are to be sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ReplaceAsk {
    /// The order.
    pub order: OrderId,
    /// The return, by its id in the store.
    pub return_id: String,
    /// Units by order line; empty: all that are here and not settled.
    pub lines: Vec<(String, i64)>,
}

/// What the buyer who asked for a return is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ReturnAnswerAsk {
    /// The order.
    pub order: OrderId,
    /// The return, by its id in the store.
    pub return_id: String,
    /// Why it is declined; `None`: it is agreed to.
    pub decline: Option<DeclineReason>,
    /// Words for the buyer beside a decline; may be empty.
    pub note: String,
    /// The store tells the buyer.
    pub notify: bool,
}

impl Desk {
    /// One page of returns.
    pub fn returns(&self, ask: &ReturnsAsk) -> Answer<ReturnsPage> {
        let room = self.room()?;
        let (policy, names) = (room.policy()?, room.names()?);
        let mut before = if ask.after.is_empty() { None } else { Some(key_of(&ask.after)?) };
        let (mut rows, mut looked, mut next) = (Vec::new(), 0, String::new());
        'pages: loop {
            let found = room.store.read(|r| {
                let refs = r.returns_page(before, PAGE)?;
                let mut found: Vec<(ReturnRef, Option<Story>)> = Vec::with_capacity(refs.len());
                for one in refs {
                    let story = r.story(one.order)?;
                    found.push((one, story));
                }
                Ok(found)
            })?;
            let last = found.len() < PAGE;
            for (one, story) in found {
                looked += 1;
                before = Some(one.key);
                let Some(story) = story else { continue };
                let back = backs(&story).into_iter().find(|back| back.value.remote_id == one.remote_id);
                let Some(back) = back.filter(|back| is_in(ask.part, back.state)) else { continue };
                let view = view(&story, &policy, &back, &names);
                if !contains(&view, &ask.text) {
                    continue;
                }
                rows.push(view);
                if rows.len() >= PAGE {
                    next = text_of(one.key);
                    break 'pages;
                }
            }
            if last {
                break;
            }
            if looked >= LOOKED_MAX {
                next = before.map(text_of).unwrap_or_default();
                break;
            }
        }
        Ok(ReturnsPage { rows, next })
    }

    /// The returns of one order.
    pub fn returns_of(&self, order: OrderId) -> Answer<Vec<ReturnView>> {
        let room = self.room()?;
        let (policy, names, story) = (room.policy()?, room.names()?, orders::story_of(&room, order)?);
        Ok(backs(&story).iter().map(|back| view(&story, &policy, back, &names)).collect())
    }

    /// Somebody holds goods of a return.
    pub fn receive_goods(&self, ask: &GoodsAsk) -> Answer<GoodsNoted> {
        let room = self.writable()?;
        let (policy, now_ms) = (room.policy()?, room.now_ms());
        let (sentence, notes, backs) = room.store.write(|tx| receive(tx, &policy, ask, now_ms))?;
        room.nudge();
        let token = uuid::Uuid::new_v4().simple().to_string();
        let undo = locked(&room.undo).keep(token, &sentence, backs, now_ms);
        tracing::info!(order.id = ask.order.0, "goods of a return are here");
        Ok(GoodsNoted { sentence, notes, undo })
    }

    /// Agrees to a return that the buyer asked for, or declines it.
    pub fn answer_return(&self, ask: &ReturnAnswerAsk) -> Answer<GoodsNoted> {
        let room = self.writable()?;
        let (policy, now_ms) = (room.policy()?, room.now_ms());
        let sentence = room.store.write(|tx| answer(tx, &policy, ask, now_ms))?;
        room.nudge();
        tracing::info!(order.id = ask.order.0, declined = ask.decline.is_some(), "a return request is answered");
        Ok(GoodsNoted { sentence, notes: Vec::new(), undo: None })
    }

    /// Sends the same goods again instead of the money.
    pub fn replace_goods(&self, ask: &ReplaceAsk) -> Answer<GoodsNoted> {
        let room = self.writable()?;
        let (policy, now_ms) = (room.policy()?, room.now_ms());
        let (sentence, notes) = room.store.write(|tx| replace(tx, &policy, ask, now_ms))?;
        room.nudge();
        tracing::info!(order.id = ask.order.0, "a replacement is sent");
        Ok(GoodsNoted { sentence, notes, undo: None })
    }
}

fn key_of(text: &str) -> Answer<ReturnKey> {
    let parsed =
        text.rsplit_once('.').and_then(|(at, id)| Some(ReturnKey { at_ms: at.parse().ok()?, id: id.parse().ok()? }));
    parsed.ok_or_else(|| {
        Trouble::field("after", format!("\"{text}\" is no place in the list. Begin at the first page again."))
    })
}

fn text_of(key: ReturnKey) -> String {
    format!("{}.{}", key.at_ms, key.id)
}

fn is_in(part: ReturnsPart, state: BackState) -> bool {
    match part {
        ReturnsPart::Open => state.is_open(),
        ReturnsPart::Here => matches!(state, BackState::Here | BackState::PartHere),
        ReturnsPart::All => true,
    }
}

fn contains(view: &ReturnView, text: &str) -> bool {
    let wanted = text.trim().to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&wanted);
    wanted.is_empty()
        || [&view.order_number, &view.number, &view.customer, &view.what, &view.tracking_number]
            .into_iter()
            .any(|it| has(it))
}

/// Icon and loudness of a state.
fn look_of(state: BackState) -> (&'static str, Tone) {
    match state {
        BackState::Asked => ("hand", Tone::Info),
        BackState::Expected => ("truck", Tone::Neutral),
        BackState::PartHere | BackState::Here => ("box", Tone::Warning),
        BackState::Refunded | BackState::Settled | BackState::Closed => ("check", Tone::Success),
        BackState::Replaced => ("sync", Tone::Success),
        BackState::Declined | BackState::CalledOff => ("close", Tone::Neutral),
    }
}

fn view(story: &Story, policy: &Policy, back: &Coming<'_>, names: &BTreeMap<ConnectionId, String>) -> ReturnView {
    let (value, order) = (back.value, &story.order);
    let (icon, tone) = look_of(back.state);
    let money = |minor: i64| Money::new(minor, order.currency.clone()).to_string();
    let ours: Vec<&PastEffect> =
        story.effects.iter().filter(|effect| is_for_return(effect, &value.remote_id)).collect();
    let sum_of = |intent: &Intent| match intent {
        Intent::Refund { refund } => refund.total_minor,
        _ => 0,
    };
    let prepared = ours.iter().rev().find(|effect| effect.state == EffectState::Asked).map(|effect| {
        let sum = money(sum_of(&effect.intent));
        PreparedRefund { effect: effect.id, sentence: format!("Give back {sum} of {}", order.number), sum }
    });
    let ours_minor: i64 =
        ours.iter().filter(|effect| effect.state == EffectState::Done).map(|effect| sum_of(&effect.intent)).sum();
    let told = value.refunded.as_ref().filter(|money| money.minor > 0).map(ToString::to_string);
    ReturnView {
        return_id: value.remote_id.clone(),
        number: value.number.clone(),
        order_id: story.order_id,
        order_number: order.number.clone(),
        store: names.get(&story.channel).cloned().unwrap_or_else(|| story.channel.to_string()),
        customer: order.customer.as_ref().map(|customer| customer.name.clone()).unwrap_or_default(),
        what: returns::words(order, value),
        lines: back.lines.iter().map(line_view).collect(),
        resolution: value.resolution.clone(),
        tracking_number: value.tracking_number.clone(),
        state: back.state.code().to_owned(),
        state_words: back.state.words().to_owned(),
        icon: icon.to_owned(),
        tone,
        since_ms: match back.state {
            BackState::Asked | BackState::Expected => value.requested_at_ms,
            _ => back.here_ms.unwrap_or(value.updated_at_ms),
        },
        requested_at_ms: value.requested_at_ms,
        prepared,
        given: told.or_else(|| (ours_minor > 0).then(|| money(ours_minor))),
        no_receipt: cannot_receive(back),
        no_refund: if back.state.is_open() { refunds::can_refund(story, policy) } else { Some(settled(back)) },
        no_replacement: cannot_replace(story, policy, back),
        no_answer: cannot_answer(story, policy, back),
        shelf: shelf_words(story, policy),
    }
}

/// Why the buyer's request cannot be agreed to or declined from here; `None`: it can.
fn cannot_answer(story: &Story, policy: &Policy, back: &Coming<'_>) -> Option<String> {
    if back.value.status != ReturnStatus::Requested {
        return Some(
            "Nothing is asked for: it was answered already, or the store takes returns without asking.".into(),
        );
    }
    let Some(store) = policy.peers.get(&story.channel) else {
        return Some("The store is not connected any more.".into());
    };
    if !store.performs.contains(&IntentKind::AnswerReturn) {
        let why = if store.lacks.contains(&IntentKind::AnswerReturn) {
            format!(
                "{} does not let requests be answered with the permissions it was connected with. Test the connection to see what is missing, or answer it there.",
                store.name
            )
        } else {
            format!("{} takes no answers to requests from outside. Answer it there.", store.title)
        };
        return Some(why);
    }
    let is_answer = |intent: &Intent| matches!(intent, Intent::AnswerReturn { return_id, .. } if *return_id == back.value.remote_id);
    // Nobody answered yet: somebody can.
    let given = story.effects.iter().rev().find(|effect| is_answer(&effect.intent))?;
    match given.state {
        EffectState::Asked | EffectState::Pending | EffectState::Running | EffectState::Unknown => {
            Some("It is being answered already.".into())
        }
        EffectState::Refused => {
            Some("The store refused an answer to it. Retry that, or give it up before you answer anew.".into())
        }
        // Read before the answer was given: it shows nothing of it.
        EffectState::Done if given.settled_at_ms >= seen_ms(story, &back.value.remote_id) => {
            Some("It was answered a moment ago, and the store was not read since. Sync the order first.".into())
        }
        EffectState::Done | EffectState::Skipped => None,
    }
}

/// When a return was last read, ms UTC.
fn seen_ms(story: &Story, return_id: &str) -> Option<i64> {
    story.returns.iter().find(|seen| seen.value.remote_id == return_id).map(|seen| seen.seen_at_ms)
}

/// The most words a buyer is sent beside a decline.
const NOTE_MAX: usize = 500;

fn answer(tx: &mut Tx<'_>, policy: &Policy, ask: &ReturnAnswerAsk, now_ms: i64) -> Result<String, StoreError> {
    let story = tx.story(ask.order)?.ok_or_else(|| StoreError::abandoned(GONE))?;
    let known = backs(&story);
    let back = known.iter().find(|back| back.value.remote_id == ask.return_id);
    let back =
        back.ok_or_else(|| StoreError::abandoned("There is no such return any more. Look at the list again."))?;
    if let Some(why) = cannot_answer(&story, policy, back) {
        return Err(StoreError::abandoned(why));
    }
    let note = ask.note.trim();
    if note.chars().count() > NOTE_MAX {
        return Err(StoreError::abandoned(format!("The words for the buyer are longer than {NOTE_MAX} letters.")));
    }
    let number = &back.value.number;
    let sentence = match ask.decline {
        None => format!("Agree to return {number} of {}", story.order.number),
        Some(why) => format!("Decline return {number} of {}: {}", story.order.number, why.words()),
    };
    let intent = Intent::AnswerReturn {
        order_remote_id: story.order.remote_id.clone(),
        return_id: ask.return_id.clone(),
        decline: ask.decline,
        note: if ask.decline.is_some() { note.to_owned() } else { String::new() },
        notify_customer: ask.notify,
    };
    let act = Act::on(Verb::Push, Targets::Orders(vec![ask.order]));
    let ground = Ground { act: &act, alone: true, policy, now_ms };
    match plan_by_hand(tx, &ground, &story, &story.channel, &ask.return_id, intent, sentence.clone())? {
        Done::Yes(_) => {
            tx.hurry(ask.order, now_ms)?;
            Ok(format!("{sentence}."))
        }
        Done::No(why) => Err(StoreError::abandoned(why)),
    }
}

fn line_view(line: &BackLine<'_>) -> ReturnLineView {
    let of_order = line.line;
    let sku = if line.told.sku.is_empty() { of_order.map_or("", |line| &line.sku) } else { &line.told.sku };
    let name = if sku.is_empty() { of_order.map_or("A line without a SKU", |line| &line.name) } else { sku };
    ReturnLineView {
        line_id: of_order.map(|line| line.remote_id.clone()),
        name: name.to_owned(),
        detail: of_order.map(|line| words::line_detail(&line.variant, &line.options)).unwrap_or_default(),
        reason: line.told.reason.clone(),
        units: line.told.quantity,
        here: line.here,
        settled: (line.paid + line.replaced).min(line.told.quantity),
        condition: line.condition.map(|condition| condition.words().to_owned()).unwrap_or_default(),
    }
}

fn settled(back: &Coming<'_>) -> String {
    format!("It is settled: {}.", back.state.words())
}

/// Why nobody can say that goods of it are here; `None`: somebody can.
fn cannot_receive(back: &Coming<'_>) -> Option<String> {
    if !back.state.is_open() {
        return Some(settled(back));
    }
    let known = back.lines.iter().filter(|line| line.line.is_some());
    match known.map(BackLine::missing).sum::<i64>() {
        0 if back.lines.iter().all(|line| line.line.is_none()) => {
            Some("The store does not say which lines of the order come back.".into())
        }
        0 => Some("All of it is here.".into()),
        _ => None,
    }
}

/// Why nothing can be sent instead of the money; `None`: it can.
fn cannot_replace(story: &Story, policy: &Policy, back: &Coming<'_>) -> Option<String> {
    if !back.state.is_open() {
        return Some(settled(back));
    }
    if due_lines(story, back).is_empty() {
        let any = back.lines.iter().any(|line| line.here > 0);
        let why = if any {
            "What is here of it is settled."
        } else {
            "None of it is here. Say first that the goods are here."
        };
        return Some(why.into());
    }
    let Some(hub) = policy.hub_of(story) else { return Some("No shipping account is connected.".into()) };
    if !hub.performs.contains(&IntentKind::PutHubOrder) {
        return Some(format!("{} takes no orders from outside. Enter the replacement there.", hub.title));
    }
    let moving = |effect: &&PastEffect| {
        money_left::gives_back(&effect.intent)
            && match effect.state {
                EffectState::Pending | EffectState::Running | EffectState::Unknown | EffectState::Refused => true,
                EffectState::Asked => effect.automation != RETURN_REFUNDS,
                EffectState::Done | EffectState::Skipped => false,
            }
    };
    story.effects.iter().find(moving).map(|effect| match effect.state {
        EffectState::Refused => {
            "A refund of the order was refused and waits on the exceptions list. Give it up first.".to_owned()
        }
        _ => "Money of the order is being given back. Wait until that is done.".to_owned(),
    })
}

/// Units that are here, and neither paid nor sent again.
fn due_lines(story: &Story, back: &Coming<'_>) -> Vec<(String, i64)> {
    let mut due: Vec<(String, i64)> = Vec::new();
    for one in &back.lines {
        let Some(line) = one.line else { continue };
        let taken: i64 = due.iter().filter(|(id, _)| *id == line.remote_id).map(|(_, units)| units).sum();
        let left = money_left::units_left(story, line).min(units_due(back, &line.remote_id));
        let units = one.due().min(left - taken);
        if units > 0 {
            due.push((line.remote_id.clone(), units));
        }
    }
    due
}

/// The store puts units back with its own refund, or the hub does with the entry in its books.
fn shelved_with_refund(story: &Story, policy: &Policy) -> Option<String> {
    let store = policy.peers.get(&story.channel)?;
    if store.refunds.restocks {
        return Some(store.title.clone());
    }
    let books = policy.automation("refunds_to_hub");
    let writes = matches!(books.mode, Mode::Ask | Mode::Auto) && policy.toggle("refunds_to_hub", "restock");
    let hub = policy.hub_of(story).filter(|hub| writes && hub.performs.contains(&IntentKind::RecordRefund))?;
    Some(hub.title.clone())
}

fn shelf_words(story: &Story, policy: &Policy) -> String {
    match shelved_with_refund(story, policy) {
        Some(title) => format!("{title} puts them back on the shelf with the refund."),
        None => "They are added at once to the count that holds, where there is one; where its account takes no counts from outside, an exception says what to add there.".to_owned(),
    }
}

type Received = (String, Vec<String>, Vec<Back>);

fn receive(tx: &mut Tx<'_>, policy: &Policy, ask: &GoodsAsk, now_ms: i64) -> Result<Received, StoreError> {
    let story = tx.story(ask.order)?.ok_or_else(|| StoreError::abandoned(GONE))?;
    let known = backs(&story);
    let back = known.iter().find(|back| back.value.remote_id == ask.return_id);
    let back =
        back.ok_or_else(|| StoreError::abandoned("There is no such return any more. Look at the list again."))?;
    if let Some(why) = cannot_receive(back) {
        return Err(StoreError::abandoned(why));
    }
    let lines: Vec<GoodsLine> = ask.lines.iter().filter(|line| line.quantity != 0).cloned().collect();
    if lines.is_empty() {
        return Err(StoreError::abandoned("Say how many units of which line are here."));
    }
    for id in lines.iter().map(|line| &line.order_line_id) {
        let wanted: i64 = lines.iter().filter(|line| line.order_line_id == *id).map(|line| line.quantity).sum();
        let of_line = back.lines.iter().filter(|one| one.line.is_some_and(|line| line.remote_id == *id));
        let missing: i64 = of_line.map(BackLine::missing).sum();
        let negative = lines.iter().any(|line| line.quantity < 0);
        if negative || wanted > missing {
            return Err(StoreError::abandoned(format!(
                "{missing} units of that line are still to come back, and {wanted} were typed."
            )));
        }
    }
    let words = goods_words(&story, &lines);
    let sentence = format!("Goods of return {} are here: {words}", back.value.number);
    let said = told_before(&story, back, &lines).into_iter().chain(lines.iter().cloned()).collect();
    let goods = GoodsHere { return_id: ask.return_id.clone(), lines: said, at_ms: now_ms };
    let by_store = policy.peers.get(&story.channel).is_some_and(|store| store.refunds.restocks);
    let mut notes = if by_store { mixed(&story, &goods) } else { Vec::new() };
    let mut undo = vec![Back::Goods(ask.order, Box::new(goods.clone()))];
    let mut to_shelve = story.choices.to_shelve.clone();
    if shelved_with_refund(&story, policy).is_none() {
        let why = format!("return {} of {}", back.value.number, story.order.number);
        for line in lines.iter().filter(|line| line.restock) {
            let units = (line.order_line_id.as_str(), line.quantity);
            match shelve(tx, policy, &story, units, (&ask.return_id, &why), now_ms)? {
                Ok(shelved) => undo.push(shelved),
                Err(left) => left.keep(&mut notes, &mut to_shelve),
            }
        }
    }
    let mut choices = Choices { to_shelve, ..story.choices.clone() };
    choices.goods.push(goods);
    tx.put_choices(ask.order, &choices)?;
    person(tx, Some(ask.order), None, now_ms, sentence.clone())?;
    tx.hurry(ask.order, now_ms)?;
    redecide(tx, policy, ask.order, now_ms)?;
    Ok((format!("{sentence}."), notes, undo))
}

/// Units of these lines that the store told of beside what was said here: what is said now comes on top of them.
fn told_before(story: &Story, back: &Coming<'_>, lines: &[GoodsLine]) -> Vec<GoodsLine> {
    let mut before: Vec<GoodsLine> = Vec::new();
    for line in lines {
        let id = &line.order_line_id;
        if before.iter().any(|known| known.order_line_id == *id) {
            continue;
        }
        let of_line = back.lines.iter().filter(|one| one.line.is_some_and(|line| line.remote_id == *id));
        let here: i64 = of_line.map(|one| one.here).sum();
        let of_it = story.choices.goods.iter().filter(|goods| goods.return_id == back.value.remote_id);
        let held = of_it.flat_map(|goods| &goods.lines).filter(|held| held.order_line_id == *id);
        let quantity = here - held.map(|held| held.quantity).sum::<i64>();
        if quantity > 0 {
            // The store dealt with their shelf as it took them in.
            before.push(GoodsLine { quantity, restock: false, ..line.clone() });
        }
    }
    before
}

/// A refund puts all units of a line on the shelf or none: where it takes both, somebody has to know.
fn mixed(story: &Story, goods: &GoodsHere) -> Vec<String> {
    let of_it = story.choices.goods.iter().filter(|known| known.return_id == goods.return_id);
    let all: Vec<&GoodsLine> = of_it.flat_map(|known| &known.lines).chain(&goods.lines).collect();
    let mut told: BTreeMap<&str, String> = BTreeMap::new();
    for line in &goods.lines {
        let id = line.order_line_id.as_str();
        let any = |restock: bool| all.iter().any(|known| known.order_line_id == id && known.restock == restock);
        if any(true) && any(false) {
            let name = name_of(story, id);
            let note = format!(
                "Of {name} some are for the shelf and some are not: a refund of them puts none back. Adjust it under Stock."
            );
            told.insert(id, note);
        }
    }
    told.into_values().collect()
}

/// `2 × MUG (as new, for the shelf)`.
fn goods_words(story: &Story, lines: &[GoodsLine]) -> String {
    let one = |line: &GoodsLine| {
        let shelf = if line.restock { ", for the shelf" } else { "" };
        format!("{} × {} ({}{shelf})", line.quantity, name_of(story, &line.order_line_id), line.condition.words())
    };
    lines.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn name_of(story: &Story, line_id: &str) -> String {
    let line = story.order.lines.iter().find(|line| line.remote_id == line_id);
    line.map_or_else(
        || line_id.to_owned(),
        |line| if line.sku.is_empty() { line.name.clone() } else { line.sku.clone() },
    )
}

/// Units that are not on the shelf yet.
enum Unshelved {
    /// Why not, a sentence.
    Because(String),
    /// The account takes no counts from outside: somebody enters them there, and an entry stands until that is done.
    ByHand(ToShelve, String),
}

impl Unshelved {
    fn keep(self, notes: &mut Vec<String>, to_shelve: &mut Vec<ToShelve>) {
        match self {
            Self::Because(note) => notes.push(note),
            Self::ByHand(one, note) => {
                notes.push(note);
                match to_shelve.iter_mut().find(|known| known.name() == one.name()) {
                    Some(known) => known.units += one.units,
                    None => to_shelve.push(one),
                }
            }
        }
    }
}

/// Adds units to the one count that holds; the inner error says what becomes of them else.
fn shelve(
    tx: &mut Tx<'_>,
    policy: &Policy,
    story: &Story,
    (line_id, units): (&str, i64),
    (return_id, reason): (&str, &str),
    now_ms: i64,
) -> Result<Result<Back, Unshelved>, StoreError> {
    let line = story.order.lines.iter().find(|line| line.remote_id == line_id);
    let sku = fold(line.map_or("", |line| story.choices.skus.get(line_id).unwrap_or(&line.sku)));
    let name = name_of(story, line_id);
    let by_hand = |why: &str| {
        let note = format!("{name} was not put back on the shelf: {why} Adjust it under Stock.");
        Ok(Err(Unshelved::Because(note)))
    };
    if sku.is_empty() {
        return by_hand("it has no SKU.");
    }
    let facts = shelf_facts(tx, policy, &sku, now_ms)?;
    let holder = truth_of(policy, &facts).map_or_else(|| story.channel.clone(), |truth| truth.id.clone());
    let counts: Vec<&Count> = facts.counts.iter().filter(|count| count.connection == holder).collect();
    if let Some(account) = policy.peers.get(&holder).filter(|peer| peer.takes_by_hand(IntentKind::SetStock)) {
        let theirs = counts.first().map_or(&name, |count| &count.sku).clone();
        let note = format!(
            "{units} × {name} go back on the shelf by hand: {} takes no counts from outside. An exception says what to add there.",
            account.name
        );
        let one = ToShelve {
            account: holder,
            return_id: return_id.to_owned(),
            line_id: line_id.to_owned(),
            sku: theirs,
            units,
            at_ms: now_ms,
        };
        return Ok(Err(Unshelved::ByHand(one, note)));
    }
    let [count] = counts.as_slice() else {
        return by_hand(if counts.is_empty() { "nobody counts it." } else { "it is counted at several places." });
    };
    let wish = Adjustment {
        connection: &count.connection,
        remote_id: &count.remote_id,
        by: units,
        shown: count.available,
        reason,
    };
    match stock::plan(tx, policy, &sku, &wish, now_ms)? {
        Ok((_, effect)) => Ok(Ok(Back::Adjusted { sku, effect })),
        Err(why) => by_hand(&why),
    }
}

/// Units that a person said were put on the shelf by hand, and that want taking off it again, in sentences.
fn put_there(gone: &[ToShelve], known: &[FindingRow]) -> Vec<String> {
    let is_done = |one: &&ToShelve| {
        let entry = known.iter().rfind(|row| row.cause == Cause::ChangeByHand && row.about == one.name());
        entry.is_some_and(|row| row.state == FindingState::Resolved && row.resolved_by.as_deref() == Some("person"))
    };
    let said = |one: &ToShelve| {
        format!("{} × {} were put on the shelf by hand. Take them off the count there again.", one.units, one.sku)
    };
    gone.iter().filter(is_done).map(said).collect()
}

/// What somebody said was here is not, after all.
pub(crate) fn not_here(
    tx: &mut Tx<'_>,
    ground: &Ground<'_>,
    order: OrderId,
    goods: &GoodsHere,
) -> Result<(String, Done), StoreError> {
    let Some(story) = tx.story(order)? else { return Ok((order.to_string(), Done::No(GONE.into()))) };
    let label = story.order.number.clone();
    let paid = story.effects.iter().any(|effect| {
        is_for_return(effect, &goods.return_id)
            && effect.created_at_ms >= goods.at_ms
            && !matches!(effect.state, EffectState::Asked | EffectState::Skipped)
    });
    let again = replacement::standing(&story).any(|one| one.return_id == goods.return_id && one.at_ms >= goods.at_ms);
    if paid || again {
        return Ok((label, Done::No("It was settled meanwhile: the money, or a replacement, is on its way.".into())));
    }
    let mut choices = story.choices.clone();
    let Some(at) = choices.goods.iter().rposition(|known| known == goods) else {
        return Ok((label, Done::No("That was taken back already.".into())));
    };
    choices.goods.remove(at);
    let is_of_it = |one: &ToShelve| one.return_id == goods.return_id && one.at_ms == goods.at_ms;
    let (gone, left): (Vec<ToShelve>, Vec<ToShelve>) = choices.to_shelve.into_iter().partition(is_of_it);
    choices.to_shelve = left;
    tx.put_choices(order, &choices)?;
    person(tx, Some(order), None, ground.now_ms, "Undone: the goods are not here".into())?;
    // What somebody did elsewhere is not undone from here.
    for sentence in put_there(&gone, &tx.findings_of(order)?) {
        person(tx, Some(order), None, ground.now_ms, sentence)?;
    }
    redecide(tx, ground.policy, order, ground.now_ms)?;
    Ok((label, Done::yes()))
}

/// Why a replacement that was given up cannot be sent after all; `None`: it can, or it is none.
pub(crate) fn cannot_send_again(story: &Story, intent: &Intent) -> Option<String> {
    let again = replacement::replacement_of(story, intent)?;
    let known = backs(story);
    let back = known.iter().find(|back| back.value.remote_id == again.return_id);
    let moving = |effect: &PastEffect| {
        money_left::gives_back(&effect.intent)
            && matches!(effect.state, EffectState::Pending | EffectState::Running | EffectState::Unknown)
    };
    let is_due = |(id, units): &(String, i64)| back.is_some_and(|back| units_due(back, id) >= *units);
    let why = "What came back is settled, or its money is being given back: nothing is sent for it any more.";
    (!again.lines.iter().all(is_due) || story.effects.iter().any(moving)).then(|| why.to_owned())
}

fn replace(
    tx: &mut Tx<'_>,
    policy: &Policy,
    ask: &ReplaceAsk,
    now_ms: i64,
) -> Result<(String, Vec<String>), StoreError> {
    let story = tx.story(ask.order)?.ok_or_else(|| StoreError::abandoned(GONE))?;
    let known = backs(&story);
    let back = known.iter().find(|back| back.value.remote_id == ask.return_id);
    let back =
        back.ok_or_else(|| StoreError::abandoned("There is no such return any more. Look at the list again."))?;
    if let Some(why) = cannot_replace(&story, policy, back) {
        return Err(StoreError::abandoned(why));
    }
    if story.choices.address.is_none() && tx.queue_row(ask.order)?.is_some_and(|row| row.blanked_at_ms.is_some()) {
        return Err(StoreError::abandoned("The buyer's data was removed, so nobody knows where to send it."));
    }
    let due = due_lines(&story, back);
    let lines = if ask.lines.is_empty() { due.clone() } else { ask.lines.clone() };
    for (id, units) in &lines {
        let most: i64 = due.iter().filter(|(known, _)| known == id).map(|(_, units)| units).sum();
        let wanted: i64 = lines.iter().filter(|(known, _)| known == id).map(|(_, units)| units).sum();
        if *units <= 0 || wanted > most {
            return Err(StoreError::abandoned(format!(
                "{most} units of {} are here and not settled, and {wanted} were typed.",
                name_of(&story, id)
            )));
        }
    }
    let (Some(channel), Some(hub)) = (policy.peers.get(&story.channel), policy.hub_of(&story)) else {
        return Err(StoreError::abandoned("The store or the shipping account is not connected any more."));
    };
    let (mut notes, mut to_shelve) = (Vec::new(), story.choices.to_shelve.clone());
    // No refund puts these units back, so this does.
    if shelved_with_refund(&story, policy).is_some() {
        let why = format!("return {} of {}, replaced", back.value.number, story.order.number);
        for (id, units) in &lines {
            let of_line = back.lines.iter().find(|one| one.line.is_some_and(|line| line.remote_id == *id));
            if of_line.filter(|one| !one.is_shelved()).and_then(|one| one.restock) == Some(true)
                && let Err(left) = shelve(tx, policy, &story, (id.as_str(), *units), (&ask.return_id, &why), now_ms)?
            {
                left.keep(&mut notes, &mut to_shelve);
            }
        }
    }
    let mut choices = Choices { to_shelve, ..story.choices.clone() };
    choices.replaced.push(Replacement { return_id: ask.return_id.clone(), lines: lines.clone(), at_ms: now_ms });
    let n = choices.replaced.len();
    tx.put_choices(ask.order, &choices)?;
    let after = Story { choices, ..story.clone() };
    let draft = replacement::replacement_draft(&after, policy, channel, hub, n, &lines);
    let key = draft.key.clone();
    let units: Vec<String> = lines.iter().map(|(id, units)| format!("{units} × {}", name_of(&story, id))).collect();
    let sentence = format!("Send a replacement of {} to {}: {}", story.order.number, hub.title, words::list(&units));
    let act = Act::on(Verb::Push, Targets::Orders(vec![ask.order]));
    let ground = Ground { act: &act, alone: true, policy, now_ms };
    let intent = Intent::PutHubOrder { order: draft, hub_order_id: None };
    match plan_by_hand(tx, &ground, &after, &hub.id, &key, intent, sentence.clone())? {
        Done::Yes(_) => {
            tx.hurry(ask.order, now_ms)?;
            Ok((format!("{sentence}."), notes))
        }
        Done::No(why) => Err(StoreError::abandoned(why)),
    }
}

/// A condition as it is typed.
pub fn condition(text: &str) -> Option<GoodsCondition> {
    GoodsCondition::from_code(&text.trim().to_lowercase().replace([' ', '-'], "_"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use quayside_model::ExceptionId;

    #[test]
    fn only_what_a_person_put_on_the_shelf_wants_taking_off() {
        let one = ToShelve {
            account: ConnectionId("hub".into()),
            return_id: "r1".into(),
            line_id: "l1".into(),
            sku: "HG-LAMP-S".into(),
            units: 2,
            at_ms: 5,
        };
        let elsewhere = format!("{}x", one.name());
        for (what, state, by, about, expected) in [
            ("done", FindingState::Resolved, Some("person"), one.name(), 1),
            ("nobody did it yet", FindingState::Open, None, one.name(), 0),
            ("put away", FindingState::Snoozed, None, one.name(), 0),
            ("over by itself", FindingState::Resolved, Some("itself"), one.name(), 0),
            ("another entry", FindingState::Resolved, Some("person"), elsewhere, 0),
        ] {
            let row = FindingRow {
                id: ExceptionId(1),
                order_id: Some(OrderId(1)),
                connection: None,
                effect_id: None,
                cause: Cause::ChangeByHand,
                about,
                sentence: String::new(),
                said: None,
                state,
                opened_at_ms: 5,
                last_seen_at_ms: 5,
                count: 1,
                snoozed_until_ms: None,
                resolved_at_ms: None,
                resolved_by: by.map(str::to_owned),
                assignee: String::new(),
            };
            let said = put_there(std::slice::from_ref(&one), &[row]);
            assert_eq!(said.len(), expected, "{what}");
            assert!(said.iter().all(|sentence| sentence.starts_with("2 × HG-LAMP-S")), "{what}: {said:?}");
        }
    }
}
