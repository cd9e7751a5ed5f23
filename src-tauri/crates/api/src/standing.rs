//! The order as the store has it and as each hub has it, beside each other: where it stands, since when, where to, by
//! which service, and what of that differs. Units are compared line by line elsewhere (`sides.rs`). Pure.

use crate::words;
use quayside_flows::same_destination;
use quayside_model::{ConnectionId, HubOrder, HubStatus, Order, Seen, Story};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// The order as one account has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SideView {
    /// Platform title ("Shopify").
    pub title: String,
    /// The account's name.
    pub account: String,
    /// What it is called there.
    pub number: String,
    /// Where it stands there, in words.
    pub state: String,
    /// Held there until this moment, ms UTC.
    pub held_until_ms: Option<i64>,
    /// Last changed there, ms UTC.
    pub changed_at_ms: i64,
    /// Last read there, ms UTC.
    pub seen_at_ms: i64,
    /// Address lines, ready to show; of the store with what a person corrected.
    pub ship_to: Vec<String>,
    /// Service the buyer chose, or the hub will buy; empty: none.
    pub service: String,
    /// What of it is not as the store has it.
    pub differs: Vec<SideField>,
}

/// See [`SideView::differs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SideField {
    /// Where it stands.
    State,
    /// Where it goes.
    ShipTo,
    /// By which service.
    Service,
}

/// The store first, then each hub order that counts; where none does any more, those there were.
pub(crate) fn sides(
    story: &Story,
    titles: &BTreeMap<ConnectionId, String>,
    names: &BTreeMap<ConnectionId, String>,
) -> Vec<SideView> {
    let counts = |seen: &&Seen<HubOrder>| !matches!(seen.value.status, HubStatus::Cancelled | HubStatus::Gone);
    let mut hubs: Vec<&Seen<HubOrder>> = story.hub_orders.iter().filter(counts).collect();
    if hubs.is_empty() {
        hubs = story.hub_orders.iter().collect();
    }
    let name = |of: &BTreeMap<ConnectionId, String>, id: &ConnectionId| {
        of.get(id).cloned().unwrap_or_else(|| "removed".to_owned())
    };
    let order = &story.order;
    let want = story.choices.address.as_ref().or(order.ship_to.as_ref());
    let store = SideView {
        title: name(titles, &story.channel),
        account: name(names, &story.channel),
        number: order.number.clone(),
        state: store_state(order),
        held_until_ms: None,
        changed_at_ms: order.cancelled_at_ms.unwrap_or(order.updated_at_ms),
        seen_at_ms: story.seen_at_ms,
        ship_to: want.map(words::address_lines).unwrap_or_default(),
        service: wanted_service(story),
        differs: Vec::new(),
    };
    let at_hubs = hubs.into_iter().map(|seen| {
        let there = &seen.value;
        SideView {
            title: name(titles, &seen.connection),
            account: name(names, &seen.connection),
            number: there.number.clone(),
            state: words::hub_status(&there.status),
            held_until_ms: there.hold_until_ms.filter(|_| there.status == HubStatus::OnHold),
            changed_at_ms: there.modified_at_ms,
            seen_at_ms: seen.seen_at_ms,
            ship_to: there.ship_to.as_ref().map(words::address_lines).unwrap_or_default(),
            service: there.service.clone().unwrap_or_default(),
            differs: differs(story, there),
        }
    });
    std::iter::once(store).chain(at_hubs).collect()
}

/// How far the store thinks it is.
fn store_state(order: &Order) -> String {
    if order.is_cancelled() {
        return "cancelled".to_owned();
    }
    let wanted = order.units_to_ship();
    let told: i64 =
        order.lines_to_ship().map(|line| order.units_told(&line.remote_id).min(line.current_quantity)).sum();
    let shipped = if wanted == 0 {
        "nothing to ship".to_owned()
    } else if order.is_fulfilled() {
        "shipped".to_owned()
    } else if told == 0 {
        "nothing shipped".to_owned()
    } else {
        format!("{told} of {} shipped", words::count(wanted, "unit", "units"))
    };
    let held = order.fulfillment_orders.iter().any(|work| work.is_open() && !work.holds.is_empty());
    format!("{}, {shipped}{}", words::payment(&order.payment), if held { ", on hold" } else { "" })
}

/// What a person chose, else what the buyer did.
fn wanted_service(story: &Story) -> String {
    let bought = story.order.shipping.as_ref();
    let bought = bought.map(|chosen| if chosen.title.is_empty() { &chosen.code } else { &chosen.title });
    story.choices.service.as_ref().or(bought).cloned().unwrap_or_default()
}

fn differs(story: &Story, there: &HubOrder) -> Vec<SideField> {
    let order = &story.order;
    let over = matches!(there.status, HubStatus::Cancelled | HubStatus::Gone);
    let told = || order.fulfillments.iter().any(|told| told.live);
    let state = if order.is_cancelled() {
        there.status.is_open()
    } else if over {
        !order.is_fulfilled()
    } else {
        // Left, and the store knows of nothing: that is being told.
        there.status == HubStatus::Shipped && !told()
    };
    let want = story.choices.address.as_ref().or(order.ship_to.as_ref());
    let address = there.status.is_open()
        && matches!((&there.ship_to, want), (Some(there), Some(want)) if !same_destination(there, want));
    // What the buyer chose has another name at the hub: only what a person named there can differ.
    let service = there.status.is_open()
        && matches!((&there.service, &story.choices.service), (Some(there), Some(want)) if !there.eq_ignore_ascii_case(want));
    [(state, SideField::State), (address, SideField::ShipTo), (service, SideField::Service)]
        .into_iter()
        .filter_map(|(differs, field)| differs.then_some(field))
        .collect()
}
