//! Orders 2026-01-01: search and single orders, data sets, page tokens.

#![allow(clippy::result_large_err)] // a refusal *is* the answer, made once per request

use super::Amazon;
use super::door::{Call, denied, invalid, json_answer, money, not_found, parse_time, time};
use super::state::{Item, Order, Package, PageToken};
use crate::ListQuirk;
use http::Response;
use rand::Rng;
use rand::seq::SliceRandom;
use serde_json::{Value, json};

const DATA_SETS: &[&str] = &[
    "BUYER",
    "RECIPIENT",
    "PROCEEDS",
    "EXPENSE",
    "PROMOTION",
    "CANCELLATION",
    "FULFILLMENT",
    "PACKAGES",
    "TAX",
    "PAYMENT",
    "FULFILLMENT_ORDERS",
];
const STATUSES: &[&str] =
    &["PENDING_AVAILABILITY", "PENDING", "UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED", "CANCELLED", "UNFULFILLABLE"];
const PARAMETERS: &[&str] = &[
    "createdAfter",
    "createdBefore",
    "lastUpdatedAfter",
    "lastUpdatedBefore",
    "fulfillmentStatuses",
    "marketplaceIds",
    "fulfilledBy",
    "maxResultsPerPage",
    "paginationToken",
    "includedData",
];
/// A search knows what changed up to so long ago.
const LAG_MS: i64 = 120_000;
const TOKEN_LIFE_MS: i64 = 24 * 3_600_000;

/// What a search looks for.
struct Search {
    updated: bool,
    after_ms: i64,
    before_ms: i64,
    marketplaces: Vec<String>,
    statuses: Vec<String>,
    by: Vec<String>,
}

