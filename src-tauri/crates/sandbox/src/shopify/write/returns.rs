//! Goods coming back: agreed, asked for, received, closed.

use super::{Args, Hand, Json, Written, at, done, id_of, json, list, reference, refuse_as, text_of};
use crate::shopify::state::{Restock, Return, ReturnLine, ReturnStatus, digits_of, gid, minor};

/// The order of a return and the return's place in it.
fn found(hand: &Hand<'_>, id: u64) -> Option<(u64, usize)> {
    let order = hand.state.owner(id)?;
    Some((order.id, order.returns.iter().position(|one| one.id == id)?))
}

fn not_found(payload: &str) -> Json {
    refuse_as(payload, "NOT_FOUND", &["id"], "Return not found.")
}

/// `returnCreate` (agreed) and `returnRequest` (to be agreed).
pub fn create(hand: &mut Hand<'_>, args: &Args, agreed: bool) -> Written {
    let input = at(args, if agreed { "returnInput" } else { "input" }).clone();
    let order_id = id_of(&input["orderId"], "Order")?;
    let no = |code: &str, message: &str| Ok(refuse_as("return", code, &["returnLineItems"], message));
    let Some(order) = hand.seen_order(order_id) else { return no("NOT_FOUND", "Order not found.") };
    let mut lines = Vec::new();
    for one in list(&input["returnLineItems"]) {
        let line_id = id_of(&one["fulfillmentLineItemId"], "FulfillmentLineItem")?;
        let quantity = one["quantity"].as_i64().unwrap_or_default();
        let Some((fulfillment, line)) = order.fulfillment_line(line_id) else {
            return no("NOT_FOUND", "Fulfillment line item not found.");
        };
        let left = crate::shopify::read::returnable_units(order, line_id, line.quantity);
        if fulfillment.cancelled || quantity < 1 || quantity > left {
            return no("INVALID", "Quantity is not available for return.");
        }
        let reason = one["returnReasonDefinitionId"].as_str().and_then(|id| digits_of(id, "ReturnReasonDefinition"));
        let word = one["returnReason"].as_str();
        let reason = reason.or_else(|| crate::shopify::read::reason_of_word(word?));
        let note = text_of(&one["returnReasonNote"]).unwrap_or_default();
        if note.chars().count() > 255 {
            return no("TOO_LONG", "Return reason note is too long (maximum is 255 characters)");
        }
        lines.push((line_id, quantity, reason.unwrap_or(6), note, text_of(&one["customerNote"])));
    }
    if lines.is_empty() {
        return no("BLANK", "Return line items can't be blank.");
    }
    let now_ms = crate::shopify::state::seconds(hand.now_ms);
    let id = hand.state.id();
    let reverse = hand.state.id();
    let mut parts = vec![id, reverse];
    let mut made = Vec::new();
    for (fulfillment_line, quantity, reason, note, customer_note) in lines {
        let (line, reverse_line) = (hand.state.id(), hand.state.id());
        parts.extend([line, reverse_line]);
        made.push(ReturnLine {
            id: line,
            fulfillment_line,
            reverse_line,
            quantity,
            processed: 0,
            refunded: 0,
            reason,
            note,
            customer_note,
            dispositions: Vec::new(),
        });
    }
    for part in parts {
        hand.state.own(part, order_id);
    }
    if let Some(order) = hand.state.order_mut(order_id) {
        let name = format!("{}-R{}", order.name, order.returns.len() + 1);
        if agreed {
            order.closed_ms = None;
        }
        order.returns.push(Return {
            id,
            name,
            status: if agreed { ReturnStatus::Open } else { ReturnStatus::Requested },
            created_ms: now_ms,
            closed_ms: None,
            approved_ms: agreed.then_some(now_ms),
            declined: None,
            reverse: agreed.then_some(reverse),
            refunds: Vec::new(),
            lines: made,
        });
    }
    hand.state.touch(order_id, now_ms);
    hand.note(
        if agreed { "return_created" } else { "return_requested" },
        gid("Return", id),
        None,
        json!({ "orderId": gid("Order", order_id) }),
    );
    Ok(done("return", "Return", id))
}

