//! Doing things: every verb, on whatever it is aimed at, with a result per target.
//!
//! What a person decides about an order becomes a choice, and the order is
//! decided anew in the same transaction: the row shows the consequence at once,
//! and no consequence can exist without its decision. What only one automation
//! would send is sent for a person's click whatever its mode is, because the
//! click is the consent that the mode would otherwise wait for.
//!
//! Aiming (which orders, which effects) is in `aim.rs`; who may do what, in `offers.rs`.

use crate::aim::{self, Aim};
use crate::desk::{Desk, Room, locked};
use crate::trouble::Answer;
use crate::undo::Back;
use crate::view::{Act, ActOutcome, ActRefused, Targets, Trouble, Verb};
use crate::{editable, offers, sync, words};
use quayside_engine::SyncTarget;
use quayside_flows::{Policy, decide, effect_stem, hub_draft, hub_key};
use quayside_model::{
    Cause, Choices, ConnectionId, EffectId, EffectState, ExceptionId, Intent, IntentKind, Mode, OrderId, PersonHold,
    PlannedEffect, Story,
};
use quayside_store::{FindingRow, NewEvent, StoreError, Tx};
use std::sync::Arc;

/// Targets per transaction: few enough that nobody else waits long for the store.
const AT_ONCE: usize = 50;
/// Orders that one click reads again; more is what "sync the account" is for.
const SYNC_MAX: usize = 25;
/// The id of the automation that sends orders; a person's "send now" does its work.
const ORDERS_TO_HUB: &str = "orders_to_hub";
/// The id of the automation that holds and releases at the hub.
const SIDES_AGREE: &str = "sides_agree";

/// What became of one target.
enum Done {
    /// It took hold; with what undoes it.
    Yes(Vec<Back>),
    /// It did not, and why.
    No(String),
}

impl Done {
    fn yes() -> Self {
        Self::Yes(Vec::new())
    }
    fn when(took_hold: bool, otherwise: &str) -> Self {
        if took_hold { Self::yes() } else { Self::No(otherwise.to_owned()) }
    }
}

/// Everything a step may look at.
struct Ground<'a> {
    act: &'a Act,
    policy: &'a Policy,
    now_ms: i64,
}

impl Desk {
    /// Does something to orders, exceptions or effects.
    pub fn act(&self, act: Act) -> Answer<ActOutcome> {
        let room = self.writable()?;
        check(&act, room.now_ms())?;
        let aims = aim::resolve(&room, &act)?;
        if act.verb == Verb::Sync {
            return sync_orders(&room, &aims);
        }
        if act.verb == Verb::Edit && aims.len() > 1 {
            return Err(Trouble::input("Fields are mended for one order at a time. Open the order and mend it there."));
        }
        let policy = room.policy()?;
        let ground = Ground { act: &act, policy: &policy, now_ms: room.now_ms() };
        let mut done = 0_i64;
        let mut refused: Vec<ActRefused> = Vec::new();
        let mut backs: Vec<Back> = Vec::new();
        let mut read_again: Vec<SyncTarget> = Vec::new();
        for batch in aims.chunks(AT_ONCE) {
            // Refusals of single targets are answers, not errors: the others of the batch go through.
            let outcomes = room.store.write(|tx| {
                let mut outcomes = Vec::with_capacity(batch.len());
                for aim in batch {
                    outcomes.push((aim, step(tx, &ground, aim, &mut read_again)?));
                }
                Ok(outcomes)
            })?;
            for (aim, outcome) in outcomes {
                match outcome {
                    Done::Yes(back) => {
                        done += 1;
                        backs.extend(back);
                    }
                    Done::No(sentence) => refused.push(ActRefused { label: aim.label().to_owned(), sentence }),
                }
            }
        }
        room.nudge();
        for target in read_again.iter().take(SYNC_MAX) {
            // Reading again helps a retry along; without an engine the next sync does it.
            if room.engine.is_some() {
                sync::start(&room, target)?;
            }
        }
        let sentence = sentence(act.verb, done, refused.len() as i64, matches!(act.targets, Targets::Effects(_)));
        let token = uuid::Uuid::new_v4().simple().to_string();
        let undo =
            if can_undo(act.verb) { locked(&room.undo).keep(token, &sentence, backs, room.now_ms()) } else { None };
        tracing::info!(done, refused = refused.len(), kind = ?act.verb, "a person acted");
        Ok(ActOutcome { sentence, done, refused, undo })
    }

