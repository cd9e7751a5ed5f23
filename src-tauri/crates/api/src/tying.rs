//! Which hub orders are an order: tied and untied by hand, with a look at both first.

use crate::act::{Done, Ground};
use crate::sales;
use crate::verbs::{person, redecide};
use quayside_flows::{Policy, SALE_ELSEWHERE, Standing, doubts, own_part, same_sale, standing};
use quayside_model::{
    Choices, ConnectionId, EffectState, HubOrder, HubStatus, IntentKind, OrderId, PastEffect, Record, RecordKind, Role,
    Seen, Story, Twin, fold_number,
};
use quayside_store::{StoreError, Tx};

/// Field of the act: the hub order by its id or number. Left out: every copy that looks like this order.
const HUB_ORDER: &str = "hub_order";
/// Field of the act: `yes` ties although both differ.
pub(crate) const ANYWAY: &str = "anyway";

/// Takes hub orders for this order, or another account's order for the same sale.
pub(crate) fn link(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
    if let Some(other) = the_sale(ground) {
        return sales::tie(tx, ground, story, other);
    }
    let wanted = ground.act.fields.get(HUB_ORDER).map_or("", |typed| typed.trim());
    if wanted.is_empty()
        && let Some(done) = same_sale_elsewhere(tx, ground, story)?
    {
        return Ok(done);
    }
    let mut owner: Option<Story> = None;
    let found: Vec<Seen<HubOrder>> = if wanted.is_empty() {
        same_sale(story).into_iter().cloned().collect()
    } else {
        match the_one(tx, ground.policy, story, wanted)? {
            Ok((seen, whose)) => {
                owner = whose.map(|owner| tx.story(owner)).transpose()?.flatten();
                vec![seen]
            }
            Err(why) => return Ok(Done::No(why)),
        }
    };
    if found.is_empty() {
        return Ok(Done::No(
            "No hub order that looks like it is known. Name one by its number, or read the shipping account again."
                .into(),
        ));
    }
    let anyway = ground.act.fields.get(ANYWAY).is_some_and(|word| word == "yes");
    for seen in &found {
        let mut doubts = doubts(&story.order, &seen.value);
        if let Some(owner) = &owner {
            if is_made_for(ground.policy, owner, &seen.value) {
                return Ok(Done::No(made_for(ground.policy, owner, seen)));
            }
            doubts.push(format!(
                "It belongs to {} so far, which would lose it with its parcels and be decided anew.",
                owner.order.number
            ));
        }
        if !doubts.is_empty() && !anyway {
            return Ok(Done::No(format!(
                "{} at {} does not look like {}. {} Say \"anyway\" if it is all the same.",
                seen.value.number,
                title(ground.policy, &seen.connection),
                story.order.number,
                doubts.join(" ")
            )));
        }
    }
    let mut choices = story.choices.clone();
    for seen in &found {
        if let Some(owner) = &owner {
            untie(tx, ground, owner, seen)?;
        }
        let id = &seen.value.remote_id;
        choices.not_this.retain(|known| known != id);
        quayside_engine::link(tx, story.order_id, &seen.connection, RecordKind::HubOrder, id)?;
        let words = format!("{} at {} is this order", seen.value.number, title(ground.policy, &seen.connection));
        person(tx, Some(story.order_id), Some(&seen.connection), ground.now_ms, words)?;
    }
    tx.put_choices(story.order_id, &choices)?;
    redecide(tx, ground.policy, story.order_id, ground.now_ms)?;
    Ok(Done::yes())
}

