//! What a person can do to one order: the verbs themselves, inside a transaction.
//!
//! Each says first why it cannot be done now (`offers.rs`), keeps what was decided
//! as a choice, and decides the order anew. `act.rs` says on what; undoing is in `putback.rs`.

use crate::act::{Done, Ground};
use crate::undo::Back;
use crate::{choices, editable, offers};
use quayside_flows::{Policy, decide, effect_stem, hub_drafts, part_of, sent_over};
use quayside_model::{
    Choice, Choices, ConnectionId, EffectState, HubOrder, Intent, IntentKind, Mode, OrderId, PastEffect, PersonHold,
    PlannedEffect, Seen, Story,
};
use quayside_store::{NewEvent, StoreError, Tx};

/// Reasons that stores know by name; anything else becomes a note for the team.
pub(crate) const REASONS: [&str; 6] = ["customer", "inventory", "fraud", "declined", "staff", "other"];
/// The id of the automation that sends orders; a person's "send now" does its work.
const ORDERS_TO_HUB: &str = "orders_to_hub";
/// The id of the automation that holds and releases at the hub.
pub(crate) const SIDES_AGREE: &str = "sides_agree";

pub(crate) fn hold(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
    if let Some(why) = offers::can_hold(story) {
        return Ok(Done::No(why));
    }
    let reason = ground.act.reason.trim().to_owned();
    let hold = PersonHold { reason: reason.clone(), until_ms: ground.act.until_ms, since_ms: ground.now_ms };
    let choices = Choices { hold: Some(hold), ..story.choices.clone() };
    let words = if reason.is_empty() { "Held".to_owned() } else { format!("Held: \"{reason}\"") };
    choose(tx, ground, story, choices, words, &[SIDES_AGREE])
}

pub(crate) fn release(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
    if story.choices.hold.is_none() {
        return Ok(Done::No("You do not hold it.".into()));
    }
    let choices = Choices { hold: None, ..story.choices.clone() };
    choose(tx, ground, story, choices, "Released".into(), &[SIDES_AGREE])
}

