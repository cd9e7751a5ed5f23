//! Doing things: every verb, on whatever it is aimed at, with a result per target.
//!
//! What a person decides about an order becomes a choice, and the order is
//! decided anew in the same transaction: the row shows the consequence at once,
//! and no consequence can exist without its decision. What only one automation
//! would send is sent for a person's click whatever its mode is, because the
//! click is the consent that the mode would otherwise wait for.
//!
//! Aiming (which orders, which effects) is in `aim.rs`; the verbs themselves in
//! `verbs.rs`; who may do what, in `offers.rs`; undoing, in `putback.rs`.

use crate::aim::{self, Aim};
use crate::bulk::Bulk;
use crate::desk::{Desk, Room, locked};
use crate::putback::put_back;
use crate::trouble::Answer;
use crate::undo::Back;
use crate::verbs::{cancel, edit, hold, person, push, redecide, release, send_again, ship_anyway, void_labels};
use crate::view::{Act, ActOutcome, ActRefused, Targets, Trouble, Verb};
use crate::{editable, exceptions, labels, offers, refunds, sync, tying, words};
use quayside_engine::SyncTarget;
use quayside_flows::Policy;
use quayside_model::{
    Cause, EffectId, EffectState, ExceptionId, Intent, IntentKind, PastEffect, RecordKind, Refusal, Story,
};
use quayside_store::{FindingRow, StoreError, Tx};
use std::sync::Arc;

/// Targets per transaction: few enough that nobody else waits long for the store.
const AT_ONCE: usize = 50;
/// Orders that one click reads again; more is what "sync the account" is for.
const SYNC_MAX: usize = 25;
/// A click on more than this is routine work, which must not crowd out the next person's single click.
const HURRY_MAX: usize = 20;
/// Labels an outcome tells of what it took hold of.
const TOOK_MAX: usize = 1_000;

/// Puts a batch back, each with what it is called. Goods that stay here stay counted.
fn put_all_back(tx: &mut Tx<'_>, ground: &Ground<'_>, batch: &[Back]) -> Result<Vec<(String, Done)>, StoreError> {
    let mut stays = false;
    let mut outcomes = Vec::with_capacity(batch.len());
    for back in batch {
        if let Back::Adjusted { sku, .. } = back
            && stays
        {
            outcomes.push((sku.clone(), Done::No("The goods stay here, so their count stays as it is.".into())));
            continue;
        }
        let (label, done) = put_back(tx, ground, back)?;
        stays |= matches!(back, Back::Goods(..)) && matches!(done, Done::No(_));
        outcomes.push((label, done));
    }
    Ok(outcomes)
}

/// What became of one target.
pub(crate) enum Done {
    /// It took hold; with what undoes it.
    Yes(Vec<Back>),
    /// It did not, and why.
    No(String),
}

impl Done {
    pub fn yes() -> Self {
        Self::Yes(Vec::new())
    }
    pub fn when(took_hold: bool, otherwise: &str) -> Self {
        if took_hold { Self::yes() } else { Self::No(otherwise.to_owned()) }
    }
}

