//! Buying: why not, what was typed, and the change that is planned for it.

use crate::act::{Done, Ground};
use crate::offers;
use crate::verbs::plan_by_hand;
use crate::view::Act;
use quayside_flows::rate_choice::{self, Typed};
use quayside_flows::{Peer, Policy, labels_from};
use quayside_model::time::HOUR_MS;
use quayside_model::{
    Currency, EffectState, HubOrder, HubStatus, Intent, IntentKind, LabelWish, Money, Parcel, ParcelOrigin, ParcelSize,
    PastEffect, Seen, Story,
};
use quayside_store::{StoreError, Tx};

/// Heavier or longer is no parcel but a typing error.
const MOST: i64 = 10_000_000;

/// Plans the purchase of an order's label.
pub(crate) fn buy(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
    if let Some(why) = can_buy(story, ground.policy) {
        return Ok(Done::No(why));
    }
    let Some(hub) = ground.policy.hub_of(story) else {
        return Ok(Done::No("No shipping account is connected.".into()));
    };
    let Some(order) = open_order(story, hub) else { return Ok(Done::No("It is not at the hub any more.".into())) };
    let typed = match typed(ground.act, &rate_choice::currency(hub, &offered_in(ground.act, story))) {
        Ok(typed) => typed,
        Err(why) => return Ok(Done::No(why)),
    };
    if typed.chosen.is_some() && !ground.alone {
        return Ok(Done::No(
            "An offer is chosen for one order at a time; several go by the settings of \"Labels\".".into(),
        ));
    }
    if let Some(why) = wants_choice(story).filter(|_| typed.chosen.is_none()) {
        return Ok(Done::No(why));
    }
    let draft = match rate_choice::draft(story, ground.policy, hub, order, &typed, ground.now_ms) {
        Ok(draft) => draft,
        Err(why) => return Ok(Done::No(why)),
    };
    // What waits or was refused gives way: this click is what was decided in the end.
    for effect in story.effects.iter().filter(|effect| is_of(effect, &order.remote_id)) {
        if matches!(effect.state, EffectState::Asked | EffectState::Refused) {
            tx.skip_effect(effect.id, "its label is bought by hand", ground.now_ms)?;
        }
    }
    let most = draft.most_minor.map(|minor| Money::new(minor, draft.currency.clone()));
    let price = most.map(|most| format!(", for at most {most}")).unwrap_or_default();
    let test = if draft.test { "test label" } else { "label" };
    let sentence = format!("Buy the {test} of {} at {}{price}", story.order.number, hub.title);
    let (connection, about) = (hub.id.clone(), order.remote_id.clone());
    plan_by_hand(tx, ground, story, &connection, &about, Intent::BuyLabel { label: draft }, sentence)
}

fn is_of(effect: &PastEffect, order: &str) -> bool {
    matches!(&effect.intent, Intent::BuyLabel { label } if label.hub_order_id == order)
}

/// The order at its hub for which a label can be bought.
pub(crate) fn open_order<'a>(story: &'a Story, hub: &Peer) -> Option<&'a HubOrder> {
    let mut open = at_hub(story, hub).filter(|order| order.status == HubStatus::AwaitingShipment);
    open.next().filter(|_| open.next().is_none())
}

fn at_hub<'a>(story: &'a Story, hub: &Peer) -> impl Iterator<Item = &'a HubOrder> {
    let hub = hub.id.clone();
    story.hub_orders.iter().filter(move |seen| seen.connection == hub).map(|seen| &seen.value)
}

/// Why no label can be bought now; `None` if one can.
pub(crate) fn can_buy(story: &Story, policy: &Policy) -> Option<String> {
    if let Some(why) = offers::removed(story, policy) {
        return Some(why);
    }
    let Some(hub) = policy.hub_of(story) else {
        return Some("No shipping account is connected. Connect one under Connections.".into());
    };
    if hub.lacks.contains(&IntentKind::BuyLabel) {
        return Some(format!(
            "{} does not let labels be bought with the keys it was connected with. Test the connection to see what is missing, or buy it there.",
            hub.name
        ));
    }
    if !hub.performs.contains(&IntentKind::BuyLabel) {
        return Some(format!("{} does not sell labels to other programs. Buy it there.", hub.title));
    }
    if story.order.is_cancelled() {
        return Some("It was cancelled in the store.".into());
    }
    if story.choices.hold.is_some() {
        return Some("You hold it. Release it first.".into());
    }
    // Said first: of several the label that is there is another one's, and is not to be voided for this one.
    let there = at_hub(story, hub).filter(|order| !matches!(order.status, HubStatus::Cancelled | HubStatus::Gone));
    if there.count() > 1 {
        return Some(format!("It is several orders at {}. Buy their labels there.", hub.title));
    }
    let elsewhere = story.hub_orders.iter().any(|seen| seen.connection != hub.id && seen.value.status.is_open());
    if elsewhere {
        return Some("Its parts are at several shipping accounts. Buy their labels there.".into());
    }
    if let Some(parcel) = story.parcels.iter().map(|seen| &seen.value).find(|parcel| parcel.is_live()) {
        let number = if parcel.tracking_number.is_empty() { "without a number" } else { &parcel.tracking_number };
        return Some(format!("It has a parcel already ({number}). Void its label first if it needs another one."));
    }
    if let Some(why) = under_way(story) {
        return Some(why);
    }
    let open: Vec<&HubOrder> = at_hub(story, hub).filter(|order| order.status.is_open()).collect();
    match open.as_slice() {
        [] if story.hub_orders.is_empty() => Some(format!("It is not at {} yet. Send it there first.", hub.title)),
        [] => Some(format!("It is not open at {} any more.", hub.title)),
        [only] if !only.merged_ids.is_empty() || only.external => {
            Some(format!("It is part of another order at {}. Buy the label there.", hub.title))
        }
        [only] if only.status == HubStatus::AwaitingShipment => None,
        [_] => Some(format!("It is on hold at {}, or waits for payment there. Release it first.", hub.title)),
        _ => Some(format!("It is several orders at {}. Buy their labels there.", hub.title)),
    }
}

