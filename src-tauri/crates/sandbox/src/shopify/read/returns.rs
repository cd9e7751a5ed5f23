//! Goods coming back.

use super::{Thing, Value, What, count_json, gid, id, leaf, maybe_time, opt, time};
use crate::shopify::graphql::Args;
use crate::shopify::graphql::execute::Out;
use crate::shopify::state::{Fulfillment, Order, Return, ReturnLine, ReturnStatus, digits_of, timestamp};
use serde_json::{Value as Json, json};

/// (id, handle, name, old enum word) of the reasons a buyer can give.
pub const REASONS: &[(u64, &str, &str, &str)] = &[
    (1, "wrong-item", "Received the wrong item", "WRONG_ITEM"),
    (2, "defective", "Damaged or defective", "DEFECTIVE"),
    (3, "unwanted", "Changed my mind", "UNWANTED"),
    (4, "size-too-small", "Too small", "SIZE_TOO_SMALL"),
    (5, "size-too-large", "Too large", "SIZE_TOO_LARGE"),
    (6, "other", "Other", "OTHER"),
];

fn reason_json(number: u64) -> Json {
    REASONS.iter().find(|(id, ..)| *id == number).map_or(
        Json::Null,
        |(id, handle, name, _)| json!({ "id": gid("ReturnReasonDefinition", *id), "handle": handle, "name": name }),
    )
}

/// Units of a fulfillment line that are not in a return yet.
pub fn returnable_units(order: &Order, fulfillment_line: u64, quantity: i64) -> i64 {
    let live = order.returns.iter().filter(|one| one.status != ReturnStatus::Declined);
    let back: i64 = live
        .flat_map(|one| &one.lines)
        .filter(|line| line.fulfillment_line == fulfillment_line)
        .map(|line| line.quantity)
        .sum();
    quantity - back
}

impl<'a> Thing<'a> {
    pub(super) fn reasons(&self, args: &Args) -> Value<'a> {
        self.page(
            args,
            REASONS.iter().map(|(id, ..)| (*id, What::Plain("ReturnReasonDefinition".to_owned(), reason_json(*id)))),
        )
    }

    pub(super) fn returnables(&self, order: &str, args: &Args) -> Value<'a> {
        if !self.view.may("read_returns") {
            return super::root::denied("read_returns");
        }
        let order =
            digits_of(order, "Order").and_then(|id| self.view.state.order(id)).filter(|order| self.view.sees(order));
        let Some(order) = order else { return self.page(args, []) };
        let some_left = |one: &&Fulfillment| {
            !one.cancelled && one.lines.iter().any(|line| returnable_units(order, line.id, line.quantity) > 0)
        };
        self.page(args, order.fulfillments.iter().filter(some_left).map(|one| (one.id, What::Returnable(order, one))))
    }

    pub(super) fn returnable(&self, order: &'a Order, one: &'a Fulfillment, name: &str, args: &Args) -> Value<'a> {
        match name {
            "id" => id("ReturnableFulfillment", one.id),
            "fulfillment" => self.one(What::Fulfillment(order, one)),
            _ => {
                let lines = one.lines.iter().filter_map(|line| {
                    let left = returnable_units(order, line.id, line.quantity);
                    let value = json!({ "quantity": left, "fulfillmentLineItem": { "$ref": gid("FulfillmentLineItem", line.id) } });
                    (left > 0).then(|| (line.id, What::Plain("ReturnableFulfillmentLineItem".to_owned(), value)))
                });
                self.page(args, lines)
            }
        }
    }

    pub(super) fn a_return(&self, order: &'a Order, one: &'a Return, name: &str, args: &Args) -> Value<'a> {
        match name {
            "id" => id("Return", one.id),
            "name" => leaf(one.name.as_str()),
            "status" => leaf(one.status.word()),
            "createdAt" => time(one.created_ms),
            "closedAt" => maybe_time(one.closed_ms),
            "requestApprovedAt" => maybe_time(one.approved_ms),
            "decline" => {
                let value = one.declined.as_ref().map(|(reason, note)| json!({ "reason": reason, "note": note }));
                self.value("ReturnDecline", value.unwrap_or(Json::Null))
            }
            "totalQuantity" => leaf(one.lines.iter().map(|line| line.quantity).sum::<i64>()),
            "order" => self.one(What::Order(order)),
            "returnLineItems" => {
                self.page(args, one.lines.iter().map(|line| (line.id, What::ReturnLine(order, one, line))))
            }
            "reverseFulfillmentOrders" => self.page(args, one.reverse.map(|id| (id, What::Reverse(order, one)))),
            "refunds" => {
                let made = order.refunds.iter().filter(|refund| one.refunds.contains(&refund.id));
                self.page(args, made.map(|refund| (refund.id, What::Refund(order, refund))))
            }
            _ => self.value("Count", count_json(0)),
        }
    }

    pub(super) fn return_line(
        &self,
        order: &'a Order,
        _one: &'a Return,
        line: &'a ReturnLine,
        name: &str,
    ) -> Value<'a> {
        match name {
            "id" => id("ReturnLineItem", line.id),
            "quantity" => leaf(line.quantity),
            "processedQuantity" => leaf(line.processed),
            "unprocessedQuantity" | "processableQuantity" => leaf(line.quantity - line.processed),
            "refundedQuantity" => leaf(line.refunded),
            "refundableQuantity" => leaf(line.quantity - line.refunded),
            "returnReason" => {
                leaf(REASONS.iter().find(|(id, ..)| *id == line.reason).map_or("UNKNOWN", |(.., word)| word))
            }
            "returnReasonDefinition" => self.value("ReturnReasonDefinition", reason_json(line.reason)),
            "returnReasonNote" => leaf(line.note.as_str()),
            "customerNote" => opt(line.customer_note.clone()),
            "fulfillmentLineItem" => {
                let found = order.fulfillment_line(line.fulfillment_line);
                self.maybe(found.map(|(_, line)| What::FulfillmentLine(order, line)))
            }
            _ => Out::Null,
        }
    }

    pub(super) fn reverse(&self, order: &'a Order, one: &'a Return, name: &str, args: &Args) -> Value<'a> {
        match name {
            "id" => id("ReverseFulfillmentOrder", one.reverse.unwrap_or_default()),
            "status" => leaf(if one.status == ReturnStatus::Closed { "CLOSED" } else { "OPEN" }),
            "order" => self.one(What::Order(order)),
            "lineItems" => {
                self.page(args, one.lines.iter().map(|line| (line.reverse_line, What::ReverseLine(order, line))))
            }
            _ => Out::Null,
        }
    }

    pub(super) fn reverse_line(&self, order: &'a Order, line: &'a ReturnLine, name: &str) -> Value<'a> {
        match name {
            "id" => id("ReverseFulfillmentOrderLineItem", line.reverse_line),
            "totalQuantity" => leaf(line.quantity),
            "fulfillmentLineItem" => {
                let found = order.fulfillment_line(line.fulfillment_line);
                self.maybe(found.map(|(_, line)| What::FulfillmentLine(order, line)))
            }
            "dispositions" => {
                let rows = line.dispositions.iter().map(|(id, kind, quantity, location, at_ms)| {
                    json!({
                        "id": gid("ReverseFulfillmentOrderDisposition", *id), "type": kind, "quantity": quantity,
                        "createdAt": timestamp(*at_ms),
                        "location": location.map(|id| json!({ "$ref": gid("Location", id) })),
                    })
                });
                self.values("ReverseFulfillmentOrderDisposition", rows)
            }
            _ => Out::Null,
        }
    }
}
