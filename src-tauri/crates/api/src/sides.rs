//! An order seen from both sides, line by line, and where the sides differ. Pure.

use crate::view::{BothSidesLine, ParcelView};
use crate::words;
use quayside_flows::{LineLedger, Policy};
use quayside_model::{HubStatus, OrderId, Parcel, Seen, Story, Tone};

/// All lines of the order, those a carrier must take with what became of them.
pub fn lines(story: &Story) -> Vec<BothSidesLine> {
    let ledger = LineLedger::of(story);
    let at_a_hub = story.hub_orders.iter().any(|hub| counts(&hub.value.status));
    story
        .order
        .lines
        .iter()
        .map(|line| {
            let row = ledger.rows.iter().find(|row| row.line_id == line.remote_id);
            BothSidesLine {
                line_id: line.remote_id.clone(),
                sku: story.choices.skus.get(&line.remote_id).unwrap_or(&line.sku).clone(),
                name: line.name.clone(),
                detail: words::line_detail(&line.variant, &line.options),
                ordered: line.current_quantity,
                at_hub: row.filter(|_| at_a_hub).map(|row| row.at_hub),
                shipped: row.map_or(0, |row| row.shipped),
                told: row.map_or_else(|| story.order.units_told(&line.remote_id), |row| row.told),
                no_shipping: !line.requires_shipping || line.gift_card,
                unit_price_minor: line.unit_price_minor,
            }
        })
        .collect()
}

fn counts(status: &HubStatus) -> bool {
    !matches!(status, HubStatus::Cancelled | HubStatus::Gone)
}

/// Where the two sides differ, one sentence each; the findings of the decision say the rest.
pub fn differences(story: &Story, policy: &Policy) -> Vec<String> {
    let ledger = LineLedger::of(story);
    let mut out = Vec::new();
    let hub_name = |seen_at: &quayside_model::ConnectionId| {
        policy.peers.get(seen_at).map_or("the hub", |peer| peer.title.as_str()).to_owned()
    };
    let live: Vec<_> = story.hub_orders.iter().filter(|hub| counts(&hub.value.status)).collect();
    // Merged hub orders carry lines of several orders: by line nothing can be said.
    let comparable = live.iter().all(|hub| hub.value.merged_ids.is_empty());
    if let Some(first) = live.first().filter(|_| comparable) {
        let hub = hub_name(&first.connection);
        for row in ledger.rows.iter().filter(|row| row.at_hub != row.ordered) {
            let label = words::line_label(story, &row.line_id);
            out.push(format!("{label}: the store wants {}, {hub} has {}.", row.ordered, row.at_hub));
        }
        for hub_order in live.iter().filter(|hub| hub.value.status.is_open()) {
            let want = story.choices.address.as_ref().or(story.order.ship_to.as_ref());
            if let (Some(there), Some(want)) = (&hub_order.value.ship_to, want)
                && !quayside_flows::same_destination(there, want)
            {
                out.push(format!(
                    "The address differs: {hub} has \"{}\", the store \"{}\".",
                    quayside_flows::address_line(there),
                    quayside_flows::address_line(want)
                ));
            }
        }
    }
    for row in &ledger.rows {
        let label = words::line_label(story, &row.line_id);
        if row.shipped > row.ordered {
            out.push(format!("{label}: {} left in parcels, but only {} are wanted.", row.shipped, row.ordered));
        }
        if row.shipped > row.told {
            out.push(format!("{label}: {} left in parcels, the store knows of {}.", row.shipped, row.told));
        } else if row.told > row.shipped && row.shipped > 0 {
            out.push(format!("{label}: the store was told of {}, parcels carry {}.", row.told, row.shipped));
        }
    }
    for (parcel, sku, units) in &ledger.strangers {
        let what = if sku.is_empty() { "something without a SKU".to_owned() } else { sku.clone() };
        out.push(format!(
            "Parcel {} carries {units} × {what}, which the store's order does not have.",
            tracking_of(story, parcel)
        ));
    }
    if story.order.is_cancelled() {
        for hub_order in live.iter().filter(|hub| hub.value.status.is_open()) {
            out.push(format!("Cancelled in the store, still open at {}.", hub_name(&hub_order.connection)));
        }
    }
    out
}

fn tracking_of(story: &Story, parcel_id: &str) -> String {
    story
        .parcels
        .iter()
        .find(|parcel| parcel.value.remote_id == parcel_id)
        .map(|parcel| parcel.value.tracking_number.clone())
        .filter(|number| !number.is_empty())
        .unwrap_or_else(|| parcel_id.to_owned())
}

/// One parcel for the drawer and the Shipments screen. `told`: the store was told of it, as far as we know.
pub fn parcel(seen: &Seen<Parcel>, hub: &str, order: Option<(OrderId, &str)>, told: Option<bool>) -> ParcelView {
    let parcel = &seen.value;
    let (state, tone) = if parcel.voided_at_ms.is_some() {
        ("voided", Tone::Neutral)
    } else if parcel.is_return {
        ("comes back", Tone::Info)
    } else if let Some(track) = parcel.track.as_ref().filter(|track| track.state.is_trouble()) {
        (track.state.words(), Tone::Warning)
    } else if parcel.delivered_at_ms.is_some() {
        ("delivered", Tone::Success)
    } else {
        match told {
            Some(true) => ("told the store", Tone::Success),
            Some(false) => ("the store does not know yet", Tone::Warning),
            None => ("no order of ours", Tone::Neutral),
        }
    };
    ParcelView {
        remote_id: parcel.remote_id.clone(),
        hub: hub.to_owned(),
        order_id: order.map(|(id, _)| id),
        order_number: order.map_or_else(|| parcel.order_number.clone(), |(_, number)| number.to_owned()),
        carrier: parcel
            .carrier_name
            .clone()
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| parcel.carrier_code.clone()),
        service: parcel.service.clone(),
        tracking_number: parcel.tracking_number.clone(),
        tracking_url: parcel.tracking_url.clone(),
        shipped_at_ms: parcel.shipped_at_ms,
        voided_at_ms: parcel.voided_at_ms,
        delivered_at_ms: parcel.delivered_at_ms,
        state: state.to_owned(),
        tone,
        units: parcel.lines.iter().flatten().map(|line| line.quantity).sum(),
    }
}

/// The store was told of this parcel: it shows its tracking number, or an effect that reported it is done.
pub fn was_told(story: &Story, parcel: &Parcel) -> bool {
    let by_number = !parcel.tracking_number.is_empty()
        && story
            .order
            .fulfillments
            .iter()
            .any(|told| told.live && told.tracking_numbers.contains(&parcel.tracking_number));
    by_number
        || story.effects.iter().any(|effect| {
            effect.state == quayside_model::EffectState::Done
                && matches!(&effect.intent, quayside_model::Intent::Fulfill { fulfillment } if fulfillment.parcel_ids.contains(&parcel.remote_id))
        })
}
