//! V2: the store, and reading orders with their parts.

use super::BigCommerce;
use super::door::{Answer, Call, list_v2, no_v2, nothing, ok};
use super::shape::status_name;
use super::state::{Order, seconds};
use crate::{ListQuirk, Moment};
use chrono::DateTime;
use http::Method;
use rand::seq::SliceRandom;
use serde_json::{Value as Json, json};

/// Largest page that is served.
const LIMIT_MAX: usize = 250;

/// Parameters of the order list; a field a resource does not know is refused.
const ORDER_PARAMS: &[&str] = &[
    "min_id",
    "max_id",
    "min_total",
    "max_total",
    "customer_id",
    "email",
    "status_id",
    "cart_id",
    "payment_method",
    "min_date_created",
    "max_date_created",
    "min_date_modified",
    "max_date_modified",
    "page",
    "limit",
    "sort",
    "channel_id",
    "external_order_id",
    "include",
    "consignment_structure",
];

fn missing() -> Answer {
    no_v2(404, "The requested resource was not found.")
}

/// A time of a filter. `Err`: not a time, refused. `None`: encoded twice, ignored without a word.
fn filter_time(text: &str) -> Result<Option<i64>, ()> {
    if text.contains('%') {
        return Ok(None);
    }
    let parsed = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text));
    parsed.map(|time| Some(time.timestamp_millis())).map_err(drop)
}

impl BigCommerce {
    pub(super) fn v2(&mut self, call: &Call<'_>, moment: &mut Moment<'_>) -> Answer {
        match (call.method, call.path.as_slice()) {
            (&Method::GET, ["time"]) => ok(200, &json!({ "time": moment.now_ms / 1000 })),
            (&Method::GET, ["store"]) => ok(200, &self.store_json()),
            (&Method::GET, ["order_statuses"]) => list_v2((0..15).filter_map(status_json).collect()),
            (&Method::GET, ["customer_groups"]) => match self.groups(call) {
                Ok(rows) => Self::rows(call, rows),
                Err(refused) => refused,
            },
            (&Method::GET, ["orders"]) => self.orders(call, moment),
            (&Method::GET, ["orders", "count"]) => self.count(call),
            (method, ["orders", id, rest @ ..]) => {
                let Some(id) = id.parse().ok().filter(|id| self.state.orders.contains_key(id)) else {
                    return missing();
                };
                if method == Method::GET {
                    self.order_part(id, rest, call, moment.now_ms)
                } else {
                    self.change(id, rest, call, moment)
                }
            }
            _ => missing(),
        }
    }

    fn order_part(&self, id: i64, rest: &[&str], call: &Call<'_>, now_ms: i64) -> Answer {
        let Some(order) = self.state.orders.get(&id) else { return missing() };
        let _ = now_ms;
        match rest {
            [] => {
                ok(200, &self.order_json(order, &call.set("include"), call.param("consignment_structure") == "object"))
            }
            ["products"] => Self::rows(call, order.lines.iter().map(|line| self.line_json(order, line)).collect()),
            ["products", line] => {
                let line = line.parse().ok().and_then(|line| order.line(line));
                line.map_or_else(missing, |line| ok(200, &self.line_json(order, line)))
            }
            ["shipping_addresses"] => {
                Self::rows(call, order.addresses.iter().map(|to| self.address_json(order, to)).collect())
            }
            ["shipping_addresses", to] => {
                let to = order.addresses.iter().find(|known| known.id.to_string() == *to);
                to.map_or_else(missing, |to| ok(200, &self.address_json(order, to)))
            }
            ["consignments"] => {
                ok(200, &self.consignments(order, call.set("include").contains(&"consignments.line_items")))
            }
            ["shipments"] => {
                Self::rows(call, order.shipments.iter().map(|one| Self::shipment_json(order, one)).collect())
            }
            ["shipments", "count"] => ok(200, &json!({ "count": order.shipments.len() })),
            ["shipments", one] => {
                let one = order.shipments.iter().find(|known| known.id.to_string() == *one);
                one.map_or_else(missing, |one| ok(200, &Self::shipment_json(order, one)))
            }
            ["messages" | "coupons" | "taxes"] => nothing(),
            _ => missing(),
        }
    }

    /// A page of a sub-list: 50 rows unless told otherwise, 204 past the end.
    fn rows(call: &Call<'_>, rows: Vec<Json>) -> Answer {
        match page_of(call) {
            Ok((page, limit)) => list_v2(rows.into_iter().skip((page - 1) * limit).take(limit).collect()),
            Err(refused) => refused,
        }
    }