/// Sends the order to the hub now, whatever its rules wait for.
pub(crate) fn push(tx: &mut Tx<'_>, ground: &Ground<'_>, story: Story) -> Result<Done, StoreError> {
    if let Some(why) = offers::can_push(&story, ground.policy) {
        return Ok(Done::No(why));
    }
    let before = story.effects.len();
    // A hold of the person's own would stand in the way of the person's own click.
    let over = sent_over(&story, ground.policy, ground.now_ms);
    let choices = Choices { push_anyway: true, over: Some(over), hold: None, ..story.choices.clone() };
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

pub(crate) fn ship_anyway(tx: &mut Tx<'_>, ground: &Ground<'_>, mut story: Story) -> Result<Done, StoreError> {
    // Another account's order was taken for the same sale: that it is another one is said first.
    if let Some(choices) = crate::tying::another_sale(tx, ground, &story)? {
        if crate::tying::is_sent(&story) {
            redecide(tx, ground.policy, story.order_id, ground.now_ms)?;
            return Ok(Done::yes());
        }
        story.choices = choices;
        return push(tx, ground, story);
    }
    // Rated as risky, held by a rule, or like a copy at the hub, and still here: shipping it anyway begins with sending it.
    let twice = !quayside_flows::same_sale(&story).is_empty();
    let kept = story.order.risk.is_some() || twice || offers::held_by_rule(&story, ground.policy);
    let still_here = kept && !story.order.is_cancelled() && story.hub_orders.is_empty();
    if still_here && !story.choices.push_anyway {
        return push(tx, ground, story);
    }
    if let Some(why) = offers::can_ship_anyway(&story) {
        return Ok(Done::No(why));
    }
    let choices = Choices { ship_anyway: true, ..story.choices.clone() };
    choose(tx, ground, &story, choices, "Ships anyway".into(), &[SIDES_AGREE])
}

pub(crate) fn cancel(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
    const KIND: IntentKind = IntentKind::CancelChannelOrder;
    if let Some(why) = offers::can_cancel(story, ground.policy) {
        return Ok(Done::No(why));
    }
    let under_way = story
        .effects
        .iter()
        .any(|effect| effect.intent.kind() == KIND && !effect.state.is_final() && effect.state != EffectState::Refused);
    if under_way {
        return Ok(Done::No("It is being cancelled already.".into()));
    }
    if ground.alone
        && let Some(why) = choices::refused(ground.policy, &story.channel, KIND, &choices::chosen(ground.act))
    {
        return Ok(Done::No(why));
    }
    let holds = |choice: Choice| choices::holds(ground.policy, &story.channel, KIND, choice);
    let said = ground.act.reason.trim();
    let (reason, staff_note) = if REASONS.contains(&said) { (said, String::new()) } else { ("other", said.to_owned()) };
    let intent = Intent::CancelChannelOrder {
        order_remote_id: story.order.remote_id.clone(),
        reason: reason.to_owned(),
        restock: ground.act.restock && holds(Choice::Restock),
        refund: ground.act.refund && holds(Choice::Refund),
        notify_customer: ground.act.notify && holds(Choice::Notify),
        staff_note,
    };
    let store = ground.policy.peers.get(&story.channel).map_or("the store", |peer| peer.title.as_str());
    let sentence = format!("Cancel {} in {store}", story.order.number);
    plan_by_hand(tx, ground, story, &story.channel.clone(), &story.order.remote_id, intent, sentence)
}

pub(crate) fn void_labels(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
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

pub(crate) fn edit(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
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
    for effect in after.effects.iter().filter(|effect| effect.state == EffectState::Refused && is_mended(effect)) {
        tx.retry_effect(effect.id, ground.now_ms)?;
    }
    redecide(tx, ground.policy, story.order_id, ground.now_ms)?;
    Ok(Done::yes())
}

/// A corrected address, SKU or service can be what it lacked. It is not where money is given back, nor where the buyer was
/// written to: that letter may have been sent, and what was refused of either is for a look of its own.
pub(crate) fn is_mended(effect: &PastEffect) -> bool {
    !matches!(effect.intent.kind(), IntentKind::TellBuyer | IntentKind::Refund | IntentKind::CancelChannelOrder)
}

/// Keeps a choice and decides the order anew. `acts` are automations that act for this click whatever their mode.
pub(crate) fn choose(
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

pub(crate) fn redecide(tx: &mut Tx<'_>, policy: &Policy, id: OrderId, now_ms: i64) -> Result<usize, StoreError> {
    quayside_engine::redecide(tx, policy, id, now_ms)
}

/// Writes an effect that a person asked for, keyed like an automation's, so that automations see it.
pub(crate) fn plan_by_hand(
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
pub(crate) fn send_again(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
    let (Some(_), Some(hub)) = (ground.policy.peers.get(&story.channel), ground.policy.hub_of(story)) else {
        return Ok(Done::No("The store or the shipping account is not connected any more.".into()));
    };
    let mut last =
        Done::No(format!("{} has no open order of ours for it, so there is nothing to bring up to date.", hub.title));
    // Of a split order every part that is open, wherever that is.
    for draft in hub_drafts(story, ground.policy, ground.now_ms) {
        let is_open = |seen: &&Seen<HubOrder>| seen.value.key == draft.key && seen.value.status.is_open();
        let Some(seen) = story.hub_orders.iter().find(is_open) else { continue };
        let what = match part_of(&draft.key) {
            0 => story.order.number.clone(),
            n => format!("part {} of {}", n + 1, story.order.number),
        };
        let title = ground.policy.peers.get(&seen.connection).map_or(hub.title.as_str(), |peer| peer.title.as_str());
        let sentence = format!("Send the store's version of {what} to {title} again");
        let connection = seen.connection.clone();
        let (key, hub_order_id) = (draft.key.clone(), Some(seen.value.remote_id.clone()));
        let intent = Intent::PutHubOrder { order: draft, hub_order_id };
        let done = plan_by_hand(tx, ground, story, &connection, &key, intent, sentence)?;
        if matches!(done, Done::Yes(_)) || matches!(last, Done::No(_)) {
            last = done;
        }
    }
    Ok(last)
}

pub(crate) fn person(
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