    /// Takes back what an [`ActOutcome::undo`] token stands for.
    pub fn undo(&self, token: &str) -> Answer<ActOutcome> {
        let room = self.writable()?;
        let undo = locked(&room.undo).take(token, room.now_ms());
        let undo = undo.ok_or_else(|| {
            Trouble::gone("This can no longer be undone. Look at the order; what is wrong there can be changed there.")
        })?;
        let policy = room.policy()?;
        let act = Act {
            verb: Verb::Release,
            targets: Targets::Everything,
            reason: String::new(),
            until_ms: None,
            fields: std::collections::BTreeMap::new(),
            refund: false,
            restock: false,
            notify: false,
        };
        let ground = Ground { act: &act, policy: &policy, now_ms: room.now_ms() };
        let mut done = 0_i64;
        let mut refused = Vec::new();
        for batch in undo.backs.chunks(AT_ONCE) {
            let outcomes = room
                .store
                .write(|tx| batch.iter().map(|back| put_back(tx, &ground, back)).collect::<Result<Vec<_>, _>>())?;
            for outcome in outcomes {
                match outcome {
                    (_, Done::Yes(_)) => done += 1,
                    (label, Done::No(sentence)) => refused.push(ActRefused { label, sentence }),
                }
            }
        }
        room.nudge();
        let what = undo.what.split(';').next().unwrap_or_default().trim_end_matches('.');
        Ok(ActOutcome { sentence: format!("Undone: {what}."), done, refused, undo: None })
    }
}

fn can_undo(verb: Verb) -> bool {
    matches!(verb, Verb::Hold | Verb::Release | Verb::Snooze | Verb::Resolve | Verb::Skip)
}

/// What is wrong with the request itself, before anything is looked at.
fn check(act: &Act, now_ms: i64) -> Answer<()> {
    if act.reason.chars().count() > 500 {
        return Err(Trouble::field("reason", "The reason is longer than 500 characters. Shorten it."));
    }
    match act.verb {
        Verb::Snooze => match act.until_ms {
            None => return Err(Trouble::field("until_ms", "Say until when it should stay away.")),
            Some(until_ms) if until_ms <= now_ms => {
                return Err(Trouble::field("until_ms", "That moment has passed already. Choose a later one."));
            }
            Some(_) => {}
        },
        Verb::Hold if act.until_ms.is_some_and(|until_ms| until_ms <= now_ms) => {
            return Err(Trouble::field(
                "until_ms",
                "That moment has passed already. Choose a later one, or hold without an end.",
            ));
        }
        Verb::Edit if act.fields.is_empty() => {
            return Err(Trouble::input("Nothing was filled in, so nothing was changed."));
        }
        _ => {}
    }
    if matches!(act.targets, Targets::Everything) && !matches!(act.verb, Verb::Retry | Verb::Approve) {
        return Err(Trouble::input(
            "Only \"Retry\" and \"Approve\" work on everything at once. Choose what it is about.",
        ));
    }
    Ok(())
}

/// One verb on one target.
fn step(tx: &mut Tx<'_>, ground: &Ground<'_>, aim: &Aim, read_again: &mut Vec<SyncTarget>) -> Result<Done, StoreError> {
    match aim {
        Aim::Effect { id, .. } => on_effect(tx, ground, *id),
        Aim::Exception { id, .. } => match tx.finding(*id)? {
            Some(finding) => on_exception(tx, ground, &finding, read_again),
            None => Ok(Done::No("It is not on the list any more.".into())),
        },
        Aim::Order { id, .. } => match tx.story(*id)? {
            Some(story) => on_order(tx, ground, story),
            None => Ok(Done::No("There is no such order any more.".into())),
        },
    }
}