/// Everything a step may look at.
pub(crate) struct Ground<'a> {
    pub act: &'a Act,
    /// It is about one target only.
    pub alone: bool,
    pub policy: &'a Policy,
    pub now_ms: i64,
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
        if act.verb == Verb::Refund && aims.len() > 1 {
            return Err(Trouble::input("Money is given back for one order at a time."));
        }
        if act.verb == Verb::Edit {
            mendable(&room, &act, &aims)?;
        }
        let policy = room.policy()?;
        let ground = Ground { act: &act, alone: aims.len() == 1, policy: &policy, now_ms: room.now_ms() };
        let mut done = 0_i64;
        let mut refused: Vec<ActRefused> = Vec::new();
        let mut backs: Vec<Back> = Vec::new();
        let mut read_again: Vec<SyncTarget> = Vec::new();
        let mut took: Vec<String> = Vec::new();
        let bulk = (aims.len() > AT_ONCE).then(|| Bulk::begin(&room, act.verb, aims.len()));
        let mut looked_at = 0_usize;
        for batch in aims.chunks(AT_ONCE) {
            if bulk.as_ref().is_some_and(Bulk::is_stopped) {
                break;
            }
            // Refusals of single targets are answers, not errors: the others of the batch go through.
            let outcomes = room.store.write(|tx| {
                let mut outcomes = Vec::with_capacity(batch.len());
                for aim in batch {
                    let outcome = step(tx, &ground, aim, &mut read_again)?;
                    if matches!(outcome, Done::Yes(_))
                        && hurries(act.verb)
                        && aims.len() <= HURRY_MAX
                        && let Some(order) = aim.order()
                    {
                        tx.hurry(order, ground.now_ms)?;
                    }
                    outcomes.push((aim, outcome));
                }
                Ok(outcomes)
            })?;
            for (aim, outcome) in outcomes {
                match outcome {
                    Done::Yes(back) => {
                        done += 1;
                        backs.extend(back);
                        if took.len() < TOOK_MAX {
                            took.push(aim.label().to_owned());
                        }
                    }
                    Done::No(sentence) => refused.push(ActRefused { label: aim.label().to_owned(), sentence }),
                }
            }
            looked_at += batch.len();
            if let Some(bulk) = &bulk {
                bulk.told(looked_at);
            }
        }
        room.nudge();
        for target in read_again.iter().take(SYNC_MAX) {
            // Reading again helps a retry along; without an engine the next sync does it.
            if room.engine.is_some() {
                sync::start(&room, target)?;
            }
        }
        let mut sentence = sentence(act.verb, done, refused.len() as i64, matches!(act.targets, Targets::Effects(_)));
        if looked_at < aims.len() {
            let left = words::count((aims.len() - looked_at) as i64, "row was", "rows were");
            sentence = format!("{sentence} Stopped; {left} not touched.");
        }
        if let Some(bulk) = bulk {
            bulk.end(&sentence, looked_at);
        }
        let token = uuid::Uuid::new_v4().simple().to_string();
        let undo =
            if can_undo(act.verb) { locked(&room.undo).keep(token, &sentence, backs, room.now_ms()) } else { None };
        tracing::info!(done, refused = refused.len(), kind = ?act.verb, "a person acted");
        Ok(ActOutcome { sentence, done, took, refused, undo })
    }

    /// Takes back what an [`ActOutcome::undo`] token stands for.
    pub fn undo(&self, token: &str) -> Answer<ActOutcome> {
        let room = self.writable()?;
        let undo = locked(&room.undo).take(token, room.now_ms());
        let undo = undo.ok_or_else(|| {
            Trouble::gone("This can no longer be undone. Look at the order; what is wrong there can be changed there.")
        })?;
        let policy = room.policy()?;
        let act = Act::on(Verb::Release, Targets::Everything);
        let ground = Ground { act: &act, alone: false, policy: &policy, now_ms: room.now_ms() };
        let mut done = 0_i64;
        let mut took = Vec::new();
        let mut refused = Vec::new();
        for batch in undo.backs.chunks(AT_ONCE) {
            let outcomes = room.store.write(|tx| put_all_back(tx, &ground, batch))?;
            for outcome in outcomes {
                match outcome {
                    (label, Done::Yes(_)) => {
                        done += 1;
                        if took.len() < TOOK_MAX {
                            took.push(label);
                        }
                    }
                    (label, Done::No(sentence)) => refused.push(ActRefused { label, sentence }),
                }
            }
        }
        room.nudge();
        let what = undo.what.split(';').next().unwrap_or_default().trim_end_matches('.');
        Ok(ActOutcome { sentence: format!("Undone: {what}."), done, took, refused, undo: None })
    }
}

