//! What an order holds of each SKU, and what it took.
//!
//! Said for every order while the automation is not off, and for those that were there before: a count that goes live must
//! not forget one. Bundles and aliases are counted by what the hub picks.

use crate::look::Look;
use crate::sku_aliases::line_of;
use quayside_model::alias::fold;
use quayside_model::{
    AliasPart, ConnectionId, EffectState, Held, HubLine, HubOrder, HubStatus, IntentKind, Payment, Seen,
};
use std::collections::BTreeMap;

/// Nobody will ever ship these from here.
fn is_nobodys(look: &Look<'_>) -> bool {
    let order = &look.story.order;
    order.test
        || order.is_cancelled()
        || matches!(order.payment, Payment::Voided | Payment::Expired)
        || matches!(look.waits.as_ref().map(|waits| waits.code), Some("sold_elsewhere" | "not_ours"))
}

/// Which of several accounts has a line of the order.
fn account_of<'a>(look: &Look<'a>, line_id: &str) -> Option<&'a ConnectionId> {
    let has = |seen: &&Seen<HubOrder>| {
        let of_it = |line: &HubLine| line.line_key.as_deref().is_some_and(|key| line_of(key).0 == line_id);
        !matches!(seen.value.status, HubStatus::Cancelled | HubStatus::Gone) && seen.value.lines.iter().any(of_it)
    };
    look.story.hub_orders.iter().find(has).map(|seen| &seen.connection)
}

/// What the order holds, by SKU.
pub(crate) fn held(look: &Look<'_>) -> Vec<Held> {
    if is_nobodys(look) {
        return Vec::new();
    }
    let story = look.story;
    let living = |status: &HubStatus| !matches!(status, HubStatus::Cancelled | HubStatus::Gone);
    let at_hub = story.hub_orders.iter().find(|seen| living(&seen.value.status)).map(|seen| &seen.connection);
    let sent = story
        .effects
        .iter()
        .rev()
        .find(|effect| effect.intent.kind() == IntentKind::PutHubOrder && effect.state == EffectState::Done)
        .map(|effect| &effect.connection);
    let hub = at_hub.or(sent);
    // Archived: whatever was to leave has left.
    let closed = story.order.closed_at_ms.is_some();
    let mut by_sku: BTreeMap<String, Held> = BTreeMap::new();
    for row in &look.lines.rows {
        let left = if closed { row.ordered } else { row.shipped.max(row.told).clamp(0, row.ordered) };
        let own = [AliasPart { sku: row.sku.clone(), quantity: 1 }];
        for part in look.shape.parts.get(&row.line_id).map_or(&own[..], Vec::as_slice) {
            let sku = fold(&part.sku);
            if sku.is_empty() || row.ordered <= 0 {
                continue;
            }
            let hub = account_of(look, &row.line_id).or(hub);
            let held = by_sku.entry(sku.clone()).or_insert_with(|| Held { sku, units: 0, open: 0, hub: hub.cloned() });
            held.units += row.ordered * part.quantity;
            held.open += (row.ordered - left) * part.quantity;
        }
    }
    by_sku.into_values().collect()
}