fn on_effect(tx: &mut Tx<'_>, ground: &Ground<'_>, id: EffectId) -> Result<Done, StoreError> {
    let Some(effect) = tx.effect(id)? else { return Ok(Done::No("There is no such change.".into())) };
    let now_ms = ground.now_ms;
    let outcome = match ground.act.verb {
        Verb::Retry if effect.state == EffectState::Unknown => {
            Done::when(tx.look_now(id, now_ms)?, "Its outcome is being looked up already.")
        }
        Verb::Retry if effect.state == EffectState::Asked => Done::No("It waits for your click: approve it.".into()),
        Verb::Retry => Done::when(tx.retry_effect(id, now_ms)?, standing(effect.state)),
        Verb::Skip => {
            let why = if ground.act.reason.trim().is_empty() { "given up by you" } else { ground.act.reason.trim() };
            if tx.skip_effect(id, why, now_ms)? {
                Done::Yes(vec![Back::Revive(id)])
            } else {
                Done::No(standing(effect.state).into())
            }
        }
        Verb::Approve => Done::when(tx.approve(id, now_ms)?, standing(effect.state)),
        Verb::LookNow => {
            Done::when(tx.look_now(id, now_ms)?, "Its answer was not lost, so there is nothing to look up.")
        }
        _ => return Ok(Done::No("This is done to orders, not to single changes.".into())),
    };
    if matches!(outcome, Done::Yes(_)) {
        redecide(tx, ground.policy, effect.order_id, now_ms)?;
    }
    Ok(outcome)
}

/// Why nothing can be done to an effect in this state.
fn standing(state: EffectState) -> &'static str {
    match state {
        EffectState::Asked => "It waits for your click.",
        EffectState::Pending => "It goes out by itself in its turn.",
        EffectState::Running => "It is on its way; its answer is being waited for.",
        EffectState::Unknown => "Its answer was lost; the platform is asked before anything else happens.",
        EffectState::Done => "It is done already.",
        EffectState::Refused => "The platform refused it.",
        EffectState::Skipped => "It was given up already.",
    }
}

fn on_exception(
    tx: &mut Tx<'_>,
    ground: &Ground<'_>,
    finding: &FindingRow,
    read_again: &mut Vec<SyncTarget>,
) -> Result<Done, StoreError> {
    let now_ms = ground.now_ms;
    match ground.act.verb {
        Verb::Snooze => {
            let until_ms = ground.act.until_ms.unwrap_or(now_ms);
            let away = tx.snooze_finding(finding.id, until_ms)?;
            Ok(if away { Done::Yes(vec![Back::Reopen(finding.id)]) } else { Done::No("It is over already.".into()) })
        }
        Verb::Resolve => {
            let over = tx.resolve_finding(finding.id, now_ms)?;
            if over {
                let reason = ground.act.reason.trim();
                let tail = if reason.is_empty() { String::new() } else { format!(": {reason}") };
                person(
                    tx,
                    finding.order_id,
                    finding.connection.as_ref(),
                    now_ms,
                    format!("Settled \"{}\"{tail}", finding.cause.title()),
                )?;
                if let Some(order) = finding.order_id {
                    redecide(tx, ground.policy, order, now_ms)?;
                }
            }
            Ok(if over { Done::Yes(vec![Back::Reopen(finding.id)]) } else { Done::No("It is over already.".into()) })
        }
        Verb::Retry => retry_exception(tx, ground, finding, read_again),
        Verb::Skip | Verb::LookNow | Verb::Approve => match finding.effect_id {
            Some(effect) => on_effect(tx, ground, effect),
            None => Ok(Done::No(
                "No planned change belongs to it that could be given up or looked up. Resolve it instead.".into(),
            )),
        },
        _ => match finding.order_id {
            Some(order) => match tx.story(order)? {
                Some(story) => on_order(tx, ground, story),
                None => Ok(Done::No("Its order is not there any more.".into())),
            },
            None => Ok(Done::No("It is about an account, not about an order.".into())),
        },
    }
}