    fn orders(&mut self, call: &Call<'_>, moment: &mut Moment<'_>) -> Answer {
        let (page, limit) = match page_of(call) {
            Ok(page) => page,
            Err(refused) => return refused,
        };
        let mut found = match self.filtered(call) {
            Ok(found) => found,
            Err(refused) => return refused,
        };
        let (field, direction) = call.param("sort").split_once(':').unwrap_or((call.param("sort"), "asc"));
        let key = |order: &Order| -> i64 {
            match field {
                "date_created" => order.created_ms,
                "date_modified" => order.modified_ms,
                "status_id" => order.status,
                "customer_id" => order.customer,
                "channel_id" => order.channel,
                _ => order.id,
            }
        };
        if !matches!(
            field,
            "" | "id" | "customer_id" | "date_created" | "date_modified" | "status_id" | "channel_id" | "external_id"
        ) || !matches!(direction, "asc" | "desc")
        {
            return no_v2(400, &format!("The field 'sort' is not valid for this resource ({})", call.param("sort")));
        }
        found.sort_by_key(|id| self.state.orders.get(id).map(|order| (key(order), order.id)));
        if direction == "desc" {
            found.reverse();
        }
        if self.quirk == Some(ListQuirk::LateIndex) {
            let late_ms = seconds(moment.now_ms) - ListQuirk::LATE_MS;
            found.retain(|id| self.state.orders.get(id).is_some_and(|order| order.modified_ms <= late_ms));
        }
        let mut shown: Vec<i64> = found.into_iter().skip((page - 1) * limit).take(limit).collect();
        match self.quirk {
            Some(ListQuirk::ReorderedPage) => shown.shuffle(moment.rng),
            Some(ListQuirk::DuplicatePage) => {
                let again: Vec<i64> = self.last_rows.iter().rev().take(3).rev().copied().collect();
                shown.retain(|id| !again.contains(id));
                shown.splice(0..0, again);
                shown.truncate(limit);
            }
            _ => {}
        }
        self.last_rows.clone_from(&shown);
        let (include, object) = (call.set("include"), call.param("consignment_structure") == "object");
        let orders = shown.iter().filter_map(|id| self.state.orders.get(id));
        list_v2(orders.map(|order| self.order_json(order, &include, object)).collect())
    }

    fn count(&self, call: &Call<'_>) -> Answer {
        let found = match self.filtered(call) {
            Ok(found) => found,
            Err(refused) => return refused,
        };
        let of = |status: i64| {
            found.iter().filter(|id| self.state.orders.get(id).is_some_and(|order| order.status == status)).count()
        };
        let statuses: Vec<Json> = (0..15)
            .map(|id| json!({ "id": id, "name": status_name(id), "system_label": status_name(id), "custom_label": status_name(id), "count": of(id), "sort_order": id }))
            .collect();
        ok(200, &json!({ "statuses": statuses, "count": found.len() }))
    }

    /// Ids of the orders a call's filters let through.
    fn filtered(&self, call: &Call<'_>) -> Result<Vec<i64>, Answer> {
        if let Some(name) = call.query.keys().find(|name| !ORDER_PARAMS.contains(&name.as_str())) {
            return Err(no_v2(400, &format!("The field '{name}' is not valid for this resource")));
        }
        let whole = |name: &str| -> Result<Option<i64>, Answer> {
            let text = call.param(name);
            if text.is_empty() {
                return Ok(None);
            }
            text.parse().map(Some).map_err(|_| no_v2(400, &format!("The field '{name}' is invalid.")))
        };
        let time = |name: &str| -> Result<Option<i64>, Answer> {
            match call.query.get(name) {
                None => Ok(None),
                Some(text) => filter_time(text).map_err(|()| no_v2(400, &format!("The field '{name}' is invalid."))),
            }
        };
        let (min_id, max_id, status, channel, customer) =
            (whole("min_id")?, whole("max_id")?, whole("status_id")?, whole("channel_id")?, whole("customer_id")?);
        let (since, until, born) = (time("min_date_modified")?, time("max_date_modified")?, time("min_date_created")?);
        let inclusive = self.plan.habits.bound_inclusive;
        let after =
            |at_ms: i64, bound: Option<i64>| bound.is_none_or(|bound| at_ms > bound || (inclusive && at_ms == bound));
        let fits = |order: &&Order| {
            min_id.is_none_or(|id| order.id >= id)
                && max_id.is_none_or(|id| order.id <= id)
                && status.is_none_or(|status| order.status == status)
                && channel.is_none_or(|channel| order.channel == channel)
                && customer.is_none_or(|customer| order.customer == customer)
                && after(order.modified_ms, since)
                && until.is_none_or(|until| order.modified_ms <= until)
                && after(order.created_ms, born)
                && call.query.get("external_order_id").is_none_or(|id| order.external_order_id.as_deref() == Some(id))
        };
        Ok(self.state.orders.values().filter(fits).map(|order| order.id).collect())
    }

    fn store_json(&self) -> Json {
        let plan = &self.plan;
        json!({
            "id": plan.hash, "name": plan.title, "domain": format!("{}.example", plan.account), "country_code": plan.country,
            "secure_url": format!("https://{}.example", plan.account), "control_panel_base_url": format!("https://store-{}.mybigcommerce.com", plan.hash),
            "status": "live", "timezone": { "name": plan.zone, "raw_offset": -21_600, "dst_offset": -18_000, "dst_correction": false },
            "currency": plan.currency, "decimal_places": plan.decimals(), "weight_units": plan.weight_units,
            "dimension_units": "Inches", "is_price_entered_with_tax": plan.taxes_included, "plan_name": plan.plan_name,
            "plan_level": plan.plan_name, "default_channel_id": 1, "features": { "multi_storefront_enabled": plan.channels.len() > 1 },
        })
    }
}

/// `page` and `limit`.
fn page_of(call: &Call<'_>) -> Result<(usize, usize), Answer> {
    let number = |name: &str, usual: usize| -> Result<usize, Answer> {
        let text = call.param(name);
        if text.is_empty() {
            return Ok(usual);
        }
        let number = text.parse().ok().filter(|number: &usize| *number > 0);
        number.ok_or_else(|| no_v2(400, &format!("The field '{name}' is invalid.")))
    };
    let (page, limit) = (number("page", 1)?, number("limit", 50)?);
    if limit > LIMIT_MAX {
        return Err(no_v2(413, "The limit is too large."));
    }
    Ok((page, limit))
}

fn status_json(id: i64) -> Option<Json> {
    let name = status_name(id)?;
    Some(
        json!({ "id": id, "name": name, "system_label": name, "custom_label": name, "system_description": name, "order": id }),
    )
}