/// Why the settings do not choose its label: what they take would count against the seller.
pub(crate) fn wants_choice(story: &Story) -> Option<String> {
    labels_from(&story.order).map(|wanted| {
        format!(
            "Its marketplace wants labels of such orders from {wanted}, and counts others against you. Choose an offer of theirs for it by itself, or buy it there."
        )
    })
}

/// A label is on its way, or was bought so lately that nobody has read it.
fn under_way(story: &Story) -> Option<String> {
    let buys = story.effects.iter().filter(|effect| effect.intent.kind() == IntentKind::BuyLabel);
    for effect in buys {
        match effect.state {
            EffectState::Pending | EffectState::Running | EffectState::Unknown => {
                return Some("Its label is being bought already. Wait until that is done.".into());
            }
            EffectState::Done if !is_read(story, effect) => {
                return Some(
                    "Its label was bought a moment ago, and the hub was not read since. Sync the order first.".into(),
                );
            }
            EffectState::Asked | EffectState::Done | EffectState::Refused | EffectState::Skipped => {}
        }
    }
    None
}

/// The label is among the parcels. A test label never is, and keeps nothing from being bought.
fn is_read(story: &Story, effect: &PastEffect) -> bool {
    let test = matches!(&effect.intent, Intent::BuyLabel { label } if label.test);
    let id = effect.receipt.as_ref().and_then(|receipt| receipt.remote_id.as_deref());
    test || id.is_none_or(|id| story.parcels.iter().any(|seen| seen.value.remote_id == id))
}

/// A label could be bought for it, now or once something else is done.
pub(crate) fn is_offered(story: &Story, policy: &Policy) -> bool {
    let sells = policy.hub_of(story).is_some_and(|hub| hub.performs.contains(&IntentKind::BuyLabel));
    let open = story.hub_orders.iter().any(|seen| seen.value.status.is_open());
    sells && open && !story.order.is_cancelled()
}

/// What is wrong with a size, whoever gives it.
pub(crate) fn check_size(size: &ParcelSize) -> Result<(), String> {
    let sides = [size.length_mm, size.width_mm, size.height_mm];
    if sides.iter().any(Option::is_some) && sides.iter().any(Option::is_none) {
        return Err("Give length, width and height together, or none of them.".into());
    }
    match sides.into_iter().chain([size.weight_g]).flatten().find(|number| !(1..=MOST).contains(number)) {
        Some(number) => Err(format!("{number} is no weight in grams and no length in millimetres.")),
        None => Ok(()),
    }
}

/// What was typed or chosen beside the settings.
fn typed(act: &Act, currency: &Currency) -> Result<Typed, String> {
    let text = |name: &str| act.fields.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let whole = |name: &str, what: &str| -> Result<Option<i64>, String> {
        let Some(text) = text(name) else { return Ok(None) };
        let number = text.parse::<i64>().ok().filter(|number| (1..=MOST).contains(number));
        number.map(Some).ok_or_else(|| format!("\"{text}\" is no {what}. Write a whole number."))
    };
    let size = ParcelSize {
        weight_g: whole("weight_g", "weight in grams")?,
        length_mm: whole("length_mm", "length in millimetres")?,
        width_mm: whole("width_mm", "width in millimetres")?,
        height_mm: whole("height_mm", "height in millimetres")?,
    };
    check_size(&size)?;
    let most_minor = match text("most") {
        None => None,
        Some(text) => match Money::parse(text, currency) {
            Ok(money) if money.minor >= 0 => Some(money.minor),
            _ => return Err(format!("\"{text}\" is no amount of {currency}. Write it like 8.40.")),
        },
    };
    let chosen = match (text("carrier"), text("service")) {
        (Some(carrier), Some(service)) => Some(LabelWish::Chosen {
            carrier_id: carrier.to_owned(),
            service: service.to_owned(),
            package: text("package").unwrap_or_default().to_owned(),
        }),
        (None, None) => None,
        _ => return Err("Name the carrier and its service together, as the offers show them.".into()),
    };
    if chosen.is_some() && most_minor.is_none() {
        return Err("Say the most it may cost: the price of the offer you chose.".into());
    }
    Ok(Typed { chosen, most_minor, currency: Some(currency.clone()), size })
}