/// "Retry" means something else for each kind of trouble; it never means "send the same blindly".
fn retry_exception(
    tx: &mut Tx<'_>,
    ground: &Ground<'_>,
    finding: &FindingRow,
    read_again: &mut Vec<SyncTarget>,
) -> Result<Done, StoreError> {
    if let Some(effect) = finding.effect_id {
        return on_effect(tx, ground, effect);
    }
    let Some(order) = finding.order_id else {
        let Some(connection) = &finding.connection else {
            return Ok(Done::No("It belongs to nothing that could be tried again.".into()));
        };
        read_again.push(SyncTarget::Connection(connection.clone()));
        return Ok(Done::yes());
    };
    let Some(story) = tx.story(order)? else { return Ok(Done::No("Its order is not there any more.".into())) };
    match finding.cause {
        // The hub lost or cancelled it: send it again as a new copy.
        Cause::CancelledAtHub => push(tx, ground, story),
        // Somebody changed it at the hub: the store's version goes there again.
        Cause::SidesDiffer => send_again(tx, ground, &story),
        _ => {
            let planned = redecide(tx, ground.policy, order, ground.now_ms)?;
            read_again.push(SyncTarget::Order(order));
            let still = tx.findings_of(order)?.iter().any(|now| now.id == finding.id && now.resolved_at_ms.is_none());
            Ok(if planned > 0 || !still || finding.cause == Cause::Unreadable {
                Done::yes()
            } else {
                Done::No("Nothing about it has changed yet, so the same would happen. It is being read again; mend what the sentence names.".into())
            })
        }
    }
}

fn on_order(tx: &mut Tx<'_>, ground: &Ground<'_>, story: Story) -> Result<Done, StoreError> {
    match ground.act.verb {
        Verb::Hold => hold(tx, ground, &story),
        Verb::Release => release(tx, ground, &story),
        Verb::Push => push(tx, ground, story),
        Verb::ShipAnyway => ship_anyway(tx, ground, story),
        Verb::Cancel => cancel(tx, ground, &story),
        Verb::VoidLabel => void_labels(tx, ground, &story),
        Verb::Edit => edit(tx, ground, &story),
        Verb::Retry | Verb::Skip | Verb::Approve | Verb::LookNow => on_effects_of(tx, ground, &story),
        Verb::Resolve | Verb::Snooze => on_exceptions_of(tx, ground, &story),
        Verb::Sync => Ok(Done::yes()),
    }
}

/// The verb on every effect of the order that it fits.
fn on_effects_of(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
    let fits = |state: EffectState| match ground.act.verb {
        Verb::Retry => matches!(state, EffectState::Refused | EffectState::Unknown),
        Verb::Approve => state == EffectState::Asked,
        Verb::LookNow => state == EffectState::Unknown,
        _ => matches!(state, EffectState::Asked | EffectState::Pending | EffectState::Refused),
    };
    let ids: Vec<EffectId> = story.effects.iter().filter(|effect| fits(effect.state)).map(|effect| effect.id).collect();
    let nothing = match ground.act.verb {
        Verb::Retry => "Nothing of it was refused.",
        Verb::Approve => "Nothing of it waits for your click.",
        Verb::LookNow => "No answer about it was lost.",
        _ => "Nothing is planned for it that could be given up.",
    };
    let (mut backs, mut any) = (Vec::new(), false);
    for id in ids {
        if let Done::Yes(back) = on_effect(tx, ground, id)? {
            any = true;
            backs.extend(back);
        }
    }
    Ok(if any { Done::Yes(backs) } else { Done::No(nothing.into()) })
}

fn on_exceptions_of(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
    let open: Vec<FindingRow> =
        tx.findings_of(story.order_id)?.into_iter().filter(|finding| finding.resolved_at_ms.is_none()).collect();
    let (mut backs, mut any) = (Vec::new(), false);
    for finding in &open {
        if let Done::Yes(back) = on_exception(tx, ground, finding, &mut Vec::new())? {
            any = true;
            backs.extend(back);
        }
    }
    Ok(if any { Done::Yes(backs) } else { Done::No("Nothing about it is open.".into()) })
}

fn hold(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
    if let Some(why) = offers::can_hold(story) {
        return Ok(Done::No(why));
    }
    let reason = ground.act.reason.trim().to_owned();
    let hold = PersonHold { reason: reason.clone(), until_ms: ground.act.until_ms, since_ms: ground.now_ms };
    let choices = Choices { hold: Some(hold), ..story.choices.clone() };
    let words = if reason.is_empty() { "Held".to_owned() } else { format!("Held: \"{reason}\"") };
    choose(tx, ground, story, choices, words, &[SIDES_AGREE])
}

