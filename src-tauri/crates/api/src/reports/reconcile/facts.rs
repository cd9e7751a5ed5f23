//! From an order's story to what is compared of it. Pure, and as much of the story as a comparison needs, no more.

use super::compare::{AtHub, AtTwoHubs, HubCopy, HubRecord, InRecords, LineUnits, OtherStore, Sale, Stuck, Unwritten};
use crate::offers::{can_push, can_sync};
use crate::reports::buyer;
use crate::tying::is_sent;
use crate::words;
use quayside_flows::{LineLedger, Peer, Policy, automations, is_one_sale, part_of, same_sale};
use quayside_model::{
    ConnectionId, EffectState, HubOrder, HubStatus, Intent, IntentKind, Mode, Money, Order, PastEffect, RecordNoun,
    Role, Seen, Story, Twin,
};
use quayside_store::Marked;
use std::collections::BTreeMap;

pub(super) fn sale(story: &Story, policy: &Policy, mark: &Marked) -> Sale {
    let order = &story.order;
    let hub = policy.hub_of(story).map_or("the hub", |hub| hub.title.as_str());
    let verb = if story.hub_orders.is_empty() { "now" } else { "again" };
    Sale {
        id: story.order_id,
        number: order.number.clone(),
        stage: mark.stage,
        waits_code: mark.waits_code.clone(),
        waits_sentence: buyer::told(&mark.waits_sentence, &mark.waits_code, story),
        waits_since_ms: mark.waits_since_ms,
        placed_at_ms: order.placed_at_ms,
        total: total(order),
        units: LineLedger::of(story).ordered(),
        cancelled_at_ms: order.cancelled_at_ms,
        fulfilled: order.units_to_ship() > 0 && order.is_fulfilled(),
        paid: order.payment.is_paid(),
        accepted: story.choices.ship_anyway,
        push: can_push(story, policy).is_none().then(|| format!("Send to {hub} {verb}")),
        sync: can_sync(story, policy).is_none(),
    }
}

fn total(order: &Order) -> Money {
    Money::new(order.current_total_minor, order.currency.clone())
}

fn counts(hub_order: &HubOrder) -> bool {
    !matches!(hub_order.status, HubStatus::Cancelled | HubStatus::Gone)
}

fn record(seen: &Seen<HubOrder>) -> HubRecord {
    let order = &seen.value;
    HubRecord { number: order.number.clone(), status: order.status.clone(), changed_at_ms: order.modified_at_ms }
}

/// It went to this hub or is to go there.
fn moves(state: EffectState) -> bool {
    matches!(state, EffectState::Pending | EffectState::Running | EffectState::Unknown)
}