/// `returnApproveRequest`.
pub fn approve(hand: &mut Hand<'_>, args: &Args) -> Written {
    let id = id_of(&at(args, "input")["id"], "Return")?;
    let Some((order_id, index)) = found(hand, id) else { return Ok(not_found("return")) };
    let now_ms = crate::shopify::state::seconds(hand.now_ms);
    let reverse = hand.state.id();
    hand.state.own(reverse, order_id);
    let one = hand.state.order_mut(order_id).and_then(|order| order.returns.get_mut(index));
    let Some(one) = one.filter(|one| one.status == ReturnStatus::Requested) else {
        return Ok(refuse_as(
            "return",
            "INVALID_STATE",
            &["input", "id"],
            "Return is not approvable. Only returns with status REQUESTED can be approved.",
        ));
    };
    one.status = ReturnStatus::Open;
    one.approved_ms = Some(now_ms);
    one.reverse = Some(reverse);
    hand.state.touch(order_id, now_ms);
    hand.note("return_approved", gid("Return", id), None, Json::Null);
    Ok(done("return", "Return", id))
}

/// `returnDeclineRequest`.
pub fn decline(hand: &mut Hand<'_>, args: &Args) -> Written {
    let input = at(args, "input").clone();
    let id = id_of(&input["id"], "Return")?;
    let Some((order_id, index)) = found(hand, id) else { return Ok(not_found("return")) };
    let now_ms = hand.now_ms;
    let one = hand.state.order_mut(order_id).and_then(|order| order.returns.get_mut(index));
    let Some(one) = one.filter(|one| one.status == ReturnStatus::Requested) else {
        return Ok(refuse_as(
            "return",
            "INVALID_STATE",
            &["input", "id"],
            "Return is not declinable. Only returns with status REQUESTED can be declined.",
        ));
    };
    one.status = ReturnStatus::Declined;
    one.declined = Some((text_of(&input["declineReason"]).unwrap_or_default(), text_of(&input["declineNote"])));
    hand.state.touch(order_id, now_ms);
    hand.note("return_declined", gid("Return", id), None, Json::Null);
    Ok(done("return", "Return", id))
}