fn release(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
    if story.choices.hold.is_none() {
        return Ok(Done::No("You do not hold it.".into()));
    }
    let choices = Choices { hold: None, ..story.choices.clone() };
    choose(tx, ground, story, choices, "Released".into(), &[SIDES_AGREE])
}

/// Sends the order to the hub now, whatever its rules wait for.
fn push(tx: &mut Tx<'_>, ground: &Ground<'_>, story: Story) -> Result<Done, StoreError> {
    if let Some(why) = offers::can_push(&story, ground.policy) {
        return Ok(Done::No(why));
    }
    let before = story.effects.len();
    // A hold of the person's own would stand in the way of the person's own click.
    let choices = Choices { push_anyway: true, hold: None, ..story.choices.clone() };
    choose(tx, ground, &story, choices, "Sent to the hub by hand".into(), &[ORDERS_TO_HUB])?;
    let Some(after) = tx.story(story.order_id)? else { return Ok(Done::No("There is no such order any more.".into())) };
    // Something may wait there already: the click lets it go.
    let mut going = after.effects.len() > before;
    for effect in after.effects.iter().filter(|effect| effect.intent.kind() == IntentKind::PutHubOrder) {
        match effect.state {
            EffectState::Asked => going |= tx.approve(effect.id, ground.now_ms)?,
            EffectState::Refused => going |= tx.retry_effect(effect.id, ground.now_ms)?,
            EffectState::Pending | EffectState::Running | EffectState::Unknown => going = true,
            EffectState::Done | EffectState::Skipped => {}
        }
    }
    if going {
        redecide(tx, ground.policy, story.order_id, ground.now_ms)?;
        return Ok(Done::yes());
    }
    let why = tx
        .findings_of(story.order_id)?
        .into_iter()
        .rev()
        .find(|finding| finding.resolved_at_ms.is_none())
        .map(|finding| finding.sentence);
    Ok(Done::No(why.unwrap_or_else(|| "There is nothing to send. What the order waits on stands beside it.".into())))
}

fn ship_anyway(tx: &mut Tx<'_>, ground: &Ground<'_>, story: Story) -> Result<Done, StoreError> {
    // Rated as risky and still here: shipping it anyway begins with sending it.
    let still_here = story.order.risk.is_some() && !story.order.is_cancelled() && story.hub_orders.is_empty();
    if still_here && !story.choices.push_anyway {
        return push(tx, ground, story);
    }
    if let Some(why) = offers::can_ship_anyway(&story) {
        return Ok(Done::No(why));
    }
    let choices = Choices { ship_anyway: true, ..story.choices.clone() };
    choose(tx, ground, &story, choices, "Ships anyway".into(), &[SIDES_AGREE])
}

fn cancel(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
    if let Some(why) = offers::can_cancel(story, ground.policy) {
        return Ok(Done::No(why));
    }
    let under_way = story.effects.iter().any(|effect| {
        effect.intent.kind() == IntentKind::CancelChannelOrder
            && !effect.state.is_final()
            && effect.state != EffectState::Refused
    });
    if under_way {
        return Ok(Done::No("It is being cancelled already.".into()));
    }
    const REASONS: [&str; 6] = ["customer", "inventory", "fraud", "declined", "staff", "other"];
    let said = ground.act.reason.trim();
    let (reason, staff_note) = if REASONS.contains(&said) { (said, String::new()) } else { ("other", said.to_owned()) };
    let intent = Intent::CancelChannelOrder {
        order_remote_id: story.order.remote_id.clone(),
        reason: reason.to_owned(),
        restock: ground.act.restock,
        refund: ground.act.refund,
        notify_customer: ground.act.notify,
        staff_note,
    };
    let store = ground.policy.peers.get(&story.channel).map_or("the store", |peer| peer.title.as_str());
    let sentence = format!("Cancel {} in {store}", story.order.number);
    plan_by_hand(tx, ground, story, &story.channel.clone(), &story.order.remote_id, intent, sentence)
}

