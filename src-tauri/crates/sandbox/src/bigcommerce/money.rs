//! Payments of an order: letting a reserved one go, taking it, quoting and giving back.

use super::BigCommerce;
use super::door::{Answer, Call, no_v3, nothing, ok};
use super::shape::{iso, totals};
use super::state::{Order, Refund};
use crate::Moment;
use crate::ledger::By;
use http::Method;
use serde_json::{Value as Json, json};

/// What a list of refund items comes to.
#[derive(Debug, Default)]
struct Sum {
    minor: i64,
    tax_minor: i64,
    units: Vec<(i64, i64)>,
}

fn refuse(title: &str) -> Answer {
    no_v3(422, title, &json!({}))
}

impl BigCommerce {
    pub(super) fn payments(&mut self, id: i64, action: &[&str], call: &Call<'_>, moment: &mut Moment<'_>) -> Answer {
        match (call.method, action) {
            (&Method::POST, ["void"]) => self.move_payment(id, "authorized", "void pending", "payment_voided", moment),
            (&Method::POST, ["capture"]) => self.move_payment(id, "authorized", "captured", "payment_captured", moment),
            (&Method::POST, ["refund_quotes"]) => self.quote(id, call),
            (&Method::POST, ["refunds"]) => self.post_refund(id, call, moment),
            (&Method::GET, ["refunds"]) => {
                let order = self.state.orders.get(&id);
                let rows =
                    order.map(|order| order.refunds.iter().map(|refund| self.refund_json(order, refund)).collect());
                // No page is told: the list ends where it ends.
                ok(200, &json!({ "data": Json::Array(rows.unwrap_or_default()), "meta": {} }))
            }
            _ => no_v3(404, "The resource at that URL is not found.", &json!({})),
        }
    }

    fn move_payment(&mut self, id: i64, from: &str, to: &str, effect: &str, moment: &mut Moment<'_>) -> Answer {
        let Some(order) = self.state.orders.get_mut(&id) else { return nothing() };
        if order.payment_status != from {
            return refuse("The order's payment cannot be changed in its state.");
        }
        to.clone_into(&mut order.payment_status);
        self.state.touch(id, moment.now_ms);
        self.hand(moment, By::Client).note(effect, id, None, json!({ "orderId": id.to_string() }));
        ok(201, &json!({}))
    }

    fn sum(&self, order: &Order, items: &Json) -> Result<Sum, Answer> {
        let Some(items) = items.as_array().filter(|items| !items.is_empty()) else {
            return Err(no_v3(422, "JSON data is missing or invalid", &json!({ "items": "error.path.missing" })));
        };
        let mut sum = Sum::default();
        for item in items {
            let kind = item.get("item_type").and_then(Json::as_str).unwrap_or_default();
            let Some(item_id) = item.get("item_id").and_then(Json::as_i64) else {
                return Err(no_v3(422, "JSON data is missing or invalid", &json!({ "item_id": "error.path.missing" })));
            };
            let amount = || item.get("amount").and_then(|amount| self.plan.minor(amount)).filter(|minor| *minor > 0);
            match kind {
                "PRODUCT" | "GIFT_WRAPPING" => {
                    let units = item.get("quantity").and_then(Json::as_i64).unwrap_or(0);
                    let Some(line) = order.line(item_id) else { return Err(refuse("The item is not in the order.")) };
                    if units <= 0 || units > line.quantity - line.refunded {
                        return Err(refuse("The quantity is more than can be refunded."));
                    }
                    let entered = if kind == "PRODUCT" {
                        line.price_minor
                    } else {
                        line.wrapping.as_ref().map_or(0, |(_, cost, _)| *cost)
                    };
                    let (ex, inc) = self.plan.split(entered);
                    let off = if kind == "PRODUCT" { line.discount_minor * units / line.quantity.max(1) } else { 0 };
                    let adjusted: i64 = item
                        .get("adjustments")
                        .and_then(Json::as_array)
                        .into_iter()
                        .flatten()
                        .filter_map(|one| self.plan.minor(one.get("amount")?))
                        .sum();
                    sum.minor += inc * units - off + adjusted;
                    sum.tax_minor += (inc - ex) * units;
                    if kind == "PRODUCT" {
                        sum.units.push((item_id, units));
                    }
                }
                "SHIPPING" | "HANDLING" => {
                    let Some(to) = order.addresses.iter().find(|to| to.id == item_id) else {
                        return Err(refuse("The address is not in the order."));
                    };
                    let paid = if kind == "SHIPPING" { self.plan.split(to.cost_minor).1 } else { 0 };
                    let most = paid - self.given_back(order, kind, item_id);
                    let Some(minor) = amount().filter(|minor| *minor <= most) else {
                        return Err(refuse("The amount is more than can be refunded."));
                    };
                    sum.minor += minor;
                }
                "ORDER" if item_id == order.id => {
                    let Some(minor) = amount() else { return Err(refuse("The amount is invalid.")) };
                    sum.minor += minor;
                }
                _ => {
                    return Err(no_v3(
                        422,
                        "JSON data is missing or invalid",
                        &json!({ "item_type": "error.expected" }),
                    ));
                }
            }
        }
        // A coupon over the whole order goes off the rest.
        let left = totals(order, &self.plan).total_inc - order.refunded_minor();
        sum.minor = sum.minor.min(left);
        Ok(sum)
    }

    /// What of an address's shipping went back before.
    fn given_back(&self, order: &Order, kind: &str, address: i64) -> i64 {
        let items = order.refunds.iter().filter_map(|refund| refund.items.as_array()).flatten();
        let same = |item: &&Json| {
            item.get("item_type").and_then(Json::as_str) == Some(kind)
                && item.get("item_id").and_then(Json::as_i64) == Some(address)
        };
        items.filter(same).filter_map(|item| self.plan.minor(item.get("amount")?)).sum()
    }

