//! One order, whole: the drawer. Also parcels, raw answers, and links.

use crate::desk::{Desk, Room};
use crate::trouble::Answer;
use crate::view::{EffectSight, EffectView, Link, OrderDetail, ParcelView, RawRef, ShipmentsPage, Trouble};
use crate::{activity, exceptions, links, offers, plan, queue, sales, sides, split, standing, tries, words};
use quayside_flows::promise::ship_by_from;
use quayside_flows::shape::shape;
use quayside_flows::{Sight, sights};
use quayside_model::{Cause, ConnectionConfig, ConnectionId, EffectId, EffectState, OrderId, RecordKind, Story};
use quayside_store::{EffectRow, FindingState, ParcelFilter, ParcelKey};
use std::collections::BTreeMap;

/// Ended effects that the drawer still shows.
const ENDED_SHOWN: usize = 20;

fn gone() -> Trouble {
    Trouble::gone("There is no such order. Refresh the list.")
}

/// Platform titles by connection, for "Open in …".
fn titles(connections: &[ConnectionConfig]) -> BTreeMap<ConnectionId, String> {
    connections
        .iter()
        .map(|config| {
            let title = quayside_connectors::platform(&config.platform)
                .map_or(config.platform.as_str(), |platform| platform.declaration.title);
            (config.id.clone(), title.to_owned())
        })
        .collect()
}

impl Desk {
    /// One order, whole.
    pub fn order(&self, id: OrderId) -> Answer<OrderDetail> {
        let room = self.room()?;
        let now_ms = room.now_ms();
        let policy = room.policy()?;
        let names = room.names()?;
        let (found, connections, effects, held, tried, open, twins) = room.store.read(|r| {
            let found = r.order_detail(id)?;
            let open = match &found {
                Some(found) => {
                    let open = found.findings.iter().filter(|finding| finding.state != FindingState::Resolved);
                    open.map(|finding| exceptions::entry(r, finding, &names)).collect::<Result<Vec<_>, _>>()?
                }
                None => Vec::new(),
            };
            let twins = match &found {
                Some(found) => sales::twins(r, &found.story, &policy, now_ms)?,
                None => Vec::new(),
            };
            let effects = shown(r.effects_of(id)?);
            let tried = tries::of(r, effects.iter().map(|effect| effect.id))?;
            Ok((found, r.connections()?, effects, r.held_of(id)?, tried, open, twins))
        })?;
        let found = found.ok_or_else(gone)?;
        let (story, planned) = plan::of_story(found.story, &policy, now_ms);
        let mut seen = sights(&story, &policy, now_ms);
        // What the platform was asked about by name it has, whatever its lists show.
        seen.extend(held.into_iter().map(|(id, at_ms)| (id, Sight::Seen(at_ms))));
        let titles = titles(&connections);
        let order = &story.order;
        let open_causes: Vec<Cause> = open.iter().map(|entry| entry.cause).collect();
        let ship_to = story.choices.address.as_ref().or(order.ship_to.as_ref());
        let customer = order.customer.clone().unwrap_or_default();
        Ok(OrderDetail {
            platform: titles.get(&story.channel).cloned().unwrap_or_else(|| "removed".to_owned()),
            hub: story
                .hub_orders
                .iter()
                .find_map(|hub| titles.get(&hub.connection).cloned())
                .or_else(|| policy.hub().map(|hub| hub.title.clone()))
                .unwrap_or_default(),
            deliver_by_ms: order.deliver_by_ms,
            ship_by_from: ship_by_from(&story, &policy, now_ms).unwrap_or_default(),
            payment: words::payment(&order.payment),
            map_url: ship_to.and_then(links::on_map),
            ship_to: ship_to.map(words::address_lines).unwrap_or_default(),
            email: customer.email,
            phone: if customer.phone.is_empty() {
                ship_to.map(|address| address.phone.clone()).unwrap_or_default()
            } else {
                customer.phone
            },
            note: order.note.clone(),
            gift_message: order.gift_message.clone(),
            attributes: order.attributes.clone(),
            sides: standing::sides(&story, &titles, &names),
            lines: sides::lines(&story),
            differences: sides::differences(&story, &policy),
            parts: split::parts(&story, &policy, now_ms),
            assignee: shape(&story, &policy).assignee.unwrap_or_default(),
            parcels: parcels(&story, &names),
            exceptions: open,
            effects: effect_views(effects, &order.number, &names, &seen),
            tries: tried,
            plan: planned.into_iter().map(|effect| plan::view(effect, &story, &policy)).collect(),
            timeline: found
                .events
                .into_iter()
                .rev()
                .map(|event| activity::event(event, Some(order.number.clone()), &names))
                .collect(),
            links: links::of_order(&story, &titles, &connections),
            raw: found
                .records
                .into_iter()
                .map(|record| RawRef {
                    account: names.get(&record.connection).cloned().unwrap_or_else(|| record.connection.to_string()),
                    connection: record.connection,
                    kind: record.kind.code().to_owned(),
                    remote_id: record.remote_id,
                    seen_at_ms: record.seen_at_ms,
                    has_raw: record.has_raw,
                })
                .collect(),
            twins,
            actions: offers::offers(&story, &policy, &open_causes),
            choices: story.choices.clone(),
            row: queue::row(found.row, &names),
        })
    }

