//! Orders, their lines and their money.

use super::root::denied;
use super::search::Term;
use super::{
    Thing, Value, View, What, attributes, count_json, gid, id, leaf, maybe_time, money_bag, opt, text, time,
    weight_json,
};
use crate::shopify::graphql::Args;
use crate::shopify::graphql::execute::Out;
use crate::shopify::state::{
    Delivery, Line, Metafield, Order, Refund, RefundLine, Restock, ShippingLine, Transaction, minor, timestamp,
};
use serde_json::{Value as Json, json};

/// Search fields of orders.
pub const SEARCHED: &[&str] = &[
    "channel",
    "closed_at",
    "created_at",
    "customer_id",
    "delivery_method",
    "email",
    "financial_status",
    "fulfillment_location_id",
    "fulfillment_status",
    "id",
    "location_id",
    "name",
    "po_number",
    "processed_at",
    "return_status",
    "risk_level",
    "sku",
    "source_name",
    "status",
    "tag",
    "tag_not",
    "test",
    "updated_at",
];

impl View<'_> {
    /// Names and addresses are visible at all.
    fn personal(&self) -> bool {
        self.plan.personal_data
    }
}

impl<'a> Thing<'a> {
    /// Judges one search term on an order.
    pub(super) fn order_term(&self, order: &Order, term: &Term) -> Option<bool> {
        let now_ms = self.view.now_ms;
        Some(match term.field.as_str() {
            "updated_at" => term.time(order.updated_ms),
            "created_at" | "processed_at" => term.time(order.created_ms),
            "closed_at" => order.closed_ms.is_some_and(|ms| term.time(ms)),
            "id" => term.number(order.id as i64),
            "name" => term.word(&order.name) || term.word(order.name.trim_start_matches('#')),
            "status" => {
                let open = order.closed_ms.is_none() && order.cancelled.is_none();
                match term.value.to_lowercase().as_str() {
                    "open" => open,
                    "closed" => order.closed_ms.is_some() && order.cancelled.is_none(),
                    "cancelled" => order.cancelled.is_some(),
                    "not_closed" => order.closed_ms.is_none(),
                    _ => return None,
                }
            }
            "financial_status" => term.one_of(order.financial_status()),
            "fulfillment_status" => {
                let word = order.fulfillment_status(now_ms);
                let also = match word {
                    "FULFILLED" => &["shipped"][..],
                    "PARTIALLY_FULFILLED" => &["partial"][..],
                    "UNFULFILLED" => &["unshipped"][..],
                    "ON_HOLD" | "SCHEDULED" => &["unshipped", "unfulfilled"][..],
                    _ => &[][..],
                };
                term.one_of(word) || also.iter().any(|word| term.one_of(word))
            }
            "return_status" => term.one_of(order.return_status()),
            "risk_level" => term.one_of(&order.risk.1),
            "test" => term.flag(order.test),
            "tag" => order.tags.iter().any(|tag| term.word(tag)),
            "tag_not" => !order.tags.iter().any(|tag| term.word(tag)),
            "source_name" | "channel" => term.word(&order.source_name),
            "sku" => order.lines.iter().filter_map(|line| line.sku.as_ref()).any(|sku| term.word(sku)),
            "email" => order.email.as_ref().is_some_and(|email| term.word(email)),
            "po_number" => order.po_number.as_ref().is_some_and(|number| term.word(number)),
            "customer_id" => order.customer.is_some_and(|id| term.number(id as i64)),
            "location_id" => order.retail_location.is_some_and(|id| term.number(id as i64)),
            "fulfillment_location_id" => order.fos.iter().any(|fo| term.number(fo.location as i64)),
            "delivery_method" => {
                term.word(&order.delivery.word().replace('_', "-")) || term.word(order.delivery.word())
            }
            "" => {
                let name = order.ship_to.as_ref().map(crate::shopify::state::Address::name).unwrap_or_default();
                term.word(&order.name) || term.word(order.name.trim_start_matches('#')) || term.word(&name)
            }
            _ => return None,
        })
    }

