//! One sale that the hub has twice, or would have: ours, and one that came by a link of its own.
//!
//! Hubs import stores by themselves, and people type orders in. The same number is
//! where it shows first, but numbers repeat across stores; so the contents or the
//! recipient must be the same too before anything is called one sale. What is called
//! so is never sent until a person (or the store's setting) says what it is.

use crate::look::Look;
use quayside_model::{Address, Cause, HubOrder, HubStatus, Order, Seen, Story, fold_number};
use std::collections::BTreeMap;

/// Hub orders that are this order as far as anybody can tell, and belong to no order yet.
pub fn same_sale(story: &Story) -> Vec<&Seen<HubOrder>> {
    let known = |stray: &&Seen<HubOrder>| {
        !story.choices.not_this.contains(&stray.value.remote_id)
            && !story
                .hub_orders
                .iter()
                .any(|own| own.connection == stray.connection && own.value.remote_id == stray.value.remote_id)
    };
    story.strays.iter().filter(known).filter(|stray| evidence(&story.order, &stray.value).is_some()).collect()
}

/// Why the two are one sale, in words; `None` if nothing but a number says so.
pub fn evidence(order: &Order, hub_order: &HubOrder) -> Option<&'static str> {
    if matches!(hub_order.status, HubStatus::Cancelled | HubStatus::Gone)
        || fold_number(&order.number) != fold_number(&hub_order.number)
    {
        return None;
    }
    let goods = same_goods(order, hub_order);
    let recipient = match (&order.ship_to, &hub_order.ship_to) {
        (Some(ours), Some(theirs)) => same_recipient(ours, theirs),
        _ => false,
    };
    match (goods, recipient) {
        (true, true) => Some("the same number, goods and recipient"),
        (true, false) => Some("the same number and goods"),
        (false, true) => Some("the same number and recipient"),
        (false, false) => None,
    }
}

/// What differs between an order and a hub's, one sentence each; empty if they look the same.
pub fn doubts(order: &Order, hub_order: &HubOrder) -> Vec<String> {
    let mut doubts = Vec::new();
    if fold_number(&order.number) != fold_number(&hub_order.number) {
        doubts.push(format!("The numbers differ: {} and {}.", order.number, hub_order.number));
    }
    if !same_goods(order, hub_order) {
        doubts.push("SKUs or quantities differ.".to_owned());
    }
    if let (Some(ours), Some(theirs)) = (&order.ship_to, &hub_order.ship_to)
        && !same_recipient(ours, theirs)
    {
        doubts.push("They go to different people or places.".to_owned());
    }
    doubts
}

fn same_goods(order: &Order, hub_order: &HubOrder) -> bool {
    let fold = |sku: &str| sku.trim().to_lowercase();
    let mut ours: BTreeMap<String, i64> = BTreeMap::new();
    for line in order.lines_to_ship() {
        *ours.entry(fold(&line.sku)).or_default() += line.current_quantity;
    }
    let mut theirs: BTreeMap<String, i64> = BTreeMap::new();
    for line in &hub_order.lines {
        *theirs.entry(fold(&line.sku)).or_default() += line.quantity;
    }
    // Lines without a SKU are alike in everything; they prove nothing.
    !ours.is_empty() && !ours.contains_key("") && ours == theirs
}

/// The same SKUs in the same numbers, as far as both have any.
pub(crate) fn same_skus(ours: &Order, theirs: &Order) -> bool {
    let of = |order: &Order| {
        let mut all: BTreeMap<String, i64> = BTreeMap::new();
        for line in order.lines_to_ship() {
            *all.entry(line.sku.trim().to_lowercase()).or_default() += line.current_quantity;
        }
        all
    };
    let (ours, theirs) = (of(ours), of(theirs));
    !ours.is_empty() && !ours.contains_key("") && ours == theirs
}

/// The same name in the same town.
pub(crate) fn same_place(ours: &Address, theirs: &Address) -> bool {
    same_recipient(ours, theirs)
}

fn same_recipient(ours: &Address, theirs: &Address) -> bool {
    let fold =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let (name, place) = (fold(&ours.name), fold(&ours.postcode));
    !name.is_empty() && !place.is_empty() && name == fold(&theirs.name) && place == fold(&theirs.postcode)
}

/// A hub's own copy that was taken for this order: nothing of ours is to be sent beside it.
pub(crate) fn adopted<'a>(look: &Look<'a>) -> Option<&'a Seen<HubOrder>> {
    if look.was_sent() {
        return None;
    }
    let live = |seen: &&Seen<HubOrder>| !matches!(seen.value.status, HubStatus::Cancelled | HubStatus::Gone);
    look.story.hub_orders.iter().filter(live).find(|seen| !look.is_our_key(&seen.value.key))
}

/// Tells of the hub's own copies, if there are any: `true` keeps ours here.
pub(crate) fn tell(look: &mut Look<'_>, sent_already: bool) -> bool {
    let found = same_sale(look.story);
    let Some(first) = found.first() else { return false };
    let number = look.story.order.number.clone();
    let hub = look.policy.peers.get(&first.connection).map_or("the hub", |peer| peer.title.as_str());
    let why = evidence(&look.story.order, &first.value).unwrap_or("the same number");
    if sent_already {
        let sentence = format!(
            "{hub} has {number} twice: ours, and one that came there by itself ({why}). Cancel one of them there before both are packed, then settle this."
        );
        let since_ms = first.value.modified_at_ms;
        look.find(Cause::SeenTwice, first.value.remote_id.clone(), sentence).since_ms = Some(since_ms);
        return false;
    }
    let sentence = format!(
        "{hub} already has {number} by itself ({why}). It was not sent, so that nothing is packed twice. Use the copy that is there, or send ours too if they are two sales."
    );
    look.wait("seen_twice", look.story.received_at_ms, format!("{hub} already has it by itself"));
    look.find(Cause::SeenTwice, first.value.remote_id.clone(), sentence);
    true
}