    /// A platform's own answer, as readable JSON.
    pub fn raw_answer(&self, connection: &ConnectionId, kind: &str, remote_id: &str) -> Answer<String> {
        let room = self.room()?;
        let known = RecordKind::ALL.into_iter().find(|known| known.code() == kind);
        let kind = known.ok_or_else(|| {
            Trouble::field(
                "kind",
                format!("\"{kind}\" is not a kind of record. There are order, hub_order and parcel."),
            )
        })?;
        let raw = room.store.read(|r| match r.raw(connection, kind, remote_id)? {
            Some(raw) => Ok(Some(raw)),
            None => r.set_aside_raw(connection, kind, remote_id),
        })?;
        let raw = raw.ok_or_else(|| Trouble::gone("The raw answer is not kept any more: it was older than the settings keep, or personal data was taken out."))?;
        // Text that is no JSON (an answer that was cut) is shown as it came.
        let pretty = serde_json::from_str::<serde_json::Value>(&raw)
            .ok()
            .and_then(|value| serde_json::to_string_pretty(&value).ok());
        Ok(pretty.unwrap_or(raw))
    }

    /// Parcels of all hubs, newest first.
    pub fn shipments(&self, text: String, before: Option<&str>, limit: u32) -> Answer<ShipmentsPage> {
        let room = self.room()?;
        let names = room.names()?;
        let before = before.map(parcel_key).transpose()?;
        let limit = if limit == 0 { 100 } else { (limit as usize).min(500) };
        let filter = ParcelFilter { connection: None, text };
        let page = room.store.read(|r| {
            let page = r.parcel_page(&filter, before, limit)?;
            let mut rows = Vec::with_capacity(page.items.len());
            for item in page.items {
                let order = item.orders.first();
                let told = match order {
                    Some((id, _)) => r.story(*id)?.map(|story| sides::was_told(&story, &item.parcel)),
                    None => None,
                };
                let hub = names.get(&item.connection).cloned().unwrap_or_else(|| item.connection.to_string());
                let seen = quayside_model::Seen {
                    connection: item.connection,
                    seen_at_ms: item.seen_at_ms,
                    value: item.parcel,
                };
                rows.push(sides::parcel(&seen, &hub, order.map(|(id, number)| (*id, number.as_str())), told));
            }
            Ok(ShipmentsPage { rows, next: page.next.map(|key| format!("{}.{}", key.created_at_ms, key.id)) })
        })?;
        Ok(page)
    }

    /// The address, if it may be opened: only connected platforms and known carriers.
    pub fn open_link(&self, url: &str) -> Answer<String> {
        let room = self.room()?;
        let connections = room.store.read(|r| r.connections())?;
        links::allowed(url, &connections).map(|url| url.to_string()).ok_or_else(|| {
            Trouble::field("url", "This link leads neither to a connected platform nor to a carrier Quayside knows, so it was not opened. Copy it if you trust it.")
        })
    }