    pub(super) fn order(&self, order: &'a Order, name: &str, args: &Args) -> Value<'a> {
        let view = self.view;
        let totals = || order.totals();
        let current = || order.current_totals();
        let money = |minor| self.money(order, minor);
        let personal = |value: &'a Option<String>| if view.personal() { opt(value.clone()) } else { Out::Null };
        match name {
            "id" => id("Order", order.id),
            "legacyResourceId" => leaf(order.id.to_string()),
            "name" => leaf(order.name.as_str()),
            "number" => leaf(order.number),
            "createdAt" | "processedAt" => time(order.created_ms),
            "updatedAt" => time(order.updated_ms),
            "closedAt" => maybe_time(order.closed_ms),
            "closed" => leaf(order.closed_ms.is_some()),
            "cancelledAt" => maybe_time(order.cancelled.as_ref().map(|cancelled| cancelled.at_ms)),
            "cancelReason" => opt(order.cancelled.as_ref().map(|cancelled| cancelled.reason.clone())),
            "cancellation" => {
                let note = order.cancelled.as_ref().map(|cancelled| json!({ "staffNote": cancelled.staff_note }));
                self.value("OrderCancellation", note.unwrap_or(Json::Null))
            }
            "test" => leaf(order.test),
            "confirmed" | "merchantEditable" | "restockable" => leaf(true),
            "edited" => leaf(order.edited),
            "displayFinancialStatus" => leaf(order.financial_status()),
            "displayFulfillmentStatus" => leaf(order.fulfillment_status(view.now_ms)),
            "returnStatus" => leaf(order.return_status()),
            "fulfillable" => {
                leaf(order.cancelled.is_none() && order.fos.iter().any(|fo| !fo.is_final() && fo.remaining() > 0))
            }
            "requiresShipping" => leaf(order.requires_shipping()),
            "tags" => leaf(json!(order.tags)),
            "note" => opt(order.note.clone()),
            "email" => personal(&order.email),
            "phone" => personal(&order.phone),
            "poNumber" => opt(order.po_number.clone()),
            "sourceName" => leaf(order.source_name.as_str()),
            // No app brings orders from elsewhere here.
            "sourceIdentifier" => opt(None::<String>),
            "customerLocale" => leaf("en"),
            "confirmationNumber" => leaf(format!("{:09X}", order.id.wrapping_mul(2_654_435_761) & 0xF_FFFF_FFFF)),
            "statusPageUrl" => leaf(format!("https://{}/{}/orders/status", view.plan.domain(), order.id)),
            "attribution" => {
                let (handle, title) =
                    if order.source_name == "pos" { ("pos", "Point of Sale") } else { ("web", "Online Store") };
                self.value("OrderAttribution", json!({ "handle": handle, "displayName": title }))
            }
            "app" => {
                let (number, title) =
                    if order.source_name == "pos" { (129_785, "Point of Sale") } else { (580_111, "Online Store") };
                self.value("OrderApp", json!({ "id": gid("OrderApp", number), "name": title }))
            }
            "retailLocation" => {
                self.maybe(order.retail_location.and_then(|id| view.state.location(id)).map(What::Location))
            }
            "customAttributes" => self.values("Attribute", attributes(&order.attributes)),
            "currencyCode" => leaf(order.currency.as_str()),
            "presentmentCurrencyCode" => leaf(order.presented(0).1),
            "taxesIncluded" => leaf(order.taxes_included),
            "taxExempt" | "dutiesIncluded" | "estimatedTaxes" => leaf(false),
            "totalWeight" => leaf(Self::weight(order, |line| line.quantity).to_string()),
            "currentTotalWeight" => leaf(Self::weight(order, Line::current).to_string()),
            "paymentGatewayNames" => leaf(json!([order.gateway])),
            "discountCode" => opt(order.discount_code.clone()),
            "discountCodes" => leaf(json!(order.discount_code.iter().collect::<Vec<_>>())),
            "subtotalPriceSet" => money(totals().subtotal),
            "totalDiscountsSet" => money(totals().discounts),
            "totalShippingPriceSet" => money(totals().shipping),
            "totalTaxSet" => money(totals().tax),
            "totalPriceSet" => money(totals().total),
            "originalTotalPriceSet" => money(order.placed_total_minor),
            "currentSubtotalPriceSet" => money(current().subtotal),
            "currentTotalDiscountsSet" => money(current().discounts),
            "currentShippingPriceSet" => money(current().shipping),
            "currentTotalTaxSet" => money(current().tax),
            "currentTotalPriceSet" => money(current().total),
            "totalReceivedSet" => money(order.received_minor()),
            "totalRefundedSet" => money(order.refunded_minor()),
            "netPaymentSet" => money(order.received_minor() - order.refunded_minor()),
            "totalOutstandingSet" => money((current().total - order.received_minor() + order.refunded_minor()).max(0)),
            "totalCapturableSet" => money(order.capturable_minor()),
            "totalTipReceivedSet" => money(0),
            "capturable" => leaf(order.capturable_minor() > 0),
            "canMarkAsPaid" => leaf(order.received_minor() == 0 && order.cancelled.is_none()),
            "canNotifyCustomer" => leaf(order.email.is_some()),
            "fullyPaid" => leaf(order.received_minor() >= current().total),
            "unpaid" => leaf(order.received_minor() == 0),
            "refundable" => leaf(order.received_minor() > order.refunded_minor()),
            "subtotalLineItemsQuantity" => leaf(order.lines.iter().map(|line| line.quantity).sum::<i64>()),
            "currentSubtotalLineItemsQuantity" => leaf(order.lines.iter().map(Line::current).sum::<i64>()),
            "risk" => {
                let (recommendation, level) = &order.risk;
                self.value(
                    "OrderRiskSummary",
                    json!({ "recommendation": recommendation, "assessments": [{ "riskLevel": level }] }),
                )
            }
            "customer" if !view.may("read_customers") => denied("read_customers"),
            "customer" if !view.personal() => Out::Null,
            "customer" => self.maybe(order.customer.and_then(|id| view.state.customer(id)).map(What::Customer)),
            "shippingAddress" | "displayAddress" => self.address(order.id * 4, order.ship_to.as_ref()),
            "billingAddress" => self.address(order.id * 4 + 1, order.bill_to.as_ref()),
            "billingAddressMatchesShippingAddress" => leaf(order.bill_to == order.ship_to),
            "shippingLine" => {
                let line = order.shipping.iter().find(|line| !line.removed);
                self.value("ShippingLine", line.map_or(Json::Null, |line| shipping_json(order, line)))
            }
            "shippingLines" => {
                let all = args.get("includeRemovals").and_then(Json::as_bool).unwrap_or(false);
                let lines = order.shipping.iter().filter(|line| all || !line.removed);
                self.page(
                    args,
                    lines.map(|line| (line.id, What::Plain("ShippingLine".to_owned(), shipping_json(order, line)))),
                )
            }
            "taxLines" => self.tax_lines(order, totals().tax, order.lines.first().map_or(0.0, |line| line.tax_rate)),
            "metafield" => {
                let wanted = |name: &str| args.get(name).and_then(Json::as_str).unwrap_or_default();
                let (namespace, key) = (wanted("namespace"), wanted("key"));
                let found = order
                    .metafields
                    .iter()
                    .find(|field| field.key == key && (namespace.is_empty() || field.namespace == namespace));
                self.value("Metafield", found.map_or(Json::Null, metafield_json))
            }
            "metafields" => {
                let namespace = args.get("namespace").and_then(Json::as_str);
                let keys = args.get("keys").and_then(Json::as_array);
                let named = |field: &Metafield, key: &Json| {
                    key.as_str() == Some(format!("{}.{}", field.namespace, field.key).as_str())
                };
                let fields = order
                    .metafields
                    .iter()
                    .filter(|field| namespace.is_none_or(|wanted| field.namespace == wanted))
                    .filter(|field| keys.is_none_or(|keys| keys.iter().any(|key| named(field, key))));
                self.page(
                    args,
                    fields.map(|field| (field.id, What::Plain("Metafield".to_owned(), metafield_json(field)))),
                )
            }
            "lineItems" => self.page(args, order.lines.iter().map(|line| (line.id, What::Line(order, line)))),
            "transactions" => {
                let first = args.get("first").and_then(Json::as_u64).unwrap_or(u64::MAX) as usize;
                self.many(
                    order.transactions.iter().take(first).map(|transaction| What::Transaction(order, transaction)),
                )
            }
            "transactionsCount" => self.value("Count", count_json(order.transactions.len())),
            "refunds" => {
                let first = args.get("first").and_then(Json::as_u64).unwrap_or(u64::MAX) as usize;
                self.many(order.refunds.iter().take(first).map(|refund| What::Refund(order, refund)))
            }
            "suggestedRefund" => self.suggested_refund(order, args),
            "returns" if !view.may("read_returns") => denied("read_returns"),
            "returns" => self.page(args, order.returns.iter().map(|one| (one.id, What::Return(order, one)))),
            "events" => self.page(args, []),
            "fulfillmentOrders" => {
                let fos = order.fos.iter().filter(|fo| view.sees_fo(fo));
                self.page(args, fos.map(|fo| (fo.id, What::Fo(order, fo))))
            }
            "fulfillments" => self.fulfillments(order, args),
            "fulfillmentsCount" => self.value("Count", count_json(order.fulfillments.len())),
            _ => Out::Null,
        }
    }

    fn weight(order: &Order, units: impl Fn(&Line) -> i64) -> i64 {
        let grams = |line: &Line| {
            line.weight.as_ref().map_or(0.0, |(value, unit)| value * crate::shopify::state::grams_per(unit))
        };
        order.lines.iter().map(|line| (grams(line) * units(line) as f64).round() as i64).sum()
    }

    fn tax_lines(&self, order: &Order, minor: i64, rate: f64) -> Value<'a> {
        if minor == 0 {
            return Out::Many(Vec::new());
        }
        let percent = (rate * 10_000.0).round() / 100.0;
        let title = if self.view.plan.country == "US" { "Sales tax" } else { "VAT" };
        let line = json!({
            "title": title, "rate": rate, "ratePercentage": percent, "priceSet": money_bag(order, minor), "source": "Shopify",
        });
        self.values("TaxLine", [line])
    }

