//! Money and units given back.

use super::{Args, Hand, Json, Written, at, done, id_of, list, refuse, text_of};
use crate::shopify::state::{Restock, minor};

/// `refundCreate`.
pub fn create(hand: &mut Hand<'_>, args: &Args) -> Written {
    let input = at(args, "input").clone();
    let no = |field: &[&str], message: &str| Ok(refuse("refund", field, message));
    let id = id_of(&input["orderId"], "Order")?;
    let Some(order) = hand.seen_order(id) else { return no(&["orderId"], "Order does not exist") };
    let presented = order.presented(0).1.to_owned();
    if presented != order.currency && input["currency"].as_str().is_none() {
        return no(&["currency"], "Currency must be given when the order was paid in another currency than the shop's");
    }
    let mut lines: Vec<(u64, i64, Restock, Option<u64>)> = Vec::new();
    for one in list(&input["refundLineItems"]) {
        let line_id = id_of(&one["lineItemId"], "LineItem")?;
        let quantity = one["quantity"].as_i64().unwrap_or_default();
        let field = &["refundLineItems"][..];
        let Some(line) = order.line(line_id) else { return no(field, "Line item does not belong to the order") };
        let before: i64 = lines.iter().filter(|(id, ..)| *id == line_id).map(|(_, quantity, ..)| quantity).sum();
        if quantity < 1 || before + quantity > line.current() {
            return no(field, "Quantity cannot refund more items than were purchased");
        }
        let restock = match one["restockType"].as_str() {
            Some("RETURN") => Restock::Return,
            Some("CANCEL") => Restock::Cancel,
            Some("LEGACY_RESTOCK") => return no(field, "Restock type legacy_restock is not allowed"),
            _ => Restock::NoRestock,
        };
        let location = match one["locationId"] {
            Json::Null => None,
            ref given => Some(id_of(given, "Location")?),
        };
        if restock != Restock::NoRestock && location.is_none_or(|place| hand.state.location(place).is_none()) {
            return no(field, "Location must be given to restock the line item");
        }
        if restock == Restock::Cancel && quantity > line.unfulfilled() {
            return no(field, "Cannot cancel items that were fulfilled");
        }
        if restock == Restock::Return && quantity > line.fulfilled - line.returned {
            return no(field, "Cannot return items that were not fulfilled");
        }
        lines.push((line_id, quantity, restock, location));
    }
    let over = input["allowOverRefunding"].as_bool().unwrap_or(false);
    let mut money = Vec::new();
    for one in list(&input["transactions"]) {
        let field = &["transactions"][..];
        if one["kind"].as_str() != Some("REFUND") {
            return no(field, "Kind must be refund");
        }
        if id_of(&one["orderId"], "Order")? != id {
            return no(field, "Transaction must belong to the order");
        }
        if one["gateway"].as_str() != Some(order.gateway.as_str()) {
            return no(field, "Gateway must be the one of the parent transaction");
        }
        let Some(parent) = one["parentId"].as_str() else { return no(field, "Parent transaction must be given") };
        let parent = id_of(&Json::from(parent), "OrderTransaction")?;
        let Some(payment) = order.transactions.iter().find(|payment| payment.id == parent) else {
            return no(field, "Parent transaction does not exist");
        };
        let Some(amount) = one["amount"].as_str().and_then(|text| minor(text, &presented)) else {
            return no(field, "Amount is invalid");
        };
        let amount = order.from_presented(amount);
        let before: i64 = money.iter().filter(|(other, _)| *other == parent).map(|(_, minor)| minor).sum();
        if amount < 0 || (!over && before + amount > order.refundable_of(payment)) {
            return no(field, "Refund amount exceeds the amount that can be refunded");
        }
        money.push((parent, amount));
    }
    let shipping = &input["shipping"];
    let left = order.current_totals().shipping;
    let shipping_minor = if shipping["fullRefund"].as_bool() == Some(true) {
        left
    } else {
        shipping["amount"]
            .as_str()
            .and_then(|text| minor(text, &presented))
            .map_or(0, |minor| order.from_presented(minor))
    };
    if shipping_minor > left {
        return no(&["shipping"], "Shipping refund exceeds the shipping that was paid");
    }
    if lines.is_empty() && money.is_empty() && shipping_minor == 0 {
        return no(&["input"], "Refund must contain line items, shipping or transactions");
    }
    let note = text_of(&input["note"]);
    let made = hand.refund(id, &lines, &money, shipping_minor, note.as_deref());
    made.map_or_else(|| no(&["orderId"], "Order does not exist"), |refund| Ok(done("refund", "Refund", refund)))
}