/// What a hub has of it. `read_at_ms`: when its list was last read to the end.
pub(super) fn at_hub(story: &Story, policy: &Policy, hub: &Peer, read_at_ms: Option<i64>) -> AtHub {
    let here: Vec<&Seen<HubOrder>> = story.hub_orders.iter().filter(|seen| seen.connection == hub.id).collect();
    let live: Vec<&Seen<HubOrder>> = here.iter().copied().filter(|seen| counts(&seen.value)).collect();
    let dead = here.iter().copied().filter(|seen| !counts(&seen.value)).max_by_key(|seen| seen.value.modified_at_ms);
    let ledger = LineLedger::of(story);
    // Parts of it elsewhere, or orders put together: by line nothing can be said.
    let alone = story.hub_orders.iter().filter(|seen| counts(&seen.value)).all(|seen| seen.connection == hub.id)
        && live.iter().all(|seen| seen.value.merged_ids.is_empty());
    let lines = ledger.rows.iter().filter(|row| row.at_hub != row.ordered).map(|row| LineUnits {
        label: words::line_label(story, &row.line_id),
        wanted: row.ordered,
        placed: row.placed - row.elsewhere,
        has: row.at_hub,
    });
    let puts = || {
        let of_hub = |effect: &&PastEffect| effect.connection == hub.id;
        story.effects.iter().rev().filter(of_hub).filter(|effect| effect.intent.kind() == IntentKind::PutHubOrder)
    };
    // Of a split order the newest of every part; together they are worth what the order is.
    let mut newest: BTreeMap<usize, (i64, i64)> = BTreeMap::new();
    let mut currency = None;
    // A part that was put together with another again.
    let joined = |key: &String| {
        let off = |e: &PastEffect| e.automation == "orders_to_hub" && e.state == EffectState::Done;
        let of_it =
            |e: &PastEffect| matches!(&e.intent, Intent::CancelHubOrder { hub_order_key, .. } if hub_order_key == key);
        story.effects.iter().any(|e| off(e) && of_it(e))
    };
    for effect in puts().filter(|effect| effect.state == EffectState::Done) {
        if let Intent::PutHubOrder { order, .. } = &effect.intent
            && !joined(&order.key)
        {
            let at_ms = effect.settled_at_ms.unwrap_or(effect.created_at_ms);
            newest.entry(part_of(&order.key)).or_insert((order.total_minor, at_ms));
            currency = Some(order.currency.clone());
        }
    }
    // Parts at other accounts bear their share of the amounts: nothing can be said of the total.
    let whole = story.hub_orders.iter().filter(|seen| counts(&seen.value)).all(|seen| seen.connection == hub.id);
    let sent = currency.filter(|_| whole).map(|currency| {
        let total_minor = newest.values().map(|(minor, _)| minor).sum();
        (Money::new(total_minor, currency), newest.values().map(|(_, at_ms)| *at_ms).max().unwrap_or(0))
    });
    let other = policy.hub_of(story).filter(|other| other.id != hub.id);
    AtHub {
        lines: alone.then(|| lines.collect()),
        units: ledger.rows.iter().map(|row| row.at_hub).sum(),
        copies: same_sale(story)
            .into_iter()
            .filter(|stray| stray.connection == hub.id)
            .map(|stray| format!("{} (id {})", stray.value.number, stray.value.remote_id))
            .collect(),
        moving_ms: puts().find(|effect| moves(effect.state)).map(|effect| effect.created_at_ms),
        stale: sent.as_ref().is_some_and(|(_, at_ms)| live.iter().any(|seen| seen.seen_at_ms <= *at_ms)),
        sent,
        live: live.into_iter().map(record).collect(),
        dead: dead.map(record),
        read_at_ms,
        other_hub: other.map(|other| other.name.clone()),
    }
}

/// Ids of the hub's orders that are this sale and tied to nothing: they are told of with it.
pub(super) fn copies_at(story: &Story, hub: &ConnectionId) -> Vec<String> {
    let at_hub = |stray: &&Seen<HubOrder>| stray.connection == *hub;
    same_sale(story).into_iter().filter(at_hub).map(|stray| stray.value.remote_id.clone()).collect()
}

/// The automation that keeps a record per parcel.
const PARCELS: &str = "shipments_to_records";

/// What two hubs have of it, tied or not.
pub(super) fn at_two_hubs(story: &Story, here: &ConnectionId, there: &ConnectionId) -> AtTwoHubs {
    let strays = same_sale(story);
    let of = |hub: &ConnectionId| {
        let at_hub = |seen: &&Seen<HubOrder>| seen.connection == *hub && counts(&seen.value);
        story.hub_orders.iter().filter(at_hub).chain(strays.iter().copied().filter(at_hub)).collect::<Vec<_>>()
    };
    let (at_here, at_there) = (of(here), of(there));
    let copy = |seen: &&Seen<HubOrder>| HubCopy {
        number: seen.value.number.clone(),
        status: seen.value.status.clone(),
        units: seen.value.lines.iter().map(|line| line.quantity).sum(),
        changed_at_ms: seen.value.modified_at_ms,
    };
    let rows = LineLedger::of(story).rows;
    AtTwoHubs {
        here: at_here.iter().map(copy).collect(),
        there: at_there.iter().map(copy).collect(),
        more: rows.iter().any(|row| row.at_hub > (row.placed - row.elsewhere).max(row.ordered)),
        less: rows.iter().any(|row| row.at_hub < row.ordered),
        untied: strays.iter().any(|stray| stray.connection == *here || stray.connection == *there),
        merged: at_here.iter().chain(&at_there).any(|seen| !seen.value.merged_ids.is_empty()),
    }
}

/// What was written about it into an account of records.
pub(super) fn in_records(story: &Story, policy: &Policy, keeper: &Peer) -> InRecords {
    written_of(story, policy, keeper, None)
}

/// The same of its parcels at one hub, and nothing else. Amounts are the store's: they are left out.
pub(super) fn parcels_in_records(story: &Story, policy: &Policy, keeper: &Peer, hub: &Peer) -> InRecords {
    InRecords { worth: None, ..written_of(story, policy, keeper, Some(&hub.id)) }
}

