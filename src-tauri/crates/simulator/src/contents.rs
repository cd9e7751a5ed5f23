//! What is inside: the units that people at the hubs pack, beside the units that should leave.
//!
//! Left out: orders a person is being told about (somebody decides there), what was changed within the last hours
//! or after its parcel was made, and goods that the store shows as shipped by other hands.

use crate::oracle::{Shown, Told, Verdicts, all_fulfilled, how_it_went, order_of_key};
use quayside_model::time::HOUR_MS;
use quayside_sandbox::Sandbox;
use quayside_sandbox::merchant::truth::OrderTruth;
use quayside_store::Store;
use std::collections::BTreeMap;

/// Both sides need this long after a change to agree.
const SETTLED_MS: i64 = 6 * HOUR_MS;

/// Units of an order by line, as people at the hubs have them.
#[derive(Debug, Default)]
struct AtHub {
    /// On orders they still mean to pack.
    open: BTreeMap<String, i64>,
    /// In parcels whose labels count.
    packed: BTreeMap<String, i64>,
    /// When the first of these parcels was made, ms UTC.
    packed_at_ms: Option<i64>,
}

pub(crate) fn judge(
    sandbox: &Sandbox,
    store: &Store,
    views: &Shown,
    told: &Told,
    now_ms: i64,
    verdicts: &mut Verdicts,
) {
    for (remote_id, at_hub) in at_hubs(sandbox) {
        let Some(truth) = sandbox.truth.orders.get(&remote_id) else { continue };
        let resting = |at_ms: Option<i64>| at_ms.is_none_or(|at_ms| now_ms - at_ms > SETTLED_MS);
        let rests = resting(truth.edited_at_ms) && resting(truth.paid_at_ms);
        if told.contains_key(&remote_id) || !truth.belongs_at_hub() || !rests {
            continue;
        }
        for (line, units) in too_many(truth, &at_hub) {
            verdicts.wrong.add(|| {
                let wanted = truth.units.get(&line).copied().unwrap_or(0);
                let how = how_it_went(sandbox, store, &remote_id);
                format!(
                    "{} ({remote_id}): the hub packs {units} of line {line}, wanted are {wanted}; {how}",
                    truth.name
                )
            });
        }
        if all_fulfilled(views, &remote_id) {
            continue;
        }
        for (line, wanted) in &truth.units {
            let count = |units: &BTreeMap<String, i64>| units.get(line).copied().unwrap_or(0);
            let there = count(&at_hub.open) + count(&at_hub.packed);
            let shown = views.get(&remote_id).and_then(|view| view.lines.iter().find(|shown| shown.id == *line));
            if there < *wanted && shown.is_none_or(|shown| there + shown.shipped < *wanted) {
                verdicts.lost.add(|| {
                    let how = how_it_went(sandbox, store, &remote_id);
                    format!("{} ({remote_id}): the hub has {there} of {wanted} of line {line}; {how}", truth.name)
                });
            }
        }
    }
}

/// Lines of which people pack more than is wanted.
fn too_many(truth: &OrderTruth, at_hub: &AtHub) -> Vec<(String, i64)> {
    let wanted = |line: &str| truth.units.get(line).copied().unwrap_or(0);
    let mut out: Vec<(String, i64)> = Vec::new();
    let changed_after = |at_ms: i64| truth.edited_at_ms.is_some_and(|edited_ms| edited_ms + HOUR_MS > at_ms);
    if !at_hub.packed_at_ms.is_some_and(changed_after) {
        out.extend(at_hub.packed.iter().filter(|(line, n)| **n > wanted(line)).map(|(line, n)| (line.clone(), *n)));
    }
    out.extend(at_hub.open.iter().filter(|(line, n)| **n > wanted(line)).map(|(line, n)| (line.clone(), *n)));
    out
}

fn at_hubs(sandbox: &Sandbox) -> BTreeMap<String, AtHub> {
    let mut all: BTreeMap<String, AtHub> = BTreeMap::new();
    let mut open = |key: &str, line: &str, units: i64| {
        if let Some((id, _)) = order_of_key(&sandbox.truth, key)
            && !line.is_empty()
        {
            *all.entry(id.clone()).or_default().open.entry(line.to_owned()).or_default() += units;
        }
    };
    for hub in &sandbox.hubs {
        for order in hub.state.orders.values().filter(|order| !order.deleted && order.body.status.is_open()) {
            for item in order.body.items.iter().filter(|item| !item.adjustment) {
                open(&item.origin_key, &item.line_key, item.quantity);
            }
        }
    }
    for order in sandbox.benches.iter().flat_map(|bench| bench.orders()).filter(|order| order.open) {
        for (line, units) in &order.units {
            open(&order.key, line, *units);
        }
    }
    for parcel in sandbox.truth.parcels.iter().filter(|parcel| parcel.voided_at_ms.is_none()) {
        for line in &parcel.lines {
            let Some((id, _)) = order_of_key(&sandbox.truth, &line.order_key) else { continue };
            let at_hub = all.entry(id.clone()).or_default();
            at_hub.packed_at_ms = Some(at_hub.packed_at_ms.map_or(parcel.at_ms, |first| first.min(parcel.at_ms)));
            if let Some(key) = &line.line_key {
                *at_hub.packed.entry(key.clone()).or_default() += line.quantity;
            }
        }
    }
    all
}