impl Amazon {
    pub(super) fn search_orders(&mut self, call: &Call<'_>, now_ms: i64) -> Response<Vec<u8>> {
        let data = match self.data_sets(call) {
            Ok(data) => data,
            Err(refusal) => return refusal,
        };
        let search = match self.search(call, now_ms) {
            Ok(search) => search,
            Err(refusal) => return refusal,
        };
        let rows = match call.query.get("maxResultsPerPage").map(|text| text.parse::<usize>()) {
            None => 100,
            Some(Ok(rows)) if (1..=100).contains(&rows) => rows,
            Some(_) => return invalid("maxResultsPerPage must be between 1 and 100."),
        };
        let rows = rows.min(self.plan.page_rows);
        // The number of rows and the data sets may differ from page to page, nothing else.
        let filters: Vec<String> = call
            .query
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "maxResultsPerPage" | "includedData" | "paginationToken"))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let filters = filters.join("&");
        let (ids, offset) = match call.query.get("paginationToken") {
            None => (self.matching(&search, now_ms), 0),
            Some(token) => match self.state.pages.get(token) {
                Some(page) if page.filters == filters && now_ms - page.made_ms < TOKEN_LIFE_MS => {
                    (page.ids.clone(), page.offset)
                }
                _ => return invalid("The paginationToken is invalid for these parameters."),
            },
        };
        let mut page: Vec<String> = ids.iter().skip(offset).take(rows).cloned().collect();
        let mut next = offset + page.len();
        match self.quirk {
            Some(ListQuirk::DuplicatePage) if offset > 0 => {
                page.splice(0..0, ids.iter().skip(offset.saturating_sub(3)).take(3.min(offset)).cloned());
            }
            Some(ListQuirk::ReorderedPage) => page.shuffle(&mut self.rng),
            _ => {}
        }
        if self.plan.tokens_circle && next >= ids.len() {
            next = 0;
        }
        let orders: Vec<Value> = page
            .iter()
            .filter_map(|id| self.state.orders.get(id))
            .map(|order| self.render(order, &data, now_ms))
            .collect();
        let mut body = json!({ "orders": orders });
        if next < ids.len() {
            let token = format!("{:032x}", self.rng.random::<u128>());
            let entry = PageToken { filters, offset: next, made_ms: now_ms, ids };
            self.state.pages.insert(token.clone(), entry);
            body["pagination"] = json!({ "nextToken": token });
        }
        let name = if search.updated { "lastUpdatedBefore" } else { "createdBefore" };
        body[name] = json!(time(search.before_ms));
        json_answer(200, &body)
    }

    fn search(&self, call: &Call<'_>, now_ms: i64) -> Result<Search, Response<Vec<u8>>> {
        if let Some(odd) = call.query.keys().find(|name| !PARAMETERS.contains(&name.as_str())) {
            return Err(invalid(&format!("There is no parameter {odd}.")));
        }
        let time_of = |name: &str| match call.query.get(name) {
            None => Ok(None),
            Some(text) => parse_time(text).map(Some).ok_or_else(|| invalid(&format!("{name} is not ISO 8601."))),
        };
        let (created, updated) = (time_of("createdAfter")?, time_of("lastUpdatedAfter")?);
        let (after_ms, is_updated) = match (created, updated) {
            (Some(at), None) => (at, false),
            (None, Some(at)) => (at, true),
            _ => return Err(invalid("Exactly one of createdAfter and lastUpdatedAfter is required.")),
        };
        let (created, updated) = (time_of("createdBefore")?, time_of("lastUpdatedBefore")?);
        let ((true, None, before) | (false, before, None)) = (is_updated, created, updated) else {
            return Err(invalid("The parameters of creation and of update must not be mixed."));
        };
        if before.is_some_and(|at| at > now_ms - LAG_MS || at < after_ms) {
            return Err(invalid("The end must be at least two minutes in the past, and after the beginning."));
        }
        let marketplaces = call.list("marketplaceIds");
        if marketplaces.is_empty() || marketplaces.len() > 50 {
            return Err(invalid("marketplaceIds takes one to fifty ids."));
        }
        let refused = |id: &String| !self.plan.sells_in(id) || self.plan.refused_marketplace.as_ref() == Some(id);
        if marketplaces.iter().any(refused) {
            return Err(denied());
        }
        let statuses = call.list("fulfillmentStatuses");
        let by = call.list("fulfilledBy");
        if statuses.iter().any(|status| !STATUSES.contains(&status.as_str()))
            || by.iter().any(|by| !matches!(by.as_str(), "MERCHANT" | "AMAZON"))
        {
            return Err(invalid("Invalid Input"));
        }
        let before_ms = before.unwrap_or(now_ms - LAG_MS);
        Ok(Search { updated: is_updated, after_ms, before_ms, marketplaces, statuses, by })
    }

    fn data_sets(&self, call: &Call<'_>) -> Result<Vec<String>, Response<Vec<u8>>> {
        let data = call.list("includedData");
        if data.iter().any(|set| !DATA_SETS.contains(&set.as_str())) {
            return Err(invalid("includedData holds a data set that does not exist."));
        }
        if self.plan.rollout && data.iter().any(|set| set == "FULFILLMENT") {
            return Err(invalid("Invalid Input"));
        }
        Ok(data)
    }

    fn matching(&self, search: &Search, now_ms: i64) -> Vec<String> {
        // Whatever index lags behind lags two minutes more.
        let late_ms = if self.quirk == Some(ListQuirk::LateIndex) { ListQuirk::LATE_MS } else { 0 };
        let seen_ms = now_ms - late_ms;
        let mut found: Vec<(i64, String)> = self
            .state
            .orders
            .values()
            .filter(|order| search.marketplaces.contains(&order.marketplace))
            .filter(|order| search.statuses.is_empty() || search.statuses.iter().any(|s| s == order.status(now_ms)))
            .filter(|order| {
                let by = if order.by_amazon { "AMAZON" } else { "MERCHANT" };
                search.by.is_empty() || search.by.iter().any(|wanted| wanted == by)
            })
            .map(|order| {
                let at_ms = if search.updated { order.updated_ms(now_ms) } else { order.created_ms };
                (at_ms, order.id.clone())
            })
            .filter(|(at_ms, _)| (search.after_ms..=search.before_ms.min(seen_ms)).contains(at_ms))
            .collect();
        found.sort();
        found.into_iter().map(|(_, id)| id).collect()
    }

    pub(super) fn get_order(&self, call: &Call<'_>, id: &str, now_ms: i64) -> Response<Vec<u8>> {
        if call.query.keys().any(|name| name != "includedData") {
            return invalid("Invalid Input");
        }
        let data = match self.data_sets(call) {
            Ok(data) => data,
            Err(refusal) => return refusal,
        };
        match self.state.orders.get(id) {
            Some(order) => json_answer(200, &json!({ "order": self.render(order, &data, now_ms) })),
            None => not_found("The order"),
        }
    }

    pub(super) fn render(&self, order: &Order, data: &[String], now_ms: i64) -> Value {
        let has = |set: &str| data.iter().any(|one| one == set);
        let pending = order.is_pending(now_ms);
        let name =
            self.plan.marketplaces.iter().find(|(id, ..)| *id == order.marketplace).map(|(.., name)| name.clone());
        let mut out = json!({
            "orderId": order.id,
            "createdTime": time(order.created_ms),
            "lastUpdatedTime": time(order.updated_ms(now_ms)),
            "programs": order.programs,
            "salesChannel": {
                "channelName": if order.foreign { "NON_AMAZON" } else { "AMAZON" },
                "marketplaceId": order.marketplace,
                "marketplaceName": name,
            },
            "orderItems": order.items.iter().map(|item| self.render_item(order, item, data, now_ms)).collect::<Vec<_>>(),
        });
        if let Some(own) = &order.own_number {
            out["orderAliases"] = json!([{ "aliasId": own, "aliasType": "SELLER_ORDER_ID" }]);
        }
        if has("FULFILLMENT") {
            out["fulfillment"] = json!({
                "fulfillmentStatus": order.status(now_ms),
                "fulfilledBy": if order.by_amazon { "AMAZON" } else { "MERCHANT" },
                "fulfillmentServiceLevel": order.service,
                "shipByWindow": { "earliestDateTime": time(order.ship_window.0), "latestDateTime": time(order.ship_window.1) },
                "deliverByWindow": { "earliestDateTime": time(order.deliver_window.0), "latestDateTime": time(order.deliver_window.1) },
            });
            if let Some(from_ms) = order.print_from_ms {
                out["fulfillment"]["labelPrintingWindow"] = json!({ "earliestDateTime": time(from_ms) });
            }
        }
        if has("PROCEEDS") && !pending {
            let goods: i64 = order.items.iter().map(|item| item.unit_minor * item.quantity).sum();
            out["proceeds"] = json!({
                "grandTotal": money(goods + order.shipping_minor, &order.currency),
                "breakdowns": [
                    { "type": "ITEM", "subtotal": money(goods, &order.currency) },
                    { "type": "SHIPPING", "subtotal": money(order.shipping_minor, &order.currency) },
                    { "type": "TAX", "subtotal": money(goods * 19 / 119, &order.currency) },
                ],
            });
        }
        if has("BUYER") && self.plan.sees_addresses && !pending {
            let mut buyer = json!({ "buyerName": order.buyer });
            if !order.by_amazon && order.cancelled.is_none() {
                buyer["buyerEmail"] = json!(format!("{}@marketplace.amazon.de", order.id.replace('-', "")));
            }
            out["buyer"] = buyer;
        }
        if has("RECIPIENT") && !pending {
            out["recipient"] = json!({ "deliveryAddress": self.render_address(order, now_ms) });
            if !order.instruction.is_empty() && self.plan.sees_addresses {
                out["recipient"]["deliveryPreference"] = json!({ "addressInstruction": order.instruction });
            }
        }
        if has("PACKAGES") && !order.by_amazon {
            let packages: Vec<Value> = order
                .packages
                .iter()
                .filter_map(|package| package.at(now_ms))
                .map(|p| render_package(p, now_ms))
                .collect();
            if !packages.is_empty() {
                out["packages"] = json!(packages);
            }
        }
        out
    }

    fn render_address(&self, order: &Order, now_ms: i64) -> Value {
        let place = &order.address;
        let mut out = json!({ "city": place.city, "stateOrRegion": place.region, "countryCode": place.country });
        if !self.plan.sees_addresses {
            return out;
        }
        out["name"] = json!(format!("{} {}", place.first_name, place.last_name).trim());
        out["companyName"] = json!(place.company);
        out["addressLine1"] = json!(place.line1);
        out["addressLine2"] = json!(place.line2);
        out["postalCode"] = json!(place.postcode);
        out["addressType"] = json!("RESIDENTIAL");
        let over = order.status(now_ms) == "SHIPPED" && now_ms > order.deliver_window.1;
        if !order.by_amazon && !over && !place.phone.is_empty() {
            out["phone"] = json!(place.phone);
        }
        out
    }

    fn render_item(&self, order: &Order, item: &Item, data: &[String], now_ms: i64) -> Value {
        let has = |set: &str| data.iter().any(|one| one == set);
        let pending = order.is_pending(now_ms);
        let mut product = json!({
            "asin": item.asin, "title": item.title,
            "condition": { "conditionType": "NEW", "conditionSubtype": "NEW", "conditionNote": "" },
        });
        if !item.sku.is_empty() {
            product["sellerSku"] = json!(item.sku);
        }
        if !pending {
            product["price"] = json!({ "unitPrice": money(item.unit_minor, &order.currency) });
        }
        let mut out = json!({ "orderItemId": item.id, "quantityOrdered": item.quantity, "product": product });
        if has("PROCEEDS") && !pending {
            let goods = item.unit_minor * item.quantity;
            out["proceeds"] = json!({
                "proceedsTotal": money(goods, &order.currency),
                "breakdowns": [
                    { "type": "ITEM", "subtotal": money(goods, &order.currency) },
                    { "type": "TAX", "subtotal": money(goods * 19 / 119, &order.currency) },
                ],
            });
        }
        if has("FULFILLMENT") {
            let fulfilled = order.shown(&item.id, now_ms);
            let open = if order.cancelled.is_some() { 0 } else { item.quantity - fulfilled };
            out["fulfillment"] = json!({ "quantityFulfilled": fulfilled, "quantityUnfulfilled": open });
            if !item.gift_message.is_empty() && self.plan.sees_addresses {
                out["fulfillment"]["packing"] =
                    json!({ "giftOption": { "giftMessage": item.gift_message, "giftWrapLevel": "Classic" } });
            }
        }
        if has("CANCELLATION") {
            let mut cancellation = json!({});
            if let Some(reason) = &order.wish {
                cancellation["cancellationRequest"] = json!({ "requester": "BUYER", "cancelReason": reason });
            }
            if let Some((by, _)) = &order.cancelled {
                cancellation["cancellationExecution"] = json!({ "cancelledBy": by });
            }
            if cancellation.as_object().is_some_and(|fields| !fields.is_empty()) {
                out["cancellation"] = cancellation;
            }
        }
        out
    }
}

fn render_package(package: &Package, now_ms: i64) -> Value {
    let delivered = package.delivered_ms.is_some_and(|at| at <= now_ms);
    json!({
        "packageReferenceId": package.reference,
        "createdTime": time(package.made_ms),
        // The model promises a detailed status; live answers leave it out.
        "packageStatus": { "status": if delivered { "DELIVERED" } else { "SHIPPED" } },
        "carrier": package.carrier,
        "shipTime": time(package.shipped_ms),
        "trackingNumber": package.number,
        "packageItems": package.items.iter().map(|(id, n)| json!({ "orderItemId": id, "quantity": n })).collect::<Vec<_>>(),
    })
}