fn void_labels(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
    if let Some(why) = offers::can_void(story, ground.policy) {
        return Ok(Done::No(why));
    }
    let mut last = Done::No("Its labels are being voided already.".into());
    for seen in story.parcels.iter().filter(|seen| offers::is_voidable(&seen.value)) {
        let id = &seen.value.remote_id;
        let under_way = story.effects.iter().any(|effect| {
            matches!(&effect.intent, Intent::VoidLabel { parcel_id } if parcel_id == id)
                && !effect.state.is_final()
                && effect.state != EffectState::Refused
        });
        if under_way {
            continue;
        }
        let hub = ground.policy.peers.get(&seen.connection).map_or("the hub", |peer| peer.title.as_str());
        let number =
            if seen.value.tracking_number.is_empty() { "without a number" } else { &seen.value.tracking_number };
        let sentence = format!("Void the label {number} of {} at {hub}", story.order.number);
        let done = plan_by_hand(
            tx,
            ground,
            story,
            &seen.connection,
            id,
            Intent::VoidLabel { parcel_id: id.clone() },
            sentence,
        )?;
        if matches!(done, Done::Yes(_)) || matches!(last, Done::No(_)) {
            last = done;
        }
    }
    Ok(last)
}

fn edit(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
    let choices = match editable::apply(&story.choices, story, &ground.act.fields) {
        Ok(choices) => choices,
        // One target: the whole act is refused, and the form keeps what was typed.
        Err(trouble) => return Ok(Done::No(trouble.sentence)),
    };
    let fields: Vec<&str> = ground.act.fields.keys().map(|name| name.split('.').next().unwrap_or(name)).collect();
    let what = if fields.contains(&"ship_to") {
        "Address corrected"
    } else if fields.contains(&"line") {
        "SKU corrected"
    } else {
        "Service corrected"
    };
    choose(tx, ground, story, choices, what.to_owned(), &[])?;
    // What was refused and would be sent unchanged is tried again; what changed was planned anew by the decision.
    let Some(after) = tx.story(story.order_id)? else { return Ok(Done::yes()) };
    for effect in after.effects.iter().filter(|effect| effect.state == EffectState::Refused) {
        tx.retry_effect(effect.id, ground.now_ms)?;
    }
    redecide(tx, ground.policy, story.order_id, ground.now_ms)?;
    Ok(Done::yes())
}

/// Keeps a choice and decides the order anew. `acts` are automations that act for this click whatever their mode.
fn choose(
    tx: &mut Tx<'_>,
    ground: &Ground<'_>,
    story: &Story,
    choices: Choices,
    words: String,
    acts: &[&str],
) -> Result<Done, StoreError> {
    let id = story.order_id;
    tx.put_choices(id, &choices)?;
    person(tx, Some(id), None, ground.now_ms, words)?;
    if acts.is_empty() {
        redecide(tx, ground.policy, id, ground.now_ms)?;
    } else {
        let mut policy = ground.policy.clone();
        for automation in acts {
            policy.automations.entry((*automation).to_owned()).or_default().mode = Mode::Auto;
        }
        redecide(tx, &policy, id, ground.now_ms)?;
        // Once more as usual: stage and sentence are those of the real modes.
        redecide(tx, ground.policy, id, ground.now_ms)?;
    }
    Ok(Done::Yes(vec![Back::Choices(id, Box::new(story.choices.clone()))]))
}

fn redecide(tx: &mut Tx<'_>, policy: &Policy, id: OrderId, now_ms: i64) -> Result<usize, StoreError> {
    quayside_engine::redecide(tx, policy, id, now_ms)
}

/// Writes an effect that a person asked for, keyed like an automation's, so that automations see it.
fn plan_by_hand(
    tx: &mut Tx<'_>,
    ground: &Ground<'_>,
    story: &Story,
    connection: &ConnectionId,
    about: &str,
    intent: Intent,
    sentence: String,
) -> Result<Done, StoreError> {
    let stem = effect_stem(ground.policy.peers.get(&story.channel), &story.order.remote_id, intent.kind(), about);
    let fresh = tx.story(story.order_id)?;
    let story = fresh.as_ref().unwrap_or(story);
    let generation = story.effects.iter().filter(|effect| effect.key.starts_with(&stem)).count();
    let mut decision = decide(story, ground.policy, ground.now_ms);
    let key = format!("{stem}{generation}");
    if decision.effects.iter().any(|effect| effect.key == key && effect.mode == Mode::Auto) {
        return Ok(Done::No("It is being done already.".into()));
    }
    // An automation may only have shown the same; the person's own takes its place.
    decision.effects.retain(|effect| effect.key != key);
    person(tx, Some(story.order_id), None, ground.now_ms, sentence.clone())?;
    decision.effects.push(PlannedEffect {
        key,
        automation: "person".into(),
        connection: connection.clone(),
        intent,
        mode: Mode::Auto,
        ship_by_ms: decision.ship_by_ms,
        sentence,
    });
    let decided = tx.put_decision(story.order_id, &story.order, &decision, ground.now_ms)?;
    redecide(tx, ground.policy, story.order_id, ground.now_ms)?;
    Ok(Done::when(!decided.new_effects.is_empty(), "It is being done already."))
}