    /// Links of one order.
    pub fn links(&self, id: OrderId) -> Answer<Vec<Link>> {
        let room = self.room()?;
        let (story, connections) = room.store.read(|r| Ok((r.story(id)?, r.connections()?)))?;
        Ok(links::of_order(&story.ok_or_else(gone)?, &titles(&connections), &connections))
    }
}

fn parcel_key(text: &str) -> Answer<ParcelKey> {
    let parsed = text
        .rsplit_once('.')
        .and_then(|(at, id)| Some(ParcelKey { created_at_ms: at.parse().ok()?, id: id.parse().ok()? }));
    parsed.ok_or_else(|| {
        Trouble::field("before", format!("\"{text}\" is no place in the list. Begin at the first page again."))
    })
}

pub(crate) fn parcels(story: &Story, names: &BTreeMap<ConnectionId, String>) -> Vec<ParcelView> {
    let mut parcels: Vec<&quayside_model::Seen<quayside_model::Parcel>> = story.parcels.iter().collect();
    parcels.sort_by_key(|seen| std::cmp::Reverse(seen.value.created_at_ms));
    parcels
        .into_iter()
        .map(|seen| {
            let hub = names.get(&seen.connection).cloned().unwrap_or_else(|| seen.connection.to_string());
            sides::parcel(
                seen,
                &hub,
                Some((story.order_id, &story.order.number)),
                Some(sides::was_told(story, &seen.value)),
            )
        })
        .collect()
}

/// Effects that have not ended, and the last ones that have; newest first.
fn shown(effects: Vec<EffectRow>) -> Vec<EffectRow> {
    let mut ended = 0;
    effects
        .into_iter()
        .rev()
        .filter(|effect| {
            if effect.state.is_final() {
                ended += 1;
            }
            !effect.state.is_final() || ended <= ENDED_SHOWN
        })
        .collect()
}

/// How an effect stands beyond its answer, and when it was seen.
fn sight_of(effect: &EffectRow, seen: &BTreeMap<EffectId, Sight>) -> (Option<EffectSight>, Option<i64>) {
    match seen.get(&effect.id) {
        _ if effect.missing => (Some(EffectSight::Missing), None),
        Some(Sight::Seen(at_ms)) => (Some(EffectSight::Seen), Some(*at_ms)),
        Some(Sight::NotYet) => (Some(EffectSight::NotYet), None),
        None => (None, None),
    }
}

fn effect_views(
    effects: Vec<EffectRow>,
    number: &str,
    names: &BTreeMap<ConnectionId, String>,
    seen: &BTreeMap<EffectId, Sight>,
) -> Vec<EffectView> {
    effects
        .into_iter()
        .map(|effect| (sight_of(&effect, seen), effect))
        .map(|((sight, seen_at_ms), effect)| EffectView {
            sight,
            seen_at_ms,
            id: effect.id,
            order_id: effect.order_id,
            order_number: number.to_owned(),
            account: names.get(&effect.connection).cloned().unwrap_or_else(|| effect.connection.to_string()),
            connection: effect.connection,
            kind: effect.intent.kind(),
            sentence: effect.sentence,
            state: effect.state,
            attempts: effect.attempts,
            created_at_ms: effect.created_at_ms,
            next_at_ms: matches!(effect.state, EffectState::Pending | EffectState::Unknown)
                .then_some(effect.not_before_ms),
            settled_at_ms: effect.settled_at_ms,
            ship_by_ms: effect.ship_by_ms,
            problem: effect.skip_reason.or_else(|| effect.refusal.map(|refusal| refusal.to_string())),
            key: effect.key,
            remote_id: effect.receipt.and_then(|receipt| receipt.remote_id),
        })
        .collect()
}

/// What the rooms of the desk ask of an order before they touch it.
pub(crate) fn story_of(room: &Room, id: OrderId) -> Answer<Story> {
    room.store.read(|r| r.story(id))?.ok_or_else(gone)
}
