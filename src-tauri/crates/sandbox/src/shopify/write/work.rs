//! Fulfillment orders: hold, release, move.

use super::{Args, Hand, Json, Written, at, id_of, json, list, reference, text_of};
use crate::shopify::state::{FoStatus, gid};

/// Holds one app may put on one fulfillment order.
const HOLDS_MAX: usize = 10;

/// Units of a line of a fulfillment order: (fulfillment order line, line item, units).
type Units = (u64, u64, i64);

/// The units a client picked, or why it cannot have them; an id of another kind is an error at the top.
fn picked(hand: &Hand<'_>, fo: u64, asked: &Json) -> Result<Result<Vec<Units>, &'static str>, Json> {
    let mut units = Vec::new();
    let Some((_, fo)) = hand.seen_fo(fo) else { return Ok(Err("Fulfillment order not found.")) };
    for one in list(asked) {
        let id = id_of(&one["id"], "FulfillmentOrderLineItem")?;
        let quantity = one["quantity"].as_i64().unwrap_or_default();
        let Some(line) = fo.lines.iter().find(|line| line.id == id) else {
            return Ok(Err("Fulfillment order line item not found."));
        };
        if units.iter().any(|(other, _, _)| *other == id) {
            return Ok(Err("Fulfillment order line items must be unique."));
        }
        if quantity < 1 || quantity > line.remaining {
            return Ok(Err("Invalid line item quantity."));
        }
        units.push((id, line.line, quantity));
    }
    Ok(Ok(units))
}

/// Splits `units` off into a fulfillment order of their own. Gives its id.
fn split(hand: &mut Hand<'_>, order: u64, fo: u64, units: &[Units], location: Option<u64>) -> Option<u64> {
    let model = hand.state.order(order)?.fo(fo)?.clone();
    let now_ms = hand.now_ms;
    let one = hand.state.order_mut(order)?.fo_mut(fo)?;
    for (id, _, quantity) in units {
        let line = one.lines.iter_mut().find(|line| line.id == *id)?;
        line.remaining -= quantity;
        line.total -= quantity;
    }
    one.lines.retain(|line| line.total > 0);
    one.updated_ms = crate::shopify::state::seconds(now_ms);
    one.settle(false);
    let moved: Vec<(u64, i64)> = units.iter().map(|(_, line, quantity)| (*line, *quantity)).collect();
    Some(hand.new_fo(order, &model, &moved, location))
}

/// `fulfillmentOrderHold`.
pub fn hold(hand: &mut Hand<'_>, args: &Args) -> Written {
    let refuse = |code: &str, field: &[&str], message: &str| {
        Ok(json!({
            "fulfillmentHold": null, "fulfillmentOrder": null, "remainingFulfillmentOrder": null,
            "userErrors": [{ "code": code, "field": field, "message": message }],
        }))
    };
    let id = id_of(at(args, "id"), "FulfillmentOrder")?;
    let input = args.get("fulfillmentHold").cloned().unwrap_or(Json::Null);
    let Some((order, fo)) = hand.seen_fo(id) else {
        return refuse("FULFILLMENT_ORDER_NOT_FOUND", &["id"], "Fulfillment order not found.");
    };
    let (order_id, third_party) = (order.id, fo.third_party);
    let status = fo.status(hand.now_ms);
    if third_party || !matches!(status, FoStatus::Open | FoStatus::OnHold | FoStatus::Scheduled | FoStatus::InProgress)
    {
        return refuse("TAKEN", &["id"], "The fulfillment order cannot be placed on hold in its current state.");
    }
    let handle = text_of(&input["handle"]).filter(|handle| !handle.is_empty());
    let ours: Vec<&crate::shopify::state::Hold> = fo.holds.iter().filter(|hold| hold.ours).collect();
    if ours.iter().any(|hold| hold.handle == handle) {
        return refuse(
            "DUPLICATE_FULFILLMENT_HOLD_HANDLE",
            &["fulfillmentHold", "handle"],
            "The handle must be unique per app.",
        );
    }
    if ours.len() >= HOLDS_MAX {
        return refuse(
            "FULFILLMENT_ORDER_HOLD_LIMIT_REACHED",
            &["id"],
            "The maximum number of holds has been reached.",
        );
    }
    let mut held = id;
    let mut remaining = None;
    if !list(&input["fulfillmentOrderLineItems"]).is_empty() {
        if status == FoStatus::OnHold {
            return refuse("FULFILLMENT_ORDER_NOT_SPLITTABLE", &["id"], "A fulfillment order on hold cannot be split.");
        }
        let units = match picked(hand, id, &input["fulfillmentOrderLineItems"])? {
            Ok(units) => units,
            Err(why) => {
                return refuse("INVALID_LINE_ITEM_QUANTITY", &["fulfillmentHold", "fulfillmentOrderLineItems"], why);
            }
        };
        let all: i64 = units.iter().map(|(_, _, quantity)| quantity).sum();
        if hand.state.order(order_id).and_then(|order| order.fo(id)).is_some_and(|fo| fo.remaining() > all) {
            // The held lines keep the old order; the rest moves to a new one.
            let rest: Vec<Units> = hand
                .state
                .order(order_id)
                .and_then(|order| order.fo(id))
                .map(|fo| {
                    let left = |line: &crate::shopify::state::FoLine| {
                        let taken =
                            units.iter().find(|(id, _, _)| *id == line.id).map_or(0, |(_, _, quantity)| *quantity);
                        (line.id, line.line, line.remaining - taken)
                    };
                    fo.lines.iter().map(left).filter(|(_, _, quantity)| *quantity > 0).collect()
                })
                .unwrap_or_default();
            remaining = split(hand, order_id, id, &rest, None);
            held = id;
        }
    }
    let reason = text_of(&input["reason"]).unwrap_or_default();
    let made = hand.hold(order_id, held, &reason, input["reasonNotes"].as_str(), handle);
    Ok(json!({
        "fulfillmentHold": made.map(|id| reference("FulfillmentHold", id)),
        "fulfillmentOrder": reference("FulfillmentOrder", held),
        "remainingFulfillmentOrder": remaining.map(|id| reference("FulfillmentOrder", id)),
        "userErrors": [],
    }))
}

/// `fulfillmentOrderReleaseHold`.
pub fn release(hand: &mut Hand<'_>, args: &Args) -> Written {
    let refuse = |field: &str, message: &str| {
        Ok(json!({ "fulfillmentOrder": null, "userErrors": [{ "field": [field], "message": message }] }))
    };
    let id = id_of(at(args, "id"), "FulfillmentOrder")?;
    let Some((order, fo)) = hand.seen_fo(id) else { return refuse("id", "Fulfillment order not found.") };
    let order_id = order.id;
    if fo.holds.is_empty() {
        return refuse("id", "The fulfillment order is not on hold.");
    }
    let mut these = None;
    if let Some(asked) = args.get("holdIds").and_then(Json::as_array) {
        let ids = asked.iter().map(|id| id_of(id, "FulfillmentHold")).collect::<Result<Vec<_>, _>>()?;
        if ids.iter().any(|id| !fo.holds.iter().any(|hold| hold.id == *id)) {
            return refuse("holdIds", "The fulfillment hold was not found.");
        }
        these = Some(ids);
    }
    hand.release(order_id, id, these.as_deref());
    Ok(json!({ "fulfillmentOrder": reference("FulfillmentOrder", id), "userErrors": [] }))
}

/// `fulfillmentOrderMove`.
pub fn move_to(hand: &mut Hand<'_>, args: &Args) -> Written {
    let refuse = |field: &str, message: &str| {
        let errors = json!([{ "field": [field], "message": message }]);
        Ok(json!({ "movedFulfillmentOrder": null, "originalFulfillmentOrder": null, "userErrors": errors }))
    };
    let id = id_of(at(args, "id"), "FulfillmentOrder")?;
    let place = id_of(at(args, "newLocationId"), "Location")?;
    let Some((order, fo)) = hand.seen_fo(id) else { return refuse("id", "Fulfillment order not found.") };
    let order_id = order.id;
    let moving = matches!(
        fo.status(hand.now_ms),
        FoStatus::Open | FoStatus::OnHold | FoStatus::Scheduled | FoStatus::InProgress
    );
    let submitted = fo.third_party && fo.request != crate::shopify::state::RequestStatus::Unsubmitted;
    if !moving || submitted {
        return refuse("id", "The fulfillment order cannot be moved in its current state.");
    }
    if !hand.state.location(place).is_some_and(|location| location.active) {
        return refuse("newLocationId", "The location is not active.");
    }
    if fo.location == place {
        return refuse("newLocationId", "The fulfillment order is already assigned to this location.");
    }
    let asked = args.get("fulfillmentOrderLineItems").cloned().unwrap_or(Json::Null);
    let units: Vec<Units> = if list(&asked).is_empty() {
        fo.lines.iter().filter(|line| line.remaining > 0).map(|line| (line.id, line.line, line.remaining)).collect()
    } else {
        match picked(hand, id, &asked)? {
            Ok(units) => units,
            Err(why) => return refuse("fulfillmentOrderLineItems", why),
        }
    };
    let order = hand.state.order(order_id);
    let variants = units.iter().filter_map(|(_, line, _)| order?.line(*line)?.product);
    let kept =
        |variant| hand.state.variant(variant).is_none_or(|(_, one)| !one.tracked || one.levels.contains_key(&place));
    if !variants.map(|(_, variant)| variant).all(kept) {
        return refuse("newLocationId", "The items are not stocked at the new location.");
    }
    let Some(moved) = split(hand, order_id, id, &units, Some(place)) else {
        return refuse("id", "Fulfillment order not found.");
    };
    let detail = json!({ "to": gid("Location", place), "moved": gid("FulfillmentOrder", moved) });
    hand.note("fulfillment_order_moved", gid("FulfillmentOrder", id), None, detail);
    Ok(json!({
        "movedFulfillmentOrder": reference("FulfillmentOrder", moved),
        "originalFulfillmentOrder": reference("FulfillmentOrder", id),
        "userErrors": [],
    }))
}
