//! Telling the store that parcels left, moved, or did not leave after all.

use super::{Args, Hand, Json, Written, at, done, id_of, json, list, refuse, text_of};
use crate::shopify::hand::Shipped;
use crate::shopify::state::{FoStatus, ShipEvent, gid, timestamp_ms};

/// Largest number of lines of one fulfillment order in one call.
const LINES_MAX: usize = 512;

/// Company, numbers and links.
type Tracking = (Option<String>, Vec<String>, Vec<String>);

/// What a `FulfillmentTrackingInput` says, or why it makes no sense.
fn tracking(input: &Json) -> Result<Tracking, &'static str> {
    let texts = |one: &str, many: &str| {
        let single = text_of(&input[one]).filter(|text| !text.is_empty());
        let several: Vec<String> = list(&input[many]).iter().filter_map(text_of).collect();
        match (single, several.is_empty()) {
            (Some(_), false) => Err(()),
            (Some(single), true) => Ok(vec![single]),
            (None, _) => Ok(several),
        }
    };
    let numbers = texts("number", "numbers").map_err(|()| "Only one of number or numbers can be provided")?;
    let urls = texts("url", "urls").map_err(|()| "Only one of url or urls can be provided")?;
    let mixed = (!input["number"].is_null() && !input["urls"].is_null())
        || (!input["numbers"].is_null() && !input["url"].is_null());
    if mixed {
        return Err("Tracking number and url must both be singular or both be plural");
    }
    Ok((text_of(&input["company"]), numbers, urls))
}

/// `fulfillmentCreate`.
pub fn create(hand: &mut Hand<'_>, args: &Args) -> Written {
    const FIELD: &[&str] = &["fulfillment"];
    const LINES: &[&str] = &["fulfillment", "lineItemsByFulfillmentOrder"];
    let no = |field: &[&str], message: String| Ok(refuse("fulfillment", field, message));
    let input = args.get("fulfillment").cloned().unwrap_or(Json::Null);
    let groups = list(&input["lineItemsByFulfillmentOrder"]);
    if groups.is_empty() {
        return no(LINES, "Line items by fulfillment order can't be blank".to_owned());
    }
    let (company, numbers, urls) = match tracking(&input["trackingInfo"]) {
        Ok(tracking) => tracking,
        Err(why) => return no(&["fulfillment", "trackingInfo"], why.to_owned()),
    };
    let mut order_id = None;
    let mut location = None;
    let mut seen = Vec::new();
    let mut lines = Vec::new();
    for group in groups {
        let id = id_of(&group["fulfillmentOrderId"], "FulfillmentOrder")?;
        if seen.contains(&id) {
            return no(LINES, "Fulfillment orders must be unique".to_owned());
        }
        seen.push(id);
        let Some((order, fo)) = hand.seen_fo(id) else {
            return no(FIELD, "Fulfillment order does not exist.".to_owned());
        };
        if *order_id.get_or_insert(order.id) != order.id {
            return no(FIELD, "Fulfillment orders must belong to the same order.".to_owned());
        }
        if *location.get_or_insert(fo.location) != fo.location {
            return no(FIELD, "Fulfillment orders must be assigned to the same location.".to_owned());
        }
        if fo.third_party {
            return no(
                FIELD,
                format!(
                    "Fulfillment order {id} is assigned to a fulfillment service and cannot be fulfilled by this app."
                ),
            );
        }
        let status = fo.status(hand.now_ms);
        if !matches!(status, FoStatus::Open | FoStatus::InProgress) {
            return no(
                FIELD,
                format!("Fulfillment order {id} has an unfulfillable status= {}.", status.word().to_lowercase()),
            );
        }
        let asked = list(&group["fulfillmentOrderLineItems"]);
        if asked.len() > LINES_MAX {
            return no(
                LINES,
                format!("Cannot fulfill more than {LINES_MAX} line items of a fulfillment order at once."),
            );
        }
        if asked.is_empty() {
            lines.extend(fo.lines.iter().filter(|line| line.remaining > 0).map(|line| (id, line.id, line.remaining)));
        }
        for one in asked {
            let line_id = id_of(&one["id"], "FulfillmentOrderLineItem")?;
            let quantity = one["quantity"].as_i64().unwrap_or_default();
            let Some(line) = fo.lines.iter().find(|line| line.id == line_id) else {
                return no(FIELD, "Fulfillment order line item does not exist.".to_owned());
            };
            let before: i64 =
                lines.iter().filter(|(_, other, _)| *other == line_id).map(|(_, _, quantity)| quantity).sum();
            if quantity < 1 || before + quantity > line.remaining {
                return no(FIELD, "Invalid fulfillment order line item quantity requested.".to_owned());
            }
            lines.push((id, line_id, quantity));
        }
    }
    if lines.is_empty() {
        return no(FIELD, "There are no items left to fulfill.".to_owned());
    }
    let notify = input["notifyCustomer"].as_bool().unwrap_or(false);
    let shipped = Shipped { lines, company, numbers, urls, notify, third_party: false };
    let made = order_id.and_then(|order| hand.fulfil(order, &shipped));
    made.map_or_else(
        || no(FIELD, "Fulfillment order does not exist.".to_owned()),
        |id| Ok(done("fulfillment", "Fulfillment", id)),
    )
}