/// Where returned units went: checks and notes it on the line. `Err` says why not.
fn place(hand: &mut Hand<'_>, order_id: u64, asked: &Json) -> Result<Result<u64, &'static str>, Json> {
    let id = id_of(&asked["reverseFulfillmentOrderLineItemId"], "ReverseFulfillmentOrderLineItem")?;
    let kind = text_of(&asked["dispositionType"]).unwrap_or_default();
    let quantity = asked["quantity"].as_i64().unwrap_or_default();
    let location = match asked["locationId"] {
        Json::Null => None,
        ref given => Some(id_of(given, "Location")?),
    };
    if kind == "RESTOCKED" && location.is_none_or(|place| hand.state.location(place).is_none()) {
        return Ok(Err("Location must be given to restock."));
    }
    let (new_id, now_ms) = (hand.state.id(), crate::shopify::state::seconds(hand.now_ms));
    let Some(order) = hand.state.order_mut(order_id) else { return Ok(Err("Order not found.")) };
    let line = order.returns.iter_mut().flat_map(|one| &mut one.lines).find(|line| line.reverse_line == id);
    let Some(line) = line else { return Ok(Err("Reverse fulfillment order line item not found.")) };
    let before: i64 = line.dispositions.iter().map(|(_, _, quantity, ..)| quantity).sum();
    if quantity < 1 || before + quantity > line.quantity {
        return Ok(Err("Quantity exceeds the quantity that can be disposed."));
    }
    line.dispositions.push((new_id, kind, quantity, location, now_ms));
    Ok(Ok(id))
}

/// `returnProcess`: units, where they went, and money, in one call.
pub fn process(hand: &mut Hand<'_>, args: &Args) -> Written {
    let input = at(args, "input").clone();
    let id = id_of(&input["returnId"], "Return")?;
    let Some((order_id, index)) = found(hand, id) else { return Ok(not_found("return")) };
    let no = |code: &str, message: &str| Ok(refuse_as("return", code, &["input"], message));
    let open = hand
        .state
        .order(order_id)
        .and_then(|order| order.returns.get(index))
        .is_some_and(|one| one.status == ReturnStatus::Open);
    if !open {
        return no("INVALID_STATE", "Return is not open.");
    }
    let mut units = Vec::new();
    for asked in list(&input["returnLineItems"]) {
        let line_id = id_of(&asked["id"], "ReturnLineItem")?;
        let quantity = asked["quantity"].as_i64().unwrap_or_default();
        let order = hand.state.order(order_id);
        let line = order.and_then(|order| order.returns.get(index)?.lines.iter().find(|line| line.id == line_id));
        let Some(line) = line else { return no("NOT_FOUND", "Return line item not found.") };
        if quantity < 1 || quantity > line.quantity - line.processed {
            return no("INVALID", "Quantity exceeds the unprocessed quantity.");
        }
        let item = order.and_then(|order| order.fulfillment_line(line.fulfillment_line)).map(|(_, line)| line.line);
        units.push((line_id, quantity, item, list(&asked["dispositions"]).to_vec()));
    }
    let currency = hand.state.order(order_id).map(|order| order.presented(0).1.to_owned()).unwrap_or_default();
    let mut money = Vec::new();
    for one in list(&input["financialTransfer"]["issueRefund"]["orderTransactions"]) {
        let parent = id_of(&one["parentId"], "OrderTransaction")?;
        let amount =
            one["transactionAmount"]["amount"].as_str().and_then(|text| minor(text, &currency)).unwrap_or_default();
        let order = hand.state.order(order_id);
        let payment =
            order.and_then(|order| Some((order, order.transactions.iter().find(|payment| payment.id == parent)?)));
        let Some((order, payment)) = payment else { return no("NOT_FOUND", "Parent transaction not found.") };
        let amount = order.from_presented(amount);
        if amount > order.refundable_of(payment) {
            return no("INVALID", "Refund amount exceeds the amount that can be refunded.");
        }
        money.push((parent, amount));
    }
    for (line_id, quantity, _, dispositions) in &units {
        for asked in dispositions {
            if let Err(why) = place(hand, order_id, asked)? {
                return no("INVALID", why);
            }
        }
        let order = hand.state.order_mut(order_id);
        let line =
            order.and_then(|order| order.returns.get_mut(index)?.lines.iter_mut().find(|line| line.id == *line_id));
        if let Some(line) = line {
            line.processed += quantity;
            line.refunded += if money.is_empty() { 0 } else { *quantity };
        }
    }
    if !money.is_empty() {
        let lines: Vec<_> = units
            .iter()
            .filter_map(|(_, quantity, item, _)| Some(((*item)?, *quantity, Restock::Return, None)))
            .collect();
        let made = hand.refund(order_id, &lines, &money, 0, input["note"].as_str());
        let one = hand.state.order_mut(order_id).and_then(|order| order.returns.get_mut(index));
        if let Some(one) = one {
            one.refunds.extend(made);
        }
    }
    hand.state.touch(order_id, hand.now_ms);
    hand.note("return_processed", gid("Return", id), None, json!({ "orderId": gid("Order", order_id) }));
    Ok(done("return", "Return", id))
}

/// `reverseFulfillmentOrderDispose`.
pub fn dispose(hand: &mut Hand<'_>, args: &Args) -> Written {
    const PAYLOAD: &str = "reverseFulfillmentOrderLineItems";
    let mut placed = Vec::new();
    for asked in list(at(args, "dispositionInputs")).to_vec() {
        let id = id_of(&asked["reverseFulfillmentOrderLineItemId"], "ReverseFulfillmentOrderLineItem")?;
        let Some(order_id) = hand.state.owner(id).map(|order| order.id) else {
            return Ok(refuse_as(
                PAYLOAD,
                "NOT_FOUND",
                &["dispositionInputs"],
                "Reverse fulfillment order line item not found.",
            ));
        };
        match place(hand, order_id, &asked)? {
            Ok(id) => placed.push(reference("ReverseFulfillmentOrderLineItem", id)),
            Err(why) => return Ok(refuse_as(PAYLOAD, "INVALID", &["dispositionInputs"], why)),
        }
        hand.note("return_disposed", gid("ReverseFulfillmentOrderLineItem", id), None, asked);
    }
    Ok(json!({ PAYLOAD: placed, "userErrors": [] }))
}

/// `returnClose`.
pub fn close(hand: &mut Hand<'_>, args: &Args) -> Written {
    let id = id_of(at(args, "id"), "Return")?;
    let Some((order_id, index)) = found(hand, id) else { return Ok(not_found("return")) };
    let now_ms = crate::shopify::state::seconds(hand.now_ms);
    let one = hand.state.order_mut(order_id).and_then(|order| order.returns.get_mut(index));
    let Some(one) = one.filter(|one| one.status == ReturnStatus::Open) else {
        return Ok(refuse_as("return", "INVALID_STATE", &["id"], "Return is not open."));
    };
    one.status = ReturnStatus::Closed;
    one.closed_ms = Some(now_ms);
    hand.state.touch(order_id, now_ms);
    hand.note("return_closed", gid("Return", id), None, Json::Null);
    Ok(done("return", "Return", id))
}