/// Takes another account's order for the same sale; or says that the one that sold it is to be waited for. `None` if
/// the order does not stand where that is a question.
fn same_sale_elsewhere(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Option<Done>, StoreError> {
    let (name, words) = match standing(story, ground.policy, is_sent(story), ground.now_ms) {
        Standing::Doubtful(twin) => (
            twin.name(),
            format!("{} at {} is the same sale", twin.order.number, title(ground.policy, &twin.connection)),
        ),
        Standing::NeverCame(seller) => {
            (SALE_ELSEWHERE.to_owned(), format!("Waits for {} to show the sale", seller.name))
        }
        _ => return Ok(None),
    };
    let mut choices = story.choices.clone();
    choices.same_as.push(name);
    tx.put_choices(story.order_id, &choices)?;
    person(tx, Some(story.order_id), None, ground.now_ms, words)?;
    redecide(tx, ground.policy, story.order_id, ground.now_ms)?;
    Ok(Some(Done::yes()))
}

/// Says that no other account's order is this sale, on both sides. `None` if none was taken for it.
pub(crate) fn another_sale(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Option<Choices>, StoreError> {
    let twin = match standing(story, ground.policy, is_sent(story), ground.now_ms) {
        Standing::Elsewhere(twin) | Standing::Doubtful(twin) | Standing::Both(twin) => Some(twin),
        Standing::Awaited(..) | Standing::NeverCame(_) => None,
        Standing::Here => return Ok(None),
    };
    set_apart(tx, ground, story, twin).map(Some)
}

/// Keeps on both sides that they are two sales (`None`: that no other account will show this one), and decides the other
/// one anew. Gives back what is chosen about this one now.
pub(crate) fn set_apart(
    tx: &mut Tx<'_>,
    ground: &Ground<'_>,
    story: &Story,
    twin: Option<&Twin>,
) -> Result<Choices, StoreError> {
    let mut choices = story.choices.clone();
    choices.same_as.retain(|name| name != SALE_ELSEWHERE && twin.is_none_or(|twin| *name != twin.name()));
    choices.not_this.push(twin.map_or_else(|| SALE_ELSEWHERE.to_owned(), Twin::name));
    tx.put_choices(story.order_id, &choices)?;
    let Some(twin) = twin else { return Ok(choices) };
    let mut theirs = twin.choices.clone();
    theirs.same_as.retain(|name| *name != story.name());
    theirs.not_this.push(story.name());
    tx.put_choices(twin.order_id, &theirs)?;
    for (id, other, place) in
        [(story.order_id, &twin.order.number, &twin.connection), (twin.order_id, &story.order.number, &story.channel)]
    {
        let words = format!("{other} at {} is another sale", title(ground.policy, place));
        person(tx, Some(id), None, ground.now_ms, words)?;
    }
    redecide(tx, ground.policy, twin.order_id, ground.now_ms)?;
    Ok(choices)
}

/// The other account's order that the act names.
fn the_sale<'a>(ground: &'a Ground<'_>) -> Option<&'a str> {
    ground.act.fields.get(sales::ORDER).map(|typed| typed.trim()).filter(|typed| !typed.is_empty())
}

/// It is at a hub, or was sent there.
pub(crate) fn is_sent(story: &Story) -> bool {
    let live = |status: &HubStatus| !matches!(status, HubStatus::Cancelled | HubStatus::Gone);
    let out = |effect: &PastEffect| {
        effect.intent.kind() == IntentKind::PutHubOrder
            && effect.first_sent_at_ms.is_some()
            && !matches!(effect.state, EffectState::Skipped | EffectState::Refused)
    };
    story.hub_orders.iter().any(|seen| live(&seen.value.status))
        || (story.hub_orders.is_empty() && story.effects.iter().any(out))
}

/// Says that a hub order is not this order; its parcels go with it. Or that another account's order is another sale.
pub(crate) fn unlink(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
    if let Some(other) = the_sale(ground) {
        return sales::untie(tx, ground, story, other);
    }
    let wanted = ground.act.fields.get(HUB_ORDER).map_or("", |typed| typed.trim());
    let fits = |seen: &&Seen<HubOrder>| wanted.is_empty() || is_named(&seen.value, wanted);
    let mut tied = story.hub_orders.iter().filter(fits);
    let seen = match (tied.next(), tied.next()) {
        (Some(seen), None) => seen,
        (None, _) => return Ok(Done::No(format!("{} has no such hub order.", story.order.number))),
        (Some(_), Some(_)) => {
            return Ok(Done::No("It has several hub orders. Say which one, by its number or id.".into()));
        }
    };
    if is_made_for(ground.policy, story, &seen.value) {
        return Ok(Done::No(made_for(ground.policy, story, seen)));
    }
    untie(tx, ground, story, seen)?;
    Ok(Done::yes())
}

/// The hub order carries the order's own key.
fn is_made_for(policy: &Policy, story: &Story, hub_order: &HubOrder) -> bool {
    let channel = policy.peers.get(&story.channel);
    channel.is_some_and(|channel| own_part(channel, &story.order, &hub_order.key).is_some())
}

fn made_for(policy: &Policy, story: &Story, seen: &Seen<HubOrder>) -> String {
    format!(
        "Quayside made {} at {} for {}; it carries that order's own key. Cancel it there instead.",
        seen.value.number,
        title(policy, &seen.connection),
        story.order.number
    )
}

/// A hub order is not this order any more; its parcels go with it.
fn untie(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story, seen: &Seen<HubOrder>) -> Result<(), StoreError> {
    let (hub, id) = (&seen.connection, &seen.value.remote_id);
    for parcel in story.parcels.iter().filter(|parcel| parcel.connection == *hub) {
        if parcel.value.hub_order_id.as_ref() == Some(id) {
            tx.unlink(story.order_id, hub, RecordKind::Parcel, &parcel.value.remote_id)?;
            quayside_engine::wait_for(tx, hub, id, RecordKind::Parcel, &parcel.value.remote_id)?;
        }
    }
    tx.unlink(story.order_id, hub, RecordKind::HubOrder, id)?;
    tx.stray(&seen.value.number, hub, id)?;
    let mut choices: Choices = story.choices.clone();
    if !choices.not_this.contains(id) {
        choices.not_this.push(id.clone());
    }
    tx.put_choices(story.order_id, &choices)?;
    let words = format!("{} at {} is not this order", seen.value.number, title(ground.policy, hub));
    person(tx, Some(story.order_id), Some(hub), ground.now_ms, words)?;
    redecide(tx, ground.policy, story.order_id, ground.now_ms)?;
    Ok(())
}

fn is_named(hub_order: &HubOrder, typed: &str) -> bool {
    hub_order.remote_id == typed || fold_number(&hub_order.number) == fold_number(typed)
}

fn title(policy: &Policy, id: &ConnectionId) -> String {
    policy.peers.get(id).map_or_else(|| "the hub".to_owned(), |peer| peer.title.clone())
}

/// A hub order, and whose it is.
type Named = (Seen<HubOrder>, Option<OrderId>);

/// The hub order that a person named, and whose it is so far; or why there is none that could be taken.
fn the_one(tx: &Tx<'_>, policy: &Policy, story: &Story, typed: &str) -> Result<Result<Named, String>, StoreError> {
    let mut names: Vec<(ConnectionId, String)> = tx.once_strays(typed)?;
    for hub in policy.peers.values().filter(|peer| peer.roles.contains(&Role::Hub)) {
        names.push((hub.id.clone(), typed.to_owned()));
    }
    let mut found: Vec<Named> = Vec::new();
    for (connection, remote_id) in names {
        let Some(Record::HubOrder(value)) = tx.record(&connection, RecordKind::HubOrder, &remote_id)? else { continue };
        let owners: Vec<OrderId> = tx.orders_linked_to(&connection, RecordKind::HubOrder, &remote_id)?;
        if owners.contains(&story.order_id) {
            return Ok(Err(format!("{} is tied to this order already.", value.number)));
        }
        let new = !found.iter().any(|(known, _)| known.connection == connection && known.value.remote_id == remote_id);
        if new {
            found.push((Seen { connection, seen_at_ms: 0, value }, owners.first().copied()));
        }
    }
    // What belongs to nobody is meant before what belongs to another order.
    if found.iter().any(|(_, owner)| owner.is_none()) {
        found.retain(|(_, owner)| owner.is_none());
    }
    Ok(match found.len() {
        0 => Err(format!(
            "No hub order \"{typed}\" is known. Read the shipping account again; if it is there, name it by its id."
        )),
        1 => found.pop().ok_or_else(String::new),
        many => Err(format!("{many} hub orders are called \"{typed}\". Name one by its id.")),
    })
}