/// `fulfillmentTrackingInfoUpdate`: the whole set is replaced.
pub fn update_tracking(hand: &mut Hand<'_>, args: &Args) -> Written {
    let id = id_of(at(args, "fulfillmentId"), "Fulfillment")?;
    let field = &["fulfillmentId"][..];
    let (company, numbers, urls) = match tracking(at(args, "trackingInfoInput")) {
        Ok(tracking) => tracking,
        Err(why) => return Ok(refuse("fulfillment", &["trackingInfoInput"], why)),
    };
    let Some(order_id) = hand.state.owner(id).map(|order| order.id) else {
        return Ok(refuse("fulfillment", field, "Fulfillment does not exist."));
    };
    let now_ms = crate::shopify::state::seconds(hand.now_ms);
    let notify = args.get("notifyCustomer").and_then(Json::as_bool).unwrap_or(false);
    let Some(order) = hand.state.order_mut(order_id) else {
        return Ok(refuse("fulfillment", field, "Fulfillment does not exist."));
    };
    let (name, gid_of_order) = (order.name.clone(), order.gid());
    let Some(one) = order.fulfillment_mut(id) else {
        return Ok(refuse("fulfillment", field, "Fulfillment does not exist."));
    };
    if one.cancelled {
        return Ok(refuse("fulfillment", field, "Fulfillment has been cancelled."));
    }
    one.company.clone_from(&company);
    one.numbers.clone_from(&numbers);
    one.urls.clone_from(&urls);
    one.updated_ms = now_ms;
    one.notified |= notify;
    hand.state.touch(order_id, now_ms);
    let detail = json!({
        "order": name, "orderId": gid_of_order, "trackingNumbers": numbers, "trackingUrls": urls, "company": company,
        "notifyCustomer": notify,
    });
    hand.note("fulfillment_tracking_updated", gid("Fulfillment", id), numbers.first().cloned(), detail);
    Ok(done("fulfillment", "Fulfillment", id))
}

/// `fulfillmentCancel`.
pub fn cancel(hand: &mut Hand<'_>, args: &Args) -> Written {
    let id = id_of(at(args, "id"), "Fulfillment")?;
    let field = &["id"][..];
    let found = hand.state.owner(id).and_then(|order| {
        let one = order.fulfillments.iter().find(|one| one.id == id)?;
        Some((order.id, one.cancelled, one.third_party))
    });
    match found {
        None => Ok(refuse("fulfillment", field, "Fulfillment not found.")),
        Some((_, true, _)) => Ok(refuse("fulfillment", field, "Fulfillment has already been cancelled.")),
        Some((_, _, true)) => Ok(refuse("fulfillment", field, "Fulfillment is managed by a fulfillment service.")),
        Some((order, false, false)) => {
            hand.cancel_fulfillment(order, id);
            Ok(done("fulfillment", "Fulfillment", id))
        }
    }
}

/// `fulfillmentEventCreate`.
pub fn event(hand: &mut Hand<'_>, args: &Args) -> Written {
    let input = args.get("fulfillmentEvent").cloned().unwrap_or(Json::Null);
    let id = id_of(&input["fulfillmentId"], "Fulfillment")?;
    let now_ms = crate::shopify::state::seconds(hand.now_ms);
    let event_id = hand.state.id();
    let Some(order_id) = hand.state.owner(id).map(|order| order.id) else {
        return Ok(refuse("fulfillmentEvent", &["fulfillmentEvent", "fulfillmentId"], "Fulfillment not found."));
    };
    hand.state.own(event_id, order_id);
    let status = text_of(&input["status"]).unwrap_or_default();
    let moment = |name: &str| input[name].as_str().and_then(timestamp_ms);
    let event = ShipEvent {
        id: event_id,
        status: status.clone(),
        happened_ms: moment("happenedAt").unwrap_or(now_ms),
        created_ms: now_ms,
        message: text_of(&input["message"]),
        estimate_ms: moment("estimatedDeliveryAt"),
    };
    if let Some(one) = hand.state.order_mut(order_id).and_then(|order| order.fulfillment_mut(id)) {
        one.events.push(event);
        one.updated_ms = now_ms;
    }
    hand.note("fulfillment_event_created", gid("Fulfillment", id), None, json!({ "status": status }));
    Ok(done("fulfillmentEvent", "FulfillmentEvent", event_id))
}