fn written_of(story: &Story, policy: &Policy, keeper: &Peer, hub: Option<&ConnectionId>) -> InRecords {
    let outgoing = || {
        let at_hub = move |connection: &ConnectionId| hub.is_none_or(|hub| hub == connection);
        let there = story.parcels.iter().filter(move |seen| at_hub(&seen.connection));
        there.map(|seen| &seen.value).filter(|parcel| parcel.is_live())
    };
    // Of a parcel a record is named after it.
    let is_of = |external_id: &str| {
        hub.is_none() || outgoing().any(|parcel| external_id.ends_with(&format!("/{}", parcel.remote_id)))
    };
    let acts = |id: &str| {
        let policy = policy.automation(id);
        let applies = policy.go_live_ms.is_none_or(|line_ms| story.order.placed_at_ms >= line_ms);
        matches!(policy.mode, Mode::Ask | Mode::Auto) && applies
    };
    let mut found = InRecords {
        on: automations()
            .iter()
            .any(|one| one.needs.iter().any(|need| need.role() == Some(Role::Records)) && acts(one.id)),
        other: policy.records_of(story).filter(|other| other.id != keeper.id).map(|other| other.name.clone()),
        ..InRecords::default()
    };
    // Of one thing the newest word counts: what was written before it is what the account has until then.
    let mut newest: Vec<(&str, &PastEffect)> = Vec::new();
    for effect in story.effects.iter().filter(|effect| effect.connection == keeper.id) {
        let Intent::PutRecord { record } = &effect.intent else { continue };
        if !is_of(&record.external_id) {
            continue;
        }
        if effect.state == EffectState::Done {
            found.written += 1;
            if record.noun == RecordNoun::Shipment
                && let Some(worth) = record.fact("value")
                && let Ok(worth) = Money::parse(&worth, &story.order.currency)
            {
                found.worth = Some((worth, effect.settled_at_ms.unwrap_or(effect.created_at_ms)));
            }
        }
        newest.retain(|(id, _)| *id != record.external_id);
        newest.push((&record.external_id, effect));
    }
    for (_, effect) in &newest {
        let Intent::PutRecord { record } = &effect.intent else { continue };
        let standing = match effect.state {
            EffectState::Asked => Stuck::Asked,
            state if moves(state) => Stuck::Waiting,
            EffectState::Refused => Stuck::Refused(
                // Its title: the sentence may name the buyer, and no report does.
                effect.refusal.as_ref().map(|refusal| refusal.cause.title().to_owned()).unwrap_or_default(),
            ),
            _ => continue,
        };
        let what = match record.noun {
            RecordNoun::Customer => "a customer",
            RecordNoun::Shipment => "a parcel",
            RecordNoun::FollowUp => "a task",
            RecordNoun::Problem => "a case",
            RecordNoun::History => "a customer's history",
            RecordNoun::Offer => "an opportunity",
            RecordNoun::Named => "a record",
        };
        let since_ms = effect.refused_at_ms.unwrap_or(effect.created_at_ms);
        found.unwritten.push(Unwritten { what: what.to_owned(), since_ms, standing });
    }
    found.parcels = outgoing().count();
    let copied = story.order.sold_on.is_some() && !is_sent(story);
    if acts(PARCELS) && !story.order.test && !copied && keeper.id != story.channel {
        let kept = |id: &str| newest.iter().any(|(external, _)| external.ends_with(&format!("/{id}")));
        let without = outgoing().filter(|parcel| !kept(&parcel.remote_id));
        found.parcels_without = without
            .map(|parcel| {
                if parcel.tracking_number.is_empty() {
                    "A parcel without a number".to_owned()
                } else {
                    format!("Parcel {}", parcel.tracking_number)
                }
            })
            .collect();
    }
    found
}

/// The same sale at another store, if it is taken for one.
pub(super) fn copy(story: &Story, policy: &Policy, twin: &Twin, doubtful: bool) -> Option<OtherStore> {
    is_one_sale(story, policy, twin).then(|| OtherStore {
        number: twin.order.number.clone(),
        total: total(&twin.order),
        units: twin.order.units_to_ship(),
        cancelled_at_ms: twin.order.cancelled_at_ms,
        fulfilled: twin.order.units_to_ship() > 0 && twin.order.is_fulfilled(),
        sent: twin.sent,
        doubtful,
    })
}