    pub(super) fn line(&self, order: &'a Order, line: &'a Line, name: &str) -> Value<'a> {
        let money = |minor| self.money(order, minor);
        let catalogue =
            |what: fn(&'a crate::shopify::state::Product, &'a crate::shopify::state::Variant) -> What<'a>| {
                let found = line.product.and_then(|(_, variant)| self.view.state.variant(variant));
                self.maybe(found.map(|(product, variant)| what(product, variant)))
            };
        match name {
            "id" => id("LineItem", line.id),
            "name" => leaf(line.name()),
            "title" => leaf(line.title.as_str()),
            "variantTitle" => opt(line.variant_title.clone()),
            "sku" => opt(line.sku.clone()),
            "vendor" => opt(line.vendor.clone()),
            "quantity" => leaf(line.quantity),
            "currentQuantity" | "refundableQuantity" => leaf(line.current()),
            "unfulfilledQuantity" | "fulfillableQuantity" => leaf(line.unfulfilled()),
            "nonFulfillableQuantity" => leaf(line.removed),
            "fulfillmentStatus" => leaf(match (line.fulfilled, line.unfulfilled()) {
                (0, _) => "unfulfilled",
                (_, 0) => "fulfilled",
                _ => "partial",
            }),
            "requiresShipping" => leaf(line.requires_shipping),
            "isGiftCard" => leaf(line.gift_card),
            "taxable" => leaf(line.tax_rate > 0.0),
            "merchantEditable" | "restockable" => leaf(true),
            "weight" => self.value("Weight", weight_json(line.weight.as_ref())),
            "customAttributes" => self.values("Attribute", attributes(&line.attributes)),
            "originalUnitPriceSet" => money(line.price_minor),
            "originalTotalSet" => money(line.price_minor * line.quantity),
            "unfulfilledOriginalTotalSet" => money(line.price_minor * line.unfulfilled()),
            "discountedUnitPriceSet" | "discountedUnitPriceAfterAllDiscountsSet" => money(line.share_minor(1)),
            "discountedTotalSet" => money(line.discounted_total_minor()),
            "unfulfilledDiscountedTotalSet" => money(line.share_minor(line.unfulfilled())),
            "totalDiscountSet" => money(line.discount_minor),
            "taxLines" => {
                self.tax_lines(order, order.tax_minor(line.discounted_total_minor(), line.tax_rate), line.tax_rate)
            }
            "product" => catalogue(|product, _| What::Product(product)),
            "variant" => catalogue(What::Variant),
            _ => Out::Null,
        }
    }

    pub(super) fn transaction(&self, order: &'a Order, transaction: &'a Transaction, name: &str) -> Value<'a> {
        match name {
            "id" => id("OrderTransaction", transaction.id),
            "kind" => leaf(transaction.kind.word()),
            "status" => leaf("SUCCESS"),
            "amountSet" => self.money(order, transaction.minor),
            "gateway" => leaf(order.gateway.as_str()),
            "formattedGateway" => leaf(order.gateway.replace('_', " ")),
            "manualPaymentGateway" => leaf(order.gateway == "manual"),
            "createdAt" | "processedAt" => time(transaction.at_ms),
            "test" => leaf(order.test),
            "order" => self.one(What::Order(order)),
            "parentTransaction" => {
                let parent = transaction.parent.and_then(|id| order.transactions.iter().find(|one| one.id == id));
                self.maybe(parent.map(|parent| What::Transaction(order, parent)))
            }
            _ => Out::Null,
        }
    }

    pub(super) fn refund(&self, order: &'a Order, refund: &'a Refund, name: &str, args: &Args) -> Value<'a> {
        let moved = || order.transactions.iter().filter(|transaction| refund.transactions.contains(&transaction.id));
        match name {
            "id" => id("Refund", refund.id),
            "legacyResourceId" => leaf(refund.id.to_string()),
            "createdAt" | "updatedAt" => time(refund.created_ms),
            "note" => text(refund.note.as_deref().unwrap_or_default()),
            "order" => self.one(What::Order(order)),
            "totalRefundedSet" => self.money(order, moved().map(|transaction| transaction.minor).sum()),
            "refundLineItems" => {
                self.page(args, refund.lines.iter().map(|line| (line.id, What::RefundLine(order, line.clone()))))
            }
            "transactions" => self.page(args, moved().map(|one| (one.id, What::Transaction(order, one)))),
            _ => Out::Null,
        }
    }

    pub(super) fn refund_line(&self, order: &'a Order, line: &RefundLine, name: &str) -> Value<'a> {
        let item = order.line(line.line);
        let subtotal = item.map_or(0, |item| item.share_minor(line.quantity));
        match name {
            "id" if line.id == 0 => Out::Null,
            "id" => id("RefundLineItem", line.id),
            "quantity" => leaf(line.quantity),
            "restockType" => leaf(line.restock.word()),
            "restocked" => leaf(line.restock != Restock::NoRestock),
            "lineItem" => self.maybe(item.map(|item| What::Line(order, item))),
            "location" => self.maybe(line.location.and_then(|id| self.view.state.location(id)).map(What::Location)),
            "priceSet" => self.money(order, item.map_or(0, |item| item.share_minor(1))),
            "subtotalSet" => self.money(order, subtotal),
            "totalTaxSet" => self.money(order, item.map_or(0, |item| order.tax_minor(subtotal, item.tax_rate))),
            _ => Out::Null,
        }
    }

    /// What a refund of these lines would come to, spread over the payments it would come from.
    fn suggested_refund(&self, order: &'a Order, args: &Args) -> Value<'a> {
        let asked = args.get("refundLineItems").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        let full = args.get("suggestFullRefund").and_then(Json::as_bool).unwrap_or(false);
        let location = self.view.state.locations.first().map(|location| location.id);
        let mut lines: Vec<(u64, i64)> = asked
            .iter()
            .filter_map(|line| {
                let id = crate::shopify::state::digits_of(line["lineItemId"].as_str()?, "LineItem")?;
                Some((id, line["quantity"].as_i64()?.min(order.line(id)?.current())))
            })
            .collect();
        if full {
            lines = order.lines.iter().map(|line| (line.id, line.current())).collect();
        }
        let shipping_left = order.current_totals().shipping;
        let shipping =
            args.get("shippingAmount").and_then(Json::as_str).and_then(|text| minor(text, order.presented(0).1));
        let all_shipping = args.get("refundShipping").and_then(Json::as_bool).unwrap_or(false);
        // An amount goes before "all of it".
        let shipping = match shipping {
            _ if full => shipping_left,
            Some(minor) => order.from_presented(minor).min(shipping_left),
            None if all_shipping => shipping_left,
            None => 0,
        };
        let mut subtotal = 0;
        let mut tax = 0;
        let refund_lines: Vec<Json> = lines
            .iter()
            .filter_map(|(id, quantity)| {
                let line = order.line(*id)?;
                let share = line.share_minor(*quantity);
                subtotal += share;
                tax += order.tax_minor(share, line.tax_rate);
                let restock = if line.unfulfilled() >= *quantity { "CANCEL" } else { "RETURN" };
                let location = location.map(|id| json!({ "$ref": gid("Location", id) }));
                Some(json!({
                    "quantity": quantity, "restockType": restock, "restocked": true, "location": location,
                    "lineItem": { "$ref": gid("LineItem", *id) }, "priceSet": money_bag(order, line.share_minor(1)),
                    "subtotalSet": money_bag(order, share), "totalTaxSet": money_bag(order, order.tax_minor(share, line.tax_rate)),
                }))
            })
            .collect();
        let wanted = subtotal + shipping + if order.taxes_included { 0 } else { tax };
        let mut left = wanted;
        let mut maximum = 0;
        let mut transactions = Vec::new();
        for payment in &order.transactions {
            let refundable = order.refundable_of(payment);
            maximum += refundable;
            let share = left.min(refundable);
            left -= share;
            if share > 0 {
                transactions.push(json!({
                    "kind": "SUGGESTED_REFUND", "gateway": order.gateway, "amountSet": money_bag(order, share),
                    "maximumRefundableSet": money_bag(order, refundable),
                    "parentTransaction": { "$ref": gid("OrderTransaction", payment.id) },
                }));
            }
        }
        self.value(
            "SuggestedRefund",
            json!({
                "amountSet": money_bag(order, wanted - left), "maximumRefundableSet": money_bag(order, maximum),
                "subtotalSet": money_bag(order, subtotal), "totalTaxSet": money_bag(order, tax),
                "refundLineItems": refund_lines, "suggestedTransactions": transactions,
                "shipping": { "amountSet": money_bag(order, shipping), "maximumRefundableSet": money_bag(order, shipping_left) },
            }),
        )
    }
}

fn shipping_json(order: &Order, line: &ShippingLine) -> Json {
    let price = money_bag(order, line.price_minor);
    json!({
        "id": gid("ShippingLine", line.id), "title": line.title, "code": line.code, "source": "shopify",
        "carrierIdentifier": null, "custom": false, "phone": null, "isRemoved": line.removed,
        "deliveryCategory": if order.delivery == Delivery::PickUp { json!("pick_up") } else { Json::Null },
        "originalPriceSet": price, "discountedPriceSet": price, "currentDiscountedPriceSet": price, "taxLines": [],
    })
}

/// `Metafield`.
pub(super) fn metafield_json(field: &Metafield) -> Json {
    json!({
        "id": gid("Metafield", field.id), "namespace": field.namespace, "key": field.key, "type": field.kind,
        "value": field.value, "compareDigest": field.digest(), "ownerType": "ORDER",
        "createdAt": timestamp(field.created_ms), "updatedAt": timestamp(field.updated_ms),
    })
}