/// The store's version of the order goes to the hub once more.
fn send_again(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
    let (Some(channel), Some(hub)) = (ground.policy.peers.get(&story.channel), ground.policy.hub()) else {
        return Ok(Done::No("The store or the shipping account is not connected any more.".into()));
    };
    let ours = (0..8).map(|copy| hub_key(channel, &story.order, copy)).find_map(|key| {
        let seen = story.hub_orders.iter().find(|seen| seen.value.key == key && seen.value.status.is_open())?;
        Some((key, seen.value.remote_id.clone()))
    });
    let Some((key, hub_order_id)) = ours else {
        return Ok(Done::No(format!(
            "{} has no open order of ours for it, so there is nothing to bring up to date.",
            hub.title
        )));
    };
    let draft = hub_draft(story, ground.policy, channel, hub, key.clone(), true, story_ship_by(story, ground));
    let sentence = format!("Send the store's version of {} to {} again", story.order.number, hub.title);
    let intent = Intent::PutHubOrder { order: draft, hub_order_id: Some(hub_order_id) };
    let connection = hub.id.clone();
    plan_by_hand(tx, ground, story, &connection, &key, intent, sentence)
}

fn story_ship_by(story: &Story, ground: &Ground<'_>) -> Option<i64> {
    decide(story, ground.policy, ground.now_ms).ship_by_ms
}

fn put_back(tx: &mut Tx<'_>, ground: &Ground<'_>, back: &Back) -> Result<(String, Done), StoreError> {
    match back {
        Back::Choices(id, before) => {
            let Some(story) = tx.story(*id)? else {
                return Ok((id.to_string(), Done::No("There is no such order any more.".into())));
            };
            let label = story.order.number.clone();
            // Only the hold goes back: an address mended in between stays mended.
            let choices = Choices { hold: before.hold.clone(), ..story.choices.clone() };
            let done = choose(tx, ground, &story, choices, "Undone".into(), &[SIDES_AGREE])?;
            Ok((label, done))
        }
        Back::Reopen(id) => {
            let open = tx.wake_finding(*id)? || tx.reopen_finding(*id)?;
            if let Some(order) = tx.finding(*id)?.and_then(|finding| finding.order_id) {
                redecide(tx, ground.policy, order, ground.now_ms)?;
            }
            Ok((format!("exception {id}"), Done::when(open, "It has mended itself meanwhile.")))
        }
        Back::Revive(id) => revive(tx, ground, *id),
    }
}