    /// Ways to give so much back: to the payment, or only recorded.
    fn ways(&self, order: &Order, minor: i64) -> Vec<Vec<Json>> {
        let way = |id: &str, offline: bool| {
            vec![
                json!({ "provider_id": id, "provider_description": id, "amount": self.plan.number(minor), "offline": offline,
                "offline_provider": offline, "offline_reason": if offline { "This is an offline payment provider" } else { "" } }),
            ]
        };
        let online = matches!(order.payment_status.as_str(), "captured" | "paid" | "partially refunded");
        let mut ways = vec![way("custom", true)];
        if online {
            ways.push(way("checkout_paypalexpress", false));
        }
        ways
    }

    fn quote(&self, id: i64, call: &Call<'_>) -> Answer {
        let Some(order) = self.state.orders.get(&id) else { return nothing() };
        let sum =
            match Self::settled(order).and_then(|()| self.sum(order, call.body.get("items").unwrap_or(&Json::Null))) {
                Ok(sum) => sum,
                Err(refused) => return refused,
            };
        let data = json!({
            "order_id": id, "total_refund_amount": self.plan.number(sum.minor), "total_refund_tax_amount": self.plan.number(sum.tax_minor),
            "order_level_refund_amount": 0, "rounding": 0, "adjustment": 0, "tax_inclusive": self.plan.taxes_included,
            "refund_methods": self.ways(order, sum.minor),
        });
        ok(201, &json!({ "data": data, "meta": {} }))
    }

    fn settled(order: &Order) -> Result<(), Answer> {
        let settled = matches!(order.payment_status.as_str(), "captured" | "paid" | "partially refunded" | "")
            && order.status != 0;
        if settled { Ok(()) } else { Err(refuse("The order has no settled payment.")) }
    }

    fn post_refund(&mut self, id: i64, call: &Call<'_>, moment: &mut Moment<'_>) -> Answer {
        let Some(order) = self.state.orders.get(&id) else { return nothing() };
        let items = call.body.get("items").cloned().unwrap_or_default();
        let sum = match Self::settled(order).and_then(|()| self.sum(order, &items)) {
            Ok(sum) => sum,
            Err(refused) => return refused,
        };
        let given: Vec<(String, i64, bool)> = call
            .body
            .get("payments")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(|payment| {
                let provider = payment.get("provider_id")?.as_str()?.to_owned();
                Some((provider, self.plan.minor(payment.get("amount")?)?, payment.get("offline")?.as_bool()?))
            })
            .collect();
        let offered = self.ways(order, sum.minor);
        let known = offered
            .iter()
            .flatten()
            .filter_map(|way| way.get("provider_id")?.as_str().map(str::to_owned))
            .collect::<Vec<_>>();
        // To the cent, and by a way that was offered.
        if given.is_empty()
            || given.iter().map(|(_, minor, _)| minor).sum::<i64>() != sum.minor
            || !given.iter().all(|(id, ..)| known.contains(id))
        {
            return refuse("The payments do not match the refund amount.");
        }
        if sum.minor <= 0 {
            return refuse("There is nothing to refund.");
        }
        let made = self.hand(moment, By::Client).refund(id, items, &sum.units, sum.minor, given);
        let order = self.state.orders.get(&id);
        let shown = order.and_then(|order| Some((order, order.refunds.iter().find(|refund| refund.id == made)?)));
        shown.map_or_else(nothing, |(order, refund)| {
            ok(201, &json!({ "data": self.refund_json(order, refund), "meta": {} }))
        })
    }

    /// A refund.
    pub(super) fn refund_json(&self, order: &Order, refund: &Refund) -> Json {
        let items: Vec<Json> = refund
            .items
            .as_array()
            .into_iter()
            .flatten()
            .map(|item| {
                let amount = item.get("amount").cloned().unwrap_or(json!(0));
                json!({ "item_type": item.get("item_type"), "item_id": item.get("item_id"), "reason": item.get("reason").cloned().unwrap_or(json!("")),
                    "quantity": item.get("quantity").cloned().unwrap_or(json!(1)), "requested_amount": amount })
            })
            .collect();
        let payments: Vec<Json> = refund
            .payments
            .iter()
            .map(|(provider, minor, offline)| {
                json!({ "id": refund.id, "provider_id": provider, "amount": self.plan.number(*minor), "offline": offline,
                    "is_declined": false, "declined_message": "", "transaction_id": "" })
            })
            .collect();
        json!({
            "id": refund.id, "order_id": order.id, "user_id": 0, "created": iso(refund.at_ms), "reason": "",
            "total_amount": self.plan.number(refund.minor), "total_tax": 0, "uses_merchant_override_values": false,
            "items": items, "payments": payments,
        })
    }

    /// `GET .../transactions`.
    pub(super) fn transactions(&self, order: &Order) -> Answer {
        if order.payment_status.is_empty() {
            return nothing();
        }
        let minor = totals(order, &self.plan).total_inc;
        let event = if order.payment_status == "authorized" { "authorization" } else { "purchase" };
        let row = json!({ "id": order.id, "order_id": order.id.to_string(), "event": event, "method": "credit_card",
            "amount": self.plan.number(minor), "currency": self.plan.currency, "gateway": "paypalexpress",
            "gateway_transaction_id": format!("T{}", order.id), "status": "ok", "test": false, "fraud_review": false,
            "reference_transaction_id": null, "date_created": iso(order.created_ms) });
        ok(200, &json!({ "data": [row], "meta": {} }))
    }
}