fn can_undo(verb: Verb) -> bool {
    matches!(verb, Verb::Hold | Verb::Release | Verb::Snooze | Verb::Resolve | Verb::Skip | Verb::Assign)
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
        Verb::Assign if act.fields.get("to").is_none_or(|to| to.trim().chars().count() > 60) => {
            return Err(Trouble::field("to", "Say who should look after it, in at most 60 letters."));
        }
        Verb::Refund if act.fields.get("total").is_none_or(|total| total.trim().is_empty()) => {
            return Err(Trouble::field("total", "Say how much is to be given back in all."));
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

/// What was typed makes sense for this order; else the trouble names its field, so that a form can show it there.
fn mendable(room: &Arc<Room>, act: &Act, aims: &[Aim]) -> Answer<()> {
    let Some(order) = aims.first().and_then(Aim::order) else { return Ok(()) };
    let Some(story) = room.store.read(|r| r.story(order))? else { return Ok(()) };
    editable::apply(&story.choices, &story, &act.fields).map(drop)
}

/// Somebody waits for what comes of it at the platforms.
fn hurries(verb: Verb) -> bool {
    !matches!(verb, Verb::Snooze | Verb::Wake | Verb::Resolve | Verb::Assign | Verb::Skip | Verb::Sync)
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
            Some(story) => on_order(tx, ground, story, read_again),
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
        Verb::Retry if !ground.alone && may_be_there(&effect.intent, effect.refusal.as_ref()) => {
            Done::No(LOOK_FIRST.into())
        }
        Verb::Retry => Done::when(tx.retry_effect(id, now_ms)?, standing(effect.state)),
        Verb::Skip => {
            let why = if ground.act.reason.trim().is_empty() { "given up by you" } else { ground.act.reason.trim() };
            if tx.skip_effect(id, why, now_ms)? {
                // A count is planned anew when another number is wanted; there is nothing to take back.
                Done::Yes(effect.order_id.map(|_| Back::Revive(id)).into_iter().collect())
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
        match (effect.order_id, &effect.subject) {
            (Some(order), _) => drop(redecide(tx, ground.policy, order, now_ms)?),
            (None, Some(subject)) => tx.mark_subject(&effect.connection, subject, now_ms)?,
            (None, None) => {}
        }
    }
    Ok(outcome)
}

/// Said of a letter that is retried among others.
const LOOK_FIRST: &str = "A letter to a buyer may have been sent: look into the sent mail, and retry it by itself.";

/// A letter that went wrong at its server: among many things that are retried at once nobody has looked for it.
fn may_be_there(intent: &Intent, refusal: Option<&Refusal>) -> bool {
    intent.kind() == IntentKind::TellBuyer && refusal.is_some_and(|refusal| refusal.cause == Cause::BuyerNotTold)
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
        Verb::Wake => Ok(Done::when(tx.wake_finding(finding.id)?, "It is not put away.")),
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
        Verb::Assign => assign(tx, ground, finding),
        Verb::Retry => retry_exception(tx, ground, finding, read_again),
        Verb::Skip | Verb::LookNow | Verb::Approve => match finding.effect_id {
            Some(effect) => on_effect(tx, ground, effect),
            None => Ok(Done::No(
                "No planned change belongs to it that could be given up or looked up. Resolve it instead.".into(),
            )),
        },
        _ => match finding.order_id {
            Some(order) => match tx.story(order)? {
                Some(story) => on_order(tx, ground, story, read_again),
                None => Ok(Done::No("Its order is not there any more.".into())),
            },
            None => Ok(Done::No("It is about an account, not about an order.".into())),
        },
    }
}

fn assign(tx: &mut Tx<'_>, ground: &Ground<'_>, finding: &FindingRow) -> Result<Done, StoreError> {
    let to = ground.act.fields.get("to").map_or("", |to| to.trim());
    let Some(before) = tx.assign_finding(finding.id, to)? else { return Ok(Done::No("It is over already.".into())) };
    if before == to {
        return Ok(Done::No(if to.is_empty() {
            "Nobody in particular looks after it.".into()
        } else {
            format!("{to} looks after it already.")
        }));
    }
    let title = finding.cause.title();
    let sentence =
        if to.is_empty() { format!("Took \"{title}\" from {before}") } else { format!("Gave \"{title}\" to {to}") };
    person(tx, finding.order_id, finding.connection.as_ref(), ground.now_ms, sentence)?;
    Ok(Done::Yes(vec![Back::Assignee(finding.id, before)]))
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
    // Set aside as unreadable: only reading that one record again can help.
    if finding.cause == Cause::Unreadable
        && let Some(connection) = &finding.connection
        && let Some((kind, remote_id)) = finding.about.split_once('/')
        && let Some(kind) = RecordKind::ALL.into_iter().find(|known| known.code() == kind)
    {
        read_again.push(SyncTarget::Record(connection.clone(), kind, remote_id.to_owned()));
        return Ok(Done::yes());
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
            Ok(if planned > 0 || !still {
                Done::yes()
            } else {
                Done::No("Nothing about it has changed yet, so the same would happen. It is being read again; mend what the sentence names.".into())
            })
        }
    }
}

fn on_order(
    tx: &mut Tx<'_>,
    ground: &Ground<'_>,
    story: Story,
    read_again: &mut Vec<SyncTarget>,
) -> Result<Done, StoreError> {
    match ground.act.verb {
        Verb::Hold => hold(tx, ground, &story),
        Verb::Release => release(tx, ground, &story),
        Verb::Push => push(tx, ground, story),
        Verb::ShipAnyway => ship_anyway(tx, ground, story),
        Verb::Cancel => cancel(tx, ground, &story),
        Verb::VoidLabel => void_labels(tx, ground, &story),
        Verb::BuyLabel => labels::buy::buy(tx, ground, &story),
        Verb::ReturnLabel => labels::buy::buy_return(tx, ground, &story),
        Verb::Refund => refunds::refund(tx, ground, &story),
        Verb::Edit => edit(tx, ground, &story),
        Verb::Link => tying::link(tx, ground, &story),
        Verb::Unlink => tying::unlink(tx, ground, &story),
        Verb::Retry => match on_effects_of(tx, ground, &story)? {
            Done::No(nothing) => retry_findings_of(tx, ground, &story, nothing, read_again),
            again @ Done::Yes(_) => Ok(again),
        },
        Verb::Skip | Verb::Approve | Verb::LookNow => on_effects_of(tx, ground, &story),
        Verb::Resolve | Verb::Snooze | Verb::Wake | Verb::Assign => on_exceptions_of(tx, ground, &story),
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
    let (letters, effects): (Vec<&PastEffect>, Vec<&PastEffect>) =
        story.effects.iter().filter(|effect| fits(effect.state)).partition(|effect| {
            ground.act.verb == Verb::Retry && may_be_there(&effect.intent, effect.refusal.as_ref())
        });
    let ids: Vec<EffectId> = effects.iter().map(|effect| effect.id).collect();
    let nothing = match ground.act.verb {
        Verb::Retry if !letters.is_empty() => LOOK_FIRST,
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

/// Nothing was refused, but something about the order is open that reading or sending again may end.
fn retry_findings_of(
    tx: &mut Tx<'_>,
    ground: &Ground<'_>,
    story: &Story,
    nothing: String,
    read_again: &mut Vec<SyncTarget>,
) -> Result<Done, StoreError> {
    let open: Vec<FindingRow> = tx
        .findings_of(story.order_id)?
        .into_iter()
        .filter(|finding| finding.resolved_at_ms.is_none() && exceptions::is_tried_again(finding.cause))
        .collect();
    let (mut backs, mut any, mut why) = (Vec::new(), false, nothing);
    for finding in &open {
        match retry_exception(tx, ground, finding, read_again)? {
            Done::Yes(back) => {
                any = true;
                backs.extend(back);
            }
            Done::No(sentence) => why = sentence,
        }
    }
    Ok(if any { Done::Yes(backs) } else { Done::No(why) })
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

fn sync_orders(room: &Arc<Room>, aims: &[Aim]) -> Answer<ActOutcome> {
    if aims.len() > SYNC_MAX {
        return Err(Trouble::input(format!(
            "{} orders are too many to be read one by one. Sync the whole account instead: it reads them in a few calls.",
            aims.len()
        )));
    }
    let policy = room.policy()?;
    let (mut done, mut took, mut refused) = (0_i64, Vec::new(), Vec::new());
    for aim in aims {
        let Some(id) = aim.order() else {
            refused.push(ActRefused {
                label: aim.label().to_owned(),
                sentence: "It is about an account; sync the account.".into(),
            });
            continue;
        };
        let story = crate::orders::story_of(room, id)?;
        if let Some(sentence) = offers::can_sync(&story, &policy) {
            refused.push(ActRefused { label: aim.label().to_owned(), sentence });
        } else {
            sync::start(room, &SyncTarget::Order(id))?;
            took.push(aim.label().to_owned());
            done += 1;
        }
    }
    let sentence = sentence(Verb::Sync, done, refused.len() as i64, false);
    Ok(ActOutcome { sentence, done, took, refused, undo: None })
}

/// One sentence for the toast.
fn sentence(verb: Verb, done: i64, refused: i64, effects: bool) -> String {
    let what = |n: i64| match verb {
        Verb::Retry | Verb::Skip | Verb::Approve | Verb::LookNow if effects => words::count(n, "change", "changes"),
        Verb::Resolve | Verb::Snooze | Verb::Wake | Verb::Assign => words::count(n, "entry", "entries"),
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
        Verb::BuyLabel => "Buying the labels of",
        Verb::ReturnLabel => "Making return labels for",
        Verb::Refund => "Giving back money of",
        Verb::ShipAnyway => "Ships anyway:",
        Verb::LookNow => "Looking up:",
        Verb::Resolve => "Settled",
        Verb::Snooze => "Put away",
        Verb::Wake => "Back in the list:",
        Verb::Assign => "Given:",
        Verb::Edit => "Mended",
        Verb::Link => "Tied to the hub's copy:",
        Verb::Unlink => "Untied",
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