/// A given-up effect keeps its end; the same intent is planned again under the next key.
fn revive(tx: &mut Tx<'_>, ground: &Ground<'_>, id: EffectId) -> Result<(String, Done), StoreError> {
    let Some(effect) = tx.effect(id)? else { return Ok((id.to_string(), Done::No("There is no such change.".into()))) };
    let Some(story) = tx.story(effect.order_id)? else {
        return Ok((id.to_string(), Done::No("There is no such order any more.".into())));
    };
    let label = story.order.number.clone();
    // The decision may want it by itself; then it has planned it, or does so now.
    let before = story.effects.len();
    redecide(tx, ground.policy, effect.order_id, ground.now_ms)?;
    let Some(now) = tx.story(effect.order_id)? else {
        return Ok((label, Done::No("There is no such order any more.".into())));
    };
    let kind = effect.intent.kind();
    let again = now.effects.iter().skip(before).any(|new| new.intent.kind() == kind)
        || now
            .effects
            .iter()
            .any(|other| other.id > id && other.intent.kind() == kind && other.state != EffectState::Skipped);
    if again {
        return Ok((label, Done::yes()));
    }
    let stem = effect.key.rsplit_once(':').map_or_else(|| format!("{}:", effect.key), |(stem, _)| format!("{stem}:"));
    let generation = now.effects.iter().filter(|other| other.key.starts_with(&stem)).count();
    let mut decision = decide(&now, ground.policy, ground.now_ms);
    decision.effects.push(PlannedEffect {
        key: format!("{stem}{generation}"),
        automation: effect.automation.clone(),
        connection: effect.connection.clone(),
        intent: effect.intent.clone(),
        // As it was: what waited for a click waits for one again, anything else does too after a change of mind.
        mode: Mode::Ask,
        ship_by_ms: effect.ship_by_ms,
        sentence: effect.sentence.clone(),
    });
    let decided = tx.put_decision(now.order_id, &now.order, &decision, ground.now_ms)?;
    Ok((label, Done::when(!decided.new_effects.is_empty(), "It is planned again already.")))
}

fn person(
    tx: &mut Tx<'_>,
    order: Option<OrderId>,
    connection: Option<&ConnectionId>,
    at_ms: i64,
    sentence: String,
) -> Result<(), StoreError> {
    tx.note(&NewEvent {
        order_id: order,
        connection: connection.cloned(),
        at_ms,
        author: "person".into(),
        kind: "person".into(),
        sentence,
        detail: None,
    })
}

fn sync_orders(room: &Arc<Room>, aims: &[Aim]) -> Answer<ActOutcome> {
    if aims.len() > SYNC_MAX {
        return Err(Trouble::input(format!(
            "{} orders are too many to be read one by one. Sync the whole account instead: it reads them in a few calls.",
            aims.len()
        )));
    }
    let policy = room.policy()?;
    let (mut done, mut refused) = (0_i64, Vec::new());
    for aim in aims {
        let Some(id) = aim.order() else {
            refused.push(ActRefused {
                label: aim.label().to_owned(),
                sentence: "It is about an account; sync the account.".into(),
            });
            continue;
        };
        let story = crate::orders::story_of(room, id)?;
        match offers::can_sync(&story, &policy) {
            Some(sentence) => refused.push(ActRefused { label: aim.label().to_owned(), sentence }),
            None => {
                sync::start(room, &SyncTarget::Order(id))?;
                done += 1;
            }
        }
    }
    Ok(ActOutcome { sentence: sentence(Verb::Sync, done, refused.len() as i64, false), done, refused, undo: None })
}

/// One sentence for the toast.
fn sentence(verb: Verb, done: i64, refused: i64, effects: bool) -> String {
    let what = |n: i64| match verb {
        Verb::Retry | Verb::Skip | Verb::Approve | Verb::LookNow if effects => words::count(n, "change", "changes"),
        Verb::Resolve | Verb::Snooze => words::count(n, "entry", "entries"),
        _ => words::count(n, "order", "orders"),
    };
    let past = match verb {
        Verb::Sync => "Reading",
        Verb::Push => "Sending",
        Verb::Hold => "Held",
        Verb::Release => "Released",
        Verb::Cancel => "Cancelling",
        Verb::Retry => "Trying again:",
        Verb::Skip => "Gave up:",
        Verb::Approve => "Approved",
        Verb::VoidLabel => "Voiding the labels of",
        Verb::ShipAnyway => "Ships anyway:",
        Verb::LookNow => "Looking up:",
        Verb::Resolve => "Settled",
        Verb::Snooze => "Put away",
        Verb::Edit => "Mended",
    };
    match (done, refused) {
        (0, 0) => "There was nothing to do.".to_owned(),
        (0, 1) => "Nothing was done; the reason stands below.".to_owned(),
        (0, n) => format!("Nothing was done; the {n} reasons stand below."),
        (n, 0) => format!("{past} {}.", what(n)),
        (n, m) => format!("{past} {}; {m} could not be.", what(n)),
    }
}

/// For the outcome's label of an exception.
pub(crate) fn exception_label(id: ExceptionId, number: Option<String>) -> String {
    number.unwrap_or_else(|| format!("exception {id}"))
}