/// What the chosen offer is in: an account may pay its carriers in another currency than the order was paid in.
fn offered_in(act: &Act, story: &Story) -> Currency {
    let typed = act.fields.get("currency").map(|code| code.trim());
    let code = typed.filter(|code| code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_alphabetic()));
    code.map_or_else(|| story.order.currency.clone(), Currency::new)
}

/// Plans a label with which the order's newest parcel comes back.
pub(crate) fn buy_return(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
    if let Some(why) = can_return(story, ground.policy) {
        return Ok(Done::No(why));
    }
    let Some(seen) = outbound(story) else {
        return Ok(Done::No("No parcel of it has a label that was bought there.".into()));
    };
    let parcel = &seen.value;
    let lately = |effect: &PastEffect| effect.settled_at_ms.is_some_and(|at_ms| ground.now_ms - at_ms < HOUR_MS);
    let is_unread = |effect: &PastEffect| {
        let made = effect.intent.kind() == IntentKind::ReturnLabel && effect.state == EffectState::Done;
        made && lately(effect) && !is_read(story, effect)
    };
    if story.effects.iter().any(is_unread) {
        return Ok(Done::No(
            "Its return label was made a moment ago, and the hub was not read since. Sync the order first.".into(),
        ));
    }
    let Some(hub_order_id) = parcel.hub_order_id.clone() else {
        return Ok(Done::No("Its label belongs to no order at the hub. Make a return label there.".into()));
    };
    let title = ground.policy.peers.get(&seen.connection).map_or("the hub", |peer| peer.title.as_str());
    let read = story.parcels.iter().filter(|seen| seen.value.is_return).map(|seen| seen.value.remote_id.clone());
    let made = story.effects.iter().filter(|effect| effect.intent.kind() == IntentKind::ReturnLabel);
    let made = made.filter_map(|effect| effect.receipt.as_ref()?.remote_id.clone());
    let intent = Intent::ReturnLabel {
        hub_order_key: parcel.hub_order_key.clone().unwrap_or_default(),
        hub_order_id,
        parcel_id: parcel.remote_id.clone(),
        known_label_ids: read.chain(made).collect(),
    };
    let sentence = format!("Make a return label for {} at {title}", story.order.number);
    plan_by_hand(tx, ground, story, &seen.connection.clone(), &parcel.remote_id.clone(), intent, sentence)
}

/// The newest parcel that left with a label of the hub's.
fn outbound(story: &Story) -> Option<&Seen<Parcel>> {
    let labels = story.parcels.iter().filter(|seen| seen.value.is_live() && seen.value.origin == ParcelOrigin::Label);
    labels.max_by_key(|seen| seen.value.created_at_ms)
}

/// Why no return label can be made now; `None` if one can.
pub(crate) fn can_return(story: &Story, policy: &Policy) -> Option<String> {
    let Some(seen) = outbound(story) else {
        return Some("No parcel of it has a label that was bought at a hub.".into());
    };
    let Some(peer) = policy.peers.get(&seen.connection) else {
        return Some("The shipping account that bought the label was removed.".into());
    };
    if !peer.performs.contains(&IntentKind::ReturnLabel) {
        return Some(format!("{} makes no return labels from outside. Make it there.", peer.title));
    }
    let comes_back =
        |parcel: &&Parcel| parcel.is_return && parcel.voided_at_ms.is_none() && parcel.delivered_at_ms.is_none();
    if let Some(back) = story.parcels.iter().map(|seen| &seen.value).find(comes_back) {
        let number = if back.tracking_number.is_empty() { "without a number" } else { &back.tracking_number };
        return Some(format!("It has a return label already ({number}). If it needs another one, make it at the hub."));
    }
    let under_way = story.effects.iter().any(|effect| {
        effect.intent.kind() == IntentKind::ReturnLabel
            && matches!(
                effect.state,
                EffectState::Asked | EffectState::Pending | EffectState::Running | EffectState::Unknown
            )
    });
    if under_way {
        return Some("A return label of it is being made already.".into());
    }
    // Retried it looks first for what may have been bought; asked for anew it would not.
    return_refused(story).then(|| {
        "A return label of this parcel was asked for and refused. Retry that, or give it up before you ask for another one.".into()
    })
}

/// A return label of the newest parcel stands refused, and can be retried.
pub(crate) fn return_refused(story: &Story) -> bool {
    let of_it = |intent: &Intent| match (intent, outbound(story)) {
        (Intent::ReturnLabel { parcel_id, .. }, Some(seen)) => *parcel_id == seen.value.remote_id,
        _ => false,
    };
    story.effects.iter().any(|effect| effect.state == EffectState::Refused && of_it(&effect.intent))
}
